"""The writer: acknowledged is durable, whatever is killed, full or broken."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from analytics.collect import spool
from analytics.collect.spool import Record
from analytics.collect.writer import QueueRefusedError, Refusal, Writer
from tests.collect.client import Clock

ONE = [Record("page_views", b"{}")]


class Broken:
    """A file that fails when told to, before or after it wrote."""

    def __init__(self, database: sqlite3.Connection, fails: Iterator[bool], gate: threading.Event) -> None:
        self._database, self._fails, self._gate = database, fails, gate

    def execute(self, text: str, values: Any = ()) -> Any:
        if text.startswith("INSERT"):
            self._gate.wait(10)
            if next(self._fails, False):
                raise sqlite3.OperationalError("disk I/O error")
        return self._database.execute(text, values)

    def close(self) -> None:
        self._database.close()


class Faulty:
    """Begins files whose writes fail in the order given, and may hold them until `gate` opens."""

    def __init__(self, fails: list[bool] | None = None, creates: list[bool] | None = None) -> None:
        self.fails, self.creates = iter(fails or []), iter(creates or [])
        self.gate = threading.Event()
        self.gate.set()
        self.made = 0

    def __call__(self, home: Path, worker: str, hour: dt.datetime) -> tuple[Path, int, Any]:
        if next(self.creates, False):
            raise OSError(28, "No space left on device")
        self.made += 1
        file, lock, database = spool.create(home, worker, hour)
        return file, lock, Broken(database, self.fails, self.gate)


def writer(home: Path, clock: Clock | None = None, **more: Any) -> Writer:
    return Writer(home, "w", clock or Clock(), **({"reserve_bytes": 0} | more))


def everything(home: Path) -> list[spool.Row]:
    return [row for file in spool.files(home) for row in spool.read(file, 0, 1_000_000)]


def test_what_is_appended_together_is_committed_in_order(tmp_path: Path) -> None:
    written = writer(tmp_path)

    async def send() -> None:
        await asyncio.gather(*(written.append([Record("page_views", b"%d" % n)] * 3) for n in range(300)))

    asyncio.run(send())

    assert [b"%d" % (n // 3) for n in range(900)] == [row.body for row in everything(tmp_path)]
    assert written.close()
    assert 1 == len(spool.sealed(tmp_path))
    assert 900 == len(everything(tmp_path))


def test_an_hour_has_its_own_file(tmp_path: Path) -> None:
    clock = Clock()
    written = writer(tmp_path, clock)

    async def send() -> None:
        for _ in range(3):
            await written.append(ONE)
            clock.move(hours=1)

    asyncio.run(send())
    written.close()

    assert ["2026112210", "2026112211", "2026112212"] == [
        spool.hour_of(file) for file in spool.files(tmp_path)
    ]


def test_an_empty_file_is_not_left(tmp_path: Path) -> None:
    writer(tmp_path).close()

    assert [] == list(spool.folder_of(tmp_path).iterdir())


def test_a_failed_commit_is_not_acknowledged_and_its_file_is_left_for_good(tmp_path: Path) -> None:
    faulty = Faulty([False, True, False])
    written = writer(tmp_path, create=faulty)

    async def send() -> None:
        await written.append(ONE)
        with pytest.raises(QueueRefusedError):
            await written.append(ONE)
        assert written.refusal() is None
        await written.append(ONE)

    asyncio.run(send())
    written.close()
    spool.adopt(tmp_path)

    assert (2, [1, 1]) == (faulty.made, [spool.last_seq(file) for file in spool.files(tmp_path)])


def test_the_second_failure_refuses_all_until_writing_works_again(tmp_path: Path) -> None:
    ticks = [1000.0]
    faulty = Faulty([True, True], creates=[False, False, True])
    written = writer(tmp_path, create=faulty, ticks=lambda: ticks[0])

    async def fail_twice() -> None:
        for _ in range(2):
            with pytest.raises(QueueRefusedError):
                await written.append(ONE)

    async def again() -> Refusal | None:
        ticks[0] += 10
        written.refusal()  # asks the thread to try
        for _ in range(200):
            if written.refusal() is None:
                return None
            await asyncio.sleep(0.01)
        return written.refusal()

    asyncio.run(fail_twice())
    assert written.refusal() is Refusal.BROKEN

    async def refused() -> None:
        written.append(ONE)

    with pytest.raises(QueueRefusedError):
        asyncio.run(refused())
    assert asyncio.run(again()) in {None, Refusal.BROKEN}
    assert asyncio.run(again()) is None
    written.close()


def test_a_slow_disk_fills_the_queue_and_not_the_memory(tmp_path: Path) -> None:
    faulty = Faulty()
    faulty.gate.clear()
    written = writer(tmp_path, create=faulty, most_events=100)
    refused: list[Refusal] = []

    async def send() -> None:
        waiting = []
        for _ in range(300):
            try:
                waiting.append(written.append(ONE))
            except QueueRefusedError as refusal:
                refused.append(refusal.refusal)
        assert written.waiting_events == 100
        faulty.gate.set()
        await asyncio.gather(*waiting)

    asyncio.run(send())

    assert ([Refusal.FULL] * 200, 0, 0) == (refused, written.waiting_events, written.waiting_bytes)
    assert written.close()
    assert 100 == len(everything(tmp_path))


def test_the_queue_is_bounded_in_bytes_too(tmp_path: Path) -> None:
    faulty = Faulty()
    faulty.gate.clear()
    written = writer(tmp_path, create=faulty, most_bytes=10_000)

    async def send() -> int:
        taken = 0
        with suppress(QueueRefusedError):
            for taken in range(100):  # noqa: B007 how many went well
                written.append([Record("page_views", b"x" * 1000)])
        faulty.gate.set()
        return taken

    assert 9 == asyncio.run(send())
    written.close()


def test_below_the_reserve_nothing_is_taken(tmp_path: Path) -> None:
    written = writer(tmp_path, reserve_bytes=1 << 60)

    assert written.refusal() is Refusal.DISK
    written.close()


def test_after_the_end_nothing_is_taken_and_what_waited_is_written(tmp_path: Path) -> None:
    written = writer(tmp_path)

    async def send() -> None:
        waiting = [written.append(ONE) for _ in range(50)]
        assert await asyncio.to_thread(written.close)
        with pytest.raises(QueueRefusedError):
            written.append(ONE)
        await asyncio.gather(*waiting)

    asyncio.run(send())

    assert 50 == len(everything(tmp_path))


KILLED = """
import asyncio, sys
from pathlib import Path
from analytics import config
from analytics.collect.spool import Record
from analytics.collect.writer import Writer

async def client(writer, number):
    sent = 0
    while True:
        name = f"{number}-{sent}"
        await writer.append([Record("page_views", name.encode() * 30)])
        print(name, flush=True)
        sent += 1

async def main():
    writer = Writer(Path(sys.argv[1]), "w", config.now, reserve_bytes=0)
    await asyncio.gather(*(client(writer, number) for number in range(64)))

asyncio.run(main())
"""


@pytest.mark.parametrize("round_", range(4))
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, round_: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(64 + 400 * round_)]
    process.send_signal(signal.SIGKILL)
    acknowledged += [line.strip() for line in process.stdout.read().splitlines()[:-1]]
    process.wait()
    process.stdout.close()

    alive = [row.body.decode() for row in everything(tmp_path)]
    good, bad = spool.adopt(tmp_path)
    after = [row.body.decode() for row in everything(tmp_path)]

    names = {body[: len(body) // 30] for body in after}
    assert set(acknowledged) <= names
    assert (alive, 1, [], len(after)) == (after, len(good), bad, len(names))
