"""Comments: how much is said, when, under what, by how few, and how far writers come in the box."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash
from dash.development.base_component import Component

from analytics import wording
from analytics.metrics import METRICS
from analytics.periods import Grain
from analytics.queries import comparison, figures, library, lists, silences, talk
from analytics.queries.comparison import Beside
from analytics.queries.figures import Figure
from dashboards import cards, components, controls, downloads, scope, slots, tables, theme
from dashboards import figures as charts
from dashboards.components import Link
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.scope import Scope
from dashboards.tables import Column, Row

PATH = "/comments"
TITLE = "Comments"
PERIOD = "7d"
NUMBERS = (
    "comments_created",
    "comments",
    "comment_rate",
    "rejection_rate",
    "moderation_lag",
    "comments_pending",
)
DISCUSSED = ("comments", "comment_rate", "reply_share", "comments_pending", "reads")
MOST = 16
HOURS_UP_TO = 3  # days that are drawn by the hour
STATES = {
    "published": ("Shown", "c1"),
    "pending": ("Waiting", "c2"),
    "rejected": ("Rejected", "c5"),
    "other": ("Removed or spam", "c6"),
}
STEPS = {
    "boxes_opened": "opened the box",
    "boxes_typed": "began to type",
    "boxes_at_limit": "reached the limit",
    "boxes_warned": "saw the warning",
    "boxes_posted": "sent a comment",
}


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("comments-head", content=components.page_head(TITLE, "")),
        slots.slot("comments-numbers", 120),
        slots.slot("comments-volume", 330, class_name="c8"),
        slots.slot("comments-rhythm", 330, class_name="c4"),
        slots.slot("comments-discussed", 520, class_name="c8"),
        slots.slot("comments-box", 520, class_name="c4"),
        slots.slot("comments-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "comments-head", head, what="the filters")
    slots.fill(app, "comments-numbers", _where_there_are(numbers), what="the numbers")
    slots.fill(app, "comments-volume", _where_there_are(volume), what="the chart")
    slots.fill(app, "comments-rhythm", _where_there_are(rhythm), what="the rhythm")
    slots.fill(app, "comments-discussed", _where_there_are(discussed), what="the stories")
    slots.fill(app, "comments-box", _where_there_are(box), what="the comment box")
    slots.fill(app, "comments-foot", foot, what="the foot")


def head(desk: Any, view: View) -> Component:
    """Draw title and filters."""
    shown = scope.resolve(desk, view, PERIOD)
    sections = [(each, each) for each in library.choices(desk.store, shown.site_id).sections]
    return cards.head(
        shown,
        TITLE,
        controls.pick(view, "section", sections, "All sections", 126) if sections or view.section else None,
        controls.compare(view),
        names=cards.names_of(shown),
        with_today=True,
    )


def _where_there_are(draw: Callable[[Scope], Child]) -> slots.Draw:
    """Draw where comments can be counted; elsewhere the first card says why not, the others stay away."""

    def drawn(desk: Any, view: View) -> Child:
        shown = scope.resolve(desk, view, PERIOD)
        if not lists.countable(["comments"], shown.where):
            return _not_under_filter(shown) if draw is numbers else None
        if shown.coverage.comments is None:
            return _not_connected() if draw is numbers else None
        return draw(shown)

    return drawn


def _not_under_filter(shown: Scope) -> Component:
    clear = el(
        "a", "Take the filters off", href=View(path=PATH, site=shown.view.site).href(), class_="button"
    )
    words = "Comments know no source, device or country."
    return components.card(TITLE, components.empty("Not shown under this filter", words, clear))


def _not_connected() -> Component:
    ways = el(
        "pre",
        "tearsheet import table comments.csv --mapping comments.toml\nPOST /api/comments",
        tabIndex=0,
        aria_label="Ways in for comments",
    )
    said = "They come from the page by the tracker, from the comment system by its webhook, or from a file."
    return components.card(TITLE, components.empty("No comments are connected", said, ways))


def numbers(shown: Scope) -> Component:
    """Draw the numbers beside those of the period before."""
    options: dict[str, comparison.Against] = {"previous": "previous", "year_ago": "year_ago", "none": "none"}
    against = options.get(shown.view.compare, "typical")
    found = comparison.totals(shown.desk.store, NUMBERS, shown.ask(), shown.now, against)
    return components.kpis([_number(shown, each) for each in found.values()])


def _number(shown: Scope, beside: Beside) -> Component:
    figure = beside.figure
    finding = None
    is_now = figure.metric.id == "comments_pending"
    if figure.value is not None and not is_now and (beside.change is not None or beside.is_new):
        finding = wording.change_chip(beside.change, beside.place, is_few=beside.is_few, is_new=beside.is_new)
    return components.kpi(
        figure.metric.label,
        figure.metric.unit,
        figure.value,
        finding,
        usual=None if is_now else beside.usual,
        words=[_beside_words(beside)],
        why=cards.why(figure, shown),
    )


def _beside_words(beside: Beside) -> str:
    figure = beside.figure
    if figure.metric.id == "comments_pending":
        return "whenever they were written"
    if figure.value is None:
        return "not known for these days"
    if figure.is_few:
        return f"n {wording.full(figure.n)}: too few to judge"
    if beside.before is not None and beside.before.value is not None:
        return f"{wording.value(figure.metric.unit, beside.before.value)} before"
    return "no earlier days to compare" if beside.band is None else "beside the same weekdays"


def _grain(shown: Scope) -> Grain:
    return "hour" if shown.period.length <= HOURS_UP_TO else "day"


def volume(shown: Scope) -> Component:
    """Draw comments by the time of writing and present status."""
    grain = _grain(shown)
    counted = talk.volume(shown.desk.store, shown.ask(), grain)
    frame = silences.marked(
        counted, shown.desk.store, shown.site_id, shown.period, grain, shown.now, "comments"
    )
    sums = {name: int(frame[name].sum()) for name in talk.STATES}
    used = [name for name in talk.STATES if sums[name]]
    if not used:
        return components.card("Comments over time", cards.nothing(shown, "was written"))
    parts = [(name, *STATES[name]) for name in used]
    legend = [
        el(
            "span",
            el("span", class_="swatch", style={"background": theme.colour(paint)}),
            f" {wording.full(sums[name])} {label.lower()}",
        )
        for name, label, paint in parts
    ]
    rows: list[Row] = [
        {
            **row,
            "id": row["at"].isoformat(),
            "at": row["at"].strftime("%a %-d %b, %H:%M" if grain == "hour" else "%a %-d %b"),
        }
        for row in frame.to_dicts()
    ]
    columns = [Column("at", grain.capitalize())]
    columns += [Column(name, STATES[name][0], "number", "comments") for name in used]
    said = ", ".join(f"{wording.full(sums[name])} {STATES[name][0].lower()}" for name in used)
    figure = charts.stack(frame, parts=parts, unit="comments", grain=grain)
    return components.card(
        "Comments over time",
        components.chart(figure, f"Comments per {grain} by the time of writing: {said}.", height=250),
        subtitle=el("span", legend, class_="inline-legend"),
        links=[Link("Download CSV", downloads.href("comments-volume", shown.view), "comments.csv")],
        twin=tables.twin(columns, rows, f"Comments per {grain}"),
        foot=cards.gaps_said(frame, grain),
    )


def volume_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the chart of volume as rows."""
    shown = scope.resolve(desk, view, PERIOD)
    frame = talk.volume(desk.store, shown.ask(), _grain(shown))
    return frame.columns, [(at.isoformat(), *rest) for at, *rest in frame.rows()]


def rhythm(shown: Scope) -> Component:
    """Draw hour by weekday of writing."""
    frame = talk.rhythm(shown.desk.store, shown.ask())
    if frame.is_empty():
        return components.card("When they write", cards.nothing(shown, "was written"))
    day, hour, most = frame.sort("value", descending=True).row(0)
    busiest = f"{wording.WEEKDAYS[day - 1]} at {hour:02d}:00"
    rows: list[Row] = [
        {"id": f"{day}-{hour}", "when": f"{wording.WEEKDAYS[day - 1]} {hour:02d}:00", "value": value}
        for day, hour, value in frame.rows()
    ]
    columns = [Column("when", "Hour"), Column("value", "Comments", "number", "comments")]
    said = f"Comments by weekday and hour; most on {busiest}, {wording.counted(most, 'comment')}."
    return components.card(
        "When they write",
        components.chart(charts.heat(frame, unit="comments"), said, height=250),
        subtitle=f"Most on {busiest}",
        twin=tables.twin(columns, rows, "Comments by weekday and hour"),
    )


def _discussed(shown: Scope, limit: int | None) -> list[dict[str, Any]]:
    found = figures.board(
        shown.desk.store, DISCUSSED, shown.ask(split="article"), shown.now, order="comments", limit=limit
    ).rows
    named = library.describe(shown.desk.store, shown.site_id, "article", found["id"].to_list())
    return [
        {**named_row, **row}
        for row, named_row in zip(found.to_dicts(), named.to_dicts(), strict=True)
        if row["id"] is not None and row["comments"]
    ]


def discussed(shown: Scope) -> Component:
    """List the stories with the most published comments."""
    found = _discussed(shown, MOST)
    if not found:
        return components.card("Most discussed", cards.nothing(shown, "was discussed"))
    columns = [
        Column("title", "Article"),
        Column("comments", "Comments", "bar", "comments", is_strong=True),
        Column(
            "comment_rate",
            METRICS["comment_rate"].label,
            "number",
            METRICS["comment_rate"].unit,
            hide_under=600,
        ),
        Column("reply_share", "Replies", "number", METRICS["reply_share"].unit, hide_under=600),
        Column("comments_pending", "Waiting", "number", "comments", hide_under=600),
    ]
    rows: list[Row] = [
        {
            "id": row["id"],
            "title": row["title"] or row["id"],
            "byline": row["authors"] or row["section"] or "",
            "href": View(path=f"/articles/{row['id']}", site=shown.view.site).href(),
            **{name: row[name] for name in ("comments", "comment_rate", "reply_share", "comments_pending")},
            **{f"{name}_few": (row[f"{name}_n"] or 0) < 30 for name in ("comment_rate", "reply_share")},
        }
        for row in found
    ]
    return components.card(
        "Most discussed",
        tables.board(columns, rows, "Stories by published comments"),
        subtitle="Published comments written in these days; a grey rate rests on fewer than 30",
        links=[Link("Download CSV", downloads.href("comments-discussed", shown.view), "discussed.csv")],
    )


def discussed_rows(desk: Any, view: View) -> downloads.Rows:
    """Give all discussed stories as rows."""
    shown = scope.resolve(desk, view, PERIOD)
    names = ["rank", "id", "title", "section", "authors", *DISCUSSED]
    return names, [[row[name] for name in names] for row in _discussed(shown, None)]


DOWNLOADS: dict[str, downloads.Table] = {
    "comments-volume": volume_rows,
    "comments-discussed": discussed_rows,
}


def box(shown: Scope) -> list[Component | None]:
    """Draw the way through the comment box, how long comments are, and by how few they are."""
    return [_funnel(shown), _lengths(shown), _writers(shown)]


def _funnel(shown: Scope) -> Component:
    found = talk.funnel(shown.desk.store, shown.ask())
    opened = found["boxes_opened"]
    if not any(found.values()):
        words = "The tracker tells it where the page marks its comment box."
        return components.card("In the comment box", components.empty("Not measured in these days", words))
    rows: list[Row] = [
        {
            "id": name,
            "step": words.capitalize(),
            "boxes": found[name],
            "share": found[name] / opened if opened else None,
        }
        for name, words in STEPS.items()
    ]
    columns = [
        Column("step", "Step"),
        Column("boxes", "Boxes", "bar", "boxes"),
        Column("share", "Of opened", "number", METRICS["reply_share"].unit),
    ]
    abandoned = figures.totals(shown.desk.store, ["warning_abandon"], shown.ask(), shown.now)[
        "warning_abandon"
    ]
    return components.card(
        "In the comment box",
        tables.board(columns, rows, "How far writers come in the comment box"),
        subtitle=_abandoned_said(abandoned),
    )


def _abandoned_said(abandoned: Figure) -> str:
    if abandoned.value is None:
        return "Nobody saw the warning"
    share = wording.value(abandoned.metric.unit, abandoned.value)
    few = ", too few to judge" if abandoned.is_few else ""
    return f"{share} sent nothing after the warning (n {wording.full(abandoned.n)}{few})"


def _lengths(shown: Scope) -> Component | None:
    frame = talk.lengths(shown.desk.store, shown.ask())
    if frame.is_empty():
        return None
    rows: list[Row] = [
        {"id": str(begin), "length": f"{begin} to {begin + talk.LENGTH_STEP - 1}", "comments": many}
        for begin, many in frame.rows()
    ]
    columns = [Column("length", "Characters"), Column("comments", "Comments", "bar", "comments")]
    at_limit = figures.totals(shown.desk.store, ["at_limit_share"], shown.ask(), shown.now)["at_limit_share"]
    said = wording.value(at_limit.metric.unit, at_limit.value)
    return components.card(
        "How long they are",
        tables.board(columns, rows, "Comments by length"),
        subtitle=f"{said} at the length limit" if at_limit.value is not None else "",
    )


def _writers(shown: Scope) -> Component | None:
    found = talk.busiest(shown.desk.store, shown.ask())
    people = figures.totals(shown.desk.store, ["commenters"], shown.ask(), shown.now)["commenters"]
    if not found:
        return None
    return components.card(
        "Who talks",
        components.facts([(wording.percent(share), f"by the busiest {many}") for many, share in found]),
        subtitle=f"{wording.counted(people.value, 'person', 'people')} wrote what is published",
    )


def foot(desk: Any, view: View) -> Component:
    """Close the page."""
    return cards.foot(scope.resolve(desk, view, PERIOD))
