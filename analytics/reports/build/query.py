"""The report of a saved query: its rows, all of them, and its chart as its owner drew it."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa

from analytics import wording
from analytics.errors import UsageError
from analytics.exports import Cell
from analytics.language import _
from analytics.reports.build.asked import Asked
from analytics.reports.report import Block, Column, Part, Plot, Report, Table
from analytics.sql import charts
from analytics.sql.ask import Answer
from analytics.sql.formats import plain_column
from analytics.sql.jobs import Value
from analytics.sql.summary import is_number, is_time, numbers

SHOWN = 50  # rows of a mail, pages.md 5
MOST_SHOWN_COLUMNS = 6  # of a mail's 600 pixels; files hold all
MOST_MARKS = 400
MOST_SERIES = 6
MOST_BARS = 40
MOST_TOLD = 3  # columns of a single row that the sentence tells
LAID_OUT = {"line": "time", "area": "time", "dots": "number"}


def query(asked: Asked) -> Report:
    """Run the query for its owner and set out what it gave.

    Raises:
        UsageError: There is nobody to run it, or no such query any more.
        SqlError: It was refused, stopped or broke, or gave more rows than its owner may have.
    """
    if asked.run is None or not asked.order.query:
        raise UsageError(_("No saved query is named."), _("Choose one on the page Reports."))
    saved, answer = asked.run(asked.order.query, asked.site.site_id, _parameters(asked))
    rows = answer.table.num_rows
    blocks: list[Block] = []
    if rows:
        drawn = _plot(answer, saved.chart)
        blocks = [*([drawn] if drawn else []), _table(answer, saved.about)]
    is_whole = asked.is_running or answer.until >= min(asked.period.ends, asked.now)
    local, late = asked.local(asked.now), "" if is_whole else _("(incomplete) ")
    until = wording.moment(asked.local(answer.until), local)
    plain = "".join(part.text for part in _sentence(answer, saved.name))
    return Report(
        kind="query",
        title=saved.name,
        site_id=asked.site.site_id,
        site_name=asked.site.name,
        zone=asked.site.zone,
        first=asked.period.first,
        last=asked.period.last,
        days=f"{asked.days_said()}, {asked.site.zone}",
        as_of=asked.now,
        as_of_said=f"{wording.day_named(local.date())} {wording.clock(local)}",
        subject=f"{saved.name}: {late}{plain.removesuffix('.')}",
        sentence=_sentence(answer, saved.name),
        blocks=blocks,
        health=_("Data until {until}. {cut}", until=until, cut=answer.cut_in_words()),
        is_whole=is_whole,
        notes=[
            _(
                "The query of {owner_name}, version {version}.",
                owner_name=saved.owner_name,
                version=saved.version,
            )
        ],
        href=f"/sql/{saved.query_id}?from={asked.period.first}&to={asked.period.last}",
        filtered=asked.filtered_said(),
        nothing="" if rows else _("The query gave no rows."),
    )


def _parameters(asked: Asked) -> dict[str, Value]:
    """Fill in what the page of SQL fills in: the days, and a filter of one value."""
    days: dict[str, Value] = {"from": asked.period.first.isoformat(), "to": asked.period.last.isoformat()}
    chosen = {name: getattr(asked.where, name) for name in asked.where.active()}
    return days | {name: values[0] for name, values in chosen.items() if len(values) == 1}


def _sentence(answer: Answer, name: str) -> list[Part]:
    """Say what came: the values of a single row, else how many rows."""
    rows = answer.table.num_rows
    if rows != 1:
        return [Part(wording.counted(rows, "row"), is_strong=True), Part(_(" of “{name}”.", name=name))]
    parts: list[Part] = []
    for column, value in list(zip(answer.names, _cells(answer)[0], strict=True))[:MOST_TOLD]:
        parts += [Part(f"{', ' if parts else ''}{column} "), Part(_said(value), is_strong=True)]
    return [*parts, Part(".")]


def _table(answer: Answer, about: str) -> Table:
    columns = [
        Column(name, name, "number" if is_number(answer.table.column(at)) else "", at < MOST_SHOWN_COLUMNS)
        for at, name in enumerate(answer.names)
    ]
    line = about
    if len(columns) > MOST_SHOWN_COLUMNS:
        cut = _("The first {n} of {all} columns; files hold all.", n=MOST_SHOWN_COLUMNS, all=len(columns))
        line = f"{about} {cut}".strip()
    return Table(title=_("Rows"), columns=columns, rows=_cells(answer), shown=SHOWN, line=line)


def _cells(answer: Answer) -> list[list[Cell]]:
    columns = [_column(answer.table.column(at)) for at in range(answer.table.num_columns)]
    return [list(row) for row in zip(*columns, strict=True)]


def _column(column: pa.ChunkedArray) -> list[Cell]:
    if pa.types.is_decimal(column.type):
        return list(column.cast(pa.float64()).to_pylist())
    return [_cell(value) for value in plain_column(column)]


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | int | float):
        return value
    return msgspec.json.encode(value).decode()


def _said(value: Cell) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return wording.figure(value)
    return wording.NONE if value is None else str(value)


def _plot(answer: Answer, kept: Any) -> Plot | None:
    """Take the owner's chart, or the one that the page of SQL would guess."""
    choice = charts.choose(answer, kept)
    if choice is None or choice.kind == charts.TABLE:
        return None
    x = plain_column(answer.table.column(choice.x).slice(0, MOST_MARKS))
    y = numbers(answer.table.column(choice.y).slice(0, MOST_MARKS))
    series = []
    if choice.series >= 0:
        series = [_said(_cell(each)) for each in plain_column(answer.table.column(choice.series))][
            :MOST_MARKS
        ]
    most = MOST_BARS if choice.kind == "bar" else MOST_MARKS
    kept_rows = _largest(series, y)[:most] if series else list(range(len(y)))[:most]
    column = answer.table.column(choice.x)
    left = answer.table.num_rows - len(kept_rows)
    names = answer.names
    title = _("{y} by {x}", y=names[choice.y], x=names[choice.x])
    if series:
        title = _(
            "{y} by {x} and {series}", y=names[choice.y], x=names[choice.x], series=names[choice.series]
        )
    left_out = _("; {rows} not drawn", rows=wording.counted(left, "row")) if left else ""
    drawn = _(charts.KINDS[choice.kind])
    known = [(n, value) for n in kept_rows if (value := y[n]) is not None]
    top = max(known, key=lambda each: each[1], default=None)
    most_said = _(" Most: {what}, {value}.", what=_said(_cell(x[top[0]])), value=_said(top[1])) if top else ""
    return Plot(
        title=title,
        line=f"{drawn}{left_out}.",
        said=_("{kind} of {line}.{most}", kind=drawn, line=title + left_out, most=most_said),
        kind=choice.kind,
        x=[_mark(x[n], is_bar=choice.kind in {"bar", "heat"}) for n in kept_rows],
        y=[y[n] for n in kept_rows],
        series=[series[n] for n in kept_rows] if series else [],
        x_is="time" if is_time(column) and choice.kind not in {"bar", "heat"}
        else "number" if is_number(column) and choice.kind in LAID_OUT
        else "words",
    )  # fmt: skip


def _largest(series: list[str], y: list[float | None]) -> list[int]:
    """Keep the rows of the series that have most."""
    sums: dict[str, float] = {}
    for name, value in zip(series, y, strict=True):
        sums[name] = sums.get(name, 0.0) + (value or 0.0)
    shown = set(sorted(sums, key=lambda name: -sums[name])[:MOST_SERIES])
    return [n for n, name in enumerate(series) if name in shown]


def _mark(value: Any, *, is_bar: bool) -> str | float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and not is_bar:
        return float(value)
    return _said(_cell(value))
