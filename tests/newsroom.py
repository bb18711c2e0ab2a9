"""A newsroom for tests: one site in a store, with short words for what tests do all the time."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import polars as pl

from analytics.config import Config, Site
from analytics.jobs.runner import run_all
from analytics.load import Loaded, load
from analytics.periods import Grain, Period, local_day, parse
from analytics.queries import figures
from analytics.queries.ask import Ask, Filter
from analytics.queries.figures import Board, Figure
from analytics.store import sites
from analytics.store.store import Store
from tests.builders import SITE, ZONE, Article, Reject, Row, batch, utc

NOW = "2026-05-06 13:00"  # metrics.md: examples are as of then


_numbers = itertools.count(1)


def another(store: Store, zone: str = ZONE, now: str = NOW) -> Newsroom:
    """Make a site of its own in a store that many tests share."""
    room = Newsroom(store, f"n{next(_numbers)}.example", zone, utc(now))
    room.settle()
    return room


@dataclass(slots=True)
class Newsroom:
    """One site in a store, and a clock that stands still.

    Attributes:
        store: The store.
        site: The site.
        zone: Its zone.
        now: The clock, naive UTC.
    """

    store: Store
    site: str = SITE
    zone: str = ZONE
    now: dt.datetime = field(default_factory=lambda: utc(NOW))

    def settle(self, **settings: Any) -> None:
        """Write the site into the store, as `tearsheet.toml` would say it."""
        described = msgspec.convert({"timezone": self.zone, **settings}, Site)
        sites.settle(self.store, Config(site={self.site: described}), self.now)

    def load(self, *rows: Row | Article | Reject, file: str = "", seq: int = 0) -> Loaded:
        """Load one batch by the real door."""
        return load(self.store, batch(*rows, site=self.site, zone=self.zone, file=file, seq=seq), self.now)

    def recount(self, *, everything: bool = False) -> int:
        """Recount dirty days, as the jobs do."""
        return run_all(self.store, self.now, everything=everything)

    def take(self, *rows: Row | Article | Reject) -> None:
        """Load and recount."""
        self.load(*rows)
        self.recount()

    def at(self, now: str) -> Newsroom:
        """Set the clock."""
        self.now = utc(now)
        return self

    def period(self, text: str) -> Period:
        """Read a period as it stands in an address."""
        return parse(text, local_day(self.now, self.zone), self.zone)

    def asked(self, period: str, where: dict[str, tuple[str, ...]] | None = None, **more: Any) -> Ask:
        """Put a question: period, filter, and the rest of `Ask`."""
        kept = Filter(self.site).only(**(where or {}))
        return Ask(kept, self.period(period), **more)

    def figure(
        self, metric: str, period: str, where: dict[str, tuple[str, ...]] | None = None, **more: Any
    ) -> Figure:
        """Count one metric over a period."""
        return figures.totals(self.store, [metric], self.asked(period, where, **more), self.now)[metric]

    def value(
        self, metric: str, period: str, where: dict[str, tuple[str, ...]] | None = None, **more: Any
    ) -> float | None:
        """Give the value of one metric over a period."""
        return self.figure(metric, period, where, **more).value

    def board(self, split: str, metric: str, period: str, **more: Any) -> Board:
        """Rank a dimension by a metric."""
        ask = self.asked(period, split=split, **more)
        return figures.board(self.store, [metric], ask, self.now, order=metric, limit=None)

    def ranking(self, split: str, metric: str, period: str, **more: Any) -> list[tuple[object, ...]]:
        """Give rank, id and value of a board."""
        return self.board(split, metric, period, **more).rows.select("rank", "id", metric).rows()

    def values_of(self, split: str, metric: str, period: str, **more: Any) -> dict[str | None, float | None]:
        """Give id -> value of a board."""
        return dict(self.board(split, metric, period, **more).rows.select("id", metric).rows())

    def series(
        self, metric: str, period: str, grain: Grain, where: dict[str, tuple[str, ...]] | None = None
    ) -> dict[str, float | None]:
        """Give bucket -> value of a series."""
        found = figures.series(self.store, metric, self.asked(period, where), grain, self.now)
        return dict(found.select("bucket", "value").rows())

    def rows(self, table: str, columns: Sequence[str] = ("*",), order: str = "ALL") -> pl.DataFrame:
        """Read a table of the store, rows of this site, in order."""
        question = f"SELECT {', '.join(columns)} FROM {table} WHERE site_id = $site ORDER BY {order}"
        return self.store.frame(question, site=self.site)
