"""The overview's panels together: server time at a million and at ten million views."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from analytics.control.database import Control
from analytics.control.identity import COMMAND, acting
from analytics.jobs import runner
from analytics.queries import curves
from analytics.store.sites import sites
from dashboards import filters, slots
from dashboards.pages import overview
from dashboards.plain import fold
from tests.bench import traffic
from tests.bench.conftest import Counted
from tests.bench.report import spent, tell

pytestmark = pytest.mark.bench

ROUNDS = 5
PERIODS = ("today", "yesterday", "28d")
_walls: dict[int, dict[tuple[str, str], float]] = {}


class BenchDesk:
    """What pages need of a desk."""

    def __init__(self, counted: Counted) -> None:
        self.store = counted.store
        self.control = Control(counted.store.path.parent)

    def clock(self) -> Any:
        return traffic.NOW

    def sites(self) -> Any:
        return sites(self.store)

    def lag_s(self) -> float:
        return 0.0

    progress = None
    trouble = ""


@pytest.fixture
def panels(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(slots, "fill", lambda _app, _name, draw, **_words: found.append(draw))
    overview.register(None)  # type: ignore[arg-type]  # nothing is bound, only named
    return found


def _bring(desk: BenchDesk, state: str) -> None:
    """Bring the store into a state: just opened, or with today counted anew since the last look."""
    store = desk.store
    if state == "just started":
        store.forget()
        with acting(COMMAND):
            for look in overview.first_looks(desk):
                look()
    else:
        with store.write([]) as cursor:
            cursor.execute(
                "INSERT INTO dirty_hours VALUES ($site, $hour, $day, nextval('load_gen'))",
                {"site": traffic.SITE, "hour": dt.datetime(2026, 5, 31, 12), "day": traffic.LAST_DAY},
            )
        runner.run_all(store, traffic.NOW)
    # What the desk makes ready when it starts, and after every recount.
    curves.warm(store, traffic.SITE, traffic.ZONE, traffic.NOW)


def test_the_panels_cost_about_the_same_at_any_size(counted: Counted, panels: list[Any]) -> None:
    desk, median = BenchDesk(counted), {}
    for period in PERIODS:
        view = filters.parse("/", f"?period={period}")
        for state in ("just started", "after a recount"):
            walls = []
            for _ in range(ROUNDS):
                _bring(desk, state)
                with acting(COMMAND), spent() as cost:
                    for draw in panels:
                        with desk.store.read():  # as `slots` does
                            fold(draw(desk, view))
                walls.append(cost.wall)
            median[period, state] = sorted(walls)[ROUNDS // 2]
    desk.control.close()
    _walls[counted.views] = median
    if len(_walls) < 2:
        return
    small, large = (_walls[size] for size in sorted(_walls))
    tell(
        "Overview",
        f"All {len(panels)} panels one after another, server time in ms, median of {ROUNDS}. After a recount of "
        "today, answers of other days and of the catalogue are still in hand; a desk that has just started has drawn "
        "the Overview of these periods once, by itself.",
        ("period", "desk", "1 M views", "10 M views", "ratio"),
        [
            (
                period,
                state,
                f"{1000 * small[period, state]:.0f}",
                f"{1000 * large[period, state]:.0f}",
                f"{large[period, state] / small[period, state]:.1f}",
            )
            for period, state in small
        ],
        goal="at 10 M views under 300 ms, and under twice the time at 1 M.",
    )

    assert max(large[each] / small[each] for each in small) < 4
