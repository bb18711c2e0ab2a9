"""Rollups: facts grouped, by the bases that `metrics` defines. Sums add up over days; readers never do."""

from __future__ import annotations

import polars as pl

from analytics.metrics import AGED, PEOPLE, VIEWS, Base, bases_of
from analytics.store import ages

HOUR_KEYS = ("day_local", "hour_at", "article_id")
WAYS = ("channel", "source", "device", "country")
DAY_KEYS = ("day_local", "article_id", *WAYS)
_SUMS = [base.name for base in bases_of(VIEWS)]
_PEOPLE = [base.name for base in bases_of(PEOPLE)]


def flag(name: str) -> pl.Expr:
    """Turn one condition of a base into Polars: `x`, `~x` for not x, `x?` for x is known."""
    if name.startswith("~"):
        return ~pl.col(name[1:])
    return pl.col(name[:-1]).is_not_null() if name.endswith("?") else pl.col(name)


def counted(facts: pl.DataFrame) -> pl.DataFrame:
    """Turn the bases into columns of numbers, one row a view, which add up over any keys.

    What a view counts for is decided once, for the sums by hour, by day and by minute.

    Args:
        facts: View facts of one site.

    Returns:
        The keys of all rollups, event_at, published_at and a column a base; article_id is null for other
        pages.
    """
    return facts.select(
        "site_id",
        "hour_at",
        "event_at",
        "published_at",
        "day_local",
        *WAYS,
        pl.when("is_article").then("article_id").alias("article_id"),
        *(_number(base) for base in bases_of(VIEWS)),
    )


def _number(base: Base) -> pl.Expr:
    value = pl.col(base.value).fill_null(0) if base.value else pl.lit(1, dtype=pl.Int64)
    if not base.when:
        return value.alias(base.name)
    holds = pl.all_horizontal(flag(name) for name in base.when)
    return pl.when(holds).then(value).otherwise(0).cast(pl.Int64).alias(base.name)


def article_hours(counted: pl.DataFrame) -> pl.DataFrame:
    """Add up views, as `counted` gives them, by hour and article."""
    return _grouped(counted, HOUR_KEYS)


def article_days(counted: pl.DataFrame) -> pl.DataFrame:
    """Add up views, as `counted` gives them, by day, article, channel, source, device and country."""
    return _grouped(counted, DAY_KEYS)


def _grouped(counted: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    """Group by the keys; the views are of one site, which need not be compared row by row.

    Sorted by day, so that the store can skip the others; sorting by every key would cost more than adding up.
    """
    return counted.group_by(keys).agg(pl.col("site_id").first(), pl.col(_SUMS).sum()).sort("day_local")


def article_ages(counted: pl.DataFrame) -> pl.DataFrame:
    """Add up views, as `counted` gives them, by day, article and step of its age, up to 90 days.

    What was seen before its publication has no age and is left out.
    """
    return (
        counted.filter(pl.col("article_id").is_not_null())
        .select(
            "site_id",
            "day_local",
            "article_id",
            *AGED,
            step=ages.during(pl.col("event_at") - pl.col("published_at")),
        )
        .filter(pl.col("step").is_not_null())
        .group_by("day_local", "article_id", "step")
        .agg(pl.col("site_id").first(), pl.col(AGED).sum())
        .sort("day_local")
    )


def engaged_days(facts: pl.DataFrame) -> pl.DataFrame:
    """Count the article views of each whole number of engaged seconds: exact medians over any range."""
    return (
        facts.filter("is_article", "is_measured")
        .group_by("day_local", "article_id", "engaged_s")
        .agg(pl.col("site_id").first(), n=pl.len().cast(pl.Int64))
        .sort("day_local")
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
    bridges = {"author": authors, "topic": topics}
    bridges = {
        name: each.with_columns(pl.exclude("position").cast(pl.Categorical)) for name, each in bridges.items()
    }
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
            credited = rows.select("article_id", key)
            sums[dimension] = _by(
                sums["article"].join(credited, left_on="value", right_on="article_id", how="left"), key
            )
    summed = pl.concat(frame.with_columns(dimension=pl.lit(name)) for name, frame in sums.items())
    return (
        pl.concat(parts)
        .join(summed, on=["day_local", "dimension", "value"], nulls_equal=True)
        .with_columns(pl.col("value").cast(pl.String))
        .sort("day_local", "dimension")
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
    value = pl.col(column) if column else pl.lit(None, dtype=pl.Categorical())
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
        .with_columns(dimension=pl.lit(dimension))
        .select("site_id", "day_local", "dimension", "value", *_PEOPLE)
    )


def _left() -> list[pl.Expr]:
    """Count closed, measured sessions, and those of them that left at once."""
    return [
        pl.col("is_bounce").sum().cast(pl.Int64).alias("bounces"),
        pl.len().cast(pl.Int64).alias("bounce_known"),
    ]


def site_minutes(facts: pl.DataFrame, counted: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Count the whole site by minute: a day cut at any time of day is a sum of its minutes.

    A person counts in the minute of the day's first load, a session in the minute of its own: so people
    add up over the minutes of one day.

    Args:
        facts: View facts of whole days.
        counted: Of `counted`, over the same facts.
        sessions: Of `facts.sessions`.

    Returns:
        site_id, day_local, hour_at, minute_at (UTC), the bases of people and of views.
    """
    minute = pl.col("event_at").dt.truncate("1m").alias("minute_at")
    keys = ["day_local", "minute_at"]
    views = counted.group_by("day_local", minute).agg(
        pl.col("site_id", "hour_at").first(), pl.col(_SUMS).sum()
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
