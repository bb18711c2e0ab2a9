"""The views over the archive's files, as statements for an engine: ours, a worker's, or anybody's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from analytics.store.archive.parts import EVENTS, TABLES, WHOLE, columns, day_column
from analytics.store.store import described_schema

SCHEMA = "stored"
UTC_DAY = "UTC day of event_at, as the folder of the file says: filter by it to open few files."
OF_PEOPLE = {  # by these one reader or commenter can be followed, or a comment be read
    "page_views": ("visitor", "reader_id", "session_given"),
    "engagements": ("visitor", "reader_id", "session_given"),
    "comment_states": ("visitor", "reader_id", "session_given", "commenter", "text"),
    "interactions": ("visitor", "reader_id", "session_given"),
    "view_facts": ("visitor", "reader_id"),
    "comment_facts": ("commenter",),
}


def statements(files: Mapping[str, Sequence[str]], *, with_people: bool, is_mixed: bool = False) -> list[str]:
    """Make every table of the archive, and every view over them.

    Args:
        files: Table -> its files, or patterns of them.
        with_people: Also the columns of OF_PEOPLE.
        is_mixed: Some files may lack columns of others.
    """
    made = [f"CREATE SCHEMA {SCHEMA}"]
    for table in TABLES:
        made.append(_table(table, files[table], with_people=with_people, is_mixed=is_mixed))
        made.append(f"CREATE VIEW {table} AS FROM {SCHEMA}.{table}")
    return made


def _table(table: str, files: Sequence[str], *, with_people: bool, is_mixed: bool) -> str:
    hidden = () if with_people else OF_PEOPLE.get(table, ())
    shown = [name for name in columns(table) if name not in hidden]
    day = day_column(table)
    options = ["union_by_name = true"] if is_mixed else []
    if table not in WHOLE:
        shown += [] if day in shown else [day]
        options += ["hive_partitioning = true", f"hive_types = {{'{day}': DATE}}"]
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    reading = ", ".join([f"[{listed}]", *options])
    return f"CREATE VIEW {SCHEMA}.{table} AS SELECT {', '.join(shown)} FROM read_parquet({reading})"


def write(place: Path, made: Sequence[str]) -> None:
    """Write views into a new DuckDB file, with what each table and column means."""
    with duckdb.connect(str(place)) as connection:
        connection.execute(";\n".join(["BEGIN", *made, *_comments(), "COMMIT"]))  # one wait for the disk


def _comments() -> Iterator[str]:
    for table, about, described in described_schema():
        if table not in TABLES:
            continue
        meanings = {name: meaning for name, _, meaning in described if name in columns(table)}
        if table in EVENTS:
            meanings[day_column(table)] = UTC_DAY
        for schema in (SCHEMA, "main"):
            yield f"COMMENT ON VIEW {schema}.{table} IS {_text(about)}"
            for name, meaning in meanings.items():
                yield f"COMMENT ON COLUMN {schema}.{table}.{name} IS {_text(meaning)}"


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
