"""A chart as the browser takes it: traces and layout, plain.

Plotly's own `Figure` checks every property at every call, some 20 ms a chart.
What we write into a chart does not depend on who looks, so tests have Plotly check it, not requests.
"""

from __future__ import annotations

from functools import partial
from typing import Any, TypeAlias

from dashboards import theme

Trace: TypeAlias = "dict[str, Any]"
bar: partial[Trace] = partial(dict, type="bar")
heatmap: partial[Trace] = partial(dict, type="heatmap")
histogram: partial[Trace] = partial(dict, type="histogram")
scatter: partial[Trace] = partial(dict, type="scatter")


class Drawing(dict[str, Any]):
    """A chart: `data`, its traces, and `layout`."""

    def __init__(self) -> None:
        """Begin with the newsroom's template and nothing on it."""
        super().__init__(data=[], layout={"template": theme.template(), "annotations": [], "shapes": []})

    def add_trace(self, trace: Trace) -> None:
        """Draw a trace on top of those before."""
        self["data"].append(trace)

    def add_shape(self, **shape: Any) -> None:
        """Draw a line or a box."""
        self["layout"]["shapes"].append(shape)

    def annotate(self, *notes: dict[str, Any]) -> None:
        """Write notes."""
        self["layout"]["annotations"] += notes

    def lay_out(self, **layout: Any) -> None:
        """Set parts of the layout, each as a whole."""
        self["layout"] |= layout
