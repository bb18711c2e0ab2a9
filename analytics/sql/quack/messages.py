"""The messages: those of a client are read, those of a server are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import pyarrow as pa

from analytics.sql.quack.binary import END, NO_INDEX, Reader, listed, number, text
from analytics.sql.quack.binary import field as part
from analytics.sql.quack.vectors import CHUNK_ROWS, chunk, type_of

VERSION = 1


class Kind(IntEnum):
    """What a message is."""

    CONNECT = 1
    CONNECTED = 2
    ASK = 3
    ANSWER = 4
    FETCH = 7
    APPEND = 9
    DONE = 10
    LEAVE = 11
    REFUSAL = 100


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent.

    Attributes:
        kind: A number of Kind, or another that is not known.
        session: Which connection it belongs to; empty before there is one.
        key: Of who connects; else empty.
        query: What is asked; else empty.
        versions: The first and last version of the protocol that who connects knows.
    """

    kind: int
    session: str = ""
    key: str = field(default="", repr=False)
    query: str = ""
    versions: tuple[int, int] = (VERSION, VERSION)


def read(body: bytes) -> Request:
    """Read a request.

    Raises:
        ValueError: It is none of this protocol.
    """
    reader = Reader(body)
    kind, session = 0, ""
    while (at := reader.field()) is not None:
        match at:
            case 1:
                kind = reader.number()
            case 2:
                session = reader.text()
            case 3:
                reader.number()  # the client's own count of its queries
            case _:
                raise ValueError(f"field {at} of a head")
    words: dict[int, str] = {}
    least = most = VERSION
    if kind in {Kind.CONNECT, Kind.ASK}:
        while (at := reader.field()) is not None:
            match at:
                case 1 | 2 | 3:
                    words[at] = reader.text()
                case 4:
                    least = reader.number()
                case 5:
                    most = reader.number()
                case _:
                    raise ValueError(f"field {at} of a body")
    first = words.get(1, "")
    if kind == Kind.CONNECT:
        return Request(kind, session, key=first, versions=(least, most))
    return Request(kind, session, query=first)


def connected(session: str, version: str) -> bytes:
    """Welcome a client."""
    body = part(1, text(version)) + part(2, text("tearsheet")) + part(3, number(VERSION))
    return _head(Kind.CONNECTED, session) + body + END


def refused(message: str) -> bytes:
    """Say no, or that something failed."""
    return _head(Kind.REFUSAL) + part(1, text(message)) + END


def done() -> bytes:
    """Confirm what gives no rows."""
    return _head(Kind.DONE) + END


def answer(names: Sequence[str], table: pa.Table, words: Sequence[str] = ()) -> bytes:
    """Give all rows of a result in one message.

    Args:
        names: Of the columns; two may be alike.
        table: The rows.
        words: The types of the columns as the engine calls them, where they are known.
    """
    words = words or [""] * len(names)
    types = [type_of(kind, word) for kind, word in zip(table.schema.types, words, strict=True)]
    batches = table.combine_chunks().to_batches(max_chunksize=CHUNK_ROWS)
    chunks: Iterable[bytes] = (b"\1" + chunk(batch, types) for batch in batches if batch.num_rows)
    return b"".join(
        (
            _head(Kind.ANSWER),
            part(1, listed(types)),
            part(2, listed(map(text, names))),
            part(4, listed(chunks)),
            part(5, number(0) + number(1)),  # an id to fetch more by: there is no more
            END,
        )
    )


def _head(kind: Kind, session: str = "") -> bytes:
    return (
        part(1, number(kind)) + (part(2, text(session)) if session else b"") + part(3, number(NO_INDEX)) + END
    )
