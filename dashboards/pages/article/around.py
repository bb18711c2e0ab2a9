"""Around an article: before and after it, devices, countries, what the catalogue holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import marks, reference, wording
from analytics.language import N_, _, begun, inside
from analytics.metrics import DIMENSIONS
from analytics.periods import local_time
from analytics.queries import articles, comparison, corrections, evidence, figures
from dashboards import cards, components, downloads, edits, tables, why
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.article.shown import Shown, file_link, known
from dashboards.scope import Scope
from dashboards.tables import Column

MOST_IN_FILE = 1000
_KINDS = {
    "article": N_("Article"),
    "live": N_("Live page"),
    "video": N_("Video"),
    "gallery": N_("Gallery"),
    "page": N_("Page"),
}
_ACCESS = {"free": N_("Free"), "metered": N_("Metered"), "paid": N_("Paid")}


def draw_around(shown: Shown) -> Child:
    """Draw which articles readers came from in the same visit, and went on to."""
    scope = shown.scope
    found = articles.before_and_after(scope.desk.store, scope.site_id, shown.article.article_id, scope.period)
    rates = figures.totals(scope.desk.store, ["recirculation", "exit_rate"], scope.ask(), scope.now)
    onward, ends = rates["recirculation"], rates["exit_rate"]
    said = [
        _("{value} of views went on to another article", value=wording.percent(onward.value))
        if onward.value is not None
        else ""
    ]
    said += [
        _("{value} ended the visit", value=wording.percent(ends.value)) if ends.value is not None else ""
    ]
    sides = [
        _side(scope, title, found[side])
        for side, title in (
            ("before", _("Came from, share of views")),
            ("after", _("Went on to, share of views")),
        )
    ]
    return components.card(
        _("Before and after"),
        el("div", sides, class_="halves"),
        subtitle="; ".join(said),
        links=[file_link(shown, "article-around")],
        why=cards.why(onward, scope),
        foot=_("Articles of the same visit; front and section pages between do not count"),
    )


def around_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the articles before and after as rows."""
    shown = known(desk, view)
    site, of = shown.scope.site_id, shown.article.article_id
    found = articles.before_and_after(desk.store, site, of, shown.scope.period, MOST_IN_FILE)
    columns = ["id", "title", "views", "share"]
    rows = [(side, *row) for side in ("before", "after") for row in found[side].select(columns).iter_rows()]
    return ["side", *columns], rows


def _side(scope: Scope, title: str, rows: pl.DataFrame) -> Component:
    top = rows["share"].max() if rows.height else None
    made = [
        {
            "id": row["id"],
            "title": row["title"],
            "href": View(f"/articles/{row['id']}", site=scope.view.site).href(),
            "bar": marks.bar(row["share"] / top if isinstance(top, float) and top else None, width=48),
            "share": row["share"],
            "share_tip": wording.counted(row["views"], "view"),
            "share_few": row["views"] < 30,
        }
        for row in rows.to_dicts()
    ]
    if not made:
        return el("div", components.empty(title, _("No other article in the same visits.")))
    columns = [
        Column("title", title),
        Column("bar", _("Views"), "mark"),
        Column("share", _("Share"), "number", "share"),
    ]
    return el("div", tables.board(columns, made, title))


def draw_devices(shown: Shown) -> Child:
    """Draw the devices."""
    return _shares(shown, "device", _("Devices"), {})


def draw_countries(shown: Shown) -> Child:
    """Draw the countries."""
    return _shares(shown, "country", _("Countries"), reference.country_names())


def device_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the devices as rows."""
    return cards.share_rows(known(desk, view).scope, "device", {})


def country_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the countries as rows."""
    return cards.share_rows(known(desk, view).scope, "country", reference.country_names())


def _shares(shown: Shown, split: str, title: str, names: Mapping[str, str]) -> Child:
    scope = shown.scope
    board = figures.board(scope.desk.store, ["views"], scope.ask(split), scope.now, order="views", limit=6)
    rows = comparison.with_shares(board, "views").filter(pl.col("views") > 0)
    if not rows.height or rows["id"].null_count() == rows.height:
        said = _("No {split} is known of these views.", split=inside(DIMENSIONS[split].label))
        return components.card(title, components.empty(_("{title} not known", title=title), said))
    made = [
        {
            "id": row["id"] or "(none)",
            "name": names.get(row["id"], _(begun(row["id"]))) if row["id"] else _("Not known"),
            "href": scope.view.href(**{split: (row["id"],)}) if row["id"] else None,
            "views": row["views"],
            "share": row["views_share"],
        }
        for row in rows.to_dicts()
    ]
    columns = [
        Column("name", DIMENSIONS[split].label),
        Column("views", _("Views"), "bar", "views", sort="desc", is_strong=True),
        Column("share", _("Share"), "number", "share"),
    ]
    more = board.count - len([row for row in made if row["id"] != "(none)"])
    foot = _("{more} more with fewer views", more=more) if more > 0 else ""
    return components.card(
        title,
        tables.board(columns, made, _("{title} by views", title=title)),
        links=[file_link(shown, {"device": "article-devices", "country": "article-countries"}[split])],
        why=cards.why_metric("views", scope),
        foot=foot,
    )


def draw_facts(shown: Shown) -> Child:
    """Draw what the catalogue holds of it."""
    article, scope = shown.article, shown.scope
    known = {
        _("Id"): article.article_id,
        _("Address"): article.url,
        _("Former ids"): ", ".join(article.aliases),
        _("Kind"): _named(_KINDS, article.kind),
        _("Language"): _named(reference.language_names(), article.language),
        _("Words"): wording.full(article.word_count) if article.word_count else None,
        _("Access"): _named(_ACCESS, article.access),
        _("In the catalogue"): _("since {at_said}", at_said=scope.at_said(article.catalogued_at))
        if article.catalogued_at
        else _("no: only its readers told of it"),
        _("First view"): scope.at_said(article.first_view_at) if article.first_view_at else None,
    }
    rows = [[el("dt", name), el("dd", text)] for name, text in known.items() if text]
    merged = len(article.aliases)
    line = (
        _("{merged} merged into it", merged=wording.counted(merged, "address", "addresses")) if merged else ""
    )
    body: list[Child] = [
        el("dl", rows, class_="fact-list"),
        _history(shown),
        _raw_rows(shown),
        _corrections(shown),
    ]
    return components.card(_("Facts"), *body, subtitle=line)


def _named(names: Mapping[str, str], key: str | None) -> str:
    """Name what the catalogue holds as a key; of a language its first part, what has no name by itself."""
    return _(names.get(key.partition("-")[0], key)) if key else ""


def _history(shown: Shown) -> list[Child]:
    """List what editors changed of it in the catalogue; its titles stand with what happened."""
    scope = shown.scope
    found = corrections.log(scope.desk.store, scope.site_id, article=shown.article.article_id)
    rows = [
        (
            scope.at_said(row["made_at"]),
            row["words"],
            wording.joined(
                row["who"],
                _("undone by {undone_by}", undone_by=row["undone_by"]) if row["undone_at"] else "",
            ),
        )
        for row in found.to_dicts()
    ]
    return [el("h3", _("Changed by editors"), class_="part-title"), components.timeline(rows)] if rows else []


def _raw_rows(shown: Shown) -> Component | None:
    """Lead analysts to its views, one by one."""
    scope = shown.scope
    href = why.opened(evidence.rows_of(scope.site_id, shown.article.article_id), scope.site_id)
    return el("p", el("a", _("Its views, row by row, in SQL"), href=href)) if href else None


def _corrections(shown: Shown) -> Component | None:
    """Offer editors to keep it off lists, and to fill in what is not known of it."""
    article, scope = shown.article, shown.scope
    hidden = corrections.excluded(scope.desk.store, scope.site_id)
    known = {
        "title": article.title if article.is_catalogued else "",
        "section": article.section or "",
        "authors": ", ".join(name for _rest, name in article.authors),
        "published": f"{local_time(article.published_at, scope.zone):%Y-%m-%dT%H:%M}"
        if article.published_at
        else "",
    }
    is_excluded = article.article_id in hidden
    return edits.line(
        edits.exclude_button(scope, article.article_id, article.title, is_excluded=is_excluded),
        edits.fill_button(scope, article.article_id, known),
    )
