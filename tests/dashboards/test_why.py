"""Why this number: the panel asks for exactly what the page has counted."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from analytics.control.identity import Identity, Role, acting
from analytics.desk import Desk
from analytics.errors import UnknownMetricError
from dashboards import cards, components, scope, why
from dashboards.components import NavPage
from dashboards.pages.article.shown import known
from tests.builders import SITE
from tests.dashboards.small import at, desk_of
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The example as of 2026-05-06 13:00 UTC; tests only read it."""
    with desk_of(tmp_path_factory.mktemp("home"), *VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES) as opened:
        yield opened


def asked(desk: Desk, href: str) -> dict[str, object]:
    query = urlsplit(href).query
    given = parse_qs(query)
    return why.told(desk, query, given["number"][0], tuple(given.get("article", ())))


def test_the_panel_asks_with_the_days_and_filters_of_its_page(desk: Desk) -> None:
    shown = scope.resolve(desk, at("/articles?section=politics&basis=published_in"), "7d")
    href = cards.why_metric("reads", shown).rows_href
    answer = asked(desk, href)

    assert "period=2026-04-29..2026-05-05" in href
    assert "'politics'" in str(answer["sql"])
    assert "p.published_at" in str(answer["sql"])
    assert answer["rows"][:2] == [("Rows of view_facts", "11"), ("Used", "3")]  # type: ignore[index]


def test_a_page_of_one_article_asks_for_it_alone(desk: Desk) -> None:
    answer = asked(desk, why.href(known(desk, at("/articles/A1")).scope, "views"))

    assert "unnest(['A1']" in str(answer["sql"])


def test_the_sql_page_is_offered_where_there_is_one_and_the_role_opens_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    href = why.href(scope.resolve(desk, at("/"), "7d"), "views")
    page = NavPage("/sql", "SQL", "Desk", "s")
    monkeypatch.setattr(components, "PAGES", (*components.PAGES, page))

    with acting(Identity("person", "p", "Vera", {SITE: Role.EDITOR})):
        assert asked(desk, href)["open"] == ""
    with acting(Identity("person", "p", "Anna", {SITE: Role.ANALYST})):
        assert str(asked(desk, href)["open"]).startswith("/sql#SELECT%20")


def test_the_live_numbers_answer_too(desk: Desk) -> None:
    href = why.href(scope.resolve(desk, at("/live?period=today"), "today"), "on_site")

    with acting(Identity("person", "p", "Anna", {SITE: Role.ADMIN})):
        answer = asked(desk, href)
    with acting(Identity("person", "p", "Vera", {SITE: Role.EDITOR})):
        hidden = asked(desk, href)
    assert "count(DISTINCT visitor)" in str(answer["sql"])
    assert str(answer["open"]).startswith("/sql#")
    assert (hidden["sql"], hidden["open"]) == ("", "")


def test_what_is_no_metric_is_refused(desk: Desk) -> None:
    with pytest.raises(UnknownMetricError):
        why.told(desk, "", "nothing")
