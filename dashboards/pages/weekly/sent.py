"""The week as it was sent: the stored mails of this week, and what is different now."""

from __future__ import annotations

from dash.development.base_component import Component

from analytics import wording
from analytics.language import _
from dashboards import components, edits, tables
from dashboards.elements import el
from dashboards.scope import Scope
from dashboards.tables import Column

MOST = 12


def sent(shown: Scope) -> Component | None:
    """Link the mail of the week as it went out, with "now" beside; absent where none did."""
    if not edits.may(shown):
        return None
    period = shown.period
    copies = shown.desk.reports.sent_of("weekly", shown.site_id, period.first, period.last)
    if not copies:
        return None
    copy_id, at = copies[0]
    _rest, found = shown.desk.reports.since(copy_id)
    rows = [
        {
            "id": str(number),
            "name": each.row or each.block,
            "byline": wording.joined(each.block if each.row else "", each.column),
            "sent": each.sent,
            "now": each.now,
            "change": each.change,
        }
        for number, each in enumerate(found[:MOST])
    ]
    columns = [
        Column("name", _("What")),
        Column("sent", _("As sent"), kind="number"),
        Column("now", _("Now"), kind="number", is_strong=True),
        Column("change", _("Change"), kind="number", hide_under=768),
    ]
    body = (
        tables.board(columns, rows, _("What differs from what was sent"), is_wide=True)
        if rows
        else components.empty(_("Nothing differs"), _("Every number of the mail still stands."))
    )
    more = len(found) - MOST
    return components.card(
        _("As sent {at_said}, and now", at_said=shown.at_said(at)),
        body,
        subtitle=_("{found} differ: late data, and corrections", found=wording.counted(len(found), "value")),
        extra=el("a", _("Open as sent"), href=f"/report/sent/{copy_id}", target="_blank", class_="button"),
        foot=el("a", _("{more} more", more=more), href=f"/reports?changes={copy_id}") if more > 0 else "",
    )
