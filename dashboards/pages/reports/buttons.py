"""Buttons that the desk answers; `act` says what each does."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards.elements import el


def button(report: str, does: str, label: str, more: str = "", said: str = "") -> Component:
    """Make a button; `said` tells those who hear the page of what it is."""
    words: Any = [label, el("span", f" {said}", class_="hidden-words")] if said else label
    return html.Button(
        words, id={"report": report, "does": does}, type="button", className=f"button {more}".strip()
    )
