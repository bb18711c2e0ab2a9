"""A house for tests: its doors, people in it, and a browser that comes to them."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
from typing import Any

import httpx
from fastapi import FastAPI

from analytics.config import SignIn
from analytics.control import passwords, people, sessions
from analytics.control.database import Control
from analytics.control.doors import Doors
from analytics.control.gate import Gate
from analytics.control.identity import Role, current
from dashboards.doors import pages
from tests.builders import utc

HERE, THERE = "news.example", "other.example"
PASSWORD = "four words do well"
OTHER = "quite another phrase"
BASE = "http://127.0.0.1:8622"


class Clock:
    """A clock and a stopwatch that move only when told."""

    def __init__(self) -> None:
        self.now = utc("2026-05-06 13:00")
        self.ticks = 0.0

    def __call__(self) -> dt.datetime:
        return self.now

    def on(self, **by: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(**by)
        self.ticks += dt.timedelta(**by).total_seconds()


class House:
    """Doors with their pages, and behind them an address that tells who asks."""

    def __init__(self, control: Control, settings: SignIn | None = None, **more: Any) -> None:
        self.clock = Clock()
        self.control = control
        self.doors = Doors(
            control, settings or SignIn(), self.clock, environ={}, ticks=lambda: self.clock.ticks, **more
        )
        server = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        pages.register(server, self.doors, "")

        @server.api_route("/{path:path}", methods=["GET", "POST", "PUT", "DELETE"])
        async def who(path: str) -> dict[str, str]:
            return {"kind": current().kind, "name": current().name, "path": path}

        self.gate = Gate(server, self.doors)

    def add(self, login: str, role: Role = Role.VIEWER, site: str = HERE, password: str = PASSWORD) -> None:
        """Add a person with a password."""
        person = people.add(self.control, login, login.partition("@")[0].title(), {site: role}, self.clock())
        people.set_password(self.control, person, _kept(password), self.clock())

    def browser(self, base: str = BASE, peer: str = "127.0.0.1") -> Browser:
        """Open a browser on the house."""
        return Browser(self, base, peer)


class Browser:
    """Sends what a browser would send, and keeps its cookies."""

    def __init__(self, house: House, base: str, peer: str) -> None:
        self.base, self.house, self.peer = base, house, peer
        self.cookies = httpx.Cookies()

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Open an address."""
        return self.ask("GET", path, {"sec-fetch-site": "none"} | _named(headers))

    def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Send a form of a page of the house."""
        return self.ask("POST", path, {"origin": self.base} | _named(headers), form or {})

    def enter(self, login: str) -> None:
        """Be signed in already."""
        person = people.named(self.house.control, login)
        self.cookies.set("tearsheet", sessions.start(self.house.control, person, self.house.clock()))

    def sign_in(self, login: str, password: str = PASSWORD, after: str = "/") -> httpx.Response:
        """Fill in the form."""
        return self.post("/sign-in", {"login": login, "password": password, "next": after})

    def who(self) -> str:
        """Tell whom the house takes this browser for; a redirect is nobody."""
        answer = self.get("/anything")
        return str(answer.json()["name"]) if answer.status_code == 200 else ""

    def ask(
        self, method: str, path: str, headers: dict[str, str], form: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send any request."""
        transport = httpx.ASGITransport(app=self.house.gate, client=(self.peer, 40_000))

        async def send() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=transport, base_url=self.base, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, headers=headers, data=form)
                self.cookies = client.cookies
                return answer

        return asyncio.run(send())


@functools.cache
def _kept(password: str) -> str:
    return passwords.kept(password)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
