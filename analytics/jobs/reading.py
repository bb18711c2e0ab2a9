"""What a recount reads: the rows of a run of local days, or of some visitors of one day.

Every fact rests on the rows of one visitor and on what was reported of their views, so both are read by the
same questions (docs/decisions/0020-recount-who-changed.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import polars as pl

from analytics.jobs import facts, sessions
from analytics.metrics import FormulaSettings
from analytics.periods import Period
from analytics.store.store import ask

EARLY = facts.EARLY
LATE = facts.BEACON_AGE + dt.timedelta(hours=26)  # beacons of the day after, too: it may have 25 hours
DAY = dt.timedelta(days=1)
_CARRY = ", ".join(sessions.CARRY)
_ARTICLE = """
    LEFT JOIN article_aliases AS l ON l.site_id = e.site_id AND l.alias = e.article_id
    LEFT JOIN articles AS a ON a.site_id = e.site_id AND a.article_id = coalesce(l.article_id, e.article_id)
"""
# A day that is sealed has no links of its own any more (jobs/links.py).
_PREV = "coalesce(e.visitor_prev, k.visitor_prev) AS visitor_prev"
NOBODYS = "visitor IS NULL AND view_id IN (FROM own_nameless)"
_LINK = """
    LEFT JOIN session_links AS k ON k.site_id = e.site_id AND k.day_local = e.day_local
        AND k.visitor = e.visitor AND e.event_at <= k.last_at
"""


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive local days of one site that share a definition version.

    Attributes:
        site_id: The site.
        period: The days.
        version: Definition version in force.
        settings: Its settings.
        gen: Highest dirty mark that the run has seen.
    """

    site_id: str
    period: Period
    version: int
    settings: FormulaSettings
    gen: int

    def values(self) -> dict[str, object]:
        """Give what its questions ask by."""
        return {
            "site": self.site_id,
            "first": self.period.first,
            "last": self.period.last,
            "before": self.period.first - DAY,
            "after": self.period.last + DAY,
            "begins": self.period.begins,
            "ends": self.period.ends,
            "early": EARLY,
            "age": facts.BEACON_AGE,
            "until": self.period.ends + LATE,
        }


@dataclass(frozen=True, slots=True)
class Read:
    """Rows of the events and of the days around; states and steps are None where nobody asked for them."""

    views: pl.DataFrame
    engagements: pl.DataFrame
    activity: pl.DataFrame
    carry: pl.DataFrame
    prior: pl.DataFrame
    authors: pl.DataFrame
    topics: pl.DataFrame
    states: pl.DataFrame | None
    steps: pl.DataFrame | None


@dataclass(frozen=True, slots=True)
class Some:
    """Which rows of a day are read, where not all are.

    Attributes:
        views: Of `some_views`.
        visitors: Whose beacons of the day are signs of life.
        next: Whose beacons of the day after are.
        before: Visitors of the day before, as whom they came over midnight.
        articles: `article_id` that are needed beside those of the views.
        states: Whether comments are asked for.
        steps: Whether comment boxes are.
    """

    views: pl.DataFrame
    visitors: pl.Series
    next: pl.Series
    before: pl.Series
    articles: pl.Series
    states: bool
    steps: bool


def read(cursor: duckdb.DuckDBPyConnection, run: Run) -> Read:
    """Read the run, and of the days around it only who crossed a midnight."""
    # Visitors of the next day who were here before midnight: their rows end the sessions of the last day.
    crossed = """
        SELECT DISTINCT visitor FROM page_views
        WHERE site_id = $site AND day_local = $after AND visitor_prev IS NOT NULL
        UNION SELECT DISTINCT visitor FROM engagements
        WHERE site_id = $site AND day_local = $after AND visitor_prev IS NOT NULL
        UNION SELECT visitor FROM session_links WHERE site_id = $site AND day_local = $after
    """
    # The days stand apart: by them the store skips all others.
    in_run = f"e.day_local BETWEEN $first AND $after AND (e.day_local <= $last OR e.visitor IN ({crossed}))"
    values = run.values()
    views = once_a_day(_views(cursor, values, in_run))
    near = "e.event_at >= $begins - $early AND e.event_at < $until"
    engagements = _beacons(cursor, values, near, in_run)
    carry, prior = _before(cursor, values, "true")
    return Read(
        views=views,
        engagements=engagements,
        activity=_activity(views, engagements),
        carry=carry,
        prior=prior,
        authors=_bridge(cursor, "article_authors", "author_id", values),
        topics=_bridge(cursor, "article_topics", "topic_id", values),
        states=_states(cursor, values),
        steps=_steps(cursor, values),
    )


def read_some(cursor: duckdb.DuckDBPyConnection, run: Run, some: Some) -> Read:
    """Read some rows of the one day of a run as `read` reads all of them."""
    views, values = once_a_day(some.views), run.values()
    engagements = _some_beacons(cursor, run, some)
    lend(cursor, "own_before", some.before)
    carry, prior = _before(cursor, values, "visitor IN (FROM own_before)")
    lend(cursor, "own_articles", pl.concat([some.articles, views["article_id"]]).unique().drop_nulls())
    theirs = "article_id IN (FROM own_articles)"
    return Read(
        views=views,
        engagements=engagements,
        activity=_activity(views, engagements),
        carry=carry,
        prior=prior,
        authors=_bridge(cursor, "article_authors", "author_id", values, theirs),
        topics=_bridge(cursor, "article_topics", "topic_id", values, theirs),
        states=_states(cursor, values) if some.states else None,
        steps=_steps(cursor, values) if some.steps else None,
    )


def some_views(
    cursor: duckdb.DuckDBPyConnection, run: Run, visitors: pl.Series, after: pl.Series, nameless: pl.Series
) -> pl.DataFrame:
    """Read the loads of some visitors of the day, of some of the day after, and some of nobody known.

    Args:
        cursor: Of the transaction.
        run: The day.
        visitors: `visitor` of the day.
        after: `visitor` of the day after.
        nameless: `view_id` of views without visitor.
    """
    lend(cursor, "own", visitors)
    lend(cursor, "own_next", after)
    lend(cursor, "own_nameless", nameless.cast(pl.String))
    places = [theirs("page_views", run.period.first)]
    if after.len():
        places.append(theirs("page_views", run.period.last + DAY, "visitor IN (FROM own_next)"))
    if nameless.len():
        places.append(theirs("page_views", run.period.first, NOBODYS))
    return _views(cursor, run.values(), f"e.rowid IN ({' UNION ALL '.join(places)})")


def _some_beacons(cursor: duckdb.DuckDBPyConnection, run: Run, some: Some) -> pl.DataFrame:
    """Read the beacons of the visitors, and whoever sent them those of their views."""
    lend(cursor, "own", some.visitors)
    lend(cursor, "own_next", some.next)
    lend(cursor, "own_views", some.views["view_id"].cast(pl.String))
    places = [theirs("engagements", run.period.first)]
    signs = f"e.day_local = {literal(run.period.first)} AND e.visitor IN (FROM own)"
    if some.next.len():
        tomorrow = run.period.last + DAY
        places.append(theirs("engagements", tomorrow, "visitor IN (FROM own_next)"))
        signs = f"({signs} OR e.day_local = {literal(tomorrow)} AND e.visitor IN (FROM own_next))"
    first, last = some.views["event_at"].min(), some.views["event_at"].max()
    if isinstance(first, dt.datetime) and isinstance(last, dt.datetime):
        near = f"TIMESTAMP '{first - EARLY}' AND TIMESTAMP '{last + facts.BEACON_AGE}'"
        places.append(
            f"SELECT rowid FROM engagements WHERE event_at BETWEEN {near} AND view_id IN (FROM own_views)"
        )
    return _beacons(cursor, run.values(), f"e.rowid IN ({' UNION ALL '.join(places)})", signs)


def theirs(table: str, day: dt.date, who: str = "visitor IN (FROM own)") -> str:
    """Ask for the rows of a day by one column: all others of a day are more to read than the rest."""
    return f"SELECT rowid FROM {table} WHERE day_local = {literal(day)} AND {who}"


def literal(day: dt.date) -> str:
    """Write a day as a literal, by which the store skips all others."""
    return f"DATE '{day}'"


def lend(cursor: duckdb.DuckDBPyConnection, name: str, rows: pl.DataFrame | pl.Series) -> None:
    """Let questions read rows under a name, until others take it or the cursor closes.

    A third of the price of `lent`, and of a list among the values of a question a tenth.
    """
    cursor.register(name, (rows.to_frame() if isinstance(rows, pl.Series) else rows).to_arrow())


@contextmanager
def lent(cursor: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> Iterator[None]:
    """Let questions on this cursor read a frame under a name."""
    cursor.register(name, frame)
    try:
        yield
    finally:
        cursor.unregister(name)


def _views(cursor: duckdb.DuckDBPyConnection, values: dict[str, object], where: str) -> pl.DataFrame:
    """Read loads by the condition given."""
    return ask(
        cursor,
        f"""
        SELECT e.day_local, e.event_at, e.view_id, e.visitor, {_PREV}, e.reader_id,
            CASE WHEN e.article_id IS NULL THEN e.url END AS url, e.channel, e.source, e.device,
            e.country, e.format, e.signal, coalesce(l.article_id, e.article_id) AS article_id, a.kind,
            a.section, a.published_at, a.word_count
        FROM page_views AS e {_ARTICLE} {_LINK} WHERE e.site_id = $site AND {where}
        """,
        **values,
    )


def _beacons(
    cursor: duckdb.DuckDBPyConnection, values: dict[str, object], where: str, lives: str
) -> pl.DataFrame:
    """Read beacons by the condition given, and say which are signs of life."""
    return ask(
        cursor,
        f"""
        SELECT e.view_id, e.received_at, e.engaged_ms, e.engaged_mode, e.body_scroll_pct, e.page_scroll_pct,
            e.short_body, e.acts, e.day_local, e.visitor, {_PREV}, e.event_at AS at,
            {lives} AS is_activity
        FROM engagements AS e {_LINK} WHERE e.site_id = $site AND {where}
        """,
        **values,
    )


def _before(
    cursor: duckdb.DuckDBPyConnection, values: dict[str, object], who: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read what the day before left open, and what those visitors viewed."""
    own = f"site_id = $site AND day_local = $before AND {who}"
    carry = ask(cursor, f"SELECT {_CARRY} FROM session_carry WHERE {own}", **values)
    # Most have nothing open: their views of a day are not looked for.
    visitors = f"visitor IN (SELECT visitor FROM session_carry WHERE {own})" if carry.height else "false"
    prior = ask(
        cursor,
        f"""
        SELECT * EXCLUDE (site_id) FROM view_facts
        WHERE site_id = $site AND day_local = $before AND {visitors}
        """,
        **values,
    )
    return carry, prior


def once_a_day(views: pl.DataFrame) -> pl.DataFrame:
    """Keep the first load of each view id and day: a client that sends a load twice makes one view."""
    if views["view_id"].n_unique() == views.height:
        return views
    return views.sort("event_at", maintain_order=True).unique(
        ["day_local", "view_id"], keep="first", maintain_order=True
    )


def _activity(views: pl.DataFrame, engagements: pl.DataFrame) -> pl.DataFrame:
    signs = engagements.filter("is_activity").select("day_local", "visitor", "visitor_prev", "at")
    loads = views.select("day_local", "visitor", "visitor_prev", at="event_at")
    return pl.concat([loads, signs]).filter(pl.col("visitor").is_not_null())


def _bridge(
    cursor: duckdb.DuckDBPyConnection, table: str, key: str, values: dict[str, object], among: str = "true"
) -> pl.DataFrame:
    return ask(
        cursor,
        f"SELECT article_id, {key}, position FROM {table} WHERE site_id = $site AND {among}",
        **values,
    )


def _states(cursor: duckdb.DuckDBPyConnection, values: dict[str, object]) -> pl.DataFrame:
    return ask(
        cursor,
        f"""
        SELECT e.comment_id, e.event_at, e.state_at, e.created_at, e.status, e.decided_by, e.commenter,
            e.parent_id, e.length, e.length_limit, coalesce(l.article_id, e.article_id) AS article_id,
            a.section
        FROM comment_states AS e {_ARTICLE}
        WHERE e.site_id = $site AND e.comment_id IN (
            SELECT comment_id FROM comment_states
            WHERE site_id = $site AND coalesce(created_at, state_at) >= $begins
                AND coalesce(created_at, state_at) < $ends)
        """,
        **values,
    )


def _steps(cursor: duckdb.DuckDBPyConnection, values: dict[str, object]) -> pl.DataFrame:
    return ask(
        cursor,
        f"""
        SELECT e.view_id, coalesce(v.event_at, e.event_at) AS at,
            coalesce(l.article_id, e.article_id) AS article_id, a.section, e.props->>'step' AS step,
            e.props->>'box' AS box
        FROM (FROM interactions WHERE site_id = $site AND kind = 'comment_box'
            AND event_at >= $begins - $early AND event_at < $until) AS e {_ARTICLE}
        LEFT JOIN (SELECT view_id, event_at FROM page_views
            WHERE site_id = $site AND event_at >= $begins - $early - $age AND event_at < $until) AS v
            ON v.view_id = e.view_id AND e.event_at BETWEEN v.event_at - $early AND v.event_at + $age
        """,
        **values,
    )
