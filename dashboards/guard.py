"""The guard in front of the screens: policy headers, same-origin writes, honest status codes.

Dash's backend checks nothing: a JSON POST with a foreign Origin is answered. So writes to `/_dash-*` must
come from our own pages (the renderer sends them without a content type, so JSON is asked only of programs,
which say nothing about where they come from). Websockets are refused until a page needs one; unknown pages
get 404 with the same screen that says so.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from dashboards.statics import Asgi, Message, Receive, Scope, Send

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), browsing-topics=()"),
)


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
    """ASGI: adds the headers and refuses what a page of ours would not send."""

    def __init__(self, inner: Asgi, policy_text: str, is_page: Callable[[str], bool]) -> None:
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
        refusal = _refusal(scope)
        if refusal:
            await _refuse(self._with_headers(scope, send), *refusal)
            return
        await self.inner(scope, receive, self._with_headers(scope, send))

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        is_lost = scope["method"] == "GET" and not self.is_page(str(scope["path"]))

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message.get("headers", [])}
                ours = [pair for pair in self.headers if pair[0] not in given]
                message = dict(message, headers=[*message.get("headers", []), *ours])
                if is_lost and message["status"] == 200:
                    message["status"] = 404
            await send(message)

        return sent


def _refusal(scope: Scope) -> tuple[int, bytes] | None:
    """Say why a write to the screens is refused, None where it is not."""
    if scope["method"] in {"GET", "HEAD", "OPTIONS"} or not str(scope["path"]).startswith("/_dash-"):
        return None
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    site, origin = headers.get("sec-fetch-site", ""), headers.get("origin", "")
    if site or origin:  # a browser: it always says where a write comes from
        is_ours = site == "same-origin" if site else urlsplit(origin).netloc == headers.get("host")
        return None if is_ours else (403, b"This request came from another site.")
    is_json = headers.get("content-type", "").startswith("application/json")
    return None if is_json else (415, b"Only JSON is taken here.")


async def _refuse(send: Send, status: int, words: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(words)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})
