"""Analysts' SQL against the bare engine over the same Parquet, and what its worst does to those who collect."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from time import perf_counter

import duckdb
import msgspec
import psutil
import pytest

from analytics.errors import SqlError
from analytics.jobs import runner
from analytics.sql import source
from analytics.sql.jobs import Job, Told, View
from analytics.sql.pool import Pool
from analytics.sql.processor import Processor
from analytics.store.archive.archive import VIEWS, Archive
from tests.bench import report, traffic
from tests.bench.load import Result
from tests.bench.report import tell
from tests.bench.test_collector import OURS, _server, _settle
from tests.sql import archive as small
from tests.sql.hostile import BOMBS

pytestmark = pytest.mark.bench

VIEWS_MADE, COUNTED_DAYS = 10_000_000, 15
ROUNDS = 9
SIMPLE = "SELECT day_local, views, reads FROM daily ORDER BY day_local DESC LIMIT 10"
TOP = """
WITH days AS (SELECT max(day_local) AS last FROM daily),
read AS (
    SELECT site_id, article_id, sum(reads) FILTER (day_local > last - 7) AS reads,
        sum(reads) FILTER (day_local <= last - 7) AS reads_before
    FROM daily_articles, days WHERE day_local > last - 14 GROUP BY ALL)
SELECT title, section, reads, reads_before, round(reads / nullif(reads_before, 0) - 1, 2) AS change
FROM read JOIN articles USING (site_id, article_id) ORDER BY reads DESC NULLS LAST LIMIT 50"""
RATE, CROWD, SECONDS, TURNS = 1_000, 64, 8, 8
STANDS = {"last": lambda: True, "share": lambda: False}.get(
    os.environ.get("STANDS", "")
)  # else as the desk looks


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive of ten million views in 90 days, of which the last fifteen are counted."""
    home = tmp_path_factory.mktemp("sql")
    store = traffic.make(home, VIEWS_MADE)
    with store.write() as cursor:
        first = traffic.LAST_DAY - dt.timedelta(days=COUNTED_DAYS - 1)
        cursor.execute("DELETE FROM dirty_hours WHERE day_local < $first", {"first": first})
    runner.run_all(store, traffic.NOW)
    made = Archive(store, home)
    made.keep(traffic.NOW)
    yield made
    store.close()


def test_a_worker_is_little_slower_than_the_bare_engine(archive: Archive) -> None:
    views = list(source.of_archive(archive.snapshot(), with_people=False).views)
    pool = Pool(archive.folder)
    bare = duckdb.connect(str(archive.folder / VIEWS), read_only=True)
    rows, worst = [], {}
    try:
        for name, text in (("ten days of a site", SIMPLE), ("top 50 of 7 days against 7 before", TOP)):
            ours, theirs, inside, spent = [], [], [], []
            for _ in range(ROUNDS):
                pool.warm(Told(views))
                _settled(pool, Told(views))
                started = sum(psutil.Process(pool._spare._process.pid).cpu_times()[:2])  # type: ignore[union-attr]
                with report.spent() as alone:
                    theirs.append(_took(bare, text))  # no worker starts beside either
                cpu: list[float] = []
                began = perf_counter()
                ran = pool.run(_job(text, views), "analyst", cpu.append)
                ours.append(1000 * (perf_counter() - began))
                inside.append(ran.done.elapsed_ms)
                spent.append((cpu[0] - started) / alone.cpu)
            # The first is dropped: files and lists are warm in a desk that runs.
            found = [median(each[1:]) for each in (theirs, inside, ours)]
            worst[text] = found
            rows.append(
                [
                    name,
                    *(f"{each:,.0f}" for each in found),
                    f"{found[2] - found[0]:+,.0f}",
                    f"{found[2] / found[0]:.2f}",
                    f"{median(spent[1:]):.2f}",
                ]
            )
    finally:
        bare.close()
        pool.close()
    tell(
        "Analysts' SQL at 10 M views",
        f"From the question to the whole answer, ms, median of {ROUNDS - 1} in turns, a spare worker waiting. The archive holds the "
        f"events of 90 days and the sums of the last {COUNTED_DAYS}. Bare is DuckDB with all its threads, `tearsheet.duckdb` already open; "
        "a worker too, as nothing else is asked.",
        ["question", "bare", "in the worker", "in all", "more", "ratio", "ratio of CPU"],
        rows,
    )

    assert worst[SIMPLE][2] - worst[SIMPLE][0] < 150 * 4  # the goal is 150 on a quiet machine
    assert worst[TOP][2] < worst[TOP][0] * 4 + 150


def test_bombs_do_not_slow_those_who_collect(tmp_path: Path) -> None:
    _settle(tmp_path)
    folder = tmp_path / "archive"
    folder.mkdir()
    small.make(folder)
    views = list(small.source(folder).views)
    calm: list[Result] = []
    stormy: list[Result] = []
    thrown: list[int] = []
    has_time = STANDS or Processor().has_time  # as in a desk that has stood for a while
    with _server(OURS, str(tmp_path)) as (port, _process):
        _paced(port, 1)
        for _ in range(TURNS):  # in turns, so that both meet the same machine
            calm.append(_paced(port, SECONDS))
            with _bombing(folder, views, thrown, has_time):
                stormy.append(_paced(port, SECONDS))
    found = [sorted(each, key=lambda one: one.p99_ms)[TURNS // 2] for each in (calm, stormy)]
    ratio = median(storm.p99_ms / quiet.p99_ms for quiet, storm in zip(calm, stormy, strict=True))
    tell(
        "Collecting while analysts throw bombs",
        f"{RATE:,} events a second on {CROWD} connections for {SECONDS} s, median of {TURNS} rounds in turns; meanwhile two workers at a time, "
        f"{len(thrown)} hostile statements in all. p99 is {ratio:.2f} of what it is in the quiet round before, in the median. Client, collector and workers share the cores.",
        ["", "events/s", "p50 ms", "p99 ms", "longest ms", "refused"],
        [
            [
                name,
                f"{one.answers / one.seconds:,.0f}",
                f"{one.p50_ms:.1f}",
                f"{one.p99_ms:.1f}",
                f"{one.max_ms:.0f}",
                str(one.refused),
            ]
            for name, one in zip(("quiet", "with bombs"), found, strict=True)
        ],
    )

    assert not any(each.refused for each in stormy)
    assert thrown


def _settled(pool: Pool, told: Told) -> None:
    """Wait until the spare has made its views and does nothing more."""
    spare = pool._spare
    assert spare is not None
    spare.tell(told)
    spent = -1.0
    while spent != (spent := sum(psutil.Process(spare._process.pid).cpu_times()[:2])):
        time.sleep(0.3)


def _took(engine: duckdb.DuckDBPyConnection, text: str) -> float:
    began = perf_counter()
    engine.execute(text).fetchall()
    return 1000 * (perf_counter() - began)


def _job(text: str, views: list[View], seconds: float = 10.0) -> Job:
    return Job(
        text=text,
        parameters={},
        views=views,
        sites=None,
        seconds=seconds,
        memory_mib=512,
        rows=10_000,
        bytes=10_000_000,
    )


def _paced(port: int, seconds: float) -> Result:
    client = [sys.executable, "-m", "tests.bench.load", str(port), str(seconds), str(CROWD), str(RATE)]
    done = subprocess.run(client, capture_output=True, check=True)
    return msgspec.json.decode(done.stdout, type=Result)


class _bombing:  # noqa: N801 reads as a sentence
    """Two people who throw bombs until the block ends."""

    def __init__(
        self, folder: Path, views: list[View], thrown: list[int], has_time: Callable[[], bool]
    ) -> None:
        self._pool, self._views, self._thrown = Pool(folder, has_time=has_time), views, thrown
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._throw, args=[n]) for n in range(2)]

    def __enter__(self) -> None:
        for each in self._threads:
            each.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._pool.close()
        for each in self._threads:
            each.join()

    def _throw(self, n: int) -> None:
        for _, bomb in itertools.cycle(BOMBS[n::2]):
            if self._ended.is_set():
                return
            with suppress(SqlError):
                self._pool.run(_job(bomb, self._views, 2.0), f"bomber {n}")
            self._thrown.append(1)
