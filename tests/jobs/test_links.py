"""The link over midnight goes when a day is sealed, and the counts stay what they were."""

from __future__ import annotations

from hypothesis import Phase, given, settings

from analytics.jobs.links import seal
from analytics.store.store import Store
from tests.builders import engagement, view
from tests.jobs import traffic
from tests.jobs.comparing import counted, differences
from tests.jobs.test_laws import ARTICLES, EXAMPLES
from tests.jobs.traffic import Load
from tests.newsroom import Newsroom, another

LATER = "2026-05-09 13:00"  # 6 May is over for two days


def _links(room: Newsroom) -> int:
    return int(
        room.store.frame(
            "SELECT count(*)::BIGINT AS n FROM ("
            "SELECT site_id FROM page_views WHERE visitor_prev IS NOT NULL "
            "UNION ALL SELECT site_id FROM engagements WHERE visitor_prev IS NOT NULL) WHERE site_id = $site",
            site=room.site,
        )["n"][0]
    )


def _across(newsroom: Newsroom) -> None:
    """Somebody reads over midnight; somebody else was here in the morning before."""
    newsroom.take(
        view("v1", "2026-05-05 12:00", visitor="q"),
        view("v2", "2026-05-06 02:50", visitor="p"),
        view("v3", "2026-05-06 03:05", visitor="p2", prev="p"),
        engagement("v3", "2026-05-06 03:06", 20_000, 50, 3, visitor="p2", prev="p"),
        view("v4", "2026-05-06 03:10", visitor="q2", prev="q"),
    )


def test_a_link_goes_two_days_after_its_day(newsroom: Newsroom) -> None:
    _across(newsroom)

    assert seal(newsroom.store, newsroom.at("2026-05-08 02:59").now) == 0
    assert seal(newsroom.store, newsroom.at("2026-05-08 03:00").now) == 1  # 5 May only
    assert _links(newsroom) == 3
    newsroom.at("2026-05-09 03:00").recount()
    assert seal(newsroom.store, newsroom.now) == 1
    assert _links(newsroom) == 0
    assert seal(newsroom.store, newsroom.now) == 0


def test_who_did_not_read_over_midnight_is_not_kept(newsroom: Newsroom) -> None:
    _across(newsroom)
    newsroom.at(LATER).recount()
    seal(newsroom.store, newsroom.now)

    assert newsroom.rows("session_links").height == 1
    assert newsroom.value("sessions", "2026-05-05") == 2
    newsroom.recount(everything=True)
    assert newsroom.value("sessions", "2026-05-05") == 2
    assert newsroom.value("sessions", "2026-05-06") == 1


def test_what_comes_after_the_seal_is_sealed_again(newsroom: Newsroom) -> None:
    _across(newsroom)
    newsroom.at(LATER).recount()
    seal(newsroom.store, newsroom.now)
    newsroom.take(view("v5", "2026-05-06 03:08", visitor="p2", prev="p"))

    assert _links(newsroom) == 1
    seal(newsroom.store, newsroom.now)
    assert (_links(newsroom), newsroom.rows("session_links").height) == (0, 1)


@settings(deadline=None, max_examples=EXAMPLES, phases=(Phase.generate,))
@given(loads=traffic.traffic)
def test_a_sealed_day_recounts_to_the_same_rows(shared_store: Store, loads: list[Load]) -> None:
    room = another(shared_store, now=LATER)
    room.take(*ARTICLES, *(sign.row for sign in traffic.signs(loads)))
    before = counted(room)
    seal(shared_store, room.now)
    room.recount(everything=True)

    assert differences(before, counted(room)) == {}
