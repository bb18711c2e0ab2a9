"""Who comes and from where: entries, what visits open next, campaigns, new sources, loyalty."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.errors import UnknownDimensionError
from analytics.queries import audience, counts
from tests.builders import Row, article, engagement, view
from tests.newsroom import Newsroom

DAY = "2026-05-05"


def came(name: str, at: str, *articles: str, channel: str = "search", **more: Any) -> list[Row]:
    """One visit: its articles, two minutes apart, the first by a way in, the others from our own pages."""
    hour, minute = at.rsplit(":", 1)
    return [
        view(
            f"{name}{n}",
            f"{hour}:{int(minute) + 2 * n:02d}",
            each,
            name,
            channel=channel if n == 0 else "internal",
            source="Google" if n == 0 and channel == "search" else None,
            **more,
        )
        for n, each in enumerate(articles)
    ]


@pytest.fixture
def visited(newsroom: Newsroom) -> Newsroom:
    """Four visits: three begin on A1, two of those go on to A2 and one of them to A3; one begins on A2."""
    newsroom.take(
        article("A1", title="The ferry", section="Transport"),
        article("A2", title="The market", section="Local"),
        *came("p", "2026-05-05 12:00", "A1", "A2", "A3"),
        *came("q", "2026-05-05 13:00", "A1", "A2"),
        *came("r", "2026-05-05 14:00", "A1", channel="social", country="GE"),
        *came("s", "2026-05-05 15:00", "A2", channel="social"),
        engagement("q0", "2026-05-05 13:01", 20_000, acts=2, visitor="q"),
    )
    return newsroom


def test_entries_count_where_visits_began_and_not_what_they_opened(visited: Newsroom) -> None:
    rows = audience.channels(visited.store, visited.asked(DAY), visited.now).rows
    found = {row["id"]: (row["views"], row["entries"], row["bounce_rate"]) for row in rows.to_dicts()}

    assert found == {"search": (2, 2, 0.0), "social": (2, 2, 1.0), "internal": (3, None, None)}


def test_an_entry_is_grey_by_its_own_n(visited: Newsroom) -> None:
    rows = audience.channels(visited.store, visited.asked(DAY), visited.now).rows
    social = next(row for row in rows.to_dicts() if row["id"] == "social")

    assert social["bounce_rate_n"] == 2
    assert social["bounce_rate_low"] < 1


def test_landing_articles_say_what_was_opened_next(visited: Newsroom) -> None:
    found = audience.landings(visited.store, visited.asked(DAY), 5)

    assert found.select("name", "entries", "entries_share", "next_name", "next_share").rows() == [
        ("The ferry", 3, 0.75, "The market", pytest.approx(2 / 3)),
        ("The market", 1, 0.25, None, None),
    ]


def test_a_filter_is_put_to_what_a_visit_began_with(visited: Newsroom) -> None:
    asked = visited.asked(DAY, where={"section": ("Local",)})

    assert audience.landings(visited.store, asked, 5).select("id", "entries").rows() == [("A2", 1)]
    assert not audience.begins_known(visited.asked(DAY, where={"topic": ("harbour",)}))
    with visited.store.read() as cursor, pytest.raises(UnknownDimensionError):
        counts.entered(cursor, visited.asked(DAY, where={"topic": ("harbour",)}), "article")


def test_campaigns_are_told_apart_by_name_and_source(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00", "A1", "p", utm_campaign="spring", source="Morning briefing"),
        view("v2", "2026-05-05 12:01", "A1", "q", utm_campaign="spring", source="Evening edition"),
        view("v3", "2026-05-05 12:02", "A2", "r", utm_campaign="spring", source="Evening edition"),
        view("v4", "2026-05-05 12:03", "A1", "s"),
        engagement("v1", "2026-05-05 12:01", 20_000, acts=2, visitor="p"),
    )
    found = audience.campaigns(newsroom.store, newsroom.asked(DAY))

    assert found.select("id", "source", "views", "reads").rows() == [
        ("spring", "Evening edition", 2, 0),
        ("spring", "Morning briefing", 1, 1),
    ]


def test_languages_are_counted_with_and_without_a_filter(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00", "A1", "p", language="ka", device="phone"),
        view("v2", "2026-05-05 12:01", "A1", "q", language="ka", device="desktop"),
        view("v3", "2026-05-05 12:02", None, "r", language="en", device="phone"),
        view("v4", "2026-05-05 12:03", "A1", "s"),
    )
    whole = audience.languages(newsroom.store, newsroom.asked(DAY))
    phones = audience.languages(newsroom.store, newsroom.asked(DAY, where={"device": ("phone",)}))

    assert whole.select("id", "loads").rows() == [("ka", 2), ("en", 1)]
    assert whole["loads_share"].sum() == pytest.approx(1)
    assert phones.select("id", "loads").rows() == [("en", 1), ("ka", 1)]


def test_a_source_is_new_where_it_had_sent_nobody_before(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-04-20 12:00", "A1", "p", channel="social", source="Facebook"),
        view("v2", "2026-05-05 12:00", "A1", "q", channel="social", source="Facebook"),
        view("v3", "2026-05-05 12:00", "A1", "r", channel="other_site", source="walkers.example"),
    )
    found = audience.new_sources(newsroom.store, newsroom.asked("7d"), newsroom.now)

    assert found is not None
    assert found.select("id", "views").rows() == [("walkers.example", 1)]
    assert audience.new_sources(newsroom.store, newsroom.asked("28d"), newsroom.now) is None


def test_the_new_and_the_loyal_are_counted_by_day_among_readers_with_an_id(newsroom: Newsroom) -> None:
    loyal = [view(f"l{n}", f"2026-04-{n:02d} 12:00", "A1", f"l{n}", reader_id=7) for n in range(17, 27)]
    newsroom.take(
        view("v0", "2026-03-01 12:00", "A1", "z"),
        *loyal,
        view("v1", "2026-04-26 12:00", "A1", "q", reader_id=9),
        view("v2", "2026-04-26 12:00", "A1", "r"),
        view("v3", "2026-04-26 12:00", "A1", "s"),
    )
    found = audience.loyalty(newsroom.store, newsroom.asked("2026-04-26"), newsroom.now)

    assert found == audience.Loyalty(readers=4, with_id=2, fresh=1, fresh_of=2, loyal=1, loyal_of=2)


def test_without_thirty_known_days_nobody_is_called_new(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v0", "2026-05-04 12:00", "A1", "p", reader_id=7),
        view("v1", "2026-05-05 12:00", "A1", "q", reader_id=9),
    )
    found = audience.loyalty(newsroom.store, newsroom.asked(DAY), newsroom.now)

    assert found == audience.Loyalty(readers=1, with_id=1, fresh=0, fresh_of=0, loyal=0, loyal_of=0)


def test_without_reader_ids_there_is_no_loyalty(visited: Newsroom) -> None:
    assert audience.loyalty(visited.store, visited.asked(DAY), visited.now) is None
