"""The doctor finds what is broken and says what to do; verify finds sums that are not what they should be."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import namedtuple
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from analytics import config
from analytics.errors import StoreError
from analytics.upkeep.doctor import Finding, examine
from dashboards.main import app
from tests.builders import comment, engagement, frames, utc, view
from tests.commands import tearsheet
from tests.newsroom import NOW
from tests.upkeep.homes import desk_at, home_of

ROOT = Path(__file__).parents[2]
WELL = {"last_event": None, "dirty_hours": 0, "rejected": {}, "tables": {"page_views": 0}}
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def home(tmp_path: Path, empty_file: Path) -> Path:
    made = home_of(tmp_path / "home", empty_file)
    desk_at(made).close()
    return made


def worst(home: Path, what: str, status: Mapping[str, Any] = WELL, now: str = NOW) -> Finding:
    """The gravest finding about something."""
    grades = ["ok", "look", "wrong"]
    found = [each for each in examine(home, utc(now), lambda: status) if each.what == what]
    return max(found, key=lambda each: grades.index(each.level))


def test_a_home_that_is_well_has_nothing_wrong(home: Path) -> None:
    os.utime(home / "LOCK", (0, 0))
    said = tearsheet("doctor", "--format", "json", home=home)

    assert [each for each in said.json if each["level"] == "wrong"] == []
    assert {
        "programs",
        "extensions",
        "browser",
        "mail",
        "clock",
        "home",
        "settings",
        "disk",
        "desk",
        "queue",
        "salts",
        "backups",
        "store",
    } <= {each["what"] for each in said.json}
    assert "-> " in tearsheet("doctor", home=home).out


def test_what_is_broken_is_named_with_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "secrets" / "ids.key").chmod(0o644)
    (home / "spool" / "quarantine").mkdir(parents=True)
    (home / "spool" / "quarantine" / "q-w1-2026050612-x.db").touch()
    (home / "salts").mkdir(exist_ok=True)
    (home / "salts" / "old").touch()
    os.utime(home / "salts" / "old", (0, 0))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100 << 30, 99 << 30, 1 << 30))
    monkeypatch.delenv("TEARSHEET_NOW", raising=False)
    monkeypatch.setenv("TEARSHEET_TRUSTED_PROXY", "127.0.0.1")

    assert "chmod 600" in worst(home, "home").do
    assert "Keep".lower() in worst(home, "queue").do.lower()
    assert worst(home, "salts").level == "wrong"
    assert worst(home, "disk").level == "wrong"
    assert worst(home, "settings").do == "Did you mean TEARSHEET_TRUSTED_PROXIES?"
    assert worst(home, "clock", now="2020-01-01 00:00").do == "Set the clock by NTP."
    assert worst(home, "store", WELL | {"last_event": "2027-01-01T00:00:00Z"}).level == "wrong"
    assert worst(home, "store", WELL | {"rejected": {"bad_url": 2}}).said == "2 rows could not be read."


def test_what_cannot_be_looked_at_is_a_finding(home: Path) -> None:
    def broken() -> Mapping[str, Any]:
        raise StoreError("readers.duckdb cannot be used.", "Restore a backup.")

    (home / "tearsheet.toml").write_text("[site")
    found = {each.what: each for each in examine(home, utc(NOW), broken)}

    assert found["settings"].level == "wrong"
    assert "cannot be read" in found["settings"].said
    assert (found["store"].level, found["store"].do) == ("wrong", "Restore a backup.")


def test_a_missing_home_and_a_running_desk_are_seen(home: Path, tmp_path: Path) -> None:
    assert worst(tmp_path / "nowhere", "home").do == "Make one: tearsheet init"
    assert worst(home, "desk").do == "Start it: tearsheet serve"
    desk = desk_at(home, "serve")
    assert worst(home, "desk").do == "Wait for it."
    desk.home.announce("http://127.0.0.1:1")
    assert "does not answer" in worst(home, "desk").said
    desk.close()


def test_a_backup_that_was_missed_is_wrong(home: Path) -> None:
    desk = desk_at(home)
    desk.backup()
    desk.close()

    assert worst(home, "backups").do == "Put them on another disk: folder under [backups]."
    assert worst(home, "backups", now="2026-05-09 13:00").level == "wrong"


def test_sums_are_verified_in_a_copy(home: Path) -> None:
    desk = desk_at(home)
    still_open = [view("o1", "2026-05-06 12:40", "A1", "q1"), view("o2", "2026-05-06 12:58", "A1", "q2")]
    rows = [view(f"v{n}", f"2026-05-0{1 + n % 5} 12:00", f"A{n % 3}", f"p{n}") for n in range(20)]
    beacons = [engagement(f"v{n}", f"2026-05-0{1 + n % 5} 12:01", 20_000, acts=1) for n in range(20)]
    desk.take(frames([*still_open, *rows, *beacons, comment("c1", "published", "2026-05-02 12:00")]))
    desk.recount()
    desk.close()
    well = tearsheet("verify", "--format", "json", home=home, now="2026-05-06T13:15:00Z")
    desk = desk_at(home)
    with desk.store.write() as cursor:
        cursor.execute("UPDATE dimension_days SET reads = reads + 1 WHERE dimension = 'site' AND reads > 0")
    desk.close()
    ill = tearsheet("verify", "--format", "json", home=home)

    assert (well.code, ill.code) == (0, 1)
    assert all(row["missing"] == row["extra"] == 0 for row in well.json)
    assert {row["what"] for row in well.json} == {"sums", "archive"}
    assert sum(row["rows"] for row in well.json if row["table"] == "page_views") == 22
    assert [row["table"] for row in ill.json if row["missing"] and row["what"] == "sums"] == [
        "dimension_days"
    ]
    assert "rollup --all" in ill.err
    assert not list(home.glob(".*"))


def test_settings_are_checked_as_the_desk_would_read_them(home: Path, tmp_path: Path) -> None:
    well = tearsheet("config", "check", home=home)
    (tmp_path / "tearsheet.toml").write_text('[site."a.example"]\ntimezone = "Mars/Olympus"\n')
    ill = tearsheet("config", "check", tmp_path / "tearsheet.toml", home=home)

    assert (well.code, "days of America/Sao_Paulo" in well.out) == (0, True)
    assert (ill.code, "Mars/Olympus" in ill.err) == (1, True)
    assert tearsheet("config", "check", tmp_path / "other.toml", home=home).code == 2


def test_units_and_images_start_commands_that_exist() -> None:
    lines = [
        line
        for unit in (ROOT / "deploy").glob("*.service")
        for line in re.findall(r"^ExecStart=\S+/tearsheet (.+)$", unit.read_text(), re.MULTILINE)
    ]
    image = re.search(r"^CMD (\[.+\])$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    assert image is not None
    lines.append(" ".join(json.loads(image[1])))

    commands = getattr(typer.main.get_command(app), "commands", {})

    assert len(lines) == 3
    for line in lines:
        words = line.split()
        options = [word for word in words if word.startswith("--")]
        known = {name for each in commands[words[0]].params for name in each.opts}
        assert known.issuperset(options), line


def test_every_variable_that_is_read_is_described() -> None:
    read = {
        name
        for file in [*ROOT.glob("analytics/**/*.py"), *ROOT.glob("dashboards/**/*.py")]
        for name in re.findall(r"[\"'](TEARSHEET_[A-Z_]+)[\"']", file.read_text(encoding="utf-8"))
    }

    assert read <= set(config.VARIABLES)
