"""Rollups: facts grouped, by the bases that `metrics` defines. Sums add up over days; readers never do."""

from __future__ import annotations

from functools import cache

import polars as pl

from analytics.metrics import AGED, PEOPLE, VIEWS, Base, bases_of
from analytics.store import ages

HOUR_KEYS = ("day_local", "hour_at", "article_id")
WAYS = ("channel", "source", "device", "country")
DAY_KEYS = ("day_local", "article_id", *WAYS)
OF_PEOPLE = ("day_local", "visitor", "session_id", *WAYS, "article_id", "section", "is_article")
_SUMS = [base.name for base in bases_of(VIEWS)]
_PEOPLE = [base.name for base in bases_of(PEOPLE)]
_LEFT = ["bounces", "bounce_known"]


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
        "hour_at",
        "event_at",
        "published_at",
        "day_local",
        *WAYS,
        pl.when("is_article").then("article_id").alias("article_id"),
        *_numbers(),
    )


@cache  # they are many, and of few rows their making costs more than their use
def _numbers() -> tuple[pl.Expr, ...]:
    return tuple(_number(base) for base in bases_of(VIEWS))


def _number(base: Base) -> pl.Expr:
    value = pl.col(base.value).fill_null(0) if base.value else pl.lit(1, dtype=pl.Int64)
    if not base.when:
        return value.alias(base.name)
    holds = pl.all_horizontal(flag(name) for name in base.when)
    return pl.when(holds).then(value).otherwise(0).cast(pl.Int64).alias(base.name)


def article_hours(counted: pl.LazyFrame) -> pl.LazyFrame:
    """Add up views, as `counted` gives them, by hour and article."""
    return _grouped(counted, HOUR_KEYS)


def article_days(counted: pl.LazyFrame) -> pl.LazyFrame:
    """Add up views, as `counted` gives them, by day, article, channel, source, device and country."""
    return _grouped(counted, DAY_KEYS)


def _grouped(counted: pl.LazyFrame, keys: tuple[str, ...]) -> pl.LazyFrame:
    """Group by the keys."""
    return counted.group_by(keys).agg(pl.col(_SUMS).sum())


def by_day(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort by day, so that the store can skip the others; by every key it would cost more than adding up."""
    return frame if frame["day_local"].is_sorted() else frame.sort("day_local")


def article_ages(counted: pl.LazyFrame) -> pl.LazyFrame:
    """Add up views, as `counted` gives them, by day, article and step of its age, up to 90 days.

    What was seen before its publication has no age and is left out.
    """
    return (
        counted.filter(pl.col("article_id").is_not_null())
        .select(
            "day_local",
            "article_id",
            *AGED,
            step=ages.during(pl.col("event_at") - pl.col("published_at")),
        )
        .filter(pl.col("step").is_not_null())
        .group_by("day_local", "article_id", "step")
        .agg(pl.col(AGED).sum())
    )


def engaged_days(facts: pl.LazyFrame) -> pl.LazyFrame:
    """Count the article views of each whole number of engaged seconds: exact medians over any range."""
    return (
        facts.filter("is_article", "is_measured")
        .group_by("day_local", "article_id", "engaged_s")
        .agg(n=pl.len().cast(pl.Int64))
    )


def dimension_days(
    facts: pl.DataFrame,
    days: pl.DataFrame,
    sessions: pl.DataFrame,
    authors: pl.DataFrame,
    topics: pl.DataFrame,
) -> pl.LazyFrame:
    """Sum up views, and recount people, by local day and dimension.

    Args:
        facts: OF_PEOPLE of the views of whole days, and `session_day` (day of the session's first view).
        days: Of `article_days`, over the same facts.
        sessions: Of `facts.sessions`.
        authors: article_id, author_id, position.
        topics: article_id, topic_id, position.

    Returns:
        day_local, dimension, value, the bases of people and of views.
    """
    bridges = {"author": authors, "topic": topics}
    bridges = {
        name: each.with_columns(pl.exclude("position").cast(pl.Categorical)) for name, each in bridges.items()
    }
    # What many groupings share is made once; all that follows is one plan.
    people = facts.select(
        "day_local",
        "visitor",
        *WAYS,
        session_id=pl.when(pl.col("session_day") == pl.col("day_local")).then("session_id"),
        article_id=pl.when("is_article").then("article_id"),
        section=pl.when("is_article").then("section"),
        is_article="is_article",
    ).lazy()
    of_articles = people.filter("is_article").collect().lazy()
    entries = sessions.filter(pl.col("is_closed") & pl.col("is_measured")).lazy()
    in_articles = entries.filter(pl.col("entry_article").is_not_null())
    sums = _sums(facts, days)
    came = {"site": _people(people, None), **{name: _people(people, name) for name in WAYS}}
    came |= {"article": _people(of_articles, "article_id"), "section": _people(of_articles, "section")}
    went = {"site": _entries(entries, None), **{name: _entries(entries, f"entry_{name}") for name in WAYS}}
    went |= {name: _entries(in_articles, f"entry_{name}") for name in ("article", "section")}
    for name, bridge in bridges.items():
        key = f"{name}_id"
        firsts, first = bridge.filter(pl.col("position") == 1), f"{name}_first"
        for dimension, rows in ((name, bridge), (first, firsts)):
            if dimension == first and firsts.height == bridge.height:  # nobody stands second
                came[first], went[first], sums[first] = came[name], went[name], sums[name]
                continue
            credited = rows.lazy().select("article_id", key)
            came[dimension] = _people(of_articles.join(credited, on="article_id", how="left"), key)
            entered = in_articles.join(credited, left_on="entry_article", right_on="article_id", how="left")
            went[dimension] = _entries(entered, key)
            sums[dimension] = _by(
                sums["article"].join(credited, left_on="value", right_on="article_id", how="left"), key
            )
    keys = ["day_local", "dimension", "value"]
    return (
        _stacked(came)
        .join(_stacked(went), on=keys, how="left", nulls_equal=True)
        .with_columns(pl.col(_LEFT).fill_null(0))
        .join(_stacked(sums), on=keys, nulls_equal=True)
        .with_columns(pl.col("value").cast(pl.String))
        .sort("day_local", "dimension")
    )


def _stacked(of_dimension: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Lay the rows of all dimensions in one frame, each with the name of its dimension."""
    kind = pl.Enum(sorted(of_dimension))
    return pl.concat(
        frame.with_columns(dimension=pl.lit(name, dtype=kind)) for name, frame in of_dimension.items()
    )


def _sums(facts: pl.DataFrame, days: pl.DataFrame) -> dict[str, pl.LazyFrame]:
    """Sum up the views of each dimension that a view itself bears: day_local, value, the bases."""
    # Two groupings of the long frame; what comes after groups some thousands of rows.
    ways = days.group_by("day_local", *WAYS).agg(pl.col(_SUMS).sum()).lazy()
    articles = _by(days.lazy().filter(pl.col("article_id").is_not_null()), "article_id").collect().lazy()
    keys = ["day_local", "value"]
    bearing = facts.lazy().filter("is_article").select("day_local", value="article_id", section="section")
    sections = bearing.unique(keys)
    return {
        "site": _by(ways, None),
        **{name: _by(ways, name) for name in WAYS},
        "article": articles,
        "section": _by(articles.join(sections, on=keys, how="left"), "section"),
    }


def _by(frame: pl.LazyFrame, column: str | None) -> pl.LazyFrame:
    return frame.group_by("day_local", value=_value(column)).agg(pl.col(_SUMS).sum())


def _people(views: pl.LazyFrame, column: str | None) -> pl.LazyFrame:
    """Count the people of each value, those of None: of the whole."""
    return views.group_by("day_local", value=_value(column)).agg(
        readers=_distinct("visitor"), sessions=_distinct("session_id")
    )


def _entries(sessions: pl.LazyFrame, column: str | None) -> pl.LazyFrame:
    return sessions.group_by("day_local", value=_value(column)).agg(_left())


def _value(column: str | None) -> pl.Expr:
    return pl.col(column) if column else pl.lit(None, dtype=pl.Categorical())


def _left() -> list[pl.Expr]:
    """Count closed, measured sessions, and those of them that left at once."""
    return [
        pl.col("is_bounce").sum().cast(pl.Int64).alias(_LEFT[0]),
        pl.len().cast(pl.Int64).alias(_LEFT[1]),
    ]


def site_minutes(facts: pl.LazyFrame, counted: pl.LazyFrame, sessions: pl.LazyFrame) -> pl.LazyFrame:
    """Count the whole site by minute: a day cut at any time of day is a sum of its minutes.

    A person counts in the minute of the day's first load, a session in the minute of its own: so people
    add up over the minutes of one day.

    Args:
        facts: View facts of whole days.
        counted: Of `counted`, over the same facts.
        sessions: Of `facts.sessions`.

    Returns:
        day_local, hour_at, minute_at (UTC), the bases of people and of views.
    """
    minute = pl.col("event_at").dt.truncate("1m").alias("minute_at")
    keys = ["day_local", "minute_at"]
    views = counted.group_by("day_local", minute).agg(pl.col("hour_at").first(), pl.col(_SUMS).sum())
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
