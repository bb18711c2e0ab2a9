"""What a story is: its row in the catalogue, and the traits that decide how it is taken up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

from data.demo import almanac, people

OLD_COUNTER_ENDED = "2025-12-31"


@dataclass(frozen=True, slots=True)
class Story:
    """One article and its traits.

    Attributes:
        appeal: Weight among the stories of its age; 1 is the mean.
        quality: Factor on the share of views that become reads, and on their length.
        talk: Comments per 1,000 reads.
        patience: Factor on the time its comments wait for a decision.
        evergreen: Weight that does not decay.
        lift: Extra visits on a full day, by way in: the world comes for this one story.
    """

    article_id: str
    url: str
    title: str
    section: people.Section
    topics: tuple[str, ...]
    authors: tuple[tuple[str, str], ...]
    published_at: dt.datetime
    words: int
    language: str = "en"
    kind: str = "article"
    access: str = "free"
    appeal: float = 1.0
    quality: float = 1.0
    talk: float = 5.0
    patience: float = 1.0
    half_life_h: float = 12.0
    evergreen: float = 0.0
    lift: dict[str, float] = field(default_factory=dict)
    opening: tuple[int, int] | None = None

    def row(self) -> dict[str, object]:
        """Write the story as a catalogue row (wire-formats.md D.1)."""
        local = self.published_at.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(almanac.ZONE))
        row: dict[str, object] = {
            "id": self.article_id,
            "url": self.url,
            "title": self.title,
            "authors": [{"id": key, "name": name} for key, name in self.authors],
            "section": self.section.name,
            "topics": list(self.topics),
            "published_at": local.isoformat(timespec="seconds"),
            "language": self.language,
            "word_count": self.words,
            "kind": self.kind,
            "access": self.access,
        }
        if self.opening:
            views, comments = self.opening
            row["opening"] = {
                "views": views,
                "comments": comments,
                "as_of": OLD_COUNTER_ENDED,
                "note": "counter of the old site",
            }
        return row


class Copy(NamedTuple):
    """What the desk hands in."""

    section: str
    title: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """What makes a story unlike the others of its desk: mostly factors on their habits."""

    hour: int | None = None
    language: str = "en"
    kind: str | None = None
    appeal: float = 1.0
    quality: float = 1.0
    talk: float = 1.0
    heat: float = 0.0  # comments per 1,000 reads, whatever the desk's habit
    patience: float = 1.0
    half_life: float = 1.0
    lift: dict[str, float] = field(default_factory=dict)


GEM = Fate(appeal=0.2, quality=1.32)  # good but unseen
DEBATE = Fate(appeal=1.3, heat=42.0, patience=9.0)  # hot talk, and a queue before the moderators
DULL = Fate(appeal=0.4)
