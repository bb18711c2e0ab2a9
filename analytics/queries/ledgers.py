"""What loader, jobs and rules wrote down: how fresh each stage is, what was refused, what lacks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from analytics.metrics import PEOPLE
from analytics.periods import Period
from analytics.queries.ask import refuse_calm
from analytics.store.store import Store, ask

MINUTES = 60  # of the chart of what comes in
LATEST = dt.timedelta(hours=24)  # clock skew and late signs are judged by the last day
SKEWED = dt.timedelta(minutes=5)
MOST_BAD, MOST_IMPORTS, MOST_UNFILLED, MOST_DOUBLES = 200, 50, 12, 20
HELD_S = 30.0


@dataclass(frozen=True, slots=True)
class Stages:
    """How far each stage is, naive UTC; None where it has done nothing yet.

    Attributes:
        received: When the collector took the latest event.
        happened: Of the events in the store, the latest.
        rolled: When a day was last recounted.
        dirty_hours: Hours that wait for a recount.
    """

    received: dt.datetime | None
    happened: dt.datetime | None
    rolled: dt.datetime | None
    dirty_hours: int


@dataclass(frozen=True, slots=True)
class Signs:
    """What the events of some days say of their own quality.

    Attributes:
        views: Views of articles.
        silent: Measured views from which nothing came after the load.
        measured: Views whose source can tell reading.
        mute: Views whose source cannot.
        clipped: Views cut to the longest time that is believed.
        orphans: Signs of reading whose view is not known.
        engagements: All signs of reading.
        skewed: Loads whose own time lies over five minutes from when they reached us.
        loads: Loads of the last day, of which `skewed` are.
    """

    views: int
    silent: int
    measured: int
    mute: int
    clipped: int
    orphans: int
    engagements: int
    skewed: int
    loads: int


def stages(store: Store, site: str) -> Stages:
    """Say how far collector, loader and jobs are with a site."""
    with store.read() as cursor:
        received, happened = ask(
            cursor,
            """
            SELECT max(received_at), max(event_at) FROM page_views
            WHERE site_id = $site AND day_local >= (
                SELECT coalesce(max(day_local), DATE '1970-01-01') - 1 FROM page_views WHERE site_id = $site)
            """,
            site=site,
        ).row(0)
        rolled = ask(cursor, "SELECT max(rolled_at) AS at FROM rolled_days WHERE site_id = $site", site=site)
        dirty = ask(
            cursor,
            "SELECT count(DISTINCT hour_at)::BIGINT AS n FROM dirty_hours WHERE site_id = $site",
            site=site,
        )
    return Stages(received, happened, rolled["at"][0], int(dirty["n"][0]))


def per_minute(store: Store, site: str, now: dt.datetime) -> pl.DataFrame:
    """Count what came in during each of the last 60 whole minutes, by the time of receipt.

    Returns:
        at (naive UTC), views, signs (of reading), comments; every minute is there; sorted.
    """
    refuse_calm(site, "Live numbers are")
    last = now.replace(second=0, microsecond=0)
    first = last - dt.timedelta(minutes=MINUTES)
    minutes = pl.DataFrame(
        {"at": pl.datetime_range(first, last, "1m", closed="left", eager=True)},
        schema={"at": pl.Datetime("us")},
    )
    with store.read() as cursor:
        for name, table in (
            ("views", "page_views"),
            ("signs", "engagements"),
            ("comments", "comment_states"),
        ):
            found = ask(
                cursor,
                f"""
                SELECT date_trunc('minute', received_at) AS at, count(*)::BIGINT AS {name} FROM {table}
                WHERE site_id = $site AND received_at >= $first AND received_at < $last GROUP BY 1
                """,
                site=site,
                first=first,
                last=last,
            )
            minutes = minutes.join(found, on="at", how="left")
    return minutes.with_columns(pl.exclude("at").fill_null(0)).sort("at")


def signs(store: Store, site: str, period: Period, now: dt.datetime) -> Signs:
    """Say what the events of a period tell of their own quality."""

    def asked() -> Signs:
        with store.read() as cursor:
            views, silent, measured, mute = ask(
                cursor,
                f"""
                SELECT coalesce(sum(views), 0)::BIGINT, coalesce(sum(no_beacon_views), 0)::BIGINT,
                    coalesce(sum(signal_views), 0)::BIGINT, coalesce(sum(no_signal_views), 0)::BIGINT
                FROM {PEOPLE} WHERE site_id = $site AND dimension = 'site'
                    AND day_local BETWEEN $first AND $last
                """,
                site=site,
                first=period.first,
                last=period.last,
            ).row(0)
            clipped = ask(
                cursor,
                """
                SELECT (count(*) FILTER (WHERE is_clipped))::BIGINT FROM view_facts
                WHERE site_id = $site AND day_local BETWEEN $first AND $last
                """,
                site=site,
                first=period.first,
                last=period.last,
            ).item()
            orphans, engagements = ask(
                cursor,
                """
                SELECT (count(*) FILTER (WHERE v.view_id IS NULL))::BIGINT, count(*)::BIGINT
                FROM engagements AS e LEFT JOIN (
                    SELECT DISTINCT view_id FROM view_facts WHERE site_id = $site
                        AND day_local BETWEEN $first::DATE - 1 AND $last) AS v USING (view_id)
                WHERE e.site_id = $site AND e.day_local BETWEEN $first AND $last
                    AND (e.view_id IS NOT NULL OR e.engaged_mode = 'max')
                """,
                site=site,
                first=period.first,
                last=period.last,
            ).row(0)
            skewed, loads = ask(
                cursor,
                """
                SELECT (count(*) FILTER (WHERE abs(epoch(received_at) - epoch(event_at)) > $skew))::BIGINT,
                    count(*)::BIGINT
                FROM page_views WHERE site_id = $site AND received_at >= $since
                """,
                site=site,
                skew=SKEWED.total_seconds(),
                since=now - LATEST,
            ).row(0)
        return Signs(views, silent, measured, mute, clipped, orphans, engagements, skewed, loads)

    return store.memo(("signs", site, period), asked, for_s=HELD_S)


def bad_events(store: Store, site: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """List what could not be read: where it stood and why, never its text.

    Returns:
        By reason: reason, source, events, last_seen; most first. And one by one, the latest first, at most
        200: seen_at (naive UTC), source, file, line, reason, hash. Lines that name no site are in both.
    """
    mine = "WHERE site_id = $site OR site_id IS NULL"
    return (
        store.frame(
            f"""
            SELECT reason, source, count(*)::BIGINT AS events, max(seen_at) AS last_seen
            FROM bad_events {mine} GROUP BY ALL ORDER BY events DESC, reason, source
            """,
            site=site,
        ),
        store.frame(
            f"""
            SELECT seen_at, source, file, line, reason, hash FROM bad_events {mine}
            ORDER BY seen_at DESC, file, line LIMIT {MOST_BAD}
            """,
            site=site,
        ),
    )


def imports(store: Store, site: str) -> pl.DataFrame:
    """List the files that were imported, the latest first.

    Returns:
        loaded_at (naive UTC), source, file, rows_read, rows_loaded, rows_repeated, rows_dropped,
        rows_rejected, why (reasons of those, with their number; null where all was read).
    """
    return store.frame(
        f"""
        WITH refused AS (
            SELECT file, string_agg(reason || ' ' || n, ', ' ORDER BY n DESC, reason) AS why
            FROM (SELECT file, reason, count(*) AS n FROM bad_events
                WHERE site_id = $site OR site_id IS NULL GROUP BY ALL) GROUP BY file)
        SELECT loaded_at, source, file, rows_read, rows_loaded, rows_repeated, rows_dropped, rows_rejected,
            CASE WHEN rows_rejected > 0 THEN why END AS why
        FROM imports LEFT JOIN refused USING (file)
        WHERE site_id = $site ORDER BY loaded_at DESC, file LIMIT {MOST_IMPORTS}
        """,
        site=site,
    )


def lacking(store: Store, site: str) -> pl.DataFrame:
    """Count the articles that lack something: author, topic, section, words or date, or any description.

    Returns:
        One row a lack: lacks, articles, of (all articles), example (id; null without one).
    """
    return store.frame(
        """
        WITH known AS (SELECT a.*, w.article_id IS NULL AS unwritten, f.article_id IS NULL AS unfiled
            FROM articles AS a
            LEFT JOIN (SELECT DISTINCT article_id FROM article_authors WHERE site_id = $site) AS w
                USING (article_id)
            LEFT JOIN (SELECT DISTINCT article_id FROM article_topics WHERE site_id = $site) AS f
                USING (article_id)
            WHERE a.site_id = $site AND coalesce(a.kind, 'article') <> 'page'),
        lacks AS (
            SELECT
                unnest(['any description', 'an author', 'a topic', 'a section', 'a date', 'words']) AS lacks,
                unnest([catalogued_at IS NULL, unwritten, unfiled, section IS NULL, published_at IS NULL,
                    word_count IS NULL]) AS is_so, article_id FROM known)
        SELECT lacks, (count(*) FILTER (WHERE is_so))::BIGINT AS articles, count(*)::BIGINT AS "of",
            min(article_id) FILTER (WHERE is_so) AS example
        FROM lacks GROUP BY lacks ORDER BY articles DESC, lacks
        """,
        site=site,
    )


def unfilled(store: Store, site: str, today: dt.date) -> pl.DataFrame:
    """List the articles that lack title, section, authors or date, those with most views in 28 days first.

    Returns:
        id, title, url, section, published_at (naive UTC), authors (names joined by ", "), views, lacks (list
        of words); at most 12, all of them viewed in these days.
    """
    return store.frame(
        f"""
        WITH seen AS (
            SELECT value AS article_id, sum(views)::BIGINT AS views FROM dimension_days
            WHERE site_id = $site AND dimension = 'article' AND day_local > $today::DATE - 28 GROUP BY value),
        bylines AS (
            SELECT b.article_id,
                string_agg(coalesce(p.name, p.author_id), ', ' ORDER BY b.position) AS authors
            FROM article_authors AS b JOIN authors AS p USING (site_id, author_id)
            WHERE b.site_id = $site GROUP BY b.article_id),
        known AS (
            SELECT a.article_id AS id, a.title, a.url, a.section, a.published_at, b.authors, s.views,
                list_filter([
                    CASE WHEN a.title IS NULL THEN 'title' END,
                    CASE WHEN a.section IS NULL THEN 'section' END,
                    CASE WHEN b.authors IS NULL THEN 'author' END,
                    CASE WHEN a.published_at IS NULL THEN 'date' END], x -> x IS NOT NULL) AS lacks
            FROM articles AS a JOIN seen AS s USING (article_id) LEFT JOIN bylines AS b USING (article_id)
            WHERE a.site_id = $site AND coalesce(a.kind, 'article') <> 'page')
        FROM known WHERE len(lacks) > 0 AND views > 0 ORDER BY views DESC, id LIMIT {MOST_UNFILLED}
        """,
        site=site,
        today=today,
    )


def doubles(store: Store, site: str) -> pl.DataFrame:
    """List articles that may be one: of one title, and published within a day of each other.

    Returns:
        title, ids (list, the one with most views first), articles; at most 20.
    """
    return store.frame(
        f"""
        WITH seen AS (
            SELECT value AS article_id, sum(views) AS views FROM dimension_days
            WHERE site_id = $site AND dimension = 'article' GROUP BY value)
        SELECT any_value(a.title) AS title,
            list(a.article_id ORDER BY coalesce(s.views, 0) DESC, a.article_id) AS ids,
            count(*)::BIGINT AS articles
        FROM articles AS a LEFT JOIN seen AS s USING (article_id)
        WHERE a.site_id = $site AND a.title IS NOT NULL AND a.published_at IS NOT NULL
        GROUP BY lower(trim(a.title)), a.published_at::DATE HAVING count(*) > 1
        ORDER BY articles DESC, title LIMIT {MOST_DOUBLES}
        """,
        site=site,
    )


def gaps(store: Store, site: str) -> pl.DataFrame:
    """List the stretches without collection: began, ended (naive UTC), why, edit_id; the latest first."""
    return store.frame(
        "SELECT began, ended, why, edit_id FROM collection_gaps WHERE site_id = $site ORDER BY began DESC",
        site=site,
    )
