"""What the buttons of the page do, and what is said of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from dash import ALL, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from analytics.alerts.kinds import KINDS
from analytics.alerts.office import Alerts
from analytics.errors import TearsheetError
from analytics.language import _
from dashboards import scope, slots
from dashboards.elements import Child
from dashboards.filters import View
from dashboards.pages.alerts.buttons import ASKED, button, times
from dashboards.slots import Desk

DAY_H = 24

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a click.

    Attributes:
        said: A sentence.
        is_done: Whether anything was changed; a form that was refused stays as it was written.
        rule: Of which rule the form is shown next; None stays where it is, empty closes it.
    """

    said: Child
    is_done: bool = True
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Click:
    """What was clicked.

    Attributes:
        alerts: Of the desk.
        site: Of the address.
        which: Id of a rule or of what happened, a kind, the number of a suggestion.
        item: A recipient.
        fields: The form: name -> value.
    """

    alerts: Alerts
    site: str
    which: str
    item: str
    fields: dict[str, Any]

    def text(self, name: str) -> str:
        """Give a field as text."""
        return str(self.fields.get(name) or "").strip()

    def values(self) -> dict[str, Any]:
        """Read the form: percent become shares, numbers numbers."""
        kind = self.which if self.which in KINDS else self.alerts.rule(self.which).kind
        found: dict[str, Any] = {
            name: self.text(name) for name in ("name", "quiet", "repeat") if name in self.fields
        }
        for name in KINDS[kind].fields:
            if name == "ids":
                found[name] = [] if self.text("dimension") == "site" else [*(self.fields.get(name) or [])]
            elif name == "bound":
                found[name] = _bound(kind, self.fields.get(name))
            elif name in {"level", "readings"}:
                found[name] = int(self.fields.get(name) or 1)
            else:
                found[name] = self.text(name)
        return found


def register(app: Dash) -> None:
    """Bind the buttons."""

    @app.callback(
        Output("alerts-done", "data"),
        Output("alerts-said", "children"),
        Output("address", "search", allow_duplicate=True),
        Input(ASKED, "data"),
        State({"alert-field": ALL}, "value"),
        State({"alert-field": ALL}, "id"),
        State(slots.VIEW, "data"),
        State("alerts-done", "data"),
        prevent_initial_call=True,
    )
    async def act(asked: dict[str, str] | None, *states: Any) -> tuple[Any, Child, Any]:
        if not asked:
            raise PreventUpdate
        values, names, address, done = states
        fields = {each["alert-field"]: value for each, value in zip(names, values, strict=True)}
        view = slots.view_of(address)
        made = await asyncio.to_thread(done_of, app.server.state.desk, view, asked, fields)
        search = no_update if made.rule is None else _next(view, made.rule)
        # Another address draws all parts anew by itself.
        is_drawn = made.is_done and search in (no_update, view.query())
        return int(done or 0) + 1 if is_drawn else no_update, made.said, search


def done_of(desk: Desk, view: View, asked: dict[str, str], fields: dict[str, Any]) -> Outcome:
    """Do what a button says; a refusal is an outcome, too."""
    does, _dash, item = asked["does"].partition("-")
    try:
        site = scope.site_of(desk, view).site_id
        return _DOES[does](Click(desk.alerts, site, asked["of"], item, fields))
    except TearsheetError as refusal:
        return Outcome(str(refusal), is_done=False)
    except Exception:
        log.exception("alert not changed", does=does)
        return Outcome(_("It failed; the log of the desk says more."), is_done=False)


def _next(view: View, rule: str) -> str:
    return view.but(new="", saved="", alert="", rule=rule).query()


def _bound(kind: str, value: object) -> float | None:
    """Read the level of a form; an empty one is none, and refused where the kind needs one."""
    known = KINDS[kind]
    if not isinstance(value, int | float):
        return None if known.bound is None else 0.0
    return value / 100 if known.unit == "share" else float(value)


def _save(click: Click) -> Outcome:
    if click.which not in KINDS:
        return Outcome(
            _("Saved. {watches}.", watches=click.alerts.change(click.which, **click.values())["watches"])
        )
    to = click.text("to")
    given = [(click.text("way") or "mail", to)] if to else []
    row = click.alerts.add(click.which, site=click.site, to=given, **click.values())
    who = row["asks"] if to else _("Now say who is told; until then it rings the bell only.")
    said = _("{name} is watched from now on: {watches}.", name=row["name"], watches=row["watches"])
    return Outcome(f"{said} {who}".strip(), rule=row["id"])


def _dry(click: Click) -> Outcome:
    kind = click.which if click.which in KINDS else click.alerts.rule(click.which).kind
    dry = click.alerts.dry_run(click.alerts.draft(kind, site=click.site, **click.values()))
    return Outcome([dry.said, times(dry)], is_done=False)


def _try(click: Click) -> Outcome:
    dry = click.alerts.dry_run(click.alerts.rule(click.which))
    return Outcome([dry.said, times(dry)], is_done=False)


def _test(click: Click) -> Outcome:
    rows = click.alerts.test(click.which)
    lost = [row for row in rows if row["state"] != "sent"]
    if lost:
        return Outcome(_("Not sent to {to}: {why}", to=lost[0]["to"], why=lost[0]["why"]), is_done=False)
    whom = rows[0]["to"] if len(rows) == 1 else str(len(rows))
    return Outcome(_("A test was sent to {whom}.", whom=whom), is_done=False)


def _to(click: Click) -> Outcome:
    to = click.text("to")
    first = click.alerts.add_recipient(click.which, click.text("way") or "mail", to)
    return Outcome(first or _("{to} is told from now on.", to=to))


def _ask(click: Click) -> Outcome:
    return Outcome(click.alerts.ask_again(click.which, click.item))


def _off(click: Click) -> Outcome:
    click.alerts.remove_recipient(click.which, click.item)
    return Outcome(_("Taken off the list."))


def _suggested(click: Click) -> Outcome:
    row = click.alerts.add_suggested(int(click.which), click.site)
    return Outcome(_("{name} is watched from now on. Now say who is told.", name=row["name"]), rule=row["id"])


def _false(click: Click) -> Outcome:
    said, _values = click.alerts.false_alarm(click.which)
    if not said:
        return Outcome(_("Noted. No other level or number of readings would have kept it still."))
    use = button(click.which, "calm", _("Use it"))
    return Outcome([_("Noted. {said} would not have fired on this. ", said=said), use])


def _calm(click: Click) -> Outcome:
    row = click.alerts.calm(click.which)
    return Outcome(_("{name} is calmer now: {watches}.", name=row["name"], watches=row["watches"]))


def _acknowledge(click: Click) -> Outcome:
    click.alerts.acknowledge(click.which)
    return Outcome(_("Noted: you look after it. It is not told again."))


def _mute(click: Click) -> Outcome:
    click.alerts.mute(click.which, DAY_H)
    return Outcome(_("Muted for a day; its history goes on."))


def _unmute(click: Click) -> Outcome:
    click.alerts.mute(click.which, 0)
    return Outcome(_("Not muted any more."))


def _pause(click: Click) -> Outcome:
    click.alerts.pause(click.which)
    return Outcome(_("Paused: nothing is read meanwhile."))


def _resume(click: Click) -> Outcome:
    click.alerts.resume(click.which)
    return Outcome(_("Watched again, from now on."))


def _delete(click: Click) -> Outcome:
    click.alerts.delete(click.which)
    return Outcome(_("Deleted; its history stays."), rule="")


_DOES: dict[str, Callable[[Click], Outcome]] = {
    "save": _save,
    "dry": _dry,
    "try": _try,
    "test": _test,
    "to": _to,
    "off": _off,
    "ask": _ask,
    "suggested": _suggested,
    "false": _false,
    "calm": _calm,
    "acknowledge": _acknowledge,
    "mute": _mute,
    "unmute": _unmute,
    "pause": _pause,
    "resume": _resume,
    "delete": _delete,
}
