"""The language in which a request is answered, and the way its newsroom writes numbers and dates.

Texts stand in the code in English; `_` hands out the same text in the language of the request, from
`data/languages/<language>.po`. Words (also names of months and weekdays) follow the language; signs of
numbers, the order of dates and the first day of the week follow the newsroom's locale.

Who asks is met at the front, which says `with speaking(...)`; it reaches callbacks and the threads that they
ask in. Where nobody has said anything (commands, API, files), it is English.

Babel is loaded when somebody is first answered: the collector imports this room and never speaks.
"""

from __future__ import annotations

import gettext
import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from babel import Locale

LANGUAGES = {"en": "English", "de": "Deutsch"}
SOURCE = "en"  # in which the texts stand in the code
FOLDER = "data.languages"

Shape = Literal["day", "weekday and day", "day and year", "full"]

_USUAL = {"en": "en-GB", "de": "de-DE"}  # locale of a language where the newsroom names none
_SKELETONS: dict[Shape, str] = {"day": "MMMd", "weekday and day": "MMMEd", "day and year": "yMMMd"}
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LATIN = "latn"  # figures are written in Latin digits everywhere


@dataclass(frozen=True, slots=True)
class Speech:
    """How a request is answered.

    Attributes:
        language: A key of LANGUAGES.
        decimal: Sign before decimals.
        group: Sign between thousands.
        week_begins: First day of the week in calendars, 0 for Monday.
        words: Names of days and months, and the order of a date.
        locale: As it was asked for; empty: the language's usual one.
    """

    language: str
    decimal: str
    group: str
    week_begins: int
    words: Locale
    locale: str


def speech(language: str = "", locale: str = "") -> Speech:
    """Give the speech of a language and a locale; what is unknown falls back, it is never refused.

    Args:
        language: A key of LANGUAGES; else that of the locale, else English.
        locale: BCP 47, such as "de-AT"; empty: the language's usual one.
    """
    return _speech(language, locale)


def current() -> Speech:
    """Tell how the present request is answered."""
    return _current.get() or _speech("", "")


@contextmanager
def speaking(spoken: Speech) -> Iterator[Speech]:
    """Answer in a language until the end of the block."""
    before = _current.set(spoken)
    try:
        yield spoken
    finally:
        _current.reset(before)


def is_locale(text: str) -> bool:
    """Tell whether a text names a locale that is known: "de-AT", "ka", "en-GB"."""
    return _locale(text) is not None


def _(message: str, /, **values: object) -> str:
    """Give a text in the language of the request, its places in braces filled with values."""
    if _in_parts.get():
        return _PARTS + json.dumps([message, values])
    return _filled(_catalogue(current().language).gettext(message), values)


def p_(context: str, message: str, /, **values: object) -> str:
    """Give a text that means several things in English; the context says which: "verb", "noun"."""
    return _filled(_catalogue(current().language).pgettext(context, message), values)


def n_(one: str, many: str, number: float, /, **values: object) -> str:
    """Give a text in the form that goes with a number."""
    # A part of a count ("1.5 articles") takes the form of many, as 0 does.
    whole = int(number) if number == int(number) else 0
    return _filled(_catalogue(current().language).ngettext(one, many, whole), values)


@contextmanager
def in_parts() -> Iterator[None]:
    """Give texts in parts until the end of the block, for a process that knows who asks and says them."""
    before = _in_parts.set(True)
    try:
        yield
    finally:
        _in_parts.reset(before)


def said(text: str) -> str:
    """Say a text that came in parts; any other stays as it is. Whoever sent it need not be trusted."""
    if not text.startswith(_PARTS):
        return text
    try:
        message, values = json.loads(text.removeprefix(_PARTS))
        if set("{}") & set(_PLAIN_PLACE.sub("", message)):
            return text
        filled = {name: said(each) if isinstance(each, str) else each for name, each in values.items()}
        return _(message, **filled)
    except (ValueError, TypeError, AttributeError, KeyError):
        return text


def N_(message: str) -> str:  # noqa: N802 - the name by which catalogues know it
    """Mark a text that is translated where it is shown, for it is made before anybody asks."""
    return message


def inside(label: str) -> str:
    """Write a label inside a sentence: English writes it small there, a German noun stays as it is."""
    return label.lower() if current().language == SOURCE else label


def begun(word: str) -> str:
    """Write a word at the beginning of a label; the rest of it stays as it is."""
    return word[:1].upper() + word[1:]


def isolated(text: str) -> str:
    """Keep a text of the newsroom that runs from right to left apart from what stands beside it.

    Otherwise "سياسة · 18 h" is shown with the number on the wrong side: UAX 9 lets figures follow letters.
    """
    return (
        f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if _RIGHT_TO_LEFT.search(text) else text
    )


def local_signs(text: str) -> str:
    """Write a number's English signs, "1,204.5", as the newsroom does: "1.204,5"."""
    spoken = current()
    if spoken.decimal == "." and spoken.group == ",":
        return text
    return text.translate({ord(","): spoken.group, ord("."): spoken.decimal})


def dated(day: date, shape: Shape) -> str:
    """Write a day: "18 Nov", "Wed 18 Nov", "18 Nov 2026" or in full with weekday and year."""
    return _dated(date(day.year, day.month, day.day), shape, current().words)


def pattern(shape: Shape) -> str:
    """Give the form of a date as CLDR writes it: "d MMM", "d. MMM"."""
    return _pattern(shape, current().words)


def named(what: Literal["territories", "languages"], english: Mapping[str, str]) -> dict[str, str]:
    """Name countries or languages, code -> name; what the language has no name for keeps the English one."""
    if current().language == SOURCE:
        return dict(english)
    known = getattr(current().words, what)
    return {code: str(known.get(code, name)) for code, name in english.items()}


def weekday(number: int, *, is_short: bool = False) -> str:
    """Name a weekday, 0 for Monday; short is "Wed"."""
    width = "abbreviated" if is_short else "wide"
    return str(current().words.days["stand-alone"][width][number % 7]).removesuffix(".")


def month(number: int, *, is_short: bool = False) -> str:
    """Name a month, 1 for January; short is "Nov"."""
    width = "abbreviated" if is_short else "wide"
    return str(current().words.months["stand-alone"][width][number]).removesuffix(".")


_current: ContextVar[Speech | None] = ContextVar("speech", default=None)
_in_parts: ContextVar[bool] = ContextVar("in parts", default=False)
_PARTS = "\x02"
_PLAIN_PLACE = re.compile(r"\{\w+(?:!r|:g|:\.\df)?\}")


def _filled(text: str, values: dict[str, object]) -> str:
    if not values:
        return text
    return text.format(
        **{name: isolated(each) if isinstance(each, str) else each for name, each in values.items()}
    )


@lru_cache(maxsize=64)
def _speech(language: str, locale: str) -> Speech:
    from babel import Locale

    named = _locale(locale)
    spoken = language or (named.language if named is not None else SOURCE)
    spoken = spoken if spoken in LANGUAGES else SOURCE
    named = named or Locale.parse(_USUAL[spoken], sep="-")
    symbols = named.number_symbols.get(_LATIN) or Locale.parse("en").number_symbols[_LATIN]
    usual = Locale.parse(_USUAL[spoken], sep="-")
    words = _locale(f"{spoken}-{named.territory}") if named.territory else usual
    return Speech(spoken, symbols["decimal"], symbols["group"], named.first_week_day, words or usual, locale)


def _locale(text: str) -> Locale | None:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(text.replace("_", "-"), sep="-") if text else None
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache(maxsize=8)
def _catalogue(language: str) -> gettext.NullTranslations:
    """Read the texts of a language; English has none, for it is the source."""
    if language == SOURCE:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with resources.files(FOLDER).joinpath(f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    made = io.BytesIO()
    write_mo(made, catalog)
    made.seek(0)
    return gettext.GNUTranslations(made)


@lru_cache(maxsize=4096)
def _dated(day: date, shape: Shape, words: Locale) -> str:
    from babel.dates import format_date

    return format_date(day, _pattern(shape, words), words)


@lru_cache(maxsize=256)
def _pattern(shape: Shape, words: Locale) -> str:
    """Give the form of a date in a locale; a full one bears no comma after a British weekday."""
    if shape == "full":
        pattern = str(words.date_formats["full"].pattern)
        return pattern.replace("EEEE, d", "EEEE d") if words.language == "en" else pattern
    from babel.dates import match_skeleton

    skeleton = _SKELETONS[shape]
    best = match_skeleton(skeleton, words.datetime_skeletons)
    return str(words.datetime_skeletons[best or skeleton].pattern)
