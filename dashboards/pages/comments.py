"""Comments: how much is said, when, under what, by how few, and how far writers come in the box."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
from dash import Dash
from dash.development.base_component import Component

from analytics import wording
from analytics.language import N_, _, begun, inside
from analytics.metrics import FEW_N, METRICS
from analytics.periods import Step, local_time
from analytics.queries import comparison, figures, library, lists, silences, talk, threads
from analytics.queries.comparison import Beside
from analytics.queries.figures import Figure
from dashboards import cards, components, controls, downloads, scope, slots, tables, theme
from dashboards import figures as charts
from dashboards.components import Link, Why
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.scope import Scope
from dashboards.tables import Column, Row

PATH = "/comments"
TITLE = N_("Comments")
PERIOD = "7d"
NUMBERS = (
    "comments_created",
    "comments",
    "comment_rate",
    "rejection_rate",
    "moderation_lag",
    "comments_pending",
    "commenters",
)
DISCUSSED = ("comments", "comment_rate", "reply_share", "comments_pending", "reads")
_NO_TOP = {"top5_share": None, "top5_share_n": 0}  # of stories whose writers nobody names
MOST = 16
GRAINS: tuple[tuple[int, Step], ...] = (
    (3, "hour"),
    (90, "day"),
    (183, "week"),
)  # by their days; beyond by month
STATES = {
    "published": (N_("Shown"), "c1"),
    "pending": (N_("Waiting"), "c2"),
    "rejected": (N_("Rejected"), "c5"),
    "other": (N_("Removed or spam"), "c6"),
}
STEPS = {
    "boxes_opened": N_("opened the box"),
    "boxes_typed": N_("began to type"),
    "boxes_at_limit": N_("reached the limit"),
    "boxes_warned": N_("saw the warning"),
    "boxes_posted": N_("sent a comment"),
}


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("comments-head", content=components.page_head(_(TITLE), "")),
        slots.slot("comments-numbers", 120),
        slots.slot("comments-volume", 330, class_name="c8"),
        slots.slot("comments-shape", 330, class_name="c4 side"),
        slots.slot("comments-rhythm", 330, class_name="c6"),
        slots.slot("comments-lag", 330, class_name="c6"),
        slots.slot("comments-discussed", 520, class_name="c8"),
        slots.slot("comments-box", 520, class_name="c4"),
        slots.slot("comments-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "comments-head", head, what=N_("the filters"))
    slots.fill(app, "comments-numbers", _where_there_are(numbers), what=N_("the numbers"))
    slots.fill(app, "comments-volume", _where_there_are(volume), what=N_("the chart"))
    slots.fill(app, "comments-shape", _where_there_are(shape), what=N_("who talks"))
    slots.fill(app, "comments-lag", _where_there_are(lag), what=N_("the waits"))
    slots.fill(app, "comments-rhythm", _where_there_are(rhythm), what=N_("the rhythm"))
    slots.fill(app, "comments-discussed", _where_there_are(discussed), what=N_("the stories"))
    slots.fill(app, "comments-box", _where_there_are(box), what=N_("the comment box"))
    slots.fill(app, "comments-foot", foot, what=N_("the foot"))


def head(desk: Any, view: View) -> Component:
    """Draw title and filters."""
    shown = scope.resolve(desk, view, PERIOD)
    sections = [(each, each) for each in library.choices(desk.store, shown.site_id).sections]
    return cards.head(
        shown,
        _(TITLE),
        controls.pick(view, "section", sections, _("All sections"), 126)
        if sections or view.section
        else None,
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
            return _not_connected(shown) if draw is numbers else None
        return draw(shown)

    return drawn


def _not_under_filter(shown: Scope) -> Component:
    clear = el(
        "a", _("Take the filters off"), href=View(path=PATH, site=shown.view.site).href(), class_="button"
    )
    words = _("Comments know no source, device or country.")
    return components.card(_(TITLE), components.empty(_("Not shown under this filter"), words, clear))


def _not_connected(shown: Scope) -> Component:
    """Say how comments come in, with a button that looks whether one has come by now."""
    ways = el(
        "pre",
        "tearsheet import table comments.csv --mapping comments.toml\nPOST /api/comments",
        tabIndex=0,
        aria_label=_("Ways in for comments"),
    )
    said = _(
        "They come from the page by the tracker, from the comment system by its webhook, or from a file."
    )
    looked = local_time(shown.now, shown.zone)
    test = el(
        "p",
        el("button", _("Test the connection"), class_="button", type="button", data_does="retry"),
        " ",
        el(
            "span",
            _(
                "Write or send one comment, then press: at {clock} none had come.",
                clock=f"{looked:%H:%M:%S}",
            ),
            class_="meta",
            role="status",
        ),
    )
    body = el("div", ways, test)
    return components.card(_(TITLE), components.empty(_("No comments are connected"), said, body))


def numbers(shown: Scope) -> Component:
    """Draw the numbers beside those of the period before."""
    options: dict[str, comparison.Against] = {"previous": "previous", "year_ago": "year_ago", "none": "none"}
    against = options.get(shown.view.compare, "typical")
    found = comparison.totals(shown.desk.store, NUMBERS, shown.ask(), shown.now, against)
    told = _told(shown)
    cards_ = [_number(shown, each, told.get(name, "")) for name, each in found.items()]
    return components.kpis([*cards_, _per_reader(shown)])


def _told(shown: Scope) -> dict[str, str]:
    """Say what stands under a number beside the comparison: the slow tenth, the oldest that waits."""
    store, said = shown.desk.store, {}
    slow = figures.totals(store, ["moderation_lag_p90"], shown.ask(), shown.now)["moderation_lag_p90"]
    if slow.value is not None:
        said["moderation_lag"] = _("nine of ten within {time}", time=wording.minutes(slow.value))
    since = talk.waiting_since(store, shown.ask())
    if since is not None:
        said["comments_pending"] = _("oldest {age}", age=wording.age((shown.now - since).total_seconds()))
    return said


def _per_reader(shown: Scope) -> Component:
    """Draw how many of the readers write."""
    rate, writers, readers = talk.commenter_rate(shown.desk.store, shown.ask(), shown.now)
    few = _(": too few to judge") if readers < FEW_N else ""
    words = (
        _(
            "{writers} of {readers} daily readers",
            writers=wording.full(writers),
            readers=wording.full(readers),
        )
        + few
        if rate
        else _("not known")
    )
    why = Why(
        _("Commenters per 1,000 readers"),
        _("Of 1,000 readers of a day, how many have a published comment; both counted by day and summed."),
        _("1000 × Σ daily commenters ÷ Σ daily readers"),
        _("v1, own"),
        f"{shown.days_said()}, {shown.zone}",
        writers,
    )
    return components.kpi(_("Commenters /1k readers"), "per_1000", rate, None, words=[words], why=why)


def _number(shown: Scope, beside: Beside, more: str = "") -> Component:
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
        words=[each for each in (more, _beside_words(beside)) if each],
        why=cards.why(figure, shown),
    )


def _beside_words(beside: Beside) -> str:
    figure = beside.figure
    if figure.metric.id == "comments_pending":
        return _("whenever they were written")
    if figure.value is None:
        return _("not known for these days")
    if figure.is_few:
        return _("n {n}: too few to judge", n=wording.full(figure.n))
    if beside.before is not None and beside.before.value is not None:
        return _("{value} before", value=wording.value(figure.metric.unit, beside.before.value))
    return _("no earlier days to compare") if beside.band is None else _("beside the same weekdays")


def _grain(shown: Scope) -> Step:
    return next((grain for days, grain in GRAINS if shown.period.length <= days), "month")


def _bucket(at: dt.datetime, grain: Step) -> str:
    if grain == "hour":
        return wording.hour_named(at)
    return wording.month_named(at) if grain == "month" else wording.day_named(at)


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
        return components.card(_("Comments over time"), cards.nothing(shown, "comments"))
    parts = [(name, _(STATES[name][0]), STATES[name][1]) for name in used]
    legend = [
        el(
            "span",
            el("span", class_="swatch", style={"background": theme.colour(paint)}),
            f" {wording.full(sums[name])} {inside(label)}",
        )
        for name, label, paint in parts
    ]
    rows: list[Row] = [
        {
            **row,
            "id": row["at"].isoformat(),
            "at": _bucket(row["at"], grain),
        }
        for row in frame.to_dicts()
    ]
    columns = [Column("at", begun(_(grain)))]
    columns += [Column(name, _(STATES[name][0]), "number", "comments") for name in used]
    said = ", ".join(f"{wording.full(sums[name])} {inside(_(STATES[name][0]))}" for name in used)
    figure = charts.stack(frame, parts=parts, unit="comments", grain=grain)
    return components.card(
        _("Comments over time"),
        components.chart(
            figure,
            _("Comments per {grain} by the time of writing: {said}.", grain=_(grain), said=said),
            height=250,
        ),
        subtitle=el("span", legend, class_="inline-legend"),
        links=[Link(_("Download CSV"), downloads.href("comments-volume", shown.view), "comments.csv")],
        twin=tables.twin(columns, rows, _("Comments per {grain}", grain=_(grain))),
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
        return components.card(_("When they write"), cards.nothing(shown, "comments"))
    day, hour, most = frame.sort("value", descending=True).row(0)
    busiest = _("{weekday} at {hour:02d}:00", weekday=wording.weekdays()[day - 1], hour=hour)
    rows: list[Row] = [
        {"id": f"{day}-{hour}", "when": f"{wording.weekdays()[day - 1]} {hour:02d}:00", "value": value}
        for day, hour, value in frame.rows()
    ]
    columns = [Column("when", _("Hour")), Column("value", _("Comments"), "number", "comments")]
    said = _(
        "Comments by weekday and hour; most on {busiest}, {most}.",
        busiest=busiest,
        most=wording.counted(most, "comment"),
    )
    return components.card(
        _("When they write"),
        components.chart(charts.heat(frame, unit="comments"), said, height=250),
        subtitle=_("Most on {busiest}", busiest=busiest),
        twin=tables.twin(columns, rows, _("Comments by weekday and hour")),
    )


def lag(shown: Scope) -> Component:
    """Draw how long comments wait, by hour and weekday of writing."""
    title = _("How long they wait")
    frame = talk.lags(shown.desk.store, shown.ask())
    if frame.is_empty():
        said = _("Decisions by people come from the comment system; imports and machines tell none.")
        return components.card(title, components.empty(_("No decision is known"), said))
    fit = frame.filter(~pl.col("is_few"))
    slow = fit.sort("value", descending=True).row(0, named=True) if fit.height else None
    said = _("No hour has 30 decisions yet; a longer period may")
    if slow:
        said = _(
            "Longest on {day} at {clock}, {wait}",
            day=wording.weekdays()[slow["weekday"] - 1],
            clock=f"{slow['hour']:02d}:00",
            wait=wording.minutes(slow["value"]),
        )
    rows: list[Row] = [
        {
            "id": f"{row['weekday']}-{row['hour']}",
            "when": f"{wording.weekdays()[row['weekday'] - 1]} {row['hour']:02d}:00",
            "value": row["value"],
            "value_few": row["is_few"],
            "n": row["n"],
        }
        for row in frame.to_dicts()
    ]
    columns = [
        Column("when", _("Hour")),
        Column("value", _("Median wait"), "number", "min"),
        Column("n", "n", "number", "comments"),
    ]
    words = frame.select(
        pl.format("{} {} min, n {}", pl.lit(_("median")), pl.col("value").round(0).cast(pl.Int64), "n")
    ).to_series()
    figure = charts.heat(frame.with_columns(words=words), unit="min")
    return components.card(
        title,
        components.chart(figure, f"{title}: {said}.", height=250),
        subtitle=_("Median from writing to a person's decision; grey: under {few}", few=FEW_N),
        foot=f"{said}.",
        twin=tables.twin(columns, rows, _("Median wait by weekday and hour of writing")),
        why=cards.why_metric("moderation_lag", shown),
    )


def shape(shown: Scope) -> Component:
    """Say by how few comments are written, who answers whom, and what a reply of the staff brings."""
    title = _("Who talks")
    found = threads.shape(shown.desk.store, shown.ask())
    if not found.comments:
        return components.card(title, cards.nothing(shown, "was published"))
    many = talk.busiest(shown.desk.store, shown.ask())
    replies = wording.percent(found.replies / found.comments)
    facts = [
        *[(wording.percent(share), _("by the busiest {many}", many=number)) for number, share in many],
        (replies, _("answer another, in {threads}", threads=wording.counted(found.threads, "thread"))),
        (wording.full(found.pairs), _("pairs answered each other")),
        _staff_said(found),
    ]
    people = figures.totals(shown.desk.store, ["commenters"], shown.ask(), shown.now)["commenters"]
    whom = (
        _("{value} wrote what is published", value=wording.counted(people.value, "person", "people"))
        if people.value
        else _("The source names no writers: who talks cannot be told")
    )
    few = _("; under {n}, so no pattern yet", n=FEW_N) if found.is_few else ""
    return components.card(
        title,
        components.facts(facts),
        subtitle=f"{whom}{few}. {_('Nobody is named.')}",
        foot=""
        if found.has_staff
        else _("staff_commenters in tearsheet.toml names the accounts of the newsroom."),
        why=Why(
            _("Staff reply lift"),
            _(
                "Comments after the first reply of the staff, less those that threads of the same "
                "size then got without one: the median of the differences. More talk may also bring "
                "the reply."
            ),
            _("median(later with − median later without, by size 1, 2–3, 4–7, 8 and more)"),
            _("v1, own"),
            f"{shown.days_said()}, {shown.zone}",
            found.comments,
        ),
    )


def _staff_said(found: threads.Shape) -> tuple[str, str]:
    if found.staff_reply_lift is None:
        return wording.NONE, _("no staff reply to compare")
    n = _("n {with_staff} with, {without} without", with_staff=found.with_staff, without=found.without)
    few = _(", too few to judge") if found.is_lift_few else ""
    lift = wording.signed(round(found.staff_reply_lift, 1))
    return lift, _("comments after a staff reply ({n}{few})", n=n, few=few)


def _discussed(shown: Scope, limit: int | None) -> list[dict[str, Any]]:
    found = figures.board(
        shown.desk.store, DISCUSSED, shown.ask(split="article"), shown.now, order="comments", limit=limit
    ).rows
    named = library.describe(shown.desk.store, shown.site_id, "article", found["id"].to_list())
    told = threads.by_few(shown.desk.store, shown.ask(split="article"))
    top = {row["id"]: row for row in told.to_dicts()}
    return [
        {**named_row, **row, **_NO_TOP, **top.get(row["id"], {})}
        for row, named_row in zip(found.to_dicts(), named.to_dicts(), strict=True)
        if row["id"] is not None and row["comments"]
    ]


def discussed(shown: Scope) -> Component:
    """List the stories with the most published comments."""
    found = _discussed(shown, MOST)
    if not found:
        return components.card(_("Most discussed"), cards.nothing(shown, N_("discussion")))
    columns = [
        Column("title", _("Article")),
        Column("comments", _("Comments"), "bar", "comments", is_strong=True),
        Column(
            "comment_rate",
            _("Comments /1k"),
            "number",
            METRICS["comment_rate"].unit,
            hide_under=600,
            tip=METRICS["comment_rate"].about,
        ),
        Column("reply_share", _("Replies"), "number", METRICS["reply_share"].unit, hide_under=600),
        Column(
            "top5_share",
            _("By five"),
            "number",
            "share",
            hide_under=600,
            tip=_("Part that the five busiest writers of the story have written"),
        ),
        Column("comments_pending", _("Waiting"), "number", "comments", hide_under=600),
    ]
    numbers = ("comments", "comment_rate", "reply_share", "top5_share", "comments_pending")
    rates = ("comment_rate", "reply_share", "top5_share")
    rows: list[Row] = [
        {
            "id": row["id"],
            "title": row["title"] or row["id"],
            "byline": row["authors"] or row["section"] or "",
            "href": cards.drill(shown.view, row["id"]),
            **{name: row[name] for name in numbers},
            **{f"{name}_few": (row[f"{name}_n"] or 0) < FEW_N for name in rates},
        }
        for row in found
    ]
    return components.card(
        _("Most discussed"),
        tables.board(columns, rows, _("Stories by published comments")),
        subtitle=_("Published comments written in these days; a grey rate rests on fewer than 30"),
        links=[Link(_("Download CSV"), downloads.href("comments-discussed", shown.view), "discussed.csv")],
    )


def discussed_rows(desk: Any, view: View) -> downloads.Rows:
    """Give all discussed stories as rows."""
    shown = scope.resolve(desk, view, PERIOD)
    names = ["rank", "id", "title", "section", "authors", *DISCUSSED, "top5_share"]
    return names, [[row[name] for name in names] for row in _discussed(shown, None)]


DOWNLOADS: dict[str, downloads.Table] = {
    "comments-volume": volume_rows,
    "comments-discussed": discussed_rows,
}


def box(shown: Scope) -> list[Component | None]:
    """Draw the way through the comment box, and how long comments are."""
    return [_funnel(shown), _lengths(shown)]


def _funnel(shown: Scope) -> Component:
    found = talk.funnel(shown.desk.store, shown.ask())
    opened = found["boxes_opened"]
    if not any(found.values()):
        words = _("The tracker tells it where the page marks its comment box.")
        return components.card(
            _("In the comment box"), components.empty(_("Not measured in these days"), words)
        )
    rows: list[Row] = [
        {
            "id": name,
            "step": begun(_(words)),
            "boxes": found[name],
            "share": found[name] / opened if opened else None,
        }
        for name, words in STEPS.items()
    ]
    columns = [
        Column("step", _("Step")),
        Column("boxes", _("Boxes"), "bar", "boxes"),
        Column("share", _("Of opened"), "number", METRICS["reply_share"].unit),
    ]
    abandoned = figures.totals(shown.desk.store, ["warning_abandon"], shown.ask(), shown.now)[
        "warning_abandon"
    ]
    return components.card(
        _("In the comment box"),
        tables.board(columns, rows, _("How far writers come in the comment box")),
        subtitle=_abandoned_said(abandoned),
    )


def _abandoned_said(abandoned: Figure) -> str:
    if abandoned.value is None:
        return _("Nobody saw the warning")
    share = wording.value(abandoned.metric.unit, abandoned.value)
    few = _(", too few to judge") if abandoned.is_few else ""
    return _(
        "{share} sent nothing after the warning (n {n}{few})",
        share=share,
        n=wording.full(abandoned.n),
        few=few,
    )


def _lengths(shown: Scope) -> Component | None:
    frame = talk.lengths(shown.desk.store, shown.ask())
    if frame.is_empty():
        return None
    rows: list[Row] = [
        {
            "id": str(begin),
            "length": _("{begin} to {begin_2}", begin=begin + bool(begin), begin_2=begin + talk.LENGTH_STEP),
            "comments": many,
        }
        for begin, many in frame.rows()
    ]
    columns = [Column("length", _("Characters")), Column("comments", _("Comments"), "bar", "comments")]
    at_limit = figures.totals(shown.desk.store, ["at_limit_share"], shown.ask(), shown.now)["at_limit_share"]
    said = wording.value(at_limit.metric.unit, at_limit.value)
    return components.card(
        _("How long they are"),
        tables.board(columns, rows, _("Comments by length")),
        subtitle=_("{said} at the length limit", said=said) if at_limit.value is not None else "",
    )


def foot(desk: Any, view: View) -> Component:
    """Close the page."""
    return cards.foot(scope.resolve(desk, view, PERIOD))
