"""A picture of one point, `GET /api/event.gif`: for pages without scripts. It tells a view and no more."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from analytics.collect.wire import body as bodies
from analytics.collect.wire import native
from analytics.collect.wire.body import Body
from analytics.collect.wire.native import Door
from analytics.collect.wire.raw import Raw, invalid

MAX_QUERY = 4096
MAX_FIELDS = 50
GIF = base64.b64decode("R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
KEYS = ("d", "u", "n", "r", "t", "id", "pv")


def decode(query: bytes, referer: str | None, door: Door) -> Raw:
    """Read the query of a picture.

    Args:
        query: As it came.
        referer: The page that shows the picture, where the query does not say it.
        door: Sites and time.

    Raises:
        InvalidEventError: It is not valid.
    """
    if len(query) > MAX_QUERY:
        raise invalid("body", "too_large")
    try:
        text = query.decode("ascii")
        fields = dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS))
    except ValueError as fault:
        raise invalid("body", "malformed") from fault
    values: dict[str, Any] = {key: fields[key] for key in KEYS if fields.get(key)}
    values.setdefault("n", "pageview")
    if referer:
        values.setdefault("u", referer)
    if fields.get("article_id"):
        values["p"] = {"article_id": fields["article_id"]}
    raw = native.understood(bodies.convert(values, Body), door, format_="pixel")
    return msgspec.structs.replace(raw, signal="none", knows_referrer="r" in fields)
