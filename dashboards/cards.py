"""What several pages show alike: the head of a page, its foot, the panel behind a number, article rows.

Between scope and pages: a scope says what an address means, here it becomes parts of a page.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl
from dash.development.base_component import Component

from analytics import language, wording
from analytics.control.identity import Role, current
from analytics.exports import About
from analytics.language import N_, _
from analytics.metrics import METRICS, Fold, Metric
from analytics.periods import clock_changes, local_day, local_time
from analytics.queries import comparison, evidence, figures, health, library, lists, ways
from analytics.queries.ask import hour_said
from analytics.queries.figures import Figure
from dashboards import components, controls
from dashboards import why as why_
from dashboards.components import Why
from dashboards.elements import Child, el
from dashboards.figures import Event
from dashboards.filters import View
from dashboards.scope import Scope
from dashboards.tables import Column, Kind, Value

AGES = {"new": N_("Under 48 h old"), "recent": N_("2 to 7 days old"), "old": N_("Over 7 days old")}
STALE = dt.timedelta(minutes=30)  # older than this, the data are said to be late
BEHIND = dt.timedelta(minutes=2)  # the loader takes a second; from here on a page says that it waits


def head(
    scope: Scope,
    title: str,
    *choices: Child,
    before: Sequence[Child] = (),
    line: Sequence[str] = (),
    names: Mapping[str, Mapping[str, str]] | None = None,
    above: Child = None,
    below: Child = None,
    with_today: bool = False,
    with_weeks: bool = False,
) -> Component:
    """Head a page: title, period and zone, controls, filters in force, and what is to be known first.

    Args:
        scope: The view, resolved.
        title: The page's h1.
        *choices: Controls after the period's.
        before: Controls before it: what is listed at all.
        line: Words between the days and the zone: "articles published in the period".
        names: Dimension -> id -> name, for the filters in force.
        above: Crumbs.
        below: Tags under the period line.
        with_today: Whether today can be chosen beside the complete periods.
        with_weeks: Whether eight whole weeks can be chosen, and no single day.
    """
    said = wording.joined(scope.days_said(), *line, scope.zone)
    period = controls.period(scope.view, scope.period.key, with_today=with_today, with_weeks=with_weeks)
    days = controls.dates(scope.period.first, scope.period.last, scope.today)
    bar = controls.bar(*before, period, days, *choices)
    top = components.page_head(title, said, bar, above=above, below=below)
    return el("div", top, notices(scope), controls.chosen(scope.view, names or {}), class_="page-top")


def notices(scope: Scope) -> list[Component]:
    """Say what was refused in the address, why another period is shown, and that numbers are behind."""
    said: list[Child] = [scope.view.refused, scope.note, _behind(scope)]
    if getattr(scope.desk, "trouble", ""):
        said.append(
            _("The last recount failed, so the numbers are older: {trouble}", trouble=scope.desk.trouble)
        )
    if getattr(scope.desk, "stuck", ""):
        said.append(
            _("What comes in waits in the queue, and nothing of it is lost: {stuck}", stuck=scope.desk.stuck)
        )
    if getattr(scope.desk, "unkept", ""):
        said.append(_("The archive that SQL reads is not kept up: {unkept}", unkept=scope.desk.unkept))
    return [components.notice(words) for words in said if words]


def _behind(scope: Scope) -> Child:
    """Say to when the data are whole where events of the period wait to be counted; mostly empty."""
    waits = dt.timedelta(seconds=scope.desk.lag_s())
    reached = scope.now - waits
    if waits < BEHIND or scope.period.ends <= reached:
        return ""
    said = _(
        "Data to {time}, {age} behind: what came since then waits to be counted.",
        time=wording.clock(local_time(reached, scope.zone)),
        age=wording.age(waits.total_seconds()),
    )
    return [el("span", class_="dot waiting"), _to_health(scope, said)]


def foot(scope: Scope, *parts: Child) -> Component:
    """Close a page: how far the data are loaded, what was left out, and which definitions count."""
    loaded = scope.coverage.loaded_through
    if loaded is None:
        return components.health_line(
            [_to_health(scope, _("Nothing has been loaded yet")), *parts], "waiting"
        )
    is_late = scope.now - loaded > STALE
    said = _("Loaded to {at_said}", at_said=scope.at_said(loaded)) + (_(", nothing since") if is_late else "")
    version = health.definition(scope.desk.store, scope.site_id, scope.period.last)
    changed = health.changed_definitions(scope.desk.store, scope.site_id, scope.period)
    since = _(" from {changed}", changed=wording.day_short(changed[-1][0])) if changed else ""
    end = _(
        "as of {local_time} · Definitions v{version}{since}",
        local_time=wording.clock(local_time(scope.now, scope.zone)),
        version=version,
        since=since,
    )
    return components.health_line(
        [_to_health(scope, said), *[part for part in parts if part]], "waiting" if is_late else "ok", end
    )


def about(scope: Scope, address: str, columns: Sequence[str]) -> About:
    """Say what a file of this view holds.

    Args:
        scope: The view, resolved.
        address: Its absolute address.
        columns: Of the file; those that are metrics are defined.
    """
    version = health.definition(scope.desk.store, scope.site_id, scope.period.last)
    used = [METRICS[name] for name in columns if name in METRICS]
    names, view = names_of(scope), scope.view
    kept = {
        name: ", ".join(_named(value, names.get(name, {})) for value in values)
        for name, values in view.where().items()
    }
    return About(
        address=address,
        site=f"{scope.site_name} ({scope.site_id})",
        period=_(
            "{first} to {last}: {days_said}",
            first=scope.period.first,
            last=scope.period.last,
            days_said=scope.days_said(),
        ),
        zone=scope.zone,
        as_of=local_time(scope.now, scope.zone).isoformat(timespec="seconds"),
        definitions=f"v{version}",
        choices=kept | {"search": view.q, "basis": view.basis, "credit": view.credit},
        columns={each.id: f"{each.label}: {each.formula} (v{each.version}). {each.about}" for each in used},
        shares=frozenset(name for name in columns if _is_share(name)),
    )


def _is_share(column: str) -> bool:
    name = column.removesuffix("_low").removesuffix("_high")
    return (METRICS[name].unit if name in METRICS else _BESIDE.get(name, ("", ""))[0]) == "share"


def _named(value: str, names: Mapping[str, str]) -> str:
    said = names.get(_plain(value), _plain(value))
    return _("not {said}", said=said) if value.startswith("!") else said


def _to_health(scope: Scope, said: str) -> Component:
    """Lead from how far the data are loaded to the page on their health."""
    return el("a", said, href=View(path="/health", site=scope.view.site).href())


def why(figure: Figure, scope: Scope) -> Why:
    """Answer "Why this number?" for one figure of a page."""
    return why_metric(figure.metric, scope)


def why_metric(metric: Metric | str, scope: Scope) -> Why:
    """Answer "Why this number?" for a metric: definition, version, period; rows and SQL when it is opened."""
    known = METRICS[metric] if isinstance(metric, str) else metric
    return Why(
        title=known.label,
        about=known.about,
        formula=known.formula,
        version=f"v{known.version}, {known.origin}",
        period=f"{scope.days_said()}, {scope.zone}",
        word=known.id,
        rows_href=why_.href(scope, known.id),
    )


def definition_events(scope: Scope) -> list[Event]:
    """Mark what makes numbers differ by itself: a definition that changed, a clock that was moved."""
    defined = [
        Event(
            dt.datetime.combine(day, dt.time()),
            _("definition {version}: {what}", version=version, what=what),
            "defined",
        )
        for day, version, what in health.changed_definitions(scope.desk.store, scope.site_id, scope.period)
    ]
    moved = [
        Event(at, _("clock forward") if by > dt.timedelta() else _("clock back"), "clock")
        for at, by in clock_changes(scope.period)
    ]
    return [*defined, *moved]


def table_sql(scope: Scope, names: Sequence[str], split: str) -> str:
    """Write the statement behind a table for those who may ask their own; empty for all others."""
    if not current().may(Role.ANALYST, scope.site_id):
        return ""
    return evidence.listing(names, scope.ask(split))


def kept_off(scope: Scope, count: int) -> Component | None:
    """Lead to the articles that editors keep off lists; nothing where there is none."""
    if not count:
        return None
    return el(
        "a",
        _("{count} excluded", count=wording.full(count)),
        href=View(path="/health", site=scope.view.site).href(),
    )


def gaps_said(frame: pl.DataFrame, grain: str) -> str:
    """Say at the foot of a card which part of its chart is hatched; empty where none is.

    Args:
        frame: What the chart was drawn from, with `is_gap`.
        grain: Of its buckets.
    """
    count = int(frame["is_gap"].sum())
    of = wording.counted(frame.height, grain)
    return (
        _("Hatched: {count} of {of} not, or not wholly, collected", count=wording.full(count), of=of)
        if count
        else ""
    )


def rank_words(ranks: Sequence[int | None]) -> list[str]:
    """Write ranks; those that several rows share carry "=": "3="."""
    times = Counter(ranks)
    return ["" if rank is None else f"{rank}=" if times[rank] > 1 else str(rank) for rank in ranks]


def rank_width(rows: pl.DataFrame) -> int:
    """Give the column of ranks the width of its longest: 40 pixels for "12=", 8 more for each figure."""
    highest = rows["rank"].max()
    return 24 + 8 * max(2, len(str(highest))) if highest is not None else 40


def n_words(metric: Metric, row: Mapping[str, Any]) -> str:
    """Write what a rate or median rests on, for the hover: "n 1,204, 70 to 74 %"."""
    n, low, high = (row.get(f"{metric.id}_{end}") for end in ("n", "low", "high"))
    if n is None or not metric.is_rate:
        return ""
    span = f", {wording.interval(metric.unit, low, high)}" if low is not None else ""
    return f"n {wording.full(n)}{span}"


def drill(view: View, article_id: str) -> str:
    """Write the address of an article under the same period; what only picks articles is left behind."""
    return view.drill(
        f"/articles/{article_id}", section=(), author=(), topic=(), kind=(), language=(), age=(), hour=()
    )


def of_hour(scope: Scope, weekday: int, hour: int, *, is_published: bool = False) -> str:
    """Write the address of the articles that were read, or published, in an hour of a weekday.

    Args:
        scope: The view; its period and what it keeps hold there too.
        weekday: 1 to 7, Monday first.
        hour: 0 to 23, local.
        is_published: Whether they were published in it.
    """
    kept = {name: values for name in ("section", "author", "topic") if (values := getattr(scope.where, name))}
    return scope.view.drill(
        "/articles",
        period=scope.period.key,
        basis="published_in" if is_published else "read_in",
        hour=(f"{weekday}-{hour}",),
        **kept,
    )


@dataclass(frozen=True, slots=True)
class Heading:
    """How a metric heads its column: a short title, and the width that title and numbers need."""

    title: str
    width: int = 76


HEADINGS: dict[str, Heading] = {
    "views": Heading(N_("Views"), 60),
    "reads": Heading(N_("Reads"), 80),
    "read_rate": Heading(N_("Read rate"), 74),
    "engaged_median": Heading(N_("Time"), 56),
    "finish_rate": Heading(N_("Finished"), 70),
    "readers": Heading(N_("Readers"), 66),
    "comments": Heading(N_("Comments"), 84),
    "comment_rate": Heading(N_("Comments /1k"), 100),
    "comments_per_1000_views": Heading(N_("Comments /1k"), 102),
    "recirculation": Heading(N_("Went on"), 68),
    "engaged": Heading(N_("Time in all"), 88),
    "fresh_views": Heading(N_("Fresh views"), 88),
    "exit_rate": Heading(N_("Exit rate"), 76),
    "bounce_rate": Heading(N_("Left at once"), 92),
    "no_beacon_share": Heading(N_("No beacon"), 84),
    "vs_expected": Heading(N_("vs expected"), 92),
    "score": Heading(N_("Score"), 56),
    "hit_rate": Heading(N_("Above exp."), 84),
    "last_ten": Heading(N_("Last ten"), 100),
    "word_count": Heading(N_("Words"), 64),
    "published": Heading(N_("Pieces"), 58),
    "per_article": Heading(N_("Median"), 60),
    "ghosts": Heading(N_("Ghosts"), 62),
    "production_share": Heading(N_("of all"), 54),
    "read_share": Heading(N_("of reads"), 64),
    "balance": Heading(N_("Reads ÷ pieces"), 114),
    "counter": Heading(N_("Counter"), 72),
    "from_own": Heading(N_("Own pages"), 86),
    "from_search": Heading(N_("Search"), 68),
    "from_social": Heading(N_("Social"), 66),
    "from_newsletter": Heading(N_("Newsletters"), 94),
    "from_ai": Heading(N_("AI assistants"), 104),
}
_OF_VIEWS = {"of reads": N_("of views"), "Reads ÷ pieces": N_("Views ÷ pieces")}  # where views lead a list
_WITH_COUNT = ("comment_rate", "comments_per_1000_views")
_SIGN_ROOM = 24  # for "Tsd." in place of "k"
_SORTED_ROOM = 18  # for the arrow of the column that rows are ordered by
_BESIDE = {  # what lists show beside METRICS: unit, and its definition in a sentence
    "word_count": ("words", N_("Words of the body.")),
    "counter": ("views", N_("What the public counter shows: all days, and the former counter's balance.")),
    "from_own": ("share", N_("Part of its views that came from own pages or directly.")),
    "from_search": ("share", N_("Part of its views that came from search.")),
    "from_social": ("share", N_("Part of its views that came from social networks.")),
    "from_newsletter": ("share", N_("Part of its views that came from newsletters.")),
    "from_ai": ("share", N_("Part of its views that AI assistants sent.")),
    "per_article": (
        "reads",
        N_("Half of the articles have more, counting what was published but not read as 0."),
    ),
    "ghosts": ("articles", N_("Pieces of the period with fewer than 30 views seven days after publication.")),
    "production_share": ("share", N_("Part of all pieces published in the period.")),
    "read_share": ("share", N_("Part of all of them.")),
    "last_ten": (
        "",
        N_("The last ten articles, oldest first: above or below the middle of their section at 7 days."),
    ),
    "balance": ("ratio", N_("One share divided by the other; 1 is even.")),
}


def metric_column(name: str, *, main: str, order: str = "", is_descending: bool = True) -> Column:
    """Describe the column of a metric: the main one carries bars, the one ordered by its arrow.

    Args:
        name: A key of HEADINGS.
        main: Metric that leads the list.
        order: Column that the rows are ordered by.
        is_descending: Whether the largest stands first.
    """
    known, heading = METRICS.get(name), HEADINGS[name]
    unit, about = (known.unit, known.about) if known else (_BESIDE[name][0], _(_BESIDE[name][1]))
    title = _(heading.title) if known or main == "reads" else _(_OF_VIEWS.get(heading.title, heading.title))
    direction: Literal["desc", "asc"] = "desc" if is_descending else "asc"
    return Column(
        name,
        title,
        _kind(name, main),
        unit,
        width=heading.width + (_SORTED_ROOM if name == order else 0) + _sign_room(unit),
        sort=direction if name == order else "",
        on_phone=name in {main, "read_rate", "vs_expected"},
        tip=about,
        is_strong=name == main,
    )


def _sign_room(unit: str) -> int:
    """Widths are those of English, which writes thousands with one letter."""
    is_english = language.current().language == language.SOURCE
    return 0 if is_english or unit not in wording.COUNT_UNITS else _SIGN_ROOM


def _kind(name: str, main: str) -> Kind:
    if name == main:
        return "bar"
    kinds: dict[str, Kind] = {"balance": "chip", "vs_expected": "chip", "last_ten": "mark"}
    kinds |= dict.fromkeys(_WITH_COUNT, "under")
    return kinds.get(name, "number")


def metric_cells(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Value]:
    """Give a row its numbers: value, whether it is grey, and on hover what it rests on."""
    cells: dict[str, Value] = {}
    for name in names:
        known = METRICS.get(name)
        cells[name] = row.get(name)
        if known is not None and known.is_rate:
            cells[f"{name}_few"] = bool(row.get(f"{name}_few"))
            cells[f"{name}_tip"] = n_words(known, row)
        if name == "vs_expected":
            cells[name] = expected_chip(row)
        if name in _WITH_COUNT:
            cells[f"{name}_under"] = wording.table(row.get("comments"))
    return cells


def expected_chip(row: Mapping[str, Any]) -> wording.Chip | None:
    """Make the short chip of an article in a list; None where it has no expectation at all."""
    is_early, n = bool(row.get("vs_expected_early")), row.get("vs_expected_n")
    if n is None and not is_early:
        return None
    times, place = row.get("vs_expected"), row.get("vs_expected_place")
    return wording.expected_chip(times, place, int(n or 0), is_early=is_early, short=True)


def total_cells(total: Mapping[str, Figure], names: Sequence[str]) -> dict[str, Value]:
    """Give the last row its numbers: the distinct totals."""
    flat: dict[str, Any] = {}
    for name, figure in total.items():
        flat |= {name: figure.value, f"{name}_few": figure.is_few}
        flat |= {f"{name}_n": figure.n, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return metric_cells(flat, names)


def names_of(scope: Scope) -> dict[str, dict[str, str]]:
    """Name what the filters in force hold: authors, topics and ways in go by ids in addresses."""
    where, site, store = scope.where, scope.site_id, scope.desk.store
    named = {}
    for dimension in ("author", "topic"):
        ids = [_plain(each) for each in getattr(where, dimension)]
        if ids:
            found = library.describe(store, site, dimension, ids)
            named[dimension] = dict(found.select("id", "name").iter_rows())
    return {
        **named,
        "channel": {each: ways.label(each) for each in map(_plain, where.channel)},
        "age": {key: _(said) for key, said in AGES.items()},
        "hour": {each: hour_said(each) for each in map(_plain, where.hour)},
    }


def left_out(scope: Scope, total: Mapping[str, Figure]) -> list[str]:
    """Say what a page's numbers do not hold: views that cannot tell reading, comments nobody can split."""
    said = []
    share = total["no_signal_share"].value
    if share and total["reads"].value is not None:
        said.append(
            _("{share} of views come from a source that cannot tell reading", share=wording.percent(share))
        )
    if scope.coverage.comments is None:
        said.append(_("No source of comments is connected"))
    elif lists.countable(["comments"], scope.where) == []:
        said.append(_("Comments are not shown: they know no way in, device or age"))
    return said


def set_up(view: View) -> Component:
    """Lead to the list of beginnings, which the overview of an empty house is."""
    return el("a", _("See how"), href=View("/", site=view.site).href(), class_="button")


def not_begun(scope: Scope) -> Component | None:
    """Say from which day on anything was counted, where all days shown are before it."""
    span = scope.coverage.views
    began = local_day(span[0], scope.zone) if span else None
    if began is None or began <= scope.period.last:
        return None
    return components.empty(
        _("Nothing was counted yet on these days."),
        _("Counting began on {day}.", day=wording.day_long(began)),
        el("a", _("Show later days"), href=scope.view.href(period=""), class_="button"),
    )


def nothing(scope: Scope, what: str) -> Component:
    """Say why a list is empty: no source, filters that leave nothing, or nothing happened; and what to do."""
    if scope.coverage.views is None:
        return components.empty(
            _("Nothing has been counted yet."),
            _("No source of views is connected: add the tracker to your pages, or import a log."),
            set_up(scope.view),
        )
    if early := not_begun(scope):
        return early
    view = scope.view
    if view.where() or view.q:
        clear = view.but(q="", **dict.fromkeys(view.where(), ()))
        button = el("a", _("Clear filters"), href=clear.href(), class_="button")
        named = [
            controls.dimension(each) for each in lists.emptied_by(scope.desk.store, scope.ask(), scope.now)
        ]
        which = (
            _("{named} did it: take it off, or all of them.", named=wording.listed(named, "or"))
            if named
            else ""
        )
        why_empty = which or _("Only together do they leave nothing. Take some off, or all of them.")
        return components.empty(_("The filters leave no {what}.", what=_(what)), why_empty, button)
    return components.empty(
        _("No {what} in this period.", what=_(what)), _("Choose a longer one, or look at other days.")
    )


def share_rows(scope: Scope, split: str, names: Mapping[str, str]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Give every value of a dimension with its views as rows of a file.

    Args:
        scope: The view, resolved.
        split: device or country.
        names: Of its values; those that have none go by their id.
    """
    board = figures.board(scope.desk.store, ["views"], scope.ask(split), scope.now, order="views", limit=None)
    found = comparison.with_shares(board, "views").filter(pl.col("views") > 0)
    rows = found.select("id", "views", "views_share").iter_rows()
    return [split, "name", "views", "views_share"], [
        (key, names.get(key, key) if key else None, views, share) for key, views, share in rows
    ]


def csv_columns(names: Sequence[str]) -> list[str]:
    """Name the columns of metrics in a download: rates come with n and their 95 % interval."""
    made: list[str] = []
    for name in names:
        known = METRICS.get(name)
        made.append(name)
        if known is not None and known.is_rate:
            made.append(f"{name}_n")
        if known is not None and known.fold is Fold.RATIO:
            made += [f"{name}_low", f"{name}_high"]
    return made


def _plain(value: str) -> str:
    return value.removeprefix("!")
