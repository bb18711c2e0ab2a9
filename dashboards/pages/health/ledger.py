"""The filter ledger: what rules kept out, what the counts would be with it, and how to count it after all."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from analytics import wording
from analytics.control.identity import Role
from analytics.language import N_, _
from analytics.periods import Period, last_days
from analytics.queries import dropped
from dashboards import cards, components, downloads, edits, scope, tables
from dashboards.components import Link
from dashboards.elements import el
from dashboards.filters import View
from dashboards.pages.health.shown import PERIOD, when
from dashboards.scope import Scope
from dashboards.tables import Column

KEPT_D = 30  # dropped hits are kept so long
# Said in full: a ledger adds up to the last one.
NUMBERS = ("events", "page_loads", "views", "counted", "if_included")
REASONS = {
    "prefetch": N_("Loaded ahead, not looked at"),
    "host": N_("Address of another site"),
    "origin": N_("Sent from another site"),
    "staff": N_("Own staff"),
    "blocked_network": N_("Blocked network"),
    "bot": N_("Crawler or monitor"),
    "spam_referrer": N_("Referrer spam"),
}


def ledger(desk: Any, view: View) -> Component:
    """List what rules kept out, and what the counts would be with it."""
    shown = scope.resolve(desk, view, PERIOD)
    found = dropped.dropped(desk.store, shown.site_id, _kept(shown))
    title = _("Filter ledger")
    if found.is_empty():
        said = _("No rule kept anything out in the last {kept_d} days.", kept_d=KEPT_D)
        return components.card(title, components.empty(_("Nothing was kept out"), said))
    rows = [
        {
            "id": f"{row['reason']}:{row['rule']}",
            "name": _named(row["reason"]),
            "rule": row["rule"] or wording.NONE,
            **{name: row[name] for name in NUMBERS},
            **{f"{name}_words": wording.full(row[name]) for name in NUMBERS},
            "readmit": _readmit(shown, row),
        }
        for row in found.to_dicts()
    ]
    columns = [
        Column("name", _("Reason")),
        Column("rule", _("Rule")),
        Column("events", _("Events"), "bar", "loads", sort="desc", is_strong=True),
        Column("page_loads", _("Loads"), "number", "loads"),
        Column("views", _("of articles"), "number", "views", hide_under=768),
        Column("counted", _("Counted"), "number", "loads", hide_under=768),
        Column("if_included", _("If included"), "number", "loads", hide_under=768),
        Column("readmit", _("After all")),
    ]
    return components.card(
        title,
        tables.board(columns, rows, _("What rules kept out of the counts"), is_wide=True),
        _samples(shown),
        subtitle=_(
            "Kept apart for {kept_d} days, nothing personal in it; counted: page loads of those days",
            kept_d=KEPT_D,
        ),
        links=[Link(_("Download CSV"), downloads.href("health-dropped", view), "dropped.csv")],
        foot=_("Counted after all, views and public counters move by the loads of articles shown here."),
        why=cards.why_metric("page_loads", shown),
    )


def dropped_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the filter ledger as rows."""
    shown = scope.resolve(desk, view, PERIOD)
    found = dropped.dropped(desk.store, shown.site_id, _kept(shown))
    return found.columns, found.rows()


def _kept(shown: Scope) -> Period:
    """Give the days of which events are kept: today is one of them."""
    days = last_days(shown.today, KEPT_D, shown.zone)
    return Period(days.first, shown.today, shown.zone)


def _named(reason: str) -> str:
    return _(REASONS[reason]) if reason in REASONS else reason.replace("_", " ").capitalize()


def _what(row: dict[str, Any]) -> str:
    return ", ".join(part for part in (_named(row["reason"]), row["rule"]) if part)


def _readmit(shown: Scope, row: dict[str, Any]) -> Component | str:
    rule = f"{row['reason']}:{row['rule']}" if row["rule"] else row["reason"]
    first, last = _kept(shown).first, _kept(shown).last
    about = _(
        "{page_loads} loads are counted after all, {views} of them of articles: views and "
        "public counters move by that. Their days, from {days}, are counted anew. New events of the "
        "rule are still kept apart. It can be undone as long as they are kept, 30 days. By "
        "command: tearsheet readmit {rule} --from {first} --to {last}",
        page_loads=wording.full(row["page_loads"]),
        views=wording.full(row["views"]),
        days=wording.days(first, last),
        first=first,
        last=last,
        rule=rule,
    )
    told = {"does": "readmit", "rule": rule, "first": first.isoformat(), "last": last.isoformat()}
    found = edits.button(
        shown,
        _("Count it"),
        told,
        title=_("Count this after all: {what}?", what=_what(row)),
        about=about,
        of=rule,
        role=Role.ADMIN,
    )
    return found or _("an admin can")


def _samples(shown: Scope) -> Component:
    """Show the latest events that were kept out, without anything of a person."""
    found = dropped.samples(shown.desk.store, shown.site_id, _kept(shown))
    rows = [
        {
            "id": str(number),
            "page": row["page"],
            "why": _what(row),
            "browser": row["browser"] or wording.NONE,
            "country": row["country"] or wording.NONE,
            "at": when(shown, row["received_at"]),
        }
        for number, row in enumerate(found.to_dicts())
    ]
    columns = [
        Column("page", _("Page")),
        Column("why", _("Kept out as")),
        Column("browser", _("Browser"), hide_under=768),
        Column("country", _("Country"), hide_under=768),
        Column("at", _("When")),
    ]
    board = tables.board(columns, rows, _("The latest events that were kept out"), is_wide=True)
    return el("details", el("summary", _("The latest, one of each rule first")), board, class_="fold")
