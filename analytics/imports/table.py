"""One file of a table, from its bytes to what can be posted: rows, batches, refusals."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from analytics.catalog.catalogue import Catalogue
from analytics.errors import FileUnreadableError, MappingError
from analytics.imports import lines, tables
from analytics.imports.articles import read_articles
from analytics.imports.engine import one, workshop
from analytics.imports.files import Opened, head, open_file
from analytics.imports.inbox import Rejects
from analytics.imports.keys import Place
from analytics.imports.lookups import Lookups, look_up
from analytics.imports.mapping import Mapping, Time, values_of
from analytics.imports.relation import Relation, attempts
from analytics.imports.rows import Understood, understand
from analytics.imports.summary import Summary

DROP = "drop:"  # fates of rows left out by rule
MISREAD = (duckdb.InvalidInputException, duckdb.ConversionException)  # what a CSV reader says of a bad line
OPENED, UNDERSTOOD, WRITTEN = 0.1, 0.6, 0.8  # shares of the work, for the progress
Tell = Callable[[float], None]  # share of the work done


@dataclass(slots=True)
class Work:
    """What a file came to.

    Attributes:
        sha256: Of the file.
        summary: Rows read, dropped and rejected.
        rejects: Rows refused.
        sheet: Where the fields of its events are.
        lookups: What the events share.
        files: Table -> Parquet file in the scratch folder.
        catalogue: What it says of articles.
    """

    sha256: str
    summary: Summary
    rejects: Rejects = field(default_factory=list)
    sheet: Understood | None = None
    lookups: Lookups = field(default_factory=Lookups)
    files: dict[str, Path] = field(default_factory=dict)
    catalogue: Catalogue | None = None


def work_through(
    path: Path,
    mapping: Mapping,
    place: Place,
    now: dt.datetime,
    scratch: Path,
    tell: Tell,
    first_rows: int | None = None,
) -> Work:
    """Read a file, understand its rows, and write its batches into a scratch folder.

    Args:
        path: The file.
        mapping: What its columns mean.
        place: Home, secret, site.
        now: Naive UTC.
        scratch: Folder that the caller removes.
        tell: Told the share of the work done.
        first_rows: Read no more than these, and judge no file by them.

    Raises:
        FileUnreadableError: It is not what it says, or most of its rows cannot be read.
        MappingError: Mapping and columns do not fit.
        StoreError: The disk refused.
    """
    size = max(1, path.stat().st_size) if path.exists() else 1
    opened = open_file(path, mapping.source.format, scratch, lambda done: tell(OPENED * done / size))
    if first_rows is not None and mapping.source.format != "parquet":
        opened = head(opened, first_rows + (mapping.source.format == "csv"), scratch)
    with workshop(scratch, mapping.source.zone or place.zone) as connection:
        _check_formats(connection, mapping)
        ways = (_cut(way, first_rows) for way in attempts(connection, opened, mapping, scratch))
        make = _articles if mapping.source.rows == "articles" else _events
        work, relation = make(connection, opened, mapping, ways, place, now)
        tell(UNDERSTOOD)
        if first_rows is None:
            _judge(work.summary)
            if work.sheet is not None:
                stem = scratch / "batch"
                work.files = tables.write(connection, mapping, work.sheet, work.lookups, place, stem)
    work.rejects = _hashed(work.rejects, relation, opened, place)
    tell(WRITTEN)
    return work


def _articles(
    connection: duckdb.DuckDBPyConnection,
    opened: Opened,
    mapping: Mapping,
    ways: Iterator[Relation],
    place: Place,
    now: dt.datetime,
) -> tuple[Work, Relation]:
    for relation in ways:
        try:
            catalogue, refused, rows = read_articles(connection, mapping, relation, place, now)
        except MISREAD:
            continue
        if rows == relation.rows:
            rejects = [
                (_line(relation, each.index), next(iter(each.errors.values()))[0], "") for each in refused
            ]
            summary = _summary(opened, relation, Counter(reason for _, reason, _ in rejects))
            return Work(opened.sha256, summary, catalogue=catalogue, rejects=rejects), relation
    raise _misread(opened)


def _events(
    connection: duckdb.DuckDBPyConnection,
    opened: Opened,
    mapping: Mapping,
    ways: Iterator[Relation],
    place: Place,
    now: dt.datetime,
) -> tuple[Work, Relation]:
    # JSON writes U+0000 as an escape, Parquet packs it: there it may be anywhere.
    has_nul = opened.has_nul or mapping.source.format != "csv"
    for relation in ways:
        sheet = understand(mapping, relation, place, now, has_nul=has_nul)
        try:
            connection.execute(sheet.sql, sheet.values)
        except MISREAD:
            continue
        if one(connection, "SELECT count(*) FROM rows") == relation.rows:
            lookups = look_up(connection, mapping, sheet.texts, place)
            if mapping.source.dedup == "occurrence":
                tables.number_repeats(connection, place.key("repeat", mapping.source.name))
            fates = connection.execute("SELECT fate, count(*) FROM rows WHERE fate IS NOT NULL GROUP BY fate")
            summary = _summary(opened, relation, Counter(dict(fates.fetchall())))
            return Work(opened.sha256, summary, _refused_rows(connection, relation), sheet, lookups), relation
    raise _misread(opened)


def _summary(opened: Opened, relation: Relation, fates: Counter[str]) -> Summary:
    broken = Counter({"malformed": len(relation.rejected)} if relation.rejected else {})
    dropped = {fate.removeprefix(DROP): n for fate, n in fates.items() if fate.startswith(DROP)}
    rejected = broken + Counter({fate: n for fate, n in fates.items() if not fate.startswith(DROP)})
    return Summary(
        file=opened.name,
        read=relation.rows + len(relation.rejected),
        dropped=dropped,
        rejected=dict(rejected),
    )


def _refused_rows(connection: duckdb.DuckDBPyConnection, relation: Relation) -> Rejects:
    rows = connection.execute(
        "SELECT rowid, fate, h::VARCHAR FROM rows WHERE fate IS NOT NULL AND NOT starts_with(fate, $drop)",
        {"drop": DROP},
    )
    return [(_line(relation, place), fate, digest) for place, fate, digest in rows.fetchall()]


def _line(relation: Relation, row: int) -> int:
    return relation.numbers[row] if relation.numbers else row + relation.offset


def _hashed(rejects: Rejects, relation: Relation, opened: Opened, place: Place) -> Rejects:
    """Add the lines that made no row, and the hash of every refused line; Parquet has rows, no lines."""
    every = [*rejects, *((line, "malformed", "") for line in relation.rejected)]
    if not opened.lines or not every:
        return every
    digests = lines.hashes(opened.path, {line for line, _, _ in every}, place.secret)
    return [(line, reason, digests.get(line, "")) for line, reason, _ in every]


def _judge(summary: Summary) -> None:
    """Refuse a file of which most cannot be read.

    Raises:
        FileUnreadableError: With the reasons, the most frequent first.
    """
    count = sum(summary.rejected.values())
    if 2 * count > summary.read:
        reasons = sorted(summary.rejected.items(), key=lambda item: -item[1])
        raise FileUnreadableError(
            f"{count} of the {summary.read} rows of {summary.file} cannot be read "
            f"({', '.join(f'{reason} {n}' for reason, n in reasons)}).",
            "Nothing of it was stored. Look at the mapping with --check.",
        )


def _check_formats(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    for name, value in values_of(mapping.section).items():
        if isinstance(value, Time) and value.format:
            try:
                connection.execute("SELECT try_strptime('', $format)", {"format": value.format})
            except duckdb.InvalidInputException:
                raise MappingError(
                    f"{name} has the format {value.format!r}, which is none.",
                    "Use strptime's letters: %Y-%m-%d %H:%M.",
                ) from None


def _cut(relation: Relation, rows: int | None) -> Relation:
    if rows is None or relation.rows <= rows:
        return relation
    return replace(relation, sql=f"(SELECT * FROM {relation.sql} LIMIT {rows})", rows=rows)


def _misread(opened: Opened) -> FileUnreadableError:
    return FileUnreadableError(f"{opened.name} cannot be read as a table.", "Nothing of it was stored.")
