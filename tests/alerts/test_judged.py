"""Alerts are judged on generated series with planted events; docs/alerts.md has the figures of more seeds."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.alerts.judge import RULES, fired, judge
from tests.alerts.series import NOW, Series
from tests.newsroom import Newsroom

# Planted events that may be missed, and alerts for nothing in four weeks, at most.
ALLOWED = dict.fromkeys(RULES, (0, 0)) | {
    "Article above expectation, level 1×": (0, 20),
    "Article above expectation, level 2×": (0, 3),
    "Article above expectation, level 3×": (0, 2),
    "Views of the site outside of usual, level 1×": (1, 24),
    "Views of the site outside of usual, level 2×": (2, 4),
    "Views of the site outside of usual, level 3×": (3, 1),
    "Views of each section above usual, level 3×": (1, 5),
    "Drop of views by 50 %": (0, 2),
}


@pytest.mark.parametrize("name", RULES)
def test_what_was_planted_is_found_and_little_else(filled: Newsroom, series: Series, name: str) -> None:
    found = judge(filled, series, name)
    missed, false = ALLOWED[name]

    assert found.planted - found.hits <= missed
    assert len(found.false) <= false


def test_higher_levels_fire_less(filled: Newsroom) -> None:
    since = NOW - dt.timedelta(days=27)
    counts = [
        len(
            fired(
                filled, {"kind": "learned", "metric": "views", "direction": "either", "level": level}, since
            )
        )
        for level in (1, 2, 3)
    ]

    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[2]


def test_silence_raises_no_drop(filled: Newsroom, series: Series) -> None:
    since = NOW - dt.timedelta(days=27)
    drops = fired(filled, {"kind": "drop", "metric": "views", "bound": 0.3, "readings": 1}, since)

    for silent in series.of("silence"):
        assert [each for each in drops if each.began < silent.ended and silent.began < each.at] == []
