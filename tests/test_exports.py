"""Every export of text defuses what a spreadsheet would run."""

from __future__ import annotations

import pytest

from analytics.exports import csv_text, guarded


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-cmd", "@now", "|x", "%x", "\tx", "\rx", "-1e9x", "-"])
def test_a_formula_is_text_in_a_spreadsheet(text: str) -> None:
    assert f"'{text}" == guarded(text)


@pytest.mark.parametrize("cell", ["-1032019229384696495", "+49", "-3.5", "plain", -4, 2.5, None, "a=b"])
def test_numbers_and_plain_text_stay(cell: str | float | None) -> None:
    assert cell == guarded(cell)


def test_rows_become_csv_with_empty_cells_for_what_is_unknown() -> None:
    text = csv_text(["id", "=reads"], [["a,b", None], ["-1x", 3]])

    assert "id,'=reads\n\"a,b\",\n'-1x,3\n" == text
