"""Articles: everything that was read, or published, in a period, under any filter and in any order.

Two slots: the head with its filters, and the list. The list asks one question; what the grid shows, the
sentence above it and the download are three readings of its answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import Dash
from dash.development.base_component import Component

from analytics import wording
from analytics.language import N_, _, begun, n_
from analytics.metrics import METRICS
from analytics.queries import library, lists, reach, ways
from analytics.queries.lists import Listing
from dashboards import cards, components, controls, downloads, maps, scope, slots, stories
from dashboards.elements import Child
from dashboards.filters import AGE, View
from dashboards.scope import Scope

PATH = "/articles"
TITLE = N_("Articles")
PERIOD = "7d"
ORDERS = (
    ("", N_("Most reads first")),
    ("-views", N_("Most views first")),
    ("-read_rate", N_("Highest read rate first")),
    ("-finish_rate", N_("Most finished first")),
    ("-comment_rate", N_("Most comments per 1,000 first")),
    ("-published_at", N_("Newest first")),
    ("name", N_("By title")),
)
NOBODY = "(no article)"  # an id that no article has: a brush over nothing lists nothing
SHOWS = (("", N_("List")), ("map", N_("Map and list")))
_KINDS = {
    "article": N_("Articles"),
    "live": N_("Live pages"),
    "video": N_("Videos"),
    "gallery": N_("Galleries"),
}


def layout(view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("articles-head", content=components.page_head(_(TITLE), "")),
        slots.slot("articles-map", 520 if view.show == "map" else 0),
        slots.slot("articles-list", 760),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "articles-head", head, what=N_("the filters"))
    slots.fill(app, "articles-map", drawn_map, what=N_("the map"))
    slots.fill(app, "articles-list", articles, what=N_("the articles"))


def head(desk: Any, view: View) -> Component:
    """Draw title and filters."""
    shown = scope.resolve(desk, view, PERIOD)
    known = library.choices(desk.store, shown.site_id)
    grouped = ("topic",) if shown.where.is_calm else ("author", "topic")
    named = {each: library.names(desk.store, shown.site_id, each) for each in grouped}
    is_cohort = view.basis == "published_in"
    ways_in = [(each, ways.label(each)) for each in known.channels]
    sources = [
        (name, f"{name} · {ways.label(channel)}")
        for channel, name in library.sources(desk.store, shown.site_id)
    ]
    kinds = [(each, _(_KINDS.get(each, begun(each)))) for each in known.kinds if each != "page"]
    return cards.head(
        shown,
        _(TITLE),
        None
        if shown.where.is_calm
        else controls.segmented(
            view, "show", [(key, _(words)) for key, words in SHOWS], view.show, _("What is shown")
        ),
        *[
            controls.pick(view, name, choices, all_words, width)
            for name, choices, all_words, width in (
                ("section", [(each, each) for each in known.sections], _("All sections"), 126),
                ("author", named.get("author", []), _("All authors"), 126),
                ("topic", named["topic"], _("All topics"), 118),
                ("age", [(each, _(cards.AGES[each])) for each in AGE], _("Any age"), 128),
                ("channel", ways_in, _("All ways in"), 124),
                ("source", _unique(sources), _("All sources"), 124),
                ("kind", kinds if len(kinds) > 1 else [], _("All kinds"), 110),
            )
            if choices or getattr(view, name)  # what no article has cannot be chosen
        ],
        controls.search(view, _("Title, address or id"), 180),
        controls.order(view, ORDERS, is_calm=shown.where.is_calm),
        before=(controls.basis(view), controls.horizon(view)),
        line=(_("articles published in the period"),) if is_cohort else (),
        names=cards.names_of(shown),
    )


def drawn_map(desk: Any, view: View) -> Child:
    """Draw the map of reach and talk where it is asked for."""
    if view.show != "map":
        return None
    shown = scope.resolve(desk, view, PERIOD)
    return maps.card(shown, reach.plane(desk.store, shown.ask(), shown.now))


def _chosen(desk: Any, view: View) -> Scope:
    """Resolve the view; a corner or brush of the map keeps its articles alone."""
    shown = scope.resolve(desk, view, PERIOD)
    if view.show != "map" or not (view.corner or view.brush):
        return shown
    found = reach.plane(desk.store, shown.ask(), shown.now)
    if found is None:
        return shown
    ids = found.inside(view.corner, maps.brush_of(view))
    return replace(shown, where=shown.where.only(article=tuple(ids) or (NOBODY,)))


def articles(desk: Any, view: View) -> Component:
    """Draw the sentence, the list and the foot."""
    shown = _chosen(desk, view)
    listed = stories.listed(shown, view.rows or stories.ROWS)
    why = cards.why(listed.total[listed.main], shown)
    sheet = components.sentence_sheet(_sentence(shown, listed), why=why, note=_basis_said(view))
    return slots.page(
        sheet if listed.count else None,
        stories.card(shown, listed, name="articles"),
        cards.foot(shown, *cards.left_out(shown, listed.total)),
    )


def download(desk: Any, view: View) -> downloads.Rows:
    """Give all articles of the view, with the columns that the list shows."""
    shown = _chosen(desk, view)
    return stories.file(shown, stories.listed(shown, None))


DOWNLOADS: dict[str, downloads.Table] = {"articles": download}


def _sentence(shown: Scope, listed: Listing) -> list[Child]:
    total, unit = listed.total[listed.main], METRICS[listed.main].unit
    what = wording.counted(listed.count, "article")
    is_cohort = shown.view.basis == "published_in"
    when = stories.HORIZONS.get(shown.view.horizon)
    until = n_(" in its {when}", " in their {when}", listed.count, when=_(when)) if when else _(" to date")
    span = until if is_cohort else ""
    began = (
        n_(
            "{what} published in the period brought ",
            "{what} published in the period brought ",
            listed.count,
            what=what,
        )
        if is_cohort
        else n_("{what} brought ", "{what} brought ", listed.count, what=what)
    )
    amount = wording.counted(total.value, unit.removesuffix("s"), form="compact")
    if listed.leading is None or listed.count <= lists.LEADERS:
        return components.strong(began, amount, f"{span}.")
    share = _("{leading} of them", leading=wording.percent(listed.leading))
    return components.strong(
        began, amount, _("{span}; the ten with the most brought ", span=span), share, "."
    )


def _basis_said(view: View) -> str:
    if view.basis == "published_in":
        return _("Only what each brought up to the same age is counted.")
    return _("Articles of any age count, by what happened in the period.")


def _unique(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Keep the first of each value: a source can stand in two channels, a filter names it once."""
    return list({value: (value, label) for value, label in reversed(pairs)}.values())[::-1]
