"""What a store remembers: answers, for as long as nothing that they rest on was written.

A commit says what it changes: some local days of a site as they are counted, the catalogue, or - where it
says nothing - everything. So a loaded batch of events costs no screen its figures of last week, and a recount
of the running day only those of that day.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

MOST = 300  # answers; a board of ten thousand articles is about 1 MB


@dataclass(frozen=True, slots=True)
class Days:
    """Local days of a site: their facts and sums."""

    site_id: str
    first: dt.date
    last: dt.date


Part: TypeAlias = Days | Literal["catalogue"]
CATALOGUE: Literal["catalogue"] = "catalogue"


@dataclass(slots=True)
class Answer:
    """One answer, and whose turn it is to make it.

    Attributes:
        turn: Held by who makes it; the others wait.
        kept: The answer, the version of the store that it was made from, and until when it serves anyway
            (monotonic seconds); None as long as there is none.
    """

    turn: threading.RLock = field(default_factory=threading.RLock)
    kept: tuple[Any, int, float] | None = None


class Memory:
    """Answers by what was asked; of too many, the one not asked for longest is forgotten."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.version = 0
        self._all = 0  # version of the last commit that did not say what it changes
        self._changed: dict[Hashable, int] = {}
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, changed: Sequence[Part] | None = None) -> None:
        """Note a commit and what it changes; None is everything."""
        with self._lock:
            version = self.version + 1
            if changed is None:
                self._all = version
                self._changed.clear()
            else:
                self._changed |= dict.fromkeys(_names(changed), version)
            self.version = version

    def answer(self, key: Hashable) -> Answer:
        """Find the place of an answer."""
        with self._lock:
            found = self._answers.setdefault(key, Answer())
            self._answers.move_to_end(key)
            if len(self._answers) > MOST:
                self._answers.popitem(last=False)
            return found

    def is_fresh(self, kept: tuple[Any, int, float], seen: int, of: Sequence[Part] | None) -> bool:
        """Say whether an answer is what a reading of version `seen` would be told.

        Args:
            kept: As it stands in an `Answer`.
            seen: Version of the reading.
            of: What the answer rests on; None is everything.
        """
        _, version, until = kept
        if version == seen or time.monotonic() < until:
            return True
        return of is not None and self._last_change(of) <= min(version, seen)

    def forget(self) -> None:
        """Forget every answer."""
        with self._lock:
            self._answers.clear()

    def _last_change(self, of: Sequence[Part]) -> int:
        return max(self._all, *(self._changed.get(name, 0) for name in _names(of)))


def _names(parts: Sequence[Part]) -> Iterator[Hashable]:
    for part in parts:
        if isinstance(part, Days):
            days = (part.last - part.first).days + 1
            yield from ((part.site_id, part.first + dt.timedelta(days=n)) for n in range(days))
        else:
            yield part
