"""Keys of programs: made, shown once, kept as a hash, over at a time or when taken back.

The collector, which knows no database, is told their hashes in `collector.json`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from analytics.collect import settings as collecting
from analytics.config import KEY_NAME
from analytics.control import audit, tokens
from analytics.control.database import Control
from analytics.control.identity import SCOPES, Identity, current
from analytics.control.tables import api_keys
from analytics.errors import ConfigError, did_you_mean
from analytics.language import _

TOUCH_EVERY = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key; naive UTC, `expires_at` None for never, `used_at` None for not yet."""

    key_id: str
    name: str
    scopes: tuple[str, ...]
    sites: tuple[str, ...]
    made_at: dt.datetime
    expires_at: dt.datetime | None
    used_at: dt.datetime | None


def add(
    control: Control,
    name: str,
    scopes: Sequence[str],
    sites: Sequence[str],
    known_sites: Iterable[str],
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
) -> str:
    """Make a key.

    Args:
        control: The control database.
        name: What it is called; letters, digits and hyphens.
        scopes: What it opens.
        sites: For which sites; none is all that are there now.
        known_sites: The sites of the home.
        now: Naive UTC.
        expires_at: From when on it opens nothing; None for never.

    Returns:
        The key. It stands nowhere else.

    Raises:
        ConfigError: The name is none or taken, or a scope or site is not known.
    """
    known = list(known_sites)
    if not KEY_NAME.fullmatch(name):
        raise ConfigError(
            _("{name!r} is no name of a key.", name=name[:80]), _("Take letters, digits and hyphens.")
        )
    if not scopes:
        raise ConfigError(
            _("A key without a scope opens nothing."), _("Known: {words}.", words=", ".join(SCOPES))
        )
    for word in sites:
        if word not in known:
            raise ConfigError(_("There is no site {name!r}.", name=word), did_you_mean(word, known))
    for word in scopes:
        if word not in SCOPES:
            raise ConfigError(_("There is no scope {word!r}.", word=word), did_you_mean(word, SCOPES))
    if expires_at is not None and expires_at <= now:
        raise ConfigError(_("This key would be over before it is made."), _("Give a day to come."))
    key, actor = tokens.new(), current()
    try:
        with control.write() as connection:
            connection.execute(
                insert(api_keys).values(
                    key_id=tokens.new_id(),
                    name=name,
                    hash=tokens.hash_of(key),
                    scopes=list(dict.fromkeys(scopes)),
                    sites=list(dict.fromkeys(sites or known)),
                    made_at=now,
                    made_by=actor.id if actor.kind == "person" else None,
                    expires_at=expires_at,
                )
            )
            audit.record(connection, now, "key.made", f"{name}: {', '.join(scopes)}")
    except IntegrityError as fault:
        raise ConfigError(
            _("There is a key {name!r} already.", name=name), _("Take it back first, or choose another name.")
        ) from fault
    return key


def listed(control: Control) -> list[Key]:
    """List the keys, by name."""
    with control.read() as connection:
        rows = connection.execute(select(api_keys).order_by(api_keys.c.name)).mappings().all()
    return [
        Key(
            row["key_id"],
            row["name"],
            tuple(row["scopes"]),
            tuple(row["sites"]),
            row["made_at"],
            row["expires_at"],
            row["used_at"],
        )
        for row in rows
    ]


def revoke(control: Control, name: str, now: dt.datetime) -> None:
    """Take a key back; it opens nothing from now on.

    Raises:
        ConfigError: There is no such key.
    """
    with control.write() as connection:
        if not connection.execute(delete(api_keys).where(api_keys.c.name == name)).rowcount:
            known = connection.execute(select(api_keys.c.name)).scalars().all()
            raise ConfigError(
                _("There is no key {name!r}.", name=name[:80]), did_you_mean(name, known) if known else ""
            )
        audit.record(connection, now, "key.revoked", name)


def identity_of(control: Control, key: str, now: dt.datetime) -> Identity | None:
    """Find what a key may, and remember that it was used; None where it is none or over."""
    wanted = select(api_keys).where(
        api_keys.c.hash == tokens.hash_of(key),
        or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now),
    )
    with control.read() as connection:
        row = connection.execute(wanted).mappings().first()
    if row is None:
        return None
    if row["used_at"] is None or now - row["used_at"] >= TOUCH_EVERY:
        with control.write() as connection:
            connection.execute(update(api_keys).where(api_keys.c.key_id == row["key_id"]).values(used_at=now))
    return Identity(
        "key", row["key_id"], row["name"], scopes=frozenset(row["scopes"]), sites=frozenset(row["sites"])
    )


def for_collector(control: Control) -> tuple[collecting.Key, ...]:
    """Give what the collector is told: hashes, what they open, and until when."""
    with control.read() as connection:
        rows = connection.execute(select(api_keys).order_by(api_keys.c.name)).mappings().all()
    return tuple(
        collecting.Key(
            hash=row["hash"],
            scopes=tuple(row["scopes"]),
            sites=tuple(row["sites"]),
            until=row["expires_at"],
        )
        for row in rows
    )
