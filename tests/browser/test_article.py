"""The page of an article in a real browser: clean in every form, its chart, its period, its way back."""

from __future__ import annotations

import csv
import io
import urllib.request

import pytest

from tests.browser.conftest import OpenVisit
from tests.browser.visit import BOTH, Scheme, Size, Visit

SLOTS = ("cards", "curve", "events", "ways", "depth", "sources", "time", "around", "devices", "facts")


@pytest.fixture(scope="module")
def article_id(desk_url: str) -> str:
    """The article that was read most in the last days."""
    with urllib.request.urlopen(f"{desk_url}/download/overview-articles.csv?period=7d&path=/") as answer:
        rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
    return next(row["id"] for row in rows if row["published"])


def shown(visit: OpenVisit, path: str, scheme: Scheme = "light", size: Size = "desktop") -> Visit:
    opened = visit(path, scheme, size, ready="#article-cards .kpi-number")
    for name in SLOTS:
        opened.page.wait_for_selector(f"#article-{name} .card:not(.skeleton), #article-cards .kpi")
    opened.page.wait_for_selector("#article-curve .js-plotly-plot .main-svg")
    opened.page.wait_for_selector("#article-ways .js-plotly-plot .main-svg")
    opened.page.wait_for_selector("#article-foot .health")
    return opened


@pytest.mark.parametrize(("scheme", "size"), BOTH)
def test_an_article_is_clean(visit: OpenVisit, article_id: str, scheme: Scheme, size: Size) -> None:
    opened = shown(visit, f"/articles/{article_id}", scheme, size)
    opened.screenshot(f"article-{scheme}-{size}")

    opened.assert_whole()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_an_unknown_article_says_so_and_leads_back(visit: OpenVisit, size: Size) -> None:
    opened = visit("/articles/no-such-article", "light", size, ready="h1:has-text('no such article')")
    opened.console_errors = [
        each for each in opened.console_errors if "404" not in each
    ]  # the page's own status
    opened.assert_clean()
    opened.page.click("text=All articles")
    opened.page.wait_for_url("**/articles")


def test_a_period_writes_the_address(visit: OpenVisit, article_id: str) -> None:
    page = shown(visit, f"/articles/{article_id}").page
    page.click(".segmented >> text=Yesterday")
    page.wait_for_url(f"**/articles/{article_id}?period=yesterday")
    page.wait_for_selector("#article-curve h2:has-text('Reads per hour')")


def test_the_curve_changes_to_views_and_back(visit: OpenVisit, article_id: str) -> None:
    page = shown(visit, f"/articles/{article_id}").page
    page.click("#article-curve .card-links a:has-text('Views')")
    page.wait_for_url(f"**/articles/{article_id}?metric=views")
    page.wait_for_selector("#article-curve h2:has-text('Views')")
    page.go_back()
    page.wait_for_url(f"**/articles/{article_id}")
    page.wait_for_selector("#article-curve h2:has-text('Reads')")


def test_a_source_narrows_the_page(visit: OpenVisit, article_id: str) -> None:
    page = shown(visit, f"/articles/{article_id}").page
    page.click("#article-sources tbody a:has-text('Google')")
    page.wait_for_url(f"**/articles/{article_id}?source=Google")
    page.wait_for_selector(".chosen a:has-text('Google')")
    page.wait_for_selector("#article-talk :text('Not shown under a filter')")


def test_charts_turn_into_tables_by_the_keyboard(visit: OpenVisit, article_id: str) -> None:
    page = shown(visit, f"/articles/{article_id}").page
    page.keyboard.press("t")
    page.wait_for_selector("#article-curve .twin table")
    page.wait_for_selector("#article-ways .twin table")
    page.keyboard.press("?")
    page.wait_for_selector("dialog#help[open]")


def test_the_section_leads_to_its_articles(visit: OpenVisit, article_id: str) -> None:
    page = shown(visit, f"/articles/{article_id}").page
    page.locator(".crumbs a").nth(1).click()
    page.wait_for_url("**/articles?section=*")
