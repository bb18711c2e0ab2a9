"""The curve beside an alert: what the figure did in the hours before, with what is usual."""

from __future__ import annotations

import datetime as dt

import polars as pl

from analytics.alerts.kinds import LIVE
from analytics.alerts.look import Eyes
from analytics.control.alerts import Rule
from analytics.periods import Period, local_day, local_time
from analytics.queries import library, watched
from analytics.queries.ask import Filter
from analytics.queries.expected import course
from analytics.reports.report import Point

BEFORE = {"hour": dt.timedelta(hours=24), "day": dt.timedelta(days=21)}
MOST_POINTS = 96
_OF_HOURS = {"learned", "drop", "level", "change"}


def points(eyes: Eyes, rule: Rule, entity: str, until: dt.datetime) -> list[Point]:
    """Give the course of an entity up to an instant, local time; empty where the kind has none."""
    if rule.kind == "expected":
        return _by_age(eyes, rule, entity, until)
    if rule.kind == "rising":
        return _by_hours(eyes, rule.site_id, "views", "article", entity, "hour", until)
    if rule.kind == "storm" and rule.metric == "comments_created":
        return _by_hours(eyes, rule.site_id, rule.metric, "article", entity, "hour", until)
    if rule.kind in _OF_HOURS and rule.metric != LIVE:
        split = "" if rule.dimension == "site" else rule.dimension
        return _by_hours(eyes, rule.site_id, rule.metric, split, entity, rule.grain, until)
    if rule.kind == "silent":
        return _by_hours(eyes, rule.site_id, "page_loads", "", "", "hour", until)
    return []


def _by_hours(
    eyes: Eyes, site: str, name: str, split: str, entity: str, grain: str, until: dt.datetime
) -> list[Point]:
    since = until - BEFORE[grain]
    days = Period(local_day(since, eyes.zone), local_day(until, eyes.zone), eyes.zone)
    rows = watched.beside_usual(
        eyes.store,
        name,
        Filter(site),
        days,
        "day" if grain == "day" else "hour",
        eyes.now,
        split=split,
        ids=[entity] if split else [],
    )
    rows = rows.filter(pl.col("began") >= since, pl.col("began") < until)
    return [
        Point(
            at=_local(row["began"], eyes.zone),
            value=row["value"],
            p10=row["low"],
            median=row["middle"],
            p90=row["high"],
            is_complete=row["ends"] <= until,
        )
        for row in rows.to_dicts()
    ]


def _by_age(eyes: Eyes, rule: Rule, entity: str, until: dt.datetime) -> list[Point]:
    published = library.article(eyes.store, rule.site_id, entity).published_at
    if published is None:
        return []
    age = until - published
    rows = course(eyes.store, rule.site_id, entity, eyes.now, base=rule.metric, until=age)
    every = max(rows.height // MOST_POINTS, 1)
    return [
        Point(
            at=_local(published + dt.timedelta(hours=row["age_h"]), eyes.zone),
            value=row["value"],
            p10=row["p10"],
            median=row["p50"],
            p90=row["p90"],
        )
        for row in rows.gather_every(every).to_dicts()
    ]


def _local(at: dt.datetime, zone: str) -> dt.datetime:
    return local_time(at, zone).replace(tzinfo=None)  # charts lay out local time as it stands
