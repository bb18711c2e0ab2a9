"""The scripts for newsrooms' pages: ours made small, and Plausible's as its package has it.

`data/tracker/tearsheet.js` is our source. `ensure` makes of it, with the esbuild that the lock file beside it
pins, a folder of this shape:

    tearsheet.js    ours, at most 3 kB under gzip
    plausible.js    the module of @plausible-analytics/tracker
    licences/*.txt  of Plausible's package; esbuild leaves nothing of itself in what it makes
    manifest.json   what it was made of

It is part of the wheel. In a checkout it is made when the first reader asks; without npm or network our
source stands in as it is, which does the same in more bytes, and one warning says so.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import structlog

from analytics import npm

TRACKER = Path(str(files("data"))) / "tracker"
SOURCE = TRACKER / "tearsheet.js"
BUILT = TRACKER / "built"
PLAUSIBLE = "@plausible-analytics/tracker"
TARGET = "es2020"  # browsers of 2020 and later; older ones are not counted, and not broken

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TrackerFiles:
    """What there is to serve.

    Attributes:
        tearsheet: Our script; the source itself where it could not be made small.
        plausible: Plausible's; None where it could not be fetched.
        is_complete: Whether these are made of our source and what the lock file names.
    """

    tearsheet: Path
    plausible: Path | None
    is_complete: bool


def ensure(target: Path = BUILT, fetch: npm.Fetch = npm.fetch_packages) -> TrackerFiles:
    """Make the scripts, unless they are there and current.

    Args:
        target: The folder to make.
        fetch: Brings the packages of a lock folder into another folder.

    Returns:
        The scripts; where they could not be made, our source, and Plausible's of an older set, if any.
    """
    try:
        packages = npm.described(TRACKER, [PLAUSIBLE])
        if npm.make(target, lambda scratch: _build(scratch, fetch), _stamp(), packages):
            log.info("tracker made", bytes=(target / SOURCE.name).stat().st_size)
    except (npm.FetchError, OSError) as error:
        log.warning("tracker not made small", reason=str(error), served=SOURCE.name)
    return _files(target)


def main() -> int:
    """Make the scripts anew, as `just tracker` does.

    Returns:
        0, or 1 where the source stands in.
    """
    (BUILT / npm.MANIFEST).unlink(missing_ok=True)
    return 0 if ensure().is_complete else 1


def _stamp() -> dict[str, str]:
    return {"made_of": npm.stamp(SOURCE, TRACKER / "package-lock.json")}


def _files(target: Path) -> TrackerFiles:
    is_complete = npm.is_current(target, _stamp())
    plausible = target / "plausible.js"
    return TrackerFiles(
        tearsheet=target / SOURCE.name if is_complete else SOURCE,
        plausible=plausible if plausible.exists() else None,
        is_complete=is_complete,
    )


def _build(scratch: Path, fetch: npm.Fetch) -> Path:
    fetch(TRACKER, scratch)
    modules, fresh = scratch / "node_modules", scratch / "fresh"
    (fresh / "licences").mkdir(parents=True)
    esbuild = [npm.program("node"), str(modules / "esbuild" / "bin" / "esbuild")]
    options = ["--minify", f"--target={TARGET}", "--charset=utf8", f"--outfile={fresh / SOURCE.name}"]
    npm.run("esbuild", [*esbuild, str(SOURCE), *options, "--log-level=error"], scratch)
    licence = modules / PLAUSIBLE / "LICENSE.md"
    shutil.copyfile(licence, fresh / "licences" / "plausible-tracker.txt")
    _take_plausible(modules / PLAUSIBLE / "plausible.js", licence, fresh / "plausible.js")
    return fresh


def _take_plausible(script: Path, licence: Path, into: Path) -> None:
    """Copy the module under a line that names its makers, as its licence asks."""
    about = npm.described(TRACKER, [PLAUSIBLE])[0]
    text = licence.read_text(encoding="utf-8")
    holder = next((line.strip() for line in text.splitlines() if line.startswith("Copyright")), "")
    head = f"/*! {PLAUSIBLE} {about['version']}, {about['licence']} licence. {holder} */\n"
    into.write_text(head + script.read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
