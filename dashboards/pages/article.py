"""Article `/articles/<id>`: one article since its publication: how much, how far, from where, what talk."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from dash import Dash
from dash.development.base_component import Component

from analytics import marks, reference, wording
from analytics.errors import UsageError
from analytics.metrics import METRICS
from analytics.periods import Grain, local_time
from analytics.queries import articles, comparison, courses, figures, library, life, lists, ways
from analytics.queries.ask import HORIZONS
from analytics.queries.figures import Figure
from analytics.queries.library import Article
from analytics.wording import Chip
from dashboards import cards, components, controls, downloads, slots, tables, theme
from dashboards import figures as charts
from dashboards.components import Bar, Link
from dashboards.elements import Child, el
from dashboards.figures import Event
from dashboards.filters import View
from dashboards.scope import Scope, resolve
from dashboards.slots import Desk
from dashboards.tables import Column, Row

PATH = "/articles/*"
TITLE = "Article"

COUNTED = (
    *("reads", "views", "fresh_views", "readers", "read_rate", "engaged_median", "engaged", "finish_rate"),
    *("comments", "comments_created", "comments_pending", "comment_rate", "no_signal_share"),
    *("sessions", "recirculation", "exit_rate", "bounce_rate"),
)
BESIDE = ("read_rate", "engaged_median", "finish_rate", "comment_rate", "recirculation", "exit_rate")
TALK = ("comments", "comments_created", "reply_share", "moderation_lag", "at_limit_share", "rejection_rate")
SPANS_H = (1, 3, 6, 12, 24, 48, 72, 120, 168, 336, 720)  # right ends of the curve by age
_STEPS = {
    0: "under 3 s",
    3: "3 to 10 s",
    10: "10 to 30 s",
    30: "30 s to 1 min",
    60: "1 to 2 min",
    120: "2 to 5 min",
    300: "over 5 min",
}
_PAINTS = {"own": "c1", "search": "c2", "social": "c3", "newsletter": "c4", "ai": "c5", "other": "c6"}
_STATES = {
    "published": ("Shown", "c1"),
    "pending": ("Waiting", "c2"),
    "rejected": ("Rejected", "c5"),
    "other": ("Removed or spam", "c6"),
}
_UNMEASURED = "This source cannot tell reading time"
_UNMEASURED_WHY = (
    "Its views carry no sign of reading, so reads, time and depth are not known. They begin with a tracker "
    "or an import that measures engaged time."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is on the page: the article and what the address means for it."""

    article: Article
    scope: Scope

    @property
    def is_whole_life(self) -> bool:
        """True where the address names no period."""
        return not self.scope.view.period


def layout(_view: View) -> Component:
    """Lay out the slots of the page."""
    return slots.page(
        slots.slot("article-head", content=components.page_head("Article", " ")),
        slots.slot("article-cards", 124),
        slots.slot("article-curve", 400, class_name="c8"),
        slots.slot("article-events", 400, class_name="c4 side"),
        slots.slot("article-ways", 380, class_name="c8"),
        slots.slot("article-depth", 380, class_name="c4 side"),
        slots.slot("article-sources", 330, class_name="c8"),
        slots.slot("article-time", 330, class_name="c4 side"),
        slots.slot("article-talk", 330, class_name="c6"),
        slots.slot("article-around", 330, class_name="c6"),
        slots.slot("article-devices", 220, class_name="c4"),
        slots.slot("article-countries", 220, class_name="c4"),
        slots.slot("article-facts", 220, class_name="c4"),
        slots.slot("article-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "article-head", draw_head, what="the head of the page")
    slots.fill(app, "article-cards", draw_cards, what="the numbers")
    slots.fill(app, "article-curve", draw_curve, what="this chart")
    slots.fill(app, "article-events", draw_events, what="what happened")
    slots.fill(app, "article-ways", draw_ways, what="this chart")
    slots.fill(app, "article-depth", draw_depth, what="how far they read")
    slots.fill(app, "article-sources", draw_sources, what="the sources")
    slots.fill(app, "article-time", draw_time, what="the reading times")
    slots.fill(app, "article-talk", draw_talk, what="the comments")
    slots.fill(app, "article-around", draw_around, what="what came before and after")
    slots.fill(app, "article-devices", draw_devices, what="the devices")
    slots.fill(app, "article-countries", draw_countries, what="the countries")
    slots.fill(app, "article-facts", draw_facts, what="the facts")
    slots.fill(app, "article-foot", draw_foot, what="the health of the data")


# --- head --------------------------------------------------------------------------------------------------


def draw_head(desk: Desk, view: View) -> Child:
    """Draw headline, byline, tags and the public counter; or say that there is no such article."""
    shown = _find(desk, view)
    if shown is None:
        return _unknown(view)
    article, scope = shown.article, shown.scope
    top = components.page_head(
        article.title,
        "",
        [_open(article), _counter(shown)],
        above=components.crumbs(_crumbs(shown)),
        below=[_byline(shown), _tags(shown)],
        kind="article",
    )
    bar = el("div", el("p", _line(shown), class_="meta"), _bar(shown), class_="article-bar")
    gone = "It is withdrawn in the catalogue; its figures are kept." if article.state == "withdrawn" else ""
    told = [components.notice(gone)] if gone else []
    return el("div", top, bar, told, cards.notices(scope), controls.chosen(view), class_="page-top")


def _unknown(view: View) -> list[Component]:
    back = el("a", "All articles", href="/articles", class_="button")
    words = "It may have been mistyped, or no reader has opened it yet. Articles can be searched by title."
    return [
        components.page_head("There is no such article", view.item),
        components.card("What now", components.empty(f"No article has the id “{view.item}”", words, back)),
    ]


def _crumbs(shown: Shown) -> list[tuple[str, str]]:
    steps = [("Articles", "/articles")]
    if shown.article.section:
        steps.append((shown.article.section, View("/articles", section=(shown.article.section,)).href()))
    return [*steps, (shown.article.article_id, "")]


def _byline(shown: Shown) -> Component:
    article, scope = shown.article, shown.scope
    names = [(name, View("/articles", author=(key,)).href()) for key, name in article.authors]
    if article.published_at is None:
        return components.byline(names, "not in the catalogue: no title, author or date is known")
    at = local_time(article.published_at, scope.zone)
    age = wording.age((scope.now - article.published_at).total_seconds())
    said = f"published {wording.day_named(at.date())} {at.year}, {wording.clock(at)} · {age} ago"
    return components.byline(names, said)


def _tags(shown: Shown) -> Component | None:
    article = shown.article
    tags = [(name, View("/articles", topic=(key,)).href()) for key, name in article.topics]
    if article.kind and article.kind != "article":
        tags.append((article.kind.capitalize(), View("/articles", kind=(article.kind,)).href()))
    return components.tags(tags) if tags else None


def _line(shown: Shown) -> str:
    scope = shown.scope
    since = "Since publication" if shown.article.published_at else "Since the first view"
    head = f"{since}, " if shown.is_whole_life else ""
    return f"{head}{scope.days_said()} · {scope.zone}"


def _open(article: Article) -> Component | None:
    """Lead out to the article itself."""
    url = article.url or ""
    if not url.startswith(("https://", "http://")):
        return None
    return components.buttons(
        el("a", "Open article ↗", href=url, target="_blank", rel="noreferrer", class_="button")
    )


def _bar(shown: Shown) -> Component:
    view, scope = shown.scope.view, shown.scope
    since = "Since publication" if shown.article.published_at else "Since the first view"
    choices = (("", since), ("yesterday", "Yesterday"), ("7d", "7 days"), ("28d", "28 days"))
    return controls.bar(
        controls.segmented(view, "period", choices, view.period, "Period"),
        controls.dates(scope.period.first, scope.period.last, scope.today),
    )


def _counter(shown: Shown) -> Component:
    """Show what the public counter says, and how much of it the former counter had counted."""
    scope = shown.scope
    found = library.counter(scope.desk.store, scope.site_id, shown.article.article_id)
    value, former = _int(found["value"]), _int(found["opening_balance"])
    note = f"of which {wording.full(former)} from the former counter" if former else "Public counter: views"
    return components.counter("Read:", wording.full(value), note)


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


# --- numbers -----------------------------------------------------------------------------------------------


def draw_cards(desk: Desk, view: View) -> Child:
    """Draw six numbers: of reading where it can be told, else of visits."""
    shown = _find(desk, view)
    if shown is None:
        return None
    scope = shown.scope
    names = lists.countable(COUNTED, scope.where)
    found = figures.totals(desk.store, names, scope.ask(), scope.now)
    beside = _section_figures(shown)
    measured = _is_measured(found)
    made = _reading_cards(shown, found, beside) if measured else _visit_cards(shown, found, beside)
    return components.kpis([each for each in made if each is not None])


def _reading_cards(
    shown: Shown, found: dict[str, Figure], beside: dict[str, Figure]
) -> list[Component | None]:
    no_signal = found["no_signal_share"].value
    unmeasured = f"{wording.percent(no_signal)} without a signal" if no_signal else ""
    words = shown.article.word_count
    return [
        _card(shown, found["reads"], [_readers_said(shown, found), unmeasured]),
        _card(shown, found["views"], [_fresh_said(found)]),
        _card(
            shown, found["read_rate"], [_interval(found["read_rate"]), _section(shown, beside, "read_rate")]
        ),
        _card(
            shown,
            found["engaged_median"],
            [
                f"{wording.value('h', found['engaged'].value)} in all",
                _section(shown, beside, "engaged_median"),
            ],
        ),
        _card(
            shown,
            found["finish_rate"],
            [
                _interval(found["finish_rate"]),
                _section(shown, beside, "finish_rate") or (f"{wording.full(words)} words" if words else ""),
            ],
            label="Finished",
        ),
        _talk_card(shown, found),
    ]


def _visit_cards(shown: Shown, found: dict[str, Figure], beside: dict[str, Figure]) -> list[Component | None]:
    return [
        _card(shown, found["views"], [_fresh_said(found)]),
        _card(shown, found["readers"], ["" if shown.scope.is_day else "summed over days"]),
        _card(shown, found["sessions"], ["visits with this article"]),
        _card(shown, found["recirculation"], [_section(shown, beside, "recirculation")]),
        _card(shown, found["exit_rate"], [_section(shown, beside, "exit_rate")]),
        _talk_card(shown, found),
    ]


def _card(shown: Shown, figure: Figure, words: Sequence[str], *, label: str = "") -> Component:
    metric = figure.metric
    few = Chip(f"too few (n{wording.THIN}{wording.full(figure.n)})", "outline") if figure.is_few else None
    return components.kpi(
        label or metric.label,
        metric.unit,
        figure.value,
        few if figure.value is not None else None,
        words=[each for each in words if each],
        why=cards.why(figure, shown.scope),
    )


def _talk_card(shown: Shown, found: dict[str, Figure]) -> Component | None:
    if "comments" not in found:
        return None
    waiting, rate = found["comments_pending"].value, found["comment_rate"]
    words = [f"{wording.full(found['comments_created'].value)} written"]
    if rate.value is not None:
        words.insert(0, f"{wording.per_1000(rate.value)} per 1,000 reads")
    if found["comments"].value is None:
        words = ["no comments connected"]
    return components.kpi(
        "Comments",
        "comments",
        found["comments"].value,
        Chip(f"{wording.full(waiting)} waiting", "waiting") if waiting else None,
        words=words,
        why=cards.why(found["comments"], shown.scope),
    )


def _section_figures(shown: Shown) -> dict[str, Figure]:
    """Ask the rates of the section in the same days: what the article's stand beside."""
    section = shown.article.section
    if not section:
        return {}
    scope = shown.scope
    ask = scope.ask()
    near = replace(ask, where=ask.where.only(article=(), section=(section,)))
    return figures.totals(scope.desk.store, lists.countable(BESIDE, scope.where), near, scope.now)


def _section(shown: Shown, beside: dict[str, Figure], name: str) -> str:
    figure = beside.get(name)
    if figure is None or figure.value is None or figure.is_few:
        return ""
    return f"{shown.article.section} {wording.value(figure.metric.unit, figure.value)}"


def _interval(figure: Figure) -> str:
    if figure.low is None:
        return ""
    return f"{wording.interval(figure.metric.unit, figure.low, figure.high)}, n {wording.full(figure.n)}"


def _readers_said(shown: Shown, found: dict[str, Figure]) -> str:
    return wording.counted(found["readers"].value, "reader" if shown.scope.is_day else "daily reader")


def _fresh_said(found: dict[str, Figure]) -> str:
    return f"{wording.full(found['fresh_views'].value)} without repeats"


def _is_measured(found: dict[str, Figure]) -> bool:
    return found["reads"].value is not None


# --- the curve ---------------------------------------------------------------------------------------------


def draw_curve(desk: Desk, view: View) -> Child:
    """Draw what it gathered since publication; by clock where counting began later."""
    shown = _find(desk, view)
    if shown is None:
        return None
    base = _base(shown)
    began = shown.scope.coverage.views
    if life.is_followed(shown.article, began[0] if began else None) and shown.is_whole_life:
        return _by_age(shown, base)
    return _by_clock(shown, base)


def _by_age(shown: Shown, base: str) -> Component:
    article, scope = shown.article, shown.scope
    frame = _gathered(shown, base)
    unit, label = METRICS[base].unit, METRICS[base].label
    reached, age = frame["value"][-1], float(frame["age_h"][-1])
    until = _axis_end(age, scope)
    events = [
        Event(_age_h(article, at), f"title changed {wording.clock(local_time(at, scope.zone))}", "title")
        for at, _ in article.titles[1:]
    ]
    is_over = age >= until
    words = (
        f"{wording.value(unit, reached, 'full')}"
        if is_over
        else f"now {wording.value(unit, reached, 'full')}"
    )
    figure = charts.age_curve(frame, unit=unit, until_h=until, now_words=words, events=events)
    figure.update_layout(margin_r=24)  # nothing stands at the line's end
    rows: list[Row] = [
        {"id": str(n), "age": wording.age(row["age_h"] * 3600), "value": row["value"]}
        for n, row in enumerate(frame.to_dicts())
    ]
    columns = [Column("age", "Age"), Column("value", label, "number", unit)]
    said = f"{label} since publication: {wording.full(reached)} after {wording.age(age * 3600)}."
    return components.card(
        f"{label} since publication",
        components.chart(figure, said, height=300),
        subtitle=f"All {label.lower()} up to each hour of its age",
        links=[*_curve_links(shown, base), _file(shown, "article-curve")],
        twin=tables.twin(columns, rows, f"{label} by age"),
    )


def _by_clock(shown: Shown, base: str) -> Component:
    scope = shown.scope
    metric = METRICS[base]
    frame = courses.course(scope.desk.store, base, scope.ask(), scope.grain, scope.now, "none")
    label = _day(scope.period.first) if scope.is_day else metric.label
    figure = charts.course(frame, unit=metric.unit, grain=scope.grain, labels=(label, ""))
    rows: list[Row] = [
        {"id": row["bucket"], "at": _bucket(row["at"], scope.grain), "value": row["value"]}
        for row in frame.to_dicts()
    ]
    columns = [Column("at", scope.grain.capitalize()), Column("value", metric.label, "number", metric.unit)]
    late = "" if not shown.is_whole_life else "; it was published before counting began"
    late = late if shown.article.published_at else ""
    return components.card(
        f"{metric.label} per {scope.grain}",
        components.chart(figure, f"{metric.label} per {scope.grain}, {scope.days_said()}.", height=300),
        subtitle=f"By the clock, {scope.zone}{late}",
        links=[*_curve_links(shown, base), _file(shown, "article-curve")],
        twin=tables.twin(columns, rows, f"{metric.label} per {scope.grain}"),
    )


def curve_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the curve as rows: by age where it is shown so, else by the clock."""
    shown = _known(desk, view)
    base, began = _base(shown), shown.scope.coverage.views
    if life.is_followed(shown.article, began[0] if began else None) and shown.is_whole_life:
        frame = _gathered(shown, base).rename({"value": base})
        return frame.columns, frame.rows()
    scope = shown.scope
    frame = courses.course(scope.desk.store, base, scope.ask(), scope.grain, scope.now, "none")
    return ["bucket", base], frame.select("bucket", "value").rows()


def _gathered(shown: Shown, base: str) -> pl.DataFrame:
    article, scope = shown.article, shown.scope
    published = article.published_at or scope.now
    horizon = HORIZONS[scope.ask().horizon]
    loaded = scope.coverage.loaded_through or scope.now
    ends = [scope.now, max(loaded, published), *([published + horizon] if horizon else [])]
    return life.since_publication(
        scope.desk.store, scope.site_id, article.article_id, base, published, min(ends)
    )


def _axis_end(age_h: float, scope: Scope) -> float:
    """Choose the right end: the next round span, at most the horizon."""
    horizon = HORIZONS[scope.ask().horizon]
    most = horizon.total_seconds() / 3600 if horizon else math.inf
    return min(next((float(span) for span in SPANS_H if span >= age_h), age_h), most)


def _age_h(article: Article, at: dt.datetime) -> float:
    return (at - article.published_at).total_seconds() / 3600 if article.published_at else 0.0


def _curve_links(shown: Shown, base: str) -> list[Link]:
    """Offer the other count, and the other span for those old enough."""
    view, scope = shown.scope.view, shown.scope
    links = []
    if _tells(shown):
        other = "views" if base == "reads" else "reads"
        links.append(Link(other.capitalize(), view.href(metric=other)))
    published = shown.article.published_at
    if shown.is_whole_life and published and scope.now - published > dt.timedelta(days=7):
        longer = view.horizon == "7d"
        links.append(Link("30 days" if longer else "7 days", view.href(horizon="30d" if longer else "7d")))
    return links


# --- what happened -----------------------------------------------------------------------------------------


def draw_events(desk: Desk, view: View) -> Child:
    """Draw what is known to have happened: publication, titles, the best hour, the latest view."""
    shown = _find(desk, view)
    if shown is None:
        return None
    article, scope = shown.article, shown.scope
    happened: list[tuple[dt.datetime, str, str]] = []
    if article.published_at:
        place = f"in {article.section}" if article.section else ""
        length = f"{wording.full(article.word_count)} words" if article.word_count else ""
        happened.append((article.published_at, "Published", ", ".join(p for p in (place, length) if p)))
    for (_, old), (at, new) in zip(article.titles, article.titles[1:], strict=False):
        happened.append((at, "Title changed", f"“{old}” became “{new}”"))
    if article.first_view_at and not _is_at_once(article):
        happened.append((article.first_view_at, "First view", ""))
    known = life.milestones(desk.store, scope.site_id, article.article_id)
    if known.best_hour:
        happened.append((known.best_hour, "Best hour", f"{wording.counted(known.best_views, 'view')} in it"))
    if known.half_by and article.published_at:
        took = wording.age((known.half_by - article.published_at).total_seconds())
        happened.append((known.half_by, "Half of its views", f"within {took}"))
    if known.first_comment:
        happened.append((known.first_comment, "First comment", ""))
    if article.last_view_at:
        ago = wording.age((scope.now - article.last_view_at).total_seconds())
        happened.append((article.last_view_at, "Latest view", f"{ago} ago"))
    rows = [
        (scope.at_said(at) if at.year == scope.now.year else _full_day(at, scope), what, words)
        for at, what, words in sorted(happened, key=lambda each: each[0])
    ]
    titles = len(article.titles)
    line = f"{wording.full(titles)} titles so far" if titles > 1 else "The title never changed"
    body = components.timeline(rows) if rows else components.empty("Nothing yet", "No reader has opened it.")
    return components.card("What happened", body, subtitle=line if titles else "")


def _is_at_once(article: Article) -> bool:
    """Say whether readers came within the hour of publication: then the first view tells nothing more."""
    first, published = article.first_view_at, article.published_at
    return bool(first and published and abs(first - published) < dt.timedelta(hours=1))


def _full_day(at: dt.datetime, scope: Scope) -> str:
    local = local_time(at, scope.zone)
    return f"{wording.day_short(local.date())} {local.year}"


# --- where from --------------------------------------------------------------------------------------------


def draw_ways(desk: Desk, view: View) -> Child:
    """Draw views by the clock, stacked by channel."""
    shown = _find(desk, view)
    if shown is None:
        return None
    scope = shown.scope
    grain: Grain = "hour" if scope.grain == "hour" else "day"
    frame = _trimmed(ways.over_time(desk.store, scope.ask(), grain), shown, grain)
    shares = ways.group_shares(frame)
    used = [name for name in ways.GROUP_LABELS if shares[name]]
    parts = [(name, ways.GROUP_LABELS[name], _PAINTS.get(name, "c6")) for name in used]
    figure = charts.stack(frame, parts=parts, unit="views", grain=grain)
    chart = components.chart(figure, f"Views per {grain} by way in, {scope.days_said()}.", height=280)
    is_told = used != ["unknown"]
    legend = components.legend([(paint, name, wording.percent(shares[key])) for key, name, paint in parts])
    columns = [Column("at", grain.capitalize())]
    columns += [Column(name, title, "number", "views") for name, title, _ in parts]
    rows: list[Row] = [
        {**row, "id": row["at"].isoformat(), "at": _bucket(row["at"], grain)} for row in frame.to_dicts()
    ]
    said = f"Where views came from, {'hour by hour' if grain == 'hour' else 'day by day'}"
    line = f"Views per {grain} by way in, {scope.zone}"
    return components.card(
        said if is_told else f"Views per {grain}",
        el("div", chart, legend, class_="with-legend") if is_told else chart,
        subtitle=line if is_told else "This source does not say where readers came from",
        links=[_file(shown, "article-ways")],
        twin=tables.twin(columns, rows, said),
    )


def way_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the views by the clock and way in as rows."""
    shown = _known(desk, view)
    scope = shown.scope
    grain: Grain = "hour" if scope.grain == "hour" else "day"
    frame = _trimmed(ways.over_time(desk.store, scope.ask(), grain), shown, grain)
    text = frame.with_columns(pl.col("at").dt.to_string("iso"))
    return text.columns, text.rows()


def _trimmed(frame: pl.DataFrame, shown: Shown, grain: Grain) -> pl.DataFrame:
    """Leave out the buckets before the article was there, and those that have not come yet."""
    article, scope = shown.article, shown.scope
    known = [at for at in (article.published_at, article.first_view_at) if at is not None]
    began = local_time(min(known, default=scope.period.begins), scope.zone).replace(tzinfo=None)
    first = began.replace(minute=0, second=0, microsecond=0, hour=began.hour if grain == "hour" else 0)
    now = local_time(scope.now, scope.zone).replace(tzinfo=None)
    return frame.filter(pl.col("at").is_between(first, now))


def draw_sources(desk: Desk, view: View) -> Child:
    """Draw the named sources with what came of their views."""
    shown = _find(desk, view)
    if shown is None:
        return None
    scope = shown.scope
    found = ways.sources(desk.store, scope.ask(), scope.now, limit=8)
    named = found.filter(pl.col("id").is_not_null())
    measured = bool(found["reads"].count()) and _tells(shown)
    columns = [
        Column("name", "Source"),
        Column("views", "Views", "bar", "views", sort="desc", is_strong=True),
        Column("views_share", "Share", "number", "share"),
    ]
    if measured:
        columns += [
            Column("reads", "Reads", "number", "reads", hide_under=768),
            Column("read_rate", "Read rate", "number", "share"),
            Column("engaged_median", "Median engaged", "number", "s", hide_under=768),
        ]
    rows = [_source_row(scope, row) for row in found.to_dicts()]
    body = (
        tables.board(columns, rows, "Sources by views")
        if named.height
        else components.empty(
            "No source is named", "These views came without a referrer, or their source does not tell one."
        )
    )
    return components.card(
        "Sources",
        body,
        subtitle="Named sources and what came of their views; grey: fewer than 30",
        links=[_file(shown, "article-sources")],
    )


def source_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the sources as rows."""
    shown = _known(desk, view)
    frame = ways.sources(desk.store, shown.scope.ask(), shown.scope.now, limit=1000).drop(
        "was_counted", "rank"
    )
    return frame.rename({"id": "source"}).columns, frame.rows()


def _source_row(scope: Scope, row: dict[str, Any]) -> dict[str, Any]:
    greys: dict[str, Any] = {}
    for name in ("read_rate", "engaged_median"):
        greys |= {
            f"{name}_few": (row[f"{name}_n"] or 0) < 30,
            f"{name}_tip": cards.n_words(METRICS[name], row),
        }
    source = row["id"]
    return {
        **row,
        **greys,
        "id": source or "(none)",
        "name": source or "Direct or not named",
        "href": scope.view.href(source=(source,)) if source else None,
    }


# --- how far, how long -------------------------------------------------------------------------------------


def draw_depth(desk: Desk, view: View) -> Child:
    """Draw how far they read: opened, read, half, end, finished, and the curve."""
    shown = _find(desk, view)
    if shown is None:
        return None
    scope = shown.scope
    names = ["views", "reads", "read_rate", "finish_rate", "finished"]
    found = figures.totals(desk.store, names, scope.ask(), scope.now)
    if not _is_measured(found):
        return components.card("How far they read", components.empty(_UNMEASURED, _UNMEASURED_WHY))
    reach = {row["reached"]: row for row in articles.scroll_reach(desk.store, scope.ask()).to_dicts()}
    bars = [
        Bar("Opened", 1.0, "100 %".replace(" ", wording.THIN), _of(found["views"].value, "view"), "band2"),
        _depth_bar("Read", found["read_rate"], "10 s or more, with an act"),
        *_reach_bars(reach),
        _depth_bar("Finished", found["finish_rate"], "time and depth agree"),
    ]
    n = reach[0.5]["n"]
    body: list[Child] = [components.bars([bar for bar in bars if bar.share is not None])]
    if n:
        curve = [1.0, *[reach[part]["share"] for part in (0.25, 0.5, 0.75, 1.0)]]
        said = f"Half of the body was reached by {wording.percent(reach[0.5]['share'])} of views."
        body.append(components.chart(charts.scroll_curve(curve), said, height=104))
    few = f"Few: scrolling is known of {wording.counted(n, 'view')}" if 0 < n < 30 else ""
    return components.card(
        "How far they read",
        el("div", body),
        subtitle="Share of views that can tell",
        why=cards.why(found["finish_rate"], scope),
        foot=few or ("" if n else "Scrolling is not measured by this source"),
    )


def _depth_bar(label: str, figure: Figure, note: str) -> Bar:
    return Bar(label, figure.value, wording.percent(figure.value), note)


def _reach_bars(reach: dict[float, dict[str, Any]]) -> list[Bar]:
    named = ((0.5, "Reached half", "of the article body"), (0.9, "Reached the end", "90 % of the body"))
    return [
        Bar(label, reach[part]["share"], wording.percent(reach[part]["share"]), note, "band2")
        for part, label, note in named
    ]


def _of(value: float | None, noun: str) -> str:
    return wording.counted(value, noun)


def draw_time(desk: Desk, view: View) -> Child:
    """Draw how long they stayed."""
    shown = _find(desk, view)
    if shown is None:
        return None
    scope = shown.scope
    spread = life.engaged_spread(desk.store, scope.ask())
    median = figures.totals(desk.store, ["engaged_median"], scope.ask(), scope.now)["engaged_median"]
    if median.value is None:
        return components.card("How long they stayed", components.empty(_UNMEASURED, _UNMEASURED_WHY))
    top = spread["share"].max()
    bars = [
        Bar(
            _STEPS[row["seconds"]],
            row["share"] / top if isinstance(top, float) and top else None,
            wording.percent(row["share"]),
            _of(row["views"], "view"),
            "band2" if row["seconds"] < 10 else "accent",
        )
        for row in spread.to_dicts()
    ]
    return components.card(
        "How long they stayed",
        components.bars(bars),
        subtitle=f"Views by engaged time; median {wording.duration(median.value)}",
        why=cards.why(median, scope),
        foot=f"Few: n {wording.full(median.n)}" if median.is_few else "",
    )


# --- talk --------------------------------------------------------------------------------------------------


def draw_talk(desk: Desk, view: View) -> Child:
    """Draw comments by the time of writing and present status."""
    shown = _find(desk, view)
    if shown is None:
        return None
    scope = shown.scope
    if not lists.countable(["comments"], scope.where):
        clear = el("a", "Take the filter off", href=_bare(scope).href(), class_="button")
        words = "Comments know no source, device or country."
        return components.card(
            "Comments over time", components.empty("Not shown under a filter", words, clear)
        )
    found = figures.totals(desk.store, TALK, scope.ask(), scope.now)
    if not found["comments_created"].value:
        return components.card("Comments over time", _no_talk(found))
    grain: Grain = "hour" if scope.grain == "hour" else "day"
    counted = life.comments_over_time(
        desk.store, scope.site_id, shown.article.article_id, scope.period, grain
    )
    frame = _trimmed(counted, shown, grain)
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
        {**row, "id": row["at"].isoformat(), "at": _bucket(row["at"], grain)} for row in frame.to_dicts()
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
            below=components.facts(_talk_facts(found)),
        ),
        subtitle=el("span", legend, class_="inline-legend"),
        twin=tables.twin(columns, rows, f"Comments per {grain}"),
    )


def _no_talk(found: dict[str, Figure]) -> Component:
    if found["comments"].value is None:
        return components.empty(
            "No comments are connected", "Comments come in by an import or by the comment system's webhook."
        )
    return components.empty("No comments yet", "Nobody wrote under this article in these days.")


def _talk_facts(found: dict[str, Figure]) -> list[tuple[str, str]]:
    """Say the shares, and that they are few where they are."""
    named = {
        "reply_share": "are replies",
        "moderation_lag": "median wait",
        "at_limit_share": "at the length limit",
        "rejection_rate": "rejected",
    }
    return [
        (
            wording.value(found[name].metric.unit, found[name].value),
            f"{words}, n {wording.full(found[name].n)}" if found[name].is_few else words,
        )
        for name, words in named.items()
        if found[name].value is not None
    ]


# --- before and after, devices, countries, facts -----------------------------------------------------------


def draw_around(desk: Desk, view: View) -> Child:
    """Draw which articles readers came from in the same visit, and went on to."""
    shown = _find(desk, view)
    if shown is None:
        return None
    scope = shown.scope
    found = articles.before_and_after(desk.store, scope.site_id, shown.article.article_id, scope.period)
    rates = figures.totals(desk.store, ["recirculation", "exit_rate"], scope.ask(), scope.now)
    onward, ends = rates["recirculation"], rates["exit_rate"]
    said = [
        f"{wording.percent(onward.value)} of views went on to another article"
        if onward.value is not None
        else ""
    ]
    said += [f"{wording.percent(ends.value)} ended the visit" if ends.value is not None else ""]
    sides = [
        _side(scope, title, found[side])
        for side, title in (("before", "Came from, share of views"), ("after", "Went on to, share of views"))
    ]
    return components.card(
        "Before and after",
        el("div", sides, class_="halves"),
        subtitle="; ".join(said),
        why=cards.why(onward, scope),
        foot="Articles of the same visit; front and section pages between do not count",
    )


def _side(scope: Scope, title: str, rows: pl.DataFrame) -> Component:
    top = rows["share"].max() if rows.height else None
    made = [
        {
            "id": row["id"],
            "title": row["title"],
            "href": View(f"/articles/{row['id']}", site=scope.view.site).href(),
            "bar": marks.bar(row["share"] / top if isinstance(top, float) and top else None, width=48),
            "share": row["share"],
            "share_tip": wording.counted(row["views"], "view"),
            "share_few": row["views"] < 30,
        }
        for row in rows.to_dicts()
    ]
    if not made:
        return el("div", components.empty(title, "No other article in the same visits."))
    columns = [
        Column("title", title),
        Column("bar", "Views", "mark"),
        Column("share", "Share", "number", "share"),
    ]
    return el("div", tables.board(columns, made, title))


def draw_devices(desk: Desk, view: View) -> Child:
    """Draw the devices."""
    return _shares(desk, view, "device", "Devices", lambda key: key.capitalize())


def draw_countries(desk: Desk, view: View) -> Child:
    """Draw the countries."""
    names = reference.countries()
    return _shares(desk, view, "country", "Countries", lambda key: names.get(key, key))


def _shares(desk: Desk, view: View, split: str, title: str, name: Any) -> Child:
    shown = _find(desk, view)
    if shown is None:
        return None
    scope = shown.scope
    board = figures.board(desk.store, ["views"], scope.ask(split), scope.now, order="views", limit=6)
    rows = comparison.with_shares(board, "views").filter(pl.col("views") > 0)
    if not rows.height or rows["id"].null_count() == rows.height:
        said = f"No {split} is known of these views."
        return components.card(title, components.empty(f"{title} not known", said))
    made = [
        {
            "id": row["id"] or "(none)",
            "name": name(row["id"]) if row["id"] else "Not known",
            "href": view.href(**{split: (row["id"],)}) if row["id"] else None,
            "views": row["views"],
            "share": row["views_share"],
        }
        for row in rows.to_dicts()
    ]
    columns = [
        Column("name", DIMENSION_LABELS[split]),
        Column("views", "Views", "bar", "views", sort="desc", is_strong=True),
        Column("share", "Share", "number", "share"),
    ]
    more = board.count - len([row for row in made if row["id"] != "(none)"])
    foot = f"{more} more with fewer views" if more > 0 else ""
    return components.card(title, tables.board(columns, made, f"{title} by views"), foot=foot)


DIMENSION_LABELS = {"device": "Device", "country": "Country"}


def draw_facts(desk: Desk, view: View) -> Child:
    """Draw what the catalogue holds of it."""
    shown = _find(desk, view)
    if shown is None:
        return None
    article, scope = shown.article, shown.scope
    known = {
        "Id": article.article_id,
        "Address": article.url,
        "Former ids": ", ".join(article.aliases),
        "Kind": article.kind,
        "Language": article.language,
        "Words": wording.full(article.word_count) if article.word_count else None,
        "Access": article.access,
        "In the catalogue": "yes" if article.is_catalogued else "no: only its readers told of it",
        "First view": scope.at_said(article.first_view_at) if article.first_view_at else None,
    }
    rows = [[el("dt", name), el("dd", text)] for name, text in known.items() if text]
    merged = len(article.aliases)
    line = f"{wording.counted(merged, 'address', 'addresses')} merged into it" if merged else ""
    return components.card("Facts", el("dl", rows, class_="fact-list"), subtitle=line)


def draw_foot(desk: Desk, view: View) -> Child:
    """Say whether what is known of the article is whole."""
    shown = _find(desk, view)
    if shown is None:
        return None
    article = shown.article
    missing = {
        "author": not article.authors,
        "topic": not article.topics,
        "date of publication": article.published_at is None,
        "word count": article.word_count is None,
    }
    gaps = [name for name, is_missing in missing.items() if is_missing]
    said = f"No {wording.listed(gaps, 'or')} in the catalogue" if gaps else "Metadata complete"
    return cards.foot(shown.scope, said)


# --- what the parts share ----------------------------------------------------------------------------------


def _find(desk: Desk, view: View) -> Shown | None:
    """Find the article of an address; None where there is none."""
    scope = resolve(desk, view, "today")
    try:
        article = library.article(desk.store, scope.site_id, view.item)
    except UsageError:
        return None
    period = scope.period if view.period else life.lifetime(article, scope.zone, scope.today)
    where = scope.where.only(article=(article.article_id,))
    return Shown(article, replace(scope, period=period, where=where, note=""))


def _known(desk: Desk, view: View) -> Shown:
    shown = _find(desk, view)
    if shown is None:
        raise UsageError(f"No article has the id {view.item!r}.", "Search for its title.")
    return shown


def _tells(shown: Shown) -> bool:
    """Say whether its views can tell reading time."""
    scope = shown.scope
    return figures.totals(scope.desk.store, ["reads"], scope.ask(), scope.now)["reads"].value is not None


def _base(shown: Shown) -> str:
    """Choose what the curve counts: what the address says, reads where they can be told."""
    return "reads" if shown.scope.view.metric != "views" and _tells(shown) else "views"


def _bare(scope: Scope) -> View:
    return scope.view.but(**dict.fromkeys(scope.view.where(), ()))


def _file(shown: Shown, name: str) -> Link:
    return Link("Download CSV", downloads.href(name, shown.scope.view), f"{name}.csv")


def _bucket(at: dt.datetime, grain: Grain) -> str:
    day = wording.day_named(at.date())
    return f"{day}, {wording.clock(at)}" if grain == "hour" else f"from {day}" if grain == "week" else day


def _day(day: dt.date) -> str:
    return wording.day_named(day)


DOWNLOADS: dict[str, downloads.Table] = {
    "article-curve": curve_rows,
    "article-ways": way_rows,
    "article-sources": source_rows,
}
