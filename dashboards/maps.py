"""The map of reach and talk: each article by its reads and its comments, four corners, a brush that filters.

What is chosen stands in the address: `show=map`, then `corner=hot` or `brush=100,5000,2,40` (least and most
reads, least and most comments per 1,000 reads). The corners are links, so that no pointer is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash.development.base_component import Component

from analytics import language, wording
from analytics.language import N_, _, inside
from analytics.metrics import FEW_N
from analytics.queries.reach import CORNERS, Plane
from dashboards import cards, components, figures, tables
from dashboards.elements import Child, el
from dashboards.figures import Dot
from dashboards.filters import View
from dashboards.scope import Scope
from dashboards.tables import Column

NAMES = {"hot": N_("Hot debate"), "quiet": N_("Quiet hit"), "niche": N_("Niche debate"), "cold": N_("Cold")}
ABOUT = {
    "hot": N_("many reads, much talk"),
    "quiet": N_("many reads, little talk"),
    "niche": N_("few reads, much talk"),
    "cold": N_("few reads, little talk"),
}
PLACES = {
    "hot": N_("top right"),
    "quiet": N_("bottom right"),
    "niche": N_("top left"),
    "cold": N_("bottom left"),
}
PAINTS = {"hot": "c2", "niche": "c2", "quiet": "accent", "cold": "c6"}
NAMED_EACH = 2  # of each corner: ui.md 4 has about eight names
MOST_TWIN = 40  # the list below the map holds them all
MOST_DOTS = 2000  # more of them are one grey cloud


def brush_of(view: View) -> tuple[float, ...]:
    """Read the brush: least and most reads, least and most comments per 1,000 reads; empty where none is."""
    return tuple(float(part) for part in view.brush.split(",")) if view.brush else ()


def card(shown: Scope, found: Plane | None) -> Component:
    """Draw the map with its corners; or say why there is none."""
    title = _("Reach and talk")
    if found is None:
        said = _("The map needs reads, and comments that are not filtered by way in, device or country.")
        return components.card(title, components.empty(_("No map here"), said))
    if found.reads is None:
        said = _("No article of these days has {few_n} reads, from which on a rate can be told.", few_n=FEW_N)
        return components.card(title, components.empty(_("Too few reads"), said))
    view, counts = shown.view, found.counts()
    rows = found.dots.to_dicts()
    named = _named(rows, found)
    dots = [_dot(row, is_named=row["id"] in named) for row in rows[:MOST_DOTS]]
    corners = [(f"{_(NAMES[each])} · {counts[each]}", _(PLACES[each])) for each in CORNERS]
    figure = figures.plane(dots, (found.reads, found.rate or 0), corners, brush_of(view))
    said = ", ".join(f"{inside(_(NAMES[each]))} {counts[each]}" for each in CORNERS)
    few = sum(row["is_few"] for row in rows)
    columns = [
        Column("name", _("Article")),
        Column("reads", _("Reads"), "number", "reads"),
        Column("comment_rate", _("Comments /1k"), "number", "per_1000"),
        Column("corner", _("Corner")),
    ]
    twin = [
        {**row, "corner": _(NAMES.get(row["corner"] or "", N_("too few reads")))} for row in rows[:MOST_TWIN]
    ]
    return components.card(
        title,
        _corners(view, counts),
        components.chart(figure, f"{title}: {said}.", height=420),
        subtitle=(
            _(
                "One dot an article, cut at the medians of {reads} reads and {rate} comments per "
                "1,000 reads. Drag over dots to list them below.",
                reads=wording.table(found.reads),
                rate=wording.per_1000(found.rate),
            )
        ),
        twin=tables.twin(columns, twin, title),
        foot=_foot(few, len(rows)),
        why=cards.why_metric("comment_rate", shown),
    )


def _corners(view: View, counts: dict[str, int]) -> Component:
    """Offer the corners as links; the chosen one, or the brush, can be taken off."""
    chosen = [*CORNERS] if not view.corner else [view.corner]
    links: list[Child] = [
        el(
            "a",
            el("b", _(NAMES[each])),
            el("span", f"{wording.full(counts[each])} · {ABOUT[each]}", class_="under"),
            href=view.href(corner="" if view.corner == each else each, brush=""),
            aria_current="true" if view.corner == each else None,
            class_="corner" if each in chosen else "corner faded",
        )
        for each in CORNERS
    ]
    if view.corner or view.brush:
        links.append(el("a", _("Show all"), href=view.href(corner="", brush=""), class_="button"))
    return el("div", links, class_="corners", role="group", aria_label=_("Corners of the map"))


def _dot(row: dict[str, Any], *, is_named: bool) -> Dot:
    paint = PAINTS[row["corner"]] if is_named else "c6"
    return Dot(
        language.isolated(_short(row["name"])), row["reads"], row["comment_rate"] or 0, 1, paint, is_named
    )


def _short(name: str, most: int = 42) -> str:
    return name if len(name) <= most else name[: most - 1].rsplit(" ", 1)[0] + "…"


def _named(rows: Sequence[dict[str, Any]], found: Plane) -> set[str]:
    """Choose the dots that have names: in each corner those farthest from the cuts, but not of the cold."""
    reads, rate = found.reads or 1, found.rate or 0

    def far(row: dict[str, Any]) -> float:
        across = max(row["reads"] / reads, reads / row["reads"])
        own = row["comment_rate"] or 0
        return float(across * (max(own / rate, rate / max(own, 0.1)) if rate else 1))

    picked: set[str] = set()
    for corner in ("hot", "quiet", "niche"):
        inside = sorted((row for row in rows if row["corner"] == corner), key=far, reverse=True)
        picked |= {row["id"] for row in inside[:NAMED_EACH]}
    return picked


def _foot(few: int, count: int) -> str:
    parts = (
        [
            _(
                "{few} under {few_n} reads in grey, in no corner",
                few=wording.counted(few, "article"),
                few_n=FEW_N,
            )
        ]
        if few
        else []
    )
    if count > MOST_DOTS:
        parts.append(_("the {most_dots} with most reads are drawn", most_dots=wording.full(MOST_DOTS)))
    if count > MOST_TWIN:
        parts.append(
            _("the map as a table has the first {most_twin}; the list below holds all", most_twin=MOST_TWIN)
        )
    return "; ".join(parts)
