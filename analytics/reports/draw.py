"""Pictures of reports: drawn by Vega-Lite without a browser, in the light colours of the screens.

Small marks are written as SVG by `analytics.marks`; here they only become PNG, for mail programs show no
SVG. The engine of the charts takes about a second to come up, once a process: `warm` does it early.
"""

from __future__ import annotations

import datetime as dt
import threading
from functools import cache
from typing import Any

import vl_convert

from analytics import marks
from analytics.language import _, current, month, p_, pattern, weekday
from analytics.reports import fonts
from analytics.reports.report import Chart, Plot
from analytics.tokens import colours

WIDTH, HEIGHT = 536, 190
LINE = 13  # pixels from the words of one mark to those of the next
SCALE = 2.0  # for screens of twice the density
HOUR_S = 3600
INK = colours("light")
SANS = "Inter, DejaVu Sans, Arial, sans-serif"
SHEET = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="18" height="19" viewBox="0 0 18 19">'
    f'<path fill="{INK["accent"]}" d="M2 1h14v17l-2.3-1.6L11.4 18l-2.3-1.6L6.7 18l-2.3-1.6L2 18z"/>'
    '<path d="M5 5.5h8M5 8.5h8M5 11.5h5" stroke="#fff" stroke-width="1.4"/></svg>'
)
TORN = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="6" viewBox="0 0 600 6">'
    f'<path d="{marks.torn_path(7, 600, 6)}" fill="{INK["card"]}"/></svg>'
)
CATEGORICAL = ("accent", "c2", "c3", "c4", "c5", "c6")

_one_at_a_time = threading.Lock()  # one V8, and it is not for several threads


def chart_png(chart: Chart | Plot) -> bytes:
    """Draw a chart as PNG, at twice its size."""
    spec = _described(chart)
    with _one_at_a_time:
        _fonts()
        drawn: bytes = vl_convert.vegalite_to_png(spec, scale=SCALE, allowed_base_urls=[], **_locales())
    return drawn


def chart_svg(chart: Chart | Plot) -> str:
    """Draw a chart as SVG."""
    spec = _described(chart)
    with _one_at_a_time:
        _fonts()
        drawn: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[], **_locales())
    return drawn


@cache
def logo_png() -> bytes:
    """Draw the small sheet of the wordmark."""
    drawn: bytes = vl_convert.svg_to_png(SHEET, scale=SCALE)
    return drawn


@cache
def torn_png() -> bytes:
    """Draw the torn foot of the mail, 600 pixels wide."""
    drawn: bytes = vl_convert.svg_to_png(TORN, scale=SCALE)
    return drawn


def warm() -> None:
    """Bring the engine up before the first report needs it."""
    chart_svg(Chart(title="", line="", said="", unit="reads", grain="day", points=[]))


@cache
def _fonts() -> None:
    folder = fonts.ensure()
    if folder is not None:
        vl_convert.register_font_directory(str(folder))


def _described(chart: Chart | Plot) -> dict[str, Any]:
    return _course(chart) if isinstance(chart, Chart) else _plot(chart)


def _locales() -> dict[str, Any]:
    """Name days and months, and write numbers, as who is spoken to does."""
    spoken = current()
    days = [6, *range(6)]  # from Sunday on
    times = {
        **dict.fromkeys(("dateTime", "date", "time"), "%x"),
        "periods": ["", ""],
        "days": [weekday(n) for n in days],
        "shortDays": [weekday(n, is_short=True) for n in days],
        "months": [month(n) for n in range(1, 13)],
        "shortMonths": [month(n, is_short=True) for n in range(1, 13)],
    }
    numbers = {"decimal": spoken.decimal, "thousands": spoken.group, "grouping": [3], "currency": ["", ""]}
    return {"format_locale": numbers, "time_format_locale": times}


def _short() -> str:
    """Write numbers of an axis as `wording.compact` does: 1.2k."""
    thousands, millions = p_("after a number", "k"), p_("after a number", "M")
    return (
        f"datum.value >= 1e6 ? format(datum.value / 1e6, '.1f') + '{millions}' : "
        f"datum.value >= 1e3 ? format(datum.value / 1e3, '.1f') + '{thousands}' : format(datum.value, ',')"
    )


def _dressed(drawn: Any) -> dict[str, Any]:
    """Dress a chart in our colours and letters, as wide as a mail."""
    made: dict[str, Any] = (
        drawn.properties(
            width=WIDTH, padding=4, background=INK["card"], autosize={"type": "fit-x", "contains": "padding"}
        )
        .configure_view(stroke=None)
        .configure_axis(
            labelFont=SANS,
            labelFontSize=12,
            labelColor=INK["sub"],
            gridColor=INK["line"],
            domainColor=INK["line2"],
            tickColor=INK["line2"],
        )
        .configure_legend(labelFont=SANS, labelFontSize=12, labelColor=INK["ink"], orient="top", title=None)
        .to_dict()
    )
    return made


def _plot(plot: Plot) -> dict[str, Any]:
    """Describe the chart of a query, as the page of SQL draws it."""
    import altair as alt  # noqa: PLC0415 as below

    rows = [
        {"x": x, "y": y, "series": series}
        for x, y, series in zip(plot.x, plot.y, plot.series or [""] * len(plot.x), strict=True)
    ]
    base = alt.Chart({"values": rows}).properties(height=HEIGHT)
    kinds = {"time": "T", "number": "Q", "words": "N"}
    is_many = len(set(plot.series)) > 1
    paint: Any = alt.value(INK["accent"])
    if is_many:
        paint = alt.Color("series:N", sort=None, scale=alt.Scale(range=[INK[name] for name in CATEGORICAL]))
    y = alt.Y("y:Q", title=None, axis=alt.Axis(tickCount=4, labelExpr=_short(), domain=False, ticks=False))
    x = alt.X(
        f"x:{kinds[plot.x_is]}",
        title=None,
        sort=None,
        axis=alt.Axis(grid=False, labelAngle=0, labelOverlap=True),
    )
    if plot.kind == "bar":
        long = alt.Y("x:N", title=None, sort=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=180))
        wide = alt.X(
            "y:Q", title=None, axis=alt.Axis(tickCount=5, labelExpr=_short(), domain=False, ticks=False)
        )
        drawn = base.mark_bar(height=14).encode(y=long, x=wide, color=paint).properties(height=alt.Step(22))
    elif plot.kind in {"column", "stack"}:
        drawn = base.mark_bar().encode(x=x, y=y, color=paint)
        if is_many and plot.kind == "column":
            drawn = drawn.encode(xOffset=alt.XOffset("series:N", sort=None))
    elif plot.kind == "heat":
        shade = alt.Color("y:Q", legend=None, scale=alt.Scale(range=[INK["card"], INK["accent"]]))
        across = alt.X("x:N", title=None, sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=True))
        drawn = base.mark_rect().encode(x=across, y=alt.Y("series:N", title=None, sort=None), color=shade)
    elif plot.kind == "area":
        drawn = base.mark_area().encode(x=x, y=y, color=paint)
    elif plot.kind == "spread":
        bins = alt.X(
            "y:Q", title=None, bin=alt.Bin(maxbins=40), axis=alt.Axis(grid=False, labelExpr=_short())
        )
        count = alt.Y("count()", title=_("rows"), axis=alt.Axis(tickCount=4, domain=False, ticks=False))
        drawn = base.mark_bar(color=INK["accent"]).encode(x=bins, y=count)
    elif plot.kind == "dots":
        drawn = base.mark_point(filled=True, size=36).encode(x=x, y=y, color=paint)
    else:
        drawn = base.mark_line(strokeWidth=2.25).encode(x=x, y=y, color=paint)
    return _dressed(drawn)


def _course(chart: Chart) -> dict[str, Any]:
    """Describe the chart: band, median, the period before, this period, its unfinished end."""
    import altair as alt  # noqa: PLC0415 takes a second, and most commands never draw

    rows = _rows(chart)
    base = alt.Chart({"values": rows}).encode(x=_time_axis(alt, chart))
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(zero=True, nice=True),
        axis=alt.Axis(tickCount=4, labelExpr=_short(), domain=False, ticks=False, labelPadding=8),
    )
    line: dict[str, Any] = {"interpolate": "linear", "invalid": "break-paths-show-path-domains"}
    layers = [
        base.mark_area(color=INK["band"], **line).encode(y=alt.Y("p10:Q", title=None), y2="p90:Q"),
        base.mark_line(color=INK["band2"], strokeWidth=1.5, **line).encode(y="median:Q"),
        base.mark_line(color=INK["faint"], strokeWidth=1.5, strokeDash=[4, 4], **line).encode(y="previous:Q"),
        base.mark_line(color=INK["accent"], strokeWidth=2, strokeDash=[1, 4], **line).encode(y="so_far:Q"),
        base.mark_line(color=INK["accent"], strokeWidth=2.25, strokeCap="round", **line).encode(y=y),
    ]
    if sum(row["value"] is not None for row in rows) == 1:  # one point makes no line
        layers.append(base.mark_point(color=INK["accent"], filled=True, size=40).encode(y="value:Q"))
    for number, moment in enumerate(chart.moments):
        marked = alt.Chart({"values": [{"at": _ms(moment.at), "text": moment.text}]})
        marked = marked.encode(x=_time_axis(alt, chart))
        # Towards the end its words would leave the picture.
        is_late = _ms(moment.at) > _ms(chart.points[len(chart.points) * 3 // 4].at)
        side: dict[str, Any] = {"align": "right", "dx": -5} if is_late else {"align": "left", "dx": 5}
        height = alt.value(6 + LINE * number)  # one below the other, for several may fall on one day
        layers += [
            marked.mark_rule(color=INK["sub"], strokeDash=[2, 3]),
            marked.mark_point(color=INK["sub"], filled=True, size=24).encode(y=height),
            marked.mark_text(font=SANS, fontSize=11, color=INK["ink"], **side).encode(
                text="text:N", y=height
            ),
        ]
    return _dressed(alt.layer(*layers).properties(height=HEIGHT))


def _time_axis(alt: Any, chart: Chart) -> Any:
    """Lay out local time; it is handed over as if it were UTC, so that no zone moves it again."""
    times = [point.at for point in chart.points]
    days = sorted({at.date() for at in times})
    is_day = chart.grain == "hour" and bool(times) and times[-1] - times[0] <= dt.timedelta(hours=25)
    if is_day:
        hour = times[0].replace(minute=0, second=0, microsecond=0)
        hours = [hour + dt.timedelta(hours=n) for n in range(26)]
        ticks, form = [at for at in hours if at.hour % 6 == 0 and times[0] <= at <= times[-1]], "%H"
    else:
        step = max(-(-len(days) // 8), 1)
        ticks = [dt.datetime.combine(day, dt.time()) for day in days[::step]]
        day = pattern("day").replace("d", "%-d").replace("MMM", "%b")
        form = "%a %-d" if chart.grain == "hour" else day
    axis = alt.Axis(
        labelExpr=f"utcFormat(datum.value, '{form}')",
        values=[_ms(at) for at in ticks],
        grid=False,
        labelPadding=4,
        labelFlush=False,
        title=None,
    )
    return alt.X("at:T", axis=axis, scale=alt.Scale(type="utc"))


def _ms(at: dt.datetime) -> float:
    return at.replace(tzinfo=dt.UTC).timestamp() * 1000


def _rows(chart: Chart) -> list[dict[str, float | None]]:
    """Give the points as numbers: time in ms, long sums in hours; an unfinished bucket apart."""
    per = HOUR_S if chart.unit == "h" else 1
    rows: list[dict[str, float | None]] = []
    for number, point in enumerate(chart.points):
        values = {name: getattr(point, name) for name in ("value", "p10", "median", "p90", "previous")}
        scaled: dict[str, float | None] = {
            name: None if value is None else value / per for name, value in values.items()
        }
        follows = number + 1 < len(chart.points) and not chart.points[number + 1].is_complete
        scaled["so_far"] = scaled["value"] if follows or not point.is_complete else None
        scaled["value"] = scaled["value"] if point.is_complete else None
        rows.append({"at": _ms(point.at), **scaled})
    return rows
