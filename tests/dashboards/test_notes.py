"""Notes on the screens: who may write them, in whose name, at which local time, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from analytics.control.identity import Identity, Role, acting
from analytics.desk import Desk
from analytics.errors import NotAllowedError, UsageError
from dashboards import notes, scope
from dashboards.pages.article import curve
from dashboards.pages.article.shown import drawn
from tests.builders import SITE, utc
from tests.dashboards.small import at, desk_of, said
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

EDITOR = Identity("person", "p1", "Mara Lind", {SITE: Role.EDITOR})
VIEWER = Identity("person", "p2", "Ole Berg", {SITE: Role.VIEWER})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The example as of 2026-05-06 13:00 UTC, and an editor who asks."""
    with desk_of(tmp_path, *VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES) as opened, acting(EDITOR):
        yield opened


def send(desk: Desk, **values: str) -> None:
    form = {"site": SITE, "kind": "push", "text": "to all", "at": "2026-05-05T09:30", **values}
    notes.take(desk, msgspec.json.encode(form))


def test_a_note_is_written_at_local_time_in_the_name_of_who_asks(desk: Desk) -> None:
    send(desk, article="A1")
    shown = scope.resolve(desk, at("/?period=7d"), "day")
    (note,) = notes.followed(shown)

    assert (note.at, note.who, note.article_id) == (utc("2026-05-05 12:30"), "Mara Lind", "A1")
    words = said(notes.card(shown))
    assert "Push sent: to all" in words
    assert "Tue 09:30 · Mara Lind" in words
    assert "too few" in words
    assert [event.label for event in notes.events(shown, notes.shown_in(shown))] == ["Push sent"]
    assert "Push sent: to all" in said(drawn(curve.draw_events)(desk, at("/articles/A1")))


def test_a_note_of_another_kind_is_marked_by_how_its_words_begin(desk: Desk) -> None:
    send(desk, article="A1", kind="other", text="Linked from the evening newsletter")
    shown = scope.resolve(desk, at("/?period=7d"), "day")

    assert [each.label for each in notes.events(shown, notes.shown_in(shown))] == ["Linked from the evening…"]


def test_a_viewer_reads_notes_and_is_offered_no_button(desk: Desk) -> None:
    send(desk)
    with acting(VIEWER):
        words = said(notes.card(scope.resolve(desk, at("/"), "day")))
        with pytest.raises(NotAllowedError):
            send(desk)
        with pytest.raises(NotAllowedError):
            send(desk, does="remove", note="x")

    assert "Push sent: to all" in words
    assert "Add a note" not in words
    assert "Change" not in words


@pytest.mark.parametrize(
    "values",
    [
        {"site": "other.example"},
        {"at": "soon"},
        {"at": "2026-05-09T09:30"},
        {"kind": "none"},
        {"does": "wipe"},
        {"more": "x"},
        {"article": "A404"},
        {"does": "remove", "note": "none"},
    ],
)
def test_what_is_no_note_is_refused(desk: Desk, values: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        send(desk, **values)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_what_is_no_form_is_refused(desk: Desk, body: bytes) -> None:
    with pytest.raises(UsageError, match="no note"):
        notes.take(desk, body)
