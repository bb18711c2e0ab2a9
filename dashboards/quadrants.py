"""The quadrant: the share of the pieces against the share of the reads, for sections or topics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash.development.base_component import Component

from analytics import wording
from analytics.language import _, begun, inside
from analytics.metrics import DIMENSIONS
from analytics.queries import lists
from analytics.queries.lists import Listing
from dashboards import components, figures, tables
from dashboards.figures import Dot
from dashboards.scope import Scope
from dashboards.tables import Column

MOST_NAMES = 10  # more names than this cover each other
_PAINTS = {"above": "accent", "below": "c2"}


def card(shown: Scope, found: Listing, *, height: int, class_name: str = "") -> Component:
    """Draw the quadrant, with its table; or say why there is none.

    Args:
        shown: The view, resolved.
        found: Of `groups.listed`, with `published` and the main metric.
        height: In pixels.
        class_name: Columns of the page's grid.
    """
    title = _("Production against readership")
    drawn = dots(found, is_calm=shown.where.is_calm)
    if not drawn:
        kind = inside(DIMENSIONS[found.split].label)
        why = (
            _("No article of the period has a {kind}, so there are no shares to compare.", kind=kind)
            if found.total["published"].value
            else _("Nothing was published in the period, so there are no shares of pieces to compare with.")
        )
        return components.card(title, components.empty(_("No pieces to place."), why), class_name=class_name)
    figure = figures.quadrant(drawn, x_title=_("share of pieces published"), what=found.main)
    return components.card(
        title,
        components.chart(figure, _said(found), height=height),
        subtitle=_subtitle(shown, found),
        twin=tables.twin(_twin_columns(found), _twin_rows(found), title),
        foot=_foot(found),
        class_name=class_name,
    )


def dots(found: Listing, *, is_calm: bool) -> list[Dot]:
    """Place the groups; those farthest from even are named, and none has a side for who reads calmly."""
    rows = found.rows.filter(
        found.rows["id"].is_not_null() & found.rows["read_share"].is_not_null()
    ).to_dicts()
    rows = [row for row in rows if row["production_share"] is not None]
    far = sorted(rows, key=lambda row: -abs(row["read_share"] - row["production_share"]))
    named = {row["id"] for row in far[:MOST_NAMES]}
    return [
        Dot(
            row["name"],
            row["production_share"],
            row["read_share"],
            row["per_article"] or 0,
            "c6" if is_calm else _PAINTS.get(row["place"] or "", "c6"),
            is_named=row["id"] in named,
        )
        for row in rows
    ]


def _subtitle(shown: Scope, found: Listing) -> str:
    pieces = wording.counted(found.total["published"].value, "piece")
    amount = wording.counted(found.total[found.main].value, found.main.removesuffix("s"), form="compact")
    whose = _("their") if shown.view.basis == "published_in" else _("all")
    return _(
        "Share of {pieces} and of {whose} {amount}; larger dot = more {main} per piece",
        pieces=pieces,
        whose=whose,
        amount=amount,
        main=_(found.main),
    )


def _said(found: Listing) -> str:
    """Describe the picture in one sentence: how many lie on which side."""
    places = found.rows.filter(found.rows["id"].is_not_null())["place"].to_list()
    sides = [
        f"{places.count(place)} {words}"
        for place, words in (
            ("above", _("read more than produced")),
            ("below", _("produced more than read")),
            ("typical", _("even")),
        )
    ]
    sides.append(_("{count} too small to tell", count=places.count(None)))
    return _("Share of pieces against share of {main}: {list}", main=_(found.main), list=", ".join(sides))


def _foot(found: Listing) -> str:
    few = found.rows.filter(found.rows["id"].is_not_null() & found.rows["place"].is_null()).height
    return (
        _(
            "Grey: within 15 %, or fewer than {few_pieces} pieces ({few}).",
            few_pieces=lists.FEW_PIECES,
            few=few,
        )
        if few
        else _("Grey: within 15 %.")
    )


def _twin_columns(found: Listing) -> list[Column]:
    return [
        Column("name", ""),
        Column("published", _("Pieces"), "number", "articles"),
        Column("production_share", _("of all"), "number", "share"),
        Column("main", begun(_(found.main)), "number", found.main),
        Column("read_share", _("of {main}", main=_(found.main)), "number", "share"),
        Column("balance", _("{main} ÷ pieces", main=begun(_(found.main))), "chip"),
    ]


def _twin_rows(found: Listing) -> Sequence[dict[str, Any]]:
    rows = found.rows.to_dicts()
    return [
        {
            "name": row["name"],
            "published": row["published"],
            "production_share": row["production_share"],
            "main": row[found.main],
            "read_share": row["read_share"],
            "balance": wording.balance_chip(row["balance"], row["place"], row["published"]),
        }
        for row in rows
    ]
