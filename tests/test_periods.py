"""Periods, local days and buckets: no gap, no overlap, whatever the clocks do."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import ConfigError, PeriodError
from analytics.periods import (
    Period,
    buckets,
    day_begins,
    last_days,
    local_day,
    local_time,
    parse,
    previous,
    same_weekdays,
    week_of,
    year_ago,
)
from analytics.store.localtime import day_local, hour_at
from analytics.zones import zone_of
from tests.builders import utc

TODAY = dt.date(2026, 5, 6)
BERLIN = "Europe/Berlin"
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "America/Santiago",
    "America/Havana",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
)
zones = st.sampled_from(ZONES)
days = st.dates(dt.date(2019, 1, 1), dt.date(2027, 12, 30))
instants = st.datetimes(utc("2019-01-01"), utc("2027-12-30")).map(lambda at: at.replace(microsecond=0))
laws = settings(deadline=None, max_examples=100)


# --- texts of addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2026-05-06", "2026-05-06"),
        ("yesterday", "2026-05-05", "2026-05-05"),
        ("7d", "2026-04-29", "2026-05-05"),
        ("28d", "2026-04-08", "2026-05-05"),
        ("90d", "2026-02-05", "2026-05-05"),
        ("2026-05", "2026-05-01", "2026-05-31"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2028-02", "2028-02-01", "2028-02-29"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("2026-05-01", "2026-05-01", "2026-05-01"),
        ("2026-05-01..2026-05-10", "2026-05-01", "2026-05-10"),
    ],
)
def test_a_period_is_read_from_an_address(text: str, first: str, last: str) -> None:
    period = parse(text, TODAY, BERLIN)

    assert (str(period.first), str(period.last), period.key) == (first, last, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "tomorrow",
        "8d",
        "2026",
        "2026-5",
        "2026-13",
        "2026-00",
        "2026-02-30",
        "2026-05-01..",
        "..2026-05-01",
        "2026-05-10..2026-05-01",
        "2026-05-01..2026-05-02..2026-05-03",
        "2026-05-01T00:00",
        "20260501",
        "2026-W18-5",
        "0001-01-01",
        "9999-12-31",
        "9999-12",
        "' OR 1=1 --",
    ],
)
def test_other_texts_are_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(PeriodError) as refusal:
        parse(text, TODAY, BERLIN)

    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    "name", ["", "Berlin", "europe/berlin", "../etc/passwd", "Europe", "localtime", "Factory"]
)
def test_a_zone_that_does_not_exist_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(ConfigError, match="is no time zone"):
        zone_of(name)


# --- comparisons -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "back"), [(1, 7), (7, 7), (8, 14), (10, 14), (28, 28), (30, 35), (90, 91)]
)
def test_the_previous_period_lies_whole_weeks_back(length: int, back: int) -> None:
    period = last_days(dt.date(2026, 5, 5), length, BERLIN)
    before = previous(period)

    assert (period.first - before.first).days == back
    assert before.length == length
    assert before.last < period.first


@laws
@given(last=days, length=st.integers(1, 400))
def test_comparisons_match_the_weekdays(last: dt.date, length: int) -> None:
    period = last_days(last, length, BERLIN)

    for other in (previous(period), year_ago(period)):
        assert [day.weekday() for day in period.days] == [day.weekday() for day in other.days]
    assert previous(period).last < period.first


def test_sixteen_same_weekdays_lie_before_a_day() -> None:
    found = same_weekdays(dt.date(2026, 5, 5))

    assert len(found) == 16
    assert found[0] == dt.date(2026, 4, 28)
    assert {day.weekday() for day in found} == {1}


# --- days and buckets tile time ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "hours", "begins"),
    [
        ("Europe/Berlin", "2026-03-29", 23, "2026-03-28 23:00"),
        ("Europe/Berlin", "2026-10-25", 25, "2026-10-24 22:00"),
        ("Africa/Cairo", "2026-04-24", 23, "2026-04-23 22:00"),  # midnight does not exist
        ("America/Santiago", "2026-09-06", 23, "2026-09-06 04:00"),  # midnight does not exist
        ("Australia/Lord_Howe", "2026-04-05", 24.5, "2026-04-04 13:00"),
        ("Australia/Lord_Howe", "2026-10-04", 23.5, "2026-10-03 13:30"),
        ("America/Havana", "2026-11-01", 25, "2026-11-01 04:00"),  # midnight exists twice
        ("Asia/Kolkata", "2026-05-05", 24, "2026-05-04 18:30"),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(zone: str, day: str, hours: float, begins: str) -> None:
    period = parse(day, TODAY, zone)

    assert period.begins == utc(begins)
    assert period.ends - period.begins == dt.timedelta(hours=hours)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", [2024, 2026])
def test_days_tile_the_year(zone: str, year: int) -> None:
    period = Period(dt.date(year, 1, 1), dt.date(year, 12, 31), zone)
    each = [Period(day, day, zone) for day in period.days]

    assert [day.ends for day in each[:-1]] == [day.begins for day in each[1:]]
    assert (each[0].begins, each[-1].ends) == (period.begins, period.ends)
    assert all(dt.timedelta(hours=23) <= day.ends - day.begins <= dt.timedelta(hours=25) for day in each)


@laws
@given(at=instants, zone=zones)
def test_every_instant_lies_in_its_local_day(at: dt.datetime, zone: str) -> None:
    day = local_day(at, zone)

    assert day_begins(day, zone) <= at < day_begins(day + dt.timedelta(days=1), zone)


@laws
@given(first=days, length=st.integers(1, 40), zone=zones, grain=st.sampled_from(("hour", "day", "week")))
def test_buckets_tile_their_period(first: dt.date, length: int, zone: str, grain: str) -> None:
    period = Period(first, first + dt.timedelta(days=length - 1), zone)
    found = buckets(period, grain)  # type: ignore[arg-type]  # sampled from the three

    assert [bucket.ends for bucket in found[:-1]] == [bucket.begins for bucket in found[1:]]
    assert (found[0].begins, found[-1].ends) == (period.begins, period.ends)
    assert len({bucket.label for bucket in found}) == len(found)
    assert all(bucket.begins < bucket.ends for bucket in found)


@laws
@given(at=instants, zone=zones)
def test_frames_and_single_values_agree_on_days_and_hours(at: dt.datetime, zone: str) -> None:
    frame = pl.DataFrame({"moment": [at]}, schema={"moment": pl.Datetime("us")})
    day, hour = frame.select(day_local(pl.col("moment"), zone), hour=hour_at(pl.col("moment"), zone)).row(0)
    local = local_time(at, zone)

    assert day == local_day(at, zone)
    assert at - hour == dt.timedelta(minutes=local.minute, seconds=local.second)


def test_weeks_begin_on_monday_and_are_cut_to_the_period() -> None:
    found = buckets(parse("2026-05-01..2026-05-12", TODAY, BERLIN), "week")

    assert [bucket.label for bucket in found] == ["2026-05-01", "2026-05-04", "2026-05-11"]


def test_hours_bear_their_offset() -> None:
    found = [bucket.label for bucket in buckets(parse("2026-10-25", TODAY, BERLIN), "hour")]

    assert len(found) == 25
    assert found[2:4] == ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]


@pytest.mark.parametrize(
    ("length", "grain"), [(1, "hour"), (3, "hour"), (4, "day"), (90, "day"), (91, "week")]
)
def test_the_grain_of_the_main_chart_follows_the_length(length: int, grain: str) -> None:
    assert last_days(dt.date(2026, 5, 5), length, BERLIN).grain == grain


def test_months_are_cut_to_the_period() -> None:
    found = buckets(parse("2026-01-30..2026-03-02", dt.date(2026, 5, 1), "UTC"), "month")

    assert [each.label for each in found] == ["2026-01-30", "2026-02-01", "2026-03-01"]


def test_whole_weeks_end_with_the_last_sunday_that_is_over() -> None:
    sunday = dt.date(2026, 5, 3)

    for today in (sunday + dt.timedelta(days=n) for n in range(1, 8)):
        found = parse("8w", today, "UTC")
        assert (found.last, found.length) == (sunday, 56)


def test_an_iso_week_is_a_period_of_its_own() -> None:
    found = parse("2026-W19", dt.date(2026, 5, 5), "UTC")

    assert (found.first, found.last, found.key) == (dt.date(2026, 5, 4), dt.date(2026, 5, 10), "2026-W19")
    assert week_of(found.last) == "2026-W19"
    for wrong in ("2026-W00", "2026-W54", "2025-W53", "0001-W01"):
        with pytest.raises(PeriodError):
            parse(wrong, dt.date(2026, 5, 5), "UTC")
