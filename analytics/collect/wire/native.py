"""The native endpoint, `POST /api/event`: our tracker's words, of which Plausible's are a part.

Both come through one door (wire-formats.md A.1, B.1). What tells them apart are the keys that only our
tracker sends; they decide what a view can tell of reading (`signal`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from analytics.collect import settings
from analytics.collect.wire import body as bodies
from analytics.collect.wire import comments, props, times
from analytics.collect.wire.body import Body, TrustedBody
from analytics.collect.wire.props import Props
from analytics.collect.wire.raw import InvalidEventError, Kind, Raw, invalid
from analytics.events import InteractionKind, Signal

MAX_SITES = 5
MAX_REFERRER = 2000
MAX_TITLE = 300
MAX_DELTA_MS = 30 * times.DAY_MS  # Plausible: more counts as 0
UNKNOWN_SCROLL = 255
NIL = "00000000-0000-0000-0000-000000000000"
STEPS = ("open", "type", "limit", "warn", "submit")
MAX_BOX = 40
KINDS: dict[str, Kind] = {"pageview": "view", "engagement": "engagement", "comment": "comment"}
ACTS: dict[str, InteractionKind] = {
    "like": "like",
    "bookmark": "bookmark",
    "follow": "follow",
    "share": "share",
    "comment_box": "comment_box",
}


class Door(msgspec.Struct, frozen=True):
    """What every format is told.

    Attributes:
        sites: The sites, as they stand in the settings.
        received: Receipt, naive UTC.
        window_ms: How late a retry may come.
        is_trusted: A key came with the request.
    """

    sites: Mapping[str, settings.Site]
    received: dt.datetime
    window_ms: int
    is_trusted: bool = False


def decode(data: bytes, door: Door) -> Raw:
    """Read one event.

    Raises:
        InvalidEventError: It is not valid.
    """
    return understood(bodies.read(data, Body), door)


def decode_trusted(data: bytes, door: Door) -> Raw:
    """Read one event of a sender with a key: A.4.

    Raises:
        InvalidEventError: It is not valid.
    """
    return vouched(bodies.read(data, TrustedBody), door)


def vouched(body: TrustedBody, door: Door) -> Raw:
    """Add what only a trusted sender may say.

    Raises:
        InvalidEventError: It is not valid.
    """
    raw = understood(body, door, format_="batch")
    signal: Signal = body.signal or "none"  # type: ignore[assignment]  # one of Signal, by its pattern
    return msgspec.structs.replace(
        raw,
        is_trusted=True,
        signal=signal,
        ip=body.ip,
        agent=body.ua,
        visitor=body.visitor,
        session=body.session,
        country=body.country.upper() if body.country else None,
        device=body.device,
    )


def understood(body: Body, door: Door, format_: str | None = None) -> Raw:
    """Understand one object.

    Args:
        body: Its keys, each valid by itself.
        door: Sites and time.
        format_: Name of the format; None: ours or Plausible's, by its keys.

    Raises:
        InvalidEventError: What belongs together does not fit.
    """
    name = body.n or body.name
    url = body.u or body.url
    sites = _sites(body.d or body.domain, door)
    if name is None or url is None or not sites:
        missing = {"n": name, "u": url, "d": sites}
        raise InvalidEventError({key: ["missing"] for key, value in missing.items() if not value})
    given = props.object_of(_first(body.p, body.props, body.m, body.meta))
    if format_ == "batch":
        at, is_bad = times.trusted_event_at(body.ts, door.received), False
    else:
        at, is_bad = times.event_at(body.ts, body.st, door.received, door.window_ms)
    format_ = format_ or _format(body)
    act = ACTS.get(name.lower())
    kind = KINDS.get(name, "act")
    more: dict[str, Any] = {}
    if kind == "comment":
        limit = min(door.sites[site].comment_limit for site in sites)
        latest = door.received + times.AHEAD if door.is_trusted else door.received
        more["comment"] = comments.said_of(given, limit, latest)
        given = {key: value for key, value in given.items() if key not in comments.KEYS}
    if act == "comment_box":
        said = props.props_of({key: given.get(key) for key in ("article_id", "pv", "staff")})
        said.kept = _box(given)
    else:
        said = props.props_of(given) if given else Props()
    view_id = body.pv or said.view_id
    if kind == "engagement":
        more |= _engagement(body, view_id)
    elif kind == "act":
        more["act"] = act or "custom"
        more["name"] = None if act == "comment_box" else name
        more["revenue"] = _revenue(body)
    return Raw(
        sites=sites,
        format=format_,
        kind=kind,
        url=url,
        event_at=at,
        is_time_bad=is_bad,
        is_trusted=door.is_trusted,
        event_id=None if body.id is None or body.id == NIL else body.id.lower(),
        view_id=view_id,
        article_id=said.article_id,
        hash_mode=bool(_first(body.h, body.hashMode)),
        referrer=(body.r or body.referrer or "")[:MAX_REFERRER] or None,
        title=(body.t or "")[:MAX_TITLE].strip() or None,
        signal="full" if format_ == "tearsheet" else "time",
        reader=body.rid or None,
        width=body.w,
        language=body.l,
        is_staff=said.is_staff,
        props=said.kept or None,
        **more,
    )


def encode(raw: Raw, received: dt.datetime) -> bytes:
    """Write an event as our tracker would send it at `received`; the words of tests and simulated readers."""
    given: dict[str, Any] = dict(raw.props or {})
    named = {"article_id": raw.article_id, "staff": True if raw.is_staff else None}
    given |= {key: value for key, value in named.items() if value is not None}
    if raw.comment is not None:
        said = msgspec.structs.asdict(raw.comment)
        said |= {"at": _written(said.pop("state_at")), "created_at": _written(said["created_at"])}
        given |= {key: value for key, value in said.items() if value is not None}
    names = {"view": "pageview", "engagement": "engagement", "comment": "comment"}
    is_max = raw.engaged_mode == "max"
    sent = (received - times.EPOCH) // dt.timedelta(milliseconds=1)
    values = {
        "n": names.get(raw.kind) or raw.name or "comment_box",
        "u": raw.url,
        "d": ",".join(raw.sites),
        "r": raw.referrer,
        "p": given or None,
        "id": raw.event_id,
        "pv": raw.view_id,
        "em": raw.engaged_ms if is_max else None,
        "e": None if is_max else raw.engaged_ms,
        "bs": raw.body_scroll_pct,
        "sd": raw.page_scroll_pct,
        "sb": raw.short_body,
        "ac": raw.acts,
        "t": raw.title,
        "ts": (raw.event_at - times.EPOCH) // dt.timedelta(milliseconds=1),
        "st": sent,
        "rid": raw.reader,
        "w": raw.width,
        "l": raw.language,
        "h": raw.hash_mode or None,
        "$": raw.revenue,
    }
    return msgspec.json.encode({key: value for key, value in values.items() if value is not None})


def _sites(given: str | None, door: Door) -> tuple[str, ...]:
    """Read the list of domains. Known ones count, even where a roll-up beside them is mistyped."""
    if given is None:
        return ()
    if given in door.sites:
        return (given,)
    names = dict.fromkeys(name.strip().lower() for name in given.split(",") if name.strip())
    if len(names) > MAX_SITES:
        raise invalid("d", "too_long")
    known = tuple(dict.fromkeys(site for name in names if (site := _known(name, door))))
    if not known:
        raise invalid("d", "unknown_site" if names else "missing")
    return known


def _known(name: str, door: Door) -> str | None:
    bare = name.removeprefix("www.")
    return name if name in door.sites else bare if bare in door.sites else None


def _format(body: Body) -> str:
    """Tell our tracker from Plausible's by the keys that only ours sends."""
    if body.id is not None or body.pv is not None or body.ts is not None:
        return "tearsheet"
    return "plausible" if body.em is None and body.bs is None and body.ac is None else "tearsheet"


def _engagement(body: Body, view_id: str | None) -> dict[str, Any]:
    if all(key is None for key in (body.em, body.e, body.bs, body.sd, body.ac)):
        raise invalid("em", "missing")
    if body.em is not None and view_id is None:
        raise invalid("pv", "missing")
    delta = None if body.e is None else body.e if body.e < MAX_DELTA_MS else 0
    is_delta = body.em is None and (delta is not None or _format(body) == "plausible")
    return {
        "engaged_ms": delta if is_delta else body.em,
        "engaged_mode": "sum" if is_delta else "max",
        "body_scroll_pct": body.bs,
        "page_scroll_pct": None if body.sd is None or body.sd == UNKNOWN_SCROLL else min(body.sd, 100),
        "short_body": body.sb,
        "acts": body.ac,
    }


def _box(given: dict[str, Any]) -> dict[str, Any]:
    """Read a step in the comment box. Only these keys are kept: a box never tells what was typed."""
    step, box = given.get("step"), given.get("box")
    for key, value, longest in (("p.step", step, 10), ("p.box", box, MAX_BOX)):
        if value is None or value == "":
            raise invalid(key, "missing")
        if not isinstance(value, str):
            raise invalid(key, "wrong_type")
        if len(value) > longest:
            raise invalid(key, "too_long")
    if step not in STEPS:
        raise invalid("p.step", "out_of_range")
    counts = {key: given[key] for key in ("length", "max") if given.get(key) is not None}
    for key, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid(f"p.{key}", "wrong_type")
        if not 0 <= value <= comments.MAX_LENGTH:
            raise invalid(f"p.{key}", "out_of_range")
    return {"step": step, "box": box, **counts}


def _revenue(body: Body) -> dict[str, Any] | None:
    money = body.money or body.revenue
    return {"currency": money.currency.upper(), "amount": str(money.amount)} if money else None


def _first(*values: Any) -> Any:
    for value in values:
        if value is not None:
            return value
    return None


def _written(at: dt.datetime | None) -> str | None:
    return None if at is None else f"{at.isoformat()}Z"
