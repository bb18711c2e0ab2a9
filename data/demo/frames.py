"""The frames of the events: exactly the columns of the records, ids that repeat, days that close."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from types import NoneType
from typing import get_args, get_type_hints

import polars as pl

from analytics.events import RECORDS, Hash64
from data.demo import almanac, chance
from data.demo.people import SITE

LINKED = dt.timedelta(minutes=30)  # metrics.md: visitor_prev lives this long after midnight
_DTYPES: dict[object, pl.DataType] = {
    Hash64: pl.UInt64(),
    int: pl.Int64(),
    bool: pl.Boolean(),
    dt.datetime: pl.Datetime("us"),
    dt.date: pl.Date(),
}


@lru_cache(maxsize=8)
def schema(table: str) -> dict[str, pl.DataType]:
    """Read a table's columns and types from its record; all that is not named here travels as text."""
    hints = get_type_hints(RECORDS[table])
    return {name: _dtype(hints[name]) for name in RECORDS[table].__struct_fields__}


def numbered(rows: pl.DataFrame, seed: int, day: dt.date, table: str) -> pl.DataFrame:
    """Give rows their event ids, by their place, and the moment of their receipt."""
    ordinal = day.toordinal()
    place = list(RECORDS).index(table) + 1
    prefix = f"{seed % 2**32:08x}-{ordinal // 1000:04d}-4{ordinal % 1000:03d}-8{place:03d}-"
    base = pl.lit(chance.mix(seed, ordinal, table), dtype=pl.UInt64)
    rows = rows.with_row_index("place").with_columns(key=base + pl.col("place").cast(pl.UInt64))
    delay = pl.duration(milliseconds=(35 + 600 * chance.units("delay") ** 3).cast(pl.Int64), time_unit="us")
    return rows.with_columns(
        event_id=pl.lit(prefix) + pl.col("place").cast(pl.String).str.zfill(12),
        received_at=pl.col("event_at") + delay,
    )


def closed(parts: list[pl.DataFrame], seed: int, day: dt.date, table: str, end: dt.datetime) -> pl.DataFrame:
    """Keep what happened on a local day, up to `end`; name its visitors as that day's salt does.

    Returns:
        The columns of the table's record; columns that no event fills are null; sorted by event_at.
    """
    begin, after = almanac.bounds(day)
    rows = pl.concat([_within(part, begin, after, end) for part in parts])
    rows = rows.with_columns(
        site_id=pl.lit(SITE),
        day_local=pl.lit(day),
        today=pl.col("person") + pl.lit(_salt(seed, day), dtype=pl.UInt64),
        yesterday=pl.col("person") + pl.lit(_salt(seed, day - dt.timedelta(days=1)), dtype=pl.UInt64),
    ).with_columns(
        visitor=chance.column("visitor", "today"),
        visitor_prev=pl.when(pl.col("event_at") < pl.lit(begin + LINKED)).then(
            chance.column("visitor", "yesterday")
        ),
    )
    columns = schema(table)
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in columns.items() if name not in rows.columns]
    rows = rows.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in columns.items())
    return rows.sort("event_at", "event_id")


def _within(part: pl.DataFrame, begin: dt.datetime, after: dt.datetime, end: dt.datetime) -> pl.DataFrame:
    at = pl.col("event_at")
    return part.filter((at >= pl.lit(begin)) & (at < pl.lit(after)) & (at <= pl.lit(end)))


def _salt(seed: int, day: dt.date) -> int:
    return chance.mix(seed, "salt", day.toordinal())


def _dtype(hint: object) -> pl.DataType:
    kinds = [kind for kind in get_args(hint) if kind is not NoneType] or [hint]
    return _DTYPES.get(kinds[0], pl.String())
