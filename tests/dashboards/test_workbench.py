"""The SQL page: its examples run, its results say what they are, its charts draw what was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from analytics import npm
from analytics.control import queries
from analytics.control.identity import DEMO, Identity, Role, acting
from analytics.desk import Desk
from analytics.errors import NotAllowedError
from analytics.sql import charts
from analytics.sql.ask import Answer
from analytics.sql.examples import EXAMPLES
from dashboards import editor
from dashboards.pages.overview import tiles
from dashboards.workbench import results, shelf, sketch
from tests.api.desk import STORY
from tests.builders import SITE
from tests.dashboards.small import at, desk_of, said

DAYS = {"from": "2026-05-01", "to": "2026-05-06"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(tmp_path_factory.mktemp("sql"), *STORY) as opened:
        opened.archive.keep(opened.clock())
        opened.asking.everybody = DEMO
        yield opened


@pytest.fixture(autouse=True)
def _signed_in() -> Iterator[None]:
    with acting(DEMO):
        yield


def _ask(desk: Desk, text: str) -> Answer:
    return desk.asking.ask(DEMO, text, DAYS, site=SITE)


def _asked(desk: Desk, text: str, **more: Any) -> tuple[str, dict[str, Any]]:
    parts, told = results._answered(desk.asking, {"text": text, "parameters": DAYS, "site": SITE, **more})
    return said(parts), told


def _started(desk: Desk, address: str) -> dict[str, Any]:
    told: dict[str, Any] = vars(shelf.start(desk, at(address)))["data"]
    return told


def test_a_head_has_room_for_its_type_and_its_arrow(desk: Desk) -> None:
    answer = _ask(desk, f"SELECT 1 AS n, [1] AS n, {{'a': 1}} AS n, 1 AS a_longer_name, 1 AS {'x' * 90}")

    widths = [each["minWidth"] for each in results._grid(answer).children.columnDefs]

    letters = [len("integer"), len("integer[]"), len("struct(a integer)"), len("a_longer_name")]
    arrow_px, padding_px, mono_px = 18, 12, 7
    assert all(
        px >= count * mono_px + padding_px + arrow_px for px, count in zip(widths, letters, strict=False)
    )
    assert widths[-1] == results.MOST_HEAD_PX


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.name)
def test_every_example_runs(desk: Desk, example: Any) -> None:
    answer = _ask(desk, example.text)

    assert len(answer.names) > 1
    assert not answer.cut


def test_there_is_an_example_for_each_kind_of_question() -> None:
    assert len({each.name for each in EXAMPLES}) == 12


def test_a_result_tells_its_rows_its_columns_and_that_it_is_whole(desk: Desk) -> None:
    words, told = _asked(desk, "SELECT section, count(*) AS pieces FROM articles GROUP BY section ORDER BY 1")

    assert told["state"] == "done"
    assert told["message"].startswith("2 rows in")
    assert "2 rows, 2 columns" in words
    assert "All 2 rows. Nothing was cut." in words
    assert "pieces BIGINT 0" in words


def test_a_cut_result_says_so_above_its_rows(desk: Desk) -> None:
    words, _ = _asked(desk, "SELECT range FROM range(20000)")

    assert words.count("The first 10,000 rows, the limit; more exist.") == 2


def test_an_error_names_its_place_and_a_plan_is_shown_as_text(desk: Desk) -> None:
    words, told = _asked(desk, "SELECT title,\n  nothing FROM articles")
    plan, _ = _asked(desk, "EXPLAIN SELECT 1")
    none, _ = _asked(desk, "SELECT 1 WHERE false")

    assert (told["state"], told["line"], told["column"]) == ("error", 2, 3)
    assert "Line 2, column 3." in words
    assert "nothing was run" in plan
    assert "No rows." in none


def test_a_kept_answer_is_drawn_anew_and_only_for_who_asked(desk: Desk) -> None:
    answer = _ask(desk, "SELECT section, count(*) AS n FROM articles GROUP BY 1 ORDER BY 1")
    desk.asking.keep(DEMO, answer)
    other = Identity("person", "x", "Other", {SITE: Role.ADMIN})

    drawn, chosen = results._chart(desk.asking, answer.run_id, charts.Choice("bar", 0, 1))
    assert "Bars: n by section." in said(drawn)
    assert chosen == {"kind": "bar", "x": "section", "y": "n", "series": ""}
    assert desk.asking.kept(other, answer.run_id) is None
    assert "The rows are gone." in said(results._chart(desk.asking, "gone", charts.Choice("bar", 0, 1))[0])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT DATE '2026-05-01' + range::INT AS day, range AS n FROM range(3)", "line"),
        ("SELECT 's' || range AS section, range AS n FROM range(3)", "bar"),
        ("SELECT range AS a, range * 2 AS b FROM range(3)", "dots"),
        ("SELECT 'x' AS a, 'y' AS b FROM range(3)", ""),
        ("SELECT range // 4 AS weekday, range % 4 AS hour, hash(range) % 9 + 1 AS n FROM range(8)", "dots"),
        ("SELECT range // 4 AS weekday, range % 4 AS hour, range * 3 AS n FROM range(8)", "heat"),
        ("SELECT range AS article_id, hash(range) AS visitor FROM range(3)", ""),
        ("SELECT 1 AS n, * FROM (SUMMARIZE articles)", "table"),
    ],
)
def test_without_a_choice_the_chart_is_guessed(desk: Desk, text: str, kind: str) -> None:
    choice = charts.choose(_ask(desk, text), {})

    assert (choice.kind if choice else "") == kind


def test_a_guess_splits_by_what_has_few_values_and_never_draws_ids(desk: Desk) -> None:
    day = "DATE '2026-05-01' + (range // 2)::INT AS day"
    few = f"SELECT {day}, 'only' AS site, hash(range) AS h, 'c' || range % 2 AS channel, 3 AS n FROM range(6)"
    choice = charts.choose(_ask(desk, few), {})

    assert choice == charts.Choice("line", 0, 4, 3)
    huge = _ask(desk, "SELECT 's' || range AS s, hash(range) AS h FROM range(3)")
    assert sketch.draw(huge, charts.Choice("bar", 0, 1))[0]["data"]


def test_what_breaks_while_it_is_drawn_is_said_and_the_page_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = _ask(desk, "SELECT 1 AS n")
    desk.asking.keep(DEMO, answer)
    monkeypatch.setattr(sketch, "draw", lambda *_: 1 / 0)
    monkeypatch.setattr(results, "_grid", lambda *_: 1 / 0)

    drawn, _ = results._chart(desk.asking, answer.run_id, charts.Choice("bar", 0, 0))
    words, told = _asked(desk, "SELECT 1")
    assert "This chart cannot be drawn of these columns." in said(drawn)
    assert "Could not load the result" in words
    assert told["state"] == "error"


def test_the_place_of_an_error_is_that_of_the_editor(desk: Desk) -> None:
    _, part = _asked(desk, "SELECT nothing", offset=3)
    words, plan = _asked(desk, "SELECT nothing", explain=True)

    assert (part["line"], part["column"]) == (4, 8)
    assert (plan["line"], plan["column"]) == (1, 8)
    assert "Line 1, column 8." in words
    assert _asked(desk, "SELECT 1", explain=True)[1]["message"].startswith("explained in")


def test_older_runs_are_shown_on_demand(desk: Desk) -> None:
    for at_run in range(shelf.MOST_RUNS + 2):
        queries.begin_run(desk.control, DEMO, "page", f"SELECT {at_run}", {}, desk.clock())

    assert "Older runs" in said(shelf.history(desk, at("/sql")))
    older = said(shelf._older(desk, shelf.MOST_RUNS))
    assert older.count("SELECT") >= 2
    assert "That is all." in older


def test_a_kept_choice_holds_while_its_columns_are_there(desk: Desk) -> None:
    answer = _ask(desk, "SELECT 's' || range AS section, range AS n, range * 2 AS m FROM range(3)")

    kept = charts.choose(answer, {"kind": "column", "x": "section", "y": "m", "series": ""})
    lost = charts.choose(answer, {"kind": "column", "x": "author", "y": "m", "series": ""})
    assert kept == charts.Choice("column", 0, 2)
    assert lost == charts.Choice("bar", 0, 1)


@pytest.mark.parametrize("kind", [kind for kind in charts.KINDS if kind != charts.TABLE])
def test_every_kind_draws_and_counts_what_it_leaves_out(desk: Desk, kind: str) -> None:
    answer = _ask(desk, "SELECT range % 9 AS x, range AS y, 's' || range % 9 AS s FROM range(90)")
    figure, height, words = sketch.draw(answer, charts.Choice(kind, 0, 1, 2))

    assert go.Figure(figure).data  # Plotly accepts every property
    assert height >= 120
    left = {"bar": 50, "heat": 0, "spread": 0}.get(kind, 40)
    assert (f"{left} rows are not drawn." in words) == (left > 0)


def test_saving_makes_versions_and_a_refusal_is_a_sentence(desk: Desk) -> None:
    first = shelf._kept(desk, {"text": "SELECT 1", "name": "Mine", "n": 1})
    again = shelf._kept(desk, {"text": "SELECT 2", "name": "Mine", "query_id": first["saved"]["query_id"]})

    assert again["message"] == "Saved as version 2."
    assert [each["version"] for each in again["saved"]["versions"]] == [2, 1]
    assert "no name" in shelf._kept(desk, {"text": "SELECT 1", "name": ""})["error"]
    assert "Mine you · private" in said(shelf.saved(desk, at("/sql")))
    opened = _started(desk, f"/sql/{first['saved']['query_id']}?version=1")
    assert opened["saved"]["text"] == "SELECT 1"


def test_a_saved_query_becomes_a_tile_of_the_overview_and_an_error_stays_in_its_card(desk: Desk) -> None:
    def tiled(text: str, name: str, chart: dict[str, str]) -> None:
        made = shelf._kept(desk, {"text": text, "name": name, "chart": chart})
        told = shelf._kept(desk, {"query_id": made["saved"]["query_id"], "tile": "shared", "site": SITE})
        assert told["saved"]["tile"] == "shared"
        assert told["saved"]["can_send"]

    tiled(
        "SELECT section, count(*) AS n FROM articles GROUP BY 1",
        "Bars",
        {"kind": "bar", "x": "section", "y": "n"},
    )
    tiled("SELECT 1234567 AS n", "One number", {})
    tiled("SELECT range AS n, 'x' AS word FROM range(12)", "Rows", {})
    tiled("SELECT nothing", "Broken", {})
    words = said(tiles.draw_tiles(desk, at("/")))

    assert "Bars A query of Visitor" in words
    assert "1,234,567" in words
    assert "10 of 12 rows" in words
    assert "nothing" in words
    assert words.count("As of") == 3
    with acting(Identity("person", "v", "Viewer", {SITE: Role.VIEWER})):
        assert tiles.draw_tiles(desk, at("/")) is None


def test_the_head_says_freshness_and_limits_and_the_tables_their_meanings(desk: Desk) -> None:
    assert "until 6 May 2026, 13:00:00 UTC · limits: one SELECT · 30 s" in said(shelf.head(desk, at("/sql")))
    tables = {name: about for name, about, _ in _started(desk, "/sql")["tables"]}
    assert tables["reads"] == "One row per read: count(*) is the metric reads."
    _ask(desk, "SELECT 7 AS seven")
    assert "SELECT 7 AS seven" in said([shelf.history(desk, at("/sql")), *shelf._older(desk, 30)])


def test_nobody_below_an_analyst_sees_or_keeps_anything(desk: Desk) -> None:
    shelf._kept(desk, {"text": "SELECT 1", "name": "For analysts", "is_shared": True})
    with acting(Identity("person", "e", "Editor", {SITE: Role.EDITOR})):
        for draw in (shelf.head, shelf.start):
            with pytest.raises(NotAllowedError):
                draw(desk, at("/sql"))
        with pytest.raises(NotAllowedError):
            shelf._kept(desk, {"text": "SELECT 1", "name": "x"})
        assert (said(shelf.saved(desk, at("/sql"))), said(shelf.history(desk, at("/sql")))) == ("", "")
        assert results._answered(desk.asking, {"text": "SELECT 1"})[1]["state"] == "error"


def test_without_npm_a_text_box_stands_in(tmp_path: Path) -> None:
    def no_network(*_: object) -> None:
        raise npm.FetchError("no network")

    assert not editor.ensure(tmp_path / "editor", no_network)
