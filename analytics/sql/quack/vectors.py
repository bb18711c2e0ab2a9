"""Arrow's columns as DuckDB's vectors: flat ones, with the bits of what is known before the values."""

from __future__ import annotations

import struct
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from analytics.sql.quack.binary import END, data, field, listed, number, text

CHUNK_ROWS = 2048  # the engine's own size of a vector
_IDS = {  # LogicalTypeId and bytes of a value
    pa.bool_(): (10, 1),
    pa.int8(): (11, 1),
    pa.int16(): (12, 2),
    pa.int32(): (13, 4),
    pa.int64(): (14, 8),
    pa.date32(): (15, 4),
    pa.time64("us"): (16, 8),
    pa.timestamp("s"): (17, 8),
    pa.timestamp("ms"): (18, 8),
    pa.timestamp("us"): (19, 8),
    pa.timestamp("ns"): (20, 8),
    pa.float32(): (22, 4),
    pa.float64(): (23, 8),
    pa.uint8(): (28, 1),
    pa.uint16(): (29, 2),
    pa.uint32(): (30, 4),
    pa.uint64(): (31, 8),
    pa.time64("ns"): (35, 8),
}
_DECIMAL, _TEXT, _BLOB, _INTERVAL, _WITH_ZONE, _HUGE = 21, 25, 26, 27, 32, 50
_STRUCT, _LIST, _MAP, _ARRAY = 100, 101, 102, 108
_OF_DECIMAL, _OF_LIST, _OF_STRUCT, _OF_ARRAY = 2, 4, 5, 9  # ExtraTypeInfoType


def chunk(batch: pa.RecordBatch, types: list[bytes]) -> bytes:
    """Write some rows, at most CHUNK_ROWS."""
    vectors = listed(_vector(column) for column in batch.columns)
    rows = field(100, number(batch.num_rows)) + field(101, listed(types)) + field(102, vectors) + END
    return field(300, rows) + END


def type_of(kind: pa.DataType, word: str = "") -> bytes:  # noqa: PLR0911 a line a type
    """Write a type.

    Args:
        kind: Arrow's, which has no HUGEINT.
        word: As the engine calls it, where that is known.
    """
    kind = _plain_type(kind)
    if kind in _IDS:
        return _type(_IDS[kind][0])
    if pa.types.is_timestamp(kind):
        return _type(_WITH_ZONE)
    if pa.types.is_decimal(kind):
        if word == "HUGEINT":
            return _type(_HUGE)
        return _type(
            _DECIMAL, _OF_DECIMAL, field(200, number(kind.precision)) + field(201, number(kind.scale))
        )
    if pa.types.is_interval(kind):
        return _type(_INTERVAL)
    if pa.types.is_map(kind):
        pair = pa.struct([("key", kind.key_type), ("value", kind.item_type)])
        return _type(_MAP, _OF_LIST, field(200, type_of(pair)))
    if pa.types.is_fixed_size_list(kind):
        of = field(200, type_of(kind.value_type)) + field(201, number(kind.list_size))
        return _type(_ARRAY, _OF_ARRAY, of)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _type(_LIST, _OF_LIST, field(200, type_of(kind.value_type)))
    if pa.types.is_struct(kind):
        parts = (field(0, text(each.name)) + field(1, type_of(each.type)) + END for each in kind)
        return _type(_STRUCT, _OF_STRUCT, field(200, listed(parts)))
    return _type(_BLOB if _is_bytes(kind) else _TEXT)


def _type(id_: int, info: int = 0, more: bytes = b"") -> bytes:
    of = field(101, b"\1" + field(100, number(info)) + more + END) if info else b""
    return field(100, number(id_)) + of + END


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """Take what DuckDB knows by another name for what it is stored as."""
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.int32() if pa.types.is_null(kind) else kind


def _is_bytes(kind: pa.DataType) -> bool:
    return kind in {pa.binary(), pa.large_binary()} or isinstance(kind, pa.FixedSizeBinaryType)


def _vector(array: pa.Array) -> bytes:
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if isinstance(array, pa.DictionaryArray):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        array = array.cast(pa.int32())
    known = field(100, b"\1") + field(101, data(_known(array))) if array.null_count else field(100, b"\0")
    return known + _values(array) + END


def _known(array: pa.Array) -> bytes:
    """Give a bit a row, 1 where it has a value, in whole words of 64."""
    mask = pc.is_valid(array)
    bits: int = int.from_bytes(mask.buffers()[1], "little") >> mask.offset & (1 << len(array)) - 1
    return bits.to_bytes((len(array) + 63) // 64 * 8, "little")


def _values(array: pa.Array) -> bytes:  # noqa: PLR0911 a line a type
    kind, rows = array.type, len(array)
    if pa.types.is_boolean(kind):
        array = array.cast(pa.uint8())
    if kind in _IDS or pa.types.is_timestamp(kind):
        return field(102, data(_raw(array, _IDS.get(kind, (0, 8))[1])))
    if pa.types.is_decimal(kind):
        return field(102, data(_decimals(array)))
    if pa.types.is_interval(kind):
        parts = struct.iter_unpack("<iiq", _raw(array, 16))
        return field(
            102, data(b"".join(struct.pack("<iiq", months, days, ns // 1000) for months, days, ns in parts))
        )
    if pa.types.is_struct(kind):
        return field(103, listed(_vector(array.field(at)) for at in range(kind.num_fields)))
    if pa.types.is_fixed_size_list(kind):
        inner = array.values.slice(array.offset * kind.list_size, rows * kind.list_size)
        return field(103, number(kind.list_size)) + field(104, _vector(inner))
    if pa.types.is_map(kind) or pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _lists(array)
    found = array.cast(pa.binary()).to_pylist()
    return field(102, listed(data(each or b"") for each in found))


def _raw(array: pa.Array, width: int) -> bytes:
    values = array.buffers()[1]
    if values is None:  # nothing is known of any row
        return bytes(width * len(array))
    return bytes(memoryview(values)[array.offset * width : (array.offset + len(array)) * width])


def _decimals(array: pa.Array) -> bytes:
    """Give as many bytes a number as the engine takes for its digits; the lowest come first."""
    held, digits = array.type.bit_width // 8, array.type.precision
    width = 2 if digits <= 4 else 4 if digits <= 9 else 8 if digits <= 18 else 16
    found = _raw(array, held)
    return b"".join(found[at : at + width] for at in range(0, len(found), held))


def _lists(array: pa.Array) -> bytes:
    ends = array.offsets.to_pylist()
    entries = (
        field(100, number(begin - ends[0])) + field(101, number(end - begin)) + END
        for begin, end in pairwise(ends)
    )
    inner = array.values.slice(ends[0], ends[-1] - ends[0])
    return field(104, number(len(inner))) + field(105, listed(entries)) + field(106, _vector(inner))
