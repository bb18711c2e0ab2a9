"""Simulated readers: all that they say is taken, by the real collector, and becomes what the history is."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import iptocc
import pytest

from analytics import config
from analytics.collect import agents, settings
from analytics.collect.app import create_collector
from analytics.desk import Desk
from analytics.events import CommentState, Engagement, Interaction, PageView
from analytics.queries import answers
from dashboards import demo as home
from dashboards import readers
from dashboards.readers import Readers, Saying, between, request_of
from data import demo
from tests.collect.client import Answered, Client, Clock

SINCE = dt.datetime(2026, 5, 5, 17, 30)
UNTIL = SINCE + dt.timedelta(minutes=30)


@lru_cache(maxsize=1)
def half_an_hour() -> list[Saying]:
    return between(SINCE, UNTIL)


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Client]:
    """The collector of a demo home, as `tearsheet demo` runs it."""
    home.prepare(tmp_path / "home", 2, UNTIL)
    told = settings.of_home(config.read(tmp_path / "home"))
    settings.write(tmp_path / "home", told)
    clock = Clock(UNTIL)
    environ = {"TEARSHEET_TRUSTED_PROXIES": "127.0.0.1", "TEARSHEET_RESERVE_MB": "0"}
    app = create_collector(tmp_path / "home", clock, environ=environ, ticks=clock.ticks)
    client = Client(app, tmp_path / "home", clock)
    yield client
    app.close()
    client.runner.close()


def told(collector: Client, sayings: list[Saying]) -> list[Answered]:
    secret = str(config.read(collector.home).site[demo.SITE].collect["comment_secret"])
    given = []
    for saying in sayings:
        collector.clock.now = max(saying.raw.event_at, SINCE)
        request = request_of(saying, collector.clock.now, secret)
        given.append(
            collector.ask(
                *(request.method, request.path, request.body),
                headers=request.headers,
                agent=None,
                peer="127.0.0.1",
            )
        )
    return given


def test_every_event_is_taken(collector: Client) -> None:
    refused = [
        each
        for each in told(collector, half_an_hour())
        if each.status not in {200, 202} or "x-tearsheet-dropped" in each.headers
    ]
    kinds = Counter(type(event) for event in collector.events())

    assert refused == []
    assert len(half_an_hour()) == len(collector.events())
    assert kinds[PageView] > 100
    assert kinds[Engagement] > kinds[PageView]
    assert kinds[Interaction] >= 3


def test_the_collector_sees_what_the_history_tells(collector: Client) -> None:
    told(collector, half_an_hour())
    table = demo.Newsroom(demo.SEED, 2, UNTIL).day(SINCE.date())["page_views"]
    drawn = {row["event_id"]: row for row in table.to_dicts()}
    views = [event for event in collector.events() if isinstance(event, PageView)]
    same = ("event_at", "day_local", "url", "article_id", "view_id", "device", "browser", "os", "country")

    for view in views:
        row = drawn[view.event_id]
        assert {name: row[name] for name in (*same, "channel", "signal", "format")} == {
            name: getattr(view, name) for name in (*same, "channel", "signal", "format")
        }
        if row["channel"] not in {"internal", "direct"}:  # inside, the history also says from which page
            assert view.source == row["source"]
    assert len({row["visitor"] for row in map(drawn.get, (v.event_id for v in views)) if row}) == len(
        {view.visitor for view in views}
    )


def test_a_reader_is_one_visitor_in_all_that_he_does(collector: Client) -> None:
    told(collector, half_an_hour())
    by_view: dict[str | None, set[object]] = {}
    opened = {event.view_id for event in collector.events() if isinstance(event, PageView)}
    for event in collector.events():
        if isinstance(event, PageView | Engagement | Interaction) and event.view_id in opened:
            by_view.setdefault(event.view_id, set()).add(event.visitor)

    assert {1} == {len(visitors) for visitors in by_view.values()}


def test_comments_of_readers_wait_and_moderators_decide(collector: Client) -> None:
    talk = [each for each in between(SINCE - dt.timedelta(hours=6), SINCE) if each.raw.comment]
    heard = told(collector, talk)
    states = [event for event in collector.events() if isinstance(event, CommentState)]
    by_origin = {
        origin: {event.status for event in states if event.origin == origin} for origin in ("page", "api")
    }

    assert {202} == {answer.status for answer in heard}
    assert len(talk) == len(states)
    assert {"pending"} == by_origin["page"]
    assert {"published", "rejected"} <= by_origin["api"]
    assert "pending" not in by_origin["api"]
    assert all(event.text is None for event in states)


def test_signs_of_reading_come_while_the_page_is_open() -> None:
    signs: dict[str | None, list[int]] = {}
    for saying in half_an_hour():
        if saying.raw.kind == "engagement":
            signs.setdefault(saying.raw.view_id, []).append(saying.raw.engaged_ms or 0)

    assert all(marks == sorted(marks) for marks in signs.values())
    assert max(len(marks) for marks in signs.values()) > 4


def test_windows_meet_without_gap_or_overlap() -> None:
    middle = SINCE + dt.timedelta(minutes=11)
    parts = [*between(SINCE, middle), *between(middle, UNTIL)]

    assert [saying.raw.event_id for saying in half_an_hour()] == [saying.raw.event_id for saying in parts]


def test_addresses_tell_the_country_and_belong_to_no_computer() -> None:
    for country, network in readers.NETWORKS.items():
        assert {country} == {
            iptocc.country_code(f"{network}:{house:x}:{house:x}::") for house in range(0, 65536, 4099)
        }
    assert all(saying.address.endswith("::") for saying in half_an_hour() if saying.address)


def test_agents_are_read_as_the_browsers_of_the_history() -> None:
    for (device, browser, system), text in readers.AGENTS.items():
        caller = agents.caller_of(text)
        assert (device, browser, system, None) == (
            *(caller.agent.device, caller.agent.browser, caller.agent.os),
            caller.bot,
        )


def test_what_the_generator_fills_in_later_counts_once(tmp_path: Path, collector: Client) -> None:
    told(collector, half_an_hour())
    collector.app.close()
    desk = Desk(collector.home, "demo", lambda: UNTIL + dt.timedelta(minutes=5))
    try:
        newsroom = demo.Newsroom(demo.SEED, 2, UNTIL)
        desk.take_catalogue(demo.SITE, newsroom.catalogue())
        while desk.load_queue():
            pass
        day = newsroom.day(SINCE.date())
        desk.take(day)
        desk.recount()
        kept = answers.status(desk.store, desk.clock())["tables"]
    finally:
        desk.close()

    assert day["page_views"].height == kept["page_views"] == kept["view_facts"]


def test_a_collector_that_is_away_is_asked_again_and_stopping_is_quick() -> None:
    stopping = threading.Event()
    one = Readers(("127.0.0.1", 9), lambda: UNTIL, "secret", stopping)
    published: list[None] = []
    thread = threading.Thread(
        target=one.play, args=(UNTIL - dt.timedelta(minutes=1), lambda: published.append(None))
    )
    thread.start()
    stopping.wait(1.0)
    stopping.set()
    thread.join(5)

    assert not thread.is_alive()
    assert one.told == 0
    assert published


def test_after_a_long_sleep_the_generator_has_to_fill_the_gap() -> None:
    one = Readers(("127.0.0.1", 9), lambda: UNTIL, "secret", threading.Event())

    assert one.play(UNTIL - dt.timedelta(hours=1), lambda: None) == UNTIL - dt.timedelta(hours=1)
