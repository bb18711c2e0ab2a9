"""What a query can see: views over exact files, made before it comes as far as they can be known.

A spare makes the views of the latest archive while nobody waits. One that stands over other files by the time
a query comes is made anew, and what the query does not read is taken away: it meets the same views, made
early or late, and no file of another.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import duckdb

from analytics.sql.jobs import View

Key: TypeAlias = tuple[str, str]  # schema, casefolded name
_TABLE = re.compile(r'"schema_name": ?"([^"]*)", ?"table_name": ?"([^"]+)"')


class Sight:
    """The views of one engine."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, parser: duckdb.DuckDBPyConnection) -> None:
        """Make none yet.

        Args:
            engine: Which shall run a query.
            parser: A locked engine, which takes our SQL apart.
        """
        self._engine, self._parser = engine, parser
        self._made: dict[Key, tuple[View, str]] = {}
        self._behind: dict[str, list[Key]] = {}
        engine.execute("SET TimeZone='UTC'")

    def prepare(
        self, views: Sequence[View], sites: list[str] | None, is_called: Callable[[], bool] = lambda: False
    ) -> None:
        """Make what takes long, before it is asked for: views that stand on several others, and those.

        Args:
            views: All that there are.
            sites: Whose rows may be seen; None: all.
            is_called: A query has come; the rest is left.
        """
        long = {view.name for view in views if not view.files and len(self._names_in(view.sql)) > 1}
        for view in self._needed(views, long):
            if is_called():
                return
            with contextlib.suppress(duckdb.Error):  # a file is gone since: made when it is asked for
                self._make(view, _body(view, sites))

    def show(self, views: Sequence[View], asked: frozenset[str], sites: list[str] | None) -> None:
        """Show what a query reads, over its files and nothing else.

        Args:
            views: All that there are.
            asked: Names of those that the query reads, casefolded.
            sites: Whose rows may be seen; None: all.
        """
        seen = list(self._needed(views, asked))
        files = sorted({file for view in seen for file in view.files})
        self._engine.execute(f"SET allowed_paths=[{', '.join(map(_text, files))}]")
        self._engine.execute("SET enable_external_access=false")
        others: set[Key] = set()  # whose columns may be others than before
        for view in seen:
            key, body = _key(view), _body(view, sites)
            before = self._made.get(key)
            is_over_others = not others.isdisjoint(self._names_in(view.sql))
            if before and before[1] == body and not is_over_others:
                continue
            if before is None or is_over_others or _shape(*before) != _shape(view, body):
                others.add(key)
            self._make(view, body)
        if extra := self._made.keys() - set(map(_key, seen)):
            names = (_quoted(*key) for key in extra)
            self._engine.execute(";".join(f"DROP VIEW {name}" for name in names))

    def _make(self, view: View, body: str) -> None:
        if view.schema:
            self._engine.execute(f"CREATE SCHEMA IF NOT EXISTS {_name(view.schema)}")
        self._engine.execute(f"CREATE OR REPLACE VIEW {_quoted(*_key(view))} AS {body}")
        self._made[_key(view)] = view, body

    def _needed(self, views: Sequence[View], asked: set[str] | frozenset[str]) -> Iterator[View]:
        """Give the views that are asked for, those behind them first."""
        known = {_key(view): view for view in views}
        done: set[Key] = set()

        def reach(key: Key) -> Iterator[View]:
            if key in done or key not in known:
                return
            done.add(key)
            if not known[key].files:  # else it reads nothing but them
                for behind in self._names_in(known[key].sql):
                    yield from reach(behind)
            yield known[key]

        for name in sorted(asked):
            yield from reach(("", name.casefold()))

    def _names_in(self, sql: str) -> list[Key]:
        """Name the tables of a query of ours, with those of its WITH; not bound, so no file is touched."""
        if sql not in self._behind:
            found = self._parser.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()
            names = _TABLE.findall(found[0] if found else "")
            self._behind[sql] = sorted({(schema, name.casefold()) for schema, name in names})
        return self._behind[sql]


def _key(view: View) -> Key:
    return view.schema, view.name.casefold()


def _body(view: View, sites: list[str] | None) -> str:
    if sites is None or not view.has_sites:
        return view.sql
    return f"SELECT * FROM ({view.sql}) WHERE site_id IN ({', '.join(map(_text, sites)) or 'NULL'})"


def _shape(view: View, body: str) -> str:
    """Give what says which columns a view has: all but the names of its files, of which each bears them."""
    return body.replace(", ".join(map(_text, view.files)), "", 1)


def _quoted(schema: str, name: str) -> str:
    return ".".join(_name(part) for part in (schema, name) if part)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
