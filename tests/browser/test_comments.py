"""The pages of comments and words in a real browser, and how a phone reaches what is not on its bar."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenVisit
from tests.browser.visit import BOTH, Scheme, Size

READY = "text=Most discussed >> visible=true"


@pytest.mark.parametrize(("scheme", "size"), BOTH)
def test_the_conversation_is_clean(visit: OpenVisit, scheme: Scheme, size: Size) -> None:
    opened = visit("/comments", scheme, size, ready=READY)
    opened.page.wait_for_selector(".skeleton", state="detached")

    opened.assert_whole()
    opened.screenshot(f"comments-{size}-{scheme}")


def test_a_story_opens_its_article(visit: OpenVisit) -> None:
    page = visit("/comments", ready=READY).page
    title = page.inner_text("#comments-discussed .row-link >> nth=0")
    page.click("#comments-discussed .row-link >> nth=0")

    page.wait_for_selector(f"h1:has-text({title!r})")


@pytest.mark.parametrize(("scheme", "size"), BOTH)
def test_the_glossary_is_clean(visit: OpenVisit, scheme: Scheme, size: Size) -> None:
    opened = visit("/glossary", scheme, size, ready=".glossary dt >> nth=5")

    opened.assert_whole()
    opened.screenshot(f"glossary-{size}-{scheme}")


def test_a_search_leaves_words_and_stands_in_the_address(visit: OpenVisit) -> None:
    page = visit("/glossary", ready=".glossary dt >> nth=5").page
    page.fill("#glossary-head input", "moderation")
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary?q=moderation")

    expect(page.locator(".glossary dt:has-text('Read rate')")).to_have_count(0)
    expect(page.locator(".glossary dt:has-text('Moderation lag')").first).to_be_visible()


def test_a_phone_finds_the_other_pages_under_more(visit: OpenVisit) -> None:
    page = visit("/comments", size="phone", ready=READY).page
    page.click(".phone-bar summary")
    page.click(".more-sheet a:has-text('Topics')")

    page.wait_for_selector("h1:has-text('Topics')")
    assert not page.is_visible(".more-sheet")
