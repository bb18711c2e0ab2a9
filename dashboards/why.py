"""Why this number: what the panel behind a figure asks for when it is opened (`assets/why.js`).

Its address bears the metric and all that was asked, so it is answered without the page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from analytics import wording
from analytics.control.identity import Role, current
from analytics.errors import NotAllowedError, TearsheetError
from analytics.language import _
from analytics.queries import presence
from analytics.queries.ask import FILTERS
from analytics.queries.evidence import Evidence, evidence
from analytics.queries.live import Question
from dashboards import components, filters, scope
from dashboards.scope import Scope

PATH = "/_why"
SQL_PAGE = "/sql"
OpenIn = Callable[[str], str]


def href(shown: Scope, metric: str) -> str:
    """Write the address that tells what a metric rests on under a view.

    Args:
        shown: The view, resolved; also what its page has narrowed it to.
        metric: Identifier.
    """
    days = f"{shown.period.first}..{shown.period.last}"
    kept = {name: getattr(shown.where, name) for name in FILTERS}
    view = shown.view.but(path="/", site=shown.site_id, period=days, q=shown.where.text, **kept)
    articles = "".join(f"&article={quote(each, safe='')}" for each in shown.where.article)
    return f"{PATH}{view.query()}&number={metric}{articles}"


def register(server: FastAPI) -> None:
    """Answer `/_why?number=reads&...` with the rows and the statement behind a figure."""

    @server.get(PATH)
    async def why(request: Request) -> JSONResponse:
        asked = request.query_params
        articles = tuple(asked.getlist("article"))
        try:
            answer = await asyncio.to_thread(
                told, server.state.desk, request.url.query, asked.get("number", ""), articles
            )
        except NotAllowedError as refusal:
            return JSONResponse({"error": refusal.message, "hint": refusal.hint}, status_code=403)
        except TearsheetError as refusal:
            return JSONResponse({"error": refusal.message, "hint": refusal.hint}, status_code=400)
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def told(desk: Any, query: str, metric: str, articles: tuple[str, ...] = ()) -> dict[str, Any]:
    """Tell what a figure rests on, in words.

    Args:
        desk: The open desk.
        query: Of the address.
        metric: Identifier.
        articles: Ids to which the view is narrowed.

    Returns:
        rows (name and number each), sql, note (why there is no statement), and open: the address of the SQL
        page with it, empty where there is no such page or the reader's role does not open it.
    """
    shown = scope.resolve(desk, filters.parse("/", query), "7d")
    if articles:
        shown = scope.narrowed(shown, article=articles)
    found = _live(shown, metric) if metric in presence.NUMBERS else evidence(desk.store, metric, shown.ask())
    return {
        "rows": _rows(found),
        "sql": found.sql,
        "note": found.why_no_sql,
        "open": opened(found.sql, shown.site_id),
    }


def _live(shown: Scope, metric: str) -> Evidence:
    asked = Question(shown.site_id, shown.zone, shown.where.section)
    sees_people = all(current().may(Role.ADMIN, each.site_id) for each in scope.seen(shown.desk))
    return presence.evidence(shown.desk.store, metric, asked, shown.now, with_people=sees_people)


def _rows(found: Evidence) -> list[tuple[str, str]]:
    return [
        (_("Rows of {table}", table=found.table), wording.full(found.stored)),
        (_("Used"), wording.full(found.used)),
        *[(_("Left out: {reason}", reason=reason), wording.full(n)) for reason, n in found.left_out],
        *[(_("Never counted: {reason}", reason=reason), wording.full(n)) for reason, n in found.kept_out],
    ]


def opened(sql: str, site_id: str) -> str:
    """Write the address that opens a statement in SQL; empty for those whose role does not open it."""
    has_page = any(page.path == SQL_PAGE for page in components.PAGES)
    if not sql or not has_page or not current().may(Role.ANALYST, site_id):
        return ""
    return f"{SQL_PAGE}#{quote(sql)}"
