"""A client that goes away before its answer: its query is ended, and in the audit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analytics.control import queries
from analytics.control.identity import COMMAND, DEMO, Identity
from analytics.front import commands_in_front
from tests.api.desk import Asked, asked

ENDLESS = "SELECT count(*) AS n FROM range(10000000) a, range(10000000) b WHERE a.range + b.range = 7"
TOKEN = "of this desk"
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Iterator[Asked]:
    with asked(tmp_path_factory.mktemp("leaving"), empty_file) as found:
        yield found


async def _leave(served: Asked, app: Any, path: str, body: dict[str, Any], who: Identity) -> list[Any]:
    """Ask, go away once the query runs, and wait until the desk has noticed; give what it still said."""
    said: list[Any] = []
    coming = [{"type": "http.request", "body": msgspec.json.encode(body), "more_body": False}]

    async def receive() -> dict[str, Any]:
        if coming:
            return coming.pop()
        while not served.desk.asking.is_asking(who):  # noqa: ASYNC110 it is told to threads only
            await asyncio.sleep(0.05)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {TOKEN}".encode())]
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("desk", 80), "scheme": "http",
        "root_path": "", "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    await asyncio.wait_for(app(scope, receive, send), PATIENCE_S)
    return said


def _outcomes(served: Asked, door: str) -> list[str]:
    return [run.outcome for run in queries.runs(served.desk.control, DEMO, []) if run.door == door]


def test_a_program_that_goes_stops_its_query(served: Asked) -> None:
    served.identity = DEMO
    asyncio.run(_leave(served, served, "/api/v1/sql", {"sql": ENDLESS}, DEMO))

    assert not served.desk.asking.is_asking(DEMO)
    assert _outcomes(served, "api") == ["stopped"]


def test_a_command_that_is_interrupted_stops_its_query(served: Asked) -> None:
    app = commands_in_front(served, served.desk, TOKEN)
    said = asyncio.run(_leave(served, app, "/_desk/sql", {"text": ENDLESS}, COMMAND))

    assert said == []
    assert not served.desk.asking.is_asking(COMMAND)
    assert _outcomes(served, "command") == ["stopped"]
