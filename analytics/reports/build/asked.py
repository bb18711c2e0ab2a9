"""What a report is asked to be: kind, days, filter; and what that means on a site, now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import quote

from analytics import periods, wording
from analytics.control.queries import Saved
from analytics.errors import UsageError, did_you_mean
from analytics.language import N_, _, inside
from analytics.periods import Period
from analytics.queries import health, library, standing, ways
from analytics.queries.ask import Ask, Filter, filter_label, hour_said
from analytics.queries.comparison import Against
from analytics.queries.coverage import Coverage
from analytics.reports.pieces import span_of
from analytics.reports.schedule import AGES
from analytics.sql.ask import Answer
from analytics.sql.jobs import Value
from analytics.store import sites
from analytics.store.store import Store

MONDAY, LONG_WEEKEND = 0, 3
# Periods of reports beside those of an address: name -> words of the list and the form.
PERIODS = {
    "workday": N_("yesterday; on Mondays since Friday"),
    "yesterday": N_("yesterday"),
    "today": N_("today so far"),
    "week": N_("the last complete week"),
    "month": N_("the last complete month"),
    "7d": N_("the last 7 complete days"),
    "28d": N_("the last 28 complete days"),
    "90d": N_("the last 90 complete days"),
}
FILTERS = (
    "section", "author", "topic", "article", "channel", "source", "device", "country",
    "language", "kind", "age", "hour",
)  # fmt: skip

# Runs a saved query for its owner: its id, the site, values of its `$name`.
RunQuery: TypeAlias = "Callable[[str, str, Mapping[str, Value]], tuple[Saved, Answer]]"


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted.

    Attributes:
        kind: Of KINDS.
        site: Domain of the site; may be empty where there is one.
        period: Of PERIODS, or as in an address; empty: the kind's own.
        where: Dimension -> values, as in an address.
        query: Id of a saved query, or address of a saved view; of these two kinds only.
        name: What it is called; of these two kinds only.
        blocks: Which of its kind's blocks it holds; none named: all.
        article_id: The piece that it is about, from its publication to an age.
        age: Of that piece: 24h or 7d.
    """

    kind: str
    site: str = ""
    period: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    query: str = ""
    name: str = ""
    blocks: tuple[str, ...] = ()
    article_id: str = ""
    age: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """An order on an open store, at a time.

    Attributes:
        store: The store.
        order: What is wanted.
        site: The site.
        now: Naive UTC.
        period: Its days.
        where: Its filter.
        coverage: What can be known, and how fresh it is.
        run: Runs saved queries; None where there is nobody who does.
        span: From the publication of the piece to its age, naive UTC; None where it is of whole days.
    """

    store: Store
    order: Order
    site: sites.SiteRow
    now: dt.datetime
    period: Period
    where: Filter
    coverage: Coverage
    run: RunQuery | None = None
    span: tuple[dt.datetime, dt.datetime] | None = None

    @property
    def begins(self) -> dt.datetime:
        """When what it is about begins, naive UTC."""
        return self.span[0] if self.span else self.period.begins

    @property
    def ends(self) -> dt.datetime:
        """When what it is about is over, naive UTC."""
        return self.span[1] if self.span else self.period.ends

    @property
    def is_day(self) -> bool:
        """True where it is of one local day."""
        return self.period.length == 1 and self.span is None

    @property
    def is_running(self) -> bool:
        """True where its days are not over yet."""
        return self.ends > self.now

    @property
    def against(self) -> Against:
        """What figures are compared with: the same weekday where it is one day, else the days before.

        A piece is compared with other pieces, and with no other days.
        """
        if self.span:
            return "none"
        return "typical" if self.is_day else "previous"

    @property
    def tells_reading(self) -> bool:
        """Whether the views of these days can tell reading."""
        return health.tells_reading(self.store, self.site.site_id, self.period.first, self.period.last)

    @property
    def main(self) -> str:
        """The metric that leads: reads, or views where none can be told."""
        return "reads" if self.tells_reading else "views"

    def ask(self, split: str = "", **more: object) -> Ask:
        """Put the question of these days under this filter, or of the piece up to its age."""
        if self.span:
            more = {"basis": "published_in", "horizon": self.order.age, **more}
        return Ask(self.where, self.period, split=split, **more)  # type: ignore[arg-type]  # of Ask

    def days_said(self) -> str:
        """Say the days as the heads of pages do."""
        if self.span:
            first, last = (self.local(at) for at in self.span)
            return _(
                "The first {age}: {day} {clock} to {last_day} {last_clock}",
                age=_(AGES[self.order.age]),
                day=wording.day_named(first.date()),
                clock=wording.clock(first),
                last_day=wording.day_named(last.date()),
                last_clock=wording.clock(last),
            )
        if self.is_day:
            until = wording.clock(self.local(self.now)) if self.is_running else "23:59"
            return _("{day}, 00:00 to {until}", day=wording.day_long(self.period.first), until=until)
        days = wording.counted(self.period.length, "day")
        return f"{wording.days(self.period.first, self.period.last)} · {days}"

    def filtered_said(self) -> str:
        """Say the filter: "section Politics, author M. Okonjo"; empty without one."""
        parts = []
        for dimension in self.where.active():
            values = getattr(self.where, dimension)
            if dimension == "article" and self.span:
                continue  # its title stands above
            ids = [value.removeprefix("!") for value in values]
            if dimension in {"author", "topic", "article"}:
                names = library.describe(self.store, self.site.site_id, dimension, ids)["name"].to_list()
            elif dimension == "channel":
                names = [ways.label(each) for each in ids]
            elif dimension == "hour":
                names = [hour_said(each) for each in ids]
            else:
                names = ids
            said = [
                _("not {name}", name=name) if value.startswith("!") else name
                for name, value in zip(names, values, strict=True)
            ]
            parts.append(f"{inside(filter_label(dimension))} {wording.listed(said, 'or')}")
        return ", ".join(parts)

    def local(self, at: dt.datetime) -> dt.datetime:
        """Turn naive UTC into the site's local time."""
        return periods.local_time(at, self.site.zone)

    def href(self, path: str, **changes: str) -> str:
        """Write the address of a page with these days and this filter."""
        kept = {name: ",".join(quote(v, safe="!()") for v in values) for name, values in self._filters()}
        days = self.period.key or f"{self.period.first}..{self.period.last}"
        if days in {"today", "yesterday"} or days in periods.ROLLING:  # a mail is read on other days too
            days = f"{self.period.first}..{self.period.last}"
        values = {"site": self.site.site_id, "period": days, **kept, **changes}
        query = "&".join(f"{name}={value}" for name, value in values.items() if value)
        return f"{quote(path)}?{query}"

    def article_href(self, article_id: str) -> str:
        """Write the address of an article's page."""
        return f"/articles/{quote(article_id, safe='')}?site={self.site.site_id}"

    def _filters(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(name, getattr(self.where, name)) for name in self.where.active() if name != "article"]


def filter_of(text: str) -> dict[str, list[str]]:
    """Read a filter as people write it: `section=Politics, Culture; channel=!direct`.

    Raises:
        UsageError: It names no filter, or no value.
    """
    found: dict[str, list[str]] = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        name, equals, values = (each.strip() for each in part.partition("="))
        if name not in FILTERS:
            raise UsageError(
                _("Reports cannot be filtered by {name!r}.", name=name[:40]),
                did_you_mean(name, FILTERS) or _("Write it like section=Politics; channel=search."),
            )
        kept = [each.strip() for each in values.split(",") if each.strip().removeprefix("!")]
        if not equals or not kept:
            raise UsageError(
                _("The filter {name} names nothing.", name=name),
                _("Write it like {name}=Politics.", name=name),
            )
        found[name] = kept
    return found


def filter_said(kept: Mapping[str, Sequence[str]]) -> str:
    """Write a filter as `filter_of` reads it."""
    return "; ".join(f"{name}={', '.join(values)}" for name, values in kept.items() if any(values))


def period_of(text: str, today: dt.date, zone: str) -> Period:
    """Read the period of a report: one of PERIODS, or as it stands in an address.

    Raises:
        PeriodError: It is none.
    """
    yesterday = today - dt.timedelta(days=1)
    if text == "workday":
        return periods.last_days(yesterday, LONG_WEEKEND if today.weekday() == MONDAY else 1, zone)
    if text == "week":
        return periods.last_days(today - dt.timedelta(days=today.weekday() + 1), 7, zone)
    if text == "month":
        last = today.replace(day=1) - dt.timedelta(days=1)
        return Period(last.replace(day=1), last, zone)
    return periods.parse(text, today, zone)


def resolve(
    store: Store,
    order: Order,
    default: str,
    now: dt.datetime,
    about: dt.datetime,
    run: RunQuery | None = None,
) -> Asked:
    """Find out what an order means.

    Args:
        store: The open store.
        order: What is wanted.
        default: Period of its kind.
        now: Naive UTC.
        about: The instant whose local day is "today".
        run: Runs saved queries.

    Raises:
        TearsheetError: There is no such site, period, filter, author, topic or article.
    """
    site = sites.site(store, order.site or None)
    today = periods.local_day(about, site.zone)
    for name in order.where:
        if name not in FILTERS:
            raise UsageError(
                _("Reports cannot be filtered by {name!r}.", name=name), did_you_mean(name, FILTERS)
            )
    where = {name: tuple(values) for name, values in order.where.items() if values}
    if order.article_id:
        # Whoever it is by now: the mail is about this piece.
        where = {name: values for name, values in where.items() if name in standing.NARROW}
        where["article"] = (order.article_id,)
    named: dict[str, Callable[[str], str]] = {
        "author": lambda value: library.named(store, site.site_id, "author", value),
        "topic": lambda value: library.named(store, site.site_id, "topic", value),
        "article": lambda value: library.article(store, site.site_id, value).article_id,
    }
    for name, check in named.items():
        for value in where.get(name, ()):
            check(value.removeprefix("!"))
    span = _span(store, site, order)
    if span:
        first, last = (periods.local_day(at, site.zone) for at in span)
        period = Period(first, last, site.zone)
    else:
        period = period_of(order.period or default, today, site.zone)
    known = health.freshness(store, site.site_id, now)
    return Asked(store, order, site, now, period, Filter(site.site_id).only(**where), known, run, span)


def _span(store: Store, site: sites.SiteRow, order: Order) -> tuple[dt.datetime, dt.datetime] | None:
    """Find the time from the publication of a piece to its age; None where the order is of whole days."""
    if not order.article_id:
        return None
    article = library.article(store, site.site_id, order.article_id)
    if article.published_at is None:
        raise UsageError(
            _("“{title}” has no date of publication any more.", title=article.title),
            _("Fill it in on Data health."),
        )
    return article.published_at, article.published_at + span_of(order.age)
