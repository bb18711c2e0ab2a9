"""The form of an alert: what it watches, when it tells, whom; empty for a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash.development.base_component import Component

from analytics import wording
from analytics.alerts.kinds import DIMENSIONS, DIRECTIONS, GRAINS, KINDS, LEVELS, MOST_READINGS, WAYS
from analytics.alerts.office import Alerts
from analytics.alerts.words import figure
from analytics.control.alerts import Rule
from analytics.control.identity import Role, current
from analytics.language import N_, _
from dashboards import components, scope
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.alerts import pick
from dashboards.pages.alerts.buttons import button
from dashboards.pages.alerts.rules import TOLD
from dashboards.slots import Desk

LABELS = {
    "metric": N_("Figure"),
    "dimension": N_("Of"),
    "grain": N_("Counted by"),
    "direction": N_("When it is"),
    "level": N_("How far outside"),
    "readings": N_("Readings in a row"),
    "repeat": N_("Told"),
}
SIDES = {"above": N_("above"), "below": N_("below"), "either": N_("above or below")}
BOUNDS = {"count": N_("Level"), "share": N_("Level, percent"), "min": N_("Minutes")}
SOME = {
    "section": N_("sections"),
    "author": N_("authors"),
    "topic": N_("topics"),
    "article": N_("named articles"),
}
HOLDERS = N_("desk@news.example, the https:// address of a webhook or chat, or a folder's name")


def draw(desk: Desk, view: View) -> Child:
    """Draw the form that the address asks for: of a new rule of a kind, or of one that there is."""
    site = scope.site_of(desk, view)
    if not view.rule and view.new not in _kinds():
        return None
    if not current().may(Role.EDITOR, site.site_id):
        return _editors_only()
    alerts: Alerts = desk.alerts
    if view.rule:
        return _edit(desk, alerts.rule(view.rule), view)
    query = {"query": view.saved} if view.new == "query" else {}
    draft, kind = alerts.blank(view.new, site.site_id, **query), KINDS[view.new]
    return components.card(
        _("A new alert: {kind}", kind=_(kind.title)),
        el(
            "div",
            _text("name", _("Name"), "", _(kind.title)),
            _fields(desk, draft),
            _way(),
            _text("to", _("To"), alerts.own_address(), _(HOLDERS)),
            class_="form",
        ),
        components.buttons(
            button(view.new, "save", _("Save"), "primary"),
            button(view.new, "dry", _("Try it over 28 days")) if kind.has_past else None,
            _close(view),
        ),
        subtitle=_(kind.about),
    )


def draw_kinds(desk: Desk, view: View) -> Child:
    """List what can be watched, each with the address of its form."""
    site = scope.site_of(desk, view)
    if view.rule or view.new in _kinds():
        return None
    if not current().may(Role.EDITOR, site.site_id):
        return _editors_only()
    links = [
        el(
            "li",
            el(
                "h3",
                el("a", _(each.title), href=view.but(path="/alerts", new=name, rule="", alert="").href()),
            ),
            el("p", _(each.about), class_="meta"),
        )
        for name, each in _kinds().items()
    ]
    return components.card(
        _("A new alert"), el("ul", links, class_="looks alert-kinds"), subtitle=_("Of what?")
    )


def _edit(desk: Desk, rule: Rule, view: View) -> Component:
    kind, which = KINDS[rule.kind], rule.rule_id
    return components.card(
        _("Edit “{name}”", name=rule.name),
        el("div", _text("name", _("Name"), rule.name, _(kind.title)), _fields(desk, rule), class_="form"),
        components.buttons(
            button(which, "save", _("Save"), "primary"),
            button(which, "dry", _("Try it over 28 days")) if kind.has_past else None,
            button(which, "delete", _("Delete")),
            _close(view),
        ),
        el("h3", _("Who is told")),
        _recipients(desk.alerts, rule),
        el("div", _way(), _text("to", _("Address"), "", _(HOLDERS)), class_="form"),
        components.buttons(button(which, "to", _("Add")), button(which, "test", _("Send a test"))),
        subtitle=_(kind.about),
    )


def _recipients(alerts: Alerts, rule: Rule) -> Component:
    rows = alerts.recipients(rule.rule_id)
    if not rows:
        return components.empty(_("Nobody yet"), _("Without anybody it rings the bell of this page only."))
    items = [
        el(
            "li",
            el("b", row["address"]),
            el("span", f" {_(WAYS[row['way']])}", class_="meta"),
            None if row["is_confirmed"] else _unconfirmed(rule.rule_id, row),
            button(rule.rule_id, f"off-{row['id']}", _("Take off"), said=row["address"]),
        )
        for row in rows
    ]
    return el("ul", items, class_="alert-told")


def _unconfirmed(rule_id: str, row: dict[str, Any]) -> list[Child]:
    chip = components.chip(wording.Chip(_("not confirmed yet"), "waiting"))
    return [chip, button(rule_id, f"ask-{row['id']}", _("Ask again"), said=row["address"])]


def _fields(desk: Desk, rule: Rule) -> list[Child]:
    kind = KINDS[rule.kind]
    found: list[Child] = []
    for name in kind.fields:
        if name == "bound":
            found.append(_bound(rule))
        elif name == "readings":
            found.append(_numbered(name, _(LABELS[name]), rule.readings, min=1, max=MOST_READINGS, step=1))
        elif name == "ids":
            found.append(pick.entities(desk.alerts, rule))
        elif name == "query":
            found.append(pick.queries(desk.alerts, rule.query))
        else:
            found.append(_select(name, _options(rule, name), str(getattr(rule, name))))
    quiet = _text("quiet", _("Quiet hours"), rule.quiet, "22:00-07:00")
    return [*found, _select("repeat", _worded(TOLD), rule.repeat), quiet]


def _options(rule: Rule, name: str) -> list[tuple[str, str]]:
    kind = KINDS[rule.kind]
    whole = N_("all articles") if rule.kind == "expected" else N_("the whole site")
    options: dict[str, list[tuple[str, str]]] = {
        "metric": [(each, figure(each)) for each in kind.metrics],
        "dimension": [(each, _({"site": whole, **SOME}[each])) for each in DIMENSIONS],
        "grain": [(each, _("hours") if each == "hour" else _("days")) for each in GRAINS],
        "direction": [(each, _(SIDES[each])) for each in DIRECTIONS],
        "level": [(str(each), _("level {n}", n=f"{each}{wording.TIMES}")) for each in LEVELS],
    }
    return options[name][:2] if rule.kind == "query" else options[name]


def _bound(rule: Rule) -> Component:
    kind = KINDS[rule.kind]
    value = rule.bound if kind.unit != "share" or rule.bound is None else rule.bound * 100
    more = {"description": _("Of its one number; empty: on any row")} if rule.kind == "query" else {}
    return _numbered("bound", _(BOUNDS[kind.unit]), value, min=0, **more)


def _kinds() -> dict[str, Any]:
    return {name: each for name, each in KINDS.items() if not each.is_service}


def _editors_only() -> Component:
    words = components.empty(_("Editors make alerts."), _("An admin gives the role, under Settings."))
    return components.card(_("A new alert"), words)


def _close(view: View) -> Component:
    return el("a", _("Close"), href=view.but(new="", rule="", saved="").href(), class_="button")


def _worded(choices: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(key, _(words)) for key, words in choices.items()]


def _way() -> Component:
    return _select("way", _worded(WAYS), "mail", _("Told by"))


def _numbered(name: str, label: str, value: float | None, **more: Any) -> Component:
    made: Component = dmc.NumberInput(
        id={"alert-field": name}, label=label, value="" if value is None else value, **more
    )
    return made


def _select(name: str, options: list[tuple[str, str]], value: str, label: str = "") -> Component:
    made: Component = dmc.Select(
        id={"alert-field": name},
        label=label or _(LABELS[name]),
        data=[{"value": each, "label": words} for each, words in options],
        value=value,
        allowDeselect=False,
        comboboxProps={"withinPortal": False},
    )
    return made


def _text(name: str, label: str, value: str, example: str) -> Component:
    made: Component = dmc.TextInput(
        id={"alert-field": name}, label=label, value=value, placeholder=example, debounce=True
    )
    return made
