"""Lists: every value of a dimension with all columns of its page, in the order asked, and what stands beside.

A board (`figures.board`) is the head of one ranking. A list holds all rows, the unread among them, and
besides METRICS what only makes sense for groups of articles: pieces, shares, the median per article.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb
import polars as pl

from analytics.metrics import (
    BASES,
    COMMENTS,
    FEW_N,
    FEW_SET,
    METRICS,
    OF_ARTICLES,
    VIEWS,
    Fold,
    Metric,
    dimension,
    metric,
    splittable,
)
from analytics.periods import Grain, Period, buckets, day_begins, local_day
from analytics.queries import corrections, counts, library, output, standing
from analytics.queries.ask import HORIZONS, Ask, Filter
from analytics.queries.coverage import coverage
from analytics.queries.figures import Figure, answered, totals
from analytics.queries.intervals import is_few, ranked
from analytics.store.store import Store
from analytics.store.store import ask as ask_store

FEW_PIECES = FEW_SET
EVEN = 0.15  # ui.md 3: shares within 15 % of each other are even
LEADERS = 10
DAYS_OF_CURVE = 31  # a curve of 76 pixels shows no more points
WORDS = ("name", "section")  # what a list can be ordered by, from A
FACTS = ("published_at", "word_count")  # from the newest, the longest
_OF_GROUPS = ("author", "topic", "section")
_MEMBERS = {
    "author": "SELECT article_id, author_id AS of FROM article_authors WHERE site_id = $site",
    "topic": "SELECT article_id, topic_id AS of FROM article_topics WHERE site_id = $site",
    "section": "SELECT article_id, section AS of FROM articles WHERE site_id = $site",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """All rows of a list, or the first of them.

    Attributes:
        rows: rank, id, name; of articles also url, section, kind, published_at, word_count, authors,
            is_catalogued and is_running (its horizon is not over); of groups published, production_share,
            read_share, balance (read share ÷ production share), place (of the balance: above, typical or
            below; null where few), per_article and per_article_n; for each metric its column, `_n`,
            `_low`, `_high` and `_few` (grey). "(none)" last.
        total: The distinct total of each metric, not the sum of rows.
        main: `reads`, or `views` where no source can tell reads.
        split: Dimension of the rows.
        order: Column that the rows are ordered by.
        is_descending: Whether the largest stands first.
        adds_to: Sum of all rows of the main metric ÷ its total.
        leading: Share of the total of the main metric that the ten rows with the most of it have.
        count: Rows before the limit, "(none)" left out.
        excluded: Articles that would stand here, but for the editors' list of those that none names.
    """

    rows: pl.DataFrame
    total: dict[str, Figure]
    main: str
    split: str
    order: str
    is_descending: bool
    adds_to: float | None
    leading: float | None
    count: int
    excluded: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """Some groups together: their names, their part of the pieces and of the reads."""

    names: tuple[str, ...]
    pieces: float
    reads: float


def countable(names: Sequence[str], where: Filter) -> list[str]:
    """Keep the metrics that a filter allows: comments and scores know no channel, device or age."""
    if not set(where.active()) & set(standing.NARROW):
        return list(names)
    asked = [metric(name) for name in names]
    return [each.id for each in asked if each.facts != COMMENTS and not standing.is_standing(each)]


def emptied_by(store: Store, ask: Ask, now: dt.datetime) -> list[str]:
    """Name the filters of which any one, taken off, brings views back; `text` is called search."""
    found = []
    for name in ask.where.active():
        without = replace(ask, where=ask.where.only(**{name: "" if name == "text" else ()}), split="")
        if totals(store, ["views"], without, now)["views"].value:
            found.append("search" if name == "text" else name)
    return found


def listing(
    store: Store,
    names: Sequence[str],
    ask: Ask,
    now: dt.datetime,
    *,
    sort: str = "",
    limit: int | None = None,
    with_ghosts: bool = False,
) -> Listing:
    """List the values of article, author, topic or section.

    Articles published in the period but never read are rows with 0 where the basis is `published_in`; those
    that editors keep off lists stand in the totals only.

    Args:
        store: The open store.
        names: Metrics; those that the filter does not allow are left out. Views and reads come anyway.
        ask: With `split`.
        now: Naive UTC.
        sort: A column of the rows, the largest first with a leading "-"; else the main metric, or under calm
            mode, which knows no ranks, the name.
        limit: Rows with an id; None gives all.
        with_ghosts: Whether groups get `ghosts`, the pieces of the period that hardly anybody found.

    Returns:
        The list, and the distinct totals of all metrics.

    Raises:
        UnknownMetricError: A metric is none.
        UnknownDimensionError: A metric cannot be split so.
    """
    asked = dict.fromkeys(["views", "reads", *countable(names, ask.where)])
    wanted = [metric(name) for name in asked if name != "published"]
    for each in wanted:
        splittable(each, dimension(ask.split))
    # Of articles, standing has no total: each is held against others of its own age.
    held = [each for each in wanted if standing.is_standing(each) and ask.split == "article"]
    total = totals(store, [each.id for each in wanted if each not in held], ask, now)
    total |= {each.id: Figure(each, None) for each in held}
    main = "reads" if total["reads"].value is not None else "views"
    frame = answered(store, wanted, replace(ask, grain=""), now).drop("was_counted")
    with store.read() as cursor:
        if ask.split in _OF_GROUPS:
            total["published"] = _published(cursor, ask)
            frame = _with_pieces(cursor, frame, ask, main, total)
            if with_ghosts:
                frame = _with_ghosts(cursor, frame, ask, output.ghosts(store, replace(ask, split=""), now))
        elif ask.basis == "published_in":
            frame = _with_unread(cursor, frame, ask, wanted)
    hidden = corrections.excluded(store, ask.where.site_id) if ask.split == "article" else ()
    rows_before = frame.height
    frame = frame.filter(~pl.col("id").is_in(hidden) | pl.col("id").is_null()) if hidden else frame
    frame = _known(frame, [*wanted, *([METRICS["published"]] if "published" in total else [])], total)
    frame = _named(store, frame, ask, now)
    order, is_descending = _order(sort or ("name" if ask.where.is_calm else ""), frame, main)
    ordered = _placed(frame, order, is_descending=is_descending)
    if ask.where.is_calm:
        ordered = ordered.with_columns(rank=pl.lit(None, dtype=pl.Int64))
    with_id = ordered.filter(pl.col("id").is_not_null())
    whole = total[main].value
    rows = with_id if limit is None else with_id.head(limit)
    none = ordered.filter(pl.col("id").is_null()) if ask.split in _OF_GROUPS else ordered.clear()
    front = ["rank", "id", "name"]
    return Listing(
        pl.concat([rows, none]).select(*front, pl.exclude(front)),
        total,
        main,
        ask.split,
        order,
        is_descending,
        float(ordered[main].sum()) / whole if whole else None,
        float(with_id[main].top_k(LEADERS).sum()) / whole if whole else None,
        with_id.height,
        rows_before - frame.height,
    )


def whole(store: Store, names: Sequence[str], ask: Ask, now: dt.datetime) -> dict[str, Figure]:
    """Count metrics over all that is asked, as the last row of a list does, and the pieces published.

    Args:
        store: The open store.
        names: Metrics; those that the filter does not allow are left out. Views and reads come anyway.
        ask: Without a split.
        now: Naive UTC.
    """
    asked = dict.fromkeys(["views", "reads", *countable(names, ask.where)])
    total = totals(store, [name for name in asked if name != "published"], ask, now)
    with store.read() as cursor:
        return total | {"published": _published(cursor, ask)}


def weekly(store: Store, base: str, ask: Ask, now: dt.datetime, weeks: int = 8) -> pl.DataFrame:
    """Count an additive base per group and complete ISO week: the trend beside a row.

    Args:
        store: The open store.
        base: Such as `reads`.
        ask: With `split`; its weeks end with the last Sunday of the period that is over.
        now: Naive UTC.
        weeks: How many.

    Returns:
        id and `values`, a list of `weeks` numbers, oldest first; null before the first complete week.
    """
    zone = ask.period.zone
    last = min(ask.period.last, local_day(now, zone) - dt.timedelta(days=1))
    sunday = last - dt.timedelta(days=(last.weekday() + 1) % 7)
    span = Period(sunday - dt.timedelta(days=7 * weeks - 1), sunday, zone)
    by_day = replace(ask, period=span, grain="day", basis="read_in", days=())
    known = coverage(store, ask.where.site_id, now)
    with store.read() as cursor:
        found = counts.additive(cursor, VIEWS, [BASES[base]], by_day)
    starts = [span.first + dt.timedelta(days=7 * n) for n in range(weeks)]
    is_known = [known.views is not None and known.views[0] <= day_begins(start, zone) for start in starts]
    monday = pl.col("day_local").dt.truncate("1w").alias("at")
    return _filled(found.with_columns(monday), base, starts, is_known)


def sparks(store: Store, base: str, ask: Ask, ids: Sequence[str], now: dt.datetime) -> pl.DataFrame:
    """Count an additive base of some articles per hour, day or week: the small curves of a list.

    Args:
        store: The open store.
        base: Such as `reads`.
        ask: Filter and period; hours up to three days, days up to a month, else weeks.
        ids: Articles.
        now: Naive UTC; what lies after it is left out.

    Returns:
        id and `values`, oldest first; null in buckets of which nothing can be known.
    """
    is_long = ask.period.length > DAYS_OF_CURVE
    grain: Grain = "week" if is_long else "hour" if ask.period.grain == "hour" else "day"
    spans = [each for each in buckets(ask.period, grain) if each.begins <= now]
    where = ask.where.only(article=tuple(ids))
    own = replace(
        ask, where=where, split="article", grain="hour" if grain == "hour" else "day", basis="read_in"
    )
    known = coverage(store, ask.where.site_id, now)
    with store.read() as cursor:
        found = counts.additive(cursor, VIEWS, [BASES[base]], own) if ids else _nothing(base)
    is_known = [known.knows("views", each.begins, each.ends) for each in spans]
    if grain == "hour":
        return _filled(found.rename({"hour_at": "at"}), base, [each.begins for each in spans], is_known)
    # The first week of a period begins with the period.
    week = pl.max_horizontal(pl.col("day_local").dt.truncate("1w"), pl.lit(ask.period.first))
    by_bucket = found.with_columns(at=week if grain == "week" else pl.col("day_local"))
    return _filled(by_bucket, base, [each.local.date() for each in spans], is_known)


def balances(listed: Listing, most: int = 2) -> tuple[Balance | None, Balance | None]:
    """Find the groups that are read most beyond their share of the pieces, and those most below it.

    Only groups with enough pieces, and only where all pieces together are enough for a share.

    Args:
        listed: Of `listing`, split by a group.
        most: Groups named together; 1 where groups overlap, for their shares do not add up.

    Returns:
        Above and below; None where there is none.
    """
    found = []
    for place, down in (("above", True), ("below", False)):
        gap = pl.col("read_share") - pl.col("production_share")
        picked = (
            listed.rows.filter(pl.col("id").is_not_null(), pl.col("place") == place)
            .sort(gap, "id", descending=[down, False])
            .head(most)
        )
        names = tuple(picked["name"])
        found.append(
            Balance(names, float(picked["production_share"].sum()), float(picked["read_share"].sum()))
            if names
            else None
        )
    return found[0], found[1]


# --- columns beside the metrics ----------------------------------------------------------------------------


def _published(cursor: duckdb.DuckDBPyConnection, ask: Ask) -> Figure:
    """Count the articles published in the period, under the part of the filter that articles have."""
    row = counts.published(cursor, replace(ask, where=_of_catalogue(ask.where), split="", grain=""))
    return Figure(METRICS["published"], row["published"][0])


def _of_catalogue(where: Filter) -> Filter:
    return where.only(**dict.fromkeys(standing.NARROW, ()))


def _with_pieces(
    cursor: duckdb.DuckDBPyConnection, frame: pl.DataFrame, ask: Ask, main: str, total: dict[str, Figure]
) -> pl.DataFrame:
    """Add what groups of articles have: pieces, shares of pieces and reads, the median per article."""
    pieces = counts.published(cursor, replace(ask, where=_of_catalogue(ask.where), grain=""))
    whole, all_read = total["published"].value or 0, total[main].value or 0
    joined = frame.join(pieces, on="id", how="full", coalesce=True, nulls_equal=True).join(
        _per_article(cursor, ask, main), on="id", how="left", nulls_equal=True
    )
    sums = [
        name for name in joined.columns if name in METRICS and METRICS[name].fold in {Fold.SUM, Fold.PEOPLE}
    ]
    nothing = pl.lit(None, dtype=pl.Float64)
    filled = joined.with_columns(pl.col([*sums, "published"]).fill_null(0)).with_columns(
        *[nothing.alias(f"published_{end}") for end in ("n", "low", "high")],
        production_share=pl.col("published") / whole if whole else nothing,
        read_share=pl.col(main) / all_read if all_read else nothing,
        per_article_few=pl.col("per_article_n").fill_null(0) < FEW_N,
    )
    pieces_share, read_share = pl.col("production_share"), pl.col("read_share")
    few = (pl.col("published") < FEW_PIECES) | pl.lit(whole < FEW_N) | pl.lit(all_read < FEW_N)
    gap = read_share - pieces_share
    place = (
        pl.when(gap.abs() <= EVEN * pieces_share)
        .then(pl.lit("typical"))
        .when(gap > 0)
        .then(pl.lit("above"))
        .otherwise(pl.lit("below"))
    )
    return filled.with_columns(
        balance=pl.when(pieces_share > 0).then(read_share / pieces_share),
        balance_few=few,
        place=pl.when(~few & read_share.is_not_null()).then(place),
    )


def _with_ghosts(
    cursor: duckdb.DuckDBPyConnection, frame: pl.DataFrame, ask: Ask, found: pl.DataFrame
) -> pl.DataFrame:
    """Count the ghosts of each group; an article of several counts in each."""
    members = ask_store(cursor, _members(ask), site=ask.where.site_id)
    counted = (
        found.select("id")
        .join(members, left_on="id", right_on="article_id", how="left")
        .group_by(id="of")
        .agg(ghosts=pl.len().cast(pl.Int64))
    )
    joined = frame.join(counted, on="id", how="left", nulls_equal=True)
    return joined.with_columns(pl.col("ghosts").fill_null(0))


def _per_article(cursor: duckdb.DuckDBPyConnection, ask: Ask, main: str) -> pl.DataFrame:
    """Take the median of whole article totals in each group, unread published articles as 0.

    Whatever the credit, an article's total stays whole; `first` counts it for its first author only.
    """
    own = replace(ask, split="article", credit="full", grain="")
    bases = [BASES[name] for name in dict.fromkeys([main, "views", "read_known"])]
    seen = counts.additive(cursor, VIEWS, bases, own)
    new = counts.published(cursor, replace(own, where=_of_catalogue(ask.where))).select("id")
    unmeasured = (pl.col("read_known") == 0) & (pl.col("views") > 0) & pl.lit(main == "reads")
    values = seen.join(new, on="id", how="full", coalesce=True).with_columns(
        value=pl.when(~unmeasured.fill_null(value=False)).then(pl.col(main).fill_null(0))
    )
    members = ask_store(cursor, _members(ask), site=ask.where.site_id)
    return (
        values.filter(pl.col("value").is_not_null())
        .join(members, left_on="id", right_on="article_id", how="left")
        .group_by("of")
        .agg(
            # The discrete median of metrics.md 1: the first value that reaches half.
            per_article=pl.col("value").quantile(0.5, "lower"),
            per_article_n=pl.len().cast(pl.Int64),
        )
        .rename({"of": "id"})
    )


def _members(ask: Ask) -> str:
    first = " AND position = 1" if ask.credit == "first" and ask.split != "section" else ""
    return _MEMBERS[ask.split] + first


def _with_unread(
    cursor: duckdb.DuckDBPyConnection, frame: pl.DataFrame, ask: Ask, wanted: Sequence[Metric]
) -> pl.DataFrame:
    """Add the articles that were published and never opened: their counts are 0, their rates unknown."""
    new = counts.published(cursor, replace(ask, where=_of_catalogue(ask.where))).select("id")
    sums = [each.id for each in wanted if each.fold in {Fold.SUM, Fold.PEOPLE}]
    return frame.join(new, on="id", how="full", coalesce=True).with_columns(pl.col(sums).fill_null(0))


def _known(frame: pl.DataFrame, wanted: Sequence[Metric], total: dict[str, Figure]) -> pl.DataFrame:
    """Blank the columns of which nothing is known, and mark the grey rows of the others."""
    blank = [each.id for each in wanted if total[each.id].value is None and not standing.is_standing(each)]
    cleared = frame.with_columns(pl.lit(None, dtype=frame.schema[name]).alias(name) for name in blank)
    return cleared.with_columns(is_few(each).alias(f"{each.id}_few") for each in wanted)


def _named(store: Store, frame: pl.DataFrame, ask: Ask, now: dt.datetime) -> pl.DataFrame:
    names = library.describe(store, ask.where.site_id, ask.split, frame["id"].to_list())
    named = frame.join(names, on="id", how="left", nulls_equal=True, maintain_order="left")
    if ask.split != "article":
        return named
    horizon = HORIZONS[ask.horizon] if ask.basis == "published_in" else None
    over = pl.col("published_at") + horizon > now if horizon else pl.lit(value=False)
    return named.drop("title").with_columns(is_running=over.fill_null(value=False))


# --- order -------------------------------------------------------------------------------------------------


def _order(sort: str, frame: pl.DataFrame, main: str) -> tuple[str, bool]:
    """Read the wanted order; a column that the list has not falls back to the main metric."""
    column = sort.removeprefix("-")
    numbers = {*OF_ARTICLES, "id", "rank", "url", "kind", "language", "authors", "place"}
    if column not in frame.columns or (column in numbers and column not in WORDS) or column.endswith("_few"):
        return main, True
    if column == "reads" and main == "views":
        return main, True
    return column, sort.startswith("-")


def _placed(frame: pl.DataFrame, order: str, *, is_descending: bool) -> pl.DataFrame:
    """Order a list and rank it: grey and unknown rows last, "(none)" last of all, whichever the direction."""
    known = METRICS.get(order)
    ranked_ = ranked(frame, known) if known else frame.with_columns(rank=_rank(frame, order))
    none = pl.col("id").is_null()
    value = pl.col(order).str.to_lowercase() if order in WORDS else pl.col(order)
    few = pl.col(f"{order}_few") if f"{order}_few" in frame.columns else pl.lit(value=False)
    if known is not None and is_descending:
        return ranked_
    return (
        ranked_.with_columns(_none=none, _grey=few | value.is_null(), _value=value)
        .sort(
            "_none", "_grey", "_value", "id", descending=[False, False, is_descending, False], nulls_last=True
        )
        .drop("_none", "_grey", "_value")
    )


def _rank(frame: pl.DataFrame, order: str) -> pl.Expr:
    """Rank by a column that is no metric; words and dates give no ranks."""
    if order in WORDS or order in FACTS:
        return pl.lit(None, dtype=pl.Int64)
    few = pl.col(f"{order}_few") if f"{order}_few" in frame.columns else pl.lit(value=False)
    fit = ~few & pl.col("id").is_not_null()
    return pl.when(fit).then(pl.when(fit).then(pl.col(order)).rank("min", descending=True)).cast(pl.Int64)


# --- small curves ------------------------------------------------------------------------------------------


def _nothing(base: str) -> pl.DataFrame:
    schema = {"id": pl.String(), "hour_at": pl.Datetime("us"), "day_local": pl.Date(), base: pl.Int64()}
    return pl.DataFrame(schema=schema)


def _filled(
    found: pl.DataFrame, base: str, at: Sequence[dt.datetime] | Sequence[dt.date], is_known: Sequence[bool]
) -> pl.DataFrame:
    """Lay counts out on all buckets: 0 where nothing happened, null where nothing can be known."""
    axis = pl.DataFrame({"at": at, "is_known": is_known}, schema_overrides={"at": found.schema["at"]})
    summed = found.group_by("id", "at").agg(pl.col(base).sum())
    return (
        summed.select("id")
        .unique()
        .join(axis, how="cross")
        .join(summed, on=["id", "at"], how="left", nulls_equal=True)
        .with_columns(value=pl.when("is_known").then(pl.col(base).fill_null(0)))
        .sort("at")
        .group_by("id", maintain_order=True)
        .agg(values="value")
    )
