"""DuckDB for preparing batches: an instance of its own in memory, which owns no file and needs no lock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from analytics.errors import FileUnreadableError, StoreError


@contextmanager
def workshop(scratch: Path, zone: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an instance in memory; what does not fit goes to a scratch folder.

    Args:
        scratch: Folder that the caller removes.
        zone: Zone of times without an offset.

    Raises:
        StoreError: The disk refused.
        FileUnreadableError: The engine could not read the file.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "temp_directory": str(scratch / "spill"),
            "threads": os.cpu_count() or 2,
        },
    )
    try:
        connection.execute("SET TimeZone = $zone", {"zone": zone})
        yield connection
    except (duckdb.IOException, duckdb.OutOfMemoryException, OSError) as fault:
        # The engine's sentence may quote the line it stumbled over; only its kind may be told.
        raise StoreError(
            f"The batches cannot be written to {scratch.parent}: {_plain(fault)}.",
            "Nothing of the file was stored. Free some space and import it again.",
        ) from None
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
        raise  # our own mistake, no fault of the file
    except duckdb.Error as fault:
        raise FileUnreadableError(
            f"The engine cannot read the file ({type(fault).__name__}).", "Nothing of it was stored."
        ) from None
    finally:
        connection.close()


class Bind:
    """Values of one statement: each gets a name, and never stands in the text itself."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def __call__(self, value: object) -> str:
        """Take a value and give its place in the statement."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"${name}"


def one(connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, object] | None = None) -> int:
    """Ask for one whole number; no row is 0."""
    row = connection.execute(sql, values or {}).fetchone()
    return int(row[0]) if row else 0


def _plain(fault: Exception) -> str:
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror
    return (
        "no memory left"
        if isinstance(fault, duckdb.OutOfMemoryException)
        else "no space left, or no right to write"
    )
