"""Figures for programs: totals, series, rankings, by the same questions as screens and commands."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from analytics.api import callers, pages, shapes
from analytics.api.questions import Question, Series, Top, Totals, few_buckets, resolve
from analytics.api.sheets import Sheet, about, answered, figures_of, instant
from analytics.metrics import FOLDS, METRICS, dimension
from analytics.queries import comparison, figures, health, library
from analytics.queries.answers import whole
from analytics.queries.comparison import Beside
from analytics.queries.figures import Figure
from analytics.queries.intervals import calmed

router = APIRouter(tags=["Figures"])


@router.get("/sites", responses=shapes.answers(shapes.Sites), summary="Sites that are open to you")
async def sites(request: Request) -> Response:
    """List the sites, with their zones and how fresh their figures are."""
    desk = request.app.state.desk

    def ask() -> Sheet:
        now = desk.clock()
        rows = []
        for each in callers.readable(desk.store):
            known = health.freshness(desk.store, each.site_id, now)
            rows.append(
                {
                    "site": each.site_id,
                    "name": each.name,
                    "zone": each.zone,
                    "hosts": each.hosts,
                    "first_event": instant(known.first_event),
                    "last_event": instant(known.last_event),
                    "loaded_through": instant(known.loaded_through),
                }
            )
        return Sheet({"as_of": instant(now)}, rows)

    return await answered(request, ask)


@router.get("/metrics", responses=shapes.answers(shapes.Metrics), summary="What every number means")
async def metrics(request: Request) -> Response:
    """List all metrics: what they count, in which unit, and by what they can be split."""
    rows = [
        {
            "id": each.id,
            "label": each.label,
            "unit": each.unit,
            "version": each.version,
            "about": each.about,
            "formula": each.formula,
            "folds": FOLDS[each.fold],
            "dimensions": list(each.dimensions),
            "is_rate": each.is_rate,
        }
        for each in METRICS.values()
    ]
    return await answered(request, lambda: Sheet({"as_of": instant(request.app.state.desk.clock())}, rows))


@router.get("/stats", responses=shapes.answers(shapes.Totals), summary="Totals with their comparison")
async def totals(request: Request, asked: Annotated[Totals, Query()]) -> Response:
    """Count metrics over a period, each beside what is typical or the period before."""
    desk = request.app.state.desk

    def ask() -> Sheet:
        question = resolve(request, desk.store, desk.clock(), asked)
        found = comparison.totals(question.store, question.metrics, question.ask, question.now, asked.compare)
        rows = [_beside(each) for each in found.values()]
        return Sheet(about(question, question.metrics) | {"compare": asked.compare}, rows)

    return await answered(request, ask)


@router.get("/stats/series", responses=shapes.answers(shapes.Series), summary="Counts per bucket")
async def series(request: Request, asked: Annotated[Series, Query()]) -> Response:
    """Count metrics per hour, day, week or month; with `by`, a line for each of its first values.

    A bucket without events is 0; one of which nothing can be known is null.
    """
    desk = request.app.state.desk

    def ask() -> Sheet:
        question = resolve(request, desk.store, desk.clock(), asked)
        lines = asked.limit if asked.by else 1
        few_buckets(question.period, asked.grain, lines * len(question.metrics))
        rows = _lines(question, asked) if asked.by else _line(question, asked)
        return Sheet(about(question, question.metrics) | {"grain": asked.grain}, rows)

    return await answered(request, ask)


@router.get("/stats/top", responses=shapes.answers(shapes.Top), summary="Rankings")
async def top(request: Request, asked: Annotated[Top, Query()]) -> Response:
    """Rank the values of a dimension; equal values share a rank. The row without an id stands last of all."""
    desk = request.app.state.desk

    def ask() -> Sheet:
        question = resolve(request, desk.store, desk.clock(), asked)
        order = asked.order or question.metrics[0]
        names = tuple(dict.fromkeys([*question.metrics, order]))
        by = dimension(asked.by).id
        key = (question.ask, by, names, order)
        first = pages.begins(key, asked.cursor)
        split = replace(question.ask, split=by)
        board = figures.board(question.store, names, split, question.now, order=order, limit=None)
        ordered = board.rows
        if question.ask.where.is_calm:  # by name instead, unranked
            named = library.describe(question.store, question.site.site_id, by, ordered["id"].to_list())
            ordered = calmed(ordered.with_columns(named["name"]), "name")
        shown = ordered.slice(first, asked.limit)
        named = library.describe(question.store, question.site.site_id, by, shown["id"].to_list())
        rows = [
            {"rank": row["rank"], "id": row["id"], "name": name, **figures_of(row, names)}
            for row, name in zip(shown.to_dicts(), named["name"], strict=True)
        ]
        more = first + asked.limit < board.rows.height
        beside = {
            "by": by,
            "order": order,
            "count": board.count,
            "total": {name: whole(board.total[name].value) for name in names},
            "rows_add_to": board.rows_add_to,
        }
        after = pages.cursor(key, first + asked.limit) if more else ""
        return Sheet(about(question, names) | beside, rows, next=after)

    return await answered(request, ask)


def _beside(each: Beside) -> dict[str, Any]:
    figure, band = each.figure, each.band
    return {
        "metric": figure.metric.id,
        "unit": figure.metric.unit,
        **_numbers(figure),
        "is_few": figure.is_few,
        "change": each.change,
        "change_is_few": each.is_few if each.change is not None else None,
        "before": _numbers(each.before) if each.before else None,
        "typical": {
            "median": band.median,
            "low": band.low,
            "high": band.high,
            "least": band.least,
            "most": band.most,
            "weekdays": band.n,
            "place": each.place,
        }
        if band
        else None,
    }


def _numbers(figure: Figure) -> dict[str, Any]:
    return {"value": whole(figure.value), "n": whole(figure.n), "low": figure.low, "high": figure.high}


def _line(question: Question, asked: Series) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name in question.metrics:
        found = figures.series(question.store, name, question.ask, asked.grain, question.now)
        told = found.select("bucket", "begins", "is_complete", "value", "n", "low", "high").to_dicts()
        rows = rows or [_bucket(row) for row in told]
        for row, one in zip(rows, told, strict=True):
            row.update(_named(name, one))
    return rows


def _lines(question: Question, asked: Series) -> list[dict[str, Any]]:
    by, first = dimension(asked.by).id, question.metrics[0]
    split = replace(question.ask, split=by)
    board = figures.ranking(question.store, [first], split, question.now, order=first)
    ids = board["id"].head(asked.limit).to_list()
    names = dict(library.describe(question.store, question.site.site_id, by, ids).select("id", "name").rows())
    rows: list[dict[str, Any]] = []
    for name in question.metrics:
        told = figures.series_by(question.store, name, split, ids, asked.grain, question.now).to_dicts()
        rows = rows or [{"id": row["id"], "name": names[row["id"]], **_bucket(row)} for row in told]
        for row, one in zip(rows, told, strict=True):
            row.update(_named(name, one))
    return rows


def _bucket(row: dict[str, Any]) -> dict[str, Any]:
    return {"bucket": row["bucket"], "begins": instant(row["begins"]), "is_complete": row["is_complete"]}


def _named(name: str, row: dict[str, Any]) -> dict[str, Any]:
    parts = {name: row["value"], **{f"{name}_{part}": row[part] for part in ("n", "low", "high")}}
    return figures_of(parts, [name])
