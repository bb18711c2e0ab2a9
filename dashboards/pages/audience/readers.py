"""The readers: on which articles their visits begin and how they go on, how often they come, with what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import reference, wording
from analytics.metrics import DIMENSIONS, FEW_N, METRICS
from analytics.queries import audience, comparison, figures
from dashboards import cards, components, downloads, scope, tables
from dashboards.components import Link, Why
from dashboards.elements import Child
from dashboards.filters import View
from dashboards.pages.audience.shown import DEVICES, PERIOD, articles_href
from dashboards.scope import Scope
from dashboards.tables import Column

MOST, MOST_SHARES = 8, 6


def landings(shown: Scope) -> Component:
    """List the articles on which visits begin, and where they go on."""
    title = "Where visits begin"
    if not audience.begins_known(shown.ask()):
        said = "Visits begin with a section, a way in, a device or a country; take the other filters off."
        return components.card(title, components.empty("Not known under this filter", said))
    found = audience.landings(shown.desk.store, shown.ask(), MOST)
    if not found.height:
        return components.card(title, cards.nothing(shown, "visits"))
    columns = [
        Column("title", "First article"),
        Column(
            "entries", "Entries", "bar", "sessions", sort="desc", is_strong=True, tip="Visits that began."
        ),
        Column("entries_share", "Share", "number", "share", hide_under=768),
        Column("bounce_rate", "Left at once", "number", "share", tip=METRICS["bounce_rate"].about),
        Column("next_name", "Most went on to", hide_under=768),
        Column("next_share", "of entries", "number", "share", hide_under=768),
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
        tables.board(columns, rows, "Articles by visits that began there"),
        subtitle="Visits by their first article, and the other article that was most often opened next",
        links=[Link("Download CSV", downloads.href("audience-landings", shown.view), "landings.csv")],
        foot="Visits that begin on the front page or another page are not listed, but are in the shares.",
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
        (_share(found.fresh, found.fresh_of), f"new: their first day of {audience.NEW_FOR_D}"),
        (
            _share(found.loyal, found.loyal_of),
            f"loyal: here on {audience.LOYAL_ON_D} or more of {audience.LOYAL_OF_D} days",
        ),
        (_share(found.with_id, found.readers), "coverage: daily readers with an id, of all"),
    ]
    why = Why(
        "Loyalty",
        "Of readers with an id, because they are logged in or agreed: whose day was the first in thirty, and "
        "who came on eight or more of the last sixteen days. Each reader counts once a day.",
        "new ÷ readers with an id; loyal ÷ readers with an id",
        "v1, Chartbeat",
        f"{shown.days_said()}, {shown.zone}",
        found.with_id,
        (("readers without an id", max(found.readers - found.with_id, 0)),),
    )
    few = " Too few to judge." if found.with_id < FEW_N else ""
    site = ", whatever the filter" if shown.where.active() else ""
    return components.card(
        "How often they come",
        components.facts(facts),
        subtitle=f"Daily readers with an id, {wording.counted(found.with_id, 'reader')}{site}.{few}",
        foot="Who has no id is new on every day, so that nothing is said of them.",
        why=why,
    )


def devices(shown: Scope) -> Component:
    """List the devices."""
    return _shares(shown, "device", dict(DEVICES))


def countries(shown: Scope) -> Component:
    """List the countries."""
    return _shares(shown, "country", reference.countries())


def languages(shown: Scope) -> Component:
    """List the languages of the browsers."""
    found = audience.languages(shown.desk.store, shown.ask(), MOST_SHARES)
    if not found.height:
        said = "No load of these days tells the language of its browser."
        return components.card("Languages", components.empty("Languages not known", said))
    rows = [{**row, "name": reference.languages().get(row["id"], row["id"])} for row in found.to_dicts()]
    columns = [
        Column("name", "Language"),
        Column("loads", "Loads", "bar", "loads", sort="desc", is_strong=True),
        Column("loads_share", "Share", "number", "share"),
    ]
    return components.card(
        "Languages",
        tables.board(columns, rows, "Languages by page loads"),
        subtitle="Of the browser, by loads of any page",
        why=cards.why_metric("page_loads", shown),
    )


def _shares(shown: Scope, split: str, names: Mapping[str, str]) -> Component:
    title = DIMENSIONS[split].plural
    board = figures.board(
        shown.desk.store, ["views"], shown.ask(split), shown.now, order="views", limit=MOST_SHARES
    )
    found = comparison.with_shares(board, "views").filter(pl.col("views") > 0)
    if found["id"].null_count() == found.height:
        return components.card(
            title, components.empty(f"{title} not known", f"No {split} is known of these views.")
        )
    rows = [
        {
            "id": row["id"] or "(none)",
            "name": names.get(row["id"], row["id"]) if row["id"] else "Not known",
            "href": articles_href(shown, **{split: (row["id"],)}) if row["id"] else None,
            "views": row["views"],
            "views_share": row["views_share"],
        }
        for row in found.to_dicts()
    ]
    columns = [
        Column("name", DIMENSIONS[split].label),
        Column("views", "Views", "bar", "views", sort="desc", is_strong=True),
        Column("views_share", "Share", "number", "share"),
    ]
    more = board.count - found["id"].count()
    return components.card(
        title,
        tables.board(columns, rows, f"{title} by views"),
        subtitle="Views, and their share of all",
        foot=f"{more} more with fewer views" if more > 0 else "",
        why=cards.why_metric("views", shown),
    )


def _share(part: int, whole: int) -> str:
    return wording.percent(part / whole) if whole else wording.NONE
