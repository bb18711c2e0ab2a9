"""Which chart suits an answer: what its owner chose, or a guess. Drawn by the page of SQL and by reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from analytics.language import N_
from analytics.sql.ask import Answer
from analytics.sql.summary import is_number, is_time

MOST_COLUMNS = 12  # of a result whose chart is guessed; more are rows to read
MOST_GROUPS = 12  # different values of a column by which a guess splits
MOST_CELLS = 60  # across or down a heat map that is guessed
TABLE = "table"  # the choice to draw nothing, which tiles and reports keep too
KINDS = {
    "bar": N_("Bars"),
    "column": N_("Columns"),
    "stack": N_("Stacked columns"),
    "line": N_("Lines"),
    "area": N_("Stacked areas"),
    "dots": N_("Dots"),
    "heat": N_("Heat map"),
    "spread": N_("Distribution"),
    TABLE: N_("Table only"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What is drawn: column numbers of the result, -1 for none."""

    kind: str
    x: int
    y: int
    series: int = -1

    def as_names(self, names: Sequence[str]) -> dict[str, str]:
        """Give it by names of columns, as a saved query keeps it."""
        return {
            "kind": self.kind,
            "x": names[self.x],
            "y": names[self.y],
            "series": names[self.series] if self.series >= 0 else "",
        }


def choose(answer: Answer, kept: Mapping[str, str]) -> Choice | None:
    """Take the kept choice where the columns still have those names, else guess; None: nothing to draw."""
    names = list(answer.names)
    columns = [answer.table.column(at) for at in range(len(names))]
    counted = [at for at, column in enumerate(columns) if is_number(column)]
    if kept.get("kind") in KINDS and kept.get("x") in names and kept.get("y") in names:
        series = kept.get("series", "")
        found = Choice(
            kept["kind"],
            names.index(kept["x"]),
            names.index(kept["y"]),
            names.index(series) if series in names else -1,
        )
        if found.y in counted:
            return found
    return _guess(answer, columns, counted) if answer.table.num_rows > 1 else None


def _guess(answer: Answer, columns: Sequence[pa.ChunkedArray], counted: Sequence[int]) -> Choice | None:
    names = answer.names
    times = [at for at, column in enumerate(columns) if is_time(column)]
    words = [at for at in range(len(names)) if at not in counted and at not in times]
    measures = [at for at in counted if not _is_id(names[at], answer.types[at])]
    if not measures:
        return None
    if len(names) > MOST_COLUMNS:
        return Choice(TABLE, 0, measures[0])
    if times:
        groups = (at for at in words if 1 < _different(columns[at]) <= MOST_GROUPS)
        return Choice("line", times[0], measures[0], next(groups, -1))
    if words:
        return Choice("bar", words[0], measures[0])
    if len(measures) > 2 and _is_grid(columns[measures[0]], columns[measures[1]]):
        return Choice("heat", measures[1], measures[2], measures[0])
    return Choice("dots", measures[0], measures[1]) if len(measures) > 1 else None


def _is_id(name: str, kind: str) -> bool:
    """Tell whether a number only names something: a keyed hash, an id."""
    return kind == "UBIGINT" or name.casefold().endswith("_id")


def _is_grid(down: pa.ChunkedArray, across: pa.ChunkedArray) -> bool:
    """Tell whether two columns of integers number the cells of a grid, each once."""
    if not all(pa.types.is_integer(column.type) for column in (down, across)):
        return False
    rows, columns = _different(down), _different(across)
    return 1 < rows <= MOST_CELLS and 1 < columns <= MOST_CELLS and rows * columns >= len(down) > columns


def _different(column: pa.ChunkedArray) -> int:
    try:
        return int(pc.count_distinct(column).as_py())
    except pa.ArrowException:  # lists and structs cannot be compared
        return 0
