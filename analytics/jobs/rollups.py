"""Rollups: facts grouped, by the bases that `metrics` defines. Sums add up over days; readers never do."""

from __future__ import annotations

import polars as pl

from analytics.metrics import PEOPLE, VIEWS, Base, bases_of

HOUR_KEYS = ("day_local", "hour_at", "article_id")
WAYS = ("channel", "source", "device", "country")
DAY_KEYS = ("day_local", "article_id", *WAYS)
_SUMS = [base.name for base in bases_of(VIEWS)]
_PEOPLE = [base.name for base in bases_of(PEOPLE)]
_ENTERED = ("article", "section", *WAYS)


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


def dimension_days(
    facts: pl.DataFrame,
    days: pl.DataFrame,
    sessions: pl.DataFrame,
    authors: pl.DataFrame,
    topics: pl.DataFrame,
) -> pl.DataFrame:
    """Sum up views, and recount people, by local day and dimension.

    Args:
        facts: View facts of whole days, with `session_day` (day of the session's first view).
        days: Of `article_days`, over the same facts.
        sessions: Of `facts.sessions`.
        authors: article_id, author_id, position.
        topics: article_id, topic_id, position.

    Returns:
        site_id, day_local, dimension, value, the bases of people and of views.
    """
    sums = _sums(facts, days)
    # As categories the texts are compared as numbers, in eleven groupings.
    facts = facts.with_columns(pl.col("article_id", "section", *WAYS).cast(pl.Categorical))
    bridges = {"author": authors, "topic": topics}
    bridges = {
        name: each.with_columns(pl.exclude("position").cast(pl.Categorical)) for name, each in bridges.items()
    }
    sessions = sessions.with_columns(pl.col(*(f"entry_{name}" for name in _ENTERED)).cast(pl.Categorical))
    people = facts.select(
        "site_id",
        "day_local",
        "visitor",
        *WAYS,
        session_id=pl.when(pl.col("session_day") == pl.col("day_local")).then("session_id"),
        article_id=pl.when("is_article").then("article_id"),
        section=pl.when("is_article").then("section"),
        is_article="is_article",
    )
    of_articles = people.filter("is_article")
    entries = sessions.filter(pl.col("is_closed") & pl.col("is_measured"))
    in_articles = entries.filter(pl.col("entry_article").is_not_null())
    parts = [_recounted("site", None, people, entries, None)]
    parts += [_recounted(name, name, people, entries, f"entry_{name}") for name in WAYS]
    parts.append(_recounted("article", "article_id", of_articles, in_articles, "entry_article"))
    parts.append(_recounted("section", "section", of_articles, in_articles, "entry_section"))
    for name, bridge in bridges.items():
        key = f"{name}_id"
        for dimension, rows in ((name, bridge), (f"{name}_first", bridge.filter(pl.col("position") == 1))):
            came = of_articles.join(rows, on="article_id", how="left")
            went = in_articles.join(rows, left_on="entry_article", right_on="article_id", how="left")
            parts.append(_recounted(dimension, key, came, went, key))
            sums[dimension] = _by(
                sums["article"].join(
                    rows.select(pl.col("article_id", key).cast(pl.String)),
                    left_on="value",
                    right_on="article_id",
                    how="left",
                ),
                key,
            )
    summed = pl.concat(frame.with_columns(dimension=pl.lit(name)) for name, frame in sums.items())
    return (
        pl.concat(parts)
        .join(summed, on=["day_local", "dimension", "value"], nulls_equal=True)
        .sort("day_local", "dimension", "value")
    )


def _sums(facts: pl.DataFrame, days: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Sum up the views of each dimension that a view itself bears: day_local, value, the bases."""
    # Two groupings of the long frame; what comes after groups some thousands of rows.
    ways = days.group_by("day_local", *WAYS).agg(pl.col(_SUMS).sum())
    articles = _by(days.filter(pl.col("article_id").is_not_null()), "article_id")
    sections = facts.filter("is_article").select(value="article_id", section="section").unique("value")
    return {
        "site": _by(ways, None),
        **{name: _by(ways, name) for name in WAYS},
        "article": articles,
        "section": _by(articles.join(sections, on="value", how="left"), "section"),
    }


def _by(frame: pl.DataFrame, column: str | None) -> pl.DataFrame:
    value = pl.col(column) if column else pl.lit(None, dtype=pl.String())
    return frame.group_by("day_local", value=value).agg(pl.col(_SUMS).sum())


def _recounted(
    dimension: str, column: str | None, people: pl.DataFrame, entries: pl.DataFrame, entry: str | None
) -> pl.DataFrame:
    """Recount one dimension; `column` names it in views, `entry` in sessions; None is the whole site."""
    value, entered = (
        pl.col(name) if name else pl.lit(None, dtype=pl.Categorical()) for name in (column, entry)
    )
    came = people.group_by("day_local", value=value).agg(
        pl.col("site_id").first(), readers=_distinct("visitor"), sessions=_distinct("session_id")
    )
    went = entries.group_by("day_local", value=entered).agg(_left())
    return (
        came.join(went, on=["day_local", "value"], how="left", nulls_equal=True)
        .with_columns(pl.col("bounces", "bounce_known").fill_null(0))
        .with_columns(pl.col("value").cast(pl.String), dimension=pl.lit(dimension))
        .select("site_id", "day_local", "dimension", "value", *_PEOPLE)
    )


def _left() -> list[pl.Expr]:
    """Count closed, measured sessions, and those of them that left at once."""
    return [
        pl.col("is_bounce").sum().cast(pl.Int64).alias("bounces"),
        pl.len().cast(pl.Int64).alias("bounce_known"),
    ]


def site_minutes(facts: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Count the whole site by minute: a day cut at any time of day is a sum of its minutes.

    A person counts in the minute of the day's first load, a session in the minute of its own: so people
    add up over the minutes of one day.

    Args:
        facts: View facts of whole days.
        sessions: Of `facts.sessions`.

    Returns:
        site_id, day_local, hour_at, minute_at (UTC), the bases of people and of views.
    """
    minute = pl.col("event_at").dt.truncate("1m").alias("minute_at")
    keys = ["day_local", "minute_at"]
    views = facts.group_by("day_local", minute).agg(
        pl.col("site_id", "hour_at").first(), *(counted(base) for base in bases_of(VIEWS))
    )
    first_seen = (
        facts.filter(pl.col("visitor").is_not_null())
        .group_by("day_local", "visitor")
        .agg(pl.col("event_at").min())
    )
    began = sessions.with_columns(event_at="first_view_at")
    known = began.filter(pl.col("is_closed") & pl.col("is_measured"))
    people = (
        first_seen.group_by("day_local", minute).agg(readers=pl.len().cast(pl.Int64)),
        began.group_by("day_local", minute).agg(sessions=pl.len().cast(pl.Int64)),
        known.group_by("day_local", minute).agg(_left()),
    )
    for frame in people:
        views = views.join(frame, on=keys, how="left")
    return views.with_columns(pl.col(_PEOPLE).fill_null(0)).sort(keys)


def _distinct(column: str) -> pl.Expr:
    """Count distinct known values; dropping nulls in every group first would cost twice as much."""
    values = pl.col(column)
    return values.n_unique().cast(pl.Int64) - values.is_null().any().cast(pl.Int64)
