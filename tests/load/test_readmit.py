"""A rule taken back: what it kept out counts after all, once."""

from __future__ import annotations

import pytest

from analytics.errors import UsageError
from analytics.load.readmit import readmit
from analytics.queries.dropped import dropped
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
    return found.select("reason", "rule", "events", "page_loads", "counted", "if_included").rows()


def test_the_ledger_tells_totals_with_and_without_each_rule(ruled: Newsroom) -> None:
    assert _rows(ruled) == [("bot", "monitoring", 3, 2, 1, 3), ("staff", "flag", 1, 1, 1, 2)]


@pytest.mark.parametrize("rule", ["bot", "bot:monitoring"])
def test_readmitting_moves_every_figure_by_what_was_announced(ruled: Newsroom, rule: str) -> None:
    period = ruled.at("2026-05-06 13:00").period("today")
    announced = _rows(ruled)[0][-1]

    done = readmit(ruled.store, ruled.site, rule, period, NOW)
    ruled.recount()

    assert done.rows == {"page_views": 2, "engagements": 1}
    assert ruled.value("views", "today") == announced
    assert ruled.value("engaged", "today") == 20
    assert _rows(ruled) == [("staff", "flag", 1, 1, 3, 4)]


def test_what_was_loaded_before_a_crash_does_not_count_twice(ruled: Newsroom) -> None:
    period = ruled.at("2026-05-06 13:00").period("today")
    kept = ruled.store.frame("FROM dropped_hits")
    readmit(ruled.store, ruled.site, "bot", period, NOW)
    with ruled.store.write() as cursor:  # as after a crash between the load and the removal
        cursor.register("kept", kept)
        cursor.execute("DELETE FROM dropped_hits; INSERT INTO dropped_hits FROM kept")

    again = readmit(ruled.store, ruled.site, "bot", period, NOW)
    ruled.recount()

    assert again.rows == {"page_views": 0, "engagements": 0}
    assert ruled.value("views", "today") == 3


@pytest.mark.parametrize("rule", ["prefetch", "bot:search", "nonsense"])
def test_a_rule_that_kept_nothing_out_is_a_sentence(ruled: Newsroom, rule: str) -> None:
    with pytest.raises(UsageError, match="kept nothing out"):
        readmit(ruled.store, ruled.site, rule, ruled.at("2026-05-06 13:00").period("today"), NOW)
