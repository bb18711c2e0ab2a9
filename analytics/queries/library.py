"""What the catalogue knows beside the numbers: names, articles, choices for filters, search by id."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import polars as pl

from analytics.errors import UsageError, did_you_mean
from analytics.language import _
from analytics.metrics import METRICS
from analytics.periods import Period
from analytics.queries import figures
from analytics.queries.ask import Ask, Filter, refuse_others, sight_of
from analytics.store.memory import CATALOGUE
from analytics.store.store import Store, ask

CHOICES_S = 60.0  # a new source stands in the filters a minute later
MOST_CHOICES = 200
COUNTERS = ("views", "fresh_views", "reads")  # metrics.md 11
_NAMED = {"author": ("authors", "author_id"), "topic": ("topics", "topic_id")}


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the catalogue, with what stands around its title.

    Attributes:
        article_id: Its id; aliases are resolved.
        url: Canonical address, if known.
        title: Present title, else the address or id.
        section: Section.
        kind: article, live, video, gallery or page.
        language: BCP 47 tag.
        published_at: First publication, naive UTC.
        word_count: Words of the body.
        image: Address of a picture.
        access: free, metered or paid.
        state: live or withdrawn.
        catalogued_at: When a catalogue first described it, naive UTC; None while only readers told us of it.
        authors: (id, name) in the order of the byline.
        topics: (id, name) in order.
        titles: (first seen, naive UTC; title), oldest first.
        aliases: Other ids that mean it.
        first_view_at: Its first view, naive UTC.
        last_view_at: Its latest view, naive UTC.
    """

    article_id: str
    url: str | None
    title: str
    section: str | None
    kind: str | None
    language: str | None
    published_at: dt.datetime | None
    word_count: int | None
    image: str | None
    access: str | None
    state: str | None
    catalogued_at: dt.datetime | None
    authors: tuple[tuple[str, str], ...]
    topics: tuple[tuple[str, str], ...]
    titles: tuple[tuple[dt.datetime, str], ...]
    aliases: tuple[str, ...]
    first_view_at: dt.datetime | None
    last_view_at: dt.datetime | None

    @property
    def is_catalogued(self) -> bool:
        """True once a catalogue, or an editor, has described it."""
        return self.catalogued_at is not None


def article(store: Store, site: str, article_id: str) -> Article:
    """Look up one article by its id or by an alias.

    Raises:
        UsageError: No article of the site has that id.
        NotAllowedError: It is a colleague's, and who asks sees only their own.
    """
    found = store.memo(("article", site, article_id), lambda: _article(store, site, article_id))
    if sight_of(site).author_id not in (author for author, _ in found.authors):
        refuse_others(site, "Articles of colleagues are")
    return found


def _article(store: Store, site: str, article_id: str) -> Article:
    with store.read() as cursor:
        found = ask(
            cursor,
            """
            SELECT a.* EXCLUDE (site_id, modified_at, translation_of, title),
                coalesce(a.title, a.url, a.article_id) AS title
            FROM articles AS a
            WHERE a.site_id = $site AND a.article_id = coalesce(
                (SELECT article_id FROM article_aliases WHERE site_id = $site AND alias = $id), $id)
            """,
            site=site,
            id=article_id,
        ).to_dicts()
        if not found:
            raise UsageError(
                _("No article of {site} has the id {article_id!r}.", site=site, article_id=article_id),
                _("Search for its title."),
            )
        row = found[0]
        own = {"site": site, "id": row["article_id"]}
        span = _span(cursor, own)
        aliases = ask(
            cursor,
            "SELECT alias FROM article_aliases WHERE site_id = $site AND article_id = $id ORDER BY alias",
            **own,
        )
        titles = ask(
            cursor,
            """
            SELECT seen_at, title FROM article_titles
            WHERE site_id = $site AND article_id = $id ORDER BY seen_at
            """,
            **own,
        )
        return Article(
            **row,
            authors=_credits(cursor, "article_authors", "author", own),
            topics=_credits(cursor, "article_topics", "topic", own),
            titles=tuple(titles.rows()),
            aliases=tuple(aliases["alias"]),
            first_view_at=span[0],
            last_view_at=span[1],
        )


def former_titles(store: Store, site: str, ids: Sequence[str]) -> dict[str, list[str]]:
    """List the titles that some articles bore before their present one, oldest first; most have none."""
    rows = store.frame(
        """
        SELECT t.article_id, t.title FROM article_titles AS t JOIN articles AS a USING (site_id, article_id)
        WHERE t.site_id = $site AND list_contains($ids, t.article_id) AND t.title IS DISTINCT FROM a.title
        ORDER BY t.article_id, t.seen_at
        """,
        site=site,
        ids=list(ids),
    )
    return {key: part["title"].to_list() for (key,), part in rows.group_by("article_id")}


def named(store: Store, site: str, dimension: str, value: str) -> str:
    """Give the id of an author or a topic back, or refuse one that nobody has.

    Raises:
        UsageError: The site knows none of that id.
    """
    table, key = _NAMED[dimension]
    known = store.frame(f"SELECT {key} AS id FROM {table} WHERE site_id = $site", site=site)["id"].to_list()
    if value not in known:
        near = difflib.get_close_matches(value, known, n=1)  # never the whole list: it may be long
        hint = _("Did you mean {near}?", near=near[0]) if near else ""
        raise UsageError(
            _("No {dimension} of {site} has the id {value!r}.", dimension=dimension, site=site, value=value),
            hint,
        )
    return value


def _span(
    cursor: duckdb.DuckDBPyConnection, own: dict[str, str]
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Find the first and last view of an article; the rollup names the two days, the others stay unread."""
    first, last = ask(
        cursor,
        "SELECT min(day_local), max(day_local) FROM dimension_days "
        "WHERE site_id = $site AND dimension = 'article' AND value = $id",
        **own,
    ).row(0)
    if first is None:
        return None, None
    begins, ends = ask(
        cursor,
        f"""
        SELECT min(event_at), max(event_at) FROM view_facts
        WHERE day_local IN (DATE '{first}', DATE '{last}') AND site_id = $site AND article_id = $id
        """,
        **own,
    ).row(0)
    return begins, ends


def describe(store: Store, site: str, dimension: str, ids: Sequence[str | None]) -> pl.DataFrame:
    """Name the rows of a board.

    Args:
        store: The open store.
        site: The site.
        dimension: What the ids are of.
        ids: Ids; None is the row "(none)".

    Returns:
        id and name; for articles also title (= name), url, section, kind, published_at (naive UTC),
        word_count, language, authors (names, joined by ", ") and is_catalogued. One row an id, in order.
    """
    wanted = pl.DataFrame({"id": list(ids)}, schema={"id": pl.String()})
    if dimension == "article":
        asked = [each for each in ids if each is not None]
        known = store.memo(
            ("described", site, tuple(asked)),
            lambda: store.frame(_ARTICLES, site=site, ids=asked),
            of=[CATALOGUE],
        )
    elif dimension in _NAMED:
        table, key = _NAMED[dimension]
        question = f"SELECT {key} AS id, coalesce(name, {key}) AS name FROM {table} WHERE site_id = $site"
        known = store.memo(
            ("names", dimension, site), lambda: store.frame(question, site=site), of=[CATALOGUE]
        )
    else:
        known = wanted.drop_nulls().unique().with_columns(name="id")
    named = wanted.join(known, on="id", how="left", maintain_order="left")
    name = pl.when(pl.col("id").is_null()).then(pl.lit(_("(none)"))).otherwise(pl.coalesce("name", "id"))
    return named.with_columns(name=name)


_ARTICLES = """
    SELECT a.article_id AS id, coalesce(a.title, a.url, a.article_id) AS name,
        coalesce(a.title, a.url, a.article_id) AS title, a.url, a.section, a.kind, a.published_at,
        a.word_count, a.language, b.authors, a.catalogued_at IS NOT NULL AS is_catalogued
    FROM articles AS a LEFT JOIN (
        SELECT b.article_id, string_agg(coalesce(p.name, p.author_id), ', ' ORDER BY b.position) AS authors
        FROM article_authors AS b JOIN authors AS p USING (site_id, author_id)
        WHERE b.site_id = $site AND b.article_id IN $ids GROUP BY b.article_id) AS b USING (article_id)
    WHERE a.site_id = $site AND a.article_id IN $ids
"""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters of a site can be set to, most frequent first; sections by name."""

    sections: tuple[str, ...]
    channels: tuple[str, ...]
    devices: tuple[str, ...]
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    kinds: tuple[str, ...]


def choices(store: Store, site: str) -> Choices:
    """List the values that filters can take; of views, those of the last 90 days with events."""
    return store.memo(("choices", site), lambda: _choices(store, site), for_s=CHOICES_S)


def _choices(store: Store, site: str) -> Choices:
    seen = store.frame(
        """
        SELECT dimension, value FROM dimension_days
        WHERE site_id = $site AND dimension IN ('channel', 'device', 'country') AND value IS NOT NULL
            AND day_local > (SELECT max(day_local) FROM rolled_days WHERE site_id = $site) - 90
        GROUP BY ALL ORDER BY sum(page_loads) DESC, value
        """,
        site=site,
    )
    written = store.frame(
        """
        SELECT dimension, value FROM (
            SELECT unnest(['section', 'language', 'kind']) AS dimension,
                unnest([section, language, kind]) AS value
            FROM articles WHERE site_id = $site)
        WHERE value IS NOT NULL GROUP BY ALL ORDER BY count(*) DESC, value
        """,
        site=site,
    )

    def values(frame: pl.DataFrame, name: str) -> tuple[str, ...]:
        return tuple(frame.filter(pl.first() == name)["value"].head(MOST_CHOICES))

    return Choices(
        sections=tuple(sorted(values(written, "section"))),
        channels=values(seen, "channel"),
        devices=values(seen, "device"),
        countries=values(seen, "country"),
        languages=values(written, "language"),
        kinds=values(written, "kind"),
    )


def sources(store: Store, site: str) -> tuple[tuple[str, str], ...]:
    """List the named sources that a filter can be set to, as (channel, source), most frequent first."""

    def asked() -> tuple[tuple[str, str], ...]:
        rows = store.frame(
            """
            SELECT channel, source FROM article_days WHERE site_id = $site AND source IS NOT NULL
            GROUP BY ALL ORDER BY sum(page_loads) DESC, source LIMIT $most
            """,
            site=site,
            most=MOST_CHOICES,
        )
        return tuple(rows.rows())

    return store.memo(("choices of sources", site), asked, for_s=CHOICES_S)


def names(store: Store, site: str, dimension: str, most: int = 1000) -> list[tuple[str, str]]:
    """List authors or topics as (id, name), those of the most articles first: what a filter can be set to."""
    table, key = _NAMED[dimension]
    rows = store.frame(
        f"""
        SELECT n.{key} AS id, coalesce(n.name, n.{key}) AS name FROM {table} AS n
        JOIN article_{table} AS b USING (site_id, {key})
        WHERE n.site_id = $site GROUP BY ALL ORDER BY count(*) DESC, 2, 1 LIMIT $most
        """,
        site=site,
        most=most,
    )
    return rows.rows()


def exists(store: Store, site: str, dimension: str, key: str) -> bool:
    """Tell whether a site knows an author, a topic, or a section in which an article stands."""
    table, column = {**_NAMED, "section": ("articles", "section")}[dimension]
    found = store.frame(
        f"SELECT 1 AS one FROM {table} WHERE site_id = $site AND {column} = $key LIMIT 1", site=site, key=key
    )
    return found.height > 0


def published_in(store: Store, where: Filter, period: Period, limit: int) -> pl.DataFrame:
    """List the articles published in a period that were read most in it: the marks on the main chart.

    Returns:
        id, title, published_at (naive UTC), views; by time.
    """
    new = store.memo(
        ("new", where.site_id, period), lambda: _published(store, where.site_id, period), of=[CATALOGUE]
    )
    sections = [each for each in where.section if not each.startswith("!")]
    kept = pl.col("section").is_in(sections) if where.section else pl.lit(value=True)
    read = figures.told(store, [METRICS["views"]], Ask(Filter(where.site_id), period, split="article"))
    found = new.lazy().filter(kept).join(read.lazy().select("id", "views"), on="id")
    most = found.sort("views", "id", descending=[True, False]).head(limit)
    return most.select("id", "title", "published_at", "views").sort("published_at", "id").collect()


def _published(store: Store, site: str, period: Period) -> pl.DataFrame:
    return store.frame(
        """
        SELECT article_id AS id, coalesce(title, article_id) AS title, section, published_at FROM articles
        WHERE site_id = $site AND published_at >= $begins AND published_at < $ends
        """,
        site=site,
        begins=period.begins,
        ends=period.ends,
    )


@dataclass(frozen=True, slots=True)
class Counter:
    """What the public counter of an article says, and what it rests on.

    Attributes:
        article_id: The article; aliases are resolved.
        metric: What is added to the balance.
        value: Balance plus what came after it; None where no source can tell.
        opening_balance: Last figure of the former counter, 0 without one.
        as_of: Last local day in the balance.
        since: First local day that the metric was counted on; None before the first view.
    """

    article_id: str
    metric: str
    value: int | None
    opening_balance: int
    as_of: dt.date | None
    since: dt.date | None


def counter(store: Store, site: str, article_id: str, metric: str = "views") -> dict[str, object]:
    """Give the public counter of an article: the former counter's balance plus what came after it.

    Returns:
        value, opening_balance (0 where there is none), as_of (local day of the balance, or None), metric.

    Raises:
        UsageError: The metric does not add up over days.
    """
    found = counters(store, site, [article_id], metric).get(article_id)
    return {
        "metric": metric,
        "value": found.value if found else 0,
        "opening_balance": found.opening_balance if found else 0,
        "as_of": found.as_of if found else None,
    }


def counters(store: Store, site: str, ids: Sequence[str], metric: str = "views") -> dict[str, Counter]:
    """Give the public counters of some articles; the balance enters no other figure (metrics.md 11).

    Args:
        store: The open store.
        site: The site.
        ids: Ids or aliases.
        metric: One of COUNTERS.

    Returns:
        Id as asked -> counter; articles that the site does not know are left out.

    Raises:
        UsageError: The metric does not add up over days.
    """
    if metric not in COUNTERS:
        raise UsageError(_("No counter shows {metric!r}.", metric=metric), did_you_mean(metric, COUNTERS))
    unknown = "sum(read_known) = 0 AND sum(views) > 0" if metric == "reads" else "false"  # metrics.md 12
    with store.read() as cursor:
        cursor.register("wanted", pl.DataFrame({"asked": list(set(ids))}, schema={"asked": pl.String()}))
        found = ask(
            cursor,
            f"""
            WITH known AS (
                SELECT w.asked, a.article_id, coalesce(b.views, 0) AS balance, b.as_of
                FROM wanted AS w
                LEFT JOIN article_aliases AS s ON s.site_id = $site AND s.alias = w.asked
                JOIN articles AS a ON a.site_id = $site AND a.article_id = coalesce(s.article_id, w.asked)
                LEFT JOIN opening_balances AS b ON b.site_id = $site AND b.article_id = a.article_id),
            counted AS (
                SELECT k.article_id, min(d.day_local) AS first,
                    CASE WHEN {unknown} THEN NULL ELSE sum(d.{metric}) END AS value
                FROM (SELECT DISTINCT article_id, as_of FROM known) AS k
                JOIN dimension_days AS d ON d.site_id = $site AND d.dimension = 'article'
                    AND d.value = k.article_id AND d.day_local > coalesce(k.as_of, DATE '1970-01-01')
                GROUP BY k.article_id)
            SELECT k.asked, k.article_id, k.balance::BIGINT AS opening_balance, k.as_of,
                CASE WHEN c.article_id IS NULL THEN k.balance ELSE k.balance + c.value END::BIGINT AS value,
                coalesce(k.as_of + 1, c.first)::DATE AS since
            FROM known AS k LEFT JOIN counted AS c USING (article_id)
            """,
            site=site,
        )
    return {row.pop("asked"): Counter(metric=metric, **row) for row in found.to_dicts()}


def at_address(store: Store, site: str, url: str, own_id: str) -> str:
    """Find the article of a canonical address.

    Args:
        store: The open store.
        site: The site.
        url: The address.
        own_id: The id of an article that is known by this address only.

    Returns:
        The id that the catalogue gives it; else `own_id`.
    """
    question = "SELECT min(article_id) AS id FROM articles WHERE site_id = $site AND url = $url"
    return store.frame(question, site=site, url=url)["id"][0] or own_id


def _credits(
    cursor: duckdb.DuckDBPyConnection, bridge: str, dimension: str, own: dict[str, str]
) -> tuple[tuple[str, str], ...]:
    table, key = _NAMED[dimension]
    rows = ask(
        cursor,
        f"""
        SELECT b.{key}, coalesce(n.name, b.{key}) AS name FROM {bridge} AS b LEFT JOIN {table} AS n
            USING (site_id, {key})
        WHERE b.site_id = $site AND b.article_id = $id ORDER BY b.position
        """,
        **own,
    )
    return tuple(rows.rows())
