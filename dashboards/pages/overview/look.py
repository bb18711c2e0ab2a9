"""Worth a look: articles that stand out for a reason that this period can bear."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash.development.base_component import Component

from analytics import wording
from analytics.language import N_, _
from analytics.queries import (
    corrections,
    library,
    lists,
    ways,
    worth,
)
from analytics.queries.worth import Look, Waiting
from analytics.wording import Chip
from dashboards import cards, components
from dashboards.elements import Child
from dashboards.pages.overview.shown import article_href, pinned, tells_reading
from dashboards.scope import Scope

_REASONS = {
    "above": Chip(N_("Above expectation"), "above"),
    "unseen": Chip(N_("Good but unseen"), "typical"),
    "hot": Chip(N_("Hot talk"), "waiting"),
    "discussed": Chip(N_("Most discussed"), "typical"),
    "rising": Chip(N_("Rising again"), "above"),
}


_ALL = {  # how a list is ordered that begins with such articles
    "above": "-score",
    "unseen": "-finish_rate",
    "hot": "-comment_rate",
    "discussed": "-comments",
    "rising": "",
}


def draw_look(scope: Scope) -> Child:
    """Draw the articles that stand out for a reason which this period's figures can bear."""
    with_comments = bool(lists.countable(["comments"], scope.where))
    found = worth.worth_a_look(scope.desk.store, scope.ask(), scope.now, with_comments=with_comments)
    ids = [each.article_id for each in found]
    names = library.describe(scope.desk.store, scope.site_id, "article", ids).to_dicts()
    queue = worth.waiting(scope.desk.store, scope.site_id, ids)
    rows = [
        (
            replace(_REASONS[look.reason], text=_(_REASONS[look.reason].text)),
            name["title"] or look.article_id,
            article_href(scope, look.article_id),
            (_where_and_when(scope, name), _look_words(scope, look, queue.get(look.article_id))),
            _all_such(scope, look.reason),
        )
        for look, name in zip(found, names, strict=True)
    ]
    body = components.looks(rows) if rows else _nothing_stands_out()
    hidden = corrections.excluded(scope.desk.store, scope.site_id)
    return components.card(
        _("Worth a look"),
        body,
        foot=cards.kept_off(scope, len(hidden)) or "",
    )


def _where_and_when(scope: Scope, name: dict[str, Any]) -> str:
    published = name["published_at"]
    age = wording.age((scope.now - published).total_seconds()) if published else ""
    return wording.joined(name["section"], _("{age} old", age=age) if age else "")


def _all_such(scope: Scope, reason: str) -> str:
    """Lead to the list that begins with such articles."""
    old = ("old",) if reason == "rising" else scope.view.age
    return pinned(scope).drill("/articles", sort=_ALL[reason], age=old)


def _look_words(scope: Scope, look: Look, queue: Waiting | None) -> str:
    views = wording.counted(look.views, "view")
    if look.reason == "above":
        place = _(
            "score {score} among {score_n} as old",
            score=wording.full(look.score),
            score_n=wording.full(look.score_n),
        )
        return _(
            "{times} the usual reads at its age; {place}, {views}",
            times=wording.ratio(look.times),
            place=place,
            views=views,
        )
    if look.reason == "unseen":
        span = wording.interval("share", look.low, look.high)
        usual = (
            _(", {times} the usual at its age", times=wording.ratio(look.times))
            if look.times is not None
            else ""
        )
        return _(
            "{finish_rate} finished it ({span}), with only {views}{usual}",
            finish_rate=wording.percent(look.finish_rate),
            span=span,
            views=views,
            usual=usual,
        )
    if look.reason == "rising" and look.usual is not None:
        return _rising_words(scope, look, look.usual)
    parts = [_("{comments} on {views}", comments=wording.counted(look.comments, "comment"), views=views)]
    if look.comment_rate is not None:
        parts.append(_("{comment_rate} per 1,000 reads", comment_rate=wording.per_1000(look.comment_rate)))
    if queue:
        oldest = wording.age((scope.now - queue.since).total_seconds())
        parts.append(
            _("{comments} waiting, oldest {oldest}", comments=wording.full(queue.comments), oldest=oldest)
        )
    return "; ".join(parts)


def _rising_words(scope: Scope, look: Look, usual: tuple[float, float, float]) -> str:
    """Say how far an old article is above its own typical, where its readers come from, and how old it is."""
    unit = "reads" if tells_reading(scope) else "views"
    low, median, high = usual
    span = wording.interval(unit, round(low), round(high))
    counted = wording.counted(look.value, unit.removesuffix("s"))
    said = [
        _(
            "{counted}, typical of it {median} ({span})",
            counted=counted,
            median=wording.compact(round(median)),
            span=span,
        )
    ]
    led = ways.leading(scope.desk.store, scope.ask(article=(look.article_id,)), scope.now)
    said += [_("mostly {led}", led=led)] if led else []
    published = library.article(scope.desk.store, scope.site_id, look.article_id).published_at
    said += [_("published {at_said}", at_said=scope.at_said(published))] if published else []
    return "; ".join(said)


def _nothing_stands_out() -> Component:
    return components.empty(
        _("Nothing stands out yet"),
        _("An article stands here once enough is known of it: 30 views for a rate, 5 comments for talk."),
    )
