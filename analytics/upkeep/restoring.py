"""A backup becomes the home again: staged, written down, then moved into place.

Until the plan is on disk nothing has changed, and a killed restore leaves the old home. From then on whoever
opens the home next finishes the moves, and it is the new one. What stood there is kept in a folder beside the
backups. Files of the queue that are still there stay: they hold what came after the backup.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
from pathlib import Path

import msgspec
import structlog

from analytics import config
from analytics.collect import spool
from analytics.control.database import FILE as CONTROL
from analytics.errors import StoreError
from analytics.imports import inbox
from analytics.store.home import Home
from analytics.store.store import FILE as STORE
from analytics.store.store import migrations
from analytics.upkeep import backups
from analytics.upkeep.backups import Backup

PLAN = "restore.json"
STAGED = "restore.new"
ARCHIVE = "archive"  # of the store that goes: it is made anew
REPLACED = (STORE, f"{STORE}.wal", config.FILE, backups.SECRETS, ARCHIVE)
OF_CONTROL = tuple(f"{CONTROL}{side}" for side in ("", *spool.SIDES))

log = structlog.get_logger()


class Plan(msgspec.Struct, frozen=True):
    """The moves of a restore, paths within the home.

    Attributes:
        away: What stood there -> where it is kept.
        in_: What was staged -> where it belongs.
    """

    away: dict[str, str]
    in_: dict[str, str]


def restore(path: Path, backup: Backup, now: dt.datetime) -> Path:
    """Put a backup in the place of a home that nobody owns.

    Args:
        path: Folder of the home; may be missing.
        backup: The backup; every file of it is read first.
        now: Naive UTC; names the folder of what stood there.

    Returns:
        The folder in which what stood there is kept; it is missing where nothing did.

    Raises:
        StoreBusyError: A desk or a command owns the home.
        FileUnreadableError: The backup is damaged.
        StoreError: It was made by a newer program, or cannot be written; nothing has changed.
    """
    newest = migrations()[-1][0]
    if backup.manifest.schema > newest:
        raise StoreError(
            f"{backup.path.name} was made by a newer program (schema {backup.manifest.schema}, this one "
            f"knows {newest}).",
            "Restore it with that program.",
        )
    home = Home(path, "restore")
    try:
        finish(path)
        backups.check(backup)
        kept = Path("backups") / f"before-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        plan = _staged(path, backup, kept)
        _write(path / PLAN, msgspec.json.encode(plan))
        finish(path)
        shutil.rmtree(path / kept / ARCHIVE, ignore_errors=True)
    except OSError as fault:
        raise StoreError(
            f"{path} cannot be written: {fault.strerror}.", "Check free space and rights, then restore again."
        ) from fault
    finally:
        home.close()
    log.info("restored", backup=backup.path.name, rows=sum(backup.manifest.rows.values()))
    return path / kept


def finish(path: Path) -> bool:
    """Finish the moves of a restore that was written down; whoever owns the home does so first.

    Returns:
        Whether there was one.

    Raises:
        StoreError: A file cannot be moved; the next start tries again.
    """
    try:
        plan = msgspec.json.decode((path / PLAN).read_bytes(), type=Plan)
    except FileNotFoundError:
        shutil.rmtree(path / STAGED, ignore_errors=True)  # of one that was killed before it was written down
        return False
    except (OSError, msgspec.DecodeError) as fault:
        raise StoreError(f"{path / PLAN} cannot be read: {fault}.", "Restore the backup again.") from fault
    try:
        for source, target in plan.away.items():
            if not (path / target).exists():
                (path / target).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                (path / source).rename(path / target)
        for source, target in plan.in_.items():
            if (path / source).exists():
                (path / target).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                (path / source).replace(path / target)
        spool.sync_folder(path)
        (path / PLAN).unlink()
        spool.sync_folder(path)
    except OSError as fault:
        raise StoreError(f"The restore of {path} cannot be finished: {fault}.", "Start again.") from fault
    shutil.rmtree(path / STAGED, ignore_errors=True)
    return True


def _staged(path: Path, backup: Backup, kept: Path) -> Plan:
    """Copy a backup beside the home's own files, and plan the moves."""
    staged = path / STAGED
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o700)
    moves = {}
    for name in backup.manifest.files:
        inside = Path(name)
        if inside.parts[0] in {spool.FOLDER, inbox.FOLDER} and (path / inside).exists():
            continue  # the one that is there has all of it, and what came after
        if inside.parts[0] == backups.SECRETS:
            inside = Path(backups.SECRETS)  # replaced as a whole
        target = staged / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(backup.path / name, target)
        _sync(target)
        moves[f"{STAGED}/{inside}"] = str(inside)
    replaced = [*REPLACED, *(OF_CONTROL if backup.manifest.control else ())]
    away = {name: str(kept / name) for name in replaced if (path / name).exists()}
    return Plan(away, moves)


def _write(file: Path, text: bytes) -> None:
    """Write a file whole or not at all, and durable."""
    fresh = file.with_suffix(".part")
    fresh.write_bytes(text)
    _sync(fresh)
    fresh.replace(file)
    spool.sync_folder(file.parent)


def _sync(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
