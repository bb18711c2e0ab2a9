"""A changed definition: the old series stays, the new one follows, a line stands between (pages.md 6, 18)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analytics.store import sites
from dashboards import cards
from dashboards.pages.overview import hours, shown
from dashboards.pages.overview.shown import drawn
from tests.builders import Row, engagement, utc, view
from tests.dashboards import small
from tests.dashboards.small import at, desk_of, said
from tests.newsroom import Newsroom

MONTH = "/?period=2026-05-01..2026-05-06"


def _short_reads(day_: int) -> list[Row]:
    """Three views of 12 seconds: reads by one definition, none by the other."""
    return [
        row
        for n in range(3)
        for row in (
            view(f"{day_} {n}", f"2026-05-0{day_} 12:00", "A1", f"{day_} {n}"),
            engagement(f"{day_} {n}", f"2026-05-0{day_} 12:05", 12_000, acts=1, visitor=f"{day_} {n}"),
        )
    ]


def _lines(part: Any) -> list[str]:
    figures = [
        each["props"]["figure"] for each in small._nodes(small._plain(part)) if each["type"] == "Graph"
    ]
    return [each["text"] for figure in figures for each in figure["layout"].get("annotations", [])]


def test_a_read_of_15_seconds_leaves_the_old_series_and_draws_a_line(tmp_path: Path) -> None:
    with desk_of(tmp_path, *_short_reads(4), *_short_reads(5)) as desk:
        newsroom = Newsroom(desk.store, now=utc("2026-05-06 13:00"))
        before = newsroom.series("reads", "2026-05-01..2026-05-06", "day")
        assert not any("definition" in words for words in _lines(drawn(hours.draw_chart)(desk, at(MONTH))))

        newsroom.settle(formulas={"read_after_s": 15})
        newsroom.take(*_short_reads(6))
        newsroom.take(
            *[row for row in _short_reads(5) if row.table == "page_views"]
        )  # old days stay as defined
        newsroom.recount(everything=True)

        assert newsroom.series("reads", "2026-05-01..2026-05-06", "day") == {**before, "2026-05-06": 0}
        assert before["2026-05-05"] == 3
        assert [each.version for each in sites.definitions(desk.store)[newsroom.site]] == [1, 2]
        lines = _lines(drawn(hours.draw_chart)(desk, at(MONTH)))
        assert any("definition 2: read_after_s 10 → 15" in words for words in lines)
        assert "Definitions v2 from 6 May" in said(cards.foot(shown.scope_of(desk, at(MONTH))))
        assert said(cards.foot(shown.scope_of(desk, at("/?period=2026-05-05")))).endswith("Definitions v1")
