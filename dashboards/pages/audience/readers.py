"""The readers: on which articles their visits begin and how they go on, how often they come, with what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import reference, wording
from analytics.language import N_, _, inside
from analytics.metrics import DIMENSIONS, FEW_N, METRICS
from analytics.queries import audience, comparison, figures
from dashboards import cards, components, controls, downloads, scope, tables
from dashboards.components import Link, Why
from dashboards.elements import Child
from dashboards.filters import View
from dashboards.pages.audience.shown import DEVICES, PERIOD, articles_href, file_link, resolved
from dashboards.scope import Scope
from dashboards.tables import Column

MOST, MOST_SHARES, MOST_IN_FILE = 8, 6, 1000


def landings(shown: Scope) -> Component:
    """List the articles on which visits begin, and where they go on."""
    title = _("Where visits begin")
    if not audience.begins_known(shown.ask()):
        said = _("Visits begin with a section, a way in, a device or a country; take the other filters off.")
        return components.card(title, components.empty(_("Not known under this filter"), said))
    found = audience.landings(shown.desk.store, shown.ask(), MOST)
    if not found.height:
        return components.card(title, cards.nothing(shown, N_("visits")))
    columns = [
        Column("title", _("First article")),
        Column(
            "entries",
            _("Entries"),
            "bar",
            "sessions",
            sort="desc",
            is_strong=True,
            tip=_("Visits that began."),
        ),
        Column("entries_share", _("Share"), "number", "share", hide_under=768),
        Column("bounce_rate", _("Left at once"), "number", "share", tip=METRICS["bounce_rate"].about),
        Column("next_name", _("Most went on to"), hide_under=768),
        Column("next_share", _("of entries"), "number", "share", hide_under=768),
    ]
    rows = [
        {
            **row,
            "title": row["name"],
            "href": cards.drill(shown.view, row["id"]),
            "bounce_rate_few": (row["bounce_rate_n"] or 0) < FEW_N,
            "bounce_rate_tip": cards.n_words(METRICS["bounce_rate"], row),
            "next_name": row["next_name"] or wording.NONE,
            "next_share_few": row["entries"] < FEW_N,
        }
        for row in found.to_dicts()
    ]
    return components.card(
        title,
        tables.board(columns, rows, _("Articles by visits that began there")),
        subtitle=_("Visits by their first article, and the other article that was most often opened next"),
        links=[Link(_("Download CSV"), downloads.href("audience-landings", shown.view), "landings.csv")],
        foot=_("Visits that begin on the front page or another page are not listed, but are in the shares."),
        why=cards.why_metric("sessions", shown),
    )


def landing_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the articles on which visits begin as rows."""
    shown = scope.resolve(desk, view, PERIOD)
    found = audience.landings(desk.store, shown.ask(), audience.MOST_LANDINGS)
    names = ["id", "name", "entries", "entries_share", "bounce_rate", "bounce_rate_n", "bounce_rate_low"]
    names += ["bounce_rate_high", "next_id", "next_name", "next_share"]
    return names, found.select(names).rows()


def loyalty(shown: Scope) -> Child:
    """Say how often readers with an id come; absent where none has one."""
    found = audience.loyalty(shown.desk.store, shown.ask(), shown.now)
    if found is None:
        return None
    facts = [
        (
            _share(found.fresh, found.fresh_of),
            _("new: their first day of {new_for_d}", new_for_d=audience.NEW_FOR_D),
        ),
        (
            _share(found.loyal, found.loyal_of),
            _(
                "loyal: here on {loyal_on_d} or more of {loyal_of_d} days",
                loyal_on_d=audience.LOYAL_ON_D,
                loyal_of_d=audience.LOYAL_OF_D,
            ),
        ),
        (_share(found.with_id, found.readers), _("coverage: daily readers with an id, of all")),
    ]
    why = Why(
        _("Loyalty"),
        _(
            "Of readers with an id, because they are logged in or agreed: whose day was the "
            "first in thirty, and who came on eight or more of the last sixteen days. Each "
            "reader counts once a day."
        ),
        _("new ÷ readers with an id; loyal ÷ readers with an id"),
        _("v1, Chartbeat"),
        f"{shown.days_said()}, {shown.zone}",
        found.with_id,
        ((_("readers without an id"), max(found.readers - found.with_id, 0)),),
    )
    few = _(" Too few to judge.") if found.with_id < FEW_N else ""
    site = _(", whatever the filter") if shown.where.active() else ""
    return components.card(
        _("How often they come"),
        components.facts(facts),
        subtitle=_(
            "Daily readers with an id, {with_id}{site}.{few}",
            with_id=wording.counted(found.with_id, "reader"),
            site=site,
            few=few,
        ),
        foot=_("Who has no id is new on every day, so that nothing is said of them."),
        links=[file_link(shown, "audience-loyalty")],
        why=why,
    )


def loyalty_rows(desk: Any, view: View) -> downloads.Rows:
    """Give how often readers with an id come as rows: one a share, with what it is a share of."""
    shown = resolved(desk, view)
    found = audience.loyalty(desk.store, shown.ask(), shown.now)
    counts = (
        [
            ("new", found.fresh, found.fresh_of),
            ("loyal", found.loyal, found.loyal_of),
            ("coverage", found.with_id, found.readers),
        ]
        if found
        else []
    )
    return ["share", "readers", "of_readers", "value"], [
        (name, part, whole, part / whole if whole else None) for name, part, whole in counts
    ]


def devices(shown: Scope) -> Component:
    """List the devices."""
    return _shares(shown, "device", dict(controls.worded(DEVICES)))


def countries(shown: Scope) -> Component:
    """List the countries."""
    return _shares(shown, "country", reference.country_names())


def languages(shown: Scope) -> Component:
    """List the languages of the browsers."""
    found = audience.languages(shown.desk.store, shown.ask(), MOST_SHARES)
    if not found.height:
        said = _("No load of these days tells the language of its browser.")
        return components.card(_("Languages"), components.empty(_("Languages not known"), said))
    rows = [{**row, "name": reference.language_names().get(row["id"], row["id"])} for row in found.to_dicts()]
    columns = [
        Column("name", _("Language")),
        Column("loads", _("Loads"), "bar", "loads", sort="desc", is_strong=True),
        Column("loads_share", _("Share"), "number", "share"),
    ]
    return components.card(
        _("Languages"),
        tables.board(columns, rows, _("Languages by page loads")),
        subtitle=_("Of the browser, by loads of any page"),
        links=[file_link(shown, "audience-languages")],
        why=cards.why_metric("page_loads", shown),
    )


def device_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the devices as rows."""
    return cards.share_rows(resolved(desk, view), "device", dict(controls.worded(DEVICES)))


def country_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the countries as rows."""
    return cards.share_rows(resolved(desk, view), "country", reference.country_names())


def language_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the languages of the browsers as rows."""
    found = audience.languages(desk.store, resolved(desk, view).ask(), MOST_IN_FILE)
    return found.columns, found.rows()


def _shares(shown: Scope, split: str, names: Mapping[str, str]) -> Component:
    title = DIMENSIONS[split].plural
    board = figures.board(
        shown.desk.store, ["views"], shown.ask(split), shown.now, order="views", limit=MOST_SHARES
    )
    found = comparison.with_shares(board, "views").filter(pl.col("views") > 0)
    if found["id"].null_count() == found.height:
        return components.card(
            title,
            components.empty(
                _("{title} not known", title=title),
                _("No {split} is known of these views.", split=inside(DIMENSIONS[split].label)),
            ),
        )
    rows = [
        {
            "id": row["id"] or "(none)",
            "name": names.get(row["id"], row["id"]) if row["id"] else _("Not known"),
            "href": articles_href(shown, **{split: (row["id"],)}) if row["id"] else None,
            "views": row["views"],
            "views_share": row["views_share"],
        }
        for row in found.to_dicts()
    ]
    columns = [
        Column("name", DIMENSIONS[split].label),
        Column("views", _("Views"), "bar", "views", sort="desc", is_strong=True),
        Column("views_share", _("Share"), "number", "share"),
    ]
    more = board.count - found["id"].count()
    return components.card(
        title,
        tables.board(columns, rows, _("{title} by views", title=title)),
        subtitle=_("Views, and their share of all"),
        links=[file_link(shown, {"device": "audience-devices", "country": "audience-countries"}[split])],
        foot=_("{more} more with fewer views", more=more) if more > 0 else "",
        why=cards.why_metric("views", shown),
    )


def _share(part: int, whole: int) -> str:
    return wording.percent(part / whole) if whole else wording.NONE
