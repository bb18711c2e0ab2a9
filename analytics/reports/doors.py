"""Addresses of reports that are no screens: links that stop or confirm one, and mails to look at.

`/r/stop/<token>` and `/r/yes/<token>` are public, for whoever got the mail: the page asks, and only a POST
does anything, since mail programs and scanners open links by themselves (RFC 8058). `/report/preview/<id>`
and `/report/sent/<id>` stand behind the gate and need the role of an editor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from html import escape
from typing import Any

import structlog

from analytics.errors import NotAllowedError, TearsheetError
from analytics.language import _, current, speaking
from analytics.reports.office import Office

STOP, YES, PREVIEW, SENT = "/r/stop/", "/r/yes/", "/report/preview/", "/report/sent/"
# A mail holds no script and asks for nothing; should one ever try, the browser refuses.
POLICY = b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = structlog.get_logger()


def stops(office: Office, inner: App) -> App:
    """Answer the links that stop or confirm a report; everything else goes through."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        place = next((each for each in (STOP, YES) if scope.get("path", "").startswith(each)), "")
        if scope["type"] != "http" or not place:
            await inner(scope, receive, send)
            return
        token = scope["path"].removeprefix(place)
        status, page = await asyncio.to_thread(_signed, office, place, token, scope["method"])
        await send_html(send, status, page)

    return answer


def mails(office: Office, inner: App) -> App:
    """Show mails as they would go out, and as they went out; everything else goes through."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        place = next((each for each in (PREVIEW, SENT) if scope.get("path", "").startswith(each)), "")
        if scope["type"] != "http" or not place:
            await inner(scope, receive, send)
            return
        item = scope["path"].removeprefix(place)
        with speaking(office.rounds.speech("")):
            status, page = await asyncio.to_thread(_mail, office, item, is_sent=place == SENT)
        await send_html(send, status, page)

    return answer


def _signed(office: Office, place: str, token: str, method: str) -> tuple[int, str]:
    """Answer a link of a mail in the language of the mail."""
    purpose, do = ("stop", _stop) if place == STOP else ("yes", _confirm)
    recipient_id = office.rounds.keys.recipient(purpose, token)
    what = office.received(recipient_id)
    with speaking(office.rounds.spoken(what) if what else office.rounds.speech("")):
        if recipient_id is None or what is None:
            return 404, page(_("This link is not complete."), _("Copy the whole address from the mail."))
        return do(office, recipient_id, what.name, method)


def _stop(office: Office, recipient_id: str, name: str, method: str) -> tuple[int, str]:
    if method not in {"GET", "HEAD", "POST"}:
        return 405, page(_("This address only stops “{name}”.", name=name), "")
    if method == "POST":
        try:
            office.stop(recipient_id, _("They stopped it by the link in a mail."))
        except TearsheetError as refusal:
            return 503, page(_("It could not be stopped just now."), str(refusal))
        return 200, page(
            _("You will not get “{name}” any more.", name=name), _("An editor can add you again.")
        )
    form = f'<form method="post"><button>{escape(_("Stop it"))}</button></form>'
    return 200, page(_("Stop “{name}”?", name=name), _("You get no more of it at this address."), form)


def _confirm(office: Office, recipient_id: str, name: str, method: str) -> tuple[int, str]:
    if method not in {"GET", "HEAD", "POST"}:
        return 405, page(_("This address only confirms “{name}”.", name=name), "")
    if method == "POST":
        try:
            found = office.confirm(recipient_id)
        except TearsheetError as refusal:
            return 503, page(_("It could not be noted just now."), str(refusal))
        if found is None:
            return 410, page(
                _("“{name}” is not sent to you any more.", name=name), _("An editor can add you again.")
            )
        return 200, page(
            _("Thank you."),
            _("You get what this newsroom sends you from now on. Every mail has a link that stops it."),
        )
    form = f'<form method="post"><button>{escape(_("Yes, send it to me"))}</button></form>'
    return 200, page(_("Do you want “{name}”?", name=name), _("Without your answer nothing is sent."), form)


def _mail(office: Office, item: str, *, is_sent: bool) -> tuple[int, str]:
    try:
        _report, letter = office.sent(item) if is_sent else office.preview(item)
        return 200, letter.page(_("you"))
    except NotAllowedError as refusal:
        return 403, page(refusal.message, refusal.hint)
    except TearsheetError as refusal:
        return 404, page(refusal.message, refusal.hint)
    except Exception:
        log.exception("report not shown")
        return 500, page(_("The report could not be shown."), _("The log of the desk says more."))


def page(title: str, words: str, more: str = "") -> str:
    """Write a page of one sentence that needs no screen."""
    return (
        f'<!doctype html><html lang="{current().language}"><head><meta charset="utf-8">'
        "<title>Tearsheet</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<style>body{font:16px/24px Arial,sans-serif;max-width:34em;margin:4em auto;padding:0 1em}"
        "h1{font:600 24px/30px Georgia,serif}button{font:inherit;padding:10px 18px}</style></head>"
        f"<body><h1>{escape(title)}</h1><p>{escape(words)}</p>{more}</body></html>"
    )


async def send_html(send: Send, status: int, page: str) -> None:
    """Answer with such a page."""
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", POLICY),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": page.encode()})
