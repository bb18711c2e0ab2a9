"""What a client asks by itself: which tables there are, and to begin and end transactions.

The gate shows nobody the engine's catalogue, so these questions of DuckDB 1.5 are known by their text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa

from analytics.sql.quack import messages

NAME, SCHEMA = "tearsheet", "main"
_SCHEMAS = re.compile(r"SELECT catalog_name, schema_name FROM information_schema\.schemata\b.*")
_TABLES = re.compile(
    r"SELECT schema_name, sql, 'table' FROM duckdb_tables\(\).* "
    r"UNION ALL SELECT schema_name, view_name, 'view' FROM duckdb_views\(\).*"
)
_TRANSACTION = re.compile(r"(BEGIN|COMMIT|ROLLBACK)( TRANSACTION)?;?", re.IGNORECASE)


def answer(query: str, views: Sequence[str]) -> bytes | None:
    """Answer such a question; None where it is another.

    Args:
        query: As the client sent it.
        views: All that may be asked.
    """
    words = " ".join(query.split())
    if _TRANSACTION.fullmatch(words):  # nothing is ever written, so there is nothing to keep or drop
        return messages.answer(["Success"], pa.table({"Success": pa.array([], pa.bool_())}))
    if _SCHEMAS.fullmatch(words):
        return _rows([(NAME, SCHEMA)], "catalog_name", "schema_name")
    if _TABLES.fullmatch(words):
        return _rows([(SCHEMA, view, "view") for view in views], "schema_name", "sql", "kind")
    return None


def _rows(rows: Sequence[tuple[str, ...]], *names: str) -> bytes:
    held = zip(names, zip(*rows, strict=True), strict=True)
    return messages.answer(names, pa.table({name: pa.array(column, pa.string()) for name, column in held}))
