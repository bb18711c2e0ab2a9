"""The page of articles: what it says, links, greys and hands out, on the worked example of metrics.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.catalog.edits import Exclude
from analytics.control.identity import COMMAND, acting
from analytics.desk import Desk
from dashboards.pages import articles
from dashboards.pages.overview import look as worth
from dashboards.pages.overview.shown import drawn as drawn_
from tests.builders import article, utc, view
from tests.dashboards.small import at, cells, desk_of, heads, links, said
from tests.newsroom import Newsroom
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

DAY = "/articles?period=2026-05-05"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The example as of 2026-05-06 13:00 UTC; tests only read it."""
    with desk_of(
        tmp_path_factory.mktemp("home"),
        *VIEWS,
        *ENGAGEMENTS,
        *COMMENTS,
        *ARTICLES,
        view("u1", "2026-05-05 12:00", "u-1", "z", url="https://news.example/unknown"),
    ) as opened:
        yield opened


def test_the_sentence_says_how_much_and_a_row_what_each_brought(desk: Desk) -> None:
    drawn = articles.articles(desk, at(DAY))
    first = cells(drawn)[0]

    assert "3 articles brought 4 reads ." in said(drawn)
    assert (first["name"], first["rank"], first["views_text"], first["reads_text"]) == (
        "https://news.example/A1",
        "1",
        "6",
        "3",
    )
    assert first["byline"] == "Name of u1, Name of u2 · published Mon 09:00"
    assert first["section"] == "politics"


def test_what_rests_on_fewer_than_30_is_grey_and_says_n(desk: Desk) -> None:
    first = cells(articles.articles(desk, at(DAY)))[0]

    assert first["read_rate_few"]
    assert first["read_rate_full"] == "n 5, 23 to 88\N{NARROW NO-BREAK SPACE}%"
    assert not first["views_few"]


def test_an_article_that_no_catalogue_knows_shows_its_address(desk: Desk) -> None:
    row = next(each for each in cells(articles.articles(desk, at(DAY))) if each["id"] == "u-1")

    assert row["name"] == "https://news.example/unknown"
    assert row["byline"] == "not in the catalogue yet"
    assert row["section"] == row["published_at_text"] == "—"
    assert (row["reads_text"], row["finish_rate_text"]) == ("0", "—")


def test_counter_and_ways_in_are_columns_and_rows_can_be_compared(desk: Desk) -> None:
    drawn = articles.articles(desk, at(f"{DAY}&cols=views,counter,from_search,from_ai"))
    first = cells(drawn)[0]

    assert ["Counter", "Search", "AI assistants"] == heads(drawn)[-4:-1]
    assert (first["counter"], first["from_search"], first["from_ai"]) == (6, 2 / 6, 0)
    assert links(drawn)["Compare"] == "/compare?period=2026-05-05&of=articles&items="
    assert articles.download(desk, at(f"{DAY}&cols=from_search"))[0][-1] == "from_search"


def test_former_titles_stand_behind_the_present_one(tmp_path: Path) -> None:
    with desk_of(tmp_path, view("v", "2026-05-05 12:00", "A1"), article("A1", title="Old")) as opened:
        Newsroom(opened.store, now=utc("2026-05-06 13:00")).take(article("A1", title="New"))
        first = cells(articles.articles(opened, at(DAY)))[0]

    assert (first["name"], first["former"]) == ("New", "Before: “Old”")


def test_an_excluded_article_is_counted_below_the_list(tmp_path: Path) -> None:
    with desk_of(
        tmp_path, view("v", "2026-05-05 12:00", "A1"), view("w", "2026-05-05 12:00", "A2")
    ) as opened:
        with acting(COMMAND):
            opened.correct("news.example", Exclude(articles=["A2"]))
        drawn = articles.articles(opened, at(DAY))
        look = drawn_(worth.draw_look)(opened, at("/?period=2026-05-05"))

    assert "1 of 1 article · 1 excluded" in said(drawn)
    assert links(drawn)["1 excluded"] == links(look)["1 excluded"] == "/health"


def test_the_last_row_is_distinct_and_has_no_link(desk: Desk) -> None:
    last = cells(articles.articles(desk, at(DAY)))[-1]

    assert last["name"] == "All 3 articles"
    assert last["href"] is None
    assert (last["views_text"], last["readers_text"]) == ("10", "7")
    assert "reads_mark" not in last


def test_a_row_opens_its_article_in_the_same_period_without_the_filters_that_chose_it(desk: Desk) -> None:
    rows = cells(articles.articles(desk, at(f"{DAY}&section=politics&channel=direct&q=A&sort=-views")))

    assert rows[0]["href"] == "/articles/A1?period=2026-05-05&channel=direct"


def test_filters_narrow_rows_and_totals_alike(desk: Desk) -> None:
    rows = cells(articles.articles(desk, at(f"{DAY}&section=culture")))

    assert [row["id"] for row in rows] == ["A2", "total"]
    assert rows[-1]["views_text"] == "3"


def test_filters_that_leave_nothing_offer_to_take_them_off(desk: Desk) -> None:
    drawn = articles.articles(desk, at(f"{DAY}&section=sport&cols=views"))

    assert "The filters leave no articles." in said(drawn)
    assert links(drawn)["Clear filters"] == "/articles?period=2026-05-05&cols=views"


def test_comments_leave_under_a_filter_they_do_not_know(desk: Desk) -> None:
    drawn = articles.articles(desk, at(f"{DAY}&channel=search"))

    assert "Comments /1k" not in heads(drawn)
    assert "Comments are not shown" in said(drawn)


def test_the_order_of_the_address_is_marked_and_columns_are_chosen_in_it(desk: Desk) -> None:
    drawn = articles.articles(desk, at(f"{DAY}&sort=views&cols=exit_rate,views,word_count"))

    assert heads(drawn) == ["#", "Article", "Section", "Age", "Views", "Exit rate", "Words", "By hour"]
    assert [row["id"] for row in cells(drawn)[:3]] == ["u-1", "A2", "A1"]
    assert [row["word_count_text"] for row in cells(drawn)[:3]] == ["—", "600", "300"]
    assert links(drawn)["Back to the usual columns"] == f"{DAY}&sort=views"


def test_few_rows_say_of_how_many_and_offer_the_rest(tmp_path_factory: pytest.TempPathFactory) -> None:
    views = [view(f"v{n}", "2026-05-05 12:00", f"A{n:02}", f"p{n}") for n in range(60)]
    with desk_of(tmp_path_factory.mktemp("many"), *views) as many:
        drawn = articles.articles(many, at(f"{DAY}&sort=-views"))

        assert "50 of 60 articles · Show all 60" in said(drawn)
        assert links(drawn)["Show all 60"] == f"{DAY}&sort=-views&rows=60"
        assert {row["rank"] for row in cells(drawn)[:50]} == {"1="}
        assert len(articles.download(many, at(DAY))[1]) == 60


def test_a_source_that_cannot_tell_reading_is_said_once_and_views_lead(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with desk_of(
        tmp_path_factory.mktemp("views"),
        article("A1", title="Known", published_at=utc("2026-05-05 09:00")),
        *[view(f"v{n}", "2026-05-05 12:00", "A1", f"p{n}", signal="none") for n in range(40)],
    ) as blind:
        drawn = articles.articles(blind, at(f"{DAY}&sort=-reads"))

        assert heads(drawn) == ["#", "Article", "Age", "Views", "Readers", "Went on", "By hour"]
        assert "1 article brought 40 views ." in said(drawn)
        assert said(drawn).count("cannot tell reading") == 1
        assert "No source of comments is connected" in said(drawn)


def test_published_in_lists_the_unread_and_says_what_is_still_counting(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with desk_of(
        tmp_path_factory.mktemp("cohort"),
        article("A1", title="Unread", published_at=utc("2026-05-05 09:00"), authors=("u1",)),
        view("v1", "2026-05-05 12:00", "A0"),
    ) as cohort:
        drawn = articles.articles(cohort, at(f"{DAY}&basis=published_in"))
        row = cells(drawn)[0]

        assert (row["name"], row["views_text"], row["reads_text"]) == ("Unread", "0", "0")
        assert "Read rate" not in heads(drawn)  # nothing is known of it in any row
        assert row["byline"] == "Name of u1 · Tue 06:00 · still counting"
        assert "1 article published in the period brought 0 reads in its first 7 days." in said(drawn)


def test_an_empty_home_says_how_readers_come_in(tmp_path_factory: pytest.TempPathFactory) -> None:
    with desk_of(tmp_path_factory.mktemp("empty")) as empty:
        drawn = articles.articles(empty, at("/articles"))

        assert "Nothing has been counted yet." in said(drawn)
        assert "Nothing has been loaded yet" in said(drawn)


def test_days_before_all_counting_say_when_it_began(desk: Desk) -> None:
    drawn = articles.articles(desk, at("/articles?period=2020-01&section=politics"))

    assert "Nothing was counted yet on these days. Counting began on" in said(drawn)
    assert links(drawn)["Show later days"] == "/articles?section=politics"


def test_the_file_has_exactly_the_rows_and_numbers_of_the_table(desk: Desk) -> None:
    view_ = at(f"{DAY}&sort=-read_rate&cols=read_rate,views")
    columns, rows = articles.download(desk, view_)
    shown = cells(articles.articles(desk, view_))[:-1]
    found = [dict(zip(columns, row, strict=True)) for row in rows]

    assert [each["id"] for each in found] == [each["id"] for each in shown]
    assert [each["views"] for each in found] == [each["views"] for each in shown]
    assert [each["read_rate"] for each in found] == [each["read_rate"] for each in shown]
    assert columns[-5:] == ["views", "read_rate", "read_rate_n", "read_rate_low", "read_rate_high"]
    assert found[0]["published_at"] in {"2026-05-04T09:00:00-03:00", None}


def test_the_head_offers_every_filter_and_names_the_chosen(desk: Desk) -> None:
    drawn = articles.head(desk, at(f"{DAY}&author=u1&channel=search&nonsense=1"))

    assert "Author: Name of u1 × Channel: Search ×" in said(drawn)
    assert links(drawn)["Author: Name of u1 ×"] == f"{DAY}&channel=search"
    assert "Not understood in the address" in said(drawn)


def test_the_map_stands_above_the_list_only_where_it_is_asked_for(desk: Desk) -> None:
    assert articles.drawn_map(desk, at("/articles")) is None
    assert "Reach and talk" in said(articles.drawn_map(desk, at("/articles?show=map")))


def test_brushes_are_two_rising_pairs() -> None:
    for wrong in ("1,2,3", "5,2,0,1", "1,2,3,nan", "-1,2,0,1", "a,b,c,d"):
        assert at(f"/articles?show=map&brush={wrong}").refused
    assert at("/articles?show=map&brush=80.3,1340,0,12").brush == "80.3,1340,0,12"
