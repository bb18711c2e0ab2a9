"""Which days must be recounted, in which runs, until none is dirty."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import structlog

from analytics.jobs.reading import Run
from analytics.jobs.recount import recount
from analytics.jobs.visitors import recount_visitors
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
        days = _due(store, now, everything=everything)
        if not days:
            break
        total, whole = done + len(days), []
        for day in days:
            views = recount_visitors(store, _run([day]), now) if day.is_known else None
            if views is None:
                whole.append(day)
                continue
            log.info("recounted who changed", site=day.site_id, day=str(day.day_local), views=views)
            done += 1
            progress(min(done, total), total)
        for run in _runs(_sized(store, whole)):
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


@dataclass(frozen=True, slots=True)
class _Day:
    site_id: str
    zone: str
    day_local: dt.date
    gen: int
    is_known: bool  # who changed in it
    definition: Definition
    views: int = 0

    def is_followed_by(self, other: _Day) -> bool:
        return (
            self.site_id == other.site_id
            and self.definition == other.definition
            and other.day_local - self.day_local == dt.timedelta(days=1)
        )


def _due(store: Store, now: dt.datetime, *, everything: bool) -> list[_Day]:
    """List the days to recount, in order."""
    extra = (
        """
        UNION ALL SELECT DISTINCT site_id, day_local, 0, false FROM page_views
        UNION ALL SELECT DISTINCT site_id, day_local, 0, false FROM comment_states
        UNION ALL SELECT DISTINCT site_id, day_local, 0, false FROM rolled_days
        """
        if everything
        else ""
    )
    found = store.frame(
        f"""
        WITH known AS (SELECT DISTINCT site_id, day_local, gen FROM dirty_parts),
        due AS (
            SELECT d.site_id, d.day_local, d.gen, k.gen IS NOT NULL AS is_known
            FROM dirty_hours AS d LEFT JOIN known AS k USING (site_id, day_local, gen)
            UNION ALL
            SELECT site_id, day_local, 0, true FROM rolled_days WHERE open_until < $now
            {extra}),
        days AS (
            SELECT site_id, day_local, max(gen) AS gen, bool_and(is_known) AS is_known FROM due
            -- Where the events went by their retention, a recount would empty the sums that they made.
            WHERE NOT EXISTS (
                FROM retired_days AS r WHERE r.site_id = due.site_id AND due.day_local < r.before_day)
            GROUP BY ALL)
        SELECT d.site_id, s.zone, d.day_local, max(d.gen) OVER (PARTITION BY d.site_id) AS gen, d.is_known
        FROM days AS d JOIN sites AS s USING (site_id) ORDER BY d.site_id, d.day_local
        """,
        now=now,
    )
    if found.is_empty():
        return []
    versions = definitions(store)
    return [
        _Day(**row, definition=_in_force(versions[row["site_id"]], row["day_local"]))
        for row in found.to_dicts()
    ]


def _sized(store: Store, days: list[_Day]) -> list[_Day]:
    """Say of days how many views each has, so that no run grows too large."""
    if not days:
        return []
    sizes = store.frame(
        f"""
        SELECT site_id, day_local, count(*) AS views FROM page_views
        WHERE day_local BETWEEN DATE '{min(day.day_local for day in days)}'
            AND DATE '{max(day.day_local for day in days)}'
        GROUP BY ALL
        """
    )
    views = {(site, day): n for site, day, n in sizes.rows()}
    return [replace(day, views=views.get((day.site_id, day.day_local), 0)) for day in days]


def _runs(due: list[_Day]) -> Iterator[Run]:
    """Cut the days into runs of consecutive ones under one definition, none much larger than RUN_VIEWS."""
    days: list[_Day] = []
    for day in due:
        full = sum(each.views for each in days) + day.views > RUN_VIEWS
        if days and (full or not days[-1].is_followed_by(day)):
            yield _run(days)
            days = []
        days.append(day)
    if days:
        yield _run(days)


def _in_force(versions: list[Definition], day: dt.date) -> Definition:
    return max((each for each in versions if each.from_day <= day), key=lambda each: each.version)


def _run(days: list[_Day]) -> Run:
    first, last = days[0], days[-1]
    period = Period(first.day_local, last.day_local, first.zone)
    return Run(first.site_id, period, first.definition.version, first.definition.settings, last.gen)
