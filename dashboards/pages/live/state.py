"""The site as it is now, in words: what the stream carries, and what the page shows until it flows.

`assets/live.js` lays out what stands here and writes no number of its own, so that a live number reads like
any other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec
from dash.development.base_component import Component

from analytics import marks, wording
from analytics.language import _, begun, inside
from analytics.metrics import FEW_N
from analytics.periods import local_time
from analytics.queries import live, moments, ways
from analytics.queries.expected import expected
from analytics.queries.live import Comments, Peak, Snapshot
from analytics.queries.moments import Moment
from analytics.queries.typical import Band
from analytics.wording import Chip
from dashboards import cards, components, downloads, slots, streams
from dashboards.components import Link
from dashboards.elements import Child, OwnComponent
from dashboards.filters import View
from dashboards.pages.live.shown import Shown, asked_of, look, weekday
from dashboards.scope import Scope

MOST_IN_FILE = 5000
LATE_S = 15  # the loader takes a second; events that wait longer are said to be late
FRESH_MIN = 5  # bars of the last minutes are dark
MOST_WAYS = 6
EXPECTED_S = 15.0  # ages are compared in steps of 15 minutes


Stands: TypeAlias = "Mapping[str, Mapping[str, Any]]"  # article -> where it stands at its age


class Live(OwnComponent):
    """What `tearsheet.Live` of assets/live.js draws and keeps up to date.

    A component of our own: React ends its stream when the page is left, which a script beside it could not.
    """

    def __init__(self, children: Component, first: dict[str, Any], href: str, once: str) -> None:
        super().__init__("Live", children, first=first, href=href, once=once)


def draw(desk: Any, view: View) -> Child:
    """Draw the live part of the page, as it is now."""
    if not desk.sites():
        return components.card(_("Right now"), _nothing(view))
    shown = look(desk, view)
    if shown.scope.coverage.views is None:
        return components.card(_("Right now"), _nothing(view))
    watched = watched_of(view)
    file = Link(_("Download CSV"), downloads.href("live", watched), "live.csv")
    said = worded(desk, shown) | {"file": {"href": file.href, "name": file.file, "words": file.label}}
    place = slots.slot("live-day", 240)
    return Live(place, said, streams.href("live", watched), streams.href("live.json", watched))


def watched_of(view: View) -> View:
    """Give what a stream is of: how its page looks and sounds makes no other question."""
    return view.but(path="/live", **dict.fromkeys(streams.LOOKS, ""))


def state(desk: Any, view: View) -> bytes:
    """Give the site as it is now as one line of JSON."""
    return msgspec.json.encode(worded(desk, look(desk, view)))


def article_rows(desk: Any, view: View) -> downloads.Rows:
    """Give all articles of the window as rows."""
    rows = look(desk, view, MOST_IN_FILE).snapshot.articles.drop("bars", "mark")
    named = rows.with_columns(published_at=rows["published_at"].dt.to_string("iso"))
    return named.columns, named.rows()


def _nothing(view: View) -> Component:
    return components.empty(
        _("Nothing has been counted yet."),
        _("No source of views is connected: add the tracker to your pages, and this page comes alive."),
        cards.set_up(view),
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
    ids = {*now.articles["id"].to_list(), *now.published["id"].to_list()}
    stands = _expected(scope, tuple(sorted(ids)))
    at = local_time(now.as_of, scope.zone)
    return {
        "site": scope.site_name,
        "has_come": scope.coverage.first_event is not None,
        "at": wording.clock(at),
        "late": _late(desk, scope, now),
        "now": _numbers(now)
        | _usually(scope, now, live.usually(desk.store, asked_of(scope), scope.now))
        | {"peak": _peak(scope, now, live.peak(desk.store, asked_of(scope), scope.now))},
        "minutes": _minutes(now),
        "list": _list(scope, now, stands),
        "published": _published(scope, now, stands),
        "moments": _moments(scope, now),
        "comments": _comments(now.comments, now.as_of),
        "ways": _ways(now),
    }


def _late(desk: Any, scope: Scope, now: Snapshot) -> str:
    """Say that the numbers are not of now, and why; mostly empty."""
    waits = desk.lag_s()
    if waits > LATE_S:
        return _("Events wait {waits} to be counted", waits=wording.duration(waits))
    if now.on_site is None and scope.coverage.last_event is not None:
        return _("Nothing since {at_said}", at_said=scope.at_said(scope.coverage.last_event))
    return ""


def _numbers(now: Snapshot) -> dict[str, Any]:
    on_site = {"value": wording.full(now.on_site), "words": _("on the site in the last 5 minutes")}
    if now.reading_now is not None:
        large = {"value": wording.full(now.reading_now), "words": _("reading now")}
        said = _("{value} reading now, {value_2} on the site", value=large["value"], value_2=on_site["value"])
        return {"large": large, "small": on_site, "why": "", "said": said}
    why = "" if now.on_site is None else _("Who reads is not known: no source sends its time by the clock.")
    said = _("{value} on the site", value=on_site["value"])
    return {"large": on_site, "small": None, "why": why, "said": said}


def _usually(scope: Scope, now: Snapshot, band: Band | None) -> dict[str, Any]:
    """Set who is on the site beside what is typical at this minute of this weekday."""
    if band is None or now.on_site is None:
        return {"chip": None, "gauge": None, "usual": ""}
    usual = marks.Usual(band.least, band.low, band.median, band.high, band.most)
    words = _(
        "typical {weekday} at {time}: {span}",
        weekday=weekday(scope),
        time=wording.clock(local_time(scope.now, scope.zone)),
        span=wording.interval("readers", round(band.low), round(band.high)),
    )
    share = (now.on_site - band.median) / band.median if band.median else None
    is_few = min(now.on_site, band.median) < FEW_N
    chip = wording.change_chip(share, usual.place(now.on_site), is_few=is_few)
    return {"chip": _chip(chip), "gauge": marks.gauge(now.on_site, usual, label=words).spec(), "usual": words}


def _peak(scope: Scope, now: Snapshot, most: Peak | None) -> str:
    """Say how many the day has seen on the site at once, and when; now where that is more."""
    if now.on_site is None:
        return ""
    found = most if most and most.people > now.on_site else Peak(now.on_site, now.as_of)
    if not found.people:
        return ""
    return _(
        "peak today {people} at {time}",
        people=wording.full(found.people),
        time=wording.clock(local_time(found.at, scope.zone)),
    )


def _minutes(now: Snapshot) -> dict[str, Any]:
    each = _("minute") if now.step_min == 1 else _("{step_min} minutes", step_min=now.step_min)
    total = wording.full(sum(now.bars))
    span = _span(now)
    return {
        "bars": now.bars,
        "dark": max(1, FRESH_MIN // now.step_min),
        "words": _("{total} views in {span}, by {each}", total=total, span=span, each=each),
        "said": _(
            "{total} views in the last {span}, one bar for each {each}; at most {bars}.",
            total=total,
            span=span,
            each=each,
            bars=wording.full(max(now.bars, default=0)),
        ),
    }


def _span(now: Snapshot) -> str:
    minutes = round((now.as_of - now.began).total_seconds() / 60)
    return (
        _("{minutes}\N{NARROW NO-BREAK SPACE}min", minutes=minutes)
        if minutes <= 60
        else f"{minutes // 60}{wording.THIN}h"
    )


def _list(scope: Scope, now: Snapshot, stands: Stands) -> dict[str, Any]:
    minutes = round((now.as_of - now.began).total_seconds() / 60)
    title = _("Last 4 hours") if now.is_quiet else _("Last {minutes} minutes", minutes=minutes)
    since = wording.clock(local_time(now.began, scope.zone))
    rest = _("the last 5 minutes dark; arrows: 15 minutes on the 15 before")
    quiet = (
        _("Quiet: under 10 on the site, so 4 h instead of {window} min. ", window=scope.view.window)
        if now.is_quiet
        else ""
    )
    rows = now.articles.to_dicts()
    return {
        "title": title,
        "line": _("{quiet}Fresh views since {since}, {rest}", quiet=quiet, since=since, rest=rest),
        "end": _("{rows} of {count}", rows=len(rows), count=wording.full(now.count)) if rows else "",
        "head": [_("Fresh views"), _("Reads")],
        "rows": [_row(scope, now, row, stands.get(row["id"])) for row in rows],
        "empty": [
            _("Nobody opened an article."),
            _("Nothing since {since}{in_section}.", since=since, in_section=_in_section(scope)),
        ],
    }


def _row(
    scope: Scope, now: Snapshot, row: Mapping[str, Any], stands: Mapping[str, Any] | None
) -> dict[str, Any]:
    age = _("{age} old", age=_age(now.as_of, row["published_at"])) if row["published_at"] else ""
    way = _("mostly {way}", way=_way(row["channel"])) if row["channel"] else ""
    chip = _velocity(row)
    return {
        "id": row["id"],
        "href": _href(scope, row["id"]),
        "title": row["title"],
        "line": wording.joined(row["section"], age, _position(stands), way),
        "value": wording.table(row["fresh_views"]),
        "second": wording.table(row["reads"]),
        "chip": _chip(chip),
        "bars": row["bars"],
    }


def _position(stands: Mapping[str, Any] | None) -> str:
    """Say inside a line where an article stands at its age; empty where that is not known."""
    if stands is None or stands["place"] is None:
        return ""
    chip = wording.expected_chip(stands["vs_expected"], stands["place"], stands["n"] or 0, short=True)
    return _("{times} expected", times=chip.text)


def _velocity(row: Mapping[str, Any]) -> Chip | None:
    """Mark what rises or falls; where there is too little to tell there is no mark."""
    if row["velocity"] is None:
        return Chip(_("▲ new"), "above", _("nobody 15 minutes before")) if row["mark"] else None
    times = wording.ratio(row["velocity"])
    words = _(
        "{last_15} in 15 minutes, {before_15} in the 15 before",
        last_15=wording.full(row["last_15"]),
        before_15=wording.full(row["before_15"]),
    )
    if row["mark"] == "above":
        return Chip(f"▲ {times}", "above", _("rising, {words}", words=words))
    if row["mark"] == "below":
        return Chip(f"▼ {times}", "below", _("falling, {words}", words=words))
    return Chip(times, "typical", _("steady, {words}", words=words))


def _published(scope: Scope, now: Snapshot, known: Stands) -> dict[str, Any]:
    rows = now.published.to_dicts()
    is_known = any(row["reads"] is not None for row in rows)
    name = "reads" if is_known or not rows else "views"
    count = wording.full(now.published_count)
    stands = {row["id"]: known[row["id"]] for row in rows if row["id"] in known and name == "reads"}
    most = max([row[name] or 0 for row in rows] + [each["p90"] or 0 for each in stands.values()], default=0)
    against = _("; band: 8 of 10 of its section at the same age") if stands else ""
    return {
        "title": _("Published today"),
        "line": _("{name} since publication, newest first{against}", name=begun(_(name)), against=against),
        "end": _("{rows} of {count}", rows=len(rows), count=count) if rows else "",
        "rows": [_new(scope, now, row, stands.get(row["id"]), name, most) for row in rows],
        "empty": [
            _("Nothing yet."),
            _("No article was published today{in_section}.", in_section=_in_section(scope)),
        ],
    }


def _new(
    scope: Scope,
    now: Snapshot,
    row: Mapping[str, Any],
    stands: Mapping[str, Any] | None,
    name: str,
    most: float,
) -> dict[str, Any]:
    """Word one article of today: what it gathered, over the band of what is expected at its age."""
    line = [wording.clock(local_time(row["published_at"], scope.zone)), row["section"]]
    chip, drawn = None, marks.bar((row[name] or 0) / most if most else 0, width=56)
    if stands is not None:
        chip = wording.expected_chip(
            stands["vs_expected"], stands["place"], stands["n"] or 0, is_early=stands["is_early"], short=True
        )
    if stands is not None and stands["p50"] is not None:
        line.append(_("expected {count}", count=wording.table(round(stands["p50"]))))
        drawn = marks.bullet(row[name], stands["p10"], stands["p90"], most, width=56)
    else:
        line.append(_("{age} old", age=_age(now.as_of, row["published_at"])))
    return {
        "id": row["id"],
        "href": _href(scope, row["id"]),
        "title": row["title"],
        "line": wording.joined(*line),
        "value": wording.table(row[name]),
        "mark": drawn.spec(),
        "chip": _chip(chip),
    }


def _chip(chip: Chip | None) -> dict[str, str] | None:
    return {"text": chip.text, "tone": chip.tone, "said": chip.said} if chip else None


def _expected(scope: Scope, ids: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Say where articles stand at their age; asked a few times a minute, however many watch."""

    def asked() -> dict[str, dict[str, Any]]:
        found = expected(scope.desk.store, scope.site_id, scope.now, ids)
        return {row["id"]: row for row in found.to_dicts()}

    told: dict[str, dict[str, Any]] = scope.desk.store.memo(
        ("live expected", scope.site_id, ids), asked, EXPECTED_S
    )
    return told


def _moments(scope: Scope, now: Snapshot) -> dict[str, Any]:
    ids = [*now.articles["id"].to_list(), *now.published["id"].to_list()]
    found = moments.moments(scope.desk.store, scope.site_id, scope.zone, now.as_of, ids)
    return {
        "title": _("Moments"),
        "line": _("Since midnight, newest first"),
        "rows": [
            {
                "id": f"{each.kind}-{each.at.isoformat()}-{each.article_id}",
                "at": wording.clock(local_time(each.at, scope.zone)),
                "href": _href(scope, each.article_id) if each.article_id else "",
                "title": each.name,
                "words": _moment(scope, each),
            }
            for each in found
        ],
        "empty": [
            _("Nothing out of the ordinary."),
            _("Articles that rise, new sources and titles stand here."),
        ],
    }


def _moment(scope: Scope, each: Moment) -> str:
    """Word what happened; the name of the article stands before it."""
    if each.kind == "crossed":
        return _("is above what 9 of 10 reach at its age")
    if each.kind == "source":
        share = wording.percent(each.share)
        return _("gets {share} of its views from {source}, which is new", share=share, source=each.detail)
    if each.kind == "title":
        return _("is now called “{title}”", title=each.detail)
    if each.ends is None or each.ends >= scope.now:
        return _("Nothing was collected")
    return _("Nothing was collected until {time}", time=wording.clock(local_time(each.ends, scope.zone)))


def _comments(comments: Comments | None, now: dt.datetime) -> dict[str, Any]:
    if comments is None:
        return {
            "facts": [],
            "empty": [_("No comments are connected."), _("Connect the box, the CMS or an export.")],
        }
    waiting = [wording.full(comments.pending), _("waiting for a decision"), bool(comments.pending)]
    facts = [[wording.full(comments.last_hour), _("written in the last hour"), False], waiting]
    if comments.oldest is not None:
        facts.append([_age(now, comments.oldest), _("waits the oldest"), True])
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
        "title": _("Sources now"),
        "line": _("Share of views in {span}", span=_span(now))
        + (_("; {rest} smaller left out", rest=rest) if rest > 0 else ""),
        "rows": shown,
        "empty": [_("Nobody came."), _("No article was opened in this time.")],
    }


def _way(channel: str) -> str:
    """Name a channel inside a line: "search", "own pages", but "AI assistants"."""
    label = ways.label(channel)
    return label if label.isupper() or label[:2].isupper() else inside(label)


def _age(now: dt.datetime, then: dt.datetime) -> str:
    return wording.age(max((now - then).total_seconds(), 0))


def _href(scope: Scope, article_id: str) -> str:
    return View(path=f"/articles/{article_id}", site=scope.view.site).href()


def _in_section(scope: Scope) -> str:
    return (
        _(" in {list}", list=wording.listed(list(scope.where.section), "or")) if scope.where.section else ""
    )
