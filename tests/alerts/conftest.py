from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from analytics.alerts.asked import Answer
from analytics.alerts.office import Alerts
from analytics.alerts.watch import Watch
from analytics.control import alerts as kept
from analytics.control.alerts import Episode
from analytics.control.database import Control
from analytics.reports import draw
from analytics.reports.office import Office
from analytics.reports.send.rounds import Rounds
from analytics.store.store import FILE, Store
from tests.alerts.series import NOW, ZONE, Series
from tests.builders import SITE
from tests.newsroom import Newsroom
from tests.reports.post import MailServer, serving
from tests.reports.post import Office as Post


@pytest.fixture(scope="session")
def series() -> Series:
    """Ten weeks with planted events."""
    return Series(1)


@pytest.fixture(scope="session")
def filled(series: Series, empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A store with them, counted; for questions only."""
    folder = tmp_path_factory.mktemp("series")
    shutil.copy(empty_file, folder / FILE)
    store = Store(folder)
    room = Newsroom(store, zone=ZONE, now=NOW)
    room.settle()
    series.fill(room)
    yield room
    store.close()


@dataclass(slots=True)
class House:
    """A desk's watch with a clock that is set by hand, over a store of its own or one that is shared."""

    home: Path
    store: Store
    control: Control
    post: Post
    troubles: list[tuple[str, str]] = field(default_factory=list)
    answer: Answer = field(default_factory=lambda: Answer("Slow pages", 0))
    is_behind: bool = False
    watch: Watch = field(init=False)
    alerts: Alerts = field(init=False)

    def __post_init__(self) -> None:
        office = Office(self.rounds)
        self.watch = Watch(
            self.rounds,
            office.overdue,
            lambda _site: (),
            lambda: self.troubles,
            lambda: self.is_behind,
            False,
            lambda _rule: self.answer,
        )
        self.alerts = Alerts(self.watch, office, lambda _query: None)

    @property
    def rounds(self) -> Rounds:
        return self.post.rounds

    def add(self, kind: str, *to: str, **values: Any) -> str:
        """Make a rule that some addresses are told of."""
        rule_id = str(self.alerts.add(kind, site=SITE, **values)["id"])
        for address in to:
            self.alerts.add_recipient(rule_id, "mail", address)
        return rule_id

    def at(self, now: dt.datetime) -> None:
        """Set the clock, watch, and let the rounds of reports go out."""
        self.post.now = now
        self.watch.round()
        self.rounds.round()

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.at(self.post.now + dt.timedelta(**span))

    def episodes(self, rule_id: str) -> list[Episode]:
        """List what opened, oldest first."""
        return kept.history(self.control, [SITE], rule_id=rule_id)[::-1]


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes everything until it is told otherwise."""
    with serving(MailServer()) as running:
        yield running


@pytest.fixture
def house(
    tmp_path: Path, store: Store, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """A watch over an empty site; its charts are blank."""
    monkeypatch.setattr(draw, "chart_png", lambda _chart: draw.logo_png())
    Newsroom(store, zone=ZONE, now=NOW).settle()
    control = Control(tmp_path)
    yield House(tmp_path, store, control, Post(tmp_path, store, control, server.port, NOW))
    control.close()


@pytest.fixture
def looking(
    tmp_path: Path, filled: Newsroom, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """A watch over the generated series."""
    monkeypatch.setattr(draw, "chart_png", lambda _chart: draw.logo_png())
    (tmp_path / "secrets").mkdir()
    control = Control(tmp_path)
    yield House(tmp_path, filled.store, control, Post(tmp_path, filled.store, control, server.port, NOW))
    control.close()
