"""What pages of lists are made of: parts, rows with buttons, forms, and what a button gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Do:
    """A button of a row; `choices` stand before it."""

    label: str
    action: str
    hidden: Mapping[str, str]
    said: str
    choices: Sequence[str] = ()
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what, a note under it, its address, its buttons; `shown` is there to be copied."""

    what: str
    note: str
    href: str = ""
    actions: Sequence[Do] = ()
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a form."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    note: str = ""
    choices: Sequence[str] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """What can be added."""

    key: str
    action: str
    fields: Sequence[Line]
    button: str
    hidden: Mapping[str, str] = field(default_factory=dict)
    method: str = "post"


@dataclass(frozen=True, slots=True)
class Part:
    """A list under its title."""

    title: str
    rows: Sequence[Row]
    empty: str
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A secret that is shown once."""

    words: str
    secret: str


Act = Callable[[dict[str, str]], "Made | None"]
# Given where somebody came from and what the address asks.
PartsOf = Callable[[str, Mapping[str, str]], list[Part]]
