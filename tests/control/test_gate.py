"""The gate: what passes, what is refused with which words, and what every answer bears."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from analytics.config import SignIn
from analytics.control import people
from analytics.control.database import Control
from analytics.control.gate import MOST_COOKIES, Gate, cookies_of, local_address
from analytics.control.identity import Role, current
from tests.control.house import BASE, House

ANN = "ann@news.example"


def _asked(house: House, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return house.browser().ask(method, path, named)


# --- nobody ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/door.css", "/sign-in", "/assets/x.css", "/_dash-component-suites/x.js"])
def test_the_ways_in_and_their_files_are_open(house: House, path: str) -> None:
    assert _asked(house, path).status_code == 200


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/", "/sign-in"),
        ("/articles?period=7d&q=a%26b", "/sign-in?next=%2Farticles%3Fperiod%3D7d%26q%3Da%2526b"),
        ("/articles/%C3%A9", "/sign-in?next=%2Farticles%2F%25C3%25A9"),
        ("/settings", "/sign-in?next=%2Fsettings"),
    ],
)
def test_nobody_is_sent_to_the_sign_in_and_back(house: House, path: str, to: str) -> None:
    answer = _asked(house, path)

    assert (answer.status_code, answer.headers["location"]) == (303, to)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/sites"),
        ("GET", "/_dash-layout"),
        ("POST", "/_dash-update-component"),
        ("GET", "/stream/live"),
        ("GET", "/download/articles.csv"),
        ("DELETE", "/articles"),
        ("PUT", "/anything"),
    ],
)
def test_a_program_without_a_key_reads_401(house: House, method: str, path: str) -> None:
    answer = _asked(house, path, method, sec_fetch_site="same-origin")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"] == "not_signed_in"


@pytest.mark.parametrize("key", ["Bearer nothing", "Bearer", "Basic YTpi", "Bearer é"])
def test_an_unknown_key_reads_401_whoever_sits_at_the_browser(house: House, key: str) -> None:
    browser = house.browser()
    browser.enter(ANN)
    answer = browser.ask("GET", "/api/v1/sites", {"authorization": key.encode("latin-1")})  # type: ignore[dict-item]

    assert answer.status_code == 401
    assert answer.json()["error"] == "unknown_key"


def test_a_websocket_of_nobody_is_closed(house: House) -> None:
    assert _socket(house.gate, {}) == [{"type": "websocket.close", "code": 1008}]


def test_a_websocket_of_another_site_is_closed(house: House) -> None:
    browser = house.browser()
    browser.enter(ANN)
    session = f"tearsheet={browser.cookies['tearsheet']}"
    passed: list[str] = []

    async def inner(_scope: Any, _receive: Any, _send: Any) -> None:
        passed.append(current().name)

    gate = Gate(inner, house.doors)
    _socket(gate, {"cookie": session, "origin": "https://evil.example"})
    assert passed == []
    _socket(gate, {"cookie": session, "origin": BASE})
    assert passed == ["Ann"]


def _socket(gate: Gate, headers: dict[str, str]) -> list[Any]:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in ({"host": BASE[7:]} | headers).items()]
    scope = {"type": "websocket", "path": "/_dash-ws-callback", "headers": pairs, "client": ("127.0.0.1", 1)}
    asyncio.run(gate(scope, receive, send))
    return sent


# --- from elsewhere ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec_fetch_site": "same-origin"}, 200),
        ({"origin": BASE}, 200),
        ({"content_type": "application/json"}, 200),
        ({"sec_fetch_site": "cross-site", "origin": BASE}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "none"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": f"{BASE}0"}, 403),
        ({"origin": f"https://evil.example/{BASE}"}, 403),
        ({"origin": "https://evil.example", "content_type": "application/json"}, 403),
        ({"content_type": "text/plain"}, 403),
        ({}, 403),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_write_must_come_from_our_own_pages(
    house: House, method: str, headers: dict[str, str], status: int
) -> None:
    browser = house.browser()
    browser.enter(ANN)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    expected = 405 if method == "PATCH" and status == 200 else status

    assert browser.ask(method, "/anything", named).status_code == expected


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/claim", "/join/x", "/password"])
def test_no_other_site_can_sign_anybody_in_or_out(house: House, path: str) -> None:
    browser = house.browser()
    browser.enter(ANN)
    answer = browser.post(path, {"login": ANN, "password": "x"}, origin="https://evil.example")

    assert answer.status_code == 403
    assert "another site" in answer.text
    assert browser.who() == "Ann"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8622", 200),
        ("localhost:8622", 200),
        ("[::1]:8622", 200),
        ("192.0.2.7", 200),
        ("stats.news.example", 200),
        ("STATS.news.example:443", 200),
        ("stats.news.example.", 200),
        ("old.news.example", 200),
        ("evil.example", 421),
        ("stats.news.example.evil.example", 421),
        ("evil.example#stats.news.example", 421),
        ("stats.news.example@evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
    ],
)
def test_only_names_of_the_house_are_answered(control: Control, host: str, status: int) -> None:
    house = House(control, SignIn(address="https://stats.news.example", hosts=("old.news.example",)))
    house.add(ANN, Role.ADMIN, "*")

    assert _asked(house, "/sign-in", host=host).status_code == status
    assert "evil" not in str(_asked(house, "/", host=host, x_forwarded_host="evil.example").headers)


# --- tricks ------------------------------------------------------------------------------------------------


def test_too_many_cookies_are_refused_in_a_sentence(house: House) -> None:
    answer = _asked(house, "/", cookie=f"a={'b' * MOST_COOKIES}")

    assert answer.status_code == 431
    assert "Clear those of this site" in answer.text


@pytest.mark.parametrize("value", ["", "x", "A" * 5_000, "é", "' OR 1=1 --", "%00", "a" * 43 + "="])
def test_a_cookie_that_is_none_is_nobody(house: House, value: str) -> None:
    answer = house.browser().ask("GET", "/", {"cookie": f"tearsheet={value}".encode()})  # type: ignore[dict-item]

    assert answer.status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../_dash-layout",
        "/assets/..%2f_dash-layout",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%5c..%5cx",
        "/download/../../control.sqlite",
        "/sign-in/../articles",
        "/assets/%00x",
        "/./articles",
    ],
)
def test_a_path_that_climbs_is_no_address(house: House, path: str) -> None:
    target = httpx.URL(BASE).copy_with(raw_path=path.encode())
    browser = house.browser()

    assert browser.ask("GET", str(target), {}).status_code == 404 or ".." not in target.path


def test_where_to_go_next_stays_in_the_house() -> None:
    assert local_address("/articles?q=//x") == "/articles?q=//x"
    assert [local_address(text) for text in ("//x", "/\\x", "http:x", "/a\nb", "/" + "a" * 5_000)] == [
        "/"
    ] * 5


def test_of_two_cookies_of_one_name_the_first_counts() -> None:
    assert cookies_of('a=1; b="2"; a=3; c') == {"a": "1", "b": "2", "c": ""}


# --- on the way out ----------------------------------------------------------------------------------------


def test_what_somebody_sees_is_kept_by_nobody_between(house: House) -> None:
    browser = house.browser()
    browser.enter(ANN)

    assert browser.get("/anything").headers["cache-control"] == "private, no-store"
    assert "cache-control" not in browser.get("/assets/x.css").headers


def test_a_stream_ends_when_who_watches_is_out(house: House) -> None:
    house.add("bob@news.example")
    browser = house.browser()
    browser.enter("bob@news.example")
    sent: list[bytes] = []

    async def stream(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(10):
            if number == 3:
                person = people.named(house.control, "bob@news.example")
                await asyncio.to_thread(people.disable, house.control, person, house.clock())
            await send({"type": "http.response.body", "body": b"%d" % number, "more_body": True})

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    cookie = f"tearsheet={browser.cookies['tearsheet']}".encode()
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/stream/live",
        "headers": [(b"host", b"127.0.0.1"), (b"cookie", cookie)],
        "client": ("127.0.0.1", 1),
    }
    with pytest.raises(OSError, match="signed out"):
        asyncio.run(Gate(stream, house.doors)(scope, receive, send))
    assert b"".join(sent) == b"012"
