"""How the store is: rows, freshness, what was refused, what waits for a recount."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from analytics.metrics import FormulaSettings
from analytics.periods import Period
from analytics.queries.coverage import Coverage, coverage
from analytics.store.memory import CATALOGUE, Days
from analytics.store.sites import definitions
from analytics.store.store import Store, ask

TABLES = (
    "page_views",
    "engagements",
    "comment_states",
    "interactions",
    "articles",
    "authors",
    "topics",
    "view_facts",
    "comment_facts",
    "sessions",
)


def freshness(store: Store, site: str, now: dt.datetime) -> Coverage:
    """Read what the sources of a site cover and how far it is loaded."""
    return coverage(store, site, now)


def status(store: Store, now: dt.datetime) -> dict[str, Any]:
    """Sum up the home.

    Returns:
        tables (name -> rows), first_event, last_event, loaded_through (RFC 3339 or None), dirty_hours,
        rejected (reason -> rows).
    """
    known = [coverage(store, site, now) for site in store.frame("SELECT site_id FROM sites")["site_id"]]
    with store.read() as cursor:
        rows = {table: ask(cursor, f"SELECT count(*)::BIGINT AS n FROM {table}")["n"][0] for table in TABLES}
        rejected = ask(cursor, "SELECT reason, count(*)::BIGINT AS n FROM bad_events GROUP BY 1 ORDER BY 1")
    return {
        "tables": rows,
        "first_event": _least([each.first_event for each in known]),
        "last_event": _most([each.last_event for each in known]),
        "dirty_hours": dirty_hours(store),
        "loaded_through": _most([each.loaded_through for each in known]),
        "rejected": dict(rejected.rows()),
    }


def dirty_hours(store: Store) -> int:
    """Count the hours that wait for a recount."""
    question = "SELECT count(*)::BIGINT AS n FROM (SELECT DISTINCT site_id, hour_at FROM dirty_hours)"
    return int(store.frame(question)["n"][0])


def definition(store: Store, site: str, day: dt.date) -> int:
    """Tell which version of the definitions is in force on a local day."""
    question = """
        SELECT coalesce(max(version), 1)::BIGINT AS version FROM definitions
        WHERE site_id = $site AND from_day <= $day
    """
    version = store.memo(
        ("definition", site, day),
        lambda: store.frame(question, site=site, day=day)["version"][0],
        of=[CATALOGUE],
    )
    return int(version)


def changed_definitions(store: Store, site: str, period: Period) -> list[tuple[dt.date, int, str]]:
    """List the definition versions that begin in a period: what lies before is counted otherwise.

    Returns:
        First local day, version, and what changed, such as `read_after_s 10 → 15`; in order.
    """
    known = store.memo("definitions", lambda: definitions(store), of=[CATALOGUE]).get(site, [])
    return [
        (new.from_day, new.version, _differences(old.settings, new.settings))
        for old, new in pairwise(known)
        if period.first <= new.from_day <= period.last
    ]


def _differences(old: FormulaSettings, new: FormulaSettings) -> str:
    before, after = asdict(old), asdict(new)
    return ", ".join(
        f"{name} {before[name]} → {after[name]}" for name in before if before[name] != after[name]
    )


def gaps_in_catalogue(store: Store, site: str) -> dict[str, int]:
    """Count read articles that lack what boards need: a catalogue row, an author, a topic."""
    question = """
        WITH written AS (SELECT DISTINCT article_id FROM article_authors WHERE site_id = $site),
        filed AS (SELECT DISTINCT article_id FROM article_topics WHERE site_id = $site)
        SELECT count(*) FILTER (a.catalogued_at IS NULL)::BIGINT AS catalogue,
            count(*) FILTER (w.article_id IS NULL)::BIGINT AS author,
            count(*) FILTER (f.article_id IS NULL)::BIGINT AS topic, count(*)::BIGINT AS articles
        FROM articles AS a LEFT JOIN written AS w USING (article_id) LEFT JOIN filed AS f USING (article_id)
        WHERE a.site_id = $site
        """
    row = store.memo(("gaps", site), lambda: store.frame(question, site=site), of=[CATALOGUE])
    return row.to_dicts()[0]


def tells_reading(store: Store, site: str, first: dt.date, last: dt.date) -> bool:
    """Say whether any view of some local days can tell reading time; days without views do not deny it."""
    measured, views = store.memo(
        ("signals", site, first, last),
        lambda: _signals(store, site, first, last),
        of=[Days(site, first, last)],
    )
    return measured > 0 or views == 0


def _signals(store: Store, site: str, first: dt.date, last: dt.date) -> tuple[int, int]:
    measured, views = store.frame(
        """
        SELECT coalesce(sum(signal_views), 0)::BIGINT, coalesce(sum(views), 0)::BIGINT FROM dimension_days
        WHERE site_id = $site AND dimension = 'site' AND day_local BETWEEN $first AND $last
        """,
        site=site,
        first=first,
        last=last,
    ).row(0)
    return measured, views


def _least(times: list[dt.datetime | None]) -> str | None:
    known = [each for each in times if each is not None]
    return _text(min(known)) if known else None


def _most(times: list[dt.datetime | None]) -> str | None:
    known = [each for each in times if each is not None]
    return _text(max(known)) if known else None


def _text(at: dt.datetime) -> str:
    return at.isoformat(timespec="seconds") + "Z"
