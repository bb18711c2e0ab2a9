"""Comebacks: old articles that are read more than they usually are (pages.md 2.1, "rising again").

An article's own typical is made like a site's (metrics.md 7): the same days of the weeks before, at least
four of them since its publication. Of a period that is not over, all are cut at the last full hour.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypeAlias

import polars as pl

from analytics.metrics import BASES, FEW_N, FEW_WEEKS
from analytics.periods import TYPICAL_VALUES, Period
from analytics.queries.coverage import Coverage, coverage
from analytics.store.memory import CATALOGUE, Days
from analytics.store.store import Store

OLD = dt.timedelta(days=7)  # pages.md 1: the age `old`
MOST_JUDGED = 200  # articles that are looked at: those given first
_Window: TypeAlias = "tuple[int, dt.datetime, dt.datetime]"  # how often back, begin, end


def comebacks(
    store: Store, site: str, ids: Sequence[str], base: str, period: Period, now: dt.datetime
) -> pl.DataFrame:
    """Find old articles above their own typical range.

    Args:
        store: The open store.
        site: The site.
        ids: Articles that may be meant, those of interest first.
        base: An additive base of views: reads, or views where none can be told.
        period: Days; every week before that they fall on is one value of the range.
        now: Naive UTC.

    Returns:
        id, value, low, median, high (10th, 50th and 90th percentile of the same days before), n (how many);
        only articles with at least 30 and more than `high`, the largest gain first.
    """
    windows = _windows(period, now, coverage(store, site, now))
    if len(windows) <= FEW_WEEKS:
        return _none()
    judged = tuple(ids[:MOST_JUDGED])
    counted = store.memo(
        ("comebacks", site, judged, base, tuple(windows)),
        lambda: _counted(store, site, judged, base, period, windows),
        of=[CATALOGUE, Days(site, (windows[-1][1] - OLD).date(), period.last)],
    )
    earlier = (
        counted.filter(pl.col("back") > 0, "is_own")
        .group_by("id")
        .agg(
            low=pl.col("value").quantile(0.1, "linear"),
            median=pl.col("value").quantile(0.5, "linear"),
            high=pl.col("value").quantile(0.9, "linear"),
            n=pl.len().cast(pl.Int64),
        )
        .filter(pl.col("n") >= FEW_WEEKS)
    )
    own = counted.filter(pl.col("back") == 0).select("id", "value")
    risen = own.join(earlier, on="id").filter(pl.col("value") >= FEW_N, pl.col("value") > pl.col("high"))
    gain = pl.col("value") - pl.col("high")
    return risen.sort(gain, "id", descending=[True, False]).select(*_none().columns)


def _counted(
    store: Store, site: str, ids: Sequence[str], base: str, period: Period, windows: Sequence[_Window]
) -> pl.DataFrame:
    """Count old articles in each window: id, back, is_own (since its publication), value."""
    spans = pl.DataFrame(windows, schema=["back", "begins", "ends"], orient="row")
    with store.read() as cursor:
        cursor.register("spans", spans)
        return cursor.execute(
            f"""
            WITH old AS (
                SELECT article_id, published_at FROM articles
                WHERE site_id = $site AND list_contains($ids, article_id) AND published_at < $since),
            hours AS (
                SELECT article_id, hour_at, {BASES[base].name} AS value
                FROM article_hours SEMI JOIN old USING (article_id)
                WHERE site_id = $site AND day_local BETWEEN $first AND $last)
            SELECT o.article_id AS id, s.back, s.begins >= o.published_at AS is_own,
                coalesce(sum(h.value), 0)::BIGINT AS value
            FROM old AS o CROSS JOIN spans AS s LEFT JOIN hours AS h
                ON h.article_id = o.article_id AND h.hour_at >= s.begins AND h.hour_at < s.ends
            GROUP BY ALL
            """,
            {
                "site": site,
                "ids": list(ids),
                "since": period.begins - OLD,
                "first": (windows[-1][1] - OLD).date(),
                "last": period.last,
            },
        ).pl()


def _windows(period: Period, now: dt.datetime, known: Coverage) -> list[_Window]:
    """Cut the same days out of the weeks before: how often back, begin, end; only those wholly collected."""
    weeks = -(-period.length // 7)  # the least whole weeks, so that weekdays match
    full_hour = now.replace(minute=0, second=0, microsecond=0)
    length = min(full_hour, period.ends) - period.begins
    found = []
    for back in range(TYPICAL_VALUES + 1):
        moved = period.moved(-7 * weeks * back)
        ends = moved.ends if period.ends <= now else moved.begins + length
        is_known = known.views is not None and known.views[0] <= moved.begins
        if back == 0 or (is_known and known.is_whole(moved.begins, ends)):
            found.append((back, moved.begins, ends))
    return found


def _none() -> pl.DataFrame:
    numbers = dict.fromkeys(("low", "median", "high"), pl.Float64())
    return pl.DataFrame(schema={"id": pl.String(), "value": pl.Int64(), **numbers, "n": pl.Int64()})
