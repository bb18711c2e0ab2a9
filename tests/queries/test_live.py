"""The site right now: who is on it, what they read, what the lists hold; counted by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from analytics.queries import live
from analytics.queries.live import Question, Snapshot
from tests.builders import Row, article, comment, engagement, utc, view
from tests.load.test_drain import drain, queued, records
from tests.newsroom import Newsroom
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

NOW = "2026-05-06 13:00"


def look(newsroom: Newsroom, now: str = NOW, **asked: Any) -> Snapshot:
    question = Question(newsroom.site, newsroom.zone, **asked)
    return live.snapshot(newsroom.store, question, utc(now))


def ago(minutes: float) -> dt.datetime:
    return utc(NOW) - dt.timedelta(minutes=minutes)


def crowd(name: str, count: int, minutes: float, of: str = "A1", **more: Any) -> list[Row]:
    """Let so many different visitors open an article once, some minutes before now."""
    return [view(f"{name}{n}", ago(minutes), of, f"{name}{n}", **more) for n in range(count)]


def listed(found: Snapshot, *names: str) -> list[tuple[object, ...]]:
    return found.articles.select("id", *names).rows()


@pytest.mark.parametrize(
    ("at", "on_site", "reading"),
    [
        ("2026-05-05 12:12:30", 1, 1),
        ("2026-05-05 12:16:00", 1, 0),
        ("2026-05-05 12:18:00", 0, 0),
    ],
)
def test_the_example_of_the_definition(newsroom: Newsroom, at: str, on_site: int, reading: int) -> None:
    before = [each for each in (*VIEWS, *ENGAGEMENTS) if each.values["event_at"] <= utc(at)]  # type: ignore[operator]
    newsroom.at(at).take(*before, *ARTICLES)
    found = look(newsroom, at)

    assert (found.on_site, found.reading_now) == (on_site, reading)


def test_what_is_usual_is_counted_at_the_same_minute_of_the_same_weekday(newsroom: Newsroom) -> None:
    rows = [view("first", "2026-03-25 12:00", "A1", "first"), view("now", ago(1), "A1", "now")]
    for week, count in enumerate((10, 20, 30, 40), 1):
        then = 7 * 24 * 60 * week
        rows += [view(f"w{week}-{n}", ago(then + n % 5), "A1", f"w{week}-{n}") for n in range(count)]
        rows.append(view(f"before{week}", ago(then + 6), "A1", f"before{week}"))
    newsroom.take(*rows)
    band = live.usually(newsroom.store, Question(newsroom.site, newsroom.zone), utc(NOW))
    nobody = live.usually(newsroom.store, Question(newsroom.site, newsroom.zone, ("Sport",)), utc(NOW))

    assert band is not None
    assert nobody is not None
    assert (band.least, band.median, band.most, band.n) == (0, 20, 40, 5)  # nobody five weeks ago
    assert (nobody.most, nobody.n) == (0, 5)


def test_the_peak_of_the_day_is_the_first_minute_with_most_people(newsroom: Newsroom) -> None:
    question = Question(newsroom.site, newsroom.zone)
    rows = [view(f"early{n}", "2026-05-06 09:07:30", "A1", f"e{n}") for n in range(3)]
    rows += [view("again", "2026-05-06 09:09:30", "A2", "e0"), view("more", "2026-05-06 09:10:10", "A1", "x")]
    rows += [view(f"late{n}", "2026-05-06 12:52:10", "A1", f"l{n}") for n in range(4)]
    rows += [view(f"before{n}", "2026-05-05 12:00", "A1", f"b{n}") for n in range(9)]
    newsroom.load(*rows)

    def peak(at: str) -> live.Peak | None:
        return live.peak(newsroom.store, question, utc(at))

    assert peak("2026-05-06 13:00") == live.Peak(4, utc("2026-05-06 09:11"))
    assert peak("2026-05-06 09:09") == live.Peak(3, utc("2026-05-06 09:08"))
    assert peak("2026-05-07 13:00") is None


def test_people_count_once_and_for_five_minutes_exactly(newsroom: Newsroom) -> None:
    newsroom.load(
        view("a", ago(4), "A1", "p"),
        view("b", ago(3), "A2", "p"),
        view("c", ago(4.99), None, "q"),
        view("d", ago(5), "A1", "late"),
    )

    assert look(newsroom).on_site == 2


def test_an_idle_reader_is_on_the_site_and_not_reading(newsroom: Newsroom) -> None:
    newsroom.load(
        view("a", ago(4), "A1", "idle"),
        engagement("a", ago(3), 30_000, acts=3, visitor="idle"),
        engagement("a", ago(0.5), 30_000, scroll=60, acts=3, visitor="idle"),
        view("b", ago(4), "A1", "reads"),
        engagement("b", ago(3), 30_000, acts=3, visitor="reads"),
        engagement("b", ago(0.5), 60_000, acts=5, visitor="reads"),
        view("c", ago(2), "A1", "stopped"),
        engagement("c", ago(1), 15_000, acts=5, visitor="stopped"),
    )
    found = look(newsroom)

    assert (found.on_site, found.reading_now) == (3, 1)


def test_a_source_that_beacons_on_hiding_only_cannot_tell_who_reads(newsroom: Newsroom) -> None:
    newsroom.load(
        view("a", ago(1), "A1", "p", format="plausible", signal="time"),
        engagement("a", ago(0.5), 12_000, visitor="p", mode="sum", format="plausible"),
    )
    found = look(newsroom)

    assert (found.on_site, found.reading_now) == (1, None)
    assert listed(found, "fresh_views", "reads") == [("A1", 1, 1)]


def test_without_a_source_nothing_is_known_and_with_one_nobody_is_nought(newsroom: Newsroom) -> None:
    before = look(newsroom)
    newsroom.load(view("a", ago(300), "A1", "p"))
    after = look(newsroom)

    assert (before.on_site, before.reading_now, before.comments) == (None, None, None)
    assert (after.on_site, after.reading_now) == (0, 0)
    assert look(newsroom, "2026-05-09 13:00").on_site is None


def test_midnight_makes_nobody_two(newsroom: Newsroom) -> None:
    newsroom.load(
        view("a", "2026-05-06 02:58", "A1", "old"),
        view("b", "2026-05-06 03:01", "A1", "new", prev="old"),
        engagement("b", "2026-05-06 03:01:30", 15_000, acts=1, visitor="new", prev="old"),
    )
    found = look(newsroom, "2026-05-06 03:02")

    assert (found.on_site, found.reading_now) == (1, 1)
    assert listed(found, "fresh_views") == [("A1", 1)]


def test_a_view_again_is_fresh_once_and_after_half_an_hour_once_more(newsroom: Newsroom) -> None:
    newsroom.load(
        *crowd("z", 10, 1, "Z"),
        view("before", ago(55), "A1", "p"),
        view("again", ago(29), "A1", "p"),  # 26 min after a view outside of the window
        view("once more", ago(1), "A1", "p"),
        view("slow", ago(31), "A2", "q"),
        view("fresh", ago(1), "A2", "q"),
        view("nobody", ago(3), "A3", None),
        view("nobody again", ago(2), "A3", None),
    )
    found = look(newsroom)

    assert listed(found, "fresh_views") == [("Z", 10), ("A3", 2), ("A2", 1), ("A1", 0)]


def test_reads_need_ten_seconds_and_an_act_and_are_null_where_nothing_measures(newsroom: Newsroom) -> None:
    newsroom.load(
        *crowd("z", 10, 1, "Z", signal="none"),
        *crowd("a", 5, 3, "A1"),
        engagement("a0", ago(2), 10_000, acts=1, visitor="a0"),
        engagement("a1", ago(2), 9_999, acts=9, visitor="a1"),
        engagement("a2", ago(2), 60_000, acts=0, visitor="a2"),
        engagement("a3", ago(2), 8_000, acts=1, visitor="a3"),
        engagement("a3", ago(1), 20_000, acts=1, visitor="a3"),
        engagement("a4", ago(2.9), 60_000, acts=1, visitor="a4"),  # 6 s after its view nobody has read for 60
    )

    assert listed(look(newsroom), "fresh_views", "reads") == [("Z", 10, None), ("A1", 5, 2)]


def test_the_window_is_exact_and_bars_add_up(newsroom: Newsroom) -> None:
    newsroom.load(
        *crowd("z", 10, 0, "Z"),
        view("in", ago(9.999), "A1", "in"),
        view("out", ago(10), "A1", "out"),
        view("half", ago(29.5), "A1", "half"),
    )
    ten, thirty = look(newsroom, window_min=10), look(newsroom)

    assert listed(ten, "fresh_views") == [("Z", 10), ("A1", 1)]
    assert ten.bars == (1, *([0] * 8), 10)
    assert listed(thirty, "fresh_views") == [("Z", 10), ("A1", 3)]
    assert thirty.articles["bars"][1].to_list() == [1, *([0] * 18), 1, 1, *([0] * 9)]
    assert (len(thirty.bars), sum(thirty.bars)) == (30, 13)


@pytest.mark.parametrize(
    ("last", "before", "mark"),
    [
        (18, 12, "above"),
        (17, 13, None),
        (17, 12, None),  # together under 30
        (12, 18, "below"),
        (13, 18, None),
        (30, 0, "above"),
        (0, 30, "below"),
    ],
)
def test_velocity_is_marked_from_thirty_on(
    newsroom: Newsroom, last: int, before: int, mark: str | None
) -> None:
    newsroom.load(*crowd("z", 10, 1, "Z"), *crowd("l", last, 14.9), *crowd("b", before, 15))
    found = look(newsroom, most=2)
    row = found.articles.filter(found.articles["id"] == "A1").row(0, named=True)

    assert (row["last_15"], row["before_15"], row["mark"]) == (last, before, mark)


def test_quiet_hours_look_back_four_hours(newsroom: Newsroom) -> None:
    newsroom.load(*crowd("a", 9, 1), view("old", ago(239), "A2", "old"), view("older", ago(240), "A3", "x"))
    quiet = look(newsroom)
    newsroom.load(view("tenth", ago(1), "A1", "tenth"))
    busy = look(newsroom)

    assert (quiet.is_quiet, quiet.step_min, len(quiet.bars)) == (True, 5, 48)
    assert listed(quiet, "fresh_views") == [("A1", 9), ("A2", 1)]
    assert (busy.is_quiet, len(busy.bars), busy.count) == (False, 30, 1)


def test_a_section_keeps_its_readers_and_articles(newsroom: Newsroom) -> None:
    newsroom.load(
        article("A1", section="Sport", title="One", published_at=ago(60), aliases=("old-1",)),
        article("A2", section="City", title="Two", published_at=ago(60)),
        *crowd("a", 11, 1, "old-1", channel="search"),
        *crowd("b", 12, 2, "A2"),
        view("front", ago(1), None, "front"),
    )
    sport, rest = look(newsroom, section=("Sport",)), look(newsroom, section=("!Sport",))

    assert (sport.on_site, listed(sport, "title", "channel")) == (11, [("A1", "One", "search")])
    assert (rest.on_site, listed(rest, "title")) == (13, [("A2", "Two")])
    assert sport.channels.rows() == [("search", 11)]
    assert look(newsroom).on_site == 24


def test_pages_that_are_no_articles_bring_people_but_no_rows(newsroom: Newsroom) -> None:
    newsroom.load(article("about", kind="page"), *crowd("a", 11, 1, "about"))
    found = look(newsroom)

    assert (found.on_site, found.count, sum(found.bars)) == (11, 0, 0)


def test_what_was_published_today_stands_newest_first_with_what_it_brought(newsroom: Newsroom) -> None:
    newsroom.take(
        article("A1", title="Early", published_at=utc("2026-05-06 03:00")),
        article("A2", title="Late", published_at=utc("2026-05-06 12:00")),
        article("A3", title="Yesterday", published_at=utc("2026-05-06 02:59")),
        article("A4", title="Planned", published_at=utc("2026-05-06 18:00")),
        article("A5", title="Blind", published_at=utc("2026-05-06 11:00")),
        view("a", "2026-05-06 04:00", "A1", "a"),
        engagement("a", "2026-05-06 04:01", 20_000, acts=2, visitor="a"),
        view("b", "2026-05-06 04:00", "A5", "b", signal="none"),
    )
    found = look(newsroom)

    assert found.published_count == 3
    assert found.published.select("title", "views", "reads").rows() == [
        ("Late", 0, 0),
        ("Blind", 1, None),
        ("Early", 1, 1),
    ]


def test_comments_of_the_hour_and_those_that_wait(newsroom: Newsroom) -> None:
    newsroom.take(*VIEWS, *ARTICLES, *COMMENTS, comment("new", "published", "2026-05-06 12:30"))
    found = look(newsroom).comments

    assert found == live.Comments(1, 1, utc("2026-05-05 16:00"))


def test_drops_count_nowhere(newsroom: Newsroom) -> None:
    queued(newsroom.store.path.parent, records(view("v1", ago(1)), dropped="bot:monitoring"))
    queued(newsroom.store.path.parent, records(view("v2", ago(2), "A2")))
    while drain(newsroom).once(newsroom.now):
        pass
    found = look(newsroom)

    assert (found.on_site, listed(found, "fresh_views")) == (1, [("A2", 1)])
