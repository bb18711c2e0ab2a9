"""The pages of docs/ that follow from definitions stand as the definitions say."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.handbook import pages
from analytics.metrics import METRICS, NOTIONS
from analytics.store.store import described_schema
from dashboards.main import app

ROOT = Path(__file__).parent.parent
PAGES = pages(app)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_its_definitions_say(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert PAGES[name] == written, "run ./run docs"


def test_every_metric_has_its_heading() -> None:
    headings = {line[3:] for line in PAGES["metrics.md"].splitlines() if line.startswith("## ")}

    assert {*METRICS, *NOTIONS} == headings


def test_every_table_and_column_says_what_it_means() -> None:
    silent = [
        f"{table}.{column}"
        for table, about, columns in described_schema()
        for column, _, meaning in [("", "", about), *columns]
        if not meaning
    ]

    assert silent == []


def test_the_readme_names_only_recipes_that_exist() -> None:
    recipes = (ROOT / "justfile").read_text(encoding="utf-8")
    named = {
        line.split()[1]
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("./run ")
    }

    assert {name for name in named if f"\n{name}" not in recipes} == set()
