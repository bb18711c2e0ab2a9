"""Expectation by age: what same-section articles had gathered when they were as old (metrics.md 7).

The reference set of an article at an age: articles of its section, published in the last 90 days, at least
so old, followed from their publication on, itself left out. Fewer than 20: the whole site. Both sides are
read at the last full step of the age, so that 20 minutes are never held against 15.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from analytics.metrics import FEW_SET
from analytics.queries.coverage import Coverage, coverage
from analytics.queries.curves import Curves, curves
from analytics.store import ages
from analytics.store.memory import CATALOGUE
from analytics.store.sites import site as site_of
from analytics.store.store import Store

_BIG = 1 << 40  # more than any article gathers: set and value make one sorted number
_SHARES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
_WHOLE = "\x00site"  # the set of the whole site; no section is called so
SCHEMA = {
    "id": pl.String(),
    "step": pl.Int16(),
    "value": pl.Int64(),
    "n": pl.Int64(),
    "set": pl.String(),
    "p10": pl.Float64(),
    "p50": pl.Float64(),
    "p90": pl.Float64(),
    "score": pl.Int64(),
    "vs_expected": pl.Float64(),
    "place": pl.String(),
    "is_early": pl.Boolean(),
}


def expected(
    store: Store,
    site: str,
    now: dt.datetime,
    ids: Sequence[str] | None = None,
    *,
    base: str = "reads",
    horizon: dt.timedelta | None = None,
    as_of: dt.datetime | None = None,
) -> pl.DataFrame:
    """Compare articles with their reference sets at their present age, or at a horizon.

    Args:
        store: The open store.
        site: The site.
        now: Naive UTC.
        ids: Articles; None takes all that were published in the last 90 days.
        base: One of `metrics.AGED`.
        horizon: Age at which all are compared; younger ones stand at their present age. None: present age.
        as_of: Look back: ages and reference sets as of then, naive UTC.

    Returns:
        id, step (last full step of the age), value (what it had gathered by then), n (size of the set), set
        (`section`, `site`, or null without 20 articles to compare with), p10, p50, p90 (null likewise),
        score (0-100, also of a smaller set, then grey), vs_expected (value ÷ p50), place (above, typical or
        below, by p10 and p90), is_early (younger than 15 minutes). Articles without an expectation - no date
        of publication, older than 90 days, published before tracking began or their reading unknown - are
        absent. One row an article, in no order.
    """
    if ids is None:
        minute = (as_of or now).replace(second=0, microsecond=0)
        key = ("expected", site, base, horizon, as_of is None, minute)
        return store.memo(key, lambda: _expected(store, site, now, None, base, horizon, as_of))
    return _expected(store, site, now, ids, base, horizon, as_of)


def _expected(
    store: Store,
    site: str,
    now: dt.datetime,
    ids: Sequence[str] | None,
    base: str,
    horizon: dt.timedelta | None,
    as_of: dt.datetime | None,
) -> pl.DataFrame:
    found = references(store, site, now, base=base, as_of=as_of)
    own = found.articles if ids is None else found.articles.filter(pl.col("article_id").is_in(list(ids)))
    step = pl.col("reached")
    if horizon is not None:
        step = pl.min_horizontal(step, pl.lit(ages.step_of(horizon), dtype=pl.Int16))
    asked = own.with_columns(step=step)
    early = asked.filter(pl.col("step") == 0)
    compared = found.compare(asked.filter(pl.col("step") > 0)).with_columns(is_early=pl.lit(value=False))
    nothing = early.select(id="article_id", step="step", is_early=pl.lit(value=True))
    return pl.concat([compared, nothing], how="diagonal_relaxed").select(
        pl.col(name).cast(kind) if name in ("id", *compared.columns) else pl.lit(None, dtype=kind).alias(name)
        for name, kind in SCHEMA.items()
    )


@dataclass(frozen=True, slots=True)
class References:
    """Articles that can be compared, and their curves.

    Attributes:
        articles: article_id, section (null: none), published_at, reached (last full step of its age), and
            where `curves` finds them.
        curves: What they had gathered.
        as_of: Instant of the ages, naive UTC.
    """

    articles: pl.DataFrame
    curves: Curves
    as_of: dt.datetime

    def compare(self, asked: pl.DataFrame) -> pl.DataFrame:
        """Compare articles at steps of their age.

        Args:
            asked: Rows of `articles` with a `step`; an article may stand there with several, also with steps
                that it has not reached: then only its set is told.

        Returns:
            The columns of SCHEMA but `is_early`; in the order asked.
        """
        asked = asked.with_row_index("row")
        near = self._against(asked, pl.col("section"), "section")
        few = (pl.col("n") < FEW_SET) | pl.col("n").is_null()
        alone = near.filter(few)
        if alone.height:
            wide = self._against(asked.join(alone, on="row", how="semi"), pl.lit(_WHOLE), "site")
            enough = wide.filter(pl.col("n") >= FEW_SET)
            # Where the whole site is no better, the smaller set of the section says how few there are.
            near = pl.concat([near.join(enough, on="row", how="anti"), enough]).sort("row")
        known = pl.col("n") >= FEW_SET
        return near.with_columns(pl.when(known).then(pl.col("set", *_SHARES))).select(
            *[name for name in SCHEMA if name in near.columns],
            vs_expected=pl.when(known & (pl.col("p50") > 0)).then(pl.col("value") / pl.col("p50")),
            place=pl.when(known).then(
                pl.when(pl.col("value").is_null())
                .then(None)
                .when(pl.col("value") > pl.col("p90"))
                .then(pl.lit("above"))
                .when(pl.col("value") < pl.col("p10"))
                .then(pl.lit("below"))
                .otherwise(pl.lit("typical"))
            ),
        )

    def _against(self, asked: pl.DataFrame, of: pl.Expr, name: str) -> pl.DataFrame:
        """Compare with one kind of set: row, id, step, value, n, set, p10, p50, p90, score.

        Every set is one sorted stretch of a long row of numbers, itself among them; where an article stands
        in it, and what stands there without it, is then looked up, not counted. Series, not expressions: of
        a few articles, planning them takes far longer than counting.
        """
        asked = asked.with_columns(of=of.fill_null(_WHOLE), value=self.curves.at())
        groups = asked.select("of", "step").unique().with_row_index("group").cast({"group": pl.Int64})
        row = self._row(groups, pl.lit(_WHOLE) if name == "site" else pl.col("section"))
        own = asked.join(groups, on=["of", "step"], how="left", maintain_order="left")
        group, value = own["group"], own["value"]

        def place(number: pl.Series, side: Literal["left", "right"] = "left") -> pl.Series:
            return row.search_sorted(number, side=side).cast(pl.Int64)

        begins, number = place(group * _BIG), group * _BIG + value
        size, first = place((group + 1) * _BIG) - begins, place(number) - begins
        is_in = (own["reached"] >= own["step"]).cast(pl.Int64)
        n = size - is_in  # itself is in the set and does not count
        equal = place(number, "right") - begins - first - is_in
        score = (100 * (first + 0.5 * equal) / n + 0.5).floor()
        sets = _Sets(row % _BIG, begins, n, first, is_in)
        told = own.select("row", "step", "value", id="article_id").with_columns(
            n=n,
            size=size,
            is_in=is_in,
            score=score,
            **{each: sets.quantile(at) for each, at in _SHARES.items()},
        )
        is_own, has_others = pl.col("is_in") == 1, pl.col("n") > 0
        return told.select(
            "row",
            "step",
            "id",
            n=pl.when(pl.col("size") > 0).then("n"),
            value=pl.when(is_own).then("value"),
            set=pl.lit(name),
            score=pl.when(has_others, is_own).then("score").cast(pl.Int64),
            **{each: pl.when(has_others).then(each) for each in _SHARES},
        )

    def _row(self, groups: pl.DataFrame, of: pl.Expr) -> pl.Series:
        """Give the members of sets (`of`, `step`, `group`), group and value as one number, sorted."""
        members = self.articles.lazy().with_columns(of=of).join(groups.lazy(), on="of")
        reached = members.filter(pl.col("reached") >= pl.col("step"))
        return reached.select(number=pl.col("group") * _BIG + self.curves.at()).collect()["number"].sort()


@dataclass(frozen=True, slots=True)
class _Sets:
    """Sorted sets behind each other, and of each article asked its set: begin, size and place without it."""

    values: pl.Series
    begins: pl.Series
    n: pl.Series
    first: pl.Series
    is_in: pl.Series

    def quantile(self, share: float) -> pl.Series:
        """Read `quantile_cont` of each set without the article itself, which stands at place `first`."""
        if not self.values.len():
            return pl.Series([None], dtype=pl.Float64).new_from_index(0, self.n.len())
        exact = (self.n - 1) * share
        low = exact.cast(pl.Int64)
        under, over = self._at(low), self._at(low + 1)
        return under + (exact - low) * (over - under)

    def _at(self, place: pl.Series) -> pl.Series:
        index = self.begins + place + self.is_in * (place >= self.first).cast(pl.Int64)
        return self.values.gather(index.clip(0, self.values.len() - 1))


def references(
    store: Store,
    site: str,
    now: dt.datetime,
    *,
    base: str = "reads",
    as_of: dt.datetime | None = None,
) -> References:
    """Find the articles that can be compared: dated, followed from the start, of the last 90 days.

    Args:
        store: The open store.
        site: The site.
        now: Naive UTC.
        base: One of `metrics.AGED`.
        as_of: Look back; None is as far as the store is loaded.
    """
    known = coverage(store, site, now)
    through = min(now, known.loaded_through) if known.loaded_through else now
    until = min(as_of, through) if as_of else through
    found = curves(store, site, site_of(store, site).zone, base, until, is_now=until == through)
    begins = dt.datetime.combine(until.date(), dt.time())
    since = max(begins - ages.LONGEST, known.views[0]) if known.views else until
    dated = _dated(store, site, since, known)
    if found.days:
        # The steps of an article are the same for every base.
        key = ("coded", found.days, since, known.gaps)
        coded = store.memo(key, lambda: found.coded(dated), of=(CATALOGUE, *found.days))
    else:
        coded = found.coded(dated)
    inside = (pl.col("published_at") <= until) & (pl.col("published_at") > until - ages.LONGEST)
    reached = ages.reached(pl.lit(until) - pl.col("published_at"))
    told = ~pl.col("article_id").is_in(found.unknown.implode())
    return References(coded.lazy().filter(inside, told).with_columns(reached=reached).collect(), found, until)


def _dated(store: Store, site: str, since: dt.datetime, known: Coverage) -> pl.DataFrame:
    """List the articles published since, of which nothing of the first week is lost."""

    def asked() -> pl.DataFrame:
        return store.frame(
            """
            SELECT article_id, section, published_at FROM articles
            WHERE site_id = $site AND coalesce(kind, 'article') <> 'page' AND published_at >= $since
            """,
            site=site,
            since=since,
        )

    return store.memo(("dated", site, since), asked, of=(CATALOGUE,)).filter(*_whole(known))


@dataclass(frozen=True, slots=True)
class Projection:
    """What an article comes to by 7 days if it goes on as others did; 8 of 10 end inside the interval.

    Attributes:
        step: Step of the age at which it is told.
        value: What it had gathered by then.
        low: 10th percentile.
        likely: Median.
        high: 90th percentile.
        n: Articles that the ratio rests on.
        set: `section` or `site`.
    """

    step: int
    value: int
    low: float
    likely: float
    high: float
    n: int
    set: str


def projection(
    store: Store,
    site: str,
    article_id: str,
    now: dt.datetime,
    *,
    base: str = "reads",
    age: dt.timedelta | None = None,
) -> Projection | None:
    """Project an article to the end of its first 7 days.

    Args:
        store: The open store.
        site: The site.
        article_id: The article.
        now: Naive UTC.
        base: One of `metrics.AGED`.
        age: An earlier age, to look back at what was foreseen; None is the present one.

    Returns:
        The projection; None for an article that is over 7 days old, younger than 15 minutes, has gathered
        nothing yet, has no expectation, or where fewer than 20 older articles can tell.
    """
    return project(references(store, site, now, base=base), article_id, age)


def project(found: References, article_id: str, age: dt.timedelta | None = None) -> Projection | None:
    """Project one of the articles in hand; see `projection`."""
    own = found.articles.filter(pl.col("article_id") == article_id)
    if not own.height:
        return None
    reached = own["reached"][0]
    step = min(reached, ages.step_of(age)) if age is not None else reached
    value = own.with_columns(step=pl.lit(step)).select(found.curves.at()).item()
    if not 0 < step < ages.WEEK or not value:
        return None
    n, grown, name = _ratios(found, article_id, step, [ages.WEEK])
    if n < FEW_SET:
        return None
    low, likely, high = grown[0]
    # Reads are whole: an interval of 40.2 to 43.7 holds the 40 and the 44 that it rests on.
    ends = float(math.floor(value * low)), float(math.ceil(value * high))
    return Projection(step, value, ends[0], value * likely, ends[1], n, name)


def _ratios(
    found: References, article_id: str, step: int, later: Sequence[int]
) -> tuple[int, list[tuple[float, float, float]], str]:
    """Say how finished articles grew from a step to later ones: how many, p10, p50, p90 of each, the set."""
    own = found.articles.filter(pl.col("article_id") == article_id)
    done = found.articles.filter(pl.col("reached") >= ages.WEEK, pl.col("article_id") != article_id)
    then = done.with_columns(step=pl.lit(step)).select(found.curves.at()).to_series()
    begun = done.with_columns(then=then).filter(pl.col("then") > 0)
    near = begun.filter(pl.col("section") == own["section"][0])
    chosen, name = (near, "section") if near.height >= FEW_SET else (begun, "site")
    each = chosen.join(pl.DataFrame({"step": later}), how="cross").select(
        "step", ratio=found.curves.at() / pl.col("then")
    )
    by_step = dict(each.sort("step", "ratio").group_by("step").agg("ratio").iter_rows())
    low, likely, high = _SHARES.values()
    ordered = [by_step.get(one, []) for one in later]
    grown = [(_foretold(one, low), _foretold(one, likely), _foretold(one, high)) for one in ordered]
    return chosen.height, grown, name


def _foretold(ordered: Sequence[float], share: float) -> float:
    """Read a quantile for the next one of its kind: among n others it is the (n + 1) x share-th.

    `quantile_cont` would hold 72 of 100 for 20 others, where 80 are meant.
    """
    n = len(ordered)
    exact = min(max((n + 1) * share - 1, 0.0), n - 1.0) if n else 0.0
    under = int(exact)
    low, high = (ordered[min(each, n - 1)] if n else 0.0 for each in (under, under + 1))
    return float(low + (exact - under) * (high - low))


def projected(
    store: Store, site: str, article_id: str, now: dt.datetime, *, base: str = "reads", points: int = 24
) -> pl.DataFrame:
    """Draw a projection as a course: from the present age on, to 7 days.

    Args:
        store: The open store.
        site: The site.
        article_id: The article.
        now: Naive UTC.
        base: One of `metrics.AGED`.
        points: About as many rows.

    Returns:
        age_h (Float64), low, middle, high (Float64), in order, the last at 7 days; empty where there is no
        `projection`, whose numbers the last row holds.
    """
    found = references(store, site, now, base=base)
    last = project(found, article_id)
    schema = {name: pl.Float64() for name in ("age_h", "low", "middle", "high")}
    if last is None:
        return pl.DataFrame(schema=schema)
    every = max((ages.WEEK - last.step) // points, 1)
    steps = [*range(last.step, ages.WEEK, every), ages.WEEK]
    grown = _ratios(found, article_id, last.step, steps)[1]
    rows = [
        (_hours(step), last.value * low, last.value * middle, last.value * high)
        for step, (low, middle, high) in zip(steps, grown, strict=True)
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _hours(step: int) -> float:
    return ages.age_of(step).total_seconds() / 3600


def course(
    store: Store,
    site: str,
    article_id: str,
    now: dt.datetime,
    *,
    base: str = "reads",
    until: dt.timedelta = dt.timedelta(days=7),
) -> pl.DataFrame:
    """Follow an article through its ages, beside what is expected at each.

    Args:
        store: The open store.
        site: The site.
        article_id: The article.
        now: Naive UTC.
        base: One of `metrics.AGED`.
        until: Last age.

    Returns:
        age_h (Float64, hours), and the columns of `expected.SCHEMA` but `id` and `is_early`; one row a step
        from 1, in order; value is null where the article is not so old yet. Empty without an expectation.
    """
    found = references(store, site, now, base=base)
    steps = pl.DataFrame({"step": range(1, ages.step_of(until) + 1)}, schema={"step": pl.Int16()})
    own = found.articles.filter(pl.col("article_id") == article_id).join(steps, how="cross")
    hours = pl.Series("age_h", [_hours(step) for step in steps["step"]])
    told = found.compare(own).join(steps.with_columns(hours), on="step").sort("step")
    return told.select("age_h", pl.exclude("age_h", "id"))


def _whole(known: Coverage) -> list[pl.Expr]:
    """Leave out articles in whose life, up to 7 days, nothing was collected for a while."""
    published, week = pl.col("published_at"), ages.age_of(ages.WEEK)
    return [~((published < ended) & (published > began - week)) for began, ended in known.gaps]
