"""Files as they come: opened whatever they are packed in, and refused where they are not what they say.

One pass over the bytes gives their SHA-256, the number of lines, and whether U+0000 stands in them.
Packed files are unpacked into a scratch folder inside the home, since DuckDB reads those with one core only.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, Literal

import pyarrow as pa

from analytics.errors import FileUnreadableError, StoreError

Format = Literal["csv", "jsonl", "parquet"]
CHUNK = 1 << 20
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
PARQUET = b"PAR1"
STRANGERS = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"SQLite format 3": "an SQLite database",
    b"ORC": "an ORC file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file, unpacked.

    Attributes:
        path: Where its plain bytes are.
        name: Its name without folder, for sentences and ledgers.
        sha256: Of the bytes as they came.
        lines: Lines in it, the last one counted without its end too; 0 for Parquet.
        has_nul: U+0000 stands in it.
    """

    path: Path
    name: str
    sha256: str
    lines: int
    has_nul: bool


def open_file(path: Path, kind: Format, scratch: Path, progress: Callable[[int], None]) -> Opened:
    """Unpack a file where it is packed, and look whether it is what it should be.

    Args:
        path: The file.
        kind: What the mapping says of it.
        scratch: Folder for the unpacked copy.
        progress: Told the bytes read so far.

    Raises:
        FileUnreadableError: It is missing, empty, damaged, or something else.
        StoreError: There is no room for the unpacked copy.
    """
    try:
        with path.open("rb") as raw:
            head = raw.read(len(ZSTD))
            raw.seek(0)
            packing = "gz" if head.startswith(GZIP) else "zst" if head == ZSTD else ""
            if not packing and path.suffix.lower() in {".gz", ".zst"}:
                raise FileUnreadableError(
                    f"{path.name} is not packed as its name says.", "Nothing of it was stored."
                )
            return _read_through(path, raw, packing, kind, scratch, progress)
    except OSError as fault:
        raise FileUnreadableError(f"{path.name} cannot be read: {fault.strerror or fault}.") from fault


def _read_through(
    path: Path, raw: IO[bytes], packing: str, kind: Format, scratch: Path, progress: Callable[[int], None]
) -> Opened:
    counting = _Counting(raw, progress)
    plain = path
    lines, has_nul, first, last = 0, False, b"", b"\n"
    if packing:
        plain = scratch / "plain"
    with _writer(plain if packing else None) as copy:
        for chunk in _chunks(counting, packing, path.name):
            first = first or chunk[:CHUNK]
            lines += chunk.count(b"\n")
            has_nul = has_nul or b"\x00" in chunk
            last = chunk[-1:]
            _copy(copy, chunk, plain)
    _look(first, path.name, kind)
    lines += last != b"\n"
    return Opened(plain, path.name, counting.sha.hexdigest(), 0 if kind == "parquet" else lines, has_nul)


class _Counting(io.RawIOBase):
    """The packed bytes on their way: hashed and counted as they are read."""

    def __init__(self, raw: IO[bytes], progress: Callable[[int], None]) -> None:
        super().__init__()
        self.sha = hashlib.sha256()
        self._raw, self._progress, self._done = raw, progress, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = self._raw.readinto(buffer)  # type: ignore[attr-defined]
        self.sha.update(buffer[:count])
        self._done += count
        self._progress(self._done)
        return int(count)


def _chunks(counting: _Counting, packing: str, name: str) -> Iterator[bytes]:
    stream: IO[bytes] = io.BufferedReader(counting, CHUNK)
    try:
        if packing == "gz":
            stream = gzip.GzipFile(fileobj=stream)  # type: ignore[assignment]
        elif packing == "zst":
            stream = pa.CompressedInputStream(pa.PythonFile(stream), "zstd")
        while chunk := stream.read(CHUNK):
            yield bytes(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile, pa.ArrowException, OSError) as fault:
        raise FileUnreadableError(
            f"{name} is packed, but damaged or cut off.", "Nothing of it was stored; fetch it again."
        ) from fault


def _writer(path: Path | None) -> IO[bytes]:
    return path.open("wb", buffering=0) if path else io.BytesIO()


def _copy(copy: IO[bytes], chunk: bytes, plain: Path) -> None:
    if isinstance(copy, io.BytesIO):
        return
    try:
        copy.write(chunk)
    except OSError as fault:
        raise StoreError(
            f"{plain.parent} cannot take the unpacked file: {fault.strerror}.",
            "Free some space and try again.",
        ) from fault


def _look(first: bytes, name: str, kind: Format) -> None:
    """Refuse what is plainly something else.

    Raises:
        FileUnreadableError: In a sentence that names what it seems to be.
    """
    if not first:
        raise FileUnreadableError(f"{name} is empty.")
    nothing = "Nothing of it was stored."
    if kind == "parquet":
        if not first.startswith(PARQUET):
            raise FileUnreadableError(f"{name} is no Parquet file.", nothing)
        return
    strange = next((what for magic, what in STRANGERS.items() if first.startswith(magic)), None)
    if first.startswith(PARQUET):
        strange = "a Parquet file"
    if strange is None and b"\x00" in first.partition(b"\n")[0][:1024]:
        strange = "binary data or UTF-16 text"
    if strange:
        raise FileUnreadableError(f"{name} is {strange}, not {kind}.", f"Save it as UTF-8 text. {nothing}")


def head(opened: Opened, lines: int, scratch: Path) -> Opened:
    """Keep the first lines of a text file, for a look at it."""
    part = scratch / "head"
    with opened.path.open("rb") as file:
        first = list(islice(file, lines))
    part.write_bytes(b"".join(first))
    return replace(opened, path=part, lines=len(first))
