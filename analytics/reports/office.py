"""The office of reports: what the page, the commands and the API do with subscriptions, in one place.

Every question needs the role of an editor on the site, which the desk itself has on all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from analytics import wording
from analytics.control import outbox, people, subscriptions, views
from analytics.control.identity import Role, current, require, require_scope
from analytics.control.outbox import Delivery, Run
from analytics.control.subscriptions import ALERT, WAYS, Recipient, Subscription
from analytics.errors import UsageError, did_you_mean
from analytics.language import LANGUAGES, N_, _, speaking
from analytics.periods import local_day, local_time
from analytics.queries import library
from analytics.reports import differences, mail, schedule
from analytics.reports.build.asked import PERIODS, filter_of, filter_said, period_of
from analytics.reports.build.kinds import KINDS, kind
from analytics.reports.build.view import is_sent, opened_page
from analytics.reports.differences import Difference
from analytics.reports.mail import Letter, one_line
from analytics.reports.overdue import Overdue, overdue
from analytics.reports.report import Report
from analytics.reports.send import asking, chats, letters, outward
from analytics.reports.send.faults import SendError
from analytics.reports.send.handing import opened
from analytics.reports.send.rounds import Rounds
from analytics.reports.send.smtp import Postman
from analytics.sql import scheduled
from analytics.store import sites

SCOPE = "reports"
FORMATS = ("pdf", "xlsx", "csv")
BY_HAND = N_("by hand")
ASKED_AGAIN = dt.timedelta(hours=1)  # nobody is asked more often whether they want a report
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
        return [self._row(each) for each in found if each.kind != ALERT]

    def is_open(self) -> bool:
        """Tell whether whoever asks may see the reports of any site."""
        return any(_may(each.site_id) for each in sites.sites(self._store))

    def has(self, subscription_id: str) -> bool:
        """Tell whether there is such a report, whoever asks."""
        return any(each.subscription_id == subscription_id for each in subscriptions.listed(self._control))

    def row(self, subscription_id: str) -> Row:
        """Give a report as the list shows it."""
        return self._row(self._mine(subscription_id))

    def one(self, subscription_id: str) -> Subscription:
        """Give a report as it was set up.

        Raises:
            TearsheetError: There is none, or who asks may not see it.
        """
        return self._mine(subscription_id)

    def add(
        self, name: str, kind_name: str, *, site: str = "", is_paused: bool = False, **values: Any
    ) -> Row:
        """Make a report; what is left out is its kind's own. `draft` says what `values` are.

        Raises:
            TearsheetError: A value is none; the sentence says which.
        """
        made = self.draft(name, kind_name, site=site, **values)
        if is_paused:
            made = replace(made, paused_at=made.made_at)
        return self._row(subscriptions.add(self._control, made))

    def change(self, subscription_id: str, name: str, kind_name: str, **values: Any) -> Row:
        """Set up a report anew: what it is, when it goes out. Its recipients and its ledger stay.

        Raises:
            TearsheetError: A value is none; the sentence says which.
        """
        found = self._mine(subscription_id)
        made = self.draft(name, kind_name, site=found.site_id, **values)
        kept = (
            "name",
            "kind",
            "period",
            "schedule",
            "zone",
            "holidays",
            "kept",
            "query",
            "formats",
            "blocks",
            "language",
        )
        changed = {each: getattr(made, each) for each in kept}
        # Another time of day begins now: what would have been due by it earlier is not made up for.
        if (found.schedule, found.zone) != (made.schedule, made.zone):
            changed["due_through"] = self.rounds.clock()
        subscriptions.change(self._control, subscription_id, **changed)
        return self._row(subscriptions.one(self._control, subscription_id))

    def edit(self, subscription_id: str, **values: Any) -> Row:
        """Change some of what a report is, and leave the rest; `draft` says what `values` are.

        Raises:
            TearsheetError: A value is none; the sentence says which.
        """
        found = self._mine(subscription_id)
        stands: dict[str, Any] = {
            "name": found.name,
            "when": found.schedule or BY_HAND,
            "zone": found.zone,
            "period": found.period,
            "holidays": found.holidays,
            "where": found.kept,
            "query": found.query,
            "formats": found.formats,
            "blocks": found.blocks,
            "language": found.language,
        }
        return self.change(subscription_id, kind_name=found.kind, **stands | values)

    def draft(
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
        query: str = "",
        formats: Sequence[str] = (),
        blocks: Sequence[str] = (),
        language: str = "",
    ) -> Subscription:
        """Check what a report is to be, and give it as it would be kept.

        Args:
            name: What it is called; empty: as its kind, or its query or view.
            kind_name: Of KINDS.
            site: Its site; empty: the first.
            period: Of PERIODS, or as in an address; empty: the kind's own.
            when: The schedule; empty: the kind's own; "by hand": never by itself.
            zone: IANA zone of the schedule; empty: the site's.
            holidays: When it rests, as `schedule.read` has it.
            where: Filter.
            query: Id of the saved query or view, for these two kinds.
            formats: What is attached.
            blocks: What it holds below its numbers, of those of its kind; none named: all.
            language: Of LANGUAGES, in which it goes out; empty: the newsroom's.

        Raises:
            TearsheetError: A value is none; the sentence says which.
        """
        where_site = sites.site(self._store, site or None)
        identity = _require(where_site.site_id)
        known, now = kind(kind_name), self.rounds.clock()
        text = (
            ""
            if when.strip().lower() in {BY_HAND, _(BY_HAND)}
            else schedule.in_english(when) or known.schedule
        )
        read = schedule.read(text or known.schedule, zone or where_site.zone, holidays)
        if read.ages and kind_name != "author":
            raise UsageError(
                _("The report “{title}” does not follow single pieces.", title=_(known.title)),
                _("Only the author's tear sheet goes out {words}.", words=read.words),
            )
        if wanted := period or known.period:
            period_of(wanted, local_day(now, where_site.zone), where_site.zone)
        for each in formats:
            if each not in FORMATS:
                raise UsageError(_("There is no format {each!r}.", each=each), did_you_mean(each, FORMATS))
        for each in blocks:
            if each not in known.blocks:
                raise UsageError(
                    _("The report “{title}” has no block {block!r}.", title=_(known.title), block=each[:40]),
                    did_you_mean(each, known.blocks)
                    or _("It has {parts}.", parts=", ".join(known.blocks) or _("none")),
                )
        if language and language not in LANGUAGES:
            raise UsageError(
                _("There is no language {language!r}.", language=language), did_you_mean(language, LANGUAGES)
            )
        kept = _filter(where)
        if known.needs and not any(kept.get(need) for need in known.needs):
            raise UsageError(
                _(
                    "The report “{title}” needs {needs}.",
                    title=_(known.title),
                    needs=wording.listed(list(known.needs), "or"),
                ),
                _("Name it in the filter."),
            )
        with speaking(self.rounds.speech(where_site.site_id)):  # everybody reads its name, whoever made it
            usual = _(known.title)
        return Subscription(
            site_id=where_site.site_id,
            name=one_line(name, 120) or self._named(known.of, query) or usual,
            kind=kind_name,
            period=period or known.period,
            schedule=text,
            zone=read.zone,
            holidays=[each.strip() for each in holidays if each.strip()],
            kept=kept,
            query=query if known.of else "",
            formats=list(formats) or (["xlsx"] if known.of == "query" else []),
            blocks=[each for each in known.blocks if each in blocks],
            language=language,
            made_at=now,
            made_by=identity.id,
            due_through=now,
        )

    def _named(self, of: str, query: str) -> str:
        """Check that who asks may send a saved query or view around, and name it.

        Raises:
            TearsheetError: None is named, or none that is theirs to send.
        """
        if of and not query:
            raise UsageError(
                _("Which saved query?") if of == "query" else _("Which saved view?"),
                _("Choose one; the page SQL saves it.")
                if of == "query"
                else _("Choose one; the page of each view saves it."),
            )
        if of == "query" and self.rounds.asking:
            return scheduled.chosen(self.rounds.asking, current(), query).name
        if of == "view":
            found = views.one(self._control, query)
            if not (found.is_own or found.is_shared or current().kind == "command"):
                raise UsageError(_("The saved view is gone."), _("Choose another."))
            opened_page(found.address)
            return found.name
        return ""

    def choices(self, of: str) -> list[tuple[str, str]]:
        """List the saved queries or views of which who asks may make a report: id and name."""
        who = current()
        if of == "query":
            asking = self.rounds.asking
            return [(each.query_id, each.name) for each in scheduled.choices(asking, who)] if asking else []
        mine = [each.site_id for each in sites.sites(self._store) if _may(each.site_id)]
        return [
            (each.view_id, each.name) for each in views.listed(self._control, mine) if is_sent(each.address)
        ]

    def ready_made(self, site: str, address: str, kinds: Sequence[str] = READY) -> list[Row]:
        """Make reports that most newsrooms want, for one address; empty: of whoever asks."""
        to = address or self.own_address()
        letters.address(to)  # before anything is made for it
        made = [self.add(_(KINDS[each].title), each, site=site) for each in kinds]
        for row in made:
            self.add_recipient(row["id"], "mail", to)
        return made

    def own_address(self) -> str:
        """Give the mail address by which who asks signed in; empty where that was none."""
        identity = current()
        found = people.find(self._control, person_id=identity.id) if identity.kind == "person" else None
        return found.login if found and "@" in found.login else ""

    def recipients(self, subscription_id: str) -> list[Row]:
        """List who receives a report now: id, way, address (masked), name, filter in words."""
        found = self._mine(subscription_id)
        return [
            {
                "id": each.recipient_id,
                "way": each.way,
                "address": each.address,
                "name": each.name,
                "where": filter_said(each.kept),
                "is_confirmed": each.confirmed_at is not None,
            }
            for each in self._all(found)
            if each.stopped_at is None
        ]

    def add_recipient(
        self,
        subscription_id: str,
        way: str,
        address: str,
        name: str = "",
        where: Mapping[str, Sequence[str]] | None = None,
    ) -> str:
        """Let somebody receive a report.

        Returns:
            What they must do first, in words; empty where it goes out from now on.

        Raises:
            TearsheetError: The address is none of its way, or not one that is allowed.
        """
        return self.receive(self._mine(subscription_id), way, address, name, where)

    def receive(
        self,
        found: Subscription,
        way: str,
        address: str,
        name: str = "",
        where: Mapping[str, Sequence[str]] | None = None,
    ) -> str:
        """Do as `add_recipient` does; whether they may was asked already, as alerts do."""
        to = self._recipient(found.subscription_id, way, address, name, _filter(where))
        stopped = [each for each in self._all(found) if each.stopped_at]
        is_back = to.address_key in {each.address_key for each in stopped}  # who stopped it is asked again
        same = [] if is_back else self._same(found, to)
        if any(each.confirmed_at for each in same):
            to = replace(to, confirmed_at=to.confirmed_at or self.rounds.clock())
        made = subscriptions.add_recipient(self._control, to)
        if made.confirmed_at:
            return ""
        if asked_at := _asked_at(same):
            subscriptions.change_recipient(self._control, made.recipient_id, asked_at=asked_at)
            return _(
                "{address} was asked already: one yes holds for the whole site; nothing goes out before.",
                address=made.address,
            )
        return self._ask(found, made)

    def ask_again(self, subscription_id: str, recipient_id: str) -> str:
        """Ask somebody once more whether they want a report; says what came of it.

        Raises:
            UsageError: They need not be asked, or were asked within the hour.
        """
        found = self._mine(subscription_id)
        (to,) = self._receiving(found, recipient_id)
        if to.confirmed_at:
            raise UsageError(_("{address} is confirmed already.", address=to.address))
        asked_at = _asked_at(self._same(found, to))
        if asked_at and self.rounds.clock() - asked_at < ASKED_AGAIN:
            raise UsageError(
                _("{address} was asked within the hour.", address=to.address), _("Give them time to answer.")
            )
        return self._ask(found, to)

    def confirm(self, recipient_id: str) -> Recipient | None:
        """Note that somebody wants the reports of a site at their address; whoever holds the signed link may.

        Returns:
            The recipient; None where there is none any more.
        """
        found = subscriptions.recipient(self._control, recipient_id)
        if found is None or found.stopped_at is not None:
            return None
        about = subscriptions.one(self._control, found.subscription_id)
        for each in self._same(about, found):
            if each.confirmed_at is None:
                now = self.rounds.clock()
                subscriptions.change_recipient(self._control, each.recipient_id, confirmed_at=now)
        return found

    def _all(self, found: Subscription) -> list[Recipient]:
        return subscriptions.recipients(self._control, found.subscription_id)

    def _same(self, found: Subscription, to: Recipient) -> list[Recipient]:
        """List what the address of a recipient by mail gets of the same site: one yes holds for all."""
        return subscriptions.of_address(self._control, found.site_id, to.address_key)

    def _ask(self, found: Subscription, to: Recipient) -> str:
        """Mail somebody that they say yes; a fault leaves them waiting, and is said."""
        settings, now = self.rounds.settings(), self.rounds.clock()
        url, newsroom = self.rounds.yes_url(to.recipient_id), sites.site(self._store, found.site_id).name
        try:
            with speaking(self.rounds.spoken(found)), Postman(settings, self.rounds.tls) as postman:
                asking.ask(settings, postman, to.address, found.name, newsroom, url, now)
        except SendError as fault:
            return _(
                "{address} must confirm, and could not be asked: {reason} Ask again later.",
                address=to.address,
                reason=fault.reason,
            )
        subscriptions.change_recipient(self._control, to.recipient_id, asked_at=now)
        return _(
            "{address} was asked by mail to confirm; nothing goes out to them before.", address=to.address
        )

    def check_address(self, way: str, address: str) -> None:
        """Refuse an address before anything is made for it.

        Raises:
            TearsheetError: It is none of its way, or not one that is allowed.
        """
        self._recipient("", way, address)

    def _recipient(
        self,
        subscription_id: str,
        way: str,
        address: str,
        name: str = "",
        kept: subscriptions.Kept | None = None,
    ) -> Recipient:
        """Check an address, and give the recipient as it would be kept."""
        if way not in WAYS:
            raise UsageError(_("There is no way {way!r}.", way=way), did_you_mean(way, WAYS))
        plain, shown, sealed = address.strip(), "", None
        if way == "mail":
            plain = letters.address(plain).lower()
            self._check_domain(plain)
        elif way == "folder":
            if not plain.replace("-", "").replace("_", "").isalnum() or len(plain) > 60:
                raise UsageError(_("A folder is named with letters, digits and hyphens."))
        else:
            plain = outward.check_webhook(plain) if way == "webhook" else chats.check(plain)
            shown, sealed = outward.masked(plain), self.rounds.keys.seal(plain)
        return Recipient(
            subscription_id=subscription_id,
            way=way,
            address=shown or plain,
            address_key=self.rounds.keys.key_of(plain),
            sealed=sealed,
            name=one_line(name, 200),
            kept=kept or {},
            confirmed_at=self.rounds.clock() if way != "mail" or self._is_vouched(plain) else None,
        )

    def remove_recipient(self, subscription_id: str, address: str) -> None:
        """Send a report no more to an address, or to the recipient of an id.

        Raises:
            UsageError: It does not receive it.
        """
        found = self._mine(subscription_id)
        for each in self._all(found):
            if address in {each.address, each.recipient_id} and each.stopped_at is None:
                self.stop(each.recipient_id, _("Taken off by {name}.", name=current().name or _("an editor")))
                return
        raise UsageError(_("{address} does not receive this report.", address=address))

    def received(self, recipient_id: str | None) -> Subscription | None:
        """Give what a recipient receives, a report or an alert; None where there is no such recipient."""
        found = subscriptions.recipient(self._control, recipient_id) if recipient_id else None
        return subscriptions.one(self._control, found.subscription_id) if found else None

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

    def preview(self, subscription_id: str, to: str = "") -> tuple[Report, Letter]:
        """Build and render a report as it would go out now, with real data.

        Args:
            subscription_id: The report.
            to: Address or id of a recipient, whose own filter then holds.

        Raises:
            TearsheetError: It cannot be built.
        """
        found = self._mine(subscription_id)
        own: subscriptions.Kept = {}
        if to:
            own = self._receiving(found, to)[0].kept
        return self.shown(found, {**found.kept, **own})

    def shown(self, found: Subscription, kept: subscriptions.Kept | None = None) -> tuple[Report, Letter]:
        """Build and render what a subscription is, kept or not."""
        report = self.rounds.build(found, kept if kept is not None else found.kept)
        return report, mail.letter(report, self.rounds.frame(found))

    def send(self, subscription_id: str, to: str = "") -> list[Row]:
        """Send a report now, by the same code as the schedule: to one address of its list, or to all.

        Returns:
            Rows of the ledger.

        Raises:
            UsageError: Nobody of that address receives it.
        """
        found = self._mine(subscription_id)
        return self._send(found, self._receiving(found, to))

    def test(self, subscription_id: str, to: str = "") -> list[Row]:
        """Send a report now to whoever asks, or to another address, who need not receive it.

        Returns:
            Rows of the ledger.

        Raises:
            UsageError: There is no address to send it to.
        """
        found = self._mine(subscription_id)
        address = to or self.own_address()
        if not address:
            raise UsageError(_("Who asks has no mail address here."), _("Write one beside the button."))
        # One mail that an editor asks for now needs no consent.
        tester = replace(
            self._recipient(found.subscription_id, "mail", address), confirmed_at=self.rounds.clock()
        )
        return self._send(found, [subscriptions.tester(self._control, tester, self.rounds.clock())])

    def _send(self, found: Subscription, to: list[Recipient]) -> list[Row]:
        run = self.rounds.now(found, to)
        if run is None:
            raise UsageError(_("It is being sent already."), _("The ledger says what became of it."))
        self.rounds.round()
        return self.history(run_id=run.run_id)

    def _receiving(self, found: Subscription, to: str = "") -> list[Recipient]:
        active = [
            each
            for each in self._all(found)
            if each.stopped_at is None and to in {"", each.address, each.recipient_id}
        ]
        if not active:
            said = _("{to} does not receive this report.", to=to) if to else _("Nobody receives this report.")
            raise UsageError(said, _("Add a recipient first."))
        return active

    def retry(self, delivery_id: str) -> Row:
        """Try a failed delivery again, now: also one that may have arrived.

        Raises:
            UsageError: There is none of that id that failed.
        """
        found = outbox.delivery(self._control, delivery_id)
        if found is None or found.state != "failed":
            raise UsageError(_("There is no failed delivery of that id."), _("The ledger names them."))
        self._mine(found.subscription_id)
        outbox.again(self._control, found, self.rounds.clock())
        self.rounds.round()
        return next(row for row in self.history(run_id=found.run_id) if row["id"] == delivery_id)

    def overdue(self, now: dt.datetime) -> list[Overdue]:
        """List what should have gone out and did not; for the desk itself, so no role is asked."""
        return overdue(self.rounds, now)

    def history(self, subscription_id: str = "", limit: int = 50, run_id: str = "") -> list[Row]:
        """List the ledger, the latest first: a row a delivery, and one for a run without any."""
        known = {
            each.subscription_id: each
            for each in subscriptions.listed(self._control)
            if _may(each.site_id)
            and (subscription_id == each.subscription_id or (not subscription_id and each.kind != ALERT))
        }
        rows: list[Row] = []
        for run in outbox.runs(self._control, list(known), limit, run_id):
            found = outbox.deliveries(self._control, run.run_id)
            some: list[Delivery | None] = [*found] or [None]
            rows += [self._entry(known[run.subscription_id], run, each) for each in some]
        return rows

    def sent_of(
        self, kind: str, site_id: str, first: dt.date, last: dt.date
    ) -> list[tuple[str, dt.datetime]]:
        """List what was sent of a kind about the days `first` to `last` of a site, the latest first.

        Returns:
            Id of the stored copy, and when it was sent (naive UTC); empty for who is no editor.
        """
        known = [
            each.subscription_id
            for each in subscriptions.listed(self._control)
            if each.kind == kind and each.site_id == site_id and _may(site_id)
        ]
        found = {
            each.copy_id: each.sent_at
            for run in outbox.runs(self._control, known, 400)
            if (run.first_day, run.last_day) == (first, last) and not run.is_test
            for each in outbox.deliveries(self._control, run.run_id)
            if each.copy_id and each.sent_at
        }
        return sorted(found.items(), key=lambda each: each[1], reverse=True)

    def sent(self, copy_id: str) -> tuple[Report, Letter]:
        """Open a report as it was sent.

        Raises:
            UsageError: There is none of that id.
        """
        copy = outbox.copy(self._control, copy_id)
        found = outbox.runs(self._control, limit=1, run_id=copy.run_id) if copy else []
        if copy is None or not found:
            raise UsageError(_("No report of that id was sent."))
        subscription = self._mine(found[0].subscription_id)
        report = opened(copy)
        return report, mail.letter(report, self.rounds.frame(subscription, copy_id))

    def since(self, copy_id: str) -> tuple[Report, list[Difference]]:
        """Build a sent report anew, and say row by row what differs: late data, corrections.

        Returns:
            The report as it was sent, and what is different now.
        """
        copy = outbox.copy(self._control, copy_id)
        before, _letter = self.sent(copy_id)
        run = outbox.runs(self._control, limit=1, run_id=copy.run_id if copy else "")[0]
        subscription = subscriptions.one(self._control, run.subscription_id)
        kept = copy.kept if copy else {}
        if before.article_id:
            after = self.rounds.build(subscription, kept, of=(before.article_id, before.age))
        else:
            after = self.rounds.build(subscription, kept, period=f"{before.first}..{before.last}")
        return before, differences.between(before, after)

    def _row(self, found: Subscription) -> Row:
        known = schedule.read(found.schedule, found.zone, found.holidays) if found.schedule else None
        due = self.rounds.next_due(found, known) if known and not found.paused_at else None
        last = outbox.runs(self._control, [found.subscription_id], limit=1)
        to = [each for each in self._all(found) if each.stopped_at is None]
        return {
            "id": found.subscription_id,
            "name": found.name,
            "kind": _(KINDS[found.kind].title) if found.kind in KINDS else found.kind,
            "site": found.site_id,
            "schedule": f"{known.words}, {known.zone}" if known else _(BY_HAND),
            "period": _("from publication on")
            if known and known.ages
            else _(PERIODS[found.period])
            if found.period in PERIODS
            else found.period or _("the days of the view"),
            "where": filter_said(found.kept),
            "formats": list(found.formats),
            "blocks": list(found.blocks),
            "language": found.language,
            "holidays": list(found.holidays),
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
            "id": delivery.delivery_id if delivery else "",
            "run": run.run_id,
            "report": found.name,
            "about": self._about(found, run, delivery),
            "way": delivery.way if delivery else "",
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

    def _about(self, found: Subscription, run: Run, delivery: Delivery | None) -> str:
        """Say which piece a run is about, and its age; empty of days.

        A run by hand is about the last piece of each recipient's own filter: only what was sent names it.
        """
        article_id, age = run.article_id, run.age
        by_hand = run.is_test and found.kind == "author" and delivery and delivery.copy_id
        if copy := outbox.copy(self._control, by_hand) if by_hand else None:
            report = opened(copy)
            article_id, age = report.article_id, report.age
        if not article_id:
            return ""
        (title,) = library.describe(self._store, found.site_id, "article", [article_id])["title"]
        return _("“{title}” after {age}", title=title or article_id, age=_(schedule.AGES[age]))

    def _mine(self, subscription_id: str) -> Subscription:
        found = subscriptions.one(self._control, subscription_id)
        _require(found.site_id)
        return found

    def _is_vouched(self, address: str) -> bool:
        """Say whether nobody has to confirm an address.

        So where it is somebody's login, of a domain that the operator has named, or named by the operator at
        the machine itself; and where no letter leaves the house, or no link could lead back to it.
        """
        settings = self.rounds.settings()
        return (
            not settings.confirm
            or bool(settings.domains)  # others were refused just now
            or current().kind == "command"
            or not settings.host
            or not self.rounds.address()
            or people.find(self._control, login=address) is not None
        )

    def _check_domain(self, address: str) -> None:
        allowed = self.rounds.settings().domains
        domain = address.rpartition("@")[2]
        if allowed and domain not in {each.lower() for each in allowed}:
            raise UsageError(
                _("Reports are not sent to {domain}.", domain=domain),
                _("The setting mail.domains names where they may go."),
            )


def _may(site_id: str) -> bool:
    who = current()
    return who.opens(SCOPE, site_id) if who.kind == "key" else who.may(Role.EDITOR, site_id)


def _require(site_id: str) -> Any:
    """Refuse who is no editor of a site, and keys without the scope of reports."""
    return require_scope(SCOPE, site_id) if current().kind == "key" else require(Role.EDITOR, site_id)


def _asked_at(same: Sequence[Recipient]) -> dt.datetime | None:
    """Say when an address was asked last; None where it was not."""
    return max((each.asked_at for each in same if each.asked_at), default=None)


def _filter(where: Mapping[str, Sequence[str]] | None) -> dict[str, list[str]]:
    """Check a filter by reading it as it is written."""
    return filter_of(filter_said(where or {}))
