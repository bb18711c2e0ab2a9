"""Answers kept for a minute: one computation for each question, however many ask, and one at a time.

Pages of a large site ask the same thing thousands of times a minute; the newsroom's own questions must not
wait behind them. Where a computation fails, the last good answer is given on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from analytics.errors import TearsheetError

KEPT_S = 60.0
MOST_KEPT = 10_000  # a counter takes about 1 kB, a list of 50 rows about 60 kB
AT_ONCE = 1
T = TypeVar("T")

log = structlog.get_logger()


class UnavailableError(TearsheetError):
    """The answer could not be computed and there is none from before; ask again in a minute."""


@dataclass(slots=True)
class Held(Generic[T]):
    """An answer, and the forms in which it was sent.

    Attributes:
        value: The last good answer; None where there never was one.
        until: Monotonic seconds; from then on it is computed anew.
        forms: Bodies made of it.
    """

    value: T | None
    until: float
    forms: dict[Hashable, bytes] = field(default_factory=dict)


class Kept(Generic[T]):
    """Answers by question."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._held: dict[Hashable, Held[T]] = {}
        self._making: dict[Hashable, asyncio.Task[Held[T]]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    def clear(self) -> None:
        """Forget all answers, as after a change of settings."""
        self._held.clear()

    async def give(self, question: Hashable, make: Callable[[], T]) -> Held[T]:
        """Give the answer of this minute, computing it in a thread where nobody has.

        Args:
            question: What is asked; equal questions share an answer.
            make: Computes it.

        Raises:
            UnavailableError: It failed, and there is no answer from before.
        """
        held = self._held.get(question)
        if held is None or self._ticks() >= held.until:
            task = self._making.get(question)
            if task is None:
                task = asyncio.create_task(self._made(question, make))
                self._making[question] = task
                task.add_done_callback(lambda _done: self._making.pop(question, None))
            held = await asyncio.shield(task)  # who goes away takes nothing from those who wait
        if held.value is None:
            raise UnavailableError("The figures cannot be read just now.", "Ask again in a minute.")
        return held

    async def _made(self, question: Hashable, make: Callable[[], T]) -> Held[T]:
        async with self._places:
            try:
                made = Held(await asyncio.to_thread(make), self._ticks() + KEPT_S)
            except Exception:  # the edge of a request: the last good answer stays, with its as_of
                log.exception("public answer failed")
                made = self._held.get(question) or Held[T](None, 0.0)
                made.until = self._ticks() + KEPT_S
        self._held.pop(question, None)
        while len(self._held) >= MOST_KEPT:
            del self._held[next(iter(self._held))]  # the one computed longest ago
        self._held[question] = made
        return made
