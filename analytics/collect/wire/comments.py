"""What an event says of a comment: the properties of `n: comment` in wire-formats.md A.1."""

from __future__ import annotations

import datetime as dt
from typing import Any

from analytics.collect.wire import props, times
from analytics.collect.wire.raw import Said, invalid

STATUSES = ("pending", "published", "rejected", "spam", "deleted")
DECIDERS = ("human", "auto")
MAX_LENGTH = 100_000
MAX_COUNT = 2**53
KEYS = frozenset(
    [
        "comment_id",
        "status",
        "decided_by",
        "text",
        "length",
        "length_limit",
        "parent_id",
        "commenter",
        "at",
        "created_at",
        "likes",
        "dislikes",
        "language",
    ]
)


def said_of(given: dict[str, Any], limit: int, latest: dt.datetime) -> Said:
    """Read a state of a comment.

    Args:
        given: The properties.
        limit: Longest text of the site, in code points.
        latest: Times after it cannot be.

    Raises:
        InvalidEventError: A property is not valid; too long a text is refused, never cut.
    """
    text = _text(given.get("text"), limit)
    length = len(text) if text is not None else _count(given, "length", MAX_LENGTH)
    comment_id = props.id_of(given.get("comment_id"), "p.comment_id")
    status = _word(given, "status", STATUSES) or "pending"
    if length is None and (status == "pending" or comment_id is None):
        raise invalid("p.text", "missing")
    language = given.get("language")
    return Said(
        comment_id=comment_id,
        status=status,  # type: ignore[arg-type]  # one of STATUSES
        state_at=_time(given, "at", latest),
        created_at=_time(given, "created_at", latest),
        decided_by=_word(given, "decided_by", DECIDERS),  # type: ignore[arg-type]  # one of DECIDERS
        parent_id=props.id_of(given.get("parent_id"), "p.parent_id"),
        commenter=props.id_of(given.get("commenter"), "p.commenter"),
        length=length,
        length_limit=_count(given, "length_limit", MAX_LENGTH),
        text=text,
        likes=_count(given, "likes", MAX_COUNT),
        dislikes=_count(given, "dislikes", MAX_COUNT),
        language=language if isinstance(language, str) else None,
    )


def _text(value: object, limit: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid("p.text", "wrong_type")
    text = value.strip()
    if not text:
        raise invalid("p.text", "missing")
    if len(text) > limit:
        raise invalid("p.text", "too_long")
    return text


def _word(given: dict[str, Any], key: str, known: tuple[str, ...]) -> str | None:
    value = given.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(f"p.{key}", "wrong_type")
    if value not in known:
        raise invalid(f"p.{key}", "out_of_range")
    return value


def _count(given: dict[str, Any], key: str, most: int) -> int | None:
    """Read a count; other trackers can send text only, so digits are taken too."""
    value = given.get(key)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(f"p.{key}", "wrong_type")
    if not 0 <= value <= most:
        raise invalid(f"p.{key}", "out_of_range")
    return value


def _time(given: dict[str, Any], key: str, latest: dt.datetime) -> dt.datetime | None:
    value = given.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise invalid(f"p.{key}", "wrong_type")
    at = times.time_of(value)
    if at is None:
        raise invalid(f"p.{key}", "malformed")
    if at < times.EARLIEST:
        raise invalid(f"p.{key}", "out_of_range")
    return min(at, latest)
