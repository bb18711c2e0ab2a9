"""Recount the visitors of a day who changed: their rows are counted anew, the sums move by the difference.

A fact rests on what one visitor did, and a sum adds up what each visitor alone gives to it: distinct readers
too, for one visitor is one reader of an article and a day. So the sums of a day are those that stand there,
less those of the former facts of the visitors who changed, and those of their new facts, both made by what
makes the whole day (docs/decisions/0020-recount-who-changed.md). All is read and written in one transaction.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb
import polars as pl

from analytics.jobs import counting
from analytics.jobs.counting import Counted, Frames, coded, sums
from analytics.jobs.reading import DAY, NOBODYS, Read, Run, Some, lend, literal, read_some, some_views, theirs
from analytics.jobs.recount import ORDER, columns, replace_day
from analytics.jobs.rollups import DAY_KEYS, HOUR_KEYS
from analytics.periods import Period
from analytics.store.archive.parts import mark_days
from analytics.store.memory import Days, Part
from analytics.store.store import Store, ask

FEW = 2_000  # visitors; of more it is asked whether they are a fifth of the day
PASSES = 5  # who shares a view id with whom; longer chains count the whole day
_KEYS: dict[str, tuple[str, ...]] = {
    "article_hours": HOUR_KEYS,
    "article_days": DAY_KEYS,
    "article_ages": ("day_local", "article_id", "step"),
    "engaged_days": ("day_local", "article_id", "engaged_s"),
    "dimension_days": ("day_local", "dimension", "value"),
    "site_minutes": ("day_local", "hour_at", "minute_at"),
}
_STANDS = {"article_ages": "views", "engaged_days": "n"}  # at 0 of it the row goes; else of page_loads
_FORMERLY = pl.lit(dt.date.min)  # the day of what stood there, beside what is counted
_VISITOR = {"visitor": pl.UInt64()}
_LINK = {"day_local": pl.Date(), **_VISITOR, "visitor_prev": pl.UInt64()}


@dataclass(frozen=True, slots=True)
class _Who:
    """Whom a recount takes.

    Attributes:
        told: Visitors whom the marks name.
        closing: Visitors of whom a session has closed since the last recount.
        nameless: view_id of views without visitor.
        talk: Parts beside visitors that are marked: comments, boxes.
        links: Of the day and the day after: day_local, visitor, visitor_prev.
    """

    told: pl.Series
    closing: pl.Series
    nameless: pl.Series
    talk: frozenset[str]
    links: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Own:
    """The rows that all belong to them: of no one else.

    Attributes:
        visitors: All of the day, with those who share a view or a link.
        nameless: view_id of views without visitor.
        next: Those of them after midnight, as visitors of the day after.
        before: As visitors of the day before.
        views: Their loads, as they are read.
    """

    visitors: pl.Series
    nameless: pl.Series
    next: pl.Series
    before: pl.Series
    views: pl.DataFrame


class _WrongError(Exception):
    """What stands there is less than what they gave to it."""


def recount_visitors(store: Store, run: Run, now: dt.datetime) -> int | None:
    """Recount the visitors of a day who changed, and bring its sums up to date.

    Args:
        store: The open store.
        run: One day, and its definition.
        now: Naive UTC; decides which sessions are closed.

    Returns:
        Views recounted; None where the day must be counted whole, and nothing was done.
    """
    changed: list[Part] = []
    try:
        with store.write(changed) as cursor:
            who = _who(cursor, run, now)
            own = _closed(cursor, run, who) if who else None
            if who is None or own is None or _are_many(cursor, run, own):
                return None
            views = _recounted(cursor, run, who, own, now)
            changed.append(Days(run.site_id, run.period.first, run.period.last))
            return views
    except _WrongError:  # and nothing was written
        return None


def _recounted(cursor: duckdb.DuckDBPyConnection, run: Run, who: _Who, own: _Own, now: dt.datetime) -> int:
    """Put their facts anew in the place of the former, and move the sums by the difference."""
    former = _former(cursor, run, own)
    some = Some(
        own.views,
        own.visitors,
        own.next,
        own.before,
        former["view_facts"]["article_id"],
        states="comments" in who.talk,
        steps="boxes" in who.talk,
    )
    read = read_some(cursor, run, some)
    counted = counting.count(read, run, now)
    for table, rows in _sums(former, counted.frames, read).items():
        _move(cursor, run, table, rows)
    for table, rows in former.items():
        _put(cursor, run, table, rows, counted.frames[table].select(rows.columns[1:]))
    for table in ("comment_facts", "box_facts"):
        if table in counted.frames:
            replace_day(cursor, run, table, counted.frames[table])
    _settle(cursor, run, counted, own, now)
    _mark_neighbours(cursor, run, who, own, former, counted.frames)
    return counted.frames["view_facts"].height


# --- who ---------------------------------------------------------------------------------------------------


def _who(cursor: duckdb.DuckDBPyConnection, run: Run, now: dt.datetime) -> _Who | None:
    """Read who changed; None where the marks do not say, or the day was not counted by this definition."""
    gap = dt.timedelta(minutes=run.settings.session_gap_min)
    values = run.values() | {"now": now, "gap": gap}
    day, eve = literal(run.period.first), literal(run.period.first - DAY)
    rolled = ask(
        cursor,
        """
        SELECT version, rolled_at, EXISTS (
            FROM dirty_hours AS d WHERE d.site_id = $site AND d.day_local = $first AND NOT EXISTS (
                FROM dirty_parts AS p
                WHERE p.site_id = $site AND p.day_local = $first AND p.gen = d.gen)) AS is_whole
        FROM rolled_days WHERE site_id = $site AND day_local = $first
        """,
        **values,
    ).rows()
    if not rolled or rolled[0][0] != run.version or rolled[0][2]:
        return None
    parts = ask(
        cursor,
        "SELECT DISTINCT part, visitor, view_id FROM dirty_parts "
        "WHERE site_id = $site AND day_local = $first",
        **values,
    )
    closing = ask(
        cursor,
        f"""
        SELECT DISTINCT f.visitor FROM (
            SELECT visitor, session_id FROM view_facts
            WHERE day_local = {day} AND is_exit IS NULL AND session_id IS NOT NULL AND site_id = $site
        ) AS f LEFT JOIN (
            -- What was open at the last recount had its last event at most a gap before it.
            SELECT session_id, first_view_at, last_at FROM sessions
            WHERE day_local BETWEEN {eve} AND {day} AND site_id = $site AND last_at >= $since
        ) AS s USING (session_id)
        -- What is longer than 24 hours is cut, and each view before the cut closes by itself.
        WHERE s.last_at IS NULL OR s.last_at + $gap < $now
            OR s.last_at - s.first_view_at > INTERVAL 12 HOUR
        """,
        **values,
        since=rolled[0][1] - gap,
    )
    return _Who(
        told=parts.filter(pl.col("part") == "visitor")["visitor"].drop_nulls(),
        closing=closing["visitor"],
        nameless=parts.filter(pl.col("part") == "view")["view_id"].drop_nulls(),
        talk=frozenset(parts["part"]),
        links=_links(cursor, run),
    )


def _links(cursor: duckdb.DuckDBPyConnection, run: Run) -> pl.DataFrame:
    """Read who came over a midnight, of the day and of the day after."""
    days = f"day_local BETWEEN {literal(run.period.first)} AND {literal(run.period.last + DAY)}"
    linked = f"{days} AND visitor_prev IS NOT NULL AND visitor IS NOT NULL AND site_id = $site"
    return ask(
        cursor,
        " UNION ".join(
            f"SELECT day_local, visitor, visitor_prev FROM {table} WHERE {linked}"
            for table in ("page_views", "engagements", "session_links")
        ),
        site=run.site_id,
    ).cast(_LINK)  # type: ignore[arg-type]  # stubs of polars


def _closed(cursor: duckdb.DuckDBPyConnection, run: Run, who: _Who) -> _Own | None:
    """Take in who shares a link over midnight or a view id with them, until all rows are theirs alone."""
    visitors, nameless = pl.concat([who.told, who.closing]).unique(), who.nameless.unique()
    for _ in range(PASSES):
        visitors, after, before = _linked(visitors, who.links, run)
        views = some_views(cursor, run, visitors, after, nameless)
        same = _same_views(cursor, run, views["view_id"], nameless)
        on_day = pl.col("day_local") == run.period.first
        unnamed = same.filter(on_day & pl.col("visitor").is_null())["view_id"]
        others = same.filter(on_day)["visitor"].drop_nulls()
        crossers = same.filter(~on_day).join(who.links, on=["day_local", "visitor"])["visitor_prev"]
        wider = pl.concat([visitors, others, crossers]).unique()
        if wider.len() == visitors.len() and unnamed.is_in(nameless.implode()).all():
            return _Own(visitors, nameless, after, before, views)
        visitors, nameless = wider, pl.concat([nameless, unnamed]).unique()
    return None


def _linked(visitors: pl.Series, links: pl.DataFrame, run: Run) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Give the visitors with all who share a hash of the day before or after, and these hashes."""
    on_day = pl.col("day_local") == run.period.first
    here, there = links.filter(on_day), links.filter(~on_day)
    while True:
        before = here.filter(pl.col("visitor").is_in(visitors.implode()))["visitor_prev"].unique()
        after = there.filter(pl.col("visitor_prev").is_in(visitors.implode()))["visitor"].unique()
        more = (
            here.filter(pl.col("visitor_prev").is_in(before.implode()))["visitor"],
            there.filter(pl.col("visitor").is_in(after.implode()))["visitor_prev"],
        )
        wider = pl.concat([visitors, *more]).unique()
        if wider.len() == visitors.len():
            return visitors, after, before
        visitors = wider


def _same_views(
    cursor: duckdb.DuckDBPyConnection, run: Run, views: pl.Series, nameless: pl.Series
) -> pl.DataFrame:
    """Find whose the rows of some view ids are: day_local, visitor, view_id."""
    lend(cursor, "own_views", pl.concat([views.cast(pl.String), nameless.cast(pl.String)]).unique())
    return ask(
        cursor,
        f"""
        SELECT day_local, visitor, view_id FROM page_views
        WHERE day_local BETWEEN {literal(run.period.first)} AND {literal(run.period.last + DAY)}
            AND view_id IN (FROM own_views) AND site_id = $site
        """,
        site=run.site_id,
    )


def _are_many(cursor: duckdb.DuckDBPyConnection, run: Run, own: _Own) -> bool:
    """Say whether they are so many that the whole day is sooner counted."""
    if own.visitors.len() + own.nameless.len() <= FEW:
        return False
    all_ = ask(
        cursor,
        "SELECT count(*) AS n FROM view_facts WHERE day_local = $first AND site_id = $site",
        **run.values(),
    )["n"][0]
    return bool(5 * own.views.height > all_)


# --- what stands there -------------------------------------------------------------------------------------


def _former(cursor: duckdb.DuckDBPyConnection, run: Run, own: _Own) -> Frames:
    """Read their facts, sessions and what they left open as it stands there, each row with its `place`."""
    day = literal(run.period.first)
    places = [theirs("view_facts", run.period.first)]
    if own.nameless.len():
        places.append(theirs("view_facts", run.period.first, NOBODYS))
    views = ask(
        cursor,
        f"""
        SELECT rowid AS place, * EXCLUDE (site_id) FROM view_facts
        WHERE site_id = $site AND rowid IN ({" UNION ALL ".join(places)})
        """,
        site=run.site_id,
    )
    carry = ask(
        cursor,
        f"""
        SELECT rowid AS place, * EXCLUDE (site_id) FROM session_carry
        WHERE site_id = $site AND day_local = {day} AND visitor IN (FROM own)
        """,
        site=run.site_id,
    )
    # Their first views lie among these.
    first, last = views["event_at"].min(), views["event_at"].max()
    near = f"AND first_view_at BETWEEN TIMESTAMP '{first!s}' AND TIMESTAMP '{last!s}'" if views.height else ""
    lend(cursor, "own_sessions", views["session_id"].unique().drop_nulls())
    visits = ask(
        cursor,
        f"""
        SELECT rowid AS place, * EXCLUDE (site_id) FROM sessions WHERE site_id = $site AND rowid IN (
            SELECT rowid FROM sessions WHERE day_local = {day} {near}
                AND session_id IN (FROM own_sessions))
        """,
        site=run.site_id,
    )
    return {"view_facts": views, "sessions": visits, "session_carry": carry}


def _sums(former: Frames, frames: Frames, read: Read) -> Frames:
    """Sum up what they gave to the sums as they stand there, as of another day, and what they give now."""
    began = former["sessions"].select("session_id", session_day=_FORMERLY)
    views = coded(former["view_facts"].drop("place")).join(began, on="session_id", how="left")
    visits = former["sessions"].drop("place").with_columns(pl.col("^entry_.*$").cast(pl.Categorical))
    of_views, of_visits = (
        pl.concat(
            [made.select(stood.columns), stood.with_columns(day_local=_FORMERLY)], how="vertical_relaxed"
        )
        for made, stood in ((frames["view_facts"], views), (frames["sessions"], visits))
    )
    return sums(of_views, of_visits, read)


def _move(cursor: duckdb.DuckDBPyConnection, run: Run, table: str, given: pl.DataFrame) -> None:
    """Move the sums that stand there by the difference between what they gave and what they give.

    Raises:
        _WrongError: One would fall below nothing.
    """
    keys, shape = _KEYS[table], columns()[table]
    names = [name for name in shape if name not in keys]
    texts = [pl.col(key).cast(pl.String) for key in keys if shape[key] == "VARCHAR"]
    sign = pl.when(pl.col("day_local") == _FORMERLY).then(-1).otherwise(1)
    difference = (
        given.lazy()
        .with_columns(*texts, pl.col(names) * sign, day_local=pl.lit(run.period.first))
        .group_by(keys)
        .agg(pl.col(names).sum())
        .filter(pl.any_horizontal(pl.col(names) != 0))
        .collect()
    )
    if difference.is_empty():
        return
    lend(cursor, "difference", difference.select(keys))
    same = " AND ".join(f"t.{key} IS NOT DISTINCT FROM d.{key}" for key in keys if key != "day_local")
    stood = ask(
        cursor,
        f"""
        DELETE FROM {table} AS t USING difference AS d
        WHERE {same} AND t.day_local = {literal(run.period.first)} AND t.site_id = $site
        RETURNING {", ".join((*keys, *names))}
        """,
        site=run.site_id,
    )
    rows = (
        pl.concat([stood, difference.select(*keys, *names)], how="vertical_relaxed")
        .lazy()
        .group_by(keys)
        .agg(pl.col(names).sum())
        .collect()
    )
    if rows.select(pl.any_horizontal(pl.col(names) < 0).any()).item():
        raise _WrongError
    _insert(cursor, run, table, rows.filter(pl.col(_STANDS.get(table, "page_loads")) > 0))


# --- what takes its place ----------------------------------------------------------------------------------


def _put(
    cursor: duckdb.DuckDBPyConnection, run: Run, table: str, former: pl.DataFrame, rows: pl.DataFrame
) -> None:
    """Put rows in the place of those that stand there; what did not change stays."""
    names = rows.columns
    rows = rows.cast(former.drop("place").schema)
    stale = former.join(rows, on=names, how="anti", nulls_equal=True)
    if stale.height:
        lend(cursor, "stale", stale["place"])
        cursor.execute(f"DELETE FROM {table} WHERE rowid IN (FROM stale)")
    _insert(cursor, run, table, rows.join(former, on=names, how="anti", nulls_equal=True))


def _insert(cursor: duckdb.DuckDBPyConnection, run: Run, table: str, rows: pl.DataFrame) -> None:
    if rows.height:
        names, order = ", ".join(rows.columns), ORDER.get(table)
        lend(cursor, "counted", rows.sort(order) if order else rows)
        cursor.execute(
            f"INSERT INTO {table} (site_id, {names}) SELECT $site, {names} FROM counted",
            {"site": run.site_id},
        )


def _settle(
    cursor: duckdb.DuckDBPyConnection, run: Run, counted: Counted, own: _Own, now: dt.datetime
) -> None:
    """Write down that the day was counted, and clear its marks."""
    values = {"site": run.site_id, "day": run.period.first}
    cursor.execute(
        """
        UPDATE rolled_days SET rolled_at = $now, sealed_at = NULL,
            -- What is open of the others stays so until then; once that is past, none of them is.
            open_until = greatest(CASE WHEN open_until >= $now THEN open_until END, $open::TIMESTAMP),
            continued = CASE WHEN $crossed THEN '?' ELSE continued END
        WHERE site_id = $site AND day_local = $day
        """,
        {
            **values,
            "now": now,
            "open": counted.rolled["open_until"][0],
            "crossed": own.next.len() > 0,
        },
    )
    for marks in ("dirty_hours", "dirty_parts"):
        cursor.execute(f"DELETE FROM {marks} WHERE site_id = $site AND day_local = $day", values)
    mark_days(cursor, run.period.first, run.period.last)


def _mark_neighbours(
    cursor: duckdb.DuckDBPyConnection, run: Run, who: _Who, own: _Own, former: Frames, frames: Frames
) -> None:
    """Mark who goes on over a midnight: the day before reads our rows, the day after what we leave open."""
    here = who.links.filter(pl.col("day_local") == run.period.first)
    came = here.filter(pl.col("visitor").is_in(who.told.implode()))["visitor_prev"].unique()
    _mark_visitors(cursor, run, run.period.first - DAY, came)
    if own.next.len() and not _left_open(former).equals(_left_open(frames)):
        _mark_visitors(cursor, run, run.period.last + DAY, own.next)


def _left_open(frames: Frames) -> pl.DataFrame:
    """Give who is open at the end of the day, with what they viewed: the day after tells repeats by it."""
    carry = frames["session_carry"].select("visitor", "chain_id", "chain_began", "last_at")
    views = frames["view_facts"].select(
        "visitor", "event_at", "view_id", pl.col("article_id").cast(pl.String)
    )
    found = carry.join(views, on="visitor", how="left")
    return found.sort(found.columns)


def _mark_visitors(cursor: duckdb.DuckDBPyConnection, run: Run, day: dt.date, visitors: pl.Series) -> None:
    """Mark visitors of a day that has been counted before; one that has not is dirty already or empty."""
    if visitors.is_empty():
        return
    values = {"site": run.site_id, "day": day}
    rolled = "FROM rolled_days AS r WHERE r.site_id = $site AND r.day_local = $day"
    gen = ask(cursor, "SELECT nextval('load_gen') AS gen")["gen"][0]
    cursor.execute(
        f"INSERT INTO dirty_hours SELECT site_id, $begins, day_local, $gen {rolled}",
        {**values, "gen": gen, "begins": Period(day, day, run.period.zone).begins},
    )
    lend(cursor, "marked", visitors.alias("visitor"))
    cursor.execute(
        """
        INSERT INTO dirty_parts
        SELECT r.site_id, r.day_local, 'visitor', m.visitor, NULL, $gen
        FROM rolled_days AS r, marked AS m
        WHERE r.site_id = $site AND r.day_local = $day
        """,
        {**values, "gen": gen},
    )
