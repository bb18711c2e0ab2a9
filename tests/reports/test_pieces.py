"""Mails about single pieces, a day and a week after each came out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from analytics.control import outbox
from analytics.control.identity import COMMAND, acting
from analytics.control.subscriptions import Subscription
from analytics.errors import UsageError
from analytics.reports.office import Office
from analytics.reports.overdue import AFTER, NOT_PLANNED, overdue
from analytics.reports.schedule import AFTER_PIECES
from tests.builders import SITE, Article, Row, article, engagement, utc, view
from tests.newsroom import Newsroom
from tests.reports.post import DUE, MailServer
from tests.reports.post import Office as House

ADA, BEA = "ada@news.example", "bea@news.example"
OUT = DUE - dt.timedelta(days=1)
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)


def piece(name: str, out: dt.datetime = OUT, authors: tuple[str, ...] = ("u9",), **more: Any) -> list[Any]:
    """A piece that was read after one hour and after a day and an hour."""
    rows: list[Article | Row] = [article(name, title=f"On {name}", published_at=out, authors=authors, **more)]
    for hours in (1, 25):
        at, of = out + dt.timedelta(hours=hours), f"{name}-{hours}"
        rows += [
            view(of, at, name, of),
            engagement(of, at + dt.timedelta(minutes=1), 20_000, acts=1, visitor=of),
        ]
    return rows


def follow(office: House, *addresses: str, **values: Any) -> Subscription:
    given = {"kind": "author", "schedule": AFTER_PIECES, "kept": {"author": ["u9"]}, **values}
    return office.subscribe(*addresses, **given)


def subjects(server: MailServer) -> list[str]:
    return [str(message["Subject"]) for _to, message in server.mails]


@pytest.fixture
def desk(office: House) -> Iterator[Office]:
    with acting(COMMAND):
        yield Office(office.rounds)


def test_a_piece_is_told_once_after_a_day_and_once_after_a_week(
    office: House, server: MailServer, newsroom: Newsroom
) -> None:
    newsroom.take(*piece("P"))
    follow(office, ADA)

    for _ in range(3):
        office.later(minutes=20)
    assert subjects(server) == ["On P: 1 read in the first 24 hours"]

    office.now = OUT + WEEK + dt.timedelta(hours=2)
    for _ in range(3):
        office.later(minutes=20)

    # Nothing came in for a week, so nobody can say that this is all.
    assert subjects(server)[1:] == ["On P: (incomplete) 2 reads in the first 7 days"]
    assert office.states() == {ADA: "sent"}


def test_a_corrected_date_tells_nothing_twice(office: House, server: MailServer, newsroom: Newsroom) -> None:
    newsroom.take(*piece("P"))
    made = follow(office, ADA)
    office.rounds.round()

    newsroom.take(article("P", published_at=OUT + dt.timedelta(hours=5), authors=("u9",)))
    for _ in range(2):
        office.later(hours=8)

    assert len(server.mails) == 1
    moved = DUE + dt.timedelta(hours=5)
    assert outbox.plan(office.control, made, moved, [], office.now, about=("P", "24h")) is None


def test_a_piece_that_another_id_took_over_is_not_told_again(
    office: House, server: MailServer, newsroom: Newsroom
) -> None:
    newsroom.take(*piece("P"))
    follow(office, ADA)
    office.rounds.round()

    newsroom.take(article("P2", published_at=OUT, authors=("u9",), aliases=("P",)))
    office.later(minutes=20)

    assert len(server.mails) == 1


def test_a_piece_that_the_catalogue_learns_of_late_is_told_late(
    office: House, server: MailServer, newsroom: Newsroom
) -> None:
    follow(office, ADA, due_through=utc("2026-05-05 00:00"))
    office.rounds.round()

    newsroom.take(*piece("P"))
    office.later(minutes=1)

    assert subjects(server) == ["On P: 1 read in the first 24 hours"]


def test_after_a_stop_each_piece_is_told_once_and_nothing_after_a_week(
    office: House, server: MailServer, newsroom: Newsroom
) -> None:
    newsroom.take(*piece("P"), *piece("old", OUT - WEEK), *piece("older", OUT - WEEK - DAY))
    follow(office, ADA, due_through=OUT - WEEK - DAY)

    office.now = OUT + WEEK + dt.timedelta(hours=2)
    office.rounds.round()
    office.later(minutes=20)

    found = {run.article_id: (run.age, run.state, run.why) for run in outbox.runs(office.control)}
    missed = "Stands for 1 earlier ones that were missed while nothing ran."
    assert subjects(server) == ["On P: (incomplete) 2 reads in the first 7 days"]
    assert found["P"] == ("7d", "done", missed)
    assert found["old"][:2] == found["older"][:2] == ("7d", "skipped")
    assert "more than a week ago" in found["old"][2]


def test_two_pieces_of_one_minute_go_to_whom_they_are_for(
    office: House, server: MailServer, newsroom: Newsroom
) -> None:
    newsroom.take(*piece("P"), *piece("Q", authors=("u8",)), *piece("both", authors=("u8", "u9")))
    made = follow(office, ADA)
    office.add(made, BEA, kept={"author": ["u8"]})

    office.rounds.round()

    told = sorted((to, str(message["Subject"]).partition(":")[0]) for to, message in server.mails)
    assert told == [(ADA, "On P"), (ADA, "On both"), (BEA, "On Q"), (BEA, "On both")]


def test_what_ends_after_planning_goes_on_and_plans_nothing_twice(
    office: House, server: MailServer, newsroom: Newsroom
) -> None:
    newsroom.take(*piece("P"))
    follow(office, ADA)

    def die(step: str) -> None:
        if step == "planned":
            raise KeyboardInterrupt

    office.rounds.step = die
    with pytest.raises(KeyboardInterrupt):
        office.rounds.round()
    office.rounds.step = lambda _step: None
    office.rounds.round()

    assert len(server.mails) == len(outbox.runs(office.control)) == 1


def test_a_holiday_and_a_piece_that_nobody_read_are_skipped_and_said(
    office: House, server: MailServer, newsroom: Newsroom
) -> None:
    newsroom.take(*piece("P"), article("unread", published_at=OUT, authors=("u8",)))
    follow(office, ADA, holidays=["2026-05-06"])
    follow(office, BEA, kept={"author": ["u8"]})

    office.rounds.round()

    found = {run.article_id: (run.state, run.why) for run in outbox.runs(office.control)}
    assert server.mails == []
    assert found["P"] == ("skipped", "Rests: a day off.")
    assert found["unread"][0] == "skipped"
    assert found["unread"][1] == "Nobody read it in this time."


def test_what_was_sent_opens_as_sent_and_late_readers_show_as_a_difference(
    office: House, server: MailServer, newsroom: Newsroom, desk: Office
) -> None:
    newsroom.take(*piece("P"))
    made = follow(office, ADA)
    office.rounds.round()
    (row,) = desk.history(made.subscription_id)

    report, _letter = desk.sent(row["copy"])
    assert row["about"] == "“On P” after 24 hours"
    assert report.days == "The first 24 hours: Tue 5 May 07:00 to Wed 6 May 07:00, America/Sao_Paulo"
    assert desk.since(row["copy"])[1] == []

    newsroom.take(view("late", OUT + dt.timedelta(hours=2), "P", "x"))
    changed = {(each.row, each.sent, each.now) for each in desk.since(row["copy"])[1]}
    assert ("Views", "1", "2") in changed


def test_the_numbers_are_those_of_the_articles_page_at_that_age(office: House, newsroom: Newsroom) -> None:
    newsroom.take(*piece("P"), *[view(f"o{n}", OUT + dt.timedelta(hours=n), "P", f"o{n}") for n in range(40)])
    made = follow(office, ADA)

    for age in ("24h", "7d"):
        report = office.rounds.build(made, made.kept, of=("P", age))
        named = {each.metric: each.value for each in report.numbers()}
        for metric in ("views", "reads", "read_rate", "comments"):
            asked = newsroom.values_of("article", metric, "2026-05-05", basis="published_in", horizon=age)
            assert named[metric] == asked.get("P", 0), (metric, age)


def test_rounds_that_stand_still_are_noticed_and_late_pieces_are_no_alarm(
    office: House, newsroom: Newsroom
) -> None:
    newsroom.take(*piece("P"))
    follow(office, ADA)
    assert overdue(office.rounds, office.now) == []

    office.now += AFTER
    assert [(each.due_at, each.cause) for each in overdue(office.rounds, office.now)] == [(DUE, NOT_PLANNED)]

    office.rounds.round()
    newsroom.take(*piece("late", OUT + dt.timedelta(hours=1)))
    assert overdue(office.rounds, office.now) == []


def test_a_run_by_hand_names_the_piece_that_each_got(
    desk: Office, newsroom: Newsroom, server: MailServer
) -> None:
    newsroom.take(*piece("P"), *piece("Q", authors=("u8",)))
    made = desk.add("", "author", site=SITE, when=AFTER_PIECES, where={"author": ["u9"]})["id"]
    desk.add_recipient(made, "mail", ADA)
    desk.add_recipient(made, "mail", BEA, where={"author": ["u8"]})

    rows = desk.send(made)

    assert {row["to"]: row["about"] for row in rows} == {
        ADA: "“On P” after 24 hours",
        BEA: "“On Q” after 24 hours",
    }


def test_only_an_authors_sheet_follows_pieces_and_it_says_when(desk: Office, newsroom: Newsroom) -> None:
    with pytest.raises(UsageError, match="does not follow single pieces"):
        desk.add("", "morning", site=SITE, when=AFTER_PIECES)

    newsroom.take(article("P", published_at=OUT, authors=("u9",)))
    made = desk.add("", "author", site=SITE, when="a week after each piece", where={"author": ["u9"]})
    assert made["schedule"] == "7 days after each piece, America/Sao_Paulo"
    assert (made["next"], made["period"]) == ("2026-05-12 07:00", "from publication on")

    with pytest.raises(UsageError, match="old enough"):
        desk.preview(made["id"])
    desk.edit(made["id"], when=AFTER_PIECES)
    report, _letter = desk.preview(made["id"])
    assert (report.article_id, report.age) == ("P", "24h")
