"""The grammar below the messages: objects of numbered fields, numbers of variable length, counted bytes."""

from __future__ import annotations

from collections.abc import Iterable

END = b"\xff\xff"
NO_INDEX = (1 << 64) - 1
_LONGEST = 10  # bytes of a number of 64 bits


def field(number: int, value: bytes) -> bytes:
    """Write a field of an object."""
    return number.to_bytes(2, "little") + value


def number(value: int) -> bytes:
    """Write a whole number from 0 on, seven bits a byte, the lowest first."""
    if value < 0x80:
        return bytes((value,))
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def data(value: bytes) -> bytes:
    """Write bytes behind their number."""
    return number(len(value)) + value


def text(value: str) -> bytes:
    """Write text."""
    return data(value.encode())


def listed(values: Iterable[bytes]) -> bytes:
    """Write a list behind its length."""
    found = list(values)
    return number(len(found)) + b"".join(found)


class Reader:
    """Reads one message from its front; each method raises ValueError where it says something else."""

    def __init__(self, body: bytes) -> None:
        """Start at the first byte."""
        self._body, self._at = body, 0

    def field(self) -> int | None:
        """Give the number of the next field; None at the end of the object."""
        found = self._take(2)
        return None if found == END else int.from_bytes(found, "little")

    def number(self) -> int:
        """Read a number."""
        found = 0
        for step in range(_LONGEST):
            (byte,) = self._take(1)
            found |= (byte & 0x7F) << 7 * step
            if byte < 0x80:
                return found
        raise ValueError("a number of more than 64 bits")

    def text(self) -> str:
        """Read text."""
        return self._take(self.number()).decode()

    def _take(self, count: int) -> bytes:
        found = self._body[self._at : self._at + count]
        if len(found) < count:
            raise ValueError("the message ends too early")
        self._at += count
        return found
