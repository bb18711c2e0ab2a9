"""A collector in a home of its own, with a clock that stands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics.collect import settings
from analytics.collect.app import create_collector
from tests.collect.client import SITE, Client, Clock

KEY = "k" * 43
Maker = Callable[..., Client]


def settings_with(limits: dict[str, Any] | None = None, **site: Any) -> settings.Settings:
    """Settings of one site with a key for everything, and no reserve of disk."""
    scopes: tuple[settings.Scope, ...] = ("ingest", "comments", "read")
    return settings.Settings(
        sites={
            SITE: settings.Site(**({"zone": "Asia/Tbilisi"} | site)),
            "other.example": settings.Site(zone="UTC"),
            "third.example": settings.Site(zone="UTC"),
        },
        keys=(
            settings.Key(
                hash=hashlib.sha256(KEY.encode()).hexdigest(), scopes=scopes, sites=(SITE, "other.example")
            ),
        ),
        limits=settings.Limits(**({"reserve_bytes": 0} | (limits or {}))),
    )


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Maker]:
    """Opens collectors: `collector(gpc="drop")` with settings of the site, `limits={...}` of all."""
    opened: list[Client] = []

    def make(limits: dict[str, Any] | None = None, **site: Any) -> Client:
        settings.write(tmp_path, settings_with(limits, **site))
        clock = Clock()
        client = Client(
            create_collector(tmp_path, clock, worker=f"t{len(opened)}", environ={}, ticks=clock.ticks),
            tmp_path,
            clock,
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.app.close()
        client.runner.close()


@pytest.fixture
def client(collector: Maker) -> Client:
    """A collector with the defaults."""
    return collector()
