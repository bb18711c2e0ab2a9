"""Disks that run full and are made larger: a small tmpfs, or a limit on files where none may be mounted."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.faults.processes import Running

MIB = 1 << 20
LEFT = MIB // 2  # of the full disk: enough to begin with, too little to go on
LARGEST = 16 << 10  # of a file under the limit: less than any file of ours


class Disk(Protocol):
    """A disk under a home.

    Attributes:
        folder: Where it is.
        is_real: A file system, not a limit of one process.
    """

    folder: Path
    is_real: bool

    def fill(self, running: Running, left: int = LEFT) -> None:
        """Leave that many bytes."""

    def enlarge(self, running: Running) -> None:
        """Make room again."""


class SmallDisk:
    """A tmpfs: writes fail as on a full disk, and it grows by a remount. Needs the right to mount."""

    is_real = True

    def __init__(self, folder: Path, size: int) -> None:
        folder.mkdir()
        self.folder = folder
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True, capture_output=True
        )

    def fill(self, running: Running, left: int = LEFT) -> None:
        del running  # the disk is full for everybody
        with (self.folder / "ballast").open("ab") as ballast:
            room = shutil.disk_usage(self.folder).free - left
            os.posix_fallocate(ballast.fileno(), ballast.tell(), max(room, 1))

    def enlarge(self, running: Running) -> None:
        del running
        subprocess.run(["mount", "-o", "remount,size=512m", self.folder], check=True)

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True)


class LimitedFiles:
    """A limit on the size of every file of one process: writes beyond it fail, with EFBIG for ENOSPC.

    It stands in where nothing may be mounted, such as for a user without rights.
    """

    is_real = False

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder

    def fill(self, running: Running, left: int = LEFT) -> None:
        del left
        _limit(running, LARGEST)

    def enlarge(self, running: Running) -> None:
        _limit(running, None)


@contextmanager
def small_disk(folder: Path, size: int, *, may_mount: bool = True) -> Iterator[Disk]:
    """Give a small disk for as long as the block lasts."""
    if may_mount:
        try:
            mounted = SmallDisk(folder, size)
        except (OSError, subprocess.CalledProcessError):
            folder.rmdir()
        else:
            try:
                yield mounted
            finally:
                mounted.close()
            return
    yield LimitedFiles(folder)


def _limit(running: Running, size: int | None) -> None:
    pid = running.process.pid
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most if size is None else size, most))
