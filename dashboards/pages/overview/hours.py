"""The main chart: the chosen metric over the period, with its band and what was published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import language, wording
from analytics.language import _, begun
from analytics.periods import local_time, previous, year_ago
from analytics.queries import (
    courses,
    library,
    sentences,
)
from dashboards import cards, components, downloads, notes, tables
from dashboards.components import Link
from dashboards.elements import Child, el
from dashboards.figures import Event, course
from dashboards.filters import View
from dashboards.pages.overview.shown import against, article_href, label_of, scope_of, then_said, unit_of
from dashboards.scope import Scope
from dashboards.tables import Column, Row

MOST_MARKS, PLOT_PX, LABEL_ROOM_PX, CHARACTER_PX = 5, 620, 84, 6.6


def draw_chart(scope: Scope) -> Child:
    """Draw the chosen metric over the period with its band, the period before and what was published."""
    metric, grain = scope.metric, scope.grain
    frame = courses.course(scope.desk.store, metric.id, scope.ask(), grain, scope.now, against(scope))
    events, listed = _marks(scope)
    labels = _labels(scope)
    leads = bucket_hrefs(scope, frame)
    figure = course(frame, unit=unit_of(metric), grain=grain, labels=labels, events=events, leads=leads)
    chart = components.chart(figure, _chart_said(scope, frame), height=304, below=listed)
    return components.card(
        _("{label_of} per {grain}", label_of=label_of(metric), grain=_(grain)),
        chart,
        subtitle=_chart_line(scope, frame),
        links=[Link(_("Download CSV"), downloads.href("overview-course", scope.view), "overview.csv")],
        twin=_course_twin(scope, frame, leads, labels[1]),
        why=cards.why_metric(metric, scope),
        foot=cards.gaps_said(frame, grain),
    )


def course_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the main chart as rows."""
    scope = scope_of(desk, view)
    frame = courses.course(desk.store, scope.metric.id, scope.ask(), scope.grain, scope.now, against(scope))
    shown = frame.select("bucket", "value", "p10", "median", "p90", "previous", "is_complete")
    named = {"value": scope.metric.id, "p10": "typical_p10", "median": "typical_median", "p90": "typical_p90"}
    return shown.rename(named).columns, shown.rows()


def _course_twin(scope: Scope, frame: pl.DataFrame, leads: Sequence[str], before: str) -> Component:
    unit = unit_of(scope.metric)
    columns = [Column("when", begun(_(scope.grain))), Column("value", _("Value"), "number", unit)]
    if frame["p10"].count():
        columns += [Column("p10", _("Typical from"), "number", unit), Column("p90", _("to"), "number", unit)]
    if frame["previous"].count():
        columns.append(Column("previous", before, "number", unit))
    rows: list[Row] = [
        {"id": row["bucket"], "when": bucket_said(row["at"], scope), "href": href, **row}
        for row, href in zip(frame.to_dicts(), leads, strict=True)
    ]
    return tables.twin(
        columns, rows, _("{label_of} per {grain}", label_of=label_of(scope.metric), grain=_(scope.grain))
    )


def bucket_hrefs(scope: Scope, frame: pl.DataFrame) -> list[str]:
    """Lead from each bucket of the chart to the articles of its days, or of its hour."""
    more = dt.timedelta(days=6 if scope.grain == "week" else 0)
    found = []
    for at in frame["at"].to_list():
        first, last = at.date(), min(at.date() + more, scope.period.last)
        days = str(first) if first == last else f"{first}..{last}"
        hour = (str(at.hour),) if scope.grain == "hour" else scope.where.hour
        found.append(scope.view.drill("/articles", period=days, hour=hour))
    return found


def bucket_said(at: dt.datetime, scope: Scope) -> str:
    """Word a bucket of the chart."""
    if scope.grain == "hour":
        return wording.clock(at) if scope.is_day else f"{wording.day_named(at.date())}, {wording.clock(at)}"
    return (
        _("from {date}", date=wording.day_named(at.date()))
        if scope.grain == "week"
        else wording.day_named(at.date())
    )


def _labels(scope: Scope) -> tuple[str, str]:
    year = scope.view.compare == "year_ago"
    past = year_ago(scope.period) if year else previous(scope.period)
    if scope.is_day:
        return wording.day_named(scope.period.first), wording.day_named(past.first)
    return _("{length} days", length=scope.period.length), _("a year ago") if year else _("before")


def _chart_line(scope: Scope, frame: pl.DataFrame) -> str:
    parts = []
    if frame["p10"].count():
        weekday = wording.weekday(scope.period.first)
        of = _("a typical {weekday}", weekday=weekday) if scope.is_day else _("the same weekdays")
        parts.append(_("Band: 10–90\N{NARROW NO-BREAK SPACE}% of {of}", of=of))
    if frame["previous"].count():
        word = _("dashed") if parts else _("Dashed")
        parts.append(f"{word}: {_labels(scope)[1] if scope.is_day else then_said(scope)}")
    return "; ".join(parts) or _(
        "{label_of} in each {grain} of the period", label_of=label_of(scope.metric), grain=_(scope.grain)
    )


def _chart_said(scope: Scope, frame: pl.DataFrame) -> str:
    known = frame.drop_nulls("value").sort("value", descending=True)
    head = _(
        "{label_of} per {grain}, {days_said}",
        label_of=label_of(scope.metric),
        grain=_(scope.grain),
        days_said=scope.days_said(),
    )
    if not known.height:
        return _("{head}: nothing is known.", head=head)
    at, value = known.row(0, named=True)["at"], known.row(0, named=True)["value"]
    return _(
        "{head}; highest {bucket_said} with {value}.",
        head=head,
        bucket_said=bucket_said(at, scope),
        value=wording.value(unit_of(scope.metric), value),
    )


def _marks(scope: Scope) -> tuple[list[Event], Component | None]:
    """Mark the most read of what was published, as many as their words have room for."""
    defined = cards.definition_events(scope)
    if scope.grain == "week":
        return defined, None
    named = library.published_in(scope.desk.store, scope.where, scope.period, 12)
    noted = notes.shown_in(scope)
    marked = notes.events(scope, noted)
    told: dict[Event, Child] = {each: each.label for each in defined}
    told |= {each: note.words for each, note in zip(marked, noted[-len(marked) :], strict=True)}
    events = [*defined, *marked]
    span = (scope.period.ends - scope.period.begins).total_seconds()
    for row in named.sort("views", descending=True).to_dicts():
        at = local_time(row["published_at"], scope.zone).replace(tzinfo=None)
        when = wording.clock(at) if scope.is_day else ""
        label = f"{when} {language.isolated(sentences.short_title(row['title'], 20))}".strip()
        href = article_href(scope, row["id"])
        event = Event(at, label, href=href)
        trial = sorted([*events, event], key=lambda each: each.at)
        if len(trial) <= MOST_MARKS and _has_room(trial, span):
            events = trial
            told[event] = el("a", row["title"], href=href)
    numbered = [
        (replace(event, word=str(n)), told[event])
        for n, event in enumerate(sorted(events, key=lambda each: each.at), 1)
    ]
    return [event for event, _said in numbered], _phone_marks(scope, numbered)


def _phone_marks(scope: Scope, marks: Sequence[tuple[Event, Child]]) -> Component | None:
    """List what the numbers on a narrow chart stand for."""
    items = []
    for event, said in marks:
        at = event.at if isinstance(event.at, dt.datetime) else None
        when = wording.clock(at) if scope.is_day else wording.day_named(at and at.date())
        items.append(el("li", el("b", event.word), el("span", el("span", f"{when} ", class_="meta"), said)))
    return el("ul", items, class_="phone-marks") if items else None


def _has_room(events: Sequence[Event], span_s: float) -> bool:
    """Say whether labels in two staggered rows neither touch nor leave the chart."""

    def x(event: Event) -> float:
        moment = event.at
        return moment.timestamp() / span_s * PLOT_PX if isinstance(moment, dt.datetime) else 0.0

    def width(event: Event) -> float:
        return 12 + len(event.label) * CHARACTER_PX

    apart = all(x(b) - x(a) >= width(a) for a, b in zip(events, events[2:], strict=False))
    first = events[0].at
    midnight = first.replace(hour=0, minute=0, second=0) if isinstance(first, dt.datetime) else None
    ends = midnight.timestamp() / span_s * PLOT_PX + PLOT_PX + LABEL_ROOM_PX if midnight else 0.0
    return apart and all(x(event) + width(event) <= ends for event in events[-2:])
