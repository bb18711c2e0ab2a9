"""Reports: what goes out by itself, when and to whom; the ledger of what was sent; a form for one more."""

from __future__ import annotations

import asyncio
from typing import Any

import dash_mantine_components as dmc
import structlog
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from analytics import wording
from analytics.errors import TearsheetError
from analytics.language import N_, _
from analytics.reports.build.kinds import KINDS
from analytics.reports.office import FORMATS, Office
from analytics.reports.send import letters
from dashboards import components, slots, tables
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.slots import Desk
from dashboards.tables import Column, Row

PATH = "/reports"
TITLE = N_("Reports")
LEDGER = 60
STATES = {
    "sent": "sent",
    "planned": "waiting",
    "handed": N_("being handed over"),
    "failed": "failed",
    "skipped": "skipped",
    "sending": "sending",
    "done": "sent",
}

log = structlog.get_logger()


def layout(_view: View) -> Component:
    """Lay out the page."""
    said = el("p", id="reports-said", class_="meta", role="status")
    return slots.page(
        components.page_head(_(TITLE), _("What goes out by itself, and what became of it")),
        dcc.Store(id="reports-done"),
        said,
        slots.slot("reports-list", 220),
        _form(),
        slots.slot("reports-ledger", 260),
    )


def register(app: Dash) -> None:
    """Bind the slots, the buttons and the form."""
    slots.fill(app, "reports-list", draw_list, what=N_("the reports"), again="reports-done")
    slots.fill(app, "reports-ledger", draw_ledger, what=N_("the ledger"), again="reports-done")

    @app.callback(
        Output("reports-done", "data"),
        Output("reports-said", "children"),
        Input({"report": ALL, "does": ALL}, "n_clicks"),
        State("reports-kind", "value"),
        State("reports-when", "value"),
        State("reports-to", "value"),
        State("reports-where", "value"),
        State("reports-attach", "value"),
        State("reports-done", "data"),
        prevent_initial_call=True,
    )
    async def act(clicks: list[int | None], *values: Any) -> tuple[int, str]:
        asked = ctx.triggered_id
        if not any(clicks) or not asked:
            raise PreventUpdate
        said = await asyncio.to_thread(_done, app.server.state.desk, asked["report"], asked["does"], values)
        return int(values[-1] or 0) + 1, said


def draw_list(desk: Desk, _view: View) -> Child:
    """Draw the reports with their next time, or the way to the first three."""
    if not desk.sites():
        return components.card(
            _("No reports yet"), components.empty(_("No newsroom yet"), _("Make a site first."))
        )
    rows = desk.reports.listed()
    if rows:
        return [_report(row) for row in rows]
    ready = _button("new", "ready", _("Make these three"), "primary")
    names = wording.listed([_(KINDS[name].title) for name in ("morning", "weekly", "comments")])
    return components.card(
        _("No reports yet"),
        components.empty(
            _("Three that most newsrooms want"),
            _("{names}: enter a mail address below under “To”, then make them in one click.", names=names),
            ready,
        ),
    )


def draw_ledger(desk: Desk, _view: View) -> Child:
    """Draw what was planned, sent, failed and skipped, and why."""
    if not desk.sites():
        return None
    entries = desk.reports.history(limit=LEDGER)
    if not entries:
        return components.card(
            _("Ledger"),
            components.empty(_("Nothing has been due yet"), _("Every report that falls due stands here.")),
        )
    rows: list[Row] = [_entry(number, each) for number, each in enumerate(entries)]
    columns = [
        Column("name", _("Report")),
        Column("due", _("Due")),
        Column("to", _("To")),
        Column("state", _("State")),
        Column("why", _("Why")),
        Column("sent", _("Sent")),
    ]
    said = _("The latest {rows}; a row opens the mail as it was sent", rows=wording.full(len(rows)))
    return components.card(
        _("Ledger"), tables.board(columns, rows, _("Deliveries of reports")), subtitle=said
    )


def _entry(number: int, each: dict[str, Any]) -> Row:
    state = _(STATES.get(each["state"], each["state"]))
    return {
        "id": str(number),
        "name": each["report"],
        "report": each["report"],
        "href": f"/report/sent/{each['copy']}" if each["copy"] else None,
        "due": _("{due} by hand", due=each["due"]) if each["by_hand"] else each["due"],
        "to": each["to"],
        "state": _("{state}, try {tries}", state=state, tries=each["tries"] + 1)
        if each["tries"] and state == "waiting"
        else state,
        "why": each["why"],
        "sent": each["sent"] or "",
    }


def _report(row: dict[str, Any]) -> Component:
    next_said = (
        _("paused")
        if row["is_paused"]
        else _("next {next}", next=row["next"])
        if row["next"]
        else _("by hand only")
    )
    last = (
        _("last: {state}", state=_(STATES.get(row["last"], row["last"])))
        if row["last"]
        else _("not sent yet")
    )
    why = f" – {row['last_why']}" if row["last_why"] else ""
    to = wording.listed(row["recipients"]) if row["recipients"] else _("nobody yet")
    resting = ("resume", _("Let it go out again")) if row["is_paused"] else ("pause", _("Pause"))
    actions = components.buttons(
        el("a", _("Preview"), href=f"/report/preview/{row['id']}", target="_blank", class_="button"),
        _button(row["id"], "send", _("Send now")),
        _button(row["id"], "to", _("Add the address below")),
        _button(row["id"], *resting),
        _button(row["id"], "delete", _("Delete")),
    )
    return components.card(
        row["name"],
        el("p", _("{period} · to {to}", period=row["period"], to=to)),
        el("p", f"{next_said} · {last}{why}", class_="meta"),
        actions,
        subtitle=f"{row['kind']} · {row['schedule']}",
    )


def _button(report: str, does: str, label: str, more: str = "") -> Component:
    return html.Button(
        label, id={"report": report, "does": does}, type="button", className=f"button {more}".strip()
    )


def _form() -> Component:
    kinds = [{"value": name, "label": _(each.title)} for name, each in KINDS.items()]
    fields = el(
        "div",
        dmc.Select(id="reports-kind", label=_("Report"), data=kinds, value="morning", allowDeselect=False),
        dmc.TextInput(
            id="reports-when",
            label=_("When"),
            placeholder=_("every weekday at 07:00 Europe/Berlin"),
            debounce=True,
        ),
        dmc.TextInput(id="reports-to", label=_("To"), placeholder="desk@news.example", debounce=True),
        dmc.TextInput(id="reports-where", label=_("Only"), placeholder=_("section=Politics"), debounce=True),
        dmc.Select(
            id="reports-attach",
            label=_("Attached"),
            data=[
                {"value": " ", "label": _("nothing")},
                *[{"value": x, "label": x.upper()} for x in FORMATS],
            ],
            value=" ",
            allowDeselect=False,
        ),
        class_="form",
    )
    return components.card(
        _("A report more"),
        fields,
        _button("new", "add", _("Save"), "primary"),
        subtitle=_("What is left empty is the report's own: its period and its usual time"),
    )


def _done(desk: Desk, report: str, does: str, values: tuple[Any, ...]) -> str:
    """Do what a button says, and say what came of it."""
    kind, when, to, where, attach, _rest = values
    office = desk.reports
    try:
        if does in _ON_ONE:
            return _ON_ONE[does](office, report, to or "")
        if does == "ready":
            made = office.ready_made(desk.sites()[0].site_id, to or "")
            return _("{made} reports made.", made=len(made))
        if to:
            letters.address(to)  # before anything is made for it
        key, _rest, value = (where or "").partition("=")
        kept = {key.strip(): [value.strip()]} if key.strip() else {}
        formats = [attach] if (attach or "").strip() else []
        row = office.add("", kind, when=when or "", where=kept, formats=formats)
        if to:
            office.add_recipient(row["id"], "mail", to)
    except TearsheetError as refusal:
        return str(refusal)
    except Exception:
        log.exception("report not changed", does=does)
        return _("It failed; the log of the desk says more.")
    return _("{name}: {schedule}; next {next}.", name=row["name"], schedule=row["schedule"], next=row["next"])


def _send(office: Office, report: str, _to: str) -> str:
    rows = office.send(report)
    lost = [row for row in rows if row["state"] != "sent"]
    return (
        _("Not sent to {to}: {why}", to=lost[0]["to"], why=lost[0]["why"])
        if lost
        else _("Sent to {rows}.", rows=len(rows))
    )


def _receive(office: Office, report: str, to: str) -> str:
    office.add_recipient(report, "mail", to)
    return _("{to} receives it from now on.", to=to)


def _pause(office: Office, report: str, _to: str) -> str:
    office.pause(report)
    return _("Paused.")


def _resume(office: Office, report: str, _to: str) -> str:
    office.resume(report)
    return _("It goes out again.")


def _delete(office: Office, report: str, _to: str) -> str:
    office.delete(report)
    return _("Deleted; its ledger stays.")


_ON_ONE = {"send": _send, "to": _receive, "pause": _pause, "resume": _resume, "delete": _delete}
