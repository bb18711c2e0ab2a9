"""Data health `/health`: how fresh each stage is, what came in, what was kept out or refused, what lacks."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
from dash import Dash
from dash.development.base_component import Component

from analytics import wording
from analytics.language import N_, _, inside
from analytics.queries import ledgers
from analytics.wording import Chip
from dashboards import cards, components, downloads, figures, scope, slots, tables
from dashboards.components import Link
from dashboards.elements import el
from dashboards.filters import View
from dashboards.pages.health.catalogue import catalogue, gaps, unfilled
from dashboards.pages.health.corrections import corrections
from dashboards.pages.health.ledger import dropped_rows, ledger
from dashboards.pages.health.shown import LATE_S, PERIOD, when
from dashboards.scope import Scope
from dashboards.tables import Column

__all__ = [
    "catalogue",
    "corrections",
    "dropped_rows",
    "gaps",
    "ledger",
    "unfilled",
]  # beside what stands here

PATH = "/health"
TITLE = N_("Data health")
MOST_LISTED = 12
INCOMING = (
    ("views", N_("Loads"), "c1"),
    ("signs", N_("Signs of reading"), "c6"),
    ("comments", N_("Comments"), "c2"),
)
LOSSES = ("rows_read", "rows_loaded", "rows_repeated", "rows_dropped", "rows_rejected")


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("health-head", content=components.page_head(_(TITLE), " ")),
        slots.slot("health-stages", 300, class_name="c8"),
        slots.slot("health-signs", 300, class_name="c4 side"),
        slots.slot("health-minutes", 300),
        slots.slot("health-dropped", 300),
        slots.slot("health-catalogue", 300, class_name="c6"),
        slots.slot("health-unfilled", 300, class_name="c6"),
        slots.slot("health-bad", 200, class_name="c6"),
        slots.slot("health-gaps", 200, class_name="c6"),
        slots.slot("health-corrections", 240),
        slots.slot("health-imports", 240),
        slots.slot("health-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "health-head", head, what=N_("the head"))
    slots.fill(app, "health-stages", stages, what=N_("the stages"))
    slots.fill(app, "health-signs", signs, what=N_("the shares"))
    slots.fill(app, "health-minutes", minutes, what=N_("this chart"))
    slots.fill(app, "health-dropped", ledger, what=N_("the filter ledger"))
    slots.fill(app, "health-catalogue", catalogue, what=N_("the catalogue"))
    slots.fill(app, "health-unfilled", unfilled, what=N_("the articles"))
    slots.fill(app, "health-gaps", gaps, what=N_("the gaps"))
    slots.fill(app, "health-corrections", corrections, what=N_("the corrections"))
    slots.fill(app, "health-bad", bad, what=N_("what could not be read"))
    slots.fill(app, "health-imports", imported, what=N_("the imports"))
    slots.fill(app, "health-foot", foot, what=N_("the foot"))


def head(desk: Any, view: View) -> Component:
    """Draw title and period."""
    return cards.head(scope.resolve(desk, view, PERIOD), _(TITLE), with_today=True)


def stages(desk: Any, view: View) -> Component:
    """List the stages from collector to archive, with what each has reached."""
    shown = scope.resolve(desk, view, PERIOD)
    found = ledgers.stages(desk.store, shown.site_id)
    lag, age = desk.lag_s(), desk.archive_age_s()
    stuck, trouble = getattr(desk, "stuck", ""), getattr(desk, "trouble", "")
    quiet = found.received is None or shown.now - found.received > cards.STALE
    rows = [
        _stage(
            _("Collector"),
            _("nothing new") if quiet else "ok",
            _("last event {when}", when=when(shown, found.received)) if found.received else _("no event yet"),
            _("Takes what trackers and systems send, and acknowledges it once it is on disk."),
            is_bad=quiet,
        ),
        _stage(
            _("Queue"),
            "waiting" if lag > LATE_S else "ok",
            _("oldest waits {lag}", lag=wording.minutes(lag / 60)) if lag else _("empty"),
            _("What is acknowledged and not loaded yet. Nothing of it is lost."),
            is_bad=lag > LATE_S,
        ),
        _stage(
            _("Loader"),
            "stuck" if stuck else "ok",
            stuck
            or (
                _("loaded to {when}", when=when(shown, found.happened))
                if found.happened
                else _("nothing yet")
            ),
            _("Moves the queue into the store, each event once."),
            is_bad=bool(stuck),
        ),
        _stage(
            _("Recount"),
            "failed" if trouble else "ok",
            trouble or _recount_said(shown, found),
            _("Makes reads, visits and sums of the days that changed."),
            is_bad=bool(trouble),
        ),
        _stage(
            _("Archive"),
            "building" if math.isnan(age) else "late" if age > LATE_S else "ok",
            _("not complete yet") if math.isnan(age) else _("{age} behind", age=wording.age(age)),
            _("The open copy in Parquet, for SQL and other tools."),
            is_bad=not math.isnan(age) and age > LATE_S,
        ),
    ]
    columns = [
        Column("name", _("Stage")),
        Column("state", _("State"), "chip"),
        Column("said", _("How far")),
        Column("about", _("What it does"), hide_under=768),
    ]
    return components.card(
        _("How fresh each stage is"),
        tables.board(columns, rows, _("Stages from collector to archive")),
        subtitle=_("In the order in which an event passes them, {zone}", zone=shown.zone),
    )


def signs(desk: Any, view: View) -> Component:
    """Say what the events tell of their own quality."""
    shown = scope.resolve(desk, view, PERIOD)
    found = ledgers.signs(desk.store, shown.site_id, shown.period, shown.now)
    rows = [
        _share(
            _("Views without a beacon"),
            found.silent,
            found.measured,
            _("Measured, but nothing came after the load."),
        ),
        _share(_("Views without a signal"), found.mute, found.views, _("Their source cannot tell reading.")),
        _share(_("Times cut"), found.clipped, found.views, _("Longer than is believed of one view.")),
        _share(
            _("Orphan signs"),
            found.orphans,
            found.engagements,
            _("Signs of reading whose view is not known."),
        ),
        _share(
            _("Clocks off"), found.skewed, found.loads, _("Of the last day: own time over five minutes off.")
        ),
    ]
    columns = [
        Column("name", _("Of the events")),
        Column("share", _("Share"), "number", "share"),
        Column("n", "", "number", "views"),
    ]
    columns[2] = Column("n", "n", "number", "views", hide_under=768)
    return components.card(
        _("What the events say of themselves"),
        tables.board(columns, rows, _("Quality of the events")),
        subtitle=_("Quality of the data, not behaviour of readers"),
        why=cards.why_metric("no_beacon_share", shown),
    )


def minutes(desk: Any, view: View) -> Component:
    """Draw what came in minute by minute."""
    shown = scope.resolve(desk, view, PERIOD)
    frame = ledgers.per_minute(desk.store, shown.site_id, shown.now).with_columns(
        at=pl.col("at")
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone(shown.zone)
        .dt.replace_time_zone(None)
    )
    sums = {name: int(frame[name].sum()) for name, _rest, _rest in INCOMING}
    title = _("What comes in")
    if not any(sums.values()):
        said = _(
            "Nothing reached us in the last hour. Imports are listed below; they come at their own time."
        )
        return components.card(title, components.empty(_("Quiet"), said))
    said = ", ".join(f"{wording.full(sums[name])} {inside(_(label))}" for name, label, _rest in INCOMING)
    legend = components.swatches(
        [("", paint, f"{_(label)} {wording.full(sums[name])}") for name, label, paint in INCOMING]
    )
    rows = [{**row, "id": row["at"].isoformat(), "at": wording.clock(row["at"])} for row in frame.to_dicts()]
    columns = [
        Column("at", _("Minute")),
        *[Column(name, _(label), "number", "loads") for name, label, _rest in INCOMING],
    ]
    return components.card(
        title,
        components.chart(
            figures.minutes(frame, parts=[(name, _(label), paint) for name, label, paint in INCOMING]),
            _("Events per minute: {said}.", said=said),
            height=220,
        ),
        subtitle=el("span", _("Events by the minute of their receipt, last hour"), " ", legend),
        twin=tables.twin(columns, rows, title),
    )


def bad(desk: Any, view: View) -> Component:
    """List what could not be read, by reason and one by one."""
    shown = scope.resolve(desk, view, PERIOD)
    reasons, lines = ledgers.bad_events(desk.store, shown.site_id)
    title = _("What could not be read")
    if reasons.is_empty():
        return components.card(
            title, components.empty(_("Nothing"), _("Every line and every event was understood."))
        )
    by_reason = [
        {"id": f"{row['reason']} {row['source']}", **row, "last_seen": when(shown, row["last_seen"])}
        for row in reasons.to_dicts()
    ]
    one_by_one = [
        {
            "id": f"{number}",
            "place": f"{row['file']}:{row['line']}",
            "byline": row["hash"][:12],
            "reason": row["reason"],
            "seen": when(shown, row["seen_at"]),
        }
        for number, row in enumerate(lines.head(MOST_LISTED).to_dicts())
    ]
    columns = [
        Column("reason", _("Reason")),
        Column("source", _("Source"), hide_under=768),
        Column("events", _("Events"), "bar", "loads", sort="desc"),
        Column("last_seen", _("Last"), hide_under=768),
    ]
    places = [
        Column("place", _("File and line")),
        Column("reason", _("Reason")),
        Column("seen", _("Seen"), hide_under=768),
    ]
    return components.card(
        title,
        tables.board(columns, by_reason, _("What could not be read, by reason")),
        el("h3", _("The latest"), class_="part-title"),
        tables.board(places, one_by_one, _("The latest lines that could not be read")),
        subtitle=_("File, line, reason and a keyed hash of the line; never its text"),
        links=[Link(_("Download CSV"), downloads.href("health-bad", view), "refused.csv")],
    )


def imported(desk: Any, view: View) -> Component:
    """List the files that were imported."""
    shown = scope.resolve(desk, view, PERIOD)
    found = ledgers.imports(desk.store, shown.site_id)
    if found.is_empty():
        said = _("Old numbers come from files: tearsheet import table views.csv --mapping views.toml")
        return components.card(_("Imports"), components.empty(_("No file was imported"), said))
    rows = [
        {
            "id": f"{row['file']} {row['loaded_at']}",
            **row,
            "byline": row["source"],
            "at": when(shown, row["loaded_at"]),
        }
        for row in found.to_dicts()
    ]
    titles = (_("Read"), _("Loaded"), _("Repeated"), _("Dropped"), _("Refused"))
    columns = [Column("file", _("File")), Column("at", _("When"), hide_under=768)]
    columns += [
        Column(name, title, "number", "loads", hide_under=0 if n < 2 or n == 4 else 768)
        for n, (name, title) in enumerate(zip(LOSSES, titles, strict=True))
    ]
    columns.append(Column("why", _("Why refused"), hide_under=768))
    return components.card(
        _("Imports"),
        tables.board(columns, rows, _("Imported files")),
        subtitle=_("Rows read, taken and refused; the same file twice counts once"),
    )


def foot(desk: Any, view: View) -> Component:
    """Close the page."""
    return cards.foot(scope.resolve(desk, view, PERIOD))


def bad_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the lines that could not be read as rows."""
    _rest, lines = ledgers.bad_events(desk.store, scope.resolve(desk, view, PERIOD).site_id)
    text = lines.with_columns(pl.col("seen_at").dt.to_string("iso"))
    return text.columns, text.rows()


DOWNLOADS: dict[str, downloads.Table] = {"health-dropped": dropped_rows, "health-bad": bad_rows}


_STATES = {
    "ok": N_("ok"),
    "stuck": N_("stuck"),
    "failed": N_("failed"),
    "building": N_("building"),
    "late": N_("late"),
    "waiting": N_("waiting"),
}


def _stage(name: str, state: str, said: str, about: str, *, is_bad: bool) -> dict[str, Any]:
    tone = "error" if state in {"failed", "stuck"} else "waiting" if is_bad else "ok"
    quiet = "outline" if state == "building" else tone
    chip = Chip(_(_STATES.get(state, state)), quiet)  # type: ignore[arg-type]
    return {"id": name, "name": name, "state": chip, "said": said, "about": about}


def _share(name: str, part: int, whole: int, about: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "byline": about,
        "share": part / whole if whole else None,
        "share_tip": _("{part} of {whole}", part=wording.full(part), whole=wording.full(whole)),
        "n": whole,
    }


def _recount_said(shown: Scope, found: ledgers.Stages) -> str:
    waits = (
        _(", {dirty_hours} to recount", dirty_hours=wording.counted(found.dirty_hours, "hour"))
        if found.dirty_hours
        else ""
    )
    if found.rolled is None:
        return _("nothing yet") + waits
    return _("last {when}{waits}", when=when(shown, found.rolled), waits=waits)
