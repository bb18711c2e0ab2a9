"""The catalogue as frames: what a source says of articles, ready for `load`."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

ARTICLE_COLUMNS: dict[str, pl.DataType] = {
    "site_id": pl.String(),
    "article_id": pl.String(),
    "url": pl.String(),
    "title": pl.String(),
    "section": pl.String(),
    "kind": pl.String(),
    "language": pl.String(),
    "published_at": pl.Datetime("us"),
    "modified_at": pl.Datetime("us"),
    "word_count": pl.Int64(),
    "image": pl.String(),
    "access": pl.String(),
    "state": pl.String(),
    "translation_of": pl.String(),
}
KEY = ("site_id", "article_id")
FIELDS = tuple(name for name in ARTICLE_COLUMNS if name not in KEY)

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "articles": {**ARTICLE_COLUMNS, "given": pl.List(pl.String())},
    "authors": {"site_id": pl.String(), "author_id": pl.String(), "name": pl.String(), "url": pl.String()},
    "article_authors": {
        "site_id": pl.String(),
        "article_id": pl.String(),
        "author_id": pl.String(),
        "position": pl.Int64(),
    },
    "topics": {"site_id": pl.String(), "topic_id": pl.String(), "name": pl.String(), "kind": pl.String()},
    "article_topics": {
        "site_id": pl.String(),
        "article_id": pl.String(),
        "topic_id": pl.String(),
        "position": pl.Int64(),
    },
    "aliases": {"site_id": pl.String(), "alias": pl.String(), "article_id": pl.String()},
    "balances": {
        "site_id": pl.String(),
        "article_id": pl.String(),
        "views": pl.Int64(),
        "comments": pl.Int64(),
        "as_of": pl.Date(),
        "note": pl.String(),
    },
}


def _empty(name: str) -> pl.DataFrame:
    return pl.DataFrame(schema=SCHEMAS[name])


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Frames in the columns of `SCHEMAS`; at most one row per article and per author or topic.

    Attributes:
        articles: One row an article; `given` lists the fields that the source speaks of (also
            `authors` and `topics`): a field not given keeps its value, a given null clears it.
        authors: People named; a null name keeps the known one.
        article_authors: Whole bylines of the articles that give `authors`; position from 1.
        topics: Topics named.
        article_topics: Whole topic lists of the articles that give `topics`.
        aliases: Other ids (`u-...` of an address, or a former id) that mean an article.
        balances: Last figures of a former counter; a second one replaces the first.
    """

    articles: pl.DataFrame = field(default_factory=lambda: _empty("articles"))
    authors: pl.DataFrame = field(default_factory=lambda: _empty("authors"))
    article_authors: pl.DataFrame = field(default_factory=lambda: _empty("article_authors"))
    topics: pl.DataFrame = field(default_factory=lambda: _empty("topics"))
    article_topics: pl.DataFrame = field(default_factory=lambda: _empty("article_topics"))
    aliases: pl.DataFrame = field(default_factory=lambda: _empty("aliases"))
    balances: pl.DataFrame = field(default_factory=lambda: _empty("balances"))
