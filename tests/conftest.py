"""What tests of the core share: a store in a home of its own, and a newsroom in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.store.store import Store
from tests.newsroom import Newsroom


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples of a module's laws; each example takes a site of its own."""
    opened = Store(tmp_path_factory.mktemp("shared"))
    yield opened
    opened.close()


@pytest.fixture
def newsroom(store: Store) -> Newsroom:
    """One site in the store: news.example, America/Sao_Paulo, 2026-05-06 13:00 UTC."""
    room = Newsroom(store)
    room.settle()
    return room
