"""What happened: the list of it, and one alert with the course of its figure around it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import wording
from analytics.alerts.around import Around
from analytics.control.identity import Role, current
from analytics.language import N_, _, inside
from analytics.wording import Chip
from dashboards import components, figures, scope, tables
from dashboards.elements import Child, el
from dashboards.figures import Event
from dashboards.filters import View
from dashboards.pages.alerts.buttons import button, clock
from dashboards.slots import Desk
from dashboards.tables import Column

MOST = 60
STATES = {
    "open": N_("open"),
    "acknowledged": N_("acknowledged"),
    "over": N_("over"),
    "false alarm": N_("false alarm"),
}
TONES: dict[str, wording.Tone] = {"open": "waiting", "acknowledged": "typical", "over": "outline"}


def draw(desk: Desk, view: View) -> Child:
    """Draw what is open first, then what was."""
    site = scope.site_of(desk, view)
    rows = desk.alerts.history(site.site_id, limit=MOST)
    if not rows:
        empty = components.empty(
            _("Nothing has happened yet"), _("What an alert finds stands here, with what was known then.")
        )
        return components.card(_("History"), empty)
    rows.sort(key=lambda row: row["state"] != "open")
    going = sum(row["state"] == "open" for row in rows)
    said = _("{alerts} open", alerts=wording.counted(going, "alert")) if going else _("Nothing is open")
    may = current().may(Role.EDITOR, site.site_id)
    return components.card(
        _("History"),
        components.timeline([_happened(row, view, may=may) for row in rows]),
        subtitle=_("{said}; times of {zone}, the latest {n}", said=said, zone=site.zone, n=len(rows)),
    )


def _happened(row: dict[str, Any], view: View, *, may: bool) -> tuple[str, Child, Child]:
    about = el("span", f" {clock(row['opened'])}", class_="hidden-words")
    shown = view.but(path="/alerts", new="", rule="", alert=row["id"]).href()
    actions = [el("a", [_("What was known"), about], href=shown, class_="button"), *_judging(row, may=may)]
    return (
        clock(row["opened"]),
        el("a", row["sentence"], href=row["href"]),
        [*_line(row), components.buttons(*actions)],
    )


def _line(row: dict[str, Any]) -> list[Child]:
    state = row["state"]
    since = clock(row["since"])
    when = _("since {since}", since=since)
    if row["closed"]:
        when = _("{first} to {last}", first=since, last=clock(row["closed"]))
    who = f" · {row['acknowledged_by']}" if row["acknowledged_by"] else ""
    chip = components.chip(Chip(_(STATES.get(state, state)), TONES.get(state, "outline")))
    return [chip, f" {row['name']} · {when}{who}"]


def _judging(row: dict[str, Any], *, may: bool) -> list[Child]:
    if not may:
        return []
    of = clock(row["opened"])
    first = [button(row["id"], "acknowledge", _("Looked after"), said=of)] if row["state"] == "open" else []
    false = row["state"] != "false alarm"
    return [*first, button(row["id"], "false", _("False alarm"), said=of) if false else None]


# --- one of them -------------------------------------------------------------------------------------------


def draw_one(desk: Desk, view: View) -> Child:
    """Draw one alert: what was known when it opened, and the course of its figure before and after."""
    if not view.alert:
        return None
    site = scope.site_of(desk, view)
    found: Around = desk.alerts.around(view.alert)
    row = found.row
    close = view.but(alert="").href()
    facts = [(text, name) for name, text in found.facts]
    told = _("told {when}", when=clock(row["told"])) if row["told"] else _("told nobody")
    return components.card(
        row["name"],
        el("p", el("a", row["sentence"], href=row["href"])),
        el("p", *_line(row), f" · {told}"),
        components.facts(facts) if facts else None,
        _course(found) if found.points else None,
        components.buttons(
            *_judging(row, may=current().may(Role.EDITOR, site.site_id)),
            el("a", _("The rule"), href=view.but(alert="", new="", rule=row["alert"]).href(), class_="button")
            if found.has_rule
            else None,
            el("a", _("Close"), href=close, class_="button"),
        ),
        subtitle=_("What was known at {when}; times of {zone}", when=clock(row["opened"]), zone=site.zone),
        twin=_twin(found) if found.points else None,
    )


def _course(found: Around) -> Component:
    frame = pl.DataFrame(
        {
            name: [getattr(point, name) for point in found.points]
            for name in ("at", "value", "p10", "median", "p90", "is_complete")
        },
        schema={
            "at": pl.Datetime("us"),
            **dict.fromkeys(("value", "p10", "median", "p90"), pl.Float64()),
            "is_complete": pl.Boolean(),
        },
    )
    opened = dt.datetime.fromisoformat(found.row["opened"]).replace(tzinfo=None)
    event = Event(opened, _("alert {time}", time=wording.clock(opened)), _("alert"))
    figure = figures.course(
        frame, unit=found.unit, grain="day" if found.grain == "day" else "hour",
        labels=(inside(found.label), ""), events=[event], height=260,
    )  # fmt: skip
    return components.chart(figure, f"{_around(found)}. {found.row['sentence']}", height=260)


def _twin(found: Around) -> Component:
    known = found.grain == "day"
    columns = [
        Column("at", _("When")),
        Column("value", found.label, "number", unit=found.unit),
        Column("p10", _("Usual, from"), "number", unit=found.unit),
        Column("median", _("Usual"), "number", unit=found.unit),
        Column("p90", _("Usual, to"), "number", unit=found.unit),
    ]
    rows = [
        {
            "id": str(n),
            "at": wording.day_named(point.at.date())
            if known
            else f"{wording.day_named(point.at.date())} {wording.clock(point.at)}",
            **{name: getattr(point, name) for name in ("value", "p10", "median", "p90")},
        }
        for n, point in enumerate(found.points)
    ]
    return tables.twin(columns, rows, _around(found))


def _around(found: Around) -> str:
    return _("{figure} around the alert", figure=found.label)
