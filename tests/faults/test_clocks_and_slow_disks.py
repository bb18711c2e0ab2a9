"""Clocks that jump, disks that are slow, a sync that fails once: late or refused, never lost or twice."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sqlite3
import time
import uuid
from pathlib import Path
from typing import Any

import psutil

from analytics import config
from analytics.collect import settings, spool
from analytics.collect.app import create_collector
from analytics.collect.spool import Record
from analytics.collect.writer import QueueRefusedError, Writer
from analytics.desk import Desk
from tests.collect.client import PHONE, Client, Clock, body
from tests.collect.conftest import settings_with
from tests.faults.processes import SITE, ZONE, Machine

NOW = dt.datetime(2026, 11, 22, 10, 30)
JUMPS = ({"hours": -2}, {"days": 3}, {"days": -3}, {"hours": 2, "minutes": 3})


def event(**changes: Any) -> dict[str, Any]:
    event_id = str(uuid.uuid4())
    return body(id=event_id, pv=event_id[:16].replace("-", "x"), **changes)


def test_a_clock_that_jumps_loses_nothing_and_counts_once(tmp_path: Path) -> None:
    """Whoever retries over a jump of the clock still counts once; timers do not stand still."""
    config.add_site(tmp_path, SITE, ZONE)
    settings.write(tmp_path, settings_with({"visitor_rate": 0}))
    clock = Clock(NOW)
    sent: list[dict[str, Any]] = []
    desk = Desk(tmp_path, "serve", clock)
    settings.write(tmp_path, settings_with({"visitor_rate": 0}))
    client = Client(create_collector(tmp_path, clock, environ={}), tmp_path, clock)
    try:
        for jump in ({}, *JUMPS):
            clock.move(**jump)
            client.app.collector.tick()
            sent.append(event())
            assert {202} == {client.post(each).status for each in sent}, jump
            left = spool.create(tmp_path, "dead", clock.now.replace(minute=0))
            os.close(left[1])
            left[2].close()
            while desk.load_queue():
                pass
            assert spool.is_sealed(left[0]), "what the dead left is dealt with at once"
            desk.recount()
        client.app.close()
        ids = desk.store.frame("SELECT event_id::VARCHAR AS id FROM page_views")["id"].to_list()
        rolled = desk.store.frame("SELECT sum(page_loads)::BIGINT AS n FROM article_hours")["n"][0]
    finally:
        client.runner.close()
        desk.close()

    assert sorted(each["id"] for each in sent) == sorted(ids)
    assert len(sent) == rolled


def test_a_restart_under_another_clock_counts_once(processes: Machine, home: Path) -> None:
    sent = [event() for _ in range(5)]
    for jump in ({}, *JUMPS[:2]):
        at = (NOW + dt.timedelta(**jump)).isoformat() + "Z"
        running = processes.collect(TEARSHEET_NOW=at)
        assert {202} == {post(running.port(), each) for each in sent}
        running.stop()
    desk = Desk(home, "rollup", lambda: NOW + dt.timedelta(days=3))
    try:
        while desk.load_queue():
            pass
        assert 5 == desk.store.frame("FROM page_views").height
    finally:
        desk.close()


class Slow:
    """A file on a disk whose every commit takes its time, or fails once after it has written."""

    def __init__(self, database: sqlite3.Connection, delay_s: float, fails: list[bool]) -> None:
        self._database, self._delay_s, self._fails = database, delay_s, fails

    def execute(self, text: str, values: Any = ()) -> Any:
        found = self._database.execute(text, values)
        if text.startswith("INSERT"):
            time.sleep(self._delay_s)
            if self._fails and self._fails.pop(0):
                raise sqlite3.OperationalError("disk I/O error")  # as when fsync says EIO: written or not?
        return found

    def close(self) -> None:
        self._database.close()


def slow(home: Path, delay_s: float, fails: list[bool], **more: Any) -> Writer:
    def create(home: Path, worker: str, hour: dt.datetime) -> tuple[Path, int, Any]:
        file, lock, database = spool.create(home, worker, hour)
        return file, lock, Slow(database, delay_s, fails)

    return Writer(home, "w", Clock(), reserve_bytes=0, create=create, **more)


def test_a_slow_disk_answers_late_and_bounded(tmp_path: Path) -> None:
    """engine-notes.md 2.4: 200 ms of disk under more than it takes: refusals, not growth."""
    writer = slow(tmp_path, 0.2, [], most_events=2000)
    late: list[float] = []
    acked: list[int] = []
    refused = [0]
    before = psutil.Process().memory_info().rss

    async def send(number: int) -> None:
        began = time.perf_counter()
        try:
            await writer.append([Record("page_views", b"%d" % number + b" " * 300)])
        except QueueRefusedError:
            refused[0] += 1
        else:
            late.append(time.perf_counter() - began)
            acked.append(number)

    async def offer() -> None:
        sending = []
        for number in range(20_000):
            sending.append(asyncio.create_task(send(number)))
            if number % 200 == 199:
                await asyncio.sleep(0.01)
        await asyncio.gather(*sending)

    asyncio.run(offer())
    assert writer.close()
    found = [int(row.body) for file in spool.files(tmp_path) for row in spool.read(file, 0, 100_000)]

    assert sorted(acked) == sorted(found)
    assert refused[0] > 0
    assert len(acked) >= 2000
    assert max(late) < 20.0  # one second on a quiet machine; all that was offered would take minutes
    assert psutil.Process().memory_info().rss - before < 100 << 20


def test_a_sync_that_fails_once_is_not_acknowledged_and_its_file_is_sealed(tmp_path: Path) -> None:
    writer = slow(tmp_path, 0, [False, True])
    answers: list[str] = []

    async def send() -> None:
        for name in ("before", "unsure", "unsure", "after"):  # the sender tries again with the same id
            try:
                await writer.append([Record("page_views", name.encode())])
                answers.append(name)
            except QueueRefusedError as refusal:
                answers.append(refusal.refusal.value)

    asyncio.run(send())
    writer.close()
    spool.adopt(tmp_path)
    kept = [[row.body for row in spool.read(file, 0, 10)] for file in spool.files(tmp_path)]

    assert ["before", "commit_failed", "unsure", "after"] == answers
    assert [[b"before", b"unsure"], [b"unsure", b"after"]] == sorted(kept)  # the loader drops the repeat
    assert spool.files(tmp_path) == spool.sealed(tmp_path)


def post(port: int, what: dict[str, Any]) -> int:
    import http.client  # noqa: PLC0415 beside the one use

    import msgspec  # noqa: PLC0415 as above

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(
            "POST",
            "/api/event",
            msgspec.json.encode(what),
            {"User-Agent": PHONE, "X-Forwarded-For": "81.16.1.7"},
        )
        return connection.getresponse().status
    finally:
        connection.close()
