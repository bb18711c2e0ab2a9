"""The life of one article: what it gathered since publication, its best hour, its comments."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import polars as pl

from analytics.metrics import BASES
from analytics.periods import Grain, Period, buckets, local_day
from analytics.queries import articles, figures
from analytics.queries.ask import Ask
from analytics.queries.library import Article
from analytics.store.store import Store, ask

STATES = ("published", "pending", "rejected", "other")


@dataclass(frozen=True, slots=True)
class Milestones:
    """Moments in the life of an article, naive UTC; None where they have not come.

    Attributes:
        best_hour: Begin of the hour with the most views.
        best_views: Views of that hour.
        half_by: End of the hour by which half of all its views had come.
        first_comment: When the first comment was written.
    """

    best_hour: dt.datetime | None
    best_views: int
    half_by: dt.datetime | None
    first_comment: dt.datetime | None


def lifetime(article: Article, zone: str, today: dt.date) -> Period:
    """Find the days that an article's page covers: from publication, or its first view, to today.

    Days before the first view hold nothing and are left out, except the day of publication; the
    period ends with the latest view.
    """
    views = [local_day(at, zone) for at in (article.first_view_at, article.last_view_at) if at is not None]
    published = local_day(article.published_at, zone) if article.published_at else None
    last = min(max([today if not views else views[-1]]), today)
    first = min([*views[:1], *([published] if published and _is_near(published, views) else []), last])
    return Period(first, last, zone)


def is_followed(article: Article, began: dt.datetime | None) -> bool:
    """Say whether the article was counted from its publication on, so that a curve by age is whole."""
    return article.published_at is not None and began is not None and began <= article.published_at


def since_publication(
    store: Store, site: str, article_id: str, base: str, published: dt.datetime, until: dt.datetime
) -> pl.DataFrame:
    """Add up a base since publication, hour by hour.

    Args:
        store: The open store.
        site: The site.
        article_id: The article.
        base: An additive base of views, such as `reads`.
        published: First publication, naive UTC.
        until: Naive UTC; now, or the end of the horizon.

    Returns:
        age_h (Float64, hours since publication, at the end of each hour; the last one at `until`) and value
        (Int64, all up to then); begins at age 0, sorted.
    """
    column = BASES[base].name
    first = published.replace(minute=0, second=0, microsecond=0)
    with store.read() as cursor:
        rows = ask(
            cursor,
            f"""
            SELECT hour_at, sum({column})::BIGINT AS value FROM article_hours
            WHERE site_id = $site AND article_id = $id AND hour_at < $until
            GROUP BY hour_at
            """,
            site=site,
            id=article_id,
            until=until,
        )
    hours = pl.DataFrame(
        {"hour_at": pl.datetime_range(first, until, "1h", closed="left", eager=True)},
        schema={"hour_at": pl.Datetime("us")},
    )
    early = rows.filter(pl.col("hour_at") < first)["value"].sum()
    ends = pl.min_horizontal(pl.col("hour_at") + pl.duration(hours=1), pl.lit(until))
    grown = (
        hours.join(rows.filter(pl.col("hour_at") >= first), on="hour_at", how="left")
        .sort("hour_at")
        .select(
            age_h=(ends - pl.lit(published)).dt.total_seconds() / 3600,
            value=pl.col("value").fill_null(0).cum_sum() + early,
        )
    )
    start = pl.DataFrame({"age_h": [0.0], "value": [early]}, schema=grown.schema)
    return pl.concat([start, grown.filter(pl.col("age_h") > 0)])


def tells(store: Store, ask_: Ask, now: dt.datetime) -> tuple[bool, bool]:
    """Say whether the views asked for tell reading time, and whether any of them names its source."""

    def asked() -> tuple[bool, bool]:
        reads = figures.totals(store, ["reads"], ask_, now)["reads"].value
        named = figures.ranking(store, ["views"], replace(ask_, split="source"), now, order="views")
        return reads is not None, bool(named["id"].count())

    return store.memo(("tells", ask_), asked)  # most parts of an article's page ask it


def engaged_spread(store: Store, ask_: Ask) -> pl.DataFrame:
    """Count measured views by engaged time, with their share.

    Returns:
        seconds (lower end of each step), views, share (null without measured views).
    """
    spread = articles.engaged_spread(store, ask_)
    whole = spread["views"].sum()
    share = pl.col("views") / whole if whole else pl.lit(None, dtype=pl.Float64)
    return spread.with_columns(share=share)


def milestones(store: Store, site: str, article_id: str) -> Milestones:
    """Find the best hour, when half of the views had come, and the first comment."""
    with store.read() as cursor:
        hours = ask(
            cursor,
            """
            SELECT hour_at, sum(views)::BIGINT AS views FROM article_hours
            WHERE site_id = $site AND article_id = $id GROUP BY hour_at HAVING views > 0 ORDER BY hour_at
            """,
            site=site,
            id=article_id,
        )
        talk = ask(
            cursor,
            "SELECT min(created_at) AS at FROM comment_facts WHERE site_id = $site AND article_id = $id",
            site=site,
            id=article_id,
        )
    best = hours.sort("views", "hour_at", descending=[True, False]).head(1).rows()
    half = hours.filter(2 * pl.col("views").cum_sum() >= pl.col("views").sum())["hour_at"].head(1).to_list()
    return Milestones(
        best_hour=best[0][0] if best else None,
        best_views=best[0][1] if best else 0,
        half_by=half[0] + dt.timedelta(hours=1) if half else None,
        first_comment=talk["at"][0],
    )


def comments_over_time(
    store: Store, site: str, article_id: str, period: Period, grain: Grain
) -> pl.DataFrame:
    """Count comments of an article by the time of writing and present status.

    Returns:
        at (local Datetime) and published, pending, rejected, other (spam and deleted); every bucket of
        the period is there.
    """
    by: Grain = "hour" if grain == "hour" else "day"
    spans = buckets(period, by)
    places = pl.DataFrame(
        {
            "at": [each.local for each in spans],
            "key": [each.begins if by == "hour" else each.local.date() for each in spans],
        },
        schema={"at": pl.Datetime("us"), "key": pl.Datetime("us") if by == "hour" else pl.Date()},
    )
    found = articles.comment_states(store, site, article_id, period, by)
    shown = pl.when(pl.col("status").is_in(STATES[:3])).then(pl.col("status")).otherwise(pl.lit("other"))
    counted = [pl.col("comments").filter(pl.col("status") == name).sum().alias(name) for name in STATES]
    summed = found.with_columns(status=shown).group_by(key="at").agg(counted)
    return (
        places.join(summed, on="key", how="left")
        .with_columns(pl.col(*STATES).fill_null(0))
        .drop("key")
        .sort("at")
    )


def _is_near(published: dt.date, views: list[dt.date]) -> bool:
    """Say whether publication lies at most a week before the first view: else the days between are empty."""
    return not views or dt.timedelta(0) <= views[0] - published <= dt.timedelta(days=7)
