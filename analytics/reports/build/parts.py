"""The blocks that reports share: figures, the course, articles, tables of groups, sources, health."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import polars as pl
from msgspec import structs

from analytics import wording
from analytics.exports import Cell
from analytics.language import N_, _, inside
from analytics.metrics import DIMENSIONS, METRICS, Metric
from analytics.periods import local_time, previous
from analytics.queries import comparison, courses, figures, library, lists, sentences, typical, ways
from analytics.queries.comparison import Beside
from analytics.queries.dropped import dropped
from analytics.queries.lists import Listing
from analytics.queries.notes import Note
from analytics.queries.notes import notes as noted_in
from analytics.reports.build.asked import Asked
from analytics.reports.report import (
    Block,
    Chart,
    Column,
    Mark,
    Moment,
    Number,
    Numbers,
    Part,
    Point,
    Report,
    Stories,
    Story,
    Table,
    Words,
)

CARDS = ("views", "reads", "readers", "engaged", "comments")
CARDS_UNMEASURED = ("views", "readers", "sessions", "recirculation", "comments")
STORIES = 5  # pages.md 5: up to five each
MOST_MOMENTS = 3  # more would hide one another
# What a report may hold below its numbers: names of blocks and their words on the form.
BLOCKS = {
    "days": N_("Day by day"),
    "course": N_("The chart"),
    "top": N_("Most read"),
    "look": N_("Worth a look"),
    "expected": N_("Above and below expectation"),
    "published": N_("What was published"),
    "ghosts": N_("Hardly found"),
    "gaps": N_("Readers, and nothing new"),
    "groups": N_("Topics"),
    "authors": N_("Authors' output"),
    "read": N_("Older pieces that were read"),
    "waiting": N_("Waiting for a decision"),
    "talk": N_("Comments"),
    "writers": N_("Who talks"),
    "sources": N_("Sources in one sentence"),
    "moved": N_("Sources that moved"),
    "goals": N_("Goals"),
    "decisions": N_("Decisions and what came of them"),
}
Offers: TypeAlias = "Mapping[str, Callable[[], Sequence[Block]]]"
_PER = {"hour": N_("{what} per hour"), "day": N_("{what} per day"), "week": N_("{what} per week")}


def unit_of(metric: Metric) -> str:
    """Choose the unit that words a metric: engaged time in hours."""
    return "h" if metric.id == "engaged" else metric.unit


def label_of(metric: Metric) -> str:
    """Name a metric as its card does."""
    return {"engaged": _("Engaged hours"), "readers": _("Readers")}.get(metric.id, metric.label)


def cards(asked: Asked) -> dict[str, Beside]:
    """Count the figures of the head, each beside what is typical of it."""
    names = lists.countable(CARDS if asked.tells_reading else CARDS_UNMEASURED, asked.where)
    return comparison.totals(asked.store, names, asked.ask(), asked.now, asked.against)


def chosen(asked: Asked, offers: Offers) -> list[Block]:
    """Build the blocks that the order names, or all; in the order of the kind."""
    wanted = [make for name, make in offers.items() if name in (asked.order.blocks or offers)]
    return [block for make in wanted for block in make()]


def numbers(asked: Asked, found: Mapping[str, Beside], title: str = "") -> Numbers:
    """Stand figures in a table: number, chip, and the range or the number before."""
    weekday = wording.weekday(asked.period.first)
    has_band = any(each.band for each in found.values())
    return Numbers(
        title=title
        or (_("Today so far") if asked.is_running else _("That day") if asked.is_day else _("These days")),
        against=_("typical {weekday}", weekday=weekday) if has_band else _("before"),
        is_typical=has_band,
        rows=[_number(each) for each in found.values()],
    )


def _number(shown: Beside) -> Number:
    metric = shown.figure.metric
    unit = unit_of(metric)
    chip = None
    if shown.figure.value is not None and (shown.change is not None or shown.is_new):
        made = wording.change_chip(shown.change, shown.place, is_few=shown.is_few, is_new=shown.is_new)
        chip = Mark(made.text, made.tone)
    beside = ""
    if shown.band is not None:
        beside = wording.interval(
            unit, _whole(metric, shown.band.low), _whole(metric, shown.band.high), "table"
        )
    elif shown.before is not None and shown.before.value is not None:
        beside = wording.value(unit, shown.before.value, "table")
    return Number(
        metric=metric.id,
        label=label_of(metric),
        unit=unit,
        value=shown.figure.value,
        said=wording.value(unit, shown.figure.value, "table"),
        mark=chip,
        beside=beside,
        n=shown.figure.n,
        is_few=shown.figure.is_few,
    )


def _whole(metric: Metric, value: float) -> float:
    """Round the end of a range of counts: there is no half comment."""
    return round(value) if metric.unit in wording.COUNT_UNITS else value


def sentence(asked: Asked, about: Beside) -> list[Part]:
    """Say the period in one sentence, as the screen does."""
    parts = sentences.sentence(asked.store, asked.ask(), about, asked.now, is_running=asked.is_running)
    return [
        Part(part.text, part.is_strong, asked.article_href(part.article_id) if part.article_id else "")
        for part in parts
    ]


def course(asked: Asked, name: str) -> Chart:
    """Draw one metric over the period beside its band and the period before."""
    metric, grain = METRICS[name], asked.period.grain
    frame = courses.course(asked.store, name, asked.ask(), grain, asked.now, "typical")
    columns = ("at", "value", "p10", "median", "p90", "previous", "is_complete")
    points = [Point(**row) for row in frame.select(columns).to_dicts()]
    this = wording.day_named(asked.period.first) if asked.is_day else _("these days")
    parts = [_("Blue: {this}", this=this)]
    if frame["p10"].count():
        weekday = wording.weekday(asked.period.first)
        parts.append(
            _("Band: typical {weekday}", weekday=weekday)
            if asked.is_day
            else _("Band: typical of each weekday")
        )
    if frame["previous"].count():
        before = previous(asked.period)
        parts.append(
            _("Dashed: {day}", day=wording.day_named(before.first))
            if asked.is_day
            else _("Dashed: the days before")
        )
    noted = notes_of(asked)[-MOST_MOMENTS:]
    moments = [_moment(asked, each) for each in noted]
    if moments:
        done = [f"{at.text} {note.words}" for at, note in zip(moments, noted, strict=True)]
        parts.append(_("Marks: {done}", done=wording.listed(done)))
    return Chart(
        title=_(_PER[grain], what=label_of(metric)),
        line=". ".join(parts) + ".",
        said=_course_said(frame, metric, grain),
        unit=unit_of(metric),
        grain=grain,
        points=points,
        moments=moments,
    )


def notes_of(asked: Asked) -> list[Note]:
    """List the notes of the period, oldest first, that are about what the filter keeps."""
    found = noted_in(asked.store, asked.site.site_id, asked.period.begins, asked.period.ends)
    return [note for note in found if concerns(asked, note)]


def concerns(asked: Asked, note: Note) -> bool:
    """Say whether a note is about what the filter keeps: the whole site, or an article that it names."""
    return not asked.where.active() or note.article_id in {None, *asked.where.article}


def _moment(asked: Asked, note: Note) -> Moment:
    at = asked.local(note.at).replace(tzinfo=None)
    return Moment(at, wording.clock(at) if asked.is_day else wording.day_named(at.date()))


def _buckets(many: int, grain: str) -> str:
    """Count hours, days or weeks in words."""
    if grain == "hour":
        return wording.counted(many, "hour")
    return wording.counted(many, "day") if grain == "day" else wording.counted(many, "week")


def _course_said(frame: pl.DataFrame, metric: Metric, grain: str) -> str:
    known = frame.filter(pl.col("value").is_not_null())
    what = _(_PER[grain], what=label_of(metric))
    if not known.height:
        return _("{what}: nothing is known.", what=what)
    top = known.sort("value", descending=True, maintain_order=True).row(0, named=True)
    at = wording.clock(top["at"]) if grain == "hour" else wording.day_named(top["at"].date())
    most = wording.value(unit_of(metric), top["value"], "table")
    if grain == "hour":
        day = wording.day_named(top["at"].date())
        said = _("{what}: most at {at} on {day}, {most}.", what=what, at=at, day=day, most=most)
    else:
        said = _("{what}: most at {at}, {most}.", what=what, at=at, most=most)
    judged = known.filter(pl.col("p90").is_not_null())
    if judged.height:
        above = judged.filter(pl.col("value") > pl.col("p90")).height
        below = judged.filter(pl.col("value") < pl.col("p10")).height
        beyond = [
            *([_("above it in {n}", n=above)] if above else []),
            *([_("below it in {n}", n=below)] if below else []),
        ]
        all_ = _buckets(judged.height, grain)
        within = _(" Within the typical range in all of {buckets}.", buckets=all_)
        outside = _(
            " Of {buckets} with a typical range, {beyond}.", buckets=all_, beyond=wording.listed(beyond)
        )
        said += outside if beyond else within
    return said


def most_read(asked: Asked, title: str, most: int = STORIES) -> Stories:
    """List the articles that were read most in the period."""
    board = figures.board(
        asked.store, [asked.main], asked.ask("article"), asked.now, order=asked.main, limit=most
    )
    rows = board.rows.filter(pl.col("id").is_not_null() & (pl.col(asked.main) > 0))
    found = [
        story(asked, row["id"], wording.table(row[asked.main]), _(asked.main), value=row[asked.main])
        for row in rows.to_dicts()
    ]
    return Stories(
        title=title, rows=named(asked, found), line=_("{what} in these days", what=METRICS[asked.main].label)
    )


def story(
    asked: Asked,
    article_id: str,
    number: str,
    words: str,
    mark: Mark | None = None,
    under: str = "",
    value: float | None = None,
) -> Story:
    """Begin a row of a list; `named` gives it its title."""
    return Story(
        title=article_id,
        href=asked.article_href(article_id),
        number=number,
        value=value,
        words=words,
        mark=mark,
        under=under,
    )


def named(asked: Asked, stories: Sequence[Story]) -> list[Story]:
    """Give rows their titles, and their section, authors and age where no other line stands under them."""
    ids = [each.title for each in stories]
    names = library.describe(asked.store, asked.site.site_id, "article", ids).to_dicts()
    return [
        structs.replace(each, title=name["title"] or each.title, under=each.under or under(asked, name))
        for each, name in zip(stories, names, strict=True)
    ]


def under(asked: Asked, name: Mapping[str, Any]) -> str:
    """Write the line under a headline: section, authors, age."""
    published = name["published_at"]
    age = _("{age} old", age=wording.age((asked.now - published).total_seconds())) if published else ""
    return wording.joined(name["section"], name["authors"], age)


def table(
    asked: Asked,
    listed: Listing,
    names: Sequence[str],
    title: str,
    *,
    wide: Sequence[str] = (),
    shown: int = 10,
    line: str = "",
) -> Table:
    """Turn a list of the screens into a table: all rows, with the columns that are known.

    Args:
        asked: What is asked.
        listed: Of `lists.listing`.
        names: Columns; a mail has room for four.
        title: Of the table.
        wide: More columns, in the workbook only.
        shown: Rows that a mail shows.
        line: What it is.
    """
    known = [name for name in (*names, *wide) if name in listed.rows.columns and listed.rows[name].count()]
    front = [Column("name", DIMENSIONS[listed.split].label)]
    if listed.split == "article":
        front += [
            Column("section", _("Section"), is_shown=False),
            Column("authors", _("Authors"), is_shown=False),
            Column("published_at", _("Published"), is_shown=False),
            Column("url", _("Address"), is_shown=False),
        ]
    columns = [
        Column("id", _("Id"), is_shown=False),
        *front,
        *[_column(name, is_shown=name in names) for name in known],
    ]
    # "(none)" is a row where it has something; all else may well be 0.
    kept = [row for row in listed.rows.to_dicts() if row["id"] or any(row[name] for name in known)]
    rows = [[_cell(asked, row[column.name]) for column in columns] for row in kept]
    path = {"article": "/articles/", "author": "/authors/", "topic": "/topics/"}.get(listed.split)
    links = [
        asked.article_href(row["id"])
        if listed.split == "article" and row["id"]
        else asked.href(f"{path}{row['id']}")
        if path and row["id"]
        else asked.href("/articles", section=row["id"])
        if row["id"]
        else ""
        for row in kept
    ]
    return Table(title=title, columns=columns, rows=rows, shown=shown, line=line, links=links)


BESIDE = {
    "per_article": (N_("Median"), "reads"),
    "production_share": (N_("of pieces"), "share"),
    "read_share": (N_("of reads"), "share"),
    "after_24h": (N_("24 h"), "reads"),
    "after_7d": (N_("7 d"), "reads"),
    "score_n": ("n", "articles"),
}


_SHORT = {
    "comment_rate": N_("Comments /1k"),
    "engaged_median": N_("Time"),
    "finish_rate": N_("Finished"),
    "published": N_("Pieces"),
}


def _column(name: str, *, is_shown: bool = True) -> Column:
    if name in BESIDE:
        label, unit = BESIDE[name]
        return Column(name, _(label), unit, is_shown)
    metric = METRICS[name]
    label = _(_SHORT[name]) if name in _SHORT else label_of(metric)
    return Column(name, label, unit_of(metric), is_shown)


def _cell(asked: Asked, value: Any) -> Cell:
    if isinstance(value, dt.datetime):
        return asked.local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def sources(asked: Asked) -> Words:
    """Say in one sentence where readers came from, and which ways were outside their usual range."""
    found = ways.ways_in(asked.store, asked.ask(), asked.now, asked.against)
    known = found.filter(pl.col("id").is_not_null())
    if not known.height:
        return Words(
            title=_("Sources"), parts=[Part(_("This source does not say where its readers came from."))]
        )
    parts: list[Part] = []
    for row in known.head(3).to_dicts():
        parts += [Part(", ") if parts else Part(_("Views came from "))]
        parts += [Part(f"{row['name'] if row['id'] == 'ai' else inside(row['name'])} "),
                  Part(wording.percent(row["views_share"]), is_strong=True)]  # fmt: skip
    parts.append(Part("."))
    outside = _outside(asked, known) if asked.is_day and ways.split_of(asked.ask()) == "channel" else None
    if outside is not None:
        parts += [Part(f" {outside}")]
    named = ways.assistants(asked.store, asked.ask(), asked.now) if "ai" in known["id"] else None
    if named is not None and named.height:
        views = ", ".join(f"{name} {wording.table(n)}" for name, n in named.select("id", "views").rows())
        parts.append(Part(_(" AI assistants by views: {views}.", views=views)))
    return Words(title=_("Sources"), parts=parts)


def _outside(asked: Asked, known: pl.DataFrame) -> str | None:
    """Name the ways in whose views were outside the typical range of such a day."""
    judged, said = 0, []
    for row in known.filter(pl.col("views") >= MOST_FEW).to_dicts():
        where = asked.where.only(channel=(row["id"],))
        band = typical.typical_day(
            asked.store, ["views"], where, asked.period.first, asked.site.zone, asked.now
        )["views"]
        if band is None:
            continue
        judged += 1
        if not band.low <= row["views"] <= band.high:
            span = wording.interval("views", round(band.low), round(band.high), "table")
            said.append(
                _(
                    "{name} brought {views} views (typical {span})",
                    name=row["name"],
                    views=wording.table(row["views"]),
                    span=span,
                )
            )
    if not judged:
        return None
    if not said:
        return _("All were in their usual range.")
    rest = _("; the others were in their usual range") if judged > len(said) else ""
    return f"{'; '.join(said)}{rest}."


MOST_FEW = 30  # metrics.md 9: fewer say nothing


def health_said(asked: Asked) -> tuple[str, bool]:
    """Say whether the data of the period are whole; and whether they are."""
    is_whole = asked.is_running or asked.coverage.is_complete(asked.ends)
    is_gapless = asked.coverage.is_whole(asked.begins, asked.ends)
    loaded = asked.coverage.loaded_through
    if not is_whole:
        said = wording.moment(asked.local(loaded), asked.local(asked.now)) if loaded else _("never")
        parts = [_("Data loaded to {said} only: later readers are missing", said=said)]
    else:
        parts = [_("So far") if asked.is_running else _("Data complete")]
    if not is_gapless:
        parts.append(_("a recorded gap in collection falls into these days"))
    share = figures.totals(asked.store, ["no_signal_share"], asked.ask(), asked.now)["no_signal_share"]
    if share.value:
        parts.append(_("{share} of views sent no signal", share=wording.percent(share.value)))
    filtered = int(dropped(asked.store, asked.site.site_id, asked.period)["page_loads"].sum())
    if filtered:
        parts.append(
            _("{loads} filtered as bots, staff and the like", loads=wording.counted(filtered, "page load"))
        )
    return "; ".join(parts) + ".", is_whole and is_gapless


def notes(asked: Asked, found: Mapping[str, Beside]) -> list[str]:
    """Say what typical and read mean here."""
    lines = []
    band = next((each.band for each in found.values() if each.band), None)
    if band is not None:
        weekday = wording.weekday(asked.period.first)
        lines.append(_("Typical = median and 10–90 % of the last {n} {weekday}s.", n=band.n, weekday=weekday))
    elif any(each.before for each in found.values()):
        past = previous(asked.period)
        lines.append(_("Compared with {days}.", days=wording.days(past.first, past.last)))
    if asked.tells_reading:
        lines.append(_("Read = 10 s or more with an act of the reader."))
    return lines


def finished(
    asked: Asked,
    *,
    kind: str,
    title: str,
    sentence: list[Part],
    blocks: Sequence[Block],
    href: str,
    notes: list[str],
    subject: str = "",
    nothing: str = "",
) -> Report:
    """Close a report: days, zone, as of, health, subject."""
    said, is_whole = health_said(asked)
    plain = "".join(part.text for part in sentence)
    late = "" if is_whole else _("(incomplete) ")
    local = asked.local(asked.now)
    return Report(
        kind=kind,
        title=title,
        site_id=asked.site.site_id,
        site_name=asked.site.name,
        zone=asked.site.zone,
        first=asked.period.first,
        last=asked.period.last,
        days=f"{asked.days_said()}, {asked.site.zone}",
        as_of=asked.now,
        as_of_said=f"{wording.day_named(local.date())} {wording.clock(local)}",
        subject=f"{title}: {late}{subject or headline(plain)}",
        sentence=sentence,
        blocks=[block for block in blocks if not _is_bare(block)],
        health=said,
        is_whole=is_whole,
        notes=notes,
        href=href,
        filtered=asked.filtered_said(),
        nothing=nothing,
        article_id=asked.order.article_id,
        age=asked.order.age,
    )


def headline(plain: str) -> str:
    """Cut a sentence to what a subject line shows: its first part."""
    return plain.partition(";")[0].removesuffix(".")


def _is_bare(block: Block) -> bool:
    return isinstance(block, Stories | Table | Numbers) and not block.rows


def nothing_said(asked: Asked, found: Mapping[str, Beside]) -> str:
    """Say why there is nothing to report, or nothing where there is something."""
    if asked.coverage.views is None:
        return _("No source of views is connected yet.")
    if not asked.coverage.knows("views", asked.period.begins, asked.period.ends):
        return _("Nothing was collected in these days.")
    if not (found["views"].figure.value or 0) and asked.span:
        return _("Nobody read it in this time.")
    if not (found["views"].figure.value or 0) and not asked.filtered_said():
        return _("Nobody read anything in these days.")
    if not (found["views"].figure.value or 0):
        return _("Nothing of {filtered_said} was read in these days.", filtered_said=asked.filtered_said())
    return ""


def clock_of(asked: Asked) -> str:
    """Write now as the site's clock shows it."""
    return wording.clock(local_time(asked.now, asked.site.zone))
