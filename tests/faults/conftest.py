"""A home, and a machine on which the real commands run; fault tests never run beside each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.processes import Machine, machine, make_home
from tests.faults.readers import Journal

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give what runs real processes one worker: 64 readers and a kill are enough for two cores."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("faults"))
            item.add_marker(pytest.mark.faults)
            if os.environ.get("FAULT_ROUNDS") is None:  # never where losses are looked for
                item.add_marker(pytest.mark.flaky(reruns=1))  # told as RERUN: so may sixty-four readers


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home")


@pytest.fixture
def processes(home: Path, tmp_path: Path) -> Iterator[Machine]:
    with machine(home, tmp_path) as found:
        yield found


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal")
    yield opened
    opened.close()
