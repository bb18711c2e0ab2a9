"""The talk under an article: comments by the time of writing and present status."""

from __future__ import annotations

from dash.development.base_component import Component

from analytics import wording
from analytics.periods import Grain
from analytics.queries import figures, life, lists, silences
from analytics.queries.figures import Figure
from dashboards import cards, components, tables, theme
from dashboards import figures as charts
from dashboards.elements import Child, el
from dashboards.pages.article.shown import Shown, bare, bucket_said, trimmed
from dashboards.tables import Column, Row

TALK = ("comments", "comments_created", "reply_share", "moderation_lag", "at_limit_share", "rejection_rate")


_STATES = {
    "published": ("Shown", "c1"),
    "pending": ("Waiting", "c2"),
    "rejected": ("Rejected", "c5"),
    "other": ("Removed or spam", "c6"),
}


def draw_talk(shown: Shown) -> Child:
    """Draw comments by the time of writing and present status."""
    scope = shown.scope
    if not lists.countable(["comments"], scope.where):
        clear = el("a", "Take the filter off", href=bare(scope).href(), class_="button")
        words = "Comments know no source, device or country."
        return components.card(
            "Comments over time", components.empty("Not shown under a filter", words, clear)
        )
    found = figures.totals(scope.desk.store, TALK, scope.ask(), scope.now)
    if not found["comments_created"].value:
        return components.card("Comments over time", _no_talk(found))
    grain: Grain = "hour" if scope.grain == "hour" else "day"
    store, site, period = scope.desk.store, scope.site_id, scope.period
    counted = life.comments_over_time(store, site, shown.article.article_id, period, grain)
    frame = trimmed(silences.marked(counted, store, site, period, grain, scope.now, "comments"), shown, grain)
    sums = {name: int(frame[name].sum()) for name in life.STATES}
    used = [name for name in life.STATES if sums[name]]
    parts = [(name, *_STATES[name]) for name in used]
    figure = charts.stack(frame, parts=parts, unit="comments", grain=grain)
    legend = [
        el(
            "span",
            el("span", class_="swatch", style={"background": theme.colour(paint)}),
            f" {wording.full(sums[name])} {label.lower()}",
        )
        for name, label, paint in parts
    ]
    rows: list[Row] = [
        {**row, "id": row["at"].isoformat(), "at": bucket_said(row["at"], grain)} for row in frame.to_dicts()
    ]
    columns = [Column("at", grain.capitalize())]
    columns += [Column(name, _STATES[name][0], "number", "comments") for name in used]
    said = ", ".join(f"{wording.full(sums[name])} {_STATES[name][0].lower()}" for name in used)
    return components.card(
        "Comments over time",
        components.chart(
            figure,
            f"Comments per {grain} by the time of writing: {said}.",
            height=190,
            below=_talk_facts(found),
        ),
        subtitle=el("span", legend, class_="inline-legend"),
        twin=tables.twin(columns, rows, f"Comments per {grain}"),
        foot=cards.gaps_said(frame, grain),
    )


def _no_talk(found: dict[str, Figure]) -> Component:
    if found["comments"].value is None:
        return components.empty(
            "No comments are connected", "Comments come in by an import or by the comment system's webhook."
        )
    return components.empty("No comments yet", "Nobody wrote under this article in these days.")


def _talk_facts(found: dict[str, Figure]) -> Component:
    """Stand the shares below the chart, grey where they rest on few."""
    named = {
        "reply_share": "are replies",
        "moderation_lag": "median wait",
        "at_limit_share": "at the length limit",
        "rejection_rate": "rejected",
    }
    shown = [(found[name], words) for name, words in named.items() if found[name].value is not None]
    return el("div", [_fact(figure, words) for figure, words in shown], class_="facts")


def _fact(figure: Figure, words: str) -> Component:
    n = f", n {wording.full(figure.n)}" if figure.is_few else ""
    value = wording.value(figure.metric.unit, figure.value)
    return el(
        "div",
        el("b", value, class_="few" if figure.is_few else None),
        el("span", f"{words}{n}", class_="meta"),
    )
