"""Rollups: facts grouped, by the bases that `metrics` defines. Sums add up over days; readers never do."""

from __future__ import annotations

import polars as pl

from analytics.metrics import VIEWS, Base, bases_of

HOUR_KEYS = ("day_local", "hour_at", "article_id")
READER_COLUMNS = (
    "site_id",
    "day_local",
    "dimension",
    "value",
    "readers",
    "sessions",
    "bounces",
    "bounce_known",
)
_TEXTS = ("article_id", "section", "channel", "device", "country")
_ENTERED = ("article", "section", "channel", "device", "country")
DAY_KEYS = ("day_local", "article_id", "channel", "source", "device", "country")


def flag(name: str) -> pl.Expr:
    """Turn one condition of a base into Polars: `x`, `~x` for not x, `x?` for x is known."""
    if name.startswith("~"):
        return ~pl.col(name[1:])
    return pl.col(name[:-1]).is_not_null() if name.endswith("?") else pl.col(name)


def counted(base: Base) -> pl.Expr:
    """Count a base over a frame of its facts."""
    holds = pl.all_horizontal(flag(name) for name in base.when) if base.when else pl.lit(value=True)
    if not base.value:
        return (holds.sum() if base.when else pl.len()).cast(pl.Int64).alias(base.name)
    return pl.col(base.value).filter(holds).sum().alias(base.name)


def article_hours(facts: pl.DataFrame) -> pl.DataFrame:
    """Count views by hour and article; pages that are no article stand under null."""
    return _grouped(facts, HOUR_KEYS)


def article_days(facts: pl.DataFrame) -> pl.DataFrame:
    """Count views by day, article, channel, source, device and country."""
    return _grouped(facts, DAY_KEYS)


def _grouped(facts: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    """Group by the keys; the facts are of one site, which need not be compared row by row."""
    of_articles = pl.when("is_article").then("article_id").alias("article_id")
    return (
        facts.with_columns(of_articles)
        .group_by(keys)
        .agg(pl.col("site_id").first(), *(counted(base) for base in bases_of(VIEWS)))
        .sort(keys)
    )


def engaged_days(facts: pl.DataFrame) -> pl.DataFrame:
    """Count the article views of each whole number of engaged seconds: exact medians over any range."""
    return (
        facts.filter("is_article", "is_measured")
        .group_by("site_id", "day_local", "article_id", "engaged_s")
        .agg(n=pl.len().cast(pl.Int64))
        .sort("day_local", "article_id", "engaged_s")
    )


def reader_days(
    facts: pl.DataFrame, sessions: pl.DataFrame, authors: pl.DataFrame, topics: pl.DataFrame
) -> pl.DataFrame:
    """Recount people by local day and dimension.

    Args:
        facts: View facts of whole days, with `session_day` (day of the session's first view).
        sessions: Of `facts.sessions`.
        authors: article_id, author_id, position.
        topics: article_id, topic_id, position.

    Returns:
        site_id, day_local, dimension, value, readers, sessions, bounces, bounce_known.
    """
    # As categories the texts are compared as numbers, in ten groupings.
    facts = facts.with_columns(pl.col(*_TEXTS).cast(pl.Categorical))
    authors, topics = (
        bridge.with_columns(pl.exclude("position").cast(pl.Categorical)) for bridge in (authors, topics)
    )
    sessions = sessions.with_columns(pl.col(*(f"entry_{name}" for name in _ENTERED)).cast(pl.Categorical))
    people = facts.select(
        "site_id",
        "day_local",
        "visitor",
        "channel",
        "device",
        "country",
        session_id=pl.when(pl.col("session_day") == pl.col("day_local")).then("session_id"),
        article_id=pl.when("is_article").then("article_id"),
        section=pl.when("is_article").then("section"),
        is_article="is_article",
    )
    of_articles = people.filter("is_article")
    entries = sessions.with_columns(entry_known=pl.col("is_closed") & pl.col("is_measured"))
    parts = [_recounted(people, entries, "site", None, None)]
    parts += [
        _recounted(frame, entries, dimension, column, f"entry_{dimension}")
        for dimension, column, frame in (
            ("channel", "channel", people),
            ("device", "device", people),
            ("country", "country", people),
            ("article", "article_id", of_articles),
            ("section", "section", of_articles),
        )
    ]
    for dimension, key, bridge in (("author", "author_id", authors), ("topic", "topic_id", topics)):
        for name, part in (
            (dimension, bridge),
            (f"{dimension}_first", bridge.filter(pl.col("position") == 1)),
        ):
            parts.append(_recounted(*_bridged(of_articles, entries, part, key), name, key, key))
    return pl.concat(parts).sort("day_local", "dimension", "value")


def _bridged(
    people: pl.DataFrame, entries: pl.DataFrame, bridge: pl.DataFrame, key: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = bridge.select("article_id", key)
    entered = entries.filter(pl.col("entry_article").is_not_null())
    return (
        people.join(rows, on="article_id", how="left"),
        entered.join(rows, left_on="entry_article", right_on="article_id", how="left"),
    )


def _recounted(
    people: pl.DataFrame, entries: pl.DataFrame, dimension: str, column: str | None, entry: str | None
) -> pl.DataFrame:
    """Recount one dimension; `column` names it in views, `entry` in sessions; None is the whole site."""
    value = pl.col(column) if column else pl.lit(None, dtype=pl.Categorical())
    entered = pl.col(entry) if entry else pl.lit(None, dtype=pl.Categorical())
    keys = ["day_local", "value"]
    came = (
        people.with_columns(value=value)
        .group_by(keys)
        .agg(
            pl.col("site_id").first(),
            readers=_distinct("visitor"),
            sessions=_distinct("session_id"),
        )
    )
    known = entries.filter("entry_known")
    if dimension in {"article", "section"}:
        known = known.filter(pl.col("entry_article").is_not_null())
    went = (
        known.with_columns(value=entered)
        .group_by(keys)
        .agg(bounces=pl.col("is_bounce").sum().cast(pl.Int64), bounce_known=pl.len().cast(pl.Int64))
    )
    return (
        came.join(went, on=keys, how="left", nulls_equal=True)
        .with_columns(pl.col("bounces", "bounce_known").fill_null(0))
        .with_columns(pl.col("value").cast(pl.String), dimension=pl.lit(dimension))
        .select(READER_COLUMNS)
    )


def _distinct(column: str) -> pl.Expr:
    """Count distinct known values; dropping nulls in every group first would cost twice as much."""
    values = pl.col(column)
    return values.n_unique().cast(pl.Int64) - values.is_null().any().cast(pl.Int64)
