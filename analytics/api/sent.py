"""What programs send as JSON, and the answer to what was done with it: one way for all who write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from fastapi import Request, Response
from msgspec import UNSET

from analytics.api.asked import WrongError
from analytics.api.catalogue import body_of
from analytics.api.questions import plain
from analytics.api.sheets import PRIVATE

MOST_BYTES = 64 << 10
S = TypeVar("S")


async def read(
    request: Request, kind: type[S], most: int = MOST_BYTES, wrong: str = "This cannot be read"
) -> S:
    """Read a body of JSON, 64 KiB at most unless told otherwise.

    Raises:
        WrongError: It is none of its kind, of another type, too large, or comes too slowly.
    """
    data = await body_of(request, most)
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise WrongError("malformed", f"{wrong}: {fault}.", "See /docs.") from fault


def values(sent: msgspec.Struct) -> dict[str, Any]:
    """List what was sent by its names, without what was left out.

    Raises:
        WrongError: A text holds signs that no name has.
    """
    found = {name: value for name, value in msgspec.structs.asdict(sent).items() if value is not UNSET}
    for name, value in found.items():
        for text in _texts(value):
            plain(name, text)
    return found


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts([*value, *value.values()])
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


async def done(do: Callable[[], dict[str, Any]]) -> Response:
    """Do it in a thread; messages may take their time, and nobody's question waits for them."""
    made = await asyncio.to_thread(do)
    return Response(msgspec.json.encode(made), media_type="application/json", headers=PRIVATE)
