"""The pages of audience, time, comparison, week and data health in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenVisit
from tests.browser.visit import BOTH, Scheme, Size, Visit

PAGES = [("/audience", "audience"), ("/time", "time"), ("/articles?show=map", "map"), ("/health", "health")]
PAGES += [("/compare", "compare"), ("/weekly", "weekly"), ("/alerts?new=learned", "alerts")]


def shown(visit: OpenVisit, path: str, scheme: Scheme = "light", size: Size = "desktop") -> Visit:
    opened = visit(path, scheme, size, ready=".slot .card")
    opened.page.wait_for_selector(".skeleton", state="detached")
    return opened


@pytest.mark.parametrize(("scheme", "size"), BOTH)
@pytest.mark.parametrize(("path", "name"), PAGES)
def test_pages_are_clean(visit: OpenVisit, path: str, name: str, scheme: Scheme, size: Size) -> None:
    opened = shown(visit, path, scheme, size)
    if name not in {"weekly", "alerts"}:
        opened.page.wait_for_selector(".js-plotly-plot .main-svg", state="attached")
    opened.screenshot(f"{name}-{size}-{scheme}")

    opened.assert_whole()


def test_a_way_in_opens_its_articles(visit: OpenVisit) -> None:
    page = shown(visit, "/audience").page
    page.click("#audience-channels .row-link:has-text('Search')")
    page.wait_for_url("**/articles?period=28d&channel=search")
    page.wait_for_selector(".chosen a:has-text('Channel: Search')")


def test_the_parts_of_the_day_are_chosen_in_the_address(visit: OpenVisit) -> None:
    page = shown(visit, "/time").page
    page.fill("#time-planner input", "5,12,20")
    page.wait_for_url("**/time?parts=5%2C12%2C20")
    page.wait_for_selector("#time-planner th:has-text('20:00 to 05:00')")
    page.fill("#time-planner input", "20,5")
    page.wait_for_selector(".notice:has-text('parts')")


def test_dragging_over_the_map_lists_what_lies_inside(visit: OpenVisit) -> None:
    page = shown(visit, "/articles?show=map").page
    page.wait_for_selector("#articles-map .main-svg", state="attached")
    box = page.locator("#articles-map .nsewdrag").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.5, steps=3)
    page.mouse.move(box["x"] + box["width"] * 0.98, box["y"] + box["height"] * 0.7, steps=3)
    page.mouse.up()
    page.wait_for_url("**/articles?show=map&brush=*")
    page.click(".corners a:has-text('Show all')")
    page.wait_for_url("**/articles?show=map")


def test_another_article_is_added_to_the_comparison_in_the_address(visit: OpenVisit) -> None:
    page = shown(visit, "/articles").page
    page.click(".card-links a:has-text('Compare the first')")
    page.wait_for_url("**/compare?period=7d&of=articles&items=*")
    page.wait_for_selector("#compare-course .main-svg", state="attached")
    before = page.locator(".compared li").count()
    page.click("summary:has-text('Add one more')")
    page.focus(".adding a >> nth=0")
    page.keyboard.press("Enter")
    expect(page.locator(".compared li")).to_have_count(before + 1)
    # What was taken is no longer offered; the keyboard stands where it can go on.
    page.wait_for_selector("summary:has-text('Add one more'):focus")
