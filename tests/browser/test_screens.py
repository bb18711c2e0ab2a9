"""What moves on the screens without the server, tried in a real browser on two sample pages."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import OpenVisit
from tests.browser.visit import BOTH, Scheme, Size, Visit
from tests.dashboards import sample

READY = ".ag-row, .phone-row >> visible=true"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with sample.running() as address:
        yield address


def shown(
    visit: OpenVisit, url: str, path: str = "/", scheme: Scheme = "light", size: Size = "desktop"
) -> Visit:
    opened = visit(path, scheme, size, base_url=url, ready=READY)
    opened.page.wait_for_selector(".skeleton", state="detached")
    return opened


@pytest.mark.parametrize(("scheme", "size"), BOTH)
def test_the_frame_is_clean_in_both_schemes_and_sizes(
    visit: OpenVisit, url: str, scheme: Scheme, size: Size
) -> None:
    opened = shown(visit, url, scheme=scheme, size=size)

    opened.assert_clean()


def test_a_segment_writes_the_address_and_is_marked(visit: OpenVisit, url: str) -> None:
    page = shown(visit, url).page
    page.click("text=28 days")
    page.wait_for_url("**/?period=28d")
    page.wait_for_selector(".segmented [aria-current]:has-text('28 days')")


def test_a_choice_writes_the_address_and_can_be_removed(visit: OpenVisit, url: str) -> None:
    page = shown(visit, url).page
    page.click(".control.filter input >> nth=0")
    page.click("[role=option]:has-text('Politics')")
    page.wait_for_url("**/?section=politics")
    page.click(".chosen a")
    page.wait_for_url(f"{url}/")


def test_days_are_chosen_by_the_calendar(visit: OpenVisit, url: str) -> None:
    page = shown(visit, url).page
    page.click(".control.date button")
    page.click("[aria-label='4 November 2026']")
    page.click("[aria-label='9 November 2026']")
    page.wait_for_url("**/?period=2026-11-04..2026-11-09")
    page.go_back()
    page.wait_for_url(f"{url}/")


def test_a_row_opens_its_article_and_back_restores(visit: OpenVisit, url: str) -> None:
    page = shown(visit, url, "/?period=28d").page
    page.click(".ag-row[row-id=a1] .ag-cell[col-id=reads]")
    page.wait_for_selector("h1:has-text('Article a1')")
    page.wait_for_selector("h1:focus")
    page.go_back()
    page.wait_for_url("**/?period=28d")
    page.wait_for_selector(".ag-row")


def test_a_chart_turns_into_its_table(visit: OpenVisit, url: str) -> None:
    page = shown(visit, url).page
    page.click("text=View as table")

    assert page.is_visible(".twin table")
    assert not page.is_visible(".chart-box")
    page.keyboard.press("t")
    assert page.is_visible(".chart-box")


def test_charts_follow_the_colour_scheme(visit: OpenVisit, url: str) -> None:
    page = shown(visit, url).page
    line = "[...document.querySelectorAll('.js-plotly-plot path.js-line')].map((p) => p.style.stroke)"

    assert "rgb(15, 102, 148)" in page.evaluate(line)
    page.click("#scheme-toggle")
    page.wait_for_selector("html[data-mantine-color-scheme=dark]")
    page.wait_for_timeout(500)
    assert "rgb(98, 184, 232)" in page.evaluate(line)


def test_the_keyboard_walks_pages_rows_and_panels(visit: OpenVisit, url: str) -> None:
    page = shown(visit, url).page
    page.keyboard.press("?")
    assert page.is_visible("dialog.help")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('.ag-row').getAttribute('row-id')") == "a1"
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Article a1')")
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_selector(".ag-row")


def test_why_this_number_opens_and_closes(visit: OpenVisit, url: str) -> None:
    page = shown(visit, url).page
    page.click(".kpi details summary")
    page.wait_for_selector(".why-panel >> visible=true")
    page.keyboard.press("Escape")
    page.wait_for_selector(".why-panel >> visible=true", state="detached")


def test_phones_have_their_filters_in_a_sheet(visit: OpenVisit, url: str) -> None:
    page = shown(visit, url, size="phone").page
    assert not page.is_visible(".controls")
    page.click(".filters-button")
    assert page.is_visible(".controls")
    assert page.is_visible("text=Done")
    page.keyboard.press("Escape")
    assert not page.is_visible(".controls")
    assert not page.is_visible(".ag-root-wrapper")


def test_a_refused_parameter_is_named(visit: OpenVisit, url: str) -> None:
    page = shown(visit, url, "/?period=7x").page

    assert "period “7x”" in page.inner_text(".notice")
