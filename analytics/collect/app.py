"""The collector's doors as raw ASGI: nothing stands between socket and queue.

Answers are those of wire-formats.md A.2 to A.4. 202 means durable, whatever else happens.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import os
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Set
from pathlib import Path
from typing import Any

import msgspec
import structlog

from analytics import config
from analytics.collect import agents, http
from analytics.collect.collector import Collector, Outcome, RateError, ticking
from analytics.collect.enrich import Enriched, Visit
from analytics.collect.http import JSON, OPEN, PLAIN, Answer, App, Receive, RefusedError, Scope, Send, errors
from analytics.collect.networks import address_of, is_loopback
from analytics.collect.scripts import PREFIX, Scripts
from analytics.collect.settings import Key
from analytics.collect.wire import batch, generic, native, pixel
from analytics.collect.wire.raw import InvalidEventError, Raw
from analytics.collect.writer import QueueRefusedError, Refusal

MAX_EVENT = 64 << 10
SLICE = 100  # events of a batch between two looks at other requests
DRAIN_S = 10.0
BODY_TYPES = {b"", b"application/json", b"text/plain"}
LINE_TYPES = {b"application/x-ndjson", b"application/ndjson"}
PLAIN_ONLY, GZIP_TOO = frozenset({b""}), frozenset({b"", b"gzip"})
OK = b"ok"
EVENT = "/api/event"
ACCEPTED = Answer(202, OK, (PLAIN,))
_FORMATS = {"/api/events": "batch", "/api/comments": "batch", "/api/event.gif": "pixel"}
PREFLIGHT = Answer(
    204,
    headers=(
        (b"access-control-allow-methods", b"POST"),
        (b"access-control-allow-headers", b"content-type"),
        (b"access-control-max-age", b"86400"),
    ),
)
PIXEL = (
    (b"content-type", b"image/gif"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)

log = structlog.get_logger()
Handler = Callable[[Scope, Receive, dict[bytes, bytes]], Awaitable[Answer]]


def create_collector(
    home: Path,
    clock: Callable[[], dt.datetime] = config.now,
    *,
    worker: str = "desk",
    environ: Mapping[str, str] = os.environ,
    ticks: Callable[[], float] = time.monotonic,
    inner: App | None = None,
    trouble: Callable[[], str] = lambda: "",
    meters: Callable[[], bytes] = lambda: b"",
) -> CollectorApp:
    """Open a collector and give it as an ASGI app.

    Args:
        home: Folder of the home.
        clock: Gives now, naive UTC.
        worker: Name of this process among those that take events for the home.
        environ: May override settings.
        ticks: Monotonic seconds.
        inner: What answers every other address; without it they are 404.
        trouble: Says why the desk behind is not ready; empty where it is.
        meters: Gives the desk's part of /metrics.

    Raises:
        ConfigError: The settings cannot be read.
        StoreError: The queue cannot be written.
    """
    return CollectorApp(
        Collector(home, clock, worker=worker, environ=environ, ticks=ticks), inner, trouble, meters
    )


class CollectorApp:
    """The doors of one collector, in front of another app or alone.

    Attributes:
        collector: The collector; closed with the app's lifespan, or by `close` where no server runs it.
    """

    def __init__(
        self,
        collector: Collector,
        inner: App | None = None,
        trouble: Callable[[], str] = lambda: "",
        meters: Callable[[], bytes] = lambda: b"",
    ) -> None:
        """Bind the doors; the arguments are those of `create_collector`."""
        self.collector = collector
        self._trouble, self._meters = trouble, meters
        self._inner = inner
        self._scripts = Scripts()
        self._doors: dict[str, tuple[str, Handler]] = {
            EVENT: ("POST", self._event),
            "/api/events": ("POST", self._events),
            "/api/event.gif": ("GET", self._pixel),
            "/api/comments": ("POST", self._comments),
        }
        self._states: dict[str, Callable[[Scope, dict[bytes, bytes]], Answer]] = {
            "/api/health": self._health,
            "/healthz": lambda _scope, _headers: Answer(200, OK, (PLAIN,)),
            "/readyz": self._ready,
            "/metrics": self._metrics,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it to the app behind."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        path = scope.get("path", "")
        if scope["type"] == "http" and path in self._doors:
            await self._answer(scope, receive, send, *self._doors[path])
        elif scope["type"] == "http" and path in self._states:
            headers = http.headers_of(scope)
            await http.send_answer(send, self._states[path](scope, headers), (b"cache-control", b"no-store"))
        elif scope["type"] == "http" and path.startswith(PREFIX):
            await self._scripts(scope, send)
        elif self._inner is not None:
            await self._inner(scope, receive, send)
        elif scope["type"] == "http":
            await http.send_answer(send, http.says(404, {"error": "not_found"}))

    async def _answer(self, scope: Scope, receive: Receive, send: Send, method: str, door: Handler) -> None:
        if scope["method"] == "OPTIONS":
            answer = PREFLIGHT
        elif scope["method"] != method:
            answer = errors(405, {"method": ["not_allowed"]}, (b"allow", f"{method}, OPTIONS".encode()))
        else:
            try:
                answer = await door(scope, receive, http.headers_of(scope))
            except http.GoneError:
                return
            except Exception as fault:  # noqa: BLE001 the edge of a request
                answer = self._refused(fault, scope["path"])
        await http.send_answer(send, answer, *OPEN)

    # --- doors ---------------------------------------------------------------------------------------------

    async def _event(self, scope: Scope, receive: Receive, headers: dict[bytes, bytes]) -> Answer:
        began = time.perf_counter()
        _check_media(headers, BODY_TYPES, encodings=PLAIN_ONLY)
        self._check_queue()
        data = await http.body_of(receive, headers, MAX_EVENT)
        raw, found, is_trial = self._read(data, headers, _peer(scope))
        if is_trial:
            return _understood(found)
        waiting = self.collector.begin(found)
        if waiting is not None:
            await waiting
        return self._acknowledged(found, raw.format, began)

    def take_event(
        self,
        pairs: list[tuple[bytes, bytes]],
        client: tuple[str, int] | None,
        data: bytes,
        told: Callable[[Answer], None],
    ) -> None:
        """Take one event whose request came whole: what `_event` does, without a task.

        Args:
            pairs: Its headers.
            client: Who is connected.
            data: Its body.
            told: Called once with the answer, when the event is durable or refused.
        """
        began = time.perf_counter()
        try:
            headers = http.joined(pairs)
            _check_media(headers, BODY_TYPES, encodings=PLAIN_ONLY)
            self._check_queue()
            http.check_size(data, MAX_EVENT)
            raw, found, is_trial = self._read(data, headers, client[0] if client else None)
            waiting = None if is_trial else self.collector.begin(found)
        except Exception as fault:  # noqa: BLE001 as above
            told(self._refused(fault, EVENT))
            return

        def durable(done: asyncio.Future[None]) -> None:
            fault = done.exception()
            told(self._refused(fault, EVENT) if fault else self._acknowledged(found, raw.format, began))

        if waiting is not None:
            waiting.add_done_callback(durable)
        else:
            told(_understood(found) if is_trial else self._acknowledged(found, raw.format, began))

    def _read(
        self, data: bytes, headers: dict[bytes, bytes], peer: str | None
    ) -> tuple[Raw, list[Enriched], bool]:
        """Understand one event; and tell whether somebody only tries a tracker, and nothing is to be kept."""
        collector = self.collector
        received = collector.clock()
        key = self._key(headers) if b"authorization" in headers else None
        try:
            raw = native.decode(data, collector.door(received, is_trusted=key is not None))
            if key is not None and not set(raw.sites) <= set(key.sites):
                raise RefusedError(errors(403, {"d": ["wrong_site"]}), "wrong_site")
            visit = _visit_of(raw, collector.visit(peer, headers, received))
            found = collector.enriched(raw, visit)
        except InvalidEventError as refusal:
            raise RefusedError(errors(400, refusal.errors), refusal.code) from refusal
        is_trial = key is not None and headers.get(b"x-debug-request", b"").lower() == b"true"
        if raw.is_time_bad and not is_trial:
            collector.counters.bad_times.inc()
        return raw, found, is_trial

    def _acknowledged(self, found: list[Enriched], format_: str, began: float) -> Answer:
        outcome = self.collector.taken(found, format_)
        self.collector.counters.ack.observe(time.perf_counter() - began)
        return Answer(202, OK, (PLAIN, *_dropped(outcome))) if outcome.dropped else ACCEPTED

    async def _events(self, _scope: Scope, receive: Receive, headers: dict[bytes, bytes]) -> Answer:
        began = time.perf_counter()
        key = self._key(headers)
        if key is None:
            raise RefusedError(errors(401, {"key": ["missing"]}, (b"www-authenticate", b"Bearer")), "no_key")
        if "ingest" not in key.scopes:
            raise RefusedError(errors(403, {"key": ["wrong_scope"]}), "wrong_scope")
        media = _check_media(headers, BODY_TYPES | LINE_TYPES, encodings=GZIP_TOO)
        self._check_queue()
        data = await http.body_of(receive, headers, batch.MAX_BODY)
        try:
            if headers.get(b"content-encoding", b"").strip().lower() == b"gzip":
                data = await asyncio.to_thread(batch.inflated, data)
            parts = batch.parts_of(data, is_lines=media in LINE_TYPES)
        except batch.TooLargeError as fault:
            refusal = errors(413, {"body": ["too_large"]}, http.CLOSE)
            raise RefusedError(refusal, "too_large") from fault
        except InvalidEventError as refused:
            raise RefusedError(errors(400, refused.errors), refused.code) from refused
        found, rejected = await self._batch(parts, key)
        answer = await self._summed(found, rejected, "d")
        self.collector.counters.ack.observe(time.perf_counter() - began)
        return answer

    async def _comments(self, _scope: Scope, receive: Receive, headers: dict[bytes, bytes]) -> Answer:
        """Take states of comments from a CMS that signs them, or has a key."""
        _check_media(headers, BODY_TYPES, encodings=PLAIN_ONLY)
        self._check_queue()
        data = await http.body_of(receive, headers, generic.MAX_BODY)
        door = self.collector.door(self.collector.clock(), is_trusted=True)
        allowed = self._may_comment(data, headers, door)
        try:
            states = generic.states_of(data)
        except InvalidEventError as refused:
            is_large = refused.code == "too_large"
            raise RefusedError(errors(413 if is_large else 400, refused.errors), refused.code) from refused
        found: list[Enriched] = []
        rejected: list[dict[str, Any]] = []
        for index, state in enumerate(states):
            try:
                raw = generic.decode(state, door)
                if not set(raw.sites) <= allowed:
                    rejected.append({"index": index, "errors": {"site": ["wrong_site"]}})
                    continue
                found += self.collector.enriched(raw, Visit(door.received, None, None))
            except InvalidEventError as refusal:
                rejected.append({"index": index, "errors": refusal.errors})
                self.collector.counters.count("batch", "rejected", refusal.code)
        return await self._summed(found, rejected, "site")

    def _may_comment(self, data: bytes, headers: dict[bytes, bytes], door: native.Door) -> set[str]:
        """Find the sites for which a request may speak of comments."""
        signature, timestamp = (headers.get(name, b"") for name in (b"x-signature", b"x-timestamp"))
        if signature:
            text = http.text_of(signature), http.text_of(timestamp)
            allowed = generic.signed_sites(data, *text, door.received, door.sites)
            if not allowed:
                raise RefusedError(errors(401, {"signature": ["invalid"]}), "bad_signature")
            return allowed
        key = self._key(headers)
        if key is None:
            raise RefusedError(errors(401, {"key": ["missing"]}, (b"www-authenticate", b"Bearer")), "no_key")
        if "comments" not in key.scopes:
            raise RefusedError(errors(403, {"key": ["wrong_scope"]}), "wrong_scope")
        return set(key.sites)

    async def _summed(self, found: list[Enriched], rejected: list[dict[str, Any]], site_key: str) -> Answer:
        """Put on disk what is valid, and say of each what became of it."""
        answer: dict[str, Any] = {"accepted": 0, "dropped": {}, "rejected": rejected}
        if not found:
            is_foreign = bool(rejected) and all(
                "wrong_site" in each["errors"].get(site_key, ()) for each in rejected
            )
            return http.says(403 if is_foreign else 400, answer)
        outcome = await self._taken(found, "batch", is_keyed=True)
        return http.says(202, answer | {"accepted": outcome.accepted, "dropped": outcome.dropped})

    async def _batch(self, parts: list[bytes], key: Key) -> tuple[list[Enriched], list[dict[str, Any]]]:
        """Read the events of a batch, letting others in between, so that no reader waits for a server."""
        collector = self.collector
        received = collector.clock()
        found: list[Enriched] = []
        rejected: list[dict[str, Any]] = []
        for index, raw in enumerate(batch.decode(parts, collector.door(received, is_trusted=True))):
            if index % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            try:
                found += self._vouched(raw, key, received)
            except InvalidEventError as refusal:
                rejected.append({"index": index, "errors": refusal.errors})
                collector.counters.count("batch", "rejected", refusal.code)
        return found, rejected

    def _vouched(self, raw: Raw | InvalidEventError, key: Key, received: dt.datetime) -> list[Enriched]:
        if isinstance(raw, InvalidEventError):
            raise raw
        if not set(raw.sites) <= set(key.sites):
            raise InvalidEventError({"d": ["wrong_site"]})
        address = address_of(raw.ip) if raw.ip else None
        return self.collector.enriched(raw, Visit(received, address, raw.agent))

    async def _pixel(self, scope: Scope, receive: Receive, headers: dict[bytes, bytes]) -> Answer:
        del receive  # a GET has no body that matters
        self._check_queue()
        collector = self.collector
        received = collector.clock()
        referer = headers[b"referer"].decode("latin-1") if b"referer" in headers else None
        try:
            raw = pixel.decode(scope.get("query_string", b""), referer, collector.door(received))
            outcome = await self._taken(
                collector.enriched(raw, collector.visit(_peer(scope), headers, received)), "pixel"
            )
        except InvalidEventError as refusal:
            collector.counters.count("pixel", "rejected", refusal.code)
            return Answer(200, pixel.GIF, (*PIXEL, (b"x-tearsheet-dropped", b"invalid")))
        except RefusedError as refusal:
            if refusal.answer.status == 503:
                raise
            collector.counters.count("pixel", "rejected", refusal.reason)
            return Answer(200, pixel.GIF, (*PIXEL, (b"x-tearsheet-dropped", refusal.reason.encode())))
        return Answer(200, pixel.GIF, (*PIXEL, *_dropped(outcome)))

    async def _taken(self, found: list[Enriched], format_: str, *, is_keyed: bool = False) -> Outcome:
        try:
            return await self.collector.take(found, format_, is_keyed=is_keyed)
        except (RateError, QueueRefusedError) as fault:
            raise _refusal_of(fault) from fault

    def _refused(self, fault: BaseException, path: str) -> Answer:
        """Count why a request is refused, and say so; after a fault of ours the sender tries again."""
        if isinstance(fault, RateError | QueueRefusedError):
            fault = _refusal_of(fault)
        if isinstance(fault, RefusedError):
            self.collector.counters.count(_FORMATS.get(path, "tearsheet"), "rejected", fault.reason)
            return fault.answer
        self.collector.counters.faults.inc()
        log.error("request failed", path=path, exc_info=fault)
        return _unavailable()

    def _check_queue(self) -> None:
        """Refuse before any work is done: a full collector must cost nothing to ask."""
        refusal = self.collector.writer.refusal()
        if refusal is not None:
            raise RefusedError(_unavailable(refusal), refusal.value)

    def _key(self, headers: dict[bytes, bytes]) -> Key | None:
        return self.collector.key_of(headers.get(b"authorization", b"").decode("latin-1"))

    # --- states --------------------------------------------------------------------------------------------

    def _health(self, _scope: Scope, _headers: dict[bytes, bytes]) -> Answer:
        refusal = self.collector.writer.refusal()
        return http.says(503 if refusal else 200, {"queue": refusal.value if refusal else "ok"})

    def _ready(self, _scope: Scope, _headers: dict[bytes, bytes]) -> Answer:
        refusal = self.collector.writer.refusal()
        reason = refusal.value if refusal else self._trouble()
        return Answer(503, reason.encode(), (PLAIN,)) if reason else Answer(200, OK, (PLAIN,))

    def _metrics(self, scope: Scope, headers: dict[bytes, bytes]) -> Answer:
        """Tell monitors; those elsewhere, and all behind a proxy, need a key of scope `read`."""
        is_local = is_loopback(address_of(_peer(scope) or "")) and b"x-forwarded-for" not in headers
        key = self._key(headers)
        if not is_local and (key is None or "read" not in key.scopes):
            return errors(401, {"key": ["missing"]}, (b"www-authenticate", b"Bearer"))
        return Answer(
            200,
            self.collector.counters.text() + self._meters(),
            ((b"content-type", b"text/plain; version=0.0.4; charset=utf-8"),),
        )

    # --- lifespan ------------------------------------------------------------------------------------------

    def close(self) -> bool:
        """Drain and seal; what a server does at the end of the lifespan."""
        return self.collector.close(DRAIN_S)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tick while the server runs, and seal at its end; the app behind lives inside of this."""
        ticker = asyncio.create_task(ticking(self.collector))
        warming = asyncio.create_task(
            asyncio.to_thread(agents.warm)
        )  # a second of compiling, beside the start
        state = _InnerLife(receive, send, self._ended)
        try:
            if self._inner is not None:
                try:
                    await self._inner(scope, state.receive, state.send)
                except Exception:  # ASGI: an app without lifespan raises
                    if state.has_failed:
                        raise
            await state.finish()
        finally:
            ticker.cancel()
            await warming

    async def _ended(self) -> None:
        is_clean = await asyncio.to_thread(self.close)
        log.info("collector closed", clean=is_clean)


class _InnerLife:
    """The messages of a lifespan, shared by the app behind and us: ours is over after its own."""

    def __init__(self, receive: Receive, send: Send, ended: Callable[[], Awaitable[None]]) -> None:
        self._receive, self._send, self._ended = receive, send, ended
        self._asked: set[str] = set()
        self._told: set[str] = set()

    @property
    def has_failed(self) -> bool:
        return any(each.endswith("failed") for each in self._told)

    async def receive(self) -> Any:
        message = await self._receive()
        self._asked.add(message["type"])
        return message

    async def send(self, message: Any) -> None:
        if message["type"].startswith("lifespan.shutdown"):
            await self._ended()
        self._told.add(message["type"])
        await self._send(message)

    async def finish(self) -> None:
        """Answer what the app behind left unanswered."""
        for step in ("startup", "shutdown"):
            if f"lifespan.{step}" not in self._asked:
                await self.receive()
            if f"lifespan.{step}.complete" not in self._told and not self.has_failed:
                await self.send({"type": f"lifespan.{step}.complete"})


def _check_media(headers: dict[bytes, bytes], types: Set[bytes], encodings: Set[bytes]) -> bytes:
    media = headers.get(b"content-type", b"")
    if media not in types:
        media = media.partition(b";")[0].strip().lower()
    encoding = headers.get(b"content-encoding", b"").strip().lower()
    if media not in types or encoding not in encodings:
        raise RefusedError(errors(415, {"body": ["media_type"]}), "media_type")
    return media


def _visit_of(raw: Raw, visit: Visit) -> Visit:
    """Forget who sent a comment's state that a key vouches for: it was a server, not its writer."""
    return Visit(visit.received, None, None) if raw.is_trusted and raw.kind == "comment" else visit


def _peer(scope: Scope) -> str | None:
    return scope["client"][0] if scope.get("client") else None


def _refusal_of(fault: RateError | QueueRefusedError) -> RefusedError:
    if isinstance(fault, QueueRefusedError):
        return RefusedError(_unavailable(fault.refusal), fault.refusal.value)
    wait = (b"retry-after", str(math.ceil(fault.wait_s)).encode())
    return RefusedError(errors(429, {"rate": ["exceeded"]}, wait), "rate")


def _dropped(outcome: Outcome) -> tuple[tuple[bytes, bytes], ...]:
    if not outcome.dropped:
        return ()
    reasons = ",".join(sorted(outcome.dropped)).encode()
    return (b"x-tearsheet-dropped", reasons), (b"x-plausible-dropped", b"1")


def _understood(found: list[Enriched]) -> Answer:
    """Say what was understood, to whoever sets a tracker up; nothing was stored."""
    rows = [
        {"table": each.table, "dropped": str(each.dropped) if each.dropped else None, "event": each.event}
        for each in found
    ]
    return Answer(200, msgspec.json.encode({"events": rows}), (JSON,))


def _unavailable(refusal: Refusal = Refusal.BROKEN) -> Answer:
    """Ask to try again, each sender at another time."""
    wait = str(random.randint(1, 5)).encode()  # noqa: S311 spreads retries, guards nothing
    return errors(503, {"queue": [refusal.value]}, (b"retry-after", wait))
