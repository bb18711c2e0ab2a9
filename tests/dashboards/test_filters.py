from hypothesis import given
from hypothesis import strategies as st

from dashboards import filters
from dashboards.filters import View, parse


def test_an_empty_address_is_all_defaults() -> None:
    view = parse("/", "")

    assert view == View()
    assert view.query() == ""


def test_every_parameter_is_read() -> None:
    view = parse(
        "/articles",
        "?period=2026-05-01..2026-05-10&compare=previous&metric=views&basis=published_in&horizon=24h"
        "&credit=equal&section=politics,!sport&age=new&country=DE&device=phone&q=two+words&sort=-reads"
        "&cols=views,reads&rows=100&version=2",
    )

    assert view.refused == ""
    assert view.period == "2026-05-01..2026-05-10"
    assert view.section == ("politics", "!sport")
    assert (view.q, view.sort, view.cols, view.rows) == ("two words", "-reads", ("views", "reads"), 100)
    assert view.where() == {
        "section": ("politics", "!sport"),
        "device": ("phone",),
        "country": ("DE",),
        "age": ("new",),
    }


def test_what_is_unknown_falls_back_and_is_named() -> None:
    view = parse("/", "?period=7x&metric=hits&compare=typical&rows=1000000&nonsense=1")

    assert (view.period, view.metric, view.rows) == ("", "reads", 0)
    assert "period “7x”" in view.refused
    assert "metric “hits”" in view.refused
    assert "nonsense" in view.refused


def test_hostile_values_are_refused() -> None:
    for search in (
        "?section=%00",
        "?section=" + "a" * 400,
        "?section=" + ",".join("ab" * 60),
        "?sort=a;drop",
        "?period=9999999-99",
    ):
        view = parse("/", search)

        assert view.refused
        assert view.query() == ""


def test_a_comma_inside_a_name_survives() -> None:
    view = View(author=("Okonjo, M.", "!Lindqvist & Co"))

    assert parse("/", view.query()).author == view.author


def test_addresses_change_one_thing_and_keep_the_rest() -> None:
    view = parse("/articles", "?period=28d&section=politics&sort=-views&q=ferry")

    assert view.href(period="7d") == "/articles?period=7d&section=politics&q=ferry&sort=-views"
    assert view.without("section", "politics").where() == {}
    assert view.drill("/articles/a 1") == "/articles/a%201?period=28d&section=politics"


def test_the_refusal_does_not_travel_with_links() -> None:
    assert parse("/", "?period=7x").but(metric="views").refused == ""


@given(st.text(max_size=200))
def test_no_query_breaks_the_page(search: str) -> None:
    view = parse("/", search)

    assert parse("/", view.query()).query() == view.query()


names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20).filter(
    lambda s: s.strip("!")
)


@given(st.lists(names, max_size=4, unique=True), st.sampled_from(filters.COMPARE), st.integers(10, 500))
def test_what_is_written_is_read_back(topics: list[str], compare: str, rows: int) -> None:
    view = View(topic=tuple(topics), compare=compare, rows=rows)

    assert parse("/", view.query()) == view


def test_the_language_of_an_address_is_no_filter() -> None:
    assert filters.parse("/", "?lang=de&period=7d") == filters.parse("/", "?period=7d")
