"""The state of a screen is its address: this room reads it, refuses what it does not know, writes it back.

`View` holds every parameter of pages.md 1, checked. Anything unknown falls back to the default and is
named in one sentence (`View.refused`), so that a mailed address never opens a broken page. Periods stay
text here; `analytics.periods` resolves them against the site's zone and now.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from urllib.parse import quote, unquote_plus

from analytics import periods
from analytics.errors import PeriodError
from analytics.language import _
from analytics.metrics import METRICS, Fold
from analytics.queries.ask import AGES, BASES_OF_TIME, CREDITS, FILTERS, HORIZONS, is_hour

COMPARE = ("typical", "previous", "year_ago", "none")
BASIS, HORIZON, CREDIT, AGE = BASES_OF_TIME, tuple(HORIZONS), CREDITS, AGES
SPLIT = ("section", "topic", "desk")
WINDOW = ("30", "10", "60")
CORNER = ("hot", "quiet", "niche", "cold")
OF = ("periods", "articles", "authors")

_LONGEST_VALUE, _MOST_VALUES = 300, 50  # an address stays mailable
_ROWS = (10, 5000)  # more than any list has read articles; a grid draws only what is in sight
_ANY_DAY = dt.date(2000, 1, 1)  # only the form of a period is checked here
_PLAIN = re.compile(r"[a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class View:
    """What an address asks for; the empty text, tuple or 0 means "the page's default".

    Attributes:
        path: The page, such as `/articles/a1`.
        period: `today`, `yesterday`, `7d`, `28d`, `90d`, `2026-05`, `2026-05-01..2026-05-10`; not resolved.
        section: This and the other dimensions: values to keep; with `!` before it, a value to leave out.
        refused: One sentence naming what was not understood, empty when all was.
    """

    path: str = "/"
    site: str = ""
    period: str = ""
    compare: str = "typical"
    metric: str = "reads"
    basis: str = "read_in"
    horizon: str = "7d"
    credit: str = "full"
    section: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    device: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    age: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    hour: tuple[str, ...] = ()
    q: str = ""
    sort: str = ""
    cols: tuple[str, ...] = ()
    rows: int = 0
    version: int = 0
    split: str = ""  # of Topics: what it lists, "section" (its default) or "topic"; of Authors: "desk"
    window: str = "30"  # of the page Live only: minutes that its lists look back
    parts: str = ""  # of the page Time only: hours at which a part of the day begins, "6,10,14"
    show: str = ""  # of the page Articles only: "map" draws reach against talk above the list
    corner: str = ""  # ... its corner, "hot", "quiet", "niche" or "cold"
    brush: str = ""  # ... or least and most reads, least and most comments per 1,000: "100,5000,2,40"
    week: str = ""  # of the page Weekly only: "2026-W19"
    of: str = ""  # of the page Compare only: what is compared
    items: tuple[str, ...] = ()  # ... and which: ids, or periods; of Authors: the desks that are open
    by: str = ""  # of the page of an article only: "clock" draws its curve by the clock
    sound: str = ""  # of the page Live only: "on" lets a new moment be heard
    wall: str = ""  # of the page Live only: "on" shows it as on a wall
    rule: str = ""  # of the page Alerts only: the alert that its form changes
    alert: str = ""  # ... and what happened, shown with its curve
    new: str = ""  # of the pages Reports and Alerts only: kind of what their form makes
    saved: str = ""  # ... of which saved query or view; in an address it is called `query`
    edit: str = ""  # ... or id of the report that its form changes
    report: str = ""  # ... whose ledger is shown
    changes: str = ""  # ... what is different now in the mail of this id
    refused: str = ""

    @property
    def item(self) -> str:
        """The id in the path: `a1` of `/articles/a1`, empty on `/articles`."""
        return self.path.removeprefix("/").partition("/")[2]

    def where(self) -> dict[str, tuple[str, ...]]:
        """Give the chosen values by dimension, only where something was chosen."""
        return {name: values for name in FILTERS if (values := getattr(self, name))}

    def but(self, **changes: str | int | tuple[str, ...]) -> View:
        """Give the same view with other values; the refusal does not travel."""
        return replace(self, **{"refused": "", **changes})  # type: ignore[arg-type]

    def without(self, dimension: str, value: str) -> View:
        """Give the same view without one value of a dimension."""
        kept = tuple(v for v in getattr(self, dimension) if v != value)
        return self.but(**{dimension: kept})

    def query(self) -> str:
        """Write the parameters, defaults left out: `?period=7d&section=politics`, or nothing."""
        parts = [
            f"{_CALLED.get(name, name)}={_written(getattr(self, name))}"
            for name in _WRITTEN
            if self._is_set(name)
        ]
        return "?" + "&".join(parts) if parts else ""

    def href(self, **changes: str | int | tuple[str, ...]) -> str:
        """Write the address of this view with some values changed."""
        changed = self.but(**changes)
        return quote(changed.path, safe="/") + changed.query()

    def drill(self, path: str, **changes: str | int | tuple[str, ...]) -> str:
        """Write the address of another page that keeps period, comparison, basis, credit and filters."""
        return self.href(**{"path": path, **_LEFT_BEHIND, **changes})

    def _is_set(self, name: str) -> bool:
        return bool(getattr(self, name) != getattr(_DEFAULT, name))


# What means something on one page only stays behind when another opens.
_OF_ONE_PAGE = (
    *("q", "sort", "cols", "rows", "split", "window", "parts", "by", "sound", "wall"),
    *("show", "corner", "brush", "week", "of", "items"),
    *("new", "saved", "edit", "report", "changes", "rule", "alert"),
)
_DEFAULT = View()
_LEFT_BEHIND = {name: getattr(_DEFAULT, name) for name in _OF_ONE_PAGE}
_CALLED = {"saved": "query"}  # a View has a method of that name
_OF_CALLED = {called: name for name, called in _CALLED.items()}
_ELSEWHERE = {"lang"}  # speaking.py reads it
_WRITTEN = tuple(field.name for field in fields(View) if field.name not in {"path", "refused"})


def parse(path: str, search: str | None) -> View:
    """Read an address.

    Args:
        path: `location.pathname`, percent-encoded as the browser gives it.
        search: `location.search`, with or without its question mark.

    Returns:
        The view; parameters that are unknown or bad stand at their default and in `refused`.
    """
    values: dict[str, str | int | tuple[str, ...]] = {}
    refused: list[str] = []
    for called, raw in _pairs(search or ""):
        if called in _ELSEWHERE:
            continue
        name = _OF_CALLED.get(called, called)
        known = _read(name, raw)
        if known is None:
            refused.append(f"{called[:40]} “{', '.join(raw)[:60]}”")
        else:
            values[name] = known
    return View(path=unquote_plus(path.replace("+", "%2B")), refused=_sentence(refused), **values)  # type: ignore[arg-type]


def _pairs(search: str) -> list[tuple[str, list[str]]]:
    """Split a query before decoding it, so that an encoded comma stays part of its value."""
    pairs = (part.partition("=") for part in search.removeprefix("?").split("&")[:64] if part)
    return [(unquote_plus(name), [unquote_plus(v) for v in raw.split(",") if v]) for name, _, raw in pairs]


def _read(name: str, raw: list[str]) -> str | int | tuple[str, ...] | None:
    """Check one parameter; None means refused."""
    if not raw or len(raw) > _MOST_VALUES or any(_is_bad(v) for v in raw):
        return None
    if name in FILTERS or name in {"cols", "items"}:
        allowed = _LISTS.get(name)
        fine = allowed is None or all(allowed(v.removeprefix("!")) for v in raw)
        return tuple(dict.fromkeys(raw)) if fine else None
    if name in _NUMBERS:
        low, high = _NUMBERS[name]
        return int(raw[0]) if raw[0].isascii() and raw[0].isdigit() and low <= int(raw[0]) <= high else None
    whole = ",".join(raw)
    return whole if name in _WORDS and _WORDS[name](whole) else None


def _is_bad(text: str) -> bool:
    return len(text) > _LONGEST_VALUE or not text.isprintable() or not text.removeprefix("!").strip()


def _is_period(text: str) -> bool:
    try:
        periods.parse(text, _ANY_DAY, "UTC")
    except (PeriodError, ValueError, OverflowError):
        return False
    return True


def _is_sort(text: str) -> bool:
    return _PLAIN.fullmatch(text.removeprefix("-")) is not None


def _is_parts(text: str) -> bool:
    """Accept two to twelve hours of the day, rising."""
    hours = text.split(",")
    if not all(hour.isascii() and hour.isdigit() and len(hour) <= 2 and int(hour) < 24 for hour in hours):
        return False
    numbers = [int(hour) for hour in hours]
    return 2 <= len(numbers) <= 12 and numbers == sorted(set(numbers))


def _is_brush(text: str) -> bool:
    """Accept four numbers: two rising pairs, none below 0."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return False
    fit = len(numbers) == 4 and all(0 <= number < math.inf for number in numbers)
    return fit and numbers[0] <= numbers[1] and numbers[2] <= numbers[3]


def _is_week(text: str) -> bool:
    return re.fullmatch(r"\d{4}-W\d{2}", text, re.ASCII) is not None and _is_period(text)


def _one_of(words: tuple[str, ...]) -> Callable[[str], bool]:
    return lambda text: text in words


_WORDS: dict[str, Callable[[str], bool]] = {
    "site": lambda text: len(text) <= 253,
    "period": _is_period,
    "compare": _one_of(COMPARE),
    "metric": _one_of(tuple(name for name, each in METRICS.items() if each.fold is not Fold.STANDING)),
    "basis": _one_of(BASIS),
    "horizon": _one_of(HORIZON),
    "credit": _one_of(CREDIT),
    "q": lambda text: len(text) <= 200,
    "sort": _is_sort,
    "split": _one_of(SPLIT),
    "window": _one_of(WINDOW),
    "parts": _is_parts,
    "show": _one_of(("map",)),
    "corner": _one_of(CORNER),
    "brush": _is_brush,
    "week": _is_week,
    "of": _one_of(OF),
    "by": _one_of(("clock",)),
    "sound": _one_of(("on",)),
    "wall": _one_of(("on",)),
    **dict.fromkeys(
        ("new", "saved", "edit", "report", "changes", "rule", "alert"),
        lambda text: _PLAIN.fullmatch(text) is not None,
    ),
}
_LISTS: dict[str, Callable[[str], bool]] = {
    "age": _one_of(AGE),
    "country": lambda text: re.fullmatch(r"[A-Z]{2}|\(none\)", text) is not None,
    "device": _one_of(("phone", "tablet", "desktop", "tv", "(none)")),
    "hour": is_hour,
    "cols": lambda text: _PLAIN.fullmatch(text) is not None,
}
_NUMBERS = {"rows": _ROWS, "version": (1, 9999)}


def _sentence(refused: list[str]) -> str:
    if not refused:
        return ""
    return _(
        "Not understood in the address, so the default is shown: {refused}.", refused="; ".join(refused[:4])
    )


def _written(value: str | int | tuple[str, ...]) -> str:
    parts = value if isinstance(value, tuple) else (str(value),)
    return ",".join(quote(part, safe="!()") for part in parts)
