"""The shape of a conversation: who answers whom, how few write how much, and what a staff reply brings.

A thread is a comment that answers none (or one that is not known) with all that answers it, at any depth.
Only published comments of the period count.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.metrics import COMMENTS, FEW_N
from analytics.queries import counts
from analytics.queries.ask import Ask
from analytics.store.store import Store
from analytics.store.store import ask as ask_store

BUSIEST = 5
CLASSES = (1, 2, 4, 8)  # comments in a thread: one, 2 to 3, 4 to 7, more
_DEEPEST = 64  # an answer to an answer to ...: a circle of broken data ends there


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of all conversations together.

    Attributes:
        comments: Published comments.
        known: Those whose writer is known.
        top5_share: Part of these by the five busiest; None without any.
        replies: Comments that answer another.
        threads: Conversations.
        pairs: Pairs of writers who answered each other, both ways.
        staff_reply_lift: Later comments in threads with a reply of the staff, less those in threads without
            that had the same size then: the median. None without both.
        with_staff: Threads with a staff reply that others could be found for.
        without: Threads without one that they were held against.
        has_staff: Whether the site names its staff at all.
    """

    comments: int
    known: int
    top5_share: float | None
    replies: int
    threads: int
    pairs: int
    staff_reply_lift: float | None
    with_staff: int
    without: int
    has_staff: bool

    @property
    def is_few(self) -> bool:
        """True where the share of the busiest rests on too little."""
        return self.known < FEW_N

    @property
    def is_lift_few(self) -> bool:
        """True where the lift does."""
        return min(self.with_staff, self.without) < FEW_N


def shape(store: Store, ask: Ask) -> Shape:
    """Measure the conversations of a period and filter."""
    with store.read() as cursor:
        rows = _comments(store, ask)
        answered = ask_store(
            cursor,
            """
            SELECT comment_id AS parent_id, commenter AS answered FROM comment_facts
            WHERE site_id = $site AND is_published AND comment_id IN (SELECT unnest($ids::VARCHAR[]))
            """,
            site=ask.where.site_id,
            ids=rows["parent_id"].drop_nulls().unique().to_list(),
        )
        staff = ask_store(
            cursor, "SELECT commenter FROM staff_commenters WHERE site_id = $site", site=ask.where.site_id
        )["commenter"]
    known = rows.drop_nulls("commenter")
    top = known.group_by("commenter").len().sort("len", descending=True)["len"].head(BUSIEST).sum()
    threads = _threads(rows, staff)
    lift, with_staff, without = _lift(threads)
    return Shape(
        rows.height,
        known.height,
        float(top) / known.height if known.height else None,
        rows["parent_id"].count(),
        threads["root"].n_unique(),
        _pairs(rows.join(answered, on="parent_id")),
        lift,
        with_staff,
        without,
        staff.len() > 0,
    )


def by_few(store: Store, ask: Ask) -> pl.DataFrame:
    """Say which share of the published comments of each article its five busiest writers have.

    Args:
        store: The open store.
        ask: Split by article.

    Returns:
        id, top5_share (0-1) and top5_share_n, the comments whose writer is known; without those no row.
    """
    with store.read() as cursor:
        found = counts.commenters(cursor, ask)
    busiest = pl.col("n").top_k(BUSIEST).sum()
    return found.group_by("id").agg(
        top5_share=busiest / pl.col("n").sum(), top5_share_n=pl.col("n").sum().cast(pl.Int64)
    )


def _comments(store: Store, ask: Ask) -> pl.DataFrame:
    """List published comments: comment_id, parent_id, commenter, created_at."""
    sql = counts.question(COMMENTS, ask, COMMENTS)
    sql.conditions.append("f.is_published")
    sql.keys |= {name: f"f.{name}" for name in ("comment_id", "parent_id", "commenter", "created_at")}
    return store.frame(sql.text(["count(*) AS n"]), **sql.values).drop("n").unique("comment_id")


def _pairs(answers: pl.DataFrame) -> int:
    """Count the pairs of writers of whom each answered the other."""
    one, other = pl.col("commenter"), pl.col("answered")
    ways = answers.drop_nulls(["commenter", "answered"]).filter(one != other)
    directed = ways.select("commenter", "answered").unique()
    back = directed.rename({"commenter": "answered", "answered": "commenter"})
    return directed.join(back.select("commenter", "answered"), on=["commenter", "answered"]).height // 2


def _threads(rows: pl.DataFrame, staff: pl.Series) -> pl.DataFrame:
    """Place each comment in its thread: root, place (from 0, by time), is_staff_reply."""
    up = rows.select("comment_id", up="parent_id")
    found = rows.join(
        rows.select(parent_id="comment_id", is_here=pl.lit(value=True)), on="parent_id", how="left"
    )
    found = found.with_columns(
        root=pl.when(pl.col("is_here").fill_null(value=False)).then("parent_id").otherwise("comment_id")
    )
    known = set(rows["comment_id"])
    for _ in range(_DEEPEST):
        step = found.join(up, left_on="root", right_on="comment_id", how="left")
        climbs = step["up"].is_in(list(known)).fill_null(value=False)
        if not climbs.any():
            break
        found = step.with_columns(root=pl.when(pl.Series(climbs)).then("up").otherwise("root")).drop("up")
    is_staff = pl.col("commenter").is_in(staff.to_list()).fill_null(value=False)
    return (
        found.sort("root", "created_at", "comment_id")
        .with_columns(
            place=pl.int_range(pl.len()).over("root"),
            is_staff_reply=is_staff & (pl.col("comment_id") != pl.col("root")),
        )
        .select("root", "place", "is_staff_reply")
    )


def _lift(threads: pl.DataFrame) -> tuple[float | None, int, int]:
    """Hold threads with a staff reply against those without that had the same size when it came."""
    whole = threads.group_by("root").agg(
        size=pl.len().cast(pl.Int64),
        at=pl.col("place").filter("is_staff_reply").min(),  # so many stood there before it
    )
    classes = pl.DataFrame({"least": CLASSES}, schema={"least": pl.Int64()})
    replied = (
        whole.drop_nulls("at")
        .sort("at")
        .join_asof(classes, left_on="at", right_on="least", strategy="backward")
        .with_columns(later=pl.col("size") - pl.col("at") - 1)
        .drop_nulls("least")
    )
    others = (
        whole.filter(pl.col("at").is_null())
        .join(classes, how="cross")
        .filter(pl.col("size") >= pl.col("least"))
        .with_columns(later=pl.col("size") - pl.col("least"))
    )
    usual = others.group_by("least").agg(usual=pl.col("later").median())
    held = replied.join(usual, on="least")
    if held.is_empty():
        return None, 0, 0
    used = others.join(held.select("least").unique(), on="least", how="semi")
    lift = (held["later"] - held["usual"]).median()
    return float(str(lift)), held.height, used["root"].n_unique()
