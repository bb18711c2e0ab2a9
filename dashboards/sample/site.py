"""Which page answers which address of the sample site: an ASGI app in front of the screens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from dashboards.sample import pages
from dashboards.statics import Asgi, Receive, Scope, Send
from data import demo
from data.demo import stories
from data.demo.story import Story

FRONT = pages.FRONT
ASSETS = Path(__file__).with_name("assets")
MEDIA = {".css": b"text/css; charset=utf-8", ".js": b"text/javascript; charset=utf-8"}
HTML = b"text/html; charset=utf-8"
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-cache"),
)


class Sample:
    """ASGI: answers `/sample/`, hands everything else to the app behind."""

    def __init__(self, inner: Asgi, clock: Callable[[], dt.datetime]) -> None:
        """Bind the site.

        Args:
            inner: What answers all other addresses.
            clock: Gives now, naive UTC; later stories are not out yet.
        """
        self._inner, self._clock = inner, clock
        self._files = {
            f"{FRONT}{path.name}": (MEDIA[path.suffix], path.read_bytes())
            for path in ASSETS.iterdir()
            if path.suffix in MEDIA
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or not f"{path}/".startswith(FRONT):
            await self._inner(scope, receive, send)
            return
        if scope["method"] not in {"GET", "HEAD"}:
            status, media, body = 405, HTML, pages.lost()
        elif path in self._files:
            status, (media, body) = 200, self._files[path]
        else:
            status, media, body = self._page(path)
        headers = [*HEADERS, (b"content-type", media), (b"content-length", str(len(body)).encode())]
        headers += [(b"allow", b"GET, HEAD")] if status == 405 else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _page(self, path: str) -> tuple[int, bytes, bytes]:
        out = self._out()
        key = f"{path}/".removeprefix(FRONT).rstrip("/")
        if not key:
            return 200, HTML, pages.front(out)
        if key.startswith(pages.AUTHORS):
            return self._author(key.removeprefix(pages.AUTHORS), out)
        story = next((each for each in out if each.article_id == key), None)
        return (200, HTML, pages.article(story, out)) if story else (404, HTML, pages.lost())

    def _author(self, key: str, out: list[Story]) -> tuple[int, bytes, bytes]:
        written = [story for story in out if key in dict(story.authors)]
        if not written:
            return 404, HTML, pages.lost()
        return 200, HTML, pages.author(dict(written[0].authors)[key], written)

    def _out(self) -> list[Story]:
        """List what can be read now, the newest first."""
        now = self._clock()
        known = stories.on_the_shelf(demo.SEED, demo.Newsroom(demo.SEED, 1, now).local_days()[0])
        out = [story for story in known if story.published_at <= now]
        return sorted(out, key=lambda story: (story.published_at, story.article_id), reverse=True)
