"""The site as it is now, in words: what the stream carries, and what the page shows until it flows.

`assets/live.js` lays out what stands here and writes no number of its own, so that a live number reads like
any other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
import polars as pl
from dash.development.base_component import Component

from analytics import wording
from analytics.periods import local_time
from analytics.queries import ways
from analytics.queries.expected import expected
from analytics.queries.live import Comments, Snapshot
from analytics.wording import Chip
from dashboards import components, downloads, slots, streams
from dashboards.components import Link
from dashboards.elements import Child, OwnComponent
from dashboards.filters import View
from dashboards.pages.live.shown import Shown, look
from dashboards.scope import Scope

MOST_IN_FILE = 5000
LATE_S = 15  # the loader takes a second; events that wait longer are said to be late
FRESH_MIN = 5  # bars of the last minutes are dark
MOST_WAYS = 6
EXPECTED_S = 15.0  # ages are compared in steps of 15 minutes


class Live(OwnComponent):
    """What `tearsheet.Live` of assets/live.js draws and keeps up to date.

    A component of our own: React ends its stream when the page is left, which a script beside it could not.
    """

    def __init__(self, children: Component, first: dict[str, Any], href: str, once: str) -> None:
        super().__init__("Live", children, first=first, href=href, once=once)


def draw(desk: Any, view: View) -> Child:
    """Draw the live part of the page, as it is now."""
    if not desk.sites():
        return components.card("Right now", _nothing())
    shown = look(desk, view)
    if shown.scope.coverage.views is None:
        return components.card("Right now", _nothing())
    watched = view.but(path="/live", wall="")
    file = Link("Download CSV", downloads.href("live", watched), "live.csv")
    said = worded(desk, shown) | {"file": {"href": file.href, "name": file.file, "words": file.label}}
    place = slots.slot("live-day", 240)
    return Live(place, said, streams.href("live", watched), streams.href("live.json", watched))


def state(desk: Any, view: View) -> bytes:
    """Give the site as it is now as one line of JSON."""
    return msgspec.json.encode(worded(desk, look(desk, view)))


def article_rows(desk: Any, view: View) -> downloads.Rows:
    """Give all articles of the window as rows."""
    rows = look(desk, view, MOST_IN_FILE).snapshot.articles.drop("bars", "mark")
    named = rows.with_columns(published_at=rows["published_at"].dt.to_string("iso"))
    return named.columns, named.rows()


def _nothing() -> Component:
    return components.empty(
        "Nothing has been counted yet.",
        "No source of views is connected: add the tracker to your pages, and this page comes alive.",
    )


def worded(desk: Any, shown: Shown) -> dict[str, Any]:
    """Put a snapshot into words.

    Args:
        desk: The open desk; says whether events wait to be loaded.
        shown: View and snapshot.

    Returns:
        What JSON can hold: numbers, lists and their headings, each as it is read.
    """
    scope, now = shown.scope, shown.snapshot
    at = local_time(now.as_of, scope.zone)
    return {
        "site": scope.site_name,
        "at": wording.clock(at),
        "late": _late(desk, scope, now),
        "now": _numbers(now),
        "minutes": _minutes(now),
        "list": _list(scope, now),
        "published": _published(scope, now),
        "comments": _comments(now.comments, now.as_of),
        "ways": _ways(now),
    }


def _late(desk: Any, scope: Scope, now: Snapshot) -> str:
    """Say that the numbers are not of now, and why; mostly empty."""
    waits = desk.lag_s()
    if waits > LATE_S:
        return f"Events wait {wording.duration(waits)} to be counted"
    if now.on_site is None and scope.coverage.last_event is not None:
        return f"Nothing since {scope.at_said(scope.coverage.last_event)}"
    return ""


def _numbers(now: Snapshot) -> dict[str, Any]:
    on_site = {"value": wording.full(now.on_site), "words": "on the site in the last 5 minutes"}
    if now.reading_now is not None:
        large = {"value": wording.full(now.reading_now), "words": "reading now"}
        said = f"{large['value']} reading now, {on_site['value']} on the site"
        return {"large": large, "small": on_site, "why": "", "said": said}
    why = "" if now.on_site is None else "Who reads is not known: no source sends its time by the clock."
    said = f"{on_site['value']} on the site"
    return {"large": on_site, "small": None, "why": why, "said": said}


def _minutes(now: Snapshot) -> dict[str, Any]:
    each = "minute" if now.step_min == 1 else f"{now.step_min} minutes"
    total = wording.full(sum(now.bars))
    span = _span(now)
    return {
        "bars": now.bars,
        "dark": max(1, FRESH_MIN // now.step_min),
        "words": f"{total} views in {span}, by {each}",
        "said": f"{total} views in the last {span}, one bar for each {each}; "
        f"at most {wording.full(max(now.bars, default=0))}.",
    }


def _span(now: Snapshot) -> str:
    minutes = round((now.as_of - now.began).total_seconds() / 60)
    return f"{minutes}{wording.THIN}min" if minutes <= 60 else f"{minutes // 60}{wording.THIN}h"


def _list(scope: Scope, now: Snapshot) -> dict[str, Any]:
    minutes = round((now.as_of - now.began).total_seconds() / 60)
    title = "Last 4 hours" if now.is_quiet else f"Last {minutes} minutes"
    since = wording.clock(local_time(now.began, scope.zone))
    rest = "the last 5 minutes dark; arrows: 15 minutes on the 15 before"
    quiet = (
        f"Quiet: under 10 on the site, so 4 h instead of {scope.view.window} min. " if now.is_quiet else ""
    )
    rows = now.articles.to_dicts()
    return {
        "title": title,
        "line": f"{quiet}Fresh views since {since}, {rest}",
        "end": f"{len(rows)} of {wording.full(now.count)}" if rows else "",
        "head": ["Fresh views", "Reads"],
        "rows": [_row(scope, now, row) for row in rows],
        "empty": ["Nobody opened an article.", f"Nothing since {since}{_in_section(scope)}."],
    }


def _row(scope: Scope, now: Snapshot, row: Mapping[str, Any]) -> dict[str, Any]:
    age = f"{_age(now.as_of, row['published_at'])} old" if row["published_at"] else ""
    way = f"mostly {_way(row['channel'])}" if row["channel"] else ""
    line = [part for part in (row["section"], age, way) if part]
    chip = _velocity(row)
    return {
        "id": row["id"],
        "href": _href(scope, row["id"]),
        "title": row["title"],
        "line": " · ".join(line),
        "value": wording.table(row["fresh_views"]),
        "second": wording.table(row["reads"]),
        "chip": {"text": chip.text, "tone": chip.tone, "said": chip.said} if chip else None,
        "bars": row["bars"],
    }


def _velocity(row: Mapping[str, Any]) -> Chip | None:
    """Mark what rises or falls; where there is too little to tell there is no mark."""
    if row["velocity"] is None:
        return Chip("▲ new", "above", "nobody 15 minutes before") if row["mark"] else None
    times = wording.ratio(row["velocity"])
    words = f"{wording.full(row['last_15'])} in 15 minutes, {wording.full(row['before_15'])} in the 15 before"
    if row["mark"] == "above":
        return Chip(f"▲ {times}", "above", f"rising, {words}")
    if row["mark"] == "below":
        return Chip(f"▼ {times}", "below", f"falling, {words}")
    return Chip(times, "typical", f"steady, {words}")


def _published(scope: Scope, now: Snapshot) -> dict[str, Any]:
    rows = now.published.to_dicts()
    is_known = any(row["reads"] is not None for row in rows)
    name = "reads" if is_known or not rows else "views"
    most = max([row[name] or 0 for row in rows], default=0)
    count = wording.full(now.published_count)
    stands = _expected(scope, tuple(row["id"] for row in rows))
    against = ", against what is expected at its age" if any(stands.values()) else ""
    return {
        "title": "Published today",
        "line": f"{name.capitalize()} since publication{against}, newest first",
        "end": f"{len(rows)} of {count}" if rows else "",
        "rows": [
            {
                "id": row["id"],
                "href": _href(scope, row["id"]),
                "title": row["title"],
                "line": " · ".join(
                    part
                    for part in (
                        wording.clock(local_time(row["published_at"], scope.zone)),
                        row["section"],
                        f"{_age(now.as_of, row['published_at'])} old",
                        stands.get(row["id"]),
                    )
                    if part
                ),
                "value": wording.table(row[name]),
                "share": (row[name] or 0) / most if most else 0,
            }
            for row in rows
        ],
        "empty": ["Nothing yet.", f"No article was published today{_in_section(scope)}."],
    }


def _expected(scope: Scope, ids: tuple[str, ...]) -> dict[str, str]:
    """Say where articles stand at their age; asked a few times a minute, however many watch."""

    def asked() -> dict[str, str]:
        found = expected(scope.desk.store, scope.site_id, scope.now, ids)
        return {
            row["id"]: wording.expected_chip(row["vs_expected"], row["place"], row["n"]).text
            for row in found.filter(pl.col("place").is_not_null()).to_dicts()
        }

    told: dict[str, str] = scope.desk.store.memo(("live expected", scope.site_id, ids), asked, EXPECTED_S)
    return told


def _comments(comments: Comments | None, now: dt.datetime) -> dict[str, Any]:
    if comments is None:
        return {
            "facts": [],
            "empty": ["No comments are connected.", "Connect the box, the CMS or an export."],
        }
    waiting = [wording.full(comments.pending), "waiting for a decision", bool(comments.pending)]
    facts = [[wording.full(comments.last_hour), "written in the last hour", False], waiting]
    if comments.oldest is not None:
        facts.append([_age(now, comments.oldest), "waits the oldest", True])
    return {"facts": facts, "empty": None}


def _ways(now: Snapshot) -> dict[str, Any]:
    rows = now.channels.to_dicts()
    whole = sum(row["views"] for row in rows)
    shown = [
        {
            "label": ways.label(row["channel"]),
            "words": wording.percent(row["views"] / whole),
            "share": row["views"] / whole,
        }
        for row in rows[:MOST_WAYS]
    ]
    rest = len(rows) - len(shown)
    return {
        "title": "Sources now",
        "line": f"Share of views in {_span(now)}" + (f"; {rest} smaller left out" if rest > 0 else ""),
        "rows": shown,
        "empty": ["Nobody came.", "No article was opened in this time."],
    }


def _way(channel: str) -> str:
    """Name a channel inside a line: "search", "own pages", but "AI assistants"."""
    label = ways.label(channel)
    return label if label.isupper() or label[:2].isupper() else label[:1].lower() + label[1:]


def _age(now: dt.datetime, then: dt.datetime) -> str:
    return wording.age(max((now - then).total_seconds(), 0))


def _href(scope: Scope, article_id: str) -> str:
    return View(path=f"/articles/{article_id}", site=scope.view.site).href()


def _in_section(scope: Scope) -> str:
    return f" in {wording.listed(list(scope.where.section), 'or')}" if scope.where.section else ""
