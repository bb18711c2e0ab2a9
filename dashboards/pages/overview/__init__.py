"""Overview `/`: the day in one sentence, its numbers, its hours, and what is worth a look.

Before 11:00 the newsroom's local time it shows yesterday and is called "Morning".
"""

from __future__ import annotations

from dash import Dash
from dash.development.base_component import Component

from analytics.language import N_, _
from dashboards import components, downloads, notes, slots
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
    slots.fill(app, "overview-head", head.draw_head, what=N_("the head of the page"))
    slots.fill(app, "overview-day", day.draw_day, what=N_("the numbers"))
    slots.fill(app, "overview-chart", drawn(hours.draw_chart), what=N_("this chart"))
    slots.fill(app, "overview-look", drawn(look.draw_look), what=N_("this list"))
    slots.fill(app, "overview-top", drawn(top.draw_top), what=N_("the top articles"))
    slots.fill(app, "overview-authors", drawn(boards.draw_authors), what=N_("the authors"))
    slots.fill(app, "overview-topics", drawn(boards.draw_topics), what=N_("the topics"))
    slots.fill(app, "overview-ways", drawn(boards.draw_ways), what=N_("the sources"))
    slots.fill(app, "overview-notes", drawn(notes.card), what=N_("the decisions"))
    slots.fill(app, "overview-tiles", tiles.draw_tiles, what=N_("the tiles"), waits=True)
    slots.fill(app, "overview-foot", head.draw_foot, what=N_("the health of the data"))


DOWNLOADS: dict[str, downloads.Table] = {
    "overview-course": hours.course_rows,
    "overview-articles": top.article_rows,
    "overview-authors": boards.author_rows,
    "overview-topics": boards.topic_rows,
    "overview-sources": boards.way_rows,
}
