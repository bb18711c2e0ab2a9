"""Editorial notes: what the newsroom did, and what came of it two hours and a day later."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from analytics import wording
from analytics.language import N_, _
from analytics.queries.effects import Effect, title_effect
from analytics.queries.intervals import Z95
from analytics.store.memory import CATALOGUE
from analytics.store.store import Store
from analytics.wording import Chip

KINDS = {
    "lead": N_("Moved to lead"),
    "push": N_("Push sent"),
    "title": N_("Headline changed"),
    "other": N_("Note"),
}
AFTER = {"2 h": dt.timedelta(hours=2), "24 h": dt.timedelta(hours=24)}
WEEKS = 8  # metrics.md 7: what is typical rests on the eight same weekdays before
MOST = 200
FOLLOWED = dt.timedelta(days=14)  # so long a note stands among the follow-ups


@dataclass(frozen=True, slots=True)
class Draft:
    """What an editor says: kind, a line of text, when (naive UTC), and the article it is about, if any."""

    kind: str
    text: str
    at: dt.datetime
    article_id: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """One note.

    Attributes:
        note_id: Its id.
        article_id: Article that it is about; None of the site.
        title: Title of that article, else empty.
        kind: Of KINDS.
        text: What was done.
        at: When, naive UTC.
        who: Who wrote it.
    """

    note_id: str
    article_id: str | None
    title: str
    kind: str
    text: str
    at: dt.datetime
    who: str

    @property
    def words(self) -> str:
        """What was done, in words: the text, with its kind before it where that says more."""
        kind = _(KINDS.get(self.kind, self.kind))
        if not self.text:
            return kind
        return self.text if self.kind == "other" else f"{kind}: {self.text}"


def notes(
    store: Store, site: str, begins: dt.datetime, ends: dt.datetime, article_id: str | None = None
) -> list[Note]:
    """List the notes that stand, oldest first.

    Args:
        store: The open store.
        site: The site.
        begins: First instant, naive UTC.
        ends: First instant after.
        article_id: Only those about it; else those of the site and of all its articles.
    """
    # Whoever writes a note ends every answer; what is counted meanwhile ends none of these.
    key = ("notes", site, begins, ends, article_id)
    found = store.memo(key, lambda: _notes(store, site, begins, ends, article_id), of=[CATALOGUE])
    return list(found)


def _notes(
    store: Store, site: str, begins: dt.datetime, ends: dt.datetime, article_id: str | None
) -> list[Note]:
    rows = store.frame(
        f"""
        SELECT n.note_id, n.article_id, coalesce(a.title, a.url, n.article_id, '') AS title, n.kind, n.text,
            n.done_at, n.who
        FROM notes AS n LEFT JOIN articles AS a USING (site_id, article_id)
        WHERE n.site_id = $site AND n.removed_at IS NULL AND n.done_at >= $begins AND n.done_at < $ends
            AND ($article IS NULL OR n.article_id = $article)
        ORDER BY n.done_at DESC, n.note_id LIMIT {MOST}
        """,
        site=site,
        begins=begins,
        ends=ends,
        article=article_id,
    )
    return [Note(*row) for row in reversed(rows.rows())]


def outcomes(store: Store, site: str, note: Note, now: dt.datetime) -> dict[str, Effect]:
    """Measure what came of a note, by the words of AFTER; of an article beyond what its age explains."""
    if note.article_id is not None:
        return {
            words: title_effect(store, site, note.article_id, note.at, now, window)
            for words, window in AFTER.items()
        }
    return {words: _of_site(store, site, note.at, now, window) for words, window in AFTER.items()}


def followed(store: Store, site: str, now: dt.datetime) -> list[Note]:
    """List the notes whose outcome is still of interest, newest first."""
    minute = now.replace(second=0, microsecond=0)  # who asks again finds the answer
    return notes(store, site, minute - FOLLOWED, minute + dt.timedelta(days=1))[::-1]


def chip(effect: Effect) -> Chip:
    """Make the chip of what came of a note."""
    if effect.ratio is None or effect.is_few:
        words = _("not over yet") if not effect.is_over else _("too few") if effect.is_few else _("not known")
        return Chip(words, "outline")
    times = wording.ratio(effect.ratio)
    if not effect.is_effect:
        return Chip(times, "typical", _("no effect can be told"))
    return (
        Chip(f"▲ {times}", "above", _("more than usual"))
        if effect.ratio > 1
        else Chip(f"▼ {times}", "below", _("less than usual"))
    )


def said(after: str, effect: Effect) -> str:
    """Word what stands behind the chip: the interval, or the counts that are too few."""
    if not effect.is_over:
        return _("after {after}", after=after)
    counts = _(
        "{before} views before, {after} after",
        before=wording.full(effect.before),
        after=wording.full(effect.after),
    )
    if effect.ratio is None or effect.is_few:
        return _("after {after}: {counts}", after=after, counts=counts)
    return _(
        "after {after} ({low} to {high}; {counts})",
        after=after,
        low=wording.ratio(effect.low),
        high=wording.ratio(effect.high),
        counts=counts,
    )


def _of_site(store: Store, site: str, at: dt.datetime, now: dt.datetime, window: dt.timedelta) -> Effect:
    """Measure fresh views of the whole site after against before, beyond what the same weekdays did."""
    weeks = store.frame(
        """
        SELECT w.n::BIGINT AS n,
            count(*) FILTER (f.event_at < $at - to_days(7 * w.n::INT))::BIGINT AS before,
            count(*) FILTER (f.event_at >= $at - to_days(7 * w.n::INT))::BIGINT AS after
        FROM range($weeks + 1) AS w(n) JOIN view_facts AS f
            ON f.event_at >= $at - to_days(7 * w.n::INT) - $window
            AND f.event_at < $at - to_days(7 * w.n::INT) + $window
        WHERE f.site_id = $site AND f.is_article AND NOT f.is_repeat AND f.day_local >= $first
        GROUP BY w.n
        """,
        site=site,
        at=at,
        window=window,
        weeks=WEEKS,
        first=(at - dt.timedelta(days=7 * WEEKS + 3)).date(),
    )
    counted = {row["n"]: (row["before"], row["after"]) for row in weeks.to_dicts()}
    before, after = counted.pop(0, (0, 0))
    whole_before, whole_after = (sum(pair[side] for pair in counted.values()) for side in (0, 1))
    usual = whole_after / whole_before if whole_before and whole_after else None
    is_over = at + window <= now
    if not (is_over and before and after and usual):
        return Effect(at, before, after, usual, None, None, None, len(counted), is_over)
    ratio = after / before / usual
    spread = math.exp(Z95 * math.sqrt(1 / after + 1 / before))
    return Effect(at, before, after, usual, ratio, ratio / spread, ratio * spread, len(counted), is_over)
