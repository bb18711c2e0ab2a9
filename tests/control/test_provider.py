"""Sign-in by a provider that is not ours: the certified oidc-provider of npm, running on loopback."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from analytics import npm
from analytics.config import Oidc, SignIn
from analytics.control import people
from analytics.control.database import Control
from analytics.control.identity import Role
from tests import fetched
from tests.control.house import BASE, HERE, Browser, House

PROVIDER = Path(__file__).parent / "provider"
SECRET = "a secret with + and % in it: 32 signs"  # they mean something in a form


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of the running provider."""
    script = fetched.program(PROVIDER, "provider.mjs")
    with subprocess.Popen(
        [npm.program("node"), script, SECRET, f"{BASE}/sign-in/back"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        assert running.stdin
        assert running.stdout
        yield running.stdout.readline().strip()
        running.stdin.close()


def _house(control: Control, issuer: str) -> House:
    house = House(control, SignIn(oidc=Oidc(issuer=issuer, client_id="desk", client_secret=SECRET)))
    for login in ("ann@news.example", "boss@news.example"):
        people.add(control, login, login.partition("@")[0].title(), {HERE: Role.EDITOR}, house.clock())
    return house


def _through(browser: Browser, who: str) -> httpx.Response:
    """Go to the provider, sign in and agree there as a person does, and come back."""
    to = browser.get("/sign-in/with?next=/articles").headers["location"]
    forms = [{"prompt": "login", "login": who, "password": "any"}, {"prompt": "consent"}]
    with httpx.Client() as there:
        while not to.startswith(BASE):
            answer = there.get(to)
            if "/interaction/" in str(answer.url) and answer.status_code == 200:
                answer = there.post(answer.url, data=forms.pop(0))
            assert answer.is_redirect, answer.text
            to = str(answer.url.join(answer.headers["location"]))
    return browser.get(to.removeprefix(BASE))


def test_who_was_added_comes_in(control: Control, issuer: str) -> None:
    browser = _house(control, issuer).browser()
    answer = _through(browser, "ann")

    assert (answer.status_code, answer.headers["location"]) == (303, "/articles")
    assert browser.who() == "Ann"
    assert people.named(control, "ann@news.example").issuer == issuer


def test_an_address_that_nobody_verified_opens_nothing(control: Control, issuer: str) -> None:
    browser = _house(control, issuer).browser()

    assert "has not verified" in _through(browser, "eve").text
    assert browser.who() == ""
