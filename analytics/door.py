"""The door by which a command comes to run: in a desk of its own, or in the one that owns the home.

Where a desk owns it, the command asks it over loopback (`/_desk/<command>`, with the token of LOCK) to run
the same function. Then no engine is loaded here: that would take longer than the question.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import msgspec

from analytics.errors import StoreBusyError, TearsheetError, UsageError, interruptible
from analytics.store.home import Owner, owner_of

if TYPE_CHECKING:
    from analytics.desk import Desk

ASK_WAIT_S = 3600  # an import of years may take that long
WRONG_USAGE = 422  # told apart, so that a command ends with 2 beside a desk as without one
FIRST_BUSY_WAIT_S = 5.0  # a desk that is just starting has not yet said where it listens
LISTENS_S = 1.0


class Door(Protocol):
    """Where a command runs: in an own desk, or in the one that owns the home."""

    def ask(self, command: str, **values: Any) -> Any:
        """Run one of COMMANDS."""


class _OwnDoor:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def ask(self, command: str, **values: Any) -> Any:
        from analytics.commands import COMMANDS
        from analytics.control.identity import COMMAND, acting

        signal.siginterrupt(signal.SIGINT, True)  # Polars has every wait go on after Ctrl-C
        with acting(COMMAND), interruptible():
            return COMMANDS[command](self.desk, **values)


class _DeskDoor:
    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def ask(self, command: str, **values: Any) -> Any:
        request = urllib.request.Request(  # noqa: S310 the address comes from LOCK, loopback only
            f"{self._url}/_desk/{command}",
            data=msgspec.json.encode(values),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=ASK_WAIT_S) as answer:  # noqa: S310 as above
                return msgspec.json.decode(answer.read())
        except urllib.error.HTTPError as refusal:
            body = msgspec.json.decode(refusal.read(), type=dict[str, str])
            kind = UsageError if refusal.code == WRONG_USAGE else TearsheetError
            raise kind(body["error"], body["hint"]) from refusal
        except (OSError, http.client.HTTPException) as fault:  # it may end in the middle of an answer
            why = getattr(fault, "reason", fault)
            raise StoreBusyError(
                f"The desk at {self._url} owns the home but does not answer: {why}.", "Try again."
            ) from fault


@contextmanager
def reach(path: Path, what: str) -> Iterator[Door]:
    """Open a home for a command: by owning it, or through the desk that does.

    Args:
        path: The home.
        what: Word of the command, for the sentence that others read meanwhile.

    Raises:
        StoreBusyError: Another process owns it and takes no commands.
    """
    owner = owner_of(path)
    if owner is not None and _listens(owner):
        yield _DeskDoor(owner.url, owner.token)
        return
    from analytics.desk import Desk

    try:
        desk = Desk(path, what)
    except StoreBusyError:
        yield _through_desk(path)
        return
    try:
        yield _OwnDoor(desk)
    finally:
        desk.close()


def _listens(owner: Owner) -> bool:
    """Tell whether who stands in LOCK is there and takes commands; LOCK of a killed desk still names it."""
    if not owner.url:
        return False
    try:
        os.kill(owner.pid, 0)
        address = urlsplit(owner.url)
        socket.create_connection((address.hostname or "", address.port or 80), LISTENS_S).close()
    except OSError:
        return False
    return True


def _through_desk(path: Path) -> Door:
    """Find the desk that owns a home; waits a little for one that is just starting."""
    until = time.monotonic() + FIRST_BUSY_WAIT_S
    while True:
        owner = owner_of(path)
        if owner is not None and owner.url:
            return _DeskDoor(owner.url, owner.token)
        if time.monotonic() > until or (owner is not None and owner.what not in {"serve", "demo"}):
            what = f"process {owner.pid} (tearsheet {owner.what})" if owner else "another process"
            raise StoreBusyError(
                f"{path / 'readers.duckdb'} is open in {what}.",
                "Wait for it, stop it, or use another --home.",
            )
        time.sleep(0.1)
