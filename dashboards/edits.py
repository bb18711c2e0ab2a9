"""Corrections on the screens: buttons that open a form, and the door that it is sent to.

`assets/edits.js` draws the form from the button's attributes; what it sends is checked and written by the
desk, in the name of who asks, and can be undone from the answer or from the log of corrections.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from dash.development.base_component import Component
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from msgspec import Meta

from analytics import wording
from analytics.catalog import edits
from analytics.control.identity import Role, current
from analytics.errors import NotAllowedError, TearsheetError, UsageError
from analytics.language import _, n_
from analytics.zones import zone_of
from dashboards.elements import Child, el
from dashboards.scope import Scope

PATH = "/_edits"
MOST_BODY = 256 << 10
_LOCAL = {"add_gap": ("began", "ended")}  # times that a form gives in the newsroom's zone


@dataclass(frozen=True, slots=True)
class Ask:
    """One field of a form.

    Attributes:
        name: As the correction calls it.
        label: As the editor reads it.
        value: What stands in it at first.
        kind: Of the input: text, number, datetime-local.
        finds: author, topic or article: what is offered while somebody types.
        is_needed: Whether it may not be left empty.
        choices: Value and words of what can be chosen; else it is written.
    """

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    finds: str = ""
    is_needed: bool = True
    choices: tuple[tuple[str, str], ...] = ()


class _Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the form sends: a correction, or the id of the one that is undone."""

    site: Annotated[str, Meta(max_length=253)]
    edit: dict[str, Any] = {}
    undo: Annotated[str, Meta(max_length=40)] = ""


def register(server: FastAPI) -> None:
    """Take corrections at `POST /_edits`; the gate has made sure that one of our own pages sends them."""

    @server.post(PATH)
    async def edited(request: Request) -> JSONResponse:
        body = await request.body()
        try:
            if len(body) > MOST_BODY:
                raise UsageError(_("This is longer than a correction."), _("Shorten it."))
            said = await asyncio.to_thread(take, server.state.desk, body)
        except NotAllowedError as refusal:
            return JSONResponse({"message": refusal.message, "hint": refusal.hint}, status_code=403)
        except TearsheetError as refusal:
            return JSONResponse({"message": refusal.message, "hint": refusal.hint}, status_code=400)
        return JSONResponse(said)


def take(desk: Any, body: bytes) -> dict[str, str]:
    """Make or undo the correction of a form.

    Returns:
        What was done in a sentence, and `undo`, the id by which it is undone; empty for an undoing.

    Raises:
        UsageError: It is none, or cannot be made.
        NotAllowedError: Only editors correct.
    """
    try:
        sent = msgspec.json.decode(body, type=_Sent)
    except msgspec.MsgspecError as fault:
        raise UsageError(
            _("This is no correction: {fault}.", fault=fault), _("Load the page again.")
        ) from fault
    zone = next((each.zone for each in desk.sites() if each.site_id == sent.site), None)
    if zone is None:
        raise UsageError(_("There is no site {site!r}.", site=sent.site))
    if sent.undo:
        done = desk.undo(sent.site, sent.undo)
        return {
            "message": _("Undone: {words}.{recounted}", words=done.words, recounted=_recounted(done.days)),
            "undo": "",
        }
    told = dict(sent.edit)
    for name in _LOCAL.get(str(told.get("does")), ()):
        told[name] = _utc_of(str(told.get(name, "")), zone)
    done = desk.correct(sent.site, edits.read(told))
    return {"message": f"{done.words}.{_recounted(done.days)}", "undo": done.edit_id}


def may(scope: Scope, role: Role = Role.EDITOR) -> bool:
    """Tell whether who asks may correct."""
    return current().may(role, scope.site_id)


def button(
    scope: Scope,
    label: str,
    edit: dict[str, Any],
    *fields: Ask,
    title: str,
    about: str,
    of: str = "",
    role: Role = Role.EDITOR,
) -> Component | None:
    """Offer a correction to those who may make it.

    Args:
        scope: The view.
        label: On the button; a verb.
        edit: The correction, as far as it is known.
        *fields: What the editor adds.
        title: Of the form.
        about: What it will do, in a sentence or two.
        of: What the button is about, for those who do not see the row it stands in.
        role: Who may.
    """
    if not may(scope, role):
        return None
    asked = [{name: getattr(field, name) for name in Ask.__slots__} for field in fields]
    told = {
        "site": scope.site_id,
        "edit": edit,
        "title": title,
        "about": about,
        "verb": label,
        "fields": asked,
    }
    return _opener(label, told, of)


def undo_button(scope: Scope, edit_id: str, words: str, role: Role = Role.EDITOR) -> Component | None:
    """Offer to undo a correction to those who may."""
    if not may(scope, role):
        return None
    told = {
        "site": scope.site_id,
        "undo": edit_id,
        "title": _("Undo this correction?"),
        "about": _("{words}. What stood there before stands again, in all figures.", words=words),
        "verb": _("Undo"),
        "fields": [],
    }
    return _opener(_("Undo"), told, words)


def exclude_button(scope: Scope, article_id: str, title: str, *, is_excluded: bool) -> Component | None:
    """Offer to keep an article off the lists, or to put it back."""
    if is_excluded:
        about = _("“{title}” stands on lists, boards and widgets again.", title=title)
        told: dict[str, Any] = {"does": "include", "articles": [article_id]}
        return button(
            scope, _("Put back on lists"), told, title=_("Put back on lists"), about=about, of=title
        )
    return button(
        scope,
        _("Keep off lists"),
        {"does": "exclude", "articles": [article_id]},
        Ask("why", _("Why (for your colleagues)"), is_needed=False),
        title=_("Keep off lists"),
        about=_(
            "No list, board, “worth a look” or public widget names “{title}”. Every total keeps it.",
            title=title,
        ),
        of=title,
    )


def fill_button(scope: Scope, article_id: str, known: dict[str, str]) -> Component | None:
    """Offer to fill in title, section, authors and date of an article.

    Args:
        scope: The view.
        article_id: The article.
        known: What is known: title, section, authors (joined by commas), published (local time).
    """
    labels = {"title": (_("Title"), "text"), "section": (_("Section"), "text")}
    labels |= {"authors": (_("Authors, parted by commas"), "text")}
    labels |= {"published": (_("Published, {zone}", zone=scope.zone), "datetime-local")}
    fields = [
        Ask(name, label, known.get(name, ""), kind, is_needed=False) for name, (label, kind) in labels.items()
    ]
    return button(
        scope,
        _("Fill in"),
        {"does": "describe", "article": article_id},
        *fields,
        title=_("Fill in what is not known"),
        about=_("What you leave empty stays as it is. A later word of your CMS counts more than this one."),
        of=known.get("title") or article_id,
    )


def line(*parts: Child) -> Component | None:
    """Lay buttons in a row; nothing where none is offered."""
    shown = [part for part in parts if part is not None]
    return el("div", shown, class_="edit-line") if shown else None


def _opener(label: str, told: dict[str, Any], of: str) -> Component:
    hidden = el("span", f" {of}", class_="hidden-words") if of else None
    form = msgspec.json.encode(told).decode()
    return el("button", label, hidden, class_="link", type="button", data_does="edit", data_form=form)


def _recounted(days: int) -> str:
    if not days:
        return ""
    return n_(" One day is counted anew.", " {days} days are counted anew.", days, days=wording.full(days))


def _utc_of(local: str, zone: str) -> str:
    """Read the newsroom's local time, or one that names its zone; of a doubled hour the first one."""
    try:
        at = dt.datetime.fromisoformat(local)
    except ValueError as fault:
        raise UsageError(
            _("{local!r} is no time.", local=local), _("Write it like 2026-05-01T14:05.")
        ) from fault
    own = at if at.tzinfo else at.replace(tzinfo=zone_of(zone))
    return own.astimezone(dt.UTC).replace(tzinfo=None).isoformat()
