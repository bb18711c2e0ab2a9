"""The command line: what it prints, how it ends, and that a running desk answers for its home."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from analytics import cli, config
from analytics.collect import settings
from analytics.desk import Desk
from analytics.load import Batch, load
from analytics.store.home import owner_of
from tests.builders import SITE, ZONE, article, batch, comment, engagement, utc, view
from tests.commands import Ran, serving, tearsheet
from tests.newsroom import NOW

DAY = ("--from", "2026-05-05", "--to", "2026-05-05")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one site and no events."""
    folder = tmp_path / "home"
    assert tearsheet("init", "--site", SITE, "--timezone", ZONE, home=folder).code == 0
    return folder


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three articles that were read; tests only ask it."""
    return _filled(tmp_path_factory.mktemp("read"))


def _filled(folder: Path) -> Path:
    assert tearsheet("init", "--site", SITE, "--timezone", ZONE, home=folder).code == 0
    desk = Desk(folder, "test", lambda: utc(NOW))
    loaded = batch(
        view("v1", "2026-05-05 12:00", "A1", "p"),
        engagement("v1", "2026-05-05 12:01", 20_000, scroll=80, acts=2),
        view("v2", "2026-05-05 13:00", "A1", "q"),
        view("v3", "2026-05-05 13:30", "A2", "r"),
        view("v4", "2026-05-05 14:30", "A3", "s"),
        comment("c1", "published", "2026-05-05 12:10"),
        article("A1", title='=HYPERLINK("x")', section="news", authors=("u1", "u2"), topics=("t1",)),
        article("A2", title="Two", section="news", authors=("u1",)),
    )
    assert loaded.catalogue is not None
    desk.take({name: frame for name, frame in loaded.events.items() if not isinstance(frame, Path)})
    load(desk.store, Batch(catalogue=loaded.catalogue), utc(NOW))
    desk.recount()
    desk.close()
    return folder


# --- init --------------------------------------------------------------------------------------------------


def test_init_twice_changes_nothing(home: Path) -> None:
    before = (home / "tearsheet.toml").read_text()
    again = tearsheet("init", "--site", SITE, "--timezone", ZONE, home=home)

    assert (again.code, again.out) == (0, "")
    assert "is there already" in again.err
    assert before == (home / "tearsheet.toml").read_text()


def test_another_zone_for_a_site_is_refused_in_a_sentence(home: Path) -> None:
    before = (home / "tearsheet.toml").read_text()
    refused = tearsheet("init", "--site", SITE, "--timezone", "Europe/Berlin", home=home)

    assert refused.code == 1
    assert refused.err.startswith(f"{SITE} already counts its days in {ZONE}. To move it to Europe/Berlin,")
    assert before == (home / "tearsheet.toml").read_text()


def test_another_site_is_added(home: Path) -> None:
    added = tearsheet(
        "init", "--site", "Other.Example", "--timezone", "Asia/Kolkata", "--name", "The Other", home=home
    )
    unnamed = tearsheet("top", "articles", "--metric", "views", *DAY, home=home)
    named = tearsheet(
        "top", "articles", "--metric", "views", *DAY, "--site", "other.example", "--format", "json", home=home
    )

    assert added.code == 0
    assert (unnamed.code, unnamed.err) == (
        1,
        "This home has several sites. Choose with --site: news.example, other.example.\n",
    )
    assert (named.code, named.json) == (0, [])


@pytest.mark.parametrize(
    ("site", "zone", "said"),
    [
        ("news.example", "Berlin", "'Berlin' is no time zone."),
        ("https://news.example/", "Europe/Berlin", "'https://news.example/' is no site."),
        ("a b", "Europe/Berlin", "'a b' is no site."),
    ],
)
def test_a_site_that_cannot_be_is_refused_before_a_home_is_made(
    tmp_path: Path, site: str, zone: str, said: str
) -> None:
    refused = tearsheet("init", "--site", site, "--timezone", zone, home=tmp_path / "home")

    assert refused.code == 1
    assert refused.err.startswith(said)
    assert not (tmp_path / "home").exists()


# --- top ---------------------------------------------------------------------------------------------------


def _asked(home: Path, *words: str) -> Ran:
    return tearsheet(*words, "--format", "json", home=home)


def test_top_articles_is_an_array_of_objects(read: Path) -> None:
    done = _asked(read, "top", "articles", "--metric", "views", *DAY)

    assert (done.code, done.err) == (0, "")
    assert done.json == [
        {"rank": 1, "article": "A1", "title": '=HYPERLINK("x")', "views": 2},
        {"rank": 2, "article": "A2", "title": "Two", "views": 1},
        {"rank": 2, "article": "A3", "title": "https://news.example/A3", "views": 1},
    ]


@pytest.mark.parametrize(
    ("board", "rows"),
    [
        (
            "authors",
            [
                {"rank": 1, "author": "u1", "name": "Name of u1", "views": 3},
                {"rank": 2, "author": "u2", "name": "Name of u2", "views": 2},
                {"rank": None, "author": None, "name": "(none)", "views": 1},
            ],
        ),
        (
            "topics",
            [
                {"rank": 1, "topic": "t1", "name": "Name of t1", "views": 2},
                {"rank": None, "topic": None, "name": "(none)", "views": 2},
            ],
        ),
        (
            "sections",
            [
                {"rank": 1, "section": "news", "name": "news", "views": 3},
                {"rank": None, "section": None, "name": "(none)", "views": 1},
            ],
        ),
    ],
)
def test_top_of_other_boards(read: Path, board: str, rows: list[dict[str, object]]) -> None:
    assert rows == _asked(read, "top", board, "--metric", "views", *DAY).json


def test_none_is_not_counted_in_the_limit(read: Path) -> None:
    rows = _asked(read, "top", "authors", "--metric", "views", *DAY, "--limit", "1").json

    assert [row["author"] for row in rows] == ["u1", None]


def test_a_whole_number_stays_whole_and_an_unknown_one_is_null(read: Path) -> None:
    medians = _asked(read, "top", "articles", "--metric", "engaged_median", *DAY).out

    assert '"engaged_median": 0\n' in medians
    assert "0.0" not in medians
    assert [
        row["moderation_lag"]
        for row in _asked(read, "top", "articles", "--metric", "moderation_lag", *DAY).json
    ] == [None]


# --- series ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grain", "first", "last", "rows"),
    [
        ("day", "2026-05-05", "2026-05-06", [("2026-05-05", 4), ("2026-05-06", 0)]),
        ("week", "2026-05-02", "2026-05-06", [("2026-05-02", None), ("2026-05-04", 4)]),
    ],
)
def test_series_of_days_and_weeks(
    read: Path, grain: str, first: str, last: str, rows: list[tuple[str, int | None]]
) -> None:
    done = _asked(read, "series", "--metric", "views", "--grain", grain, "--from", first, "--to", last)

    assert done.json == [{"bucket": bucket, "views": n} for bucket, n in rows]


def test_series_of_hours_bear_their_offset(read: Path) -> None:
    rows = _asked(read, "series", "--metric", "views", "--grain", "hour", *DAY).json

    assert len(rows) == 24
    assert rows[9] == {"bucket": "2026-05-05T09:00:00-03:00", "views": 1}
    assert rows[10] == {"bucket": "2026-05-05T10:00:00-03:00", "views": 2}


@pytest.mark.parametrize(
    ("words", "views"),
    [(("--article", "A1"), 2), (("--author", "u1"), 3), (("--topic", "t1"), 2), (("--article", "A3"), 1)],
)
def test_series_of_one_article_author_or_topic(read: Path, words: tuple[str, str], views: int) -> None:
    assert _asked(read, "series", "--metric", "views", *DAY, *words).json == [
        {"bucket": "2026-05-05", "views": views}
    ]


def test_rates_of_a_series_are_numbers_or_null(read: Path) -> None:
    rows = _asked(read, "series", "--metric", "read_rate", "--from", "2026-05-05", "--to", "2026-05-06").json

    assert rows == [{"bucket": "2026-05-05", "read_rate": 0.25}, {"bucket": "2026-05-06", "read_rate": None}]


# --- status ------------------------------------------------------------------------------------------------


def test_status_of_a_home(read: Path) -> None:
    status = _asked(read, "status").json

    assert list(status) == [
        "tables",
        "first_event",
        "last_event",
        "dirty_hours",
        "loaded_through",
        "rejected",
    ]
    assert status["first_event"] == "2026-05-05T12:00:00Z"
    assert status["last_event"] == "2026-05-05T14:30:00Z"
    assert status["loaded_through"] == "2026-05-06T13:00:00Z"
    assert (status["dirty_hours"], status["rejected"]) == (0, {})
    assert {
        name: status["tables"][name] for name in ("page_views", "engagements", "comment_states", "articles")
    } == {
        "page_views": 4,
        "engagements": 1,
        "comment_states": 1,
        "articles": 3,
    }


def test_status_of_an_empty_home(home: Path) -> None:
    status = _asked(home, "status").json

    assert (status["first_event"], status["last_event"], status["loaded_through"]) == (None, None, None)
    assert status["tables"]["page_views"] == 0


def test_rollup_says_how_many_days_it_recounted(read: Path) -> None:
    assert tearsheet("rollup", home=read).err == "0 days recounted.\n"
    assert tearsheet("rollup", "--all", home=read).err == "1 days recounted.\n"


# --- how it prints -----------------------------------------------------------------------------------------


def test_text_that_a_spreadsheet_would_run_is_defused(read: Path) -> None:
    done = tearsheet("top", "articles", "--metric", "views", *DAY, "--format", "csv", home=read)
    rows = list(csv.DictReader(io.StringIO(done.out)))

    assert rows[0] == {"rank": "1", "article": "A1", "title": '\'=HYPERLINK("x")', "views": "2"}


def test_an_unknown_value_is_an_empty_cell(read: Path) -> None:
    done = tearsheet("top", "authors", "--metric", "views", *DAY, "--format", "csv", home=read)

    assert done.out.splitlines()[-1] == ",,(none),1"


def test_a_table_is_printed_for_people(read: Path) -> None:
    done = tearsheet("top", "articles", "--metric", "views", *DAY, home=read)

    assert [line.split() for line in done.out.splitlines()][:2] == [
        ["rank", "article", "title", "views"],
        ["1", "A1", '=HYPERLINK("x")', "2"],
    ]


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("top", "articles", "--metric", "vews", *DAY), 2, "There is no metric 'vews'. Did you mean views?"),
        (("series", "--metric", "readrs", *DAY), 2, "There is no metric 'readrs'. Did you mean readers?"),
        (
            ("top", "articles", "--metric", "views", "--from", "May", "--to", "2026-05-05"),
            2,
            "--from 'May' is no day.",
        ),
        (
            ("top", "articles", "--metric", "views", "--from", "2026-05-06", "--to", "2026-05-05"),
            2,
            "The period ends on 2026-05-05, before it begins on 2026-05-06.",
        ),
        (
            ("series", "--metric", "views", *DAY, "--article", "nope"),
            2,
            "No article of news.example has the id 'nope'.",
        ),
        (
            ("series", "--metric", "views", *DAY, "--author", "u9"),
            2,
            "No author of news.example has the id 'u9'.",
        ),
        (
            ("series", "--metric", "views", *DAY, "--topic", "t9"),
            2,
            "No topic of news.example has the id 't9'.",
        ),
        (
            ("top", "articles", "--metric", "views", *DAY, "--site", "nws.example"),
            1,
            "There is no site 'nws.example'.",
        ),
        (
            ("readmit", "bot", *DAY),
            2,
            "The rule bot kept nothing out from 2026-05-05 to 2026-05-05.",
        ),
        (("top", "pages", "--metric", "views", *DAY), 2, ""),
        (("top", "articles"), 2, ""),
        (("tpo",), 2, ""),
    ],
)
def test_a_refusal_is_a_sentence_and_a_code(read: Path, words: tuple[str, ...], code: int, said: str) -> None:
    refused = tearsheet(*words, home=read)

    assert (refused.code, refused.out) == (code, "")
    assert refused.err.startswith(said)
    assert "Traceback" not in refused.err


def test_there_is_no_home_before_init(tmp_path: Path) -> None:
    refused = tearsheet("status", home=tmp_path / "nowhere")

    assert refused.code == 1
    assert refused.err.startswith(f"There is no home at {tmp_path / 'nowhere'}. Make one: tearsheet init")
    assert not (tmp_path / "nowhere").exists()


def test_the_home_may_stand_in_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.parent)

    assert tearsheet("status", home=None).err.startswith("There is no home at tearsheet-home.")
    (home.parent / "tearsheet-home").symlink_to(home)
    assert tearsheet("status", home=None).code == 0


# --- beside a desk -----------------------------------------------------------------------------------------


def test_a_desk_answers_for_its_home(tmp_path: Path) -> None:
    home = _filled(tmp_path)
    questions = [
        ("top", "authors", "--metric", "views", *DAY, "--format", "json"),
        ("series", "--metric", "views", "--grain", "hour", *DAY, "--format", "csv"),
        ("series", "--metric", "read_rate", *DAY, "--format", "json"),
        ("status", "--format", "json"),
        ("top", "articles", "--metric", "vews", *DAY),  # wrong usage is wrong usage there, too
        ("top", "articles", "--metric", "views", *DAY, "--site", "nws.example"),
        ("init", "--site", SITE, "--timezone", ZONE),
        ("init", "--site", SITE, "--timezone", "UTC"),
        ("rollup",),
    ]
    alone = [tearsheet(*words, home=home) for words in questions]
    with serving(home) as (url, pid):
        beside = [tearsheet(*words, home=home) for words in questions]
        owner = owner_of(home)
        health = _get(f"{url}/healthz")
        stranger = _get(f"{url}/_desk/status", token="not of LOCK")
        nothing = _get(f"{url}/_desk/shutdown", token=owner.token if owner else "")
        added = tearsheet("init", "--site", "other.example", "--timezone", "Asia/Kolkata", home=home)
        asked = _asked(home, "top", "articles", "--metric", "views", *DAY, "--site", "other.example")

    assert alone == beside
    assert [ran.code for ran in beside] == [0, 0, 0, 0, 2, 1, 0, 1, 0]
    assert owner is not None
    assert (owner.pid, owner.what, owner.url) == (pid, "serve", url)
    assert (health, stranger, nothing) == (200, 401, 404)
    assert (added.code, asked.code, asked.json) == (0, 0, [])


def _get(url: str, token: str = "") -> int:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code


def test_a_key_is_shown_once_and_opens_what_it_was_made_for(home: Path) -> None:
    made = tearsheet("key", "add", "cms", "--scope", "ingest", "--scope", "comments", home=home)

    key = made.out.strip()
    described = config.read(home)
    assert made.code == 0
    assert key.encode() not in (home / "control.sqlite").read_bytes()
    assert json.loads(tearsheet("key", "list", "--format", "json", home=home).out)[0]["scopes"] == (
        "ingest, comments"
    )
    assert key not in made.err
    told = settings.read(home, {})
    assert [each.hash for each in told.keys] == [hashlib.sha256(key.encode()).hexdigest()]
    assert told.keys[0].sites == tuple(described.site)
    assert tearsheet("key", "revoke", "cms", home=home).code == 0
    assert settings.read(home, {}).keys == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("key", "add", "a b", "--scope", "ingest"), "'a b' is no name of a key."),
        (("key", "add", "cms", "--scope", "ingst"), "There is no scope 'ingst'. Did you mean ingest?"),
        (("key", "add", "cms", "--scope", "read", "--site", "x.example"), "There is no site 'x.example'."),
        (("key", "revoke", "cms"), "There is no key 'cms'."),
    ],
)
def test_a_key_that_cannot_be_is_a_sentence(home: Path, words: tuple[str, ...], said: str) -> None:
    refused = tearsheet(*words, home=home)

    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(said)


def test_a_name_is_given_once(home: Path) -> None:
    tearsheet("key", "add", "cms", "--scope", "read", home=home)

    again = tearsheet("key", "add", "cms", "--scope", "read", home=home)

    assert again.err.startswith("There is a key 'cms' already.")


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("ascii", "Şəhər – ქ".encode()), ("latin-1", b"??h?r ? ?"), ("utf-8", "Şəhər – ქ".encode())],
)
def test_titles_of_any_script_pass_through_any_terminal(encoding: str, written: bytes) -> None:
    out = io.BytesIO()
    stream = io.TextIOWrapper(out, encoding=encoding, write_through=True)
    cli.write_any_script(stream)

    stream.write("Şəhər – ქ")

    assert out.getvalue() == written
