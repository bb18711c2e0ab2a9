from __future__ import annotations

from analytics.sql.processor import LOOK_S, Processor, of_machine


def test_there_is_time_where_a_quarter_of_the_processor_was_left_since_the_last_look() -> None:
    now, left, every = 0.0, 900, 1_000
    processor = Processor(lambda: (left, every), lambda: now)
    assert not processor.has_time()  # nobody has looked for long enough

    now, left, every = LOOK_S, 930, 1_100
    assert processor.has_time()
    now, left, every = 1.5 * LOOK_S, 930, 1_150
    assert processor.has_time()  # too soon to tell
    now, left, every = 2 * LOOK_S, 950, 1_200
    assert not processor.has_time()


def test_where_nobody_counts_there_is_none() -> None:
    now = 0.0
    processor = Processor(lambda: (0, 0), lambda: now)
    now = 2 * LOOK_S

    assert not processor.has_time()


def test_the_machines_own_counters_only_grow() -> None:
    before, after = of_machine(), of_machine()

    assert 0 <= before[0] <= before[1] <= after[1]
