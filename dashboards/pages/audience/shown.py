"""What the rooms of the page share: the view resolved, its head and foot, addresses of what it names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash.development.base_component import Component

from analytics import reference
from analytics.language import N_, _
from analytics.queries import figures, library, ways
from dashboards import cards, components, controls, downloads, scope, slots
from dashboards.components import Link
from dashboards.elements import Child
from dashboards.filters import View
from dashboards.scope import Scope

PERIOD = "28d"
DEVICES = (
    ("phone", N_("Phone")),
    ("desktop", N_("Desktop")),
    ("tablet", N_("Tablet")),
    ("tv", N_("Television")),
)
PAINTS = {"own": "c1", "search": "c2", "social": "c3", "newsletter": "c4", "ai": "c5"}


def drawn(draw: Callable[[Scope], Child]) -> slots.Draw:
    """Turn a drawing of a scope into one of an address; without any view the first card alone says so."""

    def draw_view(desk: Any, view: View) -> Child:
        shown = scope.resolve(desk, view, PERIOD)
        return draw(shown) if shown.coverage.views is not None else None

    return draw_view


def head(desk: Any, view: View) -> Child:
    """Draw title and filters."""
    shown = scope.resolve(desk, view, PERIOD)
    known = library.choices(desk.store, shown.site_id)
    countries = [(code, reference.country_names().get(code, code)) for code in known.countries]
    top = cards.head(
        shown,
        _("Audience and sources"),
        *[
            controls.pick(view, name, choices, all_words, width)
            for name, choices, all_words, width in (
                ("section", [(each, each) for each in known.sections], _("All sections"), 126),
                ("channel", [(each, ways.label(each)) for each in known.channels], _("All ways in"), 124),
                (
                    "device",
                    [pair for pair in controls.worded(DEVICES) if pair[0] in known.devices],
                    _("All devices"),
                    118,
                ),
                ("country", countries, _("All countries"), 126),
            )
            if choices or getattr(view, name)
        ],
        names=cards.names_of(shown)
        | {"country": reference.country_names(), "device": dict(controls.worded(DEVICES))},
        with_today=True,
    )
    if shown.coverage.views is not None:
        return top
    return slots.page(top, components.card(_("Audience"), cards.nothing(shown, "views")))


def foot(desk: Any, view: View) -> Component:
    """Close the page with what its numbers do not hold."""
    shown = scope.resolve(desk, view, PERIOD)
    total = figures.totals(desk.store, ["reads", "no_signal_share"], shown.ask(), shown.now)
    return cards.foot(shown, *[said for said in cards.left_out(shown, total) if "omment" not in said])


def resolved(desk: Any, view: View) -> Scope:
    """Resolve the address of the page."""
    return scope.resolve(desk, view, PERIOD)


def file_link(shown: Scope, name: str) -> Link:
    """Link a download of this page."""
    return Link(_("Download CSV"), downloads.href(name, shown.view), f"{name}.csv")


def articles_href(shown: Scope, **filters: tuple[str, ...]) -> str:
    """Write the address of the articles under the same period and filter, narrowed further."""
    period = shown.view.period or PERIOD
    return shown.view.drill("/articles", period=period, **filters)
