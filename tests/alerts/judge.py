"""Judges alerts on generated series: hits and false alarms of each rule, over some seeds.

python -m tests.alerts.judge 5      prints the table of docs/alerts.md
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analytics.alerts.kinds import KINDS
from analytics.alerts.look import Eyes, look
from analytics.alerts.spells import Reading, follow, openings
from analytics.control.alerts import Rule
from analytics.store.store import Store
from tests.alerts.series import JUDGED, NOW, ZONE, Event, Series
from tests.newsroom import Newsroom

LATE = dt.timedelta(hours=2)  # an alert counts for an event up to so long after its end
# What a rule should find, and what besides may rightly set it off.
RULES: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "Article above expectation, level 1×": (
        {"kind": "expected", "metric": "reads", "level": 1, "readings": 2}, ("viral",), ()),
    "Article above expectation, level 2×": (
        {"kind": "expected", "metric": "reads", "level": 2, "readings": 2}, ("viral",), ()),
    "Article above expectation, level 3×": (
        {"kind": "expected", "metric": "reads", "level": 3, "readings": 2}, ("viral",), ()),
    "Views of the site outside of usual, level 1×": (
        {"kind": "learned", "metric": "views", "direction": "either", "level": 1, "readings": 2},
        ("viral", "drop", "holiday"), ("rising", "source", "silence")),
    "Views of the site outside of usual, level 2×": (
        {"kind": "learned", "metric": "views", "direction": "either", "level": 2, "readings": 2},
        ("viral", "drop", "holiday"), ("rising", "source", "silence")),
    "Views of the site outside of usual, level 3×": (
        {"kind": "learned", "metric": "views", "direction": "either", "level": 3, "readings": 2},
        ("viral", "drop", "holiday"), ("rising", "source", "silence")),
    "Views of each section above usual, level 3×": (
        {"kind": "learned", "metric": "views", "dimension": "section", "level": 3, "readings": 2},
        ("viral",), ("rising", "source")),
    "Drop of views by 50 %": (
        {"kind": "drop", "metric": "views", "bound": 0.5}, ("drop",), ("holiday",)),
    "Collector silent for 15 min": (
        {"kind": "silent", "metric": "page_loads", "bound": 15.0}, ("silence",), ()),
    "Comment storm, 30 in an hour": (
        {"kind": "storm", "metric": "comments_created", "bound": 30.0}, ("storm",), ()),
    "Rising again, level 2×": ({"kind": "rising", "metric": "views", "level": 2}, ("rising",), ("source",)),
    "New source, 30 views": ({"kind": "source", "metric": "views", "bound": 30.0}, ("source",), ()),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule found: planted events, those it caught, its alerts, and those for nothing."""

    planted: int = 0
    hits: int = 0
    alerts: int = 0
    false: tuple[Reading, ...] = ()

    def plus(self, other: Verdict) -> Verdict:
        """Add another series."""
        return Verdict(
            self.planted + other.planted,
            self.hits + other.hits,
            self.alerts + other.alerts,
            (*self.false, *other.false),
        )


def fired(room: Newsroom, values: dict[str, Any], since: dt.datetime) -> list[Reading]:
    """List the readings with which a rule would have opened."""
    rule = Rule(site_id=room.site, made_at=since, read_through=since, **values)
    rule = replace(rule, bound=values.get("bound", KINDS[rule.kind].bound))
    read = look(Eyes(room.store, room.zone, room.now), rule, since, room.now)
    found = follow({}, read, rule.readings)
    return openings([*found.ended, *found.going.values()])


def judge(room: Newsroom, series: Series, name: str) -> Verdict:
    """Judge one rule on a series."""
    values, wanted, allowed = RULES[name]
    alerts = fired(room, values, NOW - dt.timedelta(days=JUDGED - 1))
    planted = series.of(*wanted)
    hits = [event for event in planted if any(_is_of(each, event) for each in alerts)]
    rightly = series.of(*wanted, *allowed)
    false = [each for each in alerts if not any(_is_of(each, event) for event in rightly)]
    return Verdict(len(planted), len(hits), len(alerts), tuple(false))


def table(verdicts: dict[str, Verdict], count: int) -> str:
    """Write the verdicts as Markdown."""
    lines = [
        "| rule | planted | found | missed | alerts | false alarms | false alarms a week |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    weeks = count * (JUDGED - 1) / 7
    for name, each in verdicts.items():
        false = len(each.false)
        lines.append(
            f"| {name} | {each.planted} | {each.hits} | {each.planted - each.hits} | {each.alerts} | "
            f"{false} | {false / weeks:.1f} |"
        )
    return "\n".join(lines)


def main(seeds: Sequence[int]) -> None:
    """Judge every rule on some seeds, and print the table."""
    verdicts = dict.fromkeys(RULES, Verdict())
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            store = Store(Path(folder))
            room = Newsroom(store, zone=ZONE, now=NOW)
            room.settle()
            series = Series(seed)
            series.fill(room)
            verdicts = {name: each.plus(judge(room, series, name)) for name, each in verdicts.items()}
            store.close()
    print(table(verdicts, len(seeds)))  # noqa: T201 that is its work


def _is_of(alert: Reading, event: Event) -> bool:
    is_thing = not event.entity or alert.entity in {"", event.entity} or event.what == "viral"
    return is_thing and event.began - dt.timedelta(hours=1) <= alert.at and alert.began <= event.ended + LATE


if __name__ == "__main__":
    main(range(1, int(sys.argv[1]) + 1 if len(sys.argv) > 1 else 2))
