"""The store: one writer, a bounded pool of reader cursors, migrations.

All cursors come from one connection, because a DuckDB file is locked for every other connection
(docs/decisions/0001-one-owner-process.md). An error from COMMIT leaves the outcome unknown and the
whole instance invalid; the store then reopens, and whoever wrote must look before writing again.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb
import polars as pl
from pyarrow.lib import _pandas_api

from analytics.errors import StoreError
from analytics.store.memory import Memory, Part

READ_WAIT_S = 60  # longer than any question of ours runs
FILE = "readers.duckdb"
TRIES = 3  # of a question: on a full disk the store is opened anew at every failed write
T = TypeVar("T")


# After these the whole instance is invalid, and every cursor of it fails until it is opened anew.
_INVALID = (duckdb.FatalException, duckdb.InternalException)
# What a disk or a damaged file raises; anything else is a fault of ours and keeps its name.
_DISK = (duckdb.IOException, duckdb.OutOfMemoryException, *_INVALID)


class UnknownOutcomeError(StoreError):
    """COMMIT failed: the rows may be there or not. Ask the store before writing them again."""


class CutError(StoreError):
    """The store was opened anew while it was read; `Store.again` asks once more."""


class Store:
    """An open `readers.duckdb`."""

    def __init__(self, folder: Path) -> None:
        """Open the file, bring its schema up to date and warm it up.

        Args:
            folder: The home, whose lock the caller holds.

        Raises:
            StoreError: The file is damaged, unwritable, or of a newer program.
        """
        self.path = folder / FILE
        self._writing = threading.RLock()
        self._readers = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
        self._is_closed = False
        self._shut = 0  # counts closings, for readers whose cursor goes with one
        self._memory = Memory()
        self._here = _Here()
        _without_pandas()
        self._connection = self._open()
        try:
            _migrate(self._connection, self.path)
        except duckdb.Error as fault:
            raise _cannot(self.path, fault) from fault

    @property
    def version(self) -> int:
        """Counts the commits of this process: equal versions give equal answers."""
        return self._memory.version

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor inside a READ ONLY transaction; waits while all are lent.

        Inside another reading of the same thread it is that one's cursor: a screen sees one moment.

        Raises:
            CutError: The store broke or was opened anew meanwhile: ask again.
            StoreError: No cursor came free in a minute, or the disk refused.
        """
        if self._here.cursor is not None:
            with _begun_anew(self._here.cursor):
                yield self._here.cursor
            return
        if not self._readers.acquire(timeout=READ_WAIT_S):
            raise StoreError("The store is busy with other questions.", "Try again in a moment.")
        try:
            self._here.version = self.version  # before it begins: rather too old a label than too new
            shut = self._shut
            cursor = self._here.cursor = self._begun("BEGIN TRANSACTION READ ONLY")
            try:
                yield cursor
            except duckdb.Error as fault:
                # A closing takes every cursor with it: between question and answer that reads as "no result".
                if isinstance(fault, (duckdb.ConnectionException, *_INVALID)) or self._shut != shut:
                    raise CutError(
                        f"{self.path} was opened anew while it was read.", "Check free space, then try again."
                    ) from fault
                if isinstance(fault, _DISK):
                    raise _cannot(self.path, fault) from fault
                raise
            finally:
                cursor.close()
        finally:
            self._here.cursor = self._here.version = None
            self._readers.release()

    @contextmanager
    def write(self, changed: Sequence[Part] | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend the one writing cursor inside a transaction that commits at the end.

        Args:
            changed: What the transaction changes of what answers rest on, looked at when it ends; None is
                everything.

        Raises:
            UnknownOutcomeError: COMMIT failed; the store was reopened.
            StoreError: The disk refused; nothing was written.
        """
        with self._writing:
            cursor = self._begun("BEGIN TRANSACTION")
            try:
                yield cursor
            except _DISK as fault:
                self._give_up(cursor)
                if isinstance(fault, _INVALID):
                    with suppress(StoreError):  # the next one tries again
                        self.reopen()
                raise _cannot(self.path, fault) from fault
            except BaseException:
                self._give_up(cursor)
                raise
            try:
                cursor.execute("COMMIT")
            except duckdb.Error as fault:
                self.reopen()
                raise UnknownOutcomeError(
                    f"{self.path} did not confirm a write: {_first_line(fault)}",
                    "It was opened anew. Check free space, then try again.",
                ) from fault
            cursor.close()
            self._memory.note(changed)

    @contextmanager
    def aside(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor without a transaction, for work beside readers and writer: copies of the whole.

        Raises:
            StoreError: The store cannot be opened.
        """
        cursor = self._begun("SELECT 1")
        try:
            yield cursor
        finally:
            cursor.close()

    def frame(self, question: str, **values: Any) -> pl.DataFrame:
        """Ask one question and take the answer as a frame.

        Args:
            question: SQL with `$name` places.
            values: What goes into the places.

        Raises:
            StoreError: The engine refused.
        """

        def asked() -> pl.DataFrame:
            with self.read() as cursor:
                return ask(cursor, question, **values)

        return self.again(asked)

    def again(self, question: Callable[[], T]) -> T:
        """Ask, and ask again where the store was opened anew meanwhile; a few times, then it is said.

        Args:
            question: Only reads, or may be done twice.
        """
        for _ in range(TRIES - 1):
            with suppress(CutError):
                return question()
        return question()

    def memo(
        self,
        key: Hashable,
        make: Callable[[], T],
        for_s: float = 0.0,
        of: Sequence[Part] | None = None,
    ) -> T:
        """Keep an answer until what it rests on is written; who asks the same meanwhile waits for it.

        Inside `read` it is as old as that reading.

        Args:
            key: What was asked, values included.
            make: Asks it.
            for_s: Seconds for which an answer may be older than the store.
            of: What it rests on; None is everything, so that any commit ends it.
        """
        answer = self._memory.answer(key)
        kept, seen = answer.kept, self._here.version
        if kept is None or not self._memory.is_fresh(kept, self.version if seen is None else seen, of):
            # A cursor first, then the turn: whoever has the turn never waits for those who wait for it.
            with self.read(), answer.turn:
                kept, now = answer.kept, self._here.version or 0
                if kept is None or not self._memory.is_fresh(kept, now, of):
                    kept = answer.kept = (make(), now, time.monotonic() + for_s)
        return cast("T", kept[0])

    def forget(self) -> None:
        """Forget every answer that was kept."""
        self._memory.forget()

    def reopen(self) -> None:
        """Close and open the file again, which replays its log."""
        with self._writing:
            self._close()
            self._connection = self._open()
            self._memory.note()

    def renew(self, copy: Callable[[Path], object]) -> None:
        """Put a copy of the rows in the place of the file, so that nothing deleted is left in its blocks.

        Writers wait; a reading of that moment is cut, and asked again. Killed at any point, the old file or
        the new one stands there.

        Args:
            copy: Writes the copy to the path that it is given.

        Raises:
            StoreError: It cannot be written; the old file stays.
        """
        fresh = self.path.with_suffix(".fresh")
        with self._writing:
            fresh.unlink(missing_ok=True)
            try:
                copy(fresh)
                self._close()
                fresh.replace(self.path)
            except OSError as fault:
                raise _cannot(self.path, fault) from fault
            finally:
                fresh.unlink(missing_ok=True)
                self.reopen()

    def close(self) -> None:
        """Close the file; its log is folded in."""
        with self._writing:
            self._is_closed = True
            self._close()

    def _close(self) -> None:
        self._shut += 1
        self._connection.close()

    def _begun(self, statement: str) -> duckdb.DuckDBPyConnection:
        """Give a cursor inside a transaction; opens anew what broke, or could not be opened, before."""
        with suppress(duckdb.ConnectionException, *_INVALID):
            return _begun(self._connection, statement)
        with self._writing:
            if self._is_closed:
                raise StoreError(f"{self.path} is closed.")
            with suppress(duckdb.ConnectionException, *_INVALID):  # another may have been here first
                return _begun(self._connection, statement)
            self.reopen()
            return _begun(self._connection, statement)

    def _open(self) -> duckdb.DuckDBPyConnection:
        try:
            connection = duckdb.connect(
                str(self.path),
                config={
                    "autoinstall_known_extensions": "false",
                    "autoload_known_extensions": "false",
                    "python_enable_replacements": "false",
                    "threads": os.cpu_count() or 2,
                    # A checkpoint rewrites the last row group of every wide table: rarely, not each 16 MB.
                    "checkpoint_threshold": "256MB",
                },
            )
            connection.execute("SET TimeZone = 'UTC'")
        except (duckdb.Error, OSError) as fault:
            raise _cannot(self.path, fault) from fault
        return connection

    @staticmethod
    def _give_up(cursor: duckdb.DuckDBPyConnection) -> None:
        with suppress(duckdb.Error):  # the transaction may be gone already
            cursor.execute("ROLLBACK")
        cursor.close()


class _Here(threading.local):
    """What this thread is reading: a cursor, and the version that it sees."""

    cursor: duckdb.DuckDBPyConnection | None = None
    version: int | None = None


@contextmanager
def _begun_anew(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """After a refused question begin a new transaction, for the old one takes no more."""
    try:
        yield
    except duckdb.Error:
        with suppress(duckdb.Error):
            cursor.execute("ROLLBACK")
            cursor.execute("BEGIN TRANSACTION READ ONLY")
        raise


def _begun(connection: duckdb.DuckDBPyConnection, statement: str) -> duckdb.DuckDBPyConnection:
    cursor = connection.cursor()
    try:
        cursor.execute(statement)
    except BaseException:
        cursor.close()
        raise
    return cursor


def ask(cursor: duckdb.DuckDBPyConnection, question: str, **values: Any) -> pl.DataFrame:
    """Ask on a cursor in hand; see `Store.frame`."""
    used = {name: value for name, value in values.items() if f"${name}" in question}
    return cursor.execute(question, used).pl()


def migrations() -> list[tuple[int, str, str]]:
    """List what ships: number, name and SQL, in order."""
    found = []
    for file in files("data").joinpath("schema").iterdir():
        number, _, name = file.name.removesuffix(".sql").partition("_")
        found.append((int(number), name, file.read_text(encoding="utf-8")))
    return sorted(found)


def _without_pandas() -> None:
    """Say once that pandas is not there: DuckDB looks for it at every question, 1 ms each time."""
    if importlib.util.find_spec("pandas") is None:
        _pandas_api.have_pandas  # noqa: B018  (PyArrow must ask before: it takes the halted import for pandas)
        sys.modules["pandas"] = None  # type: ignore[assignment]  # the documented way to halt an import


def _migrate(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    # Only where it is missing: a comment is written each time, and a start that writes must fold in its log.
    found = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_versions'"
    if connection.execute(found).fetchone() == (0,):
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT NOT NULL, name VARCHAR NOT NULL);"
            "COMMENT ON TABLE schema_versions IS 'Migrations that this file has been through.';"
            "COMMENT ON COLUMN schema_versions.version IS 'Number of the migration.';"
            "COMMENT ON COLUMN schema_versions.name IS 'Its name.';"
        )
    row = connection.execute("SELECT coalesce(max(version), 0) FROM schema_versions").fetchone()
    present = int(row[0]) if row else 0
    shipped = migrations()
    if present > shipped[-1][0]:
        raise StoreError(
            f"{path} was written by a newer program (schema {present}, this one knows {shipped[-1][0]}).",
            "Start the newer program, or restore a backup from before the upgrade.",
        )
    missing = [each for each in shipped if each[0] > present]
    # Each in a transaction of its own; of a new file all in one, for every commit waits for the disk.
    for together in [[each] for each in missing] if present else [missing]:
        connection.execute("BEGIN TRANSACTION")
        for number, name, sql in together:
            connection.execute(sql)
            connection.execute(
                "INSERT INTO schema_versions VALUES ($number, $name)", {"number": number, "name": name}
            )
        connection.execute("COMMIT")


def _cannot(path: Path, fault: Exception) -> StoreError:
    return StoreError(
        f"{path} cannot be used: {_first_line(fault)}",
        "Check free space and rights of the folder; if the file is damaged, restore a backup.",
    )


def _first_line(fault: Exception) -> str:
    return str(fault).strip().split("\n", 1)[0][:200]


def described_schema() -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Read what the migrations say of themselves.

    Returns:
        Table, its meaning, and its columns as (name, type, meaning), in the order of the schema.
    """
    with duckdb.connect(":memory:") as connection:
        for _, _, sql in migrations():
            connection.execute(sql)
        tables = connection.execute(
            "SELECT table_name, comment FROM duckdb_tables() ORDER BY table_oid"
        ).fetchall()
        columns = connection.execute(
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() "
            "WHERE NOT internal ORDER BY table_oid, column_index"
        ).fetchall()
    return [
        (table, about, [(name, kind, meaning) for of, name, kind, meaning in columns if of == table])
        for table, about in tables
    ]
