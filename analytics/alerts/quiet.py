"""Hours without messages: `22:00-07:00`, local. What opens meanwhile is told at their end, if it goes on."""

from __future__ import annotations

import datetime as dt
import re

from analytics.errors import UsageError
from analytics.language import _

_HOURS = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(?:-|–|to)\s*(\d{1,2})(?::(\d{2}))?")


def read(text: str) -> str:
    """Read quiet hours; gives them in the one form in which they are kept, empty for none.

    Raises:
        UsageError: They are none.
    """
    plain = text.strip()
    if not plain:
        return ""
    found = _HOURS.fullmatch(plain)
    numbers = [int(part or 0) for part in found.groups()] if found else []
    if not found or numbers[0] > 23 or numbers[2] > 24 or max(numbers[1], numbers[3]) > 59:
        raise UsageError(
            _("“{plain}” are no quiet hours.", plain=plain[:40]), _("Write them like 22:00-07:00.")
        )
    numbers[2] %= 24
    return "{:02d}:{:02d}-{:02d}:{:02d}".format(*numbers)


def is_quiet(text: str, local: dt.datetime) -> bool:
    """Tell whether a local time lies inside quiet hours; their end lies outside."""
    if not text:
        return False
    begins, _dash, ends = text.partition("-")
    clock = f"{local:%H:%M}"
    return begins <= clock < ends if begins < ends else clock >= begins or clock < ends
