"""The page of reports in a real browser: set up, looked at, sent, compared with now, deleted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenVisit
from tests.browser.visit import BOTH, Scheme, Size


@pytest.mark.parametrize(("scheme", "size"), BOTH)
def test_the_form_of_a_report_is_clean(visit: OpenVisit, scheme: Scheme, size: Size) -> None:
    opened = visit("/reports?new=morning", scheme, size, ready="#reports-form .card")
    opened.page.wait_for_selector("#reports-ledger .card")
    opened.screenshot(f"reports-{scheme}-{size}")

    opened.assert_clean()


def test_a_report_is_set_up_previewed_sent_and_compared_with_now(visit: OpenVisit) -> None:
    opened = visit("/reports?new=weekly", ready="#reports-form .card")
    page, said = opened.page, opened.page.locator("#reports-said")
    form = page.locator("#reports-form")
    form.get_by_label("Name", exact=True).fill("Politics on Tuesdays")
    form.get_by_label("When").fill("sometimes")
    form.get_by_label("To", exact=True).fill("politics@courier.example")
    form.get_by_role("button", name="Save").click()
    expect(said).to_contain_text("“sometimes” is no schedule.")

    form.get_by_label("When").fill("every Tuesday at 09:30")
    form.get_by_label("Rests on").fill("DE-BE")
    form.get_by_role("button", name="Preview").click()
    expect(page.frame_locator("#reports-shown iframe").locator("body")).to_contain_text("Weekly review")

    form.get_by_role("button", name="Save").click()
    expect(said).to_contain_text("every Tuesday at 09:30")
    expect(form.locator("h3")).to_contain_text("Who gets it")
    expect(form.get_by_label("Rests on")).to_have_value("DE-BE")
    form.get_by_role("button", name="Send now to politics@courier.example").click()
    expect(said).to_contain_text("Sent to politics@courier.example.")

    page.locator("#reports-ledger").get_by_role("link", name="Now").first.click()
    expect(page.locator("#reports-changes")).to_contain_text("then and now")
    page.go_back()
    form.get_by_role("button", name="Delete").click()
    expect(page.locator("#reports-said")).to_contain_text("Deleted")
    expect(page.locator("#reports-list")).not_to_contain_text("Politics on Tuesdays")
