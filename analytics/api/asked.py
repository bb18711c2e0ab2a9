"""What a public address asks for: its parameters, read strictly, so that a mistyped one is seen at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl

from analytics.errors import TearsheetError, did_you_mean
from analytics.queries.public import BYS, WINDOWS, By, Window

MOST_IDS = 100  # wire-formats.md F.1
MOST_ROWS = 50
MOST_VALUES = 20
LONGEST = 200  # wire-formats.md 0: ids
LONGEST_URL = 2000
THEMES = ("light", "dark")
OF_COUNTER = {
    "json": ("id", "url", "ids"),
    "html": ("id", "url", "lang"),
    "svg": ("id", "url", "lang", "theme"),
}
OF_MOST_READ = ("period", "by", "section", "topic", "language", "limit")
T = TypeVar("T", bound=str)


class WrongError(TearsheetError):
    """An address asks for something that is not on offer.

    Attributes:
        code: Short name of what is wrong.
        status: Of the answer.
    """

    def __init__(self, code: str, message: str, hint: str = "", status: int = 400) -> None:
        super().__init__(message, hint)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class CounterAsked:
    """A counter, or several.

    Attributes:
        ids: Articles in the order asked; empty where an address is given.
        url: The address.
        is_list: Whether `ids=` was used, so that an object of counters is wanted.
        lang: Language of the word before the number; empty: the site's.
        theme: Colours of the drawing.
    """

    ids: tuple[str, ...] = ()
    url: str = ""
    is_list: bool = False
    lang: str = ""
    theme: str = "light"


@dataclass(frozen=True, slots=True)
class MostReadAsked:
    """A list of articles."""

    period: Window = "24h"
    by: By = "views"
    section: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    limit: int = 10


def counter(query: bytes, form: str) -> CounterAsked:
    """Read the parameters of a counter.

    Raises:
        WrongError: One is unknown, missing, or not as it must be.
    """
    given = _Given.of(query, OF_COUNTER[form])
    named = [name for name in ("id", "url", "ids") if given.text(name)]
    if len(named) != 1:
        said = "Which article?" if not named else f"{' and '.join(named)} were given together."
        raise WrongError("article_missing" if not named else "article_twice", said, "Give id= or url=.")
    ids = tuple(dict.fromkeys(given.many("ids", MOST_IDS) or ([given.text("id")] if "id" in named else [])))
    return CounterAsked(
        ids=ids,
        url=given.text("url", LONGEST_URL),
        is_list="ids" in named,
        lang=given.text("lang"),
        theme=given.one_of("theme", THEMES, "light"),
    )


def most_read(query: bytes) -> MostReadAsked:
    """Read the parameters of a list.

    Raises:
        WrongError: One is unknown, or not as it must be.
    """
    given = _Given.of(query, OF_MOST_READ)
    limit = given.text("limit") or "10"
    if not (limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= MOST_ROWS):
        raise WrongError("bad_limit", f"limit={limit!r} is no number of rows.", f"Give 1 to {MOST_ROWS}.")
    return MostReadAsked(
        period=given.one_of("period", tuple(WINDOWS), "24h"),
        by=given.one_of("by", BYS, "views"),
        section=tuple(given.many("section", MOST_VALUES)),
        topic=tuple(given.many("topic", MOST_VALUES)),
        language=tuple(given.many("language", MOST_VALUES)),
        limit=int(limit),
    )


@dataclass(frozen=True, slots=True)
class _Given:
    pairs: Mapping[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, query: bytes, known: tuple[str, ...]) -> _Given:
        try:
            pairs = parse_qsl(query.decode("utf-8", "replace"), max_num_fields=MOST_IDS)
        except ValueError as fault:
            raise WrongError("too_many", "There are too many parameters.") from fault
        found: dict[str, list[str]] = {}
        for name, value in pairs:
            if name not in known:
                raise WrongError(
                    "unknown_parameter",
                    f"There is no parameter {name[:50]!r}.",
                    did_you_mean(name[:50], known),
                )
            if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in value):
                raise WrongError(f"bad_{name}", f"{name} holds signs that no name has.")
            found.setdefault(name, []).append(value)
        return cls(found)

    def text(self, name: str, longest: int = LONGEST) -> str:
        values = self.pairs.get(name, [""])
        if name not in {"ids", "section", "topic", "language"}:
            if len(values) > 1:
                raise WrongError(f"bad_{name}", f"{name} was given {len(values)} times.", "Give it once.")
            if len(values[0]) > longest:
                raise WrongError(f"bad_{name}", f"{name} is longer than {longest} signs.")
        return values[0]

    def many(self, name: str, most: int) -> list[str]:
        values = [part for value in self.pairs.get(name, []) for part in value.split(",") if part.strip("!")]
        if len(values) > most:
            raise WrongError(f"bad_{name}", f"{name} holds {len(values)} values.", f"Give {most} at most.")
        if any(len(value) > LONGEST for value in values):
            raise WrongError(f"bad_{name}", f"A value of {name} is longer than {LONGEST} signs.")
        return values

    def one_of(self, name: str, known: tuple[T, ...], default: T) -> T:
        wanted = self.text(name)
        if not wanted:
            return default
        for each in known:
            if each == wanted:
                return each
        raise WrongError(
            f"bad_{name}", f"There is no {name} {wanted[:50]!r}.", did_you_mean(wanted[:50], known)
        )
