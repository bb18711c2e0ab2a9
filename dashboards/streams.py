"""Streams: what changes by itself on a screen, pushed to all tabs, asked for once.

A page offers STREAMS, name -> a function that gives the present state as JSON. Tabs that watch the same
address share one answer: whoever comes first after a second asks, the others wait for it, so fifty tabs
cost one question a second and none when nobody looks. Server-sent events carry it, because they are plain
HTTP and come back by themselves; `/stream/<name>.json` gives the same to who cannot be streamed to.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from analytics import language
from analytics.errors import NotAllowedError, TearsheetError
from analytics.language import _
from dashboards import filters, scope
from dashboards.filters import View

State: TypeAlias = "Callable[[Any, View], bytes]"
PREFIX = "/stream"
EVERY_S = 1.0
SHARE = 10  # an answer that takes long is asked for less often: at most for a tenth of one core
MOST_TABS = 500  # readers' events come over the same connections
MOST_HELD = 200
RETRY_MS = 3000
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx would hold back what it buffers

log = structlog.get_logger()


@dataclass(slots=True)
class _Held:
    """The last answer to one question, and until when it serves."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    answer: bytes = b""
    until: float = float("-inf")


class Hub:
    """Asks once for all who watch the same.

    Attributes:
        watchers: Streams that are open.
    """

    def __init__(
        self,
        ask: Callable[[str, str], Awaitable[bytes]],
        *,
        ticks: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Prepare; nothing is asked before somebody watches.

        Args:
            ask: `ask(name, query)` gives the state as JSON.
            ticks: Monotonic seconds.
            sleep: Waits between two looks.
        """
        self.watchers = 0
        self._ask, self._ticks, self._sleep = ask, ticks, sleep
        self._held: dict[tuple[str, str, language.Speech], _Held] = {}  # in each language once

    async def latest(self, name: str, query: str) -> bytes:
        """Give the state, at most a second old; whoever asks meanwhile waits for the same answer."""
        if len(self._held) > MOST_HELD:
            self._held.clear()
        held = self._held.setdefault((name, query, language.current()), _Held())
        async with held.lock:
            if self._ticks() >= held.until:
                began = self._ticks()
                held.answer = await self._ask(name, query)
                held.until = began + max(EVERY_S, SHARE * (self._ticks() - began))
            return held.answer

    async def watch(self, name: str, query: str) -> AsyncIterator[bytes]:
        """Give the state again and again, until whoever watches leaves."""
        self.watchers += 1
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            while True:
                yield b"data: " + await self.latest(name, query) + b"\n\n"
                await self._sleep(EVERY_S)
        finally:
            self.watchers -= 1


LOOKS = ("wall", "sound")  # parameters of a page that its stream does not depend on


def href(name: str, view: View) -> str:
    """Write the address of a stream of a view."""
    return f"{PREFIX}/{name}{view.query()}"


def register(server: FastAPI, states: Mapping[str, State]) -> Hub:
    """Answer `/stream/<name>` as a stream and `/stream/<name>.json` once.

    Args:
        server: The server; `server.state.desk` is handed to the state.
        states: Name -> function that gives JSON of one line.
    """

    async def ask(name: str, query: str) -> bytes:
        view = filters.parse(f"/{name}", query)
        return await asyncio.to_thread(states[name], server.state.desk, view)

    hub = Hub(ask)

    @server.get(PREFIX + "/{name}")
    async def stream(name: str, request: Request) -> Response:
        is_once = name.endswith(".json")
        name = name.removesuffix(".json")
        if name not in states:
            return JSONResponse({"error": _("There is no stream {name!r}.", name=name)}, status_code=404)
        view = filters.parse(f"/{name}", str(request.url.query))
        try:
            # One spelling for all tabs; the site stands in it, for tabs of other people share the answer.
            site = await asyncio.to_thread(scope.site_of, server.state.desk, view)
            query = view.but(site=site.site_id).query()
            first = await hub.latest(name, query)
        except NotAllowedError as refusal:
            return JSONResponse({"error": refusal.message, "hint": refusal.hint}, status_code=403)
        except TearsheetError as refusal:
            return JSONResponse({"error": refusal.message, "hint": refusal.hint}, status_code=400)
        if is_once:
            return Response(first, media_type="application/json", headers=HEADERS)
        if hub.watchers >= MOST_TABS:
            return JSONResponse({"error": _("Too many tabs watch already; ask again.")}, status_code=503)
        return StreamingResponse(hub.watch(name, query), media_type="text/event-stream", headers=HEADERS)

    return hub
