"""A desk on a home of its own for tests of pages, and what is read off the parts that pages draw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import plotly
from dash.development.base_component import Component

from analytics.desk import Desk
from dashboards import filters
from dashboards.filters import View
from tests.builders import SITE, ZONE, Article, Row, utc
from tests.newsroom import NOW, Newsroom


@contextmanager
def desk_of(folder: Path, *rows: Row | Article, now: str = NOW) -> Iterator[Desk]:
    """Open a desk of one site and load rows by the real door."""
    (folder / "tearsheet.toml").write_text(
        f'[site."{SITE}"]\ntimezone = "{ZONE}"\nname = "The Example"\n', encoding="utf-8"
    )
    desk = Desk(folder, "test", lambda: utc(now))
    try:
        Newsroom(desk.store, now=utc(now)).take(*rows)
        yield desk
    finally:
        desk.close()


def at(address: str) -> View:
    """Read an address: "/articles?period=7d"."""
    path, _, search = address.partition("?")
    return filters.parse(path, search)


def said(part: Any) -> str:
    """Give all words of a part as a reader sees them, in order, one blank between."""
    words: list[str] = []
    _collect(_plain(part), words)
    return " ".join(" ".join(words).split())


def cells(part: Any, name: str = "") -> list[dict[str, Any]]:
    """Give the rows of a grid, the last one over all included."""
    grid = next(each for each in _grids(_plain(part)) if not name or each["id"] == name)
    return [*grid["rowData"], *grid["dashGridOptions"].get("pinnedBottomRowData", [])]


def heads(part: Any) -> list[str]:
    """Give the titles of a grid's columns."""
    return [each["headerName"] for each in next(_grids(_plain(part)))["columnDefs"]]


def links(part: Any) -> dict[str, str]:
    """Give the links of a part: words -> address."""
    found: dict[str, str] = {}
    for each in _nodes(_plain(part)):
        if each.get("type") == "A" and "href" in each["props"]:
            found[said(each["props"].get("children"))] = each["props"]["href"]
    return found


def _plain(part: Any) -> Any:
    if isinstance(part, Component | list | tuple):
        return json.loads(json.dumps(part, cls=plotly.utils.PlotlyJSONEncoder))
    return part


def _nodes(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, list):
        for each in part:
            yield from _nodes(each)
    elif isinstance(part, dict) and "props" in part:
        yield part
        yield from _nodes(part["props"].get("children"))


def _grids(part: Any) -> Iterator[dict[str, Any]]:
    return (each["props"] for each in _nodes(part) if each["type"] == "AgGrid")


def _collect(part: Any, words: list[str]) -> None:
    if isinstance(part, str):
        words.append(part)
    elif isinstance(part, list):
        for each in part:
            _collect(each, words)
    elif isinstance(part, dict) and "props" in part:
        _collect(part["props"].get("children"), words)
