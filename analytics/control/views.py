"""Saved views, and links that show one of them to whoever has the link."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from analytics.control import audit, tokens
from analytics.control.database import Control
from analytics.control.identity import Identity, Role, current, require
from analytics.control.tables import people, saved_views, share_links
from analytics.errors import NotAllowedError, UsageError
from analytics.language import _

PATH = "/s/"
MOST_DAYS = 365
MACHINES = ("/api/", "/docs", "/download/", "/stream/", "/metrics", "/_")


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view that somebody keeps; `is_own` where it is theirs who asks."""

    view_id: str
    site_id: str
    name: str
    address: str
    is_shared: bool
    is_own: bool
    owner: str


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A link to one view; times are naive UTC, `used_at` None for not yet."""

    link_id: str
    site_id: str
    name: str
    address: str
    made_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None


def save(
    control: Control, site_id: str, name: str, address: str, now: dt.datetime, *, is_shared: bool
) -> None:
    """Keep a view under a name; the same name again replaces what it meant.

    Raises:
        NotAllowedError: Who asks is no person who reads the site, or, to share it, no editor.
        UsageError: There is no name, or no screen has the address.
    """
    who, plain = _person(), _name(name)
    _refuse_machines(address)
    require(Role.EDITOR if is_shared else Role.VIEWER, site_id)
    values = {"address": address, "is_shared": is_shared, "made_at": now}
    with control.write() as connection:
        mine = (
            saved_views.c.owner_id == who.id,
            saved_views.c.site_id == site_id,
            saved_views.c.name == plain,
        )
        if not connection.execute(update(saved_views).where(*mine).values(**values)).rowcount:
            key = {"view_id": tokens.new_id(), "site_id": site_id, "owner_id": who.id, "name": plain}
            connection.execute(insert(saved_views).values(**key, **values))
        if is_shared:
            audit.record(connection, now, "view.shared", plain, site_id)


def listed(control: Control, site_ids: list[str]) -> list[SavedView]:
    """List the views of who asks and those that others share, of some sites, by name."""
    who = current()
    wanted = (
        select(saved_views, people.c.name.label("owner"))
        .join(people, people.c.person_id == saved_views.c.owner_id)
        .where(
            saved_views.c.site_id.in_(site_ids),
            or_(saved_views.c.owner_id == who.id, saved_views.c.is_shared),
        )
        .order_by(saved_views.c.name)
    )
    with control.read() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [
        SavedView(
            row["view_id"],
            row["site_id"],
            row["name"],
            row["address"],
            row["is_shared"],
            row["owner_id"] == who.id,
            row["owner"],
        )
        for row in rows
    ]


def one(control: Control, view_id: str) -> SavedView:
    """Find a view that somebody keeps, whoever asks: reports are built of it.

    Raises:
        UsageError: There is none, or none any more.
    """
    wanted = (
        select(saved_views, people.c.name.label("owner"))
        .join(people, people.c.person_id == saved_views.c.owner_id)
        .where(saved_views.c.view_id == view_id)
    )
    with control.read() as connection:
        row = connection.execute(wanted).mappings().first()
    if row is None:
        raise UsageError(
            _("The saved view is gone."), _("Whoever kept it may have forgotten it; choose another.")
        )
    return SavedView(
        row["view_id"],
        row["site_id"],
        row["name"],
        row["address"],
        row["is_shared"],
        row["owner_id"] == current().id,
        row["owner"],
    )


def forget(control: Control, view_id: str) -> bool:
    """Forget a view of who asks; tells whether there was one."""
    who = _person()
    wanted = delete(saved_views).where(saved_views.c.view_id == view_id, saved_views.c.owner_id == who.id)
    with control.write() as connection:
        return bool(connection.execute(wanted).rowcount)


def share(control: Control, site_id: str, name: str, address: str, days: int, now: dt.datetime) -> str:
    """Make a link to one view.

    Returns:
        The path of the link, whose token is kept nowhere.

    Raises:
        NotAllowedError: Who asks is no editor of the site.
        UsageError: There is no name, the days are none, or no screen has the address.
    """
    who, plain = _person(), _name(name)
    _refuse_machines(address)
    if not who.may(Role.EDITOR, site_id):
        raise NotAllowedError(_("Only editors share links."), _("An admin gives the role, under Settings."))
    if not 1 <= days <= MOST_DAYS:
        raise UsageError(_("A link lasts 1 to {most} days.", most=MOST_DAYS))
    token = tokens.new()
    try:
        with control.write() as connection:
            connection.execute(
                insert(share_links).values(
                    link_id=tokens.new_id(),
                    token_hash=tokens.hash_of(token),
                    site_id=site_id,
                    name=plain,
                    address=address,
                    made_at=now,
                    made_by=who.id,
                    expires_at=now + dt.timedelta(days=days),
                )
            )
            audit.record(connection, now, "link.made", f"{plain}: {address}", site_id)
    except IntegrityError as fault:
        raise UsageError(_("The link could not be made."), _("Try again.")) from fault
    return PATH + token


def links(control: Control, site_ids: list[str], now: dt.datetime) -> list[ShareLink]:
    """List the links that still show something: one's own, and of all where one is admin."""
    who = current()
    wanted = (
        select(share_links)
        .where(
            share_links.c.site_id.in_(site_ids),
            share_links.c.revoked_at.is_(None),
            share_links.c.expires_at > now,
        )
        .order_by(share_links.c.made_at.desc())
    )
    with control.read() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [
        ShareLink(
            row["link_id"],
            row["site_id"],
            row["name"],
            row["address"],
            row["made_at"],
            row["expires_at"],
            row["used_at"],
        )
        for row in rows
        if row["made_by"] == who.id or who.may(Role.ADMIN, row["site_id"])
    ]


def revoke(control: Control, link_id: str, now: dt.datetime) -> None:
    """Take a link back: one's own, or any of a site where one is admin.

    Raises:
        NotAllowedError: It is somebody else's.
    """
    who = _person()
    with control.write() as connection:
        row = (
            connection.execute(select(share_links).where(share_links.c.link_id == link_id)).mappings().first()
        )
        if row is None or not (row["made_by"] == who.id or who.may(Role.ADMIN, row["site_id"])):
            raise NotAllowedError(
                _("This link is not yours."), _("Whoever made it, or an admin, can take it back.")
            )
        connection.execute(update(share_links).where(share_links.c.link_id == link_id).values(revoked_at=now))
        audit.record(connection, now, "link.revoked", row["name"], row["site_id"])


def identity_of(control: Control, token: str, now: dt.datetime) -> Identity | None:
    """Find what a link shows; None where it is none, over or taken back."""
    wanted = select(share_links).where(
        share_links.c.token_hash == tokens.hash_of(token),
        share_links.c.revoked_at.is_(None),
        share_links.c.expires_at > now,
    )
    with control.read() as connection:
        row = connection.execute(wanted).mappings().first()
    if row is None:
        return None
    if row["used_at"] is None or now - row["used_at"] >= dt.timedelta(minutes=10):
        with control.write() as connection:
            connection.execute(
                update(share_links).where(share_links.c.link_id == row["link_id"]).values(used_at=now)
            )
    roles = {row["site_id"]: Role.VIEWER}
    return Identity("link", row["link_id"], row["name"], roles, address=row["address"])


def _person() -> Identity:
    who = current()
    if who.kind != "person":
        raise NotAllowedError(_("Only who is signed in as themselves keeps views."), _("Sign in first."))
    return who


def _refuse_machines(address: str) -> None:
    """Refuse addresses that only programs ask: a link opens one screen, no file, no stream and no API."""
    if address.startswith(MACHINES):
        raise UsageError(_("Only a screen can be kept or shared."), _("Such as /articles?period=7d."))


def _name(text: str) -> str:
    plain = " ".join(text.split())[:120]
    if not plain:
        raise UsageError(_("A view wants a name."), _("Such as: Politics, this week."))
    return plain
