"""What several pages show alike: the head of a page, its foot, the panel behind a number, article rows.

Between scope and pages: a scope says what an address means, here it becomes parts of a page.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dash.development.base_component import Component

from analytics import wording
from analytics.metrics import METRICS, Fold, Metric
from analytics.periods import local_time
from analytics.queries.figures import Figure
from dashboards import components, controls
from dashboards.components import Why
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.scope import Scope

STALE = dt.timedelta(minutes=30)  # older than this, the data are said to be late


def head(
    scope: Scope,
    title: str,
    *choices: Child,
    line: Sequence[str] = (),
    names: Mapping[str, Mapping[str, str]] | None = None,
    above: Child = None,
    below: Child = None,
) -> Component:
    """Head a page: title, period and zone, controls, filters in force, and what is to be known first.

    Args:
        scope: The view, resolved.
        title: The page's h1.
        *choices: Controls after the period's.
        line: Words between the days and the zone: "articles published in the period".
        names: Dimension -> id -> name, for the filters in force.
        above: Crumbs.
        below: Tags under the period line.
    """
    said = " · ".join([scope.days_said(), *[each for each in line if each], scope.zone])
    period = controls.period(scope.view, scope.period.key)
    days = controls.dates(scope.period.first, scope.period.last, scope.today)
    bar = controls.bar(period, days, *choices)
    top = components.page_head(title, said, bar, above=above, below=below)
    return el("div", top, notices(scope), controls.chosen(scope.view, names or {}), class_="page-top")


def notices(scope: Scope) -> list[Component]:
    """Say what was refused in the address, why another period is shown, and that a recount failed."""
    said = [scope.view.refused, scope.note]
    if getattr(scope.desk, "trouble", ""):
        said.append(f"The last recount failed, so the numbers are older: {scope.desk.trouble}")
    return [components.notice(words) for words in said if words]


def foot(scope: Scope, *parts: str) -> Component:
    """Close a page: how far the data are loaded, what was left out, and which definitions count."""
    loaded = scope.coverage.loaded_through
    if loaded is None:
        return components.health_line(["Nothing has been loaded yet", *parts], "waiting")
    is_late = scope.now - loaded > STALE
    said = f"Loaded to {scope.at_said(loaded)}" + (", nothing since" if is_late else "")
    end = f"as of {wording.clock(local_time(scope.now, scope.zone))} · Definitions v1"
    return components.health_line(
        [said, *[part for part in parts if part]], "waiting" if is_late else "ok", end
    )


def why(figure: Figure, scope: Scope, *, left_out: Sequence[tuple[str, int]] = ()) -> Why:
    """Answer "Why this number?" for one figure of a page."""
    return why_metric(figure.metric, scope, used=figure.n, left_out=left_out)


def why_metric(
    metric: Metric | str, scope: Scope, *, used: float | None = None, left_out: Sequence[tuple[str, int]] = ()
) -> Why:
    """Answer "Why this number?" for a metric: its definition, version, period, rows used and left out."""
    known = METRICS[metric] if isinstance(metric, str) else metric
    return Why(
        title=known.label,
        about=known.about,
        formula=known.formula,
        version=f"v{known.version}, {known.origin}",
        period=f"{scope.days_said()}, {scope.zone}",
        used=None if used is None else round(used),
        left_out=tuple(left_out),
    )


def rank_words(ranks: Sequence[int | None]) -> list[str]:
    """Write ranks; those that several rows share carry "=": "3="."""
    times = Counter(ranks)
    return ["" if rank is None else f"{rank}=" if times[rank] > 1 else str(rank) for rank in ranks]


def n_words(metric: Metric, row: Mapping[str, Any]) -> str:
    """Write what a rate or median rests on, for the hover: "n 1,204, 70 to 74 %"."""
    n, low, high = (row.get(f"{metric.id}_{end}") for end in ("n", "low", "high"))
    if n is None or metric.fold not in {Fold.RATIO, Fold.MEDIAN, Fold.P90}:
        return ""
    span = f", {wording.interval(metric.unit, low, high)}" if low is not None else ""
    return f"n {wording.full(n)}{span}"


def drill(view: View, article_id: str) -> str:
    """Write the address of an article under the same period; what only picks articles is left behind."""
    return view.drill(
        f"/articles/{article_id}", section=(), author=(), topic=(), kind=(), language=(), age=()
    )
