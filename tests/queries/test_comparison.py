"""Numbers beside other numbers: bands, periods before, shares, courses, and the day's sentence."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.queries import comparison, courses, figures, sentences
from analytics.queries.comparison import Against
from tests.builders import Row, article, comment, engagement, utc, view
from tests.newsroom import Newsroom

TUESDAY = "2026-05-05"


def reads(name: str, when: str, count: int, of: str = "A1", channel: str = "direct") -> list[Row]:
    at = utc(when)
    return [
        row
        for n in range(count)
        for row in (
            view(f"{name}{n}", at, of, f"{name}{n}", channel=channel),
            engagement(f"{name}{n}", at + dt.timedelta(minutes=1), 20_000, acts=1, visitor=f"{name}{n}"),
        )
    ]


def weeks(newsroom: Newsroom, counts: list[int]) -> None:
    """Load one Tuesday's reads a week, the last of them on 5 May; the week before all of them is known."""
    noon = utc(f"{TUESDAY} 15:00")
    rows: list[Row] = [view("first", noon - dt.timedelta(weeks=len(counts)), None, "first")]
    for week, count in enumerate(reversed(counts)):
        rows += reads(f"w{week}-", (noon - dt.timedelta(weeks=week)).isoformat(), count)
    newsroom.take(*rows)


def beside(
    newsroom: Newsroom, against: Against, period: str = TUESDAY, metric: str = "reads"
) -> comparison.Beside:
    return comparison.totals(newsroom.store, [metric], newsroom.asked(period), newsroom.now, against)[metric]


def test_a_day_stands_beside_its_band(newsroom: Newsroom) -> None:
    weeks(newsroom, [40, 40, 40, 40, 60])
    shown = beside(newsroom, "typical")

    assert shown.band is not None
    assert (shown.place, shown.change, shown.before) == ("above", 0.5, None)
    assert shown.usual is not None
    assert shown.usual.median == 40


def test_without_enough_weeks_the_week_before_stands_in(newsroom: Newsroom) -> None:
    weeks(newsroom, [40, 60])
    shown = beside(newsroom, "typical")

    assert (shown.band, shown.place) == (None, None)
    assert shown.before is not None
    assert (shown.before.value, shown.change, shown.is_few) == (40, 0.5, False)


def test_fewer_than_thirty_on_either_side_are_few(newsroom: Newsroom) -> None:
    weeks(newsroom, [29, 60])

    assert beside(newsroom, "previous").is_few


def test_after_nothing_everything_is_new(newsroom: Newsroom) -> None:
    weeks(newsroom, [5, 0, 60])
    shown = beside(newsroom, "previous")

    assert (shown.is_new, shown.change) == (True, None)


def test_what_lies_before_the_first_event_is_no_comparison(newsroom: Newsroom) -> None:
    newsroom.take(*reads("a", f"{TUESDAY} 15:00", 3))

    assert beside(newsroom, "previous").before is None
    assert beside(newsroom, "year_ago").before is None


def test_nothing_is_compared_where_none_was_asked(newsroom: Newsroom) -> None:
    weeks(newsroom, [40, 40, 40, 40, 60])
    shown = beside(newsroom, "none")

    assert (shown.band, shown.before) == (None, None)


def test_today_is_compared_up_to_this_minute(newsroom: Newsroom) -> None:
    newsroom.at(f"{TUESDAY} 15:30")
    newsroom.take(
        view("first", "2026-04-20 15:00", None),
        *reads("early", "2026-04-28 15:00", 4),
        *reads("late", "2026-04-28 16:00", 7),
        *reads("now", f"{TUESDAY} 15:00", 6),
    )
    shown = beside(newsroom, "previous", "today")

    assert shown.before is not None
    assert (shown.figure.value, shown.before.value) == (6, 4)


def test_days_before_comments_were_connected_are_not_typical(newsroom: Newsroom) -> None:
    weeks(newsroom, [40, 40, 40, 40, 40, 60])
    newsroom.take(comment("c", "published", f"{TUESDAY} 16:00"))

    assert beside(newsroom, "typical", metric="comments").band is None
    assert beside(newsroom, "typical", metric="reads").band is not None


def test_rows_have_shares_of_the_distinct_total(newsroom: Newsroom) -> None:
    newsroom.take(*reads("a", f"{TUESDAY} 15:00", 3), *reads("b", f"{TUESDAY} 15:00", 1, "A2"))
    board = newsroom.board("article", "reads", TUESDAY)

    assert comparison.with_shares(board, "reads")["reads_share"].to_list() == [0.75, 0.25]
    assert comparison.share_of_rows(board, "reads") == 1


def test_rows_have_changes_and_say_what_is_new(newsroom: Newsroom) -> None:
    newsroom.take(
        *reads("a", "2026-04-28 15:00", 40),
        *reads("b", f"{TUESDAY} 15:00", 30),
        *reads("c", f"{TUESDAY} 15:00", 2, channel="search"),
    )
    rows = newsroom.board("channel", "views", TUESDAY).rows
    earlier = newsroom.board("channel", "views", "2026-04-28").rows
    changed = comparison.with_changes(rows, earlier, "views")

    assert changed.select("id", "views_change", "views_is_new", "views_is_few").rows() == [
        ("direct", -0.25, False, False),
        ("search", None, True, True),
    ]


def test_a_course_has_every_bucket_beside_the_week_before(newsroom: Newsroom) -> None:
    weeks(newsroom, [3, 5])
    frame = courses.course(newsroom.store, "reads", newsroom.asked(TUESDAY), "hour", newsroom.now, "previous")
    noon = frame.row(12, named=True)

    assert frame.height == 24
    assert (noon["value"], noon["previous"], noon["median"]) == (5, 3, None)


def test_an_hour_that_begins_now_is_not_counted(newsroom: Newsroom) -> None:
    newsroom.at(f"{TUESDAY} 16:00")
    newsroom.take(*reads("a", f"{TUESDAY} 15:00", 2))
    frame = courses.course(newsroom.store, "reads", newsroom.asked("today"), "hour", newsroom.now, "none")

    assert frame["value"].to_list()[12:15] == [2, None, None]


# --- the sentence ------------------------------------------------------------------------------------------


def words(newsroom: Newsroom, against: Against, period: str = TUESDAY) -> str:
    ask = newsroom.asked(period)
    shown = beside(newsroom, against, period)
    running = ask.period.ends > newsroom.now
    parts = sentences.sentence(newsroom.store, ask, shown, newsroom.now, is_running=running)
    return "".join(part.text for part in parts).replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_the_sentence_says_how_much_against_what(newsroom: Newsroom) -> None:
    weeks(newsroom, [40, 40, 40, 40, 60])

    assert words(newsroom, "typical").startswith(
        "Tuesday brought 60 reads, 50 % more than a typical Tuesday (40 to 40); "
    )
    assert words(newsroom, "previous").startswith(
        "Tuesday brought 60 reads, 50 % more than the Tuesday before (40); "
    )


def test_inside_the_band_a_day_is_typical(newsroom: Newsroom) -> None:
    weeks(newsroom, [40, 50, 60, 70, 55])

    assert "55 reads, typical for a Tuesday (43 to 67)" in words(newsroom, "typical")


def test_few_are_told_without_a_percentage(newsroom: Newsroom) -> None:
    weeks(newsroom, [3, 5])

    assert words(newsroom, "previous").startswith("Tuesday brought 5 reads, the Tuesday before 3; ")


@pytest.mark.parametrize(
    ("period", "start"),
    [
        ("today", "Today so far has brought"),
        ("7d", "The last 7 days brought"),
        ("2026-05-01..2026-05-05", "1 May to 5 May 2026 brought"),
    ],
)
def test_periods_are_named_as_people_do(newsroom: Newsroom, period: str, start: str) -> None:
    newsroom.take(*reads("a", f"{TUESDAY} 15:00", 3), *reads("b", "2026-05-06 12:00", 2))

    assert words(newsroom, "none", period).startswith(start)


def test_a_day_without_readers_says_so(newsroom: Newsroom) -> None:
    newsroom.take(*reads("a", "2026-05-04 15:00", 3), *reads("b", "2026-05-06 12:00", 2))

    assert words(newsroom, "none") == "Tuesday brought no reads."


def test_a_day_before_all_data_is_unknown(newsroom: Newsroom) -> None:
    newsroom.take(*reads("a", f"{TUESDAY} 15:00", 3))

    assert words(newsroom, "none", "2026-05-01") == "Friday: nothing is known of its reads."


def test_the_two_articles_that_brought_most_are_named(newsroom: Newsroom) -> None:
    newsroom.take(
        *reads("a", f"{TUESDAY} 15:00", 3),
        *reads("b", f"{TUESDAY} 15:00", 2, "A2"),
        *reads("c", f"{TUESDAY} 15:00", 1, "A3"),
        article("A1", title="Ferry crews walk out from midnight: what runs"),
        article("A2", title="Four schools to close"),
    )

    assert words(newsroom, "none") == (
        "Tuesday brought 6 reads; “Ferry crews walk out from midnight” and “Four schools to close” brought 5 "
        "of them."
    )


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Night buses return", "Night buses return"),
        ("Ferry crews walk out from midnight: what runs", "Ferry crews walk out…"),
        ("The seal that rides the ferry", "The seal that rides…"),
        ("Dog walkers and runners at odds", "Dog walkers and runners…"),
        ("A" * 40, "A" * 23 + "…"),
    ],
)
def test_titles_are_cut_at_whole_words(title: str, short: str) -> None:
    assert sentences.short_title(title, 24) == short


def test_a_ranking_is_a_board_without_totals(newsroom: Newsroom) -> None:
    newsroom.take(*reads("a", f"{TUESDAY} 15:00", 3), *reads("b", f"{TUESDAY} 15:00", 1, "A2"))
    ask = newsroom.asked(TUESDAY, split="article")
    ranked = figures.ranking(newsroom.store, ["reads"], ask, newsroom.now, order="reads")

    assert ranked.select("rank", "id", "reads").rows() == [(1, "A1", 3), (2, "A2", 1)]
