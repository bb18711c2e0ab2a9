"""What alerts watch: figures beside what is usual, crossings of expectation, talk, silence, new sources.

Every question is put for a stretch of time, so that one answer serves the last reading and a look back over
28 days alike.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from analytics.metrics import PEOPLE
from analytics.periods import Grain, Period, last_days, previous
from analytics.queries import figures
from analytics.queries.ask import Ask, Filter
from analytics.queries.coverage import coverage
from analytics.queries.expected import references
from analytics.queries.typical import typical_series
from analytics.store import ages
from analytics.store.store import Store

MOST_WATCHED = 200  # values of a dimension that are followed where none is named: the most viewed
KNOWN_D = 28  # of which a rule without ids takes them
LOOK_BACK = dt.timedelta(hours=49)  # crossings: steps of a quarter hour end at 48 h, the next step is of 49
AGAIN_AFTER = dt.timedelta(days=7)  # metrics.md 7: rising again
AGAIN_DAYS = 7
_HOUR = dt.timedelta(hours=1)


def watched_ids(
    store: Store, where: Filter, split: str, last: dt.date, zone: str, now: dt.datetime
) -> list[str]:
    """List the values of a dimension that had most views in the last weeks."""
    ask = Ask(where, last_days(last, KNOWN_D, zone), split=split)
    found = figures.ranking(store, ["views"], ask, now, order="views")
    return found.filter(pl.col("id").is_not_null())["id"].head(MOST_WATCHED).to_list()


def beside_usual(
    store: Store,
    name: str,
    where: Filter,
    period: Period,
    grain: Grain,
    now: dt.datetime,
    *,
    split: str = "",
    ids: Sequence[str] = (),
) -> pl.DataFrame:
    """Count a metric by hours or days, each beside the same hour or day of the weeks before.

    Returns:
        id (empty: the whole), began, ends (naive UTC), value (null: unknown), middle, low, high (median,
        10 and 90 %; null without four weeks), n, is_complete; in order of time.
    """
    counted = _counted(store, name, where, period, grain, now, split, ids)
    bands = typical_series(store, name, where, period, grain, now, split=split, ids=ids)
    bands = bands.rename({"median": "middle", "n": "weeks"})
    on = ["bucket", "id"] if split else ["bucket"]
    return counted.join(bands, on=on, how="left", maintain_order="left").select(*_SHAPE, n="weeks")


def beside_week_before(
    store: Store,
    name: str,
    where: Filter,
    period: Period,
    grain: Grain,
    now: dt.datetime,
    *,
    split: str = "",
    ids: Sequence[str] = (),
) -> pl.DataFrame:
    """Count a metric by hours or days, each beside the same hour or day a week before.

    Returns:
        The columns of `beside_usual`; middle is the earlier value, low and high are null.
    """
    counted = _counted(store, name, where, period, grain, now, split, ids)
    past = previous(Period(period.first, period.first, period.zone))
    earlier_days = Period(past.first, period.last - (period.first - past.first), period.zone)
    earlier = _counted(store, name, where, earlier_days, grain, now, split, ids)
    moved = earlier.select("id", middle="value", local=pl.col("local") + (period.first - past.first))
    # What a clock change doubled compares with nothing.
    moved = moved.unique(["id", "local"], keep="none")
    nothing = [pl.lit(None, dtype=pl.Float64).alias(end) for end in ("low", "high")]
    joined = counted.join(moved, on=["id", "local"], how="left", maintain_order="left")
    return joined.with_columns(*nothing).select(*_SHAPE, n=pl.lit(None, dtype=pl.Int64))


_SHAPE = ("id", "began", "ends", "value", "middle", "low", "high", "is_complete")


def _counted(
    store: Store,
    name: str,
    where: Filter,
    period: Period,
    grain: Grain,
    now: dt.datetime,
    split: str,
    ids: Sequence[str],
) -> pl.DataFrame:
    ask = Ask(where, period, split=split)
    if split:
        found = figures.series_by(store, name, ask, list(ids), grain, now)
    else:
        found = figures.series(store, name, ask, grain, now).with_columns(id=pl.lit(""))
    return found.select("id", "bucket", "local", "ends", "value", "is_complete", began="begins")


def crossings(
    store: Store,
    site: str,
    base: str,
    since: dt.datetime,
    until: dt.datetime,
    now: dt.datetime,
    *,
    dimension: str = "",
    ids: Sequence[str] = (),
) -> pl.DataFrame:
    """Hold young articles against their expectation at every quarter hour of their first 48 hours.

    The reference sets are those of now, also where it is looked back.

    Args:
        store: The open store.
        site: The site.
        base: `reads` or `views`.
        since: Only ages reached after this, naive UTC.
        until: And up to this.
        now: Naive UTC.
        dimension: section, author, topic or article: only articles of `ids`.
        ids: Values of the dimension; none: all.

    Returns:
        id, at, value, middle, high (p50, p90; null without 20 articles), n, is_last (the step after 48 h);
        in order of time.
    """
    found = references(store, site, now, base=base)
    own = found.articles.filter(pl.col("published_at").is_between(since - LOOK_BACK, until))
    if ids:
        own = own.filter(pl.col("article_id").is_in(_articles_of(store, site, dimension, ids)))
    last = ages.step_of(LOOK_BACK)
    steps = pl.DataFrame(
        {"step": range(1, last + 1), "age": [ages.age_of(step) for step in range(1, last + 1)]},
        schema={"step": pl.Int16(), "age": pl.Duration("us")},
    )
    asked = (
        own.join(steps, how="cross")
        .with_columns(at=pl.col("published_at") + pl.col("age"))
        .filter(pl.col("at") > since, pl.col("at") <= until, pl.col("step") <= pl.col("reached"))
    )
    compared = found.compare(asked)
    return (
        pl.concat([asked.select("at"), compared], how="horizontal")
        .select(
            "id",
            "at",
            pl.col("value").cast(pl.Float64),
            middle="p50",
            high="p90",
            n="n",
            is_last=pl.col("step") == last,
        )
        .sort("at", "id")
    )


def _articles_of(store: Store, site: str, dimension: str, ids: Sequence[str]) -> list[str]:
    bridges = {"author": ("article_authors", "author_id"), "topic": ("article_topics", "topic_id")}
    own = "section" if dimension == "section" else "article_id"
    table, column = bridges.get(dimension, ("articles", own))
    rows = store.frame(
        f"SELECT DISTINCT article_id FROM {table} WHERE site_id = $site AND list_contains($ids, {column})",
        site=site,
        ids=list(ids),
    )
    return rows["article_id"].to_list()


def rising(store: Store, site: str, since: dt.datetime, until: dt.datetime, least: int) -> pl.DataFrame:
    """Find hours in which an article of more than a week was viewed often, beside its seven days before.

    Args:
        store: The open store.
        site: The site.
        since: Only hours that end after this, naive UTC.
        until: And up to this.
        least: Views of the hour.

    Returns:
        id, began, ends, value, middle, high (median and 90 % of the same hour of the seven days before),
        n (7); in order of time.
    """
    rows = store.frame(
        f"""
        WITH hours AS (
            SELECT article_id, hour_at, sum(views)::BIGINT AS views FROM article_hours
            WHERE site_id = $site AND article_id IS NOT NULL AND hour_at <= $until
                AND hour_at > $since - INTERVAL {AGAIN_DAYS + 1} DAY
            GROUP BY ALL),
        loud AS (
            SELECT h.* FROM hours AS h JOIN articles AS a ON a.site_id = $site AND a.article_id = h.article_id
            WHERE h.views >= $least AND h.hour_at > $since - INTERVAL 1 HOUR
                AND h.hour_at <= $until - INTERVAL 1 HOUR
                AND a.published_at < h.hour_at - INTERVAL {AGAIN_AFTER.days} DAY
                AND coalesce(a.kind, 'article') <> 'page')
        SELECT l.article_id AS id, l.hour_at AS began, l.views::DOUBLE AS value,
            coalesce(h.views, 0)::DOUBLE AS earlier
        FROM loud AS l CROSS JOIN (SELECT unnest(generate_series(1, {AGAIN_DAYS})) AS days) AS d
        LEFT JOIN hours AS h
            ON h.article_id = l.article_id AND h.hour_at = l.hour_at - to_days(d.days::INTEGER)
        """,
        site=site,
        since=since,
        until=until,
        least=least,
    )
    return (
        rows.group_by("id", "began", "value")
        .agg(
            middle=pl.col("earlier").median(),
            high=pl.col("earlier").quantile(0.9, "linear"),
            n=pl.len().cast(pl.Int64),
        )
        .with_columns(ends=pl.col("began") + _HOUR)
        .sort("began", "id")
    )


def written(store: Store, site: str, instants: Sequence[dt.datetime], *, by_article: bool) -> pl.DataFrame:
    """Count comments of the hour before each instant.

    Returns:
        id (article; empty: the whole site), at, value; articles without comments are absent, the site is
        there with 0.
    """
    if by_article:
        return store.frame(
            """
            SELECT c.article_id AS id, i.at, count(*)::DOUBLE AS value
            FROM (SELECT unnest($instants::TIMESTAMP[]) AS at) AS i
            JOIN comment_facts AS c ON c.created_at > i.at - INTERVAL 1 HOUR AND c.created_at <= i.at
            WHERE c.site_id = $site AND c.created_at > $first AND c.article_id IS NOT NULL GROUP BY ALL
            ORDER BY i.at, id
            """,
            site=site,
            instants=list(instants),
            first=min(instants) - _HOUR,
        )
    return store.frame(
        """
        SELECT '' AS id, i.at, count(c.created_at)::DOUBLE AS value
        FROM (SELECT unnest($instants::TIMESTAMP[]) AS at) AS i
        LEFT JOIN (SELECT created_at FROM comment_facts WHERE site_id = $site AND created_at > $first) AS c
            ON c.created_at > i.at - INTERVAL 1 HOUR AND c.created_at <= i.at
        GROUP BY ALL ORDER BY i.at
        """,
        site=site,
        instants=list(instants),
        first=min(instants) - _HOUR,
    )


def waiting(store: Store, site: str, instants: Sequence[dt.datetime], *, by_article: bool) -> pl.DataFrame:
    """Count comments that waited for a decision at each instant.

    Returns:
        id (article; empty: the whole site), at, value, oldest_min (minutes the oldest had waited); what had
        none is absent.
    """
    key = "c.article_id" if by_article else "''"
    return store.frame(
        f"""
        SELECT {key} AS id, i.at, count(*)::DOUBLE AS value,
            max(date_diff('second', c.created_at, i.at)) / 60.0 AS oldest_min
        FROM (SELECT unnest($instants::TIMESTAMP[]) AS at) AS i
        JOIN comment_facts AS c ON c.created_at <= i.at AND (c.is_pending OR c.decided_at > i.at)
        WHERE c.site_id = $site AND ($whole OR c.article_id IS NOT NULL) GROUP BY ALL ORDER BY i.at, id
        """,
        site=site,
        instants=list(instants),
        whole=not by_article,
    )


def silences(
    store: Store, site: str, since: dt.datetime, until: dt.datetime, least: dt.timedelta
) -> list[tuple[dt.datetime, dt.datetime]]:
    """List stretches in which no page was loaded; the last may go on at `until`.

    Args:
        store: The open store.
        site: The site.
        since: Stretches that end after this, naive UTC.
        until: Up to when is looked.
        least: The shortest that is told.

    Returns:
        Begin and end, in order.
    """
    latest = store.frame(
        "SELECT max(last_at) AS at FROM sources WHERE site_id = $site AND kind = 'views'", site=site
    )["at"][0]
    if latest is None:
        return []
    rows = store.frame(
        """
        WITH minutes AS (
            SELECT DISTINCT minute_at FROM site_minutes
            WHERE site_id = $site AND page_loads > 0 AND minute_at > $since - INTERVAL 1 DAY
                AND minute_at <= $until)
        SELECT minute_at, lead(minute_at) OVER (ORDER BY minute_at) AS next_at FROM minutes ORDER BY 1
        """,
        site=site,
        since=since,
        until=until,
    )
    # What has just come in is counted some seconds later; the sources themselves know at once.
    end = until if until - latest >= least else None
    found = []
    if not rows.height and end is not None:  # for longer than we looked back
        return [(latest, end)]
    for began, next_at in rows.rows():
        ended = next_at or end
        if ended is not None and ended - began >= least and ended > since:
            found.append((began + dt.timedelta(minutes=1), ended))
    return found


def new_sources(store: Store, site: str, period: Period, least: int, now: dt.datetime) -> pl.DataFrame:
    """List named sources on the day of their first reader, where they sent enough.

    Returns:
        id, day (Date), value (views of that day); in order of days. Empty where fewer than four weeks are
        known before the period: everything would be new.
    """
    known = coverage(store, site, now)
    schema = {"id": pl.String(), "day": pl.Date(), "value": pl.Float64()}
    if known.views is None or known.views[0] > period.begins - dt.timedelta(days=KNOWN_D):
        return pl.DataFrame(schema=schema)
    return store.frame(
        f"""
        WITH days AS (
            SELECT value AS id, day_local AS day, sum(views)::DOUBLE AS views FROM {PEOPLE}
            WHERE site_id = $site AND dimension = 'source' AND value IS NOT NULL AND day_local <= $last
            GROUP BY ALL)
        SELECT id, min(day) AS day, arg_min(views, day) AS value FROM days GROUP BY id
        HAVING min(day) >= $first AND arg_min(views, day) >= $least ORDER BY 2, 1
        """,
        site=site,
        first=period.first,
        last=period.last,
        least=least,
    )


def excluded_days(store: Store, site: str) -> set[dt.date]:
    """List the days that editors have taken out of what is usual."""
    rows = store.frame("SELECT day_local FROM excluded_days WHERE site_id = $site", site=site)
    return set(rows["day_local"].to_list())


def hidden(store: Store, site: str, excluded: Sequence[str]) -> set[str]:
    """List the articles that no list names: the ids given, and the articles that they are aliases of."""
    rows = store.frame(
        "SELECT article_id FROM article_aliases WHERE site_id = $site AND list_contains($ids, alias)",
        site=site,
        ids=list(excluded),
    )
    return {*excluded, *rows["article_id"].to_list()}
