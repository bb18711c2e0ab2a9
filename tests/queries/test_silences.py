"""Silences: what was not collected is never drawn as nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.periods import Grain
from analytics.queries import courses, silences, ways
from tests.builders import Row, utc, view
from tests.newsroom import Newsroom

TUESDAY = "2026-05-05"
ZONE_H = dt.timedelta(hours=3)  # Sao Paulo is so far behind


def views(name: str, when: str, count: int) -> list[Row]:
    return [view(f"{name}{n}", utc(when), "A1", f"{name}{n}") for n in range(count)]


def gaps(newsroom: Newsroom, kind: str = "views") -> list[str]:
    """Give the local hours of the day that are hatched."""
    period = newsroom.period(TUESDAY)
    found = silences.silences(newsroom.store, newsroom.site, period, "hour", newsroom.now, kind)
    return [f"{at:%H}" for at in found.filter("is_gap")["at"]]


def test_a_recorded_gap_hatches_the_hours_that_it_touches(newsroom: Newsroom) -> None:
    newsroom.settle(collection_gaps=[{"began": "2026-05-05T13:20:00Z", "ended": "2026-05-05T15:00:00Z"}])
    newsroom.take(*views("a", f"{TUESDAY} 00:10", 1), *views("b", f"{TUESDAY} 13:10", 2))
    frame = courses.course(newsroom.store, "views", newsroom.asked(TUESDAY), "hour", newsroom.now, "none")
    told = {f"{at:%H}": value for at, value in frame.select("at", "value").iter_rows()}

    assert gaps(newsroom) == ["10", "11"]
    assert (told["09"], told["10"], told["11"], told["12"]) == (0, 2, None, 0)


def test_an_hour_that_is_never_silent_was_not_collected(newsroom: Newsroom) -> None:
    rows = [
        row
        for week in range(1, 6)
        for hour in (14, 15)
        for row in views(f"w{week}-{hour}-", str(utc(TUESDAY) - dt.timedelta(weeks=week, hours=-hour)), 30)
    ]
    newsroom.take(*rows, *views("now", f"{TUESDAY} 14:10", 3), *views("later", f"{TUESDAY} 20:00", 1))

    assert gaps(newsroom) == ["12"]  # 15:00 UTC; 16:00 was silent in the weeks before, too


def test_before_the_first_event_nothing_is_known(newsroom: Newsroom) -> None:
    newsroom.take(*views("a", f"{TUESDAY} 05:30", 1))

    assert gaps(newsroom) == ["00", "01"]
    assert len(gaps(newsroom, "comments")) == 24


def test_what_is_not_over_is_no_silence(newsroom: Newsroom) -> None:
    newsroom.at(f"{TUESDAY} 12:30").take(*views("a", f"{TUESDAY} 03:00", 1))

    assert gaps(newsroom) == []


def test_counts_by_bucket_are_emptied_only_where_there_are_none(newsroom: Newsroom) -> None:
    newsroom.settle(collection_gaps=[{"began": "2026-05-05T13:20:00Z", "ended": "2026-05-05T15:00:00Z"}])
    newsroom.take(*views("a", f"{TUESDAY} 03:10", 1), *views("b", f"{TUESDAY} 13:10", 2))
    ask = newsroom.asked(TUESDAY)
    counted = ways.over_time(newsroom.store, ask, "hour")
    frame = silences.marked(counted, newsroom.store, newsroom.site, ask.period, "hour", newsroom.now)
    own = {f"{at:%H}": value for at, value in frame.select("at", "own").iter_rows()}

    assert (own["10"], own["11"], own["12"]) == (2, None, 0)


@pytest.mark.parametrize("grain", ["day", "week"])
def test_a_day_that_a_gap_touches_is_hatched(newsroom: Newsroom, grain: Grain) -> None:
    newsroom.settle(collection_gaps=[{"began": "2026-05-05T13:20:00Z", "ended": "2026-05-05T13:40:00Z"}])
    newsroom.take(*views("a", "2026-05-03 12:00", 1), *views("b", f"{TUESDAY} 12:00", 2))
    period = newsroom.period("2026-05-04..2026-05-05")
    found = silences.silences(newsroom.store, newsroom.site, period, grain, newsroom.now)

    assert found["is_gap"].to_list() == ([False, True] if grain == "day" else [True])
