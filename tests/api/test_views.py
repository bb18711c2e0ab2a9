"""Saved views and share links by the API: people keep and share, keys only look at what all may see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from analytics.control import people, views
from analytics.control.identity import Identity, Role
from analytics.control.tables import saved_views, share_links
from tests.api.desk import OTHER, Asked, asked
from tests.builders import SITE

VIEW = {"name": "Politics", "address": "/articles?period=7d&section=politics"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Iterator[Asked]:
    with asked(tmp_path_factory.mktemp("api"), empty_file) as found:
        for name, role in (("vera", Role.VIEWER), ("ed", Role.EDITOR)):
            people.add(found.desk.control, name, name.title(), {SITE: role}, found.desk.clock())
        yield found


@pytest.fixture
def api(served: Asked) -> Asked:
    """The desk that all share, without a view or link, asked as an editor."""
    with served.desk.control.write() as connection:
        connection.execute(delete(saved_views))
        connection.execute(delete(share_links))
    as_(served, "ed")
    return served


def as_(api: Asked, name: str) -> None:
    api.identity = people.named(api.desk.control, name).identity


def write(api: Asked, path: str, body: object, site: str = SITE) -> tuple[int, dict[str, str]]:
    answer = api.ask("POST", f"/api/v1/{path}?site={site}", json=body)
    return answer.status_code, answer.json()


def test_a_view_is_kept_shared_and_forgotten(api: Asked) -> None:
    as_(api, "vera")
    assert write(api, "views", VIEW) == (200, {"name": "Politics"})
    assert write(api, "views", VIEW | {"shared": True})[0] == 403
    as_(api, "ed")
    assert api.rows("views") == []
    write(api, "views", VIEW | {"name": "Ours", "shared": True})
    as_(api, "vera")
    own, ours = sorted(api.rows("views"), key=lambda row: -row["own"])

    assert (own["address"], own["shared"]) == (f"{VIEW['address']}&site={SITE}", False)
    assert (ours["name"], ours["owner"], ours["own"]) == ("Ours", "Ed", False)
    assert api.ask("DELETE", f"/api/v1/views/{ours['id']}").status_code == 404
    assert api.ask("DELETE", f"/api/v1/views/{own['id']}").json() == {"id": own["id"]}


def test_a_link_is_shown_once_and_taken_back(api: Asked) -> None:
    status, made = write(api, "links", VIEW | {"days": 7})
    token = made["link"].partition(views.PATH)[2]
    (row,) = api.rows("links")

    assert status == 200
    assert token not in str(row)
    found = views.identity_of(api.desk.control, token, api.desk.clock())
    assert found is not None
    assert found.address == row["address"] == f"{VIEW['address']}&site={SITE}"
    as_(api, "vera")
    assert api.rows("links") == []
    assert api.ask("DELETE", f"/api/v1/links/{row['id']}").status_code == 403
    as_(api, "ed")
    assert api.ask("DELETE", f"/api/v1/links/{row['id']}").status_code == 200
    assert views.identity_of(api.desk.control, token, api.desk.clock()) is None


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example/", "//elsewhere.example", "articles", "", "/api/v1/live", "/download/a.csv",
     f"/articles?site={OTHER}", "/_dash-layout", "/a\nb"],
)  # fmt: skip
def test_only_a_screen_of_the_site_is_kept_or_shared(api: Asked, address: str) -> None:
    for path in ("views", "links"):
        assert write(api, path, VIEW | {"address": address})[0] == 400


def test_roles_and_scopes_say_who_may(api: Asked) -> None:
    as_(api, "vera")
    assert write(api, "links", VIEW)[0] == 403
    assert write(api, "views", VIEW, site=OTHER)[0] == 403
    as_(api, "ed")
    write(api, "views", VIEW | {"name": "Ours", "shared": True})
    api.identity = Identity("key", "k1", "cms", scopes=frozenset({"read"}), sites=frozenset({SITE}))
    assert [row["name"] for row in api.rows("views")] == ["Ours"]
    assert api.rows("links") == []
    assert write(api, "views", VIEW)[0] == 403
    assert write(api, "links", VIEW)[0] == 403
    api.identity = Identity("key", "k2", "cms", scopes=frozenset({"notes"}), sites=frozenset({SITE}))
    assert api.get("views").status_code == 403
