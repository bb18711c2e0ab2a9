"""Head and foot of the overview: days, controls, and whether the data can be trusted."""

from __future__ import annotations

import datetime as dt

from analytics import wording
from analytics.language import _
from analytics.periods import local_time
from analytics.queries import (
    dropped,
    figures,
    health,
    library,
    ways,
)
from dashboards import cards, components, controls
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.overview.shown import is_of_catalogue, scope_of
from dashboards.scope import Scope
from dashboards.slots import Desk


def draw_head(desk: Desk, view: View) -> Child:
    """Draw title, period, controls and what must be known first."""
    if not desk.sites():
        return components.page_head(_("Overview"), _("No newsroom yet"))
    scope = scope_of(desk, view)
    choices = library.choices(scope.desk.store, scope.site_id)
    bar = controls.bar(
        controls.period(view, scope.period.key, with_today=True),
        controls.dates(scope.period.first, scope.period.last, scope.today),
        controls.pick(view, "section", [(name, name) for name in choices.sections], _("All sections"), 130),
        controls.pick(view, "channel", [(c, ways.label(c)) for c in choices.channels], _("All sources"), 124),
        controls.basis(view),
        controls.compare(view),
    )
    top = components.page_head(_title(scope), _line(scope), bar)
    return el(
        "div", top, cards.notices(scope), controls.chosen(view, cards.names_of(scope)), class_="page-top"
    )


def _title(scope: Scope) -> str:
    yesterday = scope.today - dt.timedelta(days=1)
    is_early = local_time(scope.now, scope.zone).hour < 11
    return _("Morning") if is_early and scope.is_day and scope.period.first == yesterday else _("Overview")


def _line(scope: Scope) -> str:
    """Say which days, how many articles were published in them, and the zone."""
    ago = (scope.today - scope.period.first).days if scope.is_day else -1
    said = {0: _("Today so far, "), 1: _("Yesterday, ")}.get(ago, "") + scope.days_said()
    parts = [said]
    if is_of_catalogue(scope):
        found = figures.totals(scope.desk.store, ["published"], scope.ask(), scope.now)["published"]
        parts.append(_("{value} published", value=wording.counted(found.value, "article")))
    return wording.joined(*parts, scope.zone)


def draw_foot(desk: Desk, view: View) -> Child:
    """Say whether the data can be trusted."""
    if not desk.sites():
        return None
    scope = scope_of(desk, view)
    found = figures.totals(desk.store, ["no_signal_share", "no_beacon_share"], scope.ask(), scope.now)
    gaps = health.gaps_in_catalogue(desk.store, scope.site_id)
    parts = []
    if found["no_signal_share"].value is not None:
        parts.append(
            _("{value} of views without a signal", value=wording.percent(found["no_signal_share"].value))
        )
    if found["no_beacon_share"].value is not None:
        parts.append(_("{value} without a beacon", value=wording.percent(found["no_beacon_share"].value)))
    missing = {
        "catalogue": _("not in the catalogue"),
        "author": _("without author"),
        "topic": _("without topic"),
    }
    said = [f"{wording.full(gaps[name])} {words}" for name, words in missing.items() if gaps[name]]
    parts.append(
        _(
            "of {articles}: {list}",
            articles=wording.counted(gaps["articles"], "article"),
            list=", ".join(said),
        )
        if said
        else ""
    )
    return cards.foot(scope, *parts, _filtered_out(scope))


def _filtered_out(scope: Scope) -> Child:
    """Say how many loads rules kept out of these days, and lead to the ledger of them."""
    count = dropped.loads(scope.desk.store, scope.site_id, scope.period)
    if not count:
        return None
    said = _("{count} filtered out", count=wording.counted(count, "page load"))
    return el("a", said, href=View(path="/health", site=scope.view.site).href())
