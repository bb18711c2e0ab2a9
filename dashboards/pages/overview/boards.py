"""The three boards: authors, topics, and where readers came from."""

from __future__ import annotations

from typing import Any

import polars as pl

from analytics import marks, wording
from analytics.language import N_, _, begun
from analytics.metrics import METRICS
from analytics.queries import (
    comparison,
    figures,
    library,
    standing,
    typical,
    ways,
)
from analytics.queries.comparison import Beside
from analytics.queries.figures import Board, Figure
from analytics.queries.typical import Band
from dashboards import cards, components, downloads, groups, tables
from dashboards.components import Link
from dashboards.elements import Child
from dashboards.filters import View
from dashboards.pages.overview.shown import (
    against,
    base_of,
    cells,
    is_of_catalogue,
    nothing_read,
    pinned,
    scope_of,
    then_said,
)
from dashboards.scope import Scope
from dashboards.tables import Column

BOARD = 7
_CREDITS = {
    "full": N_("Full credit each"),
    "equal": N_("Equal credit"),
    "first": N_("Credit to the first author"),
}


def draw_authors(scope: Scope) -> Child:
    """Draw the authors whose articles were read most."""
    board = _authors_board(scope)
    main = METRICS[base_of(scope)]
    names = library.describe(scope.desk.store, scope.site_id, "author", board.rows["id"].to_list())[
        "name"
    ].to_list()
    here, strips = pinned(scope), _last_ten(scope, board)
    rows = [
        {
            **row,
            "last": strips.get(row["id"]),
            "name": name,
            "href": here.drill(f"/authors/{row['id']}", author=()) if row["id"] else None,
            "read_rate_few": (row.get("read_rate_n") or 0) < 30,
            "read_rate_tip": cards.n_words(METRICS["read_rate"], row),
        }
        for row, name in zip(board.rows.to_dicts(), names, strict=True)
    ]
    columns = [Column("name", _("Author"))]
    columns += [Column("published", _("Pieces"), "number", "articles")] if "published" in board.total else []
    columns.append(Column(main.id, main.label, "bar", main.unit, sort="desc", is_strong=True))
    columns += [Column("read_rate", _("Read rate"), "number", "share")] if main.id == "reads" else []
    columns += [Column("last", _("Last 10"), "mark", hide_under=768)] if strips else []
    if rows and not board.count:
        unsigned = components.empty(_("No authors"), _("The catalogue names none for what was read."))
        return components.card(_("Authors"), unsigned)
    return components.card(
        _("Authors"),
        tables.board(columns, rows, _("Authors by {main}", main=_(main.id))) if rows else nothing_read(scope),
        subtitle=_credit_words(scope, board),
        links=[
            Link(_("All {count}", count=wording.full(board.count)), here.drill("/authors")),
            Link(_("Download CSV"), downloads.href("overview-authors", scope.view), "authors.csv"),
        ],
        why=cards.why_metric(main, scope),
    )


def _last_ten(scope: Scope, board: Board) -> dict[str, marks.Mark]:
    """Draw where the last ten articles of each author stand; of whom nothing is known has no strip."""
    ids = board.rows["id"].drop_nulls().to_list()
    found = standing.last_ten(scope.desk.store, scope.ask("author"), ids, scope.now)
    return {
        row["id"]: marks.strip(row["places"], label=groups.ten_said(row["places"]))
        for row in found.to_dicts()
        if any(place is not None for place in row["places"])
    }


def author_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the authors as rows."""
    scope = scope_of(desk, view)
    rows = _authors_board(scope).rows.drop("was_counted")
    names = library.describe(desk.store, scope.site_id, "author", rows["id"].to_list())["name"]
    return cells(rows.with_columns(name=names))


def _authors_board(scope: Scope) -> Board:
    base = base_of(scope)
    names = [base, *(["read_rate"] if base == "reads" else [])]
    names += [] if scope.where.active() and not is_of_catalogue(scope) else ["published"]
    return figures.board(scope.desk.store, names, scope.ask("author"), scope.now, order=base, limit=BOARD)


def _credit_words(scope: Scope, board: Board) -> str:
    said = _(_CREDITS[scope.view.credit])
    if board.rows_add_to is None:
        return said
    return _(
        "{said}; rows add to {rows_add_to} of {base_of}",
        said=said,
        rows_add_to=wording.percent(board.rows_add_to),
        base_of=_(base_of(scope)),
    )


def draw_topics(scope: Scope) -> Child:
    """Draw each topic's share of what was published against its share of what was read."""
    split, board = _topics_board(scope)
    base = base_of(scope)
    has_pieces = bool(board.total["published"].value) if "published" in board.total else False
    shares = comparison.with_shares(board, base, *(["published"] if has_pieces else []))
    names = library.describe(scope.desk.store, scope.site_id, split, shares["id"].to_list())["name"].to_list()
    rows = [
        _topic_row(scope, split, row, name, base) for row, name in zip(shares.to_dicts(), names, strict=True)
    ]
    reach = max(
        [
            0.01,
            *[max(row[f"{base}_share"] or 0, row.get("published_share") or 0) for row in shares.to_dicts()],
        ]
    )
    for row in rows:
        row["pair"] = _pair(row, reach, has_pieces=has_pieces)
    columns = [
        Column("name", _("Topic") if split == "topic" else _("Section")),
        Column("pair", _("Pieces and {base}", base=_(base)) if has_pieces else begun(_(base)), "mark"),
        Column("words", _("Share"), "number"),
    ]
    title = _("Topics") if split == "topic" else _("Sections")
    if rows and not board.count:
        unfiled = components.empty(
            _("No topics, no sections"), _("The catalogue names none for what was read.")
        )
        return components.card(_("Topics"), unfiled)
    return components.card(
        title,
        tables.board(columns, rows, _("{title} by {base}", title=title, base=_(base)))
        if rows
        else nothing_read(scope),
        subtitle=_topics_line(board, base, has_pieces=has_pieces),
        links=[
            Link(_("All {count}", count=wording.full(board.count)), pinned(scope).drill("/topics")),
            Link(_("Download CSV"), downloads.href("overview-topics", scope.view), "topics.csv"),
        ],
        why=cards.why_metric(base, scope),
    )


def topic_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the topics as rows."""
    scope = scope_of(desk, view)
    split, board = _topics_board(scope)
    names = ["published"] if "published" in board.total else []
    rows = comparison.with_shares(board, base_of(scope), *names).drop("was_counted")
    said = library.describe(desk.store, scope.site_id, split, rows["id"].to_list())["name"]
    return cells(rows.with_columns(name=said))


def _topics_board(scope: Scope) -> tuple[str, Board]:
    """Rank topics; where the catalogue has none, sections."""
    base = base_of(scope)
    names = [base, *([] if scope.where.active() and not is_of_catalogue(scope) else ["published"])]
    store, now = scope.desk.store, scope.now
    board = figures.board(store, names, scope.ask("topic"), now, order=base, limit=BOARD)
    if board.count:
        return "topic", board
    return "section", figures.board(store, names, scope.ask("section"), now, order=base, limit=BOARD)


def _topic_row(scope: Scope, split: str, row: dict[str, Any], name: str, base: str) -> dict[str, Any]:
    share, pieces = row[f"{base}_share"], row.get("published_share")
    said = wording.percent(share)
    to = pinned(scope)
    return {
        "id": row["id"] or "(none)",
        "name": name,
        "href": to.drill(f"/topics/{row['id']}", split=split, section=(), topic=()) if row["id"] else None,
        "share": share,
        "pieces": pieces,
        "words": f"{wording.percent(pieces)} → {said}" if pieces is not None else said,
        "words_tip": _(
            "{row} {base}, {published} pieces",
            row=wording.full(row[base]),
            base=_(base),
            published=wording.full(row.get("published")),
        ),
    }


def _pair(row: dict[str, Any], reach: float, *, has_pieces: bool) -> marks.Mark:
    if has_pieces and row["pieces"] is not None and row["share"] is not None:
        label = _(
            "{name}: {pieces} of pieces, {share} read",
            name=row["name"],
            pieces=wording.percent(row["pieces"]),
            share=wording.percent(row["share"]),
        )
        return marks.dumbbell(row["pieces"], row["share"], reach, width=112, label=label)
    return marks.bar((row["share"] or 0) / reach, width=112)


def _topics_line(board: Board, base: str, *, has_pieces: bool) -> str:
    adds = wording.percent(board.rows_add_to)
    if not has_pieces:
        return _("Share of {base}; rows add to {adds}", base=_(base), adds=adds)
    pieces = wording.counted(board.total["published"].value, "piece")
    return _(
        "○ share of {pieces}  ● share of {base}; rows add to {adds}", pieces=pieces, base=_(base), adds=adds
    )


def draw_ways(scope: Scope) -> Child:
    """Draw where readers came from, each way beside what is typical of it, else beside the period before."""
    store, ask = scope.desk.store, scope.ask()
    found = ways.ways_in(store, ask, scope.now, against(scope))
    if found.height and not found["id"].count():
        untold = components.empty(_("Not known"), _("This source does not say where its readers came from."))
        return components.card(_("Where readers came from"), untold)
    bands = _bands(scope)
    top = max([*found["views"].to_list(), *[band.high for band in bands.values()], 1])
    rows = [_way_row(scope, row, bands.get(row["id"]), top) for row in found.to_dicts()]
    columns = [
        Column("name", _("Source")),
        Column("bar", _("Typical range") if bands else _("Views"), "mark"),
        Column("share", _("Share"), "number", "share"),
    ]
    has_before = any(row["change"] is not None for row in rows)
    columns += [Column("change", _("Change"), "chip")] if has_before else []
    named = ways.assistants(store, ask, scope.now)
    weekday = wording.weekday(scope.period.first)
    since = _("the median {weekday}", weekday=weekday) if bands else then_said(scope).removeprefix("on ")
    return components.card(
        _("Where readers came from"),
        tables.board(columns, rows, _("Ways in by views")) if rows else nothing_read(scope),
        subtitle=_("Views by way in; change since {since}", since=since)
        if has_before
        else _("Views by way in"),
        links=[
            Link(_("Open in Audience"), pinned(scope).drill("/audience")),
            Link(_("Download CSV"), downloads.href("overview-sources", scope.view), "sources.csv"),
        ],
        why=cards.why_metric("views", scope),
        foot=_assistants_words(named) if rows else "",
    )


def _bands(scope: Scope) -> dict[str, Band]:
    """Say what is typical of each way in; only of a day, and where typical is what was asked for."""
    if against(scope) != "typical" or not comparison.has_band(scope.ask()):
        return {}
    split, where, period = ways.split_of(scope.ask()), scope.ask().where, scope.period
    return typical.typical_by(scope.desk.store, "views", where, split, period.first, scope.zone, scope.now)


def way_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the ways in as rows."""
    scope = scope_of(desk, view)
    rows = ways.ways_in(desk.store, scope.ask(), scope.now, against(scope))
    return cells(rows.drop("group", "views_is_new", "views_is_few"))


def _way_row(scope: Scope, row: dict[str, Any], band: Band | None, top: float) -> dict[str, Any]:
    change, is_new = row["views_change"], row["views_is_new"]
    paint = {"own": "c1", "search": "c2", "social": "c3", "newsletter": "c4", "ai": "c5"}.get(
        row["group"], "c6"
    )
    known = change is not None or is_new
    chip = wording.change_chip(change, None, is_few=row["views_is_few"], is_new=is_new) if known else None
    drawn, tip = (
        marks.bar(row["views"] / top, width=96, paint=paint),
        _("{views} views", views=wording.full(row["views"])),
    )
    if band is not None:
        beside = Beside(Figure(METRICS["views"], row["views"]), band)
        chip = wording.change_chip(beside.change, beside.place)
        span = wording.interval("views", round(band.low), round(band.high))
        drawn = marks.range_dot(
            row["views"], band.low, band.high, top, label=_("{tip}, typical {span}", tip=tip, span=span)
        )
        tip = _("{tip}, typical {span}", tip=tip, span=span)
    chosen: dict[str, tuple[str, ...]] = {ways.split_of(scope.ask()): (row["id"],)} if row["id"] else {}
    return {
        "id": row["id"] or "(none)",
        "name": row["name"],
        "href": scope.view.href(**chosen) if chosen else None,
        "bar": drawn,
        "share": row["views_share"],
        "share_tip": tip,
        "change": chip,
    }


def _assistants_words(named: pl.DataFrame) -> str:
    """Name the AI assistants with what each sent; they are always told, also when they sent nobody."""
    said = [
        f"{name} {wording.compact(views)} ({wording.percent(share)})"
        for name, views, share in named.select("id", "views", "views_share").rows()
    ]
    return (
        _("AI assistants: {named}", named=", ".join(said)) if said else _("AI assistants: none sent anybody")
    )
