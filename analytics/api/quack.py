"""The Quack door: another DuckDB attaches the desk and asks it, where the house opens that door.

It speaks DuckDB's own client-server protocol and keeps no engine of its own: a query goes through `asking`,
as one of `POST /api/v1/sql` does, so that key, gate, process, limits and audit are the same. It stands
before the gate of browsers because a DuckDB brings its key in the message, never in a header.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from analytics.api.leaving import unless_gone
from analytics.collect import http
from analytics.collect.http import App, Receive, Scope, Send
from analytics.control.doors import Asked, Doors
from analytics.control.identity import Identity
from analytics.errors import TearsheetError
from analytics.sql.ask import Asking
from analytics.sql.quack import catalogue, messages
from analytics.sql.quack.messages import VERSION, Kind, Request

PATH = "/quack"
ENGINE = "v1.5.5"  # whose types and messages are spoken
MOST_BYTES = 128 << 10  # a statement of 64 KiB, and its head
IDLE_S = 12 * 3600.0  # a connection that asked nothing for so long is forgotten
MOST_SESSIONS = 1_000
MEDIA = (b"content-type", b"application/vnd.duckdb")

log = structlog.get_logger()


class Desk(Protocol):
    """What the door asks of the desk."""

    asking: Asking
    doors: Doors
    quack: bool


@dataclass(slots=True)
class _Session:
    """A connection: its key, which is looked up at each query, for it may be taken back meanwhile."""

    key: str = field(repr=False)
    used_s: float


class Quack:
    """ASGI: answers `/quack` where the house has that door, hands everything else to the app behind."""

    def __init__(self, desk: Desk, inner: App, ticks: Callable[[], float] = time.monotonic) -> None:
        """Stand in front of an app.

        Args:
            desk: Its `quack` says whether there is a door.
            inner: What answers all other addresses.
            ticks: Monotonic seconds.
        """
        self._desk, self._inner, self._ticks = desk, inner, ticks
        self._sessions: dict[str, _Session] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a message."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._inner(scope, receive, send)
            return
        headers = http.headers_of(scope)
        if not self._desk.quack:
            await _say(send, 404, b"This house has no Quack door. Its admin opens one: quack = true.\n")
        elif scope["method"] != "POST" or b"origin" in headers or b"sec-fetch-site" in headers:
            await _say(send, 405, b"Here DuckDB asks: ATTACH 'quack:...'. See the page on connecting.\n")
        else:
            try:
                request = messages.read(await http.body_of(receive, headers, MOST_BYTES))
            except http.RefusedError as refusal:
                await _say(send, refusal.answer.status, b"The message is too long, or came too slowly.\n")
            except ValueError:
                await _say(send, 400, b"This is no message of Quack, version 1.\n")
            except http.GoneError:
                return
            else:
                with contextlib.suppress(http.GoneError):
                    await _say(send, 200, await self._answered(request, receive), MEDIA)

    async def _answered(self, request: Request, receive: Receive) -> bytes:
        try:
            match request.kind:
                case Kind.CONNECT:
                    return await self._connect(request)
                case Kind.ASK:
                    return await self._ask(request, receive)
                case Kind.LEAVE:
                    self._sessions.pop(request.session, None)
                    return messages.done()
                case _:
                    what = (
                        "Nothing can be written here" if request.kind == Kind.APPEND else "This is not known"
                    )
                    return messages.refused(f"{what}. One SELECT at a time is run, of DuckDB 1.5.")
        except http.GoneError:
            raise
        except TearsheetError as refusal:
            told = str(refusal)
        except Exception:  # the edge of a request
            log.exception("quack request failed")
            told = "The desk failed. Its log says more."
        return messages.refused(told)

    async def _connect(self, request: Request) -> bytes:
        least, most = request.versions
        if not least <= VERSION <= most:
            return messages.refused("This desk speaks version 1 of Quack. Use DuckDB 1.5.")
        identity = await self._whoever(request.key)
        if identity.kind == "nobody":
            return messages.refused("This key is not known, or it is over.")
        await asyncio.to_thread(self._desk.asking.limits, identity)
        now = self._ticks()
        for old in [name for name, each in self._sessions.items() if each.used_s < now - IDLE_S]:
            del self._sessions[old]
        while len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        session = secrets.token_hex(16).upper()
        self._sessions[session] = _Session(request.key, now)
        return messages.connected(session, ENGINE)

    async def _ask(self, request: Request, receive: Receive) -> bytes:
        session = self._sessions.get(request.session)
        if session is None:
            return messages.refused("This connection is over. DETACH, and ATTACH again.")
        session.used_s = self._ticks()
        identity = await self._whoever(session.key)
        if identity.kind == "nobody":
            del self._sessions[request.session]
            return messages.refused("This key is not known any more, or it is over.")
        tables = await asyncio.to_thread(self._desk.asking.tables, identity)
        if found := catalogue.answer(request.query, [each.name for each in tables]):
            return found
        asking = asyncio.get_running_loop().run_in_executor(
            self._desk.asking.threads, self._rows, identity, request.query
        )
        return await unless_gone(asking, lambda: self._desk.asking.stop(identity), receive)

    def _rows(self, identity: Identity, query: str) -> bytes:
        found = self._desk.asking.ask(identity, query, door="quack", for_file=True)
        if found.cut:  # the protocol has no word for it, and a result is never silently short
            return messages.refused(
                f"{found.cut_in_words()} Let the desk add up: FROM desk.query('SELECT ...'); "
                "or ask less of it."
            )
        return messages.answer(found.names, found.table, found.types)

    async def _whoever(self, key: str) -> Identity:
        return await asyncio.to_thread(self._desk.doors.whoever, Asked(None, "", key=key[:200] or "-"))


async def _say(
    send: Send, status: int, body: bytes, media: tuple[bytes, bytes] = (b"content-type", b"text/plain")
) -> None:
    headers = [media, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
