"""Head and foot of the page: what is watched, and whether it can be trusted."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from dash.development.base_component import Component

from analytics import wording
from analytics.control.identity import Role, current
from analytics.language import N_, _
from analytics.queries import corrections, library
from dashboards import cards, components, controls, why
from dashboards.components import Why
from dashboards.elements import Child, el
from dashboards.filters import WINDOW, View
from dashboards.pages.live.shown import resolved
from dashboards.scope import Scope

ON_SITE = Why(
    N_("On the site"),
    N_("Distinct visitors of whom anything arrived in the last 5 minutes, on any page."),
    N_("distinct visitors of views, engagements, interactions and comments received in the last 5 min"),
    N_("v1, Plausible, Umami (5 min), Chartbeat"),
    N_("The last 5 minutes; never added up over time"),
    word="on_site",
)
READING = Why(
    N_("Reading now"),
    N_(
        "Those of them whose reading time grew within the last 60 seconds: an open page that "
        "nobody touches does not count. Unknown where no source sends its time by the clock."
    ),
    N_("distinct visitors with a beacon of more engaged time in the last 60 s"),
    N_("v1, own"),
    N_("The last 60 seconds"),
    word="reading_now",
)


def draw_head(desk: Any, view: View) -> Child:
    """Draw title, zone and controls."""
    if not desk.sites():
        return components.page_head(_("Live"), _("No newsroom yet"))
    found = resolved(desk, view)
    known = library.choices(desk.store, found.site_id)
    windows = [(each, _("{each}\N{NARROW NO-BREAK SPACE}min", each=each)) for each in sorted(WINDOW)]
    bar = controls.bar(
        controls.segmented(view, "window", windows, view.window, _("How far the lists look back")),
        controls.pick(view, "section", [(each, each) for each in known.sections], _("All sections"), 130),
        controls.segmented(view, "sound", _sounds(), view.sound, _("Whether new moments are heard")),
        _kept_off(found),
        el("button", _("Show as wall"), el("kbd", "w"), class_="button", type="button", data_does="wall"),
        _wall_link(found, view),
    )
    line = f"{found.site_name} · {wording.day_long(found.today)} · {found.zone}"
    refused = components.notice(view.refused) if view.refused else None
    return el(
        "div", components.page_head(_("Live"), line, bar), refused, controls.chosen(view), class_="page-top"
    )


def _kept_off(found: Scope) -> Component:
    """Lead to the articles that editors keep off lists, with how many they are."""
    count = len(corrections.excluded(found.desk.store, found.site_id))
    said = _("{count} excluded", count=wording.full(count)) if count else _("None excluded")
    return el("a", said, href=View(path="/health", site=found.view.site).href(), class_="button")


def _sounds() -> list[tuple[str, str]]:
    return [("", _("Silent")), ("on", _("Sound"))]


def _wall_link(found: Scope, view: View) -> Component | None:
    """Lead those who may share to a link that shows the wall alone, to whoever has it, and nothing else."""
    who = current()
    if who.kind != "person" or not who.may(Role.EDITOR, found.site_id):
        return None
    wall = view.but(path="/live", site=found.site_id, wall="on")
    return el(
        "a", _("Link for a screen"), href=f"/views?back={quote(wall.href())}", target="_self", class_="button"
    )


def draw_foot(desk: Any, view: View) -> Child:
    """Say how fresh the data are, and what the two numbers mean."""
    if not desk.sites():
        return None
    found = resolved(desk, view)
    whys = [
        el(
            "details",
            el("summary", _("Why this number? {title}", title=_(each.title))),
            el("p", _(each.about), class_="meta"),
            el("div", class_="why-rows", data_why=why.href(found, each.word)),
        )
        for each in (READING, ON_SITE)
    ]
    return el("div", el("div", whys, class_="live-whys"), cards.foot(found))
