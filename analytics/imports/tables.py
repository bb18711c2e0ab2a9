"""Rows understood become batch files: one Parquet file for each table of events, sorted by time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from analytics.collect.pages import UTM
from analytics.imports.engine import Bind, one
from analytics.imports.keys import Place
from analytics.imports.lookups import Lookups
from analytics.imports.mapping import ACTS, EventMap, Mapping
from analytics.imports.rows import Understood
from analytics.load import schema_of

VIEW_ID_SIGNS = 23  # 80 of the 128 bits and three dashes: shorter in every row, and still never met twice
MEASURES = ("engaged_ms", "body_scroll_pct", "page_scroll_pct", "acts")
_TYPES = {
    pl.String(): "VARCHAR",
    pl.Int64(): "BIGINT",
    pl.UInt64(): "UBIGINT",
    pl.Boolean(): "BOOLEAN",
    pl.Date(): "DATE",
    pl.Datetime("us"): "TIMESTAMP",
}
# Random texts make a useless dictionary, and searching it costs half of the writing.
_PARQUET = "FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 4096"


@dataclass(frozen=True, slots=True)
class Same:
    """A text that all rows of a batch share."""

    text: str


@dataclass(frozen=True, slots=True)
class After:
    """An expression over the columns of the finished row."""

    text: str


Columns = dict[str, str | Same | After | None]  # column of an events table -> where it comes from


def number_repeats(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Give the k-th repeat of a row inside its file a hash of its own: the rule `occurrence`.

    Only rows that occur more than once are touched, so that the same file gives the same ids again,
    in whatever order its rows stand.

    Args:
        connection: With the table `rows`.
        key: Key of repeats.
    """
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE repeats AS
        SELECT rowid AS place, row_number() OVER (PARTITION BY h ORDER BY rowid) AS nth, h FROM rows
        WHERE fate IS NULL AND h IN (SELECT h FROM rows WHERE fate IS NULL GROUP BY h HAVING count(*) > 1)
        """
    )
    connection.execute(
        "UPDATE rows SET h = md5(concat($key, repeats.h, repeats.nth))::UUID FROM repeats "
        "WHERE rows.rowid = repeats.place AND nth > 1",
        {"key": key},
    )


def write(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    understood: Understood,
    lookups: Lookups,
    place: Place,
    stem: Path,
) -> dict[str, Path]:
    """Write the good rows, table by table.

    Args:
        connection: With the table `rows` and what `lookups` made.
        mapping: The mapping.
        understood: Where the fields are.
        lookups: Joins and their columns.
        place: Site and keys.
        stem: Path of the files without their table's name.

    Returns:
        Table -> file, of tables with rows. `measures` is the reading of views that came in the same row:
        engagements that count as no rows of their own.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE keys AS SELECT $reader AS reader, $commenter AS commenter",
        {name: place.key(name, place.site_id) for name in ("reader", "commenter")},
    )
    shared = _shared(mapping, understood, lookups, place)
    parts = {
        "page_views": ("target = 'view'", _view(understood, lookups)),
        "engagements": ("target = 'engagement'", _engagement(mapping, understood)),
        "comment_states": ("starts_with(target, 'comment:')", _comment(mapping, understood, lookups)),
        "interactions": (f"target IN ({', '.join(repr(act) for act in ACTS)})", _interaction(understood)),
    }
    measured = [understood.counts[name] for name in MEASURES if name in understood.counts]
    if measured:
        some = f"target = 'view' AND coalesce({', '.join(measured)}) IS NOT NULL"
        parts["measures"] = (some, _engagement(mapping, understood) | {"view_id": _view_id(understood)})
    files = {}
    for name, (which, own) in parts.items():
        if one(connection, f"SELECT count(*) FROM rows WHERE fate IS NULL AND {which}"):
            files[name] = stem.with_name(f"{stem.name}-{name}.parquet")
            table = "engagements" if name == "measures" else name
            _copy(connection, table, shared | own, which, lookups.joins, files[name])
    return files


def _copy(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Columns,
    which: str,
    joins: list[str],
    path: Path,
) -> None:
    bind = Bind()
    sorted_, whole = ["rows.event_at AS event_at"], []
    for name, kind in schema_of(table).items():
        value = columns.get(name)
        if isinstance(value, Same):
            whole.append(f"{bind(value.text)}::VARCHAR AS {name}")
        elif isinstance(value, After):
            whole.append(f"{value.text} AS {name}")
        elif value is None:
            whole.append(f"NULL::{_TYPES[kind]} AS {name}")
        else:
            whole.append(name)
            sorted_.append(f"{value} AS {name}")
    file = str(path).replace("'", "''")  # COPY takes no place for its file
    # Only what differs goes through the sort: it carries constants and nulls along like any column, which
    # costs more than all else here. After the joins, since a left join moves rows without a match.
    connection.execute(
        f"COPY (SELECT {', '.join(whole)} FROM (SELECT {', '.join(sorted_)} FROM rows {' '.join(joins)} "
        f"WHERE fate IS NULL AND {which} ORDER BY rows.event_at)) TO '{file}' ({_PARQUET})",
        bind.values,
    )


def _shared(mapping: Mapping, understood: Understood, lookups: Lookups, place: Place) -> Columns:
    """Expressions of the columns that all tables have; a tuple holds a text for every row."""
    texts, found = understood.texts, lookups.columns
    columns: Columns = {
        "site_id": Same(place.site_id),
        "event_id": "rows.h",
        "event_at": After("event_at"),
        "received_at": After("event_at"),
        "format": Same(f"import:{mapping.source.name}"),
        "article_id": _article_id(texts, found, "page_id"),
    }
    columns |= {
        name: found[name]
        for name in ("day_local", "url", "device", "browser", "os", "country")
        if name in found
    }
    columns |= _visitor(mapping, texts)
    if "session" in texts:
        columns["session_given"] = f"rows.{texts['session']}"
    if "language" in texts:
        columns["language"] = f"lower(split_part(split_part(rows.{texts['language']}, '-', 1), '_', 1))"
    if any(name.startswith("props.") for name in texts):
        columns["props"] = "rows.props"
    return columns


def _article_id(texts: dict[str, str], found: dict[str, str], of_page: str) -> str:
    given = [f"rows.{texts['article_id']}"] if "article_id" in texts else []
    given += [found[of_page]] if of_page in found else []
    return f"coalesce({', '.join([*given, 'NULL::VARCHAR'])})"


def _visitor(mapping: Mapping, texts: dict[str, str]) -> Columns:
    section = mapping.section
    if not isinstance(section, EventMap):
        return {}
    if "visitor" in texts:
        who = f"rows.{texts['visitor']}"
    elif "ip" in texts:
        agent = f"rows.{texts['user_agent']}" if "user_agent" in texts else "''"
        who = f"CASE WHEN rows.{texts['ip']} IS NOT NULL THEN concat(rows.{texts['ip']}, chr(0), {agent}) END"
    else:
        return {}
    columns: Columns = {
        "visitor": _hash64("days.key", who),
        "visitor_prev": f"CASE WHEN days.key_before IS NOT NULL THEN {_hash64('days.key_before', who)} END",
    }
    if section.visitor is not None and section.visitor.scope == "stable":
        columns["reader_id"] = _hash64("(SELECT reader FROM keys)", who)
    return columns


def _hash64(key: str, who: str) -> str:
    # || makes no hash of a null; a key is 32 hex digits, so that what follows cannot run into it.
    return f"('0x' || left(md5({key} || {who}), 16))::UBIGINT"


def _view_id(understood: Understood) -> str | After:
    made = f"left(event_id::VARCHAR, {VIEW_ID_SIGNS})"
    if "view_id" not in understood.texts:
        return After(made)
    return f"coalesce(rows.{understood.texts['view_id']}, {made.replace('event_id', 'rows.h')})"


def _view(understood: Understood, lookups: Lookups) -> Columns:
    mapped = understood.counts.keys()
    signal = "none"
    if "engaged_ms" in mapped:
        signal = "full" if {"body_scroll_pct", "acts"} <= mapped else "time"
    names = ("referrer_host", "referrer_path", "channel", "source", *UTM)
    columns: Columns = {name: lookups.columns[name] for name in names if name in lookups.columns}
    if "title" in understood.texts:
        columns["title"] = f"left(rows.{understood.texts['title']}, 300)"
    return columns | {"view_id": _view_id(understood), "signal": Same(signal)}


def _engagement(mapping: Mapping, understood: Understood) -> Columns:
    section = mapping.section
    mode = section.engaged_mode if isinstance(section, EventMap) else "max"
    columns: Columns = {name: f"rows.{column}" for name, column in understood.counts.items()}
    return columns | _own_view_id(understood) | {"engaged_mode": Same(mode)}


def _own_view_id(understood: Understood) -> Columns:
    return {"view_id": f"rows.{understood.texts['view_id']}"} if "view_id" in understood.texts else {}


def _comment(mapping: Mapping, understood: Understood, lookups: Lookups) -> Columns:
    texts = understood.texts
    given = f"rows.{texts['comment_id']}, " if "comment_id" in texts else ""
    columns: Columns = {
        # Whatever is commented on is an article, however plain its address.
        "article_id": _article_id(texts, lookups.columns, "commented_id"),
        "comment_id": f"coalesce({given}rows.h::VARCHAR)",
        "status": "split_part(rows.target, ':', 2)",
        "state_at": After("event_at"),
        "created_at": After("event_at") if isinstance(mapping.section, EventMap) else "rows.created_at",
        "origin": Same(mapping.source.name),
    }
    if "commenter" in texts:
        columns["commenter"] = _hash64("(SELECT commenter FROM keys)", f"rows.{texts['commenter']}")
    # The text itself is never kept here; what counts is how long it is.
    lengths = [f"length(trim(rows.{texts['text']}))"] if "text" in texts else []
    lengths += [f"rows.{understood.counts['length']}"] if "length" in understood.counts else []
    if lengths:
        columns["length"] = f"coalesce({', '.join(lengths)})"
    if "parent_id" in texts:
        columns["parent_id"] = f"rows.{texts['parent_id']}"
    if "decided_by" in texts:
        column = f"rows.{texts['decided_by']}"
        columns["decided_by"] = f"CASE WHEN {column} IN ('human', 'auto') THEN {column} END"
    return columns


def _interaction(understood: Understood) -> Columns:
    columns: Columns = {"kind": "rows.target", **_own_view_id(understood)}
    if "kind" in understood.texts:
        columns["name"] = (
            f"CASE WHEN rows.target = 'custom' THEN left(rows.{understood.texts['kind']}, 120) END"
        )
    return columns
