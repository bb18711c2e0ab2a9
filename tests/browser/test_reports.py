"""The page of reports in a real browser: set up, looked at, sent, compared with now, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenVisit
from tests.browser.visit import BOTH, Scheme, Size


@pytest.mark.parametrize(("scheme", "size"), BOTH)
def test_the_form_of_a_report_is_clean(visit: OpenVisit, scheme: Scheme, size: Size) -> None:
    opened = visit("/reports?new=morning", scheme, size, ready="#reports-form .card")
    opened.page.wait_for_selector("#reports-ledger .card")
    opened.screenshot(f"reports-{scheme}-{size}")

    opened.assert_whole()


def test_a_report_is_set_up_previewed_sent_and_compared_with_now(visit: OpenVisit) -> None:
    opened = visit("/reports?new=comments", ready="#reports-form .card")
    page, said = opened.page, opened.page.locator("#reports-said")
    form = page.locator("#reports-form")
    form.get_by_label("Name", exact=True).fill("Talk on Tuesdays")
    form.get_by_label("When").fill("sometimes")
    form.get_by_label("To", exact=True).fill("talk@courier.example")
    form.get_by_role("button", name="Save").click()
    expect(said).to_contain_text("“sometimes” is no schedule.")

    form.get_by_label("When").fill("every Tuesday at 09:30")
    form.get_by_label("Rests on").fill("DE-BE")
    form.get_by_role("button", name="Preview").click()
    expect(page.frame_locator("#reports-shown iframe").locator("body")).to_contain_text("Comments")

    form.get_by_role("button", name="Save").click()
    expect(said).to_contain_text("every Tuesday at 09:30")
    expect(form.locator("h3")).to_contain_text("Who gets it")
    expect(form.get_by_label("Rests on")).to_have_value("DE-BE")
    form.get_by_role("button", name="Send now to talk@courier.example").click()
    expect(said).to_contain_text("Sent to talk@courier.example.")

    page.locator("#reports-ledger").get_by_role("link", name="Now").first.click()
    expect(page.locator("#reports-changes")).to_contain_text("then and now")
    page.go_back()
    with _drawn_before_its_answer(page, "reports-ledger"):
        form.get_by_role("button", name="Delete").click()
    expect(said).to_contain_text("Deleted")
    expect(page.locator("#reports-list")).not_to_contain_text("Talk on Tuesdays")


@contextmanager
def _drawn_before_its_answer(page: Page, slot: str) -> Iterator[None]:
    """Answer a press only after a slot with buttons was drawn anew, as a busy desk does."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "reports-said" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component", hold)
    with page.expect_request(lambda request: "reports-said" in (request.post_data or "")):
        yield
    with page.expect_response(lambda answer: f'"{slot}.children"' in (answer.request.post_data or "")):
        page.evaluate("window.dash_clientside.set_props('reports-done', {data: 1000})")
    page.unroute("**/_dash-update-component", hold)
    for route in held:
        route.continue_()
