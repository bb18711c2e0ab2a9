"""Figures beside what they are compared with: the typical range, the period before, the year before.

Screens show no number alone (ui.md). Which comparison is honest is decided here: a single day has a
typical range, anything longer is compared with the same weekdays before, and what lies before the
first event is compared with nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from analytics.marks import Place, Usual
from analytics.metrics import FEW_N
from analytics.periods import Period, day_begins, local_time, previous, year_ago
from analytics.queries import figures, health
from analytics.queries.ask import Ask
from analytics.queries.coverage import Coverage
from analytics.queries.figures import Board, Figure
from analytics.queries.typical import Band, typical_day
from analytics.store.store import Store

Against = Literal["typical", "previous", "year_ago", "none"]


@dataclass(frozen=True, slots=True)
class Beside:
    """A figure and what stands beside it.

    Attributes:
        figure: The number.
        band: What is typical of such a day; None without one.
        before: The same number of the period before; None where nothing was asked or known.
    """

    figure: Figure
    band: Band | None = None
    before: Figure | None = None

    @property
    def usual(self) -> Usual | None:
        """The typical range as marks draw it."""
        band = self.band
        return Usual(band.least, band.low, band.median, band.high, band.most) if band else None

    @property
    def place(self) -> Place | None:
        """Above, inside or below the typical range; None without one."""
        usual, value = self.usual, self.figure.value
        return usual.place(value) if usual is not None and value is not None else None

    @property
    def change(self) -> float | None:
        """Relative difference from the typical median, else from the period before; None without either."""
        base = self.band.median if self.band else self.before.value if self.before else None
        return self.figure.value / base - 1 if base and self.figure.value is not None else None

    @property
    def is_new(self) -> bool:
        """True where there was nothing before."""
        then = self.before.value if self.before and self.band is None else None
        return then == 0 and bool(self.figure.value)

    @property
    def is_few(self) -> bool:
        """True where the change is grey: fewer than 30 on either side (metrics.md 9)."""
        return self.band is None and any(_few(each) for each in (self.figure, self.before) if each)


def totals(
    store: Store, metrics: Sequence[str], ask: Ask, now: dt.datetime, against: Against
) -> dict[str, Beside]:
    """Count metrics, each beside what it is compared with.

    Args:
        store: The open store.
        metrics: Identifiers.
        ask: Filter and days; no split.
        now: Naive UTC.
        against: What was chosen; `typical` falls back to the period before where there is no band.

    Returns:
        Metric -> figure and its comparison.

    Raises:
        UnknownMetricError: An identifier is none.
        UnknownDimensionError: A metric cannot be filtered so.
    """
    found = figures.totals(store, metrics, ask, now)
    bands: dict[str, Band | None] = {}
    if against == "typical" and has_band(ask):
        bands = typical_day(store, metrics, ask.where, ask.period.first, ask.period.zone, now)
    rest = [name for name in metrics if bands.get(name) is None]
    earlier: dict[str, Figure] = {}
    if against != "none" and rest:
        past = before(ask, now, against, health.freshness(store, ask.where.site_id, now))
        earlier = figures.totals(store, rest, past, now) if past else {}
    return {name: Beside(figure, bands.get(name), earlier.get(name)) for name, figure in found.items()}


def has_band(ask: Ask) -> bool:
    """Say whether a typical range exists for such a question: one day, by its own events."""
    return ask.period.length == 1 and ask.basis == "read_in"


def before(ask: Ask, now: dt.datetime, against: Against, known: Coverage) -> Ask | None:
    """Ask the same of the period before.

    A period that is not over yet is compared with the same elapsed local time.

    Args:
        ask: The question.
        now: Naive UTC.
        against: `year_ago` moves a year back, all else by whole weeks.
        known: What the sources cover.

    Returns:
        The question, None where that period is not wholly covered.
    """
    past = year_ago(ask.period) if against == "year_ago" else previous(ask.period)
    if known.views is None or past.begins < known.views[0]:
        return None
    return replace(ask, period=past, until=_same_time(ask.period, past, now))


def with_shares(board: Board, *names: str) -> pl.DataFrame:
    """Give the rows of a board with the share that each has of the distinct total.

    Returns:
        The rows, and for each name `{name}_share`; null where the total is unknown or 0.
    """
    return board.rows.with_columns(_share(board, name) for name in names)


def share_of_rows(board: Board, name: str) -> float | None:
    """Say which share of the distinct total the rows with an id have together."""
    whole = board.total[name].value
    rows = board.rows.filter(pl.col("id").is_not_null())[name].sum()
    return float(rows) / whole if whole else None


def with_changes(rows: pl.DataFrame, earlier: pl.DataFrame | None, name: str) -> pl.DataFrame:
    """Put the change since an earlier board beside the rows of a board.

    Args:
        rows: id and the metric's column.
        earlier: The same of the period before; None where it is not known.
        name: A count.

    Returns:
        The rows with `{name}_change` (relative; null where unknown or nothing before), `{name}_is_new`
        and `{name}_is_few`.
    """
    names = (f"{name}_change", f"{name}_is_new", f"{name}_is_few")
    if earlier is None:
        nothing = pl.lit(None, dtype=pl.Float64), pl.lit(value=False), pl.lit(value=False)
        return rows.with_columns(
            expression.alias(alias) for expression, alias in zip(nothing, names, strict=True)
        )
    then = earlier.select("id", _then=pl.col(name).cast(pl.Float64))
    joined = rows.join(then, on="id", how="left", nulls_equal=True, maintain_order="left")
    now, past = pl.col(name).cast(pl.Float64), pl.col("_then").fill_null(0)
    return joined.with_columns(
        pl.when(past > 0).then(now / past - 1).alias(names[0]),
        ((past == 0) & (now > 0)).alias(names[1]),
        ((past < FEW_N) | (now < FEW_N)).alias(names[2]),
    ).drop("_then")


def _few(figure: Figure) -> bool:
    return figure.is_few if figure.metric.is_rate else (figure.value or 0) < FEW_N


def _share(board: Board, name: str) -> pl.Expr:
    whole = board.total[name].value
    share = pl.col(name) / whole if whole else pl.lit(None, dtype=pl.Float64)
    return share.alias(f"{name}_share")


def _same_time(period: Period, past: Period, now: dt.datetime) -> tuple[tuple[dt.date, dt.datetime], ...]:
    """List the days of an earlier period, the one that stands for today cut at this local time."""
    if not period.begins <= now < period.ends:
        return ()
    clock = local_time(now, period.zone).time()
    elapsed = dt.timedelta(hours=clock.hour, minutes=clock.minute)
    cuts = []
    for day, then in zip(period.days, past.days, strict=True):
        begins = day_begins(day, period.zone)
        ends = day_begins(then + dt.timedelta(days=1), past.zone)
        if begins > now:
            break
        is_today = now < day_begins(day + dt.timedelta(days=1), period.zone)
        cuts.append((then, day_begins(then, past.zone) + elapsed if is_today else ends))
    return tuple(cuts)
