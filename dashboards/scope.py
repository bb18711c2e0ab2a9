"""What an address means on a site and at a time: the period, the comparison, the filter, the grain.

Pages of one kind differ in their default period only; everything else is resolved here, once.
"""

from __future__ import annotations

import datetime as dt
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Literal

from analytics import periods, wording
from analytics.control.identity import Role, current
from analytics.errors import NotAllowedError, TearsheetError, UsageError
from analytics.language import _
from analytics.metrics import METRICS, Metric, metric
from analytics.periods import Grain, Period
from analytics.queries import health
from analytics.queries.ask import Ask, Basis, Credit, Filter, Horizon
from analytics.queries.coverage import Coverage
from dashboards.filters import View

SILENT = dt.timedelta(hours=48)  # pages.md 1: with no event for so long, the last days with data are shown
MORNING_ENDS = 11  # pages.md 2.1: before 11:00 local the overview shows yesterday
FALLBACK_DAYS = 7


_last: ContextVar[Scope | None] = ContextVar("scope", default=None)


@dataclass(frozen=True, slots=True)
class Scope:
    """One view, resolved.

    Attributes:
        desk: The open desk; `desk.store` is asked through queries.
        view: The address.
        site_id: Site.
        site_name: Its name on screen.
        zone: Its zone.
        now: Naive UTC.
        today: Local day of now.
        period: What is shown.
        coverage: What can be known at all, and how fresh it is.
        where: Filter.
        metric: Metric of the main chart.
        note: Why another period is shown than the page's default; mostly empty.
    """

    desk: Any
    view: View
    site_id: str
    site_name: str
    zone: str
    now: dt.datetime
    today: dt.date
    period: Period
    coverage: Coverage
    where: Filter
    metric: Metric
    note: str = ""

    @property
    def grain(self) -> Grain:
        """Grain of the main chart."""
        return self.period.grain

    @property
    def is_running(self) -> bool:
        """True where the period is not over yet."""
        return self.period.ends > self.now

    @property
    def is_day(self) -> bool:
        """True where the period is one local day, which has a typical band."""
        return self.period.length == 1

    @property
    def compared(self) -> Period | None:
        """The period to compare with; None under `typical` and `none`."""
        return {"previous": periods.previous, "year_ago": periods.year_ago}.get(
            self.view.compare, lambda _period: None
        )(self.period)

    def ask(self, split: str = "", period: Period | None = None, **filters: tuple[str, ...]) -> Ask:
        """Make the question of this view: its filter, credit and basis; `filters` narrow it further."""
        return Ask(
            self.where.only(**filters) if filters else self.where,
            period or self.period,
            split=split,
            credit=_credit(self.view.credit),
            basis=_basis(self.view.basis),
            horizon=_horizon(self.view.horizon),
        )

    def days_said(self) -> str:
        """Say the period: "Wednesday 18 November 2026", or "1 to 10 May 2026 · 10 days"."""
        if self.is_day:
            return wording.day_long(self.period.first)
        return _(
            "{first} · {length} days",
            first=wording.days(self.period.first, self.period.last),
            length=self.period.length,
        )

    def at_said(self, at: dt.datetime | None) -> str:
        """Say a naive UTC instant as local time, relative to now: "Tue 17:40"."""
        local_now = periods.local_time(self.now, self.zone)
        return wording.moment(periods.local_time(at, self.zone) if at else None, local_now)


def resolve(desk: Any, view: View, default: str) -> Scope:
    """Resolve an address.

    Args:
        desk: The open desk.
        view: The parsed address.
        default: Period of the page where the address names none: `7d`, `28d`; `day` is the overview's.

    Returns:
        The scope.

    Raises:
        NotAllowedError: Who asks may not see it.
        TearsheetError: The home has no such site, or none at all.
    """
    site = site_of(desk, view)
    now = desk.clock()
    today = periods.local_day(now, site.zone)
    known = health.freshness(desk.store, site.site_id, now)
    text, note = view.period, ""
    if not text:
        text, note = _default(default, now, site.zone, known)
    resolved = Scope(
        desk=desk,
        view=view,
        site_id=site.site_id,
        site_name=site.name,
        zone=site.zone,
        now=now,
        today=today,
        period=periods.parse(text, today, site.zone),
        coverage=known,
        where=Filter(site.site_id, **view.where(), text=view.q),
        metric=metric(view.metric if view.metric in METRICS else "reads"),
        note=note,
    )
    _last.set(resolved)
    return resolved


def narrowed(shown: Scope, **kept: tuple[str, ...]) -> Scope:
    """Give a view of less: `article=("a1",)`."""
    return replace(shown, where=shown.where.only(**kept))


def last() -> Scope | None:
    """Give the view that was resolved last in this request or thread; a file says by it what it holds."""
    return _last.get()


def site_name(desk: Any) -> str:
    """Name the first site that who asks may see, for the frame of the screens."""
    return next((str(each.name) for each in seen(desk)), "Tearsheet")


def seen(desk: Any) -> list[Any]:
    """List the sites that who asks may see, by id."""
    return [each for each in desk.sites() if current().may(Role.VIEWER, each.site_id)]


def site_of(desk: Any, view: View) -> Any:
    """Find the site of an address: the one it names, else the first that who asks may see.

    Raises:
        NotAllowedError: They may see no site, or not this one.
        TearsheetError: The home has no such site, or none at all.
    """
    known, wanted = seen(desk), view.site
    if not desk.sites():
        raise TearsheetError(
            _("This home has no site yet."),
            _("Make one: tearsheet init --site news.example --timezone Europe/Berlin"),
        )
    if not known:
        raise NotAllowedError(_("You may see no site yet."), _("An admin gives you a role, under Settings."))
    found = next((each for each in known if each.site_id == wanted), None)
    if wanted and found is None:  # what they may not see is said to be no site
        raise UsageError(
            _("There is no site {wanted!r}.", wanted=wanted),
            _("There is {list}.", list=", ".join(each.site_id for each in known)),
        )
    return found or known[0]


def _default(default: str, now: dt.datetime, zone: str, known: Coverage) -> tuple[str, str]:
    """Choose a period: the page's, or the last days with data where nothing came for two days."""
    last = known.last_event
    if last is not None and now - last > SILENT:
        day = periods.local_day(last, zone)
        shown = periods.last_days(day, FALLBACK_DAYS, zone)
        note = _(
            "Nothing came in after {day} {year}: the last days with data.",
            day=wording.day_named(day),
            year=day.year,
        )
        return f"{shown.first}..{shown.last}", note
    if default != "day":
        return default, ""
    began = periods.local_day(known.first_event, zone) if known.first_event else None
    is_first = began == periods.local_day(now, zone)  # of what came before there is nothing to show
    is_early = periods.local_time(now, zone).hour < MORNING_ENDS
    return ("yesterday" if is_early and not is_first else "today"), ""


def _credit(text: str) -> Credit:
    options: dict[str, Credit] = {"equal": "equal", "first": "first"}
    return options.get(text, "full")


def _basis(text: str) -> Basis:
    return "published_in" if text == "published_in" else "read_in"


def _horizon(text: str) -> Horizon:
    options: dict[str, Literal["24h", "30d", "to_date"]] = {"24h": "24h", "30d": "30d", "to_date": "to_date"}
    return options.get(text, "7d")
