"""What tests of the core share: a store in a home of its own, and a newsroom in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.control.identity import COMMAND, acting
from analytics.store.store import FILE, Store
from tests.newsroom import Newsroom


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that lean on a fixture of their module in one process, which makes it once."""
    for item in items:
        module = item.getparent(pytest.Module)
        if module and isinstance(item, pytest.Function) and not item.get_closest_marker("xdist_group"):
            found = [each for known in item._fixtureinfo.name2fixturedefs.values() for each in known]
            if any(each.scope == "module" and each.baseid == module.nodeid for each in found):
                item.add_marker(pytest.mark.xdist_group(module.nodeid))


@pytest.fixture(autouse=True)
def asks() -> Iterator[None]:
    """Ask as the desk itself; tests of who may what ask as somebody else."""
    with acting(COMMAND):
        yield


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty store, to copy: six times cheaper than its migrations."""
    folder = tmp_path_factory.mktemp("empty")
    Store(folder).close()
    return folder / FILE


@pytest.fixture
def store(tmp_path: Path, empty_file: Path) -> Iterator[Store]:
    """An empty store."""
    shutil.copy(empty_file, tmp_path)
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
