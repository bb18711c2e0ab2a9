"""One section or topic (`split` in the address says which): its numbers, course, authors and articles."""

from __future__ import annotations

from dash import Dash
from dash.development.base_component import Component

from analytics.language import N_
from dashboards import downloads
from dashboards.filters import View
from dashboards.profiles import Profile

PATH = "/topics/*"
TITLE = N_("Topic")
PROFILE = Profile("topic", "/topics", N_("Topics"))
DOWNLOADS: dict[str, downloads.Table] = PROFILE.files()
is_there = PROFILE.is_there


def layout(view: View) -> Component:
    """Lay out the page."""
    return PROFILE.layout(view)


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    PROFILE.register(app)
