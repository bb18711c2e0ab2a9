"""The archive on disk: a file or a folder is there whole, or is the one before, and nothing in between."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

MAKING, KEPT, EMPTY = ".making", ".kept", ".empty"  # beside the tables, where no glob of theirs looks
READ_ONLY = 0o444  # nobody writes a file of the archive; it is replaced
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of renameat2(2)

_numbers = itertools.count()
_started = time.time_ns()


def fresh(folder: Path) -> Path:
    """Name something in `.making` that nothing else is named."""
    return folder / MAKING / f"{_started:x}-{next(_numbers)}"


def empty(path: Path) -> Path:
    """Make a folder, and empty it where it was there."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def keep(made: Path, folder: Path, below: str) -> Path:
    """Give a file that is whole a second name that is never used again, and make it last.

    Who was handed that name reads the same rows to the end, whatever replaces the file meanwhile.

    Args:
        made: The file.
        folder: The archive.
        below: Folder of the part in the archive, which tells its day.
    """
    made.chmod(READ_ONLY)
    sync(made)
    return link(made, folder, below)


def link(place: Path, folder: Path, below: str) -> Path:
    """Give a file of the archive a name in `.kept`; see `keep`."""
    kept = folder / KEPT / below / f"{fresh(folder).name}.parquet"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.hardlink_to(place)
    return kept


def write(text: bytes, place: Path) -> None:
    """Write a small file whole."""
    made = place.with_name(f".{place.name}")
    made.write_bytes(text)
    sync(made)
    put(made, place)


def put(made: Path, place: Path) -> None:
    """Move a file to its place, over the one before."""
    place.parent.mkdir(parents=True, exist_ok=True)
    made.replace(place)
    sync(place.parent)


def put_alone(made: Path, place: Path) -> None:
    """Put a file in the place of a whole folder at one instant: no glob sees both, and none sees neither."""
    made_folder = empty(made.with_name(f"{made.name}-folder"))
    made.rename(made_folder / place.name)
    sync(made_folder)
    _exchange(made_folder, place.parent)
    sync(place.parent.parent)
    shutil.rmtree(made_folder)


def remove(place: Path) -> None:
    """Remove a file, and its folder when it was the last one there."""
    place.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        place.parent.rmdir()


def sync(path: Path) -> None:
    """Make a file or a folder outlast a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def files(folder: Path) -> Iterator[Path]:
    """List the files of the archive that tools see."""
    for pattern in ("*.parquet", "*/*=*/*.parquet"):
        yield from folder.glob(pattern)


def _exchange(one: Path, other: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    done = -1
    with contextlib.suppress(AttributeError):  # a C library without it
        done = libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if done != 0:  # nor has every file system it: then the day is away for some microseconds
        aside = one.with_name(f"{one.name}-aside")
        other.rename(aside)
        one.rename(other)
        aside.rename(one)
