"""What is asked for on one day: visits by hour, way and page.

Every (hour, way, page) is a cell with a weight in thousandths of a visit. Whole numbers, so that sums
come out alike on every machine; a visit then finds its page by a search in the running total.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from data.demo import almanac, chance, pages
from data.demo.stories import on_the_shelf
from data.demo.ways import ENTRIES, WAYS, Way

HOUR_MS = 3_600_000
MILLI = 1000
LONG_TAIL, TAIL_HALF_LIFE_H = 0.02, 130.0  # a fiftieth of the first hour's pull lingers for weeks
FRESH = 1_000_000  # grid of the weights before they are shared out


@dataclass(frozen=True, slots=True)
class Demand:
    """One day's pages and cells.

    Attributes:
        pages: One row a page with all traits that a view of it needs; `page` counts from 0.
        cells: Hour, way, page, open_ms (part of the hour before publication); in this order.
        totals: Running total of the cells' weights, inclusive.
        groups: One row per (hour, way): group, way, hour, first (total before it), size, visits.
    """

    pages: pl.DataFrame
    cells: pl.DataFrame
    totals: pl.Series
    groups: pl.DataFrame

    def draw(self, frame: pl.DataFrame, stream: str) -> pl.DataFrame:
        """Draw a page for each row by its `group`; adds page and open_ms."""
        target = (
            frame.join(
                self.groups.select("group", "first", "size"), on="group", how="left", maintain_order="left"
            )
            .select(pl.col("first") + (chance.units(stream) * pl.col("size")).cast(pl.Int64))
            .to_series()
        )
        found = self.cells[self.totals.search_sorted(target, side="right")]
        return frame.hstack(found.select("page", "open_ms"))


def of(seed: int, day: dt.date) -> Demand:
    """Weigh all pages for each hour and way of a local day."""
    stories = on_the_shelf(seed, day)
    laid = pages.lay_out(stories, day)
    cells = _cells(laid, pages.tastes(stories), _hours(seed, day))
    groups = (
        cells.group_by("hour", "way_at", maintain_order=True)
        .agg(size=pl.col("weight").sum())
        .with_row_index("group")
        .with_columns(pl.col("group").cast(pl.Int64), first=pl.col("size").cum_sum() - pl.col("size"))
        .with_columns(
            key=pl.lit(chance.mix(seed, day.toordinal(), "visits"), pl.UInt64)
            + pl.col("group").cast(pl.UInt64)
        )
        .with_columns(visits=(pl.col("size") / MILLI + chance.units("dither")).cast(pl.Int64))
        .with_columns(
            visits=pl.when(pl.col("way_at") < len(ENTRIES)).then("visits").otherwise(0),
            way=pl.col("way_at").replace_strict(
                {at: way.name for at, way in enumerate(WAYS)}, return_dtype=pl.String
            ),
        )
    )
    return Demand(laid, cells.select("page", "open_ms"), cells["weight"].cum_sum(), groups)


def _hours(seed: int, day: dt.date) -> pl.DataFrame:
    """List (hour, beat): the hours of the day and their share of its visits, with the day's size."""
    beats = almanac.rhythm(day)
    size = almanac.visits(seed, day)
    shares = {way.name: _share(way, day) for way in WAYS}
    rows = [
        (hour, at, beat, size * beat * shares[way.name])
        for hour, beat in enumerate(beats)
        for at, way in enumerate(WAYS)
    ]
    return pl.DataFrame(rows, schema=["hour", "way_at", "beat", "base"], orient="row")


def _share(way: Way, day: dt.date) -> float:
    return almanac.assistant_share(day) if way.name == "chatgpt" else way.share


def _cells(pages: pl.DataFrame, tastes: pl.DataFrame, hours: pl.DataFrame) -> pl.DataFrame:
    """Weigh every page in every hour for every way; sorted by hour, way and page."""
    traits = pages.select(
        "page", "published_h", "appeal", "half_life", "evergreen", is_story=pl.col("article_id").is_not_null()
    )
    grid = hours.join(tastes, on="way_at", maintain_order="left_right").join(
        traits, on="page", maintain_order="left"
    )
    grid = grid.with_columns(
        age=(pl.col("hour") + 0.5 - pl.col("published_h")).clip(0),
        left=(pl.col("hour") + 1 - pl.col("published_h")).clip(0, 1),  # part of the hour after publication
    )
    age, left = pl.col("age"), pl.col("left")
    there = pl.when(pl.col("inside")).then(pl.when(left >= 1).then(1.0).otherwise(0.0)).otherwise(left)
    fading = _halved(age / (pl.col("half_life") * pl.col("stretch")))
    lingering = LONG_TAIL * _halved(age / (TAIL_HALF_LIFE_H * pl.col("stretch")))
    pull = pl.col("appeal") * (fading + lingering) + pl.col("evergreen") * pl.col("old")
    rush = pl.col("lift") * pl.col("beat") * _halved(age / pl.col("half_life")) * there
    return (
        grid.with_columns(
            pull=(pull * pl.col("taste") * there * FRESH).cast(pl.Int64),
            rush=(rush * MILLI).cast(pl.Int64),
            open_ms=((1 - left) * HOUR_MS).cast(pl.Int64),
        )
        .with_columns(all_pull=pl.col("pull").sum().over(pl.col("hour") * len(WAYS) + pl.col("way_at")))
        .with_columns(
            part=pl.when("is_story")
            .then(pl.col("share") * pl.col("pull") / pl.col("all_pull"))
            .otherwise("share")
        )
        .select(
            "hour",
            "way_at",
            "page",
            "open_ms",
            weight=(pl.col("base") * pl.col("part") * MILLI).cast(pl.Int64) + pl.col("rush"),
        )
    )


def _halved(lives: pl.Expr) -> pl.Expr:
    return (lives * -0.6931471805599453).exp()
