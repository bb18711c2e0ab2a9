"""Where articles, authors, topics and sections stand: score, chip and hit rate beside the counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from analytics.errors import UnknownDimensionError
from analytics.language import _
from analytics.metrics import FEW_SET, Fold, Metric
from analytics.queries import counts
from analytics.queries.ask import HORIZONS, OF_VIEWS_ONLY, Ask
from analytics.queries.coverage import coverage
from analytics.queries.expected import expected
from analytics.queries.intervals import wilson
from analytics.store import ages
from analytics.store.memory import CATALOGUE
from analytics.store.store import Store
from analytics.store.store import ask as ask_store

NARROW = (
    *OF_VIEWS_ONLY,
    "age",
)  # filters that take views apart; standing counts all of them
_GROUPS = {
    "author": ("article_authors", "author_id"),
    "topic": ("article_topics", "topic_id"),
    "section": ("articles", "section"),
}


def is_standing(metric: Metric) -> bool:
    """Say whether a metric is answered here."""
    return metric.fold is Fold.STANDING


def columns(store: Store, wanted: Sequence[Metric], ask: Ask, now: dt.datetime) -> pl.DataFrame:
    """Compute metrics of standing for the rows of a question.

    Articles stand at their present age; under `published_in` at its horizon, or at their present age while
    they are younger. Groups, and a whole, stand by the articles published in the period.

    Args:
        store: The open store.
        wanted: Metrics whose fold is STANDING.
        ask: Filter, split and days.
        now: Naive UTC.

    Returns:
        id (absent without a split: one row), and per metric its column, `_n`, `_low` and `_high`; of
        `vs_expected` also `_place` and `_early`.

    Raises:
        UnknownDimensionError: The filter takes views apart.
    """
    narrow = [name for name in ask.where.active() if name in NARROW]
    if narrow:
        raise UnknownDimensionError(
            _(
                "{label} counts all views of an article and cannot be filtered by {narrow}.",
                label=wanted[0].label,
                narrow=narrow[0],
            ),
            _("Take the filter off."),
        )
    found = _of_articles(store, ask, now) if ask.split == "article" else _of_groups(store, ask, now)
    keys = ["id"] if ask.split else []
    names = [name for each in wanted for name in found.columns if name.startswith(each.id)]
    return found.select(*keys, *names)


def beside(store: Store, ids: Sequence[str], ask: Ask, now: dt.datetime) -> pl.DataFrame:
    """Compare some articles with their expectation: what the chips of a list are made from.

    Returns:
        The columns of `expected.SCHEMA`; articles without an expectation are absent.
    """
    return expected(store, ask.where.site_id, now, ids, horizon=_horizon(ask), as_of=_as_of(store, ask, now))


def published(
    store: Store, ask: Ask, now: dt.datetime, *, horizon: dt.timedelta | None = None
) -> pl.DataFrame:
    """Compare the articles published in a period, under the part of a filter that articles have.

    Args:
        store: The open store.
        ask: Filter and days.
        now: Naive UTC.
        horizon: Age at which all are compared; None is that of the question, 7 days where it has none.

    Returns:
        The columns of `expected.SCHEMA` and is_running (younger than the horizon); articles without an
        expectation are absent.
    """
    plain = dict.fromkeys(NARROW, ())
    own = replace(ask, where=ask.where.only(**plain), split="article", credit="full", grain="")
    at = horizon or (HORIZONS[ask.horizon] if ask.basis == "published_in" else ages.age_of(ages.WEEK))
    # A list asks it for scores and for hits, of its rows and of their total: mostly the same four times.
    key = ("published", own, at, now.replace(second=0, microsecond=0))
    return store.memo(key, lambda: _published(store, own, at, now))


def _published(store: Store, own: Ask, at: dt.timedelta | None, now: dt.datetime) -> pl.DataFrame:
    with store.read() as cursor:
        ids = counts.published(cursor, own)["id"].to_list()
    found = expected(store, own.where.site_id, now, ids, horizon=at, as_of=_as_of(store, own, now))
    running = pl.col("step") < ages.step_of(at) if at else pl.lit(value=False)
    return found.with_columns(is_running=running)


def last_ten(store: Store, ask: Ask, ids: Sequence[str], now: dt.datetime, most: int = 10) -> pl.DataFrame:
    """List where the last articles of some authors, topics or sections stand at 7 days, or at their age.

    Args:
        store: The open store.
        ask: With `split`; the period does not matter.
        ids: Of the dimension.
        now: Naive UTC.
        most: Articles of each.

    Returns:
        id and `places`, a list of 1 (above `expected` p50), 0 (on it), -1 (below) or null (not known), oldest
        first.
    """
    return (
        last_articles(store, ask, ids, now, most)
        .sort("published_at", "article_id")
        .group_by("id", maintain_order=True)
        .agg(places="place")
    )


def last_articles(
    store: Store, ask: Ask, ids: Sequence[str], now: dt.datetime, most: int = 10
) -> pl.DataFrame:
    """List the last articles of some authors, topics or sections, each with where it stands.

    Returns:
        id, article_id, published_at (naive UTC), place as in `last_ten`, vs_expected (÷ p50); the latest
        first.
    """
    site, wanted = ask.where.site_id, tuple(ids)
    hour = now.replace(minute=0, second=0, microsecond=0)
    recent = store.memo(
        ("articles of", site, ask.split, ask.credit, wanted, most, hour),
        lambda: _articles_of(store, ask, wanted, hour, most),
        of=[CATALOGUE],
    )
    last = (
        recent.lazy()
        .filter(pl.col("published_at") <= now)
        .sort("id", "published_at", "article_id", descending=[False, True, False])
        .group_by("id", maintain_order=True)
        .head(most)
        .collect()
    )
    week = ages.age_of(ages.WEEK)
    stand = expected(store, site, now, last["article_id"].unique().to_list(), horizon=week)
    own = stand.select(
        "vs_expected", article_id="id", place=(pl.col("vs_expected") - 1).sign().cast(pl.Int64)
    )
    return last.join(own, on="article_id", how="left", maintain_order="left")


def _articles_of(store: Store, ask: Ask, ids: Sequence[str], until: dt.datetime, most: int) -> pl.DataFrame:
    """List id, article_id and published_at of the last articles until an instant, and of all after it."""
    return store.frame(
        f"""
        SELECT m.id, a.article_id, a.published_at
        FROM articles AS a JOIN ({_members(ask)}) AS m USING (article_id)
        WHERE a.site_id = $site AND a.published_at IS NOT NULL AND m.id IN (SELECT unnest($ids::VARCHAR[]))
            AND coalesce(a.kind, 'article') <> 'page'
        QUALIFY a.published_at > $until OR row_number() OVER (
            PARTITION BY m.id, a.published_at > $until ORDER BY a.published_at DESC, a.article_id) <= $most
        """,
        site=ask.where.site_id,
        ids=list(ids),
        until=until,
        most=most,
    )


def _of_articles(store: Store, ask: Ask, now: dt.datetime) -> pl.DataFrame:
    found = expected(store, ask.where.site_id, now, horizon=_horizon(ask), as_of=_as_of(store, ask, now))
    nothing = pl.lit(None, dtype=pl.Float64)
    return found.select(
        "id",
        "score",
        "vs_expected",
        vs_expected_place="place",
        vs_expected_early="is_early",
        **{f"{name}_n": pl.col("n").cast(pl.Float64) for name in ("score", "vs_expected")},
        **{f"{name}_{end}": nothing for name in ("score", "vs_expected") for end in ("low", "high")},
    )


def _of_groups(store: Store, ask: Ask, now: dt.datetime) -> pl.DataFrame:
    """Take the median of scores and the share above expectation; weights of credit apply to both."""
    scored = published(store, ask, now).filter(pl.col("n") >= FEW_SET).select("id", "score")
    week = published(store, ask, now, horizon=ages.age_of(ages.WEEK)).filter(
        pl.col("n") >= FEW_SET, ~pl.col("is_running")
    )
    hits = week.select("id", is_hit=pl.col("value") > pl.col("p50"))
    keys = ["of"] if ask.split else []
    if ask.split:
        with store.read() as cursor:
            members = ask_store(cursor, _members(ask, "of"), site=ask.where.site_id)
        scored, hits = (
            frame.join(members, left_on="id", right_on="article_id", how="left").with_columns(
                pl.col("weight").fill_null(1.0)
            )
            for frame in (scored, hits)
        )
    else:
        scored, hits = (frame.with_columns(weight=pl.lit(1.0)) for frame in (scored, hits))
    weight = pl.col("weight")
    median = _median(scored, keys)
    share = _grouped(hits, keys, part=weight.filter("is_hit").sum(), whole=weight.sum())
    low, high = wilson(pl.col("part"), pl.col("whole"))
    rated = share.select(
        *keys,
        hit_rate=pl.when(pl.col("whole") > 0).then(pl.col("part") / pl.col("whole")),
        hit_rate_n="whole",
        hit_rate_low=low,
        hit_rate_high=high,
    )
    nothing = pl.lit(None, dtype=pl.Float64)
    if keys:
        joined = median.join(rated, on="of", how="full", coalesce=True, nulls_equal=True).rename({"of": "id"})
    else:
        joined = pl.concat([median, rated], how="horizontal")
    names = ("vs_expected", "vs_expected_n", "vs_expected_low", "vs_expected_high", "score_low", "score_high")
    return joined.with_columns(nothing.alias(name) for name in names)


def _median(scored: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Take the weighted discrete median of scores: the first that reaches half of the weight."""
    reached, whole = pl.col("weight").cum_sum(), pl.col("weight").sum()
    if keys:
        reached, whole = reached.over(keys), whole.over(keys)
    ordered = scored.sort(*keys, "score", "id").with_columns(_reached=reached, _whole=whole)
    hits = ordered.filter(pl.col("_reached") >= 0.5 * pl.col("_whole") - 1e-9)  # credit shares are not exact
    return _grouped(hits, keys, score=pl.col("score").first(), score_n=pl.col("_whole").first())


def _grouped(frame: pl.DataFrame, keys: list[str], **picks: pl.Expr) -> pl.DataFrame:
    return frame.group_by(keys, maintain_order=True).agg(**picks) if keys else frame.select(**picks)


def _members(ask: Ask, name: str = "id") -> str:
    """Write the question for the articles of each group: article_id, the group's id, weight."""
    table, key = _GROUPS[ask.split]
    by_credit = {"equal": "1.0 / count(*) OVER (PARTITION BY article_id)"} if ask.split != "section" else {}
    first = "AND position = 1" if ask.credit == "first" and ask.split != "section" else ""
    return f"""
        SELECT article_id, {key} AS {name}, ({by_credit.get(ask.credit, "1.0")})::DOUBLE AS weight
        FROM {table} WHERE site_id = $site {first}
    """


def _horizon(ask: Ask) -> dt.timedelta | None:
    return HORIZONS[ask.horizon] if ask.basis == "published_in" else None


def _as_of(store: Store, ask: Ask, now: dt.datetime) -> dt.datetime | None:
    """Look back for a period of which the articles are older than 90 days by now."""
    loaded = coverage(store, ask.where.site_id, now).loaded_through or now
    if ask.period.begins > min(now, loaded) - ages.LONGEST:
        return None
    return ask.period.ends + ages.age_of(ages.WEEK)
