"""Courses: one metric over the buckets of a period, beside its typical band and the period before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from analytics.metrics import COMMENTS, metric
from analytics.periods import Grain, Period, last_days, local_day
from analytics.queries import figures
from analytics.queries.ask import Ask
from analytics.queries.comparison import Against, before
from analytics.queries.health import freshness
from analytics.queries.silences import silences
from analytics.queries.typical import typical_series
from analytics.store.store import Store

RECENT_D = 28  # pages.md 2.1: cards


def course(
    store: Store, name: str, ask: Ask, grain: Grain, now: dt.datetime, against: Against
) -> pl.DataFrame:
    """Count one metric per bucket with everything that a chart draws beside it.

    Args:
        store: The open store.
        name: Metric.
        ask: Filter, basis and period.
        grain: Of the buckets; weeks have no typical band.
        now: Naive UTC.
        against: `typical` gives the band and the period before, the others only the period before.

    Returns:
        bucket (label), at (local Datetime), value, low, high (95 %, of rates), p10, median, p90,
        previous (Float64, null where unknown), is_complete, is_gap (not wholly collected; a 0 there is
        null); sorted, one row a bucket.

    Raises:
        UnknownMetricError: The metric is none.
        UnknownDimensionError: It cannot be filtered or counted by hours so.
    """
    own = figures.series(store, name, ask, grain, now).rename({"local": "at"})
    # A bucket that begins this very moment has not been counted, however live its source is.
    has_begun = pl.col("begins") < now
    kind = "comments" if metric(name).facts == COMMENTS else "views"
    silent = silences(store, ask.where.site_id, ask.period, grain, now, kind)
    heard = has_begun & ~(pl.col("is_gap") & (pl.col("value") == 0))
    frame = own.with_columns(silent["is_gap"]).select(
        "bucket", "at", "low", "high", "is_complete", "is_gap", value=pl.when(heard).then(pl.col("value"))
    )
    if against == "typical" and ask.basis == "read_in":
        band = typical_series(store, name, ask.where, ask.period, grain, now)
        frame = frame.join(band.select("bucket", "median", p10="low", p90="high"), on="bucket", how="left")
    past = before(ask, now, against, freshness(store, ask.where.site_id, now)) if against != "none" else None
    if past is not None:
        earlier = figures.series(store, name, _whole(past), grain, now)
        frame = _beside(frame, earlier, ask.period, past.period)
    known = [column for column in ("p10", "median", "p90", "previous") if column not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=pl.Float64).alias(column) for column in known).sort("at")


def recent(
    store: Store, names: Sequence[str], ask: Ask, now: dt.datetime, days: int = RECENT_D
) -> tuple[dt.date, dict[str, list[float | None]]]:
    """Count metrics a day over the last whole days up to a period's end: the small curves of cards.

    Args:
        store: The open store.
        names: Metrics that are counted over time.
        ask: Filter and period.
        now: Naive UTC.
        days: How many.

    Returns:
        The last day, and metric -> values, oldest first; null where nothing could be known.
    """
    zone = ask.period.zone
    last = min(ask.period.last, local_day(now, zone) - dt.timedelta(days=1))
    own = Ask(ask.where, last_days(last, days, zone), credit=ask.credit)
    return last, figures.by_day(store, names, own, now).to_dict(as_series=False)


def _whole(ask: Ask) -> Ask:
    """Ask all of the earlier period: its line runs on where this one is not over yet."""
    return Ask(ask.where, ask.period, credit=ask.credit, basis=ask.basis, horizon=ask.horizon)


def _beside(frame: pl.DataFrame, earlier: pl.DataFrame, period: Period, past: Period) -> pl.DataFrame:
    """Match the buckets of two periods by local time; of an hour that a clock change doubled, the first.

    Cut weeks begin on the same weekday in both, since whole weeks lie between the periods.
    """
    shift = period.first - past.first
    moved = earlier.select(at=pl.col("local") + shift, previous="value").unique("at", keep="first")
    return frame.join(moved, on="at", how="left")
