"""Many events with a key, `POST /api/events`: a JSON array, or a line each; gzip allowed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import msgspec

from analytics.collect.wire import native
from analytics.collect.wire.native import Door
from analytics.collect.wire.raw import InvalidEventError, Raw, invalid

MAX_BODY = 1 << 20
MAX_INFLATED = 8 << 20
MAX_EVENTS = 5000
GZIP = 31  # zlib's window bits for a gzip header


class TooLargeError(Exception):
    """The body, once inflated, or the number of events is over its limit."""


def inflated(data: bytes) -> bytes:
    """Unpack gzip, counting while it grows, so that a bomb costs its limit and no more.

    Raises:
        TooLargeError: It is larger than MAX_INFLATED.
        InvalidEventError: It is no gzip.
    """
    worker = zlib.decompressobj(GZIP)
    try:
        found = worker.decompress(data, MAX_INFLATED + 1)
    except zlib.error as fault:
        raise invalid("body", "malformed") from fault
    if len(found) > MAX_INFLATED:
        raise TooLargeError
    if not worker.eof or worker.unused_data:
        raise invalid("body", "malformed")
    return found


def parts_of(data: bytes, *, is_lines: bool) -> list[bytes]:
    """Cut a body into its events, in order, not yet read.

    Args:
        data: The body.
        is_lines: A line each; else one array.

    Raises:
        TooLargeError: They are more than MAX_EVENTS.
        InvalidEventError: The array itself is malformed. A line is malformed alone.
    """
    if is_lines:
        parts = [line for line in data.split(b"\n") if line.strip()]
    else:
        try:
            data.decode()
            parts = [bytes(each) for each in msgspec.json.decode(data, type=list[msgspec.Raw])]
        except (ValueError, RecursionError) as fault:
            raise invalid("body", "malformed") from fault
    if len(parts) > MAX_EVENTS:
        raise TooLargeError
    return parts


def decode(parts: list[bytes], door: Door) -> Iterator[Raw | InvalidEventError]:
    """Read each event; one that is not valid stands as its refusal in its place."""
    for part in parts:
        try:
            yield native.decode_trusted(part, door)
        except InvalidEventError as refusal:
            yield refusal
