"""Links by which a person sets a password, the first or a forgotten one. Each works once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, insert, select

from analytics.control import audit, people, tokens
from analytics.control.database import Control
from analytics.control.identity import current
from analytics.control.people import Person
from analytics.control.tables import invitations

LASTS = dt.timedelta(days=3)
PATH = "/join/"


def make(control: Control, person: Person, now: dt.datetime) -> str:
    """Make a link's token for a person; one made before ends.

    Returns:
        The token, which is kept nowhere.
    """
    token = tokens.new()
    actor = current()
    with control.write() as connection:
        connection.execute(delete(invitations).where(invitations.c.person_id == person.person_id))
        connection.execute(
            insert(invitations).values(
                token_hash=tokens.hash_of(token),
                person_id=person.person_id,
                made_at=now,
                expires_at=now + LASTS,
                made_by=actor.id if actor.kind == "person" else None,
            )
        )
        audit.record(connection, now, "person.invited", person.login)
    return token


def person_of(control: Control, token: str, now: dt.datetime) -> Person | None:
    """Find whom a token invites; None where it is none, used or over, or the person is disabled."""
    wanted = select(invitations.c.person_id).where(
        invitations.c.token_hash == tokens.hash_of(token), invitations.c.expires_at > now
    )
    with control.read() as connection:
        person_id = connection.execute(wanted).scalar()
    person = people.find(control, person_id=person_id) if person_id else None
    return person if person and person.disabled_at is None else None


def waiting(control: Control, now: dt.datetime) -> dict[str, dt.datetime]:
    """List who has a link that was not used yet: person -> when it ends."""
    wanted = select(invitations.c.person_id, invitations.c.expires_at).where(invitations.c.expires_at > now)
    with control.read() as connection:
        return {row.person_id: row.expires_at for row in connection.execute(wanted)}
