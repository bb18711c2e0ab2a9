"""Saved views and share links: whose they are, what they show, when they end."""

from __future__ import annotations

import pytest

from analytics.control import people, views
from analytics.control.identity import Identity, Role, acting
from analytics.errors import NotAllowedError, UsageError
from tests.control.house import HERE, THERE, House

ADDRESS = f"/articles?site={HERE}&period=7d"


def _as(house: House, name: str, role: Role) -> Identity:
    house.add(f"{name}@news.example", role)
    return people.named(house.control, f"{name}@news.example").identity


def test_a_view_is_its_owners_until_it_is_shared(house: House) -> None:
    bob, eve = _as(house, "bob", Role.EDITOR), _as(house, "eve", Role.VIEWER)
    with acting(bob):
        views.save(house.control, HERE, " Politics,  this week ", ADDRESS, house.clock(), is_shared=False)
    with acting(eve):
        assert views.listed(house.control, [HERE]) == []
    with acting(bob):
        views.save(house.control, HERE, "Politics, this week", "/", house.clock(), is_shared=True)
        (own,) = views.listed(house.control, [HERE])
    with acting(eve):
        (seen,) = views.listed(house.control, [HERE])
        views.forget(house.control, seen.view_id)
        assert views.listed(house.control, [THERE]) == []

    assert (own.name, own.address, own.is_own) == ("Politics, this week", "/", True)
    assert (seen.is_own, seen.owner) == (False, "Bob")
    with acting(bob):
        views.forget(house.control, own.view_id)
        assert views.listed(house.control, [HERE]) == []


def test_a_link_shows_one_view_until_it_is_over_or_taken_back(house: House) -> None:
    bob = _as(house, "bob", Role.EDITOR)
    with acting(bob):
        path = views.share(house.control, HERE, "For the board", ADDRESS, 7, house.clock())
        (link,) = views.links(house.control, [HERE], house.clock())
    token = path.removeprefix(views.PATH)
    found = views.identity_of(house.control, token, house.clock())

    assert found is not None
    assert (found.kind, found.address, found.role(HERE), found.role(THERE)) == (
        "link",
        ADDRESS,
        Role.VIEWER,
        None,
    )
    assert not any(found.opens(scope, HERE) for scope in ("read", "sql"))
    with acting(_as(house, "eve", Role.EDITOR)), pytest.raises(NotAllowedError, match="not yours"):
        views.revoke(house.control, link.link_id, house.clock())
    with acting(bob):
        views.revoke(house.control, link.link_id, house.clock())
    assert views.identity_of(house.control, token, house.clock()) is None

    with acting(bob):
        later = views.share(house.control, HERE, "Again", ADDRESS, 1, house.clock()).removeprefix(views.PATH)
    house.clock.on(days=1)
    assert views.identity_of(house.control, later, house.clock()) is None


@pytest.mark.parametrize(
    ("role", "days", "said"), [(Role.VIEWER, 7, "Only editors"), (Role.EDITOR, 0, "1 to 365")]
)
def test_what_cannot_be_shared_is_a_sentence(house: House, role: Role, days: int, said: str) -> None:
    with acting(_as(house, "bob", role)), pytest.raises((NotAllowedError, UsageError), match=said):
        views.share(house.control, HERE, "For the board", ADDRESS, days, house.clock())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/articles", 200),
        ("GET", "/_dash-layout", 200),
        ("POST", "/_dash-update-component", 200),
        ("GET", "/", 403),
        ("GET", "/articles/a1", 403),
        ("GET", "/download/articles.csv", 403),
        ("GET", "/api/v1/stats", 403),
        ("POST", "/api/v1/sql", 403),
        ("GET", "/settings", 403),
        ("GET", "/views", 403),
        ("POST", "/views/share", 403),
        ("POST", "/password", 403),
        ("PUT", "/articles", 403),
        ("DELETE", "/_dash-update-component", 403),
    ],
)
def test_a_link_opens_its_page_and_changes_nothing(house: House, method: str, path: str, status: int) -> None:
    with acting(_as(house, "bob", Role.EDITOR)):
        made = views.share(house.control, HERE, "For the board", ADDRESS, 7, house.clock())
    browser = house.browser()
    browser.cookies.set("tearsheet-link", made.removeprefix(views.PATH))

    assert browser.ask(method, path, {"sec-fetch-site": "same-origin"}).status_code == status
