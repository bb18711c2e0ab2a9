"""When reports are due: a pure function of a schedule and a time. Nothing here wakes, sends or remembers.

A schedule is written as cron (`0 7 * * 1-5`) or in plain words (`every weekday at 07:00`), with its zone. The
local time of day holds through clock changes: a time that a change swallows is due at the instant of the
change (02:30 at 03:00), one that comes twice is due the first time only. Both would be wrong by the library
that wakes us, which runs the missing 02:30 at 03:30.

A schedule may also follow publications (`24 hours and 7 days after each piece`): it names ages then, and no
time of day. Which pieces have come of age is asked elsewhere (`pieces`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cron_descriptor import CasingTypeEnum, ExpressionDescriptor, Options

from analytics import wording
from analytics.errors import UsageError
from analytics.language import N_, SOURCE, _, current
from analytics.periods import local_day
from analytics.zones import zone_of

FARTHEST = dt.timedelta(days=366 * 5)  # a 29 February is at most eight years off, but for 2096 to 2104
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
EXAMPLES = N_(
    "Write it like “every weekday at 07:00”, “every Monday and Thursday at 8:30”, "
    "“on day 1 of each month at 08:00”, “every hour”, or as cron: 0 7 * * 1-5. Of authors also "
    "“24 hours and 7 days after each piece”."
)
HOLIDAYS = N_(
    "Write 2026-12-24, 12-25 for every year, 2026-12-24..2027-01-02, or a country such as DE or DE-BE."
)
MOST_DAYS_OFF = 400
AFTER_PIECES = "24 hours and 7 days after each piece"
AGES = {"24h": N_("24 hours"), "7d": N_("7 days")}  # pages.md 5: the author's mail
_CLOCK = re.compile(r"(?:(\d{1,2})[:.](\d{2})|(\d{1,2}) ?(am|pm))", re.IGNORECASE)
_OF_MONTH = r"(?:on )?(?:the )?(?:day )?(\d{1,2})(?:st|nd|rd|th)? of (?:each|every|the) month"
_AGES = {"24h": r"24 ?h(?:ours)?|(?:a|1|one) day", "7d": r"7 ?d(?:ays)?|(?:a|1|one) week"}
_AFTER_PIECES = re.compile(r"(.+) after (?:each|every) (?:piece|article)", re.IGNORECASE)
_ZONE = re.compile(r"\s+([A-Za-z]+(?:/[A-Za-z0-9_+-]+)+|UTC)$")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is due, in local time of a zone.

    Attributes:
        minutes: Of the hour, 0 to 59.
        hours: Of the day, 0 to 23.
        days: Of the month, 1 to 31.
        months: 1 to 12.
        weekdays: 0 is Monday.
        either_day: True where days and weekdays are both named: cron takes a day that fits one of them.
        zone: IANA zone.
        words: As it is said, without the zone.
        holidays: When it rests: days, `--12-25` of every year, calendars such as `DE-BE`.
        ages: Of AGES: due when a piece is so old, and at no time of day; usually none.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    zone: str
    words: str
    holidays: frozenset[str] = frozenset()
    ages: tuple[str, ...] = ()

    def falls_on(self, day: dt.date) -> bool:
        """Say whether anything is due on a local day."""
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days, day.weekday() in self.weekdays
        return (of_month or of_week) if self.either_day else (of_month and of_week)

    def holiday(self, day: dt.date) -> str:
        """Name the holiday on which it rests; empty on other days."""
        if {day.isoformat(), f"--{day:%m-%d}"} & self.holidays:
            return _("a day off")
        named = (
            _calendar(each, day.year, current().language).get(day)
            for each in sorted(self.holidays)
            if each[0].isalpha()
        )
        return next((name for name in named if name), "")

    def on(self, day: dt.date) -> list[dt.datetime]:
        """List the instants of a local day, naive UTC, in order, holiday or not; one stands there once."""
        if not self.falls_on(day):
            return []
        times = [dt.time(hour, minute) for hour in sorted(self.hours) for minute in sorted(self.minutes)]
        return sorted({_instant(day, time, self.zone) for time in times})


def read(text: str, zone: str, holidays: Sequence[str] = ()) -> Schedule:
    """Read a schedule.

    Args:
        text: Cron or plain words; a zone at its end wins over `zone`.
        zone: IANA zone.
        holidays: Days without it: `2026-12-24`, `12-25` of every year, `2026-12-24..2027-01-02`, or the
            public holidays of a country or a part of it: `DE`, `DE-BE`.

    Raises:
        UsageError: It cannot be read; the sentence says how one is written.
        ConfigError: There is no such zone.
    """
    plain = in_english(text)
    if found := _ZONE.search(plain):
        plain, zone = plain[: found.start()], found[1]
    zone_of(zone)
    free = frozenset(day for each in holidays if each.strip() for day in _holidays(each.strip()))
    if found := _AFTER_PIECES.fullmatch(plain):
        return _of_pieces(found[1].lower(), text, zone, free)
    if (
        len(plain.split(" ")) == 5
        and re.fullmatch(r"[\d*/,\-A-Za-z ]+", plain)
        and not plain.startswith("every")
    ):
        return _of_cron(plain, zone, free)
    return _of_words(plain, zone, free)


def due_between(schedule: Schedule, after: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
    """List what is due after one instant and up to another, naive UTC, in order."""
    return [at for at, holiday in _from(schedule, after, until) if at <= until and not holiday]


def rests_between(
    schedule: Schedule, after: dt.datetime, until: dt.datetime
) -> list[tuple[dt.datetime, str]]:
    """List what would have been due, but for a holiday: naive UTC and the holiday's name, in order."""
    return [(at, holiday) for at, holiday in _from(schedule, after, until) if at <= until and holiday]


def next_due(schedule: Schedule, after: dt.datetime) -> dt.datetime | None:
    """Find the first due instant after one; None where none comes within five years."""
    return next((at for at, holiday in _from(schedule, after, after + FARTHEST) if not holiday), None)


def _from(schedule: Schedule, after: dt.datetime, until: dt.datetime) -> Iterator[tuple[dt.datetime, str]]:
    day, last = local_day(after, schedule.zone), local_day(until, schedule.zone)
    while day <= last:
        times = [at for at in schedule.on(day) if at > after]
        holiday = schedule.holiday(day) if times else ""
        yield from ((at, holiday) for at in times)
        day += dt.timedelta(days=1)


def _instant(day: dt.date, time: dt.time, zone: str) -> dt.datetime:
    """Turn local time into UTC: of a doubled time the first, of a missing one the instant of the change."""
    local = dt.datetime.combine(day, time, zone_of(zone))
    at = local.astimezone(dt.UTC)
    back = at.astimezone(local.tzinfo)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        # fold=0 read it by the offset before the change, so the clock shows it too late by the gap's length.
        return _change_before(at, local).replace(tzinfo=None)
    return at.replace(tzinfo=None)


def _change_before(at: dt.datetime, local: dt.datetime) -> dt.datetime:
    """Find the clock change that swallowed a local time: the last minute-exact instant with a new offset."""
    new = at.astimezone(local.tzinfo).utcoffset()
    low, high = at - dt.timedelta(hours=25), at  # no change is longer than a day
    while high - low > dt.timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (low, middle) if middle.astimezone(local.tzinfo).utcoffset() == new else (middle, high)
    return high.replace(microsecond=0) if high.microsecond == 0 else _whole_second(high)


def _whole_second(at: dt.datetime) -> dt.datetime:
    return (at + dt.timedelta(microseconds=500_000)).replace(microsecond=0)


# --- cron --------------------------------------------------------------------------------------------------


def _of_cron(text: str, zone: str, holidays: frozenset[str]) -> Schedule:
    minute, hour, day, month, weekday = text.split(" ")
    week = {name[:3]: number for number, name in enumerate(("sunday", *DAYS[:6]))}
    year = {name: number for number, name in enumerate(MONTHS, start=1)}
    numbers = _field(weekday, 0, 7, "weekday", week)
    return Schedule(
        _field(minute, 0, 59, "minute"),
        _field(hour, 0, 23, "hour"),
        _field(day, 1, 31, "day"),
        _field(month, 1, 12, "month", year),
        frozenset((number - 1) % 7 for number in numbers),  # cron: 0 and 7 are Sunday
        not day.startswith("*") and not weekday.startswith("*"),
        zone,
        _described(text),
        holidays,
    )


def _field(text: str, low: int, high: int, what: str, names: dict[str, int] | None = None) -> frozenset[int]:
    """Read one field of cron: `*`, `5`, `1-5`, `*/15`, `1-9/2`, `mon,wed`."""
    found: set[int] = set()
    for part in text.lower().split(","):
        span, slash, step_text = part.partition("/")
        begin, dash, end = span.partition("-")
        ends = (
            (str(low), str(high)) if span == "*" else (begin, end if dash else str(high) if slash else begin)
        )
        numbers = [
            (names or {}).get(each, int(each) if each.isascii() and each.isdigit() else -1) for each in ends
        ]
        step = int(step_text) if step_text.isascii() and step_text.isdigit() else 0 if slash else 1
        if step < 1 or not low <= numbers[0] <= numbers[1] <= high:
            raise UsageError(_("“{part}” is no {what} of a schedule.", part=part, what=what), _(EXAMPLES))
        found.update(range(numbers[0], numbers[1] + 1, step))
    return frozenset(found)


def _described(text: str) -> str:
    options = Options()
    options.use_24hour_time_format = True
    options.casing_type = CasingTypeEnum.LowerCase
    name = current().language
    if name != SOURCE:
        options.locale_code = f"{name}_{name.upper()}"
    said = str(ExpressionDescriptor(text, options).get_description())
    for n, day in enumerate(DAYS):  # which it takes from Python, in English
        said = said.replace(day, wording.weekdays()[n]) if name != SOURCE else said
    return said


# --- plain words -------------------------------------------------------------------------------------------

_ANY_DAY, _ANY_MONTH, _ANY_WEEKDAY = frozenset(range(1, 32)), frozenset(range(1, 13)), frozenset(range(7))


def in_english(text: str) -> str:
    """Turn the words of the reader's language, as a schedule is shown in it, into those read here.

    Schedules are kept so: the desk reads them in the language of the newsroom, which may be another.
    """
    text = " ".join(text.split())
    if current().language == SOURCE:
        return text
    if text.lower() == _("every hour").lower():
        return "every hour"
    if found := re.fullmatch(_place(_("{ages} after each piece")), text, re.IGNORECASE):
        known = {_(words).lower(): words for words in AGES.values()}
        ages = [known.get(each, each) for each in _parts(found["ages"].lower())]
        return f"{' and '.join(ages)} after each piece"
    found = re.fullmatch(_place(_("{days} at {clock}")), text, re.IGNORECASE)
    if found is None:
        return text
    days, clock = found["days"].lower(), found["clock"]
    known = {_(each).lower(): each for each in ("every day", "every weekday")}
    of_month = re.fullmatch(_place(_("on day {n} of each month")), days, re.IGNORECASE)
    of_week = re.fullmatch(_place(_("every {weekdays}")), days, re.IGNORECASE)
    if of_month and days not in known:
        days = f"on day {of_month['n']} of each month"
    elif of_week and days not in known:
        names = {name.lower(): DAYS[n] for n, name in enumerate(wording.weekdays())}
        days = f"every {' and '.join(names.get(each, each) for each in _parts(of_week['weekdays']))}"
    return f"{known.get(days, days)} at {clock}"


def _parts(text: str) -> list[str]:
    """Part a list of the reader's language: "a, b and c"."""
    return re.split(rf", | {_('and')} ", text)


def _place(text: str) -> str:
    """Turn a text with places in braces into a pattern that finds what stands in them."""
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(text))


def _of_words(text: str, zone: str, holidays: frozenset[str]) -> Schedule:
    lower = text.lower()
    if lower == "every hour":
        every = frozenset(range(24))
        return Schedule(
            frozenset({0}), every, _ANY_DAY, _ANY_MONTH, _ANY_WEEKDAY, False, zone, _("every hour"), holidays
        )
    days_text, at, clock_text = lower.rpartition(" at ")
    clock = _CLOCK.fullmatch(clock_text.strip())
    if not at or clock is None:
        raise UsageError(_("“{text}” is no schedule.", text=text), _(EXAMPLES))
    hour, minute = _clock(clock, text)
    days, weekdays, said = _days(days_text.strip(), text)
    words = _("{days} at {clock}", days=said, clock=f"{hour:02d}:{minute:02d}")
    return Schedule(
        frozenset({minute}), frozenset({hour}), days, _ANY_MONTH, weekdays, False, zone, words, holidays
    )


def _of_pieces(text: str, whole: str, zone: str, holidays: frozenset[str]) -> Schedule:
    """Read how old a piece is when it is told of."""
    parts = re.split(r", | and ", text)
    named = {age for age, form in _AGES.items() if any(re.fullmatch(form, part) for part in parts)}
    if len(named) < len(parts):
        raise UsageError(_("“{text}” names no age of a piece.", text=whole), _(EXAMPLES))
    ages, never = tuple(age for age in AGES if age in named), frozenset[int]()
    words = _("{ages} after each piece", ages=wording.listed([_(AGES[age]) for age in ages]))
    return Schedule(never, never, never, never, never, False, zone, words, holidays, ages)


def _clock(found: re.Match[str], text: str) -> tuple[int, int]:
    hour, minute = int(found[1] or found[3]), int(found[2] or 0)
    if found[4]:
        hour = hour % 12 + (12 if found[4] == "pm" else 0) if 1 <= hour <= 12 else 24
    if hour > 23 or minute > 59:
        raise UsageError(_("“{text}” names no time of day.", text=text), _(EXAMPLES))
    return hour, minute


def _days(text: str, whole: str) -> tuple[frozenset[int], frozenset[int], str]:
    """Read which days: of the month, of the week, and how that is said."""
    if text in {"every day", "daily"}:
        return _ANY_DAY, _ANY_WEEKDAY, _("every day")
    if text in {"every weekday", "weekdays", "on weekdays", "every working day"}:
        return _ANY_DAY, frozenset(range(5)), _("every weekday")
    found = re.fullmatch(_OF_MONTH, text)
    if found and 1 <= int(found[1]) <= 31:
        return frozenset({int(found[1])}), _ANY_WEEKDAY, _("on day {n} of each month", n=int(found[1]))
    names = [each for each in re.split(r",| and | ", text.removeprefix("every ").removeprefix("on ")) if each]
    numbers = [_weekday(each) for each in names]
    if not names or None in numbers:
        raise UsageError(_("“{whole}” is no schedule.", whole=whole), _(EXAMPLES))
    chosen = sorted({number for number in numbers if number is not None})
    said = wording.listed([wording.weekdays()[n] for n in chosen])
    return _ANY_DAY, frozenset(chosen), _("every {weekdays}", weekdays=said)


def _weekday(name: str) -> int | None:
    found = [n for n, day in enumerate(DAYS) if name in {day, f"{day}s", day[:3], day[:4]}]
    return found[0] if found else None


def _holidays(text: str) -> list[str]:
    """Read when it rests: a day, a day of every year, a span of days, or a country's calendar."""
    if re.fullmatch(r"[A-Za-z]{2}(-[A-Za-z0-9]{1,5})?", text):
        _calendar(text.upper(), 2026, SOURCE)  # whatever the year: there must be such a calendar
        return [text.upper()]
    yearly = re.fullmatch(r"-{0,2}(\d{2}-\d{2})", text)
    first, dots, last = text.partition("..")
    try:
        if yearly:
            dt.date.fromisoformat(f"2024-{yearly[1]}")  # a leap year
            return [f"--{yearly[1]}"]
        begin = dt.date.fromisoformat(first)
        end = dt.date.fromisoformat(last) if dots else begin
    except ValueError as fault:
        raise UsageError(_("“{text}” is no holiday.", text=text), _(HOLIDAYS)) from fault
    if not 0 <= (end - begin).days < MOST_DAYS_OFF:
        raise UsageError(_("“{text}” is no span of days.", text=text), _(HOLIDAYS))
    return [(begin + dt.timedelta(days=n)).isoformat() for n in range((end - begin).days + 1)]


@lru_cache(maxsize=64)
def _calendar(code: str, year: int, language: str) -> dict[dt.date, str]:
    """Give the public holidays of a country, or of a part of it, in one year.

    Raises:
        UsageError: There is no such calendar.
    """
    import holidays  # noqa: PLC0415 few reports need it

    country, _dash, part = code.partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        raise UsageError(_("There is no calendar of holidays for “{country}”.", country=country), _(HOLIDAYS))
    if part and part not in known[country]:
        raise UsageError(
            _("The calendar of {country} has no part “{part}”.", country=country, part=part),
            _("It has {parts}.", parts=", ".join(known[country]))
            if known[country]
            else _("Leave the part out."),
        )
    spoken = language if language in holidays.list_localized_countries().get(country, ()) else "en_US"
    found = holidays.country_holidays(country, subdiv=part or None, years=year, language=spoken)
    return {day: f"{name} ({code})" for day, name in found.items()}
