"""From what was said to what is kept: an ordered list of named steps over one event.

Each step fills in what it is there for, or gives the reason why the event does not count. The first reason
stands. Where a filter may have been wrong, the event goes on to the end nevertheless and is kept apart as the
event that it would have been (STORED), so that a rule can be inspected and undone.

Address and agent come in with the visit and end here: nothing that leaves this room names a person.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any

import iptocc
import msgspec

from analytics import reference
from analytics.collect import agents, networks
from analytics.collect.networks import Address, is_in, visitor_part
from analytics.collect.pages import NOWHERE, Page
from analytics.collect.salts import Salts
from analytics.collect.sites import KnownSite
from analytics.collect.wire.raw import Raw
from analytics.events import CommentState, Engagement, Event, Hash64, Interaction, PageView
from analytics.reference import Agent, Referrer, WayIn

TURN = dt.timedelta(minutes=30)  # metrics.md 2: visitor_prev in the first 30 minutes of a local day
EARLIEST_HOURS = 2  # hours of a day in which it can still be so young
DAY = dt.timedelta(days=1)
NOBODY = Agent()
PHONE_BELOW, TABLET_BELOW = 600, 1000  # widths in CSS pixels, where no agent tells
MAX_LANGUAGE = 8


class Reason(StrEnum):
    """Why an event does not count: the closed set of wire-formats.md A.2."""

    PREFETCH = "prefetch"
    HOST = "host"
    ORIGIN = "origin"
    STAFF = "staff"
    BLOCKED_NETWORK = "blocked_network"
    BOT = "bot"
    SPAM_REFERRER = "spam_referrer"
    EXCLUDED_PATH = "excluded_path"
    OPTED_OUT = "opted_out"
    COMMENTS_OFF = "comments_off"


STORED = frozenset(
    {
        Reason.PREFETCH,
        Reason.HOST,
        Reason.ORIGIN,
        Reason.STAFF,
        Reason.BLOCKED_NETWORK,
        Reason.BOT,
        Reason.SPAM_REFERRER,
    }
)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A reason, and which rule of it; the rule never holds what came from the reader but a host."""

    reason: Reason
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.reason.value}:{self.rule}" if self.rule else self.reason.value


class Visit(msgspec.Struct, frozen=True, gc=False):
    """What a request tells beside its body.

    Attributes:
        received: Receipt, naive UTC.
        address: Of the reader; None where a server speaks for one that it does not name.
        agent: Of the reader; None as above.
        origin: Origin header; empty where there is none.
        is_prefetch: The browser fetches ahead; nobody reads yet.
        has_gpc: Sec-GPC.
        language: Accept-Language.
    """

    received: dt.datetime
    address: Address | None = None
    agent: str | None = ""
    origin: str = ""
    is_prefetch: bool = False
    has_gpc: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """What hashes are made with: the days' salts, and the home's lasting secret for readers by consent."""

    salts: Salts
    lasting: bytes


@dataclass(slots=True)
class Draft:
    """An event on its way through the steps."""

    raw: Raw
    site: KnownSite
    visit: Visit
    keys: Keys
    page: Page
    agent: Agent = NOBODY
    referrer: Referrer | None = None
    way: WayIn | None = None
    country: str | None = None
    language: str | None = None
    day: dt.date = dt.date.min
    is_first_half_hour: bool = False
    visitor: Hash64 | None = None
    visitor_prev: Hash64 | None = None
    person: Hash64 | None = None


class Enriched(msgspec.Struct, frozen=True, gc=False):
    """What became of an event.

    Attributes:
        site_id: Site that counts it.
        table: Where it belongs.
        event: The event; None where it is not kept, not even apart.
        dropped: Why it does not count; None: it counts.
        person: Today's hash of who sent it, for the rate only; None where nobody is named.
    """

    site_id: str
    table: str
    event: Event | None
    dropped: Dropped | None
    person: Hash64 | None


Step = Callable[[Draft], Dropped | None]


def enrich(raw: Raw, site: KnownSite, visit: Visit, keys: Keys) -> Enriched:
    """Make the event of a site.

    Args:
        raw: What was said.
        site: One of the sites that it names.
        visit: The request.
        keys: Salts and secret.

    Returns:
        The event as it is kept, or the reason why it is not.

    Raises:
        EventError: Its address is none (`bad_url`, `too_long`).
    """
    page = NOWHERE if raw.url is None else site.page(raw.url, hash_mode=raw.hash_mode)
    draft = Draft(raw, site, visit, keys, page)
    dropped: Dropped | None = None
    for _, step in STEPS:
        found = step(draft)
        if found is None or dropped is not None or _is_off(found, site):
            continue
        dropped = found
    table, make = _MAKERS[raw.kind]
    is_kept = dropped is None or dropped.reason in STORED
    return Enriched(site.id, table, make(draft) if is_kept else None, dropped, draft.person)


def _is_off(dropped: Dropped, site: KnownSite) -> bool:
    return bool(site.rules_off) and (dropped.reason in site.rules_off or str(dropped) in site.rules_off)


# --- the steps that may drop -------------------------------------------------------------------------------


def _prefetch(draft: Draft) -> Dropped | None:
    return Dropped(Reason.PREFETCH) if draft.visit.is_prefetch else None


def _host(draft: Draft) -> Dropped | None:
    return None if draft.page.is_ours else Dropped(Reason.HOST)


def _origin(draft: Draft) -> Dropped | None:
    origin = draft.visit.origin
    return Dropped(Reason.ORIGIN) if origin and not draft.site.owns(origin) else None


def _excluded_path(draft: Draft) -> Dropped | None:
    excluded = draft.site.excluded
    return Dropped(Reason.EXCLUDED_PATH) if excluded and excluded.fullmatch(draft.page.path) else None


def _staff(draft: Draft) -> Dropped | None:
    if draft.raw.is_staff:
        return Dropped(Reason.STAFF, "flag")
    place = is_in(draft.visit.address, draft.site.staff) if draft.site.staff else 0
    return Dropped(Reason.STAFF, f"network {place}") if place else None


def _blocked_network(draft: Draft) -> Dropped | None:
    place = is_in(draft.visit.address, draft.site.blocked) if draft.site.blocked else 0
    return Dropped(Reason.BLOCKED_NETWORK, f"network {place}") if place else None


def _caller(draft: Draft) -> Dropped | None:
    """Read the agent: device, browser, system, bot. A server with a key may leave the agent out."""
    raw = draft.raw
    if draft.visit.agent is None:
        draft.agent = Agent(raw.device) if raw.device else NOBODY  # type: ignore[arg-type]  # by its pattern
        return None
    caller = agents.caller_of(draft.visit.agent)
    draft.agent = caller.agent
    device = raw.device or caller.agent.device or _device_by(raw.width)
    if device != caller.agent.device:
        draft.agent = Agent(device, caller.agent.browser, caller.agent.os)  # type: ignore[arg-type]  # as above
    return Dropped(Reason.BOT, caller.bot) if caller.bot else None


def _way_in(draft: Draft) -> Dropped | None:
    """Read referrer and campaign of a view: where the reader came from, or which spammer wants to be seen."""
    if draft.raw.kind != "view":
        return None
    draft.referrer, draft.way, spam = draft.site.way_in(draft.raw.referrer, draft.page)
    if draft.referrer is None and not draft.raw.knows_referrer and draft.way.channel == "direct":
        draft.way = None
    return Dropped(Reason.SPAM_REFERRER, spam) if spam else None


def _opted_out(draft: Draft) -> Dropped | None:
    is_out = draft.visit.has_gpc and draft.site.settings.gpc == "drop"
    return Dropped(Reason.OPTED_OUT) if is_out else None


def _comments_off(draft: Draft) -> Dropped | None:
    is_page = draft.raw.kind == "comment" and not draft.raw.is_trusted
    is_off = is_page and draft.site.settings.comments_from_page == "off"
    return Dropped(Reason.COMMENTS_OFF) if is_off else None


# --- the steps that fill in --------------------------------------------------------------------------------


def _country(draft: Draft) -> None:
    """Find the country; private and unknown addresses have none."""
    if draft.raw.country:
        draft.country = reference.country_of(draft.raw.country)
    elif draft.visit.address is not None:
        draft.country = iptocc.country_code(networks.text_of(draft.visit.address))


def _language(draft: Draft) -> None:
    """Keep the first subtag; the exact list of languages would tell readers apart."""
    text = draft.raw.language or draft.visit.language
    first = text.strip().replace("_", "-").partition(",")[0].partition(";")[0].partition("-")[0]
    if first.isascii() and first.isalpha() and len(first) <= MAX_LANGUAGE:
        draft.language = first.lower()


def _day(draft: Draft) -> None:
    at = draft.raw.event_at
    local = draft.site.local(at)
    draft.day = local.date()
    # Where clocks skip midnight, the day begins at one.
    draft.is_first_half_hour = local.hour < EARLIEST_HOURS and draft.site.day(at - TURN) < draft.day


def _visitor(draft: Draft) -> None:
    """Hash who it is under the salt of the local day; in its first half hour also under the day before's."""
    raw, visit, site = draft.raw, draft.visit, draft.site
    if raw.visitor is not None:
        draft.visitor = _given(draft, draft.day)
        if draft.is_first_half_hour:
            draft.visitor_prev = _given(draft, draft.day - DAY)
        return
    if visit.address is None:  # an agent alone is that of thousands
        return
    who = b"|".join((site.id.encode(), visitor_part(visit.address), (visit.agent or "").encode()))
    today = site.today(visit.received)
    salts = draft.keys.salts
    draft.person = _hash(salts.of(site.id, today, today), who)
    draft.visitor = draft.person if draft.day == today else _hash(salts.of(site.id, draft.day, today), who)
    if draft.is_first_half_hour:
        draft.visitor_prev = _hash(salts.of(site.id, draft.day - DAY, today), who)


def _given(draft: Draft, day: dt.date) -> Hash64 | None:
    """Hash the visitor that a sender with a key named, for one local day."""
    return _hash(draft.keys.lasting, f"visitor|{draft.site.id}|{day}|{draft.raw.visitor}".encode())


def _gpc(draft: Draft) -> None:
    """Let a view count without a visitor where the reader asked not to be followed."""
    if draft.visit.has_gpc and draft.site.settings.gpc == "anonymous":
        draft.visitor = draft.visitor_prev = draft.country = draft.language = None


STEPS: tuple[tuple[str, Callable[[Draft], Dropped | None]], ...] = (
    ("prefetch", _prefetch),
    ("host", _host),
    ("origin", _origin),
    ("excluded_path", _excluded_path),
    ("staff", _staff),
    ("blocked_network", _blocked_network),
    ("caller", _caller),
    ("way_in", _way_in),
    ("opted_out", _opted_out),
    ("comments_off", _comments_off),
    ("country", _country),
    ("language", _language),
    ("day", _day),
    ("visitor", _visitor),
    ("gpc", _gpc),
)


# --- the events --------------------------------------------------------------------------------------------


def _shared(draft: Draft) -> dict[str, Any]:
    raw, site = draft.raw, draft.site
    reader: Hash64 | None = None
    if raw.reader and site.settings.reader_ids:
        reader = _hash(draft.keys.lasting, f"reader|{site.id}|{raw.reader}".encode())
    return {
        "site_id": site.id,
        "event_id": raw.event_id or str(uuid.uuid4()),
        "event_at": raw.event_at,
        "received_at": draft.visit.received,
        "day_local": draft.day,
        "url": draft.page.url,
        "article_id": raw.article_id or draft.page.article_id,
        "visitor": draft.visitor,
        "visitor_prev": draft.visitor_prev,
        "reader_id": reader,
        "session_given": raw.session,
        "device": draft.agent.device,
        "browser": draft.agent.browser,
        "os": draft.agent.os,
        "country": draft.country,
        "language": draft.language,
        "props": raw.props,
        "format": raw.format,
    }


def _view(draft: Draft) -> PageView:
    raw, shared, referrer, way = draft.raw, _shared(draft), draft.referrer, draft.way
    source, medium, campaign, content, term = draft.page.campaign
    return PageView(
        **shared,
        view_id=raw.view_id or shared["event_id"],
        title=raw.title,
        referrer_host=referrer.host if referrer else None,
        referrer_path=referrer.path if referrer else None,
        utm_source=source,
        utm_medium=medium,
        utm_campaign=campaign,
        utm_content=content,
        utm_term=term,
        channel=way.channel if way else None,
        source=way.source if way else None,
        signal=raw.signal,
    )


def _engagement(draft: Draft) -> Engagement:
    raw = draft.raw
    return Engagement(
        **_shared(draft),
        view_id=raw.view_id,
        engaged_ms=raw.engaged_ms,
        engaged_mode=raw.engaged_mode,
        body_scroll_pct=raw.body_scroll_pct,
        page_scroll_pct=raw.page_scroll_pct,
        short_body=raw.short_body,
        acts=raw.acts,
    )


def _act(draft: Draft) -> Interaction:
    raw = draft.raw
    return Interaction(
        **_shared(draft), view_id=raw.view_id, kind=raw.act, name=raw.name, revenue=raw.revenue
    )


def _comment(draft: Draft) -> CommentState:
    """Make the state of a comment. What a page alone says is pending, unless the site trusts its pages."""
    raw, said, site = draft.raw, draft.raw.comment, draft.site
    if said is None:
        raise TypeError("a comment without its state")  # no format makes one
    shared = _shared(draft)
    is_believed = raw.is_trusted or site.settings.comments_from_page == "trust"
    commenter: Hash64 | None = None
    if said.commenter:
        commenter = _hash(draft.keys.lasting, f"commenter|{site.id}|{said.commenter}".encode())
    return CommentState(
        **shared | {"language": said.language or draft.language},
        comment_id=said.comment_id or shared["event_id"],
        status=said.status if is_believed else "pending",
        state_at=said.state_at or raw.event_at,
        created_at=said.created_at,
        decided_by=said.decided_by if is_believed else None,
        parent_id=said.parent_id,
        commenter=commenter,
        length=said.length,
        length_limit=said.length_limit or site.settings.comment_limit,
        text=said.text if site.settings.comment_text_store else None,
        likes=said.likes,
        dislikes=said.dislikes,
        origin="api" if raw.is_trusted else "page",
    )


_MAKERS: dict[str, tuple[str, Callable[[Draft], Event]]] = {
    "view": ("page_views", _view),
    "engagement": ("engagements", _engagement),
    "comment": ("comment_states", _comment),
    "act": ("interactions", _act),
}


def _hash(key: bytes | None, text: bytes) -> Hash64 | None:
    """Make 64 bits of a keyed hash; None where the salt is gone."""
    if key is None:
        return None
    return Hash64(int.from_bytes(blake2b(text, digest_size=8, key=key).digest(), "little"))


def _device_by(width: int | None) -> str | None:
    if width is None:
        return None
    return "phone" if width < PHONE_BELOW else "tablet" if width < TABLET_BELOW else "desktop"
