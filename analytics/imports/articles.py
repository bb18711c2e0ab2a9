"""Tables of articles: their rows in the shape of the catalogue's own door.

An empty cell says nothing, and keeps what is known: a table cannot tell "cleared" from "not filled in".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import duckdb

from analytics.catalog.catalogue import Catalogue
from analytics.catalog.rows import RowReject, catalogue_of
from analytics.imports.engine import Bind
from analytics.imports.keys import Place
from analytics.imports.mapping import ArticleMap, Listed, Mapping, Person, Time, values_of
from analytics.imports.relation import Relation
from analytics.imports.rows import micros, text_of

_WHOLE = re.compile(r"(\d{1,15})(?:\.0+)?")
_NO_TIME = "no time"  # refused as such by the catalogue
_FAR_TIME = "99999-01-01"


def read_articles(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    relation: Relation,
    place: Place,
    now: dt.datetime,
) -> tuple[Catalogue, list[RowReject], int]:
    """Read a relation of articles.

    Args:
        connection: Where the relation can be read.
        mapping: A mapping with `rows = "articles"`.
        relation: The rows.
        place: Site and zone.
        now: Naive UTC.

    Returns:
        The catalogue, the rows refused (index from 0), and how many rows there were.
    """
    section = mapping.section
    if not isinstance(section, ArticleMap):
        raise TypeError(section)
    bind = Bind()
    cells = _cells(section, relation, mapping.source.zone or place.zone, bind)
    chosen = ", ".join(f"{cell} AS x{n}" for n, cell in enumerate(cells.values()))
    connection.execute(f"SELECT {chosen} FROM {relation.sql}", {**relation.values, **bind.values})
    rows = [dict(zip(cells, row, strict=True)) for row in connection.fetchall()]
    catalogue, rejects = catalogue_of(
        [_article(section, row) for row in rows], place.site_id, place.zone, now
    )
    return catalogue, rejects, len(rows)


def _cells(section: ArticleMap, relation: Relation, zone: str, bind: Bind) -> dict[str, str]:
    cells = {}
    for name, value in values_of(section).items():
        text = text_of(value, relation, bind)
        if text is None:
            continue
        cells[name] = text
        if isinstance(value, Time):
            cells[f"{name} us"] = micros(value, text, zone, bind)
    for n, person in enumerate(_people(section)):
        for part in ("id", "name", "url"):
            column = relation.columns.get(getattr(person, part) or "")
            if column:
                cells[f"author {n} {part}"] = column
    if relation.has_floats and cells["id"].startswith("c"):
        cells["id is fraction"] = f"f{cells['id'][1:]}"
    return cells


def _people(section: ArticleMap) -> tuple[Person, ...]:
    return section.authors if isinstance(section.authors, tuple) else ()


def _article(section: ArticleMap, row: dict[str, object]) -> dict[str, object]:
    article = dict(_fields(section, row))
    people = [
        {
            part: row.get(f"author {n} {part}")
            for part in ("id", "name", "url")
            if row.get(f"author {n} {part}")
        }
        for n, _ in enumerate(_people(section))
    ]
    if named := [person for person in people if person.keys() & {"id", "name"}]:
        article["authors"] = named
    views, as_of = article.pop("opening_views", None), article.pop("opening_as_of", None)
    if views is not None:
        article["opening"] = {"views": views, "as_of": as_of}
    if row.get("id is fraction"):
        article["id"] = 0.5  # whatever it was, its digits are lost
    return article


def _fields(section: ArticleMap, row: dict[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in values_of(section).items():
        text = row.get(name)
        if not isinstance(text, str):
            continue
        if isinstance(value, Time):
            yield name, _time(row[f"{name} us"])
        elif isinstance(value, Listed):
            yield name, [part for each in text.split(value.split) if (part := each.strip())]
        elif name in {"word_count", "opening_views"}:
            found = _WHOLE.fullmatch(text)
            yield name, int(found[1]) if found else text
        else:
            yield name, text


def _time(us: object) -> str:
    if not isinstance(us, int):
        return _NO_TIME
    try:
        return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=us)).isoformat()
    except OverflowError:
        return _FAR_TIME
