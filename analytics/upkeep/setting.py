"""The settings of a site: what each means and takes, and how its value is written and read as text.

Names, types, bounds and meanings are those of the definitions: `config.Site`, the formulas, the collector's.
"""

from __future__ import annotations

import datetime as dt
import inspect
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_type_hints

import msgspec

from analytics import config, wording
from analytics.collect import settings as collecting
from analytics.errors import UsageError, did_you_mean
from analytics.language import N_, _
from analytics.metrics import FormulaSettings

Days = Annotated[int, msgspec.Meta(ge=config.LEAST_DAYS)] | None
SECTIONS: Mapping[str, type] = {
    "widgets": config.Widgets,
    "formulas": FormulaSettings,
    "collect": collecting.Site,
}
_LABELS = {
    "engaged_cap_s": "Engaged cap (seconds)",
    "gpc": "Global Privacy Control",
    "read_after_s": "Read after (seconds)",
    "session_gap_min": "Session gap (minutes)",
    "timezone": "Time zone",
    "wpm": "Words a minute",
}  # whose names alone say too little
TOLD = ("zone", "hosts", "comment_limit")  # the collector hears them from elsewhere in the file
SECRETS = ("comment_secret", "client_secret", "password", "control_url")
MOST_SHOWN = 80
TEXT = N_("text")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# How the settings stand together on the screen; a test holds that none is missing.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "site": ("timezone", "name", "language", "locale", "hosts", "counter"),
    "widgets": ("widgets",),
    "definitions": ("formulas",),
    "addresses": tuple(f"collect.{name}" for name in ("articles", "listings", "keep", "moved", "endings")),
    "not counted": (
        *(f"collect.{name}" for name in ("staff_networks", "blocked_networks", "excluded_paths")),
        *(f"collect.{name}" for name in ("spam_referrers", "rules_off")),
    ),
    "readers": tuple(f"collect.{name}" for name in ("gpc", "reader_ids", "visitor_rate", "site_rate")),
    "comments": (
        "staff_commenters",
        *(f"collect.{name}" for name in ("comments_from_page", "comment_text_store", "comment_secret")),
    ),
    "days": ("excluded_days", "collection_gaps"),
    "retention": ("retention",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a site.

    Attributes:
        key: Where it stands below the site: `name`, `widgets.floor`.
        type: What it takes, with its bounds.
        meaning: One sentence.
        default: What holds where the file says nothing; `msgspec.NODEFAULT` where it must be said.
    """

    key: str
    type: Any
    meaning: str
    default: object

    @property
    def label(self) -> str:
        """Name it above its field, in English: `collect.site_rate` is "Site rate"."""
        name = self.key.rpartition(".")[2]
        return _LABELS.get(name) or name.replace("_", " ").capitalize()

    @property
    def is_secret(self) -> bool:
        """Tell whether it must not be shown."""
        return self.key.rpartition(".")[2] in SECRETS

    @property
    def choices(self) -> tuple[str, ...]:
        """List the words that it takes; empty where it takes others."""
        kind = msgspec.inspect.type_info(self.type)
        if isinstance(kind, msgspec.inspect.BoolType):
            return ("off", "on")
        return tuple(map(str, kind.values)) if isinstance(kind, msgspec.inspect.LiteralType) else ()

    @property
    def has_lines(self) -> bool:
        """Tell whether it is a list, written a line each."""
        kind = msgspec.inspect.type_info(self.type)
        return isinstance(kind, msgspec.inspect.VarTupleType | msgspec.inspect.DictType)

    @property
    def told_default(self) -> str:
        """Write what holds where nothing is typed, in one line; empty for nothing."""
        return ", ".join(shown(self.default).splitlines())

    @property
    def takes(self) -> str:
        """Say in words what it takes: a whole number, 30 at least."""
        return _takes(msgspec.inspect.type_info(self.type))

    def is_set(self, raw: Mapping[str, Any]) -> bool:
        """Tell whether the file says it, or the default holds."""
        return _found(raw, self.key, msgspec.NODEFAULT) is not msgspec.NODEFAULT

    def shown(self, raw: Mapping[str, Any]) -> str:
        """Write the value as one types it: of the file, else the default; of a secret only whether."""
        told = shown(_found(raw, self.key, self.default))
        return _("(set)") if self.is_secret and told else told

    def read(self, text: str) -> object:
        """Read what was typed as the file keeps it; None where nothing was: then the default holds.

        Raises:
            UsageError: The setting takes no such value.
        """
        text = text.replace("\r\n", "\n").strip()
        if not text and "" not in self.choices:
            if self.default is msgspec.NODEFAULT:
                raise UsageError(_("{key} cannot be empty.", key=self.key), _(self.meaning))
            return None
        try:
            if CONTROL.search(text.replace("\n", "") if self.has_lines else text):
                raise ValueError(text)  # noqa: TRY301 the same sentence as for all else
            value = msgspec.convert(_parsed(text, self.type), self.type, strict=False)
        except (msgspec.ValidationError, ValueError) as fault:
            told = _("{key} does not take “{text}”.", key=self.key, text=short(text))
            raise UsageError(told, f"{_('It takes {what}.', what=self.takes)} {_(self.meaning)}") from fault
        told = msgspec.to_builtins(value, builtin_types=(dt.datetime,), str_keys=True)
        return list(told) if isinstance(told, tuple) else told


@cache
def settings() -> dict[str, Setting]:
    """List all settings of a site, by key, in the order of the definitions."""
    found: dict[str, Setting] = {}
    for each in _of(config.Site):
        of = SECTIONS.get(each.key)
        if of is not None:
            found |= {inner.key: inner for inner in _of(of, f"{each.key}.")}
        elif each.key == "retention":
            found |= {f"retention.{table}": _retained(table) for table in config.RETAINED}
        else:
            found[each.key] = each
    return {key: each for key, each in found.items() if key not in {f"collect.{name}" for name in TOLD}}


def group(name: str) -> list[Setting]:
    """List the settings of a group.

    Raises:
        UsageError: There is no such group.
    """
    if name not in GROUPS:
        raise UsageError(
            _("There is no group of settings {name!r}.", name=name[:MOST_SHOWN]), did_you_mean(name, GROUPS)
        )
    known = settings()
    return [
        each
        for key, each in known.items()
        if any(key == to or key.startswith(f"{to}.") for to in GROUPS[name])
    ]


def of_house() -> dict[str, Setting]:
    """List the settings of the house, by key: `control_url`, `mail.port`, `sign_in.oidc.issuer`."""
    known = {each.key: each for each in _of(config.Config) if each.key not in {"site", "key"}}
    while inside := {key: each for key, each in known.items() if isinstance(each.default, msgspec.Struct)}:
        for key, each in inside.items():
            del known[key]
            known |= {inner.key: inner for inner in _of(type(each.default), f"{key}.")}
    return known


def environment(environ: Mapping[str, str] = os.environ) -> dict[str, bool]:
    """List the variables that are read, and whether each is set."""
    return {name: bool(environ.get(name)) for name in config.VARIABLES}


def meanings(of: type) -> dict[str, str]:
    """Read what the attributes of a class mean from its docstring."""
    section = (inspect.getdoc(of) or "").partition("Attributes:\n")[2]
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", section, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", text) for name, text in found}


# --- from definitions and text ------------------------------------------------------------------------------


def _of(of: type, above: str = "") -> Iterator[Setting]:
    hints, about = get_type_hints(of, include_extras=True), meanings(of)
    for each in msgspec.inspect.type_info(of).fields:  # type: ignore[attr-defined]
        default = each.default
        if default is msgspec.NODEFAULT and each.default_factory is not msgspec.NODEFAULT:
            default = each.default_factory()
        yield Setting(f"{above}{each.name}", hints[each.name], about.get(each.name, ""), default)


def _retained(table: str) -> Setting:
    return Setting(f"retention.{table}", Days, N_("In days; none: its rows are kept for ever."), None)


def _parsed(text: str, type_: Any) -> object:
    """Turn text into what a type is converted from."""
    kind = msgspec.inspect.type_info(type_)
    if isinstance(kind, msgspec.inspect.BoolType):
        return {"on": True, "off": False}.get(text, text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if isinstance(kind, msgspec.inspect.DictType):
        return dict(_pair(line, "=") for line in lines)
    if isinstance(kind, msgspec.inspect.VarTupleType):
        if isinstance(kind.item_type, msgspec.inspect.StructType):
            names = [each.name for each in kind.item_type.fields]
            return [dict(zip(names, _pair(line, ".."), strict=True)) for line in lines]
        return lines
    return text


def _takes(kind: msgspec.inspect.Type) -> str:
    told = _(TEXT)
    match kind:
        case msgspec.inspect.UnionType(types=types):
            told = _takes(types[0])
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            number = _("a whole number") if isinstance(kind, msgspec.inspect.IntType) else _("a number")
            bounds = {N_("above {n}"): kind.gt, N_("at least {n}"): kind.ge, N_("at most {n}"): kind.le}
            told = ", ".join([number, *(_(text, n=n) for text, n in bounds.items() if n is not None)])
        case msgspec.inspect.LiteralType(values=words):
            told = wording.listed([str(word) or _("nothing") for word in words], "or")
        case msgspec.inspect.BoolType():
            told = _("on or off")
        case msgspec.inspect.DictType():
            told = _("lines, each such as NAME = VALUE")
        case msgspec.inspect.VarTupleType(item_type=msgspec.inspect.StructType()):
            told = _("lines, each such as 2026-05-01T10:00:00Z .. 2026-05-01T12:00:00Z")
        case msgspec.inspect.VarTupleType():
            told = _("one a line")
        case msgspec.inspect.StrType(max_length=int(most)):
            told = _("at most {most} characters", most=most)
    return told


def _pair(line: str, between: str) -> tuple[str, str]:
    first, found, second = line.partition(between)
    if not (found and first.strip()):
        raise ValueError(line)
    return first.strip(), second.strip()


def shown(value: object) -> str:
    """Write a value as one types it; a list a line each, nothing as nothing."""
    if value is None or value is msgspec.NODEFAULT:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Mapping) and {*value} == {"began", "ended"}:
        return " .. ".join(shown(value[end]) for end in ("began", "ended"))
    if isinstance(value, Mapping):
        return "\n".join(f"{key} = {inner}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(shown(each) for each in value)
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


def short(text: str) -> str:
    """Write what was typed in one line, cut where it is long."""
    told = ", ".join(text.split("\n"))
    return _("nothing") if not told else told if len(told) <= MOST_SHOWN else f"{told[: MOST_SHOWN - 1]}…"


def is_same(text: str, other: str) -> bool:
    """Tell whether two texts say the same, line ends and blanks at ends apart."""
    return [line.strip() for line in text.strip().splitlines()] == other.strip().splitlines()


def _found(raw: Mapping[str, Any], key: str, default: object) -> object:
    *sections, name = key.split(".")
    for each in sections:
        raw = raw.get(each, {})
    return raw.get(name, default)
