"""The tearsheet command, but for what needs screens (`dashboards.main` adds serve and demo).

Results go to stdout, everything else to stderr. Rooms are imported inside the commands, so that
`tearsheet --help` opens neither DuckDB nor Dash. Exit codes: 0 done, 1 failed with a sentence, 2 wrong usage.
"""

from __future__ import annotations

import codecs
import functools
import io
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, ParamSpec, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from analytics import config
from analytics.errors import ConfigError, TearsheetError, UsageError, interruptible
from analytics.logs import log_from

if TYPE_CHECKING:
    from analytics.door import Door
    from analytics.imports.summary import Problem, Summary

P = ParamSpec("P")
R = TypeVar("R")

NAME_WHOLE = 40  # signs of a name that a table never folds
COLLECT_PORT = 8623  # beside the desk's 8622

app = typer.Typer(
    help="Readership analytics for newsrooms.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
errors = Console(stderr=True, soft_wrap=True, highlight=False)


class Format(StrEnum):
    """How a command prints rows."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class SqlFormat(StrEnum):
    """How `sql` gives an answer."""

    TABLE = "table"
    LINE = "line"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    ARROW = "arrow"
    XLSX = "xlsx"


class Kind(StrEnum):
    """What `import` reads."""

    TABLE = "table"


class Board(StrEnum):
    """What `top` ranks."""

    ARTICLES = "articles"
    AUTHORS = "authors"
    TOPICS = "topics"
    SECTIONS = "sections"


class Grain(StrEnum):
    """Steps of `series`."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(slots=True)
class Context:
    """What all commands share.

    Attributes:
        home: Folder of the home; None where no flag named one.
    """

    home: Path | None

    @property
    def folder(self) -> Path:
        """The home that commands use: flag, TEARSHEET_HOME, else ./tearsheet-home."""
        return config.home_folder(self.home)


SiteOption = Annotated[
    str | None, typer.Option("--site", help="Domain of the site; may be left out where there is one.")
]
FromOption = Annotated[
    str, typer.Option("--from", metavar="DATE", help="First local day, such as 2026-05-01.")
]
ToOption = Annotated[str, typer.Option("--to", metavar="DATE", help="Last local day, included.")]
MetricOption = Annotated[
    str, typer.Option("--metric", help="Such as reads, views, readers, read_rate, comments.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]


@app.callback()
def main(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option(help="Folder of the home; also TEARSHEET_HOME.")] = None,
) -> None:
    """Choose the home, and send log lines to stderr."""
    log_from(logging.WARNING)  # commands warn only, a desk tells what it does
    write_any_script(sys.stdout)
    context.obj = Context(home)


def write_any_script(stream: object) -> None:
    """Let titles of any script pass through a stream: LC_ALL=C would refuse them with a traceback.

    ASCII becomes UTF-8, of which it is a part; what another encoding lacks is written as "?".
    """
    if not isinstance(stream, io.TextIOWrapper):
        return
    encoding = codecs.lookup(stream.encoding).name
    if encoding == "ascii":
        stream.reconfigure(encoding="utf-8")
    elif not encoding.startswith("utf"):
        stream.reconfigure(errors="replace")


def spoken(command: Callable[P, R]) -> Callable[P, R]:
    """Turn refusals into one sentence on stderr and an exit code: 2 for wrong usage, else 1."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with interruptible():
                return command(*args, **kwargs)
        except TearsheetError as refusal:
            errors.print(str(refusal), markup=False)
            raise typer.Exit(2 if isinstance(refusal, UsageError) else 1) from refusal
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except BrokenPipeError:
            raise typer.Exit(0) from None

    return wrapped


@app.command()
@spoken
def init(
    context: typer.Context,
    site: Annotated[str, typer.Option(help="Domain of the site, such as news.example.")],
    timezone: Annotated[str, typer.Option(help="IANA zone that decides its days, such as Europe/Berlin.")],
    name: Annotated[str, typer.Option(help="Name on screen.")] = "",
) -> None:
    """Make a home with a site, or add a site to it."""
    from analytics.door import reach

    folder = context.obj.folder
    config.check_site(site.strip().lower(), timezone)  # before a home is made for it
    with reach(folder, "init") as door:
        added = config.add_site(folder, site, timezone, name)
        door.ask("settle")
    errors.print(f"{folder}: {site} {'added' if added else 'is there already'}.", markup=False)


@app.command("import")
@spoken
def import_(
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="What the files are.")],  # noqa: ARG001 one kind so far
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV, JSONL or Parquet, also .gz, .zst.")
    ],
    mapping: Annotated[Path, typer.Option(help="TOML file that says what the columns mean.")],
    site: SiteOption = None,
    check: Annotated[bool, typer.Option("--check", help="Read the first 1,000 rows, store nothing.")] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Import files of events, comments or articles; the same file twice counts once."""
    from analytics.collect import settings
    from analytics.collect.sites import reading
    from analytics.door import reach
    from analytics.imports import door as imports
    from analytics.imports import mapping as mappings
    from analytics.imports.keys import Place
    from analytics.store.home import ids_key

    folder = existing(context)
    meaning = mappings.read(mapping)
    with reach(folder, "import") as door:
        into = door.ask("site", name=site or meaning.source.site or None)
        rule = reading(settings.of_home(config.read(folder)), into["site_id"], words=True)
        place = Place(folder, ids_key(folder), into["site_id"], into["zone"], tuple(into["hosts"]), rule)
        if check:
            summaries = [_checked(*found) for found in imports.check(files, meaning, place, config.now())]
        else:
            with bar("Reading") as progress:
                prepared = imports.prepare(files, meaning, place, config.now(), progress)
                summaries = [
                    summary
                    for each in prepared
                    for summary in (
                        _posted(door, each.name) if each.name else [msgspec.to_builtins(each.summary)]
                    )
                ]
            with bar("Counting"):
                door.ask("rollup")
    _show_summaries(summaries, format_)
    if any(each["fault"] for each in summaries):
        raise typer.Exit(1)


def _posted(door: Door, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = door.ask("load_inbox", names=[name])
    return found


def _checked(summary: Summary, problems: Sequence[Problem]) -> dict[str, Any]:
    for problem in problems:
        errors.print(f"{summary.file}, line {problem.line}: {problem.reason}", markup=False)
    found: dict[str, Any] = msgspec.to_builtins(summary)
    return found


def _show_summaries(summaries: Sequence[dict[str, Any]], format_: Format) -> None:
    """Print what became of each file; refusals go to stderr in a sentence."""
    for each in summaries:
        if each["fault"]:
            errors.print(f"{each['file']}: {each['fault']} {each['hint']}".rstrip(), markup=False)
    if format_ is Format.JSON:
        show(summaries, format_)
    elif format_ is Format.CSV:
        show([_flat(each) for each in summaries], format_)
    else:
        taken = [each for each in summaries if not each["fault"]]
        sys.stdout.writelines(f"{_sum_said(each)}\n" for each in taken)


def _sum_said(summary: dict[str, Any]) -> str:
    """Say a summary as the sum that it is: read = loaded + repeated + dropped + rejected."""

    def why(fate: str) -> str:
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in summary[fate].items())
        return f"{sum(summary[fate].values()):,} {fate}{f' ({reasons})' if reasons else ''}"

    return (
        f"{summary['file']}: {summary['read']:,} rows read = {summary['loaded']:,} loaded + "
        f"{summary['repeated']:,} repeated + {why('dropped')} + {why('rejected')}"
    )


def _flat(summary: dict[str, Any]) -> dict[str, Any]:
    counts = {key: summary[key] for key in ("file", "read", "loaded", "repeated")}
    return counts | {fate: sum(summary[fate].values()) for fate in ("dropped", "rejected")}


@app.command()
@spoken
def rollup(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Recount all days, not only the dirty ones.")
    ] = False,
) -> None:
    """Recount the days whose events or catalogue changed."""
    from analytics.door import reach

    with reach(existing(context), "rollup") as door:
        days = door.ask("rollup", everything=everything)["days"]
    errors.print(f"{days} days recounted.")


@app.command()
@spoken
def top(
    context: typer.Context,
    board: Annotated[Board, typer.Argument(help="What to rank.")],
    metric: MetricOption,
    first: FromOption,
    last: ToOption,
    site: SiteOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows.")] = 10,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Rank articles, authors, topics or sections by a metric."""
    from analytics.door import reach

    with reach(existing(context), "top") as door:
        rows = door.ask(
            "top", board=board.value, metric=metric, first=first, last=last, site_name=site, limit=limit
        )
    show(rows, format_)


@app.command()
@spoken
def series(
    context: typer.Context,
    metric: MetricOption,
    first: FromOption,
    last: ToOption,
    grain: Annotated[Grain, typer.Option(help="Size of a bucket.")] = Grain.DAY,
    article: Annotated[str | None, typer.Option(metavar="ID", help="Only this article.")] = None,
    author: Annotated[str | None, typer.Option(metavar="ID", help="Only this author.")] = None,
    topic: Annotated[str | None, typer.Option(metavar="ID", help="Only this topic.")] = None,
    site: SiteOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Count a metric by hour, day, week or month."""
    from analytics.door import reach

    with reach(existing(context), "series") as door:
        rows = door.ask(
            "series",
            metric=metric,
            grain=grain.value,
            first=first,
            last=last,
            site_name=site,
            article=article,
            author=author,
            topic=topic,
        )
    show(rows, format_)


@app.command()
@spoken
def status(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Say how many rows there are, how fresh they are, and what was refused."""
    from analytics.door import reach

    with reach(existing(context), "status") as door:
        answer = door.ask("status")
    if format_ is Format.JSON:
        print(msgspec.json.format(msgspec.json.encode(answer)).decode())  # noqa: T201 results go to stdout
        return
    facts = {
        **answer["tables"],
        **{key: value for key, value in answer.items() if not isinstance(value, dict)},
    }
    facts |= {f"rejected: {reason}": n for reason, n in answer["rejected"].items()}
    show([{"what": key, "value": value} for key, value in facts.items()], format_)


@app.command()
@spoken
def drops(
    context: typer.Context,
    first: FromOption,
    last: ToOption,
    site: SiteOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """List what rules kept out of the counts, such as bots, and what the counts would be with it."""
    from analytics.door import reach

    with reach(existing(context), "drops") as door:
        show(door.ask("drops", first=first, last=last, site_name=site), format_)


@app.command()
@spoken
def readmit(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(help="Such as bot, or one rule: bot:monitoring.")],
    first: FromOption,
    last: ToOption,
    site: SiteOption = None,
) -> None:
    """Count what a rule kept out after all; of the last 30 days."""
    from analytics.door import reach

    with reach(existing(context), "readmit") as door:
        rows = door.ask("readmit", rule=rule, first=first, last=last, site_name=site)["rows"]
    said = ", ".join(f"{count:,} {table.replace('_', ' ')}" for table, count in rows.items() if count)
    errors.print(f"Counted after all: {said or 'nothing that was not counted already'}.")
    errors.print(
        f'To leave the rule off from now on, write rules_off = ["{rule}"] into the site.', markup=False
    )


@app.command()
@spoken
def sql(
    context: typer.Context,
    statement: Annotated[
        str | None, typer.Argument(metavar="SQL", help="One SELECT; without it and -f, a shell opens.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="Read the statement, or several, from a file; - is stdin."),
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Value of its $name; may repeat.")
    ] = None,
    format_: Annotated[SqlFormat, typer.Option("--format", help="How to give the answer.")] = SqlFormat.TABLE,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Into this file, whole.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Rows, at most.")] = None,
    timeout: Annotated[float | None, typer.Option(min=0.1, help="Seconds, at most.")] = None,
) -> None:
    """Ask the archive in SQL; alone, open a shell. Beside a running desk it asks the desk."""
    from analytics.door import reach
    from analytics.sql import shell, terminal

    folder, text = existing(context), terminal.statement(statement, file)
    script = [] if text is None else list(shell.statements(text.splitlines()))
    terminal.check(format_.value, output)
    given = terminal.parameters(param or [])
    narrow = {name: value for name, value in (("rows", limit), ("seconds", timeout)) if value is not None}
    with reach(folder, "sql") as door:

        def ask(each: str, form: str, into: Path | None = output) -> None:
            answer = door.ask("sql", text=each, parameters=given, form=terminal.wire(form), **narrow)
            terminal.give(answer, form, into or output, errors)

        if text is None:
            errors.print("Tearsheet SQL. End a statement with ; and write .help for help.")
            shell.Shell(ask, errors, format_.value, Console(highlight=False)).run(shell.typed())
        elif len(script) > 1 and output is None and format_.value not in terminal.BINARY:
            talk = shell.Shell(ask, errors, format_.value, Console(soft_wrap=True, highlight=False))
            if not talk.run(text.splitlines()):
                raise typer.Exit(1)
        else:
            ask(text, format_.value)


@app.command()
@spoken
def collect(
    context: typer.Context,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; each takes connections.")] = 1,
    host: Annotated[str, typer.Option(help="Address to listen on; this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes any free one.")] = COLLECT_PORT,
) -> None:
    """Take readers' events alone, before or beside a desk, and keep taking them while the desk is away."""
    from analytics.collect import serve

    serve.run(
        existing(context), workers, host, port, lambda url: errors.print(f"Collecting: {url}", markup=False)
    )


reports = typer.Typer(help="Reports that go out by themselves, and their ledger.", no_args_is_help=True)
app.add_typer(reports, name="report")
ReportArgument = Annotated[str, typer.Argument(help="Id of the report; `report list` names it.")]


LEDGER = ("due", "report", "to", "state", "why", "sent")  # what a terminal has room for


class Form(StrEnum):
    """How `report preview` renders."""

    TEXT = "text"
    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"


@reports.command("list")
@spoken
def report_list(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """List the reports: schedule, period, recipients, next time, last result."""
    from analytics.door import reach

    with reach(existing(context), "report") as door:
        rows = door.ask("report_list")
    if format_ is not Format.JSON:
        rows = [{**row, "recipients": ", ".join(row["recipients"])} for row in rows]
    if format_ is Format.TABLE:
        rows = _only(rows, "id", "name", "schedule", "recipients", "next", "last")
    if not rows:
        errors.print("No reports yet. The page Reports makes the first three in one click, or: report add.")
        return
    show(rows, format_)


@reports.command("add")
@spoken
def report_add(
    context: typer.Context,
    kind: Annotated[
        str, typer.Argument(help="morning, weekly, author, section, topic, comments, query or view.")
    ],
    to: Annotated[list[str] | None, typer.Option(help="Mail address that gets it; may repeat.")] = None,
    name: Annotated[str, typer.Option(help="What it is called; the kind's own name by default.")] = "",
    when: Annotated[
        str, typer.Option(help="Such as 'every weekday at 07:00 Europe/Berlin', or cron; the kind's own.")
    ] = "",
    period: Annotated[str, typer.Option(help="Such as workday, yesterday, week, month, 28d.")] = "",
    where: Annotated[
        list[str] | None, typer.Option(help="Filter such as section=Politics; may repeat.")
    ] = None,
    attach: Annotated[list[str] | None, typer.Option(help="pdf, xlsx or csv; may repeat.")] = None,
    block: Annotated[
        list[str] | None, typer.Option(help="Holds only this, such as course or top; may repeat.")
    ] = None,
    query: Annotated[str, typer.Option(help="Id of the saved query or view, for these two kinds.")] = "",
    rest: Annotated[
        list[str] | None, typer.Option(help="When it rests, such as DE-BE or 12-24; may repeat.")
    ] = None,
    language: Annotated[str, typer.Option(help="In which it goes out, en or de; the newsroom's.")] = "",
    site: SiteOption = None,
) -> None:
    """Make a report that goes out by itself."""
    from analytics.door import reach

    with reach(existing(context), "report") as door:
        made = door.ask(
            "report_add",
            name=name,
            kind_name=kind,
            site=site or "",
            period=period,
            when=when,
            where=_kept(where),
            formats=attach or [],
            blocks=block or [],
            query=query,
            holidays=rest or [],
            language=language,
        )
        for address in to or []:
            door.ask("report_to", subscription_id=made["id"], way="mail", address=address)
    print(made["id"])  # noqa: T201 results go to stdout
    errors.print(f"{made['name']}: {made['schedule']}; next {made['next']}.", markup=False)


def _kept(where: list[str] | None) -> dict[str, list[str]]:
    """Read filters such as section=Politics."""
    kept: dict[str, list[str]] = {}
    for each in where or []:
        key, _, value = each.partition("=")
        kept.setdefault(key, []).append(value)
    return kept


NONE = "none"  # empties a list that may repeat


@reports.command("edit")
@spoken
def report_edit(
    context: typer.Context,
    report: ReportArgument,
    to: Annotated[list[str] | None, typer.Option(help="Mail address that gets it too; may repeat.")] = None,
    not_to: Annotated[
        list[str] | None, typer.Option(help="Address that gets it no more; may repeat.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    when: Annotated[str | None, typer.Option(help="Its schedule; 'by hand': never by itself.")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA zone of the schedule.")] = None,
    period: Annotated[str | None, typer.Option(help="Such as workday, yesterday, week, month, 28d.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="Its whole filter, such as section=Politics; 'none': all.")
    ] = None,
    rest: Annotated[
        list[str] | None, typer.Option(help="All that it rests on, such as DE-BE or 12-24; 'none': nothing.")
    ] = None,
    attach: Annotated[list[str] | None, typer.Option(help="pdf, xlsx, csv, or none; may repeat.")] = None,
    block: Annotated[list[str] | None, typer.Option(help="Holds only these; 'none': everything.")] = None,
    language: Annotated[
        str | None, typer.Option(help="In which it goes out, en or de; '': the newsroom's.")
    ] = None,
) -> None:
    """Change a report: only what is named; its ledger stays."""
    from analytics.door import reach

    given: dict[str, Any] = {"name": name, "when": when, "zone": zone, "period": period, "language": language}
    several = {"holidays": rest, "formats": attach, "blocks": block}
    given |= {key: [] if value == [NONE] else value for key, value in several.items()}
    given["where"] = None if where is None else _kept(None if where == [NONE] else where)
    values = {key: value for key, value in given.items() if value is not None}
    with reach(existing(context), "report") as door:
        row = door.ask("report_edit", report=report, to=to or [], not_to=not_to or [], **values)
    errors.print(f"{row['name']}: {row['schedule']}; next {row['next'] or 'not by itself'}.", markup=False)


@reports.command("pause")
@spoken
def report_pause(context: typer.Context, report: ReportArgument) -> None:
    """Let a report rest; what falls due meanwhile is not made up for."""
    _rest(context, report, "pause", "rests")


@reports.command("resume")
@spoken
def report_resume(context: typer.Context, report: ReportArgument) -> None:
    """Let a report go out again, from now on."""
    _rest(context, report, "resume", "goes out again")


@reports.command("remove")
@spoken
def report_remove(context: typer.Context, report: ReportArgument) -> None:
    """Remove a report; its ledger stays."""
    _rest(context, report, "remove", "is removed; its ledger stays")


def _rest(context: typer.Context, report: str, does: str, said: str) -> None:
    from analytics.door import reach

    with reach(existing(context), "report") as door:
        row = door.ask("report_rest", report=report, does=does)
    errors.print(f"{row['name']} {said}.", markup=False)


@reports.command("preview")
@spoken
def report_preview(
    context: typer.Context,
    report: ReportArgument,
    form: Annotated[Form, typer.Option("--as", help="What to render.")] = Form.TEXT,
) -> None:
    """Print a report as it would go out now, with real data; HTML, PDF and XLSX into a file by >."""
    import base64

    from analytics.door import reach

    with reach(existing(context), "report") as door:
        made = door.ask("report_preview", report=report, form=form.value)
    if form in {Form.PDF, Form.XLSX}:
        sys.stdout.buffer.write(base64.b64decode(made))
    else:
        print(made)  # noqa: T201 results go to stdout


@reports.command("send")
@spoken
def report_send(
    context: typer.Context,
    report: ReportArgument,
    to: Annotated[str, typer.Option(help="Only to this address of its list.")] = "",
    format_: FormatOption = Format.TABLE,
) -> None:
    """Send a report now, by the same code as its schedule, and say what became of it."""
    from analytics.door import reach

    with reach(existing(context), "report") as door:
        rows = door.ask("report_send", report=report, to=to)
    show(_only(rows, *LEDGER) if format_ is Format.TABLE else rows, format_)
    if any(row["state"] != "sent" for row in rows):
        raise typer.Exit(1)


@reports.command("history")
@spoken
def report_history(
    context: typer.Context,
    report: Annotated[str, typer.Argument(help="Only of this report.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Runs.")] = 20,
    format_: FormatOption = Format.TABLE,
) -> None:
    """List what was sent, failed and skipped, and why; the latest first."""
    from analytics.door import reach

    with reach(existing(context), "report") as door:
        rows = door.ask("report_history", report=report, limit=limit)
    if not rows:
        errors.print("Nothing has been due yet.")
        return
    if format_ is Format.TABLE:
        rows = _only(rows, *LEDGER)
    show(rows, format_)


def _only(rows: Sequence[dict[str, Any]], *columns: str) -> list[dict[str, Any]]:
    """Keep the columns that a terminal has room for; JSON and CSV have all of them."""
    return [{name: row[name] for name in columns} for row in rows]


def show(rows: Sequence[dict[str, Any]], format_: Format) -> None:
    """Print rows to stdout; a table on a terminal that is too narrow folds its cells."""
    if format_ is Format.JSON:
        print(msgspec.json.format(msgspec.json.encode(rows)).decode())  # noqa: T201 results go to stdout
    elif format_ is Format.CSV:
        from analytics.exports import csv_text

        text = csv_text(list(rows[0]) if rows else [], (list(row.values()) for row in rows))
        print(text, end="")  # noqa: T201 as above
    else:
        _table(rows)


def _table(rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        errors.print("Nothing to show for these days.")
        return
    table = Table(box=None, pad_edge=False)
    for place, (column, value) in enumerate(rows[0].items()):
        side: Literal["left", "right"] = "right" if isinstance(value, int | float) else "left"
        # What a row is called is copied into the next command: it stays whole where it is one word.
        is_name = place == 0 and " " not in str(value) and len(str(value)) <= NAME_WHOLE
        table.add_column(column, justify=side, overflow="fold", no_wrap=is_name)
    for row in rows:
        table.add_row(*("—" if value is None else _printed(value) for value in row.values()))
    Console(file=sys.stdout).print(table, markup=False)


def _printed(value: Any) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


@contextmanager
def bar(words: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on a terminal; elsewhere nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(words)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def existing(context: typer.Context) -> Path:
    """Refuse a home that was never made, rather than making an empty one."""
    folder: Path = context.obj.folder
    if not (folder / config.FILE).exists():
        raise ConfigError(
            f"There is no home at {folder}.",
            "Make one: tearsheet init --site news.example --timezone Europe/Berlin",
        )
    return folder
