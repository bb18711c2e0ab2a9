"""Downloads: the CSV of exactly what a card shows, by the address of its page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from analytics.errors import TearsheetError
from analytics.exports import Cell, csv_text
from dashboards import filters
from dashboards.filters import View

Rows: TypeAlias = "tuple[Sequence[str], Sequence[Sequence[Cell]]]"
Table: TypeAlias = "Callable[[Any, View], Rows]"
PREFIX = "/download"


def href(name: str, view: View) -> str:
    """Write the address of a download: it bears the page's path and its parameters.

    Args:
        name: One of the page's downloads, such as `articles`.
        view: What is shown.
    """
    return f"{PREFIX}/{name}.csv{view.query()}{'&' if view.query() else '?'}path={quote(view.path)}"


def register(server: FastAPI, tables: Mapping[str, Table]) -> None:
    """Answer `/download/<name>.csv` with the table of that name under the view of the address.

    Args:
        server: The server; `server.state.desk` is handed to the table.
        tables: Name -> function that gives columns and rows as shown.
    """

    @server.get(PREFIX + "/{name}.csv")
    async def download(name: str, request: Request) -> Response:
        table = tables.get(name)
        if table is None:
            return JSONResponse({"error": f"There is no download {name!r}."}, status_code=404)
        query = str(request.url.query)
        path = request.query_params.get("path", "/")
        view = filters.parse(
            path, "&".join(part for part in query.split("&") if not part.startswith("path="))
        )
        try:
            columns, rows = await asyncio.to_thread(table, server.state.desk, view)
        except TearsheetError as refusal:
            return JSONResponse({"error": refusal.message, "hint": refusal.hint}, status_code=400)
        shown = view.period or "period"
        return Response(
            csv_text(columns, rows),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="tearsheet-{name}-{shown}.csv"'},
        )
