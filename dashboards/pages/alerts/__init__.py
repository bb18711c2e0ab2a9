"""Alerts: what is open and what was, with its curve; the rules; a form that can be tried first."""

from __future__ import annotations

from dash import Dash, dcc
from dash.development.base_component import Component

from analytics.language import N_, _
from dashboards import components, slots
from dashboards.elements import el
from dashboards.filters import View
from dashboards.pages.alerts import act, form, history, pick, rules
from dashboards.pages.alerts.buttons import ASKED

PATH = "/alerts"
TITLE = N_("Alerts")


def layout(view: View) -> Component:
    """Lay out the page; its form stands above all else where one is open."""
    kinds = f"{view.but(path=PATH, new='', rule='', alert='').href()}#alerts-kinds"
    new = el("a", _("New alert"), href=kinds, class_="button primary")
    return slots.page(
        components.page_head(_(TITLE), _("What is watched, and what came of it"), components.buttons(new)),
        dcc.Store(id=ASKED),
        dcc.Store(id="alerts-done"),
        el("div", id="alerts-said", class_="said", role="status"),
        slots.slot("alerts-form"),
        slots.slot("alerts-shown"),
        slots.slot("alerts-history", 220),
        slots.slot("alerts-rules", 260),
        slots.slot("alerts-kinds"),
    )


def register(app: Dash) -> None:
    """Bind the slots, the buttons and the pickers."""
    slots.fill(app, "alerts-form", form.draw, what=N_("the form"), again="alerts-done")
    slots.fill(app, "alerts-shown", history.draw_one, what=N_("this alert"), again="alerts-done")
    slots.fill(app, "alerts-history", history.draw, what=N_("the history"), again="alerts-done")
    slots.fill(app, "alerts-rules", rules.draw, what=N_("the alerts"), again="alerts-done")
    slots.fill(app, "alerts-kinds", form.draw_kinds, what=N_("the kinds of alerts"))
    pick.register(app)
    act.register(app)
