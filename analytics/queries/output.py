"""What a group of articles puts out and gets: week by week, and what hardly anybody found."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl

from analytics.periods import Period
from analytics.queries import counts, figures
from analytics.queries.ask import Ask
from analytics.queries.standing import NARROW
from analytics.store.memory import CATALOGUE
from analytics.store.store import Store

WEEKS = 8
GHOST_UNDER = 30  # metrics.md 8: ghosts have fewer views seven days after publication
GHOST_AFTER = dt.timedelta(days=7)


def weekly(store: Store, main: str, ask: Ask, now: dt.datetime, weeks: int = WEEKS) -> pl.DataFrame:
    """Count pieces and reads in the complete weeks up to the end of the period.

    Args:
        store: The open store.
        main: `reads`, or `views` where reads are not known.
        ask: Filter and period.
        now: Naive UTC.
        weeks: How many.

    Returns:
        monday (Date), published (Int64), value (Float64; null where nothing can be known); in order.
    """
    last = ask.period.last - dt.timedelta(days=(ask.period.last.weekday() + 1) % 7)
    span = Period(last - dt.timedelta(days=7 * weeks - 1), last, ask.period.zone)
    own = replace(ask, period=span, split="", basis="read_in")
    read = figures.series(store, main, own, "week", now)
    with store.read() as cursor:
        pieces = counts.publications(cursor, own)
    local = pl.col("published_at").dt.replace_time_zone("UTC").dt.convert_time_zone(span.zone).dt.date()
    written = pieces.group_by(monday=local.dt.truncate("1w")).agg(published=pl.len().cast(pl.Int64))
    return (
        read.select(monday=pl.col("local").dt.date(), value="value")
        .join(written, on="monday", how="left")
        .with_columns(pl.col("published").fill_null(0))
        .select("monday", "published", "value")
        .sort("monday")
    )


def publications(store: Store, ask: Ask) -> pl.DataFrame:
    """List the articles published in the period, under the part of a filter that articles have.

    Returns:
        id and published_at (naive UTC), in no order.
    """
    own = replace(ask, where=ask.where.only(**dict.fromkeys(NARROW, ())))

    def asked() -> pl.DataFrame:
        with store.read() as cursor:
            return counts.publications(cursor, own)

    return store.memo(("publications", own), asked, of=(CATALOGUE,))


def ghosts(store: Store, ask: Ask, now: dt.datetime) -> pl.DataFrame:
    """List articles published in the period that fewer than 30 views found in seven days.

    Returns:
        id, published_at (naive UTC), views; only articles that are seven days old; fewest views first.
    """
    own = replace(ask, split="article", grain="", basis="published_in", horizon="7d")
    with store.read() as cursor:
        pieces = counts.publications(cursor, ask)
    seen = figures.ranking(store, ["views"], own, now, order="views").select("id", "views")
    return (
        pieces.filter(pl.col("published_at") + GHOST_AFTER <= now)
        .join(seen, on="id", how="left")
        .with_columns(pl.col("views").fill_null(0))
        .filter(pl.col("views") < GHOST_UNDER)
        .sort("views", "id")
    )
