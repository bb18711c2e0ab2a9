"""The newsroom's people and desks: sections with their habits, and who writes where."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from data.demo import chance

SITE = "courier.example"


@dataclass(frozen=True, slots=True)
class Section:
    """A desk: how much it writes, and how its stories are read and talked about."""

    name: str
    output: float  # share of the stories, percent
    appeal: float  # views a story, 1 = the site's mean
    reading: float  # share of views that become reads
    talk: float  # comments per 1,000 reads
    words: int
    half_life_h: float

    @property
    def slug(self) -> str:
        """Name the section in addresses."""
        return self.name.lower().replace(" ", "-")


SECTIONS = (  # in the order of the site menu
    Section("Transport", 9, 2.0, 0.70, 8.5, 520, 13),
    Section("Education", 6, 1.9, 0.69, 14.0, 640, 14),
    Section("Local", 24, 0.75, 0.62, 5.4, 380, 10),
    Section("Politics", 13, 0.85, 0.64, 17.0, 610, 12),
    Section("Sport", 19, 0.65, 0.54, 10.5, 470, 7),
    Section("Economy", 11, 0.75, 0.58, 7.2, 560, 14),
    Section("Culture", 10, 0.6, 0.57, 2.9, 590, 20),
    Section("Long read", 3, 1.8, 0.74, 3.8, 2100, 60),
    Section("Weather", 3, 1.7, 0.50, 1.8, 260, 8),
    Section("Service", 3, 0.8, 0.42, 1.0, 480, 90),
)
BY_NAME = {section.name: section for section in SECTIONS}

# Invented names; (name, desks, output). The desk named first is the writer's own.
_STAFF: tuple[tuple[str, str, float], ...] = (
    ("Mirela Okonjo", "Transport Long read", 3),
    ("Joakim Lindqvarn", "Transport Economy", 3),
    ("Tamsin Carroway", "Transport Local", 2),
    ("Obi Fennimore", "Transport Service", 1),
    ("Ronke Adeyoola", "Education Long read", 3),
    ("Hollis Brandreth", "Education Politics", 2),
    ("Yusra Quillon", "Education", 1),
    ("Theo Marshgate", "Local", 4),
    ("Clemence Morel-Hart", "Local Culture", 3),
    ("Dilys Penhallin", "Local Weather", 3),
    ("Aigerim Satpaeva", "Local", 2),
    ("Barnaby Wexcombe", "Local Sport", 2),
    ("Nadiya Hrynchak", "Local Education", 2),
    ("Simrat Kaurley", "Politics", 4),
    ("Edwin Ashgrove", "Politics Economy", 3),
    ("Lela Gvarishvili", "Politics Long read", 2),
    ("Magnus Tolleth", "Politics Local", 1),
    ("Daniil Petrosky", "Sport", 4),
    ("Keziah Broadmere", "Sport", 3),
    ("Rhodri Llanmaes", "Sport", 3),
    ("Ines Falcoeira", "Sport Culture", 2),
    ("Jory Trevanning", "Sport", 1),
    ("Layal Haddadine", "Economy", 4),
    ("Piotr Zawistek", "Economy Service", 2),
    ("Winifred Stroud-Bale", "Economy Politics", 2),
    ("Kamran Alizadeh-Moss", "Economy", 1),
    ("Elska Novotrell", "Culture Long read", 3),
    ("Beatrix Oldershaw", "Culture", 3),
    ("Sanjit Mukerdee", "Culture Service", 2),
    ("Orlagh Devenney", "Culture Local", 1),
    ("Fergus Inchmore", "Weather", 3),
    ("Marit Solvang-Price", "Weather Local", 1),
    ("Aoife Byrnell", "Service", 3),
    ("Tobias Grunewick", "Service Economy", 2),
    ("Hepzibah Lorne", "Long read", 2),
    ("Ilkin Rzazade", "Local Politics", 1),
)
AUTHORS = tuple({"id": f"staff-{number:02d}", "name": row[0]} for number, row in enumerate(_STAFF, 1))
PAIR_SHARE = 0.13  # stories with two names
AGENCY_SHARE = 0.02  # stories without a name: agency copy


def bylines(seed: int, serial: int, section: str) -> list[dict[str, str]]:
    """Name the writers of a story: mostly one, some pairs, now and then none."""
    fate = chance.unit(seed, "byline", serial)
    if fate < AGENCY_SHARE:
        return []
    weights = [row[2] * _fit(row[1], section) for row in _STAFF]
    first = chance.pick(weights, seed, "author", serial)
    if fate > 1 - PAIR_SHARE:
        weights[first] = 0
        return [AUTHORS[first], AUTHORS[chance.pick(weights, seed, "second author", serial)]]
    return [AUTHORS[first]]


def following(seed: int, authors: list[dict[str, str]]) -> float:
    """Weigh how much readers look out for the first writer of a story."""
    return chance.spread(0.22, seed, "following", authors[0]["id"]) if authors else 0.9


def section_of(seed: int, day: dt.date, number: int) -> Section:
    """Choose the desk of a story; sport fills the weekends, long reads the Sundays."""
    weights = [section.output for section in SECTIONS]
    if day.weekday() >= 5:
        weights[4] *= 1.6
        weights[7] *= 2.5 if day.weekday() == 6 else 1.0
    return SECTIONS[chance.pick(weights, seed, "section", day.toordinal(), number)]


def _fit(desks: str, section: str) -> float:
    if desks.startswith(section):
        return 1.0
    return 0.35 if section in desks else 0.0
