"""Chance that every machine draws alike.

One mixing function (splitmix64) over (key, stream), for single integers and for whole columns.
Polars' own sampling and `hash()` may change between releases; this cannot.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from zlib import crc32

import polars as pl

WORD = 2**64
Number = TypeVar("Number", float, pl.Expr)
# splitmix64: https://prng.di.unimi.it/splitmix64.c (public domain)
GAMMA, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
GRID = 2**20  # steps of an urn: finer than any share that is written down here


def mix(*parts: int | str) -> int:
    """Fold integers and stream names into 64 well mixed bits."""
    state = 0
    for part in parts:
        number = crc32(part.encode()) if isinstance(part, str) else part
        state = _finish((state + (number + 1) * GAMMA) % WORD)
    return state


def unit(*parts: int | str) -> float:
    """Draw one number from [0, 1) for these parts."""
    return (mix(*parts) >> 11) * 2.0**-53


def bell(*parts: int | str) -> float:
    """Draw one number close to the normal distribution, never beyond 3.5 deviations."""
    word = mix(*parts)
    return _bell_of(sum((word >> shift) & 0xFFFF for shift in (0, 16, 32, 48)) / 65536)


def spread(sigma: float, *parts: int | str) -> float:
    """Draw one log-normal factor around 1."""
    return math.exp(sigma * bell(*parts))


def pick(weights: Sequence[float], *parts: int | str) -> int:
    """Draw the place of one weight, each with its share."""
    level = unit(*parts) * sum(weights)
    for place, weight in enumerate(weights):
        level -= weight
        if level < 0:
            return place
    return len(weights) - 1


def column(stream: str, key: str = "key") -> pl.Expr:
    """Mix a column of UInt64 keys with the name of a stream: one fresh word a row."""
    return pl.col(key).map_batches(
        lambda keys: _words(keys, stream), return_dtype=pl.UInt64, is_elementwise=True
    )


def units(stream: str, key: str = "key") -> pl.Expr:
    """Draw a number from [0, 1) in every row; keys as `column` makes them."""
    return (_brief(stream, key) // pl.lit(2**11, dtype=pl.UInt64)).cast(pl.Float64) * 2.0**-53


def bells(stream: str, key: str = "key") -> pl.Expr:
    """Draw a near normal number in every row; keys as `column` makes them."""
    word = _brief(stream, key)
    quarters = [word // pl.lit(2**shift, dtype=pl.UInt64) % 65536 for shift in (0, 16, 32, 48)]
    return _bell_of(sum(quarters[1:], quarters[0]).cast(pl.Float64) / 65536)


@dataclass(frozen=True, slots=True)
class Urn:
    """Weighted options by group, drawn for whole columns at once."""

    groups: tuple[str, ...]
    options: pl.DataFrame
    bounds: pl.Series

    @classmethod
    def of(cls, columns: Sequence[str], groups: Mapping[str, Sequence[tuple[object, ...]]]) -> Urn:
        """Fill an urn from rows of (weight, value, ...); the values get the names in `columns`."""
        rows: list[Sequence[object]] = []
        bounds: list[int] = []
        for place, options in enumerate(groups.values()):
            weights = [float(str(option[0])) for option in options]
            level = 0.0
            for option, weight in zip(options, weights, strict=True):
                level += weight
                bounds.append(place * GRID + round(GRID * level / sum(weights)))
                rows.append(option[1:])
        frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
        return cls(tuple(groups), frame, pl.Series(bounds, dtype=pl.Int64))

    def draw(self, frame: pl.DataFrame, group: str, stream: str) -> pl.DataFrame:
        """Add the options' columns to a frame, drawn within the group named in each row."""
        places = {name: place for place, name in enumerate(self.groups)}
        level = frame.select(
            pl.col(group).replace_strict(places, return_dtype=pl.Int64) * GRID
            + (units(stream) * GRID).cast(pl.Int64)
        ).to_series()
        return frame.hstack(self.options[self.bounds.search_sorted(level, side="right")])


def _finish(word: int) -> int:
    word = (word ^ (word >> 30)) * FIRST % WORD
    word = (word ^ (word >> 27)) * SECOND % WORD
    return word ^ (word >> 31)


def _brief(stream: str, key: str) -> pl.Expr:
    """Mix keys that are mixed already with a stream, in one round: three rounds cost half the run."""
    word = (pl.col(key) ^ pl.lit(mix(stream), dtype=pl.UInt64)) * pl.lit(FIRST, dtype=pl.UInt64)
    return (word ^ (word // pl.lit(2**32, dtype=pl.UInt64))) * pl.lit(SECOND, dtype=pl.UInt64)


def _words(keys: pl.Series, stream: str) -> pl.Series:
    """Mix as `_finish` does; on whole columns, where an expression would repeat each step eightfold."""
    words = keys + _word(crc32(stream.encode()) * GAMMA % WORD)
    words = (words ^ _shifted(words, 30)) * _word(FIRST)
    words = (words ^ _shifted(words, 27)) * _word(SECOND)
    return words ^ _shifted(words, 31)


def _word(number: int) -> pl.Series:
    return pl.Series([number], dtype=pl.UInt64)


def _shifted(words: pl.Series, bits: int) -> pl.Series:
    return words // _word(2**bits)  # Polars has no shift; this is one


def _bell_of(total: Number) -> Number:
    return (total - 2) * 3**0.5  # four uniforms: mean 2, variance 1/3
