"""How numbers, times and dates are written, one home for screens, mails and the API.

A mail says "38.9k" exactly where the page does. Nothing here depends on the machine's locale: words and
signs are those of `analytics.language`, by default British English; the clock has 24 hours everywhere.
Every function takes None and answers with the dash that stands for "no data".
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeGuard

from analytics import language
from analytics.language import N_, _, n_, p_

Number = int | float
Form = Literal["compact", "table", "full"]
Tone = Literal["above", "below", "typical", "waiting", "error", "ok", "outline"]

NONE = "—"
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
THIN = "\N{NARROW NO-BREAK SPACE}"  # between a number and its unit, so that a line never breaks there

COUNT_UNITS = frozenset(
    {
        N_("views"),
        N_("reads"),
        N_("readers"),
        N_("sessions"),
        N_("loads"),
        N_("comments"),
        N_("articles"),
        N_("people"),
        N_("boxes"),
        N_("visitors"),
    }
)

FEW_STORIES = 20  # metrics.md 9: expectation and score below are grey

_LETTERS: tuple[Literal["k", "M", "B"], ...] = ("k", "M", "B")
_PLACES = {"above": N_("above"), "typical": N_("typical"), "below": N_("below")}
_EXPECTED = {
    "above": N_("above what is expected"),
    "typical": N_("as expected"),
    "below": N_("below what is expected"),
}
_RANGED = {
    "above": N_("above the typical range"),
    "typical": N_("within the typical range"),
    "below": N_("below the typical range"),
}
_TYPICAL = {"above": N_("above typical"), "typical": N_("typical"), "below": N_("below typical")}
_BALANCED = {
    "above": N_("read more than produced"),
    "typical": N_("even"),
    "below": N_("produced more than read"),
}
_ARROWS = {"above": "▲ ", "below": "▼ "}
_TONES: dict[str, Tone] = {"above": "above", "below": "below", "typical": "typical"}
_HOUR_S = 3600
_DAY_S = 86_400
_YEAR_D = 365
_TABLE_FULL_BELOW = 10_000  # ui.md 5
_HOURS_BELOW = 48 * _HOUR_S  # metrics.md calls an article new for 48 h, so its age is told in hours
_SIGNIFICANT = 100


@dataclass(frozen=True, slots=True)
class Chip:
    """A short finding beside a number: arrow, words and tone, never tone alone.

    Attributes:
        text: What is read, with its arrow.
        tone: Which of the chip colours it takes; outline has none.
        said: Words for those who hear the page, where the text leans on its arrow.
        order: What a column of chips is sorted by.
    """

    text: str
    tone: Tone = "typical"
    said: str = ""
    order: float | None = None


def expected_chip(
    times: Number | None, place: str | None, n: int, *, is_early: bool = False, short: bool = False
) -> Chip:
    """Make the chip "vs expected at this age" of ui.md 3.

    Args:
        times: `vs_expected`, the ratio to the median at this age; None without an expectation.
        place: "above", "typical" or "below", decided by p10-p90 and never by the ratio.
        n: Comparable stories; under 20 the chip is grey.
        is_early: In the first 15 minutes nothing is compared.
        short: Without the word, where the column title says it.
    """
    if is_early:
        return Chip(_("early"), "outline", _("too early to compare"))
    if place is None or n < FEW_STORIES:
        return Chip(too_few(n), "outline", _("too few comparable stories"))
    said, named = _(_EXPECTED[place]), _(_PLACES[place])
    if times is None:  # the usual story has nothing yet at this age: no ratio to it
        return Chip(f"{_ARROWS.get(place, '')}{named}", _TONES[place], said)
    word = "" if short else f" {named}"
    return Chip(f"{_ARROWS.get(place, '')}{ratio(times)}{word}", _TONES[place], said, times)


def change_chip(
    share: Number | None, place: str | None, *, is_few: bool = False, is_new: bool = False
) -> Chip:
    """Make the chip of a difference from the median or from before.

    Args:
        share: The relative difference, 0.14 for 14 % more.
        place: "above", "typical" or "below" the band; None without a band: no arrow, no colour.
        is_few: Fewer than 30 on either side: grey, without arrow.
        is_new: There was nothing before.
    """
    if is_new:
        return Chip(_("new"), "outline", _("nothing to compare with before"))
    if share is None:
        return Chip(NONE, "outline", _("no comparison"))
    if is_few or place is None:
        return Chip(change(share), "outline", _("few") if is_few else "", share)
    said = _(_RANGED[place])
    return Chip(f"{_ARROWS.get(place, '')}{change(share)}", _TONES[place], said, share)


def balance_chip(times: Number | None, place: str | None, pieces: Number) -> Chip:
    """Make the chip "reads ÷ pieces": how the share of reads stands to the share of pieces.

    Args:
        times: The one divided by the other; None without pieces.
        place: "above", "typical" or "below"; None where the pieces are too few to tell.
        pieces: How many there are.
    """
    if times is None or place is None:
        return Chip(too_few(pieces), "outline", _("too few pieces to compare"))
    said = _(_BALANCED[place])
    return Chip(f"{_ARROWS.get(place, '')}{ratio(times)}", _TONES[place], said, times)


def place_words(
    place: str | None, unit: str, low: Number | None, high: Number | None, number: Number | None = None
) -> str:
    """Write where a number stands and the range in words: "above typical: 31.0k to 36.8k".

    A share that lies outside by less than its whole percent tells has a finer range: of 61 %, "below
    typical: 61.4 to 65.0 %".
    """
    if place is None or not _given(low) or not _given(high):
        return _("no typical range yet")
    passed = {"below": low, "above": high}.get(place)
    said = interval(unit, low, high)
    if unit == "share" and passed is not None and value(unit, number) == value(unit, passed):
        first, last = (language.local_signs(f"{end * 100:.1f}") for end in (low, high))
        said = _("{first} to {last}", first=first, last=f"{last}{THIN}%")
    return f"{_(_TYPICAL[place])}: {said}"


def too_few(n: Number) -> str:
    """Say that there are too few to tell, and how many: "too few (n 14)"."""
    return _("too few (n\N{NARROW NO-BREAK SPACE}{n})", n=full(n))


def value(unit: str, number: Number | None, form: Form = "compact") -> str:
    """Write a number the way its unit is read.

    Args:
        unit: A unit of the metric registry: a count ("reads", "views" ...), "s", "h", "share",
            "per_1000", "min", "score", "ratio" or "number". An unknown unit is written as a count.
        number: In the unit; shares from 0 to 1, "s" and "h" both in seconds.
        form: How counts are cut: compact (61.4k), table (5,310 and 61.4k) or full (61,412).

    Returns:
        The text with its sign of unit, "—" where there is no number.
    """
    if not _given(number):
        return NONE
    return _WRITERS[unit](number) if unit in _WRITERS else count(number, form)


def split(unit: str, number: Number | None, form: Form = "compact") -> tuple[str, str]:
    """Write a number and hand its unit back apart, so that a card can print the unit smaller."""
    text = value(unit, number, form)
    head, gap, tail = text.rpartition(THIN)
    units = {"h", "min", *[_large_sign(letter).strip() for letter in _LETTERS]}
    return (head, tail) if gap and tail in units and THIN not in head else (text, "")


def count(number: Number | None, form: Form = "compact") -> str:
    """Write a count in one of the three forms; parts of a count (shared credit) keep one decimal."""
    if form == "full":
        return full(number)
    return table(number) if form == "table" else compact(number)


def compact(number: Number | None) -> str:
    """Write a count with at most three significant figures: 999, 1.2k, 61.4k, 108k, 1.3M."""
    if not _given(number):
        return NONE
    size = abs(number)
    if round(size) < 1000:
        return _signed_plain(number)
    for step, letter in zip((1e3, 1e6, 1e9), _LETTERS, strict=True):
        scaled = size / step
        if scaled < _SIGNIFICANT and round(scaled, 1) < _SIGNIFICANT:
            return _large(f"{_minus(number)}{scaled:.1f}", letter)
        if round(scaled) < 1000:
            return _large(f"{_minus(number)}{scaled:.0f}", letter)
    return _large(f"{_minus(number)}{size / 1e9:,.0f}", "B")


def full(number: Number | None) -> str:
    """Write a count in full with thousands separators: 61,412."""
    return _signed_plain(number) if _given(number) else NONE


def table(number: Number | None) -> str:
    """Write a count for a table: in full below 10,000 (5,310), compact above (38.9k)."""
    if not _given(number):
        return NONE
    return full(number) if round(abs(number)) < _TABLE_FULL_BELOW else compact(number)


def counted(number: Number | None, one: str, many: str = "", form: Form = "full") -> str:
    """Write a count with its noun: "1 read", "5,310 reads"."""
    # From none at all to "5,310", and a part of a count, the noun takes the form that its language wants.
    return f"{count(number, form)} {n_(one, many or one + 's', number or 0)}"


def percent(share: Number | None) -> str:
    """Write a share of 1 as percent: 71 %, and under 10 % with the decimal that matters: 4.1 %."""
    return f"{_minus(share)}{_percent_digits(abs(share))}{THIN}%" if _given(share) else NONE


def figure(number: Number | None) -> str:
    """Write a number of which nothing is known: 61,412, 3.14, 0.00125."""
    if not _given(number):
        return NONE
    if number == int(number) or abs(number) >= _TABLE_FULL_BELOW:
        return full(number)
    size = abs(number)
    return f"{_minus(number)}{size:,.2f}" if size >= 1 else f"{_minus(number)}{size:.3g}"


def change(share: Number | None) -> str:
    """Write a relative difference with its sign: +14 %, −16 %, 0 %; over +999 % only ">10×"."""
    if not _given(share):
        return NONE
    whole = _half_up(abs(share) * 100)
    if share > 0 and whole > 999:
        return f">10{TIMES}"
    sign = "" if whole == 0 else "+" if share > 0 else MINUS
    return f"{sign}{whole}{THIN}%"


def difference(now: Number | None, then: Number | None) -> str:
    """Write how `now` differs from `then`; "new" where there was nothing to compare with."""
    if not _given(now) or not _given(then):
        return NONE
    if then == 0:
        return NONE if now == 0 else _("new")
    return change(now / then - 1)


def signed(number: Number | None) -> str:
    """Write a count with its sign: +1,204, −12, 0."""
    if not _given(number):
        return NONE
    return f"+{full(number)}" if number > 0 else full(number)


def points(share: Number | None) -> str:
    """Write a difference of two shares in percentage points: +5 pts, −2 pts."""
    return f"{signed(_half_up(share * 100))}{THIN}{p_('unit', 'pts')}" if _given(share) else NONE


def ratio(times: Number | None) -> str:
    """Write a ratio with one decimal: 2.3×; above ten only ">10×"."""
    if not _given(times):
        return NONE
    if times > 10:
        return f">10{TIMES}"
    return (
        f"{language.local_signs(f'{times:.2f}')}{TIMES}" if 0 < times < 0.05 else f"{_tenths(times)}{TIMES}"
    )


def per_1000(rate: Number | None) -> str:
    """Write a rate per 1,000 with one decimal: 28.6."""
    return language.local_signs(f"{rate:,.1f}") if _given(rate) else NONE


def duration(seconds: Number | None) -> str:
    """Write a short time as m:ss (1:52), from an hour on as h:mm:ss."""
    if not _given(seconds):
        return NONE
    whole = _half_up(abs(seconds))
    hours, rest = divmod(whole, _HOUR_S)
    minutes, left = divmod(rest, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{_minus(seconds)}{head}:{left:02d}"


def hours(seconds: Number | None) -> str:
    """Write a long sum of time in hours (1,286 h), under an hour in minutes (12 min)."""
    if not _given(seconds):
        return NONE
    if 0 < abs(seconds) < _HOUR_S:
        return minutes(seconds / 60)
    amount = seconds / _HOUR_S
    digits = f"{amount:.1f}" if 0 < abs(amount) < 9.95 else f"{_half_up(amount):,}"
    return f"{language.local_signs(digits.replace('-', MINUS))}{THIN}h"


def minutes(amount: Number | None) -> str:
    """Write a wait in minutes, from two hours on in hours: 46 min, 3 h 20 min."""
    if not _given(amount):
        return NONE
    whole = _half_up(amount)
    if whole < 120:
        return f"{whole}{THIN}min"
    head, left = divmod(whole, 60)
    return f"{head}{THIN}h" + (f" {left}{THIN}min" if left else "")


def age(seconds: Number | None) -> str:
    """Write how old something is with one unit: 50 min, 18 h, 3 d, 7 y."""
    if not _given(seconds):
        return NONE
    if seconds < _HOUR_S:
        return f"{max(0, int(seconds // 60))}{THIN}min"
    if seconds < _HOURS_BELOW:
        return f"{int(seconds // _HOUR_S)}{THIN}h"
    days = int(seconds // _DAY_S)
    return f"{days}{THIN}{p_('unit', 'd')}" if days < _YEAR_D else f"{days // _YEAR_D}{THIN}{p_('unit', 'y')}"


def score(points_of_100: Number | None) -> str:
    """Write an article score as a whole number from 0 to 100."""
    return f"{_half_up(points_of_100)}" if _given(points_of_100) else NONE


def interval(unit: str, low: Number | None, high: Number | None, form: Form = "compact") -> str:
    """Write a range in words, the unit once at its end: "31.0k to 36.8k", "70 to 72 %"."""
    if not _given(low) or not _given(high):
        return NONE
    first, last = value(unit, low, form), value(unit, high, form)
    large = [sign for letter in _LETTERS if (sign := _large_sign(letter)).startswith(THIN)]
    for end in (f"{THIN}%", f"{THIN}h", f"{THIN}min", TIMES, *large):
        if first.endswith(end) and last.endswith(end) and first.count(THIN) <= 1:
            first = first.removesuffix(end)
            break
    return _("{first} to {last}", first=first, last=last)


def ordinal(rank: int) -> str:
    """Write a rank in words: 1st, 2nd, 3rd, 11th."""
    if language.current().language != language.SOURCE:
        return _("{rank}.", rank=rank)
    if rank % 100 in {11, 12, 13}:
        return f"{rank}th"
    return f"{rank}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(rank % 10, 'th') }"


def listed(parts: list[str], last: Literal["and", "or"] = "and") -> str:
    """Join words as a sentence does: "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    parts = [language.isolated(part) for part in parts]
    word = _("or") if last == "or" else _("and")
    return f" {word} ".join([", ".join(parts[:-1]), parts[-1]])


def joined(*parts: str | None) -> str:
    """Join what is said of a thing in one line, "Sport · 18 h old"; empty parts are left out."""
    return " · ".join(language.isolated(part) for part in parts if part)


def clock(at: datetime | None) -> str:
    """Write a time of day on the 24-hour clock: 14:32."""
    return NONE if at is None else f"{at:%H:%M}"


def day_long(day: date | None) -> str:
    """Write a day in full: "Wednesday 18 November 2026"."""
    return NONE if day is None else language.dated(day, "full")


def day_short(day: date | None) -> str:
    """Write a day briefly: "18 Nov"."""
    return NONE if day is None else language.dated(day, "day")


def day_named(day: date | None) -> str:
    """Write a day with its weekday: "Wed 18 Nov"."""
    return NONE if day is None else language.dated(day, "weekday and day")


def month_named(day: date | None) -> str:
    """Write the month of a day with its year: "Nov 2026"."""
    return NONE if day is None else f"{language.month(day.month, is_short=True)} {day.year}"


def day_dated(day: date | None) -> str:
    """Write a day with its year: "18 Nov 2026"."""
    return NONE if day is None else language.dated(day, "day and year")


def weekday(day: date, *, is_short: bool = False) -> str:
    """Name the weekday of a day: "Wednesday"; short is "Wed"."""
    return language.weekday(day.weekday(), is_short=is_short)


def weekdays(*, is_short: bool = False) -> list[str]:
    """Name the days of the week from Monday on; short is "Mon"."""
    return [language.weekday(number, is_short=is_short) for number in range(7)]


def hour_named(at: datetime) -> str:
    """Write an hour with its day: "Wed 18 Nov, 14:00"."""
    return f"{day_named(at)}, {clock(at)}"


def days(first: date, last: date) -> str:
    """Write a span of days, both ends in it: "22 Oct to 18 Nov 2026"."""
    if first == last:
        return day_dated(first)
    start = day_short(first) if first.year == last.year else day_dated(first)
    return _("{first} to {last}", first=start, last=day_dated(last))


def moment(at: datetime | None, now: datetime) -> str:
    """Write when something was, as short as it stays clear: "Tue 17:40", "3 Nov", "3 Nov 2019".

    Args:
        at: In the newsroom's zone, like `now`.
        now: The instant at which the reader reads.
    """
    if at is None:
        return NONE
    if 0 <= (now.date() - at.date()).days < 7:
        return f"{language.weekday(at.weekday(), is_short=True)} {clock(at)}"
    return day_short(at) if at.year == now.year else day_dated(at)


def _given(number: Number | None) -> TypeGuard[Number]:
    """Tell whether there is a number to write: neither None nor a division by nothing."""
    return number is not None and math.isfinite(number)


def _minus(number: Number) -> str:
    return MINUS if number < 0 else ""


def _half_up(number: Number) -> int:
    """Round halves away from zero, as newspapers do; `round` sends 0.5 to 0."""
    return int(math.copysign(math.floor(abs(number) + 0.5), number))


def _tenths(number: Number) -> str:
    return _minus(number) + language.local_signs(f"{_half_up(abs(number) * 10) / 10:.1f}")


def _large(digits: str, letter: Literal["k", "M", "B"]) -> str:
    """Write thousands, millions or billions: "61.4k", in German "61,4 Tsd."."""
    return language.local_signs(digits) + _large_sign(letter)


def _large_sign(letter: Literal["k", "M", "B"]) -> str:
    signs = {"k": p_("after a number", "k"), "M": p_("after a number", "M"), "B": p_("after a number", "B")}
    return signs[letter]


def _signed_plain(number: Number) -> str:
    """Write a number below a thousand or in full; below 100 a part of a count keeps one decimal."""
    size = abs(number)
    if size < _SIGNIFICANT and round(size, 1) != round(size):
        return _minus(number) + language.local_signs(f"{size:.1f}")
    whole = _half_up(size)
    return f"{_minus(number) if whole else ''}{language.local_signs(f'{whole:,}')}"


def _percent_digits(share: float) -> str:
    amount = share * 100
    if 0 < amount < 0.05:
        return language.local_signs("<0.1")
    if round(amount, 1) < 10 and round(amount, 1) != round(amount):
        return language.local_signs(f"{amount:.1f}")
    return language.local_signs(f"{_half_up(round(amount, 6)):,}")


def _seconds(number: Number) -> str:
    """Write seconds: a median as m:ss; a sum from an hour on in hours, which no median reaches."""
    return duration(number) if abs(number) < _HOUR_S else hours(number)


_WRITERS: dict[str, Callable[[Number], str]] = {
    "s": _seconds,
    "h": hours,
    "share": percent,
    "per_1000": per_1000,
    "min": minutes,
    "score": score,
    "ratio": ratio,
    "number": figure,  # of a query: nobody knows what it counts
}
