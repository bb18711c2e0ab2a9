"""Whose request it is: proxies are believed from the right, and only ours."""

from __future__ import annotations

import pytest

from analytics.collect.limits import MOST_BUCKETS, Buckets
from analytics.collect.networks import address_of, client_of, networks_of, text_of, visitor_part

PROXIES = networks_of(("10.0.0.0/8", "::1"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "9.9.9.9", "203.0.113.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
        ("10.0.0.1", "10.0.0.7, 10.0.0.9", "10.0.0.7"),
        ("10.0.0.1", "203.0.113.7, unknown, 10.0.0.9", "10.0.0.9"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "203.0.113.7:5000", "203.0.113.7"),
        ("::1", "203.0.113.7", "203.0.113.7"),
        ("::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"),
        (None, "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", ", ".join(["10.0.0.2"] * 500), "10.0.0.2"),
    ],
)
def test_the_right_most_stranger_is_the_client(peer: str | None, forwarded: str, client: str) -> None:
    found = client_of(peer, forwarded, PROXIES)

    assert found is not None
    assert client == text_of(found)


def test_what_is_no_address_is_none() -> None:
    assert [None] * 4 == [address_of(text) for text in ("", "unknown", "999.1.1.1", "::g")]


def test_a_household_is_one_visitor() -> None:
    parts = [
        visitor_part(address_of(text)) for text in ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1")
    ]

    assert parts[0] == parts[1] != parts[2]


def test_buckets_fill_with_time() -> None:
    buckets = Buckets()

    assert [0.0, 0.0] == [buckets.take("k", 2, 100.0) for _ in range(2)]
    assert 30.0 == buckets.take("k", 2, 100.0)
    assert 0.0 == buckets.take("k", 2, 130.0)
    assert buckets.take("k", 2, 130.0) > 0
    assert [0.0] * 3 == [buckets.take("k", 2, now, 2) for now in (250.0, 400.0, 500.0)]


def test_buckets_are_bounded_whatever_comes() -> None:
    buckets = Buckets()

    for key in range(3 * MOST_BUCKETS):
        buckets.take(key, 60, 1.0)

    assert len(buckets._young) + len(buckets._old) <= 2 * MOST_BUCKETS
