from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb
import psutil
import pyarrow as pa
import pytest

from analytics import language
from analytics.errors import SqlError
from analytics.sql import gate, run
from analytics.sql import pool as pool_room
from analytics.sql.jobs import Job
from analytics.sql.pool import GRACE_S, Pool
from analytics.sql.sight import Sight
from tests.sql import archive
from tests.sql.hostile import BOMBS, HONEST

MakeJob = Callable[..., Job]
ENDLESS = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 1"
ALL = os.environ.get("HOSTILE") == "all"  # `./run hostile`
CHOSEN = (
    BOMBS
    if ALL
    else [bomb for at, bomb in enumerate(BOMBS) if bomb[0] not in {kind for kind, _ in BOMBS[:at]}]
)
ENDED = {"done", "timeout", "out_of_memory", "too_large", "crashed", "sql_error", "not_allowed"}


def _rows(stream: bytes) -> list[dict[str, object]]:
    found: list[dict[str, object]] = pa.ipc.open_stream(stream).read_all().to_pylist()
    return found


def _outcome(pool: Pool, job: Job) -> tuple[str, str, int]:
    try:
        return "done", "", pool.run(job, "bomber").done.rows
    except SqlError as refusal:
        return refusal.code, str(refusal), 0


def _refusal(pool: Pool, job: Job, who: str = "a") -> SqlError:
    with pytest.raises(SqlError) as refusal:
        pool.run(job, who)
    return refusal.value


def test_a_query_is_answered_and_its_process_ends(pool: Pool, job: MakeJob) -> None:
    ran = pool.run(
        job(
            "SELECT section, count(*) AS n FROM reads WHERE day_local >= $from GROUP BY 1 ORDER BY 1",
            parameters={"from": "2026-05-01", "to": "unused"},
        ),
        "a",
    )

    rows = _rows(ran.stream)
    assert [row["section"] for row in rows] == ["culture", "politics", "sport"]
    assert ran.done.types == ["VARCHAR", "BIGINT"]
    assert ran.done.cut == ""
    assert ran.done.rows == 3
    assert not pool.is_asking("a")


def test_a_refusal_is_said_in_the_language_of_who_asks(pool: Pool, job: MakeJob) -> None:
    with language.speaking(language.speech("de")):
        nearest = _refusal(pool, job("SELECT * FROM readz"))
        changing = _refusal(pool, job("INSERT INTO reads VALUES (1)"))

    assert str(nearest) == "Es gibt keine Tabelle readz. Gemeint war reads?"
    assert changing.message == "INSERT ändert Daten, und das Archiv wird nur gelesen."


def test_what_a_worker_sends_is_filled_in_and_never_obeyed() -> None:
    with language.in_parts():
        honest = language._("There is no table {name}.", name=language._("Sport"))
    hostile = honest.replace("{name}", "{name.__class__}"), honest.replace("{name}", "{name:>999999999}")

    assert language.said(honest) == "There is no table Sport."
    assert [language.said(each) for each in (*hostile, "\x02[", "\x02{}")] == [*hostile, "\x02[", "\x02{}"]


def test_a_worker_that_does_not_come_up_is_replaced(
    pool: Pool, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.warm()
    spare = pool._spare
    assert spare is not None
    monkeypatch.setattr(spare, "is_fresh", lambda: True, raising=False)
    spare.ready()
    spare._ready = None  # as if it had died before it said so
    spare._process.kill()

    assert pool.run(job("SELECT 1"), "a").done.rows == 1


def test_what_the_worker_gave_up_is_told(pool: Pool, job: MakeJob) -> None:
    pool.run(job("SELECT 1"), "a")

    assert set(pool.confined) == {"own_user", "no_network", "no_new_rights", "only_archive"}
    if sys.platform == "linux":
        assert pool.confined["no_new_rights"]


@pytest.mark.parametrize("statement", HONEST)
def test_honest_questions_of_every_kind_are_answered(
    folder: Path, parser: duckdb.DuckDBPyConnection, statement: str
) -> None:
    views = list(archive.source(folder).views)
    with duckdb.connect(":memory:", config=run.FIXED) as engine:
        approved = gate.check(parser, statement, {view.name for view in views if not view.schema})
        Sight(engine, parser).show(views, approved.tables, None)
        run.lock(engine)

        assert engine.execute(approved.text).to_arrow_table().num_columns > 0


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_parquet('{folder}/secrets.parquet')",
        "SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '{folder}/new.parquet'",
        "COPY (SELECT 1) TO '/tmp/tearsheet-new.parquet'",
        "ATTACH '{folder}/x.db'",
        "INSTALL httpfs",
        "LOAD '{folder}/x.duckdb_extension'",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "SET allowed_paths = ['/etc/passwd']",
        "RESET lock_configuration",
    ],
)
def test_behind_the_gate_the_engine_refuses_too(
    folder: Path, parser: duckdb.DuckDBPyConnection, statement: str
) -> None:
    before = archive.digest(folder)
    with duckdb.connect(":memory:", config=run.FIXED) as engine:
        Sight(engine, parser).show(archive.source(folder).views, frozenset({"reads"}), None)
        run.lock(engine)

        with pytest.raises(duckdb.Error):
            engine.execute(statement.format(folder=folder)).fetchall()
    assert archive.digest(folder) == before


@pytest.mark.parametrize(("kind", "statement"), CHOSEN)
def test_bombs_end_and_harm_nothing(
    pool: Pool, job: MakeJob, folder: Path, kind: str, statement: str
) -> None:
    before, began = archive.digest(folder), time.monotonic()
    code, said, rows = _outcome(pool, job(statement, seconds=1.0))
    took = time.monotonic() - began

    assert code in ENDED, kind
    assert str(folder) not in said
    assert rows <= 1000
    assert took < 1.0 + GRACE_S + 20  # ended by its limits; a loaded machine is slow to start and reap
    assert archive.digest(folder) == before
    assert _rows(pool.run(job("SELECT count(*) AS n FROM reads"), "other").stream) == [{"n": archive.ROWS}]


def test_over_the_time_it_is_interrupted_and_says_so(pool: Pool, job: MakeJob) -> None:
    refusal = _refusal(pool, job(ENDLESS, seconds=0.2))

    assert refusal.code == "timeout"
    assert "0.2 s, the limit" in refusal.message


def test_who_was_stopped_because_others_went_first_is_told(job: MakeJob) -> None:
    interrupted, asked = duckdb.InterruptException("INTERRUPT Error"), job("SELECT 1", seconds=10.0)

    starved, fed = (run._told(interrupted, asked, asked.text, cpu_s) for cpu_s in (0.44, 9.0))

    assert "It had 0.4 s of the processor: what is done for readers goes first." in starved.message
    assert fed.message == "The query was stopped after 10 s, the limit."


def test_too_much_memory_is_said(pool: Pool, job: MakeJob) -> None:
    refusal = _refusal(pool, job("SELECT list(range) FROM range(1000000000)", memory_mib=64, seconds=10))

    assert refusal.code == "out_of_memory"
    assert "64 MB" in refusal.message


def test_rows_over_the_limit_are_cut_and_that_is_said(pool: Pool, job: MakeJob) -> None:
    cut = pool.run(job("SELECT read_no FROM reads ORDER BY read_no", rows=10), "a")
    whole = pool.run(job("SELECT read_no FROM reads ORDER BY read_no LIMIT 10", rows=10), "a")

    assert (cut.done.rows, cut.done.cut) == (10, "rows")
    assert (whole.done.rows, whole.done.cut) == (10, "")
    assert _rows(cut.stream) == _rows(whole.stream) == [{"read_no": at} for at in range(10)]


def test_bytes_over_the_limit_are_cut_and_one_row_that_is_too_large_is_refused(
    pool: Pool, job: MakeJob
) -> None:
    cut = pool.run(job("SELECT repeat('x', 1000) AS x FROM range(500)", bytes=100_000), "a")

    assert cut.done.cut == "bytes"
    assert 50 < cut.done.rows < 100
    assert _refusal(pool, job("SELECT repeat('x', 200000) AS x", bytes=100_000)).code == "too_large"


def test_rows_of_other_sites_are_not_seen(pool: Pool, job: MakeJob) -> None:
    one = pool.run(job("SELECT DISTINCT site_id FROM reads", sites=["other.example"]), "a")
    none = pool.run(job("SELECT count(*) AS n FROM reads", sites=[]), "a")

    assert _rows(one.stream) == [{"site_id": "other.example"}]
    assert _rows(none.stream) == [{"n": 0}]


def test_errors_carry_their_place_and_no_path(pool: Pool, job: MakeJob, folder: Path) -> None:
    refusal = _refusal(pool, job("SELECT read_no,\n       nothing\nFROM reads"))
    broken = _refusal(pool, job("SELECT error('see /home/desk/archive/x.parquet')"))

    assert refusal.code == "sql_error"
    assert (refusal.line, refusal.column) == (2, 8)
    assert "nothing" in refusal.message
    assert "/home" not in broken.message


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELECT 340282366920938463463374607431768211455::UHUGEINT AS n", "n is UHUGEINT"),
        ("SELECT [5::BIGNUM] AS n", "n is BIGNUM"),
        ("SELECT 170141183460469231731687303715884105727::HUGEINT AS n", "more than 38 digits"),
        ("SELECT [170141183460469231731687303715884105727::HUGEINT] AS n", "more than 38 digits"),
    ],
)
def test_a_number_that_cannot_be_handed_on_is_refused_with_what_to_write(
    pool: Pool, job: MakeJob, statement: str, said: str
) -> None:
    refusal = _refusal(pool, job(statement))

    assert refusal.code == "sql_error"
    assert said in refusal.message
    assert 'Select "n"::VARCHAR' in refusal.hint
    longest = "SELECT 99999999999999999999999999999999999999::HUGEINT AS n"
    assert str(_rows(pool.run(job(longest), "a").stream)[0]["n"]) == "9" * 38


def test_a_query_that_runs_alone_has_every_core_and_two_have_one_each(
    pool: Pool, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_room, "_cores", lambda: 2)
    had: dict[str, int] = {}
    asked = pool_room._Worker.ask

    def watched(worker: pool_room._Worker, job: Job) -> pool_room.Ran:
        had[job.text] = job.threads
        return asked(worker, job)

    monkeypatch.setattr(pool_room._Worker, "ask", watched)
    pool.run(job("SELECT 1"), "alone")
    first = threading.Thread(target=lambda: _refusal(pool, job(ENDLESS, seconds=20), "slow"))
    first.start()
    _until(lambda: ENDLESS in had)
    pool.run(job("SELECT 2"), "beside")
    _until(lambda: pool.stop("slow"))
    first.join()

    assert had == {"SELECT 1": 2, ENDLESS: 2, "SELECT 2": 1}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has what stands behind all")
def test_a_query_that_lasts_runs_only_where_nobody_of_the_desks_session_wants_to(
    pool: Pool, job: MakeJob
) -> None:
    asking = threading.Thread(target=lambda: _refusal(pool, job(ENDLESS, seconds=20), "slow"))
    asking.start()

    def policies() -> list[int]:
        worker = pool._asking.get("slow")
        if worker is None:
            return []
        with suppress(OSError):  # a thread ended meanwhile
            tasks = Path(f"/proc/{worker._process.pid}/task")
            return [os.sched_getscheduler(int(each.name)) for each in tasks.iterdir()]
        return []

    _until(lambda: os.SCHED_IDLE in policies())
    worker = pool._asking["slow"]
    assert worker is not None
    session = os.getsid(worker._process.pid)
    _until(lambda: pool.stop("slow"))
    asking.join()

    assert session == os.getsid(0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has what stands behind all")
def test_where_the_processor_has_time_a_worker_stands_behind_all_from_its_first_moment(
    folder: Path, job: MakeJob
) -> None:
    pool, is_quiet = Pool(folder, has_time=lambda: is_quiet), True
    try:
        pool.warm()
        quiet = pool._spare
        assert quiet is not None
        assert os.sched_getscheduler(quiet._process.pid) == os.SCHED_IDLE
        assert pool.run(job("SELECT 1"), "a").done.rows == 1

        passed_over, is_quiet = pool._spare, False
        assert passed_over is not None
        assert pool.run(job("SELECT 1"), "a").done.rows == 1
        assert passed_over._process.poll() is not None  # it would have waited for long
        assert pool._spare is not None
        assert os.sched_getscheduler(pool._spare._process.pid) == os.SCHED_OTHER
    finally:
        pool.close()


def test_a_worker_that_finds_no_time_is_replaced_by_one_with_a_share(
    folder: Path, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_room, "LAST_READY_S", 0.0)
    pool = Pool(folder, has_time=lambda: True)
    try:
        assert pool.run(job("SELECT 1"), "a").done.rows == 1
    finally:
        pool.close()


def test_a_parameter_without_value_is_asked_for(pool: Pool, job: MakeJob) -> None:
    assert "$section has no value" in _refusal(pool, job("SELECT $section")).message


def test_a_query_can_be_stopped_and_another_of_the_same_person_waits_for_that(
    pool: Pool, job: MakeJob
) -> None:
    said: list[SqlError] = []
    asking = threading.Thread(target=lambda: said.append(_refusal(pool, job(ENDLESS, seconds=20), "slow")))
    asking.start()
    _until(lambda: pool.is_asking("slow"))
    second = _refusal(pool, job("SELECT 1"), "slow")
    _until(lambda: pool.stop("slow"))
    asking.join()

    assert (second.code, second.message) == ("busy", "A query of yours is still running.")
    assert said[0].code == "stopped"
    assert not pool.stop("slow")


def test_who_waits_may_leave_the_queue(folder: Path, job: MakeJob) -> None:
    pool = Pool(folder, running=1)
    said: dict[str, SqlError] = {}

    def ask(who: str) -> None:
        said[who] = _refusal(pool, job(ENDLESS, seconds=20), who)

    threads = [threading.Thread(target=ask, args=[who]) for who in ("first", "second")]
    try:
        for who, thread in zip(("first", "second"), threads, strict=True):
            thread.start()
            _until(lambda who=who: pool.is_asking(who))  # type: ignore[misc]  # bound as it is now
        assert pool.stop("second")
        threads[1].join(30)
        is_first_still_asking = pool.is_asking("first")
    finally:
        pool.close()
        for thread in threads:
            thread.join()

    assert (said["second"].code, is_first_still_asking) == ("stopped", True)


def test_more_than_the_queue_holds_is_refused_at_once(folder: Path, job: MakeJob) -> None:
    pool = Pool(folder, running=1, waiting=1)
    said: list[SqlError] = []

    def ask(who: str) -> None:
        said.append(_refusal(pool, job(ENDLESS, seconds=20), who))

    threads = [threading.Thread(target=ask, args=[who]) for who in ("first", "second")]
    try:
        threads[0].start()
        _until(lambda: pool.is_asking("first") and pool.has_room())
        threads[1].start()
        _until(lambda: not pool.has_room())
        third = _refusal(pool, job("SELECT 1"), "third")
    finally:
        pool.close()
        for thread in threads:
            thread.join()

    assert third.code == "busy"
    assert third.message == "1 queries run and 1 wait."
    assert {refusal.code for refusal in said} <= {"stopped", "busy"}


def test_who_used_a_days_processor_time_waits_for_tomorrow(folder: Path, job: MakeJob) -> None:
    pool = Pool(folder, cpu_s_a_day=0.001)
    try:
        pool.run(job("SELECT 1"), "busy")
        refusal = _refusal(pool, job("SELECT 1"), "busy")
    finally:
        pool.close()

    assert refusal.code == "busy"
    assert "midnight UTC" in refusal.hint


def test_no_process_outlives_the_pool(folder: Path, job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    pool, made = Pool(folder), list[int]()
    start = pool._worker

    def watched(**how: bool) -> pool_room._Worker:
        worker = start(**how)
        made.append(worker._process.pid)
        return worker

    monkeypatch.setattr(pool, "_worker", watched)
    pool.run(job("SELECT 1"), "a")
    assert pool._spare is not None
    pool.close()

    assert len(made) >= 2
    assert not any(psutil.pid_exists(each) for each in made)


def _until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.01)
