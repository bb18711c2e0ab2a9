"""Mail: one connection for a round of letters, and a step of our own before the last byte leaves.

The standard library's client is used below its `sendmail`, because only then can a row be committed between
the text of a mail and the dot that ends it (RFC 5321, 4.1.1.4): a connection that breaks before the dot has
delivered nothing and is tried again; after it nobody can know.
"""

from __future__ import annotations

import re
import select
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from types import TracebackType

from analytics.config import Mail
from analytics.language import _
from analytics.reports.send.faults import DoubtError, SendError

READY_FOR_TEXT = 354
_LINE_DOT = re.compile(rb"(?m)^\.")
_LOST = (OSError, smtplib.SMTPServerDisconnected)


class Postman:
    """An open connection to the mail server; opens again where the server hung up between two mails."""

    def __init__(self, settings: Mail, tls: ssl.SSLContext | None = None) -> None:
        """Keep the settings; nothing is opened yet.

        Args:
            settings: Server, security, login.
            tls: Which certificates are trusted; the system's by default.
        """
        self._settings, self._tls = settings, tls
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Postman:
        """Wait with the connection until the first mail."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye."""
        if self._smtp is not None:
            with suppress(*_LOST, smtplib.SMTPException):
                self._smtp.quit()

    def send(self, message: EmailMessage, sender: str, to: str, before_end: Callable[[], None]) -> None:
        """Hand one mail to the server.

        Args:
            message: The mail.
            sender: Address of the envelope.
            to: The one recipient.
            before_end: Called when all of the mail has left but the dot that ends it.

        Raises:
            SendError: It was not taken; for now, or for good.
            DoubtError: It may have been taken.
        """
        data = _LINE_DOT.sub(b"..", message.as_bytes(policy=SMTP))
        data = data if data.endswith(b"\r\n") else data + b"\r\n"
        smtp = self._open()
        try:
            self._envelope(smtp, sender, to, len(data))
            code, answer = smtp.docmd("DATA")
            if code != READY_FOR_TEXT:
                raise self._refused(code, answer, _("the text"))
            smtp.send(data)
            if _has_spoken(smtp):  # before its turn: it hung up, or says why it will
                raise smtplib.SMTPServerDisconnected(_("it hung up inside the mail"))
        except _LOST as fault:
            self._drop()
            raise SendError(
                _("The connection to the mail server broke: {fault}.", fault=_said(fault))
            ) from fault
        before_end()
        try:
            smtp.send(b".\r\n")
            code, answer = smtp.getreply()
        except _LOST as fault:
            self._drop()
            raise DoubtError(
                _(
                    "The connection broke while the mail server was taking it ({fault}): it may have "
                    "arrived, so it is not sent again.",
                    fault=_said(fault),
                )
            ) from fault
        if code != 250:
            raise self._refused(code, answer, _("the mail"))

    def _envelope(self, smtp: smtplib.SMTP, sender: str, to: str, size: int) -> None:
        most = smtp.esmtp_features.get("size", "")
        if most.isdigit() and 0 < int(most) < size:
            raise SendError(
                _(
                    "The mail has {size:,} bytes, and the server takes {most:,} only.",
                    size=size,
                    most=int(most),
                ),
                is_lasting=True,
            )
        options = [f"SIZE={size}"] if "size" in smtp.esmtp_features else []
        if not (sender + to).isascii():
            if not smtp.has_extn("smtputf8"):
                raise SendError(_("The mail server takes no address with such letters."), is_lasting=True)
            options.append("SMTPUTF8")
        code, answer = smtp.mail(sender, options)
        if code != 250:
            raise self._refused(code, answer, _("the sender {sender}", sender=sender))
        code, answer = smtp.rcpt(to)
        if code not in {250, 251}:
            raise self._refused(code, answer, _("the recipient {to}", to=to))

    def _open(self) -> smtplib.SMTP:
        if self._smtp is not None:
            return self._smtp
        settings = self._settings
        tls = self._tls or ssl.create_default_context()
        smtp: smtplib.SMTP | None = None
        try:
            if settings.security == "tls":
                smtp = smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout_s, context=tls)
            else:
                smtp = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_s)
            self._greet(smtp, tls)
        except smtplib.SMTPAuthenticationError as fault:
            # The operator may be about to mend it, so it is tried again; the answer may hold the user's name.
            raise SendError(
                _("The mail server refused the login ({smtp_code}).", smtp_code=fault.smtp_code),
                is_everybody=True,
            ) from fault
        except smtplib.SMTPNotSupportedError as fault:
            what = "TLS" if settings.security == "starttls" else _("the login")
            raise SendError(
                _("The mail server does not offer {what}.", what=what), is_everybody=True
            ) from fault
        except (smtplib.SMTPException, OSError) as fault:
            where = f"{settings.host}:{settings.port}"
            raise SendError(
                _("The mail server {where} cannot be reached: {fault}.", where=where, fault=_said(fault)),
                is_everybody=True,
            ) from fault
        finally:
            if smtp is not None and smtp is not self._smtp:
                smtp.close()
        return smtp

    def _greet(self, smtp: smtplib.SMTP, tls: ssl.SSLContext) -> None:
        """Begin to speak under TLS, log in."""
        settings = self._settings
        if smtp.sock is not None:
            # The dot leaves alone; held back for more, it would wait 40 ms for an acknowledgement, each mail.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            smtp.starttls(context=tls)
            smtp.ehlo_or_helo_if_needed()
        if settings.user:
            smtp.login(settings.user, settings.password)
        self._smtp = smtp

    def _refused(self, code: int, answer: bytes, what: str) -> SendError:
        """Make sense of a refusal: 4xx for now, 5xx for good; 421 closes the connection."""
        said = " ".join(answer.decode("utf-8", "replace").split())[:200]
        if self._smtp is not None and code != 421 and code > 0:
            with suppress(*_LOST, smtplib.SMTPException):
                self._smtp.rset()
        else:
            self._drop()
        return SendError(
            _("The mail server refused {what}: {code} {said}", what=what, code=code, said=said).rstrip(),
            is_lasting=500 <= code < 600,
            is_everybody=code == 421,
        )

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def _has_spoken(smtp: smtplib.SMTP) -> bool:
    return smtp.sock is not None and bool(select.select([smtp.sock], [], [], 0)[0])


def _said(fault: Exception) -> str:
    if isinstance(fault, TimeoutError) or "timed out" in str(fault):
        return _("it did not answer in time")
    reason = getattr(fault, "strerror", None) or (fault.args[0] if fault.args else type(fault).__name__)
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return " ".join(text.split()).rstrip(".")[:200]
