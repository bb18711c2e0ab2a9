"""The search of every page: `/_search` answers what the dialog of `assets/search.js` asks, key by key."""

from __future__ import annotations

import asyncio
import unicodedata
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from analytics import wording
from analytics.control.identity import Sight, current
from analytics.errors import TearsheetError
from analytics.language import _, inside
from analytics.metrics import DIMENSIONS
from analytics.queries import search
from analytics.queries.search import Found, Hit
from dashboards import calm, components, scope
from dashboards.filters import View

PATH = "/_search"
_HOMES = {"article": "/articles", "author": "/authors", "topic": "/topics", "section": "/topics"}


def register(server: FastAPI) -> None:
    """Answer `/_search?q=...&site=...` with groups of hits, each with its address."""

    @server.get(PATH)
    async def searched(request: Request) -> JSONResponse:
        asked = request.query_params
        try:
            groups = await asyncio.to_thread(
                groups_of, server.state.desk, asked.get("q", ""), asked.get("site", "")
            )
        except TearsheetError as refusal:
            return JSONResponse({"error": refusal.message, "hint": refusal.hint}, status_code=400)
        return JSONResponse({"groups": groups}, headers={"Cache-Control": "no-store"})


def groups_of(desk: Any, text: str, site: str = "") -> list[dict[str, Any]]:
    """Find what a text may mean, in groups: the one that matches best first.

    Args:
        desk: The open desk.
        text: What was typed; nothing lists the pages.
        site: Of the address; the first site where it names none.

    Returns:
        Groups: kind, title, hits (id, name, note, href), `said` (how many), and `more` (such a hit) where not
        all are listed.
    """
    known = [each.site_id for each in scope.seen(desk)]
    where = site if site in known else next(iter(known), "")
    sight = current().sight(where)
    pages, is_page = _pages(text, site, sight)
    if not known or not text.strip() or sight.is_own:
        return pages
    found = search.found(desk.store, where, text)
    left_out = "author" if sight.is_calm else ""
    kinds = list(dict.fromkeys(hit.kind for hit in found.hits if hit.kind != left_out))
    groups = [_group(found, kind, text, site) for kind in kinds]
    # Who types the begin of a page's name means the page.
    return [*pages, *groups] if is_page else [*groups, *pages]


def _group(found: Found, kind: str, text: str, site: str) -> dict[str, Any]:
    hits = [hit for hit in found.hits if hit.kind == kind]
    count = found.counts[kind]
    more = None
    if kind == "article" and count > len(hits):
        href = View("/articles", site=site, q=text.strip(), period="90d").href()
        more = {
            "name": _("Show all on the page Articles"),
            "note": _("read in the last 90 days"),
            "href": href,
        }
    what = DIMENSIONS[kind]
    said = wording.counted(count, inside(what.label), inside(what.plural))
    rows = [_hit(hit, site) for hit in hits]
    return {"kind": kind, "title": what.plural, "hits": rows, "said": said, "more": more}


def _hit(hit: Hit, site: str) -> dict[str, str]:
    split = "topic" if hit.kind == "topic" else ""
    href = View(f"{_HOMES[hit.kind]}/{hit.id}", site=site, split=split).href()
    note = hit.note if hit.kind == "article" else wording.counted(int(hit.note), "article")
    other = _("also “{other}”", other=hit.other) if hit.other else ""
    told = wording.joined(note, other)
    return {"id": hit.id, "name": hit.name, "note": told, "href": href}


def _pages(text: str, site: str, sight: Sight) -> tuple[list[dict[str, Any]], bool]:
    """List the pages whose name holds a text, and say whether it begins one."""
    asked = _plain(text)
    shown = (page for page in components.PAGES if calm.is_open(page.path, "", sight))
    pages = [page for page in shown if asked in _plain(page.label)]
    hits = [
        {"name": page.label, "note": _("Page"), "href": View(page.path, site=site).href()} for page in pages
    ]
    begun = len(asked) > 1 and any(_plain(page.label).startswith(asked) for page in pages)
    said = wording.counted(len(hits), "page")
    return [{"title": _("Pages"), "hits": hits, "said": said, "more": None}] if hits else [], begun


def _plain(text: str) -> str:
    marked = unicodedata.normalize("NFD", text.strip().casefold())
    return "".join(sign for sign in marked if not unicodedata.combining(sign))
