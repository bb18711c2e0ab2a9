"""The talk under an article: comments by the time of writing and present status."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import wording
from analytics.language import N_, _, begun, inside, n_
from analytics.metrics import FEW_N
from analytics.periods import Grain
from analytics.queries import figures, life, lists, silences, talk
from analytics.queries.figures import Figure
from dashboards import cards, components, downloads, tables, theme
from dashboards import figures as charts
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.article.shown import Shown, bare, bucket_said, file_link, known, trimmed
from dashboards.tables import Column, Row

TALK = (
    *("comments", "comments_created", "comment_rate", "reply_share", "moderation_lag"),
    *("at_limit_share", "rejection_rate", "warning_abandon"),
)


_STATES = {
    "published": (N_("Shown"), "c1"),
    "pending": (N_("Waiting"), "c2"),
    "rejected": (N_("Rejected"), "c5"),
    "other": (N_("Removed or spam"), "c6"),
}


def draw_talk(shown: Shown) -> Child:
    """Draw comments by the time of writing and present status."""
    scope = shown.scope
    if not lists.countable(["comments"], scope.where):
        clear = el("a", _("Take the filter off"), href=bare(scope).href(), class_="button")
        words = _("Comments know no source, device or country.")
        return components.card(
            _("Comments over time"), components.empty(_("Not shown under a filter"), words, clear)
        )
    found = figures.totals(scope.desk.store, TALK, scope.ask(), scope.now)
    if not found["comments_created"].value:
        return components.card(_("Comments over time"), _no_talk(found))
    grain, frame = _over_time(shown)
    sums = {name: int(frame[name].sum()) for name in life.STATES}
    used = [name for name in life.STATES if sums[name]]
    parts = [(name, _(_STATES[name][0]), _STATES[name][1]) for name in used]
    figure = charts.stack(frame, parts=parts, unit="comments", grain=grain)
    legend = [
        el(
            "span",
            el("span", class_="swatch", style={"background": theme.colour(paint)}),
            f" {wording.full(sums[name])} {inside(label)}",
        )
        for name, label, paint in parts
    ]
    rows: list[Row] = [
        {**row, "id": row["at"].isoformat(), "at": bucket_said(row["at"], grain)} for row in frame.to_dicts()
    ]
    columns = [Column("at", begun(_(grain)))]
    columns += [Column(name, _(_STATES[name][0]), "number", "comments") for name in used]
    said = ", ".join(f"{wording.full(sums[name])} {inside(_(_STATES[name][0]))}" for name in used)
    return components.card(
        _("Comments over time"),
        components.chart(
            figure,
            _("Comments per {grain} by the time of writing: {said}.", grain=_(grain), said=said),
            height=190,
            below=_talk_facts(found, _voices(shown, found)),
        ),
        subtitle=el("span", legend, class_="inline-legend"),
        links=[file_link(shown, "article-talk")],
        why=cards.why(found["comments"], scope),
        twin=tables.twin(columns, rows, _("Comments per {grain}", grain=_(grain))),
        foot=cards.gaps_said(frame, grain),
    )


def comment_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the comments over time as rows."""
    shown = known(desk, view)
    grain, frame = _over_time(shown)
    told = frame.select(pl.col("at").dt.to_string("iso").alias(grain), *life.STATES)
    return told.columns, told.rows()


def _over_time(shown: Shown) -> tuple[Grain, pl.DataFrame]:
    scope = shown.scope
    grain: Grain = "hour" if scope.grain == "hour" else "day"
    store, site, period = scope.desk.store, scope.site_id, scope.period
    counted = life.comments_over_time(store, site, shown.article.article_id, period, grain)
    frame = silences.marked(counted, store, site, period, grain, scope.now, "comments")
    return grain, trimmed(frame, shown, grain)


def _no_talk(found: dict[str, Figure]) -> Component:
    if found["comments"].value is None:
        return components.empty(
            _("No comments are connected"),
            _("Comments come in by an import or by the comment system's webhook."),
        )
    return components.empty(_("No comments yet"), _("Nobody wrote under this article in these days."))


def _voices(shown: Shown, found: dict[str, Figure]) -> list[tuple[str, str]]:
    """Say how much of the talk the busiest five carry, and who answered each other; never who they are."""
    store, told = shown.scope.desk.store, []
    busiest = dict(talk.busiest(store, shown.scope.ask()))
    if (found["comments"].value or 0) >= FEW_N and busiest:
        told.append((wording.percent(busiest[talk.BUSIEST[0]]), _("from the top 5 voices")))
    pairs = talk.pairs(store, shown.scope.site_id, shown.article.article_id)
    if pairs:
        told.append((wording.full(pairs), n_("pair, each to the other", "pairs answered each other", pairs)))
    replies = talk.staff_replies(store, shown.scope.site_id, shown.article.article_id)
    if replies is not None:
        told.append((wording.full(replies), n_("reply of the staff", "replies of the staff", replies)))
    return told


def _talk_facts(found: dict[str, Figure], voices: list[tuple[str, str]]) -> Component:
    """Stand the shares below the chart, grey where they rest on few."""
    named = {
        "comment_rate": _("per 1,000 reads"),
        "reply_share": _("are replies"),
        "moderation_lag": _("median wait"),
        "at_limit_share": _("at the length limit"),
        "rejection_rate": _("rejected"),
        "warning_abandon": _("left at a warning"),
    }
    shown = [(found[name], words) for name, words in named.items() if found[name].value is not None]
    counted = [el("div", el("b", value), el("span", words, class_="meta")) for value, words in voices]
    return el("div", counted, [_fact(figure, words) for figure, words in shown], class_="facts")


def _fact(figure: Figure, words: str) -> Component:
    n = f", n {wording.full(figure.n)}" if figure.is_few else ""
    value = wording.value(figure.metric.unit, figure.value)
    return el(
        "div",
        el("b", value, class_="few" if figure.is_few else None),
        el("span", f"{words}{n}", class_="meta"),
    )
