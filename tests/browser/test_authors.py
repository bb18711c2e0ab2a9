"""The pages of authors in a real browser."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import OpenVisit
from tests.browser.visit import BOTH, Scheme, Size, Visit

READY = ".ag-center-cols-container .ag-row a.row-link, .phone-row >> visible=true"
FIRST = '.ag-center-cols-container .ag-row[row-index="0"]'


def shown(visit: OpenVisit, path: str, scheme: Scheme = "light", size: Size = "desktop") -> Visit:
    opened = visit(path, scheme, size, ready=READY)
    opened.page.wait_for_selector(".controls", state="attached")
    opened.page.wait_for_selector(".skeleton", state="detached")
    return opened


@pytest.mark.parametrize(("scheme", "size"), BOTH)
@pytest.mark.parametrize(("path", "name"), [("/authors", "authors"), ("/authors/staff-05", "author")])
def test_authors_are_clean(visit: OpenVisit, path: str, name: str, scheme: Scheme, size: Size) -> None:
    opened = shown(visit, path, scheme, size)
    opened.screenshot(f"{name}-{scheme}-{size}")

    opened.assert_whole()


def test_credit_changes_what_rows_add_to(visit: OpenVisit) -> None:
    page = shown(visit, "/authors").page
    page.get_by_label("How authors share an article").first.click()
    page.click("[role=option]:has-text('Equal credit')")
    page.wait_for_url("**/authors?credit=equal")
    page.wait_for_selector("text=/rows add to 100/")


def test_an_author_opens_with_the_same_period_and_articles_lead_on(visit: OpenVisit) -> None:
    page = shown(visit, "/authors?period=7d").page
    page.click(f'{FIRST} [col-id="reads"]')
    page.wait_for_url(re.compile(r"/authors/[^?]+\?period=7d$"))
    page.wait_for_selector("h1:focus")
    page.click(f'{FIRST} [col-id="reads"]')
    page.wait_for_url(re.compile(r"/articles/[^?]+\?period=7d$"))


def test_an_unknown_author_is_said_once(visit: OpenVisit) -> None:
    page = visit("/authors/nobody", ready=".state").page
    page.wait_for_selector("text=There is no author 'nobody'.")


def test_a_correction_is_offered_looked_up_and_refused_in_words(visit: OpenVisit) -> None:
    page = shown(visit, "/authors/staff-05").page
    page.get_by_role("button", name="Join with another").click()
    form = page.get_by_role("dialog")
    field = form.get_by_label("The author that stays")
    field.fill("staff-06")
    page.wait_for_selector("#edit datalist option", state="attached")
    field.fill("nobody of that name")
    field.press("Enter")
    form.get_by_role("alert").get_by_text("No author of").wait_for()
    page.keyboard.press("Escape")
    form.wait_for(state="hidden")
