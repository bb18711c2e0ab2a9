"""What pages tell of themselves: it fills gaps, and gives way to a catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.store.store import Store
from tests.builders import Row, article, utc, view
from tests.newsroom import Newsroom, another

DAY = "2026-05-05"
TOLD = {
    "author": ["Nino Abashidze", "Ann, the Younger"],
    "tags": ["budget", "city"],
    "section": "politics",
    "published": "2026-05-05T09:30:00+02:00",
    "access": "free",
}


def _told(name: str, props: Mapping[str, object], at: str = "2026-05-05 12:00") -> Row:
    return view(name, at, props=json.dumps(props))


def _article(newsroom: Newsroom) -> tuple[object, ...]:
    return newsroom.rows("articles", ("section", "access", "published_at", "catalogued_at"))[0].rows()[0]


def _names(newsroom: Newsroom, of: str) -> list[str]:
    return newsroom.rows(f"article_{of}s", (f"{of}_id",), "position")[f"{of}_id"].to_list()


def test_without_a_catalogue_authors_and_topics_are_credited(newsroom: Newsroom) -> None:
    newsroom.take(_told("v1", TOLD))

    assert _article(newsroom) == ("politics", "free", utc("2026-05-05 07:30"), None)
    assert newsroom.values_of("author", "views", DAY) == {"nino-abashidze": 1, "ann-the-younger": 1}
    assert newsroom.values_of("topic", "views", DAY) == {"budget": 1, "city": 1}
    assert newsroom.values_of("section", "views", DAY) == {"politics": 1}


def test_what_was_told_late_credits_the_readers_before(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 11:00"))
    newsroom.take(_told("v2", TOLD))

    assert newsroom.values_of("author", "views", DAY) == {"nino-abashidze": 2, "ann-the-younger": 2}


def test_only_gaps_are_filled(newsroom: Newsroom) -> None:
    newsroom.take(_told("v1", {"section": "politics", "author": ["First"]}))
    newsroom.take(_told("v2", {"section": "sport", "author": ["Second"], "tags": ["city"]}))

    assert _article(newsroom)[0] == "politics"
    assert (_names(newsroom, "author"), _names(newsroom, "topic")) == (["first"], ["city"])


def test_a_catalogue_has_the_last_word(newsroom: Newsroom) -> None:
    newsroom.take(_told("v1", TOLD))
    newsroom.take(article("A1", title="Budget", section=None, authors=["Third"]))
    newsroom.take(_told("v2", TOLD))

    assert _article(newsroom)[0] is None
    assert _names(newsroom, "author") == ["Third"]
    assert newsroom.rows("article_titles", ("title",))["title"].to_list() == ["Budget"]


def test_a_bad_date_does_not_cost_the_author(newsroom: Newsroom) -> None:
    newsroom.take(_told("v1", {"author": ["First"], "published": "last Tuesday"}))

    assert (_names(newsroom, "author"), _article(newsroom)[2]) == (["first"], None)


def test_the_latest_view_of_a_batch_speaks(newsroom: Newsroom) -> None:
    newsroom.take(_told("v2", {"section": "late"}, "2026-05-05 13:00"), _told("v1", {"section": "early"}))

    assert _article(newsroom)[0] == "late"


@given(
    props=st.dictionaries(
        st.sampled_from([*TOLD, "other"]),
        st.one_of(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=3), st.none()),
    )
)
@settings(max_examples=25, deadline=None)
def test_whatever_a_page_tells_its_views_count(shared_store: Store, props: dict[str, object]) -> None:
    newsroom = another(shared_store)
    newsroom.take(_told("v1", props))

    assert newsroom.value("views", DAY) == 1
