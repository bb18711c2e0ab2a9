"""The views of analysts: what they count is what the screens count, metric by metric."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.metrics import METRICS, PEOPLE, Fold, Metric
from analytics.queries import answers
from analytics.store import definitions
from analytics.store.archive.archive import VIEWS as FILE
from analytics.store.archive.archive import Archive
from analytics.store.archive.views import FOR_PEOPLE, described
from analytics.store.store import Store
from tests.newsroom import Newsroom
from tests.test_worked_example import ARTICLES, BOXES, COMMENTS, ENGAGEMENTS
from tests.test_worked_example import VIEWS as LOADS

DAY, NEXT = "2026-05-05", "2026-05-06"
EXAMPLES = re.findall(
    r"```sql\n(.*?)```", (Path(__file__).parents[2] / "docs/sql.md").read_text("utf-8"), re.DOTALL
)
WITH_COURSE = [
    each
    for each in METRICS.values()
    if each.fold not in {Fold.INSTANT, Fold.STANDING} and each.id != "published"
]
SUMMED = [each for each in WITH_COURSE if definitions.is_sum(each)]
OVER_HOURS = [each for each in SUMMED if each.facts != PEOPLE]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newsroom, duckdb.DuckDBPyConnection]]:
    """The worked example, and an outside DuckDB over its archive."""
    home = tmp_path_factory.mktemp("example")
    store = Store(home)
    room = Newsroom(store)
    room.settle()
    room.take(*LOADS, *ENGAGEMENTS, *COMMENTS, *BOXES, *ARTICLES)
    archive = Archive(store, home)
    archive.keep(room.now)
    with duckdb.connect(str(archive.folder / FILE), read_only=True) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        yield room, engine
    store.close()


def screen(room: Newsroom, metric: Metric, grain: str = "day") -> dict[Any, Any]:
    """Count a metric as `tearsheet series` does."""
    rows = answers.series(room.store, metric=metric.id, grain=grain, first=DAY, last=NEXT, now=room.now)
    return {row["bucket"]: row[metric.id] for row in rows}


def asked(engine: duckdb.DuckDBPyConnection, question: str) -> dict[Any, Any]:
    return {str(key): value for key, value in engine.execute(question).fetchall()}


@pytest.mark.parametrize("metric", WITH_COURSE, ids=lambda m: m.id)
def test_a_metric_by_day_is_that_of_the_screens(example: Any, metric: Metric) -> None:
    room, engine = example
    day = "decided_day" if metric.id.startswith("moderation_lag") else "day_local"
    found = asked(
        engine,
        f"SELECT {day}, {definitions.over_rows(metric)} FROM {definitions.source(metric)} "
        f"WHERE {day} IS NOT NULL GROUP BY 1",
    )
    shown = screen(room, metric)

    assert {day: pytest.approx(shown[day]) for day in found} == found
    assert any(value is not None for value in found.values())


@pytest.mark.parametrize("metric", SUMMED, ids=lambda m: m.id)
def test_a_column_of_a_day_is_the_metric(example: Any, metric: Metric) -> None:
    room, engine = example
    found = asked(engine, f"SELECT day_local, {metric.id} FROM daily")
    shown = screen(room, metric)

    assert {day: pytest.approx(shown[day]) for day in found} == found


@pytest.mark.parametrize("metric", OVER_HOURS, ids=lambda m: m.id)
def test_a_column_of_an_hour_is_the_metric(example: Any, metric: Metric) -> None:
    room, engine = example
    found = asked(engine, f"SELECT strftime(hour_local, '%Y-%m-%dT%H:%M:%S-03:00'), {metric.id} FROM hourly")
    shown = screen(room, metric, "hour")

    assert {hour: pytest.approx(shown[hour]) for hour in found} == found
    assert len(found) > 5


@pytest.mark.parametrize(
    ("board", "metric"),
    [("articles", each) for each in SUMMED]
    + [(board, each) for board in ("authors", "topics", "sections") for each in OVER_HOURS],
    ids=lambda given: getattr(given, "id", given),
)
def test_a_ranking_is_that_of_the_screens(example: Any, metric: Metric, board: str) -> None:
    room, engine = example
    dimension = answers.BOARDS[board]
    bridge = {
        "author": "JOIN article_authors USING (site_id, article_id)",
        "topic": "JOIN article_topics USING (site_id, article_id)",
        "section": "JOIN (SELECT site_id, article_id, section FROM articles) USING (site_id, article_id)",
    }
    key = dimension if dimension == "section" else f"{dimension}_id"
    found = asked(
        engine,
        f"SELECT {key}, {definitions.over_rows(metric)} FROM daily_articles {bridge.get(dimension, '')} "
        f"WHERE day_local = DATE '{DAY}' GROUP BY 1",
    )
    rows = answers.top(room.store, board=board, metric=metric.id, first=DAY, last=DAY, now=room.now)
    shown = {row[dimension]: row[metric.id] for row in rows}

    assert {each: pytest.approx(shown.get(each)) for each in found} == found


@pytest.mark.parametrize("metric", ["readers", "sessions"])
@pytest.mark.parametrize("board", ["authors", "topics", "sections"])
def test_people_of_a_group_are_counted_for_it(example: Any, metric: str, board: str) -> None:
    room, engine = example
    dimension = answers.BOARDS[board]
    found = asked(
        engine,
        f"SELECT value, {metric} FROM dimension_days "
        f"WHERE dimension = '{dimension}' AND day_local = DATE '{DAY}'",
    )
    rows = answers.top(room.store, board=board, metric=metric, first=DAY, last=DAY, now=room.now)

    assert {row[dimension]: row[metric] for row in rows} == found


@pytest.mark.parametrize(
    ("question", "metric"),
    [
        ("SELECT count(*) FROM views", "views"),
        ("SELECT count(*) FROM reads", "reads"),
        ("SELECT count(*) FROM page_loads", "page_loads"),
        ("SELECT count(*) FROM comments", "comments"),
        ("SELECT count(*) FROM comments_created", "comments_created"),
        ("SELECT count(*) FROM sessions", "sessions"),
        ("SELECT sum(comments_pending) FROM comments_created", "comments_pending"),
        (f"SELECT {definitions.over_rows(METRICS['published'])} FROM articles", "published"),
    ],
)
def test_a_view_named_like_a_metric_has_as_many_rows(example: Any, question: str, metric: str) -> None:
    room, engine = example

    assert room.value(metric, "2026-05-01..2026-05-06") == engine.execute(question).fetchall()[0][0]


def test_local_time_stands_beside_utc(example: Any) -> None:
    _, engine = example
    row = engine.execute(
        "SELECT event_at::VARCHAR, event_local::VARCHAR FROM views WHERE view_id = 'v6'"
    ).fetchone()

    assert row == ("2026-05-06 02:50:00", "2026-05-05 23:50:00")


def test_an_article_bears_its_byline_and_topics(example: Any) -> None:
    _, engine = example
    row = engine.execute(
        "SELECT author_ids, topic_ids, published_day::VARCHAR FROM articles WHERE article_id = 'A1'"
    )

    assert row.fetchone() == (["u1", "u2"], ["budget", "city"], "2026-05-04")


@pytest.mark.parametrize("question", EXAMPLES, ids=lambda text: text.split("\n")[0][:40])
def test_the_examples_of_the_docs_run(example: Any, question: str) -> None:
    _, engine = example

    assert engine.execute(question).description


def test_there_are_a_dozen_examples() -> None:
    assert len(EXAMPLES) >= 12


def test_everything_that_can_be_named_says_what_it_means() -> None:
    silent = [
        f"{view}.{column}"
        for view, about, columns in described()
        for column, _, meaning in [("", "", about), *columns]
        if not meaning
    ]

    assert silent == []
    assert {name for name, _, _ in described()} >= set(FOR_PEOPLE)
