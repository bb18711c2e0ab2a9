"""Whether the processor has time that nobody wants: then a query takes only that, from its first moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

SPARE = 0.25  # of the whole processor was left, or taken by who stands behind all
LOOK_S = 2.0  # a shorter time tells more of chance than of the machine
COUNTERS = Path("/proc/stat")


class Processor:
    """The processor of this machine, looked at now and then; may be asked from every thread."""

    def __init__(
        self,
        counters: Callable[[], tuple[int, int]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to look.

        Args:
            counters: Gives ticks of the processor that were left so far, and all; of this machine.
            clock: Seconds.
        """
        self._counters, self._clock = counters or of_machine, clock
        self._at, self._seen, self._found = clock(), self._counters(), False

    def has_time(self) -> bool:
        """Tell whether there was time to spare since the last look; False where nobody knows."""
        now = self._clock()
        if now - self._at >= LOOK_S:
            left, every = self._counters()
            self._found = left - self._seen[0] > SPARE * (every - self._seen[1])
            self._at, self._seen = now, (left, every)
        return self._found


def of_machine() -> tuple[int, int]:
    """Count ticks of all cores: idle, waiting or for nice processes, and all; zeros where nobody tells."""
    try:
        words = COUNTERS.read_text(encoding="ascii").split(maxsplit=9)[1:9]
    except OSError:
        return 0, 0
    _user, nice, _system, idle, waiting, *_ = ticks = [int(word) for word in words]
    return nice + idle + waiting, sum(ticks)
