"""A full disk: 503 and a sentence, no crash; once there is room again, what was acknowledged counts once."""

from __future__ import annotations

import random
import signal
import time
from collections import deque
from pathlib import Path

import pytest

from tests.faults.counts import check, now
from tests.faults.disks import MIB, small_disk
from tests.faults.processes import get, machine, make_home, meter, wait_until
from tests.faults.readers import Journal, Readers

FULL_S = 60.0  # of a busy machine


def dice() -> random.Random:
    return random.Random(7)  # noqa: S311 chooses articles and pauses


# The limit stands in for the disk where nothing may be mounted; here both are tried, where it costs least.
@pytest.mark.parametrize("may_mount", [True, False], ids=["tmpfs", "limit"])
def test_a_collector_on_a_full_disk_asks_to_come_again(
    tmp_path: Path, journal: Journal, may_mount: bool
) -> None:
    with small_disk(tmp_path / "disk", 32 * MIB, may_mount=may_mount) as disk:
        home = make_home(disk.folder / "home")
        with machine(home, disk.folder) as processes:  # its log stands on the full disk too
            running = processes.collect()
            port = running.port()
            with Readers(port, journal, deque(), dice()) as readers:
                wait_until(lambda: readers.statuses[202] > 100, FULL_S, "a hundred acknowledged")
                disk.fill(running)
                wait_until(lambda: readers.statuses[503] > 200, FULL_S, "refused")
                wait_until(lambda: get(port, "/readyz") == (503, "commit_failed"), FULL_S, "not ready")
                assert 200 == get(port, "/healthz")[0]
                full_at = time.monotonic()
                disk.enlarge(running)
                wait_until(lambda: readers.last_ack > full_at, FULL_S, "acknowledged again")
                acked = readers.statuses[202]
                wait_until(lambda: readers.statuses[202] > acked + 100, FULL_S, "and on")
            assert running.is_alive
            assert (200, "ok") == get(port, "/readyz")
            running.stop()

        assert {"1", "2", "3", "4", "5"} >= readers.retry_after > set()
        assert {202, 503} == set(readers.statuses)
        seen = check(home, journal)
        assert seen.is_exact, seen


def test_a_collector_stops_at_its_reserve_before_anything_fails(tmp_path: Path, journal: Journal) -> None:
    with small_disk(tmp_path / "disk", 32 * MIB) as disk:
        home = make_home(disk.folder / "home")
        with machine(home, tmp_path) as processes:
            # Where nothing may be mounted, the reserve is larger than any disk from the beginning.
            running = processes.collect(TEARSHEET_RESERVE_MB="8" if disk.is_real else str(1 << 40))
            port = running.port()
            with Readers(port, journal, deque(), dice()) as readers:
                if disk.is_real:
                    wait_until(lambda: readers.statuses[202] > 100, FULL_S, "a hundred acknowledged")
                disk.fill(running, 6 * MIB)
                wait_until(lambda: readers.statuses[503] > 200, FULL_S, "refused")
                assert (503, "disk_reserve") == get(port, "/readyz")
            running.stop()
            assert "failed" not in running.said

        seen = check(home, journal)
        assert seen.is_exact, seen


def test_a_desk_on_a_full_disk_answers_and_loses_nothing(tmp_path: Path, journal: Journal) -> None:
    with small_disk(tmp_path / "disk", 64 * MIB) as disk:
        home = make_home(disk.folder / "home")
        with machine(home, tmp_path) as processes:
            desk = processes.serve()  # its log stands elsewhere, so that it can be read
            port = desk.port()
            with Readers(port, journal, deque(), dice()) as readers:
                wait_until(lambda: readers.statuses[202] > 200, FULL_S, "two hundred acknowledged")
                disk.fill(desk)
                wait_until(lambda: readers.statuses[503] > 200, FULL_S, "refused")
            wait_until(lambda: "failed" in desk.said, FULL_S, "loader or recount noticed")
            page, status = get(port, "/")[0], processes.ask("status")
            disk.enlarge(desk)
            with Readers(port, journal, readers.waiting, dice()) as readers:
                wait_until(lambda: readers.statuses[202] > 200, FULL_S, "acknowledged again")
            wait_until(lambda: processes.ask("rollup").returncode == 0, FULL_S, "commands work again")
            again = processes.ask("status", "--format", "json")
            assert desk.is_alive
            desk.stop()

        assert 303 == page  # to the sign-in: who is signed in can still be looked up
        assert status.returncode == 0 or ("Traceback" not in status.stderr and len(status.stderr) > 10)
        assert 0 == again.returncode, again.stderr
        seen = check(home, journal, now())
        assert seen.is_exact, seen


def test_a_loader_without_room_leaves_all_in_the_queue(tmp_path: Path, journal: Journal) -> None:
    with small_disk(tmp_path / "disk", 64 * MIB) as disk:
        home = make_home(disk.folder / "home")
        with machine(home, tmp_path) as processes:
            desk, collector = processes.serve(), processes.collect()
            port = desk.port()
            with Readers(collector.port(), journal, deque(), dice()) as readers:
                wait_until(lambda: meter(port, "loader_batch_rows_sum") > 200, FULL_S, "two hundred loaded")
                desk.process.send_signal(signal.SIGSTOP)
                acked = readers.statuses[202]
                wait_until(lambda: readers.statuses[202] > acked + 1000, FULL_S, "a thousand more")
            collector.stop()
            disk.fill(desk, 8 << 10)
            desk.process.send_signal(signal.SIGCONT)
            wait_until(lambda: "loading failed" in desk.said, FULL_S, "the loader noticed")
            page, rollup = get(port, "/"), processes.ask("rollup", "--all")
            # The store is opened anew at every failed write: one answer may be cut by that, not all.
            wait_until(lambda: processes.ask("status").returncode == 0, FULL_S, "status is told")
            lag = meter(port, "loader_lag_seconds")
            assert desk.is_alive
            disk.enlarge(desk)
            wait_until(lambda: meter(port, "loader_lag_seconds") == 0, FULL_S, "all is loaded")
            again = processes.ask("rollup")
            desk.stop()

        assert 303 == page[0]
        assert "Traceback" not in rollup.stderr
        if disk.is_real:  # a limit of one file's size leaves room again once the log was folded in
            assert lag > 0
            assert 1 == rollup.returncode
        assert rollup.returncode == 0 or "heck free space" in rollup.stderr
        assert 0 == again.returncode, again.stderr
        seen = check(home, journal)
        assert seen.is_exact, seen
