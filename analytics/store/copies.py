"""Whole copies of the store: one consistent state, written while the desk goes on, and counted again."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import duckdb

from analytics.errors import StoreError
from analytics.store.store import Store

AS = "copied"
FOLD_S, AGAIN_S = 60.0, 0.05


def write(store: Store, to: Path) -> dict[str, int]:
    """Write the state of the store at this instant into a new file.

    One transaction sees one state of all tables, whatever is loaded meanwhile; the writer goes on. What was
    deleted before is not in the file: rows are copied, not blocks.

    Args:
        store: The open store.
        to: File to make.

    Returns:
        Table -> rows, counted in the same transaction.

    Raises:
        StoreError: It cannot be written; half a file may be left.
    """
    place = str(to).replace("'", "''")
    try:
        with store.aside() as cursor:
            cursor.execute(f"ATTACH '{place}' AS {AS}")
            try:
                cursor.execute("BEGIN TRANSACTION")
                try:
                    rows = _counted(cursor)
                    cursor.execute(f"COPY FROM DATABASE {_name(cursor)} TO {AS}")
                    cursor.execute("COMMIT")
                except BaseException:
                    with suppress(duckdb.Error):
                        cursor.execute("ROLLBACK")
                    raise
                _fold(cursor)
            finally:
                cursor.execute(f"DETACH {AS}")
    except duckdb.Error as fault:
        raise StoreError(
            f"{to} cannot be written: {str(fault).splitlines()[0][:200]}", "Check free space."
        ) from fault
    return rows


def counted(file: Path) -> tuple[int, dict[str, int]]:
    """Open a copy by itself and count it.

    Returns:
        Number of its latest migration; table -> rows.

    Raises:
        StoreError: It is damaged, or no store.
    """
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            found = connection.execute("SELECT max(version) FROM schema_versions").fetchone()
            return int(found[0]) if found else 0, _counted(connection)
    except duckdb.Error as fault:
        raise StoreError(
            f"{file} cannot be read: {str(fault).splitlines()[0][:200]}", "Take another backup."
        ) from fault


def _fold(cursor: duckdb.DuckDBPyConnection) -> None:
    """Fold the copy's log into its file.

    Whoever lists tables meanwhile is at work in all attached files; DETACH would leave the log to the end of
    that, when the copy is counted and hashed already.
    """
    ends = time.monotonic() + FOLD_S
    while True:
        try:
            cursor.execute(f"CHECKPOINT {AS}")
        except duckdb.TransactionException:
            if time.monotonic() > ends:
                raise
            time.sleep(AGAIN_S)
        else:
            return


def _name(cursor: duckdb.DuckDBPyConnection) -> str:
    found = cursor.execute("SELECT current_database()").fetchone()
    return f'"{found[0]}"' if found else ""


def _counted(cursor: duckdb.DuckDBPyConnection) -> dict[str, int]:
    tables = cursor.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT temporary "
        "ORDER BY table_name"
    ).fetchall()
    counts = {}
    for (table,) in tables:
        row = cursor.execute(f'SELECT count(*) FROM "{table}"').fetchone()
        counts[table] = int(row[0]) if row else 0
    return counts
