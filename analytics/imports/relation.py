"""What can stand behind FROM: the mapped columns of a file as text, whatever its format.

Names of columns never reach a statement: they become c0, c1, ... here (JSON keys and Parquet columns are
quoted). An empty cell is null.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from analytics.errors import FileUnreadableError
from analytics.imports import lines
from analytics.imports.binding import bind
from analytics.imports.engine import one
from analytics.imports.files import Opened
from analytics.imports.mapping import Mapping

DELIMITERS = ",;\t|"
MAX_HEADER = 1 << 20


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows of a file, before they are understood.

    Attributes:
        sql: Relation with the columns c0, c1, ...
        values: What goes into its places.
        columns: Name in the file -> name in the relation, of the mapped columns.
        rows: How many rows must come out, else the file was misread.
        rejected: Lines that could not be read.
        numbers: Line of each row; empty where row n stands in line n + `offset`.
        offset: See `numbers`; rows count from 0.
        has_floats: For each cN there is an fN, true where the value was a number with a fraction.
    """

    sql: str
    values: dict[str, object]
    columns: dict[str, str]
    rows: int
    rejected: Sequence[int] = ()
    numbers: Sequence[int] = ()
    offset: int = 1
    has_floats: bool = False


def attempts(
    connection: duckdb.DuckDBPyConnection, opened: Opened, mapping: Mapping, scratch: Path
) -> Iterator[Relation]:
    """Offer ways to read a file, the quick one first; the next is asked for where rows do not add up.

    Raises:
        FileUnreadableError: The file is not what it says.
        MappingError: Mapping and columns do not fit.
    """
    match mapping.source.format:
        case "csv":
            yield from _csv(opened, mapping, scratch)
        case "jsonl":
            yield _jsonl(connection, opened, mapping)
        case "parquet":
            yield _parquet(connection, opened, mapping)


def _csv(opened: Opened, mapping: Mapping, scratch: Path) -> Iterator[Relation]:
    header, delimiter = _header(opened)
    used = bind(mapping, header)
    columns = {name: f"c{place}" for place, name in enumerate(header) if name in used}
    if len(columns) < len([name for name in header if name in used]):
        raise FileUnreadableError(f"{opened.name} has two columns of one name.", "Nothing of it was stored.")
    sql = _read_csv(len(header), delimiter)
    # Quick, and right only where every line came out as one row (wire-formats.md C.1).
    yield Relation(sql, {"path": str(opened.path)}, columns, opened.lines - 1, offset=2)
    clean = scratch / "clean.csv"
    found = lines.clean_csv(opened.path, len(header), delimiter, clean)
    yield Relation(
        sql, {"path": str(clean)}, columns, len(found.first_lines), found.rejected, found.first_lines
    )


def _header(opened: Opened) -> tuple[list[str], str]:
    """Read the names of the columns, and what stands between them."""
    with opened.path.open("rb") as file:
        raw = file.readline(MAX_HEADER)
    try:
        text = raw.decode("utf-8-sig").rstrip("\r\n")
        heads = {
            cut: [name.strip() for name in next(csv.reader([text], delimiter=cut), [])] for cut in DELIMITERS
        }
    except (UnicodeDecodeError, csv.Error) as fault:
        raise FileUnreadableError(
            f"{opened.name} is no CSV file in UTF-8.", "Nothing of it was stored; save it anew."
        ) from fault
    best = max(DELIMITERS, key=lambda cut: len(heads[cut]))
    if not any(heads[best]):
        raise FileUnreadableError(f"{opened.name} begins with an empty line; the names of columns go there.")
    return heads[best], best


def _read_csv(columns: int, delimiter: str) -> str:
    types = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(columns))
    return (
        "read_csv($path, header = true, auto_detect = false, strict_mode = true, compression = 'none', "
        f"quote = '\"', escape = '\"', delim = '{delimiter}', columns = {{{types}}})"
    )


def _jsonl(connection: duckdb.DuckDBPyConnection, opened: Opened, mapping: Mapping) -> Relation:
    connection.execute("CREATE OR REPLACE TEMP TABLE json_lines (line BIGINT, text VARCHAR)")
    rejected: list[int] = []
    good = "coalesce(CASE WHEN json_valid(text) THEN json_type(text) END = 'OBJECT', false)"
    for frame in lines.frames(opened.path):
        connection.register("block", frame.filter(frame["text"].ne_missing("")))
        connection.execute(f"INSERT INTO json_lines SELECT line, text FROM block WHERE {good}")
        bad = connection.execute(f"SELECT line FROM block WHERE NOT {good}").pl()
        rejected += bad["line"].to_list()
        connection.unregister("block")
    numbers = connection.execute("SELECT line FROM json_lines").pl()["line"].to_list()
    if rejected and not numbers:
        raise FileUnreadableError(
            f"{opened.name} holds no JSON objects, one a line.", "Nothing of it was stored."
        )
    keys = connection.execute(
        "SELECT DISTINCT unnest(json_keys(text)) AS name FROM json_lines ORDER BY name"
    ).pl()
    names = sorted(bind(mapping, keys["name"].to_list())) if numbers else []
    values: dict[str, object] = {"paths": [f'$."{name}"' for name in names]} if names else {}
    cells = ", ".join(
        f"nullif(found[{n}], '') AS c{n}, {_fraction(n)} AS f{n}" for n in range(1, len(names) + 1)
    )
    parsed = "json_extract_string(text, $paths) AS found, json_type(text, $paths) AS kinds"
    sql = f"(SELECT {cells or 'NULL'} FROM (SELECT {parsed} FROM json_lines))"
    columns = {name: f"c{n}" for n, name in enumerate(names, 1)}
    return Relation(sql, values, columns, len(numbers), rejected, numbers, has_floats=True)


def _fraction(n: int) -> str:
    # Whole numbers beyond 64 bits are called DOUBLE too, but keep their digits.
    return f"kinds[{n}] = 'DOUBLE' AND NOT regexp_full_match(found[{n}], '-?[0-9]+')"


def _parquet(connection: duckdb.DuckDBPyConnection, opened: Opened, mapping: Mapping) -> Relation:
    values: dict[str, object] = {"path": str(opened.path)}
    try:
        found = connection.execute("DESCRIBE SELECT * FROM read_parquet($path)", values).fetchall()
        count = one(connection, "SELECT count(*) FROM read_parquet($path)", values)
    except duckdb.Error:
        raise FileUnreadableError(
            f"{opened.name} is a damaged Parquet file.", "Nothing of it was stored."
        ) from None
    used = bind(mapping, [name for name, *_ in found])
    columns: dict[str, str] = {}
    cells: list[str] = []
    for name, kind, *_ in found:
        if name in used:
            quoted = '"' + name.replace('"', '""') + '"'
            n = len(columns)
            columns[name] = f"c{n}"
            is_float = kind in {"FLOAT", "DOUBLE"}
            cells.append(f"nullif({quoted}::VARCHAR, '') AS c{n}, {is_float} AS f{n}")
    return Relation(
        f"(SELECT {', '.join(cells)} FROM read_parquet($path))", values, columns, count, has_floats=True
    )
