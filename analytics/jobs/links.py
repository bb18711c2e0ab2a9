"""Let go of the link over midnight, two days later: then nobody can tell that two days are one reader.

What is kept is what a session over midnight says by itself: who was there in the half hour before midnight
and in the one after it. A day can so be recounted at any time, with the same sessions.
"""

from __future__ import annotations

import datetime as dt

import duckdb

from analytics.periods import Period
from analytics.store.archive.archive import SEALED_AFTER
from analytics.store.archive.parts import EVENTS
from analytics.store.store import Store, ask


def seal(store: Store, now: dt.datetime) -> int:
    """Clear `visitor_prev` of every local day that ended two days ago and is counted.

    Args:
        store: The open store.
        now: Naive UTC.

    Returns:
        Days sealed.
    """
    due = store.frame(
        """
        SELECT r.site_id, s.zone, r.day_local, coalesce(r.whole_at < r.rolled_at, false) AS is_patched
        FROM rolled_days AS r JOIN sites AS s USING (site_id)
        WHERE r.sealed_at IS NULL AND r.open_until IS NULL AND r.day_local < $before
            AND NOT EXISTS (FROM dirty_hours AS d WHERE d.site_id = r.site_id AND d.day_local = r.day_local)
        ORDER BY r.site_id, r.day_local
        """,
        before=(now - SEALED_AFTER).date(),
    )
    over = [
        (site, Period(day, day, zone), is_patched)
        for site, zone, day, is_patched in due.rows()
        if Period(day, day, zone).ends + SEALED_AFTER <= now
    ]
    for site, period, is_patched in over:
        day = period.first
        with store.write() as cursor:
            _seal(cursor, {"site": site, "day": day, "before": day - dt.timedelta(days=1), "now": now})
            if is_patched:  # a day that was counted by who changed is counted whole once, at last
                values = {"site": site, "begins": period.begins, "day": day}
                cursor.execute("INSERT INTO dirty_hours VALUES ($site, $begins, $day, 0)", values)
    return len(over)


def _seal(cursor: duckdb.DuckDBPyConnection, values: dict[str, object]) -> None:
    # A day that was sealed before has links already: what came late joins them.
    kept = ask(
        cursor,
        """
        SELECT site_id, day_local, visitor, arg_min(visitor_prev, moment) AS visitor_prev,
            max(moment) AS last_at
        FROM (
            SELECT site_id, day_local, visitor, visitor_prev, event_at AS moment FROM page_views
            UNION ALL SELECT site_id, day_local, visitor, visitor_prev, event_at FROM engagements
            UNION ALL SELECT site_id, day_local, visitor, visitor_prev, last_at FROM session_links)
        WHERE site_id = $site AND day_local = $day AND visitor IS NOT NULL AND visitor_prev IN (
            SELECT visitor FROM session_carry WHERE site_id = $site AND day_local = $before)
        GROUP BY site_id, day_local, visitor
        """,
        **values,
    )
    of_day = {name: values[name] for name in ("site", "day")}
    cursor.execute("DELETE FROM session_links WHERE site_id = $site AND day_local = $day", of_day)
    cursor.register("kept", kept)
    cursor.execute("INSERT INTO session_links SELECT * FROM kept")
    cursor.unregister("kept")
    for table in EVENTS:
        cursor.execute(
            f"UPDATE {table} SET visitor_prev = NULL "
            "WHERE site_id = $site AND day_local = $day AND visitor_prev IS NOT NULL",
            of_day,
        )
    cursor.execute(
        "UPDATE rolled_days SET sealed_at = $now WHERE site_id = $site AND day_local = $day",
        of_day | {"now": values["now"]},
    )
