"""Attempts to sign in that failed: who tries again too soon waits, and longer each time, a restart or not.

Counted by account and by address, each under a hash whose key is a secret of the home: neither can be read
from the database. An account that does not exist is counted like one that does, so waiting tells nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Callable

from sqlalchemy import Connection, delete, func, insert, select

from analytics.control.database import Control
from analytics.control.tables import failed_attempts

FREE_OF_ACCOUNT, FREE_OF_ADDRESS = 5, 20  # an office may share an address
FIRST, LONGEST = dt.timedelta(seconds=15), dt.timedelta(minutes=15)
FORGET = dt.timedelta(hours=1)
NEVER = 1 << 30
MOST = 20_000


class Attempts:
    """What failed of late."""

    def __init__(self, control: Control, key: bytes, clock: Callable[[], dt.datetime]) -> None:
        """Begin with what is known.

        Args:
            control: The control database.
            key: Of the hashes; lasts as long as the home.
            clock: Gives now, naive UTC.
        """
        self._control, self._clock = control, clock
        self._key = hashlib.blake2b(b"attempts", key=key[:64], digest_size=32).digest()
        self._lock = threading.Lock()

    def begin(self, account: str, address: bytes) -> float:
        """Count an attempt as failed before it is known, so that many at once gain nothing.

        Returns:
            Seconds to wait; 0 where the attempt may be made.
        """
        now = self._clock()
        both = [(self._account(account), FREE_OF_ACCOUNT), (self._address(address), FREE_OF_ADDRESS)]
        with self._lock, self._control.write(is_quiet=True) as connection:
            known = {name: _known(connection, name, now) for name, _ in both}
            wait = max((until - now for _, until in known.values()), default=dt.timedelta())
            if wait > dt.timedelta():
                return min(wait, LONGEST).total_seconds()  # also where the clock was set back
            for name, free in both:
                _keep(connection, name, known[name][0] + 1, now, free)
            _forget(connection, now)
        return 0.0

    def succeeded(self, account: str, address: bytes) -> None:
        """Forget what failed before; of the address only this one attempt, for others may share it."""
        now, shared = self._clock(), self._address(address)
        with self._lock, self._control.write(is_quiet=True) as connection:
            connection.execute(
                delete(failed_attempts).where(failed_attempts.c.name_hash == self._account(account))
            )
            count, _ = _known(connection, shared, now)
            _keep(connection, shared, max(count - 1, 0), now, NEVER)

    def _account(self, account: str) -> str:
        return self._name(b"account", account.encode())

    def _address(self, address: bytes) -> str:
        return self._name(b"address", address)

    def _name(self, kind: bytes, value: bytes) -> str:
        return hashlib.blake2b(value, key=self._key, person=kind, digest_size=16).hexdigest()


def _known(connection: Connection, name: str, now: dt.datetime) -> tuple[int, dt.datetime]:
    """Give how often a name failed of late, and until when it waits."""
    wanted = select(failed_attempts).where(failed_attempts.c.name_hash == name)
    row = connection.execute(wanted).mappings().first()
    if row is None or now - row["last_at"] > FORGET:
        return 0, now
    return row["failures"], row["until_at"]


def _keep(connection: Connection, name: str, failures: int, now: dt.datetime, free: int) -> None:
    over = failures - free
    wait = min(FIRST * 2 ** min(over, 10), LONGEST) if over >= 0 else dt.timedelta()
    connection.execute(delete(failed_attempts).where(failed_attempts.c.name_hash == name))
    if failures:
        connection.execute(
            insert(failed_attempts).values(
                name_hash=name, failures=failures, last_at=now, until_at=now + wait
            )
        )


def _forget(connection: Connection, now: dt.datetime) -> None:
    """Let go of what is over, and of the oldest where there are too many."""
    connection.execute(delete(failed_attempts).where(failed_attempts.c.last_at < now - FORGET))
    count = connection.execute(select(func.count()).select_from(failed_attempts)).scalar_one()
    if count > MOST:
        newest = select(failed_attempts.c.name_hash).order_by(failed_attempts.c.last_at.desc()).limit(MOST)
        connection.execute(delete(failed_attempts).where(failed_attempts.c.name_hash.not_in(newest)))
