import json
from typing import Any

import plotly
from dash.development.base_component import Component

from analytics import marks, wording
from dashboards import tables
from dashboards.tables import Column

COLUMNS = [
    Column("title", "Article", "title", width=0),
    Column("section", "Section", hide_under=900, on_phone=True),
    Column("reads", "Reads", "bar", "reads", sort="desc", on_phone=True),
    Column("rate", "Read rate", "number", "share"),
    Column("spark", "Last 48 h", "mark"),
    Column("vs", "vs expected at age", "chip", on_phone=True),
    Column("talk", "Comments /1k", "under", "per_1000"),
]
ROWS: list[dict[str, tables.Value]] = [
    {
        "id": "a1",
        "title": "Ferry crews walk out",
        "href": "/articles/a1",
        "byline": "M. Okonjo",
        "section": "Transport",
        "reads": 5_310,
        "rate": 0.72,
        "spark": marks.sparkline([1, 2]),
        "vs": wording.expected_chip(2.3, "above", 288),
        "talk": 12.1,
        "talk_under": "64",
    },
    {
        "id": "a2",
        "title": "Bins",
        "section": "Service",
        "reads": None,
        "rate": None,
        "vs": wording.expected_chip(None, None, 3),
    },
]


def plain(part: Component) -> dict[str, Any]:
    return dict(json.loads(json.dumps(part, cls=plotly.utils.PlotlyJSONEncoder)))


def grid_of(part: Component) -> dict[str, Any]:
    holder = plain(part)["props"]["children"][0]
    return dict(holder["props"]["children"]["props"])


def cells(row: int) -> dict[str, Any]:
    return dict(grid_of(tables.grid("top", COLUMNS, ROWS, "Top articles"))["rowData"][row])


def test_cells_sort_by_the_number_and_show_the_words() -> None:
    first = cells(0)

    assert (first["reads"], first["reads_text"]) == (5_310, "5,310")
    assert (first["rate"], first["rate_text"]) == (0.72, wording.percent(0.72))
    assert (first["vs"], first["vs_chip"]["text"]) == (2.3, "▲ 2.3× above")
    assert (first["talk_text"], first["talk_under"]) == ("12.1", "64")
    assert first["spark"] is None
    assert first["spark_mark"]["shapes"]


def test_what_is_not_known_is_a_dash_and_never_zero() -> None:
    second = cells(1)

    assert (second["reads"], second["reads_text"]) == (None, "—")
    assert second["vs_chip"]["tone"] == "outline"


def test_phones_get_two_lines_a_row() -> None:
    listed = str(plain(tables.phone_rows(COLUMNS, ROWS)))

    assert "Transport · 5,310 reads" in listed
    assert "/articles/a1" in listed
    assert "▲ 2.3× above" in listed


def test_boards_are_tables_with_scoped_heads() -> None:
    text = str(
        plain(
            tables.board(
                [Column("name", "Author"), Column("reads", "Reads", "number", "reads", sort="desc")],
                [{"id": "1", "name": "J. Lindqvist", "href": "/authors/1", "reads": 6_900}],
                "Authors",
                total={"id": "all", "name": "All", "reads": 38_900},
            )
        )
    )

    assert "'scope': 'row'" in text
    assert "'scope': 'col'" in text
    assert "'aria-sort': 'descending'" in text
    assert "38.9k" in text


def test_long_grids_scroll_and_short_ones_are_as_high_as_their_rows() -> None:
    def layout_of(count: int) -> str:
        rows: list[dict[str, tables.Value]] = [{"id": str(n), "title": "x", "reads": n} for n in range(count)]
        return str(grid_of(tables.grid("g", COLUMNS, rows, "x"))["dashGridOptions"]["domLayout"])

    assert layout_of(20) == "autoHeight"
    assert layout_of(21) == "normal"


def test_what_leaves_a_narrow_grid_reckons_with_the_ticks_before_its_rows() -> None:
    plain_, ticked = (tables.fitted(COLUMNS, has_ticks=each) for each in (False, True))

    assert [column.hide_under for column in ticked if column.hide_under] == [
        column.hide_under + 34 for column in plain_ if column.hide_under
    ]


def test_the_server_orders_a_list_of_an_address_and_the_browser_keeps_it() -> None:
    """Named, not called: what is called is a number, by which a grid sorts as it likes and "(none)" rises."""
    kept, own = (
        tables._column_def(COLUMNS[2], by_address=by_address)["comparator"] for by_address in (True, False)
    )

    assert (kept, own) == ({"function": "tsKeep"}, {"function": "tsCompare"})
