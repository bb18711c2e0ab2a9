"""How soon the running day is counted again: a share of one core over time, some of it at once."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Pace:
    """What recounts may still use: it grows with time, up to what can be saved, and each takes what it took.

    Over any stretch they take at most the share of it, what was saved, and the one that is going on. Work is
    what they took of a core: waiting for others is none, or on a busy machine they would come round last.

    Attributes:
        least_s: From the begin of one to the begin of the next, at least.
        share: One part in so many of the time.
        saved_s: Seconds of work that can be saved while nothing comes in.
    """

    least_s: float
    share: float
    saved_s: float
    _left: float = field(init=False)
    _at: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._left = self.saved_s

    def rest(self, took: float, began: float, now: float) -> float:
        """Book a recount and say how long to rest.

        Args:
            took: Seconds of a core that it took.
            began: When it began, in seconds of any clock that only goes forward.
            now: When it ended.

        Returns:
            Seconds until the next may begin.
        """
        idle = 0.0 if self._at is None else max(now - self._at - took, 0.0)
        self._at = now
        self._left = min(self._left + idle / self.share, self.saved_s) - took * (1 - 1 / self.share)
        return max(self.least_s - (now - began), -self._left * self.share, 0.0)
