"""One number everywhere: what stands on each page is what the command, the API and analysts' SQL say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.control.identity import DEMO, acting
from analytics.desk import Desk
from analytics.queries import answers, evidence, reach, ways
from analytics.queries.ask import Ask, Filter
from dashboards import app, scope, slots
from dashboards.pages import comments, weekly
from tests.api.desk import Asked
from tests.builders import SITE, utc
from tests.dashboards import small
from tests.dashboards.small import at, cells, desk_of, said
from tests.newsroom import NOW, Newsroom
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

DAY = "2026-05-05"
DAYS = {"first": DAY, "last": DAY, "site_name": SITE, "now": utc(NOW)}
METRICS = ("views", "reads", "readers", "comments", "comments_created")
WORKED = {"views": 9, "reads": 4, "readers": 6, "comments": 2, "comments_created": 5}  # metrics.md


@dataclass(frozen=True)
class House:
    """An open desk, its archive as analysts see it, and what draws each page."""

    desk: Desk
    archive: duckdb.DuckDBPyConnection
    draws: dict[str, dict[str, Callable[[Any, Any], Any]]]

    def drawn(self, address: str) -> dict[str, Any]:
        """Draw a page: slot -> part."""
        view = at(address)
        page = app.find(app._all_pages(), view.path)
        assert page is not None
        return {name: draw(self.desk, view) for name, draw in self.draws[page.PATH].items()}

    def sql(self, metric: str, **only: tuple[str, ...]) -> Any:
        """Ask the archive with the statement that stands behind a figure."""
        ask = Ask(Filter(SITE).only(**only), Newsroom(self.desk.store).period(DAY))
        found = self.archive.execute(evidence.evidence(self.desk.store, metric, ask).sql).fetchone()
        assert found is not None
        return found[0]

    def api(self, path: str) -> list[dict[str, Any]]:
        """Ask the API for rows."""
        rows: list[dict[str, Any]] = Asked(self.desk).get(f"{path}&site={SITE}&period={DAY}").json()["rows"]
        return rows

    def top(self, board: str, metric: str) -> dict[str, Any]:
        """Ask as `tearsheet top` does: id -> value; whoever has none of it is left out."""
        by = answers.BOARDS[board]
        rows = answers.top(self.desk.store, board=board, metric=metric, limit=1000, **DAYS)  # type: ignore[arg-type]
        return {row[by]: row[metric] for row in rows if row[by] is not None}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    draws: dict[str, dict[str, Callable[[Any, Any], Any]]] = {}
    with pytest.MonkeyPatch.context() as patch:
        for page in app._all_pages():
            of = draws.setdefault(page.PATH, {})
            patch.setattr(slots, "fill", lambda _app, name, draw, *, of=of, **_: of.setdefault(name, draw))
            page.register(_Nothing())  # type: ignore[arg-type]
    folder: Path = tmp_path_factory.mktemp("house")
    with acting(DEMO), desk_of(folder, *VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES) as desk:
        desk.archive.keep(utc(NOW))
        with duckdb.connect(folder / "archive" / "tearsheet.duckdb", read_only=True) as archive:
            yield House(desk, archive, draws)


class _Nothing:
    """An application whose own callbacks nobody calls."""

    def __getattr__(self, _name: str) -> Callable[..., Any]:
        return lambda *_asked, **_more: lambda function: function


def numbers(parts: dict[str, Any]) -> dict[str, str]:
    """Read the cards of a page: label -> number in words."""
    found: dict[str, str] = {}
    for card in small._nodes([small._plain(part) for part in parts.values()]):
        names = str(card["props"].get("className", "")).split()
        if "kpi" in names:
            inside = {node["props"].get("className"): said(node) for node in small._nodes(card)}
            found[inside["kpi-label"]] = inside["kpi-number"]
    return found


@pytest.mark.parametrize("metric", METRICS)
def test_the_command_the_api_and_sql_agree_on_a_day(house: House, metric: str) -> None:
    (series,) = answers.series(house.desk.store, metric=metric, grain="day", **DAYS)  # type: ignore[arg-type]
    (row,) = house.api(f"stats?metrics={metric}")

    assert series[metric] == row["value"] == WORKED[metric]
    assert metric == "readers" or house.sql(metric) == WORKED[metric]  # analysts' tables hold no people


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/", {"Views": "views", "Reads": "reads", "Readers": "readers", "Comments": "comments"}),
        ("/comments", {"Comments written": "comments_created", "Comments": "comments"}),
    ],
)
def test_the_cards_of_a_page_show_the_day(house: House, path: str, named: dict[str, str]) -> None:
    shown = numbers(house.drawn(f"{path}?period={DAY}"))

    assert {label: shown[label] for label in named} == {k: str(WORKED[v]) for k, v in named.items()}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "Tuesday brought 4 reads"),
        ("/articles", "2 articles brought 4 reads"),
        ("/authors", "2 authors stand over 4 reads"),
        ("/topics", "2 sections share 0 pieces and 4 reads"),
        ("/audience", "Of 9 views"),
    ],
)
def test_the_sentence_of_a_page_says_the_day(house: House, path: str, words: str) -> None:
    assert words in said(list(house.drawn(f"{path}?period={DAY}").values()))


@pytest.mark.parametrize(
    ("path", "slot", "board", "by"),
    [
        ("/", "overview-top", "articles", "article"),
        ("/articles", "articles-list", "articles", "article"),
        ("/authors", "authors-list", "authors", "author"),
        ("/topics?cols=reads", "topics-body", "sections", "section"),
        ("/topics?split=topic&cols=reads", "topics-body", "topics", "topic"),
    ],
)
def test_the_rows_of_a_page_are_those_of_the_command_the_api_and_sql(
    house: House, path: str, slot: str, board: str, by: str
) -> None:
    address = f"{path}{'&' if '?' in path else '?'}period={DAY}"
    grid = cells(house.drawn(address)[slot])
    screen = {row["id"]: row["reads"] for row in grid if row["id"] not in {"total", "(none)"}}
    api = {row["id"]: row["reads"] for row in house.api(f"stats/top?by={by}&metrics=reads")}

    assert screen == house.top(board, "reads") == {each: n for each, n in api.items() if each is not None}
    assert screen == {each: house.sql("reads", **{by: (each,)}) for each in screen}


@pytest.mark.parametrize(
    ("path", "only"),
    [
        ("/articles/A1", {"article": ("A1",)}),
        ("/authors/u1", {"author": ("u1",)}),
        ("/topics/politics", {"section": ("politics",)}),
        ("/topics/city?split=topic", {"topic": ("city",)}),
    ],
)
def test_the_page_of_one_thing_shows_what_sql_says(
    house: House, path: str, only: dict[str, tuple[str, ...]]
) -> None:
    shown = numbers(house.drawn(f"{path}{'&' if '?' in path else '?'}period={DAY}"))
    ((by, (name,)),) = only.items()

    assert shown["Reads"] == str(house.sql("reads", **only)) == str(house.top(f"{by}s", "reads")[name])
    assert "Views" not in shown or shown["Views"] == str(house.sql("views", **only))


def test_articles_side_by_side_show_the_same(house: House) -> None:
    words = said(house.drawn(f"/compare?of=articles&items=A1,A2&period={DAY}")["compare-numbers"])
    views, reads = house.top("articles", "views"), house.top("articles", "reads")

    assert f"Views {views['A1']} {views['A2']} " in words
    assert f"Reads {reads['A1']} {reads['A2']} " in words


def test_authors_and_periods_side_by_side_show_the_same(house: House) -> None:
    words = said(house.drawn(f"/compare?of=authors&items=u1,u2&period={DAY}")["compare-numbers"])
    reads = house.top("authors", "reads")
    days = said(house.drawn(f"/compare?items={DAY},2026-05-04")["compare-numbers"])

    assert f"Reads {reads['u1']} {reads['u2']} " in words
    assert f"Reads {WORKED['reads']} " in days


def test_the_most_discussed_and_the_map_have_the_articles_of_the_command(house: House) -> None:
    rows = comments.discussed_rows(house.desk, at(f"/comments?period={DAY}"))
    told = [dict(zip(rows[0], row, strict=True)) for row in rows[1]]
    drawn = reach.plane(
        house.desk.store, scope.resolve(house.desk, at(f"/articles?period={DAY}"), DAY).ask(), utc(NOW)
    )

    talked = {name: n for name, n in house.top("articles", "comments").items() if n}
    assert {row["id"]: row["comments"] for row in told} == talked
    assert drawn is not None
    assert dict(drawn.dots.select("id", "reads").rows()) == house.top("articles", "reads")


def test_the_lists_of_a_week_are_those_of_the_command(house: House) -> None:
    shown = weekly.resolved(house.desk, at("/weekly?week=2026-W19"))
    week = {**DAYS, "first": "2026-05-04", "last": "2026-05-10"}
    for draw, board in ((weekly.sections, "sections"), (weekly.authors, "authors")):
        top = answers.top(house.desk.store, board=board, metric="reads", limit=10, **week)  # type: ignore[arg-type]
        words = said(draw(shown))

        assert [row for row in top if row[answers.BOARDS[board]]]
        for row in top:
            name = row[answers.BOARDS[board]]
            assert name is None or re.search(rf"{name} \d+ {row['reads']}\b", words), (name, words)


def test_the_ways_in_add_up_to_the_day(house: House) -> None:
    words = said(house.drawn(f"/audience?period={DAY}")["audience-channels"])
    rows = {row["id"]: row["views"] for row in house.api("stats/top?by=channel&metrics=views")}

    assert rows == {each: house.sql("views", channel=(each,)) for each in rows}
    assert sum(rows.values()) == WORKED["views"]
    for name, views in rows.items():
        assert f"{ways.label(name)} {views} {100 * views / WORKED['views']:.0f} %" in words


def test_a_week_shows_its_days_and_a_day_its_hours(house: House) -> None:
    week = numbers(house.drawn("/weekly?week=2026-W19"))
    days = answers.series(
        house.desk.store,
        metric="reads",
        grain="day",
        first="2026-05-04",
        last="2026-05-10",
        site_name=SITE,
        now=utc(NOW),
    )
    hours = said(house.drawn(f"/time?period={DAY}")["time-reading"])

    assert week["Reads"] == str(sum(row["reads"] or 0 for row in days))
    assert "Most on Tuesday 09:00, 1." in hours


def test_live_says_who_is_there_as_the_api_does(house: House) -> None:
    live = house.drawn("/live")["live-now"].first["now"]["large"]["value"]
    answer = Asked(house.desk).get(f"live?site={SITE}").json()

    assert live == str(answer["reading_now"] if answer["reading_now"] is not None else answer["on_site"])
