"""Tables: the grid of articles, small boards, the twins of charts, two-line rows of phones.

One `Column` describes a column for all of them. Pages hand in rows of raw values; the text of each value
is made here once (`wording`), so that grid cells sort by the number and show the words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import dash_ag_grid as dag
from dash.development.base_component import Component

from analytics import marks, wording
from analytics.language import _
from analytics.marks import Mark
from analytics.wording import Chip
from dashboards import theme
from dashboards.components import chip
from dashboards.elements import Child, el, mark

Kind = Literal["rank", "title", "text", "number", "bar", "mark", "chip", "under"]
Value: TypeAlias = "str | int | float | Mark | Chip | Component | None"
Row: TypeAlias = "Mapping[str, Value]"

AUTO_HEIGHT_ROWS = 20  # ui.md 9: up to here the grid is as high as its rows
_ROW, _HEAD, _TICKS = 52, 36, 34
_RENDERERS = {
    "title": "TsTitle",
    "number": "TsNumber",
    "rank": "TsNumber",
    "bar": "TsBar",
    "mark": "TsMark",
    "chip": "TsChip",
    "under": "TsUnder",
}
_SELECTS = {"mode": "multiRow", "headerCheckbox": False, "enableClickSelection": False}
_NUMERIC = frozenset({"rank", "number", "bar", "under"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    A row may word a number itself: `{field}_words` stands in the cell instead, `{field}_tip` on hover, and
    `{field}_few` makes it grey (metrics.md 9). A small table also takes a component, such as a button, and
    paints a swatch of the token `swatch` before the first cell.

    Attributes:
        field: Key in the rows. A title row also reads `href`, `byline` and `former` (on hover); kind "under"
            reads `{field}_under`, the words under the number.
        title: Head of the column.
        kind: How a cell is drawn: "bar" is a number over a thin bar (share of the highest row).
        unit: Unit for `wording.value`, of numbers.
        width: In pixels; 0 takes what is left, and `least` at least.
        hide_under: Width of the grid in pixels under which the column leaves.
        sort: "asc" or "desc" where the rows come sorted by it.
        on_phone: Whether the two-line row of phones tells it.
        tip: What the column is, on hover.
        is_strong: Whether its numbers are bold.
        least: Width in pixels that a column of width 0 keeps.
    """

    field: str
    title: str
    kind: Kind = "text"
    unit: str = ""
    width: int = 88
    hide_under: int = 0
    sort: Literal["", "asc", "desc"] = ""
    on_phone: bool = False
    tip: str = ""
    is_strong: bool = False
    least: int = 220


PHONE, MAXIMUM = 700, 10_000  # pixels of a grid


def fitted(columns: Sequence[Column], *, are_chosen: bool = False, has_ticks: bool = False) -> list[Column]:
    """Let columns leave from the right as their grid gets narrower, each where its width finds no more room.

    Columns that take what is left stay, and those of bars: they are what the rows are ordered by mostly.
    Those that somebody chose stay on all but a phone, and the grid scrolls.

    Args:
        columns: In order.
        are_chosen: Whether somebody chose them.
        has_ticks: Whether rows can be chosen: the ticks stand before them.
    """
    most = PHONE if are_chosen else MAXIMUM
    stays = [column.width == 0 or column.kind == "bar" for column in columns]
    room = _TICKS * has_ticks + sum(
        column.width or column.least for column, is_kept in zip(columns, stays, strict=True) if is_kept
    )
    made = []
    for column, is_kept in zip(columns, stays, strict=True):
        room += 0 if is_kept else column.width
        made.append(column if is_kept else replace(column, hide_under=min(room, most)))
    return made


def grid(
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    said: str,
    *,
    height: int = 640,
    total: Row | None = None,
    by_address: bool = False,
    chosen: Component | None = None,
    row_height: int = _ROW,
    most_rows: int = AUTO_HEIGHT_ROWS,
) -> Component:
    """Show rows as a sortable grid, on phones as two-line rows.

    Args:
        name: Id of the grid on its page.
        columns: In order; one of kind "title" opens its row.
        rows: Raw values by field, each with an `id`.
        said: The table's name for those who do not see it.
        height: Of the grid with more rows than `most_rows`: it scrolls inside.
        total: A last row over all, which stays in sight.
        by_address: A click on a head writes `sort` to the address and leaves the order to the server,
            which knows the rows that are not shown, ties and grey numbers.
        chosen: Rows can be chosen, and this stands above them while some are (`data-ids` of its parts is
            filled by assets/choice.js).
        row_height: In pixels; rows without a second line are lower.
        most_rows: Up to here the grid is as high as its rows.
    """
    is_short = len(rows) <= most_rows
    tops = _tops(columns, rows)
    held: dict[str, Any] = {"pinnedBottomRowData": [_last_cells(columns, total, tops)]} if total else {}
    listens = {"sortChanged": ["tsSorted(params)"]} if by_address else {}
    if chosen is not None:
        held |= {
            "rowSelection": _SELECTS,
            "selectionColumnDef": {"headerName": "✓", "width": _TICKS, "minWidth": _TICKS},
        }
        listens |= {"selectionChanged": ["tsChosen(params)"]}
    table = dag.AgGrid(
        id=name,
        columnDefs=[_column_def(column, by_address=by_address) for column in columns],
        rowData=[_cells(columns, row, tops) for row in rows],
        getRowId="params.data.id",
        columnSize=None,
        defaultColDef={
            "resizable": False,
            "suppressMovable": True,
            "sortable": True,
            "sortingOrder": ["desc", "asc"],
        },
        dashGridOptions={
            "theme": theme.grid(),
            "rowHeight": row_height,
            "headerHeight": _HEAD,
            "domLayout": "autoHeight" if is_short else "normal",
            "suppressCellFocus": False,
            "suppressColumnVirtualisation": True,
            "animateRows": False,
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "localeText": said_by_grids(),
            "tabToNextCell": {"function": "tsLeave()"},
            **held,
        },
        eventListeners=listens,
        style={"height": None if is_short else f"{height}px", "width": "100%"},
    )
    holder = el("div", table, class_="ag-holder", role="region", aria_label=said)
    return el("div", chosen, holder, phone_rows(columns, rows), class_="has-phone-rows")


def said_by_grids() -> dict[str, str]:
    """Give the grid's own words, by the names that it has for them; the pager's are never seen."""
    return {
        "ariaRowToggleSelection": _("Press Space to choose the row"),
        "ariaChecked": _("chosen"),
        "ariaUnchecked": _("not chosen"),
        "noRowsToShow": _("No rows"),
        "loadingOoo": _("Loading"),
    }


def phone_rows(columns: Sequence[Column], rows: Sequence[Row], most: int = 50) -> Component:
    """Show rows as a list of two lines: the title, and what the columns marked `on_phone` say."""
    return el("ul", [_phone_row(columns, row) for row in rows[:most]], class_="phone-rows")


def board(
    columns: Sequence[Column],
    rows: Sequence[Row],
    said: str,
    *,
    total: Row | None = None,
    is_wide: bool = False,
) -> Component:
    """Show a small table as plain HTML.

    Args:
        columns: In order; the first heads its rows. A `hide_under` hides the column on phones.
        rows: Raw values by field; `href` links the first column.
        said: The table's name for those who do not see it.
        total: A last row, over all.
        is_wide: Whether a phone has to scroll it sideways; the keyboard then can, too.
    """
    tops = _tops(columns, rows)
    foot = el("tfoot", _board_row(columns, total, tops)) if total else None
    head = el("tr", [_head_cell(column) for column in columns])
    body = el("tbody", [_board_row(columns, row, tops) for row in rows])
    table = el(
        "table", el("caption", said, class_="hidden-words"), el("thead", head), body, foot, class_="board"
    )
    if is_wide:
        return el("div", table, class_="table-scroll", tabIndex=0, role="region", aria_label=said)
    return el("div", table, class_="table-scroll")


def twin(columns: Sequence[Column], rows: Sequence[Row], said: str) -> Component:
    """Show the numbers of a chart as a table, in full."""
    return board(columns, rows, said)


def _column_def(column: Column, *, by_address: bool = False) -> dict[str, Any]:
    """Describe a column to AG Grid."""
    classes = "num" if column.kind in _NUMERIC else "quiet" if column.kind == "text" else ""
    made: dict[str, Any] = {
        "field": column.field,
        "headerName": column.title,
        "cellClass": classes,
        "headerClass": "num" if column.kind in _NUMERIC else "",
        "comparator": {"function": "tsKeep" if by_address else "tsCompare"},
        "sortable": column.kind != "mark",
        "context": {"hideUnder": column.hide_under},
        "headerTooltip": column.tip or None,
        "sort": column.sort or None,
    }
    made |= {"cellRenderer": _RENDERERS[column.kind]} if column.kind in _RENDERERS else {}
    # A first click asks for the largest number, but for words from A.
    made |= {} if column.kind in _NUMERIC or column.kind == "chip" else {"sortingOrder": ["asc", "desc"]}
    wide = (
        {"flex": 1, "minWidth": column.least}
        if column.width == 0
        else {"width": column.width, "minWidth": column.width}
    )
    return {key: value for key, value in (made | wide).items() if value is not None}


def _cells(columns: Sequence[Column], row: Row, tops: Mapping[str, float]) -> dict[str, Any]:
    """Give AG Grid a row: sortable values, and their words and drawings beside them."""
    cells: dict[str, Any] = {name: row.get(name) for name in ("href", "byline", "former")}
    cells["id"] = str(row["id"])
    for column in columns:
        value = row.get(column.field)
        name = column.field
        cells[name] = value.order if isinstance(value, Chip) else None if isinstance(value, Mark) else value
        if isinstance(value, Chip):
            cells[f"{name}_chip"] = {"text": value.text, "tone": value.tone, "said": value.said}
        elif isinstance(value, Mark):
            cells[f"{name}_mark"] = value.spec()
        elif column.kind in _NUMERIC:
            cells[f"{name}_text"] = _words_in(column, row)
            cells[f"{name}_full"] = row.get(f"{name}_tip") or _full(column, value)
            cells[f"{name}_under"] = row.get(f"{name}_under")
            cells[f"{name}_few"] = bool(row.get(f"{name}_few"))
        if column.kind == "bar":
            cells[f"{name}_mark"] = _bar(value, tops[name]).spec()
    return cells


def _last_cells(columns: Sequence[Column], total: Row, tops: Mapping[str, float]) -> dict[str, Any]:
    """Give AG Grid the row over all: numbers without bars, for a whole has no share of the highest row."""
    bars = {f"{column.field}_mark" for column in columns if column.kind == "bar"}
    return {key: value for key, value in _cells(columns, total, tops).items() if key not in bars}


def _tops(columns: Sequence[Column], rows: Sequence[Row]) -> dict[str, float]:
    """Find the highest value of each column of bars: the whole length of a bar."""
    fields = [column.field for column in columns if column.kind == "bar"]
    return {field: max((_number(row.get(field)) or 0 for row in rows), default=0) for field in fields}


def _number(value: Value) -> float | None:
    return value if isinstance(value, int | float) else None


def _bar(value: Value, top: float) -> Mark:
    number = _number(value)
    return marks.bar(number / top if number is not None and top else None)


def _words(column: Column, value: Value) -> str:
    number = _number(value)
    if column.kind == "rank":
        return str(value or "")
    if isinstance(value, str):
        return value
    return wording.value(column.unit, number, "table")


def _words_in(column: Column, row: Row) -> str:
    """Word a cell, as the row says or by its unit."""
    return str(row.get(f"{column.field}_words") or _words(column, row.get(column.field)))


def _full(column: Column, value: Value) -> str:
    number = _number(value)
    return "" if number is None else wording.value(column.unit, number, "full")


def _phone_row(columns: Sequence[Column], row: Row) -> Component:
    named = next((column.field for column in columns if column.kind == "title"), columns[0].field)
    title, href = str(row.get(named, "")), row.get("href")
    told = [c for c in columns if c.on_phone]
    line = wording.joined(*(_told(column, row) for column in told if column.kind not in {"chip", "mark"}))
    values = [row.get(column.field) for column in told]
    drawn = [
        chip(value) if isinstance(value, Chip) else mark(value)
        for value in values
        if isinstance(value, Chip | Mark)
    ]
    heading = el("h3", el("a", title, href=str(href)) if href else title, dir="auto")
    below = el("div", el("span", line, class_="meta"), drawn, class_="phone-line")
    return el("li", heading, below, class_="phone-row")


def _told(column: Column, row: Row) -> str:
    """Word a number for a line without column titles: "5,310 reads", or as the row says (`{field}_told`)."""
    if told := row.get(f"{column.field}_told"):
        return str(told)
    words = _words_in(column, row)
    return f"{words} {_(column.unit)}" if column.unit in wording.COUNT_UNITS else words


def _head_cell(column: Column) -> Component:
    classes = " ".join(_classes(column))
    arrow = {"desc": "↓\N{NO-BREAK SPACE}", "asc": "↑\N{NO-BREAK SPACE}"}.get(column.sort, "")
    order = {"desc": "descending", "asc": "ascending"}.get(column.sort)
    return el(
        "th" if column.title else "td",  # a head without words would be announced as one
        f"{arrow}{column.title}",
        scope="col" if column.title else None,
        class_=classes or None,
        aria_sort=order,
        title=column.tip or None,
    )


def _classes(column: Column) -> list[str]:
    flags = {"num": column.kind in _NUMERIC, "wide": column.hide_under > 0, "strong": column.is_strong}
    return [name for name, is_on in flags.items() if is_on]


def _board_row(columns: Sequence[Column], row: Row, tops: Mapping[str, float]) -> Component:
    first, *rest = columns
    words = _words(first, row.get(first.field))
    href = row.get("href")
    byline, paint = row.get("byline"), row.get("swatch")
    head = el(
        "th",
        el("span", class_="swatch", style={"background": theme.colour(str(paint))}) if paint else None,
        el("a", words, href=str(href), class_="row-link", dir="auto") if href else words,
        el("span", str(byline), class_="under") if byline else None,
        scope="row",
    )
    cells = [
        el("td", _board_cell(column, row, tops), class_=" ".join(_classes(column)) or None) for column in rest
    ]
    return el("tr", head, cells)


def _board_cell(column: Column, row: Row, tops: Mapping[str, float]) -> Child:
    value = row.get(column.field)
    if isinstance(value, Chip):
        return wording.NONE if value.text == wording.NONE else chip(value)
    if isinstance(value, Mark):
        return mark(value)
    if isinstance(value, Component):
        return value
    few = "few" if row.get(f"{column.field}_few") else None
    tip = str(row.get(f"{column.field}_tip") or _full(column, value)) or None
    text = el("span", _words_in(column, row), title=tip, class_=few)
    if column.kind == "bar":
        return [text, mark(_bar(value, tops[column.field]), "cell-mark")]
    under = row.get(f"{column.field}_under")
    return [text, el("span", str(under), class_="under") if under else None]
