"""What came back: rows, a line for each column, the chart with its choices; or the error with its place."""

from __future__ import annotations

import asyncio
import contextvars
import datetime as dt
import secrets
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
import pyarrow as pa
import structlog
from dash import Dash, Input, Output, State, dcc
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from analytics import language, wording
from analytics.control.identity import current
from analytics.errors import SqlError, TearsheetError
from analytics.language import _
from analytics.sql import charts
from analytics.sql.ask import Answer, missing
from analytics.sql.formats import plain_column
from analytics.sql.summary import ColumnSummary, is_number, is_time, of_columns
from dashboards import components, tables, theme
from dashboards.elements import Child, el
from dashboards.tables import Column
from dashboards.workbench import sketch

MOST_CELL = 500  # signs of a cell on screen; files hold them whole
EXPLAIN = "EXPLAIN "
HEAD_SIGN_PX, HEAD_ROOM_PX, MOST_HEAD_PX = 8, 36, 220  # a letter; padding and arrow; longer heads are cut

log = structlog.get_logger()


def register(app: Dash) -> None:
    """Bind asking, stopping and drawing."""

    @app.callback(
        Output("sql-result", "children"),
        Output("sql-told", "data"),
        Input("sql-asked", "data"),
        prevent_initial_call=True,
    )
    async def asked(question: dict[str, Any] | None) -> tuple[Child, dict[str, Any]]:
        if not question:
            raise PreventUpdate
        asking = app.server.state.desk.asking
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(asking.threads, context.run, _answered, asking, question)

    @app.callback(Output("sql-stopped", "data"), Input("sql-stop", "data"), prevent_initial_call=True)
    async def stopped(wish: int | None) -> bool:
        return await asyncio.to_thread(app.server.state.desk.asking.stop, current()) if wish else False

    @app.callback(
        Output("sql-chart", "children"),
        Output("sql-chosen", "data"),
        Input("sql-kind", "value"),
        Input("sql-x", "value"),
        Input("sql-y", "value"),
        Input("sql-series", "value"),
        State("sql-run", "data"),
    )
    async def drawn(
        kind: str, x: str, y: str, series: str | None, run_id: str
    ) -> tuple[Child, dict[str, str]]:
        choice = charts.Choice(kind, int(x), int(y), int(series or -1))
        return await asyncio.to_thread(_chart, app.server.state.desk.asking, run_id, choice)


def _answered(asking: Any, question: dict[str, Any]) -> tuple[Child, dict[str, Any]]:
    """Ask, and draw what came or why nothing did; the browser waits for one or the other."""
    told = {"line": 0, "column": 0}
    try:
        answer = asking.ask(
            current(),
            (EXPLAIN if question.get("explain") else "") + str(question["text"]),
            question.get("parameters") or {},
            site=question.get("site", ""),
        )
        asking.keep(current(), answer)
        drawn = _result(answer, question.get("chart") or {})
    except SqlError as refusal:
        line, column = _place(refusal, question)
        told = {"line": line, "column": column}
        state = "stopped" if refusal.code in {"stopped", "timeout"} else "error"
        return _error(refusal, line, column), told | {"state": state, "message": str(refusal)}
    except TearsheetError as refusal:
        return _error(refusal), told | {"state": "error", "message": str(refusal)}
    except Exception:  # the edge of a request
        reference = secrets.token_hex(3)
        log.exception("result not drawn", reference=reference)
        failed = _("The result could not be shown. Reference {reference}", reference=reference)
        return components.failed(_("the result"), reference), told | {"state": "error", "message": failed}
    took = language.local_signs(f"{answer.elapsed_ms / 1000:,.2f} s")
    return drawn, told | {"state": "done", "message": _counted(answer.table.num_rows, took, question)}


def _counted(rows: int, took: str, question: dict[str, Any]) -> str:
    if question.get("explain"):
        return _("explained in {took}", took=took)
    if rows == 1:
        return _("one row in {took}", took=took)
    return _("{num_rows} rows in {took}", num_rows=wording.full(rows), took=took)


def _place(refusal: SqlError, question: dict[str, Any]) -> tuple[int, int]:
    """Tell where in the editor it went wrong, when a part of its text was asked, or an EXPLAIN of it."""
    if not refusal.line:
        return 0, 0
    added = len(EXPLAIN) if question.get("explain") and refusal.line == 1 else 0
    return refusal.line + int(question.get("offset") or 0), max(refusal.column - added, 1)


def second(at: dt.datetime) -> str:
    """Write an instant to the second: "18 Nov 2026, 14:05:09"."""
    return f"{wording.day_dated(at)}, {at:%H:%M:%S}"


def _error(refusal: TearsheetError, line: int = 0, column: int = 0) -> Component:
    place = _("Line {line}, column {column}. ", line=line, column=column) if line else ""
    return components.card(
        _("No result"), components.empty(refusal.message, place + refusal.hint), class_name="sql-error"
    )


def _result(answer: Answer, kept: dict[str, str]) -> list[Component]:
    if list(answer.names) == ["explain_key", "explain_value"]:
        return [_plan(answer)]
    until = _("Data until {until} UTC. {cut}", until=second(answer.until), cut=answer.cut_in_words())
    files = [
        el("button", label, type="button", data_sql="file", data_form=form)
        for form, label in (("csv", "CSV"), ("xlsx", "XLSX"), ("parquet", "Parquet"), ("arrow", "Arrow"))
    ]
    call = el("button", _("Copy as HTTP call"), type="button", data_sql="call")
    warnings = [
        components.notice(words)
        for words in (
            answer.cut_in_words() if answer.cut else "",
            missing(answer.since) if answer.since else "",
        )
        if words
    ]
    nothing = components.empty(_("No rows."), _("The query ran, and nothing fits it."))
    counted = wording.counted(answer.table.num_rows, "row")
    rows = components.card(
        _("Result"),
        *warnings,
        _grid(answer) if answer.table.num_rows else nothing,
        subtitle=_("{rows}, one column", rows=counted)
        if len(answer.names) == 1
        else _("{rows}, {names} columns", rows=counted, names=len(answer.names)),
        extra=[*files, call],
        foot=until,
    )
    if not answer.table.num_rows:
        return [rows]
    choice = charts.choose(answer, kept)
    columns = components.card(
        _("Columns"), _columns(of_columns(answer)), subtitle=_("What each column holds")
    )
    return [rows, *([_chart_card(answer, choice)] if choice else []), columns]


def _plan(answer: Answer) -> Component:
    text = "\n".join(str(value) for value in answer.table.column(1).to_pylist())
    plan = el("pre", text, class_="sql-plan", tabIndex=0, aria_label=_("Plan of the query"))
    return components.card(_("Plan"), plan, subtitle=_("How the engine would answer; nothing was run"))


def _grid(answer: Answer) -> Component:
    """Show the rows; numbers can be sorted as numbers, whatever their type."""
    columns = [answer.table.column(at) for at in range(len(answer.names))]
    values = [
        column.cast(pa.float64()).to_pylist()
        if pa.types.is_decimal(column.type)
        else [_moment(value) for value in plain_column(column)]
        if is_time(column)
        else plain_column(column)
        for column in columns
    ]
    rows = [
        {"id": str(at)} | {f"c{n}": _cell(cell) for n, cell in enumerate(cells)}
        for at, cells in enumerate(zip(*values, strict=True))
    ]
    is_short = len(rows) <= tables.AUTO_HEIGHT_ROWS
    grid = dag.AgGrid(
        id="sql-grid",
        columnDefs=[
            {
                "field": f"c{n}",
                "headerName": name,
                "headerTooltip": f"{name}: {kind}",
                "minWidth": _head_px(name, _brief(kind.lower())),
                "headerComponentParams": {
                    "innerHeaderComponent": "TsTyped",
                    "innerHeaderComponentParams": {"kind": _brief(kind.lower())},
                },
                "cellClass": "num mono" if is_number(columns[n]) else "mono",
                "headerClass": "num" if is_number(columns[n]) else "",
                "comparator": {"function": "tsCompare"},
                "tooltipField": f"c{n}",
            }
            for n, (name, kind) in enumerate(zip(answer.names, answer.types, strict=True))
        ],
        rowData=rows,
        getRowId="params.data.id",
        columnSize="autoSize",
        defaultColDef={"sortable": True, "resizable": True, "maxWidth": 420},
        dashGridOptions={
            "theme": theme.grid(),
            "localeText": tables.said_by_grids(),
            "rowHeight": 30,
            "headerHeight": 44,
            "domLayout": "autoHeight" if is_short else "normal",
            "animateRows": False,
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
        },
        style={"height": None if is_short else "420px", "width": "100%"},
    )
    return el("div", grid, class_="ag-holder sql-grid", role="region", aria_label=_("Rows of the result"))


def _head_px(name: str, kind: str) -> int:
    """Say how wide a head is with its arrow; the grid sizes by the cells, before the heads are drawn."""
    return min(MOST_HEAD_PX, HEAD_ROOM_PX + HEAD_SIGN_PX * max(len(name), len(kind)))


def _cell(value: Any) -> Any:
    """Give a cell that the grid can show: text, number or nothing."""
    if value is None or isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else value
    text = str(value)
    return text if len(text) <= MOST_CELL else f"{text[:MOST_CELL]}…"


def _moment(value: Any) -> Any:
    """Write a day or instant as SQL does, without the signs that programs want."""
    return value.replace("T", " ").removesuffix("Z") if isinstance(value, str) else value


def _columns(found: list[ColumnSummary]) -> Component:
    heads = [
        Column("name", _("Column")),
        Column("type", _("Type"), kind="text"),
        Column("unknown", _("Unknown"), kind="text"),
        Column("distinct", _("Different"), kind="text"),
        Column("least", _("Least"), kind="text"),
        Column("most", _("Most"), kind="text"),
        Column("mean", _("Mean"), kind="text"),
    ]
    rows: list[tables.Row] = [
        {
            "id": str(at),
            "name": each.name,
            "type": each.type,
            "unknown": f"{each.unknown:,}",
            "distinct": "—" if each.distinct is None else f"{each.distinct:,}",
            "least": _brief(_moment(each.least) if each.is_time else each.least),
            "most": _brief(_moment(each.most) if each.is_time else each.most),
            "mean": wording.figure(each.mean),
        }
        for at, each in enumerate(found)
    ]
    return tables.board(heads, rows, _("What each column of the result holds"), is_wide=True)


def _brief(value: Any) -> str:
    text = "—" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _chart_card(answer: Answer, choice: charts.Choice) -> Component:
    names = [{"value": str(at), "label": name} for at, name in enumerate(answer.names)]
    counted = [each for at, each in enumerate(names) if is_number(answer.table.column(at))]
    kinds = [{"value": kind, "label": _(label)} for kind, label in charts.KINDS.items()]
    series = str(choice.series) if choice.series >= 0 else None
    picks = el(
        "div",
        _pick("sql-kind", _("Chart"), kinds, choice.kind),
        _pick("sql-x", _("Across"), names, str(choice.x)),
        _pick("sql-y", _("Number"), counted, str(choice.y)),
        _pick("sql-series", _("Split by"), names, series, can_be_empty=True),
        class_="sql-picks",
    )
    held = dcc.Store(id="sql-run", data=answer.run_id)
    return components.card(_("Chart"), picks, held, el("div", id="sql-chart", class_="slot"))


def _pick(
    name: str, label: str, options: list[dict[str, str]], value: str | None, *, can_be_empty: bool = False
) -> Component:
    made: Component = dmc.Select(
        id=name,
        label=label,
        data=options,
        value=value,
        clearable=can_be_empty,
        allowDeselect=False,
        w=150,
        size="xs",
    )
    return made


def _chart(asking: Any, run_id: str, choice: charts.Choice) -> tuple[Child, dict[str, str]]:
    try:
        return _drawn(asking, run_id, choice)
    except Exception:  # the edge of a request
        reference = secrets.token_hex(3)
        log.exception("chart not drawn", reference=reference)
        said = _("This chart cannot be drawn of these columns. Reference {reference}", reference=reference)
        return components.empty(_("No chart"), said), {}


def _drawn(asking: Any, run_id: str, choice: charts.Choice) -> tuple[Child, dict[str, str]]:
    answer = asking.kept(current(), run_id)
    if answer is None:
        return components.empty(_("The rows are gone."), _("Run the query again to draw it anew.")), {}
    if choice.kind == charts.TABLE:
        words = _("The rows stand above; a tile shows them too.")
        return el("p", words, class_="meta"), choice.as_names(answer.names)
    figure, height, said = sketch.draw(answer, choice)
    return [components.chart(figure, said, height=height), el("p", said, class_="meta")], choice.as_names(
        answer.names
    )
