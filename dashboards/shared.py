"""What a share link opens, and what whoever reads calmly: each question is held against what they may see.

The gate has let the link's bearer through to the page, its callbacks and its stream. Here the callback must
be of its page, and the address that it speaks of the link's. Whoever has a policy (`dashboards.calm`) asks
no page that is not open to them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from analytics.control.identity import current
from dashboards import calm, filters, streams
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
        body = await body_of(receive) if asked == CALLBACKS else b""
        if asked == CALLBACKS:
            output, told = question_of(body)
            is_fine = told == view and output in self._outputs_of(view.path)
        elif asked.startswith(STREAMS):
            page = "/" + asked.removeprefix(STREAMS).removesuffix(".json")
            query = bytes(scope.get("query_string", b"")).decode("latin-1")
            is_fine = filters.parse(page, query) == view.but(**dict.fromkeys(streams.LOOKS, ""))
        else:
            is_fine = True
        if not is_fine:
            await refuse(send, b"This link shows one view and nothing else.")
            return
        await self._inner(scope, again(body, receive) if asked == CALLBACKS else receive, send)


class Calmly:
    """ASGI: lets callbacks, files and streams of pages that are not open to who asks go unanswered."""

    def __init__(self, inner: Asgi, desk: Any, page_of: Callable[[str, str], str | None]) -> None:
        """Stand in front of the screens.

        Args:
            inner: The screens.
            desk: The open desk.
            page_of: Gives the page of a callback, download or stream, by kind and name; None: of the frame.
        """
        self._inner, self._desk, self._page_of = inner, desk, page_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not current().policies:
            await self._inner(scope, receive, send)
            return
        path, name, view = str(scope["path"]), "", None
        kind, _, rest = path.strip("/").partition("/")
        if path == CALLBACKS:
            body = await body_of(receive)
            receive, kind = again(body, receive), "callback"
            name, view = question_of(body)
        elif kind in {"download", "stream"}:
            name = rest.partition(".")[0]
            view = filters.parse("/", bytes(scope.get("query_string", b"")).decode("latin-1"))
        elif path == "/" and await self._is_sent_on(scope, send):
            return
        if name:
            page = self._page_of(kind, name)
            sight = await asyncio.to_thread(calm.sight_of, self._desk, view)
            # Which author a page is of is settled with the question; here it need not be known.
            if page and not calm.is_open(page, sight.author_id, sight):
                await refuse(send, b"This page is not shown to your role.")
                return
        await self._inner(scope, receive, send)

    async def _is_sent_on(self, scope: Scope, send: Send) -> bool:
        """Lead who sees only their own from the front page to their own."""
        view = filters.parse("/", bytes(scope.get("query_string", b"")).decode("latin-1"))
        sight = await asyncio.to_thread(calm.sight_of, self._desk, view)
        if not (sight.is_own and sight.author_id):
            return False
        to = View(f"/authors/{sight.author_id}", site=view.site).href()
        await send({"type": "http.response.start", "status": 303, "headers": [(b"location", to.encode())]})
        await send({"type": "http.response.body", "body": b""})
        return True


def question_of(body: bytes) -> tuple[str, View | None]:
    """Tell which callback a body asks, and of which view.

    Returns:
        The callback's output, and the view; None where it names none, or two that differ.
    """
    output, told = "", dict[tuple[str, str], Any]()
    try:
        asked: dict[str, Any] = msgspec.json.decode(body, type=dict[str, Any])
        output = str(asked.get("output", ""))
        for each in [*asked.get("inputs", []), *asked.get("state", [])]:
            if isinstance(each["id"], str):
                key = (each["id"], each["property"])
                if told.setdefault(key, each.get("value")) != each.get("value"):
                    return output, None
        held = told.get(("view", "data"))
        if held is None:
            held = {"path": told["address", "pathname"], "search": told["address", "search"]}
        return output, filters.parse(held["path"], held["search"])
    except (msgspec.DecodeError, LookupError, TypeError, AttributeError):
        return output, None


async def body_of(receive: Receive) -> bytes:
    """Read a body, as far as it is a question of a page."""
    parts = bytearray()
    while True:
        message = await receive()
        parts += message.get("body", b"")
        if len(parts) > MOST_BYTES or not message.get("more_body"):
            return bytes(parts)


def again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read once more, and then what comes after it."""
    given = False

    async def received() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return received


async def refuse(send: Send, words: bytes) -> None:
    """Answer 403 in a sentence."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(words)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": words})
