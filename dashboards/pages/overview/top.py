"""The ten articles with most of the chosen metric."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import marks, wording
from analytics.language import _
from analytics.metrics import METRICS, Fold
from analytics.periods import local_time
from analytics.queries import (
    articles,
    comparison,
    corrections,
    figures,
    library,
    lists,
    standing,
)
from analytics.queries.figures import Board
from dashboards import cards, components, downloads, tables
from dashboards.components import Link
from dashboards.elements import Child
from dashboards.filters import View
from dashboards.pages.overview.shown import (
    article_href,
    cells,
    label_of,
    nothing_read,
    noun_of,
    pinned,
    ranking,
    scope_of,
    unit_of,
)
from dashboards.scope import Scope
from dashboards.tables import Column, Row

TOP = 10


SPARK_H = 48


def draw_top(scope: Scope) -> Child:
    """Draw the ten articles with most of the chosen metric."""
    board = _top_board(scope)
    metric = ranking(scope)
    part = comparison.share_of_rows(board, metric.id) if metric.fold is Fold.SUM else None
    together = (
        _(", together {part} of {noun_of}", part=wording.percent(part), noun_of=noun_of(metric))
        if part is not None
        else ""
    )
    shown = min(TOP, board.count)
    line = _(
        "{days_word}, any publish date; {shown} of {count}{together}",
        days_word=days_word(scope),
        shown=shown,
        count=wording.full(board.count),
        together=together,
    )
    here = pinned(scope)
    links = [
        Link(
            _("Published that day") if scope.is_day else _("Published in these days"),
            here.drill("/articles", basis="published_in"),
        ),
        Link(_("Download CSV"), downloads.href("overview-articles", scope.view), "articles.csv"),
        Link(_("Open in Articles"), here.drill("/articles")),
    ]
    rows = _top_rows(scope, board)
    body: Component = (
        tables.grid(
            "overview-articles",
            _top_columns(scope, board, rows),
            rows,
            _("Top articles by {noun_of}", noun_of=noun_of(metric)),
        )
        if rows
        else nothing_read(scope)
    )
    names = [name for name in board.total if name in METRICS]
    sql = cards.table_sql(scope, [ranking(scope).id, *names], "article")
    why = cards.why_metric(metric, scope)
    return components.card(_("Top articles"), body, subtitle=line, links=links, why=why, sql=sql)


def article_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the top articles as rows."""
    scope = scope_of(desk, view)
    rows = _top_board(scope).rows
    names = library.describe(desk.store, scope.site_id, "article", rows["id"].to_list())
    shown = rows.drop("was_counted").with_columns(
        title=names["title"],
        authors=names["authors"],
        section=names["section"],
        published=names["published_at"],
    )
    front = ["rank", "id", "title", "authors", "section", "published"]
    return cells(shown.select(*front, pl.exclude(front)))


def _top_board(scope: Scope) -> Board:
    names = lists.countable(["views", "reads", "read_rate", "comments", "comment_rate"], scope.where)
    metric = ranking(scope)
    ask = scope.ask("article")
    hidden = corrections.excluded(scope.desk.store, scope.site_id)
    board = figures.board(scope.desk.store, names, ask, scope.now, order=metric.id, limit=TOP + len(hidden))
    rows = board.rows.filter(~pl.col("id").is_in(hidden) | pl.col("id").is_null())
    named = rows.filter(pl.col("id").is_not_null()).head(TOP)
    return replace(board, rows=pl.concat([named, rows.filter(pl.col("id").is_null())]))


def _top_columns(scope: Scope, board: Board, rows: Sequence[Row]) -> list[Column]:
    main = ranking(scope)
    measured = board.total["reads"].value is not None
    columns = [
        Column("rank", "#", "rank", width=44),
        Column("title", _("Article"), "title", width=0),
    ]
    if any(row["section"] for row in rows):
        columns.append(Column("section", _("Section"), width=92, hide_under=900, on_phone=True))
    columns.append(Column("age", _("Age"), "number", width=52, hide_under=820, on_phone=True))
    if main.id != "views":
        columns.append(Column("views", _("Views"), "number", "views", width=62, hide_under=900))
    columns.append(
        Column(
            main.id,
            label_of(main),
            "bar",
            unit_of(main),
            width=88,
            sort="desc",
            on_phone=True,
            is_strong=True,
        )
    )
    if measured and main.id != "reads":
        columns.append(Column("reads", _("Reads"), "number", "reads", width=76, hide_under=900))
    if measured:
        columns.append(
            Column("read_rate", _("Read rate"), "number", "share", width=78, hide_under=768, on_phone=True)
        )
    if any(row["vs_expected"] is not None for row in rows):
        tip = METRICS["vs_expected"].about
        columns.append(
            Column("vs_expected", _("vs expected"), "chip", width=92, hide_under=768, on_phone=True, tip=tip)
        )
    columns.append(Column("spark", _curve_title(scope), "mark", width=104, hide_under=768))
    talk = "comment_rate" if measured else "comments"
    if talk in board.total and main.id != "comments":
        title = _("Comments /1k") if measured else _("Comments")
        unit = METRICS[talk].unit
        columns.append(Column(talk, title, "under", unit, width=104, hide_under=700))
    return columns


def _top_rows(scope: Scope, board: Board) -> list[Row]:
    found = board.rows.filter(pl.col("id").is_not_null())
    ids = found["id"].to_list()
    names = library.describe(scope.desk.store, scope.site_id, "article", ids).to_dicts()
    base = "reads" if board.total["reads"].value is not None else "views"
    curves = _curves(scope, ids, base)
    ranks = cards.rank_words(found["rank"].to_list())
    chips = expected_chips(scope, ids)
    return [
        _top_row(scope, row, name, rank, curves.get(row["id"], [])) | {"vs_expected": chips.get(row["id"])}
        for row, name, rank in zip(found.to_dicts(), names, ranks, strict=True)
    ]


def expected_chips(scope: Scope, ids: list[str]) -> dict[str, wording.Chip]:
    """Make the chips of some articles at their present age; those without an expectation have none."""
    if not lists.countable(["score"], scope.where):
        return {}
    found = standing.beside(scope.desk.store, ids, scope.ask("article"), scope.now).to_dicts()
    return {
        row["id"]: wording.expected_chip(
            row["vs_expected"], row["place"], row["n"] or 0, is_early=row["is_early"], short=True
        )
        for row in found
    }


def _curves(scope: Scope, ids: list[str], base: str) -> dict[str, list[float | None]]:
    """Give the small curves: the last 48 hours of a short period, the days of a longer one."""
    store = scope.desk.store
    if scope.grain != "hour":
        return dict(lists.sparks(store, base, scope.ask(), ids, scope.now).rows())
    hour = scope.now.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
    ends = min(scope.period.ends, hour)
    return dict(articles.sparklines(store, scope.site_id, ids, base, ends, SPARK_H).rows())


def _curve_title(scope: Scope) -> str:
    return (
        _("Last {spark_h} h", spark_h=SPARK_H)
        if scope.grain == "hour"
        else _("{length} days", length=scope.period.length)
    )


def _top_row(
    scope: Scope, row: dict[str, Any], name: dict[str, Any], rank: str, curve: list[float | None]
) -> dict[str, Any]:
    published = name["published_at"]
    age = (scope.now - published).total_seconds() if published else None
    parts = [
        name["authors"],
        _("published {at_said}", at_said=scope.at_said(published))
        if published
        else _("not in the catalogue"),
    ]
    rates: dict[str, Any] = {}
    for rate in ("read_rate", "comment_rate"):
        if rate in row:
            few = (row[f"{rate}_n"] or 0) < 30
            rates |= {f"{rate}_few": few, f"{rate}_tip": cards.n_words(METRICS[rate], row)}
    counted = wording.full(row.get("comments"))
    return {
        **row,
        **rates,
        "rank": rank,
        "title": name["title"],
        "href": article_href(scope, row["id"]),
        "byline": wording.joined(*parts),
        "section": name["section"],
        "age": age,
        "age_words": wording.age(age),
        "age_tip": wording.day_long(local_time(published, scope.zone).date()) if published else "",
        "spark": marks.sparkline(curve if any(curve) else []),
        "comment_rate_under": counted if row.get("comments") is not None else "",
    }


def days_word(scope: Scope) -> str:
    """Say when it was read."""
    if scope.is_day:
        return _("Read on {first}", first=wording.day_named(scope.period.first))
    return _("Read in {length} days", length=scope.period.length)
