"""Take a rule back: what it kept out is loaded as the events that they would have been."""

from __future__ import annotations

import datetime as dt

from analytics.collect import spool
from analytics.collect.spool import Record
from analytics.errors import UsageError
from analytics.events import RECORDS, Event
from analytics.load.batch import Batch, Loaded
from analytics.load.door import load
from analytics.load.drain import BATCH_ROWS, frame_of
from analytics.periods import Period
from analytics.store.store import Store


def readmit(store: Store, site_id: str, rule: str, period: Period, now: dt.datetime) -> Loaded:
    """Load what a rule kept out, once: killed between two batches and run again, nothing counts twice.

    Args:
        store: The open store.
        site_id: The site.
        rule: A reason such as `bot`, or one rule of it, `bot:monitoring`.
        period: Local days of the events.
        now: Naive UTC.

    Returns:
        What became of the events.

    Raises:
        UsageError: Nothing was kept out by that rule in these days.
    """
    reason, _, one = rule.partition(":")
    values = {"site": site_id, "reason": reason, "rule": one, "first": period.first, "last": period.last}
    done = Loaded()
    while True:
        rows = store.frame(
            f"""
            SELECT event_id::VARCHAR AS event_id, of_table, event::VARCHAR AS event FROM dropped_hits
            WHERE site_id = $site AND reason = $reason AND ($rule = '' OR rule = $rule)
                AND day_local BETWEEN $first AND $last LIMIT {BATCH_ROWS}
            """,
            **values,
        )
        if rows.is_empty():
            break
        found: dict[str, list[Event]] = {table: [] for table in RECORDS}
        for table, body in rows.select("of_table", "event").rows():
            found[table].append(spool.decode(Record(table, body.encode())))
        frames = {table: frame_of(table, events) for table, events in found.items() if events}
        done.add(load(store, Batch(events=frames), now))
        # Only now: what is loaded and still stands here is told from new by its id, and lost is nothing.
        with store.write() as cursor:
            cursor.register("taken", rows)
            cursor.execute(
                "DELETE FROM dropped_hits "
                "WHERE site_id = $site AND event_id::VARCHAR IN (SELECT event_id FROM taken)",
                {"site": site_id},
            )
    if not done.rows:
        raise UsageError(
            f"The rule {rule} kept nothing out from {period.first} to {period.last}.",
            "`tearsheet drops` lists what was kept out.",
        )
    return done
