"""What an import costs beside DuckDB reading the same file and doing nothing with it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from analytics.imports import door, inbox, mapping
from analytics.imports.keys import Place
from analytics.store.store import Store
from tests.bench.report import Spent, spent, tell
from tests.newsroom import Newsroom

pytestmark = pytest.mark.bench
ROWS = 1_000_000
ROUNDS = 3
GATE = 5.0  # at least a fifth of the bare rate
NOW = dt.datetime(2026, 5, 6, 13)
HEADER = "timestamp,eventType,contentId,personId,sessionId,userAgent,userRegion,userCountry\n"
KINDS = ["VIEW"] * 85 + ["LIKE"] * 8 + ["BOOKMARK"] * 3 + ["COMMENT CREATED"] * 2 + ["FOLLOW"] * 2
SHIPPED = Path(__file__).parents[2] / "data" / "mappings" / "deskdrop-events.toml"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reading log in the shape of Deskdrop: long ids, quoted agents, no order."""
    chance = random.Random(1)  # noqa: S311
    agents = [
        f'"Mozilla/5.0 (Windows NT {n % 7}.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) '
        f'Chrome/{40 + n % 20}.0.{2000 + n}.{n % 90} Safari/537.36"'
        for n in range(1000)
    ]
    articles = [str(chance.getrandbits(63)) for _ in range(3000)]
    people = [str(chance.getrandbits(63)) for _ in range(30_000)]
    path = tmp_path_factory.mktemp("bench") / "log.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for _ in range(ROWS):
            at = 1_457_963_740 + chance.randrange(30_000_000)
            agent = chance.choice(agents) if chance.random() < 0.8 else ""
            file.write(
                f"{at},{chance.choice(KINDS)},{chance.choice(articles)},{chance.choice(people)},"
                f"{chance.getrandbits(63)},{agent},SP,BR\n"
            )
    return path


def test_an_import_costs_at_most_five_bare_loads(log: Path, tmp_path: Path) -> None:
    memory = _best(lambda _n: _bare(log, ":memory:"))
    disk = _best(lambda n: _bare(log, str(tmp_path / f"bare{n}.duckdb")))
    found = [_import(log, tmp_path / f"home{n}") for n in range(ROUNDS)]
    prepared, loaded = (min(costs, key=lambda cost: cost.cpu) for costs in zip(*found, strict=True))
    whole = prepared.cpu + loaded.cpu
    tell(
        "An import",
        f"{ROWS:,} rows, {log.stat().st_size / 1e6:.0f} MB of CSV, the best of {ROUNDS}; the gate is {GATE:.0f} times "
        "the bare load into a file, since an import is kept too.",
        ["work", "CPU s", "of bare, kept", "of bare, in memory"],
        [
            ["bare load, in memory", f"{memory.cpu:.2f}", "", "1"],
            ["bare load, kept in a file", f"{disk.cpu:.2f}", "1", ""],
            [
                "prepare",
                f"{prepared.cpu:.2f}",
                f"{prepared.cpu / disk.cpu:.1f}",
                f"{prepared.cpu / memory.cpu:.1f}",
            ],
            ["load", f"{loaded.cpu:.2f}", f"{loaded.cpu / disk.cpu:.1f}", f"{loaded.cpu / memory.cpu:.1f}"],
            ["both", f"{whole:.2f}", f"{whole / disk.cpu:.1f}", f"{whole / memory.cpu:.1f}"],
        ],
    )

    assert whole <= GATE * disk.cpu


def _best(run: Callable[[int], Spent]) -> Spent:
    costs = [run(n) for n in range(ROUNDS)]
    return min(costs, key=lambda cost: cost.cpu)


def _bare(log: Path, into: str) -> Spent:
    with spent() as cost:
        connection = duckdb.connect(into)
        connection.execute(
            "CREATE TABLE bare AS SELECT * FROM read_csv($path, all_varchar = true)", {"path": str(log)}
        )
        connection.close()
    return cost


def _import(log: Path, home: Path) -> tuple[Spent, Spent]:
    home.mkdir()
    store = Store(home)
    Newsroom(store).settle()
    place = Place(home, b"k" * 32, "news.example", "America/Sao_Paulo")
    meaning = mapping.read(SHIPPED)
    with spent() as preparing:
        (prepared,) = door.prepare([log], meaning, place, NOW)
    with spent() as loading:
        (summary,) = inbox.load_inbox(store, home, [prepared.name], NOW)
    store.close()

    assert summary.loaded == ROWS
    return preparing, loading
