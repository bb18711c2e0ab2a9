"""What of the house is watched: disk, backups, the work that counts days, reports that did not go out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from analytics.alerts.spells import Read, Reading
from analytics.language import _
from analytics.periods import local_time
from analytics.reports.overdue import Overdue
from analytics.upkeep.doctor import needs_a_hand
from analytics.wording import clock, day_named

Troubles = Callable[[], Sequence[tuple[str, str]]]


def of_house(home: Path, now: dt.datetime, troubles: Sequence[tuple[str, str]], *, backs_up: bool) -> Read:
    """Look at disk, backups, and what the desk says of its own work.

    Args:
        home: Folder of the home.
        now: Naive UTC.
        troubles: Name and sentence of the work of the desk that failed.
        backs_up: Whether a backup could have been missed at all.
    """
    found = [(each.what, f"{each.said} {each.do}") for each in needs_a_hand(home, now, backs_up=backs_up)]
    readings = [
        Reading(entity=what, began=now, at=now, is_out=True, said=said) for what, said in [*found, *troubles]
    ]
    return Read((now,), tuple(readings), is_sparse=True)


def of_reports(overdue: Sequence[Overdue], now: dt.datetime, zone: str) -> Read:
    """List the reports that did not go out; each occasion is one entity."""
    readings = [
        Reading(
            entity=f"{each.subscription_id}@{each.due_at.isoformat()}",
            began=each.due_at,
            at=now,
            value=float(each.lost) if each.recipients else None,
            n=each.recipients or None,
            is_out=True,
            said=_said(each, zone),
        )
        for each in overdue
    ]
    return Read((now,), tuple(readings), is_sparse=True)


def _said(each: Overdue, zone: str) -> str:
    due = local_time(each.due_at, zone)
    some = (
        _(" to {lost} of {all}", lost=each.lost, all=each.recipients)
        if 0 < each.lost < each.recipients
        else ""
    )
    what = _(
        "The report “{name}” of {day}, {clock}, has not gone out{some}",
        name=each.name,
        day=day_named(due.date()),
        clock=clock(due),
        some=some,
    )
    return f"{what}: {each.cause.rstrip('.')}."
