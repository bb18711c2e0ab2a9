"""What stands on the tiles of the Overview: the last answer of each, asked anew every few minutes at most."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from analytics.control.queries import Saved
from analytics.control.tiles import Tile
from analytics.errors import TearsheetError
from analytics.sql import scheduled
from analytics.sql.ask import Answer, Asking

EVERY_S = 300.0  # while somebody looks
AGAIN_S = 60.0  # after an error
SECONDS, ROWS = 5.0, 1_000  # a tile is a glance: a query of more wants its own page
KEPT = 48  # answers of a thousand rows


@dataclass(frozen=True, slots=True)
class Glance:
    """A tile as it stands.

    Attributes:
        saved: Its query.
        answer: Its rows.
        at: When it was asked, naive UTC.
    """

    saved: Saved
    answer: Answer
    at: dt.datetime


_Known: TypeAlias = "tuple[float, Glance | TearsheetError]"


class Tiles:
    """The answers of a desk's tiles; may be used from every thread."""

    def __init__(self, asking: Asking, ticks: Callable[[], float] = time.monotonic) -> None:
        """Ask nothing yet.

        Args:
            asking: Of the desk.
            ticks: Monotonic seconds.
        """
        self._asking, self._ticks = asking, ticks
        self._known: dict[Tile, _Known] = {}
        self._refreshing: defaultdict[Tile, threading.Lock] = defaultdict(threading.Lock)

    def glance(self, tile: Tile) -> Glance:
        """Give what a tile shows; while somebody else has it asked anew, what stood there before.

        Raises:
            TearsheetError: Its query was refused or broke, or its owner is gone.
        """
        _, found = self._held(tile)
        if isinstance(found, TearsheetError):
            raise found.with_traceback(None)
        return found

    def forget(self, query_id: str) -> None:
        """Ask a query anew when somebody looks next: it was changed."""
        for tile in [each for each in list(self._known) if each.query_id == query_id]:
            self._known.pop(tile, None)

    def _held(self, tile: Tile) -> _Known:
        known, refreshing = self._known.get(tile), self._refreshing[tile]
        if known is None:
            with refreshing:
                return self._known.get(tile) or self._asked(tile)
        if self._is_old(known) and refreshing.acquire(blocking=False):
            try:
                known = self._known.get(tile, known)
                return self._asked(tile) if self._is_old(known) else known
            finally:
                refreshing.release()
        return known

    def _is_old(self, known: _Known) -> bool:
        at, found = known
        return self._ticks() - at >= (AGAIN_S if isinstance(found, TearsheetError) else EVERY_S)

    def _asked(self, tile: Tile) -> _Known:
        found: Glance | TearsheetError
        try:
            saved, answer = scheduled.run(
                self._asking, tile.query_id, "tile", site=tile.site_id, seconds=SECONDS, rows=ROWS
            )
            found = Glance(saved, answer, self._asking.clock())
        except TearsheetError as refusal:
            found = refusal
        self._known.pop(tile, None)  # the latest stand last
        self._known[tile] = known = self._ticks(), found
        while len(self._known) > KEPT:
            del self._known[next(iter(self._known))]
        return known
