"""The sample site: what its pages hold, what they escape, and that only the demo serves it."""

from __future__ import annotations

import asyncio
import datetime as dt
import inspect
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from dashboards import main
from dashboards.sample import FRONT, Sample, pages
from data import demo
from data.demo import stories
from data.demo.prose import paragraphs
from data.demo.story import Story

NOW = dt.datetime(2026, 5, 5, 18, 0)
HOSTILE = "</script><img src=x onerror=alert(1)>\"'&"


def got(path: str, method: str = "GET", now: dt.datetime = NOW) -> tuple[int, dict[str, str], str]:
    sent: list[Any] = []

    async def behind(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b"the screens"})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": method, "path": path, "headers": []}
    asyncio.run(Sample(behind, lambda: now)(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"].decode()


def a_story() -> Story:
    return stories.published_on(demo.SEED, NOW.date() - dt.timedelta(days=1))[0]


def test_an_article_has_what_a_newsroom_page_has() -> None:
    story = a_story()
    status, headers, page = got(f"{FRONT}{story.article_id}")
    told = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)[0])

    assert status == 200
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert (story.article_id, story.title) == (told["identifier"], told["headline"])
    assert [name for _, name in story.authors] == [author["name"] for author in told["author"]]
    assert f'data-domain="{demo.SITE}" data-article-id="{story.article_id}"' in page
    assert 'src="/t/tearsheet.js"' in page
    assert f'data-read="{story.article_id}"' in page
    assert f"/w/{demo.SITE}/counter.svg?id={story.article_id}" in page
    assert 'data-tearsheet-limit="512"' in page
    assert "data-tearsheet-warning" in page
    assert f'href="/articles/{story.article_id}"' in page
    assert page.count("<p>") > 8
    for key, _ in story.authors:
        assert got(f"{FRONT}authors/{key}")[0] == 200


def test_nothing_on_a_page_comes_from_elsewhere_or_runs_inline() -> None:
    for path in (FRONT, f"{FRONT}{a_story().article_id}", f"{FRONT}none"):
        page = got(path)[2]
        addresses = re.findall(r'(?:src|href|action)="([^"]*)"', page)

        assert [each for each in addresses if not re.match(r"/(?!/)|#", each)] == []
        assert re.findall(r"\son\w+=|style=|<style", page) == []
        assert all("src=" in tag or "ld+json" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_every_link_of_the_front_page_leads_somewhere() -> None:
    links = set(re.findall(rf'href="({FRONT}[^"]*)"', got(FRONT)[2]))

    assert len(links) > 10
    assert {200} == {got(link)[0] for link in links}


def test_what_a_title_holds_stays_text() -> None:
    story = replace(a_story(), title=HOSTILE, authors=(('"><b>', HOSTILE),), topics=(HOSTILE,))
    page = pages.article(story, [story]).decode()
    told = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)[0])

    assert "<img src=x" not in page
    assert '"><b>' not in page
    assert told["headline"] == HOSTILE


def test_stories_appear_when_they_are_published() -> None:
    story = a_story()
    before = story.published_at - dt.timedelta(minutes=1)

    assert got(f"{FRONT}{story.article_id}", now=before)[0] == 404
    assert got(f"{FRONT}{story.article_id}", now=story.published_at)[0] == 200


@pytest.mark.parametrize("path", ["/", "/articles", "/samples", "/api/event", "/sampl"])
def test_all_other_addresses_go_to_the_screens(path: str) -> None:
    assert got(path)[0] == 418


def test_the_pages_are_only_read() -> None:
    assert got(FRONT, "POST")[0] == 405
    assert got("/sample")[0] == 200
    assert got(FRONT, "HEAD")[2] == ""


def test_serve_has_no_sample_site() -> None:
    assert "has_sample=True" in inspect.getsource(main.demo)
    assert "has_sample" not in inspect.getsource(main.serve)
    assert inspect.signature(main._run).parameters["has_sample"].default is False


def test_every_desk_has_its_text_and_no_story_repeats_a_paragraph() -> None:
    days = [NOW.date() - dt.timedelta(days=back) for back in range(20)]
    known = [story for day in days for story in stories.published_on(demo.SEED, day)]

    assert {len(paragraphs(demo.SEED, story)) for story in known} == {10}
    assert all(len(set(paragraphs(demo.SEED, story))) == 10 for story in known)
    assert paragraphs(demo.SEED, known[0]) == paragraphs(demo.SEED, known[0])
