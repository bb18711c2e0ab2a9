"""Recount a run of local days: read its events, make facts and rollups, replace the days whole.

Killed at any point and run again, the same rows stand there: all is replaced in one transaction,
which also clears the marks that it has seen.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import duckdb
import polars as pl

from analytics.jobs import counting
from analytics.jobs.counting import Frames
from analytics.jobs.reading import DAY, Run, lent, read
from analytics.periods import Period
from analytics.store.archive.parts import mark_days
from analytics.store.memory import Days
from analytics.store.store import Store, ask, described_schema

REPLACED = (
    "view_facts",
    "comment_facts",
    "box_facts",
    "sessions",
    "session_carry",
    "article_hours",
    "article_days",
    "article_ages",
    "engaged_days",
    "dimension_days",
    "site_minutes",
)
WORTH_COMPARING = 2_000  # rows; fewer are sooner written than told apart
ORDER = {"view_facts": "event_at", "sessions": "first_view_at"}  # so that the store can skip by time
_OWN = "site_id = $site AND day_local BETWEEN $first AND $last"


def recount(store: Store, run: Run, now: dt.datetime) -> int:
    """Recount a run of days and replace them.

    Args:
        store: The open store.
        run: Days and definitions.
        now: Naive UTC; decides which sessions are closed.

    Returns:
        Views recounted.
    """
    with store.read() as cursor:
        rows = read(cursor, run)
    counted = counting.count(rows, run, now)
    facts = counted.frames
    frames = facts | counting.sums(facts["view_facts"], facts["sessions"], rows)
    with store.write([Days(run.site_id, run.period.first, run.period.last)]) as cursor:
        before = _neighbour_state(cursor, run)
        _replace(cursor, run, frames, counted.rolled)
        _mark_neighbours(cursor, run, before, counted.continued)
    return facts["view_facts"].height


def _replace(cursor: duckdb.DuckDBPyConnection, run: Run, frames: Frames, rolled: pl.DataFrame) -> None:
    for table, frame in {**frames, "rolled_days": rolled}.items():
        replace_day(cursor, run, table, frame)
    values = {"site": run.site_id, "first": run.period.first, "last": run.period.last, "gen": run.gen}
    for marks in ("dirty_hours", "dirty_parts"):
        cursor.execute(f"DELETE FROM {marks} WHERE {_OWN} AND gen <= $gen", values)
    mark_days(cursor, run.period.first, run.period.last)


def replace_day(cursor: duckdb.DuckDBPyConnection, run: Run, table: str, frame: pl.DataFrame) -> None:
    """Replace the rows of a run in one table; those that are the same stay."""
    values = {"site": run.site_id, "first": run.period.first, "last": run.period.last}
    shape = columns()[table]
    if frame.height < WORTH_COMPARING:
        cursor.execute(f"DELETE FROM {table} WHERE {_OWN}", values)
    else:
        frame = _changed(cursor, table, shape, values, frame)
    if frame.is_empty():
        return
    names, order = ", ".join(shape), ORDER.get(table)
    with lent(cursor, "counted", frame.sort(order) if order else frame):
        cursor.execute(
            f"INSERT INTO {table} (site_id, {names}) SELECT $site, {names} FROM counted",
            {"site": run.site_id},
        )


def _changed(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    columns: dict[str, str],
    values: dict[str, object],
    frame: pl.DataFrame,
) -> pl.DataFrame:
    """Delete the rows of a run that a recount does not give, and tell which of its rows are not there.

    Of a running day hardly any row changes between two recounts, and writing costs as much as counting.
    """
    typed = ", ".join(f"{name}::{kind}" for name, kind in columns.items())
    with lent(cursor, "counted", frame):
        fresh = ask(cursor, f"SELECT hash({typed}) AS row FROM counted")["row"]
    stored = ask(
        cursor,
        f"SELECT rowid AS place, hash({', '.join(columns)}) AS row FROM {table} WHERE {_OWN}",
        **values,
    )
    same = stored.unique("row").filter(pl.col("row").is_in(fresh.implode()))
    stale = stored.join(same, on="place", how="anti").select("place")
    if stale.height:
        with lent(cursor, "stale", stale):
            cursor.execute(f"DELETE FROM {table} WHERE {_OWN} AND rowid IN (SELECT place FROM stale)", values)
    return frame.filter(~fresh.is_in(same["row"].implode()))


@cache
def columns() -> dict[str, dict[str, str]]:
    """Give name and type of the columns of each table but the site, which is one."""
    return {
        table: {name: kind for name, kind, _ in described if name != "site_id"}
        for table, _, described in described_schema()
    }


def _neighbour_state(cursor: duckdb.DuckDBPyConnection, run: Run) -> tuple[str | None, pl.DataFrame]:
    """Read what the day before believed of our first day, and what our last day leaves to the next."""
    row = cursor.execute(
        "SELECT continued FROM rolled_days WHERE site_id = $site AND day_local = $day",
        {"site": run.site_id, "day": run.period.first - DAY},
    ).fetchone()
    return (row[0] if row else None), _left_open(cursor, run)


def _left_open(cursor: duckdb.DuckDBPyConnection, run: Run) -> pl.DataFrame:
    """Read who is open at the end of the run, with what they viewed: the day after tells repeats by it."""
    return ask(
        cursor,
        """
        SELECT c.visitor, c.chain_id, c.chain_began, c.last_at, f.event_at, f.view_id, f.article_id
        FROM session_carry AS c LEFT JOIN view_facts AS f
            ON f.site_id = $site AND f.day_local = $day AND f.visitor = c.visitor
        WHERE c.site_id = $site AND c.day_local = $day ORDER BY ALL
        """,
        site=run.site_id,
        day=run.period.last,
    )


def _mark_neighbours(
    cursor: duckdb.DuckDBPyConnection,
    run: Run,
    before: tuple[str | None, pl.DataFrame],
    continued: pl.DataFrame,
) -> None:
    """Mark the day before or after dirty where a session over midnight changed under it."""
    believed, open_before = before
    eve = run.period.first - DAY
    went_on = continued.filter(pl.col("day_local") == eve)["continued"].to_list()
    if believed is not None and believed != (went_on[0] if went_on else ""):
        _mark(cursor, run, eve)
    if not _left_open(cursor, run).equals(open_before):
        _mark(cursor, run, run.period.last + DAY)


def _mark(cursor: duckdb.DuckDBPyConnection, run: Run, day: dt.date) -> None:
    """Mark a day that has been counted before; one that has not is dirty already or empty."""
    cursor.execute(
        """
        INSERT INTO dirty_hours
        SELECT site_id, $begins, day_local, 0 FROM rolled_days WHERE site_id = $site AND day_local = $day
        """,
        {"site": run.site_id, "day": day, "begins": Period(day, day, run.period.zone).begins},
    )
