"""Sessions: who is signed in, until they leave, change their password, or stay away too long."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, insert, or_, select, update

from analytics.control import audit, people, tokens
from analytics.control.database import Control
from analytics.control.identity import acting
from analytics.control.people import Person
from analytics.control.tables import people as people_table
from analytics.control.tables import sessions

LASTS = dt.timedelta(days=30)
IDLE = dt.timedelta(days=7)
TOUCH_EVERY = dt.timedelta(minutes=10)  # a write for each request would be one too many


def start(control: Control, person: Person, now: dt.datetime) -> str:
    """Sign a person in; sessions that are over are cleared away.

    Returns:
        The token of the new session, which is kept nowhere.
    """
    token = tokens.new()
    with control.write() as connection:
        connection.execute(
            delete(sessions).where(or_(sessions.c.expires_at <= now, sessions.c.seen_at <= now - IDLE))
        )
        connection.execute(
            insert(sessions).values(
                token_hash=tokens.hash_of(token),
                person_id=person.person_id,
                made_at=now,
                seen_at=now,
                expires_at=now + LASTS,
            )
        )
        connection.execute(
            update(people_table).where(people_table.c.person_id == person.person_id).values(seen_at=now)
        )
        with acting(person.identity):
            audit.record(connection, now, "person.signed_in", person.login)
    return token


def person_of(control: Control, token: str, now: dt.datetime) -> Person | None:
    """Find who is signed in by a token; None where it is none or over."""
    hashed = tokens.hash_of(token)
    wanted = select(sessions.c.person_id, sessions.c.seen_at).where(
        sessions.c.token_hash == hashed, sessions.c.expires_at > now, sessions.c.seen_at > now - IDLE
    )
    with control.read() as connection:
        row = connection.execute(wanted).first()
    person = people.find(control, person_id=row.person_id) if row else None
    if row is None or person is None or person.disabled_at is not None:
        return None
    if now - row.seen_at >= TOUCH_EVERY:
        with control.write() as connection:
            connection.execute(update(sessions).where(sessions.c.token_hash == hashed).values(seen_at=now))
    return person


def end(control: Control, token: str) -> None:
    """Sign out."""
    with control.write() as connection:
        connection.execute(delete(sessions).where(sessions.c.token_hash == tokens.hash_of(token)))
