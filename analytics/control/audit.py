"""The audit log: who did what to whom, in the transaction that did it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from analytics.control.database import Control
from analytics.control.identity import current
from analytics.control.tables import audit_log


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log; `site_id` is empty where it concerns the house."""

    entry_id: int
    at: dt.datetime
    actor_kind: str
    actor_name: str
    action: str
    site_id: str
    subject: str


def record(connection: Connection, now: dt.datetime, action: str, subject: str, site_id: str = "") -> None:
    """Write a line; it stands or falls with what it tells of.

    Args:
        connection: Inside the transaction that does it.
        now: Naive UTC.
        action: What was done, such as `person.invited`.
        subject: To whom or what, in words; never a secret.
        site_id: Where; empty for the house.
    """
    actor = current()
    connection.execute(
        insert(audit_log).values(
            at=now,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            site_id=site_id or None,
            subject=subject[:300],
        )
    )


def latest(control: Control, limit: int = 200, before: int | None = None) -> list[Entry]:
    """List the log, the newest first.

    Args:
        control: The control database.
        limit: Lines at most.
        before: Only older ones than this entry.
    """
    wanted = select(audit_log).order_by(audit_log.c.entry_id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(audit_log.c.entry_id < before)
    with control.read() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [
        Entry(
            row["entry_id"],
            row["at"],
            row["actor_kind"],
            row["actor_name"],
            row["action"],
            row["site_id"] or "",
            row["subject"],
        )
        for row in rows
    ]
