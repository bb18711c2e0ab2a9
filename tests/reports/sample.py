"""A report with everything that can stand in one, without a store."""

from __future__ import annotations

import datetime as dt

from analytics.reports.report import (
    Chart,
    Column,
    Mark,
    Number,
    Numbers,
    Part,
    Point,
    Report,
    Stories,
    Story,
    Table,
    Words,
)

DAY = dt.date(2026, 11, 17)
HOSTILE = '<script>alert(1)</script> #let x = 1; "$y$" *b*'


def report(
    title: str = "Council keeps parking free", rows: int = 12, subject: str = "Morning: 38.9k reads"
) -> Report:
    """Make a report whose headlines all are `title`."""
    at = dt.datetime.combine(DAY, dt.time())
    points = [
        Point(at=at + dt.timedelta(hours=n), value=100.0 * n, p10=80.0 * n, median=90.0 * n, p90=110.0 * n,
              previous=95.0 * n, is_complete=n < 23)
        for n in range(24)
    ]  # fmt: skip
    return Report(
        kind="morning",
        title="Morning",
        site_id="news.example",
        site_name="Harbour Daily",
        zone="Europe/London",
        first=DAY,
        last=DAY,
        days="Tuesday 17 November 2026, Europe/London",
        as_of=dt.datetime(2026, 11, 18, 7),
        as_of_said="Wed 18 Nov 07:00",
        subject=subject,
        sentence=[Part("It brought "), Part("38.9k reads", is_strong=True), Part(title, href="/articles/a1")],
        blocks=[
            Numbers(title="That day", against="typical Tuesday", rows=[
                Number(metric="reads", label="Reads", unit="reads", value=38_912.0, said="38.9k",
                       mark=Mark("▲ +14 %", "above"), beside="31.0k to 36.8k"),
                Number(metric="engaged", label="Engaged hours", unit="h", value=7_200.0, said="2 h"),
            ]),
            Chart(title="Reads per hour", line="Blue: Tuesday.", said="Most at 23:00.", unit="reads",
                  grain="hour", points=points),
            Stories(title="Most read", rows=[
                Story(title=title, href="/articles/a1", under="Politics", number="5,310", value=5_310,
                      words="reads", mark=Mark("▲ 2.3× above", "above"))
            ]),
            Table(title="Pieces", columns=[Column("id", "Id", is_shown=False), Column("name", "Article"),
                                           Column("reads", "Reads", "reads")],
                  rows=[[f"a{n}", title, n] for n in range(rows)], shown=50, line="All of them.",
                  links=[f"/articles/a{n}" for n in range(rows)]),
            Words(title="Sources", parts=[Part("Search 41 %.")]),
        ],
        health="Data complete.",
        is_whole=True,
        notes=["Read = 10 s or more."],
        href="/?period=2026-11-17",
    )  # fmt: skip
