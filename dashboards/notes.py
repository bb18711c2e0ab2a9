"""Editorial notes on the screens: their list with what came of them, their marks, their door.

`assets/notes.js` draws the form; what it sends is checked and written by the desk, in the name of who asks.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import textwrap
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from dash.development.base_component import Component
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from msgspec import Meta

from analytics import wording
from analytics.control.identity import Role, current
from analytics.errors import NotAllowedError, TearsheetError, UsageError
from analytics.language import N_, _, inside, isolated, p_
from analytics.periods import local_time
from analytics.queries import notes
from analytics.queries.notes import KINDS, Draft, Note
from analytics.zones import zone_of
from dashboards import components
from dashboards.elements import Child, el
from dashboards.figures import Event
from dashboards.filters import View
from dashboards.scope import Scope

PATH = "/_notes"
MOST_BODY = 16 << 10
OUTCOMES_S = 120.0
MARKED = 28  # letters of a note's own words on a chart
_WORDS = {"lead": N_("lead"), "push": N_("push"), "title": N_("title"), "other": N_("note")}  # on phones


class _Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the form sends: `at` is the newsroom's local time, `note` the id of the one that is changed."""

    site: Annotated[str, Meta(max_length=253)]
    does: Literal["write", "remove"] = "write"
    note: Annotated[str, Meta(max_length=40)] = ""
    article: Annotated[str, Meta(max_length=300)] = ""
    kind: Annotated[str, Meta(max_length=20)] = "other"
    text: Annotated[str, Meta(max_length=1000)] = ""
    at: Annotated[str, Meta(max_length=30)] = ""


def register(server: FastAPI) -> None:
    """Take notes at `POST /_notes`; the gate has made sure that one of our own pages sends them."""

    @server.post(PATH)
    async def noted(request: Request) -> JSONResponse:
        body = await request.body()
        try:
            if len(body) > MOST_BODY:
                raise UsageError(_("This is longer than a note."), _("Shorten it."))
            await asyncio.to_thread(take, server.state.desk, body)
        except NotAllowedError as refusal:
            return JSONResponse({"message": refusal.message, "hint": refusal.hint}, status_code=403)
        except TearsheetError as refusal:
            return JSONResponse({"message": refusal.message, "hint": refusal.hint}, status_code=400)
        return JSONResponse({"message": _("Written.")})


def take(desk: Any, body: bytes) -> None:
    """Write, change or take back the note of a form.

    Raises:
        UsageError: It is none.
        NotAllowedError: Only editors write notes.
    """
    try:
        sent = msgspec.json.decode(body, type=_Sent)
    except msgspec.MsgspecError as fault:
        raise UsageError(_("This is no note: {fault}.", fault=fault), _("Load the page again.")) from fault
    zone = next((each.zone for each in desk.sites() if each.site_id == sent.site), None)
    if zone is None:
        raise UsageError(_("There is no site {site!r}.", site=sent.site))
    if sent.does == "remove":
        desk.remove_note(sent.site, sent.note)
        return
    draft = Draft(sent.kind, sent.text, _utc_of(sent.at, zone), sent.article or None)
    desk.write_note(sent.site, draft, sent.note)


def add_button(scope: Scope, article_id: str = "", *, is_primary: bool = False) -> Component | None:
    """Offer to add a note to the site or an article, to those who may; primary where it leads its page."""
    if not current().may(Role.EDITOR, scope.site_id):
        return None
    now = local_time(scope.now, scope.zone).strftime("%Y-%m-%dT%H:%M")
    return el(
        "button",
        _("Add a note"),
        el("kbd", "n"),
        class_="button primary" if is_primary else "button",
        type="button",
        data_does="note",
        data_site=scope.site_id,
        data_article=article_id,
        data_at=now,
        data_now=now,
        data_zone=scope.zone,
    )


def followed(scope: Scope) -> list[Note]:
    """List the notes whose outcome is still of interest, newest first."""
    return notes.followed(scope.desk.store, scope.site_id, scope.now)


def shown_in(scope: Scope, article_id: str | None = None) -> list[Note]:
    """List the notes of the period, of one article or of all, oldest first."""
    period = scope.period
    return notes.notes(scope.desk.store, scope.site_id, period.begins, period.ends, article_id)


def card(scope: Scope, found: Sequence[Note] | None = None, when: str = "") -> Component:
    """Draw decisions and what came of them.

    Args:
        scope: The view.
        found: The notes; the follow-ups of 14 days where none are given.
        when: Of which days they are, in words.
    """
    when = when or _("in 14 days")
    rows = [_row(scope, note) for note in (followed(scope) if found is None else found)]
    body = el("ul", rows, class_="notes") if rows else _empty(scope, when)
    return components.card(
        _("Decisions and what came of them"),
        body,
        subtitle=_(
            "Noted {when}; fresh views after ÷ before, beyond what is usual at that age or weekday", when=when
        ),
        extra=add_button(scope),
    )


def timeline(scope: Scope, found: Sequence[Note]) -> list[tuple[dt.datetime, Child, Child]]:
    """Give notes as happenings of an article: when, what, and what came of it."""
    return [
        (note.at, note.words, [f"{note.who} · ", *_outcome(scope, note), *_buttons(scope, note)])
        for note in found
    ]


def events(scope: Scope, found: Sequence[Note], *, most: int = 3) -> list[Event]:
    """Mark notes on a chart by the clock; the latest, where there are more than fit."""
    made = []
    for note in found[-most:]:
        at = local_time(note.at, scope.zone).replace(tzinfo=None)
        when = wording.clock(at) if scope.is_day else ""
        made.append(Event(at, f"{when} {marked(note)}".strip(), when or word(note)))
    return made


def marked(note: Note, *, is_inside: bool = False) -> str:
    """Word a note for a mark on a chart: its kind, or how its own words begin where it has none of these."""
    if note.kind != "other" or not note.text:
        return inside(_(KINDS[note.kind])) if is_inside else _(KINDS[note.kind])
    return isolated(textwrap.shorten(note.text, MARKED, placeholder="…") or note.text[:MARKED])


def word(note: Note) -> str:
    """Name a note in one word, for marks on phones."""
    return _(_WORDS[note.kind])


def _empty(scope: Scope, when: str) -> Component:
    why = _("Note a move to the lead, a push or a new headline: what came of it stands here two hours later.")
    may = current().may(Role.EDITOR, scope.site_id)
    return components.empty(
        _("No decision was noted {when}.", when=when), why if may else _("Editors note them.")
    )


def _row(scope: Scope, note: Note) -> Component:
    about = el(
        "a", note.title, href=View(f"/articles/{note.article_id}", site=scope.view.site).href(), dir="auto"
    )
    what = el("div", el("h3", note.words, dir="auto"), el("p", about) if note.article_id else None)
    when = el("p", wording.joined(scope.at_said(note.at), note.who), class_="meta")
    return el(
        "li",
        el("div", what, when),
        el("div", _outcome(scope, note), class_="note-outcome"),
        _buttons(scope, note),
    )


def _outcome(scope: Scope, note: Note) -> list[Child]:
    store, site = scope.desk.store, scope.site_id
    found = store.memo(
        ("outcomes", site, note.note_id, note.at),
        lambda: notes.outcomes(store, site, note, scope.now),
        for_s=OUTCOMES_S,
    )
    return [
        el("span", components.chip(notes.chip(effect)), f" {notes.said(after, effect)} ")
        for after, effect in found.items()
    ]


def _buttons(scope: Scope, note: Note) -> list[Child]:
    if not current().may(Role.EDITOR, scope.site_id):
        return []
    now = local_time(scope.now, scope.zone).strftime("%Y-%m-%dT%H:%M")
    edit = el(
        "button",
        p_("button", "Change"),
        el("span", _(" the note {words}", words=note.words), class_="hidden-words"),
        class_="link",
        type="button",
        data_does="note",
        data_site=scope.site_id,
        data_note=note.note_id,
        data_kind=note.kind,
        data_text=note.text,
        data_at=local_time(note.at, scope.zone).strftime("%Y-%m-%dT%H:%M"),
        data_now=now,
        data_zone=scope.zone,
    )
    return [edit]


def _utc_of(local: str, zone: str) -> dt.datetime:
    """Read the newsroom's local time; of a doubled hour the first one."""
    try:
        at = dt.datetime.fromisoformat(local)
    except ValueError as fault:
        raise UsageError(
            _("{local!r} is no time.", local=local), _("Write it like 2026-05-01T14:05.")
        ) from fault
    return at.replace(tzinfo=zone_of(zone)).astimezone(dt.UTC).replace(tzinfo=None)
