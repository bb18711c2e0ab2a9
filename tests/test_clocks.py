"""Clock changes and zones: the table of metrics.md 10, through the store."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.periods import Period, buckets
from analytics.store.store import Store
from tests.builders import utc, view
from tests.newsroom import another


def test_the_repeated_hour_of_autumn_has_two_buckets(shared_store: Store) -> None:
    room = another(shared_store, "Europe/Berlin", "2026-10-26 12:00")
    room.take(view("summer", "2026-10-25 00:30"), view("winter", "2026-10-25 01:30", visitor="q"))
    hours = room.series("views", "2026-10-25", "hour")

    assert len(hours) == 25
    assert {hour: n for hour, n in hours.items() if n} == {
        "2026-10-25T02:00:00+02:00": 1,
        "2026-10-25T02:00:00+01:00": 1,
    }
    assert room.series("views", "2026-10-25", "day") == {"2026-10-25": 2}


def test_the_day_of_the_spring_change_has_23_hours(shared_store: Store) -> None:
    room = another(shared_store, "Europe/Berlin", "2026-03-30 12:00")
    room.take(view("before", "2026-03-29 00:30"), view("after", "2026-03-29 01:30", visitor="q"))
    hours = room.series("views", "2026-03-29", "hour")

    assert len(hours) == 23
    assert not [hour for hour in hours if "T02" in hour]
    assert {hour: n for hour, n in hours.items() if n} == {
        "2026-03-29T01:00:00+01:00": 1,
        "2026-03-29T03:00:00+02:00": 1,
    }


def test_hours_of_half_hour_zones_begin_on_the_half_hour(shared_store: Store) -> None:
    room = another(shared_store, "Asia/Kolkata", "2026-05-06 12:00")
    room.take(view("a", "2026-05-05 12:10"), view("b", "2026-05-05 12:40", visitor="q"))

    assert room.rows("view_facts", ("hour_at",), "event_at")["hour_at"].to_list() == [
        utc("2026-05-05 11:30"),
        utc("2026-05-05 12:30"),
    ]
    assert {hour: n for hour, n in room.series("views", "2026-05-05", "hour").items() if n} == {
        "2026-05-05T17:00:00+05:30": 1,
        "2026-05-05T18:00:00+05:30": 1,
    }


def test_a_view_after_midnight_utc_belongs_to_the_local_day(shared_store: Store) -> None:
    room = another(shared_store, "America/Sao_Paulo", "2026-05-06 13:00")
    room.take(view("a", "2026-05-06 02:50"))

    assert room.series("views", "2026-05-05..2026-05-06", "day") == {"2026-05-05": 1, "2026-05-06": 0}


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Africa/Cairo", "2026-04-24"),  # no midnight
        ("America/Santiago", "2026-09-06"),  # no midnight
        ("Africa/Cairo", "2026-10-29"),  # 23:00 twice
        ("Australia/Lord_Howe", "2026-04-05"),  # 01:30 to 02:00 twice
        ("Australia/Lord_Howe", "2026-10-04"),  # 02:00 to 02:30 missing
        ("America/Havana", "2026-11-01"),  # midnight twice
        ("Asia/Kathmandu", "2026-05-05"),  # +5:45
    ],
)
def test_every_view_of_a_day_stands_in_the_bucket_of_its_time(
    shared_store: Store, zone: str, day: str
) -> None:
    room = another(shared_store, zone, "2026-12-01 12:00")
    period = Period(dt.date.fromisoformat(day), dt.date.fromisoformat(day), zone)
    quarters = int((period.ends - period.begins) / dt.timedelta(minutes=15))
    times = [period.begins + n * dt.timedelta(minutes=15) for n in range(quarters)]
    room.take(*(view(f"v{n}", at, visitor=f"p{n}") for n, at in enumerate(times)))

    expected = {
        bucket.label: sum(bucket.begins <= at < bucket.ends for at in times)
        for bucket in buckets(period, "hour")
    }

    assert expected == room.series("views", day, "hour")
    assert room.series("views", day, "day") == {day: quarters}


@settings(max_examples=8, deadline=None)
@given(
    zone=st.sampled_from(
        [
            "Europe/Berlin",
            "America/New_York",
            "Africa/Cairo",
            "America/Santiago",
            "Australia/Lord_Howe",
            "Asia/Kolkata",
        ]
    ),
    minutes=st.lists(st.integers(0, 365 * 24 * 60), min_size=1, max_size=6, unique=True),
)
def test_hours_add_up_to_days_and_days_to_the_year(
    shared_store: Store, zone: str, minutes: list[int]
) -> None:
    room = another(shared_store, zone, "2027-02-01 00:00")
    times = [utc("2026-01-01 12:00") + dt.timedelta(minutes=each) for each in minutes]
    room.take(*(view(f"v{n}", at, visitor=f"p{n}") for n, at in enumerate(times)))
    days = room.series("views", "2025-12-31..2027-01-02", "day")
    busy = [day for day, n in days.items() if n]
    hours = [sum(n or 0 for n in room.series("views", day, "hour").values()) for day in busy]

    assert hours == [days[day] for day in busy]
    assert sum(n or 0 for n in days.values()) == len(times)
