"""The filter by hour: a cut in time, of what happened or of what was published."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.errors import UsageError
from analytics.queries.ask import Filter, hour_said
from tests.builders import article, comment, engagement, utc, view
from tests.newsroom import Newsroom, another

DAYS = "2026-05-04..2026-05-06"  # Monday to Wednesday; São Paulo is three hours behind UTC


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    newsroom.take(
        article("A1", published_at=utc("2026-05-04 12:05"), section="politics"),
        article("A2", published_at=utc("2026-05-04 13:05"), section="culture"),
        view("v1", "2026-05-04 12:10", article="A1", visitor="x"),
        engagement("v1", "2026-05-04 12:11", 20_000, acts=1, visitor="x", article="A1"),
        view("v2", "2026-05-04 12:50", article="A1", visitor="x"),
        view("v3", "2026-05-04 13:10", article="A2", visitor="x"),
        view("v4", "2026-05-05 12:30", article="A2", visitor="y"),
        comment("c1", "published", "2026-05-04 12:20", article="A1"),
        comment("c2", "published", "2026-05-04 15:20", article="A1"),
    )
    return newsroom


@pytest.mark.parametrize(
    ("hour", "views", "readers", "comments"),
    [
        (("9",), 3, 2, 1),
        (("10",), 1, 1, 0),
        (("1-9",), 2, 1, 1),
        (("9", "10"), 4, 2, 1),
        (("!9",), 1, 1, 1),
        (("9", "!2-9"), 2, 1, 1),
        (("3-9",), 0, 0, 0),
    ],
)
def test_an_hour_keeps_what_happened_in_it(
    room: Newsroom, hour: tuple[str, ...], views: int, readers: int, comments: int
) -> None:
    assert room.value("views", DAYS, {"hour": hour}) == views
    assert room.value("readers", DAYS, {"hour": hour}) == readers
    assert room.value("comments", DAYS, {"hour": hour}) == comments


@pytest.mark.parametrize("name", ["views", "reads", "comments", "engaged"])
def test_the_hours_of_a_day_add_up_to_it(room: Newsroom, name: str) -> None:
    hours = [room.value(name, "2026-05-04", {"hour": (str(hour),)}) for hour in range(24)]

    assert room.value(name, "2026-05-04") == sum(each or 0 for each in hours)
    by_hour = room.series(name, "2026-05-04", "hour").values()  # null before the first event
    assert [each or 0 for each in by_hour] == [each or 0 for each in hours]


def test_an_hour_joins_other_filters_splits_and_days(room: Newsroom) -> None:
    of_nine = room.asked(DAYS, {"hour": ("9",)}).where

    assert room.values_of("article", "views", DAYS) == {"A1": 2, "A2": 2}
    assert room.board("article", "views", DAYS).rows["id"].to_list() == ["A1", "A2"]
    assert room.value("views", DAYS, {"hour": ("9",), "section": ("culture",)}) == 1
    assert room.value("engaged_median", DAYS, {"hour": ("9",), "article": ("A1",)}) == 0
    assert of_nine.active() == ["hour"]


def test_under_published_in_it_is_the_hour_of_publication(room: Newsroom) -> None:
    assert room.value("published", DAYS, {"hour": ("10",)}) == 1
    assert room.value("views", DAYS, {"hour": ("10",)}, basis="published_in") == 2
    assert room.value("views", DAYS, {"hour": ("9",)}, basis="published_in") == 2


def test_a_doubled_hour_is_both_and_a_missing_one_is_none(room: Newsroom) -> None:
    berlin = another(room.store, "Europe/Berlin", "2026-11-01 12:00")
    berlin.take(
        view("e1", "2026-10-25 00:30"), view("e2", "2026-10-25 01:30"), view("e3", "2026-10-25 02:30")
    )

    assert berlin.value("views", "2026-10-25", {"hour": ("2",)}) == 2
    assert Filter(berlin.site, hour=("2",)).hours([dt.date(2026, 3, 29)], berlin.zone) == []


def test_what_is_no_hour_is_refused() -> None:
    for wrong in ("24", "8-1", "0-3", "noon", "1-", "٣"):
        with pytest.raises(UsageError, match="no hour"):
            Filter("news.example", hour=(wrong,))


def test_hours_are_worded() -> None:
    assert [hour_said(each) for each in ("7", "17", "3-17")] == ["07:00", "17:00", "Wed 17:00"]
