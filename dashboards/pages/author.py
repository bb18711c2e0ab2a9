"""One author: what was written, what it brought, on which topics."""

from __future__ import annotations

from dash import Dash
from dash.development.base_component import Component

from analytics.language import N_
from dashboards import downloads
from dashboards.filters import View
from dashboards.profiles import Profile

PATH = "/authors/*"
TITLE = N_("Author")
PROFILE = Profile("author", "/authors", N_("Authors"))
DOWNLOADS: dict[str, downloads.Table] = PROFILE.files()
is_there = PROFILE.is_there


def layout(view: View) -> Component:
    """Lay out the page."""
    return PROFILE.layout(view)


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    PROFILE.register(app)
