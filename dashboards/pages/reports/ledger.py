"""The ledger: what was planned, sent, failed and skipped, and why; and what is different since."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from analytics import wording
from analytics.language import _
from dashboards import components, tables
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.reports.buttons import button
from dashboards.slots import Desk
from dashboards.tables import Column

MOST = 60  # runs
STATES = {
    "sent": "sent",
    "planned": "waiting",
    "handed": "being handed over",
    "failed": "failed",
    "skipped": "skipped",
    "sending": "sending",
    "done": "sent",
}
_TONES = {"sent": "ok", "failed": "error", "planned": "waiting", "handed": "waiting", "sending": "waiting"}
_CHANGES = (
    Column("name", "Where"),
    Column("column", "What"),
    Column("sent", "As sent"),
    Column("now", "Now"),
    Column("change", "Change"),
)


def draw(desk: Desk, view: View) -> Child:
    """Draw the ledger, of all reports or of one."""
    if not desk.sites():
        return None
    entries = desk.reports.history(view.report or view.edit, MOST)
    if not entries:
        return components.card(
            "Ledger",
            components.empty(_("Nothing has been due yet"), _("Every report that falls due stands here.")),
        )
    head = ("Report", "Due", "To", "State", "Why", "Sent", "Built in")
    table = el(
        "table",
        el("thead", el("tr", [el("th", title, scope="col") for title in head], el("td"))),
        el("tbody", [_row(each) for each in entries]),
        class_="board",
    )
    whose = f" of {entries[0]['report']}" if view.report or view.edit else ""
    back = el("a", _("All reports"), href="/reports") if view.report else None
    return components.card(
        f"Ledger{whose}",
        el(
            "div",
            table,
            class_="table-scroll",
            tabIndex=0,
            role="region",
            aria_label=_("Deliveries of reports"),
        ),
        subtitle=f"The latest {wording.full(len(entries))}, a line for each recipient",
        extra=back,
    )


def draw_changes(desk: Desk, view: View) -> Child:
    """Draw what is different now in a report that was sent, row by row."""
    if not view.changes:
        return None
    report, found = desk.reports.since(view.changes)
    rows = [
        {
            "id": str(n),
            "name": " · ".join(part for part in (each.block, each.row) if part),
            "column": each.column,
            "sent": each.sent,
            "now": each.now,
            "change": each.change,
        }
        for n, each in enumerate(found)
    ]
    nothing = components.empty(_("Nothing is different."), _("Every number is as it was when it was sent."))
    return components.card(
        f"{report.title}, {report.days}: then and now",
        tables.board(list(_CHANGES), rows, _("What is different now"), is_wide=True) if rows else nothing,
        subtitle=f"Sent as of {report.as_of_said}; "
        f"{wording.counted(len(rows), 'value')} different since: late data and corrections",
        extra=[el("a", _("Open as sent"), href=f"/report/sent/{view.changes}", target="_blank"),
               el("a", _("Close"), href="/reports")],
    )  # fmt: skip


def _row(each: dict[str, Any]) -> Component:
    state = STATES.get(each["state"], each["state"])
    if each["tries"] and state == "waiting":
        state = f"{state}, try {each['tries'] + 1}"
    chip = wording.Chip(state, _TONES.get(each["state"], "outline"))  # type: ignore[arg-type]  # of Tone
    return el(
        "tr",
        el("th", each["report"], scope="row"),
        el("td", f"{each['due']}, by hand" if each["by_hand"] else each["due"]),
        el("td", each["to"] or "—"),
        el("td", components.chip(chip)),
        el("td", each["why"], class_="wraps"),
        el("td", each["sent"] or "—"),
        el("td", f"{each['took_ms']:,} ms" if each["took_ms"] is not None else "—", class_="num"),
        el("td", components.buttons(*_actions(each))),
    )


def _actions(each: dict[str, Any]) -> list[Child]:
    about = f"{each['report']} of {each['due']} to {each['to']}"
    actions: list[Child] = []
    if each["copy"]:
        hidden = el("span", f" {about}", class_="hidden-words")
        actions += [
            el(
                "a",
                [_("As sent"), hidden],
                href=f"/report/sent/{each['copy']}",
                target="_blank",
                class_="button",
            ),
            el("a", [_("Now"), hidden], href=f"/reports?changes={each['copy']}", class_="button"),
        ]
    if each["state"] == "failed" and each["id"]:
        actions.append(button(each["id"], "retry", _("Send again"), said=about))
    return actions
