"""In which language a request is answered, and the words that the browser's own scripts need.

What somebody chose goes first, then the language of the newsroom, then English; nothing is guessed from the
browser, and no cookie is set. Who has no place to keep a choice (a share link, the sign-in) may ask for a
language in the address: `?lang=de`. Files and streams of other programs are not spoken to.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from analytics import language
from analytics.control.doors import Doors
from analytics.control.gate import local_address
from analytics.control.identity import current
from analytics.errors import TearsheetError
from analytics.language import LANGUAGES, Speech, _
from dashboards import scope
from dashboards.doors.pages import form_of
from dashboards.statics import Asgi, Receive, Scope, Send

PATH, WORDS = "/language", "/_words/"
PLAIN = ("/assets/", "/_dash-component-suites/", "/api/", "/download/")
SAY = re.compile(r'\bsay\(\s*"((?:[^"\\]|\\.)+)"')
LASTING = "public, max-age=31536000, immutable"


class Speaking:
    """ASGI: answers each request in the language of who asks."""

    def __init__(self, inner: Asgi, desk: Any) -> None:
        """Stand in front of the screens."""
        self._inner, self._desk = inner, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or str(scope["path"]).startswith(PLAIN):
            await self._inner(scope, receive, send)
            return
        with language.speaking(await asyncio.to_thread(speech_of, self._desk, asked_of(scope))):
            await self._inner(scope, receive, send)


def asked_of(scope: Scope) -> dict[str, str]:
    """Give the parameters of the page that a request belongs to: its own, else those of whence it comes."""
    referer = next((value for name, value in scope["headers"] if name == b"referer"), b"").decode("latin-1")
    own = bytes(scope.get("query_string", b"")).decode("latin-1")
    pairs = parse_qs(urlsplit(referer).query[:4000]) | parse_qs(own[:4000])
    return {name: values[0] for name, values in pairs.items()}


def speech_of(desk: Any, asked: dict[str, str]) -> Speech:
    """Choose how a request is answered, by who asks and for which site.

    Args:
        desk: The open desk; `desk.described` holds what each site says.
        asked: Parameters of the page.
    """
    described = _site(desk, asked.get("site", ""))
    wanted = current().language or _known(asked.get("lang", "")) or getattr(described, "language", "")
    return language.speech(wanted, getattr(described, "locale", ""))


def register(server: FastAPI, doors: Doors, words: frozenset[str]) -> None:
    """Answer the choice of a language, and the words of scripts.

    Args:
        server: The server of the screens.
        doors: The doors of the house, which keep the choice.
        words: What the scripts say.
    """

    @server.post(PATH)
    async def choose(request: Request) -> Response:
        given = await form_of(request)
        came = urlsplit(request.headers.get("referer", ""))
        back = local_address(f"{came.path or '/'}{f'?{came.query}' if came.query else ''}")
        try:
            await asyncio.to_thread(doors.choose_language, current(), _known(given.get("language", "")))
        except TearsheetError as refusal:
            return Response(str(refusal), status_code=400, media_type="text/plain")
        return RedirectResponse(back, status_code=303)

    @server.get(WORDS + "{name}.js")
    async def said(name: str) -> Response:
        body = script(name, words) if name in LANGUAGES else ""
        return Response(body, media_type="text/javascript", headers={"Cache-Control": LASTING})


def said_in(folder: Path) -> frozenset[str]:
    """Find what the scripts of a folder say: the texts of `say("...")`."""
    files = sorted(folder.glob("*.js"))
    return frozenset(
        str(msgspec.json.decode(f'"{each}"'))
        for path in files
        for each in SAY.findall(path.read_text("utf-8"))
    )


def script(name: str, words: frozenset[str]) -> str:
    """Write the words of the browser's scripts in a language, as a script of its own."""
    with language.speaking(language.speech(name)):
        said = {word: _(word) for word in sorted(words)}
        days = [language.weekday(n) for n in (6, *range(6))]  # calendars count from Sunday
        short = [language.weekday(n, is_short=True) for n in (6, *range(6))]
        months = [language.month(n) for n in range(1, 13)]
        brief = [language.month(n, is_short=True) for n in range(1, 13)]
    names = {"name": name, "months": months, "monthsShort": brief, "weekdays": days}
    names |= {"weekdaysShort": short, "weekdaysMin": [each[:2] for each in short]}
    held = {"tearsheetWords": said, f"dayjs_locale_{name}": names}
    return f"Object.assign(window, {msgspec.json.encode(held).decode()});\n"


def tags(words: frozenset[str]) -> str:
    """Give the tags by which a page brings the words of its language; English scripts need none."""
    name = language.current().language
    if name == language.SOURCE:
        return ""
    version = hashlib.blake2b(script(name, words).encode(), digest_size=6).hexdigest()
    return f'<script src="{WORDS}{name}.js?m={version}"></script>'


def _known(name: str) -> str:
    return name if name in LANGUAGES else ""


def _site(desk: Any, wanted: str) -> Any:
    """Find what the file says of the site of a request: the named one, else the first that may be seen."""
    described = getattr(desk, "described", {})
    if wanted in described:
        return described[wanted]
    first = next((each.site_id for each in scope.seen(desk)), next(iter(described), ""))
    return described.get(first)
