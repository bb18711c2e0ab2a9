from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import get_args

import polars as pl
import pytest

from analytics.errors import TearsheetError
from analytics.exports import Cell
from analytics.queries import comparison, lists
from analytics.queries.worth import Reason
from analytics.reports.build import parts
from analytics.reports.build.asked import Order, period_of, resolve
from analytics.reports.build.kinds import KINDS, build
from analytics.reports.build.morning import TITLES
from analytics.reports.report import Numbers, Report, Stories, Table, Words
from analytics.store.store import Store
from tests.builders import article, engagement, view
from tests.newsroom import Newsroom
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

DAY = "2026-05-05"
FIGURES = [name for name, each in KINDS.items() if not each.of]
WHERE: dict[str, dict[str, tuple[str, ...]]] = {
    "author": {"author": ("u1",)},
    "section": {"section": ("politics",)},
    "topic": {"topic": ("city",)},
}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """The worked example of the metrics, as of 2026-05-06 13:00 UTC; tests only read it."""
    store = Store(tmp_path_factory.mktemp("example"))
    room = Newsroom(store)
    room.settle()
    room.take(*VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES)
    yield room
    store.close()


def built(room: Newsroom, kind: str, period: str = DAY, **where: tuple[str, ...]) -> Report:
    return build(room.store, Order(kind, period=period, where=where or WHERE.get(kind, {})), room.now)


def table_of(report: Report, title: str) -> list[dict[str, Cell]]:
    """Give the rows of a table by its title: column -> cell."""
    found = next(each for each in report.blocks if isinstance(each, Table) and each.title == title)
    names = [column.name for column in found.columns]
    return [dict(zip(names, row, strict=True)) for row in found.rows]


def values(report: Report) -> dict[str, float | None]:
    return {each.metric: each.value for each in report.numbers()}


def test_the_morning_says_the_numbers_of_the_worked_example(example: Newsroom) -> None:
    report = built(example, "morning")

    assert values(report) == {"views": 9, "reads": 4, "readers": 6, "engaged": 197, "comments": 2}
    assert report.subject == "Morning: Tuesday brought 4 reads"
    assert report.days == "Tuesday 5 May 2026, 00:00 to 23:59, America/Sao_Paulo"
    assert report.nothing == ""


@pytest.mark.parametrize("kind", FIGURES)
def test_every_kind_takes_its_numbers_from_the_questions_of_the_screens(example: Newsroom, kind: str) -> None:
    report = built(example, kind)
    names = [each.metric for each in report.numbers()]

    ask = example.asked(DAY, WHERE.get(kind))
    shown = comparison.totals(example.store, names, ask, example.now, "typical")

    assert names
    assert values(report) == {name: each.figure.value for name, each in shown.items()}


@pytest.mark.parametrize(
    "kind", sorted(set(FIGURES) - {"comments"})
)  # what waits now waits whenever it is asked
def test_a_period_without_events_says_so(example: Newsroom, kind: str) -> None:
    report = built(example, kind, "2026-03-01")

    assert report.nothing
    assert [type(block) for block in report.blocks] == [Numbers]


def test_what_was_read_stands_with_its_number_and_its_page(example: Newsroom) -> None:
    report = built(example, "morning")

    most = next(block for block in report.blocks if isinstance(block, Stories))

    assert [(row.number, row.words) for row in most.rows] == [("3", "reads"), ("1", "reads")]
    assert most.rows[0].href == "/articles/A1?site=news.example"


def test_every_reason_to_look_has_a_title_in_the_morning() -> None:
    assert set(TITLES) == set(get_args(Reason))


def test_the_tear_sheet_of_an_author_names_nobody_else(example: Newsroom) -> None:
    report = built(example, "author", author=("u2",))

    titles = [block.title for block in report.blocks]

    assert values(report)["views"] == 6
    assert "Authors' output" not in titles
    assert all(
        "rank" not in column.name
        for block in report.blocks
        if isinstance(block, Table)
        for column in block.columns
    )


def test_a_tear_sheet_says_where_each_piece_stood_after_a_day_and_a_week(newsroom: Newsroom) -> None:
    out = dt.datetime(2026, 4, 20, 12)
    ages = {"v1": 1, "v2": 23, "v3": 25, "v4": 100, "v5": 8 * 24}
    seen = {name: out + dt.timedelta(hours=hours) for name, hours in ages.items()}
    newsroom.take(
        article("old", published_at=out, authors=("u1",)),
        article("new", published_at=dt.datetime(2026, 5, 6, 8), authors=("u1",)),
        *[view(name, at, "old", name) for name, at in seen.items()],
        *[
            engagement(name, at + dt.timedelta(minutes=1), 20_000, acts=1, visitor=name)
            for name, at in seen.items()
        ],
    )
    report = built(newsroom, "author", "2026-04-01..2026-05-06", author=("u1",))

    aged = table_of(report, "After a day and after a week")

    assert [(row["id"], row["after_24h"], row["after_7d"]) for row in aged] == [
        ("old", 2, 4),
        ("new", None, None),
    ]
    assert next(each for each in report.numbers() if each.metric == "read_rate").rests == "n\u202f5"


def test_the_review_of_a_section_names_the_hours_with_readers_and_nothing_new(newsroom: Newsroom) -> None:
    ids = [f"a{n}" for n in range(40)]
    newsroom.take(
        *[article(each, section="Sport", published_at=dt.datetime(2026, 4, 27, 12)) for each in ids],
        *[view(each, "2026-04-28 23:10", each, each) for each in ids],
        *[engagement(each, "2026-04-28 23:12", 20_000, acts=1, visitor=each) for each in ids],
    )
    order = Order("section", period="week", where={"section": ("Sport",)}, blocks=("gaps",))
    few = Order("section", period="week", where={"section": ("News",)}, blocks=("gaps",))

    (waits,) = table_of(build(newsroom.store, order, newsroom.now), "Readers, and nothing new")
    newsroom.take(article("n1", section="News"), view("n1", "2026-04-28 23:10", "n1"))
    said = build(newsroom.store, few, newsroom.now).blocks[-1]

    assert (waits["hour"], waits["reads"], waits["pieces"]) == ("Tuesday 20:00", 40, 0)
    assert isinstance(said, Words)
    assert said.parts[0].text.startswith("Too few to tell")


def test_a_filter_is_said_and_kept_in_the_address(example: Newsroom) -> None:
    report = built(example, "weekly", section=("politics",))

    assert report.filtered == "section politics"
    assert report.href == "/?site=news.example&period=2026-05-05&section=politics"


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [("2026-11-17", "2026-11-16", "2026-11-16"), ("2026-11-16", "2026-11-13", "2026-11-15")],
    ids=["on Tuesday: Monday", "on Monday: Friday to Sunday"],
)
def test_the_morning_covers_what_no_morning_covered(today: str, first: str, last: str) -> None:
    period = period_of("workday", dt.date.fromisoformat(today), "Europe/London")

    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


def test_the_last_week_and_month_are_complete() -> None:
    today = dt.date(2026, 3, 1)

    week, month = period_of("week", today, "UTC"), period_of("month", today, "UTC")

    assert (week.first, week.last) == (dt.date(2026, 2, 16), dt.date(2026, 2, 22))
    assert (month.first, month.last) == (dt.date(2026, 2, 1), dt.date(2026, 2, 28))


def test_a_weekend_stands_day_by_day(example: Newsroom) -> None:
    report = built(example, "morning", "2026-05-03..2026-05-05")

    days = next(block for block in report.blocks if isinstance(block, Table))

    assert [row[:3] for row in days.rows] == [
        ["Sun 3 May", None, None],
        ["Mon 4 May", None, None],
        ["Tue 5 May", 9, 4],
    ]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (Order("mornin"), "Did you mean morning?"),
        (Order("morning", period="yesteryear"), "is no period"),
        (Order("morning", site="other.example"), "other.example"),
        (Order("author"), "needs author or article"),
        (Order("author", where={"author": ("nobody",)}), "nobody"),
        (Order("weekly", where={"colour": ("red",)}), "colour"),
        (Order("comments", where={"channel": ("search",)}), "cannot be filtered by channel"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_built_is_refused_in_a_sentence(example: Newsroom, order: Order, said: str) -> None:
    with pytest.raises(TearsheetError, match=said):
        build(example.store, order, example.now)


@pytest.mark.parametrize(("reads", "ids"), [(0, ["u1"]), (None, ["u1"]), (2, ["u1", None])])
def test_what_belongs_to_nobody_is_a_row_only_where_it_has_something(
    example: Newsroom, reads: int | None, ids: list[str | None]
) -> None:
    asked = resolve(example.store, Order("weekly", period=DAY), "week", example.now, example.now)
    rows = pl.DataFrame({"id": ["u1", None], "name": ["Ada", "(none)"], "reads": [0, reads]})
    listed = lists.Listing(rows, {}, "reads", "author", "name", False, None, None, 1)

    table = parts.table(asked, listed, ["reads"], "Authors' output")

    assert [row[0] for row in table.rows] == ids
    assert len(table.links) == len(ids)
