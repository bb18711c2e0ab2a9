"""The mail that asks somebody without an account whether they want a report: nothing else goes out before."""

from __future__ import annotations

import datetime as dt
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from html import escape

from analytics.config import Mail
from analytics.language import _, current
from analytics.reports.mail import one_line
from analytics.reports.send.faults import SendError
from analytics.reports.send.letters import bare, party, subject
from analytics.reports.send.smtp import Postman


def ask(
    settings: Mail, postman: Postman, to: str, report: str, site: str, url: str, now: dt.datetime
) -> None:
    """Send it.

    Args:
        settings: Of the mail server.
        postman: Takes it there.
        to: The address.
        report: Name of the report or alert.
        site: Name of the site whose it is.
        url: Where they say yes.
        now: Naive UTC.

    Raises:
        SendError: The server did not take it.
    """
    if not settings.sender:
        raise SendError(_("No sender is set."))
    name = one_line(report, 120)
    sender = bare(settings.sender)
    message = EmailMessage()
    message["Subject"] = subject(_("Do you want “{name}” of {site}?", name=name, site=site))
    message["From"], message["To"] = party(settings.sender), Address(addr_spec=to)
    message["Date"] = format_datetime(now.replace(tzinfo=dt.UTC))
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    asked = _("{site} wants to send you “{name}” at this address.", site=site, name=name)
    rest = _(
        "Your yes holds for this address and this newsroom: you are not asked again for another report or "
        "alert, and can stop each of them at any time. Without your answer nothing is sent, and you need not "
        "do anything."
    )
    message.set_content(f"{asked}\n\n{_('Yes, send it to me')}:\n{url}\n\n{rest}\n")
    link = f'<a href="{escape(url)}">{escape(_("Yes, send it to me"))}</a>'
    message.add_alternative(
        f'<!doctype html><html lang="{current().language}"><body style="font: 16px/24px Arial, sans-serif">'
        f"<p>{escape(asked)}</p><p>{link}</p><p>{escape(rest)}</p></body></html>",
        subtype="html",
    )
    postman.send(message, sender, to, lambda: None)
