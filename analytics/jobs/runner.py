"""Which days must be recounted, in which runs, until none is dirty."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl
import structlog

from analytics.jobs.recount import Run, recount
from analytics.periods import Period
from analytics.store.sites import Definition, definitions
from analytics.store.store import Store

RUN_VIEWS = 250_000  # a run of this many views needs some 500 MB and a second or two
ROUNDS = 50  # a session over midnight dirties a neighbour; this many in a row never end

log = structlog.get_logger()


def run_all(
    store: Store,
    now: dt.datetime,
    *,
    everything: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """Recount every dirty day.

    Args:
        store: The open store.
        now: Naive UTC.
        everything: Recount all days with events, dirty or not.
        progress: Called with days done and days to do.

    Returns:
        Number of days recounted.
    """
    done = 0
    for _ in range(ROUNDS):
        dirty = _dirty_days(store, now, everything=everything)
        if dirty.is_empty():
            break
        total = done + dirty.height
        for run in _runs(store, dirty):
            views = recount(store, run, now)
            log.info(
                "recounted",
                site=run.site_id,
                first=str(run.period.first),
                days=run.period.length,
                views=views,
            )
            done += run.period.length
            progress(min(done, total), total)
        everything = False
    return done


def _dirty_days(store: Store, now: dt.datetime, *, everything: bool) -> pl.DataFrame:
    """List site_id, zone, day_local, views, gen of the days to recount, in order."""
    extra = (
        """
        UNION ALL SELECT DISTINCT site_id, day_local, 0 FROM page_views
        UNION ALL SELECT DISTINCT site_id, day_local, 0 FROM comment_states
        UNION ALL SELECT DISTINCT site_id, day_local, 0 FROM rolled_days
        """
        if everything
        else ""
    )
    return store.frame(
        f"""
        WITH due AS (
            SELECT site_id, day_local, gen FROM dirty_hours
            UNION ALL
            SELECT site_id, day_local, 0 FROM rolled_days WHERE open_until < $now
            {extra}),
        days AS (
            SELECT site_id, day_local, max(gen) AS gen FROM due
            -- Where the events went by their retention, a recount would empty the sums that they made.
            WHERE NOT EXISTS (
                FROM retired_days AS r WHERE r.site_id = due.site_id AND due.day_local < r.before_day)
            GROUP BY ALL),
        sizes AS (
            SELECT site_id, day_local, count(*) AS views FROM page_views
            SEMI JOIN days USING (site_id, day_local) GROUP BY ALL)
        SELECT d.site_id, s.zone, d.day_local, coalesce(z.views, 0) AS views,
            max(d.gen) OVER (PARTITION BY d.site_id) AS gen
        FROM days AS d JOIN sites AS s USING (site_id) LEFT JOIN sizes AS z USING (site_id, day_local)
        ORDER BY d.site_id, d.day_local
        """,
        now=now,
    )


def _runs(store: Store, dirty: pl.DataFrame) -> Iterator[Run]:
    """Cut the days into runs of consecutive ones under one definition, none much larger than RUN_VIEWS."""
    versions = definitions(store)
    days: list[_Day] = []
    for row in dirty.to_dicts():
        day = _Day(**row, definition=_in_force(versions[row["site_id"]], row["day_local"]))
        full = sum(each.views for each in days) + day.views > RUN_VIEWS
        if days and (full or not days[-1].is_followed_by(day)):
            yield _run(days)
            days = []
        days.append(day)
    if days:
        yield _run(days)


@dataclass(frozen=True, slots=True)
class _Day:
    site_id: str
    zone: str
    day_local: dt.date
    views: int
    gen: int
    definition: Definition

    def is_followed_by(self, other: _Day) -> bool:
        return (
            self.site_id == other.site_id
            and self.definition == other.definition
            and other.day_local - self.day_local == dt.timedelta(days=1)
        )


def _in_force(versions: list[Definition], day: dt.date) -> Definition:
    return max((each for each in versions if each.from_day <= day), key=lambda each: each.version)


def _run(days: list[_Day]) -> Run:
    first, last = days[0], days[-1]
    period = Period(first.day_local, last.day_local, first.zone)
    return Run(first.site_id, period, first.definition.version, first.definition.settings, last.gen)
