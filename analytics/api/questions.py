"""What a program asks: parameters read strictly, resolved to the same questions that the screens put."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote_plus

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from analytics import periods
from analytics.api import callers
from analytics.api.asked import WrongError
from analytics.control.identity import current, require_scope
from analytics.control.tables import EVERY_SITE
from analytics.errors import ConfigError, NotAllowedError, did_you_mean
from analytics.metrics import METRICS, metric
from analytics.periods import Period, Step
from analytics.queries import health
from analytics.queries.ask import FILTERS, Ask, Basis, Credit, Filter, Horizon
from analytics.queries.comparison import Against
from analytics.queries.coverage import Coverage
from analytics.store import sites
from analytics.store.sites import SiteRow
from analytics.store.store import Store

MOST_VALUES, LONGEST_VALUE = 50, 300  # as in the addresses of screens
MOST_METRICS = 20
MOST_BUCKETS = 10_000
M = TypeVar("M", bound=BaseModel)
Values = Annotated[list[str], Field(max_length=MOST_VALUES)]
# Lists of names that newsrooms give; all others hold ids and codes.
WITH_COMMAS = ("section", "author", "topic", "source")
MANY = "Values with commas between, or the parameter again; `!` before a value leaves it out."


class OfSite(BaseModel):
    """What every question names."""

    model_config = ConfigDict(extra="forbid")

    site: str = Field(default="", description="Domain of the site; may be left out where there is one.")


class Figures(OfSite):
    """Whose figures, and of which days."""

    period: str = Field(
        default="7d",
        description="`today`, `yesterday`, `7d`, `28d`, `90d` (the last complete days), `2026-11`, "
        "`2026-11-22` or `2026-11-01..2026-11-22`: local days of the site, both ends inside.",
        examples=["2026-11-01..2026-11-22"],
    )
    metrics: Values = Field(
        default=["views", "reads"],
        description=f"Up to {MOST_METRICS} ids of `/api/v1/metrics`, commas between.",
    )
    basis: Basis = Field(
        default="read_in", description="Events in the period, or of articles published in it."
    )
    horizon: Horizon = Field(default="7d", description="Under `published_in`: up to which age events count.")
    section: Values = Field(default=[], description=MANY)
    author: Values = Field(default=[], description=f"Ids. {MANY}")
    topic: Values = Field(default=[], description=f"Ids. {MANY}")
    channel: Values = Field(default=[], description=MANY)
    source: Values = Field(default=[], description=MANY)
    device: Values = Field(default=[], description=f"phone, tablet, desktop, tv. {MANY}")
    country: Values = Field(default=[], description=f"ISO 3166-1 codes. {MANY}")
    language: Values = Field(default=[], description=f"Languages of articles. {MANY}")
    age: Values = Field(default=[], description=f"new, recent, old: age of the article at the view. {MANY}")
    kind: Values = Field(default=[], description=f"article, live, video, gallery, page. {MANY}")
    hour: Values = Field(
        default=[],
        description=f"Local hours, `17`, or of one weekday, `3-17`: of the events, under `published_in` of "
        f"publication. {MANY}",
    )
    q: str = Field(default="", max_length=200, description="Words that all stand in title, address or id.")


class Totals(Figures):
    """A question of totals."""

    compare: Against = Field(default="typical", description="What stands beside each figure.")


class Series(Figures):
    """A question of one line, or of several."""

    grain: Step = Field(
        default="day", description="Size of a bucket; weeks and months are cut to the period."
    )
    by: str = Field(default="", description="Dimension: a line for each of its first `limit` values.")
    credit: Credit = Field(default="full", description="What an article of several authors or topics counts.")
    limit: int = Field(default=10, ge=1, le=50, description="Lines, where `by` is given.")


class Top(Figures):
    """A question of a ranking."""

    by: str = Field(default="article", description="Dimension that is ranked.")
    order: str = Field(
        default="", description="Metric to rank by; the first of `metrics` where it is left out."
    )
    credit: Credit = Field(default="full", description="What an article of several authors or topics counts.")
    limit: int = Field(default=100, ge=1, le=1000, description="Rows of a page.")
    cursor: str = Field(default="", max_length=200, description="`next` of the page before.")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, resolved against a site and the clock.

    Attributes:
        store: The open store.
        site: The site.
        now: Naive UTC.
        ask: Filter, period, basis and credit.
        coverage: What can be known at all.
        metrics: Ids, each once.
    """

    store: Store
    site: SiteRow
    now: dt.datetime
    ask: Ask
    coverage: Coverage
    metrics: tuple[str, ...]

    @property
    def period(self) -> Period:
        """The days asked."""
        return self.ask.period


def values_of(request: Request) -> dict[str, list[str]]:
    """Read the query: lists are cut at commas; in lists of names an encoded comma stays in its name.

    Most HTTP libraries encode every comma, so where no value can hold one it parts either way.

    Raises:
        WrongError: A value is too long, or holds signs that no name has.
    """
    found: dict[str, list[str]] = {}
    for part in str(request.scope.get("query_string", b"").decode("latin-1")).split("&"):
        key, _, raw = part.partition("=")
        name = unquote_plus(key)
        parts = map(unquote_plus, raw.split(",")) if name in WITH_COMMAS else unquote_plus(raw).split(",")
        for value in parts:
            plain(name, value)
            if value.removeprefix("!"):
                found.setdefault(name, []).append(value)
    return found


def plain(name: str, value: str) -> None:
    """Refuse a value that can be no name: too long, or with signs that are none.

    Raises:
        WrongError: It is so.
    """
    if len(value) > LONGEST_VALUE:
        raise WrongError(f"bad_{name[:50]}", f"A value of {name[:50]} is longer than {LONGEST_VALUE} signs.")
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in name + value):
        raise WrongError("bad_text", f"{name[:50]!r} holds signs that no name has.")


def site_of(store: Store, name: str, also: str = "read") -> SiteRow:
    """Find the site that is asked for, which the caller may read; to keys the scope `also` opens it, too.

    Raises:
        WrongError: There is none of that name, or several and none is named.
        NotAllowedError: The caller may not read it.
    """
    if not name:
        mine = callers.readable(store, also)
        if not mine:
            raise NotAllowedError("No site is open to you.", "An admin gives roles and keys, under Settings.")
        if len(mine) > 1:
            known = ", ".join(each.site_id for each in mine)
            raise WrongError("site_missing", "Which site?", f"Give site=, one of {known}.")
        return mine[0]
    found = known_site(store, name)
    callers.may_read(found.site_id, also)
    return found


def writable(store: Store, name: str, scope: str) -> str:
    """Find the site that is written to; it may be left out where there is one.

    Args:
        store: The open store.
        name: Of the site; empty: the only one that the scope opens.
        scope: What the caller's key or role must open.

    Raises:
        WrongError: There is none of that name, or several and none is named.
        NotAllowedError: Who asks may not write there.
    """
    open_ = [each.site_id for each in sites.sites(store) if current().opens(scope, each.site_id)]
    if not name and len(open_) > 1:
        raise WrongError("site_missing", "Which site?", f"Give site=, one of {', '.join(open_)}.")
    found = known_site(store, name).site_id if name else next(iter(open_), EVERY_SITE)
    require_scope(scope, found)
    return found


def known_site(store: Store, name: str) -> SiteRow:
    """Find a site by its name.

    Raises:
        WrongError: There is none; the hint names only what the caller may see.
    """
    try:
        return sites.site(store, name)
    except ConfigError as fault:
        known = [each.site_id for each in callers.readable(store)]
        hint = did_you_mean(name[:50], known) if known else ""
        raise WrongError("unknown_site", f"There is no site {name[:50]!r}.", hint, status=404) from fault


def resolve(
    request: Request, store: Store, now: dt.datetime, asked: Figures, period: Period | None = None
) -> Question:
    """Resolve a question.

    Args:
        request: Its lists are read from the raw query.
        store: The open store.
        now: Naive UTC.
        asked: The parameters.
        period: Other days than those of the parameters.

    Raises:
        TearsheetError: A site, metric, period or age is none.
    """
    given = values_of(request)
    site = site_of(store, asked.site)
    today = periods.local_day(now, site.zone)
    where = Filter(site.site_id, **{name: _once(given.get(name, ())) for name in FILTERS}, text=asked.q)
    metrics = _once(given.get("metrics", asked.metrics))
    if len(metrics) > MOST_METRICS:
        raise WrongError(
            "bad_metrics", f"{len(metrics)} metrics were asked.", f"Give {MOST_METRICS} at most."
        )
    for name in metrics:
        metric(name)
    ask = Ask(
        where,
        period or periods.parse(asked.period, today, site.zone),
        credit=getattr(asked, "credit", "full"),
        basis=asked.basis,
        horizon=asked.horizon,
    )
    return Question(store, site, now, ask, health.freshness(store, site.site_id, now), metrics)


def few_buckets(period: Period, grain: Step, lines: int = 1) -> None:
    """Refuse a series that nobody could read.

    Raises:
        WrongError: It has too many buckets.
    """
    each = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30}[grain]
    count = round(period.length / each) * lines
    if count > MOST_BUCKETS:
        raise WrongError(
            "too_many_buckets",
            f"This would be {count} buckets.",
            f"At most {MOST_BUCKETS}: take fewer days, or a larger grain.",
        )


def versions(question: Question, names: Iterable[str]) -> dict[str, Any]:
    """Tell by which definition each metric of an answer was counted."""
    version = health.definition(question.store, question.site.site_id, question.period.last)
    return {
        name: {"unit": METRICS[name].unit, "version": METRICS[name].version, "definition": version}
        for name in names
    }


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
