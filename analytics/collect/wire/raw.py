"""A raw event: what a format understood, before anything is looked up about it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec

from analytics.errors import EventError
from analytics.events import CommentStatus, EngagedMode, InteractionKind, Signal

Kind = Literal["view", "engagement", "comment", "act"]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What an event says of a comment."""

    comment_id: str | None = None
    status: CommentStatus = "pending"
    state_at: dt.datetime | None = None
    created_at: dt.datetime | None = None
    decided_by: Literal["human", "auto"] | None = None
    parent_id: str | None = None
    commenter: str | None = None
    length: int | None = None
    length_limit: int | None = None
    text: str | None = None
    likes: int | None = None
    dislikes: int | None = None
    language: str | None = None


class Raw(msgspec.Struct, frozen=True, kw_only=True):
    """One event of one or several sites.

    Attributes:
        sites: Sites that count it.
        format: Name of the format, stored with it.
        url: Address of the page, as it came; only a comment's state may have none, but an article.
        event_at: When it happened, naive UTC, the reader's clock corrected.
        is_time_bad: A time came that is none; receipt stands in for it.
        is_trusted: A key or a signature vouches for it.
        hash_mode: The page is named by the fragment too.
        knows_referrer: No referrer means that there was none; else that the format could not tell.
        reader: A consented reader's own id.
        width: Of the window.
        visitor: The sender's own id of the visitor; only trusted senders say it, and all that follows.
    """

    sites: tuple[str, ...]
    format: str
    kind: Kind
    url: str | None
    event_at: dt.datetime
    is_time_bad: bool = False
    is_trusted: bool = False
    event_id: str | None = None
    view_id: str | None = None
    article_id: str | None = None
    hash_mode: bool = False
    referrer: str | None = None
    knows_referrer: bool = True
    title: str | None = None
    signal: Signal = "none"
    reader: str | None = None
    width: int | None = None
    language: str | None = None
    is_staff: bool = False
    props: dict[str, Any] | None = None
    engaged_ms: int | None = None
    engaged_mode: EngagedMode = "max"
    body_scroll_pct: int | None = None
    page_scroll_pct: int | None = None
    short_body: bool | None = None
    acts: int | None = None
    act: InteractionKind = "custom"
    name: str | None = None
    revenue: dict[str, Any] | None = None
    comment: Said | None = None
    visitor: str | None = None
    session: str | None = None
    ip: str | None = None
    agent: str | None = None
    country: str | None = None
    device: str | None = None


class InvalidEventError(EventError):
    """An event that is not valid.

    Attributes:
        errors: Key -> codes of wire-formats.md A.2, as they are answered.
    """

    def __init__(self, errors: dict[str, list[str]]) -> None:
        first = next(iter(errors))
        super().__init__(errors[first][0], f"{first} is not valid: {errors[first][0]}.")
        self.errors = errors


def invalid(key: str, code: str) -> InvalidEventError:
    """Make the refusal for one key."""
    return InvalidEventError({key: [code]})
