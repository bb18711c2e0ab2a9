"""The week as it was sent: the stored mails of this week, and what is different now."""

from __future__ import annotations

from dash.development.base_component import Component

from analytics import wording
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
    _, found = shown.desk.reports.since(copy_id)
    rows = [
        {
            "id": str(number),
            "name": each.row or each.block,
            "byline": " · ".join(part for part in (each.block if each.row else "", each.column) if part),
            "sent": each.sent,
            "now": each.now,
            "change": each.change,
        }
        for number, each in enumerate(found[:MOST])
    ]
    columns = [
        Column("name", "What"),
        Column("sent", "As sent"),
        Column("now", "Now", is_strong=True),
        Column("change", "Change", hide_under=768),
    ]
    body = (
        tables.board(columns, rows, "What differs from what was sent", is_wide=True)
        if rows
        else components.empty("Nothing differs", "Every number of the mail still stands.")
    )
    more = len(found) - MOST
    return components.card(
        f"As sent {shown.at_said(at)}, and now",
        body,
        subtitle=f"{wording.counted(len(found), 'value')} differ: late data, and corrections",
        extra=el("a", "Open as sent", href=f"/report/sent/{copy_id}", target="_blank", class_="button"),
        foot=f"{more} more" if more > 0 else "",
    )
