"""Corrections: what editors changed, with the way back, and the articles that no list names."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from analytics import wording
from analytics.control.identity import Role
from analytics.language import _
from analytics.queries import corrections as asked
from dashboards import components, edits, scope, tables
from dashboards.filters import View
from dashboards.pages.health.shown import PERIOD, when
from dashboards.scope import Scope
from dashboards.tables import Column

MOST = 20


def corrections(desk: Any, view: View) -> list[Component | None]:
    """List what no list names, and the log."""
    shown = scope.resolve(desk, view, PERIOD)
    return [_excluded(shown), _log(shown)]


def _excluded(shown: Scope) -> Component | None:
    found = asked.excluded_list(shown.desk.store, shown.site_id)
    if found.is_empty():
        return None
    rows = [
        {
            "id": row["id"],
            "name": row["title"],
            "byline": row["why"] or row["section"] or "",
            "href": View(path=f"/articles/{row['id']}", site=shown.view.site).href(),
            "who": f"{row['who']}, {when(shown, row['made_at'])}",
            "back": edits.exclude_button(shown, row["id"], row["title"], is_excluded=True),
        }
        for row in found.to_dicts()
    ]
    columns = [
        Column("name", _("Article")),
        Column("who", _("By"), hide_under=768),
        Column("back", _("Correct")),
    ]
    return components.card(
        _("Kept off lists"),
        tables.board(columns if edits.may(shown) else columns[:2], rows, _("Articles that no list names")),
        subtitle=_("No list, board, “worth a look” or public widget names them; every total holds them"),
        foot=wording.counted(found.height, "article"),
    )


def _log(shown: Scope) -> Component:
    title = _("Corrections")
    found = asked.log(shown.desk.store, shown.site_id, most=MOST)
    if found.is_empty():
        said = _(
            "Editors join authors and topics, fill in articles, keep some off lists: it is written here."
        )
        return components.card(title, components.empty(_("Nothing was corrected yet"), said))
    rows = [
        {
            "id": row["edit_id"],
            "words": row["words"],
            "who": row["who"],
            "at": when(shown, row["made_at"]),
            "undo": _("undone by {undone_by}", undone_by=row["undone_by"])
            if row["undone_at"]
            else _undo(shown, row),
        }
        for row in found.to_dicts()
    ]
    columns = [
        Column("words", _("What")),
        Column("who", _("Who"), hide_under=768),
        Column("at", _("When")),
        Column("undo", _("Undo")),
    ]
    return components.card(
        title,
        tables.board(columns, rows, _("Corrections, the latest first")),
        subtitle=_("What sources say stays beside it; undoing puts it back, for all history"),
        foot=_("The latest {height}", height=found.height),
    )


def _undo(shown: Scope, row: dict[str, Any]) -> Component | None:
    role = Role.ADMIN if row["kind"] == "readmit" else Role.EDITOR
    return edits.undo_button(shown, row["edit_id"], row["words"], role)
