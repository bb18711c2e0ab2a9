"""Hours and weekdays: local cells, clock changes, honest shares, slots with their intervals."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from analytics.periods import Period
from analytics.queries import rhythm
from analytics.queries.ask import Ask, Filter
from analytics.store.store import Store
from tests.builders import Article, Row, article, engagement, utc, view
from tests.newsroom import Newsroom, another

MONDAY = "2026-05-04"


def cells(frame: pl.DataFrame, *names: str) -> dict[tuple[int, int], tuple[object, ...]]:
    return {(day, hour): rest for day, hour, *rest in frame.select("weekday", "hour", *names).rows()}  # type: ignore[misc]


def read(name: str, at: str, times: int, article_id: str = "A1") -> list[Row]:
    opened = utc(at)
    rows: list[Row] = []
    for n in range(times):
        each = f"{name}{n}"
        rows.append(view(each, opened, article_id, each))
        rows.append(engagement(each, opened + dt.timedelta(minutes=1), 20_000, acts=2, visitor=each))
    return rows


def test_cells_are_local_and_means_of_their_days(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v0", "2026-04-20 12:00"),
        *read("a", "2026-04-21 02:30", 3),  # Monday 23:30 in Sao Paulo
        *read("b", "2026-04-28 02:30", 1),
    )
    found = cells(
        rhythm.reading(newsroom.store, newsroom.asked("2026-04-20..2026-05-03"), newsroom.now, "reads"),
        "total",
        "days",
        "value",
        "is_few",
    )

    assert len(found) == 168
    assert list(found[1, 23]) == [4, 2, 2.0, True]
    assert list(found[2, 2]) == [0, 1, 0.0, True]  # the source was silent after 28 April, 48 h later unknown


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        ("2026-10-25", 2, [2, 1, 2.0]),  # 02:30 twice: one day, one cell
        ("2026-03-29", 2, [0, 0, None]),  # no such hour: unknown, not 0
    ],
)
def test_days_of_clock_changes(store: Store, day: str, hour: int, expected: list[object]) -> None:
    room = another(store, "Europe/Berlin", now="2026-11-01 12:00")
    room.take(
        view("v0", "2026-03-01 12:00"),
        view("v1", "2026-10-25 00:30"),
        view("v2", "2026-10-25 01:30", visitor="q"),
        view("v3", "2026-11-01 11:00"),
    )
    on = dt.date.fromisoformat(day)
    ask = Ask(Filter(room.site), Period(on, on, room.zone))
    found = cells(rhythm.reading(room.store, ask, room.now, "views"), "total", "days", "value")

    assert list(found[7, hour]) == expected


def test_an_hour_leans_only_where_the_interval_of_its_pieces_allows_it(newsroom: Newsroom) -> None:
    nine = [article(f"A{n}", published_at=utc("2026-05-04 12:00")) for n in range(29)]
    newsroom.take(
        *nine,
        article("B1", published_at=utc("2026-05-04 13:00")),
        *read("a", "2026-05-04 12:10", 10, "A1"),
        *read("b", "2026-05-04 13:10", 2, "A2"),
        *read("c", "2026-05-04 14:10", 28, "A2"),
    )
    ask = newsroom.asked(MONDAY)
    both = rhythm.balance(
        rhythm.reading(newsroom.store, ask, newsroom.now, "reads"),
        rhythm.publishing(newsroom.store, ask, newsroom.now),
    )
    found = cells(both, "pieces", "place")

    assert list(found[1, 9]) == [29, "below"]
    assert list(found[1, 10]) == [1, "typical"]  # 3 % of the pieces may well be 5 %
    assert list(found[1, 11]) == [0, "above"]
    assert both["read_share"].sum() == pytest.approx(1)
    assert both["piece_share"].sum() == pytest.approx(1)


def test_few_reads_or_pieces_lean_nowhere(newsroom: Newsroom) -> None:
    newsroom.take(article("A1", published_at=utc("2026-05-04 12:00")), *read("a", "2026-05-04 12:10", 40))
    ask = newsroom.asked(MONDAY)
    both = rhythm.balance(
        rhythm.reading(newsroom.store, ask, newsroom.now, "reads"),
        rhythm.publishing(newsroom.store, ask, newsroom.now),
    )

    assert both["place"].count() == 0


def test_parts_of_the_day_take_every_hour_once() -> None:
    both = pl.DataFrame(
        [(day, hour, 1, 1 / 168, 2, 1 / 168) for day in range(1, 8) for hour in range(24)],
        schema=["weekday", "hour", "reads", "read_share", "pieces", "piece_share"],
        orient="row",
    )
    found = rhythm.parts(both, [6, 10, 22])

    assert found.select("part", "reads").rows() == [(0, 28), (1, 84), (2, 56)]  # the last runs over midnight


def _pieces(count: int, hour: int, reads: int, name: str) -> list[Article | Row]:
    made: list[Article | Row] = []
    for n in range(count):
        key = f"{name}{n}"
        made.append(article(key, published_at=utc(f"2026-05-0{n % 3 + 1} {hour + 3:02d}:00")))
        made += read(key, f"2026-05-0{n % 3 + 1} {hour + 3:02d}:30", reads + n % 3, key)
    return made


def test_a_slot_has_its_median_its_n_and_an_interval(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v0", "2026-04-01 12:00"),
        *_pieces(24, 9, 1, "M"),
        *_pieces(6, 15, 4, "E"),
        article("old", published_at=utc("2026-05-02 12:00")),  # nobody opened it: 0 counts
        article("young", published_at=utc("2026-05-06 12:00")),
        *read("late", "2026-05-06 03:00", 30, "M0"),  # four days old: beyond the first 24 hours
    )
    found = rhythm.slots(
        newsroom.store, newsroom.asked("2026-05-01..2026-05-06"), newsroom.now, "reads", [6, 14]
    )
    morning, evening = found.to_dicts()

    assert (morning["part"], morning["n"], morning["median"]) == (0, 25, 2)
    assert (morning["low"], morning["high"]) == (1, 3)
    assert (evening["n"], evening["median"], evening["is_few"], evening["low"]) == (6, 5, True, None)
    assert rhythm.present(found) == 0


def test_without_pieces_there_is_no_present_slot(newsroom: Newsroom) -> None:
    newsroom.take(view("v0", "2026-05-04 12:00"))
    found = rhythm.slots(newsroom.store, newsroom.asked(MONDAY), newsroom.now, "reads", [6, 14])

    assert found.is_empty()
    assert rhythm.present(found) is None
