"""Search: every way in which something is remembered, any script, and what stands first."""

from __future__ import annotations

import pytest

from analytics.queries import search
from analytics.queries.search import MOST, Hit
from analytics.urls import article_id_of
from tests.builders import article, utc, view
from tests.newsroom import Newsroom

OLD = "https://news.example/2019/bridge-old"


@pytest.fixture
def catalogue(newsroom: Newsroom) -> Newsroom:
    newsroom.take(
        article(
            "A1",
            title="Bridge to close for a year",
            url="https://news.example/city/bridge",
            section="City",
            authors=("mara-lind",),
            topics=("roads",),
            aliases=(article_id_of(OLD),),
            published_at=utc("2026-05-04 09:00"),
        ),
        article("A2", title="Тбилиси: ёлка уже стоит", published_at=utc("2026-05-03 09:00")),
        article("A3", title="თბილისი ზამთარში", published_at=utc("2026-05-03 10:00")),
        article("A4", title="Bakı və Əliyev küçəsi", published_at=utc("2026-05-03 11:00")),
        article("A5", title="أخبار اليوم من بيروت", published_at=utc("2026-05-03 12:00")),
        article("A6", title="Café on the Straße, İstanbul", published_at=utc("2026-05-03 13:00")),
    )
    newsroom.at("2026-05-06 14:00").take(article("A1", title="The long year without a crossing"))
    return newsroom


def found(newsroom: Newsroom, text: str) -> list[tuple[str, str]]:
    return [(hit.kind, hit.id) for hit in search.found(newsroom.store, newsroom.site, text).hits]


@pytest.mark.parametrize(
    ("text", "article_id"),
    [
        ("without a crossing", "A1"),
        ("crossing LONG", "A1"),
        ("bridge to close", "A1"),  # a former title
        ("a1", "A1"),
        ("http://www.news.example/city/bridge?utm_source=mail#top", "A1"),
        (OLD, "A1"),  # an address that only its alias knows
        ("ТБИЛИСИ елка", "A2"),
        ("თბილისი", "A3"),
        ("ᲗᲑᲘᲚᲘᲡᲘ", "A3"),  # the same in capitals
        ("BAKI", "A4"),
        ("baki eliyev", None),  # schwa is a letter, not an accent
        ("əliyev KÜÇƏSİ", "A4"),
        ("اخبار", "A5"),  # without the hamza
        ("cafe strasse istanbul", "A6"),
    ],
)
def test_an_article_is_found_by_whatever_is_remembered(
    catalogue: Newsroom, text: str, article_id: str | None
) -> None:
    assert found(catalogue, text) == ([("article", article_id)] if article_id else [])


def test_a_former_title_says_that_it_is_another(catalogue: Newsroom) -> None:
    hit = search.found(catalogue.store, catalogue.site, "bridge to close").hits[0]

    assert hit == Hit(
        "article", "A1", "The long year without a crossing", "City", "Bridge to close for a year"
    )


@pytest.mark.parametrize(
    ("text", "first"),
    [("mara", ("author", "mara-lind")), ("ROA", ("topic", "roads")), ("cit", ("section", "City"))],
)
def test_authors_topics_and_sections_are_found(
    catalogue: Newsroom, text: str, first: tuple[str, str]
) -> None:
    assert found(catalogue, text)[0] == first


def test_whole_names_stand_before_beginnings_before_the_rest_and_new_before_old(newsroom: Newsroom) -> None:
    titles = {
        "old": "Tram",
        "inside": "Notram",
        "begins": "Tram to the sea",
        "word": "The tram",
        "new": "Tram",
    }
    for day, (key, title) in enumerate(titles.items(), 1):
        newsroom.load(article(key, title=title, published_at=utc(f"2026-05-0{day} 09:00")))

    assert found(newsroom, "tram") == [("article", key) for key in ("new", "old", "begins", "word", "inside")]


def test_what_is_not_listed_is_counted(newsroom: Newsroom) -> None:
    newsroom.load(*[article(f"N{n}", title=f"Harbour {n}") for n in range(MOST + 3)])
    answer = search.found(newsroom.store, newsroom.site, "harbour")

    assert (len(answer.hits), answer.counts) == (MOST, {"article": MOST + 3})


@pytest.mark.parametrize("text", ["", "   ", "%_'\";--", "(.*", "\x00", "http://[", "zz" * 400])
def test_what_nobody_could_mean_finds_nothing(catalogue: Newsroom, text: str) -> None:
    assert found(catalogue, text) == []


def test_another_site_is_not_searched(catalogue: Newsroom) -> None:
    assert search.found(catalogue.store, "other.example", "bridge").hits == ()


def test_an_article_that_only_readers_told_of_goes_by_its_address(newsroom: Newsroom) -> None:
    newsroom.take(view("v", "2026-05-05 12:00", "u-9", url="https://news.example/unknown-page"))

    assert found(newsroom, "unknown-page") == [("article", "u-9")]
