"""Desks on the page Authors: rows that open, each over its authors; which are open stands in the address."""

from __future__ import annotations

from collections.abc import Sequence

from analytics import wording
from analytics.language import _
from analytics.queries import desks
from analytics.queries.desks import Desk
from analytics.queries.lists import Listing
from dashboards import groups
from dashboards.groups import Arrange
from dashboards.scope import Scope
from dashboards.tables import Value

INDENT = "\N{EM SPACE}\N{EM SPACE}"


def arrange(shown: Scope, found: Listing, names: Sequence[str]) -> Arrange:
    """Put the authors of a list under their desks; only those of open desks are shown.

    Args:
        shown: The view, resolved.
        found: All authors of it.
        names: Columns shown.
    """
    asked = [name for name in found.total if name != "published"]
    made = desks.grouped(shown.desk.store, found, asked, shown.ask("author"), shown.now)

    def arranged(rows: list[dict[str, Value]]) -> list[dict[str, Value]]:
        by_id = {row["id"]: row for row in rows}
        laid: list[dict[str, Value]] = []
        for desk in made:
            laid.append(_row(shown, desk, names, found.main))
            if _key(desk) in shown.view.items:
                members = [by_id[each] for each in desk.authors]
                laid += [{**row, "name": f"{INDENT}{row['name']}"} for row in members]
        return [*laid, *[row for row in rows if row["id"] == "(none)"]]

    return arranged


def _key(desk: Desk) -> str:
    return desk.name or desks.NONE


def _row(shown: Scope, desk: Desk, names: Sequence[str], main: str) -> dict[str, Value]:
    open_, key = shown.view.items, _key(desk)
    is_open = key in open_
    items = tuple(each for each in open_ if each != key) if is_open else (*open_, key)
    size = wording.counted(len(desk.authors), "author")
    return {
        "id": f"desk {key}",
        "rank": "",
        "name": f"{'▾' if is_open else '▸'} {desk.name or _('No desk')} · {size}",
        "href": shown.view.href(items=items),
        **groups.whole_cells(desk.total, names, main),
    }
