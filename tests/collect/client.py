"""A client that speaks to the collector's app in this process, without sockets."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from analytics.collect import spool
from analytics.collect.app import CollectorApp
from analytics.events import Event

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.0 Mobile/15E148 Safari/604.1"
)
ADDRESS = "81.16.1.77"  # allocated, so that it has a country
SITE = "news.example"
NOW = dt.datetime(2026, 11, 22, 10, 0)
VIEW_ID = "Zk3_9QpLx0aVb1Tc"
EVENT_ID = "7f0c5a52-52a7-4d0f-9a55-1f7f5f0f2a10"


def body(**changes: Any) -> dict[str, Any]:
    """A page view; `None` takes a key away."""
    base: dict[str, Any] = {
        "n": "pageview",
        "u": "https://news.example/2026/11/budget",
        "d": SITE,
        "id": EVENT_ID,
        "pv": VIEW_ID,
    }
    base |= {"money": None} | changes
    return {key: value for key, value in base.items() if value is not None}


def engagement(**changes: Any) -> dict[str, Any]:
    """A sign of reading."""
    return body(**({"n": "engagement", "em": 30_000} | changes))


def comment(**props: Any) -> dict[str, Any]:
    """A state of a comment."""
    return body(n="comment", p={"comment_id": "c-1", "length": 40} | props)


@dataclass(slots=True)
class Answered:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def errors(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = self.json["errors"]
        return found


class Clock:
    """A clock that stands until it is moved; ticks go with it."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def ticks(self) -> float:
        return (self.now - dt.datetime(2026, 1, 1)).total_seconds()

    def move(self, **step: float) -> None:
        self.now += dt.timedelta(**step)


class Client:
    """Sends requests as a browser would."""

    def __init__(self, app: CollectorApp, home: Path, clock: Clock) -> None:
        self.app, self.home, self.clock = app, home, clock
        self.runner = asyncio.Runner()

    def post(self, what: Any, path: str = "/api/event", **more: Any) -> Answered:
        data = what if isinstance(what, bytes) else msgspec.json.encode(what)
        return self.ask("POST", path, data, **more)

    def ask(
        self,
        method: str,
        path: str,
        data: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        agent: str | None = PHONE,
        peer: str = ADDRESS,
        chunks: Sequence[bytes] | None = None,
    ) -> Answered:
        """Send one request and wait for its answer; `chunks` come in pieces, without a length."""
        path, _, query = path.partition("?")
        sent: list[Any] = []
        waiting = list(chunks or [data])
        known = {"content-type": "text/plain"} | ({"user-agent": agent} if agent is not None else {})
        if chunks is None:
            known["content-length"] = str(len(data))

        async def receive() -> Any:
            part = waiting.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(waiting)}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [
                (k.lower().encode(), v.encode("latin-1")) for k, v in (known | (headers or {})).items()
            ],
            "client": (peer, 40000),
        }
        self.runner.run(self.app(scope, receive, send))
        answered = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
        return Answered(sent[0]["status"], answered, sent[1]["body"])

    def rows(self) -> list[spool.Row]:
        """Everything in the queue."""
        return [row for file in spool.files(self.home) for row in spool.read(file, 0, 100_000)]

    def events(self) -> list[Event]:
        """The events that count."""
        return [spool.decode(row) for row in self.rows() if row.dropped is None]

    def event(self) -> Any:
        """The one event that counts."""
        (found,) = self.events()
        return found
