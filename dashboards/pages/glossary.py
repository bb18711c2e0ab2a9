"""The glossary: what every number on a screen means, printed from its one definition."""

from __future__ import annotations

from typing import Any

from dash import Dash
from dash.development.base_component import Component

from analytics.metrics import DIMENSIONS, FOLDS, METRICS, NOTIONS, Metric
from dashboards import components, controls, slots
from dashboards.elements import el
from dashboards.filters import View

PATH = "/glossary"
TITLE = "Glossary"
_WORDS = (*METRICS.values(), *NOTIONS.values())


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("glossary-head", content=components.page_head(TITLE, "")),
        slots.slot("glossary-words", 760),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "glossary-head", head, what="the search")
    slots.fill(app, "glossary-words", words, what="the words")


def head(_desk: Any, view: View) -> Component:
    """Draw title and search."""
    line = f"{len(_WORDS)} numbers, each defined once, for screens, files, commands and widgets alike"
    return components.page_head(TITLE, line, controls.bar(controls.search(view, "Word or identifier", 220)))


def words(_desk: Any, view: View) -> Component:
    """List the numbers that a search leaves, in the order of the alphabet."""
    found = sorted((each for each in _WORDS if _says(each, view.q)), key=lambda one: one.label)
    if not found:
        back = el("a", "Show all words", href=PATH, class_="button")
        nothing = components.empty("No number is called so.", "Part of a word is enough.", back)
        return components.card("Numbers", nothing)
    kinds = ", ".join(each.label.lower() for each in DIMENSIONS.values())
    return components.card(
        "Numbers",
        el("dl", [_entry(each) for each in found], class_="glossary"),
        subtitle="In grey: a rate or a median over fewer than 30, a score among fewer than 20. "
        f"Numbers can be split by {kinds}.",
    )


def _says(each: Metric, text: str) -> bool:
    said = f"{each.id} {each.label} {each.about}".casefold()
    return all(word in said for word in text.casefold().split())


def _entry(each: Metric) -> list[Component]:
    parts = [
        ("Formula", each.formula),
        ("Over time and rows", FOLDS[each.fold]),
        ("Comes from", each.origin),
    ]
    facts = [el("p", el("b", f"{name}: "), text, class_="meta") for name, text in parts]
    name = el("span", f"{each.id} · {each.unit} · v{each.version}", class_="meta")
    return [el("dt", each.label, name, id=each.id), el("dd", el("p", each.about), facts)]
