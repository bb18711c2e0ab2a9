"""Sign-in by a provider: a small one that really runs, on loopback, and everything it may do wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote_plus, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from analytics.config import Oidc, SignIn
from analytics.control import people
from analytics.control.database import Control
from analytics.control.identity import Role
from tests.control.house import BASE, HERE, Browser, House

ANN = "ann@news.example"
SECRET = "the client's secret"


class Provider(ThreadingHTTPServer):
    """A provider that knows one person; `claims` and `key` may be bent by a test."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.key: Any = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.signing: Any = self.key
        self.header = {"alg": "RS256", "kid": "one"}
        self.claims: dict[str, Any] = {"sub": "s-1", "email": ANN, "email_verified": True, "name": "Ann"}
        self.codes: dict[str, dict[str, str]] = {}
        self.said_issuer = self.issuer

    def authorise(self, address: str) -> str:
        """Do what a person at the provider does; gives where the browser is sent back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.issuer}/authorise?")
        assert (asked["response_type"], asked["client_id"]) == ("code", "desk")
        assert asked["scope"] == "openid email profile"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{urlsplit(asked['redirect_uri']).path}?code={code}&state={asked['state']}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Give the token of a code, once, to who can prove that they began."""
        right = "Basic " + base64.b64encode(f"desk:{quote_plus(SECRET)}".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or authorization != right or proof != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        words = {
            "iss": self.issuer, "aud": "desk", "nonce": asked["nonce"], "iat": _now(), "exp": _now() + 300,
        } | self.claims  # fmt: skip
        token = jwt.encode(self.header, words, self.signing, algorithms=["RS256", "HS256"])
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": token}


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        issuer = self.server.issuer
        pages: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": self.server.said_issuer,
                "authorization_endpoint": f"{issuer}/authorise",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
            },
            "/keys": {"keys": [self.server.key.as_dict(private=False)]},
        }
        self._say(200 if self.path in pages else 404, pages.get(self.path, {}))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._say(*self.server.token(form, self.headers["authorization"]))

    def _say(self, status: int, words: dict[str, Any]) -> None:
        body = json.dumps(words).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    running = Provider()
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def _now() -> int:
    return int(time.time())  # the library asks the real clock


def _house(control: Control, provider: Provider, *, domains: tuple[str, ...] = (), new: str = "") -> House:
    oidc = Oidc(
        issuer=provider.issuer, client_id="desk", client_secret=SECRET, label="Example", domains=domains
    )
    house = House(control, SignIn(oidc=oidc, new_people=new))  # type: ignore[arg-type]
    if people.find(control, login=ANN) is None:
        people.add(control, ANN, "Ann", {HERE: Role.EDITOR}, house.clock())
    return house


def _through(browser: Browser, provider: Provider, after: str = "/articles") -> Any:
    to = browser.get(f"/sign-in/with?next={after}").headers["location"]
    return browser.get(provider.authorise(to))


def test_who_was_added_comes_in_by_the_provider(control: Control, provider: Provider) -> None:
    browser = _house(control, provider).browser()
    assert "Sign in with Example" in browser.get("/sign-in?next=/articles").text
    answer = _through(browser, provider)

    assert (answer.status_code, answer.headers["location"]) == (303, "/articles")
    assert browser.who() == "Ann"
    assert people.named(control, ANN).issuer == provider.issuer


def test_later_the_lasting_id_counts_and_not_the_address(control: Control, provider: Provider) -> None:
    house = _house(control, provider)
    _through(house.browser(), provider)
    people.add(control, "bob@news.example", "Bob", {"*": Role.ADMIN}, house.clock())
    provider.claims |= {"email": "bob@news.example"}
    browser = house.browser()
    _through(browser, provider)

    assert browser.who() == "Ann"


def test_another_account_with_the_same_address_stays_out(control: Control, provider: Provider) -> None:
    house = _house(control, provider)
    _through(house.browser(), provider)
    provider.claims["sub"] = "s-2"
    browser = house.browser()

    assert "Another account of the provider" in _through(browser, provider).text
    assert browser.who() == ""


@pytest.mark.parametrize(
    ("bent", "said"),
    [
        ({"aud": "another"}, "cannot be believed"),
        ({"aud": ["desk", "another"]}, "for somebody else"),
        ({"iss": "https://evil.example"}, "cannot be believed"),
        ({"nonce": "another"}, "cannot be believed"),
        ({"exp": 1_000}, "cannot be believed"),
        ({"sub": None}, "cannot be believed"),
        ({"email_verified": False}, "has not verified"),
        ({"email_verified": "true"}, "has not verified"),
        ({"email": ""}, "has not verified"),
        ({"email": "eve@news.example"}, "no place for you here yet"),
    ],
)
def test_what_a_provider_must_not_say(
    control: Control, provider: Provider, bent: dict[str, Any], said: str
) -> None:
    provider.claims |= bent
    browser = _house(control, provider).browser()

    assert said in _through(browser, provider).text
    assert browser.who() == ""
    assert "eve" not in {each.login.partition("@")[0] for each in people.listed(control)}


def test_a_word_signed_by_another_key_is_not_believed(control: Control, provider: Provider) -> None:
    house = _house(control, provider)
    provider.signing = RSAKey.generate_key(2048, {"kid": "one"})
    assert "cannot be believed" in _through(house.browser(), provider).text

    provider.signing, provider.header = OctKey.import_key(SECRET * 2), {"alg": "HS256"}
    assert "cannot be believed" in _through(house.browser(), provider).text


def test_only_the_browser_that_went_can_come_back_and_once(control: Control, provider: Provider) -> None:
    house = _house(control, provider)
    victim, thief = house.browser(), house.browser()
    back = provider.authorise(victim.get("/sign-in/with").headers["location"])
    again = provider.authorise(thief.get("/sign-in/with").headers["location"])

    assert "begun elsewhere" in thief.get(back).text
    assert victim.get(again).status_code == 403
    assert thief.get(again).status_code == 303
    assert "begun elsewhere" in thief.get(again).text
    assert victim.get("/sign-in/back").status_code == 403
    assert victim.who() == ""


def test_new_people_get_the_role_of_the_house_and_only_of_its_domains(
    control: Control, provider: Provider
) -> None:
    house = _house(control, provider, domains=("news.example",), new="viewer")
    provider.claims |= {"sub": "s-9", "email": "new@news.example", "name": "New"}
    browser = house.browser()
    _through(browser, provider)
    assert (browser.who(), people.named(control, "new@news.example").roles) == ("New", {"*": Role.VIEWER})

    provider.claims |= {"sub": "s-8", "email": "new@evil.example"}
    assert "of another house" in _through(house.browser(), provider).text


def test_a_disabled_person_stays_out(control: Control, provider: Provider) -> None:
    house = _house(control, provider)
    _through(house.browser(), provider)
    people.add(control, "boss@news.example", "", {"*": Role.ADMIN}, house.clock())
    people.disable(control, people.named(control, ANN), house.clock())

    assert "no place for you" in _through(house.browser(), provider).text


def test_a_provider_that_is_away_or_another_one_is_a_sentence(control: Control, provider: Provider) -> None:
    house = _house(control, provider)
    provider.said_issuer = "https://evil.example"
    assert "says that it is another provider" in house.browser().get("/sign-in/with").text

    away = House(control, SignIn(oidc=Oidc(issuer="http://127.0.0.1:1", client_id="desk")))
    assert "does not answer as it should" in away.browser().get("/sign-in/with").text
    plain = House(control, SignIn(oidc=Oidc(issuer="http://login.example", client_id="desk")))
    assert "is not https" in plain.browser().get("/sign-in/with").text


def test_the_way_back_is_that_of_the_house(control: Control, provider: Provider) -> None:
    to = _house(control, provider).browser().get("/sign-in/with").headers["location"]

    assert dict(parse_qsl(urlsplit(to).query))["redirect_uri"] == f"{BASE}/sign-in/back"
    assert SECRET not in to
