"""The form of a report: what it is, when it goes out, to whom; empty for a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

import dash_mantine_components as dmc
from dash import Dash, Input, Output
from dash.development.base_component import Component

from analytics.control.subscriptions import Subscription
from analytics.errors import TearsheetError
from analytics.language import LANGUAGES, N_, _
from analytics.reports import schedule
from analytics.reports.build.asked import PERIODS, filter_of, filter_said
from analytics.reports.build.kinds import KINDS, kind
from analytics.reports.build.parts import BLOCKS
from analytics.reports.office import BY_HAND, FORMATS, Office
from analytics.wording import Chip
from dashboards import components, controls, scope
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.reports.buttons import button
from dashboards.slots import Desk

WAYS = {
    "mail": N_("Mail"),
    "folder": N_("Folder of the desk"),
    "webhook": N_("Webhook"),
    "chat": N_("Slack, Teams, Discord, Telegram"),
}
HOLDERS = N_("desk@news.example, the https:// address of a webhook or chat, tgram://…, or a folder's name")


def draw(desk: Desk, view: View) -> Child:
    """Draw the form that the address asks for; none asks for none."""
    if view.edit:
        return _edit(desk, view)
    if view.new:
        return _new(desk, view)
    return None


def register(app: Dash) -> None:
    """Show the field of days while the schedule is one that has days."""

    @app.callback(Output(_id("period"), "display"), Input(_id("when"), "value"), prevent_initial_call=True)
    async def follows(when: str | None) -> str:
        return await asyncio.to_thread(of_days, when or "")


def of_days(when: str) -> str:
    """Give the display of the field of days: none where a report follows pieces, from publication on."""
    try:
        is_of_pieces = bool(when and schedule.read(schedule.in_english(when), "UTC").ages)
    except TearsheetError:  # said when it is saved
        is_of_pieces = False
    return "none" if is_of_pieces else "block"


def values(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Read the fields of a form into what `Office.draft` takes.

    Raises:
        UsageError: A filter is none.
    """

    def text(name: str) -> str:
        return str(fields.get(name) or "").strip()

    return {
        "name": text("name"),
        "kind_name": text("kind"),
        "when": text("when"),
        "zone": text("zone"),
        "period": text("period"),
        "where": filter_of(text("where")),
        "holidays": [each for each in text("holidays").split(",") if each.strip()],
        "query": text("query"),
        "formats": list(fields.get("formats") or []),
        "blocks": list(fields.get("blocks") or []),
        "language": text("language"),
    }


def _new(desk: Desk, view: View) -> Component:
    site = scope.site_of(desk, view)
    known = kind(view.new)
    fresh: dict[str, Any] = {"kind": view.new, "zone": site.zone, "query": view.saved, "period": known.period}
    fresh |= {"formats": ["xlsx"] if known.of == "query" else []}
    what = [(name, _(each.title)) for name, each in KINDS.items()]
    return components.card(
        _("A new report"),
        el("div", controls.choice("new", what, view.new, "", _("What it is"), 220), class_="form"),
        _fields(desk.reports, fresh, site=site.site_id),
        el("div", _way(), _text("to", _("To"), _(HOLDERS)), class_="form"),
        components.buttons(
            button("new", "add", _("Save"), "primary"),
            button("new", "draft", _("Preview")),
            el("a", _("Cancel"), href="/reports", class_="button"),
        ),
        subtitle=_(
            "{about} What is left empty is its own: {schedule}",
            about=_(known.about),
            schedule=schedule.read(known.schedule, "UTC").words,
        ),
    )


def _edit(desk: Desk, view: View) -> Component:
    office: Office = desk.reports
    found = office.one(view.edit)
    return components.card(
        _("Edit: {name}", name=found.name),
        _fields(office, _filled(found), site=found.site_id),
        components.buttons(
            button(view.edit, "change", _("Save"), "primary"),
            button(view.edit, "draft", _("Preview")),
            button(view.edit, "test", _("Send me a test")),
            button(view.edit, "delete", _("Delete")),
            el("a", _("Close"), href="/reports", class_="button"),
        ),
        el("h3", _("Who gets it")),
        _recipients(office, view.edit),
        el(
            "div",
            _way(),
            _text("to", _("Address"), _(HOLDERS)),
            _text("to-name", _("Name"), _("as it greets them")),
            _text("to-where", _("Their own filter"), "section=Politics; channel=search"),
            class_="form",
        ),
        components.buttons(button(view.edit, "receive", _("Add"))),
        subtitle=f"{_(KINDS[found.kind].title)}. {_(KINDS[found.kind].about)}",
    )


def _filled(found: Subscription) -> dict[str, Any]:
    return {
        "name": found.name,
        "kind": found.kind,
        "query": found.query,
        "when": found.schedule or _(BY_HAND),
        "zone": found.zone,
        "period": found.period,
        "where": filter_said(found.kept),
        "holidays": ", ".join(found.holidays),
        "formats": list(found.formats),
        "blocks": list(found.blocks),
        "language": found.language,
    }


def _fields(office: Office, filled: Mapping[str, Any], *, site: str) -> Component:
    known = kind(filled["kind"])
    periods = {"": _("the days of the view")} if known.of == "view" else {}
    periods |= {name: _(words) for name, words in PERIODS.items()}
    if filled.get("period") not in periods:
        periods[filled["period"]] = filled["period"]
    zones = [(zone, zone) for zone in sorted(available_timezones())]
    when = filled.get("when", "")
    languages = [("", _("the newsroom's")), *LANGUAGES.items()]
    return el(
        "div",
        dmc.TextInput(id=_id("kind"), value=filled["kind"], display="none"),
        dmc.TextInput(id=_id("site"), value=site, display="none"),
        _text("name", _("Name"), _(known.title), filled.get("name", "")),
        _of(office, known.of, filled.get("query", "")) if known.of else None,
        _text(
            "when",
            _("When"),
            _("{schedule}, or cron, or: by hand", schedule=schedule.read(known.schedule, "UTC").words),
            when,
            debounce=True,  # "Days" follows what was written, not each letter of it
        ),
        _choice("zone", _("Time zone of the schedule"), zones, filled.get("zone", "")),
        _choice("period", _("Days"), list(periods.items()), filled.get("period", ""), display=of_days(when)),
        _choice("language", _("Language"), languages, filled.get("language", "")),
        _text("where", _("Only"), "section=Politics; channel=search", filled.get("where", "")),
        _text("holidays", _("Rests on"), "DE-BE, 12-24, 2026-12-27..2027-01-02", filled.get("holidays", "")),
        _several(
            "blocks",
            _("Holds"),
            [(each, _(BLOCKS[each])) for each in known.blocks],
            filled.get("blocks", []),
            _("everything"),
        )
        if known.blocks
        else None,
        _several(
            "formats", _("Attached"), [(each, each.upper()) for each in FORMATS], filled.get("formats", [])
        ),
        class_="form",
    )


def _of(office: Office, of: str, query: str) -> Component:
    try:
        found = office.choices(of)
    except TearsheetError:
        found = []
    label = _("Saved query") if of == "query" else _("Saved view")
    return _choice("query", label, found, query, _("None that you may send yet: the page saves them"))


def _recipients(office: Office, report: str) -> Child:
    rows = office.recipients(report)
    if not rows:
        return components.empty(_("Nobody yet"), _("Add an address below; nothing goes out before."))
    head = el(
        "tr",
        [
            el("th", title, scope="col")
            for title in (_("Way"), _("Address"), _("Name"), _("Their own filter"))
        ],
        el("td"),
    )
    body = [
        el(
            "tr",
            el("td", _(WAYS[row["way"]])),
            el(
                "th",
                row["address"],
                None if row["is_confirmed"] else components.chip(Chip(_("not confirmed yet"), "waiting")),
                scope="row",
            ),
            el("td", row["name"]),
            el("td", row["where"] or "—"),
            el(
                "td",
                components.buttons(
                    button(
                        report,
                        f"preview-{row['id']}",
                        _("Preview"),
                        said=_("as {address}", address=row["address"]),
                    ),
                    button(
                        report, f"send-{row['id']}", _("Send now"), said=_("to {whom}", whom=row["address"])
                    ),
                    None
                    if row["is_confirmed"]
                    else button(report, f"ask-{row['id']}", _("Ask again"), said=row["address"]),
                    button(report, f"remove-{row['id']}", _("Take off"), said=row["address"]),
                ),
            ),
        )
        for row in rows
    ]
    table = el("table", el("thead", head), el("tbody", body), class_="board")
    return el("div", table, class_="table-scroll", tabIndex=0, role="region", aria_label=_("Who gets it"))


def _way() -> Component:
    return _choice("way", _("Way"), [(name, _(words)) for name, words in WAYS.items()], "mail")


def _text(name: str, label: str, holder: str, value: str = "", **more: Any) -> Component:
    made: Component = dmc.TextInput(id=_id(name), label=label, placeholder=holder, value=value, **more)
    return made


def _choice(
    name: str, label: str, choices: Sequence[tuple[str, str]], value: str, nothing: str = "", **more: Any
) -> Component:
    nothing = nothing or _("Nothing found")
    made: Component = dmc.Select(
        id=_id(name),
        label=label,
        data=[{"value": key or " ", "label": words} for key, words in choices],
        value=value or (" " if any(not key for key, _words in choices) else None),
        searchable=len(choices) > 12,
        limit=30 if len(choices) > 100 else None,
        nothingFoundMessage=nothing,
        placeholder=nothing if not choices else "",
        allowDeselect=False,
        comboboxProps={"withinPortal": False},
        **more,
    )
    return made


def _several(
    name: str, label: str, choices: Sequence[tuple[str, str]], chosen: Sequence[str], none: str = ""
) -> Component:
    made: Component = dmc.MultiSelect(
        id=_id(name),
        label=label,
        data=[{"value": key, "label": words} for key, words in choices],
        value=list(chosen),
        placeholder="" if chosen else none,
        comboboxProps={"withinPortal": False},
    )
    return made


def _id(name: str) -> dict[str, str]:
    return {"report-field": name}
