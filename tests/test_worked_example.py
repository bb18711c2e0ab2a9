"""The examples of metrics.md: every `Ex:` of sections 3 to 8 and 11, on the events of section 2.

Where a section has examples of its own, the test builds them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import polars as pl
import pytest

from analytics.periods import previous, year_ago
from analytics.queries import articles, library
from analytics.queries.intervals import byar, wilson
from analytics.queries.typical import typical_day
from analytics.store.store import Store
from tests.builders import Row, article, comment, engagement, step, view
from tests.newsroom import Newsroom

DAY = "2026-05-05"
BOTH = "2026-05-05..2026-05-06"

# Zone America/Sao_Paulo (UTC-3). Times are UTC.
VIEWS = [
    view("v1", "2026-05-05 12:00", "A1", "p", channel="search"),
    view("v2", "2026-05-05 12:10", "A1", "p", channel="direct"),
    view("v3", "2026-05-05 12:12", "A2", "p", channel="internal"),
    view("v4", "2026-05-05 14:00", "A1", "q", channel="direct"),
    view("v5", "2026-05-05 15:00", "A2", "r", channel="social"),
    view("v8", "2026-05-05 16:00", "A1", "t", channel="search", signal="none"),
    view("v9", "2026-05-05 17:00", "A1", "w", channel="direct", signal="time"),
    view("v11", "2026-05-05 18:00", None, "q", channel="direct"),
    view("v12", "2026-05-05 18:02", "A2", "q", channel="internal"),
    view("v6", "2026-05-06 02:50", "A1", "s", channel="direct"),
    view("v7", "2026-05-06 03:10", "A2", "s2", prev="s", channel="internal"),
]
ENGAGEMENTS = [
    engagement("v1", "2026-05-05 12:00:06", 5_000, scroll=20, acts=1),
    engagement("v1", "2026-05-05 12:00:47", 45_999, scroll=90, acts=6),
    engagement("v1", "2026-05-05 12:01:10", 15_000, scroll=50, acts=3, event="late and twice"),
    engagement("v1", "2026-05-05 12:01:10", 15_000, scroll=50, acts=3, event="late and twice"),
    engagement("v3", "2026-05-05 12:12:20", 8_000, scroll=30, acts=2),
    engagement("v4", "2026-05-05 14:00:06", 4_000, scroll=10, acts=1, visitor="q"),
    engagement("v5", "2026-05-05 15:02:00", 95_000, scroll=100, acts=9, visitor="r"),
    engagement("v9", "2026-05-05 17:00:09", 7_000, mode="sum", visitor="w"),
    engagement("v9", "2026-05-05 17:00:19", 6_000, mode="sum", visitor="w"),
    engagement("v12", "2026-05-05 18:02:15", 12_000, scroll=10, acts=0, visitor="q"),
    engagement("v6", "2026-05-06 02:50:30", 20_000, scroll=50, acts=3, visitor="s"),
    engagement("v7", "2026-05-06 03:10:15", 10_000, scroll=20, acts=1, visitor="s2", prev="s"),
]
COMMENTS = [
    comment("c1", "pending", "2026-05-05 12:20", length=512),
    comment("c1", "published", "2026-05-05 12:50", length=512),
    comment("c2", "pending", "2026-05-05 12:30", length=40),
    comment("c2", "rejected", "2026-05-05 13:40", length=40),
    comment("c3", "pending", "2026-05-05 15:10", article="A2", writer="k2", length=300),
    comment("c3", "published", "2026-05-05 15:10", article="A2", writer="k2", length=300),
    comment("c4", "pending", "2026-05-05 16:00", writer="k3", length=490),
    comment("c5", "pending", "2026-05-05 15:30", article="A2", parent_id="c3"),
    comment("c5", "published", "2026-05-05 16:30", article="A2", parent_id="c3"),
    comment("c5", "rejected", "2026-05-06 12:00", article="A2", parent_id="c3"),
]
BOXES = [
    step(box, did, f"2026-05-05 12:0{minute}")
    for box, steps in {
        "b1": ("open", "warn", "submit"),
        "b2": ("open", "warn"),
        "b3": ("open", "type", "warn"),
        "b4": ("open",),
    }.items()
    for minute, did in enumerate(steps)
]
ARTICLES = [
    article(
        "A1",
        section="politics",
        word_count=300,
        published_at=dt.datetime(2026, 5, 4, 12),
        authors=("u1", "u2"),
        topics=("budget", "city"),
    ),
    article("A2", section="culture", word_count=600, authors=("u1",), topics=("city",)),
]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """The example as of 2026-05-06 13:00 UTC; tests only read it."""
    store = Store(tmp_path_factory.mktemp("example"))
    room = Newsroom(store)
    room.settle()
    room.take(*VIEWS, *ENGAGEMENTS, *COMMENTS, *BOXES, *ARTICLES)
    yield room
    store.close()


# --- 2: facts ----------------------------------------------------------------------------------------------


def test_each_view_is_what_the_table_says(example: Newsroom) -> None:
    facts = example.rows(
        "view_facts", ("view_id", "engaged_s", "is_read", "round(read_depth, 3)"), "event_at"
    )

    assert facts.rows() == [
        ("v1", 45, True, 0.75),
        ("v2", 0, False, 0),
        ("v3", 8, False, 0.067),
        ("v4", 4, False, 0.067),
        ("v5", 95, True, 0.792),
        ("v8", None, None, None),
        ("v9", 13, True, None),
        ("v11", 0, False, None),
        ("v12", 12, False, 0.1),
        ("v6", 20, True, 0.333),
        ("v7", 10, True, 0.083),
    ]


# --- 3 to 6: metrics of the day ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "value", "n"),
    [
        ("page_loads", 10, None),
        ("views", 9, None),
        ("repeat_views", 1, None),  # v2
        ("fresh_views", 8, None),
        ("no_beacon_share", 1 / 8, 8),  # v2
        ("no_signal_share", 1 / 9, 9),  # v8
        ("engaged", 197, None),
        ("engaged_median", 12, 8),  # 0 4 8 12 13 20 45 95
        ("engaged_mean", 197 / 8, 8),
        ("reads", 4, None),  # v1 v5 v6 v9
        ("read_rate", 4 / 8, 8),
        ("scroll_depth", 0.3, 7),
        ("read_depth", 0.1, 7),
        ("finished", 2, None),  # v1 v5
        ("finish_rate", 2 / 7, 7),
        ("readers", 6, None),  # p q r s t w
        ("sessions", 7, None),
        ("bounce_rate", 1 / 6, 6),  # q{v4}; t left out
        ("recirculation", 2 / 8, 8),  # v1 -> v3, v6 -> v7
        ("comments_created", 5, None),
        ("comments", 2, None),  # c1 c3
        ("comments_pending", 1, None),  # c4
        ("rejection_rate", 2 / 4, 4),  # c2 c5
        ("comment_rate", 500, 4),
        ("commenters", 2, None),  # k1 k2
        ("moderation_lag", 60, 3),  # 30 70 60; c3 was automatic
        ("moderation_lag_p90", 70, 3),
        ("at_limit_share", 2 / 5, 5),  # c1 c4
        ("warning_abandon", 2 / 3, 3),  # b2 b3
        ("limit_hit_share", 0, 4),
        ("reply_share", 0, 2),  # c5 was rejected
        ("spam_share", 0, 5),
    ],
)
def test_a_metric_of_the_day(example: Newsroom, metric: str, value: float, n: float | None) -> None:
    figure = example.figure(metric, DAY)

    assert figure.value == pytest.approx(value)
    assert figure.n == n


def test_readers_of_two_days_are_the_sum_of_daily_readers(example: Newsroom) -> None:
    assert example.value("readers", "2026-05-06") == 1
    assert example.value("readers", BOTH) == 7  # s twice


def test_readers_of_an_article_are_counted_anew(example: Newsroom) -> None:
    assert example.value("readers", DAY, {"article": ("A1",)}) == 5  # p q s t w
    assert example.values_of("article", "readers", DAY) == {"A1": 5, "A2": 3}


def test_a_session_over_midnight_belongs_to_the_day_of_its_first_view(example: Newsroom) -> None:
    assert example.value("sessions", "2026-05-06") == 0
    assert example.value("sessions", BOTH) == 7


def test_half_of_the_views_of_an_article_ended_their_session(example: Newsroom) -> None:
    figure = example.figure("exit_rate", DAY, {"article": ("A1",)})

    assert (figure.value, figure.n) == (0.5, 6)  # v4 v8 v9
    assert example.values_of("article", "exit_rate", DAY)["A1"] == 0.5


def test_landing_pages_between_do_not_count_for_recirculation(newsroom: Newsroom) -> None:
    newsroom.take(
        view("a", "2026-05-05 12:00", "A1"),
        view("b", "2026-05-05 12:01", None),
        view("c", "2026-05-05 12:02", "A2"),
    )

    assert newsroom.value("recirculation", DAY) == 0.5
    assert newsroom.value("recirculation_any", DAY) == 0.5


def test_the_way_to_the_front_page_is_recirculation_to_any_page(newsroom: Newsroom) -> None:
    newsroom.take(view("a", "2026-05-05 12:00", "A1"), view("b", "2026-05-05 12:01", None))

    assert newsroom.value("recirculation", DAY) == 0
    assert newsroom.value("recirculation_any", DAY) == 1


def test_three_of_seven_views_reached_half_of_the_body(example: Newsroom) -> None:
    reach = articles.scroll_reach(example.store, example.asked(DAY))

    assert reach.filter(reach["reached"] == 0.5).select("views", "n").row(0) == (3, 7)


def test_read_depth_is_the_smaller_of_time_and_scroll(newsroom: Newsroom) -> None:
    newsroom.take(
        view("a", "2026-05-05 12:00"),
        engagement("a", "2026-05-05 12:02:10", 120_000, scroll=25, acts=3),
        article("A1", word_count=450),
    )

    assert newsroom.value("read_depth", DAY) == 0.25


@pytest.mark.parametrize(
    ("kind", "words", "depth"),
    [
        ("article", 450, 0.25),
        (None, 450, 0.25),
        ("video", 450, None),
        ("gallery", 450, None),
        ("live", 450, None),
        ("article", None, None),
        ("article", 0, None),
    ],
)
def test_only_articles_of_known_length_have_a_read_depth(
    newsroom: Newsroom, kind: str | None, words: int | None, depth: float | None
) -> None:
    newsroom.take(
        view("a", "2026-05-05 12:00"),
        engagement("a", "2026-05-05 12:02:10", 120_000, scroll=25, acts=3),
        article("A1", word_count=words, kind=kind),
    )

    assert newsroom.value("read_depth", DAY) == depth


def test_a_body_lower_than_the_window_is_left_out_of_the_curve(newsroom: Newsroom) -> None:
    newsroom.take(
        view("short", "2026-05-05 12:00"),
        engagement("short", "2026-05-05 12:00:10", 5_000, scroll=100, short_body=True),
        view("long", "2026-05-05 13:00"),
        engagement("long", "2026-05-05 13:00:10", 5_000, scroll=20),
    )
    reach = articles.scroll_reach(newsroom.store, newsroom.asked(DAY))

    assert reach.filter(reach["reached"] == 0.5).select("views", "n").row(0) == (0, 1)


# --- 7: comparisons ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "then"),
    [
        ("2026-05-05", ("2026-04-28", "2026-04-28")),
        ("2026-05-01..2026-05-10", ("2026-04-17", "2026-04-26")),
    ],
)
def test_the_previous_period_has_the_same_weekdays(
    newsroom: Newsroom, period: str, then: tuple[str, str]
) -> None:
    before = previous(newsroom.period(period))

    assert (str(before.first), str(before.last)) == then


def test_a_year_ago_is_the_same_weekday(newsroom: Newsroom) -> None:
    assert year_ago(newsroom.period("2026-05-05")).first == dt.date(2025, 5, 6)


TUESDAYS = [dt.date(2026, 5, 5) - dt.timedelta(weeks=week) for week in range(9)]


def _views_of(day: dt.date, count: int) -> list[Row]:
    noon = dt.datetime.combine(day, dt.time(15))
    return [view(f"{day} {n}", noon, visitor=f"visitor {n}") for n in range(count)]


def test_the_typical_band_is_of_the_last_eight_same_weekdays(newsroom: Newsroom) -> None:
    counts = (100, 110, 120, 130, 140, 150, 160, 310)
    for day, count in zip(TUESDAYS[1:], counts, strict=True):
        newsroom.load(*_views_of(day, count))
    newsroom.load(*_views_of(TUESDAYS[0], 1), *_views_of(TUESDAYS[-1] - dt.timedelta(days=1), 1))
    newsroom.recount()

    found = typical_day(
        newsroom.store, ["views"], newsroom.asked(DAY).where, TUESDAYS[0], newsroom.zone, newsroom.now
    )
    band = found["views"]

    assert band is not None
    assert (band.low, band.median, band.high) == pytest.approx((107, 135, 205))
    assert (band.least, band.most, band.n) == (100, 310, 8)


def test_excluded_days_are_replaced_by_earlier_ones(newsroom: Newsroom) -> None:
    newsroom.settle(excluded_days={str(TUESDAYS[1]): "election"})
    for day, count in zip(TUESDAYS[1:6], (900, 10, 20, 30, 40), strict=True):
        newsroom.load(*_views_of(day, count))
    newsroom.load(*_views_of(TUESDAYS[5] - dt.timedelta(days=1), 1), *_views_of(TUESDAYS[0], 1))
    newsroom.recount()

    found = typical_day(
        newsroom.store, ["views"], newsroom.asked(DAY).where, TUESDAYS[0], newsroom.zone, newsroom.now
    )
    band = found["views"]

    assert band is not None
    assert (band.median, band.most, band.n) == (25, 40, 4)


def test_fewer_than_four_weekdays_give_no_band(example: Newsroom) -> None:
    found = typical_day(
        example.store, ["views"], example.asked(DAY).where, TUESDAYS[0], example.zone, example.now
    )

    assert found == {"views": None}


def test_days_in_a_collection_gap_are_not_typical(newsroom: Newsroom) -> None:
    newsroom.settle(collection_gaps=[{"began": "2026-04-28T12:00:00Z", "ended": "2026-04-28T13:00:00Z"}])
    for day, count in zip(TUESDAYS[2:6], (10, 20, 30, 40), strict=True):
        newsroom.load(*_views_of(day, count))
    newsroom.load(*_views_of(TUESDAYS[5] - dt.timedelta(days=1), 1), *_views_of(TUESDAYS[0], 1))
    newsroom.recount()

    found = typical_day(
        newsroom.store, ["views"], newsroom.asked(DAY).where, TUESDAYS[0], newsroom.zone, newsroom.now
    )
    band = found["views"]

    assert band is not None
    assert (band.least, band.n) == (10, 4)


# --- 8: groups ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("credit", "split", "rows", "adds"),
    [
        ("full", "author", {"u1": 4, "u2": 3}, 1.75),
        ("equal", "author", {"u1": 2.5, "u2": 1.5}, 1.0),
        ("first", "author", {"u1": 4}, 1.0),
        ("full", "topic", {"budget": 3, "city": 4}, 1.75),
        ("equal", "topic", {"budget": 1.5, "city": 2.5}, 1.0),
        ("first", "topic", {"budget": 3, "city": 1}, 1.0),
    ],
)
def test_credit_shares_reads_out(
    example: Newsroom, credit: str, split: str, rows: dict[str, float], adds: float
) -> None:
    board = example.board(split, "reads", DAY, credit=credit)

    assert rows == {key: value for key, value in board.rows.select("id", "reads").rows() if value}
    assert board.rows_add_to == pytest.approx(adds)
    assert board.total["reads"].value == 4


def test_readers_cannot_be_split(example: Newsroom) -> None:
    full = example.values_of("author", "readers", DAY, credit="full")
    equal = example.values_of("author", "readers", DAY, credit="equal")
    first = example.values_of("author", "readers", DAY, credit="first")

    assert full == equal == {"u1": 6, "u2": 5}
    assert first == {"u1": 6}


def test_published_adds_up_credit_weights(example: Newsroom) -> None:
    assert example.values_of("author", "published", "2026-05-04") == {"u1": 1, "u2": 1}
    assert example.values_of("author", "published", "2026-05-04", credit="equal") == {"u1": 0.5, "u2": 0.5}
    assert example.value("published", "2026-05-04") == 1
    assert example.value("published", DAY) == 0


@pytest.mark.parametrize(
    ("basis", "day", "reads"),
    [
        ("read_in", "2026-05-05", 3),
        ("published_in", "2026-05-05", None),
        ("read_in", "2026-05-04", None),
        ("published_in", "2026-05-04", 3),  # v1 v6 v9
    ],
)
def test_the_basis_decides_whose_reads_count(
    example: Newsroom, basis: str, day: str, reads: int | None
) -> None:
    assert example.values_of("article", "reads", day, basis=basis).get("A1") == reads


def test_published_in_stops_at_the_horizon(newsroom: Newsroom) -> None:
    published = dt.datetime(2026, 5, 4, 12)
    newsroom.take(
        view("before", "2026-05-04 11:59"),
        view("first", "2026-05-04 12:00"),
        view("in a day", "2026-05-05 11:59"),
        view("later", "2026-05-05 12:00"),
        article("A1", published_at=published),
    )

    def views(horizon: str) -> float | None:
        return newsroom.values_of("article", "views", "2026-05-04", basis="published_in", horizon=horizon)[
            "A1"
        ]

    assert (views("24h"), views("7d"), views("to_date")) == (2, 3, 3)


def test_a_rate_of_a_group_is_the_sum_over_the_sum(newsroom: Newsroom) -> None:
    newsroom.take(
        *_views_and_reads("A", views=2, reads=1),
        *_views_and_reads("B", views=100, reads=10),
        article("A", authors=("u1",)),
        article("B", authors=("u1",)),
    )

    assert newsroom.value("read_rate", DAY, {"author": ("u1",)}) == pytest.approx(11 / 102)
    assert newsroom.values_of("author", "read_rate", DAY) == {"u1": pytest.approx(11 / 102)}


def _views_and_reads(name: str, *, views: int, reads: int) -> list[Row]:
    noon = dt.datetime(2026, 5, 5, 12)
    later = noon + dt.timedelta(seconds=30)
    rows = [view(f"{name} {n}", noon, name, f"{name} {n}") for n in range(views)]
    return rows + [
        engagement(f"{name} {n}", later, 20_000, acts=1, visitor=f"{name} {n}") for n in range(reads)
    ]


def test_articles_without_author_stand_last_under_none(newsroom: Newsroom) -> None:
    newsroom.take(
        view("a", "2026-05-05 12:00", "A1", "p"),
        view("b", "2026-05-05 12:00", "A2", "q"),
        view("c", "2026-05-05 12:00", "A2", "r"),
        view("front", "2026-05-05 12:00", None, "r"),
        article("A1", authors=("u1",)),
    )

    assert newsroom.ranking("author", "views", DAY) == [(1, "u1", 1), (None, None, 2)]
    assert newsroom.ranking("author", "readers", DAY) == [(1, "u1", 1), (None, None, 2)]


# --- 9: small numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(4, 8, 0.215, 0.785), (0, 8, 0, 0.324), (400, 800, 0.465, 0.535)],
)
def test_proportions_have_wilson_intervals(part: int, whole: int, low: float, high: float) -> None:
    found = pl.select(
        *(side.alias(name) for side, name in zip(wilson(pl.lit(part), pl.lit(whole)), "lh", strict=True))
    )

    assert found.row(0) == pytest.approx((low, high), abs=5e-4)


@pytest.mark.parametrize(("count", "low", "high"), [(2, 0.22, 7.22), (0, 0, 3.67)])
def test_counts_per_thousand_have_byars_limits(count: int, low: float, high: float) -> None:
    found = pl.select(*(side.alias(name) for side, name in zip(byar(pl.lit(count)), "lh", strict=True)))

    assert found.row(0) == pytest.approx((low, high), abs=5e-3)


def test_a_rate_is_shown_with_its_interval(example: Newsroom) -> None:
    rate, per_thousand = example.figure("read_rate", DAY), example.figure("comment_rate", DAY)

    assert (rate.low, rate.high) == pytest.approx((0.215, 0.785), abs=5e-4)
    assert (per_thousand.low, per_thousand.high) == pytest.approx(
        (1000 * 0.22 / 4, 1000 * 7.22 / 4), rel=0.03
    )
    assert rate.is_few
    assert not example.figure("reads", DAY).is_few


def test_equal_counts_share_a_rank_in_the_order_of_their_ids(newsroom: Newsroom) -> None:
    counts = {"d": 1, "b": 2, "c": 2, "a": 3}
    newsroom.take(
        *(
            view(f"{name}{n}", "2026-05-05 12:00", name, f"{name}{n}")
            for name, k in counts.items()
            for n in range(k)
        )
    )

    assert newsroom.ranking("article", "views", DAY) == [(1, "a", 3), (2, "b", 2), (2, "c", 2), (4, "d", 1)]


def test_rates_share_a_rank_while_their_intervals_overlap_and_grey_rows_stand_last(
    newsroom: Newsroom,
) -> None:
    newsroom.take(
        *_views_and_reads("high", views=40, reads=36),
        *_views_and_reads("near", views=40, reads=33),
        *_views_and_reads("low", views=40, reads=4),
        *_views_and_reads("few", views=5, reads=5),
    )

    assert [row[:2] for row in newsroom.ranking("article", "read_rate", DAY)] == [
        (1, "high"),
        (1, "near"),
        (3, "low"),
        (None, "few"),
    ]


# --- 11: counter -------------------------------------------------------------------------------------------


def test_the_counter_adds_what_came_after_the_balance(newsroom: Newsroom) -> None:
    newsroom.take(*VIEWS, *ENGAGEMENTS, article("A1", balance=(622, "2026-05-04")))

    def counter(metric: str) -> object:
        return library.counter(newsroom.store, newsroom.site, "A1", metric)["value"]

    assert (counter("views"), counter("fresh_views")) == (628, 627)
    assert newsroom.value("views", BOTH, {"article": ("A1",)}) == 6
    assert newsroom.values_of("article", "views", BOTH)["A1"] == 6


def test_views_up_to_the_day_of_the_balance_are_in_it_already(newsroom: Newsroom) -> None:
    newsroom.take(*VIEWS, article("A1", balance=(622, "2026-05-05")))

    assert library.counter(newsroom.store, newsroom.site, "A1") == {
        "metric": "views",
        "value": 622,
        "opening_balance": 622,
        "as_of": dt.date(2026, 5, 5),
    }


def test_without_a_balance_all_days_count(newsroom: Newsroom) -> None:
    newsroom.take(*VIEWS)

    assert library.counter(newsroom.store, newsroom.site, "A1")["value"] == 6


def test_a_balance_without_events_is_shown(newsroom: Newsroom) -> None:
    newsroom.take(article("A3", balance=(40, "2026-05-04")))

    assert library.counter(newsroom.store, newsroom.site, "A3")["value"] == 40
