"""Hours and weekdays: when readers read, when the newsroom publishes, where both part, which slots pay.

A cell is a local hour of a weekday. Its value is the mean over the days that had that hour: the doubled
hour of autumn counts as one hour of its day, the missing one of spring as no day at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from analytics.metrics import BASES, FEW_N, VIEWS
from analytics.periods import Period, buckets
from analytics.queries import counts
from analytics.queries.ask import Ask
from analytics.queries.coverage import Coverage, coverage
from analytics.queries.intervals import Z95, byar
from analytics.store.store import Store

CELL = ("weekday", "hour")
FEW_STORIES = 20  # metrics.md 9: with fewer stories a slot advises nothing
PAID_AFTER = dt.timedelta(hours=24)  # pages.md 3.2: what a slot brought is judged at this age
HELD_S = 600.0  # what slots brought in weeks does not move with a minute


def reading(store: Store, ask: Ask, now: dt.datetime, name: str) -> pl.DataFrame:
    """Count a base of views by local weekday and hour.

    Args:
        store: The open store.
        ask: Filter and days.
        now: Naive UTC.
        name: An additive base, such as `reads`.

    Returns:
        weekday (1 to 7, Monday first), hour (0 to 23), total (Int64), days (that had the hour and are known),
        value (Float64, total ÷ days; null where no day is known), is_few (total under 30); 168 rows, sorted.
    """
    by_hour = replace(ask, split="", grain="hour", basis="read_in")
    with store.read() as cursor:
        found = counts.additive(cursor, VIEWS, [BASES[name]], by_hour)
    local = pl.col("hour_at").dt.replace_time_zone("UTC").dt.convert_time_zone(ask.period.zone)
    placed = found.select(
        weekday=pl.col("day_local").dt.weekday().cast(pl.Int64),
        hour=local.dt.hour().cast(pl.Int64),
        total=pl.col(name),
    )
    known = coverage(store, ask.where.site_id, now)
    return _per_day(placed, _days(ask.period, known, now)).with_columns(is_few=pl.col("total") < FEW_N)


def publishing(store: Store, ask: Ask, now: dt.datetime) -> pl.DataFrame:
    """Count the articles published in the period by local weekday and hour.

    Returns:
        weekday, hour, total, days, value as of `reading`.
    """
    with store.read() as cursor:
        found = counts.publications(cursor, ask)
    placed = found.select(**_cell("published_at", ask.period.zone), total=pl.lit(1, dtype=pl.Int64))
    return _per_day(placed, _days(ask.period, None, now))


def balance(read: pl.DataFrame, written: pl.DataFrame) -> pl.DataFrame:
    """Set the share of reads of each cell beside its share of publications.

    A cell leans to one side only where the interval of its publications says so: Byar's 95 % limits of their
    number, as shares, hold the share of reads in a cell that is even.

    Args:
        read: Of `reading`.
        written: Of `publishing`.

    Returns:
        weekday, hour, reads, read_share, pieces, piece_share, low, high (of the share of pieces) and place:
        "above" has more of the reads than of the pieces, "below" fewer, "typical" neither; null where all
        reads or pieces are too few, or the hour is not known. Sorted.
    """
    whole, all_pieces = int(read["total"].sum()), int(written["total"].sum())
    fit = whole >= FEW_N and all_pieces >= FEW_N
    low, high = byar(pl.col("pieces"))
    joined = read.select(*CELL, "days", reads="total").join(
        written.select(*CELL, pieces="total"), on=CELL, how="left", maintain_order="left"
    )
    shared = joined.with_columns(
        read_share=pl.col("reads") / whole if whole else None,
        piece_share=pl.col("pieces") / all_pieces if all_pieces else None,
        low=low / all_pieces if all_pieces else None,
        high=high / all_pieces if all_pieces else None,
    )
    share = pl.col("read_share")
    side = (
        pl.when(share > pl.col("high"))
        .then(pl.lit("above"))
        .when(share < pl.col("low"))
        .then(pl.lit("below"))
        .otherwise(pl.lit("typical"))
    )
    place = pl.when(pl.lit(fit) & (pl.col("days") > 0)).then(side)
    return shared.with_columns(place=place).select(
        *CELL, "reads", "read_share", "pieces", "piece_share", "low", "high", "place"
    )


def parts(balanced: pl.DataFrame, starts: Sequence[int]) -> pl.DataFrame:
    """Add the cells of `balance` up to parts of the day.

    Args:
        balanced: Of `balance`.
        starts: Hours at which a part begins, rising; the last part runs over midnight.

    Returns:
        part (place in `starts`), reads, read_share, pieces, piece_share; in order.
    """
    placed = balanced.with_columns(part=_part(starts))
    sums = placed.group_by("part").agg(pl.col("reads", "read_share", "pieces", "piece_share").sum())
    return sums.sort("part")


def slots(store: Store, ask: Ask, now: dt.datetime, base: str, starts: Sequence[int]) -> pl.DataFrame:
    """Say what articles brought in their first 24 hours, by the part of the day in which they came out.

    An estimate: articles of different hours differ in more than their hour.

    Args:
        store: The open store.
        ask: Filter and days of publication.
        now: Naive UTC; articles younger than 24 hours are left out.
        base: `reads`, or `views` where reads are not known.
        starts: Hours at which a part begins; all 24 for single hours.

    Returns:
        part, n (articles), median, low, high (95 % interval of the median; null under 20 articles), is_few;
        parts without an article are left out; in order.
    """
    key = ("slots", ask, base, now.replace(minute=now.minute // 10 * 10, second=0, microsecond=0))
    brought = store.memo(key, lambda: _brought(store, ask, now, base), for_s=HELD_S)
    placed = brought.with_columns(part=_part(starts))
    counted = placed.group_by("part").agg(values=pl.col("value").sort(), n=pl.len().cast(pl.Int64))
    spread = (Z95 * pl.col("n").sqrt()).cast(pl.Float64)
    first = ((pl.col("n") - spread) / 2).floor().clip(1) - 1
    last = ((pl.col("n") + spread) / 2 + 1).ceil().clip(upper_bound=pl.col("n")) - 1
    few = pl.col("n") < FEW_STORIES
    return (
        counted.with_columns(
            median=pl.col("values").list.get((pl.col("n") - 1) // 2),  # metrics.md 1: the discrete median
            low=pl.when(~few).then(pl.col("values").list.get(first.cast(pl.Int64))),
            high=pl.when(~few).then(pl.col("values").list.get(last.cast(pl.Int64))),
            is_few=few,
        )
        .drop("values")
        .sort("part")
    )


def present(found: pl.DataFrame) -> int | None:
    """Name the part in which most of the articles come out now; the earliest of several; None without any."""
    if found.is_empty():
        return None
    return int(found.sort("n", "part", descending=[True, False])["part"][0])


def _brought(store: Store, ask: Ask, now: dt.datetime, base: str) -> pl.DataFrame:
    """Give each article of the period, old enough and followed from its publication, what it brought."""
    known = coverage(store, ask.where.site_id, now)
    began = known.views[0] if known.views else now
    own = replace(ask, split="article", grain="", credit="full", basis="published_in", horizon="24h")
    with store.read() as cursor:
        pieces = counts.publications(cursor, ask)
        found = counts.additive(cursor, VIEWS, [BASES[base]], own)
    at = pl.col("published_at")
    fit = pieces.filter((at >= began) & (at + PAID_AFTER <= now))
    return fit.join(found, on="id", how="left").select(
        **_cell("published_at", ask.period.zone), value=pl.col(base).fill_null(0)
    )


def _cell(column: str, zone: str) -> dict[str, pl.Expr]:
    local = pl.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return {"weekday": local.dt.weekday().cast(pl.Int64), "hour": local.dt.hour().cast(pl.Int64)}


def _part(starts: Sequence[int]) -> pl.Expr:
    """Place an hour in the parts of a day: the last start at or before it, else the last of all."""
    place = pl.lit(len(starts) - 1)
    for number, start in enumerate(starts):
        place = pl.when(pl.col("hour") >= start).then(pl.lit(number)).otherwise(place)
    return place.cast(pl.Int64)


def _days(period: Period, known: Coverage | None, now: dt.datetime) -> pl.DataFrame:
    """Count the days that had each hour and are over: known ones, where something had to be collected."""
    rows = {
        (each.local.isoweekday(), each.local.hour, each.local.date())
        for each in buckets(period, "hour")
        if each.ends <= now and (known is None or known.knows("views", each.begins, each.ends))
    }
    days = pl.DataFrame(
        list(rows), schema={"weekday": pl.Int64(), "hour": pl.Int64(), "day": pl.Date()}, orient="row"
    )
    return days.group_by(CELL).agg(days=pl.len().cast(pl.Int64))


def _per_day(placed: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Add up cells and divide them by their days; all 168 are there."""
    weekdays = pl.DataFrame({"weekday": range(1, 8)}, schema={"weekday": pl.Int64()})
    hours = pl.DataFrame({"hour": range(24)}, schema={"hour": pl.Int64()})
    sums = placed.group_by(CELL).agg(pl.col("total").sum())
    return (
        weekdays.join(hours, how="cross")
        .join(sums, on=CELL, how="left")
        .join(days, on=CELL, how="left")
        .with_columns(pl.col("total", "days").fill_null(0))
        .with_columns(value=pl.when(pl.col("days") > 0).then(pl.col("total") / pl.col("days")))
        .sort(CELL)
    )
