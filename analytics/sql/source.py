"""The archive as analysts see it: its views for a worker, and its tables in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from analytics.sql.ask import Source, TableAbout
from analytics.sql.jobs import View
from analytics.store.archive.archive import Snapshot
from analytics.store.archive.parts import TABLES, columns
from analytics.store.archive.views import OF_PEOPLE
from analytics.store.store import described_schema

_VIEW = re.compile(r'CREATE (?:OR REPLACE )?VIEW (?:(\w+)\.)?"?(\w+)"? AS (.*)', re.DOTALL)
PEOPLE_LAST = ("page_views", "engagements", "comment_states", "interactions")  # raw events, for the curious


def of_archive(snapshot: Snapshot, *, with_people: bool) -> Source:
    """Name what can be asked of the archive as it stands.

    Args:
        snapshot: Exact files; they can be read for some minutes after they are replaced.
        with_people: Also the columns by which one reader or commenter can be followed, and comment texts.
    """
    views = list(_views(snapshot.statements(with_people=with_people), snapshot.files))
    return Source(views=views, until=snapshot.as_of, tables=described(with_people=with_people))


@cache
def described(*, with_people: bool) -> tuple[TableAbout, ...]:
    """Say what every table and column means, what was counted before what came in."""
    told = [
        TableAbout(
            table,
            about,
            tuple(
                column
                for column in of_columns
                if column[0] in columns(table) and (with_people or column[0] not in OF_PEOPLE.get(table, ()))
            ),
        )
        for table, about, of_columns in described_schema()
        if table in TABLES
    ]
    return tuple(sorted(told, key=lambda one: one.name in PEOPLE_LAST))


def _views(statements: Sequence[str], files: Mapping[str, tuple[Path, ...]]) -> Iterator[View]:
    for statement in statements:
        found = _VIEW.fullmatch(statement)
        if found is None:
            continue  # the schema, which a worker makes itself
        schema, name, body = found[1] or "", found[2], found[3]
        reads = files.get(name, ()) if schema else ()
        yield View(
            name=name,
            schema=schema,
            sql=body,
            files=tuple(str(path) for path in reads),
            has_sites=bool(reads) and "site_id" in columns(name),
        )
