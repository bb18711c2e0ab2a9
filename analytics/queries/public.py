"""What a news page shows its readers: the articles most read, or most talked about, up to this minute.

Windows roll with the clock, so single views and comments are counted and no sums of days; what a view, a
read or a comment is stands in `metrics`, as for every screen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import duckdb
import polars as pl

from analytics.metrics import BASES, COMMENTS
from analytics.periods import local_day
from analytics.store.definitions import condition
from analytics.store.store import Store, ask

By = Literal["views", "reads", "comments"]
Window = Literal["1h", "24h", "7d", "30d"]
BYS: tuple[By, ...] = ("views", "reads", "comments")
WINDOWS: dict[Window, dt.timedelta] = {  # shortest first: an empty one gives way to the next
    "1h": dt.timedelta(hours=1),
    "24h": dt.timedelta(hours=24),
    "7d": dt.timedelta(days=7),
    "30d": dt.timedelta(days=30),
}


@dataclass(frozen=True, slots=True)
class Question:
    """Which list is wanted.

    Attributes:
        site_id: The site.
        zone: Its zone; names the days that the window touches.
        window: How far back.
        by: What is counted: views, reads, or comments now published, by the time of writing.
        section: Sections to keep; a leading `!` leaves one out; empty keeps all.
        topic: Topic ids, in the same way.
        language: Languages of articles, in the same way.
        excluded: Ids or aliases of articles that are not named, beside those on the editors' list.
        most: Rows at most.
    """

    site_id: str
    zone: str
    window: Window = "24h"
    by: By = "views"
    section: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    most: int = 50


@dataclass(frozen=True, slots=True)
class Most:
    """A list of articles.

    Attributes:
        used: The window that it is of: a longer one than asked where that was empty.
        as_of: Where the window ends, naive UTC, a whole minute.
        rows: rank (equal values share one), id, url, title, section, authors (list), published_at (naive
            UTC), image, value; in order, of equal ones the newer first. Empty where no window has any.
    """

    used: Window
    as_of: dt.datetime
    rows: pl.DataFrame


def most(store: Store, asked: Question, now: dt.datetime) -> Most:
    """Rank the articles of a window that ends with the last whole minute.

    Withdrawn articles and excluded ones are left out before ranks are given.

    Args:
        store: The open store.
        asked: What is wanted.
        now: Naive UTC.
    """
    ends = now.replace(second=0, microsecond=0)
    names = list(WINDOWS)
    with store.read() as cursor:
        for name in names[names.index(asked.window) :]:
            rows = _rows(cursor, asked, ends - WINDOWS[name], ends)
            if rows.height:
                return Most(name, ends, rows)
    return Most(names[-1], ends, rows)


def _rows(
    cursor: duckdb.DuckDBPyConnection, asked: Question, begins: dt.datetime, ends: dt.datetime
) -> pl.DataFrame:
    base = BASES[asked.by]
    time = "created_at" if base.facts == COMMENTS else "event_at"
    kept, values = _kept(asked)
    rows = ask(
        cursor,
        f"""
        WITH hidden AS (
            SELECT unnest($excluded::VARCHAR[]) AS article_id UNION
            SELECT article_id FROM excluded_articles WHERE site_id = $site UNION
            SELECT article_id FROM article_aliases
            WHERE site_id = $site AND list_contains($excluded::VARCHAR[], alias)),
        counted AS (
            SELECT f.article_id, count(*)::BIGINT AS value FROM {base.facts} AS f
            WHERE f.site_id = $site AND f.day_local BETWEEN $first AND $last
                AND f.{time} >= $begins AND f.{time} < $ends AND f.article_id IS NOT NULL
                AND ({condition(base)}) AND f.article_id NOT IN (FROM hidden)
            GROUP BY f.article_id),
        best AS (
            SELECT rank() OVER (ORDER BY c.value DESC)::BIGINT AS rank, c.value, a.*
            FROM counted AS c JOIN articles AS a USING (article_id)
            WHERE a.site_id = $site AND coalesce(a.state, 'live') <> 'withdrawn' {kept}
            ORDER BY c.value DESC, a.published_at DESC NULLS LAST, a.article_id LIMIT $most),
        bylines AS (
            SELECT b.article_id, list(coalesce(p.name, p.author_id) ORDER BY b.position) AS authors
            FROM article_authors AS b JOIN authors AS p USING (site_id, author_id)
            WHERE b.site_id = $site AND b.article_id IN (SELECT article_id FROM best)
            GROUP BY b.article_id)
        SELECT l.rank, l.article_id AS id, l.url, coalesce(l.title, l.url, l.article_id) AS title, l.section,
            coalesce(b.authors, []) AS authors, l.published_at, l.image, l.value
        FROM best AS l LEFT JOIN bylines AS b USING (article_id)
        """,
        site=asked.site_id,
        excluded=list(asked.excluded),
        first=local_day(begins, asked.zone),
        last=local_day(ends, asked.zone),
        begins=begins,
        ends=ends,
        most=asked.most,
        **values,
    )
    return rows.sort("rank", "published_at", "id", descending=[False, True, False], nulls_last=True)


def _kept(asked: Question) -> tuple[str, Mapping[str, list[str]]]:
    """Write the conditions on articles, and the values in them."""
    having = "(SELECT article_id FROM article_topics WHERE site_id = $site AND list_contains({}, topic_id))"
    tests = {
        "section": "coalesce(list_contains({}, a.section), false)",
        "topic": f"a.article_id IN {having}",
        "language": "coalesce(list_contains({}, a.language), false)",
    }
    text, values = "", {}
    for name, test in tests.items():
        wanted: tuple[str, ...] = getattr(asked, name)
        for place, negated, given in (
            (name, "", [each for each in wanted if not each.startswith("!")]),
            (f"not_{name}", "NOT ", [each[1:] for each in wanted if each.startswith("!")]),
        ):
            if given:
                text += f" AND {negated}{test.format(f'${place}::VARCHAR[]')}"
                values[place] = given
    return text, values
