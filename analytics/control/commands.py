"""What the command line does with people; the same functions alone and beside a running desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analytics.control import invitations, people
from analytics.control.doors import Doors
from analytics.control.tables import EVERY_SITE


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


def _link(doors: Doors, person: people.Person) -> str:
    return doors.url(invitations.PATH + invitations.make(doors.control, person, doors.clock()))


COMMANDS: dict[str, Callable[..., Any]] = {
    "user_add": add,
    "user_list": listed,
    "user_role": role,
    "user_disable": disable,
    "user_reset": reset,
}
