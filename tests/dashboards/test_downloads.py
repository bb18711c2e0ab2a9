"""Files of cards: every page's, in every format, with what they hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from analytics.desk import Desk
from analytics.exports import FORMATS
from dashboards import app, cards, downloads, scope
from tests.dashboards.small import at, desk_of
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

PAGES = app._all_pages()
DAY = "period=2026-05-05"
Get = Callable[[str], httpx.Response]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The example as of 2026-05-06 13:00 UTC; tests only read it."""
    with desk_of(tmp_path_factory.mktemp("home"), *VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES) as opened:
        yield opened


@pytest.fixture
def get(desk: Desk) -> Get:
    server = FastAPI()
    server.state.desk = desk
    downloads.register(server, app._offered(PAGES, "DOWNLOADS"), lambda *asked: app._told(PAGES, *asked))

    async def asked(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(server)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.get(path)

    return lambda path: asyncio.run(asked(path))


@pytest.mark.parametrize(
    ("name", "path", "days"),
    [
        ("articles", "/articles", "2026-04-29 to 2026-05-05"),  # the page's default
        ("authors", "/authors", "2026-04-08 to 2026-05-05"),
        ("author-articles", "/authors/u1", "2026-04-08 to 2026-05-05"),
        ("article-curve", "/articles/A1", "2026-05-04 to 2026-05-05"),  # since publication
        ("overview-articles", "/", "2026-05-05 to 2026-05-05"),
    ],
)
def test_what_a_file_holds_names_the_days_that_its_page_shows(
    get: Get, name: str, path: str, days: str
) -> None:
    told = get(f"/download/{name}.about?path={path}").json()

    assert told["Period"].startswith(days)
    assert told["Time zone"] == "America/Sao_Paulo"
    assert told["As of"] == "2026-05-06T10:00:00-03:00"
    assert told["Definitions"] == "v1"


def test_what_a_file_holds_names_filters_and_columns_as_readers_do(desk: Desk) -> None:
    view = at("/articles?author=u1&section=!politics&q=vote&credit=equal")
    about = cards.about(scope.resolve(desk, view, "7d"), "", ["reads", "read_rate", "read_rate_low"])

    assert about.columns["reads"].startswith("Reads: count of views that are reads (v1).")
    assert about.shares == {"read_rate", "read_rate_low"}
    assert about.choices == {
        "author": "Name of u1",
        "section": "not politics",
        "search": "vote",
        "basis": "read_in",
        "credit": "equal",
    }


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_answers_and_names_its_file(get: Get, kind: str) -> None:
    answer = get(f"/download/articles.{kind}?{DAY}&path=/articles")
    ending = "about.json" if kind == "about" else kind

    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="tearsheet-articles-2026-05-05.{ending}"'
    )
    assert answer.headers["content-type"] == FORMATS[kind].media_type


def test_rows_are_all_of_the_view_and_the_address_opens_it_again(get: Get) -> None:
    answer = get(f"/download/articles.json?{DAY}&rows=10&path=/articles").json()

    assert len(answer["rows"]) == 2
    assert answer["about"]["Rows"] == "2, all of the view"
    assert answer["about"]["Address"] == f"http://testserver/articles?{DAY}&rows=10"


@pytest.mark.parametrize("path", ["/download/articles.exe", "/download/nothing.csv", "/download/articles"])
def test_what_does_not_exist_is_refused_in_a_sentence(get: Get, path: str) -> None:
    answer = get(path)

    assert answer.status_code == 404


def test_an_unknown_site_is_refused_in_a_sentence(get: Get) -> None:
    answer = get("/download/articles.xlsx?site=other&path=/articles")

    assert (answer.status_code, msgspec.json.decode(answer.content)["error"]) == (
        400,
        "There is no site 'other'.",
    )
