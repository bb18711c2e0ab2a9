"""Article rows of any source (wire-formats.md D.1) made into one catalogue.

An absent key keeps what is known, null clears it, lists are replaced whole. Several rows of one article
are one article: the last row that speaks of a field wins.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from analytics import urls
from analytics.catalog import fields
from analytics.catalog.catalogue import FIELDS, SCHEMAS, Catalogue
from analytics.catalog.fields import Author, Opening, Topic
from analytics.errors import EventError

LISTS = ("authors", "topics")


@dataclass(frozen=True, slots=True)
class RowReject:
    """A row that was refused whole.

    Attributes:
        index: Its place among the rows, from 0.
        errors: Field -> codes.
    """

    index: int
    errors: dict[str, list[str]]


@dataclass(slots=True)
class _Article:
    values: dict[str, object] = field(default_factory=dict)  # only what was given
    authors: list[Author] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    opening: Opening | None = None
    given: set[str] = field(default_factory=set)


def catalogue_of(
    rows: Iterable[object], site_id: str, zone: str, now: dt.datetime
) -> tuple[Catalogue, list[RowReject]]:
    """Read article rows.

    Args:
        rows: Objects as decoded from JSON: keys of wire-formats.md D.1; other keys are ignored.
        site_id: Site of all rows; a row that names another is refused.
        zone: IANA zone of the site, for times without offset.
        now: Naive UTC.

    Returns:
        The catalogue, and the rows that were refused.
    """
    articles: dict[str, _Article] = {}
    rejects = []
    for index, row in enumerate(rows):
        values, errors = _read_row(row, site_id, zone, now)
        if errors:
            rejects.append(RowReject(index, errors))
        else:
            _merge(articles.setdefault(str(values["id"]), _Article()), values)
    return _frames(articles, site_id), rejects


def _read_row(
    row: object, site_id: str, zone: str, now: dt.datetime
) -> tuple[dict[str, object], dict[str, list[str]]]:
    if not isinstance(row, Mapping):
        return {}, {"": ["wrong_type"]}
    values: dict[str, object] = {}
    errors: dict[str, list[str]] = {}
    for name in fields.TYPES:
        if name in row:
            try:
                values[name] = fields.read(name, row[name], zone, now)
            except EventError as refusal:
                errors[name] = [refusal.code]
    if values.get("id") is None and "id" not in errors:
        errors["id"] = ["missing"]
    if row.get("site", site_id) != site_id:
        errors["site"] = ["unknown_site"]
    return values, errors


def _merge(article: _Article, values: Mapping[str, object]) -> None:
    for name in FIELDS:
        if name in values:
            article.values[name] = values[name]
    for name in LISTS:
        if name in values:
            setattr(article, name, values[name] or [])
    article.given |= values.keys() & {*FIELDS, *LISTS}
    aliases = values.get("aliases") or []
    if isinstance(aliases, list):
        article.addresses += aliases
    if isinstance(address := values.get("url"), str):
        article.addresses.append(address)
    if isinstance(opening := values.get("opening"), Opening):
        article.opening = opening


def _frames(articles: Mapping[str, _Article], site_id: str) -> Catalogue:
    """Lay the articles out in the frames of a catalogue, sorted by their ids."""
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in SCHEMAS}
    people: dict[str, Author] = {}
    subjects: dict[str, Topic] = {}
    aliases: dict[str, str] = {}
    for article_id, article in sorted(articles.items()):
        known = (article.values.get(name) for name in FIELDS)
        rows["articles"].append((site_id, article_id, *known, sorted(article.given)))
        bylines = {author.author_id: author for author in article.authors}
        topics = {fields.slug(topic.name): topic for topic in article.topics}
        rows["article_authors"] += _places(site_id, article_id, bylines)
        rows["article_topics"] += _places(site_id, article_id, topics)
        for author_id, author in bylines.items():
            people[author_id] = _known(people.get(author_id), author)
        subjects |= topics
        aliases |= {urls.article_id_of(each): article_id for each in article.addresses}
        if article.opening:
            rows["balances"].append((site_id, article_id, *_balance(article.opening)))
    rows["authors"] = [(site_id, key, who.name, who.url) for key, who in people.items()]
    rows["topics"] = [(site_id, key, topic.name, topic.kind) for key, topic in subjects.items()]
    rows["aliases"] = [(site_id, alias, owner) for alias, owner in aliases.items() if alias != owner]
    return Catalogue(
        **{name: pl.DataFrame(rows[name], schema=schema, orient="row") for name, schema in SCHEMAS.items()}
    )


def _places(site_id: str, article_id: str, keys: Iterable[str]) -> list[tuple[object, ...]]:
    return [(site_id, article_id, key, place) for place, key in enumerate(keys, 1)]


def _known(before: Author | None, author: Author) -> Author:
    """Keep the name that an earlier row gave, where this one gives only the id."""
    if before is None:
        return author
    return Author(author.id, author.name or before.name, author.url or before.url)


def _balance(opening: Opening) -> tuple[object, ...]:
    return (opening.views, opening.comments, opening.as_of, opening.note)
