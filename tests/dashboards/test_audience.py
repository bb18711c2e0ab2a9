"""Audience and sources: what each card says, where it leads, and what stands there without data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.desk import Desk
from dashboards import scope
from dashboards.pages import audience as page
from dashboards.pages.audience import channels, named, readers
from dashboards.pages.audience.shown import PERIOD, drawn, foot, head
from dashboards.scope import Scope
from tests.builders import article, engagement, view
from tests.dashboards.small import at, desk_of, links, said

DAY = "/audience?period=2026-05-05"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    phone = {"device": "phone", "country": "GE", "language": "ka"}
    with desk_of(
        tmp_path_factory.mktemp("home"),
        article("A1", title="The ferry", section="Transport"),
        view("v0", "2026-04-01 12:00", "A1", "z", channel="search", source="Google"),
        view("v1", "2026-05-05 12:00", "A1", "p", channel="search", source="Google", **phone),
        view("v2", "2026-05-05 12:01", "A1", "q", channel="search", source="Google"),
        view("v3", "2026-05-05 12:02", "A1", "r", channel="direct"),
        view("v4", "2026-05-05 12:03", "A1", "s", channel="ai", source="ChatGPT", utm_campaign="spring"),
        engagement("v1", "2026-05-05 12:01", 20_000, acts=2, visitor="p"),
    ) as opened:
        yield opened


def shown(desk: Desk, address: str = DAY) -> Scope:
    return scope.resolve(desk, at(address), PERIOD)


def test_the_sentence_names_what_brought_most(desk: Desk) -> None:
    words = said(channels.sentence(shown(desk)))

    assert "Of 4 views, Search 50" in words
    assert "AI assistants 25" in words


def test_direct_is_named_with_what_it_holds(desk: Desk) -> None:
    words = said(channels.table(shown(desk)))

    assert "bookmarks" in words
    assert "never guessed" in words


def test_rows_open_the_articles_that_they_brought(desk: Desk) -> None:
    days = "period=2026-05-05"

    assert links(channels.table(shown(desk)))["Search"] == f"/articles?{days}&channel=search"
    assert links(named.sources(shown(desk)))["Google"] == f"/articles?{days}&source=Google"
    assert links(named.assistants(shown(desk)))["ChatGPT"] == f"/articles?{days}&channel=ai&source=ChatGPT"
    assert links(readers.countries(shown(desk)))["Georgia"] == f"/articles?{days}&country=GE"


def test_new_sources_and_campaigns_stand_beside_each_other(desk: Desk) -> None:
    words = said(named.newcomers(shown(desk)))

    assert "ChatGPT" in words
    assert "spring" in words
    assert "Google" not in words


def test_languages_have_names(desk: Desk) -> None:
    assert "Georgian" in said(readers.languages(shown(desk)))


def test_a_filter_that_entries_do_not_know_is_said(desk: Desk) -> None:
    found = shown(desk, f"{DAY}&topic=harbour")

    assert "Not known under this filter" in said(readers.landings(found))
    assert "Entries" not in said(channels.table(found))


def test_without_reader_ids_the_card_is_absent(desk: Desk) -> None:
    assert readers.loyalty(shown(desk)) is None
    assert readers.loyalty_rows(desk, at(DAY))[1] == []


def test_loyalty_has_a_file_of_its_shares(tmp_path: Path) -> None:
    first, second = (
        view("v0", "2026-05-04 12:00", "A1", "p", reader_id=7),
        view("v1", "2026-05-05 12:00", "A1", "q"),
    )
    with desk_of(tmp_path, article("A1"), first, second) as desk:
        names, rows = readers.loyalty_rows(desk, at("/audience?period=2026-05-04..2026-05-05"))
        card = readers.loyalty(shown(desk, "/audience?period=2026-05-04..2026-05-05"))

    assert list(names) == ["share", "readers", "of_readers", "value"]
    assert rows == [("new", 0, 0, None), ("loyal", 0, 0, None), ("coverage", 1, 2, 0.5)]
    assert "50 %" in said(card).replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_the_files_have_the_rows_of_the_cards(desk: Desk) -> None:
    names, rows = channels.table_rows(desk, at(DAY))
    assert {row[names.index("channel")]: row[names.index("entries")] for row in rows} == {
        "search": 2,
        "direct": 1,
        "ai": 1,
    }
    for file in (
        channels.course_rows,
        named.source_rows,
        named.campaign_rows,
        readers.landing_rows,
    ):
        names, rows = file(desk, at(DAY))
        assert rows
        assert len(rows[0]) == len(names)


def test_what_was_not_collected_is_blank_in_the_file_of_the_chart_and_never_0(desk: Desk) -> None:
    names, rows = channels.course_rows(desk, at("/audience?period=2026-03-30..2026-04-02"))
    found = {str(row[0])[:10]: (row[names.index("search")], row[-1]) for row in rows}

    assert names[-1] == "is_gap"
    assert found["2026-03-30"] == (None, True)  # before the first view
    assert found["2026-04-01"][0] == 1


def test_small_panels_have_their_files_too(desk: Desk) -> None:
    for name, drawn_, key in (
        ("devices", readers.devices, "device"),
        ("countries", readers.countries, "country"),
        ("languages", readers.languages, "id"),
    ):
        columns, rows = page.DOWNLOADS[f"audience-{name}"](desk, at(DAY))
        words = said(drawn_(shown(desk)))

        assert columns[0] == key
        assert rows
        assert "Download" in words


def test_without_any_view_the_head_alone_says_how_they_come_in(tmp_path: Path) -> None:
    with desk_of(tmp_path) as empty:
        assert "Nothing has been counted yet." in said(head(empty, at("/audience")))
        assert drawn(channels.table)(empty, at("/audience")) is None
        assert "Nothing has been loaded yet" in said(foot(empty, at("/audience")))
