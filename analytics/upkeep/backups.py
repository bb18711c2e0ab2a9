"""Backups: a folder each, whole or not there at all, read again before it counts as one.

In it stand the store as of one instant, what the queue and the inbox hold beyond it, the control database,
`tearsheet.toml` and the secrets. The queue is copied first: what was acknowledged before a backup began is in
the queue's copy or, loaded meanwhile, in the store's. Salts are never in it, and the archive is made anew.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import secrets
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import structlog

from analytics import config
from analytics.collect import spool
from analytics.control.database import FILE as CONTROL
from analytics.errors import FileUnreadableError, StoreError, UsageError, did_you_mean
from analytics.imports import inbox
from analytics.language import _
from analytics.load.drain import reached
from analytics.periods import local_time
from analytics.store import copies
from analytics.store.store import FILE as STORE
from analytics.store.store import Store, migrations

MANIFEST = "manifest.json"
PREFIX = "tearsheet-"
UNFINISHED = ".new"
SECRETS = "secrets"

log = structlog.get_logger()


class File(msgspec.Struct, frozen=True):
    """A file of a backup: bytes, and SHA-256 in hex."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself.

    Attributes:
        made_at: When it began, RFC 3339.
        program: Version of the program that made it.
        schema: Number of the store's latest migration.
        rows: Table -> rows of the store.
        control: `control.sqlite`, or empty where people and keys stand in a PostgreSQL of their own.
        files: Path inside -> size and hash.
    """

    made_at: str
    program: str
    schema: int
    rows: dict[str, int]
    control: str
    files: dict[str, File]


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup."""

    path: Path
    manifest: Manifest

    @property
    def made_at(self) -> dt.datetime:
        """When it began, naive UTC."""
        return config.utc(self.manifest.made_at, MANIFEST)

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(each.size for each in self.manifest.files.values())


def make(store: Store, home: Path, folder: Path, now: dt.datetime) -> Backup:
    """Make a backup beside whatever the desk does, and read it again.

    Args:
        store: The open store of the home.
        home: Folder of the home.
        folder: Where backups stand.
        now: Naive UTC.

    Returns:
        The backup; its name is its time.

    Raises:
        StoreError: It cannot be written, or is not what was copied; nothing of it is left.
    """
    name = f"{PREFIX}{now:%Y%m%d-%H%M%S}"
    fresh = folder / f".{name}-{secrets.token_hex(3)}{UNFINISHED}"
    try:
        fresh.mkdir(mode=0o700, parents=True)
        manifest = _filled(store, home, fresh, now)
        _sync(fresh)
        backup = Backup(_free(folder / name), manifest)
        check(Backup(fresh, manifest))
        fresh.rename(backup.path)
        spool.sync_folder(folder)
    except OSError as fault:
        raise StoreError(
            _("No backup could be written to {folder}: {strerror}.", folder=folder, strerror=fault.strerror),
            _("Check free space and rights."),
        ) from fault
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    log.info("backed up", backup=backup.path.name, bytes=backup.size, rows=sum(manifest.rows.values()))
    return backup


def check(backup: Backup) -> None:
    """Read a backup whole: every file by its hash, the store by counting it.

    Raises:
        FileUnreadableError: A file is missing or not what was written.
        StoreError: The store in it cannot be opened.
    """
    for name, told in backup.manifest.files.items():
        file = backup.path / name
        if not file.is_file() or file.stat().st_size != told.size or _hash(file) != told.sha256:
            raise FileUnreadableError(
                _("{file} is missing or damaged.", file=file),
                _("Take another backup: tearsheet backups lists them."),
            )
    schema, rows = copies.counted(backup.path / STORE)
    if rows != backup.manifest.rows or schema != backup.manifest.schema:
        raise FileUnreadableError(
            _("{path} does not hold what was copied.", path=backup.path / STORE), _("Take another backup.")
        )


def listed(folder: Path) -> list[Backup]:
    """List the finished backups of a folder, the newest first."""
    found = []
    for path in folder.glob(f"{PREFIX}*/{MANIFEST}"):
        try:
            found.append(Backup(path.parent, msgspec.json.decode(path.read_bytes(), type=Manifest)))
        except (OSError, msgspec.DecodeError):
            log.warning("backup without a manifest", backup=path.parent.name)
    return sorted(found, key=lambda each: (each.manifest.made_at, each.path.name), reverse=True)


def named(folder: Path, name: str) -> Backup:
    """Find a backup by its name, its path, or `latest`.

    Raises:
        UsageError: There is none.
    """
    path = Path(name)
    if (path / MANIFEST).is_file():
        folder, name = path.parent, path.name
    known = {each.path.name: each for each in listed(folder)}
    if name == "latest" and known:
        return next(iter(known.values()))
    if name not in known:
        hint = (
            did_you_mean(name, known) if known else f"There is none in {folder}: tearsheet backup makes one."
        )
        raise UsageError(_("There is no backup {name!r}.", name=name), hint)
    return known[name]


def row_of(backup: Backup) -> dict[str, Any]:
    """Say what a backup is, as commands print it."""
    return {
        "backup": backup.path.name,
        "made_at": backup.manifest.made_at,
        "rows": sum(backup.manifest.rows.values()),
        "bytes": backup.size,
        "folder": str(backup.path.parent.absolute()),
    }


def prune(folder: Path, keep: int) -> list[str]:
    """Delete all but the newest backups, and what killed ones left half done.

    Returns:
        Names of the backups that went.
    """
    old = listed(folder)[keep:]
    delete(old)
    for left in folder.glob(f".{PREFIX}*{UNFINISHED}"):
        shutil.rmtree(left, ignore_errors=True)
    return [each.path.name for each in old]


def delete(old: Sequence[Backup]) -> None:
    """Delete backups; half a deletion must not look like a backup."""
    for each in old:
        leaving = each.path.with_name(f".{each.path.name}{UNFINISHED}")
        each.path.rename(leaving)
        shutil.rmtree(leaving, ignore_errors=True)


def is_due(wanted: config.Backups, newest: dt.datetime | None, zone: str, now: dt.datetime) -> bool:
    """Tell whether the backup of this day is still to be made.

    Args:
        wanted: The settings.
        newest: When the last one was made, naive UTC; None where there is none.
        zone: Zone that the hour is of.
        now: Naive UTC.
    """
    if not wanted.daily:
        return False
    local = local_time(now, zone)
    since = local.replace(hour=wanted.hour, minute=0, second=0, microsecond=0)
    if since > local:
        since -= dt.timedelta(days=1)
    return newest is None or newest < since.astimezone(dt.UTC).replace(tzinfo=None)


# --- what goes in ------------------------------------------------------------------------------------------


def _filled(store: Store, home: Path, fresh: Path, now: dt.datetime) -> Manifest:
    _copy_queue(store, home, fresh)
    rows = copies.write(store, fresh / STORE)
    _copy_control(home, fresh)
    for file in [home / config.FILE, *sorted((home / SECRETS).glob("*"))]:
        if file.is_file():
            _copy(file, fresh / file.relative_to(home))
    manifest = Manifest(
        made_at=now.isoformat(timespec="seconds") + "Z",
        program=version("tearsheet"),
        schema=migrations()[-1][0],
        rows=rows,
        control=CONTROL if (fresh / CONTROL).exists() else "",
        files={
            str(file.relative_to(fresh)): File(file.stat().st_size, _hash(file))
            for file in sorted(fresh.rglob("*"))
            if file.is_file()
        },
    )
    (fresh / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def _copy_queue(store: Store, home: Path, fresh: Path) -> None:
    """Copy what is not in the store yet: files of the queue as they stand, and posted imports."""
    known = reached(store)
    for file in spool.files(home):
        try:
            if not (spool.is_sealed(file) and known.get(file.name, -1) >= spool.last_seq(file)):
                _copy_database(file, fresh / spool.FOLDER / file.name, seals=True)
        except (StoreError, sqlite3.OperationalError):
            if file.exists():  # else it was loaded long ago, and dropped this moment
                raise
    for name in inbox.waiting(home):
        parts = sorted((home / inbox.FOLDER).glob(f"{Path(name).stem}-*"))
        with suppress(FileNotFoundError):  # loaded this moment: it is in the store
            for part in [*parts, home / inbox.FOLDER / name]:
                _copy(part, fresh / inbox.FOLDER / part.name)


def _copy_control(home: Path, fresh: Path) -> None:
    if (home / CONTROL).exists():
        _copy_database(home / CONTROL, fresh / CONTROL)


def _copy_database(file: Path, to: Path, *, seals: bool = False) -> None:
    """Copy a SQLite database that others may be writing, into one plain file."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=spool.BUSY_WAIT_S)
    try:
        with closing(source), closing(sqlite3.connect(to, isolation_level=None)) as copy:
            source.backup(copy)
            if seals:
                spool.seal(copy, spool.last_seq(to))
            else:
                copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as fault:
        raise StoreError(
            _("{file} cannot be copied: {fault}.", file=file, fault=fault), _("tearsheet doctor says more.")
        ) from fault
    to.chmod(0o600)


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy2(file, to)


def _sync(folder: Path) -> None:
    """Bring every file to the disk, and then their names."""
    for file in folder.rglob("*"):
        handle = os.open(file, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    spool.sync_folder(folder)


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _free(path: Path) -> Path:
    """Find a name that is not taken: two backups of one second."""
    taken: Sequence[Path] = [path, *(path.with_name(f"{path.name}-{n}") for n in range(2, 100))]
    return next(each for each in taken if not each.exists())
