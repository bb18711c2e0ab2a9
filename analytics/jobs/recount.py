"""Recount a run of local days: read its events, make facts and rollups, replace the days whole.

Killed at any point and run again, the same rows stand there: all is replaced in one transaction,
which also clears the marks that it has seen.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import polars as pl

from analytics.jobs import facts, rollups, sessions
from analytics.metrics import FormulaSettings
from analytics.periods import Period
from analytics.store.archive.parts import mark_days
from analytics.store.localtime import day_local, hour_at
from analytics.store.memory import Days
from analytics.store.store import Store, ask

EARLY = facts.EARLY
LATE = facts.BEACON_AGE + dt.timedelta(hours=26)  # beacons of the day after, too: it may have 25 hours
REPLACED = (
    "view_facts",
    "comment_facts",
    "box_facts",
    "sessions",
    "session_carry",
    "article_hours",
    "article_days",
    "article_ages",
    "engaged_days",
    "dimension_days",
    "site_minutes",
)
WORTH_COMPARING = 2_000  # rows; fewer are sooner written than told apart
_ORDER = {"view_facts": "event_at", "sessions": "first_view_at"}  # so that the store can skip by time
_OWN = "site_id = $site AND day_local BETWEEN $first AND $last"
_CARRY = ", ".join(sessions.CARRY)
_ARTICLE = """
    LEFT JOIN article_aliases AS l ON l.site_id = e.site_id AND l.alias = e.article_id
    LEFT JOIN articles AS a ON a.site_id = e.site_id AND a.article_id = coalesce(l.article_id, e.article_id)
"""
# A day that is sealed has no links of its own any more (jobs/links.py).
_PREV = "coalesce(e.visitor_prev, k.visitor_prev) AS visitor_prev"
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


@dataclass(frozen=True, slots=True)
class _Read:
    views: pl.DataFrame
    engagements: pl.DataFrame
    activity: pl.DataFrame
    carry: pl.DataFrame
    prior: pl.DataFrame
    authors: pl.DataFrame
    topics: pl.DataFrame
    states: pl.DataFrame
    steps: pl.DataFrame


def recount(store: Store, run: Run, now: dt.datetime) -> int:
    """Recount a run of days and replace them.

    Args:
        store: The open store.
        run: Days and definitions.
        now: Naive UTC; decides which sessions are closed.

    Returns:
        Views recounted.
    """
    with store.read() as cursor:
        read = _read(cursor, run)
    frames, rolled, neighbours = _count(read, run, now)
    with store.write([Days(run.site_id, run.period.first, run.period.last)]) as cursor:
        before = _neighbour_state(cursor, run)
        _replace(cursor, run, frames, rolled)
        _mark_neighbours(cursor, run, before, neighbours)
    return frames["view_facts"].height


def _read(cursor: duckdb.DuckDBPyConnection, run: Run) -> _Read:
    """Read the run, and of the days around it only who crossed a midnight."""
    day = dt.timedelta(days=1)
    values = {
        "site": run.site_id,
        "first": run.period.first,
        "last": run.period.last,
        "before": run.period.first - day,
        "after": run.period.last + day,
        "begins": run.period.begins,
        "ends": run.period.ends,
        "early": EARLY,
        "age": facts.BEACON_AGE,
        "until": run.period.ends + LATE,
    }
    # Visitors of the next day who were here before midnight: their rows end the sessions of the last day.
    crossed = """
        SELECT DISTINCT visitor FROM page_views
        WHERE site_id = $site AND day_local = $after AND visitor_prev IS NOT NULL
        UNION SELECT DISTINCT visitor FROM engagements
        WHERE site_id = $site AND day_local = $after AND visitor_prev IS NOT NULL
        UNION SELECT visitor FROM session_links WHERE site_id = $site AND day_local = $after
    """
    in_run = f"(e.day_local <= $last OR e.visitor IN ({crossed}))"
    days = "e.day_local BETWEEN $first AND $after"  # apart: by it the store skips all other days
    views = ask(
        cursor,
        f"""
        SELECT e.day_local, e.event_at, e.view_id, e.visitor, {_PREV}, e.reader_id,
            CASE WHEN e.article_id IS NULL THEN e.url END AS url, e.channel, e.source, e.device,
            e.country, e.format, e.signal, coalesce(l.article_id, e.article_id) AS article_id, a.kind,
            a.section, a.published_at, a.word_count
        FROM page_views AS e {_ARTICLE} {_LINK} WHERE e.site_id = $site AND {days} AND {in_run}
        """,
        **values,
    )
    views = _once_a_day(views)
    engagements = ask(
        cursor,
        f"""
        SELECT e.view_id, e.received_at, e.engaged_ms, e.engaged_mode, e.body_scroll_pct, e.page_scroll_pct,
            e.short_body, e.acts, e.day_local, e.visitor, {_PREV}, e.event_at AS at,
            {days} AND {in_run} AS is_activity
        FROM engagements AS e {_LINK} WHERE e.site_id = $site
            AND e.event_at >= $begins - $early AND e.event_at < $until
        """,
        **values,
    )
    return _Read(
        views=views,
        engagements=engagements,
        activity=_activity(views, engagements),
        carry=ask(
            cursor,
            f"SELECT {_CARRY} FROM session_carry WHERE site_id = $site AND day_local = $before",
            **values,
        ),
        prior=ask(
            cursor,
            """
            SELECT * EXCLUDE (site_id) FROM view_facts
            WHERE site_id = $site AND day_local = $before AND visitor IN (
                SELECT visitor FROM session_carry WHERE site_id = $site AND day_local = $before)
            """,
            **values,
        ),
        authors=_bridge(cursor, "article_authors", "author_id", run.site_id),
        topics=_bridge(cursor, "article_topics", "topic_id", run.site_id),
        states=_states(cursor, values),
        steps=_steps(cursor, values),
    )


def _once_a_day(views: pl.DataFrame) -> pl.DataFrame:
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


def _bridge(cursor: duckdb.DuckDBPyConnection, table: str, key: str, site: str) -> pl.DataFrame:
    return ask(cursor, f"SELECT article_id, {key}, position FROM {table} WHERE site_id = $site", site=site)


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


_Frames = dict[str, pl.DataFrame]


def _count(read: _Read, run: Run, now: dt.datetime) -> tuple[_Frames, pl.DataFrame, pl.DataFrame]:
    """Make all that the run replaces, its lines for rolled_days, and how the day before went on."""
    gap = dt.timedelta(minutes=run.settings.session_gap_min)
    chains = sessions.chain(read.activity, read.carry, _day_ends(run), gap)
    views = chains.session_of(_coded(read.views)).with_row_index("row")
    folded = facts.fold_engagement(views, read.engagements, run.settings)
    made = facts.view_facts(views, folded, run.settings)
    own = made.select("session_id").unique()
    prior = _coded(read.prior).join(own, on="session_id", how="semi")
    whole = pl.concat(
        [prior.drop("is_repeat", "is_exit", "is_recirculated", "is_recirculated_any"), made], how="diagonal"
    )
    marked = facts.in_sessions(whole, chains.last_at(), now, gap).with_columns(
        hour_at=hour_at(pl.col("event_at"), run.period.zone)
    )
    visits = facts.sessions(marked, run.settings)
    in_run = pl.col("day_local").is_between(run.period.first, run.period.last)
    days = marked.filter(in_run)
    visits_in_run = visits.filter(in_run)
    counted = rollups.counted(days)
    by_way = rollups.article_days(counted)
    boxes = _timed(facts.box_facts(_timed(read.steps, "at", run)), "at", run)
    frames = {
        "view_facts": days,
        "comment_facts": _timed(
            facts.comment_facts(read.states, run.settings), "created_at", run
        ).with_columns(decided_day=day_local(pl.col("decided_at"), run.period.zone)),
        "box_facts": boxes,
        "sessions": visits_in_run,
        "session_carry": chains.carry.filter(in_run),
        "article_hours": rollups.article_hours(counted),
        "article_days": by_way,
        "article_ages": rollups.article_ages(counted),
        "engaged_days": rollups.engaged_days(days),
        "dimension_days": rollups.dimension_days(
            days.select(*rollups.OF_PEOPLE).join(
                visits.select("session_id", session_day="day_local"), on="session_id", how="left"
            ),
            by_way,
            visits_in_run,
            read.authors,
            read.topics,
        ),
        "site_minutes": rollups.site_minutes(days, counted, visits_in_run),
    }
    continued = _continued(marked, chains.crossing())
    return frames, _rolled(run, days, continued, now, gap), continued


def _coded(views: pl.DataFrame) -> pl.DataFrame:
    """Turn the texts that views are grouped by into categories: compared as numbers, in many groupings."""
    return views.with_columns(pl.col("article_id", "section", *rollups.WAYS).cast(pl.Categorical))


def _timed(frame: pl.DataFrame, at: str, run: Run) -> pl.DataFrame:
    """Add local day and hour, and keep the days of the run."""
    zone = run.period.zone
    return frame.with_columns(
        day_local=day_local(pl.col(at), zone), hour_at=hour_at(pl.col(at), zone)
    ).filter(pl.col("day_local").is_between(run.period.first, run.period.last))


def _day_ends(run: Run) -> pl.DataFrame:
    days = [*run.period.days, run.period.last + dt.timedelta(days=1)]
    ends = [Period(day, day, run.period.zone).ends for day in days]
    return pl.DataFrame(
        {"day_local": days, "day_ends": ends}, schema={"day_local": pl.Date(), "day_ends": pl.Datetime("us")}
    )


def _continued(marked: pl.DataFrame, crossing: pl.DataFrame) -> pl.DataFrame:
    """Digest, per day, how its sessions went on after midnight; days without such a session are left out.

    Args:
        marked: Views of whole sessions.
        crossing: Of `Chains.crossing`: a beacon alone may carry a session on.
    """
    views = (
        marked.filter(pl.col("session_id").is_not_null())
        .with_columns(began_day=pl.col("day_local").min().over("session_id"))
        .filter(pl.col("began_day") != pl.col("day_local"))
    )
    texts = [
        rows.select("began_day", text=_text(*columns))
        for rows, columns in (
            (
                views,
                ("session_id", "event_at", "view_id", "article_id", "is_article", "engaged_s", "last_at"),
            ),
            (crossing, ("session_id", "last_at")),
        )
    ]
    days = pl.concat(texts).sort("began_day", "text").group_by("began_day", maintain_order=True)
    joined = days.agg(pl.col("text").str.join("\n"))
    digests = [hashlib.blake2b(text.encode(), digest_size=16).hexdigest() for text in joined["text"]]
    return pl.DataFrame(
        {"day_local": joined["began_day"], "continued": digests},
        schema={"day_local": pl.Date(), "continued": pl.String()},
    )


def _text(*columns: str) -> pl.Expr:
    return pl.concat_str(pl.col(columns).cast(pl.String).fill_null(""), separator="|")


def _rolled(
    run: Run, days: pl.DataFrame, continued: pl.DataFrame, now: dt.datetime, gap: dt.timedelta
) -> pl.DataFrame:
    """Write down per day when it was counted, and until when one of its sessions is open."""
    still_open = (
        days.filter(pl.col("session_id").is_not_null() & pl.col("is_exit").is_null())
        .group_by("day_local")
        .agg(open_until=pl.max_horizontal(pl.col("last_at").max(), pl.col("event_at").max()) + gap)
    )
    return (
        pl.DataFrame({"day_local": run.period.days}, schema={"day_local": pl.Date()})
        .join(still_open, on="day_local", how="left")
        .join(continued, on="day_local", how="left")
        .select(
            day_local="day_local",
            version=pl.lit(run.version, dtype=pl.Int64),
            rolled_at=pl.lit(now, dtype=pl.Datetime("us")),
            open_until="open_until",
            continued=pl.col("continued").fill_null(""),
            sealed_at=pl.lit(None, dtype=pl.Datetime("us")),
        )
    )


def _replace(cursor: duckdb.DuckDBPyConnection, run: Run, frames: _Frames, rolled: pl.DataFrame) -> None:
    values = {"site": run.site_id, "first": run.period.first, "last": run.period.last}
    shape = _columns(cursor)
    for table, frame in {**frames, "rolled_days": rolled}.items():
        if frame.height < WORTH_COMPARING:
            cursor.execute(f"DELETE FROM {table} WHERE {_OWN}", values)
        else:
            frame = _changed(cursor, table, shape[table], values, frame)  # noqa: PLW2901 the rest of it
        if frame.is_empty():
            continue
        names, order = ", ".join(shape[table]), _ORDER.get(table)
        with _lent(cursor, "counted", frame.sort(order) if order else frame):
            cursor.execute(
                f"INSERT INTO {table} (site_id, {names}) SELECT $site, {names} FROM counted",
                {"site": run.site_id},
            )
    cursor.execute(
        f"DELETE FROM dirty_hours WHERE {_OWN} AND gen <= $gen",
        {**values, "gen": run.gen},
    )
    mark_days(cursor, run.period.first, run.period.last)


def _changed(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    columns: dict[str, str],
    values: dict[str, object],
    frame: pl.DataFrame,
) -> pl.DataFrame:
    """Delete the rows of a run that a recount does not give, and tell which of its rows are not there.

    Of a running day hardly any row changes between two recounts, and writing costs as much as counting.
    """
    typed = ", ".join(f"{name}::{kind}" for name, kind in columns.items())
    with _lent(cursor, "counted", frame):
        fresh = ask(cursor, f"SELECT hash({typed}) AS row FROM counted")["row"]
    stored = ask(
        cursor,
        f"SELECT rowid AS place, hash({', '.join(columns)}) AS row FROM {table} WHERE {_OWN}",
        **values,
    )
    same = stored.unique("row").filter(pl.col("row").is_in(fresh.implode()))
    stale = stored.join(same, on="place", how="anti").select("place")
    if stale.height:
        with _lent(cursor, "stale", stale):
            cursor.execute(f"DELETE FROM {table} WHERE {_OWN} AND rowid IN (SELECT place FROM stale)", values)
    return frame.filter(~fresh.is_in(same["row"].implode()))


@contextmanager
def _lent(cursor: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> Iterator[None]:
    """Let questions on this cursor read a frame under a name."""
    cursor.register(name, frame)
    try:
        yield
    finally:
        cursor.unregister(name)


def _columns(cursor: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Read name and type of the columns of each table but the site, which is one."""
    tables = cursor.execute(
        """
        SELECT table_name, list(column_name), list(data_type) FROM duckdb_columns()
        WHERE column_name <> 'site_id' GROUP BY ALL
        """
    )
    return {table: dict(zip(names, kinds, strict=True)) for table, names, kinds in tables.fetchall()}


def _neighbour_state(cursor: duckdb.DuckDBPyConnection, run: Run) -> tuple[str | None, pl.DataFrame]:
    """Read what the day before believed of our first day, and what our last day leaves to the next."""
    row = cursor.execute(
        "SELECT continued FROM rolled_days WHERE site_id = $site AND day_local = $day",
        {"site": run.site_id, "day": run.period.first - dt.timedelta(days=1)},
    ).fetchone()
    return (row[0] if row else None), _left_open(cursor, run)


def _left_open(cursor: duckdb.DuckDBPyConnection, run: Run) -> pl.DataFrame:
    """Read who is open at the end of the run, with what they viewed: the day after tells repeats by it."""
    return ask(
        cursor,
        """
        SELECT c.visitor, c.chain_id, c.chain_began, c.last_at, f.event_at, f.view_id, f.article_id
        FROM session_carry AS c LEFT JOIN view_facts AS f
            ON f.site_id = $site AND f.day_local = $day AND f.visitor = c.visitor
        WHERE c.site_id = $site AND c.day_local = $day ORDER BY ALL
        """,
        site=run.site_id,
        day=run.period.last,
    )


def _mark_neighbours(
    cursor: duckdb.DuckDBPyConnection,
    run: Run,
    before: tuple[str | None, pl.DataFrame],
    continued: pl.DataFrame,
) -> None:
    """Mark the day before or after dirty where a session over midnight changed under it."""
    day = dt.timedelta(days=1)
    believed, open_before = before
    eve = run.period.first - day
    went_on = continued.filter(pl.col("day_local") == eve)["continued"].to_list()
    if believed is not None and believed != (went_on[0] if went_on else ""):
        _mark(cursor, run, eve)
    if not _left_open(cursor, run).equals(open_before):
        _mark(cursor, run, run.period.last + day)


def _mark(cursor: duckdb.DuckDBPyConnection, run: Run, day: dt.date) -> None:
    """Mark a day that has been counted before; one that has not is dirty already or empty."""
    cursor.execute(
        """
        INSERT INTO dirty_hours
        SELECT site_id, $begins, day_local, 0 FROM rolled_days WHERE site_id = $site AND day_local = $day
        """,
        {"site": run.site_id, "day": day, "begins": Period(day, day, run.period.zone).begins},
    )
