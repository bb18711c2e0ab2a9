"""The door at `/t/`: the scripts that pages load. Read once, compressed once, and kept in memory."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from analytics.collect import http, tracker
from analytics.collect.http import Headers, Scope, Send
from analytics.collect.tracker import TrackerFiles

PREFIX = "/t/"
METHODS = ("GET", "HEAD")
HEADERS: Headers = (
    (b"content-type", b"text/javascript; charset=utf-8"),
    # An hour: a mended tracker reaches every reader the same day, and who reads on asks once.
    (b"cache-control", b"public, max-age=3600"),
    (b"access-control-allow-origin", b"*"),  # modules and `crossorigin` tags ask for it
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"accept-encoding"),
)


@dataclass(frozen=True, slots=True)
class Script:
    """One script, in both forms.

    Attributes:
        plain: As it is.
        zipped: Under gzip, without time or name, so that equal scripts are equal bytes.
        tag: Of the plain form; the other's has `-gz` at its end.
    """

    plain: bytes
    zipped: bytes
    tag: str


class Scripts:
    """Serves the scripts by name."""

    def __init__(self, ensure: Callable[[], TrackerFiles] = tracker.ensure) -> None:
        """Bind where they come from; nothing is read or made before somebody asks.

        Args:
            ensure: Makes the files, as a rule `tracker.ensure`; runs in a thread, once.
        """
        self._ensure = ensure
        self._lock = asyncio.Lock()
        self._scripts: dict[str, Script] | None = None

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Answer one request below PREFIX."""
        script = (await self._all()).get(scope["path"].removeprefix(PREFIX))
        if script is None:
            await http.send_answer(send, http.says(404, {"error": "not_found"}))
        elif scope["method"] not in METHODS:
            allow = (b"allow", ", ".join(METHODS).encode())
            await http.send_answer(send, http.errors(405, {"method": ["not_allowed"]}, allow))
        else:
            await _send_script(script, scope, send)

    async def _all(self) -> dict[str, Script]:
        if self._scripts is None:
            async with self._lock:
                if self._scripts is None:  # another reader may have been waiting for the same
                    self._scripts = await asyncio.to_thread(self._read)
        return self._scripts

    def _read(self) -> dict[str, Script]:
        files = self._ensure()
        found = {"tearsheet.js": files.tearsheet, "plausible.js": files.plausible}
        return {name: _script(path.read_bytes()) for name, path in found.items() if path is not None}


def _script(plain: bytes) -> Script:
    return Script(plain, gzip.compress(plain, 9, mtime=0), hashlib.sha256(plain).hexdigest()[:16])


async def _send_script(script: Script, scope: Scope, send: Send) -> None:
    headers = http.headers_of(scope)
    is_zipped = _takes_gzip(http.text_of(headers.get(b"accept-encoding", b"")))
    tag = f'"{script.tag}-gz"' if is_zipped else f'"{script.tag}"'
    body = script.zipped if is_zipped else script.plain
    sent = [*HEADERS, (b"etag", tag.encode())]
    if _is_known(http.text_of(headers.get(b"if-none-match", b"")), tag):
        status, body = 304, b""
    else:
        status = 200
        sent += [(b"content-length", str(len(body)).encode())]
        sent += [(b"content-encoding", b"gzip")] if is_zipped else []
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";q=")
        if name in {"gzip", "*"}:
            return not weight or weight.strip("0.") != ""  # a weight of 0 says no
    return False


def _is_known(known: str, tag: str) -> bool:
    """Compare weakly: a proxy that compresses by itself marks the tag as weak."""
    tags = {each.strip().removeprefix("W/") for each in known.split(",")}
    return tag in tags or "*" in tags
