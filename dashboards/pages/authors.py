"""Authors: who wrote how much, and what their articles brought, under three ways to share an article."""

from __future__ import annotations

from typing import Any

from dash import Dash
from dash.development.base_component import Component

from analytics import wording
from analytics.language import N_, _
from analytics.queries import library
from analytics.queries.lists import Listing
from dashboards import cards, components, controls, desks, downloads, groups, scope, slots
from dashboards.elements import Child
from dashboards.filters import View

PATH = "/authors"
TITLE = N_("Authors")
PERIOD = "28d"
MOST_ROWS = 60  # a newsroom's authors: read down the page, not in a window of their own
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
    ("", N_("Most reads first")),
    ("-published", N_("Most pieces first")),
    ("-read_rate", N_("Highest read rate first")),
    ("name", N_("By name")),
)
KINDS = (("", N_("Authors")), ("desk", N_("By desk")))
_SHARED = {
    "full": N_("Each author of an article gets all of it"),
    "equal": N_("An article is shared equally by its authors"),
    "first": N_("An article counts for its first author only"),
}


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("authors-head", content=components.page_head(_(TITLE), " ")),
        slots.slot("authors-list", 760),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "authors-head", head, what=N_("the filters"))
    slots.fill(app, "authors-list", authors, what=N_("the authors"))


def head(desk: Any, view: View) -> Component:
    """Draw title and filters."""
    shown = scope.resolve(desk, view, PERIOD)
    known = library.choices(desk.store, shown.site_id)
    return cards.head(
        shown,
        _(TITLE),
        controls.basis(view),
        controls.horizon(view),
        controls.credit(view),
        controls.pick(view, "section", [(each, each) for each in known.sections], _("All sections"), 130),
        controls.order(view, ORDERS),
        before=(controls.segmented(view, "split", controls.worded(KINDS), view.split, _("What is listed")),),
        line=(_("articles published in the period"),) if view.basis == "published_in" else (),
        names=cards.names_of(shown),
    )


def authors(desk: Any, view: View) -> Component:
    """Draw the sentence, the table and the foot."""
    shown = scope.resolve(desk, view, PERIOD)
    is_by_desk = view.split == "desk" and not view.author
    limit = None if is_by_desk else view.rows or groups.ROWS
    found = groups.listed(shown, "author", groups.chosen(view, SHOWN, ALL), limit)
    names = groups.shown_columns(groups.chosen(view, SHOWN, ALL), found)
    why = cards.why(found.total[found.main], shown)
    table = groups.card(
        shown,
        found,
        names,
        lambda key: view.drill(f"/authors/{key}", author=()),
        name="authors",
        title=_("Authors"),
        subtitle=_subtitle(view, found, is_by_desk=is_by_desk),
        all_columns=ALL,
        most_rows=MOST_ROWS,
        arranged=desks.arrange(shown, found, names) if is_by_desk else None,
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
    parts = [_("{who} stand over ", who=who), amount, "; ", pieces, _(" were published in the period")]
    none = found.rows.filter(found.rows["id"].is_null())["read_share"].to_list()
    if none and none[0]:
        parts[-1] += _(", and ")
        parts += [
            _("{none} of the {main}", none=wording.percent(none[0]), main=_(found.main)),
            _(" have no author"),
        ]
    return components.strong(*parts[:-1], f"{parts[-1]}.")


def _subtitle(view: View, found: Listing, *, is_by_desk: bool) -> str:
    adds = (
        _(": rows add to {adds_to} of {main}", adds_to=wording.percent(found.adds_to), main=_(found.main))
        if found.adds_to
        else ""
    )
    said = f"{_(_SHARED.get(view.credit, _SHARED['full']))}{adds}"
    if is_by_desk:
        counted = _("A desk counts an article of two of its authors once; press one to open it")
        return f"{counted}. {said}."
    return _("{said}. Median: {main} per article, the unread ones included.", said=said, main=_(found.main))
