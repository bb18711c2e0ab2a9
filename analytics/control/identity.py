"""Who asks: set by the gate in front of every address, read by whatever must know.

It travels in a context variable, so it reaches callbacks and the threads that they ask in
(`asyncio.to_thread` copies the context), and a thread that nobody sent is nobody. Work of the desk itself
says so: `with acting(COMMAND): ...`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Literal

from analytics.control.tables import EVERY_SITE
from analytics.errors import NotAllowedError
from analytics.language import N_, _

Kind = Literal["person", "key", "link", "demo", "command", "nobody"]


class Role(IntEnum):
    """What a person may do on a site; each one includes those before it."""

    VIEWER = 1
    EDITOR = 2
    ANALYST = 3
    ADMIN = 4

    @property
    def word(self) -> str:
        """As it is written: viewer, editor, analyst, admin."""
        return self.name.lower()


ROLES = {role.word: role for role in Role}
HOLDERS = {
    Role.VIEWER: N_("the role of a viewer"),
    Role.EDITOR: N_("the role of an editor"),
    Role.ANALYST: N_("the role of an analyst"),
    Role.ADMIN: N_("the role of an admin"),
}
# What a key may open, and the role by which a person opens the same.
SCOPES = {
    "alerts": Role.EDITOR,
    "ingest": Role.ADMIN,
    "catalog": Role.EDITOR,
    "comments": Role.ADMIN,
    "notes": Role.EDITOR,
    "read": Role.VIEWER,
    "reports": Role.EDITOR,
    "sql": Role.ANALYST,
    "sql:export": Role.ANALYST,
}


class Policy(StrEnum):
    """What people of a role see of a site's figures.

    `open`: all that the role opens. `calm`: no rank, no live number, nobody's figures but their own. `own`:
    their own author page and articles, calmly, and nothing else.
    """

    OPEN = "open"
    CALM = "calm"
    OWN = "own"


Policies = Mapping[str, Mapping[str, Policy]]  # site, or * for every site -> word of a role -> policy
CALMABLE = (Role.VIEWER, Role.EDITOR)  # an analyst's SQL reads everything


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees of a site: the policy of their role, and which author they are themselves."""

    policy: Policy = Policy.OPEN
    author_id: str = ""

    @property
    def is_calm(self) -> bool:
        """True where there are no ranks, no live numbers and no colleagues."""
        return self.policy is not Policy.OPEN

    @property
    def is_own(self) -> bool:
        """True where there is only their own."""
        return self.policy is Policy.OWN


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, and what they may.

    Attributes:
        kind: A person, a program's key, a share link, a visitor of the demo, the desk itself, or nobody.
        id: Of the person, key or link; empty where there is none.
        name: As the audit log names them.
        roles: Site -> role; the site `*` stands for every site.
        scopes: What a key opens: alerts, ingest, catalog, comments, notes, read, reports, sql, sql:export.
        sites: For which sites a key's scopes hold.
        address: The one address that a share link shows, path and query; empty for others.
        policies: What roles see, as admins have set it.
        authors: Site -> the author who they are.
        language: In which they want to be answered; empty: the newsroom's.
    """

    kind: Kind
    id: str = ""
    name: str = ""
    roles: Mapping[str, Role] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    address: str = ""
    policies: Policies = field(default_factory=dict)
    authors: Mapping[str, str] = field(default_factory=dict)
    language: str = ""

    def role(self, site_id: str) -> Role | None:
        """Give the role on a site; None where it must not be seen at all."""
        if self.kind == "command":
            return Role.ADMIN
        found = [self.roles[name] for name in (site_id, EVERY_SITE) if name in self.roles]
        return max(found, default=None)

    def may(self, role: Role, site_id: str) -> bool:
        """Tell whether the role on a site is enough."""
        has = self.role(site_id)
        return has is not None and has >= role

    def sight(self, site_id: str) -> Sight:
        """Tell what they see of a site; a key sees what its scopes name."""
        role = self.role(site_id)
        if role is None or role not in CALMABLE:
            return Sight()
        word = role.word
        policy = self.policies.get(site_id, {}).get(word) or self.policies.get(EVERY_SITE, {}).get(word)
        if self.kind == "link" and policy is Policy.OWN:
            policy = Policy.CALM  # an editor chose the one view that it shows
        return Sight(policy or Policy.OPEN, self.authors.get(site_id, ""))

    def opens(self, scope: str, site_id: str) -> bool:
        """Tell whether a scope is open on a site: to a key by what it names, to a person by the role."""
        if self.kind == "key":
            return scope in self.scopes and site_id in self.sites
        return self.kind != "link" and scope in SCOPES and self.may(SCOPES[scope], site_id)


NOBODY = Identity("nobody")
COMMAND = Identity("command", name="tearsheet")
DEMO = Identity("demo", "demo", "Visitor", {EVERY_SITE: Role.ADMIN})

_current: ContextVar[Identity] = ContextVar("identity", default=NOBODY)


def current() -> Identity:
    """Tell who asks; NOBODY where nobody was let in."""
    return _current.get()


@contextmanager
def acting(identity: Identity) -> Iterator[None]:
    """Ask as somebody until the end of the block."""
    before = _current.set(identity)
    try:
        yield
    finally:
        _current.reset(before)


def require(role: Role, site_id: str) -> Identity:
    """Refuse who has less than a role on a site.

    Returns:
        Who asks.

    Raises:
        NotAllowedError: They may not; the sentence names the role and who gives it.
    """
    identity = current()
    if not identity.may(role, site_id):
        where = _("on {site}", site=site_id) if site_id != EVERY_SITE else _("on every site")
        raise NotAllowedError(
            _("This needs {role} {where}.", role=_(HOLDERS[role]), where=where),
            _("An admin gives it, under Settings."),
        )
    return identity


def require_scope(scope: str, site_id: str) -> Identity:
    """Refuse whose key does not open a scope for a site, or whose role is too low for it.

    Returns:
        Who asks.

    Raises:
        NotAllowedError: It does not; the sentence names the scope.
    """
    identity = current()
    if not identity.opens(scope, site_id):
        if identity.kind != "key" and scope in SCOPES:
            require(SCOPES[scope], site_id)
        needs = (
            _("This needs a key with the scope {scope}.", scope=scope)
            if site_id == EVERY_SITE
            else _("This needs a key with the scope {scope} for {site_id}.", scope=scope, site_id=site_id)
        )
        raise NotAllowedError(needs, _("An admin makes one, under Settings."))
    return identity
