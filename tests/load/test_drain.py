"""The queue into the store: every row once, whatever happens between."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from analytics.collect import spool
from analytics.collect.spool import Record
from analytics.events import RECORDS
from analytics.load import drain as drain_room
from analytics.load.drain import Drain
from tests.builders import Row, engagement, frames, utc, view
from tests.newsroom import Newsroom

SECRET = b"x" * 32
HOUR = dt.datetime(2026, 5, 6, 12)


def queued(home: Path, records: Sequence[Record], *, sealed: bool = True, after: int = 0) -> Path:
    """Write a file of the queue, as a collector does."""
    file, lock, database = spool.create(home, "w1", HOUR)
    with closing(database):
        database.executemany(
            "INSERT INTO queue VALUES (?, ?, ?, ?, ?)",
            [spool.row_of(seq, record) for seq, record in enumerate(records, start=after + 1)],
        )
        if sealed:
            spool.seal(database, len(records))
    if sealed:
        spool.unlock(file, lock)
    return file


def records(*rows: Row, dropped: str | None = None) -> list[Record]:
    return [
        Record(table, spool.encode(RECORDS[table](**row)), dropped)
        for table, frame in frames(rows).items()
        for row in frame.to_dicts()
    ]


def drain(newsroom: Newsroom) -> Drain:
    return Drain(newsroom.store, newsroom.store.path.parent, SECRET)


def counted(newsroom: Newsroom, table: str = "page_views") -> int:
    return int(newsroom.store.frame(f"SELECT count(*)::BIGINT AS n FROM {table}")["n"][0])


def test_queued_events_are_loaded_and_counted(newsroom: Newsroom) -> None:
    queued(
        newsroom.store.path.parent,
        records(view("v1", "2026-05-06 12:00"), engagement("v1", "2026-05-06 12:01", 20_000, acts=3)),
    )

    assert 2 == drain(newsroom).once(newsroom.now)
    assert (1, 1) == (counted(newsroom), counted(newsroom, "engagements"))
    newsroom.recount()
    assert [True] == newsroom.store.frame("SELECT is_read FROM view_facts")["is_read"].to_list()


def test_a_second_look_takes_nothing_twice(newsroom: Newsroom) -> None:
    queued(
        newsroom.store.path.parent, records(view("v1", "2026-05-06 12:00"), view("v2", "2026-05-06 12:01"))
    )
    first = drain(newsroom)

    assert [2, 0, 0] == [first.once(newsroom.now) for _ in range(3)]
    assert 0 == drain(newsroom).once(newsroom.now), "a restart goes on where the store stands"
    assert 2 == counted(newsroom)


def test_a_file_is_loaded_in_batches(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain_room, "BATCH_ROWS", 2)
    queued(newsroom.store.path.parent, records(*(view(f"v{n}", "2026-05-06 12:00") for n in range(5))))
    looking = drain(newsroom)

    assert [2, 2, 1, 0] == [looking.once(newsroom.now) for _ in range(4)]
    assert 5 == counted(newsroom)


def test_a_retry_in_another_file_counts_once(newsroom: Newsroom) -> None:
    home = newsroom.store.path.parent
    again = records(view("v1", "2026-05-06 12:00"))
    queued(home, again)
    queued(home, again)

    assert 2 == drain(newsroom).once(newsroom.now)
    assert 1 == counted(newsroom)


def test_one_poisonous_row_among_many_stops_nothing(newsroom: Newsroom) -> None:
    good = records(*(view(f"v{n}", "2026-05-06 12:00") for n in range(50)))
    poison = Record("page_views", b'{"site_id": 7, "secret": "203.0.113.9"}', None)
    queued(newsroom.store.path.parent, [*good[:25], poison, *good[25:]])

    assert 51 == drain(newsroom).once(newsroom.now)
    assert 50 == counted(newsroom)
    bad = newsroom.store.frame("SELECT source, line, reason, hash FROM bad_events").row(0)
    assert ("spool", 26, "malformed") == bad[:3]
    assert "203.0.113.9" not in bad[3]


def test_a_drop_is_kept_apart_for_thirty_days(newsroom: Newsroom) -> None:
    home = newsroom.store.path.parent
    queued(home, records(view("v1", "2026-05-06 12:00"), dropped="bot:monitoring"))
    drain(newsroom).once(newsroom.now)

    kept = newsroom.store.frame("SELECT reason, rule, of_table FROM dropped_hits").rows()
    assert [("bot", "monitoring", "page_views")] == kept
    assert 0 == counted(newsroom)

    newsroom.now = utc("2026-06-10 12:00")
    queued(home, records(view("v2", "2026-06-10 11:00"), dropped="staff"))
    drain(newsroom).once(newsroom.now)
    assert ["staff"] == newsroom.store.frame("SELECT reason FROM dropped_hits")["reason"].to_list()


def test_a_damaged_file_is_put_aside_and_the_others_go_on(newsroom: Newsroom) -> None:
    home = newsroom.store.path.parent
    damaged = queued(home, records(view("v1", "2026-05-06 12:00")))
    with closing(sqlite3.connect(damaged)) as database:
        database.execute("UPDATE queue SET record = ?", (b"{}",))
        database.commit()
    queued(home, records(view("v2", "2026-05-06 12:00")))
    looking = drain(newsroom)
    while looking.once(newsroom.now):
        pass

    assert ["v2"] == newsroom.store.frame("SELECT view_id FROM page_views")["view_id"].to_list()
    assert 1 == looking.quarantined
    assert (home / "spool" / "quarantine" / damaged.name).exists()


def test_a_file_goes_when_it_is_loaded_and_old(newsroom: Newsroom) -> None:
    file = queued(newsroom.store.path.parent, records(view("v1", "2026-05-06 12:00")))
    looking = drain(newsroom)
    while looking.once(newsroom.now):
        pass

    assert 0 == looking.tidy(newsroom.now)
    assert file.exists()
    assert 1 == looking.tidy(newsroom.now + dt.timedelta(hours=50))
    assert not file.exists()


def test_a_file_that_is_still_written_is_read_as_far_as_it_goes(newsroom: Newsroom) -> None:
    home = newsroom.store.path.parent
    file, lock, database = spool.create(home, "w1", HOUR)
    looking = drain(newsroom)
    with closing(database):
        for seq, record in enumerate(
            records(view("v1", "2026-05-06 12:00"), view("v2", "2026-05-06 12:00")), 1
        ):
            database.execute("INSERT INTO queue VALUES (?, ?, ?, ?, ?)", spool.row_of(seq, record))
            assert 1 == looking.once(newsroom.now)
    spool.unlock(file, lock)

    assert 2 == counted(newsroom)


def test_a_reading_without_a_view_id_finds_the_visitors_latest_view_of_the_page(newsroom: Newsroom) -> None:
    home = newsroom.store.path.parent
    queued(home, records(view("v1", "2026-05-06 11:00"), view("v2", "2026-05-06 12:00")))
    drain(newsroom).once(newsroom.now)
    queued(
        home, records(engagement(None, "2026-05-06 12:01", 7_000, mode="sum", url="https://news.example/A1"))
    )
    drain(newsroom).once(newsroom.now)

    assert ["v2"] == newsroom.store.frame("SELECT view_id FROM engagements")["view_id"].to_list()
