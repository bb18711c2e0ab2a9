"""The glossary: what every number on a screen means, printed from its one definition."""

from __future__ import annotations

from typing import Any

from dash import Dash
from dash.development.base_component import Component

from analytics.language import N_, _, inside
from analytics.metrics import DIMENSIONS, FOLDS, METRICS, NOTIONS, Metric
from dashboards import components, controls, slots
from dashboards.elements import el
from dashboards.filters import View

PATH = "/glossary"
TITLE = N_("Glossary")
_WORDS = (*METRICS.values(), *NOTIONS.values())


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("glossary-head", content=components.page_head(_(TITLE), "")),
        slots.slot("glossary-words", 760),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "glossary-head", head, what=N_("the search"))
    slots.fill(app, "glossary-words", words, what=N_("the words"))


def head(_desk: Any, view: View) -> Component:
    """Draw title and search."""
    line = _(
        "{count} numbers, each defined once, for screens, files, commands and widgets alike",
        count=len(_WORDS),
    )
    return components.page_head(
        _(TITLE), line, controls.bar(controls.search(view, _("Word or identifier"), 220))
    )


def words(_desk: Any, view: View) -> Component:
    """List the numbers that a search leaves, in the order of the alphabet."""
    found = sorted((each for each in _WORDS if _says(each, view.q)), key=lambda one: one.label)
    if not found:
        back = el("a", _("Show all words"), href=PATH, class_="button")
        nothing = components.empty(_("No number is called so."), _("Part of a word is enough."), back)
        return components.card(_("Numbers"), nothing)
    kinds = ", ".join(inside(each.label) for each in DIMENSIONS.values())
    return components.card(
        _("Numbers"),
        el("dl", [_entry(each) for each in found], class_="glossary"),
        subtitle=_(
            "In grey: a rate or a median over fewer than 30, a score among fewer than 20. "
            "Numbers can be split by {kinds}.",
            kinds=kinds,
        ),
    )


def _says(each: Metric, text: str) -> bool:
    said = f"{each.id} {each.label} {each.about}".casefold()
    return all(word in said for word in text.casefold().split())


def _entry(each: Metric) -> list[Component]:
    parts = [
        (_("Formula"), each.formula),
        (_("Over time and rows"), _(FOLDS[each.fold])),
        (_("Comes from"), each.origin),
    ]
    facts = [el("p", el("b", f"{name}: "), text, class_="meta") for name, text in parts]
    name = el("span", f"{each.id} · {each.unit} · v{each.version}", class_="meta")
    return [el("dt", each.label, name, id=each.id), el("dd", el("p", each.about), facts)]
