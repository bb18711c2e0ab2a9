"""The site at this minute, and the conversation, for programs."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from analytics.api import shapes
from analytics.api.asked import WrongError
from analytics.api.questions import MANY, Figures, OfSite, Values, few_buckets, resolve, site_of, values_of
from analytics.api.sheets import Sheet, about, answered, instant, rows_of
from analytics.queries import comparison, live, talk
from analytics.queries.answers import whole
from analytics.queries.live import Minutes, Snapshot

OF_COMMENTS = (
    "comments_created",
    "comments",
    "comment_rate",
    "rejection_rate",
    "moderation_lag",
    "comments_pending",
)

router = APIRouter()


class Live(OfSite):
    """What is watched."""

    section: Values = Field(default=[], description=MANY)
    window: Minutes = Field(default=30, description="Minutes that the list looks back.")
    limit: int = Field(default=12, ge=1, le=100, description="Articles.")


class Talk(OfSite):
    """Which comments."""

    period: str = Field(default="7d", description="As in `/api/v1/stats`.")
    grain: Literal["hour", "day"] = Field(default="day", description="Size of a bucket.")
    section: Values = Field(default=[], description=MANY)
    author: Values = Field(default=[], description=f"Ids. {MANY}")
    topic: Values = Field(default=[], description=f"Ids. {MANY}")
    language: Values = Field(default=[], description=MANY)
    kind: Values = Field(default=[], description=MANY)


@router.get("/live", responses=shapes.answers(shapes.Live), summary="What is read now", tags=["Live"])
async def now_read(request: Request, asked: Annotated[Live, Query()]) -> Response:
    """Look at the site: people on it, and the articles of the last minutes, most read first.

    With fewer than ten people on the site the list is of four hours, which `minutes` then says.
    """
    desk = request.app.state.desk

    def ask() -> Sheet:
        site = site_of(desk.store, asked.site)
        sections = tuple(dict.fromkeys(values_of(request).get("section", ())))
        watched = live.Question(site.site_id, site.zone, sections, asked.window, asked.limit)
        found = live.snapshot(desk.store, watched, desk.clock())
        return Sheet({"site": site.site_id, **_told(found)}, rows_of(found.articles))

    return await answered(request, ask)


@router.get(
    "/comments", responses=shapes.answers(shapes.Talk), summary="Comments over time", tags=["Comments"]
)
async def comments(request: Request, asked: Annotated[Talk, Query()]) -> Response:
    """Count comments by the time of writing and present status, with the figures of the period."""
    desk = request.app.state.desk

    def ask() -> Sheet:
        whose = Figures(site=asked.site, period=asked.period, metrics=list(OF_COMMENTS))
        question = resolve(request, desk.store, desk.clock(), whose)
        few_buckets(question.period, asked.grain)
        if question.coverage.comments is None:
            raise WrongError(
                "no_comments",
                f"No source of comments is connected to {question.site.site_id}.",
                "Send them to POST /api/comments, or import them.",
                status=404,
            )
        found = comparison.totals(desk.store, question.metrics, question.ask, question.now, "none")
        frame = talk.volume(desk.store, replace(question.ask, split=""), asked.grain)
        rows = [row | {"at": at.isoformat()} for row, at in zip(rows_of(frame), frame["at"], strict=True)]
        totals = {name: whole(each.figure.value) for name, each in found.items()}
        return Sheet(about(question, question.metrics) | {"grain": asked.grain, "total": totals}, rows)

    return await answered(request, ask)


def _told(found: Snapshot) -> dict[str, Any]:
    """Write what stands beside the list of articles."""
    said = found.comments
    return {
        "as_of": instant(found.as_of),
        "since": instant(found.began),
        "minutes": round((found.as_of - found.began).total_seconds() / 60),
        "step_min": found.step_min,
        "is_quiet": found.is_quiet,
        "on_site": found.on_site,
        "reading_now": found.reading_now,
        "articles": found.count,
        "bars": list(found.bars),
        "channels": rows_of(found.channels),
        "published_today": found.published_count,
        "comments": {"last_hour": said.last_hour, "pending": said.pending, "oldest": instant(said.oldest)}
        if said
        else None,
    }
