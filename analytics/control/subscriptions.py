"""Subscriptions to reports and who receives them."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import RowMapping, insert, select, update

from analytics.control.database import Control
from analytics.control.report_tables import report_recipients, report_subscriptions
from analytics.errors import UsageError
from analytics.language import _

Way = Literal["mail", "folder", "webhook", "chat"]
WAYS: tuple[Way, ...] = ("mail", "folder", "webhook", "chat")
ALERT = "alert"  # kind of what alerts are sent by: never due, and no report
Kept = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One report that goes out by itself; see `report_tables` for its columns."""

    subscription_id: str = ""
    site_id: str
    name: str
    kind: str
    period: str
    schedule: str
    zone: str
    holidays: list[str] = field(default_factory=list)
    kept: Kept = field(default_factory=dict)
    query: str = ""
    formats: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    language: str = ""
    made_at: dt.datetime
    made_by: str = ""
    due_through: dt.datetime
    paused_at: dt.datetime | None = None
    deleted_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who gets a report, and which way; see `report_tables` for its columns."""

    recipient_id: str = ""
    subscription_id: str
    way: str
    address: str
    address_key: str
    sealed: str | None = None
    name: str = ""
    kept: Kept = field(default_factory=dict)
    confirmed_at: dt.datetime | None = None
    asked_at: dt.datetime | None = None
    stopped_at: dt.datetime | None = None
    stopped_why: str = ""


def add(control: Control, subscription: Subscription) -> Subscription:
    """Keep a new subscription; gives it with its id."""
    made = replace(subscription, subscription_id=f"s{secrets.token_hex(6)}")
    with control.write() as connection:
        connection.execute(insert(report_subscriptions).values(_values(made)))
    return made


def change(control: Control, subscription_id: str, **values: Any) -> None:
    """Change columns of a subscription."""
    with control.write() as connection:
        connection.execute(
            update(report_subscriptions)
            .where(report_subscriptions.c.subscription_id == subscription_id)
            .values(**values)
        )


def listed(control: Control, sites: Sequence[str] | None = None) -> list[Subscription]:
    """List subscriptions that were not deleted, by name; of some sites, or of all."""
    asked = select(report_subscriptions).where(report_subscriptions.c.deleted_at.is_(None))
    if sites is not None:
        asked = asked.where(report_subscriptions.c.site_id.in_(sites))
    order = (report_subscriptions.c.name, report_subscriptions.c.subscription_id)
    with control.read() as connection:
        return [Subscription(**row) for row in _rows(connection.execute(asked.order_by(*order)).mappings())]


def one(control: Control, subscription_id: str) -> Subscription:
    """Find a subscription, deleted ones too.

    Raises:
        UsageError: There is none.
    """
    asked = select(report_subscriptions).where(report_subscriptions.c.subscription_id == subscription_id)
    with control.read() as connection:
        row = connection.execute(asked).mappings().one_or_none()
    if row is None:
        raise UsageError(
            _("There is no report {subscription_id!r}.", subscription_id=subscription_id),
            _("tearsheet report list names them."),
        )
    return Subscription(**dict(row))


def add_recipient(control: Control, recipient: Recipient) -> Recipient:
    """Keep a new recipient; whoever is there already, and stopped, comes back under the same id.

    Raises:
        UsageError: The address receives this report already.
    """
    table = report_recipients
    asked = select(table).where(
        table.c.subscription_id == recipient.subscription_id,
        table.c.way == recipient.way,
        table.c.address_key == recipient.address_key,
    )
    with control.write() as connection:
        known = connection.execute(asked).mappings().one_or_none()
        if known is None:
            made = replace(recipient, recipient_id=f"r{secrets.token_hex(8)}")
            connection.execute(insert(table).values(_values(made)))
            return made
        if known["stopped_at"] is None:
            raise UsageError(_("{address} receives this report already.", address=recipient.address))
        made = replace(recipient, recipient_id=known["recipient_id"])
        # Whoever stopped it by the link in a mail must ask for it again.
        connection.execute(
            update(table).where(table.c.recipient_id == made.recipient_id).values(_values(made))
        )
        return made


def tester(control: Control, asked: Recipient, now: dt.datetime) -> Recipient:
    """Give the row of a test: whoever receives the report already, else one that nothing else goes to."""
    table = report_recipients
    same = (
        table.c.subscription_id == asked.subscription_id,
        table.c.way == asked.way,
        table.c.address_key == asked.address_key,
    )
    with control.write() as connection:
        known = connection.execute(select(table).where(*same)).mappings().one_or_none()
        if known is not None:
            return Recipient(**dict(known))
        # Stopped before anything was planned: a run planned for it goes out, no other one does.
        made = replace(
            asked,
            recipient_id=f"r{secrets.token_hex(8)}",
            stopped_at=now - dt.timedelta(seconds=1),
            stopped_why=_("Got a test only."),
        )
        connection.execute(insert(table).values(_values(made)))
        return made


def recipients(control: Control, subscription_id: str) -> list[Recipient]:
    """List who receives a report, those who stopped it too, in the order of their addresses."""
    table = report_recipients
    asked = select(table).where(table.c.subscription_id == subscription_id)
    with control.read() as connection:
        found = connection.execute(asked.order_by(table.c.way, table.c.address)).mappings()
        return [Recipient(**row) for row in _rows(found)]


def of_address(control: Control, site_id: str, address_key: str) -> list[Recipient]:
    """List what one mail address receives of a site, or was asked about: reports and alerts that stand."""
    to, about = report_recipients, report_subscriptions
    asked = (
        select(to)
        .join(about, about.c.subscription_id == to.c.subscription_id)
        .where(about.c.site_id == site_id, about.c.deleted_at.is_(None))
        .where(to.c.way == "mail", to.c.address_key == address_key, to.c.stopped_at.is_(None))
    )
    with control.read() as connection:
        found = connection.execute(asked.order_by(to.c.recipient_id)).mappings()
        return [Recipient(**row) for row in _rows(found)]


def recipient(control: Control, recipient_id: str) -> Recipient | None:
    """Find a recipient; None where there is none."""
    asked = select(report_recipients).where(report_recipients.c.recipient_id == recipient_id)
    with control.read() as connection:
        row = connection.execute(asked).mappings().one_or_none()
    return Recipient(**dict(row)) if row is not None else None


def change_recipient(control: Control, recipient_id: str, **values: Any) -> None:
    """Change columns of a recipient."""
    table = report_recipients
    with control.write() as connection:
        connection.execute(update(table).where(table.c.recipient_id == recipient_id).values(**values))


def _values(row: Subscription | Recipient) -> dict[str, Any]:
    named = {name: getattr(row, name) for name in row.__dataclass_fields__}
    kept = {name: list(values) for name, values in row.kept.items()}
    return {**named, "kept": kept}


def _rows(found: Any) -> list[dict[str, Any]]:
    rows: Sequence[RowMapping] = found.all()
    return [dict(row) for row in rows]
