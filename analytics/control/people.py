"""People and their roles: added, changed, disabled; the last admin can never be lost."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from analytics.control import audit, tokens
from analytics.control.database import Control
from analytics.control.identity import ROLES, Identity, Role
from analytics.control.tables import EVERY_SITE, invitations, memberships, people, sessions
from analytics.errors import UsageError, did_you_mean
from analytics.language import _

LOGIN = re.compile(r"[^\s@/:<>\"'\\]{1,64}(@[^\s@/:<>\"'\\]{1,189})?")


@dataclass(frozen=True, slots=True)
class Person:
    """One person, as the house knows them; times are naive UTC.

    Attributes:
        person_id: Lasting id.
        login: Mail address or name by which they sign in.
        name: As colleagues see it.
        roles: Site -> role; `*` stands for every site.
        has_password: Whether they may sign in by one.
        issuer: Who vouches for them instead; empty where nobody does.
        made_at: When they were added.
        seen_at: When they last signed in.
        disabled_at: Since when they may not.
        language: In which they want to be answered; empty: the newsroom's.
    """

    person_id: str
    login: str
    name: str
    roles: Mapping[str, Role]
    has_password: bool
    issuer: str
    made_at: dt.datetime
    seen_at: dt.datetime | None
    disabled_at: dt.datetime | None
    language: str = ""

    @property
    def identity(self) -> Identity:
        """What they are when they ask."""
        return Identity("person", self.person_id, self.name, self.roles, language=self.language)


def plain_login(text: str) -> str:
    """Bring a login into the one form in which it is kept and compared."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def is_claimed(control: Control) -> bool:
    """Tell whether the house has anybody."""
    with control.read() as connection:
        return connection.execute(select(people.c.person_id).limit(1)).first() is not None


def vouched_for(control: Control, issuer: str, subject: str) -> Person | None:
    """Find whom an issuer means by its lasting id."""
    wanted = select(people.c.person_id).where(people.c.issuer == issuer, people.c.subject == subject)
    with control.read() as connection:
        person_id = connection.execute(wanted).scalar()
    return find(control, person_id=person_id) if person_id else None


def bind(control: Control, person: Person, issuer: str, subject: str, now: dt.datetime) -> None:
    """Remember by which lasting id an issuer means a person.

    Raises:
        UsageError: Another one is bound to them already.
    """
    with control.write() as connection:
        done = connection.execute(
            update(people)
            .where(people.c.person_id == person.person_id, people.c.subject.is_(None))
            .values(issuer=issuer, subject=subject)
        )
        if not done.rowcount:
            raise UsageError(_("Another account of the provider belongs to you here."), _("Ask an admin."))
        audit.record(connection, now, "person.bound", f"{person.login}: {issuer}")


def listed(control: Control) -> list[Person]:
    """List everybody, by name."""
    with control.read() as connection:
        return _people(connection)


def find(control: Control, *, login: str = "", person_id: str = "") -> Person | None:
    """Find one person by login or id."""
    with control.read() as connection:
        found = _people(connection, login=plain_login(login), person_id=person_id)
    return next(iter(found), None)


def named(control: Control, login: str) -> Person:
    """Find a person who must be there.

    Raises:
        UsageError: They are not.
    """
    found = find(control, login=login)
    if found is None:
        known = [each.login for each in listed(control)]
        raise UsageError(
            _("There is nobody called {login!r}.", login=login), did_you_mean(login, known) if known else ""
        )
    return found


def add(
    control: Control,
    login: str,
    name: str,
    roles: Mapping[str, Role],
    now: dt.datetime,
    *,
    password: str | None = None,
) -> Person:
    """Add a person.

    Args:
        control: The control database.
        login: Mail address or name.
        name: As colleagues see it; the login where empty.
        roles: Site -> role.
        now: Naive UTC.
        password: What `passwords.kept` gave, if they have one already.

    Raises:
        UsageError: The login is none, or taken.
    """
    plain = plain_login(login)
    if not LOGIN.fullmatch(plain):
        raise UsageError(
            _("{login!r} is no login.", login=login[:80]), _("Give a mail address, or a name without blanks.")
        )
    person_id = tokens.new_id()
    try:
        with control.write() as connection:
            connection.execute(
                insert(people).values(
                    person_id=person_id,
                    login=plain,
                    name=" ".join(name.split())[:200] or plain,
                    password=password,
                    made_at=now,
                )
            )
            _write_roles(connection, person_id, roles)
            audit.record(connection, now, "person.added", f"{plain}: {roles_said(roles)}")
    except IntegrityError as fault:
        raise UsageError(_("There is somebody called {plain!r} already.", plain=plain)) from fault
    return named(control, plain)


def change_roles(control: Control, person: Person, roles: Mapping[str, Role], now: dt.datetime) -> None:
    """Give a person other roles, in place of all they had.

    Raises:
        UsageError: Nobody would be left who is admin of every site.
    """
    with control.write() as connection:
        connection.execute(delete(memberships).where(memberships.c.person_id == person.person_id))
        _write_roles(connection, person.person_id, roles)
        _keep_an_admin(connection)
        audit.record(connection, now, "person.roles", f"{person.login}: {roles_said(roles)}")


def disable(control: Control, person: Person, now: dt.datetime) -> None:
    """Let a person in no more; their sessions and invitations end at once.

    Raises:
        UsageError: Nobody would be left who is admin of every site.
    """
    with control.write() as connection:
        connection.execute(
            update(people).where(people.c.person_id == person.person_id).values(disabled_at=now)
        )
        _keep_an_admin(connection)
        end_everything(connection, person.person_id)
        audit.record(connection, now, "person.disabled", person.login)


def reset(control: Control, person: Person, now: dt.datetime) -> None:
    """End a person's password and sessions; a disabled one may come in again, once they set another."""
    with control.write() as connection:
        connection.execute(
            update(people)
            .where(people.c.person_id == person.person_id)
            .values(disabled_at=None, password=None)
        )
        end_everything(connection, person.person_id)
        audit.record(connection, now, "person.reset", person.login)


def password_of(control: Control, person_id: str) -> str | None:
    """Give what is kept of a person's password."""
    with control.read() as connection:
        return connection.execute(select(people.c.password).where(people.c.person_id == person_id)).scalar()


def set_password(control: Control, person: Person, hashed: str, now: dt.datetime) -> None:
    """Take another password; every session and invitation of the person ends."""
    with control.write() as connection:
        connection.execute(
            update(people).where(people.c.person_id == person.person_id).values(password=hashed)
        )
        end_everything(connection, person.person_id)
        audit.record(connection, now, "person.password", person.login)


def rehash(control: Control, person_id: str, hashed: str) -> None:
    """Keep the same password at today's cost; nothing else changes."""
    with control.write() as connection:
        connection.execute(update(people).where(people.c.person_id == person_id).values(password=hashed))


def end_everything(connection: Connection, person_id: str) -> None:
    """End the sessions and invitations of a person, inside a transaction."""
    for table in (sessions, invitations):
        connection.execute(delete(table).where(table.c.person_id == person_id))


def roles_of(texts: Mapping[str, str]) -> dict[str, Role]:
    """Read roles as they are written, site -> word.

    Raises:
        UsageError: A word is no role.
    """
    for word in texts.values():
        if word not in ROLES:
            raise UsageError(_("There is no role {word!r}.", word=word), did_you_mean(word, ROLES))
    return {site: ROLES[word] for site, word in texts.items()}


def state(person: Person, waiting: Mapping[str, dt.datetime]) -> str:
    """Say in a word how a person stands; `waiting` is whom a link waits for, of `invitations.waiting`."""
    if person.disabled_at is not None:
        return "disabled"
    if person.person_id in waiting:
        return "invited"
    return "active" if person.has_password or person.seen_at else "no way in"


def roles_said(roles: Mapping[str, Role]) -> str:
    """Say roles in words: "admin of every site", "editor of news.example"."""
    said = [
        f"{role.word} of {'every site' if site == EVERY_SITE else site}"
        for site, role in sorted(roles.items())
    ]
    return ", ".join(said) or "no role"


def choose_language(control: Control, person_id: str, language: str) -> None:
    """Remember in which language a person wants to be answered; empty: in the newsroom's."""
    with control.write() as connection:
        connection.execute(
            update(people).where(people.c.person_id == person_id).values(language=language or None)
        )


def _people(connection: Connection, *, login: str = "", person_id: str = "") -> list[Person]:
    wanted = select(people).order_by(func.lower(people.c.name), people.c.login)
    if login:
        wanted = wanted.where(people.c.login == login)
    if person_id:
        wanted = wanted.where(people.c.person_id == person_id)
    rows = connection.execute(wanted).mappings().all()
    held: dict[str, dict[str, Role]] = {}
    for who, site, role in connection.execute(
        select(memberships.c.person_id, memberships.c.site_id, memberships.c.role)
    ):
        held.setdefault(who, {})[site] = ROLES[role]
    return [
        Person(
            row["person_id"],
            row["login"],
            row["name"],
            held.get(row["person_id"], {}),
            row["password"] is not None,
            row["issuer"] or "",
            row["made_at"],
            row["seen_at"],
            row["disabled_at"],
            row["language"] or "",
        )
        for row in rows
    ]


def _write_roles(connection: Connection, person_id: str, roles: Mapping[str, Role]) -> None:
    for site, role in roles.items():
        connection.execute(insert(memberships).values(person_id=person_id, site_id=site, role=role.word))


def _keep_an_admin(connection: Connection) -> None:
    left = connection.execute(
        select(func.count())
        .select_from(memberships.join(people))
        .where(
            memberships.c.site_id == EVERY_SITE,
            memberships.c.role == Role.ADMIN.word,
            people.c.disabled_at.is_(None),
        )
    ).scalar_one()
    if not left:
        raise UsageError(
            _("Nobody would be left who is admin of every site."), _("Make somebody else one first.")
        )
