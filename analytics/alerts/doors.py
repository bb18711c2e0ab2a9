"""The link of a mail that mutes an alert for a day: public, for whoever got the mail; done by POST only."""

from __future__ import annotations

import asyncio
from html import escape

from analytics.alerts.office import Alerts
from analytics.alerts.tell import MUTE
from analytics.collect.http import App, Receive, Scope, Send
from analytics.errors import TearsheetError
from analytics.language import _, speaking
from analytics.reports.doors import page, send_html


def mutes(alerts: Alerts, inner: App) -> App:
    """Answer the link that mutes an alert; everything else goes through."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(MUTE):
            await inner(scope, receive, send)
            return
        token = scope["path"].removeprefix(MUTE)
        with speaking(alerts.watch.rounds.speech("")):
            status, shown = await asyncio.to_thread(_muted, alerts, token, scope["method"])
        await send_html(send, status, shown)

    return answer


def _muted(alerts: Alerts, token: str, method: str) -> tuple[int, str]:
    rule_id = alerts.watch.rounds.keys.recipient("mute", token)
    if rule_id is None:
        return 404, page(_("This link is not complete."), _("Copy the whole address from the mail."))
    if method not in {"GET", "HEAD", "POST"}:
        return 405, page(_("This address only mutes an alert."), "")
    if method != "POST":
        form = f'<form method="post"><button>{escape(_("Mute it for a day"))}</button></form>'
        return 200, page(
            _("Mute this alert?"), _("Nobody is told of it for 24 hours; its history goes on."), form
        )
    try:
        found = alerts.mute_by_link(rule_id)
    except TearsheetError as refusal:
        return 503, page(_("It could not be muted just now."), str(refusal))
    return 200, page(
        _("“{name}” is muted for a day.", name=found.name), _("Under Alerts it can be unmuted at any time.")
    )
