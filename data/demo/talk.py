"""What readers do beside reading: comments with their decisions, the comment box, likes and shares."""

from __future__ import annotations

import datetime as dt

import polars as pl

from data.demo import chance

LIMIT = 512  # metrics.md: comment_limit
MADE_PER_READ = (
    0.90  # 1.14 written for each that stays, x 0.79: debates lift the mean above the desks' figures
)
POOL, HABIT = 1_500, 2.6  # people who comment; a few write much
REPLIES = 0.45
AUTOMATIC = 0.28  # published by rule, within seconds
HARD_CASES, HARD = 0.10, 18  # decisions that wait for a second pair of eyes, so many times longer
SLOWEST_MS = 17 * 3_600_000  # decisions fall on the day of the comment or on the next
DELETED_WITHIN_MS = 18 * 3_600_000
HOUR_MS = 3_600_000
BOXES = 0.030  # readers who open the box and write nothing in the end
ACTS = (("like", 0.013), ("bookmark", 0.005), ("share", 0.009))
KEENNESS = {"internal": 1.3, "direct": 1.35, "newsletter": 1.35, "push": 1.1, "social": 0.95, "search": 0.55}
_CARRIED = (
    *("key", "event_at", "person", "url", "article_id", "view_id", "device", "country", "channel"),
    *("talk", "patience", "dwell_ms"),
)


def comments(seen: pl.DataFrame, day: dt.date, begin: dt.datetime) -> pl.DataFrame:
    """Let some readers comment: one row a comment with its fate and times.

    Returns:
        view columns and comment_id, parent_id, commenter, length, created_at, status, decided_by,
        decided_at, deleted_at, warned; sorted by story and time.
    """
    readers = seen.filter("is_read").select(*_CARRIED)
    keen = pl.col("channel").replace_strict(KEENNESS, default=0.6, return_dtype=pl.Float64)
    chosen = readers.filter(chance.units("comments") < pl.col("talk") / 1000 * MADE_PER_READ * keen)
    wait = pl.col("dwell_ms") * (0.75 + 0.2 * chance.units("written"))
    chosen = chosen.with_columns(created_at=_after("event_at", wait)).sort(
        "article_id", "created_at", "view_id"
    )
    chosen = chosen.with_row_index("number").with_columns(
        comment_id=pl.lit(f"c-{day.toordinal()}-") + pl.col("number").cast(pl.String),
        commenter=_commenter(),
        length=_length(),
        warned=chance.units("warned") < 0.09,
    )
    one, two = (pl.col("comment_id").shift(back).over("article_id") for back in (1, 2))
    parent = pl.when(chance.units("to whom") < 0.4).then(pl.coalesce(two, one)).otherwise(one)
    return _decided(
        chosen.with_columns(parent_id=pl.when(chance.units("reply") < REPLIES).then(parent)), begin
    )


def states(made: pl.DataFrame) -> pl.DataFrame:
    """Unfold comments into their states: pending, the decision, and now and then deleted."""
    steps = [
        made.with_columns(
            event_at=pl.col("created_at"), status=pl.lit("pending"), decided_by=pl.lit(None, pl.String)
        ),
        made.with_columns(event_at=pl.col("decided_at"), person=pl.lit(None, pl.UInt64)),
        made.filter(pl.col("deleted_at").is_not_null()).with_columns(
            event_at=pl.col("deleted_at"),
            status=pl.lit("deleted"),
            decided_by=pl.lit(None, pl.String),
        ),
    ]
    rows = pl.concat(steps).with_columns(
        state_at=pl.col("event_at"), length_limit=pl.lit(LIMIT, pl.Int64), origin=pl.lit("courier")
    )
    return rows.sort("event_at", "comment_id", "status")


def interactions(seen: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """Draw the steps in the comment box and the likes, bookmarks and shares; sorted by time."""
    readers = seen.filter("is_read").select(*_CARRIED)
    rows = [
        _box_of_writers(made),
        _box_of_others(readers.join(made.select("view_id"), on="view_id", how="anti")),
    ]
    for kind, share in ACTS:
        doing = readers.filter(chance.units(kind) < share)
        at = _after("event_at", pl.col("dwell_ms") * (0.3 + 0.6 * chance.units(f"{kind} at")))
        rows.append(doing.with_columns(event_at=at, kind=pl.lit(kind), props=pl.lit(None, pl.String)))
    columns = [*_CARRIED, "kind", "props"]
    return pl.concat([row.select(columns) for row in rows]).sort("event_at", "view_id", "kind", "props")


def _decided(made: pl.DataFrame, begin: dt.datetime) -> pl.DataFrame:
    fate = chance.units("fate")
    status = pl.when(fate < 0.875).then(pl.lit("published")).when(fate < 0.965).then(pl.lit("rejected"))
    by_rule = pl.when(status.otherwise(pl.lit("spam")) == "spam").then(0.8).otherwise(
        AUTOMATIC
    ) > chance.units("rule")
    hour = (pl.col("created_at") - pl.lit(begin, dtype=pl.Datetime("us"))).dt.total_milliseconds() / HOUR_MS
    night = pl.when(hour < 6.5).then(6.5 - hour).when(hour > 22.5).then(30.5 - hour).otherwise(0.0)
    hard = pl.when(chance.units("hard case") < HARD_CASES).then(HARD).otherwise(1)
    queue = hard * (chance.bells("queue") * 1.15).exp() * pl.col("patience") * 12 / 60 + night
    lag = (
        pl.when(by_rule)
        .then(1000 + 3000 * chance.units("machine"))
        .otherwise((queue * HOUR_MS).clip(6000, SLOWEST_MS))
    )
    made = made.with_columns(
        status=status.otherwise(pl.lit("spam")),
        decided_by=pl.when(by_rule).then(pl.lit("auto")).otherwise(pl.lit("human")),
        decided_at=_after("created_at", lag),
    )
    regret = (lag + (chance.bells("regret") + 0.5).exp() * HOUR_MS).clip(0, DELETED_WITHIN_MS)
    withdrawn = (pl.col("status") == "published") & (chance.units("withdrawn") < 0.013)
    return made.with_columns(deleted_at=pl.when(withdrawn).then(_after("created_at", regret)))


def _commenter() -> pl.Expr:
    rank = (POOL * (0.02 + 0.98 * chance.units("commenter")) ** HABIT).cast(pl.UInt64)
    word = (rank + 7) * pl.lit(chance.GAMMA, dtype=pl.UInt64)  # spreads the ranks over 64 bits; 1 to 1
    return word ^ (word // pl.lit(2**31, dtype=pl.UInt64))


def _length() -> pl.Expr:
    free = (5.08 + 0.8 * chance.bells("length of comment")).exp()
    full = LIMIT - 22 * chance.units("near the limit") ** 2
    return (
        pl.when(chance.units("fills the box") < 0.05).then(full).otherwise(free).clip(3, LIMIT).cast(pl.Int64)
    )


def _box_of_writers(made: pl.DataFrame) -> pl.DataFrame:
    """Lay out the steps of those who did send their comment."""
    full = pl.col("length") >= LIMIT
    typed = [
        ("open", 0.50, pl.lit(True), ""),
        ("type", 0.55, pl.lit(True), ""),
        ("limit", 0.90, full, f',"length":{LIMIT},"max":{LIMIT}'),
        ("warn", 0.95, pl.col("warned"), ""),
        ("submit", 1.00, pl.lit(True), ""),
    ]
    span = (pl.col("created_at") - pl.col("event_at")).dt.total_milliseconds()
    return pl.concat(
        made.filter(when).with_columns(
            event_at=_after("event_at", span * part), kind=pl.lit("comment_box"), props=_step(step, more)
        )
        for step, part, when, more in typed
    )


def _box_of_others(readers: pl.DataFrame) -> pl.DataFrame:
    """Lay out the steps of those who open the box and leave it."""
    fate = chance.units("box fate")
    steps = [
        ("open", 0.5, 1.0, ""),
        ("type", 0.6, 0.42, ""),
        ("warn", 0.9, 0.028, ""),
        ("limit", 0.8, 0.02, f',"length":{LIMIT},"max":{LIMIT}'),
    ]
    keen = (pl.col("talk") / 8).clip(0.3, 3) * BOXES
    opened = readers.filter(chance.units("box") < keen)
    return pl.concat(
        opened.filter(fate < share).with_columns(
            event_at=_after("event_at", pl.col("dwell_ms") * part),
            kind=pl.lit("comment_box"),
            props=_step(step, more),
        )
        for step, part, share, more in steps
    )


def _step(step: str, more: str) -> pl.Expr:
    return pl.lit(f'{{"step":"{step}","box":"b1"{more}}}')


def _after(start: str, milliseconds: pl.Expr) -> pl.Expr:
    return pl.col(start) + pl.duration(milliseconds=milliseconds.cast(pl.Int64), time_unit="us")
