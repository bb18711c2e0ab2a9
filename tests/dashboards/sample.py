"""Two small pages with invented numbers, to try the frame without a newsroom, in a process of their own."""

from __future__ import annotations

import datetime as dt
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import uvicorn
from dash import Dash
from dash.development.base_component import Component

from analytics import config, marks, wording
from analytics.config import SignIn
from analytics.control.database import Control
from analytics.control.doors import Doors
from analytics.control.gate import Gate
from analytics.control.identity import DEMO
from analytics.marks import Usual
from analytics.store.store import Store
from dashboards import app, components, controls, figures, slots, tables
from dashboards.app import Page
from dashboards.elements import el
from dashboards.filters import View
from dashboards.statics import Asgi
from dashboards.tables import Column

DAY = dt.datetime(2026, 11, 18)
HOURS = [DAY + dt.timedelta(hours=n) for n in range(24)]
COLUMNS = [
    Column("title", "Article", "title", width=0),
    Column("section", "Section", hide_under=700, on_phone=True),
    Column("reads", "Reads", "bar", "reads", sort="desc", on_phone=True),
    Column("spark", "Last 48 h", "mark"),
    Column("vs", "vs expected", "chip", width=130, on_phone=True),
]


class Overview:
    """A page with everything that moves."""

    PATH, TITLE = "/", "Overview"

    def layout(self, _view: View) -> Component:
        """Lay out the slots."""
        return slots.page(
            slots.slot("sample-head", content=components.page_head("Overview", "")),
            slots.slot("sample-cards", 116),
            slots.slot("sample-chart", 380, class_name="c8"),
            slots.slot("sample-broken", 120, class_name="c4 side"),
            slots.slot("sample-table", 240),
        )

    def register(self, dash_app: Dash) -> None:
        """Bind the slots."""
        slots.fill(dash_app, "sample-head", _head)
        slots.fill(dash_app, "sample-cards", _cards)
        slots.fill(dash_app, "sample-chart", _chart)
        slots.fill(dash_app, "sample-broken", _broken, what="this list")
        slots.fill(dash_app, "sample-table", _table)


class Article:
    """A page of one item."""

    PATH, TITLE = "/articles/*", "Article"

    def layout(self, _view: View) -> Component:
        """Lay out the slot."""
        return slots.page(slots.slot("sample-article", 100))

    def register(self, dash_app: Dash) -> None:
        """Bind the slot."""
        slots.fill(
            dash_app, "sample-article", lambda _, view: components.page_head(f"Article {view.item}", "2026")
        )


def _head(_: Any, view: View) -> Component:
    day = DAY.date()
    bar = controls.bar(
        controls.period(view, view.period or "yesterday"),
        controls.dates(day, day, day),
        controls.pick(view, "section", [("politics", "Politics"), ("sport", "Sport")], "All sections"),
        controls.basis(view),
    )
    refused = components.notice(view.refused) if view.refused else None
    head = components.page_head("Overview", f"{wording.day_long(day)} · Europe/London", bar)
    return el("div", head, controls.chosen(view), refused)


def _cards(_: Any, view: View) -> Component:
    usual = Usual(27_000, 31_000, 34_000, 36_800, 42_000)
    why = components.Why("Reads", "Views of at least 10 engaged seconds.", "count", "v1", "18 Nov", 61_412)
    line = wording.place_words("above", "reads", usual.p10, usual.p90)
    chip = wording.change_chip(0.14, "above")
    return components.kpis(
        [
            components.kpi("Reads", "reads", 38_900, chip, usual=usual, words=[line], why=why),
            components.kpi("Views", "views", 61_400, href=view.href(metric="views")),
        ]
    )


def _chart(_: Any, view: View) -> Component:
    frame = pl.DataFrame(
        {"at": HOURS, "value": [100.0 * n for n in range(24)], "p10": [80.0 * n for n in range(24)],
         "median": [90.0 * n for n in range(24)], "p90": [95.0 * n for n in range(24)]}
    )  # fmt: skip
    figure = figures.course(
        frame,
        unit="reads",
        grain="hour",
        labels=("Wed 18 Nov", ""),
        events=[figures.Event(HOURS[9], "09:00 Push", "Push")],
    )
    rows: list[dict[str, tables.Value]] = [
        {"id": str(n), "hour": f"{n:02d}:00", "value": 100 * n} for n in range(24)
    ]
    twin = tables.twin(
        [Column("hour", "Hour"), Column("value", "Reads", "number", "reads")], rows, "Reads per hour"
    )
    return components.card("Reads per hour", components.chart(figure, "Reads rise all day."), twin=twin)


def _table(_: Any, view: View) -> Component:
    rows: list[dict[str, tables.Value]] = [
        {"id": f"a{n}", "title": f"Story {n}", "href": view.drill(f"/articles/a{n}"), "byline": "M. Okonjo",
         "section": "Politics", "reads": 5_000 - n, "spark": marks.sparkline([1, 3, 2], label="48 hours"),
         "vs": wording.expected_chip(2.3, "above", 288)}
        for n in range(3)
    ]  # fmt: skip
    return components.card("Top articles", tables.grid("sample-grid", COLUMNS, rows, "Top articles by reads"))


def _broken(_: Any, view: View) -> Component:
    raise RuntimeError("planned")


def pages() -> list[Page]:
    """The pages of the sample."""
    return [cast("Page", Overview()), cast("Page", Article())]


def make() -> Asgi:
    """Make the application on a desk of nothing."""
    home = Path(tempfile.mkdtemp())
    doors = Doors(Control(home), SignIn(), config.now, everybody=DEMO)
    site = SimpleNamespace(site_id="harbour.example", name="Harbour Daily", zone="Europe/London")
    desk = SimpleNamespace(sites=lambda: [site], store=Store(home), doors=doors)
    return Gate(app.create_app(desk, pages()), doors)


@contextmanager
def running() -> Iterator[str]:
    """Serve the sample in a process of its own: Dash keeps its one application in a global.

    Yields:
        Its address.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = subprocess.Popen(
        [sys.executable, "-m", "tests.dashboards.sample", str(port)], stderr=subprocess.PIPE
    )
    try:
        _wait(served, f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        served.terminate()
        served.communicate(timeout=20)


def _wait(served: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and served.poll() is None:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    served.kill()
    raise RuntimeError(f"the sample did not start: {served.communicate()[1].decode()[-2000:]}")


if __name__ == "__main__":
    uvicorn.run(make(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", ws="none")
