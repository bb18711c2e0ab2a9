"""Which pages stand open to whoever reads calmly, or sees only their own (pages.md 1, Roles).

What a page shows of figures is settled where questions are put (`queries.ask`); here stand the pages that
would have nothing left, and those whose lists are not figures. A page that is not named is not shown.
"""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from analytics.control.identity import Sight, current
from analytics.errors import TearsheetError
from analytics.language import _
from analytics.queries.ask import CALM_HINT, TIE_HINT
from dashboards import components, scope, slots
from dashboards.elements import el
from dashboards.filters import View

ONE_AUTHOR = "/authors/*"
OWN = {"/articles", "/articles/*", ONE_AUTHOR, "/glossary"}
CALM = OWN | {
    *("/", "/topics", "/topics/*", "/comments", "/audience", "/time", "/weekly", "/compare", "/health"),
}


def is_open(page: str, item: str, sight: Sight) -> bool:
    """Tell whether a page is shown; `item` is the id in its path: on an author's page one's own."""
    if not sight.is_calm:
        return True
    return page in (OWN if sight.is_own else CALM) and (page != ONE_AUTHOR or item == sight.author_id)


def sight_of(desk: Any, view: View | None) -> Sight:
    """Tell what who asks sees of the site of an address; without an address the least of all sites."""
    try:
        known = [scope.site_of(desk, view)] if view else scope.seen(desk)
    except TearsheetError:  # no such site, or none for them: nothing is answered, and nothing to hold back
        return Sight()
    sights = [current().sight(each.site_id) for each in known]
    return max(sights, key=lambda each: (each.is_calm, each.is_own), default=Sight())


def refusal(sight: Sight) -> Component:
    """Say that a page is not shown, and lead to what is."""
    if sight.is_own and not sight.author_id:
        return slots.page(_card(_("You see your own articles, and no author is you yet."), _(TIE_HINT), None))
    own = el("a", _("Open your own page"), href=f"/authors/{sight.author_id}", class_="button")
    calmly = _("Your newsroom reads calmly: no ranks, no live numbers.")
    said = _("Your role sees your own articles.") if sight.is_own else calmly
    return slots.page(_card(said, _(CALM_HINT), own if sight.author_id else None))


def _card(said: str, hint: str, button: Component | None) -> Component:
    return el(
        "div",
        components.page_head(_("Not shown to your role"), ""),
        components.card(_("What now"), components.empty(said, hint, button)),
    )
