"""The watch: what it reads when, whom it tells, and what it keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from analytics.alerts.asked import Answer
from analytics.alerts.look import Eyes, look
from analytics.alerts.spells import Read, follow, openings
from analytics.control import alerts as kept
from analytics.control import outbox, people
from analytics.control.identity import Role
from analytics.errors import TearsheetError
from analytics.reports.overdue import AFTER
from tests.alerts.conftest import House
from tests.alerts.series import NOW, Series
from tests.builders import SITE
from tests.reports.post import MailServer, free_port

ADA, BEA = "ada@news.example", "bea@news.example"


def subjects(server: MailServer) -> list[str]:
    return [str(mail["Subject"]) for _, mail in server.mails]


def test_watching_hour_by_hour_finds_what_the_dry_run_says(looking: House, series: Series) -> None:
    since = series.of("viral")[1].began
    until = since + dt.timedelta(hours=24)
    rule_id = looking.add("learned", metric="views", direction="either", level=2, readings=2)
    foretold = looking.watch.dry_run(kept.one(looking.control, rule_id), since)
    kept.change(looking.control, rule_id, read_through=since)
    for hour in range(25):
        looking.post.now = since + dt.timedelta(hours=hour, minutes=12)
        looking.watch.round()

    opened = [each.opened_at for each in looking.episodes(rule_id)]
    assert opened == [each.reading.at for each in foretold if each.reading.at <= until]
    assert opened


def test_an_alert_says_its_number_what_is_usual_since_when_and_where(
    looking: House, series: Series, server: MailServer
) -> None:
    (event, *_) = series.of("viral")
    looking.post.now = event.began
    rule_id = looking.add("expected", ADA, metric="reads", level=2, readings=2)
    for hour in range(1, 12):
        looking.at(event.began + hour * dt.timedelta(hours=1))

    assert len(looking.episodes(rule_id)) >= 1
    (mail, *_) = [mail for _, mail in server.mails if event.entity in str(mail["Subject"])]
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert f"“Story {event.entity}” has" in str(mail["Subject"])
    for word in (
        "what is expected at its age",
        "Since",
        "Mute it for a day: http",
        "Edit this alert: http",
        "What was known: http",
        "because of",
    ):
        assert word in text
    (row,) = [each for each in looking.alerts.history() if each["entity"] == event.entity]
    assert row["value"] > row["bound"] > row["high"] > row["middle"]
    assert (row["state"], row["n"] >= 20) == ("open", True)


def test_it_is_told_once_and_again_only_where_that_is_wanted(house: House, server: MailServer) -> None:
    once = house.add("query", ADA, query="q1", name="Once")
    house.add("query", BEA, query="q1", name="Each day", repeat="daily")
    house.answer = Answer("Slow pages", 3)
    house.later(minutes=16)
    for _ in range(4):
        house.later(hours=8)

    told = dict(server.taken)
    assert told == {ADA: 1, BEA: 2}
    assert "Alert: The saved query “Slow pages” gives 3 rows." in subjects(server)
    assert "Alert: Still so: The saved query “Slow pages” gives 3 rows." in subjects(server)
    assert [each.is_open for each in house.episodes(once)] == [True]


def test_a_query_that_breaks_says_so_and_stops_nobody(house: House) -> None:
    def broken(_rule: object) -> Answer:
        raise TearsheetError("It took too long.")

    house.watch.ask = broken
    house.add("query", query="q1", name="Slow")
    house.later(minutes=16)

    (row,) = [each for each in house.alerts.listed() if each["name"] == "Slow"]
    assert row["trouble"] == "It took too long."
    assert house.alerts.history() == []


def test_nobody_is_told_in_quiet_hours_but_afterwards_if_it_goes_on(house: House, server: MailServer) -> None:
    house.add("query", ADA, query="q1", quiet="22:00-07:00")  # it is midnight in the newsroom
    house.answer = Answer("Slow pages", 1)
    house.later(minutes=16)
    house.later(hours=5)
    assert server.taken == {}

    house.later(hours=2)

    assert server.taken == {ADA: 1}


def test_what_is_over_before_the_quiet_hours_end_is_not_told(house: House, server: MailServer) -> None:
    rule_id = house.add("query", ADA, query="q1", quiet="22:00-07:00")
    house.answer = Answer("Slow pages", 1)
    house.later(minutes=16)
    house.answer = Answer("Slow pages", 0)
    house.later(minutes=16)
    house.later(hours=8)

    assert server.taken == {}
    assert [each.closed_at is not None for each in house.episodes(rule_id)] == [True]


@pytest.mark.parametrize(
    "rest",
    [
        lambda alerts, rule_id: alerts.mute(rule_id, 24),
        lambda alerts, rule_id: alerts.mute_by_link(rule_id),
        lambda alerts, rule_id: alerts.pause(rule_id),
        lambda alerts, rule_id: alerts.delete(rule_id),
    ],
)
def test_muted_paused_and_deleted_rules_tell_nobody(
    house: House, server: MailServer, rest: Callable[..., object]
) -> None:
    rule_id = house.add("query", ADA, query="q1")
    rest(house.alerts, rule_id)
    house.answer = Answer("Slow pages", 1)
    house.later(minutes=16)

    assert server.taken == {}


def test_who_looks_after_it_is_not_told_again_and_the_bell_is_still(house: House, server: MailServer) -> None:
    house.add("query", ADA, query="q1", repeat="hourly")
    house.answer = Answer("Slow pages", 1)
    house.later(minutes=16)
    assert house.alerts.count_open() == 1

    house.alerts.acknowledge(house.alerts.history()[0]["id"])
    house.later(hours=3)

    assert (server.taken, house.alerts.count_open()) == ({ADA: 1}, 0)
    assert house.alerts.history()[0]["acknowledged_by"] == "tearsheet"


def test_a_desk_that_dies_while_it_tells_tells_once(house: House, server: MailServer) -> None:
    class DiedError(Exception):
        pass

    def die(*_: object, **__: object) -> None:
        raise DiedError

    house.add("query", ADA, query="q1")
    house.answer = Answer("Slow pages", 1)
    with pytest.MonkeyPatch.context() as patch:  # between the outbox and the note that it was told
        patch.setattr(kept, "change_episodes", die)
        with pytest.raises(DiedError):
            house.later(minutes=16)
    house.later(minutes=1)
    house.later(minutes=1)

    assert server.taken == {ADA: 1}


def test_the_house_watches_itself_and_says_when_all_is_well_again(house: House, server: MailServer) -> None:
    people.add(house.control, ADA, "Ada", {"*": Role.ADMIN}, NOW)
    people.add(house.control, BEA, "Bea", {SITE: Role.EDITOR}, NOW)
    house.at(NOW)
    house.troubles.append(("recount", "Days are not counted: the disk is full."))
    house.later(minutes=6)
    house.troubles.clear()
    house.later(minutes=6)
    house.later(minutes=6)

    assert server.taken == {ADA: 2}
    assert subjects(server)[0] == "Service: Days are not counted: the disk is full."
    assert subjects(server)[1].startswith("All well again: Over since ")
    assert subjects(server)[1].endswith(". It was: Days are not counted: the disk is full.")


def test_a_deleted_rule_of_the_house_does_not_come_back(house: House) -> None:
    house.at(NOW)
    for row in house.alerts.listed():
        house.alerts.delete(row["id"])
    house.later(minutes=6)

    assert house.alerts.listed() == []


def test_a_report_that_did_not_go_out_is_told_by_another_way(looking: House) -> None:
    house = looking
    owner = people.add(house.control, ADA, "Ada", {SITE: Role.EDITOR}, NOW)
    house.at(NOW)
    house.post.settings = {"port": free_port()}  # the mail server is off
    report = house.post.subscribe(
        BEA, site_id=SITE, made_at=NOW, due_through=NOW, zone="UTC", schedule="every day at 22:05",
        made_by=owner.person_id,
    )  # fmt: skip
    for _ in range(6):
        house.later(minutes=4)

    (late,) = [each for each in house.alerts.history() if each["kind"] == "report"]
    assert late["sentence"].startswith(
        "The report “Morning” of Mon 25 May, 00:05, has not gone out: The mail"
    )
    assert house.alerts.count_open() == 1
    (told,) = (house.home / "reports" / "alerts").glob("*.html")
    assert "has not gone out" in told.read_text()
    (rule,) = [each for each in kept.listed(house.control) if each.kind == "report"]
    ledger = house.alerts.watch.rounds
    ways = [
        each.way
        for run in outbox.runs(house.control, [rule.subscription_id])
        for each in outbox.deliveries(ledger.control, run.run_id)
    ]
    assert ways == ["folder"]  # the owner has a mail address, too, but mail is what failed
    assert dt.datetime.fromisoformat(late["opened"]).astimezone(dt.UTC).replace(tzinfo=None) <= (
        NOW + dt.timedelta(minutes=5) + AFTER + dt.timedelta(minutes=4)
    )
    assert report.subscription_id == late["entity"].partition("@")[0]


def test_no_figure_is_read_while_what_came_in_is_not_counted(looking: House, series: Series) -> None:
    (event, *_) = series.of("drop")
    looking.post.now = event.began
    rule_id = looking.add("drop", metric="views", bound=0.5)
    looking.is_behind = True
    looking.at(event.ended + dt.timedelta(minutes=15))
    assert looking.episodes(rule_id) == []
    looking.is_behind = False
    looking.later(minutes=1)

    assert len(looking.episodes(rule_id)) == 1


def test_a_figure_that_was_read_while_more_came_in_is_read_again(
    looking: House, series: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*asked: Any) -> Read:
        looking.is_behind = True
        return look(*asked)

    (event, *_) = series.of("drop")
    looking.post.now = event.began
    rule_id = looking.add("drop", metric="views", bound=0.5)
    with monkeypatch.context() as patch:
        patch.setattr("analytics.alerts.look.look", meanwhile)
        looking.at(event.ended + dt.timedelta(minutes=15))
    assert looking.episodes(rule_id) == []
    looking.is_behind = False
    looking.later(minutes=1)

    assert len(looking.episodes(rule_id)) == 1


def test_a_false_alarm_suggests_what_would_have_kept_it_still(looking: House, series: Series) -> None:
    rule_id = looking.add("storm", metric="comments_created", bound=30.0)
    (event, *_) = series.of("storm")
    kept.change(looking.control, rule_id, read_through=event.began)
    looking.at(event.ended + dt.timedelta(minutes=1))
    (episode,) = looking.episodes(rule_id)

    said, values = looking.alerts.false_alarm(episode.episode_id)

    assert said
    rule = replace(kept.one(looking.control, rule_id), **values)
    assert (
        openings(follow({}, _read(looking, rule, event.began, event.ended), rule.readings).going.values())
        == []
    )
    assert looking.alerts.history()[0]["state"] == "false alarm"


def test_a_silence_is_told_once_however_often_it_is_looked_at(looking: House, series: Series) -> None:
    (event, *_) = series.of("silence")
    rule, step = looking.alerts.draft("silent"), dt.timedelta(minutes=5)
    found, at, ended = follow({}, Read(), 1), event.began, []
    while at < event.ended + 12 * step:
        at += step
        eyes = Eyes(looking.store, "Europe/Berlin", at)
        found = follow(found.going, look(eyes, rule, at - step, at, found.going), 1)
        ended += found.ended

    assert len(openings(ended)) == 1
    assert not found.going


def _read(house: House, rule: kept.Rule, since: dt.datetime, until: dt.datetime) -> Read:
    return look(Eyes(house.store, "Europe/Berlin", NOW), rule, since, until)
