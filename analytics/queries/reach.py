"""Reach and talk: where each article stands by its reads and its comments per 1,000 reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from analytics.metrics import FEW_N
from analytics.queries import lists
from analytics.queries.ask import Ask, refuse_calm
from analytics.store.store import Store

CORNERS = ("hot", "quiet", "niche", "cold")


@dataclass(frozen=True, slots=True)
class Plane:
    """Articles between two axes, cut into four corners at the medians.

    Attributes:
        dots: id, name, section, reads, comments, comment_rate, is_few (under 30 reads: grey, in no corner)
            and corner ("hot": many reads, much talk; "quiet": many reads, little talk; "niche": few reads,
            much talk; "cold": neither; null where few); most reads first.
        reads: Median of the reads of those that are not few; None without any.
        rate: Median of their comments per 1,000 reads.
    """

    dots: pl.DataFrame
    reads: float | None
    rate: float | None

    def counts(self) -> dict[str, int]:
        """Count the articles of each corner."""
        found = dict(self.dots.drop_nulls("corner").group_by("corner").len().rows())
        return {corner: int(found.get(corner, 0)) for corner in CORNERS}

    def inside(self, corner: str, brush: Sequence[float]) -> list[str]:
        """List the articles of a corner, or inside a brush.

        Args:
            corner: One of CORNERS; empty for all.
            brush: Least and most reads, least and most comments per 1,000 reads; empty for all.
        """
        kept = self.dots.filter(pl.col("corner") == corner) if corner else self.dots
        if brush:
            least, most, low, high = brush
            kept = kept.filter(
                pl.col("reads").is_between(least, most) & pl.col("comment_rate").is_between(low, high)
            )
        return kept["id"].to_list()


def plane(store: Store, ask: Ask, now: dt.datetime) -> Plane | None:
    """Place the articles that were read in a period.

    Returns:
        The plane; None where reads or comments are not known, or cannot be counted under the filter.
    """
    refuse_calm(ask.where.site_id, "Rankings are")
    if not lists.countable(["comments"], ask.where):
        return None
    asked = replace(ask, split="article", grain="")
    listed = store.memo(
        ("plane", asked), lambda: lists.listing(store, ["comment_rate", "comments"], asked, now)
    )
    if listed.total["reads"].value is None or listed.total["comments"].value is None:
        return None
    rows = listed.rows.filter(pl.col("id").is_not_null() & (pl.col("reads") > 0))
    dots = rows.select("id", "name", "section", "reads", "comments", "comment_rate").with_columns(
        is_few=pl.col("reads") < FEW_N
    )
    fit = dots.filter(~pl.col("is_few"))
    reads, rate = (_median(fit[name]) for name in ("reads", "comment_rate"))
    many = pl.col("reads") >= (reads or 0)
    # Where half of them have no comment at all, a first one is much.
    much = (pl.col("comment_rate") >= (rate or 0)) & (pl.col("comment_rate") > 0)
    corner = (
        pl.when(many & much)
        .then(pl.lit("hot"))
        .when(many)
        .then(pl.lit("quiet"))
        .when(much)
        .then(pl.lit("niche"))
        .otherwise(pl.lit("cold"))
    )
    placed = dots.with_columns(corner=pl.when(~pl.col("is_few")).then(corner))
    return Plane(placed.sort("reads", "id", descending=[True, False]), reads, rate)


def _median(values: pl.Series) -> float | None:
    found = values.cast(pl.Float64).median()
    return float(found) if isinstance(found, float) else None
