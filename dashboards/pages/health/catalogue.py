"""What the catalogue lacks, articles that may be one, stretches without collection; and how to mend it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dash.development.base_component import Component

from analytics import wording
from analytics.language import N_, _
from analytics.periods import local_time
from analytics.queries import ledgers
from dashboards import components, edits, scope, tables
from dashboards.edits import Ask
from dashboards.filters import View
from dashboards.pages.health.shown import PERIOD, when
from dashboards.scope import Scope
from dashboards.tables import Column


def catalogue(desk: Any, view: View) -> list[Component | None]:
    """List what articles lack, and those that may be one."""
    shown = scope.resolve(desk, view, PERIOD)
    return [_lacks(shown), _doubles(shown)]


LACKS = (  # what the catalogue may lack, as the question names it
    N_("any description"),
    N_("an author"),
    N_("a topic"),
    N_("a section"),
    N_("a date"),
    N_("words"),
    N_("title"),
    N_("section"),
    N_("author"),
    N_("date"),
)


def _lacks(shown: Scope) -> Component:
    found = ledgers.lacking(shown.desk.store, shown.site_id)
    rows = [
        {
            "id": row["lacks"],
            "name": _("Without {lacks}", lacks=_(row["lacks"])),
            "href": _article(shown, row["example"]) if row["example"] else None,
            "articles": row["articles"],
            "share": row["articles"] / row["of"] if row["of"] else None,
        }
        for row in found.to_dicts()
    ]
    whole = found["of"].to_list()[0] if found.height else 0
    if not whole:
        said = _("The first read of an article enters it; the catalogue of your CMS fills it in.")
        return components.card(
            _("What the catalogue lacks"), components.empty(_("No articles are known yet."), said)
        )
    columns = [
        Column("name", _("Articles")),
        Column("articles", _("How many"), "bar", "articles"),
        Column("share", _("Share"), "number", "share"),
    ]
    return components.card(
        _("What the catalogue lacks"),
        tables.board(columns, rows, _("Articles that lack something")),
        subtitle=_("Of {whole}; each opens one of them", whole=wording.counted(whole, "article")),
    )


def unfilled(desk: Any, view: View) -> Component:
    """List the most read articles that lack something, to be filled in."""
    shown = scope.resolve(desk, view, PERIOD)
    title = _("Most read of them")
    found = ledgers.unfilled(shown.desk.store, shown.site_id, shown.today)
    if found.is_empty():
        return components.card(
            title, components.empty(_("None"), _("Every article that is read is described."))
        )
    rows = [
        {
            "id": row["id"],
            "name": row["title"] or row["url"] or row["id"],
            "byline": _("no {lacks}", lacks=wording.listed([_(each) for each in row["lacks"]], "and")),
            "href": _article(shown, row["id"]),
            "views": row["views"],
            "fill": edits.fill_button(shown, row["id"], _known(shown, row)),
        }
        for row in found.to_dicts()
    ]
    columns = [
        Column("name", _("Article")),
        Column("views", _("Views, 28 d"), "number", "views"),
        Column("fill", _("Correct")),
    ]
    columns = columns if edits.may(shown) else columns[:2]
    return components.card(
        title,
        tables.board(columns, rows, _("Articles to fill in, the most read first")),
        subtitle=_("What you fill in holds for all history; a later word of your CMS counts more"),
    )


def _known(shown: Scope, row: dict[str, Any]) -> dict[str, str]:
    at = row["published_at"]
    return {
        "title": row["title"] or "",
        "section": row["section"] or "",
        "authors": row["authors"] or "",
        "published": f"{local_time(at, shown.zone):%Y-%m-%dT%H:%M}" if at else "",
    }


def _doubles(shown: Scope) -> Component | None:
    found = ledgers.doubles(shown.desk.store, shown.site_id)
    if found.is_empty():
        return None
    rows = [
        {
            "id": row["ids"][0],
            "name": row["title"],
            "byline": ", ".join(row["ids"]),
            "href": _article(shown, row["ids"][0]),
            "articles": row["articles"],
            "join": _join(shown, row),
        }
        for row in found.to_dicts()
    ]
    columns = [
        Column("name", _("Title")),
        Column("articles", _("Articles"), "number", "articles"),
        *([Column("join", _("Correct"))] if edits.may(shown) else []),
    ]
    return components.card(
        _("Perhaps the same article"),
        tables.board(columns, rows, _("Articles of one title and day")),
        subtitle=_("One title, published on one day; the one with the most views stays"),
    )


def _join(shown: Scope, row: dict[str, Any]) -> Component | None:
    stays, gone = row["ids"][:2]
    about = _(
        "{gone} counts as {stays} in all history: views, comments, notes and the public "
        "counter move over, and its address and id lead there. It can be undone.",
        gone=gone,
        stays=stays,
    )
    told = {"does": "join_article", "alias": gone, "into": stays}
    return edits.button(
        shown,
        _("Join"),
        told,
        title=_("Join two articles named “{title}”?", title=row["title"]),
        about=about,
        of=gone,
    )


def gaps(desk: Any, view: View) -> Component:
    """List the stretches without collection; editors add and explain them."""
    shown = scope.resolve(desk, view, PERIOD)
    found = ledgers.gaps(shown.desk.store, shown.site_id)
    now = f"{local_time(shown.now, shown.zone):%Y-%m-%dT%H:%M}"
    add = edits.button(
        shown,
        _("Add a gap"),
        {"does": "add_gap"},
        Ask("began", _("From, {zone}", zone=shown.zone), now, "datetime-local"),
        Ask("ended", _("To"), now, "datetime-local"),
        Ask("why", _("What happened"), is_needed=False),
        title=_("Add a gap"),
        about=_(
            "Nothing was collected between these times: charts show them as unknown, and no "
            "typical range uses their days."
        ),
    )
    rows = [
        {
            "id": row["began"].isoformat(),
            "began": when(shown, row["began"]),
            "byline": row["why"] or _("not explained"),
            "ended": when(shown, row["ended"]),
            "long": wording.age((row["ended"] - row["began"]).total_seconds()),
            "explain": _explain(shown, row),
        }
        for row in found.to_dicts()
    ]
    columns = [
        Column("began", _("From")),
        Column("ended", _("To")),
        Column("long", _("Long")),
        *([Column("explain", _("Correct"))] if edits.may(shown) else []),
    ]
    body = (
        tables.board(columns, rows, _("Stretches without collection"), is_wide=True)
        if rows
        else components.empty(_("None is known"), _("Who knows of one can add it: what is unknown is not 0."))
    )
    return components.card(
        _("Without collection"),
        body,
        subtitle=_("Unknown, not 0: left out of every typical range"),
        extra=add,
    )


def _explain(shown: Scope, row: dict[str, Any]) -> Component | None:
    if row["edit_id"]:
        return edits.undo_button(shown, row["edit_id"], _("The gap, or what was said of it"))
    told = {
        "does": "add_gap",
        **{name: row[name].replace(tzinfo=dt.UTC).isoformat() for name in ("began", "ended")},
    }
    return edits.button(
        shown,
        _("Explain"),
        told,
        Ask("why", _("What happened")),
        title=_("Explain a gap"),
        about=_("What you write stands beside the gap."),
        of=when(shown, row["began"]),
    )


def _article(shown: Scope, key: str) -> str:
    return View(path=f"/articles/{key}", site=shown.view.site).href()
