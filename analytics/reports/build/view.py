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
    split, _, item = _path(order.query).partition("/")
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
    name = asked.order.name or page.title
    subject = f"{name}{report.subject.removeprefix(report.title)}"
    return msgspec.structs.replace(report, kind="view", title=name, subject=subject)


def opened_page(address: str) -> Page:
    """Find the page of an address: the list of a kind, or the page of one of them.

    Raises:
        UsageError: Views of its page cannot be sent.
    """
    first, _, item = _path(address).partition("/")
    found = ONE.get(first) if item else PAGES.get(first)
    if found is None:
        known = [f"/{name}" for name in PAGES]
        raise UsageError(
            f"A view of /{first[:40]} cannot be sent.",
            did_you_mean(f"/{first[:40]}", known) or f"Views of these can: {wording.listed(known)}.",
        )
    return found


def _path(address: str) -> str:
    return unquote_plus(address.partition("?")[0].replace("+", "%2B")).strip("/")


def _parameters(address: str) -> dict[str, list[str]]:
    """Split a query before decoding it, so that an encoded comma stays part of its value."""
    pairs = (part.partition("=") for part in address.partition("?")[2].split("&") if part)
    return {unquote_plus(name): [unquote_plus(v) for v in raw.split(",") if v] for name, _, raw in pairs}


def _first(given: dict[str, list[str]], name: str, known: tuple[str, ...] = ()) -> str:
    value = next(iter(given.get(name, [])), "")
    return value if value in known or not known else ""


def _articles(asked: Asked) -> Report:
    return _list(asked, "article", "Articles", "/articles")


def _authors(asked: Asked) -> Report:
    return _list(asked, "author", "Authors", "/authors")


def _topics(asked: Asked) -> Report:
    split: Split = "topic" if _first(_parameters(asked.order.query), "split") == "topic" else "section"
    return _list(asked, split, "Topics" if split == "topic" else "Sections", "/topics")


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
    cohort = "published in these days" if how["basis"] == "published_in" else "in these days"
    table = parts.table(
        asked,
        listed,
        names,
        title,
        wide=wide,
        shown=SHOWN,
        line=f"{wording.counted(listed.count, split)} {cohort}, in the order of the view.",
    )
    return _finished(asked, title, path, [table])


def _audience(asked: Asked) -> Report:
    """Build the page of audience and sources: ways in, and named sources."""
    frame = ways.ways_in(asked.store, asked.ask(), asked.now, asked.against)
    named = ways.sources(asked.store, asked.ask(), asked.now, SHOWN).filter(pl.col("id").is_not_null())
    shared = [Column("views", "Views", "views"), Column("share", "of all", "share")]
    columns = [Column("name", "Way in"), *shared, Column("change", "vs before", "change")]
    rows: list[list[Cell]] = [
        list(row) for row in frame.select("name", "views", "views_share", "views_change").rows()
    ]
    of_sources = [Column("name", "Source"), *shared, Column("read_rate", "Read rate", "share")]
    source_rows: list[list[Cell]] = [
        list(row) for row in named.select("id", "views", "views_share", "read_rate").rows()
    ]
    return _finished(
        asked,
        "Audience and sources",
        "/audience",
        [
            Table(title="Ways in", columns=columns, rows=rows, shown=SHOWN),
            Table(title="Named sources", columns=of_sources, rows=source_rows, shown=SHOWN),
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
    "": Page("Overview", morning, "yesterday"),
    "articles": Page("Articles", _articles, "7d"),
    "authors": Page("Authors", _authors, "28d"),
    "topics": Page("Topics", _topics, "28d"),
    "comments": Page("Comments", comments, "7d"),
    "audience": Page("Audience and sources", _audience, "28d"),
    "weekly": Page("Weekly review", weekly, "week"),
}
ONE = {
    "articles": Page("Article", author, "28d"),
    "authors": Page("Author", author, "28d"),
    "topics": Page("Topic", weekly, "28d"),
}
