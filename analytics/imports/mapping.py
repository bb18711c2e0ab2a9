"""Mapping files: which column of a table means what (wire-formats.md C.5), as checked structs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import msgspec

from analytics.errors import ConfigError, MappingError, did_you_mean
from analytics.zones import zone_of

NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
PLACE = re.compile(r"\{([^{}]+)\}")  # a column inside a template
STATUSES = ("pending", "published", "rejected", "spam", "deleted")
ACTS = ("like", "bookmark", "follow", "share", "custom")
KINDS = ("view", "engagement", "comment", *(f"comment:{status}" for status in STATUSES), *ACTS)


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Value(_Strict, frozen=True, kw_only=True):
    """Where a field comes from: one of `column`, `const`, `template`.

    Attributes:
        column: Name of a column.
        const: The same text for every row.
        template: Text with `{column}` places; null where one of them is.
        null: Texts that mean unknown, beside the empty one.
    """

    column: str | None = None
    const: str | None = None
    template: str | None = None
    null: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it reads."""
        if self.template is not None:
            return tuple(PLACE.findall(self.template))
        return (self.column,) if self.column is not None else ()


class Time(Value, frozen=True, kw_only=True):
    """A time: `unit` for numbers since 1970, `format` in strptime's letters, neither for ISO text.

    Attributes:
        zone: For times without an offset; absent: the zone of the source, else of the site.
    """

    unit: Literal["s", "ms", "us"] | None = None
    format: str | None = None
    zone: str = ""


class Visitor(Value, frozen=True, kw_only=True):
    """Who reads: hashed anew every local day, or `stable`, for readers who agreed, also for good."""

    scope: Literal["day", "stable"] = "day"


class Kind(Value, frozen=True, kw_only=True):
    """What happened: text of the file -> one of KINDS; `other` says what becomes of the rest."""

    map: dict[str, str] = {}
    other: Literal["reject", "drop", "custom"] = "reject"


class Listed(Value, frozen=True, kw_only=True):
    """Several values in one cell."""

    split: str = ";"


class Person(_Strict, frozen=True, kw_only=True):
    """Columns of one author."""

    id: str | None = None
    name: str | None = None
    url: str | None = None


class EventMap(_Strict, frozen=True, kw_only=True):
    """Fields of a row that is an event."""

    time: Time
    kind: Kind = Kind(const="view", map={"view": "view"})
    id: Value | None = None
    article_id: Value | None = None
    url: Value | None = None
    referrer: Value | None = None
    title: Value | None = None
    view_id: Value | None = None
    visitor: Visitor | None = None
    ip: Value | None = None
    session: Value | None = None
    user_agent: Value | None = None
    country: Value | None = None
    language: Value | None = None
    engaged_ms: Value | None = None
    engaged_mode: Literal["max", "sum"] = "max"
    body_scroll_pct: Value | None = None
    page_scroll_pct: Value | None = None
    acts: Value | None = None
    comment_id: Value | None = None
    commenter: Value | None = None
    parent_id: Value | None = None
    status: Value | None = None
    length: Value | None = None
    text: Value | None = None
    props: dict[str, Value] = {}


class CommentMap(_Strict, frozen=True, kw_only=True):
    """Fields of a row that is one state of a comment; one of the two times is enough."""

    comment_id: Value | None = None
    id: Value | None = None
    status: Kind = Kind(const="published", map={status: status for status in STATUSES})
    state_at: Time | None = None
    created_at: Time | None = None
    decided_by: Value | None = None
    article_id: Value | None = None
    url: Value | None = None
    commenter: Value | None = None
    parent_id: Value | None = None
    length: Value | None = None
    text: Value | None = None
    language: Value | None = None


class ArticleMap(_Strict, frozen=True, kw_only=True):
    """Fields of a row that is an article, as in wire-formats.md D.1.

    `opening_views` and `opening_as_of` (YYYY-MM-DD) carry a former counter on.
    """

    id: Value
    url: Value | None = None
    aliases: Listed | None = None
    title: Value | None = None
    authors: Listed | tuple[Person, ...] | None = None
    section: Value | None = None
    topics: Listed | None = None
    published_at: Time | None = None
    modified_at: Time | None = None
    language: Value | None = None
    word_count: Value | None = None
    image: Value | None = None
    access: Value | None = None
    kind: Value | None = None
    state: Value | None = None
    translation_of: Value | None = None
    opening_views: Value | None = None
    opening_as_of: Value | None = None


class Source(_Strict, frozen=True, kw_only=True):
    """What the file is."""

    name: str
    rows: Literal["events", "articles", "comments"]
    format: Literal["csv", "jsonl", "parquet"]
    site: str = ""
    zone: str = ""
    bots: Literal["keep", "drop"] = "keep"
    dedup: Literal["occurrence", "exact", "id"] = "occurrence"
    ignore: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


class Mapping(_Strict, frozen=True, kw_only=True):
    """A whole mapping file: the source, and the section that fits its rows."""

    source: Source
    event: EventMap | None = None
    comment: CommentMap | None = None
    article: ArticleMap | None = None

    @property
    def section(self) -> EventMap | CommentMap | ArticleMap:
        """The section of the rows; `parse` saw to it that it is there."""
        found = {"events": self.event, "comments": self.comment, "articles": self.article}[self.source.rows]
        if found is None:
            raise MappingError(f"The mapping {self.source.name} says nothing of its {self.source.rows}.")
        return found


def read(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        MappingError: It cannot be read, or it contradicts itself.
    """
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as fault:
        raise MappingError(f"The mapping {path} cannot be read: {fault}.") from fault


def parse(text: str, name: str) -> Mapping:
    """Read a mapping from its TOML text; `name` stands in the sentences.

    Raises:
        MappingError: It cannot be read, or it contradicts itself.
    """
    try:
        mapping = msgspec.convert(tomllib.loads(text), Mapping)
        _check(mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as fault:
        raise MappingError(f"The mapping {name} cannot be read: {fault}.") from fault
    except MappingError as fault:
        raise MappingError(f"In the mapping {name}: {fault.message}", fault.hint) from fault
    return mapping


def values_of(section: EventMap | CommentMap | ArticleMap) -> dict[str, Value]:
    """List the mapped fields by name; properties are called `props.<name>`."""
    found = {}
    for name in section.__struct_fields__:
        field = getattr(section, name)
        if isinstance(field, Value):
            found[name] = field
    if isinstance(section, EventMap):
        found |= {f"props.{name}": field for name, field in section.props.items()}
    return found


def _check(mapping: Mapping) -> None:
    source, section = mapping.source, mapping.section
    if not NAME.fullmatch(source.name):
        raise MappingError(f"{source.name!r} is no name of a source.", "Use letters, digits, - _ and dots.")
    for name, value in values_of(section).items():
        _check_value(name, value)
    for zone in (source.zone, *(v.zone for v in values_of(section).values() if isinstance(v, Time))):
        _check_zone(zone)
    if not isinstance(section, ArticleMap) and section.article_id is None and section.url is None:
        raise MappingError("An event needs `article_id` or `url`: without either nobody knows what was read.")
    if isinstance(section, EventMap):
        _check_targets("kind.map", section.kind.map.values(), KINDS)
    if isinstance(section, CommentMap):
        _check_targets("status.map", section.status.map.values(), STATUSES)
        if section.state_at is None and section.created_at is None:
            raise MappingError("A comment needs `state_at` or `created_at`.")
    if source.dedup == "id" and getattr(section, "id", None) is None:
        raise MappingError('`dedup = "id"` needs `id` to be mapped.')


def _check_value(name: str, value: Value) -> None:
    given = [way for way in ("column", "const", "template") if getattr(value, way) is not None]
    if len(given) != 1:
        raise MappingError(f"{name} needs exactly one of column, const and template.")
    if isinstance(value, Time) and value.unit and value.format:
        raise MappingError(f"{name} has a unit and a format; one of them is wrong.")
    if isinstance(value, Kind) and not value.map and value.other != "custom":
        raise MappingError(f"{name} has no map: no row would be taken.")
    if any("\x00" in text for text in (value.const or "", value.template or "")):
        raise MappingError(f"{name} holds U+0000.")


def _check_zone(zone: str) -> None:
    try:
        zone_of(zone or "UTC")
    except ConfigError as fault:
        raise MappingError(fault.message, fault.hint) from fault


def _check_targets(name: str, targets: Collection[str], known: Collection[str]) -> None:
    for target in targets:
        if target not in known:
            raise MappingError(
                f"{name} leads to {target!r}, which is none of ours.", did_you_mean(target, known)
            )
