"""Ways in: the channels by name, in the groups that charts stack, with shares and changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from analytics.language import N_, _
from analytics.periods import Grain, buckets
from analytics.queries import articles, figures
from analytics.queries.ask import Ask
from analytics.queries.comparison import Against, before, with_changes, with_shares
from analytics.queries.health import freshness
from analytics.store.store import Store

LABELS: dict[str | None, str] = {
    "internal": N_("Own pages"),
    "direct": N_("Direct"),
    "search": N_("Search"),
    "social": N_("Social"),
    "newsletter": N_("Newsletters"),
    "push": N_("Push"),
    "ai": N_("AI assistants"),
    "email": N_("E-mail"),
    "paid": N_("Paid"),
    "other_site": N_("Other sites"),
    None: N_("Not known"),
}
GROUPS: dict[str | None, str] = {
    "internal": "own",
    "direct": "own",
    "search": "search",
    "social": "social",
    "newsletter": "newsletter",
    "ai": "ai",
    None: "unknown",
}
GROUP_LABELS = {
    "own": N_("Own pages, direct"),
    "search": N_("Search"),
    "social": N_("Social"),
    "newsletter": N_("Newsletters"),
    "ai": N_("AI assistants"),
    "other": N_("Other"),
    "unknown": N_("Not known"),
}


MOST_SOURCES = 8


def label(channel: str | None) -> str:
    """Name a channel as readers of the screen know it."""
    return _(LABELS[channel]) if channel in LABELS else str(channel)


def ways_in(store: Store, ask: Ask, now: dt.datetime, against: Against) -> pl.DataFrame:
    """Count views by channel, with their share and the change since the period before.

    Under a filter on one channel the rows are its named sources.

    Args:
        store: The open store.
        ask: Filter and days.
        now: Naive UTC.
        against: `year_ago`, `none`, or anything else for the period before.

    Returns:
        id (channel or source; null where it is not known), name, group, views, views_share, views_change,
        views_is_new, views_is_few; most views first.
    """
    by = replace(ask, split=split_of(ask))
    limit = None if by.split == "channel" else MOST_SOURCES
    rows = with_shares(figures.board(store, ["views"], by, now, order="views", limit=limit), "views")
    past = before(by, now, against, freshness(store, ask.where.site_id, now)) if against != "none" else None
    earlier = figures.ranking(store, ["views"], past, now, order="views") if past else None
    named = _named(rows.filter(pl.col("views") > 0), ask)
    return with_changes(named, earlier, "views").select(
        "id", "name", "group", "views", "views_share", "views_change", "views_is_new", "views_is_few"
    )


def split_of(ask: Ask) -> str:
    """Choose what the ways in are split by: channels, or the sources of the one channel chosen."""
    chosen = ask.where.channel
    return "source" if len(chosen) == 1 and not chosen[0].startswith("!") else "channel"


def channels(store: Store, ask: Ask, now: dt.datetime) -> pl.DataFrame:
    """Count views by channel with what came of them.

    Returns:
        id (channel; null: not known), group, views, views_share, reads, read_rate with `_n`, `_low`, `_high`;
        in the order in which groups are stacked, most views first in each.
    """
    by = replace(ask, split="channel")
    board = figures.board(store, ["views", "reads", "read_rate"], by, now, order="views", limit=None)
    rows = with_shares(board, "views").filter(pl.col("views") > 0).with_columns(group=_group("id"))
    place = {name: n for n, name in enumerate(GROUP_LABELS)}
    stacked = rows.sort(pl.col("group").replace_strict(place), -pl.col("views"))
    return stacked.drop("rank", "was_counted", strict=False)


def sources(store: Store, ask: Ask, now: dt.datetime, limit: int = 12) -> pl.DataFrame:
    """Count views by named source with what came of them.

    Returns:
        id (source; null: without a name), views, views_share, reads, read_rate with `_n`, `_low`, `_high`,
        engaged_median with `_n`; most views first.
    """
    by = replace(ask, split="source")
    names = ["views", "reads", "read_rate", "engaged_median"]
    board = figures.board(store, names, by, now, order="views", limit=limit)
    return with_shares(board, "views").sort("views", descending=True)


def leading(store: Store, ask: Ask, now: dt.datetime) -> str:
    """Name the channel of more than half of the views, as it reads inside a line; empty where none is."""
    found = ways_in(store, replace(ask, where=ask.where.only(channel=())), now, "none").head(1)
    if not found.height or found["id"][0] is None or found["views_share"][0] <= 0.5:
        return ""
    return inside(found["id"][0])


def inside(channel: str | None) -> str:
    """Name a channel inside a line: "search", "own pages", but "AI assistants"."""
    name = label(channel)
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def assistants(store: Store, ask: Ask, now: dt.datetime, limit: int = 4) -> pl.DataFrame:
    """Name the AI assistants that sent readers.

    Returns:
        id (the assistant), views, views_share (of all that assistants sent); most views first.
    """
    by = replace(ask, split="source", where=ask.where.only(channel=("ai",)))
    rows = figures.ranking(store, ["views"], by, now, order="views")
    share = (pl.col("views") / pl.col("views").sum()).alias("views_share")
    named = rows.select("id", "views", share).filter(pl.col("id").is_not_null())
    return named.head(limit).filter(pl.col("views") > 0)


def shares_of(
    store: Store, ask: Ask, ids: Sequence[str], groups: Sequence[str], now: dt.datetime
) -> pl.DataFrame:
    """Say which part of the views of some articles came by groups of ways in.

    Args:
        store: The open store.
        ask: Filter and days.
        ids: Articles.
        groups: Of GROUP_LABELS, but `other` and `unknown`.
        now: Naive UTC.

    Returns:
        id and a column of each group (0-1; null without views); one row an article, in the order of the ids.
    """
    of_articles = replace(ask, split="article", where=ask.where.only(article=tuple(ids)))
    shares = pl.DataFrame({"id": list(ids)}, schema={"id": pl.String()})
    whole = figures.ranking(store, ["views"], of_articles, now, order="views").select("id", whole="views")
    for group in groups:
        channels = tuple(channel for channel, of in GROUPS.items() if of == group and channel)
        part = replace(of_articles, where=of_articles.where.only(channel=channels))
        found = figures.ranking(store, ["views"], part, now, order="views").select("id", part="views")
        beside = whole.join(found, on="id", how="left").filter(pl.col("whole") > 0)
        share = (pl.col("part").fill_null(0) / pl.col("whole")).alias(group)
        shares = shares.join(beside.select("id", share), on="id", how="left", maintain_order="left")
    return shares


def over_time(store: Store, ask: Ask, grain: Grain) -> pl.DataFrame:
    """Count views by group of channels and bucket.

    Args:
        store: The open store.
        ask: Filter and days.
        grain: `hour`, or `day` for anything longer.

    Returns:
        at (local Datetime) and a column of each group of GROUP_LABELS; every bucket of the period is
        there, with 0 where nobody came.
    """
    by: Grain = "hour" if grain == "hour" else "day"
    spans = buckets(ask.period, by)
    places = pl.DataFrame(
        {
            "at": [each.local for each in spans],
            "key": [each.begins if by == "hour" else each.local.date() for each in spans],
        },
        schema={"at": pl.Datetime("us"), "key": pl.Datetime("us") if by == "hour" else pl.Date()},
    )
    found = articles.channels_over_time(store, ask, by).with_columns(group=_group("channel"))
    counted = [pl.col("views").filter(pl.col("group") == name).sum().alias(name) for name in GROUP_LABELS]
    summed = found.group_by(key="at").agg(counted)
    return (
        places.join(summed, on="key", how="left")
        .with_columns(pl.col(*GROUP_LABELS).fill_null(0))
        .drop("key")
        .sort("at")
    )


def group_shares(frame: pl.DataFrame) -> dict[str, float | None]:
    """Give the share of each group in all views of `over_time`."""
    sums = {name: int(frame[name].sum()) for name in GROUP_LABELS}
    whole = sum(sums.values())
    return {name: count / whole if whole else None for name, count in sums.items()}


def _named(rows: pl.DataFrame, ask: Ask) -> pl.DataFrame:
    if split_of(ask) == "source":
        group = GROUPS.get(ask.where.channel[0], "other")
        named = rows.with_columns(name=pl.col("id").fill_null(_("Not named")), group=pl.lit(group))
        return named.sort("views", "name", descending=[True, False])
    said = {key: _(label) for key, label in LABELS.items()}
    names = pl.col("id").replace_strict(said, default=pl.col("id"), return_dtype=pl.String)
    return rows.with_columns(name=names, group=_group("id")).sort("views", "name", descending=[True, False])


def _group(column: str) -> pl.Expr:
    return pl.col(column).replace_strict(GROUPS, default="other", return_dtype=pl.String)
