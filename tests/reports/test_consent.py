"""Whoever has no account says yes before a report goes out to them."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from analytics.control.identity import COMMAND, Identity, Role, acting
from analytics.control.tables import people
from analytics.errors import UsageError
from analytics.reports.doors import stops
from analytics.reports.office import Office
from tests.builders import SITE
from tests.reports.post import MailServer
from tests.reports.post import Office as House
from tests.reports.test_office import get, nobody

ADA, OUT = "ada@news.example", "reader@elsewhere.example"
EDITOR = Identity("person", "p1", "Ada", {SITE: Role.EDITOR})


def asked_for(server: MailServer) -> str:
    """Give the path of the link in the mail that asks."""
    ((to, message),) = server.mails
    assert (to, message["Subject"]) == (OUT, "Do you want “Morning” of news.example?")
    body = message.get_body(("plain",))
    assert body is not None
    found = re.search(r"https://stats\.example(/r/yes/\S+)", body.get_content())
    assert found is not None
    return found[1]


def test_nothing_goes_out_before_they_said_yes(office: House, server: MailServer) -> None:
    desk = Office(office.rounds)
    with acting(EDITOR):
        made = desk.add("", "morning", period="2026-05-05")["id"]
        said = desk.add_recipient(made, "mail", OUT)
        assert [each["is_confirmed"] for each in desk.recipients(made)] == [False]
        (skipped,) = desk.send(made)
    path, app = asked_for(server), stops(desk, nobody)

    assert server.mails[0][1]["From"] == "Tearsheet <stats@news.example>"
    assert "“Morning”" in get(app, path)[1]
    assert said == f"{OUT} was asked by mail to confirm; nothing goes out to them before."
    assert (skipped["state"], skipped["why"]) == ("skipped", "The address has not been confirmed yet.")
    assert get(app, path)[0] == 200  # a scanner opens it
    assert get(app, path[:-3])[0] == get(app, path.replace("yes", "stop"))[0] == 404
    office.now += dt.timedelta(seconds=1)
    with acting(EDITOR):
        assert desk.send(made)[0]["state"] == "skipped"

    office.now += dt.timedelta(seconds=1)
    assert get(app, path, "POST")[0] == 200
    with acting(EDITOR):
        assert desk.send(made)[0]["state"] == "sent"
        desk.remove_recipient(made, OUT)
    assert get(app, path, "POST")[0] == 410


def test_whom_the_house_knows_need_not_confirm(office: House, server: MailServer) -> None:
    desk = Office(office.rounds)
    with office.control.write() as connection:
        connection.execute(people.insert().values(person_id="p1", login=ADA, name="Ada", made_at=office.now))
    with acting(EDITOR):
        made = desk.add("", "morning", period="2026-05-05")["id"]
        assert desk.add_recipient(made, "mail", ADA) == ""
        assert desk.add_recipient(made, "folder", "mornings") == ""
        office.settings = {"domains": ("partner.example",)}
        assert desk.add_recipient(made, "mail", "kim@partner.example") == ""
        office.settings = {"confirm": False}
        assert desk.add_recipient(made, "mail", "kim@other.example") == ""
    office.settings = {}
    with acting(COMMAND):
        assert desk.add_recipient(made, "mail", OUT) == ""

    assert server.mails == []


def test_a_server_that_is_away_leaves_them_waiting_and_they_are_asked_again_at_most_hourly(
    office: House, server: MailServer
) -> None:
    desk = Office(office.rounds)
    server.rcpt = {OUT: "450 Busy"}
    with acting(EDITOR):
        made = desk.add("", "morning")["id"]
        assert "could not be asked" in desk.add_recipient(made, "mail", OUT)
        (row,) = desk.recipients(made)
        server.rcpt = {}
        assert "was asked by mail" in desk.ask_again(made, row["id"])
        with pytest.raises(UsageError, match="within the hour"):
            desk.ask_again(made, row["id"])

    asked_for(server)


def test_a_person_is_asked_once_for_all_reports_of_a_site(office: House, server: MailServer) -> None:
    desk = Office(office.rounds)
    with acting(EDITOR):
        morning, weekly, comments = (desk.add("", kind)["id"] for kind in ("morning", "weekly", "comments"))
        desk.add_recipient(morning, "mail", OUT)
        said = desk.add_recipient(weekly, "mail", OUT)
        (waits,) = desk.recipients(weekly)
        with pytest.raises(UsageError, match="within the hour"):
            desk.ask_again(weekly, waits["id"])
    get(stops(desk, nobody), asked_for(server), "POST")
    with acting(EDITOR):
        known = [each["is_confirmed"] for made in (morning, weekly) for each in desk.recipients(made)]
        at_once = desk.add_recipient(comments, "mail", OUT)

    assert "was asked already" in said
    assert known == [True, True]
    assert at_once == ""
    assert server.taken == {OUT: 1}


def test_who_stopped_a_report_is_asked_again_before_it_comes_back(office: House, server: MailServer) -> None:
    desk = Office(office.rounds)
    with acting(EDITOR):
        morning, weekly = (desk.add("", kind)["id"] for kind in ("morning", "weekly"))
        desk.add_recipient(morning, "mail", OUT)
        desk.add_recipient(weekly, "mail", OUT)
    get(stops(desk, nobody), asked_for(server), "POST")
    with acting(EDITOR):
        desk.stop(desk.recipients(weekly)[0]["id"], "They stopped it by the link in a mail.")
        said = desk.add_recipient(weekly, "mail", OUT)
        (back,) = desk.recipients(weekly)

    assert "was asked by mail" in said
    assert not back["is_confirmed"]
    assert server.taken == {OUT: 2}


def test_a_name_injects_no_header_into_the_question(office: House, server: MailServer) -> None:
    desk = Office(office.rounds)
    with acting(EDITOR):
        made = desk.add("Morning\r\nBcc: all@evil.example", "morning")["id"]
        desk.add_recipient(made, "mail", OUT)
    ((to, message),) = server.mails

    assert (to, message["Bcc"]) == (OUT, None)
