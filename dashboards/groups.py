"""Tables of authors, topics and sections: one row a group, with what its articles brought.

The pages of these three differ in their columns and sentences; how a row is made, what is grey, what
"(none)" and the last row say is the same for all and stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from dash.development.base_component import Component

from analytics import marks, wording
from analytics.exports import Cell
from analytics.language import N_, _, begun, inside
from analytics.metrics import DIMENSIONS, METRICS
from analytics.queries import lists, standing
from analytics.queries.figures import Figure
from analytics.queries.lists import Listing
from dashboards import cards, components, controls, downloads, tables
from dashboards.components import Link
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.scope import Scope
from dashboards.tables import Column, Value

Arrange: TypeAlias = "Callable[[list[dict[str, Value]]], list[dict[str, Value]]]"
OF_READING = ("reads", "read_rate", "engaged_median", "finish_rate", "engaged", "no_beacon_share")
BESIDE = ("published", "per_article", "ghosts", "production_share", "read_share", "balance", "last_ten")
_NO_TOTAL = ("per_article", "production_share", "read_share", "last_ten", "ghosts")
LATE = ("score", "ghosts")  # columns that leave before the trend of the weeks
ROW_HEIGHT = 44
WEEKS = 8
ROWS, MORE_ROWS = 50, 200
CREDITS = {"full": N_("Full credit"), "equal": N_("Equal credit"), "first": N_("Credit to the first")}


def listed(shown: Scope, split: str, names: Sequence[str], limit: int | None) -> Listing:
    """Ask for the groups of a view, with the metrics among `names`."""
    asked = [name for name in names if name in METRICS]
    if "comment_rate" in asked:
        asked += ["comments", "comments_per_1000_views"]
    return lists.listing(
        shown.desk.store,
        [*asked, "no_signal_share"],
        shown.ask(split),
        shown.now,
        sort=shown.view.sort,
        limit=limit,
        with_ghosts="ghosts" in names,
    )


def shown_columns(wanted: Sequence[str], found: Listing) -> list[str]:
    """Keep the columns of which anything is known; where reads are not, views stand for them."""
    names = list(wanted)
    if found.main == "views":
        names = ["comments_per_1000_views" if name == "comment_rate" else name for name in names]
        names = [name for name in names if name not in OF_READING]
        names = names if {"views", "read_share"} & set(names) else ["views", *names]
    return [
        name
        for name in dict.fromkeys(names)
        if name in BESIDE or (name in found.total and found.total[name].value is not None)
    ]


def chosen(view: View, usual: Sequence[str], all_: Sequence[str]) -> list[str]:
    """Read the wanted columns from the address, in the order of the page."""
    return [name for name in all_ if name in view.cols] or list(usual)


def choices(all_: Sequence[str], found: Listing) -> list[tuple[str, str]]:
    """List the columns that can be chosen, with their labels."""
    hidden = OF_READING if found.main == "views" else ()
    labels = {name: _(heading.title) for name, heading in cards.HEADINGS.items() if name not in METRICS}
    labels |= {
        "ghosts": _("Ghosts"),
        "per_article": _("Median per article"),
        "production_share": _("Share of pieces"),
    }
    labels |= {"read_share": _("Share of {main}", main=_(found.main)), "published": _("Pieces")}
    labels["balance"] = _("{main} ÷ pieces", main=begun(_(found.main)))
    if found.main == "views":
        labels["comment_rate"] = METRICS["comments_per_1000_views"].label
    return [(name, labels.get(name) or METRICS[name].label) for name in all_ if name not in hidden]


def table(
    shown: Scope,
    found: Listing,
    names: Sequence[str],
    href: Callable[[str], str],
    *,
    name: str,
    height: int = 640,
    most_rows: int = tables.AUTO_HEIGHT_ROWS,
    arranged: Arrange | None = None,
) -> Component:
    """Draw the table of the groups of a view.

    Args:
        shown: The view, resolved.
        found: Of `listed`.
        names: Columns, of `shown_columns`.
        href: Gives the address of a group's page.
        name: Id of the grid.
        height: In pixels, with more rows than `most_rows`.
        most_rows: Up to here the table is as high as its rows.
        arranged: Puts the rows under others that open them.
    """
    dimension = DIMENSIONS[found.split]
    rows = _rows(shown, found, names, href)
    return tables.grid(
        name,
        _columns(found, names, dimension.label),
        arranged(rows) if arranged else rows,
        _("{plural} by {order_said}", plural=dimension.plural, order_said=_order_said(found.order)),
        total=_total(found, names),
        by_address=True,
        row_height=ROW_HEIGHT,
        height=height,
        most_rows=most_rows,
    )


def card(
    shown: Scope,
    found: Listing,
    names: Sequence[str],
    href: Callable[[str], str],
    *,
    name: str,
    title: str,
    subtitle: str,
    all_columns: Sequence[str],
    height: int = 640,
    most_rows: int = tables.AUTO_HEIGHT_ROWS,
    class_name: str = "",
    arranged: Arrange | None = None,
) -> Component:
    """Put the table into its card, with the choice of columns, its file and how many rows there are.

    Args:
        shown: The view, resolved.
        found: Of `listed`.
        names: Columns shown.
        href: Gives the address of a group's page.
        name: Of the download; the grid's id is `<name>-grid`.
        title: Of the card.
        subtitle: Defines a row.
        all_columns: All that can be chosen.
        height: Of a table of more than `most_rows`, in pixels.
        most_rows: Up to here the table is as high as its rows.
        class_name: Columns of the page's grid.
        arranged: As of `table`.
    """
    if not found.count:
        return components.card(title, nothing(shown, found), class_name=class_name)
    return components.card(
        title,
        table(
            shown,
            found,
            names,
            href,
            name=f"{name}-grid",
            height=height,
            most_rows=most_rows,
            arranged=arranged,
        ),
        subtitle=subtitle,
        links=(Link(_("Download CSV"), downloads.href(name, shown.view), f"{name}.csv"),),
        extra=controls.columns(shown.view, choices(all_columns, found), names),
        foot=_foot(shown.view, found, inside(title)),
        class_name=class_name,
    )


def nothing(shown: Scope, found: Listing) -> Component:
    """Say why there are no groups: no readers, or articles that name none."""
    dimension = DIMENSIONS[found.split]
    one, many = inside(dimension.label), inside(dimension.plural)
    if not found.rows.height:
        return cards.nothing(shown, many)
    return components.empty(
        _("No article of this period has an author.")
        if dimension.id == "author"
        else _("No article of this period has a {one}.", one=one),
        _("Articles get their {many} from the catalogue: import or post it with {many}.", many=many),
    )


def credit_said(view: View, found: Listing) -> str:
    """Say how articles of several authors or topics count, and what rows add to."""
    adds = (
        _("rows add to {adds_to} of {main}", adds_to=wording.percent(found.adds_to), main=_(found.main))
        if found.adds_to
        else ""
    )
    return ", ".join(part for part in [_(CREDITS.get(view.credit, CREDITS["full"])), adds] if part)


def file(found: Listing, names: Sequence[str]) -> downloads.Rows:
    """Give the rows of a download: rank, id, name and the columns shown, rates with n and interval."""
    numbers = [
        each
        for name in names
        for each in (cards.csv_columns([name]) if name in METRICS else _beside_csv(name))
    ]
    columns = ["rank", "id", "name", *numbers]
    return columns, [[_cell(row.get(name)) for name in columns] for row in found.rows.to_dicts()]


def _beside_csv(name: str) -> list[str]:
    return {"per_article": ["per_article", "per_article_n"], "last_ten": []}.get(name, [name])


def _cell(value: Any) -> Cell:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _columns(found: Listing, names: Sequence[str], label: str) -> list[Column]:
    order, is_down = found.order, found.is_descending
    by_name: Literal["", "asc", "desc"] = "" if order != "name" else "desc" if is_down else "asc"
    numbers = [cards.metric_column(n, main=found.main, order=order, is_descending=is_down) for n in names]
    # On phones a row says its pieces, its reads or their share, and draws the chip or the strip that it has.
    told = {"published", found.main if found.main in names else "read_share", "balance", "last_ten"}
    numbers = [replace(column, on_phone=column.field in told) for column in numbers]
    # Where shares lead, the order says enough.
    rank = [] if "balance" in names else [Column("rank", "#", "rank", width=cards.rank_width(found.rows))]
    # Where it gets narrow, the trend outlives what only a wide table has room for.
    late = [column for column in numbers if column.field in LATE]
    columns = [
        *rank,
        Column("name", label, "title", width=0, sort=by_name, least=96),
        *[column for column in numbers if column not in late],
        Column("course", _("{weeks} weeks", weeks=WEEKS), "mark", width=80, on_phone="last_ten" not in names),
        *late,
    ]
    return tables.fitted(columns)


def _rows(
    shown: Scope, found: Listing, names: Sequence[str], href: Callable[[str], str]
) -> list[dict[str, Value]]:
    drawn = lists.weekly(shown.desk.store, found.main, shown.ask(found.split), shown.now, WEEKS)
    courses = {row["id"]: row["values"] for row in drawn.to_dicts()}
    ranks = cards.rank_words(found.rows["rank"].to_list())
    tens = _last_tens(shown, found) if "last_ten" in names else {}
    return [
        {
            "id": row["id"] or "(none)",
            "rank": rank,
            "name": row["name"],
            "href": href(row["id"]) if row["id"] is not None else None,
            "course": _course(row["name"], courses.get(row["id"])),
            **cells(row, names, found.main),
            "last_ten": tens.get(row["id"]),
        }
        for row, rank in zip(found.rows.to_dicts(), ranks, strict=True)
    ]


def _last_tens(shown: Scope, found: Listing) -> dict[str, marks.Mark]:
    """Draw where the last ten articles of each group stand."""
    ids = [each for each in found.rows["id"].to_list() if each is not None]
    told = standing.last_ten(shown.desk.store, shown.ask(found.split), ids, shown.now)
    return {key: marks.strip(places, label=ten_said(places)) for key, places in told.iter_rows()}


def ten_said(places: Sequence[int | None]) -> str:
    """Say of the last articles how many stood where."""
    counted = [
        f"{places.count(place)} {word}"
        for place, word in (
            (1, _("above")),
            (0, _("on the middle")),
            (-1, _("below")),
            (None, _("not known")),
        )
        if place in places
    ]
    return _("Last {places}: {list}", places=wording.counted(len(places), "article"), list=", ".join(counted))


def cells(row: dict[str, Any], names: Sequence[str], main: str) -> dict[str, Value]:
    """Give a row of groups its numbers: of METRICS, and those that stand beside them."""
    made = cards.metric_cells(row, names)
    if "per_article" in names:
        n = row.get("per_article_n")
        made["per_article_few"] = bool(row.get("per_article_few"))
        made["per_article_tip"] = f"n {wording.counted(n, 'article')}" if n is not None else ""
    made["published_told"] = wording.counted(row.get("published"), "piece")
    made["read_share_told"] = _(
        "{read_share} of {main}", read_share=wording.percent(row.get("read_share")), main=_(main)
    )
    if "balance" in names:
        made["balance"] = wording.balance_chip(row["balance"], row["place"], row["published"])
    return made


def _course(name: str, values: list[float | None] | None) -> marks.Mark | None:
    known = [each for each in values or [] if each is not None]
    if not values or not known:
        return None
    highest = wording.table(max(known))
    return marks.sparkline(
        values,
        width=64,
        label=_("{weeks} weeks of {name}, highest {highest}", weeks=WEEKS, name=name, highest=highest),
    )


def _total(found: Listing, names: Sequence[str]) -> dict[str, Value]:
    said = _("All {count}", count=wording.full(found.count))
    return {"id": "total", "name": said, **whole_cells(found.total, names, found.main)}


def whole_cells(total: Mapping[str, Figure], names: Sequence[str], main: str) -> dict[str, Value]:
    """Give a row over several groups its numbers; what only one group has stays blank."""
    empty = [name for name in _NO_TOTAL if name in names]
    return {
        **cards.total_cells(total, [name for name in names if name not in empty]),
        "published_told": wording.counted(total["published"].value, "piece"),
        "read_share_told": wording.counted(total[main].value, main.removesuffix("s")),
        **{f"{name}_words": " " for name in empty},
    }


def _order_said(order: str) -> str:
    if order in METRICS:
        return inside(METRICS[order].label)
    return inside(_(cards.HEADINGS[order].title)) if order in cards.HEADINGS else order


def _foot(view: View, found: Listing, what: str) -> Child:
    """Say how many of all rows are here, and offer the rest."""
    here = found.rows.filter(found.rows["id"].is_not_null()).height
    said = _("{here} of {count} {what}", here=wording.full(here), count=wording.full(found.count), what=what)
    if here >= found.count:
        return said
    return [
        said,
        " · ",
        el(
            "a",
            _("Show all {count}", count=wording.full(found.count)),
            href=view.href(rows=max(found.count, 10)),
        ),
    ]
