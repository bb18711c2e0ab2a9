"""Saved queries: versions, who may see and change them. The audit is tried in tests/sql."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.control import queries
from analytics.control.database import Control
from analytics.control.identity import COMMAND, Identity, Role
from analytics.errors import NotAllowedError, UsageError
from tests.builders import utc

NOW, LATER = utc("2026-05-06 13:00"), utc("2026-05-07 09:00")
ANA = Identity("person", "p1", "Ana", {"*": Role.ANALYST})
BO = Identity("person", "p2", "Bo", {"*": Role.ANALYST})


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    """An empty control database."""
    opened = Control(tmp_path)
    yield opened
    opened.close()


def test_a_changed_text_is_a_new_version_and_the_old_one_stays(control: Control) -> None:
    query = queries.save(control, ANA, "SELECT 1", NOW, name="  One  query ", folder="Desk")
    queries.save(control, ANA, "SELECT 2", LATER, name="Two", query_id=query, chart={"kind": "bar"})
    queries.save(
        control, ANA, "SELECT 2", LATER, name="Two, told better", query_id=query, chart={"kind": "bar"}
    )
    latest, first = queries.saved(control, ANA, query), queries.saved(control, ANA, query, 1)

    assert (latest.text, latest.version, latest.name, latest.chart) == (
        "SELECT 2",
        2,
        "Two, told better",
        {"kind": "bar"},
    )
    assert (first.text, first.version, first.latest) == ("SELECT 1", 1, 2)
    assert [version for version, _, _ in queries.versions(control, ANA, query)] == [2, 1]


def test_a_private_query_is_its_owners_and_a_shared_one_everybodys_to_run(control: Control) -> None:
    own = queries.save(control, ANA, "SELECT 1", NOW, name="Own")
    shared = queries.save(control, ANA, "SELECT 2", NOW, name="Shared", is_shared=True)

    assert [each.name for each in queries.all_saved(control, BO)] == ["Shared"]
    assert [each.name for each in queries.all_saved(control, ANA)] == ["Own", "Shared"]
    assert queries.saved(control, COMMAND, own).text == "SELECT 1"
    with pytest.raises(UsageError, match="for you"):
        queries.saved(control, BO, own)
    with pytest.raises(NotAllowedError, match="belongs to Ana"):
        queries.save(control, BO, "SELECT 3", LATER, name="Mine now", query_id=shared)
    with pytest.raises(UsageError):
        queries.put_away(control, BO, own, LATER)


def test_what_was_put_away_is_gone_from_the_lists(control: Control) -> None:
    query = queries.save(control, ANA, "SELECT 1", NOW, name="Old", is_shared=True)
    queries.put_away(control, BO, query, LATER, is_admin=True)

    assert queries.all_saved(control, ANA) == []
    with pytest.raises(UsageError):
        queries.saved(control, ANA, query)


@pytest.mark.parametrize(("text", "name"), [("", "Empty"), ("SELECT 1", " "), ("SELECT 1", "x" * 121)])
def test_what_cannot_be_kept_is_refused(control: Control, text: str, name: str) -> None:
    with pytest.raises(UsageError):
        queries.save(control, ANA, text, NOW, name=name)
