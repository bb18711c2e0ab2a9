"""The rules: what each watches, whom it tells, and what can be done with it."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from analytics.alerts.kinds import KINDS
from analytics.alerts.office import Alerts, recipients_said
from analytics.control.identity import Role, current
from analytics.language import N_, _
from analytics.wording import Chip
from dashboards import components, scope
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.alerts.buttons import button, clock, times
from dashboards.slots import Desk

TOLD = {"once": N_("told once"), "hourly": N_("told again each hour"), "daily": N_("told again each day")}


def draw(desk: Desk, view: View) -> Child:
    """Draw the rules; where there are none but those of the house, suggest three with their dry run."""
    site = scope.site_of(desk, view)
    rows = [row for row in desk.alerts.listed(site.site_id) if row["id"] != view.rule]
    own = [row for row in rows if not KINDS[row["kind"]].is_service]
    of_house = [row for row in rows if KINDS[row["kind"]].is_service]
    rules = el("div", [_rule(row, site.site_id, view) for row in [*own, *of_house]], class_="pair")
    if not own and not view.rule and not view.new:
        return [_suggested(desk.alerts, site.site_id), rules]
    return rules if rows else None


def _suggested(alerts: Alerts, site_id: str) -> Component:
    items = []
    may = current().may(Role.EDITOR, site_id)
    for number, (rule, dry) in enumerate(alerts.suggestions(site_id)):
        action = button(str(number), "suggested", _("Watch this"), "primary", said=rule.name) if may else None
        items.append(el("li", el("h3", rule.name), el("p", dry.said, class_="meta"), times(dry), action))
    return components.card(
        _("Three to begin with"),
        el("ul", items, class_="looks"),
        subtitle=_("What each would have told in the last four weeks of this site"),
    )


def _rule(row: dict[str, Any], site_id: str, view: View) -> Component:
    kind = KINDS[row["kind"]]
    muted = _("muted until {when}", when=clock(row["muted_until"])) if row["muted_until"] else ""
    state = _("paused") if row["is_paused"] else muted
    quiet = _("quiet {hours}", hours=row["quiet"]) if row["quiet"] else ""
    line = " · ".join(part for part in (recipients_said(row), _(TOLD[row["repeat"]]), quiet, state) if part)
    open_ = components.chip(Chip(_("{n} open", n=row["open"]), "waiting")) if row["open"] else None
    trouble = (
        components.notice(_("It could not be read: {trouble}", trouble=row["trouble"]))
        if row["trouble"]
        else None
    )
    may = current().may(Role.ADMIN if kind.is_service else Role.EDITOR, site_id)
    return components.card(
        row["name"],
        el("p", _("To {whom}", whom=line), " ", open_),
        trouble,
        _actions(row, view, has_past=kind.has_past) if may else None,
        subtitle=row["watches"],
    )


def _actions(row: dict[str, Any], view: View, *, has_past: bool) -> Component:
    muted = ("unmute", _("Unmute")) if row["muted_until"] else ("mute", _("Mute for a day"))
    resting = ("resume", _("Watch again")) if row["is_paused"] else ("pause", _("Pause"))
    name, hidden = row["name"], el("span", f" {row['name']}", class_="hidden-words")
    edit = view.but(path="/alerts", new="", alert="", rule=row["id"]).href()
    return el(
        "div",
        components.buttons(
            el("a", [_("Edit"), hidden], href=edit, class_="button"),
            button(row["id"], "try", _("Try 28 days"), said=name) if has_past else None,
            button(row["id"], "test", _("Send a test"), said=name) if row["recipients"] else None,
            button(row["id"], *muted, said=name),
            button(row["id"], *resting, said=name),
        ),
        class_="alert-actions",
    )
