"""The fields of an article as sources send them (wire-formats.md D.1): types, limits, refusals."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from analytics import urls
from analytics.errors import EventError
from analytics.zones import zone_of

EARLIEST = dt.datetime(1990, 1, 1)  # noqa: DTZ001 naive UTC; wire-formats.md C.5
AHEAD = dt.timedelta(days=5 * 365 + 1)
MAX_ID = 200

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_FAR_YEAR = re.compile(r"\+?\d{5,}-")

Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID)]
_Text = Annotated[str, Meta(min_length=1, max_length=urls.MAX_URL)]
_Label = Annotated[str, Meta(min_length=1, max_length=120)]
_Count = Annotated[int, Meta(ge=0, le=2**53)]


class Author(msgspec.Struct, frozen=True):
    """One name of a byline; without id the name makes it."""

    id: Id | None = None
    name: _Label | None = None
    url: _Text | None = None

    @property
    def author_id(self) -> str:
        """The given id, else the slug of the name."""
        return self.id or slug(self.name or "")


class Topic(msgspec.Struct, frozen=True):
    """What an article is about."""

    name: _Label
    kind: Literal["tag", "group", "iptc"] = "tag"


class Opening(msgspec.Struct, frozen=True):
    """Last figures of a former counter; `as_of` is the last local day in them."""

    views: _Count
    as_of: dt.date
    comments: _Count | None = None
    note: Annotated[str, Meta(max_length=500)] | None = None


TYPES: dict[str, Any] = {
    "id": Id,
    "url": _Text,
    "aliases": Annotated[list[_Text], Meta(max_length=50)],
    "title": Annotated[str, Meta(min_length=1, max_length=500)],
    "authors": Annotated[list[_Label | Author], Meta(max_length=50)],
    "section": _Label,
    "topics": Annotated[list[_Label | Topic], Meta(max_length=50)],
    "published_at": str,
    "modified_at": str,
    "language": Annotated[str, Meta(max_length=35)],
    "word_count": Annotated[int, Meta(ge=0, le=1_000_000)],
    "image": _Text,
    "access": Literal["free", "metered", "paid"],
    "kind": Literal["article", "live", "video", "gallery", "page"],
    "state": Literal["live", "withdrawn"],
    "translation_of": Id,
    "opening": Opening,
}


def read(name: str, value: object, zone: str, now: dt.datetime) -> object:
    """Check one field and give what is stored.

    Args:
        name: One of TYPES.
        value: As it came; null is null.
        zone: IANA zone for times without offset.
        now: Naive UTC.

    Returns:
        Times as naive UTC, addresses canonical, names of authors and topics as their structs.

    Raises:
        EventError: With the code of the refusal.
    """
    if value is None:
        return None
    try:
        found = msgspec.convert(value, TYPES[name])
    except msgspec.ValidationError as fault:
        raise EventError(_code(name, str(fault)), f"{name} is not as it must be.") from None
    _refuse_nul(name, found)
    match name:
        case "published_at" | "modified_at":
            found = _instant(found, zone, now)
        case "url":
            found = urls.canonical(found)
        case "image":
            urls.canonical(found)  # only linked: it must be an address, and stays as it is
        case "aliases":
            found = [urls.canonical(each) for each in found]
        case "authors":
            found = [_author(each) for each in found]
        case "topics":
            found = [each if isinstance(each, Topic) else Topic(each) for each in found]
        case "language" if not _LANGUAGE.fullmatch(found):
            raise EventError("wrong_type", "The language is no BCP 47 tag.")
    return found


def slug(name: str) -> str:
    """Make an id of a name: equal for all ways of writing its case and its gaps."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\W_]+", "-", text).strip("-")[:MAX_ID] or text[:MAX_ID]


def _author(given: str | Author) -> Author:
    author = given if isinstance(given, Author) else Author(name=given)
    if author.id is None and author.name is None:
        raise EventError("missing", "An author needs an id or a name.")
    return author


def _instant(text: str, zone: str, now: dt.datetime) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(text)
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone_of(zone))
        at = at.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as fault:
        far = isinstance(fault, OverflowError) or _FAR_YEAR.match(text)
        raise EventError("out_of_range" if far else "wrong_type", "This is no time.") from fault
    if not EARLIEST <= at <= now + AHEAD:
        raise EventError("out_of_range", "The time is before 1990 or more than 5 years ahead.")
    return at


def _refuse_nul(name: str, found: object) -> None:
    # U+0000 passes msgspec; it separates the parts of hashes elsewhere and stands in no real text.
    if "\\u0000" in msgspec.json.encode(found).decode():
        raise EventError(_code(name, ""), f"{name} holds U+0000.")


def _code(name: str, sentence: str) -> str:
    if "length <=" in sentence:
        return "too_long"
    if "length >=" in sentence:
        return "bad_id" if name == "id" else "missing"
    if "<=" in sentence or ">=" in sentence or "Invalid enum" in sentence:
        return "out_of_range"
    if "missing required" in sentence:
        return "missing"
    return "wrong_type" if sentence or name != "id" else "bad_id"
