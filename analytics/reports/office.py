"""The office of reports: what the page, the commands and the API do with subscriptions, in one place.

Every question needs the role of an editor on the site, which the desk itself has on all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from analytics import wording
from analytics.control import outbox, subscriptions
from analytics.control.identity import Role, current, require
from analytics.control.outbox import Delivery, Run
from analytics.control.subscriptions import WAYS, Recipient, Subscription
from analytics.errors import UsageError, did_you_mean
from analytics.periods import local_day, local_time
from analytics.reports import mail, schedule
from analytics.reports.build.asked import FILTERS, PERIODS, Order, period_of
from analytics.reports.build.kinds import KINDS, build, kind
from analytics.reports.mail import Letter, one_line
from analytics.reports.overdue import Overdue, overdue
from analytics.reports.report import Report
from analytics.reports.send import letters, outward
from analytics.reports.send.rounds import Rounds, opened
from analytics.store import sites

FORMATS = ("pdf", "xlsx", "csv")
READY = ("morning", "weekly", "comments")  # pages.md 2.9: three reports, one click each
Row = dict[str, Any]


class Office:
    """Subscriptions, previews, sending by hand, and the ledger."""

    def __init__(self, rounds: Rounds) -> None:
        """Work with the rounds of the desk."""
        self.rounds = rounds
        self._control, self._store = rounds.control, rounds.store

    def listed(self) -> list[Row]:
        """List the reports that whoever asks may see, with next due time and last result."""
        found = [each for each in subscriptions.listed(self._control) if _may(each.site_id)]
        return [self._row(each) for each in found]

    def add(
        self,
        name: str,
        kind_name: str,
        *,
        site: str = "",
        period: str = "",
        when: str = "",
        zone: str = "",
        holidays: Sequence[str] = (),
        where: Mapping[str, Sequence[str]] | None = None,
        formats: Sequence[str] = (),
    ) -> Row:
        """Make a report; what is left out is its kind's own.

        Raises:
            TearsheetError: A value is none; the sentence says which.
        """
        where_site = sites.site(self._store, site or None)
        identity = require(Role.EDITOR, where_site.site_id)
        known, now = kind(kind_name), self.rounds.clock()
        text = when or known.schedule
        read = schedule.read(text, zone or where_site.zone, holidays)
        period_of(period or known.period, local_day(now, where_site.zone), where_site.zone)
        for each in formats:
            if each not in FORMATS:
                raise UsageError(f"There is no format {each!r}.", did_you_mean(each, FORMATS))
        kept = {key: [value for value in values if value] for key, values in (where or {}).items()}
        for key in kept:
            if key not in FILTERS:
                raise UsageError(f"Reports cannot be filtered by {key!r}.", did_you_mean(key, FILTERS))
        if known.needs and not any(kept.get(need) for need in known.needs):
            raise UsageError(f"The report “{known.title}” needs {' or '.join(known.needs)}.")
        made = subscriptions.add(
            self._control,
            Subscription(
                site_id=where_site.site_id,
                name=one_line(name, 120) or known.title,
                kind=kind_name,
                period=period or known.period,
                schedule=text,
                zone=read.zone,
                holidays=list(holidays),
                kept={key: values for key, values in kept.items() if values},
                formats=list(formats),
                made_at=now,
                made_by=identity.id,
                due_through=now,
            ),
        )
        return self._row(made)

    def ready_made(self, site: str, address: str) -> list[Row]:
        """Make the three reports that most newsrooms want, for one address."""
        made = [self.add(KINDS[each].title, each, site=site) for each in READY]
        for row in made:
            self.add_recipient(row["id"], "mail", address)
        return made

    def add_recipient(
        self,
        subscription_id: str,
        way: str,
        address: str,
        name: str = "",
        where: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Let somebody receive a report.

        Raises:
            TearsheetError: The address is none of its way, or not one that is allowed.
        """
        found = self._mine(subscription_id)
        if way not in WAYS:
            raise UsageError(f"There is no way {way!r}.", did_you_mean(way, WAYS))
        plain, shown, sealed = address.strip(), "", None
        if way == "mail":
            plain = letters.address(plain).lower()
            self._check_domain(plain)
        elif way == "folder":
            if not plain.replace("-", "").replace("_", "").isalnum() or len(plain) > 60:
                raise UsageError("A folder is named with letters, digits and hyphens.")
        else:
            plain = outward.check_webhook(plain) if way == "webhook" else outward.check_chat(plain)
            shown, sealed = outward.masked(plain), self.rounds.keys.seal(plain)
        subscriptions.add_recipient(
            self._control,
            Recipient(
                subscription_id=found.subscription_id,
                way=way,
                address=shown or plain,
                address_key=self.rounds.keys.key_of(plain),
                sealed=sealed,
                name=one_line(name, 200),
                kept=where or {},
                confirmed_at=self.rounds.clock(),
            ),
        )

    def remove_recipient(self, subscription_id: str, address: str) -> None:
        """Send a report to an address no more.

        Raises:
            UsageError: It does not receive it.
        """
        found = self._mine(subscription_id)
        for each in subscriptions.recipients(self._control, found.subscription_id):
            if each.address == address and each.stopped_at is None:
                self.stop(each.recipient_id, f"Taken off by {current().name or 'an editor'}.")
                return
        raise UsageError(f"{address} does not receive this report.")

    def stop(self, recipient_id: str, why: str) -> Recipient | None:
        """End a report for one recipient; None where there is none. Whoever holds the signed link may."""
        found = subscriptions.recipient(self._control, recipient_id)
        if found is not None and found.stopped_at is None:
            now = self.rounds.clock()
            subscriptions.change_recipient(self._control, recipient_id, stopped_at=now, stopped_why=why)
            outbox.skip_stopped(self._control, recipient_id, why, now)
        return found

    def pause(self, subscription_id: str) -> None:
        """Let a report rest; what falls due meanwhile is not made up for."""
        found = self._mine(subscription_id)
        subscriptions.change(self._control, found.subscription_id, paused_at=self.rounds.clock())

    def resume(self, subscription_id: str) -> None:
        """Let a report go out again, from now on."""
        found = self._mine(subscription_id)
        subscriptions.change(
            self._control, found.subscription_id, paused_at=None, due_through=self.rounds.clock()
        )

    def delete(self, subscription_id: str) -> None:
        """Take a report away; its ledger stays."""
        found = self._mine(subscription_id)
        subscriptions.change(self._control, found.subscription_id, deleted_at=self.rounds.clock())

    def preview(self, subscription_id: str) -> tuple[Report, Letter]:
        """Build and render a report as it would go out now, with real data."""
        found = self._mine(subscription_id)
        where = {name: tuple(values) for name, values in found.kept.items()}
        order = Order(found.kind, found.site_id, found.period, where, found.query)
        report = build(self._store, order, self.rounds.clock())
        return report, mail.letter(report, self.rounds.frame(found))

    def send(self, subscription_id: str, to: str = "") -> list[Row]:
        """Send a report now, by the same code as the schedule: to one address of its list, or to all.

        Returns:
            Rows of the ledger.

        Raises:
            UsageError: Nobody of that address receives it.
        """
        found = self._mine(subscription_id)
        active = [
            each
            for each in subscriptions.recipients(self._control, found.subscription_id)
            if each.stopped_at is None and (not to or each.address == to)
        ]
        if not active:
            said = f"{to} does not receive this report." if to else "Nobody receives this report."
            raise UsageError(said, "Add a recipient first.")
        run = self.rounds.now(found, active)
        if run is None:
            raise UsageError("It is being sent already.", "The ledger says what became of it.")
        self.rounds.round()
        return self.history(run_id=run.run_id)

    def overdue(self, now: dt.datetime) -> list[Overdue]:
        """List what should have gone out and did not; for the desk itself, so no role is asked."""
        return overdue(self.rounds, now)

    def history(self, subscription_id: str = "", limit: int = 50, run_id: str = "") -> list[Row]:
        """List the ledger, the latest first: a row a delivery, and one for a run without any."""
        known = {
            each.subscription_id: each
            for each in subscriptions.listed(self._control)
            if _may(each.site_id) and subscription_id in {"", each.subscription_id}
        }
        rows: list[Row] = []
        for run in outbox.runs(self._control, list(known), limit, run_id):
            found = outbox.deliveries(self._control, run.run_id)
            some: list[Delivery | None] = [*found] or [None]
            rows += [self._entry(known[run.subscription_id], run, each) for each in some]
        return rows

    def sent(self, copy_id: str) -> tuple[Report, Letter]:
        """Open a report as it was sent.

        Raises:
            UsageError: There is none of that id.
        """
        copy = outbox.copy(self._control, copy_id)
        found = outbox.runs(self._control, limit=1, run_id=copy.run_id) if copy else []
        if copy is None or not found:
            raise UsageError("No report of that id was sent.")
        subscription = self._mine(found[0].subscription_id)
        report = opened(copy)
        return report, mail.letter(report, self.rounds.frame(subscription, copy_id))

    def since(self, copy_id: str) -> list[Row]:
        """Say how the figures of a sent report have changed since: late data, corrections."""
        before, _ = self.sent(copy_id)
        copy = outbox.copy(self._control, copy_id)
        kept = {name: tuple(values) for name, values in copy.kept.items()} if copy else {}
        period = f"{before.first}..{before.last}"
        after = build(self._store, Order(before.kind, before.site_id, period, kept), self.rounds.clock())
        now = {each.metric: each for each in after.numbers()}
        return [
            {
                "metric": each.label,
                "sent": each.said,
                "now": now[each.metric].said if each.metric in now else wording.NONE,
                "change": wording.difference(
                    now[each.metric].value if each.metric in now else None, each.value
                ),
            }
            for each in before.numbers()
        ]

    def _row(self, found: Subscription) -> Row:
        known = schedule.read(found.schedule, found.zone, found.holidays) if found.schedule else None
        due = schedule.next_due(known, self.rounds.clock()) if known and not found.paused_at else None
        last = outbox.runs(self._control, [found.subscription_id], limit=1)
        to = [
            each
            for each in subscriptions.recipients(self._control, found.subscription_id)
            if each.stopped_at is None
        ]
        return {
            "id": found.subscription_id,
            "name": found.name,
            "kind": KINDS[found.kind].title if found.kind in KINDS else found.kind,
            "site": found.site_id,
            "schedule": f"{known.words}, {known.zone}" if known else "by hand",
            "period": PERIODS.get(found.period, found.period),
            "recipients": [each.address for each in to],
            "next": local_time(due, found.zone).strftime("%Y-%m-%d %H:%M") if due else None,
            "is_paused": found.paused_at is not None,
            "last": last[0].state if last else None,
            "last_why": last[0].why if last else "",
        }

    def _entry(self, found: Subscription, run: Run, delivery: Delivery | None) -> Row:
        def at(instant: dt.datetime | None) -> str | None:
            return local_time(instant, found.zone).strftime("%Y-%m-%d %H:%M") if instant else None

        return {
            "report": found.name,
            "due": at(run.due_at),
            "by_hand": run.is_test,
            "to": delivery.address if delivery else "",
            "state": delivery.state if delivery else run.state,
            "why": (delivery.why if delivery else "") or run.why,
            "tries": delivery.tries if delivery else 0,
            "sent": at(delivery.sent_at) if delivery else None,
            "took_ms": run.took_ms,
            "copy": delivery.copy_id if delivery else None,
        }

    def _mine(self, subscription_id: str) -> Subscription:
        found = subscriptions.one(self._control, subscription_id)
        require(Role.EDITOR, found.site_id)
        return found

    def _check_domain(self, address: str) -> None:
        allowed = self.rounds.settings().domains
        domain = address.rpartition("@")[2]
        if allowed and domain not in {each.lower() for each in allowed}:
            raise UsageError(
                f"Reports are not sent to {domain}.",
                "The setting mail.domains names where they may go.",
            )


def _may(site_id: str) -> bool:
    return current().may(Role.EDITOR, site_id)
