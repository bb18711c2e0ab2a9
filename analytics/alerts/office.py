"""What the page, the commands and the API do with alerts, in one place.

Whoever may see a site sees its alerts, but for those who read calmly: an alert is a live number. Editors make
and change them, admins those of the house.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analytics import language, wording
from analytics.alerts import entities, kinds, look, quiet, tell, words
from analytics.alerts.around import Around, around
from analytics.alerts.kinds import KINDS, LEVELS, Field, Kind
from analytics.alerts.look import Eyes
from analytics.alerts.spells import follow, openings
from analytics.alerts.watch import Watch
from analytics.control import alerts, subscriptions
from analytics.control.alerts import Episode, Rule
from analytics.control.identity import (
    COMMAND,
    Identity,
    Role,
    acting,
    current,
    require,
    require_scope,
)
from analytics.control.subscriptions import Recipient
from analytics.errors import TearsheetError, UsageError, did_you_mean
from analytics.language import _, speaking
from analytics.metrics import dimension, metric, splittable
from analytics.periods import local_time
from analytics.queries import library
from analytics.reports.mail import one_line
from analytics.reports.office import Office
from analytics.store import sites

SCOPE = "alerts"
DRY_DAYS = 28
MOST_IDS = 50
SUGGESTED: tuple[dict[str, Any], ...] = (
    {"kind": "expected", "metric": "reads", "level": 2, "readings": 2},
    {"kind": "drop", "metric": "views", "bound": 0.5},
    {"kind": "storm", "metric": "comments_created", "bound": 30.0},
)
VALUES = ("metric", "dimension", "grain", "direction", "bound", "level", "readings", "query")
Row = dict[str, Any]
# What a value is where the kind of a rule does not know it.
_OWN: dict[Field, tuple[Any, ...]] = {"dimension": ("site",), "ids": ([], ()), "query": ("",)}


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a rule would have done.

    Attributes:
        days: How many it looks back over.
        said: "Would have fired 6 times in the last 28 days."
        times: at (local, RFC 3339), sentence, href; in order.
    """

    days: int
    said: str
    times: list[Row]


class Alerts:
    """Rules, dry runs, history."""

    def __init__(self, watch: Watch, office: Office, check_query: Callable[[str], object]) -> None:
        """Work with the watch of the desk; recipients are those of reports.

        Args:
            watch: Of the desk.
            office: Of reports.
            check_query: Refuses a saved query of which whoever asks may make no alert.
        """
        self.watch, self._office, self._check_query = watch, office, check_query
        self._control, self._store = watch.rounds.control, watch.rounds.store

    # --- rules ----------------------------------------------------------------------------------------------

    def listed(self, site: str = "") -> list[Row]:
        """List the rules that whoever asks may see, by name."""
        seen = self._seen(site)
        going: dict[str, int] = {}
        for each in alerts.history(self._control, seen, only_open=True, limit=1000):
            going[each.rule_id] = going.get(each.rule_id, 0) + 1
        return [self._row(each, going.get(each.rule_id, 0)) for each in alerts.listed(self._control, seen)]

    def rule(self, rule_id: str) -> Rule:
        """Find a rule that whoever asks may see.

        Raises:
            TearsheetError: There is none.
        """
        found = alerts.one(self._control, rule_id)
        _require_sight(found.site_id)
        return found

    def has(self, rule_id: str) -> bool:
        """Tell whether there is such a rule for whoever asks."""
        return any(each.rule_id == rule_id for each in alerts.listed(self._control, self._seen("")))

    def is_open(self) -> bool:
        """Tell whether whoever asks may see the alerts of any site."""
        return bool(self._seen(""))

    def draft(self, kind: str, *, site: str = "", **values: Any) -> Rule:
        """Make a rule that is not kept yet; what is left out is the kind's own.

        Raises:
            TearsheetError: A value is none; the sentence says which.
        """
        made = self.blank(kind, site, **values)
        self._check(made, KINDS[kind])
        return made

    def blank(self, kind: str, site: str = "", **values: Any) -> Rule:
        """Make a rule of a kind to fill in; its values are not checked yet.

        Raises:
            UsageError: There is no such kind, or the quiet hours are none.
        """
        if kind not in KINDS:
            raise UsageError(_("There is no alert {kind!r}.", kind=kind), did_you_mean(kind, KINDS))
        where, now = sites.site(self._store, site or None), self.watch.rounds.clock()
        own = {name: value for name, value in values.items() if value not in (None, "", ())}
        known = KINDS[kind]
        made = Rule(
            **{
                "metric": next(iter(known.metrics), ""),
                "bound": known.bound,
                "direction": "either" if kind == "learned" else "above",
                "readings": 2 if "level" in known.fields else 1,
                **own,
                "site_id": where.site_id,
                "kind": kind,
                "made_at": now,
                "made_by": current().id,
                "read_through": now,
            }
        )
        name = one_line(made.name, 120) or self._usual_name(made)
        return replace(made, name=name, quiet=quiet.read(made.quiet))

    def _usual_name(self, rule: Rule) -> str:
        """Name a rule in the language of its newsroom: everybody reads it, whoever made it."""
        with speaking(self.watch.rounds.speech(rule.site_id)):
            return words.name_of(rule)

    def add(self, kind: str, *, site: str = "", to: Sequence[tuple[str, str]] = (), **values: Any) -> Row:
        """Keep a rule.

        Args:
            kind: Of KINDS.
            site: The site; may be left out where there is one.
            to: Way and address of whom it tells.
            values: What it says.

        Returns:
            Its row, and in `asks` what those who are told must do first, in words.

        Raises:
            TearsheetError: A value or an address is none, or whoever asks may not.
        """
        draft = self.draft(kind, site=site, **values)
        self._require(draft)
        for way, address in to:
            self._office.check_address(way, address)
        made = self.watch.add(draft)
        asks = [self.add_recipient(made.rule_id, way, address) for way, address in to]
        return {**self._row(made, 0), "asks": " ".join(each for each in asks if each)}

    def add_suggested(self, number: int, site: str = "") -> Row:
        """Keep one of the suggested rules."""
        return self.add(site=site, **SUGGESTED[number])

    def change(self, rule_id: str, **values: Any) -> Row:
        """Change what a rule says; its episodes stay.

        Raises:
            TearsheetError: A value is none, or whoever asks may not.
        """
        before = self._mine(rule_id)
        after = replace(before, **values)
        after = replace(
            after, name=one_line(after.name, 120) or self._usual_name(after), quiet=quiet.read(after.quiet)
        )
        self._check(after, KINDS[after.kind])
        self._require(after)
        changed = {name: getattr(after, name) for name in ("name", "quiet", *values)}
        if "ids" in changed:
            changed["ids"] = list(after.ids)
        alerts.change(self._control, rule_id, **changed)
        subscriptions.change(self._control, after.subscription_id, name=after.name)
        return self._row(after, 0)

    def read_from(self, rule_id: str, since: dt.datetime) -> None:
        """Read a rule from an earlier instant on, into the history: what opened and closed is told nobody."""
        alerts.change(self._control, self._mine(rule_id).rule_id, read_through=since)

    def pause(self, rule_id: str) -> None:
        """Let a rule rest: nothing is read meanwhile."""
        alerts.change(self._control, self._mine(rule_id).rule_id, paused_at=self.watch.rounds.clock())

    def resume(self, rule_id: str) -> None:
        """Read a rule again, from now on."""
        now = self.watch.rounds.clock()
        alerts.change(self._control, self._mine(rule_id).rule_id, paused_at=None, read_through=now)

    def mute(self, rule_id: str, hours: float) -> dt.datetime | None:
        """Tell nobody of a rule for some hours; 0 ends it. It is read all the same.

        Returns:
            Until when, naive UTC.
        """
        found = self._mine(rule_id)
        return self._mute(found.rule_id, hours)

    def mute_by_link(self, rule_id: str) -> Rule:
        """Mute a rule for a day; whoever holds the signed link of a mail may."""
        found = alerts.one(self._control, rule_id)
        self._mute(rule_id, 24)
        return found

    def delete(self, rule_id: str) -> None:
        """Take a rule away; its history stays."""
        now = self.watch.rounds.clock()
        alerts.change(self._control, self._mine(rule_id).rule_id, deleted_at=now)

    def add_recipient(self, rule_id: str, way: str, address: str, name: str = "") -> str:
        """Let somebody be told of a rule.

        Returns:
            What they must do first, in words; empty where they are told from now on.

        Raises:
            TearsheetError: The address is none of its way, or not one that is allowed.
        """
        behind = subscriptions.one(self._control, self._mine(rule_id).subscription_id)
        return self._office.receive(behind, way, address, name)

    def ask_again(self, rule_id: str, recipient_id: str) -> str:
        """Ask somebody once more whether they want to be told; says what came of it."""
        return self._office.ask_again(self._mine(rule_id).subscription_id, recipient_id)

    def recipients(self, rule_id: str) -> list[Row]:
        """List who is told of a rule: id, way, address (masked where it is a secret), name, is_confirmed."""
        told = tell.recipients(self.watch.rounds, self._mine(rule_id))
        return [
            {
                "id": each.recipient_id,
                "way": each.way,
                "address": each.address,
                "name": each.name,
                "is_confirmed": each.confirmed_at is not None,
            }
            for each in sorted(told, key=lambda each: (each.way != "mail", each.address))
        ]

    def remove_recipient(self, rule_id: str, address: str) -> None:
        """Tell an address, or the recipient of an id, no more.

        Raises:
            UsageError: It is not told.
        """
        for each in self.recipients(rule_id):
            if address in {each["id"], each["address"]}:
                self._office.stop(
                    each["id"], _("Taken off by {name}.", name=current().name or _("an editor"))
                )
                return
        raise UsageError(_("{address} is not told of this alert.", address=address[:200]))

    def test(self, rule_id: str) -> list[Row]:
        """Send a test by all ways of a rule, and say what became of it.

        Raises:
            UsageError: Nobody is told of it.
        """
        found = self._mine(rule_id)
        if not self.watch.test(found):
            raise UsageError(_("Nobody is told of this alert."), _("Add a recipient first."))
        self.watch.rounds.round()
        with acting(COMMAND):  # as above
            rows = self._office.history(found.subscription_id, limit=1)
        return [{name: row[name] for name in ("to", "state", "why", "sent")} for row in rows]

    def round(self) -> int:
        """Read and tell now what is due."""
        return self.watch.round()

    # --- what forms offer ---------------------------------------------------------------------------------

    def entities(
        self, site: str, dimension: str, text: str = "", chosen: Sequence[str] = ()
    ) -> list[tuple[str, str]]:
        """List what a rule can be narrowed to: id and name of what is searched for, else the most viewed."""
        if site not in self._seen(site):
            return []
        eyes = self.watch.eyes(sites.site(self._store, site))
        return entities.choices(eyes, site, dimension, text, chosen)

    def queries(self) -> list[tuple[str, str]]:
        """List the saved queries of which whoever asks may make an alert: id and name."""
        try:
            return self._office.choices("query")
        except TearsheetError:  # no analyst
            return []

    def own_address(self) -> str:
        """Give the mail address by which who asks signed in; empty where that was none."""
        return self._office.own_address()

    # --- dry runs -------------------------------------------------------------------------------------------

    def dry_run(self, rule: Rule, days: int = DRY_DAYS) -> DryRun:
        """Say when a rule would have fired in the last days.

        Raises:
            TearsheetError: It cannot be tried over days that are over.
        """
        _require_sight(rule.site_id)
        zone = sites.site(self._store, rule.site_id).zone
        since = self.watch.rounds.clock() - dt.timedelta(days=days)
        name = language.current().language
        key = (
            "alert dry run",
            name,
            replace(rule, ids=tuple(rule.ids), read_through=since, made_at=since),
            days,
        )
        found = self._store.memo(key, lambda: self.watch.dry_run(rule, since), for_s=60.0)
        times = [
            {"at": _instant(each.reading.at, zone), "sentence": each.sentence, "href": each.href}
            for each in found
        ]
        often = wording.counted(len(times), "time") if times else _("not once")
        return DryRun(
            days, _("Would have fired {often} in the last {days} days.", often=often, days=days), times
        )

    def suggestions(self, site: str = "") -> list[tuple[Rule, DryRun]]:
        """Suggest three rules that most newsrooms want, with what each would have done."""
        drafts = [self.draft(site=site, **values) for values in SUGGESTED]
        return [(each, self.dry_run(each)) for each in drafts]

    # --- history --------------------------------------------------------------------------------------------

    def history(
        self,
        site: str = "",
        *,
        rule_id: str = "",
        episode_id: str = "",
        only_open: bool = False,
        limit: int = 50,
    ) -> list[Row]:
        """List what happened, the latest first, with what was known then; of a rule, or only one of an id."""
        seen = self._seen(site)
        found = alerts.history(
            self._control, seen, rule_id=rule_id, episode_id=episode_id, only_open=only_open, limit=limit
        )
        rules = {each.rule_id: each for each in alerts.listed(self._control, seen, with_deleted=True)}
        zones = {each.site_id: each.zone for each in sites.sites(self._store)}
        return [_entry(each, rules[each.rule_id], zones.get(each.site_id, "UTC")) for each in found]

    def around(self, episode_id: str) -> Around:
        """Look at one alert of the history: what was known, and the figure before and after.

        Raises:
            UsageError: There is none of that id.
        """
        episode = self._happened(episode_id)
        rule = alerts.one(self._control, episode.rule_id)
        eyes = self.watch.eyes(sites.site(self._store, episode.site_id))
        return around(eyes, rule, episode, _entry(episode, rule, eyes.zone))

    def count_open(self) -> int:
        """Count what is open and not acknowledged, for the bell."""
        return alerts.count_open(self._control, self._seen(""))

    def acknowledge(self, episode_id: str) -> None:
        """Say that somebody looks after it: it is not told again, and the bell counts it no more."""
        self._judge(episode_id)

    def false_alarm(self, episode_id: str) -> tuple[str, dict[str, Any]]:
        """Say that it should not have fired.

        Returns:
            What would have kept it still, in words, and as values of the rule; empty where nothing would.
        """
        episode = self._judge(episode_id, verdict="false")
        return self.suggest(alerts.one(self._control, episode.rule_id), episode)

    def calm(self, episode_id: str) -> Row:
        """Change a rule so that it would not have fired, as `false_alarm` suggested.

        Raises:
            UsageError: There is no such alert, or nothing would have kept it still.
        """
        _said, values = self.false_alarm(episode_id)
        if not values:
            raise UsageError(_("No other level or number of readings would have kept it still."))
        (found,) = alerts.history(self._control, self._seen(""), episode_id=episode_id)
        return self.change(found.rule_id, **values)

    def suggest(self, rule: Rule, episode: Episode) -> tuple[str, dict[str, Any]]:
        """Find the least change of a rule under which an episode would not have opened."""
        for said, values in _calmer(rule, episode):
            if not look.can_look_back(rule):
                return said, values
            site = sites.site(self._store, rule.site_id)
            eyes = Eyes(self._store, site.zone, self.watch.rounds.clock())
            tried = replace(rule, **values)
            until = (episode.opened_at or episode.since) + dt.timedelta(hours=2)
            read = look.look(eyes, tried, episode.since - dt.timedelta(hours=2), min(until, eyes.now))
            found = follow({}, read, tried.readings)
            if episode.entity not in {
                each.entity for each in openings([*found.ended, *found.going.values()])
            }:
                return said, values
        return "", {}

    # --- private --------------------------------------------------------------------------------------------

    def _seen(self, site: str) -> list[str]:
        known = [each.site_id for each in sites.sites(self._store)]
        if site and site not in known:
            raise UsageError(_("There is no site {site!r}.", site=site), did_you_mean(site, known))
        if site:
            _require_sight(site)
        who = current()
        return [
            each
            for each in known
            if _may_see(who, each) and site in {"", each} and not who.sight(each).is_calm
        ]

    def _mine(self, rule_id: str) -> Rule:
        found = alerts.one(self._control, rule_id)
        if found.deleted_at is not None:
            raise UsageError(_("The alert “{name}” was removed.", name=found.name), _("Its history stays."))
        self._require(found)
        return found

    def _require(self, rule: Rule) -> Identity:
        if rule.kind == "query":
            self._check_query(rule.query)
        if KINDS[rule.kind].is_service:
            return require(Role.ADMIN, rule.site_id)
        return require_scope(SCOPE, rule.site_id)

    def _mute(self, rule_id: str, hours: float) -> dt.datetime | None:
        until = self.watch.rounds.clock() + dt.timedelta(hours=hours) if hours > 0 else None
        alerts.change(self._control, rule_id, muted_until=until)
        return until

    def _judge(self, episode_id: str, verdict: str = "") -> Episode:
        found = self._happened(episode_id)
        who, now = require_scope(SCOPE, found.site_id), self.watch.rounds.clock()
        values = {
            "acknowledged_at": now,
            "acknowledged_by": who.name,
            **({"verdict": verdict} if verdict else {}),
        }
        alerts.change_episodes(self._control, [episode_id], **values)
        return found

    def _happened(self, episode_id: str) -> Episode:
        found = alerts.history(self._control, self._seen(""), episode_id=episode_id)
        if not found:
            raise UsageError(_("There is no such alert in the history."), _("The page Alerts lists them."))
        return found[0]

    def _check(self, rule: Rule, known: Kind) -> None:
        for name, own in _OWN.items():
            if name not in known.fields and getattr(rule, name) not in own:
                has = wording.listed([str(each) for each in known.fields]) or _("nothing to choose")
                raise UsageError(
                    _("“{title}” has no {name}.", title=_(known.title), name=name),
                    _("It has {has}.", has=has),
                )
        _one_of(rule.direction, kinds.DIRECTIONS, "direction")
        _one_of(rule.grain, kinds.GRAINS, "grain")
        _one_of(rule.repeat, kinds.REPEATS, "repetition")
        _one_of(rule.dimension, kinds.DIMENSIONS, "dimension")
        if known.metrics:
            _one_of(rule.metric, known.metrics, "figure")
        if rule.level not in LEVELS:
            raise UsageError(_("There is no level {level}.", level=rule.level), _("Levels are 1, 2 and 3."))
        if not 1 <= rule.readings <= kinds.MOST_READINGS:
            raise UsageError(
                _("{readings} readings in a row are none.", readings=rule.readings),
                _("Give 1 to {most}.", most=kinds.MOST_READINGS),
            )
        needs = known.bound is not None
        if needs and (rule.bound is None or not 0 < rule.bound < 1e12):
            raise UsageError(_("The level is no number above 0."), _("Give one."))
        if known.unit == "share" and rule.bound is not None and rule.kind == "drop" and rule.bound >= 1:
            raise UsageError(
                _("Nothing falls by 100 % or more."), _("Give a part of 1, such as 0.5 for 50 %.")
            )
        if rule.kind == "query" and not rule.query:
            raise UsageError(_("Which saved query?"), _("Choose one under SQL, “Make it an alert”."))
        self._check_dimension(rule)

    def _check_dimension(self, rule: Rule) -> None:
        if rule.dimension == "site":
            if rule.ids:
                raise UsageError(_("An alert of the whole site names no section, author, topic or article."))
            return
        if len(rule.ids) > MOST_IDS:
            raise UsageError(
                _("{ids} were named.", ids=len(rule.ids)), _("Name {most} at most.", most=MOST_IDS)
            )
        if rule.kind not in {"expected", "storm"}:
            if rule.metric == kinds.LIVE:
                raise UsageError(_("People on the site are counted for the whole site only."))
            splittable(metric(rule.metric), dimension(rule.dimension))
        if rule.dimension == "article" and not rule.ids and rule.kind not in {"expected", "storm"}:
            raise UsageError(
                _("Which articles?"),
                _("Name them; for all articles take “Article above expectation” or “Rising again”."),
            )
        for each in rule.ids:
            if rule.dimension == "article":
                library.article(self._store, rule.site_id, each)  # refuses what is none
            elif not library.exists(self._store, rule.site_id, rule.dimension, each):
                raise UsageError(
                    _(
                        "There is no {what} {value!r} on {site}.",
                        what=language.inside(dimension(rule.dimension).label),
                        value=each,
                        site=rule.site_id,
                    )
                )

    def _row(self, rule: Rule, going: int) -> Row:
        site = next((each for each in sites.sites(self._store) if each.site_id == rule.site_id), None)
        zone, now = site.zone if site else "UTC", self.watch.rounds.clock()
        names = {}
        if rule.ids and rule.dimension != "site":
            found = library.describe(self._store, rule.site_id, rule.dimension, list(rule.ids))
            names = dict(found.select("id", "name").iter_rows())
        return {
            "id": rule.rule_id,
            "name": rule.name,
            "kind": rule.kind,
            "site": rule.site_id,
            "watches": words.rule(rule, names),
            **{name: getattr(rule, name) for name in VALUES},
            "ids": list(rule.ids),
            "repeat": rule.repeat,
            "quiet": rule.quiet,
            "recipients": [_address(each) for each in tell.recipients(self.watch.rounds, rule)]
            if rule.subscription_id
            else [],
            "open": going,
            "is_paused": rule.paused_at is not None,
            "muted_until": _instant(rule.muted_until, zone) if rule.is_muted(now) else None,
            "trouble": rule.trouble,
        }


def _may_see(who: Identity, site_id: str) -> bool:
    return who.may(Role.VIEWER, site_id) or who.opens("read", site_id) or who.opens(SCOPE, site_id)


def _require_sight(site_id: str) -> None:
    if not _may_see(current(), site_id):
        require_scope("read", site_id)


def _one_of(value: str, known: Any, what: str) -> None:
    if value not in known:
        raise UsageError(
            _("There is no {what} {value!r} here.", what=what, value=value[:40]),
            did_you_mean(value[:40], list(known)),
        )


def _calmer(rule: Rule, episode: Episode) -> list[tuple[str, dict[str, Any]]]:
    """List changes of a rule that make it calmer, the least first."""
    found: list[tuple[str, dict[str, Any]]] = []
    fields = KINDS[rule.kind].fields
    if "readings" in fields and rule.readings < 3:
        more = rule.readings + 1
        found.append((_("{n} readings in a row", n=more), {"readings": more}))
    if "level" in fields:
        found += [
            (_("Level {n}", n=f"{each}{wording.TIMES}"), {"level": each})
            for each in LEVELS
            if each > rule.level
        ]
    peak, bound = episode.peak, rule.bound
    if "bound" in fields and bound is not None and peak is not None:
        if KINDS[rule.kind].unit == "share":
            shares = [share / 100 for share in range(5, 100, 5) if share / 100 > bound]
            found += [
                (_("A level of {each}", each=wording.percent(each)), {"bound": each}) for each in shares
            ]
        elif KINDS[rule.kind].unit == "count":
            past = _rounded(peak * 1.1) if peak >= bound else _rounded(peak * 0.9)
            found.append((_("A level of {each}", each=wording.full(past)), {"bound": past}))
    return found


def _rounded(value: float) -> float:
    """Round a level to two figures, away from what it should not catch."""
    size = 10 ** max(len(str(int(value))) - 2, 0)
    return float(max(-(-int(value + 0.999) // size) * size, 1))


def _entry(each: Episode, rule: Rule, zone: str) -> Row:
    known = each.known
    reading = known["reading"]
    state = (
        "false alarm"
        if each.verdict == "false"
        else "over"
        if each.closed_at is not None
        else "acknowledged"
        if each.acknowledged_at is not None
        else "open"
    )
    return {
        "id": each.episode_id,
        "alert": each.rule_id,
        "name": rule.name,
        "kind": rule.kind,
        "site": each.site_id,
        "entity": each.entity,
        "entity_name": known.get("name", ""),
        "sentence": known["sentence"],
        "metric": rule.metric,
        **{name: reading.get(name) for name in ("value", "low", "middle", "high", "bound", "n")},
        "peak": each.peak,
        "since": _instant(each.since, zone),
        "opened": _instant(each.opened_at, zone),
        "closed": _instant(each.closed_at, zone),
        "told": _instant(each.told_at, zone),
        "state": state,
        "acknowledged_by": each.acknowledged_by,
        "href": known["href"],
    }


def _instant(at: dt.datetime | None, zone: str) -> str | None:
    return local_time(at, zone).isoformat(timespec="minutes") if at is not None else None


def _address(one: Recipient) -> str:
    return _("the folder {address}", address=one.address) if one.way == "folder" else one.address


def recipients_said(row: Row) -> str:
    """Say who is told of a rule."""
    told: Sequence[str] = row["recipients"]
    return wording.listed(list(told)) if told else _("nobody yet: it rings the bell only")
