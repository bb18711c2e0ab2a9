"""A mapping and the columns of a file: every column is mapped or ignored, none is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analytics.errors import MappingError, did_you_mean
from analytics.imports.mapping import ArticleMap, CommentMap, EventMap, Mapping, Person, values_of


def bind(mapping: Mapping, header: Sequence[str]) -> set[str]:
    """Compare a mapping with the columns of a file.

    Returns:
        The columns that the mapping reads and the file has.

    Raises:
        MappingError: A column is missing, or one is neither mapped nor ignored.
    """
    wanted = _columns(mapping.section)
    missing = [name for name in wanted if name not in header and name not in mapping.source.optional]
    if missing:
        raise MappingError(
            f"The mapping {mapping.source.name} reads the column {missing[0]!r}, which the file has not.",
            did_you_mean(missing[0], header),
        )
    unknown = [name for name in header if name not in wanted and name not in mapping.source.ignore]
    if unknown:
        raise MappingError(
            f"The mapping {mapping.source.name} says nothing of the file's column {unknown[0]!r}.",
            "Map it, or name it in `ignore`.",
        )
    return {name for name in wanted if name in header}


def _columns(section: EventMap | CommentMap | ArticleMap) -> list[str]:
    names = [name for value in values_of(section).values() for name in value.columns]
    if isinstance(section, ArticleMap) and isinstance(section.authors, tuple):
        names += [name for person in section.authors for name in _person_columns(person)]
    return list(dict.fromkeys(names))


def _person_columns(person: Person) -> Iterator[str]:
    return (name for name in (person.id, person.name, person.url) if name is not None)
