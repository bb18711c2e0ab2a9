"""The conversation, counted by hand: when, what became of it, how long, by how few, how far in the box."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.queries import talk
from tests.builders import article, comment, step, view
from tests.newsroom import Newsroom

NOW = "2026-05-06 13:00"  # 10:00 in Sao Paulo


@pytest.fixture
def talked(newsroom: Newsroom) -> Newsroom:
    """Tuesday 5 May: four comments at three hours by three people; one box sent, one given up."""
    newsroom.at(NOW).take(
        article("A1", section="politics"),
        article("A2", section="culture"),
        view("v1", "2026-05-05 12:00", "A1"),
        view("v2", "2026-05-05 13:00", "A1", "q"),
        comment("c1", "published", "2026-05-05 12:05", writer="k1", length=10),
        comment("c2", "published", "2026-05-05 12:50", writer="k1", length=63, parent_id="c1"),
        comment("c3", "rejected", "2026-05-05 15:10", writer="k2", length=64),
        comment("c4", "spam", "2026-05-05 15:20", writer="k3", length=500, article="A2"),
        comment("c5", "published", "2026-05-06 12:00", writer="k3", length=None, article="A2"),
        *[step("b", did, "2026-05-05 12:04", "v1") for did in ("open", "type", "submit")],
        *[step("b", did, "2026-05-05 13:04", "v2") for did in ("open", "type", "limit", "warn")],
    )
    return newsroom


def test_volume_has_every_bucket_and_the_present_status(talked: Newsroom) -> None:
    days = talk.volume(talked.store, talked.asked("2026-05-04..2026-05-06"), "day")

    assert days.rows() == [
        (dt.datetime(2026, 5, 4), 0, 0, 0, 0),
        (dt.datetime(2026, 5, 5), 2, 0, 1, 1),
        (dt.datetime(2026, 5, 6), 1, 0, 0, 0),
    ]
    hours = talk.volume(talked.store, talked.asked("2026-05-05"), "hour")
    said = {at.hour: rest for at, *rest in hours.rows() if any(rest)}
    assert hours.height == 24
    assert said == {9: [2, 0, 0, 0], 12: [0, 0, 1, 1]}  # local hours


def test_the_rhythm_is_local(talked: Newsroom) -> None:
    found = talk.rhythm(talked.store, talked.asked("2026-05-05..2026-05-06"))

    assert found.rows() == [(2, 9, 2), (2, 12, 2), (3, 9, 1)]


def test_the_way_through_the_box(talked: Newsroom) -> None:
    found = talk.funnel(talked.store, talked.asked("2026-05-05"))

    assert found == {
        "boxes_opened": 2,
        "boxes_typed": 2,
        "boxes_at_limit": 1,
        "boxes_warned": 1,
        "boxes_posted": 1,
    }


def test_lengths_stand_in_steps_without_gaps_and_unknown_ones_are_left_out(talked: Newsroom) -> None:
    found = talk.lengths(talked.store, talked.asked("2026-05-05..2026-05-06"))

    assert dict(found.rows()) == {0: 3, **dict.fromkeys(range(64, 448, 64), 0), 448: 1}
    talked.take(comment("full", "published", "2026-05-05 16:00", length=512))
    asked = talked.asked("2026-05-05..2026-05-06")
    assert talk.lengths(talked.store, asked).row(-1) == (448, 2)  # at the limit, not in a step beyond it


def test_the_busiest_writers_have_their_share_of_what_is_published(talked: Newsroom) -> None:
    assert talk.busiest(talked.store, talked.asked("2026-05-05..2026-05-06")) == [
        (5, 1.0),
        (10, 1.0),
        (50, 1.0),
    ]
    many = [comment(f"n{n}", "published", "2026-05-05 16:00", writer=f"w{n}") for n in range(17)]
    talked.take(*many)
    ((five, share), *_) = talk.busiest(talked.store, talked.asked("2026-05-05..2026-05-06"))
    assert (five, round(share, 2)) == (5, 0.30)  # two of k1 and four of others, of twenty


def test_a_filter_holds_for_all_of_it(talked: Newsroom) -> None:
    asked = talked.asked("2026-05-05..2026-05-06", where={"section": ("culture",)})

    assert talk.volume(talked.store, asked, "day").select("published", "other").rows() == [(0, 1), (1, 0)]
    assert talk.rhythm(talked.store, asked)["value"].sum() == 2
    assert talk.lengths(talked.store, asked)["comments"].sum() == 1
    assert talk.funnel(talked.store, asked)["boxes_opened"] == 0


def test_days_without_comments_hold_nothing(talked: Newsroom) -> None:
    asked = talked.asked("2026-05-01")

    assert talk.volume(talked.store, asked, "day").rows() == [(dt.datetime(2026, 5, 1), 0, 0, 0, 0)]
    assert talk.rhythm(talked.store, asked).is_empty()
    assert talk.lengths(talked.store, asked).is_empty()
    assert talk.busiest(talked.store, asked) == []
