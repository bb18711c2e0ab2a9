"""64 readers that behave as our tracker does: each event has an id, and keeps it until it is acknowledged."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
import uuid
from collections import Counter, deque
from pathlib import Path
from types import TracebackType

import msgspec

from tests.collect.client import PHONE

CLIENTS = 64
ARTICLES = 40
ANSWER_S = 10.0
SYNC_S = 0.1
PAUSE_S = 0.04  # the longest pause between two events of a reader; keeps the machine's cores for the servers
SENT, ACKED = "s", "a"


class Journal:
    """What was sent and what was acknowledged, written before and after the fact, and synced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, what: str, event_id: str) -> None:
        os.write(self._file, f"{what} {event_id}\n".encode())

    def sync(self) -> None:
        os.fsync(self._file)

    def ids(self, what: str) -> set[str]:
        """Read back the ids that were sent, or acknowledged."""
        lines = (line.split() for line in self.path.read_text().splitlines())
        return {event_id for kind, event_id in lines if kind == what}

    def close(self) -> None:
        os.close(self._file)


class Event(msgspec.Struct, frozen=True):
    """An event that waits for its acknowledgement."""

    event_id: str
    request: bytes


class Readers:
    """Sends in a thread of its own, from `with` to its end; then what is not acknowledged stays `waiting`.

    Attributes:
        port: Where to; may be changed while they send.
        statuses: Answers so far; 0 stands for a connection that failed.
        late_s: Seconds from sending to the acknowledgement, of the slowest.
    """

    def __init__(self, port: int, journal: Journal, waiting: deque[Event], chance: random.Random) -> None:
        self.port, self._journal, self.waiting, self._chance = port, journal, waiting, chance
        self.statuses: Counter[int] = Counter()
        self.retry_after: set[str] = set()
        self.last_ack = 0.0
        self.late_s = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> Readers:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._journal.sync()

    async def _run(self) -> None:
        syncing = asyncio.create_task(self._sync())
        await asyncio.gather(*(self._read(number) for number in range(CLIENTS)))
        syncing.cancel()

    async def _sync(self) -> None:
        while True:
            await asyncio.sleep(SYNC_S)
            await asyncio.to_thread(self._journal.sync)

    async def _read(self, number: int) -> None:
        address = f"81.16.{number}.7"
        view_id = ""
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while not self._over.is_set():
            if self.waiting:
                event = self.waiting.popleft()
            else:
                event, view_id = self._made(address, view_id)
                self._journal.write(SENT, event.event_id)
            began = time.monotonic()
            is_acked = False
            while not (self._over.is_set() or is_acked):
                try:
                    if streams is None:
                        streams = await asyncio.open_connection("127.0.0.1", self.port)
                    status = await asyncio.wait_for(self._post(event.request, *streams), ANSWER_S)
                except (OSError, EOFError, TimeoutError):
                    status = 0
                    if streams is not None:
                        streams[1].close()
                        streams = None
                self.statuses[status] += 1
                is_acked = status == 202
                await asyncio.sleep(self._chance.uniform(0, PAUSE_S if is_acked else 4 * PAUSE_S))
            if is_acked:
                self._journal.write(ACKED, event.event_id)
                self.last_ack = time.monotonic()
                self.late_s = max(self.late_s, self.last_ack - began)
            else:
                self.waiting.append(event)
        if streams is not None:
            streams[1].close()

    async def _post(
        self, request: bytes, reading: asyncio.StreamReader, writing: asyncio.StreamWriter
    ) -> int:
        writing.write(request)
        head = (await reading.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reading.readexactly(length)
        if b"retry-after:" in head:
            self.retry_after.add(head.partition(b"retry-after:")[2].partition(b"\r\n")[0].decode().strip())
        if b"connection: close" in head:
            writing.close()
        return int(head.split(b" ", 2)[1])

    def _made(self, address: str, view_id: str) -> tuple[Event, str]:
        """Make a view, or a sign of reading of the last one."""
        event_id = str(uuid.uuid4())
        body = {"d": "news.example", "id": event_id}
        article = self._chance.randrange(ARTICLES)
        if view_id and self._chance.random() < 0.3:
            body |= {"n": "engagement", "em": 20_000, "sd": 60}  # type: ignore[dict-item]
        else:
            view_id = uuid.uuid4().hex[:16]
            body |= {"n": "pageview", "p": {"article_id": f"a{article}"}}  # type: ignore[dict-item]
        body |= {"pv": view_id, "u": f"https://news.example/2026/{article}"}
        data = msgspec.json.encode(body)
        head = (
            "POST /api/event HTTP/1.1\r\nHost: news.example\r\nContent-Type: text/plain\r\n"
            f"User-Agent: {PHONE}\r\nX-Forwarded-For: {address}\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        return Event(event_id, head.encode() + data), view_id
