"""Live `/live`: who reads what right now, on a desk and on the wall.

One stream feeds all tabs (`dashboards/streams.py`); what it carries is worded in `state`, drawn by
`assets/live.js`, and stands in the page from the start, so that nothing is ever blank. The curve of the day
is a chart like any other, drawn again once a minute.
"""

from __future__ import annotations

from dash import Dash, dcc
from dash.development.base_component import Component

from analytics.language import N_, _
from dashboards import components, downloads, slots, streams
from dashboards.filters import View
from dashboards.pages.live import day, head, state

PATH = "/live"
TITLE = N_("Live")
MINUTE = "live-minute"  # the store in which the browser writes that another minute has begun


def layout(_view: View) -> Component:
    """Lay out the slots of the page; the curve of the day stands inside of the live part."""
    return slots.page(
        slots.slot("live-head", content=components.page_head(_(TITLE), " ")),
        slots.slot("live-now", 640),
        dcc.Store(id=MINUTE),
        slots.slot("live-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "live-head", head.draw_head, what=N_("the head of the page"))
    slots.fill(app, "live-now", state.draw, what=N_("the live numbers"))
    slots.fill(app, "live-day", day.draw, what=N_("the curve of the day"), again=MINUTE)
    slots.fill(app, "live-foot", head.draw_foot, what=N_("the health of the data"), again=MINUTE)


DOWNLOADS: dict[str, downloads.Table] = {"live": state.article_rows}
STREAMS: dict[str, streams.State] = {"live": state.state}
