"""The goals of the week: target, how far it is, and where it is heading."""

from __future__ import annotations

from dataclasses import replace

from dash.development.base_component import Component

from analytics import marks, wording
from analytics.language import _, inside
from analytics.metrics import METRICS
from analytics.queries import corrections, weeks
from analytics.queries.ask import Filter
from analytics.queries.weeks import Outlook
from analytics.wording import Chip
from dashboards import cards, components, edits, tables
from dashboards.edits import Ask
from dashboards.scope import Scope
from dashboards.tables import Column, Row

OFFERED = ("reads", "views", "readers", "engaged", "comments")
_HOUR = 3600


def goals(shown: Scope) -> Component:
    """List the goals, and let editors set them."""
    found = corrections.goals(shown.desk.store, shown.site_id)
    rows = [_row(shown, name, target) for name, target in found.items()]
    columns = [
        Column("name", _("Goal")),
        Column("so_far", _("Reached") if _is_over(shown) else _("So far"), is_strong=True),
        Column("mark", _("Share"), "mark", hide_under=768),
        Column("share", _("of target"), "number", "share"),
        Column("ahead", _("At the end of the week"), hide_under=768),
        Column("state", _("State"), "chip"),
        *([Column("edit", _("Correct"))] if edits.may(shown) else []),
    ]
    body = (
        tables.board(columns, rows, _("Goals of the week"), is_wide=True)
        if rows
        else components.empty(
            _("No goals are set"), _("A goal says what a week should reach in reads, readers or talk.")
        )
    )
    more = [_setter(shown, name, None) for name in OFFERED if name not in found]
    return components.card(
        _("Goals"),
        body,
        edits.line(*more),
        subtitle=_(
            "Of the whole newsroom, a week; projected by how the eight weeks before went on from here"
        ),
        why=cards.why_metric(next(iter(found), "reads"), shown),
    )


def _is_over(shown: Scope) -> bool:
    return shown.period.ends <= shown.now


def _row(shown: Scope, name: str, target: float) -> Row:
    metric = METRICS[name]
    ask = replace(shown.ask(), where=Filter(shown.site_id), split="")
    ahead = weeks.outlook(shown.desk.store, name, ask, shown.now)
    share = ahead.value / target if ahead.value is not None else None
    return {
        "id": name,
        "name": metric.label,
        "byline": _("target {said}", said=_said(name, target)),
        "so_far": _said(name, ahead.value),
        "mark": marks.bar(min(share, 1.0)) if share is not None else None,
        "share": share,
        "ahead": _ahead(name, ahead, is_over=_is_over(shown)),
        "state": _state(ahead, target, is_over=_is_over(shown)),
        "edit": _setter(shown, name, target),
    }


def _ahead(name: str, ahead: Outlook, *, is_over: bool) -> str:
    if is_over:
        return _("the week is over")
    if ahead.projected is None:
        return _("fewer than 4 weeks to tell by")
    return _(
        "{said} ({said_2} to {said_3})",
        said=_said(name, ahead.projected),
        said_2=_said(name, ahead.low),
        said_3=_said(name, ahead.high),
    )


def _state(ahead: Outlook, target: float, *, is_over: bool) -> Chip:
    if ahead.value is None:
        return Chip(_("not known"), "outline")
    if ahead.value >= target:
        return Chip("reached", "ok")
    if is_over:
        return Chip(f"▼ {wording.change(ahead.value / target - 1)}", "below", "missed")
    if ahead.low is None or ahead.high is None:
        return Chip("open", "outline")
    if ahead.low >= target:
        return Chip(_("on course"), "ok")
    return Chip("short", "below") if ahead.high < target else Chip(_("may be reached"), "typical")


def _said(name: str, value: float | None) -> str:
    return wording.value("h" if name == "engaged" else METRICS[name].unit, value, "table")


def _setter(shown: Scope, name: str, target: float | None) -> Component | None:
    """Offer to set, change or take back a goal."""
    metric = METRICS[name]
    unit = _(" in seconds") if name == "engaged" else ""
    return edits.button(
        shown,
        _("Change") if target else _("Set {inside}", inside=inside(_(metric.label))),
        {"does": "set_goal", "metric": name},
        Ask(
            "target",
            _("{label} a week{unit}", label=_(metric.label), unit=unit),
            f"{target:g}" if target else "",
            "number",
            is_needed=False,
        ),
        title=_("{label} a week", label=_(metric.label)),
        about=_("The weekly review shows how far each week is. Left empty, the goal goes. It can be undone."),
        of=metric.label,
    )
