"""The morning report: the overview of yesterday, on Mondays of the weekend day by day."""

from __future__ import annotations

from dataclasses import replace

from analytics import wording
from analytics.language import N_, _
from analytics.metrics import METRICS
from analytics.periods import Period
from analytics.queries import comparison, lists, worth
from analytics.queries.worth import Look, Reason
from analytics.reports.build import parts
from analytics.reports.build.asked import Asked
from analytics.reports.build.decisions import follow_ups
from analytics.reports.report import Block, Column, Mark, Report, Stories, Story, Table

TITLES: dict[Reason, str] = {
    "above": N_("Above expectation"),
    "unseen": N_("Good but unseen"),
    "hot": N_("Hot talk"),
    "discussed": N_("Most discussed"),
    "rising": N_("Rising again"),
}


def morning(asked: Asked) -> Report:
    """Build it."""
    found = parts.cards(asked)
    nothing = parts.nothing_said(asked, found)
    blocks: list[Block] = [parts.numbers(asked, found)]
    if not nothing:
        offers: parts.Offers = {
            "days": lambda: [] if asked.is_day else [by_day(asked)],
            "course": lambda: [parts.course(asked, asked.main)],
            "top": lambda: [
                parts.most_read(asked, _("Most read") if asked.main == "reads" else _("Most viewed"))
            ],
            "look": lambda: looks(asked),
            "sources": lambda: [parts.sources(asked)],
            "decisions": lambda: follow_ups(asked),
        }
        blocks += parts.chosen(asked, offers)
    return parts.finished(
        asked,
        kind="morning",
        title=_("Morning"),
        sentence=parts.sentence(asked, found[asked.main if asked.main in found else "views"]),
        blocks=blocks,
        href=asked.href("/"),
        notes=parts.notes(asked, found),
        nothing=nothing,
    )


def by_day(asked: Asked) -> Table:
    """List the days of the period, each with its figures and how far it was from typical."""
    names = lists.countable(parts.CARDS if asked.tells_reading else parts.CARDS_UNMEASURED, asked.where)
    rows: list[list[str | int | float | bool | None]] = []
    for day in asked.period.days:
        of_day = replace(asked, period=Period(day, day, asked.site.zone))
        found = comparison.totals(asked.store, names, of_day.ask(), asked.now, "typical")
        main = found[asked.main]
        rows.append(
            [
                wording.day_named(day),
                *[each.figure.value for each in found.values()],
                main.change if main.band else None,
            ]
        )
    metrics = [METRICS[name] for name in names]
    columns = [
        Column("day", _("Day")),
        *[
            Column(
                each.id, parts.label_of(each), parts.unit_of(each), each.id in {"views", "reads", "comments"}
            )
            for each in metrics
        ],
        Column("vs_typical", _("vs typical"), "change"),
    ]
    return Table(title=_("Day by day"), columns=columns, rows=rows, shown=31)


def looks(asked: Asked) -> list[Block]:
    """List what is worth a look, a list a reason."""
    with_comments = bool(lists.countable(["comments"], asked.where))
    found = worth.worth_a_look(asked.store, asked.ask(), asked.now, with_comments=with_comments)
    queue = worth.waiting(asked.store, asked.site.site_id, [each.article_id for each in found])
    blocks: list[Block] = []
    for reason in dict.fromkeys(each.reason for each in found):
        rows = [_row(asked, each, queue.get(each.article_id)) for each in found if each.reason == reason][
            : parts.STORIES
        ]
        blocks.append(Stories(title=_(TITLES[reason]), rows=parts.named(asked, rows)))
    return blocks


def _row(asked: Asked, look: Look, waiting: worth.Waiting | None) -> Story:
    views = wording.counted(look.views, "view")
    if look.reason == "above":
        chip = wording.expected_chip(look.times, "above", look.score_n or 0)
        place = _(
            "score {score} among {score_n} as old",
            score=wording.full(look.score),
            score_n=wording.full(look.score_n),
        )
        mark = Mark(chip.text, chip.tone)
        return parts.story(
            asked, look.article_id, wording.table(look.views), _("views"), mark, place, look.views
        )
    if look.reason == "unseen":
        span = wording.interval("share", look.low, look.high)
        return parts.story(
            asked,
            look.article_id,
            wording.percent(look.finish_rate),
            _("finished it"),
            under=_(
                "of {finish_n} ({span}), with only {views}",
                finish_n=wording.full(look.finish_n),
                span=span,
                views=views,
            ),
        )
    if look.reason == "rising" and look.usual is not None:
        unit = "reads" if asked.tells_reading else "views"
        usual = _(
            "typical of it {range}", range=wording.interval(unit, round(look.usual[0]), round(look.usual[2]))
        )
        return parts.story(
            asked, look.article_id, wording.table(look.value), _(unit), under=usual, value=look.value
        )
    said = [_("{comments} on {views}", comments=wording.counted(look.comments, "comment"), views=views)]
    if waiting:
        oldest = wording.age((asked.now - waiting.since).total_seconds())
        said.append(
            _("{comments} waiting, oldest {oldest}", comments=wording.full(waiting.comments), oldest=oldest)
        )
    value: float | None
    if look.comment_rate is None or look.reason == "discussed":
        value, number, words = look.comments, wording.full(look.comments), _("comments")
    else:
        value, number, words = look.comment_rate, wording.per_1000(look.comment_rate), _("per 1,000 reads")
    return parts.story(asked, look.article_id, number, words, under="; ".join(said), value=value)
