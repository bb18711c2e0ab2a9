from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics import language
from analytics.control import views
from analytics.control.identity import COMMAND, Identity, Role, acting
from analytics.control.tables import people
from analytics.errors import NotAllowedError, TearsheetError
from analytics.reports.doors import mails, stops
from analytics.reports.office import Office
from tests.builders import SITE, view
from tests.commands import tearsheet
from tests.newsroom import Newsroom
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


def test_a_report_reads_the_same_whoever_asks(desk: Office) -> None:
    first = desk.ready_made(SITE, ADA)[0]
    plain, mail = desk.preview(first["id"])

    with language.speaking(language.speech("de", "de-DE")):
        asked, letter = desk.preview(first["id"])

    assert asked == plain
    assert (letter.subject, letter.to("", "")) == (mail.subject, mail.to("", ""))


def test_ages_of_pieces_are_typed_and_said_in_german(desk: Office) -> None:
    with language.speaking(language.speech("de", "de-DE")):
        when = "24 Stunden und 7 Tage nach jedem Beitrag"
        made = desk.add("", "author", when=when, where={"author": ["u1"]})

        assert made["schedule"] == f"{when}, America/Sao_Paulo"
    assert desk.one(made["id"]).schedule == "24 hours and 7 days after each piece"


def test_a_schedule_typed_in_german_goes_out_in_an_english_newsroom(desk: Office) -> None:
    with language.speaking(language.speech("de", "de-DE")):
        made = desk.add("Früh", "morning", when="jeden Werktag um 06:30 Europe/Berlin")
        said = desk.listed()[0]["schedule"]

    assert said == "jeden Werktag um 06:30, Europe/Berlin"
    assert desk.listed()[0]["schedule"] == "every weekday at 06:30, Europe/Berlin"
    assert desk.listed()[0]["next"] == "2026-05-07 06:30"
    assert made["id"] == desk.listed()[0]["id"]


def test_a_report_speaks_its_own_language_to_whoever_gets_it(
    desk: Office, office: House, server: MailServer
) -> None:
    made = desk.add("", "morning", language="de")
    desk.add_recipient(made["id"], "mail", ADA)
    desk.send(made["id"])
    _to, mail = server.mails[0]
    path = str(mail["List-Unsubscribe"]).strip("<>").removeprefix("https://stats.example")

    assert "Lektüren" in str(mail["Subject"])
    assert "„Morning“ abbestellen?" in get(stops(desk, nobody), path)[1]
    assert desk.edit(made["id"], language="")["language"] == ""
    assert "Lektüren" not in desk.preview(made["id"])[1].subject
    with pytest.raises(TearsheetError, match="no language 'fr'"):
        desk.edit(made["id"], language="fr")


def test_sending_by_hand_uses_the_same_code_and_the_ledger_says_so(desk: Office, server: MailServer) -> None:
    first = desk.ready_made(SITE, ADA)[0]

    rows = desk.send(first["id"])

    assert server.taken == {ADA: 1}
    assert [(row["to"], row["state"], row["by_hand"]) for row in rows] == [(ADA, "sent", True)]
    assert desk.sent(rows[0]["copy"])[0] == desk.preview(first["id"])[0]
    assert desk.since(rows[0]["copy"])[1] == []


def test_the_link_in_a_mail_stops_it_by_post_only(desk: Office, office: House, server: MailServer) -> None:
    first = desk.ready_made(SITE, ADA)[0]
    desk.send(first["id"])
    path = str(server.mails[0][1]["List-Unsubscribe"]).strip("<>").removeprefix("https://stats.example")
    app = stops(desk, nobody)

    office.now += dt.timedelta(seconds=1)
    status, page = get(app, path)  # a scanner opens it
    assert (status, "Stop “Morning”?" in page) == (200, True)
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

    asked = ("--to", ADA, "--period", "yesterday", "--rest", "12-24")
    made = tearsheet("report", "add", "morning", *asked, home=home).out.strip()
    sent = tearsheet("report", "send", made, "--format", "json", home=home)
    listed = tearsheet("report", "list", "--format", "json", home=home).json
    seen = tearsheet("report", "preview", made, home=home).out

    assert [row["state"] for row in json.loads(sent.out)] == ["sent"]
    assert (listed[0]["recipients"], listed[0]["holidays"]) == ([ADA], ["12-24"])
    assert len(list((home / "mails").glob("*.eml"))) == 1
    assert "No source of views is connected yet." in seen
    assert tearsheet("report", "history", "--format", "json", home=home).json[0]["to"] == ADA
    assert tearsheet("report", "send", "s0", home=home).code == 2

    words = (
        "--when",
        "every Tuesday at 09:30",
        "--block",
        "top",
        "--to",
        "bea@news.example",
        "--not-to",
        ADA,
    )
    assert "every Tuesday at 09:30" in tearsheet("report", "edit", made, *words, home=home).err
    assert "rests" in tearsheet("report", "pause", made, home=home).err
    (row,) = tearsheet("report", "list", "--format", "json", home=home).json
    assert (row["recipients"], row["blocks"], row["is_paused"]) == (["bea@news.example"], ["top"], True)
    tearsheet("report", "resume", made, home=home)
    tearsheet("report", "edit", made, "--block", "none", home=home)
    (row,) = tearsheet("report", "list", "--format", "json", home=home).json
    assert (row["schedule"][:22], row["blocks"], row["is_paused"]) == ("every Tuesday at 09:30", [], False)
    assert tearsheet("report", "remove", made, home=home).code == 0
    assert tearsheet("report", "list", home=home).out == ""


def test_a_report_is_set_up_anew_and_keeps_its_recipients(desk: Office, office: House) -> None:
    first = desk.ready_made(SITE, ADA)[0]
    office.now += dt.timedelta(hours=1)

    row = desk.change(first["id"], "At nine", "morning", when="every day at 09:00", zone="Europe/Berlin",
                      period="7d", formats=["pdf", "csv"], where={"section": ["politics"]})  # fmt: skip
    found = desk.one(first["id"])

    assert (row["name"], row["schedule"], row["recipients"]) == (
        "At nine", "every day at 09:00, Europe/Berlin", [ADA],
    )  # fmt: skip
    assert (found.period, found.formats, found.kept) == ("7d", ["pdf", "csv"], {"section": ["politics"]})
    assert found.due_through == office.now
    with pytest.raises(TearsheetError, match="no schedule"):
        desk.change(first["id"], "", "morning", when="sometimes")


def test_a_report_by_hand_goes_out_when_somebody_sends_it_only(
    desk: Office, office: House, server: MailServer
) -> None:
    made = desk.add("", "morning", when="by hand")
    desk.add_recipient(made["id"], "mail", ADA)
    office.later(days=3)

    assert server.taken == {}
    assert made["schedule"] == "by hand"
    assert desk.send(made["id"])[0]["state"] == "sent"


def test_a_test_goes_to_whoever_asks_and_to_nobody_else(
    desk: Office, office: House, server: MailServer
) -> None:
    first = desk.ready_made(SITE, ADA)[0]

    assert desk.test(first["id"], "me@news.example")[0]["state"] == "sent"
    office.now += dt.timedelta(seconds=1)
    assert desk.test(first["id"], ADA)[0]["state"] == "sent"
    office.now += dt.timedelta(seconds=1)
    desk.send(first["id"])

    assert server.taken == {"me@news.example": 1, ADA: 2}
    assert desk.one(first["id"]).name == "Morning"
    assert [row["address"] for row in desk.recipients(first["id"])] == [ADA]
    with pytest.raises(TearsheetError, match="no mail address"):
        desk.test(first["id"])


def test_a_failed_delivery_is_tried_again_by_hand(desk: Office, server: MailServer) -> None:
    first = desk.ready_made(SITE, ADA)[0]
    server.rcpt = {ADA: "550 No such user"}
    (failed,) = desk.send(first["id"])
    assert failed["state"] == "failed"

    server.rcpt = {}
    again = desk.retry(failed["id"])

    assert (again["state"], again["why"], server.taken) == ("sent", "", {ADA: 1})
    with pytest.raises(TearsheetError, match="no failed delivery"):
        desk.retry(failed["id"])


def test_each_recipient_can_be_previewed_with_their_own_filter(desk: Office) -> None:
    first = desk.ready_made(SITE, ADA)[0]
    desk.add_recipient(first["id"], "mail", "bea@news.example", where={"section": ["culture"]})

    subjects = [desk.preview(first["id"], to)[0].subject for to in ("", ADA, "bea@news.example")]

    assert subjects == [*["Morning: Tuesday brought 4 reads"] * 2, "Morning: Tuesday brought 1 read"]
    assert [row["where"] for row in desk.recipients(first["id"])] == ["", "section=culture"]
    with pytest.raises(TearsheetError, match="names nothing"):
        desk.add_recipient(first["id"], "mail", "cem@news.example", where={"section": [" "]})


def test_what_came_late_shows_row_by_row_against_what_was_sent(desk: Office, newsroom: Newsroom) -> None:
    made = desk.add("", "weekly", period="2026-05-05")
    desk.add_recipient(made["id"], "mail", ADA)
    (sent,) = desk.send(made["id"])

    newsroom.take(view("late", "2026-05-05 18:00", "A1"))
    before, changed = desk.since(sent["copy"])
    said = {(each.block, each.row, each.column): (each.sent, each.now) for each in changed}

    assert before.subject == "Weekly review: Tuesday brought 4 reads"
    assert said["That day", "Views", ""] == ("9", "10")
    assert all(sent_value != now for sent_value, now in said.values())


def test_a_saved_view_becomes_a_report_of_what_it_shows(desk: Office, office: House) -> None:
    who = Identity("person", "p1", "Ada", {SITE: Role.EDITOR})
    with office.control.write() as connection:
        connection.execute(people.insert().values(person_id="p1", login=ADA, name="Ada", made_at=office.now))
    with acting(who):
        address = f"/articles?site={SITE}&period=2026-05-05&section=politics&sort=name"
        views.save(office.control, SITE, "Politics by name", address, office.now, is_shared=False)
        views.save(office.control, SITE, "Wall", "/live", office.now, is_shared=False)
        ((view_id, name),) = desk.choices("view")
        made = desk.add("", "view", query=view_id)
        report, _ = desk.preview(made["id"])
        wall = next(each for each in views.listed(office.control, [SITE]) if each.name == "Wall")
        with pytest.raises(TearsheetError, match="/live cannot be sent"):
            desk.add("", "view", query=wall.view_id)

        assert (made["name"], name) == ("Politics by name", "Politics by name")
        assert report.subject.startswith("Politics by name: ")
        assert report.filtered == "section politics"
        views.forget(office.control, view_id)
        with pytest.raises(TearsheetError, match="is gone"):
            desk.preview(made["id"])
