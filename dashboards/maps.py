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
from analytics.wording import Chip, Tone
from dashboards import cards, components, figures, tables
from dashboards.components import Link
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
TONES: dict[str, Tone] = {"hot": "waiting", "niche": "waiting", "quiet": "above", "cold": "typical"}
PAINTS = {"hot": "c2", "niche": "c2", "quiet": "accent", "cold": "c6"}
NAMED_EACH = 2  # of each corner: ui.md 4 has about eight names
MOST_TWIN = 40  # the list below the map holds them all
MOST_DOTS = 2000  # more of them are one grey cloud


def brush_of(view: View) -> tuple[float, ...]:
    """Read the brush: least and most reads, least and most comments per 1,000 reads; empty where none is."""
    return tuple(float(part) for part in view.brush.split(",")) if view.brush else ()


def card(
    shown: Scope, found: Plane | None, *, class_name: str = "", is_brushed: bool = True
) -> Component | None:
    """Draw the map with its corners; or say why there is none, unless nothing was counted at all.

    Args:
        shown: The view, resolved.
        found: Of `reach.plane`.
        class_name: Columns of the page's grid.
        is_brushed: Whether a list below follows what is dragged over; else corners lead to Articles.
    """
    title = _("Reach and talk")
    if shown.coverage.views is None:
        return None
    if found is None and shown.coverage.comments is None:
        said = _("The map needs comments, and no source of them is connected.")
        how = el("a", _("See how"), href=View("/comments", site=shown.view.site).href(), class_="button")
        return components.card(title, components.empty(_("No map here"), said, how), class_name=class_name)
    if found is None:
        said = _("The map needs reads, and comments that are not filtered by way in, device or country.")
        return components.card(title, components.empty(_("No map here"), said), class_name=class_name)
    if found.reads is None:
        said = _("No article of these days has {few_n} reads, from which on a rate can be told.", few_n=FEW_N)
        return components.card(title, components.empty(_("Too few reads"), said), class_name=class_name)
    view, counts = shown.view, found.counts()
    rows = found.dots.to_dicts()
    named = set().union(*_named(rows, found, ("hot", "quiet", "niche")).values())
    dots = [_dot(row, is_named=row["id"] in named) for row in rows[:MOST_DOTS]]
    corners = [(f"{_(NAMES[each])} · {counts[each]}", _(PLACES[each])) for each in CORNERS]
    figure = figures.plane(
        dots, (found.reads, found.rate or 0), corners, brush_of(view), is_brushed=is_brushed
    )
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
    cut = _(
        "One dot an article, cut at the medians of {reads} reads and {rate} comments per 1,000 reads.",
        reads=wording.table(found.reads),
        rate=wording.per_1000(found.rate),
    )
    return components.card(
        title,
        _corners(view, counts) if is_brushed else None,
        components.chart(figure, f"{title}: {said}.", height=420 if is_brushed else 520),
        subtitle=f"{cut} {_('Drag over dots to list them below.')}" if is_brushed else cut,
        twin=tables.twin(columns, twin, title),
        foot=_foot(few, len(rows), is_brushed=is_brushed),
        why=cards.why_metric("comment_rate", shown),
        class_name=class_name,
    )


def corners(shown: Scope, found: Plane | None, *, class_name: str = "") -> Component | None:
    """List the corners with the articles that stand farthest out in each; nothing where there is no map."""
    if found is None or found.reads is None:
        return None
    rows, counts = found.dots.to_dicts(), found.counts()
    far = _named(rows, found, CORNERS)
    made = [_corner(shown, each, counts[each], [r for r in rows if r["id"] in far[each]]) for each in CORNERS]
    everything = shown.view.drill("/articles", period=shown.period.key, show="map")
    return components.card(
        _("Four corners"),
        el("ul", made, class_="looks"),
        subtitle=_("Reads · comments per 1,000 reads"),
        links=[Link(_("All {count}", count=wording.full(len(rows))), everything)],
        class_name=class_name,
    )


def _corner(shown: Scope, corner: str, count: int, rows: Sequence[dict[str, Any]]) -> Component:
    href = shown.view.drill("/articles", period=shown.period.key, show="map", corner=corner)
    named = components.chip(Chip(_(NAMES[corner]), TONES[corner]))
    about = f"{_(ABOUT[corner])} · {wording.full(count)}"
    articles = [
        [
            el("h3", el("a", row["name"], href=cards.drill(shown.view, row["id"])), dir="auto"),
            el(
                "p",
                f"{wording.table(row['reads'])} · {wording.per_1000(row['comment_rate'] or 0)}",
                class_="meta",
            ),
        ]
        for row in rows
    ]
    head = el("p", named, " ", el("a", about, href=href, class_="meta"), class_="corner-head")
    return el("li", head, articles)


def _corners(view: View, counts: dict[str, int]) -> Component:
    """Offer the corners as links; the chosen one, or the brush, can be taken off."""
    chosen = [*CORNERS] if not view.corner else [view.corner]
    links: list[Child] = [
        el(
            "a",
            el("b", _(NAMES[each])),
            el("span", f"{wording.full(counts[each])} · {_(ABOUT[each])}", class_="under"),
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


def _short(name: str, most: int = 34) -> str:
    return name if len(name) <= most else name[: most - 1].rsplit(" ", 1)[0] + "…"


def _named(rows: Sequence[dict[str, Any]], found: Plane, corners: Sequence[str]) -> dict[str, set[str]]:
    """Choose in each of some corners the dots farthest from the cuts."""
    reads, rate = found.reads or 1, found.rate or 0

    def far(row: dict[str, Any]) -> float:
        across = max(row["reads"] / reads, reads / row["reads"])
        own = row["comment_rate"] or 0
        return float(across * (max(own / rate, rate / max(own, 0.1)) if rate else 1))

    return {
        corner: {
            row["id"]
            for row in sorted((row for row in rows if row["corner"] == corner), key=far, reverse=True)[
                :NAMED_EACH
            ]
        }
        for corner in corners
    }


def _foot(few: int, count: int, *, is_brushed: bool) -> str:
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
    if count > MOST_TWIN and is_brushed:
        parts.append(
            _("the map as a table has the first {most_twin}; the list below holds all", most_twin=MOST_TWIN)
        )
    return "; ".join(parts)
