"""A week beside eight others, what hardly anybody found, and what sent more or fewer."""

from __future__ import annotations

import datetime as dt

from analytics.queries import output, weeks
from tests.builders import article, utc, view
from tests.newsroom import Newsroom

WEEK = "2026-W18"  # 27 April to 3 May


def test_a_week_stands_beside_the_known_weeks_before(newsroom: Newsroom) -> None:
    rows = [view("first", "2026-03-02 05:00", "A0", "first")]  # Monday, 02:00 in Sao Paulo
    for back in range(9):
        monday = utc("2026-04-27 12:00") - dt.timedelta(weeks=back)
        rows += [view(f"w{back}-{n}", monday, "A1", f"w{back}-{n}") for n in range(10 * (back + 1))]
    newsroom.take(*rows)
    found = weeks.week(newsroom.store, ["views", "reads"], newsroom.asked(WEEK), newsroom.now)
    views = found.beside["views"]

    assert found.weeks == 7  # the eighth began before the first event
    assert views.figure.value == 10
    assert views.band is not None
    assert (views.band.least, views.band.median, views.band.most) == (20, 50, 80)
    assert views.place == "below"
    assert found.a_year_ago == {}


def test_fewer_than_four_weeks_are_no_band(newsroom: Newsroom) -> None:
    newsroom.take(view("v0", "2026-04-13 05:00"), view("v1", "2026-04-28 12:00", visitor="q"))
    found = weeks.week(newsroom.store, ["views"], newsroom.asked(WEEK), newsroom.now)

    assert (found.weeks, found.beside["views"].band) == (1, None)  # the first week began unseen


def test_ghosts_are_seven_days_old_and_unread_ones_count(newsroom: Newsroom) -> None:
    newsroom.take(
        article("old", published_at=utc("2026-04-27 12:00")),
        article("read", published_at=utc("2026-04-27 12:00")),
        article("young", published_at=utc("2026-05-02 12:00")),
        *[view(f"v{n}", "2026-04-28 12:00", "read", f"p{n}") for n in range(30)],
    )
    found = output.ghosts(newsroom.store, newsroom.asked(WEEK), newsroom.now)

    assert found.select("id", "views").rows() == [("old", 0)]


def test_sources_are_ordered_by_how_much_they_moved(newsroom: Newsroom) -> None:
    def sent(source: str, at: str, many: int) -> list:  # type: ignore[type-arg]
        return [
            view(f"{source}{at}{n}", at, "A1", f"{source}{at}{n}", channel="social", source=source)
            for n in range(many)
        ]

    newsroom.take(
        view("v0", "2026-04-01 12:00"),
        *sent("Facebook", "2026-04-22 12:00", 40),
        *sent("Facebook", "2026-04-29 12:00", 60),
        *sent("X", "2026-04-22 12:00", 50),
        *sent("Reddit", "2026-04-29 12:00", 35),
        *sent("Small", "2026-04-29 12:00", 29),
    )
    found = weeks.moved(newsroom.store, newsroom.asked(WEEK), newsroom.now, "source")

    assert found.select("id", "gap", "views_is_new").rows() == [
        ("X", -50, False),
        ("Reddit", 35, True),
        ("Facebook", 20, False),
    ]


def test_without_the_week_before_nothing_moved(newsroom: Newsroom) -> None:
    newsroom.take(view("v0", "2026-04-29 12:00", source="X"))

    assert weeks.moved(newsroom.store, newsroom.asked(WEEK), newsroom.now, "source").is_empty()


def test_a_running_week_is_projected_by_how_the_weeks_before_went_on(newsroom: Newsroom) -> None:
    # Each week before has two views by Wednesday noon, and two, four, six, eight or ten at its end.
    for back, whole in enumerate((10, 8, 6, 4, 2), 1):
        monday = utc("2026-05-04 15:00") - dt.timedelta(days=7 * back)
        early = [view(f"a{back}{n}", monday, "A1", f"a{n}") for n in range(2)]
        late = [view(f"b{back}{n}", monday + dt.timedelta(days=4), "A1", f"b{n}") for n in range(whole - 2)]
        newsroom.load(*early, *late)
    first = [view("z", "2026-03-01 12:00", "A1", "z")]
    newsroom.take(*first, *[view(f"n{n}", "2026-05-04 15:00", "A1", f"n{n}") for n in range(3)])

    found = weeks.outlook(newsroom.store, "views", newsroom.asked("2026-W19"), newsroom.now)

    # The three other weeks have no view by now, so nothing can be told from them.
    assert (found.value, found.projected, found.weeks) == (3, 3 * 3, 5)
    assert found.low is not None
    assert found.high is not None
    assert 3 < found.low < 9 < found.high < 15
    over = weeks.outlook(newsroom.store, "views", newsroom.asked("2026-W18"), newsroom.now)
    assert (over.value, over.projected) == (10, None)
