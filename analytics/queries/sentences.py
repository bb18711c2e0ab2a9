"""The day in one sentence, by rule from the figures: what, how much, against what, what carried it.

Page and mail say the same words, so the rule stands here. Never a cause that is not in the data.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import polars as pl

from analytics import wording
from analytics.language import N_, _, n_
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
_NOUNS = {"engaged": N_("of reading"), "readers": N_("daily readers")}


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
    if shown.figure.value is None:
        when = _when(ask.period, is_running=is_running)
        return [Part(_("{when}: nothing is known of its {noun}.", when=when, noun=_noun(name)))]
    head = [Part(_began(ask.period, is_running=is_running)), Part(what, is_strong=True)]
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
        return _("no {noun}", noun=_noun(metric.id)) if metric.id != "engaged" else _("no reading time")
    if metric.id == "engaged":
        return _("{hours} of reading", hours=wording.value("h", value))
    noun = _NOUNS.get(metric.id, metric.id)
    return wording.counted(value, noun.removesuffix("s"), noun, "compact")


def _noun(name: str) -> str:
    return _(_NOUNS.get(name, name))


def _when(period: Period, *, is_running: bool) -> str:
    if period.length == 1:
        return _("Today so far") if is_running else wording.weekday(period.first)
    if period.key.endswith("d"):
        return _("The last {n} days", n=period.length)
    return wording.days(period.first, period.last)


def _began(period: Period, *, is_running: bool) -> str:
    """Begin the sentence: "Wednesday brought "."""
    if period.length > 1 and period.key.endswith("d"):
        return _("The last {n} days brought ", n=period.length)
    if period.length == 1 and is_running:
        return _("Today so far has brought ")
    when = _when(period, is_running=is_running)
    if is_running:
        return _("{when}, so far, brought ", when=when)
    return n_("{when} brought ", "{when} brought ", period.length, when=when)


def _against(period: Period, shown: Beside, *, is_running: bool, is_year: bool) -> list[Part]:
    day = wording.weekday(period.first)
    unit = "h" if shown.figure.metric.id == "engaged" else shown.figure.metric.unit
    if shown.band is not None and shown.change is not None:
        span = f"({wording.interval(unit, round(shown.band.low), round(shown.band.high))})"
        by_now = _(" by this time") if is_running else ""
        if shown.place == "typical":
            rest = _(" for a {day}{by_now} {span}", day=day, by_now=by_now, span=span)
            return [Part(", "), Part(_("typical"), is_strong=True), Part(rest)]
        rest = _(" than a typical {day}{by_now} {span}", day=day, by_now=by_now, span=span)
        return [Part(", "), _more(shown.change), Part(rest)]
    if shown.before is None or shown.before.value is None:
        return []
    then = _("the same days a year ago") if is_year else _("the {length} days before", length=period.length)
    if period.length == 1:
        then = _("the same {day} a year ago", day=day) if is_year else _("the {day} before", day=day)
    by_then = _(" by this time") if is_running else ""
    base = wording.value(unit, shown.before.value)
    if shown.is_few or shown.change is None:
        return [Part(f", {then}{by_then} {base}")]
    return [
        Part(", "),
        _more(shown.change),
        Part(_(" than {then}{by_then} ({base})", then=then, by_then=by_then, base=base)),
    ]


def _more(change: float) -> Part:
    size = wording.change(abs(change)).removeprefix("+")
    if size.startswith("0"):
        return Part(_("no more"), is_strong=True)
    return Part(_("{size} more", size=size) if change > 0 else _("{size} less", size=size), is_strong=True)


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
        parts += [Part(_(" and "))] if number else []
        parts.append(Part(_("“{title}”", title=short_title(title, most)), article_id=article_id))
    # English says the same of one title and of two, other languages do not.
    same = n_(
        " brought {amount} of them",
        " brought {amount} of them",
        len(leaders.titles),
        amount=leaders.brought,
    )
    return [*parts, Part(same)]
