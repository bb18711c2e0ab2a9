"""Salts: agreed on, private, and destroyed in time."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
from pathlib import Path

from analytics.collect.salts import Salts, lasting_key

DAY = dt.date(2026, 11, 22)
ONE_DAY = dt.timedelta(days=1)


def kept(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "salts").iterdir())


def test_a_salt_is_one_sites_one_days_and_stays(tmp_path: Path) -> None:
    salts = Salts(tmp_path)

    first = salts.of("a.example", DAY, DAY)

    assert first == salts.of("a.example", DAY, DAY) == Salts(tmp_path).of("a.example", DAY, DAY)
    assert first not in {salts.of("a.example", DAY - ONE_DAY, DAY), salts.of("b.example", DAY, DAY), None}


def test_before_yesterday_there_is_none(tmp_path: Path) -> None:
    salts = Salts(tmp_path)
    salts.of("a.example", DAY, DAY)

    assert salts.of("a.example", DAY - 2 * ONE_DAY, DAY) is None
    assert salts.of("a.example", DAY, DAY + 2 * ONE_DAY) is None


def test_turning_keeps_three_days_and_destroys_the_rest(tmp_path: Path) -> None:
    salts = Salts(tmp_path)
    salts.turn({"a.example": DAY, "gone.example": DAY}, DAY)
    tomorrow = salts.of("a.example", DAY + ONE_DAY, DAY)

    destroyed = salts.turn({"a.example": DAY + 2 * ONE_DAY}, DAY + 2 * ONE_DAY)

    assert 2 == destroyed
    assert [
        "a.example~2026-11-23",
        "a.example~2026-11-24",
        "a.example~2026-11-25",
        "gone.example~2026-11-23",
    ] == kept(tmp_path)
    assert tomorrow == salts.of("a.example", DAY + ONE_DAY, DAY + 2 * ONE_DAY)


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    Salts(tmp_path).of("a.example", DAY, DAY)
    lasting_key(tmp_path)

    modes = {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()}
    assert {0o600} == modes


def test_what_a_killed_process_left_is_destroyed(tmp_path: Path) -> None:
    salts = Salts(tmp_path)
    for name, age in (("new-old", 3600), ("new-fresh", 0)):
        left = tmp_path / "salts" / name
        left.write_bytes(b"x")
        os.utime(left, (left.stat().st_mtime - age,) * 2)

    salts.turn({}, DAY)

    assert ["new-fresh"] == kept(tmp_path)


def _make(
    home: Path, barrier: multiprocessing.synchronize.Barrier, found: multiprocessing.Queue[bytes]
) -> None:
    salts = Salts(home)
    barrier.wait()
    found.put(b"".join(salts.of("a.example", DAY + dt.timedelta(days=n), DAY) or b"" for n in (-1, 0, 1)))


def test_processes_that_make_a_salt_at_once_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, found = context.Barrier(3), context.Queue()
    processes = [context.Process(target=_make, args=(tmp_path, barrier, found)) for _ in range(3)]
    for process in processes:
        process.start()
    made = {found.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()

    assert 1 == len(made)
    assert 3 == len(kept(tmp_path))
