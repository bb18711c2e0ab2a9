"""Null or 0: the table of metrics.md 12."""

from __future__ import annotations

import pytest

from analytics.metrics import METRICS
from analytics.queries import figures
from tests.builders import article, comment, engagement, view
from tests.newsroom import Newsroom

DAY = "2026-05-05"


def _values(newsroom: Newsroom, *metrics: str, day: str = DAY) -> list[float | None]:
    return [newsroom.value(metric, day) for metric in metrics]


def test_without_any_source_nothing_is_known(newsroom: Newsroom) -> None:
    found = figures.totals(newsroom.store, list(METRICS), newsroom.asked(DAY), newsroom.now)

    assert dict.fromkeys(("published",), 0) == {
        name: figure.value for name, figure in found.items() if figure.value is not None
    }
    assert set(newsroom.series("views", DAY, "hour").values()) == {None}


def test_a_live_source_that_nobody_came_to_counts_0(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-04 20:00"), comment("c1", "published", "2026-05-04 20:05"))
    counts = (
        "page_loads",
        "views",
        "reads",
        "engaged",
        "finished",
        "readers",
        "sessions",
        "comments",
        "commenters",
    )
    rates = ("read_rate", "finish_rate", "bounce_rate", "comment_rate", "engaged_median", "scroll_depth")

    assert _values(newsroom, *counts) == [0] * len(counts)
    assert _values(newsroom, *rates) == [None] * len(rates)
    assert newsroom.series("views", "2026-05-04..2026-05-05", "day") == {"2026-05-04": 1, "2026-05-05": 0}


def test_access_logs_alone_tell_no_reading(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00", signal="none"))

    assert _values(newsroom, "views", "readers") == [1, 1]
    assert _values(newsroom, "reads", "engaged", "finished", "engaged_median", "read_rate") == [None] * 5
    assert newsroom.value("no_signal_share", DAY) == 1
    assert newsroom.series("reads", DAY, "day") == {DAY: None}
    assert newsroom.ranking("article", "reads", DAY) == [(None, "A1", None)]
    assert newsroom.value("comments_per_1000_views", DAY) is None  # no comment source
    assert newsroom.value("comment_rate", DAY) is None


def test_half_logs_half_tracker_tells_the_part_of_the_tracker(newsroom: Newsroom) -> None:
    newsroom.take(
        view("log", "2026-05-05 12:00", visitor="q", signal="none"),
        view("tracker", "2026-05-05 12:00"),
        engagement("tracker", "2026-05-05 12:01", 20_000, scroll=50, acts=1),
    )

    assert _values(newsroom, "views", "reads", "engaged", "no_signal_share") == [2, 1, 20, 0.5]
    assert (newsroom.figure("read_rate", DAY).value, newsroom.figure("read_rate", DAY).n) == (1, 1)


def test_a_source_that_tells_time_but_no_acts_is_taken_as_given(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00", signal="time"),
        engagement("v1", "2026-05-05 12:01", 20_000, mode="sum"),
        article("A1", word_count=100),
    )

    assert _values(newsroom, "reads", "read_rate", "scroll_depth", "read_depth", "finish_rate") == [
        1,
        1,
        None,
        None,
        None,
    ]


def test_acts_can_be_required_always(newsroom: Newsroom) -> None:
    newsroom.settle(formulas={"require_acts": "always"})
    newsroom.take(
        view("v1", "2026-05-06 12:00", signal="time"),
        engagement("v1", "2026-05-06 12:01", 20_000, mode="sum"),
        view("v2", "2026-05-06 12:00", visitor="q"),
        engagement("v2", "2026-05-06 12:01", 20_000, scroll=10, acts=0, visitor="q"),
    )

    assert newsroom.figure("read_rate", "2026-05-06").n == 1
    assert newsroom.value("reads", "2026-05-06") == 0


def test_before_the_first_event_nothing_is_known(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"))

    assert _values(newsroom, "views", "reads", "readers", day="2026-05-04") == [None] * 3
    assert newsroom.series("views", "2026-05-04..2026-05-05", "day") == {"2026-05-04": None, "2026-05-05": 1}


def test_after_an_import_ended_nothing_is_known(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-03 12:00", format="import:old"))

    assert newsroom.series("views", "2026-05-03..2026-05-05", "day") == {
        "2026-05-03": 1,
        "2026-05-04": None,
        "2026-05-05": None,
    }


def test_a_file_with_comments_tells_of_them_all_along(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-03 12:00", format="import:old"),
        comment("c1", "published", "2026-05-04 12:00", format="import:old"),
        view("v2", "2026-05-05 12:00", format="import:old"),
    )

    assert newsroom.series("comments", "2026-05-02..2026-05-05", "day") == {
        "2026-05-02": None,
        "2026-05-03": 0,
        "2026-05-04": 1,
        "2026-05-05": 0,
    }


def test_a_source_that_fell_silent_for_two_days_is_not_live(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-03 12:00"))

    assert newsroom.at("2026-05-05 11:00").value("views", "2026-05-04") == 0
    assert newsroom.at("2026-05-05 13:00").value("views", "2026-05-04") is None


def test_a_collection_gap_is_a_break(newsroom: Newsroom) -> None:
    newsroom.settle(collection_gaps=[{"began": "2026-05-04T03:00:00Z", "ended": "2026-05-05T06:00:00Z"}])
    newsroom.take(view("v1", "2026-05-03 12:00"), view("v2", "2026-05-05 12:00"))
    hours = newsroom.series("views", DAY, "hour")

    assert newsroom.series("views", "2026-05-03..2026-05-05", "day") == {
        "2026-05-03": 1,
        "2026-05-04": None,
        "2026-05-05": 1,
    }
    assert [hours[f"2026-05-05T0{hour}:00:00-03:00"] for hour in range(5)] == [None, None, None, 0, 0]


def test_without_a_comment_source_comments_are_unknown(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00"), engagement("v1", "2026-05-05 12:01", 20_000, scroll=9, acts=1)
    )
    of_comments = [name for name, metric in METRICS.items() if metric.facts == "comment_facts"]

    assert _values(newsroom, *of_comments) == [None] * len(of_comments)
    assert _values(newsroom, "views", "reads") == [1, 1]


@pytest.mark.parametrize("metric", ["comments", "comments_created", "commenters", "comment_rate"])
def test_a_board_without_a_comment_source_knows_no_comments(newsroom: Newsroom, metric: str) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00"), engagement("v1", "2026-05-05 12:01", 20_000, scroll=9, acts=1)
    )
    board = figures.board(
        newsroom.store, ["views", metric], newsroom.asked(DAY, split="article"), newsroom.now, order="views"
    )

    assert board.rows.select("id", "views", metric).rows() == [("A1", 1, None)]


def test_comments_wait_now_whatever_the_period(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-01 12:00"), comment("c1", "pending", "2026-05-05 12:00"))

    assert newsroom.value("comments_pending", "2026-05-01") == 1


def test_a_decision_without_accounts_knows_no_commenters(newsroom: Newsroom) -> None:
    newsroom.take(comment("c1", "published", "2026-05-05 12:00", writer=None))

    assert _values(newsroom, "comments", "commenters") == [1, None]
