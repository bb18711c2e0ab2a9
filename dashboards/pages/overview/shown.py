"""What the rooms of the overview share: the view resolved, its words, its addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
from dash.development.base_component import Component

from analytics import wording
from analytics.language import _, inside
from analytics.metrics import METRICS, Fold, Metric
from analytics.periods import local_time, previous, year_ago
from analytics.queries import (
    comparison,
    health,
    lists,
)
from dashboards import cards, components, controls, downloads, slots
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.scope import Scope, resolve
from dashboards.slots import Desk

_ALWAYS_KNOWN = ("views", "fresh_views", "page_loads", "readers", "sessions", "comments", "comments_created")


def drawn(draw: Callable[[Scope], Child]) -> slots.Draw:
    """Turn a drawing of a scope into one of an address; where nothing was loaded there is nothing to draw."""

    def draw_view(desk: Desk, view: View) -> Child:
        if not desk.sites():
            return None
        scope = scope_of(desk, view)
        return draw(scope) if scope.coverage.first_event is not None else None

    return draw_view


def scope_of(desk: Desk, view: View) -> Scope:
    """Resolve the address; a source without reading time is shown by its views."""
    scope = resolve(desk, view, "day")
    return (
        scope
        if scope.metric.id in _ALWAYS_KNOWN or tells_reading(scope)
        else replace(scope, metric=METRICS["views"])
    )


def tells_reading(scope: Scope) -> bool:
    """Say whether the views of the period can tell reading time."""
    period = scope.period
    return health.tells_reading(scope.desk.store, scope.site_id, period.first, period.last)


def against(scope: Scope) -> comparison.Against:
    """Read what the figures are compared with."""
    options: dict[str, comparison.Against] = {"previous": "previous", "year_ago": "year_ago", "none": "none"}
    return options.get(scope.view.compare, "typical")


def base_of(scope: Scope) -> str:
    """Name the metric that boards rank by: reads, or views where none can be told."""
    return "views" if scope.metric.id == "views" else "reads" if tells_reading(scope) else "views"


def ranking(scope: Scope) -> Metric:
    """Choose what articles are ranked by: the chosen metric where each article has it."""
    metric = scope.metric
    can = "article" in metric.dimensions and metric.fold in {Fold.SUM, Fold.PEOPLE}
    return metric if can and lists.countable([metric.id], scope.where) else METRICS[base_of(scope)]


def is_of_catalogue(scope: Scope) -> bool:
    """Say whether the filter can be put to articles and comments, not to views alone."""
    return bool(lists.countable(["comments"], scope.where))


def pinned(scope: Scope) -> View:
    """Give the view with its period written out, for pages whose own default is another."""
    named = scope.period.key or f"{scope.period.first}..{scope.period.last}"
    return scope.view.but(period=named)


def bare(scope: Scope) -> View:
    """Give the view without its filters."""
    return scope.view.but(**dict.fromkeys(scope.view.where(), ()))


def article_href(scope: Scope, article_id: str) -> str:
    """Write the address of an article's own page, which begins with its publication."""
    return View(path=f"/articles/{article_id}", site=scope.view.site).href()


def unit_of(metric: Metric) -> str:
    """Choose the unit that words a metric: engaged time in hours."""
    return "h" if metric.id == "engaged" else metric.unit


def label_of(metric: Metric) -> str:
    """Name a metric on its card."""
    return {"engaged": _("Engaged hours"), "readers": _("Readers")}.get(metric.id, metric.label)


def noun_of(metric: Metric) -> str:
    """Name a metric inside a sentence."""
    return {"engaged": _("engaged time")}.get(metric.id, inside(metric.label))


def then_said(scope: Scope) -> str:
    """Name the period that is compared with: "on Wed 11 Nov", "the 28 days before"."""
    year = scope.view.compare == "year_ago"
    past = year_ago(scope.period) if year else previous(scope.period)
    if scope.is_day:
        by = (
            _(" by {local_time}", local_time=wording.clock(local_time(scope.now, scope.zone)))
            if scope.is_running
            else ""
        )
        return (
            _("on {first}", first=wording.day_named(past.first))
            + (f" {past.first.year}" if year else "")
            + by
        )
    return (
        _("the same days a year ago") if year else _("the {length} days before", length=scope.period.length)
    )


def nothing_read(scope: Scope) -> Component:
    """Say which of the reasons left the list empty."""
    if early := cards.not_begun(scope):
        return early
    if scope.where.active():
        clear = el("a", _("Clear the filters"), href=bare(scope).href(), class_="button")
        said = wording.listed([inside(controls.dimension(name)) for name in scope.where.active()])
        return components.empty(
            _("Nothing was read here"), _("The filter by {said} leaves no article.", said=said), clear
        )
    return components.empty(
        _("Nothing was read"), _("No article was opened on {days_said}.", days_said=scope.days_said())
    )


def cells(frame: pl.DataFrame) -> downloads.Rows:
    """Turn a frame into cells of a file: times as text."""
    times = [name for name, kind in frame.schema.items() if kind.is_temporal()]
    plain = frame.with_columns(pl.col(times).dt.to_string("iso"))
    return plain.columns, plain.rows()
