"""Data health `/health`: how fresh each stage is, what came in, what was kept out or refused, what lacks."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
from dash import Dash
from dash.development.base_component import Component

from analytics import wording
from analytics.queries import ledgers
from analytics.wording import Chip
from dashboards import cards, components, downloads, figures, scope, slots, tables
from dashboards.components import Link
from dashboards.elements import el
from dashboards.filters import View
from dashboards.pages.health.catalogue import catalogue
from dashboards.pages.health.corrections import corrections
from dashboards.pages.health.ledger import dropped_rows, ledger
from dashboards.pages.health.shown import LATE_S, PERIOD, when
from dashboards.scope import Scope
from dashboards.tables import Column

__all__ = ["catalogue", "corrections", "dropped_rows", "ledger"]  # beside what stands here

PATH = "/health"
TITLE = "Data health"
MOST_LISTED = 12
INCOMING = (("views", "Loads", "c1"), ("signs", "Signs of reading", "c6"), ("comments", "Comments", "c2"))
LOSSES = ("rows_read", "rows_loaded", "rows_repeated", "rows_dropped", "rows_rejected")


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("health-head", content=components.page_head(TITLE, " ")),
        slots.slot("health-stages", 300, class_name="c8"),
        slots.slot("health-signs", 300, class_name="c4 side"),
        slots.slot("health-minutes", 300),
        slots.slot("health-dropped", 300),
        slots.slot("health-catalogue", 300, class_name="c6"),
        slots.slot("health-bad", 300, class_name="c6"),
        slots.slot("health-corrections", 240),
        slots.slot("health-imports", 240),
        slots.slot("health-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "health-head", head, what="the head")
    slots.fill(app, "health-stages", stages, what="the stages")
    slots.fill(app, "health-signs", signs, what="the shares")
    slots.fill(app, "health-minutes", minutes, what="this chart")
    slots.fill(app, "health-dropped", ledger, what="the filter ledger")
    slots.fill(app, "health-catalogue", catalogue, what="the catalogue")
    slots.fill(app, "health-corrections", corrections, what="the corrections")
    slots.fill(app, "health-bad", bad, what="what could not be read")
    slots.fill(app, "health-imports", imported, what="the imports")
    slots.fill(app, "health-foot", foot, what="the foot")


def head(desk: Any, view: View) -> Component:
    """Draw title and period."""
    return cards.head(scope.resolve(desk, view, PERIOD), TITLE, with_today=True)


def stages(desk: Any, view: View) -> Component:
    """List the stages from collector to archive, with what each has reached."""
    shown = scope.resolve(desk, view, PERIOD)
    found = ledgers.stages(desk.store, shown.site_id)
    lag, age = desk.lag_s(), desk.archive_age_s()
    stuck, trouble = getattr(desk, "stuck", ""), getattr(desk, "trouble", "")
    quiet = found.received is None or shown.now - found.received > cards.STALE
    rows = [
        _stage(
            "Collector",
            "nothing new" if quiet else "ok",
            f"last event {when(shown, found.received)}",
            "Takes what trackers and systems send, and acknowledges it once it is on disk.",
            is_bad=quiet,
        ),
        _stage(
            "Queue",
            "waiting" if lag > LATE_S else "ok",
            f"oldest waits {wording.minutes(lag / 60)}" if lag else "empty",
            "What is acknowledged and not loaded yet. Nothing of it is lost.",
            is_bad=lag > LATE_S,
        ),
        _stage(
            "Loader",
            "stuck" if stuck else "ok",
            stuck or f"loaded to {when(shown, found.happened)}",
            "Moves the queue into the store, each event once.",
            is_bad=bool(stuck),
        ),
        _stage(
            "Recount",
            "failed" if trouble else "ok",
            trouble or _recount_said(shown, found),
            "Makes reads, visits and sums of the days that changed.",
            is_bad=bool(trouble),
        ),
        _stage(
            "Archive",
            "building" if math.isnan(age) else "late" if age > LATE_S else "ok",
            "not complete yet" if math.isnan(age) else f"{wording.age(age)} behind",
            "The open copy in Parquet, for SQL and other tools.",
            is_bad=not math.isnan(age) and age > LATE_S,
        ),
    ]
    columns = [
        Column("name", "Stage"),
        Column("state", "State", "chip"),
        Column("said", "How far"),
        Column("about", "What it does", hide_under=768),
    ]
    return components.card(
        "How fresh each stage is",
        tables.board(columns, rows, "Stages from collector to archive"),
        subtitle=f"In the order in which an event passes them, {shown.zone}",
    )


def signs(desk: Any, view: View) -> Component:
    """Say what the events tell of their own quality."""
    shown = scope.resolve(desk, view, PERIOD)
    found = ledgers.signs(desk.store, shown.site_id, shown.period, shown.now)
    rows = [
        _share(
            "Views without a beacon",
            found.silent,
            found.measured,
            "Measured, but nothing came after the load.",
        ),
        _share("Views without a signal", found.mute, found.views, "Their source cannot tell reading."),
        _share("Times cut", found.clipped, found.views, "Longer than is believed of one view."),
        _share("Orphan signs", found.orphans, found.engagements, "Signs of reading whose view is not known."),
        _share("Clocks off", found.skewed, found.loads, "Of the last day: own time over five minutes off."),
    ]
    columns = [
        Column("name", "Of the events"),
        Column("share", "Share", "number", "share"),
        Column("n", "", "number", "views"),
    ]
    columns[2] = Column("n", "n", "number", "views", hide_under=768)
    return components.card(
        "What the events say of themselves",
        tables.board(columns, rows, "Quality of the events"),
        subtitle="Quality of the data, not behaviour of readers",
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
    sums = {name: int(frame[name].sum()) for name, _, _ in INCOMING}
    title = "What comes in"
    if not any(sums.values()):
        said = "Nothing reached us in the last hour. Imports are listed below; they come at their own time."
        return components.card(title, components.empty("Quiet", said))
    said = ", ".join(f"{wording.full(sums[name])} {label.lower()}" for name, label, _ in INCOMING)
    rows = [{**row, "id": row["at"].isoformat(), "at": wording.clock(row["at"])} for row in frame.to_dicts()]
    columns = [
        Column("at", "Minute"),
        *[Column(name, label, "number", "loads") for name, label, _ in INCOMING],
    ]
    return components.card(
        title,
        components.chart(figures.minutes(frame, parts=INCOMING), f"Events per minute: {said}.", height=220),
        subtitle=f"Events by the minute of their receipt, last hour: {said}",
        twin=tables.twin(columns, rows, title),
    )


def bad(desk: Any, view: View) -> Component:
    """List what could not be read, by reason and one by one."""
    shown = scope.resolve(desk, view, PERIOD)
    reasons, lines = ledgers.bad_events(desk.store, shown.site_id)
    title = "What could not be read"
    if reasons.is_empty():
        return components.card(
            title, components.empty("Nothing", "Every line and every event was understood.")
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
        Column("reason", "Reason"),
        Column("source", "Source", hide_under=768),
        Column("events", "Events", "bar", "loads", sort="desc"),
        Column("last_seen", "Last", hide_under=768),
    ]
    places = [
        Column("place", "File and line"),
        Column("reason", "Reason"),
        Column("seen", "Seen", hide_under=768),
    ]
    return components.card(
        title,
        tables.board(columns, by_reason, "What could not be read, by reason"),
        el("h3", "The latest", class_="part-title"),
        tables.board(places, one_by_one, "The latest lines that could not be read"),
        subtitle="File, line, reason and a keyed hash of the line; never its text",
        links=[Link("Download CSV", downloads.href("health-bad", view), "refused.csv")],
    )


def imported(desk: Any, view: View) -> Component:
    """List the files that were imported."""
    shown = scope.resolve(desk, view, PERIOD)
    found = ledgers.imports(desk.store, shown.site_id)
    if found.is_empty():
        said = "Old numbers come from files: tearsheet import table views.csv --mapping views.toml"
        return components.card("Imports", components.empty("No file was imported", said))
    rows = [
        {
            "id": f"{row['file']} {row['loaded_at']}",
            **row,
            "byline": row["source"],
            "at": when(shown, row["loaded_at"]),
        }
        for row in found.to_dicts()
    ]
    titles = ("Read", "Loaded", "Repeated", "Dropped", "Refused")
    columns = [Column("file", "File"), Column("at", "When", hide_under=768)]
    columns += [
        Column(name, title, "number", "loads", hide_under=0 if n < 2 or n == 4 else 768)
        for n, (name, title) in enumerate(zip(LOSSES, titles, strict=True))
    ]
    columns.append(Column("why", "Why refused", hide_under=768))
    return components.card(
        "Imports",
        tables.board(columns, rows, "Imported files"),
        subtitle="Rows read, taken and refused; the same file twice counts once",
    )


def foot(desk: Any, view: View) -> Component:
    """Close the page."""
    return cards.foot(scope.resolve(desk, view, PERIOD))


def bad_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the lines that could not be read as rows."""
    _, lines = ledgers.bad_events(desk.store, scope.resolve(desk, view, PERIOD).site_id)
    text = lines.with_columns(pl.col("seen_at").dt.to_string("iso"))
    return text.columns, text.rows()


DOWNLOADS: dict[str, downloads.Table] = {"health-dropped": dropped_rows, "health-bad": bad_rows}


def _stage(name: str, state: str, said: str, about: str, *, is_bad: bool) -> dict[str, Any]:
    tone = "error" if state in {"failed", "stuck"} else "waiting" if is_bad else "ok"
    quiet = "outline" if state == "building" else tone
    return {"id": name, "name": name, "state": Chip(state, quiet), "said": said, "about": about}  # type: ignore[arg-type]


def _share(name: str, part: int, whole: int, about: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "byline": about,
        "share": part / whole if whole else None,
        "share_tip": f"{wording.full(part)} of {wording.full(whole)}",
        "n": whole,
    }


def _recount_said(shown: Scope, found: ledgers.Stages) -> str:
    waits = f", {wording.counted(found.dirty_hours, 'hour')} to recount" if found.dirty_hours else ""
    return f"last {when(shown, found.rolled)}{waits}"
