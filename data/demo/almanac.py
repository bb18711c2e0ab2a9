"""The calendar of the demo: local days, how busy each is, and on which days something happens.

Everything hangs on absolute dates, never on the end of the window: a day that was drawn once stays
as it was. Occasions therefore come round at a fixed beat, short enough for every window to hold them.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from data.demo import chance

ZONE = "Europe/London"
VISITS_PER_DAY = 6_150  # makes about 11,000 page loads: a local paper, and 1 M loads in 90 days
REFERENCE = dt.date(2026, 11, 22)  # the day on which the trends stand at 1
WEEKDAYS = (1.03, 1.06, 1.05, 1.03, 0.98, 0.80, 0.88)  # Monday first
BUSY = (10, 6, 4, 3, 4, 10, 30, 64, 70, 50, 44, 46, 63, 60, 43, 40, 42, 50, 57, 62, 67, 63, 45, 22)
LAZY = (15, 9, 6, 4, 3, 5, 9, 20, 40, 60, 69, 66, 60, 56, 52, 50, 50, 50, 53, 57, 62, 59, 43, 25)
# Odd beats: one of each lies within the last four weeks, and no weekday has them all.
VIRAL_FROM, VIRAL_EVERY = dt.date(2026, 10, 29), 27
BIG_FROM, BIG_EVERY = dt.date(2026, 11, 10), 23
REVIVAL_EVERY, REVIVAL_DAYS = 9, 15  # one old story is always on its way up
UTC = dt.UTC


@lru_cache(maxsize=512)
def bounds(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Find the naive UTC instants at which a local day begins and ends."""
    return _midnight(day), _midnight(day + dt.timedelta(days=1))


def local_hours(day: dt.date) -> list[int]:
    """List the local hour of day for each of the 23 to 25 hours of a local day."""
    begin, end = bounds(day)
    count = (end - begin) // dt.timedelta(hours=1)
    steps = [begin.replace(tzinfo=UTC) + dt.timedelta(hours=hour) for hour in range(count)]
    return [step.astimezone(ZoneInfo(ZONE)).hour for step in steps]


def is_holiday(day: dt.date) -> bool:
    """Tell quiet public days: Harbour Day, the first Monday of each quarter's second month, and Christmas."""
    harbour_day = day.weekday() == 0 and day.day <= 7 and day.month % 3 == 2
    return harbour_day or (day.month, day.day) in {(12, 25), (12, 26), (1, 1)}


def rhythm(day: dt.date) -> list[float]:
    """Share the visits of a day among its hours; a repeated hour counts twice, a lost one not at all."""
    table = LAZY if day.weekday() >= 5 or is_holiday(day) else BUSY
    return [table[hour] / sum(table) for hour in local_hours(day)]


def visits(seed: int, day: dt.date) -> float:
    """Expect this many visits on a day, before the lift of occasions."""
    growth = 0.0025 * (day - REFERENCE).days  # a paper that grows, so most days beat their like
    trend = min(1.2, max(0.7, 1 + growth))  # bounded: demos years from now stay small
    quiet = 0.62 if is_holiday(day) else 1.0
    noise = chance.spread(0.03, seed, "ink", day.toordinal())
    return VISITS_PER_DAY * WEEKDAYS[day.weekday()] * trend * quiet * noise


def assistant_share(day: dt.date) -> float:
    """Rise slowly: the share of visits that one AI assistant sends."""
    return min(0.10, max(0.004, 0.045 + 0.00034 * (day - REFERENCE).days))


def viral_number(day: dt.date) -> int | None:
    """Count the story that goes round the world on this day, if there is one."""
    count, rest = divmod((day - VIRAL_FROM).days, VIRAL_EVERY)
    return None if rest else count


def big_number(day: dt.date) -> int | None:
    """Count the big-news day that this day is, if it is one."""
    count, rest = divmod((day - BIG_FROM).days, BIG_EVERY)
    return None if rest else count


def revival(day: dt.date, place: int, size: int) -> float:
    """Say how far old story `place` of `size` has come back on a day, 0 to 1."""
    turn, _ = divmod(day.toordinal(), REVIVAL_EVERY)
    for number in (turn, turn - 1):
        risen = day.toordinal() - number * REVIVAL_EVERY + 1
        if number * 7 % size == place and risen <= REVIVAL_DAYS:  # 7 and 60 share no factor: all take turns
            return min(1.0, risen / 6) if risen <= 11 else (REVIVAL_DAYS + 1 - risen) / 5
    return 0.0


def _midnight(day: dt.date) -> dt.datetime:
    local = dt.datetime.combine(day, dt.time(), ZoneInfo(ZONE))
    return local.astimezone(UTC).replace(tzinfo=None)
