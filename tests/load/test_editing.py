"""Corrections: what each one moves, that it holds for all history, and that undoing leaves nothing of it."""

from __future__ import annotations

import pytest

from analytics.catalog import edits
from analytics.catalog.edits import (
    AddGap,
    Describe,
    Edit,
    Exclude,
    File,
    Include,
    JoinArticle,
    JoinAuthor,
    JoinTopic,
    RenameTopic,
    SetDesk,
    SetGoal,
)
from analytics.errors import UsageError
from analytics.load import editing, notes
from analytics.load.editing import Edited
from analytics.queries import corrections, library, lists, public, worth
from analytics.queries.notes import Draft
from tests.builders import article, engagement, utc, view
from tests.newsroom import Newsroom

WEEK = "2026-05-01..2026-05-06"
OF_CATALOGUE = (
    "articles",
    "article_aliases",
    "article_authors",
    "article_topics",
    "given_authors",
    "authors",
    "topics",
    "opening_balances",
    "notes",
    "excluded_articles",
    "joined",
    "author_desks",
    "goals",
    "collection_gaps",
    "dimension_days",
)


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Three articles read on two days: A1 by both spellings of one author, A2 by the second, A3 a double."""
    newsroom.take(
        article(
            "A1", title="Bridge", authors=["Mara Lind", "M. Lind"], topics=["Roads", "City"], section="City"
        ),
        article(
            "A2", title="Budget", authors=["M. Lind"], topics=["Road"], section="City", aliases=("old-2",)
        ),
        article("A3", title="Bridge", authors=["Ole Berg"], topics=["Roads"], balance=(622, "2026-05-01")),
        view("v1", "2026-05-04 12:00", "A1"),
        engagement("v1", "2026-05-04 12:01", 20_000, 90, 3),
        view("v2", "2026-05-05 12:00", "A2", "q"),
        view("v3", "2026-05-05 13:00", "A3", "r"),
        view("v4", "2026-05-05 14:00", "old-2", "s"),
    )
    notes.add(newsroom.store, newsroom.site, Draft("push", "", newsroom.now, "A3"), "Mara Lind", newsroom.now)
    return newsroom


def correct(room: Newsroom, edit: Edit) -> Edited:
    return editing.correct(room.store, room.site, room.zone, edit, "Mara Lind", room.now)


def undo(room: Newsroom, done: Edited) -> None:
    editing.undo(room.store, room.site, room.zone, done.edit_id, "Ole Berg", room.now)


def state(room: Newsroom) -> dict[str, list[tuple[object, ...]]]:
    room.recount()
    return {table: room.rows(table).rows() for table in OF_CATALOGUE}


EDITS: list[Edit] = [
    Exclude(["A1", "A3"], "a page of the service desk"),
    JoinAuthor("M. Lind", "Mara Lind"),
    JoinTopic("Road", "name of roads"),
    RenameTopic("Roads", "Roads and bridges"),
    SetDesk(["Ole Berg"], "City desk"),
    JoinArticle("A3", "A1"),
    Describe("A2", "Budget passed", "Politics", "name of ole berg, Ann New", "2026-05-04T10:00"),
    File(["A1", "A2"], "live", "roads and bridges"),
    AddGap(utc("2026-05-05 10:00"), utc("2026-05-05 11:00"), "line was down"),
    SetGoal("reads", 1000),
]


def test_undoing_leaves_every_table_as_it_was(room: Newsroom) -> None:
    before, made = state(room), []
    for edit in EDITS:
        stood = room.store.version
        made.append(correct(room, edit))
        assert room.store.version > stood
    changed = state(room)
    assert [table for table in OF_CATALOGUE if changed[table] == before[table]] == []

    for done in reversed(made):
        undo(room, done)
    after = state(room)
    assert len(after.pop("authors")) == len(before.pop("authors")) + 1  # who was named stays known
    assert after == before
    with pytest.raises(UsageError, match="does not stand"):
        undo(room, made[0])
    log = corrections.log(room.store, room.site)
    assert set(log["words"]) == {each.words for each in made}
    assert set(log.select("who", "undone_by").rows()) == {("Mara Lind", "Ole Berg")}


def test_authors_that_are_one_count_once_and_in_all_history(room: Newsroom) -> None:
    assert room.values_of("author", "views", WEEK) == {"Mara Lind": 1, "M. Lind": 3, "Ole Berg": 1}

    assert correct(room, JoinAuthor("M. Lind", "name of mara lind")).days == 2
    room.recount()

    assert room.values_of("author", "views", WEEK) == {"Mara Lind": 3, "Ole Berg": 1}
    assert room.values_of("author", "views", WEEK, credit="equal") == {"Mara Lind": 3, "Ole Berg": 1}
    assert corrections.aliases(room.store, room.site, "author", "Mara Lind")["alias"].to_list() == ["M. Lind"]
    assert corrections.canonical(room.store, room.site, "author", "M. Lind") == "Mara Lind"
    # What a source says later is joined too, and a chain ends at its last link.
    room.take(article("A2", authors=["M. Lind", "Ole Berg"]))
    correct(room, JoinAuthor("Mara Lind", "Ole Berg"))
    room.recount()
    assert room.values_of("author", "views", WEEK) == {"Ole Berg": 4}


def test_a_double_counts_for_the_article_that_stays_with_its_balance(room: Newsroom) -> None:
    correct(room, JoinArticle("A3", "A1"))
    room.take(article("A3", title="Bridge again"))

    assert room.values_of("article", "views", WEEK) == {"A1": 2, "A2": 2}
    assert room.rows("articles", ["article_id"])["article_id"].to_list() == ["A1", "A2"]
    assert library.counter(room.store, room.site, "A3")["value"] == 622 + 2
    assert library.article(room.store, room.site, "A3").article_id == "A1"


def test_an_excluded_article_leaves_lists_and_stays_in_totals(room: Newsroom) -> None:
    correct(room, Exclude(["A1"]))
    found = lists.listing(room.store, ["views"], room.asked(WEEK, split="article"), room.now)
    most = public.most(room.store, public.Question(room.site, room.zone, "30d", "views"), room.now)

    assert found.rows["id"].to_list() == ["A2", "A3"]
    assert (found.count, found.excluded, found.total["views"].value) == (2, 1, 4)
    assert most.rows["id"].to_list() == ["A2", "A3"]
    assert all(look.article_id != "A1" for look in worth.worth_a_look(room.store, room.asked(WEEK), room.now))
    correct(room, Include(["A1"]))
    assert corrections.excluded(room.store, room.site) == ()


def test_a_topic_keeps_the_editors_name_and_gets_that_of_its_sources_back(room: Newsroom) -> None:
    done = correct(room, RenameTopic("Roads", "Roads and bridges"))
    room.take(article("A1", topics=["Roads"]))

    names = dict(room.rows("topics", ["topic_id", "name"]).rows())
    assert names["Roads"] == "Roads and bridges"
    undo(room, done)
    assert dict(room.rows("topics", ["topic_id", "name"]).rows())["Roads"] == "Name of Roads"


def test_a_kind_and_a_topic_are_given_to_several_articles_at_once(room: Newsroom) -> None:
    done = correct(room, File(["A1", "A2"], "page", "Harbour"))
    room.recount()

    assert done.words == "Gave 2 articles the kind “page” and the topic “Harbour”"
    assert room.values_of("article", "views", WEEK) == {"A3": 1}
    correct(room, File(["A1", "A2"], "article"))
    room.recount()
    assert room.values_of("topic", "views", WEEK)["harbour"] == 3
    undo(room, done)
    room.recount()
    assert "harbour" not in room.values_of("topic", "views", WEEK)
    assert room.values_of("article", "views", WEEK) == {"A1": 1, "A2": 2, "A3": 1}, "a later kind stays"


REFUSED: list[tuple[Edit, str]] = [
    (Exclude(["nope"]), "No article"),
    (JoinAuthor("M. Lind", "nobody"), "No author"),
    (JoinAuthor("M. Lind", "M. Lind"), "the same author"),
    (JoinTopic("nope", "Roads"), "No topic"),
    (RenameTopic("Roads", "name of city"), "Another topic"),
    (RenameTopic("Roads", "  "), "empty"),
    (SetDesk(["nobody"], "City desk"), "No author"),
    (SetDesk(["Ole Berg"], "City\x00desk"), "cannot be shown"),
    (JoinArticle("A1", "A1"), "the same article"),
    (Describe("A1"), "Nothing was filled in"),
    (File(["A1"]), "Nothing was filled in"),
    (File(["A1", "nope"], "live"), "No article"),
    (Describe("A1", published="yesterday"), "cannot be kept: published"),
    (AddGap(utc("2026-05-05 10:00"), utc("2026-05-05 10:00")), "before it begins"),
    (SetGoal("read_rate", 3), "cannot be a goal"),
]


def test_what_cannot_be_corrected_is_a_sentence_and_changes_nothing(room: Newsroom) -> None:
    before = state(room)
    for edit, why in REFUSED:
        with pytest.raises(UsageError, match=why):
            correct(room, edit)

    assert state(room) == before
    assert corrections.log(room.store, room.site).is_empty()


def test_a_circle_of_joins_is_refused(room: Newsroom) -> None:
    correct(room, JoinAuthor("M. Lind", "Mara Lind"))
    with pytest.raises(UsageError, match="the same author"):
        correct(room, JoinAuthor("Mara Lind", "M. Lind"))
    with pytest.raises(UsageError, match="already"):
        correct(room, JoinAuthor("M. Lind", "Ole Berg"))


@pytest.mark.parametrize(
    "told", [{"does": "exclude"}, {"does": "nothing"}, {}, {"does": "exclude", "articles": [1]}]
)
def test_a_correction_that_cannot_be_read_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        edits.read(told)


def test_gaps_by_editors_outlive_the_next_start(room: Newsroom) -> None:
    gap = {"began": "2026-05-04T03:00:00Z", "ended": "2026-05-05T06:00:00Z"}
    room.settle(collection_gaps=[gap])
    correct(room, AddGap(utc("2026-05-04 03:00"), utc("2026-05-05 06:00"), "a router"))
    room.settle(collection_gaps=[gap])

    assert room.rows("collection_gaps", ["why"])["why"].to_list() == ["a router"]
