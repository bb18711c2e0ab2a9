"""The pages of docs/ that follow from definitions: written by `just docs`, kept equal by a test.

What a metric, a column, a setting or a command means has one home, in code; these pages print it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import typer

from analytics.collect import settings as collecting
from analytics.config import VARIABLES, Backups, Config, Key, Mail, Oidc, Proxy, SignIn, Site, Widgets
from analytics.metrics import DIMENSIONS, FOLDS, METRICS, NOTIONS, Fold, FormulaSettings, Metric
from analytics.store import definitions
from analytics.store.archive.views import described
from analytics.store.store import described_schema
from analytics.upkeep.setting import TOLD, meanings

NOTE = "<!-- Written by `just docs` from the definitions; change those. -->\n"


def pages(commands: typer.Typer) -> dict[str, str]:
    """Write all pages.

    Args:
        commands: The complete command line.

    Returns:
        File name in docs/ -> text.
    """
    return {
        "metrics.md": metrics_page(),
        "glossary.md": glossary_page(),
        "tables.md": tables_page(),
        "views.md": views_page(),
        "settings.md": settings_page(),
        "commands.md": commands_page(commands),
    }


def metrics_page() -> str:
    """Say of every metric what it counts, how it folds and where the definition comes from."""
    parts = ["# What every number means\n", NOTE]
    parts += [_metric(each) for each in (METRICS | NOTIONS).values()]
    return "\n".join(parts)


def _metric(each: Metric) -> str:
    lines = [
        f"## {each.id}\n",
        f"**{each.label}** · {each.unit} · version {each.version}\n",
        f"{each.about}\n",
        f"- Formula: {each.formula}",
        f"- Folds: {FOLDS[each.fold]}",
        f"- Split by: {', '.join(each.dimensions) or 'nothing; it belongs to one article'}",
    ]
    if each.interval:
        lines.append(f"- Interval: {'Wilson' if each.interval == 'wilson' else 'Byar (Poisson)'}, 95 %")
    if each.is_rate:
        lines.append(f"- Grey and unranked under n = {each.few}")
    lines.append(f"- Origin: {each.origin}\n")
    return "\n".join(lines)


def glossary_page() -> str:
    """Say in one plain sentence what each word on a screen means, in the order of the alphabet."""
    words = {each.label: each.about for each in (METRICS | NOTIONS).values()}
    words |= {
        each.label: f"Numbers can be split and filtered by {each.label.lower()}."
        for each in DIMENSIONS.values()
    }
    lines = [
        f"**{label}**: {about}\n"
        for label, about in sorted(words.items(), key=lambda item: item[0].casefold())
    ]
    return "\n".join(["# Glossary\n", NOTE, *lines])


def tables_page() -> str:
    """List every table and column with its meaning, from the comments in the schema."""
    parts = ["# Tables and columns\n", NOTE]
    for table, about, columns in described_schema():
        rows = [f"| `{name}` | {kind} | {meaning} |" for name, kind, meaning in columns]
        parts.append(
            "\n".join(
                [f"## {table}\n", f"{about}\n", "| column | type | meaning |", "|---|---|---|", *rows, ""]
            )
        )
    return "\n".join(parts)


def views_page() -> str:
    """List every view of the archive with its columns, and every metric as SQL over them."""
    counted = [
        f"| `{each.id}` | `{definitions.over_rows(each)}` | `{definitions.source(each)}` |"
        for each in METRICS.values()
        if each.fold is not Fold.STANDING  # held against the whole archive: asked for by name, not added up
    ]
    parts = [
        "# Views for queries\n",
        NOTE,
        "How to ask stands in [sql.md](sql.md), what the numbers mean in [metrics.md](metrics.md).\n",
        "## Metrics in SQL\n",
        "What is counted over `daily` holds over `hourly` and `daily_articles` too, and over the rows they",
        "add up: `page_loads`, `views`, `comments_created`, `comment_boxes`. Sessions and readers stand in",
        "`daily`, `daily_articles` and `dimension_days`; they add up over days and over nothing else. The",
        "moderation lag counts by `decided_day`.\n",
        "\n".join(["| metric | SQL | over |", "|---|---|---|", *counted, ""]),
    ]
    for view, about, columns in described():
        rows = [f"| `{name}` | {kind} | {meaning} |" for name, kind, meaning in columns]
        parts.append(
            "\n".join(
                [f"## {view}\n", f"{about}\n", "| column | type | meaning |", "|---|---|---|", *rows, ""]
            )
        )
    return "\n".join(parts)


def settings_page() -> str:
    """List what tearsheet.toml may set, with defaults."""
    example = """```toml
[site."news.example"]
timezone = "Europe/Berlin"
name = "News Example"

[site."news.example".formulas]
read_after_s = 15
```
"""
    parts = [
        "# Settings\n",
        NOTE,
        "A home's `tearsheet.toml` names its sites. It is read at every start.",
        "What it says of a site can be changed in the browser too, under `/house/settings`: that page writes",
        "the file, and keeps its comments.\n",
        example,
        "## The house\n",
        *_fields(Config),
        "\n## Sign-in\n",
        "The section `[sign_in]`; what it is for stands in [people](people.md).\n",
        *_fields(SignIn),
        "\n`[sign_in.oidc]`:\n",
        *_fields(Oidc),
        "\n`[sign_in.proxy]`:\n",
        *_fields(Proxy),
        "\n## A site\n",
        *_fields(Site),
        "\n## Widgets\n",
        'The section `[site."news.example".widgets]`; what it is for stands in [widgets](widgets.md).\n',
        *_fields(Widgets),
        "\n## How events are taken\n",
        'The section `[site."news.example".collect]`.\n',
        *(
            line
            for line in _fields(collecting.Site)
            if not line.startswith(tuple(f"- `{name}`" for name in TOLD))
        ),
        "\n## Mail\n",
        "The section `[mail]`; [reports](reports.md) says what goes out.\n",
        *_fields(Mail),
        "\n## Keys\n",
        "`tearsheet key add` makes them. A section `[key.cms]` of an older home goes on working.\n",
        *_fields(Key),
        "\n## Backups\n",
        "The section `[backups]`; what is in one stands in [operating](operating.md#backups).\n",
        *_fields(Backups),
        "\n## Formulas\n",
        "A change opens a new definition version from that day on; history stays as it was counted.\n",
        *_fields(FormulaSettings),
        "\n## Environment\n",
        *(f"- `{name}`: {meaning}" for name, meaning in VARIABLES.items()),
        "",
    ]
    return "\n".join(parts)


def _fields(of: type) -> Iterable[str]:
    about = meanings(of)
    names = msgspec.structs.fields(of) if issubclass(of, msgspec.Struct) else ()
    defaults = {each.name: each.default for each in names} or {
        name: getattr(of(), name) for name in inspect.signature(of).parameters
    }
    for name, meaning in about.items():
        default = defaults.get(name, msgspec.NODEFAULT)
        is_plain = default not in (msgspec.NODEFAULT, None, {}, (), "") and not isinstance(
            default, msgspec.Struct
        )
        shown = str(default).lower() if isinstance(default, bool) else default  # as TOML writes it
        told = f" Default `{shown}`." if is_plain else ""
        yield f"- `{name}`: {meaning}{told}"


def commands_page(commands: typer.Typer) -> str:
    """List every command with its options, as `--help` prints them."""
    parts = ["# Commands\n", NOTE, "`--home DIR` (also `TEARSHEET_HOME`) stands before the command.\n"]
    for name, command in _each_command(typer.main.get_command(commands)):
        rows = [_option(each) for each in command.params if each.name != "help"]
        parts.append("\n".join([f"## tearsheet {name}\n", f"{command.help}\n", *rows, ""]))
    return "\n".join(parts)


def _each_command(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """List commands and those of groups, by name: `user add`."""
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from _each_command(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


def _option(each: object) -> str:
    names = " / ".join(f"`{name}`" for name in getattr(each, "opts", []))
    text = getattr(each, "help", None) or ""
    required = " Required." if getattr(each, "required", False) else ""
    default = getattr(each, "default", None)
    told = (
        f" Default `{getattr(default, 'value', default)}`."
        if default not in {None, False, ""} and not required
        else ""
    )
    return f"- {names}: {text}{required}{told}"


def write(folder: Path, commands: typer.Typer) -> None:
    """Write all pages into a folder."""
    for name, text in pages(commands).items():
        (folder / name).write_text(text, encoding="utf-8")
        sys.stderr.write(f"{folder / name}\n")
