"""Who may ask what: people by their role on a site, programs by the scopes of their key.

The gate in front says who it is; here stands only what this API asks of them.
"""

from __future__ import annotations

from analytics.control.identity import Role, current, require, require_scope
from analytics.store import sites
from analytics.store.sites import SiteRow
from analytics.store.store import Store


def readable(store: Store, also: str = "read") -> list[SiteRow]:
    """List the sites that the caller may read, by id; `also` is another scope of keys that suffices."""
    identity = current()
    return [
        each
        for each in sites.sites(store)
        if identity.may(Role.VIEWER, each.site_id)
        or any(identity.opens(scope, each.site_id) for scope in ("read", also))
    ]


def may_read(site_id: str, also: str = "read") -> None:
    """Refuse who may not read the figures of a site; `also` is another scope of keys that suffices.

    Raises:
        NotAllowedError: They may not.
    """
    identity = current()
    if identity.kind == "key":
        require_scope(also if identity.opens(also, site_id) else "read", site_id)
    else:
        require(Role.VIEWER, site_id)


def may_catalogue(site_id: str) -> None:
    """Refuse who may not write articles of a site: editors may, and keys of the scope `catalog`.

    Raises:
        NotAllowedError: They may not.
    """
    if current().kind == "key":
        require_scope("catalog", site_id)
    else:
        require(Role.EDITOR, site_id)


def who() -> str:
    """Name the caller for the rate limit; empty where nobody was let in."""
    identity = current()
    return f"{identity.kind}:{identity.id}" if identity.id else ""
