"""Corrections of many articles at once: their kind, and a topic more.

They are written beside the catalogue and not through it: there a topic goes by the slug of its name, which a
topic that was renamed no longer has.
"""

from __future__ import annotations

from collections.abc import Iterable

from analytics import wording
from analytics.catalog.edits import File
from analytics.catalog.fields import slug
from analytics.errors import UsageError
from analytics.language import _
from analytics.load.bridges import derive, mark_articles
from analytics.load.editing.room import Before, Room


def file(room: Room, edit: File) -> tuple[str, str | None, Before]:
    """Give articles a kind, a topic, or both.

    Returns:
        Words, no single article, and what is needed to take it back: the kind that each had, the topic's id,
        and to which articles it came.

    Raises:
        UsageError: Neither is given, or one of the articles is none.
    """
    topic = " ".join(edit.topic.split())
    if not edit.kind and not topic:
        raise UsageError(_("Nothing was filled in."), _("Choose a kind, or write a topic."))
    ids = sorted(set(edit.articles))
    kinds = _kinds(room, ids)
    for missing in set(ids) - kinds.keys():
        room.title(missing)  # says that there is none
    _touch(room, ids)
    before: Before = {"kinds": {}, "topic": "", "fresh": []}
    words = []
    if edit.kind:
        before["kinds"] = kinds
        _give(room, dict.fromkeys(ids, edit.kind))
        words.append(_("the kind “{kind}”", kind=edit.kind))
    if topic:
        before["topic"], name = _known(room, topic)
        before["fresh"] = [row["id"] for row in room.rows(_WITHOUT, ids=ids, topic=before["topic"])]
        room.do(_ADD, ids=before["fresh"], topic=before["topic"])
        words.append(_("the topic “{topic}”", topic=name))
    _settle(room)
    some = wording.counted(len(ids), "article")
    return _("Gave {articles} {what}", articles=some, what=wording.listed(words)), None, before


def unfile(room: Room, edit: File, before: Before) -> None:
    """Take it back, but for articles that were given another kind since."""
    _touch(room, edit.articles)
    now = _kinds(room, before["kinds"])
    _give(room, {each: kind for each, kind in before["kinds"].items() if now.get(each) == edit.kind})
    room.do(
        f"DELETE FROM given_topics WHERE topic_id = $topic AND {_HERE}",
        ids=before["fresh"],
        topic=before["topic"],
    )
    _settle(room)


_HERE = "site_id = $site AND list_contains($ids::VARCHAR[], article_id)"
_WITHOUT = """
    SELECT id FROM (SELECT unnest($ids::VARCHAR[]) AS id) WHERE id NOT IN (
        SELECT article_id FROM given_topics WHERE site_id = $site AND topic_id = $topic)
    ORDER BY id
"""
_ADD = """
    INSERT INTO given_topics
    SELECT $site, id, $topic, 1 + coalesce((
        SELECT max(position) FROM given_topics WHERE site_id = $site AND article_id = id), 0)
    FROM (SELECT unnest($ids::VARCHAR[]) AS id)
"""


def _kinds(room: Room, ids: Iterable[str]) -> dict[str, str | None]:
    found = room.rows(f"SELECT article_id, kind FROM articles WHERE {_HERE}", ids=list(ids))
    return {row["article_id"]: row["kind"] for row in found}


def _give(room: Room, kinds: dict[str, str | None]) -> None:
    for kind in set(kinds.values()):
        of_it = [each for each, had in kinds.items() if had == kind]
        room.do(f"UPDATE articles SET kind = $kind WHERE {_HERE}", kind=kind, ids=of_it)


def _known(room: Room, topic: str) -> tuple[str, str]:
    """Find a topic by its id or name, or make one; gives id and name."""
    found = room.rows(
        """
        SELECT topic_id AS id, coalesce(name, topic_id) AS name FROM topics
        WHERE site_id = $site AND (topic_id = $topic OR lower(name) = lower($topic) OR topic_id = $slug)
        ORDER BY topic_id = $topic DESC, lower(name) = lower($topic) DESC, id LIMIT 1
        """,
        topic=topic,
        slug=slug(topic),
    )
    if found:
        return found[0]["id"], found[0]["name"]
    room.do("INSERT INTO topics VALUES ($site, $topic, $name, 'tag')", topic=slug(topic), name=topic)
    return slug(topic), topic


def _touch(room: Room, ids: Iterable[str]) -> None:
    """Name the articles, and mark what counts them as they are: a page and an article are found elsewhere."""
    room.do(
        "CREATE OR REPLACE TEMP TABLE filed AS "
        "SELECT $site AS site_id, unnest($ids::VARCHAR[]) AS article_id",
        ids=list(ids),
    )
    mark_articles(room.cursor, "filed", room.gen)


def _settle(room: Room) -> None:
    """Let what follows from kind and topics follow."""
    derive(room.cursor, "topic", "filed")
    mark_articles(room.cursor, "filed", room.gen)
    room.cursor.execute("DROP TABLE filed")
