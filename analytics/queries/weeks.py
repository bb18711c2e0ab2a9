"""A week beside the eight weeks before it, and what was published in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from analytics.metrics import COMMENTS, FEW_WEEKS, Fold, metric
from analytics.periods import Period, year_ago
from analytics.queries import comparison, figures, lists, standing
from analytics.queries.ask import Ask
from analytics.queries.comparison import Beside
from analytics.queries.coverage import coverage
from analytics.queries.figures import COUNTED, Counted, Figure, counted, folded
from analytics.queries.typical import Band
from analytics.store.store import Store

WEEKS = 8  # pages.md 3.3: the band of a week
HELD_S = 60.0  # two cards and a file read one answer


@dataclass(frozen=True, slots=True)
class Week:
    """The figures of a week, each beside its band; those of a year ago; how many weeks the band has."""

    beside: dict[str, Beside]
    a_year_ago: dict[str, Figure]
    weeks: int


def week(store: Store, names: Sequence[str], ask: Ask, now: dt.datetime) -> Week:
    """Count metrics over a week, beside median and 10-90 % of the eight weeks before.

    Args:
        store: The open store.
        names: Metrics that need no map of values: no medians.
        ask: Filter and the seven days of the week.
        now: Naive UTC.

    Returns:
        The figures; without at least four known weeks before there is no band.
    """
    known = coverage(store, ask.where.site_id, now)

    def covered(period: Period) -> bool:
        return (
            known.views is not None
            and known.views[0] <= period.begins
            and known.is_complete(period.ends)
            and known.is_whole(period.begins, period.ends)
        )

    before = [each for n in range(WEEKS, 0, -1) if covered(each := ask.period.moved(-7 * n))]
    past = _past(store, names, ask, before)
    talked = known.comments[0] if known.comments else now
    told = [each.begins >= talked for each in before]
    year = year_ago(ask.period)
    found = figures.totals(store, names, ask, now)
    return Week(
        {
            name: Beside(
                figure,
                _band(
                    [
                        value
                        for value, is_told in zip(past[name], told, strict=True)
                        if is_told or figure.metric.facts != COMMENTS
                    ]
                ),
            )
            for name, figure in found.items()
        },
        figures.totals(store, names, replace(ask, period=year), now) if covered(year) else {},
        len(before),
    )


def pieces(store: Store, ask: Ask, now: dt.datetime) -> lists.Listing:
    """List what was published in the period, by what it brought in its first seven days."""
    own = replace(ask, split="article", basis="published_in", horizon="7d")
    narrow = set(ask.where.active()) & set(standing.NARROW)
    names = ("read_rate", "comments", *(() if narrow else ("vs_expected",)))
    return store.memo(("pieces", own), lambda: lists.listing(store, names, own, now), for_s=HELD_S)


def moved(store: Store, ask: Ask, now: dt.datetime, split: str) -> pl.DataFrame:
    """List ways in or sources by how much more or fewer views they sent than in the week before.

    Args:
        store: The open store.
        ask: Filter and days.
        now: Naive UTC.
        split: channel or source.

    Returns:
        id, views, views_before, gap (views - views_before), views_change, views_is_new; both weeks together
        at least 30 views; the largest gap of either sign first. Empty where the week before is not known.
    """
    by = replace(ask, split=split)
    known = coverage(store, ask.where.site_id, now)
    past = comparison.before(by, now, "previous", known)
    schema = {"id": pl.String, "views": pl.Int64, "views_before": pl.Int64, "gap": pl.Int64}
    if past is None:
        return pl.DataFrame(schema=schema | {"views_change": pl.Float64, "views_is_new": pl.Boolean})
    here, there = (
        figures.ranking(store, ["views"], each, now, order="views").select("id", "views")
        for each in (by, past)
    )
    both = here.join(there, on="id", how="full", coalesce=True, suffix="_before").drop_nulls("id")
    filled = both.with_columns(pl.col("views", "views_before").fill_null(0).cast(pl.Int64))
    gap = pl.col("views") - pl.col("views_before")
    then = pl.col("views_before")
    return (
        filled.filter(pl.col("views") + then >= 30)
        .with_columns(
            gap=gap,
            views_change=pl.when(then > 0).then(pl.col("views") / then - 1),
            views_is_new=then == 0,
        )
        .sort(gap.abs(), "id", descending=[True, False])
    )


def _past(
    store: Store, names: Sequence[str], ask: Ask, before: Sequence[Period]
) -> dict[str, list[float | None]]:
    """Count metrics in earlier weeks, all by one question a table; oldest first."""
    if not before:
        return {name: [] for name in names}
    wanted = [metric(name) for name in names]
    days = [(day, n) for n, each in enumerate(before) for day in each.days]
    place = pl.DataFrame(days, schema={"day_local": pl.Date(), "week": pl.Int64()}, orient="row")
    span = Period(before[0].first, before[-1].last, ask.period.zone)
    with store.read() as cursor:
        found = counted(store, cursor, wanted, replace(ask, period=span, split="", grain="day"))
    summed = found.bases.join(place, on="day_local").drop("day_local").group_by("week").sum()
    frame = folded(Counted(["week"], summed), wanted)
    weeks = pl.DataFrame({"week": range(len(before))}, schema={"week": pl.Int64()})
    joined = weeks.join(frame, on="week", how="left").sort("week")
    absent = pl.col("was_counted").is_null()
    return {
        each.id: joined.select(
            pl.when(absent & pl.lit(each.fold in COUNTED))
            .then(0.0)
            .otherwise(pl.col(each.id).cast(pl.Float64))
        )
        .to_series()
        .to_list()
        for each in wanted
    }


def _band(values: Sequence[float | None]) -> Band | None:
    known = pl.Series([value for value in values if value is not None], dtype=pl.Float64)
    if known.len() < FEW_WEEKS:
        return None
    low, median, high = (float(known.quantile(at, "linear") or 0) for at in (0.1, 0.5, 0.9))
    return Band(median, low, high, min(known), max(known), known.len())


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far a week is in a metric, and where it is heading.

    Attributes:
        value: What it has so far; None where nothing is known.
        projected: What it will have at its end, by how the weeks before went on from here; None where the
            week is over, has no whole hour (or day) yet, or fewer than four weeks before are known.
        low: 10 % of those weeks lead to less.
        high: 10 % lead to more.
        weeks: Weeks that this rests on.
    """

    value: float | None
    projected: float | None = None
    low: float | None = None
    high: float | None = None
    weeks: int = 0


def outlook(store: Store, name: str, ask: Ask, now: dt.datetime) -> Outlook:
    """Project the end of a running week: so far × (whole week ÷ the same part of it) of the weeks before.

    Args:
        store: The open store.
        name: A metric that adds up over hours, or people counted by day.
        ask: Filter and the seven days of the week.
        now: Naive UTC.
    """
    span = Period(ask.period.first - dt.timedelta(days=7 * WEEKS), ask.period.last, ask.period.zone)
    by_hour = metric(name).fold is Fold.SUM
    own = replace(ask, period=span, split="")
    found = figures.series(store, name, own, "hour" if by_hour else "day", now)
    local = pl.col("local")
    placed = found.select(
        "value",
        "is_complete",
        week=(local.dt.date() - pl.lit(span.first)).dt.total_days() // 7,
        place=(local.dt.weekday() - 1) * 24 + local.dt.hour(),
    )
    here = placed.filter(pl.col("week") == WEEKS)
    known = here["value"].drop_nulls()
    value = float(known.sum()) if known.len() else None
    counted_ = here.filter("is_complete").drop_nulls("value")
    if value is None or ask.period.ends <= now or counted_.is_empty():
        return Outlook(value)
    until = counted_["place"].max()
    past = (
        placed.filter(pl.col("week") < WEEKS)
        .group_by("week")
        .agg(
            whole=pl.col("value").sum(),
            part=pl.col("value").filter(pl.col("place") <= until).sum(),
            is_known=pl.col("value").null_count() == 0,
        )
        .filter("is_known", pl.col("part") > 0)
    )
    factors = past["whole"] / past["part"]
    if factors.len() < FEW_WEEKS:
        return Outlook(value)
    so_far = float(counted_["value"].sum())
    low, middle, high = (so_far * float(factors.quantile(at, "linear") or 0) for at in (0.1, 0.5, 0.9))
    return Outlook(value, max(middle, value), max(low, value), max(high, value), factors.len())
