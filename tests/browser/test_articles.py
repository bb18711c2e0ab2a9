"""The page of articles in a real browser: clean in every form, sorting and filters in the address."""

from __future__ import annotations

import csv
import io
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenVisit
from tests.browser.visit import BOTH, Scheme, Size, Visit

READY = ".ag-center-cols-container .ag-row a.row-link, .phone-row >> visible=true"
FIRST = '.ag-center-cols-container .ag-row[row-index="0"]'


def shown(visit: OpenVisit, path: str, scheme: Scheme = "light", size: Size = "desktop") -> Visit:
    opened = visit(path, scheme, size, ready=READY)
    opened.page.wait_for_selector(".controls", state="attached")
    return opened


@pytest.mark.parametrize(("scheme", "size"), BOTH)
@pytest.mark.parametrize(
    "path", ["/articles", "/articles?basis=published_in&section=Local&sort=-comment_rate"]
)
def test_articles_are_clean(visit: OpenVisit, path: str, scheme: Scheme, size: Size) -> None:
    opened = shown(visit, path, scheme, size)
    opened.screenshot(f"articles-{'cohort-' if 'basis' in path else ''}{scheme}-{size}")

    opened.assert_whole()


def test_a_click_on_a_head_sorts_all_rows_by_the_address(visit: OpenVisit) -> None:
    page = shown(visit, "/articles?rows=10").page
    page.get_by_role("columnheader", name="Read rate").click()
    page.wait_for_url("**/articles?rows=10&sort=-read_rate")
    page.wait_for_selector('.ag-header-cell[col-id="read_rate"][aria-sort="descending"]:focus')
    page.wait_for_selector('.slot[data-dash-is-loading="true"]', state="detached")
    page.get_by_role("columnheader", name="Read rate").press("Enter")
    page.wait_for_url("**/articles?rows=10&sort=read_rate")
    page.wait_for_selector('.ag-header-cell[col-id="read_rate"][aria-sort="ascending"]')

    expect(page.locator(".ag-center-cols-container .ag-row")).to_have_count(10)


def test_a_row_opens_its_article_and_back_restores(visit: OpenVisit) -> None:
    page = shown(visit, "/articles?period=yesterday&sort=-views").page
    page.wait_for_function("document.querySelector('a.row-link').innerText")
    title = page.locator(f"{FIRST} a.row-link").inner_text()
    page.click(f'{FIRST} [col-id="views"]')
    page.wait_for_url(re.compile(r"/articles/[^?]+\?period=yesterday$"))
    page.go_back()
    page.wait_for_url("**/articles?period=yesterday&sort=-views")
    page.locator(f"{FIRST} a.row-link").get_by_text(title, exact=True).wait_for()


def test_a_section_narrows_and_its_chip_takes_it_off(visit: OpenVisit) -> None:
    page = shown(visit, "/articles").page
    page.get_by_label("All sections").first.click()
    page.click("[role=option]:has-text('Sport')")
    page.wait_for_url("**/articles?section=Sport")
    page.wait_for_selector(".chosen a")
    page.wait_for_selector(f"{FIRST} [col-id=section]:has-text('Sport')")
    sections = page.locator(".ag-center-cols-container [col-id=section]").all_inner_texts()

    assert set(sections) == {"Sport"}
    page.click(".chosen a")
    page.wait_for_url("**/articles")


def test_a_search_is_typed_in_one_go_and_keeps_its_place(visit: OpenVisit) -> None:
    page = shown(visit, "/articles").page
    box = page.get_by_label("Title, address or id")
    box.press_sequentially("counc", delay=30)
    page.wait_for_url("**/articles?q=counc")
    page.keyboard.type("illor", delay=30)
    page.wait_for_url("**/articles?q=councillor")
    page.wait_for_selector(".chosen a:has-text('councillor')")

    assert page.get_by_label("Title, address or id").input_value() == "councillor"


def test_columns_are_chosen_one_after_the_other(visit: OpenVisit) -> None:
    page = shown(visit, "/articles").page
    page.click("details.columns summary")
    page.click("#column-exit_rate")
    page.wait_for_selector('.ag-header-cell[col-id="exit_rate"]')
    page.wait_for_selector("details.columns[open] #column-exit_rate:focus")
    page.click("#column-views")
    page.wait_for_selector('.ag-header-cell[col-id="views"]', state="detached")


def test_the_file_equals_the_table(visit: OpenVisit) -> None:
    opened = shown(visit, "/articles?period=yesterday&sort=-reads")
    page = opened.page
    href = page.get_attribute("a[download]", "href")
    with urllib.request.urlopen(f"{opened.origin}{href}") as answer:
        rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
    titles = page.locator(".ag-center-cols-container a.row-link").all_inner_texts()
    reads = page.locator('.ag-center-cols-container [col-id="reads"] b').all_inner_texts()

    assert len(titles) >= 10
    assert titles[:10] == [row["title"].lstrip("'") for row in rows[:10]]
    assert reads[:10] == [f"{int(row['reads']):,}" for row in rows[:10]]


def test_all_rows_come_when_asked_for(visit: OpenVisit) -> None:
    page = shown(visit, "/articles?period=28d").page
    page.click("text=/^Show all/ >> visible=true")
    page.wait_for_url(re.compile(r"rows=\d+$"))
    page.wait_for_selector("text=/^(\\d+) of \\1 articles/")
    page.wait_for_selector(READY)
    drawn = page.locator(".ag-center-cols-container .ag-row").count()

    assert 10 < drawn < 60  # only what is in sight, and a little more


def test_phones_choose_the_order_in_the_sheet(visit: OpenVisit) -> None:
    page = shown(visit, "/articles?period=yesterday", size="phone").page
    page.click(".filters-button")
    page.get_by_label("Order", exact=True).first.click()
    page.click("[role=option]:has-text('By title')")
    page.wait_for_url("**/articles?period=yesterday&sort=name")
    page.click("text=Done")
    page.wait_for_selector(".phone-row")
    titles = page.locator(".phone-row h3").all_inner_texts()

    assert len(titles) > 10
    assert titles[0] != titles[1]
    assert titles[0][:1] <= titles[-1][:1]
