"""The ways in: where visits come from, what they open, and how they are named.

Shares and habits per way. The last two "ways" are no entries but the next pages of a
visit: `onward` right after a front or section page, `around` after an article.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True, slots=True)
class Way:
    """One way in and the habits of those who take it."""

    name: str
    channel: str
    share: float  # of the day's visits
    front: float = 0.0  # of its pages
    sections: float = 0.0
    onward: float = 0.25  # chance of one page more, after each page
    pool: int = 400_000  # people who come this way at all
    habit: float = 1.0  # above 1: few people come often
    stretch: float = 1.0  # how long stories live here
    evergreen: float = 0.0  # pull of old stories
    reading: float = 1.0  # share of reads
    depth: float = 1.0  # time spent by those who read
    known: float = 0.02  # readers who are signed in
    phone: float = 0.62
    taste: dict[str, float] = field(default_factory=dict)


ENTRIES = (
    Way(
        *("search", "search", 0.325),
        front=0.05,
        sections=0.04,
        onward=0.30,
        stretch=1.7,
        evergreen=1.0,
        phone=0.66,
        taste={"Weather": 1.7, "Service": 1.8, "Sport": 1.2, "Transport": 1.3, "Politics": 0.8},
    ),
    Way(
        *("social", "social", 0.120),
        onward=0.22,
        stretch=0.7,
        evergreen=0.04,
        reading=0.78,
        depth=0.55,
        phone=0.86,
        taste={"Local": 1.4, "Sport": 1.3, "Culture": 1.2, "Economy": 0.6, "Service": 0.3, "Weather": 1.3},
    ),
    Way(
        *("direct", "direct", 0.345),
        front=0.60,
        sections=0.07,
        onward=0.66,
        pool=13_000,
        habit=2.2,
        evergreen=0.03,
        reading=1.06,
        depth=1.12,
        known=0.30,
        phone=0.50,
    ),
    Way(
        *("newsletter", "newsletter", 0.080),
        front=0.03,
        onward=0.54,
        pool=5_000,
        habit=1.8,
        stretch=0.9,
        evergreen=0.02,
        reading=1.14,
        depth=1.30,
        known=0.55,
        phone=0.46,
        taste={"Long read": 2.2, "Politics": 1.3, "Sport": 0.5},
    ),
    Way(
        *("chatgpt", "ai", 0.030),  # rises: almanac.assistant_share
        front=0.05,
        sections=0.02,
        onward=0.28,
        stretch=2.5,
        evergreen=1.3,
        reading=1.02,
        phone=0.40,
        taste={"Service": 2.6, "Economy": 1.5, "Transport": 1.4, "Sport": 0.5},
    ),
    Way(
        *("assistants", "ai", 0.014),
        front=0.04,
        sections=0.02,
        onward=0.28,
        stretch=2.5,
        evergreen=1.3,
        reading=1.02,
        phone=0.38,
        taste={"Service": 2.6, "Economy": 1.6, "Politics": 1.2, "Sport": 0.5},
    ),
    Way(
        *("other", "other_site", 0.030),
        front=0.10,
        sections=0.03,
        onward=0.30,
        stretch=1.6,
        evergreen=0.5,
        phone=0.5,
        taste={"Long read": 1.8, "Culture": 1.6},
    ),
    Way(
        *("push", "push", 0.035),
        onward=0.30,
        pool=8_000,
        habit=1.6,
        stretch=0.3,
        reading=0.92,
        depth=0.85,
        known=0.45,
        phone=0.97,
        taste={"Transport": 1.6, "Politics": 1.3, "Culture": 0.4, "Long read": 0.6},
    ),
)
NEXT_PAGES = (
    Way(
        "onward",
        "internal",
        1.0,
        0.03,
        0.12,
        evergreen=0.04,
        reading=1.07,
        depth=1.05,
        taste={"Service": 0.7},
    ),
    Way("around", "internal", 1.0, 0.40, 0.12, evergreen=0.10, reading=1.05, depth=1.0),
)
WAYS = ENTRIES + NEXT_PAGES


def habits(*names: str) -> pl.DataFrame:
    """Lay out some habits of all ways: way, then one column a name."""
    rows = [(way.name, *(float(getattr(way, name)) for name in names)) for way in WAYS]
    return pl.DataFrame(rows, schema=["way", *names], orient="row")
