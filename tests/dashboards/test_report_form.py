"""The form of a report."""

from __future__ import annotations

import pytest

from analytics.language import speaking, speech
from analytics.reports.schedule import AFTER_PIECES
from dashboards.pages.reports import form


@pytest.mark.parametrize(
    ("when", "display"),
    [
        ("", "block"),
        ("every Monday at 08:00", "block"),
        ("sometimes", "block"),
        (AFTER_PIECES, "none"),
        ("24 hours after each piece", "none"),
    ],
)
def test_a_schedule_that_follows_pieces_has_no_field_of_days(when: str, display: str) -> None:
    assert form.of_days(when) == display


def test_it_reads_the_schedule_in_the_language_of_the_page() -> None:
    with speaking(speech("de")):
        assert form.of_days("24 Stunden und 7 Tage nach jedem Beitrag") == "none"
