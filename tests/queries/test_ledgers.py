"""What was written down beside the numbers: stages, minutes, the quality of events, refusals, lacks."""

from __future__ import annotations

from analytics.queries import ledgers
from tests.builders import Reject, article, engagement, utc, view
from tests.newsroom import Newsroom

DAY = "2026-05-05"


def test_stages_say_how_far_they_are(newsroom: Newsroom) -> None:
    assert ledgers.stages(newsroom.store, newsroom.site) == ledgers.Stages(None, None, None, 0)
    newsroom.load(view("v1", "2026-05-05 12:00"))
    loaded = ledgers.stages(newsroom.store, newsroom.site)
    newsroom.recount()
    counted = ledgers.stages(newsroom.store, newsroom.site)

    assert (loaded.happened, loaded.rolled, loaded.dirty_hours) == (utc("2026-05-05 12:00"), None, 1)
    assert counted.rolled == newsroom.now
    assert counted.dirty_hours == 0


def test_minutes_are_of_receipt_and_all_there(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-06 12:30", received_at=utc("2026-05-06 12:31:10")),
        engagement("v1", "2026-05-06 12:31", 9_000, received_at=utc("2026-05-06 12:31:40")),
        view("v2", "2026-05-06 12:30", visitor="q", received_at=utc("2026-05-06 13:00:10")),  # not over yet
    )
    found = ledgers.per_minute(newsroom.store, newsroom.site, newsroom.now)

    assert found.height == 60
    assert found.filter(found["views"] + found["signs"] > 0).rows() == [(utc("2026-05-06 12:31"), 1, 1, 0)]


def test_events_tell_their_own_quality(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00", visitor="p"),
        engagement("v1", "2026-05-05 12:01", 20_000, acts=1),
        view("v2", "2026-05-05 12:02", visitor="q"),
        view("v3", "2026-05-05 12:03", visitor="r", signal="none"),
        engagement("gone", "2026-05-05 12:04", 5_000),
        view("v4", "2026-05-05 23:00", visitor="s", received_at=utc("2026-05-05 23:30")),
    )
    found = ledgers.signs(newsroom.store, newsroom.site, newsroom.period(DAY), newsroom.now)

    assert (found.views, found.silent, found.measured, found.mute) == (4, 2, 3, 1)
    assert (found.orphans, found.engagements) == (1, 2)
    assert found.skewed == 1


def test_refused_lines_are_counted_by_reason_and_listed_without_text(newsroom: Newsroom) -> None:
    newsroom.load(Reject("no time", line=4), Reject("no time", line=9), Reject("no address", line=7))
    reasons, lines = ledgers.bad_events(newsroom.store, newsroom.site)

    assert reasons.select("reason", "events").rows() == [("no time", 2), ("no address", 1)]
    assert sorted(lines["line"]) == [4, 7, 9]
    assert lines.columns == ["seen_at", "source", "file", "line", "reason", "hash"]


def test_what_the_catalogue_lacks_is_counted_with_an_example(newsroom: Newsroom) -> None:
    at = utc("2026-05-05 09:00")
    newsroom.take(
        article("A1", title="The ferry", section="Local", authors=("u1",), topics=("t",), published_at=at),
        article("A2", title="the ferry ", published_at=at),
        view("v1", "2026-05-05 12:00", "A3"),
    )
    found = {row["lacks"]: row for row in ledgers.lacking(newsroom.store, newsroom.site).to_dicts()}

    assert (found["any description"]["articles"], found["any description"]["example"]) == (1, "A3")
    assert (found["an author"]["articles"], found["a date"]["articles"]) == (2, 1)
    assert found["words"]["of"] == 3
    assert ledgers.doubles(newsroom.store, newsroom.site)["ids"].to_list() == [["A1", "A2"]]
