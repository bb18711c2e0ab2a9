"""One collector: settings, salts, limits, counters and a queue, and the way of an event through them."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from analytics import config
from analytics.collect import spool
from analytics.collect.counters import Counters
from analytics.collect.enrich import Enriched, Keys, Visit, enrich
from analytics.collect.limits import Buckets
from analytics.collect.networks import Networks, client_of, networks_of
from analytics.collect.salts import Salts, lasting_key
from analytics.collect.settings import Key, Watched
from analytics.collect.sites import known_sites
from analytics.collect.wire.native import Door
from analytics.collect.wire.raw import InvalidEventError, Raw
from analytics.collect.writer import Writer
from analytics.errors import EventError

SALTS_EVERY_S = 60.0

log = structlog.get_logger()


class RateError(Exception):
    """Too many events.

    Attributes:
        wait_s: Seconds until there may be more.
    """

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"wait {wait_s:.0f} s")
        self.wait_s = wait_s


@dataclass(slots=True)
class Outcome:
    """What became of the events of one request.

    Attributes:
        accepted: Events on disk that count.
        dropped: Reason -> events that were understood and do not count.
    """

    accepted: int = 0
    dropped: dict[str, int] = field(default_factory=dict)


class Collector:
    """What takes events of a home. One for each process; its state is its own."""

    def __init__(
        self,
        home: Path,
        clock: Callable[[], dt.datetime] = config.now,
        *,
        worker: str = "desk",
        environ: Mapping[str, str] = os.environ,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the settings and open the queue.

        Args:
            home: Folder of the home.
            clock: Gives now, naive UTC.
            worker: Name of this process among those that take events for the home.
            environ: May override settings.
            ticks: Monotonic seconds.

        Raises:
            ConfigError: The settings cannot be read.
            StoreError: The queue cannot be written.
        """
        self.home, self.clock, self.ticks = home, clock, ticks
        self._watched = Watched(home, environ, ticks)
        self._settle()
        self.keys = Keys(Salts(home), lasting_key(home))
        self._buckets = Buckets()
        self._turned = float("-inf")
        limits = self._watched.settings.limits
        self.counters = Counters(
            spool_bytes=self._spool_bytes,
            oldest_s=self._oldest_s,
            free_bytes=self._free_bytes,
        )
        self.writer = Writer(
            home,
            worker,
            clock,
            most_events=limits.queue_events,
            most_bytes=limits.queue_bytes,
            reserve_bytes=limits.reserve_bytes,
            committed=self.counters.committed,
            ticks=ticks,
        )
        self.tick()

    def tick(self) -> None:
        """Do what time asks for: settings, salts, the turn of the hour. Called about once a second."""
        if self._watched.changed():
            self._settle()
            self._turned = float("-inf")
            log.info("collector settings read", sites=len(self.sites))
        now = self.ticks()
        if now - self._turned >= SALTS_EVERY_S:
            self._turned = now
            at = self.clock()
            self.keys.salts.turn({site.id: site.day(at) for site in self.sites.values()}, at.date())
        self.writer.turn()

    def close(self, wait_s: float = 10.0) -> bool:
        """Write what waits and seal the file.

        Returns:
            Whether all was written in time.
        """
        return self.writer.close(wait_s)

    def door(self, received: dt.datetime, *, is_trusted: bool = False) -> Door:
        """Say what the formats must know."""
        return Door(self._watched.settings.sites, received, self._window_ms, is_trusted)

    def key_of(self, authorization: str) -> Key | None:
        """Find an API key; only hashes of keys are known, and compared."""
        kind, _, secret = authorization.partition(" ")
        if kind.lower() != "bearer" or not secret.strip():
            return None
        found = self._keys.get(hashlib.sha256(secret.strip().encode()).hexdigest())
        return None if found and found.until and found.until <= self.clock() else found

    def visit(self, peer: str | None, headers: Mapping[bytes, bytes], received: dt.datetime) -> Visit:
        """Take from a request what the steps need of it."""
        get = headers.get
        purpose = get(b"sec-purpose", b"") + get(b"purpose", b"")
        forwarded = get(b"x-forwarded-for", b"").decode("latin-1")
        return Visit(
            received=received,
            address=client_of(peer, forwarded, self._proxies),
            agent=get(b"user-agent", b"").decode("latin-1"),
            origin=get(b"origin", b"").decode("latin-1"),
            is_prefetch=b"prefetch" in purpose,
            has_gpc=get(b"sec-gpc", b"").strip() == b"1",
            language=get(b"accept-language", b"").decode("latin-1"),
        )

    def enriched(self, raw: Raw, visit: Visit) -> list[Enriched]:
        """Run one event through the steps, once for each site that it names.

        Raises:
            InvalidEventError: Its address is none.
        """
        sites = self.sites  # one may have gone since its name was read
        try:
            return [enrich(raw, sites[site], visit, self.keys) for site in raw.sites if site in sites]
        except EventError as fault:
            raise InvalidEventError({"u": [fault.code]}) from fault

    async def take(self, events: Sequence[Enriched], format_: str, *, is_keyed: bool = False) -> Outcome:
        """Count against the limits, put on disk, and come back when it is there; see `begin`."""
        waiting = self.begin(events, is_keyed=is_keyed)
        if waiting is not None:
            await waiting
        return self.taken(events, format_)

    def begin(self, events: Sequence[Enriched], *, is_keyed: bool = False) -> asyncio.Future[None] | None:
        """Count against the limits and put on the way to the disk.

        Args:
            events: Of one request.
            is_keyed: A key stands for them: the limit of a visitor is not theirs.

        Returns:
            Done when they are durable, or holds QueueRefusedError; None where nothing is kept.

        Raises:
            RateError: Over a limit; nothing was stored.
            QueueRefusedError: The queue takes nothing.
        """
        self._limit(events, is_keyed=is_keyed)
        records = [
            spool.record_of(each.table, each.event, str(each.dropped) if each.dropped else None)
            for each in events
            if each.event is not None
        ]
        return self.writer.append(records) if records else None

    def taken(self, events: Sequence[Enriched], format_: str) -> Outcome:
        """Count what is durable now, and say what became of it."""
        outcome = Outcome()
        for each in events:
            if each.dropped is None:
                outcome.accepted += 1
            else:
                reason = each.dropped.reason.value
                outcome.dropped[reason] = outcome.dropped.get(reason, 0) + 1
        if outcome.accepted:
            self.counters.count(format_, "accepted", events=outcome.accepted)
        for reason, count in outcome.dropped.items():
            self.counters.count(format_, "dropped", reason, count)
        return outcome

    def _limit(self, events: Iterable[Enriched], *, is_keyed: bool) -> None:
        try:
            wait_s = self._over(events, is_keyed=is_keyed)
        except Exception:  # the edge of the limiter: its fault must cost no event
            self.counters.limiter_faults.inc()
            log.exception("rate limiter failed; let through")
            return
        if wait_s > 0:
            raise RateError(wait_s)

    def _over(self, events: Iterable[Enriched], *, is_keyed: bool) -> float:
        now = self.ticks()
        wait_s = 0.0
        for site_id, persons in _by_site(events).items():
            site = self.sites[site_id].settings
            if site.site_rate:
                # A batch of more than a minute's events waits for a full bucket, and then goes.
                count = min(sum(persons.values()), site.site_rate)
                wait_s = max(wait_s, self._buckets.take(site_id, site.site_rate, now, count))
            rate = self._visitor_rate if site.visitor_rate is None else site.visitor_rate
            if rate and not is_keyed:
                for person, count in persons.items():
                    if person is not None:
                        wait_s = max(wait_s, self._buckets.take((site_id, person), rate, now, count))
        return wait_s

    def _settle(self) -> None:
        found = self._watched.settings
        self.sites = known_sites(found)
        self._window_ms = found.limits.dedup_window_s * 1000
        self._proxies: Networks = networks_of(found.limits.trusted_proxies)
        self._visitor_rate = found.limits.visitor_rate
        self._keys = {key.hash: key for key in found.keys}

    def _spool_bytes(self) -> int:
        return sum(path.stat().st_size for path in spool.folder_of(self.home).glob("q-*"))

    def _free_bytes(self) -> int:
        return self.writer.free_bytes()

    def _oldest_s(self) -> float:
        first = next(iter(spool.files(self.home)), None)
        if first is None:
            return 0.0
        began = dt.datetime.strptime(spool.hour_of(first), "%Y%m%d%H")  # noqa: DTZ007 naive UTC inside
        return max((self.clock() - began).total_seconds(), 0.0)


def _by_site(events: Iterable[Enriched]) -> dict[str, dict[int | None, int]]:
    found: dict[str, dict[int | None, int]] = {}
    for each in events:
        persons = found.setdefault(each.site_id, {})
        persons[each.person] = persons.get(each.person, 0) + 1
    return found


async def ticking(collector: Collector, every_s: float = 1.0) -> None:
    """Call `tick` until cancelled; its faults are logged and do not end it."""
    while True:
        await asyncio.sleep(every_s)
        try:
            collector.tick()
        except Exception:  # the edge of a job: the collector goes on with what it has
            collector.counters.faults.inc()
            log.exception("collector tick failed")
