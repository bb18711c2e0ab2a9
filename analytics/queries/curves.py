"""What articles had gathered by each age: sums since publication, looked up for many articles at once.

A site of ten million views has a million rows of `article_ages` in ninety days. Days that are over hardly
ever change, so a table of their sums is kept until one of them is counted anew; only today and yesterday are
read after every recount.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TypeAlias

import polars as pl

from analytics.metrics import AGED
from analytics.periods import local_day
from analytics.store import ages
from analytics.store.memory import Days
from analytics.store.store import Store, ask

_SPAN = 512  # more than there are steps: article and step make one sorted number
_ROOM = 2**36  # more than a value: beside its key it makes one number, sorted at half the price of rows
_CODES = ("code_0", "code_1")
_OPEN_DAYS = 2  # beacons of a day come until the end of the next one
_GUARDED = ("reads", "engaged")  # unknown, not 0, where no view can tell
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Sums of some days, one for each step in which something was counted.

    Attributes:
        articles: article_id, code, and of each whole article views and read_known.
        keys: code x 512 + step, ascending.
        sums: Value of the article up to that step.
    """

    articles: pl.DataFrame
    keys: pl.Series
    sums: pl.Series

    def at(self, code: pl.Expr) -> pl.Expr:
        """Look up sums by code and `step`; 0 where there is nothing."""
        if not self.keys.len():
            return pl.lit(0, dtype=pl.Int64)
        keys = pl.lit(self.keys)
        # The last number that is not larger, if it is of the same article.
        place = keys.search_sorted(_key(code), side="right").cast(pl.Int64) - 1
        nearest = place.clip(0)
        is_there = (place >= 0) & (keys.gather(nearest) // _SPAN == code)
        return pl.when(is_there).then(pl.lit(self.sums).gather(nearest)).otherwise(0)


@dataclass(frozen=True, slots=True)
class _Table:
    """Sums of many days, one for every step: looked up ten times faster, and made ten times slower.

    Attributes:
        articles: As of `_Steps`.
        sums: Value of each article up to each step, by key.
    """

    articles: pl.DataFrame
    sums: pl.Series

    def at(self, code: pl.Expr) -> pl.Expr:
        """Look up sums by code and `step`; 0 where there is nothing."""
        if not self.sums.len():
            return pl.lit(0, dtype=pl.Int64)
        found = pl.lit(self.sums).gather(_key(code.clip(0)))
        return pl.when(code >= 0).then(found).otherwise(0).cast(pl.Int64)


_Part: TypeAlias = "_Steps | _Table"


@dataclass(frozen=True, slots=True)
class Curves:
    """What the articles of a site had gathered by each age.

    Attributes:
        parts: Sums of days that do not overlap.
        unknown: Articles with views of which none can tell the base: their curve is no row of noughts.
        days: What is kept of them rests on these days; nothing is kept of a look back.
    """

    parts: tuple[_Part, ...]
    unknown: pl.Series
    days: tuple[Days, ...] = ()

    def coded(self, articles: pl.DataFrame) -> pl.DataFrame:
        """Give articles (`article_id`) the columns by which `at` finds them."""
        for column, part in zip(_CODES, self.parts, strict=False):
            codes = part.articles.select("article_id", pl.col("code").alias(column))
            articles = articles.join(codes, on="article_id", how="left", maintain_order="left")
        return articles.with_columns(pl.col(f"^{_CODES[0][:-1]}.$").fill_null(-1))

    def at(self) -> pl.Expr:
        """Give what the articles of a frame of `coded` had gathered at their `step`."""
        return pl.sum_horizontal(
            part.at(pl.col(column)) for column, part in zip(_CODES, self.parts, strict=False)
        ).cast(pl.Int64)


def curves(store: Store, site: str, zone: str, base: str, as_of: dt.datetime, *, is_now: bool) -> Curves:
    """Read the curves of the articles published in the 90 days before an instant.

    Args:
        store: The open store.
        site: The site.
        zone: Its zone.
        base: One of AGED.
        as_of: Naive UTC.
        is_now: Whether they shall be kept for the next question; not for a look back.

    Raises:
        ValueError: The base is not kept by age.
    """
    if base not in AGED:
        raise ValueError(f"{base} is not kept by age")
    closed, opened = _days(site, zone, as_of)
    if not is_now:
        return _curves((_read(store, base, Days(site, closed.first, dt.date.max)),), base)

    def read() -> Curves:
        found = _curves((_closed(store, base, closed), _read(store, base, opened)), base)
        return replace(found, days=(closed, opened))

    return store.memo(("curves", base, closed), read, of=(closed, opened))


def warm(store: Store, site: str, zone: str, now: dt.datetime) -> None:
    """Make the sums of the days that are over, so that nobody who looks waits for them."""
    for base in ("reads", "views"):
        _closed(store, base, _days(site, zone, now)[0])


def _days(site: str, zone: str, as_of: dt.datetime) -> tuple[Days, Days]:
    """Part the days into those that are over and those that may go on."""
    today = local_day(as_of, zone)
    first, cut = local_day(as_of - ages.LONGEST, zone) - _DAY, today - (_OPEN_DAYS - 1) * _DAY
    # What clocks ahead of ours sent lies in tomorrow at most.
    return Days(site, first, cut - _DAY), Days(site, cut, today + _DAY)


def _closed(store: Store, base: str, days: Days) -> _Table:
    return store.memo(("sums by age", base, days), lambda: _table(store, base, days), of=[days])


def _key(code: pl.Expr) -> pl.Expr:
    return code * _SPAN + pl.col("step").cast(pl.Int64)


def _curves(parts: tuple[_Part, ...], base: str) -> Curves:
    """Put parts together, and name the articles of which nothing can be told."""
    told = "read_known" if base in _GUARDED else "views"
    articles = pl.concat(part.articles for part in parts).lazy().group_by("article_id")
    sums = articles.agg(pl.col("views").sum(), told=pl.col(told).sum())
    unknown = sums.filter(pl.col("views") > 0, pl.col("told") == 0).select("article_id").collect()
    return Curves(parts, unknown["article_id"])


def _table(store: Store, base: str, days: Days) -> _Table:
    steps = _read(store, base, days)
    grid = pl.DataFrame({"key": pl.int_range(steps.articles.height * _SPAN, eager=True)})
    known = pl.DataFrame({"key": steps.keys, "sum": steps.sums, "code": steps.keys // _SPAN})
    sums = (
        grid.lazy()
        .set_sorted("key")
        .join_asof(known.lazy().set_sorted("key"), on="key")
        .select(pl.when(pl.col("code") == pl.col("key") // _SPAN).then("sum").otherwise(0).alias("sum"))
        .collect()["sum"]
    )
    return _Table(steps.articles, sums.shrink_dtype())


def _read(store: Store, base: str, days: Days) -> _Steps:
    articles = store.memo(("articles by age", days), lambda: _articles(store, days), of=[days])
    with store.read() as cursor:
        cursor.register("coded", articles.select("article_id", "code"))
        rows = ask(
            cursor,
            f"""
            SELECT (c.code * {_SPAN} + a.step) * {_ROOM} + a.{base} AS packed
            FROM article_ages AS a JOIN coded AS c USING (article_id)
            WHERE a.site_id = $site AND a.day_local BETWEEN $first AND $last AND a.{base} > 0
            """,
            site=days.site_id,
            first=days.first,
            last=days.last,
        )
    # The sum over all rows, less what stood before the article: a window over each would cost far more.
    value, code = pl.col("packed") % _ROOM, pl.col("packed") // (_ROOM * _SPAN)
    is_first = (code != code.shift()).fill_null(value=True)
    before = pl.when(is_first).then(pl.col("sum") - value).forward_fill()
    summed = rows.lazy().sort("packed").with_columns(sum=value.cum_sum())
    steps = summed.select(key=pl.col("packed") // _ROOM, sum=pl.col("sum") - before).collect()
    return _Steps(articles, steps["key"], steps["sum"])


def _articles(store: Store, days: Days) -> pl.DataFrame:
    return store.frame(
        """
        SELECT article_id, row_number() OVER () - 1 AS code, sum(views)::BIGINT AS views,
            sum(read_known)::BIGINT AS read_known
        FROM article_ages WHERE site_id = $site AND day_local BETWEEN $first AND $last GROUP BY article_id
        """,
        site=days.site_id,
        first=days.first,
        last=days.last,
    )
