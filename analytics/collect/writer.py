"""The one writer of a queue file: group commit by a thread of its own, acknowledged only when durable.

Whatever has come in while the last commit ran is the next batch: no lingering, which would only lower the
throughput (engine-notes.md 2.1).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import queue
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import structlog

from analytics.collect import spool
from analytics.collect.spool import Record
from analytics.errors import StoreError, TearsheetError

ROWS_A_COMMIT = 8192
LEAST_FREE = 1 << 30  # engine-notes.md 2.3: the larger of 1 GiB and 5 %
FREE_SHARE = 20
LOOK_EVERY_S = 1.0
PROBE_EVERY_S = 5.0
BROKEN_AFTER = 2  # engine-notes.md 2.3: the second failure in a row refuses all

log = structlog.get_logger()


class Refusal(StrEnum):
    """Why the queue takes nothing now."""

    FULL = "queue_full"
    DISK = "disk_reserve"
    BROKEN = "commit_failed"
    STOPPING = "stopping"


class QueueRefusedError(TearsheetError):
    """The queue cannot take it now; the sender tries again.

    Attributes:
        refusal: Why.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"The queue takes nothing now: {refusal.value}.", "Try again in some seconds.")
        self.refusal = refusal


@dataclass(slots=True)
class _Waiting:
    records: Sequence[Record]
    size: int
    done: asyncio.Future[None]


@dataclass(slots=True)
class _Open:
    path: Path
    lock: int
    database: sqlite3.Connection
    hour: dt.datetime
    last: int = 0


_TURN = object()  # look whether the hour is over
_PROBE = object()  # see whether writing works again
_STOP = object()


class Writer:
    """Takes records into the files of one worker.

    `append` is for the event loop that opened it; everything else here runs in the thread.
    """

    def __init__(
        self,
        home: Path,
        worker: str,
        clock: Callable[[], dt.datetime],
        *,
        most_events: int = 20_000,
        most_bytes: int = 32 << 20,
        reserve_bytes: int | None = None,
        committed: Callable[[int, float], None] = lambda _rows, _seconds: None,
        ticks: Callable[[], float] = time.monotonic,
        create: Callable[[Path, str, dt.datetime], tuple[Path, int, sqlite3.Connection]] = spool.create,
    ) -> None:
        """Open a first file, so that a folder that cannot be written is said at once.

        Args:
            home: Folder of the home.
            worker: Name of this worker among the living ones; stands in file names.
            clock: Gives now, naive UTC; decides the hours of the files.
            most_events: Records waiting for the disk at most.
            most_bytes: Bytes of them at most.
            reserve_bytes: Free disk below which nothing is taken; None: the larger of 1 GiB and 5 %.
            committed: Told of every commit: rows, seconds.
            ticks: Monotonic seconds.
            create: Begins a file; faults are put in here by tests.

        Raises:
            StoreError: The folder cannot be written.
        """
        self._home, self._worker, self._clock = home, worker, clock
        self._most_events, self._most_bytes, self._reserve = most_events, most_bytes, reserve_bytes
        self._committed, self._ticks, self._create = committed, ticks, create
        # Two counters with one writer each, instead of one that both threads change.
        self._came_events = self._came_bytes = 0
        self._gone_events = self._gone_bytes = 0
        self._pending: list[_Waiting] = []
        self._queue: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._open: _Open | None = None
        self._failures = 0
        self._is_stopping = False
        self._looked = self._probed = float("-inf")
        self._is_low = False
        try:
            self._open = self._begun()
        except (OSError, sqlite3.Error) as fault:
            raise StoreError(f"The queue in {home / spool.FOLDER} cannot be written: {fault}.") from fault
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    def append(self, records: Sequence[Record]) -> asyncio.Future[None]:
        """Put records on the way to the disk.

        Args:
            records: Rows of one request; they are committed together.

        Returns:
            A future that is done when they are durable, or holds QueueRefusedError when they may not be.

        Raises:
            QueueRefusedError: The queue is full, the disk nearly so, or it cannot be written.
        """
        refusal = self.refusal()
        size = spool.size_of(records)
        if refusal is None and self.waiting_bytes + size > self._most_bytes:
            refusal = Refusal.FULL
        if refusal is not None:
            raise QueueRefusedError(refusal)
        done = asyncio.get_running_loop().create_future()
        self._came_events += len(records)
        self._came_bytes += size
        if not self._pending:
            # What the loop takes in this round goes over as one: waking the thread costs more than a row.
            done.get_loop().call_soon(self._hand_over)
        self._pending.append(_Waiting(records, size, done))
        return done

    def refusal(self) -> Refusal | None:
        """Say why nothing is taken now; None where all is well."""
        if self._is_stopping:
            return Refusal.STOPPING
        now = self._ticks()
        if now - self._looked >= LOOK_EVERY_S:
            self._looked = now
            self._is_low = self.free_bytes() < self.reserve_bytes()
        if self._failures >= BROKEN_AFTER:
            if now - self._probed >= PROBE_EVERY_S:
                self._probed = now
                self._queue.put(_PROBE)
            return Refusal.BROKEN
        if self._is_low:
            return Refusal.DISK
        return Refusal.FULL if self.waiting_events >= self._most_events else None

    def turn(self) -> None:
        """Seal the file if its hour is over; called from time to time, so that a quiet night seals too."""
        if self._open is not None and self._open.hour != self._hour():
            self._queue.put(_TURN)

    def close(self, wait_s: float = 10.0) -> bool:
        """Write what waits, seal the file; nothing is taken from now on.

        Returns:
            Whether all was written within `wait_s`; what was not stays unacknowledged.
        """
        self._is_stopping = True
        self._hand_over()
        self._queue.put(_STOP)
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    @property
    def waiting_events(self) -> int:
        """Records that wait for the disk."""
        return self._came_events - self._gone_events

    @property
    def waiting_bytes(self) -> int:
        """Bytes of them."""
        return self._came_bytes - self._gone_bytes

    def free_bytes(self) -> int:
        """Free bytes of the disk; 0 where it cannot be asked."""
        try:
            return shutil.disk_usage(self._home).free
        except OSError:
            return 0

    def reserve_bytes(self) -> int:
        """Free bytes below which nothing is taken."""
        if self._reserve is not None:
            return self._reserve
        try:
            return max(LEAST_FREE, shutil.disk_usage(self._home).total // FREE_SHARE)
        except OSError:
            return LEAST_FREE

    def _hand_over(self) -> None:
        pending, self._pending = self._pending, []
        if pending:
            self._queue.put(pending)

    # --- the thread ----------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            batch, orders = self._next_batch()
            if batch:
                self._write(batch)
            if _PROBE in orders and self._failures:
                self._try_again()
            if _TURN in orders and self._open is not None and self._open.hour != self._hour():
                self._seal()
            if _STOP in orders:
                self._seal()
                return

    def _next_batch(self) -> tuple[list[_Waiting], list[object]]:
        """Wait for something, then take whatever is there."""
        batch: list[_Waiting] = []
        orders: list[object] = []
        rows = 0
        item = self._queue.get()
        with suppress(queue.Empty):
            while True:
                if isinstance(item, list):
                    batch += item
                    rows += sum(len(each.records) for each in item)
                else:
                    orders.append(item)
                if rows >= ROWS_A_COMMIT:
                    break
                item = self._queue.get_nowait()
        return batch, orders

    def _write(self, batch: list[_Waiting]) -> None:
        began = time.perf_counter()
        rows = sum(len(each.records) for each in batch)
        fault: QueueRefusedError | None = None
        try:
            self._commit([record for each in batch for record in each.records])
        except Exception:  # the edge of the thread: whoever waits must be answered
            # Whether it is durable is unknown, so it is not acknowledged; the sender's retry keeps its id.
            # The handle is never used again: after a failed fsync it may lie.
            fault = QueueRefusedError(Refusal.BROKEN)
            self._failures += 1
            log.exception("queue commit failed", rows=rows, failures=self._failures)
            self._give_up()
        else:
            self._failures = 0
            self._committed(rows, time.perf_counter() - began)
        self._gone_events += rows
        self._gone_bytes += sum(each.size for each in batch)
        _answer([each.done for each in batch], fault)

    def _commit(self, records: list[Record]) -> None:
        if self._open is not None and self._open.hour != self._hour():
            self._seal()
        here = self._open = self._open or self._begun()
        rows = [spool.row_of(seq, each) for seq, each in enumerate(records, here.last + 1)]
        spool.insert(here.database, rows)
        here.last += len(rows)

    def _begun(self) -> _Open:
        hour = self._hour()
        return _Open(*self._create(self._home, self._worker, hour), hour)

    def _seal(self) -> None:
        here, self._open = self._open, None
        if here is None:
            return
        try:
            spool.seal(here.database, here.last)
            here.database.close()
        except (OSError, sqlite3.Error) as trouble:
            log.error("queue file not sealed", file=here.path.name, reason=str(trouble))  # noqa: TRY400
            with suppress(sqlite3.Error):
                here.database.close()
            os.close(here.lock)  # the sidecar stays: the desk seals it
            return
        if here.last == 0:
            spool.drop(here.path)
        spool.unlock(here.path, here.lock)

    def _give_up(self) -> None:
        """Let go of a file that could not be written; the desk checks and seals what is in it."""
        here, self._open = self._open, None
        if here is not None:
            with suppress(sqlite3.Error):
                here.database.close()
            os.close(here.lock)

    def _try_again(self) -> None:
        try:
            self._open = self._open or self._begun()  # making a file commits and syncs: proof enough
        except (OSError, sqlite3.Error) as trouble:
            log.error("queue still cannot be written", reason=str(trouble))  # noqa: TRY400
        else:
            self._failures = 0

    def _hour(self) -> dt.datetime:
        return self._clock().replace(minute=0, second=0, microsecond=0)


def _answer(waiting: list[asyncio.Future[None]], fault: QueueRefusedError | None) -> None:
    """Tell those who wait, with one call into each event loop."""
    for loop in {each.get_loop() for each in waiting}:
        with suppress(RuntimeError):  # the loop is gone, and with it whoever waited
            loop.call_soon_threadsafe(_settle, [each for each in waiting if each.get_loop() is loop], fault)


def _settle(waiting: list[asyncio.Future[None]], fault: QueueRefusedError | None) -> None:
    for each in waiting:
        if not each.done():  # its request may have been cancelled
            if fault is None:
                each.set_result(None)
            else:
                each.set_exception(fault)
