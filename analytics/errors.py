"""What can go wrong, named for what the reader can do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from analytics.language import _


class TearsheetError(Exception):
    """A refusal in a sentence: what, where, and in `hint` what now."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ConfigError(TearsheetError):
    """A setting, a site or a home is not as it must be; correct it and try again."""


class UsageError(TearsheetError):
    """The command or the address asks for something that does not exist; ask differently."""


class UnknownMetricError(UsageError):
    """No metric has that name."""


class UnknownDimensionError(UsageError):
    """The metric cannot be split or filtered that way."""


class PeriodError(UsageError):
    """The text is no period, day or grain."""


class NotAllowedError(TearsheetError):
    """Whoever asks has not the role, scope or site for it; somebody else can give it."""


class CalmError(NotAllowedError):
    """The newsroom shows this part to nobody of that role: a ranking, a live number, a colleague."""


class StoreBusyError(TearsheetError):
    """Another process owns the home; stop it or ask it."""


class StoreError(TearsheetError):
    """The store cannot be opened or written; the sentence says which file and the way out."""


class MappingError(TearsheetError):
    """A mapping file does not fit its data; correct the mapping."""


class FileUnreadableError(TearsheetError):
    """A file is not what it says; nothing of it was stored."""


class EventError(TearsheetError):
    """A value that came in cannot be taken.

    Attributes:
        code: Why, of the closed set of wire-formats.md A.2, such as `bad_url` or `too_long`.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = code


class SqlError(TearsheetError):
    """An analyst's query was not answered; the sentence says why, and where in its text.

    Attributes:
        code: Of wire-formats.md F.3: `sql_error`, `not_allowed`, `too_long`, `timeout`, `out_of_memory`,
            `crashed`, `too_large`, `busy`; and `stopped`, where its owner stopped it.
        line: Counted from 1; 0 where the place is not known.
        column: Likewise, in code points.
    """

    def __init__(self, code: str, message: str, hint: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message, hint)
        self.code = code
        self.line = line
        self.column = column


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Name the nearest known word as a hint, or list what there is.

    Args:
        wrong: The word that was not found.
        known: The words that exist.
    """
    words = sorted(known)
    return nearest(wrong, words) or _("Known: {words}.", words=", ".join(words))


def nearest(wrong: str, known: Iterable[str]) -> str:
    """Name the nearest known word as a hint; empty where none is near."""
    near = difflib.get_close_matches(wrong, sorted(known), n=1, cutoff=0.6)
    return _("Did you mean {near}?", near=near[0]) if near else ""


@contextmanager
def interruptible() -> Iterator[None]:
    """Tell Ctrl-C as such where the engine, which was at work just then, tells it as a fault."""
    try:
        yield
    except RuntimeError as fault:
        if isinstance(fault.__cause__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise
