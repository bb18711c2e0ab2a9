"""Reports that should have gone out and did not: what an alert tells their owners, by another way.

A report is overdue once a quarter of an hour has passed since it was due, or since a desk that had been off
could know of it. A run that nobody even planned counts too: the rounds may have stopped.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from analytics.control import outbox, subscriptions
from analytics.control.outbox import Run
from analytics.control.subscriptions import Subscription
from analytics.errors import TearsheetError
from analytics.language import N_, _
from analytics.reports import schedule
from analytics.reports.send.rounds import Rounds

AFTER = dt.timedelta(minutes=15)  # pages.md 2.9
BACK = dt.timedelta(days=1)  # what is older was told long ago
NOT_PLANNED = N_("It was not begun: the rounds of reports do not run, or its schedule cannot be read.")


@dataclass(frozen=True, slots=True)
class Overdue:
    """One occasion of a report that did not reach everybody.

    Attributes:
        run_id: Of the ledger; empty where nothing was planned.
        subscription_id: The report.
        site_id: Its site.
        name: Its name.
        owner_id: Who made it; empty where a command did.
        due_at: Naive UTC.
        cause: A sentence for people, without secrets.
        ways: The ways that did not work, such as mail; empty where none was tried.
        lost: How many have not got it.
        recipients: How many were to get it.
    """

    run_id: str
    subscription_id: str
    site_id: str
    name: str
    owner_id: str
    due_at: dt.datetime
    cause: str
    ways: tuple[str, ...] = ()
    lost: int = 0
    recipients: int = 0


def overdue(rounds: Rounds, now: dt.datetime) -> list[Overdue]:
    """List what was due in the last day, more than a quarter of an hour ago, and did not reach everybody.

    Args:
        rounds: The rounds of the desk.
        now: Naive UTC.

    Returns:
        Oldest first. Reports that were asked for by hand are not among them: who asked saw what came of it.
    """
    known = {each.subscription_id: each for each in subscriptions.listed(rounds.control)}
    late = outbox.late(rounds.control, now - BACK, now - AFTER)
    found = [_of_run(rounds, known[run.subscription_id], run) for run in late if run.subscription_id in known]
    found += [each for one in known.values() if (each := _unplanned(rounds, one, now)) is not None]
    return sorted(found, key=lambda each: (each.due_at, each.subscription_id))


def _of_run(rounds: Rounds, subscription: Subscription, run: Run) -> Overdue:
    deliveries = outbox.deliveries(rounds.control, run.run_id)
    lost = [each for each in deliveries if each.state in {"planned", "handed", "failed"}]
    cause = next((each.why for each in lost if each.why), "") or run.why or _("It is still being sent.")
    tried = {each.way for each in lost if each.tries or each.state == "failed"}
    return _overdue(
        subscription, run.due_at, cause, run.run_id, tuple(sorted(tried)), len(lost), len(deliveries)
    )


def _unplanned(rounds: Rounds, subscription: Subscription, now: dt.datetime) -> Overdue | None:
    """Find an occasion that the rounds passed over; a desk that has just started has not had its chance."""
    if subscription.paused_at or not subscription.schedule or now - rounds.began_at < AFTER:
        return None
    since = max(subscription.due_through, now - BACK)
    try:
        known = schedule.read(subscription.schedule, subscription.zone, subscription.holidays)
    except TearsheetError as refusal:
        return _overdue(subscription, since, str(refusal))
    if known.ages:
        # A piece may be known late, when it is long of age: what counts is that the rounds stand still.
        stands = now - rounds.went_at >= AFTER
        found = rounds.pieces_due(subscription, known, now - AFTER) if stands else {}
        due = sorted(piece.due_at for piece, _missed in found if piece.due_at > since)
    else:
        due = schedule.due_between(known, since, now - AFTER)
    return _overdue(subscription, due[-1], _(NOT_PLANNED)) if due else None


def _overdue(
    subscription: Subscription,
    due_at: dt.datetime,
    cause: str,
    run_id: str = "",
    ways: tuple[str, ...] = (),
    lost: int = 0,
    recipients: int = 0,
) -> Overdue:
    return Overdue(
        run_id,
        subscription.subscription_id,
        subscription.site_id,
        subscription.name,
        subscription.made_by,
        due_at,
        cause,
        ways,
        lost,
        recipients,
    )
