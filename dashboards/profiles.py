"""The page of one author, topic or section: its numbers, its course, its articles, and what else it touches.

`author.py` and `topic.py` are these parts under two names; a part asks its own question, so that one
failing card leaves the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from dash import Dash
from dash.development.base_component import Component

from analytics import wording
from analytics.errors import UsageError
from analytics.language import N_, _, begun, inside
from analytics.metrics import DIMENSIONS, METRICS, Fold, Metric
from analytics.metrics import metric as metric_of
from analytics.periods import Grain
from analytics.queries import comparison, corrections, courses, library, lists
from analytics.queries.comparison import Against, Beside
from dashboards import (
    beside,
    cards,
    components,
    controls,
    downloads,
    figures,
    groups,
    scope,
    slots,
    stories,
    tables,
)
from dashboards.components import Link
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.scope import Scope
from dashboards.tables import Column

PERIOD = "28d"
NUMBERS = ("published", "reads", "readers", "read_rate", "engaged", "comments")
NUMBERS_UNMEASURED = ("published", "views", "readers", "comments")
MOST_BESIDE = 8
_BESIDE = {"author": "topic", "topic": "author", "section": "author"}
_BESIDE_TITLE = {"author": N_("Topics"), "topic": N_("Authors"), "section": N_("Authors")}


class UnknownGroupError(UsageError):
    """There is no such author, topic or section: the head of the page says so, its other parts stay away."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Which pages: the prefix of their slots and downloads, the path of their list and its name."""

    name: str
    path: str
    title: str

    def layout(self, view: View) -> Component:
        """Lay out the page of one group."""
        return slots.page(
            slots.slot(f"{self.name}-head", content=components.page_head(view.item, " ")),
            slots.slot(f"{self.name}-numbers", 120),
            slots.slot(f"{self.name}-course", 360, class_name="c8"),
            slots.slot(f"{self.name}-beside", 360, class_name="c4 side"),
            slots.slot(f"{self.name}-more", 480),
            slots.slot(f"{self.name}-articles", 640),
            slots.slot(f"{self.name}-joined"),
            slots.slot(f"{self.name}-foot"),
        )

    def register(self, app: Dash) -> None:
        """Bind its slots."""
        slots.fill(app, f"{self.name}-head", self.head, what=N_("the head of the page"))
        for part, draw, what in (
            ("numbers", self.numbers, N_("the numbers")),
            ("course", self.course, N_("this chart")),
            ("beside", self.beside, N_("this list")),
            ("more", self.more, N_("these cards")),
            ("articles", self.articles, N_("the articles")),
            ("joined", self.joined, N_("the aliases")),
            ("foot", self.foot, N_("the foot")),
        ):
            slots.fill(app, f"{self.name}-{part}", _of_known(draw), what=what)

    def files(self) -> dict[str, downloads.Table]:
        """Name what its cards offer as files."""
        return {f"{self.name}-articles": self.articles_file, f"{self.name}-course": self.course_file}

    def split(self, view: View) -> str:
        """Tell what the item of the path is: an author, a topic or a section."""
        return "author" if self.name == "author" else "topic" if view.split == "topic" else "section"

    def resolve(self, desk: Any, view: View) -> Scope:
        """Resolve an address to what one group's page counts.

        `/topics/<id>` alone may name a topic too, where no section has that name: the view then says so.

        Raises:
            UnknownGroupError: There is no such group.
        """
        shown = scope.resolve(desk, view, PERIOD)
        views = [view, replace(view, split="topic")] if self.split(view) == "section" else [view]
        for each in views:
            split, key = self.split(each), self.key(shown, each)
            if library.exists(desk.store, shown.site_id, split, key):
                return replace(shown, view=each, where=shown.where.only(**{split: (key,)}))
        raise UnknownGroupError(
            _("There is no {split} {item!r}.", split=self.split(view), item=view.item),
            _("Choose one from the list of {title}.", title=inside(_(self.title))),
        )

    def is_there(self, desk: Any, view: View) -> bool:
        """Tell whether there is such a group."""
        try:
            self.resolve(desk, view)
        except UnknownGroupError:
            return False
        return True

    def key(self, shown: Scope, view: View) -> str:
        """Give the id that the path means: what was joined with another counts as that one."""
        return corrections.canonical(shown.desk.store, shown.site_id, self.split(view), view.item)

    def named(self, shown: Scope, view: View) -> str:
        """Give its name."""
        key = self.key(shown, view)
        return str(library.describe(shown.desk.store, shown.site_id, self.split(view), [key])["name"][0])

    def head(self, desk: Any, view: View) -> Child:
        """Draw the way here, the name and the controls; or say that there is no such group."""
        try:
            shown = self.resolve(desk, view)
        except UnknownGroupError as unknown:
            return self._unknown(view, unknown)
        view = shown.view
        name = self.named(shown, view)
        back = view.drill(self.path, split=view.split)
        return cards.head(
            shown,
            name,
            controls.basis(view),
            controls.horizon(view),
            controls.compare(view),
            self._beside_others(view),
            line=(_("articles published in the period"),) if view.basis == "published_in" else (),
            names=cards.names_of(shown),
            above=components.crumbs([(_(self.title), back), (name, "")]),
        )

    def _unknown(self, view: View, unknown: UnknownGroupError) -> list[Component]:
        back = el("a", _(self.title), href=view.drill(self.path, split=view.split), class_="button")
        return [
            components.page_head(unknown.message, " "),
            components.card(_("What now"), components.empty(unknown.message, unknown.hint, back)),
        ]

    def _beside_others(self, view: View) -> Child:
        """Lead from an author to a comparison with others."""
        if self.name != "author":
            return None
        href = view.drill("/compare", period=view.period or PERIOD, of="authors", items=(view.item,))
        return el("a", _("Compare"), href=href, class_="button")

    def numbers(self, desk: Any, view: View) -> Child:
        """Draw the numbers, each beside the period before."""
        shown = self.resolve(desk, view)
        found = _numbers(shown)
        return components.kpis([_kpi(shown, each) for each in found.values()])

    def course(self, desk: Any, view: View) -> Child:
        """Draw the main metric over the period."""
        shown = self.resolve(desk, view)
        metric, grain, frame = _course(shown)
        labels = (wording.counted(shown.period.length, "day"), _("before"))
        figure = figures.course(
            frame, unit=metric.unit, grain=grain, labels=labels, events=cards.definition_events(shown)
        )
        title = _("{label} per {grain}", label=_(metric.label), grain=_(grain))
        return components.card(
            title,
            components.chart(figure, _course_said(metric, frame), height=330),
            subtitle=_course_line(shown, grain, frame),
            links=(Link(_("Download CSV"), downloads.href(f"{self.name}-course", view), "course.csv"),),
            twin=tables.twin(*_course_twin(metric, grain, frame), title),
            why=cards.why_metric(metric, shown),
            foot=cards.gaps_said(frame, grain),
        )

    def beside(self, desk: Any, view: View) -> Child:
        """Draw what the group's articles share with: topics of an author, authors of a topic or section."""
        shown = self.resolve(desk, view)
        split = self.split(shown.view)
        other = _BESIDE[split]
        found = lists.listing(
            desk.store,
            lists.countable(["views", "reads", "published", "score"], shown.where),
            shown.ask(other),
            shown.now,
            limit=MOST_BESIDE,
        )
        title = _(_BESIDE_TITLE[split])
        if not found.count:
            return components.card(title, groups.nothing(shown, found))
        unit = DIMENSIONS[other].label
        columns = [
            Column("name", unit),
            Column("published", _("Pieces"), "number", "articles"),
            Column(found.main, begun(_(found.main)), "bar", found.main, is_strong=True, sort="desc"),
            Column("read_share", _("Share"), "number", "share"),
        ]
        if "score" in found.rows.columns:
            columns.append(Column("score", _("Score"), "number", "score", tip=METRICS["score"].about))
        shown_names = ["id", "name", *[each.field for each in columns[1:]]]
        path = "/topics/" if other == "topic" else "/authors/"
        rows = [
            {**row, "href": _href(view, path, other, row["id"])}
            for row in found.rows.select(
                *shown_names, *(["score_few"] if "score" in shown_names else [])
            ).to_dicts()
        ]
        return components.card(
            title,
            tables.board(columns, rows, _("{title} by {main}", title=title, main=_(found.main))),
            subtitle=groups.credit_said(view, found),
            foot=_(
                "{count} of {count_2} {title}",
                count=min(MOST_BESIDE, found.count),
                count_2=found.count,
                title=inside(title),
            ),
        )

    def articles(self, desk: Any, view: View) -> Child:
        """Draw the group's articles."""
        shown = self.resolve(desk, view)
        found = stories.listed(shown, view.rows or stories.ROWS)
        return stories.card(shown, found, name=f"{self.name}-articles")

    def more(self, desk: Any, view: View) -> Child:
        """Draw what stands beside: of an author the last ten, hours, company; of a topic gaps and ghosts."""
        shown = self.resolve(desk, view)
        split, key = self.split(shown.view), self.key(shown, shown.view)
        if split == "author":
            made = [
                beside.last_ten(shown, split, key),
                beside.by_week(shown),
                el("div", beside.hours(shown), beside.company(shown, key), class_="stack"),
            ]
        else:
            made = [
                el("div", beside.reading_hours(shown), beside.channels(shown), class_="stack"),
                el("div", beside.gaps(shown), beside.rising(shown), beside.ghosts(shown), class_="stack"),
                beside.by_week(shown),
            ]
        return el("div", made, class_="triple")

    def joined(self, desk: Any, view: View) -> Child:
        """Draw the aliases, which editors change here."""
        shown = self.resolve(desk, view)
        view, split = shown.view, self.split(shown.view)
        if split == "section":
            return None
        return beside.joined(shown, split, self.key(shown, view), self.named(shown, view))

    def foot(self, desk: Any, view: View) -> Child:
        """Close the page."""
        shown = self.resolve(desk, view)
        found = stories.listed(shown, view.rows or stories.ROWS)
        return cards.foot(shown, *cards.left_out(shown, found.total))

    def articles_file(self, desk: Any, view: View) -> downloads.Rows:
        """Give all articles of the group."""
        shown = self.resolve(desk, view)
        return stories.file(shown, stories.listed(shown, None))

    def course_file(self, desk: Any, view: View) -> downloads.Rows:
        """Give the course as rows."""
        metric, _rest, frame = _course(self.resolve(desk, view))
        rows = frame.select("bucket", "value", "previous", "is_complete").rename({"value": metric.id})
        return rows.columns, rows.rows()


def _of_known(draw: slots.Draw) -> slots.Draw:
    def drawn(desk: Any, view: View) -> Child:
        try:
            return draw(desk, view)
        except UnknownGroupError:
            return None

    return drawn


def _numbers(shown: Scope) -> dict[str, Beside]:
    """Count the numbers of the page; where reads are not known, views stand for them."""
    against = _against(shown)
    names = lists.countable(NUMBERS, shown.where)
    found = comparison.totals(shown.desk.store, names, shown.ask(), shown.now, against)
    if found["reads"].figure.value is None:
        names = lists.countable(NUMBERS_UNMEASURED, shown.where)
        found = comparison.totals(shown.desk.store, names, shown.ask(), shown.now, against)
    return {
        name: each for name, each in found.items() if each.figure.value is not None or name == "published"
    }


def _against(shown: Scope) -> Against:
    options: dict[str, Against] = {"previous": "previous", "year_ago": "year_ago", "none": "none"}
    return options.get(shown.view.compare, "typical")


def _kpi(shown: Scope, beside: Beside) -> Component:
    metric = beside.figure.metric
    finding = None
    if beside.figure.value is not None and (beside.change is not None or beside.is_new):
        finding = wording.change_chip(beside.change, beside.place, is_few=beside.is_few, is_new=beside.is_new)
    return components.kpi(
        metric.label,
        metric.unit,
        beside.figure.value,
        finding,
        usual=beside.usual,
        words=[_kpi_words(shown, beside)],
        why=cards.why(beside.figure, shown),
        href=shown.view.href(metric=metric.id) if metric.id != "published" else "",
        is_chosen=metric.id == shown.metric.id,
    )


def _kpi_words(shown: Scope, beside: Beside) -> str:
    metric = beside.figure.metric
    if beside.band is not None:
        return wording.place_words(
            beside.place, metric.unit, beside.band.low, beside.band.high, beside.figure.value
        )
    if beside.before is not None and beside.before.value is not None:
        when = _("a year ago") if shown.view.compare == "year_ago" else _("before")
        return f"{wording.value(metric.unit, beside.before.value)} {when}"
    if beside.figure.is_few:
        return f"n {wording.full(beside.figure.n)}"
    return (
        _("daily counts, summed")
        if metric.fold is Fold.PEOPLE and not shown.is_day
        else _("nothing to compare with")
    )


def _course(shown: Scope) -> tuple[Metric, Grain, pl.DataFrame]:
    """Ask for the course of the chosen metric; reads, or views where reads are not known."""
    ask, store, against = shown.ask(), shown.desk.store, _against(shown)
    metric = shown.metric if lists.countable([shown.metric.id], shown.where) else metric_of("views")
    frame = courses.course(store, metric.id, ask, shown.grain, shown.now, against)
    if metric.id == "reads" and not frame["value"].count():
        metric = metric_of("views")
        frame = courses.course(store, "views", ask, shown.grain, shown.now, against)
    return metric, shown.grain, frame


def _course_said(metric: Metric, frame: pl.DataFrame) -> str:
    known = frame.drop_nulls("value")
    if not known.height:
        return _("{label}: nothing is known in this period.", label=_(metric.label))
    top = known.sort("value", descending=True).row(0, named=True)
    highest = wording.value(metric.unit, top["value"])
    return _(
        "{label}, highest {highest} on {at}",
        label=_(metric.label),
        highest=highest,
        at=wording.day_named(top["at"]),
    )


def _course_line(shown: Scope, grain: Grain, frame: pl.DataFrame) -> str:
    parts = [_("One point a {grain}", grain=_(grain))]
    if frame["p10"].count():
        parts.append(_("band: 10–90 % of the same weekdays"))
    if frame["previous"].count():
        parts.append(
            _("dashed: ") + (_("a year ago") if shown.view.compare == "year_ago" else _("the period before"))
        )
    return "; ".join(parts)


def _course_twin(
    metric: Metric, grain: Grain, frame: pl.DataFrame
) -> tuple[Sequence[Column], Sequence[dict[str, Any]]]:
    columns = [Column("bucket", begun(_(grain))), Column("value", metric.label, "number", metric.unit)]
    if frame["previous"].count():
        columns.append(Column("previous", _("Before"), "number", metric.unit))
    return columns, frame.select("bucket", "value", "previous").to_dicts()


def _href(view: View, path: str, split: str, key: str | None) -> str | None:
    if key is None:
        return None
    return view.drill(
        f"{path}{key}", split="topic" if split == "topic" else "", author=(), topic=(), section=()
    )
