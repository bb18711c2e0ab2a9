"""What an article gathered since publication, and what happened to it."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import polars as pl
from dash.development.base_component import Component

from analytics import wording
from analytics.language import N_, _, begun, inside
from analytics.metrics import METRICS
from analytics.periods import Grain, local_time
from analytics.queries import courses, effects, expected, life, silences
from analytics.queries.ask import HORIZONS
from analytics.queries.effects import Effect
from analytics.queries.library import Article
from dashboards import cards, components, controls, downloads, notes, tables
from dashboards import figures as charts
from dashboards.components import Link
from dashboards.elements import Child, el
from dashboards.figures import Event
from dashboards.filters import View
from dashboards.pages.article import origins
from dashboards.pages.article.shown import Shown, base_of, bucket_said, file_link, known, tells_reading
from dashboards.scope import Scope
from dashboards.tables import Column, Row

HOURS_UP_TO = 10  # days of which every hour has a bar
_AXES = (("", N_("By age")), ("clock", N_("By the clock")))
WEEK_H, DRAWN_FROM_H = 168, 24  # a projection is drawn once a day of the seven has passed
MOST_NOTES = 4  # beside titles; ui.md 4: six marks at most
SPANS_H = (1, 3, 6, 12, 24, 48, 72, 120, 168, 336, 720)  # right ends of the curve by age


def draw_curve(shown: Shown) -> Child:
    """Draw what it gathered since publication; by clock where counting began later."""
    base = base_of(shown)
    if not _has_ages(shown):
        return _by_clock(shown, base)
    axes = [(value, _(label)) for value, label in _AXES]
    turn = controls.segmented(shown.scope.view, "by", axes, shown.scope.view.by, _("What stands across"))
    return _by_ways(shown, turn) if shown.scope.view.by == "clock" else _by_age(shown, base, turn)


def _has_ages(shown: Shown) -> bool:
    """Say whether it was counted from its publication on, and no other days are asked for."""
    began = shown.scope.coverage.views
    return life.is_followed(shown.article, began[0] if began else None) and shown.is_whole_life


def _by_ways(shown: Shown, turn: Component) -> Child:
    """Draw its views by the clock, stacked by way in, with what happened to it."""
    article, scope = shown.article, shown.scope
    own = [(article.published_at, _("published"), _("out"))] if article.published_at else []
    own += [(at, _("title changed"), _("title")) for at, _title in article.titles[1:]]
    events = [Event(local_time(at, scope.zone).replace(tzinfo=None), label, word) for at, label, word in own]
    marked = sorted([*events, *_noted(shown), *cards.definition_events(scope)], key=lambda each: each.at)
    grain: Grain = "hour" if scope.period.length <= HOURS_UP_TO else "day"
    title = _("Views by the clock, {steps}", steps=origins.steps_said(grain))
    return origins.ways_card(shown, title, grain, events=marked, extra=turn, height=300)


def _by_age(shown: Shown, base: str, turn: Component) -> Component:
    article, scope = shown.article, shown.scope
    frame = _beside(shown, base)
    unit, label = METRICS[base].unit, METRICS[base].label
    so_far = frame.filter(pl.col("value").is_not_null())
    reached, age = so_far["value"][-1], float(so_far["age_h"][-1])
    foreseen = expected.projection(scope.desk.store, scope.site_id, article.article_id, scope.now, base=base)
    is_drawn = foreseen is not None and age >= DRAWN_FROM_H and scope.view.horizon == "7d"
    until = float(WEEK_H) if is_drawn else _axis_end(age, scope)
    frame = frame.filter(pl.col("age_h") <= until)
    events = [
        Event(
            _age_h(article, at),
            _("title changed {local_time}", local_time=wording.clock(local_time(at, scope.zone))),
            "title",
        )
        for at, _rest in article.titles[1:]
    ]
    noted = notes.shown_in(scope, article.article_id)[-MOST_NOTES:]
    events += [
        Event(_age_h(article, each.at), notes.marked(each, is_inside=True), notes.word(each))
        for each in noted
    ]
    events.sort(key=lambda event: event.at)
    is_over = age >= until
    words = (
        f"{wording.value(unit, reached, 'full')}"
        if is_over
        else _("now {reached}", reached=wording.value(unit, reached, "full"))
    )
    n, stories = _compared(frame, article)
    frame = frame if n else so_far
    ends = ("", "")
    if foreseen is not None and is_drawn:
        ends = (
            _("{likely} at 7 d", likely=wording.value(unit, foreseen.likely)),
            wording.interval(unit, foreseen.low, foreseen.high),
        )
    figure = charts.age_curve(
        frame,
        unit=unit,
        until_h=until,
        now_words=words,
        end_words=ends,
        stories=_("{n} stories", n=wording.full(n)),
        events=events,
        gaps=_gaps(shown),
    )
    if not n:
        # Nothing stands at the line's end, but its last number needs room above it.
        narrow = {"margin.r": 14, "margin.t": 26, "xaxis.nticks": 5}
        margin = {"l": 52, "r": 24, "t": 26, "b": 26}
        figure.lay_out(margin=margin, meta={"narrow": narrow, "kind": "age_curve"})
    rows: list[Row] = [
        {
            "id": str(place),
            "age": wording.age(row["age_h"] * 3600),
            "value": row["value"],
            "median": row["median"],
            "range": wording.interval(unit, row["p10"], row["p90"], "table"),
        }
        for place, row in enumerate(frame.filter(_is_told()).to_dicts())
    ]
    columns = [Column("age", _("Age")), Column("value", label, "number", unit)]
    if n:
        columns += [Column("median", _("Expected"), "number", unit), Column("range", "8 of 10")]
    said = _(
        "{label} since publication: {reached} after {age}.",
        label=_(label),
        reached=wording.full(reached),
        age=wording.age(age * 3600),
    )
    return components.card(
        _("{label} since publication", label=_(label)),
        components.chart(figure, said, height=300, below=_foreseen(foreseen, unit)),
        subtitle=stories or _("All {label} up to each age", label=inside(label)),
        links=[*_curve_links(shown, base), file_link(shown, "article-curve")],
        twin=tables.twin(columns, rows, _("{label} by age", label=_(label))),
        why=cards.why_metric(base, scope),
        extra=turn,
    )


def _gaps(shown: Shown) -> list[tuple[float, float]]:
    """List the hours of its age in which nothing, or not everything, was collected."""
    scope, article = shown.scope, shown.article
    hours = silences.silences(scope.desk.store, scope.site_id, scope.period, "hour", scope.now)
    return [
        (_age_h(article, begins), _age_h(article, ends))
        for begins, ends in hours.filter("is_gap").select("begins", "ends").rows()
    ]


def _is_told() -> pl.Expr:
    """Keep the ages that the table tells: hours, from 12 on every third, from 2 days on half days, then days.

    Every step would be 700 cells, and a browser would stand still for seconds; the download holds them all.
    """
    age = pl.col("age_h")
    each = pl.when(age <= 12).then(1).when(age <= 48).then(3).when(age <= WEEK_H).then(12).otherwise(24)
    return age % each == 0


def _beside(shown: Shown, base: str) -> pl.DataFrame:
    """Give what it gathered by age beside what is expected and foreseen.

    Returns:
        age_h, value (null after its age), p10, median, p90 (null without an expectation), and low, middle,
        high of the projection (null before it begins); in order.
    """
    scope, name = shown.scope, shown.article.article_id
    store, site, now = scope.desk.store, scope.site_id, scope.now
    until = HORIZONS[scope.ask().horizon] or dt.timedelta(days=90)
    own = _gathered(shown, base)
    course = expected.course(store, site, name, now, base=base, until=until)
    band = course.select("age_h", "p10", "p90", "n", "set", median="p50")
    finer = course.filter(pl.col("value").is_not_null()).select("age_h", "value")
    # The last of its own points is of this minute; the full steps before it are finer than hours.
    points = pl.concat([own.head(1), finer, own.tail(1)]) if finer.height else own
    foreseen = expected.projected(store, site, name, now, base=base)
    return (
        points.unique("age_h", keep="last")
        .join(band, on="age_h", how="full", coalesce=True)
        .join(foreseen, on="age_h", how="full", coalesce=True)
        .sort("age_h")
        .with_columns(pl.col("p10", "median", "p90", "low", "middle", "high").interpolate())
    )


def _compared(frame: pl.DataFrame, article: Article) -> tuple[int, str]:
    """Say with how many articles it is compared at its age, and with which: n, and words for the subtitle."""
    at_age = frame.filter(pl.col("set").is_not_null() & pl.col("value").is_not_null()).tail(1)
    if not at_age.height:
        return 0, ""
    n, of_site = at_age["n"][0], at_age["set"][0] == "site"
    count, section = wording.full(n), article.section
    if not of_site:
        return n, _("Band: 8 of 10 of {n} stories in {section} at the same age", n=count, section=section)
    why = _(", for {section} has too few", section=section) if section else ""
    return n, _("Band: 8 of 10 of {n} stories of the whole site at the same age{why}", n=count, why=why)


def _foreseen(found: expected.Projection | None, unit: str) -> Component | None:
    """Say a projection in words."""
    if found is None:
        return None
    said = _(
        "On course for {likely} at 7 days; 8 of 10 such come to {span}",
        likely=wording.value(unit, found.likely),
        span=wording.interval(unit, found.low, found.high),
    )
    return el("p", said, class_="meta")


def _noted(shown: Shown) -> list[Event]:
    scope = shown.scope
    return notes.events(scope, notes.shown_in(scope, shown.article.article_id), most=MOST_NOTES)


def _by_clock(shown: Shown, base: str) -> Component:
    scope = shown.scope
    metric = METRICS[base]
    frame = courses.course(scope.desk.store, base, scope.ask(), scope.grain, scope.now, "none")
    label = wording.day_named(scope.period.first) if scope.is_day else metric.label
    figure = charts.course(
        frame,
        unit=metric.unit,
        grain=scope.grain,
        labels=(label, ""),
        events=[*cards.definition_events(scope), *_noted(shown)],
    )
    rows: list[Row] = [
        {"id": row["bucket"], "at": bucket_said(row["at"], scope.grain), "value": row["value"]}
        for row in frame.to_dicts()
    ]
    columns = [Column("at", begun(_(scope.grain))), Column("value", metric.label, "number", metric.unit)]
    late = "" if not shown.is_whole_life else _("; it was published before counting began")
    late = late if shown.article.published_at else ""
    return components.card(
        _("{label} per {grain}", label=_(metric.label), grain=_(scope.grain)),
        components.chart(
            figure,
            _(
                "{label} per {grain}, {days_said}.",
                label=_(metric.label),
                grain=_(scope.grain),
                days_said=scope.days_said(),
            ),
            height=300,
        ),
        subtitle=_("By the clock, {zone}{late}", zone=scope.zone, late=late),
        links=[*_curve_links(shown, base), file_link(shown, "article-curve")],
        twin=tables.twin(
            columns, rows, _("{label} per {grain}", label=_(metric.label), grain=_(scope.grain))
        ),
        why=cards.why_metric(metric, scope),
        foot=cards.gaps_said(frame, scope.grain),
    )


def curve_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the curve as rows: by age where it is shown so, else by the clock."""
    shown = known(desk, view)
    base = base_of(shown)
    if _has_ages(shown):
        frame = _beside(shown, base).rename({"value": base})
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
    if tells_reading(shown):
        other = "views" if base == "reads" else "reads"
        links.append(Link(begun(_(other)), view.href(metric=other)))
    published = shown.article.published_at
    if shown.is_whole_life and published and scope.now - published > dt.timedelta(days=7):
        longer = view.horizon == "7d"
        links.append(Link("30 days" if longer else "7 days", view.href(horizon="30d" if longer else "7d")))
    return links


def draw_events(shown: Shown) -> Child:
    """Draw what is known to have happened: publication, titles, the best hour, the last view."""
    article, scope = shown.article, shown.scope
    happened: list[tuple[dt.datetime, Child, Child]] = []
    if article.published_at:
        place = _("in {section}", section=article.section) if article.section else ""
        length = (
            _("{word_count} words", word_count=wording.full(article.word_count)) if article.word_count else ""
        )
        happened.append((article.published_at, _("Published"), ", ".join(p for p in (place, length) if p)))
    measured = effects.of_titles(scope.desk.store, scope.site_id, article, scope.now)
    for (_rest, old), (new, effect) in zip(article.titles, measured, strict=False):
        words = _(
            "“{old}” became “{new}”; {effect_words}", old=old, new=new, effect_words=effect_words(effect)
        )
        happened.append((effect.at, _("Title changed"), words))
    if article.first_view_at and not _is_at_once(article):
        happened.append((article.first_view_at, _("First view"), ""))
    known = life.milestones(scope.desk.store, scope.site_id, article.article_id)
    if known.best_hour:
        happened.append(
            (
                known.best_hour,
                _("Best hour"),
                _("{best_views} in it", best_views=wording.counted(known.best_views, "view")),
            )
        )
    if known.half_by and article.published_at:
        took = wording.age((known.half_by - article.published_at).total_seconds())
        happened.append((known.half_by, _("Half of its views"), _("within {took}", took=took)))
    if known.first_comment:
        happened.append((known.first_comment, _("First comment"), ""))
    if article.last_view_at:
        ago = wording.age((scope.now - article.last_view_at).total_seconds())
        happened.append((article.last_view_at, _("Latest view"), _("{ago} ago", ago=ago)))
    happened += notes.timeline(scope, notes.shown_in(scope, article.article_id))
    rows = [
        (scope.at_said(at) if at.year == scope.now.year else _full_day(at, scope), what, words)
        for at, what, words in sorted(happened, key=lambda each: each[0])
    ]
    titles = len(article.titles)
    line = (
        _("{titles} titles so far", titles=wording.full(titles))
        if titles > 1
        else _("The title never changed")
    )
    body = (
        components.timeline(rows)
        if rows
        else components.empty(_("Nothing yet"), _("No reader has opened it."))
    )
    return components.card(_("What happened"), body, subtitle=line if titles else "")


def effect_words(effect: Effect) -> str:
    """Say what followed a change: its effect with an interval, that none can be seen, or too few to tell."""
    sides = _(
        "{before} fresh views in the hour before, {after} after",
        before=wording.full(effect.before),
        after=wording.full(effect.after),
    )
    if not effect.is_over:
        return _("its hour is not over yet")
    if effect.is_few:
        return _("too few to tell: {sides}", sides=sides)
    if effect.ratio is None:
        return _("{sides}; nothing to compare with at its age", sides=sides)
    span = wording.interval("ratio", effect.low, effect.high)
    if effect.is_effect:
        return _(
            "{ratio} what its age does anyway ({span}): {sides}",
            ratio=wording.ratio(effect.ratio),
            span=span,
            sides=sides,
        )
    return _("no effect to be seen ({span}): {sides}", span=span, sides=sides)


def _is_at_once(article: Article) -> bool:
    """Say whether readers came within the hour of publication: then the first view tells nothing more."""
    first, published = article.first_view_at, article.published_at
    return bool(first and published and abs(first - published) < dt.timedelta(hours=1))


def _full_day(at: dt.datetime, scope: Scope) -> str:
    local = local_time(at, scope.zone)
    return f"{wording.day_short(local.date())} {local.year}"
