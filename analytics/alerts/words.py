"""What an alert says: one sentence with the number, what is usual, and where it is looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from urllib.parse import quote

from analytics import wording
from analytics.alerts.kinds import KINDS, LIVE
from analytics.alerts.spells import Reading
from analytics.control.alerts import Rule
from analytics.metrics import METRICS, metric
from analytics.periods import local_time

_FIGURES = {
    LIVE: "People on the site",
    "comments_pending": "Waiting comments",
    "oldest_min": "Longest wait for a decision",
}
_OF_ONE = {"section": "section", "author": "author", "topic": "topic", "article": "article"}


def figure(name: str) -> str:
    """Name a figure."""
    return _FIGURES.get(name) or (METRICS[name].label if name in METRICS else "")


def rule(found: Rule, names: dict[str, str] | None = None) -> str:
    """Say what a rule watches: "Reads of each section by hours: above what is usual, level 2×"."""
    kind = KINDS[found.kind]
    parts = [_watched(found, names or {})] if found.metric else [kind.title]
    limit = _limit(found)
    said = f"{parts[0]}: {limit}" if limit else parts[0]
    return f"{said}, {found.readings} readings in a row" if found.readings > 1 else said


def name_of(found: Rule) -> str:
    """Name a rule that nobody named."""
    kind = KINDS[found.kind].title
    if not found.metric or found.kind in {"rising", "source", "silent", "storm", "expected"}:
        return kind
    return f"{kind}: {figure(found.metric).lower()}"


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


def ended(found: Rule, name: str, site_name: str) -> str:
    """Say that all is well again."""
    return f"All is well again: {name or found.name}, {site_name}."


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
    section = f"&section={key}" if entity and found.dimension == "section" else ""
    return f"/?{site}&period=today{section}"


def unit(found: Rule) -> str:
    """Tell the unit of what a rule watches."""
    if found.metric == "oldest_min":
        return "min"
    return metric(found.metric).unit if found.metric in METRICS else "count"


def _expected(found: Rule, reading: Reading, name: str, _zone: str) -> str:
    middle = reading.middle
    times = f", {wording.ratio((reading.value or 0) / middle)} what is expected" if middle else ""
    noun = figure(found.metric).lower()
    return (
        f"“{name}” has {_number(found, reading.value)} {noun}{times} at its age ({_usual(found, reading)})."
    )


def _rising(found: Rule, reading: Reading, name: str, zone: str) -> str:
    value, usual = _number(found, reading.value), _number(found, reading.middle)
    return f"“{name}” is read again: {value} views {_when(found, reading, zone)}, usually {usual}."


def _storm(found: Rule, reading: Reading, name: str, _zone: str) -> str:
    words = "wait for a decision" if found.metric == "comments_pending" else "came within an hour"
    return f"{_number(found, reading.value)} comments {words} under “{name}”."


def _backlog(found: Rule, reading: Reading, name: str, _zone: str) -> str:
    if found.metric == "oldest_min":
        return f"A comment of {name} has waited {wording.minutes(reading.value)} for a decision."
    return f"{_number(found, reading.value)} comments of {name} wait for a decision."


def _source(found: Rule, reading: Reading, name: str, zone: str) -> str:
    value = _number(found, reading.value)
    return f"{name} sends readers for the first time: {value} views {_when(found, reading, zone)}."


def _silent(_found: Rule, reading: Reading, name: str, zone: str) -> str:
    since, missed = _clock(reading.began, zone), wording.full(reading.middle)
    return f"No page view of {name} has come in since {since}; about {missed} would be usual."


def _of_figure(found: Rule, reading: Reading, name: str, zone: str) -> str:
    middle, value = reading.middle, reading.value
    said = f"{figure(found.metric)} of {name} {_when(found, reading, zone)}: {_number(found, value)}"
    if found.kind == "level":
        return f"{said}; the alert is set at {_number(found, reading.bound)}."
    share = wording.difference(value, middle)
    if found.kind == "change":
        return f"{said}, {share} on a week before ({_number(found, middle)})."
    if found.kind == "drop":
        return f"{said}, {share} on what is usual ({_usual(found, reading)})."
    word = "more" if value is not None and middle is not None and value > middle else "less"
    return f"{said}, {word} than usual ({_usual(found, reading)})."


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
        return "nothing to compare with"
    rests = f", n{wording.THIN}{reading.n}" if reading.n else ""
    if reading.low is None or reading.high is None:
        ends = f", nine in ten under {_number(found, reading.high)}" if reading.high is not None else ""
        return f"median {_number(found, reading.middle)}{ends}{rests}"
    span = wording.interval(unit(found), round(reading.low), round(reading.high), "table")
    return f"{span}, median {_number(found, reading.middle)}{rests}"


def _number(found: Rule, value: float | None) -> str:
    whole = round(value) if value is not None else None
    return wording.value(unit(found), whole, "full")


def _when(found: Rule, reading: Reading, zone: str) -> str:
    began, ends = local_time(reading.began, zone), local_time(reading.at, zone)
    if found.metric == LIVE:
        return f"at {wording.clock(ends)}"
    if found.grain == "day" or found.kind == "source":
        return f"on {wording.day_named(began.date())}"
    return f"from {wording.clock(began)} to {wording.clock(ends)}"


def _clock(at: dt.datetime, zone: str) -> str:
    local = local_time(at, zone)
    return f"{wording.clock(local)} on {wording.day_named(local.date())}"


def _watched(found: Rule, names: dict[str, str]) -> str:
    noun = figure(found.metric)
    if found.kind in {"expected", "rising"}:
        noun = f"{noun} of articles"
    elif found.kind == "storm":
        return f"{noun} under one article" + (" within an hour" if found.metric == "comments_created" else "")
    elif found.kind in {"backlog", "source", "silent"} or found.metric == LIVE:
        return KINDS[found.kind].title if found.kind in {"source", "silent"} else noun
    if found.dimension != "site":
        one = _OF_ONE[found.dimension]
        which = wording.listed([names.get(each, each) for each in found.ids], "or")
        noun += f" of {which}" if which else f" of each {one}" if found.kind != "expected" else ""
    by = "" if found.kind in {"expected", "rising"} else " by days" if found.grain == "day" else " by hours"
    return noun + by


def _limit(found: Rule) -> str:
    bound = found.bound
    side = {"above": "above", "below": "below", "either": "above or below"}[found.direction]
    level = f", level {found.level}{wording.TIMES}" if found.level > 1 else ""
    learned = {
        "learned": f"{side} what is usual",
        "expected": "above what is expected at their age",
        "rising": "above the seven days before",
    }
    if found.kind in learned:
        return learned[found.kind] + level
    if bound is None:
        return "it returns rows" if found.kind == "query" else ""
    more = {"above": "more", "below": "less", "either": "more or less"}[found.direction]
    number = _number(found, bound)
    return {
        "silent": f"for {wording.minutes(bound)}",
        "drop": f"{wording.percent(bound)} less than usual",
        "change": f"{wording.percent(bound)} {more} than a week before",
        "level": f"{side} {number}",
        "query": f"{side} {bound:,g}",
    }.get(found.kind, f"{number} or more")
