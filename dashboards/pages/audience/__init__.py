"""Audience and sources `/audience`: by which ways readers come, what comes of it, and who they are."""

from __future__ import annotations

from dash import Dash
from dash.development.base_component import Component

from analytics.language import N_, _
from dashboards import components, downloads, slots
from dashboards.filters import View
from dashboards.pages.audience import channels, named, readers
from dashboards.pages.audience.shown import drawn, foot, head

PATH = "/audience"
TITLE = N_("Audience and sources")


def layout(_view: View) -> Component:
    """Lay out the slots of the page."""
    return slots.page(
        slots.slot("audience-head", content=components.page_head(_(TITLE), " ")),
        slots.slot("audience-sentence", 84),
        slots.slot("audience-course", 380, class_name="c8"),
        slots.slot("audience-assistants", 380, class_name="c4 side"),
        slots.slot("audience-channels", 420, class_name="first-on-phones"),
        slots.slot("audience-sources", 480, class_name="c8"),
        slots.slot("audience-new", 480, class_name="c4 side"),
        slots.slot("audience-landings", 420),
        slots.slot("audience-loyalty", 200, class_name="c6"),
        slots.slot("audience-devices", 200, class_name="c6"),
        slots.slot("audience-countries", 300, class_name="c6"),
        slots.slot("audience-languages", 300, class_name="c6"),
        slots.slot("audience-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "audience-head", head, what=N_("the filters"))
    slots.fill(app, "audience-sentence", drawn(channels.sentence), what=N_("the sentence"))
    slots.fill(app, "audience-course", drawn(channels.course), what=N_("this chart"))
    slots.fill(app, "audience-assistants", drawn(named.assistants), what=N_("the AI assistants"))
    slots.fill(app, "audience-channels", drawn(channels.table), what=N_("the ways in"))
    slots.fill(app, "audience-sources", drawn(named.sources), what=N_("the sources"))
    slots.fill(app, "audience-new", drawn(named.newcomers), what=N_("the new sources"))
    slots.fill(app, "audience-landings", drawn(readers.landings), what=N_("where visits begin"))
    slots.fill(app, "audience-loyalty", drawn(readers.loyalty), what=N_("this card"))
    slots.fill(app, "audience-devices", drawn(readers.devices), what=N_("the devices"))
    slots.fill(app, "audience-countries", drawn(readers.countries), what=N_("the countries"))
    slots.fill(app, "audience-languages", drawn(readers.languages), what=N_("the languages"))
    slots.fill(app, "audience-foot", foot, what=N_("the foot"))


DOWNLOADS: dict[str, downloads.Table] = {
    "audience-course": channels.course_rows,
    "audience-channels": channels.table_rows,
    "audience-sources": named.source_rows,
    "audience-campaigns": named.campaign_rows,
    "audience-landings": readers.landing_rows,
    "audience-loyalty": readers.loyalty_rows,
    "audience-devices": readers.device_rows,
    "audience-countries": readers.country_rows,
    "audience-languages": readers.language_rows,
}
