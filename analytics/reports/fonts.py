"""The fonts of PDFs and charts, made of npm packages that `data/fonts/package-lock.json` pins.

Inter and Source Serif 4 as on the screens; DejaVu stands in for the scripts that they lack: Georgian,
Armenian, Arabic, Hebrew. Neither the PDF engine nor the chart engine reads the woff2 files of the screens,
hence files of their own. `ensure` leaves a folder of *.ttf, licences/*.txt and manifest.json; without npm or
network the system's fonts stand in, and one warning says so.
"""

from __future__ import annotations

import shutil
import sys
from importlib.resources import files
from pathlib import Path

import structlog

from analytics import npm

FONTS = Path(str(files("data"))) / "fonts"
BUILT = FONTS / "built"
INTER, SERIF, DEJAVU = "@expo-google-fonts/inter", "@expo-google-fonts/source-serif-4", "dejavu-fonts-ttf"
FILES = {
    INTER: ("400Regular/Inter_400Regular.ttf", "600SemiBold/Inter_600SemiBold.ttf"),
    SERIF: ("400Regular/SourceSerif4_400Regular.ttf", "600SemiBold/SourceSerif4_600SemiBold.ttf"),
    DEJAVU: (
        "ttf/DejaVuSans.ttf",
        "ttf/DejaVuSans-Bold.ttf",
        "ttf/DejaVuSerif.ttf",
        "ttf/DejaVuSerif-Bold.ttf",
    ),
}
LICENCES = {
    INTER: ("LICENSE_FONT", "inter.txt"),
    SERIF: ("LICENSE_FONT", "source-serif-4.txt"),
    DEJAVU: ("LICENSE", "dejavu.txt"),
}

log = structlog.get_logger()


def ensure(target: Path = BUILT, fetch: npm.Fetch = npm.fetch_packages) -> Path | None:
    """Make the fonts, unless they are there and current.

    Args:
        target: The folder to make.
        fetch: Brings the packages of a lock folder into another folder.

    Returns:
        The folder; None where it could not be made and none of before is there.
    """
    try:
        packages = npm.described(FONTS, list(FILES))
        stamped = {"lock_sha256": npm.stamp(FONTS / "package-lock.json")}
        if npm.make(target, lambda scratch: _build(scratch, fetch), stamped, packages):
            log.info("fonts made", files=sum(map(len, FILES.values())))
    except (npm.FetchError, OSError) as error:
        log.warning("fonts missing", reason=str(error), stands_in="the system's fonts")
    return target if target.exists() else None


def main() -> int:
    """Fetch the fonts anew.

    Returns:
        0, or 1 where the system's fonts stand in.
    """
    (BUILT / npm.MANIFEST).unlink(missing_ok=True)
    return 0 if ensure() and (BUILT / npm.MANIFEST).exists() else 1


def _build(scratch: Path, fetch: npm.Fetch) -> Path:
    fetch(FONTS, scratch)
    modules, fresh = scratch / "node_modules", scratch / "fresh"
    (fresh / "licences").mkdir(parents=True)
    for package, names in FILES.items():
        for name in names:
            shutil.copyfile(modules / package / name, fresh / Path(name).name)
        licence, kept_as = LICENCES[package]
        shutil.copyfile(modules / package / licence, fresh / "licences" / kept_as)
    return fresh


if __name__ == "__main__":
    sys.exit(main())
