"""Comebacks: old articles that are read more than they usually are (pages.md 2.1, "rising again").

An article's own typical is made like a site's (metrics.md 7): the same days of the weeks before, at least
four of them since its publication. Of a period that is not over, all are cut at the last full hour.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analytics.metrics import BASES, FEW_N, FEW_WEEKS
from analytics.periods import TYPICAL_VALUES, Period
from analytics.queries.coverage import Coverage, coverage
from analytics.store.memory import CATALOGUE, Days
from analytics.store.store import Store

OLD = dt.timedelta(days=7)  # pages.md 1: the age `old`
MOST_JUDGED = 200  # articles that are looked at: those given first


@dataclass(frozen=True, slots=True)
class _Window:
    """The same days some weeks back; `ends` (naive UTC) comes before theirs where the period is not over."""

    back: int
    days: Period
    begins: dt.datetime
    ends: dt.datetime


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
    now_, *past = windows
    own = store.memo(
        ("old", site, base, now_),
        lambda: _old(store, site, base, period, now_),
        of=[CATALOGUE, Days(site, period.first, period.last)],
    ).filter(pl.col("id").is_in(ids[:MOST_JUDGED]))
    if not own.height:
        return _none()
    # Of all articles: which of them are looked at changes with every recount, what they had before does not.
    before = store.memo(
        ("past", site, base, tuple(past)),
        lambda: _past(store, site, base, past),
        of=[Days(site, past[-1].days.first, past[0].days.last)],
    )
    spans = pl.DataFrame(
        {"back": [each.back for each in past], "begins": [each.begins for each in past]},
        schema={"back": pl.Int64(), "begins": pl.Datetime("us")},
    )
    value = pl.col("past").fill_null(0)  # nothing was read of it
    risen = (
        own.lazy()
        .join(spans.lazy(), how="cross")
        .filter(pl.col("begins") >= pl.col("published_at"))
        .join(before.lazy(), on=["id", "back"], how="left")
        .group_by("id", "value")
        .agg(
            low=value.quantile(0.1, "linear"),
            median=value.quantile(0.5, "linear"),
            high=value.quantile(0.9, "linear"),
            n=pl.len().cast(pl.Int64),
        )
        .filter(pl.col("n") >= FEW_WEEKS, pl.col("value") > pl.col("high"))
    )
    gain = pl.col("value") - pl.col("high")
    return risen.sort(gain, "id", descending=[True, False]).select(_none().columns).collect()


def _old(store: Store, site: str, base: str, period: Period, window: _Window) -> pl.DataFrame:
    """Count old articles in the window of a period, but for few: id, published_at, value."""
    return store.frame(
        f"""
        SELECT a.article_id AS id, a.published_at, h.value
        FROM articles AS a JOIN (
            SELECT article_id, sum({BASES[base].name})::BIGINT AS value FROM article_hours
            WHERE site_id = $site AND day_local BETWEEN $first AND $last AND hour_at < $ends
            GROUP BY article_id HAVING value >= $few) AS h USING (article_id)
        WHERE a.site_id = $site AND a.published_at < $since
        """,
        few=FEW_N,
        site=site,
        first=period.first,
        last=period.last,
        ends=window.ends,
        since=period.begins - OLD,
    )


def _past(store: Store, site: str, base: str, windows: Sequence[_Window]) -> pl.DataFrame:
    """Count articles in the windows before: id, back, past; absent where nothing was read."""
    days = [(each.back, day, each.ends) for each in windows for day in each.days.days]
    backs, listed, ends = (list(column) for column in zip(*days, strict=True))
    return store.frame(
        f"""
        WITH w AS (
            SELECT unnest($backs::BIGINT[]) AS back, unnest($days::DATE[]) AS day_local,
                unnest($ends::TIMESTAMP[]) AS ends)
        SELECT h.article_id AS id, w.back, sum(h.{BASES[base].name})::BIGINT AS past
        FROM article_hours AS h JOIN w USING (day_local)
        WHERE h.site_id = $site AND h.article_id IS NOT NULL AND h.hour_at < w.ends
            AND h.day_local IN ({", ".join(f"DATE '{day}'" for day in listed)})
        GROUP BY ALL
        """,
        site=site,
        backs=backs,
        days=listed,
        ends=ends,
    )


def _windows(period: Period, now: dt.datetime, known: Coverage) -> list[_Window]:
    """Cut the same days out of the weeks before, if wholly collected; the period's own come first."""
    weeks = -(-period.length // 7)  # the least whole weeks, so that weekdays match
    full_hour = now.replace(minute=0, second=0, microsecond=0)
    length = min(full_hour, period.ends) - period.begins
    found = []
    for back in range(TYPICAL_VALUES + 1):
        moved = period.moved(-7 * weeks * back)
        ends = moved.ends if period.ends <= now else moved.begins + length
        is_known = known.views is not None and known.views[0] <= moved.begins
        if back == 0 or (is_known and known.is_whole(moved.begins, ends)):
            found.append(_Window(back, moved, moved.begins, ends))
    return found


def _none() -> pl.DataFrame:
    numbers = dict.fromkeys(("low", "median", "high"), pl.Float64())
    return pl.DataFrame(schema={"id": pl.String(), "value": pl.Int64(), **numbers, "n": pl.Int64()})
