"""What pages tell of themselves: the least trusted word on an article, which fills gaps only.

A newsroom whose CMS sends no catalogue still sees its authors and topics, as its pages name them to the
tracker (wire-formats.md A.1 and D.2). Once a catalogue has spoken of an article, its pages are not asked.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb

from analytics.catalog.rows import catalogue_of
from analytics.load.merge import merge_catalogue
from analytics.store.store import ask


def merge_told(cursor: duckdb.DuckDBPyConnection, gen: int, now: dt.datetime) -> bool:
    """Fill gaps of the articles that `fresh` views name, inside the open transaction.

    Args:
        cursor: The writing cursor; `fresh` holds new rows of page_views, their articles have a row.
        gen: Generation of the dirty marks.
        now: Naive UTC.

    Returns:
        Whether they told anything that was not known.
    """
    told = ask(cursor, _TOLD)
    for (site_id, zone), rows in told.group_by("site_id", "zone", maintain_order=True):
        said = [_said(row) for row in rows.drop("site_id", "zone").to_dicts()]
        catalogue, refused = catalogue_of(said, str(site_id), str(zone), now)
        if refused:  # a bad date does not cost the article its author
            for each in refused:
                for name in each.errors:
                    del said[each.index][name]
            catalogue, _ = catalogue_of(said, str(site_id), str(zone), now)
        merge_catalogue(cursor, catalogue, gen, None)
    return not told.is_empty()


def _said(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


_TOLD = """
    WITH latest AS (
        SELECT f.site_id, f.article_id, arg_max(f.props, f.event_at) AS props
        FROM fresh AS f SEMI JOIN (FROM articles WHERE catalogued_at IS NULL) USING (site_id, article_id)
        WHERE f.props IS NOT NULL GROUP BY ALL),
    gaps AS (
        SELECT l.site_id, s.zone, l.article_id AS id,
            CASE WHEN a.section IS NULL THEN l.props->>'section' END AS section,
            CASE WHEN a.published_at IS NULL THEN l.props->>'published' END AS published_at,
            CASE WHEN a.access IS NULL THEN l.props->>'access' END AS access,
            CASE WHEN NOT EXISTS (
                FROM article_authors AS b WHERE b.site_id = l.site_id AND b.article_id = l.article_id)
                THEN TRY_CAST(l.props->'author' AS VARCHAR[]) END AS authors,
            CASE WHEN NOT EXISTS (
                FROM article_topics AS b WHERE b.site_id = l.site_id AND b.article_id = l.article_id)
                THEN TRY_CAST(l.props->'tags' AS VARCHAR[]) END AS topics
        FROM latest AS l JOIN articles AS a USING (site_id, article_id) JOIN sites AS s USING (site_id))
    FROM gaps WHERE coalesce(section, published_at, access, authors::VARCHAR, topics::VARCHAR) IS NOT NULL
    ORDER BY site_id, id
"""
