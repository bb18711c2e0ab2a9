"""The rounds of the desk: plan what is due, build it once for each filter, hand it over, settle the ledger.

A round may die anywhere. What it had planned is in the outbox, what it had handed over is marked before the
last byte left, and the next round goes on from there.
"""

from __future__ import annotations

import datetime as dt
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import structlog

from analytics import language
from analytics.config import Mail
from analytics.control import outbox, subscriptions, views
from analytics.control.database import Control
from analytics.control.outbox import Copy, Run
from analytics.control.queries import Saved
from analytics.control.subscriptions import Recipient, Subscription
from analytics.errors import TearsheetError, UsageError
from analytics.language import Speech, _, speaking
from analytics.periods import local_day
from analytics.reports import pieces, schedule
from analytics.reports.build.asked import Order
from analytics.reports.build.kinds import KINDS, build
from analytics.reports.mail import Frame, one_line
from analytics.reports.pieces import Piece
from analytics.reports.report import Report, pack
from analytics.reports.schedule import Schedule
from analytics.reports.send import outward
from analytics.reports.send.handing import Handing
from analytics.reports.send.tokens import Keys
from analytics.sql import scheduled
from analytics.sql.ask import Answer, Asking
from analytics.sql.jobs import Value
from analytics.store.store import Store

DATA_WAIT = dt.timedelta(minutes=60)  # for late data; then it goes out and says what is missing
BUILD_TRIES = dt.timedelta(minutes=15)  # a run that cannot be built is given up after
MOST_RESTS = 7  # holidays that a desk which was off for long writes down

log = structlog.get_logger()
Clock = Callable[[], dt.datetime]


def never(_step: str) -> None:
    """Do nothing at a step; tests die here instead."""


@dataclass(slots=True)
class Rounds:
    """What a round needs.

    Attributes:
        control: The control database.
        store: The store.
        home: Folder of the home.
        settings: Gives the mail settings of now.
        address: Gives the address of the screens, without a slash at its end; empty: mails bear no links.
        clock: Gives now, naive UTC.
        step: Called between the steps, with their names.
        resolve: Finds the addresses of a webhook's host; the system's by default.
        tls: Which certificates of mail servers are trusted; the system's by default.
        asking: Runs saved queries for their owners; None where nobody does.
        speech: In which language the reports of a site speak; English by default.
        ended: Told the outcome of every run that is over, for monitors.
        began_at: Since when this process can have sent anything, naive UTC.
        went_at: When it last planned what was due, naive UTC; its begin until then.
    """

    control: Control
    store: Store
    home: Path
    settings: Callable[[], Mail]
    address: Callable[[], str]
    clock: Clock
    step: Callable[[str], None] = never
    resolve: outward.Resolve | None = None
    tls: ssl.SSLContext | None = None
    asking: Asking | None = None
    speech: Callable[[str], Speech] = field(default=lambda _site_id: language.speech())
    ended: Callable[[str], object] = lambda _outcome: None
    began_at: dt.datetime = field(init=False)
    went_at: dt.datetime = field(init=False)
    _keys: Keys = field(init=False)
    _alone: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Read the secret that links are signed with."""
        self._keys = Keys(self.home)
        self.began_at = self.went_at = self.clock()

    def spoken(self, subscription: Subscription) -> Speech:
        """How a report speaks to who receives it: in its own language, else in that of its newsroom."""
        newsroom = self.speech(subscription.site_id)
        return language.speech(subscription.language or newsroom.language, newsroom.locale)

    def recover(self) -> int:
        """Settle what a dead process left in doubt; once, before the first round."""
        return outbox.recover(self.control, self.clock())

    def round(self) -> int:
        """Do what is due now.

        Returns:
            How many deliveries were settled or tried.
        """
        with self._alone:  # the waker, a command and a button may come together
            now = self.clock()
            for each in subscriptions.listed(self.control):
                with speaking(self.speech(each.site_id)):
                    self._plan(each, now)
            self.went_at = now
            return sum(self._work(run) for run in outbox.undone(self.control))

    def now(self, subscription: Subscription, to: list[Recipient]) -> Run | None:
        """Plan a report by hand, to be worked on by the next round; tests and "send now" come this way."""
        now = self.clock()
        return outbox.plan(self.control, subscription, now, to, now, is_test=True)

    def _plan(self, subscription: Subscription, now: dt.datetime) -> None:
        """Plan the latest occasion that has come since the last one planned; earlier ones are missed."""
        if subscription.paused_at or not subscription.schedule:
            return
        try:
            known = schedule.read(subscription.schedule, subscription.zone, subscription.holidays)
        except TearsheetError as refusal:
            log.warning("schedule unreadable", report=subscription.subscription_id, reason=str(refusal))
            return
        if known.ages:
            self._plan_pieces(subscription, known, now)
            return
        due = schedule.due_between(known, subscription.due_through, now)
        rests = schedule.rests_between(known, subscription.due_through, now)
        for at, holiday in rests[-MOST_RESTS:]:
            outbox.plan(
                self.control, subscription, at, [], now, rests=_("Rests: {holiday}.", holiday=holiday)
            )
        if not due:
            if rests:
                subscriptions.change(self.control, subscription.subscription_id, due_through=rests[-1][0])
            return
        self.step("planning")
        to = self._receiving(subscription)
        outbox.plan(self.control, subscription, due[-1], to, now, missed=len(due) - 1)
        self.step("planned")
        # After the run: killed in between, the same occasion is planned again, and is there already.
        through = max([*due[-1:], *(at for at, _holiday in rests)])
        subscriptions.change(self.control, subscription.subscription_id, due_through=through)
        self.step("advanced")

    def _plan_pieces(self, subscription: Subscription, known: Schedule, now: dt.datetime) -> None:
        """Plan a mail about each piece that has come of age, also one that the catalogue learned of late."""
        too_late = now - pieces.MADE_UP
        for (piece, missed), to in self.pieces_due(subscription, known, now).items():
            holiday = known.holiday(local_day(piece.due_at, known.zone))
            rests = _("Rests: {holiday}.", holiday=holiday) if holiday else ""
            if piece.due_at <= too_late:
                rests = _("It was due more than a week ago, and is not made up for.")
            self.step("planning")
            outbox.plan(
                self.control,
                subscription,
                piece.due_at,
                to,
                now,
                missed=missed,
                rests=rests,
                about=(piece.article_id, piece.age),
            )
            self.step("planned")
        if subscription.due_through < too_late - dt.timedelta(days=1):  # a write a day, not one a round
            subscriptions.change(self.control, subscription.subscription_id, due_through=too_late)

    def pieces_due(
        self, subscription: Subscription, known: Schedule, now: dt.datetime
    ) -> dict[tuple[Piece, int], list[Recipient]]:
        """List the pieces of age that were not told: each with how many ages it stands for -> to whom."""
        told = outbox.told(self.control, subscription.subscription_id)
        site, since = subscription.site_id, subscription.due_through
        those = self._receiving(subscription)
        filters = [{**subscription.kept, **each.kept} for each in those] or [{**subscription.kept}]
        to: dict[Piece, list[Recipient]] = {}
        for number, kept in enumerate(filters):
            for piece in pieces.between(self.store, site, kept, known.ages, since, now):
                to.setdefault(piece, []).extend(those[number : number + 1])
        return {each: to[each[0]] for each in pieces.untold(self.store, site, list(to), told)}

    def next_due(self, subscription: Subscription, known: Schedule) -> dt.datetime | None:
        """Find when a report is due next, naive UTC; None where that is not known yet."""
        now = self.clock()
        if not known.ages:
            return schedule.next_due(known, now)
        site, kept, until = subscription.site_id, subscription.kept, now + pieces.longest(known.ages)
        # What is not out yet may still be moved.
        found = pieces.between(self.store, site, kept, known.ages, now, until)
        return found[0].due_at if found else None

    def _receiving(self, subscription: Subscription) -> list[Recipient]:
        found = subscriptions.recipients(self.control, subscription.subscription_id)
        return [each for each in found if each.stopped_at is None]

    def _work(self, run: Run) -> int:
        subscription = subscriptions.one(self.control, run.subscription_id)
        with speaking(self.spoken(subscription)):
            return self._worked(run, subscription)

    def _worked(self, run: Run, subscription: Subscription) -> int:
        if run.state == "planned" and not self._built(run, subscription):
            return 0
        done = 0
        waiting = outbox.waiting(self.control, run.run_id, self.clock())
        if waiting:
            done = Handing(self, run, subscription).all(waiting)
        state = self._finish(run)
        if done:
            log.info("reports sent", report=subscription.subscription_id, tried=done, state=state)
        return done

    def _finish(self, run: Run) -> str:
        """Close a run of which nothing waits any more; gives its state."""
        state = outbox.finish(self.control, run.run_id, self.clock())
        if state != "sending":
            self.ended(state)
        return state

    def _built(self, run: Run, subscription: Subscription) -> bool:
        """Build a run once for each filter; say whether there is something to hand over."""
        began, now = time.perf_counter(), self.clock()
        try:
            made = self._reports(run, subscription)
        except TearsheetError as refusal:
            self._not_built(run, str(refusal), is_lasting=True)
            return False
        except Exception as fault:
            log.exception("report not built", report=subscription.subscription_id)
            self._not_built(run, _("It could not be built: {fault}.", fault=fault), is_lasting=False)
            return False
        reports = [report for report, _copy in made.values()]
        if (
            not run.is_test
            and not all(report.is_whole for report in reports)
            and now - run.due_at < DATA_WAIT
        ):
            outbox.change_run(self.control, run.run_id, why=_("Waits for the data of these days."))
            return False
        self.step("built")
        idle = {key: report.nothing for key, (report, _) in made.items() if _is_left_out(report)}
        sent = {key: copy for key, (_, copy) in made.items() if key not in idle}
        for each in outbox.deliveries(self.control, run.run_id):
            if each.state == "planned" and each.recipient_id in idle:
                outbox.settle(
                    self.control, each.delivery_id, now, state="skipped", why=idle[each.recipient_id]
                )
        first = reports[0]
        values = {
            "state": "sending",
            "why": run.why if outbox.is_of_missed(run.why) else "",
            "built_at": now,
            "first_day": first.first,
            "last_day": first.last,
            "took_ms": round((time.perf_counter() - began) * 1000),
        }
        outbox.keep(self.control, run, sent, values)
        self.step("kept")
        return True

    def _reports(self, run: Run, subscription: Subscription) -> dict[str, tuple[Report, Copy]]:
        """Build what each recipient gets: recipient -> report and copy; equal filters share one."""
        by_filter: dict[str, tuple[Report, Copy]] = {}
        found = {}
        known = {
            each.recipient_id: each
            for each in subscriptions.recipients(self.control, subscription.subscription_id)
        }
        for each in outbox.deliveries(self.control, run.run_id):
            own = known[each.recipient_id].kept if each.recipient_id in known else {}
            kept = {**subscription.kept, **own}
            key = repr(sorted((name, sorted(values)) for name, values in kept.items()))
            if key not in by_filter:
                by_filter[key] = self._report(run, subscription, kept, len(by_filter))
            found[each.recipient_id] = by_filter[key]
        return found

    def _report(
        self, run: Run, subscription: Subscription, kept: subscriptions.Kept, number: int
    ) -> tuple[Report, Copy]:
        # A late run still is about the days that were due: what is "yesterday" is decided by the occasion.
        of = (run.article_id, run.age) if run.article_id else None
        report = self.build(subscription, kept, about=run.due_at, of=of)
        copy = Copy(
            copy_id=f"c{run.run_id[1:]}{number}",
            run_id=run.run_id,
            kept={name: list(values) for name, values in kept.items()},
            subject=one_line(report.subject),
            as_of=report.as_of,
            body=zlib.compress(pack(report)),
        )
        return report, copy

    def build(
        self,
        subscription: Subscription,
        kept: subscriptions.Kept,
        *,
        about: dt.datetime | None = None,
        period: str = "",
        of: tuple[str, str] | None = None,
    ) -> Report:
        """Build a report as of now, for what a filter keeps.

        Args:
            subscription: The report.
            kept: The filter.
            about: The instant whose "yesterday" is meant; now by default.
            period: Other days than its own.
            of: The piece and the age that it is about; where it follows publications, the last by default.

        Raises:
            TearsheetError: It asks for something that does not exist any more.
        """
        query, name = subscription.query, subscription.name
        if KINDS[subscription.kind].of == "view":
            found = views.one(self.control, query)
            query, name = found.address, found.name
        if not of and not period:
            of = self._last_piece(subscription, kept, about or self.clock())
        where = {each: tuple(values) for each, values in kept.items()}
        order = Order(
            subscription.kind,
            subscription.site_id,
            period or subscription.period,
            where,
            query,
            name,
            tuple(subscription.blocks),
            *(of or ()),
        )
        with speaking(self.spoken(subscription)):
            return build(self.store, order, self.clock(), about=about, run=self._run)

    def _last_piece(
        self, subscription: Subscription, kept: subscriptions.Kept, at: dt.datetime
    ) -> tuple[str, str] | None:
        """Find what a report that follows publications would be about; None where it follows none.

        Raises:
            UsageError: No piece is old enough.
        """
        known = schedule.read(subscription.schedule, subscription.zone) if subscription.schedule else None
        if known is None or not known.ages:
            return None
        since = at - pieces.LATEST
        found = pieces.between(self.store, subscription.site_id, kept, known.ages, since, at)
        if not found:
            raise UsageError(
                _("No piece of the last 90 days is old enough to be told of."),
                _("It goes out {words}.", words=known.words),
            )
        return found[-1].article_id, found[-1].age

    def _run(self, query_id: str, site: str, parameters: Mapping[str, Value]) -> tuple[Saved, Answer]:
        """Run a saved query for its owner; all rows, for they are attached."""
        if self.asking is None:
            raise UsageError(_("Nothing here runs saved queries."), _("Start the desk: tearsheet serve."))
        return scheduled.run(self.asking, query_id, "report", site=site, parameters=parameters, for_file=True)

    def _not_built(self, run: Run, why: str, *, is_lasting: bool) -> None:
        now = self.clock()
        if not is_lasting and now - max(run.planned_at, run.due_at) < BUILD_TRIES:
            outbox.change_run(self.control, run.run_id, why=why)
            return
        for each in outbox.deliveries(self.control, run.run_id):
            if each.state == "planned":
                outbox.settle(self.control, each.delivery_id, now, state="failed", why=why)
        self._finish(run)

    def frame(self, subscription: Subscription, copy_id: str = "") -> Frame:
        """Make what stands around a report in a letter."""
        address = self.address()
        with speaking(self.spoken(subscription)):
            schedule_said = _schedule_said(subscription)
        if not address:
            return Frame(schedule=schedule_said)
        return Frame(
            open_url=address,
            sent_url=f"{address}/report/sent/{copy_id}" if copy_id else "",
            change_url=f"{address}/{'alerts' if subscription.kind == subscriptions.ALERT else 'reports'}",
            schedule=schedule_said,
        )

    def link(self, report: Report) -> str:
        """Write the address of the page that shows the same as a report; empty where there is no address."""
        address = self.address()
        return f"{address}{report.href}" if address else ""

    def stop_url(self, recipient_id: str) -> str:
        """Write the address by which a recipient stops a report; empty where there is no address."""
        address = self.address()
        return f"{address}/r/stop/{quote(self._keys.token('stop', recipient_id))}" if address else ""

    def yes_url(self, recipient_id: str) -> str:
        """Write the address by which a recipient says that they want a report; empty as above."""
        address = self.address()
        return f"{address}/r/yes/{quote(self._keys.token('yes', recipient_id))}" if address else ""

    @property
    def keys(self) -> Keys:
        """What signs and seals."""
        return self._keys


def _is_left_out(report: Report) -> bool:
    """Say whether nothing is sent: pages.md 5, an author of whom nothing was published or read."""
    return bool(report.nothing) and report.kind == "author"


def _schedule_said(subscription: Subscription) -> str:
    if subscription.kind == subscriptions.ALERT:
        return _("because of the alert “{name}”", name=subscription.name)
    if not subscription.schedule:
        return _("when somebody sends it")
    known = schedule.read(subscription.schedule, subscription.zone)
    return f"{known.words}, {known.zone}"
