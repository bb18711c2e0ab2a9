"""What one article's page shows beside its totals, and the small curves of lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from analytics.metrics import BASES, VIEWS
from analytics.periods import Period
from analytics.queries import counts, figures
from analytics.queries.ask import Ask
from analytics.store.memory import CATALOGUE, Days
from analytics.store.store import Store

REACHED = (0.25, 0.5, 0.75, 0.9, 1.0)


def sparklines(
    store: Store, site: str, ids: Sequence[str], base: str, ends: dt.datetime, hours: int = 48
) -> pl.DataFrame:
    """Count a base per hour for each of some articles.

    Args:
        store: The open store.
        site: The site.
        ids: Articles.
        base: An additive base of views, such as `reads`.
        ends: Naive UTC; where the last hour ends.
        hours: How many hours back.

    Returns:
        id and `values`, a list of `hours` whole numbers, oldest first; one row an article.
    """
    column = BASES[base].name
    first = ends - dt.timedelta(hours=hours)
    found = store.frame(
        f"""
        SELECT article_id AS id, ((epoch(hour_at) - epoch($first)) // 3600)::BIGINT AS hour,
            sum({column})::BIGINT AS value
        FROM article_hours
        WHERE site_id = $site AND list_contains($ids::VARCHAR[], article_id)
            AND hour_at >= $first AND hour_at < $ends AND day_local >= $day
        GROUP BY ALL
        """,
        site=site,
        ids=list(ids),
        first=first,
        ends=ends,
        day=first.date() - dt.timedelta(days=1),
    )
    wanted = pl.LazyFrame({"id": list(ids)}, schema={"id": pl.String()})
    slots = pl.LazyFrame({"hour": range(hours)}, schema={"hour": pl.Int64()})
    filled = (
        wanted.join(slots, how="cross")
        .join(found.lazy(), on=["id", "hour"], how="left")
        .with_columns(pl.col("value").fill_null(0))
    )
    return filled.sort("hour").group_by("id", maintain_order=True).agg(values="value").collect()


def scroll_reach(store: Store, ask_: Ask) -> pl.DataFrame:
    """Say which share of views reached each part of the article body.

    Returns:
        reached (0-1), share (0-1; null where no view has body scroll), views, n; bodies lower than the window
        are left out.
    """
    shares = ", ".join(
        f"count(*) FILTER (WHERE f.scroll_depth >= {part})::BIGINT AS r{number}"
        for number, part in enumerate(REACHED)
    )
    row = _once(
        store,
        ask_,
        [f"{shares}, count(*)::BIGINT AS n"],
        "f.is_article AND f.scroll_depth IS NOT NULL AND NOT coalesce(f.short_body, false)",
    )
    total = row["n"]
    return pl.DataFrame(
        [
            {
                "reached": part,
                "share": row[f"r{number}"] / total if total else None,
                "views": row[f"r{number}"],
                "n": total,
            }
            for number, part in enumerate(REACHED)
        ],
        schema={"reached": pl.Float64(), "share": pl.Float64(), "views": pl.Int64(), "n": pl.Int64()},
    )


def engaged_spread(store: Store, ask_: Ask) -> pl.DataFrame:
    """Count measured views by engaged time.

    Returns:
        seconds (lower end: 0, 3, 10, 30, 60, 120, 300) and views; all steps present.
    """
    steps = [0, 3, 10, 30, 60, 120, 300]
    row = _once(
        store,
        ask_,
        [
            f"count(*) FILTER (WHERE f.engaged_s >= {low} AND f.engaged_s < {high})::BIGINT AS s{low}"
            for low, high in zip(steps, [*steps[1:], 1_000_000], strict=True)
        ],
        "f.is_article AND f.engaged_s IS NOT NULL",
    )
    return pl.DataFrame({"seconds": steps, "views": [row[f"s{low}"] for low in steps]})


def _once(store: Store, ask_: Ask, picks: list[str], when: str) -> dict[str, Any]:
    """Ask view facts for one row; kept until one of its days is counted anew."""

    def asked() -> dict[str, Any]:
        with store.read() as cursor:
            return counts.custom(cursor, ask_, picks, when).row(0, named=True)

    return store.memo(("once", tuple(picks), when, ask_), asked, of=figures.rests_on(ask_))


def depth_spread(store: Store, ask_: Ask) -> pl.DataFrame:
    """Count views by read depth, in quarters.

    Returns:
        depth (lower end: 0, .25, .5, .75), views and share of the views that have a depth (null without any).
    """
    steps = [0.0, 0.25, 0.5, 0.75]
    row = _once(
        store,
        ask_,
        [
            f"count(*) FILTER (WHERE f.read_depth >= {low} AND f.read_depth < {high})::BIGINT AS q{n}"
            for n, (low, high) in enumerate(zip(steps, [*steps[1:], 2], strict=True))
        ],
        "f.is_article AND f.read_depth IS NOT NULL",
    )
    views = [row[f"q{n}"] for n in range(len(steps))]
    whole = sum(views)
    shares = [count / whole if whole else None for count in views]
    schema = {"depth": pl.Float64(), "views": pl.Int64(), "share": pl.Float64()}
    return pl.DataFrame({"depth": steps, "views": views, "share": shares}, schema=schema)


def channels_over_time(store: Store, ask_: Ask, grain: str) -> pl.DataFrame:
    """Count views by channel and hour or day.

    Returns:
        at (hour_at naive UTC, or day_local), channel (null: the source cannot tell), views; sorted.
    """
    by = Ask(ask_.where, ask_.period, split="channel", grain=grain, basis=ask_.basis, horizon=ask_.horizon)
    key = "hour_at" if grain == "hour" else "day_local"
    with store.read() as cursor:
        found = counts.additive(cursor, VIEWS, [BASES["views"]], by)
    return found.select(at=key, channel="id", views="views").sort("at", "channel")


def comment_states(store: Store, site: str, article_id: str, period: Period, grain: str) -> pl.DataFrame:
    """Count comments of an article by the time of writing and present status.

    Returns:
        at (hour_at naive UTC, or day_local), status, comments; sorted.
    """
    key = "hour_at" if grain == "hour" else "day_local"
    return store.frame(
        f"""
        SELECT {key} AS at, status, count(*)::BIGINT AS comments FROM comment_facts
        WHERE site_id = $site AND article_id = $id AND day_local BETWEEN $first AND $last
        GROUP BY ALL ORDER BY 1, 2
        """,
        site=site,
        id=article_id,
        first=period.first,
        last=period.last,
    )


def before_and_after(
    store: Store, site: str, article_id: str, period: Period, limit: int = 5
) -> dict[str, pl.DataFrame]:
    """Say which articles the readers of one came from in the same session, and went on to.

    Returns:
        `before` and `after`: id, title, views (fresh views of the article that had it next to them), share of
        the article's fresh views; the largest first.
    """

    def asked() -> pl.DataFrame:
        return store.frame(
            """
            WITH visits AS (
                SELECT DISTINCT session_id FROM view_facts
                WHERE site_id = $site AND article_id = $id AND session_id IS NOT NULL
                    AND day_local BETWEEN $first AND $last),
            steps AS (
                SELECT article_id, lag(article_id) OVER w AS before, lead(article_id) OVER w AS after
                FROM view_facts SEMI JOIN visits USING (session_id)
                WHERE site_id = $site AND is_article AND NOT is_repeat
                    AND day_local BETWEEN $first - 1 AND $last::DATE + 1
                WINDOW w AS (PARTITION BY session_id ORDER BY event_at, view_id)),
            own AS (FROM steps WHERE article_id = $id),
            pairs AS (
                SELECT 'before' AS side, before AS id FROM own UNION ALL SELECT 'after', after FROM own)
            SELECT p.side, p.id, coalesce(a.title, p.id) AS title, count(*)::BIGINT AS views,
                count(*) / (SELECT count(*) FROM own) AS share
            FROM pairs AS p LEFT JOIN articles AS a ON a.site_id = $site AND a.article_id = p.id
            WHERE p.id IS NOT NULL AND p.id <> $id GROUP BY ALL ORDER BY views DESC, p.id
            """,
            site=site,
            id=article_id,
            first=period.first,
            last=period.last,
        )

    # Visits run over midnight into the days beside.
    days = Days(site, period.first - dt.timedelta(days=1), period.last + dt.timedelta(days=1))
    found = store.memo(("around", site, article_id, period), asked, of=[CATALOGUE, days])
    return {
        side: found.filter(pl.col("side") == side).drop("side").head(limit) for side in ("before", "after")
    }
