"""What the buttons of the page do, and what is said of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from dash import ALL, Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from analytics.errors import TearsheetError
from analytics.language import _
from analytics.reports.build.asked import filter_of
from analytics.reports.mail import Letter
from analytics.reports.office import Office, Row
from analytics.reports.report import Report
from dashboards import components
from dashboards.elements import Child
from dashboards.pages.reports import ledger
from dashboards.pages.reports.buttons import ASKED
from dashboards.pages.reports.form import values
from dashboards.slots import Desk

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a click.

    Attributes:
        said: A sentence.
        is_done: Whether anything was changed; a form that was refused stays as it was written.
        shown: A mail to look at.
        search: Where the page goes next; None stays.
    """

    said: str
    is_done: bool = True
    shown: Child = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class Click:
    """What was clicked.

    Attributes:
        office: The office of reports.
        report: Id of the report or delivery; "new" for none yet.
        item: Of the report: a recipient, a kind.
        fields: The form: name -> value.
    """

    office: Office
    report: str
    item: str
    fields: dict[str, Any]

    def text(self, name: str) -> str:
        """Give a field as text."""
        return str(self.fields.get(name) or "").strip()


def register(app: Dash) -> None:
    """Bind the buttons."""

    @app.callback(
        Output("reports-done", "data"),
        Output("reports-said", "children"),
        Output("reports-shown", "children"),
        Output("address", "search"),
        Input(ASKED, "data"),
        State({"report-field": ALL}, "value"),
        State({"report-field": ALL}, "id"),
        State("reports-done", "data"),
        prevent_initial_call=True,
    )
    async def act(
        asked: dict[str, str] | None, values: list[Any], names: list[dict[str, str]], done: int | None
    ) -> tuple[Any, str, Any, Any]:
        if not asked:
            raise PreventUpdate
        fields = {each["report-field"]: value for each, value in zip(names, values, strict=True)}
        made = await asyncio.to_thread(_done, app.server.state.desk, asked["of"], asked["does"], fields)
        # Another address draws all parts anew by itself.
        is_drawn = made.is_done and made.search is None
        return (
            int(done or 0) + 1 if is_drawn else no_update,
            made.said,
            made.shown,
            no_update if made.search is None else made.search,
        )


def _done(desk: Desk, report: str, does: str, fields: dict[str, Any]) -> Outcome:
    """Do what a button says; a refusal is an outcome too."""
    name, _dash, item = does.partition("-")
    try:
        return DOES[name](Click(desk.reports, report, item, fields))
    except TearsheetError as refusal:
        return Outcome(str(refusal), is_done=False)
    except Exception:
        log.exception("report not changed", does=does)
        return Outcome(_("It failed; the log of the desk says more."), is_done=False)


def _add(click: Click) -> Outcome:
    """Make a report; its recipient is checked before anything is made."""
    given, to, way = values(click.fields), click.text("to"), click.text("way") or "mail"
    if to:
        click.office.check_address(way, to)
    row = click.office.add(**given, site=click.text("site"))
    first = click.office.add_recipient(row["id"], way, to) if to else ""
    who = (f" {first}" if first else "") if to else f" {_('Now say who gets it.')}"
    return Outcome(f"{row['name']}: {row['schedule']}; {_next(row)}.{who}", search=f"?edit={row['id']}")


def _change(click: Click) -> Outcome:
    row = click.office.change(click.report, **values(click.fields))
    return Outcome(
        _("Saved. {name}: {schedule}; {next}.", name=row["name"], schedule=row["schedule"], next=_next(row))
    )


def _draft(click: Click) -> Outcome:
    """Show what the form says, before it is kept."""
    office = click.office
    return _look(*office.shown(office.draft(**values(click.fields), site=click.text("site"))))


def _preview(click: Click) -> Outcome:
    return _look(*click.office.preview(click.report, click.item))


def _look(report: Report, letter: Letter) -> Outcome:
    """Show a mail as it would go out: no script runs in it, and nothing is asked for."""
    frame = html.Iframe(srcDoc=letter.page("you"), sandbox="", title=report.subject, className="mail-frame")
    card = components.card(_("Preview"), frame, subtitle=_("Subject: {subject}", subject=letter.subject))
    return Outcome(_("As it would go out now, with the data of now."), is_done=False, shown=card)


def _send(click: Click) -> Outcome:
    return _sent(click.office.send(click.report, click.item))


def _test(click: Click) -> Outcome:
    is_mail = (click.text("way") or "mail") == "mail"
    return _sent(click.office.test(click.report, click.text("to") if is_mail else ""))


def _retry(click: Click) -> Outcome:
    return _sent([click.office.retry(click.report)])


def _sent(rows: list[Row]) -> Outcome:
    lost = [row for row in rows if row["state"] != "sent"]
    if lost:
        return Outcome(_("Not sent to {to}: {why}", to=lost[0]["to"] or _("anybody"), why=lost[0]["why"]))
    return Outcome(_("Sent to {to}.", to=rows[0]["to"]) if len(rows) == 1 else _("Sent to {n}.", n=len(rows)))


def _receive(click: Click) -> Outcome:
    way, to = click.text("way") or "mail", click.text("to")
    where = filter_of(click.text("to-where"))
    first = click.office.add_recipient(click.report, way, to, click.text("to-name"), where)
    return Outcome(f"{_('Added.')} {first}".strip())


def _ask(click: Click) -> Outcome:
    return Outcome(click.office.ask_again(click.report, click.item))


def _remove(click: Click) -> Outcome:
    click.office.remove_recipient(click.report, click.item)
    return Outcome(_("Taken off the list."))


def _ready(click: Click) -> Outcome:
    row = click.office.ready_made("", "", [click.item])[0]
    return Outcome(f"{row['name']}: {row['schedule']}; {_next(row)}.")


def _pause(click: Click) -> Outcome:
    click.office.pause(click.report)
    return Outcome(_("Paused. What falls due meanwhile is not made up for."))


def _resume(click: Click) -> Outcome:
    click.office.resume(click.report)
    return Outcome(_("It goes out again."))


def _delete(click: Click) -> Outcome:
    click.office.delete(click.report)
    return Outcome(_("Deleted; its ledger stays."), search="")


def _next(row: Row) -> str:
    return _("next {when}", when=ledger.clock(row["next"])) if row["next"] else _("not by itself")


DOES: dict[str, Callable[[Click], Outcome]] = {
    "add": _add,
    "change": _change,
    "draft": _draft,
    "preview": _preview,
    "send": _send,
    "test": _test,
    "retry": _retry,
    "receive": _receive,
    "remove": _remove,
    "ask": _ask,
    "ready": _ready,
    "pause": _pause,
    "resume": _resume,
    "delete": _delete,
}
