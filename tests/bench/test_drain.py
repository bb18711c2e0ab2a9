"""Emptying the queue: a million events that waited, against the store taking the same rows as one frame."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest

from analytics.collect import spool
from analytics.config import Config, Site
from analytics.events import Engagement, Hash64, PageView
from analytics.load.drain import Drain
from analytics.store import sites
from analytics.store.store import Store
from tests.bench.report import spent, tell

pytestmark = pytest.mark.bench

SITE, EVENTS, FILES = "news.example", 1_000_000, 4
BEGAN = dt.datetime(2026, 11, 22, 9)
NOW = BEGAN + dt.timedelta(hours=8)


def _event(number: int) -> spool.Record:
    """Make what a reader's browser left behind: a view, then two beacons of it."""
    view, step = divmod(number, 3)
    at = BEGAN + dt.timedelta(milliseconds=number * 20)
    shared: dict[str, Any] = {
        "site_id": SITE,
        "event_id": f"{number:032x}"[:8] + f"-0000-4000-8000-{number:012x}",
        "event_at": at,
        "received_at": at,
        "day_local": at.date(),
        "url": f"https://news.example/2026/11/story-{view % 900}",
        "article_id": f"a-{view % 900}",
        "visitor": Hash64((view // 3) * 2654435761 % 2**64),
        "visitor_prev": None,
        "reader_id": None,
        "session_given": None,
        "device": "phone",
        "browser": "Safari 17",
        "os": "iOS",
        "country": "GE",
        "language": "ka",
        "props": None,
        "format": "tearsheet",
    }
    if step == 0:
        event = PageView(
            **shared,
            view_id=f"v{view:015d}",
            title="Budget vote",
            channel="search",
            source="Google",
            signal="full",
        )
        return spool.record_of("page_views", event, None)
    beacon = Engagement(
        **shared,
        view_id=f"v{view:015d}",
        engaged_ms=15_000 * step,
        engaged_mode="max",
        body_scroll_pct=40 * step,
        acts=step,
    )
    return spool.record_of("engagements", beacon, None)


def _queue(home: Path) -> None:
    for worker in range(FILES):
        path, lock, database = spool.create(home, f"c{worker}", BEGAN)
        last = 0
        for begin in range(worker, EVENTS, FILES * 4096):
            numbers = range(begin, min(EVENTS, begin + FILES * 4096), FILES)
            rows = [spool.row_of(seq, _event(number)) for seq, number in enumerate(numbers, last + 1)]
            spool.insert(database, rows)
            last += len(rows)
        spool.seal(database, last)
        database.close()
        spool.unlock(path, lock)


def test_a_queue_of_a_million_is_emptied_at_fifty_thousand_a_second(tmp_path: Path) -> None:
    _queue(tmp_path)
    store = Store(tmp_path)
    sites.settle(store, Config(site={SITE: Site(timezone="Asia/Tbilisi")}), NOW)
    drain = Drain(store, tmp_path, os.urandom(32))
    taken = 0
    with spent() as ours:
        while batch := drain.once(NOW):
            taken += batch
    counted = sum(
        store.frame(f"SELECT count(*) AS n FROM {table}")["n"][0] for table in ("page_views", "engagements")
    )
    views = store.frame("FROM page_views")
    beacons = store.frame("FROM engagements")
    store.close()
    (tmp_path / "plain").mkdir()
    plain = Store(tmp_path / "plain")
    with spent() as bare:
        for table, frame in (("page_views", views), ("engagements", beacons)):
            for part in frame.iter_slices(20_000):
                with plain.write() as cursor:
                    cursor.register("part", part)
                    cursor.execute(f"INSERT INTO {table} BY NAME SELECT * FROM part")
    plain.close()
    rate = EVENTS / ours.wall
    tell(
        "Emptying the queue",
        f"{EVENTS:,} events in {FILES} queue files into an empty store: read, checked, decoded, told from repeats, "
        "inserted, hours marked. The bare row is DuckDB inserting the same frames in batches of 20,000.",
        ("", "events/s", "CPU us an event", "of bare"),
        [
            (
                "queue into store",
                f"{rate:,.0f}",
                f"{1e6 * ours.cpu / EVENTS:.1f}",
                f"{ours.cpu / bare.cpu:.1f}",
            ),
            ("bare insert", f"{EVENTS / bare.wall:,.0f}", f"{1e6 * bare.cpu / EVENTS:.1f}", "1"),
        ],
        goal="at least 50,000 events a second, each exactly once.",
    )

    assert taken == counted == EVENTS
    assert ours.cpu < 8 * bare.cpu
