"""Slots: places on a page that a callback fills, one card each, so that one failure stays one card.

A page's `layout` puts skeletons into slots; its `register` names what fills them. The callback is
always the same: read the view, ask and draw in a thread (the event loop takes readers' events), and
put what comes out, or the sentence that it failed, into the slot. A refused address and an error of
ours differ: the first says what to do, the second is logged with a reference.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any, TypeAlias

import structlog
from dash import Dash, Input, Output
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from analytics.errors import CalmError, TearsheetError
from analytics.language import N_, _
from dashboards import components, filters
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.plain import fold

log = structlog.get_logger()

Desk: TypeAlias = Any  # analytics.desk: pages ask its store through queries
Draw: TypeAlias = "Callable[[Any, View], Child]"
VIEW = "view"  # id of the store that holds the address inside a page


def slot(name: str, height: int = 0, *, class_name: str = "", content: Child = None) -> Component:
    """Make a place that a callback fills.

    Args:
        name: Id, unique over all pages: "overview-cards".
        height: Of the skeleton that holds the place; 0 for none.
        class_name: Columns of the page's grid: "c8", "c4", "c6".
        content: What stands there until the callback answers, instead of a skeleton.
    """
    waiting = content if content is not None else components.skeleton(height) if height else None
    return el("div", waiting, id=name, class_=f"slot {class_name}".strip())


def page(*parts: Child) -> Component:
    """Lay the slots of a page on its grid of twelve columns."""
    return el("div", *parts, class_="page")


def view_of(address: dict[str, str] | None) -> View:
    """Read the view that a page holds in its store."""
    held = address or {"path": "/", "search": ""}
    return filters.parse(held["path"], held["search"])


def fill(
    app: Dash,
    name: str,
    draw: Draw,
    *,
    what: str = N_("this part"),
    again: str = "",
    waits: bool = False,
) -> None:
    """Bind a slot to the function that draws it.

    Args:
        app: The application; `app.server.state.desk` is handed to `draw`.
        name: Id of the slot.
        draw: `draw(desk, view)`, run in a thread, gives what stands in the slot.
        what: Names the part where it could not be loaded: "this chart".
        again: Id of a store; what the browser writes there has the slot drawn again.
        waits: Whether it waits for others than the store, so that it must not hold a cursor meanwhile.
    """
    asked = [Input(VIEW, "data"), *([Input(again, "data")] if again else [])]

    @app.callback(Output(name, "children"), *asked)
    async def filled(address: dict[str, str] | None, *_again: object) -> Child:
        if not address:
            raise PreventUpdate
        view = filters.parse(address["path"], address["search"])
        return await asyncio.to_thread(_drawn, app, name, draw, view, what, waits)


def at_once(desk: Desk, draw: Draw, view: View) -> Child:
    """Draw so that all that a card says is of one moment."""

    def moment() -> Child:
        with desk.store.read():
            return draw(desk, view)

    found: Child = desk.store.again(moment)
    return found


def _drawn(app: Dash, name: str, draw: Draw, view: View, what: str, waits: bool = False) -> Child:
    """Draw, or say what went wrong: the edge at which errors of a request end."""
    desk = app.server.state.desk
    try:
        return fold(draw(desk, view) if waits else at_once(desk, draw, view))
    except CalmError:
        return None  # calm mode has no such part; an empty frame would only say what is missing
    except TearsheetError as error:
        return components.card(_("Not shown"), components.empty(error.message, error.hint))
    except Exception:
        reference = secrets.token_hex(3)
        log.exception("slot failed", slot=name, reference=reference)
        return components.failed(_(what), reference)
