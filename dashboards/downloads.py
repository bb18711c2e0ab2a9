"""Downloads: files of exactly what a card shows, all rows of it, by the address of its page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from analytics.errors import NotAllowedError, TearsheetError
from analytics.exports import FORMATS, About, Cell
from analytics.exports import Table as Sheet
from analytics.language import _
from dashboards import filters
from dashboards.filters import View

Rows: TypeAlias = "tuple[Sequence[str], Sequence[Sequence[Cell]]]"
Table: TypeAlias = "Callable[[Any, View], Rows]"
Tell: TypeAlias = "Callable[[Any, View, str, Sequence[str]], About]"
PREFIX = "/download"


def href(name: str, view: View) -> str:
    """Write the address of a download as CSV: it bears the page's path and its parameters.

    Args:
        name: One of the page's downloads, such as `articles`.
        view: What is shown.
    """
    return f"{PREFIX}/{name}.csv{view.query()}{'&' if view.query() else '?'}path={quote(view.path)}"


def register(server: FastAPI, tables: Mapping[str, Table], tell: Tell) -> None:
    """Answer `/download/<name>.<format>` with the table of that name under the view of the address.

    Args:
        server: The server; `server.state.desk` is handed to the table.
        tables: Name -> function that gives columns and rows as shown.
        tell: Says what the rows hold, from the desk, the view, its absolute address and the columns.
    """

    @server.get(PREFIX + "/{name}.{kind}")
    async def download(name: str, kind: str, request: Request) -> Response:
        if name not in tables or kind not in FORMATS:
            return JSONResponse(
                {"error": _("There is no download {kind!r}.", kind=f"{name}.{kind}")}, status_code=404
            )
        query = [part for part in request.url.query.split("&") if not part.startswith("path=")]
        view = filters.parse(request.query_params.get("path", "/"), "&".join(query))
        address = f"{str(request.base_url).rstrip('/')}{view.href()}"

        def made() -> bytes:
            columns, rows = tables[name](server.state.desk, view)
            about = tell(server.state.desk, view, address, columns)
            return FORMATS[kind].write(Sheet(columns, rows, about))

        try:
            content = await asyncio.to_thread(made)
        except NotAllowedError as refusal:
            return JSONResponse({"error": refusal.message, "hint": refusal.hint}, status_code=403)
        except TearsheetError as refusal:
            return JSONResponse({"error": refusal.message, "hint": refusal.hint}, status_code=400)
        ending = "about.json" if kind == "about" else kind
        file = f"tearsheet-{name}-{view.period or 'period'}.{ending}"
        return Response(
            content,
            media_type=FORMATS[kind].media_type,
            headers={"Content-Disposition": f'attachment; filename="{file}"'},
        )
