"""A change of filter on the overview: server time until the new charts, beside the bare questions under them."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.control.identity import COMMAND, acting
from analytics.queries import curves
from analytics.store import store as stores
from dashboards import filters, slots
from dashboards.pages import overview
from dashboards.plain import fold
from tests.bench import traffic
from tests.bench.conftest import Counted
from tests.bench.report import spent, tell
from tests.bench.test_overview import BenchDesk

pytestmark = pytest.mark.bench

CHARTS = ("overview-head", "overview-day", "overview-chart")  # what the eye is on; the others follow
CHANGES = {
    "section": "&section=section%20{n}",
    "channel": "&channel={channel}",
    "both": "&section=section%20{n}&channel={channel}",
}
CHANNELS = ("search", "social", "internal", "direct", "newsletter")
_told: dict[tuple[str, str], dict[int, tuple[float, float]]] = {}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = {}
    monkeypatch.setattr(slots, "fill", lambda _app, name, draw, **_words: found.setdefault(name, draw))
    overview.register(None)  # type: ignore[arg-type]  # nothing is bound, only named
    return found


def _bare(monkeypatch: pytest.MonkeyPatch, questions: list[tuple[str, dict[str, Any]]]) -> None:
    """Write down what the engine is asked."""
    ask = stores.ask

    def noted(cursor: Any, question: str, **values: Any) -> Any:
        questions.append((question, values))
        return ask(cursor, question, **values)

    for name in ("counts.ask_store", "typical.ask_store"):
        monkeypatch.setattr(f"analytics.queries.{name}", noted)


def test_a_filter_shows_new_charts(
    counted: Counted, drawn: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = BenchDesk(counted)
    desk.store.forget()
    curves.warm(desk.store, traffic.SITE, traffic.ZONE, traffic.NOW)
    questions: list[tuple[str, dict[str, Any]]] = []
    _bare(monkeypatch, questions)
    for period in ("today", "28d"):
        for what, address in CHANGES.items():
            walls, bares = [], []
            for n, channel in enumerate(CHANNELS):  # each is asked for the first time
                view = filters.parse("/", f"?period={period}" + address.format(n=n, channel=channel))
                questions.clear()
                with acting(COMMAND), spent() as cost:
                    for name in CHARTS:
                        with desk.store.read():
                            fold(drawn[name](desk, view))
                walls.append(cost.wall)
                asked = list(questions)
                with desk.store.read() as cursor, spent() as bare:
                    for question, values in asked:
                        stores.ask(cursor, question, **values)
                bares.append(bare.wall)
            middle = len(walls) // 2
            _told.setdefault((period, what), {})[counted.views] = sorted(walls)[middle], sorted(bares)[middle]
    desk.control.close()
    if any(len(each) < 2 for each in _told.values()):
        return
    tell(
        "A change of filter",
        f"Head, numbers and main chart of the Overview for a filter that nobody has asked for before, server time in ms, "
        f"median of {len(CHANNELS)}; beside it the same questions asked bare.",
        ("period", "filter", "1 M views", "bare", "10 M views", "bare", "of bare"),
        [
            (
                period,
                what,
                *(f"{1000 * value:.0f}" for size in sorted(found) for value in found[size]),
                f"{found[max(found)][0] / found[max(found)][1]:.1f}",
            )
            for (period, what), found in _told.items()
        ],
        goal="300 ms at 1 M views, 500 ms at 10 M.",
    )

    assert max(wall / max(bare, 0.01) for found in _told.values() for wall, bare in found.values()) < 12
