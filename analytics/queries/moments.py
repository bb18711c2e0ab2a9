"""Moments: what happened today that a shift editor wants to know of, newest first (pages.md 2.2).

Each is found in what is stored, not kept from look to look: whoever opens the page later sees the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from analytics.metrics import FEW_N, FEW_SET
from analytics.periods import Period, day_begins, local_day
from analytics.queries.coverage import coverage
from analytics.queries.expected import references
from analytics.queries.silences import HOUR, silences
from analytics.store import ages
from analytics.store.store import Store

Kind = Literal["crossed", "source", "title", "gap"]
MOST = 12
KEPT_S = 15.0  # ages go in steps of 15 minutes; a title is changed by hand
SHARE, LEAST = 0.05, 10  # pages.md 2.2: a new source of more than 5 % of its views
AFTER = dt.timedelta(minutes=30)  # at publication every source is new


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened.

    Attributes:
        kind: crossed: above what 9 of 10 reach at its age; source: a source that the article had not before;
            title: a new title; gap: nothing was collected.
        at: When, naive UTC.
        article_id: The article; None of a gap.
        name: Its title; of a new title the former one.
        detail: The source, the new title, or empty.
        share: Of a source: its part of the article's views since it came.
        ends: Of a gap.
    """

    kind: Kind
    at: dt.datetime
    article_id: str | None = None
    name: str = ""
    detail: str = ""
    share: float | None = None
    ends: dt.datetime | None = None


def moments(store: Store, site: str, zone: str, now: dt.datetime, ids: Sequence[str]) -> list[Moment]:
    """List what happened since local midnight.

    Args:
        store: The open store.
        site: The site.
        zone: Its zone.
        now: Naive UTC.
        ids: Articles of which crossings and new sources are told: those that the page shows.

    Returns:
        At most 12, newest first; kept for some seconds, however many watch.
    """
    wanted, today = sorted(set(ids)), local_day(now, zone)

    def asked() -> list[Moment]:
        since = day_begins(today, zone)
        found = [
            *_crossed(store, site, now, since, wanted),
            *_sources(store, site, today, wanted),
            *_titles(store, site, since, now),
            *_gaps(store, site, Period(today, today, zone), now),
        ]
        return sorted(found, key=lambda each: (each.at, each.article_id or ""), reverse=True)[:MOST]

    return store.memo(("moments", site, today, tuple(wanted)), asked, KEPT_S)


def _crossed(
    store: Store, site: str, now: dt.datetime, since: dt.datetime, ids: Sequence[str]
) -> list[Moment]:
    """Find when articles that are above what is expected came to be so, where that was today."""
    found = references(store, site, now)
    own = found.articles.filter(pl.col("article_id").is_in(list(ids)), pl.col("reached") > 0)
    steps = own.with_columns(step=pl.int_ranges(1, pl.col("reached") + 1, dtype=pl.Int16)).explode("step")
    if not steps.height:
        return []
    course = found.compare(steps).filter(pl.col("n") >= FEW_SET).sort("id", "step")
    is_above = (pl.col("value") > pl.col("p90")) & (pl.col("value") >= FEW_N)
    turned = course.with_columns(is_above=is_above).with_columns(
        came=pl.col("is_above") & ~pl.col("is_above").shift(1, fill_value=False).over("id")
    )
    last = turned.group_by("id").agg(
        step=pl.col("step").filter("came").max(), is_above=pl.col("is_above").last()
    )
    published = dict(own.select("article_id", "published_at").iter_rows())
    names = _names(store, site, last.filter("is_above")["id"].to_list())
    made = [
        Moment("crossed", published[key] + ages.age_of(step), key, names.get(key, key))
        for key, step in last.filter(pl.col("is_above") & pl.col("step").is_not_null())
        .select("id", "step")
        .iter_rows()
    ]
    return [each for each in made if each.at >= since]


def _sources(store: Store, site: str, today: dt.date, ids: Sequence[str]) -> list[Moment]:
    """Find sources that articles did not have before and that bring a part of their views that counts."""
    rows = store.frame(
        f"""
        WITH seen AS (
            SELECT article_id, source, channel, event_at FROM view_facts
            WHERE site_id = $site AND day_local = DATE '{today}' AND is_article
                AND list_contains($ids, article_id)),
        known AS (
            SELECT DISTINCT article_id, source FROM article_days
            WHERE site_id = $site AND day_local < DATE '{today}' AND list_contains($ids, article_id)),
        fresh AS (
            SELECT article_id, source, min(event_at) AS came, count(*)::BIGINT AS views FROM seen
            WHERE source IS NOT NULL AND channel NOT IN ('internal', 'direct')
            GROUP BY ALL HAVING views >= {LEAST}),
        beside AS (
            SELECT f.article_id, f.source, f.came, f.views, count(*)::BIGINT AS whole
            FROM fresh AS f JOIN seen AS s ON s.article_id = f.article_id AND s.event_at >= f.came
            GROUP BY ALL)
        SELECT b.article_id, b.source, b.came, b.views / b.whole AS share
        FROM beside AS b ANTI JOIN known AS k ON k.article_id = b.article_id AND k.source = b.source
        LEFT JOIN articles AS a ON a.site_id = $site AND a.article_id = b.article_id
        WHERE b.whole >= {FEW_N} AND b.views > {SHARE} * b.whole
            AND (a.published_at IS NULL OR b.came >= a.published_at + $after)
        """,
        site=site,
        ids=list(ids),
        after=AFTER,
    )
    names = _names(store, site, rows["article_id"].to_list())
    return [
        Moment("source", at, key, names.get(key, key), source, share)
        for key, source, at, share in rows.iter_rows()
    ]


def _titles(store: Store, site: str, since: dt.datetime, now: dt.datetime) -> list[Moment]:
    """List the titles that took the place of others; the first one of an article is no change."""
    rows = store.frame(
        """
        SELECT article_id, seen_at, former, title FROM (
            SELECT article_id, seen_at, title,
                lag(title) OVER (PARTITION BY article_id ORDER BY seen_at) AS former
            FROM article_titles WHERE site_id = $site)
        WHERE former IS NOT NULL AND seen_at >= $since AND seen_at <= $now
        """,
        site=site,
        since=since,
        now=now,
    )
    return [Moment("title", at, key, former, title) for key, at, former, title in rows.iter_rows()]


def _gaps(store: Store, site: str, today: Period, now: dt.datetime) -> list[Moment]:
    """List recorded gaps of today, and hours in which the collector seems to have stood still."""
    known = coverage(store, site, now)
    if known.views is None:
        return []
    hours = silences(store, site, today, "hour", now).filter("is_gap", pl.col("ends") > known.views[0])
    recorded = [gap for gap in known.gaps if gap[0] < min(now, today.ends) and gap[1] > today.begins]
    spans = sorted([*recorded, *[(begins, begins + HOUR) for begins in hours["begins"]]])
    joined: list[tuple[dt.datetime, dt.datetime]] = []
    for begins, ends in spans:
        first, last = joined.pop() if joined and begins <= joined[-1][1] else (begins, ends)
        joined.append((first, max(last, ends)))
    return [Moment("gap", begins, ends=ends) for begins, ends in joined]


def _names(store: Store, site: str, ids: Sequence[str]) -> dict[str, str]:
    rows = store.frame(
        """
        SELECT article_id, coalesce(title, url, article_id) FROM articles
        WHERE site_id = $site AND list_contains($ids, article_id)
        """,
        site=site,
        ids=list(ids),
    )
    return dict(rows.iter_rows())
