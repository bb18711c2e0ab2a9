"""One alert as it is looked at later: what was known when it opened, and its figure before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics.alerts import course, tell, words
from analytics.alerts.kinds import KINDS
from analytics.alerts.look import Eyes
from analytics.control.alerts import Episode, Rule
from analytics.errors import TearsheetError
from analytics.language import _
from analytics.reports.report import Numbers, Point

AFTER = {"hour": dt.timedelta(hours=12), "day": dt.timedelta(days=7)}
LONGEST = {"hour": dt.timedelta(hours=48), "day": dt.timedelta(days=28)}  # after it opened


@dataclass(frozen=True, slots=True)
class Around:
    """An alert and its surroundings.

    Attributes:
        row: As in the history.
        label: What was watched.
        unit: Of the points.
        grain: hour or day.
        points: The figure before and after, with what is usual; empty where the kind has no course.
        facts: What was known, in words: name and value.
        has_rule: Whether its rule still is.
    """

    row: dict[str, Any]
    label: str
    unit: str
    grain: str
    points: Sequence[Point]
    facts: Sequence[tuple[str, str]]
    has_rule: bool


def around(eyes: Eyes, rule: Rule, episode: Episode, row: dict[str, Any]) -> Around:
    """Look at an alert with the numbers of now; what was known when it opened stays as it was."""
    one, grain = tell.told(episode), course.grain_of(rule)
    opened = episode.opened_at or episode.since
    ends = (episode.closed_at or eyes.now) + AFTER[grain]
    try:
        points = course.points(
            eyes,
            rule,
            episode.entity,
            min(eyes.now, ends, opened + LONGEST[grain]),
            opened - course.BEFORE[grain],
        )
    except TearsheetError:  # what it was of is gone; what was known stays
        points = list(one.points)
    known = [
        (each.label, " ".join(part for part in (each.said, each.beside) if part))
        for block in tell.numbers(rule, one)
        if isinstance(block, Numbers)
        for each in block.rows
    ]
    if episode.peak is not None and rule.metric and episode.peak != one.reading.value:
        known.append((_("Farthest outside"), words.number(rule, episode.peak)))
    return Around(
        row=row,
        label=words.figure(rule.metric) or _(KINDS[rule.kind].title),
        unit=words.unit(rule),
        grain=grain,
        points=points if any(point.value is not None for point in points) else [],
        facts=known,
        has_rule=rule.deleted_at is None,
    )
