"""The outbox and ledger of reports: what was planned, sent, failed and skipped, and why.

States of a delivery: `planned` (may be sent, again after a temporary fault), `handed` (the last byte is about
to leave or has left, and no answer came yet), `sent`, `failed`, `skipped`. What a dead process left `handed`
may have arrived: it is never sent again by itself, and says so (`recover`).
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from analytics.control.database import Control
from analytics.control.report_tables import report_copies, report_deliveries, report_runs
from analytics.control.subscriptions import Recipient, Subscription
from analytics.language import N_, _

DOUBTFUL = N_(
    "The program ended while the mail server was taking it: it may have arrived, so it is not sent again. "
    "Send it again by hand if it did not."
)
MISSED = N_("Stands for {missed} earlier ones that were missed while nothing ran.")
UNDONE = ("planned", "sending")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One occasion of a report; see `report_tables` for its columns."""

    run_id: str
    subscription_id: str
    due_at: dt.datetime
    is_test: bool
    state: str
    why: str
    planned_at: dt.datetime
    article_id: str = ""
    age: str = ""
    built_at: dt.datetime | None = None
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    took_ms: int | None = None
    finished_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One report to one recipient; see `report_tables` for its columns."""

    delivery_id: str
    run_id: str
    subscription_id: str
    due_at: dt.datetime
    recipient_id: str
    way: str
    address: str
    name: str
    state: str
    why: str
    tries: int
    next_try_at: dt.datetime
    copy_id: str | None
    changed_at: dt.datetime
    sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A report as it was sent; `body` is compressed JSON."""

    copy_id: str
    run_id: str
    kept: Mapping[str, Sequence[str]]
    subject: str
    as_of: dt.datetime
    body: bytes


def is_of_missed(why: str) -> bool:
    """Tell whether a reason says for how many missed ones a run stands."""
    return why.startswith(_(MISSED).partition("{")[0])


def plan(
    control: Control,
    subscription: Subscription,
    due_at: dt.datetime,
    to: Sequence[Recipient],
    now: dt.datetime,
    *,
    missed: int = 0,
    is_test: bool = False,
    rests: str = "",
    about: tuple[str, str] = ("", ""),
) -> Run | None:
    """Write down that a report is to go out, with a row for each recipient: one transaction.

    Args:
        control: The control database.
        subscription: The report.
        due_at: The occasion, naive UTC.
        to: Who is to get it; nobody makes the run skipped.
        now: Naive UTC.
        missed: How many earlier occasions this one stands for.
        is_test: Whether it was asked for by hand.
        rests: Why nobody gets it; it is written down as skipped.
        about: The piece and its age, where the occasion is one. Several may come out in one minute: of those
            planned after the first, `due_at` is moved by a microsecond, for it is one run's alone.

    Returns:
        The run; None where this occasion has been planned before.
    """
    while about[0] and _is_taken(control, subscription, due_at):
        due_at += dt.timedelta(microseconds=1)
    why = _(MISSED, missed=missed) if missed else ""
    run = Run(
        run_id=f"u{secrets.token_hex(8)}",
        subscription_id=subscription.subscription_id,
        due_at=due_at,
        article_id=about[0],
        age=about[1],
        is_test=is_test,
        state="planned" if to and not rests else "skipped",
        why=rests or (why if to else _("Nobody receives it.")),
        planned_at=now,
        finished_at=None if to and not rests else now,
    )
    rows = [
        {
            "delivery_id": f"d{secrets.token_hex(8)}",
            "run_id": run.run_id,
            "subscription_id": run.subscription_id,
            "due_at": due_at,
            "recipient_id": each.recipient_id,
            "way": each.way,
            "address": each.address,
            "name": each.name,
            "state": "planned" if each.confirmed_at else "skipped",
            "why": "" if each.confirmed_at else "The address has not been confirmed yet.",
            "tries": 0,
            "next_try_at": now,
            "changed_at": now,
        }
        for each in ([] if rests else to)
    ]
    try:
        with control.write() as connection:
            connection.execute(insert(report_runs).values(_values(run)))
            if rows:
                connection.execute(insert(report_deliveries), rows)
    except IntegrityError:
        return None
    return run


def _is_taken(control: Control, subscription: Subscription, due_at: dt.datetime) -> bool:
    table = report_runs
    same = and_(table.c.subscription_id == subscription.subscription_id, table.c.due_at == due_at)
    with control.read() as connection:
        return connection.execute(select(table.c.run_id).where(same)).first() is not None


def told(control: Control, subscription_id: str) -> dict[str, set[str]]:
    """Tell of which pieces a schedule has planned a mail before: article -> ages."""
    table = report_runs
    asked = select(table.c.article_id, table.c.age).where(
        table.c.subscription_id == subscription_id, table.c.article_id != "", table.c.is_test.is_(False)
    )
    found: dict[str, set[str]] = {}
    with control.read() as connection:
        for article_id, age in connection.execute(asked):
            found.setdefault(article_id, set()).add(age)
    return found


def undone(control: Control) -> list[Run]:
    """List the runs that are not over yet, oldest first."""
    asked = select(report_runs).where(report_runs.c.state.in_(UNDONE)).order_by(report_runs.c.due_at)
    with control.read() as connection:
        return [Run(**dict(row)) for row in connection.execute(asked).mappings()]


def delivery(control: Control, delivery_id: str) -> Delivery | None:
    """Find one delivery; None where there is none."""
    found = _deliveries(
        control, select(report_deliveries).where(report_deliveries.c.delivery_id == delivery_id)
    )
    return found[0] if found else None


def again(control: Control, each: Delivery, now: dt.datetime) -> None:
    """Let a failed delivery be tried again, by hand: also one that may have arrived."""
    with control.write() as connection:
        connection.execute(
            update(report_deliveries)
            .where(report_deliveries.c.delivery_id == each.delivery_id)
            .values(state="planned", why="", tries=0, next_try_at=now, changed_at=now)
        )
        # Without a copy it was never built.
        state = "sending" if each.copy_id else "planned"
        connection.execute(
            update(report_runs)
            .where(report_runs.c.run_id == each.run_id)
            .values(state=state, why="", finished_at=None)
        )


def change_run(control: Control, run_id: str, **values: Any) -> None:
    """Change columns of a run."""
    with control.write() as connection:
        connection.execute(update(report_runs).where(report_runs.c.run_id == run_id).values(**values))


def keep(control: Control, run: Run, copies: Mapping[str, Copy], run_values: Mapping[str, Any]) -> None:
    """Keep what was built, and say which delivery gets which copy: one transaction.

    Args:
        control: The control database.
        run: The run.
        copies: Recipient id -> the copy for them.
        run_values: What the run says from now on.
    """
    with control.write() as connection:
        for copy in {each.copy_id: each for each in copies.values()}.values():
            connection.execute(insert(report_copies).values(_values(copy)))
        for recipient_id, copy in copies.items():
            connection.execute(
                update(report_deliveries)
                .where(
                    report_deliveries.c.run_id == run.run_id, report_deliveries.c.recipient_id == recipient_id
                )
                .values(copy_id=copy.copy_id)
            )
        connection.execute(update(report_runs).where(report_runs.c.run_id == run.run_id).values(**run_values))


def waiting(control: Control, run_id: str, now: dt.datetime) -> list[Delivery]:
    """List the deliveries of a run that may be tried now."""
    table = report_deliveries
    asked = select(table).where(
        table.c.run_id == run_id, table.c.state == "planned", table.c.next_try_at <= now
    )
    return _deliveries(control, asked.order_by(table.c.way, table.c.address))


def deliveries(control: Control, run_id: str) -> list[Delivery]:
    """List all deliveries of a run."""
    table = report_deliveries
    return _deliveries(
        control, select(table).where(table.c.run_id == run_id).order_by(table.c.way, table.c.address)
    )


def settle(control: Control, delivery_id: str, now: dt.datetime, **values: Any) -> None:
    """Say what became of a delivery; committed when this returns."""
    table = report_deliveries
    with control.write() as connection:
        connection.execute(
            update(table).where(table.c.delivery_id == delivery_id).values(changed_at=now, **values)
        )


def finish(control: Control, run_id: str, now: dt.datetime) -> str:
    """Close a run of which nothing waits any more.

    Returns:
        Its state: `sending` while something still waits, else done, failed or skipped.
    """
    found = deliveries(control, run_id)
    states = [each.state for each in found]
    if any(state in {"planned", "handed"} for state in states):
        return "sending"
    lost = [each for each in found if each.state == "failed"]
    state = "done" if "sent" in states else "failed" if lost else "skipped"
    why = ""
    if lost:
        why = f"{len(lost)} of {len(found)} did not get it; the first: {lost[0].why}"
    elif state == "skipped" and found:
        why = found[0].why
    values = {"state": state, "finished_at": now, **({"why": why} if why else {})}
    change_run(control, run_id, **values)
    return state


def recover(control: Control, now: dt.datetime) -> int:
    """Settle what a dead process left behind in doubt; to be called once, before anything is sent.

    Returns:
        How many deliveries were in doubt.
    """
    table = report_deliveries
    with control.write() as connection:
        done = connection.execute(
            update(table)
            .where(table.c.state == "handed")
            .values(state="failed", why=_(DOUBTFUL), changed_at=now)
        )
        return int(done.rowcount)


def skip_stopped(control: Control, recipient_id: str, why: str, now: dt.datetime) -> None:
    """Take what waits for a recipient out of the outbox."""
    table = report_deliveries
    with control.write() as connection:
        connection.execute(
            update(table)
            .where(and_(table.c.recipient_id == recipient_id, table.c.state == "planned"))
            .values(state="skipped", why=why, changed_at=now)
        )


def runs(
    control: Control, subscriptions: Sequence[str] | None = None, limit: int = 50, run_id: str = ""
) -> list[Run]:
    """List runs, the latest first; of some subscriptions, or of all."""
    asked = select(report_runs)
    if subscriptions is not None:
        asked = asked.where(report_runs.c.subscription_id.in_(subscriptions))
    if run_id:
        asked = asked.where(report_runs.c.run_id == run_id)
    order = (report_runs.c.due_at.desc(), report_runs.c.run_id)
    with control.read() as connection:
        found = connection.execute(asked.order_by(*order).limit(limit)).mappings()
        return [Run(**dict(row)) for row in found]


def copy(control: Control, copy_id: str) -> Copy | None:
    """Open a report as it was sent; None where there is none."""
    asked = select(report_copies).where(report_copies.c.copy_id == copy_id)
    with control.read() as connection:
        row = connection.execute(asked).mappings().one_or_none()
    return Copy(**dict(row)) if row is not None else None


def late(control: Control, since: dt.datetime, until: dt.datetime) -> list[Run]:
    """List runs of a schedule that should have gone out between two instants and have not reached everybody.

    A run that stands for one missed while nothing ran is measured from when it was planned.
    """
    table, parts = report_runs, report_deliveries
    lost = exists().where(parts.c.run_id == table.c.run_id, parts.c.state == "failed")
    asked = select(table).where(
        table.c.is_test.is_(False),
        table.c.planned_at > since,
        table.c.planned_at <= until,
        or_(table.c.state.in_((*UNDONE, "failed")), and_(table.c.state == "done", lost)),
    )
    with control.read() as connection:
        return [Run(**dict(row)) for row in connection.execute(asked.order_by(table.c.due_at)).mappings()]


def _deliveries(control: Control, asked: Any) -> list[Delivery]:
    with control.read() as connection:
        return [Delivery(**dict(row)) for row in connection.execute(asked).mappings()]


def _values(row: Run | Copy) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}
