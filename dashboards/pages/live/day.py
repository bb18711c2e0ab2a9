"""The day so far: reads added up since midnight, beside the same weekdays before."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import wording
from analytics.language import _, begun
from analytics.queries import health, silences, typical
from dashboards import cards, components, tables
from dashboards.elements import Child
from dashboards.figures import course
from dashboards.filters import View
from dashboards.pages.live.shown import resolved, weekday
from dashboards.scope import Scope
from dashboards.tables import Column, Row

HEIGHT = 180


def draw(desk: Any, view: View) -> Child:
    """Draw the curve of the whole site; nothing where nothing was counted yet."""
    if not desk.sites():
        return None
    found = resolved(desk, view)
    if found.coverage.first_event is None:
        return None
    name = "reads" if health.tells_reading(desk.store, found.site_id, found.today, found.today) else "views"
    frame = typical.so_far(desk.store, name, found.site_id, found.today, found.zone, found.now)
    hours = silences.silences(desk.store, found.site_id, found.period, "hour", found.now)
    gaps = [(at, at + silences.HOUR) for at in hours.filter("is_gap")["at"].to_list()]
    figure = course(frame, unit=name, grain="hour", labels=("", ""), gaps=gaps, height=HEIGHT)
    ticks = frame["at"].gather_every(frame.height // 4)  # 00, 06, 12, 18, 24; the days of clock changes too
    axis = {
        "type": "date",
        "range": [frame["at"][0], frame["at"][-1]],
        "tickvals": ticks.to_list(),
        "ticktext": [_hour(at, frame["at"][0]) for at in ticks],
    }
    figure.lay_out(
        meta={"kind": "course", "narrow": {}}, margin={"l": 40, "r": 8, "t": 8, "b": 24}, xaxis=axis
    )
    return components.card(
        _("{name} today", name=begun(_(name))),
        components.chart(figure, _said(frame, name), height=HEIGHT),
        subtitle=_line(frame, found),
        twin=_twin(frame, name),
        why=cards.why_metric(name, found),
        foot=cards.gaps_said(hours, "hour"),
    )


def _reached(frame: pl.DataFrame) -> int:
    return int(frame["value"].max() or 0)  # type: ignore[arg-type]  # a count


def _line(frame: pl.DataFrame, found: Scope) -> str:
    """Say what one point is and where the day stands."""
    so_far = _("{reached} since midnight", reached=wording.full(_reached(frame)))
    whole = _("{so_far}, in every section", so_far=so_far) if found.where.section else so_far
    now = frame.filter(pl.col("value").is_not_null()).tail(1)
    if not now.height or now["p10"][0] is None:
        return _("{whole}; a band comes with four {weekday}s", whole=whole, weekday=weekday(found))
    span = wording.interval("reads", now["p10"][0], now["p90"][0])
    return _("{whole}; typical by now: {span}", whole=whole, span=span)


def _said(frame: pl.DataFrame, name: str) -> str:
    return _(
        "{name} added up since midnight: {reached} so far.",
        name=begun(_(name)),
        reached=wording.full(_reached(frame)),
    )


def _twin(frame: pl.DataFrame, name: str) -> Component:
    hours = frame.filter(pl.col("value").is_not_null() & (pl.col("at").dt.minute() == 0)).slice(1)
    columns = [Column("when", _("Until")), Column("value", begun(_(name)), "number", name)]
    if hours["p10"].count():
        columns += [Column("p10", _("Typical from"), "number", name), Column("p90", _("to"), "number", name)]
    rows: list[Row] = [
        {
            "id": str(row["at"]),
            "when": _until(row["at"]),
            **{each.field: row[each.field] for each in columns[1:]},
        }
        for row in hours.to_dicts()
    ]
    return tables.twin(columns, rows, _("{name} since midnight", name=begun(_(name))))


def _hour(at: dt.datetime, midnight: dt.datetime) -> str:
    return "24" if at - midnight >= dt.timedelta(days=1) else f"{at:%H}"


def _until(at: dt.datetime) -> str:
    return "24:00" if at.hour == 0 else wording.clock(at)
