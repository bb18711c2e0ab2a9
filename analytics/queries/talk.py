"""The conversation under all articles: volume, rhythm, who talks, how long, and the way through the box."""

from __future__ import annotations

import polars as pl

from analytics.metrics import BASES, BOXES, COMMENTS
from analytics.periods import Grain, buckets, local_time
from analytics.queries import counts
from analytics.queries.ask import Ask
from analytics.store.store import Store

STATES = ("published", "pending", "rejected", "other")
STEPS = ("boxes_opened", "boxes_typed", "boxes_at_limit", "boxes_warned", "boxes_posted")
LENGTH_STEP = 64  # an eighth of the usual limit
BUSIEST = (5, 10, 50)


def volume(store: Store, ask: Ask, grain: Grain) -> pl.DataFrame:
    """Count comments by the time of writing and present status.

    Args:
        store: The open store.
        ask: Filter and period.
        grain: hour or day.

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


def rhythm(store: Store, ask: Ask) -> pl.DataFrame:
    """Count comments by local weekday and hour of writing.

    Returns:
        weekday (1 to 7, Monday first), hour, value; cells without comments are left out.
    """
    found = _counted(store, ("comments_created",), ask, "hour")
    local = [local_time(at, ask.period.zone) for at in found["hour_at"]]
    return (
        pl.DataFrame(
            {
                "weekday": [each.isoweekday() for each in local],
                "hour": [each.hour for each in local],
                "value": found["comments_created"],
            },
            schema={"weekday": pl.Int64, "hour": pl.Int64, "value": pl.Int64},
        )
        .group_by("weekday", "hour")
        .agg(pl.col("value").sum())
        .sort("weekday", "hour")
    )


def funnel(store: Store, ask: Ask) -> dict[str, int]:
    """Count the boxes that came to each of STEPS; a step need not follow from the one before."""
    with store.read() as cursor:
        found = counts.additive(cursor, BOXES, [BASES[name] for name in STEPS], ask)
    return {name: int(found[name][0]) for name in STEPS}


def lengths(store: Store, ask: Ask) -> pl.DataFrame:
    """Count comments by length.

    Returns:
        length (lower end, in steps of LENGTH_STEP code points) and comments, from 0 to the longest.
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


def _counted(store: Store, names: tuple[str, ...], ask: Ask, grain: str) -> pl.DataFrame:
    with store.read() as cursor:
        asked = Ask(ask.where, ask.period, grain=grain)
        found = counts.additive(cursor, COMMENTS, [BASES[name] for name in names], asked)
    return found.group_by("hour_at" if grain == "hour" else "day_local").agg(pl.col(*names).sum())
