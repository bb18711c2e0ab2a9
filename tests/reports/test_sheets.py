from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from xml.etree import ElementTree

from analytics.reports import sheets
from analytics.reports.report import Chart
from tests.reports.sample import report

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def strings(workbook: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as file:
        tree = ElementTree.fromstring(file.read("xl/sharedStrings.xml"))  # noqa: S314 written by us
    return ["".join(text.text or "" for text in each.iter(f"{SHEET}t")) for each in tree]


def test_a_workbook_holds_every_row_and_what_it_is() -> None:
    made = sheets.workbook(report(rows=500))

    with zipfile.ZipFile(io.BytesIO(made)) as file:
        names = re.findall(r'<sheet name="([^"]+)"', file.read("xl/workbook.xml").decode())
        pieces = file.read("xl/worksheets/sheet5.xml").decode()

    assert names == ["About", "Numbers", "Reads per hour", "Most read", "Pieces"]
    assert pieces.count("<row ") == 501
    assert "Tuesday 17 November 2026, Europe/London" in strings(made)


def test_the_times_of_a_chart_are_times() -> None:
    made = report()
    first = next(each for each in made.blocks if isinstance(each, Chart)).points[0].at
    days = (first - dt.datetime(1899, 12, 30, tzinfo=first.tzinfo)) / dt.timedelta(days=1)

    with zipfile.ZipFile(io.BytesIO(sheets.workbook(made))) as file:
        hours = file.read("xl/worksheets/sheet3.xml").decode()

    cell = re.search(r'<c r="A2" s="\d+"><v>([^<]+)</v>', hours)
    assert cell
    assert abs(float(cell[1]) - days) < 1e-6


def test_the_numbers_of_a_list_are_numbers() -> None:
    with zipfile.ZipFile(io.BytesIO(sheets.workbook(report()))) as file:
        listed = file.read("xl/worksheets/sheet4.xml").decode()

    assert re.search(r'<c r="B2"><v>5310</v>', listed)


def test_a_title_is_never_a_formula() -> None:
    title = '=HYPERLINK("http://evil.example";"x")'

    made = sheets.workbook(report(title))

    with zipfile.ZipFile(io.BytesIO(made)) as file:
        assert not [name for name in file.namelist() if b"<f>" in file.read(name)]
    assert f"'{title}" in strings(made)


def test_csv_holds_a_file_a_table() -> None:
    files = sheets.csv_files(report("=1+1", rows=500))

    rows = list(csv.reader(io.StringIO(files["pieces.csv"].decode("utf-8-sig"))))

    assert set(files) == {"numbers.csv", "reads-per-hour.csv", "most-read.csv", "pieces.csv"}
    assert rows[0] == ["id", "name", "reads"]
    assert rows[500] == ["a499", "'=1+1", "499"]
