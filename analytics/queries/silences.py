"""Silences: buckets of a chart in which nothing, or not everything, was collected; hatched, never drawn as 0.

Three things make one: no source was live, a recorded gap touches the bucket, or the whole site fell silent in
an hour in which it never does - a collector that stood still and that nobody has written down yet.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from analytics.metrics import FEW_N, FEW_WEEKS
from analytics.periods import TYPICAL_VALUES, Period, Step, buckets
from analytics.queries.coverage import Coverage, coverage
from analytics.store.store import Store

HOUR, WEEK = dt.timedelta(hours=1), dt.timedelta(days=7)
KEPT_S = 60.0  # a screen asks for each of its charts; an hour's silence is no matter of seconds


def silences(
    store: Store, site: str, period: Period, grain: Step, now: dt.datetime, kind: str = "views"
) -> pl.DataFrame:
    """Say which buckets of a period are not wholly counted.

    Args:
        store: The open store.
        site: The site.
        period: What is shown.
        grain: Of the buckets.
        now: Naive UTC; what lies after it is no silence.
        kind: `views` or `comments`; the collector's silence is one of views.

    Returns:
        at (local Datetime), begins, ends (naive UTC), is_gap; one row a bucket, in order.
    """
    known = coverage(store, site, now)
    quiet = _quiet(store, site, period, now, known) if kind == "views" else []
    rows = [
        (
            each.local,
            each.begins,
            each.ends,
            each.begins < now
            and (
                not known.knows(kind, each.begins, each.ends)
                or not known.is_whole(each.begins, min(each.ends, now))
                or any(each.begins < hour + HOUR and hour < each.ends for hour in quiet)
            ),
        )
        for each in buckets(period, grain)
    ]
    time = pl.Datetime("us")
    schema = {"at": time, "begins": time, "ends": time, "is_gap": pl.Boolean()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def marked(
    frame: pl.DataFrame,
    store: Store,
    site: str,
    period: Period,
    grain: Step,
    now: dt.datetime,
    kind: str = "views",
) -> pl.DataFrame:
    """Add `is_gap` to counts by bucket, and empty the counts of silent buckets in which there are none.

    Args:
        frame: at (local Datetime), and columns of counts; every bucket of the period, in order.
        store: The open store.
        site: The site.
        period: What is shown.
        grain: Of the buckets.
        now: Naive UTC.
        kind: `views` or `comments`.
    """
    silent = silences(store, site, period, grain, now, kind)["is_gap"]
    parts = pl.exclude("at", "is_gap")
    nothing = pl.col("is_gap") & (pl.sum_horizontal(parts) == 0)
    return frame.with_columns(silent).with_columns(pl.when(~nothing).then(parts))


def _quiet(store: Store, site: str, period: Period, now: dt.datetime, known: Coverage) -> list[dt.datetime]:
    """List whole hours, naive UTC, without a single load where the same hours before held 30 and more."""
    if known.views is None:
        return []
    since = known.views[0]
    begins = max(period.begins, since)
    ends = min(period.ends, known.views[1], known.loaded_through or now)

    def asked() -> list[dt.datetime]:
        return store.frame(
            f"""
            WITH loaded AS (
                SELECT date_trunc('hour', minute_at) AS hour, sum(page_loads)::BIGINT AS loads
                FROM site_minutes WHERE site_id = $site AND day_local BETWEEN $first AND $last GROUP BY ALL),
            silent AS (
                SELECT hour FROM range(date_trunc('hour', $begins::TIMESTAMP) + INTERVAL 1 HOUR,
                    date_trunc('hour', $ends::TIMESTAMP), INTERVAL 1 HOUR) AS hours(hour)
                ANTI JOIN loaded USING (hour)),
            before AS (
                SELECT s.hour, coalesce(l.loads, 0) AS loads
                FROM silent AS s CROSS JOIN range(1, {TYPICAL_VALUES + 1}) AS w(n)
                LEFT JOIN loaded AS l ON l.hour = s.hour - to_days(7 * w.n::INT)
                WHERE s.hour - to_days(7 * w.n::INT) >= $since)
            SELECT hour FROM before GROUP BY hour
            HAVING count(*) >= {FEW_WEEKS} AND median(loads) >= {FEW_N} ORDER BY hour
            """,
            site=site,
            first=(begins - TYPICAL_VALUES * WEEK).date() - dt.timedelta(days=1),
            last=ends.date() + dt.timedelta(days=1),
            begins=begins,
            ends=ends,
            since=since,
        )["hour"].to_list()

    return store.memo(("quiet", site, period.first, period.last), asked, KEPT_S) if begins < ends else []
