"""What articles had gathered by each age: sums since publication, looked up for many articles at once.

A site of ten million views has two million rows of `article_ages` in ninety days. Days that are over hardly
ever change, so their sums are made once and kept; only today and yesterday are read for every question.
"""

from __future__ import annotations

import datetime as dt
import math
import threading
from dataclasses import dataclass, field

import duckdb
import polars as pl

from analytics.metrics import AGED
from analytics.periods import local_day
from analytics.store import ages
from analytics.store.store import Store, ask

_SPAN = 512  # more than there are steps: article and step make one sorted number
_CODES = ("code_0", "code_1")
_OPEN_DAYS = 2  # beacons of a day come until the end of the next one
_GUARDS = {"reads": "read_known", "engaged": "read_known"}  # unknown, not 0, where no view can tell


@dataclass(frozen=True, slots=True)
class _Part:
    """Sums of some days.

    Attributes:
        articles: article_id, code, and of each whole article views and known (views that can tell).
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
        place = (
            keys.search_sorted(code * _SPAN + pl.col("step").cast(pl.Int64), side="right").cast(pl.Int64) - 1
        )
        nearest = place.clip(0)
        is_there = (place >= 0) & (keys.gather(nearest) // _SPAN == code)
        return pl.when(is_there).then(pl.lit(self.sums).gather(nearest)).otherwise(0)


@dataclass(frozen=True, slots=True)
class Curves:
    """What the articles of a site had gathered by each age.

    Attributes:
        parts: Sums of days that do not overlap.
        unknown: Articles with views of which none can tell the base: their curve is no row of noughts.
    """

    parts: tuple[_Part, ...]
    unknown: pl.Series

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


@dataclass(slots=True)
class _Kept:
    """Sums of closed days, by base, with what they were made from."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    parts: dict[str, tuple[tuple[object, ...], _Part]] = field(default_factory=dict)


def curves(store: Store, site: str, zone: str, base: str, as_of: dt.datetime, *, is_now: bool) -> Curves:
    """Read the curves of the articles published in the 90 days before an instant; kept until the next commit.

    Args:
        store: The open store.
        site: The site.
        zone: Its zone.
        base: One of AGED.
        as_of: Naive UTC.
        is_now: Whether days that are over shall be kept for the next question; not for a look back.

    Raises:
        ValueError: The base is not kept by age.
    """
    if base not in AGED:
        raise ValueError(f"{base} is not kept by age")
    first = local_day(as_of - ages.LONGEST, zone) - dt.timedelta(days=1)
    cut = local_day(as_of, zone) - dt.timedelta(days=_OPEN_DAYS - 1)

    def read() -> Curves:
        if is_now:
            closed = _closed(store, site, base, first, cut - dt.timedelta(days=1))
            parts: tuple[_Part, ...] = (closed, _read(store, site, base, cut, dt.date.max))
        else:
            parts = (_read(store, site, base, first, dt.date.max),)
        return Curves(parts, _unknown(parts))

    return store.memo(("curves", site, base, first, cut, is_now), read)


def _closed(store: Store, site: str, base: str, first: dt.date, last: dt.date) -> _Part:
    kept = store.memo(("closed curves", site), _Kept, for_s=math.inf)
    with kept.lock:  # the panels of a page ask at the same time
        made_from = (
            first,
            last,
            *store.memo(("closed days", site, first, last), lambda: _mark(store, site, first, last)),
        )
        held = kept.parts.get(base)
        if held is None or held[0] != made_from:
            held = (made_from, _read(store, site, base, first, last))
            kept.parts[base] = held
        return held[1]


def _mark(store: Store, site: str, first: dt.date, last: dt.date) -> tuple[object, ...]:
    """Give what changes whenever one of some days was counted anew."""
    return store.frame(
        """
        SELECT count(*) AS days, max(rolled_at) AS at, bit_xor(hash(day_local, rolled_at)) AS mark,
            (SELECT sum(hash(views, fresh_views, reads, engaged)) FROM dimension_days
             WHERE site_id = $site AND dimension = 'site' AND day_local BETWEEN $first AND $last) AS sums
        FROM rolled_days WHERE site_id = $site AND day_local BETWEEN $first AND $last
        """,
        site=site,
        first=first,
        last=last,
    ).row(0)


def _read(store: Store, site: str, base: str, first: dt.date, last: dt.date) -> _Part:
    with store.read() as cursor:
        articles = _articles(cursor, site, base, first, last)
        cursor.register("coded", articles.select("article_id", "code"))
        rows = ask(
            cursor,
            f"""
            SELECT c.code * {_SPAN} + a.step AS key, a.{base} AS value
            FROM article_ages AS a JOIN coded AS c USING (article_id)
            WHERE a.site_id = $site AND a.day_local BETWEEN $first AND $last AND a.{base} > 0
            """,
            site=site,
            first=first,
            last=last,
        )
    # The sum over all rows, less what stood before the article: a window over each would cost far more.
    summed = rows.sort("key").with_columns(sum=pl.col("value").cum_sum())
    code = pl.col("key") // _SPAN
    is_first = (code != code.shift()).fill_null(value=True)
    before = pl.when(is_first).then(pl.col("sum") - pl.col("value")).forward_fill()
    return _Part(articles, summed["key"], summed.select(pl.col("sum") - before).to_series())


def _articles(
    cursor: duckdb.DuckDBPyConnection, site: str, base: str, first: dt.date, last: dt.date
) -> pl.DataFrame:
    return ask(
        cursor,
        f"""
        SELECT article_id, row_number() OVER () - 1 AS code, sum(views)::BIGINT AS views,
            sum({_GUARDS.get(base, "views")})::BIGINT AS known
        FROM article_ages WHERE site_id = $site AND day_local BETWEEN $first AND $last GROUP BY article_id
        """,
        site=site,
        first=first,
        last=last,
    )


def _unknown(parts: tuple[_Part, ...]) -> pl.Series:
    sums = (
        pl.concat(part.articles for part in parts).group_by("article_id").agg(pl.col("views", "known").sum())
    )
    return sums.filter(pl.col("views") > 0, pl.col("known") == 0)["article_id"]
