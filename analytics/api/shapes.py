"""The shapes of answers, for the document and its tests; answers themselves are written from frames."""

from __future__ import annotations

from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from analytics.catalog import fields

Number = int | float | None


class _Open(BaseModel):
    """Rows carry a column for each metric that was asked."""

    model_config = ConfigDict(extra="allow")


class Problem(BaseModel):
    """A refusal: what, where, and what now."""

    error: str = Field(description="Short name, for programs.", examples=["unknown_metric"])
    message: str = Field(description="A sentence, for people.")
    hint: str = Field(description="What to do; may be empty.", examples=["Did you mean reads?"])


class Period(BaseModel):
    """The local days of an answer, both ends inside."""

    key: str | None
    first: str
    last: str
    days: int
    zone: str


class Version(BaseModel):
    """By which definition a metric was counted."""

    unit: str
    version: int = Field(description="Of the formula.")
    definition: int = Field(description="Of the site's settings, such as seconds until a read.")


class Counted(_Open):
    """What every answer with figures says of itself."""

    site: str
    period: Period
    as_of: str
    loaded_through: str | None
    metrics: dict[str, Version]
    readers_kind: str = Field(
        default="", description="`sum_of_daily`: readers of several days are added up by day."
    )


class Interval(BaseModel):
    """A figure; null is unknown, never 0. n is the denominator of a rate; low and high its 95 % interval."""

    value: Number
    n: Number
    low: float | None
    high: float | None


class Typical(BaseModel):
    """What is typical of such a day: of the same weekdays before."""

    median: float
    low: float
    high: float
    least: float
    most: float
    weekdays: int
    place: str | None = Field(description="above, typical or below.")


class Beside(Interval):
    """A total with its comparison."""

    metric: str
    unit: str
    is_few: bool = Field(description="A rate or median over fewer than 30: show it grey.")
    change: float | None = Field(description="Relative, from the typical median or the period before.")
    change_is_few: bool | None
    before: Interval | None
    typical: Typical | None


class Totals(Counted):
    """Totals."""

    compare: str
    rows: list[Beside]


class Bucket(_Open):
    """A bucket; beside these a column for each metric, with `_n`, `_low`, `_high` where it has them."""

    bucket: str
    begins: str
    is_complete: bool
    id: str | None = None
    name: str | None = None


class Series(Counted):
    """Buckets in order; with `by` those of each line together."""

    grain: str
    rows: list[Bucket]


class Ranked(_Open):
    """A row of a ranking; beside these a column for each metric."""

    rank: int | None
    id: str | None
    name: str


class Top(Counted):
    """A page of a ranking."""

    by: str
    order: str
    count: int = Field(description="Rows with an id in all pages.")
    total: dict[str, Number] = Field(description="Distinct totals, not sums of rows.")
    rows_add_to: float | None = Field(description="Sum of all rows ÷ the total; null for rates.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")
    rows: list[Ranked]


class Site(BaseModel):
    """A site."""

    site: str
    name: str
    zone: str
    hosts: list[str]
    first_event: str | None
    last_event: str | None
    loaded_through: str | None


class Sites(BaseModel):
    """The sites that the caller may read."""

    as_of: str
    rows: list[Site]


class Metric(BaseModel):
    """A definition."""

    id: str
    label: str
    unit: str
    version: int
    about: str
    formula: str
    folds: str
    dimensions: list[str]
    is_rate: bool


class Metrics(BaseModel):
    """All definitions."""

    as_of: str
    rows: list[Metric]


class Listed(BaseModel):
    """An article of a list."""

    id: str
    url: str | None
    title: str
    authors: str | None
    section: str | None
    kind: str | None
    language: str | None
    published_at: str | None
    word_count: int | None
    is_catalogued: bool


class Shelf(BaseModel):
    """A page of the catalogue."""

    site: str
    as_of: str
    count: int
    next: str | None
    rows: list[Listed]


class Named(BaseModel):
    """An id and its name."""

    id: str
    name: str


class Title(BaseModel):
    """A title and when it was first seen."""

    since: str
    title: str


class Described(_Open):
    """An article; beside these a column for each metric."""

    id: str
    url: str | None
    title: str
    authors: list[Named]
    section: str | None
    topics: list[Named]
    kind: str | None
    language: str | None
    access: str | None
    state: str | None
    published_at: str | None
    word_count: int | None
    image: str | None
    is_catalogued: bool
    titles: list[Title]
    aliases: list[str]
    first_view_at: str | None
    last_view_at: str | None


class OneArticle(Counted):
    """One article with its figures: one row."""

    rows: list[Described]


class Refused(BaseModel):
    """A row that was not taken, and why."""

    index: int
    errors: dict[str, list[str]]


class Taken(BaseModel):
    """What became of the rows."""

    created: int
    updated: int
    unchanged: int
    rejected: list[Refused]


class Seen(_Open):
    """An article of the last minutes."""

    id: str
    title: str
    section: str | None
    published_at: str | None
    fresh_views: int
    reads: int | None
    velocity: Number = Field(description="Last 15 minutes ÷ the 15 before; null where few.")
    mark: str | None = Field(description="above or below.")
    channel: str | None
    bars: list[int]


class Channel(BaseModel):
    """Views of a way in."""

    channel: str | None
    views: int


class Waiting(BaseModel):
    """Comments now."""

    last_hour: int
    pending: int
    oldest: str | None


class Live(BaseModel):
    """The site at this minute."""

    site: str
    as_of: str
    since: str
    minutes: int
    step_min: int
    is_quiet: bool
    on_site: int | None
    reading_now: int | None
    articles: int
    bars: list[int]
    channels: list[Channel]
    published_today: int
    comments: Waiting | None
    rows: list[Seen]


class Said(BaseModel):
    """Comments written in a bucket, by present status; `at` is local time."""

    at: str
    published: int
    pending: int
    rejected: int
    other: int


class Talk(Counted):
    """Comments over time."""

    grain: str
    total: dict[str, Number]
    rows: list[Said]


class Noted(BaseModel):
    """The note."""

    id: str


class NoteRow(BaseModel):
    """What the newsroom did."""

    id: str
    article: str | None = Field(description="Id of the article that it is about; null: of the site.")
    title: str | None
    kind: str = Field(description="lead, push, title or other.")
    text: str
    at: str
    who: str


class Notes(BaseModel):
    """Notes, oldest first."""

    site: str
    as_of: str
    rows: list[NoteRow]


WHY = {
    400: "The question cannot be read.",
    401: "Nobody is signed in, and no key was given.",
    403: "This person or key may not ask it.",
    404: "There is no such site or article.",
    413: "The body is too large.",
    415: "The body is of another kind.",
    422: "The query was stopped, by a limit or by its owner, or broke.",
    429: "Too many questions; `Retry-After` says when to come back.",
    503: "The figures cannot be read just now; come back in a minute.",
}


def answers(of: type[BaseModel], *more: int) -> dict[int | str, dict[str, Any]]:
    """Describe the answers of a route: its own, as JSON and CSV, and the refusals."""
    found: dict[int | str, dict[str, Any]] = {200: {"model": of, "description": of.__doc__ or ""}}
    if "rows" in of.model_fields:
        found[200]["content"] = {"text/csv": {"schema": {"type": "string"}}}
    for status in sorted({400, 401, 403, 404, 429, 503, *more}):
        found[status] = {"model": Problem, "description": WHY[status]}
    return found


def article_body() -> dict[str, Any]:
    """Describe the body of an upsert from the fields that the catalogue takes."""
    kinds, shared = msgspec.json.schema_components(
        list(fields.TYPES.values()), ref_template="#/components/schemas/{name}"
    )
    properties: dict[str, Any] = {"site": {"type": "string", "description": "Domain of the site."}}
    for name, kind in zip(fields.TYPES, kinds, strict=True):
        properties[name] = kind if name == "id" else {"anyOf": [kind, {"type": "null"}]}
    one = {"type": "object", "properties": properties, "required": ["id"]}
    body = {"oneOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": 1000}]}
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "x-schemas": shared,
    }


def body_of(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Describe the body of a write by the struct that reads it."""
    (shape,), shared = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": shape}}},
        "x-schemas": shared,
    }
