"""What roles see of a site: policies as admins set them, and which author a person is.

Who asks carries them (`Identity.sight`); questions are held against them where they are put
(`queries.ask`), so that screens, files, API and links all follow.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select

from analytics.control import audit
from analytics.control.database import Control
from analytics.control.identity import CALMABLE, Identity, Policy, Role, current
from analytics.control.people import Person
from analytics.control.tables import EVERY_SITE, person_authors, settings
from analytics.errors import UsageError, did_you_mean
from analytics.language import _

NAME = "policy"  # of the setting; its value is role -> policy


def policies(control: Control) -> dict[str, dict[str, Policy]]:
    """Read what was set: site, or `*`, -> word of a role -> policy."""
    with control.read() as connection:
        return _policies(connection)


def set_policy(control: Control, site_id: str, role: Role, policy: str, now: dt.datetime) -> None:
    """Say what a role sees of a site, or of every site that says nothing itself.

    Args:
        control: The control database.
        site_id: A site, or `*`.
        role: Viewer or editor; who may ask SQL or set policies sees everything.
        policy: Word of a policy; empty leaves it to what holds for every site.
        now: Naive UTC.

    Raises:
        UsageError: There is no such policy, or none for this role.
    """
    if role not in CALMABLE:
        raise UsageError(
            _("Only viewers and editors see less than everything."), _("Choose one of these roles.")
        )
    if policy and policy not in set(Policy):
        raise UsageError(
            _("There is no policy {policy!r}.", policy=policy[:40]), did_you_mean(policy[:40], list(Policy))
        )
    actor = current()
    with control.write() as connection:
        held = {word: each.value for word, each in _policies(connection).get(site_id, {}).items()}
        held = {word: each for word, each in held.items() if word != role.word}
        held |= {role.word: policy} if policy else {}
        connection.execute(delete(settings).where(settings.c.site_id == site_id, settings.c.name == NAME))
        connection.execute(
            insert(settings).values(
                site_id=site_id,
                name=NAME,
                value=held,
                changed_at=now,
                changed_by=actor.id if actor.kind == "person" else None,
            )
        )
        where = "" if site_id == EVERY_SITE else site_id
        audit.record(connection, now, "policy.set", f"{role.word}: {policy or 'as elsewhere'}", where)


def tie(control: Control, person: Person, site_id: str, author_id: str, now: dt.datetime) -> None:
    """Say which author of a site a person is; an empty id unties them."""
    with control.write() as connection:
        connection.execute(
            delete(person_authors).where(
                person_authors.c.person_id == person.person_id, person_authors.c.site_id == site_id
            )
        )
        if author_id:
            connection.execute(
                insert(person_authors).values(
                    person_id=person.person_id, site_id=site_id, author_id=author_id
                )
            )
        audit.record(connection, now, "person.author", f"{person.login}: {author_id or 'none'}", site_id)


def authors(control: Control) -> dict[str, dict[str, str]]:
    """List who is which author: person -> site -> author."""
    with control.read() as connection:
        found: dict[str, dict[str, str]] = {}
        for row in connection.execute(select(person_authors).order_by(person_authors.c.site_id)):
            found.setdefault(row.person_id, {})[row.site_id] = row.author_id
    return found


def dressed(control: Control, identity: Identity) -> Identity:
    """Give whoever was let in what they see; programs and nobody see what their scopes open."""
    if identity.kind not in {"person", "link"}:
        return identity
    with control.read() as connection:
        found = _policies(connection)
        mine = connection.execute(
            select(person_authors.c.site_id, person_authors.c.author_id).where(
                person_authors.c.person_id == identity.id
            )
        )
        return replace(identity, policies=found, authors={row.site_id: row.author_id for row in mine})


def _policies(connection: Connection) -> dict[str, dict[str, Policy]]:
    rows = connection.execute(select(settings.c.site_id, settings.c.value).where(settings.c.name == NAME))
    return {
        site: {word: Policy(text) for word, text in value.items() if text in set(Policy)}
        for site, value in rows
    }
