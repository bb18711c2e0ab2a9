"""What pages of lists are made of: parts, rows with buttons, forms, and what a button gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


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
    """One line: what, a note under it, its address, its buttons; `shown` is there to be copied.

    Attributes:
        value: Of a setting, beside its name.
        defaults: Name and value of what is left as it was, folded away under `what`.
    """

    what: str
    note: str
    href: str = ""
    actions: Sequence[Do] = ()
    shown: str = ""
    value: str = ""
    defaults: Sequence[tuple[str, str]] = ()


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
    """What can be added; what is grave has no button that asks to be pressed."""

    key: str
    action: str
    fields: Sequence[Line]
    button: str
    hidden: Mapping[str, str] = field(default_factory=dict)
    method: str = "post"
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A list under its title; `change` is where it is edited, `width` its part of twelve columns."""

    title: str
    rows: Sequence[Row]
    empty: str
    form: Form | None = None
    change: str = ""
    width: Literal["c4", "c6", "c12"] = "c6"


@dataclass(frozen=True, slots=True)
class Link:
    """Another way on."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the lists: the screens that are open, and the pages beside this one.

    Attributes:
        path: Of this page.
        lead: What it is for, in a sentence.
        pages: Group and its screens, for the navigation.
        places: Pages of this kind, itself among them.
    """

    path: str = ""
    lead: str = ""
    pages: Sequence[tuple[str, Sequence[Link]]] = ()
    places: Sequence[Link] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A secret that is shown once."""

    words: str
    secret: str


Act = Callable[[dict[str, str]], "Made | None"]
# Given where somebody came from and what the address asks.
PartsOf = Callable[[str, Mapping[str, str]], list[Part]]
