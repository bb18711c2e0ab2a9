from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from analytics.control.queries import Saved
from analytics.errors import TearsheetError
from analytics.reports import draw, mail, sheets
from analytics.reports.build.asked import Order
from analytics.reports.build.kinds import build
from analytics.reports.mail import Frame
from analytics.reports.report import Plot, Report, Table
from analytics.sql.ask import Answer
from analytics.sql.charts import KINDS, TABLE
from analytics.sql.limits import Limits
from tests.builders import utc
from tests.newsroom import Newsroom


class Engine:
    """Gives one table, and keeps what it was asked."""

    def __init__(self, rows: dict[str, list[Any]], chart: Mapping[str, str] | None = None) -> None:
        self.table, self.chart = pa.table(rows), chart or {}
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def __call__(self, query_id: str, site: str, parameters: Mapping[str, Any]) -> tuple[Saved, Answer]:
        self.asked.append((query_id, site, dict(parameters)))
        at = utc("2026-05-06 09:00")
        given: dict[str, Any] = dict.fromkeys(Saved.__dataclass_fields__, "")
        saved = Saved(**given | {"query_id": "q1", "name": "By desk", "owner_name": "Ada", "version": 2,
                                 "chart": self.chart, "changed_at": at})  # fmt: skip
        names, types = self.table.column_names, [str(field.type) for field in self.table.schema]
        known: dict[str, Any] = dict.fromkeys(Answer.__dataclass_fields__, 0.0)
        known |= {"names": names, "types": types, "table": self.table, "stream": b"", "cut": ""}
        return saved, Answer(**known | {"limits": Limits(), "until": at, "run_id": "r"})


def built(room: Newsroom, engine: Engine | None, **where: tuple[str, ...]) -> Report:
    order = Order("query", period="2026-05-05", where=where, query="q1")
    return build(room.store, order, room.now, run=engine)


def test_a_mail_shows_fifty_rows_and_says_how_many_and_files_hold_all(newsroom: Newsroom) -> None:
    engine = Engine({"desk": [f"=desk {n}" for n in range(120)], "reads": list(range(120))})

    report = built(newsroom, engine, section=("politics",))
    letter = mail.letter(report, Frame())
    files = sheets.csv_files(report)

    assert report.subject == "By desk: 120 rows of “By desk”"
    assert engine.asked == [
        ("q1", "news.example", {"from": "2026-05-05", "to": "2026-05-05", "section": "politics"})
    ]
    assert "50 of 120 rows." in letter.html
    assert "=desk 49" in letter.text
    assert "=desk 50" not in letter.text
    rows = list(csv.reader(io.StringIO(files["rows.csv"].decode("utf-8-sig"))))
    assert len(rows) == 121
    assert rows[120] == ["'=desk 119", "119"]


def test_a_single_row_is_the_news(newsroom: Newsroom) -> None:
    report = built(newsroom, Engine({"reads": [48_210], "rate": [0.4213]}))

    assert report.subject == "By desk: reads 48,210, rate 0.421"


def test_no_rows_say_so(newsroom: Newsroom) -> None:
    report = built(newsroom, Engine({"reads": []}))

    assert (report.nothing, report.blocks) == ("The query gave no rows.", [])


def test_what_nobody_can_run_is_refused(newsroom: Newsroom) -> None:
    with pytest.raises(TearsheetError, match="No saved query"):
        built(newsroom, None)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != TABLE])
def test_the_chart_of_its_owner_is_drawn(newsroom: Newsroom, kind: str) -> None:
    rows: dict[str, list[Any]] = {
        "desk": ["a", "b", "a", "b"],
        "reads": [1, 2, None, 4],
        "way": ["x", "x", "y", "y"],
    }
    chosen = {"kind": kind, "x": "desk", "y": "reads", "series": "way"}

    report = built(newsroom, Engine(rows, chosen))
    plot, table = report.blocks

    assert isinstance(plot, Plot)
    assert isinstance(table, Table)
    assert (plot.x, plot.y, plot.series) == (rows["desk"], [1.0, 2.0, None, 4.0], rows["way"])
    assert (plot.title, plot.line) == ("reads by desk and way", f"{KINDS[kind]}.")
    assert plot.said == f"{KINDS[kind]} of reads by desk and way. Most: b, 4."
    assert draw.chart_svg(plot).startswith("<svg")
