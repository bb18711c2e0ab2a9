"""Buttons that the desk answers; `act` says what each does."""

from __future__ import annotations

import datetime as dt

from dash.development.base_component import Component

from analytics import wording
from analytics.alerts.office import DryRun
from analytics.language import _
from dashboards import components
from dashboards.elements import Child, el

ASKED = "alerts-asked"  # the store of what was pressed


def button(alert: str, does: str, label: str, more: str = "", said: str = "") -> Component:
    """Make a button; `said` tells those who hear the page of what it is."""
    return components.ask_button(ASKED, alert, does, label, more, said)


def times(dry: DryRun) -> Child:
    """List when a rule would have fired, folded away."""
    if not dry.times:
        return None
    rows = [(clock(each["at"]), el("a", each["sentence"], href=each["href"]), None) for each in dry.times]
    return el("details", el("summary", _("When")), components.timeline(rows), class_="alert-times")


def clock(text: str | None) -> str:
    """Write RFC 3339 with its offset as the newsroom's day and time."""
    if not text:
        return wording.NONE
    local = dt.datetime.fromisoformat(text)
    return f"{wording.day_named(local.date())} {wording.clock(local)}"
