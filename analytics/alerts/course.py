"""The curve beside an alert: what the figure did around it, with what is usual."""

from __future__ import annotations

import datetime as dt

import polars as pl

from analytics.alerts.kinds import LIVE, WAITING
from analytics.alerts.look import Eyes
from analytics.control.alerts import Rule
from analytics.periods import Period, local_day, local_time
from analytics.queries import library, watched
from analytics.queries.ask import Filter
from analytics.queries.expected import course
from analytics.reports.report import Point

BEFORE = {"hour": dt.timedelta(hours=24), "day": dt.timedelta(days=21)}
MOST_POINTS = 96
HOUR = dt.timedelta(hours=1)
_OF_HOURS = {"learned", "drop", "level", "change"}


def grain_of(rule: Rule) -> str:
    """Tell whether a rule's figure is followed by hours or by days."""
    return "day" if rule.kind in _OF_HOURS and rule.grain == "day" else "hour"


def points(
    eyes: Eyes, rule: Rule, entity: str, until: dt.datetime, since: dt.datetime | None = None
) -> list[Point]:
    """Give the course of an entity up to an instant, local time; empty where the kind has none.

    Args:
        eyes: The store and the clock.
        rule: What is watched.
        entity: Of which it is.
        until: Naive UTC.
        since: From when on; a day, or three weeks of a rule by days, before `until` by default.
    """
    begins = since or until - BEFORE[grain_of(rule)]
    if rule.kind == "expected":
        return _by_age(eyes, rule, entity, until)
    if rule.metric in WAITING:
        return _by_instants(eyes, rule, entity, begins, until)
    split = _split(rule)
    return [] if split is None else _counted(eyes, rule, split, entity, begins, until)


def _split(rule: Rule) -> str | None:
    """Name the dimension that an entity of a rule is of; empty: the whole site; None: it has no course."""
    if rule.kind in _OF_HOURS and rule.metric != LIVE:
        return "" if rule.dimension == "site" else rule.dimension
    return {"rising": "article", "storm": "article", "source": "source", "silent": ""}.get(rule.kind)


def _counted(
    eyes: Eyes, rule: Rule, split: str, entity: str, since: dt.datetime, until: dt.datetime
) -> list[Point]:
    """Count by hours or days, beside what is usual."""
    grain = grain_of(rule)
    days = Period(local_day(since, eyes.zone), local_day(until, eyes.zone), eyes.zone)
    rows = watched.beside_usual(
        eyes.store,
        rule.metric,
        Filter(rule.site_id),
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


def _by_instants(eyes: Eyes, rule: Rule, entity: str, since: dt.datetime, until: dt.datetime) -> list[Point]:
    """Look at a queue each hour, and at the end."""
    first = since.replace(minute=0, second=0, microsecond=0) + HOUR
    instants = [first + n * HOUR for n in range(max((until - first) // HOUR + 1, 0))]
    instants += [until] if not instants or instants[-1] < until else []
    rows = watched.waiting(eyes.store, rule.site_id, instants, by_article=rule.kind == "storm")
    value = "oldest_min" if rule.metric == "oldest_min" else "value"
    known = dict(rows.filter(pl.col("id") == entity).select("at", value).iter_rows())
    return [Point(at=_local(at, eyes.zone), value=known.get(at, 0.0)) for at in instants]


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
