"""States of comments from a CMS, `POST /api/comments`: one object or many, signed, or with a key."""

from __future__ import annotations

import datetime as dt
import hmac
import uuid
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from analytics.collect import settings
from analytics.collect.wire import comments, props, times
from analytics.collect.wire.native import Door
from analytics.collect.wire.raw import InvalidEventError, Raw, Said, invalid

MAX_BODY = 1 << 20
MAX_STATES = 1000
MAX_URL = 2000
MAX_SKEW_S = 300  # wire-formats.md E: X-Timestamp, so that an old request cannot be sent again
SCHEME = "sha256="
OWN = frozenset({"site", "url", "article_id", "id"})


def signed_sites(
    data: bytes, signature: str, timestamp: str, now: dt.datetime, sites: Mapping[str, settings.Site]
) -> set[str]:
    """Find the sites whose secret signed a body; compared on the raw bytes, before anything is parsed.

    Args:
        data: The body as it came.
        signature: X-Signature, `sha256=<hex>`.
        timestamp: X-Timestamp, seconds since 1970.
        now: Naive UTC.
        sites: With their secrets.
    """
    if not (
        timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12 and signature.startswith(SCHEME)
    ):
        return set()
    if abs(int(timestamp) - (now - times.EPOCH).total_seconds()) > MAX_SKEW_S:
        return set()
    given = signature.removeprefix(SCHEME).encode("latin-1", "replace")
    message = timestamp.encode() + b"." + data
    return {
        name
        for name, site in sites.items()
        if site.comment_secret
        and hmac.compare_digest(
            hmac.digest(site.comment_secret.encode(), message, "sha256").hex().encode(), given
        )
    }


def states_of(data: bytes) -> list[Any]:
    """Read the body: an object or an array of them.

    Raises:
        InvalidEventError: It is neither, or holds more than MAX_STATES.
    """
    try:
        text = data.decode()
        found = msgspec.json.decode(text)
    except (ValueError, RecursionError) as fault:
        raise invalid("body", "malformed") from fault
    found = found if isinstance(found, list) else [found]
    if len(found) > MAX_STATES:
        raise invalid("body", "too_large")
    return found


def decode(given: Any, door: Door) -> Raw:
    """Read one state.

    Raises:
        InvalidEventError: It is not valid.
    """
    if not isinstance(given, dict) or not _is_clean(given):
        raise invalid("body", "malformed")
    site, url = _text(given, "site"), _text(given, "url")
    article_id = props.id_of(given.get("article_id"), "article_id")
    if site is None or (url is None and article_id is None):
        raise invalid("site" if site is None else "url", "missing")
    if site not in door.sites:
        raise invalid("site", "unknown_site")
    try:
        said = comments.said_of(given, door.sites[site].comment_limit, door.received + times.AHEAD)
        kept = props.props_of({key: given[key] for key in given if key not in comments.KEYS | OWN}).kept
    except InvalidEventError as refusal:
        raise InvalidEventError({k.removeprefix("p."): v for k, v in refusal.errors.items()}) from refusal
    return Raw(
        sites=(site,),
        format="batch",
        kind="comment",
        url=url,
        event_at=said.state_at or door.received,
        event_id=_event_id(given.get("id"), site, said),
        is_trusted=True,
        article_id=article_id,
        comment=said,
        props=kept or None,
    )


def _text(given: dict[str, Any], key: str) -> str | None:
    value = given.get(key)
    if value is not None and not isinstance(value, str):
        raise invalid(key, "wrong_type")
    if value and len(value) > MAX_URL:
        raise invalid(key, "too_long")
    return value or None


def _event_id(given: Any, site: str, said: Said) -> str:
    """Give the id; where none is sent it is made of the content, so that the same state counts once."""
    if given is not None:
        try:
            return str(uuid.UUID(given))
        except (ValueError, AttributeError, TypeError) as fault:
            raise invalid("id", "bad_id") from fault
    if said.comment_id is None:
        return str(uuid.uuid4())
    content = [site, said.comment_id, said.state_at, said.status, said.length]
    return str(uuid.UUID(bytes=blake2b(msgspec.json.encode(content), digest_size=16).digest()))


def _is_clean(given: dict[str, Any]) -> bool:
    return not any("\0" in text for pair in given.items() for text in pair if isinstance(text, str))
