"""Alerts: what is open and what was, with what was known then; the rules; a form that can be tried first."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import dash_mantine_components as dmc
import structlog
from dash import ALL, Dash, Input, Output, State, dcc
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from analytics import wording
from analytics.alerts.kinds import DIMENSIONS, DIRECTIONS, GRAINS, KINDS, LEVELS, MOST_READINGS, WAYS
from analytics.alerts.office import Alerts, DryRun, recipients_said
from analytics.alerts.words import figure
from analytics.control.alerts import Rule
from analytics.control.identity import Role, current
from analytics.errors import TearsheetError
from analytics.language import N_, _, inside
from analytics.metrics import dimension
from analytics.wording import Chip
from dashboards import components, scope, slots
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.slots import Desk

PATH = "/alerts"
TITLE = N_("Alerts")
ASKED = "alerts-asked"  # the store of what was pressed
HISTORY, DAY_H = 60, 24
TONES: dict[str, wording.Tone] = {"open": "waiting", "acknowledged": "typical", "over": "outline"}
TOLD = {"once": N_("told once"), "hourly": N_("told again each hour"), "daily": N_("told again each day")}
STATES = {
    "open": N_("open"),
    "acknowledged": N_("acknowledged"),
    "over": N_("over"),
    "false alarm": N_("false alarm"),
}
LABELS = {
    "metric": N_("Figure"),
    "dimension": N_("Of"),
    "ids": N_("Only"),
    "grain": N_("Counted by"),
    "direction": N_("When it is"),
    "level": N_("How far outside"),
    "readings": N_("Readings in a row"),
    "repeat": N_("Told"),
    "query": N_("Saved query"),
}
SIDES = {"above": N_("above"), "below": N_("below"), "either": N_("above or below")}
BOUNDS = {"count": N_("Level"), "share": N_("Level, percent"), "min": N_("Minutes")}

log = structlog.get_logger()


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        components.page_head(_(TITLE), _("What is watched, and what came of it")),
        dcc.Store(id=ASKED),
        dcc.Store(id="alerts-done"),
        el("p", id="alerts-said", class_="meta", role="status"),
        slots.slot("alerts-history", 220),
        slots.slot("alerts-rules", 260),
        slots.slot("alerts-form", 220),
    )


def register(app: Dash) -> None:
    """Bind the slots, the buttons and the form."""
    slots.fill(app, "alerts-history", draw_history, what=N_("the history"), again="alerts-done")
    slots.fill(app, "alerts-rules", draw_rules, what=N_("the alerts"), again="alerts-done")
    slots.fill(app, "alerts-form", draw_form, what=N_("the form"))

    @app.callback(
        Output("alerts-done", "data"),
        Output("alerts-said", "children"),
        Input(ASKED, "data"),
        State({"alert-field": ALL}, "value"),
        State({"alert-field": ALL}, "id"),
        State({"alert-to": ALL}, "value"),
        State({"alert-to": ALL}, "id"),
        State(slots.VIEW, "data"),
        State("alerts-done", "data"),
        prevent_initial_call=True,
    )
    async def act(asked: dict[str, str] | None, *states: Any) -> tuple[int, Child]:
        if not asked:
            raise PreventUpdate
        values, names, to, whom, address, done = states
        fields = {each["alert-field"]: value for each, value in zip(names, values, strict=True)}
        fields |= {f"to {each['alert-to']}": value for each, value in zip(whom, to, strict=True)}
        view = slots.view_of(address)
        said = await asyncio.to_thread(_done, app.server.state.desk, view, asked, fields)
        return int(done or 0) + 1, said


# --- what happened -----------------------------------------------------------------------------------------


def draw_history(desk: Desk, view: View) -> Child:
    """Draw what is open first, then what was."""
    site = scope.site_of(desk, view)
    rows = desk.alerts.history(site.site_id, limit=HISTORY)
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
        components.timeline([_happened(row, may=may) for row in rows]),
        subtitle=_("{said}; times of {zone}, the latest {n}", said=said, zone=site.zone, n=len(rows)),
    )


def _happened(row: dict[str, Any], *, may: bool) -> tuple[str, Child, Child]:
    state = row["state"]
    chip = components.chip(Chip(_(STATES.get(state, state)), TONES.get(state, "outline")))
    since = _clock(row["since"])
    when = _("since {since}", since=since)
    if row["closed"]:
        when = _("{first} to {last}", first=since, last=_clock(row["closed"]))
    who = f" · {row['acknowledged_by']}" if row["acknowledged_by"] else ""
    actions = []
    if may and state == "open":
        actions.append(_button(row["id"], "acknowledge", _("Looked after")))
    if may and state != "false alarm":
        actions.append(_button(row["id"], "false", _("False alarm")))
    line: list[Child] = [chip, f" {row['name']} · {when}{who}"]
    return (
        _clock(row["opened"]),
        el("a", row["sentence"], href=row["href"]),
        [*line, components.buttons(*actions) if actions else None],
    )


def _clock(text: str | None) -> str:
    """Write RFC 3339 with its offset as the newsroom's day and time."""
    if not text:
        return wording.NONE
    local = dt.datetime.fromisoformat(text)
    return f"{wording.day_named(local.date())} {wording.clock(local)}"


# --- rules -------------------------------------------------------------------------------------------------


def draw_rules(desk: Desk, view: View) -> Child:
    """Draw the rules; where there are none but those of the house, suggest three with their dry run."""
    site = scope.site_of(desk, view)
    rows = desk.alerts.listed(site.site_id)
    own = [row for row in rows if not KINDS[row["kind"]].is_service]
    of_house = [row for row in rows if KINDS[row["kind"]].is_service]
    parts: list[Child] = [_rule(row, site.site_id, view) for row in [*own, *of_house]]
    if not own:
        return [_suggested(desk.alerts, site.site_id), *parts]
    return parts


def _suggested(alerts: Alerts, site_id: str) -> Component:
    items = []
    may = current().may(Role.EDITOR, site_id)
    for number, (rule, dry) in enumerate(alerts.suggestions(site_id)):
        button = _button(str(number), "suggested", _("Watch this"), "primary") if may else None
        items.append(el("li", el("h3", rule.name), el("p", dry.said, class_="meta"), _times(dry), button))
    return components.card(
        _("Three to begin with"),
        el("ul", items, class_="looks"),
        subtitle=_("What each would have told in the last four weeks of this site"),
    )


def _rule(row: dict[str, Any], site_id: str, view: View) -> Component:
    kind = KINDS[row["kind"]]
    muted = _("muted until {when}", when=_clock(row["muted_until"])) if row["muted_until"] else ""
    state = _("paused") if row["is_paused"] else muted
    told = _(TOLD[row["repeat"]])
    quiet = _("quiet {hours}", hours=row["quiet"]) if row["quiet"] else ""
    line = " · ".join(part for part in (recipients_said(row), told, quiet, state) if part)
    open_ = components.chip(Chip(_("{n} open", n=row["open"]), "waiting")) if row["open"] else None
    trouble = (
        components.notice(_("It could not be read: {trouble}", trouble=row["trouble"]))
        if row["trouble"]
        else None
    )
    may = current().may(Role.ADMIN if kind.is_service else Role.EDITOR, site_id)
    return components.card(
        row["name"],
        el("p", _("To {whom}", whom=line), " ", open_),
        trouble,
        _actions(row, kind.has_past, view) if may else None,
        subtitle=row["watches"],
    )


def _actions(row: dict[str, Any], has_past: bool, view: View) -> Component:
    muted = ("unmute", _("Unmute")) if row["muted_until"] else ("mute", _("Mute for a day"))
    resting = ("resume", _("Watch again")) if row["is_paused"] else ("pause", _("Pause"))
    to = dmc.TextInput(
        id={"alert-to": row["id"]},
        placeholder="desk@news.example",
        debounce=True,
        **{"aria-label": _("Whom {name} is told", name=row["name"])},
    )
    return el(
        "div",
        components.buttons(
            _button(row["id"], "try", _("Try 28 days")) if has_past else None,
            _button(row["id"], "test", _("Send a test")),
            _button(row["id"], *muted),
            _button(row["id"], *resting),
            el("a", _("Edit"), href=view.but(path=PATH, new="", rule=row["id"]).href(), class_="button"),
            _button(row["id"], "delete", _("Delete")),
        ),
        el("div", to, _button(row["id"], "to", _("Tell this address")), class_="alert-to"),
        class_="alert-actions",
    )


def _times(dry: DryRun) -> Child:
    """List when a rule would have fired, folded away."""
    if not dry.times:
        return None
    rows = [(_clock(each["at"]), el("a", each["sentence"], href=each["href"]), None) for each in dry.times]
    return el("details", el("summary", _("When")), components.timeline(rows), class_="alert-times")


# --- the form ----------------------------------------------------------------------------------------------


def draw_form(desk: Desk, view: View) -> Child:
    """Draw the form of a new rule of a kind, or of one that there is; its address fills it in."""
    site = scope.site_of(desk, view)
    if not current().may(Role.EDITOR, site.site_id):
        return components.card(
            _("A new alert"),
            components.empty(_("Editors make alerts."), _("An admin gives the role, under Settings.")),
        )
    if view.rule:
        found = desk.alerts.rule(view.rule)
        return _form(found, _(KINDS[found.kind].title), _("Edit “{name}”", name=found.name), view)
    kinds = {name: each for name, each in KINDS.items() if not each.is_service}
    if view.new not in kinds:
        links = [
            el("li", el("h3", el("a", _(each.title), href=view.but(path=PATH, new=name, rule="").href())),
               el("p", _(each.about), class_="meta"))
            for name, each in kinds.items()
        ]  # fmt: skip
        return components.card(
            _("A new alert"), el("ul", links, class_="looks alert-kinds"), subtitle=_("Of what?")
        )
    query = {"query": view.saved} if view.new == "query" else {}
    draft = desk.alerts.blank(view.new, site.site_id, **query)
    title = _(KINDS[view.new].title)
    return _form(draft, title, _("A new alert: {kind}", kind=title), view)


def _form(rule: Rule, name: str, title: str, view: View) -> Component:
    kind = KINDS[rule.kind]
    fields: list[Child] = [_text("name", _("Name"), rule.name if rule.rule_id else "", name)]
    fields += [_field(field, rule) for field in kind.fields]
    fields.append(_select("repeat", _worded(TOLD), rule.repeat))
    fields.append(_text("quiet", _("Quiet hours"), rule.quiet, "22:00-07:00"))
    if not rule.rule_id:
        fields.append(_select("way", _worded(WAYS), "mail", _("Told by")))
        fields.append(_text("to", _("To"), "", "desk@news.example"))
    which = rule.rule_id or rule.kind
    return components.card(
        title,
        el("div", fields, class_="form"),
        components.buttons(
            _button(which, "save", _("Save"), "primary"),
            _button(which, "dry", _("Try it over 28 days")) if kind.has_past else None,
            el("a", _("Close"), href=view.but(path=PATH, new="", rule="").href(), class_="button"),
        ),
        subtitle=_(kind.about),
    )


def _field(name: str, rule: Rule) -> Component:
    kind = KINDS[rule.kind]
    if name == "bound":
        bound = rule.bound if kind.unit != "share" or rule.bound is None else rule.bound * 100
        return _numbered("bound", _(BOUNDS[kind.unit]), bound, min=0)
    if name == "readings":
        return _numbered("readings", _(LABELS[name]), rule.readings, min=1, max=MOST_READINGS, step=1)
    if name == "ids":
        return _text("ids", _(LABELS[name]), ", ".join(rule.ids), _("Politics, Sport; empty: each of them"))
    if name == "query":
        return _text("query", _(LABELS[name]), rule.query, _("Id of a saved query: SQL makes it an alert"))
    options: dict[str, list[tuple[str, str]]] = {
        "metric": [(each, figure(each)) for each in kind.metrics],
        "dimension": [
            (each, _("the whole site") if each == "site" else inside(dimension(each).label))
            for each in DIMENSIONS
        ],
        "grain": [(each, _("hours") if each == "hour" else _("days")) for each in GRAINS],
        "direction": [(each, _(SIDES[each])) for each in DIRECTIONS],
        "level": [(str(each), _("level {n}", n=f"{each}{wording.TIMES}")) for each in LEVELS],
    }
    if rule.kind == "query":
        options["direction"] = options["direction"][:2]
    return _select(name, options[name], str(getattr(rule, name)))


def _worded(choices: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(key, _(words)) for key, words in choices.items()]


def _numbered(name: str, label: str, value: float | None, **ends: int) -> Component:
    made: Component = dmc.NumberInput(
        id={"alert-field": name}, label=label, value="" if value is None else value, **ends
    )
    return made


def _select(name: str, options: list[tuple[str, str]], value: str, label: str = "") -> Component:
    made: Component = dmc.Select(
        id={"alert-field": name},
        label=label or _(LABELS[name]),
        data=[{"value": each, "label": words} for each, words in options],
        value=value,
        allowDeselect=False,
    )
    return made


def _text(name: str, label: str, value: str, example: str) -> Component:
    made: Component = dmc.TextInput(
        id={"alert-field": name}, label=label, value=value, placeholder=example, debounce=True
    )
    return made


def _button(alert: str, does: str, label: str, more: str = "") -> Component:
    return components.ask_button(ASKED, alert, does, label, more)


# --- what buttons do ---------------------------------------------------------------------------------------


def _done(desk: Desk, view: View, asked: dict[str, str], fields: dict[str, Any]) -> Child:
    """Do what a button says, and say what came of it."""
    does, which = asked["does"], asked["of"]
    try:
        return _DOES[does](desk.alerts, scope.site_of(desk, view).site_id, which, fields)
    except TearsheetError as refusal:
        return str(refusal)
    except Exception:
        log.exception("alert not changed", does=does)
        return _("It failed; the log of the desk says more.")


def _values(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Read the form: percent become shares, lists of names lists, numbers numbers."""
    known = KINDS[kind].fields
    found: dict[str, Any] = {
        name: (fields.get(name) or "").strip() for name in ("name", "quiet", "repeat") if name in fields
    }
    for name in known:
        value = fields.get(name)
        if name == "ids":
            found[name] = [part.strip() for part in (value or "").split(",") if part.strip()]
        elif name == "bound":
            found[name] = _bound(kind, value)
        elif name in {"level", "readings"}:
            found[name] = int(value or 1)
        else:
            found[name] = (value or "").strip()
    return found


def _bound(kind: str, value: object) -> float | None:
    """Read the level of a form; an empty one is none, and refused where the kind needs one."""
    known = KINDS[kind]
    if not isinstance(value, int | float):
        return None if known.bound is None else 0.0
    return value / 100 if known.unit == "share" else float(value)


def _save(alerts: Alerts, site: str, which: str, fields: dict[str, Any]) -> Child:
    if which not in KINDS:
        row = alerts.change(which, **_values(alerts.rule(which).kind, fields))
        return _("Saved. {watches}.", watches=row["watches"])
    values = _values(which, fields)
    to, way = (fields.get("to") or "").strip(), fields.get("way") or "mail"
    row = alerts.add(which, site=site, to=[(way, to)] if to else (), **values)
    return _("{name} is watched from now on: {watches}.", name=row["name"], watches=row["watches"])


def _dry(alerts: Alerts, site: str, which: str, fields: dict[str, Any]) -> Child:
    kind = which if which in KINDS else alerts.rule(which).kind
    dry = alerts.dry_run(alerts.draft(kind, site=site, **_values(kind, fields)))
    return [dry.said, _times(dry)]


def _try(alerts: Alerts, _site: str, which: str, _fields: dict[str, Any]) -> Child:
    dry = alerts.dry_run(alerts.rule(which))
    return [dry.said, _times(dry)]


def _test(alerts: Alerts, _site: str, which: str, _fields: dict[str, Any]) -> Child:
    rows = alerts.test(which)
    lost = [row for row in rows if row["state"] != "sent"]
    if lost:
        return _("Not sent to {to}: {why}", to=lost[0]["to"], why=lost[0]["why"])
    return _("Sent to {n}.", n=len(rows))


def _to(alerts: Alerts, _site: str, which: str, fields: dict[str, Any]) -> Child:
    to = (fields.get(f"to {which}") or "").strip()
    alerts.add_recipient(which, "mail", to)
    return _("{to} is told from now on.", to=to)


def _suggestion(alerts: Alerts, site: str, which: str, _fields: dict[str, Any]) -> Child:
    row = alerts.add_suggested(int(which), site)
    return _(
        "{name} is watched from now on. Add below whom it tells; the bell rings anyway.", name=row["name"]
    )


def _false(alerts: Alerts, _site: str, which: str, _fields: dict[str, Any]) -> Child:
    said, _values = alerts.false_alarm(which)
    if not said:
        return _("Noted. No other level or number of readings would have kept it still.")
    return [_("Noted. {said} would not have fired on this. ", said=said), _button(which, "calm", _("Use it"))]


def _calm(alerts: Alerts, _site: str, which: str, _fields: dict[str, Any]) -> Child:
    row = alerts.calm(which)
    return _("{name} is calmer now: {watches}.", name=row["name"], watches=row["watches"])


def _acknowledge(alerts: Alerts, _site: str, which: str, _fields: dict[str, Any]) -> Child:
    alerts.acknowledge(which)
    return _("Noted: you look after it. It is not told again.")


def _mute(alerts: Alerts, _site: str, which: str, _fields: dict[str, Any]) -> Child:
    alerts.mute(which, DAY_H)
    return _("Muted for a day; its history goes on.")


def _unmute(alerts: Alerts, _site: str, which: str, _fields: dict[str, Any]) -> Child:
    alerts.mute(which, 0)
    return _("Not muted any more.")


def _pause(alerts: Alerts, _site: str, which: str, _fields: dict[str, Any]) -> Child:
    alerts.pause(which)
    return _("Paused: nothing is read meanwhile.")


def _resume(alerts: Alerts, _site: str, which: str, _fields: dict[str, Any]) -> Child:
    alerts.resume(which)
    return _("Watched again, from now on.")


def _delete(alerts: Alerts, _site: str, which: str, _fields: dict[str, Any]) -> Child:
    alerts.delete(which)
    return _("Deleted; its history stays.")


_DOES: dict[str, Callable[[Alerts, str, str, dict[str, Any]], Child]] = {
    "save": _save,
    "dry": _dry,
    "try": _try,
    "test": _test,
    "to": _to,
    "suggested": _suggestion,
    "false": _false,
    "calm": _calm,
    "acknowledge": _acknowledge,
    "mute": _mute,
    "unmute": _unmute,
    "pause": _pause,
    "resume": _resume,
    "delete": _delete,
}
