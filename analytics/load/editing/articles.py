"""Corrections of articles: two that are one, and what is filled in of those that no catalogue describes."""

from __future__ import annotations

from typing import Any

from analytics.catalog.edits import Describe, JoinArticle
from analytics.catalog.rows import catalogue_of
from analytics.errors import UsageError
from analytics.language import N_, _
from analytics.load.bridges import derive, mark_articles
from analytics.load.editing.room import Before, Room
from analytics.load.merge import merge_catalogue

GIVEN = {
    "title": N_("title"),
    "section": N_("section"),
    "published_at": N_("published"),
    "authors": N_("authors"),
}


def join(room: Room, edit: JoinArticle) -> tuple[str, str | None, Before]:
    """Make one article of two: the other's id and addresses mean the one that stays.

    Raises:
        UsageError: One of them is none, or both have a balance of a former counter.
    """
    if edit.alias == edit.into:
        raise UsageError(_("Both are the same article."), _("Choose another one."))
    gone, stays = room.title(edit.alias), room.title(edit.into)
    balances = room.rows(
        "SELECT article_id FROM opening_balances WHERE site_id = $site AND article_id IN ($alias, $into)",
        alias=edit.alias,
        into=edit.into,
    )
    if len(balances) > 1:
        raise UsageError(
            _("Both articles have a balance of a former counter."), _("Replace the two by one balance first.")
        )
    before: Before = {
        "notes": [row["note_id"] for row in room.rows(_NOTES, id=edit.alias)],
        "aliases": [row["alias"] for row in room.rows(_ALIASES, id=edit.alias)],
        "balance": [row["article_id"] for row in balances] == [edit.alias],
    }
    _touch(room, edit)
    mark_articles(room.cursor, "paired", room.gen)
    before["article"] = room.swap("articles", "article_id = $id", {"id": edit.alias}, [])
    room.swap("article_aliases", "alias = $id", {"id": edit.alias}, [_alias(room, edit.alias, edit.into)])
    _move(room, before, edit.alias, edit.into)
    own = {"site_id": room.site, "kind": "article", "alias": edit.alias, "into_id": edit.into}
    room.swap("joined", "false", {}, [{**own, "edit_id": room.edit_id}])
    _derive(room)
    words = _(
        "Joined the article “{gone}” ({alias}) with “{stays}” ({into})",
        gone=gone,
        alias=edit.alias,
        stays=stays,
        into=edit.into,
    )
    return words, edit.into, before


def part(room: Room, edit: JoinArticle, before: Before) -> None:
    """Make two articles of one again."""
    _touch(room, edit)
    room.swap("joined", "kind = 'article' AND alias = $id", {"id": edit.alias}, [])
    room.swap("article_aliases", "alias = $id", {"id": edit.alias}, [])
    room.swap("articles", "article_id = $id", {"id": edit.alias}, before["article"])
    _move(room, before, edit.into, edit.alias)
    mark_articles(room.cursor, "paired", room.gen)
    _derive(room)


def describe(room: Room, edit: Describe) -> tuple[str, str | None, Before]:
    """Fill in what is not known of an article.

    Raises:
        UsageError: There is no such article, nothing was filled in, or a value is none.
    """
    title = room.title(edit.article)
    before = room.rows(
        "SELECT title, section, strftime(published_at, '%Y-%m-%dT%H:%M:%SZ') AS published_at, "
        "catalogued_at FROM articles WHERE site_id = $site AND article_id = $id",
        id=edit.article,
    )[0]
    before["authors"] = [{"id": row["author_id"]} for row in room.rows(_AUTHORS, id=edit.article)]
    before["catalogued_at"] = before["catalogued_at"] and str(before["catalogued_at"])
    given: dict[str, Any] = {"title": edit.title.strip(), "section": edit.section.strip()}
    given |= {"published_at": edit.published, "authors": _authors(room, edit.authors)}
    given = {name: value for name, value in given.items() if value}
    if not given:
        raise UsageError(_("Nothing was filled in."), _("Write a title, a section, authors or a date."))
    _merge(room, edit.article, given)
    names = ", ".join(_(GIVEN[name]) for name in given)
    words = _("Filled in {names} of “{title}”", names=names, title=given.get("title", title))
    return words, edit.article, {**before, "given": sorted(given)}


def forget(room: Room, edit: Describe, before: Before) -> None:
    """Take back what was filled in."""
    _merge(room, edit.article, {name: before[name] for name in before["given"]})
    room.do(
        "UPDATE articles SET catalogued_at = $at WHERE site_id = $site AND article_id = $id",
        id=edit.article,
        at=before["catalogued_at"],
    )


_NOTES = "SELECT note_id FROM notes WHERE site_id = $site AND article_id = $id"
_ALIASES = "SELECT alias FROM article_aliases WHERE site_id = $site AND article_id = $id"
_AUTHORS = "SELECT author_id FROM given_authors WHERE site_id = $site AND article_id = $id ORDER BY position"


def _alias(room: Room, alias: str, article: str) -> dict[str, str]:
    return {"site_id": room.site, "alias": alias, "article_id": article}


def _move(room: Room, before: Before, old: str, new: str) -> None:
    """Hand what belongs to one article to the other: its notes, former addresses and balance."""
    values = {"old": old, "new": new}
    for table, key in (("notes", "note_id"), ("article_aliases", "alias")):
        name = "notes" if table == "notes" else "aliases"
        room.do(
            f"UPDATE {table} SET article_id = $new WHERE site_id = $site AND article_id = $old "
            f"AND list_contains($ids::VARCHAR[], {key})",
            ids=before[name],
            **values,
        )
    if before["balance"]:
        room.do(
            "UPDATE opening_balances SET article_id = $new WHERE site_id = $site AND article_id = $old",
            **values,
        )


def _touch(room: Room, edit: JoinArticle) -> None:
    room.do(
        "CREATE OR REPLACE TEMP TABLE paired AS "
        "SELECT $site AS site_id, unnest([$alias, $into]::VARCHAR[]) AS article_id",
        alias=edit.alias,
        into=edit.into,
    )


def _derive(room: Room) -> None:
    derive(room.cursor, "author", "paired")
    derive(room.cursor, "topic", "paired")
    room.cursor.execute("DROP TABLE paired")


def _authors(room: Room, text: str) -> list[dict[str, str]]:
    """Read names parted by commas; who is known goes by the known id."""
    names = [each for part_ in text.split(",") if (each := " ".join(part_.split()))]
    found = room.rows(
        "SELECT lower(trim(name)) AS name, min(author_id) AS id FROM authors "
        "WHERE site_id = $site AND list_contains($names::VARCHAR[], lower(trim(name))) GROUP BY 1",
        names=[name.lower() for name in names],
    )
    known = {row["name"]: row["id"] for row in found}
    return [
        {"name": name, **({"id": known[name.lower()]} if name.lower() in known else {})} for name in names
    ]


def _merge(room: Room, article: str, given: dict[str, Any]) -> None:
    row = {"id": article, **given}
    catalogue, refused = catalogue_of([row], room.site, room.zone, room.now)
    if refused:
        names = ", ".join(name.removesuffix("_at") for name in refused[0].errors)
        raise UsageError(
            _("This cannot be kept: {names}.", names=names), _("A date is written like 2026-05-01T14:05.")
        )
    merge_catalogue(room.cursor, catalogue, room.gen, room.now)
