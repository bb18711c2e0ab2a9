"""What the archive is made of, and the marks that say which part of it is older than the store.

Who changes rows marks their part in the same transaction; the keeper writes the part and clears the marks
that it has seen. Killed in between, it writes the same part once more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from analytics.events import RECORDS
from analytics.store.store import described_schema

EVENTS = tuple(RECORDS)
BY_DAY = (  # facts and sums; a local day is replaced whole by its recount
    "view_facts",
    "comment_facts",
    "box_facts",
    "sessions",
    "article_hours",
    "article_days",
    "article_ages",
    "engaged_days",
    "dimension_days",
    "site_minutes",
)
WHOLE = (  # small: rewritten whole where anything in them changed
    "sites",
    "definitions",
    "excluded_days",
    "collection_gaps",
    "sources",
    "articles",
    "article_titles",
    "article_aliases",
    "authors",
    "article_authors",
    "topics",
    "article_topics",
    "opening_balances",
    "notes",
    "imports",
    "rolled_days",
)
TABLES = (*EVENTS, *BY_DAY, *WHOLE)
HIDDEN = ("visitor_prev",)  # links a reader over midnight: no analyst needs it (docs/decisions/0004)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive: a whole table, or the rows of one day or hour.

    Attributes:
        table: Table of the store.
        begins: UTC hour or day of the events, or local day of the facts; None for a whole table.
        is_hour: The part is an hour.
    """

    table: str
    begins: dt.datetime | None = None
    is_hour: bool = False

    @property
    def folder(self) -> str:
        """Folder in the archive; named so that other tools read the day from it."""
        if self.begins is None:
            return ""
        return f"{self.table}/{day_column(self.table)}={self.begins:%Y-%m-%d}"

    @property
    def file(self) -> str:
        """Name in that folder."""
        if self.begins is None:
            return f"{self.table}.parquet"
        return f"{self.begins:%H}.parquet" if self.is_hour else "day.parquet"

    def question(self) -> str:
        """Ask for the rows; times are literals, so that zone maps leave the others unread."""
        written = [
            name for name in columns(self.table) if self.begins is None or name != day_column(self.table)
        ]
        rows = f"SELECT {', '.join(written)} FROM {self.table}"
        if self.begins is None:
            return rows
        if self.table in BY_DAY:
            return f"{rows} WHERE day_local = DATE '{self.begins:%Y-%m-%d}'"
        ends = self.begins + (HOUR if self.is_hour else DAY)
        return f"{rows} WHERE event_at >= TIMESTAMP '{self.begins}' AND event_at < TIMESTAMP '{ends}'"


def day_column(table: str) -> str:
    """Name the day that folders bear, and files do not repeat: UTC for events, local for facts."""
    return "utc_day" if table in EVENTS else "day_local"


def part_of(place: Path) -> Part | None:
    """Read a part from its place in the archive; None for a file that is not ours."""
    if len(place.parts) == 1:
        return Part(place.stem) if place.stem in WHOLE else None
    table, _, name = place.parts
    try:
        begins = dt.datetime.fromisoformat(place.parent.name.partition("=")[2])
        part = Part(table, begins)
        if name != part.file:
            part = Part(table, begins.replace(hour=int(place.stem)), is_hour=True)
    except ValueError:
        return None
    is_ours = table in TABLES and place.as_posix() == f"{part.folder}/{part.file}"
    return part if is_ours else None


@cache
def schema() -> dict[str, dict[str, str]]:
    """Give the columns of every table of the archive with their types, in order."""
    return {
        table: {name: kind for name, kind, _ in described if name not in HIDDEN}
        for table, _, described in described_schema()
        if table in TABLES
    }


def columns(table: str) -> list[str]:
    """Name the columns of a table in the archive."""
    return list(schema()[table])


# --- marks -------------------------------------------------------------------------------------------------


def mark_hours(cursor: duckdb.DuckDBPyConnection, table: str, rows: str, gen: int) -> None:
    """Mark the hours of some events.

    Args:
        cursor: The writing cursor, in the transaction that changes the rows.
        table: Table of events.
        rows: Relation with their `event_at`.
        gen: Of the sequence `load_gen`, taken in this transaction.
    """
    cursor.execute(
        "INSERT INTO archive_marks "
        f"SELECT DISTINCT '{table}', date_trunc('hour', event_at)::TIMESTAMP, $gen::BIGINT FROM {rows}",
        {"gen": gen},
    )


def mark_days(cursor: duckdb.DuckDBPyConnection, first: dt.date, last: dt.date) -> None:
    """Mark local days whose facts and sums are replaced, in the transaction that does it."""
    cursor.execute(
        "INSERT INTO archive_marks SELECT of_table, day, gen "
        "FROM (SELECT unnest($tables::VARCHAR[]) AS of_table), "
        "(SELECT unnest(generate_series($first::TIMESTAMP, $last::TIMESTAMP, INTERVAL 1 DAY)) AS day), "
        "(SELECT nextval('load_gen') AS gen)",
        {"tables": list(BY_DAY), "first": first, "last": last},
    )


def mark_all(cursor: duckdb.DuckDBPyConnection, table: str, of_site: str | None = None) -> None:
    """Mark everything that a table of events or facts holds, of one site or of all."""
    at = "date_trunc('hour', event_at)" if table in EVENTS else "day_local"
    cursor.execute(
        f"INSERT INTO archive_marks SELECT '{table}', begins, nextval('load_gen') "
        f"FROM (SELECT DISTINCT {at}::TIMESTAMP AS begins FROM {table} "
        "WHERE $site IS NULL OR site_id = $site)",
        {"site": of_site},
    )
