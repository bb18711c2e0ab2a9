"""Every export of text defuses what a spreadsheet would run."""

from __future__ import annotations

import io
import zipfile

import msgspec
import polars as pl
import pytest

from analytics.errors import UsageError
from analytics.exports import FORMATS, About, Table, csv_text, guarded, parquet, sidecar, xlsx


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-cmd", "@now", "|x", "%x", "\tx", "\rx", "-1e9x", "-"])
def test_a_formula_is_text_in_a_spreadsheet(text: str) -> None:
    assert f"'{text}" == guarded(text)


@pytest.mark.parametrize("cell", ["-1032019229384696495", "+49", "-3.5", "plain", -4, 2.5, None, "a=b"])
def test_numbers_and_plain_text_stay(cell: str | float | None) -> None:
    assert cell == guarded(cell)


def test_rows_become_csv_with_empty_cells_for_what_is_unknown() -> None:
    text = csv_text(["id", "=reads"], [["a,b", None], ["-1x", 3]])

    assert "id,'=reads\n\"a,b\",\n'-1x,3\n" == text


TABLE = Table(
    ["id", "title", "read_rate", "=odd"],
    [["a", "=HYPERLINK(1)", 0.4, None], ["b", "https://news.example/b", 0.25, 3]],
    About(
        "http://127.0.0.1/articles?period=7d",
        "The Example",
        "7 days",
        "Europe/London",
        "2026-05-06T13:00:00+01:00",
        "v1",
        choices={"section": "=City", "search": ""},
        columns={"read_rate": "Read rate: reads ÷ read_known"},
        shares=frozenset({"read_rate"}),
    ),
)


def sheets_of(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name).decode() for name in book.namelist() if name.endswith(".xml")}


def test_a_workbook_holds_no_formula_and_no_link_and_says_what_it_is() -> None:
    parts = sheets_of(xlsx(TABLE))
    data, words = parts["xl/worksheets/sheet1.xml"], parts["xl/sharedStrings.xml"]

    assert "<f>" not in data
    assert "hyperlink" not in data.lower()
    for text in ("'=HYPERLINK(1)", "'=odd", "https://news.example/b", "Europe/London", "'=City", "v1"):
        assert f">{text}</t>" in words
    assert "Search" not in words


def test_a_workbook_refuses_more_rows_than_a_sheet_can_hold() -> None:
    with pytest.raises(UsageError, match="at most 1,048,575 rows"):
        xlsx(TABLE._replace(rows=[[]] * 1_048_576))


def test_parquet_and_json_keep_cells_and_types_and_say_what_they_hold() -> None:
    made = parquet(TABLE)
    frame = pl.read_parquet(io.BytesIO(made))
    told = pl.read_parquet_metadata(io.BytesIO(made))["tearsheet"]

    assert frame.rows() == [("a", "=HYPERLINK(1)", 0.4, None), ("b", "https://news.example/b", 0.25, 3)]
    assert msgspec.json.decode(told) == msgspec.json.decode(sidecar(TABLE))
    answer = msgspec.json.decode(FORMATS["json"].write(TABLE))
    assert answer["rows"][0] == {"id": "a", "title": "=HYPERLINK(1)", "read_rate": 0.4, "=odd": None}
    assert answer["about"]["Period"] == "7 days"


def test_no_rows_make_a_file_all_the_same() -> None:
    for kind in FORMATS.values():
        assert kind.write(TABLE._replace(rows=[]))
