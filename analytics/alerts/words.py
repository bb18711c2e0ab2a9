"""What an alert says: one sentence with the number, what is usual, and where it is looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from urllib.parse import quote

from analytics import wording
from analytics.alerts.kinds import KINDS, LIVE
from analytics.alerts.spells import Reading
from analytics.control.alerts import Rule
from analytics.language import N_, _, inside
from analytics.metrics import METRICS, metric
from analytics.periods import local_time

_FIGURES = {
    LIVE: N_("People on the site"),
    "comments_pending": N_("Waiting comments"),
    "oldest_min": N_("Longest wait for a decision"),
}
_OF_EACH = {
    "section": N_("{noun} of each section"),
    "author": N_("{noun} of each author"),
    "topic": N_("{noun} of each topic"),
    "article": N_("{noun} of each article"),
}


def figure(name: str) -> str:
    """Name a figure."""
    if name in _FIGURES:
        return _(_FIGURES[name])
    return METRICS[name].label if name in METRICS else ""


def rule(found: Rule, names: dict[str, str] | None = None) -> str:
    """Say what a rule watches: "Reads of each section by hours: above what is usual, level 2×"."""
    kind = KINDS[found.kind]
    parts = [_watched(found, names or {})] if found.metric else [_(kind.title)]
    limit = _limit(found)
    about = parts[0] if found.metric else _(kind.about).rstrip(".")  # what has no figure says what it is
    said = f"{parts[0]}: {limit}" if limit else about
    return _("{said}, {n} readings in a row", said=said, n=found.readings) if found.readings > 1 else said


def name_of(found: Rule) -> str:
    """Name a rule that nobody named."""
    kind = _(KINDS[found.kind].title)
    if not found.metric or found.kind in {"rising", "source", "silent", "storm", "expected"}:
        return kind
    return f"{kind}: {inside(figure(found.metric))}"


def sentence(found: Rule, reading: Reading, name: str, zone: str, site_name: str) -> str:
    """Say what happened, in one sentence.

    Args:
        found: The rule.
        reading: What was read.
        name: Of the entity; empty is the whole site.
        zone: Of the site.
        site_name: Of the site.
    """
    if reading.said:
        return reading.said
    write = _SENTENCES.get(found.kind, _of_figure)
    return write(found, reading, name or site_name, zone)


def ended(sentence: str, closed: dt.datetime, zone: str) -> str:
    """Say since when it is over, and what it was."""
    return _("Over since {when}. It was: {sentence}", when=_clock(closed, zone), sentence=sentence)


def href(found: Rule, entity: str) -> str:
    """Write the address at which an alert is looked at; begins with "/"."""
    site, key = f"site={found.site_id}", quote(entity, safe="")
    is_article = found.kind in {"expected", "rising", "storm"} or found.dimension == "article"
    places = {
        "backlog": f"/comments?{site}",
        "source": f"/articles?{site}&period=today&source={key}" if entity else f"/audience?{site}",
        "query": f"/sql/{quote(found.query, safe='')}",
        "report": "/reports",
        "silent": f"/health?{site}",
        "house": f"/health?{site}",
    }
    if found.kind in places:
        return places[found.kind]
    if entity and is_article:
        return f"/articles/{key}?{site}"
    if entity and found.dimension in {"author", "topic"}:
        return f"/{found.dimension}s/{key}?{site}"
    if found.metric == LIVE:
        return f"/live?{site}"
    section = f"&section={key}" if entity and found.dimension == "section" else ""
    return f"/?{site}&period=today{section}"


def unit(found: Rule) -> str:
    """Tell the unit of what a rule watches."""
    if found.metric == "oldest_min":
        return "min"
    return metric(found.metric).unit if found.metric in METRICS else "count"


def _expected(found: Rule, reading: Reading, name: str, _zone: str) -> str:
    middle = reading.middle
    said = {
        "name": name,
        "value": number(found, reading.value),
        "noun": inside(figure(found.metric)),
        "usual": _usual(found, reading),
    }
    if not middle:
        return _("“{name}” has {value} {noun} at its age ({usual}).", **said)
    times = wording.ratio((reading.value or 0) / middle)
    return _(
        "“{name}” has {value} {noun}, {times} what is expected at its age ({usual}).", times=times, **said
    )


def _rising(found: Rule, reading: Reading, name: str, zone: str) -> str:
    value, usual = number(found, reading.value), number(found, reading.middle)
    return _(
        "“{name}” is read again: {value} views {when}, usually {usual}.",
        name=name,
        value=value,
        when=_when(found, reading, zone),
        usual=usual,
    )


def _storm(found: Rule, reading: Reading, name: str, _zone: str) -> str:
    value = number(found, reading.value)
    if found.metric == "comments_pending":
        return _("{value} comments wait for a decision under “{name}”.", value=value, name=name)
    return _("{value} comments came within an hour under “{name}”.", value=value, name=name)


def _backlog(found: Rule, reading: Reading, name: str, _zone: str) -> str:
    if found.metric == "oldest_min":
        return _(
            "A comment of {name} has waited {value} for a decision.",
            name=name,
            value=wording.minutes(reading.value),
        )
    return _("{value} comments of {name} wait for a decision.", value=number(found, reading.value), name=name)


def _source(found: Rule, reading: Reading, name: str, zone: str) -> str:
    value = number(found, reading.value)
    return _(
        "{name} sends readers for the first time: {value} views {when}.",
        name=name,
        value=value,
        when=_when(found, reading, zone),
    )


def _silent(_found: Rule, reading: Reading, name: str, zone: str) -> str:
    since, missed = _clock(reading.began, zone), wording.full(reading.middle)
    return _(
        "No page view of {name} has come in since {since}; about {missed} would be usual.",
        name=name,
        since=since,
        missed=missed,
    )


def _of_figure(found: Rule, reading: Reading, name: str, zone: str) -> str:
    middle, value = reading.middle, reading.value
    said = _(
        "{noun} of {name} {when}: {value}",
        noun=figure(found.metric),
        name=name,
        when=_when(found, reading, zone),
        value=number(found, value),
    )
    if found.kind == "level":
        return _("{said}; the alert is set at {bound}.", said=said, bound=number(found, reading.bound))
    share = wording.difference(value, middle)
    if found.kind == "change":
        return _(
            "{said}, {share} on a week before ({then}).", said=said, share=share, then=number(found, middle)
        )
    usual = _usual(found, reading)
    if found.kind == "drop":
        return _("{said}, {share} on what is usual ({usual}).", said=said, share=share, usual=usual)
    if value is not None and middle is not None and value > middle:
        return _("{said}, more than usual ({usual}).", said=said, usual=usual)
    return _("{said}, less than usual ({usual}).", said=said, usual=usual)


_SENTENCES: dict[str, Callable[[Rule, Reading, str, str], str]] = {
    "expected": _expected,
    "rising": _rising,
    "storm": _storm,
    "backlog": _backlog,
    "source": _source,
    "silent": _silent,
}


def _usual(found: Rule, reading: Reading) -> str:
    if reading.middle is None:
        return _("nothing to compare with")
    rests = f", n{wording.THIN}{reading.n}" if reading.n else ""
    if reading.low is None or reading.high is None:
        said = _("median {middle}", middle=number(found, reading.middle))
        if reading.high is not None:
            said += _(", nine in ten under {high}", high=number(found, reading.high))
        return f"{said}{rests}"
    span = wording.interval(unit(found), round(reading.low), round(reading.high), "table")
    return f"{span}, {_('median {middle}', middle=number(found, reading.middle))}{rests}"


def number(found: Rule, value: float | None) -> str:
    """Write a value of what a rule watches, in full."""
    whole = round(value) if value is not None else None
    return wording.value(unit(found), whole, "full")


def _when(found: Rule, reading: Reading, zone: str) -> str:
    began, ends = local_time(reading.began, zone), local_time(reading.at, zone)
    if found.metric == LIVE:
        return _("at {clock}", clock=wording.clock(ends))
    if found.grain == "day" or found.kind == "source":
        return _("on {day}", day=wording.day_named(began.date()))
    return _("from {first} to {last}", first=wording.clock(began), last=wording.clock(ends))


def _clock(at: dt.datetime, zone: str) -> str:
    local = local_time(at, zone)
    return _("{clock} on {day}", clock=wording.clock(local), day=wording.day_named(local.date()))


def _watched(found: Rule, names: dict[str, str]) -> str:
    noun = figure(found.metric)
    if found.kind in {"expected", "rising"}:
        noun = _("{noun} of articles", noun=noun)
    elif found.kind == "storm":
        if found.metric == "comments_created":
            return _("{noun} under one article within an hour", noun=noun)
        return _("{noun} under one article", noun=noun)
    elif found.kind in {"backlog", "source", "silent"} or found.metric == LIVE:
        return _(KINDS[found.kind].title) if found.kind in {"source", "silent"} else noun
    if found.dimension != "site":
        which = wording.listed([names.get(each, each) for each in found.ids], "or")
        if which:
            noun = _("{noun} of {which}", noun=noun, which=which)
        elif found.kind != "expected":
            noun = _(_OF_EACH[found.dimension], noun=noun)
    if found.kind in {"expected", "rising"}:
        return noun
    return _("{noun} by days", noun=noun) if found.grain == "day" else _("{noun} by hours", noun=noun)


def _limit(found: Rule) -> str:
    bound = found.bound
    level = _(", level {n}", n=f"{found.level}{wording.TIMES}") if found.level > 1 else ""
    learned = {
        "learned": {
            "above": _("above what is usual"),
            "below": _("below what is usual"),
            "either": _("above or below what is usual"),
        }[found.direction],
        "expected": _("above what is expected at their age"),
        "rising": _("above the seven days before"),
    }
    if found.kind in learned:
        return learned[found.kind] + level
    if bound is None:
        return _("it returns rows") if found.kind == "query" else ""
    share, least = wording.percent(bound), number(found, bound)
    side = {"above": N_("above {n}"), "below": N_("below {n}"), "either": N_("above or below {n}")}
    more = {
        "above": N_("{share} more than a week before"),
        "below": N_("{share} less than a week before"),
        "either": N_("{share} more or less than a week before"),
    }
    limits = {
        "silent": _("for {minutes}", minutes=wording.minutes(bound)),
        "drop": _("{share} less than usual", share=share),
        "change": _(more[found.direction], share=share),
        "level": _(side[found.direction], n=least),
        "query": _(side[found.direction], n=wording.figure(bound)),
    }
    return limits.get(found.kind) or _("{number} or more", number=least)
