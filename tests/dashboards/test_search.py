"""The search of every page: its groups, their addresses, and what it says where nothing is found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from analytics.desk import Desk
from dashboards import search
from tests.builders import article
from tests.dashboards.small import desk_of


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Seven articles, one author, one topic; tests only read it."""
    with desk_of(
        tmp_path_factory.mktemp("home"),
        article("t/1", title="Trams & tides", section="City & sea", authors=("tra-lee",), topics=("trams",)),
        *[article(f"n{n}", title=f"Tram line {n}") for n in range(8)],
    ) as opened:
        yield opened


def test_groups_lead_to_what_was_found(desk: Desk) -> None:
    groups = {group["title"]: group for group in search.groups_of(desk, "tra")}

    assert {title: group["said"] for title, group in groups.items()} == {
        "Articles": "9 articles",
        "Authors": "1 author",
        "Topics": "1 topic",
    }
    assert groups["Authors"]["hits"] == [
        {"id": "tra-lee", "name": "Name of tra-lee", "note": "1 article", "href": "/authors/tra-lee"}
    ]
    assert groups["Articles"]["more"]["href"] == "/articles?period=90d&q=tra"
    assert groups["Topics"]["more"] is None


def test_ids_and_names_are_written_into_addresses_with_care(desk: Desk) -> None:
    first = search.groups_of(desk, "trams & tides")[0]["hits"][0]
    section = search.groups_of(desk, "city")[0]["hits"][0]

    assert first["href"] == "/articles/t/1"
    assert section["href"] == "/topics/City%20%26%20sea"


def test_nothing_typed_lists_the_pages_and_the_begin_of_a_page_puts_it_first(desk: Desk) -> None:
    (pages,) = search.groups_of(desk, " ")

    assert "/live" in [hit["href"] for hit in pages["hits"]]
    assert search.groups_of(desk, "Topi")[0]["hits"][0]["href"] == "/topics"
    assert search.groups_of(desk, "nothing of it") == []


def test_the_site_of_the_address_goes_along(desk: Desk) -> None:
    (site,) = [each.site_id for each in desk.sites()]

    assert search.groups_of(desk, "tra-lee", site)[0]["hits"][0]["href"] == f"/authors/tra-lee?site={site}"
