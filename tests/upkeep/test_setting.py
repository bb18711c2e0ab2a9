"""Settings of a site from their definitions: all are there, each says what it takes, the file stays."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import config
from analytics.errors import TearsheetError, UsageError
from analytics.upkeep import setting
from analytics.upkeep.file import File

A, B = "a.example", "b.example"
WRITTEN = f"""# ours
[site."{A}"]   # the first
timezone = "UTC"

[mail]
host = "smtp.example"

[site."{B}"]
timezone = "Europe/Berlin"  # days of Berlin
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / config.FILE).write_text(WRITTEN, encoding="utf-8")
    return tmp_path


def changed(home: Path, **typed: str) -> str:
    file = File(home)
    typed = {key.replace("__", "."): text for key, text in typed.items()}
    return file.changed(B, file.changes(B, typed))


def test_every_setting_stands_in_one_group_and_says_what_it_means() -> None:
    grouped = [each.key for name in setting.GROUPS for each in setting.group(name)]

    assert sorted(grouped) == sorted(setting.settings())
    assert [each.key for each in setting.settings().values() if not (each.meaning and each.takes)] == []


def test_a_change_leaves_all_else_of_the_file_as_it_stands(home: Path) -> None:
    text = changed(
        home,
        name="Bé",
        hosts="b.example\n www.b.example ",
        widgets__on="on",
        widgets__labels="ka = წაკითხვა",
        collect__staff_networks="192.0.2.0/24",
        excluded_days="2026-05-01 = May Day",
        collection_gaps="2026-05-01T10:00:00Z .. 2026-05-01T12:00:00Z",
        retention__page_views="400",
    )
    site = config.parse(text, home).site[B]

    assert [line for line in WRITTEN.splitlines() if line not in text.splitlines()] == []
    assert (site.name, site.hosts, site.retention) == ("Bé", (B, f"www.{B}"), {"page_views": 400})
    assert (site.widgets.on, site.widgets.labels) == (True, {"ka": "წაკითხვა"})
    assert site.collect == {"staff_networks": ["192.0.2.0/24"]}
    assert [*site.excluded_days.values()] == ["May Day"]
    assert site.collection_gaps[0].ended.hour == 12


def test_what_is_emptied_leaves_the_file_and_the_default_holds(home: Path) -> None:
    (home / config.FILE).write_text(changed(home, widgets__floor="12", name="B"), encoding="utf-8")
    text = changed(home, widgets__floor="", name="")

    assert "floor" not in text
    assert config.parse(text, home).site[B].widgets.floor == 10


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("widgets.floor", "many", "takes a whole number, at least 0"),
        ("formulas.finished_at", "3", "a number, above 0, at most 1"),
        ("retention.page_views", "3", "at least 30"),
        ("timezone", "", "cannot be empty"),
        ("timezone", "Nowhere/Land", "is no time zone"),
        ("language", "fr", "nothing, de or en"),
        ("name", "two\nlines", "does not take"),
        ("excluded_days", "soon", "NAME = VALUE"),
        ("collection_gaps", "2026-05-02T00:00:00Z .. 2026-05-01T00:00:00Z", "ends before it began"),
        ("collect.staff_networks", "300.0.0.1", "no address or network"),
        ("collect.rules_off", "bots", "Did you mean bot"),
        ("widgets.flor", "1", "Did you mean widgets.floor"),
    ],
)
def test_what_a_setting_does_not_take_is_refused_in_a_sentence(
    home: Path, key: str, text: str, said: str
) -> None:
    file = File(home)
    with pytest.raises(TearsheetError, match=said):
        file.changed(B, file.changes(B, {key: text}))


def test_a_secret_is_never_shown_and_stays_where_nothing_is_typed(home: Path) -> None:
    file = File(home)
    changes = file.changes(B, {"collect.comment_secret": "s3cret"})
    (home / config.FILE).write_text(file.changed(B, changes), encoding="utf-8")
    each, file = setting.settings()["collect.comment_secret"], File(home)

    assert "s3cret" not in changes[0].words
    assert each.shown(file.of_site(B)) == "(set)"
    assert file.changes(B, {"collect.comment_secret": ""}) == []


def test_a_file_that_changed_meanwhile_is_not_overwritten(home: Path) -> None:
    file = File(home)
    seen, text = file.mark, file.changed(B, file.changes(B, {"name": "B"}))
    (home / config.FILE).write_text(WRITTEN + "# another hand\n", encoding="utf-8")

    with pytest.raises(UsageError, match="changed meanwhile"):
        File(home).write(text, seen)
    assert "another hand" in config.text(home)


def test_who_may_read_the_file_stays(home: Path) -> None:
    path = home / config.FILE
    path.chmod(0o600)
    File(home).write(changed(home, name="B"), File(home).mark)

    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in home.iterdir()] == [config.FILE]


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_any_name_comes_back_as_it_was_typed(name: str) -> None:
    with TemporaryDirectory() as folder:
        home = Path(folder)
        (home / config.FILE).write_text(WRITTEN, encoding="utf-8")
        text = changed(home, name=name)

    assert config.parse(text, home).site[B].name == name.strip()
