"""Time: cells in words, slots that advise or do not, parts of the day from the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.desk import Desk
from dashboards import scope
from dashboards.figures import heat
from dashboards.pages import articles, time
from dashboards.pages.time import Week
from tests.builders import Article, Row, article, engagement, utc, view
from tests.dashboards.small import at, cells, desk_of, links, said

WEEK = "/time?period=2026-04-27..2026-05-03"


def pieces(count: int, hour: int, reads: int, name: str) -> list[Article | Row]:
    """Publish pieces at a local hour of three days; each is read half an hour later."""
    made: list[Article | Row] = []
    for n in range(count):
        key, at_ = f"{name}{n}", utc(f"2026-04-{28 + n % 3:02d} {hour + 3:02d}:00")
        made.append(article(key, published_at=at_))
        for reader in range(reads):
            each = f"{key}-{reader}"
            made.append(view(each, at_ + dt.timedelta(minutes=30), key, each))
            made.append(engagement(each, at_ + dt.timedelta(minutes=31), 20_000, acts=2, visitor=each))
    return made


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(
        tmp_path_factory.mktemp("home"),
        view("v0", "2026-04-01 12:00"),
        view("v1", "2026-05-06 12:00"),
        *pieces(30, 8, 1, "M"),
        *pieces(21, 19, 4, "E"),
        *pieces(2, 13, 1, "N"),
    ) as opened:
        yield opened


def week(desk: Desk, address: str = WEEK) -> Week:
    return time.asked(scope.resolve(desk, at(address), time.PERIOD))


def test_eight_whole_weeks_are_the_period(desk: Desk) -> None:
    shown = scope.resolve(desk, at("/time"), time.PERIOD).period

    assert (shown.first, shown.last) == (dt.date(2026, 3, 9), dt.date(2026, 5, 3))


def test_the_sentence_sets_reading_against_publishing(desk: Desk) -> None:
    words = said(time.sentence(week(desk)))

    assert "of the reads fall between 18:00 and 22:00" in words
    assert "57 % of the pieces come out between 06:00 and 10:00" in words


def test_charts_have_their_numbers_as_tables(desk: Desk) -> None:
    assert "Hour Mon Tue Wed" in said(time.reading(week(desk)))
    assert "53 pieces by the hour of publication" in said(time.publishing(week(desk)))
    assert "news without readers" in said(time.balance(week(desk)))


def test_the_clearest_hours_are_named_with_their_n(desk: Desk) -> None:
    words = said(time.cells(week(desk)))

    assert "News waits" in words
    assert "(n 10)" in words


def test_an_hour_opens_the_pieces_that_came_out_or_were_read_in_it(desk: Desk) -> None:
    found = links(time.cells(week(desk)))
    pieces_of = found["Tuesday 08:00"]
    assert pieces_of == "/articles?period=2026-04-27..2026-05-03&basis=published_in&hour=2-8"
    assert len(cells(articles.articles(desk, at(pieces_of)))) == 10 + 1  # and the last row over all

    table = links(time.reading(week(desk)))
    assert table["28"] == "/articles?period=2026-04-27..2026-05-03&hour=4-19"  # of three days, the last one
    drawn = heat(week(desk).read, unit="reads", leads=lambda day, hour: f"{day} {hour}")
    assert drawn["layout"]["meta"]["cells"][1][19] == "2 19"


def test_a_slot_advises_only_with_enough_pieces_and_apart_from_now(desk: Desk) -> None:
    words = said(time.planner(week(desk)))

    assert "now" in words
    assert "▲ +300" in words
    assert "too few (n 2)" in words
    assert "an estimate" in words


def test_parts_of_the_day_come_from_the_address(desk: Desk) -> None:
    assert "20:00 to 05:00" in said(time.planner(week(desk, f"{WEEK}&parts=5,12,20")))
    for wrong in ("20,5", "5", "5,24", "5,x"):
        assert at(f"/time?parts={wrong}").refused


def test_the_files_are_the_cells_and_the_slots(desk: Desk) -> None:
    names, rows = time.rows(desk, at(WEEK))
    assert len(rows) == 168
    assert {"weekday", "hour", "reads", "piece_share", "days"} <= set(names)
    assert [row[1] for row in time.slot_rows(desk, at(WEEK))[1]] == [30, 2, 21]


def test_a_section_without_pieces_says_so(desk: Desk) -> None:
    nothing = week(desk, f"{WEEK}&section=Sport")

    assert "Nothing was published" in said(time.publishing(nothing))
    assert "Too few to compare" in said(time.balance(nothing))
    assert "too few" in said(time.planner(nothing))


def test_a_day_of_another_length_is_named(tmp_path: Path) -> None:
    with desk_of(tmp_path, view("v0", "2026-05-05 12:00")) as opened:
        assert "clocks change" not in said(time.foot(opened, at(WEEK)))
    assert time._hours_of(dt.date(2026, 3, 29), "Europe/Berlin") == 23
