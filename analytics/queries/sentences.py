"""The day in one sentence, by rule from the figures: what, how much, against what, what carried it.

Page and mail say the same words, so the rule stands here. Never a cause that is not in the data.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import polars as pl

from analytics import wording
from analytics.metrics import Fold
from analytics.periods import Period
from analytics.queries import figures, library
from analytics.queries.ask import Ask
from analytics.queries.comparison import Beside
from analytics.store.store import Store

TITLE, SHORTER_TITLE = 40, 30  # characters of a title in the sentence ...
TWO_LINES = 165  # ... which fills at most two lines at 1184 pixels
_DANGLING = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "over", "per", "the", "to")
)
_NOUNS = {"engaged": "of reading", "readers": "daily readers"}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence; a strong one is a number, one with an article is its title."""

    text: str
    is_strong: bool = False
    article_id: str = ""


def sentence(
    store: Store, ask: Ask, shown: Beside, now: dt.datetime, *, is_running: bool, is_year: bool = False
) -> list[Part]:
    """Say what a period brought.

    Args:
        store: The open store.
        ask: Filter and days; no split.
        shown: The metric that the sentence is about, with its comparison.
        now: Naive UTC.
        is_running: Whether the period is not over yet.
        is_year: Whether `shown.before` is of a year ago.
    """
    name = shown.figure.metric.id
    what = _what(shown)
    when = _when(ask.period, is_running=is_running)
    if shown.figure.value is None:
        return [Part(f"{when[0]}: nothing is known of its {_noun(name)}.")]
    head = [Part(f"{when[0]} {when[1]} "), Part(what, is_strong=True)]
    head += _against(ask.period, shown, is_running=is_running, is_year=is_year)
    leaders = _leaders(store, ask, shown, now)
    for most in (TITLE, SHORTER_TITLE):
        whole = [*head, *_carried(leaders, most), Part(".")]
        if sum(len(part.text) for part in whole) <= TWO_LINES:
            break
    return whole


def short_title(title: str, most: int = TITLE) -> str:
    """Cut a title to its first clause, and to whole words where that is still long: "Ferry crews walk…"."""
    for mark in (": ", " – ", " — ", "; "):
        head = title.partition(mark)[0]
        if most // 3 < len(head) < len(title):
            title = head
    if len(title) <= most:
        return title
    words = title[:most].split(" ")[:-1] or [title[: most - 1]]
    while len(words) > 1 and words[-1].lower() in _DANGLING:
        words.pop()
    return f"{' '.join(words).rstrip(',;:–— ')}…"


def _what(shown: Beside) -> str:
    metric, value = shown.figure.metric, shown.figure.value
    if not value:
        return f"no {_noun(metric.id)}" if metric.id != "engaged" else "no reading time"
    if metric.id == "engaged":
        return f"{wording.value('h', value)} of reading"
    noun = _noun(metric.id)
    return f"{wording.compact(value)} {noun.removesuffix('s') if value == 1 else noun}"


def _noun(name: str) -> str:
    return _NOUNS.get(name, name)


def _when(period: Period, *, is_running: bool) -> tuple[str, str]:
    if period.length == 1:
        day = wording.WEEKDAYS[period.first.weekday()]
        return ("Today so far", "has brought") if is_running else (day, "brought")
    if period.key.endswith("d"):
        return f"The last {period.length} days", "brought"
    said = wording.days(period.first, period.last)
    return (f"{said}, so far,", "brought") if is_running else (said, "brought")


def _against(period: Period, shown: Beside, *, is_running: bool, is_year: bool) -> list[Part]:
    day = wording.WEEKDAYS[period.first.weekday()]
    unit = "h" if shown.figure.metric.id == "engaged" else shown.figure.metric.unit
    if shown.band is not None and shown.change is not None:
        span = f"({wording.interval(unit, round(shown.band.low), round(shown.band.high))})"
        by_now = " by this time" if is_running else ""
        if shown.place == "typical":
            return [Part(", "), Part("typical", is_strong=True), Part(f" for a {day}{by_now} {span}")]
        return [Part(", "), _more(shown.change), Part(f" than a typical {day}{by_now} {span}")]
    if shown.before is None or shown.before.value is None:
        return []
    then = "the same days a year ago" if is_year else f"the {period.length} days before"
    if period.length == 1:
        then = f"the same {day} a year ago" if is_year else f"the {day} before"
    by_then = " by this time" if is_running else ""
    base = wording.value(unit, shown.before.value)
    if shown.is_few or shown.change is None:
        return [Part(f", {then}{by_then} {base}")]
    return [Part(", "), _more(shown.change), Part(f" than {then}{by_then} ({base})")]


def _more(change: float) -> Part:
    size = wording.change(abs(change)).removeprefix("+")
    if size.startswith("0"):
        return Part("no more", is_strong=True)
    return Part(f"{size} {'more' if change > 0 else 'less'}", is_strong=True)


@dataclass(frozen=True, slots=True)
class _Leaders:
    """The articles that brought most: ids, titles, and what they brought together in words."""

    titles: list[tuple[str, str]]
    brought: str


def _leaders(store: Store, ask: Ask, shown: Beside, now: dt.datetime) -> _Leaders | None:
    """Find the two articles that brought most, where articles add up to the whole."""
    metric = shown.figure.metric
    if ask.where.is_calm or metric.fold is not Fold.SUM or not shown.figure.value:
        return None
    top = figures.ranking(store, [metric.id], replace(ask, split="article"), now, order=metric.id)
    rows = top.filter(pl.col("id").is_not_null() & (pl.col(metric.id) > 0)).head(2)
    names = library.describe(store, ask.where.site_id, "article", rows["id"].to_list())
    found = [(key, title or key) for key, title in names.select("id", "title").rows()]
    unit = "h" if metric.id == "engaged" else metric.unit
    return _Leaders(found, wording.value(unit, float(rows[metric.id].sum()))) if found else None


def _carried(leaders: _Leaders | None, most: int) -> list[Part]:
    """Name the leading articles, their titles cut to a length."""
    if leaders is None:
        return []
    parts = [Part("; ")]
    for number, (article_id, title) in enumerate(leaders.titles):
        parts += [Part(" and ")] if number else []
        parts.append(Part(f"“{short_title(title, most)}”", article_id=article_id))
    return [*parts, Part(f" brought {leaders.brought} of them")]
