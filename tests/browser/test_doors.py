"""The ways in, as a person goes them: claim, invitation, sign-out, a shared view. Clean in both schemes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import OpenVisit
from tests.commands import admitted, serving

NOW = "2026-05-05T18:00:00Z"
SITE = "news.example"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of a desk, and the session of its admin."""
    home: Path = tmp_path_factory.mktemp("house")
    (home / "tearsheet.toml").write_text(f'[site."{SITE}"]\ntimezone = "Europe/London"\n', encoding="utf-8")
    session = admitted(home, NOW)
    with serving(home, NOW) as (url, _):
        yield url, session


def test_who_is_invited_sets_a_password_comes_in_and_goes(visit: OpenVisit, house: tuple[str, str]) -> None:
    url, session = house
    admin = visit("/settings", base_url=url, session=session, ready="h1")
    admin.page.fill("#invite-login", "bob@news.example")
    admin.page.fill("#invite-name", "Bob")
    admin.page.select_option("#invite-role", "editor")
    admin.page.click("text=Invite")
    admin.page.wait_for_selector(".made")
    admin.screenshot("settings-light-desktop")
    admin.assert_whole()
    link = admin.page.input_value(".made input")

    bob = visit(link.removeprefix(url), "dark", "phone", base_url=url, ready="#password")
    bob.assert_clean()
    bob.page.fill("#password", "four words do well")
    bob.page.click("button")
    bob.page.wait_for_selector("#phone-links a")
    assert bob.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    tab = bob.page.context.new_page()
    tab.goto(f"{url}/glossary")
    tab.wait_for_selector("#phone-links a")
    for part in (".more > summary", ".person > summary", "button:has-text('Sign out')"):
        bob.page.click(f"#phone-links {part}")
    bob.page.wait_for_selector("#login")
    bob.screenshot("sign-in-dark-phone")
    bob.assert_clean()
    bob.page.fill("#login", "bob@news.example")
    bob.page.fill("#password", "wrong password")
    bob.page.click("button")
    assert "do not belong together" in bob.page.inner_text("[role=alert]")

    tab.click("#phone-links a >> nth=0")  # the other tab does not know that the session is over
    tab.wait_for_selector("#signed-out a")
    assert "You are signed out" in tab.inner_text("#signed-out")
    assert tab.get_attribute("#signed-out a", "href") == "/sign-in?next=%2F"
    tab.close()


def test_a_shared_view_opens_without_sign_in_and_nothing_else(
    visit: OpenVisit, house: tuple[str, str]
) -> None:
    url, session = house
    admin = visit("/articles?period=7d", base_url=url, session=session, ready="h1")
    admin.page.click(".nav .person summary")
    admin.page.click(".nav .person >> text=Save or share this view")
    admin.page.wait_for_selector("#share-name")
    admin.page.fill("#share-name", "For the board")
    admin.page.click("text=Make a link")
    admin.page.wait_for_selector(".made")
    admin.screenshot("views-light-desktop")
    admin.assert_whole()
    link = admin.page.input_value(".made input")

    guest = visit(link.removeprefix(url), base_url=url, ready="h1")
    assert guest.page.url == f"{url}/articles?site={SITE}&period=7d"
    assert guest.page.inner_text("h1") == "Articles"
    assert guest.page.locator("#nav-links a").count() == 0
    guest.page.click(".segmented a:has-text('28 days')")
    guest.page.click(".progress:has-text('not shown this') >> text=Back")
    guest.page.wait_for_url("**&period=7d")
    guest.page.wait_for_selector(".progress", state="hidden")
    refused = guest.page.request.get(f"{url}/")
    assert (refused.status, re.search("one view", refused.text()) is not None) == (403, True)


def test_the_sign_in_is_clean(visit: OpenVisit, house: tuple[str, str]) -> None:
    opened = visit("/articles?period=7d", base_url=house[0], ready="#login")
    opened.screenshot("sign-in-light-desktop")

    assert opened.page.url.endswith("/sign-in?next=%2Farticles%3Fperiod%3D7d")
    opened.assert_whole()
