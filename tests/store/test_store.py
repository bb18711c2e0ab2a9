"""The store: one owner, one writer, bounded readers, migrations; and what it says when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import polars as pl
import pytest

from analytics.errors import ConfigError, StoreBusyError, StoreError, TearsheetError
from analytics.metrics import DIMENSIONS, METRICS, Fold
from analytics.queries import articles, figures, health, library
from analytics.queries.ask import CREDITS
from analytics.store import sites
from analytics.store.home import Home, owner_of
from analytics.store.store import FILE, CutError, Store, UnknownOutcomeError, ask, migrations
from tests.builders import article, comment, engagement, step, view
from tests.newsroom import Newsroom

HOLD = """
import sys
from pathlib import Path
from analytics.store.home import Home
home = Home(Path(sys.argv[1]), "rollup")
print("held", flush=True)
sys.stdin.read()
"""


# --- migrations --------------------------------------------------------------------------------------------


def test_every_migration_is_written_down(store: Store) -> None:
    shipped = [(number, name) for number, name, _ in migrations()]

    assert [number for number, _ in shipped] == list(range(1, len(shipped) + 1))
    assert store.frame("SELECT version, name FROM schema_versions ORDER BY version").rows() == shipped


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    first = Store(tmp_path)
    Newsroom(first).settle()
    before = first.frame("SELECT * FROM schema_versions").rows()
    first.close()
    second = Store(tmp_path)

    assert before == second.frame("SELECT * FROM schema_versions").rows()
    assert second.frame("SELECT site_id FROM sites").rows() == [("news.example",)]
    second.close()


def test_every_table_and_column_says_what_it_is(store: Store) -> None:
    tables = store.frame("SELECT table_name FROM duckdb_tables() WHERE coalesce(comment, '') = ''")
    columns = store.frame(
        "SELECT table_name, column_name FROM duckdb_columns()"
        " WHERE coalesce(comment, '') = '' AND NOT internal AND schema_name = 'main'"
    )

    assert tables.rows() == []
    assert columns.rows() == []


def test_a_file_of_a_newer_program_is_refused_in_a_sentence(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.write() as cursor:
        cursor.execute("INSERT INTO schema_versions VALUES (9999, 'from the future')")
    store.close()

    with pytest.raises(StoreError, match=r"readers\.duckdb was written by a newer program \(schema 9999"):
        Store(tmp_path)


@pytest.mark.parametrize("content", [b"not a database at all", b"\0" * 20_000])
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "readers.duckdb").write_bytes(content)

    with pytest.raises(StoreError, match=r"readers\.duckdb cannot be used: .* restore a backup"):
        Store(tmp_path)


def test_a_file_with_a_hole_is_refused_in_a_sentence(tmp_path: Path) -> None:
    Store(tmp_path).close()
    path = tmp_path / "readers.duckdb"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))

    with pytest.raises(StoreError, match=r"readers\.duckdb cannot be used"):
        Store(tmp_path)


# --- one owner ---------------------------------------------------------------------------------------------


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that owns the home."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_owner_of_a_home_hears_who_has_it(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(StoreBusyError, match=rf"is open in process {holder.pid} \(tearsheet rollup\)"):
        Home(tmp_path, "top")


def test_a_dead_owner_keeps_nobody_out(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()

    Home(tmp_path, "top").close()


def test_lock_says_who_owns_a_home_and_is_private(tmp_path: Path) -> None:
    home = Home(tmp_path, "serve")
    told = home.announce("http://127.0.0.1:1")

    assert owner_of(tmp_path) == told
    assert (tmp_path / "LOCK").stat().st_mode & 0o777 == 0o600
    home.close()
    assert owner_of(tmp_path) is None


# --- reading and writing -----------------------------------------------------------------------------------


def test_readers_cannot_write(store: Store) -> None:
    with store.read() as cursor, pytest.raises(duckdb.Error, match=r"(?i)read.only"):
        cursor.execute("INSERT INTO sites VALUES ('a', 'a', 'UTC', [])")


def test_readers_are_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.store.store.READ_WAIT_S", 0.01)
    most = max(2, os.cpu_count() or 2)
    taken, is_over = threading.Barrier(most + 1), threading.Event()

    def take() -> None:
        with store.read():
            taken.wait(30)
            is_over.wait(30)

    with ThreadPoolExecutor(most) as others:
        for _ in range(most):
            others.submit(take)
        taken.wait(30)
        try:
            with pytest.raises(StoreError, match="busy with other questions"):
                store.frame("SELECT 1 AS one")
        finally:
            is_over.set()

    assert store.frame("SELECT 1 AS one").item() == 1


def test_a_reader_sees_one_state_while_it_reads(store: Store) -> None:
    with store.read() as cursor:
        before = cursor.execute("SELECT count(*) FROM sites").fetchone()
        Newsroom(store).settle()

        assert before == cursor.execute("SELECT count(*) FROM sites").fetchone() == (0,)
    assert store.frame("SELECT count(*) AS n FROM sites").item() == 1


def test_what_is_asked_within_a_reading_sees_its_moment(store: Store) -> None:
    with store.read():
        store.frame("FROM sites")
        _add_site(store)
        inside = store.frame("FROM sites")

    assert (0, 1) == (inside.height, store.frame("FROM sites").height)


def test_a_reading_goes_on_after_a_refused_question(store: Store) -> None:
    with store.read():
        with pytest.raises(duckdb.Error):
            store.frame("SELECT error('of all things')")

        assert 1 == store.frame("SELECT 1 AS one").item()


def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    version = store.version

    def add_and_fail() -> None:
        with store.write() as cursor:
            cursor.execute("INSERT INTO sites VALUES ('a', 'a', 'UTC', [])")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()

    assert store.frame("SELECT * FROM sites").is_empty()
    assert store.version == version


def test_writers_wait_for_each_other(store: Store) -> None:
    def add(name: str) -> None:
        with store.write() as cursor:
            cursor.execute("INSERT INTO sites VALUES ($name, $name, 'UTC', [])", {"name": name})

    threads = [threading.Thread(target=add, args=(f"site {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.frame("SELECT count(*) AS n FROM sites").item() == 8


class _FailingCommit:
    """A cursor whose COMMIT raises; `is_durable` says whether the rows were written all the same."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, *, is_durable: bool) -> None:
        self._cursor, self._is_durable = cursor, is_durable

    def execute(self, question: str, *values: object) -> object:
        if question == "COMMIT":
            if self._is_durable:
                self._cursor.execute("COMMIT")
            raise duckdb.FatalException("Transaction COMMIT succeeded, but the autocheckpoint failed")
        return self._cursor.execute(question, *values)

    def __getattr__(self, name: str) -> object:
        return getattr(self._cursor, name)


class FailingOnce:
    """A connection whose next cursor fails to commit; later ones are whole."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, is_durable: bool) -> None:
        self._connection, self._is_durable, self._has_failed = connection, is_durable, False

    def cursor(self) -> object:
        if self._has_failed:
            return self._connection.cursor()
        self._has_failed = True
        return _FailingCommit(self._connection.cursor(), is_durable=self._is_durable)

    def close(self) -> None:
        self._connection.close()


@pytest.mark.parametrize("is_durable", [True, False])
def test_an_error_of_commit_is_an_unknown_outcome(
    store: Store, monkeypatch: pytest.MonkeyPatch, is_durable: bool
) -> None:
    monkeypatch.setattr(store, "_connection", FailingOnce(store._connection, is_durable=is_durable))

    with pytest.raises(UnknownOutcomeError, match="did not confirm a write"), store.write() as cursor:
        cursor.execute("INSERT INTO sites VALUES ('a', 'a', 'UTC', [])")

    assert store.frame("SELECT count(*) AS n FROM sites").item() == is_durable  # opened anew
    with store.write() as cursor:
        cursor.execute("INSERT INTO sites VALUES ('b', 'b', 'UTC', [])")
    assert store.frame("SELECT count(*) AS n FROM sites").item() == 1 + is_durable


def test_a_full_disk_is_told_in_a_sentence(store: Store) -> None:
    with pytest.raises(StoreError, match=r"cannot be used: .*Check free space"), store.write():
        raise duckdb.IOException("IO Error: No space left on device")


class Invalid:
    """A connection whose instance is invalid: every question fails until it is opened anew."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def cursor(self) -> Invalid:
        return self

    def execute(self, _question: str, *_values: object) -> object:
        raise duckdb.FatalException("database has been invalidated because of a previous fatal error")

    def close(self) -> None:
        self._connection.close()


def test_an_invalid_instance_is_opened_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for use in (lambda: store.frame("FROM sites"), lambda: store.write().__enter__()):
        monkeypatch.setattr(store, "_connection", Invalid(store._connection))
        use()


class Reading:
    """A question in two statements, between which the store is opened anew for the first few times."""

    def __init__(self, store: Store, cuts: int) -> None:
        self._store, self._cuts = store, cuts
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        with self._store.read() as cursor:
            ask(cursor, "FROM sites")
            if self.asked <= self._cuts:
                self._store.reopen()
            return int(ask(cursor, "SELECT 1 AS one")["one"][0])


def test_a_question_under_way_when_it_is_opened_anew_is_asked_again(store: Store) -> None:
    reading = Reading(store, cuts=2)

    assert (1, 3) == (store.again(reading), reading.asked)


def test_a_question_that_is_cut_each_time_is_refused_in_a_sentence(store: Store) -> None:
    reading = Reading(store, cuts=100)

    with pytest.raises(CutError, match=r"opened anew while it was read.*Check free space"):
        store.again(reading)

    assert 3 == reading.asked


def test_a_question_is_not_asked_again_for_its_own_fault(store: Store) -> None:
    asked = []

    def wrong() -> None:
        asked.append(1)
        store.frame("FROM nowhere")

    with pytest.raises(duckdb.CatalogException):
        store.again(wrong)

    assert 1 == len(asked)


def test_a_fetch_cut_while_the_file_is_closed_is_a_cut_too(store: Store) -> None:
    """Closed and not yet open again: the engine says "no result" then, not that the connection is gone."""

    def read() -> None:
        with store.read() as cursor:
            cursor.execute("FROM sites")
            store._close()
            cursor.fetchall()

    with pytest.raises(CutError):
        read()

    assert store.frame("FROM sites").is_empty()


def test_an_answer_from_before_a_commit_is_not_kept_for_after_it(store: Store) -> None:
    question = "SELECT count(*) AS n FROM sites"

    def asked(cursor: duckdb.DuckDBPyConnection) -> int:
        return store.memo("n", lambda: int(ask(cursor, question)["n"][0]))

    with store.read() as cursor:
        ask(cursor, question)
        _add_site(store)
        early = asked(cursor)
    with store.read() as cursor:
        late = asked(cursor)

    assert (early, late) == (0, 1)


def _add_site(store: Store) -> None:
    with store.write() as cursor:
        cursor.execute("INSERT INTO sites VALUES ('a', 'a', 'UTC', [])")


def test_an_instance_that_breaks_in_a_write_is_opened_anew(store: Store) -> None:
    def write() -> None:
        with store.write() as cursor:
            cursor.execute("INSERT INTO sites VALUES ('a', 'a', 'UTC', [])")
            raise duckdb.FatalException("of all things")

    with pytest.raises(StoreError, match="cannot be used"):
        write()

    assert store.frame("FROM sites").is_empty()


def test_a_store_that_could_not_be_opened_anew_tries_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> duckdb.DuckDBPyConnection:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(store, "_open", full)
        for _ in range(2):
            with pytest.raises(StoreError, match="the disk is full"):
                store.reopen()
        with pytest.raises(StoreError, match="the disk is full"):
            store.frame("FROM sites")

    assert store.frame("FROM sites").is_empty()


def test_a_closed_store_stays_closed(store: Store) -> None:
    store.close()

    with pytest.raises(StoreError, match="is closed"):
        store.frame("FROM sites")


# --- what questions answer ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A little of everything."""
    store = Store(tmp_path_factory.mktemp("filled"))
    room = Newsroom(store)
    room.settle()
    room.take(
        view("v1", "2026-05-05 12:00", source="search engine", device="phone", country="DE"),
        engagement("v1", "2026-05-05 12:01", 20_000, scroll=80, acts=2),
        comment("c1", "pending", "2026-05-05 12:00"),
        comment("c1", "published", "2026-05-05 12:10"),
        step("b1", "open", "2026-05-05 12:01"),
        article("A1", section="news", word_count=100, authors=("u1", "u2"), topics=("t1",)),
    )
    yield room
    store.close()


def _has_decimals(frame: pl.DataFrame) -> bool:
    return any(kind in {pl.Decimal, pl.Int128} for kind in frame.dtypes)


def test_no_answer_holds_decimals(filled: Newsroom) -> None:
    # sum(bigint) is HUGEINT, which reaches Polars as Decimal
    frames: dict[object, pl.DataFrame] = {}
    for split, dimension in DIMENSIONS.items():
        names = [name for name, metric in METRICS.items() if split in metric.dimensions]
        for credit in CREDITS if dimension.overlaps else ("full",):
            ask = filled.asked("2026-05-05", split=split, credit=credit)
            frames[split, credit] = figures.board(filled.store, names, ask, filled.now, order="views").rows
    standing = {name for name, metric in METRICS.items() if metric.fold is Fold.STANDING}
    for name in METRICS.keys() - {"published"} - standing:
        ask = filled.asked("2026-05-05")
        frames[name] = figures.series(filled.store, name, ask, "hour", filled.now)
    filters: list[dict[str, tuple[str, ...]]] = [{}, {"author": ("u1",)}, {"section": ("!x",)}]
    for where in filters:
        ask = filled.asked("2026-05-05", where)
        for name, figure in figures.totals(filled.store, list(METRICS), ask, filled.now).items():
            assert type(figure.value) in {int, float, type(None)}, name
    ask = filled.asked("2026-05-05", {"article": ("A1",)})
    frames["scroll"] = articles.scroll_reach(filled.store, ask)
    frames["spread"] = articles.engaged_spread(filled.store, ask)
    frames["channels"] = articles.channels_over_time(filled.store, ask, "hour")
    frames["states"] = articles.comment_states(filled.store, filled.site, "A1", ask.period, "day")
    frames["sparklines"] = articles.sparklines(filled.store, filled.site, ["A1"], "reads", ask.period.ends)
    frames["published"] = library.published_in(filled.store, ask.where, ask.period, 5)

    assert [key for key, frame in frames.items() if _has_decimals(frame)] == []
    assert {type(n) for n in health.status(filled.store, filled.now)["tables"].values()} == {int}


def test_a_refusal_is_a_sentence_with_a_way_out(store: Store) -> None:
    with pytest.raises(ConfigError) as refusal:
        sites.site(store, None)

    assert isinstance(refusal.value, TearsheetError)
    assert str(refusal.value).startswith("This home has no site yet. Make one: tearsheet init")


KILLED_IN_A_MIGRATION = """
import os, sys
from pathlib import Path
from analytics.store import store

class Dying:
    def __init__(self, connection):
        self.connection, self.commits = connection, 0
    def execute(self, text, *values):
        if text == "COMMIT":
            self.commits += 1
            if self.commits > int(sys.argv[2]):
                os.kill(os.getpid(), 9)
        return self.connection.execute(text, *values)

shipped = store.migrations
if older := int(sys.argv[3]):
    store.migrations = lambda: shipped()[:older]
    store.Store(Path(sys.argv[1])).close()
    store.migrations = shipped
real = store._migrate
store._migrate = lambda connection, path: real(Dying(connection), path)
store.Store(Path(sys.argv[1]))
"""


@pytest.mark.parametrize(("older", "commits"), [(0, 0), (3, 0), (3, 2)])
def test_a_migration_that_is_killed_is_done_or_not_begun(tmp_path: Path, older: int, commits: int) -> None:
    done = older + commits
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_IN_A_MIGRATION, tmp_path, str(commits), str(older)],
        check=False,
        timeout=60,
    )
    assert killed.returncode == -9
    with duckdb.connect(str(tmp_path / FILE)) as left:
        kept = left.execute("SELECT count(*) FROM schema_versions").fetchall()
        tables = left.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'page_views'"
        ).fetchall()

    assert (kept, tables) == ([(done,)], [(1 if done else 0,)])
    whole = Store(tmp_path)
    try:
        assert whole.frame("SELECT max(version) AS v FROM schema_versions")["v"][0] == migrations()[-1][0]
    finally:
        whole.close()
