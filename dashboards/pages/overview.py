"""Overview `/`: the day in one sentence, its numbers, its hours, and what is worth a look.

Before 11:00 the newsroom's local time it shows yesterday and is called "Morning".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl
from dash import Dash
from dash.development.base_component import Component

from analytics import marks, wording
from analytics.metrics import METRICS, Fold, Metric
from analytics.periods import local_time, previous, year_ago
from analytics.queries import (
    articles,
    comparison,
    courses,
    figures,
    health,
    library,
    lists,
    sentences,
    ways,
    worth,
)
from analytics.queries.comparison import Beside
from analytics.queries.figures import Board
from analytics.queries.worth import Look, Waiting
from analytics.wording import Chip
from dashboards import cards, components, controls, downloads, slots, tables
from dashboards.components import Link
from dashboards.elements import Child, el
from dashboards.figures import Event, course
from dashboards.filters import View
from dashboards.scope import Scope, resolve
from dashboards.slots import Desk
from dashboards.tables import Column, Row

PATH = "/"
TITLE = "Overview"

CARDS = ("views", "reads", "readers", "engaged", "comments")
CARDS_UNMEASURED = ("views", "readers", "sessions", "recirculation", "comments")
TOP, BOARD = 10, 7
MOST_MARKS, PLOT_PX, LABEL_ROOM_PX, CHARACTER_PX = 5, 620, 84, 6.6
SPARK_H = 48
_REASONS = {
    "unseen": Chip("Good but unseen", "typical"),
    "hot": Chip("Hot talk", "waiting"),
    "discussed": Chip("Most discussed", "typical"),
}
_IMPORTS = """tearsheet init --site news.example --timezone Europe/Berlin
tearsheet import articles.csv --mapping articles.toml
tearsheet import views.csv --mapping views.toml"""


def layout(_view: View) -> Component:
    """Lay out the slots of the page."""
    return slots.page(
        slots.slot("overview-head", content=components.page_head("Overview", " ")),
        slots.slot("overview-day", 220),
        slots.slot("overview-chart", 400, class_name="c8"),
        slots.slot("overview-look", 400, class_name="c4 side"),
        slots.slot("overview-top", 640),
        slots.slot("overview-authors", 330, class_name="c4"),
        slots.slot("overview-topics", 330, class_name="c4"),
        slots.slot("overview-ways", 330, class_name="c4"),
        slots.slot("overview-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "overview-head", draw_head, what="the head of the page")
    slots.fill(app, "overview-day", draw_day, what="the numbers")
    slots.fill(app, "overview-chart", draw_chart, what="this chart")
    slots.fill(app, "overview-look", draw_look, what="this list")
    slots.fill(app, "overview-top", draw_top, what="the top articles")
    slots.fill(app, "overview-authors", draw_authors, what="the authors")
    slots.fill(app, "overview-topics", draw_topics, what="the topics")
    slots.fill(app, "overview-ways", draw_ways, what="the sources")
    slots.fill(app, "overview-foot", draw_foot, what="the health of the data")


# --- head ---------------------------------------------------------------------------------------------------


def draw_head(desk: Desk, view: View) -> Child:
    """Draw title, period, controls and what must be known first."""
    scope = _scope(desk, view)
    choices = library.choices(scope.desk.store, scope.site_id)
    bar = controls.bar(
        controls.period(view, scope.period.key, with_today=True),
        controls.dates(scope.period.first, scope.period.last, scope.today),
        controls.pick(view, "section", [(name, name) for name in choices.sections], "All sections", 130),
        controls.pick(view, "channel", [(c, ways.label(c)) for c in choices.channels], "All sources", 124),
        controls.basis(view),
        controls.compare(view),
    )
    names = {"channel": {channel: ways.label(channel) for channel in choices.channels}}
    top = components.page_head(_title(scope), _line(scope), bar)
    return el("div", top, cards.notices(scope), controls.chosen(view, names), class_="page-top")


def _title(scope: Scope) -> str:
    yesterday = scope.today - dt.timedelta(days=1)
    is_early = local_time(scope.now, scope.zone).hour < 11
    return "Morning" if is_early and scope.is_day and scope.period.first == yesterday else "Overview"


def _line(scope: Scope) -> str:
    """Say which days, how many articles were published in them, and the zone."""
    ago = (scope.today - scope.period.first).days if scope.is_day else -1
    said = {0: "Today so far, ", 1: "Yesterday, "}.get(ago, "") + scope.days_said()
    parts = [said]
    if lists.countable(["published"], scope.where):
        found = figures.totals(scope.desk.store, ["published"], scope.ask(), scope.now)["published"]
        parts.append(f"{wording.counted(found.value, 'article')} published")
    return " · ".join([*parts, scope.zone])


# --- the sentence and the numbers ---------------------------------------------------------------------------


def draw_day(desk: Desk, view: View) -> Child:
    """Draw the sentence and the numbers: one question answers both."""
    scope = _scope(desk, view)
    if scope.coverage.first_event is None:
        return _set_up()
    wanted = CARDS if scope.metric.id != "views" or _tells(scope) else CARDS_UNMEASURED
    names = lists.countable(wanted, scope.where)
    about = scope.metric.id if scope.metric.id in names else names[0]
    found = comparison.totals(desk.store, names, scope.ask(), scope.now, _against(scope))
    return [_sheet(scope, found[about]), components.kpis([_card(scope, each) for each in found.values()])]


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
        el("a", part.text, href=_article(scope, part.article_id))
        if part.article_id
        else el("strong", part.text)
        if part.is_strong
        else part.text
        for part in parts
    ]
    note = ""
    if shown.band is not None:
        weekday = wording.WEEKDAYS[scope.period.first.weekday()]
        note = f"typical = median and 10–90{wording.THIN}% of the last {shown.band.n} {weekday}s"
    return components.sentence_sheet(words, why=cards.why(shown.figure, scope), note=note)


def _card(scope: Scope, shown: Beside) -> Component:
    metric = shown.figure.metric
    return components.kpi(
        _label(metric),
        _unit(metric),
        shown.figure.value,
        _chip(shown),
        usual=shown.usual,
        words=[_card_words(scope, shown)],
        why=cards.why(shown.figure, scope),
        href=scope.view.href(metric=metric.id),
        is_chosen=metric.id == scope.metric.id,
    )


def _chip(shown: Beside) -> Chip | None:
    if shown.figure.value is None or (shown.change is None and not shown.is_new):
        return None
    return wording.change_chip(shown.change, shown.place, is_few=shown.is_few, is_new=shown.is_new)


def _card_words(scope: Scope, shown: Beside) -> str:
    """Say what the number stands beside: a range, a number before, or why neither."""
    metric = shown.figure.metric
    if shown.figure.value is None:
        return "not known for these days" if metric.facts != "comment_facts" else "no comments connected"
    if shown.band is not None:
        low, high = _whole(metric, shown.band.low), _whole(metric, shown.band.high)
        return wording.place_words(shown.place, _unit(metric), low, high)
    if shown.before is not None and shown.before.value is not None:
        return f"{wording.value(_unit(metric), shown.before.value)} {_then(scope)}"
    summed = metric.fold is Fold.PEOPLE and not scope.is_day
    return "daily counts, summed" if summed else "no earlier days to compare"


def _then(scope: Scope) -> str:
    """Name the period that is compared with: "on Wed 11 Nov", "the 28 days before"."""
    year = scope.view.compare == "year_ago"
    past = year_ago(scope.period) if year else previous(scope.period)
    if scope.is_day:
        by = f" by {wording.clock(local_time(scope.now, scope.zone))}" if scope.is_running else ""
        return f"on {wording.day_named(past.first)}" + (f" {past.first.year}" if year else "") + by
    return "the same days a year ago" if year else f"the {scope.period.length} days before"


def _set_up() -> Component:
    """Say how readers and articles come in, while there are none."""
    steps = el("pre", _IMPORTS, tabIndex=0, aria_label="Commands that bring readers in")
    hint = components.empty(
        "No readers yet",
        "Nothing has been loaded into this home. Bring in articles and views from files, then reload this "
        "page; or look at a newsroom that is already full: tearsheet demo",
        steps,
    )
    return components.card("Set up", hint, subtitle="Three commands in the folder of this newsroom")


# --- the course ---------------------------------------------------------------------------------------------


def draw_chart(desk: Desk, view: View) -> Child:
    """Draw the chosen metric over the period with its band, the period before and what was published."""
    scope = _scope(desk, view)
    if scope.coverage.first_event is None:
        return None
    metric, grain = scope.metric, scope.grain
    frame = courses.course(desk.store, metric.id, scope.ask(), grain, scope.now, _against(scope))
    events, listed = _marks(scope)
    labels = _labels(scope)
    figure = course(frame, unit=_unit(metric), grain=grain, labels=labels, events=events)
    chart = components.chart(figure, _chart_said(scope, frame), height=304, below=listed)
    return components.card(
        f"{_label(metric)} per {grain}",
        chart,
        subtitle=_chart_line(scope, frame),
        links=[Link("Download CSV", downloads.href("overview-course", view), "overview.csv")],
        twin=_course_twin(scope, frame, labels[1]),
    )


def course_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the main chart as rows."""
    scope = _scope(desk, view)
    frame = courses.course(desk.store, scope.metric.id, scope.ask(), scope.grain, scope.now, _against(scope))
    shown = frame.select("bucket", "value", "p10", "median", "p90", "previous", "is_complete")
    named = {"value": scope.metric.id, "p10": "typical_p10", "median": "typical_median", "p90": "typical_p90"}
    return shown.rename(named).columns, shown.rows()


def _course_twin(scope: Scope, frame: pl.DataFrame, before: str) -> Component:
    unit = _unit(scope.metric)
    columns = [Column("when", scope.grain.capitalize()), Column("value", "Value", "number", unit)]
    if frame["p10"].count():
        columns += [Column("p10", "Typical from", "number", unit), Column("p90", "to", "number", unit)]
    if frame["previous"].count():
        columns.append(Column("previous", before, "number", unit))
    rows: list[Row] = [
        {"id": row["bucket"], "when": _bucket(row["at"], scope), **row} for row in frame.to_dicts()
    ]
    return tables.twin(columns, rows, f"{_label(scope.metric)} per {scope.grain}")


def _bucket(at: dt.datetime, scope: Scope) -> str:
    if scope.grain == "hour":
        return wording.clock(at) if scope.is_day else f"{wording.day_named(at.date())}, {wording.clock(at)}"
    return f"from {wording.day_named(at.date())}" if scope.grain == "week" else wording.day_named(at.date())


def _labels(scope: Scope) -> tuple[str, str]:
    year = scope.view.compare == "year_ago"
    past = year_ago(scope.period) if year else previous(scope.period)
    if scope.is_day:
        return wording.day_named(scope.period.first), wording.day_named(past.first)
    return f"{scope.period.length} days", "a year ago" if year else "before"


def _chart_line(scope: Scope, frame: pl.DataFrame) -> str:
    parts = []
    if frame["p10"].count():
        weekday = wording.WEEKDAYS[scope.period.first.weekday()]
        of = f"a typical {weekday}" if scope.is_day else "the same weekdays"
        parts.append(f"Band: 10–90{wording.THIN}% of {of}")
    if frame["previous"].count():
        word = "dashed" if parts else "Dashed"
        parts.append(f"{word}: {_labels(scope)[1] if scope.is_day else _then(scope)}")
    return "; ".join(parts) or f"{_label(scope.metric)} in each {scope.grain} of the period"


def _chart_said(scope: Scope, frame: pl.DataFrame) -> str:
    known = frame.drop_nulls("value").sort("value", descending=True)
    head = f"{_label(scope.metric)} per {scope.grain}, {scope.days_said()}"
    if not known.height:
        return f"{head}: nothing is known."
    at, value = known.row(0, named=True)["at"], known.row(0, named=True)["value"]
    return f"{head}; highest {_bucket(at, scope)} with {wording.value(_unit(scope.metric), value)}."


def _marks(scope: Scope) -> tuple[list[Event], Component | None]:
    """Mark the most read of what was published, as many as their words have room for."""
    if scope.grain == "week":
        return [], None
    named = library.published_in(scope.desk.store, scope.where, scope.period, 12)
    events: list[Event] = []
    items: list[Component] = []
    span = (scope.period.ends - scope.period.begins).total_seconds()
    for row in named.sort("views", descending=True).to_dicts():
        at = local_time(row["published_at"], scope.zone).replace(tzinfo=None)
        when = wording.clock(at) if scope.is_day else ""
        label = f"{when} {sentences.short_title(row['title'], 20)}".strip()
        trial = sorted([*events, Event(at, label, when)], key=lambda event: event.at)
        if len(trial) <= MOST_MARKS and _has_room(trial, span):
            events = trial
    for row in named.to_dicts():
        at = local_time(row["published_at"], scope.zone).replace(tzinfo=None)
        if any(event.at == at for event in events):
            link = el("a", row["title"], href=_article(scope, row["id"]))
            items.append(el("li", el("span", scope.at_said(row["published_at"]), class_="meta"), " ", link))
    return events, el("ul", items, class_="phone-marks") if items else None


def _has_room(events: Sequence[Event], span_s: float) -> bool:
    """Say whether labels in two staggered rows neither touch nor leave the chart."""

    def x(event: Event) -> float:
        moment = event.at
        return moment.timestamp() / span_s * PLOT_PX if isinstance(moment, dt.datetime) else 0.0

    def width(event: Event) -> float:
        return 12 + len(event.label) * CHARACTER_PX

    apart = all(x(b) - x(a) >= width(a) for a, b in zip(events, events[2:], strict=False))
    first = events[0].at
    midnight = first.replace(hour=0, minute=0, second=0) if isinstance(first, dt.datetime) else None
    ends = midnight.timestamp() / span_s * PLOT_PX + PLOT_PX + LABEL_ROOM_PX if midnight else 0.0
    return apart and all(x(event) + width(event) <= ends for event in events[-2:])


# --- worth a look -------------------------------------------------------------------------------------------


def draw_look(desk: Desk, view: View) -> Child:
    """Draw the articles that stand out for a reason which this period's figures can bear."""
    scope = _scope(desk, view)
    if scope.coverage.first_event is None:
        return None
    with_comments = bool(lists.countable(["comments"], scope.where))
    found = worth.worth_a_look(desk.store, scope.ask(), scope.now, with_comments=with_comments)
    ids = [each.article_id for each in found]
    names = library.describe(desk.store, scope.site_id, "article", ids)["title"].to_list()
    queue = worth.waiting(desk.store, scope.site_id, ids)
    rows = [
        (
            _REASONS[look.reason],
            title or look.article_id,
            _article(scope, look.article_id),
            _look_words(scope, look, queue.get(look.article_id)),
        )
        for look, title in zip(found, names, strict=True)
    ]
    body = components.looks(rows) if rows else _nothing_stands_out()
    by_talk = Link("By comments", _pinned(scope).drill("/articles", sort="-comments"))
    return components.card("Worth a look", body, links=[by_talk] if with_comments else [])


def _look_words(scope: Scope, look: Look, queue: Waiting | None) -> str:
    views = wording.counted(look.views, "view")
    if look.reason == "unseen":
        span = wording.interval("share", look.low, look.high)
        return f"{wording.percent(look.finish_rate)} finished it ({span}), with only {views}"
    parts = [f"{wording.counted(look.comments, 'comment')} on {views}"]
    if look.comment_rate is not None:
        parts.append(f"{wording.per_1000(look.comment_rate)} per 1,000 reads")
    if queue:
        oldest = wording.age((scope.now - queue.since).total_seconds())
        parts.append(f"{wording.full(queue.comments)} waiting, oldest {oldest}")
    return "; ".join(parts)


def _nothing_stands_out() -> Component:
    return components.empty(
        "Nothing stands out yet",
        "An article stands here when enough was read of it: at least 30 views for a rate, 5 comments.",
    )


# --- top articles -------------------------------------------------------------------------------------------


def draw_top(desk: Desk, view: View) -> Child:
    """Draw the ten articles with most of the chosen metric."""
    scope = _scope(desk, view)
    if scope.coverage.first_event is None:
        return None
    board = _top_board(scope)
    metric = _ranking(scope)
    part = comparison.share_of_rows(board, metric.id) if metric.fold is Fold.SUM else None
    together = f", together {wording.percent(part)} of {_noun(metric)}" if part is not None else ""
    shown = min(TOP, board.count)
    line = f"{_days_word(scope)}, any publish date; {shown} of {wording.full(board.count)}{together}"
    pinned = _pinned(scope)
    links = [
        Link(
            "Published that day" if scope.is_day else "Published in these days",
            pinned.drill("/articles", basis="published_in"),
        ),
        Link("Download CSV", downloads.href("overview-articles", view), "articles.csv"),
        Link("Open in Articles", pinned.drill("/articles")),
    ]
    rows = _top_rows(scope, board)
    body: Component = (
        tables.grid("overview-articles", _top_columns(scope, board), rows, f"Top articles by {_noun(metric)}")
        if rows
        else _nothing_read(scope)
    )
    return components.card("Top articles", body, subtitle=line, links=links)


def article_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the top articles as rows."""
    scope = _scope(desk, view)
    rows = _top_board(scope).rows
    names = library.describe(desk.store, scope.site_id, "article", rows["id"].to_list())
    shown = rows.drop("was_counted").with_columns(
        title=names["title"],
        authors=names["authors"],
        section=names["section"],
        published=names["published_at"],
    )
    front = ["rank", "id", "title", "authors", "section", "published"]
    return _cells(shown.select(*front, pl.exclude(front)))


def _top_board(scope: Scope) -> Board:
    names = lists.countable(["views", "reads", "read_rate", "comments", "comment_rate"], scope.where)
    metric = _ranking(scope)
    ask = scope.ask("article")
    return figures.board(scope.desk.store, names, ask, scope.now, order=metric.id, limit=TOP)


def _top_columns(scope: Scope, board: Board) -> list[Column]:
    main = _ranking(scope)
    measured = board.total["reads"].value is not None
    columns = [
        Column("rank", "#", "rank", width=44),
        Column("title", "Article", "title", width=0),
        Column("section", "Section", width=96, hide_under=900, on_phone=True),
        Column("age", "Age", "number", width=66, hide_under=820, on_phone=True),
    ]
    if main.id != "views":
        columns.append(Column("views", "Views", "number", "views", width=76, hide_under=900))
    columns.append(
        Column(
            main.id, _label(main), "bar", _unit(main), width=104, sort="desc", on_phone=True, is_strong=True
        )
    )
    if measured and main.id != "reads":
        columns.append(Column("reads", "Reads", "number", "reads", width=76, hide_under=900))
    if measured:
        columns.append(
            Column("read_rate", "Read rate", "number", "share", width=92, hide_under=768, on_phone=True)
        )
    columns.append(Column("spark", _curve_title(scope), "mark", width=120, hide_under=768))
    talk = "comment_rate" if measured else "comments"
    if talk in board.total and main.id != "comments":
        title = "Comments /1k" if measured else "Comments"
        unit = METRICS[talk].unit
        columns.append(Column(talk, title, "under", unit, width=116, hide_under=700))
    return columns


def _top_rows(scope: Scope, board: Board) -> list[Row]:
    found = board.rows.filter(pl.col("id").is_not_null())
    ids = found["id"].to_list()
    store = scope.desk.store
    names = library.describe(store, scope.site_id, "article", ids).to_dicts()
    base = "reads" if board.total["reads"].value is not None else "views"
    ends = min(
        scope.period.ends, scope.now.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
    )
    curves = dict(articles.sparklines(store, scope.site_id, ids, base, ends, SPARK_H).rows())
    ranks = cards.rank_words(found["rank"].to_list())
    return [
        _top_row(scope, row, name, rank, curves.get(row["id"], []))
        for row, name, rank in zip(found.to_dicts(), names, ranks, strict=True)
    ]


def _curves(scope: Scope, ids: list[str], base: str) -> dict[str, list[float | None]]:
    """Give the small curves: the last 48 hours of a short period, the days of a longer one."""
    store = scope.desk.store
    if scope.grain != "hour":
        return dict(lists.sparks(store, base, scope.ask(), ids, scope.now).rows())
    hour = scope.now.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
    ends = min(scope.period.ends, hour)
    return dict(articles.sparklines(store, scope.site_id, ids, base, ends, SPARK_H).rows())


def _curve_title(scope: Scope) -> str:
    return f"Last {SPARK_H} h" if scope.grain == "hour" else f"{scope.period.length} days"


def _top_row(
    scope: Scope, row: dict[str, Any], name: dict[str, Any], rank: str, curve: list[float | None]
) -> dict[str, Any]:
    published = name["published_at"]
    age = (scope.now - published).total_seconds() if published else None
    parts = [
        name["authors"],
        f"published {scope.at_said(published)}" if published else "not in the catalogue",
    ]
    rates: dict[str, Any] = {}
    for rate in ("read_rate", "comment_rate"):
        if rate in row:
            few = (row[f"{rate}_n"] or 0) < 30
            rates |= {f"{rate}_few": few, f"{rate}_tip": cards.n_words(METRICS[rate], row)}
    counted = wording.full(row.get("comments"))
    return {
        **row,
        **rates,
        "rank": rank,
        "title": name["title"],
        "href": _article(scope, row["id"]),
        "byline": " · ".join(part for part in parts if part),
        "section": name["section"],
        "age": age,
        "age_words": wording.age(age),
        "age_tip": wording.day_long(local_time(published, scope.zone).date()) if published else "",
        "spark": marks.sparkline(curve if any(curve) else []),
        "comment_rate_under": counted if row.get("comments") is not None else "",
    }


def _nothing_read(scope: Scope) -> Component:
    """Say which of the reasons left the list empty."""
    if scope.where.active():
        clear = el("a", "Clear the filters", href=_bare(scope).href(), class_="button")
        said = " and ".join(scope.where.active())
        return components.empty("Nothing was read here", f"The filter by {said} leaves no article.", clear)
    return components.empty("Nothing was read", f"No article was opened on {scope.days_said()}.")


# --- boards -------------------------------------------------------------------------------------------------


def draw_authors(desk: Desk, view: View) -> Child:
    """Draw the authors whose articles were read most."""
    scope = _scope(desk, view)
    if scope.coverage.first_event is None:
        return None
    board = _authors_board(scope)
    main = METRICS[_base(scope)]
    names = library.describe(desk.store, scope.site_id, "author", board.rows["id"].to_list())[
        "name"
    ].to_list()
    pinned = _pinned(scope)
    rows = [
        {
            **row,
            "name": name,
            "href": pinned.drill("/articles", author=(row["id"],)) if row["id"] else None,
            "read_rate_few": (row.get("read_rate_n") or 0) < 30,
            "read_rate_tip": cards.n_words(METRICS["read_rate"], row),
        }
        for row, name in zip(board.rows.to_dicts(), names, strict=True)
    ]
    columns = [Column("name", "Author")]
    columns += [Column("published", "Pieces", "number", "articles")] if "published" in board.total else []
    columns.append(Column(main.id, main.label, "bar", main.unit, sort="desc", is_strong=True))
    columns += [Column("read_rate", "Read rate", "number", "share")] if main.id == "reads" else []
    return components.card(
        "Authors",
        tables.board(columns, rows, f"Authors by {main.id}") if rows else _nothing_read(scope),
        subtitle=_credit_words(scope, board),
        links=[Link(f"All {wording.full(board.count)}", pinned.drill("/authors"))],
    )


def author_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the authors as rows."""
    scope = _scope(desk, view)
    rows = _authors_board(scope).rows.drop("was_counted")
    names = library.describe(desk.store, scope.site_id, "author", rows["id"].to_list())["name"]
    return _cells(rows.with_columns(name=names))


def _authors_board(scope: Scope) -> Board:
    base = _base(scope)
    names = [base, *(["read_rate"] if base == "reads" else [])]
    names += [] if scope.where.active() and not _of_catalogue(scope) else ["published"]
    return figures.board(scope.desk.store, names, scope.ask("author"), scope.now, order=base, limit=BOARD)


def _credit_words(scope: Scope, board: Board) -> str:
    said = dict(controls.CREDIT).get(scope.view.credit, "Full credit")
    if board.rows_add_to is None:
        return said
    return f"{said} each; rows add to {wording.percent(board.rows_add_to)} of {_base(scope)}"


def draw_topics(desk: Desk, view: View) -> Child:
    """Draw each topic's share of what was published against its share of what was read."""
    scope = _scope(desk, view)
    if scope.coverage.first_event is None:
        return None
    split, board = _topics_board(scope)
    base = _base(scope)
    has_pieces = bool(board.total["published"].value) if "published" in board.total else False
    shares = comparison.with_shares(board, base, *(["published"] if has_pieces else []))
    names = library.describe(desk.store, scope.site_id, split, shares["id"].to_list())["name"].to_list()
    rows = [
        _topic_row(scope, split, row, name, base) for row, name in zip(shares.to_dicts(), names, strict=True)
    ]
    reach = max(
        [
            0.01,
            *[max(row[f"{base}_share"] or 0, row.get("published_share") or 0) for row in shares.to_dicts()],
        ]
    )
    for row in rows:
        row["pair"] = _pair(row, reach, has_pieces=has_pieces)
    columns = [
        Column("name", "Topic" if split == "topic" else "Section"),
        Column("pair", f"Pieces and {base}" if has_pieces else base.capitalize(), "mark"),
        Column("words", "Share", "number"),
    ]
    return components.card(
        "Topics" if split == "topic" else "Sections",
        tables.board(columns, rows, f"Topics by {base}") if rows else _nothing_read(scope),
        subtitle=_topics_line(board, base, has_pieces=has_pieces),
        links=[Link(f"All {wording.full(board.count)}", _pinned(scope).drill("/topics"))],
    )


def topic_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the topics as rows."""
    scope = _scope(desk, view)
    split, board = _topics_board(scope)
    names = ["published"] if "published" in board.total else []
    rows = comparison.with_shares(board, _base(scope), *names).drop("was_counted")
    said = library.describe(desk.store, scope.site_id, split, rows["id"].to_list())["name"]
    return _cells(rows.with_columns(name=said))


def _topics_board(scope: Scope) -> tuple[str, Board]:
    """Rank topics; where the catalogue has none, sections."""
    base = _base(scope)
    names = [base, *([] if scope.where.active() and not _of_catalogue(scope) else ["published"])]
    store, now = scope.desk.store, scope.now
    board = figures.board(store, names, scope.ask("topic"), now, order=base, limit=BOARD)
    if board.count:
        return "topic", board
    return "section", figures.board(store, names, scope.ask("section"), now, order=base, limit=BOARD)


def _topic_row(scope: Scope, split: str, row: dict[str, Any], name: str, base: str) -> dict[str, Any]:
    share, pieces = row[f"{base}_share"], row.get("published_share")
    said = wording.percent(share)
    chosen: dict[str, tuple[str, ...]] = {split: (row["id"],)} if row["id"] else {}
    return {
        "id": row["id"] or "(none)",
        "name": name,
        "href": _pinned(scope).drill("/articles", **chosen) if chosen else None,
        "share": share,
        "pieces": pieces,
        "words": f"{wording.percent(pieces)} → {said}" if pieces is not None else said,
        "words_tip": f"{wording.full(row[base])} {base}, {wording.full(row.get('published'))} pieces",
    }


def _pair(row: dict[str, Any], reach: float, *, has_pieces: bool) -> marks.Mark:
    if has_pieces and row["pieces"] is not None and row["share"] is not None:
        label = (
            f"{row['name']}: {wording.percent(row['pieces'])} of pieces, {wording.percent(row['share'])} read"
        )
        return marks.dumbbell(row["pieces"], row["share"], reach, width=112, label=label)
    return marks.bar((row["share"] or 0) / reach, width=112)


def _topics_line(board: Board, base: str, *, has_pieces: bool) -> str:
    adds = wording.percent(board.rows_add_to)
    if not has_pieces:
        return f"Share of {base}; rows add to {adds}"
    pieces = wording.counted(board.total["published"].value, "piece")
    return f"○ share of {pieces}  ● share of {base}; rows add to {adds}"


def draw_ways(desk: Desk, view: View) -> Child:
    """Draw where readers came from, with the change since the period before."""
    scope = _scope(desk, view)
    if scope.coverage.first_event is None:
        return None
    against = "none" if view.compare == "none" else _against(scope)
    found = ways.ways_in(desk.store, scope.ask(), scope.now, against)
    top = found["views_share"].max() if found.height else None
    rows = [_way_row(scope, row, top) for row in found.to_dicts()]
    columns = [
        Column("name", "Source"),
        Column("bar", "Views", "mark"),
        Column("share", "Share", "number", "share"),
    ]
    has_before = any(row["change"] is not None for row in rows)
    columns += [Column("change", "Change", "chip")] if has_before else []
    named = ways.assistants(desk.store, scope.ask(), scope.now) if "ai" in found["id"] else None
    line = "Views by way in"
    return components.card(
        "Where readers came from",
        tables.board(columns, rows, "Ways in by views") if rows else _nothing_read(scope),
        subtitle=f"{line}; change since {_then(scope).removeprefix('on ')}" if has_before else line,
        links=[Link("Download CSV", downloads.href("overview-sources", view), "sources.csv")],
        foot=_assistants_words(named) if named is not None else "",
    )


def way_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the ways in as rows."""
    scope = _scope(desk, view)
    rows = ways.ways_in(desk.store, scope.ask(), scope.now, _against(scope))
    return _cells(rows.drop("group", "views_is_new", "views_is_few"))


def _way_row(scope: Scope, row: dict[str, Any], top: Any) -> dict[str, Any]:
    change, is_new = row["views_change"], row["views_is_new"]
    paint = {"own": "c1", "search": "c2", "social": "c3", "newsletter": "c4", "ai": "c5"}.get(
        row["group"], "c6"
    )
    known = change is not None or is_new
    return {
        "id": row["id"] or "(none)",
        "name": row["name"],
        "href": scope.view.href(channel=(row["id"],)) if row["id"] else None,
        "bar": marks.bar(row["views_share"] / top if top else None, width=96, paint=paint),
        "share": row["views_share"],
        "share_tip": f"{wording.full(row['views'])} views",
        "change": wording.change_chip(change, None, is_few=row["views_is_few"], is_new=is_new)
        if known
        else None,
    }


def _assistants_words(named: pl.DataFrame) -> str:
    said = [f"{name} {wording.percent(share)}" for name, share in named.select("id", "views_share").rows()]
    return f"AI assistants: {', '.join(said)}" if said else ""


# --- foot ---------------------------------------------------------------------------------------------------


def draw_foot(desk: Desk, view: View) -> Child:
    """Say whether the data can be trusted."""
    scope = _scope(desk, view)
    found = figures.totals(desk.store, ["no_signal_share", "no_beacon_share"], scope.ask(), scope.now)
    gaps = health.gaps_in_catalogue(desk.store, scope.site_id)
    parts = []
    if found["no_signal_share"].value is not None:
        parts.append(f"{wording.percent(found['no_signal_share'].value)} of views without a signal")
    if found["no_beacon_share"].value is not None:
        parts.append(f"{wording.percent(found['no_beacon_share'].value)} without a beacon")
    missing = {"catalogue": "not in the catalogue", "author": "without author", "topic": "without topic"}
    said = [f"{wording.full(gaps[name])} {words}" for name, words in missing.items() if gaps[name]]
    parts.append(f"of {wording.counted(gaps['articles'], 'article')}: {', '.join(said)}" if said else "")
    return cards.foot(scope, *parts)


# --- what the parts share -----------------------------------------------------------------------------------


def _scope(desk: Desk, view: View) -> Scope:
    """Resolve the address; a source without reading time is shown by its views."""
    scope = resolve(desk, view, "day")
    return (
        scope
        if scope.metric.id in _ALWAYS_KNOWN or _tells(scope)
        else replace(scope, metric=METRICS["views"])
    )


_ALWAYS_KNOWN = ("views", "fresh_views", "page_loads", "readers", "sessions", "comments", "comments_created")


def _tells(scope: Scope) -> bool:
    period = scope.period
    return health.tells_reading(scope.desk.store, scope.site_id, period.first, period.last)


def _against(scope: Scope) -> comparison.Against:
    options: dict[str, comparison.Against] = {"previous": "previous", "year_ago": "year_ago", "none": "none"}
    return options.get(scope.view.compare, "typical")


def _base(scope: Scope) -> str:
    """Name the metric that boards rank by: reads, or views where none can be told."""
    return "views" if scope.metric.id == "views" else "reads" if _tells(scope) else "views"


def _ranking(scope: Scope) -> Metric:
    """Choose what articles are ranked by: the chosen metric where each article has it."""
    metric = scope.metric
    can = "article" in metric.dimensions and metric.fold in {Fold.SUM, Fold.PEOPLE}
    return metric if can and lists.countable([metric.id], scope.where) else METRICS[_base(scope)]


def _of_catalogue(scope: Scope) -> bool:
    return bool(lists.countable(["comments"], scope.where))


def _pinned(scope: Scope) -> View:
    """Give the view with its period written out, for pages whose own default is another."""
    named = scope.period.key or f"{scope.period.first}..{scope.period.last}"
    return scope.view.but(period=named)


def _bare(scope: Scope) -> View:
    return scope.view.but(**dict.fromkeys(scope.view.where(), ()))


def _article(scope: Scope, article_id: str) -> str:
    """Write the address of an article's own page, which begins with its publication."""
    return View(path=f"/articles/{article_id}", site=scope.view.site).href()


def _unit(metric: Metric) -> str:
    return "h" if metric.id == "engaged" else metric.unit


def _whole(metric: Metric, value: float) -> float:
    """Round the end of a range of counts: there is no half comment."""
    return round(value) if metric.unit in wording.COUNT_UNITS else value


def _label(metric: Metric) -> str:
    return {"engaged": "Engaged hours", "readers": "Readers"}.get(metric.id, metric.label)


def _noun(metric: Metric) -> str:
    return {"engaged": "engaged time"}.get(metric.id, metric.label.lower())


def _days_word(scope: Scope) -> str:
    if scope.is_day:
        return f"Read on {wording.day_named(scope.period.first)}"
    return f"Read in {scope.period.length} days"


def _cells(frame: pl.DataFrame) -> downloads.Rows:
    """Turn a frame into cells of a file: times as text."""
    times = [name for name, kind in frame.schema.items() if kind.is_temporal()]
    plain = frame.with_columns(pl.col(times).dt.to_string("iso"))
    return plain.columns, plain.rows()


DOWNLOADS: dict[str, downloads.Table] = {
    "overview-course": course_rows,
    "overview-articles": article_rows,
    "overview-authors": author_rows,
    "overview-topics": topic_rows,
    "overview-sources": way_rows,
}
