"""What the watch of alerts costs a desk: an hour of its rounds at a million and at ten million views."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from analytics.alerts.asked import Answer
from analytics.alerts.office import Alerts
from analytics.alerts.watch import Watch
from analytics.config import Mail
from analytics.control import alerts as kept
from analytics.control.database import Control
from analytics.control.identity import COMMAND, acting
from analytics.reports.office import Office
from analytics.reports.send.rounds import Rounds
from tests.bench.conftest import Counted
from tests.bench.report import Spent, spent, tell
from tests.bench.traffic import NOW, SITE

pytestmark = pytest.mark.bench

EVERY = dt.timedelta(seconds=30)
HOUR = dt.timedelta(hours=1)
RULES = (
    {"kind": "expected", "metric": "reads", "level": 2, "readings": 2},
    {"kind": "expected", "metric": "views", "dimension": "section", "ids": ["section 1"], "level": 3},
    {"kind": "learned", "metric": "views", "direction": "either", "level": 2},
    {"kind": "learned", "metric": "reads", "dimension": "section", "level": 3},
    {"kind": "learned", "metric": "views", "dimension": "author", "level": 3},
    {"kind": "drop", "metric": "views", "bound": 0.5},
    {"kind": "level", "metric": "on_site", "bound": 100_000.0},
    {"kind": "change", "metric": "reads", "grain": "day", "bound": 0.5},
    {"kind": "rising", "level": 3},
    {"kind": "storm", "metric": "comments_created", "bound": 300.0},
    {"kind": "backlog", "metric": "comments_pending", "bound": 1000.0},
    {"kind": "source", "bound": 300_000.0},
)
_costs: dict[int, Spent] = {}


def test_an_hour_of_watching_takes_a_small_part_of_a_core(counted: Counted, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    control, now = Control(tmp_path), [NOW - HOUR]
    rounds = Rounds(
        control,
        counted.store,
        tmp_path,
        lambda: Mail(folder="mails", sender="stats@bench.example"),
        lambda: "http://desk",
        lambda: now[0],
    )
    office = Office(rounds)
    watch = Watch(
        rounds, office.overdue, lambda _: (), lambda: (), lambda: False, False, lambda _: Answer("", 0)
    )
    with acting(COMMAND):
        alerts = Alerts(watch, office, lambda _: None)
        for values in RULES:
            alerts.add(site=SITE, **values)  # type: ignore[arg-type]  # values of many kinds
        watch.round()
        with spent() as cost:
            while now[0] < NOW:
                now[0] += EVERY
                with counted.store.write():  # the running day was counted again
                    pass
                watch.round()
    assert [each.name for each in kept.listed(control) if each.trouble] == []
    assert cost.cpu < HOUR.total_seconds() / 20
    control.close()
    _costs[counted.views] = cost
    tell(
        "Alerts",
        f"An hour of the watch: a round every {EVERY.seconds} s, a recount before each, {len(RULES)} rules and the three "
        "of the house.",
        ("views", "CPU s in the hour", "part of a core", "CPU ms a round"),
        [
            (
                f"{views:,}",
                f"{each.cpu:.1f}",
                f"{each.cpu / HOUR.total_seconds():.2%}",
                f"{each.cpu / 0.12:.0f}",
            )
            for views, each in sorted(_costs.items())
        ],
        goal="far below a tenth of a core",
    )
