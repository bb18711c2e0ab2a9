"""Editorial notes for programs: what the newsroom did and when, listed, written, corrected, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from msgspec import Meta
from pydantic import Field

from analytics import periods
from analytics.api import sent, shapes
from analytics.api.questions import OfSite, plain, site_of, writable
from analytics.api.sheets import PRIVATE, Sheet, answered, instant
from analytics.errors import UsageError
from analytics.queries import notes
from analytics.queries.ask import refuse_others
from analytics.queries.notes import Draft

MOST_BYTES = 16 << 10

router = APIRouter(tags=["Notes"])


class Log(OfSite):
    """Which notes."""

    period: str = Field(default="28d", description="As in `/api/v1/stats`.")
    article: str = Field(default="", max_length=300, description="Only those about this article, by its id.")


class NoteSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A note as it is sent.

    Attributes:
        kind: lead, push, title or other.
        text: What was done, on one line; may be empty where the kind says it.
        at: When, RFC 3339.
        article: Id of the article that it is about; none where it is about the site.
    """

    at: dt.datetime
    kind: Annotated[str, Meta(max_length=20)] = "other"
    text: Annotated[str, Meta(max_length=1000)] = ""
    article: Annotated[str, Meta(max_length=300)] = ""


@router.get("/notes", responses=shapes.answers(shapes.Notes), summary="Editorial notes")
async def listed(request: Request, asked: Annotated[Log, Query()]) -> Response:
    """List the notes about something done in a period, oldest first, at most 200 of the latest."""
    desk = request.app.state.desk

    def ask() -> Sheet:
        site = site_of(desk.store, asked.site)
        refuse_others(site.site_id, "Notes are")
        plain("article", asked.article)
        now = desk.clock()
        days = periods.parse(asked.period, periods.local_day(now, site.zone), site.zone)
        found = notes.notes(desk.store, site.site_id, days.begins, days.ends, asked.article or None)
        rows = [
            {
                "id": each.note_id,
                "article": each.article_id,
                "title": each.title or None,
                "kind": each.kind,
                "text": each.text,
                "at": instant(each.at),
                "who": each.who,
            }
            for each in found
        ]
        return Sheet({"site": site.site_id, "as_of": instant(now)}, rows)

    return await answered(request, ask)


@router.post(
    "/notes",
    responses=shapes.answers(shapes.Noted, 413, 415),
    openapi_extra=shapes.body_of(NoteSent),
    summary="Write a note",
)
async def write(request: Request, asked: Annotated[OfSite, Query()]) -> Response:
    """Write a note, in the name of the person or key that sends it: editors may, and the scope `notes`."""
    body = await sent.read(request, NoteSent, MOST_BYTES, "This is no note")
    return await _done(request, asked, lambda desk, site: desk.write_note(site, _draft(body)))


@router.put(
    "/notes/{note_id}",
    responses=shapes.answers(shapes.Noted, 413, 415),
    openapi_extra=shapes.body_of(NoteSent),
    summary="Correct a note",
)
async def change(request: Request, note_id: str, asked: Annotated[OfSite, Query()]) -> Response:
    """Correct kind, text and time of a note; who wrote it and what it is about stay."""
    body = await sent.read(request, NoteSent, MOST_BYTES, "This is no note")
    return await _done(request, asked, lambda desk, site: desk.write_note(site, _draft(body), note_id))


@router.delete("/notes/{note_id}", responses=shapes.answers(shapes.Noted), summary="Take a note back")
async def remove(request: Request, note_id: str, asked: Annotated[OfSite, Query()]) -> Response:
    """Take a note back; it is shown nowhere any more."""
    return await _done(request, asked, lambda desk, site: desk.remove_note(site, note_id))


def _draft(body: NoteSent) -> Draft:
    try:
        at = body.at.astimezone(dt.UTC) if body.at.tzinfo else body.at
    except (OverflowError, ValueError) as fault:
        raise UsageError(
            "A note is about something that was done.", "Give a time that has passed."
        ) from fault
    plain("article", body.article)
    return Draft(body.kind, body.text, at.replace(tzinfo=None), body.article or None)


async def _done(request: Request, asked: OfSite, do: Callable[[Any, str], str]) -> Response:
    """Write, and answer with the id of the note."""
    desk, made = request.app.state.desk, dict[str, str]()

    def take() -> Sheet:
        made["id"] = do(desk, writable(desk.store, asked.site, "notes"))
        return Sheet({}, [])

    await request.app.state.turns.take(take)
    return Response(msgspec.json.encode(made), media_type="application/json", headers=PRIVATE)
