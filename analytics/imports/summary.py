"""What became of a file: the figures that every import ends with, and the refusal where it had to be one."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from analytics.errors import TearsheetError

Progress = Callable[[int, int], None]  # bytes done, bytes in all


class Summary(msgspec.Struct, kw_only=True):
    """Always `read = loaded + repeated + dropped + rejected`; all are 0 where `fault` says why.

    Attributes:
        file: Name of the file.
        read: Rows in it.
        loaded: Rows that are new.
        repeated: Rows that were there already.
        dropped: Reason -> rows left out by rule.
        rejected: Reason -> rows that could not be read.
        fault: Sentence of the refusal of the whole file; empty where it was taken.
        hint: What now.
    """

    file: str
    read: int = 0
    loaded: int = 0
    repeated: int = 0
    dropped: dict[str, int] = {}
    rejected: dict[str, int] = {}
    fault: str = ""
    hint: str = ""

    @property
    def good(self) -> int:
        """Rows neither dropped nor rejected."""
        return self.read - sum(self.dropped.values()) - sum(self.rejected.values())


class Problem(msgspec.Struct, frozen=True):
    """A row that could not be read: its line and the reason, never its text."""

    line: int
    reason: str


def refused(file: str, fault: TearsheetError) -> Summary:
    """Give the summary of a file of which nothing was stored."""
    return Summary(file=file, fault=fault.message, hint=fault.hint)
