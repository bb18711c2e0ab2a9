"""The sample site of the demo in a real browser: a person reads and comments, and Tearsheet counts it."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from analytics import config
from data import demo
from data.demo import stories
from data.demo.story import Story
from tests.browser.conftest import FULL, _is_healthy
from tests.browser.test_tracker import READER
from tests.browser.visit import BOTH, Scheme, Size, Visit

START_S = 120
KEPT_S = 60  # public answers are computed once a minute
PATIENCE_S = 30.0
LIMIT = 512
WAVE = "\N{WAVING HAND SIGN}"


class Paper:
    """A demo newsroom of two days in a process of its own, with nobody reading but the test.

    Attributes:
        url: Where it answers.
        home: Its folder.
        story: A story of two weeks ago, for the test that counts.
        fresh: A story of yesterday, for all others.
    """

    def __init__(self, url: str, home: Path) -> None:
        self.url, self.home = url, home
        today = demo.Newsroom(demo.SEED, 2, config.now()).local_days()
        fortnight = dt.timedelta(days=14)
        self.story: Story = stories.published_on(demo.SEED, today[0] - fortnight)[0]
        self.fresh: Story = stories.published_on(demo.SEED, today[0])[0]
        self.address = f"/sample/{self.fresh.article_id}"

    def ask(self, *words: str) -> Any:
        """Run a command beside the desk."""
        tearsheet = Path(sys.executable).parent / "tearsheet"
        done = subprocess.run(
            [tearsheet, "--home", self.home, *words], capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    def counts(self) -> dict[str, int]:
        """Rows of all that ever came in, by table."""
        tables: dict[str, int] = self.ask("status", "--format", "json")["tables"]
        return tables

    def of_story(self, metric: str) -> int:
        """One metric of the story, today."""
        day = demo.Newsroom(demo.SEED, 1, config.now()).local_days()[0].isoformat()
        rows = self.ask(
            *("top", "articles", "--metric", metric, "--from", day, "--to", day),
            *("--limit", "500", "--format", "json"),
        )
        return next((int(row[metric] or 0) for row in rows if row["article"] == self.story.article_id), 0)

    def counter(self) -> int:
        """The public counter, past its minute."""
        address = f"{self.url}/w/{demo.SITE}/counter.json?id={self.story.article_id}"
        with urllib.request.urlopen(address, timeout=30) as answer:
            return int(json.load(answer)["value"])


def until(reached: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait for the process behind: its clock is its own."""
    end = time.monotonic() + patience_s
    while not reached():
        assert time.monotonic() < end, f"not reached in {patience_s:.0f} s"
        time.sleep(0.5)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paper]:
    folder = tmp_path_factory.mktemp("sample")
    said, home = folder / "said.txt", folder / "home"
    tearsheet = Path(sys.executable).parent / "tearsheet"
    words = ["--home", str(home), "demo", "--no-browser", "--no-live", "--days", "2", "--port", "0"]
    with said.open("wb") as output:
        desk = subprocess.Popen([tearsheet, *words], stdout=output, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + START_S
        while time.monotonic() < end and desk.poll() is None:
            text = said.read_text(encoding="utf-8", errors="replace")
            address = re.search(r"http://127\.0\.0\.1:\d+", text)
            if address and FULL in text and _is_healthy(address[0]):
                yield Paper(address[0], home)
                return
            time.sleep(0.1)
        pytest.fail(f"the demo did not start:\n{said.read_text(errors='replace')[-3000:]}", pytrace=False)
    finally:
        desk.terminate()
        desk.wait(timeout=20)


@pytest.fixture
def reader(browser: Browser, paper: Paper) -> Iterator[Callable[..., Visit]]:
    """Opens pages as a person does: the tracker is silent for test programs, and the collector drops them."""
    opened: list[Visit] = []

    def come(scheme: Scheme = "light", size: Size = "desktop") -> Visit:
        one = Visit(browser, paper.url, scheme, size, READER)
        one.page.add_init_script(
            "Object.defineProperty(navigator, 'webdriver', {get: () => false, configurable: true})"
        )
        opened.append(one)
        return one

    yield come
    for one in opened:
        one.close()


def test_a_person_reads_and_comments_and_is_counted(paper: Paper, reader: Callable[..., Visit]) -> None:
    address = f"/sample/{paper.story.article_id}"
    before, views, reads = paper.counts(), paper.of_story("views"), paper.of_story("reads")
    visit = reader()
    told: list[str] = []  # what the tracker said of reading
    visit.page.on(
        "request", lambda asked: told.append(asked.post_data or "") if asked.method == "POST" else None
    )
    page = visit.open(address, ready=".read >> visible=true").page
    shown = page.inner_text("article .read")
    value = paper.counter()

    assert shown == f"Read: {value:,}"

    for second in range(90):  # it counts while something is done, and is told at 15: on a busy machine later
        if any('"em":15000' in each for each in told):
            break
        page.mouse.wheel(0, 300 if second % 4 < 3 else -300)
        page.wait_for_timeout(1000)
    field, left, warning = (page.locator(f".talk {each}") for each in ("textarea", "output", ".warning"))
    field.click()
    page.keyboard.type("SEE WWW.SHOUTING.EXAMPLE NOW")

    assert warning.is_visible()
    assert "Links" in warning.inner_text()
    assert left.inner_text() == f"{LIMIT - 28} characters left"

    page.wait_for_timeout(1500)  # the tracker looks once a second
    field.fill(WAVE * (LIMIT + 8))

    assert field.evaluate("each => [...each.value].length") == LIMIT
    assert left.inner_text() == "0 characters left"
    assert not warning.is_visible()

    page.keyboard.press("Control+End")
    visit.screenshot("sample-comment")
    page.click(".talk button")

    assert page.inner_text(".comments li p >> nth=0") == WAVE * LIMIT
    assert "Waiting for moderation" in page.inner_text(".comments li")
    visit.assert_clean()

    until(lambda: paper.counts()["interactions"] == before["interactions"] + 5)
    until(lambda: paper.of_story("reads") == reads + 1)

    after = paper.counts()
    assert paper.of_story("views") == views + 1
    assert after["page_views"] == before["page_views"] + 1
    assert after["comment_states"] == before["comment_states"] + 1
    until(lambda: paper.of_story("comments_created") > paper.of_story("comments"))  # pending, not published

    until(lambda: paper.counter() == value + 1, KEPT_S + PATIENCE_S)
    later = reader().open(address, ready=".read >> visible=true")
    assert later.page.inner_text("article .read") == f"Read: {value + 1:,}"


def test_a_click_between_pages_is_a_way_inside(paper: Paper, reader: Callable[..., Visit]) -> None:
    page = reader().open("/sample/", ready=".most a").page
    link = page.locator(".teasers h2 a").nth(1)
    link.click()
    page.wait_for_selector("article .read >> visible=true")

    assert page.evaluate("document.referrer") == f"{paper.url}/sample/"

    page.click(".onward a >> nth=0")
    page.wait_for_selector("article .read >> visible=true")
    page.click("a[rel=author] >> nth=0")
    page.wait_for_selector(".teasers a")


@pytest.mark.parametrize(("scheme", "size"), BOTH)
def test_the_pages_are_clean(paper: Paper, reader: Callable[..., Visit], scheme: Scheme, size: Size) -> None:
    (author, _), *_ = paper.fresh.authors or (("staff-01", ""),)
    for name, path in (
        ("front", "/sample/"),
        ("article", paper.address),
        ("author", f"/sample/authors/{author}"),
    ):
        visit = reader(scheme, size).open(path, ready=".read >> visible=true")
        visit.screenshot(f"sample-{name}-{scheme}-{size}")
        visit.assert_clean()


def test_the_article_leads_to_its_page_and_the_screens_lead_here(
    paper: Paper, reader: Callable[..., Visit]
) -> None:
    page = reader().open(paper.address).page
    page.click("text=Open this article in Tearsheet")
    page.wait_for_selector(f'h1:has-text("{paper.fresh.title[:12]}")')
    page.click("text=Sample site")
    page.wait_for_selector(".paper")


def test_without_scripts_the_counter_is_a_picture(browser: Browser, paper: Paper) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(paper.url + paper.address)
    picture = page.locator("img.read")

    assert picture.is_visible()
    assert picture.bounding_box()["width"] > 30  # type: ignore[index]  # it has one
    context.close()
