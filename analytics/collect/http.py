"""What ASGI gives, made handy: one request, one answer, a body read within its limit and its time."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

DEADLINE_S = 10.0  # engine-notes.md 7: slow clients
OPEN: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"X-Tearsheet-Dropped, Retry-After"),
)
CLOSE = (b"connection", b"close")
PLAIN = (b"content-type", b"text/plain; charset=utf-8")
JSON = (b"content-type", b"application/json")


class RefusedError(Exception):
    """A request that is answered at once.

    Attributes:
        answer: What to say.
        reason: Why, for the counter.
    """

    def __init__(self, answer: Answer, reason: str) -> None:
        super().__init__(reason)
        self.answer = answer
        self.reason = reason


class GoneError(Exception):
    """The client went away; nobody waits for an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers."""

    status: int
    body: bytes = b""
    headers: Headers = ()


def says(status: int, value: object, *headers: tuple[bytes, bytes]) -> Answer:
    """Make an answer in JSON."""
    return Answer(status, msgspec.json.encode(value), (JSON, *headers))


def errors(status: int, found: dict[str, list[str]], *headers: tuple[bytes, bytes]) -> Answer:
    """Make the refusal of wire-formats.md A.2."""
    return says(status, {"errors": found}, *headers)


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """Give the headers of a request; see `joined`."""
    return joined(scope["headers"])


def joined(pairs: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Give headers by lower-case name; of repeated ones the last, but forwarding ones joined."""
    found = dict(pairs)
    if b"x-forwarded-for" in found:
        found[b"x-forwarded-for"] = b",".join(value for name, value in pairs if name == b"x-forwarded-for")
    return found


def text_of(value: bytes) -> str:
    """Read a header; every byte stands for a letter, so that none is refused."""
    return value.decode("latin-1")


def check_size(body: bytes, limit: int) -> None:
    """Refuse a body over the limit of its door.

    Raises:
        RefusedError: 413, and the connection closes.
    """
    if len(body) > limit:
        raise _too_large()


async def body_of(receive: Receive, headers: dict[bytes, bytes], limit: int) -> bytes:
    """Read a body, stopping at the limit whatever Content-Length says.

    Raises:
        RefusedError: 413 over the limit, 408 past the deadline; both close the connection.
        GoneError: The client went away.
    """
    said = headers.get(b"content-length", b"0")
    if not said.isdigit() or len(said) > 18 or int(said) > limit:
        raise _too_large()
    # A small body is there already. Trying first spares nearly every event the cost of a deadline.
    steps = receive().__await__()
    try:
        waiting = next(steps)
    except StopIteration as done:
        message: Message = done.value
        first: bytes = message.get("body", b"")
        if message["type"] == "http.request" and not message.get("more_body") and len(first) <= limit:
            return first
        return await _rest(receive, message, limit)
    return await _rest(receive, _resumed(steps, waiting), limit)


@types.coroutine
def _resumed(steps: Generator[Any, None, Message], waiting: Any) -> Generator[Any, None, Message]:
    """Go on with an awaitable that was begun by hand and had to wait."""
    yield waiting
    return (yield from steps)


async def _rest(receive: Receive, begun: Message | Awaitable[Message], limit: int) -> bytes:
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await _joined(receive, begun if isinstance(begun, MutableMapping) else await begun, limit)
    except TimeoutError as fault:
        raise RefusedError(errors(408, {"body": ["timeout"]}, CLOSE), "timeout") from fault


async def _joined(receive: Receive, message: Message, limit: int) -> bytes:
    parts = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise GoneError
        parts += message.get("body", b"")
        if len(parts) > limit:
            raise _too_large()
        if not message.get("more_body"):
            return bytes(parts)
        message = await receive()


def _too_large() -> RefusedError:
    return RefusedError(errors(413, {"body": ["too_large"]}, CLOSE), "too_large")


async def send_answer(send: Send, answer: Answer, *more: tuple[bytes, bytes]) -> None:
    """Send an answer with headers of its route."""
    length = (b"content-length", str(len(answer.body)).encode())
    await send(
        {"type": "http.response.start", "status": answer.status, "headers": [*answer.headers, *more, length]}
    )
    await send({"type": "http.response.body", "body": answer.body})
