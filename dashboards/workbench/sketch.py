"""The quick chart of a result, drawn for the screen; `analytics.sql.charts` says which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analytics import wording
from analytics.language import _
from analytics.sql.ask import Answer
from analytics.sql.charts import KINDS, Choice
from analytics.sql.formats import plain_column
from analytics.sql.summary import numbers
from dashboards import drawing, theme
from dashboards.drawing import Drawing

MOST_BARS, MOST_SERIES, MOST_POINTS = 40, 5, 5_000  # the sixth colour is "Other"
_TALL = 24  # pixels a bar


def draw(answer: Answer, choice: Choice) -> tuple[Drawing, int, str]:
    """Draw it.

    Returns:
        The figure, its height in pixels, and a sentence that says what it shows and what it left out.
    """
    rows = answer.table.slice(0, MOST_POINTS)
    x = plain_column(rows.column(choice.x))
    y = numbers(rows.column(choice.y))
    series = [str(each) for each in plain_column(rows.column(choice.series))] if choice.series >= 0 else []
    names = answer.names
    if choice.kind == "spread":
        said = _("{kind}: {number}", kind=_(KINDS[choice.kind]), number=names[choice.y])
    else:
        said = _(
            "{kind}: {number} by {across}",
            kind=_(KINDS[choice.kind]),
            number=names[choice.y],
            across=names[choice.x],
        )
    said += _(", split by {names}", names=names[choice.series]) if series else ""
    left = answer.table.num_rows - rows.num_rows
    height = 320
    figure = Drawing()
    if choice.kind == "bar":
        left += max(len(x) - MOST_BARS, 0)
        x, y = x[:MOST_BARS], y[:MOST_BARS]
        height = max(120, _TALL * len(x) + 40)
        _bars(figure, [_short(each) for each in x], y)
    elif choice.kind == "heat":
        _heat(figure, x, y, series)
        height = 320 if series else 160
    elif choice.kind == "spread":
        _spread(figure, names[choice.y], y)
    else:
        left += _traces(figure, choice, x, y, series)
    words = f"{said}." + (_(" {left} rows are not drawn.", left=wording.full(left)) if left > 0 else "")
    return figure, height, words


def _bars(figure: Drawing, words: list[str], y: list[float | None]) -> None:
    places = list(range(len(words)))
    figure.add_trace(
        drawing.bar(x=y, y=places, orientation="h", marker={"color": theme.colour("accent")}, hovertext=words)
    )
    figure.lay_out(
        xaxis={"range": [min([0.0, *_known(y)]), max(_known(y), default=1.0) * 1.05 or 1.0]},
        yaxis={
            "tickvals": places,
            "ticktext": words,
            "range": [len(words) - 0.4, -0.6],
            "showgrid": False,
            "automargin": True,  # as wide as the words, whatever their script
        },
        margin={"l": 16, "r": 16, "t": 8, "b": 28},
        hovermode="closest",
        meta={"narrow": {}, "kind": "bar"},
    )


def _traces(figure: Drawing, choice: Choice, x: list[Any], y: list[float | None], series: list[str]) -> int:
    """Draw lines, columns or dots, one trace a series; tell how many rows stand in series beyond the most."""
    groups: dict[str, list[int]] = {}
    for at, name in enumerate(series or [""] * len(x)):
        groups.setdefault(name, []).append(at)
    shown = sorted(groups, key=lambda name: -sum(_known([y[at] for at in groups[name]])))[:MOST_SERIES]
    for paint, name in zip(theme.CATEGORICAL, shown, strict=False):
        colour = theme.colour("accent" if len(shown) == 1 else paint)
        xs, ys = [x[at] for at in groups[name]], [y[at] for at in groups[name]]
        if choice.kind in {"column", "stack"}:
            figure.add_trace(drawing.bar(x=xs, y=ys, name=name, marker={"color": colour}))
        elif choice.kind == "area":
            figure.add_trace(
                drawing.scatter(x=xs, y=ys, name=name, stackgroup="all", line={"color": colour, "width": 1})
            )
        else:
            mode = "lines" if choice.kind == "line" and len(xs) > 1 else "markers"
            figure.add_trace(
                drawing.scatter(
                    x=xs, y=ys, name=name, mode=mode, line={"color": colour}, marker={"color": colour}
                )
            )
    known = _known(y)
    figure.lay_out(
        barmode="stack" if choice.kind == "stack" else "group",
        showlegend=len(shown) > 1,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        yaxis={"rangemode": "tozero" if min(known, default=0) >= 0 else "normal"},
        margin={"l": 60, "r": 16, "t": 36 if len(shown) > 1 else 12, "b": 36},
        hovermode="closest" if choice.kind == "dots" else "x unified",
        meta={"narrow": {"margin.t": 84} if len(shown) > 1 else {}, "kind": choice.kind},
    )
    return sum(len(groups[name]) for name in groups if name not in shown)


def _spread(figure: Drawing, name: str, y: list[float | None]) -> None:
    figure.add_trace(
        drawing.histogram(x=_known(y), nbinsx=MOST_BARS, marker={"color": theme.colour("accent")})
    )
    figure.lay_out(
        xaxis={"title": {"text": name}},
        yaxis={"title": {"text": "rows"}},
        bargap=0.05,
        margin={"l": 60, "r": 16, "t": 8, "b": 48},
        hovermode="closest",
        meta={"narrow": {}, "kind": "spread"},
    )


def _heat(figure: Drawing, x: list[Any], y: list[float | None], series: list[str]) -> None:
    across, down = list(dict.fromkeys(map(str, x))), list(dict.fromkeys(series)) or [""]
    cells = {
        (str(one), other): value for one, other, value in zip(x, series or [""] * len(x), y, strict=True)
    }
    figure.add_trace(
        drawing.heatmap(
            x=across,
            y=down,
            z=[[cells.get((one, other)) for one in across] for other in down],
            xgap=2,
            ygap=2,
            showscale=False,
            colorscale=[[n / 4, theme.colour(name)] for n, name in enumerate(theme.SEQUENTIAL)],
        )
    )
    figure.lay_out(
        xaxis={"type": "category"},
        yaxis={"type": "category", "autorange": "reversed", "showgrid": False, "automargin": True},
        margin={"l": 16, "r": 16, "t": 8, "b": 36},
        hovermode="closest",
        meta={"narrow": {}, "kind": "heat"},
    )


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _short(value: Any) -> str:
    words = "(none)" if value is None else str(value)
    return words if len(words) <= 24 else f"{words[:23]}…"
