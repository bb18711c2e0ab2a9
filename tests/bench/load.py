"""A client that keeps connections busy and writes down how long each answer took.

A process of its own, so that its work is not the server's: `python -m tests.bench.load PORT SECONDS CONNECTIONS`,
and a fourth number for so many events a second in all, however slow the answers are.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
import uuid
from typing import Any

import msgspec
import uvloop

REQUESTS = 4000
AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Chrome/{major}.0.0.0 Safari/537.36"
    for major in range(60, 150)
]
REFERRERS = [
    None,
    "https://www.google.com/",
    "https://t.co/x",
    "https://news.example/",
    "https://www.facebook.com/",
]


class Result(msgspec.Struct):
    """What the client saw."""

    seconds: float
    answers: int
    refused: int
    p50_ms: float
    p99_ms: float
    max_ms: float


def request(body: bytes, agent: str, length: int | None = None) -> bytes:
    """Write one request of a tracker."""
    return (
        b"POST /api/event HTTP/1.1\r\nHost: news.example\r\nUser-Agent: %b\r\nOrigin: https://news.example\r\n"
        b"Content-Type: text/plain\r\nAccept-Language: ka,en;q=0.8\r\nContent-Length: %d\r\n\r\n%b"
        % (agent.encode(), len(body) if length is None else length, body)
    )


def requests() -> list[bytes]:
    """Write many different ones: a power law of articles, as in real traffic; about 330 bytes each."""
    chance = random.Random(7)  # noqa: S311 makes up readers
    found = []
    for _ in range(REQUESTS):
        body = {
            "n": "pageview",
            "u": f"https://news.example/2026/11/the-council-votes-{int(chance.paretovariate(0.8)) % 2000}",
            "d": "news.example",
            "r": chance.choice(REFERRERS),
            "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "pv": f"{chance.getrandbits(64):016x}",
            "t": "The council votes on the budget tonight",
            "ts": 1795341600120,
            "st": 1795341600131,
            "w": 390,
            "l": "ka",
            "v": 1,
            "p": {"article_id": "a-17", "section": "politics"},
        }
        found.append(request(msgspec.json.encode(body), chance.choice(AGENTS)))
    return found


class Connection(asyncio.Protocol):
    """One connection: an answer, then the next request; with a pace, when it is due."""

    def __init__(self, pool: list[bytes], times: list[float], refused: list[int], pace: float = 0.0) -> None:
        self._pace = pace
        self._pool, self._times, self._refused = pool, times, refused
        self._next = random.randrange(len(pool))  # noqa: S311 as above
        self._began = 0.0
        self._transport: Any = None
        self._is_done = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        if self._pace:
            first = random.random() * self._pace  # noqa: S311 as above
            self._began = time.perf_counter() + first - self._pace
            asyncio.get_running_loop().call_later(first, self._send)
        else:
            self._send()

    def data_received(self, data: bytes) -> None:
        # Both servers answer in one or two writes that end in the two bytes of their body.
        if not data.endswith(b"ok"):
            if b" 503 " in data[:20] or b" 429 " in data[:20]:
                self._refused.append(1)
            elif b"HTTP/1.1 2" in data[:12] or not data.startswith(b"HTTP"):
                return
        now = time.perf_counter()
        self._times.append(now - self._began)
        if self._is_done:
            return
        if self._pace:
            asyncio.get_running_loop().call_later(max(self._began + self._pace - now, 0), self._send)
        else:
            self._send()

    def stop(self) -> None:
        self._is_done = True

    def _send(self) -> None:
        self._next = (self._next + 1) % len(self._pool)
        now = time.perf_counter()
        # Due at its pace: who was answered late waited from when it should have been sent.
        self._began = max(self._began + self._pace, now - 1.0) if self._pace else now
        self._transport.write(self._pool[self._next])


async def run(port: int, seconds: float, connections: int, rate: float = 0.0) -> Result:
    """Keep that many connections busy for that long; at a rate of events a second in all where one is given."""
    pool, times, refused = requests(), list[float](), list[int]()
    loop = asyncio.get_running_loop()
    pace = connections / rate if rate else 0.0
    open_ones = []
    began = time.perf_counter()
    for _ in range(connections):
        _, each = await loop.create_connection(
            lambda: Connection(pool, times, refused, pace), "127.0.0.1", port
        )
        open_ones.append(each)
    await asyncio.sleep(seconds)
    took = time.perf_counter() - began
    answers = len(times)
    for each in open_ones:
        each.stop()
    await asyncio.sleep(0.3)
    ordered = sorted(times)
    return Result(
        took,
        answers,
        len(refused),
        1000 * ordered[len(ordered) // 2],
        1000 * ordered[len(ordered) * 99 // 100],
        1000 * ordered[-1],
    )


if __name__ == "__main__":
    found = uvloop.run(run(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), *map(float, sys.argv[4:])))
    sys.stdout.write(msgspec.json.encode(found).decode())
