"""The demo newsroom: a catalogue, and one frame a table for each local day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import polars as pl

from data.demo import almanac, demand, frames, people, readers, reading, sources, stories, talk

SITE = people.SITE
NAME = "The Tidewater Courier"
ZONE = almanac.ZONE
VERSION = 2  # of the generator: another version draws other events
SEED = 622  # readers of the article with which this began


@dataclass(frozen=True, slots=True)
class Newsroom:
    """Ninety days, or any number, of a newsroom that does not exist.

    A local day's events follow from (seed, day) alone; `end` only cuts off what lies after it. So a
    later end appends, and a day that is drawn again repeats its ids.

    Attributes:
        seed: Another seed is another newsroom.
        days: Local days in the window, the last one being that of `end`.
        end: Naive UTC; no event lies after it.
    """

    seed: int
    days: int
    end: dt.datetime

    def local_days(self) -> list[dt.date]:
        """List the local days of the window, oldest first."""
        last = self.end.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(ZONE)).date()
        return [last - dt.timedelta(days=age) for age in range(self.days - 1, -1, -1)]

    def catalogue(self) -> list[dict[str, object]]:
        """List all articles that the window's readers open, as rows of wire-formats.md D.1.

        Old evergreens first, then the news by publication, from three weeks before the window:
        its first readers still read those.
        """
        days = self.local_days()
        start = days[0] - dt.timedelta(days=stories.SHELF_DAYS + 1)
        span = [start + dt.timedelta(days=step) for step in range((days[-1] - start).days + 1)]
        news = [story for day in span for story in stories.published_on(self.seed, day)]
        known = [*stories.evergreens(self.seed), *news]
        known.sort(key=lambda story: (story.published_at, story.article_id))
        return [story.row() for story in known if story.published_at <= self.end]

    def day(self, day: dt.date) -> dict[str, pl.DataFrame]:
        """Draw one local day.

        Args:
            day: Any local day; days need not be asked for in order, though that is twice as fast.

        Returns:
            By table (page_views, engagements, comment_states, interactions): the columns of its
            record, times naive UTC, sorted by event_at; empty after the end.
        """
        # Visits and moderators cross midnight, so a day has parts from visits of the day before.
        parts = [_begun_on(self.seed, begun) for begun in (day - dt.timedelta(days=1), day)]
        return {
            table: frames.closed([part[table] for part in parts], self.seed, day, table, self.end)
            for table in ("page_views", "engagements", "comment_states", "interactions")
        }


@lru_cache(maxsize=3)
def _begun_on(seed: int, day: dt.date) -> dict[str, pl.DataFrame]:
    """Draw all that follows from the visits that begin on a local day, whenever it happens."""
    begin, _ = almanac.bounds(day)
    seen = readers.views(seed, day, demand.of(seed, day))
    seen = readers.clock(reading.engage(seen), begin).sort("event_at", "key").with_row_index("number")
    seen = seen.with_columns(
        view_id=pl.lit(f"{day.toordinal()}-") + pl.col("number").cast(pl.String).str.zfill(7)
    )
    seen = seen.drop("number")
    made = talk.comments(seen, day, begin)
    tables = {
        "page_views": _page_views(seen, day),
        "engagements": _engagements(seen),
        "comment_states": talk.states(made).select(
            "event_at",
            "person",
            "url",
            "article_id",
            "comment_id",
            "status",
            "state_at",
            "created_at",
            "decided_by",
            "parent_id",
            "commenter",
            "length",
            "length_limit",
            "origin",
            format=pl.lit("tearsheet"),
        ),
        "interactions": talk.interactions(seen, made).select(
            "event_at",
            "person",
            "url",
            "article_id",
            "view_id",
            "device",
            "country",
            "kind",
            "props",
            format=pl.lit("tearsheet"),
        ),
    }
    return {
        table: frames.numbered(rows, seed, day, table).drop("key", "place") for table, rows in tables.items()
    }


def _page_views(seen: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    mailed = pl.col("channel") == "newsletter"
    here = sources.neighbour(day)
    return seen.with_columns(pl.col("source", "referrer_host").replace(sources.PARISH, here)).select(
        "event_at",
        "person",
        "url",
        "article_id",
        "reader_id",
        "device",
        "browser",
        "os",
        "country",
        "language",
        "view_id",
        "title",
        "referrer_host",
        "referrer_path",
        "utm_source",
        "utm_medium",
        "channel",
        "source",
        utm_campaign=pl.when(mailed).then(pl.lit(day.isoformat())),
        format=pl.when("measured").then(pl.lit("tearsheet")).otherwise(pl.lit("pixel")),
        signal=pl.when("measured").then(pl.lit("full")).otherwise(pl.lit("none")),
    )


def _engagements(seen: pl.DataFrame) -> pl.DataFrame:
    left_at = pl.col("event_at") + pl.duration(milliseconds=pl.col("dwell_ms"), time_unit="us")
    told = seen.filter(pl.col("measured") & ~pl.col("is_silent"))
    return told.select(
        "person",
        "url",
        "article_id",
        "view_id",
        "device",
        "country",
        "engaged_ms",
        "body_scroll_pct",
        "page_scroll_pct",
        "acts",
        event_at=left_at,
        engaged_mode=pl.lit("max"),
        format=pl.lit("tearsheet"),
        short_body=pl.when(pl.col("article_id").is_not_null()).then(pl.col("words") < 90),
    ).sort("event_at", "view_id")
