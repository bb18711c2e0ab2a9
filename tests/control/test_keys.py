"""Keys of programs, at the gate and for the collector."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics import config
from analytics.control import keys, tokens
from analytics.errors import ConfigError
from tests.control.house import HERE, THERE, House

BOTH = (HERE, THERE)


def _asked(house: House, key: str) -> tuple[int, str]:
    answer = house.browser().ask("GET", "/api/v1/x", {"authorization": f"Bearer {key}"})
    return answer.status_code, str(answer.json().get("name", answer.json().get("error")))


def test_a_key_is_known_until_it_is_taken_back(house: House) -> None:
    key = keys.add(house.control, "cms", ["read", "catalog"], [HERE], BOTH, house.clock())
    assert _asked(house, key) == (200, "cms")

    keys.revoke(house.control, "cms", house.clock())

    assert _asked(house, key) == (401, "unknown_key")


def test_a_key_ends_on_its_day(house: House) -> None:
    ends = house.clock() + dt.timedelta(hours=3)
    key = keys.add(house.control, "cms", ["read"], [], BOTH, house.clock(), ends)
    assert _asked(house, key) == (200, "cms")
    house.clock.on(hours=3)

    assert _asked(house, key) == (401, "unknown_key")
    assert keys.for_collector(house.control)[0].until == ends


def test_a_key_opens_its_scopes_on_its_sites(house: House) -> None:
    key = keys.add(house.control, "cms", ["read"], [HERE], BOTH, house.clock())
    identity = keys.identity_of(house.control, key, house.clock())

    assert identity is not None
    assert [identity.opens("read", HERE), identity.opens("sql", HERE), identity.opens("read", THERE)] == [
        True,
        False,
        False,
    ]
    assert identity.role(HERE) is None


def test_it_is_told_when_a_key_was_last_used(house: House) -> None:
    key = keys.add(house.control, "cms", ["read"], [HERE], BOTH, house.clock())
    assert keys.listed(house.control)[0].used_at is None
    _asked(house, key)

    assert keys.listed(house.control)[0].used_at == house.clock()


def test_a_key_of_the_file_goes_on_working(house: House) -> None:
    key = tokens.new()
    described = {"old": config.Key(hash=tokens.hash_of(key), scopes=("read",), sites=(HERE,))}

    assert _asked(House(house.control, file_keys=described), key) == (200, "old")


def test_a_key_in_a_cookie_or_the_query_is_none(house: House) -> None:
    key = keys.add(house.control, "cms", ["read"], [HERE], BOTH, house.clock())
    browser = house.browser()

    assert browser.ask("GET", f"/api/v1/x?key={key}", {}).status_code == 401
    assert browser.ask("GET", "/api/v1/x", {"cookie": f"tearsheet={key}"}).status_code == 401


@pytest.mark.parametrize(
    ("name", "scopes", "sites", "said"),
    [
        ("a b", ["read"], [], "is no name of a key"),
        ("cms", [], [], "opens nothing"),
        ("cms", ["admin"], [], "no scope 'admin'"),
        ("cms", ["read"], ["x.example"], "no site 'x.example'"),
    ],
)
def test_what_cannot_be_a_key_is_a_sentence(
    house: House, name: str, scopes: list[str], sites: list[str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        keys.add(house.control, name, scopes, sites, BOTH, house.clock())
