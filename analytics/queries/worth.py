"""Worth a look: articles that stand out for a reason which the figures of one period can bear."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from analytics.metrics import FEW_N, FEW_SET
from analytics.queries import corrections, figures, health, standing
from analytics.queries.ask import Ask, refuse_calm
from analytics.queries.comebacks import comebacks
from analytics.queries.expected import expected
from analytics.store.store import Store

Reason = Literal["above", "unseen", "hot", "discussed", "rising"]
UPPER_QUARTER = 0.75  # pages.md 2.1: finish_rate in the upper quarter
MOST_SEEN = 0.5  # "few views" without an expectation: no more than the middle article that can be judged
ABOVE_SCORE = 90  # pages.md 2.1: above expectation
MOST_JUDGED = 150  # articles held against their expectation: the most viewed
MOST = 4  # as many as stand beside the chart
LEAST_JUDGED = 8  # a quarter of fewer articles is no quarter
LEAST_COMMENTS = 5  # a rate of three comments is a coincidence


@dataclass(frozen=True, slots=True)
class Look:
    """One article that is worth a look.

    Attributes:
        reason: above: more reads than nearly all of its section at its age; unseen: finished by many of few;
            hot: much talk for its reads; discussed: most comments; rising: old, and above its own typical.
        article_id: The article.
        views: Its views.
        finish_rate: Share of views that were read to the end.
        finish_n: What that rests on.
        comments: Published comments.
        comment_rate: Comments per 1,000 reads.
        low: Lower end of the interval of the rate that the reason is about.
        high: Upper end.
        times: Reads (of `above`) or views (of `unseen`) ÷ the expected median at its age; None without.
        score: Of `above`: 0 to 100 among `score_n` articles.
        score_n: How many that are.
        value: Of `rising`: its reads, or views where none can be told.
        usual: Of `rising`: 10th percentile, median and 90th of the same days before.
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
    times: float | None = None
    score: int | None = None
    score_n: int | None = None
    value: int | None = None
    usual: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Comments of an article that wait for a decision: how many, and since when the oldest does."""

    comments: int
    since: dt.datetime


def worth_a_look(store: Store, ask: Ask, now: dt.datetime, *, with_comments: bool = True) -> list[Look]:
    """List articles that stand out, at most four: above expectation, good but unseen, talk, rising again.

    An article stands under one reason only; where a reason has none, the unseen and the talk have two.
    Without an expectation - tracking has just begun - few views are those up to the middle of the articles
    that can be judged.

    A rate counts by the lower end of its interval, so that a few views make no finding.

    Args:
        store: The open store.
        ask: Filter and days; no split.
        now: Naive UTC.
        with_comments: False where the filter cannot be put to comments.
    """
    refuse_calm(ask.where.site_id, "Findings are")
    names = ["views", "finish_rate", *(["comments", "comment_rate"] if with_comments else [])]
    rows = figures.ranking(store, names, replace(ask, split="article"), now, order="views")
    hidden = corrections.excluded(store, ask.where.site_id)
    rows = rows.filter(pl.col("id").is_not_null() & ~pl.col("id").is_in(hidden))
    missing = [name for name in _COLUMNS if name not in rows.columns]
    rows = rows.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in missing)
    rows = _beside_expected(store, rows, ask, now)
    best = [_look("above", row) for row in _above(rows).head(1).to_dicts()]
    risen = _risen(store, _without(rows, best), ask, now)
    lead = [*best, *risen]
    unseen, hot = _without(_unseen(rows), lead), _without(_hot(rows), lead)
    room = 2 - len(lead)
    talk = [_look("hot", row) for row in hot.head(max(room, 1)).to_dicts()]
    loud = _discussed(_without(rows, [*lead, *talk]))
    talk += [_look("discussed", row) for row in loud.head(max(room, 1) - len(talk)).to_dicts()]
    quiet = _without(unseen, talk).head(MOST - len(lead) - len(talk))
    return [*best, *[_look("unseen", row) for row in quiet.to_dicts()], *talk, *risen]


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


def _beside_expected(store: Store, rows: pl.DataFrame, ask: Ask, now: dt.datetime) -> pl.DataFrame:
    """Hold the most viewed against their reads at the same age; the well finished also against views."""
    names = {"score": pl.Int64(), "score_n": pl.Int64(), "times": pl.Float64(), "few_times": pl.Float64()}
    if set(ask.where.active()) & set(standing.NARROW):
        return rows.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in names.items())
    most = rows.sort("views", descending=True).head(MOST_JUDGED)
    site = ask.where.site_id
    seen = most.filter(pl.col("views") >= FEW_N)["id"].to_list()
    reads = expected(store, site, now, seen).select("id", "score", "place", score_n="n", times="vs_expected")
    finished = _well_finished(rows).join(most, on="id", how="semi")["id"].to_list()
    views = expected(store, site, now, finished, base="views").select("id", few_times="vs_expected")
    return rows.join(reads, on="id", how="left").join(views, on="id", how="left")


def _without(rows: pl.DataFrame, named: list[Look]) -> pl.DataFrame:
    return rows.filter(~pl.col("id").is_in([each.article_id for each in named]))


def _above(rows: pl.DataFrame) -> pl.DataFrame:
    sure = (pl.col("score_n") >= FEW_SET) & (pl.col("views") >= FEW_N)
    high = (pl.col("score") >= ABOVE_SCORE) & (pl.col("times") > 1)
    return rows.filter(sure & high).sort("score", "views", "id", descending=[True, True, False])


def _risen(store: Store, rows: pl.DataFrame, ask: Ask, now: dt.datetime) -> list[Look]:
    """Find the old article that rose most above its own typical; a filter that takes views apart has none."""
    if set(ask.where.active()) & set(standing.NARROW) or ask.basis == "published_in":
        return []
    site, period = ask.where.site_id, ask.period
    base = "reads" if health.tells_reading(store, site, period.first, period.last) else "views"
    ids = rows.sort("views", descending=True)["id"].to_list()
    found = comebacks(store, site, ids, base, period, now).head(1)
    return [
        replace(_look("rising", row), value=row["value"], usual=(row["low"], row["median"], row["high"]))
        for row in found.join(rows, on="id").to_dicts()
    ]


def _well_finished(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the upper quarter by the rate of finishing, of the articles that can be judged."""
    judged = _judged(rows)
    return judged.filter(pl.col("finish_rate") >= pl.col("finish_rate").quantile(UPPER_QUARTER))


def _judged(rows: pl.DataFrame) -> pl.DataFrame:
    judged = rows.filter(pl.col("finish_rate_n") >= FEW_N)
    return judged if judged.height >= LEAST_JUDGED else judged.clear()


def _unseen(rows: pl.DataFrame) -> pl.DataFrame:
    half = _judged(rows)["views"].quantile(MOST_SEEN)
    middle = pl.col("views") <= pl.lit(half)
    little = pl.when(pl.col("few_times").is_null()).then(middle).otherwise(pl.col("few_times") < 1)
    return _well_finished(rows).filter(little).sort("finish_rate_low", "id", descending=[True, False])


def _hot(rows: pl.DataFrame) -> pl.DataFrame:
    sure = (pl.col("comment_rate_n") >= FEW_N) & (pl.col("comments") >= LEAST_COMMENTS)
    return rows.filter(sure).sort("comment_rate_low", "id", descending=[True, False])


def _discussed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("comments") >= LEAST_COMMENTS).sort("comments", "id", descending=[True, False])


def _look(reason: str, row: dict[str, object]) -> Look:
    rate = "finish_rate" if reason == "unseen" else "comment_rate"
    values = {"low": row[f"{rate}_low"], "high": row[f"{rate}_high"], "finish_n": row["finish_rate_n"]}
    kept = {name: row[name] for name in ("views", "finish_rate", "comments", "comment_rate")}
    kept |= {"times": row["few_times" if reason == "unseen" else "times"]}
    kept |= {name: row[name] for name in ("score", "score_n")}
    return Look(reason=reason, article_id=row["id"], **kept, **values)  # type: ignore[arg-type]
