"""Lists: their order, what is grey, what groups have beside METRICS, and what a search finds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from analytics.queries import lists
from analytics.queries.ask import Filter
from analytics.queries.lists import Balance, Listing
from tests.builders import SITE, Row, article, comment, engagement, utc, view
from tests.newsroom import Newsroom
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

DAY = "2026-05-05"


def listed(
    newsroom: Newsroom, split: str, *names: str, period: str = DAY, sort: str = "", **more: Any
) -> Listing:
    return lists.listing(
        newsroom.store, names, newsroom.asked(period, split=split, **more), newsroom.now, sort=sort
    )


def column(found: Listing, *names: str) -> list[tuple[object, ...]]:
    return found.rows.select(*names).rows()


def read(name: str, article_id: str, at: str, times: int, of: int | None = None) -> list[Row]:
    """Open an article `of` times and read it `times` of them."""
    opened = [view(f"{name}{n}", at, article_id, f"{name}{n}") for n in range(of or times)]
    later = utc(at) + dt.timedelta(minutes=1)
    done = [
        engagement(f"{name}{n}", later, 20_000, scroll=50, acts=2, visitor=f"{name}{n}") for n in range(times)
    ]
    return [*opened, *done]


@pytest.fixture
def example(newsroom: Newsroom) -> Newsroom:
    newsroom.take(*VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES)
    return newsroom


@pytest.mark.parametrize(
    ("split", "credit", "rows", "adds_to"),
    [
        ("author", "full", [("u1", 4), ("u2", 3)], 1.75),
        ("author", "equal", [("u1", 2.5), ("u2", 1.5)], 1),
        ("author", "first", [("u1", 4)], 1),
        ("topic", "full", [("city", 4), ("budget", 3)], 1.75),
        ("topic", "equal", [("city", 2.5), ("budget", 1.5)], 1),
        ("topic", "first", [("budget", 3), ("city", 1)], 1),
    ],
)
def test_credit_says_what_rows_add_to(
    example: Newsroom, split: str, credit: str, rows: list[tuple[str, float]], adds_to: float
) -> None:
    found = listed(example, split, credit=credit)

    assert column(found, "id", "reads") == rows
    assert found.adds_to == adds_to
    assert found.total["reads"].value == 4


def test_the_median_per_article_counts_the_unread_as_0(newsroom: Newsroom) -> None:
    at = utc("2026-05-05 10:00")
    newsroom.take(
        *[article(key, authors=("u1",), published_at=at) for key in ("A0", "A2", "A100")],
        *read("a", "A2", "2026-05-05 12:00", 2),
        *read("b", "A100", "2026-05-05 13:00", 100),
    )
    found = listed(newsroom, "author")

    assert column(found, "id", "per_article", "per_article_n", "per_article_few") == [("u1", 2, 3, True)]


def test_shares_of_pieces_and_of_reads_give_the_balance(newsroom: Newsroom) -> None:
    at = utc("2026-05-05 10:00")
    pieces = [article(f"S{n}", section="Sport", published_at=at) for n in range(30)]
    pieces += [article(f"T{n}", section="Transport", published_at=at) for n in range(20)]
    newsroom.take(
        *pieces,
        article("L1", section="Long read", published_at=at),
        *read("s", "S1", "2026-05-05 12:00", 20),
        *read("t", "T1", "2026-05-05 12:00", 60),
        *read("l", "L1", "2026-05-05 12:00", 20),
    )
    found = listed(newsroom, "section")

    assert column(found, "id", "published", "read_share", "place") == [
        ("Transport", 20, 0.6, "above"),
        ("Long read", 1, 0.2, None),
        ("Sport", 30, 0.2, "below"),
    ]
    assert found.rows["balance"][0] == pytest.approx(0.6 / (20 / 51))
    assert lists.balances(found) == (
        Balance(("Transport",), 20 / 51, 0.6),
        Balance(("Sport",), 30 / 51, 0.2),
    )


def test_too_few_pieces_in_all_say_nothing_about_shares(example: Newsroom) -> None:
    assert lists.balances(listed(example, "section")) == (None, None)


def test_equal_values_share_a_rank_and_none_stands_last(newsroom: Newsroom) -> None:
    newsroom.take(
        article("A1", authors=("u1",)),
        article("A2", authors=("u2",)),
        article("A3", authors=("u3",)),
        *read("a", "A1", "2026-05-05 12:00", 2),
        *read("b", "A2", "2026-05-05 12:00", 1),
        *read("c", "A3", "2026-05-05 12:00", 1),
        *read("d", "A4", "2026-05-05 12:00", 9),
    )
    down, up = listed(newsroom, "author"), listed(newsroom, "author", sort="reads")

    assert column(down, "rank", "id") == [(1, "u1"), (2, "u2"), (2, "u3"), (None, None)]
    assert column(up, "rank", "id") == [(2, "u2"), (2, "u3"), (1, "u1"), (None, None)]
    assert down.count == 3


@pytest.mark.parametrize("sort", ["-read_rate", "read_rate"])
def test_a_rate_of_few_is_grey_unranked_and_last_in_both_directions(newsroom: Newsroom, sort: str) -> None:
    newsroom.take(
        *read("a", "A1", "2026-05-05 12:00", 2, of=2),
        *read("b", "A2", "2026-05-05 12:00", 10, of=40),
        *read("c", "A3", "2026-05-05 12:00", 30, of=40),
    )
    found = listed(newsroom, "article", "read_rate", sort=sort)
    order = ["A3", "A2"] if sort.startswith("-") else ["A2", "A3"]

    assert found.rows["id"].to_list() == [*order, "A1"]
    assert found.rows.filter(found.rows["id"] == "A1").select("rank", "read_rate_few").row(0) == (None, True)


def test_articles_published_and_never_opened_are_rows_of_0(newsroom: Newsroom) -> None:
    at = utc("2026-05-05 10:00")
    newsroom.take(
        article("A1", published_at=at, title="Read"),
        article("A2", published_at=at, title="Unread"),
        *read("a", "A1", "2026-05-05 12:00", 3),
        *read("b", "A9", "2026-05-05 12:00", 3),
    )
    found = listed(newsroom, "article", "read_rate", basis="published_in")

    assert column(found, "id", "views", "reads", "read_rate", "is_running") == [
        ("A1", 3, 3, 1, True),
        ("A2", 0, 0, None, True),
    ]
    assert listed(newsroom, "article", basis="read_in").rows["id"].to_list() == ["A1", "A9"]


def test_views_lead_where_no_source_can_tell_reads(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00", "A1", signal="none"),
        view("v2", "2026-05-05 12:00", "A1", "q", signal="none"),
        view("v3", "2026-05-05 12:00", "A2", "r", signal="none"),
    )
    found = listed(newsroom, "article", "comments", sort="-reads")

    assert (found.main, found.order) == ("views", "views")
    assert column(found, "id", "views", "reads", "comments") == [("A1", 2, None, None), ("A2", 1, None, None)]


def test_words_are_ordered_from_a_without_ranks(newsroom: Newsroom) -> None:
    newsroom.take(
        article("A1", title="zebra"),
        article("A2", title="Abbey"),
        *read("a", "A1", "2026-05-05 12:00", 2),
        *read("b", "A2", "2026-05-05 12:00", 1),
    )
    found = listed(newsroom, "article", sort="name")

    assert column(found, "rank", "name") == [(None, "Abbey"), (None, "zebra")]


def test_an_unknown_order_falls_back_to_the_main_metric(example: Newsroom) -> None:
    assert listed(example, "article", sort="-nonsense").order == "reads"
    assert listed(example, "article", sort="-reads_few").order == "reads"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fähre", ["A1"]),
        ("FAHRE insel", ["A1"]),
        ("insel bus", []),
        ("old name", ["A1"]),
        ("a2", ["A2"]),
        ("100%", ["A2"]),
    ],
)
def test_a_search_finds_titles_former_titles_addresses_and_ids(
    newsroom: Newsroom, text: str, found: list[str]
) -> None:
    newsroom.load(article("A1", title="Old name of it"))
    newsroom.take(
        article("A1", title="Die Fähre zur Insel"),
        article("A2", title="Bus: 100% late"),
        *read("a", "A1", "2026-05-05 12:00", 1),
        *read("b", "A2", "2026-05-05 12:00", 1),
    )
    ask = newsroom.asked(DAY, split="article")
    where = Filter(SITE, text=text)
    rows = lists.listing(
        newsroom.store, ["readers", "comments"], type(ask)(where, ask.period, split="article"), newsroom.now
    )

    assert rows.rows["id"].to_list() == found
    assert rows.total["views"].value == len(found)


def test_comments_are_left_out_under_filters_they_do_not_know(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00", channel="search"), comment("c1", "published", "2026-05-05 12:00")
    )
    for where in ({"channel": ("search",)}, {"age": ("!new",)}):
        found = listed(newsroom, "article", "comments", "comment_rate", where=where)

        assert {"comments", "comment_rate"}.isdisjoint(found.rows.columns)
        assert found.count == 1


def test_weeks_are_whole_and_unknown_before_the_first_event(newsroom: Newsroom) -> None:
    newsroom.take(
        article("A1", section="City"),
        *read("a", "A1", "2026-04-15 12:00", 1),  # in the middle of its week
        *read("b", "A1", "2026-04-22 12:00", 2),
        *read("c", "A1", "2026-05-03 12:00", 3),
        *read("d", "A1", "2026-05-04 12:00", 4),  # a week that is not over
    )
    ask = newsroom.asked("7d", split="section")
    found = lists.weekly(newsroom.store, "reads", ask, newsroom.now, 4)

    assert found.rows() == [("City", [None, None, 2, 3])]


def test_small_curves_end_now(newsroom: Newsroom) -> None:
    newsroom.take(
        *read("a", "A1", "2026-05-04 12:00", 1),
        *read("b", "A1", "2026-05-06 12:00", 2),
    )
    days = lists.sparks(
        newsroom.store, "reads", newsroom.asked("2026-05-03..2026-05-09"), ["A1"], newsroom.now
    )
    hours = lists.sparks(newsroom.store, "reads", newsroom.asked("today"), ["A1"], newsroom.now)

    assert days.rows() == [("A1", [None, 1, 0, 2])]
    assert hours.rows() == [("A1", [0] * 9 + [2, 0])]


def test_small_curves_of_long_periods_are_by_week(newsroom: Newsroom) -> None:
    newsroom.take(
        *read("a", "A1", "2026-03-31 12:00", 1),  # Tuesday: the period begins on Wednesday
        *read("b", "A1", "2026-04-01 12:00", 2),
        *read("c", "A1", "2026-04-06 12:00", 3),
        *read("d", "A1", "2026-04-12 12:00", 4),
    )
    ask = newsroom.asked("2026-04-01..2026-05-05")
    weeks = lists.sparks(newsroom.store, "reads", ask, ["A1"], newsroom.now)

    assert weeks.rows() == [("A1", [2, 7, None, None, None, None])]  # nothing was live any more


def test_the_leading_ten_are_those_with_the_most_whatever_the_order(newsroom: Newsroom) -> None:
    rows = [row for n in range(12) for row in read(f"v{n}-", f"A{n}", "2026-05-05 12:00", n + 1)]
    newsroom.take(*rows)

    assert listed(newsroom, "article").leading == pytest.approx((78 - 3) / 78)
    assert listed(newsroom, "article", sort="reads").leading == pytest.approx((78 - 3) / 78)


def test_a_period_in_which_nothing_is_known_has_no_rows(newsroom: Newsroom) -> None:
    found = listed(newsroom, "article", "comments")

    assert (found.count, found.adds_to, found.leading) == (0, None, None)
    assert found.total["views"].value is None


@pytest.mark.parametrize(
    ("where", "culprits"),
    [
        ({"section": ("politics",), "channel": ("none",)}, ["channel"]),
        ({"section": ("politics",), "text": "nowhere"}, ["search"]),
        ({"section": ("none",), "channel": ("none",)}, []),
    ],
)
def test_of_filters_that_leave_nothing_those_are_named_which_alone_do_it(
    example: Newsroom, where: dict[str, Any], culprits: list[str]
) -> None:
    ask = example.asked(DAY, where, split="article")

    assert lists.emptied_by(example.store, ask, example.now) == culprits
