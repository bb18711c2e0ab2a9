"""Torn and flipped files of the queue: a clean prefix or quarantine, never a wrong row; the others load."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from analytics.collect import spool
from analytics.collect.spool import Record
from analytics.events import PageView
from analytics.load.drain import Drain
from tests.builders import frames, utc, view
from tests.newsroom import NOW, Newsroom

ROWS = 60
HOUR = utc(NOW).replace(minute=0)
SIZES = (0, 1, 99, 100, 4095, 4096, 4097, 9000, 20_000, -4097, -4096, -1)
FLIPS = 120 if os.environ.get("FAULT_ROUNDS") else 40
Damage = Callable[[Path], None]


def records(first: int) -> list[Record]:
    (frame,) = frames([view(f"v{first + n}", "2026-05-06 12:00") for n in range(ROWS)]).values()
    return [Record("page_views", spool.encode(PageView(**row))) for row in frame.to_dicts()]


def written(home: Path, first: int, *, sealed: bool) -> Path:
    """Write a file as a collector does, which then ends or dies."""
    file, lock, database = spool.create(home, "w", HOUR)
    rows = [spool.row_of(seq, each) for seq, each in enumerate(records(first), 1)]
    spool.insert(database, rows[: ROWS // 2])
    spool.insert(database, rows[ROWS // 2 :])
    if sealed:
        spool.seal(database, ROWS)
        database.close()
        spool.unlock(file, lock)
        return file
    left = {side: Path(f"{file}{side}").read_bytes() for side in ("", "-wal")}
    database.close()  # folds the log in, which the dead do not: put back what they leave
    for side, data in left.items():
        Path(f"{file}{side}").write_bytes(data)
    os.close(lock)
    return file


def cut(size: int) -> Damage:
    def damage(file: Path) -> None:
        with file.open("r+b") as opened:
            opened.truncate(max(size if size >= 0 else file.stat().st_size + size, 0))

    return damage


def flip(chance: random.Random) -> Damage:
    def damage(file: Path) -> None:
        data = bytearray(file.read_bytes())
        # Half of the flips hit the file's own header: it decides how all the rest is read.
        place = chance.randrange(100) if chance.random() < 0.5 else chance.randrange(len(data))
        data[place] ^= chance.randrange(1, 256)
        file.write_bytes(data)

    return damage


@pytest.fixture
def home(newsroom: Newsroom) -> Path:
    return newsroom.store.path.parent


def damaged_and_loaded(newsroom: Newsroom, home: Path, first: int, side: str, damage: Damage) -> list[int]:
    """Damage one of two files, empty the queue, and give the views of the damaged one."""
    bad = written(home, first, sealed=not side)
    good = written(home, first + ROWS, sealed=True)
    damage(Path(f"{bad}{side}"))
    looking = Drain(newsroom.store, home, b"x" * 32)
    for _ in range(6):
        looking.once(newsroom.now)
    found = newsroom.store.frame("SELECT view_id FROM page_views")["view_id"]
    numbers = sorted(int(each[1:]) for each in found if int(each[1:]) >= first)
    loaded = [number - first for number in numbers if number < first + ROWS]

    assert list(range(first + ROWS, first + 2 * ROWS)) == numbers[len(loaded) :], "the other file loads whole"
    aside = home / "spool" / "quarantine" / bad.name
    assert len(loaded) == ROWS or aside.exists() or side == "-wal", "what is missing is put aside and told"
    assert aside.exists() == (looking.quarantined == 1)
    assert not list((home / "spool").glob("*.open"))
    spool.drop(good)
    spool.drop(bad)
    shutil.rmtree(home / "spool" / "quarantine", ignore_errors=True)
    return loaded


@pytest.mark.parametrize("side", ["", "-wal"], ids=["sealed", "left by a crash"])
def test_a_torn_file_is_a_clean_prefix(newsroom: Newsroom, home: Path, side: str) -> None:
    for number, size in enumerate(SIZES):
        loaded = damaged_and_loaded(newsroom, home, 2 * ROWS * number, side, cut(size))

        assert list(range(len(loaded))) == loaded, size
    assert_nothing_wrong(newsroom)


@pytest.mark.parametrize("side", ["", "-wal"], ids=["sealed", "left by a crash"])
def test_a_flipped_byte_is_a_clean_prefix(newsroom: Newsroom, home: Path, side: str) -> None:
    chance = random.Random(FLIPS)  # noqa: S311 chooses bytes
    for number in range(FLIPS // (2 if side else 1)):
        loaded = damaged_and_loaded(newsroom, home, 2 * ROWS * number, side, flip(chance))

        assert list(range(len(loaded))) == loaded, number
    assert_nothing_wrong(newsroom)


def assert_nothing_wrong(newsroom: Newsroom) -> None:
    """Every row is one that was sent: all of them are alike but for their ids."""
    different = newsroom.store.frame(
        "SELECT DISTINCT * EXCLUDE (event_id, view_id, visitor, article_id, url) FROM page_views"
    )
    assert 1 == different.height
    assert newsroom.store.frame("FROM bad_events").is_empty()


def test_a_row_that_the_store_cannot_hold_stops_nothing(newsroom: Newsroom, home: Path) -> None:
    file, lock, database = spool.create(home, "w", HOUR)
    sent = records(0)
    sent[17] = Record("page_views", sent[17].body.replace(b'"event_id":"', b'"event_id":"no-uuid-'))
    with closing(database):
        spool.insert(database, [spool.row_of(seq, each) for seq, each in enumerate(sent, 1)])
        spool.seal(database, ROWS)
    spool.unlock(file, lock)
    looking = Drain(newsroom.store, home, b"x" * 32)
    while looking.once(newsroom.now):
        pass

    found = newsroom.store.frame("SELECT view_id FROM page_views")["view_id"]
    assert {f"v{n}" for n in range(ROWS) if n != 17} == set(found)
    refused = newsroom.store.frame("SELECT line, reason FROM bad_events").rows()
    assert [(18, "malformed")] == refused


def test_a_full_queue_folder_is_told_apart_from_a_damaged_file(newsroom: Newsroom, home: Path) -> None:
    file = written(home, 0, sealed=True)
    with closing(sqlite3.connect(file)) as holding:
        holding.execute("BEGIN EXCLUSIVE")
        looking = Drain(newsroom.store, home, b"x" * 32)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(spool, "BUSY_WAIT_S", 0.01)
            assert 0 == looking.once(newsroom.now)
        holding.rollback()

    assert ROWS == looking.once(newsroom.now)
    assert 0 == looking.quarantined
