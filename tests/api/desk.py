"""A desk of one site with its JSON API in front, asked in this process."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from analytics.api.app import Api
from analytics.control.identity import DEMO, Identity, acting
from analytics.desk import Desk
from tests.builders import SITE, ZONE, Article, Row, article, comment, engagement, utc, view
from tests.newsroom import NOW, Newsroom

OTHER = "other.example"
STORY = (
    article("A1", title="Budget vote", section="politics", authors=["u1", "u2"], topics=["budget"]),
    article("A2", title="Cup final", section="sport", authors=["u1"], published_at=utc("2026-05-05 10:00")),
    article("A/3", title="Slash", section="politics"),
    view("v1", "2026-05-05 12:00"),
    engagement("v1", "2026-05-05 12:01", 30_000, acts=3),
    view("v2", "2026-05-05 12:10", "A2", "q", channel="search", country="GE"),
    engagement("v2", "2026-05-05 12:12", 40_000, acts=3, visitor="q"),
    view("v3", "2026-05-05 15:30", "A2", "r", channel="social"),
    view("v4", "2026-05-06 12:00", "A2", "q"),
    view("v5", "2026-05-06 12:57", None, "q"),
    comment("c1", "published", "2026-05-05 12:30"),
    comment("c2", "pending", "2026-05-06 12:55", article="A2"),
)


class Ticks:
    """Seconds that pass one a question, so that no limit is met by chance."""

    def __init__(self) -> None:
        self.step, self.now = 1.0, 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@dataclass
class Asked:
    """The API of a desk, and who asks."""

    desk: Desk
    ticks: Ticks = field(default_factory=Ticks)
    identity: Identity = DEMO

    def __post_init__(self) -> None:
        self.api = Api(self.desk, _behind, self.ticks)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        with acting(self.identity):
            await self.api(scope, receive, send)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", f"/api/v1/{path}", headers=headers)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
                return await client.request(method, path, **more)

        return asyncio.run(asked())

    def write(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Write something of alerts, which must be taken; gives the answer."""
        answer = self.ask(method, f"/api/v1/alerts/{path}", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def rows(self, path: str) -> list[dict[str, Any]]:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["rows"]
        return found


@contextmanager
def asked(folder: Path, empty_file: Path, *rows: Row | Article) -> Iterator[Asked]:
    """Open a desk of two sites, one of them with these rows."""
    shutil.copy(empty_file, folder)
    sites = "".join(f'[site."{name}"]\ntimezone = "{ZONE}"\n' for name in (SITE, OTHER))
    (folder / "tearsheet.toml").write_text(sites, encoding="utf-8")
    desk = Desk(folder, "test", lambda: utc(NOW))
    try:
        Newsroom(desk.store, now=utc(NOW)).take(*(rows or STORY))
        desk.archive.keep(utc(NOW))
        yield Asked(desk)
    finally:
        desk.close()


async def _behind(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})
