"""The small drawings beside numbers: gauge, bullet, dumbbell, last ten, sparkline, thin bar, torn edge.

Pure geometry, one home for pages, grid cells and mails. A mark is a short list of allow-listed shapes
whose paint is named by token ("accent", "band2"), never by colour: a mail inlines the light colours
(`Mark.svg`), the browser gets `Mark.spec()` and draws it with CSS variables, so a switch of the
colour scheme needs no new data, and no markup ever travels as text to be injected.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from typing import Literal

Tag = Literal["rect", "circle", "line", "path"]
Place = Literal["above", "typical", "below"]
Spec = dict[str, object]

PAINTS = frozenset(
    {"ink", "sub", "faint", "line", "line2", "accent", "soft", "band", "band2", "card"}
    | {f"c{n}" for n in range(1, 7)}
)

ON_LEVEL = 0.15  # ui.md 3: a dumbbell within 15 % is grey
# Of several lines in one chart, in pixels: whole, dashes, dots, dash and dot, long dashes, long dash and dot.
DASHES = ("24", "6 6", "1 5", "6 4 1 4", "10 4", "10 4 1 4")
_DOT = 4.0
_TORN_WIDTH, _TORN_DEPTH = 1600, 6  # ui.md 1: an irregular edge, 5 px deep, under 1 px of sheet


@dataclass(frozen=True, slots=True)
class Shape:
    """One drawn thing; `at` holds its geometry, fill and stroke name tokens."""

    tag: Tag
    at: Mapping[str, float | str]
    fill: str = ""
    stroke: str = ""
    width: float = 1.0

    def attributes(self) -> dict[str, str]:
        """Give the attributes without paint, numbers rounded to what a screen can show."""
        drawn = {name: v if isinstance(v, str) else _short(v) for name, v in self.at.items()}
        if self.stroke:
            drawn |= {
                "stroke-width": _short(self.width),
                "stroke-linecap": "round",
                "stroke-linejoin": "round",
            }
        return drawn


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for a number: the same weekdays' lowest, p10, median, p90 and highest."""

    low: float
    p10: float
    median: float
    p90: float
    high: float

    def place(self, value: float) -> Place:
        """Tell whether a value stands above, inside or below the 10-90 % band."""
        return "above" if value > self.p90 else "below" if value < self.p10 else "typical"


@dataclass(frozen=True, slots=True)
class Mark:
    """A drawing with the sentence that says the same; an empty label marks it as decoration."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    label: str = ""
    slice: bool = False

    def spec(self) -> Spec:
        """Give the JSON-able form that assets/marks.js draws in pages and grid cells."""
        shapes = [
            [s.tag, s.attributes() | {p: f"var(--ts-{token})" for p, token in _paint(s).items()}]
            for s in self.shapes
        ]
        spec: Spec = {"w": self.width, "h": self.height, "label": self.label, "shapes": shapes}
        return spec | {"slice": True} if self.slice else spec

    def svg(self, tokens: Mapping[str, str]) -> str:
        """Write the mark as SVG text with colours inlined, for mail and PDF.

        Args:
            tokens: Colour by token name, as in ui.md 1.
        """
        named = f'role="img" aria-label="{escape(self.label)}"' if self.label else 'aria-hidden="true"'
        size = f'width="{_short(self.width)}" height="{_short(self.height)}"'
        box = f'viewBox="0 0 {_short(self.width)} {_short(self.height)}"'
        body = "".join(_element(s, tokens) for s in self.shapes)
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} {named}>{body}</svg>'


def gauge(value: float | None, usual: Usual, *, width: float = 150, label: str = "") -> Mark:
    """Draw a value on its range: track from lowest to highest, block p10-p90, tick at the median, dot."""
    reach = [usual.low, usual.high] if value is None else [usual.low, usual.high, value]
    x = _Scale(min(reach), max(reach), _DOT, width - _DOT)
    parts = [
        _rule(x(min(reach)), 7, x(max(reach)) - x(min(reach)), "line2", 1.5),
        _rect((x(usual.p10), 3.5), (x(usual.p90) - x(usual.p10), 7), "band2", 1.5),
        _tick(x(usual.median), 1.5, 12.5, "sub"),
    ]
    if value is not None:
        parts.append(_dot(x(value), 7, _DOT, "c2" if value < usual.p10 else "accent"))
    return Mark(width, 14, tuple(parts), label)


def bullet(
    value: float | None, p10: float, p90: float, top: float, *, width: float = 90, label: str = ""
) -> Mark:
    """Draw a thin bar over a band block: what was reached over the expected range, on a scale to `top`."""
    x = _Scale(0, max(top, p90, value or 0), 0, width)
    parts = [_rect((x(p10), 0), (max(x(p90) - x(p10), 2), 12), "band2", 2)]
    if value is not None:
        parts.append(_rect((0, 4), (max(x(value), 1), 4), "c2" if value < p10 else "accent", 2))
    return Mark(width, 12, (*parts,), label)


def range_dot(
    value: float | None, p10: float, p90: float, top: float, *, width: float = 84, label: str = ""
) -> Mark:
    """Draw a value as a dot on a thin track with the block of its typical range, on a scale to `top`."""
    x = _Scale(0, max(top, p90, value or 0), _DOT, width - _DOT)
    parts = [
        _rule(x(0), 7, width - 2 * _DOT, "line", 1.25),
        _rect((x(p10), 3.5), (max(x(p90) - x(p10), 2), 7), "band2", 2),
    ]
    if value is not None:
        parts.append(_dot(x(value), 7, 3.5, "c2" if value < p10 else "accent"))
    return Mark(width, 14, tuple(parts), label)


def dumbbell(pieces: float, reads: float, top: float, *, width: float = 120, label: str = "") -> Mark:
    """Draw the share of pieces (open circle) against the share of reads (full circle).

    The line is blue where reads lead, orange where pieces lead, grey where both are within 15 %.
    """
    x = _Scale(0, max(top, pieces, reads), 5, width - 5)
    even = abs(reads - pieces) <= ON_LEVEL * pieces
    paint = "faint" if even else "accent" if reads > pieces else "c2"
    return Mark(
        width,
        14,
        (
            _rule(5, 7, width - 10, "line", 1),
            _rule(x(pieces), 7, x(reads) - x(pieces), paint, 2),
            Shape("circle", {"cx": x(pieces), "cy": 7, "r": 4}, fill="card", stroke=paint, width=1.75),
            _dot(x(reads), 7, 4.25, paint),
        ),
        label,
    )


def stroke(number: int) -> Mark:
    """Draw how one of several lines runs, counted from 0: colour and dashes, as a key beside its name."""
    line = _rule(1.5, 5, 23, f"c{number + 1}", 2.25)
    dashed = {**line.at, "stroke-dasharray": DASHES[number % len(DASHES)]}
    return Mark(26, 10, (replace(line, at=dashed),))


def strip(places: Sequence[int | None], *, label: str = "") -> Mark:
    """Draw the last ten as squares in publishing order: above, on or below a line.

    Args:
        places: 1 above expectation, 0 typical, -1 below, None unknown (an empty place); oldest first.
        label: The sentence that says the same.
    """
    paints = {1: "accent", 0: "line2", -1: "c2"}
    tops = {1: 0.0, 0: 4.0, -1: 8.0}
    shapes = [
        _rect((9.5 * n, tops[place]), (6, 6), paints[place], 1)
        for n, place in enumerate(places)
        if place is not None
    ]
    return Mark(9.5 * max(len(places), 1) - 3.5, 14, tuple(shapes), label)


def sparkline(
    values: Sequence[float | None],
    *,
    width: float = 92,
    height: float = 26,
    area: bool = True,
    label: str = "",
) -> Mark:
    """Draw a course of values with a dot at its peak; None breaks the line, it is never drawn as 0."""
    known = [v for v in values if v is not None]
    if not known:
        return Mark(width, height, (_rule(3, height - 3, width - 6, "line2", 1),), label)
    x = _Scale(0, max(len(values) - 1, 1), 3, width - 3)
    low = 0.0 if area else min(known)
    y = _Scale(low, max(*known, low + 1e-9), height - 3, 4)
    points = [(x(n), None if v is None else y(v)) for n, v in enumerate(values)]
    runs = [
        [(a, b) for a, b in run if b is not None]
        for there, run in groupby(points, lambda p: p[1] is not None)
        if there
    ]
    shapes = [_area(run, height - 3) for run in runs if area and len(run) > 1]
    shapes += [Shape("path", {"d": _path(run)}, stroke="accent", width=1.4) for run in runs]
    peak = max(range(len(values)), key=lambda n: -1.0 if values[n] is None else values[n] or 0.0)
    return Mark(width, height, (*shapes, _dot(x(peak), y(max(known)), 2.2, "accent")), label)


def bar(share: float | None, *, width: float = 64, paint: str = "accent", label: str = "") -> Mark:
    """Draw a thin bar: a share of the first row, of all, or of the step before."""
    part = min(max(share or 0.0, 0.0), 1.0)
    shapes = [_rect((0, 0), (width, 4), "line", 2)]
    if part > 0:
        shapes.append(_rect((0, 0), (max(width * part, 2), 4), paint, 2))
    return Mark(width, 4, tuple(shapes), label)


def torn_edge(seed: int = 7, paint: str = "card") -> Mark:
    """Draw the torn lower edge of the sheet; the same seed tears the same way everywhere."""
    return Mark(
        _TORN_WIDTH, _TORN_DEPTH, (Shape("path", {"d": torn_path(seed)}, fill=paint),), "", slice=True
    )


def torn_path(seed: int = 7, width: int = _TORN_WIDTH, depth: int = _TORN_DEPTH) -> str:
    """Give the outline of a torn edge, flat above and irregular below, as SVG path data."""
    tear = random.Random(seed)  # noqa: S311 - paper, not secrets
    x, y, points = 0.0, depth * 0.6, []
    while x < width:
        points.append((x, y))
        x += tear.uniform(3, 11)
        y = min(max(y + tear.uniform(-2.2, 2.2), 1.0), float(depth))
    points.append((float(width), y))
    return f"M0 0{''.join(f'L{_short(a)} {_short(b)}' for a, b in points)}L{width} 0Z"


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".") or "0"


@dataclass(frozen=True, slots=True)
class _Scale:
    """A straight scale from values to pixels; an empty range maps to its middle."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        if self.high <= self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def _rule(x: float, y: float, length: float, stroke: str, width: float) -> Shape:
    return Shape("line", {"x1": x, "y1": y, "x2": x + length, "y2": y}, stroke=stroke, width=width)


def _tick(x: float, top: float, foot: float, stroke: str) -> Shape:
    return Shape("line", {"x1": x, "y1": top, "x2": x, "y2": foot}, stroke=stroke, width=1.25)


def _rect(at: tuple[float, float], size: tuple[float, float], fill: str, radius: float) -> Shape:
    box = {"x": at[0], "y": at[1], "width": max(size[0], 0), "height": size[1], "rx": radius}
    return Shape("rect", box, fill=fill)


def _dot(x: float, y: float, radius: float, fill: str) -> Shape:
    return Shape("circle", {"cx": x, "cy": y, "r": radius}, fill=fill)


def _path(run: Sequence[tuple[float, float]]) -> str:
    first, *rest = run
    tail = "".join(f"L{_short(x)} {_short(y)}" for x, y in rest)
    return f"M{_short(first[0])} {_short(first[1])}{tail or 'h0.01'}"


def _area(run: Sequence[tuple[float, float]], floor: float) -> Shape:
    d = f"{_path(run)}L{_short(run[-1][0])} {_short(floor)}L{_short(run[0][0])} {_short(floor)}Z"
    return Shape("path", {"d": d}, fill="soft")


def _paint(shape: Shape) -> dict[str, str]:
    """Name the tokens of fill and stroke; a shape without fill is hollow, never black."""
    named = {"fill": shape.fill, "stroke": shape.stroke}
    unknown = {token for token in named.values() if token} - PAINTS
    if unknown:
        raise ValueError(f"unknown paint {sorted(unknown)}; marks name one of {sorted(PAINTS)}")
    return {name: token for name, token in named.items() if token}


def _element(shape: Shape, tokens: Mapping[str, str]) -> str:
    paint = {name: tokens[token] for name, token in _paint(shape).items()}
    attributes = {"fill": "none"} | shape.attributes() | paint
    text = " ".join(f'{name}="{escape(str(v))}"' for name, v in attributes.items())
    return f"<{shape.tag} {text}/>"
