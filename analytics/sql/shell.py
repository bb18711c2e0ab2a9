"""`tearsheet sql` at a terminal: a statement ends with `;`, a command begins with a dot, as DuckDB has it."""

from __future__ import annotations

import contextlib
import re
import readline
import shlex
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
FORMS = ("table", "line", "csv", "json")
FILES = ("csv", "json", "xlsx", "parquet", "arrow")
HELP = """\
Write one SELECT and end it with a semicolon. Examples stand in docs/sql.md.
.tables [WORD]   tables and views, all or those with a word in them; so does SHOW TABLES
.schema NAME     columns of one, with type and meaning
.mode FORM       table, line (a column a line), csv or json
.once FILE       the next answer goes into a file: .csv, .json, .xlsx, .parquet, .arrow
.read FILE       run the statements of a file
.quit            end; so do .exit and Ctrl-D
Ctrl-C stops a query that runs, or drops what was begun. Tab completes names.
A command may be cut short: .t"""
NAMES = ("tables", "schema", "mode", "once", "read", "help")
_MARK = re.compile(  # what a semicolon may stand in, or the end of a statement; what is not closed goes on
    r"""'(?:[^']|'')*+(?:'|\Z) | "(?:[^"]|"")*+(?:"|\Z) | \$(\w*)\$.*?(?:\$\1\$|\Z)
    | (?P<note>--[^\n]* | /\*.*?\*/) | /\*.*\Z | (?P<end>;)""",
    re.DOTALL | re.VERBOSE,
)
_TABLES = re.compile(r"show\s+(?:all\s+)?tables[\s;]*", re.IGNORECASE)
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


def unread(fault: OSError | UnicodeDecodeError) -> str:
    """Say why a file could not be read, without its name."""
    return fault.strerror or "it is broken" if isinstance(fault, OSError) else "it is no UTF-8 text"


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


def lined(answer: Answered) -> str:
    """Draw an answer with a line for each value, for rows that are wider than a screen."""
    names = [column["name"] for column in answer["columns"]]
    wide = max(map(len, names), default=0)
    rows = (
        "".join(
            f"{name:>{wide}} = {'—' if value is None else value}\n"
            for name, value in zip(names, row, strict=True)
        )
        for row in answer["rows"][:TABLE_ROWS]
    )
    return "\n".join(rows)


def summed(answer: Answered) -> str:
    """Say how many rows an answer has, what is not shown, how long it took and how fresh it is."""
    rows = answer["row_count"]
    said = [f"{rows:,} {'row' if rows == 1 else 'rows'}"]
    if rows > TABLE_ROWS:
        said.append(f"the first {TABLE_ROWS} are shown, csv gives all")
    if answer["truncated"]:
        said.append("cut at the limit, more exist")
    return " · ".join([*said, f"{answer['elapsed_ms']:,} ms", f"data until {answer['data_until']}"])


class Shell:
    """A conversation over the archive."""

    def __init__(
        self,
        ask: Callable[[str, str, Path | None], None],
        notes: Console,
        form: str = "table",
        out: Console | None = None,
    ) -> None:
        """Prepare it.

        Args:
            ask: Asks a statement, and prints the answer in a form or writes it into a file; raises
                TearsheetError.
            notes: Where all but answers goes.
            form: First form of answers.
            out: Where what there is goes; None: to the notes.
        """
        self._ask, self._notes, self._form, self._out = ask, notes, form, out or notes
        self._once: Path | None = None
        self._reading: list[Path] = []

    def run(self, lines: Iterable[str]) -> bool:
        """Answer statement by statement, until the lines end or `.quit`; tell whether all were answered."""
        went_well = True
        for text in statements(lines):
            if text.rstrip("; ") in {".quit", ".exit"}:
                break
            try:
                if text.startswith("."):
                    went_well &= self._command(*_words(text))
                elif _TABLES.fullmatch(text):
                    self._tables("")
                else:
                    file, self._once = self._once, None
                    self._ask(text, form_of_file(file) if file else self._form, file)
            except TearsheetError as refusal:
                went_well = False
                self._notes.print(str(refusal), markup=False)
            except KeyboardInterrupt:
                went_well = False
                self._notes.print("Stopped.")
        return went_well

    def _command(self, begun: str = "", word: str = "", *_: str) -> bool:
        """Do what a line with a dot says; tell whether all that it asked was answered."""
        name = next((each for each in NAMES if begun and each.startswith(begun)), "")
        match name:
            case "tables":
                self._tables(word)
            case "schema":
                self._schema(word)
            case "mode":
                if word not in FORMS:
                    raise TearsheetError(f"There is no form {word!r}.", f"Known: {', '.join(FORMS)}.")
                self._form = word
            case "once":
                form_of_file(Path(word))
                self._once = Path(word).expanduser()
            case "read":
                return self._read(Path(word).expanduser())
            case "help":
                self._out.print(HELP, markup=False)
            case _:
                known = ", ".join(f".{each}" for each in NAMES)
                raise TearsheetError(f"There is no command .{begun}.", f"There are {known} and .quit.")
        return True

    def _tables(self, word: str) -> None:
        for view, about, _columns in described():
            if word in view:
                self._out.print(f"{view:18} {about}", markup=False)

    def _schema(self, name: str) -> None:
        known = {view: columns for view, _, columns in described()}
        if name not in known:
            raise TearsheetError(f"There is no table {name!r}.", did_you_mean(name, known))
        for column, kind, meaning in known[name]:
            self._out.print(f"{column:20} {kind:10} {meaning}", markup=False)

    def _read(self, file: Path) -> bool:
        if file in self._reading:
            raise TearsheetError(f"{file} reads itself.")
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as fault:
            raise TearsheetError(f"{file} cannot be read: {unread(fault)}.") from fault
        self._reading.append(file)
        try:
            return self.run(lines)
        finally:
            self._reading.pop()


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command[1:].rstrip("; "))
    except ValueError as fault:
        raise TearsheetError(f"{command} cannot be read: {fault}.", "Close the quote.") from fault


def form_of_file(file: Path) -> str:
    """Tell the form of an answer by the ending of its file.

    Raises:
        TearsheetError: It has none that is known.
    """
    if (form := file.suffix.lower().removeprefix(".")) not in FILES:
        raise TearsheetError(f"{str(file)!r} has no ending that is known.", f"Known: .{', .'.join(FILES)}.")
    return form


def statements(lines: Iterable[str]) -> Iterator[str]:
    """Put lines together to statements; a line with a dot at its front stands alone."""
    kept = ""
    for line in lines:
        if line == GIVEN_UP:
            kept = ""
        elif line.strip().startswith(".") and _is_empty(kept):
            yield line.strip()
        else:
            found, kept = _split(f"{kept}{line}\n")
            yield from found
    if not _is_empty(kept):
        yield kept.strip()


def _split(text: str) -> tuple[list[str], str]:
    """Cut statements off at their semicolons; give them, and what was begun behind the last."""
    found, begun = [], 0
    for mark in _MARK.finditer(text):
        if mark["end"]:
            if not _is_empty(text[begun : mark.start()]):
                found.append(text[begun : mark.end()].strip())
            begun = mark.end()
    rest = text[begun:]
    return found, "" if begun and _is_empty(rest) else rest


def _is_empty(text: str) -> bool:
    return not _MARK.sub(lambda mark: "" if mark["note"] else mark[0], text).strip()


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
    kept = ""
    try:
        while True:
            try:
                line = input(PROMPT if _is_empty(kept) else MORE)
            except KeyboardInterrupt:
                sys.stderr.write("\n")
                yield GIVEN_UP
                kept = ""
                continue
            except EOFError:
                sys.stderr.write("\n")
                yield GIVEN_UP  # what was begun is not asked
                return
            if not (line.strip().startswith(".") and _is_empty(kept)):
                kept = _split(f"{kept}{line}\n")[1]
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
