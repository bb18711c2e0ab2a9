"""Ages of articles: the steps at which what they gathered since publication is compared (metrics.md 7).

Step 0 is publication. A step is of 15 minutes up to 48 hours, of an hour up to 7 days, then of a day. What
happens between two ages belongs to the later step, so the sum up to a step is all that came before its age.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

_GRAINS = (  # step, minutes at it, minutes of a step
    (0, 0, 15),
    (192, 48 * 60, 60),
    (312, 7 * 24 * 60, 24 * 60),
)
LAST = 395  # 90 days: older articles are compared with nothing
WEEK = 312
LONGEST = dt.timedelta(days=90)
EARLY = dt.timedelta(minutes=15)  # before the first step nothing can be said


def reached(age: pl.Expr) -> pl.Expr:
    """Find the last step that an age (Duration) has reached; null before publication and after 90 days."""
    minutes = age.dt.total_minutes()
    quarters, hours, days = (step + (minutes - begins) // length for step, begins, length in _GRAINS)
    steps = pl.when(minutes >= _GRAINS[2][1]).then(days).when(minutes >= _GRAINS[1][1]).then(hours)
    known = (age >= pl.duration()) & (age <= LONGEST)
    return pl.when(known).then(steps.otherwise(quarters)).cast(pl.Int16)


def during(age: pl.Expr) -> pl.Expr:
    """Find the step in which an age lies: the one after the last that it has reached."""
    return pl.when(age < LONGEST).then(reached(age) + 1)


def step_of(age: dt.timedelta) -> int:
    """Find the last step that an age has reached; 90 days at most."""
    minutes = max(min(age, LONGEST), dt.timedelta()) // dt.timedelta(minutes=1)
    step, begins, length = next(each for each in reversed(_GRAINS) if minutes >= each[1])
    return step + (minutes - begins) // length


def age_of(step: int) -> dt.timedelta:
    """Tell the age at a step."""
    first, begins, length = next(each for each in reversed(_GRAINS) if step >= each[0])
    return dt.timedelta(minutes=begins + (step - first) * length)
