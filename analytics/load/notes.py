"""Editorial notes: written, changed and taken back by editors; never wiped, so that a log stays a log."""

from __future__ import annotations

import datetime as dt
import uuid

from analytics.errors import UsageError, did_you_mean
from analytics.language import _
from analytics.queries.notes import KINDS, Draft
from analytics.store.store import Store

LONGEST = 280  # characters: one line under a chart
EARLIEST = 2000  # year
AHEAD = dt.timedelta(minutes=5)  # clocks differ


def add(store: Store, site: str, draft: Draft, who: str, now: dt.datetime) -> str:
    """Write a note.

    Returns:
        Its id.

    Raises:
        UsageError: Kind, text, time or article is none.
    """
    text = _checked(draft, now)
    note_id = uuid.uuid4().hex
    with store.write() as cursor:
        if draft.article_id is not None:
            known = cursor.execute(
                "SELECT 1 FROM articles WHERE site_id = $site AND article_id = $id",
                {"site": site, "id": draft.article_id},
            ).fetchone()
            if known is None:
                raise UsageError(
                    _(
                        "No article of {site} has the id {article!r}.",
                        site=site,
                        article=draft.article_id,
                    ),
                    _("Search for its title."),
                )
        cursor.execute(
            "INSERT INTO notes VALUES ($site, $note, $article, $kind, $text, $at, $who, $now, NULL)",
            {
                "site": site,
                "note": note_id,
                "article": draft.article_id,
                "kind": draft.kind,
                "text": text,
                "at": draft.at,
                "who": who,
                "now": now,
            },
        )
    return note_id


def change(store: Store, site: str, note_id: str, draft: Draft, now: dt.datetime) -> None:
    """Correct kind, text and time of a note; who wrote it and what it is about stay.

    Raises:
        UsageError: There is no such note, or kind, text or time is none.
    """
    text = _checked(draft, now)
    told = {"kind": draft.kind, "text": text, "at": draft.at}
    _update(store, site, note_id, "kind = $kind, text = $text, done_at = $at", **told)


def remove(store: Store, site: str, note_id: str, now: dt.datetime) -> None:
    """Take a note back; its row stays, with the time.

    Raises:
        UsageError: There is no such note.
    """
    _update(store, site, note_id, "removed_at = $now", now=now)


def _update(store: Store, site: str, note_id: str, change_: str, **values: object) -> None:
    with store.write() as cursor:
        changed = cursor.execute(
            f"UPDATE notes SET {change_} WHERE site_id = $site AND note_id = $note AND removed_at IS NULL "
            "RETURNING note_id",
            {"site": site, "note": note_id, **values},
        ).fetchall()
        if not changed:
            raise UsageError(
                _("There is no such note."), _("Somebody may have taken it back: load the page again.")
            )


def _checked(draft: Draft, now: dt.datetime) -> str:
    """Check a draft and give its text on one line."""
    if draft.kind not in KINDS:
        raise UsageError(
            _("There is no kind of note {kind!r}.", kind=draft.kind), did_you_mean(draft.kind, KINDS)
        )
    text = " ".join(draft.text.split())
    if not text and draft.kind == "other":
        raise UsageError(_("The note says nothing."), _("Write what was done."))
    if len(text) > LONGEST or not text.isprintable():
        raise UsageError(
            _("A note is one line of at most {most} characters.", most=LONGEST), _("Shorten it.")
        )
    if draft.at.year < EARLIEST or draft.at > now + AHEAD:
        raise UsageError(_("A note is about something that was done."), _("Choose a time that has passed."))
    return text
