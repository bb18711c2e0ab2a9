"""Values of the `$name` of a query, as people type them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from analytics.sql.jobs import Value

# Where only a list can stand: IN $name, = ANY($name), unnest($name), list_contains($name, ...).
_LIST = re.compile(r"(?:\bIN\s+|\b(?:ANY|ALL|unnest|list_contains)\s*\(\s*)\$(\w+)", re.IGNORECASE)
_PASSED_OVER = re.compile(r"--[^\n]*|'(?:[^']|'')*'")


def lists(text: str) -> frozenset[str]:
    """Name the parameters of a statement that are lists."""
    return frozenset(_LIST.findall(_PASSED_OVER.sub(" ", text)))


def read(text: str, given: Mapping[str, Value]) -> dict[str, Value]:
    """Turn "politics, sport" into a list where the statement asks for one.

    Args:
        text: The statement.
        given: Name -> value; a list stays one.
    """
    wanted = lists(text)
    return {
        name: [part.strip() for part in value.split(",") if part.strip()]
        if name in wanted and isinstance(value, str)
        else value
        for name, value in given.items()
    }
