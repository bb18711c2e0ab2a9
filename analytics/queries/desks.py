"""Desks: authors in groups, as editors say, or by the section of most of their articles.

A desk counts an article of two of its authors once: it is a filter on its authors, and no sum of their rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from analytics.queries import lists
from analytics.queries.ask import Ask
from analytics.queries.figures import Figure
from analytics.queries.lists import Listing
from analytics.store.memory import CATALOGUE
from analytics.store.store import Store

NONE = "(none)"  # in addresses: those of whom nobody knows a desk


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk.

    Attributes:
        name: Its name; empty holds those of whom nobody knows one.
        authors: Ids of its authors, in the order of the list.
        total: What their articles brought, each article once.
    """

    name: str
    authors: tuple[str, ...]
    total: dict[str, Figure]


def of_authors(store: Store, site: str) -> pl.DataFrame:
    """Tell the desk of each author.

    Returns:
        author_id, desk (null: neither given nor told by an article), edit_id (null where nobody gave it).
    """
    return store.memo(
        ("desks", site),
        lambda: store.frame(
            """
            WITH wrote AS (
                SELECT w.author_id, a.section, count(*) AS pieces
                FROM article_authors AS w JOIN articles AS a USING (site_id, article_id)
                WHERE w.site_id = $site AND a.section IS NOT NULL GROUP BY ALL),
            mostly AS (
                SELECT author_id, first(section ORDER BY pieces DESC, section) AS section
                FROM wrote GROUP BY author_id)
            SELECT p.author_id, coalesce(d.desk, m.section) AS desk, d.edit_id
            FROM authors AS p
            LEFT JOIN mostly AS m USING (author_id)
            LEFT JOIN author_desks AS d ON d.site_id = p.site_id AND d.author_id = p.author_id
            WHERE p.site_id = $site
            """,
            site=site,
        ),
        of=[CATALOGUE],
    )


def grouped(store: Store, found: Listing, names: Sequence[str], ask: Ask, now: dt.datetime) -> list[Desk]:
    """Put the authors of a list on their desks.

    Args:
        store: The open store.
        found: All authors of the question.
        names: Metrics of the totals.
        ask: The question, split by author, with no filter on authors.
        now: Naive UTC.

    Returns:
        Desks with an author in the list, in the order of the list's column; the one without a name last.
    """
    known = of_authors(store, ask.where.site_id)
    rows = (
        found.rows.select(author_id="id")
        .drop_nulls()
        .join(known, on="author_id", how="left", maintain_order="left")
    )
    members = rows.group_by(pl.col("desk").fill_null(""), maintain_order=True).agg("author_id")
    made = []
    for name, ids in members.rows():
        own = replace(ask, where=ask.where.only(author=tuple(ids)), split="")
        made.append(Desk(name, tuple(ids), lists.whole(store, names, own, now)))
    return sorted(made, key=lambda each: _place(each, found))


def _place(desk: Desk, found: Listing) -> tuple[bool, float, str]:
    figure = desk.total.get(found.order)
    value = figure.value or 0.0 if figure else 0.0
    return not desk.name, -value if found.is_descending else value, desk.name.casefold()
