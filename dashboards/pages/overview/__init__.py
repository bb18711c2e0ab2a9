"""Overview `/`: the day in one sentence, its numbers, its hours, and what is worth a look.

Before 11:00 the newsroom's local time it shows yesterday and is called "Morning".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dash import Dash
from dash.development.base_component import Component

from analytics.language import N_, _
from dashboards import components, downloads, filters, notes, slots
from dashboards.elements import Child
from dashboards.filters import View
from dashboards.pages.overview import boards, day, head, hours, look, tiles, top
from dashboards.pages.overview.shown import drawn

PATH = "/"
TITLE = N_("Overview")


def layout(_view: View) -> Component:
    """Lay out the slots of the page."""
    return slots.page(
        slots.slot("overview-head", content=components.page_head(_("Overview"), " ")),
        slots.slot("overview-day", 220),
        slots.slot("overview-chart", 400, class_name="c8"),
        slots.slot("overview-look", 400, class_name="c4 side"),
        slots.slot("overview-top", 640),
        slots.slot("overview-authors", 330, class_name="c4"),
        slots.slot("overview-topics", 330, class_name="c4"),
        slots.slot("overview-ways", 330, class_name="c4"),
        slots.slot("overview-notes", 160),
        slots.slot("overview-tiles"),
        slots.slot("overview-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    for name, (draw, what) in _PANELS.items():
        slots.fill(app, name, draw, what=what, waits=name in _WAITING)


def first_looks(desk: slots.Desk) -> list[Callable[[], Child]]:
    """List what draws the panels as the first reader will ask for them, so that their answers are in hand."""
    draws = [draw for name, (draw, _what) in _PANELS.items() if name not in _WAITING]
    return [
        partial(slots.at_once, desk, draw, filters.parse(PATH, search)) for search in _FIRST for draw in draws
    ]


_PANELS: dict[str, tuple[slots.Draw, str]] = {
    "overview-head": (head.draw_head, N_("the head of the page")),
    "overview-day": (day.draw_day, N_("the numbers")),
    "overview-chart": (drawn(hours.draw_chart), N_("this chart")),
    "overview-look": (drawn(look.draw_look), N_("this list")),
    "overview-top": (drawn(top.draw_top), N_("the top articles")),
    "overview-authors": (drawn(boards.draw_authors), N_("the authors")),
    "overview-topics": (drawn(boards.draw_topics), N_("the topics")),
    "overview-ways": (drawn(boards.draw_ways), N_("the sources")),
    "overview-notes": (drawn(notes.card), N_("the decisions")),
    "overview-tiles": (tiles.draw_tiles, N_("the tiles")),
    "overview-foot": (head.draw_foot, N_("the health of the data")),
}
_WAITING = {"overview-tiles"}  # for analysts' SQL, not for the store
_FIRST = (
    "",
    "?period=today",
    "?period=yesterday",
    "?period=28d",
)  # as it opens, and where most go from there

DOWNLOADS: dict[str, downloads.Table] = {
    "overview-course": hours.course_rows,
    "overview-articles": top.article_rows,
    "overview-authors": boards.author_rows,
    "overview-topics": boards.topic_rows,
    "overview-sources": boards.way_rows,
}
