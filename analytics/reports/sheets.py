"""A report as a workbook or as CSV: every row of its tables, not only those that a mail shows."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from analytics.exports import Cell, csv_text, guarded
from analytics.language import _, speaking
from analytics.reports.mail import one_line
from analytics.reports.report import Chart, Column, Numbers, Report, Stories, Table

FORMATS = {
    "share": "0.0%",
    "change": "+0%;-0%;0%",
    "s": "0",
    "h": "0.0",
    "min": "0",
    "per_1000": "0.0",
    "time": "yyyy-mm-dd hh:mm",
}
LONGEST_NAME = 31  # of a sheet
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
HOUR_S = 3600


def workbook(report: Report) -> bytes:
    """Write a report as XLSX in its own language: what it is on the first sheet, then a sheet a table."""
    with speaking(report.speech()):
        return _workbook(report)


def _workbook(report: Report) -> bytes:
    import xlsxwriter  # noqa: PLC0415  a desk that starts need not wait for sheets

    file = io.BytesIO()
    # Text stays text: no formula, no link is made of a title (wire-formats.md F.3).
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"title": one_line(report.subject), "created": report.as_of})
    taken: set[str] = set()
    bold = book.add_format({"bold": True})
    styles = {unit: book.add_format({"num_format": text}) for unit, text in FORMATS.items()}
    about = book.add_worksheet(_sheet_name(_("About"), taken))
    about.set_column(0, 0, 18)
    about.set_column(1, 1, 90)
    for number, (name, value) in enumerate(_about(report)):
        about.write_string(number, 0, name, bold)
        about.write_string(number, 1, str(guarded(value)))
    for title, columns, rows in _tables(report):
        sheet = book.add_worksheet(_sheet_name(title, taken))
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            label = f"{column.label}, h" if column.unit == "h" else column.label
            sheet.write_string(0, place, str(guarded(label)), bold)
            sheet.set_column(place, place, 44 if column.name in {"name", "title"} else 14)
        for number, row in enumerate(rows, start=1):
            for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
                _write(sheet, (number, place), column, cell, styles)
    book.close()
    return file.getvalue()


def csv_files(report: Report) -> dict[str, bytes]:
    """Write each table of a report as CSV: name of the file -> its bytes, UTF-8 with a mark for Excel."""
    made: dict[str, bytes] = {}
    with speaking(report.speech()):
        tables = _tables(report)
    for title, columns, rows in tables:
        name = "-".join("".join(sign if sign.isalnum() else " " for sign in title.lower()).split()) or "table"
        while f"{name}.csv" in made:
            name = f"{name}-more"
        text = csv_text([column.name for column in columns], rows)
        made[f"{name}.csv"] = text.encode("utf-8-sig")
    return made


def _about(report: Report) -> list[tuple[str, str]]:
    return [
        (_("Report"), report.title),
        (_("Site"), f"{report.site_name} ({report.site_id})"),
        (_("Period"), report.days),
        (_("Filter"), report.filtered or _("none")),
        (_("In one sentence"), report.nothing or report.plain_sentence()),
        (_("As of"), f"{report.as_of_said}, {report.zone}"),
        (_("Data"), report.health),
        *[(_("Note"), note) for note in report.notes],
    ]


def _tables(report: Report) -> list[tuple[str, list[Column], list[list[Cell]]]]:
    return [made for block in report.blocks if (made := _rows(block)) is not None]


def _rows(block: Any) -> tuple[str, list[Column], list[list[Cell]]] | None:
    if isinstance(block, Table):
        return block.title, block.columns, block.rows
    if isinstance(block, Numbers):
        columns = [
            Column("metric", _("Metric")),
            Column("value", _("Value")),
            Column("unit", _("Unit")),
            Column("n", "n"),
            Column("change", _("Change")),
            Column("beside", block.against),
        ]
        rows: list[list[Cell]] = [
            [row.label, row.value, "s" if row.unit == "h" else row.unit, row.n,
             row.mark.text if row.mark else None, row.beside]
            for row in block.rows
        ]  # fmt: skip
        return _("Numbers"), columns, rows
    if isinstance(block, Chart):
        names = ("value", "p10", "median", "p90", "previous")
        columns = [Column("at", _("At"), "time"), *[Column(name, name, block.unit) for name in names]]
        points: list[list[Cell]] = [
            [point.at.strftime("%Y-%m-%d %H:%M"), *[getattr(point, name) for name in names]]
            for point in block.points
        ]
        return block.title, columns, points
    if isinstance(block, Stories):
        columns = [
            Column("title", _("Article")),
            Column("number", _("Number")),
            Column("words", _("of")),
            Column("under", _("About")),
        ]
        listed: list[list[Cell]] = [
            [row.title, row.number if row.value is None else row.value, row.words, row.under]
            for row in block.rows
        ]
        return block.title, columns, listed
    return None


def _write(sheet: Any, at: tuple[int, int], column: Column, cell: Cell, styles: dict[str, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(*at, cell)
    elif column.unit == "time":
        sheet.write_datetime(*at, dt.datetime.fromisoformat(str(cell)), styles[column.unit])
    elif isinstance(cell, int | float):
        sheet.write_number(*at, cell / HOUR_S if column.unit == "h" else cell, styles.get(column.unit))
    else:
        sheet.write_string(*at, str(guarded(cell)))


def _sheet_name(title: str, taken: set[str]) -> str:
    """Make a name that a workbook allows and does not hold yet."""
    plain = one_line(title.translate(FORBIDDEN), LONGEST_NAME) or _("Table")
    name, number = plain, 2
    while name.lower() in taken:
        name = f"{plain[: LONGEST_NAME - 3]} {number}"
        number += 1
    taken.add(name.lower())
    return name
