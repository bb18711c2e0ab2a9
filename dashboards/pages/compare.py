"""Compare `/compare`: two to six periods, articles or authors side by side; all of it in the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from dash import Dash
from dash.development.base_component import Component

from analytics import marks, periods, wording
from analytics.errors import PeriodError, UsageError
from analytics.language import N_, _, begun, isolated
from analytics.metrics import METRICS
from analytics.periods import Period
from analytics.queries import figures as counted
from analytics.queries import library, life, lists
from analytics.queries.ask import Ask
from analytics.queries.figures import Figure
from dashboards import cards, components, controls, downloads, figures, scope, slots, tables
from dashboards.components import Link
from dashboards.elements import Child, el, mark
from dashboards.filters import View
from dashboards.scope import Scope
from dashboards.tables import Column

PATH = "/compare"
TITLE = N_("Compare")
PERIOD = "7d"
KINDS = (("", N_("Periods")), ("articles", N_("Articles")), ("authors", N_("Authors")))
MOST = 6  # colours of a chart, and columns that can be read side by side
OFFERED, FOUND = 8, 500  # one click away; found by typing
NUMBERS = (
    "views",
    "reads",
    "read_rate",
    "engaged_median",
    "finish_rate",
    "readers",
    "comments",
    "comment_rate",
    "recirculation",
)
UNTIL = dt.timedelta(days=7)  # how far the curves by age go


@dataclass(frozen=True, slots=True)
class Item:
    """One of the things compared.

    Attributes:
        key: Id, or the text of a period.
        name: What it is called.
        href: Its own page.
        ask: What is asked of it.
        line: Second line under the name.
        published_at: Of an article, naive UTC.
    """

    key: str
    name: str
    href: str
    ask: Ask
    line: str = ""
    published_at: dt.datetime | None = None


def layout(_view: View) -> Component:
    """Lay out the page."""
    return slots.page(
        slots.slot("compare-head", content=components.page_head(_(TITLE), " ")),
        slots.slot("compare-numbers", 420),
        slots.slot("compare-course", 400),
        slots.slot("compare-foot"),
    )


def register(app: Dash) -> None:
    """Bind the slots of the page."""
    slots.fill(app, "compare-head", head, what=N_("the head"))
    slots.fill(app, "compare-numbers", numbers, what=N_("the numbers"))
    slots.fill(app, "compare-course", course, what=N_("this chart"))
    slots.fill(app, "compare-foot", foot, what=N_("the foot"))


def head(desk: Any, view: View) -> Component:
    """Draw title, what is compared, and the period that holds for all where periods are not compared."""
    shown = scope.resolve(desk, view, PERIOD)
    kinds = [
        el(
            "a",
            label,
            href=view.href(of=value, items=()),
            aria_current="true" if value == _of(view) else None,
        )
        for value, label in controls.worded(KINDS)
    ]
    choice = el("div", kinds, class_="segmented", role="group", aria_label=_("What is compared"))
    found = _found(shown)
    known = library.choices(desk.store, shown.site_id)
    section = controls.pick(
        view, "section", [(each, each) for each in known.sections], _("All sections"), 126
    )
    more = [_adding(shown, found)] if len(found) < MOST else []
    if _of(view):
        return cards.head(shown, _(TITLE), *more, before=(choice,), names=cards.names_of(shown))
    line = f"{wording.listed([item.name for item in found])} · {shown.zone}"
    bar = controls.bar(choice, section, *more)
    top = components.page_head(_(TITLE), line, bar)
    return el(
        "div", top, cards.notices(shown), controls.chosen(view, cards.names_of(shown)), class_="page-top"
    )


def numbers(desk: Any, view: View) -> Component:
    """Stand the numbers of all side by side."""
    shown = scope.resolve(desk, view, PERIOD)
    found = _found(shown)
    if len(found) < 2:
        return components.card(_("Side by side"), components.empty(*_too_few(view, len(found))))
    totals = [counted.totals(desk.store, _names(shown), item.ask, shown.now) for item in found]
    names = [name for name in _names(shown) if any(each[name].value is not None for each in totals)]
    if not names:
        return components.card(_("Side by side"), _items(view, found), cards.nothing(shown, "views"))
    columns = [
        Column("name", _("Number")),
        *[Column(f"i{n}", isolated(item.name), "number", is_strong=n == 0) for n, item in enumerate(found)],
    ]
    if len(found) == 2:
        columns.append(Column("change", _("Difference"), "chip"))
    rows = [_row(name, [each[name] for each in totals]) for name in names]
    return components.card(
        _("Side by side"),
        _items(view, found),
        tables.board(
            columns,
            rows,
            _("{value} side by side", value=wording.listed([item.name for item in found])),
            is_wide=True,
        ),
        subtitle=_("The same numbers of each, by the same rules. Grey: fewer than 30; intervals on hover"),
        links=[Link(_("Download CSV"), downloads.href("compare", view), "compare.csv")],
    )


def course(desk: Any, view: View) -> Child:
    """Draw the curves: articles by age, periods and authors day by day."""
    shown = scope.resolve(desk, view, PERIOD)
    found = _found(shown)
    if len(found) < 2:
        return None
    is_age = _of(view) == "articles"
    main, frames = _curves(shown, found)
    drawn = [(item, frame) for item, frame in zip(found, frames, strict=True) if frame["value"].count()]
    named = begun(_(main))
    title = _("{main} by age", main=named) if is_age else _("{main} day by day", main=named)
    if not drawn:
        said = (
            _("None of them has a date of publication.") if is_age else _("Nothing is known of these days.")
        )
        return components.card(title, components.empty(_("No curve"), said))
    left = [item.name for item in found if item.key not in {one.key for one, _rest in drawn}]
    figure = figures.lines(
        [
            (item.name.removesuffix(f" {shown.today.year}"), frame["x"].to_list(), frame["value"].to_list())
            for item, frame in drawn
        ],
        unit=main,
        by="age" if is_age else "day",
    )
    said = "; ".join(
        _("{name} {most} at most", name=item.name, most=wording.full(frame["value"].max()))  # type: ignore[arg-type]
        for item, frame in drawn
    )
    rows = [
        {
            "id": f"{n}-{x}",
            "name": item.name,
            "x": wording.age(x * 3600) if is_age else _("day {x:.0f}", x=x + 1),
            "value": value,
        }
        for n, (item, frame) in enumerate(drawn)
        for x, value in frame.gather_every(12 if is_age else 1).rows()
    ]
    columns = [
        Column("name", _("Which")),
        Column("x", _("Age") if is_age else _("Day")),
        Column("value", named, "number", main),
    ]
    return components.card(
        title,
        components.chart(figure, f"{title}: {said}.", height=330),
        subtitle=_("All {main} since publication, by hours of age", main=_(main))
        if is_age
        else _("{main} per day, from the first day of each", main=named),
        links=[Link(_("Download CSV"), downloads.href("compare-course", view), "curves.csv")],
        twin=tables.twin(columns, rows, title),
        foot=_("Without a date of publication: {left}", left=wording.listed(left)) if left and is_age else "",
        why=cards.why_metric(main, shown),
    )


def foot(desk: Any, view: View) -> Component:
    """Close the page."""
    return cards.foot(scope.resolve(desk, view, PERIOD))


def rows(desk: Any, view: View) -> downloads.Rows:
    """Give the numbers as rows: one a metric, with n and interval of each."""
    shown = scope.resolve(desk, view, PERIOD)
    found = _found(shown)
    made = []
    for item in found:
        totals = counted.totals(desk.store, _names(shown), item.ask, shown.now)
        made += [
            [item.key, item.name, name, each.value, each.n, each.low, each.high]
            for name, each in totals.items()
        ]
    return ["id", "name", "metric", "value", "n", "low", "high"], made


def course_rows(desk: Any, view: View) -> downloads.Rows:
    """Give the curves as rows: of articles by hours of age, else by days from the first."""
    shown = scope.resolve(desk, view, PERIOD)
    found = _found(shown)
    main, frames = _curves(shown, found)
    first = 0 if _of(view) == "articles" else 1  # days are counted as the chart names them
    made = [
        (item.key, item.name, *row)
        for item, frame in zip(found, frames, strict=True)
        for row in frame.select(pl.col("x") + first, pl.col("value").cast(pl.Int64)).rows()
    ]
    return ["id", "name", "hours" if _of(view) == "articles" else "day", main], made


DOWNLOADS: dict[str, downloads.Table] = {"compare": rows, "compare-course": course_rows}


def _of(view: View) -> str:
    return "" if view.of == "periods" else view.of


def _names(shown: Scope) -> list[str]:
    return lists.countable(NUMBERS, shown.where)


def _found(shown: Scope) -> list[Item]:
    """Read what is compared; unknown ids and bad periods are refused in a sentence."""
    keys = shown.view.items[:MOST]
    if _of(shown.view) == "articles":
        return [_article(shown, key) for key in keys]
    if _of(shown.view) == "authors":
        return [_author(shown, key) for key in keys]
    if not keys:
        return [_period(shown, shown.period), _period(shown, periods.previous(shown.period))]
    return [_period(shown, _parsed(shown, key)) for key in keys]


def _article(shown: Scope, key: str) -> Item:
    article = library.article(shown.desk.store, shown.site_id, key)
    ask = replace(shown.ask(), where=shown.where.only(article=(article.article_id,)), basis="read_in")
    published = shown.at_said(article.published_at) if article.published_at else _("no date")
    return Item(
        article.article_id,
        article.title,
        View(path=f"/articles/{article.article_id}", site=shown.view.site).href(),
        ask,
        wording.joined(article.section, published),
        article.published_at,
    )


def _author(shown: Scope, key: str) -> Item:
    if not library.exists(shown.desk.store, shown.site_id, "author", key):
        raise UsageError(_("There is no author {key!r}.", key=key), _("Choose one from the list of authors."))
    name = library.describe(shown.desk.store, shown.site_id, "author", [key])["name"][0]
    href = shown.view.drill(f"/authors/{key}", period=shown.view.period or PERIOD)
    return Item(key, name, href, replace(shown.ask(), where=shown.where.only(author=(key,))))


def _parsed(shown: Scope, key: str) -> Period:
    try:
        return periods.parse(key, shown.today, shown.zone)
    except PeriodError as refused:
        raise UsageError(_("{key!r} is no period.", key=key), refused.hint) from refused


def _period(shown: Scope, period: Period) -> Item:
    key = period.key or f"{period.first}..{period.last}"
    name = wording.days(period.first, period.last)
    href = shown.view.drill("/articles", period=key)
    return Item(key, name, href, shown.ask(period=period), wording.counted(period.length, "day"))


def _too_few(view: View, count: int) -> tuple[str, str, Component]:
    are_articles = _of(view) == "articles"
    where = el(
        "a",
        _("Open the articles") if are_articles else _("Open the authors"),
        href=View(path="/articles" if are_articles else "/authors", site=view.site).href(),
        class_="button",
    )
    said = _(
        "Add {word} by the list above, or from their own pages.",
        word=_("two to six") if not count else _("one more"),
    )
    title = _("Choose articles to compare") if are_articles else _("Choose authors to compare")
    return (title, said, where)


def _offers(shown: Scope, found: Sequence[Item]) -> list[tuple[str, str]]:
    """List what can be added: the most read of the period, or earlier periods; key and name."""
    here = [item.key for item in found]
    if _of(shown.view):
        split = "article" if _of(shown.view) == "articles" else "author"
        top = counted.ranking(shown.desk.store, ["views"], shown.ask(split), shown.now, order="views")
        ids = [key for key in top["id"].to_list() if key is not None and key not in here][:FOUND]
        names = library.describe(shown.desk.store, shown.site_id, split, ids)["name"].to_list()
        return list(zip(ids, names, strict=True))
    last = found[-1].ask.period
    earlier = [last.moved(-7 * -(-last.length // 7) * n) for n in range(1, 4)]
    year = periods.year_ago(found[0].ask.period)
    keys = [(f"{each.first}..{each.last}", wording.days(each.first, each.last)) for each in (*earlier, year)]
    return [(key, name) for key, name in keys if key not in here]


def _adding(shown: Scope, found: Sequence[Item]) -> Component:
    """Offer what can be added, each an address of its own."""
    here = tuple(item.key for item in found)
    offers = _offers(shown, found)
    links = [
        el("li", el("a", name, href=shown.view.href(items=(*here, key)), dir="auto"))
        for key, name in offers[:OFFERED]
    ]
    search = (
        controls.another(here, offers, _("Find an article or author"))
        if _of(shown.view)
        else controls.other_days(here, shown.today)
    )
    panel = el("div", search, el("ul", links), class_="why-panel choices adding")
    return el("details", el("summary", _("Add one more"), class_="button"), panel, class_="why columns")


def _items(view: View, found: Sequence[Item]) -> Component:
    """Name what is compared, each with its own page, and a way to take it off."""
    made = []
    for n, item in enumerate(found):
        rest = tuple(each.key for each in found if each is not item)
        # Of two periods none goes: the page would compare the last seven days again.
        is_kept = len(found) == 2 and not _of(view)
        off = None if is_kept else el("a", _("Take off"), href=view.href(items=rest), class_="link")
        made.append(
            el(
                "li",
                mark(marks.stroke(n), "stroke"),
                el("a", item.name, href=item.href, class_="row-link", dir="auto"),
                el("span", item.line, class_="under"),
                off,
            )
        )
    return el("ul", made, class_="compared")


def _row(name: str, values: Sequence[Figure]) -> dict[str, Any]:
    metric = METRICS[name]
    made: dict[str, Any] = {"id": name, "name": metric.label}
    for n, figure in enumerate(values):
        made[f"i{n}"] = figure.value
        made[f"i{n}_words"] = wording.value(metric.unit, figure.value, "table")
        made[f"i{n}_few"] = figure.is_few
        span = f", {wording.interval(metric.unit, figure.low, figure.high)}" if figure.low is not None else ""
        made[f"i{n}_tip"] = f"n {wording.full(figure.n)}{span}" if figure.n is not None else ""
    if len(values) == 2:
        made["change"] = _difference(values[0], values[1])
    return made


def _difference(one: Figure, other: Figure) -> wording.Chip | None:
    if one.value is None or not other.value:
        return None
    few = any(each.is_few if each.metric.is_rate else (each.value or 0) < 30 for each in (one, other))
    return wording.change_chip(one.value / other.value - 1, None, is_few=few)


def _curves(shown: Scope, found: Sequence[Item]) -> tuple[str, list[pl.DataFrame]]:
    """Give what the curves count, reads or else views, and the curve of each item."""
    read = [_curve(shown, item, "reads") for item in found]
    if any(frame["value"].count() for frame in read):
        return "reads", read
    return "views", [_curve(shown, item, "views") for item in found]


def _curve(shown: Scope, item: Item, main: str) -> pl.DataFrame:
    """Give the curve of an item: x (hours of age, or days from the first), value."""
    if _of(shown.view) == "articles":
        schema = {"x": pl.Float64, "value": pl.Int64}
        if item.published_at is None or item.published_at >= shown.now:
            return pl.DataFrame(schema=schema)
        until = min(shown.now, item.published_at + UNTIL)
        found = life.since_publication(
            shown.desk.store, shown.site_id, item.key, main, item.published_at, until
        )
        return found.select(x="age_h", value="value")
    found = counted.series(shown.desk.store, main, item.ask, "day", shown.now)
    return found.with_row_index("x").select(pl.col("x").cast(pl.Float64), pl.col("value"))
