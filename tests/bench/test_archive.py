"""The archive: one day written by its keeper, against the same day by a bare COPY."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from analytics.store.archive.archive import Archive
from analytics.store.archive.parts import BY_DAY, EVENTS, Part, mark_days, mark_hours
from tests.bench import traffic
from tests.bench.conftest import Counted
from tests.bench.report import spent, tell

pytestmark = pytest.mark.bench

ROUNDS = 3
MOST = 2.5  # times the bare COPY: names, fsync and marks are all that is added


def test_a_day_is_written_at_little_more_than_the_cost_of_a_copy(counted: Counted, tmp_path: Path) -> None:
    archive = Archive(counted.store, tmp_path)
    with spent() as first:
        archive.keep(traffic.NOW)
    day = dt.datetime.combine(traffic.LAST_DAY - dt.timedelta(days=4), dt.time())
    kept, bare = [], []
    for _ in range(ROUNDS):
        with counted.store.write() as cursor:
            for table in EVENTS:
                mark_hours(cursor, table, f"(SELECT TIMESTAMP '{day}' AS event_at)", 1)
            mark_days(cursor, day.date(), day.date())
        with spent() as cost:
            written = archive.keep(traffic.NOW)
        kept.append(cost.cpu)
        with counted.store.read() as cursor, spent() as cost:
            for table in (*EVENTS, *BY_DAY):
                question = Part(table, day).question()
                cursor.execute(
                    f"COPY ({question}) TO '{tmp_path / 'bare'}' (FORMAT parquet, COMPRESSION zstd)"
                )
        bare.append(cost.cpu)
    size = sum(path.stat().st_size for path in archive.folder.glob("*/*/*.parquet"))
    tell(
        f"Archive, {counted.views // 1_000_000} M views",
        "A sealed day of events, facts and sums, written anew, against the same files by a bare COPY.",
        ["", "CPU s", "to bare"],
        [
            ["bare COPY of the day", f"{min(bare):.2f}", "1"],
            [f"the keeper, {written} files", f"{min(kept):.2f}", f"{min(kept) / min(bare):.2f}"],
            [f"all days for the first time, {size / 2**20:.0f} MiB", f"{first.cpu:.1f}", ""],
        ],
    )

    assert min(kept) < MOST * min(bare)
