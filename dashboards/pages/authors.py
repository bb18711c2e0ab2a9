"""Authors: who wrote how much, and what their articles brought, under three ways to share an article."""

from __future__ import annotations

from typing import Any

from dash import Dash
from dash.development.base_component import Component

from analytics import wording
from analytics.queries import library
from analytics.queries.lists import Listing
from dashboards import cards, components, controls, downloads, groups, scope, slots
from dashboards.elements import Child
from dashboards.filters import View

PATH = "/authors"
TITLE = "Authors"
PERIOD = "28d"
SHOWN = (
    "published",
    "reads",
    "views",
    "per_article",
    "read_rate",
    "engaged",
    "finish_rate",
    "comment_rate",
    "last_ten",
    "hit_rate",
    "score",
)
ALL = (
    *SHOWN,
    "readers",
    "engaged_median",
    "comments",
    "recirculation",
    "exit_rate",
    "read_share",
    "production_share",
)
ORDERS = (
    ("", "Most reads first"),
    ("-published", "Most pieces first"),
    ("-read_rate", "Highest read rate first"),
    ("name", "By name"),
)
_SHARED = {
    "full": "Each author of an article gets all of it",
    "equal": "An article is shared equally by its authors",
    "first": "An article counts for its first author only",
}


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("authors-head", content=components.page_head(TITLE, " ")),
        slots.slot("authors-list", 760),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "authors-head", head, what="the filters")
    slots.fill(app, "authors-list", authors, what="the authors")


def head(desk: Any, view: View) -> Component:
    """Draw title and filters."""
    shown = scope.resolve(desk, view, PERIOD)
    known = library.choices(desk.store, shown.site_id)
    return cards.head(
        shown,
        TITLE,
        controls.basis(view),
        controls.horizon(view),
        controls.credit(view),
        controls.pick(view, "section", [(each, each) for each in known.sections], "All sections", 130),
        controls.order(view, ORDERS),
        line=("articles published in the period",) if view.basis == "published_in" else (),
        names=cards.names_of(shown),
    )


def authors(desk: Any, view: View) -> Component:
    """Draw the sentence, the table and the foot."""
    shown = scope.resolve(desk, view, PERIOD)
    found = groups.listed(shown, "author", groups.chosen(view, SHOWN, ALL), view.rows or groups.ROWS)
    names = groups.shown_columns(groups.chosen(view, SHOWN, ALL), found)
    why = cards.why(found.total[found.main], shown)
    table = groups.card(
        shown,
        found,
        names,
        lambda key: view.drill(f"/authors/{key}", author=()),
        name="authors",
        title="Authors",
        subtitle=_subtitle(view, found),
        all_columns=ALL,
    )
    sheet = components.sentence_sheet(_sentence(found), why=why)
    return slots.page(
        sheet if found.count else None, table, cards.foot(shown, *cards.left_out(shown, found.total))
    )


def download(desk: Any, view: View) -> downloads.Rows:
    """Give all authors of the view, with the columns that the table shows."""
    shown = scope.resolve(desk, view, PERIOD)
    found = groups.listed(shown, "author", groups.chosen(view, SHOWN, ALL), None)
    return groups.file(found, groups.shown_columns(groups.chosen(view, SHOWN, ALL), found))


DOWNLOADS: dict[str, downloads.Table] = {"authors": download}


def _sentence(found: Listing) -> list[Child]:
    """Say how much was written and read, and what has no author."""
    who = wording.counted(found.count, "author")
    pieces = wording.counted(found.total["published"].value, "article")
    amount = wording.counted(found.total[found.main].value, found.main[:-1], form="compact")
    parts = [f"{who} stand over ", amount, "; ", pieces, " were published in the period"]
    none = found.rows.filter(found.rows["id"].is_null())["read_share"].to_list()
    if none and none[0]:
        parts[-1] += ", and "
        parts += [f"{wording.percent(none[0])} of the {found.main}", " have no author"]
    return components.strong(*parts[:-1], f"{parts[-1]}.")


def _subtitle(view: View, found: Listing) -> str:
    adds = f": rows add to {wording.percent(found.adds_to)} of {found.main}" if found.adds_to else ""
    said = f"{_SHARED.get(view.credit, _SHARED['full'])}{adds}"
    return f"{said}. Median: {found.main} per article, the unread ones included."
