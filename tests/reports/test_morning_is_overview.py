"""The numbers of the morning mail are those of the Overview and of the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analytics.control.identity import COMMAND, acting
from dashboards import components
from dashboards.pages.overview import day
from tests.api.desk import Asked
from tests.dashboards.small import at, desk_of
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

DAY = "2026-05-05"


def test_the_mornings_numbers_are_those_of_the_overview_and_of_the_api(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen: dict[str, float | None] = {}
    draw = components.kpi

    def noted(label: str, unit: str, value: float | None, *more: Any, **named: Any) -> Any:
        screen[label] = value
        return draw(label, unit, value, *more, **named)

    monkeypatch.setattr(components, "kpi", noted)
    with desk_of(tmp_path, *VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES) as desk, acting(COMMAND):
        report, letter = desk.reports.preview(desk.reports.add("", "morning", period=DAY)["id"])
        day.draw_day(desk, at(f"/?period={DAY}"))
        names = ",".join(each.metric for each in report.numbers())
        api = Asked(desk).get(f"stats?period={DAY}&metrics={names}").json()

    mailed = {each.label: each.value for each in report.numbers()}
    assert len(mailed) == 5
    assert mailed == screen
    assert list(mailed.values()) == [row["value"] for row in api["rows"]]
    assert all(each.said in letter.html and each.said in letter.text for each in report.numbers())
