"""The durable queue on disk: SQLite files, each with one writer, read and dropped as a whole.

`writer.py` writes them; the desk's loader needs this room only: `files`, `read`, `is_sealed`, `adopt`,
`quarantine`, `drop`. A file `q-<worker>-<hour>-<random>.db` is being written, or was left by a crash, while
its sidecar `.open` stands beside it; the writer holds a lock on the sidecar, which the kernel takes from the
dead. A sealed file is plain, without side files, and never changes again.

A record is kept as JSON with its names: an added field does not break older files, and a person can read them
with the sqlite3 shell. Decoding costs 4 us an event with the garbage collector paused, 10 without; Polars'
own parser took longer. Every row carries a checksum, since SQLite has none on its pages: a flipped bit ends
the file, it never counts wrong.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import secrets
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import msgspec

from analytics.errors import FileUnreadableError, StoreBusyError
from analytics.events import RECORDS, Event

FOLDER = "spool"
QUARANTINE = "quarantine"
SIDES = ("-wal", "-shm", "-journal")
BUSY_WAIT_S = 5.0
ROWS_A_STATEMENT = 128
Values = tuple[int, str, bytes, str | None, int]

_ENCODER = msgspec.json.Encoder()
_DECODERS: dict[str, Callable[[bytes], Event]] = {
    table: msgspec.json.Decoder(record).decode for table, record in RECORDS.items()
}


class Record(msgspec.Struct, frozen=True, gc=False):
    """One row of the queue.

    Attributes:
        table: Table of the event.
        body: The event, encoded.
        dropped: Why it does not count: a reason, or reason and rule (`bot:monitoring`); None: it counts.
    """

    table: str
    body: bytes
    dropped: str | None = None

    @property
    def reason(self) -> str | None:
        """The reason without its rule."""
        return self.dropped.partition(":")[0] if self.dropped else None


class Row(Record, frozen=True, gc=False):
    """A record at its place: `seq` counts from 1 within the file, without gaps."""

    seq: int = 0


def encode(event: Event) -> bytes:
    """Write an event as it stands in the queue."""
    return _ENCODER.encode(event)


def decode(record: Record) -> Event:
    """Read an event back.

    Raises:
        msgspec.ValidationError: It is none; the loader writes it to `bad_events` and goes on.
    """
    return _DECODERS[record.table](record.body)


def folder_of(home: Path) -> Path:
    """Give the folder of the queue, made where it is missing."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def files(home: Path) -> list[Path]:
    """List the queue's files, sealed or not, oldest hour first."""
    return sorted(folder_of(home).glob("q-*.db"), key=lambda path: (hour_of(path), path.name))


def hour_of(file: Path) -> str:
    """Give the hour of a file, UTC, as `2026112214`."""
    return file.stem.rsplit("-", 2)[1]


def is_sealed(file: Path) -> bool:
    """Tell whether a file is complete: nothing will be added."""
    return not _sidecar(file).exists()


def sealed(home: Path) -> list[Path]:
    """List the complete files, oldest hour first."""
    return [file for file in files(home) if is_sealed(file)]


def read(file: Path, after_seq: int, limit: int) -> list[Row]:
    """Read rows in order, also while the file is being written.

    Args:
        file: A file of the queue.
        after_seq: Last row that is known already; 0 for none.
        limit: Rows at most.

    Returns:
        Rows from `after_seq` + 1 on, without gaps; fewer than `limit` at the end, and before a damaged row:
        what stands before the damage is good, and the next call tells.

    Raises:
        FileUnreadableError: The next row is damaged, or a sealed file ends too early: `quarantine` it.
        StoreBusyError: It cannot be read just now; try again. So too a damaged row while the file is being
            written: it must not be moved from under its writer, and is told once it is sealed.
        FileNotFoundError: It is gone.
    """
    if not file.exists():
        raise FileNotFoundError(file)
    rows: list[Row] = []
    trouble = ""
    try:
        with closing(_reading(file)) as database:
            found = database.execute(
                "SELECT seq, tbl, record, dropped, crc FROM queue WHERE seq > ? ORDER BY seq LIMIT ?",
                (after_seq, limit),
            )
            for seq, table, body, dropped, crc in found:
                if seq != after_seq + len(rows) + 1 or crc != checksum(seq, table, body, dropped):
                    trouble = f"row {after_seq + len(rows) + 1} is damaged"
                    break
                rows.append(Row(table, body, dropped, seq))
            if not rows and not trouble:
                trouble = _missing_end(database, after_seq)
    except (sqlite3.DatabaseError, TypeError, UnicodeError) as fault:
        if isinstance(fault, sqlite3.OperationalError) and (_is_passing(fault) or not is_sealed(file)):
            raise StoreBusyError(f"{file.name} cannot be read just now: {fault}.", "Try again.") from fault
        trouble = str(fault)
    if trouble and not rows:
        if not is_sealed(file):
            raise StoreBusyError(
                f"{file.name} is still being written, and {trouble}.", "Wait until it is sealed."
            )
        raise FileUnreadableError(
            f"{file.name} cannot be read after row {after_seq}: {trouble}.", "It goes to spool/quarantine/."
        )
    return rows


def last_seq(file: Path) -> int:
    """Give the last row's number, 0 in an empty file."""
    with closing(_reading(file)) as database:
        return _last_seq(database)


def drop(file: Path) -> None:
    """Delete a whole sealed file, once all of it is in the store and its backup."""
    file.unlink(missing_ok=True)
    for side in SIDES:
        Path(f"{file}{side}").unlink(missing_ok=True)


def quarantine(file: Path) -> Path:
    """Move a damaged file and its side files away, for a person to look at; nothing is deleted."""
    folder = file.parent / QUARANTINE
    folder.mkdir(mode=0o700, exist_ok=True)
    for side in SIDES:
        beside = Path(f"{file}{side}")
        if beside.exists():
            shutil.move(beside, folder / beside.name)
    moved = Path(shutil.move(file, folder / file.name))
    _sidecar(file).unlink(missing_ok=True)
    return moved


def adopt(home: Path) -> tuple[list[Path], list[Path]]:
    """Seal what crashed workers left; files of living ones are left alone.

    Returns:
        Files sealed, and files that were damaged and went to quarantine.
    """
    good: list[Path] = []
    bad: list[Path] = []
    for sidecar in sorted(folder_of(home).glob("q-*.open")):
        with _claimed(sidecar) as is_ours:
            if is_ours:
                _adopt_one(sidecar, good, bad)
    return good, bad


def _adopt_one(sidecar: Path, good: list[Path], bad: list[Path]) -> None:
    file = sidecar.with_suffix(".db")
    try:
        if not file.exists() or _is_unborn(file):
            drop(file)
        else:
            with closing(sqlite3.connect(file, isolation_level=None, timeout=BUSY_WAIT_S)) as database:
                _check(database)
                seal(database, _last_seq(database))
            good.append(file)
    except sqlite3.DatabaseError as fault:
        if isinstance(fault, sqlite3.OperationalError) and _is_passing(fault):
            return  # the next round tries again
        bad.append(quarantine(file))
    sidecar.unlink(missing_ok=True)


def _check(database: sqlite3.Connection) -> None:
    verdict = database.execute("PRAGMA quick_check").fetchone()[0]
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


# --- what the writer needs too -----------------------------------------------------------------------------


def create(home: Path, worker: str, hour: dt.datetime) -> tuple[Path, int, sqlite3.Connection]:
    """Begin a file.

    Returns:
        The file, the descriptor that holds the lock on its sidecar, and the one connection that may write.
    """
    folder = folder_of(home)
    file = folder / f"q-{worker}-{hour:%Y%m%d%H}-{secrets.token_hex(6)}.db"
    lock = os.open(_sidecar(file), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        database = sqlite3.connect(
            file, isolation_level=None, check_same_thread=False, timeout=BUSY_WAIT_S, cached_statements=256
        )
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=FULL")
            database.execute(
                "CREATE TABLE queue (seq INTEGER PRIMARY KEY, tbl TEXT NOT NULL, record BLOB NOT NULL,"
                " dropped TEXT, crc INTEGER NOT NULL)"
            )
            sync_folder(folder)
        except BaseException:
            database.close()
            raise
    except BaseException:
        os.close(lock)
        _sidecar(file).unlink(missing_ok=True)
        drop(file)
        raise
    return file, lock, database


def insert(database: sqlite3.Connection, rows: Sequence[Values]) -> None:
    """Add rows and commit them: durable once this is back.

    One statement of many rows, not many statements: Python's SQLite gives the interpreter away around every
    step, and beside a busy event loop each step could wait 5 ms to get it back. A statement alone is also a
    transaction alone.
    """
    if len(rows) <= ROWS_A_STATEMENT:
        _insert(database, rows)
        return
    database.execute("BEGIN IMMEDIATE")
    for first in range(0, len(rows), ROWS_A_STATEMENT):
        _insert(database, rows[first : first + ROWS_A_STATEMENT])
    database.execute("COMMIT")


def seal(database: sqlite3.Connection, last: int) -> None:
    """Make a file plain: one file, without side files, that says how many rows it holds."""
    database.execute(f"PRAGMA user_version={last}")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.execute("PRAGMA journal_mode=DELETE")


def unlock(file: Path, lock: int) -> None:
    """Say that a file is sealed: its sidecar goes."""
    _sidecar(file).unlink(missing_ok=True)
    os.close(lock)


def sync_folder(folder: Path) -> None:
    """Make a new name durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def row_of(seq: int, record: Record) -> Values:
    """Give the values of a row, in the order of its columns."""
    crc = checksum(seq, record.table, record.body, record.dropped)
    return seq, record.table, record.body, record.dropped, crc


def checksum(seq: int, table: str, body: bytes, dropped: str | None) -> int:
    """Give the checksum of a row."""
    return zlib.crc32(body, zlib.crc32(f"{seq}|{table}|{dropped}".encode()))


def _insert(database: sqlite3.Connection, rows: Sequence[Values]) -> None:
    database.execute(_statement(len(rows)), [value for row in rows for value in row])


@cache
def _statement(rows: int) -> str:
    return f"INSERT INTO queue VALUES {', '.join(['(?, ?, ?, ?, ?)'] * rows)}"


# --- private -----------------------------------------------------------------------------------------------


def _sidecar(file: Path) -> Path:
    return file.with_suffix(".open")


def _reading(file: Path) -> sqlite3.Connection:
    # `immutable` must not be set: a file that is being written has its newest rows in the WAL.
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_WAIT_S)


def _last_seq(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT coalesce(max(seq), 0) FROM queue").fetchone()[0])


def _missing_end(database: sqlite3.Connection, after_seq: int) -> str:
    """Say what is wrong with the end of a file; a sealed one knows how many rows it must hold."""
    promised = database.execute("PRAGMA user_version").fetchone()[0]
    return f"{promised - after_seq} rows are missing at its end" if promised > after_seq else ""


def _is_unborn(file: Path) -> bool:
    """Tell a file whose writer died before it made the table: it holds no event."""
    if file.stat().st_size == 0 and not Path(f"{file}-wal").exists():
        return True
    with closing(sqlite3.connect(file, timeout=BUSY_WAIT_S)) as database:
        return not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'queue'").fetchone()


def _is_passing(fault: sqlite3.OperationalError) -> bool:
    """Tell trouble that passes (locked, disk full) from a damaged file."""
    # Python's own, such as text that is no UTF-8, has no code.
    return (getattr(fault, "sqlite_errorcode", 0) & 0xFF) in {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_NOMEM,
    }


@contextmanager
def _claimed(sidecar: Path) -> Iterator[bool]:
    """Take the lock of a file whose writer is dead; False while it lives or has just sealed it."""
    try:
        lock = os.open(sidecar, os.O_RDWR)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            # Between open and lock its writer may have sealed it and let go.
            yield sidecar.exists() and os.fstat(lock).st_nlink > 0
    finally:
        os.close(lock)


def record_of(table: str, event: Event, dropped: str | None = None) -> Record:
    """Make the row of an event."""
    return Record(table, _ENCODER.encode(event), dropped)


def size_of(records: Sequence[Record]) -> int:
    """Count the bytes that records take in memory, about."""
    return sum(len(record.body) for record in records) + 100 * len(records)
