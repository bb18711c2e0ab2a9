"""How a page is read: time, scroll and acts of each view, and whether a beacon arrives at all."""

from __future__ import annotations

import polars as pl

from data.demo import chance, ways

WPM = 300  # metrics.md: wpm
READ_AFTER_MS = 10_000  # metrics.md: read
LONGEST_MS = 1_500_000  # 25 min: longer stays would tear sessions apart
SILENT = 0.14  # of the quick views: closed before the first beacon
STILL = 0.012  # readers without a single act: a page left open
SKIMMERS = 0.09  # scroll to the end without reading


def engage(seen: pl.DataFrame) -> pl.DataFrame:
    """Add engaged_ms, body and page scroll, acts, is_read, is_silent and dwell_ms to page views.

    Reads are likely where desk, story and way make them so; their length is log-normal around what the
    words ask for, shorter for long texts and hurried ways.
    """
    seen = seen.join(
        ways.habits("reading", "depth"), on="way", how="left", maintain_order="left", suffix="_way"
    )
    is_story = pl.col("article_id").is_not_null()
    stays = chance.units("reads") < (pl.col("reading") * pl.col("reading_way")).clip(0.05, 0.94)
    seen = seen.with_columns(
        stays=is_story & stays,
        full_ms=pl.col("words") * (60_000 / WPM),
        brief_ms=400 + 9_400 * chance.units("brief") ** 1.6,
        landing_ms=(chance.bells("landing") * 0.9 + 2.3).exp() * 1000,
    )
    typical = pl.col("full_ms") * 0.80 * pl.col("depth") * (pl.col("words").clip(80) / 450.0) ** -0.22
    typical = typical * (pl.col("reading").clip(0.3) / 0.6) ** 0.7  # a good story holds as well as it draws
    long_ms = (typical * (chance.bells("length") * 0.72).exp()).clip(READ_AFTER_MS + 50, LONGEST_MS)
    engaged = (
        pl.when("stays")
        .then(pl.min_horizontal(long_ms, 1.9 * pl.col("full_ms") + 45_000))
        .when(is_story)
        .then("brief_ms")
        .otherwise(pl.min_horizontal("landing_ms", pl.lit(180_000.0)))
    )
    seen = seen.with_columns(engaged_ms=engaged.cast(pl.Int64))
    return _aside(_scrolled(seen)).drop("stays", "full_ms", "brief_ms", "landing_ms", "depth", "reading_way")


def _scrolled(seen: pl.DataFrame) -> pl.DataFrame:
    """Add how far and how busily a page was scrolled."""
    part = pl.col("engaged_ms") / pl.col("full_ms")
    reader = 0.16 + 0.10 * chance.units("start of body") + part * (0.75 + 0.55 * chance.units("pace"))
    glance = 0.04 + 0.30 * chance.units("glance") ** 2
    skim = pl.when(chance.units("skim") < SKIMMERS).then(0.55).otherwise(0.0)
    seen = seen.with_columns(depth=(pl.when("stays").then(reader).otherwise(glance) + skim).clip(0, 1))
    is_story = pl.col("article_id").is_not_null()
    body = pl.when(is_story).then((pl.col("depth") * 100).cast(pl.Int64))
    landing = 22 + (70 * chance.units("landing scroll") ** 2).cast(pl.Int64)
    busy = (pl.col("engaged_ms") / 1000 * (0.12 + 0.35 * chance.units("busy"))).cast(pl.Int64)
    acts = (
        pl.when(chance.units("still") < STILL)
        .then(0)
        .otherwise(
            pl.when("stays").then(busy + 1).otherwise((chance.units("few acts") * 3).cast(pl.Int64) + busy)
        )
    )
    return seen.with_columns(
        body_scroll_pct=body,
        page_scroll_pct=pl.when(is_story)
        .then((6 + pl.col("depth") * (58 + 30 * chance.units("below"))).cast(pl.Int64))
        .otherwise(landing),
        acts=acts,
    )


def _aside(seen: pl.DataFrame) -> pl.DataFrame:
    """Add the idle time, whether any beacon came, and the verdict of metrics.md."""
    idle = 500 + (chance.bells("idle") + 0.7).exp() * 1000
    idle = idle + pl.when(chance.units("away") < 0.05).then(chance.units("away for") * 420_000).otherwise(0.0)
    quick = pl.col("engaged_ms") < READ_AFTER_MS
    return seen.with_columns(
        dwell_ms=pl.col("engaged_ms") + idle.cast(pl.Int64),
        is_silent=quick & (chance.units("silent") < SILENT),
        is_read=pl.col("measured") & ~quick & (pl.col("acts") > 0) & pl.col("article_id").is_not_null(),
    )
