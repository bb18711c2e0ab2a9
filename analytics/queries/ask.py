"""What is asked: the filter, the split, the days.

Every question of figures is put in these words, so the policy of who asks is held against them here and
nowhere else: under calm mode no ranking, no live number and no colleague's figures, whatever page, file,
address of the API or link asks (pages.md 1). Questions of the desk itself have no policy.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Literal

from analytics import wording
from analytics.control.identity import Sight, current
from analytics.errors import CalmError, NotAllowedError, UsageError, did_you_mean
from analytics.language import N_, _
from analytics.metrics import DIMENSIONS
from analytics.periods import Period, hours_of

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
RANKED = ("article", "author", "topic", "section")  # what a ranking sets people and their work against
AGES = ("new", "recent", "old")
CALM_HINT = N_("An admin sets who sees what, under Settings.")
TIE_HINT = N_("An admin says which author you are, under Settings.")
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
    "hour",
)
_HOUR = re.compile(r"(?:([1-7])-)?(\d|[01]\d|2[0-3])", re.ASCII)


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
        hour: Local hours, of every day (`17`) or of one weekday, Monday first (`3-17`): of what happened, and
            under `published_in` of publication.
        text: Words that all stand in a title, a former title, the address or the id of the article.
        is_calm: Whether who asks sees no ranking; set by their policy, never by the caller. It is part of the
            question, so that no answer kept for one is given to the other.
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
    hour: tuple[str, ...] = ()
    text: str = ""
    is_calm: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        sight = sight_of(self.site_id)
        object.__setattr__(self, "is_calm", sight.is_calm)
        if sight.is_calm:
            object.__setattr__(self, "author", _own_authors(sight, self.author))
        for value in self.age:
            if value.removeprefix("!") not in AGES:
                raise UsageError(_("There is no age {value!r}.", value=value), did_you_mean(value, AGES))
        for value in self.hour:
            if not is_hour(value.removeprefix("!")):
                raise UsageError(
                    _("There is no hour {value!r}.", value=value),
                    _("Hours run from 0 to 23; 3-17 is 17:00 on Wednesdays."),
                )

    def active(self) -> list[str]:
        """Name the dimensions that are filtered."""
        known = (each.name for each in fields(self) if each.name not in {"site_id", "is_calm"})
        return [name for name in known if getattr(self, name)]

    def hours(self, days: Sequence[dt.date], zone: str) -> list[dt.datetime]:
        """List the hours of some days that the filter keeps, by the naive UTC instant at which each began."""
        kept = [_hour(each) for each in self.hour if not each.startswith("!")]
        dropped = [_hour(each[1:]) for each in self.hour if each.startswith("!")]
        return [
            begins
            for day, hour, begins in hours_of(days, zone)
            if (not kept or _is_among(day, hour, kept)) and not _is_among(day, hour, dropped)
        ]

    def only(self, **values: tuple[str, ...] | str) -> Filter:
        """Give the same filter with other values of some dimensions."""
        return replace(self, **values)  # type: ignore[arg-type]  # names are checked by replace


_OTHERS = {"language": N_("Language"), "age": N_("Age"), "kind": N_("Kind"), "hour": N_("Hour")}


def filter_label(name: str) -> str:
    """Name a filter: "Section", "Age"."""
    return DIMENSIONS[name].label if name in DIMENSIONS else _(_OTHERS.get(name, name))


def hour_said(text: str) -> str:
    """Word an hour of a filter: "17:00", "Wed 17:00"."""
    weekday, hour = _hour(text)
    day = wording.weekdays(is_short=True)[weekday - 1] if weekday else ""
    return f"{day} {hour:02d}:00".strip()


def is_hour(text: str) -> bool:
    """Say whether a text names an hour of a filter: `17`, or `3-17`."""
    return _HOUR.fullmatch(text) is not None


def _hour(text: str) -> tuple[int, int]:
    """Read an hour of a filter: ISO weekday, 0 for all of them, and the hour."""
    weekday, _dash, hour = text.rpartition("-")
    return int(weekday or 0), int(hour)


def _is_among(day: dt.date, hour: int, wanted: Sequence[tuple[int, int]]) -> bool:
    return (0, hour) in wanted or (day.isoweekday(), hour) in wanted


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

    def __post_init__(self) -> None:
        if self.split == "author":
            refuse_calm(self.where.site_id, "Figures by author are")

    @property
    def day_list(self) -> list[dt.date]:
        """The local days that are counted."""
        return list(self.days) or self.period.days


# --- what who asks may see ---------------------------------------------------------------------------------


def sight_of(site_id: str) -> Sight:
    """Tell what who asks sees of a site."""
    return current().sight(site_id)


_HIDDEN = (  # what is refused, as callers begin the sentence
    N_("Articles of colleagues are"),
    N_("Figures by author are"),
    N_("Findings are"),
    N_("Live numbers are"),
    N_("Rankings are"),
)


def refuse_calm(site_id: str, what: str) -> None:
    """Refuse what calm mode hides.

    Args:
        site_id: The site.
        what: Begin of the sentence: "Live numbers are".

    Raises:
        CalmError: Who asks is under calm mode.
    """
    if sight_of(site_id).is_calm:
        raise CalmError(
            _("{what} not shown to your role: {site} reads calmly.", what=_(what), site=site_id), _(CALM_HINT)
        )


def refuse_others(site_id: str, what: str) -> None:
    """Refuse what who sees only their own does not see; `what` as for `refuse_calm`.

    Raises:
        NotAllowedError: They see only their own.
    """
    if sight_of(site_id).is_own:
        raise NotAllowedError(
            _("{what} not shown to your role: you see your own articles.", what=_(what)), _(CALM_HINT)
        )


def _own_authors(sight: Sight, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Keep the filter by author to who asks: nobody else's figures, by naming them or by leaving them out."""
    own = (sight.author_id,) if sight.author_id else ()
    if wanted and wanted != own:
        raise NotAllowedError(_("The figures of colleagues are not shown to your role."), _(CALM_HINT))
    if sight.is_own and not own:
        raise NotAllowedError(
            _("You see your own articles, and no author of this site is you yet."), _(TIE_HINT)
        )
    return own if sight.is_own else wanted
