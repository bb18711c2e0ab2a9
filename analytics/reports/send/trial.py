"""A mail that only tries whether mails go out."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from analytics.config import Mail
from analytics.errors import UsageError
from analytics.language import _
from analytics.reports.send.faults import SendError
from analytics.reports.send.letters import address, bare
from analytics.reports.send.smtp import Postman


def send(settings: Mail, to: str, now: dt.datetime) -> str:
    """Send a short mail by the settings.

    Returns:
        The server that took it.

    Raises:
        UsageError: There is no server, the address is none or of a domain that is not allowed, or the server
            did not take it.
    """
    if not settings.host:
        raise UsageError(_("No mail server is named."), _("Name one under [mail] in tearsheet.toml."))
    recipient = address(to)
    domain = recipient.rpartition("@")[2].lower()
    if settings.domains and domain not in {each.lower() for each in settings.domains}:
        raise UsageError(
            _("Mails go to {domains} only.", domains=", ".join(settings.domains)),
            _("So [mail] in tearsheet.toml says."),
        )
    sender = bare(settings.sender)
    message = EmailMessage()
    message["Subject"] = _("Tearsheet: a test")
    message["From"], message["To"] = sender, recipient
    message["Date"] = format_datetime(now.replace(tzinfo=dt.UTC))
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_("Mails of Tearsheet arrive here. An admin has sent this one to see it.\n"))
    server = f"{settings.host}:{settings.port}"
    try:
        with Postman(settings) as postman:
            postman.send(message, sender, recipient, lambda: None)
    except SendError as fault:
        raise UsageError(
            _("{server} did not take the mail: {fault}.", server=server, fault=fault),
            _("Correct [mail] in tearsheet.toml."),
        ) from fault
    return server
