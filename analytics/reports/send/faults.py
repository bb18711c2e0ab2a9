"""Why something was not sent, and what follows from it."""

from __future__ import annotations

import datetime as dt

# From one try to the next; after the last one it has failed.
BACKOFF = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))


class SendError(Exception):
    """A report was not sent.

    Attributes:
        reason: A sentence for the ledger, without secrets.
        is_lasting: Trying again is of no use.
        is_everybody: It holds for every recipient of this way: the server cannot be reached.
    """

    def __init__(self, reason: str, *, is_lasting: bool = False, is_everybody: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_lasting = is_lasting
        self.is_everybody = is_everybody


class DoubtError(SendError):
    """It may have arrived: the connection broke after the last byte had left and before the answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, is_lasting=True)
