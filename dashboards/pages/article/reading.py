"""How far an article was read, and how long readers stayed."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from analytics import wording
from analytics.exports import Cell
from analytics.language import N_, _
from analytics.metrics import FEW_N
from analytics.queries import articles, figures, life
from analytics.queries.figures import Figure
from dashboards import cards, components, downloads
from dashboards import figures as charts
from dashboards.components import Bar
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.pages.article.shown import (
    UNMEASURED,
    UNMEASURED_WHY,
    Shown,
    file_link,
    is_measured,
    is_mute,
    known,
    section_ask,
)

MOST_DAYS = 31  # of a section's views, one by one

_STEPS = {
    0: N_("under 3 s"),
    3: N_("3 to 10 s"),
    10: N_("10 to 30 s"),
    30: N_("30 s to 1 min"),
    60: N_("1 to 2 min"),
    120: N_("2 to 5 min"),
    300: N_("over 5 min"),
}


def draw_depth(shown: Shown) -> Child:
    """Draw how far they read: opened, read, half, end, finished, and the curve."""
    scope = shown.scope
    names = ["views", "reads", "read_rate", "finish_rate", "finished"]
    found = figures.totals(scope.desk.store, names, scope.ask(), scope.now)
    if not is_measured(found):
        return components.card(_("How far they read"), components.empty(_(UNMEASURED), _(UNMEASURED_WHY)))
    reach = {row["reached"]: row for row in articles.scroll_reach(scope.desk.store, scope.ask()).to_dicts()}
    bars = [
        Bar(
            _("Opened"),
            1.0,
            "100 %".replace(" ", wording.THIN),
            of_said(found["views"].value, "view"),
            "band2",
        ),
        _depth_bar(_("Read"), found["read_rate"], _("10 s or more, with an act")),
        *_reach_bars(reach),
        _depth_bar(_("Finished"), found["finish_rate"], _("time and depth agree")),
    ]
    n = reach[0.5]["n"]
    body: list[Child] = [components.bars([bar for bar in bars if bar.share is not None])]
    if n:
        curve = [1.0, *[reach[part]["share"] for part in (0.25, 0.5, 0.75, 1.0)]]
        said = _(
            "Half of the body was reached by {share} of views.", share=wording.percent(reach[0.5]["share"])
        )
        section = _section_curve(shown)
        body.append(components.chart(charts.scroll_curve(curve, section), said, height=104))
    body.append(_quarters(shown))
    few = _("Few: scrolling is known of {n}", n=wording.counted(n, "view")) if 0 < n < FEW_N else ""
    return components.card(
        _("How far they read"),
        el("div", body),
        subtitle=_("Share of views that can tell"),
        links=[file_link(shown, "article-depth")],
        why=cards.why(found["finish_rate"], scope),
        has_picture=True,
        foot=few or ("" if n else _("Scrolling is not measured by this source")),
    )


def depth_rows(desk: Any, view: View) -> downloads.Rows:
    """Give every step of the card as rows: its share, and of how many views."""
    shown = known(desk, view)
    scope = shown.scope
    found = figures.totals(scope.desk.store, ["views", "read_rate", "finish_rate"], scope.ask(), scope.now)
    rows: list[list[Cell]] = [["opened", 1.0 if found["views"].value else None, found["views"].value]]
    rows += [
        [name, found[rate].value, found[rate].n]
        for name, rate in (("read", "read_rate"), ("finished", "finish_rate"))
    ]
    reached = articles.scroll_reach(scope.desk.store, scope.ask())
    rows += [
        [f"reached {part:.0%} of the body", share, n]
        for part, share, n in reached.select("reached", "share", "n").iter_rows()
    ]
    depths = articles.depth_spread(scope.desk.store, scope.ask())
    whole = int(depths["views"].sum())
    rows += [
        [f"read {low:.0%} to {low + 0.25:.0%}", share, whole]
        for low, share in depths.select("depth", "share").iter_rows()
    ]
    return ["step", "share", "of_views"], rows


def _section_curve(shown: Shown) -> list[float | None]:
    """Give the same curve of its section in the same days; nothing where those are many, or few can tell."""
    near = section_ask(shown)
    if near is None or shown.scope.period.length > MOST_DAYS:
        return []
    rows = articles.scroll_reach(shown.scope.desk.store, near).to_dicts()
    reach = {row["reached"]: row["share"] for row in rows}
    return [1.0, *[reach[part] for part in (0.25, 0.5, 0.75, 1.0)]] if rows[0]["n"] >= FEW_N else []


def _quarters(shown: Shown) -> Component | None:
    """Say how deep they read, by quarters: time and depth taken together."""
    rows = articles.depth_spread(shown.scope.desk.store, shown.scope.ask()).to_dicts()
    if sum(row["views"] for row in rows) < FEW_N:
        return None
    words = (_("read under a quarter"), _("up to half"), _("up to three quarters"), _("more"))
    return components.facts(
        [(wording.percent(row["share"]), said) for row, said in zip(rows, words, strict=True)]
    )


def _depth_bar(label: str, figure: Figure, note: str) -> Bar:
    return Bar(label, figure.value, wording.percent(figure.value), note)


def _reach_bars(reach: dict[float, dict[str, Any]]) -> list[Bar]:
    named = (
        (0.5, _("Reached half"), _("of the article body")),
        (0.9, _("Reached the end"), _("90 % of the body")),
    )
    return [
        Bar(label, reach[part]["share"], wording.percent(reach[part]["share"]), note, "band2")
        for part, label, note in named
    ]


def of_said(value: float | None, noun: str) -> str:
    """Count with a noun."""
    return wording.counted(value, noun)


def draw_time(shown: Shown) -> Child:
    """Draw how long they stayed."""
    if is_mute(shown):
        return None
    scope = shown.scope
    spread = life.engaged_spread(scope.desk.store, scope.ask())
    median = figures.totals(scope.desk.store, ["engaged_median"], scope.ask(), scope.now)["engaged_median"]
    if median.value is None:
        return components.card(_("How long they stayed"), components.empty(_(UNMEASURED), _(UNMEASURED_WHY)))
    near = section_ask(shown)
    usual = figures.totals(scope.desk.store, ["engaged_median"], near, scope.now) if near else {}
    section = usual["engaged_median"].value if usual else None
    beside = (
        _("; in {section} {value}", section=shown.article.section, value=wording.duration(section))
        if section is not None
        else ""
    )
    top = spread["share"].max()
    bars = [
        Bar(
            _(_STEPS[row["seconds"]]),
            row["share"] / top if isinstance(top, float) and top else None,
            wording.percent(row["share"]),
            of_said(row["views"], "view"),
            "band2" if row["seconds"] < 10 else "accent",
        )
        for row in spread.to_dicts()
    ]
    return components.card(
        _("How long they stayed"),
        components.bars(bars),
        links=[file_link(shown, "article-time")],
        has_picture=True,
        subtitle=_("Views by engaged time; median {value}", value=wording.duration(median.value)) + beside,
        why=cards.why(median, scope),
        foot=_("Few: n {n}", n=wording.full(median.n)) if median.is_few else "",
    )


def time_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the views by engaged time as rows."""
    shown = known(desk, view)
    spread = life.engaged_spread(desk.store, shown.scope.ask())
    return ["from_seconds", "views", "share"], spread.select("seconds", "views", "share").rows()
