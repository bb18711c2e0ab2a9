"""A generated newsroom with planted events, to judge alerts by: what should fire, and what should not.

Ten weeks: a rhythm of hours and weekdays, days and hours that are better or worse than others, six articles
a day that grow old, comments. The events stand in the last four weeks, on days of their own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import random
from dataclasses import dataclass, field

import polars as pl

from analytics.load import Batch, load
from analytics.load.batch import schema_of
from tests.builders import article, catalogue
from tests.newsroom import Newsroom

ZONE = "Europe/Berlin"
NOW = dt.datetime(2026, 5, 24, 22, 0)  # Sunday midnight in the newsroom
DAYS, JUDGED = 70, 28
HOUR = dt.timedelta(hours=1)
SECTIONS = ("Politics", "City", "Sport")
BY_HOUR = (9, 6, 4, 3, 4, 9, 22, 40, 46, 44, 42, 46, 52, 46, 42, 40, 42, 48, 54, 58, 60, 54, 38, 20)  # UTC
BY_WEEKDAY = (1.05, 1.02, 1.0, 1.0, 0.97, 0.78, 0.86)
WHEN = ("viral", "drop", "silence", "storm", "rising", "source", "holiday", "half")


@dataclass(frozen=True, slots=True)
class Event:
    """Something planted: what, of what, from when to when (naive UTC)."""

    what: str
    entity: str
    began: dt.datetime
    ended: dt.datetime


@dataclass(slots=True)
class Series:
    """The generated rows of a seed."""

    seed: int
    events: list[Event] = field(default_factory=list)
    views: list[tuple[dt.datetime, str, str]] = field(default_factory=list)  # at, article, source
    comments: list[tuple[dt.datetime, str]] = field(default_factory=list)
    articles: list[tuple[str, str, dt.datetime]] = field(default_factory=list)
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 a game of dice
        self._plant()
        self._draw()

    def of(self, *what: str) -> list[Event]:
        """List planted events of some kinds."""
        return [each for each in self.events if each.what in what]

    def _plant(self) -> None:
        first = (NOW - dt.timedelta(days=JUDGED)).replace(hour=0) + dt.timedelta(days=1)
        days = [first + dt.timedelta(days=n) for n in range(JUDGED - 2)]
        weekdays = [day for day in days if day.weekday() < 5]
        chosen = self._dice.sample(weekdays, 14)
        plan = (
            ("viral", 3, 9, 14), ("drop", 3, 11, 3), ("silence", 2, 12, 1.25), ("storm", 2, 15, 1),
            ("rising", 2, 13, 3), ("source", 1, 10, 8), ("holiday", 1, -2, 24),
        )  # fmt: skip
        for what, count, hour, hours in plan:
            for _ in range(count):
                began = chosen.pop() + hour * HOUR
                self.events.append(Event(what, "", began, began + hours * HOUR))

    def _draw(self) -> None:
        dice, begin = self._dice, NOW - dt.timedelta(days=DAYS)
        shelf = [(f"old{n}", SECTIONS[n % 3], begin - dt.timedelta(days=30)) for n in range(12)]
        self.articles = list(shelf)
        fresh: list[tuple[str, dt.datetime, float, bool]] = []
        day_factor = 1.0
        for hour in range(DAYS * 24):
            at = begin + hour * HOUR
            if (at + 2 * HOUR).hour == 0 or hour == 0:
                day_factor = math.exp(dice.gauss(0, 0.06))
            if 5 <= at.hour <= 19 and at.hour % 3 == 0:
                self._publish(fresh, at)
            rhythm = BY_HOUR[at.hour] * BY_WEEKDAY[(at + 2 * HOUR).weekday()]
            rhythm *= day_factor * math.exp(dice.gauss(0, 0.08))
            for name, *_ in shelf:
                self._view(name, at, rhythm * self._less(at) / 12)
            for name, published, size, is_viral in fresh:
                age = (at - published) / HOUR
                if 0 <= age < 72:
                    grows = size * rhythm / 46 * math.exp(-age / 9)
                    boost = 9 * min(age, 3) / 3 * math.exp(-max(age - 4, 0) / 12) if is_viral else 1
                    self._view(name, at, grows * max(boost, 1) * self._less(at))
                    self._talk(name, at, grows * 0.05)
            fresh = [each for each in fresh if (at - each[1]) / HOUR < 72]
            self._special(at, shelf, fresh)
        silent = self.of("silence")
        self.views = [each for each in self.views if not any(s.began <= each[0] < s.ended for s in silent)]

    def _publish(self, fresh: list[tuple[str, dt.datetime, float, bool]], at: dt.datetime) -> None:
        name, section = f"a{len(self.articles)}", self._dice.choice(SECTIONS)
        viral = next((n for n, e in enumerate(self.events) if e.what == "viral" and e.began == at), None)
        if viral is not None:
            event = self.events[viral]
            self.events[viral] = Event("viral", name, event.began, event.ended)
        self.articles.append((name, section, at))
        fresh.append((name, at, 6 * math.exp(self._dice.gauss(0, 0.6)), viral is not None))

    def _less(self, at: dt.datetime) -> float:
        if any(each.began <= at < each.ended for each in self.of("drop")):
            return 0.3
        return 0.45 if any(each.began <= at < each.ended for each in self.of("holiday")) else 1.0

    def _special(
        self,
        at: dt.datetime,
        shelf: list[tuple[str, str, dt.datetime]],
        fresh: list[tuple[str, dt.datetime, float, bool]],
    ) -> None:
        for n, each in enumerate(self.events):
            if each.what == "rising" and each.began <= at < each.ended:
                name = each.entity or shelf[n % 12][0]
                self.events[n] = Event(each.what, name, each.began, each.ended)
                self._view(name, at, 90)
            if each.what == "source" and each.began <= at < each.ended:
                self.events[n] = Event(each.what, "Newcomer", each.began, each.ended)
                self._view(shelf[0][0], at, 12, "Newcomer")
            if each.what == "storm" and each.began <= at < each.ended and fresh:
                name = each.entity or fresh[-1][0]
                self.events[n] = Event(each.what, name, each.began, each.ended)
                self._talk(name, at, 70)

    def _view(self, name: str, at: dt.datetime, rate: float, source: str = "") -> None:
        for _ in range(poisson(self._dice, rate)):
            self.views.append((at + self._dice.random() * HOUR, name, source))

    def _talk(self, name: str, at: dt.datetime, rate: float) -> None:
        for _ in range(poisson(self._dice, rate)):
            self.comments.append((at + self._dice.random() * HOUR, name))

    def fill(self, room: Newsroom) -> None:
        """Load all of it by the real door, and count."""
        room.now = NOW
        rows = [
            article(name, title=f"Story {name}", section=section, published_at=at, word_count=300)
            for name, section, at in self.articles
        ]
        load(room.store, Batch(catalogue=catalogue(rows, room.site)), room.now)
        load(room.store, Batch(events=self._frames(room)), room.now)
        room.recount()

    def _frames(self, room: Newsroom) -> dict[str, pl.DataFrame]:
        views = (
            pl.DataFrame(
                self.views,
                schema={"event_at": pl.Datetime("us"), "article_id": pl.String, "source": pl.String},
                orient="row",
            )
            .filter(pl.col("event_at") < NOW)
            .with_row_index("i")
        )
        local = pl.col("event_at").dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE).dt.date()
        views = views.with_columns(
            site_id=pl.lit(room.site),
            received_at="event_at",
            day_local=local,
            view_id=pl.format("v{}", "i"),
            visitor=pl.col("i").cast(pl.UInt64) * 7919,
            signal=pl.lit("full"),
            format=pl.lit("tearsheet"),
            channel=pl.when(pl.col("source") == "").then(pl.lit("direct")).otherwise(pl.lit("referral")),
            source=pl.when(pl.col("source") != "").then("source"),
        )
        later = pl.col("event_at") + pl.duration(seconds=20)
        engaged = views.filter(pl.col("i") % 2 == 0).with_columns(
            event_at=later,
            received_at=later,
            engaged_ms=pl.lit(20_000),
            engaged_mode=pl.lit("max"),
            acts=pl.lit(3),
            body_scroll_pct=pl.lit(60),
        )
        talk = (
            pl.DataFrame(
                self.comments, schema={"event_at": pl.Datetime("us"), "article_id": pl.String}, orient="row"
            )
            .filter(pl.col("event_at") < NOW)
            .with_row_index("i")
        )
        talk = talk.with_columns(
            site_id=pl.lit(room.site),
            received_at="event_at",
            state_at="event_at",
            created_at="event_at",
            day_local=local,
            comment_id=pl.format("c{}", "i"),
            status=pl.lit("published"),
            format=pl.lit("comments"),
            commenter=pl.col("i").cast(pl.UInt64),
        )
        return {
            table: _shaped(rows, table)
            for table, rows in (("page_views", views), ("engagements", engaged), ("comment_states", talk))
        }


def poisson(dice: random.Random, rate: float) -> int:
    """Draw a count; by the normal law where it is large."""
    if rate > 60:
        return max(round(dice.gauss(rate, math.sqrt(rate))), 0)
    limit, product, count = math.exp(-rate), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count


def _shaped(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    prefix = hashlib.blake2b(table.encode(), digest_size=2).hexdigest()
    rows = rows.with_columns(
        event_id=pl.format(f"{prefix}0000-0000-4000-8000-{{}}", pl.col("i").cast(pl.String).str.zfill(12))
    )
    columns = schema_of(table)
    missing = [pl.lit(None, kind).alias(name) for name, kind in columns.items() if name not in rows.columns]
    return rows.with_columns(missing).select(pl.col(name).cast(kind) for name, kind in columns.items())
