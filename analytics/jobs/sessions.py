"""Sessions: events of one visitor no more than the gap apart, at most 24 hours.

A visitor's hash turns at local midnight, so a session is cut there and linked again: in the first
30 minutes of a day an event also bears the hash of the day before (`visitor_prev`). Days are chained
by what they leave open (`carry`), never by reading history.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

LONGEST_HOURS = 24  # metrics.md 5: at most 24 h
ACTIVITY = {
    "day_local": pl.Date(),
    "visitor": pl.UInt64(),
    "visitor_prev": pl.UInt64(),
    "at": pl.Datetime("us"),
}
CARRY = {
    "day_local": pl.Date(),
    "visitor": pl.UInt64(),
    "chain_id": pl.UInt64(),
    "chain_began": pl.Datetime("us"),
    "last_at": pl.Datetime("us"),
}


@dataclass(frozen=True, slots=True)
class Chains:
    """Who was active without a gap, over a run of local days.

    Attributes:
        pieces: One row per visitor, day and stretch without gap: day_local, visitor, began, last_at,
            chain_id, chain_began; `from_carry` where it goes on from before the first day.
        carry: What is still open at the end of each day, in CARRY.
    """

    pieces: pl.DataFrame
    carry: pl.DataFrame

    def session_of(self, views: pl.DataFrame) -> pl.DataFrame:
        """Add `session_id` to views (day_local, visitor, event_at); null without a visitor."""
        found = (
            views.select("day_local", "visitor", "event_at")
            .with_row_index("row")
            .sort("event_at")
            .join_asof(
                self.pieces.sort("began"),
                left_on="event_at",
                right_on="began",
                by=["day_local", "visitor"],
                strategy="backward",
                check_sortedness=False,
            )
            .sort("row")
            .select(session_id=_session(pl.col("event_at")))
        )
        return views.with_columns(found["session_id"])

    def crossing(self) -> pl.DataFrame:
        """Give began_day (the day before), session_id and last_at of what went on over a midnight."""
        return self.pieces.filter(pl.col("chain_began") < pl.col("began")).select(
            began_day=pl.col("day_local").dt.offset_by("-1d"),
            session_id=_session(pl.col("last_at")),
            last_at="last_at",
        )

    def last_at(self) -> pl.DataFrame:
        """Give began_at and last_at of each session_id, as far as these days show them."""
        ends = self.pieces.with_columns(session_id=_session(pl.col("last_at")))
        return ends.group_by("session_id").agg(last_at=pl.col("last_at").max())


def _session(at: pl.Expr) -> pl.Expr:
    part = (at - pl.col("chain_began")).dt.total_hours() // LONGEST_HOURS
    return pl.col("chain_id") ^ part.cast(pl.UInt64)


def chain(activity: pl.DataFrame, carry: pl.DataFrame, day_ends: pl.DataFrame, gap: dt.timedelta) -> Chains:
    """Chain the activity of a run of consecutive local days.

    Args:
        activity: Every view and engagement with a visitor, in ACTIVITY; any order.
        carry: What the day before the run left open, in CARRY.
        day_ends: day_local, day_ends (naive UTC) of the run.
        gap: Longest silence inside a session.

    Returns:
        Pieces with their chain, and what each day leaves open.
    """
    pieces = _pieces(activity, gap)
    rooted = _resolve(_link(pieces, carry, gap))
    open_ = (
        rooted.lazy()
        .join(day_ends.lazy(), on="day_local")
        .filter(pl.col("last_at") >= pl.col("day_ends") - gap)
        .sort("last_at")
        .unique(["day_local", "visitor"], keep="last", maintain_order=True)
    )
    return Chains(rooted, open_.select(*CARRY).sort("day_local", "visitor").collect())


def _pieces(activity: pl.DataFrame, gap: dt.timedelta) -> pl.DataFrame:
    """Cut each visitor's day where the silence is longer than the gap."""
    # Two sorts by one key, of which the second keeps the order of the first, cost a third of one by three.
    ordered = activity.lazy().sort("at").sort("visitor", maintain_order=True)
    is_new = (
        (pl.col("visitor") != pl.col("visitor").shift())
        | (pl.col("day_local") != pl.col("day_local").shift())
        | (pl.col("at") - pl.col("at").shift() > gap)
    )
    cut = ordered.with_columns(piece=is_new.fill_null(value=True).cum_sum()).collect()
    # Its rows lie side by side, so that the first and the last of each are picked instead of grouped.
    begins = (pl.col("piece") != pl.col("piece").shift()).fill_null(value=True)
    ends = (pl.col("piece") != pl.col("piece").shift(-1)).fill_null(value=True)
    came = (
        cut.filter(pl.col("visitor_prev").is_not_null())
        .unique("piece", keep="first", maintain_order=True)
        .select("piece", "visitor_prev")
    )
    return (
        cut.filter(begins)
        .select("piece", "day_local", "visitor", began="at")
        .with_columns(cut.filter(ends)["at"].alias("last_at"))
        .join(came, on="piece", how="left", maintain_order="left")
    )


def _link(pieces: pl.DataFrame, carry: pl.DataFrame, gap: dt.timedelta) -> pl.DataFrame:
    """Find the piece or the carried chain that each piece goes on from, over midnight."""
    ends = pieces.lazy().select(
        day_local=pl.col("day_local").dt.offset_by("1d"),
        visitor_prev="visitor",
        before=pl.col("piece"),
        before_last="last_at",
    )
    carried = carry.lazy().select(
        day_local=pl.col("day_local").dt.offset_by("1d"),
        visitor_prev="visitor",
        before=pl.lit(None, dtype=pl.UInt32),
        before_last="last_at",
        carried_id="chain_id",
        carried_began="chain_began",
    )
    candidates = (
        pl.concat([ends.with_columns(pl.col("before").cast(pl.UInt32)), carried], how="diagonal")
        .sort("before_last")
        .unique(["day_local", "visitor_prev"], keep="last", maintain_order=True)
    )
    linked = (
        pieces.lazy()
        .with_columns(pl.col("piece").cast(pl.UInt32))
        .join(candidates, on=["day_local", "visitor_prev"], how="left")
    )
    goes_on = (pl.col("began") - pl.col("before_last") <= gap).fill_null(value=False)
    own_id = pl.col("visitor") ^ pl.col("began").cast(pl.Int64).cast(pl.UInt64)
    is_carried = goes_on & pl.col("carried_id").is_not_null()
    return linked.with_columns(
        before=pl.when(goes_on).then("before"),
        from_carry=is_carried,
        chain_id=pl.when(is_carried).then("carried_id").otherwise(own_id),
        chain_began=pl.when(is_carried).then("carried_began").otherwise("began"),
    ).collect()


def _resolve(linked: pl.DataFrame) -> pl.DataFrame:
    """Give every piece the chain of its first piece; chains over several midnights take several rounds."""
    while linked["before"].is_not_null().any():
        roots = linked.select(
            before="piece",
            next_before="before",
            root_id="chain_id",
            root_began="chain_began",
            root_carry="from_carry",
        )
        linked = (
            linked.join(roots, on="before", how="left", maintain_order="left")
            .with_columns(
                chain_id=pl.coalesce("root_id", "chain_id"),
                chain_began=pl.coalesce("root_began", "chain_began"),
                from_carry=pl.coalesce("root_carry", "from_carry"),
                before=pl.col("next_before"),
            )
            .drop("next_before", "root_id", "root_began", "root_carry")
        )
    return linked.select("day_local", "visitor", "began", "last_at", "chain_id", "chain_began", "from_carry")
