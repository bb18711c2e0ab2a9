"""What analysts put on the Overview: saved queries as tiles, the person's own and shared ones."""

from __future__ import annotations

from typing import Any

from analytics.language import _
from analytics.queries.ask import refuse_calm
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.scope import site_of
from dashboards.workbench import tile


def draw_tiles(desk: Any, view: View) -> Child:
    """Draw the tiles; where there is none, nothing."""
    if not desk.sites():
        return None
    site_id = site_of(desk, view).site_id
    refuse_calm(site_id, _("Tiles are"))  # nobody knows what a query ranks
    cards = tile.cards(desk, site_id)
    return (
        el("section", cards, class_="page tiles", aria_label=_("Tiles of saved queries")) if cards else None
    )
