"""What articles had gathered by each age: sums since publication, looked up for many articles at once.

A site of ten million views has a million rows of `article_ages` in ninety days. Days that are over hardly
ever change, so a table of their sums is kept until one of them is counted anew; only today and yesterday are
read after every recount.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analytics.metrics import AGED
from analytics.periods import local_day
from analytics.store import ages
from analytics.store.memory import Days
from analytics.store.store import Store

_SPAN = 512  # more than there are steps: article and step make one sorted number
_CODES = ("code_0", "code_1")
_OPEN_DAYS = 2  # beacons of a day come until the end of the next one
_ASKED = ("reads", "views")  # bases that pages hold against expectation
_GUARDED = ("reads", "engaged")  # unknown, not 0, where no view can tell
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Part:
    """Sums of some days, one for every step from the first to the last in which an article was seen in them.

    Attributes:
        articles: article_id, code (0, 1, ...), first and last step, where its sums begin, and of the whole
            article views and read_known; by code.
        sums: Of each base what articles had gathered by each step.
    """

    articles: pl.DataFrame
    sums: dict[str, pl.Series]

    def at(self, base: str, code: pl.Expr) -> pl.Expr:
        """Look up sums by code and `step`; 0 where there is nothing."""
        if not self.articles.height:
            return pl.lit(0, dtype=pl.Int64)
        own, step = code.clip(0), pl.col("step").cast(pl.Int64)
        first, last, begins = (
            pl.lit(self.articles[name]).gather(own) for name in ("first", "last", "begins")
        )
        place = begins + pl.min_horizontal(step, last) - first
        found = pl.lit(self.sums[base]).gather(place.clip(0))
        return pl.when(code >= 0, step >= first).then(found).otherwise(0).cast(pl.Int64)

    def told(self, base: str, *, is_told: bool) -> pl.Series:
        """List the viewed articles of which some view, or none, can tell the base."""
        count = pl.col("read_known") if base in _GUARDED else pl.col("views")
        wanted = count > 0 if is_told else count == 0
        return self.articles.filter(wanted, pl.col("views") > 0)["article_id"]


@dataclass(frozen=True, slots=True)
class Curves:
    """What the articles of a site had gathered by each age.

    Attributes:
        parts: Sums of days that do not overlap.
        base: What was gathered.
        days: What is kept of them rests on these days; nothing is kept of a look back.
    """

    parts: tuple[_Part, ...]
    base: str
    days: tuple[Days, ...] = ()

    @property
    def unknown(self) -> pl.Series:
        """Articles with views of which none can tell the base: their curve is no row of noughts."""
        untold = pl.concat([part.told(self.base, is_told=False) for part in self.parts])
        told = [part.told(self.base, is_told=True) for part in self.parts] if untold.len() else []
        return untold.filter(~untold.is_in(pl.concat(told).implode())) if told else untold

    def coded(self, articles: pl.DataFrame) -> pl.DataFrame:
        """Give articles (`article_id`) the columns by which `at` finds them."""
        coded = articles.lazy()
        for column, part in zip(_CODES, self.parts, strict=False):
            codes = part.articles.lazy().select("article_id", pl.col("code").alias(column))
            coded = coded.join(codes, on="article_id", how="left", maintain_order="left")
        return coded.with_columns(pl.col(f"^{_CODES[0][:-1]}.$").fill_null(-1)).collect()

    def at(self) -> pl.Expr:
        """Give what the articles of a frame of `coded` had gathered at their `step`."""
        return pl.sum_horizontal(
            part.at(self.base, pl.col(column)) for column, part in zip(_CODES, self.parts, strict=False)
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
        return Curves((_read(store, Days(site, closed.first, dt.date.max), (base,)),), base)
    parts = (_kept(store, base, closed), _kept(store, base, opened))
    return Curves(parts, base, (closed, opened))


def warm(store: Store, site: str, zone: str, now: dt.datetime) -> None:
    """Make the sums of the days that are over, so that nobody who looks waits for them."""
    _kept(store, _ASKED[0], _days(site, zone, now)[0])


def _days(site: str, zone: str, as_of: dt.datetime) -> tuple[Days, Days]:
    """Part the days into those that are over and those that may go on."""
    today = local_day(as_of, zone)
    first, cut = local_day(as_of - ages.LONGEST, zone) - _DAY, today - (_OPEN_DAYS - 1) * _DAY
    # What clocks ahead of ours sent lies in tomorrow at most.
    return Days(site, first, cut - _DAY), Days(site, cut, today + _DAY)


def _kept(store: Store, base: str, days: Days) -> _Part:
    """Read sums, reads and views at once, for pages ask for both; kept until a day is counted anew."""
    bases = _ASKED if base in _ASKED else (base,)
    return store.memo(("sums by age", bases, days), lambda: _read(store, days, bases), of=[days])


def _read(store: Store, days: Days, bases: Sequence[str]) -> _Part:
    counted = dict.fromkeys((*bases, "views", "read_known"))
    found = store.frame(
        f"""
        SELECT article_id, step, {", ".join(counted)} FROM article_ages
        WHERE site_id = $site AND day_local BETWEEN $first AND $last
        """,
        site=days.site_id,
        first=days.first,
        last=days.last,
    )
    names = found["article_id"].unique().sort()  # the same codes whenever the same is read
    code = found["article_id"].cast(pl.Enum(names)).to_physical().cast(pl.Int64)
    # What stands last of a step holds until the next one of the article; the sums run on over all articles.
    goes_on = pl.col("code") == pl.col("code").shift(-1)
    steps = (
        found.lazy()
        .select(*counted, key=code * _SPAN + found["step"])
        .sort("key")
        .with_columns(code=pl.col("key") // _SPAN, step=pl.col("key") % _SPAN)
        .with_columns(steps=pl.when(goes_on).then(pl.col("step").shift(-1) - pl.col("step")).otherwise(1))
        .with_columns(pl.col(base).cum_sum().alias(f"sum_{base}") for base in bases)
        .collect()
    )
    before = {f"before_{base}": (pl.col(f"sum_{base}") - pl.col(base)).first() for base in bases}
    spans = steps.group_by("code", maintain_order=True).agg(
        pl.col("views", "read_known", "steps").sum(),
        first=pl.col("step").first(),
        last=pl.col("step").last(),
        **before,
    )
    articles = spans.select(
        "code", "first", "last", "views", "read_known", begins=pl.col("steps").cum_sum() - pl.col("steps")
    ).with_columns(names.alias("article_id"))

    def sums(base: str) -> pl.Series:
        own = steps[f"sum_{base}"] - spans[f"before_{base}"].gather(steps["code"])
        return own.repeat_by(steps["steps"]).explode(empty_as_null=False).shrink_dtype()

    return _Part(articles, {base: sums(base) for base in bases})
