"""The desk: it owns a home, brings it in line with its file, keeps it counted, and answers commands."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics import config
from analytics.desk import Desk
from analytics.door import reach
from analytics.errors import ConfigError, StoreBusyError, StoreError, UsageError
from analytics.front import MAX_BODY, commands_in_front
from analytics.jobs import runner
from tests.builders import SITE, ZONE, frames, utc, view
from tests.newsroom import NOW

RIGHT = "right"
WAIT_S = 60.0  # until a state is there; a loaded machine draws tracebacks slowly


def _clock() -> Any:
    return utc(NOW)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a site in its file."""
    config.add_site(tmp_path, SITE, ZONE)
    return tmp_path


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    """A desk whose background work has not begun."""
    opened = Desk(home, "serve", _clock)
    yield opened
    opened.close()


# --- the home ----------------------------------------------------------------------------------------------


def test_a_desk_brings_its_file_into_the_store(desk: Desk) -> None:
    assert [(each.site_id, each.zone) for each in desk.sites()] == [(SITE, ZONE)]
    assert (desk.site_name, desk.zone, desk.last_event(SITE)) == (SITE, ZONE, None)


def test_a_desk_that_cannot_open_gives_the_home_back(home: Path) -> None:
    (home / "tearsheet.toml").write_text("[site")
    for _ in range(2):
        with pytest.raises(ConfigError, match="cannot be read"):
            Desk(home, "serve", _clock)
    (home / "tearsheet.toml").write_text(f'[site."{SITE}"]\ntimezone = "{ZONE}"\n')

    Desk(home, "serve", _clock).close()


def test_a_home_has_one_desk(desk: Desk, home: Path) -> None:
    with pytest.raises(StoreBusyError, match=r"is open in process \d+ \(tearsheet serve\)"):
        Desk(home, "top", _clock)


def test_a_command_waits_for_no_owner_that_takes_none(home: Path) -> None:
    holder = Desk(home, "rollup", _clock)
    door = reach(home, "top")

    with pytest.raises(StoreBusyError, match=r"\(tearsheet rollup\)\. Wait for it, stop it"):
        door.__enter__()
    holder.close()


def test_a_command_says_when_the_desk_does_not_answer(home: Path) -> None:
    holder = Desk(home, "serve", _clock)
    holder.home.announce("http://127.0.0.1:1")

    with reach(home, "top") as door, pytest.raises(StoreBusyError, match="owns the home but does not answer"):
        door.ask("status")
    holder.close()


def test_a_command_beside_a_desk_loads_no_engine(home: Path) -> None:
    holder = Desk(home, "serve", _clock)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        holder.home.announce(f"http://127.0.0.1:{listening.getsockname()[1]}")
        code = (
            "import sys, dashboards.main; from pathlib import Path; from analytics.door import reach\n"
            "with reach(Path(sys.argv[1]), 'top') as door: print(type(door).__name__)\n"
            "print({'duckdb', 'polars', 'sqlalchemy', 'dash'} & set(sys.modules))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=False
        )
    holder.close()

    assert ["_DeskDoor", "set()"] == done.stdout.split(), done.stderr


# --- what it takes and counts ------------------------------------------------------------------------------


def test_a_desk_takes_events_and_counts_them(desk: Desk) -> None:
    desk.take(frames([view("v1", "2026-05-05 12:00")]))

    assert desk.last_event(SITE) == utc("2026-05-05 12:00")
    assert desk.recount() == 1
    assert desk.recount() == 0


def test_a_desk_whose_control_database_refuses_gives_the_home_back(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_control: object) -> None:
        raise StoreError("The control database refused.")

    with monkeypatch.context() as broken:
        broken.setattr("analytics.control.queries.end_broken_runs", refuse)
        with pytest.raises(StoreError, match="refused"):
            Desk(home, "serve", _clock)

    Desk(home, "serve", _clock).close()


def test_article_rows_are_taken_whole_or_not_at_all(desk: Desk) -> None:
    good = {"id": "A1", "title": "One", "authors": [{"name": "First Author"}]}

    with pytest.raises(UsageError, match="1 article rows were refused"):
        desk.take_catalogue(SITE, [good, {"title": "without an id"}])
    assert desk.store.frame("FROM articles").is_empty()
    assert desk.take_catalogue(SITE, [good]).created == 1
    with pytest.raises(ConfigError, match="There is no site"):
        desk.take_catalogue("other.example", [good])


def test_the_last_good_numbers_stay_when_a_recount_fails(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.desk.PACE_S", 0.01)
    monkeypatch.setattr("analytics.desk.LOOK_S", 0.01)
    monkeypatch.setattr("analytics.desk.PACE_SHARE", 1)
    desk = Desk(home, "serve", _clock)
    troubles: list[str] = []
    has_healed = threading.Event()

    def run_all(*_: object, **_asked: object) -> int:
        troubles.append(desk.trouble)
        if len(troubles) == 1:
            raise ZeroDivisionError("of all things")
        if len(troubles) == 3:
            has_healed.set()
        return 0

    monkeypatch.setattr(runner, "run_all", run_all)
    desk.start()

    assert has_healed.wait(WAIT_S)
    desk.close()
    assert troubles[:3] == ["", "of all things", ""]


def test_what_is_made_ready_is_made_once_after_the_first_recount_and_a_fault_stops_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.desk.PACE_S", 0.01)
    monkeypatch.setattr("analytics.desk.LOOK_S", 0.01)
    desk = Desk(home, "serve", _clock)
    done: list[str] = []
    is_over = threading.Event()

    def run_all(*_: object, **_asked: object) -> int:
        if len(done) == 4:  # the second recount
            is_over.set()
        done.append("counted")
        return 0

    def fail() -> None:
        done.append("failed")
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(runner, "run_all", run_all)
    desk.make_ready(lambda: done.append("first"), fail, lambda: done.append("last"))
    desk.start()

    assert is_over.wait(WAIT_S)
    desk.close()
    assert done[:5] == ["counted", "first", "failed", "last", "counted"]
    assert set(done[5:]) <= {"counted"}
    assert desk.trouble == ""


def test_an_archive_that_cannot_be_written_is_told_and_stops_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.desk.ARCHIVE_EVERY_S", 0.01)
    (home / "archive").write_text("a file in its place")
    desk = Desk(home, "serve", _clock)
    said: list[str] = []
    has_healed = threading.Event()
    real = desk.archive.keep

    def keep(now: Any, most_s: float) -> int:
        said.append(desk.unkept)
        if len(said) == 2:
            (home / "archive").unlink()
        if len(said) > 3:
            has_healed.set()
        return real(now, most_s)

    monkeypatch.setattr(desk.archive, "keep", keep)
    desk.start()

    assert has_healed.wait(WAIT_S)
    desk.close()
    assert said[0] == said[3] == ""
    assert "archive cannot be written" in said[1]
    assert desk.archive_age_s() == 0


# --- commands over loopback --------------------------------------------------------------------------------


def _post(
    desk: Desk, path: str, body: bytes = b"{}", token: str = RIGHT, client: str | None = "127.0.0.1"
) -> tuple[int, Any]:
    """Post to the desk's own address; gives status and body."""
    sent: list[Any] = []

    async def screens(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b'"screens"'})

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "path": path,
        "headers": [(b"authorization", f"Bearer {token}".encode())],
        "client": (client, 1) if client else None,
    }

    async def ask() -> None:
        await commands_in_front(screens, desk, RIGHT)(scope, receive, send)

    asyncio.run(ask())
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_a_desk_answers_commands(desk: Desk) -> None:
    assert _post(desk, "/_desk/rollup", b'{"everything": true}') == (200, {"days": 0})
    assert _post(desk, "/_desk/site", b'{"name": null}')[1]["site_id"] == SITE
    assert _post(desk, "/_desk/settle") == (200, [SITE])


def test_other_addresses_go_to_the_screens(desk: Desk) -> None:
    assert _post(desk, "/articles", token="") == (418, "screens")


@pytest.mark.parametrize(
    ("token", "client"),
    [("", "127.0.0.1"), ("wrong", "127.0.0.1"), ("right", "192.0.2.7"), ("é", "127.0.0.1")],
)
def test_only_this_machine_with_the_token_may_ask(desk: Desk, token: str, client: str) -> None:
    assert _post(desk, "/_desk/status", token=token, client=client)[0] == 401


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/_desk/nothing", b"{}", 404, "There is no such command."),
        ("/_desk/status", b"{", 400, "The command could not be read"),
        ("/_desk/status", b"[]", 400, "The command could not be read"),
        ("/_desk/status", b'{"nothing": 1}', 400, "The command could not be read"),
        ("/_desk/site", b'{"name": "nws.example"}', 409, "There is no site 'nws.example'."),
        (
            "/_desk/top",
            b'{"board": "pages", "metric": "views", "first": "2026-05-05", "last": "2026-05-05"}',
            422,
            "There is no board of 'pages'.",
        ),
        ("/_desk/status", b" " * (MAX_BODY + 1), 409, "The command is too long."),
    ],
)
def test_a_command_that_cannot_be_is_refused_in_a_sentence(
    desk: Desk, path: str, body: bytes, status: int, said: str
) -> None:
    code, answer = _post(desk, path, body)

    assert code == status
    assert answer["error"].startswith(said)


def test_a_command_that_fails_is_told_and_does_not_end_the_desk(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr("analytics.queries.answers.status", fails)

    assert _post(desk, "/_desk/status") == (
        500,
        {"error": "The desk failed: of all things.", "hint": "Its log says more."},
    )
    assert _post(desk, "/_desk/rollup")[0] == 200
