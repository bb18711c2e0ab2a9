"""Small traffic for laws: people who read around midnight, and the plain rules to check facts against."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hypothesis import strategies as st

from analytics.periods import day_begins, local_day
from tests.builders import ZONE, Row, article, comment, engagement, step, utc, view

EVENING = utc("2026-05-06 01:00")  # 22:00 of 2026-05-05 in Sao Paulo; midnight is two hours later
GAP = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=24)
PAGES = ("A1", "A2", "u-1", "P1", None)
SIGNALS = ("full", "full", "full", "time", "none")


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that a reader sends: a load, or a beacon of it."""

    who: str
    at: dt.datetime
    row: Row


@dataclass(frozen=True, slots=True)
class Beacon:
    """A beacon `after_s` seconds after its load."""

    after_s: int
    share: int  # of the time since the load, percent
    scroll: int
    acts: int
    is_lost: bool  # it names a view that nobody knows


@dataclass(frozen=True, slots=True)
class Load:
    """A load of a page by somebody."""

    who: str
    second: int
    page: str | None
    signal: str
    beacons: tuple[Beacon, ...]


_seconds = st.one_of(
    st.integers(0, 4 * 3600),  # around the first midnight
    st.integers(105 * 60, 150 * 60),  # close to it
    st.integers(24 * 3600, 28 * 3600),  # around the second
)
_beacons = st.builds(
    Beacon,
    after_s=st.one_of(st.integers(1, 60), st.integers(1, 45 * 60)),
    share=st.integers(0, 100),
    scroll=st.integers(0, 100),
    acts=st.integers(0, 2),
    is_lost=st.sampled_from((False, False, False, False, True)),
)
_loads = st.builds(
    Load,
    who=st.sampled_from("pqr"),
    second=_seconds,
    page=st.sampled_from(PAGES),
    signal=st.sampled_from(SIGNALS),
    beacons=st.lists(_beacons, max_size=2).map(tuple),
)
traffic = st.lists(_loads, min_size=1, max_size=14, unique_by=lambda load: load.second)

_statuses = st.sampled_from(("pending", "published", "rejected", "spam", "deleted"))
_states = st.tuples(st.sampled_from(("c1", "c2", "c3")), _statuses, _seconds, st.booleans())
talk = st.lists(_states, max_size=6, unique_by=lambda state: state[2])

_steps = st.tuples(
    st.sampled_from(("b1", "b2")), st.sampled_from(("open", "type", "limit", "warn", "submit")), _seconds
)
typing = st.lists(_steps, max_size=4, unique_by=lambda step: step[2])

catalogues = st.sampled_from(
    (
        article("A1", section="politics", word_count=300, authors=("u1", "u2"), topics=("t1",)),
        article("A1", section="culture"),
        article("A2", section="culture", word_count=40, authors=("u1",)),
        article("A2", kind="page"),
        article("A2", kind="video"),
        article("A2", kind="article"),
        article("P1", kind="page"),
        article("P1", kind="article", section="culture"),
        article("A1", aliases=("u-1",)),
        article("A3", aliases=("u-1",), authors=("u3",)),
        article("A1", authors=()),
    )
)


def signs(loads: list[Load]) -> list[Sign]:
    """Lay traffic out as what is sent; a visitor's hash turns at midnight, and links back for 30 minutes."""
    found = []
    for number, load in enumerate(loads):
        at = EVENING + dt.timedelta(seconds=load.second)
        name = f"v{number}"
        found.append(
            Sign(
                load.who,
                at,
                view(name, at, load.page, _key(load.who, at), prev=_prev(load.who, at), signal=load.signal),
            )
        )
        if load.signal == "none":
            continue
        for n, beacon in enumerate(load.beacons):
            then = at + dt.timedelta(seconds=beacon.after_s)
            # Two deltas together stay within the time since the load: more would be cut.
            ms = beacon.after_s * beacon.share * (10 if load.signal == "full" else 5)
            row = engagement(
                "unknown" if beacon.is_lost else name,
                then,
                ms,
                scroll=beacon.scroll if load.signal == "full" else None,
                acts=beacon.acts if load.signal == "full" else None,
                mode="max" if load.signal == "full" else "sum",
                visitor=_key(load.who, then),
                prev=_prev(load.who, then),
                event=f"{name} beacon {n}",
            )
            found.append(Sign(load.who, then, row))
    return found


def talks(states: list[tuple[str, str, int, bool]]) -> list[Row]:
    """Lay out states of comments; some bear the time of writing, some not."""
    rows = []
    for name, status, second, is_dated in states:
        at = EVENING + dt.timedelta(seconds=second)
        created = EVENING + dt.timedelta(minutes=10 * int(name[1])) if is_dated else None
        rows.append(
            comment(name, status, at, writer=f"k{second % 2}", length=second % 600, created_at=created)
        )
    return rows


def steps(taken: list[tuple[str, str, int]]) -> list[Row]:
    """Lay out steps in comment boxes of the first view."""
    return [step(box, did, EVENING + dt.timedelta(seconds=second), of="v0") for box, did, second in taken]


def sessions_of(found: list[Sign]) -> dict[str, str]:
    """Say by plain rules which session each view is in: no silence over 30 min, at most 24 h."""
    sessions = {}
    for who in {sign.who for sign in found}:
        own = sorted((sign for sign in found if sign.who == who), key=lambda sign: sign.at)
        began = last = own[0].at
        for sign in own:
            if sign.at - last > GAP:
                began = sign.at
            last = sign.at
            if sign.row.table == "page_views":
                part = (sign.at - began) // LONGEST
                sessions[str(sign.row.values["view_id"])] = f"{who} {began} {part}"
    return sessions


def _key(who: str, at: dt.datetime) -> str:
    return f"{who} on {local_day(at, ZONE)}"


def _prev(who: str, at: dt.datetime) -> str | None:
    day = local_day(at, ZONE)
    is_first = at - day_begins(day, ZONE) < GAP
    return f"{who} on {day - dt.timedelta(days=1)}" if is_first else None
