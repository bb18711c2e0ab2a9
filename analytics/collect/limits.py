"""How often one visitor and one site may send: token buckets in memory, bounded whatever comes."""

from __future__ import annotations

from collections.abc import Hashable

MINUTE_S = 60.0
MOST_BUCKETS = 100_000


class Buckets:
    """Token buckets by key. A bucket that nobody touched for a minute is full again, and so is forgotten.

    Forgetting goes by two generations that swap each minute: no bucket is looked at for it, and memory holds
    twice MOST_BUCKETS at most. Under a flood of more keys than that some buckets are forgotten early.
    """

    def __init__(self) -> None:
        self._young: dict[Hashable, tuple[float, float]] = {}
        self._old: dict[Hashable, tuple[float, float]] = {}
        self._swapped = 0.0

    def take(self, key: Hashable, rate: int, now: float, count: int = 1) -> float:
        """Take tokens.

        Args:
            key: Whose bucket.
            rate: Tokens a minute, which is also what a full bucket holds; 0: no limit.
            now: Monotonic seconds.
            count: Tokens wanted.

        Returns:
            0 where they were there; else the seconds until they are, and nothing was taken.
        """
        if rate <= 0:
            return 0.0
        if now - self._swapped >= MINUTE_S or len(self._young) >= MOST_BUCKETS:
            self._young, self._old, self._swapped = {}, self._young, now
        tokens, at = self._young.get(key) or self._old.get(key) or (float(rate), now)
        tokens = min(float(rate), tokens + max(now - at, 0.0) * rate / MINUTE_S)
        if tokens < count:
            self._young[key] = (tokens, now)
            # More than a whole bucket is never there: such a request waits for a full one.
            return max((min(count, rate) - tokens) * MINUTE_S / rate, 1.0)
        self._young[key] = (tokens - count, now)
        return 0.0
