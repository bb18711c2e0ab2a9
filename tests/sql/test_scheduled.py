"""Saved queries that the desk runs: for whom, with which values, whole or not at all; and what tiles keep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analytics.control import people, queries
from analytics.control import tiles as kept
from analytics.control.database import Control
from analytics.control.identity import DEMO, Identity, Role
from analytics.control.tiles import Tile
from analytics.errors import NotAllowedError, SqlError, TearsheetError, UsageError
from analytics.sql import scheduled, tiles
from analytics.sql.ask import Asking
from tests.sql import archive

BO = Identity("person", "p2", "Bo", dict.fromkeys(archive.SITES, Role.ANALYST))
GIVEN = "SELECT $site AS site, $from AS first, $to AS last, $section AS section"


@pytest.fixture
def audit(tmp_path: Path) -> Control:
    """The control database of `asking`, opened beside it."""
    return Control(tmp_path)


@pytest.fixture
def ana(asking: Asking) -> people.Person:
    """An analyst of one site."""
    roles = {"other.example": Role.ANALYST}
    return people.add(asking.control, "ana@other.example", "Ana", roles, archive.UNTIL)


def _saved(asking: Asking, who: Identity, text: str, **more: Any) -> str:
    return queries.save(asking.control, who, text, archive.UNTIL, name="Query", **more)


def test_it_runs_for_its_owner_with_their_rows_its_values_and_the_last_seven_days(
    asking: Asking, audit: Control, ana: people.Person
) -> None:
    query = _saved(asking, ana.identity, GIVEN, parameters={"section": "sport", "from": "2020-01-01"})
    rows = _saved(asking, ana.identity, "SELECT DISTINCT site_id FROM reads")

    saved, answer = scheduled.run(asking, query, "report")
    assert saved.name == "Query"
    assert answer.table.to_pylist() == [
        {"site": "other.example", "first": "2026-04-29", "last": "2026-05-05", "section": "sport"}
    ]
    assert scheduled.run(asking, rows, "alert")[1].table.to_pylist() == [{"site_id": "other.example"}]
    latest = queries.runs(audit, ana.identity, archive.SITES)
    assert {(run.actor_name, run.door, run.outcome) for run in latest} == {
        ("Ana", "report", "done"),
        ("Ana", "alert", "done"),
    }
    assert all(run.cpu_s for run in latest)


def test_who_asks_it_may_say_other_values(asking: Asking) -> None:
    query = _saved(asking, DEMO, "SELECT $site AS site, $from AS first")
    asking.everybody = DEMO
    _, answer = scheduled.run(asking, query, "tile", site="news.example", parameters={"from": "2026-05-01"})

    assert answer.table.to_pylist() == [{"site": "news.example", "first": "2026-05-01"}]


def test_a_result_is_whole_or_an_error(asking: Asking, audit: Control, ana: people.Person) -> None:
    query = _saved(asking, ana.identity, "SELECT range FROM range(11)")

    with pytest.raises(SqlError, match="more than 10 rows, the limit") as refusal:
        scheduled.run(asking, query, "report", rows=10)
    assert refusal.value.code == "too_large"
    assert queries.runs(audit, ana.identity, archive.SITES)[0].outcome == "too_large"


def test_it_ends_with_the_rights_of_its_owner(asking: Asking, ana: people.Person) -> None:
    query = _saved(asking, ana.identity, "SELECT 1")
    people.add(asking.control, "admin", "Admin", {"*": Role.ADMIN}, archive.UNTIL)

    people.change_roles(asking.control, ana, {"other.example": Role.EDITOR}, archive.UNTIL)
    with pytest.raises(NotAllowedError, match="no analyst any more"):
        scheduled.run(asking, query, "report")
    people.disable(asking.control, ana, archive.UNTIL)
    with pytest.raises(NotAllowedError, match="no account here any more"):
        scheduled.run(asking, query, "report")
    queries.put_away(asking.control, ana.identity, query, archive.UNTIL)
    with pytest.raises(UsageError):
        scheduled.run(asking, query, "report")


def test_only_its_owner_or_an_admin_sends_it_around(asking: Asking, ana: people.Person) -> None:
    query = _saved(asking, ana.identity, "SELECT 1", is_shared=True)

    assert scheduled.chosen(asking, ana.identity, query).query_id == query
    assert [each.query_id for each in scheduled.choices(asking, DEMO)] == [query]
    assert scheduled.choices(asking, BO) == []
    with pytest.raises(NotAllowedError, match="belongs to Ana"):
        scheduled.chosen(asking, BO, query)


def test_a_tile_is_asked_anew_only_when_it_is_old(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    now, asked = [0.0], []
    faults: list[TearsheetError] = []

    def run(_asking: Asking, query_id: str, *_args: object, **_more: object) -> tuple[None, None]:
        asked.append(query_id)
        if faults:
            raise faults[0]
        return None, None

    monkeypatch.setattr(scheduled, "run", run)
    shown, tile = tiles.Tiles(asking, lambda: now[0]), Tile("q", "news.example", "p1", is_shared=True)

    shown.glance(tile)
    now[0] = tiles.EVERY_S - 1
    shown.glance(tile)
    assert asked == ["q"]
    now[0] = tiles.EVERY_S
    faults.append(SqlError("timeout", "It took too long."))
    for _ in range(2):
        with pytest.raises(SqlError, match="too long"):
            shown.glance(tile)
    assert asked == ["q", "q"]
    faults.clear()
    shown.forget("q")
    shown.glance(tile)
    assert asked == ["q", "q", "q"]


def test_tiles_are_their_owners_or_every_editors(asking: Asking, ana: people.Person) -> None:
    own, shared = (_saved(asking, ana.identity, f"SELECT {n}") for n in (1, 2))
    for query, is_shared in ((own, False), (shared, True)):
        found = queries.saved(asking.control, ana.identity, query)
        kept.put(asking.control, found, "other.example", archive.UNTIL, is_shared=is_shared)

    def seen(who: Identity, site: str = "other.example") -> set[str]:
        return {each.query_id for each in kept.shown(asking.control, who, site)}

    assert seen(ana.identity) == {own, shared}
    assert seen(BO) == {shared}
    assert seen(Identity("person", "v", "Vi", {"other.example": Role.VIEWER})) == set()
    assert seen(BO, "news.example") == set()
    kept.take_away(asking.control, shared, "other.example")
    assert seen(BO) == set()


def test_an_overview_that_is_full_says_so(asking: Asking, ana: people.Person) -> None:
    found = [
        queries.saved(asking.control, ana.identity, _saved(asking, ana.identity, f"SELECT {n}"))
        for n in range(kept.MOST + 1)
    ]
    for each in found[: kept.MOST]:
        kept.put(asking.control, each, "other.example", archive.UNTIL, is_shared=True)

    with pytest.raises(UsageError, match="holds 12 tiles"):
        kept.put(asking.control, found[-1], "other.example", archive.UNTIL, is_shared=True)


def test_what_was_asked_long_ago_is_forgotten(asking: Asking, audit: Control) -> None:
    queries.begin_run(audit, BO, "page", "SELECT 1", {}, archive.UNTIL)

    assert queries.forget_runs(audit, archive.UNTIL) == 0
    assert queries.forget_runs(audit, archive.UNTIL.replace(year=2027)) == 1
    assert queries.runs(audit, BO, archive.SITES) == []
    assert asking.control.name == audit.name
