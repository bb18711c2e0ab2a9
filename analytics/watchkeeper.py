"""The commands of alerts: what is watched, what would have happened, what happened."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from analytics.cli import Format, FormatOption, SiteOption, app, errors, existing, show, spoken
from analytics.errors import UsageError

watched = typer.Typer(help="Alerts: what is watched, and what happened.", no_args_is_help=True)
app.add_typer(watched, name="alert")
AlertArgument = Annotated[str, typer.Argument(help="Id of the alert; `alert list` names it.")]
ALERT_COLUMNS = ("id", "name", "site", "watches", "recipients", "open", "muted_until", "trouble")
HISTORY_COLUMNS = ("id", "opened", "closed", "state", "name", "sentence")


@watched.command("list")
@spoken
def alert_list(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """List the alerts: what each watches, who is told, what is open."""
    from analytics.door import reach

    with reach(existing(context), "alert") as door:
        rows = door.ask("alert_list")
    if format_ is not Format.JSON:
        rows = [{**row, "recipients": ", ".join(row["recipients"])} for row in rows]
        rows = [{name: row[name] for name in ALERT_COLUMNS} for row in rows]
    if not rows:
        errors.print("No alerts yet. The page Alerts suggests three, or: alert add.")
        return
    show(rows, format_)


@watched.command("add")
@spoken
def alert_add(
    context: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(
            help="learned, expected, rising, drop, level, change, storm, backlog, source, query, silent, "
            "report or house."
        ),
    ],
    name: Annotated[str, typer.Option(help="What it is called; the kind's own name by default.")] = "",
    metric: Annotated[str, typer.Option(help="Such as reads, views, readers, comments_created.")] = "",
    of: Annotated[str, typer.Option(help="site, section, author, topic or article.")] = "site",
    only: Annotated[list[str] | None, typer.Option(help="Only this section, author ...; may repeat.")] = None,
    grain: Annotated[str, typer.Option(help="hour or day.")] = "hour",
    direction: Annotated[str, typer.Option(help="above, below or either; the kind's own.")] = "",
    bound: Annotated[float | None, typer.Option(help="The number, share or minutes of its level.")] = None,
    level: Annotated[int, typer.Option(min=1, max=3, help="How far outside of what is usual.")] = 2,
    readings: Annotated[int | None, typer.Option(min=1, help="So many in a row; the kind's own.")] = None,
    repeat: Annotated[str, typer.Option(help="once, hourly or daily.")] = "once",
    quiet: Annotated[str, typer.Option(help="Hours without messages, such as 22:00-07:00.")] = "",
    query: Annotated[str, typer.Option(help="Id of a saved query, of the kind query.")] = "",
    to: Annotated[list[str] | None, typer.Option(help="Mail address that is told; may repeat.")] = None,
    site: SiteOption = None,
) -> None:
    """Watch something from now on; `alert test` says what it would have found before."""
    from analytics.door import reach

    values = {
        "name": name, "metric": metric, "dimension": of, "ids": only or [], "grain": grain,
        "direction": direction, "bound": bound, "level": level, "readings": readings, "repeat": repeat,
        "quiet": quiet, "query": query,
    }  # fmt: skip
    with reach(existing(context), "alert") as door:
        made = door.ask("alert_add", kind=kind, site=site or "", to=to or [], **values)
    print(made["id"])  # noqa: T201 results go to stdout
    errors.print(f"{made['name']}: {made['watches']}. Try it: alert test {made['id']}", markup=False)


@watched.command("change")
@spoken
def alert_change(
    context: typer.Context,
    alert: AlertArgument,
    name: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    metric: Annotated[str | None, typer.Option(help="Such as reads, views, readers.")] = None,
    of: Annotated[str | None, typer.Option(help="site, section, author, topic or article.")] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this section, author ...; may repeat; '' for each.")
    ] = None,
    grain: Annotated[str | None, typer.Option(help="hour or day.")] = None,
    direction: Annotated[str | None, typer.Option(help="above, below or either.")] = None,
    bound: Annotated[float | None, typer.Option(help="The number, share or minutes of its level.")] = None,
    level: Annotated[int | None, typer.Option(min=1, max=3, help="How far outside of usual.")] = None,
    readings: Annotated[int | None, typer.Option(min=1, help="So many in a row.")] = None,
    repeat: Annotated[str | None, typer.Option(help="once, hourly or daily.")] = None,
    quiet: Annotated[str | None, typer.Option(help="Hours without messages; '' for none.")] = None,
    query: Annotated[str | None, typer.Option(help="Id of a saved query.")] = None,
    paused: Annotated[
        bool | None, typer.Option("--pause/--resume", help="Read nothing meanwhile; or read again.")
    ] = None,
) -> None:
    """Change what an alert says; what is not named stays, its history too."""
    from analytics.door import reach

    given = {
        "name": name, "metric": metric, "dimension": of, "grain": grain, "direction": direction,
        "bound": bound, "level": level, "readings": readings, "repeat": repeat, "quiet": quiet,
        "query": query,
    }  # fmt: skip
    values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if only is not None:
        values["ids"] = [each for each in only if each]
    with reach(existing(context), "alert") as door:
        watches = door.ask("alert_change", alert=alert, paused=paused, **values)
    errors.print(f"Changed: {watches}.", markup=False)


@watched.command("remove")
@spoken
def alert_remove(context: typer.Context, alert: AlertArgument) -> None:
    """Watch something no more; its history stays."""
    from analytics.door import reach

    with reach(existing(context), "alert") as door:
        name = door.ask("alert_remove", alert=alert)
    errors.print(f"Removed: {name}. Its history stays.", markup=False)


@watched.command("to")
@spoken
def alert_to(
    context: typer.Context,
    alert: AlertArgument,
    address: Annotated[str, typer.Argument(help="Whom to tell; without one, who is told is listed.")] = "",
    way: Annotated[str, typer.Option(help="mail, chat, webhook or folder.")] = "mail",
    remove: Annotated[
        bool, typer.Option("--remove", help="Tell this address, or recipient of an id, no more.")
    ] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Say who is told of an alert: list, add or remove an address."""
    from analytics.door import reach

    if remove and not address:
        raise UsageError("Whom to tell no more?", "Name an address, or the id that the list gives.")
    with reach(existing(context), "alert") as door:
        rows = door.ask("alert_to", alert=alert, address=address, way=way, remove=remove)
    if not rows:
        errors.print("Nobody is told: it rings the bell only.")
        return
    show(rows, format_)


@watched.command("acknowledge")
@spoken
def alert_acknowledge(
    context: typer.Context,
    episode: Annotated[str, typer.Argument(help="Id of what happened; `alert history` names it.")],
    is_false: Annotated[
        bool, typer.Option("--false-alarm", help="It should not have fired; says what would have helped.")
    ] = False,
) -> None:
    """Say that somebody looks after an alert: it is not told again, and the bell counts it no more."""
    from analytics.door import reach

    with reach(existing(context), "alert") as door:
        suggests = door.ask("alert_acknowledge", episode=episode, is_false=is_false)
    errors.print(f"Noted. {suggests} would not have fired on this." if suggests else "Noted.", markup=False)


@watched.command("test")
@spoken
def alert_test(
    context: typer.Context,
    alert: AlertArgument,
    send: Annotated[bool, typer.Option("--send", help="Send a test message instead.")] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Say when an alert would have fired in the last 28 days; or send a test message by all its ways."""
    from analytics.door import reach

    with reach(existing(context), "alert") as door:
        done = door.ask("alert_test", alert=alert, send=send)
    if send:
        show(done["sent"], format_)
        if any(row["state"] != "sent" for row in done["sent"]):
            raise typer.Exit(1)
        return
    errors.print(done["said"], markup=False)
    if done["times"] or format_ is not Format.TABLE:
        show(done["times"], format_)


@watched.command("mute")
@spoken
def alert_mute(
    context: typer.Context,
    alert: AlertArgument,
    hours: Annotated[float, typer.Option(min=0, help="For how long; 0 ends it.")] = 24,
) -> None:
    """Tell nobody of an alert for some hours; its history goes on."""
    from analytics.door import reach

    with reach(existing(context), "alert") as door:
        until = door.ask("alert_mute", alert=alert, hours=hours)
    errors.print(f"Muted until {until}." if until else "Not muted any more.", markup=False)


@watched.command("history")
@spoken
def alert_history(
    context: typer.Context,
    alert: Annotated[str, typer.Argument(help="Only of this alert.")] = "",
    only_open: Annotated[bool, typer.Option("--open", help="Only what goes on.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows.")] = 20,
    format_: FormatOption = Format.TABLE,
) -> None:
    """List what happened, the latest first, with what was known then."""
    from analytics.door import reach

    with reach(existing(context), "alert") as door:
        rows = door.ask("alert_history", alert=alert, only_open=only_open, limit=limit)
    if not rows:
        errors.print("Nothing has happened yet.")
        return
    if format_ is not Format.JSON:
        rows = [{name: row[name] for name in HISTORY_COLUMNS} for row in rows]
    show(rows, format_)
