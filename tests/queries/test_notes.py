"""Editorial notes: what may be written, what stands, and what is said to have come of it."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.errors import UsageError
from analytics.load import notes as log
from analytics.queries import notes
from analytics.queries.effects import Effect
from analytics.queries.notes import Draft
from analytics.store.store import Store
from tests.builders import Row, article, utc, view
from tests.newsroom import Newsroom

AT = utc("2026-05-05 12:00")
DAY = (utc("2026-05-05 00:00"), utc("2026-05-06 00:00"))


def add(room: Newsroom, kind: str = "push", text: str = "to all", at: dt.datetime = AT, **more: str) -> str:
    return log.add(room.store, room.site, Draft(kind, text, at, **more), "Mara Lind", room.now)


def listed(room: Newsroom, article_id: str | None = None) -> list[notes.Note]:
    return notes.notes(room.store, room.site, *DAY, article_id)


def opened(name: str, count: int, at: dt.datetime, article_id: str = "A1") -> list[Row]:
    return [view(f"{name}{n}", at + dt.timedelta(seconds=n), article_id, f"{name}{n}") for n in range(count)]


def test_a_note_stands_under_its_article_and_in_the_log_of_the_site(newsroom: Newsroom) -> None:
    newsroom.load(article("A1", title="Bridge closes"))
    add(newsroom, "lead", "", article_id="A1")
    add(newsroom, "other", "  site  was  down ", at=utc("2026-05-05 13:00"))

    assert [(note.words, note.title, note.who) for note in listed(newsroom)] == [
        ("Moved to lead", "Bridge closes", "Mara Lind"),
        ("site was down", "", "Mara Lind"),
    ]
    assert [note.words for note in listed(newsroom, "A1")] == ["Moved to lead"]


def test_a_note_is_changed_by_id_and_taken_back_once(newsroom: Newsroom) -> None:
    note = add(newsroom)
    later = AT + dt.timedelta(hours=1)
    log.change(newsroom.store, newsroom.site, note, Draft("title", "shorter", later), newsroom.now)

    assert [(each.kind, each.words, each.at) for each in listed(newsroom)] == [
        ("title", "Headline changed: shorter", later)
    ]
    log.remove(newsroom.store, newsroom.site, note, newsroom.now)
    assert listed(newsroom) == []
    with pytest.raises(UsageError, match="no such note"):
        log.remove(newsroom.store, newsroom.site, note, newsroom.now)


@pytest.mark.parametrize(
    ("kind", "text", "at", "article_id", "said"),
    [
        ("moved", "x", AT, None, "no kind of note 'moved'"),
        ("other", "  ", AT, None, "says nothing"),
        ("push", "x" * 281, AT, None, "at most 280"),
        ("push", "a\x07b", AT, None, "one line"),
        ("push", "x", utc("2026-05-07 12:00"), None, "something that was done"),
        ("push", "x", utc("1999-01-01 00:00"), None, "something that was done"),
        ("push", "x", AT, "A404", "No article"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(
    newsroom: Newsroom, kind: str, text: str, at: dt.datetime, article_id: str | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        log.add(newsroom.store, newsroom.site, Draft(kind, text, at, article_id), "Mara Lind", newsroom.now)

    assert listed(newsroom) == []


def test_a_note_of_another_site_is_neither_seen_nor_touched(newsroom: Newsroom) -> None:
    note = add(newsroom)

    assert notes.notes(newsroom.store, "other.example", *DAY) == []
    with pytest.raises(UsageError):
        log.remove(newsroom.store, "other.example", note, newsroom.now)


def of_site(room: Newsroom, before: int, after: int) -> Effect:
    """Plant views around the note, and in the eight weeks before 40 in each of the two hours."""
    hour = dt.timedelta(hours=1)
    rows = [*opened("b", before, AT - hour), *opened("a", after, AT + hour)]
    for week in range(1, 9):
        at = AT - dt.timedelta(weeks=week)
        rows += [*opened(f"x{week}b", 40, at - hour), *opened(f"x{week}a", 40, at + hour)]
    room.take(article("A1", title="Bridge closes"), *rows)
    add(room)
    (note,) = listed(room)
    return notes.outcomes(room.store, room.site, note, room.now)["2 h"]


def test_a_planted_effect_on_the_site_is_found_with_an_interval_that_holds_it(newsroom: Newsroom) -> None:
    effect = of_site(newsroom, 100, 180)

    assert (effect.before, effect.after, effect.n, effect.usual) == (100, 180, 8, 1)
    assert effect.ratio == pytest.approx(1.8)
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low < 1.8 < effect.high
    assert effect.is_effect


def test_no_effect_is_not_called_one_and_few_are_grey(newsroom: Newsroom) -> None:
    assert not of_site(newsroom, 100, 104).is_effect


def test_few_views_are_grey(newsroom: Newsroom) -> None:
    effect = of_site(newsroom, 20, 90)

    assert effect.is_few
    assert not effect.is_effect


def test_what_is_not_over_yet_is_not_judged(newsroom: Newsroom) -> None:
    newsroom.take(article("A1"), *opened("b", 40, newsroom.now - dt.timedelta(minutes=30)))
    log.add(newsroom.store, newsroom.site, Draft("push", "", newsroom.now), "Mara Lind", newsroom.now)
    found = notes.notes(newsroom.store, newsroom.site, newsroom.now, newsroom.now + dt.timedelta(hours=1))
    effects = notes.outcomes(newsroom.store, newsroom.site, found[0], newsroom.now)

    assert [(words, effect.is_over, effect.ratio) for words, effect in effects.items()] == [
        ("2 h", False, None),
        ("24 h", False, None),
    ]


def test_an_article_is_measured_against_its_age(store: Store, newsroom: Newsroom) -> None:
    newsroom.take(
        article("A1", published_at=utc("2026-05-05 09:00")), *opened("b", 40, AT), *opened("a", 60, AT)
    )
    add(newsroom, article_id="A1")
    (note,) = listed(newsroom, "A1")

    assert set(notes.outcomes(store, newsroom.site, note, newsroom.now)) == {"2 h", "24 h"}
