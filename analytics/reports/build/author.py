"""The author's tear sheet: how a month ran, or one piece. It holds no rank and nobody else's figures."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from analytics import wording
from analytics.language import _, begun
from analytics.metrics import FEW_SET
from analytics.queries import comparison, figures, library, lists
from analytics.reports.build import parts
from analytics.reports.build.asked import Asked
from analytics.reports.build.piece import piece
from analytics.reports.pieces import span_of
from analytics.reports.report import Block, Report, Table

HEAD = (
    "views", "reads", "read_rate", "engaged_median", "finish_rate", "score", "comments", "comment_rate",
)  # fmt: skip
OUTPUT = ("reads", "read_rate", "engaged_median", "comments")
WIDE = ("views", "finish_rate", "comment_rate")
AT_AGE = {"24h": "after_24h", "7d": "after_7d"}  # pages.md 5: how a piece stood after 24 h and 7 d
STANDING = ("score", "score_n")


def author(asked: Asked) -> Report:
    """Build the sheet of the author that the filter names, or of one article of theirs."""
    if asked.span:
        return piece(asked)
    names = lists.countable(HEAD, asked.where)
    found = comparison.totals(asked.store, names, asked.ask(), asked.now, asked.against)
    published = lists.listing(
        asked.store,
        (*OUTPUT, *WIDE, "score"),
        asked.ask("article", basis="published_in", horizon="to_date"),
        asked.now,
    )
    nothing = parts.nothing_said(asked, found)
    if nothing and published.count:
        nothing = ""
    blocks: list[Block] = [parts.numbers(asked, found)]
    if not nothing:
        offers: parts.Offers = {
            "course": lambda: [parts.course(asked, asked.main)],
            "published": lambda: _pieces(asked, published),
            "read": lambda: [_read(asked, published)],
            "sources": lambda: [parts.sources(asked)],
        }
        blocks += parts.chosen(asked, offers)
    return parts.finished(
        asked,
        kind="author",
        title=_title(asked),
        sentence=parts.sentence(asked, found[asked.main if asked.main in found else "views"]),
        blocks=blocks,
        href=_href(asked),
        notes=parts.notes(asked, found),
        nothing=nothing,
    )


def _title(asked: Asked) -> str:
    if asked.where.article:
        return library.article(asked.store, asked.site.site_id, asked.where.article[0]).title
    ids = list(asked.where.author)
    return wording.listed(library.describe(asked.store, asked.site.site_id, "author", ids)["name"].to_list())


def _href(asked: Asked) -> str:
    if asked.where.article:
        return asked.article_href(asked.where.article[0])
    return (
        asked.href(f"/authors/{asked.where.author[0]}", author="") if asked.where.author else asked.href("/")
    )


def _pieces(asked: Asked, listed: lists.Listing) -> list[Table]:
    """List the pieces of the period: how they are read so far, and where each stood at two ages."""
    line = _("{pieces}, with all they brought so far.", pieces=wording.counted(listed.count, "piece"))
    so_far = parts.table(asked, listed, OUTPUT, _("Published in these days"), wide=WIDE, shown=15, line=line)
    aged = _at_ages(asked, listed)
    if not any(aged.rows[name].count() for name in AT_AGE.values()):
        return [so_far]
    line = _(
        "{main} 24 hours and 7 days after it came out. The score says where it stands among n pieces of its "
        "section and age: 50 is typical.",
        main=begun(_(asked.main)),
    )
    columns = (*AT_AGE.values(), *STANDING)
    return [so_far, parts.table(asked, aged, columns, _("After a day and after a week"), shown=15, line=line)]


def _at_ages(asked: Asked, listed: lists.Listing) -> lists.Listing:
    """Put beside each piece what it had brought at two ages, null where it is younger; grey scores go."""
    rows, main = listed.rows, asked.main
    for horizon, name in AT_AGE.items():
        ask = asked.ask("article", basis="published_in", horizon=horizon)
        board = figures.ranking(asked.store, [main], ask, asked.now, order=main)
        then = board.select("id", pl.col(main).alias(name), was_seen=True)
        reached = pl.col("published_at") + span_of(horizon) <= asked.now
        # What nobody had opened by then is in no ranking: 0. Where it could not be measured, null stays.
        known = pl.when(pl.col("was_seen").is_null()).then(0).otherwise(name)
        rows = (
            rows.join(then, on="id", how="left", maintain_order="left")
            .with_columns(pl.when(reached).then(known).alias(name))
            .drop("was_seen")
        )
    if "score" in rows.columns:
        rows = rows.with_columns(score=pl.when(pl.col("score_n") >= FEW_SET).then("score"))
    return replace(listed, rows=rows)


def _read(asked: Asked, published: lists.Listing) -> Table:
    """List the older pieces that were read in the period."""
    listed = lists.listing(asked.store, (*OUTPUT, *WIDE), asked.ask("article"), asked.now)
    older = listed.rows.filter(~pl.col("id").is_in(published.rows["id"].to_list()))
    line = _(
        "{pieces} from before that were read in these days.", pieces=wording.counted(older.height, "piece")
    )
    listed = replace(listed, rows=older, count=older.height)
    return parts.table(asked, listed, OUTPUT, _("Older pieces"), wide=WIDE, shown=10, line=line)
