"""The properties of an event: custom ones become text, reserved ones become what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from analytics.collect.wire.body import ViewId
from analytics.collect.wire.raw import invalid

MAX_PROPS = 30
MAX_KEY = 300
MAX_VALUE = 2000
MAX_ID = 200
LISTS = {"author": ";", "tags": ","}  # `;` because names hold commas
YES = {"true", "1", "yes"}


@dataclass(slots=True)
class Props:
    """What was said beside the named keys.

    Attributes:
        kept: Custom properties as text; authors and tags as lists.
        article_id: The CMS's id of the article.
        view_id: `pv`, as other trackers give it.
        is_staff: The newsroom itself reads.
    """

    kept: dict[str, Any] = field(default_factory=dict)
    article_id: str | None = None
    view_id: str | None = None
    is_staff: bool = False


def object_of(given: dict[str, Any] | str | None) -> dict[str, Any]:
    """Read `p`: an object, or text that holds one.

    Raises:
        InvalidEventError: The text holds none.
    """
    if given is None or isinstance(given, dict):
        return given or {}
    if not given.strip():
        return {}
    try:
        found = msgspec.json.decode(given)
    except (ValueError, RecursionError) as fault:
        raise invalid("p", "malformed") from fault
    if not isinstance(found, dict):
        raise invalid("p", "wrong_type")
    return found


def props_of(given: dict[str, Any]) -> Props:
    """Sort the properties.

    Raises:
        InvalidEventError: A key or a value is too long, or the article's id is no id.
    """
    props = Props()
    for key, value in list(given.items())[:MAX_PROPS]:
        if len(key) > MAX_KEY:
            raise invalid("p", "too_long")
        if key == "article_id":
            props.article_id = id_of(value, "p.article_id")
        elif key in LISTS:
            if names := _names(value, LISTS[key]):
                props.kept[key] = names
        elif (text := text_of(value)) is not None:
            if key == "pv":
                props.view_id = _view_id(text)
            elif key == "staff":
                props.is_staff = text.lower() in YES
            else:
                props.kept[key] = text
    return props


def id_of(value: object, key: str) -> str | None:
    """Read an id digit for digit; None where it is blank.

    Raises:
        InvalidEventError: It is longer than 200, or no text and no whole number.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise invalid(key, "wrong_type")
    text = str(value).strip()
    if len(text) > MAX_ID:
        raise invalid(key, "too_long")
    return text or None


def text_of(value: object) -> str | None:
    """Give a scalar as text; None for blanks, lists and objects, which are not kept.

    Raises:
        InvalidEventError: It is too long.
    """
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, int | float):
        text = str(value)
    else:
        return None
    if len(text) > MAX_VALUE:
        raise invalid("p", "too_long")
    return text if text.strip() else None


def _names(value: object, separator: str) -> list[str]:
    given = value if isinstance(value, list) else (text_of(value) or "").split(separator)
    return [text.strip() for each in given[:50] if (text := text_of(each))]


def _view_id(text: str) -> str | None:
    try:
        return msgspec.convert(text, ViewId)
    except msgspec.ValidationError:
        return None  # a foreign page's own idea of an id; the event itself is good
