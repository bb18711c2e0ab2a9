"""A query meets the same views whether they were made early or late, and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from analytics.sql import run
from analytics.sql.jobs import Job, Told, View
from analytics.sql.pool import Pool
from analytics.sql.sight import Sight

MakeJob = Callable[..., Job]
SUMMED = """
WITH counted AS (SELECT site_id, n FROM stored.reads UNION ALL SELECT site_id, n FROM stored.boxes)
SELECT site_id, sum(n) AS n FROM counted GROUP BY ALL"""
SHARES = "FROM shares ORDER BY ALL"
ALL = "SELECT site_id, n::INTEGER AS n FROM summed ORDER BY ALL"


@pytest.fixture
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that is shown views."""
    with duckdb.connect(":memory:", config=run.FIXED) as opened:
        yield opened


def _file(folder: Path, name: str, rows: str) -> str:
    place = folder / f"{name}.parquet"
    duckdb.execute(
        f"COPY (SELECT * FROM (VALUES {rows}) t(site_id, n, reader)) TO '{place}' (FORMAT parquet)"
    )
    return str(place)


def _views(reads: list[str], boxes: list[str], *, columns: str = "site_id, n") -> list[View]:
    def stored(name: str, files: list[str]) -> View:
        listed = ", ".join(f"'{file}'" for file in files)
        sql = f"SELECT {columns} FROM read_parquet([{listed}])"
        return View(name=name, schema="stored", sql=sql, files=tuple(files), has_sites=True)

    return [
        stored("reads", reads),
        stored("boxes", boxes),
        View(name="reads", sql="SELECT * FROM stored.reads"),
        View(name="summed", sql=SUMMED),
        View(name="shares", sql="SELECT r.*, s.n AS of FROM stored.reads r JOIN summed s USING (site_id)"),
    ]


@pytest.fixture
def archives(tmp_path: Path) -> dict[str, tuple[list[View], list[str] | None]]:
    """The archive at several instants, to several people: views and sites."""
    first, second = _file(tmp_path, "r1", "('a', 1, 7), ('b', 2, 8)"), _file(tmp_path, "r2", "('a', 10, 9)")
    boxes = _file(tmp_path, "b1", "('b', 100, 7)")
    return {
        "before": (_views([first], [boxes]), None),
        "a file more": (_views([first, second], [boxes]), None),
        "another file": (_views([second], [boxes]), None),
        "of one site": (_views([first], [boxes]), ["a"]),
        "of no site": (_views([first], [boxes]), []),
        "with people": (_views([first, second], [boxes], columns="site_id, n, reader"), None),
        "gone": (_views([str(tmp_path / "gone.parquet")], [boxes]), None),
    }


def _seen(engine: duckdb.DuckDBPyConnection, text: str) -> list[tuple[object, ...]]:
    return engine.execute(text).fetchall()


def _held(engine: duckdb.DuckDBPyConnection) -> set[tuple[object, ...]]:
    return set(_seen(engine, "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal"))


def test_what_was_prepared_of_another_archive_changes_no_answer(
    archives: dict[str, tuple[list[View], list[str] | None]], parser: duckdb.DuckDBPyConnection
) -> None:
    for late in archives.keys() - {"gone"}:
        views, sites = archives[late]
        with duckdb.connect(":memory:", config=run.FIXED) as plain:
            Sight(plain, parser).show(views, frozenset({"shares"}), sites)
            rows, held = _seen(plain, SHARES), _held(plain)
        for early, stood in archives.items():
            with duckdb.connect(":memory:", config=run.FIXED) as warm:
                sight = Sight(warm, parser)
                sight.prepare(*stood)
                sight.show(views, frozenset({"shares"}), sites)

                assert (rows, held) == (_seen(warm, SHARES), _held(warm)), (early, late)


def test_of_what_was_prepared_a_query_reads_only_its_own_files(
    archives: dict[str, tuple[list[View], list[str] | None]],
    engine: duckdb.DuckDBPyConnection,
    parser: duckdb.DuckDBPyConnection,
) -> None:
    views, _ = archives["before"]
    sight = Sight(engine, parser)
    sight.prepare(views, None)
    assert ("main", "summed") in _held(engine)
    sight.show(views, frozenset({"reads"}), None)
    run.lock(engine)

    assert _held(engine) == {("stored", "reads"), ("main", "reads")}
    with pytest.raises(duckdb.PermissionException):
        engine.execute(f"FROM read_parquet('{views[1].files[0]}')")


def test_preparing_ends_when_a_query_comes(
    archives: dict[str, tuple[list[View], list[str] | None]],
    engine: duckdb.DuckDBPyConnection,
    parser: duckdb.DuckDBPyConnection,
) -> None:
    Sight(engine, parser).prepare(*archives["before"], is_called=lambda: True)

    assert _held(engine) == set()


def test_a_spare_that_was_told_of_an_older_archive_answers_from_the_newer(
    tmp_path: Path, job: MakeJob
) -> None:
    first, boxes = _file(tmp_path, "r1", "('a', 1, 7)"), _file(tmp_path, "b1", "('b', 100, 7)")
    before, pool = _views([first], [boxes]), Pool(tmp_path)
    found = []
    try:
        pool.warm(Told(before, None))
        assert pool._spare is not None
        pool._spare.tell(Told(before, None))  # once more, and it is heard by now
        found.append(pool.run(job(ALL, views=before), "a"))
        assert pool._spare is not None
        pool._spare.tell(Told(before, None))
        after = _views([_file(tmp_path, "r2", "('a', 10, 7)")], [boxes])
        Path(first).unlink()
        found.append(pool.run(job(ALL, views=after), "a"))
        found.append(pool.run(job(ALL, views=after, sites=["b"]), "b"))
    finally:
        pool.close()

    rows = [pa.ipc.open_stream(each.stream).read_all().to_pylist() for each in found]
    assert rows == [
        [{"site_id": "a", "n": 1}, {"site_id": "b", "n": 100}],
        [{"site_id": "a", "n": 10}, {"site_id": "b", "n": 100}],
        [{"site_id": "b", "n": 100}],
    ]
