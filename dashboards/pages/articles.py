"""Articles: everything that was read, or published, in a period, under any filter and in any order.

Two slots: the head with its filters, and the list. The list asks one question; what the grid shows, the
sentence above it and the download are three readings of its answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Dash
from dash.development.base_component import Component

from analytics import marks, wording
from analytics.exports import Cell
from analytics.metrics import METRICS
from analytics.periods import local_time
from analytics.queries import library, lists, ways
from analytics.queries.lists import Listing
from dashboards import cards, components, controls, downloads, scope, slots, tables
from dashboards.components import Link
from dashboards.elements import Child, el
from dashboards.filters import AGE, View
from dashboards.scope import Scope
from dashboards.tables import Column, Value

PATH = "/articles"
TITLE = "Articles"
PERIOD = "7d"
ROWS, MORE_ROWS, MOST_ROWS = 50, 200, 5000
SHOWN = (
    "views",
    "reads",
    "read_rate",
    "engaged_median",
    "finish_rate",
    "readers",
    "comment_rate",
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
)
CHOICES = (*SHOWN, *MORE)
_OF_READING = ("reads", "read_rate", "engaged_median", "finish_rate", "engaged", "no_beacon_share")
_HORIZONS = {"7d": "first 7 days", "24h": "first 24 hours", "30d": "first 30 days"}
_KINDS = {"article": "Articles", "live": "Live pages", "video": "Videos", "gallery": "Galleries"}


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("articles-head", content=components.page_head(TITLE, "")),
        slots.slot("articles-list", 760),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "articles-head", head, what="the filters")
    slots.fill(app, "articles-list", articles, what="the articles")


def head(desk: Any, view: View) -> Component:
    """Draw title and filters."""
    shown = scope.resolve(desk, view, PERIOD)
    known = library.choices(desk.store, shown.site_id)
    named = {each: library.names(desk.store, shown.site_id, each) for each in ("author", "topic")}
    is_cohort = view.basis == "published_in"
    ways_in = [(each, ways.label(each)) for each in known.channels]
    sources = [(name, f"{name} · {ways.label(channel)}") for channel, name in known.sources]
    kinds = [(each, _KINDS.get(each, each.capitalize())) for each in known.kinds if each != "page"]
    return cards.head(
        shown,
        TITLE,
        controls.basis(view),
        controls.horizon(view),
        controls.pick(view, "section", [(each, each) for each in known.sections], "All sections", 126),
        controls.pick(view, "author", named["author"], "All authors", 126),
        controls.pick(view, "topic", named["topic"], "All topics", 118),
        controls.pick(view, "age", [(each, cards.AGES[each]) for each in AGE], "Any age", 128),
        controls.pick(view, "channel", ways_in, "All ways in", 124),
        controls.pick(view, "source", _unique(sources), "All sources", 124),
        controls.pick(view, "kind", kinds, "All kinds", 110) if len(kinds) > 1 else None,
        controls.search(view, "Title, address or id", 180),
        line=("articles published in the period",) if is_cohort else (),
        names=cards.names_of(shown),
    )


def articles(desk: Any, view: View) -> Component:
    """Draw the sentence, the list and the foot."""
    shown = scope.resolve(desk, view, PERIOD)
    listed = _listed(shown, view.rows or ROWS)
    names = _columns_shown(view, listed)
    return slots.page(
        components.sentence_sheet(
            _sentence(shown, listed), why=cards.why(listed.total[listed.main], shown), note=_basis_said(view)
        )
        if listed.count
        else None,
        _card(shown, listed, names),
        cards.foot(shown, *cards.left_out(shown, listed.total)),
    )


def download(desk: Any, view: View) -> downloads.Rows:
    """Give all articles of the view, with the columns that the list shows."""
    shown = scope.resolve(desk, view, PERIOD)
    listed = _listed(shown, None)
    numbers = cards.csv_columns(_columns_shown(view, listed))
    facts = ["rank", "id", "title", "url", "section", "published_at", "authors", "kind"]
    rows = [
        {**row, "title": row["name"], "published_at": _published_iso(shown, row)}
        for row in listed.rows.to_dicts()
    ]
    columns = [*facts, *[name for name in numbers if name not in facts]]
    return columns, [[_cell(row.get(name)) for name in columns] for row in rows]


DOWNLOADS: dict[str, downloads.Table] = {"articles": download}


def _listed(shown: Scope, limit: int | None) -> Listing:
    view = shown.view
    wanted = [name for name in view.cols if name in CHOICES] or list(SHOWN)
    if "comment_rate" in wanted:
        wanted += ["comments", "comments_per_1000_views"]
    names = [name for name in [*wanted, "no_signal_share"] if name in METRICS]
    return lists.listing(
        shown.desk.store, names, shown.ask("article"), shown.now, sort=view.sort, limit=limit
    )


def _columns_shown(view: View, listed: Listing) -> list[str]:
    """Choose the columns: the wanted ones of which anything is known."""
    wanted = [name for name in CHOICES if name in view.cols] or list(SHOWN)
    if listed.main == "views":
        wanted = ["comments_per_1000_views" if name == "comment_rate" else name for name in wanted]
        wanted = list(dict.fromkeys(["views", *[name for name in wanted if name not in _OF_READING]]))
    return [
        name
        for name in wanted
        if name not in METRICS or (name in listed.total and listed.total[name].value is not None)
    ]


def _card(shown: Scope, listed: Listing, names: Sequence[str]) -> Component:
    view = shown.view
    if not listed.count:
        return components.card("Articles", cards.nothing(shown, "articles"))
    rows = _rows(shown, listed, names)
    columns = _columns(shown, listed, names)
    grid = tables.grid(
        "articles-grid",
        columns,
        rows,
        f"Articles by {_order_said(listed.order)}",
        total=_total(listed, names),
        by_address=True,
    )
    return components.card(
        "Articles",
        grid,
        subtitle=_subtitle(shown, listed),
        links=(Link("Download CSV", downloads.href("articles", view), "articles.csv"),),
        extra=controls.columns(view, _column_choices(listed), names),
        foot=_more(view, len(rows), listed.count),
    )


def _columns(shown: Scope, listed: Listing, names: Sequence[str]) -> list[Column]:
    order, is_down = listed.order, listed.is_descending
    down = "desc" if is_down else "asc"

    def sorted_by(field: str) -> Any:
        return down if order == field else ""

    numbers = [cards.metric_column(n, main=listed.main, order=order, is_descending=is_down) for n in names]
    return [
        Column("rank", "#", "rank", width=cards.rank_width(listed.rows), hide_under=520),
        Column("name", "Article", "title", width=0, sort=sorted_by("name")),
        Column("section", "Section", width=82, hide_under=760, sort=sorted_by("section"), on_phone=True),
        Column(
            "published_at",
            "Age",
            "number",
            width=50,
            hide_under=600,
            sort=sorted_by("published_at"),
            on_phone=True,
            tip="Since first publication.",
        ),
        *numbers,
        Column("course", _course_said(shown), "mark", width=92, hide_under=820),
    ]


def _rows(shown: Scope, listed: Listing, names: Sequence[str]) -> list[dict[str, Value]]:
    drawn = lists.sparks(shown.desk.store, listed.main, shown.ask(), listed.rows["id"].to_list(), shown.now)
    courses = dict(drawn.iter_rows())
    ranks = cards.rank_words(listed.rows["rank"].to_list())
    return [
        _row(shown, row, rank, courses.get(row["id"]), names)
        for row, rank in zip(listed.rows.to_dicts(), ranks, strict=True)
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


def _byline(shown: Scope, row: dict[str, Any]) -> str:
    """Word the second line of a title: who wrote it and when, or that nobody has described it yet."""
    if not row["is_catalogued"]:
        return "not in the catalogue yet"
    when = f"published {shown.at_said(row['published_at'])}" if row["published_at"] else "no date"
    still = f"still in its {_HORIZONS[shown.view.horizon]}" if row["is_running"] else ""
    return " · ".join(part for part in [row["authors"] or "no author", when, still] if part)


def _total(listed: Listing, names: Sequence[str]) -> dict[str, Value]:
    return {
        "id": "total",
        "name": f"All {wording.counted(listed.count, 'article')}",
        "byline": "each reader and comment once, not the sum of the rows",
        "section": "",
        "published_at_words": " ",
        **cards.total_cells(listed.total, names),
    }


def _sentence(shown: Scope, listed: Listing) -> list[Child]:
    total, unit = listed.total[listed.main], METRICS[listed.main].unit
    what = wording.counted(listed.count, "article")
    is_cohort = shown.view.basis == "published_in"
    when = _HORIZONS.get(shown.view.horizon)
    span = "" if not is_cohort else f" in their {when}" if when else " to date"
    began = f"{what} published in the period brought " if is_cohort else f"{what} brought "
    amount = f"{wording.compact(total.value)} {unit}"
    if listed.leading is None or listed.count <= lists.LEADERS:
        return components.strong(began, amount, f"{span}.")
    share = f"{wording.percent(listed.leading)} of them"
    return components.strong(began, amount, f"{span}; the ten with the most brought ", share, ".")


def _basis_said(view: View) -> str:
    if view.basis == "published_in":
        return "Only what each brought up to the same age is counted."
    return "Articles of any age count, by what happened in the period."


def _subtitle(shown: Scope, listed: Listing) -> str:
    view = shown.view
    if view.basis == "published_in":
        said = "One row an article published in the period, unread ones too"
    else:
        said = "One row an article opened in the period, whenever it was published"
    if listed.main == "views":
        said += "; the source cannot tell reading, so views lead"
    return f"{said}. Grey: fewer than 30 to go by."


def _course_said(shown: Scope) -> str:
    length = shown.period.length
    return "By hour" if shown.period.grain == "hour" else f"{length} days"


def _course_label(name: str, course: list[float | None]) -> str:
    known = [each for each in course if each is not None]
    return f"Course of {name}, highest {wording.full(max(known))}" if known else ""


def _order_said(order: str) -> str:
    words = {"name": "title", "section": "section", "published_at": "publication", "word_count": "words"}
    return words.get(order) or METRICS[order].label.lower()


def _column_choices(listed: Listing) -> list[tuple[str, str]]:
    hidden = _OF_READING if listed.main == "views" else ()
    return [
        (name, METRICS[name].label if name in METRICS else "Words") for name in CHOICES if name not in hidden
    ]


def _more(view: View, shown: int, count: int) -> Child:
    """Say how many of all rows are here, and offer the rest."""
    said = f"{wording.full(shown)} of {wording.counted(count, 'article')}"
    if shown >= count:
        return said
    offers = [n for n in (MORE_ROWS, min(count, MOST_ROWS)) if shown < n <= count]
    links: list[Child] = []
    for n in dict.fromkeys(offers):
        words = f"Show all {wording.full(n)}" if n == count else f"Show {wording.full(n)}"
        links += [" · ", el("a", words, href=view.href(rows=max(n, 10)))]
    return [said, *links]


def _published_iso(shown: Scope, row: dict[str, Any]) -> str | None:
    at = row["published_at"]
    return local_time(at, shown.zone).isoformat(timespec="seconds") if at else None


def _cell(value: Any) -> Cell:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _unique(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Keep the first of each value: a source can stand in two channels, a filter names it once."""
    return list({value: (value, label) for value, label in reversed(pairs)}.values())[::-1]
