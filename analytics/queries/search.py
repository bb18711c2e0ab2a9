"""Search: articles, authors, topics and sections of a site by what people remember of them.

Any script: both sides lose case and accents before they are compared (`plain`). The texts of a site
are folded once in `KEPT_S` and searched in memory, so that every key pressed costs a millisecond or two.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import polars as pl

from analytics.errors import EventError
from analytics.queries.ask import MOST_WORDS
from analytics.store.store import Store
from analytics.urls import article_id_of, canonical

KEPT_S = 20.0  # an article is found so long after the catalogue has learnt of it, at the latest
KINDS = ("article", "author", "topic", "section")
MOST = 6  # of a kind
LONGEST = 200  # characters of a search, like `q` in an address


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found.

    Attributes:
        kind: One of KINDS.
        id: Its id; of a section its name.
        name: What it is called now.
        note: Section of an article, number of articles of everything else.
        other: The former title, address or id that was found where the name does not hold the words.
    """

    kind: str
    id: str
    name: str
    note: str
    other: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, best first; `counts` says how many of a kind there are beyond those listed."""

    hits: tuple[Hit, ...]
    counts: dict[str, int]


def plain(text: str) -> str:
    """Write the SQL that takes case and accents off a text, in any script.

    Args:
        text: An SQL expression.
    """
    # Lower case alone keeps the Turkic dotless i and the German ss apart from what people type for them.
    return f"replace(replace(strip_accents(lower({text})), 'ı', 'i'), 'ß', 'ss')"


def found(store: Store, site: str, text: str, most: int = MOST) -> Found:
    """Find what bears all words of a text.

    Args:
        store: The open store.
        site: The site.
        text: Words, the begin of a word, an id or an address.
        most: Of each kind.

    Returns:
        Hits by kind, the kind with the best hit first; whole matches before beginnings before the rest,
        then the newest article, or who has the most articles.
    """
    asked, page = _asked(text)
    whole = store.frame(f"SELECT {plain('$text')} AS text", text=asked)["text"][0].strip()
    if not whole:
        return Found((), {})
    known = store.memo(("search", site), lambda: store.frame(_TEXTS, site=site), for_s=KEPT_S)
    said = pl.col("said")
    every = [said.str.contains(word, literal=True) for word in whole.split()[:MOST_WORDS]]
    place = (
        pl.when(said == whole).then(0)
        .when(said.str.starts_with(whole)).then(1)
        .when(said.str.contains(f" {whole}", literal=True)).then(2)
        .otherwise(3)
    )  # fmt: skip
    hits = (
        known.filter(pl.all_horizontal(every) | (said == page))
        .with_columns(place=place, is_named=(pl.col("way") == 0).any().over("kind", "id"))
        .with_columns(other=pl.when("is_named").then(pl.lit("")).otherwise("other"))
        .sort("place", "way", "weight", "name", "id", descending=[False, False, True, False, False])
        .unique(["kind", "id"], keep="first", maintain_order=True)
    )
    first = hits.unique("kind", keep="first", maintain_order=True)["kind"].to_list()
    listed = pl.concat([hits.filter(pl.col("kind") == kind).head(most) for kind in first] or [hits])
    counts = dict(hits.group_by("kind").len().iter_rows())
    rows = listed.select("kind", "id", "name", "note", "other").iter_rows()
    return Found(tuple(Hit(*row) for row in rows), counts)


def _asked(text: str) -> tuple[str, str]:
    """Take an address as the catalogue writes it, and with it the id that a former address goes by."""
    cut = text.strip()
    if "://" in cut:
        with suppress(EventError):
            address = canonical(cut)
            return address, article_id_of(address)
    return cut[:LONGEST], ""


# One row a text that something goes by: `way` 0 is its name, 1 a former one or an id, which `other` shows.
_TEXTS = f"""
    WITH texts AS (
        SELECT 'article' AS kind, article_id AS id, title AS text, 0 AS way
        FROM articles WHERE site_id = $site
        UNION ALL SELECT 'article', article_id, title, 1 FROM article_titles WHERE site_id = $site
        UNION ALL SELECT 'article', article_id, url, 1 FROM articles WHERE site_id = $site
        UNION ALL SELECT 'article', article_id, article_id, 1 FROM articles WHERE site_id = $site
        UNION ALL SELECT 'article', article_id, alias, 1 FROM article_aliases WHERE site_id = $site),
    things AS (
        SELECT 'article' AS kind, article_id AS id, coalesce(title, url, article_id) AS name,
            coalesce(section, '') AS note, coalesce(epoch(published_at), 0)::DOUBLE AS weight
        FROM articles WHERE site_id = $site
        UNION ALL
        SELECT 'author', author_id, coalesce(name, author_id), count(article_id)::VARCHAR, count(article_id)
        FROM authors LEFT JOIN article_authors USING (site_id, author_id) WHERE site_id = $site GROUP BY ALL
        UNION ALL
        SELECT 'topic', topic_id, coalesce(name, topic_id), count(article_id)::VARCHAR, count(article_id)
        FROM topics LEFT JOIN article_topics USING (site_id, topic_id) WHERE site_id = $site GROUP BY ALL
        UNION ALL
        SELECT 'section', section, section, count(*)::VARCHAR, count(*)
        FROM articles WHERE site_id = $site AND section IS NOT NULL GROUP BY ALL),
    said AS (
        SELECT kind, id, text, way FROM texts WHERE text IS NOT NULL
        UNION ALL SELECT kind, id, name, 0 FROM things WHERE kind <> 'article'
        UNION ALL SELECT kind, id, id, 1 FROM things WHERE kind IN ('author', 'topic'))
    SELECT t.kind, t.id, t.name, t.note, t.weight, s.way, {plain("s.text")} AS said,
        CASE WHEN s.way = 0 OR s.text = t.name THEN '' ELSE s.text END AS other
    FROM things AS t JOIN said AS s USING (kind, id)
"""
