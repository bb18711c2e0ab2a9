"""The editor of the SQL page as one browser file: CodeMirror, made from pinned npm packages.

`frontend/editor/editor.js` is our source. `ensure` makes of it, with the esbuild that the lock file beside
it pins, `assets/editor/editor.js`, with the licences of what went into it. It is part of the wheel; in a
checkout it is made at the first start. Without npm or network a plain text box stands in, and one warning
says so.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import structlog

from analytics import npm

HERE = Path(__file__).parent
FRONTEND = HERE / "frontend" / "editor"
SOURCE = FRONTEND / "editor.js"
TARGET = HERE / "assets" / "editor"
BUILT = SOURCE.name
ADDRESS = f"/assets/editor/{BUILT}"
BROWSERS = "es2020"
_TOOLS = ("esbuild", "@esbuild/")  # leave nothing of themselves in what they make

log = structlog.get_logger()


def ensure(target: Path = TARGET, fetch: npm.Fetch = npm.fetch_packages) -> bool:
    """Make the file, unless it is there and current.

    Args:
        target: The folder to make.
        fetch: Brings the packages of a lock folder into another folder.

    Returns:
        Whether there is an editor, of an older set perhaps.
    """
    try:
        names = [name for name in npm.locked(FRONTEND) if not name.startswith(_TOOLS)]
        if npm.make(target, lambda scratch: _build(scratch, fetch, names), _stamp(), _described(names)):
            log.info("editor made", bytes=(target / BUILT).stat().st_size)
    except (npm.FetchError, OSError) as error:
        stands_in = "an older editor" if (target / BUILT).exists() else "a plain text box"
        log.warning("editor not made", reason=str(error), served=stands_in)
    return (target / BUILT).exists()


def main() -> int:
    """Make the file anew, as `just frontend` does.

    Returns:
        0, or 1 where the text box stands in.
    """
    (TARGET / npm.MANIFEST).unlink(missing_ok=True)
    ensure()
    return 0 if npm.is_current(TARGET, _stamp()) else 1


def _stamp() -> dict[str, str]:
    return {"made_of": npm.stamp(SOURCE, FRONTEND / "package-lock.json")}


def _described(names: list[str]) -> list[dict[str, str]]:
    return npm.described(FRONTEND, names)


def _build(scratch: Path, fetch: npm.Fetch, names: list[str]) -> Path:
    fetch(FRONTEND, scratch)
    modules, fresh = scratch / "node_modules", scratch / "fresh"
    (fresh / "licences").mkdir(parents=True)
    source = Path(shutil.copyfile(SOURCE, scratch / SOURCE.name))  # beside the packages that it names
    esbuild = [npm.program("node"), str(modules / "esbuild" / "bin" / "esbuild")]
    options = ["--bundle", "--minify", "--format=iife", f"--target={BROWSERS}", "--charset=utf8"]
    npm.run(
        "esbuild",
        [*esbuild, str(source), *options, f"--outfile={fresh / BUILT}", "--log-level=error"],
        scratch,
    )
    for name in names:
        licence = next((modules / name).glob("LICEN[CS]E*"), None)
        if licence:
            shutil.copyfile(licence, fresh / "licences" / f"{name.replace('/', '-').removeprefix('@')}.txt")
    return fresh


if __name__ == "__main__":
    sys.exit(main())
