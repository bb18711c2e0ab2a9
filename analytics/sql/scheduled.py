"""Saved queries that the desk runs by itself: `run` is the one way for reports, alerts and tiles.

    saved, answer = scheduled.run(desk.asking, query_id, "report", site=site_id)
    answer.names, answer.types, answer.table     # columns and rows (pyarrow), all of them
    formats.as_csv(answer), summary.of_columns(answer), answer.until

A query runs under the rights and limits of its owner as they are at that moment, in a worker like every
other, and stands in the audit with the door that it came by. So only its owner (and an admin of every site)
may make a report, an alert or a shared tile of it: forms list `choices`, and ask `chosen` before they save.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal, TypeAlias

from analytics import periods
from analytics.control import people, queries
from analytics.control.identity import COMMAND, Identity, Role
from analytics.control.queries import Saved
from analytics.errors import NotAllowedError
from analytics.language import _
from analytics.sql.ask import Answer, Asking
from analytics.sql.jobs import Value

Door: TypeAlias = Literal["report", "alert", "tile"]
DAYS = 7  # pages.md 1: `7d`, the last complete days


def run(
    asking: Asking,
    query_id: str,
    door: Door,
    *,
    site: str = "",
    parameters: Mapping[str, Value] | None = None,
    seconds: float | None = None,
    rows: int | None = None,
    for_file: bool = False,
) -> tuple[Saved, Answer]:
    """Run a saved query for its owner, and wait for the whole answer.

    What the query takes as `$name` has the value given here, else the one it was saved with; `$site` is
    `site`, else the first site of the owner; `$from` and `$to` are the last seven complete days there.

    Args:
        asking: Of the desk.
        query_id: The query, in its latest version.
        door: For what.
        site: Value of `$site`.
        parameters: Values of `$name`; `from` and `to` as YYYY-MM-DD.
        seconds: Narrows the limit of the owner.
        rows: Likewise.
        for_file: It becomes an attachment, which may hold more rows than a screen.

    Returns:
        The query as it is saved, and its answer: never cut.

    Raises:
        UsageError: There is no such query any more.
        NotAllowedError: Its owner is gone, or is no analyst any more.
        SqlError: It was refused, stopped or broke, or gave more rows than its owner may have.
        StoreError: The archive is not ready.
    """
    found = queries.saved(asking.control, COMMAND, query_id)
    owner = _owner(asking, found)
    sites = _sites(asking, found, owner)
    of_site = site or sites[0]
    days = week(asking.clock(), asking.zones().get(of_site, "UTC"))
    given = {**found.parameters, **days, "site": of_site, **(parameters or {})}
    with asking.turn:
        answer = asking.ask(
            owner, found.text, given, door=door, seconds=seconds, rows=rows, for_file=for_file, by_desk=True
        )
    return found, answer


def choices(asking: Asking, who: Identity) -> list[Saved]:
    """List the saved queries of which somebody may make a report, an alert or a tile, by folder and name."""
    return queries.own(asking.control, who, is_admin=_is_admin(asking, who))


def chosen(asking: Asking, who: Identity, query_id: str) -> Saved:
    """Give a saved query of which somebody wants a report, an alert or a tile.

    Raises:
        UsageError: There is none for them.
        NotAllowedError: It belongs to somebody else.
    """
    found = queries.saved(asking.control, who, query_id)
    if not may_send(asking, who, found):
        raise NotAllowedError(
            _(
                "{name} belongs to {owner_name}, and would run under their rights.",
                name=found.name,
                owner_name=found.owner_name,
            ),
            _("Save it as a query of your own first."),
        )
    return found


def may_send(asking: Asking, who: Identity, query: Saved) -> bool:
    """Tell whether somebody may make a report, an alert or a shared tile of a query."""
    return query.owner_id == who.id or _is_admin(asking, who)


def week(now: dt.datetime, zone: str) -> dict[str, str]:
    """Give `$from` and `$to` where nobody named days: the last seven complete ones of a zone."""
    days = periods.last_days(periods.local_day(now, zone) - dt.timedelta(days=1), DAYS, zone)
    return {"from": days.first.isoformat(), "to": days.last.isoformat()}


def _owner(asking: Asking, found: Saved) -> Identity:
    """Find whose rights hold, as they are now."""
    if asking.everybody is not None and asking.everybody.id == found.owner_id:
        return asking.everybody
    person = people.find(asking.control, person_id=found.owner_id) if found.owner_id else None
    if person is None or person.disabled_at is not None:
        raise NotAllowedError(
            _(
                "{name} runs for {owner_name}, who has no account here any more.",
                name=found.name,
                owner_name=found.owner_name,
            ),
            _("An analyst saves it as a query of their own."),
        )
    return person.identity


def _sites(asking: Asking, found: Saved, owner: Identity) -> list[str]:
    try:
        return asking.sites(owner)
    except NotAllowedError as refusal:
        raise NotAllowedError(
            _(
                "{name} runs for {owner_name}, who is no analyst any more.",
                name=found.name,
                owner_name=found.owner_name,
            ),
            _("An analyst saves it as a query of their own."),
        ) from refusal


def _is_admin(asking: Asking, who: Identity) -> bool:
    return all(who.may(Role.ADMIN, site) for site in asking.zones())
