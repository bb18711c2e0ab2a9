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

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import structlog

from analytics import npm

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

log = structlog.get_logger()


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


def ensure(target: Path, fetch: npm.Fetch = npm.fetch_packages) -> VendorFiles:
    """Make the browser files, unless they are there and match the lock file.

    Args:
        target: The folder to make, as a rule `dashboards/assets/vendor`.
        fetch: Brings the packages of a lock folder into another folder.

    Returns:
        The files; where they could not be made, an older set in `target` or the fallback.
    """
    try:
        packages = npm.described(FRONTEND, list(npm.locked(FRONTEND)))
        if npm.make(target, lambda scratch: _build(scratch, fetch), _stamp(), packages):
            log.info("browser files made", folder=target.name, packages=len(packages))
        return _files(target)
    except (npm.FetchError, OSError) as error:
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


def _stamp() -> dict[str, str]:
    return {"lock_sha256": npm.stamp(FRONTEND / "package-lock.json")}


def _files(target: Path) -> VendorFiles:
    charts, fonts = target / CHARTS_FILE, target / "fonts.css"
    return VendorFiles(
        folder=target,
        charts_js=charts if charts.exists() else _full_bundle(),
        fonts_css=fonts if fonts.exists() else None,
        is_complete=npm.is_current(target, _stamp()),
    )


def _full_bundle() -> Path:
    # find_spec does not import plotly, which takes a quarter of a second.
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        message = "plotly is not installed, and it is a dependency of Tearsheet"
        raise RuntimeError(message)
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


def _build(scratch: Path, fetch: npm.Fetch) -> Path:
    fetch(FRONTEND, scratch)
    modules, fresh = scratch / "node_modules", scratch / "fresh"
    (fresh / "fonts").mkdir(parents=True)
    (fresh / "licences").mkdir()
    shutil.copyfile(modules / CHARTS_PACKAGE / CHARTS_FILE, fresh / CHARTS_FILE)
    faces = [face for name in FONT_PACKAGES for face in _take_font(modules / name, fresh / "fonts")]
    (fresh / "fonts.css").write_text("\n".join(faces), encoding="utf-8")
    for name in npm.locked(FRONTEND):
        shutil.copyfile(modules / name / "LICENSE", fresh / "licences" / f"{name.rpartition('/')[2]}.txt")
    return fresh


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
