from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.control.database import Control
from analytics.reports import draw
from tests.newsroom import Newsroom
from tests.reports.post import MailServer, Office, serving
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes everything until it is told otherwise."""
    with serving(MailServer()) as running:
        yield running


@pytest.fixture
def office(
    tmp_path: Path, newsroom: Newsroom, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """A house with the worked example of the metrics, whose mail server runs; its charts are blank."""
    monkeypatch.setattr(draw, "chart_png", lambda _chart: draw.logo_png())
    newsroom.take(*VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES)
    control = Control(tmp_path)
    yield Office(tmp_path, newsroom.store, control, server.port)
    control.close()
