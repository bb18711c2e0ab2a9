"""Article rows made into a catalogue: fields, refusals, several rows of one article."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from analytics.catalog.catalogue import SCHEMAS, Catalogue
from analytics.catalog.rows import catalogue_of
from analytics.urls import article_id_of

NOW = dt.datetime(2026, 11, 22, 12)
EXAMPLE: dict[str, Any] = {
    "site": "news.example",
    "id": "a-17",
    "url": "http://www.news.example/2026/11/budget/?utm_source=x",
    "title": "Budget vote",
    "authors": ["First Author", {"id": "u-9", "name": "Second Author"}],
    "section": "politics",
    "topics": ["budget", {"name": "Vote", "kind": "group"}],
    "published_at": "2026-11-22T09:30:00+04:00",
    "language": "ka",
    "word_count": 640,
    "access": "free",
    "opening": {"views": 622, "as_of": "2026-10-31", "note": "counter of the old site"},
}


def read(*rows: object) -> tuple[Catalogue, dict[int, dict[str, list[str]]]]:
    catalogue, rejects = catalogue_of(rows, "news.example", "Asia/Tbilisi", NOW)
    return catalogue, {reject.index: reject.errors for reject in rejects}


def article(**fields: Any) -> dict[str, Any]:
    return {"id": "a", **fields}


def test_the_example_of_the_manual_is_read() -> None:
    catalogue, rejects = read(EXAMPLE)
    (row,) = catalogue.articles.to_dicts()

    assert rejects == {}
    assert row["url"] == "https://news.example/2026/11/budget"
    assert row["published_at"] == dt.datetime(2026, 11, 22, 5, 30)
    assert row["image"] is None
    assert row["given"] == sorted(EXAMPLE.keys() - {"site", "id", "opening"})
    assert catalogue.article_authors["author_id"].to_list() == ["first-author", "u-9"]
    assert catalogue.article_authors["position"].to_list() == [1, 2]
    assert catalogue.topics.rows() == [
        ("news.example", "budget", "budget", "tag"),
        ("news.example", "vote", "Vote", "group"),
    ]
    assert catalogue.aliases["alias"].to_list() == [article_id_of("https://news.example/2026/11/budget")]
    assert catalogue.balances.rows() == [
        ("news.example", "a-17", 622, None, dt.date(2026, 10, 31), "counter of the old site")
    ]


def test_frames_have_the_columns_of_the_contract() -> None:
    for catalogue in (read(EXAMPLE)[0], read()[0]):
        for name, schema in SCHEMAS.items():
            assert dict(getattr(catalogue, name).schema) == schema


def test_absent_keeps_and_null_clears() -> None:
    catalogue, _ = read(article(title="T", section=None, authors=None))

    assert catalogue.articles["given"].to_list() == [["authors", "section", "title"]]
    assert catalogue.article_authors.height == 0


def test_rows_of_one_article_become_one_and_the_last_word_counts() -> None:
    catalogue, rejects = read(
        article(title="Old", section="politics", authors=["A", "B"]),
        article(title="New", authors=["C"]),
    )

    assert rejects == {}
    assert catalogue.articles.select("title", "section").rows() == [("New", "politics")]
    assert catalogue.article_authors["author_id"].to_list() == ["c"]
    assert catalogue.articles["given"].to_list() == [["authors", "section", "title"]]


def test_the_same_name_is_the_same_author() -> None:
    catalogue, _ = read(
        article(authors=["Nino  BERIDZE", "nino beridze"]),
        article(id="b", authors=["\u10dc\u10d8\u10dc\u10dd"]),
    )

    assert catalogue.article_authors.select("article_id", "author_id").rows() == [
        ("a", "nino-beridze"),
        ("b", "\u10dc\u10d8\u10dc\u10dd"),
    ]


def test_an_author_by_id_only_keeps_the_name_of_another_row() -> None:
    catalogue, _ = read(
        article(authors=[{"id": "9", "name": "Nino"}]), article(id="b", authors=[{"id": "9"}])
    )

    assert catalogue.authors.rows() == [("news.example", "9", "Nino", None)]


def test_every_address_becomes_an_alias_of_one_article() -> None:
    catalogue, _ = read(
        article(url="https://h.example/1", aliases=["http://h.example/2/", "https://h.example/1"])
    )

    assert set(catalogue.aliases["alias"]) == {
        article_id_of("https://h.example/1"),
        article_id_of("https://h.example/2"),
    }
    assert catalogue.aliases["article_id"].unique().to_list() == ["a"]


def test_ids_keep_every_digit() -> None:
    catalogue, _ = read({"id": "1234567890123456789012345"})

    assert catalogue.articles["article_id"].to_list() == ["1234567890123456789012345"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T09:30:00Z", dt.datetime(2026, 11, 22, 9, 30)),
        ("2026-11-22T09:30:00", dt.datetime(2026, 11, 22, 5, 30)),
        ("2026-11-22", dt.datetime(2026, 11, 21, 20)),
        ("2031-01-01T00:00:00Z", dt.datetime(2031, 1, 1)),
    ],
)
def test_a_time_without_offset_is_local(text: str, expected: dt.datetime) -> None:
    assert read(article(published_at=text))[0].articles["published_at"].to_list() == [expected]


@pytest.mark.parametrize(
    ("row", "errors"),
    [
        ([], {"": ["wrong_type"]}),
        ({}, {"id": ["missing"]}),
        ({"id": None}, {"id": ["missing"]}),
        ({"id": 17}, {"id": ["wrong_type"]}),
        ({"id": ""}, {"id": ["bad_id"]}),
        ({"id": "a\x00b"}, {"id": ["bad_id"]}),
        ({"id": "x" * 201}, {"id": ["too_long"]}),
        (article(site="other.example"), {"site": ["unknown_site"]}),
        (article(url="news"), {"url": ["bad_url"]}),
        (article(url="https://h/" + "x" * 2000), {"url": ["too_long"]}),
        (article(aliases=["ftp://h/x"]), {"aliases": ["bad_url"]}),
        (article(title=5), {"title": ["wrong_type"]}),
        (article(title="x" * 501), {"title": ["too_long"]}),
        (article(title="a\x00"), {"title": ["wrong_type"]}),
        (article(authors="Nino"), {"authors": ["wrong_type"]}),
        (article(authors=[{}]), {"authors": ["missing"]}),
        (article(authors=["x"] * 51), {"authors": ["too_long"]}),
        (article(word_count="640"), {"word_count": ["wrong_type"]}),
        (article(word_count=1.5), {"word_count": ["wrong_type"]}),
        (article(word_count=True), {"word_count": ["wrong_type"]}),
        (article(word_count=-1), {"word_count": ["out_of_range"]}),
        (article(word_count=1_000_001), {"word_count": ["out_of_range"]}),
        (article(access="gold"), {"access": ["out_of_range"]}),
        (article(language="not a tag"), {"language": ["wrong_type"]}),
        (article(published_at="soon"), {"published_at": ["wrong_type"]}),
        (article(published_at="99999-01-01"), {"published_at": ["out_of_range"]}),
        (article(published_at="1989-12-31T23:00:00Z"), {"published_at": ["out_of_range"]}),
        (article(published_at="2032-01-01"), {"published_at": ["out_of_range"]}),
        (article(opening={"views": 1}), {"opening": ["missing"]}),
        (article(opening={"views": -1, "as_of": "2026-01-01"}), {"opening": ["out_of_range"]}),
        (article(title=5, word_count=-1), {"title": ["wrong_type"], "word_count": ["out_of_range"]}),
    ],
)
def test_a_bad_row_is_refused_with_its_codes(row: object, errors: dict[str, list[str]]) -> None:
    catalogue, rejects = read(EXAMPLE, row)

    assert {1: errors} == rejects
    assert catalogue.articles["article_id"].to_list() == ["a-17"]


def test_no_rows_make_an_empty_catalogue() -> None:
    catalogue, rejects = read()

    assert rejects == {}
    assert isinstance(catalogue.articles, pl.DataFrame)
    assert catalogue.articles.height == 0
