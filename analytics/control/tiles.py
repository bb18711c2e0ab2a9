"""Tiles: saved queries whose result stands at the foot of a site's Overview, for their owner or everybody."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    ForeignKey,
    PrimaryKeyConstraint,
    String,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
)

from analytics.control import audit
from analytics.control.database import Control
from analytics.control.identity import Identity, Role
from analytics.control.queries import Saved, saved_queries
from analytics.control.tables import METADATA
from analytics.errors import UsageError
from analytics.language import _

MOST = 12  # on one Overview: each costs a query every few minutes while somebody looks

sql_tiles = Table(
    "sql_tiles",
    METADATA,
    Column("query_id", String(40), ForeignKey("saved_queries.query_id", ondelete="CASCADE"), nullable=False),
    Column("site_id", String(253), nullable=False, index=True, comment="on whose Overview it stands"),
    Column("owner_id", String(61), nullable=False, comment="stays when the person goes"),
    Column("is_shared", Boolean, nullable=False, comment="with every editor of the site"),
    Column("made_at", DateTime, nullable=False),
    PrimaryKeyConstraint("query_id", "site_id"),
    comment="saved queries whose result stands on the Overview",
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile: which query, on whose Overview, and whether only its owner sees it."""

    query_id: str
    site_id: str
    owner_id: str
    is_shared: bool


def put(control: Control, query: Saved, site_id: str, now: dt.datetime, *, is_shared: bool) -> None:
    """Put a saved query on the Overview of a site, for its owner or everybody; again: change for whom.

    Raises:
        UsageError: The Overview is full.
    """
    with control.write() as connection:
        connection.execute(delete(sql_tiles).where(_key(query.query_id, site_id)))
        seen = or_(sql_tiles.c.is_shared, sql_tiles.c.owner_id == query.owner_id)
        held = select(func.count()).where(sql_tiles.c.site_id == site_id, seen).select_from(sql_tiles)
        if connection.execute(held).scalar_one() >= MOST:
            raise UsageError(_("The Overview holds {most} tiles.", most=MOST), _("Take one away first."))
        connection.execute(
            insert(sql_tiles).values(
                query_id=query.query_id,
                site_id=site_id,
                owner_id=query.owner_id,
                is_shared=is_shared,
                made_at=now,
            )
        )
        if is_shared:
            audit.record(connection, now, "tile.shared", query.name, site_id)


def take_away(control: Control, query_id: str, site_id: str) -> None:
    """Take a tile away; where there is none, nothing happens."""
    with control.write() as connection:
        connection.execute(delete(sql_tiles).where(_key(query_id, site_id)))


def find(control: Control, query_id: str, site_id: str) -> Tile | None:
    """Find the tile of a query on a site; None where there is none."""
    with control.read() as connection:
        row = connection.execute(select(sql_tiles).where(_key(query_id, site_id))).mappings().first()
    return Tile(row["query_id"], row["site_id"], row["owner_id"], row["is_shared"]) if row else None


def shown(control: Control, who: Identity, site_id: str) -> list[Tile]:
    """List the tiles that somebody sees on a site's Overview, in the order in which they were put there.

    Shared ones are for editors; what was put away has no tile.
    """
    mine = sql_tiles.c.owner_id == who.id
    seen = or_(sql_tiles.c.is_shared, mine) if who.may(Role.EDITOR, site_id) else mine
    wanted = (
        select(sql_tiles)
        .join(saved_queries, saved_queries.c.query_id == sql_tiles.c.query_id)
        .where(sql_tiles.c.site_id == site_id, seen, saved_queries.c.put_away_at.is_(None))
        .order_by(sql_tiles.c.made_at, sql_tiles.c.query_id)
        .limit(MOST)
    )
    with control.read() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [Tile(row["query_id"], row["site_id"], row["owner_id"], row["is_shared"]) for row in rows]


def _key(query_id: str, site_id: str) -> ColumnElement[bool]:
    return and_(sql_tiles.c.query_id == query_id, sql_tiles.c.site_id == site_id)
