"""The day in one sentence, and its numbers beside what is typical."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dash.development.base_component import Component

from analytics import marks, wording
from analytics.language import _
from analytics.marks import Mark
from analytics.metrics import METRICS, Fold, Metric
from analytics.queries import (
    comparison,
    courses,
    lists,
    sentences,
)
from analytics.queries.comparison import Beside
from analytics.wording import Chip
from dashboards import cards, components
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.overview import setup
from dashboards.pages.overview.shown import (
    against,
    article_href,
    label_of,
    scope_of,
    tells_reading,
    then_said,
    unit_of,
)
from dashboards.scope import Scope
from dashboards.slots import Desk

CARDS = ("views", "reads", "readers", "engaged", "comments")


CARDS_UNMEASURED = ("views", "readers", "sessions", "recirculation", "comments")


def draw_day(desk: Desk, view: View) -> Child:
    """Draw the sentence and the numbers: one question answers both."""
    if not desk.sites():
        return setup.newsroom()
    scope = scope_of(desk, view)
    if scope.coverage.first_event is None:
        return _filling(desk.progress) if desk.progress else setup.readers(scope)
    wanted = CARDS if scope.metric.id != "views" or tells_reading(scope) else CARDS_UNMEASURED
    names = lists.countable(wanted, scope.where)
    about = scope.metric.id if scope.metric.id in names else names[0]
    found = comparison.totals(desk.store, names, scope.ask(), scope.now, against(scope))
    last, courses_ = courses.recent(desk.store, names, scope.ask(), scope.now)
    drawn = {name: _course(name, values, last) for name, values in courses_.items()}
    made = [_card(scope, each, drawn[name]) for name, each in found.items()]
    return [_sheet(scope, found[about]), components.kpis(made)]


def _sheet(scope: Scope, shown: Beside) -> Component:
    parts = sentences.sentence(
        scope.desk.store,
        scope.ask(),
        shown,
        scope.now,
        is_running=scope.is_running,
        is_year=scope.view.compare == "year_ago",
    )
    words: list[Child] = [
        el("a", part.text, href=article_href(scope, part.article_id))
        if part.article_id
        else el("strong", part.text)
        if part.is_strong
        else part.text
        for part in parts
    ]
    note = ""
    if shown.band is not None:
        weekday = wording.weekday(scope.period.first)
        note = _(
            "typical = median and 10–90\N{NARROW NO-BREAK SPACE}% of the last {n} {weekday}s",
            n=shown.band.n,
            weekday=weekday,
        )
    return components.sentence_sheet(words, why=cards.why(shown.figure, scope), note=note)


def _course(name: str, values: Sequence[float | None], last: dt.date) -> Mark | None:
    """Draw the last days of a number; nothing where nothing is known of them."""
    if not any(value is not None for value in values):
        return None
    said = _(
        "{label} a day, {days} days to {last}",
        label=label_of(METRICS[name]),
        days=len(values),
        last=wording.day_short(last),
    )
    return marks.sparkline(values, width=64, height=20, label=said)


def _card(scope: Scope, shown: Beside, course: Mark | None) -> Component:
    metric = shown.figure.metric
    return components.kpi(
        label_of(metric),
        unit_of(metric),
        shown.figure.value,
        _chip(shown),
        usual=shown.usual,
        words=[_card_words(scope, shown)],
        why=cards.why(shown.figure, scope),
        href=scope.view.href(metric=metric.id),
        is_chosen=metric.id == scope.metric.id,
        course=course,
    )


def _chip(shown: Beside) -> Chip | None:
    if shown.figure.value is None or (shown.change is None and not shown.is_new):
        return None
    return wording.change_chip(shown.change, shown.place, is_few=shown.is_few, is_new=shown.is_new)


def _card_words(scope: Scope, shown: Beside) -> str:
    """Say what the number stands beside: a range, a number before, or why neither."""
    metric = shown.figure.metric
    if shown.figure.value is None:
        return (
            _("not known for these days") if metric.facts != "comment_facts" else _("no comments connected")
        )
    if shown.band is not None:
        low, high = _whole(metric, shown.band.low), _whole(metric, shown.band.high)
        return wording.place_words(shown.place, unit_of(metric), low, high, shown.figure.value)
    if shown.before is not None and shown.before.value is not None:
        return f"{wording.value(unit_of(metric), shown.before.value)} {then_said(scope)}"
    summed = metric.fold is Fold.PEOPLE and not scope.is_day
    return _("daily counts, summed") if summed else _("no earlier days to compare")


def _whole(metric: Metric, value: float) -> float:
    """Round the end of a range of counts: there is no half comment."""
    return round(value) if metric.unit in wording.COUNT_UNITS else value


def _filling(progress: tuple[str, int, int]) -> Component:
    """Say how far a home is filled that is being filled right now."""
    words, done, total = progress
    again = el("button", _("Look again"), class_="button", type="button", data_does="retry")
    said = _(
        "{words}: {done} of {total} steps are done.",
        words=words,
        done=wording.full(done),
        total=wording.full(total),
    )
    return components.card(_("Readers are coming in"), components.empty(_("In a minute"), said, again))
