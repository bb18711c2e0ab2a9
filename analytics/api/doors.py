"""The doors that describe themselves nowhere: those of the collector and the public widgets, by hand.

They are raw ASGI; a test compares what stands here with the doors that exist.
"""

from __future__ import annotations

from typing import Any

from analytics.api import asked

TEXT, JSON = "text/plain", "application/json"


def doors(bodies: Any) -> dict[str, dict[str, Any]]:
    """Describe them, path by path.

    Args:
        bodies: The shapes of an event from anybody and of one from a program with a key.
    """
    event, trusted = bodies
    many = {"type": "array", "items": trusted, "minItems": 1, "maxItems": 5000}
    lines = {"application/x-ndjson": {"schema": {"type": "string"}}}
    state = {"type": "object", "required": ["site"], "properties": _words(COMMENT)}
    site = _place("site", "Domain of the site.", place="path")
    pixel = [_place(name, meaning) for name, meaning in PIXEL.items()]
    found = {
        "/api/event": {
            "post": _door(
                "Collecting",
                "One event of a reader",
                "What a tracker sends. The answer comes when it is on disk; `X-Tearsheet-Dropped` says "
                "why one was understood but not counted. Plausible's tracker may send here unchanged.",
                {202: TEXT, 400: JSON, 413: JSON, 415: JSON, 429: JSON, 503: JSON},
                body={JSON: {"schema": event}, TEXT: {"schema": event}},
            )
        },
        "/api/events": {
            "post": _door(
                "Collecting",
                "Many events, with history",
                "For servers with a key of scope `ingest`: up to 5,000 events or 1 MiB, gzip allowed.",
                {202: JSON, 400: JSON, 401: JSON, 403: JSON, 413: JSON, 415: JSON, 429: JSON, 503: JSON},
                body={JSON: {"schema": many}, **lines},
                has_key=True,
            )
        },
        "/api/event.gif": {
            "get": _door(
                "Collecting",
                "One page view, as a picture",
                "For pages without scripts. Always a picture of one pixel; the header says what was wrong.",
                {200: "image/gif", 503: JSON},
                pixel,
            )
        },
        "/api/comments": {
            "post": _door(
                "Comments",
                "States of comments",
                "For comment systems: one state or up to 1,000, with a key of scope `comments`, or signed: "
                '`X-Signature: sha256=` HMAC-SHA256(secret, `X-Timestamp` + "." + body).',
                {202: JSON, 400: JSON, 401: JSON, 403: JSON, 413: JSON, 415: JSON, 429: JSON, 503: JSON},
                body={JSON: {"schema": {"oneOf": [state, {"type": "array", "items": state}]}}},
                has_key=True,
            )
        },
    }
    for path, (summary, answers) in STATES.items():
        found[path] = {"get": _door("State", summary, "", answers)}
    lists: dict[str, tuple[str, ...]] = dict.fromkeys(LISTS, asked.OF_MOST_READ)
    widgets: dict[str, dict[str, tuple[str, ...]]] = {"counter": asked.OF_COUNTER, "most-read": lists}
    for kind, forms in widgets.items():
        for form, names in forms.items():
            found[f"/w/{{site}}/{kind}.{form}"] = {
                "get": _door(
                    "Widgets",
                    f"{'Read counter' if kind == 'counter' else 'Most read'} as {form.upper()}",
                    "",
                    {200: MEDIA[form], 304: "", 400: JSON, 404: JSON, 429: JSON, 503: JSON},
                    [site, *(_place(name, WIDGETS[name]) for name in names)],
                )
            }
    return found


def _door(
    tag: str,
    summary: str,
    about: str,
    answers: dict[int, str],
    parameters: list[dict[str, Any]] | None = None,
    *,
    body: dict[str, Any] | None = None,
    has_key: bool = False,
) -> dict[str, Any]:
    said = {
        str(status): {
            "description": ANSWERS[status],
            **({"content": {media: {}}} if media else {}),
        }
        for status, media in answers.items()
    }
    return {
        "tags": [tag],
        "summary": summary,
        "description": about,
        "parameters": parameters or [],
        "responses": said,
        "security": [{"key": []}] if has_key else [],
        **({"requestBody": {"required": True, "content": body}} if body else {}),
    }


def _place(name: str, about: str, place: str = "query") -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": place == "path",
        "description": about,
        "schema": {"type": "string"},
    }


def _words(meanings: dict[str, str]) -> dict[str, Any]:
    return {name: {"description": meaning} for name, meaning in meanings.items()}


LISTS = ("json", "html", "rss")
MEDIA = {"json": JSON, "html": "text/html", "svg": "image/svg+xml", "rss": "application/rss+xml"}
ANSWERS = {
    200: "Found.",
    202: "On disk.",
    304: "As you have it.",
    400: "Not valid.",
    401: "No key, or no signature.",
    403: "Not for this key or site.",
    404: "Not known, or not shown here.",
    413: "Too large.",
    415: "Of another kind.",
    429: "Too often; `Retry-After` says when.",
    503: "Cannot be taken or read just now; `Retry-After` says when.",
}
STATES: dict[str, tuple[str, dict[int, str]]] = {
    "/api/health": ("Whether events are taken", {200: JSON, 503: JSON}),
    "/healthz": ("Whether the process answers", {200: TEXT}),
    "/readyz": ("Whether it should be sent anything", {200: TEXT, 503: TEXT}),
    "/metrics": ("Figures for monitors, as Prometheus text", {200: TEXT, 401: JSON}),
}
PIXEL = {
    "d": "Domain of the site.",
    "u": "Address of the page; the Referer header where it is left out.",
    "n": "`pageview`.",
    "r": "Where the reader came from.",
    "t": "Title of the page.",
    "id": "Id of the event, a UUID.",
    "pv": "Id of the view.",
    "article_id": "Id of the article.",
}
COMMENT = {
    "site": "Domain of the site.",
    "url": "Address of the page.",
    "article_id": "Id of the article.",
    "comment_id": "Id of the comment.",
    "status": "pending, published, rejected, spam or deleted.",
    "at": "When it came into this state.",
    "created_at": "When it was written.",
    "length": "Code points of its text.",
    "text": "Its text; kept only where the site asks for it.",
    "parent_id": "The comment that it answers.",
    "commenter": "Any stable handle of its writer; kept only as a keyed hash.",
    "decided_by": "human or auto.",
    "likes": "Likes so far.",
    "dislikes": "Dislikes so far.",
    "language": "Its language.",
}
WIDGETS = {
    "id": "Id of the article.",
    "url": "Its address, in any form.",
    "ids": "Up to 100 ids, commas between.",
    "lang": "Language of the word before the number.",
    "theme": "light or dark.",
    "period": "24h, 1h, 7d or 30d.",
    "by": "views, reads or comments.",
    "section": "Sections, commas between.",
    "topic": "Topic ids, commas between.",
    "language": "Languages, commas between.",
    "limit": "1 to 50.",
}
