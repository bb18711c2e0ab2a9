"""What editors may correct: one struct a correction, as a form or a command sends it.

Articles, authors and topics are named by id; where two are joined, the other one also by its name.
`load.editing` writes them, keeps what stood before, and takes them back.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from analytics.errors import UsageError
from analytics.language import _

MOST_AT_ONCE = 500
Key: TypeAlias = Annotated[str, Meta(min_length=1, max_length=300)]
Words: TypeAlias = Annotated[str, Meta(max_length=280)]
Label: TypeAlias = Annotated[str, Meta(max_length=120)]


class _Edit(msgspec.Struct, frozen=True, tag_field="does", forbid_unknown_fields=True):
    """A correction; `does` names its kind on the wire."""


class Exclude(_Edit, frozen=True, tag="exclude"):
    """Keep articles off lists, boards, worth-a-look and widgets; every total keeps them."""

    articles: Annotated[list[Key], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    why: Words = ""


class Include(_Edit, frozen=True, tag="include"):
    """Put articles back on the lists."""

    articles: Annotated[list[Key], Meta(min_length=1, max_length=MOST_AT_ONCE)]


class JoinAuthor(_Edit, frozen=True, tag="join_author"):
    """Count the author `alias` as the author `into`."""

    alias: Key
    into: Key


class JoinTopic(_Edit, frozen=True, tag="join_topic"):
    """Count the topic `alias` as the topic `into`."""

    alias: Key
    into: Key


class JoinArticle(_Edit, frozen=True, tag="join_article"):
    """Count the article `alias` as the article `into`."""

    alias: Key
    into: Key


class RenameTopic(_Edit, frozen=True, tag="rename_topic"):
    """Show a topic under another name, whatever its sources say."""

    topic: Key
    name: Annotated[str, Meta(min_length=1, max_length=120)]


class SetDesk(_Edit, frozen=True, tag="set_desk"):
    """Say which desk authors belong to; without a name their articles say it again."""

    authors: Annotated[list[Key], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    desk: Label = ""


class Describe(_Edit, frozen=True, tag="describe"):
    """Fill in what is not known of an article; what is left empty stays as it is.

    Attributes:
        article: Its id.
        title: Title.
        section: Section.
        authors: Names, parted by commas; of those that are known the id is found.
        published: Local time of the site, `2026-05-01T14:05`.
    """

    article: Key
    title: Annotated[str, Meta(max_length=500)] = ""
    section: Label = ""
    authors: Annotated[str, Meta(max_length=2000)] = ""
    published: Annotated[str, Meta(max_length=30)] = ""


class File(_Edit, frozen=True, tag="file"):
    """Give several articles a kind, a topic more, or both; what is left empty stays as it is.

    Attributes:
        articles: Their ids.
        kind: What each is.
        topic: Id or name of a topic; a new name makes one.
    """

    articles: Annotated[list[Key], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    kind: Literal["", "article", "live", "video", "gallery", "page"] = ""
    topic: Label = ""


class AddGap(_Edit, frozen=True, tag="add_gap"):
    """Say that nothing could be collected in a stretch, or why; times are UTC, the end is not in it."""

    began: dt.datetime
    ended: dt.datetime
    why: Words = ""


class SetGoal(_Edit, frozen=True, tag="set_goal"):
    """Say what a week should reach in a metric; without a target the goal goes."""

    metric: Key
    target: Annotated[float, Meta(gt=0, le=1e12)] | None = None


class Readmit(_Edit, frozen=True, tag="readmit"):
    """Count what a rule kept out of the days `first` to `last`."""

    rule: Key
    first: dt.date
    last: dt.date


Edit: TypeAlias = (
    Exclude
    | Include
    | JoinAuthor
    | JoinTopic
    | JoinArticle
    | RenameTopic
    | SetDesk
    | Describe
    | File
    | AddGap
    | SetGoal
    | Readmit
)


def read(told: object) -> Edit:
    """Read a correction from its JSON objects.

    Raises:
        UsageError: It is none.
    """
    try:
        found: Edit = msgspec.convert(told, Edit)
    except msgspec.ValidationError as fault:
        raise UsageError(
            _("This correction cannot be read: {fault}.", fault=fault), _("Load the page and try again.")
        ) from fault
    return found
