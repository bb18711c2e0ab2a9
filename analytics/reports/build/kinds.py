"""The kinds of reports: what each is, its own period and schedule, and what builds it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from analytics import wording
from analytics.errors import UsageError, did_you_mean
from analytics.language import N_, _
from analytics.reports.build.asked import Asked, Order, RunQuery, resolve
from analytics.reports.build.author import author
from analytics.reports.build.comments import comments
from analytics.reports.build.morning import morning
from analytics.reports.build.query import query
from analytics.reports.build.view import opened, view
from analytics.reports.build.weekly import of_section, of_topic, weekly
from analytics.reports.report import Report
from analytics.store.store import Store


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of report.

    Attributes:
        title: Its name.
        about: What it holds.
        period: Its own period, of PERIODS.
        schedule: When it usually goes out.
        build: Makes it.
        needs: The filters of which it needs one; none: it needs none.
        of: What it is a report of: `query` or `view`, saved by somebody; empty: of the figures.
        blocks: What it may hold below its numbers, of `parts.BLOCKS`.
    """

    title: str
    about: str
    period: str
    schedule: str
    build: Callable[[Asked], Report]
    needs: tuple[str, ...] = ()
    of: str = ""
    blocks: tuple[str, ...] = ()


_REVIEW = (
    "course", "days", "top", "expected", "published", "ghosts", "groups", "authors", "talk", "sources",
    "moved", "goals", "decisions",
)  # fmt: skip
_OF_PART = (*_REVIEW, "gaps")

KINDS: dict[str, Kind] = {
    "morning": Kind(
        N_("Morning"),
        N_("Yesterday in one sentence, its numbers beside what is typical, what is worth a look."),
        "workday",
        "every weekday at 07:00",
        morning,
        blocks=("days", "course", "top", "look", "sources", "decisions"),
    ),
    "weekly": Kind(
        N_("Weekly review"),
        N_("The last week: numbers, days, pieces, topics, authors' output, sources."),
        "week",
        "every Monday at 08:00",
        weekly,
        blocks=_REVIEW,
    ),
    "author": Kind(
        N_("Author's tear sheet"),
        N_("One author's pieces and how they were read, or each piece after 24 hours and 7 days; no ranks."),
        "month",
        "on day 1 of each month at 08:00",
        author,
        ("author", "article"),
        blocks=("course", "published", "read", "sources"),
    ),
    "section": Kind(
        N_("Section"),
        N_("The weekly review of one section."),
        "week",
        "every Monday at 08:00",
        of_section,
        ("section",),
        blocks=_OF_PART,
    ),
    "topic": Kind(
        N_("Topic"),
        N_("The weekly review of one topic."),
        "week",
        "every Monday at 08:00",
        of_topic,
        ("topic",),
        blocks=_OF_PART,
    ),
    "comments": Kind(
        N_("Comments"),
        N_("Comments of yesterday: volume, what waits, how fast decisions came, where the talk is."),
        "workday",
        "every weekday at 08:00",
        comments,
        blocks=("course", "waiting", "talk", "writers"),
    ),
    "query": Kind(
        N_("Saved query"),
        N_("The rows of a saved query and its chart; all rows attached."),
        "yesterday",
        "every weekday at 07:00",
        query,
        of="query",
    ),
    "view": Kind(
        N_("Saved view"),
        N_("What a saved view shows: its figures and its rows."),
        "",
        "every Monday at 08:00",
        view,
        of="view",
    ),
}


def kind(name: str) -> Kind:
    """Find a kind.

    Raises:
        UsageError: There is none of that name.
    """
    if name not in KINDS:
        raise UsageError(_("There is no report {name!r}.", name=name), did_you_mean(name, KINDS))
    return KINDS[name]


def build(
    store: Store,
    order: Order,
    now: dt.datetime,
    about: dt.datetime | None = None,
    run: RunQuery | None = None,
) -> Report:
    """Build a report from the store.

    Args:
        store: The open store.
        order: What is wanted.
        now: Naive UTC.
        about: The instant whose "yesterday" is meant, where it is not now: a report that goes out late.
        run: Runs saved queries.

    Raises:
        TearsheetError: The order asks for something that does not exist.
    """
    found = kind(order.kind)
    if found.needs and not any(order.where.get(name) for name in found.needs):
        raise UsageError(
            _(
                "The report “{title}” needs {needs}.",
                title=_(found.title),
                needs=wording.listed(list(found.needs), "or"),
            ),
            _("Name it in the filter."),
        )
    wanted = opened(order) if found.of == "view" else order
    return found.build(resolve(store, wanted, found.period, now, about or now, run))
