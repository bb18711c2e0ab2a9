"""What is asked: the filter, the split, the days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields, replace
from typing import Literal

from analytics.errors import UsageError, did_you_mean
from analytics.periods import Period

Credit = Literal["full", "equal", "first"]
Basis = Literal["read_in", "published_in"]
Horizon = Literal["7d", "24h", "30d", "to_date"]
CREDITS: tuple[Credit, ...] = ("full", "equal", "first")
BASES_OF_TIME: tuple[Basis, ...] = ("read_in", "published_in")
HORIZONS: dict[Horizon, dt.timedelta | None] = {
    "7d": dt.timedelta(days=7),
    "24h": dt.timedelta(hours=24),
    "30d": dt.timedelta(days=30),
    "to_date": None,
}
OF_VIEWS_ONLY = ("channel", "source", "device", "country")  # comments and people do not all have these
OF_ARTICLES_ONLY = ("section", "language", "kind")
AGES = ("new", "recent", "old")
MOST_WORDS = 10  # of a search; a mailed address cannot make a question of a thousand conditions
# The filters of addresses and of the API, in the order in which an address names them.
FILTERS = (
    "section",
    "author",
    "topic",
    "channel",
    "source",
    "device",
    "country",
    "language",
    "age",
    "kind",
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What to keep. Values are alternatives; a leading `!` leaves the value out. Empty keeps all.

    Attributes:
        site_id: The site; every question is of one.
        article: Article ids.
        author: Author ids: articles with such a credit.
        topic: Topic ids: articles with such a topic.
        section: Names of sections.
        channel: Ways in.
        source: Named sources.
        device: Device classes.
        country: Country codes.
        language: Languages of articles.
        kind: Kinds of articles.
        age: new (under 48 h at the view), recent (up to 7 days) or old.
        text: Words that all stand in a title, a former title, the address or the id of the article.
    """

    site_id: str
    article: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    device: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    age: tuple[str, ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        for value in self.age:
            if value.removeprefix("!") not in AGES:
                raise UsageError(f"There is no age {value!r}.", did_you_mean(value, AGES))

    def active(self) -> list[str]:
        """Name the dimensions that are filtered."""
        return [each.name for each in fields(self) if each.name != "site_id" and getattr(self, each.name)]

    def only(self, **values: tuple[str, ...] | str) -> Filter:
        """Give the same filter with other values of some dimensions."""
        return replace(self, **values)  # type: ignore[arg-type]  # names are checked by replace


@dataclass(frozen=True, slots=True)
class Ask:
    """One question of counts.

    Attributes:
        where: Filter.
        period: Local days.
        split: Dimension to split by; empty counts the whole.
        grain: `hour` or `day` splits by time too; empty does not.
        credit: How an article with several authors or topics counts for each.
        basis: Events in the period, or of articles published in it.
        horizon: Under `published_in`: up to which age events count.
        days: Other days than the period's, for comparisons with single weekdays.
        until: Local day -> naive UTC instant at which its counting stops; for days not over yet.
    """

    where: Filter
    period: Period
    split: str = ""
    grain: str = ""
    credit: Credit = "full"
    basis: Basis = "read_in"
    horizon: Horizon = "7d"
    days: tuple[dt.date, ...] = ()
    until: tuple[tuple[dt.date, dt.datetime], ...] = ()

    @property
    def day_list(self) -> list[dt.date]:
        """The local days that are counted."""
        return list(self.days) or self.period.days
