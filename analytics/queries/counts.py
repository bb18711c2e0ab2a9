"""Counts: an `Ask` becomes one SQL question for the bases of one table of facts.

Rollups answer where they can; `view_facts` where a filter or a cut in time needs single views.
Names come from BASES and DIMENSIONS only; values travel as parameters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import duckdb
import polars as pl

from analytics.errors import UnknownDimensionError
from analytics.language import _
from analytics.metrics import BASES, BOXES, COMMENTS, DIMENSIONS, PEOPLE, VIEWS, Base, Metric
from analytics.periods import Period
from analytics.queries.ask import HORIZONS, MOST_WORDS, OF_VIEWS_ONLY, Ask, Filter
from analytics.queries.search import plain
from analytics.store.definitions import condition
from analytics.store.store import ask as ask_store

MINUTES, DIMENSION_DAYS = "site_minutes", PEOPLE
_ARTICLE_TOTALS = (
    f"(SELECT value AS article_id, * EXCLUDE value FROM {DIMENSION_DAYS} WHERE dimension = 'article')"
)
_BY_DAY = (DIMENSION_DAYS, _ARTICLE_TOTALS, "article_days")
_BRIDGES = {"author": ("article_authors", "author_id"), "topic": ("article_topics", "topic_id")}
SITE = "site"  # the dimension of the whole
FEW_VALUES = (SITE, "section", "author", "channel", "device", "country")  # of what sums are kept
ENTRIES = ("article", "section", "channel", "source", "device", "country")  # what a visit begins with
_TIME_OF = {VIEWS: "event_at", COMMENTS: "created_at", BOXES: "hour_at", MINUTES: "minute_at"}
_OF_ARTICLES = {
    "article",
    "author",
    "topic",
    "section",
    "language",
    "kind",
    "text",
}  # the catalogue knows them


@dataclass(slots=True)
class Sql:
    """A question in the making: the FROM, its conditions and values.

    `reasons` words the rows that a condition leaves out; those without say which rows there are at all.
    `is_summed` is whether several rows may have the same keys.
    """

    table: str
    joins: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    weight: str = "1"
    reasons: dict[str, str] = field(default_factory=dict)
    is_summed: bool = True

    def leave_out(self, condition: str, reason: str) -> None:
        """Keep only rows that fulfil a condition; the reason words the others."""
        self.conditions.append(condition)
        self.reasons[condition] = reason

    def text(self, picks: list[str]) -> str:
        """Write the question: keys, then picks, grouped by the keys."""
        keys = [f"{expression} AS {name}" for name, expression in self.keys.items()]
        group = f"GROUP BY {', '.join(self.keys.values())}" if self.keys and self.is_summed else ""
        return (
            f"SELECT {', '.join([*keys, *picks])} FROM {self.table} AS f {' '.join(self.joins)} "
            f"WHERE {' AND '.join(self.conditions)} {group}"
        )

    def bind(self, name: str, value: object) -> str:
        """Keep a value and give its place in the question."""
        self.values[name] = value
        return f"${name}"


def additive(cursor: duckdb.DuckDBPyConnection, facts: str, bases: list[Base], ask: Ask) -> pl.DataFrame:
    """Count additive bases of views, comments or boxes.

    Args:
        cursor: A reading cursor.
        facts: VIEWS, COMMENTS or BOXES.
        bases: What to count; of views also people, where `tells_people`.
        ask: Filter, split, days.

    Returns:
        The keys asked for (`id` for the split, `day_local`, `hour_at`), then a column per base: Int64,
        Float64 where credit is equal. Groups without events are absent; without keys there is one row.

    Raises:
        UnknownDimensionError: The facts cannot be filtered or split so.
    """
    table = _rollup(ask) if facts == VIEWS else facts
    sql = _of_dimension(ask) if table == DIMENSION_DAYS else question(facts, ask, table)
    if table == DIMENSION_DAYS and sql.keys:
        # A value has one row a day: adding up one row each costs twice what reading them does.
        sql.is_summed = not ask.grain and len(ask.day_list) > 1
    picks = [_pick(base, sql, rolled=table != facts) for base in bases]
    return ask_store(cursor, sql.text(picks), **sql.values)


def tells_people(ask: Ask) -> bool:
    """Say whether the sums that tell views tell people too: readers, sessions and entries."""
    table = _rollup(ask)
    # A minute counts those who are new to the day; who came in two hours is a reader of both.
    return table == DIMENSION_DAYS or (table == MINUTES and ask.grain != "hour" and not ask.where.hour)


def is_of_few(ask: Ask) -> bool:
    """Say whether `sums` tells what is asked."""
    is_plain = _rollup(ask) == DIMENSION_DAYS and not ask.where.active() and not ask.grain
    return is_plain and _dimension(ask) in FEW_VALUES


def sums(cursor: duckdb.DuckDBPyConnection, ask: Ask) -> pl.DataFrame:
    """Sum everything that is kept of the days asked, for every value of the dimensions that have few.

    Returns:
        dimension, id, and a column per base of views and people (Int64).
    """
    sql = question(VIEWS, replace(ask, split=""), DIMENSION_DAYS)
    sql.conditions.append(f"f.dimension IN {FEW_VALUES}")
    sql.keys |= {"dimension": "f.dimension", "id": "f.value"}
    sql.is_summed = len(ask.day_list) > 1
    picks = [_pick(base, sql, rolled=True) for base in BASES.values() if base.facts in {VIEWS, PEOPLE}]
    return ask_store(cursor, sql.text(picks), **sql.values)


def distribution(cursor: duckdb.DuckDBPyConnection, metric: Metric, ask: Ask) -> pl.DataFrame:
    """Count how often each value of a ranked fact occurs: what exact medians are read from.

    Returns:
        The keys asked for, `value` (Float64) and `n` (Float64, credit applied).
    """
    column = metric.numerator
    if column == "engaged_s" and _rollup(ask) in _BY_DAY and _dimensions(ask) <= _OF_ARTICLES:
        sql = question(VIEWS, ask, "engaged_days")
        count = f"sum(f.n * {sql.weight})"
    elif metric.facts == COMMENTS:
        sql = question(COMMENTS, ask, COMMENTS, day="decided_day")
        count = f"sum({sql.weight})"
    else:
        sql = question(VIEWS, ask, VIEWS)
        sql.conditions.append("f.is_article")
        count = f"sum({sql.weight})"
    sql.conditions.append(f"f.{column} IS NOT NULL")
    sql.keys["value"] = f"f.{column}::DOUBLE"
    return ask_store(cursor, sql.text([f"{count}::DOUBLE AS n"]), **sql.values)


def commenters(cursor: duckdb.DuckDBPyConnection, ask: Ask) -> pl.DataFrame:
    """List people with a published comment.

    Returns:
        The keys asked for, `value` (the commenter) and `n` (comments); one row a key and commenter.
    """
    sql = question(COMMENTS, ask, COMMENTS)
    sql.conditions += ["f.is_published", "f.commenter IS NOT NULL"]
    sql.keys["value"] = "f.commenter"
    return ask_store(cursor, sql.text(["count(*)::DOUBLE AS n"]), **sql.values)


def lengths(cursor: duckdb.DuckDBPyConnection, ask: Ask, step: int) -> pl.DataFrame:
    """Count comments by length, in steps: `length` (Int64, what the step is longer than) and `comments`."""
    sql = question(COMMENTS, ask, COMMENTS)
    sql.conditions.append("f.length IS NOT NULL")
    # A step ends with a multiple, so that what is cut at the limit of 512 stands in the last one up to it.
    sql.keys["length"] = f"greatest(f.length - 1, 0) // {int(step)} * {int(step)}"
    return ask_store(cursor, sql.text(["count(*)::BIGINT AS comments"]), **sql.values)


def pending(cursor: duckdb.DuckDBPyConnection, ask: Ask) -> pl.DataFrame:
    """Count comments that wait now, whenever they were written."""
    sql = question(COMMENTS, ask, COMMENTS, day="")
    sql.conditions.append("f.is_pending")
    return ask_store(
        cursor, sql.text([f"coalesce(sum({sql.weight}), 0)::{_kind(ask)} AS comments_pending"]), **sql.values
    )


def published(cursor: duckdb.DuckDBPyConnection, ask: Ask) -> pl.DataFrame:
    """Count articles published in the period, by credit weight."""
    sql = published_question(ask)
    if ask.grain:
        raise UnknownDimensionError(
            _("Published articles are not counted by hour."), _("Ask for the period.")
        )
    return ask_store(
        cursor, sql.text([f"coalesce(sum({sql.weight}), 0)::{_kind(ask)} AS published"]), **sql.values
    )


def published_question(ask: Ask) -> Sql:
    """Begin a question over the articles published in the period."""
    sql = of_catalogue(ask.where, ask.period)
    sql.leave_out("coalesce(f.kind, 'article') <> 'page'", _("a page, no article"))
    _split(sql, ask, of_articles=True)
    return sql


def people_question(ask: Ask) -> Sql | None:
    """Begin a question over the sums of people; None where no sum is kept under the filter."""
    return _of_dimension(ask) if _rollup(ask) == DIMENSION_DAYS else None


def of_catalogue(where: Filter, published_in: Period | None) -> Sql:
    """Begin a question over the articles of the catalogue, under a filter; None takes those of all times.

    Raises:
        UnknownDimensionError: The filter is of views, which articles are not.
    """
    sql = Sql("articles")
    sql.conditions.append(f"f.site_id = {sql.bind('site', where.site_id)}")
    if published_in is not None:
        begins, ends = sql.bind("begins", published_in.begins), sql.bind("ends", published_in.ends)
        when = f"f.published_at >= {begins} AND f.published_at < {ends}"
        sql.leave_out(when, _("published at another time, or without a date"))
        _hours(sql, where, published_in.days, published_in.zone, "f.published_at")
    _filter(sql, where, of_articles=True)
    return sql


def publications(cursor: duckdb.DuckDBPyConnection, ask: Ask) -> pl.DataFrame:
    """List the articles published in the period: id and published_at (naive UTC)."""
    sql = of_catalogue(ask.where, ask.period)
    sql.conditions.append("coalesce(f.kind, 'article') <> 'page'")
    sql.keys |= {"id": "f.article_id", "published_at": "f.published_at"}
    return ask_store(cursor, sql.text([]), **sql.values)


def custom(cursor: duckdb.DuckDBPyConnection, ask: Ask, picks: list[str], when: str) -> pl.DataFrame:
    """Ask view facts for other aggregates under the same filter; `picks` and `when` are SQL over `f`."""
    sql = question(VIEWS, ask, VIEWS)
    sql.conditions.append(when)
    return ask_store(cursor, sql.text(picks), **sql.values)


def told(
    cursor: duckdb.DuckDBPyConnection, ask: Ask, column: str, picks: list[str], **keys: str
) -> pl.DataFrame:
    """Group views by what their loads told beside the facts: `utm_campaign`, `language`.

    Args:
        cursor: A reading cursor.
        ask: Filter and days; no split.
        column: Of `page_views`; named by us and never by an address.
        picks: SQL over `f`, the facts, and `e`, the events.
        **keys: More to group by, in the same SQL.

    Returns:
        `id` (views that told nothing are left out), the other keys, then what was picked.
    """
    sql = question(VIEWS, ask, VIEWS)
    span = f"BETWEEN {sql.bind('told_from', ask.period.first)} AND {sql.bind('told_to', ask.period.last)}"
    sql.joins.append(
        f"JOIN (SELECT * FROM page_views WHERE site_id = $site AND day_local {span} "
        f"AND {column} IS NOT NULL) AS e ON e.view_id = f.view_id"
    )
    sql.keys |= {"id": f"e.{column}", **keys}
    return ask_store(cursor, sql.text(picks), **sql.values)


def entered(cursor: duckdb.DuckDBPyConnection, ask: Ask, dimension: str) -> pl.DataFrame:
    """Count the visits that began in the period, by where they began.

    Args:
        cursor: A reading cursor.
        ask: Filter and days; the filter is put to what a visit began with.
        dimension: article, channel or source.

    Returns:
        id (null: another page, or not known), entries, bounces, bounce_known (Int64).

    Raises:
        UnknownDimensionError: The filter is by something that a visit does not begin with.
    """
    sql = Sql("sessions")
    sql.conditions.append(f"f.site_id = {sql.bind('site', ask.where.site_id)}")
    _days(sql, ask, "day_local", VIEWS)
    for name in ask.where.active():
        if name not in ENTRIES:
            raise UnknownDimensionError(
                _("Visits do not begin with a {name}.", name=name), _("Take the filter off.")
            )
        alternatives(sql, name, getattr(ask.where, name), "", column=f"entry_{name}")
    sql.keys["id"] = f"f.entry_{dimension}"
    known = "f.is_closed AND f.is_measured"
    picks = [
        "count(*)::BIGINT AS entries",
        f"(count(*) FILTER (WHERE {known} AND f.is_bounce))::BIGINT AS bounces",
        f"(count(*) FILTER (WHERE {known}))::BIGINT AS bounce_known",
    ]
    return ask_store(cursor, sql.text(picks), **sql.values)


# --- how a question is put together ------------------------------------------------------------------------


def question(facts: str, ask: Ask, table: str, day: str = "day_local") -> Sql:
    """Begin a question over facts, or over a rollup of them, under filter, days and split."""
    sql = Sql(table)
    sql.conditions.append(f"f.site_id = {sql.bind('site', ask.where.site_id)}")
    if ask.basis == "published_in":
        _published_in(sql, ask, facts)
    elif day:
        _days(sql, ask, day, table if table == MINUTES else facts)
        _hours(sql, ask.where, ask.day_list, ask.period.zone)
    _filter(sql, ask.where, of_articles=False, has_section=table in {VIEWS, COMMENTS, BOXES}, facts=facts)
    _split(sql, ask, of_articles=False, has_section=table in {VIEWS, COMMENTS, BOXES})
    if ask.grain == "hour":
        sql.keys["hour_at"] = "f.hour_at"
    if ask.grain:
        sql.keys["day_local"] = f"f.{day or 'day_local'}"
    return sql


def _days(sql: Sql, ask: Ask, day: str, facts: str) -> None:
    if ask.until:
        starts = sql.bind("days", [each for each, _ in ask.until])
        cuts = sql.bind("cuts", [cut for _, cut in ask.until])
        sql.joins.append(
            f"JOIN (SELECT unnest({starts}::DATE[]) AS day, unnest({cuts}::TIMESTAMP[]) AS cut) AS d "
            f"ON d.day = f.{day} AND f.{_TIME_OF[facts]} < d.cut"
        )
    elif ask.days:
        # A literal list lets zone maps skip the days between.
        days = ", ".join(f"DATE '{each}'" for each in ask.days)
        sql.conditions.append(f"f.{day} IN ({days})")
    else:
        first, last = sql.bind("first", ask.period.first), sql.bind("last", ask.period.last)
        sql.conditions.append(f"f.{day} BETWEEN {first} AND {last}")


def _hours(sql: Sql, where: Filter, days: Sequence[dt.date], zone: str, published: str = "") -> None:
    """Keep what happened in the hours of the filter, or what was `published` in them, where it has any."""
    if not where.hour:
        return
    hours = f"{sql.bind('hours', where.hours(days, zone))}::TIMESTAMP[]"
    is_in = f"f.hour_at IN (SELECT unnest({hours}))"
    if published:
        within = f"{published} >= h.at AND {published} < h.at + INTERVAL 1 HOUR"
        is_in = f"EXISTS (SELECT 1 FROM (SELECT unnest({hours}) AS at) AS h WHERE {within})"
    sql.leave_out(is_in, _("outside the filter on {word}", word="hour"))


def _published_in(sql: Sql, ask: Ask, facts: str) -> None:
    """Keep events of articles published in the period, up to the horizon of each."""
    begins, ends = sql.bind("begins", ask.period.begins), sql.bind("ends", ask.period.ends)
    sql.joins.append("JOIN articles AS p ON p.site_id = f.site_id AND p.article_id = f.article_id")
    sql.leave_out(f"p.published_at >= {begins} AND p.published_at < {ends}", _("published at another time"))
    _hours(sql, ask.where, ask.period.days, ask.period.zone, "p.published_at")
    sql.leave_out(f"f.{_TIME_OF[facts]} >= p.published_at", _("before publication"))
    sql.conditions.append(f"f.day_local >= {sql.bind('first', ask.period.first)}")
    horizon = HORIZONS[ask.horizon]
    if horizon is not None:
        ends_at = f"p.published_at + {sql.bind('horizon', horizon)}"
        sql.leave_out(f"f.{_TIME_OF[facts]} < {ends_at}", _("older than the horizon"))


def _filter(
    sql: Sql, where: Filter, *, of_articles: bool, has_section: bool = False, facts: str = ""
) -> None:
    for name in where.active():
        if name == "hour":
            continue  # a cut in time, put where the days are
        wanted, before = getattr(where, name), len(sql.conditions)
        if name in (*OF_VIEWS_ONLY, "age") and facts != VIEWS:
            raise UnknownDimensionError(
                _("Comments and articles cannot be filtered by {name}.", name=name), _("Take the filter off.")
            )
        if name == "text":
            sql.conditions.append(_says(sql, wanted))
        elif name in _BRIDGES:
            bridge, key = _BRIDGES[name]
            alternatives(
                sql, name, wanted, f"(SELECT article_id FROM {bridge} WHERE site_id = $site AND {key}"
            )
        elif name == "age":
            sql.conditions.append(_age(wanted))
        elif name in {"language", "kind"} or (name == "section" and not (of_articles or has_section)):
            known = "coalesce(kind, 'article')" if name == "kind" else name
            alternatives(
                sql, name, wanted, f"(SELECT article_id FROM articles WHERE site_id = $site AND {known}"
            )
        else:
            alternatives(sql, name, wanted, "", column="article_id" if name == "article" else name)
        word = "search" if name == "text" else name
        sql.reasons |= dict.fromkeys(sql.conditions[before:], _("outside the filter on {word}", word=word))


def alternatives(sql: Sql, name: str, wanted: tuple[str, ...], inside: str, column: str = "") -> None:
    """Add `in these` and `not in those`; `inside` opens a question for the articles that have the value."""
    for suffix, values in (
        ("", [value for value in wanted if not value.startswith("!")]),
        ("_not", [value[1:] for value in wanted if value.startswith("!")]),
    ):
        if not values:
            continue
        place = sql.bind(f"{name}{suffix}", values)
        is_in = f"IN (SELECT unnest({place}::VARCHAR[]))"
        if inside:
            text = f"f.article_id IN {inside} {is_in})"
            sql.conditions.append(f"NOT coalesce({text}, false)" if suffix else text)
        else:
            text = f"f.{column} {is_in}"
            sql.conditions.append(f"NOT coalesce({text}, false)" if suffix else text)


def _says(sql: Sql, text: str) -> str:
    """Keep articles in whose title, former titles, address or id every word of a search stands."""
    words = [sql.bind(f"word{place}", word) for place, word in enumerate(text.split()[:MOST_WORDS])]
    every = " AND ".join(f"contains(said, {plain(word)})" for word in words) or "true"
    return f"""f.article_id IN (
        SELECT article_id FROM (
            SELECT article_id, {plain("concat_ws(' ', title, url, article_id)")} AS said
            FROM articles WHERE site_id = $site
            UNION ALL
            SELECT article_id, {plain("title")} FROM article_titles WHERE site_id = $site)
        WHERE {every})"""


def _age(wanted: tuple[str, ...]) -> str:
    spans = {
        "new": "f.event_at - f.published_at < INTERVAL 48 HOUR",
        "recent": "f.event_at - f.published_at BETWEEN INTERVAL 48 HOUR AND INTERVAL 7 DAY",
        "old": "f.event_at - f.published_at > INTERVAL 7 DAY",
    }
    keep = [spans[each] for each in wanted if not each.startswith("!")]
    drop = [f"NOT coalesce({spans[each[1:]]}, false)" for each in wanted if each.startswith("!")]
    return " AND ".join([*([f"({' OR '.join(keep)})"] if keep else []), *drop])


def _split(sql: Sql, ask: Ask, *, of_articles: bool, has_section: bool = False) -> None:
    if not ask.split:
        return
    if ask.split in _BRIDGES:
        bridge, key = _BRIDGES[ask.split]
        weights = (
            f"SELECT article_id, {key} AS id, 1.0 / count(*) OVER (PARTITION BY article_id) AS share "
            f"FROM {bridge} WHERE site_id = $site {'AND position = 1' if ask.credit == 'first' else ''}"
        )
        sql.joins.append(f"LEFT JOIN ({weights}) AS b ON b.article_id = f.article_id")
        sql.keys["id"] = "b.id"
        if ask.credit == "equal":
            sql.weight = "coalesce(b.share, 1.0)"
    elif ask.split == "section" and not (of_articles or has_section):
        sql.joins.append("LEFT JOIN articles AS s ON s.site_id = f.site_id AND s.article_id = f.article_id")
        sql.keys["id"] = "s.section"
    else:
        sql.keys["id"] = "f.article_id" if ask.split == "article" else f"f.{DIMENSIONS[ask.split].id}"
    if ask.split in {"article", "author", "topic", "section"}:
        sql.conditions.append("f.article_id IS NOT NULL")
        if sql.table == VIEWS:
            sql.conditions.append("f.is_article")


def _rollup(ask: Ask) -> str:
    """Choose the smallest table that tells what is asked of views."""
    filtered, dimensions = ask.where.active(), _dimensions(ask)
    if ask.basis == "published_in" or "age" in filtered:
        return VIEWS
    if ask.until or ask.grain == "hour" or "hour" in filtered:
        if not dimensions:
            return MINUTES
        return "article_hours" if not ask.until and dimensions <= _OF_ARTICLES else VIEWS
    if _one_value(ask) if filtered else ask.credit != "equal" or ask.split not in _BRIDGES:
        return DIMENSION_DAYS
    return _ARTICLE_TOTALS if dimensions <= _OF_ARTICLES else "article_days"


def _dimensions(ask: Ask) -> set[str]:
    """Name what a question filters or splits by, but for its hours, which are a cut in time."""
    return {*ask.where.active(), *([ask.split] if ask.split else [])} - {"hour"}


def _one_value(ask: Ask) -> bool:
    """Say whether a filter keeps one value of one dimension, and nothing is split."""
    active = ask.where.active()
    if ask.split or len(active) > 1 or active[0] not in DIMENSIONS:
        return False
    values = getattr(ask.where, active[0])
    return len(values) == 1 and not values[0].startswith("!")


def _of_dimension(ask: Ask) -> Sql:
    """Ask the rows of one dimension."""
    sql = Sql(DIMENSION_DAYS)
    sql.conditions.append(f"f.site_id = {sql.bind('site', ask.where.site_id)}")
    _days(sql, ask, "day_local", VIEWS)
    sql.conditions.append(f"f.dimension = {sql.bind('dimension', _dimension(ask))}")
    active = ask.where.active()
    if active:
        sql.conditions.append(f"f.value = {sql.bind('value', getattr(ask.where, active[0])[0])}")
    if ask.split:
        sql.keys["id"] = "f.value"
    if ask.grain:
        sql.keys["day_local"] = "f.day_local"
    return sql


def _dimension(ask: Ask) -> str:
    """Name the dimension whose rows tell: of the split, of the value that a filter keeps, or the site."""
    active = ask.where.active()
    first = "_first" if ask.credit == "first" and ask.split in _BRIDGES else ""
    return (ask.split or (active[0] if active else SITE)) + first


def _kind(ask: Ask) -> str:
    return "DOUBLE" if ask.credit == "equal" and ask.split in _BRIDGES else "BIGINT"


def _pick(base: Base, sql: Sql, *, rolled: bool) -> str:
    if not sql.is_summed:
        return f"f.{base.name}"
    kind = "BIGINT" if sql.weight == "1" else "DOUBLE"
    times = "" if sql.weight == "1" else f" * {sql.weight}"
    if rolled:
        counted = f"sum(f.{base.name}{times})"
    else:
        value = f"f.{base.value}" if base.value else "1"
        counted = f"sum({value}{times}) FILTER (WHERE {condition(base)})"
    return f"coalesce({counted}, 0)::{kind} AS {base.name}"


# --- people ------------------------------------------------------------------------------------------------


_ENTERED = "v.is_closed AND v.is_measured AND f.event_at = v.first_view_at"
_DISTINCT = {
    "readers": "count(DISTINCT f.visitor)",
    "sessions": "count(DISTINCT v.session_id)",
    "bounces": f"count(DISTINCT v.session_id) FILTER (WHERE {_ENTERED} AND v.is_bounce)",
    "bounce_known": f"count(DISTINCT v.session_id) FILTER (WHERE {_ENTERED})",
}


def people(cursor: duckdb.DuckDBPyConnection, bases: list[Base], ask: Ask) -> pl.DataFrame:
    """Count readers, sessions and entries from single views: distinct inside each local day, then added up.

    Args:
        cursor: A reading cursor.
        bases: Which of them; readers alone need no sessions, a tenth of the work.
        ask: Filter, split, days; hours stand alone.

    Returns:
        The keys asked for, then a column per base (Int64).
    """
    views = question(VIEWS, ask, VIEWS)
    if {*ask.where.active(), ask.split} & {
        "article",
        "author",
        "topic",
        "section",
        "language",
        "kind",
        "age",
        "text",
    }:
        views.conditions.append("f.is_article")
    views.keys["day_of"] = "f.day_local"
    if any(base.value != "readers" for base in bases):
        views.joins.append(
            "LEFT JOIN sessions AS v ON v.site_id = f.site_id AND v.session_id = f.session_id "
            "AND v.day_local = f.day_local"
        )
    picks = [f"({_DISTINCT[base.value]})::BIGINT AS {base.value}" for base in bases]
    keys = [name for name in views.keys if name != "day_of"]
    summed = [f"coalesce(sum({base.value}), 0)::BIGINT AS {base.value}" for base in bases]
    outer = f"SELECT {', '.join([*keys, *summed])} FROM ({views.text(picks)})"
    return ask_store(cursor, outer + (f" GROUP BY {', '.join(keys)}" if keys else ""), **views.values)
