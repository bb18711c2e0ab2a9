"""Time `/time`: when readers read, when the newsroom publishes, where both part, and which slots pay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl
from dash import Dash
from dash.development.base_component import Component

from analytics import marks, wording
from analytics.language import N_, _, begun
from analytics.periods import day_begins
from analytics.queries import health, library, rhythm
from analytics.wording import Chip
from dashboards import cards, components, controls, downloads, figures, scope, slots, tables
from dashboards.components import Link, Why
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.scope import Scope
from dashboards.tables import Column

PATH = "/time"
TITLE = N_("Time")
PERIOD = "8w"
PARTS = "6,10,14,18,22"
EVERY_TWO = "0,2,4,6,8,10,12,14,16,18,20,22"
FAR = 2.0  # times more or less than the other share: drawn in the stronger tone
MOST_CELLS = 4
DAY_H = 24
_LEAN = {"below": -1, "typical": 0, "above": 1}


@dataclass(frozen=True, slots=True)
class Week:
    """One view, with its cells: reads (or views, where reads are not known), pieces, and both together."""

    scope: Scope
    base: str
    read: pl.DataFrame
    written: pl.DataFrame
    both: pl.DataFrame

    @property
    def starts(self) -> list[int]:
        """Hours at which a part of the day begins."""
        return [int(hour) for hour in (self.scope.view.parts or PARTS).split(",")]


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("time-head", content=components.page_head(_(TITLE), " ")),
        slots.slot("time-sentence", 84),
        slots.slot("time-reading", 330, class_name="c6"),
        slots.slot("time-publishing", 330, class_name="c6"),
        slots.slot("time-balance", 360, class_name="c8"),
        slots.slot("time-cells", 360, class_name="c4 side"),
        slots.slot("time-planner", 360),
        slots.slot("time-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "time-head", head, what=N_("the filters"))
    slots.fill(app, "time-sentence", _of_week(sentence), what=N_("the sentence"))
    slots.fill(app, "time-reading", _of_week(reading), what=N_("this chart"))
    slots.fill(app, "time-publishing", _of_week(publishing), what=N_("this chart"))
    slots.fill(app, "time-balance", _of_week(balance), what=N_("this chart"))
    slots.fill(app, "time-cells", _of_week(cells), what=N_("this list"))
    slots.fill(app, "time-planner", _of_week(planner), what=N_("the planner"))
    slots.fill(app, "time-foot", foot, what=N_("the foot"))


def head(desk: Any, view: View) -> Child:
    """Draw title and filters."""
    shown = scope.resolve(desk, view, PERIOD)
    known = library.choices(desk.store, shown.site_id)
    named = {each: library.names(desk.store, shown.site_id, each) for each in ("author", "topic")}
    top = cards.head(
        shown,
        _(TITLE),
        *[
            controls.pick(view, name, choices, all_words, 126)
            for name, choices, all_words in (
                ("section", [(each, each) for each in known.sections], _("All sections")),
                ("author", named["author"], _("All authors")),
                ("topic", named["topic"], _("All topics")),
            )
            if choices or getattr(view, name)
        ],
        names=cards.names_of(shown),
        with_weeks=True,
    )
    if shown.coverage.views is not None:
        return top
    return slots.page(top, components.card(_(TITLE), cards.nothing(shown, "views")))


def asked(shown: Scope) -> Week:
    """Ask for the cells of a view; parts of the page share the answer."""
    store, period = shown.desk.store, shown.period
    tells = health.tells_reading(store, shown.site_id, period.first, period.last)
    base = "reads" if tells else "views"

    def made() -> tuple[pl.DataFrame, pl.DataFrame]:
        return (
            rhythm.reading(store, shown.ask(), shown.now, base),
            rhythm.publishing(store, shown.ask(), shown.now),
        )

    read, written = store.memo(("rhythm", shown.ask(), base), made, for_s=60)
    return Week(shown, base, read, written, rhythm.balance(read, written))


def _of_week(draw: Callable[[Week], Child]) -> slots.Draw:
    def drawn(desk: Any, view: View) -> Child:
        shown = scope.resolve(desk, view, PERIOD)
        return draw(asked(shown)) if shown.coverage.views is not None else None

    return drawn


def sentence(week: Week) -> Child:
    """Say in which part of the day most is read, and where reading and publishing part most."""
    shares = rhythm.parts(week.both, week.starts)
    if not week.read["total"].sum():
        return components.card(_(TITLE), cards.nothing(week.scope, week.base))
    top = shares.sort("read_share", "part", descending=[True, False]).row(0, named=True)
    words = components.strong(
        _(
            "{read_share} of the {base} fall ",
            read_share=wording.percent(top["read_share"]),
            base=_(week.base),
        ),
        _between(week, top["part"]),
        "",
    )
    if week.both["place"].count():
        gap = shares.with_columns(gap=pl.col("piece_share") - pl.col("read_share")).sort("gap", "part")
        most = gap.row(-1, named=True)
        words += components.strong(
            _("; {piece_share} of the pieces come out ", piece_share=wording.percent(most["piece_share"])),
            _between(week, most["part"]),
            _(
                ", when {read_share} of the {base} happen",
                read_share=wording.percent(most["read_share"]),
                base=_(week.base),
            ),
        )
    return components.sentence_sheet([*words, "."], why=cards.why_metric(week.base, week.scope))


def reading(week: Week) -> Component:
    """Draw reads by hour and weekday."""
    title = _("When they read")
    known = week.read.drop_nulls("value")
    if not week.read["total"].sum():
        return components.card(title, cards.nothing(week.scope, week.base))
    top = known.sort("value", descending=True).row(0, named=True)
    said = _("Most on {at}, {value}", at=_at(top), value=wording.table(top["value"]))
    return components.card(
        title,
        components.chart(
            figures.heat(week.read, unit=week.base, leads=partial(cards.of_hour, week.scope)),
            f"{title}: {said}.",
            height=250,
        ),
        subtitle=_(
            "{base} per hour, mean of its days; grey: under 30. {said}. Each hour opens its articles.",
            base=begun(_(week.base)),
            said=said,
        ),
        links=[Link(_("Download CSV"), downloads.href("time", week.scope.view), "time.csv")],
        twin=_twin(week.read, week.base, title, partial(cards.of_hour, week.scope)),
        why=cards.why_metric(week.base, week.scope),
    )


def publishing(week: Week) -> Component:
    """Draw publications by hour and weekday."""
    title, count = _("When we publish"), int(week.written["total"].sum())
    if not count:
        said = _("No article of these days has a time of publication. It comes from the catalogue.")
        return components.card(title, components.empty(_("Nothing was published"), said))
    top = week.written.sort("total", descending=True).row(0, named=True)
    said = _("Most on {at}, {total} in all", at=_at(top), total=wording.counted(top["total"], "piece"))
    frame = week.written.with_columns(value=pl.when(pl.col("days") > 0).then(pl.col("total")))
    leads = partial(cards.of_hour, week.scope, is_published=True)
    return components.card(
        title,
        components.chart(figures.heat(frame, unit="articles", leads=leads), f"{title}: {said}.", height=250),
        subtitle=_(
            "{count} by the hour of publication. {said}. Each hour opens its pieces.",
            count=wording.counted(count, "piece"),
            said=said,
        ),
        twin=_twin(frame, "articles", title, leads),
        why=cards.why_metric("published", week.scope),
    )


def balance(week: Week) -> Component:
    """Draw where the share of reads and that of publications part."""
    title = _("Readers without news, news without readers")
    if not week.both["place"].count():
        said = _("A share needs at least 30 pieces and 30 reads in the period.")
        return components.card(title, components.empty(_("Too few to compare"), said))
    frame = week.both.with_columns(lean=_lean(), words=_words(week))
    places = {(day, hour): place for day, hour, place in week.both.select("weekday", "hour", "place").rows()}

    def leads(day: int, hour: int) -> str:
        return _opened(week, day, hour, places[day, hour])

    counts = dict(week.both.drop_nulls("place").group_by("place").len().rows())
    waiting, idle = counts.get("above", 0), counts.get("below", 0)
    said = _(
        "{waiting} of the week with more readers than news, {idle} the other way",
        waiting=wording.counted(waiting, "hour"),
        idle=idle,
    )
    twin = [
        {
            "id": f"{row['weekday']}-{row['hour']}",
            "when": _at(row),
            "href": leads(row["weekday"], row["hour"]),
            **{name: row[name] for name in ("read_share", "piece_share")},
            "place": {"above": _("readers without news"), "below": _("news without readers")}.get(
                row["place"], _("even")
            ),
        }
        for row in week.both.filter(pl.col("place") != "typical").to_dicts()
    ]
    columns = [
        Column("when", _("Hour")),
        Column("read_share", _("of reads"), "number", "share"),
        Column("piece_share", _("of pieces"), "number", "share"),
        Column("place", _("Leans to")),
    ]
    legend = components.swatches(
        [
            ("", "above-ink", _("twice as much of the reads")),
            ("", "above", _("more of the reads")),
            ("", "typical", _("no clear difference")),
            ("", "below", _("more of the pieces")),
            ("", "below-ink", _("twice as much of the pieces")),
        ]
    )
    return components.card(
        title,
        components.chart(figures.leaning(frame, leads=leads), f"{title}: {said}.", height=270),
        subtitle=el("span", _("Share of reads against share of pieces; {said}. ", said=said), legend),
        twin=tables.twin(columns, twin, title),
        foot=_("An hour leans only where the 95 % interval of its pieces does not hold its share of reads."),
        why=_why_balance(week),
    )


def cells(week: Week) -> Component:
    """List the hours that lean most."""
    found = week.both.with_columns(gap=pl.col("read_share") - pl.col("piece_share")).drop_nulls("place")
    sides = [
        (_("Readers wait"), found.filter(pl.col("place") == "above").sort("gap", descending=True), "above"),
        (_("News waits"), found.filter(pl.col("place") == "below").sort("gap"), "below"),
    ]
    items = [
        (
            Chip(name, "above" if side == "above" else "below"),
            el("a", _at(row), href=_opened(week, row["weekday"], row["hour"], side)),
            _shares_said(week, row),
        )
        for name, rows, side in sides
        for row in rows.head(MOST_CELLS).to_dicts()
    ]
    if not items:
        said = _("No hour has clearly more of the one than of the other.")
        return components.card(_("The clearest hours"), components.empty(_("None"), said))
    lines = [
        el("li", components.chip(chip), el("span", el("b", when), el("span", line, class_="under")))
        for chip, when, line in items
    ]
    return components.card(
        _("The clearest hours"),
        el("ul", lines, class_="chip-list"),
        subtitle=_("Local time, {zone}", zone=week.scope.zone),
    )


def planner(week: Week) -> Component:
    """List the parts of the day with what their pieces brought in 24 hours."""
    title = _("Slot planner")
    shares = {row["part"]: row for row in rhythm.parts(week.both, week.starts).to_dicts()}
    found = rhythm.slots(week.scope.desk.store, week.scope.ask(), week.scope.now, week.base, week.starts)
    usual = rhythm.present(found)
    brought = {row["part"]: row for row in found.to_dicts()}
    now = brought.get(usual) if usual is not None else None
    top = max([row["high"] or row["median"] for row in brought.values()], default=0)
    rows = [
        _slot_row(week, part, shares.get(part, {}), brought.get(part), now, top)
        for part in range(len(week.starts))
    ]
    columns = [
        Column("name", _("Published")),
        Column("piece_share", _("of pieces"), "number", "share", hide_under=768),
        Column("read_share", _("of {base}", base=_(week.base)), "number", "share", hide_under=768),
        Column("n", "n", "number", "articles"),
        Column("median", _("Median in 24 h"), "number", week.base, is_strong=True),
        Column("span", _("Range"), "mark", hide_under=768),
        Column("interval", _("95 % interval"), hide_under=768),
        Column("advice", _("Against now"), "chip"),
    ]
    where = ", ".join(week.scope.where.section) or _("all sections")
    view = week.scope.view
    choices = el(
        "div",
        controls.segmented(
            view,
            "parts",
            [("", _("Parts of the day")), (EVERY_TWO, _("Every two hours"))],
            view.parts,
            _("Slots"),
        ),
        el("span", _("Parts begin at"), class_="meta", aria_hidden="true"),
        controls.field("parts", view.parts, PARTS, _("Hours at which a part of the day begins"), 190),
        class_="planner-controls",
    )
    return components.card(
        title,
        choices,
        tables.board(
            columns,
            rows,
            _("{title}: what pieces of {where} brought in their first 24 hours", title=title, where=where),
            is_wide=True,
        ),
        subtitle=(
            _(
                "{base} in the first 24 hours by the hour of publication, {where}; an estimate, for "
                "pieces of different hours differ in more than their hour",
                base=begun(_(week.base)),
                where=where,
            )
        ),
        links=[Link(_("Download CSV"), downloads.href("time-slots", view), "slots.csv")],
        foot=_(
            "Under {few_stories} pieces a slot advises nothing. “Now” is the slot with most pieces.",
            few_stories=rhythm.FEW_STORIES,
        ),
        why=_why_planner(week, int(found["n"].sum())),
    )


def foot(desk: Any, view: View) -> Component:
    """Close the page; name the days that are longer or shorter than others."""
    shown = scope.resolve(desk, view, PERIOD)
    lengths = [(day, _hours_of(day, shown.zone)) for day in shown.period.days]
    odd = [
        _("{day} has {hours:g} hours: clocks change", day=wording.day_named(day), hours=hours)
        for day, hours in lengths
        if hours != DAY_H
    ]
    return cards.foot(shown, *odd)


def _hours_of(day: dt.date, zone: str) -> float:
    return (day_begins(day + dt.timedelta(days=1), zone) - day_begins(day, zone)).total_seconds() / 3600


def rows(desk: Any, view: View) -> downloads.Rows:
    """Give the cells of the week as rows."""
    week = asked(scope.resolve(desk, view, PERIOD))
    found = week.both.join(week.read.select("weekday", "hour", "days"), on=["weekday", "hour"])
    named = found.rename({"reads": week.base})
    return named.columns, named.rows()


def slot_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the slots as rows."""
    week = asked(scope.resolve(desk, view, PERIOD))
    found = rhythm.slots(desk.store, week.scope.ask(), week.scope.now, week.base, week.starts)
    names = ["published", "n", "median", "low", "high"]
    return names, [
        [_between(week, row["part"]), *[row[name] for name in names[1:]]] for row in found.to_dicts()
    ]


DOWNLOADS: dict[str, downloads.Table] = {"time": rows, "time-slots": slot_rows}


def _slot_row(
    week: Week,
    part: int,
    share: dict[str, Any],
    row: dict[str, Any] | None,
    now: dict[str, Any] | None,
    top: float,
) -> dict[str, Any]:
    row = row or {"n": 0, "median": None, "low": None, "high": None, "is_few": True}
    has_span = row["low"] is not None and top
    return {
        "id": str(part),
        "name": _part_named(week, part),
        "piece_share": share.get("piece_share"),
        "read_share": share.get("read_share"),
        "n": row["n"],
        "median": row["median"],
        "median_few": row["is_few"],
        "span": marks.range_dot(row["median"], row["low"], row["high"], top, width=120) if has_span else None,
        "interval": wording.interval(week.base, row["low"], row["high"]) if has_span else "",
        "advice": _advice(row, now),
    }


def _advice(row: dict[str, Any], now: dict[str, Any] | None) -> Chip:
    if row["is_few"] or now is None or now["is_few"] or not now["median"]:
        return Chip(
            _("too few (n\N{NARROW NO-BREAK SPACE}{n})", n=row["n"]), "outline", _("too few pieces to advise")
        )
    if row is now or row["part"] == now["part"]:
        return Chip(_("now"), "typical", _("most pieces come out here"))
    place = "above" if row["low"] > now["high"] else "below" if row["high"] < now["low"] else None
    return wording.change_chip(row["median"] / now["median"] - 1, place)


def _opened(week: Week, day: int, hour: int, place: str | None) -> str:
    """Lead to what there is more of in an hour: its pieces where news waits, else what was read."""
    return cards.of_hour(week.scope, day, hour, is_published=place == "below")


def _lean() -> pl.Expr:
    """Place a cell: 0 even, 1 and -1 leaning, 2 and -2 where one share is twice the other."""
    ratio = pl.col("read_share") / pl.col("piece_share")
    far = (ratio >= FAR) | (ratio <= 1 / FAR)
    return pl.col("place").replace_strict(_LEAN, default=None, return_dtype=pl.Int64) * pl.when(far).then(
        2
    ).otherwise(1)


def _words(week: Week) -> pl.Series:
    said = [f"{_at(row)}: {_shares_said(week, row)}" for row in week.both.to_dicts()]
    return pl.Series(said, dtype=pl.String)


def _shares_said(week: Week, cell: dict[str, Any]) -> str:
    of_reads, of_pieces = wording.percent(cell["read_share"]), wording.percent(cell["piece_share"])
    return _(
        "{of_reads} of {base}, {of_pieces} of pieces (n {pieces})",
        of_reads=of_reads,
        base=_(week.base),
        of_pieces=of_pieces,
        pieces=cell["pieces"],
    )


def _at(cell: dict[str, Any]) -> str:
    return f"{wording.weekdays()[cell['weekday'] - 1]} {cell['hour']:02d}:00"


def _between(week: Week, part: int) -> str:
    first, last = _ends(week, part)
    return _("between {first} and {last}", first=first, last=last)


def _part_named(week: Week, part: int) -> str:
    first, last = _ends(week, part)
    return _("{first} to {last}", first=first, last=last)


def _ends(week: Week, part: int) -> tuple[str, str]:
    starts = week.starts
    return f"{starts[part]:02d}:00", f"{starts[(part + 1) % len(starts)]:02d}:00"


def _twin(frame: pl.DataFrame, unit: str, said: str, leads: figures.Leads) -> Component:
    """Show a week of cells as a table: hours down, weekdays across, each the way to its articles."""
    cells_ = {
        (row["weekday"], row["hour"]): el(
            "a", wording.value(unit, row["value"], "full"), href=leads(row["weekday"], row["hour"])
        )
        for row in frame.drop_nulls("value").to_dicts()
    }
    columns = [Column("hour", _("Hour"))]
    columns += [
        Column(f"d{n}", name, "number", unit) for n, name in enumerate(wording.weekdays(is_short=True), 1)
    ]
    rows_ = [
        {"id": f"{hour}", "hour": f"{hour:02d}:00", **{f"d{n}": cells_.get((n, hour)) for n in range(1, 8)}}
        for hour in range(24)
    ]
    return tables.twin(columns, rows_, said)


def _why_balance(week: Week) -> Why:
    return Why(
        _("Readers without news"),
        _("The hour's share of all reads, beside its share of all pieces published in the period."),
        _("reads of the hour ÷ all reads; pieces of the hour ÷ all pieces, with Byar's 95 % limits"),
        _("v1, own"),
        f"{week.scope.days_said()}, {week.scope.zone}",
        int(week.written["total"].sum()),
    )


def _why_planner(week: Week, used: int) -> Why:
    left = int(week.written["total"].sum()) - used
    return Why(
        _("Slot planner"),
        _(
            "The median of what pieces brought in their first 24 hours, by the hour in which "
            "they came out, in {base}. The interval holds the true median in 95 of 100 such "
            "samples (order statistics).",
            base=_(week.base),
        ),
        _("median of {base} in 24 h after publication", base=_(week.base)),
        _("v1, own"),
        f"{week.scope.days_said()}, {week.scope.zone}",
        used,
        ((_("younger than 24 hours, or out before counting began"), left),) if left > 0 else (),
    )
