"""The comments report: volume, what waits, how fast decisions came, and where the talk is."""

from __future__ import annotations

from analytics import wording
from analytics.language import _
from analytics.queries import comparison, lists, talk, worth
from analytics.reports.build import parts
from analytics.reports.build.asked import Asked
from analytics.reports.report import Block, Part, Report, Stories, Words

HEAD = (
    "comments_created", "comments", "comment_rate", "commenters", "rejection_rate", "moderation_lag",
    "moderation_lag_p90", "comments_pending", "reply_share",
)  # fmt: skip
LISTED = ("comments", "comment_rate", "reply_share", "reads")


def comments(asked: Asked) -> Report:
    """Build it."""
    found = comparison.totals(asked.store, HEAD, asked.ask(), asked.now, asked.against)
    nothing = _nothing(asked, found)
    blocks: list[Block] = [parts.numbers(asked, found)]
    if not nothing:
        listed = lists.listing(asked.store, LISTED, asked.ask("article"), asked.now, sort="-comments")
        line = _("By comments written in these days and published.")
        offers: parts.Offers = {
            "course": lambda: [parts.course(asked, "comments")],
            "waiting": lambda: [_waiting(asked, listed)],
            "talk": lambda: [parts.table(asked, listed, LISTED, _("Most discussed"), line=line)],
            "writers": lambda: [_who(asked)],
        }
        blocks += parts.chosen(asked, offers)
    return parts.finished(
        asked,
        kind="comments",
        title=_("Comments"),
        sentence=parts.sentence(asked, found["comments"]),
        blocks=blocks,
        href=asked.href("/comments"),
        notes=parts.notes(asked, found),
        nothing=nothing,
    )


def _nothing(asked: Asked, found: dict[str, comparison.Beside]) -> str:
    if asked.coverage.comments is None:
        return _("No source of comments is connected yet.")
    written = found["comments_created"].figure.value or 0
    waits = found["comments_pending"].figure.value or 0
    return "" if written or waits else _("Nobody wrote a comment in these days, and none waits.")


def _waiting(asked: Asked, listed: lists.Listing) -> Stories:
    """List the articles whose comments wait, the oldest first."""
    ids = [each for each in listed.rows["id"].to_list() if each]
    queue = sorted(
        worth.waiting(asked.store, asked.site.site_id, ids).items(), key=lambda item: item[1].since
    )
    rows = [
        parts.story(
            asked,
            article_id,
            wording.full(waits.comments),
            _("waiting"),
            under=_("the oldest for {age}", age=wording.age((asked.now - waits.since).total_seconds())),
            value=waits.comments,
        )
        for article_id, waits in queue[: parts.STORIES]
    ]
    return Stories(title=_("Waiting for a decision"), rows=parts.named(asked, rows))


def _who(asked: Asked) -> Words:
    """Say how much of the talk the busiest writers have; never who they are."""
    shares = talk.busiest(asked.store, asked.ask())
    said = [
        _("the busiest {many} wrote {share}", many=many, share=wording.percent(share))
        for many, share in shares
    ]
    text = (
        _("Of the published comments {said}.", said=wording.listed(said))
        if said
        else _("Writers cannot be told apart.")
    )
    return Words(title=_("Who talks"), parts=[Part(text)])
