"""`tearsheet sql` at a terminal: a statement ends with `;`, a command begins with a dot, as DuckDB has it."""

from __future__ import annotations

import contextlib
import readline
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypedDict

from rich.console import Console
from rich.table import Table

from analytics.errors import TearsheetError, did_you_mean
from analytics.store.archive.views import FOR_PEOPLE, described

TABLE_ROWS = 100  # shown; a file holds all
PROMPT, MORE = "tearsheet> ", "       ... "
GIVEN_UP = "\x03"  # Ctrl-C: what was begun is dropped
HISTORY = Path("~/.tearsheet_history")
HELP = """\
Write one SELECT and end it with a semicolon. Examples stand in docs/sql.md.
.tables [WORD]   tables and views, all or those with a word in them
.schema NAME     columns of one, with type and meaning
.mode FORM       table, csv or json
.quit            end; so does Ctrl-D"""
WORDS = (
    *(
        "SELECT",
        "FROM",
        "WHERE",
        "GROUP BY",
        "ORDER BY",
        "LIMIT",
        "HAVING",
        "QUALIFY",
        "WITH",
        "JOIN",
        "LEFT JOIN",
    ),
    *(
        "USING",
        "UNION ALL",
        "DISTINCT",
        "FILTER",
        "OVER",
        "PARTITION BY",
        "CASE",
        "DESCRIBE",
        "SUMMARIZE",
        "EXPLAIN",
    ),
)


class Answered(TypedDict):
    """What JSON of a query says, of wire-formats.md F.3."""

    columns: list[dict[str, str]]
    rows: list[list[Any]]
    row_count: int
    truncated: bool
    elapsed_ms: int
    data_until: str


def drawn(answer: Answered, out: Console | None) -> str:
    """Draw an answer as a table: as wide as a terminal, or as it needs in a file (None)."""
    table = Table(box=None, pad_edge=False)
    for column in answer["columns"]:
        is_number = column["type"].startswith(("DECIMAL", "DOUBLE", "FLOAT")) or "INT" in column["type"]
        table.add_column(column["name"], justify="right" if is_number else "left", overflow="fold")
    for row in answer["rows"][: TABLE_ROWS if out else None]:
        table.add_row(*("—" if value is None else str(value) for value in row))
    console = Console(width=out.width if out else 1000, color_system=None)
    with console.capture() as kept:
        console.print(table, markup=False)
    return "".join(f"{line.rstrip()}\n" for line in kept.get().splitlines())


def summed(answer: Answered) -> str:
    """Say how many rows an answer has, what is not shown, how long it took and how fresh it is."""
    rows = answer["row_count"]
    said = [f"{rows:,} {'row' if rows == 1 else 'rows'}"]
    if rows > TABLE_ROWS:
        said.append(f"the first {TABLE_ROWS} are shown, --format csv gives all")
    if answer["truncated"]:
        said.append("cut at the limit, more exist")
    return " · ".join([*said, f"{answer['elapsed_ms']:,} ms", f"data until {answer['data_until']}"])


class Shell:
    """A conversation over the archive."""

    def __init__(
        self,
        ask: Callable[[str, str], None],
        notes: Console,
        form: str = "table",
        out: Console | None = None,
    ) -> None:
        """Prepare it.

        Args:
            ask: Asks a statement and prints the answer in a form; raises TearsheetError.
            notes: Where all but answers goes.
            form: First form of answers.
            out: Where what there is goes; None: to the notes.
        """
        self._ask, self._notes, self._form, self._out = ask, notes, form, out or notes

    def run(self, lines: Iterable[str]) -> bool:
        """Answer statement by statement, until the lines end or `.quit`; tell whether all were answered."""
        went_well = True
        for text in statements(lines):
            if text.rstrip("; ") in {".quit", ".exit"}:
                break
            try:
                if text.startswith("."):
                    self._command(*text[1:].rstrip("; ").split())
                else:
                    self._ask(text, self._form)
            except TearsheetError as refusal:
                went_well = False
                self._notes.print(str(refusal), markup=False)
            except KeyboardInterrupt:
                went_well = False
                self._notes.print("Stopped.")
        return went_well

    def _command(self, name: str = "", word: str = "", *_: str) -> None:
        if name == "tables":
            for view, about, _columns in described():
                if word in view:
                    self._out.print(f"{view:18} {about}", markup=False)
        elif name == "schema":
            known = {view: columns for view, _, columns in described()}
            if word not in known:
                raise TearsheetError(f"There is no table {word!r}.", did_you_mean(word, known))
            for column, kind, meaning in known[word]:
                self._out.print(f"{column:20} {kind:10} {meaning}", markup=False)
        elif name == "mode":
            if word not in {"table", "csv", "json"}:
                raise TearsheetError(f"There is no form {word!r}.", "Known: table, csv, json.")
            self._form = word
        elif name == "help":
            self._out.print(HELP, markup=False)
        else:
            raise TearsheetError(f"There is no command .{name}", "Write .help")


def statements(lines: Iterable[str]) -> Iterator[str]:
    """Put lines together to statements; a line with a dot at its front stands alone."""
    kept: list[str] = []
    for line in lines:
        if line == GIVEN_UP:
            kept = []
            continue
        if not kept and (line.strip().startswith(".") or not line.strip()):
            yield from [line.strip()] if line.strip() else []
            continue
        kept.append(line)
        if _ends(line):
            yield "\n".join(kept).strip()
            kept = []
    if kept:
        yield "\n".join(kept).strip()


def _ends(line: str) -> bool:
    """Tell whether a line ends a statement; a note may stand behind the semicolon."""
    return line.partition("--")[0].rstrip().endswith(";")


def typed(path: Path | None = None) -> Iterator[str]:
    """Read lines at a terminal, with history and completion.

    Args:
        path: Where the history stands; HISTORY else.
    """
    history = (path or HISTORY).expanduser()
    with contextlib.suppress(OSError):
        readline.read_history_file(history)
    readline.set_completer(completed)
    readline.parse_and_bind("tab: complete")
    prompt = PROMPT
    try:
        while True:
            try:
                line = input(prompt)
            except KeyboardInterrupt:
                sys.stderr.write("\n")
                yield GIVEN_UP
                prompt = PROMPT
                continue
            except EOFError:
                sys.stderr.write("\n")
                return
            done = _ends(line) or line.strip().startswith(".") or not line.strip()
            prompt = PROMPT if done else MORE
            yield line
    finally:
        with contextlib.suppress(OSError):
            readline.set_history_length(1000)
            history.touch(mode=0o600)
            readline.write_history_file(history)


def completed(begun: str, place: int) -> str | None:
    """Complete a word: tables first, then columns of those made for people, then words of SQL."""
    found = _completions(begun)
    return found[place] if place < len(found) else None


def _completions(begun: str) -> Sequence[str]:
    tables = [view for view, _, _ in described()]
    columns = {name for view, _, held in described() if view in FOR_PEOPLE for name, _, _ in held}
    return [
        word
        for word in [*tables, *sorted(columns - set(tables)), *WORDS]
        if word.casefold().startswith(begun.casefold())
    ]
