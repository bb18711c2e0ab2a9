"""Corrections on the screens: who is offered them, what a form may send, and what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analytics import language
from analytics.control import audit
from analytics.control.identity import Identity, Role, acting
from analytics.desk import Desk
from analytics.errors import NotAllowedError, UsageError
from dashboards import edits, scope
from tests.builders import SITE, article, view
from tests.dashboards.small import at, desk_of

EDITOR = Identity("person", "p1", "Mara Lind", {SITE: Role.EDITOR})
VIEWER = Identity("person", "p2", "Ole Berg", {SITE: Role.VIEWER})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """One article, and an editor who asks."""
    rows = (article("A1", title="Bridge closes"), view("v1", "2026-05-05 12:00", "A1"))
    with desk_of(tmp_path, *rows) as opened, acting(EDITOR):
        yield opened


def send(desk: Desk, **values: Any) -> dict[str, str]:
    return edits.take(desk, msgspec.json.encode({"site": SITE, **values}))


def test_a_correction_is_made_audited_and_undone_in_the_name_of_who_asks(desk: Desk) -> None:
    said = send(desk, edit={"does": "exclude", "articles": ["A1"], "why": "a form"})

    assert said["message"] == "Kept “Bridge closes” off lists: a form."
    assert send(desk, undo=said["undo"])["message"] == f"Undone: {said['message']}"
    assert [(each.action, each.actor_name) for each in audit.latest(desk.control)][:2] == [
        ("catalogue.undone", "Mara Lind"),
        ("catalogue.corrected", "Mara Lind"),
    ]


def test_a_correction_is_worded_in_the_language_of_who_makes_it(desk: Desk) -> None:
    with language.speaking(language.speech("de")):
        said = send(desk, edit={"does": "exclude", "articles": ["A1"], "why": ""})

    assert said["message"] == "„Bridge closes“ von Listen ferngehalten."


def test_times_of_a_gap_are_the_newsrooms(desk: Desk) -> None:
    gap = {"does": "add_gap", "began": "2026-05-05T09:00", "ended": "2026-05-05T10:00", "why": "a router"}

    assert "from 2026-05-05 12:00 to 2026-05-05 13:00 UTC" in send(desk, edit=gap)["message"]
    with pytest.raises(UsageError, match="is no time"):
        send(desk, edit={**gap, "began": "noon"})


def test_viewers_are_offered_nothing_and_refused(desk: Desk) -> None:
    shown = scope.resolve(desk, at("/"), "7d")
    assert edits.exclude_button(shown, "A1", "Bridge", is_excluded=False) is not None
    with acting(VIEWER):
        assert edits.exclude_button(shown, "A1", "Bridge", is_excluded=False) is None
        for form in ({"edit": {"does": "exclude", "articles": ["A1"]}}, {"undo": "x"}):
            with pytest.raises(NotAllowedError):
                send(desk, **form)


def test_what_counts_at_all_is_for_admins(desk: Desk) -> None:
    told = {"does": "readmit", "rule": "bot", "first": "2026-05-01", "last": "2026-05-05"}
    with pytest.raises(NotAllowedError, match="admin"):
        send(desk, edit=told)


@pytest.mark.parametrize(
    "form", [{"edit": {"does": "drop"}}, {"edit": {}}, {"more": 1}, {"site": "other.example"}]
)
def test_what_is_no_correction_is_refused_in_a_sentence(desk: Desk, form: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        send(desk, **form)
