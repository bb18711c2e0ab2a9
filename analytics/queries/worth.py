"""Worth a look: articles that stand out for a reason which the figures of one period can bear."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from analytics.metrics import FEW_N
from analytics.queries import figures
from analytics.queries.ask import Ask
from analytics.store.store import Store

Reason = Literal["unseen", "hot", "discussed"]
UPPER_QUARTER = 0.75  # pages.md 2.1: finish_rate in the upper quarter
MOST_SEEN = 0.5  # "few views": no more than the middle article that can be judged
MOST = 4  # as many as stand beside the chart
LEAST_JUDGED = 8  # a quarter of fewer articles is no quarter
LEAST_COMMENTS = 5  # a rate of three comments is a coincidence


@dataclass(frozen=True, slots=True)
class Look:
    """One article that is worth a look.

    Attributes:
        reason: unseen: finished by many of few; hot: much talk for its reads; discussed: most comments.
        article_id: The article.
        views: Its views.
        finish_rate: Share of views that were read to the end.
        finish_n: What that rests on.
        comments: Published comments.
        comment_rate: Comments per 1,000 reads.
        low: Lower end of the interval of the rate that the reason is about.
        high: Upper end.
    """

    reason: Reason
    article_id: str
    views: int
    finish_rate: float | None
    finish_n: float | None
    comments: int | None
    comment_rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Comments of an article that wait for a decision: how many, and since when the oldest does."""

    comments: int
    since: dt.datetime


def worth_a_look(store: Store, ask: Ask, now: dt.datetime, *, with_comments: bool = True) -> list[Look]:
    """List articles that stand out: two a reason, and more of the first where others have none.

    An article stands under one reason only.

    A rate counts by the lower end of its interval, so that a few views make no finding.

    Args:
        store: The open store.
        ask: Filter and days; no split.
        now: Naive UTC.
        with_comments: False where the filter cannot be put to comments.
    """
    names = ["views", "finish_rate", *(["comments", "comment_rate"] if with_comments else [])]
    rows = figures.ranking(store, names, replace(ask, split="article"), now, order="views")
    rows = rows.filter(pl.col("id").is_not_null())
    missing = [name for name in _COLUMNS if name not in rows.columns]
    rows = rows.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in missing)
    unseen, hot = _unseen(rows), _hot(rows)
    talk = [_look("hot", row) for row in hot.head(2).to_dicts()]
    loud = _discussed(rows).filter(~pl.col("id").is_in(hot.head(2)["id"].to_list()))
    talk += [_look("discussed", row) for row in loud.head(MOST - 2 - len(talk)).to_dicts()]
    named = [each.article_id for each in talk]
    quiet = unseen.filter(~pl.col("id").is_in(named)).head(MOST - len(talk))
    return [*[_look("unseen", row) for row in quiet.to_dicts()], *talk]


def waiting(store: Store, site: str, ids: list[str]) -> dict[str, Waiting]:
    """Count comments of some articles that wait now.

    Returns:
        Article -> waiting comments; articles without any are absent.
    """
    rows = store.frame(
        """
        SELECT article_id, count(*)::BIGINT AS comments, min(created_at) AS since FROM comment_facts
        WHERE site_id = $site AND is_pending AND article_id IN (SELECT unnest($ids::VARCHAR[]))
        GROUP BY article_id
        """,
        site=site,
        ids=ids,
    )
    return {row["article_id"]: Waiting(row["comments"], row["since"]) for row in rows.to_dicts()}


_COLUMNS = ("comments", "comment_rate", "comment_rate_n", "comment_rate_low", "comment_rate_high")


def _unseen(rows: pl.DataFrame) -> pl.DataFrame:
    judged = rows.filter(pl.col("finish_rate_n") >= FEW_N)
    if judged.height < LEAST_JUDGED:
        return judged.clear()
    high = pl.col("finish_rate") >= pl.col("finish_rate").quantile(UPPER_QUARTER)
    little = pl.col("views") <= pl.col("views").quantile(MOST_SEEN)
    return judged.filter(high & little).sort("finish_rate_low", "id", descending=[True, False])


def _hot(rows: pl.DataFrame) -> pl.DataFrame:
    sure = (pl.col("comment_rate_n") >= FEW_N) & (pl.col("comments") >= LEAST_COMMENTS)
    return rows.filter(sure).sort("comment_rate_low", "id", descending=[True, False])


def _discussed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("comments") >= LEAST_COMMENTS).sort("comments", "id", descending=[True, False])


def _look(reason: str, row: dict[str, object]) -> Look:
    rate = "finish_rate" if reason == "unseen" else "comment_rate"
    values = {"low": row[f"{rate}_low"], "high": row[f"{rate}_high"], "finish_n": row["finish_rate_n"]}
    kept = {name: row[name] for name in ("views", "finish_rate", "comments", "comment_rate")}
    return Look(reason=reason, article_id=row["id"], **kept, **values)  # type: ignore[arg-type]
