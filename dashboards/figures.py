"""Plotly figures from frames: courses with their typical band, stacks by channel, the quadrant, heat maps.

Figures name tokens instead of colours (`theme.colour`); the browser resolves them for the scheme in
force. The first trace is always this period. Ranges are set by hand, counts start at zero, labels stand
at the line's end, and what a narrow screen leaves out is named in `layout.meta.narrow`.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import polars as pl

from analytics import language, wording
from analytics.language import N_, _, p_
from dashboards import drawing, theme
from dashboards.drawing import Drawing, Trace

Grain = Literal["hour", "day", "week", "month"]
Axis = dict[str, Any]

MOST_EVENTS = 6  # ui.md 4: the rest stands behind "Notes"
_MOST_WORDS = 3  # ... and on phones
_END_ROOM, _PLAIN_ROOM = 104, 14  # pixels right of the plot, with and without labels at the line's end
_STEPS = (1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0)
_LINE = 17  # pixels: labels at the line's end keep this distance
_STEP = {
    "hour": dt.timedelta(hours=1),
    "day": dt.timedelta(days=1),
    "week": dt.timedelta(days=7),
    "month": dt.timedelta(days=30),
}
_LETTER = 0.0095  # of the map's width; a map of two thirds of a page has about 660 pixels
_QUADRANTS = {"wide": (370, 440), "narrow": (268, 264)}  # pixels of the plot in half a page, and on a phone
_LATE = 0.8  # of the axis: words of events after it stand on their left, or the card would cut them
_NAMED_GAP = 0.15  # part of the axis that the words need
NOT_COLLECTED = N_("not collected")

Leads: TypeAlias = "Callable[[int, int], str]"  # weekday and hour of a cell -> where it leads


@dataclass(frozen=True, slots=True)
class Event:
    """A dotted vertical: when, a short label, one word for phones, and what a click on the label opens."""

    at: dt.datetime | float
    label: str
    word: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """A named place in a scatter: its name, both coordinates, size, token of its colour."""

    name: str
    x: float
    y: float
    size: float = 1.0
    paint: str = "c6"
    is_named: bool = True


def course(
    frame: pl.DataFrame,
    *,
    unit: str,
    grain: Grain,
    labels: tuple[str, str] = (N_("this period"), N_("period before")),
    events: Sequence[Event] = (),
    gaps: Sequence[tuple[dt.datetime, dt.datetime]] = (),
    leads: Sequence[str] = (),
    height: int = 300,
) -> Drawing:
    """Draw the main series: this period, what is typical, the period before, and what happened.

    Args:
        frame: at (Datetime or Date, local, sorted, one row a bucket), value; null breaks the line. Where
            they are known also p10, median, p90 (the typical band), previous, is_complete (Boolean;
            incomplete buckets are drawn dotted with a hollow end), is_gap (Boolean; hatched).
        unit: Of the values; words the axis and the hover.
        grain: Of the buckets.
        labels: At the ends of the two lines: "Wed 18 Nov", "Wed 11 Nov".
        events: Dotted verticals; at most six are drawn.
        gaps: From and to, local, where the rows are no buckets that could say is_gap.
        leads: Where a press on each bucket leads.
        height: Of the chart in pixels; keeps the labels apart.

    Returns:
        Traces in this order: this period, unfinished, band foot, band, median, previous; then gaps.
    """
    at = frame["at"].to_list()
    columns = {name: _column(frame, name) for name in ("value", "p10", "median", "p90", "previous")}
    top, ticks = _nice_top([v for name in columns for v in columns[name] if v is not None], unit)
    whole, rest = _split_unfinished(columns["value"], _column(frame, "is_complete"))
    figure = Drawing()
    figure.add_trace(_this_line(at, whole, _hover_words(frame, columns, unit, grain), labels[0]))
    figure.add_trace(_unfinished(at, rest))
    _add_band(figure, at, columns)
    figure.add_trace(_previous(at, columns["previous"], labels[1]))
    span = _span(at, grain)
    _add_gaps(figure, [*_gap_spans(frame, grain), *gaps], span, top)
    _add_events(figure, [e for e in events if _within(e.at, span)][:MOST_EVENTS], span, top)
    ends = _ends(at, columns, labels)
    _add_end_labels(figure, ends, (at[-1] if at else None, top), height - 66)
    figure.lay_out(
        xaxis={"range": span, "type": "date", **_time_ticks(at, grain)},
        yaxis=_count_axis(top, ticks, unit),
        margin={"l": 52, "r": _END_ROOM if ends else _PLAIN_ROOM, "t": 40 if events else 12, "b": 26},
        **_narrows(at, grain),
        meta={
            "narrow": _narrow_time(at, grain, has_events=any(event.word for event in events)),
            "kind": "course",
            "days": _days(at, grain),
            "opens": {_words_of(event, span): event.href for event in events if event.href},
            "leads": list(leads),
        },
    )
    return figure


def age_curve(
    frame: pl.DataFrame,
    *,
    unit: str,
    until_h: float,
    now_words: str,
    end_words: tuple[str, str] = ("", ""),
    stories: str = N_("comparable stories"),
    events: Sequence[Event] = (),
    gaps: Sequence[tuple[float, float]] = (),
    height: int = 320,
) -> Drawing:
    """Draw what an article reached by age against what is expected at that age.

    Args:
        frame: age_h (Float64, hours since publication, sorted), value (reached so far, null after now),
            p10, median, p90 (expected), and where projected low, middle, high.
        unit: Of the values.
        until_h: Right end of the axis in hours.
        now_words: At the last point: "now 8,290".
        end_words: At the end of the projection, and its interval: ("9.8k at 7 d", "9.1k to 10.6k").
        stories: Under "median of": "288 stories".
        events: `at` in hours of age.
        gaps: From and to in hours of age, in which nothing was collected.
        height: Of the chart in pixels; keeps the labels apart.

    Returns:
        Traces in this order: reached, empty, band foot, band, median, interval foot, interval,
        projection, now; then gaps.
    """
    at = frame["age_h"].to_list()
    columns = {n: _column(frame, n) for n in ("value", "p10", "median", "p90", "low", "middle", "high")}
    top, ticks = _nice_top([v for n in columns for v in columns[n] if v is not None], unit)
    hover = [
        f"{wording.age(hour * 3600)}: {wording.value(unit, v, 'full')}"
        for hour, v in zip(at, columns["value"], strict=True)
    ]
    figure = Drawing()
    figure.add_trace(_this_line(at, columns["value"], hover, _("this article")))
    figure.add_trace(_unfinished(at, [None] * len(at)))
    _add_band(figure, at, columns, dash="dash")
    _add_projection(figure, at, columns)
    _add_now(figure, at, columns["value"], now_words)
    _add_gaps(figure, gaps, [0, until_h], top)
    _add_events(figure, [e for e in events if _within(e.at, [0, until_h])][:MOST_EVENTS], [0, until_h], top)
    middle, median = _last(columns["middle"]), _last(columns["median"])
    ends = (
        [(middle, f"<b>{end_words[0]}</b><br>{end_words[1]}", "accent")]
        if middle is not None and end_words[0]
        else []
    )
    ends += [(median, _("median of<br>{stories}", stories=_(stories)), "sub")] if median is not None else []
    _add_end_labels(figure, [(at[-1], y, text, paint) for y, text, paint in ends], (at[-1], top), height - 66)
    figure.lay_out(
        xaxis={"range": [0, until_h], **_age_ticks(until_h)},
        yaxis=_count_axis(top, ticks, unit),
        margin={"l": 52, "r": 112, "t": 40 if events else 12, "b": 26},
        meta={
            "narrow": {
                "margin.r": _PLAIN_ROOM,
                "margin.t": 26 if any(event.word for event in events) else 10,
                **_fewer_ticks(until_h),
            },
            "kind": "age_curve",
        },
    )
    return figure


def stack(
    frame: pl.DataFrame,
    *,
    parts: Sequence[tuple[str, str, str]],
    unit: str,
    grain: Grain,
    events: Sequence[Event] = (),
) -> Drawing:
    """Draw bars of one bucket each, stacked by part, with a gap of card colour between the parts.

    Args:
        frame: at (Datetime or Date, local, sorted), and a column of counts for each part; where it is known
            also is_gap (Boolean; hatched).
        parts: Column, name and token of the colour, from the foot of the stack up.
        unit: Of the counts.
        grain: Of the buckets.
        events: Dotted verticals.

    Returns:
        One trace a part, in the order of `parts`; then gaps.
    """
    at = frame["at"].to_list()
    named = [name for name, _rest, _rest in parts if name in frame.columns]
    sums = frame.select(pl.sum_horizontal(named).alias("sum"))["sum"].to_list() if named else []
    top, ticks = _nice_top([float(v) for v in sums if v is not None], unit)
    figure = Drawing()
    for column, name, paint in parts:
        counts = _column(frame, column)
        words = [f"{name}: {wording.value(unit, v, 'full')}" for v in counts]
        figure.add_trace(
            drawing.bar(
                x=at,
                y=counts,
                name=name,
                hovertext=words,
                hoverinfo="x+text",
                marker={"color": theme.colour(paint), "line": {"color": theme.colour("card"), "width": 1}},
            )
        )
    span = _span(at, grain, is_bars=True)
    _add_gaps(figure, _gap_spans(frame, grain), span, top)
    _add_events(figure, [e for e in events if _within(e.at, span)][:MOST_EVENTS], span, top)
    figure.lay_out(
        barmode="stack",
        bargap=0.08,
        xaxis={"range": span, "type": "date", **_time_ticks(at, grain)},
        yaxis=_count_axis(top, ticks, unit),
        margin={"l": 52, "r": _PLAIN_ROOM, "t": 40 if events else 12, "b": 26},
        **_narrows(at, grain),
        meta={
            "narrow": _narrow_time(at, grain, has_events=any(event.word for event in events)),
            "kind": "stack",
            "days": _days(at, grain),
        },
    )
    return figure


def quadrant(
    dots: Sequence[Dot],
    *,
    x_title: str,
    what: str = "reads",
    corners: tuple[str, str] = (N_("read more than produced"), N_("produced more than read")),
) -> Drawing:
    """Draw the share of production against the share of reads, with the diagonal where both are even.

    Args:
        dots: Shares of 1 as x and y; size is relative (its area is drawn).
        x_title: Names the horizontal axis: "share of pieces published".
        what: Whose share the vertical axis shows, for the hover.
        corners: Words above and below the diagonal.

    Returns:
        Three traces: read more, even, produced more; tokens accent, grey and orange.
    """
    top = 1.09 * max([0.05, *[max(dot.x, dot.y) for dot in dots]])
    largest = max([dot.size for dot in dots], default=1) or 1
    figure = Drawing()
    for paint in ("accent", "c6", "c2"):
        group = [dot for dot in dots if dot.paint == paint]
        figure.add_trace(_bubbles(group, paint, largest, what))
    _add_diagonal(figure, top, (_(corners[0]), _(corners[1])))
    _add_names(figure, dots, largest, top)
    step = 0.05 if top <= 0.3 else 0.1 if top <= 0.6 else 0.2
    ticks = [n * step for n in range(int(top / step) + 1)]
    words = [wording.percent(tick) for tick in ticks]
    figure.lay_out(
        xaxis={"range": [0, top], "tickvals": ticks, "ticktext": words, "title": {"text": x_title}},
        yaxis={"range": [0, top], "tickvals": ticks, "ticktext": words},
        margin={"l": 52, "r": 20, "t": 12, "b": 46},
        hovermode="closest",
        meta={"narrow": {"margin.b": 44}, "kind": "quadrant"},
    )
    return figure


def scroll_curve(reach: Sequence[float | None], typical: Sequence[float | None] = ()) -> Drawing:
    """Draw which share of views reached each part of the body, at even steps from 0 to the end."""
    steps = [n / (len(reach) - 1) for n in range(len(reach))]
    figure = Drawing()
    hover = [
        _("{step} of the body: {v}", step=wording.percent(step), v=wording.percent(v))
        for step, v in zip(steps, reach, strict=True)
    ]
    figure.add_trace(_this_line(steps, list(reach), hover, _("reached")))
    if typical:
        figure.add_trace(_previous(steps, list(typical), _("typical")))
        _add_end_labels(figure, [(1, typical[-1] or 0, _("typical"), "sub")], (1, 1.02), 90)
    figure.lay_out(
        xaxis={
            "range": [0, 1],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "ticktext": [*[f"{n} %" for n in (0, 25, 50, 75)], _("end")],
        },
        yaxis={"range": [0, 1.02], "tickvals": [0, 0.5, 1], "ticktext": ["0 %", "50 %", "100 %"]},
        margin={"l": 42, "r": 52 if typical else 16, "t": 8, "b": 24},
        meta={"narrow": {}, "kind": "scroll_curve"},
    )
    return figure


def heat(frame: pl.DataFrame, *, unit: str, leads: Leads | None = None) -> Drawing:
    """Draw hour by weekday in five steps of one hue.

    Args:
        frame: weekday (1 to 7, Monday first), hour (0 to 23), value; a missing cell stays empty. Where they
            are known also words (of the hover, after day and hour) and is_few (Boolean; such cells are grey).
        unit: Of the values.
        leads: Gives the address that a press on a cell opens.
    """
    cells = {(row["weekday"], row["hour"]): row for row in frame.to_dicts()}

    def grid(of: Callable[[dict[str, Any]], Any]) -> list[list[Any]]:
        return [[of(cells.get((day, hour), {})) for hour in range(24)] for day in range(1, 8)]

    def said(row: dict[str, Any]) -> str:
        if not row:
            return ""
        words = row.get("words") or wording.value(unit, row["value"])
        return f"{wording.weekdays()[row['weekday'] - 1]} {row['hour']:02d}:00: {words}"

    colours = [[n / 4, theme.colour(name)] for n, name in enumerate(theme.SEQUENTIAL)]
    figure = Drawing()
    values = grid(lambda row: None if row.get("is_few") else row.get("value"))
    figure.add_trace(_tiles(values, grid(said), colours, None))
    if "is_few" in frame.columns and frame["is_few"].any():
        grey = [[0, theme.colour("typical")], [1, theme.colour("typical")]]
        few = grid(lambda row: 0 if row.get("is_few") and row["value"] is not None else None)
        figure.add_trace(_tiles(few, grid(said), grey, 1))
    _week_axes(figure, "heat", cells, leads)
    return figure


def leaning(frame: pl.DataFrame, *, leads: Leads | None = None) -> Drawing:
    """Draw hour by weekday in five tones: far below, below, even, above, far above.

    Args:
        frame: weekday, hour, lean (-2 to 2; null: not known) and words for the hover.
        leads: Gives the address that a press on a cell opens.
    """
    cells = {(row["weekday"], row["hour"]): row for row in frame.to_dicts()}
    days, hours = range(1, 8), range(24)
    values = [[cells.get((day, hour), {}).get("lean") for hour in hours] for day in days]
    words = [[cells.get((day, hour), {}).get("words", "") for hour in hours] for day in days]
    tones = ("below-ink", "below", "typical", "above", "above-ink")
    colours = [[place, theme.colour(name)] for n, name in enumerate(tones) for place in (n / 5, (n + 1) / 5)]
    figure = Drawing()
    figure.add_trace(_tiles(values, words, colours, 2.5, -2.5))
    _week_axes(figure, "leaning", cells, leads)
    return figure


def _tiles(
    values: list[list[Any]],
    words: list[list[str]],
    colours: list[list[Any]],
    top: float | None,
    foot: float = 0,
) -> Trace:
    return drawing.heatmap(
        z=values,
        x=list(range(24)),
        y=list(range(7)),
        text=words,
        hoverinfo="text",
        xgap=2,
        ygap=2,
        showscale=False,
        zmin=foot,
        zmax=top,
        zauto=False if top is not None else None,
        colorscale=colours,
    )


def _week_axes(figure: Drawing, kind: str, cells: Container[tuple[int, int]], leads: Leads | None) -> None:
    """Set hours across and weekdays down, Monday on top; a press on a cell may lead on."""
    opened = [
        [leads(day, hour) if leads and (day, hour) in cells else "" for hour in range(24)]
        for day in range(1, 8)
    ]
    figure.lay_out(
        xaxis={
            "range": [-0.5, 23.5],
            "tickvals": [0, 6, 12, 18, 23],
            "ticktext": ["00", "06", "12", "18", "23"],
            "showline": False,
        },
        yaxis={
            "range": [6.5, -0.5],
            "tickvals": list(range(7)),
            "ticktext": wording.weekdays(is_short=True),
            "ticks": "",
            "showgrid": False,
        },
        margin={"l": 36, "r": 8, "t": 4, "b": 24},
        hovermode="closest",
        meta={"narrow": {}, "kind": kind, **({"cells": opened} if leads else {})},
    )


def minutes(frame: pl.DataFrame, *, parts: Sequence[tuple[str, str, str]]) -> Drawing:
    """Draw bars of one minute each, stacked by part.

    Args:
        frame: at (Datetime, local, sorted), and a column of counts for each part.
        parts: Column, name and token of the colour, from the foot of the stack up.
    """
    at = frame["at"].to_list()
    names = [name for name, _rest, _rest in parts]
    sums = frame.select(pl.sum_horizontal(names).alias("sum"))["sum"].to_list()
    top, ticks = _nice_top([float(value) for value in sums], "loads")
    figure = Drawing()
    for name, label, paint in parts:
        words = [f"{wording.clock(a)}, {label}: {v}" for a, v in zip(at, frame[name], strict=True)]
        figure.add_trace(
            drawing.bar(
                x=at,
                y=frame[name].to_list(),
                hovertext=words,
                hoverinfo="text",
                marker={"color": theme.colour(paint)},
            )
        )
    chosen = at[::10]
    half = dt.timedelta(seconds=30)
    figure.lay_out(
        barmode="stack",
        bargap=0.15,
        xaxis={
            "range": [at[0] - half, at[-1] + half],
            "type": "date",
            "tickvals": chosen,
            "ticktext": [wording.clock(a) for a in chosen],
        },
        yaxis=_count_axis(top, ticks, "loads"),
        margin={"l": 44, "r": _PLAIN_ROOM, "t": 8, "b": 26},
        meta={"narrow": {}, "kind": "minutes"},
    )
    return figure


def plane(
    dots: Sequence[Dot],
    cuts: tuple[float, float],
    corners: Sequence[tuple[str, str]],
    brush: Sequence[float] = (),
    *,
    is_brushed: bool = True,
) -> Drawing:
    """Draw reads against comments per 1,000 reads, both by logarithm, cut at the medians.

    What has no comment stands on the foot of the axis. Dragging over dots writes their bounds to the address
    (`brush`, assets/charts.js).

    Args:
        dots: Reads as x, the rate as y; those with `is_named` have their name beside them.
        cuts: Medians of both.
        corners: Words of the corners and their anchor: ("hot debate · 12", "top right").
        brush: Least and most reads and rate that are chosen now.
        is_brushed: Whether dragging chooses.
    """
    least = min([dot.y for dot in dots if dot.y > 0], default=1.0)
    foot = math.log10(least) - 0.35

    def up(rate: float) -> float:
        return math.log10(rate) if rate > 0 else foot

    right = max([math.log10(dot.x) for dot in dots], default=2) + 0.12
    left = min([math.log10(dot.x) for dot in dots], default=0) - 0.08
    top = max([up(dot.y) for dot in dots], default=1) + 0.34
    ground = foot - 0.28  # the names of corners stand above and below all dots
    figure = Drawing()
    for paint in ("c6", "accent", "c2"):
        group = [dot for dot in dots if dot.paint == paint]
        figure.add_trace(
            drawing.scatter(
                x=[math.log10(dot.x) for dot in group],
                y=[up(dot.y) for dot in group],
                mode="markers",
                hoverinfo="text",
                hovertext=[
                    f"<b>{dot.name}</b><br>{wording.counted(dot.x, 'read')}<br>"
                    + _("{rate} comments per 1,000", rate=wording.per_1000(dot.y))
                    for dot in group
                ],
                marker={
                    "size": 6 if paint == "c6" else 9,
                    "color": theme.colour(paint),
                    "opacity": 0.55 if paint == "c6" else 1,
                    "line": {"width": 0},
                },
            )
        )
    _add_cuts(figure, math.log10(max(cuts[0], 1)), up(cuts[1]), (left, right), (ground, top))
    figure.annotate(*_corner_words(corners, (left, right), (ground, top)))
    figure.annotate(*_dot_words(dots, up, (left, right), (ground, top), corners))
    if brush:
        low, high = (up(max(value, 0)) for value in brush[2:])
        figure.add_shape(
            type="rect",
            x0=math.log10(max(brush[0], 1)),
            x1=math.log10(max(brush[1], 1)),
            y0=low,
            y1=high,
            line={"color": theme.colour("accent"), "width": 1.5, "dash": "dot"},
        )
    reads = [
        n
        for n in (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)
        if left <= math.log10(n) <= right
    ]
    rates = [n for n in (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000) if foot + 0.2 < math.log10(n) <= top]
    figure.lay_out(
        xaxis={
            "range": [left, right],
            "tickvals": [math.log10(n) for n in reads],
            "ticktext": [wording.compact(n) for n in reads],
            "title": {"text": _("reads per article, log scale")},
        },
        yaxis={
            "range": [ground, top],
            "tickvals": [foot, *[math.log10(n) for n in rates]],
            "ticktext": ["0", *[f"{n:g}" for n in rates]],
        },
        margin={"l": 44, "r": 16, "t": 12, "b": 46},
        hovermode="closest",
        dragmode="select" if is_brushed else False,
        selectdirection="any",
        meta={
            "narrow": {"margin.b": 44, "dragmode": False},
            "kind": "plane",
            **({"brush": foot} if is_brushed else {}),
        },
    )
    return figure


def _add_cuts(
    figure: Drawing, x: float, y: float, across: tuple[float, float], upright: tuple[float, float]
) -> None:
    line = {"color": theme.colour("faint"), "width": 1, "dash": "dash"}
    figure.add_shape(type="line", x0=x, x1=x, y0=upright[0], y1=upright[1], layer="below", line=line)
    figure.add_shape(type="line", x0=across[0], x1=across[1], y0=y, y1=y, layer="below", line=line)


def _corner_words(
    corners: Sequence[tuple[str, str]], across: tuple[float, float], upright: tuple[float, float]
) -> list[dict[str, Any]]:
    made = []
    for words, place in corners:
        is_top, is_right = place.startswith("top"), place.endswith("right")
        made.append(
            {
                "x": across[1] if is_right else across[0],
                "y": upright[1] if is_top else upright[0],
                "xanchor": "right" if is_right else "left",
                "yanchor": "top" if is_top else "bottom",
                "xshift": -4 if is_right else 4,
                "text": f"<b>{words}</b>",
                "font": {"color": theme.colour("sub"), "size": 12},
            }
        )
    return made


def _dot_words(
    dots: Sequence[Dot],
    up: Callable[[float], float],
    across: tuple[float, float],
    upright: tuple[float, float],
    corners: Sequence[tuple[str, str]],
) -> list[dict[str, Any]]:
    """Name dots, each beside it where its name covers no other name and the fewest dots."""
    half = 0.022  # a line of words, of the height
    taken = [_corner_box(words, place) for words, place in corners]
    spots = {
        id(dot): (
            (math.log10(dot.x) - across[0]) / (across[1] - across[0]),
            (up(dot.y) - upright[0]) / (upright[1] - upright[0]),
        )
        for dot in dots
    }
    named = [dot for dot in dots if dot.is_named]
    taken += [(*spots[id(dot)], 0.008, 0.01) for dot in named]
    made: list[dict[str, Any]] = []
    for dot in named:
        x, y = spots[id(dot)]
        wide = _LETTER * len(dot.name) / 2
        away, lift = wide + 0.012, 2 * half
        inward = 1 if x < 0.5 else -1
        own = (x, y, 0.008, 0.01)
        others = [each for each in taken if each != own]
        places = [(x + side * away, y) for side in (inward, -inward)]
        places += [
            (x + side * (away - 0.02), y + rise) for side in (inward, -inward) for rise in (lift, -lift)
        ]
        free = [at for at in places if _is_free(at, wide, half, others)]
        if not free:  # the corners beside the map and the hover name it
            continue
        around = [(*spot, 0.004, 0.005) for key, spot in spots.items() if key != id(dot)]
        at = min(free, key=lambda at: sum(not _is_free(at, wide, half, [each]) for each in around))
        taken.append((*at, wide, half))
        side, rise = math.copysign(1, at[0] - x), at[1] - y
        made.append(
            {
                "x": math.log10(dot.x),
                "y": up(dot.y),
                "text": dot.name,
                "name": "wide",
                "xanchor": "left" if side > 0 else "right",
                "xshift": side * (8 if not rise else -5),
                "yshift": math.copysign(18, rise) if rise else 0,
                "font": {"color": theme.colour("ink"), "size": 12},
            }
        )
    return made


def _corner_box(words: str, place: str) -> tuple[float, float, float, float]:
    """Give the middle and half the size of the words in a corner, as shares of the map."""
    wide = _LETTER * len(words) / 2
    return (
        1 - wide if place.endswith("right") else wide,
        0.98 if place.startswith("top") else 0.02,
        wide,
        0.02,
    )


def lines(
    named: Sequence[tuple[str, Sequence[float], Sequence[float | None]]], *, unit: str, by: str
) -> Drawing:
    """Draw several courses over one axis, named at their ends.

    Args:
        named: Name, places and values of each; at most six.
        unit: Of the values.
        by: "age" has hours since publication across, "day" days from the first, counted from 0.
    """
    top, ticks = _nice_top([v for _name, _x, values in named for v in values if v is not None], unit)
    longest = max([float(x[-1]) for _name, x, _values in named if x], default=1) or 1
    figure = Drawing()
    ends = []
    for n, (name, across, values) in enumerate(named):
        paint = f"c{n + 1}"
        words = [f"<b>{name}</b><br>{wording.value(unit, v, 'full')}" for v in values]
        figure.add_trace(
            drawing.scatter(
                x=list(across),
                y=list(values),
                name=name,
                mode="lines" if by == "age" else "lines+markers",
                hovertext=words,
                hoverinfo="text",
                line={"color": theme.colour(paint), "width": 2.25, "dash": _DASHES[n % len(_DASHES)]},
                marker={"color": theme.colour(paint), "size": 5},
            )
        )
        last = next((k for k in range(len(values) - 1, -1, -1) if values[k] is not None), None)
        if last is not None:
            short = name if len(name) <= END_LETTERS else f"{name[: END_LETTERS - 1].rstrip()}…"
            ends.append((across[last], values[last] or 0, language.isolated(short), "sub"))
    days = [float(n) for n in range(0, int(longest) + 1, max(1, int(longest) // 7))]
    axis = (
        _age_ticks(longest)
        if by == "age"
        else {"tickvals": days, "ticktext": [_("day {n:.0f}", n=n + 1) for n in days]}
    )
    _add_end_labels(figure, ends, (longest, top), 264)
    figure.lay_out(
        xaxis={"range": [0, longest], **axis},
        yaxis=_count_axis(top, ticks, unit),
        margin={"l": 52, "r": 150, "t": 12, "b": 26},
        hovermode="closest",
        meta={"narrow": {"margin.r": _PLAIN_ROOM}, "kind": "lines"},
    )
    return figure


END_LETTERS = 19  # of a name at the end of a line: Cyrillic and Georgian ones are broad
# The same as a key beside the name: `marks.DASHES`.
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def _column(frame: pl.DataFrame, name: str) -> list[Any]:
    return frame[name].to_list() if name in frame.columns else [None] * frame.height


def _this_line(at: list[Any], values: list[Any], hover: list[str], name: str) -> Trace:
    return drawing.scatter(
        x=at,
        y=values,
        name=name,
        mode="lines" if len([v for v in values if v is not None]) > 1 else "lines+markers",
        hovertext=hover,
        hoverinfo="text",
        connectgaps=False,
        line={"color": theme.colour("accent"), "width": 2.25, "shape": "linear"},
        marker={"color": theme.colour("accent"), "size": 7},
        zorder=5,
    )


def _unfinished(at: list[Any], values: list[Any]) -> Trace:
    """Draw unfinished buckets: dotted, and hollow at the end."""
    last = max((n for n, v in enumerate(values) if v is not None), default=-1)
    return drawing.scatter(
        x=at,
        y=values,
        mode="lines+markers",
        hoverinfo="skip",
        line={"color": theme.colour("accent"), "width": 2.25, "dash": "dot"},
        marker={
            "size": [8 if n == last else 0 for n in range(len(values))],
            "color": theme.colour("card"),
            "line": {"color": theme.colour("accent"), "width": 2},
        },
        zorder=6,
    )


def _split_unfinished(values: list[Any], complete: list[Any]) -> tuple[list[Any], list[Any]]:
    """Part the finished buckets from the unfinished ones, which begin at the last finished point."""
    is_open = [flag is False for flag in complete]
    whole = [None if is_open[n] else v for n, v in enumerate(values)]
    joined = [is_open[n] or (n + 1 < len(values) and is_open[n + 1]) for n in range(len(values))]
    rest = [v if joined[n] and any(is_open) else None for n, v in enumerate(values)]
    return whole, rest


def _add_band(figure: Drawing, at: list[Any], columns: dict[str, list[Any]], dash: str = "solid") -> None:
    """Add the typical band as foot and filled top, and its median."""
    plain: dict[str, Any] = {"mode": "lines", "hoverinfo": "skip", "line": {"width": 0}, "zorder": 0}
    figure.add_trace(drawing.scatter(x=at, y=columns["p10"], **plain))
    figure.add_trace(
        drawing.scatter(x=at, y=columns["p90"], fill="tonexty", fillcolor=theme.colour("band"), **plain)
    )
    paint = "band2" if dash == "solid" else "faint"
    figure.add_trace(
        drawing.scatter(
            x=at,
            y=columns["median"],
            mode="lines",
            hoverinfo="skip",
            line={
                "color": theme.colour(paint),
                "width": 1.5,
                "dash": "solid" if dash == "solid" else "4px,4px",
            },
            zorder=1,
        )
    )


def _previous(at: list[Any], values: list[Any], name: str) -> Trace:
    return drawing.scatter(
        x=at,
        y=values,
        name=name,
        mode="lines",
        hoverinfo="skip",
        line={"color": theme.colour("faint"), "width": 1.5, "dash": "4px,4px"},
        zorder=2,
    )


def _add_projection(figure: Drawing, at: list[Any], columns: dict[str, list[Any]]) -> None:
    plain: dict[str, Any] = {"mode": "lines", "hoverinfo": "skip", "line": {"width": 0}, "zorder": 3}
    figure.add_trace(drawing.scatter(x=at, y=columns["low"], **plain))
    figure.add_trace(
        drawing.scatter(x=at, y=columns["high"], fill="tonexty", fillcolor=theme.colour("soft"), **plain)
    )
    line = {"color": theme.colour("accent"), "width": 2, "dash": "2px,4px"}
    figure.add_trace(
        drawing.scatter(x=at, y=columns["middle"], mode="lines", hoverinfo="skip", line=line, zorder=4)
    )


def _add_now(figure: Drawing, at: list[Any], values: list[Any], words: str) -> None:
    last = max((n for n, v in enumerate(values) if v is not None), default=None)
    point = ([at[last]], [values[last]]) if last is not None else ([], [])
    marker = {
        "size": 9,
        "color": theme.colour("accent"),
        "line": {"color": theme.colour("card"), "width": 1.5},
    }
    figure.add_trace(
        drawing.scatter(x=point[0], y=point[1], mode="markers", hoverinfo="skip", marker=marker, zorder=7)
    )
    if last is not None:
        figure.annotate(
            {
                "x": at[last],
                "y": values[last],
                "text": f"<b>{words}</b>",
                "xanchor": "right",
                "yanchor": "bottom",
                "xshift": -4,
                "yshift": 4,
            }
        )


def _gap_spans(frame: pl.DataFrame, grain: Grain) -> list[tuple[dt.datetime, dt.datetime]]:
    """List buckets that were not wholly collected; each reaches half a bucket to either side."""
    if "is_gap" not in frame.columns:
        return []
    half = _STEP[grain] / 2
    return [(_moment(at) - half, _moment(at) + half) for at in frame.filter("is_gap")["at"].to_list()]


def _add_gaps(figure: Drawing, gaps: Sequence[tuple[Any, Any]], span: Sequence[Any], top: float) -> None:
    """Hatch what was not collected, neighbours joined; a name stands where it has room for it."""
    cut: list[tuple[Any, Any]] = []
    for low, high in gaps:
        if low < span[1] and high > span[0]:
            begins = cut.pop()[0] if cut and low <= cut[-1][1] else max(low, span[0])
            cut.append((begins, min(high, span[1])))
    if not cut:
        return
    figure.add_trace(
        drawing.scatter(
            x=[x for low, high in cut for x in (low, low, high, high, None)],
            y=[y for _rest in cut for y in (0, top, top, 0, None)],
            name=_(NOT_COLLECTED),
            mode="none",
            fill="toself",
            fillcolor="rgba(0,0,0,0)",
            fillpattern={"shape": "/", "size": 7, "solidity": 0.2, "fgcolor": theme.colour("faint")},
            hoverinfo="skip",
            cliponaxis=True,
        )
    )
    figure.annotate(
        *(
            {
                "x": low + (high - low) / 2,
                "y": top,
                "yanchor": "top",
                "text": _(NOT_COLLECTED),
                "name": "wide",
                "font": {"color": theme.colour("sub"), "size": 12},
            }
            for low, high in cut
            if (high - low) / (span[1] - span[0]) >= _NAMED_GAP
        )
    )


def _add_events(figure: Drawing, events: Sequence[Event], span: Sequence[Any], top: float) -> None:
    """Add dotted verticals, each with a dot and a label on top in two staggered rows.

    Narrow screens show the first three that have a word for it, or the numbers of a list below the chart
    (assets/charts.js goes by the names).
    """
    numbered = [event for event in events if event.word.isdigit()]
    short = numbered or [event for event in events if event.word][:_MOST_WORDS]
    lines, labels = [], []
    for n, event in enumerate(sorted(events, key=lambda e: e.at)):
        at = event.at.isoformat() if isinstance(event.at, dt.datetime) else event.at
        lines.append(
            {
                "type": "line",
                "x0": at,
                "x1": at,
                "y0": 0,
                "y1": top,
                "layer": "below",
                "name": "both" if event in short else "wide",
                "line": {"color": theme.colour("faint"), "width": 1, "dash": "dot"},
            }
        )
        is_late = _share_of(event.at, span) > _LATE
        label = _event_label(
            at, top, _marked(event.label, is_late=is_late), 26 if n % 2 else 8, is_late=is_late
        )
        labels.append(label | ({"captureevents": True} if event.href else {}))
        if event in short:
            word = event.word
            words = f"<b>{word}</b>" if word.isdigit() else _marked(word, is_late=is_late)
            labels.append(_event_label(at, top, words, 8, is_late=is_late, is_narrow=True))
    for line in lines:
        figure.add_shape(**line)
    figure.annotate(*labels)


def _is_late(event: Event, span: Sequence[Any]) -> bool:
    return _share_of(event.at, span) > _LATE


def _words_of(event: Event, span: Sequence[Any]) -> str:
    return _marked(event.label, is_late=_is_late(event, span))


def _marked(label: str, *, is_late: bool) -> str:
    return f"{label} •" if is_late else f"• {label}"


def _event_label(
    at: str | float, top: float, text: str, row: int, *, is_late: bool, is_narrow: bool = False
) -> dict[str, Any]:
    return {
        "x": at,
        "y": top,
        "text": text,
        "xanchor": "right" if is_late else "left",
        "xshift": 4 if is_late else -4,
        "yanchor": "middle",
        "yshift": row,
        "name": "narrow" if is_narrow else "wide",
        "visible": not is_narrow,
        "font": {"color": theme.colour("ink"), "size": 12},
    }


def _ends(
    at: list[Any], columns: dict[str, list[Any]], labels: tuple[str, str]
) -> list[tuple[Any, float, str, str]]:
    """List what stands at the ends of the lines: position, height, words, token."""
    found: list[tuple[Any, float, str, str]] = []
    high = max((n for n, v in enumerate(columns["p90"]) if v is not None), default=None)
    for name, text, paint in (("value", f"<b>{labels[0]}</b>", "accent"), ("previous", labels[1], "sub")):
        last = max((n for n, v in enumerate(columns[name]) if v is not None), default=None)
        found += [(at[last], columns[name][last], text, paint)] if last is not None else []
    if high is not None:
        middle = (columns["p90"][high] + columns["p10"][high]) / 2
        found.append(
            (
                at[-1],
                middle,
                f"<span style='color:{theme.colour('band2')}'>■</span> {_('typical')}<br>10–90 %",
                "sub",
            )
        )
    return found


def _last(values: list[Any]) -> Any:
    return next((v for v in reversed(values) if v is not None), None)


def _add_end_labels(
    figure: Drawing, ends: Sequence[tuple[Any, float, str, str]], corner: tuple[Any, float], height: int
) -> None:
    """Write labels at the line's end, moved apart where they would overlap; highest first.

    Args:
        figure: To write on.
        ends: Position, height, words and token of each line's last point.
        corner: Right end and top of the axes; a line that ends earlier has its label there.
        height: Of the plot in pixels.
    """
    right, top = corner
    room, labels = math.inf, []
    for x, y, text, paint in sorted(ends, key=lambda end: -end[1]):
        half = _LINE * (1 + text.count("<br>")) / 2 / max(height, _LINE)
        place = min(y / top if top else 0, room - half) if x == right else y / top
        room = place - half if x == right else room
        at = {"xref": "paper", "x": 1} if x == right else {"x": x}
        labels.append(
            {
                **at,
                "y": max(place, 0) * top,
                "text": text,
                "align": "left",
                "xanchor": "left",
                "xshift": 6,
                "name": "wide",
                "font": {"color": theme.colour(paint), "size": 12},
            }
        )
    figure.annotate(*labels)


def _hover_words(frame: pl.DataFrame, columns: dict[str, list[Any]], unit: str, grain: Grain) -> list[str]:
    """Word what the pointer shows: value, typical range and difference."""
    words = []
    for n, at in enumerate(frame["at"].to_list()):
        value, low, high, median = (columns[name][n] for name in ("value", "p10", "p90", "median"))
        text = f"<b>{_when(at, grain)}</b><br>{wording.value(unit, value, 'full')}"
        if low is not None and high is not None:
            text += "<br>" + _("typical {range}", range=wording.interval(unit, low, high))
        if value is not None and median:
            text += "<br>" + _("{difference} on the median", difference=wording.difference(value, median))
        words.append(text)
    return words


def _when(at: dt.date | dt.datetime, grain: Grain) -> str:
    if grain == "hour" and isinstance(at, dt.datetime):
        return f"{wording.day_named(at.date())}, {wording.clock(at)}"
    if grain == "month":
        return wording.month_named(at)
    return _("week from {at}", at=wording.day_short(at)) if grain == "week" else wording.day_named(at)


def _nice_top(values: Sequence[float], unit: str) -> tuple[float, list[float]]:
    """Choose the top of a zero-based axis and four or so grid lines on round numbers."""
    highest = max(values, default=0) or 1
    base = (
        3600.0 if unit in {"s", "h"} and highest >= 7200 else 60.0 if unit == "s" and highest >= 120 else 1.0
    )
    rough = highest / base / 4.4
    power = 10 ** math.floor(math.log10(rough))
    step = next(s * power for s in _STEPS if s * power >= rough - 1e-12)
    if unit in wording.COUNT_UNITS and step != int(step):
        step = float(math.ceil(step))  # half a comment is no grid line
    count = math.ceil(highest / base / step - 1e-9)
    top = max(highest * 1.03, step * base) if highest / base <= (count - 0.35) * step else count * step * base
    ticks = [n * step * base for n in range(count + 1) if n * step * base <= top + 1e-9]
    return max(top, highest * 1.02), ticks


def _count_axis(top: float, ticks: Sequence[float], unit: str) -> Axis:
    words = ["0" if tick == 0 else wording.value(unit, tick) for tick in ticks]
    return {"range": [0, top], "tickvals": list(ticks), "ticktext": words}


def _span(at: list[Any], grain: Grain, *, is_bars: bool = False) -> list[Any]:
    """Set the range of a time axis by hand, for annotations would widen it."""
    if not at:
        return [0, 1]
    step = _STEP[grain]
    first, last = _moment(at[0]), _moment(at[-1])
    pad = step / 2 if is_bars else step * 0 if len(at) > 1 else step / 2
    return [first - pad, last + pad]


def _moment(at: dt.date | dt.datetime) -> dt.datetime:
    return at if isinstance(at, dt.datetime) else dt.datetime.combine(at, dt.time())


def _within(at: Any, span: Sequence[Any]) -> bool:
    moment = _moment(at) if isinstance(at, dt.date) else at
    return bool(span[0] <= moment <= span[1])


def _share_of(at: Any, span: Sequence[Any]) -> float:
    """Tell where on an axis something stands: 0 its left end, 1 its right one."""
    places: list[Any] = [each if isinstance(each, int | float) else _moment(each) for each in (*span, at)]
    first, last, here = places
    return float((here - first) / (last - first))


def _time_ticks(at: list[Any], grain: Grain, most: int = 8) -> Axis:
    """Place and word the ticks of a time axis: hours on the clock, days by date."""
    if not at:
        return {"tickvals": [], "ticktext": []}
    if grain == "hour":
        return _hour_ticks([_moment(a) for a in at], most)
    step = max(1, math.ceil(len(at) / most))
    chosen = [_moment(a) for a in at[::step]]
    word = wording.month_named if grain == "month" else wording.day_short
    return {"tickvals": chosen, "ticktext": [word(a) for a in chosen]}


def _hour_ticks(at: list[dt.datetime], most: int) -> Axis:
    step = next((s for s in (1, 2, 3, 6, 12, 24) if len(at) / s <= most), 24)
    chosen = [a for a in at if a.hour % step == 0]
    if len({a.date() for a in at}) == 1:
        words = [wording.clock(a) if most > 6 else f"{a:%H}" for a in chosen]
    else:
        words = [wording.day_named(a) if a.hour == 0 else f"{a:%H}" for a in chosen]
        if chosen and chosen[0].hour:
            words[0] = f"{wording.weekday(chosen[0], is_short=True)} {wording.clock(chosen[0])}"
    return {"tickvals": chosen, "ticktext": words}


def _days(at: list[Any], grain: Grain) -> list[list[str]]:
    """Give the first and last day of each bucket, for a drag across them (assets/charts.js)."""
    if grain == "month":
        ends = [calendar.monthrange(a.year, a.month)[1] for a in at]
        return [[f"{a:%Y-%m-%d}", f"{a:%Y-%m}-{end}"] for a, end in zip(at, ends, strict=True)]
    more = dt.timedelta(days=6 if grain == "week" else 0)
    return [[f"{_moment(a):%Y-%m-%d}", f"{_moment(a) + more:%Y-%m-%d}"] for a in at]


def _narrows(at: list[Any], grain: Grain) -> dict[str, Any]:
    """Let a drag choose days, where there is more than one."""
    days = _days(at, grain)
    return {"dragmode": "select", "selectdirection": "h"} if days and days[0] != days[-1] else {}


def _narrow_time(at: list[Any], grain: Grain, *, has_events: bool) -> dict[str, Any]:
    """Name what a narrow screen shows instead: fewer ticks, no room for labels at the end."""
    ticks = _time_ticks(at, grain, 5)
    return {
        "margin.r": _PLAIN_ROOM,
        "margin.t": 26 if has_events else 8,
        "dragmode": False,
        "xaxis.tickvals": ticks["tickvals"],
        "xaxis.ticktext": ticks["ticktext"],
    }


def _fewer_ticks(until_h: float) -> dict[str, Any]:
    """Keep every second age on a narrow chart, where all of them would lean over."""
    ticks = _age_ticks(until_h)
    return {f"xaxis.{name}": ticks[name][::2] for name in ("tickvals", "ticktext")}


def _age_ticks(until_h: float) -> Axis:
    step = next((s for s in (0.25, 1, 2, 4, 6, 12, 24) if until_h / s <= 7), 48)
    hours = [n * step for n in range(int(until_h / step) + 1)]
    words = [_("published"), *[_age_words(h) for h in hours[1:]]]
    return {"tickvals": hours, "ticktext": words}


def _age_words(hours: float) -> str:
    if hours < 1:
        return _("{hours:.0f} min", hours=hours * 60)
    return f"{hours / 24:.0f} {p_('unit', 'd')}" if hours >= 72 and hours % 24 == 0 else f"{hours:.0f} h"


def _radius(dot: Dot, largest: float) -> float:
    return 9 + 13 * math.sqrt(max(dot.size, 0) / largest)


def _bubbles(dots: Sequence[Dot], paint: str, largest: float, what: str) -> Trace:
    return drawing.scatter(
        x=[dot.x for dot in dots],
        y=[dot.y for dot in dots],
        mode="markers",
        hovertext=[
            f"<b>{dot.name}</b><br>"
            + _("{share} of pieces", share=wording.percent(dot.x))
            + "<br>"
            + _("{share} of {main}", share=wording.percent(dot.y), main=_(what))
            for dot in dots
        ],
        hoverinfo="text",
        marker={
            "size": [_radius(dot, largest) for dot in dots],
            "color": theme.colour(paint),
            "opacity": 0.85,
            "line": {"color": theme.colour("card"), "width": 1.5},
        },
    )


def _add_diagonal(figure: Drawing, top: float, corners: tuple[str, str]) -> None:
    figure.add_shape(
        type="path",
        path=f"M0,0L{top},{top}L0,{top}Z",
        layer="below",
        fillcolor=theme.colour("soft"),
        opacity=0.55,
        line={"width": 0},
    )
    line = {"color": theme.colour("line2"), "width": 1.25, "dash": "solid"}
    figure.add_shape(type="line", x0=0, y0=0, x1=top, y1=top, layer="below", line=line)
    above = {"x": 0.02 * top, "y": 0.97 * top, "xanchor": "left", "paint": "above-ink"}
    below = {"x": 0.98 * top, "y": 0.04 * top, "xanchor": "right", "paint": "below-ink"}
    for words, place in zip(corners, (above, below), strict=True):
        figure.annotate(
            {
                "x": place["x"],
                "y": place["y"],
                "xanchor": place["xanchor"],
                "text": f"<b>{words}</b>",
                "bgcolor": "rgba(0,0,0,0)",
                "font": {"color": theme.colour(str(place["paint"])), "size": 12},
            }
        )


def _add_names(figure: Drawing, dots: Sequence[Dot], largest: float, top: float) -> None:
    """Name the dots, each name where it covers neither a dot nor an earlier name.

    Once for half a page and once for a phone, where the same letters take more of the quadrant.
    """
    for screen, (width, height) in _QUADRANTS.items():
        wide_dot, high_dot, high = 8 / width, 8 / height, 10 / height
        taken: list[tuple[float, float, float, float]] = []
        for dot in sorted([one for one in dots if one.is_named], key=lambda one: -one.size):
            around = [(one.x / top, one.y / top, wide_dot, high_dot) for one in dots if one is not dot]
            away = _radius(dot, largest) / 2 + 3
            wide = 7.4 * len(dot.name) / 2 / width
            x, y = dot.x / top, dot.y / top
            aside, lift = wide + away / width, high + away / height
            sides = {
                "right": (x + aside, y),
                "left": (x - aside, y),
                "above": (x, y + lift),
                "below": (x, y - lift),
            }
            free = [side for side, at in sides.items() if _is_free(at, wide, high, [*taken, *around])]
            if not free:  # the hover and the table beside it name it
                continue
            taken.append((*sides[free[0]], wide, high))
            figure.annotate(_name_beside(dot, free[0], away, screen))


def _name_beside(dot: Dot, side: str, away: float, screen: str) -> dict[str, Any]:
    return {
        "x": dot.x,
        "y": dot.y,
        "text": f"<b>{dot.name}</b>",
        "name": screen,
        "visible": screen == "wide",
        "bgcolor": "rgba(0,0,0,0)",
        "xanchor": {"right": "left", "left": "right"}.get(side, "center"),
        "yanchor": {"above": "bottom", "below": "top"}.get(side, "middle"),
        "xshift": {"right": away, "left": -away}.get(side, 0),
        "yshift": {"above": away, "below": -away}.get(side, 0),
    }


def _is_free(
    at: tuple[float, float], wide: float, high: float, taken: Sequence[tuple[float, float, float, float]]
) -> bool:
    if at[0] + wide > 1.02 or at[0] - wide < 0 or not 0 < at[1] < 1:
        return False
    return all(abs(at[0] - x) > wide + w or abs(at[1] - y) > high + h for x, y, w, h in taken)
