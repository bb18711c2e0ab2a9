"""How readings make an alert: N in a row outside open it, N in a row inside close it. Pure; nothing is asked.

The same function follows the readings of the last minute and those of 28 days, so that a dry run says what
the desk would have done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

import msgspec


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One look at one thing.

    Attributes:
        entity: Its id; empty is the whole site.
        began: Begin of what was counted, naive UTC.
        at: Its end.
        value: What was counted; None is unknown.
        low: Lower end of what is usual; None without.
        middle: The usual value.
        high: Upper end of what is usual.
        bound: The number that was crossed, or would have to be.
        n: What the usual range rests on.
        is_out: Whether it lies outside of what the rule allows; None where that cannot be told.
        said: A cause in words, where there is no figure.
        is_last: After it nothing more is looked at: a spell ends with it.
    """

    entity: str = ""
    began: dt.datetime
    at: dt.datetime
    value: float | None = None
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    bound: float | None = None
    n: int | None = None
    is_out: bool | None = None
    said: str = ""
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """Readings of a rule over some time.

    Attributes:
        instants: When it was looked, in order.
        readings: What was seen.
        is_sparse: What is not among the readings of an instant was inside; else nothing is known of it.
        is_once: What has opened stays open until its last reading: a sum does not come back.
    """

    instants: tuple[dt.datetime, ...] = ()
    readings: tuple[Reading, ...] = ()
    is_sparse: bool = False
    is_once: bool = False


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of readings outside.

    Attributes:
        entity: Of what.
        since: Begin of the first one.
        streak: How many in a row, up to its opening.
        calm: How many in a row have been inside since.
        latest: The latest one outside.
        peak: The value farthest outside.
        opening: The one that opened it; None as long as there were too few.
        ended_at: End of the reading that closed it.
    """

    entity: str
    since: dt.datetime
    streak: int
    calm: int
    latest: Reading
    peak: float | None
    opening: Reading | None = None
    ended_at: dt.datetime | None = None


@dataclass(slots=True)
class Followed:
    """What became of spells: those that go on by entity, those that ended, and those that led to nothing."""

    going: dict[str, Spell]
    ended: list[Spell] = field(default_factory=list)
    dropped: list[Spell] = field(default_factory=list)


def follow(before: Mapping[str, Spell], read: Read, needed: int) -> Followed:
    """Follow readings on from the spells that went on before.

    Args:
        before: Entity -> spell that goes on.
        read: The readings since, in order of time.
        needed: So many in a row open a spell, and as many close it.
    """
    found = Followed(dict(before))
    seen = {at: list(some) for at, some in groupby(sorted(read.readings, key=_at), key=_at)}
    for at in sorted({*read.instants, *seen}):
        here = {each.entity: each for each in seen.get(at, ())}
        if read.is_sparse:
            for entity in found.going.keys() - here.keys():
                here[entity] = Reading(entity=entity, began=at, at=at, is_out=False)
        for reading in here.values():
            _step(found, reading, needed, is_once=read.is_once)
    return found


def openings(spells: Iterable[Spell]) -> list[Reading]:
    """List the readings with which spells opened, in order of time."""
    return sorted((each.opening for each in spells if each.opening is not None), key=_at)


def _step(found: Followed, reading: Reading, needed: int, *, is_once: bool) -> None:
    """Take one reading; where nothing can be told, nothing changes."""
    spell = found.going.get(reading.entity)
    if reading.is_out is None or (spell is None and not reading.is_out):
        return
    if reading.is_out:
        found.going[reading.entity] = _outside(spell, reading, needed)
        return
    if spell is None:
        return
    if spell.opening is None:
        found.dropped.append(found.going.pop(reading.entity))
        return
    calmer = replace(spell, calm=spell.calm + 1)
    if not reading.is_last and (is_once or calmer.calm < needed):
        found.going[reading.entity] = calmer
    else:
        del found.going[reading.entity]
        found.ended.append(replace(calmer, ended_at=reading.at))


def _outside(spell: Spell | None, reading: Reading, needed: int) -> Spell:
    if spell is None:
        spell = Spell(reading.entity, reading.began, 0, 0, reading, reading.value)
    if spell.opening is not None:
        return replace(spell, calm=0, latest=reading, peak=_farthest(spell.peak, reading))
    streak = spell.streak + 1
    opening = reading if streak >= needed else None
    return replace(spell, streak=streak, latest=reading, opening=opening, peak=_farthest(spell.peak, reading))


def _farthest(peak: float | None, reading: Reading) -> float | None:
    """Give the one of two values that lies farther on the outer side of the bound."""
    if peak is None or reading.value is None:
        return reading.value if peak is None else peak
    is_above = reading.bound is None or reading.value >= reading.bound
    return max(peak, reading.value) if is_above else min(peak, reading.value)


def _at(reading: Reading) -> dt.datetime:
    return reading.at
