"""Erasing: all rows of an article, a reader or a site, in one transaction; facts follow by a recount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import duckdb

from analytics.errors import UsageError
from analytics.events import RECORDS, Event
from analytics.language import _
from analytics.load.door import one
from analytics.store.archive.parts import BY_DAY, mark_all
from analytics.store.store import Store

OF_ARTICLES = (
    "articles",
    "article_titles",
    "article_aliases",
    "article_authors",
    "article_topics",
    "given_authors",
    "given_topics",
    "excluded_articles",
    "opening_balances",
    "notes",
    "edits",
)
PEOPLE: dict[str, tuple[str, ...]] = {
    table: ("visitor", "reader_id", *(("commenter",) if table == "comment_states" else ()))
    for table in RECORDS
}


@dataclass(frozen=True, slots=True)
class Target:
    """What is erased.

    Attributes:
        kind: article, visitor or site.
        site_id: The site.
        articles: Id and aliases of the article.
        paths: Paths of its addresses, which other views may name as where they came from.
        people: Hashes that stand for the reader.
    """

    kind: str
    site_id: str
    articles: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    people: tuple[int, ...] = ()

    def names(self, event: Event) -> bool:
        """Tell whether an event of the queue is of it."""
        if event.site_id != self.site_id:
            return False
        if self.kind == "site":
            return True
        if self.kind == "article":
            return event.article_id in self.articles or _path(event.url) in self.paths
        hashes = (event.visitor, event.visitor_prev, event.reader_id, getattr(event, "commenter", None))
        return any(each in self.people for each in hashes if each is not None)


def article(store: Store, site_id: str, article_id: str) -> Target:
    """Name an article by its id, or an alias.

    Raises:
        UsageError: The site has none of that id, and no events of it.
    """
    found = store.frame(
        """
        WITH own AS (
            SELECT coalesce(
                (SELECT article_id FROM article_aliases WHERE site_id = $site AND alias = $id), $id
            ) AS article_id)
        SELECT a.article_id, a.url, list(l.alias) FILTER (l.alias IS NOT NULL) AS aliases
        FROM own AS o JOIN articles AS a ON a.site_id = $site AND a.article_id = o.article_id
        LEFT JOIN article_aliases AS l ON l.site_id = $site AND l.article_id = a.article_id
        GROUP BY ALL
        """,
        site=site_id,
        id=article_id,
    ).to_dicts()
    if not found:
        raise UsageError(
            _("No article of {site} has the id {article!r}.", site=site_id, article=article_id),
            _("Search for its title."),
        )
    ids = (found[0]["article_id"], *(found[0]["aliases"] or ()))
    urls = store.frame(
        "SELECT DISTINCT url FROM page_views WHERE site_id = $site AND article_id IN $ids",
        site=site_id,
        ids=list(ids),
    )["url"]
    paths = {_path(each) for each in [found[0]["url"], *urls]} - {"", "/"}
    return Target("article", site_id, ids, tuple(sorted(paths)))


def erase(store: Store, target: Target) -> dict[str, int]:
    """Delete all rows of a target, and mark what must be recounted and archived anew.

    Returns:
        Table -> rows deleted.

    Raises:
        StoreError: The disk refused; nothing was deleted.
    """
    with store.write() as cursor:
        for table in (*RECORDS, *(BY_DAY if target.kind == "site" else ())):  # a recount marks days by itself
            mark_all(cursor, table, target.site_id)
        if target.kind == "site":
            return _all_of_site(cursor, target)
        return _of_events(cursor, target)


def _all_of_site(cursor: duckdb.DuckDBPyConnection, target: Target) -> dict[str, int]:
    tables = cursor.execute(
        "SELECT table_name FROM duckdb_columns() WHERE column_name = 'site_id' AND NOT internal "
        "AND schema_name = 'main' ORDER BY 1"
    ).fetchall()
    return _told({table: _deleted(cursor, table, "true", {"site": target.site_id}) for (table,) in tables})


def _of_events(cursor: duckdb.DuckDBPyConnection, target: Target) -> dict[str, int]:
    values: dict[str, object] = {"site": target.site_id}
    of_article = target.kind == "article"
    if of_article:
        values |= {"ids": list(target.articles), "paths": list(target.paths)}
        tests = dict.fromkeys(RECORDS, "list_contains($ids::VARCHAR[], article_id)")
    else:
        values["people"] = [str(each) for each in target.people]
        tests = {
            table: " OR ".join(f"list_contains($people::UBIGINT[], {column})" for column in columns)
            for table, columns in PEOPLE.items()
        }
    gen = one(cursor, "SELECT nextval('load_gen')")
    done = {}
    for table, test in tests.items():
        cursor.execute(
            "INSERT INTO dirty_hours SELECT DISTINCT site_id, date_trunc('hour', event_at)::TIMESTAMP, "
            f"day_local, $gen::BIGINT FROM {table} WHERE site_id = $site AND ({test})",
            _used(values, test) | {"gen": gen},
        )
        done[table] = _deleted(cursor, table, test, values)
    if of_article:
        for table in OF_ARTICLES:
            done[table] = _deleted(cursor, table, tests["page_views"], values)
        cursor.execute(
            "UPDATE page_views SET referrer_path = NULL WHERE site_id = $site "
            "AND list_contains($paths::VARCHAR[], rtrim(referrer_path, '/'))",
            {"site": target.site_id, "paths": values["paths"]},
        )
        cursor.execute(
            "UPDATE articles SET translation_of = NULL "
            "WHERE site_id = $site AND list_contains($ids::VARCHAR[], translation_of)",
            {"site": target.site_id, "ids": values["ids"]},
        )
        test = (
            "list_contains($ids::VARCHAR[], event->>'article_id') OR EXISTS (SELECT 1 FROM "
            "(SELECT unnest($paths::VARCHAR[]) AS path) AS p WHERE contains(event::VARCHAR, p.path))"
        )
    else:
        test = " OR ".join(
            f"list_contains($people::VARCHAR[], event->>'{column}')"
            for column in ("visitor", "visitor_prev", "reader_id", "commenter")
        )
        for table in RECORDS:
            cursor.execute(
                f"UPDATE {table} SET visitor_prev = NULL "
                "WHERE site_id = $site AND list_contains($people::UBIGINT[], visitor_prev)",
                {"site": target.site_id, "people": values["people"]},
            )
        named = (
            "list_contains($people::UBIGINT[], visitor) OR list_contains($people::UBIGINT[], visitor_prev)"
        )
        done["session_links"] = _deleted(cursor, "session_links", named, values)
    for table in ("dropped_hits", "readmitted_hits"):
        done[table] = _deleted(cursor, table, test, values)
    return _told(done)


def _deleted(cursor: duckdb.DuckDBPyConnection, table: str, test: str, values: Mapping[str, object]) -> int:
    return one(cursor, f"DELETE FROM {table} WHERE site_id = $site AND ({test})", _used(values, test))


def _used(values: Mapping[str, object], test: str) -> dict[str, object]:
    return {name: value for name, value in values.items() if name == "site" or f"${name}" in test}


def _told(done: Mapping[str, int]) -> dict[str, int]:
    return {table: rows for table, rows in done.items() if rows}


def _path(url: str | None) -> str:
    return urlsplit(url or "").path.rstrip("/")
