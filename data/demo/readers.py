"""The visits of one day: who comes, when, by which way, and the pages that they open."""

from __future__ import annotations

import datetime as dt

import polars as pl

from data.demo import chance, sources, ways
from data.demo.demand import HOUR_MS, Demand
from data.demo.people import SITE

MOST_PAGES = 7
RELOADS = 0.045  # of all later pages: the same page once more
UNMEASURED = 0.023  # readers without scripts: only the pixel is seen
COME_ALONG = 0.035  # the most frequent reader of a pool is not there all day


def views(seed: int, day: dt.date, demand: Demand) -> pl.DataFrame:
    """Draw all page views of the visits that begin on a day; visit by visit, in reading order."""
    visits = _people(_visits(seed, day, demand), seed)
    pages = visits.with_columns(position=pl.int_ranges(0, pl.col("pages"))).explode("position")
    pages = pages.with_columns(
        visit_key=pl.col("key"), key=chance.column("page") + pl.col("position").cast(pl.UInt64)
    )
    first = pages.filter(pl.col("position") == 0)
    later = demand.draw(_ways_on(pages.filter(pl.col("position") > 0), demand), "next page")
    columns = [*first.columns]
    both = pl.concat([first.select(columns), later.select(columns)]).sort("visit", "position")
    return _named(_reloaded(both).join(demand.pages, on="page", how="left", maintain_order="left"))


def clock(seen: pl.DataFrame, begin: dt.datetime) -> pl.DataFrame:
    """Set the time of each view: the visit's start plus the time on the pages before."""
    dwell = (pl.col("dwell_ms").cum_sum() - pl.col("dwell_ms")).over("visit")
    at = pl.lit(begin, dtype=pl.Datetime("us")) + pl.duration(
        milliseconds=pl.col("start_ms") + dwell, time_unit="us"
    )
    return seen.with_columns(event_at=at)


def _visits(seed: int, day: dt.date, demand: Demand) -> pl.DataFrame:
    """Make one row a visit with its key, hour, way, first page and start."""
    groups = demand.groups.filter(pl.col("visits") > 0).select("group", "hour", "way_at", "way", "visits")
    rows = (
        groups.with_columns(place=pl.int_ranges(0, pl.col("visits"))).explode("place").with_row_index("visit")
    )
    base = pl.lit(chance.mix(seed, day.toordinal(), "visit"), dtype=pl.UInt64)
    rows = rows.with_columns(key=base + (pl.col("group") * 2**32 + pl.col("place")).cast(pl.UInt64))
    rows = demand.draw(rows.with_columns(key=chance.column("visit")), "first page")
    start = pl.col("open_ms") + (chance.units("start") * (HOUR_MS - pl.col("open_ms"))).cast(pl.Int64)
    habits = ways.habits("onward")
    return rows.join(habits, on="way", how="left", maintain_order="left").with_columns(
        start_ms=pl.col("hour") * HOUR_MS + start,
        pages=(
            1 + (chance.units("pages").clip(1e-9).log() / pl.col("onward").log()).floor().cast(pl.Int64)
        ).clip(1, MOST_PAGES),
    )


def _people(visits: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Say who comes: few people often, most rarely; with device, browser and country."""
    luck = COME_ALONG + (1 - COME_ALONG) * chance.units("person")
    person = (pl.col("pool") * luck ** pl.col("habit")).cast(pl.UInt64)
    known = visits.join(
        ways.habits("pool", "habit", "phone", "known"), on="way", how="left", maintain_order="left"
    )
    known = known.with_columns(
        visit_key=pl.col("key"), key=pl.lit(chance.mix(seed, "people"), dtype=pl.UInt64) + person
    )
    known = known.with_columns(key=chance.column("person"))
    tool = chance.units("device")
    known = known.with_columns(
        device=pl.when(tool < pl.col("phone"))
        .then(pl.lit("phone"))
        .when(tool < 0.93)
        .then(pl.lit("desktop"))
        .otherwise(pl.lit("tablet")),
        home=pl.lit("reader"),
        reader_id=pl.when(chance.units("signed in") < pl.col("known")).then(chance.column("reader id")),
        measured=chance.units("scripts") >= UNMEASURED,
    )
    known = sources.HOMES.draw(sources.AGENTS.draw(known, "device", "agent"), "home", "home")
    return known.with_columns(
        person=chance.column("identity")
        + pl.col("device").replace_strict({"phone": 1, "desktop": 2, "tablet": 3}).cast(pl.UInt64),
        key=pl.col("visit_key"),
    ).drop("pool", "habit", "phone", "known", "home", "visit_key", "place")


def _ways_on(later: pl.DataFrame, demand: Demand) -> pl.DataFrame:
    """Choose how a visit goes on: from a front or section page into a story, else around."""
    stories = demand.pages["article_id"].is_not_null().sum()
    onward = (pl.col("page") >= stories) & (pl.col("position") == 1)
    next_way = pl.when(onward).then(pl.lit("onward")).otherwise(pl.lit("around"))
    targets = demand.groups.select("hour", "way", to="group")
    return (
        later.with_columns(way=next_way)
        .join(targets, on=["hour", "way"], how="left", maintain_order="left")
        .with_columns(group=pl.col("to"))
        .drop("page", "open_ms", "to")
    )


def _reloaded(pages: pl.DataFrame) -> pl.DataFrame:
    """Turn some later pages into one more load of the page before, by the same way."""
    again = (pl.col("position") > 0) & (chance.units("reload") < RELOADS)
    pages = pages.with_columns(again=again)  # once, not per column: eager Polars shares no work
    same = [
        pl.when("again").then(pl.col(name).shift(1)).otherwise(name).alias(name) for name in ("page", "way")
    ]
    return pages.with_columns(same).drop("again")


def _named(seen: pl.DataFrame) -> pl.DataFrame:
    """Name channel, source and referrer of each view; inside pages come from the page before."""
    inside = {way.name for way in ways.NEXT_PAGES}
    seen = seen.with_columns(
        outside=pl.when(pl.col("way").is_in(inside)).then(pl.lit("direct")).otherwise("way")
    )
    seen = sources.SOURCES.draw(
        seen.with_columns(page_key=pl.col("key"), key=pl.col("visit_key")), "outside", "source"
    )
    before, kind = pl.col("url").shift(1), pl.col("section").shift(1)
    came_from = (
        pl.when(kind == "front")
        .then(pl.lit("Front page"))
        .when(kind.str.starts_with("/"))
        .then(pl.lit("Section page"))
        .otherwise(pl.lit("Article page"))
    )
    own = pl.col("way").is_in(inside)
    return seen.with_columns(
        key=pl.col("page_key"),
        channel=pl.col("way").replace_strict({way.name: way.channel for way in ways.WAYS}),
        source=pl.when(own).then(came_from).otherwise("source"),
        referrer_host=pl.when(own).then(pl.lit(SITE)).otherwise("referrer_host"),
        referrer_path=pl.when(own)
        .then(before.str.strip_prefix(f"https://{SITE}"))
        .otherwise("referrer_path"),
    ).drop("outside", "page_key")
