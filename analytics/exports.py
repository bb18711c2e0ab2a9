"""Rows as files. Every export of text goes through `guarded`: the one place that defuses formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

Cell = str | int | float | bool | None
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
FORMULA = tuple("=+-@|%\t\r")  # wire-formats.md F.3: what a spreadsheet would run


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
