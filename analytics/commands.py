"""What can be asked of a home: COMMANDS, by the command that owns it, or the desk that does."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from analytics.catalog.edits import Readmit
from analytics.control import audit
from analytics.control import commands as people
from analytics.control.identity import COMMAND
from analytics.desk import Desk
from analytics.errors import SqlError
from analytics.imports import inbox
from analytics.queries import answers
from analytics.store import sites
from analytics.upkeep import backups, verifying

if TYPE_CHECKING:
    from analytics.sql.formats import Form

Command = Callable[..., Any]  # desk, then keywords; all of it JSON


def _rollup(desk: Desk, *, everything: bool = False) -> dict[str, int]:
    return {"days": desk.recount(everything=everything)}


def _top(desk: Desk, **values: Any) -> list[dict[str, Any]]:
    return answers.top(desk.store, now=desk.clock(), **values)


def _series(desk: Desk, **values: Any) -> list[dict[str, Any]]:
    return answers.series(desk.store, now=desk.clock(), **values)


def _status(desk: Desk) -> dict[str, Any]:
    return answers.status(desk.store, desk.clock())


def _drops(desk: Desk, **values: Any) -> list[dict[str, Any]]:
    return answers.drops(desk.store, **values)


def _readmit(
    desk: Desk, *, rule: str, first: str, last: str, site_name: str | None = None
) -> dict[str, dict[str, int]]:
    where = sites.site(desk.store, site_name)
    period = answers.period(first, last, where.zone)
    done = desk.correct(where.site_id, Readmit(rule, period.first, period.last))
    desk.recount()
    return {"rows": dict(done.rows)}


def _settle(desk: Desk) -> list[str]:
    desk.settle()
    return [each.site_id for each in desk.sites()]


def _site(desk: Desk, *, name: str | None) -> dict[str, Any]:
    found = sites.site(desk.store, name)
    return {"site_id": found.site_id, "zone": found.zone, "hosts": found.hosts}


def _load_inbox(desk: Desk, *, names: list[str]) -> list[dict[str, Any]]:
    done = inbox.load_inbox(desk.store, desk.home.path, names, desk.clock())
    return [msgspec.to_builtins(each) for each in done]


def _sql(
    desk: Desk,
    *,
    text: str,
    parameters: dict[str, Any] | None = None,
    form: Form = "json",
    **narrow: Any,
) -> dict[str, Any]:
    """Ask in SQL; `narrow` are `rows`, `seconds` and `site`. The answer's bytes are base64, for JSON."""
    from analytics.sql import formats

    if not desk.is_running:  # nobody keeps the archive meanwhile
        desk.archive.keep(desk.clock())
    try:
        answer = desk.asking.ask(COMMAND, text, parameters, door="command", for_file=form != "json", **narrow)
    except SqlError as refusal:
        if not refusal.line:
            raise
        place = f"Line {refusal.line}, column {refusal.column}."
        raise SqlError(refusal.code, refusal.message, f"{place} {refusal.hint}".strip()) from refusal
    body = base64.b64encode(formats.FORMATS[form][0](answer)).decode()
    return {"body": body, "rows": answer.table.num_rows, "cut": answer.cut, "said": answer.cut_in_words()}


def _backup(desk: Desk, *, folder: str | None = None, keep: int | None = None) -> dict[str, Any]:
    return backups.row_of(desk.backup(Path(folder) if folder else None, keep))


def _of_people(command: Callable[..., Any]) -> Command:
    return lambda desk, **values: command(desk.doors, **values)


def _retire(desk: Desk, *, check: bool) -> list[dict[str, Any]]:
    found = desk.retire(check=check)
    return [
        {"site": site, "table": table, "rows": rows}
        for site, tables in found.items()
        for table, rows in tables.items()
    ]


def _verify(desk: Desk) -> list[dict[str, Any]]:
    return verifying.verify(desk.store, desk.archive, desk.home.path, desk.clock())


def _erase(desk: Desk, *, kind: str, name: str, site_name: str | None, with_backups: bool) -> dict[str, Any]:
    found = desk.erase(kind, name, site_name, with_backups=with_backups)
    told: dict[str, Any] = msgspec.to_builtins(found)
    return told


def _log(desk: Desk, *, site: str, find: str, limit: int) -> list[dict[str, Any]]:
    if site:
        sites.site(desk.store, site)
    return [
        {
            "at": f"{each.at.isoformat(timespec='seconds')}Z",
            "by": each.actor_name or each.actor_kind,
            "action": each.action,
            "subject": each.subject,
            "site": each.site_id,
        }
        for each in audit.latest(desk.control, limit, find=find, site_id=site)
    ]


def _report_list(desk: Desk) -> list[dict[str, Any]]:
    return desk.reports.listed()


def _report_add(desk: Desk, **values: Any) -> dict[str, Any]:
    return desk.reports.add(**values)


def _report_to(desk: Desk, **values: Any) -> str:
    return desk.reports.add_recipient(**values)


def _report_edit(
    desk: Desk, *, report: str, to: list[str], not_to: list[str], **values: Any
) -> dict[str, Any]:
    office = desk.reports
    if values:
        office.edit(report, **values)
    for address in to:
        office.add_recipient(report, "mail", address)
    for address in not_to:
        office.remove_recipient(report, address)
    return office.row(report)


def _report_rest(desk: Desk, *, report: str, does: str) -> dict[str, Any]:
    office = desk.reports
    row = office.row(report)
    {"pause": office.pause, "resume": office.resume, "remove": office.delete}[does](report)
    return row if does == "remove" else office.row(report)


def _report_ready(desk: Desk, *, site: str, address: str) -> list[dict[str, Any]]:
    return desk.reports.ready_made(site, address)


def _report_preview(desk: Desk, *, report: str, form: str) -> str:
    from analytics.reports.files import file

    made = file(*desk.reports.preview(report), form)  # type: ignore[arg-type]  # of its Form
    return made.decode() if form in {"text", "html"} else base64.b64encode(made).decode()


def _report_send(desk: Desk, *, report: str, to: str) -> list[dict[str, Any]]:
    return desk.reports.send(report, to)


def _report_history(desk: Desk, *, report: str, limit: int) -> list[dict[str, Any]]:
    return desk.reports.history(report, limit)


def _alert_list(desk: Desk) -> list[dict[str, Any]]:
    return desk.alerts.listed()


def _alert_add(desk: Desk, *, to: list[str], **values: Any) -> dict[str, Any]:
    return desk.alerts.add(to=[("mail", address) for address in to], **values)


def _alert_change(desk: Desk, *, alert: str, paused: bool | None, **values: Any) -> str:
    desk.alerts.change(alert, **values)
    if paused is not None:
        (desk.alerts.pause if paused else desk.alerts.resume)(alert)
    return str(next(row["watches"] for row in desk.alerts.listed() if row["id"] == alert))


def _alert_remove(desk: Desk, *, alert: str) -> str:
    name = desk.alerts.rule(alert).name
    desk.alerts.delete(alert)
    return name


def _alert_to(desk: Desk, *, alert: str, address: str, way: str, remove: bool) -> list[dict[str, Any]]:
    if remove:
        desk.alerts.remove_recipient(alert, address)
    elif address:
        desk.alerts.add_recipient(alert, way, address)
    return desk.alerts.recipients(alert)


def _alert_acknowledge(desk: Desk, *, episode: str, is_false: bool) -> str:
    if is_false:
        return desk.alerts.false_alarm(episode)[0]
    desk.alerts.acknowledge(episode)
    return ""


def _alert_test(desk: Desk, *, alert: str, send: bool) -> dict[str, Any]:
    if send:
        return {"sent": desk.alerts.test(alert)}
    tried = desk.alerts.dry_run(desk.alerts.rule(alert))
    return {"said": tried.said, "times": tried.times}


def _alert_mute(desk: Desk, *, alert: str, hours: float) -> str | None:
    until = desk.alerts.mute(alert, hours)
    return until.isoformat(timespec="minutes") + "Z" if until else None


def _alert_history(desk: Desk, *, alert: str, only_open: bool, limit: int) -> list[dict[str, Any]]:
    return desk.alerts.history(rule_id=alert, only_open=only_open, limit=limit)


def _again(command: Command) -> Command:
    """Ask once more where the store was opened anew meanwhile; of commands that may be done twice."""
    return lambda desk, **values: desk.store.again(lambda: command(desk, **values))


COMMANDS: dict[str, Command] = {
    "alert_list": _alert_list,
    "alert_add": _alert_add,
    "alert_change": _alert_change,
    "alert_remove": _alert_remove,
    "alert_to": _alert_to,
    "alert_acknowledge": _alert_acknowledge,
    "alert_test": _alert_test,
    "alert_mute": _alert_mute,
    "alert_history": _alert_history,
    "report_list": _report_list,
    "report_add": _report_add,
    "report_to": _report_to,
    "report_edit": _report_edit,
    "report_rest": _report_rest,
    "report_ready": _report_ready,
    "report_preview": _report_preview,
    "report_send": _report_send,
    "report_history": _report_history,
    "erase": _erase,
    "log": _log,
    "retire": _retire,
    "verify": _verify,
    "backup": _backup,
    "sql": _sql,
    "rollup": _again(_rollup),
    "top": _again(_top),
    "series": _again(_series),
    "status": _again(_status),
    "drops": _again(_drops),
    "readmit": _readmit,
    "settle": _settle,
    "site": _site,
    "load_inbox": _load_inbox,
    **{name: _of_people(command) for name, command in people.COMMANDS.items()},
}
