"""The report of a saved view: what its page shows, under its filters, for the days that are due.

A saved view is an address. Its page says which report it becomes; its parameters say the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import unquote_plus

import msgspec
import polars as pl

from analytics import wording
from analytics.errors import UsageError, did_you_mean
from analytics.exports import Cell
from analytics.language import N_, _, inside
from analytics.metrics import DIMENSIONS
from analytics.queries import lists, ways
from analytics.queries.ask import BASES_OF_TIME, CREDITS, HORIZONS
from analytics.reports.build import parts
from analytics.reports.build.asked import FILTERS, Asked, Order
from analytics.reports.build.author import author
from analytics.reports.build.comments import comments
from analytics.reports.build.morning import morning
from analytics.reports.build.weekly import weekly
from analytics.reports.report import Block, Column, Report, Table

Split = Literal["article", "author", "topic", "section"]
OF_ARTICLES = ("reads", "read_rate", "engaged_median", "comments")
MORE_OF_ARTICLES = ("views", "finish_rate", "comment_rate", "recirculation", "score")
OF_GROUPS = ("published", "reads", "per_article", "read_rate")
MORE_OF_GROUPS = ("views", "production_share", "read_share", "comment_rate", "engaged", "score")
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A page whose views can be sent: what builds it, and its days where the address names none."""

    title: str
    build: Callable[[Asked], Report]
    period: str


def opened(order: Order) -> Order:
    """Read the address of a view into an order: its site, days and filters, under those of the report.

    Raises:
        UsageError: Views of its page cannot be sent.
    """
    page = opened_page(order.query)
    given = _parameters(order.query)
    where = {name: tuple(given[name]) for name in FILTERS if given.get(name)}
    split, _slash, item = _path(order.query).partition("/")
    if item:
        where[{"articles": "article", "authors": "author", "topics": "topic"}[split]] = (item,)
    period = order.period or _first(given, "period" if split != "weekly" else "week") or page.period
    site = order.site or _first(given, "site")
    return replace(order, site=site, period=period, where={**where, **order.where})


def is_sent(address: str) -> bool:
    """Tell whether views of the page of an address can be sent."""
    try:
        opened_page(address)
    except UsageError:
        return False
    return True


def view(asked: Asked) -> Report:
    """Build what the page of a view shows, under the view's name."""
    page = opened_page(asked.order.query)
    report = page.build(asked)
    name = asked.order.name or _(page.title)
    subject = f"{name}{report.subject.removeprefix(report.title)}"
    return msgspec.structs.replace(report, kind="view", title=name, subject=subject)


def opened_page(address: str) -> Page:
    """Find the page of an address: the list of a kind, or the page of one of them.

    Raises:
        UsageError: Views of its page cannot be sent.
    """
    first, _slash, item = _path(address).partition("/")
    found = ONE.get(first) if item else PAGES.get(first)
    if found is None:
        known = [f"/{name}" for name in PAGES]
        raise UsageError(
            _("A view of /{first} cannot be sent.", first=first[:40]),
            did_you_mean(f"/{first[:40]}", known)
            or _("Views of these can: {known}.", known=wording.listed(known)),
        )
    return found


def _path(address: str) -> str:
    return unquote_plus(address.partition("?")[0].replace("+", "%2B")).strip("/")


def _parameters(address: str) -> dict[str, list[str]]:
    """Split a query before decoding it, so that an encoded comma stays part of its value."""
    pairs = (part.partition("=") for part in address.partition("?")[2].split("&") if part)
    return {
        unquote_plus(name): [unquote_plus(v) for v in raw.split(",") if v] for name, _equals, raw in pairs
    }


def _first(given: dict[str, list[str]], name: str, known: tuple[str, ...] = ()) -> str:
    value = next(iter(given.get(name, [])), "")
    return value if value in known or not known else ""


def _articles(asked: Asked) -> Report:
    return _list(asked, "article", _("Articles"), "/articles")


def _authors(asked: Asked) -> Report:
    return _list(asked, "author", _("Authors"), "/authors")


def _topics(asked: Asked) -> Report:
    split: Split = "topic" if _first(_parameters(asked.order.query), "split") == "topic" else "section"
    return _list(asked, split, _("Topics") if split == "topic" else _("Sections"), "/topics")


def _list(asked: Asked, split: Split, title: str, path: str) -> Report:
    """Build a page of a list: its figures, its course, and all of its rows in its order."""
    given = _parameters(asked.order.query)
    how = {
        "basis": _first(given, "basis", BASES_OF_TIME) or "read_in",
        "horizon": _first(given, "horizon", tuple(HORIZONS)) or "7d",
        "credit": _first(given, "credit", CREDITS) or "full",
    }
    text = " ".join(given.get("q", []))
    asked = replace(asked, where=asked.where.only(text=text)) if text else asked
    names, wide = (OF_ARTICLES, MORE_OF_ARTICLES) if split == "article" else (OF_GROUPS, MORE_OF_GROUPS)
    counted = [name for name in (*names, *wide) if name not in parts.BESIDE]
    listed = lists.listing(
        asked.store, counted, asked.ask(split, **how), asked.now, sort=_first(given, "sort")
    )
    cohort = _("published in these days") if how["basis"] == "published_in" else _("in these days")
    table = parts.table(
        asked,
        listed,
        names,
        title,
        wide=wide,
        shown=SHOWN,
        line=_(
            "{rows} {when}, in the order of the view.",
            rows=f"{wording.full(listed.count)} {inside(_label(split, listed.count))}",
            when=cohort,
        ),
    )
    return _finished(asked, title, path, [table])


def _label(split: str, many: int) -> str:
    return DIMENSIONS[split].label if many == 1 else DIMENSIONS[split].plural


def _audience(asked: Asked) -> Report:
    """Build the page of audience and sources: ways in, and named sources."""
    frame = ways.ways_in(asked.store, asked.ask(), asked.now, asked.against)
    named = ways.sources(asked.store, asked.ask(), asked.now, SHOWN).filter(pl.col("id").is_not_null())
    shared = [Column("views", _("Views"), "views"), Column("share", _("of all"), "share")]
    columns = [Column("name", _("Way in")), *shared, Column("change", _("vs before"), "change")]
    rows: list[list[Cell]] = [
        list(row) for row in frame.select("name", "views", "views_share", "views_change").rows()
    ]
    of_sources = [Column("name", _("Source")), *shared, Column("read_rate", _("Read rate"), "share")]
    source_rows: list[list[Cell]] = [
        list(row) for row in named.select("id", "views", "views_share", "read_rate").rows()
    ]
    return _finished(
        asked,
        _("Audience and sources"),
        "/audience",
        [
            Table(title=_("Ways in"), columns=columns, rows=rows, shown=SHOWN),
            Table(title=_("Named sources"), columns=of_sources, rows=source_rows, shown=SHOWN),
            parts.sources(asked),
        ],
    )


def _finished(asked: Asked, title: str, path: str, blocks: list[Block]) -> Report:
    found = parts.cards(asked)
    nothing = parts.nothing_said(asked, found)
    first: list[Block] = [parts.numbers(asked, found)]
    return parts.finished(
        asked,
        kind="view",
        title=title,
        sentence=parts.sentence(asked, found[asked.main if asked.main in found else "views"]),
        blocks=first if nothing else [*first, parts.course(asked, asked.main), *blocks],
        href=asked.href(path),
        notes=parts.notes(asked, found),
        nothing=nothing,
    )


PAGES = {
    "": Page(N_("Overview"), morning, "yesterday"),
    "articles": Page(N_("Articles"), _articles, "7d"),
    "authors": Page(N_("Authors"), _authors, "28d"),
    "topics": Page(N_("Topics"), _topics, "28d"),
    "comments": Page(N_("Comments"), comments, "7d"),
    "audience": Page(N_("Audience and sources"), _audience, "28d"),
    "weekly": Page(N_("Weekly review"), weekly, "week"),
}
ONE = {
    "articles": Page(N_("Article"), author, "28d"),
    "authors": Page(N_("Author"), author, "28d"),
    "topics": Page(N_("Topic"), weekly, "28d"),
}
