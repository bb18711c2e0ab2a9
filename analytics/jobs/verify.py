"""Are the sums what a recount gives, and is the archive what the store holds? Asked of a copy."""

from __future__ import annotations

import datetime as dt

import duckdb

from analytics.jobs.recount import REPLACED
from analytics.jobs.runner import run_all
from analytics.store.archive.archive import Snapshot
from analytics.store.store import Store

BEFORE = "before_"


def sums(copy: Store, now: dt.datetime) -> dict[str, tuple[int, int, int]]:
    """Recount all days of a copy, and compare with what stood there.

    Days that waited for a recount are counted first, and those with sessions that were open: they may differ.

    Args:
        copy: A copy of the store, which this changes.
        now: Naive UTC.

    Returns:
        Table -> rows before, rows that the recount no longer has, rows that it has beyond them.
    """
    with copy.write() as cursor:
        cursor.execute(
            "UPDATE rolled_days SET open_until = TIMESTAMP '1970-01-01' WHERE open_until IS NOT NULL"
        )
    run_all(copy, now)
    with copy.write() as cursor:
        for table in REPLACED:
            cursor.execute(f"CREATE TABLE {BEFORE}{table} AS FROM {table}")
    run_all(copy, now, everything=True)
    with copy.read() as cursor:
        return {
            table: (
                _one(cursor, f"FROM {BEFORE}{table}"),
                _one(cursor, f"FROM (FROM {BEFORE}{table} EXCEPT ALL FROM {table})"),
                _one(cursor, f"FROM (FROM {table} EXCEPT ALL FROM {BEFORE}{table})"),
            )
            for table in REPLACED
        }


def archive(store: Store, snapshot: Snapshot) -> dict[str, tuple[int, int, int]]:
    """Compare the archive with the store, row by row; nothing may be loaded meanwhile.

    Returns:
        Table -> rows of the store, rows that the archive lacks, rows that only the archive has.
    """
    found = {}
    with duckdb.connect(":memory:") as open_copy, store.read() as cursor:
        open_copy.execute("SET TimeZone = 'UTC'")
        for table, files in snapshot.files.items():
            own = {row[0] for row in cursor.execute(f"DESCRIBE {table}").fetchall()}
            listed = [str(each) for each in files]
            open_copy.execute(
                "CREATE OR REPLACE TEMP TABLE rows AS FROM read_parquet($files, union_by_name = true, "
                "hive_partitioning = false)",
                {"files": listed},
            )
            columns = [row[0] for row in open_copy.execute("DESCRIBE rows").fetchall() if row[0] in own]
            # Counts per row hash, of both sides: what differs is a row that only one of them has.
            hashed = f"SELECT hash(t), count(*) FROM (SELECT {', '.join(columns)} FROM {{}}) AS t GROUP BY 1"
            ours = dict(cursor.execute(hashed.format(table)).fetchall())
            theirs = dict(open_copy.execute(hashed.format("rows")).fetchall())
            lacks = sum(max(n - theirs.get(h, 0), 0) for h, n in ours.items())
            only = sum(max(n - ours.get(h, 0), 0) for h, n in theirs.items())
            found[table] = (sum(ours.values()), lacks, only)
    return found


def _one(cursor: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = cursor.execute(f"SELECT count(*) {relation}").fetchone()
    return int(row[0]) if row else 0
