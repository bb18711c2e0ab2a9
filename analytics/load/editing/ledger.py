"""The ledger of corrections: made, written down and undone, each in one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import msgspec

from analytics.catalog import edits
from analytics.catalog.edits import Describe, Edit, File, JoinArticle, Readmit
from analytics.errors import UsageError
from analytics.language import _
from analytics.load.door import one
from analytics.load.editing import articles, filing, readmitting, rows
from analytics.load.editing.room import Before, Room
from analytics.store.store import Store


@dataclass(frozen=True, slots=True)
class Edited:
    """A correction that was made or undone.

    Attributes:
        edit_id: Its id.
        words: What it is, in words.
        days: Local days that are recounted for it.
        rows: Table -> events that came or went with it.
    """

    edit_id: str
    words: str
    days: int
    rows: Mapping[str, int] = field(default_factory=dict)


def correct(store: Store, site: str, zone: str, edit: Edit, who: str, now: dt.datetime) -> Edited:
    """Make a correction and write it down.

    Args:
        store: The open store.
        site: The site.
        zone: Its zone, for local times.
        edit: What is corrected.
        who: Name of the editor.
        now: Naive UTC.

    Raises:
        UsageError: It cannot be made; nothing was.
    """
    with store.write() as cursor:
        room = Room(cursor, site, zone, uuid.uuid4().hex, one(cursor, "SELECT nextval('load_gen')"), now)
        words, article, before = _apply(room, edit)
        cursor.execute(
            "INSERT INTO edits VALUES ($site, $edit, $article, $kind, $words, $who, $now, $told, $before, "
            "NULL, NULL)",
            {
                "site": site,
                "edit": room.edit_id,
                "article": article,
                "kind": edit.__struct_config__.tag,
                "words": words,
                "who": who,
                "now": now,
                "told": msgspec.json.encode(edit).decode(),
                "before": msgspec.json.encode(before).decode(),
            },
        )
        return Edited(room.edit_id, words, _days(cursor, room.gen), before.get("loaded", {}))


def undo(store: Store, site: str, zone: str, edit_id: str, who: str, now: dt.datetime) -> Edited:
    """Take a correction back: what stood before it stands again; its line stays in the ledger.

    Raises:
        UsageError: There is no such correction, it was undone, or a later one of the same rows stands on it.
    """
    with store.write() as cursor:
        room = Room(cursor, site, zone, edit_id, one(cursor, "SELECT nextval('load_gen')"), now)
        edit, words, before = _standing(room)
        _undo(room, edit, before)
        room.do(
            "UPDATE edits SET undone_at = $now, undone_by = $who WHERE site_id = $site AND edit_id = $edit",
            now=now,
            who=who,
            edit=edit_id,
        )
        return Edited(edit_id, words, _days(cursor, room.gen))


def _apply(room: Room, edit: Edit) -> tuple[str, str | None, Before]:
    match edit:
        case JoinArticle():
            return articles.join(room, edit)
        case Describe():
            return articles.describe(room, edit)
        case File():
            return filing.file(room, edit)
        case Readmit():
            return readmitting.readmit(room, edit)
        case _:
            return rows.apply(room, edit)


def _undo(room: Room, edit: Edit, before: Before) -> None:
    match edit:
        case JoinArticle():
            articles.part(room, edit, before)
        case Describe():
            articles.forget(room, edit, before)
        case File():
            filing.unfile(room, edit, before)
        case Readmit():
            readmitting.keep_out(room, edit)
        case _:
            rows.undo(room, edit, before)


def _standing(room: Room) -> tuple[Edit, str, Before]:
    found = room.rows(
        "SELECT told::VARCHAR AS told, before::VARCHAR AS before, words, undone_at FROM edits "
        "WHERE site_id = $site AND edit_id = $edit",
        edit=room.edit_id,
    )
    if not found or found[0]["undone_at"] is not None:
        raise UsageError(
            _("This correction does not stand."), _("It may have been undone: load the page again.")
        )
    later = room.rows(
        """
        SELECT e.words FROM edits AS e, (FROM edits WHERE site_id = $site AND edit_id = $edit) AS own
        WHERE e.site_id = $site AND e.undone_at IS NULL AND e.edit_id <> own.edit_id
            AND (e.made_at, e.edit_id) > (own.made_at, own.edit_id)
            AND (e.kind, e.article_id) = (own.kind, own.article_id) AND e.kind IN ('describe', 'join_article')
        ORDER BY e.made_at DESC LIMIT 1
        """,
        edit=room.edit_id,
    )
    if later:
        raise UsageError(
            _("A later correction stands on this one: {words}.", words=later[0]["words"]),
            _("Undo that first."),
        )
    row: dict[str, Any] = found[0]
    return edits.read(msgspec.json.decode(row["told"])), row["words"], msgspec.json.decode(row["before"])


def _days(cursor: duckdb.DuckDBPyConnection, gen: int) -> int:
    return one(
        cursor, "SELECT count(DISTINCT (site_id, day_local)) FROM dirty_hours WHERE gen = $gen", {"gen": gen}
    )
