"""The overview's panels together: server time at a million and at ten million views."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.store.sites import sites
from dashboards import filters, slots
from dashboards.pages import overview
from tests.bench import traffic
from tests.bench.conftest import Counted
from tests.bench.report import spent, tell

pytestmark = pytest.mark.bench

ROUNDS = 5
_walls: dict[int, dict[str, float]] = {}


class _Desk:
    """What pages need of a desk."""

    def __init__(self, counted: Counted) -> None:
        self.store = counted.store

    def clock(self) -> Any:
        return traffic.NOW

    def sites(self) -> Any:
        return sites(self.store)

    progress = None
    trouble = ""


@pytest.fixture
def panels(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(slots, "fill", lambda _app, _name, draw, **_words: found.append(draw))
    overview.register(None)  # type: ignore[arg-type]  # nothing is bound, only named
    return found


def test_the_panels_cost_about_the_same_at_any_size(counted: Counted, panels: list[Any]) -> None:
    desk, best = _Desk(counted), {}
    for search in ("?period=today", "?period=yesterday", "?period=28d"):
        view = filters.parse("/", search)
        walls = []
        for _ in range(ROUNDS):
            desk.store.forget()
            with spent() as cost:
                for draw in panels:
                    draw(desk, view)
            walls.append(cost.wall)
        best[search] = sorted(walls)[ROUNDS // 2]
    _walls[counted.views] = best
    if len(_walls) < 2:
        return
    small, large = (_walls[size] for size in sorted(_walls))
    tell(
        "Overview",
        f"All {len(panels)} panels one after another, server time in ms, median of {ROUNDS}; nothing kept from "
        "one round to the next.",
        ("period", "1 M views", "10 M views", "ratio"),
        [
            (
                search.partition("=")[2],
                f"{1000 * small[search]:.0f}",
                f"{1000 * large[search]:.0f}",
                f"{large[search] / small[search]:.1f}",
            )
            for search in small
        ],
    )

    assert max(large[search] / small[search] for search in small) < 4
