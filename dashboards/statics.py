"""Static files from memory: read once, compressed once, answered without touching the disk again.

Dash reads and hashes each file on the event loop, which also takes readers' events. This ASGI layer asks
the application once per file, keeps the answer with its brotli and gzip forms (made in a thread, the
usual ones at start), and answers everything after that by itself.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qs

import brotli
from dash.fingerprint import check_fingerprint
from starlette.middleware.gzip import GZipMiddleware

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Asgi: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

PREFIXES = ("/assets/", "/_dash-component-suites/")
COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg")
_MOST_FILES, _MOST_BYTES = 400, 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file in the forms in which it is sent."""

    content_type: bytes
    etag: bytes
    bodies: dict[str, bytes]

    def best(self, accepted: str) -> tuple[str, bytes]:
        """Choose the smallest form that the browser takes; brotli only comes over https and localhost."""
        for encoding in ("br", "gzip"):
            if encoding in self.bodies and re.search(rf"\b{encoding}\b", accepted):
                return encoding, self.bodies[encoding]
        return "", self.bodies[""]


class Statics:
    """ASGI: answers files under PREFIXES from memory, everything else goes inside."""

    def __init__(self, inner: Asgi) -> None:
        self.inner = inner
        self.files: dict[str, StaticFile] = {}
        self._making: dict[str, asyncio.Lock] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or not path.startswith(PREFIXES):
            await self.inner(scope, receive, send)
            return
        plain, is_named = _plain(path)
        file = self.files.get(plain) or await self._make(plain, scope)
        if file is None:
            await self.inner(dict(scope, extensions={}), receive, send)
            return
        query = parse_qs(bytes(scope.get("query_string", b"")).decode("latin-1"))
        await _answer(file, scope, send, is_fixed=is_named or "m" in query)

    async def warm(self, page: str, more: Callable[[], Iterable[str]]) -> None:
        """Read and compress the files that a page links, and more, before anyone asks for them."""
        _, _, body = await _fetched(self.inner, page, {})
        for path in [*linked(body.decode()), *more()]:
            plain, _ = _plain(path.partition("?")[0])
            if plain.startswith(PREFIXES) and plain not in self.files:
                await self._make(plain, {"type": "http", "method": "GET", "headers": [], "query_string": b""})

    async def _make(self, path: str, scope: Scope) -> StaticFile | None:
        """Take a file from the application and keep it; None where there is none or no room."""
        async with self._making.setdefault(path, asyncio.Lock()):
            if path in self.files:
                return self.files[path]
            status, content_type, body = await _fetched(self.inner, path, scope)
            has_room = len(self.files) < _MOST_FILES and self._bytes + len(body) <= _MOST_BYTES
            file = (
                await asyncio.to_thread(_packed, content_type, body) if status == 200 and has_room else None
            )
            if file is not None:
                self.files[path] = file
                self._bytes += sum(len(form) for form in file.bodies.values())
        self._making.pop(path, None)
        return file


def linked(html: str) -> list[str]:
    """List the files of ours that a page links."""
    return re.findall(r'(?:src|href)="(/(?:assets|_dash-component-suites)/[^"]+)"', html)


def _plain(path: str) -> tuple[str, bool]:
    """Take Dash's fingerprint out of a name, and tell whether there was one."""
    plain, is_named = check_fingerprint(path)  # type: ignore[no-untyped-call]
    return str(plain), bool(is_named)


async def _fetched(inner: Asgi, path: str, scope: Scope) -> tuple[int, bytes, bytes]:
    """Ask the application for a file as a plain request of its own."""
    request = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": scope.get("scheme", "http"),
        "path": path,
        "raw_path": path.encode("latin-1", "replace"),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
        "extensions": {},  # without it Starlette would answer with a path instead of bytes
        "state": {},
    }
    status, headers, parts = 500, {}, []
    asked, done = False, asyncio.Event()

    async def receive() -> Message:
        nonlocal asked
        if asked:  # some answers listen for the browser's leaving while they are sent
            await done.wait()
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], dict(message.get("headers", []))
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                done.set()

    await inner(request, receive, send)
    return status, headers.get(b"content-type", b"application/octet-stream"), b"".join(parts)


def packed(inner: Asgi) -> Asgi:
    """Compress what Dash answers by itself: layouts, parts of pages, what depends on what.

    Files bring their forms along, streams must flow, and doors with secrets stay as they are: nothing that
    others can have a reader ask for with words of their own is compressed beside a secret.
    """
    small = GZipMiddleware(inner, minimum_size=1_000, compresslevel=6)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_dash = str(scope.get("path", "")).startswith("/_dash-")
        await (small if is_dash else inner)(scope, receive, send)

    return answer


def _packed(content_type: bytes, body: bytes) -> StaticFile:
    bodies = {"": body}
    if content_type.decode("latin-1").startswith(COMPRESSED) and len(body) > 512:
        bodies |= {"br": brotli.compress(body, quality=9), "gzip": gzip.compress(body, 6)}
    etag = f'"{hashlib.blake2b(body, digest_size=10).hexdigest()}"'.encode()
    return StaticFile(content_type, etag, bodies)


async def _answer(file: StaticFile, scope: Scope, send: Send, *, is_fixed: bool) -> None:
    """Send a file: for a year where its address names its version, else checked by its tag."""
    asked = {name.lower(): value for name, value in scope["headers"]}
    encoding, body = file.best(asked.get(b"accept-encoding", b"").decode("latin-1"))
    headers = [
        (b"etag", file.etag),
        (b"cache-control", b"public, max-age=31536000, immutable" if is_fixed else b"no-cache"),
        (b"vary", b"accept-encoding"),
    ]
    if file.etag in asked.get(b"if-none-match", b""):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    headers += [(b"content-type", file.content_type), (b"content-length", str(len(body)).encode())]
    headers += [(b"content-encoding", encoding.encode())] if encoding else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
