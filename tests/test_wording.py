from datetime import UTC, date, datetime

import pytest

from analytics import language, wording

T = wording.THIN


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0"),
        (999, "999"),
        (999.6, "1.0k"),
        (1_000, "1.0k"),
        (1_204, "1.2k"),
        (9_960, "10.0k"),
        (61_412, "61.4k"),
        (99_960, "100k"),
        (108_204, "108k"),
        (999_600, "1.0M"),
        (1_304_000, "1.3M"),
        (108_000_000, "108M"),
        (2.5, "2.5"),
        (-1_204, "−1.2k"),
        (None, "—"),
        (float("nan"), "—"),
    ],
)
def test_compact_has_at_most_three_significant_figures(number: float | None, expected: str) -> None:
    assert expected == wording.compact(number)


@pytest.mark.parametrize(
    ("number", "expected"),
    [(5_310, "5,310"), (9_999, "9,999"), (10_000, "10.0k"), (38_912, "38.9k"), (None, "—")],
)
def test_tables_write_in_full_below_ten_thousand(number: int | None, expected: str) -> None:
    assert expected == wording.table(number)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.71, f"71{T}%"),
        (0.041, f"4.1{T}%"),
        (0.08, f"8{T}%"),
        (0, f"0{T}%"),
        (1, f"100{T}%"),
        (0.0999, f"10{T}%"),
        (0.0002, f"<0.1{T}%"),
        (0.285, f"29{T}%"),
        (None, "—"),
    ],
)
def test_percent_keeps_the_decimal_that_matters(share: float | None, expected: str) -> None:
    assert expected == wording.percent(share)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.14, f"+14{T}%"),
        (-0.16, f"−16{T}%"),
        (0.001, f"0{T}%"),
        (9.99, f"+999{T}%"),
        (10.0, ">10×"),
        (None, "—"),
    ],
)
def test_changes_carry_their_sign(share: float | None, expected: str) -> None:
    assert expected == wording.change(share)


def test_a_difference_from_nothing_is_new() -> None:
    assert wording.difference(5, 0) == "new"
    assert wording.difference(0, 0) == "—"
    assert wording.difference(114, 100) == f"+14{T}%"


@pytest.mark.parametrize(
    ("unit", "number", "expected"),
    [
        ("reads", 38_912, "38.9k"),
        ("s", 112, "1:52"),
        ("s", 4_629_600, f"1,286{T}h"),
        ("h", 4_629_600, f"1,286{T}h"),
        ("h", 720, f"12{T}min"),
        ("h", 16_200, f"4.5{T}h"),
        ("share", 0.71, f"71{T}%"),
        ("per_1000", 28.61, "28.6"),
        ("min", 46, f"46{T}min"),
        ("min", 200, f"3{T}h 20{T}min"),
        ("score", 69.5, "70"),
        ("ratio", 2.25, "2.3×"),
        ("ratio", 12, ">10×"),
        ("reads", None, "—"),
        ("share", None, "—"),
        ("s", 0, "0:00"),
    ],
)
def test_a_unit_decides_how_its_number_is_written(unit: str, number: float | None, expected: str) -> None:
    assert expected == wording.value(unit, number)


def test_a_card_gets_its_unit_apart() -> None:
    assert wording.split("h", 4_629_600) == ("1,286", "h")
    assert wording.split("reads", 38_912) == ("38.9k", "")
    assert wording.split("share", 0.71) == (f"71{T}%", "")


@pytest.mark.parametrize(
    ("unit", "low", "high", "expected"),
    [
        ("reads", 31_000, 36_812, "31.0k to 36.8k"),
        ("share", 0.7, 0.72, f"70 to 72{T}%"),
        ("s", 60, 112, "1:00 to 1:52"),
        ("h", 3_780_000, 4_464_000, f"1,050 to 1,240{T}h"),
        ("reads", None, 3, "—"),
    ],
)
def test_intervals_are_written_in_words(unit: str, low: float | None, high: float, expected: str) -> None:
    assert expected == wording.interval(unit, low, high)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (3_000, f"50{T}min"),
        (64_800, f"18{T}h"),
        (137_000, f"38{T}h"),
        (3 * 86_400, f"3{T}d"),
        (7.1 * 365 * 86_400, f"7{T}y"),
    ],
)
def test_an_age_has_one_unit(seconds: float, expected: str) -> None:
    assert expected == wording.age(seconds)


def test_dates_are_english_without_a_locale() -> None:
    day = date(2026, 11, 18)

    assert wording.day_long(day) == "Wednesday 18 November 2026"
    assert wording.day_short(day) == "18 Nov"
    assert wording.day_named(day) == "Wed 18 Nov"
    assert wording.days(date(2026, 10, 22), day) == "22 Oct to 18 Nov 2026"
    assert wording.days(date(2025, 12, 30), date(2026, 1, 2)) == "30 Dec 2025 to 2 Jan 2026"


def test_a_moment_is_as_short_as_it_stays_clear() -> None:
    now = datetime(2026, 11, 18, 12, tzinfo=UTC)

    assert wording.moment(datetime(2026, 11, 17, 17, 40, tzinfo=UTC), now) == "Tue 17:40"
    assert wording.moment(datetime(2026, 11, 3, 9, tzinfo=UTC), now) == "3 Nov"
    assert wording.moment(datetime(2019, 11, 3, 9, tzinfo=UTC), now) == "3 Nov 2019"


def test_what_runs_from_right_to_left_changes_no_places_with_what_stands_beside_it() -> None:
    section = "\u2068سياسة\u2069"

    assert wording.joined("سياسة", "18 h old", "", None) == f"{section} · 18 h old"
    assert wording.joined("პოლიტიკა", "Sport 2") == "პოლიტიკა · Sport 2"
    assert language._("in {section}", section="سياسة") == f"in {section}"
    assert wording.listed(["Ann", "ليلى"]) == "Ann and \u2068ليلى\u2069"


def test_words_around_numbers_agree() -> None:
    assert wording.counted(1, "read") == "1 read"
    assert wording.counted(5_310, "read") == "5,310 reads"
    assert wording.counted(2, "piece") == "2 pieces"
    assert [wording.ordinal(n) for n in (1, 2, 3, 4, 11, 22, 103)] == [
        "1st",
        "2nd",
        "3rd",
        "4th",
        "11th",
        "22nd",
        "103rd",
    ]
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert wording.points(0.05) == f"+5{T}pts"
    assert wording.signed(-12) == "−12"


def test_the_chip_says_above_typical_or_below_in_words() -> None:
    assert wording.expected_chip(2.3, "above", 288).text == "▲ 2.3× above"
    assert wording.expected_chip(0.9, "typical", 288).text == "0.9× typical"
    assert wording.expected_chip(0.6, "below", 288, short=True) == wording.Chip(
        "▼ 0.6×", "below", "below what is expected", 0.6
    )


def test_chips_hold_back_where_little_is_known() -> None:
    assert wording.expected_chip(2.3, "above", 14).text == f"too few (n{T}14)"
    assert wording.expected_chip(None, None, 300).tone == "outline"
    assert wording.expected_chip(None, "above", 300).text == "▲ above"
    assert wording.expected_chip(2.3, "above", 288, is_early=True).text == "early"
    assert wording.change_chip(0.4, "above", is_few=True).tone == "outline"
    assert wording.change_chip(None, None).text == "—"
    assert wording.change_chip(None, None, is_new=True).text == "new"


def test_a_change_chip_carries_arrow_and_tone_of_its_place() -> None:
    assert wording.change_chip(0.14, "above").text == f"▲ +14{T}%"
    assert wording.change_chip(-0.16, "below").text == f"▼ −16{T}%"
    assert wording.change_chip(0.01, "typical").text == f"+1{T}%"


def test_the_range_stands_beside_the_number_in_words() -> None:
    assert wording.place_words("above", "reads", 31_000, 36_800) == "above typical: 31.0k to 36.8k"
    assert wording.place_words("typical", "reads", 22_900, 26_100) == "typical: 22.9k to 26.1k"
    assert wording.place_words(None, "reads", None, None) == "no typical range yet"


def test_a_share_just_outside_its_range_is_not_worded_as_its_end() -> None:
    said = wording.place_words("below", "share", 0.614, 0.653, 0.6086).replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )

    assert said == "below typical: 61.4 to 65.3 %"
    assert "61 to 65" in wording.place_words("below", "share", 0.614, 0.653, 0.55)
