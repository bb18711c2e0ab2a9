"""A home to import into, and the real reading log where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analytics.store.store import Store
from tests.imports.desk import ImportDesk
from tests.newsroom import Newsroom


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> ImportDesk:
    """One site in an empty home, days in Sao Paulo, now 2026-05-06 13:00 UTC."""
    Newsroom(store).settle()
    files = tmp_path / "files"
    files.mkdir()
    return ImportDesk(store, tmp_path, files)


@pytest.fixture
def deskdrop() -> Path:
    """Folder of the real reading log; see ../shared/data/NOTE.md."""
    shared = Path(os.environ.get("TEARSHEET_SHARED") or Path(__file__).parents[3] / "shared")
    folder = shared / "data" / "deskdrop"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    return folder
