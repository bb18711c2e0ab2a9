"""The ways in: in one sentence, day by day, and with what came of each."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import wording
from analytics.language import N_, _, begun
from analytics.metrics import METRICS
from analytics.periods import Grain
from analytics.queries import audience, comparison, silences, ways
from dashboards import cards, components, downloads, scope, tables
from dashboards import figures as charts
from dashboards.components import Link
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.audience.shown import PAINTS, PERIOD, articles_href
from dashboards.scope import Scope
from dashboards.tables import Column

LEADING = 3  # ways in that the sentence names
COLUMNS = ("views", "reads", "read_rate", "engaged_median", "recirculation", "bounce_rate")
DIRECT = N_(
    "Direct holds typed addresses, bookmarks, apps and messengers that tell no referrer: "
    "where those readers came from is not known, and never guessed."
)


def sentence(shown: Scope) -> Child:
    """Say in one sentence which ways brought most, and what AI assistants sent."""
    found = ways.ways_in(shown.desk.store, shown.ask(), shown.now, "previous")
    whole = int(found["views"].sum())
    named = found.filter(pl.col("id").is_not_null())
    if not whole:
        return components.card(_("Ways in"), cards.nothing(shown, "views"))
    if not named.height:
        untold = _("This source tells no referrer, so that nobody can say where its readers came from.")
        return components.card(_("Ways in"), components.empty(_("Not known"), untold))
    lead = [f"{row['name']} {wording.percent(row['views_share'])}" for row in named.head(LEADING).to_dicts()]
    said = components.strong(
        _("Of {whole} views, ", whole=wording.compact(whole)),
        wording.listed(lead),
        _assistants_said(named),
        "",
    )
    return components.sentence_sheet([*said, "."], why=cards.why_metric("views", shown))


def _assistants_said(named: pl.DataFrame) -> str:
    row = next((row for row in named.to_dicts() if row["id"] == "ai"), None)
    if row is None or row["id"] in named["id"].head(LEADING):
        return ""
    said = _("; AI assistants sent {views}", views=wording.compact(row["views"]))
    if row["views_change"] is not None and not row["views_is_few"]:
        size = wording.change(abs(row["views_change"])).removeprefix("+")
        said += _(
            ", {size} {word} than in the period before",
            size=size,
            word=_("more") if row["views_change"] > 0 else _("less"),
        )
    return said


def course(shown: Scope) -> Component:
    """Draw views by the clock, stacked by group of ways in."""
    grain: Grain = "hour" if shown.grain == "hour" else "day"
    frame = _over_time(shown, grain)
    shares = ways.group_shares(frame)
    parts = [(name, _(ways.GROUP_LABELS[name]), PAINTS.get(name, "c6")) for name in shares if shares[name]]
    title = _("Ways in by {grain}", grain=_(grain))
    if not parts:
        return components.card(title, cards.nothing(shown, "views"))
    figure = charts.stack(frame, parts=parts, unit="views", grain=grain)
    said = ", ".join(f"{label} {wording.percent(shares[name])}" for name, label, _rest in parts)
    chart = components.chart(
        figure, _("Views per {grain} by way in: {said}.", grain=_(grain), said=said), height=290
    )
    legend = components.legend(
        [(paint, label, wording.percent(shares[name])) for name, label, paint in parts]
    )
    said_at = wording.hour_named if grain == "hour" else wording.day_named
    rows = [
        {**row, "id": row["at"].isoformat(), "at": said_at(row["at"])} for row in _blanked(frame).to_dicts()
    ]
    columns = [Column("at", begun(_(grain)))]
    columns += [Column(name, label, "number", "views") for name, label, _rest in parts]
    return components.card(
        title,
        el("div", chart, legend, class_="with-legend"),
        subtitle=_("Views per {grain}; own pages are front, section and other articles", grain=_(grain)),
        links=[Link(_("Download CSV"), downloads.href("audience-course", shown.view), "ways-in.csv")],
        twin=tables.twin(columns, rows, title),
        why=cards.why_metric("views", shown),
        foot=cards.gaps_said(frame, grain),
    )


def course_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the chart as rows."""
    shown = scope.resolve(desk, view, PERIOD)
    frame = _blanked(_over_time(shown, "hour" if shown.grain == "hour" else "day"))
    text = frame.with_columns(pl.col("at").dt.to_string("%Y-%m-%dT%H:%M:%S"))
    return text.columns, text.rows()


def _over_time(shown: Scope, grain: Grain) -> pl.DataFrame:
    """Count views by group of ways in: as `ways.over_time`, and is_gap."""
    counted = ways.over_time(shown.desk.store, shown.ask(), grain)
    return silences.marked(counted, shown.desk.store, shown.site_id, shown.period, grain, shown.now)


def _blanked(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave blank what is not known: a bucket without views that was not, or not wholly, collected."""
    groups = [name for name in frame.columns if name not in {"at", "is_gap"}]
    is_unknown = pl.col("is_gap") & (pl.sum_horizontal(groups) == 0)
    return frame.with_columns(pl.when(~is_unknown).then(pl.col(groups)))


def table(shown: Scope) -> Component:
    """List the ways in with what came of their views."""
    board = audience.channels(shown.desk.store, shown.ask(), shown.now)
    found = comparison.with_shares(board, "views").filter(pl.col("views") > 0)
    names = [name for name in COLUMNS if found[name].null_count() < found.height]
    if not found.height:
        return components.card(_("What came of them"), cards.nothing(shown, "views"))
    columns = [Column("name", _("Way in")), *[_column(name) for name in names]]
    columns.insert(2, Column("views_share", _("Share"), "number", "share"))
    if found["entries"].count():
        tip = _("Visits that began by this way.")
        columns.insert(-1, Column("entries", _("Entries"), "number", "sessions", hide_under=768, tip=tip))
    total = {
        "id": "total",
        "name": _("All ways in"),
        **cards.total_cells(board.total, [name for name in names if name in board.total]),
        "entries": int(found["entries"].sum()) if found["entries"].count() else None,
        "views_share_words": " ",
        "bounce_rate_words": " ",
    }
    return components.card(
        _("What came of them"),
        tables.board(
            columns, [_row(shown, row) for row in found.to_dicts()], _("Ways in by views"), total=total
        ),
        subtitle=_(
            "One row a way in; opens the articles that were read by it. Grey: fewer than 30 to go by."
        ),
        links=[Link(_("Download CSV"), downloads.href("audience-channels", shown.view), "channels.csv")],
        foot=_(DIRECT) if "direct" in found["id"] else "",
        why=cards.why_metric("bounce_rate" if "bounce_rate" in names else "views", shown),
    )


def table_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the ways in as rows."""
    shown = scope.resolve(desk, view, PERIOD)
    board = audience.channels(desk.store, shown.ask(), shown.now)
    rows = comparison.with_shares(board, "views").filter(pl.col("views") > 0)
    names = ["id", "views_share", "entries", *cards.csv_columns(COLUMNS)]
    found = rows.select(names).rename({"id": "channel"})
    return found.columns, found.rows()


def _column(name: str) -> Column:
    made = cards.metric_column(name, main="views", order="views")
    narrow = 0 if name in {"views", "read_rate"} else 768
    return Column(
        made.field,
        made.title,
        made.kind,
        made.unit,
        narrow,
        narrow,
        made.sort,
        tip=made.tip,
        is_strong=made.is_strong,
    )


def _row(shown: Scope, row: dict[str, Any]) -> dict[str, Any]:
    known = row["id"]
    return {
        **cards.metric_cells(row, [name for name in COLUMNS if name in METRICS]),
        "id": known or "(none)",
        "name": ways.label(known),
        "href": articles_href(shown, channel=(known,)) if known else None,
        "views_share": row["views_share"],
        "entries": row["entries"],
    }
