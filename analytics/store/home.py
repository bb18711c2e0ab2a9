"""The home's folder and its LOCK: exactly one process owns `readers.duckdb` at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from pathlib import Path

import msgspec

from analytics.errors import StoreBusyError, StoreError

KEY_BYTES = 32


class Owner(msgspec.Struct, frozen=True):
    """Who holds a home. `url` is empty while the owner takes no commands.

    Attributes:
        pid: Process id.
        what: Command line word of the process, such as serve.
        url: Where it takes commands, loopback only.
        token: Proof that a command may read LOCK.
    """

    pid: int
    what: str
    url: str = ""
    token: str = ""


class Home:
    """A folder that this process owns until `close`.

    Attributes:
        path: The folder.
        what: Command line word of this process.
    """

    def __init__(self, path: Path, what: str) -> None:
        """Take the lock.

        Args:
            path: Folder; made where it is missing.
            what: Command of this process, for the sentence that others read.

        Raises:
            StoreBusyError: Another process holds it; the sentence names its pid.
            StoreError: The folder cannot be written.
        """
        self.path, self.what = path, what
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path / "LOCK", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as fault:
            raise StoreError(f"The home {path} cannot be written: {fault.strerror}.") from fault
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            os.close(self._file)
            raise _busy(path) from fault
        self.announce("")

    def announce(self, url: str) -> Owner:
        """Write into LOCK who owns the home and where it takes commands."""
        owner = Owner(os.getpid(), self.what, url, secrets.token_urlsafe(KEY_BYTES))
        text = msgspec.json.encode(owner)
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text, 0)
        return owner

    def close(self) -> None:
        """Give the home back; the kernel does the same when the process dies."""
        os.ftruncate(self._file, 0)
        os.close(self._file)


def ids_key(path: Path) -> bytes:
    """Read the lasting secret of a home, for ids and visitors of imports; made at the first use.

    Raises:
        StoreError: It cannot be made.
    """
    key = path / "secrets" / "ids.key"
    try:
        key.parent.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            # Whole or not at all, and never over another's: a command and a desk may both come first.
            fresh = key.with_name(f"ids.{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_bytes(secrets.token_bytes(KEY_BYTES))
            try:
                os.link(fresh, key)
            finally:
                fresh.unlink()
        return key.read_bytes()
    except OSError as fault:
        raise StoreError(f"{key} cannot be made: {fault.strerror}.") from fault


def owner_of(path: Path) -> Owner | None:
    """Read who owns a home; None where nobody does or LOCK is being written."""
    try:
        return msgspec.json.decode((path / "LOCK").read_bytes(), type=Owner)
    except (OSError, msgspec.DecodeError):
        return None


def _busy(path: Path) -> StoreBusyError:
    owner = owner_of(path)
    who = f"process {owner.pid} (tearsheet {owner.what})" if owner else "another process"
    return StoreBusyError(
        f"{path / 'readers.duckdb'} is open in {who}.", "Wait for it, stop it, or use another --home."
    )
