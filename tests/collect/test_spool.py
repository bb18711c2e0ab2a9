"""The queue's files: read while written, sealed, adopted, quarantined, dropped."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.collect import spool
from analytics.collect.spool import Record
from analytics.errors import FileUnreadableError, StoreBusyError
from analytics.events import RECORDS, Event
from tests.collect.client import NOW

HOUR = dt.datetime(2026, 11, 22, 10)
BODIES = [b'{"n":%d}' % number + b"x" * 300 for number in range(200)]


def insert(database: sqlite3.Connection, first: int, records: list[Record]) -> None:
    rows = [spool.row_of(seq, record) for seq, record in enumerate(records, first)]
    database.executemany("INSERT INTO queue VALUES (?, ?, ?, ?, ?)", rows)


def crashed(home: Path, records: int = 200) -> Path:
    """A file whose writer died: no seal, no lock, the sidecar still there."""
    file, lock, database = spool.create(home, "w", HOUR)
    insert(database, 1, [Record("page_views", body) for body in BODIES[:records]])
    folder = file.parent
    kept = {side: Path(f"{file}{side}").read_bytes() for side in ("", "-wal")}
    database.close()  # checkpoints, which a dead writer does not: put back what it left
    for side, data in kept.items():
        Path(f"{file}{side}").write_bytes(data)
    os.close(lock)
    assert folder == spool.folder_of(home)
    return file


def sealed(home: Path, records: int = 200) -> Path:
    file = crashed(home, records)
    assert spool.adopt(home) == ([file], [])
    return file


@given(st.data())
@settings(deadline=None)  # the machine may be busy
def test_an_event_comes_out_as_it_went_in(data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(sorted(RECORDS)))
    event: Event = data.draw(st.builds(RECORDS[table], props=st.none() | st.just({"a": ["b", 1, None]})))

    assert event == spool.decode(Record(table, spool.encode(event)))


def test_a_file_is_read_while_it_is_written(tmp_path: Path) -> None:
    file, lock, database = spool.create(tmp_path, "w", HOUR)

    assert ([], False, [file]) == (spool.read(file, 0, 10), spool.is_sealed(file), spool.files(tmp_path))
    insert(database, 1, [Record("page_views", b"{}"), Record("interactions", b"[]", "bot:seo")])
    assert [(1, None), (2, "bot")] == [(row.seq, row.reason) for row in spool.read(file, 0, 10)]
    insert(database, 3, [Record("page_views", b"{}")])
    assert [3] == [row.seq for row in spool.read(file, 2, 10)]

    database.close()
    os.close(lock)


def test_a_living_writers_file_is_left_alone(tmp_path: Path) -> None:
    file, lock, database = spool.create(tmp_path, "w", HOUR)

    assert ([], []) == spool.adopt(tmp_path)
    assert not spool.is_sealed(file)

    database.close()
    os.close(lock)


def test_what_a_crash_left_is_read_at_once_and_sealed_whole(tmp_path: Path) -> None:
    file = crashed(tmp_path)

    before = spool.read(file, 0, 1000)
    assert ([file], []) == spool.adopt(tmp_path)
    assert before == spool.read(file, 0, 1000)
    assert [file.name] == [path.name for path in file.parent.iterdir()]
    assert (BODIES, 200, True) == ([row.body for row in before], spool.last_seq(file), spool.is_sealed(file))


def test_a_file_that_never_held_anything_goes(tmp_path: Path) -> None:
    file, lock, database = spool.create(tmp_path, "w", HOUR)
    database.close()
    os.close(lock)
    file.write_bytes(b"")

    spool.adopt(tmp_path)

    assert [] == list(file.parent.iterdir())


def test_files_stand_in_the_order_of_their_hours(tmp_path: Path) -> None:
    for worker, hours in (("b", 0), ("a", 2), ("c", 1)):
        _, lock, database = spool.create(tmp_path, worker, HOUR + dt.timedelta(hours=hours))
        database.close()
        os.close(lock)

    assert ["b", "c", "a"] == [file.name.split("-")[1] for file in spool.files(tmp_path)]


def test_a_torn_wal_is_a_clean_prefix(tmp_path: Path) -> None:
    whole = crashed(tmp_path)
    wal = Path(f"{whole}-wal").read_bytes()
    for cut in range(0, len(wal), 3001):
        home = tmp_path / str(cut)
        file = spool.folder_of(home) / whole.name
        file.write_bytes(whole.read_bytes())
        Path(f"{file}-wal").write_bytes(wal[:cut])
        file.with_suffix(".open").touch()

        spool.adopt(home)

        rows = spool.read(file, 0, 1000) if file.exists() else []
        assert BODIES[: len(rows)] == [row.body for row in rows]


def test_a_flipped_byte_ends_a_file_and_never_counts_wrong(tmp_path: Path) -> None:
    original = sealed(tmp_path / "original")
    data = original.read_bytes()
    for place in range(100, len(data), 997):
        file = tmp_path / original.name
        file.write_bytes(data[:place] + bytes([data[place] ^ 0x41]) + data[place + 1 :])
        rows: list[spool.Row] = []
        try:
            while found := spool.read(file, len(rows), 50):
                rows += found
        except (FileUnreadableError, StoreBusyError):
            pass
        else:
            assert len(rows) == 200

        assert BODIES[: len(rows)] == [row.body for row in rows]


@pytest.mark.parametrize("size", [0, 10, 4096, 20_000])
def test_a_file_that_lost_its_end_says_so(tmp_path: Path, size: int) -> None:
    file = sealed(tmp_path)
    os.truncate(file, size)

    def read_all() -> None:
        for after in range(201):
            spool.read(file, after, 1)

    with pytest.raises(FileUnreadableError):
        read_all()


def test_a_sealed_file_without_its_last_rows_says_so(tmp_path: Path) -> None:
    file = sealed(tmp_path)
    with sqlite3.connect(file) as database:
        database.execute("DELETE FROM queue WHERE seq > 150")
    database.close()

    assert 150 == len(spool.read(file, 0, 1000))
    with pytest.raises(FileUnreadableError, match="50 rows are missing"):
        spool.read(file, 150, 1000)


def test_a_corrupt_leftover_goes_to_quarantine_and_the_others_are_sealed(tmp_path: Path) -> None:
    broken, good = crashed(tmp_path), crashed(tmp_path)
    Path(f"{broken}-wal").unlink()
    broken.write_bytes(b"no database" * 1000)

    sealed_ones, damaged = spool.adopt(tmp_path)

    assert ([good], ["quarantine"]) == (sealed_ones, [path.parent.name for path in damaged])
    assert [good] == spool.files(tmp_path)


def test_a_damaged_file_moves_with_what_belongs_to_it(tmp_path: Path) -> None:
    file = crashed(tmp_path)

    moved = spool.quarantine(file)

    assert [file.name, f"{file.name}-wal"] == sorted(
        path.name for path in moved.parent.iterdir() if not path.name.endswith("-shm")
    )
    assert [] == spool.files(tmp_path)


def test_a_dropped_file_is_gone(tmp_path: Path) -> None:
    file = sealed(tmp_path)

    spool.drop(file)

    assert [] == list(file.parent.iterdir())
    with pytest.raises(FileNotFoundError):
        spool.read(file, 0, 1)


def test_a_file_tells_its_hour(tmp_path: Path) -> None:
    assert "2026112210" == spool.hour_of(sealed(tmp_path))
    assert NOW.hour == 10
