"""Alerts from outside: the API, the link of a mail, the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from analytics.alerts.doors import mutes
from analytics.alerts.tell import MUTE
from analytics.control import alerts as kept
from analytics.control.identity import Identity, Policy, Role
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
    assert tearsheet("alert", "add", "dorp", home=home).code == 2
    assert tearsheet("alert", "mute", "a0", home=home).code == 2
