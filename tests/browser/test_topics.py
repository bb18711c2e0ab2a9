"""The pages of sections and topics in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenVisit
from tests.browser.visit import BOTH, Scheme, Size, Visit

READY = ".ag-center-cols-container .ag-row a.row-link, .phone-row >> visible=true"


def shown(visit: OpenVisit, path: str, scheme: Scheme = "light", size: Size = "desktop") -> Visit:
    opened = visit(path, scheme, size, ready=READY)
    opened.page.wait_for_selector(".controls", state="attached")
    opened.page.wait_for_selector(".skeleton", state="detached")
    opened.page.wait_for_selector(".js-plotly-plot .main-svg", state="attached")
    return opened


@pytest.mark.parametrize(("scheme", "size"), BOTH)
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/topics", "topics"),
        ("/topics?split=topic&basis=published_in", "topics-of-pieces"),
        ("/topics/Long%20read", "section"),
    ],
)
def test_topics_are_clean(visit: OpenVisit, path: str, name: str, scheme: Scheme, size: Size) -> None:
    opened = shown(visit, path, scheme, size)
    opened.screenshot(f"{name}-{scheme}-{size}")

    opened.assert_whole()


def test_sections_and_topics_are_two_lists_of_one_page(visit: OpenVisit) -> None:
    page = shown(visit, "/topics").page
    page.click(".segmented a:has-text('Topics')")
    page.wait_for_url("**/topics?split=topic")
    page.wait_for_selector(".card h2:has-text('Topics')")
    page.wait_for_selector(".segmented a[aria-current]:has-text('Topics'):focus")


def test_the_quadrant_turns_into_its_table(visit: OpenVisit) -> None:
    page = shown(visit, "/topics").page
    quadrant = page.locator(".card", has=page.locator("h2", has_text="Production against"))
    quadrant.locator("text=View as table").click()
    rows = page.locator(".ag-center-cols-container .ag-row").count()
    expect(quadrant.locator(".twin tbody tr")).to_have_count(rows)


def test_a_chart_takes_the_tones_of_where_it_stands(visit: OpenVisit) -> None:
    page = shown(visit, "/topics").page
    draw = """async (place) => {
      const node = document.createElement("div");
      node.className = place;
      document.body.append(node);
      const dot = { mode: "markers", x: [1], y: [1], marker: { color: "var(--ts-above-ink)" } };
      await window.Plotly.react(node, { data: [dot], layout: {} });
      return getComputedStyle(node.querySelector("path.point")).fill;
    }"""

    assert page.evaluate(draw, "") == "rgb(11, 83, 119)"  # above-ink
    assert page.evaluate(draw, "calm") == "rgb(76, 84, 93)"  # typical-ink: neither praise nor blame


def test_a_section_opens_from_its_row(visit: OpenVisit) -> None:
    page = shown(visit, "/topics?period=7d").page
    page.click('.ag-row[row-id="Sport"] [col-id="published"]')
    page.wait_for_url("**/topics/Sport?period=7d")
    page.wait_for_selector("h1:has-text('Sport')")
