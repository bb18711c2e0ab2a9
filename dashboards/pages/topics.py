"""Topics: which sections and topics are read more, or less, than their share of the pieces."""

from __future__ import annotations

from typing import Any

from dash import Dash
from dash.development.base_component import Component

from analytics import wording
from analytics.language import N_, _, n_
from analytics.metrics import DIMENSIONS
from analytics.queries import library, lists, reach
from analytics.queries.lists import Balance, Listing
from dashboards import cards, components, controls, downloads, groups, maps, quadrants, scope, slots, tables
from dashboards.elements import Child
from dashboards.filters import View
from dashboards.scope import Scope

PATH = "/topics"
TITLE = N_("Topics")
PERIOD = "28d"
KINDS = (("section", N_("Sections")), ("topic", N_("Topics")))
SHOWN = (
    "published",
    "production_share",
    "read_share",
    "balance",
    "per_article",
    "comment_rate",
    "ghosts",
    "score",
)
ALL = (
    *SHOWN,
    "reads",
    "views",
    "read_rate",
    "engaged_median",
    "finish_rate",
    "readers",
    "engaged",
    "comments",
    "hit_rate",
)


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("topics-head", content=components.page_head(_(TITLE), " ")),
        slots.slot("topics-body", 620),
        slots.slot("topics-map", 520, class_name="c8"),
        slots.slot("topics-corners", 520, class_name="c4 side"),
        slots.slot("topics-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "topics-head", head, what=N_("the filters"))
    slots.fill(app, "topics-body", topics, what=N_("the topics"))
    slots.fill(app, "topics-map", drawn_map, what=N_("the map"))
    slots.fill(app, "topics-corners", corners, what=N_("the corners"))
    slots.fill(app, "topics-foot", foot, what=N_("the foot"))


def head(desk: Any, view: View) -> Component:
    """Draw title, the choice between sections and topics, and filters."""
    shown = scope.resolve(desk, view, PERIOD)
    known = library.choices(desk.store, shown.site_id)
    return cards.head(
        shown,
        _(TITLE),
        controls.basis(view),
        controls.horizon(view),
        controls.credit(view, "topic") if _split(view) == "topic" else None,
        controls.pick(view, "section", [(each, each) for each in known.sections], _("All sections"), 130)
        if _split(view) == "topic"
        else None,
        before=(
            controls.segmented(view, "split", controls.worded(KINDS), _split(view), _("What is listed")),
        ),
        line=(_("articles published in the period"),) if view.basis == "published_in" else (),
        names=cards.names_of(shown),
    )


def topics(desk: Any, view: View) -> Component:
    """Draw the sentence, the quadrant and the table."""
    shown = scope.resolve(desk, view, PERIOD)
    found = groups.listed(shown, _split(view), groups.chosen(view, SHOWN, ALL), view.rows or groups.ROWS)
    names = groups.shown_columns(groups.chosen(view, SHOWN, ALL), found)
    plural = DIMENSIONS[found.split].plural
    table = groups.card(
        shown,
        found,
        names,
        lambda key: view.drill(f"/topics/{key}", split=view.split, section=(), topic=()),
        name="topics",
        title=plural,
        subtitle=_subtitle(view, found),
        all_columns=ALL,
        height=560,
        class_name="" if shown.coverage.views is None else "c7",
    )
    return slots.page(
        _sheet(shown, found),
        None
        if shown.coverage.views is None
        else quadrants.card(shown, found, height=_height(found), class_name="c5"),
        table,
    )


def drawn_map(desk: Any, view: View) -> Child:
    """Draw how much the articles are read and talked about."""
    shown = scope.resolve(desk, view, PERIOD)
    return maps.card(shown, reach.plane(desk.store, shown.ask(), shown.now), is_brushed=False)


def corners(desk: Any, view: View) -> Child:
    """List the corners of the map."""
    shown = scope.resolve(desk, view, PERIOD)
    return maps.corners(shown, reach.plane(desk.store, shown.ask(), shown.now))


def foot(desk: Any, view: View) -> Component:
    """Close the page."""
    shown = scope.resolve(desk, view, PERIOD)
    total = lists.whole(desk.store, ["no_signal_share"], shown.ask(), shown.now)
    return cards.foot(shown, *cards.left_out(shown, total))


def download(desk: Any, view: View) -> downloads.Rows:
    """Give all sections or topics of the view, with the columns that the table shows."""
    shown = scope.resolve(desk, view, PERIOD)
    found = groups.listed(shown, _split(view), groups.chosen(view, SHOWN, ALL), None)
    return groups.file(found, groups.shown_columns(groups.chosen(view, SHOWN, ALL), found))


DOWNLOADS: dict[str, downloads.Table] = {"topics": download}


def _split(view: View) -> str:
    return "topic" if view.split == "topic" else "section"


def _sheet(shown: Scope, found: Listing) -> Component | None:
    if not found.count:
        return None
    why = cards.why(found.total[found.main], shown)
    return components.sentence_sheet(_sentence(shown.view, found), why=why)


def _sentence(view: View, found: Listing) -> list[Child]:
    """Say which groups lead and which trail their share of the pieces; plain totals where none does."""
    # The shares of groups that overlap do not add up, so there each stands for itself.
    adds_up = found.split == "section" or view.credit != "full"
    above, below = lists.balances(found, 2 if adds_up else 1)
    said = [_balance_said(each, found.main) for each in (above, below) if each]
    if said:
        return [*said[0], *(["; ", *said[1]] if len(said) > 1 else []), "."]
    pieces = wording.counted(found.total["published"].value, "piece")
    amount = wording.counted(found.total[found.main].value, found.main.removesuffix("s"), form="compact")
    what = wording.counted(found.count, found.split)
    began = n_(
        "{what} shares {pieces} and ", "{what} share {pieces} and ", found.count, what=what, pieces=pieces
    )
    return components.strong(
        began,
        amount,
        _("; no share of {main} stands out with enough pieces to tell.", main=_(found.main)),
    )


def _balance_said(of: Balance, main: str) -> list[Child]:
    pieces = _(
        "{pieces} of the pieces and {reads} of the {main}",
        pieces=wording.percent(of.pieces),
        reads=wording.percent(of.reads),
        main=_(main),
    )
    names = wording.listed(list(of.names))
    return components.strong(n_("{names} is ", "{names} are ", len(of.names), names=names), pieces)


def _subtitle(view: View, found: Listing) -> str:
    said = _(
        "Median: {main} per piece, the unread ones included; trend of {main} by week", main=_(found.main)
    )
    return said if found.split == "section" else f"{groups.credit_said(view, found)}. {said}"


def _height(found: Listing) -> int:
    """Stand as high as the table beside it."""
    shown = min(found.rows.height, tables.AUTO_HEIGHT_ROWS)
    return 540 if found.count > tables.AUTO_HEIGHT_ROWS else max(380, 16 + groups.ROW_HEIGHT * (shown + 1))
