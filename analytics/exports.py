"""Rows as files: CSV, XLSX, Parquet, JSON. Every text passes `guarded`, the one place that defuses formulas.

A file can say what it holds (`About`): a sheet of its own in XLSX, metadata in Parquet, a key in JSON;
beside a CSV it is a small JSON file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
import polars as pl

from analytics.errors import UsageError
from analytics.language import _, local_signs

Cell = str | int | float | bool | None
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
FORMULA = tuple("=+-@|%\t\r")  # wire-formats.md F.3: what a spreadsheet would run
SHEET_ROWS = 1_048_575  # of Excel, under one line of heads
_WIDEST = 60  # characters of a column of a sheet


@dataclass(frozen=True, slots=True)
class About:
    """What a file holds, so that it can be read, and made again, long after.

    Attributes:
        address: Of the view that it shows.
        site: Name of the newsroom.
        period: Days in words.
        zone: Their time zone.
        as_of: When it was made, RFC 3339.
        definitions: What the definitions in force are called: "v1".
        choices: What was chosen, filters first: name -> value; empty values are not told.
        columns: Column -> what it counts, where it is a metric.
        shares: Columns that are parts of 1; sheets write them as percent.
    """

    address: str
    site: str
    period: str
    zone: str
    as_of: str
    definitions: str
    choices: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    shares: frozenset[str] = frozenset()

    def facts(self, rows: int) -> dict[str, str]:
        """Name everything in the words of a reader, in the order of a sheet."""
        said = {
            "Made by": "Tearsheet",
            "Address": self.address,
            "Site": self.site,
            "Period": self.period,
            "Time zone": self.zone,
            "As of": self.as_of,
            "Definitions": self.definitions,
            "Rows": f"{rows}, all of the view",
        }
        said |= {name.capitalize(): words for name, words in self.choices.items() if words}
        return said | {f"Column: {name}": words for name, words in self.columns.items()}


class Table(NamedTuple):
    """Rows under their columns, with what they hold."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    about: About


class Format(NamedTuple):
    """A kind of file: its media type and what writes it."""

    media_type: str
    write: Callable[[Table], bytes]


def guarded(value: Cell) -> Cell:
    """Put an apostrophe before text that a spreadsheet would take for a formula; numbers stay."""
    if not isinstance(value, str) or not value.startswith(FORMULA) or NUMBER.fullmatch(value):
        return value
    return f"'{value}"


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Write rows as CSV with a header line; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([guarded(column) for column in columns])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def xlsx(table: Table) -> bytes:
    """Write rows as a workbook: the sheet "Data" with a fixed, filterable head, and the sheet "About".

    Raises:
        UsageError: There are more rows than a sheet can hold.
    """
    if len(table.rows) > SHEET_ROWS:
        raise UsageError(
            _("A sheet holds at most {rows} rows.", rows=local_signs(f"{SHEET_ROWS:,}")),
            _("Take CSV or Parquet, or fewer rows."),
        )
    import xlsxwriter  # noqa: PLC0415  who asks for a number need not wait for sheets

    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        bold, share = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
        sheet = book.add_worksheet("Data")
        cells = [[guarded(cell) for cell in row] for row in [table.columns, *table.rows]]
        for place, name in enumerate(table.columns):
            words = max((len(str(row[place])) for row in cells[:200] if row[place] is not None), default=8)
            look = share if name in table.about.shares else None
            sheet.set_column(place, place, min(words + 2, _WIDEST), look)
        for n, row in enumerate(cells):
            sheet.write_row(n, 0, row, None if n else bold)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(cells) - 1, 1), max(len(table.columns) - 1, 0))
        about = book.add_worksheet("About")
        about.set_column(0, 0, 24, bold)
        about.set_column(1, 1, 100)
        facts = table.about.facts(len(table.rows))
        for n, fact in enumerate(facts.items()):
            about.write_row(n, 0, [guarded(each) for each in fact])
    return made.getvalue()


def parquet(table: Table) -> bytes:
    """Write rows as Parquet, cells verbatim; what they hold is metadata under the key `tearsheet`."""
    made = io.BytesIO()
    frame = pl.DataFrame(
        list(table.rows), schema=list(table.columns), orient="row", infer_schema_length=None, strict=False
    )
    frame.write_parquet(made, metadata={"tearsheet": sidecar(table).decode()})
    return made.getvalue()


def json(table: Table) -> bytes:
    """Write rows as objects under `rows`, with what they hold under `about`; cells verbatim."""
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return msgspec.json.encode({"about": table.about.facts(len(table.rows)), "rows": rows})


def sidecar(table: Table) -> bytes:
    """Write what a file holds, without its rows."""
    return msgspec.json.encode(table.about.facts(len(table.rows)))


FORMATS: dict[str, Format] = {
    "csv": Format("text/csv; charset=utf-8", lambda table: csv_text(table.columns, table.rows).encode()),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx),
    "parquet": Format("application/vnd.apache.parquet", parquet),
    "json": Format("application/json", json),
    "about": Format("application/json", sidecar),
}
