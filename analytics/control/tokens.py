"""Random tokens and what is kept of them.

A token has 256 random bits, so one round of SHA-256 is all it takes to keep it: there is nothing to guess.
Passwords are another matter (`passwords`).
"""

from __future__ import annotations

import hashlib
import re
import secrets

BYTES = 32
_FORM = re.compile(r"[A-Za-z0-9_-]{20,200}")


def new() -> str:
    """Make a token."""
    return secrets.token_urlsafe(BYTES)


def new_id() -> str:
    """Make an id that tells nothing."""
    return secrets.token_hex(8)


def hash_of(token: str) -> str:
    """Give what is kept of a token; text of another form has the hash of nothing that exists."""
    return hashlib.sha256(token.encode()).hexdigest() if _FORM.fullmatch(token) else ""
