"""The doctor: looks at everything that a home stands on, and says of each what to do.

It changes nothing and needs no desk; where one runs, it is asked as every command asks it.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import importlib.util
import os
import shutil
import socket
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from analytics import config
from analytics.collect import settings, spool
from analytics.control.database import FILE as CONTROL
from analytics.errors import TearsheetError, did_you_mean
from analytics.store.home import owner_of
from analytics.store.store import FILE as STORE
from analytics.upkeep import backups, restoring

Level = Literal["ok", "look", "wrong"]
SAFE_SQLITE = (3, 51, 3)  # engine-notes: before it, two connections that checkpoint may lose a commit
MIB, GIB = 1 << 20, 1 << 30
AHEAD = dt.timedelta(minutes=5)
STALE = dt.timedelta(hours=36)  # a daily backup that is older was missed
WAIT_S = 3.0
DRAWS = {"vl-convert-python": "vl_convert", "typst": "typst"}  # package -> what is imported


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do where it is not well."""

    what: str
    level: Level
    said: str
    do: str = ""


Check = Callable[[Path, dt.datetime], Iterator[Finding]]


def examine(home: Path, now: dt.datetime, status: Callable[[], Mapping[str, Any]]) -> list[Finding]:
    """Look at a home.

    Args:
        home: Folder of the home.
        now: Naive UTC.
        status: Asks the desk, or opens the store: gives last_event, dirty_hours and rejected.

    Returns:
        Findings in the order of what rests on what; a check that cannot be made is a finding itself.
    """
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found += check(home, now)
        except (OSError, TearsheetError, sqlite3.Error) as fault:
            said = str(fault)
            if all(each.said != said for each in found):  # what one file lacks fails several checks
                found.append(Finding(check.__name__.strip("_"), "wrong", said, "Mend this first."))
        if check is _home and not (home / config.FILE).exists():
            return found  # nothing else stands without it
    return [*found, *_store(status, now)]


def needs_a_hand(home: Path, now: dt.datetime, *, backs_up: bool) -> list[Finding]:
    """List what of disk and backups is wrong: what a running desk tells its admins by itself.

    Args:
        home: Folder of the home.
        now: Naive UTC.
        backs_up: Whether a backup is made every day; a first one that is not due yet was not missed.
    """
    found = list(_disk(home, now))
    if backs_up and config.read(home).backups.daily:
        found += _backups(home, now)
    return [each for each in found if each.level == "wrong"]


def _programs(_home: Path, _now: dt.datetime) -> Iterator[Finding]:
    engine = metadata.version("duckdb")
    extensions = {
        name: each.version
        for each in metadata.distributions()
        if (name := (each.metadata["Name"] or "").lower()).startswith("duckdb-extension-")
    }
    wrong = [f"{name} {version}" for name, version in extensions.items() if version != engine]
    said = f"Tearsheet {metadata.version('tearsheet')}, DuckDB {engine}, SQLite {sqlite3.sqlite_version}."
    if wrong:
        yield Finding(
            "programs", "wrong", f"{', '.join(wrong)} do not fit DuckDB {engine}.", "Install them anew."
        )
    else:
        yield Finding("programs", "ok", said)
        told = ", ".join(extensions) or "none but what is built in"
        yield Finding("extensions", "ok", f"Of DuckDB {told}; nothing is fetched at run time.")


def _browser(_home: Path, _now: dt.datetime) -> Iterator[Finding]:
    """Look at what draws the charts and pages of mails in the place of a browser."""
    missing = [name for name, room in DRAWS.items() if importlib.util.find_spec(room) is None]
    if missing:
        said = f"{', '.join(missing)} is missing, which draws the charts and pages of reports."
        yield Finding("browser", "wrong", said, "Install Tearsheet anew, with all that it needs.")
    else:
        told = " and ".join(f"{name} {metadata.version(name)}" for name in DRAWS)
        yield Finding("browser", "ok", f"None is needed: {told} draw what mails and PDFs show.")


def _home(home: Path, _now: dt.datetime) -> Iterator[Finding]:
    if not (home / config.FILE).exists():
        yield Finding("home", "wrong", f"There is no home at {home}.", "Make one: tearsheet init")
        return
    open_ = [
        name
        for name in ("LOCK", settings.FILE, CONTROL, "secrets/ids.key")
        if (home / name).exists() and (home / name).stat().st_mode & 0o077
    ]
    if not os.access(home, os.W_OK):
        yield Finding(
            "home", "wrong", f"{home} cannot be written by this user.", "Run as the owner of the folder."
        )
    elif open_:
        files = " ".join(str(home / name) for name in open_)
        yield Finding("home", "wrong", f"Others may read {', '.join(open_)}.", f"chmod 600 {files}")
    else:
        yield Finding("home", "ok", f"{home.absolute()}, writable; secrets are its owner's only.")
    if (home / restoring.PLAN).exists():
        yield Finding("home", "look", "A restore was not finished.", "Start the desk: it finishes it.")


def _settings(home: Path, _now: dt.datetime) -> Iterator[Finding]:
    described = config.read(home)
    settings.of_home(described)
    sites = ", ".join(described.site) or "no site"
    if described.site:
        yield Finding("settings", "ok", f"{config.FILE} can be read: {sites}.")
    else:
        yield Finding("settings", "look", f"{config.FILE} names no site.", "Add one: tearsheet init")
    for name in sorted(os.environ):
        if name.startswith("TEARSHEET_") and name not in config.VARIABLES:
            yield Finding(
                "settings",
                "look",
                f"Nothing reads the variable {name}.",
                did_you_mean(name, config.VARIABLES),
            )


def _disk(home: Path, _now: dt.datetime) -> Iterator[Finding]:
    disk = shutil.disk_usage(home)
    reserve = max(GIB, disk.total // 20)
    store = sum(each.stat().st_size for each in home.glob(f"{STORE}*"))  # its log, too
    said = (
        f"{disk.free / GIB:,.1f} GiB free of {disk.total / GIB:,.1f}; the store has {store / MIB:,.0f} MiB."
    )
    if disk.free < reserve:
        yield Finding(
            "disk", "wrong", f"{said} Events are refused below {reserve / GIB:,.1f}.", "Free some space."
        )
    elif disk.free < reserve + 2 * store:
        yield Finding(
            "disk", "look", f"{said} A backup may not fit.", "Free some space, or use another folder."
        )
    else:
        yield Finding("disk", "ok", said)


def _owner(home: Path, _now: dt.datetime) -> Iterator[Finding]:
    owner = owner_of(home)
    if not _is_locked(home / "LOCK"):
        yield Finding("desk", "look", "No desk owns the home.", "Start it: tearsheet serve")
    elif owner is None or not owner.url:
        who = f"Process {owner.pid} (tearsheet {owner.what})" if owner else "A process"
        yield Finding("desk", "look", f"{who} owns the home and takes no commands.", "Wait for it.")
    else:
        yield _answering(owner.url, f"Process {owner.pid} (tearsheet {owner.what}) at {owner.url}")


def _answering(url: str, who: str) -> Finding:
    """Ask the desk whether it is ready; only the address of LOCK is asked, which is of this machine."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=WAIT_S) as answer:  # noqa: S310 from LOCK
            answer.read()
        return Finding("desk", "ok", f"{who} answers and is ready.")
    except urllib.error.HTTPError as refusal:
        reason = refusal.read().decode("utf-8", "replace")[:100]
        return Finding("desk", "wrong", f"{who} is not ready: {reason}.", "Its log says more.")
    except OSError:
        return Finding(
            "desk", "wrong", f"{who} does not answer.", "Look at its log; end it and start it again."
        )


def _clock(home: Path, now: dt.datetime) -> Iterator[Finding]:
    if os.environ.get("TEARSHEET_NOW"):
        yield Finding(
            "clock", "look", "TEARSHEET_NOW stands in for the clock.", "Take it away outside of tests."
        )
        return
    newest = max((file.stat().st_mtime for file in home.iterdir()), default=0.0)
    ahead = dt.datetime.fromtimestamp(newest, dt.UTC).replace(tzinfo=None) - now
    if ahead > AHEAD:
        yield Finding(
            "clock", "wrong", f"Files of the home are {ahead} ahead of this clock.", "Set the clock by NTP."
        )
    else:
        yield Finding("clock", "ok", f"It is {now:%Y-%m-%d %H:%M} UTC; no file is from the future.")


def _queue(home: Path, _now: dt.datetime) -> Iterator[Finding]:
    files = spool.files(home)
    size = sum(each.stat().st_size for each in files)
    damaged = list((home / spool.FOLDER / spool.QUARANTINE).glob("*.db"))
    said = (
        f"{len(files)} files, {size / MIB:,.0f} MiB, {sum(not spool.is_sealed(each) for each in files)} open."
    )
    yield Finding("queue", "ok", said)
    if damaged:
        yield Finding(
            "queue",
            "wrong",
            f"{len(damaged)} damaged files stand in {home / spool.FOLDER / spool.QUARANTINE}.",
            "What stood before the damage is counted. Look after the disk; keep them, or delete them.",
        )


def _salts(home: Path, now: dt.datetime) -> Iterator[Finding]:
    limit = (now - dt.timedelta(hours=72)).replace(tzinfo=dt.UTC).timestamp()
    old = [each for each in (home / "salts").glob("*") if each.is_file() and each.stat().st_mtime < limit]
    if old:
        yield Finding(
            "salts",
            "wrong",
            f"{len(old)} salts are older than two days.",
            "Start the desk: it destroys them.",
        )
    else:
        yield Finding("salts", "ok", "None is older than two days.")


def _backups(home: Path, now: dt.datetime) -> Iterator[Finding]:
    wanted = config.read(home).backups
    place = wanted.place(home)
    found = backups.listed(place)
    if not found:
        yield Finding("backups", "look", f"There is none in {place}.", "Make one: tearsheet backup")
    elif now - found[0].made_at > STALE:
        yield Finding(
            "backups", "wrong", f"The latest is of {found[0].manifest.made_at}.", "tearsheet backup"
        )
    elif place.exists() and place.stat().st_dev == home.stat().st_dev:
        said = f"The latest of {len(found)} is of {found[0].manifest.made_at}, on the disk of the home."
        yield Finding("backups", "look", said, "Put them on another disk: folder under [backups].")
    else:
        yield Finding("backups", "ok", f"The latest of {len(found)} is of {found[0].manifest.made_at}.")


def _mail(home: Path, _now: dt.datetime) -> Iterator[Finding]:
    mail = config.read(home).mail
    if not mail.host:
        where = f"They are written to {mail.folder}." if mail.folder else "No mail goes out."
        yield Finding("mail", "look", f"No mail server is named. {where}", "Name one under [mail].")
        return
    try:
        with socket.create_connection((mail.host, mail.port), WAIT_S):
            yield Finding("mail", "ok", f"{mail.host}:{mail.port} takes connections.")
    except OSError as fault:
        yield Finding(
            "mail", "wrong", f"{mail.host}:{mail.port}: {fault}.", "Correct [mail], or the network."
        )


def _store(status: Callable[[], Mapping[str, Any]], now: dt.datetime) -> Iterator[Finding]:
    try:
        told = status()
    except TearsheetError as fault:
        yield Finding(
            "store", "wrong", fault.message, fault.hint or "Restore a backup: tearsheet restore latest"
        )
        return
    last = told["last_event"]
    rejected = sum(told["rejected"].values())
    said = f"{told['tables']['page_views']:,} views; the latest event is of {last or 'never'}."
    if last and config.utc(last, "last_event") > now + AHEAD:
        yield Finding("store", "wrong", f"{said} That lies ahead of this clock.", "Set the clock by NTP.")
    else:
        yield Finding("store", "ok", f"{said} {told['dirty_hours']:,} hours wait for a recount.")
    if rejected:
        yield Finding(
            "store", "look", f"{rejected:,} rows could not be read.", "tearsheet status names the reasons."
        )


def _is_locked(lock: Path) -> bool:
    """Tell whether a living process holds a home; the lock is given back at once."""
    try:
        with lock.open("r+b") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


CHECKS = (  # in the order of what rests on what
    _programs, _browser, _home, _settings, _disk, _owner, _clock, _queue, _salts, _backups, _mail,
)  # fmt: skip
