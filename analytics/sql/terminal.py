"""A query on the command line: where its text comes from, and where its answer goes."""

from __future__ import annotations

import base64
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from analytics.errors import UsageError
from analytics.sql import shell
from analytics.sql.formats import Form

BINARY = ("parquet", "arrow", "xlsx")
FORMS: Mapping[str, Form] = {
    "table": "json", "line": "json", "csv": "csv", "json": "json",
    "parquet": "parquet", "arrow": "arrow", "xlsx": "xlsx"
}  # fmt: skip


def statement(given: str | None, file: Path | None) -> str | None:
    """Take the statement of a command; None: it will be typed.

    Raises:
        UsageError: Both were given, or the file cannot be read.
    """
    if given is not None and file is not None:
        raise UsageError("A statement and a file were given.", "Give one of them.")
    if file is not None and str(file) != "-":
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise UsageError(f"{file} cannot be read: {shell.unread(fault)}.") from fault
    if given is None and (file is not None or not sys.stdin.isatty()):
        return sys.stdin.read()
    return given


def parameters(given: Sequence[str]) -> dict[str, Any]:
    """Read NAME=VALUE; a value that is JSON is taken as such, any other as text.

    Raises:
        UsageError: One is none.
    """
    found: dict[str, Any] = {}
    for each in given:
        name, is_there, value = each.partition("=")
        if not is_there or not name.isidentifier():
            raise UsageError(f"--param {each!r} is no NAME=VALUE.", "Write it like --param site=news.example")
        try:
            found[name] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            found[name] = value
    return found


def check(form: str, output: Path | None) -> None:
    """Refuse to print on a terminal what no terminal shows.

    Raises:
        UsageError: Say how instead.
    """
    if output is None and form in BINARY and sys.stdout.isatty():
        raise UsageError(f"{form} is not for a terminal.", f"Add --output answer.{form}")


def wire(form: str) -> Form:
    """Name the form in which the desk gives an answer that is shown in another."""
    return FORMS[form]


def give(answer: Mapping[str, Any], form: str, output: Path | None, notes: Console) -> None:
    """Print an answer of the desk, or write it into a file, whole; a cut is said.

    Args:
        answer: Of the command `sql`: body, cut, said.
        form: As it was asked for.
        output: The file; None prints.
        notes: Where all but the answer goes.

    Raises:
        UsageError: The file cannot be written.
    """
    body = base64.b64decode(answer["body"])
    notice = answer["said"] if answer["cut"] else ""
    if form in {"table", "line"}:
        told = msgspec.json.decode(body, type=shell.Answered)
        drawn = shell.lined(told) if form == "line" else shell.drawn(told, None if output else Console())
        body, notice = drawn.encode(), shell.summed(told)
    elif form == "json":
        body += b"\n"
    if output is None:
        sys.stdout.buffer.write(body)
        sys.stdout.flush()
    else:
        made = output.with_name(f".{output.name}.part")  # the file is whole, or it is not there
        try:
            made.write_bytes(body)
            made.replace(output)
        except OSError as fault:
            raise UsageError(f"{output} cannot be written: {fault.strerror}.") from fault
    if notice:
        notes.print(notice, markup=False)
