"""What a share link opens: its view and the stream of it, and no other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from analytics.control.identity import Identity, acting
from dashboards.shared import OneView

WALL = Identity("link", address="/live?site=news.example&section=Sport&wall=on&sound=on")


def answered(path: str, query: str) -> int:
    """Ask as the bearer of the link: the status."""
    sent: list[dict[str, Any]] = []

    async def inner(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope: Any = {
        "type": "http",
        "path": path,
        "query_string": query.encode(),
        "headers": [],
        "method": "GET",
    }
    with acting(WALL):
        asyncio.run(OneView(inner, lambda _path: set())(scope, receive, send))
    return int(sent[0]["status"])


@pytest.mark.parametrize("name", ["live", "live.json"])
def test_a_shared_wall_follows_its_stream_and_no_other(name: str) -> None:
    assert answered(f"/stream/{name}", "site=news.example&section=Sport") == 200
    assert answered(f"/stream/{name}", "site=news.example") == 403
    assert answered(f"/stream/{name}", "site=other.example&section=Sport") == 403
