"""An answer as bytes: JSON, CSV and sheets, Arrow and Parquet as they came. Complete, or an error."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import io
import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from analytics.errors import SqlError
from analytics.exports import FORMULA, NUMBER, guarded
from analytics.language import _, local_signs
from analytics.sql.ask import Answer

SAFE_INTEGER = 2**53
SHEET_ROWS, SHEET_COLUMNS, CELL = 1_048_575, 16_384, 32_767  # of Excel, without the head
_FORMULA = "^[" + "".join(f"\\{sign}" if sign in "-|+" else sign for sign in FORMULA) + "]"
_NUMBER = f"^(?:{NUMBER.pattern})$"


def as_json(answer: Answer) -> bytes:
    """Write it as wire-formats.md F.3 shows: large integers and decimals as text, times as RFC 3339."""
    columns = [plain_column(answer.table.column(at)) for at in range(answer.table.num_columns)]
    return msgspec.json.encode(
        {
            "columns": [
                {"name": name, "type": kind} for name, kind in zip(answer.names, answer.types, strict=True)
            ],
            "rows": list(zip(*columns, strict=True)),
            "row_count": answer.table.num_rows,
            "truncated": bool(answer.cut),
            "elapsed_ms": round(answer.elapsed_ms),
            "data_until": answer.until.isoformat(timespec="seconds") + "Z",
        }
    )


def as_csv(answer: Answer) -> bytes:
    """Write it with a header line; cells that a spreadsheet would run are defused."""
    columns = [_csv_column(answer.table.column(at)) for at in range(answer.table.num_columns)]
    # Names may be alike, which a table allows.
    table = pa.Table.from_arrays(columns, names=[str(guarded(name)) for name in answer.names])
    sink = pa.BufferOutputStream()
    pa.csv.write_csv(table, sink, pa.csv.WriteOptions(quoting_style="needed"))
    return bytes(sink.getvalue())


def as_arrow(answer: Answer) -> bytes:
    """Give the stream that the worker sent."""
    return answer.stream


def as_parquet(answer: Answer) -> bytes:
    """Write it as Parquet; what that format has no type for becomes text."""
    kept = [
        pa.array([_text(value) for value in plain_column(column)], pa.string())
        if pa.types.is_interval(column.type) or pa.types.is_union(column.type)
        else column
        for column in answer.table.columns
    ]
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(pa.Table.from_arrays(kept, names=list(answer.names)), sink, compression="zstd")
    return bytes(sink.getvalue())


def as_xlsx(answer: Answer) -> bytes:
    """Write it as a workbook: the rows, and a sheet that says how fresh and how whole they are.

    Raises:
        SqlError: It has more rows or columns than a sheet.
    """
    if answer.table.num_rows > SHEET_ROWS or answer.table.num_columns > SHEET_COLUMNS:
        raise SqlError(
            "too_large",
            _("A sheet holds at most {rows} rows.", rows=local_signs(f"{SHEET_ROWS:,}")),
            _("Take CSV or Parquet."),
        )
    import xlsxwriter  # noqa: PLC0415  a desk that starts need not wait for sheets

    file = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(file, options) as book:
        sheet, about, bold = (
            book.add_worksheet("Result"),
            book.add_worksheet("About"),
            book.add_format({"bold": 1}),
        )
        sheet.freeze_panes(1, 0)
        for at, name in enumerate(answer.names):
            sheet.write_string(0, at, str(guarded(name))[:CELL], bold)
            for row, value in enumerate(plain_column(answer.table.column(at)), 1):
                _write_cell(sheet, row, at, value)
        for row, (label, words) in enumerate(_about(answer).items()):
            about.write_string(row, 0, label, bold)
            about.write_string(row, 1, words)
    return file.getvalue()


Form = Literal["json", "csv", "arrow", "parquet", "xlsx"]
FORMATS: Mapping[Form, tuple[Callable[[Answer], bytes], str]] = {
    "json": (as_json, "application/json"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "arrow": (as_arrow, "application/vnd.apache.arrow.stream"),
    "parquet": (as_parquet, "application/vnd.apache.parquet"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def plain_column(column: pa.ChunkedArray) -> list[Any]:
    """Give the values of a column as JSON knows them."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    try:
        values = column.to_pylist()
    except (ValueError, OverflowError, pa.ArrowException):  # a year that Python does not know
        values = column.cast(pa.string()).to_pylist()
    return [_plain(value) for value in values]


def _plain(value: Any) -> Any:  # noqa: PLR0911, PLR0912 (a line a type)
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if -SAFE_INTEGER <= value <= SAFE_INTEGER else str(value)
        case float():
            return value if math.isfinite(value) else None
        case decimal.Decimal():
            return f"{value:f}"
        case dt.datetime():
            return value.replace(tzinfo=None).isoformat() + "Z"
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            return str(value)
        case bytes():
            return base64.b64encode(value).decode()
        case pa.MonthDayNano():
            return (
                f"P{value.months}M{value.days}DT{value.nanoseconds / 1e9:.9f}".rstrip("0").rstrip(".") + "S"
            )
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case [*pairs] if pairs and all(isinstance(pair, tuple) for pair in pairs):  # a map
            return {str(key): _plain(each) for key, each in pairs}
        case list():
            return [_plain(each) for each in value]
        case _:
            return str(value)


def _csv_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return column
    if pa.types.is_date(kind):
        return column.cast(pa.string())
    if pa.types.is_decimal(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        texts = column.cast(pa.string())
    else:
        texts = pa.chunked_array([pa.array([_text(value) for value in plain_column(column)], pa.string())])
    runs = pc.and_(
        pc.match_substring_regex(texts, _FORMULA), pc.invert(pc.match_substring_regex(texts, _NUMBER))
    )
    return pc.if_else(runs, pc.binary_join_element_wise("'", texts, ""), texts)


def _text(value: Any) -> str | None:
    """Word a plain value for a cell of text."""
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value is not None:
        sheet.write_string(row, column, str(guarded(_text(value)))[:CELL])


def _about(answer: Answer) -> dict[str, str]:
    return {
        "Rows": answer.cut_in_words(),
        "Data until (UTC)": answer.until.isoformat(sep=" ", timespec="seconds"),
        "Time taken": f"{answer.elapsed_ms:,.0f} ms",
        "Cells": f"Text longer than {CELL:,} signs is cut, as sheets do." if _has_long(answer) else "Whole.",
    }


def _has_long(answer: Answer) -> bool:
    texts = [column for column in answer.table.columns if pa.types.is_string(column.type)]
    return any((pc.max(pc.utf8_length(column)).as_py() or 0) > CELL for column in texts)
