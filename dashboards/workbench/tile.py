"""A saved query as a tile of the Overview: its chart, its one number, or the first rows of its table."""

from __future__ import annotations

import secrets
from typing import Any

import structlog
from dash.development.base_component import Component

from analytics import periods, wording
from analytics.control import tiles
from analytics.control.identity import Role, current
from analytics.control.tiles import Tile
from analytics.errors import TearsheetError
from analytics.language import _
from analytics.sql import charts
from analytics.sql.ask import Answer
from analytics.sql.formats import plain_column
from analytics.sql.summary import is_number, numbers
from analytics.sql.tiles import Glance
from dashboards import components, tables
from dashboards.components import Link
from dashboards.elements import Child, el
from dashboards.tables import Column
from dashboards.workbench import sketch

ROWS = 10
COLUMNS = 5

log = structlog.get_logger()


def cards(desk: Any, site_id: str) -> list[Component]:
    """Draw the tiles that who asks sees on a site's Overview; what is wrong with one stays in its card."""
    return [_card(desk, each) for each in tiles.shown(desk.control, current(), site_id)]


def _card(desk: Any, tile: Tile) -> Component:
    try:
        return _drawn(desk, tile, desk.tiles.glance(tile))
    except TearsheetError as refusal:
        return components.card(
            _("A saved query"),
            components.empty(refusal.message, refusal.hint),
            links=_links(tile),
            class_name="c4",
        )
    except Exception:  # the edge of a request
        reference = secrets.token_hex(3)
        log.exception("tile failed", query=tile.query_id, reference=reference)
        return el("div", components.failed(_("a tile"), reference), class_="c4")


def _drawn(desk: Any, tile: Tile, shown: Glance) -> Component:
    saved, answer = shown.saved, shown.answer
    zone = next((each.zone for each in desk.sites() if each.site_id == tile.site_id), "UTC")
    at = wording.moment(periods.local_time(shown.at, zone), periods.local_time(desk.clock(), zone))
    whose = "" if tile.is_shared else _(" · only you see it")
    body, left_out = _body(answer, saved.chart)
    return components.card(
        saved.name,
        body,
        subtitle=saved.about or _("A query of {owner_name}", owner_name=saved.owner_name),
        links=_links(tile),
        foot=_("As of {at}{whose}{left_out}", at=at, whose=whose, left_out=left_out),
        class_name="c4",
    )


def _links(tile: Tile) -> list[Link]:
    """Lead to the query, where who looks may open it."""
    return [Link("SQL", f"/sql/{tile.query_id}")] if current().may(Role.ANALYST, tile.site_id) else []


def _body(answer: Answer, kept: Any) -> tuple[Child, str]:
    """Draw what was chosen with the query; where nothing was, its number or its rows."""
    if not answer.table.num_rows:
        return components.empty(_("No rows."), _("The query ran, and nothing fits it.")), ""
    choice = charts.choose(answer, kept) if kept.get("kind") else None
    if choice is not None and choice.kind != charts.TABLE:
        figure, height, said = sketch.draw(answer, choice)
        return components.chart(figure, said, height=min(height, 320)), ""
    if answer.table.num_rows == 1 and len(answer.names) == 1:
        return el("p", _cells(answer, 0)[0], class_="kpi-number"), ""
    return _rows(answer)


def _rows(answer: Answer) -> tuple[Child, str]:
    heads = [
        Column(f"c{at}", name, "number" if is_number(answer.table.column(at)) else "text")
        for at, name in enumerate(answer.names[:COLUMNS])
    ]
    cells = [_cells(answer, at) for at in range(len(heads))]
    rows: list[tables.Row] = [
        {"id": str(n), **{f"c{at}": word for at, word in enumerate(words)}}
        for n, words in enumerate(zip(*cells, strict=True))
    ]
    left = [
        _("{rows} of {num_rows:,} rows", rows=len(rows), num_rows=answer.table.num_rows)
        if answer.table.num_rows > len(rows)
        else "",
        _("{heads} of {names} columns", heads=len(heads), names=len(answer.names))
        if len(answer.names) > len(heads)
        else "",
    ]
    return tables.board(heads, rows, _("Rows of the query"), is_wide=True), "".join(
        f" · {each}" for each in left if each
    )


def _cells(answer: Answer, at: int) -> list[str]:
    """Word the first cells of a column."""
    column = answer.table.column(at).slice(0, ROWS)
    if is_number(column):
        return ["—" if value is None else f"{value:,.10g}" for value in numbers(column)]
    words = ["—" if value is None else str(value) for value in plain_column(column)]
    return [word if len(word) <= 60 else f"{word[:59]}…" for word in words]
