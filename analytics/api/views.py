"""Saved views and share links for programs: listed, kept, shared, taken back, as on the page `/views`.

People do all of it, with their roles. A key of the scope `read` lists what all of its sites see.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from fastapi import APIRouter, Query, Request, Response
from msgspec import Meta
from pydantic import BaseModel, Field

from analytics.api import sent, shapes
from analytics.api.asked import WrongError
from analytics.api.questions import OfSite, plain, site_of
from analytics.api.sheets import PRIVATE, Sheet, answered, instant
from analytics.control import views
from analytics.control.gate import local_address

MOST_BYTES = 16 << 10
S = TypeVar("S", bound=msgspec.Struct)

router = APIRouter(tags=["Views"])


class ViewSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A view as it is sent.

    Attributes:
        name: By which it is found; the same name again replaces what it meant.
        address: Path and query of the screen, such as `/articles?period=7d&section=politics`.
        shared: Whether everybody of the site sees it; editors may.
    """

    name: Annotated[str, Meta(max_length=120)]
    address: Annotated[str, Meta(max_length=4_000)]
    shared: bool = False


class LinkSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A link as it is sent.

    Attributes:
        name: What it is for.
        address: Path and query of the one screen that it shows.
        days: How long it lasts.
    """

    name: Annotated[str, Meta(max_length=120)]
    address: Annotated[str, Meta(max_length=4_000)]
    days: Annotated[int, Meta(ge=1, le=views.MOST_DAYS)] = 30


class ViewRow(BaseModel):
    """A view that somebody keeps."""

    id: str
    name: str
    address: str
    shared: bool
    own: bool = Field(description="Whether it is yours.")
    owner: str


class Views(BaseModel):
    """Saved views, by name."""

    site: str
    as_of: str
    rows: list[ViewRow]


class LinkRow(BaseModel):
    """A link that still shows something. Its token is shown once, when it is made."""

    id: str
    name: str
    address: str
    made_at: str | None
    expires_at: str | None
    used_at: str | None = Field(description="Last time; null: not opened yet.")


class Links(BaseModel):
    """Share links, the latest first: your own, and all of the site where you are admin."""

    site: str
    as_of: str
    rows: list[LinkRow]


class Kept(BaseModel):
    """What was kept or taken back."""

    name: str = Field(default="", description="Of the view.")
    id: str = Field(default="", description="Of what was taken back.")


class Shared(BaseModel):
    """The link, shown once."""

    link: str = Field(description="Whoever has it sees the view, without sign-in.")


@router.get("/views", responses=shapes.answers(Views), summary="Saved views")
async def listed(request: Request, asked: Annotated[OfSite, Query()]) -> Response:
    """List the views that you keep, and those that others share with everybody of the site."""
    desk = request.app.state.desk

    def ask() -> Sheet:
        site = site_of(desk.store, asked.site).site_id
        rows = [
            {
                "id": each.view_id,
                "name": each.name,
                "address": each.address,
                "shared": each.is_shared,
                "own": each.is_own,
                "owner": each.owner,
            }
            for each in views.listed(desk.control, [site])
        ]
        return Sheet({"site": site, "as_of": instant(desk.clock())}, rows, list(ViewRow.model_fields))

    return await answered(request, ask)


@router.post(
    "/views",
    responses=shapes.answers(Kept, 413, 415),
    openapi_extra=shapes.body_of(ViewSent),
    summary="Save a view",
)
async def save(request: Request, asked: Annotated[OfSite, Query()]) -> Response:
    """Keep a view under a name, for yourself or for everybody of the site; people only."""
    body, desk = await sent.read(request, ViewSent), request.app.state.desk

    def do() -> dict[str, str]:
        site = site_of(desk.store, asked.site).site_id
        plain("name", body.name)
        address = _address(site, body.address)
        views.save(desk.control, site, body.name, address, desk.clock(), is_shared=body.shared)
        return {"name": body.name}

    return await _done(request, do)


@router.delete("/views/{view_id}", responses=shapes.answers(Kept), summary="Forget a view")
async def forget(request: Request, view_id: str) -> Response:
    """Forget a view of your own."""
    desk = request.app.state.desk

    def do() -> dict[str, str]:
        if not views.forget(desk.control, view_id):
            raise WrongError("unknown_view", "You keep no such view.", "See GET /api/v1/views.", status=404)
        return {"id": view_id}

    return await _done(request, do)


@router.get("/links", responses=shapes.answers(Links), summary="Share links")
async def links(request: Request, asked: Annotated[OfSite, Query()]) -> Response:
    """List the links that still show something."""
    desk = request.app.state.desk

    def ask() -> Sheet:
        site, now = site_of(desk.store, asked.site).site_id, desk.clock()
        rows = [
            {
                "id": each.link_id,
                "name": each.name,
                "address": each.address,
                "made_at": instant(each.made_at),
                "expires_at": instant(each.expires_at),
                "used_at": instant(each.used_at) if each.used_at else None,
            }
            for each in views.links(desk.control, [site], now)
        ]
        return Sheet({"site": site, "as_of": instant(now)}, rows, list(LinkRow.model_fields))

    return await answered(request, ask)


@router.post(
    "/links",
    responses=shapes.answers(Shared, 413, 415),
    openapi_extra=shapes.body_of(LinkSent),
    summary="Share a view",
)
async def share(request: Request, asked: Annotated[OfSite, Query()]) -> Response:
    """Make a link that shows one view to whoever has it, until its day; editors only."""
    body, desk = await sent.read(request, LinkSent), request.app.state.desk

    def do() -> dict[str, str]:
        site = site_of(desk.store, asked.site).site_id
        plain("name", body.name)
        address = _address(site, body.address)
        path = views.share(desk.control, site, body.name, address, body.days, desk.clock())
        return {"link": desk.doors.url(path)}

    return await _done(request, do)


@router.delete("/links/{link_id}", responses=shapes.answers(Kept), summary="Take a link back")
async def revoke(request: Request, link_id: str) -> Response:
    """Take a link back: one of your own, or any of a site where you are admin."""
    desk = request.app.state.desk

    def do() -> dict[str, str]:
        views.revoke(desk.control, link_id, desk.clock())
        return {"id": link_id}

    return await _done(request, do)


def _address(site_id: str, text: str) -> str:
    """Give the address of a screen, with its site named.

    Raises:
        WrongError: It is none of this house, or of another site.
    """
    if not text or local_address(text) != text:
        message = f"{text[:80]!r} is no address of a screen."
        raise WrongError("bad_address", message, "Give path and query, such as /articles?period=7d.")
    parts = urlsplit(text)
    named = [value for name, value in parse_qsl(parts.query) if name == "site"]
    if [each for each in named if each != site_id]:
        raise WrongError("bad_address", f"The address is not of {site_id}.", "Give site= as in the address.")
    query = parts.query if named else "&".join(filter(None, [parts.query, urlencode({"site": site_id})]))
    return f"{parts.path}?{query}"


async def _done(request: Request, do: Any) -> Response:
    """Do it, and answer with what came of it."""
    told: dict[str, str] = {}

    def take() -> Sheet:
        told.update(do())
        return Sheet({}, [])

    await request.app.state.turns.take(take)
    return Response(msgspec.json.encode(told), media_type="application/json", headers=PRIVATE)
