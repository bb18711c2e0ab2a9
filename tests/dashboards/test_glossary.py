"""The glossary page: every number with its definition, and a search that leaves some of them."""

from __future__ import annotations

import pytest

from analytics.metrics import METRICS
from dashboards.filters import parse
from dashboards.pages import glossary
from tests.dashboards.small import said


def _shown(search: str) -> str:
    return said(glossary.words(None, parse("/glossary", search)))


def test_every_number_stands_there_with_its_definition() -> None:
    shown = _shown("")

    for each in METRICS.values():
        assert each.label in shown
        assert each.about in shown
        assert each.formula in shown


@pytest.mark.parametrize("search", ["?q=read_rate", "?q=Read%20RATE"])
def test_a_search_leaves_what_bears_all_its_words(search: str) -> None:
    shown = _shown(search)

    assert METRICS["read_rate"].about in shown
    assert METRICS["moderation_lag"].about not in shown


def test_a_search_that_finds_nothing_says_so_and_leads_back() -> None:
    shown = _shown("?q=kilograms")

    assert "No number is called so." in shown
    assert "Show all words" in shown
