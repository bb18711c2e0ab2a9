"""The commands that keep a home well: backups, erasing, doctor, verify, config; with or without a desk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from analytics import config
from analytics.cli import Format, FormatOption, SiteOption, app, bar, errors, existing, show, spoken
from analytics.errors import UsageError

if TYPE_CHECKING:
    from analytics.upkeep.doctor import Finding

settings = typer.Typer(help="The settings of the home.", no_args_is_help=True)
app.add_typer(settings, name="config")
MARKS = {"ok": "ok   ", "look": "look ", "wrong": "WRONG"}


@app.command()
@spoken
def backup(
    context: typer.Context,
    to: Annotated[Path | None, typer.Option(help="Folder for it; the one of the settings otherwise.")] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="Delete all but the newest so many.")] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Back the home up, beside a running desk too, and read the backup again."""
    from analytics.door import reach

    with reach(existing(context), "backup") as door, bar("Copying"):
        row = door.ask("backup", folder=str(to.absolute()) if to else None, keep=keep)
    show([row], format_)


@app.command()
@spoken
def backups(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option("--in", help="Folder; the one of the settings otherwise.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Read every one whole.")] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """List the backups, the newest first."""
    from analytics.upkeep import backups as kept

    home = context.obj.folder
    found = kept.listed(folder or config.read(home).backups.place(home))
    for each in found if check else ():
        kept.check(each)
        errors.print(f"{each.path.name}: all of it can be read.", markup=False)
    show([kept.row_of(each) for each in found], format_)


@app.command()
@spoken
def restore(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="BACKUP", help="Name, folder, or latest.")],
    folder: Annotated[Path | None, typer.Option("--in", help="Folder of the backups.")] = None,
) -> None:
    """Put a backup in the place of the home; stop the desk first. What stood there is kept."""
    from analytics.upkeep import backups as kept
    from analytics.upkeep import restoring

    home = context.obj.folder
    chosen = kept.named(folder or config.read(home).backups.place(home), name)
    with bar("Restoring"):
        before = restoring.restore(home, chosen, config.now())
    errors.print(
        f"{home} is as of {chosen.manifest.made_at}: {sum(chosen.manifest.rows.values()):,} rows.",
        markup=False,
    )
    if before.exists():
        errors.print(f"What stood there is in {before}; delete it when all is well.", markup=False)


@app.command()
@spoken
def erase(
    context: typer.Context,
    article: Annotated[
        str | None, typer.Option(metavar="ID", help="An article, by its id or an alias.")
    ] = None,
    visitor: Annotated[
        str | None,
        typer.Option(metavar="ID", help="A reader: the id that you sent, or the number in the tables."),
    ] = None,
    whole_site: Annotated[
        str | None,
        typer.Option(
            "--whole-site", metavar="DOMAIN", help="A whole site; take it out of tearsheet.toml first."
        ),
    ] = None,
    site: SiteOption = None,
    with_backups: Annotated[
        bool, typer.Option("--with-backups", help="Make a fresh backup, then delete those from before.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase an article, a reader or a site everywhere, and print a receipt; there is no way back."""
    from analytics.door import reach

    given = {"article": article, "visitor": visitor, "site": whole_site}
    named = [(kind, name) for kind, name in given.items() if name]
    if len(named) != 1:
        raise UsageError("What is to be erased?", "Give one of --article, --visitor and --whole-site.")
    kind, name = named[0]
    if not yes:
        typer.confirm(f"Erase the {kind} {name} for ever?", abort=True, err=True)
    with reach(existing(context), "erase") as door:
        receipt = door.ask("erase", kind=kind, name=name, site_name=site, with_backups=with_backups)
    print(msgspec.json.format(msgspec.json.encode(receipt)).decode())  # noqa: T201 results go to stdout
    if not (receipt["rows"] or receipt["queue_files"] or receipt["queue_waiting"]):
        errors.print("Nothing of it was found: is the id right?")
    for backup_name in receipt["backups_left"]:
        errors.print(f"The backup {backup_name} still has it; --with-backups deletes it.", markup=False)


@app.command()
@spoken
def log(
    context: typer.Context,
    site: SiteOption = None,
    find: Annotated[str, typer.Option(help="Only lines that hold this text.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="Lines at most, the newest.")] = 200,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show what was done by whom, the newest first: people, keys, settings, corrections, erasing."""
    from analytics.door import reach

    with reach(existing(context), "log") as door:
        rows = door.ask("log", site=site or "", find=find, limit=limit)
    if not rows and format_ is Format.TABLE:
        errors.print("Nothing of the kind.")
        return
    show(rows, format_)


@app.command()
@spoken
def retire(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Only count what would go.")] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Delete rows that are older than the settings keep them; `serve` does it every day."""
    from analytics.door import reach

    with reach(existing(context), "retire") as door:
        rows = door.ask("retire", check=check)
    if not rows and format_ is Format.TABLE:
        errors.print("No row is older than it is kept.")
        return
    show(rows, format_)


@app.command()
@spoken
def verify(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Recount everything in a copy, and compare; compare the archive with the store, too."""
    from analytics.door import reach

    with reach(existing(context), "verify") as door, bar("Counting in a copy"):
        rows = door.ask("verify")
    show(rows, format_)
    differing = [row for row in rows if row["missing"] or row["extra"]]
    if not differing:
        errors.print("All sums are what a recount gives, and the archive holds what the store holds.")
        return
    if any(row["what"] == "sums" for row in differing):
        errors.print("Some sums differ from a recount: tearsheet rollup --all mends them. Please report it.")
    if any(row["what"] == "archive" for row in differing):
        errors.print("The archive differs: stop the desk, delete archive/, start it; it is written anew.")
    raise typer.Exit(1)


@app.command()
@spoken
def doctor(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Look at all that the home stands on, and say what to do about what is not well."""
    from analytics.door import reach
    from analytics.upkeep import doctor as room

    home: Path = context.obj.folder

    def status() -> dict[str, Any]:
        with reach(existing(context), "doctor") as door:
            found: dict[str, Any] = door.ask("status")
            return found

    findings = room.examine(home, config.now(), status)
    if format_ is Format.TABLE:
        for each in findings:
            _tell(each)
    else:
        show([{"what": f.what, "level": f.level, "said": f.said, "do": f.do} for f in findings], format_)
    if any(each.level == "wrong" for each in findings):
        raise typer.Exit(1)


def _tell(finding: Finding) -> None:
    print(f"{MARKS[finding.level]}  {finding.what:<10} {finding.said}")  # noqa: T201 results go to stdout
    if finding.do:
        print(f"{'':<18} -> {finding.do}")  # noqa: T201 as above


@settings.command("check")
@spoken
def check(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Another tearsheet.toml than the home's.")] = None,
) -> None:
    """Read the settings as the desk would at its start, and say what they mean."""
    from analytics.upkeep.file import check as check_settings

    folder = file.parent if file else existing(context)
    if file and file.name != config.FILE:
        raise UsageError(
            f"{file} is not named {config.FILE}.", "Name it so: everything else reads that name."
        )
    if file and not file.exists():
        raise UsageError(f"There is no {file}.")
    described = config.read(folder)
    check_settings(described)
    for name, site in described.site.items():
        widgets = "public widgets" if site.widgets.on else "no widgets"
        print(f"{name}: days of {site.timezone}, {widgets}.")  # noqa: T201 results go to stdout
    place = described.backups.place(folder)
    when = "daily" if described.backups.daily else "by hand"
    print(f"Backups: {described.backups.keep} in {place}, {when}.")  # noqa: T201 as above
    if not described.site:
        errors.print("No site yet: tearsheet init --site news.example --timezone Europe/Berlin")
    errors.print(f"{folder / config.FILE} can be read.", markup=False)
