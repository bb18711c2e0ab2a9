"""`load`: events and catalogue of one batch into the tables, in one transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path

import duckdb
import polars as pl

from analytics.errors import StoreError
from analytics.events import RECORDS
from analytics.load.batch import Batch, Ledger, Loaded, schema_of
from analytics.load.merge import merge_catalogue
from analytics.load.parts import are_few, mark_parts
from analytics.load.told import merge_told
from analytics.store.archive.parts import mark_hours
from analytics.store.memory import CATALOGUE, Part
from analytics.store.store import Store, UnknownOutcomeError

DEDUP_WINDOW = dt.timedelta(days=7)  # design.md 5: a retry within it counts once
VIEW_WITHIN = dt.timedelta(hours=24)  # metrics.md 2: an engagement without a view id
DROPS_KEPT = dt.timedelta(days=30)  # wire-formats.md A.2
VIEW_AGE = dt.timedelta(
    hours=48
)  # an engagement is at most a day younger than its view, and a late one is loaded late


def load(store: Store, batch: Batch, now: dt.datetime) -> Loaded:
    """Load one batch, exactly once.

    Args:
        store: The open store.
        batch: Rows, position and rejects.
        now: Naive UTC; stamps rejects and catalogue rows.

    Returns:
        What became of the rows; nothing of a batch whose position was reached before.

    Raises:
        StoreError: The disk refused and nothing was written, or a frame has the wrong columns.
    """
    for table, rows in batch.events.items():
        _check_schema(table, rows)
    try:
        return _load(store, batch, now)
    except UnknownOutcomeError:
        # Only the stored position tells whether the commit happened (docs/decisions/0001).
        if batch.file and _is_loaded(store, batch):
            return Loaded()
        return _load(store, batch, now)


def _load(store: Store, batch: Batch, now: dt.datetime) -> Loaded:
    # Raw events alone change no figure: those of their days change with the recount.
    changed: list[Part] = []
    with store.write(changed) as cursor:
        if batch.file and not _advance(cursor, batch):
            return Loaded()
        gen = one(cursor, "SELECT nextval('load_gen')")
        done = write(cursor, batch, now, gen, is_small=are_few(batch.events))
        if done.is_named:
            changed.append(CATALOGUE)
        return done


def write(
    cursor: duckdb.DuckDBPyConnection, batch: Batch, now: dt.datetime, gen: int, *, is_small: bool = False
) -> Loaded:
    """Write a batch inside the open transaction; its position is the caller's.

    Args:
        cursor: The writing cursor.
        batch: Rows, rejects and drops.
        now: Naive UTC.
        gen: Generation of the marks that it leaves.
        is_small: Write down who changed; nothing else may leave marks of this generation then.

    Returns:
        What became of the rows.
    """
    done = Loaded()
    for table, rows in batch.events.items():
        done.rows[table], done.repeated[table], form = _load_events(cursor, table, rows)
        mark_events(cursor, table, gen)
        if is_small and done.rows[table]:
            mark_parts(cursor, table, gen)
        mark_hours(cursor, table, "fresh", gen)
        _note_sources(cursor, "comments" if table == "comment_states" else "views")
        is_new = _register_articles(cursor, "max(title)" if table == "page_views" else "NULL")
        is_told = table == "page_views" and merge_told(cursor, _of_catalogue(cursor), now)
        done.is_named |= is_new or is_told
        cursor.execute(f"DROP {form} fresh")
        _forget(cursor, rows)
    if batch.catalogue is not None:
        done.is_named = True
        done.created, done.updated, done.unchanged = merge_catalogue(
            cursor, batch.catalogue, _of_catalogue(cursor), now
        )
    if batch.rejects is not None and batch.rejects.height:
        cursor.register("rejects", batch.rejects)
        cursor.execute(
            "INSERT INTO bad_events SELECT site_id, source, file, line, reason, hash, $now FROM rejects",
            {"now": now},
        )
    if batch.drops is not None and batch.drops.height:
        _keep_drops(cursor, batch.drops, now)
    if batch.ledger is not None:
        _write_down(cursor, batch.ledger, done, now)
    return done


def _of_catalogue(cursor: duckdb.DuckDBPyConnection) -> int:
    """Begin a generation of marks of its own: what the catalogue changes is nobody's alone."""
    return one(cursor, "SELECT nextval('load_gen')")


def _keep_drops(cursor: duckdb.DuckDBPyConnection, drops: pl.DataFrame, now: dt.datetime) -> None:
    """Keep what a rule left out, once, for 30 days."""
    cursor.register("drops", drops)
    cursor.execute(
        """
        INSERT INTO dropped_hits
        SELECT site_id, event_id::UUID, received_at, day_local, of_table, reason, rule, event
        FROM (FROM drops QUALIFY row_number() OVER (PARTITION BY site_id, event_id) = 1) AS d
        WHERE NOT EXISTS (
            FROM dropped_hits AS k WHERE k.site_id = d.site_id AND k.event_id = d.event_id::UUID)
        """
    )
    for table in ("dropped_hits", "readmitted_hits"):
        cursor.execute(f"DELETE FROM {table} WHERE received_at < $until", {"until": now - DROPS_KEPT})


def _write_down(cursor: duckdb.DuckDBPyConnection, ledger: Ledger, done: Loaded, now: dt.datetime) -> None:
    repeated = ledger.read - ledger.dropped - ledger.rejected - done.new
    cursor.execute(
        "INSERT INTO imports VALUES ($site_id, $source, $sha256, $file, $read, $new, $repeated, $dropped, "
        "$rejected, $now)",
        asdict(ledger) | {"new": done.new, "repeated": repeated, "now": now},
    )


def _advance(cursor: duckdb.DuckDBPyConnection, batch: Batch) -> bool:
    place = {"file": batch.file, "seq": batch.seq}
    if one(cursor, "SELECT count(*) FROM spool_offset WHERE file = $file AND seq >= $seq", place):
        return False
    cursor.execute("DELETE FROM spool_offset WHERE file = $file", {"file": batch.file})
    cursor.execute("INSERT INTO spool_offset VALUES ($file, $seq)", place)
    return True


def _is_loaded(store: Store, batch: Batch) -> bool:
    places = store.frame("SELECT seq FROM spool_offset WHERE file = $file", file=batch.file)
    return bool((places["seq"] >= batch.seq).any())


def _load_events(
    cursor: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame | Path
) -> tuple[int, int, str]:
    """Insert what is new, leave it as `fresh`; count new and repeated rows and say what `fresh` is."""
    if isinstance(rows, Path):
        path = str(rows).replace("'", "''")
        # Read again by each question, a few columns at a time: cheaper than a frame in between.
        cursor.execute(
            f"CREATE OR REPLACE TEMP VIEW incoming AS FROM read_parquet('{path}', file_row_number = true)"
        )
    else:
        cursor.register("incoming", rows.with_row_index("file_row_number"))
    count, distinct, since = _measured(cursor, rows)
    repeats_inside = count != distinct
    columns = ", ".join(schema_of(table))
    # The window is a literal so that zone maps leave the older rows unread.
    window = f"TIMESTAMP '{since - DEDUP_WINDOW}'" if since else "NULL::TIMESTAMP"
    typed = f"SELECT {columns} FROM (SELECT * REPLACE (event_id::UUID AS event_id) FROM incoming)"
    once = "QUALIFY row_number() OVER (PARTITION BY site_id, event_id::UUID ORDER BY file_row_number) = 1"
    stored = f"(SELECT site_id, event_id FROM {table} WHERE received_at >= {window})"
    # A file seen for the first time goes straight in: a copy in between costs a quarter of the insert.
    straight = isinstance(rows, Path) and not repeats_inside
    if straight and not one(
        cursor, f"SELECT count(*) FROM ({typed}) SEMI JOIN {stored} USING (site_id, event_id)"
    ):
        form = "VIEW"
        cursor.execute(f"CREATE OR REPLACE TEMP VIEW fresh AS {typed}")
    else:
        form = "TABLE"
        cursor.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE fresh AS
            FROM ({typed} {once if repeats_inside else ""}) ANTI JOIN {stored} USING (site_id, event_id)
            """
        )
    if table == "engagements" and form == "TABLE":
        _find_views(cursor)
    inserted = one(cursor, f"INSERT INTO {table} ({columns}) SELECT {columns} FROM fresh")
    return inserted, count - inserted, form


def _measured(
    cursor: duckdb.DuckDBPyConnection, rows: pl.DataFrame | Path
) -> tuple[int, int, dt.datetime | None]:
    """Count rows and different ids, and find the earliest arrival; the same id may be written in capitals."""
    if isinstance(rows, pl.DataFrame):  # asking the engine would hand the whole frame over, three times
        distinct = rows.select(pl.col("event_id").str.to_lowercase().n_unique()).item()
        since = rows["received_at"].min()
        return rows.height, distinct, since if isinstance(since, dt.datetime) else None
    # Three questions: the first and the last are answered by the file's own statistics.
    count = one(cursor, "SELECT count(*) FROM incoming")
    distinct = one(cursor, "SELECT count(DISTINCT event_id::UUID) FROM incoming")
    first = cursor.execute("SELECT min(received_at) FROM incoming").fetchone()
    return count, distinct, first[0] if first else None


def _find_views(cursor: duckdb.DuckDBPyConnection) -> None:
    """Give readings without a view id to their visitor's latest earlier view of that page within a day.

    Over midnight the hash of the day before finds it. What finds none stays and is counted as orphan.
    """
    first = cursor.execute("SELECT min(event_at) FROM fresh WHERE view_id IS NULL").fetchone()
    if not first or not first[0]:
        return
    for visitor in ("visitor", "visitor_prev"):
        cursor.execute(
            f"""
            UPDATE fresh SET view_id = found.view_id FROM (
                SELECT f.site_id, f.event_id, v.view_id
                FROM (FROM fresh WHERE view_id IS NULL AND {visitor} IS NOT NULL) AS f
                ASOF JOIN (FROM page_views WHERE event_at >= TIMESTAMP '{first[0] - VIEW_WITHIN}') AS v
                    ON v.site_id = f.site_id AND v.visitor = f.{visitor} AND v.url = f.url
                    AND v.event_at <= f.event_at
                WHERE f.event_at - v.event_at <= INTERVAL 24 HOUR) AS found
            WHERE fresh.site_id = found.site_id AND fresh.event_id = found.event_id
            """
        )


def _forget(cursor: duckdb.DuckDBPyConnection, rows: pl.DataFrame | Path) -> None:
    if isinstance(rows, Path):
        cursor.execute("DROP VIEW incoming")
    else:
        cursor.unregister("incoming")


# Offsets since 1972 are multiples of 15 minutes, so a quarter of an hour lies in one local hour:
# the few thousand quarters of a batch are turned into local time, not its millions of rows.
_DIRTY = """
    INSERT INTO dirty_hours
    WITH quarters AS (
        SELECT DISTINCT site_id, time_bucket(INTERVAL 15 MINUTE, moment) AS moment FROM ({touched})),
    timed AS (
        SELECT site_id, moment, timezone(zone, timezone('UTC', moment)) AS local
        FROM quarters JOIN sites USING (site_id))
    SELECT DISTINCT site_id, moment - (local - date_trunc('hour', local)), local::DATE, $gen::BIGINT
    FROM timed
"""
_OF_VIEWS = """
    CREATE OR REPLACE TEMP TABLE of_views AS
    SELECT site_id, event_at, day_local, visitor, view_id FROM page_views
    SEMI JOIN (SELECT site_id, view_id FROM fresh WHERE view_id IS NOT NULL) USING (site_id, view_id)
    WHERE event_at >= TIMESTAMP '{since}'
"""
_OWN_AND_VIEW = (
    "SELECT site_id, event_at AS moment FROM fresh UNION ALL SELECT site_id, event_at FROM of_views"
)
_TOUCHED = {
    # A view that arrives after its comment box takes the box over into its own hour.
    "page_views": """
        SELECT site_id, event_at AS moment FROM fresh
        UNION ALL SELECT site_id, hour_at FROM box_facts SEMI JOIN fresh USING (site_id, view_id)
    """,
    # What was read and typed belongs to the hour of its view; a session stretches over its own hours.
    "engagements": _OWN_AND_VIEW,
    "interactions": _OWN_AND_VIEW,
    # A later state changes the hour in which the comment was written, and may name an earlier one.
    "comment_states": """
        SELECT site_id, min(coalesce(created_at, state_at)) AS moment FROM comment_states
        SEMI JOIN fresh USING (site_id, comment_id) GROUP BY site_id, comment_id
        UNION ALL SELECT site_id, created_at FROM comment_facts SEMI JOIN fresh USING (site_id, comment_id)
    """,
}


def mark_events(cursor: duckdb.DuckDBPyConnection, table: str, gen: int) -> None:
    """Mark the hours that the events in `fresh` change."""
    first = cursor.execute("SELECT min(event_at) FROM fresh").fetchone()
    if first and first[0]:
        # A literal, so that zone maps leave the older views unread.
        if _TOUCHED[table] is _OWN_AND_VIEW:
            cursor.execute(_OF_VIEWS.format(since=first[0] - VIEW_AGE))
        cursor.execute(_DIRTY.format(touched=_TOUCHED[table]), {"gen": gen})


def _note_sources(cursor: duckdb.DuckDBPyConnection, kind: str) -> None:
    cursor.execute(
        """
        CREATE OR REPLACE TEMP TABLE seen AS
        SELECT site_id, format, $kind AS kind, min(event_at) AS first_at, max(event_at) AS last_at
        FROM fresh GROUP BY site_id, format
        """,
        {"kind": kind},
    )
    cursor.execute(
        """
        UPDATE sources AS s SET first_at = least(s.first_at, seen.first_at),
            last_at = greatest(s.last_at, seen.last_at)
        FROM seen WHERE s.site_id = seen.site_id AND s.format = seen.format AND s.kind = seen.kind
        """
    )
    cursor.execute("INSERT INTO sources FROM seen ANTI JOIN sources USING (site_id, format, kind)")
    cursor.execute("DROP TABLE seen")


def _register_articles(cursor: duckdb.DuckDBPyConnection, title: str) -> bool:
    """Give every article that events name a row, so that it counts before a catalogue knows it."""
    made = one(
        cursor,
        f"""
        INSERT INTO articles (site_id, article_id, url, title)
        SELECT f.site_id, f.article_id, max(f.url), {title}
        FROM fresh AS f
        ANTI JOIN articles AS a ON a.site_id = f.site_id AND a.article_id = f.article_id
        ANTI JOIN article_aliases AS l ON l.site_id = f.site_id AND l.alias = f.article_id
        WHERE f.article_id IS NOT NULL GROUP BY f.site_id, f.article_id
        """,
    )
    return made > 0


def _check_schema(table: str, rows: pl.DataFrame | Path) -> None:
    if table not in RECORDS:
        raise StoreError(f"There is no table of events named {table}.")
    if isinstance(rows, Path):
        return
    wrong = [
        f"{name} is {rows.schema.get(name)}, not {kind}"
        for name, kind in schema_of(table).items()
        if rows.schema.get(name) != kind
    ]
    if wrong:
        raise StoreError(f"A batch for {table} has the wrong columns: {'; '.join(wrong)}.")


def one(cursor: duckdb.DuckDBPyConnection, sql: str, values: dict[str, object] | None = None) -> int:
    """Ask for one whole number; no row is 0."""
    row = cursor.execute(sql, values or {}).fetchone()
    return int(row[0]) if row else 0
