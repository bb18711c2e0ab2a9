"""What can be asked of a home: COMMANDS, and the door by which a command comes to run.

A command that finds the home locked asks the desk over loopback (`/_desk/<command>`, with the token of
LOCK) to run the same function; so COMMANDS are what both do.
"""

from __future__ import annotations

import base64
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import msgspec

from analytics.control import commands as people
from analytics.control.identity import COMMAND, acting
from analytics.desk import Desk
from analytics.errors import StoreBusyError, TearsheetError, UsageError
from analytics.imports import inbox
from analytics.load.readmit import readmit
from analytics.queries import answers
from analytics.sql import formats
from analytics.store import sites
from analytics.store.home import owner_of
from analytics.upkeep import backups, verifying

ASK_WAIT_S = 3600  # an import of years may take that long
WRONG_USAGE = 422  # told apart, so that a command ends with 2 beside a desk as without one
FIRST_BUSY_WAIT_S = 5.0  # a desk that is just starting has not yet said where it listens

Command = Callable[..., Any]  # desk, then keywords; all of it JSON


def _rollup(desk: Desk, *, everything: bool = False) -> dict[str, int]:
    return {"days": desk.recount(everything=everything)}


def _top(desk: Desk, **values: Any) -> list[dict[str, Any]]:
    return answers.top(desk.store, now=desk.clock(), **values)


def _series(desk: Desk, **values: Any) -> list[dict[str, Any]]:
    return answers.series(desk.store, now=desk.clock(), **values)


def _status(desk: Desk) -> dict[str, Any]:
    return answers.status(desk.store, desk.clock())


def _drops(desk: Desk, **values: Any) -> list[dict[str, Any]]:
    return answers.drops(desk.store, **values)


def _readmit(
    desk: Desk, *, rule: str, first: str, last: str, site_name: str | None = None
) -> dict[str, dict[str, int]]:
    where = sites.site(desk.store, site_name)
    done = readmit(desk.store, where.site_id, rule, answers.period(first, last, where.zone), desk.clock())
    desk.recount()
    return {"rows": done.rows}


def _settle(desk: Desk) -> list[str]:
    desk.settle()
    return [each.site_id for each in desk.sites()]


def _site(desk: Desk, *, name: str | None) -> dict[str, Any]:
    found = sites.site(desk.store, name)
    return {"site_id": found.site_id, "zone": found.zone, "hosts": found.hosts}


def _load_inbox(desk: Desk, *, names: list[str]) -> list[dict[str, Any]]:
    done = inbox.load_inbox(desk.store, desk.home.path, names, desk.clock())
    return [msgspec.to_builtins(each) for each in done]


def _sql(
    desk: Desk,
    *,
    text: str,
    parameters: dict[str, Any] | None = None,
    form: formats.Form = "json",
    **narrow: Any,
) -> dict[str, Any]:
    """Ask in SQL; `narrow` are `rows`, `seconds` and `site`. The answer's bytes are base64, for JSON."""
    if not desk.is_running:  # nobody keeps the archive meanwhile
        desk.archive.keep(desk.clock())
    answer = desk.asking.ask(COMMAND, text, parameters, door="command", for_file=form != "json", **narrow)
    body = base64.b64encode(formats.FORMATS[form][0](answer)).decode()
    return {"body": body, "rows": answer.table.num_rows, "cut": answer.cut, "said": answer.cut_in_words()}


def _backup(desk: Desk, *, folder: str | None = None, keep: int | None = None) -> dict[str, Any]:
    return backups.row_of(desk.backup(Path(folder) if folder else None, keep))


def _of_people(command: Callable[..., Any]) -> Command:
    return lambda desk, **values: command(desk.doors, **values)


def _retire(desk: Desk, *, check: bool) -> list[dict[str, Any]]:
    found = desk.retire(check=check)
    return [
        {"site": site, "table": table, "rows": rows}
        for site, tables in found.items()
        for table, rows in tables.items()
    ]


def _verify(desk: Desk) -> list[dict[str, Any]]:
    return verifying.verify(desk.store, desk.archive, desk.home.path, desk.clock())


def _erase(desk: Desk, *, kind: str, name: str, site_name: str | None, with_backups: bool) -> dict[str, Any]:
    found = desk.erase(kind, name, site_name, with_backups=with_backups)
    told: dict[str, Any] = msgspec.to_builtins(found)
    return told


def _report_list(desk: Desk) -> list[dict[str, Any]]:
    return desk.reports.listed()


def _report_add(desk: Desk, **values: Any) -> dict[str, Any]:
    return desk.reports.add(**values)


def _report_to(desk: Desk, **values: Any) -> None:
    desk.reports.add_recipient(**values)


def _report_ready(desk: Desk, *, site: str, address: str) -> list[dict[str, Any]]:
    return desk.reports.ready_made(site, address)


def _report_preview(desk: Desk, *, report: str, form: str) -> str:
    made, letter = desk.reports.preview(report)
    if form == "text":
        return letter.to("you", "")[1]
    if form == "html":
        return letter.page("you")
    from analytics.reports.pdf import pdf
    from analytics.reports.sheets import workbook

    return base64.b64encode(pdf(made) if form == "pdf" else workbook(made)).decode()


def _report_send(desk: Desk, *, report: str, to: str) -> list[dict[str, Any]]:
    return desk.reports.send(report, to)


def _report_history(desk: Desk, *, report: str, limit: int) -> list[dict[str, Any]]:
    return desk.reports.history(report, limit)


COMMANDS: dict[str, Command] = {
    "report_list": _report_list,
    "report_add": _report_add,
    "report_to": _report_to,
    "report_ready": _report_ready,
    "report_preview": _report_preview,
    "report_send": _report_send,
    "report_history": _report_history,
    "erase": _erase,
    "retire": _retire,
    "verify": _verify,
    "backup": _backup,
    "sql": _sql,
    "rollup": _rollup,
    "top": _top,
    "series": _series,
    "status": _status,
    "drops": _drops,
    "readmit": _readmit,
    "settle": _settle,
    "site": _site,
    "load_inbox": _load_inbox,
    **{name: _of_people(command) for name, command in people.COMMANDS.items()},
}


class Door(Protocol):
    """Where a command runs: in an own desk, or in the one that owns the home."""

    def ask(self, command: str, **values: Any) -> Any:
        """Run one of COMMANDS."""


class _OwnDoor:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def ask(self, command: str, **values: Any) -> Any:
        with acting(COMMAND):
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
        except urllib.error.URLError as fault:
            raise StoreBusyError(
                f"The desk at {self._url} owns the home but does not answer: {fault.reason}.", "Try again."
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
    try:
        desk = Desk(path, what)
    except StoreBusyError:
        yield _through_desk(path)
        return
    try:
        yield _OwnDoor(desk)
    finally:
        desk.close()


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
