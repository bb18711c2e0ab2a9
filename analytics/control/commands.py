"""What the command line does with people; the same functions alone and beside a running desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from analytics.control import invitations, keys, people, sights
from analytics.control.doors import Doors
from analytics.control.tables import EVERY_SITE
from analytics.errors import UsageError


def add(doors: Doors, *, login: str, name: str, role: str, site: str) -> dict[str, str]:
    """Add a person; they set their password by the link."""
    roles = people.roles_of({site or EVERY_SITE: role})
    person = people.add(doors.control, login, name, roles, doors.clock())
    return {"login": person.login, "link": _link(doors, person)}


def listed(doors: Doors) -> list[dict[str, Any]]:
    """List everybody."""
    waiting = invitations.waiting(doors.control, doors.clock())
    return [
        {
            "login": each.login,
            "name": each.name,
            "roles": people.roles_said(each.roles),
            "state": people.state(each, waiting),
            "seen": each.seen_at.isoformat(timespec="minutes") if each.seen_at else None,
        }
        for each in people.listed(doors.control)
    ]


def role(doors: Doors, *, login: str, role: str, site: str) -> dict[str, str]:
    """Give a person another role on a site, or on every site; `none` takes it away."""
    person = people.named(doors.control, login)
    roles = dict(person.roles)
    where = site or EVERY_SITE
    if role == "none":
        roles.pop(where, None)
    else:
        roles |= people.roles_of({where: role})
    people.change_roles(doors.control, person, roles, doors.clock())
    return {"login": person.login, "roles": people.roles_said(roles)}


def disable(doors: Doors, *, login: str) -> dict[str, str]:
    """Let a person in no more."""
    person = people.named(doors.control, login)
    people.disable(doors.control, person, doors.clock())
    return {"login": person.login}


def reset(doors: Doors, *, login: str) -> dict[str, str]:
    """End a person's password and sessions, let them in again if they were disabled, and make a link."""
    person = people.named(doors.control, login)
    people.reset(doors.control, person, doors.clock())
    return {"login": person.login, "link": _link(doors, person)}


def author(doors: Doors, *, login: str, author: str, site: str) -> dict[str, str]:
    """Say which author of a site a person is; `none` unties them."""
    person = people.named(doors.control, login)
    sights.tie(doors.control, person, site, "" if author == "none" else author, doors.clock())
    return {"login": person.login, "author": author}


def policy(doors: Doors, *, role: str, policy: str, site: str) -> dict[str, str]:
    """Say what a role sees of a site, or of every site; `inherit` leaves it to what holds for every site."""
    word = "" if policy == "inherit" else policy
    sights.set_policy(doors.control, site or EVERY_SITE, people.roles_of({"": role})[""], word, doors.clock())
    return {"role": role, "policy": policy}


def key_add(
    doors: Doors, *, name: str, scopes: list[str], sites: list[str], known: list[str], expires: str
) -> dict[str, str]:
    """Make a key; `expires` is its last day, UTC, or empty."""
    ends = _end_of(expires) if expires else None
    key = keys.add(doors.control, name, scopes, sites, known, doors.clock(), ends)
    doors.tell()
    return {"key": key}


def key_list(doors: Doors) -> list[dict[str, Any]]:
    """List the keys, never the keys themselves."""
    return [
        {
            "name": each.name,
            "scopes": ", ".join(each.scopes),
            "sites": ", ".join(each.sites),
            "made": each.made_at.date().isoformat(),
            "expires": each.expires_at.date().isoformat() if each.expires_at else None,
            "used": each.used_at.isoformat(timespec="minutes") if each.used_at else None,
        }
        for each in keys.listed(doors.control)
    ]


def key_revoke(doors: Doors, *, name: str) -> dict[str, str]:
    """Take a key back."""
    keys.revoke(doors.control, name, doors.clock())
    doors.tell()
    return {"name": name}


def _end_of(day: str) -> dt.datetime:
    try:
        return dt.datetime.combine(dt.date.fromisoformat(day) + dt.timedelta(days=1), dt.time())
    except (ValueError, OverflowError) as fault:
        raise UsageError(f"{day!r} is no day.", "Write it like 2027-03-31.") from fault


def _link(doors: Doors, person: people.Person) -> str:
    return doors.url(invitations.PATH + invitations.make(doors.control, person, doors.clock()))


COMMANDS: dict[str, Callable[..., Any]] = {
    "user_add": add,
    "user_list": listed,
    "user_role": role,
    "user_author": author,
    "user_policy": policy,
    "user_disable": disable,
    "user_reset": reset,
    "key_add": key_add,
    "key_list": key_list,
    "key_revoke": key_revoke,
}
