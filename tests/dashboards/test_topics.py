"""The pages of sections and topics: shares, sides, sentences, and one section's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from analytics.desk import Desk
from dashboards import figures, groups, quadrants, scope
from dashboards.pages import topic, topics
from tests.builders import Article, Row, article, comment, engagement, utc, view
from tests.dashboards.small import at, cells, desk_of, heads, links, said

DAY = "/topics?period=2026-05-05"


def read(article_id: str, times: int) -> list[Row]:
    opened = utc("2026-05-05 12:00")
    rows: list[Row] = []
    for n in range(times):
        name = f"{article_id}-{n}"
        rows.append(view(name, opened, article_id, name))
        rows.append(engagement(name, opened + dt.timedelta(minutes=1), 20_000, acts=2, visitor=name))
    return rows


def pieces(section: str, count: int, **more: Any) -> list[Article]:
    published = utc("2026-05-05 09:00")
    return [
        article(f"{section[:2]}{n}", section=section, published_at=published, title=f"{section} {n}", **more)
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Thirty pieces of sport for 20 reads, twenty of transport for 60, one long read for 20, none for 5."""
    with desk_of(
        tmp_path_factory.mktemp("home"),
        *pieces("Sport", 30, topics=("rovers",), authors=("u1",)),
        *pieces("Transport", 20, topics=("ferry", "harbour"), authors=("u2",)),
        *pieces("Long read", 1, topics=("harbour",)),
        *read("Sp1", 20),
        *read("Tr1", 60),
        *read("Lo0", 20),
        *read("X", 5),
    ) as opened:
        yield opened


def test_the_sentence_names_who_leads_and_who_trails(desk: Desk) -> None:
    drawn = said(topics.topics(desk, at(DAY)))

    assert (
        "Transport is 39 % of the pieces and 57 % of the reads ; Sport is 59 % of the pieces and 19 %"
        in drawn
    )


def test_overlapping_topics_stand_for_themselves(desk: Desk) -> None:
    drawn = said(topics.topics(desk, at(f"{DAY}&split=topic")))

    assert "Name of harbour is 41 % of the pieces and 76 % of the reads ; Name of rovers is 59 %" in drawn
    assert "Full credit, rows add to 157 % of reads." in drawn


def test_nothing_is_claimed_of_few_pieces(tmp_path_factory: pytest.TempPathFactory) -> None:
    with desk_of(
        tmp_path_factory.mktemp("few"), *pieces("Sport", 12), *pieces("City", 4), *read("Ci1", 90)
    ) as few:
        drawn = topics.topics(few, at(DAY))

        assert "2 sections share 16 pieces and 90 reads ; no share of reads stands out" in said(drawn)
        assert [row["balance_chip"]["tone"] for row in cells(drawn)[:-1]] == ["outline", "outline"]


def test_a_row_has_pieces_shares_and_a_chip(desk: Desk) -> None:
    transport, long_read, sport, none, last = (
        {row["name"]: row for row in cells(topics.topics(desk, at(DAY)))}[name]
        for name in ("Transport", "Long read", "Sport", "(none)", "All 3")
    )

    assert (transport["published_text"], transport["balance_chip"]["text"]) == ("20", "▲ 1.5×")
    assert transport["balance_chip"]["said"] == "read more than produced"
    assert sport["balance_chip"]["text"] == "▼ 0.3×"
    assert long_read["balance_chip"]["text"].startswith("too few (n")
    assert (none["href"], none["published_text"]) == (None, "0")
    assert (last["published_text"], last["read_share_text"]) == ("51", " ")


def test_the_quadrant_describes_itself_and_has_a_table(desk: Desk) -> None:
    drawn = topics.topics(desk, at(DAY))

    assert "Share of 51 pieces and of all 105 reads; larger dot = more reads per piece" in said(drawn)
    assert "Grey: within 15 %, or fewer than 20 pieces (1)." in said(drawn)
    assert "View as table" in said(drawn)
    assert "Pieces of all Reads of reads Reads ÷ pieces" in said(drawn)


def test_the_quadrant_colours_sides_and_greys_the_rest(desk: Desk) -> None:
    found = groups.listed(scope.resolve(desk, at(DAY), "28d"), "section", topics.SHOWN, None)
    dots = quadrants.dots(found, is_calm=False)

    assert {dot.name: dot.paint for dot in dots} == {"Transport": "accent", "Sport": "c2", "Long read": "c6"}
    assert {dot.paint for dot in quadrants.dots(found, is_calm=True)} == {"c6"}
    figure = figures.quadrant(dots, x_title="")
    assert sorted(share for trace in figure["data"] for share in trace["x"]) == sorted(dot.x for dot in dots)


def test_rows_open_what_they_name(desk: Desk) -> None:
    sections = {row["name"]: row["href"] for row in cells(topics.topics(desk, at(DAY)))}
    named = {row["name"]: row["href"] for row in cells(topics.topics(desk, at(f"{DAY}&split=topic")))}

    assert sections["Long read"] == "/topics/Long%20read?period=2026-05-05"
    assert named["Name of ferry"] == "/topics/ferry?period=2026-05-05&split=topic"


def test_without_pieces_there_is_a_table_and_no_quadrant(tmp_path_factory: pytest.TempPathFactory) -> None:
    old = article("A1", section="City", published_at=utc("2026-04-01 09:00"))
    with desk_of(tmp_path_factory.mktemp("old"), old, *read("A1", 3)) as quiet:
        drawn = topics.topics(quiet, at(DAY))

        assert "No pieces to place." in said(drawn)
        assert cells(drawn)[0]["production_share_text"] == "—"


def test_where_reads_are_not_known_shares_are_of_views(tmp_path_factory: pytest.TempPathFactory) -> None:
    opened = [view(f"v{n}", "2026-05-05 12:00", "Sp1", f"p{n}", signal="none") for n in range(40)]
    with desk_of(tmp_path_factory.mktemp("views"), *pieces("Sport", 30), *opened) as blind:
        drawn = topics.topics(blind, at(DAY))

        assert "of views" in heads(drawn)
        assert "1 section shares 30 pieces and 40 views" in said(drawn)
        assert "reads" not in said(drawn).lower().replace("reads ÷ pieces", "")


def test_the_file_has_the_rows_of_the_table(desk: Desk) -> None:
    columns, rows = topics.download(desk, at(f"{DAY}&cols=published,balance"))

    assert columns == ["rank", "id", "name", "published", "balance"]
    assert [row[1] for row in rows] == ["Transport", "Long read", "Sport", None]


def test_a_section_has_its_authors_and_articles(desk: Desk) -> None:
    one = at("/topics/Transport?period=2026-05-05")

    assert links(topic.PROFILE.beside(desk, one)) == {"Name of u2": "/authors/u2?period=2026-05-05"}
    assert cells(topic.PROFILE.articles(desk, one))[0]["name"] == "Transport 1"
    assert "20" in said(topic.PROFILE.numbers(desk, one))


def test_a_topic_is_told_from_a_section_by_the_address(desk: Desk) -> None:
    one = at("/topics/harbour?split=topic&period=2026-05-05")

    assert links(topic.PROFILE.head(desk, one))["Topics"] == f"{DAY}&split=topic"
    assert [row["id"] for row in cells(topic.PROFILE.articles(desk, one))] == ["Tr1", "Lo0", "total"]


def test_an_address_without_a_kind_finds_the_topic_where_no_section_has_its_name(desk: Desk) -> None:
    one, nobody = at("/topics/harbour?period=2026-05-05"), at("/topics/nowhere?period=2026-05-05")

    assert topic.is_there(desk, one)
    assert links(topic.PROFILE.head(desk, one))["Topics"] == f"{DAY}&split=topic"
    assert [row["id"] for row in cells(topic.PROFILE.articles(desk, one))] == ["Tr1", "Lo0", "total"]
    assert not topic.is_there(desk, nobody)
    assert "There is no section 'nowhere'." in said(topic.PROFILE.head(desk, nobody))


def test_an_empty_house_says_once_what_to_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    with desk_of(tmp_path_factory.mktemp("empty")) as empty:
        drawn = topics.topics(empty, at("/topics"))

        assert said(drawn).count("No source of views is connected") == 1
        assert "No pieces to place" not in said(drawn)
        assert links(drawn) == {"See how": "/"}
        assert topics.drawn_map(empty, at("/topics")) is None


def test_the_map_says_that_comments_are_not_connected(tmp_path_factory: pytest.TempPathFactory) -> None:
    with desk_of(tmp_path_factory.mktemp("silent"), *pieces("Sport", 2), *read("Sp1", 40)) as silent:
        drawn = topics.drawn_map(silent, at(DAY))

        assert "no source of them is connected" in said(drawn)
        assert links(drawn) == {"See how": "/comments"}


def test_articles_without_any_topic_say_where_topics_come_from(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with desk_of(tmp_path_factory.mktemp("untold"), *read("A1", 3)) as untold:
        drawn = said(topics.topics(untold, at(f"{DAY}&split=topic")))

        assert "No article of this period has a topic. Articles get their topics from the catalogue" in drawn


def test_beside_a_topic_stand_its_hours_gaps_ghosts_and_editors_rename_it(desk: Desk) -> None:
    here = at("/topics/harbour?split=topic&period=2026-05-05")
    words = said(topic.PROFILE.more(desk, here))

    for title in ("When they read", "Readers, and nothing new", "Ghosts", "Old, and rising", "Where from"):
        assert title in words
    assert "Rename" in said(topic.PROFILE.joined(desk, here))
    assert topic.PROFILE.joined(desk, at("/topics/Transport?period=2026-05-05")) is None


def test_the_map_of_reach_and_talk_stands_below_with_its_corners(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    said_of = [comment(f"c{n}", "published", "2026-05-05 13:00", article="Sp1") for n in range(4)]
    with desk_of(
        tmp_path_factory.mktemp("talk"), *pieces("Sport", 3), *read("Sp1", 60), *read("Sp2", 40), *said_of
    ) as talked:
        drawn, listed = topics.drawn_map(talked, at(DAY)), topics.corners(talked, at(DAY))

        assert "One dot an article, cut at the medians" in said(drawn)
        assert "Drag over dots" not in said(drawn)  # no list follows it here
        found = links(listed)
        assert found["Sport 1"] == "/articles/Sp1?period=2026-05-05"
        assert found["many reads, much talk · 1"] == "/articles?period=2026-05-05&show=map&corner=hot"
        assert "Loaded to" in said(topics.foot(talked, at(DAY)))
