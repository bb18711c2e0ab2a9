"""Evidence: the statement shown returns the figure, and every stored row is used or left out for a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from analytics.metrics import BASES, COMMENT_VALUES, LEFT_OUT, METRICS, Fold
from analytics.queries import figures
from analytics.queries.ask import Ask, Filter
from analytics.queries.evidence import evidence, listing, statement
from analytics.sql import gate
from analytics.store.archive.archive import Archive
from analytics.store.archive.parts import TABLES
from analytics.store.archive.views import FOR_PEOPLE, statements
from analytics.store.store import Store
from tests.builders import SITE, article, engagement, utc, view
from tests.newsroom import Newsroom
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

Analyst = duckdb.DuckDBPyConnection
WHERE: dict[str, dict[str, Any]] = {
    "all": {},
    "an article": {"article": ("A1",)},
    "an author and no section": {"author": ("u1",), "section": ("!culture",)},
    "a topic": {"topic": ("budget",)},
    "a search": {"text": "a1 news"},
    "a kind": {"kind": ("article",)},
    "an hour": {"hour": ("9", "2-10")},
}
OF_VIEWS: dict[str, dict[str, Any]] = {
    "a channel": {"channel": ("search", "direct")},
    "an age": {"age": ("new",)},
}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """The example of metrics.md, and an article with a quote in its section; tests only read it."""
    store = Store(tmp_path_factory.mktemp("store"))
    newsroom = Newsroom(store)
    newsroom.settle()
    odd = article("A9", section="it's", published_at=utc("2026-05-05 10:00"))
    more = [view("q", "2026-05-05 12:00", "A9", "q"), engagement("q", "2026-05-05 12:01", 20_000, 50, 2)]
    newsroom.take(*VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES, odd, *more)
    yield newsroom
    store.close()


@pytest.fixture(scope="module")
def analyst(room: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analyst]:
    """What an analyst's SQL sees: the archive's views, without people."""
    archive = Archive(room.store, tmp_path_factory.mktemp("home"))
    archive.keep(room.now)
    with duckdb.connect() as engine:
        for made in statements(archive.snapshot().views()):
            engine.execute(made)
        yield engine


@pytest.fixture(scope="module")
def parser() -> Iterator[Analyst]:
    """An engine of which the gate uses the parser alone."""
    with duckdb.connect() as engine:
        yield engine


def asked(room: Newsroom, where: dict[str, Any], basis: str = "read_in") -> Ask:
    return Ask(Filter(SITE, **where), room.period("2026-05-04..2026-05-05"), basis=basis)  # type: ignore[arg-type]


MANY = ("reads", "read_rate", "engaged_median", "bounce_rate", "comment_rate", "moderation_lag", "published")
OF_READING = MANY[:4]  # comments and articles know no way in and no age
CASES = [
    *[(name, "all") for name, metric in METRICS.items() if metric.numerator],
    *[(name, where) for name in MANY for where in WHERE if where != "all"],
    *[(name, where) for name in OF_READING for where in OF_VIEWS],
]


@pytest.mark.parametrize(("name", "where"), CASES)
def test_the_statement_returns_the_figure_and_the_rows_add_up(
    room: Newsroom, analyst: Analyst, parser: Analyst, name: str, where: str
) -> None:
    for basis in ("read_in", "published_in"):
        ask = asked(room, (WHERE | OF_VIEWS)[where], basis)
        found = evidence(room.store, name, ask)
        figure = figures.totals(room.store, [name], ask, room.now)[name]

        assert found.used + sum(n for _, n in found.left_out) == found.stored
        assert found.stored > 0 or found.table == "box_facts"
        if not found.sql:
            assert found.why_no_sql
            assert (
                METRICS[name].fold in {Fold.PEOPLE, Fold.DISTINCT} or METRICS[name].facts == "dimension_days"
            )
            continue
        gate.check(parser, found.sql, frozenset({*TABLES, *FOR_PEOPLE}))
        (answer,) = analyst.execute(found.sql).fetchone() or (None,)
        if METRICS[name].fold is Fold.INSTANT:  # totals does not ask it
            continue
        assert answer == pytest.approx(figure.value), (basis, found.sql)


def test_a_rate_uses_the_rows_of_its_denominator_and_tells_the_others_in_words(room: Newsroom) -> None:
    ask = asked(room, {"section": ("politics",)})
    found = evidence(room.store, "read_rate", ask)
    n = figures.totals(room.store, ["read_rate"], ask, room.now)["read_rate"].n

    assert found.used == n
    assert [reason for reason, _ in found.left_out] == [
        "outside the filter on section",
        "not known whether read",
    ]


def test_values_are_quoted(room: Newsroom, analyst: Analyst) -> None:
    found = evidence(room.store, "views", asked(room, {"section": ("it's",)}))

    assert "'it''s'" in found.sql
    assert analyst.execute(found.sql).fetchone() == (1,)


def test_readers_are_shown_as_sums_where_sums_are_kept(room: Newsroom) -> None:
    assert "dimension_days" in statement(METRICS["readers"], asked(room, {}))
    assert statement(METRICS["readers"], asked(room, {"kind": ("article",)})) == ""


def test_every_flag_of_a_definition_has_words_for_those_without() -> None:
    flags = {flag for base in BASES.values() for flag in base.when}
    ranked = {f"{metric.numerator}?" for metric in METRICS.values() if metric.numerator in COMMENT_VALUES}

    assert (flags | ranked) - LEFT_OUT.keys() == set()


@pytest.mark.parametrize("split", ["article", "section", "channel", "source", "author"])
def test_the_statement_of_a_table_returns_its_rows(room: Newsroom, analyst: Analyst, split: str) -> None:
    names = ["views", "reads", "read_rate", "engaged_median", "finish_rate", "readers", "comments"]
    ask = room.asked("2026-05-05", split=split)
    sql = listing(names, ask)
    told = analyst.execute(sql).pl()
    kept = [name for name in names if name in told.columns]
    shown = figures.ranking(room.store, kept, ask, room.now, order="views")

    assert kept == ["views", "reads", "read_rate", "engaged_median", "finish_rate"]
    assert sorted(told.select(split, *kept).rows(), key=str) == sorted(
        shown.filter(shown["views"] > 0).select("id", *kept).rows(), key=str
    )
    assert listing(["comments", "readers"], ask) == ""
