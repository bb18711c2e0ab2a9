"""Serves a home and asks every route that exists, as nobody and as each role; prints what was answered.

In a process of its own, for Dash keeps its one application in a global.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
from dash import get_app
from starlette.routing import WebSocketRoute

from analytics import config, front
from analytics.control import keys, people, sessions, views
from analytics.control.identity import COMMAND, ROLES, acting
from analytics.desk import Desk
from dashboards.app import create_app
from dashboards.main import _listen

HERE, THERE = "news.example", "other.example"
SAFE = ("GET", "HEAD", "OPTIONS")
OWN_PATHS = ("/", "/articles", "/articles/a1", "/authors/a1", "/topics/a1", "/live", "/settings", "/nowhere")


def main(folder: Path) -> None:
    """Walk, and print `{who: {"GET /path": status}}`."""
    for name in (HERE, THERE):
        config.add_site(folder, name, "Europe/Berlin")
    desk = Desk(folder, "serve")
    listening = _listen("127.0.0.1", 0)
    screens = create_app(desk)
    server = front.server(desk, screens, desk.home.announce("").token)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        desk.archive.keep(desk.clock())
        with acting(COMMAND):
            asks = _people(desk)
        print(json.dumps({who: _walk(url, headers) for who, headers in asks.items()}))  # noqa: T201
    finally:
        server.should_exit = True
        thread.join()
        desk.close()


def _people(desk: Desk) -> dict[str, dict[str, str]]:
    """Give what each who asks sends along."""
    now, control = desk.clock(), desk.control
    chief = people.add(control, "chief", "", {"*": ROLES["admin"]}, now)
    asks: dict[str, dict[str, str]] = {"nobody": {}, "wrong key": {"authorization": "Bearer " + "x" * 43}}
    asks["chief"] = {"cookie": f"tearsheet={sessions.start(control, chief, now)}"}
    for word, role in [("no role", None), *ROLES.items()]:
        roles = {HERE: role} if role else {}
        person = people.add(control, word.replace(" ", "-"), "", roles, now)
        asks[word] = {"cookie": f"tearsheet={sessions.start(control, person, now)}"}
    key = keys.add(control, "reader", ["read"], [HERE], [HERE, THERE], now)
    with acting(people.named(control, "editor").identity):
        link = views.share(control, HERE, "Board", f"/articles?site={HERE}", 7, now).removeprefix(views.PATH)
    asks["link"] = {"cookie": f"tearsheet-link={link}"}
    return asks | {"key": {"authorization": f"Bearer {key}"}}


def _routes() -> list[tuple[str, str]]:
    from analytics.api.app import PREFIX, ROUTERS  # noqa: PLC0415

    found: set[tuple[str, str]] = set()
    dash: Any = get_app()  # type: ignore[no-untyped-call]
    routes: list[tuple[Any, str]] = [(route, "") for route in dash.server.routes]
    routes += [(route, PREFIX) for router in ROUTERS for route in router.routes]
    for route, prefix in routes:
        above = "" if route.path.startswith(("/docs", "/api")) else prefix
        found |= {(method, _plain(above + route.path)) for method in getattr(route, "methods", None) or ()}
    found |= {("GET", path) for path in OWN_PATHS}
    found |= {("POST", "/_dash-update-component"), ("GET", "/stream/live.json"), ("GET", "/openapi.json")}
    # A websocket begins as a GET: to nobody the gate answers before there is one (tests/control/test_gate).
    found |= {("GET", _plain(route.path)) for route, _prefix in routes if isinstance(route, WebSocketRoute)}
    return sorted(found)


def _plain(path: str) -> str:
    """Fill in the places of a route."""
    return f"/{re.sub(r'{[^}]*}', 'x', path).lstrip('/')}"


def _walk(url: str, headers: dict[str, str]) -> dict[str, int]:
    answers: dict[str, int] = {}
    with httpx.Client(base_url=url, timeout=60) as client:
        for method, path in _routes():
            write: dict[str, Any] = (
                {} if method in SAFE else {"json": {}, "headers": {"sec-fetch-site": "same-origin"}}
            )
            asked = {"headers": headers | write.pop("headers", {})} | write
            if path.endswith("/stream/x") or path == "/sign-out":
                continue
            answers[f"{method} {path}"] = client.request(method, path, **asked).status_code
        # A page of the other site, as data: the gate lets the person pass, the question must not.
        for name, site in (("here", HERE), ("there", THERE)):
            answers[f"stream {name}"] = client.get(
                f"/stream/live.json?site={site}", headers=headers
            ).status_code
            answers[f"api {name}"] = client.get(f"/api/v1/live?site={site}", headers=headers).status_code
            rows = client.get(f"/download/articles.csv?site={site}&path=/articles", headers=headers)
            answers[f"download {name}"] = rows.status_code
            answers[f"screens {name}"] = _screen(client, headers, site)
        # Of SQL only rows of one's own sites are there to be asked: tests/sql.
        ours = headers | {"sec-fetch-site": "same-origin"}
        answers["SQL"] = client.post("/api/v1/sql", json={"sql": "SELECT 1"}, headers=ours).status_code
    return answers


def _screen(client: httpx.Client, headers: dict[str, str], site: str) -> int:
    """Ask the callback of a slot for a site; 403 where the card refuses, else the status."""
    asked = {
        "output": "articles-head.children",
        "outputs": {"id": "articles-head", "property": "children"},
        "inputs": [
            {"id": "view", "property": "data", "value": {"path": "/articles", "search": f"?site={site}"}}
        ],
        "changedPropIds": ["view.data"],
    }
    answer = client.post(
        "/_dash-update-component", json=asked, headers=headers | {"sec-fetch-site": "same-origin"}
    )
    return 403 if answer.status_code == 200 and "Not shown" in answer.text else answer.status_code


if __name__ == "__main__":
    main(Path(sys.argv[1]))
