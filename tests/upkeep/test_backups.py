"""Backups are whole or not there; what is restored is one state, and nothing acknowledged is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from analytics import config
from analytics.collect import spool
from analytics.errors import FileUnreadableError, StoreBusyError, StoreError, UsageError
from analytics.upkeep import backups, restoring
from tests.builders import frames, utc, view
from tests.commands import tearsheet
from tests.newsroom import NOW
from tests.upkeep.homes import desk_at, home_of, records, views_in

LATER = utc("2026-05-07 09:00")


@pytest.fixture
def home(tmp_path: Path, empty_file: Path) -> Path:
    return home_of(tmp_path / "home", empty_file)


def filled(home: Path, *names: str) -> Path:
    """Make a backup of a home in which these views are counted."""
    desk = desk_at(home)
    desk.take(frames([view(name, "2026-05-05 12:00", visitor=name) for name in names]))
    made = desk.backup()
    desk.close()
    return made.path


# --- what is in one ----------------------------------------------------------------------------------------


def test_a_backup_holds_all_but_salts(home: Path) -> None:
    (home / "salts").mkdir()
    (home / "salts" / "today").write_bytes(b"salt")
    made = filled(home, "v1", "v2")
    found = backups.named(made.parent, "latest")

    assert {Path(name).parts[0] for name in found.manifest.files} == {
        "readers.duckdb",
        "control.sqlite",
        "tearsheet.toml",
        "secrets",
    }
    assert found.manifest.rows["page_views"] == 2
    assert (made.stat().st_mode & 0o777) == 0o700


def test_a_restored_home_is_as_of_its_backup(home: Path, tmp_path: Path) -> None:
    made = filled(home, "v1", "v2")
    desk = desk_at(home)
    desk.take(frames([view("v3", "2026-05-05 13:00")]))
    desk.close()
    key = (home / "secrets" / "ids.key").read_bytes()
    kept = restoring.restore(home, backups.named(made.parent, made.name), LATER)

    assert views_in(home) == ["v1", "v2"]
    assert (home / "secrets" / "ids.key").read_bytes() == key
    assert (kept / "readers.duckdb").exists()
    assert (
        restoring.restore(tmp_path / "fresh", backups.named(made.parent, "latest"), LATER).exists() is False
    )
    assert views_in(tmp_path / "fresh") == ["v1", "v2"]


def test_events_that_wait_in_the_queue_are_in_a_backup(home: Path, tmp_path: Path) -> None:
    file, lock, database = spool.create(home, "w1", utc("2026-05-06 12:00"))
    spool.insert(database, [spool.row_of(1, *records(view("v1", "2026-05-06 12:00")))])
    made = filled(home, "v0")
    database.close()
    os.close(lock)
    restoring.restore(tmp_path / "fresh", backups.named(made.parent, made.name), LATER)

    assert views_in(tmp_path / "fresh") == ["v0", "v1"]
    assert not spool.is_sealed(file)


def test_the_queue_that_is_still_there_brings_what_came_after(home: Path) -> None:
    _, lock, database = spool.create(home, "w1", utc("2026-05-06 12:00"))
    spool.insert(database, [spool.row_of(1, *records(view("v1", "2026-05-06 12:00")))])
    made = filled(home, "v0")
    spool.insert(database, [spool.row_of(2, *records(view("v2", "2026-05-06 12:30")))])
    database.close()
    os.close(lock)
    views_in(home)
    restoring.restore(home, backups.named(made.parent, made.name), LATER)

    assert views_in(home) == ["v0", "v1", "v2"]


def test_nothing_acknowledged_before_a_backup_under_load_is_lost(home: Path, tmp_path: Path) -> None:
    desk = desk_at(home)
    acknowledged: list[str] = []
    is_over = threading.Event()

    def collect() -> None:
        while not is_over.is_set():
            file, lock, database = spool.create(home, "w1", utc(NOW))
            with closing(database):
                for seq in range(1, 31):
                    name = f"v{len(acknowledged):05}"
                    spool.insert(database, [spool.row_of(seq, *records(view(name, NOW, visitor=name)))])
                    acknowledged.append(name)
                with suppress(sqlite3.OperationalError):  # it is being read: the desk seals it later
                    spool.seal(database, 30)
                    spool.unlock(file, os.dup(lock))
            os.close(lock)

    def load() -> None:
        while not is_over.is_set():
            desk.load_queue()

    threads = [threading.Thread(target=work) for work in (collect, load)]
    for thread in threads:
        thread.start()
    before = []
    for _ in range(3):
        time.sleep(0.2)
        before.append((list(acknowledged), desk.backup(keep=10)))
    is_over.set()
    for thread in threads:
        thread.join()
    desk.close()

    assert len(before[-1][0]) > len(before[0][0]) > 0
    for number, (known, made) in enumerate(before):
        restoring.restore(tmp_path / f"r{number}", made, LATER)
        found = views_in(tmp_path / f"r{number}")
        assert set(known) <= set(found)
        assert len(found) == len(set(found))


# --- kills -------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone."""


def dying(after: int, real: Callable[..., Any]) -> Callable[..., Any]:
    """A step that ends the process at its n-th call."""
    calls = iter(range(1000))

    def step(*args: Any, **more: Any) -> Any:
        if next(calls) == after:
            raise Killed
        return real(*args, **more)

    return step


@pytest.mark.parametrize("name", ["rename", "replace", "unlink", "mkdir"])
@pytest.mark.parametrize("after", range(3))
def test_a_restore_that_is_killed_leaves_the_old_or_the_new(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, after: int
) -> None:
    made = filled(home, "v1", "v2")
    desk = desk_at(home)
    desk.take(frames([view("v3", "2026-05-05 13:00")]))
    desk.close()
    with monkeypatch.context() as patched:
        patched.setattr(Path, name, dying(after, getattr(Path, name)))
        with suppress(Killed):
            restoring.restore(home, backups.named(made.parent, made.name), LATER)
    is_planned = (home / restoring.PLAN).exists()
    found = views_in(home)

    assert found in (["v1", "v2"], ["v1", "v2", "v3"])
    assert found == ["v1", "v2"] or not is_planned
    assert not (home / restoring.PLAN).exists()
    assert not (home / restoring.STAGED).exists()


def test_a_backup_that_is_killed_is_none(home: Path) -> None:
    filled(home, *(f"v{number:04}" for number in range(2000)))
    for number in range(4):
        command = [
            sys.executable,
            "-c",
            "from dashboards.main import main; main()",
            "--home",
            str(home),
            "backup",
        ]
        environ = {**os.environ, "TEARSHEET_NOW": f"2026-05-07T09:0{number}:00Z"}
        with subprocess.Popen(
            command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            until = time.monotonic() + 60
            while not list((home / "backups").glob(".*.new")) and process.poll() is None:
                assert time.monotonic() < until
                time.sleep(0.005)
            time.sleep(number * 0.08)
            process.send_signal(signal.SIGKILL)
        for each in backups.listed(home / "backups"):
            backups.check(each)
    desk = desk_at(home)
    desk.backup()
    desk.close()

    assert not list((home / "backups").glob(".*"))
    assert len(views_in(home)) == 2000


# --- retention and schedule --------------------------------------------------------------------------------


def test_only_the_newest_are_kept(home: Path) -> None:
    first, second, third = (filled(home, f"v{number}") for number in range(3))
    (home / "tearsheet.toml").write_text(
        (home / "tearsheet.toml").read_text() + "\n[backups]\nkeep = 2\n", encoding="utf-8"
    )
    fourth = filled(home, "v9")

    assert [each.path for each in backups.listed(home / "backups")] == [fourth, third]
    assert not first.exists()
    assert not second.exists()


@pytest.mark.parametrize(
    ("newest", "now", "expected"),
    [
        (None, "2026-05-06 13:00", True),
        ("2026-05-06 06:30", "2026-05-06 13:00", False),  # 03:30 in São Paulo
        ("2026-05-06 05:30", "2026-05-06 05:59", False),  # yesterday's came late; it is 02:59
        ("2026-05-06 05:30", "2026-05-06 06:00", True),
    ],
)
def test_a_backup_is_due_once_a_day(newest: str | None, now: str, expected: bool) -> None:
    made = utc(newest) if newest else None

    assert backups.is_due(config.Backups(), made, "America/Sao_Paulo", utc(now)) is expected
    assert not backups.is_due(config.Backups(daily=False), made, "America/Sao_Paulo", utc(now))


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["readers.duckdb", "control.sqlite", "secrets/ids.key", "tearsheet.toml"])
def test_a_damaged_backup_is_not_restored(home: Path, name: str) -> None:
    made = filled(home, "v1")
    data = bytearray((made / name).read_bytes())
    data[len(data) // 2] ^= 1
    (made / name).write_bytes(data)
    before = (home / "readers.duckdb").read_bytes()

    with pytest.raises(FileUnreadableError, match="is missing or damaged"):
        restoring.restore(home, backups.named(made.parent, made.name), LATER)
    assert (home / "readers.duckdb").read_bytes() == before


def test_a_home_with_a_desk_is_not_restored(home: Path) -> None:
    made = filled(home, "v1")
    desk = desk_at(home, "serve")

    with pytest.raises(StoreBusyError, match=r"\(tearsheet serve\)"):
        restoring.restore(home, backups.named(made.parent, made.name), LATER)
    desk.close()


def test_a_backup_of_a_newer_program_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = filled(home, "v1")
    monkeypatch.setattr(restoring, "migrations", lambda: [(1, "events", "")])

    with pytest.raises(StoreError, match="made by a newer program"):
        restoring.restore(home, backups.named(made.parent, made.name), LATER)


def test_a_backup_that_cannot_be_written_says_so(home: Path) -> None:
    (home / "file").write_text("no folder")
    desk = desk_at(home)

    with pytest.raises(StoreError, match="No backup could be written"):
        desk.backup(home / "file")
    desk.close()


def test_the_commands_say_what_they_did(home: Path) -> None:
    assert tearsheet("backups", home=home).err.startswith("Nothing to show")
    assert tearsheet("restore", "latest", home=home).code == 2
    made = tearsheet("backup", "--format", "json", home=home)
    listed = tearsheet("backups", "--check", "--format", "json", home=home)
    restored = tearsheet("restore", "latest", home=home)

    assert made.json == listed.json
    assert made.json[0]["made_at"] == "2026-05-06T13:00:00Z"
    assert "all of it can be read" in listed.err
    assert restored.code == 0
    assert "is as of 2026-05-06T13:00:00Z" in restored.err
    with pytest.raises(UsageError, match="There is no backup"):
        backups.named(home / "backups", "tearsheet-20200101-000000")


def test_a_control_database_is_copied_while_it_is_written(home: Path) -> None:
    desk = desk_at(home)
    with desk.control.write() as connection:
        connection.exec_driver_sql("CREATE TABLE probe (x INTEGER)")
        connection.exec_driver_sql("INSERT INTO probe VALUES (17)")
    made = desk.backup()
    desk.close()

    with closing(sqlite3.connect(made.path / "control.sqlite")) as copy:
        assert copy.execute("SELECT x FROM probe").fetchall() == [(17,)]
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
