"""The page of comments: its numbers, its stories, its box, and what stands there without any."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dash.development.base_component import Component

from analytics.desk import Desk
from dashboards import scope
from dashboards.pages import comments
from tests.builders import article, comment, step, view
from tests.dashboards.small import at, desk_of, links, said

DAY = "/comments?period=2026-05-05"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(
        tmp_path_factory.mktemp("home"),
        article("A1", title="The ferry", section="Transport", authors=("u1",)),
        article("A2", title="The market", section="Local"),
        view("v1", "2026-05-05 12:00", "A1"),
        *[comment(f"c{n}", "published", "2026-05-05 12:05", writer=f"k{n}", length=80) for n in range(3)],
        comment("c8", "published", "2026-05-05 14:05", article="A2", length=510),
        comment("c9", "rejected", "2026-05-05 14:09", article="A2"),
        *[step("b", did, "2026-05-05 12:04") for did in ("open", "type", "warn")],
    ) as opened:
        yield opened


def _drawn(desk: Desk, address: str) -> str:
    shown = scope.resolve(desk, at(address), comments.PERIOD)
    parts: list[Component | None] = [
        comments.numbers(shown),
        comments.volume(shown),
        comments.rhythm(shown),
        comments.shape(shown),
        comments.lag(shown),
        comments.discussed(shown),
        *comments.box(shown),
    ]
    return said(parts)


def test_the_page_tells_the_conversation_of_a_day(desk: Desk) -> None:
    words = _drawn(desk, DAY)

    assert "4 shown" in words
    assert "1 rejected" in words
    assert "Most on Tuesday at 09:00" in words
    assert "Reached the limit" in words
    assert "sent nothing after the warning (n 1, too few to judge)" in words
    assert "449 to 512" in words
    assert "by the busiest 5" in words


def test_stories_stand_in_order_and_lead_to_their_pages(desk: Desk) -> None:
    shown = scope.resolve(desk, at(DAY), comments.PERIOD)
    found = links(comments.discussed(shown))

    assert [title for title in found if title.startswith("The ")] == ["The ferry", "The market"]
    assert found["The ferry"] == "/articles/A1?period=2026-05-05"
    names, rows = comments.discussed_rows(desk, at(DAY))
    assert [(row[names.index("id")], row[names.index("comments")]) for row in rows] == [("A1", 3), ("A2", 1)]


def test_a_story_says_how_much_its_five_busiest_writers_wrote(tmp_path: Path) -> None:
    said_by = ["k1"] * 31 + [f"k{n}" for n in range(2, 11)]
    rows = [comment(f"c{n}", "published", "2026-05-05 12:05", writer=who) for n, who in enumerate(said_by)]
    with desk_of(tmp_path, article("A1", title="The ferry"), *rows) as opened:
        names, found = comments.discussed_rows(opened, at(DAY))
        words = said(comments.discussed(scope.resolve(opened, at(DAY), comments.PERIOD)))

    assert found[0][names.index("top5_share")] == 35 / 40
    assert "By five" in words
    assert "88 %" in words.replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_the_file_of_the_chart_is_the_chart(desk: Desk) -> None:
    names, rows = comments.volume_rows(desk, at(DAY))

    assert list(names) == ["at", "published", "pending", "rejected", "other"]
    assert sum(int(str(row[1])) for row in rows) == 4


def test_more_than_half_a_year_is_drawn_by_the_month(desk: Desk) -> None:
    address = "/comments?period=2025-10-15..2026-05-05"
    _names, rows = comments.volume_rows(desk, at(address))
    words = said(comments.volume(scope.resolve(desk, at(address), comments.PERIOD)))

    assert [str(row[0])[:10] for row in rows][:2] == ["2025-10-15", "2025-11-01"]
    assert [row[1] for row in rows] == [0] * 7 + [4]
    assert "Oct 2025" in words
    assert "Month" in words


def test_a_filter_that_comments_do_not_know_is_said_once(desk: Desk) -> None:
    view_ = at(f"{DAY}&device=phone")

    assert "Comments know no source, device or country." in said(
        comments._where_there_are(comments.numbers)(desk, view_)
    )
    assert comments._where_there_are(comments.volume)(desk, view_) is None


def test_a_section_without_comments_is_empty_in_words(desk: Desk) -> None:
    words = _drawn(desk, f"{DAY}&section=Sport")

    assert "Comments over time" in words
    assert "4 shown" not in words


def test_without_any_source_of_comments_the_page_says_how_they_come_in(tmp_path: Path) -> None:
    with desk_of(tmp_path, view("v1", "2026-05-05 12:00", "A1")) as opened:
        words = said(comments._where_there_are(comments.numbers)(opened, at(DAY)))

    assert "No comments are connected" in words
    assert "Test the connection" in words
    assert "at 10:00:00 none had come." in words
