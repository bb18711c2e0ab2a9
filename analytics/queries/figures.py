"""Figures: counts folded into metrics by the rules of `metrics`. All arithmetic on metrics stands here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import duckdb
import polars as pl

from analytics.errors import UnknownDimensionError
from analytics.language import _
from analytics.metrics import (
    BASES,
    BOXES,
    COMMENTS,
    NEEDS_SIGNAL,
    PEOPLE,
    QUANTILE,
    VIEWS,
    Base,
    Fold,
    Metric,
    dimension,
    metric,
    splittable,
)
from analytics.periods import Bucket, Step, buckets, day_begins
from analytics.queries import counts, standing
from analytics.queries.ask import HORIZONS, RANKED, Ask, refuse_calm
from analytics.queries.coverage import Coverage, coverage
from analytics.queries.intervals import bounds, calmed, ranked
from analytics.store.memory import CATALOGUE, Days, Part
from analytics.store.store import Store

COUNTED = {Fold.SUM, Fold.PEOPLE, Fold.DISTINCT}  # nothing happened is 0
LONGEST_BUCKET = 31  # days; the last bucket of a period may end before, for nothing was asked beyond
_SUMMED = tuple(base.name for base in BASES.values() if base.facts in {VIEWS, PEOPLE})
_TOGETHER = (
    "views",
    "reads",
    "read_known",
    "finished",
    "depth_known",
)  # what lists of a page ask of their rows
_SOURCES = ("views", "comments")  # what is known is known of either
_OWN_QUESTION = ("comments_pending", "published")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with what it rests on.

    Attributes:
        metric: What it counts.
        value: In the metric's unit; None is unknown.
        n: Denominator of a rate, values of a median; None for counts.
        low: Lower end of the 95 % interval of a rate.
        high: Upper end.
    """

    metric: Metric
    value: float | None
    n: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_few(self) -> bool:
        """True where the number is grey: a rate or median over fewer than it needs."""
        return self.metric.is_rate and (self.n or 0) < self.metric.few


@dataclass(frozen=True, slots=True)
class Board:
    """A ranking.

    Attributes:
        rows: rank, id, and for each metric its column, `_n`, `_low`, `_high`; in order; "(none)" last.
        total: The distinct total of each metric, not the sum of rows.
        rows_add_to: Sum of the rows of the ranking metric ÷ its total; None for rates.
        count: Rows before the limit, "(none)" left out.
    """

    rows: pl.DataFrame
    total: dict[str, Figure]
    rows_add_to: float | None
    count: int


@dataclass(slots=True)
class Counted:
    """Counts by key, before they are folded."""

    keys: list[str]
    bases: pl.DataFrame
    values: dict[str, pl.DataFrame] = field(default_factory=dict)


def totals(store: Store, metrics: Sequence[str], ask: Ask, now: dt.datetime) -> dict[str, Figure]:
    """Count metrics over all that is asked.

    Args:
        store: The open store.
        metrics: Identifiers.
        ask: Filter and days; no split.
        now: Naive UTC.

    Returns:
        Metric -> figure; None as value where nothing could be known.

    Raises:
        UnknownMetricError: An identifier is none.
        UnknownDimensionError: A metric cannot be filtered so.
    """
    wanted = [metric(name) for name in metrics]
    known = coverage(store, ask.where.site_id, now)
    frame = answered(store, wanted, replace(ask, split="", grain=""), now)
    row = frame.to_dicts()[0] if frame.height else {}
    span = _span(ask, now)
    return {each.id: _figure(each, row, _is_known(each, known, span)) for each in wanted}


def board(
    store: Store, metrics: Sequence[str], ask: Ask, now: dt.datetime, *, order: str, limit: int | None = 10
) -> Board:
    """Rank the values of a dimension.

    Args:
        store: The open store.
        metrics: Columns; `order` is added where it is missing.
        ask: With `split`.
        now: Naive UTC.
        order: Metric to rank by, largest first.
        limit: Rows with an id; None gives all.

    Returns:
        Rows in order, the distinct total, and how far rows add up.

    Raises:
        UnknownMetricError: A metric is none.
        UnknownDimensionError: A metric cannot be split so.
    """
    ordered = ranking(store, metrics, ask, now, order=order)
    if limit is not None and ask.split in RANKED:
        refuse_calm(ask.where.site_id, "Rankings are")
    with_id = ordered.filter(pl.col("id").is_not_null())
    shown = with_id.head(limit) if limit is not None else with_id
    total = totals(store, list(dict.fromkeys([*metrics, order])), ask, now)
    whole, rows_sum = total[order].value, ordered[order].sum()
    adds = float(rows_sum) / whole if whole and metric(order).fold in {Fold.SUM, Fold.PEOPLE} else None
    rows = pl.concat([shown, ordered.filter(pl.col("id").is_null())])
    front = ["rank", "id"]
    return Board(rows.select(*front, pl.exclude(front)), total, adds, with_id.height)


def ranking(store: Store, metrics: Sequence[str], ask: Ask, now: dt.datetime, *, order: str) -> pl.DataFrame:
    """Rank the values of a dimension like `board`, for those who need neither totals nor a limit.

    Returns:
        id, rank, and for each metric its column, `_n`, `_low`, `_high`; in order; "(none)" last. Under calm
        mode articles and groups of them stand by id, unranked.
    """
    wanted = [metric(name) for name in dict.fromkeys([*metrics, order])]
    for each in wanted:
        splittable(each, dimension(ask.split))
    known = coverage(store, ask.where.site_id, now)
    frame = answered(store, wanted, replace(ask, grain=""), now)
    unknown = [each for each in wanted if not _is_known(each, known, _span(ask, now))]
    board = ranked(_without(frame, unknown), metric(order))
    return calmed(board, "id") if ask.where.is_calm and ask.split in RANKED else board


def series(store: Store, name: str, ask: Ask, grain: Step, now: dt.datetime) -> pl.DataFrame:
    """Count one metric per bucket of a period.

    Buckets without events are present with 0, so a line never skips a gap; buckets in which nothing
    could be known, and rates without a denominator, hold null.

    Args:
        store: The open store.
        name: Metric.
        ask: Filter and period.
        grain: hour, day, week or month.
        now: Naive UTC.

    Returns:
        bucket (String, label), local (Datetime without zone), begins, ends (naive UTC), value (Float64),
        n, low, high, is_complete; sorted, one row a bucket.

    Raises:
        UnknownMetricError: The metric is none.
        UnknownDimensionError: The metric is not counted over time.
    """
    return _series(store, metric(name), replace(ask, split=""), pl.DataFrame({}), grain, now)


def series_by(
    store: Store, name: str, ask: Ask, ids: Sequence[str | None], grain: Step, now: dt.datetime
) -> pl.DataFrame:
    """Count one metric per bucket for some values of a dimension, like `series`.

    Args:
        store: The open store.
        name: Metric.
        ask: With `split`.
        ids: The values wanted; None is "(none)".
        grain: Of the buckets.
        now: Naive UTC.

    Returns:
        id, then the columns of `series`; in the order of the ids, every bucket for each of them.

    Raises:
        UnknownMetricError: The metric is none.
        UnknownDimensionError: It cannot be split so.
    """
    wanted = metric(name)
    splittable(wanted, dimension(ask.split))
    return _series(store, wanted, ask, pl.DataFrame({"id": ids}, schema={"id": pl.String()}), grain, now)


def _series(
    store: Store, wanted: Metric, ask: Ask, ids: pl.DataFrame, grain: Step, now: dt.datetime
) -> pl.DataFrame:
    name = wanted.id
    if standing.is_standing(wanted):
        raise UnknownDimensionError(
            _("{label} is not counted over time.", label=wanted.label), _("Ask for a whole period.")
        )
    spans = buckets(ask.period, grain)
    known = coverage(store, ask.where.site_id, now)
    with store.read() as cursor:
        found = counted(store, cursor, [wanted], replace(ask, grain="hour" if grain == "hour" else "day"))
    place = _places(spans, grain)
    frame = folded(_moved(found, place), [wanted])
    axis = _axis(spans, known, wanted)
    if ids.width:
        axis = ids.with_row_index("_place").join(axis, how="cross", maintain_order="left_right")
    joined = axis.join(frame, on=[*ids.columns, "bucket"], how="left", nulls_equal=True)
    return joined.sort([*(["_place"] if ids.width else []), "begins"]).select(
        *ids.columns,
        "bucket",
        "local",
        "begins",
        "ends",
        value=_in_bucket(wanted, pl.col("is_known")),
        n=f"{name}_n",
        low=f"{name}_low",
        high=f"{name}_high",
        is_complete="is_complete",
    )


def by_day(store: Store, names: Sequence[str], ask: Ask, now: dt.datetime) -> pl.DataFrame:
    """Count metrics for each day of a period, like `series`, all by one question.

    Args:
        store: The open store.
        names: Metrics that are counted over time.
        ask: Filter and period.
        now: Naive UTC.

    Returns:
        A column per metric (Float64), one row a day, in order.
    """
    wanted = [metric(name) for name in names]
    known = coverage(store, ask.where.site_id, now)
    days = buckets(ask.period, "day")
    axis = pl.DataFrame(
        {
            "day_local": [each.local.date() for each in days],
            **{f"_{kind}": [known.knows(kind, each.begins, each.ends) for each in days] for kind in _SOURCES},
        }
    )
    frame = told(store, wanted, replace(ask, split="", grain="day"))
    values = {each.id: _in_bucket(each, pl.col(f"_{_source(each)}")) for each in wanted}
    return axis.join(frame, on="day_local", how="left", maintain_order="left").select(**values)


def _in_bucket(each: Metric, is_known: pl.Expr) -> pl.Expr:
    """Tell a value of a bucket; one that is absent had no event: 0, one with null could not be measured."""
    missing = 0.0 if each.fold in COUNTED else None
    value = pl.when(pl.col("was_counted").is_null()).then(missing).otherwise(pl.col(each.id).cast(pl.Float64))
    return pl.when(is_known).then(value)


def answered(store: Store, wanted: Sequence[Metric], ask: Ask, now: dt.datetime) -> pl.DataFrame:
    """Answer metrics for the rows of a question, whether they are counted or held against expectation.

    Returns:
        `id` where split, and per metric its column, `_n`, `_low` and `_high`; and `was_counted`.
    """
    held = [each for each in wanted if standing.is_standing(each)]
    rest = [each for each in wanted if not standing.is_standing(each)]
    if not held:
        return told(store, rest, ask)
    # What was viewed decides which rows there are.
    frame = told(store, rest or [metric("views")], ask)
    found = standing.columns(store, held, ask, now)
    if ask.split:
        joined = frame.join(found, on="id", how="left", nulls_equal=True)
    else:
        joined = pl.concat([frame, found], how="horizontal")
    return joined if rest else joined.drop(f"views{end}" for end in ("", "_n", "_low", "_high"))


def told(store: Store, wanted: Sequence[Metric], ask: Ask) -> pl.DataFrame:
    """Count metrics and fold them; kept until one of the days is counted anew. Columns as of `folded`."""

    def asked() -> pl.DataFrame:
        with store.read() as cursor:
            return folded(counted(store, cursor, wanted, ask), wanted)

    # What waits, and what was decided in the period, may have been written on any day.
    is_of_any_day = any(
        each.fold is Fold.INSTANT or (each.fold in QUANTILE and each.facts == COMMENTS) for each in wanted
    )
    key = ("told", tuple(each.id for each in wanted), ask)
    return store.memo(key, asked, of=None if is_of_any_day else rests_on(ask))


def counted(store: Store, cursor: duckdb.DuckDBPyConnection, wanted: Sequence[Metric], ask: Ask) -> Counted:
    """Ask for every base that the metrics need, one question per table of facts.

    The panels of a page ask much the same: an answer is kept until one of its days is counted anew.
    """
    of = rests_on(ask)
    keys = [*(["id"] if ask.split else []), *(["hour_at"] if ask.grain == "hour" else [])]
    keys += ["day_local"] if ask.grain else []
    needed = {name for each in wanted for name in _needs(each)}
    frames = []
    for facts in (VIEWS, PEOPLE, COMMENTS, BOXES):
        bases = [base for base in _all(needed) if base.facts == facts]
        if bases and facts in {VIEWS, PEOPLE} and counts.tells_people(ask):
            frames.append(_sums(store, cursor, bases, ask))
        elif bases:
            ask_them = (
                partial(counts.people, cursor) if facts == PEOPLE else partial(counts.additive, cursor, facts)
            )
            key = (facts, tuple(base.name for base in bases), ask)
            frames.append(store.memo(key, partial(ask_them, bases, ask), of=of))
    named = {each.id for each in wanted}
    if "comments_pending" in named:
        frames.append(counts.pending(cursor, ask))
    if "published" in named:  # by the catalogue alone, whatever is counted meanwhile
        frames.append(store.memo(("published", ask), partial(counts.published, cursor, ask), of=[CATALOGUE]))
    ranked_ = {each.numerator: each for each in wanted if each.fold in QUANTILE}
    values = {column: counts.distribution(cursor, each, ask) for column, each in ranked_.items()}
    if any(each.id == "commenters" for each in wanted):
        values["commenter"] = counts.commenters(cursor, ask)
    return Counted(keys, _joined(frames, keys), values)


def _sums(store: Store, cursor: duckdb.DuckDBPyConnection, bases: Sequence[Base], ask: Ask) -> pl.DataFrame:
    """Take kept sums: what pages ask of the same rows is asked at once, of few rows everything."""
    names, of = [base.name for base in bases], rests_on(ask)
    if counts.is_of_few(ask):
        whole = replace(ask, split="", credit="full")
        every = store.memo(("sums", whole), partial(counts.sums, cursor, whole), of=of)
        own = every.lazy().filter(pl.col("dimension") == (ask.split or counts.SITE))
        return (own.select("id", *names) if ask.split else own.select(pl.col(names).sum())).collect()
    several = [*_TOGETHER, *(name for name in names if name not in _TOGETHER)] if ask.split else list(_SUMMED)
    asked = partial(counts.additive, cursor, VIEWS, [BASES[name] for name in several], ask)
    return store.memo((VIEWS, tuple(several), ask), asked, of=of).select(pl.exclude(several), *names)


def rests_on(ask: Ask) -> list[Part] | None:
    """Say what an answer rests on: its days and the catalogue; of what is counted by age, on everything."""
    if ask.basis == "published_in":
        return None
    days = ask.day_list
    return [CATALOGUE, Days(ask.where.site_id, min(days), max(days))]


def _needs(wanted: Metric) -> list[str]:
    if wanted.fold is Fold.INSTANT:
        return []
    names = [wanted.numerator, wanted.denominator, NEEDS_SIGNAL.get(wanted.id, "")]
    if wanted.id == "commenters":
        names.append("comments")  # whether anybody can be told apart at all
    if wanted.denominator in NEEDS_SIGNAL:
        names.append(NEEDS_SIGNAL[wanted.denominator])
    if wanted.id in NEEDS_SIGNAL or wanted.fold in QUANTILE:
        names.append("views" if wanted.facts == VIEWS else "")
    return [name for name in names if name in BASES]


def _all(names: set[str]) -> list[Base]:
    return [base for base in BASES.values() if base.name in names]


def _joined(frames: list[pl.DataFrame], keys: list[str]) -> pl.DataFrame:
    if not frames:
        return pl.DataFrame()
    if not keys or len(frames) == 1:
        return pl.concat(frames, how="horizontal")
    whole = frames[0].lazy()
    for frame in frames[1:]:
        whole = whole.join(frame.lazy(), on=keys, how="full", coalesce=True, nulls_equal=True)
    return whole.with_columns(pl.exclude(keys).fill_null(0)).collect()


def _places(spans: list[Bucket], grain: Step) -> pl.DataFrame:
    """Say which bucket each hour or day falls into."""
    if grain == "hour":
        # A change of half an hour begins a bucket inside a local hour; its rows bear the full hour.
        hours = [each.begins - dt.timedelta(minutes=each.local.minute) for each in spans]
        return pl.DataFrame(
            {"hour_at": hours, "bucket": [each.label for each in spans]},
            schema={"hour_at": pl.Datetime("us"), "bucket": pl.String()},
        )
    rows = [
        (each.local.date() + dt.timedelta(days=n), each.label)
        for each, following in zip(spans, [*spans[1:], None], strict=True)
        for n in range((following.local - each.local).days if following else LONGEST_BUCKET)
    ]
    return pl.DataFrame(rows, schema={"day_local": pl.Date(), "bucket": pl.String()}, orient="row")


def _moved(counted: Counted, place: pl.DataFrame) -> Counted:
    """Add hours or days up to buckets."""
    on = place.columns[0]
    keys = [*(["id"] if "id" in counted.keys else []), "bucket"]
    bases = counted.bases
    if bases.width:
        bases = (
            bases.join(place, on=on)
            .drop([key for key in counted.keys if key not in keys])
            .group_by(keys)
            .sum()
        )
    values = {
        column: frame.join(place, on=on).group_by(*keys, "value").agg(pl.col("n").sum())
        for column, frame in counted.values.items()
    }
    return Counted(keys, bases, values)


def folded(counted: Counted, wanted: Sequence[Metric]) -> pl.DataFrame:
    """Turn counts into metrics: per metric its column, `_n`, `_low` and `_high`, and `was_counted`."""
    frame, keys = counted.bases, counted.keys
    for each in wanted:
        if each.fold in QUANTILE:
            part = _quantile(counted.values[each.numerator], keys, QUANTILE[each.fold], each.id)
        elif each.id == "commenters":
            part = _people(counted.values["commenter"], keys)
        else:
            continue
        if not frame.width:
            frame = part
        elif keys:
            # Full: a decision may fall on a day without any comment written.
            frame = frame.join(part, on=keys, how="full", coalesce=True, nulls_equal=True)
        else:
            frame = pl.concat([frame, part], how="horizontal")
    zero = [name for name in frame.columns if name in BASES or name == "commenters"]
    columns = [expression for each in wanted for expression in _columns(each)]
    filled = frame.lazy().with_columns(pl.col(zero).fill_null(0))
    return filled.select(*keys, *columns, was_counted=pl.lit(value=True)).collect()


def _people(pairs: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Count people once per key; `pairs` holds each of them once per key."""
    count = pl.len().cast(pl.Int64).alias("commenters")
    return pairs.group_by(keys).agg(count) if keys else pairs.select(count)


def _columns(each: Metric) -> list[pl.Expr]:
    nothing = pl.lit(None, dtype=pl.Float64)
    if each.fold in QUANTILE:
        return [
            pl.col(each.id),
            pl.col(f"{each.id}_n"),
            nothing.alias(f"{each.id}_low"),
            nothing.alias(f"{each.id}_high"),
        ]
    if each.fold is Fold.RATIO:
        part, whole = pl.col(each.numerator), pl.col(each.denominator)
        known = whole > 0
        low, high = bounds(each, part, whole)
        return [
            pl.when(known).then(each.scale * part / whole).alias(each.id),
            whole.cast(pl.Float64).alias(f"{each.id}_n"),
            low.alias(f"{each.id}_low"),
            high.alias(f"{each.id}_high"),
        ]
    value = pl.col(each.id if each.id in _OWN_QUESTION else each.numerator)
    if each.id == "commenters":
        without_accounts = (pl.col("commenters") == 0) & (pl.col("comments") > 0)
        value = pl.when(~without_accounts).then("commenters")
    elif each.id in NEEDS_SIGNAL:
        unknown = (pl.col(NEEDS_SIGNAL[each.id]) == 0) & (pl.col("views") > 0)
        value = pl.when(~unknown).then(value)
    return [
        value.alias(each.id),
        nothing.alias(f"{each.id}_n"),
        nothing.alias(f"{each.id}_low"),
        nothing.alias(f"{each.id}_high"),
    ]


def _quantile(counts_: pl.DataFrame, keys: list[str], at: float, name: str) -> pl.DataFrame:
    """Read a discrete quantile from how often each value occurs: the first value that reaches the share."""
    ordered = counts_.sort(*keys, "value")
    reached, whole = pl.col("n").cum_sum(), pl.col("n").sum()
    if keys:
        reached, whole = reached.over(keys), whole.over(keys)
    hits = ordered.with_columns(_reached=reached, _whole=whole).filter(
        pl.col("_reached") >= at * pl.col("_whole") - 1e-9  # credit shares are not exact in binary
    )
    picks = [pl.col("value").first().alias(name), pl.col("_whole").first().alias(f"{name}_n")]
    return hits.group_by(keys, maintain_order=True).agg(picks) if keys else hits.select(picks)


def _axis(spans: list[Bucket], known: Coverage, wanted: Metric) -> pl.DataFrame:
    kind = _source(wanted)
    rows = [
        (
            each.label,
            each.local,
            each.begins,
            each.ends,
            known.knows(kind, each.begins, each.ends),
            known.is_complete(each.ends),
        )
        for each in spans
    ]
    return pl.DataFrame(
        rows,
        schema={
            "bucket": pl.String(),
            "local": pl.Datetime("us"),
            "begins": pl.Datetime("us"),
            "ends": pl.Datetime("us"),
            "is_known": pl.Boolean(),
            "is_complete": pl.Boolean(),
        },
        orient="row",
    )


def _span(ask: Ask, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Give the stretch, naive UTC, in which events of a question may lie."""
    days, zone = ask.day_list, ask.period.zone
    ends = day_begins(days[-1] + dt.timedelta(days=1), zone)
    if ask.basis == "published_in":
        horizon = HORIZONS[ask.horizon]
        ends = ends + horizon if horizon is not None else max(ends, now)
    return day_begins(days[0], zone), ends


def _is_known(each: Metric, known: Coverage, span: tuple[dt.datetime, dt.datetime]) -> bool:
    """Say whether a metric could be counted in a stretch; 0 or null hangs on it."""
    if each.id == "published":
        return True  # the catalogue tells, whether or not anybody reads
    if each.fold is Fold.INSTANT:
        return known.comments is not None
    return known.knows(_source(each), *span)


def _without(frame: pl.DataFrame, unknown: Sequence[Metric]) -> pl.DataFrame:
    """Empty the columns of metrics that could not be counted."""
    if not unknown:
        return frame
    names = [f"{each.id}{part}" for each in unknown for part in ("", "_n", "_low", "_high")]
    return frame.with_columns(pl.when(pl.lit(value=False)).then(pl.col(name)).alias(name) for name in names)


def _figure(each: Metric, row: dict[str, float | None], is_known: bool) -> Figure:
    if not is_known:
        return Figure(each, None)
    return Figure(
        each, row.get(each.id), row.get(f"{each.id}_n"), row.get(f"{each.id}_low"), row.get(f"{each.id}_high")
    )


def _source(each: Metric) -> str:
    return "comments" if each.facts == COMMENTS else "views"
