"""What a column of an answer holds, in one line each."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from analytics.sql.ask import Answer
from analytics.sql.formats import plain_column


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """One column.

    Attributes:
        name: Of the column.
        type: In the engine's words.
        unknown: Rows without a value.
        distinct: Different values; None where they cannot be compared.
        least: Smallest value, as JSON knows it; None where there is none.
        most: Largest value, likewise.
        mean: Of numbers.
        is_time: It holds days or instants.
    """

    name: str
    type: str
    unknown: int
    distinct: int | None
    least: Any
    most: Any
    mean: float | None
    is_time: bool = False


def of_columns(answer: Answer) -> list[ColumnSummary]:
    """Sum up every column of an answer."""
    return [
        _of(name, kind, answer.table.column(at))
        for at, (name, kind) in enumerate(zip(answer.names, answer.types, strict=True))
    ]


def is_number(column: pa.ChunkedArray) -> bool:
    """Tell whether a column holds numbers that can be drawn."""
    kind = column.type
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def is_time(column: pa.ChunkedArray) -> bool:
    """Tell whether a column holds days or instants."""
    return bool(pa.types.is_temporal(column.type) and not pa.types.is_interval(column.type))


def numbers(column: pa.ChunkedArray) -> list[float | None]:
    """Give a column of numbers as floats; infinities are unknown."""
    return [None if value is None or value - value != 0 else value for value in _floats(column).to_pylist()]


def _floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.float64(), safe=False)  # safe refuses integers beyond 2^53, such as ids


def _of(name: str, kind: str, column: pa.ChunkedArray) -> ColumnSummary:
    least = most = mean = distinct = None
    with contextlib.suppress(pa.ArrowException, TypeError, KeyError):  # lists and structs have no order
        distinct = pc.count_distinct(column).as_py()
        ends = pc.min_max(column)
        least, most = (plain_column(pa.chunked_array([pa.array([ends[end]])]))[0] for end in ("min", "max"))
        mean = pc.mean(_floats(column)).as_py() if is_number(column) else None
    return ColumnSummary(name, kind, column.null_count, distinct, least, most, mean, is_time(column))
