"""A rendered letter becomes a mail to one recipient: headers, parts, attachments, one-click unsubscribe."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy
from email.utils import format_datetime

from analytics.errors import UsageError
from analytics.language import _
from analytics.reports.mail import Letter, one_line

TYPES = {
    "pdf": ("application", "pdf"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("text", "csv"),
}
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\]{1,253}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """To whom, from whom, and the marks that keep mails apart.

    Attributes:
        sender: `Name <address>` or a bare address.
        reply_to: The same; empty: none.
        to: Address of the recipient.
        name: Their name.
        message_id: Unique, and the same whenever this mail is sent: programs then show it once.
        list_id: Names the report among all mails: "morning.news.example".
        stop_url: Ends the subscription of this recipient; empty: none.
        at: When it is sent, naive UTC.
    """

    sender: str
    reply_to: str
    to: str
    name: str
    message_id: str
    list_id: str
    stop_url: str
    at: dt.datetime


def mail(letter: Letter, attached: Mapping[str, bytes], envelope: Envelope) -> EmailMessage:
    """Put a mail together.

    Args:
        letter: Subject, HTML, text, pictures.
        attached: Name of the file -> its bytes.
        envelope: Who and from whom.
    """
    html, text = letter.to(envelope.name or envelope.to, envelope.stop_url)
    message = EmailMessage()
    message["Subject"] = subject(letter.subject)
    message["From"] = party(envelope.sender)
    message["To"] = Address(one_line(envelope.name, 100), addr_spec=address(envelope.to))
    if envelope.reply_to:
        message["Reply-To"] = party(envelope.reply_to)
    message["Date"] = format_datetime(envelope.at.replace(tzinfo=dt.UTC))
    message["Message-ID"] = f"<{envelope.message_id}>"
    message["List-Id"] = _as_written("List-Id", f"<{envelope.list_id}>")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers, please
    if envelope.stop_url:
        message["List-Unsubscribe"] = _as_written("List-Unsubscribe", f"<{envelope.stop_url}>")
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    for cid, png in letter.pictures.items():
        if f'"cid:{cid}"' in html:
            related = message.get_body(("html",))
            assert isinstance(related, EmailMessage)  # noqa: S101 it was added two lines above
            related.add_related(png, "image", "png", cid=f"<{cid}>", disposition="inline")
    for name, data in attached.items():
        kind, sub = TYPES[name.rpartition(".")[2]]
        message.add_attachment(data, kind, sub, filename=name)
    return message


def address(text: str) -> str:
    """Check a mail address.

    Raises:
        UsageError: It is none.
    """
    plain = text.strip()
    if not _ADDRESS.fullmatch(plain) or not plain.isprintable():
        raise UsageError(
            _("“{plain}” is no mail address.", plain=one_line(plain, 80)),
            _("Write it like s.kaur@news.example."),
        )
    return plain


def subject(text: str) -> BaseHeader:
    """Make the subject of a mail: on one line, in any script."""
    plain = one_line(text, 900)
    kind = UnstructuredHeader if plain.isascii() else _Encoded
    return HeaderRegistry(default_class=kind, use_default_map=False)("Subject", plain)


def bare(text: str) -> str:
    """Give the address of `Name <address>`."""
    found = re.fullmatch(r".*<([^<>]+)>\s*", text)
    return address(found[1] if found else text)


class _Encoded(UnstructuredHeader):
    """A subject beyond ASCII, encoded as a whole.

    The library mixes plain and encoded words, and where a line ends between two of them it leaves the space
    on both sides: "Chapel Bank  copes".
    """

    def fold(self, *, policy: Policy) -> str:
        text = Header(str(self), "utf-8", header_name="Subject").encode(linesep=policy.linesep)
        return f"Subject: {text}{policy.linesep}"


class _AsWritten(UnstructuredHeader):
    """A header of one address, on one line however long it is.

    The library writes a word that is longer than a line as an encoded one, and no mail program reads an
    address in such: the button that stops a report would not appear.
    """

    name: str  # the registry puts the base of all headers beside it

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _as_written(name: str, value: str) -> BaseHeader:
    """Make a header of ASCII that stands in the mail as it is."""
    return HeaderRegistry(default_class=_AsWritten)(name, one_line(value, 900))


def party(text: str) -> Address:
    """Read `Name <address>` or a bare address."""
    name = one_line(text.partition("<")[0].strip().strip('"')) if "<" in text else ""
    return Address(name, addr_spec=bare(text))
