"""Retiring: rows older than a site keeps them go, table by table; sums can outlive the events that made them.

A day whose events went is never recounted again: it would come out empty. So the days are written down with
the deletion, in one transaction, and the recount passes them over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import duckdb

from analytics.config import RETAINED
from analytics.events import RECORDS
from analytics.load.door import one
from analytics.store.archive.parts import BY_DAY, mark_days, mark_hours
from analytics.store.store import Store

_OLD = "site_id = $site AND day_local < $before"
# A comment's states stay together: the newest decides.
_OLD_COMMENTS = """site_id = $site AND comment_id NOT IN (
    SELECT comment_id FROM comment_states WHERE site_id = $site AND day_local >= $before)"""


def retire(store: Store, site_id: str, kept: Mapping[str, int], today: dt.date) -> dict[str, int]:
    """Delete what is older than it is kept, and write down of which days the events are gone.

    Args:
        store: The open store.
        site_id: The site.
        kept: Table -> local days kept, today not counted.
        today: Local day of now.

    Returns:
        Table -> rows deleted.

    Raises:
        StoreError: The disk refused; nothing was deleted.
    """
    done = {}
    with store.write() as cursor:
        for table in [each for each in RETAINED if each in kept]:
            before = today - dt.timedelta(days=kept[table])
            rows = _retire(cursor, table, {"site": site_id, "before": before})
            if rows:
                done[table] = rows
    return done


def due(store: Store, site_id: str, kept: Mapping[str, int], today: dt.date) -> dict[str, int]:
    """Count what `retire` would delete; table -> rows."""
    found = {}
    with store.read() as cursor:
        for table in [each for each in RETAINED if each in kept]:
            before = today - dt.timedelta(days=kept[table])
            values: dict[str, object] = {"site": site_id, "before": before}
            rows = one(cursor, f"SELECT count(*) FROM {table} WHERE {_old(table)}", values)
            if rows:
                found[table] = rows
    return found


def _retire(cursor: duckdb.DuckDBPyConnection, table: str, values: dict[str, object]) -> int:
    old = _old(table)
    first = cursor.execute(
        f"SELECT min(day_local), max(day_local) FROM {table} WHERE {old}", values
    ).fetchone()
    if table in RECORDS:
        _note(cursor, values)
    if not first or first[0] is None:
        return 0
    if table in RECORDS:
        times = cursor.execute(
            f"SELECT DISTINCT date_trunc('hour', event_at) AS event_at FROM {table} WHERE {old}", values
        )
        cursor.register("old_hours", times.pl())
        mark_hours(cursor, table, "old_hours", one(cursor, "SELECT nextval('load_gen')"))
        cursor.unregister("old_hours")
    elif table in BY_DAY:
        mark_days(cursor, *first)
    return one(cursor, f"DELETE FROM {table} WHERE {old}", values)


def _note(cursor: duckdb.DuckDBPyConnection, values: dict[str, object]) -> None:
    """Write down from which day on a site has all its events, and forget marks of the days before."""
    known = one(
        cursor, "SELECT count(*) FROM retired_days WHERE site_id = $site AND before_day >= $before", values
    )
    if not known:
        cursor.execute("DELETE FROM retired_days WHERE site_id = $site", {"site": values["site"]})
        cursor.execute("INSERT INTO retired_days VALUES ($site, $before)", values)
    cursor.execute(f"DELETE FROM dirty_hours WHERE {_OLD}", values)


def _old(table: str) -> str:
    return _OLD_COMMENTS if table == "comment_states" else _OLD
