"""How one piece stood at an age: the mail to its author a day and a week after it came out; no ranks."""

from __future__ import annotations

from typing import Any

import msgspec
import polars as pl

from analytics import wording
from analytics.language import _, begun
from analytics.metrics import FEW_SET, METRICS
from analytics.queries import comparison, expected, library, lists, standing
from analytics.reports.build import parts
from analytics.reports.build.asked import Asked
from analytics.reports.pieces import span_of
from analytics.reports.report import Block, Chart, Mark, Number, Numbers, Part, Point, Report
from analytics.reports.schedule import AGES

HEAD = ("views", "reads", "read_rate", "engaged_median", "finish_rate", "comments", "comment_rate")


def piece(asked: Asked) -> Report:
    """Build the sheet of a piece, from its publication to its age."""
    article = library.article(asked.store, asked.site.site_id, asked.order.article_id)
    found = comparison.totals(
        asked.store, lists.countable(HEAD, asked.where), asked.ask(), asked.now, asked.against
    )
    stands = _standing(asked)
    nothing = parts.nothing_said(asked, found)
    blocks: list[Block] = [_numbers(asked, parts.numbers(asked, found), stands)]
    if not nothing:
        offers: parts.Offers = {
            "course": lambda: _course(asked, stands),
            "sources": lambda: [parts.sources(asked)],
        }
        blocks += parts.chosen(asked, offers)
    brought = wording.counted(found[asked.main].figure.value or 0, asked.main.removesuffix("s"))
    age = _(AGES[asked.order.age])
    notes = parts.notes(asked, found)
    if stands and stands["set"]:
        which = article.section if stands["set"] == "section" else _("the whole site")
        said = _("Usual = 8 of 10 of {n} pieces of {which} at the same age.", n=stands["n"], which=which)
        notes = [said, *notes]
    return parts.finished(
        asked,
        kind="author",
        title=article.title,
        sentence=_sentence(brought, age, asked.main, stands),
        blocks=blocks,
        href=asked.article_href(article.article_id),
        notes=notes,
        subject=_("{brought} in the first {age}", brought=brought, age=age),
        nothing=nothing,
    )


def _standing(asked: Asked) -> dict[str, Any] | None:
    """Hold it against others at the age: a row of `expected.SCHEMA`; None where it cannot be compared."""
    if set(asked.where.active()) & set(standing.NARROW):
        return None
    own = [asked.order.article_id]
    found = expected.expected(
        asked.store,
        asked.site.site_id,
        asked.now,
        own,
        base=asked.main,
        horizon=span_of(asked.order.age),
    )
    return found.row(0, named=True) if found.height else None


def _numbers(asked: Asked, numbers: Numbers, stands: dict[str, Any] | None) -> Numbers:
    """Put what is usual beside the number that leads, and the score below all."""
    if stands is None:
        return numbers
    chip = wording.expected_chip(stands["vs_expected"], stands["place"], stands["n"] or 0)
    usual = wording.interval(asked.main, stands["p10"], stands["p90"], "table") if stands["set"] else ""
    rows = [
        msgspec.structs.replace(row, mark=Mark(chip.text, chip.tone), beside=usual)
        if row.metric == asked.main
        else row
        for row in numbers.rows
    ]
    score = Number(
        metric="score",
        label=METRICS["score"].label,
        unit="score",
        value=stands["score"],
        said=wording.value("score", stands["score"], "table"),
        n=stands["n"],
        is_few=(stands["n"] or 0) < FEW_SET,
    )
    return msgspec.structs.replace(
        numbers,
        rows=[*rows, score],
        title=_("This piece"),
        against=_("usual at this age"),
        versus=_("vs usual"),
    )


def _sentence(brought: str, age: str, main: str, stands: dict[str, Any] | None) -> list[Part]:
    head = [Part(_("In its first {age} it brought ", age=age)), Part(brought, is_strong=True)]
    if stands is None or not stands["place"]:
        return [*head, Part(".")]
    span = wording.interval(main, stands["p10"], stands["p90"])
    said = {
        "above": _(", more than is usual at that age ({span}).", span=span),
        "below": _(", less than is usual at that age ({span}).", span=span),
        "typical": _(", as is usual at that age ({span}).", span=span),
    }
    return [*head, Part(said[stands["place"]])]


def _course(asked: Asked, stands: dict[str, Any] | None) -> list[Chart]:
    """Draw what it had gathered by each age, beside what others had; nothing where it was not followed."""
    if stands is None:
        return []
    metric, main = METRICS[asked.main], asked.main
    frame = expected.course(
        asked.store,
        asked.site.site_id,
        asked.order.article_id,
        asked.now,
        base=main,
        until=span_of(asked.order.age),
    )
    begins = asked.local(asked.begins).replace(tzinfo=None)
    at = pl.lit(begins) + pl.duration(seconds=pl.col("age_h") * 3600)
    rows = frame.select(at.alias("at"), "value", "p10", "p90", median="p50").to_dicts()
    if not rows:
        return []
    points = [Point(at=begins, value=0), *[Point(**row) for row in rows]]
    half = frame.filter(2 * pl.col("value") >= pl.col("value").max()).head(1)
    line = _("Blue: this piece.")
    if frame["p90"].count():
        line += " " + _("Band: 8 of 10 others at the same age.")
    label = begun(_(main))
    return [
        Chart(
            title=_("{label} since publication", label=label),
            line=line,
            said=_(
                "{label} since publication: half of them had come after {age}.",
                label=label,
                age=wording.age(half["age_h"][0] * 3600),
            ),
            unit=metric.unit,
            grain="hour",
            points=points,
        )
    ]
