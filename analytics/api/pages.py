"""Pages of a long answer: a cursor says where the next one begins, and of which question it is."""

from __future__ import annotations

import base64
import binascii
from hashlib import blake2b

import msgspec

from analytics.api.asked import WrongError

SIGNS = 8


class _Place(msgspec.Struct, array_like=True):
    of: str
    after: int


def cursor(question: object, after: int) -> str:
    """Write the cursor of the page that begins after so many rows."""
    place = msgspec.json.encode(_Place(_digest(question), after))
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def begins(question: object, text: str) -> int:
    """Read after how many rows a page begins; without a cursor it is the first.

    Raises:
        WrongError: It is no cursor, or one of another question.
    """
    if not text:
        return 0
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(raw, type=_Place)
    except (binascii.Error, msgspec.DecodeError, UnicodeError, ValueError) as fault:
        raise WrongError(
            "bad_cursor", "This is no cursor.", "Take `next` of the page before, or none."
        ) from fault
    if place.of != _digest(question) or place.after < 0:
        raise WrongError("bad_cursor", "This cursor belongs to another question.", "Begin without one.")
    return place.after


def _digest(question: object) -> str:
    return blake2b(repr(question).encode(), digest_size=SIGNS).hexdigest()
