"""What the tests of analysts' SQL share: an archive, its workers, a parser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from analytics.control.database import Control
from analytics.sql import run
from analytics.sql.ask import Asking
from analytics.sql.jobs import Job
from analytics.sql.pool import Pool
from tests.sql import archive


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a small archive."""
    made = tmp_path_factory.mktemp("home") / "archive"
    made.mkdir()
    archive.make(made)
    return made


@pytest.fixture(scope="module")
def pool(folder: Path) -> Iterator[Pool]:
    """The workers."""
    opened = Pool(folder)
    yield opened
    opened.close()


@pytest.fixture
def job(folder: Path) -> Callable[..., Job]:
    """Makes a query with small limits."""

    def made(text: str, **changed: object) -> Job:
        values: dict[str, object] = {
            "parameters": {},
            "views": list(archive.source(folder).views),
            "sites": None,
        }
        limits = {"seconds": 10.0, "memory_mib": 256, "rows": 1000, "bytes": 1_000_000}
        return Job(text=text, **(values | limits | changed))  # type: ignore[arg-type]

    return made


@pytest.fixture(scope="module")
def parser() -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked engine without data, as the gate gets it."""
    with duckdb.connect(":memory:", config=run.FIXED) as engine:
        run.lock(engine)
        yield engine


@pytest.fixture
def asking(folder: Path, tmp_path: Path) -> Iterator[Asking]:
    """The door, over the small archive."""
    control = Control(tmp_path)
    opened = Asking(
        control,
        folder,
        lambda _with_people: archive.source(folder),
        lambda _with_people: archive.TABLES,
        lambda: dict.fromkeys(archive.SITES, "Europe/Berlin"),
        lambda: archive.UNTIL,
    )
    yield opened
    opened.close()
    control.close()
