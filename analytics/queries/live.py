"""What is going on right now, from the events themselves: facts are some seconds behind, a live page is not.

One snapshot answers a whole page with four questions. Each names its bounds in time as literals, so that
the store skips all rows but the latest: what it costs follows the last hour and never the history.

Two things are simpler than in the facts, and come to the same: a view is a repeat when its visitor saw the
article less than the session gap before, for such views are of one session; and time is folded per view
without asking what session it belongs to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import duckdb
import polars as pl

from analytics.metrics import FEW_N, FormulaSettings
from analytics.periods import day_begins, local_day
from analytics.queries import corrections, typical
from analytics.queries.ask import refuse_calm
from analytics.queries.coverage import STILL_LIVE, Coverage, coverage
from analytics.queries.typical import Band
from analytics.store import sites
from analytics.store.store import Store, ask

Minutes = Literal[10, 30, 60]
WINDOWS: tuple[Minutes, ...] = (30, 10, 60)  # the first is the default
ON_SITE = dt.timedelta(minutes=5)  # metrics.md 5: on_site
READING = dt.timedelta(seconds=60)  # metrics.md 5: reading_now
HALF_MIN = 15  # metrics.md 7: velocity
RISING, FALLING = 1.5, 0.67  # metrics.md 7: velocity
QUIET_UNDER, QUIET_MIN, QUIET_STEP = 10, 240, 5  # pages.md 2.2: quiet hours
HOUR = dt.timedelta(hours=1)
USUAL_S = 60.0  # what is typical of a minute is asked once in it
EARLY = dt.timedelta(minutes=5)  # the clock of a beacon may be so far behind that of its view
TIMED = ("tearsheet",)  # formats whose beacons come on a timer; Plausible's come when the page is hidden

_NO_BEACON = "NULL AS view_id, NULL AS ms, NULL AS mode"
EVENTS = {
    "engagements": "e.view_id, e.engaged_ms AS ms, e.engaged_mode AS mode",
    **dict.fromkeys(("page_views", "interactions", "comment_states"), _NO_BEACON),
}
_LINKED = """linked AS (
            SELECT visitor, any_value(visitor_prev) AS prev FROM {0}
            WHERE visitor_prev IS NOT NULL GROUP BY visitor)"""


@dataclass(frozen=True, slots=True)
class Question:
    """What is watched.

    Attributes:
        site_id: The site.
        zone: Its zone.
        section: Sections to keep; a leading `!` leaves one out; empty keeps all.
        window_min: Length of the lists.
        most: Articles in each list.
    """

    site_id: str
    zone: str
    section: tuple[str, ...] = ()
    window_min: Minutes = 30
    most: int = 12

    def __post_init__(self) -> None:
        refuse_calm(self.site_id, "Live numbers are")


@dataclass(frozen=True, slots=True)
class Peak:
    """The most people at once of a day so far: how many, and when, naive UTC."""

    people: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Comments:
    """Comments now: written in the last hour, waiting for a decision, and since when the oldest waits."""

    last_hour: int
    pending: int
    oldest: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A site at one instant.

    Attributes:
        as_of: The instant, naive UTC.
        on_site: Visitors with any event of the last 5 min; None where no source is live.
        reading_now: Those whose engaged time grew in the last 60 s; None where nothing beacons on a timer.
        began: Where the lists begin, naive UTC.
        step_min: Minutes of one bar.
        is_quiet: Fewer than 10 on site, so the lists are of 4 h.
        articles: id, title, section, published_at (naive UTC), fresh_views, reads (null: not measured),
            last_15, before_15, velocity (null where both together are few), mark ("above", "below" or null),
            channel (of most views), channel_share, bars (fresh views a step, oldest first); most first.
        count: Articles viewed in the window.
        bars: Views of all articles a step, oldest first.
        channels: channel, views; most first.
        published: Of today, newest first: id, title, section, published_at, views, reads (null: unknown).
        published_count: How many there are.
        comments: None where no source of comments is connected.
    """

    as_of: dt.datetime
    on_site: int | None
    reading_now: int | None
    began: dt.datetime
    step_min: int
    is_quiet: bool
    articles: pl.DataFrame
    count: int
    bars: tuple[int, ...]
    channels: pl.DataFrame
    published: pl.DataFrame
    published_count: int
    comments: Comments | None


def snapshot(store: Store, asked: Question, now: dt.datetime) -> Snapshot:
    """Look at a site.

    Args:
        store: The open store.
        asked: What is watched.
        now: Naive UTC; nothing later counts.
    """
    known = coverage(store, asked.site_id, now)
    settings = _settings(store, asked.site_id, local_day(now, asked.zone))
    hidden = corrections.excluded(store, asked.site_id)
    with store.read() as cursor:
        on_site, reading = _people(cursor, asked, now)
        is_live = known.views is not None and known.views[1] >= now
        is_quiet = on_site < QUIET_UNDER
        minutes = QUIET_MIN if is_quiet else asked.window_min
        step = QUIET_STEP if is_quiet else 1
        began = now - dt.timedelta(minutes=minutes)
        seen = _seen(cursor, asked, settings, now, minutes)
        inside = seen.filter(pl.col("ago") < minutes)
        best = _best(seen, inside.filter(~pl.col("article_id").is_in(hidden)), minutes, step, asked.most)
        published, published_count = _published(cursor, asked, hidden, now)
        return Snapshot(
            as_of=now,
            on_site=on_site if is_live else None,
            reading_now=reading if is_live and _is_timed(cursor, asked.site_id, now) else None,
            began=began,
            step_min=step,
            is_quiet=is_quiet,
            articles=_named(cursor, asked.site_id, best),
            count=inside["article_id"].n_unique(),
            bars=_bars(inside, "views", minutes, step),
            channels=_channels(inside),
            published=published,
            published_count=published_count,
            comments=_comments(cursor, asked, known, now),
        )


def peak(store: Store, asked: Question, now: dt.datetime) -> Peak | None:
    """Find the minute of the local day at whose end most people were on the site, counted as `on_site` is.

    By when events happened, like `usually`. Whole hours are counted once in an hour, the running one once a
    minute.

    Args:
        store: The open store.
        asked: What is watched; site and section count.
        now: Naive UTC.

    Returns:
        The first of the highest; None where nobody was there.
    """
    midnight = day_begins(local_day(now, asked.zone), asked.zone)
    hour = midnight + (now - midnight) // HOUR * HOUR

    def most(begins: dt.datetime, ends: dt.datetime) -> Peak | None:
        with store.read() as cursor:
            found = ask(cursor, _peak_question(asked, midnight, begins, ends), **values_of(asked))
        return Peak(*found.row(0)) if found.height else None

    key = ("peak", asked.site_id, asked.section, hour)
    past = store.memo(key, lambda: most(midnight, hour), HOUR.total_seconds())
    running = store.memo((*key, "now"), lambda: most(hour, now), USUAL_S)
    return max((each for each in (past, running) if each), key=lambda each: each.people, default=None)


def _peak_question(asked: Question, midnight: dt.datetime, begins: dt.datetime, ends: dt.datetime) -> str:
    """Write the question for the fullest minute after `begins`, up to `ends`: `people` and when it `ended`.

    Nobody of the day before counts, who would have another hash.
    """
    join, kept = _of_section(asked.section, "e.article_id")
    after = max(midnight, begins - ON_SITE)
    events = " UNION ALL ".join(
        f"""
        SELECT e.visitor, date_trunc('minute', e.event_at) AS minute FROM {table} AS e {join}
        WHERE e.site_id = $site AND e.visitor IS NOT NULL AND {_between("e.event_at", after, ends)} {kept}
        """
        for table in EVENTS
    )
    minutes = ON_SITE // dt.timedelta(minutes=1)
    return f"""
        WITH seen AS (SELECT DISTINCT visitor, minute FROM ({events})),
        there AS (
            SELECT visitor, minute + to_minutes(step + 1) AS ended
            FROM seen CROSS JOIN range({minutes}) AS steps(step))
        SELECT count(DISTINCT visitor)::BIGINT AS people, ended
        FROM there WHERE {_between("ended", begins, ends)}
        GROUP BY ended ORDER BY people DESC, ended LIMIT 1
        """


def usually(store: Store, asked: Question, now: dt.datetime) -> Band | None:
    """Say how many are typically on the site at this minute of this weekday.

    Counted as `on_site` is, on up to eight same weekdays before, by when events happened: of an import all
    arrived at once. Asked once a minute, however many watch.

    Args:
        store: The open store.
        asked: What is watched; site and section count.
        now: Naive UTC.

    Returns:
        The band; None with fewer than four weekdays.
    """

    def counted() -> Band | None:
        times = typical.same_times(store, asked.site_id, asked.zone, now)
        with store.read() as cursor:
            return typical.band_of([_people(cursor, asked, each, "event_at")[0] for each in times])

    return store.memo(("usually on site", asked.site_id, asked.section), counted, USUAL_S)


def on_site(store: Store, site: str, zone: str, now: dt.datetime) -> int | None:
    """Count the people on a site as `snapshot` does, without its lists; None where no source is live."""
    asked = Question(site, zone)
    known = coverage(store, site, now)
    if known.views is None or known.views[1] < now:
        return None
    with store.read() as cursor:
        return _people(cursor, asked, now)[0]


def _settings(store: Store, site: str, today: dt.date) -> FormulaSettings:
    versions = store.memo("definitions", lambda: sites.definitions(store)).get(site, [])
    return next((each.settings for each in reversed(versions) if each.from_day <= today), FormulaSettings())


def _people(
    cursor: duckdb.DuckDBPyConnection, asked: Question, now: dt.datetime, clock: str = "received_at"
) -> tuple[int, int]:
    """Count visitors on the site, and those of them who read."""
    row = ask(cursor, people_question(asked, now, clock), **values_of(asked))
    return int(row["on_site"][0]), int(row["reading"][0])


def people_question(asked: Question, now: dt.datetime, clock: str = "received_at") -> str:
    """Write the question for who is on the site and who of them reads: `on_site` and `reading`.

    Whoever was here before and after local midnight has two hashes: the later event names the earlier one.
    """
    join, kept = _of_section(asked.section, "e.article_id")
    events = " UNION ALL ".join(
        f"""
        SELECT e.visitor, e.visitor_prev, e.{clock}, {columns} FROM {table} AS e {join}
        WHERE e.site_id = $site AND {_between(f"e.{clock}", now - ON_SITE, now)} {kept}
        """
        for table, columns in EVENTS.items()
    )
    fresh = f"e.{clock} > {_at(now - READING)}"
    return f"""
        WITH e AS MATERIALIZED ({events}),
        {_LINKED.format("e")},
        reading AS (
            -- Time that grew is reading; a beacon that tells nothing new is not.
            SELECT any_value(visitor) AS visitor,
                coalesce(max(ms) FILTER (mode = 'max' AND {fresh}), 0)
                    > coalesce(max(ms) FILTER (mode = 'max' AND NOT {fresh}), 0)
                OR coalesce(sum(ms) FILTER (mode = 'sum' AND {fresh}), 0) > 0
                OR count(*) FILTER (mode = 'ping' AND {fresh}) > 0 AS grew
            FROM e WHERE mode IS NOT NULL GROUP BY coalesce(view_id, visitor::VARCHAR)),
        people AS (
            SELECT coalesce(l.prev, p.visitor) AS visitor, p.grew
            FROM (SELECT visitor, false AS grew FROM e UNION ALL FROM reading) AS p
            LEFT JOIN linked AS l USING (visitor))
        SELECT count(DISTINCT visitor)::BIGINT AS on_site,
            count(DISTINCT visitor) FILTER (grew)::BIGINT AS reading FROM people
        """


def events_question(asked: Question, now: dt.datetime, span: dt.timedelta, tables: Iterable[str]) -> str:
    """Write the question for how many events of a span there are, and how many of them name a visitor."""
    join, kept = _of_section(asked.section, "e.article_id")
    events = " UNION ALL ".join(
        f"""
        SELECT e.visitor FROM {table} AS e {join}
        WHERE e.site_id = $site AND {_between("e.received_at", now - span, now)} {kept}
        """
        for table in tables
    )
    return f"SELECT count(*)::BIGINT AS stored, count(visitor)::BIGINT AS used FROM ({events})"


def values_of(asked: Question) -> dict[str, Any]:
    """Give the values of `people_question`."""
    return {"site": asked.site_id, **_sections(asked.section)}


def _is_timed(cursor: duckdb.DuckDBPyConnection, site: str, now: dt.datetime) -> bool:
    """Tell whether some live source beacons on a timer: else nobody can be known to read right now."""
    found = ask(
        cursor,
        """
        SELECT count(*) FILTER (list_contains($timed, format)) > 0 AS is_timed FROM sources
        WHERE site_id = $site AND kind = 'views' AND last_at > $since
        """,
        site=site,
        timed=list(TIMED),
        since=now - STILL_LIVE,
    )
    return bool(found["is_timed"][0])


def _seen(
    cursor: duckdb.DuckDBPyConnection,
    asked: Question,
    settings: FormulaSettings,
    now: dt.datetime,
    minutes: int,
) -> pl.DataFrame:
    """Count the views of the window, and of half an hour at least, for velocity looks back so far.

    Returns:
        article_id, channel, ago (whole minutes before now), views, fresh, reads, known (views of which we
        know whether they are reads).
    """
    gap = dt.timedelta(minutes=settings.session_gap_min)
    began = now - dt.timedelta(minutes=max(minutes, 2 * HALF_MIN))
    _, kept = _of_section(asked.section, "")
    acts = "f.acts IS NOT NULL" if settings.require_acts == "always" else "true"
    return ask(
        cursor,
        f"""
        WITH v AS MATERIALIZED (
            SELECT coalesce(s.article_id, v.article_id) AS article_id, v.view_id, v.event_at, v.visitor,
                v.visitor_prev, v.channel, v.signal, v.format
            FROM page_views AS v
            LEFT JOIN article_aliases AS s ON s.site_id = $site AND s.alias = v.article_id
            WHERE v.site_id = $site AND v.article_id IS NOT NULL
                AND {_between("v.event_at", began - gap, now)}),
        {_LINKED.format("v")},
        marked AS (
            SELECT v.*, v.visitor IS NOT NULL AND coalesce(v.event_at - lag(v.event_at) OVER (
                PARTITION BY v.article_id, coalesce(l.prev, v.visitor) ORDER BY v.event_at)
                < to_minutes($gap_min), false) AS is_repeat
            FROM v LEFT JOIN linked AS l USING (visitor)),
        folded AS (
            SELECT view_id, max(acts) AS acts, max(received_at) AS heard_at, coalesce(
                max(engaged_ms) FILTER (engaged_mode = 'max'),
                sum(engaged_ms) FILTER (engaged_mode = 'sum')) AS engaged_ms
            FROM engagements
            WHERE site_id = $site AND view_id IS NOT NULL AND {_between("event_at", began - EARLY, now)}
            GROUP BY view_id),
        told AS (
            SELECT m.article_id, m.channel, m.is_repeat,
                datediff('microsecond', m.event_at, {_at(now)}) // 60000000 AS ago,
                CASE WHEN m.signal <> 'none' AND {acts} THEN
                    -- Nobody reads longer than the time since the view; imports have no arrival to tell by.
                    coalesce(least(f.engaged_ms, 1000 * $cap_s, CASE WHEN m.format NOT LIKE 'import:%' THEN
                        1000 + datediff('millisecond', m.event_at, f.heard_at) END) >= 1000 * $read_s, false)
                    AND (coalesce(f.acts, 0) >= 1 OR (f.acts IS NULL AND m.signal = 'time')) END AS is_read
            FROM marked AS m LEFT JOIN folded AS f USING (view_id) WHERE m.event_at > {_at(began)})
        SELECT t.article_id, t.channel, t.ago, count(*)::BIGINT AS views,
            count(*) FILTER (NOT t.is_repeat)::BIGINT AS fresh, count(*) FILTER (t.is_read)::BIGINT AS reads,
            count(t.is_read)::BIGINT AS known
        FROM told AS t LEFT JOIN articles AS a ON a.site_id = $site AND a.article_id = t.article_id
        WHERE coalesce(a.kind, 'article') <> 'page' {kept}
        GROUP BY ALL
        """,
        site=asked.site_id,
        gap_min=settings.session_gap_min,
        cap_s=settings.engaged_cap_s,
        read_s=settings.read_after_s,
        **_sections(asked.section),
    )


def _best(seen: pl.DataFrame, inside: pl.DataFrame, minutes: int, step: int, most: int) -> pl.DataFrame:
    """Rank the articles of the window by fresh views; equal ones by id."""
    ago, fresh = pl.col("ago"), pl.col("fresh")
    sums = (
        inside.group_by("article_id")
        .agg(
            fresh_views=fresh.sum(),
            views=pl.col("views").sum(),
            reads=pl.when(pl.col("known").sum() > 0).then(pl.col("reads").sum()),
        )
        .sort("fresh_views", "article_id", descending=[True, False])
        .head(most)
    )
    halves = seen.group_by("article_id").agg(
        last_15=fresh.filter(ago < HALF_MIN).sum(),
        before_15=fresh.filter(ago.is_between(HALF_MIN, 2 * HALF_MIN - 1)).sum(),
    )
    leading = (
        inside.group_by("article_id", "channel")
        .agg(of=pl.col("views").sum())
        .sort("article_id", "of", "channel", descending=[False, True, False])
        .group_by("article_id", maintain_order=True)
        .first()
    )
    is_enough = (pl.col("last_15") + pl.col("before_15") >= FEW_N) & (pl.col("before_15") > 0)
    shown = inside.filter(pl.col("article_id").is_in(sums["article_id"].to_list()))
    bars = {key: _bars(rows, "fresh", minutes, step) for (key,), rows in shown.group_by("article_id")}
    return (
        sums.join(halves, on="article_id", how="left", maintain_order="left")
        .join(leading, on="article_id", how="left", maintain_order="left")
        .with_columns(
            velocity=pl.when(is_enough).then(pl.col("last_15") / pl.col("before_15")),
            channel_share=pl.col("of") / pl.col("views"),
            bars=pl.Series([list(bars[key]) for key in sums["article_id"]], dtype=pl.List(pl.Int64)),
        )
        .with_columns(
            mark=pl.when(
                (pl.col("velocity") >= RISING) | ((pl.col("before_15") == 0) & (pl.col("last_15") >= FEW_N))
            )
            .then(pl.lit("above"))
            .when(pl.col("velocity") <= FALLING)
            .then(pl.lit("below"))
        )
        .drop("of", "views")
    )


def _bars(seen: pl.DataFrame, column: str, minutes: int, step: int) -> tuple[int, ...]:
    """Lay counts on the steps of the window, oldest first."""
    count = minutes // step
    summed = dict(seen.group_by(pl.col("ago") // step).agg(pl.col(column).sum()).iter_rows())
    return tuple(summed.get(count - 1 - n, 0) for n in range(count))


def _channels(inside: pl.DataFrame) -> pl.DataFrame:
    return (
        inside.group_by("channel")
        .agg(views=pl.col("views").sum())
        .sort("views", "channel", descending=[True, False], nulls_last=True)
    )


def _named(cursor: duckdb.DuckDBPyConnection, site: str, best: pl.DataFrame) -> pl.DataFrame:
    known = ask(
        cursor,
        """
        SELECT article_id, coalesce(title, url, article_id) AS title, section, published_at FROM articles
        WHERE site_id = $site AND list_contains($ids, article_id)
        """,
        site=site,
        ids=best["article_id"].to_list(),
    )
    return (
        best.join(known, on="article_id", how="left", maintain_order="left")
        .with_columns(title=pl.coalesce("title", "article_id"))
        .rename({"article_id": "id"})
    )


def _published(
    cursor: duckdb.DuckDBPyConnection, asked: Question, hidden: Sequence[str], now: dt.datetime
) -> tuple[pl.DataFrame, int]:
    """List what was published today, newest first, with what it brought since, from the day's sums."""
    today = local_day(now, asked.zone)
    _, kept = _of_section(asked.section, "")
    rows = ask(
        cursor,
        f"""
        SELECT a.article_id AS id, coalesce(a.title, a.url, a.article_id) AS title, a.section, a.published_at,
            coalesce(d.views, 0)::BIGINT AS views,
            CASE WHEN d.read_known = 0 AND d.views > 0 THEN NULL
                ELSE coalesce(d.reads, 0) END::BIGINT AS reads,
            count(*) OVER ()::BIGINT AS whole
        FROM articles AS a LEFT JOIN dimension_days AS d ON d.site_id = $site AND d.day_local = DATE '{today}'
            AND d.dimension = 'article' AND d.value = a.article_id
        WHERE a.site_id = $site AND a.published_at >= {_at(day_begins(today, asked.zone))}
            AND a.published_at <= {_at(now)} AND coalesce(a.kind, 'article') <> 'page'
            AND coalesce(a.state, 'live') <> 'withdrawn'
            AND NOT list_contains($hidden::VARCHAR[], a.article_id) {kept}
        ORDER BY a.published_at DESC, a.article_id LIMIT $most
        """,
        site=asked.site_id,
        most=asked.most,
        hidden=list(hidden),
        **_sections(asked.section),
    )
    return rows.drop("whole"), int(rows["whole"][0]) if rows.height else 0


def _comments(
    cursor: duckdb.DuckDBPyConnection, asked: Question, known: Coverage, now: dt.datetime
) -> Comments | None:
    if known.comments is None:
        return None
    kept = _of_section(asked.section, "")[1].replace("a.section", "section")
    row = ask(
        cursor,
        f"""
        SELECT count(*) FILTER (created_at > {_at(now - HOUR)})::BIGINT AS last_hour,
            count(*) FILTER (is_pending)::BIGINT AS pending, min(created_at) FILTER (is_pending) AS oldest
        FROM comment_facts
        WHERE site_id = $site AND created_at <= {_at(now)}
            AND (is_pending OR created_at > {_at(now - HOUR)}) {kept}
        """,
        site=asked.site_id,
        **_sections(asked.section),
    )
    return Comments(**row.row(0, named=True))


def _of_section(section: Sequence[str], article: str) -> tuple[str, str]:
    """Write the join to the article of an event, and the condition on its section; empty where all count."""
    if not section:
        return "", ""
    join = (
        f"LEFT JOIN article_aliases AS s ON s.site_id = $site AND s.alias = {article} "
        f"LEFT JOIN articles AS a ON a.site_id = $site AND a.article_id = coalesce(s.article_id, {article})"
    )
    keeps = [each for each in section if not each.startswith("!")]
    kept = "AND coalesce(list_contains($kept, a.section), false) " if keeps else ""
    if len(keeps) < len(section):
        kept += "AND NOT coalesce(list_contains($left, a.section), false)"
    return join, kept


def _sections(section: Sequence[str]) -> dict[str, Any]:
    return {
        "kept": [each for each in section if not each.startswith("!")],
        "left": [each[1:] for each in section if each.startswith("!")],
    }


def _between(column: str, after: dt.datetime, until: dt.datetime) -> str:
    return f"{column} > {_at(after)} AND {column} <= {_at(until)}"


def _at(moment: dt.datetime) -> str:
    """Write an instant as a literal: the store skips rows by it, which it does not for a parameter."""
    return f"TIMESTAMP '{moment.isoformat(sep=' ')}'"
