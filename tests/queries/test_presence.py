"""Evidence of the live numbers: the statement shown returns what the page shows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from analytics.queries import live, presence
from analytics.queries.live import Question
from analytics.sql import gate
from analytics.store.archive.archive import Archive
from analytics.store.archive.parts import TABLES
from analytics.store.archive.views import FOR_PEOPLE, statements
from tests.builders import article, comment, engagement, view
from tests.newsroom import Newsroom


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    newsroom.take(
        article("A1", section="Transport"),
        article("A2", section="City"),
        view("gone", "2026-05-06 12:50", "A1", "gone"),
        view("a", "2026-05-06 12:56", "A1", "a"),
        view("b", "2026-05-06 12:57", "A2", "b"),
        view("c", "2026-05-06 12:58", "A2", None),
        engagement("a", "2026-05-06 12:59:30", 15_000, acts=1, visitor="a"),
        comment("talk", "published", "2026-05-06 12:58", article="A2"),
    )
    return newsroom


@pytest.mark.parametrize("section", [(), ("Transport",), ("!Transport",)])
@pytest.mark.parametrize("name", presence.NUMBERS)
def test_the_statement_returns_the_live_number(
    room: Newsroom, tmp_path: Path, name: str, section: tuple[str, ...]
) -> None:
    asked = Question(room.site, room.zone, section)
    shown = getattr(live.snapshot(room.store, asked, room.now), name)
    found = presence.evidence(room.store, name, asked, room.now, with_people=True)
    archive = Archive(room.store, tmp_path)
    archive.keep(room.now)
    with duckdb.connect() as engine:
        for made in statements(archive.snapshot().views(with_people=True)):
            engine.execute(made)
        gate.check(engine, found.sql, frozenset({*TABLES, *FOR_PEOPLE}))
        answer = engine.execute(found.sql).fetchall()

    assert answer == [(shown,)]


def test_rows_without_a_visitor_are_left_out_and_told(room: Newsroom) -> None:
    asked = Question(room.site, room.zone)
    found = presence.evidence(room.store, "on_site", asked, room.now, with_people=True)

    assert found.stored == found.used + sum(n for _reason, n in found.left_out)
    assert dict(found.left_out)["without a visitor"] >= 1


def test_who_sees_no_people_is_told_why_there_is_no_statement(room: Newsroom) -> None:
    asked = Question(room.site, room.zone)
    found = presence.evidence(room.store, "reading_now", asked, room.now, with_people=False)

    assert found.sql == ""
    assert "admins" in found.why_no_sql
    assert (found.table, found.stored, found.used) == ("engagements", 1, 1)
