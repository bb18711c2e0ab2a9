from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics.control.identity import COMMAND, Identity, Role, acting
from analytics.errors import NotAllowedError, TearsheetError
from analytics.reports.doors import mails, stops
from analytics.reports.office import Office
from tests.builders import SITE
from tests.commands import tearsheet
from tests.reports.post import MailServer
from tests.reports.post import Office as House

ADA = "ada@news.example"


@pytest.fixture
def desk(office: House) -> Iterator[Office]:
    with acting(COMMAND):
        yield Office(office.rounds)


async def nobody(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def get(app: Any, path: str, method: str = "GET") -> tuple[int, str]:
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    async def ask() -> None:
        await app({"type": "http", "path": path, "method": method, "headers": []}, None, send)

    asyncio.run(ask())
    return said[0]["status"], said[1]["body"].decode()


def test_three_reports_are_made_in_one_go_and_say_when_they_come(desk: Office) -> None:
    made = desk.ready_made(SITE, ADA)

    assert [(row["name"], row["next"], row["recipients"]) for row in made] != []
    assert [(row["name"], row["next"], row["recipients"]) for row in desk.listed()] == [
        ("Comments", "2026-05-07 08:00", [ADA]),
        ("Morning", "2026-05-07 07:00", [ADA]),
        ("Weekly review", "2026-05-11 08:00", [ADA]),
    ]


def test_sending_by_hand_uses_the_same_code_and_the_ledger_says_so(desk: Office, server: MailServer) -> None:
    first = desk.ready_made(SITE, ADA)[0]

    rows = desk.send(first["id"])

    assert server.taken == {ADA: 1}
    assert [(row["to"], row["state"], row["by_hand"]) for row in rows] == [(ADA, "sent", True)]
    assert desk.sent(rows[0]["copy"])[0] == desk.preview(first["id"])[0]
    assert {row["change"] for row in desk.since(rows[0]["copy"])} <= {"0\N{NARROW NO-BREAK SPACE}%", "—"}


def test_the_link_in_a_mail_stops_it_by_post_only(desk: Office, office: House, server: MailServer) -> None:
    first = desk.ready_made(SITE, ADA)[0]
    desk.send(first["id"])
    path = str(server.mails[0][1]["List-Unsubscribe"]).strip("<>").removeprefix("https://stats.example")
    app = stops(desk, nobody)

    office.now += dt.timedelta(seconds=1)
    assert get(app, path)[0] == 200  # a scanner opens it
    assert desk.send(first["id"])[0]["state"] == "sent"
    office.now += dt.timedelta(seconds=1)
    assert get(app, path, "POST")[0] == 200
    with pytest.raises(TearsheetError, match="Nobody receives"):
        desk.send(first["id"])
    assert get(app, path[:-3])[0] == 404
    assert get(app, "/r/other")[0] == 418


def test_a_mail_can_be_looked_at_by_editors_only(desk: Office) -> None:
    first = desk.ready_made(SITE, ADA)[0]
    app = mails(desk, nobody)

    assert "Tuesday brought" in get(app, f"/report/preview/{first['id']}")[1]
    assert get(app, "/report/sent/c123")[0] == 404
    with acting(Identity("person", "p1", "Bea", {SITE: Role.VIEWER})):
        assert get(app, f"/report/preview/{first['id']}")[0] == 403
        assert desk.listed() == []
        with pytest.raises(NotAllowedError):
            desk.add("Morning", "morning")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind_name": "mornin"}, "morning"),
        ({"kind_name": "morning", "when": "sometimes"}, "no schedule"),
        ({"kind_name": "morning", "period": "never"}, "no period"),
        ({"kind_name": "morning", "formats": ["doc"]}, "format"),
        ({"kind_name": "section"}, "needs section"),
        ({"kind_name": "morning", "where": {"colour": ["red"]}}, "colour"),
    ],
)
def test_a_report_that_cannot_be_is_refused(desk: Office, values: dict[str, Any], said: str) -> None:
    with pytest.raises(TearsheetError, match=said):
        desk.add("", **values)


@pytest.mark.parametrize(
    ("way", "address"),
    [
        ("mail", "nobody"),
        ("mail", "a@b.example\r\nBcc: c@d.example"),
        ("folder", "../etc"),
        ("webhook", "http://hooks.example/1"),
        ("webhook", "https://user:secret@hooks.example/1"),
        ("chat", "json://10.0.0.1"),
        ("pigeon", "coop"),
    ],
)
def test_an_address_that_is_none_is_refused(desk: Office, way: str, address: str) -> None:
    first = desk.add("", "morning")

    with pytest.raises(TearsheetError):
        desk.add_recipient(first["id"], way, address)


def test_mail_goes_to_the_domains_that_are_allowed(desk: Office, office: House) -> None:
    office.settings = {"domains": ("news.example",)}
    first = desk.add("", "morning")

    with pytest.raises(TearsheetError, match=r"other\.example"):
        desk.add_recipient(first["id"], "mail", "ada@other.example")


def test_what_is_paused_starts_again_from_now(desk: Office, office: House, server: MailServer) -> None:
    first = desk.ready_made(SITE, ADA)[0]
    desk.pause(first["id"])
    office.later(days=1)
    assert first["id"] in {row["id"] for row in desk.listed() if row["is_paused"]}
    desk.resume(first["id"])
    office.later(minutes=1)

    assert [row for row in desk.history(first["id"]) if row["report"] == "Morning"] == []


def test_a_report_is_made_sent_and_looked_up_from_the_command_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    tearsheet("init", "--site", SITE, "--timezone", "America/Sao_Paulo", home=home)
    with (home / "tearsheet.toml").open("a") as file:
        file.write('\n[mail]\nfolder = "mails"\nsender = "stats@news.example"\n')

    made = tearsheet("report", "add", "morning", "--to", ADA, "--period", "yesterday", home=home).out.strip()
    sent = tearsheet("report", "send", made, "--format", "json", home=home)
    listed = tearsheet("report", "list", "--format", "json", home=home).json
    seen = tearsheet("report", "preview", made, home=home).out

    assert [row["state"] for row in json.loads(sent.out)] == ["sent"]
    assert listed[0]["recipients"] == [ADA]
    assert len(list((home / "mails").glob("*.eml"))) == 1
    assert "No source of views is connected yet." in seen
    assert tearsheet("report", "history", "--format", "json", home=home).json[0]["to"] == ADA
    assert tearsheet("report", "send", "s0", home=home).code == 2
