"""Results of benchmarks: printed, and kept section by section in docs/benchmarks.md."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

import duckdb
import polars as pl

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Each section is written by `./run bench` and ends with the day and the machine; where a goal was set, it stands there.
Times are CPU seconds of the whole process, all threads; what counts is the ratio to the reference that ran beside it,
for it holds on any machine. A load well above the number of cores means that others used the machine meanwhile.
"""


@dataclass(slots=True)
class Spent:
    """What a stretch of work cost: CPU seconds of the process, wall seconds."""

    cpu: float = 0.0
    wall: float = 0.0


@contextmanager
def spent() -> Iterator[Spent]:
    """Measure a block."""
    cost = Spent()
    cpu, wall = process_time(), perf_counter()
    yield cost
    cost.cpu, cost.wall = process_time() - cpu, perf_counter() - wall


def machine() -> str:
    """Name what the figures depend on."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, Polars {pl.__version__}"
    )


def tell(
    title: str,
    about: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    goal: str = "",
    is_kept: bool = True,
) -> None:
    """Print a table and put it into docs/benchmarks.md in place of the section of that title; with its goal.

    Args:
        title: Heading of the section.
        about: What was measured, and how.
        head: Names of the columns.
        rows: One a line.
        goal: What was aimed at.
        is_kept: Whether it goes into the page; a part of a benchmark is only printed.
    """
    table = [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row) + " |" for row in rows),
    ]
    aim = [f"**Goal:** {goal}\n"] if goal else []
    text = "\n".join([f"## {title}\n", f"{about}\n", *aim, *table, "", f"*{machine()}*", ""])
    print(f"\n{text}")
    if not is_kept:
        return
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else HEAD
    section = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    page = section.sub(lambda _: text + "\n", page) if section.search(page) else f"{page.rstrip()}\n\n{text}"
    PAGE.write_text(page.rstrip() + "\n", encoding="utf-8")
