from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import TearsheetError
from analytics.reports.schedule import due_between, next_due, read, rests_between

BERLIN = "Europe/Berlin"
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "UTC",
)


def due(text: str, first: str, last: str, zone: str = BERLIN, holidays: tuple[str, ...] = ()) -> list[str]:
    found = due_between(
        read(text, zone, holidays), dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(last)
    )
    return [f"{at:%m-%d %H:%M}" for at in found]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("every weekday at 07:00", "every weekday at 07:00"),
        ("weekdays at 7:00", "every weekday at 07:00"),
        ("every day at 6.30", "every day at 06:30"),
        ("every Monday and Thursday at 8 am", "every Monday and Thursday at 08:00"),
        ("on Mon, Wed at 5 pm", "every Monday and Wednesday at 17:00"),
        ("on day 1 of each month at 08:00", "on day 1 of each month at 08:00"),
        ("every hour", "every hour"),
        ("24 hours and 7 days after each piece", "24 hours and 7 days after each piece"),
        ("a week, 24h after every article", "24 hours and 7 days after each piece"),
        ("one day after each piece", "24 hours after each piece"),
        ("0 7 * * 1-5", "at 07:00, monday through friday"),
    ],
)
def test_schedules_are_read_and_said_in_plain_words(text: str, words: str) -> None:
    assert read(text, BERLIN).words == words


def test_a_zone_at_the_end_wins() -> None:
    assert read("every weekday at 07:00 America/New_York", BERLIN).zone == "America/New_York"


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 7 * * 1-5", "every weekday at 07:00"),
        ("30 6 * * *", "every day at 06:30"),
        ("0 8 * * mon,thu", "every Monday and Thursday at 08:00"),
        ("0 8 * * 0", "every Sunday at 08:00"),
        ("0 8 * * 7", "every Sunday at 08:00"),
        ("0 8 1 * *", "on day 1 of each month at 08:00"),
        ("0 */1 * * *", "every hour"),
    ],
)
def test_cron_and_words_mean_the_same(cron: str, words: str) -> None:
    begin, end = "2026-01-01", "2027-01-01"

    assert due(cron, begin, end) == due(words, begin, end)


def test_cron_takes_a_day_that_fits_the_month_or_the_week() -> None:
    assert due("0 8 13 * 5", "2026-11-01", "2026-11-30", "UTC") == [
        "11-06 08:00", "11-13 08:00", "11-20 08:00", "11-27 08:00"
    ]  # fmt: skip


def test_a_time_that_a_clock_change_swallows_is_due_when_the_clock_jumps() -> None:
    # Sunday 29 March 2026: 02:00 becomes 03:00 in Berlin, at 01:00 UTC.
    assert due("every day at 02:30", "2026-03-28 12:00", "2026-03-30 12:00") == ["03-29 01:00", "03-30 00:30"]


def test_several_swallowed_times_are_due_once() -> None:
    assert due("0,15,30,45 2 * * *", "2026-03-29 00:00", "2026-03-29 12:00") == ["03-29 01:00"]


def test_a_time_that_comes_twice_is_due_once() -> None:
    # Sunday 25 October 2026: 03:00 becomes 02:00 in Berlin, at 01:00 UTC.
    assert due("every day at 02:30", "2026-10-24 12:00", "2026-10-26 12:00") == ["10-25 00:30", "10-26 01:30"]


def test_a_swallowed_midnight_is_due_at_the_change() -> None:
    # Beirut, 29 March 2026: 00:00 becomes 01:00, at 22:00 UTC of the day before.
    assert due("every day at 00:15", "2026-03-28 12:00", "2026-03-29 12:00", "Asia/Beirut") == ["03-28 22:00"]


def test_holidays_are_left_out() -> None:
    found = due("every day at 07:00", "2026-12-23", "2026-12-27", "UTC", ("2026-12-24", "12-25"))

    assert found == ["12-23 07:00", "12-26 07:00"]


def test_a_country_rests_on_its_holidays_and_says_which() -> None:
    schedule = read("every day at 07:00", BERLIN, ("DE-BE", "2026-12-28..2026-12-30"))
    begin, end = dt.datetime(2026, 12, 24), dt.datetime(2027, 1, 2)

    rests = rests_between(schedule, begin, end)

    assert [f"{at:%m-%d}" for at in due_between(schedule, begin, end)] == ["12-24", "12-27", "12-31"]
    assert [(f"{at:%m-%d}", why) for at, why in rests] == [
        ("12-25", "Christmas Day (DE-BE)"), ("12-26", "Second Day of Christmas (DE-BE)"),
        ("12-28", "a day off"), ("12-29", "a day off"), ("12-30", "a day off"),
        ("01-01", "New Year's Day (DE-BE)"),
    ]  # fmt: skip
    assert next_due(schedule, dt.datetime(2026, 12, 24, 12)) == dt.datetime(2026, 12, 27, 6)


@pytest.mark.parametrize("text", ["2026-02-30", "QQ", "DE-XX", "2026-12-31..2026-01-01", "soon", "13-01"])
def test_what_is_no_holiday_is_refused(text: str) -> None:
    with pytest.raises(TearsheetError):
        read("every day at 07:00", BERLIN, (text,))


def test_what_never_comes_is_none() -> None:
    assert next_due(read("0 7 31 2 *", "UTC"), dt.datetime(2026, 1, 1)) is None


@pytest.mark.parametrize(
    "text",
    ["", "sometimes", "every blursday at 07:00", "every day at 25:00", "every day at 13 pm", "61 7 * * *",
     "0 7 * * 8", "*/0 * * * *", "5-1 * * * *", "every day", "on day 40 of each month at 08:00", "x x x x x"],
)  # fmt: skip
def test_what_is_no_schedule_is_refused_with_examples(text: str) -> None:
    with pytest.raises(TearsheetError) as refusal:
        read(text, BERLIN)

    assert "every weekday at 07:00" in refusal.value.hint


def test_what_is_no_zone_or_holiday_is_refused() -> None:
    for zone, holiday in (("Mars/Olympus", "2026-12-24"), (BERLIN, "2026-02-30")):
        with pytest.raises(TearsheetError):
            read("every day at 07:00", zone, (holiday,))


@given(
    zone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    day=st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31)),
)
def test_a_daily_report_is_due_once_on_every_local_day(
    zone: str, hour: int, minute: int, day: dt.date
) -> None:
    schedule = read(f"{minute} {hour} * * *", zone)

    assert len(schedule.on(day)) == 1


@given(
    zone=st.sampled_from(ZONES),
    cron=st.sampled_from(["0 7 * * 1-5", "30 2 * * *", "0 * * * *", "0 8 1 * *"]),
    first=st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 12, 31)),
    cuts=st.lists(st.integers(1, 60 * 24 * 9), max_size=6),
)
def test_however_time_is_cut_the_same_is_due(
    zone: str, cron: str, first: dt.datetime, cuts: list[int]
) -> None:
    schedule = read(cron, zone)
    until = first + dt.timedelta(days=10)
    stops = [first, *sorted(first + dt.timedelta(minutes=cut) for cut in cuts), until]

    parts = [at for begin, end in pairwise(stops) for at in due_between(schedule, begin, end)]

    assert parts == due_between(schedule, first, until)
