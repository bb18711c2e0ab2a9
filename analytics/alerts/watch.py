"""The watch of the desk: reads every rule when its next reading is due, keeps its episodes, tells of them.

It may die anywhere: what was read is kept with how far it was read, in one transaction, and what was told is
named by the instant that it tells of, which the outbox takes only once.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import structlog

from analytics import wording
from analytics.alerts import course, house, look, quiet, tell, words
from analytics.alerts.asked import Answer
from analytics.alerts.kinds import KINDS, LIVE, REPEATS
from analytics.alerts.look import Eyes
from analytics.alerts.spells import Read, Reading, Spell, follow
from analytics.alerts.tell import Told
from analytics.control import alerts, people, subscriptions
from analytics.control.alerts import Episode, Rule
from analytics.control.identity import Role
from analytics.control.subscriptions import Recipient
from analytics.errors import TearsheetError, UsageError
from analytics.language import _, speaking
from analytics.periods import day_begins, local_day, local_time
from analytics.queries import library, watched
from analytics.queries.coverage import SETTLED
from analytics.reports.overdue import Overdue
from analytics.reports.send.rounds import Rounds
from analytics.store import sites
from analytics.store.sites import SiteRow

FARTHEST = dt.timedelta(days=7)  # a desk that was off longer reads no more than this
BY_HOURS = frozenset({"learned", "drop", "level", "change", "rising"})
LAST_WAY = "alerts"  # a folder of the home: what tells of a mail server that is away

log = structlog.get_logger()


@dataclass(slots=True)
class Watch:
    """What the watch needs.

    Attributes:
        rounds: Of reports: they have the outbox and hand over.
        overdue: Lists the reports that did not go out.
        excluded: Gives the articles of a site that no list names.
        troubles: Name and sentence of the desk's work that failed.
        is_behind: Tells whether what came in is not counted yet: then no figure is read.
        backs_up: Whether this desk makes a backup every day.
        ask: Runs a saved query by its id in the name of its owner.
    """

    rounds: Rounds
    overdue: Callable[[dt.datetime], Sequence[Overdue]]
    excluded: Callable[[str], Sequence[str]]
    troubles: Callable[[], Sequence[tuple[str, str]]]
    is_behind: Callable[[], bool]
    backs_up: bool
    ask: Callable[[Rule], Answer]
    _alone: threading.Lock = field(init=False, default_factory=threading.Lock)

    def round(self) -> int:
        """Read what is due, and tell what there is to tell.

        Returns:
            How many rules were read.
        """
        with self._alone:
            now = self.rounds.clock()
            known = {each.site_id: each for each in sites.sites(self.rounds.store)}
            rules = [each for each in alerts.listed(self.rounds.control) if each.site_id in known]
            rules += self._service_rules(known.values(), now)
            service = [each.rule_id for each in rules if KINDS[each.kind].is_service]
            news = alerts.with_news(self.rounds.control, service)
            done = 0
            for rule in rules:
                if rule.paused_at is not None:
                    continue
                site = known[rule.site_id]
                with speaking(self.rounds.speech(site.site_id)):
                    is_read = self._is_due(rule, site, now) and self._read(rule, site, now)
                    if is_read or rule.rule_id in news:
                        self._tell(rule, site, now)
                done += is_read
            return done

    def dry_run(self, rule: Rule, since: dt.datetime) -> list[Told]:
        """Say what a rule would have told of up to now; the rule need not be kept.

        Raises:
            TearsheetError: It cannot be tried over days that are over.
        """
        site = sites.site(self.rounds.store, rule.site_id)
        eyes = self.eyes(site)
        if not look.can_look_back(rule):
            raise UsageError(_("This watches the moment: it cannot be tried over days that are over."))
        found = follow({}, look.look(eyes, rule, since, eyes.now), rule.readings)
        spells = [*found.ended, *found.going.values()]
        opened = [(each, each.opening) for each in spells if each.opening is not None]
        names = self._names(rule, {each.entity for each, _opening in opened})
        said = [_told(rule, site, spell, opening, names) for spell, opening in opened]
        return sorted(said, key=lambda each: each.reading.at)

    def test(self, rule: Rule) -> bool:
        """Tell those who are told of a rule that it is only a test; False where there is nobody."""
        site, now = sites.site(self.rounds.store, rule.site_id), self.rounds.clock()
        with speaking(self.rounds.speech(site.site_id)):
            said = _("This is a test of the alert “{name}”.", name=rule.name)
            told = Told(said, words.href(rule, ""), Reading(began=now, at=now, said=said), now)
            message = tell.report(rule, site, [told], now, title=_("Test"))
        to = tell.recipients(self.rounds, rule)
        return tell.send(self.rounds, rule, message, now, to)

    # --- reading --------------------------------------------------------------------------------------------

    def _is_due(self, rule: Rule, site: SiteRow, now: dt.datetime) -> bool:
        """Tell whether there is a reading that has not been made."""
        kind = KINDS[rule.kind]
        if not kind.is_service and self.is_behind():
            return False
        if rule.kind not in BY_HOURS or rule.metric == LIVE:
            return now - rule.read_through >= kind.every
        settled = now - SETTLED
        local = local_time(settled, site.zone)
        past = dt.timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        by_days = rule.grain == "day" and rule.kind != "rising"
        newest = day_begins(local_day(settled, site.zone), site.zone) if by_days else settled - past
        return newest > rule.read_through

    def _read(self, rule: Rule, site: SiteRow, now: dt.datetime) -> bool:
        control = self.rounds.control
        going = {each.entity: each for each in alerts.going(control, rule.rule_id)}
        try:
            read = self._look(rule, site, now, going)
        except TearsheetError as refusal:
            alerts.change(control, rule.rule_id, trouble=str(refusal), read_through=now)
            return False
        except Exception:  # the edge of a rule: one that fails stops no other
            log.exception("alert not read", alert=rule.rule_id)
            alerts.change(
                control, rule.rule_id, trouble=_("It could not be read; the log says more."), read_through=now
            )
            return False
        if not KINDS[rule.kind].is_service and self.is_behind():
            return False  # more came in meanwhile, and half of it may be counted: it is read again
        found = follow({name: _spell(each) for name, each in going.items()}, read, rule.readings)
        names = self._names(rule, {each.entity for each in [*found.going.values(), *found.ended]})
        episodes = [
            self._episode(rule, site, spell, going.get(spell.entity), names)
            for spell in [*found.ended, *found.going.values()]
        ]
        gone = [
            going[each.entity].episode_id for each in found.dropped if _is_of(going.get(each.entity), each)
        ]
        through = max(read.instants, default=rule.read_through)
        alerts.keep(control, rule.rule_id, episodes, gone, read_through=through, trouble="")
        for each in episodes:
            if each.opened_at is not None and not each.episode_id:
                log.info("alert opened", alert=rule.rule_id, kind=rule.kind)
        return True

    def _look(self, rule: Rule, site: SiteRow, now: dt.datetime, going: Collection[str]) -> Read:
        if rule.kind == "report":
            return house.of_reports(self._overdue(rule, now), now, site.zone)
        if rule.kind == "house":
            home = self.rounds.home
            return house.of_house(home, now, self.troubles(), backs_up=self.backs_up)
        if rule.kind == "query":
            return self._asked(rule, now)
        since = max(rule.read_through, now - FARTHEST)
        return look.look(self.eyes(site), rule, since, now, going)

    def _overdue(self, rule: Rule, now: dt.datetime) -> list[Overdue]:
        """List late reports of the site; of messages about late ones we do not tell for ever."""
        own = {each.subscription_id for each in alerts.listed(self.rounds.control) if each.kind == "report"}
        return [
            each
            for each in self.overdue(now)
            if each.site_id == rule.site_id and each.subscription_id not in own
        ]

    def _asked(self, rule: Rule, now: dt.datetime) -> Read:
        answer = self.ask(rule)
        value = float(answer.rows) if rule.bound is None else answer.number
        if value is None:
            raise UsageError(
                _("“{name}” gives {rows} rows, not one number.", name=answer.name, rows=answer.rows),
                _("Let it return one row with one number, or leave the level empty."),
            )
        if rule.bound is None:
            is_out = value > 0
        else:
            is_out = value <= rule.bound if rule.direction == "below" else value >= rule.bound
        gives = wording.counted(value, "row") if rule.bound is None else wording.figure(value)
        said = _("The saved query “{name}” gives {gives}.", name=answer.name, gives=gives)
        if rule.bound is not None:
            said = _(
                "The saved query “{name}” gives {gives}; the alert is set at {bound}.",
                name=answer.name,
                gives=gives,
                bound=wording.figure(rule.bound),
            )
        return Read(
            (now,), (Reading(began=now, at=now, value=value, bound=rule.bound, is_out=is_out, said=said),)
        )

    def _episode(
        self, rule: Rule, site: SiteRow, spell: Spell, before: Episode | None, names: dict[str, str]
    ) -> Episode:
        kept = before if _is_of(before, spell) else None
        episode = Episode(
            rule_id=rule.rule_id,
            site_id=rule.site_id,
            entity=spell.entity,
            since=spell.since,
            streak=spell.streak,
            calm=spell.calm,
            latest=msgspec.to_builtins(spell.latest),
            peak=spell.peak,
            closed_at=spell.ended_at,
        )
        if kept is not None:
            episode = replace(
                kept,
                streak=episode.streak,
                calm=episode.calm,
                latest=episode.latest,
                peak=episode.peak,
                closed_at=episode.closed_at,
            )
        if episode.opened_at is None and spell.opening is not None:
            one = _told(rule, site, spell, spell.opening, names)
            try:
                points = course.points(self.eyes(site), rule, spell.entity, spell.opening.at)
            except TearsheetError:  # a curve is not worth an alert
                points = []
            known = tell.kept(
                replace(one, points=points, grain=course.grain_of(rule)),
                {"name": names.get(spell.entity, spell.entity)},
            )
            episode = replace(episode, opened_at=spell.opening.at, known=known)
        return episode

    # --- telling --------------------------------------------------------------------------------------------

    def _tell(self, rule: Rule, site: SiteRow, now: dt.datetime) -> None:
        if rule.is_muted(now) or quiet.is_quiet(rule.quiet, local_time(now, site.zone)):
            return
        control = self.rounds.control
        going = [each for each in alerts.going(control, rule.rule_id) if each.is_open]
        going = [each for each in going if each.acknowledged_at is None]
        fresh = [each for each in going if each.told_at is None]
        self._send(rule, site, fresh, now, max((each.opened_at or now for each in fresh), default=now))
        pause = REPEATS[rule.repeat]
        if pause is not None:
            again = [each for each in going if each.told_at is not None and now - each.told_at >= pause]
            due_at = max((each.told_at + pause for each in again if each.told_at), default=now)
            self._send(rule, site, again, now, due_at, before=_("Still so"))
        if KINDS[rule.kind].is_service:
            self._tell_ends(rule, site, now)

    def _send(
        self,
        rule: Rule,
        site: SiteRow,
        episodes: Sequence[Episode],
        now: dt.datetime,
        due_at: dt.datetime,
        before: str = "",
    ) -> None:
        if not episodes:
            return
        ordered = sorted(episodes, key=_loudness, reverse=True)
        title = _("Service") if KINDS[rule.kind].is_service else ""
        path = f"{tell.MUTE}{self.rounds.keys.token('mute', rule.rule_id)}"
        said = [self._now_told(rule, site, each) if before else tell.told(each) for each in ordered]
        message = tell.report(rule, site, said, now, title=title, before=before, mute_path=path)
        tell.send(self.rounds, rule, message, due_at, self._to(rule, site, episodes, now))
        alerts.change_episodes(self.rounds.control, [each.episode_id for each in episodes], told_at=now)

    def _now_told(self, rule: Rule, site: SiteRow, episode: Episode) -> Told:
        """Say of an episode what it is by its latest reading."""
        latest = msgspec.convert(episode.latest, Reading)
        name = str(episode.known.get("name", ""))
        sentence = words.sentence(rule, latest, name, site.zone, site.name)
        return replace(tell.told(episode), sentence=sentence, reading=latest)

    def _tell_ends(self, rule: Rule, site: SiteRow, now: dt.datetime) -> None:
        over = alerts.untold_ends(self.rounds.control, rule.rule_id)
        if not over:
            return
        said = []
        for each in over:
            closed = each.closed_at or now
            sentence = words.ended(tell.told(each).sentence, closed, site.zone)
            said.append(Told(sentence, words.href(rule, ""), Reading(began=closed, at=closed), closed))
        message = tell.report(rule, site, said, now, title=_("All well again"))
        due_at = max(each.closed_at or now for each in over) + tell.TICK
        tell.send(self.rounds, rule, message, due_at, self._to(rule, site, (), now))
        alerts.change_episodes(self.rounds.control, [each.episode_id for each in over], ended_told_at=now)

    def _to(
        self, rule: Rule, site: SiteRow, episodes: Sequence[Episode], now: dt.datetime
    ) -> list[Recipient]:
        """List who is told; of the house also its admins, and of a report its owner, by a way that works."""
        if not KINDS[rule.kind].is_service:
            return tell.recipients(self.rounds, rule)
        late = [
            each
            for each in (self.overdue(now) if rule.kind == "report" else ())
            if f"{each.subscription_id}@{each.due_at.isoformat()}" in {one.entity for one in episodes}
        ]
        self._add_admins(rule, site, {each.owner_id for each in late}, now)
        found = tell.recipients(self.rounds, rule)
        broken = {way for each in late for way in each.ways}
        return [each for each in found if each.way not in broken] or found

    def _add_admins(self, rule: Rule, site: SiteRow, owners: set[str], now: dt.datetime) -> None:
        """Let admins, and owners, receive a service rule by mail; who has stopped it stays stopped."""
        control, keys = self.rounds.control, self.rounds.keys
        known = {each.address_key for each in subscriptions.recipients(control, rule.subscription_id)}
        for person in people.listed(control):
            wanted = person.identity.may(Role.ADMIN, site.site_id) or person.person_id in owners
            key = keys.key_of(person.login)
            if not wanted or person.disabled_at is not None or "@" not in person.login or key in known:
                continue
            subscriptions.add_recipient(
                control,
                Recipient(
                    subscription_id=rule.subscription_id,
                    way="mail",
                    address=person.login,
                    address_key=key,
                    name=person.name,
                    confirmed_at=now,
                ),
            )

    # --- rules of the house ---------------------------------------------------------------------------------

    def _service_rules(self, known: Iterable[SiteRow], now: dt.datetime) -> list[Rule]:
        """Make what every house watches of itself, once; whoever deletes a rule does not get it back."""
        made = []
        have = {(each.site_id, each.kind) for each in alerts.listed(self.rounds.control, with_deleted=True)}
        for site in known:
            for name, kind in KINDS.items():
                if kind.is_service and (site.site_id, name) not in have:
                    made.append(self.add(Rule(
                        site_id=site.site_id, name=_(kind.title), kind=name, bound=kind.bound,
                        metric=next(iter(kind.metrics), ""), made_at=now, read_through=now,
                    )))  # fmt: skip
        for rule in made:
            subscriptions.add_recipient(
                self.rounds.control,
                Recipient(
                    subscription_id=rule.subscription_id,
                    way="folder",
                    address=LAST_WAY,
                    address_key=self.rounds.keys.key_of(LAST_WAY),
                    confirmed_at=now,
                ),
            )
        return made

    def add(self, rule: Rule) -> Rule:
        """Keep a rule, with the subscription that it is told by."""
        behind = subscriptions.add(self.rounds.control, tell.subscription(rule))
        return alerts.add(self.rounds.control, replace(rule, subscription_id=behind.subscription_id))

    def eyes(self, site: SiteRow) -> Eyes:
        """Give what readings of a site need."""
        store = self.rounds.store
        excluded = self.excluded(site.site_id)
        hidden = watched.hidden(store, site.site_id, excluded) if excluded else set()
        return Eyes(store, site.zone, self.rounds.clock(), frozenset(hidden))

    def _names(self, rule: Rule, entities: Iterable[str]) -> dict[str, str]:
        """Name entities as readers know them."""
        ids = sorted(each for each in entities if each)
        dimension = "article" if rule.kind in {"expected", "rising", "storm"} else rule.dimension
        if rule.kind in {"source", "report", "house"} or not ids or dimension == "site":
            return {each: each for each in ids}
        found = library.describe(self.rounds.store, rule.site_id, dimension, ids)
        return dict(found.select("id", "name").iter_rows())


def _told(rule: Rule, site: SiteRow, spell: Spell, opening: Reading, names: dict[str, str]) -> Told:
    name = names.get(spell.entity, spell.entity)
    sentence = words.sentence(rule, opening, name, site.zone, site.name)
    return Told(sentence, words.href(rule, spell.entity), opening, spell.since)


def _spell(episode: Episode) -> Spell:
    opening = None
    if episode.opened_at is not None:
        opening = msgspec.convert(episode.known["reading"], Reading)
    latest = msgspec.convert(episode.latest, Reading)
    return Spell(episode.entity, episode.since, episode.streak, episode.calm, latest, episode.peak, opening)


def _is_of(episode: Episode | None, spell: Spell) -> bool:
    return episode is not None and episode.since == spell.since


def _loudness(episode: Episode) -> float:
    """Say how far an episode is outside, to put the most telling one first."""
    value, bound = episode.latest.get("value"), episode.latest.get("bound")
    if value is None or not bound:
        return 0.0
    return float(abs(value - bound) / abs(bound))
