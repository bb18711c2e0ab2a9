"""Programs of npm that tests hold us against: pinned with checksums, fetched once a lock file."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from analytics import npm

CACHE = Path(__file__).parents[1] / ".cache" / "for-tests"


def program(folder: Path, script: str) -> Path:
    """Give a script beside the packages that it needs.

    Args:
        folder: Holds the script, package.json and package-lock.json.
        script: Its name.

    Raises:
        FetchError: npm could not bring the packages.
    """
    kept = CACHE / f"{folder.name}-{npm.stamp(folder / 'package-lock.json', folder / script)[:12]}"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            npm.fetch_packages(folder, Path(scratch))
            shutil.copyfile(folder / script, Path(scratch, script))
            shutil.copytree(scratch, kept, dirs_exist_ok=True)
    return kept / script
