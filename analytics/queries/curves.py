"""What articles had gathered by each age: sums since publication, looked up for many articles at once.

A site of ten million views has a million rows of `article_ages` in ninety days. Days that are over hardly
ever change, so a table of their sums is kept until one of them is counted anew; only today and yesterday are
read after every recount.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
_ASKED = ("reads", "views")  # bases that pages hold against expectation
_GUARDED = ("reads", "engaged")  # unknown, not 0, where no view can tell
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Part:
    """Sums of some days, one for every step from the first to the last in which an article was seen in them.

    Attributes:
        articles: article_id, code (0, 1, ...), and of each whole article views and read_known; by code.
        first: First step of each code.
        last: Its last one.
        begins: Where its sums begin.
        sums: What it had gathered by each step.
    """

    articles: pl.DataFrame
    first: pl.Series
    last: pl.Series
    begins: pl.Series
    sums: pl.Series

    def at(self, code: pl.Expr) -> pl.Expr:
        """Look up sums by code and `step`; 0 where there is nothing."""
        if not self.sums.len():
            return pl.lit(0, dtype=pl.Int64)
        own, step = code.clip(0), pl.col("step").cast(pl.Int64)
        first, last, begins = (pl.lit(each).gather(own) for each in (self.first, self.last, self.begins))
        place = begins + pl.min_horizontal(step, last) - first
        found = pl.lit(self.sums).gather(place.clip(0))
        return pl.when(code >= 0, step >= first).then(found).otherwise(0).cast(pl.Int64)


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
        found = _curves((_closed(store, base, closed), _open(store, base, opened)), base)
        return replace(found, days=(closed, opened))

    return store.memo(("curves", base, closed), read, of=(closed, opened))


def warm(store: Store, site: str, zone: str, now: dt.datetime) -> None:
    """Make the sums of the days that are over, so that nobody who looks waits for them."""
    for base in _ASKED:
        _closed(store, base, _days(site, zone, now)[0])


def _days(site: str, zone: str, as_of: dt.datetime) -> tuple[Days, Days]:
    """Part the days into those that are over and those that may go on."""
    today = local_day(as_of, zone)
    first, cut = local_day(as_of - ages.LONGEST, zone) - _DAY, today - (_OPEN_DAYS - 1) * _DAY
    # What clocks ahead of ours sent lies in tomorrow at most.
    return Days(site, first, cut - _DAY), Days(site, cut, today + _DAY)


def _closed(store: Store, base: str, days: Days) -> _Part:
    return store.memo(("sums by age", base, days), lambda: _read(store, base, days), of=[days])


def _curves(parts: tuple[_Part, ...], base: str) -> Curves:
    """Put parts together, and name the articles of which nothing can be told."""
    told = "read_known" if base in _GUARDED else "views"
    articles = pl.concat(part.articles for part in parts).lazy().group_by("article_id")
    sums = articles.agg(pl.col("views").sum(), told=pl.col(told).sum())
    unknown = sums.filter(pl.col("views") > 0, pl.col("told") == 0).select("article_id").collect()
    return Curves(parts, unknown["article_id"])


def _read(store: Store, base: str, days: Days) -> _Part:
    return _part(_coded(store, days), _packed(store, days, (base,))[base])


def _open(store: Store, base: str, days: Days) -> _Part:
    """Read the days that may go on, after every recount: reads and views, which pages ask for, at once."""
    bases = _ASKED if base in _ASKED else (base,)
    packed = store.memo(("packed by age", bases, days), lambda: _packed(store, days, bases), of=[days])
    return _part(_coded(store, days), packed[base])


def _packed(store: Store, days: Days, bases: Sequence[str]) -> pl.DataFrame:
    """Read article, step and value as one number; a column a base, in no order."""
    picks = [f"(c.code * {_SPAN} + a.step) * {_ROOM} + a.{base} AS {base}" for base in bases]
    with store.read() as cursor:
        cursor.register("coded", _coded(store, days).select("article_id", "code"))
        return ask(
            cursor,
            f"""
            SELECT {", ".join(picks)} FROM article_ages AS a JOIN coded AS c USING (article_id)
            WHERE a.site_id = $site AND a.day_local BETWEEN $first AND $last
            """,
            site=days.site_id,
            first=days.first,
            last=days.last,
        )


def _part(articles: pl.DataFrame, packed: pl.Series) -> _Part:
    # The sum over all rows, less what stood before the article: a window over each would cost far more.
    number = pl.col("packed")
    value, code = number % _ROOM, number // (_ROOM * _SPAN)
    is_first = (code != code.shift()).fill_null(value=True)
    before = pl.when(is_first).then(pl.col("sum") - value).forward_fill()
    summed = packed.rename("packed").to_frame().lazy().sort(number).with_columns(sum=value.cum_sum())
    steps = (
        summed.select(code=code, step=number // _ROOM % _SPAN, sum=pl.col("sum") - before)
        # What stands last of a step holds until the next one of the article.
        .with_columns(goes_on=pl.col("code") == pl.col("code").shift(-1), next=pl.col("step").shift(-1))
        .with_columns(steps=pl.when("goes_on").then(pl.col("next") - pl.col("step")).otherwise(1))
        .with_columns(begins=pl.col("steps").cum_sum() - pl.col("steps"))
        .collect()
    )
    spans = (
        steps.group_by("code")
        .agg(
            pl.col("step").first().alias("first"),
            pl.col("step").last().alias("last"),
            pl.col("begins").first(),
        )
        .sort("code")
    )
    sums = (
        steps.select(pl.col("sum").repeat_by("steps").explode(empty_as_null=False))["sum"]
        if steps.height
        else steps["sum"]
    )
    return _Part(articles, spans["first"], spans["last"], spans["begins"], sums.shrink_dtype())


def _coded(store: Store, days: Days) -> pl.DataFrame:
    return store.memo(("articles by age", days), lambda: _articles(store, days), of=[days])


def _articles(store: Store, days: Days) -> pl.DataFrame:
    return store.frame(
        """
        SELECT article_id, row_number() OVER () - 1 AS code, sum(views)::BIGINT AS views,
            sum(read_known)::BIGINT AS read_known
        FROM article_ages WHERE site_id = $site AND day_local BETWEEN $first AND $last GROUP BY article_id
        ORDER BY code
        """,
        site=days.site_id,
        first=days.first,
        last=days.last,
    )
