"""The live page in a real browser: it moves by itself, says when it cannot, and becomes a wall."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.browser.conftest import OpenVisit
from tests.browser.visit import BOTH, SCREENSHOTS, Scheme, Size, Visit
from tests.commands import admitted, serving

READY = ".live-large b"
SITE = "news.example"
NOW = "2026-05-05T12:00:00Z"
A_MINUTE_BEFORE = "2026-05-05T11:59:00Z"  # the desk's clock stands still, and reading takes time
WAIT_MS = 30_000
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
ALL_OF_SPORT = """() => [...document.querySelectorAll('.live-list .live-title .meta')]
  .every(each => each.innerText.startsWith('Sport'))"""


class Desk:
    """A desk of its own, to which readers can come."""

    def __init__(self, url: str, process: int, session: str) -> None:
        self.url, self.process, self.session, self.views = url, process, session, 0

    def post(self, **event: object) -> None:
        """Post one event; every view is of another reader."""
        version = f"{100 + self.views}.0"
        agent = f"Mozilla/5.0 (X11; Linux x86_64; rv:{version}) Gecko/20100101 Firefox/{version}"
        body = json.dumps({"d": SITE, **event}).encode()
        request = urllib.request.Request(
            f"{self.url}/api/event", body, {"Content-Type": "text/plain", "User-Agent": agent}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 202

    def view(self, article: str, count: int = 1, *, is_read: bool = False) -> None:
        """Let readers open an article."""
        for _ in range(count):
            self.views += 1
            name = f"{self.views:08d}-0000-4000-8000-000000000000"
            at = {"u": f"https://{SITE}/{article}", "pv": name, "p": {"article_id": article, "pv": name}}
            self.post(n="pageview", ts=A_MINUTE_BEFORE, **at)
            if is_read:
                self.post(n="engagement", em=15_000, ac=2, sd=50, bs=50, **at)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("live")
    (home / "tearsheet.toml").write_text(
        f'[site."{SITE}"]\ntimezone = "Europe/London"\nname = "The Example"\n', encoding="utf-8"
    )
    session = admitted(home, NOW)
    with serving(home, NOW) as (url, process):
        made = Desk(url, process, session)
        made.view("first", 12)
        yield made


def number(opened: Visit, selector: str = ".live-small b") -> int:
    return int(opened.page.inner_text(selector).replace(",", ""))


def until(opened: Visit, script: str) -> None:
    opened.page.wait_for_function(f"() => {script}", timeout=WAIT_MS)  # not eval, which the policy forbids


@pytest.mark.parametrize(("scheme", "size"), BOTH)
def test_live_is_clean(visit: OpenVisit, scheme: Scheme, size: Size) -> None:
    opened = visit("/live", scheme, size, ready=READY)
    opened.page.wait_for_selector("#live-day .js-plotly-plot .main-svg")
    opened.page.wait_for_selector(".live-list .live-rows li")
    opened.screenshot(f"live-{scheme}-{size}")

    opened.assert_whole()


def test_numbers_and_lists_change_by_themselves(visit: OpenVisit, desk: Desk) -> None:
    opened = visit("/live", base_url=desk.url, session=desk.session, ready=READY)
    before = number(opened)
    desk.view("second", 3, is_read=True)
    until(opened, f"document.querySelector('.live-small b').innerText === '{before + 3}'")
    until(opened, "[...document.querySelectorAll('.live-list li')].some(r => r.dataset.id === 'second')")
    row = opened.page.locator('.live-list li[data-id="second"]')

    assert row.locator(".live-value").inner_text().split()[-1] == "3"
    assert row.locator(".live-second").inner_text().split()[-1] == "3"
    assert number(opened, READY) >= 3
    opened.assert_clean()


def test_the_order_is_held_under_the_pointer(visit: OpenVisit, desk: Desk) -> None:
    desk.view("low", 20)
    desk.view("high", 22)
    opened = visit("/live", base_url=desk.url, session=desk.session, ready=READY)
    page = opened.page
    until(opened, "document.querySelector('.live-list li').dataset.id === 'high'")
    page.hover(".live-list li:first-child")
    page.wait_for_selector("text=The order is held")
    desk.view("low", 5)
    until(opened, "document.querySelector('.live-list li[data-id=low] .live-value').innerText.includes('25')")

    assert page.get_attribute(".live-list li:first-child", "data-id") == "high"
    page.mouse.move(5, 5)
    until(opened, "document.querySelector('.live-list li').dataset.id === 'low'")


def test_what_buffers_the_stream_is_asked_instead(visit: OpenVisit, desk: Desk) -> None:
    opened = visit("/live", base_url=desk.url, session=desk.session, ready=READY)
    page = opened.page
    page.route(re.compile(r"/stream/live(\?|$)"), lambda _route: None)  # never answered, as behind a buffer
    page.reload()
    page.wait_for_selector(READY)
    before = number(opened)
    desk.view("third", 2)
    until(opened, f"document.querySelector('.live-small b').innerText === '{before + 2}'")

    assert page.get_attribute(".live-clock", "data-stale") == "false"


def test_a_lost_desk_turns_the_clock_amber_and_is_found_again(visit: OpenVisit, desk: Desk) -> None:
    opened = visit("/live", base_url=desk.url, session=desk.session, ready=READY)
    page = opened.page
    before = number(opened)
    os.kill(desk.process, signal.SIGSTOP)
    try:
        page.wait_for_selector('.live-clock[data-stale="true"]', timeout=WAIT_MS + 10_000)
        page.screenshot(path=SCREENSHOTS / "live-stale.png")

        assert re.search(r"No answer: the numbers are \d+\ss old", page.inner_text(".live-age"))
        assert number(opened) == before, "never blank"
    finally:
        os.kill(desk.process, signal.SIGCONT)
    page.wait_for_selector('.live-clock[data-stale="false"]', timeout=WAIT_MS)


def test_a_hidden_tab_and_a_left_page_end_their_stream(visit: OpenVisit, desk: Desk) -> None:
    opened = visit("/live", base_url=desk.url, session=desk.session, ready=READY)
    page = opened.page

    def is_stream(request: object) -> bool:
        return "/stream/live" in str(getattr(request, "url", ""))

    with page.expect_event("requestfailed", is_stream):
        page.evaluate(HIDE, arg=True)
    with page.expect_request(is_stream):
        page.evaluate(HIDE, arg=False)
    with page.expect_event("requestfailed", is_stream):
        page.click(".nav a[href='/articles']")
    page.wait_for_selector("h1:has-text('Articles')")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if is_stream(request) else None)
    page.wait_for_timeout(2500)

    assert asked == []


def test_a_key_makes_a_wall_of_it_and_escape_leaves(visit: OpenVisit) -> None:
    opened = visit("/live", ready=READY)
    page = opened.page
    page.wait_for_selector(".live-list .live-rows li")
    page.keyboard.press("w")
    page.wait_for_url("**/live?wall=on")
    page.wait_for_selector("body.wall")
    page.wait_for_timeout(300)
    page.screenshot(path=SCREENSHOTS / "live-wall.png")

    assert not page.is_visible(".nav")
    assert page.get_attribute("html", "data-mantine-color-scheme") == "dark"
    assert (
        page.evaluate("parseFloat(getComputedStyle(document.querySelector('.live-large b')).fontSize)") >= 100
    )
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    opened.assert_clean()
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/live$"))

    assert page.is_visible(".nav")
    assert page.get_attribute("html", "data-mantine-color-scheme") == "light"


def test_the_address_of_a_wall_opens_it(visit: OpenVisit) -> None:
    page = visit("/live?wall=on", ready=READY).page
    page.wait_for_selector('html[data-mantine-color-scheme="dark"] body.wall')
    page.click("text=Leave wall")
    page.wait_for_selector(".nav >> visible=true")


def test_window_and_section_stand_in_the_address(visit: OpenVisit) -> None:
    page = visit("/live", ready=READY).page
    page.click(".segmented a:has-text('60')")
    page.wait_for_url("**/live?window=60")
    page.wait_for_selector(".live-list h2:has-text('Last 60 minutes')")
    page.get_by_label("All sections").first.click()
    page.click("[role=option]:has-text('Sport')")
    page.wait_for_url("**/live?window=60&section=Sport")
    page.wait_for_selector(".chosen a")
    page.wait_for_function(ALL_OF_SPORT)


def test_g_and_l_open_it(visit: OpenVisit) -> None:
    page = visit("/articles", ready="h1").page
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/live")
    page.wait_for_selector(READY)


def test_a_stream_does_not_hold_up_the_end(tmp_path: Path) -> None:
    (tmp_path / "tearsheet.toml").write_text(f'[site."{SITE}"]\ntimezone = "Europe/London"\n')
    session = admitted(tmp_path, NOW)
    patient = (
        "from analytics.collect import serve; serve.GRACE_S = 600"  # or uvicorn would cut it off by itself
    )
    with serving(tmp_path, NOW, patient) as (url, process):
        headers = {"Accept": "text/event-stream", "Cookie": f"tearsheet={session}"}
        request = urllib.request.Request(f"{url}/stream/live", headers=headers)
        with urllib.request.urlopen(request, timeout=20) as stream:
            assert stream.readline().startswith(b"retry:")
            os.kill(process, signal.SIGTERM)
            psutil.Process(process).wait(timeout=60)
