"""What is typical: median and 10-90 % of the last eight same weekdays (metrics.md 7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analytics.metrics import COMMENTS, FEW_WEEKS, Metric, metric
from analytics.periods import (
    TYPICAL_VALUES,
    Grain,
    Period,
    buckets,
    day_begins,
    local_day,
    local_time,
    same_weekdays,
)
from analytics.queries.ask import Ask, Filter
from analytics.queries.coverage import Coverage, coverage
from analytics.queries.figures import COUNTED, told
from analytics.store.memory import CATALOGUE
from analytics.store.store import Store
from analytics.store.store import ask as ask_store


@dataclass(frozen=True, slots=True)
class Band:
    """What is typical of a day: median and 10-90 % of the same weekdays before.

    Attributes:
        median: Median.
        low: 10th percentile.
        high: 90th percentile.
        least: Smallest of the values.
        most: Largest of the values.
        n: How many weekdays it rests on.
    """

    median: float
    low: float
    high: float
    least: float
    most: float
    n: int


def typical_day(
    store: Store, metrics: Sequence[str], where: Filter, day: dt.date, zone: str, now: dt.datetime
) -> dict[str, Band | None]:
    """Say what is typical of a whole local day, or of today up to this minute.

    Args:
        store: The open store.
        metrics: Identifiers.
        where: Filter.
        day: The day; where it is today, other days are cut at the same local time.
        zone: Zone of the site.
        now: Naive UTC.

    Returns:
        Metric -> band; None where fewer than four weekdays are known.
    """
    wanted = [metric(name) for name in metrics]
    is_running = day_begins(day, zone) <= now < _ends(day, zone)
    known = coverage(store, where.site_id, now)
    days = _candidates(_excluded(store, where.site_id), day, zone, known)
    if not days:
        return dict.fromkeys(metrics)
    cuts = tuple((each, _same_time(each, zone, now)) for each in days) if is_running else ()
    ask = Ask(where, Period(min(days), max(days), zone), grain="day", days=tuple(days), until=cuts)
    frame = told(store, wanted, ask)
    axis = pl.DataFrame({"day_local": days}, schema={"day_local": pl.Date()})
    joined = axis.join(frame, on="day_local", how="left")
    talked = joined.filter(pl.col("day_local").is_in(_with_comments(days, zone, known)))
    return {each.id: band_of(_or_zero(talked if each.facts == COMMENTS else joined, each)) for each in wanted}


def typical_by(
    store: Store, name: str, where: Filter, split: str, day: dt.date, zone: str, now: dt.datetime
) -> dict[str, Band]:
    """Say what is typical of each value of a dimension on a local day: of each channel, say.

    Args:
        store: The open store.
        name: A metric of views that adds up.
        where: Filter.
        split: The dimension.
        day: The day; where it is today, other days are cut at the same local time.
        zone: Zone of the site.
        now: Naive UTC.

    Returns:
        Value -> band; a day on which it had nothing counts 0. Empty with fewer than four weekdays.
    """
    wanted = metric(name)
    known = coverage(store, where.site_id, now)
    is_running = day_begins(day, zone) <= now < _ends(day, zone)
    days = _candidates(_excluded(store, where.site_id), day, zone, known)
    if len(days) < FEW_WEEKS:
        return {}
    cuts = tuple((each, _same_time(each, zone, now)) for each in days) if is_running else ()
    span = Period(min(days), max(days), zone)
    frame = told(store, [wanted], Ask(where, span, split=split, grain="day", days=tuple(days), until=cuts))
    found = {}
    for (value,), rows in frame.group_by("id"):
        counts = rows[name].cast(pl.Float64).drop_nulls().to_list()
        band = band_of([*counts, *[0.0] * (len(days) - len(counts))])
        if isinstance(value, str) and band is not None:
            found[value] = band
    return found


def typical_series(
    store: Store,
    name: str,
    where: Filter,
    period: Period,
    grain: Grain,
    now: dt.datetime,
    *,
    split: str = "",
    ids: Sequence[str] = (),
) -> pl.DataFrame:
    """Give the typical band of each bucket of a period, by hours or days.

    Args:
        store: The open store.
        name: Metric.
        where: Filter.
        period: The days.
        grain: Of the buckets.
        now: Naive UTC.
        split: A dimension: the band of each of `ids` instead of the whole.
        ids: Its values.

    Returns:
        bucket, id (where split), median, low, high (Float64), n; buckets with fewer than four weekdays are
        left out. Weeks have no band.
    """
    keys = ["id"] if split else []
    numbers = {"median": pl.Float64, "low": pl.Float64, "high": pl.Float64, "n": pl.Int64}
    schema = {"bucket": pl.String, **dict.fromkeys(keys, pl.String), **numbers}
    wanted = metric(name)
    if grain == "week":
        return pl.DataFrame(schema=schema)
    known = coverage(store, where.site_id, now)
    excluded = _excluded(store, where.site_id)
    before = {day: _candidates(excluded, day, period.zone, known) for day in period.days}
    if wanted.facts == COMMENTS:
        before = {day: _with_comments(several, period.zone, known) for day, several in before.items()}
    days = sorted({each for several in before.values() for each in several})
    if not days:
        return pl.DataFrame(schema=schema)
    span = Period(days[0], days[-1], period.zone)
    listed = tuple(days) if len(days) < span.length else ()
    frame = told(store, [wanted], Ask(where, span, split=split, grain=grain, days=listed))
    pairs = pl.DataFrame(
        [(day, each) for day, several in before.items() for each in several],
        schema={"of_day": pl.Date(), "day_local": pl.Date()},
        orient="row",
    )
    slots = _slots(days, period.zone, grain)
    places = pairs.join(slots, on="day_local")
    if split:
        places = places.join(pl.DataFrame({"id": ids}, schema={"id": pl.String()}), how="cross")
    values = places.join(
        frame, on=["day_local", *(["hour_at"] if grain == "hour" else []), *keys], how="left"
    )
    value = pl.col(name).cast(pl.Float64)
    bands = (
        values.with_columns(value=_zero_where_absent(wanted, value))
        .group_by("of_day", "slot", *keys)
        .agg(
            median=pl.col("value").quantile(0.5, "linear"),
            low=pl.col("value").quantile(0.1, "linear"),
            high=pl.col("value").quantile(0.9, "linear"),
            n=pl.col("value").count().cast(pl.Int64),
        )
        .filter(pl.col("n") >= FEW_WEEKS)
    )
    own = _slots(period.days, period.zone, grain).rename({"day_local": "of_day"})
    return own.join(bands, on=["of_day", "slot"]).select(*schema)


def so_far(
    store: Store, name: str, site: str, day: dt.date, zone: str, now: dt.datetime, step_min: int = 10
) -> pl.DataFrame:
    """Add up a count of views over a local day, step by step, beside the same weekdays before.

    Args:
        store: The open store.
        name: A base of views, such as `reads`, of the whole site.
        site: The site.
        day: The local day.
        zone: Its zone.
        now: Naive UTC; later steps have no value, and the step it falls into ends now.
        step_min: Minutes of a step; counted from local midnight, whatever the clocks do.

    Returns:
        at (Datetime, local, the end of a step; the first row is midnight), value (Int64), p10, median, p90
        (Float64; null with fewer than four weekdays), is_complete; sorted.
    """
    known = coverage(store, site, now)
    step = dt.timedelta(minutes=step_min)
    count = (_ends(day, zone) - day_begins(day, zone)) // step
    with store.read() as cursor:
        before = _candidates(_excluded(store, site), day, zone, known)
        days = [day, *before] if len(before) >= FEW_WEEKS else [day]
        begins = pl.DataFrame(
            {"day_local": days, "begins": [day_begins(each, zone) for each in days]},
            schema={"day_local": pl.Date(), "begins": pl.Datetime("us")},
        )
        listed = ", ".join(f"DATE '{each}'" for each in days)
        found = ask_store(
            cursor,
            f"""
            SELECT day_local, minute_at, {name} AS value FROM site_minutes
            WHERE site_id = $site AND day_local IN ({listed}) AND minute_at <= $now
            """,
            site=site,
            now=now,
        )
    at = (pl.col("minute_at") - pl.col("begins")).dt.total_minutes() // step_min + 1
    summed = found.join(begins, on="day_local").group_by("day_local", step=at).agg(pl.col("value").sum())
    axis = pl.DataFrame({"step": range(count + 1)}, schema={"step": pl.Int64()})
    grown = (
        axis.join(begins.select("day_local"), how="cross")
        .join(summed, on=["day_local", "step"], how="left")
        .sort("day_local", "step")
        .with_columns(value=pl.col("value").fill_null(0).cum_sum().over("day_local"))
    )
    values = pl.col("value").cast(pl.Float64)
    bands = (
        grown.filter(pl.col("day_local") != day)
        .group_by("step")
        .agg(
            p10=values.quantile(0.1, "linear"),
            median=values.quantile(0.5, "linear"),
            p90=values.quantile(0.9, "linear"),
        )
    )
    own = grown.filter(pl.col("day_local") == day).join(bands, on="step", how="left").sort("step")
    reached = (now - day_begins(day, zone)) / step
    midnight = dt.datetime.combine(day, dt.time())
    return own.select(
        at=pl.lit(midnight) + pl.col("step") * step,
        value=pl.when(pl.col("step") < reached + 1).then("value"),
        p10="p10",
        median="median",
        p90="p90",
        is_complete=pl.col("step") <= reached,
    )


def same_times(store: Store, site: str, zone: str, now: dt.datetime) -> list[dt.datetime]:
    """Give the same local time on the last eight same weekdays that can be compared; naive UTC."""
    known, day = coverage(store, site, now), local_day(now, zone)
    days = _candidates(_excluded(store, site), day, zone, known)
    return [_same_time(each, zone, now) for each in days]


def _slots(days: list[dt.date], zone: str, grain: Grain) -> pl.DataFrame:
    """List the buckets of days with what makes them comparable: the local hour, or nothing for whole days.

    Hours that a clock change doubled or swallowed compare with nothing and are left out.
    """
    rows = []
    for day in days:
        spans = buckets(Period(day, day, zone), grain)
        hours = [each.local.hour for each in spans]
        rows += [
            (day, each.begins, each.label, each.local.hour)
            for each in spans
            if grain == "day" or (hours.count(each.local.hour) == 1 and each.local.minute == 0)
        ]
    return pl.DataFrame(
        rows,
        schema={
            "day_local": pl.Date(),
            "hour_at": pl.Datetime("us"),
            "bucket": pl.String(),
            "slot": pl.Int64(),
        },
        orient="row",
    ).drop([] if grain == "hour" else ["hour_at"])


def _excluded(store: Store, site: str) -> set[dt.date]:
    def asked() -> set[dt.date]:
        rows = store.frame("SELECT day_local FROM excluded_days WHERE site_id = $site", site=site)
        return set(rows["day_local"])

    return store.memo(("excluded days", site), asked, of=[CATALOGUE])


def _candidates(excluded: set[dt.date], day: dt.date, zone: str, known: Coverage) -> list[dt.date]:
    """Take the last eight same weekdays that are complete, without gap, and not excluded."""
    return [
        each
        for each in same_weekdays(day)
        if each not in excluded
        and known.views is not None
        and known.views[0] <= day_begins(each, zone)
        and known.is_complete(_ends(each, zone))
        and known.is_whole(day_begins(each, zone), _ends(each, zone))
    ][:TYPICAL_VALUES]


def _with_comments(days: list[dt.date], zone: str, known: Coverage) -> list[dt.date]:
    """Keep the days on which comments were connected: before that there were not none, but unknown."""
    began = known.comments[0] if known.comments else None
    return [day for day in days if began is not None and began <= day_begins(day, zone)]


def _same_time(day: dt.date, zone: str, now: dt.datetime) -> dt.datetime:
    clock = local_time(now, zone).time()
    return day_begins(day, zone) + dt.timedelta(hours=clock.hour, minutes=clock.minute)


def _ends(day: dt.date, zone: str) -> dt.datetime:
    return day_begins(day + dt.timedelta(days=1), zone)


def _or_zero(frame: pl.DataFrame, each: Metric) -> list[float]:
    """Take the values of a metric per day; a day without events counts 0, an unmeasured one is left out."""
    value = _zero_where_absent(each, pl.col(each.id).cast(pl.Float64))
    return frame.select(value.alias("value"))["value"].drop_nulls().to_list()


def _zero_where_absent(each: Metric, value: pl.Expr) -> pl.Expr:
    is_absent = pl.col("was_counted").is_null() & pl.lit(each.fold in COUNTED)
    return pl.when(is_absent).then(0.0).otherwise(value)


def band_of(values: Sequence[float]) -> Band | None:
    """Make the band of values, one a weekday; None with fewer than four."""
    if len(values) < FEW_WEEKS:
        return None
    drawn = pl.Series(values)

    def at(share: float) -> float:
        found = drawn.quantile(share, "linear")
        return float(found) if found is not None else 0.0

    return Band(at(0.5), at(0.1), at(0.9), min(values), max(values), len(values))
