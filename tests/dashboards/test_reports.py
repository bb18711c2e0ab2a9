"""The page of reports: its ledger says when in words, and each cell of a row what it is."""

from __future__ import annotations

from typing import Any

from dashboards.pages.reports import ledger
from dashboards.plain import fold

RUN: dict[str, Any] = {
    "id": "",
    "report": "Morning",
    "about": "",
    "due": "2026-11-23 07:00",
    "by_hand": False,
    "to": "desk@courier.example",
    "state": "sent",
    "tries": 1,
    "why": "",
    "sent": "2026-11-23 07:01",
    "took_ms": 456,
    "copy": "c1",
}


def test_times_are_written_as_on_all_other_pages() -> None:
    assert ledger.clock("2026-11-24 07:00") == "Tue 24 Nov, 07:00"
    assert ledger.clock(None) == "—"


def test_each_cell_of_the_ledger_says_what_it_is() -> None:
    row = str(fold(ledger._row(RUN)))

    for label, said in (("Due", "Mon 23 Nov, 07:00"), ("Sent", "Mon 23 Nov, 07:01"), ("Built in", "456 ms")):
        assert f"'data-label': '{label}'" in row
        assert said in row
