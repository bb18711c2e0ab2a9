"""What analysts asked, and the queries that they keep.

Every statement is written down before its process starts and finished afterwards, so that one which broke
the desk too would still be found. A saved query keeps every version of its text; it is put away, never
deleted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    RowMapping,
    Select,
    String,
    Table,
    Text,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)

from analytics.control.database import Control
from analytics.control.identity import Identity, Role
from analytics.control.tables import METADATA
from analytics.errors import NotAllowedError, UsageError
from analytics.language import N_, _

RUNNING = "running"
MOST_NAME, MOST_FOLDER, MOST_ABOUT = 120, 80, 1_000  # code points
MOVING = frozenset({"from", "to", "site"})  # parameters that everybody fills in anew

sql_runs = Table(
    "sql_runs",
    METADATA,
    Column("run_id", String(40), primary_key=True),
    Column("at", DateTime, nullable=False, index=True),
    Column("actor_kind", String(20), nullable=False),
    Column("actor_id", String(61), nullable=False, comment="stays when the person goes"),
    Column("actor_name", String(254), nullable=False),
    Column("door", String(20), nullable=False, comment="page, api, command, report"),
    Column("hash", String(64), nullable=False, comment="SHA-256 of the text"),
    Column("text", Text, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("outcome", String(20), nullable=False, comment="running, done, or the code of the error"),
    Column("said", Text, nullable=False, comment="sentence of the error"),
    Column("rows", Integer),
    Column("is_cut", Boolean),
    Column("elapsed_ms", Float),
    Column("cpu_s", Float),
    Index(None, "actor_id", "at"),
)

saved_queries = Table(
    "saved_queries",
    METADATA,
    Column("query_id", String(40), primary_key=True),
    Column("owner_id", String(61), nullable=False),
    Column("owner_name", String(254), nullable=False),
    Column("name", String(MOST_NAME), nullable=False),
    Column("folder", String(MOST_FOLDER), nullable=False),
    Column("about", Text, nullable=False),
    Column("is_shared", Boolean, nullable=False, comment="with every analyst"),
    Column("version", Integer, nullable=False, comment="the latest"),
    Column("made_at", DateTime, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    Column("put_away_at", DateTime),
    Index(None, "owner_id"),
)

saved_query_versions = Table(
    "saved_query_versions",
    METADATA,
    Column("query_id", String(40), ForeignKey("saved_queries.query_id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("chart", JSON, nullable=False, comment="kind, x, y, series; empty: none chosen"),
    Column(
        "parameters",
        JSON,
        nullable=False,
        server_default="{}",
        comment="name -> value that it had when it was saved; days and site are not kept",
    ),
    Column("made_at", DateTime, nullable=False),
    Column("made_by", String(254), nullable=False),
    PrimaryKeyConstraint("query_id", "version"),
)


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved query in one of its versions.

    Attributes:
        query_id: Of its address, `/sql/{query_id}`.
        owner_id: Who may change it; so may an admin.
        owner_name: As colleagues see them.
        name: In lists.
        folder: Groups lists; may be empty.
        about: What it is for.
        is_shared: Every analyst may run it.
        version: Of `text` and `chart`.
        latest: The newest version.
        text: The statement.
        chart: How its result is drawn: kind, x, y, series.
        parameters: Values of its `$name` when it was saved; of days and site there is none.
        changed_at: When this version was made, naive UTC.
        changed_by: By whom.
    """

    query_id: str
    owner_id: str
    owner_name: str
    name: str
    folder: str
    about: str
    is_shared: bool
    version: int
    latest: int
    text: str
    chart: Mapping[str, str]
    parameters: Mapping[str, str]
    changed_at: dt.datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Run:
    """A statement that was asked.

    Attributes:
        run_id: Random.
        at: When, naive UTC.
        actor_id: By whom.
        actor_name: As colleagues see them.
        door: page, api, command, quack; report, alert, tile: by the desk, for its owner.
        text: The statement.
        outcome: running, done, or the code of the error.
        said: Its sentence.
        rows: That came back; None where none did.
        is_cut: A limit cut them.
        elapsed_ms: How long it took.
        cpu_s: Processor time of its process; None where none was started.
    """

    run_id: str
    at: dt.datetime
    actor_id: str
    actor_name: str
    door: str
    text: str
    outcome: str
    said: str
    rows: int | None
    is_cut: bool | None
    elapsed_ms: float | None
    cpu_s: float | None


# --- runs --------------------------------------------------------------------------------------------------


def begin_run(
    control: Control, who: Identity, door: str, text: str, parameters: Mapping[str, object], now: dt.datetime
) -> str:
    """Write down a statement before it runs.

    Returns:
        Id of the run, for `end_run`.
    """
    run_id = secrets.token_hex(8)
    with control.write() as connection:
        connection.execute(
            insert(sql_runs).values(
                run_id=run_id,
                at=now,
                actor_kind=who.kind,
                actor_id=who.id,
                actor_name=who.name,
                door=door,
                hash=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
                text=_storable(text),
                parameters={_storable(name): _storable_value(value) for name, value in parameters.items()},
                outcome=RUNNING,
                said="",
            )
        )
    return run_id


def end_run(
    control: Control,
    run_id: str,
    outcome: str,
    *,
    said: str = "",
    rows: int | None = None,
    is_cut: bool | None = None,
    elapsed_ms: float | None = None,
    cpu_s: float | None = None,
) -> None:
    """Write down how it ended."""
    with control.write() as connection:
        connection.execute(
            update(sql_runs)
            .where(sql_runs.c.run_id == run_id)
            .values(
                outcome=outcome,
                said=_storable(said),
                rows=rows,
                is_cut=is_cut,
                elapsed_ms=elapsed_ms,
                cpu_s=cpu_s,
            )
        )


def end_broken_runs(control: Control) -> int:
    """Say of runs that were going on when the desk ended that they did not finish.

    Returns:
        How many.
    """
    with control.write() as connection:
        done = connection.execute(
            update(sql_runs)
            .where(sql_runs.c.outcome == RUNNING)
            .values(outcome="stopped", said="The desk ended while it ran.")
        )
    return int(done.rowcount)


def runs(
    control: Control, who: Identity, site_ids: Sequence[str], most: int = 50, after: int = 0
) -> list[Run]:
    """List what was asked, the latest first: one's own, and everybody's for an admin of all sites named.

    Args:
        control: Keeps them.
        who: Who asks.
        site_ids: All sites of the home.
        most: So many at most.
        after: So many later ones are left out.
    """
    chosen = select(sql_runs).order_by(sql_runs.c.at.desc(), sql_runs.c.run_id).limit(most).offset(after)
    if not _is_admin(who, site_ids):
        chosen = chosen.where(sql_runs.c.actor_kind == who.kind, sql_runs.c.actor_id == who.id)
    with control.read() as connection:
        found = connection.execute(chosen).mappings().all()
    return [Run(**{name: row[name] for name in Run.__dataclass_fields__}) for row in found]


def forget_runs(control: Control, before: dt.datetime) -> int:
    """Delete what was asked before an instant.

    Returns:
        How many.
    """
    with control.write() as connection:
        done = connection.execute(delete(sql_runs).where(sql_runs.c.at < before))
    return int(done.rowcount)


# --- saved queries -----------------------------------------------------------------------------------------


def save(
    control: Control,
    who: Identity,
    text: str,
    now: dt.datetime,
    *,
    name: str,
    query_id: str = "",
    folder: str = "",
    about: str = "",
    is_shared: bool = False,
    chart: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
    is_admin: bool = False,
) -> str:
    """Keep a query: anew, or as the next version of one that there is.

    Args:
        control: The database.
        who: Becomes its owner, or must be the owner (or an admin) to change it.
        text: The statement.
        now: Naive UTC.
        name: In lists.
        query_id: Which to change; empty: a new one.
        folder: Groups lists.
        about: What it is for.
        is_shared: Every analyst may run it.
        chart: How its result is drawn.
        parameters: Values of its `$name` for whoever runs it without saying others.
        is_admin: Whether `who` may change others' queries.

    Returns:
        Its id.

    Raises:
        UsageError: A name is missing or too long, or there is no such query.
        NotAllowedError: It is another's.
    """
    values = {
        "name": _named(name),
        "folder": _worded(N_("The folder is longer than {most} signs."), folder, MOST_FOLDER),
        "about": _worded(N_("The description is longer than {most} signs."), about, MOST_ABOUT),
        "is_shared": is_shared,
        "changed_at": now,
    }
    if not text.strip():
        raise UsageError(_("There is nothing to save."), _("Write a statement first."))
    held = {
        "text": _storable(text),
        "chart": {name: _storable(value) for name, value in (chart or {}).items()},
        "parameters": _to_keep(parameters or {}),
    }
    with control.write() as connection:
        version = 1
        if query_id:
            found = (
                connection.execute(
                    select(saved_queries).where(
                        saved_queries.c.query_id == query_id, saved_queries.c.put_away_at.is_(None)
                    )
                )
                .mappings()
                .first()
            )
            _changeable(found, who, query_id, is_admin=is_admin)
            latest = connection.execute(_versions(query_id).limit(1)).mappings().one()
            is_same = all(latest[name] == value for name, value in held.items())
            version = int(latest["version"]) + (not is_same)
            connection.execute(
                update(saved_queries)
                .where(saved_queries.c.query_id == query_id)
                .values(version=version, **values)
            )
            if is_same:
                return query_id
        else:
            query_id = secrets.token_hex(6)
            connection.execute(
                insert(saved_queries).values(
                    query_id=query_id,
                    owner_id=who.id,
                    owner_name=who.name,
                    version=1,
                    made_at=now,
                    **values,
                )
            )
        connection.execute(
            insert(saved_query_versions).values(
                query_id=query_id,
                version=version,
                **held,
                made_at=now,
                made_by=who.name,
            )
        )
    return query_id


def put_away(
    control: Control, who: Identity, query_id: str, now: dt.datetime, *, is_admin: bool = False
) -> None:
    """Take a query out of the lists.

    Raises:
        UsageError: There is no such query.
        NotAllowedError: It is another's.
    """
    with control.write() as connection:
        found = (
            connection.execute(
                select(saved_queries).where(
                    saved_queries.c.query_id == query_id, saved_queries.c.put_away_at.is_(None)
                )
            )
            .mappings()
            .first()
        )
        _changeable(found, who, query_id, is_admin=is_admin)
        connection.execute(
            update(saved_queries).where(saved_queries.c.query_id == query_id).values(put_away_at=now)
        )


def saved(control: Control, who: Identity, query_id: str, version: int = 0) -> Saved:
    """Give a saved query, in its latest version or an earlier one.

    Raises:
        UsageError: There is none, or none that this person may see.
    """
    with control.read() as connection:
        query = connection.execute(_joined(who, query_id, version)).mappings().first()
    if query is None:
        raise UsageError(
            _("There is no saved query {query_id!r} for you.", query_id=query_id[:40]),
            _("Its owner may have put it away."),
        )
    return _saved(query)


def all_saved(control: Control, who: Identity) -> list[Saved]:
    """List the queries that a person may run: their own and the shared ones, by folder and name."""
    with control.read() as connection:
        found = connection.execute(_joined(who)).mappings().all()
    return sorted(
        (_saved(row) for row in found),
        key=lambda one: (one.folder.casefold(), one.name.casefold(), one.query_id),
    )


def own(control: Control, who: Identity, *, is_admin: bool = False) -> list[Saved]:
    """List the queries that a person may have the desk run: their own, of an admin all that are shared too.

    The desk runs a query under the rights of its owner, so that nobody else may send its rows around.
    """
    return [each for each in all_saved(control, who) if is_admin or each.owner_id == who.id]


def versions(control: Control, who: Identity, query_id: str) -> list[tuple[int, dt.datetime, str]]:
    """List the versions of a query, the latest first: number, when, by whom.

    Raises:
        UsageError: There is none, or none that this person may see.
    """
    saved(control, who, query_id)
    with control.read() as connection:
        found = connection.execute(_versions(query_id)).mappings().all()
    return [(row["version"], row["made_at"], row["made_by"]) for row in found]


def _versions(query_id: str) -> Select[Any]:
    return (
        select(saved_query_versions)
        .where(saved_query_versions.c.query_id == query_id)
        .order_by(saved_query_versions.c.version.desc())
    )


def _joined(who: Identity, query_id: str = "", version: int = 0) -> Select[Any]:
    wanted = saved_query_versions.c.version == (version or saved_queries.c.version)
    chosen = (
        select(
            saved_queries,
            saved_query_versions.c.version.label("of_version"),
            saved_query_versions.c.text,
            saved_query_versions.c.chart,
            saved_query_versions.c.parameters,
            saved_query_versions.c.made_at.label("version_at"),
            saved_query_versions.c.made_by,
        )
        .join(saved_query_versions, and_(saved_query_versions.c.query_id == saved_queries.c.query_id, wanted))
        .where(saved_queries.c.put_away_at.is_(None))
    )
    if who.kind != "command":
        chosen = chosen.where(or_(saved_queries.c.owner_id == who.id, saved_queries.c.is_shared.is_(True)))
    return chosen.where(saved_queries.c.query_id == query_id) if query_id else chosen


def _saved(row: RowMapping) -> Saved:
    return Saved(
        query_id=row["query_id"],
        owner_id=row["owner_id"],
        owner_name=row["owner_name"],
        name=row["name"],
        folder=row["folder"],
        about=row["about"],
        is_shared=row["is_shared"],
        version=row["of_version"],
        latest=row["version"],
        text=row["text"],
        chart=row["chart"],
        parameters=row["parameters"],
        changed_at=row["version_at"],
        changed_by=row["made_by"],
    )


def _changeable(found: RowMapping | None, who: Identity, query_id: str, *, is_admin: bool) -> None:
    if found is None or not (found["is_shared"] or found["owner_id"] == who.id or is_admin):
        raise UsageError(
            _("There is no saved query {query_id!r} for you.", query_id=query_id[:40]),
            _("Save it under a name of your own."),
        )
    if found["owner_id"] != who.id and not is_admin and who.kind != "command":
        raise NotAllowedError(
            _("{name} belongs to {owner_name}.", name=found["name"], owner_name=found["owner_name"]),
            _("Save it as a query of your own."),
        )


def _is_admin(who: Identity, site_ids: Sequence[str]) -> bool:
    return all(who.may(Role.ADMIN, site_id) for site_id in site_ids)


def _named(words: str) -> str:
    if not words.strip():
        raise UsageError(_("The query has no name."), _("Give it a name."))
    return _worded(N_("The name is longer than {most} signs."), words, MOST_NAME)


def _worded(refusal: str, words: str, most: int) -> str:
    kept = _storable(" ".join(words.split()))
    if len(kept) > most:
        raise UsageError(_(refusal, most=most), _("Shorten it."))
    return kept


def _to_keep(parameters: Mapping[str, str]) -> dict[str, str]:
    """Take the values that are to be kept: those of days and site follow from when and where it is run."""
    return {
        _storable(name): _storable(value)[:MOST_ABOUT]
        for name, value in parameters.items()
        if name not in MOVING
    }


def _storable(text: str) -> str:
    """Take out what no database of text keeps."""
    return text.encode("utf-8", "replace").decode().replace("\0", "�")


def _storable_value(value: object) -> object:
    return _storable(value) if isinstance(value, str) else value
