"""Alerts from outside: the API, the link of a mail, the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from analytics.alerts.doors import mutes
from analytics.alerts.tell import MUTE
from analytics.control import alerts as kept
from analytics.control.identity import COMMAND, Identity, Policy, Role, acting
from tests.alerts.conftest import House
from tests.alerts.series import NOW
from tests.api.desk import Asked, asked
from tests.builders import SITE
from tests.commands import tearsheet


def get(app: Any, path: str, method: str = "GET") -> tuple[int, str]:
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(app({"type": "http", "path": path, "method": method, "headers": []}, None, send))
    return said[0]["status"], said[1]["body"].decode()


async def nobody(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_the_link_in_a_mail_mutes_by_post_only(house: House) -> None:
    rule_id = house.add("query", query="q1")
    app = mutes(house.alerts, nobody)
    path = f"{MUTE}{house.rounds.keys.token('mute', rule_id)}"

    assert get(app, path)[0] == 200
    assert kept.one(house.control, rule_id).muted_until is None
    assert "is muted for a day" in get(app, path, "POST")[1]
    assert kept.one(house.control, rule_id).is_muted(NOW)
    assert get(app, path[:-3], "POST")[0] == 404
    assert get(app, f"{MUTE}{house.rounds.keys.token('stop', rule_id)}", "POST")[0] == 404
    assert get(app, "/a/other")[0] == 418


@pytest.fixture
def api(tmp_path: Path, empty_file: Path) -> Any:
    with asked(tmp_path, empty_file) as found:
        yield found


def test_programs_read_what_the_page_shows(api: Asked) -> None:
    made = api.desk.alerts.add("storm", site=SITE, bound=1.0, metric="comments_created")
    kept.change(api.desk.control, made["id"], read_through=api.desk.clock().replace(hour=0))
    api.desk.alerts.round()

    (row,) = api.rows(f"alerts?site={SITE}&alert={made['id']}")
    assert (row["entity_name"], row["value"], row["bound"], row["state"]) == ("Cup final", 1.0, 1.0, "open")
    assert api.get(f"alerts?site={SITE}&state=open").json()["open"] == 1
    assert {each["kind"] for each in api.rows(f"alerts/rules?site={SITE}")} == {
        "storm",
        "silent",
        "report",
        "house",
    }
    assert "Cup final" in api.get(f"alerts?site={SITE}", Accept="text/csv").text
    assert api.get(f"alerts?site={SITE}&alert=a0").status_code == 404


@pytest.mark.parametrize(
    ("identity", "status"),
    [
        (Identity("person", "p1", "Ann", {SITE: Role.VIEWER}), 200),
        (Identity("person", "p2", "Bea", {"other.example": Role.ADMIN}), 403),
        (Identity("key", "k1", "Wall", scopes=frozenset({"read"}), sites=frozenset({SITE})), 200),
        (Identity("key", "k3", "Desk", scopes=frozenset({"alerts"}), sites=frozenset({SITE})), 200),
        (
            Identity("key", "k4", "Else", scopes=frozenset({"alerts"}), sites=frozenset({"other.example"})),
            403,
        ),
        (Identity("key", "k2", "CMS", scopes=frozenset({"catalog"}), sites=frozenset({SITE})), 403),
        (Identity("person", "p3", "Cyd", {SITE: Role.VIEWER}, policies={SITE: {"viewer": Policy.CALM}}), 403),
        (Identity("nobody"), 401),
    ],
)
def test_who_may_read_the_figures_of_a_site_may_read_its_alerts(
    api: Asked, identity: Identity, status: int
) -> None:
    api.identity = identity

    assert api.get(f"alerts?site={SITE}").status_code == status
    assert api.get(f"alerts/rules?site={SITE}").status_code == status


KEY = Identity("key", "k1", "watcher", scopes=frozenset({"alerts"}), sites=frozenset({SITE}))


def test_a_program_makes_changes_mutes_tries_and_removes_a_rule(api: Asked) -> None:
    api.identity = KEY
    made = api.write("POST", "rules", {"kind": "storm", "bound": 30, "to": [{"address": "ada@news.example"}]})
    rule = f"rules/{made['id']}"

    assert (made["name"], made["bound"], made["told"]) == ("Comment storm", 30.0, 1)
    assert api.rows(f"alerts/{rule}/dry-run?days=7") == []
    changed = api.write("PATCH", rule, {"bound": 1, "quiet": "22-7", "is_paused": True})
    assert (changed["bound"], changed["quiet"], changed["is_paused"]) == (1.0, "22:00-07:00", True)
    assert api.get(f"alerts/{rule}/dry-run").json()["said"] == "Would have fired 2 times in the last 28 days."
    assert api.write("POST", f"{rule}/mute?hours=2")["muted_until"] > "2026-05-06T14:59"
    assert api.write("POST", f"{rule}/mute?hours=0")["muted_until"] is None
    (told,) = api.rows(f"alerts/{rule}/recipients")
    added = api.write("POST", f"{rule}/recipients", {"way": "folder", "address": "alerts"})["rows"]
    assert [each["address"] for each in added] == ["ada@news.example", "alerts"]
    (left,) = api.write("DELETE", f"{rule}/recipients/{told['id']}")["rows"]
    assert left["way"] == "folder"
    assert [each["state"] for each in api.write("POST", f"{rule}/test")["rows"]] == ["sent"]
    assert api.write("DELETE", rule) == {"id": made["id"]}
    assert api.rows("alerts/rules") == []
    assert api.ask("PATCH", f"/api/v1/alerts/{rule}", json={"bound": 2}).status_code == 404


def test_a_program_acknowledges_what_happened_and_calls_it_false(api: Asked) -> None:
    api.identity = KEY
    made = api.write("POST", "rules", {"kind": "storm", "bound": 1})
    kept.change(api.desk.control, made["id"], read_through=api.desk.clock().replace(hour=0))
    with acting(COMMAND):
        api.desk.alerts.round()
    (row,) = api.rows("alerts?state=open")

    done = api.write("POST", f"{row['id']}/acknowledge")
    assert (done["state"], done["acknowledged_by"], done["change"]) == ("acknowledged", "watcher", {})
    false = api.write("POST", f"{row['id']}/acknowledge?verdict=false")
    assert (false["state"], false["suggests"]) == ("false alarm", "2 readings in a row")
    assert false["change"] == {"readings": 2}
    assert api.ask("POST", "/api/v1/alerts/e0/acknowledge").status_code == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "dorp"}, "Did you mean drop?"),
        ({"kind": "drop", "bound": 1}, "Nothing falls by 100 %"),
        ({"kind": "rising", "dimension": "section"}, "“Rising again” has no dimension."),
        ({"kind": "learned", "dimension": "section", "ids": ["Wetter"]}, "There is no section 'Wetter'"),
        ({"kind": "level", "boundary": 3}, "unknown field `boundary`"),
        ({"kind": "storm", "to": [{"address": "nobody"}]}, "is no mail address"),
        ({"kind": "query", "query": "q1"}, "There is no"),
    ],
)
def test_what_is_no_rule_is_refused_in_a_sentence_and_not_kept(
    api: Asked, body: dict[str, Any], said: str
) -> None:
    answer = api.ask("POST", f"/api/v1/alerts/rules?site={SITE}", json=body)

    assert answer.status_code == 400
    assert said in answer.json()["message"] + answer.json()["hint"]
    assert api.rows(f"alerts/rules?site={SITE}") == []


@pytest.mark.parametrize(
    ("identity", "status"),
    [
        (Identity("person", "p1", "Ann", {SITE: Role.VIEWER}), 403),
        (Identity("person", "p2", "Bea", {"other.example": Role.ADMIN}), 404),
        (Identity("key", "k1", "Wall", scopes=frozenset({"read"}), sites=frozenset({SITE})), 403),
        (Identity("key", "k2", "CMS", scopes=frozenset({"catalog"}), sites=frozenset({SITE})), 403),
        (Identity("nobody"), 401),
    ],
)
def test_who_may_not_change_alerts_changes_none(api: Asked, identity: Identity, status: int) -> None:
    made = api.write("POST", f"rules?site={SITE}", {"kind": "rising"})["id"]
    api.identity = identity
    rule = f"/api/v1/alerts/rules/{made}"

    tried = [
        api.ask("PATCH", rule, json={"level": 3}),
        api.ask("DELETE", rule),
        api.ask("POST", f"{rule}/mute"),
        api.ask("POST", f"{rule}/test"),
        api.ask("GET", f"{rule}/recipients"),
    ]

    assert {each.status_code for each in tried} == {status}
    assert api.ask("POST", f"/api/v1/alerts/rules?site={SITE}", json={"kind": "rising"}).status_code in {
        401,
        403,
    }


def test_a_key_does_not_silence_what_the_house_watches_of_itself(api: Asked) -> None:
    with acting(COMMAND):
        api.desk.alerts.round()
    api.identity = KEY
    (silent,) = [row for row in api.rows("alerts/rules") if row["kind"] == "silent"]

    assert api.ask("DELETE", f"/api/v1/alerts/rules/{silent['id']}").status_code == 403


def test_an_alert_is_made_tried_muted_and_looked_up_from_the_command_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    tearsheet("init", "--site", SITE, "--timezone", "Europe/Berlin", home=home)

    made = tearsheet(
        "alert", "add", "drop", "--to", "ada@news.example", "--quiet", "22-7", home=home
    ).out.strip()

    (row,) = tearsheet("alert", "list", "--format", "json", home=home).json
    assert (row["id"], row["quiet"], row["recipients"]) == (made, "22:00-07:00", ["ada@news.example"])
    assert "Would have fired not once" in tearsheet("alert", "test", made, home=home).err
    assert "Muted until" in tearsheet("alert", "mute", made, "--hours", "3", home=home).err
    assert "Nothing has happened yet" in tearsheet("alert", "history", home=home).err
    said = tearsheet("alert", "change", made, "--bound", "0.7", "--quiet", "", "--pause", home=home).err
    assert "70\u202f% less than usual" in said or "70 % less than usual" in said
    told = tearsheet("alert", "to", made, "alerts", "--way", "folder", "--format", "json", home=home).json
    assert [row["address"] for row in told] == ["ada@news.example", "alerts"]
    left = tearsheet("alert", "to", made, told[0]["id"], "--remove", "--format", "json", home=home).json
    assert [row["way"] for row in left] == ["folder"]
    (row,) = tearsheet("alert", "list", "--format", "json", home=home).json
    assert (row["bound"], row["quiet"], row["is_paused"]) == (0.7, "", True)
    assert "Removed: " in tearsheet("alert", "remove", made, home=home).err
    assert "No alerts yet" in tearsheet("alert", "list", home=home).err
    assert tearsheet("alert", "acknowledge", "e0", home=home).code == 2
    assert tearsheet("alert", "add", "dorp", home=home).code == 2
    assert tearsheet("alert", "mute", "a0", home=home).code == 2
