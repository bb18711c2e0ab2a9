"""Six numbers of an article: of reading where it can be told, else of visits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dash.development.base_component import Component

from analytics import language, wording
from analytics.language import _
from analytics.queries import figures, lists
from analytics.queries.expected import expected
from analytics.queries.figures import Figure
from analytics.wording import Chip
from dashboards import cards, components
from dashboards.elements import Child
from dashboards.pages.article.shown import Shown, is_measured, section_ask

COUNTED = (
    *("reads", "views", "fresh_views", "readers", "read_rate", "engaged_median", "engaged", "finish_rate"),
    *("comments", "comments_created", "comments_pending", "comment_rate", "no_signal_share"),
    *("sessions", "recirculation", "exit_rate", "bounce_rate"),
)


EARLY = dt.timedelta(minutes=15)  # pages.md 2.4
BESIDE = ("read_rate", "engaged_median", "finish_rate", "comment_rate", "recirculation", "exit_rate")


def draw_cards(shown: Shown) -> Child:
    """Draw six numbers: of reading where it can be told, else of visits."""
    scope = shown.scope
    names = lists.countable(COUNTED, scope.where)
    found = figures.totals(scope.desk.store, names, scope.ask(), scope.now)
    beside = _section_figures(shown)
    measured = is_measured(found)
    if _is_early(shown):
        return components.kpis([each for each in _early_cards(shown, found) if each is not None])
    made = _reading_cards(shown, found, beside) if measured else _visit_cards(shown, found, beside)
    return components.kpis([each for each in made if each is not None])


def _reading_cards(
    shown: Shown, found: dict[str, Figure], beside: dict[str, Figure]
) -> list[Component | None]:
    no_signal = found["no_signal_share"].value
    unmeasured = _("{no_signal} without a signal", no_signal=wording.percent(no_signal)) if no_signal else ""
    words = shown.article.word_count
    chip, stands = _standing(shown)
    return [
        _card(shown, found["reads"], [stands, _readers_said(shown, found)], chip=chip),
        _card(shown, found["views"], [_fresh_said(found), unmeasured]),
        _card(
            shown, found["read_rate"], [_interval(found["read_rate"]), _section(shown, beside, "read_rate")]
        ),
        _card(
            shown,
            found["engaged_median"],
            [
                _("{value} in all", value=wording.value("h", found["engaged"].value)),
                _section(shown, beside, "engaged_median"),
            ],
        ),
        _card(
            shown,
            found["finish_rate"],
            [
                _interval(found["finish_rate"]),
                _section(shown, beside, "finish_rate")
                or (_("{words} words", words=wording.full(words)) if words else ""),
            ],
            label=_("Finished"),
        ),
        _talk_card(shown, found),
    ]


def _visit_cards(shown: Shown, found: dict[str, Figure], beside: dict[str, Figure]) -> list[Component | None]:
    return [
        _card(shown, found["views"], [_fresh_said(found)]),
        _card(shown, found["readers"], ["" if shown.scope.is_day else _("summed over days")]),
        _card(shown, found["sessions"], [_("visits with this article")]),
        _card(shown, found["recirculation"], [_section(shown, beside, "recirculation")]),
        _card(shown, found["exit_rate"], [_section(shown, beside, "exit_rate")]),
        _talk_card(shown, found),
    ]


def _is_early(shown: Shown) -> bool:
    """Say whether it is too young for anything but counts."""
    published, now = shown.article.published_at, shown.scope.now
    return published is not None and shown.is_whole_life and dt.timedelta() <= now - published < EARLY


def _early_cards(shown: Shown, found: dict[str, Figure]) -> list[Component | None]:
    early = Chip(_("early"), "outline")
    names = [name for name in ("reads", "views", "readers") if found[name].value is not None]
    return [*[_card(shown, found[name], [], chip=early) for name in names], _talk_card(shown, found)]


def _standing(shown: Shown) -> tuple[Chip | None, str]:
    """Say where its reads stand at its age: the chip, and its score with whom it is compared with."""
    scope, article = shown.scope, shown.article
    if not shown.is_whole_life:
        return None, ""
    rows = expected(scope.desk.store, scope.site_id, scope.now, [article.article_id]).to_dicts()
    if not rows:
        return None, ""
    row = rows[0]
    if row["place"] is None and not row["is_early"]:
        return None, ""  # too few stories to compare with, which the number itself is not
    n = row["n"] or 0
    chip = wording.expected_chip(row["vs_expected"], row["place"], n, is_early=row["is_early"], short=True)
    if row["set"] is None:
        return chip, ""
    near = article.section if row["set"] == "section" else _("the whole site")
    return chip, _("score {score} among {n} in {near}", score=row["score"], n=wording.full(n), near=near)


def _card(
    shown: Shown, figure: Figure, words: Sequence[str], *, label: str = "", chip: Chip | None = None
) -> Component:
    metric = figure.metric
    few = (
        Chip(_("too few (n\N{NARROW NO-BREAK SPACE}{n})", n=wording.full(figure.n)), "outline")
        if figure.is_few
        else None
    )
    return components.kpi(
        label or metric.label,
        metric.unit,
        figure.value,
        few or chip if figure.value is not None else None,
        words=[each for each in words if each],
        why=cards.why(figure, shown.scope),
    )


def _talk_card(shown: Shown, found: dict[str, Figure]) -> Component | None:
    if "comments" not in found:
        return None
    waiting, rate = found["comments_pending"].value, found["comment_rate"]
    words = [_("{value} written", value=wording.full(found["comments_created"].value))]
    if rate.value is not None:
        words.insert(0, _("{value} per 1,000 reads", value=wording.per_1000(rate.value)))
    if found["comments"].value is None:
        words = [_("no comments connected")]
    return components.kpi(
        _("Comments"),
        "comments",
        found["comments"].value,
        Chip(_("{waiting} waiting", waiting=wording.full(waiting)), "waiting") if waiting else None,
        words=words,
        why=cards.why(found["comments"], shown.scope),
    )


def _section_figures(shown: Shown) -> dict[str, Figure]:
    """Ask the rates of the section in the same days: what the article's stand beside."""
    near, scope = section_ask(shown), shown.scope
    if near is None:
        return {}
    return figures.totals(scope.desk.store, lists.countable(BESIDE, scope.where), near, scope.now)


def _section(shown: Shown, beside: dict[str, Figure], name: str) -> str:
    figure = beside.get(name)
    if figure is None or figure.value is None or figure.is_few:
        return ""
    section = language.isolated(shown.article.section or "")
    return f"{section} {wording.value(figure.metric.unit, figure.value)}"


def _interval(figure: Figure) -> str:
    if figure.low is None:
        return ""
    return f"{wording.interval(figure.metric.unit, figure.low, figure.high)}, n {wording.full(figure.n)}"


def _readers_said(shown: Shown, found: dict[str, Figure]) -> str:
    count = found["readers"].value
    return wording.counted(count, "reader") if shown.scope.is_day else wording.counted(count, "daily reader")


def _fresh_said(found: dict[str, Figure]) -> str:
    return _("{value} without repeats", value=wording.full(found["fresh_views"].value))
