"""Named sources: all of them, AI assistants by name, those that are new, and campaigns."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import wording
from analytics.language import _
from analytics.queries import audience, ways
from dashboards import cards, components, downloads, scope, tables
from dashboards.components import Bar, Link
from dashboards.elements import Child
from dashboards.filters import View
from dashboards.pages.audience.shown import PERIOD, articles_href
from dashboards.scope import Scope
from dashboards.tables import Column

MOST, MOST_NEW, MOST_ASSISTANTS, MOST_CAMPAIGNS = 14, 5, 8, 6


def assistants(shown: Scope) -> Child:
    """Name each AI assistant that sent readers."""
    title = _("AI assistants, by name")
    if shown.where.channel and "ai" not in shown.where.channel:
        said = _("The filter by way in leaves them out.")
        return components.card(title, components.empty(_("Not among these views"), said))
    found = ways.assistants(shown.desk.store, shown.ask(), shown.now, MOST_ASSISTANTS)
    if not found.height:
        said = _(
            "No view of these days came from a page of an assistant. Answers without a link are not seen."
        )
        return components.card(title, components.empty(_("None sent a reader"), said))
    top = float(found["views_share"].max())  # type: ignore[arg-type]  # a share, and there is one
    bars = [
        Bar(
            row["id"],
            row["views_share"] / top,
            wording.table(row["views"]),
            wording.percent(row["views_share"]),
            "c5",
            articles_href(shown, channel=("ai",), source=(row["id"],)),
        )
        for row in found.to_dicts()
    ]
    return components.card(
        title,
        components.bars(bars),
        subtitle=_("Views that came from a link in an answer, and each one's share of them"),
        foot=_("Answers that are read without a click are not seen by anybody's analytics."),
        why=cards.why_metric("views", shown),
    )


def sources(shown: Scope) -> Component:
    """List the named sources with what came of their views."""
    found = audience.sources(shown.desk.store, shown.ask(), shown.now, MOST)
    if not found.height:
        said = _("These views came without a referrer, or their source does not tell one.")
        return components.card(_("Sources"), components.empty(_("No source is named"), said))
    columns = [
        Column("name", _("Source")),
        Column("way", _("Way in"), "text", hide_under=768),
        Column("views", _("Views"), "bar", "views", sort="desc", is_strong=True),
        Column("views_share", _("Share"), "number", "share", hide_under=768),
        *([Column("reads", _("Reads"), "number", "reads", hide_under=768)] if found["reads"].count() else []),
        *([Column("read_rate", _("Read rate"), "number", "share")] if found["read_rate"].count() else []),
    ]
    if found["views_change"].count() or found["views_is_new"].any():
        columns.append(Column("change", _("Change"), "chip", tip=_("Against the period before.")))
    rows = [
        {
            **cards.metric_cells(row, ("views", "reads", "read_rate")),
            "id": row["id"],
            "name": row["id"],
            "href": articles_href(shown, source=(row["id"],)),
            "way": ways.label(row["channel"]),
            "views_share": row["views_share"],
            "change": wording.change_chip(
                row["views_change"], None, is_few=row["views_is_few"], is_new=row["views_is_new"]
            ),
        }
        for row in found.to_dicts()
    ]
    return components.card(
        _("Sources"),
        tables.board(columns, rows, _("Sources by views")),
        subtitle=_(
            "Named sources, and the change since the period before; each opens the articles it brought"
        ),
        links=[Link(_("Download CSV"), downloads.href("audience-sources", shown.view), "sources.csv")],
        why=cards.why_metric("views", shown),
    )


def source_rows(desk: Any, view: View) -> downloads.Rows:
    """Give all sources as rows."""
    shown = scope.resolve(desk, view, PERIOD)
    rows = audience.sources(desk.store, shown.ask(), shown.now, None)
    names = ["id", "channel", "views_share", *cards.csv_columns(("views", "reads", "read_rate"))]
    found = rows.select(*names, "views_change").rename({"id": "source"})
    return found.columns, found.rows()


def newcomers(shown: Scope) -> list[Component | None]:
    """List the sources that sent their first reader in the period, and the campaigns."""
    return [_new(shown), _campaigns(shown)]


def _new(shown: Scope) -> Component:
    found = audience.new_sources(shown.desk.store, shown.ask(), shown.now)
    title = _("New sources")
    if found is None:
        said = _("Nothing is known of the days before, so that every source would be new.")
        return components.card(title, components.empty(_("No earlier days to compare"), said))
    if not found.height:
        said = _("Every source of these days had sent readers before.")
        return components.card(title, components.empty(_("None"), said))
    rows = [
        {
            "id": row["id"],
            "name": row["id"],
            "byline": _("since {first_day}", first_day=wording.day_named(row["first_day"])),
            "href": articles_href(shown, source=(row["id"],)),
            "views": row["views"],
        }
        for row in found.head(MOST_NEW).to_dicts()
    ]
    columns = [Column("name", _("Source")), Column("views", _("Views"), "bar", "views", sort="desc")]
    more = found.height - MOST_NEW
    return components.card(
        title,
        tables.board(columns, rows, _("Sources that are new in the period")),
        subtitle=_("First seen in these days, of the whole site"),
        foot=_("{more} more with fewer views", more=more) if more > 0 else "",
    )


def _campaigns(shown: Scope) -> Component | None:
    found = audience.campaigns(shown.desk.store, shown.ask())
    if not found.height:
        return None
    measured = found["read_rate"].count() > 0
    columns = [
        Column("name", _("Campaign")),
        Column("views", _("Views"), "bar", "views", sort="desc"),
        *([Column("read_rate", _("Read rate"), "number", "share")] if measured else []),
    ]
    rows = [
        {
            **cards.metric_cells(row, ("views", "read_rate")),
            "read_rate_few": (row["read_rate_n"] or 0) < 30,
            "id": f"{row['id']} {row['source']}",
            "name": row["id"],
            "byline": row["source"],
        }
        for row in found.head(MOST_CAMPAIGNS).to_dicts()
    ]
    more = found.height - MOST_CAMPAIGNS
    return components.card(
        _("Campaigns"),
        tables.board(columns, rows, _("Campaigns by views")),
        subtitle=_("By the campaign that the link names, and its source"),
        links=[Link(_("Download CSV"), downloads.href("audience-campaigns", shown.view), "campaigns.csv")],
        foot=_("{more} more with fewer views", more=more) if more > 0 else "",
    )


def campaign_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the campaigns as rows."""
    shown = scope.resolve(desk, view, PERIOD)
    names = ["id", "source", "views", "reads", "read_rate", "read_rate_n", "read_rate_low", "read_rate_high"]
    found = audience.campaigns(desk.store, shown.ask()).select(pl.col(names)).rename({"id": "campaign"})
    return found.columns, found.rows()
