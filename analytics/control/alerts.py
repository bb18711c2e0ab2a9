"""Rules of alerts and their episodes, as they are kept."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update

from analytics.control.alert_tables import alert_episodes, alert_rules
from analytics.control.database import Control
from analytics.errors import UsageError
from analytics.language import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is watched, and who is told; see `alert_tables` for its columns."""

    rule_id: str = ""
    subscription_id: str = ""
    site_id: str
    name: str = ""
    kind: str
    metric: str = ""
    dimension: str = "site"
    ids: Sequence[str] = ()
    grain: str = "hour"
    direction: str = "above"
    bound: float | None = None
    level: int = 2
    readings: int = 1
    repeat: str = "once"
    quiet: str = ""
    query: str = ""
    made_at: dt.datetime
    made_by: str = ""
    read_through: dt.datetime
    trouble: str = ""
    muted_until: dt.datetime | None = None
    paused_at: dt.datetime | None = None
    deleted_at: dt.datetime | None = None

    def is_muted(self, now: dt.datetime) -> bool:
        """Tell whether nobody is told for now."""
        return self.muted_until is not None and now < self.muted_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A stretch in which a rule held; see `alert_tables` for its columns."""

    episode_id: str = ""
    rule_id: str
    site_id: str
    entity: str
    since: dt.datetime
    streak: int
    calm: int
    latest: Mapping[str, Any]
    peak: float | None
    opened_at: dt.datetime | None = None
    known: Mapping[str, Any] = field(default_factory=dict)
    closed_at: dt.datetime | None = None
    told_at: dt.datetime | None = None
    ended_told_at: dt.datetime | None = None
    acknowledged_at: dt.datetime | None = None
    acknowledged_by: str = ""
    verdict: str = ""

    @property
    def is_open(self) -> bool:
        """True while it goes on."""
        return self.opened_at is not None and self.closed_at is None


def add(control: Control, rule: Rule) -> Rule:
    """Keep a new rule; gives it with its id."""
    made = replace(rule, rule_id=f"a{secrets.token_hex(6)}")
    with control.write() as connection:
        connection.execute(insert(alert_rules).values(_values(made)))
    return made


def change(control: Control, rule_id: str, **values: Any) -> None:
    """Change columns of a rule."""
    with control.write() as connection:
        connection.execute(update(alert_rules).where(alert_rules.c.rule_id == rule_id).values(**values))


def listed(control: Control, sites: Sequence[str] | None = None, *, with_deleted: bool = False) -> list[Rule]:
    """List rules that were not deleted, by name; of some sites, or of all."""
    asked = select(alert_rules)
    if not with_deleted:
        asked = asked.where(alert_rules.c.deleted_at.is_(None))
    if sites is not None:
        asked = asked.where(alert_rules.c.site_id.in_(sites))
    with control.read() as connection:
        found = connection.execute(asked.order_by(alert_rules.c.name, alert_rules.c.rule_id)).mappings()
        return [Rule(**dict(row)) for row in found]


def one(control: Control, rule_id: str) -> Rule:
    """Find a rule, deleted ones too.

    Raises:
        UsageError: There is none.
    """
    with control.read() as connection:
        asked = select(alert_rules).where(alert_rules.c.rule_id == rule_id)
        row = connection.execute(asked).mappings().one_or_none()
    if row is None:
        raise UsageError(
            _("There is no alert {rule_id!r}.", rule_id=rule_id), _("tearsheet alert list names them.")
        )
    return Rule(**dict(row))


def going(control: Control, rule_id: str) -> list[Episode]:
    """List the episodes of a rule that go on, those that have not opened yet too."""
    table = alert_episodes
    return _episodes(control, select(table).where(table.c.rule_id == rule_id, table.c.closed_at.is_(None)))


def with_news(control: Control, ends_of: Sequence[str]) -> set[str]:
    """Name the rules of which there may be something to tell: one question for all of them.

    Args:
        control: The control database.
        ends_of: Rules whose ends are told, too.
    """
    table = alert_episodes
    is_untold = table.c.told_at.is_not(None) & table.c.ended_told_at.is_(None) & table.c.rule_id.in_(ends_of)
    is_open = table.c.closed_at.is_(None) & table.c.opened_at.is_not(None)
    with control.read() as connection:
        rows = connection.execute(select(table.c.rule_id).where(is_open | is_untold).distinct())
        return {str(each.rule_id) for each in rows}


def untold_ends(control: Control, rule_id: str) -> list[Episode]:
    """List the episodes that were told, are over, and of whose end nobody was told."""
    table = alert_episodes
    asked = select(table).where(
        table.c.rule_id == rule_id,
        table.c.closed_at.is_not(None),
        table.c.told_at.is_not(None),
        table.c.ended_told_at.is_(None),
    )
    return _episodes(control, asked)


def history(
    control: Control,
    sites: Sequence[str],
    *,
    rule_id: str = "",
    episode_id: str = "",
    only_open: bool = False,
    limit: int = 100,
) -> list[Episode]:
    """List episodes that opened, the latest first; of some sites."""
    table = alert_episodes
    asked = select(table).where(table.c.opened_at.is_not(None), table.c.site_id.in_(sites))
    if rule_id:
        asked = asked.where(table.c.rule_id == rule_id)
    if episode_id:
        asked = asked.where(table.c.episode_id == episode_id)
    if only_open:
        asked = asked.where(table.c.closed_at.is_(None))
    return _episodes(control, asked.order_by(table.c.opened_at.desc(), table.c.episode_id).limit(limit))


def count_open(control: Control, sites: Sequence[str]) -> int:
    """Count episodes that go on, are of rules that still are, and that nobody has acknowledged."""
    table = alert_episodes
    asked = (
        select(func.count())
        .select_from(table.join(alert_rules, alert_rules.c.rule_id == table.c.rule_id))
        .where(
            alert_rules.c.deleted_at.is_(None),
            alert_rules.c.paused_at.is_(None),
            table.c.opened_at.is_not(None),
            table.c.closed_at.is_(None),
            table.c.acknowledged_at.is_(None),
            table.c.site_id.in_(sites),
        )
    )
    with control.read() as connection:
        return int(connection.execute(asked).scalar_one())


def keep(
    control: Control, rule_id: str, episodes: Sequence[Episode], dropped: Sequence[str], **values: Any
) -> None:
    """Keep what became of a rule's episodes, and how far it was read: one transaction.

    Args:
        control: The control database.
        rule_id: The rule.
        episodes: New ones without an id, and those that changed.
        dropped: Ids of those that came to nothing.
        values: Columns of the rule.
    """
    table = alert_episodes
    with control.write() as connection:
        for each in episodes:
            if each.episode_id:
                connection.execute(
                    update(table).where(table.c.episode_id == each.episode_id).values(_values(each))
                )
            else:
                made = replace(each, episode_id=f"e{secrets.token_hex(8)}")
                connection.execute(insert(table).values(_values(made)))
        if dropped:
            connection.execute(delete(table).where(table.c.episode_id.in_(dropped)))
        connection.execute(update(alert_rules).where(alert_rules.c.rule_id == rule_id).values(**values))


def change_episodes(control: Control, ids: Sequence[str], **values: Any) -> None:
    """Change columns of episodes."""
    with control.write() as connection:
        connection.execute(
            update(alert_episodes).where(alert_episodes.c.episode_id.in_(ids)).values(**values)
        )


def _episodes(control: Control, asked: Select[Any]) -> list[Episode]:
    with control.read() as connection:
        return [Episode(**dict(row)) for row in connection.execute(asked).mappings()]


def _values(row: Rule | Episode) -> dict[str, Any]:
    named = {name: getattr(row, name) for name in row.__dataclass_fields__}
    return {**named, "ids": list(row.ids)} if isinstance(row, Rule) else named
