"""The JSON object of wire-formats.md A.1 as a type, and why one is refused, key by key.

The type is the fast way: msgspec checks all of it at once. Only where it refuses is the object read again
without types, to name every bad key with its code.
"""

from __future__ import annotations

from typing import Annotated, Any, NoReturn, TypeVar

import msgspec
from msgspec import Meta

from analytics.collect.wire.raw import InvalidEventError, invalid

MAX_MS = 2**53  # beyond it JavaScript itself counts in steps
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\A[\w:./ -]+\Z")]
Long = Annotated[str, Meta(min_length=1, max_length=2000)]
Id = Annotated[str, Meta(max_length=200)]
Uuid = Annotated[str, Meta(pattern=r"\A[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\Z")]
ViewId = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{8,36}\Z")]
Flag = bool | Annotated[int, Meta(ge=0, le=1)]
Millis = Annotated[int, Meta(ge=0, le=MAX_MS)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Props = dict[str, Any] | str
IDS = {"id", "pv"}
ALIASES = {
    "name": "n",
    "url": "u",
    "domain": "d",
    "referrer": "r",
    "props": "p",
    "m": "p",
    "meta": "p",
    "hashMode": "h",
    "interactive": "i",
    "revenue": "$",
}


class Revenue(msgspec.Struct, frozen=True):
    """What an act earned."""

    currency: Annotated[str, Meta(pattern=r"\A[A-Za-z]{3}\Z")]
    amount: Annotated[str, Meta(min_length=1, max_length=40)] | int | float


class Body(msgspec.Struct, kw_only=True, rename={"money": "$"}):
    """The keys of A.1 with their aliases; absent and null are the same."""

    n: Name | None = None
    name: Name | None = None
    u: Long | None = None
    url: Long | None = None
    d: Long | None = None
    domain: Long | None = None
    r: str | None = None
    referrer: str | None = None
    p: Props | None = None
    props: Props | None = None
    m: Props | None = None
    meta: Props | None = None
    e: Annotated[int, Meta(ge=0)] | None = None
    sd: Annotated[int, Meta(ge=0, le=255)] | None = None
    h: Flag | None = None
    hashMode: Flag | None = None  # noqa: N815 as it stands on the wire
    i: bool | None = None
    interactive: bool | None = None
    v: int | None = None
    money: Revenue | None = None
    revenue: Revenue | None = None
    id: Uuid | None = None
    pv: ViewId | None = None
    em: Annotated[int, Meta(ge=0, le=86_400_000)] | None = None
    bs: Percent | None = None
    sb: bool | None = None
    ac: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    t: str | None = None
    ts: Millis | str | None = None
    st: Millis | str | None = None
    rid: Id | None = None
    w: Annotated[int, Meta(ge=1, le=20_000)] | None = None
    l: Annotated[str, Meta(max_length=35)] | None = None  # noqa: E741 as it stands on the wire


class TrustedBody(Body, kw_only=True, rename={"money": "$"}):
    """The same with what a key may say of the reader: A.4."""

    ip: Annotated[str, Meta(max_length=100)] | None = None
    ua: Annotated[str, Meta(max_length=2000)] | None = None
    visitor: Id | None = None
    session: Id | None = None
    country: Annotated[str, Meta(pattern=r"\A[A-Za-z]{2}\Z")] | None = None
    device: Annotated[str, Meta(pattern=r"\A(phone|tablet|desktop|tv)\Z")] | None = None
    signal: Annotated[str, Meta(pattern=r"\A(full|time|none)\Z")] | None = None


AnyBody = TypeVar("AnyBody", bound=Body)
_DECODERS: dict[type[Body], msgspec.json.Decoder[Any]] = {
    each: msgspec.json.Decoder(each) for each in (Body, TrustedBody)
}


def read(data: bytes, kind: type[AnyBody]) -> AnyBody:
    """Read one object.

    Raises:
        InvalidEventError: It is none, or keys of it are not valid; all of them are named.
    """
    try:
        data.decode()  # msgspec takes bad UTF-8 in keys that it does not know: checked
        body: AnyBody = _DECODERS[kind].decode(data)
    except msgspec.ValidationError:
        _explain(data, kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as fault:
        raise invalid("body", "malformed") from fault
    if b"\\u0000" in data:
        _refuse_nul(data)
    return body


def convert(values: dict[str, Any], kind: type[AnyBody]) -> AnyBody:
    """Read an object that did not come as JSON, by the same rules.

    Raises:
        InvalidEventError: Keys of it are not valid.
    """
    if any(isinstance(value, str) and not _is_text(value) for value in values.values()):
        raise invalid("body", "malformed")
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError:
        _name_all(values, kind)


def _explain(data: bytes, kind: type[Body]) -> NoReturn:
    try:
        values = msgspec.json.decode(data)
    except msgspec.ValidationError as fault:  # a number that no integer type holds
        raise invalid("body", "out_of_range") from fault
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as fault:
        raise invalid("body", "malformed") from fault
    if not isinstance(values, dict):
        raise invalid("body", "malformed")
    _name_all(values, kind)


def _name_all(values: dict[str, Any], kind: type[Body]) -> NoReturn:
    errors = {}
    for field in msgspec.structs.fields(kind):
        key = field.encode_name
        try:
            msgspec.convert(values.get(key), field.type)
        except msgspec.ValidationError as fault:
            errors[ALIASES.get(key, key)] = [_code(key, str(fault))]
    raise InvalidEventError(errors or {"body": ["malformed"]})


def _code(key: str, why: str) -> str:
    if "length <=" in why:
        return "too_long"
    if "length >=" in why:
        return "missing"
    if "regex" in why:
        return "bad_id" if key in IDS else "malformed"
    if ">=" in why or "<=" in why or "out of range" in why:
        return "out_of_range"
    return "missing" if "missing required" in why else "wrong_type"


def _refuse_nul(data: bytes) -> None:
    """Refuse U+0000 anywhere; an escaped backslash before `u0000` is innocent, hence the second look."""
    try:
        found = msgspec.json.decode(data)
    except (ValueError, RecursionError) as fault:
        raise invalid("body", "malformed") from fault
    waiting = [found]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting.extend(each)
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
        elif isinstance(each, str) and "\0" in each:
            raise invalid("body", "malformed")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value
