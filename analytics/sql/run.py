"""One query inside a worker: parse it in a locked engine, show it the files it reads, lock, run, send.

The order is the defence: the process has given up its rights before it hears the query; the statement is
parsed by an engine without data; only then is the other engine shown the exact files that it reads, and
locked before it runs.
"""

from __future__ import annotations

import contextlib
import io
import os
import queue
import re
import select
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, TypeAlias

import duckdb
import msgspec
import pyarrow as pa

from analytics.errors import SqlError
from analytics.language import _, in_parts
from analytics.sql import gate, wire
from analytics.sql.jobs import Cut, Done, Failed, Job, Told
from analytics.sql.sight import Sight

Clock: TypeAlias = "queue.SimpleQueue[tuple[duckdb.DuckDBPyConnection, float]]"

BATCH_ROWS = 2048
LASTS_CPU_S, LOOK_S = 0.3, 0.1  # a query that takes more leaves the processor to others
STARVED = 0.25  # of its time a query had the processor, or less: its owner is told
DEPTH = 10_000  # frames for the parser's tree; the engine itself stops at 1,000 levels
FIXED: dict[str, str | bool | int | float | list[str]] = {
    "threads": "1",
    "temp_directory": "",
    "max_temp_directory_size": "0MB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "python_scan_all_frames": "false",
}
_INTERRUPTED = re.compile(r"INTERRUPT", re.IGNORECASE)
_NO_MEMORY = re.compile(
    r"out of memory|bad_alloc|std::length_error|failed to allocate|cannot allocate", re.IGNORECASE
)
_NOT_IN_ARROW = re.compile(r"\bUHUGEINT\b|\bBIGNUM\b")  # the first comes out as another number, unsaid
_PATH = re.compile(r"(?:file://)?/[^\s\"',;:)\]]+")


def run(
    said: BinaryIO,
    heard: BinaryIO,
    give_up: Callable[[], dict[str, bool]],
    limit: Callable[[int, float], None],
    stand_back: Callable[[], None],
) -> None:
    """Answer the one query that comes.

    Args:
        said: Pipe to the desk.
        heard: Pipe from it.
        give_up: Takes from this process what no query needs; called once everything is loaded.
        limit: Bounds memory and time; called with the query's own.
        stand_back: Leaves the processor to others; called when the query lasts.
    """
    sys.setrecursionlimit(DEPTH)
    clock: Clock = queue.SimpleQueue()
    threading.Thread(target=_watch, args=(clock, stand_back), daemon=True).start()
    _warm()
    # The engine looks at the system's own files when it is opened, and breaks where it may not.
    parser, engine = (duckdb.connect(":memory:", config=FIXED) for _ in range(2))
    done = give_up()
    lock(parser)
    sight, told = Sight(engine, parser), Told()
    wire.write(said, "ready", msgspec.json.encode(done))
    while (asked := wire.read(heard)) and asked[0] == "told":
        told = msgspec.json.decode(asked[1], type=Told)
        sight.prepare(told.views, told.sites, lambda: bool(select.select([heard], [], [], 0)[0]))
    if asked is None:
        return
    job = msgspec.json.decode(asked[1], type=Job)
    if job.is_as_told:
        job = msgspec.structs.replace(job, views=told.views, sites=told.sites)
    with in_parts():  # the desk knows who asks, and says refusals in their language
        try:
            # Not before all was given up: a thread has the rights of who starts it. Then no more may start.
            engine.execute(f"SET threads={job.threads}")
            limit(job.memory_mib, job.seconds * job.threads)
            ended = _answer(job, parser, engine, sight, clock, said)
            wire.write(said, "end", msgspec.json.encode(ended))
        except SqlError as refusal:
            wire.write(said, "error", msgspec.json.encode(_failed(refusal)))
        except MemoryError:
            wire.write(said, "error", msgspec.json.encode(_failed(_out_of_memory(job))))


def _answer(
    job: Job,
    parser: duckdb.DuckDBPyConnection,
    engine: duckdb.DuckDBPyConnection,
    sight: Sight,
    clock: Clock,
    said: BinaryIO,
) -> Done:
    began = time.perf_counter()
    exposed = {view.name.casefold() for view in job.views if not view.schema}
    approved = gate.check(parser, job.text, exposed)
    if missing := sorted(approved.parameters - job.parameters.keys()):
        raise SqlError(
            "sql_error", _("The parameter ${missing} has no value.", missing=missing[0]), _("Give it one.")
        )
    engine.execute(f"SET memory_limit='{job.memory_mib}MiB'")
    sight.show(job.views, approved.tables, job.sites)
    lock(engine)
    began_cpu_s = time.process_time()
    clock.put((engine, job.seconds))
    try:
        values = {name: job.parameters[name] for name in approved.parameters}
        ran = engine.execute(approved.text, values or None)
        types = [str(column[1]) for column in ran.description or []]
        return _send(job, types, ran, said, began)
    except (duckdb.Error, pa.ArrowException, OSError, OverflowError, ValueError, UnicodeError) as fault:
        raise _told(fault, job, approved.text, time.process_time() - began_cpu_s) from fault


def _send(job: Job, types: list[str], ran: duckdb.DuckDBPyConnection, said: BinaryIO, began: float) -> Done:
    reader = ran.to_arrow_reader(min(BATCH_ROWS, job.rows + 1))
    for name, kind in zip(reader.schema.names, types, strict=True):
        if strange := _NOT_IN_ARROW.search(kind):
            raise _cast(f"{name} is {strange[0]}, a type that cannot be handed on.", name)
    huge = [at for at, kind in enumerate(types) if "HUGEINT" in kind]
    rows = size = 0
    cut: Cut = ""
    with pa.ipc.new_stream(_Frames(said), reader.schema) as stream:
        for batch in reader:
            for at in huge:
                try:
                    batch.column(at).validate(full=True)
                except pa.ArrowInvalid as fault:
                    name = reader.schema.names[at]
                    raise _cast(f"A number in {name} has more than 38 digits.", name) from fault
            fits, cut = _fitting(batch, job.rows - rows, job.bytes - size)
            if not fits.num_rows and not rows and cut == "bytes":
                raise SqlError(
                    "too_large",
                    _("One row is larger than {size:g} MB.", size=job.bytes / 1e6),
                    _("Select fewer or shorter columns."),
                )
            if fits.num_rows:
                stream.write_batch(fits)
            rows, size = rows + fits.num_rows, size + fits.nbytes
            if cut:
                break
    return Done(
        names=reader.schema.names,
        types=types,
        rows=rows,
        cut=cut,
        elapsed_ms=(time.perf_counter() - began) * 1000,
    )


def _cast(message: str, name: str) -> SqlError:
    return SqlError("sql_error", message, f"Select {_name(name)}::VARCHAR or {_name(name)}::DOUBLE.")


def _fitting(batch: pa.RecordBatch, rows: int, size: int) -> tuple[pa.RecordBatch, Cut]:
    """Give as much of a batch as the limits leave, and which limit cut it."""
    cut: Cut = ""
    if batch.num_rows > rows:
        batch, cut = batch.slice(0, rows), "rows"
    if batch.nbytes > size:
        low, high = 0, batch.num_rows
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if batch.slice(0, middle).nbytes <= size else (low, middle - 1)
        batch, cut = batch.slice(0, low), "bytes"
    return batch, cut


def lock(engine: duckdb.DuckDBPyConnection) -> None:
    """Leave an engine no file, no setting and no way back."""
    engine.execute("SET enable_external_access=false")
    engine.execute("SET errors_as_json=true")
    engine.execute("SET lock_configuration=true")
    engine.execute("SELECT ?", [1]).fetchall()


def _warm() -> None:
    """Load what is loaded at first use, while files can still be read."""
    gate.functions()
    with duckdb.connect(":memory:") as engine, contextlib.suppress(duckdb.Error):
        table = engine.execute(
            "SELECT 1 AS a, now() AS b, current_date AS c, 'x' AS d, 1.5::DECIMAL(9,2) AS e"
        ).to_arrow_table()
        with pa.ipc.new_stream(io.BytesIO(), table.schema) as stream:
            stream.write_table(table)


def _watch(clock: Clock, stand_back: Callable[[], None]) -> None:
    """Interrupt the query when its time is over; end at once when the desk has gone."""
    engine, seconds = clock.get()
    until, much = time.monotonic() + seconds, time.process_time() + LASTS_CPU_S
    while (left := until - time.monotonic()) > 0:
        if select.select([0], [], [], min(left, LOOK_S))[0]:
            os._exit(1)
        if time.process_time() > much:
            stand_back()
            much = float("inf")
    while True:
        engine.interrupt()
        time.sleep(0.1)


class _Frames(io.RawIOBase):
    """Takes what Arrow writes and sends it on as frames."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        body = bytes(data)
        wire.write(self._pipe, "arrow", body)
        return len(body)


def _told(fault: Exception, job: Job, text: str, cpu_s: float) -> SqlError:
    """Turn a fault of the engine into a sentence without paths, with its place.

    Args:
        fault: As the engine raised it.
        job: The query.
        text: As it was executed.
        cpu_s: What the query had of the processor.
    """
    said, place, kind = str(fault), None, ""
    with contextlib.suppress(ValueError):
        known: Mapping[str, str] = msgspec.json.decode(said[said.index("{") :].encode())
        said, place, kind = known["exception_message"], known.get("position"), known.get("exception_type", "")
    if _INTERRUPTED.search(kind) or _INTERRUPTED.search(said):
        if cpu_s < job.seconds * STARVED:
            return SqlError(
                "timeout",
                _(
                    "The query was stopped after {seconds:g} s, the limit. It had {cpu_s:.1f} s of the "
                    "processor: what is done for readers goes first.",
                    seconds=job.seconds,
                    cpu_s=cpu_s,
                ),
                _("Ask again when less is going on."),
            )
        return SqlError(
            "timeout",
            _("The query was stopped after {seconds:g} s, the limit.", seconds=job.seconds),
            _("Narrow its days, or group before you join."),
        )
    if _NO_MEMORY.search(said) or _NO_MEMORY.search(kind):
        return _out_of_memory(job)
    said = _PATH.sub("a file of the archive", said).partition("\n\nLINE ")[0].strip()
    said = re.sub(r"\s*Use \"SET .*", "", said)
    line, column = _place(text, job.text, place)
    return SqlError("sql_error", said if said.endswith((".", "!", "?")) else f"{said}.", "", line, column)


def _place(text: str, asked: str, place: str | None) -> tuple[int, int]:
    """Turn a byte of the executed text into line and column of what was asked."""
    if place is None or not place.isdigit():
        return 0, 0
    skipped = len(asked.encode()) - len(text.encode())  # of an EXPLAIN, which was written anew
    before = asked.encode()[: int(place) + skipped].decode("utf-8", "ignore")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _out_of_memory(job: Job) -> SqlError:
    return SqlError(
        "out_of_memory",
        _("The query needed more than {memory_mib} MB of memory, the limit.", memory_mib=job.memory_mib),
        _("Narrow its days or columns, or group earlier."),
    )


def _failed(refusal: SqlError) -> Failed:
    return Failed(
        code=refusal.code,
        message=refusal.message,
        hint=refusal.hint,
        line=refusal.line,
        column=refusal.column,
    )


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
