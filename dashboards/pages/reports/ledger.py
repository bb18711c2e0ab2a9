"""The ledger: what was planned, sent, failed and skipped, and why; and what is different since."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dash.development.base_component import Component

from analytics import wording
from analytics.language import N_, _
from dashboards import components, tables
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.reports.buttons import button
from dashboards.slots import Desk
from dashboards.tables import Column

MOST = 60  # runs
STATES = {
    "sent": N_("sent"),
    "planned": N_("waiting"),
    "handed": N_("being handed over"),
    "failed": N_("failed"),
    "skipped": N_("skipped"),
    "sending": N_("being sent"),
    "done": N_("sent"),
}
_TONES = {"sent": "ok", "failed": "error", "planned": "waiting", "handed": "waiting", "sending": "waiting"}
_CHANGES = (
    Column("name", N_("Where")),
    Column("column", N_("What")),
    Column("sent", N_("As sent"), kind="number"),
    Column("now", N_("Now"), kind="number"),
    Column("change", N_("Change"), kind="number"),
)


def draw(desk: Desk, view: View) -> Child:
    """Draw the ledger, of all reports or of one."""
    if not desk.sites():
        return None
    entries = desk.reports.history(view.report or view.edit, MOST)
    if not entries:
        return components.card(
            _("Ledger"),
            components.empty(_("Nothing has been due yet"), _("Every report that falls due stands here.")),
        )
    head = (_("Report"), _("Due"), _("To"), _("State"), _("Why"), _("Sent"), _("Built in"))
    table = el(
        "table",
        el("thead", el("tr", [el("th", title, scope="col") for title in head], el("td"))),
        el("tbody", [_row(each) for each in entries]),
        class_="board ledger",
    )
    title = _("Ledger")
    if view.report or view.edit:
        title = _("Ledger of {report}", report=entries[0]["report"])
    back = el("a", _("All reports"), href="/reports") if view.report else None
    return components.card(
        title,
        el(
            "div",
            table,
            class_="table-scroll",
            tabIndex=0,
            role="region",
            aria_label=_("Deliveries of reports"),
        ),
        subtitle=_("The latest {n}, a line for each recipient", n=wording.full(len(entries))),
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
            "name": wording.joined(each.block, each.row),
            "column": each.column,
            "sent": each.sent,
            "now": each.now,
            "change": each.change,
        }
        for n, each in enumerate(found)
    ]
    nothing = components.empty(_("Nothing is different."), _("Every number is as it was when it was sent."))
    return components.card(
        _("{title}, {days}: then and now", title=report.title, days=report.days),
        tables.board(list(_CHANGES), rows, _("What is different now"), is_wide=True) if rows else nothing,
        subtitle=_(
            "Sent as of {when}; {values} different since: late data and corrections",
            when=report.as_of_said,
            values=wording.counted(len(rows), "value"),
        ),
        extra=[el("a", _("Open as sent"), href=f"/report/sent/{view.changes}", target="_blank"),
               el("a", _("Close"), href="/reports")],
    )  # fmt: skip


def clock(local: str | None) -> str:
    """Write a time of the office as the newsroom's day and time: "Tue 24 Nov, 07:00"."""
    return wording.hour_named(dt.datetime.fromisoformat(local)) if local else wording.NONE


def _row(each: dict[str, Any]) -> Component:
    state = _(STATES.get(each["state"], each["state"]))
    if each["tries"] and each["state"] == "planned":
        state = _("{state}, try {n}", state=state, n=each["tries"] + 1)
    due, took = clock(each["due"]), each["took_ms"]
    took = "—" if took is None else f"{wording.full(took)} ms"
    chip = wording.Chip(state, _TONES.get(each["state"], "outline"))  # type: ignore[arg-type]  # of Tone
    return el(
        "tr",
        el("th", each["report"], el("p", each["about"], class_="meta"), scope="row"),
        el(
            "td", _("{due}, by hand", due=due) if each["by_hand"] else due, class_="when", data_label=_("Due")
        ),
        el("td", each["to"] or "—", data_label=_("To")),
        el("td", components.chip(chip), data_label=_("State")),
        el("td", each["why"], class_="wraps", data_label=_("Why")),
        el("td", clock(each["sent"]), class_="when", data_label=_("Sent")),
        el("td", took, class_="num", data_label=_("Built in")),
        el("td", components.buttons(*_actions(each))),
    )


def _actions(each: dict[str, Any]) -> list[Child]:
    about = _("{report} of {due} to {to}", report=each["report"], due=clock(each["due"]), to=each["to"])
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
