"""Stores of a million and ten million views, counted once a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from analytics.jobs import runner
from analytics.store.store import Store
from tests.bench import traffic
from tests.bench.report import Spent, spent

SIZES = (1_000_000, 10_000_000)


@dataclass(slots=True)
class Counted:
    """A store of some size, and what its full rollup cost."""

    views: int
    store: Store
    full: Spent


@pytest.fixture(scope="session", params=SIZES, ids=lambda size: f"{size // 1_000_000}M")
def counted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    store = traffic.make(tmp_path_factory.mktemp("bench"), request.param)
    with spent() as full:
        runner.run_all(store, traffic.NOW)
    yield Counted(request.param, store, full)
    store.close()
