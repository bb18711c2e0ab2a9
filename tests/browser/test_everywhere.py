"""What stands on every page, in a real browser: the search, what leaves the screen, notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import OpenVisit
from tests.browser.visit import Size

PRINTED = [("/?period=7d", "#overview-top .ag-row"), ("/articles?period=7d", "#articles-list .ag-row")]


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_search_opens_what_enter_chooses_and_is_clean(visit: OpenVisit, size: Size) -> None:
    opened = visit("/glossary", "dark", size, ready="#page .glossary")
    page = opened.page
    if size == "phone":
        page.click(".phone-head [data-does=search]")
    else:
        page.keyboard.press("/")
    page.wait_for_selector("#search-results [role=option]")
    page.keyboard.type("harbour hill")
    page.wait_for_selector("#search-results [aria-selected=true]:has-text('Harbour Hill')")
    opened.screenshot(f"search-{size}")
    opened.assert_clean()

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/topics/**")
    page.wait_for_selector("#page h1:has-text('Harbour Hill')")

    assert not page.is_visible("#search")


def test_enter_waits_for_the_answer_and_escape_gives_the_page_back(visit: OpenVisit) -> None:
    page = visit("/glossary", ready="#page .glossary").page
    page.keyboard.press("Control+k")
    page.keyboard.type("live")
    page.keyboard.press("Enter")  # before any answer
    page.wait_for_url("**/live")
    page.wait_for_selector("#search", state="hidden")
    page.keyboard.press("/")
    page.wait_for_selector("#search[open]")
    page.keyboard.type("zzzz")
    page.wait_for_selector(".search-said:has-text('Nothing goes by')")
    page.keyboard.press("Escape")

    assert not page.is_visible("#search")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_export_menu_gathers_every_card_and_draws_pictures_here(visit: OpenVisit, size: Size) -> None:
    opened = visit("/?period=7d", "light", size, ready="#overview-chart .js-plotly-plot .main-svg")
    page = opened.page
    page.wait_for_selector("#overview-top .saves", state="attached")
    page.keyboard.press("e")
    page.wait_for_selector("details.export[open] button:focus")
    page.wait_for_selector(".export-panel p:has-text('Top articles')")
    opened.screenshot(f"export-{size}")
    opened.assert_clean()

    for kind, begins in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with page.expect_download() as download:
            page.click(f".export-panel >> text={kind} picture")
        assert Path(download.value.path()).read_bytes().startswith(begins)
    with page.expect_download() as download:
        page.click(".export-panel >> text=Excel workbook >> nth=0")
    assert download.value.suggested_filename == "tearsheet-overview-course-7d.xlsx"
    assert not opened.problems()


@pytest.mark.parametrize(("path", "ready"), PRINTED)
def test_a_page_prints_light_whole_and_within_the_paper(visit: OpenVisit, path: str, ready: str) -> None:
    opened = visit(path, "dark", ready=ready)
    page = opened.page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 1000})
    page.wait_for_timeout(300)
    opened.screenshot(f"print-{path.strip('/').partition('/')[0].partition('?')[0] or 'overview'}")

    assert page.evaluate("document.documentElement.scrollWidth") == 700
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.is_visible(".nav")
    assert not page.is_visible(".ag-holder >> nth=0")
    rights = (
        "[...document.querySelectorAll('.js-plotly-plot svg')].map((e) => e.getBoundingClientRect().right)"
    )
    assert all(right <= 700 for right in page.evaluate(rights))
    assert page.locator(".has-phone-rows").count() == page.locator(".phone-rows:visible").count()


def test_an_editor_notes_a_decision_and_takes_it_back(visit: OpenVisit) -> None:
    opened = visit("/?period=7d", ready="#overview-notes .notes li .chip")
    page = opened.page
    page.keyboard.press("n")
    page.wait_for_selector("#note[open]")
    opened.screenshot("note")
    opened.assert_clean()
    page.select_option("#note select", "push")
    page.fill("#note [name=at]", "2026-05-04T09:00")
    page.fill("#note [name=text]", "to the evening list")
    page.keyboard.press("Enter")
    page.click("#overview-notes li:has-text('Push sent: to the evening list') button")
    page.click(".note-remove")
    page.wait_for_selector("#overview-notes li:has-text('to the evening list')", state="detached")

    assert not opened.problems()
