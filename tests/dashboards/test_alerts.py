"""The page of alerts: suggestions, rules, the form of its address, history, and what buttons say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics.alerts.asked import Answer
from analytics.alerts.kinds import KINDS
from analytics.control.identity import Identity, Policy, Role, acting
from analytics.desk import Desk
from analytics.errors import TearsheetError
from dashboards import components, filters
from dashboards.pages.alerts import act, form, history, rules
from tests.builders import SITE, article, comment, utc, view
from tests.dashboards.small import at, desk_of, links, said
from tests.newsroom import NOW

PAGE = at("/alerts")
VIEWER = Identity("person", "p1", "Bea", {SITE: Role.VIEWER})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    storm = [comment(f"c{n}", "pending", utc("2026-05-06 12:40"), article="A1") for n in range(40)]
    story = article("A1", title="Budget vote", section="politics", authors=["u1"])
    with desk_of(tmp_path, story, view("v1", "2026-05-06 12:30"), *storm) as opened:
        opened.clock = lambda: utc(NOW)
        opened.alerts.watch.ask = lambda _rule: Answer("Slow pages", 2)
        opened.alerts._check_query = lambda _query: None
        yield opened


def press(desk: Desk, does: str, alert: str, **fields: Any) -> str:
    return said(act.done_of(desk, PAGE, {"does": does, "of": alert}, fields).said)


def fired(desk: Desk) -> str:
    """Let a saved query raise an alert; gives its id."""
    desk.alerts.add("query", query="q1")
    desk.alerts.watch.rounds.clock = lambda: utc(NOW) + dt.timedelta(minutes=16)
    desk.alerts.round()
    return str(desk.alerts.history()[0]["id"])


def own(desk: Desk) -> dict[str, Any]:
    """The one rule that is not of the house."""
    (row,) = [each for each in desk.alerts.listed() if not KINDS[each["kind"]].is_service]
    return row


def test_an_empty_page_suggests_three_with_what_they_would_have_told(desk: Desk) -> None:
    words = said(rules.draw(desk, PAGE))

    assert words.count("Watch this") == 3
    assert "Would have fired 1 time in the last 28 days." in words
    assert "Would have fired not once in the last 28 days." in words
    assert "40 comments came within an hour under “" in words


def test_a_suggestion_is_one_click_away(desk: Desk) -> None:
    assert "is watched from now on" in press(desk, "suggested", "2")

    words = said(rules.draw(desk, PAGE))
    assert "Comment storm" in words
    assert "Watch this" not in words
    assert "nobody yet: it rings the bell only" in words


@pytest.mark.parametrize("kind", [name for name, each in KINDS.items() if not each.is_service])
def test_every_kind_has_a_form_at_its_address(desk: Desk, kind: str) -> None:
    words = said(form.draw(desk, at(f"/alerts?new={kind}&query=q7")))

    assert f"A new alert: {KINDS[kind].title}" in words
    assert "Save" in words


def test_the_address_of_a_saved_query_fills_the_form_in(desk: Desk) -> None:
    drawn = str(form.draw(desk, at("/alerts?new=query&query=q7")))

    assert "value='q7'" in drawn
    assert filters.parse("/alerts", "?new=query&query=q7").href() == "/alerts?new=query&query=q7"


def test_a_form_is_tried_and_saved(desk: Desk) -> None:
    fields = {"metric": "comments_created", "bound": 30, "readings": 1, "repeat": "daily", "quiet": "22-7",
              "name": "Storm", "to": "ada@news.example", "way": "mail"}  # fmt: skip

    assert press(desk, "dry", "storm", **fields).startswith("Would have fired 1 time in the last 28 days.")
    assert press(desk, "save", "storm", **fields).startswith("Storm is watched from now on")
    (row,) = desk.alerts.listed()
    assert (row["quiet"], row["repeat"], row["recipients"]) == ("22:00-07:00", "daily", ["ada@news.example"])

    assert "Edit “Storm”" in said(form.draw(desk, at(f"/alerts?rule={row['id']}")))
    press(desk, "save", row["id"], **{**fields, "bound": 60})
    assert "60 or more" in desk.alerts.listed()[0]["watches"]


def test_what_an_alert_is_about_is_picked_by_name(desk: Desk) -> None:
    assert desk.alerts.entities(SITE, "article", "budg") == [("A1", "Budget vote")]
    assert desk.alerts.entities(SITE, "section") == [("politics", "politics")]
    assert desk.alerts.entities(SITE, "author", "nobody", ["u1"]) == [("u1", "Name of u1")]
    assert desk.alerts.entities(SITE, "site", "budg") == []
    fields = {"metric": "views", "dimension": "section", "ids": ["politics"], "grain": "hour",
              "direction": "above", "level": "3", "readings": 1}  # fmt: skip
    assert "Views of politics by hours" in press(desk, "save", "learned", **fields)


def test_who_is_told_is_chosen_and_taken_off_on_the_page(desk: Desk) -> None:
    press(desk, "suggested", "2")
    rule = own(desk)["id"]
    page = at(f"/alerts?rule={rule}")

    assert "Nobody yet" in said(form.draw(desk, page))
    assert "no mail address" in press(desk, "to", rule, to="nobody")
    assert "is told from now on" in press(desk, "to", rule, to="ada@news.example")
    press(desk, "to", rule, to="alerts", way="folder")
    words = said(form.draw(desk, page))
    assert "ada@news.example" in words
    assert "a folder of the home" in words
    (mail, _folder) = desk.alerts.recipients(rule)
    assert press(desk, f"off-{mail['id']}", rule) == "Taken off the list."
    assert "ada@news.example" not in said(form.draw(desk, page))
    assert press(desk, "test", rule) == "A test was sent to alerts."


def test_what_happened_opens_with_its_figure_before_and_after(desk: Desk) -> None:
    storm = desk.alerts.add("storm", metric="comments_created", bound=30.0)
    desk.alerts.read_from(storm["id"], utc("2026-05-06 00:00"))
    desk.alerts.round()
    (row,) = desk.alerts.history()
    found = desk.alerts.around(row["id"])
    page = at(f"/alerts?alert={row['id']}")

    assert [(point.at.hour, point.value) for point in found.points if point.value] == [(9, 40.0)]
    assert ("The alert is set at", "30") in found.facts
    drawn = said(history.draw_one(desk, page))
    assert "What was known at Wed 6 May 09:45" in drawn
    assert "40 comments came within an hour" in drawn
    assert page.href() == f"/alerts?alert={row['id']}"
    with pytest.raises(TearsheetError, match="no such alert"):
        history.draw_one(desk, at("/alerts?alert=e0"))
    desk.alerts.delete(storm["id"])
    assert "The rule" not in said(history.draw_one(desk, page))


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("storm", {"metric": "comments_created", "bound": None, "readings": 1}, "no number above 0"),
        (
            "storm",
            {"metric": "comments_created", "bound": 5, "readings": 1, "to": "nobody"},
            "no mail address",
        ),
        ("learned", {"metric": "views", "dimension": "section", "ids": ["Weather"]}, "no section 'Weather'"),
        ("learned", {"metric": "views", "dimension": "article", "ids": []}, "Which articles?"),
        ("drop", {"metric": "views", "bound": 100}, "Nothing falls by 100 %"),
        ("level", {"metric": "views", "bound": 5, "quiet": "late"}, "no quiet hours"),
        ("query", {"query": ""}, "Which saved query?"),
    ],
)
def test_what_cannot_be_watched_is_refused_and_not_kept(
    desk: Desk, kind: str, fields: dict[str, Any], words: str
) -> None:
    whole = {"dimension": "site", "grain": "hour", "direction": "above", "level": "2", "readings": 1} | fields

    assert words in press(desk, "save", kind, **whole)
    assert desk.alerts.listed() == []


def test_what_happened_stands_in_the_history_and_the_bell_counts_it(desk: Desk) -> None:
    episode = fired(desk)

    words = said(history.draw(desk, PAGE))
    assert "1 alert open" in words
    assert "The saved query “Slow pages” gives 2 rows." in words
    assert "Alerts, 1 open" in said(components.rung(desk.alerts.count_open()))

    assert "you look after it" in press(desk, "acknowledge", episode)
    assert "acknowledged" in said(history.draw(desk, PAGE))
    assert "Alerts, none open" in said(components.rung(desk.alerts.count_open()))


def test_a_false_alarm_offers_a_calmer_rule(desk: Desk) -> None:
    episode = fired(desk)

    assert "2 readings in a row would not have fired on this" in press(desk, "false", episode)
    assert "is calmer now" in press(desk, "calm", episode)
    assert "2 readings in a row" in own(desk)["watches"]


def test_viewers_see_alerts_and_change_none(desk: Desk) -> None:
    episode = fired(desk)
    rule = own(desk)["id"]
    with acting(VIEWER):
        assert "Slow pages" in said(history.draw(desk, PAGE))
        assert "Looked after" not in said(history.draw(desk, PAGE))
        assert "Editors make alerts" in said(form.draw_kinds(desk, PAGE))
        for does, which in (("acknowledge", episode), ("delete", rule), ("mute", rule), ("suggested", "0")):
            assert "role of an editor" in press(desk, does, which)
    calm = Identity("person", "p4", "Eve", {SITE: Role.VIEWER}, policies={SITE: {"viewer": Policy.CALM}})
    for who in (calm, Identity("person", "p2", "Cyd", {})):
        with acting(who):
            assert desk.alerts.history() == desk.alerts.listed() == []
            assert desk.alerts.count_open() == 0
    with acting(Identity("person", "p2", "Cyd", {})):
        assert desk.alerts.history() == desk.alerts.listed() == []
        assert desk.alerts.count_open() == 0


def test_rules_of_the_house_belong_to_admins(desk: Desk) -> None:
    desk.alerts.round()
    (silent,) = [each for each in desk.alerts.listed() if each["kind"] == "silent"]
    with acting(Identity("person", "p3", "Dot", {SITE: Role.EDITOR})):
        assert "role of an admin" in press(desk, "pause", silent["id"])
    press(desk, "pause", silent["id"])
    assert "paused" in said(rules.draw(desk, PAGE))


def test_the_page_is_in_the_navigation() -> None:
    assert links(components.nav_links("/alerts"))["Alerts"] == "/alerts"
