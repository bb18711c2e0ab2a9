"""Kill -9 and SIGTERM under 64 readers: what was acknowledged counts, once, and the rollups are a recount."""

from __future__ import annotations

import os
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.bench.report import tell
from tests.faults.counts import Checked, check
from tests.faults.processes import Machine, Running, is_running, machine, make_home, wait_until
from tests.faults.readers import CLIENTS, Event, Journal, Readers

ROUNDS = int(os.environ.get("FAULT_ROUNDS") or 10)
SEED = int(os.environ.get("FAULT_SEED") or time.time())
MANY = 50  # rounds whose figures are kept
BACK_S = 120.0  # a restart on a busy machine
TERM_S = 10.0  # engine-notes.md 7


@dataclass(slots=True)
class Torture:
    """The rounds on one home: what runs, what the readers hold, and what was seen."""

    machine: Machine
    journal: Journal
    chance: random.Random
    waiting: deque[Event] = field(default_factory=deque)
    back_s: dict[str, list[float]] = field(default_factory=lambda: {"collect": [], "serve": []})

    def readers(self, port: int) -> Readers:
        return Readers(port, self.journal, self.waiting, self.chance)

    def let_read(self) -> None:
        """Let the readers send for a random while; the kill comes at its end."""
        time.sleep(self.chance.uniform(0.3, 2.0))

    def until_back(self, running: Running, readers: Readers) -> None:
        """Wait until what was just started acknowledges; that is how long we were away."""
        began = time.monotonic()
        running.port()  # before it listens, an answer that was still on its way would count
        until_acked(readers)
        self.back_s[running.command].append(time.monotonic() - began)


def until_acked(readers: Readers) -> None:
    """Wait until somebody is acknowledged."""
    asked = time.monotonic()
    wait_until(lambda: readers.last_ack > asked, BACK_S, "acknowledged")


def collector_restarted(it: Torture) -> None:
    first = it.machine.collect()
    port = first.port()
    with it.readers(port) as readers:
        it.let_read()
        first.kill()
        second = it.machine.collect(port)
        it.until_back(second, readers)
        it.let_read()
    second.stop()


def desk_restarted(it: Torture) -> None:
    first = it.machine.serve()
    port = first.port()
    with it.readers(port) as readers:
        it.let_read()
        first.kill()
        second = it.machine.serve(port)
        it.until_back(second, readers)
        it.let_read()
    second.kill()


def desk_killed_beside_a_collector(it: Torture) -> None:
    desk, collector = it.machine.serve(), it.machine.collect()
    desk.port()
    with it.readers(collector.port()) as readers:
        until_acked(readers)
        it.let_read()
        desk.kill()
        sent = readers.statuses.total()
        it.let_read()
        assert readers.statuses.total() > sent
    assert 0 == readers.statuses[0], "readers must not notice that the desk is away"
    collector.stop()


def worker_killed(it: Torture) -> None:
    collector = it.machine.collect(workers=2)
    port = collector.port()
    with it.readers(port) as readers:
        until_acked(readers)
        it.let_read()
        collector.kill(it.chance.choice(collector.children()))
        it.let_read()
        wait_until(lambda: len(collector.children()) == 2, BACK_S, "two workers again")
        until_acked(readers)
    collector.stop()


def both_killed(it: Torture) -> None:
    desk, collector = it.machine.serve(), it.machine.collect()
    desk.port()
    with it.readers(collector.port()) as readers:
        until_acked(readers)
        it.let_read()
        collector.kill()
        desk.kill()


PLANS: tuple[Callable[[Torture], None], ...] = (  # a desk starts in five of ten: it takes seconds
    collector_restarted,
    desk_restarted,
    worker_killed,
    desk_killed_beside_a_collector,
    collector_restarted,
    both_killed,
    worker_killed,
    desk_killed_beside_a_collector,
    collector_restarted,
    both_killed,
)


def test_kills_lose_nothing_and_count_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, seen = dice(), list[Checked]()
    back_s: dict[str, list[float]] = {"collect": [], "serve": []}
    began = time.monotonic()
    for first in range(0, ROUNDS, len(PLANS)):
        # Each check counts all of its home again; so now and then a new one.
        folder = tmp_path / str(first)
        make_home(folder / "home")
        journal = Journal(folder / "journal")
        with closing(journal), machine(folder / "home", folder) as processes:
            it = Torture(processes, journal, chance, back_s=back_s)
            seen.append(_rounds(it, PLANS[: ROUNDS - first]))
    back = ", ".join(f"{name} {max(found):.1f} s" for name, found in back_s.items() if found)
    took = time.monotonic() - began
    acked, counted = sum(each.acked for each in seen), sum(each.counted for each in seen)
    lost, twice = sum(each.lost for each in seen), sum(each.twice for each in seen)
    if ROUNDS >= MANY:
        with capsys.disabled():
            tell(
                "Kills",
                f"{ROUNDS} rounds: collector, worker, desk or both killed at random moments under {CLIENTS} "
                f"readers who retry; after each a recount of all, compared. {took / ROUNDS:.1f} s a round.",
                (
                    "acknowledged",
                    "lost",
                    "counted twice",
                    "counted, not acknowledged",
                    "acknowledging again after",
                ),
                [(f"{acked:,}", f"{lost}", f"{twice}", f"{counted - acked}", f"at most {back}")],
                goal="nothing lost, nothing counted twice, in 200 rounds.",
            )

    assert (lost, twice) == (0, 0)


def _rounds(it: Torture, plans: Sequence[Callable[[Torture], None]]) -> Checked:
    """Go through some plans on one home; gives the sums of the last check."""
    seen: Checked | None = None
    for plan in plans:
        plan(it)
        before, seen = seen, check(it.machine.home, it.journal)

        assert seen.is_exact, f"{plan.__name__}, FAULT_SEED={SEED}: {seen}"
        assert seen.acked > (before.acked if before else 0), "a round without an event proves nothing"
    assert seen is not None
    return seen


@pytest.mark.parametrize("command", ["collect", "collect --workers 2", "serve"])
def test_a_signal_twice_ends_it_in_time_with_all_that_was_acknowledged(
    processes: Machine, journal: Journal, command: str
) -> None:
    it = Torture(processes, journal, dice())
    running = processes.start(*command.split(), "--port", "0")
    with it.readers(running.port()) as readers:
        until_acked(readers)
        it.let_read()
        took = running.stop(times=2)
        last_ack = readers.last_ack
        time.sleep(0.3)
        assert last_ack == readers.last_ack, "acknowledged after the end"
    seen = check(processes.home, journal)

    assert took < 3 * TERM_S  # of a busy machine; the bench takes its time alone
    assert {202, 0} <= set(readers.statuses) <= {202, 503, 0}
    assert seen.is_exact, seen
    assert not list((processes.home / "spool").glob("*.open")), "a clean end seals its files"


def test_workers_end_with_the_process_that_started_them(processes: Machine, home: Path) -> None:
    collector = processes.collect(workers=2)
    port = collector.port()
    wait_until(lambda: len(collector.children()) == 2, BACK_S, "two workers")
    wait_until(lambda: len(list((home / "spool").glob("*.open"))) == 2, BACK_S, "each with its file")
    workers = collector.children()
    collector.kill()
    wait_until(lambda: not any(map(is_running, workers)), BACK_S, "gone")
    again: Running = processes.collect(port)

    assert port == again.port()


def dice() -> random.Random:
    return random.Random(SEED)  # noqa: S311 chooses moments, guards nothing
