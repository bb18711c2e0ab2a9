"""What tests of the doors share: a control database, and nobody who asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.control.database import Control
from analytics.control.identity import NOBODY, Role, acting
from tests.control.house import House


@pytest.fixture(autouse=True)
def asks() -> Iterator[None]:
    """Ask as nobody, as whoever comes to the doors."""
    with acting(NOBODY):
        yield


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    """An empty control database."""
    opened = Control(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def house(control: Control) -> House:
    """A house with an admin of every site, Ann."""
    made = House(control)
    made.add("ann@news.example", Role.ADMIN, "*")
    return made
