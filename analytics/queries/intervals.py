"""Honest small numbers: intervals, greyness, shared ranks (metrics.md 9)."""

from __future__ import annotations

import polars as pl

from analytics.metrics import Metric

_DIGITS = 12
Z95 = 1.959963984540054  # 97.5th percentile of the normal distribution


def wilson(part: pl.Expr, whole: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Give the Wilson 95 % interval of a proportion; null where the whole is 0."""
    share = part / whole
    spread = Z95 * (share * (1 - share) / whole + Z95**2 / (4 * whole**2)).sqrt()
    middle = share + Z95**2 / (2 * whole)
    under = 1 + Z95**2 / whole
    known = whole > 0
    # Rounded, or the ends of 0 of 80 read 3.2e-18 in a file.
    low = pl.when(known).then(((middle - spread) / under).clip(0, 1).round(_DIGITS))
    high = pl.when(known).then(((middle + spread) / under).clip(0, 1).round(_DIGITS))
    return low, high


def byar(count: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Give Byar's 95 % limits of a Poisson count."""
    above = count + 1
    low = count * (1 - 1 / (9 * count) - Z95 / (3 * count.sqrt())) ** 3
    high = above * (1 - 1 / (9 * above) + Z95 / (3 * above.sqrt())) ** 3
    return pl.when(count > 0).then(low).otherwise(0.0), high


def bounds(metric: Metric, part: pl.Expr, whole: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Give the interval that a metric asks for, in its own scale; nulls where it asks for none."""
    if metric.interval == "wilson":
        return wilson(part, whole)
    if metric.interval == "poisson":
        low, high = byar(part)
        known = whole > 0
        return (
            pl.when(known).then(metric.scale * low / whole),
            pl.when(known).then(metric.scale * high / whole),
        )
    nothing = pl.lit(None, dtype=pl.Float64)
    return nothing, nothing


def is_few(metric: Metric) -> pl.Expr:
    """Say which rows of a board are grey: a rate or median over fewer than it needs."""
    return pl.col(f"{metric.id}_n").fill_null(0) < metric.few if metric.is_rate else pl.lit(value=False)


def calmed(board: pl.DataFrame, column: str) -> pl.DataFrame:
    """Order a board by words or ids instead, without ranks; the row without an id stands last."""
    by = pl.col(column).str.to_lowercase()
    return board.sort(pl.col("id").is_null(), by, "id").with_columns(rank=pl.lit(None, dtype=pl.Int64))


def ranked(board: pl.DataFrame, metric: Metric) -> pl.DataFrame:
    """Order a board by a metric and give it ranks; equal values share one, in the order of their ids.

    In a ranking by a rate, a row shares the rank of the row that opened it as long as the intervals
    overlap; grey rows stand last, unranked. The row without an id ("(none)") stands last of all.

    Args:
        board: id, the metric's column, its `_n`, `_low` and `_high`.
        metric: What to rank by; the largest first.

    Returns:
        The board in order, with `rank` (Int64, null where unranked).
    """
    none, grey = pl.col("id").is_null(), is_few(metric)
    value = pl.col(metric.id)
    placed = (
        board.lazy()
        .with_columns(_none=none, _grey=grey | value.is_null())
        .sort("_none", "_grey", value, "id", descending=[False, False, True, False], nulls_last=True)
    )
    if not metric.is_rate:  # counts have no intervals that overlap
        counted = pl.when(~pl.col("_none")).then(value)
        rank = counted.rank("min", descending=True).cast(pl.Int64)
        return placed.with_columns(rank=rank).drop("_none", "_grey").collect()
    ordered = placed.collect()
    rows = ordered.select("_none", "_grey", metric.id, f"{metric.id}_low", f"{metric.id}_high").rows()
    ranks: list[int | None] = []
    opener: tuple[float, float | None] | None = None
    for place, (is_none, is_grey, number, low, high) in enumerate(rows, start=1):
        if is_none or number is None or is_grey:
            ranks.append(None)
            continue
        shares = opener is not None and (
            number == opener[0] or (high is not None and opener[1] is not None and high >= opener[1])
        )
        ranks.append(ranks[-1] if shares else place)
        if not shares:
            opener = (number, low)
    return ordered.with_columns(rank=pl.Series(ranks, dtype=pl.Int64)).drop("_none", "_grey")
