"""What stands around the editor: the head, saved queries, what was asked before, what the browser needs."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from dash import Dash, Input, Output, dcc
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from analytics import language, periods, wording
from analytics.control import queries, tiles
from analytics.control.identity import Role, current
from analytics.control.queries import Run, Saved
from analytics.errors import NotAllowedError, StoreError, TearsheetError, UsageError
from analytics.language import N_, _
from analytics.queries import library
from analytics.sql import gate, scheduled
from analytics.sql.ask import missing
from analytics.sql.examples import EXAMPLES
from dashboards import components, scope, slots
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.workbench.results import second

AGAIN = "sql-again"
MOST_RUNS, MORE_RUNS = 30, 100
BEING_WRITTEN = N_("The archive is written for the first time.")
WORDS = {
    "done": "done",
    "running": "running",
    "stopped": "stopped",
    "timeout": N_("stopped at the limit of time"),
    "out_of_memory": N_("stopped at the limit of memory"),
    "not_allowed": N_("not allowed"),
    "sql_error": "error",
    "busy": N_("no room"),
}


def register(app: Dash) -> None:
    """Bind the slots, and saving."""
    slots.fill(app, "sql-head", head, what=N_("the head"))
    slots.fill(app, "sql-start", start, what=N_("the editor"))
    slots.fill(app, "sql-saved", saved, what=N_("the saved queries"), again=AGAIN)
    slots.fill(app, "sql-history", history, what=N_("the runs"), again=AGAIN)

    @app.callback(Output("sql-older", "children"), Input("sql-more", "data"), prevent_initial_call=True)
    async def older(shown: int | None) -> Child:
        if not shown:
            raise PreventUpdate
        return await asyncio.to_thread(_older, app.server.state.desk, int(shown))

    @app.callback(Output("sql-kept", "data"), Input("sql-save", "data"), prevent_initial_call=True)
    async def kept(wish: dict[str, Any] | None) -> dict[str, Any]:
        if not wish:
            raise PreventUpdate
        return await asyncio.to_thread(_kept, app.server.state.desk, wish)


def head(desk: Any, _view: View) -> Component:
    """Draw the title, and how fresh what is asked is."""
    asking = desk.asking
    limits = asking.limits(current()).in_words()
    try:
        stands = asking.stands(current())
        fresh = _("A copy to read, until {until} UTC", until=second(stands.until))
        note = components.notice(_(BEING_WRITTEN), " ", missing(stands.since)) if stands.since else None
    except StoreError as wait:
        fresh, note = _("A copy to read"), components.notice(str(wait))
    return components.page_head(
        "SQL", _("{fresh} · limits: {limits}", fresh=fresh, limits=limits), below=note
    )


def start(desk: Any, view: View) -> Component:
    """Hand the browser what its half of the page needs."""
    asking = desk.asking
    shown = scope.resolve(desk, View(path=view.path, site=view.site), "7d")
    asking.warm(current())
    opened = queries.saved(desk.control, current(), view.item, view.version) if view.item else None
    told = {
        "site": shown.site_id,
        "sites": asking.sites(current()),
        **scheduled.week(desk.clock(), shown.zone),
        # Drawn in the browser: thousands of lines would make Dash's renderer stand still.
        "tables": [[table.name, table.about, table.columns] for table in asking.tables(current())],
        "functions": sorted(
            {name for (name, _rest), why in gate.functions().items() if not why and name[0].isalpha()}
        ),
        "examples": [{"name": each.name, "text": each.text} for each in EXAMPLES],
        "sections": library.choices(desk.store, shown.site_id).sections,
        "saved": _told(opened, desk, shown.site_id) if opened else None,
    }
    store: Component = dcc.Store(id="sql-opened", data=told)
    return store


def saved(desk: Any, view: View) -> Component:
    """List one's own queries and the shared ones, by folder; nothing to who may ask nothing."""
    if not _may_ask(desk):
        return el("div")
    found = queries.all_saved(desk.control, current())
    if not found:
        return components.card(
            _("Saved"), components.empty(_("Nothing is saved yet."), _("Write a query and press Save."))
        )
    folders: dict[str, list[Saved]] = {}
    for each in found:
        folders.setdefault(each.folder, []).append(each)
    groups = [
        [el("h3", name) if name else None, el("ul", [_saved_line(each, view) for each in each_in])]
        for name, each_in in folders.items()
    ]
    return components.card(_("Saved"), groups, class_name="sql-list")


def history(desk: Any, _view: View) -> Component:
    """List what was asked, the latest first; an admin of every site sees everybody's."""
    if not _may_ask(desk):
        return el("div")
    found = _runs(desk, MOST_RUNS, 0)
    if not found:
        return components.card(
            _("Recent runs"), components.empty(_("Nothing was asked yet."), _("Ctrl Enter runs a query."))
        )
    more = el("div", _more(len(found)) if len(found) == MOST_RUNS else None, id="sql-older")
    return components.card(_("Recent runs"), _run_lines(desk, found), more, class_name="sql-list")


def _may_ask(desk: Any) -> bool:
    try:
        desk.asking.sites(current())
    except NotAllowedError:
        return False
    return True


def _older(desk: Any, shown: int) -> list[Child]:
    """List the runs after those that always stand there, more with every wish."""
    found = _runs(desk, shown - MOST_RUNS + MORE_RUNS, MOST_RUNS)
    is_all = len(found) < shown - MOST_RUNS + MORE_RUNS
    end = el("p", _("That is all."), class_="meta") if is_all else _more(MOST_RUNS + len(found))
    return [_run_lines(desk, found), end]


def _more(shown: int) -> Component:
    return el(
        "button", _("Older runs"), type="button", class_="link", data_sql="older", data_shown=str(shown)
    )


def _runs(desk: Any, most: int, after: int) -> list[Run]:
    return queries.runs(desk.control, current(), [each.site_id for each in desk.sites()], most, after)


def _run_lines(desk: Any, found: list[Run]) -> Component:
    return el("ul", [_run_line(each, desk.zone, desk.clock()) for each in found])


def _saved_line(each: Saved, view: View) -> Component:
    whose = _("you") if each.owner_id == current().id else each.owner_name
    line = f"{whose} · {_('shared') if each.is_shared else _('private')}"
    mark = "page" if view.item == each.query_id else None
    link = el("a", each.name, href=f"/sql/{each.query_id}", aria_current=mark, title=each.about or None)
    return el("li", link, el("span", line, class_="meta"))


def _run_line(run: Run, zone: str, now: dt.datetime) -> Component:
    at = wording.moment(periods.local_time(run.at, zone), periods.local_time(now, zone))
    if run.outcome == "done":
        words = _(
            "{rows}{word} · {seconds} s",
            rows=wording.counted(run.rows, "row"),
            word=_(" or more") if run.is_cut else "",
            seconds=language.local_signs(f"{(run.elapsed_ms or 0) / 1000:.2f}"),
        )
    else:
        words = WORDS.get(run.outcome, run.outcome.replace("_", " "))
    whose = [] if run.actor_id == current().id else [run.actor_name]
    return el(
        "li",
        el(
            "button",
            " ".join(run.text.split())[:70] or "(empty)",
            type="button",
            class_="link",
            data_sql="open",
            data_name=_("Run of {at}", at=at),
            data_text=run.text,
            title=run.said or None,
        ),
        el("span", " · ".join([at, words, *whose]), class_="meta"),
    )


def _kept(desk: Any, wish: dict[str, Any]) -> dict[str, Any]:
    """Save, put away, or put on the Overview, and say what came of it."""
    who, now = current(), desk.clock()
    allowed = desk.asking.sites(who)  # an analyst, or nothing is kept
    site_id = wish["site"] if wish.get("site") in allowed else allowed[0] if allowed else ""
    is_admin = all(who.may(Role.ADMIN, each.site_id) for each in desk.sites())
    query_id = str(wish.get("query_id") or "")
    try:
        if wish.get("put_away"):
            queries.put_away(desk.control, who, query_id, now, is_admin=is_admin)
            return {"message": _("Put away."), "query_id": "", "n": wish.get("n")}
        if "tile" in wish:
            said = _tiled(desk, query_id, site_id, str(wish["tile"]))
            found = queries.saved(desk.control, who, query_id)
            return {"message": said, "saved": _told(found, desk, site_id), "n": wish.get("n")}
        query_id = queries.save(
            desk.control,
            who,
            str(wish.get("text") or ""),
            now,
            name=str(wish.get("name") or ""),
            query_id=query_id,
            folder=str(wish.get("folder") or ""),
            about=str(wish.get("about") or ""),
            is_shared=bool(wish.get("is_shared")),
            chart=_texts(wish.get("chart")),
            parameters=_texts(wish.get("parameters")),
            is_admin=is_admin,
        )
        found = queries.saved(desk.control, who, query_id)
    except TearsheetError as refusal:
        return {"error": str(refusal), "n": wish.get("n")}
    desk.tiles.forget(query_id)
    told = _told(found, desk, site_id)
    return {
        "message": _("Saved as version {version}.", version=found.version),
        "saved": told,
        "n": wish.get("n"),
    }


def _texts(values: dict[str, Any] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (values or {}).items()}


def _tiled(desk: Any, query_id: str, site_id: str, wish: str) -> str:
    """Put a query on the Overview or take it away, and say so."""
    found = scheduled.chosen(desk.asking, current(), query_id)
    if wish not in {"own", "shared"}:
        tiles.take_away(desk.control, query_id, site_id)
        return _("No longer on the Overview of {site_id}.", site_id=site_id)
    is_shared = wish == "shared" or found.owner_id != current().id
    tiles.put(desk.control, found, site_id, desk.clock(), is_shared=is_shared)
    whose = _("every editor") if is_shared else "you"
    return _("At the foot of the Overview of {site_id}, for {whose}.", site_id=site_id, whose=whose)


def _told(found: Saved, desk: Any, site_id: str) -> dict[str, Any]:
    who = current()
    tile = tiles.find(desk.control, found.query_id, site_id)
    try:
        versions = queries.versions(desk.control, who, found.query_id)
    except UsageError:
        versions = []
    return {
        "query_id": found.query_id,
        "name": found.name,
        "folder": found.folder,
        "about": found.about,
        "is_shared": found.is_shared,
        "is_mine": found.owner_id == who.id,
        "can_send": scheduled.may_send(desk.asking, who, found),
        "tile": ("shared" if tile.is_shared else "own") if tile else "",
        "owner": found.owner_name,
        "version": found.version,
        "latest": found.latest,
        "versions": [
            {"version": number, "at": f"{wording.day_dated(at)} {wording.clock(at)} UTC", "by": by}
            for number, at, by in versions
        ],
        "text": found.text,
        "chart": dict(found.chart),
        "values": dict(found.parameters),
    }


def place(view: View) -> Child:
    """Name the saved query of an address for the browser."""
    return el("div", id="sql-place", data_query=view.item, class_="card")
