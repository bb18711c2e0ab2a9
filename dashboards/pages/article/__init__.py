"""Article `/articles/<id>`: one article since its publication: how much, how far, from where, what talk."""

from __future__ import annotations

from dash import Dash
from dash.development.base_component import Component

from analytics.language import N_, _
from dashboards import components, downloads, slots
from dashboards.filters import View
from dashboards.pages.article import around, curve, head, numbers, origins, reading, talk
from dashboards.pages.article.shown import drawn, is_there, scope_of

__all__ = ["DOWNLOADS", "PATH", "SCOPE", "TITLE", "is_there", "layout", "register"]

PATH = "/articles/*"
TITLE = N_("Article")
SCOPE = scope_of


def layout(_view: View) -> Component:
    """Lay out the slots of the page."""
    return slots.page(
        slots.slot("article-head", content=components.page_head(_("Article"), " ")),
        slots.slot("article-cards", 124),
        slots.slot("article-curve", 400, class_name="c8"),
        slots.slot("article-events", 400, class_name="c4 side"),
        slots.slot("article-ways", 380, class_name="c8"),
        slots.slot("article-depth", 380, class_name="c4 side"),
        slots.slot("article-sources", 330, class_name="c8"),
        slots.slot("article-time", 330, class_name="c4 side"),
        slots.slot("article-talk", 330, class_name="c6"),
        slots.slot("article-around", 330, class_name="c6"),
        slots.slot("article-devices", 220, class_name="c4"),
        slots.slot("article-countries", 220, class_name="c4"),
        slots.slot("article-facts", 220, class_name="c4"),
        slots.slot("article-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "article-head", head.draw_head, what=N_("the head of the page"))
    slots.fill(app, "article-cards", drawn(numbers.draw_cards), what=N_("the numbers"))
    slots.fill(app, "article-curve", drawn(curve.draw_curve), what=N_("this chart"))
    slots.fill(app, "article-events", drawn(curve.draw_events), what=N_("what happened"))
    slots.fill(app, "article-ways", drawn(origins.draw_ways), what=N_("this chart"))
    slots.fill(app, "article-depth", drawn(reading.draw_depth), what=N_("how far they read"))
    slots.fill(app, "article-sources", drawn(origins.draw_sources), what=N_("the sources"))
    slots.fill(app, "article-time", drawn(reading.draw_time), what=N_("the reading times"))
    slots.fill(app, "article-talk", drawn(talk.draw_talk), what=N_("the comments"))
    slots.fill(app, "article-around", drawn(around.draw_around), what=N_("what came before and after"))
    slots.fill(app, "article-devices", drawn(around.draw_devices), what=N_("the devices"))
    slots.fill(app, "article-countries", drawn(around.draw_countries), what=N_("the countries"))
    slots.fill(app, "article-facts", drawn(around.draw_facts), what=N_("the facts"))
    slots.fill(app, "article-foot", drawn(head.draw_foot), what=N_("the health of the data"))


DOWNLOADS: dict[str, downloads.Table] = {
    "article-curve": curve.curve_rows,
    "article-ways": origins.way_rows,
    "article-sources": origins.source_rows,
    "article-talk": talk.comment_rows,
    "article-depth": reading.depth_rows,
    "article-time": reading.time_rows,
    "article-around": around.around_rows,
    "article-devices": around.device_rows,
    "article-countries": around.country_rows,
}
