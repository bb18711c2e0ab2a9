"""Comments from a CMS: signed or with a key, once each, and refused one by one."""

from __future__ import annotations

import hmac
from typing import Any

import msgspec
import pytest

from tests.collect.client import NOW, SITE, Client
from tests.collect.conftest import KEY, Maker

SECRET = "s" * 32
BEARER = {"authorization": f"Bearer {KEY}"}
NOW_S = 1_795_341_600


def state(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "site": SITE,
        "article_id": "a-17",
        "comment_id": "c-1",
        "status": "published",
        "length": 40,
        "at": "2026-11-22T09:00:00Z",
    }
    return {key: value for key, value in (base | changes).items() if value is not None}


def signed(what: Any, secret: str = SECRET, at: int = NOW_S) -> dict[str, str]:
    message = f"{at}.".encode() + msgspec.json.encode(what)
    return {
        "x-timestamp": str(at),
        "x-signature": f"sha256={hmac.new(secret.encode(), message, 'sha256').hexdigest()}",
    }


def test_the_clock_of_these_tests() -> None:
    assert NOW_S == (NOW - type(NOW)(1970, 1, 1)).total_seconds()


def test_a_signed_state_is_believed(collector: Maker) -> None:
    client = collector(comment_secret=SECRET)

    answer = client.post(state(), "/api/comments", headers=signed(state()), agent=None)

    found = client.event()
    assert (202, 1) == (answer.status, answer.json["accepted"])
    assert ("published", "a-17", None, None, "api") == (
        found.status,
        found.article_id,
        found.url,
        found.visitor,
        found.origin,
    )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(state(), secret="wrong"),
        signed(state(length=41)),
        signed(state(), at=NOW_S - 301),
        signed(state(), at=NOW_S + 301),
        signed(state()) | {"x-timestamp": "soon"},
        signed(state()) | {"x-signature": "\xff"},
    ],
)
def test_who_cannot_prove_it_is_not_heard(collector: Maker, headers: dict[str, str]) -> None:
    client = collector(comment_secret=SECRET)

    assert client.post(state(), "/api/comments", headers=headers).status == 401
    assert client.rows() == []


def test_a_signature_speaks_for_its_site_only(collector: Maker) -> None:
    client = collector(comment_secret=SECRET)
    other = state(site="other.example")

    assert client.post(other, "/api/comments", headers=signed(other)).status == 403


def test_the_same_state_has_the_same_id(client: Client) -> None:
    for what in (state(), state(), state(status="rejected"), state(length=41)):
        client.post(what, "/api/comments", headers=BEARER)

    first, again, *others = [event.event_id for event in client.events()]
    assert (True, 3) == (first == again, len({first, *others}))


def test_each_state_stands_for_itself(client: Client) -> None:
    what = [
        state(),
        state(text="a" * 513),
        state(site="nobody.example"),
        state(site="third.example"),
        state(article_id=None),
        state(status="gone"),
        state(id="7"),
        "x",
        state(commenter="a\0b"),
    ]

    answer = client.post(what, "/api/comments", headers=BEARER)

    assert {"accepted": 1, "dropped": {}} == {key: answer.json[key] for key in ("accepted", "dropped")}
    assert [
        {"text": ["too_long"]},
        {"site": ["unknown_site"]},
        {"site": ["wrong_site"]},
        {"url": ["missing"]},
        {"status": ["out_of_range"]},
        {"id": ["bad_id"]},
        {"body": ["malformed"]},
        {"body": ["malformed"]},
    ] == [each["errors"] for each in answer.json["rejected"]]


def test_a_comment_on_a_foreign_page_does_not_count(client: Client) -> None:
    client.post(state(url="https://evil.example/a/b"), "/api/comments", headers=BEARER)

    assert client.events() == []


@pytest.mark.parametrize("what", [b"", b"{", b"\xff", b"[" * 20_000])
def test_a_broken_body_is_refused(client: Client, what: bytes) -> None:
    assert client.post(what, "/api/comments", headers=BEARER).status == 400


def test_too_many_states_are_too_large(client: Client) -> None:
    assert client.post([{}] * 1001, "/api/comments", headers=BEARER).status == 413
