"""Taking events: durable and acknowledged, against a bare endpoint of the same server that only says 202."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil
import pytest

from analytics.collect import settings, spool
from tests.bench.load import Result
from tests.bench.report import tell

pytestmark = pytest.mark.bench

CONNECTIONS = 64
SECONDS = 8
ROUNDS = 3
LEAST_SHARE = 0.25
CROWD, MINUTES, MOST_GROWTH_MB = 1024, 5, 24

BARE = """
import socket, sys, uvicorn
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await receive()
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})
uvicorn.Server(uvicorn.Config(app, port=int(sys.argv[1]), log_level="error", access_log=False)).run()
"""
OURS = """
import sys
from pathlib import Path
from analytics.collect.serve import run
run(Path(sys.argv[2]), 1, "127.0.0.1", int(sys.argv[1]), lambda url: None)
"""


@dataclass(slots=True)
class Measured:
    """One server under the client's load."""

    rate: float
    cpu_ms: float
    seen: Result
    memory_mb: float


@contextmanager
def _server(code: str, *more: str) -> Iterator[tuple[int, psutil.Process]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(port), *more], env=os.environ | {"TEARSHEET_VISITOR_RATE": "0"}
    )
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def _client(port: int, seconds: float, connections: int = CONNECTIONS) -> list[str]:
    return [sys.executable, "-m", "tests.bench.load", str(port), str(seconds), str(connections)]


def _load(port: int, seconds: float) -> Result:
    done = subprocess.run(_client(port, seconds), capture_output=True, check=True)
    return msgspec.json.decode(done.stdout, type=Result)


def _measure(port: int, process: psutil.Process) -> Measured:
    _load(port, 1)  # caches and lists are warm in a server that runs
    before = process.cpu_times()
    seen = _load(port, SECONDS)
    after = process.cpu_times()
    cpu = after.user + after.system - before.user - before.system
    return Measured(
        seen.answers / seen.seconds, 1000 * cpu / seen.answers, seen, process.memory_info().rss / 2**20
    )


def _commits(port: int) -> tuple[float, float]:
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
    count, total = (
        float(re.search(rf"tearsheet_commit_seconds_{what} (\S+)", text)[1])  # type: ignore[index]
        for what in ("count", "sum")
    )
    return count, total


def _settle(home: Path) -> None:
    limits = settings.Limits(reserve_bytes=0)
    settings.write(
        home, settings.Settings(sites={"news.example": settings.Site(zone="Asia/Tbilisi")}, limits=limits)
    )


def test_taking_events_keeps_a_quarter_of_the_bare_rate(tmp_path: Path) -> None:
    _settle(tmp_path)
    bare, ours = [], []
    with _server(BARE) as (bare_port, bare_process), _server(OURS, str(tmp_path)) as (port, process):
        for _ in range(ROUNDS):  # in turns, so that both meet the same machine
            bare.append(_measure(bare_port, bare_process))
            ours.append(_measure(port, process))
        commits, seconds = _commits(port)
    on_disk = sum(spool.last_seq(file) for file in spool.files(tmp_path))
    answered = sum(each.seen.answers for each in ours)

    reference, best = (sorted(each, key=lambda one: one.rate)[ROUNDS // 2] for each in (bare, ours))
    share = best.rate / reference.rate
    tell(
        "Taking events",
        f"{CONNECTIONS} connections on loopback, events of about 330 bytes, client and server on the same cores; the "
        f"median of {ROUNDS} rounds in turns. The bare endpoint is uvicorn that reads the body and says 202. Durable "
        f"and acknowledged: {share:.0%} of it. {on_disk / commits:.0f} events a commit, {1000 * seconds / commits:.1f} "
        "ms each.",
        ("", "events/s", "CPU ms an event", "p50 ms", "p99 ms", "longest ms", "memory MiB"),
        [
            (
                name,
                f"{one.rate:,.0f}",
                f"{one.cpu_ms:.3f}",
                f"{one.seen.p50_ms:.1f}",
                f"{one.seen.p99_ms:.1f}",
                f"{one.seen.max_ms:.0f}",
                f"{one.memory_mb:.0f}",
            )
            for name, one in (("bare 202", reference), ("collector", best))
        ],
        goal="at least 25 % of the bare endpoint, under 0.15 ms of CPU an event, p99 under 50 ms.",
    )

    assert on_disk >= answered
    assert [0] * ROUNDS == [each.seen.refused for each in ours]
    assert share >= LEAST_SHARE


def test_memory_stays_flat_under_more_than_can_be_taken(tmp_path: Path) -> None:
    _settle(tmp_path)
    sizes = []
    with _server(OURS, str(tmp_path)) as (port, process):
        _load(port, 5)
        client = subprocess.Popen(_client(port, 60 * MINUTES, CROWD), stdout=subprocess.PIPE)
        for _ in range(6 * MINUTES):
            time.sleep(10)
            sizes.append(process.memory_info().rss / 2**20)
        seen = msgspec.json.decode(client.communicate()[0], type=Result)
    early, late = max(sizes[:6]), max(sizes[-6:])
    tell(
        "Taking more than can be taken",
        f"{CROWD:,} connections that never pause, for {MINUTES} minutes: {seen.answers / seen.seconds:,.0f} answers a "
        f"second, {seen.refused:,} of them 503 or 429, p99 {seen.p99_ms:.0f} ms.",
        ("", "first minute", "last minute"),
        [("most memory of the collector, MiB", f"{early:.0f}", f"{late:.0f}")],
        goal="memory flat at twice the capacity.",
    )

    assert late < early + MOST_GROWTH_MB
