"""Data health in words: stages, the ledger of filters with its totals, refusals, and an empty home."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.catalog.edits import Exclude
from analytics.desk import Desk
from dashboards.pages import health
from tests.builders import SITE, Reject, article, engagement, utc, view
from tests.dashboards.small import at, desk_of, links, said
from tests.newsroom import NOW, Newsroom

PAGE = at("/health")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(
        tmp_path,
        view("v1", "2026-05-06 12:30", received_at=utc("2026-05-06 12:30:10")),
        engagement("gone", "2026-05-06 12:31", 9_000),
        article("A1", title="The ferry"),
    ) as opened:
        Newsroom(opened.store, now=utc(NOW)).take(Reject("no time", line=4))
        with opened.store.write() as cursor:
            cursor.execute(
                "INSERT INTO dropped_hits SELECT 'news.example', gen_random_uuid(), $at, $day, 'page_views', "
                "'bot', 'monitoring', '{}' FROM range(3)",
                {"at": utc("2026-05-05 12:00"), "day": dt.date(2026, 5, 5)},
            )
        yield opened


def test_stages_are_named_in_their_order_with_words_for_their_state(desk: Desk) -> None:
    words = said(health.stages(desk, PAGE))

    assert [words.index(name) for name in ("Collector", "Queue", "Loader", "Recount", "Archive")] == sorted(
        words.index(name) for name in ("Collector", "Queue", "Loader", "Recount", "Archive")
    )
    assert "loaded to 09:30" in words


def test_a_failed_recount_stands_in_its_row(desk: Desk) -> None:
    desk.trouble = "disk full"

    assert "failed disk full" in said(health.stages(desk, PAGE))


def test_the_ledger_announces_by_how_much_figures_would_move(desk: Desk) -> None:
    words = said(health.ledger(desk, PAGE))
    names, rows = health.dropped_rows(desk, PAGE)

    assert "Crawler or monitor monitoring 3" in words
    assert "Count it bot:monitoring" in words
    assert "The latest, one of each rule first" in words
    ((row),) = rows
    assert row[names.index("if_included")] == row[names.index("counted")] + 3  # type: ignore[operator]


def test_refusals_and_lacks_are_listed(desk: Desk) -> None:
    assert "no time" in said(health.bad(desk, PAGE))
    assert links(health.catalogue(desk, PAGE))["Without an author"] == "/articles/A1"
    assert "Orphan signs" in said(health.signs(desk, PAGE))
    assert "Loads 1" in said(health.minutes(desk, PAGE))
    assert "no time" in str(health.bad_rows(desk, PAGE)[1])


def test_an_empty_home_is_quiet_and_not_broken(tmp_path: Path) -> None:
    with desk_of(tmp_path) as empty:
        assert "no event yet" in said(health.stages(empty, PAGE))
        assert "Quiet" in said(health.minutes(empty, PAGE))
        assert "Nothing was kept out" in said(health.ledger(empty, PAGE))
        assert "Every line and every event was understood." in said(health.bad(empty, PAGE))
        assert "No file was imported" in said(health.imported(empty, PAGE))
        assert "No articles are known yet." in said(health.catalogue(empty, PAGE))


def test_corrections_are_listed_with_the_way_back(desk: Desk) -> None:
    assert "Nothing was corrected yet" in said(health.corrections(desk, PAGE))
    done = desk.correct(SITE, Exclude(["A1"], "a form"))
    words = said(health.corrections(desk, PAGE))

    assert "Kept off lists" in words
    assert "Put back on lists The ferry" in words
    assert "Undo Kept “The ferry” off lists: a form" in words
    desk.undo(SITE, done.edit_id)
    assert "undone by tearsheet" in said(health.corrections(desk, PAGE))
    assert "Fill in The ferry" in said(health.unfilled(desk, PAGE))
    assert "Add a gap" in said(health.gaps(desk, PAGE))
