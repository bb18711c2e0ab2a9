"""The SQL page in a real browser: asked, refused with a mark in the text, saved and opened again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenVisit
from tests.browser.visit import BOTH, Scheme, Size, Visit

CAN_BE_ASKED = "A copy to read, until"
LOOKS = 120


def shown(visit: OpenVisit, scheme: Scheme = "light", size: Size = "desktop") -> Visit:
    """Open the page, once the newsroom that has just started has written its archive."""
    opened = visit("/sql", scheme, size, ready="#sql-editor[data-rich] .cm-content")
    page = opened.page
    for _ in range(LOOKS):
        page.wait_for_selector("#sql-head h1 + *:has-text('A copy to read')")
        if CAN_BE_ASKED in page.inner_text("#sql-head"):
            break
        page.wait_for_timeout(1000)
        page.reload()
    page.wait_for_selector("#sql-editor[data-rich] .cm-content")
    page.wait_for_selector(".sql-tables details")
    page.wait_for_selector("#sql-examples option:nth-child(13)", state="attached")
    return opened


@pytest.mark.parametrize(("scheme", "size"), BOTH)
def test_a_query_is_asked_and_drawn(visit: OpenVisit, scheme: Scheme, size: Size) -> None:
    opened = shown(visit, scheme, size)
    page = opened.page
    page.select_option("#sql-examples", label="Audience: channels by day")
    page.focus(".cm-content")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".sql-status .chip.ok")
    page.wait_for_selector(".sql-grid .ag-row")
    page.wait_for_selector("#sql-chart .main-svg", state="attached")
    opened.screenshot(f"sql-{scheme}-{size}")

    assert "rows in" in page.inner_text(".sql-status")
    opened.assert_whole()


def test_an_error_is_marked_in_the_text_and_a_query_is_saved_and_opened(visit: OpenVisit) -> None:
    page = shown(visit).page
    page.click('[data-sql="new"]')
    page.once("dialog", lambda asked: asked.accept("Mine"))
    page.dblclick("#sql-tabs [aria-selected=true]")
    expect(page.locator("#sql-tabs [aria-selected=true]")).to_have_text("Mine")
    page.focus(".cm-content")
    page.keyboard.insert_text("SELECT 1,\n  nothing")
    page.click('[data-sql="run"]')
    # First what was wrong with it: any other error has no place in the text, and says so here.
    expect(page.locator(".sql-error")).to_contain_text("Line 2, column 3.")
    expect(page.locator(".sql-status .chip")).to_have_text("error")
    expect(page.locator(".cm-line:nth-child(2) .cm-lintRange-error")).to_have_text("nothing")

    page.focus(".cm-content")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("SELECT 42 AS answer")
    page.keyboard.press("Control+s")
    page.fill("#sql-dialog [name=name]", "The answer")
    page.click('#sql-dialog [data-sql="keep"]')
    page.wait_for_url("**/sql/*")
    page.wait_for_selector(".sql-list a:has-text('The answer')")
    page.wait_for_selector("#sql-about a:has-text('Make it a report')")  # it is as it was saved
    address = page.url

    # A tab of another query leaves the address as it is; the query's own link leads back to it.
    page.locator("[data-table] summary").first.click()
    page.locator('[data-table] [data-sql="sample"]').first.click()
    expect(page.locator("[data-tile]")).to_have_count(0)
    page.click(".sql-list a:has-text('The answer')")
    expect(page.locator("[data-tile]")).to_have_count(1)
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("#sql-editor[data-rich] .cm-line:has-text('SELECT 42 AS answer')")
