"""Where the views of an article came from: by the clock and channel, and by named source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import wording
from analytics.language import _, begun
from analytics.metrics import FEW_N, METRICS
from analytics.periods import Grain
from analytics.queries import silences, ways
from dashboards import cards, components, downloads, tables
from dashboards import figures as charts
from dashboards.elements import Child, el
from dashboards.figures import Event
from dashboards.filters import View
from dashboards.pages.article.shown import (
    Shown,
    bucket_said,
    file_link,
    is_mute,
    known,
    tells_reading,
    trimmed,
)
from dashboards.scope import Scope
from dashboards.tables import Column, Row

_PAINTS = {"own": "c1", "search": "c2", "social": "c3", "newsletter": "c4", "ai": "c5", "other": "c6"}


def draw_ways(shown: Shown) -> Child:
    """Draw views by the clock, stacked by channel."""
    grain: Grain = "hour" if shown.scope.grain == "hour" else "day"
    return ways_card(shown, _("Where views came from, {word}", word=steps_said(grain)), grain)


def steps_said(grain: Grain) -> str:
    """Say what one bar is: "hour by hour"."""
    return _("hour by hour") if grain == "hour" else _("day by day")


def ways_card(
    shown: Shown,
    title: str,
    grain: Grain,
    *,
    events: Sequence[Event] = (),
    extra: Child = None,
    height: int = 280,
) -> Child:
    """Put views by the clock, stacked by channel, into a card.

    Args:
        shown: What is on the page.
        title: Of the card.
        grain: hour or day.
        events: Dotted verticals.
        extra: A control of the card.
        height: Of the chart in pixels.
    """
    scope = shown.scope
    store, site = scope.desk.store, scope.site_id
    counted = ways.over_time(store, scope.ask(), grain)
    frame = trimmed(silences.marked(counted, store, site, scope.period, grain, scope.now), shown, grain)
    shares = ways.group_shares(frame)
    parts = [(name, _(ways.GROUP_LABELS[name]), _PAINTS.get(name, "c6")) for name in shares if shares[name]]
    if [name for name, _rest, _rest in parts] in ([], ["unknown"]):
        untold = components.empty(_("Not known"), _("This source does not say where its readers came from."))
        return components.card(title, untold, extra=extra)
    figure = charts.stack(frame, parts=parts, unit="views", grain=grain, events=events)
    chart = components.chart(
        figure,
        _("Views per {grain} by way in, {days_said}.", grain=_(grain), days_said=scope.days_said()),
        height=height,
    )
    return components.card(
        title,
        el("div", chart, _legend(shown), class_="with-legend wide-legend"),
        subtitle=_("Views per {grain} by way in, {zone}", grain=_(grain), zone=scope.zone),
        links=[file_link(shown, "article-ways")],
        twin=_ways_twin(frame, parts, grain, title),
        extra=extra,
        why=cards.why_metric("views", scope),
        foot=cards.gaps_said(frame, grain),
    )


def _legend(shown: Shown) -> Component:
    """List the channels in stacking order, each in its colour, with what came of their views."""
    scope = shown.scope
    found = ways.channels(scope.desk.store, scope.ask(), scope.now)
    columns = [Column("name", _("Way in")), Column("views_share", _("Views"), "number", "share")]
    if found["reads"].count() and tells_reading(shown):
        columns += [
            Column("reads", _("Reads"), "number", "reads"),
            Column("read_rate", _("Read rate"), "number", "share"),
        ]
    rows = [
        {
            **row,
            **_greys(row, "read_rate"),
            "id": row["id"] or "(none)",
            "name": ways.label(row["id"]),
            "swatch": _PAINTS.get(row["group"], "c6"),
            "views_share_tip": wording.counted(row["views"], "view"),
            "href": scope.view.href(channel=(row["id"],)) if row["id"] else None,
        }
        for row in found.to_dicts()
    ]
    return tables.board(columns, rows, _("Ways in by views"))


def _ways_twin(
    frame: pl.DataFrame, parts: Sequence[tuple[str, str, str]], grain: Grain, said: str
) -> Component:
    columns = [Column("at", begun(_(grain)))]
    columns += [Column(name, title, "number", "views") for name, title, _rest in parts]
    rows: list[Row] = [
        {**row, "id": row["at"].isoformat(), "at": bucket_said(row["at"], grain)} for row in frame.to_dicts()
    ]
    return tables.twin(columns, rows, said)


def way_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the views by the clock and way in as rows."""
    shown = known(desk, view)
    scope = shown.scope
    grain: Grain = "hour" if scope.grain == "hour" else "day"
    frame = trimmed(ways.over_time(desk.store, scope.ask(), grain), shown, grain)
    text = frame.with_columns(pl.col("at").dt.to_string("iso"))
    return text.columns, text.rows()


def draw_sources(shown: Shown) -> Child:
    """Draw the named sources with what came of their views."""
    if is_mute(shown):
        return None
    scope = shown.scope
    found = ways.sources(scope.desk.store, scope.ask(), scope.now, limit=8)
    named = found.filter(pl.col("id").is_not_null())
    measured = bool(found["reads"].count()) and tells_reading(shown)
    columns = [
        Column("name", _("Source")),
        Column("views", _("Views"), "bar", "views", sort="desc", is_strong=True),
        Column("views_share", _("Share"), "number", "share"),
    ]
    if measured:
        columns += [
            Column("reads", _("Reads"), "number", "reads", hide_under=768),
            Column("read_rate", _("Read rate"), "number", "share"),
            Column("engaged_median", _("Median engaged"), "number", "s", hide_under=768),
        ]
    rows = [_source_row(scope, row) for row in found.to_dicts()]
    body = (
        tables.board(columns, rows, _("Sources by views"))
        if named.height
        else components.empty(
            _("No source is named"),
            _("These views came without a referrer, or their source does not tell one."),
        )
    )
    return components.card(
        _("Sources"),
        body,
        subtitle=_("Named sources and what came of their views; grey: fewer than 30"),
        links=[file_link(shown, "article-sources")],
        why=cards.why_metric("views", scope),
        sql=cards.table_sql(scope, ["views", "reads", "read_rate", "engaged_median"], "source"),
    )


def source_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the sources as rows."""
    shown = known(desk, view)
    frame = ways.sources(desk.store, shown.scope.ask(), shown.scope.now, limit=1000).drop(
        "was_counted", "rank"
    )
    return frame.rename({"id": "source"}).columns, frame.rows()


def _source_row(scope: Scope, row: dict[str, Any]) -> dict[str, Any]:
    source = row["id"]
    return {
        **row,
        **_greys(row, "read_rate", "engaged_median"),
        "id": source or "(none)",
        "name": source or _("Direct or not named"),
        "href": scope.view.href(source=(source,)) if source else None,
    }


def _greys(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """Make grey what rests on few, and say on hover what each rests on."""
    few = {f"{name}_few": (row[f"{name}_n"] or 0) < FEW_N for name in names}
    return few | {f"{name}_tip": cards.n_words(METRICS[name], row) for name in names}
