"""The pages of audience, time, comparison, week and data health in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenVisit
from tests.browser.visit import Scheme, Size, Visit

BOTH: list[tuple[Scheme, Size]] = [("light", "desktop"), ("dark", "phone")]
PAGES = [("/audience", "audience"), ("/time", "time")]


def shown(visit: OpenVisit, path: str, scheme: Scheme = "light", size: Size = "desktop") -> Visit:
    opened = visit(path, scheme, size, ready=".slot .card")
    opened.page.wait_for_selector(".skeleton", state="detached")
    return opened


@pytest.mark.parametrize(("scheme", "size"), BOTH)
@pytest.mark.parametrize(("path", "name"), PAGES)
def test_pages_are_clean(visit: OpenVisit, path: str, name: str, scheme: Scheme, size: Size) -> None:
    opened = shown(visit, path, scheme, size)
    opened.page.wait_for_selector(".js-plotly-plot .main-svg", state="attached")
    opened.screenshot(f"{name}-{size}-{scheme}")

    opened.assert_clean()


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
