"""The log of decisions in a report: what was done, and what came of it two hours and a day later."""

from __future__ import annotations

from collections.abc import Sequence

from analytics import wording
from analytics.language import _
from analytics.queries import notes
from analytics.queries.notes import Note
from analytics.reports.build import parts
from analytics.reports.build.asked import Asked
from analytics.reports.report import Mark, Stories, Story

MOST = 8


def decisions(asked: Asked) -> list[Stories]:
    """List what was decided in the period, oldest first."""
    return _listed(asked, parts.notes_of(asked), _("Decisions and what came of them"))


def follow_ups(asked: Asked) -> list[Stories]:
    """List the decisions of the last fourteen days, newest first."""
    return _listed(asked, notes.followed(asked.store, asked.site.site_id, asked.now), _("Follow-ups"))


def _listed(asked: Asked, found: Sequence[Note], title: str) -> list[Stories]:
    """List notes under a title; those of an article that the filter leaves out are of no interest here."""
    mine = [note for note in found if parts.concerns(asked, note)]
    line = _("Fresh views after ÷ before, beyond what is usual at that age or weekday")
    rows = [_row(asked, note) for note in mine[:MOST]]
    return [Stories(title=title, rows=rows, line=line)] if rows else []


def _row(asked: Asked, note: Note) -> Story:
    found = notes.outcomes(asked.store, asked.site.site_id, note, asked.now)
    over = [(after, effect) for after, effect in found.items() if effect.is_over] or list(found.items())[:1]
    after, latest = over[-1]
    chip = notes.chip(latest)
    at = asked.local(note.at)
    about = [note.title, f"{wording.day_named(at.date())} {wording.clock(at)}", note.who]
    came = "; ".join(notes.said(words, effect) for words, effect in over)
    return Story(
        title=note.words,
        href=asked.article_href(note.article_id) if note.article_id else asked.href("/"),
        under=wording.joined(*about, came),
        words=_("after {after}", after=after),
        mark=Mark(chip.text, chip.tone),
    )
