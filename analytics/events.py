"""The words of the wire: the four records that every format decodes to.

Everything behind the queue knows only these. Field names are the column names of the tables;
`load` derives the frames' schemas from the annotations here, so a field has one home.
Times are naive UTC. `None` is unknown, never 0.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, NewType

import msgspec

SiteId = NewType("SiteId", str)
ArticleId = NewType("ArticleId", str)
Uuid = NewType("Uuid", str)
Hash64 = NewType("Hash64", int)  # 64 bits of a keyed hash: a visitor, a reader, a commenter

Signal = Literal["full", "time", "none"]
EngagedMode = Literal["max", "sum", "ping"]
CommentStatus = Literal["pending", "published", "rejected", "spam", "deleted"]
InteractionKind = Literal["like", "bookmark", "follow", "share", "comment_box", "custom"]


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What all records share. `received_at` is the server's; imports carry their event time in it.

    Without the garbage collector: what comes from JSON has no cycles, and a batch is ten thousand of them.
    """

    site_id: SiteId
    event_id: Uuid
    event_at: dt.datetime
    received_at: dt.datetime
    day_local: dt.date
    url: str | None = None
    article_id: ArticleId | None = None
    visitor: Hash64 | None = None
    visitor_prev: Hash64 | None = None
    reader_id: Hash64 | None = None
    session_given: str | None = None
    device: str | None = None
    browser: str | None = None
    os: str | None = None
    country: str | None = None
    language: str | None = None
    props: dict[str, Any] | None = None
    format: str


class PageView(Event, frozen=True, kw_only=True):
    """One load of a page. `signal` says what this source can tell of reading."""

    view_id: str
    title: str | None = None
    referrer_host: str | None = None
    referrer_path: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_content: str | None = None
    utm_term: str | None = None
    channel: str | None = None
    source: str | None = None
    signal: Signal


class Engagement(Event, frozen=True, kw_only=True):
    """A sign of reading. `engaged_ms` folds by `engaged_mode`; scrolls are whole percent."""

    view_id: str | None = None
    engaged_ms: int | None = None
    engaged_mode: EngagedMode
    body_scroll_pct: int | None = None
    page_scroll_pct: int | None = None
    short_body: bool | None = None
    acts: int | None = None


class CommentState(Event, frozen=True, kw_only=True):
    """One state of one comment; the latest `state_at` counts, all stay as history."""

    comment_id: str
    status: CommentStatus
    state_at: dt.datetime
    created_at: dt.datetime | None = None
    decided_by: Literal["human", "auto"] | None = None
    parent_id: str | None = None
    commenter: Hash64 | None = None
    length: int | None = None
    length_limit: int | None = None
    text: str | None = None
    likes: int | None = None
    dislikes: int | None = None
    origin: str | None = None


class Interaction(Event, frozen=True, kw_only=True):
    """An act beside reading: like, bookmark, follow, share, a step in the comment box, or custom."""

    view_id: str | None = None
    kind: InteractionKind
    name: str | None = None
    revenue: dict[str, Any] | None = None


RECORDS: dict[str, type[Event]] = {
    "page_views": PageView,
    "engagements": Engagement,
    "comment_states": CommentState,
    "interactions": Interaction,
}
