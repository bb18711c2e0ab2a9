"""The weekly review, also of one section or topic: numbers, pieces, topics, authors, talk, sources."""

from __future__ import annotations

from analytics.language import _, inside
from analytics.metrics import DIMENSIONS, METRICS
from analytics.queries import lists
from analytics.reports.build import parts
from analytics.reports.build.asked import Asked
from analytics.reports.build.decisions import decisions
from analytics.reports.build.morning import by_day
from analytics.reports.build.rhythm import gaps
from analytics.reports.build.standing import ghosts, goals, moved, outside, talk
from analytics.reports.report import Block, Report, Table

PIECES = ("reads", "read_rate", "engaged_median", "comments")
MORE = ("views", "finish_rate", "comment_rate")
COUNTED = ("reads", "views", "read_rate")
GROUPS = ("published", "reads", "production_share", "read_share")
OUTPUT = ("published", "reads", "per_article")
WIDE = ("views", "per_article", "read_rate")


def weekly(asked: Asked) -> Report:
    """Build the review of the whole newsroom."""
    return review(asked, "weekly", _("Weekly review"), "/")


def of_section(asked: Asked) -> Report:
    """Build the review of one section."""
    return review(asked, "section", _one(asked, "section"), "/articles")


def of_topic(asked: Asked) -> Report:
    """Build the review of one topic."""
    return review(asked, "topic", _one(asked, "topic"), "/articles")


def _one(asked: Asked, dimension: str) -> str:
    """Name what the review is of; without a filter, its kind."""
    label = DIMENSIONS[dimension].label
    return asked.filtered_said().removeprefix(f"{inside(label)} ") or label


def review(asked: Asked, kind: str, title: str, path: str) -> Report:
    """Build a review under whatever filter there is."""
    found = parts.cards(asked)
    nothing = parts.nothing_said(asked, found)
    blocks: list[Block] = [parts.numbers(asked, found)]
    if not nothing:
        blocks += parts.chosen(asked, _offers(asked, kind))
    return parts.finished(
        asked,
        kind=kind,
        title=title,
        sentence=parts.sentence(asked, found[asked.main if asked.main in found else "views"]),
        blocks=blocks,
        href=asked.href(path),
        notes=parts.notes(asked, found),
        nothing=nothing,
    )


def _offers(asked: Asked, kind: str) -> parts.Offers:
    """Name what a review may hold below its numbers, in order; gaps are of a section or topic."""
    of_part: parts.Offers = {} if kind == "weekly" else {"gaps": lambda: [gaps(asked)]}
    return {
        "course": lambda: [parts.course(asked, asked.main)],
        "days": lambda: [by_day(asked)] if 1 < asked.period.length <= 7 else [],
        "top": lambda: [parts.most_read(asked, _("Most read"))],
        "expected": lambda: outside(asked),
        "published": lambda: [_published(asked)],
        "ghosts": lambda: ghosts(asked),
        **of_part,
        "groups": lambda: [_groups(asked)],
        "authors": lambda: [authors(asked)],
        "talk": lambda: talk(asked),
        "sources": lambda: [parts.sources(asked)],
        "moved": lambda: moved(asked),
        "goals": lambda: goals(asked),
        "decisions": lambda: decisions(asked),
    }


def _published(asked: Asked) -> Table:
    """List what was published in these days, by what it brought in its first seven days."""
    ask = asked.ask("article", basis="published_in", horizon="7d")
    listed = lists.listing(asked.store, (*PIECES, *MORE), ask, asked.now)
    running = (
        _(" Pieces younger than 7 days are still counted on.") if "is_running" in listed.rows.columns else ""
    )
    return parts.table(
        asked,
        listed,
        PIECES,
        _("Published in these days"),
        wide=MORE,
        line=_("{n} pieces, by what they brought in their first 7 days.", n=listed.count) + running,
    )


def _groups(asked: Asked) -> Table:
    """Set each topic's share of the pieces against its share of the reads; sections where none is known."""
    split = "section" if asked.where.topic else "topic"
    listed = lists.listing(asked.store, COUNTED, asked.ask(split), asked.now)
    if not listed.count and split == "topic":
        split = "section"
        listed = lists.listing(asked.store, COUNTED, asked.ask(split), asked.now)
    title = _("Topics") if split == "topic" else _("Sections")
    return parts.table(asked, listed, GROUPS, title, wide=WIDE, shown=8, line=_adds(listed))


def authors(asked: Asked) -> Table:
    """List what the authors published and how it was read, in the order of their names: no race."""
    listed = lists.listing(asked.store, COUNTED, asked.ask("author"), asked.now, sort="name")
    return parts.table(
        asked, listed, OUTPUT, _("Authors' output"), wide=("views", "read_rate"), shown=12, line=_adds(listed)
    )


def _adds(listed: lists.Listing) -> str:
    if listed.adds_to is None or abs(listed.adds_to - 1) < 0.005:
        return ""
    return _(
        "Rows add to {adds_to} % of {main}: pieces may have several.",
        adds_to=round(listed.adds_to * 100),
        main=inside(METRICS[listed.main].label),
    )
