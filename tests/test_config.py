"""Settings: what the file may say, and what a change of it does to the counts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from analytics import config
from analytics.config import Config
from analytics.errors import ConfigError
from analytics.metrics import FormulaSettings
from analytics.store import sites
from tests.builders import SITE, ZONE, article, comment, engagement, utc, view
from tests.newsroom import Newsroom

WHOLE = """
[site."news.example"]
timezone = "America/Sao_Paulo"
name = "The News"
hosts = ["news.example", "m.news.example"]
counter = "reads"
collection_gaps = [{ began = 2026-05-04T00:00:00-03:00, ended = "2026-05-04T12:00:00Z" }]

[site."news.example".excluded_days]
2026-05-01 = "holiday"

[site."news.example".formulas]
read_after_s = 15
finished_at = 0.5

[site."other.example"]
timezone = "Asia/Kolkata"
"""


def _written(tmp_path: Path, text: str) -> Config:
    (tmp_path / "tearsheet.toml").write_text(text, encoding="utf-8")
    return config.read(tmp_path)


# --- what the file may say ---------------------------------------------------------------------------------


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    found = _written(tmp_path, WHOLE).site

    assert list(found) == ["news.example", "other.example"]
    assert found["news.example"].hosts == ("news.example", "m.news.example")
    assert found["news.example"].excluded_days == {dt.date(2026, 5, 1): "holiday"}
    assert found["news.example"].settings() == FormulaSettings(read_after_s=15, finished_at=0.5)
    assert found["other.example"].settings() == FormulaSettings()


def test_no_file_means_no_site(tmp_path: Path) -> None:
    assert config.read(tmp_path) == Config()


def test_the_file_comes_into_the_store(newsroom: Newsroom, tmp_path: Path) -> None:
    sites.settle(newsroom.store, _written(tmp_path, WHOLE), newsroom.now)

    assert newsroom.rows("sites", ("name", "zone", "hosts")).row(0) == (
        "The News",
        ZONE,
        ["news.example", "m.news.example"],
    )
    assert newsroom.rows("excluded_days", ("day_local", "why")).rows() == [(dt.date(2026, 5, 1), "holiday")]
    assert newsroom.rows("collection_gaps", ("began", "ended")).rows() == [
        (utc("2026-05-04 03:00"), utc("2026-05-04 12:00"))
    ]
    assert [each.site_id for each in sites.sites(newsroom.store)] == ["news.example", "other.example"]


def test_a_file_that_says_the_same_writes_nothing(newsroom: Newsroom, tmp_path: Path) -> None:
    described = _written(tmp_path, WHOLE)
    sites.settle(newsroom.store, described, newsroom.now)
    version = newsroom.store.version

    sites.settle(newsroom.store, described, newsroom.now)

    assert newsroom.store.version == version


@pytest.mark.parametrize(
    ("changed", "table", "column", "expected"),
    [
        ({"name": "The Paper"}, "sites", "name", ["The Paper"]),
        ({"hosts": ["paper.example"]}, "sites", "hosts", [["paper.example"]]),
        ({"excluded_days": {"2026-05-02": "strike"}}, "excluded_days", "why", ["strike"]),
        (
            {"collection_gaps": [{"began": "2026-05-04T03:00:00Z", "ended": "2026-05-04T04:00:00Z"}]},
            "collection_gaps",
            "began",
            [utc("2026-05-04 03:00")],
        ),
    ],
)
def test_a_changed_line_of_the_file_is_written_and_taken_back(
    newsroom: Newsroom, changed: dict[str, object], table: str, column: str, expected: list[object]
) -> None:
    before = newsroom.rows(table, (column,))[column].to_list()

    newsroom.settle(**changed)

    assert newsroom.rows(table, (column,))[column].to_list() == expected

    newsroom.settle()

    assert newsroom.rows(table, (column,))[column].to_list() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[site", "cannot be read"),
        ("nothing = 1", "unknown field `nothing`"),
        ('[site."a.example"]', "missing required field `timezone`"),
        ('[site."a.example"]\ntimezone = 3', "Expected `str`, got `int`"),
        ('[site."a.example"]\ntimezone = "Mars/Olympus"', "'Mars/Olympus' is no time zone."),
        ('[site."a.example"]\ntimezone = "UTC"\ntimezon = "UTC"', "unknown field `timezon`"),
        ('[site."A B"]\ntimezone = "UTC"', "'A B' is no site."),
        ('[site."a.example"]\ntimezone = "UTC"\ncounter = "clicks"', "Invalid enum value 'clicks'"),
        (
            '[site."a.example"]\ntimezone = "UTC"\nexcluded_days = { may = "x" }',
            "Invalid RFC3339 encoded date",
        ),
        ('[site."a.example"]\ntimezone = "UTC"\nformulas = { wpm = 0 }', "Expected `int` >= 1 - at `$.wpm`"),
        ('[site."a.example"]\ntimezone = "UTC"\nformulas = { wpm = "300" }', "Expected `int`, got `str`"),
        (
            '[site."a.example"]\ntimezone = "UTC"\nformulas = { read_after = 5 }',
            "there is no formula setting 'read_after'. Did you mean read_after_s?",
        ),
        (
            '[site."a.example"]\ntimezone = "UTC"\nformulas = { require_acts = "never" }',
            "Invalid enum value 'never'",
        ),
        ('[site."a.example"]\ntimezone = "UTC"\nwidgets = { on = "yes" }', "Expected `bool`, got `str`"),
        ('[site."a.example"]\ntimezone = "UTC"\nwidgets = { onn = true }', "unknown field `onn`"),
        ('[site."a.example"]\ntimezone = "UTC"\nwidgets = { floor = -1 }', "Expected `int` >= 0"),
        ("\ufeff\x00", "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        _written(tmp_path, text)

    assert said in str(refusal.value)


def test_a_file_that_is_no_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "tearsheet.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="cannot be read"):
        config.read(tmp_path)


def test_a_folder_in_place_of_the_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "tearsheet.toml").mkdir()

    with pytest.raises(ConfigError, match="cannot be read"):
        config.read(tmp_path)


def test_a_site_is_written_as_it_is_read(tmp_path: Path) -> None:
    title = 'The "News" \\ Übersee'
    added = config.add_site(tmp_path / "home", " News.Example ", ZONE, title)
    again = config.add_site(tmp_path / "home", "news.example", ZONE)
    found = config.read(tmp_path / "home").site["news.example"]

    assert (added, again) == (True, False)
    assert (found.timezone, found.name) == (ZONE, title)


def test_a_site_may_be_written_with_its_widgets_on(tmp_path: Path) -> None:
    config.add_site(tmp_path, "a.example", ZONE, widgets=True)
    config.add_site(tmp_path, "b.example", ZONE)
    found = config.read(tmp_path).site

    assert (found["a.example"].widgets.on, found["b.example"].widgets.on) == (True, False)


def test_adding_a_site_keeps_what_was_written_by_hand(tmp_path: Path) -> None:
    _written(tmp_path, f"# ours\n{WHOLE}")
    config.add_site(tmp_path, "third.example", "UTC")

    assert (tmp_path / "tearsheet.toml").read_text().startswith("# ours\n")
    assert list(config.read(tmp_path).site) == ["news.example", "other.example", "third.example"]


@pytest.mark.parametrize(
    ("flag", "environ", "home"),
    [
        (Path("flag"), {"TEARSHEET_HOME": "environ"}, "flag"),
        (None, {"TEARSHEET_HOME": "environ"}, "environ"),
        (None, {"TEARSHEET_HOME": ""}, "tearsheet-home"),
        (None, {}, "tearsheet-home"),
    ],
)
def test_the_home_is_the_flag_then_the_environment_then_the_default(
    flag: Path | None, environ: dict[str, str], home: str
) -> None:
    assert config.home_folder(flag, environ) == Path(home)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-05-06T13:00:00Z", "2026-05-06 13:00"),
        ("2026-05-06T10:00:00-03:00", "2026-05-06 13:00"),
        ("2026-05-06 13:00", "2026-05-06 13:00"),
    ],
)
def test_the_clock_can_be_set(text: str, at: str) -> None:
    assert config.now({"TEARSHEET_NOW": text}) == utc(at)


def test_a_clock_that_is_no_time_is_refused_in_a_sentence() -> None:
    with pytest.raises(ConfigError, match="TEARSHEET_NOW='noon' is no time"):
        config.now({"TEARSHEET_NOW": "noon"})


# --- what a change does ------------------------------------------------------------------------------------


def test_settling_again_changes_nothing(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"))
    newsroom.settle()

    assert newsroom.rows("definitions", ("version",)).rows() == [(1,)]
    assert newsroom.rows("dirty_hours").is_empty()


def test_a_changed_zone_moves_events_to_their_new_days(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 02:50"),
        engagement("v1", "2026-05-05 02:51", 20_000, acts=1),
        comment("c1", "published", "2026-05-05 02:55"),
    )
    before = newsroom.series("views", "2026-05-04..2026-05-05", "day")
    newsroom.zone = "Europe/Berlin"
    newsroom.settle()
    newsroom.recount()

    assert before == {"2026-05-04": 1, "2026-05-05": 0}
    for metric in ("views", "reads", "comments", "readers", "sessions"):
        assert newsroom.series(metric, "2026-05-04..2026-05-05", "day") == {
            "2026-05-04": None,
            "2026-05-05": 1,
        }
    assert newsroom.rows("page_views", ("day_local",)).item() == dt.date(2026, 5, 5)
    assert newsroom.rows("view_facts", ("day_local",)).rows() == [(dt.date(2026, 5, 5),)]


def test_a_changed_formula_holds_from_today_on(newsroom: Newsroom) -> None:
    def read(name: str, day: str) -> None:
        newsroom.load(view(name, f"{day} 12:00"), engagement(name, f"{day} 12:01", 12_000, acts=1))

    read("yesterday", "2026-05-05")
    read("today", "2026-05-06")
    newsroom.recount()
    newsroom.settle(formulas={"read_after_s": 15})
    newsroom.recount()

    assert newsroom.series("reads", "2026-05-05..2026-05-06", "day") == {"2026-05-05": 1, "2026-05-06": 0}
    assert newsroom.rows("definitions", ("version", "from_day"), "version").rows() == [
        (1, dt.date(1970, 1, 1)),
        (2, dt.date(2026, 5, 6)),
    ]
    assert newsroom.rows("rolled_days", ("day_local", "version"), "day_local").rows() == [
        (dt.date(2026, 5, 5), 1),
        (dt.date(2026, 5, 6), 2),
    ]


def test_a_recount_of_history_keeps_its_definitions(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"), engagement("v1", "2026-05-05 12:01", 12_000, acts=1))
    newsroom.settle(formulas={"read_after_s": 15})
    newsroom.recount(everything=True)

    assert newsroom.value("reads", "2026-05-05") == 1


def test_a_formula_that_is_changed_back_is_a_third_version(newsroom: Newsroom) -> None:
    newsroom.settle(formulas={"read_after_s": 15})
    newsroom.at("2026-05-08 12:00").settle()

    assert newsroom.rows("definitions", ("version", "from_day"), "version").rows() == [
        (1, dt.date(1970, 1, 1)),
        (2, dt.date(2026, 5, 6)),
        (3, dt.date(2026, 5, 8)),
    ]


@pytest.mark.parametrize(
    ("formulas", "reads", "finished"),
    [
        ({}, 1, 0),
        ({"read_after_s": 30}, 0, 0),
        ({"finished_at": 0.25}, 1, 1),
        ({"wpm": 900}, 1, 1),
        ({"engaged_cap_s": 5}, 0, 0),
    ],
)
def test_each_formula_setting_is_heeded(
    newsroom: Newsroom, formulas: dict[str, object], reads: int, finished: int
) -> None:
    newsroom.now = utc("2026-05-05 11:00")
    newsroom.settle(formulas=formulas)
    newsroom.take(
        view("v1", "2026-05-05 12:00"),
        engagement("v1", "2026-05-05 12:01", 20_000, scroll=90, acts=1),
        article("A1", word_count=300),
    )
    newsroom.at("2026-05-06 13:00")

    assert (newsroom.value("reads", "2026-05-05"), newsroom.value("finished", "2026-05-05")) == (
        reads,
        finished,
    )


def test_the_session_gap_is_heeded(newsroom: Newsroom) -> None:
    newsroom.now = utc("2026-05-05 11:00")
    newsroom.settle(formulas={"session_gap_min": 10})
    newsroom.take(view("v1", "2026-05-05 12:00"), view("v2", "2026-05-05 12:15"))
    newsroom.at("2026-05-06 13:00")

    assert (newsroom.value("sessions", "2026-05-05"), newsroom.value("repeat_views", "2026-05-05")) == (2, 0)


def test_the_comment_limit_is_heeded(newsroom: Newsroom) -> None:
    newsroom.now = utc("2026-05-05 11:00")
    newsroom.settle(formulas={"comment_limit": 1000})
    newsroom.take(comment("c1", "published", "2026-05-05 12:00", length=512))
    newsroom.at("2026-05-06 13:00")

    assert newsroom.value("at_limit_share", "2026-05-05") == 0


def test_a_site_is_found_by_name(newsroom: Newsroom) -> None:
    assert sites.site(newsroom.store, None).site_id == SITE
    assert sites.site(newsroom.store, "News.Example").zone == ZONE
    with pytest.raises(ConfigError, match=r"There is no site 'nws\.example'\. Did you mean news\.example\?"):
        sites.site(newsroom.store, "nws.example")
