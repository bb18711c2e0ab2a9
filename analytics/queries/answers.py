"""The command line's questions: plain values in, rows of JSON out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from analytics.errors import PeriodError, UsageError, did_you_mean
from analytics.language import _
from analytics.periods import STEPS, Period, Step, calendar_day
from analytics.queries import figures, health, library
from analytics.queries.ask import Ask, Filter
from analytics.queries.dropped import dropped
from analytics.store.sites import site
from analytics.store.store import Store

BOARDS = {"articles": "article", "authors": "author", "topics": "topic", "sections": "section"}


def top(
    store: Store,
    *,
    board: str,
    metric: str,
    first: str,
    last: str,
    now: dt.datetime,
    site_name: str | None = None,
    limit: int = 10,
) -> list[dict[str, Any]]:
    """Rank articles, authors, topics or sections by a metric; credit full, basis read_in.

    Args:
        store: The open store.
        board: articles, authors, topics or sections.
        metric: Identifier.
        first: First local day, YYYY-MM-DD.
        last: Last local day, included.
        now: Naive UTC.
        site_name: Site; may be None where there is one.
        limit: Rows with an id.

    Returns:
        Rows with rank (null where unranked), the id under the dimension's name, title or name, and the value
        under the metric's; "(none)" last with a null id.

    Raises:
        TearsheetError: A name or day is none.
    """
    if board not in BOARDS:
        raise UsageError(_("There is no board of {board!r}.", board=board), did_you_mean(board, BOARDS))
    split = BOARDS[board]
    where = site(store, site_name)
    ask = Ask(Filter(where.site_id), period(first, last, where.zone), split=split)
    rows = figures.board(store, [metric], ask, now, order=metric, limit=limit).rows
    names = library.describe(store, where.site_id, split, rows["id"].to_list())["name"].to_list()
    label = "title" if split == "article" else "name"
    return [
        {"rank": row["rank"], split: row["id"], label: name, metric: whole(row[metric])}
        for row, name in zip(rows.to_dicts(), names, strict=True)
    ]


def series(
    store: Store,
    *,
    metric: str,
    grain: str,
    first: str,
    last: str,
    now: dt.datetime,
    site_name: str | None = None,
    article: str | None = None,
    author: str | None = None,
    topic: str | None = None,
) -> list[dict[str, Any]]:
    """Count a metric per bucket.

    Returns:
        Rows with bucket (RFC 3339 with offset for hours, else the day) and the value under the metric's name.

    Raises:
        TearsheetError: A name, grain or day is none.
    """
    if grain not in STEPS:
        raise UsageError(_("There is no grain {grain!r}.", grain=grain), did_you_mean(grain, STEPS))
    where = site(store, site_name)
    kept = Filter(
        where.site_id,
        article=_one(store, where.site_id, article),
        author=(library.named(store, where.site_id, "author", author),) if author else (),
        topic=(library.named(store, where.site_id, "topic", topic),) if topic else (),
    )
    rows = figures.series(store, metric, Ask(kept, period(first, last, where.zone)), _grain(grain), now)
    return [
        {"bucket": bucket, metric: whole(value)} for bucket, value in rows.select("bucket", "value").rows()
    ]


def status(store: Store, now: dt.datetime) -> dict[str, Any]:
    """Sum up the home; see `health.status`."""
    return health.status(store, now)


def drops(store: Store, *, first: str, last: str, site_name: str | None = None) -> list[dict[str, Any]]:
    """List what rules kept out of the counts; see `dropped`."""
    where = site(store, site_name)
    return dropped(store, where.site_id, period(first, last, where.zone)).to_dicts()


def whole(value: float | None) -> float | int | None:
    """Write a count as the whole number that it is."""
    return int(value) if value is not None and value == int(value) else value


def _one(store: Store, site_id: str, article: str | None) -> tuple[str, ...]:
    return (library.article(store, site_id, article).article_id,) if article else ()


def _grain(text: str) -> Step:
    return next(each for each in STEPS if each == text)


def period(first: str, last: str, zone: str) -> Period:
    """Read the two days of a command.

    Raises:
        PeriodError: One of them is no day.
    """
    return Period(_day(first, "--from"), _day(last, "--to"), zone)


def _day(text: str, option: str) -> dt.date:
    day = calendar_day(text)
    if day is None:
        raise PeriodError(
            _("{option} {text!r} is no day.", option=option, text=text), _("Write it like 2026-05-01.")
        )
    return day
