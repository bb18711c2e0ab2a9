"""Reports: what goes out by itself, when and to whom; a form for each; the ledger of what was sent."""

from __future__ import annotations

from dash import Dash, dcc
from dash.development.base_component import Component

from analytics import wording
from analytics.language import N_, _
from analytics.reports import schedule
from analytics.reports.build.kinds import KINDS
from analytics.reports.office import BY_HAND, READY, Row
from dashboards import components, slots
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.reports import act, form, ledger
from dashboards.pages.reports.buttons import ASKED, button
from dashboards.slots import Desk

PATH = "/reports"
TITLE = N_("Reports")


def layout(_view: View) -> Component:
    """Lay out the page."""
    new = el("a", _("New report"), href=f"{PATH}?new=morning", class_="button primary")
    return slots.page(
        components.page_head(
            _(TITLE), _("What goes out by itself, and what became of it"), components.buttons(new)
        ),
        dcc.Store(id=ASKED),
        dcc.Store(id="reports-done"),
        el("p", id="reports-said", class_="meta", role="status"),
        slots.slot("reports-form"),
        el("div", id="reports-shown"),
        slots.slot("reports-changes"),
        slots.slot("reports-list", 220),
        slots.slot("reports-ledger", 260),
    )


def register(app: Dash) -> None:
    """Bind the slots, and the buttons."""
    slots.fill(app, "reports-form", form.draw, what=N_("the form"), again="reports-done")
    slots.fill(app, "reports-changes", ledger.draw_changes, what=N_("the difference"))
    slots.fill(app, "reports-list", draw_list, what=N_("the reports"), again="reports-done")
    slots.fill(app, "reports-ledger", ledger.draw, what=N_("the ledger"), again="reports-done")
    act.register(app)
    form.register(app)


def draw_list(desk: Desk, view: View) -> Child:
    """Draw the reports with their next time, or the way to the first three."""
    if not desk.sites():
        return components.card(
            _("No reports yet"), components.empty(_("No newsroom yet"), _("Make a site first."))
        )
    rows = [row for row in desk.reports.listed() if row["id"] != view.edit]
    if rows:
        return el("div", [_report(row) for row in rows], class_="pair")
    return (
        None
        if view.edit or view.new
        else components.card(_("No reports yet"), _ready(desk.reports.own_address()))
    )


def _ready(address: str) -> Component:
    """Offer the three that most newsrooms want: one click each where it is known to whom."""
    offers = [
        el(
            "li",
            el(
                "div",
                el("h3", _(KINDS[name].title)),
                el("p", _(KINDS[name].about)),
                el("p", schedule.read(KINDS[name].schedule, "UTC").words, class_="meta"),
            ),
            button("new", f"ready-{name}", _("Send it to {address}", address=address))
            if address
            else el("a", _("Set it up"), href=f"{PATH}?new={name}", class_="button"),
        )
        for name in READY
    ]
    return el("ul", offers, class_="notes")


def _report(row: Row) -> Component:
    next_said = (
        _("paused")
        if row["is_paused"]
        else _("next {when}", when=ledger.clock(row["next"]))
        if row["next"]
        else _("by hand only")
        if row["schedule"] == _(BY_HAND)
        else _("next with the next piece")
    )
    last = (
        _("last: {state}", state=_(ledger.STATES.get(row["last"], str(row["last"]))))
        if row["last"]
        else _("not sent yet")
    )
    why = f" – {row['last_why']}" if row["last_why"] else ""
    to = wording.listed(row["recipients"]) if row["recipients"] else _("nobody yet")
    about = [
        row["period"],
        row["where"],
        _("to {whom}", whom=to),
        wording.listed([each.upper() for each in row["formats"]]) if row["formats"] else "",
    ]
    resting = ("resume", _("Let it go out again")) if row["is_paused"] else ("pause", _("Pause"))
    actions = components.buttons(
        el("a", _("Edit"), href=f"{PATH}?edit={row['id']}", class_="button"),
        button(row["id"], "preview", _("Preview")),
        button(row["id"], "send", _("Send now")) if row["recipients"] else None,
        button(row["id"], *resting),
        el("a", _("Ledger"), href=f"{PATH}?report={row['id']}", class_="button"),
    )
    return components.card(
        row["name"],
        el("p", " · ".join(part for part in about if part)),
        el("p", f"{next_said} · {last}{why}", class_="meta"),
        actions,
        subtitle=f"{row['kind']} · {row['schedule']}",
    )
