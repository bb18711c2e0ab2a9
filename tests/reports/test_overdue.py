from __future__ import annotations

import datetime as dt

from analytics.control import subscriptions
from analytics.reports.overdue import AFTER, NOT_PLANNED, Overdue, overdue
from tests.reports.post import DUE, MailServer, Office, free_port

ADA, BEA = "ada@news.example", "bea@news.example"
MINUTE = dt.timedelta(minutes=1)


def late(office: Office) -> list[Overdue]:
    return overdue(office.rounds, office.now)


def test_a_report_is_overdue_a_quarter_of_an_hour_after_the_mail_server_went_away(office: Office) -> None:
    office.settings = {"port": free_port()}
    office.subscribe(ADA, made_by="ada")
    office.rounds.round()
    office.later(minutes=14)
    assert late(office) == []

    office.later(minutes=1)
    (found,) = late(office)

    assert (found.name, found.owner_id, found.due_at) == ("Morning", "ada", DUE)
    assert (found.ways, found.lost, found.recipients) == (("mail",), 1, 1)
    assert "cannot be reached" in found.cause

    office.settings = {}
    office.later(hours=3)
    assert late(office) == []


def test_a_report_that_one_recipient_lost_names_the_cause(office: Office, server: MailServer) -> None:
    server.rcpt = {ADA: "550 No such user"}
    office.subscribe(ADA, BEA)
    office.rounds.round()

    office.now += AFTER
    (found,) = late(office)

    assert (found.lost, found.recipients) == (1, 2)
    assert "550 No such user" in found.cause


def test_what_was_sent_skipped_or_paused_is_not_overdue(office: Office) -> None:
    office.subscribe(ADA)
    office.subscribe(name="Nobody's")
    office.subscribe(BEA, paused_at=office.now)
    office.rounds.round()

    office.now += AFTER

    assert late(office) == []


def test_rounds_that_stand_still_are_noticed_once_they_had_their_chance(office: Office) -> None:
    office.subscribe(ADA)

    office.now += AFTER - MINUTE
    assert late(office) == []

    office.now += MINUTE
    assert [(each.run_id, each.due_at, each.cause) for each in late(office)] == [("", DUE, NOT_PLANNED)]


def test_what_was_told_a_day_ago_is_not_told_again(office: Office, server: MailServer) -> None:
    server.rcpt = {ADA: "550 No such user"}
    made = office.subscribe(ADA)
    office.rounds.round()
    subscriptions.change(office.control, made.subscription_id, schedule="")

    office.now += dt.timedelta(days=1, hours=1)

    assert late(office) == []
