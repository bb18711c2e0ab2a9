"""What a change did to an article: fresh views of the hour after against the hour before, beyond its age."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import polars as pl

from analytics.metrics import FEW_N, FEW_SET
from analytics.queries.expected import References, references
from analytics.queries.intervals import Z95
from analytics.queries.library import Article
from analytics.store import ages
from analytics.store.store import Store

WINDOW = dt.timedelta(minutes=60)  # metrics.md 7: title_effect
ENOUGH = 10  # fresh views on either side of an article whose unrest is measured


@dataclass(frozen=True, slots=True)
class Effect:
    """What followed a change.

    Attributes:
        at: When, naive UTC.
        before: Fresh views of the hour before.
        after: Of the hour after.
        usual: What articles of that age do anyway: after ÷ before; None where that is not known.
        ratio: after ÷ before ÷ usual; None where it cannot be said.
        low: Lower end of its 95 % interval.
        high: Upper end.
        n: Articles that `usual` rests on.
        is_over: Whether the hour after is over.
    """

    at: dt.datetime
    before: int
    after: int
    usual: float | None
    ratio: float | None
    low: float | None
    high: float | None
    n: int
    is_over: bool

    @property
    def is_few(self) -> bool:
        """True where it is grey: fewer than 30 on either side."""
        return min(self.before, self.after) < FEW_N

    @property
    def is_effect(self) -> bool:
        """True where it may be called an effect: enough views, and an interval that leaves 1 out."""
        if self.is_few or self.low is None or self.high is None:
            return False
        return self.low > 1 or self.high < 1


def title_effect(
    store: Store, site: str, article_id: str, at: dt.datetime, now: dt.datetime, window: dt.timedelta = WINDOW
) -> Effect:
    """Measure what a new title, a move to the lead or a push did.

    Args:
        store: The open store.
        site: The site.
        article_id: The article.
        at: When it changed, naive UTC.
        now: Naive UTC.
        window: How long before and after is compared.
    """
    found = references(store, site, now, base="fresh_views")
    row = store.frame(
        """
        SELECT count(*) FILTER (event_at < $at)::BIGINT AS before,
            count(*) FILTER (event_at >= $at)::BIGINT AS after
        FROM view_facts
        WHERE site_id = $site AND article_id = $id AND is_article AND NOT is_repeat
            AND day_local BETWEEN $first AND $last AND event_at >= $at - $window AND event_at < $at + $window
        """,
        site=site,
        id=article_id,
        at=at,
        window=window,
        first=(at - window).date() - dt.timedelta(days=1),  # of any zone
        last=(at + window).date() + dt.timedelta(days=1),
    ).row(0, named=True)
    before, after = row["before"], row["after"]
    is_over = at + window <= found.as_of
    usual, n = _usual(found, article_id, at, window)
    if not (is_over and before and after and usual):
        return Effect(at, before, after, usual, None, None, None, n, is_over)
    ratio = after / before / usual
    unrest = _unrest(found, article_id, at, window, usual)
    spread = Z95 * math.sqrt(1 / after + 1 / before + unrest)
    low, high = ratio * math.exp(-spread), ratio * math.exp(spread)
    return Effect(at, before, after, usual, ratio, low, high, n, is_over)


def of_titles(store: Store, site: str, article: Article, now: dt.datetime) -> list[tuple[str, Effect]]:
    """Measure every new title of an article: (title, effect), oldest first; its first title is no change."""
    return [
        (title, title_effect(store, site, article.article_id, at, now)) for at, title in article.titles[1:]
    ]


def _usual(
    found: References, article_id: str, at: dt.datetime, window: dt.timedelta
) -> tuple[float | None, int]:
    """Read from the expected course how fresh views go on at such an age: ratio, and n of its set."""
    own = found.articles.filter(pl.col("article_id") == article_id)
    age = at - own["published_at"][0] if own.height else dt.timedelta(-1)
    if not dt.timedelta() < age < ages.LONGEST - window:
        return None, 0
    moments = [max(age - window, dt.timedelta()), age, age + window]
    steps = sorted({step for each in moments for step in (ages.step_of(each), ages.step_of(each) + 1)})
    course = found.compare(own.join(pl.DataFrame({"step": steps}, schema={"step": pl.Int16()}), how="cross"))
    known = dict(course.select("step", "p50").iter_rows()) | {0: 0.0}
    start, middle, end = (_between(known, each) for each in moments)
    n = min(course["n"].drop_nulls().to_list(), default=0)
    if start is None or middle is None or end is None or middle <= start:
        return None, n
    return (end - middle) / (middle - start) or None, n


def _unrest(found: References, article_id: str, at: dt.datetime, window: dt.timedelta, usual: float) -> float:
    """Say how far articles of that age stray from what is usual in such an hour: a variance, beyond chance.

    Without it, every third article to which nothing happened would be called changed (docs/benchmarks.md):
    the hour of the day, a front page, a post elsewhere move them too.
    """
    own = found.articles.filter(pl.col("article_id") == article_id)
    age = at - own["published_at"][0]
    ends = [ages.step_of(each) for each in (max(age - window, dt.timedelta()), age, age + window)]
    older = found.articles.filter(pl.col("reached") >= ends[2], pl.col("article_id") != article_id)
    start, middle, end = (
        older.with_columns(step=pl.lit(step, dtype=pl.Int16)).select(found.curves.at()).to_series()
        for step in ends
    )
    hours = pl.DataFrame({"before": middle - start, "after": end - middle}).filter(
        pl.col("before") >= ENOUGH, pl.col("after") >= ENOUGH
    )
    if hours.height < FEW_SET:
        return 0.0
    strayed = (pl.col("after") / pl.col("before") / usual).log()
    chance = (1 / pl.col("after") + 1 / pl.col("before")).mean()
    # About what is usual and not about their own mean: how far that is off belongs to it.
    unrest = float(hours.select((strayed**2).sum() / (pl.len() - 1) - chance).item())
    return max(unrest, 0.0) * (1 + 1 / hours.height)


def _between(known: dict[int, float | None], age: dt.timedelta) -> float | None:
    """Read the expected course between two steps, in a straight line."""
    step = ages.step_of(age)
    low, high = known.get(step), known.get(step + 1)
    if low is None or high is None:
        return low
    begins, ends = ages.age_of(step), ages.age_of(step + 1)
    return low + (high - low) * ((age - begins) / (ends - begins))
