"""The archive in a notebook: `analytics.connect` reads the files of a home, or asks the API of a desk."""

from __future__ import annotations

import os
import warnings
from abc import ABC, abstractmethod
from pathlib import Path

import duckdb
import httpx
import polars as pl
import pyarrow as pa

from analytics.errors import ConfigError, SqlError
from analytics.sql.jobs import Value
from analytics.store.archive import archive
from analytics.store.archive.views import described

ANSWER_S = 60.0  # longer than any query may run


class Newsroom(ABC):
    """What both ways in have in common."""

    @abstractmethod
    def sql(self, query: str, **parameters: Value) -> duckdb.DuckDBPyRelation:
        """Ask, and go on with the answer as a DuckDB relation.

        Args:
            query: One SELECT; `$name` takes a parameter.
            parameters: Values.

        Raises:
            SqlError: The query was refused, or is none.
        """

    def frame(self, query: str, **parameters: Value) -> pl.DataFrame:
        """Ask, and take the answer as a Polars frame; `sql` says the rest."""
        return self.sql(query, **parameters).pl()

    def tables(self) -> pl.DataFrame:
        """List what can be asked: table, about."""
        return pl.DataFrame(
            [(name, about) for name, about, _ in described()], ["table", "about"], orient="row"
        )

    def columns(self, table: str) -> pl.DataFrame:
        """List the columns of a table: column, type, about."""
        known = {name: columns for name, _, columns in described()}
        if table not in known:
            raise SqlError("sql_error", f"There is no table {table!r}.", f"There are {', '.join(known)}.")
        return pl.DataFrame(known[table], ["column", "type", "about"], orient="row")


def connect(where: str | Path, key: str = "") -> Newsroom:
    """Open a newsroom's archive.

    Args:
        where: Folder of a home on this machine, or the address of a desk.
        key: With an address: a key of the scope `sql`; else TEARSHEET_KEY.

    Raises:
        ConfigError: There is no archive, or no key was given.
    """
    if isinstance(where, str) and where.startswith(("http://", "https://")):
        key = key or os.environ.get("TEARSHEET_KEY", "")
        if not key:
            raise ConfigError(f"{where} wants a key of the scope sql.", "Give it as key= or TEARSHEET_KEY.")
        return _Asked(where.rstrip("/"), key)
    return _Local(Path(where).expanduser())


class _Local(Newsroom):
    """A home on this machine: its files, with all of this machine's cores and memory."""

    def __init__(self, home: Path) -> None:
        file = home / archive.FOLDER / archive.VIEWS
        if not file.exists():
            raise ConfigError(f"{file} is not there.", "A running desk makes it, or `tearsheet sql` once.")
        self._engine = duckdb.connect(":memory:")
        self._engine.execute(f"ATTACH '{str(file).replace(chr(39), chr(39) * 2)}' AS newsroom (READ_ONLY)")
        self._engine.execute("USE newsroom")
        self._engine.execute("SET TimeZone = 'UTC'")

    def sql(self, query: str, **parameters: Value) -> duckdb.DuckDBPyRelation:
        try:
            return self._engine.sql(query, params=parameters or None)
        except duckdb.Error as fault:
            raise SqlError("sql_error", str(fault)) from fault


class _Asked(Newsroom):
    """A desk elsewhere: under the limits of its SQL page."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = f"{url}/api/v1/sql", key

    def sql(self, query: str, **parameters: Value) -> duckdb.DuckDBPyRelation:
        asked = {"sql": query, "params": parameters, "format": "arrow"}
        try:
            answer = httpx.post(
                self._url, json=asked, headers={"Authorization": f"Bearer {self._key}"}, timeout=ANSWER_S
            )
        except httpx.HTTPError as fault:
            raise SqlError("sql_error", f"{self._url} does not answer: {fault}.") from fault
        if answer.status_code != httpx.codes.OK:
            raise _refused(answer)
        table = pa.ipc.open_stream(answer.content).read_all()
        if answer.headers.get("x-tearsheet-truncated") == "true":
            warnings.warn(f"The first {table.num_rows:,} rows, the limit; more exist.", stacklevel=2)
        return duckdb.from_arrow(table)


def _refused(answer: httpx.Response) -> SqlError:
    try:
        said = answer.json()
        return SqlError(str(said["error"]), str(said["message"]), str(said.get("hint", "")))
    except (ValueError, KeyError, AttributeError):
        return SqlError("sql_error", f"The desk answered {answer.status_code}.", "Is it a Tearsheet desk?")
