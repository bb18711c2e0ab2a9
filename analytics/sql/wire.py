"""What passes between the desk and a worker: frames of a kind, a length and so many bytes, over two pipes."""

from __future__ import annotations

import struct
from typing import BinaryIO, Literal, TypeAlias, cast

Kind: TypeAlias = Literal["ready", "job", "arrow", "end", "error", "told"]
# New ones stand last: a desk that was upgraded while it runs starts workers of the newer program.
_KINDS: tuple[Kind, ...] = ("ready", "job", "arrow", "end", "error", "told")
_HEAD = struct.Struct(">BI")
MOST = 1 << 28  # bytes of one frame; a worker that says more is not believed


def write(pipe: BinaryIO, kind: Kind, body: bytes) -> None:
    """Send one frame."""
    pipe.write(_HEAD.pack(_KINDS.index(kind), len(body)))
    pipe.write(body)
    pipe.flush()


def read(pipe: BinaryIO) -> tuple[Kind, bytes] | None:
    """Take one frame.

    Returns:
        Kind and bytes; None where the pipe has ended, in the middle of a frame too.

    Raises:
        ValueError: It is no frame of ours.
    """
    head = _whole(pipe, _HEAD.size)
    if len(head) < _HEAD.size:
        return None
    kind, length = cast("tuple[int, int]", _HEAD.unpack(head))
    if kind >= len(_KINDS) or length > MOST:
        raise ValueError("no frame of a worker")
    body = _whole(pipe, length)
    return (_KINDS[kind], body) if len(body) == length else None


def _whole(pipe: BinaryIO, length: int) -> bytes:
    """Read so many bytes, however small the pieces are in which a pipe gives them; fewer where it ends."""
    pieces: list[bytes] = []
    while length and (piece := pipe.read(length)):
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)
