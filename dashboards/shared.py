"""What a share link opens: one view, and nothing that its page would not ask for it.

The gate has let the link's bearer through to the page, its callbacks and its stream. Here each question is
held against the one view: the callback must be of its page, and the address that it speaks of the link's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from analytics.control.identity import current
from dashboards import filters
from dashboards.filters import View
from dashboards.statics import Asgi, Message, Receive, Scope, Send

CALLBACKS, STREAMS = "/_dash-update-component", "/stream/"
MOST_BYTES = 1 << 20


class OneView:
    """ASGI: holds the questions of a share link's bearer against its view; everybody else passes."""

    def __init__(self, inner: Asgi, outputs_of: Callable[[str], Collection[str]]) -> None:
        """Stand in front of the screens; `outputs_of` gives the callbacks of the page at a path."""
        self._inner, self._outputs_of = inner, outputs_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        who = current()
        if who.kind != "link" or scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        path, _, search = who.address.partition("?")
        view = filters.parse(path, search)
        asked = str(scope["path"])
        body = await _body(receive) if asked == CALLBACKS else b""
        if asked == CALLBACKS:
            is_fine = self._is_callback_of(body, view)
        elif asked.startswith(STREAMS):
            page = "/" + asked.removeprefix(STREAMS).removesuffix(".json")
            query = bytes(scope.get("query_string", b"")).decode("latin-1")
            is_fine = filters.parse(page, query) == view
        else:
            is_fine = True
        if not is_fine:
            await _refuse(send)
            return
        given = False

        async def again() -> Message:
            nonlocal given
            if given or asked != CALLBACKS:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._inner(scope, again, send)

    def _is_callback_of(self, body: bytes, view: View) -> bool:
        """Tell whether a callback's question is one that the view's own page asks."""
        try:
            asked: dict[str, Any] = msgspec.json.decode(body, type=dict[str, Any])
            values = [*asked.get("inputs", []), *asked.get("state", [])]
            told = {
                (each["id"], each["property"]): each.get("value")
                for each in values
                if isinstance(each["id"], str)
            }
            if asked.get("output") not in self._outputs_of(view.path):
                return False
            held = told.get(("view", "data"))
            if held is None:
                held = {"path": told["address", "pathname"], "search": told["address", "search"]}
            return filters.parse(held["path"], held["search"]) == view
        except (msgspec.DecodeError, LookupError, TypeError, AttributeError):
            return False


async def _body(receive: Receive) -> bytes:
    parts = bytearray()
    while True:
        message = await receive()
        parts += message.get("body", b"")
        if len(parts) > MOST_BYTES or not message.get("more_body"):
            return bytes(parts)


async def _refuse(send: Send) -> None:
    words = b"This link shows one view and nothing else."
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(words)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": words})
