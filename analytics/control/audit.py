"""The audit log: who did what to whom, in the transaction that did it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, insert, or_, select, update

from analytics.control.database import Control
from analytics.control.identity import current
from analytics.control.tables import audit_log

GATHERED = dt.timedelta(minutes=1)


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


def failed(control: Control, now: dt.datetime, login: str) -> None:
    """Write down that somebody could not sign in; never from where.

    Names that nobody has are not written, for people type their password there; within a minute they are
    counted in one line, so that guessing cannot fill the disk.

    Args:
        control: The control database.
        now: Naive UTC.
        login: Whose name it was; empty where it is nobody's.
    """
    action, unknown = "person.not_signed_in", "names that nobody has: "
    with control.write(is_quiet=True) as connection:
        if login:
            record(connection, now, action, login)
            return
        wanted = (
            select(audit_log.c.entry_id, audit_log.c.subject)
            .where(audit_log.c.at > now - GATHERED, audit_log.c.action == action)
            .where(audit_log.c.subject.startswith(unknown))
        )
        row = connection.execute(wanted).first()
        if row is None:
            record(connection, now, action, f"{unknown}1")
            return
        count = int(row.subject.removeprefix(unknown)) + 1
        connection.execute(
            update(audit_log).where(audit_log.c.entry_id == row.entry_id).values(subject=f"{unknown}{count}")
        )


def latest(
    control: Control, limit: int = 200, before: int | None = None, find: str = "", site_id: str = ""
) -> list[Entry]:
    """List the log, the newest first.

    Args:
        control: The control database.
        limit: Lines at most.
        before: Only older ones than this entry.
        find: Only those that hold this text in what was done, to whom, by whom or where.
        site_id: Only those of this site; empty: of the house and all its sites.
    """
    wanted = select(audit_log).order_by(audit_log.c.entry_id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(audit_log.c.entry_id < before)
    if site_id:
        wanted = wanted.where(audit_log.c.site_id == site_id)
    if find:
        columns = (audit_log.c.action, audit_log.c.subject, audit_log.c.actor_name, audit_log.c.site_id)
        wanted = wanted.where(or_(*(each.icontains(find, autoescape=True) for each in columns)))
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
