"""Tables by a mapping file: prepared as batches, then loaded.

Preparing needs the home's folder and its secret, but no store: so a command beside a running desk
prepares, posts the names, and the desk loads (`inbox.load_inbox`). A command that owns the home does
both with `import_table`.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analytics.errors import StoreError, TearsheetError
from analytics.imports import inbox
from analytics.imports.keys import Place
from analytics.imports.mapping import Mapping
from analytics.imports.summary import Problem, Progress, Summary, refused
from analytics.imports.table import work_through
from analytics.store.store import Store

CHECK_ROWS = 1000
SAMPLE_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file on its way.

    Attributes:
        name: Its batch in the inbox; empty where the file was refused.
        summary: Rows read, dropped and rejected, or the refusal.
    """

    name: str
    summary: Summary


def _nobody(_done: int, _total: int) -> None:
    """Tell nobody of the progress."""


def import_table(
    store: Store,
    place: Place,
    files: Sequence[Path],
    mapping: Mapping,
    now: dt.datetime,
    progress: Progress = _nobody,
) -> list[Summary]:
    """Prepare and load files; each stands alone.

    Args:
        store: The open store of the home.
        place: Home, secret, site.
        files: What to read.
        mapping: What their columns mean.
        now: Naive UTC.
        progress: Told bytes done and bytes in all.

    Returns:
        One summary a file, in order; one with a `fault` is a file of which nothing was stored.
    """
    summaries = []
    for prepared in prepare(files, mapping, place, now, progress):
        if prepared.name:
            summaries += inbox.load_inbox(store, place.home, [prepared.name], now)
        else:
            summaries.append(prepared.summary)
    return summaries


def prepare(
    files: Sequence[Path],
    mapping: Mapping,
    place: Place,
    now: dt.datetime,
    progress: Progress = _nobody,
) -> Iterator[Prepared]:
    """Prepare files as batches in the inbox of a home, without its store; each stands alone.

    Args:
        files: What to read.
        mapping: What their columns mean.
        place: Home, secret, site.
        now: Naive UTC.
        progress: Told bytes done and bytes in all.

    Yields:
        One a file, in order; the next file is read when the one before has been taken.
    """
    total, done = sum(_size(path) for path in files), 0
    for path in files:
        yield _prepare_one(path, mapping, place, now, _part(progress, done, _size(path), total))
        done += _size(path)
        progress(done, total)


def check(
    files: Sequence[Path], mapping: Mapping, place: Place, now: dt.datetime
) -> list[tuple[Summary, list[Problem]]]:
    """Read the first 1,000 rows of each file and store nothing.

    Returns:
        For each file its summary, in which `loaded` is what would be taken, and the first problems.
    """
    found = []
    for path in files:
        try:
            with _scratch(place.home) as scratch:
                work = work_through(path, mapping, place, now, scratch, lambda _share: None, CHECK_ROWS)
        except TearsheetError as fault:
            found.append((refused(path.name, fault), list[Problem]()))
            continue
        work.summary.loaded = work.summary.good
        problems = sorted((line, reason) for line, reason, _ in work.rejects)[:SAMPLE_PROBLEMS]
        found.append((work.summary, [Problem(*problem) for problem in problems]))
    return found


def _prepare_one(
    path: Path, mapping: Mapping, place: Place, now: dt.datetime, tell: Callable[[float], None]
) -> Prepared:
    source = mapping.source.name
    try:
        with _scratch(place.home) as scratch:
            work = work_through(path, mapping, place, now, scratch, tell)
            name = inbox.post(
                place.home,
                place.site_id,
                source,
                work.sha256,
                work.summary,
                work.files,
                work.catalogue,
                work.rejects,
            )
    except TearsheetError as fault:
        return Prepared("", refused(path.name, fault))
    return Prepared(name, work.summary)


@contextmanager
def _scratch(home: Path) -> Iterator[Path]:
    """Lend a folder inside the inbox, on the disk of the home, and remove it."""
    folder = home / inbox.FOLDER / f".{os.getpid()}-{secrets.token_hex(8)}"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder.parent)
        folder.mkdir(mode=0o700)  # it may hold an unpacked file, with all that the source knows of people
    except OSError as fault:
        raise StoreError(f"{folder.parent} cannot be written: {fault.strerror}.") from fault
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what processes that were killed left behind."""
    for left in folder.glob(".*-*"):
        try:
            os.kill(int(left.name[1:].partition("-")[0]), 0)
        except ProcessLookupError:
            shutil.rmtree(left, ignore_errors=True)
        except (PermissionError, ValueError):
            continue


def _part(progress: Progress, done: int, size: int, total: int) -> Callable[[float], None]:
    return lambda share: progress(done + int(share * size), total)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
