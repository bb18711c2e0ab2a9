"""The pages of authors: credit, medians, "(none)", and one author's page, on the worked example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from analytics.catalog.edits import JoinAuthor, SetDesk
from analytics.desk import Desk
from analytics.errors import UsageError
from dashboards import profiles
from dashboards.pages import author, authors
from tests.builders import view
from tests.dashboards.small import at, cells, desk_of, heads, links, said
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

DAY = "/authors?period=2026-05-05"
ONE = "/authors/u1?period=2026-05-05"
PERCENT = "\N{NARROW NO-BREAK SPACE}%"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The example as of 2026-05-06 13:00 UTC, and one article that nobody wrote."""
    with desk_of(
        tmp_path_factory.mktemp("home"),
        *VIEWS,
        *ENGAGEMENTS,
        *COMMENTS,
        *ARTICLES,
        view("n1", "2026-05-05 12:00", "A9", "z"),
    ) as opened:
        yield opened


def rows_of(drawn: Any) -> list[tuple[object, ...]]:
    return [(row["rank"], row["name"], row["reads_text"]) for row in cells(drawn)]


@pytest.mark.parametrize(
    ("credit", "reads", "said_"),
    [
        ("full", [("1", "Name of u1", "4"), ("2", "Name of u2", "3")], "gets all of it: rows add to 175"),
        (
            "equal",
            [("1", "Name of u1", "2.5"), ("2", "Name of u2", "1.5")],
            "equally by its authors: rows add to 100",
        ),
        ("first", [("1", "Name of u1", "4")], "for its first author only: rows add to 100"),
    ],
)
def test_credit_changes_rows_and_says_what_they_add_to(
    desk: Desk, credit: str, reads: list[tuple[str, str, str]], said_: str
) -> None:
    drawn = authors.authors(desk, at(f"{DAY}&credit={credit}"))

    assert [row for row in rows_of(drawn) if row[0]] == reads
    assert f"{said_}{PERCENT} of reads".replace("\N{NARROW NO-BREAK SPACE}", " ") in said(drawn)


def test_none_stands_last_without_rank_or_link(desk: Desk) -> None:
    drawn = authors.authors(desk, at(DAY))
    none, last = cells(drawn)[-2:]

    assert (none["rank"], none["name"], none["href"], none["views_text"]) == ("", "(none)", None, "1")
    assert (last["name"], last["views_text"], last["reads_text"]) == ("All 2", "10", "4")


def test_the_median_per_article_is_grey_and_says_how_many(desk: Desk) -> None:
    first = cells(authors.authors(desk, at(DAY)))[0]

    assert (first["per_article_text"], first["per_article_few"]) == ("1", True)
    assert first["per_article_full"] == "n 2 articles"


def test_a_row_opens_the_author_in_the_same_period_and_credit(desk: Desk) -> None:
    first = cells(authors.authors(desk, at(f"{DAY}&credit=equal&sort=-views")))[0]

    assert first["href"] == "/authors/u1?period=2026-05-05&credit=equal"


def test_the_sentence_counts_authors_reads_and_pieces(desk: Desk) -> None:
    drawn = authors.authors(desk, at(DAY))

    assert "2 authors stand over 4 reads ; 0 articles were published in the period." in said(drawn)


def test_columns_are_chosen_and_the_file_has_them_with_what_they_rest_on(desk: Desk) -> None:
    view_ = at(f"{DAY}&cols=published,per_article,read_rate&sort=name")
    columns, rows = authors.download(desk, view_)

    assert heads(authors.authors(desk, view_))[2:-1] == ["Pieces", "Median", "Read rate"]
    assert columns == [
        "rank",
        "id",
        "name",
        "published",
        "per_article",
        "per_article_n",
        "read_rate",
        "read_rate_n",
        "read_rate_low",
        "read_rate_high",
    ]
    assert [row[1] for row in rows] == ["u1", "u2", None]


def test_an_author_has_numbers_course_topics_and_articles(desk: Desk) -> None:
    numbers = author.PROFILE.numbers(desk, at(ONE))
    beside = author.PROFILE.beside(desk, at(ONE))
    articles = author.PROFILE.articles(desk, at(ONE))

    assert "Reads ? Why this number?" in said(numbers)
    assert links(beside) == {
        "Name of city": "/topics/city?period=2026-05-05&split=topic",
        "Name of budget": "/topics/budget?period=2026-05-05&split=topic",
    }
    assert [row["id"] for row in cells(articles)] == ["A1", "A2", "total"]
    assert "4 reads" not in said(articles)
    assert author.DOWNLOADS.keys() == {"author-articles", "author-course"}


def test_an_author_is_named_with_the_way_back(desk: Desk) -> None:
    drawn = author.PROFILE.head(desk, at(ONE))

    assert "Name of u1" in said(drawn)
    assert links(drawn)["Authors"] == "/authors?period=2026-05-05"


def test_the_course_of_an_author_is_a_file_too(desk: Desk) -> None:
    columns, rows = author.PROFILE.course_file(desk, at(ONE))

    assert columns == ["bucket", "reads", "previous", "is_complete"]
    assert sum(row[1] for row in rows if isinstance(row[1], float)) == 4


def test_an_unknown_author_is_refused_in_a_sentence(desk: Desk) -> None:
    nobody = at("/authors/nobody")
    with pytest.raises(UsageError, match="There is no author 'nobody'"):
        author.PROFILE.numbers(desk, nobody)

    assert "There is no author 'nobody'. Choose one from the list" in said(author.PROFILE.head(desk, nobody))
    assert profiles._of_known(author.PROFILE.numbers)(desk, nobody) is None  # said once, by the head


def test_beside_an_author_stand_the_last_ten_weeks_hours_and_company(desk: Desk) -> None:
    words = said(author.PROFILE.more(desk, at(ONE)))

    assert "not known" in words  # too few stories to expect anything of
    assert "Week by week" in words
    assert "Wrote with" in words
    assert "Name of u2" in words
    assert "no pattern yet" in words or "Nothing to compare" in words


def test_an_alias_opens_the_author_that_it_counts_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    with desk_of(tmp_path_factory.mktemp("home"), *VIEWS, *ARTICLES) as own:
        assert "Add an alias" in said(author.PROFILE.joined(own, at(ONE)))
        done = own.correct("news.example", JoinAuthor("u2", "u1"))
        own.recount()

        assert "Name of u2" in said(author.PROFILE.joined(own, at(ONE)))
        assert "Name of u1" in said(author.PROFILE.head(own, at(ONE.replace("u1", "u2"))))
        assert "u2" not in str(rows_of(authors.authors(own, at(DAY))))
        own.undo("news.example", done.edit_id)
        assert "Name of u2" in said(author.PROFILE.head(own, at(ONE.replace("u1", "u2"))))


def test_desks_open_over_their_authors_and_count_an_article_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    by_desk = f"{DAY}&split=desk"
    with desk_of(tmp_path_factory.mktemp("home"), *VIEWS, *ENGAGEMENTS, *ARTICLES) as own:
        closed = cells(authors.authors(own, at(by_desk)))

        # u1 wrote for politics and culture alike, u2 for politics only: A1 is of both, and counts once.
        assert [(row["name"], row["reads_text"]) for row in closed] == [
            ("▸ culture · 1 author", "4"),
            ("▸ politics · 1 author", "3"),
            ("All 2", "4"),
        ]
        assert closed[0]["href"] == "/authors?period=2026-05-05&split=desk&items=culture"

        own.correct("news.example", SetDesk(["u1", "u2"], "City desk"))
        opened = cells(authors.authors(own, at(f"{by_desk}&items=City%20desk")))

        assert [(row["name"].strip(), row["reads_text"]) for row in opened] == [
            ("▾ City desk · 2 authors", "4"),
            ("Name of u1", "4"),
            ("Name of u2", "3"),
            ("All 2", "4"),
        ]
        assert opened[0]["href"] == "/authors?period=2026-05-05&split=desk"
        words = said(author.PROFILE.joined(own, at(ONE)))
        assert "Desk: City desk, as an editor said." in words
        assert "Set the desk" in words
