"""Who changed: beside its marks of hours a small load writes down whose facts of a day it changes.

The recount then counts these visitors anew and nobody else (docs/decisions/0020-recount-who-changed.md). What
leaves no part - a bulk import, a correction, an erasure - has its days counted whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

FEW = 2_000  # rows of one load; of more a whole day is sooner counted

_WHO = """
    SELECT DISTINCT site_id, day_local, CASE WHEN visitor IS NULL THEN 'view' ELSE 'visitor' END, visitor,
        CASE WHEN visitor IS NULL THEN view_id END, $gen::BIGINT FROM {rows}
"""
_DAYS = """
    SELECT DISTINCT site_id, day_local, {part}, NULL::UBIGINT, NULL::VARCHAR, gen
    FROM dirty_hours WHERE gen = $gen
"""
_IS_BOX = "CASE WHEN EXISTS (FROM fresh WHERE kind = 'comment_box') THEN 'boxes' ELSE 'none' END"
_PARTS = {
    "page_views": (
        _WHO.format(rows="fresh"),
        # A view that arrives after its comment box takes the box over.
        _DAYS.format(part="'boxes'")
        + " AND EXISTS (FROM box_facts SEMI JOIN fresh USING (site_id, view_id))",
    ),
    # A beacon is a sign of life of its own visitor, and what it tells belongs to the visitor of its view.
    "engagements": (_WHO.format(rows="fresh"), _WHO.format(rows="of_views")),
    "interactions": (_DAYS.format(part=_IS_BOX),),
    "comment_states": (_DAYS.format(part="'comments'"),),
}


def are_few(events: Mapping[str, pl.DataFrame | Path]) -> bool:
    """Say whether a load is small enough to write down who changed."""
    return all(isinstance(rows, pl.DataFrame) for rows in events.values()) and (
        sum(rows.height for rows in events.values() if isinstance(rows, pl.DataFrame)) <= FEW
    )


def mark_parts(cursor: duckdb.DuckDBPyConnection, table: str, gen: int) -> None:
    """Write down who changed by the events in `fresh`, after their hours were marked.

    Args:
        cursor: The writing cursor; `of_views` holds the views that beacons are about.
        table: Table of events.
        gen: Generation of the marks, of which every one must get a part.
    """
    for part in _PARTS[table]:
        cursor.execute(f"INSERT INTO dirty_parts {part}", {"gen": gen})
