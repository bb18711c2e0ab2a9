"""Attempts to sign in that failed: who tries again too soon waits, and longer each time.

Counted by account and by address, in memory, under a key of this process: neither is kept in clear, and
none reaches a disk. An account that does not exist is counted like one that does, so waiting tells nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FREE_OF_ACCOUNT, FREE_OF_ADDRESS = 5, 20  # an office may share an address
FIRST_S, LONGEST_S = 15.0, 900.0
FORGET_S = 3600.0
MOST = 20_000


@dataclass(slots=True)
class _Failures:
    count: int
    last: float
    until: float


class Attempts:
    """What failed of late."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        """Begin with none; `ticks` gives monotonic seconds."""
        self._ticks = ticks
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, account: str, address: bytes) -> float:
        """Count an attempt as failed before it is known, so that many at once gain nothing.

        Returns:
            Seconds to wait; 0 where the attempt may be made.
        """
        now = self._ticks()
        with self._lock:
            both = [
                (self._name(b"account", account.encode()), FREE_OF_ACCOUNT),
                (self._name(b"address", address), FREE_OF_ADDRESS),
            ]
            wait = max(
                (self._known[name].until - now for name, _ in both if name in self._known), default=0.0
            )
            if wait > 0:
                return wait
            for name, free in both:
                self._count(name, free, now)
        return 0.0

    def succeeded(self, account: str, address: bytes) -> None:
        """Forget what failed before; of the address only this one attempt, for others may share it."""
        with self._lock:
            self._known.pop(self._name(b"account", account.encode()), None)
            shared = self._known.get(self._name(b"address", address))
            if shared is not None:
                shared.count -= 1
                shared.until = shared.last

    def _count(self, name: bytes, free: int, now: float) -> None:
        known = self._known.pop(name, None)
        if known is None or now - known.last > FORGET_S:
            known = _Failures(0, now, now)
        known.count += 1
        known.last = now
        over = known.count - free
        known.until = now + min(FIRST_S * 2.0 ** min(over, 30), LONGEST_S) if over >= 0 else now
        self._known[name] = known
        while len(self._known) > MOST:
            self._known.popitem(last=False)

    def _name(self, kind: bytes, value: bytes) -> bytes:
        return hashlib.blake2b(value, key=self._key, person=kind, digest_size=16).digest()
