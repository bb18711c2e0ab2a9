"""The catalogue of a batch into the tables: upserts, whole lists, aliases, balances.

An article whose kind, words, section, publication, authors, topics or alias changed has its days
recounted, because facts and readers by author hold these; a new title needs no recount.
"""

from __future__ import annotations

import datetime as dt

import duckdb

from analytics.catalog.catalogue import FIELDS, KEY, SCHEMAS, Catalogue
from analytics.load.bridges import Kind, derive, mark_articles

RENAME = """
    UPDATE topics AS t SET name = r.name FROM renamed_topics AS r
    WHERE r.site_id = t.site_id AND r.topic_id = t.topic_id
"""
_RECOUNTED = ("section", "kind", "word_count", "published_at")


def merge_catalogue(
    cursor: duckdb.DuckDBPyConnection, catalogue: Catalogue, gen: int, now: dt.datetime | None
) -> tuple[int, int, int]:
    """Merge a catalogue inside the open transaction.

    Args:
        cursor: The writing cursor.
        catalogue: Frames; see `Catalogue` for what absent and null mean.
        gen: Generation of the dirty marks.
        now: Naive UTC, when the catalogue spoke; None where only pages did, which leaves it the last word.

    Returns:
        Articles created, updated, unchanged.
    """
    joined = cursor.execute("SELECT site_id, alias FROM joined WHERE kind = 'article'").pl()
    for name in SCHEMAS:
        frame = getattr(catalogue, name)
        if joined.height and "article_id" in frame.columns:
            # What an editor joined with another article is no longer one, whatever its source goes on to say.
            frame = frame.join(joined, left_on=KEY, right_on=["site_id", "alias"], how="anti")
        cursor.register(f"c_{name}", frame)
    _merge(cursor)
    _replace_lists(cursor, "author")
    _replace_lists(cursor, "topic")
    _claim_aliases(cursor)
    _mark_dirty(cursor, gen)
    counts = cursor.execute(
        """
        SELECT count(*) FILTER (is_new), count(*) FILTER (NOT is_new AND (has_changed OR must_recount)),
            count(*) FILTER (NOT is_new AND NOT has_changed AND NOT must_recount) FROM merged
        """
    ).fetchone()
    _write_articles(cursor, now)
    _write_named(cursor, "authors", "author_id", "url")
    _write_named(cursor, "topics", "topic_id", "kind")
    _replace_balances(cursor)
    cursor.execute("DROP TABLE merged; DROP TABLE moved")
    for name in SCHEMAS:
        cursor.unregister(f"c_{name}")
    return (counts[0], counts[1], counts[2]) if counts else (0, 0, 0)


def _merge(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `merged`: each article of the batch as it will stand, and what that changes."""
    fields = ", ".join(
        f"CASE WHEN list_contains(c.given, '{name}') THEN c.{name} ELSE a.{name} END AS {name}"
        for name in FIELDS
    )
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE merged AS
        WITH n AS (
            SELECT c.site_id, c.article_id, c.given, a.catalogued_at IS NULL AS is_new, {fields}
            FROM c_articles AS c LEFT JOIN articles AS a USING (site_id, article_id))
        SELECT n.*, {_differ(FIELDS)} AS has_changed, {_differ(_RECOUNTED)} AS must_recount
        FROM n LEFT JOIN articles AS o USING (site_id, article_id)
        """
    )


def _differ(fields: tuple[str, ...]) -> str:
    return "(" + " OR ".join(f"n.{name} IS DISTINCT FROM o.{name}" for name in fields) + ")"


def _replace_lists(cursor: duckdb.DuckDBPyConnection, kind: Kind) -> None:
    """Replace whole lists of the articles that give them, where they differ."""
    bridge, given = f"article_{kind}s", f"given_{kind}s"
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE relisted AS
        WITH giving AS (SELECT site_id, article_id FROM merged WHERE list_contains(given, '{kind}s')),
        before AS (SELECT * FROM {given} SEMI JOIN giving USING (site_id, article_id)),
        after AS (SELECT * FROM c_{bridge} SEMI JOIN giving USING (site_id, article_id))
        SELECT DISTINCT site_id, article_id
        FROM ((FROM before EXCEPT FROM after) UNION ALL (FROM after EXCEPT FROM before))
        """
    )
    cursor.execute(
        """
        UPDATE merged AS m SET must_recount = true FROM relisted AS r
        WHERE r.site_id = m.site_id AND r.article_id = m.article_id
        """
    )
    cursor.execute(
        f"""
        DELETE FROM {given} AS b USING relisted AS r
        WHERE r.site_id = b.site_id AND r.article_id = b.article_id
        """
    )
    cursor.execute(f"INSERT INTO {given} FROM c_{bridge} SEMI JOIN relisted USING (site_id, article_id)")
    derive(cursor, kind, "relisted")
    cursor.execute("DROP TABLE relisted")


def _claim_aliases(cursor: duckdb.DuckDBPyConnection) -> None:
    """Point aliases at their article and leave the changed ones in `moved`.

    An article that only its readers told us of gives way to the article that claims its address.
    """
    cursor.execute(
        """
        CREATE OR REPLACE TEMP TABLE moved AS
        SELECT c.site_id, c.alias, c.article_id, a.article_id AS former
        FROM c_aliases AS c LEFT JOIN article_aliases AS a USING (site_id, alias)
        WHERE c.alias <> c.article_id AND a.article_id IS DISTINCT FROM c.article_id
        """
    )
    cursor.execute(
        "DELETE FROM article_aliases AS a USING moved AS m WHERE m.site_id = a.site_id AND m.alias = a.alias"
    )
    cursor.execute("INSERT INTO article_aliases SELECT site_id, alias, article_id FROM moved")
    # What meant an article that is now an alias itself means the same article as it: one step resolves.
    cursor.execute(
        """
        UPDATE article_aliases AS a SET article_id = m.article_id FROM moved AS m
        WHERE m.site_id = a.site_id AND m.alias = a.article_id
        """
    )
    cursor.execute(
        """
        DELETE FROM articles AS a USING moved AS m
        WHERE m.site_id = a.site_id AND m.alias = a.article_id AND a.catalogued_at IS NULL
        """
    )


def _mark_dirty(cursor: duckdb.DuckDBPyConnection, gen: int) -> None:
    touched = """(
        SELECT site_id, article_id FROM merged WHERE must_recount
        UNION SELECT site_id, unnest([alias, article_id, former]) FROM moved)"""
    mark_articles(cursor, touched, gen)


def _write_articles(cursor: duckdb.DuckDBPyConnection, now: dt.datetime | None) -> None:
    cursor.execute(
        """
        INSERT INTO article_titles
        SELECT m.site_id, m.article_id, m.title, $now FROM merged AS m
        LEFT JOIN articles AS a USING (site_id, article_id)
        WHERE $now IS NOT NULL AND m.title IS NOT NULL
            AND (a.catalogued_at IS NULL OR a.title IS DISTINCT FROM m.title)
        """,
        {"now": now},
    )
    sets = ", ".join(f"{name} = m.{name}" for name in FIELDS)
    cursor.execute(
        f"""
        UPDATE articles AS a SET {sets}, catalogued_at = coalesce(a.catalogued_at, $now) FROM merged AS m
        WHERE a.site_id = m.site_id AND a.article_id = m.article_id
            AND (m.has_changed OR a.catalogued_at IS NULL)
        """,
        {"now": now},
    )
    names = ", ".join(FIELDS)
    cursor.execute(
        f"""
        INSERT INTO articles (site_id, article_id, {names}, catalogued_at)
        SELECT site_id, article_id, {names}, $now FROM merged ANTI JOIN articles USING (site_id, article_id)
        """,
        {"now": now},
    )


def _write_named(cursor: duckdb.DuckDBPyConnection, table: str, key: str, extra: str) -> None:
    """Add authors or topics; a null never clears what is known, and an editor's name for a topic stands."""
    if table == "topics":
        cursor.execute(
            """
            UPDATE renamed_topics AS r SET former = coalesce(c.name, r.former) FROM c_topics AS c
            WHERE c.site_id = r.site_id AND c.topic_id = r.topic_id
            """
        )
    cursor.execute(
        f"""
        UPDATE {table} AS t SET name = coalesce(c.name, t.name), {extra} = coalesce(c.{extra}, t.{extra})
        FROM c_{table} AS c WHERE c.site_id = t.site_id AND c.{key} = t.{key}
        """
    )
    cursor.execute(f"INSERT INTO {table} FROM c_{table} ANTI JOIN {table} USING (site_id, {key})")
    if table == "topics":
        cursor.execute(RENAME)


def _replace_balances(cursor: duckdb.DuckDBPyConnection) -> None:
    cursor.execute(
        """
        DELETE FROM opening_balances AS b USING c_balances AS c
        WHERE c.site_id = b.site_id AND c.article_id = b.article_id
        """
    )
    cursor.execute("INSERT INTO opening_balances FROM c_balances")
