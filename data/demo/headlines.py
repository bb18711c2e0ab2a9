"""Build headlines from parts: never the same twice within a window."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from importlib.resources import files

_SLOT = re.compile(r"\{([^}]+)\}")


@lru_cache(maxsize=16)
def patterns(section: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Split a desk's patterns into (pattern, topics)."""
    rows = (row.rpartition("|") for row in _parts()[section])
    return tuple((pattern, tuple(topics.split(","))) for pattern, _, topics in rows)


def headline(section: str, serial: int) -> tuple[str, tuple[str, ...]]:
    """Write the headline with this number, and name its topics.

    Numbers go round the desk's patterns first and then round each pattern's variants, by a step that
    shares no factor with their count: two stories can only meet after all variants were used.
    """
    table = patterns(section)
    turn, place = divmod(serial, len(table))
    pattern, topics = table[place]
    choices = [_options(slot) for slot in _SLOT.findall(pattern)]
    variants = variants_of(pattern)
    rest = (turn * _step(variants) + place * 31) % variants  # 31: patterns side by side begin apart
    words = []
    for options in choices:
        rest, which = divmod(rest, len(options))
        words.append(options[which])
    title = _SLOT.sub(lambda _: words.pop(0), pattern)
    areas = [word for word in _slots()["area"] if word in title]
    return title[0].upper() + title[1:], tuple(dict.fromkeys([*topics, *areas[:1]]))


def variants_of(pattern: str) -> int:
    """Count the headlines that a pattern can make."""
    return math.prod(len(_options(slot)) for slot in _SLOT.findall(pattern))


def _options(slot: str) -> tuple[str, ...]:
    return tuple(slot.split("|")) if "|" in slot else _slots()[slot]


@lru_cache(maxsize=512)
def _step(variants: int) -> int:
    """Step by about the golden ratio, so that neighbours differ in all their parts."""
    step = round(variants * 0.618)
    while math.gcd(step, variants) > 1:
        step += 1
    return step


@lru_cache(maxsize=1)
def _slots() -> dict[str, tuple[str, ...]]:
    rows = (row.partition(" = ") for row in _parts()["slots"])
    return {name: tuple(words.split("|")) for name, _, words in rows}


@lru_cache(maxsize=1)
def _parts() -> dict[str, list[str]]:
    """Read `phrases.txt` into its parts by heading."""
    parts: dict[str, list[str]] = {}
    for line in files("data.demo").joinpath("phrases.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            rows = parts.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            rows.append(line)
    return parts
