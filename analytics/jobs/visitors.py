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
from analytics.jobs.facts import BEACON_AGE, EARLY
from analytics.jobs.reading import DAY, Run, Some, lent, read_some
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
        views: `place`, `day_local`, `view_id`, `event_at` of rows of page_views.
    """

    visitors: pl.Series
    nameless: pl.Series
    next: pl.Series
    before: pl.Series
    views: pl.DataFrame


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
    with store.write(changed) as cursor:
        who = _who(cursor, run, now)
        own = _closed(cursor, run, who) if who else None
        if who is None or own is None or _are_many(cursor, run, own):
            return None
        former = _former(cursor, run, own)
        articles = former["view_facts"].select("article_id").unique()
        read = read_some(
            cursor,
            run,
            Some(
                own.views.select("place"),
                _beacons(cursor, run, own),
                own.before.to_frame("visitor"),
                articles,
                states="comments" in who.talk,
                steps="boxes" in who.talk,
            ),
        )
        counted = counting.count(read, run, now)
        before = _old_sums(former, run, read.authors, read.topics)
        moved = [_moved(cursor, run, table, before[table], counted.frames[table]) for table in _KEYS]
        if None in moved:
            return None  # what stands there is less than what they gave to it: it is wrong, and made anew
        for table, rows in former.items():
            _put(cursor, run, table, rows, counted.frames[table].select(rows.columns[1:]))
        for each in moved:
            if each is not None:
                _write(cursor, run, *each)
        for table in ("comment_facts", "box_facts"):
            if table in counted.frames:
                replace_day(cursor, run, table, counted.frames[table])
        _settle(cursor, run, counted, own, now)
        _mark_neighbours(cursor, run, who, own, former, counted.frames)
        changed.append(Days(run.site_id, run.period.first, run.period.last))
        return counted.frames["view_facts"].height


# --- who ---------------------------------------------------------------------------------------------------


def _who(cursor: duckdb.DuckDBPyConnection, run: Run, now: dt.datetime) -> _Who | None:
    """Read who changed; None where the marks do not say, or the day was not counted by this definition."""
    gap = dt.timedelta(minutes=run.settings.session_gap_min)
    values = run.values() | {"now": now, "gap": gap}
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
            WHERE day_local = {_day(run)} AND is_exit IS NULL AND session_id IS NOT NULL AND site_id = $site
        ) AS f LEFT JOIN (
            -- What was open at the last recount had its last event at most a gap before it.
            SELECT session_id, first_view_at, last_at FROM sessions
            WHERE day_local BETWEEN {_day(run, -DAY)} AND {_day(run)} AND site_id = $site
                AND last_at >= $since) AS s USING (session_id)
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
    days = f"day_local BETWEEN {_day(run)} AND {_day(run, DAY)}"
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
        views = _views(cursor, run, visitors, after)
        same = _same_views(cursor, run, views, nameless)
        on_day = pl.col("day_local") == run.period.first
        unnamed = same.filter(on_day & pl.col("visitor").is_null())
        others = same.filter(on_day)["visitor"].drop_nulls()
        crossers = same.filter(~on_day).join(who.links, on=["day_local", "visitor"])["visitor_prev"]
        wider = pl.concat([visitors, others, crossers]).unique()
        if wider.len() == visitors.len() and unnamed["view_id"].is_in(nameless.implode()).all():
            kept = unnamed.filter(pl.col("view_id").is_in(nameless.implode()))
            rows = ["place", "day_local", "view_id", "event_at"]
            return _Own(visitors, nameless, after, before, pl.concat([views.select(rows), kept.select(rows)]))
        visitors, nameless = wider, pl.concat([nameless, unnamed["view_id"]]).unique()
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


def _views(
    cursor: duckdb.DuckDBPyConnection, run: Run, visitors: pl.Series, after: pl.Series
) -> pl.DataFrame:
    """Find the views of visitors of the day and of the day after."""
    return _places(cursor, run, "page_views", "visitor, view_id, event_at", visitors, after)


def _places(
    cursor: duckdb.DuckDBPyConnection,
    run: Run,
    table: str,
    picks: str,
    visitors: pl.Series,
    after: pl.Series,
) -> pl.DataFrame:
    """Find the rows of visitors of the day and of the day after: place, day_local and what is picked."""
    questions = []
    with (
        lent(cursor, "own", visitors.to_frame("visitor")),
        lent(cursor, "own_next", after.to_frame("visitor")),
    ):
        for day, own in ((_day(run), "own"), (_day(run, DAY), "own_next")):
            # Looked for by one column first: all others of a day are more to read than the rest of a recount.
            theirs = (
                f"SELECT rowid FROM {table} WHERE day_local = {day} "
                f"AND visitor IN (SELECT visitor FROM {own})"
            )
            questions.append(
                f"SELECT rowid AS place, day_local, {picks} FROM {table} "
                f"WHERE site_id = $site AND rowid IN ({theirs})"
            )
        kept = questions if after.len() else questions[:1]
        return ask(cursor, " UNION ALL ".join(kept), site=run.site_id)


def _same_views(
    cursor: duckdb.DuckDBPyConnection, run: Run, views: pl.DataFrame, nameless: pl.Series
) -> pl.DataFrame:
    """Find all rows of the ids of some views: place, day_local, visitor, view_id, event_at."""
    ids = pl.concat([views["view_id"].cast(pl.String), nameless.cast(pl.String)]).unique()
    with lent(cursor, "own_ids", ids.to_frame("view_id")):
        return ask(
            cursor,
            f"""
            SELECT rowid AS place, day_local, visitor, view_id, event_at FROM page_views
            WHERE day_local BETWEEN {_day(run)} AND {_day(run, DAY)}
                AND view_id IN (SELECT view_id FROM own_ids) AND site_id = $site
            """,
            site=run.site_id,
        )


def _beacons(cursor: duckdb.DuckDBPyConnection, run: Run, own: _Own) -> pl.DataFrame:
    """Find the beacons of the visitors, and whoever sent them those of their views: place, is_activity."""
    signs = _places(cursor, run, "engagements", "event_at", own.visitors, own.next).select(
        "place", is_activity=pl.lit(value=True)
    )
    first, last = own.views["event_at"].min(), own.views["event_at"].max()
    if not isinstance(first, dt.datetime) or not isinstance(last, dt.datetime):
        return signs
    with lent(cursor, "own_ids", own.views.select("view_id").unique()):
        told = ask(
            cursor,
            f"""
            SELECT rowid AS place, false AS is_activity FROM engagements
            WHERE event_at BETWEEN TIMESTAMP '{first - EARLY}' AND TIMESTAMP '{last + BEACON_AGE}'
                AND view_id IN (SELECT view_id FROM own_ids) AND site_id = $site
            """,
            site=run.site_id,
        )
    return pl.concat([signs, told]).group_by("place").agg(pl.col("is_activity").any())


def _are_many(cursor: duckdb.DuckDBPyConnection, run: Run, own: _Own) -> bool:
    """Say whether they are so many that the whole day is sooner counted."""
    if own.visitors.len() + own.nameless.len() <= FEW:
        return False
    all_ = ask(
        cursor,
        f"SELECT count(*) AS n FROM view_facts WHERE day_local = {_day(run)} AND site_id = $site",
        site=run.site_id,
    )["n"][0]
    return bool(5 * own.views.height > all_)


def _day(run: Run, off: dt.timedelta = dt.timedelta()) -> str:
    """Write a day as a literal, by which the store skips all others."""
    return f"DATE '{run.period.first + off}'"


# --- what stands there -------------------------------------------------------------------------------------


def _former(cursor: duckdb.DuckDBPyConnection, run: Run, own: _Own) -> Frames:
    """Read their facts, sessions and what they left open as it stands there, each row with its `place`."""
    day, site = _day(run), {"site": run.site_id}
    with (
        lent(cursor, "own", own.visitors.to_frame("visitor")),
        lent(cursor, "own_ids", own.nameless.cast(pl.String).to_frame("view_id")),
    ):
        nobodys = (
            f" UNION ALL SELECT rowid FROM view_facts WHERE day_local = {day} AND visitor IS NULL "
            "AND view_id IN (SELECT view_id FROM own_ids)"
        )
        views = ask(
            cursor,
            f"""
            SELECT rowid AS place, * EXCLUDE (site_id) FROM view_facts WHERE site_id = $site AND rowid IN (
                SELECT rowid FROM view_facts WHERE day_local = {day} AND visitor IN (SELECT visitor FROM own)
                {nobodys if own.nameless.len() else ""})
            """,
            **site,
        )
        carry = ask(
            cursor,
            f"""
            SELECT rowid AS place, * EXCLUDE (site_id) FROM session_carry
            WHERE site_id = $site AND day_local = {day} AND visitor IN (SELECT visitor FROM own)
            """,
            **site,
        )
    with lent(cursor, "own_sessions", views.select("session_id").unique().drop_nulls()):
        visits = ask(
            cursor,
            f"""
            SELECT rowid AS place, * EXCLUDE (site_id) FROM sessions WHERE site_id = $site AND rowid IN (
                SELECT rowid FROM sessions WHERE day_local = {day}
                    AND session_id IN (SELECT session_id FROM own_sessions))
            """,
            **site,
        )
    return {"view_facts": views, "sessions": visits, "session_carry": carry}


def _old_sums(former: Frames, run: Run, authors: pl.DataFrame, topics: pl.DataFrame) -> Frames:
    """Sum up what they gave to the sums as they stand there."""
    visits = former["sessions"].with_columns(pl.col("^entry_.*$").cast(pl.Categorical))
    return sums(coded(former["view_facts"]), visits, run, authors, topics)


def _moved(
    cursor: duckdb.DuckDBPyConnection, run: Run, table: str, before: pl.DataFrame, after: pl.DataFrame
) -> tuple[str, pl.Series, pl.DataFrame] | None:
    """Move the sums that stand there by the difference.

    Returns:
        The table, the places that go, and rows in their place; None where a sum would fall below nothing.
    """
    keys, shape = _KEYS[table], columns()[table]
    names = [name for name in shape if name not in keys]
    texts = [pl.col(key).cast(pl.String) if shape[key] == "VARCHAR" else pl.col(key) for key in keys]
    difference = (
        pl.concat(
            [after.select(*texts, *names), before.select(*texts, *(-pl.col(name) for name in names))],
            how="vertical_relaxed",
        )
        .group_by(keys)
        .agg(pl.col(names).sum())
        .filter(pl.any_horizontal(pl.col(names) != 0))
    )
    if difference.is_empty():
        return table, pl.Series("place", [], dtype=pl.Int64()), difference
    same = " AND ".join(f"t.{key} IS NOT DISTINCT FROM d.{key}" for key in keys if key != "day_local")
    with lent(cursor, "difference", difference):
        stored = ask(
            cursor,
            f"""
            SELECT t.rowid AS place, {", ".join(f"t.{name}" for name in (*keys, *names))}
            FROM {table} AS t JOIN difference AS d ON {same}
            WHERE t.day_local = {_day(run)} AND t.site_id = $site
            """,
            site=run.site_id,
        )
    rows = (
        pl.concat([stored.drop("place"), difference.select(*keys, *names)], how="vertical_relaxed")
        .group_by(keys)
        .agg(pl.col(names).sum())
    )
    if rows.select(pl.any_horizontal(pl.col(names) < 0).any()).item():
        return None
    return table, stored["place"], rows.filter(pl.col(_STANDS.get(table, "page_loads")) > 0)


# --- what takes its place ----------------------------------------------------------------------------------


def _put(
    cursor: duckdb.DuckDBPyConnection, run: Run, table: str, former: pl.DataFrame, rows: pl.DataFrame
) -> None:
    """Put rows in the place of those that stand there; what did not change stays."""
    names = rows.columns
    rows = rows.cast(former.drop("place").schema)
    stale = former.join(rows, on=names, how="anti", nulls_equal=True)
    _write(cursor, run, table, stale["place"], rows.join(former, on=names, how="anti", nulls_equal=True))


def _write(
    cursor: duckdb.DuckDBPyConnection, run: Run, table: str, places: pl.Series, rows: pl.DataFrame
) -> None:
    if places.len():
        with lent(cursor, "stale", places.to_frame("place")):
            cursor.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT place FROM stale)")
    if rows.height:
        names, order = ", ".join(rows.columns), ORDER.get(table)
        with lent(cursor, "counted", rows.sort(order) if order else rows):
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
    with lent(cursor, "marked", visitors.to_frame("visitor")):
        cursor.execute(
            "INSERT INTO dirty_parts SELECT r.site_id, r.day_local, 'visitor', m.visitor, NULL, $gen "
            "FROM rolled_days AS r, marked AS m WHERE r.site_id = $site AND r.day_local = $day",
            {**values, "gen": gen},
        )
