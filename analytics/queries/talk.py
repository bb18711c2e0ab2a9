"""The conversation under all articles: volume, rhythm, who talks, how long, and the way through the box."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl

from analytics.metrics import BASES, BOXES, COMMENTS, FEW_N
from analytics.periods import Step, buckets
from analytics.queries import counts, figures
from analytics.queries.ask import Ask
from analytics.store.store import Store

STATES = ("published", "pending", "rejected", "other")
STEPS = ("boxes_opened", "boxes_typed", "boxes_at_limit", "boxes_warned", "boxes_posted")
_TRUNCATED = {"week": "1w", "month": "1mo"}  # as Polars names them
LENGTH_STEP = 64  # an eighth of the usual limit
BUSIEST = (5, 10, 50)


def volume(store: Store, ask: Ask, grain: Step) -> pl.DataFrame:
    """Count comments by the time of writing and present status.

    Args:
        store: The open store.
        ask: Filter and period.
        grain: hour, day, week (from Monday) or month; the first one from the begin of the period.

    Returns:
        at (local Datetime), published, pending, rejected, other (spam and deleted); every bucket is there.
    """
    spans = buckets(ask.period, grain)
    by_hour = grain == "hour"
    places = pl.DataFrame(
        {
            "at": [each.local for each in spans],
            "key": [each.begins if by_hour else each.local.date() for each in spans],
        },
        schema={"at": pl.Datetime("us"), "key": pl.Datetime("us") if by_hour else pl.Date()},
    )
    names = ("comments_created", "comments", "comments_pending", "comments_rejected")
    found = _counted(store, names, ask, "hour" if by_hour else "day").rename(
        {"hour_at" if by_hour else "day_local": "key"}
    )
    if grain in _TRUNCATED:
        begin = pl.max_horizontal(pl.col("key").dt.truncate(_TRUNCATED[grain]), pl.lit(ask.period.first))
        found = found.group_by(key=begin).agg(pl.col(*names).sum())
    known = pl.sum_horizontal(names[1:])
    return (
        places.join(found, on="key", how="left")
        .with_columns(pl.col(*names).fill_null(0))
        .select(
            "at",
            published="comments",
            pending="comments_pending",
            rejected="comments_rejected",
            other=pl.col("comments_created") - known,
        )
        .sort("at")
    )


def lags(store: Store, ask: Ask) -> pl.DataFrame:
    """Take the median wait for a decision by a person, by local weekday and hour of writing.

    Returns:
        weekday (1 to 7, Monday first), hour, value (minutes), n, is_few (under 30); cells without a decision
        are left out.
    """
    sql = counts.question(COMMENTS, replace(ask, split="", grain=""), COMMENTS)
    sql.conditions += ["f.lag_min IS NOT NULL", "NOT coalesce(f.is_auto, false)"]
    sql.keys["hour_at"] = "f.hour_at"
    found = store.frame(sql.text(["list(f.lag_min) AS lags"]), **sql.values)
    return (
        _placed(found, ask)
        .explode("lags")
        .group_by("weekday", "hour")
        .agg(value=pl.col("lags").quantile(0.5, "lower"), n=pl.len().cast(pl.Int64))
        .with_columns(is_few=pl.col("n") < FEW_N)
        .sort("weekday", "hour")
    )


def waiting_since(store: Store, ask: Ask) -> dt.datetime | None:
    """Tell when the oldest comment that waits was written, whatever the period; naive UTC."""
    sql = counts.question(COMMENTS, replace(ask, split="", grain=""), COMMENTS, day="")
    sql.conditions.append("f.is_pending")
    found: dt.datetime | None = store.frame(sql.text(["min(f.created_at) AS at"]), **sql.values)["at"][0]
    return found


def commenter_rate(store: Store, ask: Ask, now: dt.datetime) -> tuple[float | None, int, int]:
    """Give the commenters per 1,000 daily readers (metrics.md 6), both summed by day; with the two sums.

    Returns:
        Rate, commenters and readers; the rate is None where no writer or no reader is known.
    """
    with store.read() as cursor:
        found = counts.commenters(cursor, replace(ask, split="", grain="day"))
    readers = figures.totals(store, ["readers"], replace(ask, split=""), now)["readers"].value
    if not found.height or not readers:
        return None, found.height, int(readers or 0)
    return 1000 * found.height / readers, found.height, int(readers)


def rhythm(store: Store, ask: Ask) -> pl.DataFrame:
    """Count comments by local weekday and hour of writing.

    Returns:
        weekday (1 to 7, Monday first), hour, value; cells without comments are left out.
    """
    found = _placed(_counted(store, ("comments_created",), ask, "hour"), ask)
    return (
        found.group_by("weekday", "hour").agg(value=pl.col("comments_created").sum()).sort("weekday", "hour")
    )


def funnel(store: Store, ask: Ask) -> dict[str, int]:
    """Count the boxes that came to each of STEPS; a step need not follow from the one before."""
    with store.read() as cursor:
        found = counts.additive(cursor, BOXES, [BASES[name] for name in STEPS], ask)
    return {name: int(found[name][0]) for name in STEPS}


def lengths(store: Store, ask: Ask) -> pl.DataFrame:
    """Count comments by length.

    Returns:
        length (in steps of LENGTH_STEP code points: 64 stands for 65 to 128) and comments, without gaps.
    """
    with store.read() as cursor:
        found = counts.lengths(cursor, ask, LENGTH_STEP)
    top = found["length"].max()
    steps = pl.DataFrame(
        {"length": range(0, int(str(top)) + 1, LENGTH_STEP) if top is not None else []},
        schema={"length": pl.Int64()},
    )
    return steps.join(found, on="length", how="left").with_columns(pl.col("comments").fill_null(0))


def busiest(store: Store, ask: Ask) -> list[tuple[int, float]]:
    """Say which share of the published comments the busiest writers have.

    Returns:
        Number of writers and their share (0-1), for each of BUSIEST; none where no writer is known.
    """
    with store.read() as cursor:
        found = counts.commenters(cursor, ask)
    whole = float(found["n"].sum())
    ordered = found.sort("n", descending=True)["n"]
    return [(many, float(ordered.head(many).sum()) / whole) for many in BUSIEST] if whole else []


def pairs(store: Store, site: str, article_id: str) -> int:
    """Count the pairs of commenters of an article who answered each other."""
    return int(
        store.frame(
            """
            WITH answers AS (
                SELECT DISTINCT a.commenter AS who, b.commenter AS whom
                FROM comment_facts AS a JOIN comment_facts AS b
                    ON b.site_id = a.site_id AND b.comment_id = a.parent_id
                WHERE a.site_id = $site AND a.article_id = $id AND a.is_published AND b.is_published
                    AND a.commenter <> b.commenter)
            SELECT count(*)::BIGINT AS pairs FROM answers AS x JOIN answers AS y
                ON x.who = y.whom AND x.whom = y.who WHERE x.who < x.whom
            """,
            site=site,
            id=article_id,
        )["pairs"][0]
    )


def staff_replies(store: Store, site: str, article_id: str) -> int | None:
    """Count the published answers of the newsroom's own accounts; None where the site names none."""
    row = store.frame(
        """
        SELECT (SELECT count(*) FROM staff_commenters WHERE site_id = $site)::BIGINT AS staff,
            (SELECT count(*) FROM comment_facts AS c SEMI JOIN staff_commenters AS s
                ON s.site_id = c.site_id AND s.commenter = c.commenter
                WHERE c.site_id = $site AND c.article_id = $id AND c.is_published
                    AND c.parent_id IS NOT NULL)::BIGINT AS replies
        """,
        site=site,
        id=article_id,
    ).row(0, named=True)
    return int(row["replies"]) if row["staff"] else None


def _placed(found: pl.DataFrame, ask: Ask) -> pl.DataFrame:
    """Give rows of UTC hours their local weekday and hour."""
    local = pl.col("hour_at").dt.replace_time_zone("UTC").dt.convert_time_zone(ask.period.zone)
    return found.with_columns(weekday=local.dt.weekday().cast(pl.Int64), hour=local.dt.hour().cast(pl.Int64))


def _counted(store: Store, names: tuple[str, ...], ask: Ask, grain: str) -> pl.DataFrame:
    with store.read() as cursor:
        asked = Ask(ask.where, ask.period, grain=grain)
        found = counts.additive(cursor, COMMENTS, [BASES[name] for name in names], asked)
    return found.group_by("hour_at" if grain == "hour" else "day_local").agg(pl.col(*names).sum())
