"""The control database: made, brought up to date, kept whole, refused in a sentence."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

import analytics.control
from analytics import config
from analytics.control import tables
from analytics.control.database import FILE, REVISIONS, Control
from analytics.errors import ConfigError, StoreError
from tests.builders import utc

NOW = utc("2026-05-06 13:00")


def person(person_id: str = "p1") -> dict[str, object]:
    """A row of people."""
    return {"person_id": person_id, "login": f"{person_id}@news.example", "name": "First", "made_at": NOW}


def test_the_revisions_make_what_the_tables_say(control: Control) -> None:
    for module in pkgutil.iter_modules(analytics.control.__path__):  # each subject describes its own tables
        importlib.import_module(f"analytics.control.{module.name}")
    with control.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), tables.METADATA)

    assert differences == []


def test_the_last_file_is_the_last_revision() -> None:
    script = ScriptDirectory(str(REVISIONS), version_locations=[str(REVISIONS)])

    assert script.get_current_head() == max(each.stem for each in REVISIONS.glob("r[0-9]*.py"))[1:5]


OPENED = """
import sys
from pathlib import Path
from analytics.control.database import Control
Control(Path(sys.argv[1]))
print("alembic" in sys.modules)
"""


def test_what_stands_is_opened_without_alembic(control: Control, tmp_path: Path) -> None:
    control.close()
    asked = subprocess.run(
        [sys.executable, "-c", OPENED, tmp_path], check=True, capture_output=True, text=True, timeout=60
    )

    assert asked.stdout == "False\n"


def test_what_was_written_is_there_after_opening_again(control: Control, tmp_path: Path) -> None:
    with control.write() as connection:
        connection.execute(insert(tables.people).values(person()))
    control.close()

    with Control(tmp_path).read() as connection:
        assert connection.execute(select(tables.people.c.login)).scalars().all() == ["p1@news.example"]


def test_a_write_that_fails_leaves_nothing(control: Control) -> None:
    def add_twice() -> None:
        with control.write() as connection:
            connection.execute(insert(tables.people).values(person()))
            connection.execute(insert(tables.people).values(person()))

    with pytest.raises(IntegrityError):
        add_twice()
    with control.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.people)).scalar() == 0


def test_a_membership_of_nobody_is_refused(control: Control) -> None:
    with pytest.raises(IntegrityError), control.write() as connection:
        connection.execute(insert(tables.memberships).values(person_id="p9", site_id="*", role="admin"))


def test_only_its_owner_may_read_the_file(control: Control, tmp_path: Path) -> None:
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_who_writes_waits_for_who_writes(control: Control) -> None:
    assert_writers_wait(control)


def assert_writers_wait(control: Control) -> None:
    """Have eight write at once; each must see what the ones before wrote."""

    def add(number: int) -> None:
        with control.write() as connection:
            seen = connection.execute(select(func.count()).select_from(tables.people)).scalar()
            connection.execute(
                insert(tables.people).values(person(f"p{seen}-{number}") | {"name": str(seen)})
            )

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    with control.read() as connection:
        names = connection.execute(select(tables.people.c.name)).scalars().all()
    assert sorted(names) == [str(number) for number in range(8)]


KILLED = """
import os, sys
from pathlib import Path
from alembic import op
from analytics.control.database import Control
real, made = op.create_table, []
def create(*args, **kwargs):
    if len(made) == int(sys.argv[2]):
        os._exit(9)
    made.append(args[0])
    return real(*args, **kwargs)
op.create_table = create
Control(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("at", [1, 5])
def test_a_start_that_is_killed_leaves_a_revision_done_or_not_begun(tmp_path: Path, at: int) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, tmp_path, str(at)], check=False, timeout=60)

    assert killed.returncode == 9
    with Control(tmp_path).read() as connection:
        assert set(tables.METADATA.tables) < set(inspect(connection).get_table_names())


def test_a_newer_schema_is_refused(control: Control, tmp_path: Path) -> None:
    with control.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    control.close()

    with pytest.raises(StoreError, match=r"control\.sqlite was written by a newer program \(schema 9999\)"):
        Control(tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"of all things, a letter to the editor" * 50)

    with pytest.raises(StoreError, match=r"control\.sqlite refused: file is not a database"):
        Control(tmp_path)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://db.example/control", "control_url names mysql"),
        ("nothing at all", "control_url cannot be read"),
    ],
)
def test_an_address_that_cannot_be_is_refused(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Control(tmp_path, url)


def test_a_database_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:1/control refused") as refusal:
        Control(tmp_path, "postgresql://tearsheet:secret@127.0.0.1:1/control")

    assert "secret" not in str(refusal.value)


def test_the_variable_wins_over_the_file() -> None:
    described = config.Config(control_url="postgresql://a/b")

    assert config.control_url(described, {}) == "postgresql://a/b"
    assert config.control_url(described, {"TEARSHEET_CONTROL_URL": "postgresql://c/d"}) == "postgresql://c/d"
