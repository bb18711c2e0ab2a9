"""The kinds of alerts: what each watches, which fields its rules have, and where its limits lie.

What is usual is median, 10 % and 90 % of the same hour of the last eight same weekdays (metrics.md 7). Level
1 is the end of that range, level 2 twice as far from the median, level 3 three times. Few values make a range
narrower than chance: it is at least as wide as counting alone makes it, and a tenth of the median.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import polars as pl

from analytics.language import N_
from analytics.metrics import FEW_N

Field = Literal["metric", "dimension", "ids", "grain", "direction", "bound", "level", "readings", "query"]
FIGURES = ("reads", "views", "readers", "comments_created")
LIVE = "on_site"
WAITING = ("comments_pending", "oldest_min")
DIMENSIONS = ("site", "section", "author", "topic", "article")
GRAINS = ("hour", "day")
DIRECTIONS = ("above", "below", "either")
LEVELS = (1, 2, 3)
WAYS = {
    "mail": "mail",
    "chat": N_("Slack, Teams, Discord or Telegram"),
    "webhook": "webhook",
    "folder": N_("a folder of the home"),
}
MOST_READINGS = 24
REPEATS = {"once": None, "hourly": dt.timedelta(hours=1), "daily": dt.timedelta(days=1)}
COUNTING = 1.2816  # 90 % of what chance does to a count lies within so many roots of it
NARROWEST = 0.1  # of the median
MINUTE, QUARTER = dt.timedelta(minutes=1), dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of alert.

    Attributes:
        title: Its name.
        about: What it watches, in a sentence.
        fields: What its rules say beside the name.
        every: How often it is read; kinds that count by hours or days are read when one is complete.
        metrics: What it can watch; the first is its own.
        bound: The bound of a new rule; None where it has none.
        unit: What the bound is: "count", "share" (of 1) or "min".
        has_past: Whether it can be tried over the days that are over.
        is_service: It is about the house, for admins, who are told when all is well again, too.
    """

    title: str
    about: str
    fields: tuple[Field, ...]
    every: dt.timedelta
    metrics: tuple[str, ...] = ()
    bound: float | None = None
    unit: str = "count"
    has_past: bool = True
    is_service: bool = False


KINDS: dict[str, Kind] = {
    "learned": Kind(
        N_("Outside of what is usual"),
        N_("A figure leaves the range of the same hour of the last eight same weekdays."),
        ("metric", "dimension", "ids", "grain", "direction", "level", "readings"),
        MINUTE,
        FIGURES,
    ),
    "expected": Kind(
        N_("Article above expectation"),
        N_("In its first 48 hours an article has more than nine in ten of its section had at its age."),
        ("metric", "dimension", "ids", "level", "readings"),
        MINUTE,
        ("reads", "views"),
    ),
    "rising": Kind(
        N_("Rising again"),
        N_("An article of more than a week has far more views in an hour than on the seven days before."),
        ("level", "readings"),
        MINUTE,
        ("views",),
    ),
    "drop": Kind(
        N_("Drop"),
        N_("A figure falls under a part of what is usual. Incomplete data never raises it."),
        ("metric", "dimension", "ids", "grain", "bound", "readings"),
        MINUTE,
        FIGURES,
        0.5,
        "share",
    ),
    "level": Kind(
        N_("Level"),
        N_("A figure is above or below a number."),
        ("metric", "dimension", "ids", "grain", "direction", "bound", "readings"),
        MINUTE,
        (*FIGURES, LIVE),
        1000.0,
    ),
    "change": Kind(
        N_("Change in a week"),
        N_("A figure differs by a share from the same hour or day a week before."),
        ("metric", "dimension", "ids", "grain", "direction", "bound", "readings"),
        MINUTE,
        FIGURES,
        0.5,
        "share",
    ),
    "storm": Kind(
        N_("Comment storm"),
        N_("Under one article many comments come within an hour, or many wait."),
        ("metric", "bound", "readings"),
        QUARTER,
        ("comments_created", "comments_pending"),
        30.0,
    ),
    "backlog": Kind(
        N_("Moderation backlog"),
        N_("Many comments wait for a decision, or one of them waits long."),
        ("metric", "bound", "readings"),
        QUARTER,
        WAITING,
        50.0,
    ),
    "source": Kind(
        N_("New source"),
        N_("A site that never sent readers before sends some."),
        ("bound",),
        QUARTER,
        ("views",),
        30.0,
    ),
    "query": Kind(
        N_("Saved query"),
        N_("A saved query returns rows, or its one number is above or below a level."),
        ("query", "direction", "bound", "readings"),
        QUARTER,
        has_past=False,
    ),
    "silent": Kind(
        N_("Collector silent"),
        N_("No page view comes in at a time at which some would be usual."),
        ("bound",),
        MINUTE,
        ("page_loads",),
        15.0,
        "min",
        is_service=True,
    ),
    "report": Kind(
        N_("Report not sent"),
        N_("A report has not gone out 15 minutes after it was due."),
        (),
        MINUTE,
        has_past=False,
        is_service=True,
    ),
    "house": Kind(
        N_("The desk itself"),
        N_("The disk runs full, a backup was missed, or days are not counted."),
        (),
        5 * MINUTE,
        has_past=False,
        is_service=True,
    ),
}
SERVICE = tuple(name for name, each in KINDS.items() if each.is_service)


def judged(rows: pl.DataFrame, kind: str, direction: str, bound: float | None, level: int) -> pl.DataFrame:
    """Say of each row whether it lies outside of what a rule allows.

    Small numbers never do: above, the value must be 30 at least; below, what is usual must be; a change needs
    both.

    Args:
        rows: value, middle, low, high (Float64; null: unknown), is_whole (nothing is missing).
        kind: level, change, learned, drop, expected or rising.
        direction: above, below or either.
        bound: Of the rule.
        level: Of the rule.

    Returns:
        The rows with bound (the limit crossed, else the upper one) and is_out (null: cannot be told).
    """
    upper, lower = _limits(kind, bound, level)
    value, middle = pl.col("value"), pl.col("middle")
    enough_up, enough_down = _enough(kind)
    over = (value > upper if kind != "level" else value >= upper) & enough_up
    under = (value < lower if kind != "level" else value <= lower) & enough_down
    known = value.is_not_null() & (middle.is_not_null() if kind != "level" else pl.lit(value=True))
    is_over = over.fill_null(value=False) if direction != "below" else pl.lit(value=False)
    is_under = under.fill_null(value=False) if direction != "above" else pl.lit(value=False)
    return rows.with_columns(
        bound=pl.when(is_under | pl.lit(direction == "below")).then(lower).otherwise(upper).cast(pl.Float64),
        # What is half there may be too low by that alone; too high it is all the same.
        is_out=pl.when(is_over).then(pl.lit(value=True)).when(known & pl.col("is_whole")).then(is_under),
    )


def _limits(kind: str, bound: float | None, level: int) -> tuple[pl.Expr, pl.Expr]:
    middle, low, high = pl.col("middle"), pl.col("low"), pl.col("high")
    fixed = bound or 0.0
    if kind == "level":
        return pl.lit(fixed), pl.lit(fixed)
    if kind in {"change", "drop"}:
        return middle * (1 + fixed), middle * (1 - fixed)
    least = pl.max_horizontal(COUNTING * middle.sqrt(), NARROWEST * middle)
    up, down = pl.max_horizontal(high - middle, least), pl.max_horizontal(middle - low, least)
    # Downward in steps of a share: three times the distance would often lie below nothing.
    return middle + level * up, middle * (1 - (down / middle).clip(0, 0.95)) ** level


def _enough(kind: str) -> tuple[pl.Expr, pl.Expr]:
    value, middle = pl.col("value") >= FEW_N, pl.col("middle") >= FEW_N
    if kind == "level":
        return pl.lit(value=True), pl.lit(value=True)
    return (value & middle, value & middle) if kind == "change" else (value, middle)
