"""Articles for programs: the catalogue, one article with its figures, and the way in for a CMS."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from analytics.api import callers, pages, shapes
from analytics.api.asked import WrongError
from analytics.api.questions import MANY, Figures, OfSite, Values, known_site, plain, resolve
from analytics.api.sheets import Sheet, about, answered, figures_of, instant, rows_of
from analytics.catalog.rows import catalogue_of
from analytics.collect import http
from analytics.errors import UsageError
from analytics.load import Batch, Loaded, load
from analytics.periods import local_day
from analytics.queries import comparison, library, life, shelf
from analytics.queries.library import Article

MOST_ROWS, MOST_BYTES = 1000, 4 << 20  # wire-formats.md D.1
OF_ONE = (
    "views",
    "reads",
    "readers",
    "read_rate",
    "engaged_median",
    "finish_rate",
    "comments",
    "comment_rate",
)

router = APIRouter(tags=["Catalogue"])


class Shelf(OfSite):
    """Which articles."""

    published: str = Field(
        default="",
        description="Only those published in this period, such as `2026-11`; all where it is left out.",
    )
    section: Values = Field(default=[], description=MANY)
    author: Values = Field(default=[], description=f"Ids. {MANY}")
    topic: Values = Field(default=[], description=f"Ids. {MANY}")
    language: Values = Field(default=[], description=MANY)
    kind: Values = Field(default=[], description=MANY)
    q: str = Field(default="", max_length=200, description="Words that all stand in title, address or id.")
    limit: int = Field(default=100, ge=1, le=1000, description="Rows of a page.")
    cursor: str = Field(default="", max_length=200, description="`next` of the page before.")


class OfArticle(Figures):
    """Figures of one article."""

    period: str = Field(default="", description="As elsewhere; from its publication on where it is left out.")
    metrics: Values = Field(default=list(OF_ONE), description="Ids of `/api/v1/metrics`, commas between.")


@router.get("/articles", responses=shapes.answers(shapes.Shelf), summary="Articles of the catalogue")
async def articles(request: Request, asked: Annotated[Shelf, Query()]) -> Response:
    """List articles, the newest first; those without a date stand last."""
    desk = request.app.state.desk

    def ask() -> Sheet:
        whose = Figures(site=asked.site, period=asked.published or "today", q=asked.q)
        question = resolve(request, desk.store, desk.clock(), whose)
        key = ("articles", question.ask.where, asked.published)
        first = pages.begins(key, asked.cursor)
        period = question.period if asked.published else None
        count, frame = shelf.shelf(desk.store, question.ask.where, period, asked.limit, first)
        more = first + asked.limit < count
        after = pages.cursor(key, first + asked.limit) if more else ""
        beside = {"site": question.site.site_id, "as_of": instant(question.now), "count": count}
        return Sheet(beside, rows_of(frame), next=after)

    return await answered(request, ask)


@router.get(
    "/articles/{article_id:path}",
    responses=shapes.answers(shapes.OneArticle, 404),
    summary="One article with its figures",
)
async def article(request: Request, article_id: str, asked: Annotated[OfArticle, Query()]) -> Response:
    """Describe an article, by its id or an alias, and count it from its publication on or over a period."""
    desk = request.app.state.desk
    plain("id", article_id)

    def ask() -> Sheet:
        now = desk.clock()
        whose = asked if asked.period else asked.model_copy(update={"period": "today"})
        question = resolve(request, desk.store, now, whose)
        site = question.site
        found = _found(desk.store, site.site_id, article_id)
        period = (
            question.period if asked.period else life.lifetime(found, site.zone, local_day(now, site.zone))
        )
        where = question.ask.where.only(article=(found.article_id,))
        question = replace(question, ask=replace(question.ask, where=where, period=period))
        figures = comparison.totals(desk.store, question.metrics, question.ask, now, "none")
        numbers = {
            f"{name}{part}": getattr(each.figure, of)
            for name, each in figures.items()
            for part, of in (("", "value"), ("_n", "n"), ("_low", "low"), ("_high", "high"))
        }
        row = described(found) | figures_of(numbers, question.metrics)
        return Sheet(about(question, question.metrics), [row])

    return await answered(request, ask)


@router.put(
    "/articles",
    responses=shapes.answers(shapes.Taken, 413, 415),
    openapi_extra=shapes.article_body(),
    summary="Create or change articles",
)
async def put(request: Request, asked: Annotated[OfSite, Query()]) -> Response:
    """Take one article or up to 1,000, as a CMS sends them when something is published or changed.

    Upsert by site and id: a key that is absent keeps what is known, null clears it, lists are replaced whole.
    Sending the same twice changes nothing. All history follows.
    """
    rows = await _rows(request)
    desk = request.app.state.desk
    sheet: dict[str, Any] = {}

    def take() -> Sheet:
        sheet.update(_taken(desk, asked.site, rows))
        return Sheet({}, [])

    await request.app.state.turns.take(take)
    status = 400 if len(sheet["rejected"]) == len(rows) else 200
    if status == 400:
        sheet |= {"error": "all_rejected", "message": "No row could be taken.", "hint": "See `rejected`."}
    return Response(msgspec.json.encode(sheet), status, media_type="application/json")


def described(found: Article) -> dict[str, Any]:
    """Write what the catalogue knows of an article."""
    return {
        "id": found.article_id,
        "url": found.url,
        "title": found.title,
        "authors": [{"id": key, "name": name} for key, name in found.authors],
        "section": found.section,
        "topics": [{"id": key, "name": name} for key, name in found.topics],
        "kind": found.kind,
        "language": found.language,
        "access": found.access,
        "state": found.state,
        "published_at": instant(found.published_at),
        "word_count": found.word_count,
        "image": found.image,
        "is_catalogued": found.is_catalogued,
        "titles": [{"since": instant(since), "title": title} for since, title in found.titles],
        "aliases": list(found.aliases),
        "first_view_at": instant(found.first_view_at),
        "last_view_at": instant(found.last_view_at),
    }


def _found(store: Any, site_id: str, article_id: str) -> Article:
    try:
        return library.article(store, site_id, article_id)
    except UsageError as fault:
        raise WrongError("unknown_article", fault.message, fault.hint, status=404) from fault


async def _rows(request: Request) -> list[Any]:
    """Read the body: one object, or an array of them.

    Raises:
        WrongError: It is too large, no JSON, or no such array.
    """
    data = await body_of(request, MOST_BYTES)
    try:
        found = msgspec.json.decode(data.decode())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise WrongError("malformed", "The body is no JSON.", "Send one object, or an array.") from fault
    rows = found if isinstance(found, list) else [found]
    if not 1 <= len(rows) <= MOST_ROWS:
        raise WrongError("bad_rows", f"{len(rows)} rows were sent.", f"Send 1 to {MOST_ROWS}.")
    return rows


async def body_of(request: Request, most: int) -> bytes:
    """Read a body of JSON, up to so many bytes.

    Raises:
        WrongError: It is of another kind, too large, or comes too slowly.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise WrongError("media_type", "Only application/json is taken here.", status=415)
    try:
        return await http.body_of(request.receive, http.headers_of(request.scope), most)
    except http.RefusedError as refusal:
        message = f"The body is larger than {most >> 10} KiB, or came too slowly."
        raise WrongError(refusal.reason, message, "Send less at once.", refusal.answer.status) from refusal


def _taken(desk: Any, default: str, rows: list[Any]) -> dict[str, Any]:
    """Load rows site by site; what is refused keeps its place in the array."""
    places: dict[str, list[int]] = {}
    rejected: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        name = (row.get("site") or default) if isinstance(row, dict) else ""
        if not isinstance(row, dict):
            rejected.append({"index": index, "errors": {"": ["wrong_type"]}})
        elif not isinstance(name, str):
            rejected.append({"index": index, "errors": {"site": ["wrong_type"]}})
        else:
            places.setdefault(name, []).append(index)
    done = Loaded()
    for name, indexes in places.items():
        try:
            site = known_site(desk.store, name) if name else None
        except WrongError:
            site = None
        if site is None:
            code = "unknown_site" if name else "missing"
            rejected += [{"index": index, "errors": {"site": [code]}} for index in indexes]
            continue
        callers.may_catalogue(site.site_id)
        own = [rows[index] | {"site": site.site_id} for index in indexes]
        now = desk.clock()
        catalogue, refused = catalogue_of(own, site.site_id, site.zone, now)
        rejected += [{"index": indexes[each.index], "errors": each.errors} for each in refused]
        done.add(load(desk.store, Batch(catalogue=catalogue), now))
    return {
        "created": done.created,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "rejected": sorted(rejected, key=lambda each: int(each["index"])),
    }
