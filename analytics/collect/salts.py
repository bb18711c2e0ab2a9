"""The salts of visitors: 32 random bytes for each site and local day, dead within 48 hours.

With the salt gone nobody, we included, can find an address or follow a reader from day to day. Today's and
yesterday's are kept, tomorrow's is made ahead. They are never in backups, logs or exports.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import time
from pathlib import Path

FOLDER = "salts"
SALT_BYTES = 32
FRESH = "new-"
LEFTOVER_S = 600
KEPT = (dt.timedelta(days=-1), dt.timedelta(), dt.timedelta(days=1))


class Salts:
    """The salts of a home; several processes may use one folder."""

    def __init__(self, home: Path) -> None:
        """Take the folder, made where it is missing."""
        self._folder = home / FOLDER
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._known: dict[tuple[str, dt.date], bytes] = {}

    def of(self, site: str, day: dt.date, today: dt.date) -> bytes | None:
        """Give the salt of a local day, made at the first need.

        Args:
            site: Site.
            day: Local day of the event.
            today: Local day now: the salt of a day before yesterday is gone and stays gone.

        Returns:
            32 bytes; None for a day that has none any more, or not yet.
        """
        found = self._known.get((site, day))
        if found is not None and day - today in KEPT:
            return found
        if day - today not in KEPT:
            return None
        found = self._made(site, day)
        self._known[site, day] = found
        return found

    def turn(self, today: dict[str, dt.date], utc_day: dt.date) -> int:
        """Make tomorrow's salts and destroy those before yesterday.

        Args:
            today: Site -> its local day now.
            utc_day: Day in UTC, by which the salts of sites go that were taken off.

        Returns:
            Salts destroyed.
        """
        for site, day in today.items():
            self.of(site, day, day)
            self.of(site, day + dt.timedelta(days=1), day)
        self._known = {
            (site, day): salt
            for (site, day), salt in self._known.items()
            if site in today and day - today[site] in KEPT
        }
        gone = 0
        for path in list(self._folder.iterdir()):
            site, mark, text = path.name.rpartition("~")
            kept = {today.get(site, utc_day) + each for each in KEPT}
            if _day(text) not in kept if mark else _is_leftover(path):
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _made(self, site: str, day: dt.date) -> bytes:
        return secret_at(self._folder / f"{site}~{day.isoformat()}")


def lasting_key(home: Path) -> bytes:
    """Give the lasting secret for ids, `secrets/ids.key`, which imports use too; made at the first use."""
    return secret_at(home / "secrets" / "ids.key")


def secret_at(path: Path) -> bytes:
    """Read a secret, or make it. Of processes that make it at once all use what the first made."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{FRESH}{secrets.token_hex(8)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SALT_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            # Unlike O_EXCL on the name itself, a link shows no half-written secret to the other process.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()


def _is_leftover(path: Path) -> bool:
    """Tell a file that a killed process left: it may be a second name of a salt, which must die with it."""
    return path.name.startswith(FRESH) and time.time() - path.stat().st_mtime > LEFTOVER_S


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
