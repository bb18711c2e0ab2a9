"""Who wrote what and what it is about: the bridges, from what sources give and what editors joined."""

from __future__ import annotations

from typing import Literal, TypeAlias

import duckdb

from analytics.queries.corrections import JOINED

Kind: TypeAlias = Literal["author", "topic"]


def derive(cursor: duckdb.DuckDBPyConnection, kind: Kind, touched: str) -> None:
    """Write the bridge of some articles anew: two that are joined stand once, at the first of their places.

    Args:
        cursor: The writing cursor.
        kind: What the bridge leads to.
        touched: Relation with their site_id and article_id. Of one that is joined with another nothing is
            left.
    """
    bridge, key = f"article_{kind}s", f"{kind}_id"
    cursor.execute(
        f"DELETE FROM {bridge} AS b USING {touched} AS t "
        "WHERE t.site_id = b.site_id AND t.article_id = b.article_id"
    )
    cursor.execute(
        f"""
        INSERT INTO {bridge}
        WITH ends AS ({JOINED}),
        meant AS (
            SELECT g.site_id, g.article_id, coalesce(e.into_id, g.{key}) AS id, min(g.position) AS place
            FROM given_{kind}s AS g SEMI JOIN {touched} AS t USING (site_id, article_id)
            LEFT JOIN ends AS e ON e.site_id = g.site_id AND e.kind = '{kind}' AND e.alias = g.{key}
            GROUP BY ALL)
        SELECT m.site_id, m.article_id, m.id,
            row_number() OVER (PARTITION BY m.site_id, m.article_id ORDER BY m.place)
        FROM meant AS m
        ANTI JOIN (FROM joined WHERE kind = 'article') AS j
            ON j.site_id = m.site_id AND j.alias = m.article_id
        """
    )


def mark_articles(cursor: duckdb.DuckDBPyConnection, touched: str, gen: int) -> None:
    """Mark the hours of some articles, in which facts and readers by author or topic hold what changed.

    Args:
        cursor: The writing cursor.
        touched: Relation with their site_id and article_id.
        gen: Generation of the marks.
    """
    hours = " UNION ALL ".join(
        f"SELECT site_id, hour_at, day_local FROM {facts} SEMI JOIN {of} USING (site_id, article_id)"
        for facts, of in (
            ("article_hours", "wanted"),
            ("comment_facts", "wanted"),
            ("box_facts", "wanted"),
            ("view_facts", "pages"),  # hours do not name an article while it is taken for a page
        )
    )
    cursor.execute(
        f"""
        INSERT INTO dirty_hours
        WITH wanted AS (SELECT DISTINCT site_id, article_id FROM {touched}),
        pages AS (
            FROM wanted SEMI JOIN (FROM articles WHERE kind = 'page') USING (site_id, article_id))
        SELECT DISTINCT site_id, hour_at, day_local, $gen::BIGINT FROM ({hours})
        """,
        {"gen": gen},
    )
