"""Periods, grains, local days and comparisons. Pure: `now` and the zone are always arguments.

A local day is `[local midnight, next local midnight)`: 23 to 25 hours, and where a clock change
swallows midnight it begins at the change. Days tile UTC without gap or overlap.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from analytics.errors import PeriodError
from analytics.language import _
from analytics.zones import zone_of

Grain = Literal["hour", "day", "week"]
Step = Literal["hour", "day", "week", "month"]  # months are for programs and tables; no chart draws them
STEPS: tuple[Step, ...] = ("hour", "day", "week", "month")
YEARS = range(1970, 2200)
TYPICAL_VALUES = 8  # metrics.md 7: the last 8 same weekdays ...
TYPICAL_WEEKS = 16  # ... looked for in 16 weeks
ROLLING = {"yesterday": 1, "7d": 7, "28d": 28, "90d": 90}
WEEKS = {"8w": 8}  # pages.md 3.2: whole weeks, Monday to Sunday
_QUARTER = dt.timedelta(minutes=15)  # zones change on quarters of the hour
HOURS_UP_TO_DAYS, DAYS_UP_TO_DAYS = 3, 90  # pages.md 2.1: grain of the main chart


@lru_cache(maxsize=4096)
def day_begins(day: dt.date, zone: str) -> dt.datetime:
    """Find the UTC instant (naive) at which a local day begins.

    Where midnight does not exist, `fold=0` reads it by the offset before the change, which is the
    instant of the change; where it exists twice, the first counts.
    """
    local = dt.datetime.combine(day, dt.time(), zone_of(zone))
    return local.astimezone(dt.UTC).replace(tzinfo=None)


def local_time(at: dt.datetime, zone: str) -> dt.datetime:
    """Turn a naive UTC instant into local time, with its offset."""
    return at.replace(tzinfo=dt.UTC).astimezone(zone_of(zone))


def local_day(at: dt.datetime, zone: str) -> dt.date:
    """Find the local day of a naive UTC instant."""
    return local_time(at, zone).date()


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days, both ends inside.

    Attributes:
        first: First local day.
        last: Last local day, included.
        zone: IANA zone that decides the days.
        key: Text of the address, such as `7d`; the two days where it was none.
    """

    first: dt.date
    last: dt.date
    zone: str
    key: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise PeriodError(
                _(
                    "The period ends on {last}, before it begins on {first}.",
                    last=self.last,
                    first=self.first,
                ),
                _("Swap the two days."),
            )

    @property
    def days(self) -> list[dt.date]:
        """All local days, in order."""
        return [self.first + dt.timedelta(days=n) for n in range(self.length)]

    @property
    def length(self) -> int:
        """Number of local days."""
        return (self.last - self.first).days + 1

    @property
    def begins(self) -> dt.datetime:
        """First instant, naive UTC."""
        return day_begins(self.first, self.zone)

    @property
    def ends(self) -> dt.datetime:
        """First instant after it, naive UTC."""
        return day_begins(self.last + dt.timedelta(days=1), self.zone)

    @property
    def grain(self) -> Grain:
        """Grain of the main chart: hours up to 3 days, days up to 90, else weeks."""
        if self.length <= HOURS_UP_TO_DAYS:
            return "hour"
        return "day" if self.length <= DAYS_UP_TO_DAYS else "week"

    def moved(self, days: int) -> Period:
        """Give the same length, `days` later (negative: earlier)."""
        step = dt.timedelta(days=days)
        return Period(self.first + step, self.last + step, self.zone)


def parse(text: str, today: dt.date, zone: str) -> Period:
    """Read a period as it stands in an address.

    Args:
        text: `today`, `yesterday`, `7d`, `28d`, `90d`, `8w`, `2026-W19`, `2026-05`, `2026-05-01` or
            `2026-05-01..2026-05-10`.
        today: The local day of now; rolling periods end on the day before, weeks with the last Sunday.
        zone: Zone of the site.

    Raises:
        PeriodError: The text is none of these.
    """
    if text == "today":
        return Period(today, today, zone, text)
    if text in ROLLING:
        return _ending(today - dt.timedelta(days=1), ROLLING[text], zone, text)
    if text in WEEKS:
        return _ending(today - dt.timedelta(days=today.isoweekday()), 7 * WEEKS[text], zone, text)
    if re.fullmatch(r"\d{4}-W\d{2}", text, re.ASCII):
        return _week(text, zone)
    if re.fullmatch(r"\d{4}-\d{2}", text):
        first = _day(f"{text}-01")
        after = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        return Period(first, after - dt.timedelta(days=1), zone, text)
    begin, dots, end = text.partition("..")
    return Period(_day(begin), _day(end if dots else begin), zone, text)


def calendar_day(text: str) -> dt.date | None:
    """Read `2026-05-01`; None where it is no day, or so far off that no reckoning with it holds."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def week_of(day: dt.date) -> str:
    """Name the ISO week of a day: "2026-W19"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def last_days(last: dt.date, count: int, zone: str) -> Period:
    """Give the `count` days that end with `last`."""
    return _ending(last, count, zone, "")


def previous(period: Period) -> Period:
    """Move back by the least whole number of weeks that covers the length, so that weekdays match."""
    return period.moved(-7 * -(-period.length // 7))


def year_ago(period: Period) -> Period:
    """Move back by 364 days, so that weekdays match."""
    return period.moved(-364)


def same_weekdays(day: dt.date) -> list[dt.date]:
    """List the same weekday of the 16 weeks before, latest first; `typical` takes the first 8 that serve."""
    return [day - dt.timedelta(weeks=week) for week in range(1, TYPICAL_WEEKS + 1)]


@dataclass(frozen=True, slots=True)
class Bucket:
    """One step of a series.

    Attributes:
        label: RFC 3339 with offset for hours, the day for days, the first day inside for weeks and months.
        begins: First instant, naive UTC.
        ends: First instant after it, naive UTC.
        local: Local begin without zone, for axes.
    """

    label: str
    begins: dt.datetime
    ends: dt.datetime
    local: dt.datetime


def buckets(period: Period, grain: Step) -> list[Bucket]:
    """Cut a period into its buckets: in order, without gap; ISO weeks and months are cut to the period."""
    if grain == "hour":
        return _hours(period)
    starts = [day for day in period.days if day == period.first or _opens(day, grain)]
    return [
        _span(start, end, period.zone)
        for start, end in zip(starts, [*starts[1:], period.last + dt.timedelta(days=1)], strict=True)
    ]


def hours_of(days: Sequence[dt.date], zone: str) -> list[tuple[dt.date, int, dt.datetime]]:
    """List the local hours of some days: day, hour (0 to 23), and the naive UTC instant at which it began."""
    return [
        (day, each.local.hour, each.begins - _past_hour(each.local))
        for day in days
        for each in _hours(Period(day, day, zone))
    ]


def clock_changes(period: Period) -> list[tuple[dt.datetime, dt.timedelta]]:
    """List the changes of the clock in a period: the local time before each, and by how much it moved."""
    zone = zone_of(period.zone)
    changed = []
    for day in period.days:
        begins, ends = day_begins(day, period.zone), day_begins(day + dt.timedelta(days=1), period.zone)
        moved = dt.timedelta(days=1) - (ends - begins)
        if not moved:
            continue
        hours = [begins + n * _QUARTER for n in range((ends - begins) // _QUARTER + 1)]
        shifts = [at.replace(tzinfo=dt.UTC).astimezone(zone).utcoffset() for at in hours]
        at = next(at for at, old, new in zip(hours[1:], shifts, shifts[1:], strict=False) if old != new)
        changed.append((local_time(at, period.zone).replace(tzinfo=None) - moved, moved))
    return changed


def _opens(day: dt.date, grain: Step) -> bool:
    return grain == "day" or (day.weekday() == 0 if grain == "week" else day.day == 1)


def _span(start: dt.date, end: dt.date, zone: str) -> Bucket:
    local = dt.datetime.combine(start, dt.time())
    return Bucket(start.isoformat(), day_begins(start, zone), day_begins(end, zone), local)


def _hours(period: Period) -> list[Bucket]:
    hours = []
    at = period.begins
    while at < period.ends:
        local = local_time(at, period.zone)
        # To the next full local hour; a change inside it (Lord Howe moves by 30 min) starts a new bucket.
        ends = min(at + dt.timedelta(hours=1) - _past_hour(local), period.ends)
        hours.append(Bucket(local.isoformat(), at, ends, local.replace(tzinfo=None)))
        at = ends
    return hours


def _past_hour(local: dt.datetime) -> dt.timedelta:
    return dt.timedelta(minutes=local.minute, seconds=local.second)


def _ending(last: dt.date, length: int, zone: str, key: str) -> Period:
    return Period(last - dt.timedelta(days=length - 1), last, zone, key)


def _week(text: str, zone: str) -> Period:
    year, week = int(text[:4]), int(text[6:])
    try:
        monday = dt.date.fromisocalendar(year, week, 1) if year in YEARS else None
    except ValueError:
        monday = None
    if monday is None:
        raise PeriodError(
            _("There is no week {text}.", text=text), _("Weeks run from W01 to W52, in some years W53.")
        )
    return Period(monday, monday + dt.timedelta(days=6), zone, text)


def _day(text: str) -> dt.date:
    day = calendar_day(text)
    if day is None:
        raise PeriodError(
            _("{text!r} is no period.", text=text),
            _(
                "Use today, yesterday, 7d, 28d, 90d, 8w, 2026-05, 2026-W19, 2026-05-01 or a span such as "
                "2026-05-01..2026-05-10."
            ),
        )
    return day
