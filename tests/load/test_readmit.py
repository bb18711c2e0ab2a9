"""A rule taken back: what it kept out counts after all, once."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.catalog.edits import Readmit
from analytics.errors import UsageError
from analytics.load import editing
from analytics.load.editing import Edited
from analytics.queries import library
from analytics.queries.dropped import dropped, loads
from tests.builders import engagement, utc, view
from tests.load.test_drain import drain, queued, records
from tests.newsroom import Newsroom

NOW = utc("2026-05-06 13:00")


@pytest.fixture
def ruled(newsroom: Newsroom) -> Newsroom:
    """One view that counts; two of a bot and one of the staff that do not, one of them with a beacon."""
    home = newsroom.store.path.parent
    queued(home, records(view("v1", "2026-05-06 12:00", "A1")))
    queued(
        home,
        records(
            view("v2", "2026-05-06 12:01", "A1"),
            engagement("v2", "2026-05-06 12:02", 20_000, acts=3),
            view("v3", "2026-05-06 12:03", "A1"),
            dropped="bot:monitoring",
        ),
    )
    queued(home, records(view("v4", "2026-05-06 12:04", "A1"), dropped="staff:flag"))
    emptied = drain(newsroom)
    while emptied.once(NOW):
        pass
    newsroom.recount()
    return newsroom


def _rows(newsroom: Newsroom) -> list[tuple[object, ...]]:
    found = dropped(newsroom.store, newsroom.site, newsroom.at("2026-05-06 13:00").period("today"))
    return found.select("reason", "rule", "events", "page_loads", "views", "counted", "if_included").rows()


def readmit(newsroom: Newsroom, rule: str) -> Edited:
    period = newsroom.period("today")
    edit = Readmit(rule, period.first, period.last)
    return editing.correct(newsroom.store, newsroom.site, newsroom.zone, edit, "Mara Lind", NOW)


def test_the_ledger_tells_totals_with_and_without_each_rule(ruled: Newsroom) -> None:
    assert _rows(ruled) == [("bot", "monitoring", 3, 2, 2, 1, 3), ("staff", "flag", 1, 1, 1, 1, 2)]
    assert loads(ruled.store, ruled.site, ruled.at("2026-05-06 13:00").period("today")) == 2 + 1


@pytest.mark.parametrize("rule", ["bot", "bot:monitoring"])
def test_readmitting_moves_every_figure_by_what_was_announced_and_back(ruled: Newsroom, rule: str) -> None:
    announced = _rows(ruled)[0]
    before = figures(ruled)

    done = readmit(ruled, rule)
    ruled.recount()

    assert done.rows == {"page_views": 2, "engagements": 1}
    views = announced[4]
    assert figures(ruled) == {
        "views": before["views"] + views,
        "engaged": 20,
        "counter": before["counter"] + views,
    }
    assert ruled.value("page_loads", "today") == announced[-1]
    assert _rows(ruled) == [("staff", "flag", 1, 1, 1, 3, 4)]

    editing.undo(ruled.store, ruled.site, ruled.zone, done.edit_id, "Mara Lind", NOW)
    ruled.recount()

    assert figures(ruled) == before
    assert _rows(ruled)[0] == announced
    assert readmit(ruled, rule).rows == done.rows


def figures(room: Newsroom) -> dict[str, Any]:
    values: dict[str, Any] = {name: room.value(name, "today") for name in ("views", "engaged")}
    return values | {"counter": library.counter(room.store, room.site, "A1")["value"]}


def test_what_counts_already_does_not_count_twice(ruled: Newsroom) -> None:
    kept = ruled.store.frame("FROM dropped_hits WHERE of_table = 'page_views'")
    readmit(ruled, "bot")
    with ruled.store.write() as cursor:  # as when a reader's device sent it again, and it was counted then
        cursor.register("kept", kept)
        cursor.execute("INSERT INTO dropped_hits FROM kept WHERE reason = 'bot'")

    with pytest.raises(UsageError, match="kept nothing out"):
        readmit(ruled, "bot")
    ruled.recount()
    assert ruled.value("views", "today") == 3


@pytest.mark.parametrize("rule", ["prefetch", "bot:search", "nonsense"])
def test_a_rule_that_kept_nothing_out_is_a_sentence(ruled: Newsroom, rule: str) -> None:
    with pytest.raises(UsageError, match="kept nothing out"):
        readmit(ruled, rule)
