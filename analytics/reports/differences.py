"""What is different now in a report that was sent: late data and corrections, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics import wording
from analytics.exports import Cell
from analytics.language import N_, _
from analytics.reports.mail import cell_said
from analytics.reports.report import Block, Numbers, Report, Stories, Table

GONE, NEW = N_("no longer there"), N_("was not there")


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that has changed.

    Attributes:
        block: The table in which it stands.
        row: What it is about.
        column: Which of its values.
        sent: As it was sent.
        now: As it is now.
        change: By how much, in words; empty where that is no number.
    """

    block: str
    row: str
    column: str
    sent: str
    now: str
    change: str = ""


def between(before: Report, after: Report) -> list[Difference]:
    """List what differs, in the order of the report as it was sent; new rows stand at their table's end."""
    blocks = _placed(after)
    found: list[Difference] = []
    for key, block in _placed(before).items():
        now = blocks.get(key)
        if isinstance(block, Numbers):
            found += _numbers(block, now if isinstance(now, Numbers) else None)
        elif isinstance(block, Table):
            found += _rows(block, now if isinstance(now, Table) else None)
        elif isinstance(block, Stories):
            found += _stories(block, now if isinstance(now, Stories) else None)
    return found


def _placed(report: Report) -> dict[tuple[type, str], Block]:
    """Name the blocks by what they are; the head, whose title tells how far the day is, by its place."""
    return {
        (type(block), getattr(block, "title", "") if place else ""): block
        for place, block in enumerate(report.blocks)
    }


def _numbers(before: Numbers, after: Numbers | None) -> Iterator[Difference]:
    now = {each.metric: each for each in after.rows} if after else {}
    for each in before.rows:
        new = now.get(each.metric)
        if new is None:
            yield Difference(before.title, each.label, "", each.said, _(GONE))
        elif new.value != each.value:
            change = wording.difference(new.value, each.value)
            yield Difference(before.title, each.label, "", each.said, new.said, change)


def _rows(before: Table, after: Table | None) -> Iterator[Difference]:
    """Compare two tables by the rows' ids, or by their first words where they have none."""
    old, new = _by_key(before), _by_key(after) if after else {}
    columns = {column.name: column for column in before.columns if column.name != "id"}
    for key, cells in old.items():
        if key not in new:
            yield Difference(before.title, _name(cells, key), "", "", _(GONE))
            continue
        for name, column in columns.items():
            was, is_now = cells.get(name), new[key].get(name)
            if was != is_now:
                numbers = _number(is_now), _number(was)
                change = wording.difference(*numbers) if None not in numbers else ""
                said = cell_said(column, was), cell_said(column, is_now)
                yield Difference(before.title, _name(cells, key), column.label, *said, change)
    for key in new.keys() - old.keys() if after else ():
        yield Difference(before.title, _name(new[key], key), "", _(NEW), "")


def _stories(before: Stories, after: Stories | None) -> Iterator[Difference]:
    now = {each.href: each for each in after.rows} if after else {}
    for each in before.rows:
        new = now.get(each.href)
        if new is None:
            yield Difference(before.title, each.title, each.words, each.number, _(GONE))
        elif new.number != each.number:
            yield Difference(before.title, each.title, each.words, each.number, new.number)


def _by_key(table: Table) -> dict[str, dict[str, Cell]]:
    """Give the rows by what names them: the id, else all of their words; equal ones are numbered."""
    names = [column.name for column in table.columns]
    words = [column.name for column in table.columns if not column.unit]
    found: dict[str, dict[str, Cell]] = {}
    for row in table.rows:
        cells = dict(zip(names, row, strict=True))
        key = cells.get("id") or " · ".join(str(cells[name]) for name in words if cells[name] is not None)
        while str(key) in found:
            key = f"{key} again"
        found[str(key)] = cells
    return found


def _name(cells: dict[str, Cell], key: str) -> str:
    return str(next((cells[name] for name in ("name", "day") if cells.get(name)), None) or key)


def _number(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None
