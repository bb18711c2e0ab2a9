"""Tables of articles: one row an article, with what it brought; on the page of articles and on others.

Sorting, choice of columns and number of rows are written to the address, so a table of articles behaves
the same wherever it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import marks, wording
from analytics.exports import Cell
from analytics.language import N_, _, inside
from analytics.metrics import METRICS
from analytics.periods import local_time
from analytics.queries import library, lists, ways
from analytics.queries.lists import Listing
from dashboards import cards, components, controls, downloads, edits, tables
from dashboards.components import Link
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.scope import Scope
from dashboards.tables import Column, Value

_GROUPS = ("own", "search", "social", "newsletter", "ai")  # of the ways in
ROWS, MORE_ROWS, MOST_ROWS = 50, 200, 5000
COMPARED = 4  # side by side without a narrow column
SHOWN = (
    "views",
    "reads",
    "read_rate",
    "vs_expected",
    "score",
    "comment_rate",
    "engaged_median",
    "finish_rate",
    "readers",
    "recirculation",
)
MORE = (
    "comments",
    "engaged",
    "fresh_views",
    "exit_rate",
    "bounce_rate",
    "no_beacon_share",
    "word_count",
    "counter",
    *(f"from_{group}" for group in _GROUPS),
)
CHOICES = (*SHOWN, *MORE)
HORIZONS = {"7d": N_("first 7 days"), "24h": N_("first 24 hours"), "30d": N_("first 30 days")}
_OF_READING = ("reads", "read_rate", "engaged_median", "finish_rate", "engaged", "no_beacon_share")
_OF_STANDING = ("vs_expected", "score")
_FACTS = ("rank", "id", "title", "url", "section", "published_at", "authors", "kind")


def listed(shown: Scope, limit: int | None) -> Listing:
    """Ask for the articles of a view, with the columns that its address wants."""
    view = shown.view
    wanted = [name for name in view.cols if name in CHOICES] or list(SHOWN)
    if "comment_rate" in wanted:
        wanted += ["comments", "comments_per_1000_views"]
    names = [name for name in [*wanted, "no_signal_share"] if name in METRICS]
    found = lists.listing(
        shown.desk.store, names, shown.ask("article"), shown.now, sort=view.sort, limit=limit
    )
    return replace(found, rows=_with_beside(shown, found, wanted))


def _with_beside(shown: Scope, found: Listing, wanted: Sequence[str]) -> pl.DataFrame:
    """Add what no list is ordered by: the public counter, and by which ways in the views came."""
    store, rows = shown.desk.store, found.rows
    ids = rows["id"].to_list()
    if "counter" in wanted:
        told = library.counters(store, shown.site_id, ids, shown.desk.counter_metric(shown.site_id))
        counted = [told[each].value if each in told else None for each in ids]
        rows = rows.with_columns(pl.Series("counter", counted, dtype=pl.Int64()))
    groups = [group for group in _GROUPS if f"from_{group}" in wanted]
    if groups:
        shares = ways.shares_of(store, shown.ask(), ids, groups, shown.now)
        named = shares.rename({group: f"from_{group}" for group in groups})
        rows = rows.join(named, on="id", how="left", maintain_order="left")
    return rows


def columns_shown(view: View, found: Listing) -> list[str]:
    """Choose the columns: the wanted ones of which anything is known."""
    wanted = [name for name in CHOICES if name in view.cols] or list(SHOWN)
    if found.main == "views":
        wanted = ["comments_per_1000_views" if name == "comment_rate" else name for name in wanted]
        wanted = list(dict.fromkeys(["views", *[name for name in wanted if name not in _OF_READING]]))
    return [name for name in wanted if name not in METRICS or _is_known(found, name)]


def _is_known(found: Listing, name: str) -> bool:
    """Say whether anything is known of a column; where an article stands has no total to tell by."""
    if name in _OF_STANDING:
        return name in found.rows.columns and found.rows[name].count() > 0
    return name in found.total and found.total[name].value is not None


def card(shown: Scope, found: Listing, *, name: str) -> Component:
    """Put the table of articles into its card, with its columns, its file and how many rows there are.

    Args:
        shown: The view, resolved.
        found: Of `listed`.
        name: Of the download; the grid's id is `<name>-grid`.
    """
    view, names = shown.view, columns_shown(shown.view, found)
    if not found.count:
        return components.card(_("Articles"), cards.nothing(shown, N_("articles")))
    rows = _rows(shown, found, names)
    grid = tables.grid(
        f"{name}-grid",
        _columns(shown, found, names),
        rows,
        _("Articles by {order_said}", order_said=_order_said(found.order)),
        total=_total(found, names),
        by_address=True,
        chosen=_chosen(shown),
    )
    return components.card(
        _("Articles"),
        grid,
        subtitle=_subtitle(shown, found),
        links=(
            *_side_by_side(view, found),
            Link(_("Download CSV"), downloads.href(name, view), f"{name}.csv"),
        ),
        extra=controls.columns(view, _column_choices(found), names),
        foot=_foot(shown, len(rows), found),
        sql=cards.table_sql(shown, [name for name in names if name in METRICS], "article"),
    )


def _chosen(shown: Scope) -> Component:
    """Offer what can be done with chosen rows; assets/grid.js fills in which they are."""
    view = shown.view
    beside = view.drill("/compare", period=view.period or "7d", of="articles", items=("",))
    return el(
        "div",
        el("b", _("None chosen")),
        el("a", _("Compare"), href=beside, class_="button", data_few=beside),
        edits.button(
            shown,
            _("Keep off lists"),
            {"does": "exclude", "articles": []},
            edits.Ask("why", _("Why (for your colleagues)"), is_needed=False),
            title=_("Keep the chosen articles off lists"),
            about=_("No list, board, “worth a look” or public widget names them. Every total keeps them."),
        ),
        edits.button(
            shown,
            _("Set kind or topic"),
            {"does": "file", "articles": []},
            edits.Ask("kind", _("Kind"), is_needed=False, choices=(("", _("as it is")), *_kinds())),
            edits.Ask("topic", _("One topic more"), finds="topic", is_needed=False),
            title=_("Give the chosen articles a kind or a topic"),
            about=_("For all of their history. A later word of your CMS counts more than this one."),
        ),
        el("button", _("Let go"), class_="button", type="button", data_does="unchoose"),
        class_="grid-chosen",
        hidden=True,
        role="status",
    )


def _kinds() -> tuple[tuple[str, str], ...]:
    return (
        ("article", _("Article")),
        ("live", _("Live page")),
        ("video", _("Video")),
        ("gallery", _("Gallery")),
        ("page", _("No article: a page")),
    )


def _side_by_side(view: View, found: Listing) -> tuple[Link, ...]:
    """Lead to the first rows side by side, where there are several."""
    ids = tuple(each for each in found.rows["id"].to_list()[:COMPARED] if each is not None)
    if len(ids) < 2:
        return ()
    period = view.period or "7d"
    href = view.drill("/compare", period=period, of="articles", items=ids)
    return (Link(_("Compare the first {ids}", ids=len(ids)), href),)


def file(shown: Scope, found: Listing) -> downloads.Rows:
    """Give the rows of a download: what identifies an article, and the columns shown with n and interval."""
    numbers = cards.csv_columns(columns_shown(shown.view, found))
    columns = [*_FACTS, *[name for name in numbers if name not in _FACTS]]
    rows = [
        {**row, "title": row["name"], "published_at": _published_iso(shown, row)}
        for row in found.rows.to_dicts()
    ]
    return columns, [[_cell(row.get(name)) for name in columns] for row in rows]


def _columns(shown: Scope, found: Listing, names: Sequence[str]) -> list[Column]:
    order, is_down = found.order, found.is_descending
    down = "desc" if is_down else "asc"

    def sorted_by(field: str) -> Any:
        return down if order == field else ""

    numbers = [cards.metric_column(n, main=found.main, order=order, is_descending=is_down) for n in names]
    after = (
        names.index("read_rate") + 1 if "read_rate" in names else len(names)
    )  # columns leave from the right
    section = Column("section", _("Section"), width=82, sort=sorted_by("section"), on_phone=True)
    columns = [
        Column("rank", "#", "rank", width=cards.rank_width(found.rows)),
        Column("name", _("Article"), "title", width=0, least=260, sort=sorted_by("name")),
        *([section] if found.rows["section"].count() else []),  # no column of dashes
        Column(
            "published_at",
            _("Age"),
            "number",
            width=50,
            sort=sorted_by("published_at"),
            on_phone=True,
            tip=_("Since first publication."),
        ),
        *numbers[:after],
        Column("course", _course_said(shown), "mark", width=84),
        *numbers[after:],
    ]
    return tables.fitted(columns, are_chosen=bool(shown.view.cols), has_ticks=True)


def _rows(shown: Scope, found: Listing, names: Sequence[str]) -> list[dict[str, Value]]:
    drawn = lists.sparks(shown.desk.store, found.main, shown.ask(), found.rows["id"].to_list(), shown.now)
    courses = dict(drawn.iter_rows())
    ranks = cards.rank_words(found.rows["rank"].to_list())
    former = library.former_titles(shown.desk.store, shown.site_id, found.rows["id"].to_list())
    return [
        {
            **_row(shown, row, rank, courses.get(row["id"]), names),
            "former": _former(former.get(row["id"], [])),
        }
        for row, rank in zip(found.rows.to_dicts(), ranks, strict=True)
    ]


def _row(
    shown: Scope, row: dict[str, Any], rank: str, course: list[float | None] | None, names: Sequence[str]
) -> dict[str, Value]:
    at = row["published_at"]
    return {
        "id": row["id"],
        "rank": rank,
        "name": row["name"],
        "href": cards.drill(shown.view, row["id"]),
        "byline": _byline(shown, row),
        "section": row["section"] or wording.NONE,
        "published_at": at.isoformat() if at else None,
        "published_at_words": wording.age((shown.now - at).total_seconds()) if at else wording.NONE,
        "published_at_tip": shown.at_said(at),
        "course": marks.sparkline(course, width=76, label=_course_label(row["name"], course))
        if course
        else None,
        **cards.metric_cells(row, names),
    }


def _former(titles: Sequence[str]) -> str:
    named = ", ".join(f"“{each}”" for each in titles)
    return _("Before: {titles}", titles=named) if titles else ""


def _byline(shown: Scope, row: dict[str, Any]) -> str:
    """Word the second line of a title: who wrote it and when, or that nobody has described it yet."""
    if not row["is_catalogued"]:
        return _("not in the catalogue yet")
    at = shown.at_said(row["published_at"])
    when = (
        _("no date") if not row["published_at"] else at if row["is_running"] else _("published {at}", at=at)
    )
    still = _("still counting") if row["is_running"] else ""
    return wording.joined(row["authors"] or _("no author"), when, still)


def _total(found: Listing, names: Sequence[str]) -> dict[str, Value]:
    return {
        "id": "total",
        "name": _("All {count}", count=wording.counted(found.count, "article")),
        "byline": _("distinct, not the sum of the rows"),
        "section": "",
        "published_at_words": " ",
        **cards.total_cells(found.total, names),
    }


def _subtitle(shown: Scope, found: Listing) -> str:
    view = shown.view
    if view.basis == "published_in":
        said = _("One row an article published in the period, unread ones too")
        if when := HORIZONS.get(view.horizon):
            said += _(", up to its {when}", when=_(when))
    else:
        said = _("One row an article opened in the period, whenever it was published")
    if found.main == "views":
        said += _("; the source cannot tell reading, so views lead")
    return _("{said}. Grey: fewer than 30 to go by.", said=said)


def _course_said(shown: Scope) -> str:
    length = shown.period.length
    return _("By hour") if shown.period.grain == "hour" else _("{length} days", length=length)


def _course_label(name: str, course: list[float | None]) -> str:
    known = [each for each in course if each is not None]
    return _("Course of {name}, highest {known}", name=name, known=wording.full(max(known))) if known else ""


def _order_said(order: str) -> str:
    words = {
        "name": _("title"),
        "section": _("section"),
        "published_at": _("publication"),
        "word_count": _("words"),
    }
    return words.get(order) or inside(METRICS[order].label)


def _column_choices(found: Listing) -> list[tuple[str, str]]:
    is_blind = found.main == "views"
    labels = {name: _(cards.HEADINGS[name].title) for name in CHOICES if name not in METRICS}
    if is_blind:
        labels["comment_rate"] = METRICS["comments_per_1000_views"].label
    hidden = _OF_READING if is_blind else ()
    return [(name, labels.get(name) or METRICS[name].label) for name in CHOICES if name not in hidden]


def _foot(shown: Scope, rows: int, found: Listing) -> Child:
    """Say how many rows are here, and how many editors keep off lists."""
    parts: list[Child] = [_more(shown.view, rows, found.count)]
    kept_off = cards.kept_off(shown, found.excluded)
    return [*parts, " · ", kept_off] if kept_off else parts


def _more(view: View, shown: int, count: int) -> Child:
    """Say how many of all rows are here, and offer the rest."""
    said = _("{shown} of {count}", shown=wording.full(shown), count=wording.counted(count, "article"))
    if shown >= count:
        return said
    offers = [n for n in (MORE_ROWS, min(count, MOST_ROWS)) if shown < n <= count]
    links: list[Child] = []
    for n in dict.fromkeys(offers):
        words = _("Show all {n}", n=wording.full(n)) if n == count else _("Show {n}", n=wording.full(n))
        links += [" · ", el("a", words, href=view.href(rows=max(n, 10)))]
    return [said, *links]


def _published_iso(shown: Scope, row: dict[str, Any]) -> str | None:
    at = row["published_at"]
    return local_time(at, shown.zone).isoformat(timespec="seconds") if at else None


def _cell(value: Any) -> Cell:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
