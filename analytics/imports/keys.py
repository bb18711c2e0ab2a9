"""Keyed hashes of imports: ids of events, visitors, readers, commenters.

Every purpose has a key of its own, made with BLAKE2b from the home's lasting secret (`secrets/ids.key`).
In bulk the hash is MD5 of key and message: the only 128-bit hash that DuckDB computes at the speed of its
CSV reader (0.45 CPU s for a million rows; SHA-256 1.0; Python's BLAKE2b 2). The key goes first and is as
secret as the state it leaves MD5 in, so that the known collisions, which need that state, cannot be made,
and a value cannot be found by trying. What a leading key does leave open, to prolong a message whose hash
one knows, wins nothing here: no hash of ours proves who wrote a row. Messages cannot run together, since
U+0000, which no accepted value holds, stands behind each part.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from analytics.collect.pages import Rule

KEY_BYTES = 32
ANY = Rule((), words=True)  # any host, and the common rule of what is an article


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows go, and by which keys. Needs no store: a command beside a running desk has it too.

    Attributes:
        home: Folder of the home; batches go to its `inbox/`.
        secret: The home's lasting secret for ids.
        site_id: Site of all rows.
        zone: IANA zone that decides its days.
        hosts: Its hosts; readers who come from there come from inside.
        rule: How it reads addresses: which are articles, which are the same.
        passing: Secret of this run only: visitors made from addresses must not be found again by trying
            all addresses, so nothing lasting may stand behind them.
    """

    home: Path
    secret: bytes
    site_id: str
    zone: str
    hosts: tuple[str, ...] = ()
    rule: Rule = ANY
    passing: bytes = field(default_factory=lambda: secrets.token_bytes(KEY_BYTES), repr=False)

    def key(self, *purpose: str) -> str:
        """Give the key of a purpose as 32 hex digits."""
        return _key(self.secret, purpose)

    def day_key(self, day: dt.date, *, lasting: bool) -> str:
        """Give the key of the visitors of one local day of the site."""
        return _key(self.secret if lasting else self.passing, ("visitor", self.site_id, day.isoformat()))


def _key(secret: bytes, purpose: tuple[str, ...]) -> str:
    return blake2b("\x00".join(purpose).encode(), key=secret, digest_size=16).hexdigest()
