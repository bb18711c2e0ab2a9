"""The shelf: articles as the catalogue has them, read or not, for lists and for programs."""

from __future__ import annotations

import polars as pl

from analytics.periods import Period
from analytics.queries import counts, library
from analytics.queries.ask import Filter
from analytics.store.store import Store, ask


def shelf(
    store: Store, where: Filter, published: Period | None, limit: int, after: int = 0
) -> tuple[int, pl.DataFrame]:
    """List articles, the newest first; of equal times by id, those without a date last.

    Args:
        store: The open store.
        where: Filter of article, author, topic, section, language, kind and words.
        published: Only those published in it; None takes all.
        limit: Rows.
        after: Rows to leave out at the head.

    Returns:
        How many there are in all, and rows: id, url, title, authors (names, joined by ", "), section, kind,
        language, published_at (naive UTC), word_count, is_catalogued.

    Raises:
        UnknownDimensionError: The filter is of views, which articles are not.
    """
    sql = counts.of_catalogue(where, published)
    with store.read() as cursor:
        count = ask(cursor, sql.text(["count(*)::BIGINT AS n"]), **sql.values)["n"][0]
        order = "ORDER BY f.published_at DESC NULLS LAST, f.article_id LIMIT $limit OFFSET $after"
        page = {**sql.values, "limit": limit, "after": after}
        ids = ask(cursor, f"{sql.text(['f.article_id AS id'])} {order}", **page)["id"].to_list()
    columns = [
        "id",
        "url",
        "title",
        "authors",
        "section",
        "kind",
        "language",
        "published_at",
        "word_count",
        "is_catalogued",
    ]
    return int(count), library.describe(store, where.site_id, "article", ids).select(columns)
