"""The guard in front of the screens: policy headers, honest status codes.

Who may ask, and from where, the gate has settled before (`analytics.control.gate`). Websockets are refused
until a page needs one; unknown pages, and pages of unknown items, get 404 with the same screen that says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from dashboards.statics import Asgi, Message, Receive, Scope, Send

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), browsing-topics=()"),
)


OF_DASH = ("/_dash-component-suites/", "/_dash-update-component")

log = structlog.get_logger()


def policy(hashes: list[str]) -> str:
    """Write the content security policy: everything from here, no inline script but Dash's own by hash."""
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' {' '.join(hashes)}",
            "style-src 'self' 'unsafe-inline'",  # Mantine and Plotly set style attributes
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ]
    )


class Guard:
    """ASGI: adds the headers, and says 404 of what is no page."""

    def __init__(self, inner: Asgi, policy_text: str, is_page: Callable[[str, str], Awaitable[bool]]) -> None:
        """Stand in front of the screens; `is_page` tells of path and query whether anything stands there."""
        self.inner = inner
        self.headers = [*HEADERS, (b"content-security-policy", policy_text.encode())]
        self.is_page = is_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        path, query = str(scope["path"]), bytes(scope.get("query_string", b"")).decode("latin-1")
        is_lost = scope["method"] == "GET" and not await self.is_page(path, query)
        send = self._with_headers(send, is_lost=is_lost)
        if path.startswith(OF_DASH):
            await self._forgiving(scope, receive, send)
        else:
            await self.inner(scope, receive, send)

    async def _forgiving(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say 404 or 400 of what Dash would call its own fault: a file or callback that is none.

        What a callback of ours does wrong ends in its slot and never comes here as a fault.
        """
        is_file = str(scope["path"]).startswith(OF_DASH[0])
        status, words = (
            (404, b"There is no such file.") if is_file else (400, b"This is no question of a page.")
        )
        is_wrong = False

        async def sent(message: Message) -> None:
            nonlocal is_wrong
            is_wrong = is_wrong or (message["type"] == "http.response.start" and message["status"] == 500)
            if not is_wrong:
                await send(message)

        try:
            await self.inner(scope, receive, sent)
        except Exception as fault:  # the edge of a request
            if not is_wrong:
                raise
            log.warning("dash refused", path=scope["path"], reason=type(fault).__name__)
        if is_wrong:
            length = (b"content-length", str(len(words)).encode())
            headers = [(b"content-type", b"text/plain; charset=utf-8"), length]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": words})

    def _with_headers(self, send: Send, *, is_lost: bool) -> Send:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message.get("headers", [])}
                ours = [pair for pair in self.headers if pair[0] not in given]
                message = dict(message, headers=[*message.get("headers", []), *ours])
                if is_lost and message["status"] == 200:
                    message["status"] = 404
            await send(message)

        return sent
