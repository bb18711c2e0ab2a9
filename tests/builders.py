"""Events and articles for tests. Each builder names only what a test is about; the rest is sensible.

Names of views, visitors and comments are short words; ids and hashes are made from them. Times are UTC.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from analytics.catalog.catalogue import FIELDS, SCHEMAS, Catalogue
from analytics.load import REJECT_COLUMNS, Batch, schema_of
from analytics.periods import local_day

SITE = "news.example"
ZONE = "America/Sao_Paulo"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an events table; site and local day are filled in by `batch`."""

    table: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Article:
    """What a source says of one article; only the given fields are spoken of."""

    article_id: str
    given: dict[str, object] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    balance: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that could not be read."""

    reason: str
    line: int = 1


def utc(text: str) -> dt.datetime:
    """Read `2026-05-05 12:00` as naive UTC."""
    return dt.datetime.fromisoformat(text)


def hashed(name: str) -> int:
    """Give the 64 bits that stand for a visitor or a commenter."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest())


def uuid_of(name: str) -> str:
    """Give the event id that stands for a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def view(
    name: str,
    at: str | dt.datetime,
    article: str | None = "A1",
    visitor: str | None = "p",
    *,
    prev: str | None = None,
    event: str = "",
    **more: object,
) -> Row:
    """One load of a page; without an article it is the front page.

    Args:
        name: Its view id; also makes the event id.
        at: Event time.
        article: Article id.
        visitor: Who; None where the source cannot tell.
        prev: Who it was under yesterday's key.
        event: Another name for the event id.
        more: Other columns of page_views.
    """
    return _event(
        "page_views",
        event or name,
        at,
        {
            "view_id": name,
            "article_id": article,
            "url": f"https://{SITE}/{article or ''}",
            "visitor": _hash(visitor),
            "visitor_prev": _hash(prev),
            "signal": "full",
            "channel": "direct",
            **more,
        },
    )


def engagement(
    of: str | None,
    at: str | dt.datetime,
    ms: int | None = None,
    scroll: int | None = None,
    acts: int | None = None,
    *,
    visitor: str | None = "p",
    prev: str | None = None,
    mode: str = "max",
    event: str = "",
    **more: object,
) -> Row:
    """A sign of reading in a view.

    Args:
        of: The view.
        at: Event time.
        ms: Engaged milliseconds: so far under mode `max`, since the last under `sum`.
        scroll: Deepest visible part of the body, percent.
        acts: Acts so far.
        visitor: Who.
        prev: Who it was under yesterday's key.
        mode: max, sum or ping.
        event: Name for the event id; view and time make it otherwise.
        more: Other columns of engagements.
    """
    values = {
        "view_id": of,
        "visitor": _hash(visitor),
        "visitor_prev": _hash(prev),
        "engaged_ms": ms,
        "engaged_mode": mode,
        "body_scroll_pct": scroll,
        "acts": acts,
        **more,
    }
    return _event("engagements", event or f"engagement {of} {at} {ms}", at, values)


def comment(
    name: str,
    status: str,
    at: str | dt.datetime,
    *,
    article: str | None = "A1",
    writer: str | None = "k1",
    length: int | None = 100,
    event: str = "",
    **more: object,
) -> Row:
    """One state of a comment.

    Args:
        name: The comment.
        status: pending, published, rejected, spam or deleted.
        at: When it came into that state.
        article: Article id.
        writer: Who wrote it; None without accounts.
        length: Code points.
        event: Name for the event id; comment, state and time make it otherwise.
        more: Other columns of comment_states, such as created_at or parent_id.
    """
    values = {
        "comment_id": name,
        "article_id": article,
        "status": status,
        "state_at": _time(at),
        "commenter": _hash(writer),
        "length": length,
        **more,
    }
    return _event("comment_states", event or f"comment {name} {status} {at}", at, values)


def step(box: str, did: str, at: str | dt.datetime, of: str | None = "v1", article: str | None = "A1") -> Row:
    """One step in a comment box: open, type, limit, warn or submit.

    Args:
        box: The box.
        did: The step.
        at: Event time.
        of: The view that shows the box.
        article: Article id.
    """
    values = {
        "view_id": of,
        "article_id": article,
        "kind": "comment_box",
        "props": f'{{"step":"{did}","box":"{box}"}}',
    }
    return _event("interactions", f"step {box} {did} {of} {at}", at, values)


def article(
    article_id: str,
    *,
    aliases: Sequence[str] = (),
    balance: tuple[int, str] | None = None,
    **given: object,
) -> Article:
    """What a source says of an article.

    Args:
        article_id: Its id.
        aliases: Other ids that mean it.
        balance: Views of the former counter, and the last local day in them.
        given: Fields of the article; also `authors` and `topics`, whole lists of ids in order.
    """
    unknown = given.keys() - {*FIELDS, "authors", "topics"}
    assert not unknown, f"articles have no {unknown}"
    return Article(article_id, given, tuple(aliases), balance)


def batch(
    *rows: Row | Article | Reject, site: str = SITE, zone: str = ZONE, file: str = "", seq: int = 0
) -> Batch:
    """Put rows and articles into one batch, in the frames that `load` takes."""
    articles = [row for row in rows if isinstance(row, Article)]
    return Batch(
        events=frames([row for row in rows if isinstance(row, Row)], site, zone),
        catalogue=catalogue(articles, site) if articles else None,
        rejects=_rejects([row for row in rows if isinstance(row, Reject)], site),
        file=file,
        seq=seq,
    )


def frames(rows: Sequence[Row], site: str = SITE, zone: str = ZONE) -> dict[str, pl.DataFrame]:
    """Lay events out by table, in the order given."""
    found: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        at = row.values["event_at"]
        assert isinstance(at, dt.datetime)
        values = {**row.values, "site_id": site, "day_local": local_day(at, zone)}
        found.setdefault(row.table, []).append({name: values.get(name) for name in schema_of(row.table)})
    return {table: pl.DataFrame(values, schema=schema_of(table)) for table, values in found.items()}


def catalogue(articles: Sequence[Article], site: str = SITE) -> Catalogue:
    """Lay articles out as the frames of a catalogue; authors and topics are named after their ids."""
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in SCHEMAS}
    for each in articles:
        own = {"site_id": site, "article_id": each.article_id}
        rows["articles"].append({**own, **each.given, "given": list(each.given)})
        rows["article_authors"] += [
            {**own, "author_id": key, "position": n} for n, key in _list(each, "authors")
        ]
        rows["article_topics"] += [
            {**own, "topic_id": key, "position": n} for n, key in _list(each, "topics")
        ]
        rows["aliases"] += [
            {"site_id": site, "alias": alias, "article_id": each.article_id} for alias in each.aliases
        ]
        if each.balance:
            views, as_of = each.balance
            rows["balances"].append({**own, "views": views, "as_of": dt.date.fromisoformat(as_of)})
    people = {key for each in articles for _, key in _list(each, "authors")}
    subjects = {key for each in articles for _, key in _list(each, "topics")}
    rows["authors"] = [
        {"site_id": site, "author_id": key, "name": f"Name of {key}"} for key in sorted(people)
    ]
    rows["topics"] = [
        {"site_id": site, "topic_id": key, "name": f"Name of {key}", "kind": "tag"}
        for key in sorted(subjects)
    ]
    return Catalogue(
        **{
            name: pl.DataFrame(
                [{column: row.get(column) for column in schema} for row in rows[name]], schema=schema
            )
            for name, schema in SCHEMAS.items()
        }
    )


def _list(each: Article, name: str) -> list[tuple[int, str]]:
    keys = each.given.get(name) or ()
    assert isinstance(keys, tuple | list)
    return list(enumerate(keys, 1))


def _rejects(rejects: list[Reject], site: str) -> pl.DataFrame | None:
    if not rejects:
        return None
    rows = [
        {
            "site_id": site,
            "source": "test",
            "file": "test.csv",
            "line": each.line,
            "reason": each.reason,
            "hash": "00",
        }
        for each in rejects
    ]
    return pl.DataFrame(rows, schema=REJECT_COLUMNS)


def _event(table: str, event: str, at: str | dt.datetime, values: Mapping[str, object]) -> Row:
    time = _time(at)
    common = {"event_id": uuid_of(event), "event_at": time, "received_at": time, "format": "tearsheet"}
    return Row(table, {**common, **values})


def _time(at: str | dt.datetime) -> dt.datetime:
    return utc(at) if isinstance(at, str) else at


def _hash(name: str | None) -> int | None:
    return hashed(name) if name is not None else None
