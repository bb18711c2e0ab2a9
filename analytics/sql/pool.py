"""The processes that run queries: a spare is warm, each answers one query and ends, none outlives its time.

Whatever a query does to its process (fills it, breaks it, hangs in it), the desk reads a closed pipe and
says so.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
import structlog

from analytics.errors import SqlError
from analytics.language import _, said
from analytics.sql import confine, wire
from analytics.sql.jobs import Done, Failed, Job, Told
from analytics.sql.processor import Processor

GRACE_S = 1.5  # engine-notes: interrupted at T, killed at T + 1.5 s
READY_S = 60.0  # a worker that is not ready by then never will be, however busy the machine
LAST_READY_S = 3.0  # one that stands behind all others may find the processor taken after all
SPARE_AFTER_S = 0.5  # of a query: a short one has the processor for itself
RUNNING = 2
MOST_THREADS = 4  # of a query that runs alone
WAITING = 8  # wire-formats.md F.3: a queue of 8, then 429
PATIENCE_S = 30.0
CPU_S_A_DAY = 3600.0  # of one person
IDLE_S = 600.0  # a spare that nobody used is sent away
FRAMING = 1.25  # an answer's bytes on the pipe may be so much more than its rows': heads, padding
USERS = ("tearsheet-sql", "nobody")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ran:
    """A query that ended well.

    Attributes:
        done: What the worker said of it.
        stream: Its rows, as an Arrow stream.
    """

    done: Done
    stream: bytes


class Pool:
    """The workers of a desk; may be used from every thread."""

    def __init__(
        self,
        folder: Path,
        *,
        running: int = RUNNING,
        waiting: int = WAITING,
        cpu_s_a_day: float = CPU_S_A_DAY,
        has_time: Callable[[], bool] | None = None,
    ) -> None:
        """Start nothing yet; the first query does.

        Args:
            folder: All that a worker may read.
            running: Workers at once.
            waiting: Queries that may wait; the next is refused.
            cpu_s_a_day: Processor seconds a day of one person.
            has_time: Tells whether the processor has time to spare; it is looked at where this is not given.
        """
        self.folder = folder.resolve()
        self.confined: Mapping[str, bool] = {}
        self._running, self._waiting, self._cpu_s_a_day = running, waiting, cpu_s_a_day
        self._free = threading.Condition()
        self._asking: dict[str, _Worker | None] = {}  # who -> worker; None while it waits
        self._leaving: set[str] = set()  # who waits no longer
        self._queue: list[object] = []
        self._busy = 0
        self._spare: _Worker | None = None
        self._told: Told | None = None
        self._ending: list[threading.Thread] = []
        self._has_time = has_time or Processor().has_time
        self._used: defaultdict[tuple[int, str], float] = defaultdict(float)  # day, who -> CPU s
        self._closed = False
        self._empty = tempfile.mkdtemp(prefix="tearsheet-sql-")
        Path(self._empty).chmod(0o555)

    def run(self, job: Job, who: str, spent: Callable[[float], object] = lambda _cpu_s: None) -> Ran:
        """Run a query and wait for its end.

        Args:
            job: The query.
            who: Whose it is; one at a time.
            spent: Told the processor seconds of its process, however it ended.

        Raises:
            SqlError: It was refused, stopped, cut short by a limit, broke its process, or there was no room.
        """
        today = int(time.time() // 86400)
        if self._used[today, who] > self._cpu_s_a_day:
            raise SqlError(
                "busy",
                _(
                    "Your queries have used {minutes:.0f} minutes of the processor today, the limit.",
                    minutes=self._cpu_s_a_day / 60,
                ),
                _("It begins anew at midnight UTC."),
            )
        with self._turn(who):
            worker = self._hire(who)
            cpu_s: float | None = None
            try:
                ran = worker.ask(msgspec.structs.replace(job, threads=self._threads()))
                cpu_s = worker.cpu_s()
                return ran
            finally:
                if cpu_s is None:
                    cpu_s = worker.end()
                else:
                    self._end_soon(worker)
                self._used[today, who] += cpu_s
                spent(cpu_s)
                self.warm(Told(job.views, job.sites))

    def stop(self, who: str) -> bool:
        """End somebody's query, be it running or waiting.

        Returns:
            Whether there was one.
        """
        with self._free:
            if who not in self._asking:
                return False
            worker = self._asking[who]
            if worker is None:
                self._leaving.add(who)
                self._free.notify_all()
        if worker is not None:
            worker.kill("stopped")
        return True

    def is_asking(self, who: str) -> bool:
        """Tell whether somebody's query runs or waits."""
        with self._free:
            return who in self._asking

    def has_room(self) -> bool:
        """Tell whether another query could run or wait."""
        with self._free:
            return len(self._queue) < self._waiting

    def warm(self, told: Told | None = None) -> None:
        """Make a spare in the background, for somebody who is about to ask.

        Args:
            told: What they will probably ask of; None: of the same as the last.
        """
        with self._free:
            self._told = told or self._told
            if self._spare is not None or self._closed:
                return
            self._spare = spare = self._worker()
            if self._told:
                threading.Thread(target=spare.tell, args=[self._told], daemon=True).start()

    def close(self) -> None:
        """End every worker."""
        with self._free:
            self._closed = True
            spare, self._spare = self._spare, None
            workers = [worker for worker in self._asking.values() if worker]
        for worker in [*workers, *([spare] if spare else [])]:
            worker.kill("stopped")
        if spare:
            spare.end()
        for each in self._ending:
            each.join()
        shutil.rmtree(self._empty, ignore_errors=True)

    @contextmanager
    def _turn(self, who: str) -> Iterator[None]:
        """Wait for a place among those that run, in the order of asking."""
        with self._free:
            if who in self._asking:
                raise SqlError("busy", _("A query of yours is still running."), _("Wait for it, or stop it."))
            if len(self._queue) >= self._waiting:
                raise SqlError(
                    "busy",
                    _("{busy} queries run and {queue} wait.", busy=self._busy, queue=len(self._queue)),
                    _("Try again in a few seconds."),
                )
            ticket = object()
            self._queue.append(ticket)
            self._asking[who] = None
            has_turn = self._free.wait_for(
                lambda: (
                    self._closed
                    or who in self._leaving
                    or (self._queue[0] is ticket and self._busy < self._running)
                ),
                PATIENCE_S,
            )
            self._queue.remove(ticket)
            if not has_turn or self._closed or who in self._leaving:
                has_left = who in self._leaving
                self._forget(who)
                if has_left:
                    raise SqlError("stopped", _("The query was stopped."))
                raise SqlError("busy", _("Other queries took too long."), _("Try again in a few seconds."))
            self._busy += 1
            self._free.notify_all()
        try:
            yield
        finally:
            with self._free:
                self._busy -= 1
                self._forget(who)

    def _forget(self, who: str) -> None:
        del self._asking[who]
        self._leaving.discard(who)
        self._free.notify_all()

    def _threads(self) -> int:
        """Give a query that runs alone every core up to MOST_THREADS, else one."""
        with self._free:
            is_alone = self._busy == 1 and not self._queue
        return min(_cores(), MOST_THREADS) if is_alone else 1

    def _end_soon(self, worker: _Worker) -> None:
        """End a worker that has answered; nobody waits while it gives back its memory."""
        ending = threading.Thread(target=worker.end, daemon=True)
        with self._free:
            self._ending = [each for each in self._ending if each.is_alive()] + [ending]
            ending.start()

    def _hire(self, who: str) -> _Worker:
        """Give somebody a worker that is ready; where one did not come up, another is tried once."""
        worker = self._start(who, self._take())
        try:
            self.confined = worker.ready(LAST_READY_S if worker.is_last else READY_S)
        except SqlError as fault:
            if fault.code != "crashed":
                raise
            worker = self._start(who, self._worker(is_last=False))
            self.confined = worker.ready()
        return worker

    def _start(self, who: str, worker: _Worker) -> _Worker:
        with self._free:
            self._asking[who] = worker
            if self._closed or who in self._leaving:
                worker.kill("stopped")
        return worker

    def _take(self) -> _Worker:
        """Take the spare, and have another made soon."""
        with self._free:
            spare, self._spare = self._spare, None
        worker = spare if spare and spare.is_fresh() and (self._has_time() or not spare.is_last) else None
        if spare and worker is None:
            spare.kill("stopped")
            spare.end()
        worker = worker or self._worker()
        soon = threading.Timer(SPARE_AFTER_S, self.warm)
        soon.daemon = True
        soon.start()
        return worker

    def _worker(self, *, is_last: bool | None = None) -> _Worker:
        user = _user(self.folder)
        stands_last = self._has_time() if is_last is None else is_last
        return _Worker(self.folder, self._empty, "-" if user is None else str(user), is_last=stands_last)


class _Worker:
    """One process and its pipes; `is_last` stands behind all others as long as it lives."""

    def __init__(self, folder: Path, empty: str, user: str, *, is_last: bool) -> None:
        self.is_last = is_last
        self._told: Told | None = None
        self._is_asked = False
        self._turn = threading.Lock()  # of those who speak with it
        self._began = time.monotonic()
        self._why = ""
        self._ready: Mapping[str, bool] | None = None
        self._cpu_s: float | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "analytics.sql.worker", str(folder), empty, user],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            process_group=0,  # ended as one; of the desk's session, see confine.stand
        )
        confine.stand(self._process.pid, is_last=is_last)
        self._said = cast("BinaryIO", self._process.stdin)
        self._heard = cast("BinaryIO", self._process.stdout)

    def is_fresh(self) -> bool:
        """Tell whether it waits and has not waited too long."""
        return self._process.poll() is None and time.monotonic() - self._began < IDLE_S

    def ready(self, most_s: float = READY_S) -> Mapping[str, bool]:
        """Wait until it has given up its rights; give which steps this system allowed.

        Args:
            most_s: It is ended when it is not ready by then.

        Raises:
            SqlError: It did not come up.
        """
        with self._killed_after(most_s), self._turn:
            return self._up()

    def tell(self, told: Told) -> None:
        """Say what it will probably be asked of, so that it prepares that; nothing where it is gone."""
        with self._killed_after(READY_S), self._turn, contextlib.suppress(SqlError, OSError, ValueError):
            self._up()
            if not self._is_asked:
                wire.write(self._said, "told", msgspec.json.encode(told))
                self._told = told

    def _up(self) -> Mapping[str, bool]:
        if self._ready is None:
            heard = self._hear()
            if heard is None or heard[0] != "ready":
                self.end()
                if self._why == "stopped":
                    raise SqlError("stopped", _("The query was stopped."))
                log.warning("worker did not start", code=self._process.returncode, is_last=self.is_last)
                raise SqlError(
                    "crashed", _("A process for the query could not be started."), _("Tell an admin.")
                )
            self._ready = msgspec.json.decode(heard[1], type=dict[str, bool])
        return self._ready

    def ask(self, job: Job) -> Ran:
        """Have the query answered.

        Raises:
            SqlError: It was not.
        """
        chunks: list[bytes] = []
        size = 0
        with self._killed_after(job.seconds + GRACE_S):
            with self._turn, contextlib.suppress(BrokenPipeError):
                self._is_asked = True
                if self._told == Told(job.views, job.sites):
                    job = msgspec.structs.replace(job, views=[], sites=None, is_as_told=True)
                wire.write(self._said, "job", msgspec.json.encode(job))
            while heard := self._hear():
                kind, body = heard
                match kind:
                    case "arrow":
                        size += len(body)
                        if size > job.bytes * FRAMING + _framing(job):
                            self.kill("too_large")
                            break
                        chunks.append(body)
                    case "end":
                        return Ran(msgspec.json.decode(body, type=Done), b"".join(chunks))
                    case "error":
                        told = msgspec.json.decode(body, type=Failed)
                        raise SqlError(told.code, said(told.message), said(told.hint), told.line, told.column)
                    case _:
                        break
        self.end()
        raise self._ended(job)

    def kill(self, why: str) -> None:
        """End it at once, for a reason that its owner is told."""
        self._why = self._why or why
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._cpu_s is None:  # else its number may be another's by now
                os.killpg(self._process.pid, signal.SIGKILL)

    def cpu_s(self) -> float | None:
        """Read the clock of its processor seconds; None where this system tells them at its end only."""
        if sys.platform != "linux":
            return None
        try:
            return time.clock_gettime(~self._process.pid << 3 | 2)  # clock_getcpuclockid(3)
        except OSError:
            return None

    def end(self) -> float:
        """Make sure that it is gone.

        Returns:
            Processor seconds that it took.
        """
        if self._cpu_s is None:
            for pipe in (self._said, self._heard):
                with contextlib.suppress(OSError):
                    pipe.close()
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            try:
                _, status, usage = os.wait4(self._process.pid, 0)
                self._process.returncode = os.waitstatus_to_exitcode(status)
                self._cpu_s = usage.ru_utime + usage.ru_stime
            except ChildProcessError:  # looked at by poll, which took its usage with it
                self._cpu_s = 0.0
        return self._cpu_s

    def _hear(self) -> tuple[wire.Kind, bytes] | None:
        try:
            return wire.read(self._heard)
        except (ValueError, OSError):
            return None

    def _ended(self, job: Job) -> SqlError:
        """Say why it ended without an answer."""
        match self._why:
            case "stopped":
                return SqlError("stopped", _("The query was stopped."))
            case "timeout":
                return SqlError(
                    "timeout",
                    _(
                        "The query did not stop after {seconds:g} s, the limit, and its process was ended.",
                        seconds=job.seconds,
                    ),
                    _("Narrow its days, or group before you join."),
                )
            case "too_large":
                return SqlError(
                    "too_large", _("The result is larger than it may be."), _("Select fewer columns.")
                )
        code = self._process.returncode
        if code in {-signal.SIGXCPU, -signal.SIGKILL}:
            return SqlError(
                "timeout", _("The query used more processor time than it may."), _("Narrow its days.")
            )
        log.warning("worker crashed", code=code)
        return SqlError(
            "crashed",
            _("The engine broke on this query; nothing else was harmed."),
            _("It may need too much memory in one value. Simplify it."),
        )

    @contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self.kill, ["timeout"])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _framing(job: Job) -> int:
    """Give the bytes that the heads of an answer's batches may take beside its rows."""
    return (1 << 20) + job.rows * 64


def _user(folder: Path) -> int | None:
    """Name whom a worker of root becomes: somebody who owns nothing, where they can reach the archive."""
    if os.geteuid() != 0 or not folder.exists():
        return None
    if not all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents)):
        return None
    for name in USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    return None
