"""The JSON API: `/api/v1` and its reference at `/docs`, in front of the screens and behind the gate.

An application of its own beside that of the screens, so that what is no route here is 404 in JSON and never
the index of the screens, and so that a program's question never waits for a callback.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable
from typing import Any, Protocol

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from analytics.api import (
    alerts,
    callers,
    catalogue,
    document,
    mailing,
    notes,
    now,
    reports,
    rules,
    sql,
    stats,
    views,
)
from analytics.api.asked import WrongError
from analytics.api.sheets import PRIVATE, Turns
from analytics.collect.http import App, Receive, Scope, Send
from analytics.collect.limits import Buckets
from analytics.control.identity import current
from analytics.errors import (
    ConfigError,
    NotAllowedError,
    PeriodError,
    StoreError,
    TearsheetError,
    UnknownDimensionError,
    UnknownMetricError,
    did_you_mean,
)
from analytics.sql.ask import Asking
from analytics.store.store import Store

PREFIX = "/api/v1"
A_MINUTE = 120  # requests of one person or key; pages of 1,000 rows make that enough
ROUTERS = (
    stats.router,
    now.router,
    alerts.router,
    rules.router,
    catalogue.router,
    notes.router,
    reports.router,
    mailing.router,
    sql.router,
    views.router,
    document.router,
)
CODES: dict[type[TearsheetError], str] = {
    UnknownMetricError: "unknown_metric",
    UnknownDimensionError: "unknown_dimension",
    PeriodError: "bad_period",
    ConfigError: "bad_setting",
}
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
}

log = structlog.get_logger()


class Desk(Protocol):
    """What the API asks of the desk."""

    store: Store
    clock: Callable[[], dt.datetime]
    asking: Asking

    @property
    def reports(self) -> Any:
        """The office of reports."""


class Api:
    """ASGI: answers `/api/` and `/docs`, hands everything else to the app behind."""

    def __init__(self, desk: Desk, inner: App, ticks: Callable[[], float] = time.monotonic) -> None:
        """Bind the routes.

        Args:
            desk: Its store is asked through `queries`.
            inner: What answers all other addresses.
            ticks: Monotonic seconds.
        """
        self._inner, self._ticks, self._buckets = inner, ticks, Buckets()
        self.app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        self.app.state.desk, self.app.state.turns = desk, Turns()
        for router in ROUTERS:
            self.app.include_router(router, prefix=PREFIX if router is not document.router else "")
        self.app.add_exception_handler(TearsheetError, _refused)
        self.app.add_exception_handler(RequestValidationError, _unread)
        self.app.add_exception_handler(HTTPException, _no_route)
        self.app.add_exception_handler(500, _failed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path.startswith(("/api/", "/docs/")) or path == "/docs"):
            await self._inner(scope, receive, send)
            return
        wait = self._buckets.take(callers.who() or "nobody", A_MINUTE, self._ticks())
        if wait:
            message = f"One person or key may ask {A_MINUTE} times a minute."
            refusal = _problem(
                429, "too_many_requests", message, "Wait, then go on.", {"retry-after": f"{math.ceil(wait)}"}
            )
            await refusal(scope, receive, send)
            return
        try:
            await self.app(scope, receive, _with_headers(send))
        except Exception:  # the edge of a request; what was asked stands in the path, never in the log
            log.exception("api request failed", path=path)


def _with_headers(send: Send) -> Send:
    async def sent(message: Any) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            ours = [
                (name.encode(), text.encode()) for name, text in HEADERS.items() if name.encode() not in given
            ]
            message = dict(message, headers=[*message["headers"], *ours])
        await send(message)

    return sent


# --- refusals ----------------------------------------------------------------------------------------------


def _problem(
    status: int, code: str, message: str, hint: str = "", headers: dict[str, str] | None = None
) -> Response:
    body = {"error": code, "message": message, "hint": hint}
    return JSONResponse(body, status, headers=PRIVATE | (headers or {}))


async def _refused(_request: Request, fault: Exception) -> Response:
    """Say what the caller asked wrongly, or may not ask."""
    assert isinstance(fault, TearsheetError)  # noqa: S101 registered for these
    if isinstance(fault, WrongError):
        headers = {"retry-after": "5"} if fault.status == 429 else None
        return _problem(fault.status, fault.code, fault.message, fault.hint, headers)
    if isinstance(fault, NotAllowedError):
        if current().kind == "nobody":
            hint = "Sign in, or send a key: Authorization: Bearer KEY"
            return _problem(401, "not_signed_in", fault.message, hint, {"www-authenticate": "Bearer"})
        return _problem(403, "not_allowed", fault.message, fault.hint)
    if isinstance(fault, StoreError):
        log.warning("api question failed", reason=fault.message)
        words = "The figures cannot be read just now."
        return _problem(503, "unavailable", words, "Ask again in a minute.", {"retry-after": "60"})
    return _problem(400, CODES.get(type(fault), "bad_request"), fault.message, fault.hint)


async def _unread(request: Request, fault: Exception) -> Response:
    """Name the first parameter that could not be read."""
    assert isinstance(fault, RequestValidationError)  # noqa: S101 registered for it
    first = fault.errors()[0]
    name = str(first["loc"][-1] if not isinstance(first["loc"][-1], int) else first["loc"][-2])[:50]
    if first["type"] == "extra_forbidden":
        known = [each.alias for each in request.scope["route"].dependant.query_params]
        models = [field.field_info.annotation for field in request.scope["route"].dependant.query_params]
        names = [key for model in models for key in getattr(model, "model_fields", {})] or known
        return _problem(
            400, "unknown_parameter", f"There is no parameter {name!r}.", did_you_mean(name, names)
        )
    return _problem(400, f"bad_{name}", f"{name}: {first['msg']}.", "See /docs.")


async def _no_route(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # noqa: S101 registered for it
    if fault.status_code == 404:
        return _problem(404, "not_found", f"There is no {request.url.path[:200]}.", "See /docs.")
    return _problem(fault.status_code, "not_allowed", str(fault.detail), "", dict(fault.headers or {}))


async def _failed(_request: Request, _fault: Exception) -> Response:
    return _problem(500, "failed", "This could not be answered.", "The log of the desk says more.")
