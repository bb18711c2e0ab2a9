"""The views over the archive's files: the tables as they are stored, and before them views for people.

What stands in `data/views/` is SQL with some places in braces, which the definitions of `metrics` fill: so
a number is counted in one way on a screen and in a query. Any engine can make them: a worker's, anybody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from pathlib import Path

import duckdb

from analytics.metrics import BASES, METRICS, bases_of
from analytics.store import definitions
from analytics.store.archive.parts import EVENTS, TABLES, WHOLE, columns, day_column, schema
from analytics.store.store import described_schema

STORED = "stored"
FOR_PEOPLE = (  # in the order in which they stand on each other
    "articles",
    "authors",
    "topics",
    "page_loads",
    "views",
    "reads",
    "comments_created",
    "comments",
    "comment_boxes",
    "sessions",
    "hourly",
    "daily",
    "daily_articles",
)
UTC_DAY = "UTC day of event_at, as the folder of the file says: filter by it to open few files."
OF_PEOPLE = {  # by these one reader or commenter can be followed, or a comment be read
    "page_views": ("visitor", "reader_id", "session_given"),
    "engagements": ("visitor", "reader_id", "session_given"),
    "comment_states": ("visitor", "reader_id", "session_given", "commenter", "text"),
    "interactions": ("visitor", "reader_id", "session_given"),
    "view_facts": ("visitor", "reader_id"),
    "comment_facts": ("commenter",),
}
_PLACE = re.compile(r"\{(\w+) ([\w ]+)\}")


@dataclass(frozen=True, slots=True)
class View:
    """One view.

    Attributes:
        name: What queries call it.
        sql: Its SELECT, over files or over views before it.
        files: Files or patterns that `sql` itself reads.
        schema: `stored` for tables as they are stored; empty for what queries name.
    """

    name: str
    sql: str
    files: tuple[str, ...] = ()
    schema: str = ""

    @property
    def statement(self) -> str:
        """Make it."""
        return f"CREATE VIEW {f'{self.schema}.' if self.schema else ''}{self.name} AS {self.sql}"


def views(files: Mapping[str, Sequence[str]], *, with_people: bool, is_mixed: bool = False) -> list[View]:
    """Give every view, each after those that it stands on.

    Args:
        files: Table -> its files, or patterns of them.
        with_people: Also the columns of OF_PEOPLE.
        is_mixed: Some files may lack columns of others.
    """
    return [
        *(_stored(table, files[table], with_people=with_people, is_mixed=is_mixed) for table in TABLES),
        *_for_people(),
    ]


def statements(made: Sequence[View]) -> list[str]:
    """Give the statements that make views in an empty engine."""
    return [f"CREATE SCHEMA {STORED}", *(view.statement for view in made)]


def _stored(table: str, files: Sequence[str], *, with_people: bool, is_mixed: bool) -> View:
    hidden = () if with_people else OF_PEOPLE.get(table, ())
    shown = [name for name in columns(table) if name not in hidden]
    options = ["union_by_name = true"] if is_mixed else []
    if table not in WHOLE:
        day = day_column(table)
        shown += [] if day in shown else [day]
        options += ["hive_partitioning = true", f"hive_types = {{'{day}': DATE}}"]
    listed = ", ".join(_text(file) for file in files)
    reading = ", ".join([f"[{listed}]", *options])
    return View(table, f"SELECT {', '.join(shown)} FROM read_parquet({reading})", tuple(files), STORED)


def _for_people() -> list[View]:
    plain = [View(table, f"SELECT * FROM {STORED}.{table}") for table in TABLES if table not in FOR_PEOPLE]
    return [*plain, *(View(name, _shipped(name)[0]) for name in FOR_PEOPLE)]


@cache
def _shipped(name: str) -> tuple[str, tuple[str, ...]]:
    """Read a view of data/views: its SELECT with the definitions filled in, and its comments."""
    text = resources("data").joinpath("views", f"{name}.sql").read_text(encoding="utf-8")
    making, *comments = (each.strip() for each in text.split(";\n") if each.strip())
    select = making.removeprefix(f"CREATE VIEW {name} AS\n")
    return _PLACE.sub(lambda found: _filled(found[1], found[2].split()), select), tuple(comments)


def _filled(word: str, of: Sequence[str]) -> str:
    """Fill in one place.

    `bases` is what each row of facts counts for, `sums` adds that up, `columns` shows the sums, null where
    they cannot be known, `rates` are the ratios between them, `when` is the condition of one base.
    """
    if word == "when":
        return definitions.condition(BASES[of[0]])
    bases = [base for facts in of for base in bases_of(facts)]
    if word == "rates":
        names = {base.name for base in bases}
        return ", ".join(
            f"{definitions.of_row(each)} AS {each.id}"
            for each in METRICS.values()
            if each.denominator in names and each.numerator in names
        )
    known = {each.numerator: each for each in METRICS.values() if each.id == each.numerator}
    if word == "bases":
        return ", ".join(f"{definitions.number(base)} AS {base.name}" for base in bases)
    if word == "sums":
        return ", ".join(f"coalesce(sum({base.name}), 0)::BIGINT AS {base.name}" for base in bases)
    shown = {base.name: definitions.of_row(known[base.name]) for base in bases if base.name in known}
    return ", ".join(f"{shown.get(base.name, f'f.{base.name}')} AS {base.name}" for base in bases)


# --- in words ----------------------------------------------------------------------------------------------


@cache
def described() -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Say what every view that queries may name holds.

    Returns:
        View, its meaning, and its columns as (name, type, meaning); those made for people first.
    """
    with duckdb.connect(":memory:") as engine:
        engine.execute(f"CREATE SCHEMA {STORED}")
        for table, kinds in schema().items():
            extra = {} if table in WHOLE else {day_column(table): "DATE"}
            held = ", ".join(f"{name} {kind}" for name, kind in {**kinds, **extra}.items())
            engine.execute(f"CREATE TABLE {STORED}.{table} ({held})")
        for view in _for_people():
            engine.execute(view.statement)
        engine.execute(";".join(_comments(engine)))
        about = dict(
            engine.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall()
        )
        held_by: dict[str, list[tuple[str, str, str]]] = {name: [] for name in about}
        for of, name, kind, meaning in engine.execute(
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() "
            "WHERE NOT internal AND schema_name = 'main' ORDER BY table_oid, column_index"
        ).fetchall():
            held_by[of].append((name, kind, meaning))
    order = [*FOR_PEOPLE, *(table for table in TABLES if table not in FOR_PEOPLE)]
    return [(name, about[name], held_by[name]) for name in order]


def _comments(engine: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Say what the views for queries mean, of an engine that has made them."""
    tables = {table: (about, held) for table, about, held in described_schema() if table in TABLES}
    known = {name: meaning for _, held in tables.values() for name, _, meaning in held}
    known |= {base.name: base.about for base in BASES.values()} | {
        each.id: each.about for each in METRICS.values()
    }
    found = engine.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND schema_name = 'main'"
    ).fetchall()
    for view, name in found:
        own = {column: meaning for column, _, meaning in tables[view][1]} if view in tables else {}
        meaning = UTC_DAY if name == "utc_day" else own.get(name) or known.get(name, "")
        yield f"COMMENT ON COLUMN {view}.{name} IS {_text(meaning)}"
    for table in TABLES:
        if table not in FOR_PEOPLE:
            yield f"COMMENT ON VIEW {table} IS {_text(tables[table][0])}"
    for name in FOR_PEOPLE:
        yield from _shipped(name)[1]


def _comments_stored() -> Iterator[str]:
    for table, about, held in described_schema():
        if table in TABLES:
            yield f"COMMENT ON VIEW {STORED}.{table} IS {_text(about)}"
            told = {name: meaning for name, _, meaning in held if name in columns(table)}
            if table in EVENTS:
                told[day_column(table)] = UTC_DAY
            for name, meaning in told.items():
                yield f"COMMENT ON COLUMN {STORED}.{table}.{name} IS {_text(meaning)}"


def write(place: Path, made: Sequence[View]) -> None:
    """Write views into a new DuckDB file, with what each table and column means."""
    with duckdb.connect(str(place)) as engine:
        engine.execute("BEGIN")  # one wait for the disk
        for statement in statements(made):
            engine.execute(statement)
        engine.execute(";".join([*_comments(engine), *_comments_stored()]))
        engine.execute("COMMIT")


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
