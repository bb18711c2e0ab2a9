"""The map of reach and talk: each article by its reads and its comments, four corners, a brush that filters.

What is chosen stands in the address: `show=map`, then `corner=hot` or `brush=100,5000,2,40` (least and most
reads, least and most comments per 1,000 reads). The corners are links, so that no pointer is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash.development.base_component import Component

from analytics import wording
from analytics.metrics import FEW_N
from analytics.queries.reach import CORNERS, Plane
from dashboards import cards, components, figures, tables
from dashboards.elements import Child, el
from dashboards.figures import Dot
from dashboards.filters import View
from dashboards.scope import Scope
from dashboards.tables import Column

NAMES = {"hot": "Hot debate", "quiet": "Quiet hit", "niche": "Niche debate", "cold": "Cold"}
ABOUT = {
    "hot": "many reads, much talk",
    "quiet": "many reads, little talk",
    "niche": "few reads, much talk",
    "cold": "few reads, little talk",
}
PLACES = {"hot": "top right", "quiet": "bottom right", "niche": "top left", "cold": "bottom left"}
PAINTS = {"hot": "c2", "niche": "c2", "quiet": "accent", "cold": "c6"}
NAMED_EACH = 2  # of each corner: ui.md 4 has about eight names
MOST_TWIN = 40  # the list below the map holds them all
MOST_DOTS = 2000  # more of them are one grey cloud


def brush_of(view: View) -> tuple[float, ...]:
    """Read the brush: least and most reads, least and most comments per 1,000 reads; empty where none is."""
    return tuple(float(part) for part in view.brush.split(",")) if view.brush else ()


def card(shown: Scope, found: Plane | None) -> Component:
    """Draw the map with its corners; or say why there is none."""
    title = "Reach and talk"
    if found is None:
        said = "The map needs reads, and comments that are not filtered by way in, device or country."
        return components.card(title, components.empty("No map here", said))
    if found.reads is None:
        said = f"No article of these days has {FEW_N} reads, from which on a rate can be told."
        return components.card(title, components.empty("Too few reads", said))
    view, counts = shown.view, found.counts()
    rows = found.dots.to_dicts()
    named = _named(rows, found)
    dots = [_dot(row, is_named=row["id"] in named) for row in rows[:MOST_DOTS]]
    corners = [(f"{NAMES[each]} · {counts[each]}", PLACES[each]) for each in CORNERS]
    figure = figures.plane(dots, (found.reads, found.rate or 0), corners, brush_of(view))
    said = ", ".join(f"{NAMES[each].lower()} {counts[each]}" for each in CORNERS)
    few = sum(row["is_few"] for row in rows)
    columns = [
        Column("name", "Article"),
        Column("reads", "Reads", "number", "reads"),
        Column("comment_rate", "Comments /1k", "number", "per_1000"),
        Column("corner", "Corner"),
    ]
    twin = [{**row, "corner": NAMES.get(row["corner"] or "", "too few reads")} for row in rows[:MOST_TWIN]]
    return components.card(
        title,
        _corners(view, counts),
        components.chart(figure, f"{title}: {said}.", height=420),
        subtitle=(
            f"One dot an article, cut at the medians of {wording.table(found.reads)} reads and "
            f"{wording.per_1000(found.rate)} comments per 1,000 reads. Drag over dots to list them below."
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
            el("b", NAMES[each]),
            el("span", f"{wording.full(counts[each])} · {ABOUT[each]}", class_="under"),
            href=view.href(corner="" if view.corner == each else each, brush=""),
            aria_current="true" if view.corner == each else None,
            class_="corner" if each in chosen else "corner faded",
        )
        for each in CORNERS
    ]
    if view.corner or view.brush:
        links.append(el("a", "Show all", href=view.href(corner="", brush=""), class_="button"))
    return el("div", links, class_="corners", role="group", aria_label="Corners of the map")


def _dot(row: dict[str, Any], *, is_named: bool) -> Dot:
    paint = PAINTS[row["corner"]] if is_named else "c6"
    return Dot(_short(row["name"]), row["reads"], row["comment_rate"] or 0, 1, paint, is_named)


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
    parts = [f"{wording.counted(few, 'article')} under {FEW_N} reads in grey, in no corner"] if few else []
    if count > MOST_DOTS:
        parts.append(f"the {wording.full(MOST_DOTS)} with most reads are drawn")
    if count > MOST_TWIN:
        parts.append(f"the map as a table has the first {MOST_TWIN}; the list below holds all")
    return "; ".join(parts)
