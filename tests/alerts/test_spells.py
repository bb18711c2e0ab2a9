"""How readings make an alert: laws over any sequence, and the table by hand."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alerts.spells import Followed, Read, Reading, Spell, follow

BEGAN = dt.datetime(2026, 5, 4)
HOUR = dt.timedelta(hours=1)
LETTERS = {"x": True, ".": False, "?": None}


def read(*lines: str) -> Read:
    """Write readings as a line an entity: x outside, . inside, ? unknown; a blank is no reading."""
    readings = [
        Reading(
            entity=f"e{number}",
            began=BEGAN + place * HOUR,
            at=BEGAN + (place + 1) * HOUR,
            value=float(place),
            is_out=LETTERS[letter],
        )
        for number, line in enumerate(lines)
        for place, letter in enumerate(line)
        if letter != " "
    ]
    return Read(readings=tuple(readings))


def opened(found: Followed) -> list[tuple[str, int]]:
    """List when spells opened: entity and the hour of the reading."""
    spells = [*found.ended, *found.going.values()]
    return sorted(
        (each.entity, round((each.opening.at - BEGAN) / HOUR) - 1) for each in spells if each.opening
    )


@pytest.mark.parametrize(
    ("line", "needed", "hours", "is_open"),
    [
        ("x", 1, [0], True),
        ("x.", 1, [0], False),
        (".x.x", 2, [], False),
        (".xx", 2, [2], True),
        ("xx.x.", 2, [1], True),  # one calm reading does not close what two opened
        ("xx..xx", 2, [1, 5], True),
        ("x?x", 2, [2], True),  # what cannot be told neither counts nor breaks
        ("xx??????", 2, [1], True),
        ("?????", 1, [], False),
    ],
)
def test_so_many_in_a_row_open_and_as_many_close(
    line: str, needed: int, hours: list[int], is_open: bool
) -> None:
    found = follow({}, read(line), needed)

    assert [hour for _, hour in opened(found)] == hours
    assert any(each.opening for each in found.going.values()) == is_open


def test_a_spell_knows_since_when_and_how_far() -> None:
    found = follow({}, read(".xxx"), 2)

    (spell,) = found.going.values()
    assert (spell.since, spell.streak, spell.peak) == (BEGAN + HOUR, 2, 3.0)


def test_what_a_sparse_kind_does_not_name_is_inside() -> None:
    sparse = Read((BEGAN + HOUR, BEGAN + 2 * HOUR), read("x").readings, is_sparse=True)

    found = follow({}, sparse, 1)

    assert [(each.entity, each.ended_at) for each in found.ended] == [("e0", BEGAN + 2 * HOUR)]
    assert follow({}, Read(sparse.instants, sparse.readings), 1).ended == []


LINES = st.lists(st.text("x.?", min_size=1, max_size=24), min_size=1, max_size=3)


@given(lines=LINES, needed=st.integers(1, 4), cuts=st.lists(st.integers(0, 24), max_size=4))
def test_however_the_readings_are_cut_the_spells_are_the_same(
    lines: list[str], needed: int, cuts: list[int]
) -> None:
    whole = follow({}, read(*lines), needed)

    going: dict[str, Spell] = {}
    ended: list[Spell] = []
    edges = [0, *sorted(cuts), 24]
    for first, last in pairwise(edges):
        some = [each for each in read(*lines).readings if first < (each.at - BEGAN) / HOUR <= last]
        part = follow(going, Read(readings=tuple(some)), needed)
        going, ended = part.going, ended + part.ended

    assert going == whole.going
    assert sorted(ended, key=lambda each: (each.since, each.entity)) == sorted(
        whole.ended, key=lambda each: (each.since, each.entity)
    )


@given(line=st.text("x.?", max_size=40), needed=st.integers(1, 4))
def test_nothing_opens_without_so_many_outside_and_the_unknown_changes_nothing(
    line: str, needed: int
) -> None:
    known = line.replace("?", "")
    found, told = follow({}, read(line), needed), follow({}, read(known), needed)

    assert len(opened(found)) == len(opened(told))
    assert len(opened(told)) <= known.count("x" * needed)
    assert (len(opened(told)) > 0) == ("x" * needed in known)
