"""The archive: after any history it holds what the store holds, every row once, for any tool."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import polars as pl
import pyarrow.dataset as ds
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from analytics.errors import StoreError
from analytics.jobs.recount import REPLACED
from analytics.store.archive import archive as keeping
from analytics.store.archive import folders
from analytics.store.archive.archive import FOLDER, VIEWS, Archive
from analytics.store.archive.parts import BY_DAY, EVENTS, HIDDEN, TABLES, WHOLE, Part, mark_all, part_of
from analytics.store.archive.views import statements
from analytics.store.memory import Days
from analytics.store.store import Store
from tests.builders import article, comment, engagement, view
from tests.jobs import traffic
from tests.jobs.traffic import Load
from tests.newsroom import Newsroom, another

NOON = "2026-05-05 12:00"
LATER = "2026-05-05 18:00"
SEALED = "2026-05-08 12:00"  # two days and more after the end of 5 May, UTC


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> Archive:
    """The archive of the store, not yet written."""
    return Archive(store, tmp_path)


Rows = dict[str, list[tuple[Any, ...]]]


def in_store(store: Store) -> Rows:
    """Read the store as the archive should hold it, in an order of its own."""
    with store.read() as cursor:
        return {table: _rows(cursor, table, HIDDEN if table in EVENTS else ()) for table in TABLES}


def outside(archive: Archive) -> Rows:
    """Read all tables as an outside DuckDB does."""
    with duckdb.connect(str(archive.folder / VIEWS), read_only=True) as other:
        return _of_views(other)


def handed_out(archive: Archive) -> Rows:
    """Read all tables as a worker does: from the exact files of a snapshot, and nothing else."""
    snapshot = archive.snapshot()
    with duckdb.connect() as worker:
        worker.execute("SET allowed_paths = $paths", {"paths": [str(path) for path in snapshot.paths]})
        worker.execute("SET enable_external_access = false")
        for statement in statements(snapshot.views(with_people=True)):
            worker.execute(statement)
        return _of_views(worker)


def _of_views(engine: duckdb.DuckDBPyConnection) -> Rows:
    engine.execute("SET TimeZone = 'UTC'")
    return {
        table: _rows(engine, f"stored.{table}", ("utc_day",) if table in EVENTS else ()) for table in TABLES
    }


def _rows(engine: duckdb.DuckDBPyConnection, table: str, without: tuple[str, ...]) -> list[tuple[Any, ...]]:
    exclude = f"EXCLUDE ({', '.join(without)})" if without else ""
    return engine.execute(f"SELECT * {exclude} FROM {table} ORDER BY ALL").pl().rows()


def differing(store: Store, archive: Archive) -> list[str]:
    """Name the tables of which the archive holds other rows than the store, however it is read."""
    stored, seen, handed = in_store(store), outside(archive), handed_out(archive)
    return [table for table in TABLES if not stored[table] == seen[table] == handed[table]]


def names(archive: Archive, table: str) -> list[str]:
    """List the files of a table as any tool sees them."""
    return sorted(
        str(path.relative_to(archive.folder / table)) for path in archive.folder.glob(f"{table}/*/*")
    )


# --- what it holds -----------------------------------------------------------------------------------------


def test_every_table_is_sorted_into_a_kind() -> None:
    assert set(BY_DAY) == set(REPLACED) - {"session_carry"}
    assert len(TABLES) == len(set(TABLES)) == len({*EVENTS, *BY_DAY, *WHOLE})


@pytest.mark.parametrize(
    "part",
    [
        Part("articles"),
        Part("page_views", dt.datetime(2026, 5, 5)),
        Part("page_views", dt.datetime(2026, 5, 5, 13), is_hour=True),
        Part("view_facts", dt.datetime(2026, 5, 5)),
    ],
)
def test_a_part_is_found_again_by_its_place(part: Part) -> None:
    assert part == part_of(Path(part.folder, part.file))


@pytest.mark.parametrize(
    "name", ["x.parquet", "page_views/utc_day=soon/day.parquet", "cats/day=2026-05-05/1.parquet"]
)
def test_a_file_of_somebody_else_is_no_part(name: str) -> None:
    assert part_of(Path(name)) is None


def test_an_empty_home_has_an_archive(store: Store, archive: Archive, newsroom: Newsroom) -> None:
    archive.keep(newsroom.now)

    assert differing(store, archive) == []
    assert archive.as_of == newsroom.now


def test_all_tables_are_the_same_in_both(store: Store, archive: Archive, newsroom: Newsroom) -> None:
    newsroom.take(
        article("A1", section="politics", word_count=300, authors=("u1",), topics=("city",)),
        view("v1", NOON),
        engagement("v1", "2026-05-05 12:01", 45_000, 90, 6),
        comment("c1", "published", "2026-05-05 12:20"),
        view("v0", "2026-04-01 12:00"),
    )
    archive.keep(newsroom.now)

    assert differing(store, archive) == []


def test_young_days_lie_by_hour_and_old_ones_whole(archive: Archive, newsroom: Newsroom) -> None:
    newsroom.load(view("v0", "2026-04-01 12:00"), view("v1", NOON), view("v2", LATER))
    archive.keep(newsroom.now)

    assert names(archive, "page_views") == [
        "utc_day=2026-04-01/day.parquet",
        "utc_day=2026-05-05/12.parquet",
        "utc_day=2026-05-05/18.parquet",
    ]


def test_other_tools_read_the_same_folder(archive: Archive, newsroom: Newsroom) -> None:
    newsroom.take(view("v0", "2026-04-01 12:00"), view("v1", NOON), view("v2", LATER))
    archive.keep(newsroom.now)
    folder = archive.folder / "view_facts"

    read_by_polars = pl.read_parquet(folder, hive_partitioning=True).filter(
        pl.col("day_local") > dt.date(2026, 5, 1)
    )
    read_by_arrow = ds.dataset(folder, partitioning="hive").to_table(columns=["view_id", "day_local"])

    assert ["v1", "v2"] == sorted(read_by_polars["view_id"])
    assert ["v0", "v1", "v2"] == sorted(read_by_arrow["view_id"].to_pylist())


def test_nobody_follows_a_reader_over_midnight_in_it(archive: Archive, newsroom: Newsroom) -> None:
    newsroom.load(view("v1", "2026-05-05 03:10", prev="q"))
    archive.keep(newsroom.now)

    assert "visitor_prev" not in pl.read_parquet(archive.folder / "page_views/*/*.parquet").columns


def test_a_worker_sees_people_only_where_it_may(archive: Archive, newsroom: Newsroom) -> None:
    newsroom.take(view("v1", NOON), comment("c1", "published", "2026-05-05 12:20", text="hello"))
    archive.keep(newsroom.now)
    with duckdb.connect() as worker:
        for statement in statements(archive.snapshot().views()):
            worker.execute(statement)
        columns = worker.execute(
            "SELECT column_name FROM duckdb_columns() WHERE NOT internal AND table_name <> 'notes'"
        ).pl()  # the text of a note is the newsroom's own

    assert "view_id" in columns["column_name"]
    assert {"visitor", "reader_id", "commenter", "text"}.isdisjoint(columns["column_name"])


def test_the_file_of_views_says_what_everything_means(archive: Archive, newsroom: Newsroom) -> None:
    archive.keep(newsroom.now)
    with duckdb.connect(str(archive.folder / VIEWS), read_only=True) as other:
        silent = other.execute(
            "SELECT view_name AS name FROM duckdb_views() WHERE NOT internal AND coalesce(comment, '') = '' "
            "UNION ALL SELECT table_name || '.' || column_name FROM duckdb_columns() "
            "WHERE NOT internal AND coalesce(comment, '') = ''"
        ).fetchall()

    assert silent == []


def test_any_number_of_engines_hold_it_open_while_the_desk_writes(
    store: Store, archive: Archive, newsroom: Newsroom
) -> None:
    newsroom.load(view("v1", NOON))
    archive.keep(newsroom.now)
    others = [duckdb.connect(str(archive.folder / VIEWS), read_only=True).cursor() for _ in range(3)]
    newsroom.load(view("v2", NOON))
    archive.keep(newsroom.now)

    assert [[(2,)]] * 3 == [each.execute("SELECT count(*) FROM page_views").fetchall() for each in others]
    for each in others:
        each.close()


def test_a_home_named_from_here_is_opened_from_anywhere(
    store: Store, newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    archive = Archive(store, Path())
    newsroom.load(view("v1", NOON))
    archive.keep(newsroom.now)
    monkeypatch.chdir("/")

    assert differing(store, archive) == []


def test_files_are_for_reading_only(archive: Archive, newsroom: Newsroom) -> None:
    newsroom.take(view("v1", NOON))
    archive.keep(newsroom.now)

    modes = {oct(path.stat().st_mode & 0o777) for path in folders.files(archive.folder)}

    assert modes == {"0o444"}


# --- when it is written ------------------------------------------------------------------------------------


def test_nothing_is_written_where_nothing_changed(archive: Archive, newsroom: Newsroom) -> None:
    newsroom.take(view("v0", "2026-04-01 12:00"), view("v1", NOON))
    archive.keep(newsroom.now)
    before = {path: path.stat().st_ino for path in folders.files(archive.folder)}

    assert archive.keep(newsroom.now) == 0
    assert before == {path: path.stat().st_ino for path in folders.files(archive.folder)}


def test_a_round_ends_no_answer_that_is_kept(store: Store, archive: Archive, newsroom: Newsroom) -> None:
    newsroom.take(view("v1", NOON))
    days = Days(newsroom.site, dt.date(2026, 5, 5), dt.date(2026, 5, 5))
    kept = store.memo("figure", object, of=[days])

    assert archive.keep(newsroom.now) > 0
    assert store.memo("figure", object, of=[days]) is kept


def test_only_the_hour_of_a_late_event_is_written_anew(archive: Archive, newsroom: Newsroom) -> None:
    newsroom.load(view("v1", NOON), view("v2", LATER))
    archive.keep(newsroom.now)
    day = archive.folder / "page_views/utc_day=2026-05-05"
    before = {path.name: path.stat().st_ino for path in day.iterdir()}
    newsroom.load(view("v3", "2026-05-05 12:30"))
    archive.keep(newsroom.now)
    after = {path.name: path.stat().st_ino for path in day.iterdir()}

    assert before["12.parquet"] != after["12.parquet"]
    assert before["18.parquet"] == after["18.parquet"]


def test_a_day_is_sealed_when_nothing_is_expected_for_it(
    store: Store, archive: Archive, newsroom: Newsroom
) -> None:
    newsroom.load(view("v1", NOON), view("v2", LATER))
    archive.keep(newsroom.now)
    archive.keep(newsroom.at(SEALED).now)

    assert names(archive, "page_views") == ["utc_day=2026-05-05/day.parquet"]
    assert differing(store, archive) == []


def test_an_event_that_comes_after_the_seal_is_in_the_day(
    store: Store, archive: Archive, newsroom: Newsroom
) -> None:
    newsroom.load(view("v1", NOON))
    archive.keep(newsroom.at(SEALED).now)
    newsroom.load(view("v2", LATER))
    archive.keep(newsroom.at(NOON).now)  # even by a clock that was set back

    assert names(archive, "page_views") == ["utc_day=2026-05-05/day.parquet"]
    assert differing(store, archive) == []


def test_the_newest_days_come_first_and_the_rest_is_awaited(
    store: Store, archive: Archive, newsroom: Newsroom
) -> None:
    newsroom.take(*(view(f"v{day}", f"2026-04-{day:02d} 12:00") for day in range(1, 5)), view("now", NOON))
    archive.keep(newsroom.now, most_s=0)

    assert archive.waiting > 0
    with pytest.raises(StoreError, match=r"is being written, \d+ files are to come"):
        archive.snapshot()
    archive.keep(newsroom.now)
    assert differing(store, archive) == []


def test_old_days_that_wait_do_not_hold_back_the_new(archive: Archive, newsroom: Newsroom) -> None:
    archive.keep(newsroom.now)
    newsroom.load(view("old", "2026-04-01 12:00"), view("new", NOON))
    clock = iter([0.0, 0.0, *[10.0] * 100])  # the first file takes ten seconds
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "time", SimpleNamespace(monotonic=lambda: next(clock)))
        archive.keep(newsroom.at("2026-05-06 13:01").now, most_s=5)

    assert archive.waiting == 1
    assert archive.as_of == newsroom.now


def test_the_first_time_the_newest_days_can_be_had_before_the_rest(
    archive: Archive, newsroom: Newsroom
) -> None:
    newsroom.take(*(view(f"v{day}", f"2026-04-{day:02d} 12:00") for day in range(1, 5)), view("now", NOON))
    clock = iter([0.0, *[1.0 if n < 25 else 10.0 for n in range(200)]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "time", SimpleNamespace(monotonic=lambda: next(clock)))
        archive.keep(newsroom.now, most_s=5)
    begun = archive.snapshot(may_lack_days=True)

    assert archive.waiting > 0
    assert begun.since is not None
    assert dt.date(2026, 4, 1) < begun.since <= dt.date(2026, 5, 4)
    assert any("utc_day=2026-05-05" in str(path) for path in begun.paths)
    with pytest.raises(StoreError, match="being written"):
        archive.snapshot()
    archive.keep(newsroom.now)
    assert archive.snapshot(may_lack_days=True).since is None


def test_a_row_that_is_gone_is_gone_from_it(store: Store, archive: Archive, newsroom: Newsroom) -> None:
    newsroom.take(view("v0", "2026-04-01 12:00"), view("v1", NOON), view("v2", NOON))
    archive.keep(newsroom.now)
    with store.write() as cursor:
        for table in ("page_views", "view_facts"):
            mark_all(cursor, table)
            cursor.execute(f"DELETE FROM {table} WHERE view_id IN ('v0', 'v1')")
    archive.keep(newsroom.now)

    assert differing(store, archive) == []
    assert names(archive, "page_views") == ["utc_day=2026-05-05/12.parquet"]


def test_a_changed_zone_moves_every_day_of_the_site(
    store: Store, archive: Archive, newsroom: Newsroom
) -> None:
    newsroom.take(view("v1", "2026-05-05 01:00"))
    archive.keep(newsroom.now)
    newsroom.zone = "Asia/Kolkata"
    newsroom.settle()
    newsroom.recount()
    archive.keep(newsroom.now)

    assert differing(store, archive) == []


# --- who was handed it reads it to the end -----------------------------------------------------------------


def test_a_snapshot_stays_what_it_was(store: Store, archive: Archive, newsroom: Newsroom) -> None:
    newsroom.load(view("v1", NOON), view("v2", LATER))
    archive.keep(newsroom.now)
    before = archive.snapshot()
    newsroom.load(view("v3", NOON))
    archive.keep(newsroom.now)
    archive.keep(newsroom.at(SEALED).now)  # the hours are gone, and their day stands

    assert pl.read_parquet(list(before.files["page_views"][1:]))["view_id"].sort().to_list() == ["v1", "v2"]
    assert archive.snapshot().files["page_views"] != before.files["page_views"]


def test_a_replaced_file_goes_when_nobody_can_be_reading_it(archive: Archive, newsroom: Newsroom) -> None:
    newsroom.load(view("v1", NOON))
    archive.keep(newsroom.now)
    before = archive.snapshot()
    newsroom.load(view("v2", NOON))
    archive.keep(newsroom.now)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "KEPT_S", 0.0)
        archive.keep(newsroom.now)

    assert [path.exists() for path in before.files["page_views"]] == [True, False]


# --- kills, restarts, restored stores ----------------------------------------------------------------------


def test_an_archive_is_found_again(
    store: Store, archive: Archive, newsroom: Newsroom, tmp_path: Path
) -> None:
    newsroom.take(view("v0", "2026-04-01 12:00"), view("v1", NOON))
    archive.keep(newsroom.now)
    again = Archive(store, tmp_path)

    assert again.keep(newsroom.now) == 0
    assert differing(store, again) == []


def test_an_archive_that_was_removed_is_written_anew(
    store: Store, archive: Archive, newsroom: Newsroom, tmp_path: Path
) -> None:
    newsroom.take(view("v1", NOON))
    archive.keep(newsroom.now)
    (archive.folder / keeping.MANIFEST).unlink()
    again = Archive(store, tmp_path)
    again.keep(newsroom.now)

    assert differing(store, again) == []


def test_an_archive_of_another_store_is_written_anew(
    store: Store, archive: Archive, newsroom: Newsroom, tmp_path: Path, empty_file: Path
) -> None:
    newsroom.take(view("v1", NOON))
    archive.keep(newsroom.now)
    other = tmp_path / "restored"
    other.mkdir()
    (other / empty_file.name).write_bytes(empty_file.read_bytes())
    archive.folder.rename(other / FOLDER)
    restored = Store(other)
    again = Archive(restored, other)
    Newsroom(restored).settle()
    again.keep(newsroom.now)

    assert differing(restored, again) == []
    assert names(again, "page_views") == []
    restored.close()


def test_files_of_an_older_schema_are_read_with_the_new_ones_until_all_are_written(
    store: Store, archive: Archive, newsroom: Newsroom, tmp_path: Path
) -> None:
    newsroom.take(view("v0", "2026-04-01 12:00"), view("v1", NOON))
    archive.keep(newsroom.now)
    for path in archive.folder.glob("view_facts/*/*"):  # as a program before its last column wrote them
        rows = pl.read_parquet(path, hive_partitioning=False).drop("is_recirculated_any")
        path.unlink()
        rows.write_parquet(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "_digest", lambda: "newer")
        again = Archive(store, tmp_path)
        again.keep(newsroom.now, most_s=0)

        assert again.snapshot().is_mixed
        assert len(outside(again)["view_facts"]) == len(handed_out(again)["view_facts"]) == 2
        again.keep(newsroom.now)

        assert not again.snapshot().is_mixed
        assert differing(store, again) == []


KILLS = int(os.environ.get("TEARSHEET_LAWS", "3"))


class Killed(BaseException):
    """The process died here."""


@settings(deadline=None, max_examples=KILLS, phases=(Phase.generate,))  # small already
@given(
    loads=traffic.traffic,
    late=traffic.traffic,
    dies_at=st.lists(st.integers(1, 40), max_size=3),
    hours=st.lists(st.integers(0, 96), min_size=1, max_size=3),
)
def test_after_any_history_of_kills_the_archive_is_the_store(
    shared_store: Store,
    tmp_path_factory: pytest.TempPathFactory,
    loads: list[Load],
    late: list[Load],
    dies_at: list[int],
    hours: list[int],
) -> None:
    room = another(shared_store, now="2026-05-06 02:00")
    home = tmp_path_factory.mktemp("home")
    archive = Archive(shared_store, home)
    room.take(*(sign.row for sign in traffic.signs(loads)))
    archive.keep(room.now)
    room.load(*(sign.row for sign in traffic.signs(late)), article("A1", section="culture"))
    for steps, hour in zip([*dies_at, 10_000], [*hours, *hours, *hours, *hours], strict=False):
        room.now += dt.timedelta(hours=hour)
        room.recount()
        with Dying(steps):
            archive.keep(room.now)
        archive = Archive(shared_store, home)  # a new process
    archive.keep(room.now)

    assert differing(shared_store, archive) == []
    assert archive.keep(room.now) == 0


class Dying:
    """Die at the nth touch of the disk."""

    def __init__(self, steps: int) -> None:
        self._left = steps
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> None:
        for name in ("keep", "put", "put_alone", "remove", "sync", "write", "_exchange"):
            self._patch.setattr(folders, name, self._counted(getattr(folders, name)))
        self._patch.setattr(Archive, "_clear", self._counted(Archive._clear))

    def _counted(self, real: Any) -> Any:
        def counted(*args: Any) -> Any:
            self._left -= 1
            if self._left <= 0:
                raise Killed
            return real(*args)

        return counted

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self._patch.undo()
        return kind is Killed
