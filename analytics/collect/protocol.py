"""uvicorn's protocol, made patient within limits, and with a short way for what nearly every request is.

One event of a reader, whole in one piece, needs no task, no scope and no messages of its own: it is taken at
once, and answered when the queue says that it is durable. That is a fifth of what an event costs. Everything
else - bodies in parts, other addresses, requests behind one that waits - goes by ASGI.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from analytics.collect.http import CLOSE, DEADLINE_S, OPEN, Answer, Headers

MOST_HEAD = 32 << 10
SWEEP_EVERY_S = 1.0
EVENT = b"/api/event"
# Headers, who is connected, the body, and who is to be told the answer.
TakeEvent = Callable[
    [list[tuple[bytes, bytes]], tuple[str, int] | None, bytes, Callable[[Answer], None]], None
]


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's parser, but not endlessly patient: the head of a request has a size and must come in time.

    uvicorn has a deadline between requests only: a connection that sends a byte a second would live for ever.
    A timer for each request would cost more than decoding it; so one sweep a second looks at all.
    """

    heard = 0
    waited: tuple[object, int] = (None, 0)
    cycle: Any  # uvicorn's own, or `_Whole` ...
    before: Any = None  # ... and the one before that

    def data_received(self, data: bytes) -> None:
        """Parse, and count what belongs to a head that is not complete."""
        super().data_received(data)
        if isinstance(self.cycle, _Whole) and self.cycle.more_body and not self.transport.is_closing():
            self._begin_in_parts(self.cycle.body)
        if self.is_reading_head():
            self.heard += len(data)
            if self.heard > MOST_HEAD:
                self.transport.close()
        elif self.heard:
            self.heard = 0

    def on_headers_complete(self) -> None:
        """Begin the request, or wait whether an event comes whole."""
        take = getattr(self.app, "take_event", None) if self.url == EVENT else None
        if take is None or not self._may_be_whole():
            super().on_headers_complete()
            return
        self._unset_keepalive_if_required()  # set by an answer before, within the same data
        self.before, self.cycle = self.cycle, _Whole(self, take)
        self.scope["method"] = "POST"

    def on_message_complete(self) -> None:
        """End the request; an event that is whole by now is taken."""
        super().on_message_complete()
        if isinstance(self.cycle, _Whole) and not self.cycle.response_complete:
            self.cycle.take(self.headers, self.client, self.cycle.body, self.cycle.answer)

    def is_reading_head(self) -> bool:
        """Tell whether a request has begun whose head is not complete; a new connection counts as begun."""
        return self.scope is None or "method" not in self.scope

    def is_waiting(self) -> bool:
        """Tell whether it is the client's turn, and nothing of uvicorn's ends it."""
        if self.is_reading_head():
            return True
        is_idle = self.cycle is not None and self.cycle.response_complete
        return is_idle and self.timeout_keep_alive_task is None

    def end_stream(self) -> None:
        """Close the connection of server-sent events; the answer ends as if the browser had left."""
        if not self.is_reading_head() and (b"accept", b"text/event-stream") in self.headers:
            self.transport.close()

    def sweep(self) -> None:
        """Close the connection if it was found waiting in the same request for too long."""
        scope, sweeps = self.waited
        is_same = self.is_waiting() and (sweeps == 0 or scope is self.scope)
        self.waited = (self.scope, sweeps + 1) if is_same else (None, 0)
        if self.waited[1] > DEADLINE_S / SWEEP_EVERY_S:
            self.transport.close()

    def _may_be_whole(self) -> bool:
        return (
            self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not (self.parser.should_upgrade() or self.expect_100_continue)
            and (self.cycle is None or self.cycle.response_complete)
            and (self.limit_concurrency is None or len(self.connections) < self.limit_concurrency)
            and any(name == b"content-length" for name, _ in self.headers)
        )

    def _begin_in_parts(self, begun: bytes) -> None:
        """Hand a request whose body is still on its way to ASGI, which has a deadline for it."""
        self.cycle = self.before
        super().on_headers_complete()
        self.cycle.body += begun
        self.cycle.message_event.set()


class _Never:
    """Stands for the event that wakes an ASGI task, where there is no task."""

    def set(self) -> None:
        pass


class _Whole:
    """A request that comes whole, in the place of uvicorn's cycle: what the protocol looks at of one."""

    __slots__ = (
        "body",
        "disconnected",
        "keep_alive",
        "more_body",
        "protocol",
        "response_complete",
        "take",
    )
    message_event = _Never()

    def __init__(self, protocol: PatientProtocol, take: TakeEvent) -> None:
        self.protocol, self.take = protocol, take
        self.body = b""
        self.more_body = self.keep_alive = True
        self.disconnected = self.response_complete = False

    def answer(self, answer: Answer) -> None:
        """Write an answer, and go on with what waits on the connection."""
        protocol, self.response_complete = self.protocol, True
        if self.disconnected or protocol.transport.is_closing():
            return
        is_last = not self.keep_alive or CLOSE in answer.headers
        head = _head(answer.status, answer.headers, len(answer.body), is_last)
        dated = b"".join([b"%b: %b\r\n" % pair for pair in protocol.server_state.default_headers])
        protocol.transport.write(b"%b%b\r\n%b" % (head, dated, answer.body))
        if is_last:
            protocol.transport.close()
        protocol.on_response_complete()


@lru_cache(maxsize=64)
def _head(status: int, headers: Headers, length: int, is_last: bool) -> bytes:
    """Write the lines that come before an answer's body, but those of the server."""
    own = [*headers, *OPEN, (b"content-length", str(length).encode())]
    own += [CLOSE] if is_last and CLOSE not in headers else []
    return STATUS_LINE[status] + b"".join(b"%b: %b\r\n" % pair for pair in own)
