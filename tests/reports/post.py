"""A mail server for tests that does as it is told, and an office that sends reports to it."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from sqlalchemy import insert

from analytics.config import Mail
from analytics.control import outbox, subscriptions
from analytics.control.database import Control
from analytics.control.outbox import Delivery
from analytics.control.report_tables import report_recipients
from analytics.control.subscriptions import Recipient, Subscription
from analytics.reports.send.rounds import Rounds
from analytics.store.store import Store
from tests.builders import SITE, utc

NOW = utc("2026-05-06 13:00")
DUE = utc("2026-05-06 10:00")


@dataclass(slots=True)
class MailServer:
    """What the server is told, and what it took.

    Attributes:
        rcpt: Answer to a recipient, by address; else it is taken.
        data: Answers to the next mails, first first; then they are taken.
        hangs_up_at: `data` breaks the connection inside the mail, `end` after its last byte.
        mails: What it took, with the address of the envelope.
        raw: The last one, as it came.
    """

    rcpt: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    hangs_up_at: str = ""
    login: tuple[str, str] | None = None
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    raw: bytes = b""
    port: int = 0

    @property
    def taken(self) -> Counter[str]:
        """How many mails each address got."""
        return Counter(to for to, _ in self.mails)

    async def handle_RCPT(  # noqa: N802 its names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data:
            return self.data.pop(0)
        raw = envelope.content
        assert isinstance(raw, bytes)
        self.raw = raw
        raw = raw if len(self.mails) < 10 else raw[:3000]  # the tests of many look at heads only
        message: Message[Any, Any] = message_from_bytes(raw, policy=default)
        assert isinstance(message, EmailMessage)
        if self.hangs_up_at != "end":
            self.mails += [(to, message) for to in envelope.rcpt_tos]
        else:
            self.hangs_up_at = ""
            self.mails += [(to, message) for to in envelope.rcpt_tos]
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any
    ) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.login, handled=False)


class _Breaking(SMTP):
    """Hangs up inside the text of a mail where it is told to."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if self.event_handler.hangs_up_at == "data":
            self.event_handler.hangs_up_at = ""
            await self.push("354 Go on")
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Breaking(self.handler, **self.SMTP_kwargs)


@contextmanager
def serving(
    server: MailServer, tls: ssl.SSLContext | None = None, *, wrapped: bool = False
) -> Iterator[MailServer]:
    """Run a mail server on a free port of this machine."""
    more: dict[str, Any] = {}
    if server.login:
        more |= {"authenticator": server.authenticate, "auth_required": True, "auth_require_tls": not wrapped}
    if tls and not wrapped:
        more |= {"tls_context": tls, "require_starttls": True}
    made = _Controller(
        server, hostname="127.0.0.1", port=free_port(), ssl_context=tls if wrapped else None, **more
    )
    made.start()
    server.port = made.port
    try:
        yield server
    finally:
        made.stop(no_assert=True)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass(slots=True)
class Office:
    """A house that sends reports: its rounds, and a clock that is set by hand."""

    home: Path
    store: Store
    control: Control
    port: int
    now: dt.datetime = NOW
    settings: dict[str, Any] = field(default_factory=dict)
    rounds: Rounds = field(init=False)

    def __post_init__(self) -> None:
        self.rounds = Rounds(
            self.control, self.store, self.home, self.mail, lambda: "https://stats.example", lambda: self.now
        )

    def mail(self) -> Mail:
        return Mail(
            **{"host": "127.0.0.1", "port": self.port, "security": "none", "timeout_s": 2,
               "sender": "Tearsheet <stats@news.example>", **self.settings}
        )  # fmt: skip

    def subscribe(self, *addresses: str, **values: Any) -> Subscription:
        """Make a report that was due at DUE."""
        made = subscriptions.add(
            self.control,
            Subscription(**{"site_id": SITE, "name": "Morning", "kind": "morning", "period": "yesterday",
                "schedule": "every day at 07:00", "zone": "America/Sao_Paulo", "made_at": DUE,
                "due_through": DUE - dt.timedelta(hours=1), **values}),
        )  # fmt: skip
        for address in addresses:
            self.add(made, address)
        return made

    def add(self, subscription: Subscription, address: str, **values: Any) -> Recipient:
        return subscriptions.add_recipient(
            self.control,
            Recipient(**{"subscription_id": subscription.subscription_id, "way": "mail", "address": address,
                "address_key": address, "confirmed_at": DUE, **values}),
        )  # fmt: skip

    def add_many(self, subscription: Subscription, many: int) -> None:
        """Add that many recipients by mail in one transaction."""
        values: dict[str, Any] = {"subscription_id": subscription.subscription_id, "way": "mail"}
        values |= {"name": "", "kept": {}, "confirmed_at": DUE, "stopped_why": ""}
        to = [(f"r{n:04}", f"r{n}@news.example") for n in range(many)]
        rows = [{**values, "recipient_id": key, "address": at, "address_key": at} for key, at in to]
        with self.control.write() as connection:
            connection.execute(insert(report_recipients), rows)

    def later(self, **span: float) -> int:
        """Let time pass, and do a round."""
        self.now += dt.timedelta(**span)
        return self.rounds.round()

    def ledger(self) -> dict[str, Delivery]:
        """What became of the last run, by address."""
        run = outbox.runs(self.control)[0]
        return {each.address: each for each in outbox.deliveries(self.control, run.run_id)}

    def states(self) -> dict[str, str]:
        return {address: each.state for address, each in self.ledger().items()}
