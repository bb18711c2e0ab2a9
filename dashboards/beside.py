"""What stands beside the numbers of an author, topic or section: output, hours, company, what lags and rises.

Each card asks its own question of a scope that is narrowed to the group; pages choose which they show.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import marks, wording
from analytics.language import _, begun, inside
from analytics.metrics import DIMENSIONS
from analytics.queries import (
    comparison,
    corrections,
    desks,
    figures,
    health,
    library,
    lists,
    output,
    rhythm,
    standing,
    ways,
)
from analytics.queries.comebacks import comebacks
from dashboards import cards, components, edits, tables
from dashboards import figures as charts
from dashboards.edits import Ask
from dashboards.elements import Child, el, mark
from dashboards.filters import View
from dashboards.scope import Scope
from dashboards.tables import Column, Row

STARTS = (6, 10, 14, 18, 22)  # of the parts of the day, as on the page Time
MOST, MOST_GHOSTS = 6, 8


def main_of(shown: Scope) -> str:
    """Name what counts: reads, or views where no source can tell reads."""
    tells = health.tells_reading(shown.desk.store, shown.site_id, shown.period.first, shown.period.last)
    return "reads" if tells else "views"


def last_ten(shown: Scope, split: str, key: str) -> Component:
    """Draw the last ten articles against what was expected of each, the latest first."""
    title = _("Last ten")
    found = standing.last_articles(shown.desk.store, shown.ask(split), [key], shown.now)
    if found.is_empty():
        return components.card(
            title, components.empty(_("Nothing yet"), _("No article with a date of publication."))
        )
    named = library.describe(shown.desk.store, shown.site_id, "article", found["article_id"].to_list())
    rows = [
        {
            "id": row["article_id"],
            "name": name["title"],
            "byline": shown.at_said(row["published_at"]),
            "href": _article(shown, row["article_id"]),
            "place": _half_chip(row["vs_expected"], row["place"]),
        }
        for row, name in zip(found.to_dicts(), named.to_dicts(), strict=True)
    ]
    places = found["place"].reverse().to_list()
    columns = [Column("name", _("Article")), Column("place", _("At 7 days"), "chip")]
    return components.card(
        title,
        el(
            "p", mark(marks.strip(places, label=_("{title}, oldest first", title=title))), class_="strip-line"
        ),
        tables.board(columns, rows, _("The last ten articles, the latest first")),
        subtitle=_("Reads 7 days after publication, above or below the middle of stories of the section"),
        why=cards.why_metric("hit_rate", shown),
    )


def _half_chip(times: float | None, place: int | None) -> wording.Chip:
    """Say on which side of the middle an article stands."""
    if times is None or place is None:
        return wording.Chip(_("not known"), "outline")
    tone: dict[int, wording.Tone] = {1: "above", -1: "below"}
    words = {1: _("above the middle"), 0: _("on the middle"), -1: _("below the middle")}
    arrow = {1: "▲ ", -1: "▼ "}.get(place, "")
    return wording.Chip(f"{arrow}{wording.ratio(times)}", tone.get(place, "typical"), words[place])


def by_week(shown: Scope) -> Component:
    """List pieces and reads of the last eight complete weeks."""
    main = main_of(shown)
    found = output.weekly(shown.desk.store, main, shown.ask(), shown.now)
    rows: list[Row] = [
        {
            "id": str(row["monday"]),
            "week": _("Week {week}", week=row["monday"].isocalendar().week),
            "byline": _("from {monday}", monday=wording.day_short(row["monday"])),
            "published": row["published"],
            "value": row["value"],
        }
        for row in found.reverse().to_dicts()
    ]
    columns = [
        Column("week", _("Week")),
        Column("published", _("Pieces"), "bar", "articles"),
        Column("value", begun(_(main)), "bar", main, is_strong=True),
    ]
    return components.card(
        _("Week by week"),
        tables.board(columns, rows, _("Pieces and {main} by week, the latest first", main=_(main))),
        subtitle=_("Pieces by their publication; {main} in the week, of articles of any age", main=_(main)),
        why=cards.why_metric(main, shown),
    )


def hours(shown: Scope) -> Component:
    """Set when pieces come out beside when they are read, by parts of the day."""
    title, main = _("Hours of publishing and of reading"), main_of(shown)
    read = rhythm.reading(shown.desk.store, shown.ask(), shown.now, main)
    written = rhythm.publishing(shown.desk.store, shown.ask(), shown.now)
    pieces, whole = int(written["total"].sum()), int(read["total"].sum())
    if not pieces or not whole:
        said = _("It needs articles that came out in the period, and readers.")
        return components.card(title, components.empty(_("Nothing to compare"), said))
    found = rhythm.parts(rhythm.balance(read, written), STARTS)
    top = max(float(str(found[name].max() or 0)) for name in ("piece_share", "read_share"))
    rows: list[Row] = [
        {
            "id": str(row["part"]),
            "part": _part(row["part"]),
            "mark": marks.dumbbell(row["piece_share"] or 0, row["read_share"] or 0, top),
            "pieces": row["piece_share"],
            "pieces_tip": _("{pieces} of {pieces_2} pieces", pieces=row["pieces"], pieces_2=pieces),
            "reads": row["read_share"],
        }
        for row in found.to_dicts()
    ]
    columns = [
        Column("part", _("Part of the day")),
        Column("mark", _("Both"), "mark", hide_under=768),
        Column("pieces", _("of pieces"), "number", "share"),
        Column("reads", _("of {main}", main=_(main)), "number", "share", is_strong=True),
    ]
    return components.card(
        title,
        tables.board(columns, rows, _("Shares of pieces and of reads by part of the day")),
        subtitle=_(
            "Open: share of {pieces}; full: share of {main}. {zone}",
            pieces=wording.counted(pieces, "piece"),
            main=_(main),
            zone=shown.zone,
        ),
        foot=""
        if pieces >= rhythm.FEW_STORIES
        else _("Under {few_stories} pieces: no pattern yet.", few_stories=rhythm.FEW_STORIES),
    )


def company(shown: Scope, key: str) -> Component | None:
    """List who an author wrote with; absent for whom colleagues' figures are hidden."""
    if shown.where.is_calm:
        return None
    found = lists.listing(shown.desk.store, ["views", "reads", "published"], shown.ask("author"), shown.now)
    others = found.rows.filter(pl.col("id").is_not_null() & (pl.col("id") != key)).head(MOST)
    if others.is_empty():
        return None
    rows = [
        {**row, "href": shown.view.drill(f"/authors/{row['id']}", author=())}
        for row in others.select("id", "name", "published", found.main).to_dicts()
    ]
    columns = [
        Column("name", _("Author")),
        Column("published", _("Pieces"), "number", "articles"),
        Column(found.main, begun(_(found.main)), "bar", found.main),
    ]
    return components.card(
        _("Wrote with"),
        tables.board(columns, rows, _("Co-authors")),
        subtitle=_("Pieces of both in the period, and the {main} of all that they share", main=_(found.main)),
    )


def reading_hours(shown: Scope) -> Component:
    """Draw hour by weekday of reading."""
    title, main = _("When they read"), main_of(shown)
    frame = rhythm.reading(shown.desk.store, shown.ask(), shown.now, main)
    if not frame["total"].sum():
        return components.card(title, cards.nothing(shown, main))
    top = frame.drop_nulls("value").sort("value", descending=True).row(0, named=True)
    said = _("Most on {at}", at=_at(top))
    rows: list[Row] = [
        {
            "id": f"{row['weekday']}-{row['hour']}",
            "when": _at(row),
            "href": cards.of_hour(shown, row["weekday"], row["hour"]),
            "total": row["total"],
        }
        for row in frame.filter(pl.col("total") > 0).to_dicts()
    ]
    columns = [Column("when", _("Hour")), Column("total", begun(_(main)), "number", main)]
    return components.card(
        title,
        components.chart(
            charts.heat(frame, unit=main, leads=partial(cards.of_hour, shown)),
            f"{title}: {said}.",
            height=250,
        ),
        subtitle=_(
            "{main} per hour, mean of its days; grey: under 30. {said}", main=_(main).capitalize(), said=said
        ),
        twin=tables.twin(columns, rows, title),
        why=cards.why_metric(main, shown),
    )


def gaps(shown: Scope) -> Component:
    """List the hours of the week with readers and nothing new."""
    title, main = _("Readers, and nothing new"), main_of(shown)
    read = rhythm.reading(shown.desk.store, shown.ask(), shown.now, main)
    written = rhythm.publishing(shown.desk.store, shown.ask(), shown.now)
    found = rhythm.balance(read, written)
    waits = found.filter(pl.col("place") == "above").with_columns(
        gap=pl.col("read_share") - pl.col("piece_share")
    )
    if not found["place"].count():
        said = _("It takes at least 30 pieces and 30 reads in the period.")
        return components.card(title, components.empty(_("Too few to tell"), said))
    if waits.is_empty():
        return components.card(
            title, components.empty(_("None"), _("No hour has clearly more of the readers."))
        )
    rows: list[Row] = [
        {
            "id": f"{row['weekday']}-{row['hour']}",
            "when": _at(row),
            "href": cards.of_hour(shown, row["weekday"], row["hour"]),
            "reads": row["read_share"],
            "pieces": row["piece_share"],
            "pieces_words": f"{wording.percent(row['piece_share'])} (n {row['pieces']})",
        }
        for row in waits.sort("gap", descending=True).head(MOST).to_dicts()
    ]
    columns = [
        Column("when", _("Hour")),
        Column("reads", _("of {main}", main=_(main)), "number", "share", is_strong=True),
        Column("pieces", _("of pieces"), "number", "share"),
    ]
    return components.card(
        title,
        tables.board(columns, rows, title),
        subtitle=_("Hours whose share of readers lies above the 95 % interval of their share of pieces"),
        foot=_("{height} more", height=max(waits.height - MOST, 0)) if waits.height > MOST else "",
    )


def ghosts(shown: Scope) -> Component:
    """List what hardly anybody found."""
    found = output.ghosts(shown.desk.store, shown.ask(), shown.now)
    said = _("Fewer than {ghost_under} views seven days after publication", ghost_under=output.GHOST_UNDER)
    if found.is_empty():
        return components.card(
            _("Ghosts"), components.empty(_("None"), _("No piece of the period: {said}.", said=said.lower()))
        )
    rows = _articles(shown, found.head(MOST_GHOSTS))
    columns = [Column("name", _("Article")), Column("views", _("Views"), "number", "views")]
    more = found.height - MOST_GHOSTS
    return components.card(
        _("Ghosts"),
        tables.board(columns, rows, said),
        subtitle=said,
        foot=_("{more} more", more=more) if more > 0 else "",
    )


def channels(shown: Scope) -> Component:
    """List the ways in."""
    board = figures.board(
        shown.desk.store, ["views"], shown.ask("channel"), shown.now, order="views", limit=MOST
    )
    rows = [
        {
            "id": row["id"] or "(none)",
            "name": ways.label(row["id"]),
            "href": shown.view.href(channel=(row["id"],)) if row["id"] else None,
            "views": row["views"],
            "share": row["views_share"],
        }
        for row in comparison.with_shares(board, "views").filter(pl.col("views") > 0).to_dicts()
    ]
    if not rows:
        return components.card(_("Where from"), cards.nothing(shown, "views"))
    columns = [
        Column("name", _("Channel")),
        Column("views", _("Views"), "bar", "views", is_strong=True),
        Column("share", _("Share"), "number", "share"),
    ]
    return components.card(
        _("Where from"),
        tables.board(columns, rows, _("Channels by views")),
        why=cards.why_metric("views", shown),
    )


def rising(shown: Scope) -> Component:
    """List old articles that are read more than they usually are."""
    title, main, store = _("Old, and rising"), main_of(shown), shown.desk.store
    ids = figures.ranking(store, [main], shown.ask("article"), shown.now, order=main)["id"].drop_nulls()
    found = comebacks(store, shown.site_id, ids.to_list(), main, shown.period, shown.now).head(MOST)
    if found.is_empty():
        said = _("No old article has more {main} than is usual for it in such days.", main=_(main))
        return components.card(title, components.empty(_("None"), said))
    rows = [
        {**row, "usual": wording.interval(main, row["low"], row["high"])} for row in _articles(shown, found)
    ]
    columns = [
        Column("name", _("Article")),
        Column("value", begun(_(main)), "number", main, is_strong=True),
        Column("usual", _("usually")),
    ]
    return components.card(
        title,
        tables.board(columns, rows, title),
        subtitle=_(
            "Over a week old, and above what the same days of the weeks before brought in {main}",
            main=_(main),
        ),
    )


def joined(shown: Scope, kind: str, key: str, name: str) -> Component | None:
    """Show the other ids of an author or topic, and let editors join, part and rename."""
    found = corrections.aliases(shown.desk.store, shown.site_id, kind, key)
    if found.is_empty() and not edits.may(shown):
        return None
    rows = [
        {
            "id": row["alias"],
            "name": row["name"],
            "byline": row["alias"] if row["alias"] != row["name"] else "",
            "who": f"{row['who']}, {shown.at_said(row['made_at'])}",
            "undo": edits.undo_button(
                shown, row["edit_id"], _("{name} joined with {name_2}", name=row["name"], name_2=name)
            ),
        }
        for row in found.to_dicts()
    ]
    columns = [
        Column("name", _("Also known as")),
        Column("who", _("Joined by"), hide_under=768),
        Column("undo", _("Undo")),
    ]
    body: Child = tables.board(columns, rows, _("What counts as {name}", name=name)) if rows else None
    return components.card(
        _("Desk and aliases") if kind == "author" else _("Joined and renamed"),
        _desk(shown, key, name) if kind == "author" else None,
        body,
        edits.line(
            _join_here(shown, kind, key, name),
            _join_there(shown, kind, key, name),
            _rename(shown, kind, key, name),
        ),
        subtitle=_("Other names whose articles count here, in all history. Each can be undone.")
        if kind == "author"
        else _("Other topics whose articles count here, in all history. Each can be undone."),
    )


def _desk(shown: Scope, key: str, name: str) -> Child:
    """Say on an author's page which desk is theirs and why, and let editors change it."""
    known = {row["author_id"]: row for row in desks.of_authors(shown.desk.store, shown.site_id).to_dicts()}
    desk, edit_id = (known[key][each] for each in ("desk", "edit_id")) if key in known else (None, None)
    why = _("as an editor said") if edit_id else _("the section of most of their articles")
    said = _("Desk: {desk}, {why}.", desk=desk, why=why) if desk else _("No desk is known.")
    button = edits.button(
        shown,
        _("Set the desk"),
        {"does": "set_desk", "authors": [key]},
        Ask(
            "desk",
            _("Name of the desk; empty: the section of most of their articles"),
            desk or "",
            is_needed=False,
        ),
        title=_("The desk of {name}", name=name),
        about=_("The list of authors stands by desk, in all history. It can be undone."),
    )
    href = shown.view.drill("/authors", split="desk", items=(desk or desks.NONE,))
    return el("p", el("a", said, href=href), " ", button, class_="meta")


def _join_here(shown: Scope, kind: str, key: str, name: str) -> Component | None:
    word = inside(DIMENSIONS[kind].label)
    return edits.button(
        shown,
        _("Add {word}", word=_("an alias") if kind == "author" else _("another topic")),
        {"does": f"join_{kind}", "into": key},
        Ask("alias", _("The other {kind}: type a name, choose", kind=word), finds=kind),
        title=_("Count another {kind} as {name}", kind=word, name=name),
        about=_(
            "Its articles count for {name} from now on, and in all history. It can be undone.", name=name
        ),
    )


def _join_there(shown: Scope, kind: str, key: str, name: str) -> Component | None:
    word = inside(DIMENSIONS[kind].label)
    return edits.button(
        shown,
        _("Join with another"),
        {"does": f"join_{kind}", "alias": key},
        Ask("into", _("The {kind} that stays: type a name, choose", kind=word), finds=kind),
        title=_("Count {name} as another {kind}", name=name, kind=word),
        about=_(
            "The articles of {name} count for the other one, in all history. It can be undone.", name=name
        ),
    )


def _rename(shown: Scope, kind: str, key: str, name: str) -> Child:
    if kind != "topic":
        return None
    renamed = corrections.renamed(shown.desk.store, shown.site_id, key)
    button = edits.button(
        shown,
        _("Rename"),
        {"does": "rename_topic", "topic": key},
        Ask("name", _("Name"), name),
        title=_("Rename {name}", name=name),
        about=_(
            "All pages, mails and widgets show the new name, whatever your sources send. It can be undone."
        ),
    )
    if renamed is None:
        return button
    return [
        button,
        el("span", _("Sources call it {renamed}.", renamed=renamed[0]), class_="meta"),
        edits.undo_button(shown, renamed[1], _("The name {name}", name=name)),
    ]


def _articles(shown: Scope, found: pl.DataFrame) -> list[dict[str, Any]]:
    """Name rows of articles, and lead to their pages."""
    named = library.describe(shown.desk.store, shown.site_id, "article", found["id"].to_list())
    return [
        {
            **row,
            "name": name["title"],
            "byline": wording.joined(name["section"], name["authors"]),
            "href": _article(shown, row["id"]),
        }
        for row, name in zip(found.to_dicts(), named.to_dicts(), strict=True)
    ]


def _article(shown: Scope, key: str) -> str:
    return View(path=f"/articles/{key}", site=shown.view.site).href()


def _at(cell: dict[str, Any]) -> str:
    return f"{wording.weekdays()[cell['weekday'] - 1]} {cell['hour']:02d}:00"


def _part(number: int) -> str:
    ends = STARTS[(number + 1) % len(STARTS)]
    words = _("{starts:02d}:00 to {ends:02d}:00", starts=STARTS[number], ends=ends)
    return words.replace(" ", "\N{NO-BREAK SPACE}")
