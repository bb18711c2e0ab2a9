"""Answers as JSON or CSV. Every answer says of which days it is, how fresh, and by which definitions."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec
import polars as pl
from fastapi import Request, Response

from analytics.api.asked import WrongError
from analytics.api.questions import Question, versions
from analytics.exports import Cell, csv_text
from analytics.queries.answers import whole
from analytics.store.store import Store

CSV = "text/csv; charset=utf-8"
PRIVATE = {"cache-control": "private, no-store", "vary": "Accept, Authorization, Cookie"}
AT_ONCE = max(1, (os.cpu_count() or 2) // 2)  # half of what screens may ask at once: they go first
MOST_WAITING = 50


@dataclass(slots=True)
class Turns:
    """Questions of programs, a few at a time."""

    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    waiting: int = 0

    async def take(self, ask: Callable[[], Sheet]) -> Sheet:
        """Ask in a thread when it is our turn.

        Raises:
            WrongError: Too many wait already.
        """
        if self.waiting >= MOST_WAITING:
            raise WrongError("too_many_requests", "Too many questions wait.", "Ask again soon.", status=429)
        self.waiting += 1
        try:
            async with self.places:
                return await asyncio.to_thread(ask)
        finally:
            self.waiting -= 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """An answer before it is written.

    Attributes:
        about: What stands beside the rows in JSON.
        rows: The rows.
        columns: Names of the columns of CSV, in order.
        next: Cursor of the next page; empty on the last.
    """

    about: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    columns: Sequence[str] = ()
    next: str = ""


async def answered(request: Request, ask: Callable[[], Sheet]) -> Response:
    """Ask, and write the answer in the form that the caller accepts."""
    turns: Turns = request.app.state.turns
    store: Store = request.app.state.desk.store
    sheet = await turns.take(lambda: store.again(ask))
    if wants_csv(request):
        return _csv(request, sheet)
    body = {
        **sheet.about,
        "rows": sheet.rows,
        **({"next": sheet.next or None} if "count" in sheet.about else {}),
    }
    return Response(msgspec.json.encode(body), media_type="application/json", headers=PRIVATE)


def wants_csv(request: Request) -> bool:
    """Tell whether CSV is accepted before JSON."""
    for part in request.headers.get("accept", "").split(","):
        media = part.partition(";")[0].strip().lower()
        if media in {"text/csv", "application/json", "application/*", "*/*"}:
            return media == "text/csv"
    return False


def about(question: Question, names: Sequence[str]) -> dict[str, Any]:
    """Write what every answer with figures says of itself."""
    period = question.period
    found: dict[str, Any] = {
        "site": question.site.site_id,
        "period": {
            "key": period.key or None,
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "days": period.length,
            "zone": period.zone,
        },
        "as_of": instant(question.now),
        "loaded_through": instant(question.coverage.loaded_through),
        "metrics": versions(question, names),
    }
    if "readers" in names and period.length > 1:
        found["readers_kind"] = "sum_of_daily"
    return found


def instant(at: dt.datetime | None) -> str | None:
    """Write a naive UTC instant as RFC 3339."""
    return at.isoformat(timespec="seconds") + "Z" if at else None


def figures_of(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Take the columns of some metrics out of a row: value, and n and interval where there are any."""
    found: dict[str, Any] = {}
    for name in names:
        found[name] = whole(row[name])
        for part in ("n", "low", "high"):
            value = row[f"{name}_{part}"]
            if value is not None:
                found[f"{name}_{part}"] = whole(value) if part == "n" else value
    return found


def rows_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Write a frame as rows of JSON: instants as RFC 3339, counts as whole numbers."""
    return [
        {
            key: instant(value)
            if isinstance(value, dt.datetime)
            else whole(value)
            if isinstance(value, float)
            else value
            for key, value in row.items()
        }
        for row in frame.to_dicts()
    ]


def _csv(request: Request, sheet: Sheet) -> Response:
    columns = sheet.columns or list(dict.fromkeys(key for row in sheet.rows for key in row))
    rows = ([_cell(row.get(column)) for column in columns] for row in sheet.rows)
    headers = dict(PRIVATE)
    if "as_of" in sheet.about:
        headers["x-tearsheet-as-of"] = sheet.about["as_of"]
    if "period" in sheet.about:
        days = sheet.about["period"]
        headers["x-tearsheet-period"] = f"{days['first']}..{days['last']} {days['zone']}"
    if sheet.next:
        query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        address = f"{request.url.path}?{urlencode([*query, ('cursor', sheet.next)])}"
        headers["link"] = f'<{address}>; rel="next"'
    return Response(csv_text(columns, rows), media_type=CSV, headers=headers)


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple):
        return "; ".join(str(each["name"]) if isinstance(each, Mapping) else str(each) for each in value)
    return msgspec.json.encode(value).decode()
