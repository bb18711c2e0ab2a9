"""The page itself: slots around the place where the browser builds the editor."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, dcc
from dash.development.base_component import Component

from analytics.language import _
from dashboards import components, slots
from dashboards.elements import el
from dashboards.filters import View
from dashboards.workbench import results, shelf

_STORES = ("asked", "told", "stop", "stopped", "save", "kept", "again", "chosen", "more", "sink")


def layout(view: View) -> Component:
    """Lay out the page."""
    middle = el(
        "div", shelf.place(view), el("div", id="sql-result", class_="slot sql-result"), class_="sql-middle"
    )
    left = el("section", id="sql-tables", class_="card sql-tables sql-left", aria_label=_("Tables"))
    right = el("div", slots.slot("sql-saved", 180), slots.slot("sql-history", 240), class_="sql-right")
    return slots.page(
        slots.slot("sql-head", content=components.page_head("SQL", "")),
        el("div", left, middle, right, class_="sql-desk"),
        slots.slot("sql-start"),
        *[dcc.Store(id=f"sql-{name}") for name in _STORES],
    )


def register(app: Dash) -> None:
    """Bind everything, once for both pages."""
    shelf.register(app)
    results.register(app)
    for store in ("opened", "told", "kept", "chosen"):
        app.clientside_callback(  # type: ignore[no-untyped-call]
            ClientsideFunction("tearsheetSql", store),
            Output("sql-sink", "data", allow_duplicate=True),
            Input(f"sql-{store}", "data"),
            prevent_initial_call="initial_duplicate" if store == "opened" else True,
        )
