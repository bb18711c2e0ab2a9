"""What stands out in a week: beside expectation, hardly found, talk, sources that moved, goals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from analytics import wording
from analytics.exports import Cell
from analytics.language import _
from analytics.metrics import FEW_N, METRICS
from analytics.queries import comparison, corrections, lists, output, standing, weeks
from analytics.queries.ask import Filter
from analytics.queries.weeks import Outlook
from analytics.reports.build import parts
from analytics.reports.build.asked import Asked
from analytics.reports.report import Column, Mark, Numbers, Stories, Table

MOST, MOST_GHOSTS, MOST_MOVED = 10, 8, 8
TALK = ("comments_created", "comment_rate", "rejection_rate", "moderation_lag", "reply_share")


def outside(asked: Asked) -> list[Stories]:
    """List the pieces above and below what is expected at their age, ten of each."""
    if set(asked.where.active()) & set(standing.NARROW):
        return []
    found = weeks.pieces(asked.store, asked.ask(), asked.now).rows
    placed = found.drop_nulls("vs_expected")
    made = []
    for title, place in ((_("Above expectation"), "above"), (_("Below expectation"), "below")):
        side = placed.filter(pl.col("vs_expected_place") == place)
        rows = [
            parts.story(
                asked,
                row["id"],
                wording.table(row[asked.main]),
                _(asked.main),
                _expected_mark(row),
                _("younger than 7 days") if row["is_running"] else "",
                row[asked.main],
            )
            for row in side.sort("vs_expected", "id", descending=[place == "above", False])
            .head(MOST)
            .to_dicts()
        ]
        made.append(Stories(title=title, rows=parts.named(asked, rows)))
    return made


def _expected_mark(row: dict[str, Any]) -> Mark:
    chip = wording.expected_chip(
        row["vs_expected"], str(row["vs_expected_place"]), int(row["vs_expected_n"] or 0)
    )
    return Mark(chip.text, chip.tone)


def ghosts(asked: Asked) -> list[Stories]:
    """List what hardly anybody found in its first seven days."""
    found = output.ghosts(asked.store, asked.ask(), asked.now)
    rows = [
        parts.story(asked, article, wording.full(views), _("views"), value=views)
        for article, views in found.head(MOST_GHOSTS).select("id", "views").rows()
    ]
    line = _("Fewer than {n} views seven days after publication", n=output.GHOST_UNDER)
    more = _("; {n} in all", n=found.height) if found.height > MOST_GHOSTS else ""
    return [Stories(title=_("Hardly found"), rows=parts.named(asked, rows), line=f"{line}{more}")]


def talk(asked: Asked) -> list[Numbers]:
    """Say what was talked beside the days before; nothing without a source of comments."""
    if asked.coverage.comments is None or not lists.countable(["comments"], asked.where):
        return []
    found = comparison.totals(asked.store, TALK, asked.ask(), asked.now, "previous")
    known = {name: each for name, each in found.items() if each.figure.value is not None}
    return [parts.numbers(asked, known, _("Comments"))]


def moved(asked: Asked) -> list[Table]:
    """List the sources that sent most more or fewer views than in the days before."""
    found = weeks.moved(asked.store, asked.ask(), asked.now, "source").head(MOST_MOVED)
    few = pl.min_horizontal("views", "views_before") < FEW_N
    rows = found.select("id", "views", "gap", pl.when(~few).then("views_change")).rows()
    columns = [
        Column("source", _("Source")),
        Column("views", _("Views"), "views"),
        Column("gap", _("More or fewer"), "gap"),
        Column("change", _("vs before"), "change"),
    ]
    links = [asked.href("/articles", source=row[0]) for row in rows]
    line = _("Views by named source, against the days before")
    return [
        Table(
            title=_("Sources that moved"),
            columns=columns,
            rows=[list(row) for row in rows],
            line=line,
            links=links,
        )
    ]


def goals(asked: Asked) -> list[Table]:
    """Set what the week reached beside its goals; nothing where none are set, or under a filter."""
    targets = corrections.goals(asked.store, asked.site.site_id)
    if asked.where.active() or asked.period.length != 7 or not targets:
        return []
    ask = replace(asked.ask(), where=Filter(asked.site.site_id))
    rows: list[list[Cell]] = []
    for name, target in targets.items():
        reached = weeks.outlook(asked.store, name, ask, asked.now)
        unit = parts.unit_of(METRICS[name])
        share = reached.value / target if reached.value is not None else None
        said = [
            parts.label_of(METRICS[name]),
            *(wording.value(unit, each) for each in (target, reached.value)),
        ]
        rows.append([*said, share, _state(reached, target, is_over=not asked.is_running)])
    columns = [
        Column("goal", _("Goal")),
        Column("target", _("Target")),
        Column("reached", _("Reached")),
        Column("share", _("of target"), "share"),
        Column("state", _("State")),
    ]
    return [Table(title=_("Goals"), columns=columns, rows=rows)]


def _state(reached: Outlook, target: float, *, is_over: bool) -> str:
    if reached.value is not None and reached.value >= target:
        return _("reached")
    if is_over or reached.projected is None:
        return _("missed") if is_over else _("running")
    return _("ahead") if reached.projected >= target else _("behind")
