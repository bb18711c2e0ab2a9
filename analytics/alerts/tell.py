"""How an alert is told: as a report of one sentence, by the ways and the outbox of all reports."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from analytics import wording
from analytics.alerts import words
from analytics.alerts.spells import Reading
from analytics.control import outbox, subscriptions
from analytics.control.alerts import Episode, Rule
from analytics.control.outbox import Copy
from analytics.control.subscriptions import ALERT, Recipient, Subscription
from analytics.language import _
from analytics.metrics import METRICS
from analytics.periods import local_time
from analytics.reports.mail import one_line
from analytics.reports.report import Block, Chart, Mark, Number, Numbers, Part, Point, Report, Words, pack
from analytics.reports.send.rounds import Rounds
from analytics.store.sites import SiteRow

MUTE = "/a/mute/"
MOST_NAMED = 8
TICK = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Told:
    """An episode in words.

    Attributes:
        sentence: What happened.
        href: Where it is looked at, begins with "/".
        reading: The latest one outside.
        since: Begin of the first one, naive UTC.
        points: Its course; may be empty.
        grain: Of the course.
        episode_id: In the history; empty where it is not kept.
    """

    sentence: str
    href: str
    reading: Reading
    since: dt.datetime
    points: Sequence[Point] = ()
    grain: str = "hour"
    episode_id: str = ""


def told(episode: Episode) -> Told:
    """Read what was known of an episode when it opened."""
    known = episode.known
    reading = msgspec.convert(known["reading"], Reading)
    points = msgspec.convert(known.get("points", []), list[Point])
    grain = str(known.get("grain", "hour"))
    return Told(known["sentence"], known["href"], reading, episode.since, points, grain, episode.episode_id)


def report(
    rule: Rule,
    site: SiteRow,
    some: Sequence[Told],
    now: dt.datetime,
    *,
    title: str = "",
    before: str = "",
    mute_path: str = "",
) -> Report:
    """Write a message about what happened; the first one has its numbers and its curve.

    Args:
        rule: The rule.
        site: Its site.
        some: What happened, the most telling first.
        now: Naive UTC.
        title: "Test", "All well again"; empty: "Alert".
        before: Words before the sentence: "Still so".
        mute_path: Address that mutes the rule for a day.
    """
    title = title or _("Alert")
    first, rest = some[0], some[1:]
    lead = f"{before}: " if before else ""
    more = _(" And {rest} more.", rest=len(rest)) if rest else ""
    local = local_time(now, site.zone)
    since = local_time(first.since, site.zone)
    blocks: list[Block] = [*numbers(rule, first), *_chart(rule, first, site)]
    if rest:
        parts = [Part(f"{each.sentence} ", href=each.href) for each in rest[:MOST_NAMED]]
        left = len(rest) - MOST_NAMED
        blocks.append(
            Words(
                title=_("Also"),
                parts=[*parts, *([Part(_("And {left} more.", left=left))] if left > 0 else [])],
            )
        )
    links = [Part(_("Edit this alert"), href=f"/alerts?rule={rule.rule_id}")]
    if first.episode_id:
        links += [Part(" · "), Part(_("What was known"), href=f"/alerts?alert={first.episode_id}")]
    if mute_path:
        links += [Part(" · "), Part(_("Mute it for a day"), href=mute_path)]
    blocks.append(Words(title=_("This alert"), parts=[Part(f"{words.rule(rule)}. "), *links]))
    return Report(
        kind=ALERT,
        title=title,
        site_id=site.site_id,
        site_name=site.name,
        zone=site.zone,
        first=since.date(),
        last=local.date(),
        days=_("Since {day}, {clock}", day=wording.day_named(since.date()), clock=wording.clock(since)),
        as_of=now,
        as_of_said=f"{wording.day_named(local.date())} {wording.clock(local)}",
        subject=one_line(f"{title}: {lead}{first.sentence}{more}"),
        sentence=[Part(f"{lead}{first.sentence}{more}")],
        blocks=blocks,
        health=_("The alert “{name}”.", name=rule.name),
        is_whole=True,
        notes=[],
        href=first.href,
    )


def send(rounds: Rounds, rule: Rule, message: Report, due_at: dt.datetime, to: Sequence[Recipient]) -> bool:
    """Put a message into the outbox; the rounds of reports hand it over.

    Args:
        rounds: Of the desk.
        rule: The rule, whose subscription is sent by.
        message: What is told.
        due_at: Names the occasion: the same one is never sent twice.
        to: Who gets it.

    Returns:
        Whether it was planned now; False where it had been before, or nobody receives it.
    """
    subscription, now = subscriptions.one(rounds.control, rule.subscription_id), rounds.clock()
    run = outbox.plan(rounds.control, subscription, due_at, to, now)
    if run is None or not to:
        return False
    copy = Copy(
        copy_id=f"c{run.run_id[1:]}0",
        run_id=run.run_id,
        kept={},
        subject=message.subject,
        as_of=now,
        body=zlib.compress(pack(message)),
    )
    values = {"state": "sending", "built_at": now, "first_day": message.first, "last_day": message.last}
    outbox.keep(rounds.control, run, {each.recipient_id: copy for each in to}, values)
    return True


def recipients(rounds: Rounds, rule: Rule) -> list[Recipient]:
    """List who is told of a rule."""
    found = subscriptions.recipients(rounds.control, rule.subscription_id)
    return [each for each in found if each.stopped_at is None]


def subscription(rule: Rule) -> Subscription:
    """Make the subscription behind a rule: it is never due, the rule says when."""
    return Subscription(
        site_id=rule.site_id,
        name=rule.name,
        kind=ALERT,
        period="today",
        schedule="",
        zone="UTC",
        made_at=rule.made_at,
        made_by=rule.made_by,
        due_through=rule.made_at,
    )


def kept(one: Told, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Write what is known of an episode at its opening, to keep it."""
    known: dict[str, Any] = msgspec.to_builtins(
        {"sentence": one.sentence, "href": one.href, "reading": one.reading, "points": list(one.points)}
    )
    return {**known, "grain": one.grain, **extra}


def numbers(rule: Rule, one: Told) -> list[Block]:
    """Write the figure beside what is usual; nothing where the kind has none."""
    reading, unit = one.reading, words.unit(rule)
    if reading.value is None or not rule.metric:
        return []

    def said(value: float | None) -> str:
        return wording.value(unit, round(value) if value is not None else None, "full")

    label = words.figure(rule.metric)
    rows = [(rule.metric, label, reading.value, reading.n)]
    rows += [
        (f"{rule.metric}_{name}", words_, value, None)
        for name, words_, value in (
            ("middle", _("A week before") if rule.kind == "change" else _("Usual"), reading.middle),
            ("low", _("Usual, lower end"), reading.low),
            ("high", _("Usual, upper end"), reading.high),
            ("bound", _("The alert is set at"), reading.bound),
        )
        if value is not None and not (name == "bound" and rule.kind == "silent")  # minutes, beside page loads
    ]
    middle = reading.middle
    change = Mark(wording.difference(reading.value, middle), "outline") if middle else None
    return [
        Numbers(
            title="",
            against=_("typical") if reading.n else _("before"),
            is_typical=bool(reading.n),
            rows=[
                Number(
                    metric=name,
                    label=text,
                    unit=unit,
                    value=value,
                    said=said(value),
                    mark=change if place == 0 else None,
                    n=n or None,
                )
                for place, (name, text, value, n) in enumerate(rows)
            ],
        )
    ]


def _chart(rule: Rule, one: Told, site: SiteRow) -> list[Block]:
    if not any(point.value is not None for point in one.points):
        return []
    label = words.figure(rule.metric)
    band = any(point.p90 is not None for point in one.points)
    line = _("Blue: the figure.") + (_(" Band: what is usual.") if band else "")
    peak = max((point.value or 0.0) for point in one.points)
    grain = "day" if one.grain == "day" else "hour"
    most = wording.value(words.unit(rule), round(peak), "full")
    return [
        Chart(
            title=label if rule.kind != "expected" else _("{label} since publication", label=label),
            line=_("{line} Local time of {name}.", line=line, name=site.name),
            said=_("{label}, at most {most}. {sentence}", label=label, most=most, sentence=one.sentence),
            unit=METRICS[rule.metric].unit if rule.metric in METRICS else "count",
            grain=grain,
            points=list(one.points),
        )
    ]
