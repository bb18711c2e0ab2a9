"""What goes through the door: a batch, and what became of it."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl

from analytics.catalog.catalogue import Catalogue
from analytics.events import RECORDS, Hash64

_POLARS: dict[object, pl.DataType] = {
    str: pl.String(),
    int: pl.Int64(),
    bool: pl.Boolean(),
    dt.datetime: pl.Datetime("us"),
    dt.date: pl.Date(),
    dict: pl.String(),  # JSON text
}
REJECT_COLUMNS: dict[str, pl.DataType] = {
    "site_id": pl.String(),
    "source": pl.String(),
    "file": pl.String(),
    "line": pl.Int64(),
    "reason": pl.String(),
    "hash": pl.String(),
}


DROP_COLUMNS: dict[str, pl.DataType] = {
    "site_id": pl.String(),
    "event_id": pl.String(),
    "received_at": pl.Datetime("us"),
    "day_local": pl.Date(),
    "of_table": pl.String(),
    "reason": pl.String(),
    "rule": pl.String(),
    "event": pl.String(),
}


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the table `imports` keeps of a file; what is neither new nor left out was there already.

    Attributes:
        site_id: Site of the rows.
        source: Name of the source.
        sha256: Of the file.
        file: Its name without folder.
        read: Rows in it.
        dropped: Rows left out by rule.
        rejected: Rows that could not be read.
    """

    site_id: str
    source: str
    sha256: str
    file: str
    read: int
    dropped: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What comes in at once.

    Attributes:
        events: Table name -> frame, or a Parquet file, in the columns of `schema_of(table)`.
        catalogue: What a source says of articles.
        rejects: Rows that could not be read, in REJECT_COLUMNS.
        drops: Events that a rule keeps out, in DROP_COLUMNS.
        ledger: What to write down of an imported file.
        file: Name of the source file or queue file; never used twice; empty where there is none.
        seq: Position in that file after this batch; a batch at or below the stored one is skipped.
    """

    events: Mapping[str, pl.DataFrame | Path] = field(default_factory=dict)
    catalogue: Catalogue | None = None
    rejects: pl.DataFrame | None = None
    drops: pl.DataFrame | None = None
    ledger: Ledger | None = None
    file: str = ""
    seq: int = 0


@dataclass(slots=True)
class Loaded:
    """What became of a batch.

    Attributes:
        rows: Table -> rows that are new.
        repeated: Table -> rows that were there already.
        created: Articles that the catalogue made.
        updated: Articles that it changed.
        unchanged: Articles of which it said nothing new.
        is_named: Whether the catalogue changed, or may have.
    """

    rows: dict[str, int] = field(default_factory=dict)
    repeated: dict[str, int] = field(default_factory=dict)
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    is_named: bool = field(default=False, compare=False)

    @property
    def new(self) -> int:
        """Rows and articles that changed something."""
        return sum(self.rows.values()) + self.created + self.updated

    def add(self, other: Loaded) -> None:
        """Count another batch of the same source."""
        for mine, theirs in ((self.rows, other.rows), (self.repeated, other.repeated)):
            for table, count in theirs.items():
                mine[table] = mine.get(table, 0) + count
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged


@cache
def schema_of(table: str) -> dict[str, pl.DataType]:
    """Give the columns of an events table as a frame holds them, from the records of `events`."""
    return {name: _polars_type(hint) for name, hint in typing.get_type_hints(RECORDS[table]).items()}


@cache
def json_columns(table: str) -> frozenset[str]:
    """Name the columns of an events table whose values are mappings in the record, JSON text in the frame."""
    hints = typing.get_type_hints(RECORDS[table]).items()
    return frozenset(name for name, hint in hints if _is_mapping(hint))


def _is_mapping(hint: object) -> bool:
    return typing.get_origin(hint) is dict or any(_is_mapping(part) for part in typing.get_args(hint))


def _polars_type(hint: object) -> pl.DataType:
    if hint is Hash64:
        return pl.UInt64()
    if isinstance(hint, typing.NewType):
        return _polars_type(hint.__supertype__)
    origin = typing.get_origin(hint)
    if origin in {typing.Union, types.UnionType}:
        return _polars_type(next(part for part in typing.get_args(hint) if part is not type(None)))
    if origin is typing.Literal:
        return pl.String()
    return _POLARS[origin or hint]
