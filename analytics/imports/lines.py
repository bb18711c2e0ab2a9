"""Text files line by line, for what no bulk reader can be trusted with.

DuckDB's CSV reader loses the good line after an open quote (wire-formats.md C.1, checked), and its JSON
reader gives no line numbers. Here a broken line costs only itself, and has its number.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import IO

import polars as pl

BLOCK = 8 << 20
MAX_JOIN = 50  # lines that one quoted cell may run over
MAX_LINE = 1 << 20  # DuckDB's own limit is 2 MB
Line = tuple[int, str | None]  # number from 1; None where the bytes are no UTF-8
SCHEMA = {"line": pl.Int64(), "text": pl.String()}


@dataclass(slots=True)
class Records:
    """What the lines of a CSV file came to.

    Attributes:
        first_lines: Line at which each kept record begins, in the order of the rewritten file.
        rejected: Lines that could not be read.
    """

    first_lines: list[int] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)


def blocks(path: Path) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the lines of a file in blocks, each with the number of its first line; ends are cut off."""
    number, rest = 1, b""
    with path.open("rb") as file:
        while data := file.read(BLOCK):
            *lines, rest = (rest + data).split(b"\n")
            if lines:
                yield number, lines
            number += len(lines)
    if rest:
        yield number, [rest]


def frames(path: Path) -> Iterator[pl.DataFrame]:
    """Yield the lines as frames in the columns of SCHEMA, carriage returns cut off, null where no UTF-8."""
    for number, lines in blocks(path):
        text: list[str | None]
        try:
            text = [*b"\n".join(lines).decode().split("\n")]
        except UnicodeDecodeError:
            text = [_text(line) for line in lines]
        frame = pl.DataFrame({"line": range(number, number + len(text)), "text": text}, SCHEMA)
        yield frame.with_columns(pl.col("text").str.strip_suffix("\r"))


def clean_csv(path: Path, columns: int, delimiter: str, out: Path) -> Records:
    """Rewrite a CSV file without its broken lines.

    A line that is no whole record by itself, but opens a quote, is joined with those after it as long as
    they are no records themselves. So an open quote never swallows a good line.

    Args:
        path: The file; its first line is the header.
        columns: Cells of a record.
        delimiter: Between cells.
        out: Where the good records go, header first.
    """
    pattern = record_pattern(columns, delimiter)
    records, open_run = Records(), list[Line]()
    with out.open("wb") as file:
        file.write(delimiter.join(f"c{place}" for place in range(columns)).encode() + b"\n")
        for frame in frames(path):
            rows = frame.filter(pl.col("line") > 1, pl.col("text").ne_missing("") if columns > 1 else True)
            whole = rows["text"].str.contains(f"^(?:{pattern})$").fill_null(value=False)
            _write(file, rows.filter(whole).rows(), records)
            runs = _runs([*open_run, *rows.filter(~whole).rows()])
            # The last run may go on in the next block.
            open_run = runs.pop() if runs and runs[-1][-1][0] == frame["line"][-1] else []
            for run in runs:
                _write(file, _joined(run, pattern, records), records)
        _write(file, _joined(open_run, pattern, records), records)
    return records


def record_pattern(columns: int, delimiter: str) -> str:
    """Give the expression of one whole record, for Polars and for `re` alike."""
    cut = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*"|(?:[^"{cut}\r\n][^{cut}\r\n]*)?)'
    return rf"(?:{cell}{cut}){{{columns - 1}}}{cell}"


def hashes(path: Path, wanted: Collection[int], key: bytes) -> dict[int, str]:
    """Hash some lines of a file by a key; number -> hex. The text goes nowhere else."""
    found, ordered = {}, sorted(wanted)
    for number, lines in blocks(path):
        inside = slice(bisect_left(ordered, number), bisect_left(ordered, number + len(lines)))
        for line in ordered[inside]:
            found[line] = blake2b(lines[line - number], key=key, digest_size=16).hexdigest()
    return found


def _text(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def _write(file: IO[bytes], lines: list[Line], records: Records) -> None:
    good = [(number, text) for number, text in lines if text is not None]
    if good:
        file.write("\n".join(text for _, text in good).encode() + b"\n")
        records.first_lines += [number for number, _ in good]


def _runs(lines: list[Line]) -> list[list[Line]]:
    """Part lines into runs of neighbours."""
    runs: list[list[Line]] = []
    for line in lines:
        if runs and runs[-1][-1][0] == line[0] - 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def _joined(run: list[Line], pattern: str, records: Records) -> list[Line]:
    """Make records of a run of broken lines; what stays broken is rejected."""
    good, first = list[Line](), 0
    while first < len(run):
        number, text = run[first]
        lines = _cell_over_lines(run[first : first + MAX_JOIN], pattern) if text else 0
        if lines:
            good.append((number, "\n".join(text or "" for _, text in run[first : first + lines])))
        else:
            records.rejected.append(number)
        first += lines or 1
    return good


def _cell_over_lines(run: list[Line], pattern: str) -> int:
    """Count the lines that make one record together; 0 where none do."""
    record = ""
    for count, (_, text) in enumerate(run, 1):
        if text is None or len(record) + len(text) > MAX_LINE:
            return 0
        record = f"{record}\n{text}" if count > 1 else text
        if record.count('"') % 2 == 0:
            return count if re.fullmatch(pattern, record) else 0
    return 0
