"""Who comes and from where: entries and what came of them, campaigns, new sources, languages, loyalty."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import polars as pl

from analytics.metrics import PEOPLE
from analytics.periods import day_begins
from analytics.queries import comparison, counts, figures, library
from analytics.queries.ask import Ask, refuse_calm
from analytics.queries.coverage import Coverage
from analytics.queries.health import freshness
from analytics.queries.intervals import wilson
from analytics.store.store import Store

BY_CHANNEL = ("views", "reads", "read_rate", "engaged_median", "recirculation")
NEW_FOR_D, LOYAL_ON_D, LOYAL_OF_D = 30, 8, 16  # metrics.md 5: returning
HELD_S = 60.0  # what is read from single events may be a minute old
MOST_CAMPAIGNS, MOST_LANDINGS = 100, 500


@dataclass(frozen=True, slots=True)
class Loyalty:
    """Readers with an id, and how often they come; sums of days, like daily readers.

    Attributes:
        readers: Daily readers of the site.
        with_id: Those of them with an id.
        fresh: Those whose first day of thirty it was.
        fresh_of: Readers with an id on days of which thirty days are known.
        loyal: Those who came on eight or more of sixteen days.
        loyal_of: Readers with an id on days of which sixteen days are known.
    """

    readers: int
    with_id: int
    fresh: int
    fresh_of: int
    loyal: int
    loyal_of: int


def begins_known(ask: Ask) -> bool:
    """Say whether entries can be counted under a filter: by what a visit began with."""
    return set(ask.where.active()) <= set(counts.ENTRIES)


def channels(store: Store, ask: Ask, now: dt.datetime) -> figures.Board:
    """Count what came by each way in, and how many visits began there.

    Returns:
        A board by views; rows also hold entries, bounce_rate, bounce_rate_n, `_low`, `_high` (null where the
        filter is by more than a visit begins with).
    """
    board = figures.board(store, BY_CHANNEL, replace(ask, split="channel"), now, order="views", limit=None)
    nothing = [pl.lit(None, dtype=pl.Float64).alias(name) for name in ("bounce_rate", "bounce_rate_n")]
    if not begins_known(ask):
        return replace(board, rows=board.rows.with_columns(*nothing, entries=pl.lit(None, dtype=pl.Int64)))
    with store.read() as cursor:
        began = _rated(counts.entered(cursor, ask, "channel"))
    return replace(board, rows=board.rows.join(began, on="id", how="left", nulls_equal=True))


def landings(store: Store, ask: Ask, most: int) -> pl.DataFrame:
    """List the articles on which visits began, and where their readers went next.

    Returns:
        id, name, entries, entries_share (of all visits that began), bounce_rate with `_n`, `_low`, `_high`,
        next_id, next_name (the article most often read next; null where nobody went on) and next_share (of
        the entries); most entries first.
    """
    refuse_calm(ask.where.site_id, "Rankings are")

    def asked() -> pl.DataFrame:
        with store.read() as cursor:
            began = _rated(counts.entered(cursor, ask, "article"))
        whole = began["entries"].sum()
        top = began.filter(pl.col("id").is_not_null()).sort("entries", "id", descending=[True, False])
        rows = top.head(most).with_columns(entries_share=pl.col("entries") / whole)
        after = _went_on(store, ask, rows["id"].to_list())
        joined = rows.join(after, on="id", how="left", maintain_order="left")
        named = joined.with_columns(next_share=pl.col("went") / pl.col("entries"))
        for key, name in (("id", "name"), ("next_id", "next_name")):
            names = library.describe(store, ask.where.site_id, "article", named[key].to_list())["name"]
            known = pl.when(pl.col(key).is_not_null()).then(pl.Series(names))
            named = named.with_columns(known.alias(name))
        return named.drop("went")

    return store.memo(("landings", ask, most), asked, for_s=HELD_S)


def campaigns(store: Store, ask: Ask, most: int = MOST_CAMPAIGNS) -> pl.DataFrame:
    """Count views that a campaign brought, by the name in its addresses.

    Returns:
        id (campaign), source (its name; null where none is told), views, reads, read_rate with `_n`,
        `_low`, `_high`; most views first.
    """

    def asked() -> pl.DataFrame:
        picks = [
            f"(count(*) FILTER (WHERE {when}))::BIGINT AS {name}"
            for name, when in (
                ("views", "f.is_article"),
                ("reads", "f.is_article AND f.is_read"),
                ("read_rate_n", "f.is_article AND f.is_read IS NOT NULL"),
            )
        ]
        with store.read() as cursor:
            found = counts.told(cursor, ask, "utm_campaign", picks, source="coalesce(f.source, e.utm_source)")
        return _with_rate(found, "read_rate", "reads").filter(pl.col("views") > 0)

    return _largest(store.memo(("campaigns", ask), asked, for_s=HELD_S), "views", most)


def languages(store: Store, ask: Ask, most: int = 8) -> pl.DataFrame:
    """Count loads of pages by the language of the browser.

    Returns:
        id (first subtag), loads, loads_share (of those that tell one); most loads first.
    """

    def asked() -> pl.DataFrame:
        with store.read() as cursor:
            if ask.where.active():
                return counts.told(cursor, ask, "language", ["count(*)::BIGINT AS loads"])
        return store.frame(
            """
            SELECT language AS id, count(*)::BIGINT AS loads FROM page_views
            WHERE site_id = $site AND day_local BETWEEN $first AND $last AND language IS NOT NULL GROUP BY 1
            """,
            site=ask.where.site_id,
            first=ask.period.first,
            last=ask.period.last,
        )

    found = store.memo(("languages", ask), asked, for_s=HELD_S)
    shares = found.with_columns(loads_share=pl.col("loads") / pl.col("loads").sum())
    return _largest(shares, "loads", most)


def new_sources(store: Store, ask: Ask, now: dt.datetime) -> pl.DataFrame | None:
    """List the named sources that sent their first reader in the period.

    Returns:
        id, first_day (Date), views (in the period; of the whole site); most views first. None where nothing
        is known of the days before the period, so that everything would be new.
    """
    known = freshness(store, ask.where.site_id, now)
    if known.views is None or known.views[0] >= ask.period.begins:
        return None
    return store.frame(
        f"""
        SELECT value AS id, min(day_local) AS first_day, sum(views)::BIGINT AS views FROM {PEOPLE}
        WHERE site_id = $site AND dimension = 'source' AND value IS NOT NULL AND day_local <= $last
        GROUP BY value HAVING first_day >= $first AND views > 0 ORDER BY views DESC, id
        """,
        site=ask.where.site_id,
        first=ask.period.first,
        last=ask.period.last,
    )


def sources(store: Store, ask: Ask, now: dt.datetime, most: int | None) -> pl.DataFrame:
    """Count views by named source, with what came of them and the change since the period before.

    Returns:
        id, channel (its usual way in), views, views_share, reads, read_rate with `_n`, `_low`, `_high`,
        views_change, views_is_new, views_is_few; most views first; views without a named source left out.
    """
    by = replace(ask, split="source")
    board = figures.board(store, ["views", "reads", "read_rate"], by, now, order="views", limit=most)
    past = comparison.before(by, now, "previous", freshness(store, ask.where.site_id, now))
    earlier = figures.ranking(store, ["views"], past, now, order="views") if past else None
    rows = comparison.with_changes(comparison.with_shares(board, "views"), earlier, "views")
    usual = library.sources(store, ask.where.site_id)
    ways = pl.DataFrame(usual, schema={"channel": pl.String(), "id": pl.String()}, orient="row")
    named = rows.filter(pl.col("id").is_not_null() & (pl.col("views") > 0))
    return named.join(ways.unique("id", keep="first"), on="id", how="left", maintain_order="left")


def loyalty(store: Store, ask: Ask, now: dt.datetime) -> Loyalty | None:
    """Count how often readers with an id come; of the whole site, whatever the filter.

    Returns:
        The sums over the days of the period; None where no reader has an id.
    """
    site, period = ask.where.site_id, ask.period
    known = freshness(store, site, now)
    days = store.memo(("loyal days", site, period), lambda: _loyal_days(store, ask), for_s=HELD_S)
    if days.is_empty() or known.views is None:
        return None
    everyone = figures.totals(store, ["readers"], Ask(ask.where.only(**_no(ask)), period), now)["readers"]
    fresh, loyal = (
        days.filter(pl.col("day_local").is_in(_followed(period.days, back, period.zone, known)))
        for back in (NEW_FOR_D, LOYAL_OF_D)
    )
    return Loyalty(
        readers=int(everyone.value or 0),
        with_id=int(days["with_id"].sum()),
        fresh=int(fresh["fresh"].sum()),
        fresh_of=int(fresh["with_id"].sum()),
        loyal=int(loyal["loyal"].sum()),
        loyal_of=int(loyal["with_id"].sum()),
    )


def _loyal_days(store: Store, ask: Ask) -> pl.DataFrame:
    return store.frame(
        f"""
        WITH days AS (
            SELECT DISTINCT reader_id, day_local FROM view_facts WHERE site_id = $site
                AND reader_id IS NOT NULL AND day_local BETWEEN $first::DATE - {NEW_FOR_D} AND $last),
        seen AS (
            SELECT day_local, count(*) OVER (PARTITION BY reader_id ORDER BY day_local
                    RANGE BETWEEN INTERVAL {NEW_FOR_D - 1} DAY PRECEDING AND CURRENT ROW) AS of_30,
                count(*) OVER (PARTITION BY reader_id ORDER BY day_local
                    RANGE BETWEEN INTERVAL {LOYAL_OF_D - 1} DAY PRECEDING AND CURRENT ROW) AS of_16
            FROM days)
        SELECT day_local, count(*)::BIGINT AS with_id, (count(*) FILTER (WHERE of_30 = 1))::BIGINT AS fresh,
            (count(*) FILTER (WHERE of_16 >= {LOYAL_ON_D}))::BIGINT AS loyal
        FROM seen WHERE day_local BETWEEN $first AND $last GROUP BY day_local
        """,
        site=ask.where.site_id,
        first=ask.period.first,
        last=ask.period.last,
    )


def _followed(days: list[dt.date], back: int, zone: str, known: Coverage) -> list[dt.date]:
    """Keep the days of which so many days, themselves included, are known."""
    began = known.views[0] if known.views else None
    return [
        day
        for day in days
        if began is not None and began <= day_begins(day - dt.timedelta(days=back - 1), zone)
    ]


def _no(ask: Ask) -> dict[str, tuple[str, ...] | str]:
    return {name: "" if name == "text" else () for name in ask.where.active()}


def _went_on(store: Store, ask: Ask, ids: list[str]) -> pl.DataFrame:
    """Say which other article the visits that began on some articles opened next, most often.

    Returns:
        id, next_id, went (visits).
    """
    with store.read() as cursor:
        cursor.register("landed", pl.DataFrame({"id": ids}, schema={"id": pl.String()}))
        pairs = cursor.execute(
            """
            WITH visits AS (
                SELECT session_id, entry_article AS id FROM sessions
                WHERE site_id = $site AND day_local BETWEEN $first AND $last AND views > 1
                    AND entry_article IN (SELECT id FROM landed)),
            steps AS (
                SELECT v.id, v.session_id, arg_min(f.article_id, (f.event_at, f.view_id)) AS next_id
                FROM visits AS v JOIN view_facts AS f USING (session_id)
                WHERE f.site_id = $site AND f.day_local BETWEEN $first AND $last::DATE + 1 AND f.is_article
                    AND f.article_id <> v.id
                GROUP BY ALL)
            SELECT id, next_id, count(*)::BIGINT AS went FROM steps GROUP BY ALL
            """,
            {"site": ask.where.site_id, "first": ask.period.first, "last": ask.period.last},
        ).pl()
    return pairs.sort("went", "next_id", descending=[True, False]).unique(
        "id", keep="first", maintain_order=True
    )


def _rated(began: pl.DataFrame) -> pl.DataFrame:
    counted = began.rename({"bounce_known": "bounce_rate_n"})
    return _with_rate(counted, "bounce_rate", "bounces").drop("bounces")


def _with_rate(frame: pl.DataFrame, name: str, part: str) -> pl.DataFrame:
    """Add a rate with its interval; its n stands in `{name}_n`."""
    whole = pl.col(f"{name}_n").cast(pl.Float64)
    low, high = wilson(pl.col(part), whole)
    share = pl.when(whole > 0).then(pl.col(part) / whole)
    return frame.with_columns(
        share.alias(name), whole.alias(f"{name}_n"), low.alias(f"{name}_low"), high.alias(f"{name}_high")
    )


def _largest(frame: pl.DataFrame, name: str, most: int) -> pl.DataFrame:
    return frame.sort(name, "id", descending=[True, False]).head(most)
