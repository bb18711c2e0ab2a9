"""Buttons that the desk answers; `act` says what each does."""

from __future__ import annotations

from dash.development.base_component import Component

from dashboards import components

ASKED = "reports-asked"  # the store of what was pressed


def button(report: str, does: str, label: str, more: str = "", said: str = "") -> Component:
    """Make a button; `said` tells those who hear the page of what it is."""
    return components.ask_button(ASKED, report, does, label, more, said)
