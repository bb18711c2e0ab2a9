"""How soon the running day is counted again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analytics.jobs.pace import Pace

LEAST_S, SHARE, SAVED_S = 1.0, 10.0, 6.0

seconds = st.floats(0.01, 60.0)


def paced() -> Pace:
    return Pace(LEAST_S, SHARE, SAVED_S)


def test_after_a_pause_a_few_recounts_follow_each_other_at_once() -> None:
    pace, now, rests = paced(), 100.0, []
    for _ in range(5):
        now += 0.25
        rests.append(pace.rest(0.25, now - 0.25, now))
        now += rests[-1]

    assert rests == [0.75] * 5


def test_what_goes_on_rests_nine_times_as_long_as_it_works() -> None:
    pace, now, rest = paced(), 0.0, 0.0
    for _ in range(50):
        now += rest + 2.0
        rest = pace.rest(2.0, now - 2.0, now)

    assert round(rest, 6) == 18.0


def test_a_long_recount_rests_no_longer_than_its_share() -> None:
    assert paced().rest(100.0, 900.0, 1_000.0) <= 9 * 100.0


def test_what_a_recount_waited_for_is_no_work() -> None:
    pace, now, rest = paced(), 0.0, 0.0
    for _ in range(50):
        began = now + rest
        now = began + 9.0  # of which it was at work for a tenth
        rest = pace.rest(0.9, began, now)

    assert rest == 0.0


@given(st.lists(st.tuples(seconds, seconds, seconds), min_size=1, max_size=40))
def test_recounts_take_their_share_and_what_was_saved(works: list[tuple[float, float, float]]) -> None:
    pace, now, worked = paced(), 0.0, 0.0
    for took, waited, idle in works:
        began, now, worked = now, now + took + waited, worked + took
        now += pace.rest(took, began, now) + idle  # rests as it is told, then waits for an event

        assert worked <= SAVED_S + now / SHARE + 1e-6
