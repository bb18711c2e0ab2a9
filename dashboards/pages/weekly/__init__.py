"""Weekly review `/weekly`: the last complete week, or any, for the Monday meeting; made to be printed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
from dash import Dash
from dash.development.base_component import Component

from analytics import marks, periods, wording
from analytics.language import N_, _, begun, inside
from analytics.metrics import FEW_N
from analytics.queries import comparison, library, lists, output, sentences, standing, ways, weeks
from analytics.queries.ask import refuse_calm
from analytics.queries.comparison import Beside
from dashboards import cards, components, controls, downloads, groups, notes, quadrants, scope, slots, tables
from dashboards.components import Link
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.weekly.goals import goals
from dashboards.pages.weekly.sent import sent
from dashboards.scope import Scope
from dashboards.tables import Column, Row

__all__ = ["goals", "sent"]  # beside what stands here

PATH = "/weekly"
TITLE = N_("Weekly review")
NUMBERS = ("views", "reads", "readers", "read_rate", "engaged", "comments")
TALK = ("comments_created", "comments", "comment_rate", "rejection_rate", "moderation_lag", "commenters")
MAP_HEIGHT = 360
MOST, MOST_GHOSTS, MOST_GROUPS, MOST_AUTHORS, MOST_MOVED = 10, 5, 12, 8, 8


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("weekly-head", content=components.page_head(_(TITLE), " ")),
        slots.slot("weekly-numbers", 240),
        slots.slot("weekly-expected", 360),
        slots.slot("weekly-map", 420, class_name="c6"),
        slots.slot("weekly-sections", 420, class_name="c6"),
        slots.slot("weekly-pieces", 480, class_name="c8"),
        slots.slot("weekly-output", 480, class_name="c4 side"),
        slots.slot("weekly-talk", 300, class_name="c6"),
        slots.slot("weekly-moved", 300, class_name="c6"),
        slots.slot("weekly-decisions", 300),
        slots.slot("weekly-goals", 200),
        slots.slot("weekly-sent"),
        slots.slot("weekly-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "weekly-head", head, what=N_("the head"))
    slots.fill(app, "weekly-numbers", _of_week(numbers), what=N_("the numbers"))
    slots.fill(app, "weekly-expected", _of_week(expected), what=N_("what stands out"))
    slots.fill(app, "weekly-map", _of_week(quadrant), what=N_("this chart"))
    slots.fill(app, "weekly-sections", _of_week(sections), what=N_("the sections"))
    slots.fill(app, "weekly-pieces", _of_week(pieces), what=N_("the pieces"))
    slots.fill(app, "weekly-output", _of_week(who_wrote), what=N_("the authors"))
    slots.fill(app, "weekly-talk", _of_week(talk), what=N_("the comments"))
    slots.fill(app, "weekly-moved", _of_week(moved), what=N_("the sources"))
    slots.fill(app, "weekly-decisions", _of_week(decisions), what=N_("the decisions"))
    slots.fill(app, "weekly-goals", _of_week(goals), what=N_("the goals"))
    slots.fill(app, "weekly-sent", _of_week(sent), what=N_("the mail of the week"))
    slots.fill(app, "weekly-foot", foot, what=N_("the foot"))


def resolved(desk: Any, view: View) -> Scope:
    """Resolve the address: the week that it names, else the last one that is over."""
    shown = scope.resolve(desk, view.but(period=view.week), "8w")
    named = view.week or periods.week_of(shown.period.last)
    return replace(shown, view=view, period=periods.parse(named, shown.today, shown.zone), note="")


def _of_week(draw: Callable[[Scope], Child]) -> slots.Draw:
    def drawn(desk: Any, view: View) -> Child:
        shown = resolved(desk, view)
        return draw(shown) if shown.coverage.views is not None else None

    return drawn


def head(desk: Any, view: View) -> Child:
    """Draw title, the way to other weeks, and the filter by section."""
    shown = resolved(desk, view)
    week = shown.period.key
    before, after = (periods.week_of(shown.period.first + dt.timedelta(days=days)) for days in (-7, 7))
    steps = [(before, _("Week before")), (week, _("Week {week}", week=int(week[-2:])))]
    if shown.period.last < shown.today:
        steps.append((after, _("Week after")))
    known = library.choices(desk.store, shown.site_id)
    bar = controls.bar(
        controls.segmented(view, "week", steps, week, _("Week")),
        controls.pick(view, "section", [(each, each) for each in known.sections], _("All sections"), 130),
    )
    running = _("not over yet · ") if shown.period.ends > shown.now else ""
    line = f"{wording.days(shown.period.first, shown.period.last)} · {running}{shown.zone}"
    top = components.page_head(_(TITLE), line, bar)
    body: list[Child] = [top, cards.notices(shown), controls.chosen(view, cards.names_of(shown))]
    if shown.coverage.views is None:
        body.append(components.card(_(TITLE), cards.nothing(shown, "views")))
    return el("div", body, class_="page-top")


def numbers(shown: Scope) -> Child:
    """Draw the sentence, and each number beside its band and the same week a year ago."""
    store, now = shown.desk.store, shown.now
    names = lists.countable(NUMBERS, shown.where)
    found = weeks.week(store, names, shown.ask(), now)
    main = "reads" if found.beside["reads"].figure.value is not None else "views"
    before = comparison.totals(store, [main], shown.ask(), now, "previous")[main]
    parts = sentences.sentence(store, shown.ask(), before, now, is_running=shown.period.ends > now)
    words: list[Child] = [
        el("a", part.text, href=View(path=f"/articles/{part.article_id}", site=shown.view.site).href())
        if part.article_id
        else el("strong", part.text)
        if part.is_strong
        else part.text
        for part in parts
    ]
    few = found.weeks < 4
    note = (
        _("Only {weeks} before this one: no typical range yet.", weeks=wording.counted(found.weeks, "week"))
        if few
        else _(
            "typical = median and 10–90\N{NARROW NO-BREAK SPACE}% of the {weeks} weeks before",
            weeks=found.weeks,
        )
    )
    sheet = components.sentence_sheet(words, why=cards.why(before.figure, shown), note=note)
    drawn = [
        _number(shown, name, each, found)
        for name, each in found.beside.items()
        if each.figure.value is not None
    ]
    return [sheet, components.kpis(drawn)]


def _number(shown: Scope, name: str, beside: Beside, found: weeks.Week) -> Component:
    figure, metric = beside.figure, beside.figure.metric
    unit = "h" if name == "engaged" else metric.unit
    finding = None
    if beside.band is not None and beside.change is not None:
        finding = wording.change_chip(beside.change, beside.place)
    words = []
    if beside.band is not None:
        words.append(wording.place_words(beside.place, unit, beside.band.low, beside.band.high, figure.value))
    year = found.a_year_ago.get(name)
    if year is not None and year.value is not None:
        words.append(_("{value} a year ago", value=wording.value(unit, year.value)))
    if not words:
        words.append(_("nothing to compare with yet"))
    return components.kpi(
        metric.label,
        unit,
        figure.value,
        finding,
        usual=beside.usual,
        words=words,
        why=cards.why(figure, shown),
    )


def pieces(shown: Scope) -> Component:
    """List what came out in the week, by its first seven days."""
    found = weeks.pieces(shown.desk.store, shown.ask(), shown.now)
    title = _("What came out")
    if not found.count:
        said = _("No article has its date of publication in this week.")
        return components.card(title, components.empty(_("Nothing was published"), said))
    rows = [
        {
            **cards.metric_cells(row, ("views", "reads", "read_rate", "comments")),
            "id": row["id"],
            "name": row["name"],
            "byline": wording.joined(
                row["authors"], row["section"], _("still counting") if row["is_running"] else ""
            ),
            "href": View(path=f"/articles/{row['id']}", site=shown.view.site).href(),
        }
        for row in found.rows.head(MOST).to_dicts()
    ]
    measured = found.main == "reads"
    columns = [
        Column("name", _("Article")),
        Column(
            "views", _("Views"), "number" if measured else "bar", "views", hide_under=768 if measured else 0
        ),
        *([Column("reads", _("Reads"), "bar", "reads", is_strong=True, sort="desc")] if measured else []),
        *([Column("read_rate", _("Read rate"), "number", "share")] if measured else []),
        *(
            [Column("comments", _("Comments"), "number", "comments", hide_under=768)]
            if "comments" in found.total
            else []
        ),
    ]
    whole = shown.view.drill("/articles", period=shown.period.key, basis="published_in")
    return components.card(
        title,
        tables.board(columns, rows, _("Published in the week, by {main}", main=_(found.main))),
        subtitle=_("Pieces published in the week, by {main} in their first seven days", main=_(found.main)),
        links=[
            Link(_("All {count}", count=wording.full(found.count)), whole),
            Link(_("Download CSV"), downloads.href("weekly-pieces", shown.view), "week.csv"),
        ],
        why=cards.why(found.total[found.main], shown),
    )


def expected(shown: Scope) -> Child:
    """List the pieces above and below what is expected at their age; absent where nothing can be expected."""
    if set(shown.where.active()) & set(standing.NARROW):
        return None
    refuse_calm(shown.site_id, "Findings are")
    found = weeks.pieces(shown.desk.store, shown.ask(), shown.now).rows
    sides = [(_("Above expectation"), "above", True), (_("Below expectation"), "below", False)]
    placed = found.drop_nulls("vs_expected").filter(pl.col("vs_expected_place").is_in(["above", "below"]))
    if placed.is_empty():
        return None
    made = []
    for title, place, down in sides:
        rows: list[Row] = [
            {
                "id": row["id"],
                "name": row["name"],
                "byline": wording.joined(
                    row["section"], _("younger than 7 days") if row["is_running"] else ""
                ),
                "href": View(path=f"/articles/{row['id']}", site=shown.view.site).href(),
                "reads": row["reads"],
                "vs_expected": cards.expected_chip(row),
            }
            for row in placed.filter(placed["vs_expected_place"] == place)
            .sort("vs_expected", "id", descending=[down, False])
            .head(MOST)
            .to_dicts()
        ]
        columns = [
            Column("name", _("Article")),
            Column("reads", _("Reads"), "number", "reads"),
            Column("vs_expected", _("vs expected"), "chip"),
        ]
        body = (
            tables.board(columns, rows, title)
            if rows
            else components.empty(_("None"), _("No piece of the week stands there."))
        )
        made.append(
            components.card(
                title,
                body,
                subtitle=_("Pieces of the week, against stories of their section at the same age"),
                why=cards.why_metric("vs_expected", shown),
            )
        )
    return el("div", made, class_="pair")


def ghosts(shown: Scope) -> Component:
    """List what hardly anybody found."""
    found = output.ghosts(shown.desk.store, shown.ask(), shown.now)
    title = _("Hardly found")
    said = _("Fewer than {ghost_under} views seven days after publication", ghost_under=output.GHOST_UNDER)
    if found.is_empty():
        is_young = shown.period.ends + output.GHOST_AFTER > shown.now
        why = (
            _("The youngest pieces are not seven days old yet.")
            if is_young
            else _("No piece had so few: {said}.", said=inside(said))
        )
        return components.card(title, components.empty(_("None"), why))
    shown_rows = found.head(MOST_GHOSTS)
    names = library.describe(shown.desk.store, shown.site_id, "article", shown_rows["id"].to_list())
    rows = [
        {
            "id": row["id"],
            "name": name["name"],
            "byline": name["section"] or "",
            "href": View(path=f"/articles/{row['id']}", site=shown.view.site).href(),
            "views": row["views"],
        }
        for row, name in zip(shown_rows.to_dicts(), names.to_dicts(), strict=True)
    ]
    columns = [Column("name", _("Article")), Column("views", _("Views"), "number", "views")]
    more = found.height - MOST_GHOSTS
    return components.card(
        title,
        tables.board(columns, rows, said),
        subtitle=said,
        foot=_("{more} more", more=more) if more > 0 else "",
    )


def sections(shown: Scope) -> Component:
    """Set each section's share of the pieces against its share of the reads."""
    found = lists.listing(
        shown.desk.store, ("views", "reads"), shown.ask("section"), shown.now, limit=MOST_GROUPS
    )
    title = _("Sections")
    rows_ = [row for row in found.rows.to_dicts() if row["id"] is not None]
    if not rows_:
        return components.card(title, cards.nothing(shown, N_("sections")))
    top = max([row[name] or 0 for row in rows_ for name in ("production_share", "read_share")], default=0)
    rows = [
        {
            "id": row["id"],
            "name": row["name"],
            "href": shown.view.drill(f"/topics/{row['id']}", period=shown.period.key, section=()),
            "published": row["published"],
            "reads": row[found.main],
            "mark": marks.dumbbell(row["production_share"], row["read_share"], top)
            if row["production_share"] is not None and row["read_share"] is not None
            else None,
            "balance": wording.balance_chip(row["balance"], row["place"], row["published"]),
        }
        for row in rows_
    ]
    columns = [
        Column("name", _("Section")),
        Column("published", _("Pieces"), "number", "articles"),
        Column("reads", begun(_(found.main)), "number", found.main),
        Column("mark", _("Pieces and reads"), "mark", hide_under=768),
        Column("balance", _("Reads ÷ pieces"), "chip", "ratio"),
    ]
    return components.card(
        title,
        tables.board(columns, rows, _("Sections by reads")),
        subtitle=_("Open circle: share of the pieces; full circle: share of the reads"),
        why=cards.why(found.total[found.main], shown),
    )


def authors(shown: Scope) -> Component:
    """List what the authors published and how it was read, by name: no race."""
    found = lists.listing(shown.desk.store, ("views", "reads"), shown.ask("author"), shown.now, sort="name")
    title = _("Authors' output")
    wrote = [row for row in found.rows.to_dicts() if row["id"] is not None and row["published"]]
    if not wrote:
        said = _("No author has a piece that was published in this week.")
        return components.card(title, components.empty(_("Nobody published"), said))
    rows = [
        {
            "id": row["id"],
            "name": row["name"],
            "href": shown.view.drill(f"/authors/{row['id']}", period=shown.period.key),
            "published": row["published"],
            "reads": row[found.main],
        }
        for row in wrote[:MOST_AUTHORS]
    ]
    columns = [
        Column("name", _("Author")),
        Column("published", _("Pieces"), "number", "articles"),
        Column("reads", _("{main} in the week", main=begun(_(found.main))), "number", found.main),
    ]
    more = len(wrote) - MOST_AUTHORS
    adds = (
        _(
            "Rows add to {adds_to} of {main}: a piece may have several authors. ",
            adds_to=wording.percent(found.adds_to),
            main=_(found.main),
        )
        if found.adds_to and found.adds_to > 1.005
        else ""
    )
    return components.card(
        title,
        tables.board(columns, rows, _("Authors with a piece of the week, by name")),
        subtitle=_("Who published in the week, by name"),
        links=[
            Link(
                _("All {count}", count=wording.full(found.count)),
                shown.view.drill("/authors", period=shown.period.key),
            )
        ],
        foot=adds + (_("{more} more", more=more) if more > 0 else ""),
    )


def who_wrote(shown: Scope) -> list[Component]:
    """Stand the authors' output over what hardly anybody found."""
    return [authors(shown), ghosts(shown)]


def talk(shown: Scope) -> Child:
    """Say what was talked in the week beside the week before; absent without comments."""
    if shown.coverage.comments is None or not lists.countable(["comments"], shown.where):
        return None
    found = comparison.totals(shown.desk.store, TALK, shown.ask(), shown.now, "previous")
    rows: list[Row] = [
        {
            "id": name,
            "name": each.figure.metric.label,
            "now_words": wording.value(each.figure.metric.unit, each.figure.value, "table"),
            "now": each.figure.value,
            "now_few": each.figure.is_few,
            "before_words": wording.value(
                each.figure.metric.unit, each.before.value if each.before else None, "table"
            ),
            "change": wording.change_chip(each.change, None, is_few=each.is_few, is_new=each.is_new),
        }
        for name, each in found.items()
        if each.figure.value is not None
    ]
    columns = [
        Column("name", _("Of the conversation")),
        Column("now", _("This week"), "number", is_strong=True),
        Column("before", _("Week before"), "number"),
        Column("change", _("Change"), "chip"),
    ]
    unknown = components.empty(
        _("Nothing is known of these days."), _("No source of comments was live then.")
    )
    return components.card(
        _("Comments"),
        tables.board(columns, rows, _("Comments in the week")) if rows else unknown,
        subtitle=_("By the time of writing; grey: fewer than {few_n}", few_n=FEW_N),
        links=[Link(_("All about comments"), shown.view.drill("/comments", period=shown.period.key))],
        why=cards.why(found["comments"].figure, shown),
    )


def moved(shown: Scope) -> Component:
    """List the sources that sent most more or fewer than in the week before."""
    found = weeks.moved(shown.desk.store, shown.ask(), shown.now, "source")
    title = _("Sources that moved")
    if found.is_empty():
        said = _("The week before is not known, or no source sent enough in both to tell.")
        return components.card(title, components.empty(_("Nothing to compare"), said))
    usual = {name: channel for channel, name in library.sources(shown.desk.store, shown.site_id)}
    rows: list[Row] = [
        {
            "id": row["id"],
            "name": row["id"],
            "byline": ways.label(usual.get(row["id"])),
            "href": shown.view.drill("/articles", period=shown.period.key, source=(row["id"],)),
            "views": row["views"],
            "gap": row["gap"],
            "gap_words": wording.signed(row["gap"]),
            "change": wording.change_chip(
                row["views_change"],
                None,
                is_few=min(row["views"], row["views_before"]) < FEW_N,
                is_new=row["views_is_new"],
            ),
        }
        for row in found.head(MOST_MOVED).to_dicts()
    ]
    columns = [
        Column("name", _("Source")),
        Column("views", _("Views"), "number", "views"),
        Column("gap", _("More or fewer"), "number", "views", is_strong=True),
        Column("change", _("Change"), "chip"),
    ]
    return components.card(
        title,
        tables.board(columns, rows, _("Sources by difference from the week before")),
        subtitle=_("Views by named source, against the week before"),
        why=cards.why_metric("views", shown),
    )


def quadrant(shown: Scope) -> Component:
    """Draw sections by their share of the pieces and of the reads; topics where there are no sections.

    The topics of one week are a hundred grey dots of a piece or two each: the page of topics has them.
    """
    found = groups.listed(shown, "section", ("published", "reads"), None)
    if not found.rows["id"].count():
        found = groups.listed(shown, "topic", ("published", "reads"), None)
    return quadrants.card(shown, found, height=MAP_HEIGHT)


def decisions(shown: Scope) -> Component:
    """List what was decided in the week, and what came of it."""
    return notes.card(shown, notes.shown_in(shown)[::-1], _("in this week"))


def foot(desk: Any, view: View) -> Component:
    """Close the page."""
    return cards.foot(resolved(desk, view))


def piece_rows(desk: Any, view: View) -> downloads.Rows:
    """Give all that came out in the week as rows."""
    shown = resolved(desk, view)
    found = weeks.pieces(desk.store, shown.ask(), shown.now).rows
    names = ["id", "name", "section", "authors", "views", "reads", "read_rate", "read_rate_n", "is_running"]
    return names, found.select(names).rows()


DOWNLOADS: dict[str, downloads.Table] = {"weekly-pieces": piece_rows}
