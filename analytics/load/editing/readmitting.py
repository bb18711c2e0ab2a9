"""Take a rule back: what it kept out is loaded as the events that they would have been, and can go again."""

from __future__ import annotations

import polars as pl

from analytics import wording
from analytics.catalog.edits import Readmit
from analytics.collect import spool
from analytics.collect.spool import Record
from analytics.errors import UsageError
from analytics.events import RECORDS, Event
from analytics.language import _
from analytics.load.batch import Batch, Loaded
from analytics.load.door import mark_events, write
from analytics.load.drain import BATCH_ROWS, frame_of
from analytics.load.editing.room import Before, Room
from analytics.store.archive.parts import mark_hours

_COLUMNS = "site_id, event_id, received_at, day_local, of_table, reason, rule, event"


def readmit(room: Room, edit: Readmit) -> tuple[str, str | None, Before]:
    """Load what a rule kept out.

    Raises:
        UsageError: Nothing was kept out by that rule in these days.
    """
    reason, _colon, rule = edit.rule.partition(":")
    values = {"reason": reason, "rule": rule, "first": edit.first, "last": edit.last}
    kept = (
        "site_id = $site AND reason = $reason AND ($rule = '' OR rule = $rule) "
        "AND day_local BETWEEN $first AND $last"
    )
    for table in RECORDS:  # sent again and counted since
        room.do(
            f"DELETE FROM dropped_hits WHERE {kept} AND of_table = '{table}' AND event_id IN "
            f"(SELECT event_id FROM {table} WHERE site_id = $site AND day_local BETWEEN $first AND $last)",
            **values,
        )
    room.do(
        f"INSERT INTO readmitted_hits SELECT {_COLUMNS}, $edit FROM dropped_hits WHERE {kept}",
        edit=room.edit_id,
        **values,
    )
    room.do(f"DELETE FROM dropped_hits WHERE {kept}", **values)
    done = Loaded()
    while rows := _next(room, sum(done.rows.values())):
        done.add(write(room.cursor, Batch(events=rows), room.now, room.gen))
    if not done.rows:
        raise UsageError(
            _(
                "The rule {rule} kept nothing out from {first} to {last}.",
                rule=edit.rule,
                first=edit.first,
                last=edit.last,
            ),
            _("`tearsheet drops` lists what was kept out."),
        )
    views = done.rows.get("page_views", 0)
    words = _(
        "Counted what the rule {rule} kept out from {first} to {last}: {loads}",
        rule=edit.rule,
        first=edit.first,
        last=edit.last,
        loads=wording.counted(views, "load"),
    )
    return words, None, {"loaded": done.rows}


def keep_out(room: Room, edit: Readmit) -> None:
    """Take the events out of the counts again.

    Raises:
        UsageError: They are older than what rules keep out is kept.
    """
    own = f"SELECT event_id FROM readmitted_hits WHERE site_id = $site AND edit_id = '{room.edit_id}'"
    if not room.rows(f"{own} LIMIT 1"):
        raise UsageError(
            _("What {rule} kept out is older than 30 days.", rule=edit.rule), _("It stays counted.")
        )
    for table in RECORDS:
        room.do(
            f"CREATE OR REPLACE TEMP TABLE fresh AS FROM {table} WHERE site_id = $site "
            f"AND event_id IN ({own} AND of_table = '{table}')"
        )
        mark_events(room.cursor, table, room.gen)
        mark_hours(room.cursor, table, "fresh", room.gen)
        room.cursor.execute("DROP TABLE fresh")
    for table in RECORDS:
        room.do(f"DELETE FROM {table} WHERE site_id = $site AND event_id IN ({own} AND of_table = '{table}')")
    room.do(f"INSERT INTO dropped_hits SELECT {_COLUMNS} FROM readmitted_hits WHERE event_id IN ({own})")
    room.do(f"DELETE FROM readmitted_hits WHERE site_id = $site AND edit_id = '{room.edit_id}'")


def _next(room: Room, after: int) -> dict[str, pl.DataFrame]:
    rows = room.rows(
        f"""
        SELECT of_table, event::VARCHAR AS event FROM readmitted_hits
        WHERE site_id = $site AND edit_id = $edit ORDER BY event_id LIMIT {BATCH_ROWS} OFFSET {after}
        """,
        edit=room.edit_id,
    )
    found: dict[str, list[Event]] = {table: [] for table in RECORDS}
    for row in rows:
        found[row["of_table"]].append(spool.decode(Record(row["of_table"], row["event"].encode())))
    return {table: frame_of(table, events) for table, events in found.items() if events}
